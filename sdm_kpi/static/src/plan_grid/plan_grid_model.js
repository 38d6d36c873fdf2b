/** @typedef {{value: number, is_held: boolean, note: string|false}} Cell null stands for no target */
/** @typedef {{id: string, key: number[], cells: (Cell|null)[]}} Leaf the targets of a row of the plan, by month */

const KPI = 0;
const HEAD = 1;
const EMPLOYEE = 2;
const TEAM = 3;
const SEGMENT = 4;
const CATEGORY = 5;
const DIGITS = 1e4;
const MOST_STEPS = 100;

export const BY_KPI = "kpi";
export const BY_PERSON = "person";
export const BY_SEGMENT = "segment";
export const BY_CATEGORY = "category";

const idOf = (key) => key.join("-");
const placeOf = (id, date) => `${id}|${date}`;
const round = (value) => Math.round(value * DIGITS) / DIGITS;
const isSame = (one, other) =>
    one === other ||
    Boolean(one && other) &&
        one.value === other.value &&
        one.is_held === other.is_held &&
        (one.note || "") === (other.note || "");

/** A sum that knows nothing from zero: nothing is null. */
function sum(values) {
    let total = null;
    for (const value of values) {
        if (value !== null) {
            total = (total ?? 0) + value;
        }
    }
    return total === null ? null : round(total);
}

function mean(values) {
    const known = values.filter((value) => value !== null);
    return known.length ? round(sum(known) / known.length) : null;
}

/**
 * The targets of a version as rows and columns, what was changed and not saved yet, and what can be undone.
 *
 * What is added up is kept for persons, and groups and the company are totals. What cannot be added up (a ratio, a
 * state, a count of customers) has a cell of its own at each level.
 */
export class PlanGridModel {
    /**
     * @param {Object} data as the server's get_grid() gives it
     * @param {Object} words for rows that have no name of their own: rest, without, all; group() makes one of a head's
     */
    constructor(data, words) {
        this.words = words;
        this.arrangement = BY_KPI;
        this.search = "";
        this.closedRows = new Set();
        this.undoSteps = [];
        this.redoSteps = [];
        this.pending = new Map();
        this.sending = new Map();
        this.load(data);
    }

    /** Take what the server has; what was changed here and is not saved stays on top of it. */
    load(data) {
        this.data = data;
        this.months = data.months.map((month) => month.date);
        this.kpis = new Map(data.kpis.map((kpi) => [kpi.id, kpi]));
        this.above = new Map(data.groups.map((group) => [group.id, group.parent]));
        this.leaves = new Map();
        for (const [key, values, held, notes] of data.rows) {
            const leaf = this.addLeaf(key);
            leaf.cells = values.map((value, number) =>
                value === null ? null : { value, is_held: false, note: notes[number] || false }
            );
            for (const number of held) {
                leaf.cells[number].is_held = true;
            }
        }
        for (const { key, date, cell } of [...this.sending.values(), ...this.pending.values()]) {
            this.addLeaf(key).cells[this.months.indexOf(date)] = cell;
        }
        this.build();
    }

    addLeaf(key) {
        const id = idOf(key);
        if (!this.leaves.has(id)) {
            this.leaves.set(id, { id, key, cells: this.months.map(() => null) });
        }
        return this.leaves.get(id);
    }

    get yearColumn() {
        return this.months.length;
    }

    isAdded(kpi) {
        return this.kpis.get(kpi).semantics === "flow";
    }

    nameOf(kind, id) {
        return this.data.names[kind][id] || "";
    }

    // -- rows --------------------------------------------------------------------------------------------------------

    /** Arrange the rows anew: after another arrangement, search, opened row or new leaf. */
    build() {
        this.tree = this.makeNode("all", "", this.words.all);
        for (const leaf of this.leaves.values()) {
            if (this.kpis.has(leaf.key[KPI])) {
                this.insert(leaf);
            }
        }
        this.sortNode(this.tree);
        this.rows = [];
        if (this.arrangement === BY_PERSON) {
            this.pushByPerson(this.tree, 0);
        } else {
            for (const kpi of this.kpis.keys()) {
                this.pushByKpi(this.tree, kpi, 0);
            }
        }
    }

