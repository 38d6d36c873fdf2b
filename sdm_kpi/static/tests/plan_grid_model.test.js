import { BY_PERSON, BY_SEGMENT, PlanGridModel } from "@sdm_kpi/plan_grid/plan_grid_model";
import { beforeEach, describe, expect, test } from "@odoo/hoot";

describe.current.tags("headless");

const [REVENUE, ORDERS, AVERAGE] = [1, 2, 3];
const MONTHS = ["2026-01-01", "2026-02-01", "2026-03-01"];
const WORDS = { all: "All", rest: "Rest", without: "Without", group: (name) => `Group ${name}` };

/** Region leads Head, Head leads Anna and Boris; Boris has targets by segment, the average is planned apart. */
function data(changes = {}) {
    return {
        months: MONTHS.map((date) => ({ date, label: date.slice(0, 7) })),
        kpis: [
            { id: REVENUE, name: "Revenue", unit: "money", semantics: "flow", ratio: null },
            { id: ORDERS, name: "Orders", unit: "number", semantics: "flow", ratio: null },
            { id: AVERAGE, name: "Average", unit: "money", semantics: "ratio", ratio: [REVENUE, ORDERS, 1] },
        ],
        groups: [
            { id: 10, parent: 11 },
            { id: 11, parent: 0 },
        ],
        names: {
            employee: { 10: "Head", 11: "Region", 20: "Anna", 21: "Boris" },
            team: {},
            segment: { 5: "Key", 6: "Small" },
            category: {},
        },
        rows: [
            [[REVENUE, 10, 20, 0, 0, 0], [100, 200, null], [0], { 1: "why" }],
            [[REVENUE, 10, 21, 0, 5, 0], [1, 2, 3], [], {}],
            [[REVENUE, 10, 21, 0, 6, 0], [4, 5, 6], [], {}],
            [[REVENUE, 11, 10, 0, 0, 0], [5, 5, 5], [], {}],
            [[REVENUE, 10, 0, 0, 0, 0], [7, null, null], [], {}],
            [[ORDERS, 10, 20, 0, 0, 0], [10, 20, null], [], {}],
            [[AVERAGE, 10, 20, 0, 0, 0], [9, 12, null], [], {}],
            [[AVERAGE, 10, 0, 0, 0, 0], [9, null, null], [], {}],
        ],
        locked: "",
        closed: {},
        last_year: null,
        ...changes,
    };
}

let model;
beforeEach(() => {
    model = new PlanGridModel(data(), WORDS);
});
const shown = () =>
    model.rows.map((row) => [row.label, ...[0, 1, 2, 3].map((column) => model.valueAt(row, column))]);
const find = (label, kpi = REVENUE) => model.rows.find((row) => row.label === label && row.kpi === kpi);
const put = (label, column, value, kpi) => model.change([model.withValue(find(label, kpi), column, value)]);

test("groups and the whole are sums, also over groups of groups", () => {
    expect(shown().slice(0, 8)).toEqual([
        ["Revenue", 117, 212, 14, 343],
        ["Group Region", 117, 212, 14, 343],
        ["Head", 5, 5, 5, 15],
        ["Group Head", 112, 207, 9, 328],
        ["Anna", 100, 200, null, 300],
        ["Boris", 5, 7, 9, 21],
        ["Key", 1, 2, 3, 6],
        ["Small", 4, 5, 6, 15],
    ]);
    expect(model.rows[8].label).toBe("Rest");
});

test("a ratio has cells of its own at each level, and its year is made of sums", () => {
    // 300 / 30 for Anna, 343 / 30 for the whole; the mean of 9 and 12 would be 10.5
    expect(shown().slice(13)).toEqual([
        ["Average", null, null, null, 11.4333],
        ["Group Region", null, null, null, 11.4333],
        ["Group Head", 9, null, null, 10.9333],
        ["Anna", 9, 12, null, 10],
    ]);
    put("Group Region", 2, 8, AVERAGE);
    expect([...model.pending.values()]).toEqual([
        {
            key: [AVERAGE, 11, 0, 0, 0, 0],
            date: MONTHS[2],
            expected: null,
            cell: { value: 8, is_held: false, note: false },
        },
    ]);
    expect(model.valueAt(find("Group Region", AVERAGE), 2)).toBe(8);
});

test("the year of a state is its last month, of what cannot be added the mean", () => {
    for (const [semantics, year] of [
        ["stock", 20],
        ["distinct", 15],
    ]) {
        const kpis = [{ id: ORDERS, name: "Orders", semantics, ratio: null }];
        model = new PlanGridModel(data({ kpis }), WORDS);
        expect(model.valueAt(find("Anna", ORDERS), 3)).toBe(year);
        expect(model.lockOf(find("Anna", ORDERS), 3)).toBe("year");
    }
});

test("other arrangements show the same targets", () => {
    model.arrangement = BY_PERSON;
    model.build();
    const at = model.rows.findIndex((row) => row.kind === "header" && row.label === "Anna");
    expect(shown().slice(at, at + 4)).toEqual([
        ["Anna", null, null, null, null],
        ["Revenue", 100, 200, null, 300],
        ["Orders", 10, 20, null, 30],
        ["Average", 9, 12, null, 10],
    ]);
    model.arrangement = BY_SEGMENT;
    model.build();
    expect(shown().slice(0, 5)).toEqual([
        ["Revenue", 117, 212, 14, 343],
        ["Key", 1, 2, 3, 6],
        ["Boris", 1, 2, 3, 6],
        ["Small", 4, 5, 6, 15],
        ["Boris", 4, 5, 6, 15],
    ]);
});

