/** Why a text is no number that can be taken over. */
export const NOT_A_NUMBER = "not_a_number";
export const AMBIGUOUS = "ambiguous";
export const PERCENT = "percent";

const SPACES = /[\s\u00a0\u2007\u202f'’]/g;
const CURRENCIES = /\p{Sc}|руб\.?|р\.|\b(?:rub|usd|eur|gbp|cny|kzt|byn)\b/giu;
const PLAIN = /^\d*(?:\.\d*)?(?:e[+-]?\d+)?$/i;

/**
 * A number as people and spreadsheets of any country write it: "1 234,56", "1,234.56", "(12)", "15 %", "1 200 ₽".
 *
 * A single separator before exactly three digits may be one of thousands or of decimals. The reader's own language
 * decides where it uses that sign; otherwise the number is refused, since a target a thousand times too large is worse.
 *
 * @param {string} text
 * @param {{decimalPoint: string, thousandsSep: string}} language of the reader
 * @param {boolean} [isPercent] whether a percent sign is fine
 * @returns {{value?: number|null, error?: string}} value null: the text is empty
 */
export function parseNumber(text, { decimalPoint, thousandsSep }, isPercent = false) {
    let rest = text.replace(CURRENCIES, "").replace(SPACES, "").replace(/[−–—]/g, "-");
    if (!text.trim()) {
        return { value: null };
    }
    if (rest === "-") {
        // as accountants write nothing
        return { value: 0 };
    }
    let sign = 1;
    const bracketed = rest.match(/^\((.*)\)$/);
    if (bracketed) {
        rest = bracketed[1];
        sign = -1;
    } else if (/^[+-]/.test(rest) || /\d-$/.test(rest)) {
        sign = rest.includes("-") && !/e-/i.test(rest.slice(0, -1)) ? -1 : 1;
        rest = rest.replace(/^[+-]|-$/g, "");
    }
    if (rest.endsWith("%")) {
        if (!isPercent) {
            return { error: PERCENT };
        }
        rest = rest.slice(0, -1);
    }
    const plain = withPoint(rest, decimalPoint, thousandsSep);
    if (plain === AMBIGUOUS) {
        return { error: AMBIGUOUS };
    }
    if (!PLAIN.test(plain) || !/\d/.test(plain)) {
        return { error: NOT_A_NUMBER };
    }
    const value = sign * Number(plain);
    // no such thing as minus zero
    return Number.isFinite(value) ? { value: value || 0 } : { error: NOT_A_NUMBER };
}

/** The digits with a decimal point and without separators of thousands. */
function withPoint(digits, decimalPoint, thousandsSep) {
    const signs = digits.match(/[.,]/g) || [];
    const last = signs.at(-1);
    const kinds = new Set(signs);
    if (!kinds.size) {
        return digits;
    }
    if (kinds.size === 2) {
        const [whole, fraction, ...more] = digits.split(last);
        const other = last === "." ? "," : ".";
        return more.length || !isGrouped(whole, other) ? "" : `${whole.replaceAll(other, "")}.${fraction}`;
    }
    if (signs.length > 1) {
        return isGrouped(digits, last) ? digits.replaceAll(last, "") : "";
    }
    if (last === decimalPoint || !isGrouped(digits, last)) {
        return digits.replace(last, ".");
    }
    return last === thousandsSep ? digits.replace(last, "") : AMBIGUOUS;
}

function isGrouped(digits, separator) {
    const [first, ...others] = digits.split(separator);
    return /^[1-9]\d{0,2}$/.test(first) && others.every((part) => /^\d{3}$/.test(part));
}

/**
 * The cells of a block as spreadsheets put it on the clipboard: tabs between cells, newlines between rows, and quotes
 * around cells that have one of them inside.
 *
 * @param {string} text
 * @returns {string[][]}
 */
export function parseBlock(text) {
    const rows = [[]];
    const cell = /(?:"((?:[^"]|"")*)"(?=[\t\r\n]|$)|([^\t\r\n]*))(\t|\r\n|\r|\n|$)/gy;
    while (cell.lastIndex <= text.length) {
        const [, quoted, plain, end] = cell.exec(text);
        rows.at(-1).push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
        if (!end) {
            break;
        }
        if (end !== "\t") {
            rows.push([]);
        }
    }
    // spreadsheets end the last row with a newline too
    if (rows.length > 1 && rows.at(-1).length === 1 && rows.at(-1)[0] === "") {
        rows.pop();
    }
    return rows;
}