    makeNode(kind, id, label, parent = null) {
        return {
            kind,
            id: parent ? `${parent.id}/${kind}${id}` : "",
            number: id || 0,
            label,
            parent,
            children: new Map(),
            leaves: new Map(),
            own: new Map(),
            parts: new Map(),
        };
    }

    /** Where a leaf stands: the kinds, ids and names of the nodes from the top to it. */
    pathOf(leaf) {
        const [, head, employee, , segment, category] = leaf.key;
        const path = [];
        if (this.arrangement === BY_SEGMENT || this.arrangement === BY_CATEGORY) {
            const number = this.arrangement === BY_SEGMENT ? segment : category;
            path.push([this.arrangement, number, this.nameOf(this.arrangement, number) || this.words.without]);
            if (head && !employee) {
                path.push(["group", head, this.words.group(this.nameOf("employee", head))]);
            }
        } else {
            const groups = [];
            // a circle of heads ends where it closes
            for (let group = head; group && !groups.includes(group); group = this.above.get(group)) {
                groups.unshift(group);
            }
            path.push(...groups.map((group) => ["group", group, this.words.group(this.nameOf("employee", group))]));
        }
        if (employee) {
            path.push(["person", employee, this.nameOf("employee", employee)]);
        } else if (this.isAdded(leaf.key[KPI])) {
            path.push(["rest", 0, this.words.rest]);
        }
        return path;
    }

    insert(leaf) {
        const kpi = leaf.key[KPI];
        let node = this.tree;
        const add = () => {
            if (!node.leaves.has(kpi)) {
                node.leaves.set(kpi, []);
            }
            node.leaves.get(kpi).push(leaf);
        };
        add();
        for (const [kind, id, label] of this.pathOf(leaf)) {
            const key = `${kind}${id}`;
            if (!node.children.has(key)) {
                node.children.set(key, this.makeNode(kind, id, label, node));
            }
            node = node.children.get(key);
            add();
        }
        if (node.kind === "person" || node.kind === "rest") {
            node.parts.set(kpi, node.leaves.get(kpi));
        } else if (this.isOfWhole(leaf)) {
            node.own.set(kpi, leaf);
        } else {
            node.parts.set(kpi, [...(node.parts.get(kpi) || []), leaf]);
        }
    }

    /** Whether a leaf without a person is of the whole place where it stands, and not of a team or segment in it. */
    isOfWhole(leaf) {
        const named = { [BY_SEGMENT]: SEGMENT, [BY_CATEGORY]: CATEGORY }[this.arrangement];
        return [TEAM, SEGMENT, CATEGORY].every((place) => place === named || !leaf.key[place]);
    }

    sortNode(node) {
        const order = ["segment", "category", "person", "group", "rest"];
        node.children = new Map(
            [...node.children].sort(
                ([, one], [, other]) =>
                    order.indexOf(one.kind) - order.indexOf(other.kind) || one.label.localeCompare(other.label)
            )
        );
        node.children.forEach((child) => this.sortNode(child));
    }

    /** Whether a node or what is above or below it is searched for. */
    isFound(node) {
        return !this.search || this.matchesAbove(node) || this.matchesBelow(node);
    }

    matches(node) {
        return node.label.toLowerCase().includes(this.search.toLowerCase());
    }

    matchesAbove(node) {
        return Boolean(node.parent) && (this.matches(node) || this.matchesAbove(node.parent));
    }

    matchesBelow(node) {
        return [...node.children.values()].some((child) => this.matches(child) || this.matchesBelow(child));
    }

    pushByKpi(node, kpi, depth) {
        if (!node.leaves.has(kpi) || !this.isFound(node)) {
            return;
        }
        const row = this.pushRow(node, kpi, depth, node.parent ? node.label : this.kpis.get(kpi).name);
        if (row.isOpen) {
            this.pushDetails(row);
            for (const child of node.children.values()) {
                this.pushByKpi(child, kpi, depth + 1);
            }
        }
    }

