import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

function openMenu(entry) {
    return [
        { trigger: "button[data-menu-xmlid='sdm_kpi.sdm_kpi_menu_root']", run: "click" },
        { trigger: `[data-menu-xmlid='sdm_kpi.${entry}']`, run: "click" },
    ];
}

/** A month is looked at and closed, with a word on what was found. */
registry.category("web_tour.tours").add("sdm_closing_tour", {
    steps: () => [
        ...stepUtils.goToAppSteps("sdm_segmentation.sdm_segmentation_menu_root"),
        ...openMenu("sdm_period_menu"),
        { trigger: ".o_data_row:nth-child(2) td[name=display_name]", run: "click" },
        { trigger: "button[name=action_close]", run: "click" },
        {
            content: "a deal has no person",
            trigger: ".modal .o_data_row .text-bg-warning",
        },
        { trigger: ".modal div[name=note] textarea", run: "edit Nobody sold it" },
        { trigger: ".modal button[name=action_apply]", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_arrow_button_current[data-value=closed]" },
        { trigger: "div[name=closing_note]:contains(Nobody sold it)" },
    ],
});

/** A document that changed after its month was closed counts in the present one by decision. */
registry.category("web_tour.tours").add("sdm_differences_tour", {
    steps: () => [
        ...stepUtils.goToAppSteps("sdm_segmentation.sdm_segmentation_menu_root"),
        ...openMenu("sdm_period_difference_menu"),
        { trigger: ".o_data_row:contains(Tour Customer):contains(70):contains(90)" },
        { trigger: "thead .o_list_record_selector input", run: "click" },
        { trigger: "button[name=action_decide]", run: "click" },
        { trigger: ".modal .o_data_row:contains(20)" },
        { trigger: ".modal div[name=reason] textarea", run: "edit The price was wrong" },
        { trigger: ".modal button[name=action_apply]", run: "click" },
        { trigger: "body:not(:has(.modal)):not(:has(.o_data_row))" },
        ...openMenu("sdm_kpi_report_menu"),
        {
            content: "the closed month as it was, and the correction in the present one",
            trigger: ".o_pivot tr:contains(100):contains(20)",
        },
    ],
});
