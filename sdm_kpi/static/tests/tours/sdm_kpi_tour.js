import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

function openMenu(entry) {
    return [
        { trigger: "button[data-menu-xmlid='sdm_kpi.sdm_kpi_menu_root']", run: "click" },
        { trigger: `[data-menu-xmlid='sdm_kpi.${entry}']`, run: "click" },
    ];
}

/**
 * A KPI that shows what it counts before it is saved, its facts, their documents, and a document that gets a person.
 */
function kpiSteps() {
    return [
        ...stepUtils.goToAppSteps("sdm_segmentation.sdm_segmentation_menu_root"),
        ...openMenu("sdm_kpi_menu"),
        { trigger: ".o_list_view .o_list_button_add", run: "click" },
        { trigger: "div[name=name] input, div[name=name] textarea", run: "edit Tour deals" },
        {
            content: "revenue is all won deals: the person and what nobody has",
            trigger: "div[name=trial] td:contains(Tour Seller)",
        },
        { trigger: "div[name=trial] td:contains(70)" },
        { trigger: "div[name=is_on] input", run: "click" },
        ...stepUtils.saveForm(),
        ...openMenu("sdm_kpi_run_menu_refresh"),
        { trigger: ".o_pivot th:contains(Tour deals)" },
        {
            content: "the whole of the last months",
            trigger: ".o_pivot tr:contains(Tour deals) td:last-child:contains(100)",
            run: "click",
        },
        { trigger: ".o_data_row:contains(Tour Seller) td[name=kpi_id]", run: "click" },
        { trigger: ".o_data_row:contains(Tour Customer):contains(Tour Seller)" },
        ...openMenu("sdm_kpi_report_menu"),
        { content: "above the totals: what nobody has", trigger: ".o_sdm_unassigned button:contains(30)", run: "click" },
        { trigger: ".o_data_row:contains(Tour Orphan) .o_list_record_selector input", run: "click" },
        { trigger: "button[name=action_credit]", run: "click" },
        { trigger: ".modal .o_data_row:contains(30)" },
        { trigger: ".modal div[name=employee_id] input", run: "edit Tour Seller" },
        { trigger: ".modal .o-autocomplete--dropdown-item:contains(Tour Seller)", run: "click" },
        { trigger: ".modal div[name=reason] input", run: "edit She sold it" },
        { trigger: ".modal button[name=action_apply]", run: "click" },
        { trigger: "body:not(:has(.modal))" },
        ...openMenu("sdm_credit_menu"),
        { trigger: ".o_data_row:contains(Tour Seller):contains(She sold it)" },
    ];
}

registry.category("web_tour.tours").add("sdm_kpi_tour", { steps: () => kpiSteps() });