    pushByPerson(node, depth) {
        if (!this.isFound(node)) {
            return;
        }
        const id = `header${node.id}`;
        const isOpen = !this.closedRows.has(id);
        this.rows.push({ id, kind: "header", label: node.label, depth, node, canOpen: true, isOpen, leaves: [] });
        if (isOpen) {
            // who is searched for comes without the totals above
            const isShown = !this.search || this.matchesAbove(node);
            for (const kpi of this.kpis.keys()) {
                if (isShown && node.leaves.has(kpi)) {
                    const row = this.pushRow(node, kpi, depth + 1, this.kpis.get(kpi).name, true);
                    this.pushDetails(row);
                }
            }
            for (const child of node.children.values()) {
                this.pushByPerson(child, depth + 1);
            }
        }
    }

    pushRow(node, kpi, depth, label, isFlat = false) {
        const id = `${kpi}${node.id}`;
        const leaves = node.leaves.get(kpi);
        const row = { id, kind: node.kind, kpi, label, depth, node, leaves, isOpen: !this.closedRows.has(id) };
        row.own = this.getOwn(row);
        row.details = (node.parts.get(kpi) || []).filter((leaf) => leaf !== row.own);
        if (row.own && this.isAdded(kpi)) {
            row.label = [label, ...this.getParts(row.own)].join(" · ");
        }
        const below = isFlat ? [] : [...node.children.values()];
        row.canOpen = row.details.length > 0 || below.some((child) => child.leaves.has(kpi));
        this.rows.push(row);
        return row;
    }

    /** The rows of a person who has targets by team, segment or category. */
    pushDetails(row) {
        if (!row.isOpen) {
            return;
        }
        for (const leaf of row.details) {
            this.rows.push({
                ...row,
                id: `${row.id}/${leaf.id}`,
                kind: "detail",
                label: this.getParts(leaf, row.details).join(" · ") || this.words.without,
                depth: row.depth + 1,
                leaves: [leaf],
                own: leaf,
                details: [],
                canOpen: false,
            });
        }
    }

    /** What tells a leaf from others of the same person. */
    getParts(leaf, others = []) {
        const differs = (place) => others.some((other) => other.key[place] !== leaf.key[place]);
        const parts = [];
        if (leaf.key[TEAM] && differs(TEAM)) {
            parts.push(this.nameOf("team", leaf.key[TEAM]));
        }
        if (leaf.key[SEGMENT] && this.arrangement !== BY_SEGMENT) {
            parts.push(this.nameOf("segment", leaf.key[SEGMENT]));
        }
        if (leaf.key[CATEGORY] && this.arrangement !== BY_CATEGORY) {
            parts.push(this.nameOf("category", leaf.key[CATEGORY]));
        }
        return parts;
    }

    /** The leaf that a row writes to itself; null where the row is a total of others. */
    getOwn({ node, kpi, leaves }) {
        const isLast = ["person", "rest"].includes(node.kind);
        if (this.isAdded(kpi)) {
            return isLast && leaves.length === 1 ? leaves[0] : null;
        }
        if (node.kind === "person") {
            const whole = leaves.length === 1 ? leaves : leaves.filter((leaf) => !this.getParts(leaf).length);
            return whole.length === 1 ? whole[0] : null;
        }
        return node.own.get(kpi) || this.makeOwn(node, kpi);
    }

    /** An empty cell of its own for a group, a segment or the whole; it counts only once something is written. */
    makeOwn(node, kpi) {
        const key = [kpi, 0, 0, 0, 0, 0];
        for (let at = node; at.parent; at = at.parent) {
            const place = { group: HEAD, segment: SEGMENT, category: CATEGORY }[at.kind];
            key[place] = key[place] || at.number;
        }
        const leaf = { id: idOf(key), key, cells: this.months.map(() => null) };
        node.own.set(kpi, leaf);
        return leaf;
    }

