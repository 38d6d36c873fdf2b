import { parseBlock, parseNumber } from "@sdm_kpi/plan_grid/numbers";
import { describe, expect, test } from "@odoo/hoot";
import { CASES } from "./number_cases";

describe.current.tags("headless");

test("numbers are read as people write them", () => {
    for (const [text, decimalPoint, thousandsSep, isPercent, expected] of CASES) {
        const { value, error } = parseNumber(text, { decimalPoint, thousandsSep }, isPercent);
        expect([text, decimalPoint, error ?? value]).toEqual([text, decimalPoint, expected]);
    }
});

test("a block of a spreadsheet is cut into cells", () => {
    expect(parseBlock("1\t2\n3\t4\n")).toEqual([
        ["1", "2"],
        ["3", "4"],
    ]);
    expect(parseBlock("1")).toEqual([["1"]]);
    expect(parseBlock('"a\nb"\t"c ""d"""\r\n\t5')).toEqual([
        ["a\nb", 'c "d"'],
        ["", "5"],
    ]);
    expect(parseBlock("\t\n1\t2")).toEqual([
        ["", ""],
        ["1", "2"],
    ]);
    expect(parseBlock('5" screen\t1')).toEqual([['5" screen', "1"]]);
    expect(parseBlock("")).toEqual([[""]]);
});
