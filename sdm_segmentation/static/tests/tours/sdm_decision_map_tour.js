import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

/**
 * What contradicts itself on the decision map, down to the playbook that says so.
 *
 * @param {Object} words what the screen says in the reader's language
 */
function decisionMapSteps(words) {
    return [
        ...stepUtils.goToAppSteps("sdm_segmentation.sdm_segmentation_menu_root"),
        { trigger: "button[data-menu-xmlid='sdm_segmentation.sdm_roadmap_menu']", run: "click" },
        { trigger: "a[data-menu-xmlid='sdm_segmentation.sdm_decision_map_menu']", run: "click" },
        {
            content: "segments in rows, the steps of the method in columns",
            trigger: `.o_sdm_decision_map tbody tr:nth-child(2) td[data-state=contradicts]:contains(${words.why})`,
        },
        { trigger: ".o_sdm_count[data-state=contradicts]", run: "click" },
        { trigger: ".o_sdm_decision_map td[data-state=decided].o_sdm_faded" },
        { trigger: ".o_sdm_decision_map td[data-state=contradicts]:not(.o_sdm_faded) button", run: "click" },
        { trigger: ".o_form_view .o_field_widget[name=norm_ids] .o_data_row" },
    ];
}

registry.category("web_tour.tours").add("sdm_decision_map_tour", {
    steps: () => decisionMapSteps({ why: "a meeting is due every 20 working days" }),
});

registry.category("web_tour.tours").add("sdm_decision_map_tour_ru", {
    steps: () => decisionMapSteps({ why: "встреча нужна каждые 20 рабочих дней" }),
});