    toggle(row) {
        this.closedRows.has(row.id) ? this.closedRows.delete(row.id) : this.closedRows.add(row.id);
        this.build();
    }

    /** Close all rows that can be, or open all. */
    toggleAll(isOpen) {
        this.closedRows.clear();
        this.build();
        if (!isOpen) {
            const top = this.arrangement === BY_PERSON ? 1 : 0;
            for (const row of this.rows) {
                if (row.canOpen && row.depth >= top) {
                    this.closedRows.add(row.id);
                }
            }
            this.build();
        }
    }

    // -- values ------------------------------------------------------------------------------------------------------

    /** @returns {Cell|null} what is written in a cell itself */
    cellAt(row, column) {
        return (row.own && column < this.yearColumn && row.own.cells[column]) || null;
    }

    /** @returns {number|null} what a cell shows */
    valueAt(row, column) {
        if (row.kind === "header") {
            return null;
        }
        if (column === this.yearColumn) {
            return this.yearOf(row);
        }
        if (row.own) {
            return row.own.cells[column]?.value ?? null;
        }
        return this.isAdded(row.kpi) ? sum(row.leaves.map((leaf) => leaf.cells[column]?.value ?? null)) : null;
    }

    /** A year: sums are added, a state is the last month's, ratios are made of sums where those are planned too. */
    yearOf(row) {
        const values = this.months.map((_month, column) => this.valueAt(row, column));
        const { semantics, ratio } = this.kpis.get(row.kpi);
        if (semantics === "flow") {
            return sum(values);
        }
        if (semantics === "stock") {
            return values.findLast((value) => value !== null) ?? null;
        }
        const [numerator, denominator, factor] = ratio || [];
        const [above, below] = [numerator, denominator].map((kpi) => this.yearOfNode(row.node, kpi));
        return above !== null && below ? round((above / below) * factor) : mean(values);
    }

    yearOfNode(node, kpi) {
        const leaves = (kpi && node.leaves.get(kpi)) || [];
        return sum(leaves.flatMap((leaf) => leaf.cells.map((cell) => cell?.value ?? null)));
    }

    /** @returns {number|null} the fact of a year before */
    lastYearAt(row, column) {
        const found = this.data.last_year;
        if (!found || !row.kpi || row.kind === "detail") {
            return null;
        }
        const { node, kpi } = row;
        const months = {
            person: () => [found.employee[`${kpi}-${node.number}`]],
            all: () => [found.all[kpi]],
            group: () => this.getHeads(node, kpi).map((head) => found.head[`${kpi}-${head}`]),
        }[node.kind]?.();
        const lists = (months || []).filter(Boolean);
        if (!lists.length) {
            return null;
        }
        const at = (number) => sum(lists.map((list) => list[number]));
        if (column < this.yearColumn) {
            return at(column);
        }
        return this.isAdded(kpi) ? sum(this.months.map((_month, number) => at(number))) : null;
    }

    getHeads(node, kpi) {
        const below = this.isAdded(kpi) ? [...node.children.values()].filter((child) => child.kind === "group") : [];
        return [node.number, ...below.flatMap((child) => this.getHeads(child, kpi))];
    }

    /** The targets of a total: all that are added up in it. */
    cellsOf(row, column) {
        const columns = column === this.yearColumn ? this.months.map((_month, number) => number) : [column];
        const leaves = row.own ? [row.own] : row.leaves;
        return leaves.flatMap((leaf) => columns.map((number) => ({ leaf, column: number, cell: leaf.cells[number] })));
    }

    isTotal(row, column) {
        return row.kind !== "header" && this.isAdded(row.kpi) && (!row.own || column === this.yearColumn);
    }

    /** @returns {string} why a cell cannot be changed: a code or the reason that the server gave; empty where it can */
    lockOf(row, column) {
        if (row.kind === "header") {
            return "header";
        }
        if (this.data.locked) {
            return this.data.locked;
        }
        if (column < this.yearColumn) {
            return this.data.closed[this.months[column]] || (!row.own && !this.isAdded(row.kpi) ? "details" : "");
        }
        return this.isAdded(row.kpi) ? "" : "year";
    }

