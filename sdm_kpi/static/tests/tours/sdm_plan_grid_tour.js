import { rpc } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";

const [WHOLE, GROUP, ANNA, BORIS] = [0, 1, 2, 3];
const cell = (row, column) => `.o_sdm_plan_grid td[data-row='${row}'][data-column='${column}']`;
const shows = (row, column, text) => ({ trigger: `${cell(row, column)} .o_sdm_value:contains(/^${text}$/)` });
const isEmpty = (row, column) => ({ trigger: `${cell(row, column)}:not(:contains(/[0-9]/))` });
const saved = { trigger: ".o_sdm_status[data-status=saved]" };

function type(row, column, text) {
    return [
        { trigger: cell(row, column), run: "click" },
        { trigger: `${cell(row, column)}.o_sdm_cursor`, run: "press F2" },
        { trigger: ".o_sdm_editor", run: `edit ${text}` },
        { trigger: ".o_sdm_editor", run: "press Enter" },
        { trigger: ".o_sdm_plan_grid:not(:has(.o_sdm_editor))" },
    ];
}

/** What a spreadsheet puts on the clipboard, pasted into the cell. */
function paste(row, column, text) {
    return [
        { trigger: cell(row, column), run: "click" },
        {
            trigger: `${cell(row, column)}.o_sdm_cursor`,
            run() {
                const clipboardData = new DataTransfer();
                clipboardData.setData("text/plain", text);
                const paste = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
                document.querySelector(".o_sdm_grid_scroll").dispatchEvent(paste);
            },
        },
    ];
}

/** Somebody else changes a target behind the back of the grid. */
async function changeBehind(domain, value) {
    const call = (method, ...args) =>
        rpc(`/web/dataset/call_kw/sdm.plan.target/${method}`, { model: "sdm.plan.target", method, args, kwargs: {} });
    const ids = await call("search", domain);
    await call("write", ids, { value });
}

registry.category("web_tour.tours").add("sdm_plan_grid_tour", {
    steps: () => [
        { trigger: "button[name=action_open_grid]", run: "click" },
        shows(WHOLE, 0, "100"),
        ...type(BORIS, 0, "50"),
        shows(WHOLE, 0, "150"),
        shows(GROUP, 12, "150"),
        saved,
        ...paste(ANNA, 1, "10\t1 234,5\n20\t40\n"),
        shows(ANNA, 2, "1.?234[.,]5"),
        shows(BORIS, 1, "20"),
        shows(WHOLE, 1, "30"),
        { content: "a block with a word in it is refused as a whole", trigger: cell(ANNA, 3) },
        ...paste(ANNA, 3, "5\tfive"),
        { trigger: ".o_notification:contains(five)" },
        isEmpty(ANNA, 3),
        { content: "fill February to the right", trigger: cell(BORIS, 1), run: "click" },
        { trigger: `${cell(BORIS, 1)}.o_sdm_cursor`, run: "press shift+ArrowRight" },
        { trigger: `${cell(BORIS, 2)}.o_sdm_cursor`, run: "press shift+ArrowRight" },
        { trigger: `${cell(BORIS, 3)}.o_sdm_cursor`, run: "press ctrl+r" },
        shows(BORIS, 3, "20"),
        shows(BORIS, 2, "20"),
        { trigger: `${cell(BORIS, 3)}.o_sdm_cursor`, run: "press ctrl+z" },
        shows(BORIS, 2, "40"),
        isEmpty(BORIS, 3),
        { content: "what is held stays when the total is handed down", trigger: cell(ANNA, 0), run: "click" },
        { trigger: `${cell(ANNA, 0)}.o_sdm_cursor` },
        { trigger: ".o_sdm_hold", run: "click" },
        { trigger: `${cell(ANNA, 0)}.o_sdm_held` },
        ...type(GROUP, 0, "180"),
        shows(BORIS, 0, "80"),
        shows(ANNA, 0, "100"),
        ...type(WHOLE, 0, "90"),
        { trigger: ".o_notification:contains(Anna)" },
        shows(BORIS, 0, "80"),
        { trigger: cell(ANNA, 1), run: "click" },
        { trigger: ".o_sdm_comment", run: "click" },
        { trigger: ".o_sdm_grid_comment textarea", run: "edit Agreed with her" },
        { trigger: ".o_sdm_comment_save", run: "click" },
        { trigger: `${cell(ANNA, 1)}.o_sdm_commented` },
        saved,
        {
            content: "somebody else is quicker",
            trigger: cell(BORIS, 1),
            run: () => changeBehind([["value", "=", 20]], 25),
        },
        ...type(BORIS, 1, "30"),
        { trigger: `${cell(BORIS, 1)}.o_sdm_refused` },
        { trigger: ".o_sdm_grid_refused:contains(25)" },
        { trigger: ".o_sdm_take_theirs", run: "click" },
        shows(BORIS, 1, "25"),
        saved,
        { trigger: ".o_sdm_find", run: "edit bor" },
        { trigger: ".o_sdm_plan_grid:not(:contains(Anna))" },
        shows(2, 1, "25"),
    ],
});

/** Choose a file in the open dialog. */
function upload(text) {
    return {
        trigger: ".modal .o_field_widget[name=file]",
        run() {
            const files = new DataTransfer();
            files.items.add(new File([text], "plan.csv", { type: "text/csv" }));
            const input = document.querySelector(".modal .o_field_widget[name=file] input[type=file]");
            input.files = files.files;
            input.dispatchEvent(new Event("change", { bubbles: true }));
        },
    };
}

registry.category("web_tour.tours").add("sdm_plan_import_tour", {
    steps: () => [
        { trigger: "button[name=action_open_grid]", run: "click" },
        { trigger: ".o_sdm_export:enabled" },
        { trigger: ".o_sdm_import", run: "click" },
        upload("who;what;Jan 26;Feb 26\nAnna;revenue;500;600\nNobody;revenue;1;2\n"),
        { trigger: ".modal .o_field_widget[name=kpi_column] input", run: "edit B && press Tab" },
        { trigger: ".modal .alert-danger:contains(C3):contains(Nobody)" },
        { content: "nothing is taken over", trigger: ".modal:not(:has(button[name=action_import]))" },
        upload("who;what;Jan 26;Feb 26\nAnna;revenue;500;600\nBoris;revenue;;70\n"),
        { trigger: ".modal .o_sdm_import_count:contains(3)" },
        { trigger: ".modal .o_sdm_import_row:contains(C2):contains(Anna):contains(400)" },
        { trigger: ".modal button[name=action_import]", run: "click" },
        { trigger: "body:not(:has(.modal))" },
        shows(ANNA, 0, "500"),
        shows(WHOLE, 1, "670"),
    ],
});
