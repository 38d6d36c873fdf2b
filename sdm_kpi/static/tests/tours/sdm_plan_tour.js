import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

function openPlan() {
    return [
        ...stepUtils.goToAppSteps("sdm_segmentation.sdm_segmentation_menu_root"),
        { trigger: "button[data-menu-xmlid='sdm_kpi.sdm_kpi_menu_root']", run: "click" },
        { trigger: "[data-menu-xmlid='sdm_kpi.sdm_plan_menu']", run: "click" },
        { trigger: ".o_data_row:contains(Tour plan) td[name=name]", run: "click" },
        { trigger: "button[name=action_open_version]", run: "click" },
        { trigger: "div[name=plan_id]:contains(Tour plan)" },
    ];
}

function choose(name, text) {
    return [
        { trigger: `.o_selected_row div[name=${name}] input`, run: `edit ${text}` },
        { trigger: `.o-autocomplete--dropdown-item:contains(${text})`, run: "click" },
    ];
}

/** The director makes a plan with one target, and hands it in. */
function planSteps() {
    return [
        ...stepUtils.goToAppSteps("sdm_segmentation.sdm_segmentation_menu_root"),
        { trigger: "button[data-menu-xmlid='sdm_kpi.sdm_kpi_menu_root']", run: "click" },
        { trigger: "[data-menu-xmlid='sdm_kpi.sdm_plan_menu']", run: "click" },
        { trigger: ".o_list_button_add", run: "click" },
        { trigger: "div[name=name] input", run: "edit Tour plan" },
        ...stepUtils.saveForm(),
        { trigger: "button[name=action_open_version]", run: "click" },
        { trigger: "button[name=action_open_targets]", run: "click" },
        { trigger: ".o_list_button_add", run: "click" },
        ...choose("kpi_id", "Tour revenue"),
        ...choose("employee_id", "Tour Seller"),
        { trigger: ".o_selected_row div[name=value] input", run: "edit 100" },
        { trigger: ".o_list_button_save", run: "click" },
        { trigger: "body:not(:has(.o_selected_row))" },
        { trigger: ".breadcrumb-item:last a, .o_back_button a", run: "click" },
        { trigger: "button[name=action_submit]", run: "click" },
        { trigger: "button[name=action_recall]" },
    ];
}

/** A seller commits to less in the first month. */
function commitmentSteps() {
    return [
        ...openPlan(),
        { trigger: "button[name=action_my_commitment]", run: "click" },
        { trigger: ".o_group_header:contains(Tour revenue)", run: "click" },
        { trigger: ".o_data_row:first td[name=value]:contains(100)", run: "click" },
        { trigger: ".o_selected_row div[name=value] input", run: "edit 80" },
        { trigger: ".o_list_button_save", run: "click" },
        { trigger: "body:not(:has(.o_selected_row))" },
        { trigger: "button[name=action_commit]", run: "click" },
        { trigger: ".o_data_row:first td[name=date_given]:not(:empty)" },
    ];
}

/** The director looks at the gap, and decides for the plan. */
function inForceSteps() {
    return [
        ...openPlan(),
        { trigger: "button[name=action_open_commitments]", run: "click" },
        { trigger: ".o_pivot td:contains(-20)" },
        { trigger: ".breadcrumb-item:last a, .o_back_button a", run: "click" },
        { trigger: "button[name=action_put_in_force].btn-primary", run: "click" },
        { trigger: ".modal div[name=reason] textarea", run: "edit It can be done" },
        { trigger: ".modal button[name=action_apply]", run: "click" },
        { trigger: "button[name=action_change]" },
    ];
}

const tours = registry.category("web_tour.tours");
tours.add("sdm_plan_tour", { steps: () => planSteps() });
tours.add("sdm_plan_commitment_tour", { steps: () => commitmentSteps() });
tours.add("sdm_plan_in_force_tour", { steps: () => inForceSteps() });