    // -- changing ----------------------------------------------------------------------------------------------------

    /**
     * Change cells as one step that can be undone.
     *
     * @param {{leaf: Leaf, column: number, cell: Cell|null}[]} changes
     * @returns {boolean} whether anything changed
     */
    change(changes) {
        const step = changes
            .map(({ leaf, column, cell }) => ({ leaf, column, before: leaf.cells[column], after: cell }))
            .filter(({ before, after }) => !isSame(before, after));
        if (step.length) {
            this.write(step, "after");
            this.undoSteps = [...this.undoSteps.slice(1 - MOST_STEPS), step];
            this.redoSteps = [];
        }
        return Boolean(step.length);
    }

    undo() {
        return this.move(this.undoSteps, this.redoSteps, "before");
    }

    redo() {
        return this.move(this.redoSteps, this.undoSteps, "after");
    }

    move(from, to, side) {
        const step = from.pop();
        if (step) {
            this.write(step, side);
            to.push(step);
        }
        return step || null;
    }

    write(step, side) {
        let isNew = false;
        for (const entry of step) {
            const { column } = entry;
            isNew = isNew || !this.leaves.has(entry.leaf.id);
            // a grid that was read again has leaves of its own
            const leaf = this.addLeaf(entry.leaf.key);
            this.note(leaf, column, entry[side]);
            leaf.cells[column] = entry[side];
        }
        if (isNew) {
            this.build();
        }
    }

    /** Remember what has to be saved, and what the server must have for it. */
    note(leaf, column, cell) {
        const date = this.months[column];
        const place = placeOf(leaf.id, date);
        const expected = this.pending.has(place) ? this.pending.get(place).expected : leaf.cells[column];
        if (isSame(expected, cell)) {
            this.pending.delete(place);
        } else {
            this.pending.set(place, { key: leaf.key, date, expected, cell });
        }
    }

    /** A cell with another value; what is held and commented stays so. */
    withValue(row, column, value) {
        const before = row.own.cells[column];
        const cell = value === null ? null : { is_held: false, note: false, ...before, value: round(value) };
        return { leaf: row.own, column, cell };
    }

    // -- saving ------------------------------------------------------------------------------------------------------

    get isSaved() {
        return !this.pending.size && !this.sending.size;
    }

    /** @returns {Object[]} what is to be sent now */
    send() {
        this.sending = this.pending;
        this.pending = new Map();
        return [...this.sending.values()];
    }

    settle() {
        this.sending = new Map();
    }

    /** What was sent did not arrive: it waits again, under what was changed since. */
    takeBack() {
        for (const [place, entry] of this.sending) {
            const later = this.pending.get(place);
            if (!later) {
                this.pending.set(place, entry);
            } else if (isSame(later.cell, entry.expected)) {
                this.pending.delete(place);
            } else {
                later.expected = entry.expected;
            }
        }
        this.sending = new Map();
    }

    /** @param {{key: number[], date: string, cell: Cell|null}[]} refused what the server has takes the place of ours */
    takeTheirs(refused) {
        for (const { key, date, cell } of refused) {
            const leaf = this.addLeaf(key);
            this.pending.delete(placeOf(leaf.id, date));
            leaf.cells[this.months.indexOf(date)] = cell;
        }
        this.build();
    }

    /** Let ours take the place of what the server has. */
    putOurs(refused) {
        for (const { key, date, cell } of refused) {
            const entry = this.pending.get(placeOf(idOf(key), date));
            if (entry) {
                entry.expected = cell;
            }
        }
    }

    /** Whether the sums that the server has of a KPI are ours; asked where all is saved. */
    agrees(totals) {
        return totals.every(([kpi, date, value]) => {
            const column = this.months.indexOf(date);
            const leaves = this.tree.leaves.get(kpi) || [];
            const ours = sum(leaves.map((leaf) => leaf.cells[column]?.value ?? null)) ?? 0;
            return column < 0 || Math.abs(ours - value) < 0.01;
        });
    }
}
