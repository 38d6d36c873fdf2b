import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const openStructure = (menu) => [
    {
        trigger: "button[data-menu-xmlid='sdm_segmentation.sdm_structure_menu']",
        run: "click",
    },
    { trigger: `[data-menu-xmlid='sdm_segmentation.${menu}']`, run: "click" },
];

/** The director starts the pilot with the group that is proposed, and looks up who has what. */
registry.category("web_tour.tours").add("sdm_roll_out_tour", {
    steps: () => [
        ...stepUtils.goToAppSteps("sdm_segmentation.sdm_segmentation_menu_root"),
        ...openStructure("sdm_roll_out_menu"),
        { trigger: ".o_list_button_add", run: "click" },
        {
            content: "the group that is best prepared is proposed",
            trigger: "div[name=head_id] input:value(Tour North)",
        },
        {
            content: "who gets what",
            trigger: "div[name=preview] tr[data-outcome=given]:contains(Tour Anna)",
        },
        {
            content: "who sees all documents is named",
            trigger: "div[name=preview] .alert-warning:contains(Tour Anna)",
        },
        { trigger: "button[name=action_roll_out]", run: "click" },
        { trigger: ".o_arrow_button_current[data-value=pilot]" },
        ...openStructure("sdm_access_report_menu"),
        { trigger: ".o_list_view .o_data_row:contains(Tour Anna) td[name=role] .badge" },
    ],
});

/** Somebody of the group reads the announcement and says so. */
registry.category("web_tour.tours").add("sdm_roll_out_acknowledge_tour", {
    steps: () => [
        { content: "what colleagues may do is not shown", trigger: ".o_form_view:not(:has(div[name=preview]))" },
        { trigger: "div[name=announcement] p" },
        { trigger: "button[name=action_acknowledge]", run: "click" },
        { trigger: ".o_form_view:not(:has(button[name=action_acknowledge]))" },
    ],
});

registry.category("web_tour.tours").add("sdm_roll_out_withdraw_tour", {
    steps: () => [
        { trigger: "button[name=action_withdraw]", run: "click" },
        { trigger: ".modal-footer .btn-primary", run: "click" },
        { trigger: ".o_arrow_button_current[data-value=withdrawn]" },
    ],
});
