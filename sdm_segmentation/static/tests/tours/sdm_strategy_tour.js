import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

function openSegments(entry) {
    return [
        { trigger: "button[data-menu-xmlid='sdm_segmentation.sdm_segments_menu']", run: "click" },
        { trigger: `[data-menu-xmlid='sdm_segmentation.${entry}']`, run: "click" },
    ];
}

function putInForce(reason) {
    return [
        { trigger: "button[name=action_put_in_force]", run: "click" },
        { trigger: ".modal div[name=reason] textarea", run: `edit ${reason}` },
        { trigger: ".modal button[name=action_apply]", run: "click" },
        { trigger: "body:not(:has(.modal))" },
        { trigger: ".o_statusbar_status button.o_arrow_button_current[data-value=in_force]" },
    ];
}

/**
 * What is wanted of a segment, the policies of the nine boxes, and who gets the leads. Words are the tester's data, so
 * that the steps are the same in each language.
 */
const strategySteps = () => [
    ...stepUtils.goToAppSteps("sdm_segmentation.sdm_segmentation_menu_root"),
    ...openSegments("sdm_strategy_menu"),
    { trigger: ".o_list_button_add", run: "click" },
    { trigger: "div[name=segment_id] input", run: "edit A" },
    { trigger: ".o-autocomplete--dropdown-item:contains(Tour ABC)", run: "click" },
    { trigger: "div[name=offer] textarea", run: "edit A part within four hours" },
    { trigger: "div[name=user_id] input", run: "edit Tour Leader" },
    { trigger: ".o-autocomplete--dropdown-item:contains(Tour Leader)", run: "click" },
    { content: "the numbers of now stand beside", trigger: ".o_sdm_strategy_numbers" },
    ...putInForce("They bring nine tenths"),
    ...openSegments("sdm_scheme_menu"),
    { trigger: ".o_data_row td:contains(Tour boxes)", run: "click" },
    { trigger: ".o_sdm_take_usual", run: "click" },
    { trigger: ".o_sdm_nine_boxes:not(:has(.o_sdm_take_usual))" },
    { trigger: ".o_sdm_box_customers:contains(AX)", run: "click" },
    { content: "the customers of the box", trigger: ".o_data_row td:contains(Tour Even)" },
    ...openSegments("sdm_lead_routing_menu"),
    { trigger: ".o_list_button_add", run: "click" },
    { content: "who leads the strategy is proposed", trigger: ".o_data_row:first:contains(Tour Leader)" },
    { trigger: "button[name=action_preview]", run: "click" },
    { trigger: "a[name=preview]", run: "click" },
    { trigger: ".o_sdm_lead_routing_preview td:contains(Tour Leader)" },
    ...putInForce("Large ones waited for days"),
    { trigger: "button[name=action_undo]", run: "click" },
    { trigger: ".modal footer .btn-primary", run: "click" },
    { trigger: ".o_statusbar_status button.o_arrow_button_current[data-value=replaced]" },
];

registry.category("web_tour.tours").add("sdm_strategy_tour", { steps: strategySteps });