test("who is searched for is shown below the groups, and totals stay those of all", () => {
    model.search = "ann";
    model.build();
    expect(shown().slice(0, 4)).toEqual([
        ["Revenue", 117, 212, 14, 343],
        ["Group Region", 117, 212, 14, 343],
        ["Group Head", 112, 207, 9, 328],
        ["Anna", 100, 200, null, 300],
    ]);
});

test("who is searched for among persons comes without the totals above", () => {
    model.arrangement = BY_PERSON;
    model.search = "ann";
    model.build();
    expect(shown().map(([label]) => label)).toEqual([
        "All",
        "Group Region",
        "Group Head",
        "Anna",
        "Revenue",
        "Orders",
        "Average",
    ]);
});

test("closed rows hide what is below them", () => {
    model.toggleAll(false);
    expect(shown().map(([label]) => label)).toEqual(["Revenue", "Orders", "Average"]);
    model.toggle(model.rows[0]);
    expect(shown().map(([label]) => label)).toEqual(["Revenue", "Group Region", "Orders", "Average"]);
    model.toggleAll(true);
    expect(model.rows).toHaveLength(17);
});

test("a step is undone and done again as a whole", () => {
    const anna = find("Anna");
    model.change([0, 1, 2].map((column) => model.withValue(anna, column, 50)));
    expect(shown()[4]).toEqual(["Anna", 50, 50, 50, 150]);
    expect(model.cellAt(anna, 0).is_held).toBe(true);
    expect(model.cellAt(anna, 1).note).toBe("why");
    model.undo();
    expect(shown()[4]).toEqual(["Anna", 100, 200, null, 300]);
    expect(model.isSaved).toBe(true);
    model.redo();
    expect(shown()[4]).toEqual(["Anna", 50, 50, 50, 150]);
    expect(model.pending.size).toBe(3);
    expect(model.redo()).toBe(null);
});

test("what changes nothing is no step", () => {
    expect(put("Anna", 0, 100)).toBe(false);
    expect(model.undoSteps).toHaveLength(0);
});

test("what is changed while it is sent expects what was sent", () => {
    put("Anna", 0, 1);
    expect(model.send().map(({ expected, cell }) => [expected.value, cell.value])).toEqual([[100, 1]]);
    put("Anna", 0, 2);
    model.settle();
    expect(model.send().map(({ expected, cell }) => [expected.value, cell.value])).toEqual([[1, 2]]);
    model.settle();
    expect(model.isSaved).toBe(true);
});

test("what did not arrive is sent again under what came later", () => {
    put("Anna", 0, 1);
    put("Anna", 1, 1);
    model.send();
    put("Anna", 0, 2);
    model.takeBack();
    expect(model.send().map(({ expected, cell }) => [expected.value, cell.value])).toEqual([
        [100, 2],
        [200, 1],
    ]);
    put("Anna", 0, 100);
    put("Anna", 1, 200);
    model.takeBack();
    expect(model.isSaved).toBe(true);
});

test("a refused cell takes what the server has, or is put over it", () => {
    put("Anna", 0, 1);
    put("Anna", 1, 2);
    const [first] = model.send();
    model.takeBack();
    const theirs = { value: 120, is_held: false, note: false };
    model.putOurs([{ ...first, cell: theirs }]);
    expect(model.pending.get("1-10-20-0-0-0|2026-01-01").expected.value).toBe(120);
    model.takeTheirs([{ ...first, cell: theirs }]);
    expect(shown()[4]).toEqual(["Anna", 120, 2, null, 122]);
    expect(model.pending.size).toBe(1);
});

test("what is not saved stays when the grid is read again", () => {
    put("Anna", 0, 1);
    model.load(data());
    expect(shown()[4]).toEqual(["Anna", 1, 200, null, 201]);
    model.undo();
    expect(shown()[4]).toEqual(["Anna", 100, 200, null, 300]);
    expect(model.isSaved).toBe(true);
});

test("sums of the server are compared with ours", () => {
    expect(model.agrees([[REVENUE, MONTHS[0], 117]])).toBe(true);
    expect(model.agrees([[REVENUE, MONTHS[0], 118]])).toBe(false);
});

test("totals, closed months and decided versions are locked with a reason", () => {
    const closed = { [MONTHS[0]]: "January is closed" };
    model = new PlanGridModel(data({ closed }), WORDS);
    expect(model.lockOf(find("Anna"), 0)).toBe("January is closed");
    expect(model.lockOf(find("Anna"), 1)).toBe("");
    expect(model.isTotal(find("Anna"), 3)).toBe(true);
    expect(model.isTotal(find("Boris"), 1)).toBe(true);
    model = new PlanGridModel(data({ locked: "Decided" }), WORDS);
    expect(model.lockOf(find("Anna"), 1)).toBe("Decided");
});

test("the facts of last year stand at persons, groups and the whole", () => {
    const last_year = {
        employee: { "1-20": [1, null, 2] },
        head: { "1-10": [3, null, null], "1-11": [4, null, null] },
        all: { 1: [9, 9, 9] },
    };
    model = new PlanGridModel(data({ last_year }), WORDS);
    const facts = (label) => [0, 1, 3].map((column) => model.lastYearAt(find(label), column));
    expect(facts("Anna")).toEqual([1, null, 3]);
    expect(facts("Group Region")).toEqual([7, null, 7]);
    expect(facts("Revenue")).toEqual([9, 9, 27]);
    expect(facts("Boris")).toEqual([null, null, null]);
});
