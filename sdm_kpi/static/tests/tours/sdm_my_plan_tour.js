import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

// Without texts of the interface, so that they run in each language.

/** A seller on a phone: how far, the documents behind it, what does not count, and the month before. */
registry.category("web_tour.tours").add("sdm_my_plan_tour", {
    steps: () => [
        { trigger: ".o_sdm_plan_kpi[data-kpi=won_amount] .o_sdm_plan_value:contains(100)" },
        { trigger: ".o_sdm_plan_kpi[data-kpi=won_amount] .o_sdm_plan_target:contains(400)" },
        { content: "what does not count yet", trigger: "[data-key=won_without_amount] .o_sdm_plan_open", run: "click" },
        { trigger: ".o_kanban_record:contains(Tour forgotten), .o_data_row:contains(Tour forgotten)" },
        { trigger: ".o_back_button, .breadcrumb-item a", run: "click" },
        { trigger: ".o_sdm_plan_kpi[data-kpi=won_amount] .o_sdm_plan_documents", run: "click" },
        { trigger: ".o_kanban_record:contains(Tour Customer), .o_data_row:contains(Tour Customer)" },
        { trigger: ".o_back_button, .breadcrumb-item a", run: "click" },
        { trigger: ".o_sdm_plan_previous", run: "click" },
        { trigger: ".o_sdm_plan_empty" },
        { trigger: ".o_sdm_plan_next", run: "click" },
        { trigger: ".o_sdm_plan_kpi[data-kpi=won_amount]" },
    ],
});

/** A head looks at a person of the group, from the menu. */
registry.category("web_tour.tours").add("sdm_my_plan_head_tour", {
    steps: () => [
        ...stepUtils.goToAppSteps("sdm_segmentation.sdm_segmentation_menu_root"),
        { trigger: "button[data-menu-xmlid='sdm_kpi.sdm_kpi_menu_root']", run: "click" },
        { trigger: "[data-menu-xmlid='sdm_kpi.sdm_my_plan_menu']", run: "click" },
        { trigger: ".o_sdm_plan_kpi[data-kpi=won_amount] .o_sdm_plan_value:contains(100)" },
    ],
});

/** The head compares the group, sees where the month ends, and goes from a number to its documents. */
registry.category("web_tour.tours").add("sdm_scorecard_tour", {
    steps: () => [
        ...stepUtils.goToAppSteps("sdm_segmentation.sdm_segmentation_menu_root"),
        { trigger: "button[data-menu-xmlid='sdm_kpi.sdm_kpi_menu_root']", run: "click" },
        { trigger: "[data-menu-xmlid='sdm_kpi.sdm_scorecard_menu']", run: "click" },
        { trigger: ".o_sdm_card_person:contains(Tour Seller) td[data-kpi=won_amount]:contains(100):contains(400)" },
        { trigger: ".o_sdm_card_outlook", run: "click" },
        { trigger: ".o_sdm_outlook tr[data-kpi=won_amount] td:contains(400)" },
        { trigger: ".o_sdm_card_sort", run: "click" },
        { trigger: ".o_sdm_card_total td[data-kpi=won_amount] button:contains(100)", run: "click" },
        { trigger: ".o_pivot:contains(Tour Seller)" },
        { trigger: ".o_back_button, .breadcrumb-item a", run: "click" },
        { trigger: ".o_sdm_card_person:contains(Tour Seller) td[data-kpi=won_amount] button", run: "click" },
        { trigger: ".o_data_row:contains(Tour Customer)" },
        { trigger: ".o_back_button, .breadcrumb-item a", run: "click" },
        { trigger: ".o_sdm_card_person .o_sdm_card_person_name:contains(Tour Seller)", run: "click" },
        { trigger: ".o_sdm_plan_kpi[data-kpi=won_amount]" },
    ],
});
