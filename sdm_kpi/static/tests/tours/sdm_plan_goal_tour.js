import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

/**
 * From an empty list of plans to the targets of next year: goal, months, people, preview, written.
 */
function makePlanSteps() {
    return [
        ...stepUtils.goToAppSteps("sdm_segmentation.sdm_segmentation_menu_root"),
        { trigger: "button[data-menu-xmlid='sdm_kpi.sdm_kpi_menu_root']", run: "click" },
        { trigger: "[data-menu-xmlid='sdm_kpi.sdm_plan_menu']", run: "click" },
        { trigger: ".o_data_row td[name=name]:contains(Tour plan)", run: "click" },
        { trigger: ".o_form_view button[name=action_make]", run: "click" },
        { trigger: "div[name=growth] input", run: "edit 20 && press Tab" },
        { content: "120 is 20 % more than 100", trigger: "div[name=amount]:contains(120)" },
        { trigger: "button[name=action_next]", run: "click" },
        {
            content: "twelve months share it",
            trigger: "div[name=month_ids] .o_data_row:nth-child(12)",
        },
        { trigger: "div[name=month_ids] .o_data_row:first-child td[name=share]", run: "click" },
        { trigger: "div[name=month_ids] .o_data_row:first-child td[name=share] input", run: "edit 50 && press Tab" },
        { trigger: "div[name=month_ids] .o_data_row:first-child td[name=amount]:contains(60)" },
        { trigger: "button[name=action_next]", run: "click" },
        { trigger: "div[name=part_ids] .o_data_row:contains(Tour Seller) td[name=amount]:contains(120)" },
        { trigger: "button[name=action_next]", run: "click" },
        { trigger: "div[name=preview] tr:contains(Tour Seller) td:contains(60)" },
        { trigger: "button[name=action_write]", run: "click" },
        { trigger: ".o_sdm_plan_grid:contains(Tour Seller)" },
    ];
}

registry.category("web_tour.tours").add("sdm_plan_goal_tour", { steps: () => makePlanSteps() });
