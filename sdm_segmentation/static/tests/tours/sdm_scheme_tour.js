import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

function openMenu(section, entry) {
    return [
        { trigger: `button[data-menu-xmlid='sdm_segmentation.${section}']`, run: "click" },
        { trigger: `[data-menu-xmlid='sdm_segmentation.${entry}']`, run: "click" },
    ];
}

/**
 * A scheme from its template, looked at, put in force, explained for a customer, and decided otherwise for another.
 *
 * @param {Object} words a last day as the reader writes it
 */
function schemeSteps(words) {
    return [
        ...stepUtils.goToAppSteps("sdm_segmentation.sdm_segmentation_menu_root"),
        ...openMenu("sdm_segments_menu", "sdm_scheme_menu"),
        { trigger: ".o_list_view .o_control_panel button.btn-primary:not(.o_searchview_dropdown_toggler)", run: "click" },
        { trigger: ".modal div[name=template_id] .o_radio_item:first-child input", run: "click" },
        { trigger: ".modal div[name=name] input", run: "edit Tour ABC" },
        { trigger: ".modal button[name=action_make]", run: "click" },
        {
            content: "the preview shows sizes: two A, one B, one C",
            trigger: ".o_sdm_sizes tbody tr:nth-child(1):contains('A'):contains('2')",
        },
        { trigger: ".o_sdm_moves tbody tr:nth-child(3)" },
        { trigger: ".o_sdm_curve_canvas canvas" },
        { trigger: "button[name=action_put_in_force]", run: "click" },
        { trigger: ".modal div[name=reason] textarea", run: "edit Few customers bring most" },
        { trigger: ".modal button[name=action_apply]", run: "click" },
        { trigger: ".o_statusbar_status button.o_arrow_button_current[data-value=in_force]" },
        ...openMenu("sdm_segments_menu", "sdm_segment_membership_menu"),
        { trigger: ".o_group_header:contains(B)", run: "click" },
        { trigger: ".o_data_row td:contains(Tour Middle)", run: "click" },
        {
            content: "why B: third by revenue, 90 % are before it",
            trigger: "div[name=explanation]:contains('B'):contains('3'):contains('%')",
        },
        { trigger: "div[name=explanation_table] td:contains(Tour ABC)" },
        { trigger: "button[name=action_override]", run: "click" },
        { trigger: ".modal div[name=segment_id] input", run: "click" },
        { trigger: ".modal div[name=segment_id] .o-autocomplete--dropdown-item:contains(/^A$/)", run: "click" },
        { trigger: ".modal div[name=date_to] button, .modal div[name=date_to] input", run: "click" },
        { trigger: ".modal div[name=date_to] input", run: `edit ${words.until}` },
        { trigger: ".modal div[name=reason] textarea", run: "edit Opens a second plant" },
        { trigger: ".modal button[name=action_close]", run: "click" },
        { trigger: "body:not(:has(.modal))" },
        { trigger: ".o_form_view .alert-warning" },
        ...openMenu("sdm_segments_menu", "sdm_segment_override_menu"),
        { trigger: ".o_data_row:contains(Tour Middle):contains(Opens a second plant)" },
        ...openMenu("sdm_segments_menu", "sdm_segment_migration_menu"),
        { trigger: ".o_sdm_migration_matrix" },
    ];
}

registry.category("web_tour.tours").add("sdm_scheme_tour", {
    steps: () => schemeSteps({ until: "12/31/2030" }),
});

registry.category("web_tour.tours").add("sdm_scheme_tour_ru", {
    steps: () => schemeSteps({ until: "31.12.2030" }),
});
