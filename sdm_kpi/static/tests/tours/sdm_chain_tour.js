import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

// Without texts of the interface, so that they run in each language.

function openMenu(entry) {
    return [
        { trigger: "button[data-menu-xmlid='sdm_kpi.sdm_kpi_menu_root']", run: "click" },
        { trigger: `[data-menu-xmlid='sdm_kpi.${entry}']`, run: "click" },
    ];
}

const openApp = () => stepUtils.goToAppSteps("sdm_segmentation.sdm_segmentation_menu_root");
const closed = { trigger: "body:not(:has(.modal))" };
const cell = ".o_sdm_plan_grid tr:contains(Tour Seller) td[data-column='0']";
const tours = registry.category("web_tour.tours");

/** The director makes a plan from a goal, hands it down, changes a cell of the grid, and puts it in force. */
tours.add("sdm_chain_plan_tour", {
    steps: () => [
        ...openApp(),
        ...openMenu("sdm_plan_menu"),
        { trigger: ".o_data_row td[name=name]:contains(Tour plan)", run: "click" },
        { trigger: ".o_form_view button[name=action_make]", run: "click" },
        { trigger: "div[name=growth] input", run: "edit 20 && press Tab" },
        { content: "a fifth more than 100", trigger: "div[name=amount]:contains(120)" },
        { trigger: "button[name=action_next]", run: "click" },
        { trigger: "div[name=month_ids] .o_data_row:first-child td[name=share]", run: "click" },
        { trigger: "div[name=month_ids] .o_data_row:first-child td[name=share] input", run: "edit 50 && press Tab" },
        { trigger: "div[name=month_ids] .o_data_row:first-child td[name=amount]:contains(60)" },
        { trigger: "button[name=action_next]", run: "click" },
        { trigger: "div[name=part_ids] .o_data_row:contains(Tour Seller) td[name=amount]:contains(120)" },
        { trigger: "button[name=action_next]", run: "click" },
        { trigger: "div[name=preview] tr:contains(Tour Seller) td:contains(60)" },
        { trigger: "button[name=action_write]", run: "click" },
        { trigger: `${cell}:contains(60)`, run: "click" },
        { trigger: `${cell}.o_sdm_cursor`, run: "press F2" },
        { trigger: ".o_sdm_editor", run: "edit 80" },
        { trigger: ".o_sdm_editor", run: "press Enter" },
        { trigger: `${cell}:contains(80)` },
        { trigger: ".o_sdm_status[data-status=saved]" },
        ...openMenu("sdm_plan_menu"),
        { trigger: ".o_data_row td[name=name]:contains(Tour plan)", run: "click" },
        { trigger: "button[name=action_open_version]", run: "click" },
        { trigger: "button[name=action_submit]", run: "click" },
        { trigger: "button[name=action_put_in_force].btn-primary", run: "click" },
        { trigger: ".modal div[name=reason] textarea", run: "edit It can be done" },
        { trigger: ".modal button[name=action_apply]", run: "click" },
        closed,
        { trigger: "button[name=action_change]" },
    ],
});

/** The seller sees the new target on a phone, and what the fact is made of. */
tours.add("sdm_chain_my_plan_tour", {
    steps: () => [
        { trigger: ".o_sdm_plan_kpi[data-kpi=revenue] .o_sdm_plan_target:contains(80)" },
        { trigger: ".o_sdm_plan_kpi[data-kpi=revenue] .o_sdm_plan_value:contains(90)" },
        { trigger: ".o_sdm_plan_kpi[data-kpi=revenue] .o_sdm_plan_documents", run: "click" },
        { trigger: ".o_kanban_record:contains(Tour Customer), .o_data_row:contains(Tour Customer)" },
    ],
});

/** The director closes the month before: nothing asks for a look, so no word is needed. */
tours.add("sdm_chain_close_tour", {
    steps: () => [
        ...openApp(),
        ...openMenu("sdm_period_menu"),
        { trigger: ".o_data_row:nth-child(2) td[name=display_name]", run: "click" },
        { trigger: "div[name=status_ids] .o_data_row td[name=counted]:contains(1)" },
        { trigger: "button[name=action_close]", run: "click" },
        { trigger: ".modal .o_data_row .text-bg-success" },
        { trigger: ".modal:not(:has(.text-bg-warning)) button[name=action_apply]", run: "click" },
        closed,
        { trigger: ".o_arrow_button_current[data-value=closed]" },
    ],
});

/** A file with the revenue that somebody else knows of the running month. */
function uploadTotal(amount) {
    return {
        trigger: ".modal .o_field_widget[name=file]",
        run() {
            const month = new Date().toISOString().slice(0, 7);
            const files = new DataTransfer();
            files.items.add(new File([`Month;Total\n${month}-01;${amount}\n`], "totals.csv", { type: "text/csv" }));
            const input = document.querySelector(".modal .o_field_widget[name=file] input[type=file]");
            input.files = files.files;
            input.dispatchEvent(new Event("change", { bubbles: true }));
        },
    };
}

/** From the order of credit to what nobody has, which gets a person, and to what the accounting says. */
tours.add("sdm_chain_credit_tour", {
    steps: () => [
        ...openApp(),
        ...openMenu("sdm_credit_rule_menu"),
        { content: "the shipped order", trigger: ".o_data_row" },
        ...openMenu("sdm_kpi_report_menu"),
        { trigger: ".o_sdm_unassigned button:contains(30)", run: "click" },
        { trigger: ".o_data_row:contains(Tour Orphan) .o_list_record_selector input", run: "click" },
        { trigger: "button[name=action_credit]", run: "click" },
        { trigger: ".modal .o_data_row:contains(30)" },
        { trigger: ".modal div[name=employee_id] input", run: "edit Tour Seller" },
        { trigger: ".modal .o-autocomplete--dropdown-item:contains(Tour Seller)", run: "click" },
        { trigger: ".modal div[name=reason] input", run: "edit She sold it" },
        { trigger: ".modal button[name=action_apply]", run: "click" },
        closed,
        ...openMenu("sdm_kpi_run_menu_refresh"),
        { content: "all of it has a person", trigger: ".o_pivot tr:contains(100)" },
        { trigger: "body:not(:has(.o_sdm_unassigned button))" },
        ...openMenu("sdm_reconciliation_menu"),
        { content: "ours and the accounting's", trigger: ".o_pivot tr:contains(100):contains(0)" },
        ...openMenu("sdm_control_import_menu"),
        uploadTotal(70),
        { trigger: ".modal div[name=preview] td:contains(70)" },
        { trigger: ".modal button[name=action_import]", run: "click" },
        closed,
        { trigger: ".o_pivot tr:last-child td:last-child:contains(30)", run: "click" },
        { content: "down to the documents", trigger: ".o_data_row:contains(Tour Orphan):contains(30)" },
    ],
});
