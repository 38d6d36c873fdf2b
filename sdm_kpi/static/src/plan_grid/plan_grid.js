import { Component, onWillDestroy, onWillStart, onPatched, useExternalListener, useRef } from "@odoo/owl";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { localization } from "@web/core/l10n/localization";
import { _t } from "@web/core/l10n/translation";
import { ConnectionLostError, RPCError } from "@web/core/network/rpc";
import { usePopover } from "@web/core/popover/popover_hook";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { clamp, insertThousandsSep } from "@web/core/utils/numbers";
import { useDebounced } from "@web/core/utils/timing";
import { useVirtualGrid } from "@web/core/virtual_grid_hook";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { FormViewDialog } from "@web/views/view_dialogs/form_view_dialog";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { CommentPopover } from "./comment_popover";
import { AMBIGUOUS, PERCENT, parseBlock, parseNumber } from "./numbers";
import { BY_CATEGORY, BY_KPI, BY_PERSON, BY_SEGMENT, PlanGridModel } from "./plan_grid_model";

const ROW_HEIGHT = 30;
const ROW_HEIGHT_WITH_FACT = 44;
const SAVE_AFTER = 700;
const RETRY_AFTER = 5000;
const SHOWN_PROBLEMS = 5;
const DECIMALS = 100;
// more are not added up with each key that is pressed
const MOST_SUMMED = 3000;
const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** The targets of a plan's version as a spreadsheet: typed, pasted, filled, handed down, undone, saved as one goes. */
export class PlanGrid extends Component {
    static template = "sdm_kpi.PlanGrid";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.comment = usePopover(CommentPopover, { onClose: () => this.focus() });
        this.scroll = useRef("scroll");
        this.editor = useRef("editor");
        this.display = { controlPanel: {} };
        this.arrangements = [
            [BY_KPI, _t("KPI, then people")],
            [BY_PERSON, _t("Person, then KPI")],
            [BY_SEGMENT, _t("Segments")],
            [BY_CATEGORY, _t("Product categories")],
        ];
        this.versionId = this.props.action.context?.active_id || this.props.action.params?.version_id;
        this.options = { kpis: [], last_year: false };
        this.status = "saved";
        this.refused = [];
        // where the selection begins, and where it ends and the next key goes
        this.anchor = this.cursor = { row: 0, column: 0 };
        this.editing = null;
        this.dragging = null;
        this.texts = new Map();
        this.grid = useVirtualGrid({ scrollableRef: this.scroll, bufferCoef: 0.3 });
        this.saveSoon = useDebounced(() => this.save(), SAVE_AFTER);
        useExternalListener(window, "mouseup", () => this.onMouseUp());
        useExternalListener(window, "online", () => this.save());
        useSetupAction({
            beforeLeave: () => this.beforeLeave(),
            beforeUnload: (ev) => this.beforeUnload(ev),
        });
        onWillStart(() => this.load());
        onPatched(() => this.placeFocus());
        onWillDestroy(() => clearTimeout(this.retry));
    }

    async load() {
        const data = await this.orm.call("sdm.plan.version", "get_grid", [[this.versionId], this.options]);
        if (this.model) {
            this.model.load(data);
        } else {
            this.model = new PlanGridModel(data, {
                all: _t("All"),
                rest: _t("Not handed down"),
                without: _t("Without"),
                group: (name) => _t("Group of %s", name),
            });
            this.env.config.setDisplayName(_t("Targets"));
        }
        this.arrange();
    }

    /** Show the rows anew after their number or order has changed. */
    arrange() {
        this.measure();
        const height = this.rowHeight;
        this.grid.setRowsHeights(this.model.rows.map(() => height));
        const last = Math.max(this.model.rows.length - 1, 0);
        for (const name of ["anchor", "cursor"]) {
            this[name] = { row: Math.min(this[name].row, last), column: this[name].column };
        }
        this.render();
    }

    /** How long the longest number of a month is: that of a total at the top. */
    measure() {
        const tops = this.model.rows.filter((row) => row.node === this.model.tree);
        const texts = tops.flatMap((row) =>
            this.model.months.map((_month, column) => this.format(this.model.valueAt(row, column)))
        );
        this.widest = Math.max(0, ...texts.map((text) => text.length));
    }

    get rowHeight() {
        return this.options.last_year ? ROW_HEIGHT_WITH_FACT : ROW_HEIGHT;
    }

    // -- what is shown -----------------------------------------------------------------------------------------------

    get visible() {
        const [first, last] = this.grid.rowsIndexes?.length ? this.grid.rowsIndexes : [0, -1];
        const rows = this.model.rows;
        return {
            rows: rows.slice(first, last + 1).map((row, number) => this.prepareRow(row, first + number)),
            above: first * this.rowHeight,
            below: Math.max(rows.length - 1 - last, 0) * this.rowHeight,
        };
    }

    prepareRow(row, number) {
        const cells = [];
        for (let column = 0; column <= this.model.yearColumn; column++) {
            cells.push(this.prepareCell(row, number, column));
        }
        return { row, number, cells };
    }

    prepareCell(row, number, column) {
        const { model } = this;
        const cell = model.cellAt(row, column);
        const classes = [];
        if (model.isTotal(row, column) || column === model.yearColumn) {
            classes.push("o_sdm_total");
        }
        if (row.kind !== "header" && model.lockOf(row, column)) {
            classes.push("o_sdm_locked");
        }
        if (cell?.is_held) {
            classes.push("o_sdm_held");
        }
        if (cell?.note) {
            classes.push("o_sdm_commented");
        }
        if (this.isSelected(number, column)) {
            classes.push("o_sdm_selected");
        }
        if (this.dragging?.to && this.isIn(this.dragging.to, number, column)) {
            classes.push("o_sdm_filling");
        }
        const isCursor = this.cursor.row === number && this.cursor.column === column;
        if (isCursor) {
            classes.push("o_sdm_cursor");
        }
        if (this.refused.length && this.isRefused(row, column)) {
            classes.push("o_sdm_refused");
        }
        const { bottom, right } = this.selection;
        return {
            column,
            classes: classes.join(" "),
            text: this.format(model.valueAt(row, column)),
            fact: this.options.last_year ? this.format(model.lastYearAt(row, column)) : "",
            note: cell?.note || "",
            isEdited: Boolean(isCursor && this.editing),
            isHandle: !this.editing && !this.isLocked && bottom === number && right === column && right < model.yearColumn,
        };
    }

    /** A number in the language of the reader, with at most two decimals. */
    format(value) {
        if (value === null) {
            return "";
        }
        let text = this.texts.get(value);
        if (text === undefined) {
            const [whole, fraction] = String(Math.round(value * DECIMALS) / DECIMALS).split(".");
            text = insertThousandsSep(whole, localization.thousandsSep, localization.grouping);
            text = fraction ? `${text}${localization.decimalPoint}${fraction}` : text;
            this.texts.set(value, text);
        }
        return text;
    }

    /** A number as it is typed and copied: without separators of thousands. */
    write(value) {
        return value === null ? "" : String(value).replace(".", localization.decimalPoint);
    }

    get selection() {
        const { anchor, cursor } = this;
        return {
            top: Math.min(anchor.row, cursor.row),
            bottom: Math.max(anchor.row, cursor.row),
            left: Math.min(anchor.column, cursor.column),
            right: Math.max(anchor.column, cursor.column),
        };
    }

    isIn({ top, bottom, left, right }, row, column) {
        return row >= top && row <= bottom && column >= left && column <= right;
    }

    isSelected(row, column) {
        return this.isIn(this.selection, row, column);
    }

    isRefused(row, column) {
        const date = this.model.months[column];
        return this.refused.some((one) => one.date === date && row.own?.id === one.key.join("-"));
    }

    get isLocked() {
        return Boolean(this.model.data.locked);
    }

    get currentRow() {
        return this.model.rows[this.cursor.row];
    }

    get currentCell() {
        return this.currentRow && this.model.cellAt(this.currentRow, this.cursor.column);
    }

    /** What the selected numbers come to, as spreadsheets say below. */
    get summary() {
        const { top, bottom, left, right } = this.selection;
        const cells = (bottom - top + 1) * (right - left + 1) > MOST_SUMMED ? [] : this.selected();
        const values = cells.map(({ row, column }) => this.model.valueAt(row, column));
        const numbers = values.filter((value) => value !== null);
        if (numbers.length < 2 || new Set(cells.map(({ row }) => row.kpi)).size > 1) {
            return "";
        }
        const total = this.format(numbers.reduce((one, other) => one + other, 0));
        return _t("%(count)s cells, sum %(total)s", { count: numbers.length, total });
    }

    get addable() {
        return this.model.data.catalogue.filter((kpi) => !this.model.kpis.has(kpi.id));
    }

    get statusText() {
        return {
            saved: _t("All saved"),
            unsaved: _t("Not saved yet"),
            saving: _t("Saving…"),
            offline: _t("No connection: kept here, sent as soon as it is back"),
            refused: _t("Not saved"),
        }[this.status];
    }

    // -- moving ------------------------------------------------------------------------------------------------------

    select(row, column, extend = false) {
        this.cursor = {
            row: clamp(row, 0, Math.max(this.model.rows.length - 1, 0)),
            column: clamp(column, 0, this.model.yearColumn),
        };
        if (!extend) {
            this.anchor = this.cursor;
        }
        this.reveal();
        this.render();
    }

    move([down, right], ev = {}) {
        if (ev.ctrlKey || ev.metaKey) {
            const row = down ? (down > 0 ? this.model.rows.length - 1 : 0) : this.cursor.row;
            const column = right ? (right > 0 ? this.model.yearColumn : 0) : this.cursor.column;
            this.select(row, column, ev.shiftKey);
        } else {
            this.select(this.cursor.row + down, this.cursor.column + right, ev.shiftKey);
        }
    }

    /** Scroll so that the cursor is seen beside the names and below the months. */
    reveal() {
        const element = this.scroll.el;
        const table = element?.querySelector("table");
        if (!table) {
            return;
        }
        const head = table.tHead.offsetHeight;
        const top = this.cursor.row * this.rowHeight;
        if (top < element.scrollTop) {
            element.scrollTop = top;
        } else if (top + this.rowHeight + head > element.scrollTop + element.clientHeight) {
            element.scrollTop = top + this.rowHeight + head - element.clientHeight;
        }
        const cells = table.tHead.rows[0].cells;
        const cell = cells[this.cursor.column + 1];
        const left = cell.offsetLeft - cells[0].offsetWidth;
        if (left < element.scrollLeft) {
            element.scrollLeft = left;
        } else if (cell.offsetLeft + cell.offsetWidth > element.scrollLeft + element.clientWidth) {
            element.scrollLeft = cell.offsetLeft + cell.offsetWidth - element.clientWidth;
        }
    }

    focus() {
        this.scroll.el?.focus({ preventScroll: true });
    }

    placeFocus() {
        const editor = this.editor.el;
        if (editor && document.activeElement !== editor) {
            editor.value = this.editing.text;
            editor.focus({ preventScroll: true });
            editor.setSelectionRange(editor.value.length, editor.value.length);
        }
    }

    // -- keys and mouse ----------------------------------------------------------------------------------------------

    onKeydown(ev) {
        if (this.editing) {
            this.onEditorKey(ev);
            return;
        }
        const handled = ev.ctrlKey || ev.metaKey ? this.onShortcut(ev) : this.onKey(ev);
        if (handled) {
            ev.preventDefault();
            ev.stopPropagation();
        }
    }

    onKey(ev) {
        const page = Math.max(Math.floor((this.scroll.el.clientHeight - ROW_HEIGHT) / this.rowHeight) - 1, 1);
        const { row, column } = this.cursor;
        const actions = {
            Tab: () => this.move([0, ev.shiftKey ? -1 : 1]),
            Enter: () => this.move([ev.shiftKey ? -1 : 1, 0]),
            Home: () => this.select(row, 0, ev.shiftKey),
            End: () => this.select(row, this.model.yearColumn, ev.shiftKey),
            PageUp: () => this.select(row - page, column, ev.shiftKey),
            PageDown: () => this.select(row + page, column, ev.shiftKey),
            Delete: () => this.clear(),
            Backspace: () => this.clear(),
            F2: () => (ev.shiftKey ? this.openComment() : this.edit()),
            Escape: () => this.select(row, column),
        };
        if (ARROWS[ev.key]) {
            this.move(ARROWS[ev.key], ev);
        } else if (actions[ev.key]) {
            actions[ev.key]();
        } else if (ev.key.length === 1 && !ev.altKey) {
            this.edit(ev.key);
        } else {
            return false;
        }
        return true;
    }

    onShortcut(ev) {
        const actions = {
            KeyZ: () => (ev.shiftKey ? this.redo() : this.undo()),
            KeyY: () => this.redo(),
            KeyD: () => this.fillSelection([1, 0]),
            KeyR: () => this.fillSelection([0, 1]),
            KeyA: () => this.selectAll(),
            Home: () => this.select(0, 0, ev.shiftKey),
            End: () => this.select(this.model.rows.length - 1, this.model.yearColumn, ev.shiftKey),
        };
        if (ARROWS[ev.key]) {
            this.move(ARROWS[ev.key], ev);
            return true;
        }
        // by the place of the key: Ctrl+Z is the same key in every layout
        const action = actions[ev.code] || actions[`Key${ev.key.toUpperCase()}`];
        action?.();
        return Boolean(action);
    }

    onEditorKey(ev) {
        const moves = {
            Enter: [ev.shiftKey ? -1 : 1, 0],
            Tab: [0, ev.shiftKey ? -1 : 1],
            ArrowUp: ARROWS.ArrowUp,
            ArrowDown: ARROWS.ArrowDown,
        };
        // a cell opened by typing is left by any arrow; one opened to be corrected keeps left and right for its text
        const move = moves[ev.key] || (this.editing.isTyped && ARROWS[ev.key]);
        if (ev.key === "Escape") {
            this.editing = null;
            this.focus();
            this.render();
        } else if (move) {
            if (this.commit()) {
                this.focus();
                this.move(move);
            }
        } else {
            ev.stopPropagation();
            return;
        }
        ev.preventDefault();
        ev.stopPropagation();
    }

    selectAll() {
        this.anchor = { row: 0, column: 0 };
        this.cursor = { row: this.model.rows.length - 1, column: this.model.yearColumn };
        this.render();
    }

    cellOf(ev) {
        const element = ev.target.closest("td[data-column]");
        return element && { row: Number(element.dataset.row), column: Number(element.dataset.column), element };
    }

    onMouseDown(ev) {
        const cell = this.cellOf(ev);
        if (!cell || ev.button || ev.target === this.editor.el) {
            return;
        }
        ev.preventDefault();
        if (this.editing && !this.commit()) {
            return;
        }
        this.focus();
        if (ev.target.classList.contains("o_sdm_handle")) {
            this.dragging = { from: this.selection, to: this.selection, isFill: true };
        } else {
            this.dragging = { isFill: false };
            this.select(cell.row, cell.column, ev.shiftKey);
        }
    }

    onMouseOver(ev) {
        const cell = this.dragging && this.cellOf(ev);
        if (!cell) {
            return;
        }
        if (this.dragging.isFill) {
            this.dragging.to = this.reach(this.dragging.from, cell);
            this.render();
        } else if (cell.row !== this.cursor.row || cell.column !== this.cursor.column) {
            this.select(cell.row, cell.column, true);
        }
    }

    onMouseUp() {
        const { dragging } = this;
        this.dragging = null;
        if (dragging?.isFill) {
            this.fill(dragging.from, dragging.to);
        }
    }

    onDoubleClick(ev) {
        if (this.cellOf(ev) && !this.editing) {
            this.edit();
        }
    }

    /** The area that a handle dragged to a cell covers: to the right or down, whichever is further. */
    reach(from, { row, column }) {
        const down = row - from.bottom;
        const right = Math.min(column, this.model.yearColumn - 1) - from.right;
        return down >= right ? { ...from, bottom: Math.max(from.bottom, row) } : { ...from, right: from.right + right };
    }

    // -- changing ----------------------------------------------------------------------------------------------------

    /** Begin to write in the cell: what was typed takes the place of what is there; without that it is corrected. */
    edit(typed) {
        const { currentRow: row, cursor } = this;
        if (!row) {
            return;
        }
        if (row.kind === "header") {
            this.toggle(row);
            return;
        }
        const lock = this.model.lockOf(row, cursor.column);
        if (lock) {
            this.tell([{ row, column: cursor.column, reason: this.tellLock(lock) }]);
            return;
        }
        const text = typed ?? this.write(this.model.valueAt(row, cursor.column));
        this.editing = { text, isTyped: typed !== undefined, row, column: cursor.column };
        this.anchor = this.cursor;
        this.reveal();
        this.render();
    }

    /** @returns {boolean} whether what was written could be taken over */
    commit() {
        if (!this.editing) {
            return true;
        }
        const { row, column } = this.editing;
        const text = this.editor.el?.value ?? this.editing.text;
        const { value, error } = this.parse(text, row);
        if (error) {
            this.tell([{ row, column, reason: error }]);
            return false;
        }
        this.editing = null;
        if (!this.model.isTotal(row, column)) {
            this.change([this.model.withValue(row, column, value)]);
        } else if (value !== null && value !== this.model.valueAt(row, column)) {
            this.spread(row, column, value);
        }
        this.render();
        return true;
    }

    onEditorBlur() {
        if (this.editing && !this.commit()) {
            this.editing = null;
            this.render();
        }
    }

    parse(text, row) {
        const { value, error } = parseNumber(text, localization, this.model.kpis.get(row.kpi).unit === "percent");
        if (error === AMBIGUOUS) {
            return { error: _t("“%s” may be thousands or decimals. Write it without separator of thousands.", text) };
        }
        if (error === PERCENT) {
            return { error: _t("“%s” is a percentage, and this KPI is not counted in percent.", text) };
        }
        return error ? { error: _t("“%s” is no number.", text) } : { value };
    }

    tellLock(lock) {
        return (
            {
                header: _t("This line has no numbers of its own."),
                year: _t("The months of this KPI are not added up. Enter each month."),
                details: _t("Targets are entered in the lines below."),
            }[lock] || lock
        );
    }

    /** Say what could not be done, cell by cell. */
    tell(problems) {
        const lines = problems.slice(0, SHOWN_PROBLEMS).map(({ row, column, reason }) =>
            row ? _t("%(cell)s: %(reason)s", { cell: this.nameCell(row, column), reason }) : reason
        );
        if (problems.length > SHOWN_PROBLEMS) {
            lines.push(_t("and %s more", problems.length - SHOWN_PROBLEMS));
        }
        this.notification.add(lines.join("\n"), { type: "warning", className: "o_sdm_problems" });
    }

    nameCell(row, column) {
        const month = this.model.data.months[column]?.label || _t("Year");
        return `${row.label}, ${month}`;
    }

    change(changes) {
        if (this.model.change(changes)) {
            this.afterChange();
        }
    }

    afterChange() {
        this.status = "unsaved";
        this.arrange();
        this.saveSoon();
    }

    /** @returns {{row: Object, column: number}[]} the selected cells */
    selected({ top, bottom, left, right } = this.selection) {
        const cells = [];
        for (let row = top; row <= Math.min(bottom, this.model.rows.length - 1); row++) {
            for (let column = left; column <= right; column++) {
                cells.push({ row: this.model.rows[row], column });
            }
        }
        return cells;
    }

    /** Give cells new values: all of them, or none where one cannot be changed. Totals follow and are left out. */
    put(wanted) {
        const open = wanted.filter(({ row, column }) => row.kind !== "header" && !this.model.isTotal(row, column));
        const problems = open
            .map(({ row, column, error }) => ({ row, column, reason: error || this.model.lockOf(row, column) }))
            .filter(({ reason }) => reason)
            .map((problem) => ({ ...problem, reason: this.tellLock(problem.reason) }));
        if (problems.length) {
            this.tell(problems);
            return false;
        }
        this.change(open.map(({ row, column, value }) => this.model.withValue(row, column, value)));
        if (wanted.length > open.length) {
            this.notification.add(_t("Totals were left out: they follow from their cells."), { type: "info" });
        }
        return true;
    }

    clear() {
        this.put(this.selected().map((cell) => ({ ...cell, value: null })));
    }

    /** Repeat the first row or column of the selection over the rest of it. */
    fillSelection([down, right]) {
        const { top, bottom, left, right: last } = this.selection;
        const from = down ? { top, bottom: top, left, right: last } : { top, bottom, left, right: left };
        if (right ? last > left : bottom > top) {
            this.fill(from, this.selection);
        }
    }

    /** Repeat the values of an area over a larger one that has it at its beginning. */
    fill(from, to) {
        const height = from.bottom - from.top + 1;
        const width = from.right - from.left + 1;
        const wanted = [];
        for (let row = to.top; row <= to.bottom; row++) {
            for (let column = to.left; column <= to.right; column++) {
                const source = this.model.rows[from.top + ((row - to.top) % height)];
                const value = this.model.valueAt(source, from.left + ((column - to.left) % width));
                if (!this.isIn(from, row, column)) {
                    wanted.push({ row: this.model.rows[row], column, value });
                }
            }
        }
        if (wanted.length && this.put(wanted)) {
            this.anchor = { row: to.top, column: to.left };
            this.cursor = { row: to.bottom, column: to.right };
        }
        this.render();
    }

    /** Let a total be another one: the server hands it down to its cells, held ones stay. */
    async spread(row, column, goal) {
        const cells = this.model.cellsOf(row, column);
        const { data, months } = this.model;
        const asked = cells.map(({ leaf, column: month, cell }) => ({
            value: cell?.value ?? null,
            is_fixed: Boolean(cell?.is_held || data.closed[months[month]]),
            name: `${this.nameLeaf(leaf)}, ${data.months[month].label}`,
        }));
        try {
            const method = [[this.versionId], row.kpi, goal, asked];
            const values = await this.orm.call("sdm.plan.version", "spread_total", method);
            this.change(
                cells.map(({ leaf, column: month, cell }, number) => ({
                    leaf,
                    column: month,
                    cell:
                        values[number] === null
                            ? null
                            : { is_held: false, note: false, ...cell, value: values[number] },
                }))
            );
        } catch (error) {
            if (error instanceof RPCError) {
                this.notification.add(error.data?.message || error.message, { type: "danger", className: "o_sdm_problems" });
            } else if (error instanceof ConnectionLostError) {
                const reason = _t("Totals are handed down by the server. Try again when the connection is back.");
                this.tell([{ row, column, reason }]);
            } else {
                throw error;
            }
        }
    }

    nameLeaf(leaf) {
        const { model, model: { data } } = this;
        const [, head, employee] = leaf.key;
        const whose = employee || head;
        return whose ? data.names.employee[whose] : model.words.rest;
    }

    undo() {
        if (this.model.undo()) {
            this.afterChange();
        }
    }

    redo() {
        if (this.model.redo()) {
            this.afterChange();
        }
    }

    /** Hold the selected targets, or release them where all are held. */
    hold() {
        const cells = this.selected()
            .map(({ row, column }) => ({ row, column, cell: this.model.cellAt(row, column) }))
            .filter(({ cell }) => cell);
        if (!cells.length) {
            this.tell([{ reason: _t("Only a target can be held. Enter it first.") }]);
            return;
        }
        const locked = cells.find(({ row, column }) => this.model.lockOf(row, column));
        if (locked) {
            const { row, column } = locked;
            this.tell([{ row, column, reason: this.tellLock(this.model.lockOf(row, column)) }]);
            return;
        }
        const is_held = !cells.every(({ cell }) => cell.is_held);
        this.change(cells.map(({ row, column, cell }) => ({ leaf: row.own, column, cell: { ...cell, is_held } })));
        this.focus();
    }

    openComment() {
        const { currentRow: row, currentCell: cell, cursor } = this;
        if (!cell) {
            this.tell([{ reason: _t("A comment belongs to a target. Enter it first.") }]);
            return;
        }
        const target = this.scroll.el.querySelector(".o_sdm_cursor");
        this.comment.open(target, {
            note: cell.note || "",
            readonly: Boolean(this.model.lockOf(row, cursor.column)),
            onSave: (note) => {
                this.change([{ leaf: row.own, column: cursor.column, cell: { ...cell, note: note || false } }]);
            },
        });
    }

    // -- clipboard ---------------------------------------------------------------------------------------------------

    onCopy(ev) {
        if (this.editing || !this.model.rows.length) {
            return;
        }
        const { top, bottom, left, right } = this.selection;
        const lines = [];
        for (let row = top; row <= bottom; row++) {
            const cells = this.selected({ top: row, bottom: row, left, right });
            lines.push(cells.map((cell) => this.write(this.model.valueAt(cell.row, cell.column))).join("\t"));
        }
        ev.clipboardData.setData("text/plain", lines.join("\n"));
        ev.preventDefault();
    }

    onCut(ev) {
        if (!this.editing) {
            this.onCopy(ev);
            this.clear();
        }
    }

    onPaste(ev) {
        if (this.editing || !this.model.rows.length) {
            return;
        }
        ev.preventDefault();
        const block = parseBlock(ev.clipboardData.getData("text/plain"));
        const { top, left, bottom, right } = this.selection;
        const isSingle = block.length === 1 && block[0].length === 1;
        const height = isSingle ? bottom - top + 1 : block.length;
        const width = isSingle ? right - left + 1 : Math.max(...block.map((line) => line.length));
        const { rows, yearColumn } = this.model;
        if (top + height > rows.length || left + width > yearColumn + 1) {
            const size = { rows: height, columns: width };
            const reason = _t("The block has %(rows)s rows and %(columns)s columns: more than there is room for here.", size);
            this.tell([{ reason }]);
            return;
        }
        const wanted = [];
        for (let down = 0; down < height; down++) {
            for (let along = 0; along < width; along++) {
                const row = rows[top + down];
                const text = isSingle ? block[0][0] : block[down][along];
                if (text !== undefined) {
                    wanted.push({ row, column: left + along, ...(row.kpi ? this.parse(text, row) : {}) });
                }
            }
        }
        if (this.put(wanted)) {
            this.anchor = { row: top, column: left };
            this.cursor = { row: top + height - 1, column: left + width - 1 };
            this.render();
        }
    }

    // -- saving ------------------------------------------------------------------------------------------------------

    async save() {
        const { model } = this;
        clearTimeout(this.retry);
        if (this.saving || this.refused.length || !model.pending.size) {
            return this.saving;
        }
        this.saving = this.sendChanges();
        try {
            await this.saving;
        } finally {
            this.saving = null;
        }
        if (this.status === "unsaved") {
            this.saveSoon();
        }
    }

    async sendChanges() {
        const { model } = this;
        const batch = model.send();
        this.status = "saving";
        this.render();
        try {
            const answer = await this.orm.silent.call("sdm.plan.version", "set_cells", [[this.versionId], batch]);
            if (answer.refused.length) {
                model.takeBack();
                this.refused = answer.refused.map((one) => ({ ...batch[one.index], ...one }));
                this.status = "refused";
            } else {
                model.settle();
                this.status = model.isSaved ? "saved" : "unsaved";
                if (model.isSaved && !model.agrees(answer.totals)) {
                    // somebody else is at work in the same plan
                    await this.load();
                }
            }
        } catch (error) {
            model.takeBack();
            this.status = "offline";
            if (!(error instanceof ConnectionLostError)) {
                this.status = "refused";
                throw error;
            }
            this.retry = setTimeout(() => this.save(), RETRY_AFTER);
        } finally {
            this.render();
        }
    }

    get refusals() {
        return this.refused.slice(0, SHOWN_PROBLEMS).map((one) => {
            const [kpi] = one.key;
            const leaf = { key: one.key };
            const month = this.model.data.months[this.model.months.indexOf(one.date)]?.label || one.date;
            const name = `${this.model.kpis.get(kpi)?.name || ""}, ${this.nameLeaf(leaf)}, ${month}`;
            return { name, reason: one.reason };
        });
    }

    /** Whether each refused cell was only changed by somebody else, so that ours could take its place. */
    get canPutOurs() {
        return this.refused.every((one) => one.kind === "changed");
    }

    takeTheirs() {
        this.model.takeTheirs(this.refused);
        this.goOn();
    }

    putOurs() {
        this.model.putOurs(this.refused);
        this.goOn();
    }

    goOn() {
        this.refused = [];
        this.status = this.model.isSaved ? "saved" : "unsaved";
        this.arrange();
        this.save();
    }

    /** Save what is left; where that fails, ask whether to lose it. */
    async beforeLeave() {
        this.commit();
        await this.save();
        if (this.status === "unsaved") {
            // what was changed while the rest was on its way
            await this.save();
        }
        if (this.model.isSaved) {
            return true;
        }
        return new Promise((resolve) => {
            this.dialog.add(
                ConfirmationDialog,
                {
                    title: _t("Targets are not saved"),
                    body: _t("%s cells could not be saved. Leave and lose them?", this.model.pending.size),
                    confirmLabel: _t("Leave"),
                    confirm: () => resolve(true),
                    cancelLabel: _t("Stay here"),
                    cancel: () => resolve(false),
                },
                { onClose: () => resolve(false) }
            );
        });
    }

    beforeUnload(ev) {
        this.commit();
        if (!this.model.isSaved) {
            this.save();
            ev.preventDefault();
            ev.returnValue = _t("Targets are not saved");
        }
    }

    // -- tools -------------------------------------------------------------------------------------------------------

    toggle(row) {
        this.model.toggle(row);
        this.arrange();
        this.focus();
    }

    toggleAll(isOpen) {
        this.model.toggleAll(isOpen);
        this.arrange();
    }

    arrangeBy(ev) {
        this.model.arrangement = ev.target.value;
        this.anchor = this.cursor = { row: 0, column: 0 };
        this.model.build();
        this.arrange();
    }

    search(ev) {
        this.model.search = ev.target.value.trim();
        this.anchor = this.cursor = { row: 0, column: 0 };
        this.model.build();
        this.arrange();
    }

    onSearchKey(ev) {
        if (ev.key === "Enter" || ev.key === "ArrowDown") {
            ev.preventDefault();
            const found = this.model.rows.findIndex((row) => row.kind === "person" || row.kind === "detail");
            this.focus();
            this.select(Math.max(found, 0), 0);
        }
    }

    async addKpi(ev) {
        this.options.kpis.push(Number(ev.target.value));
        await this.load();
        this.focus();
    }

    async toggleLastYear() {
        this.options.last_year = !this.options.last_year;
        await this.load();
    }

    /** A row for another person, group, segment or category: by its first target. */
    addRow() {
        this.dialog.add(FormViewDialog, {
            title: _t("Add a row"),
            resModel: "sdm.plan.target",
            context: {
                default_version_id: this.versionId,
                default_date: this.model.months[0],
                default_kpi_id: this.currentRow?.kpi || false,
            },
            onRecordSaved: () => this.load(),
        });
    }

    /** Download the targets as a workbook, what was typed just now included. */
    async exportSheet() {
        await this.save();
        return this.action.doActionButton({
            type: "object",
            name: "action_open_sheet",
            resModel: "sdm.plan.version",
            resId: this.versionId,
            resIds: [this.versionId],
        });
    }

    /** Read a workbook into the draft; the grid shows then what came of it. */
    async importSheet() {
        await this.save();
        return this.action.doAction("sdm_kpi.sdm_plan_import_action", {
            additionalContext: { default_version_id: this.versionId },
            onClose: () => this.load(),
        });
    }

    /** Let the plan be made from a goal. */
    makePlan() {
        return this.action.doActionButton({
            type: "object",
            name: "action_make",
            resModel: "sdm.plan.version",
            resId: this.versionId,
            resIds: [this.versionId],
        });
    }

    openVersion() {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "sdm.plan.version",
            res_id: this.versionId,
            views: [[false, "form"]],
        });
    }
}

registry.category("actions").add("sdm_plan_grid", PlanGrid);
