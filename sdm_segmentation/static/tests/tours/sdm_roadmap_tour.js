import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

/**
 * Roadmap -> order for the own kind of business -> what comes next -> decision -> what comes next then.
 *
 * Without texts of the interface, so that it runs in each language.
 */
const toDecision = () => [
    ...stepUtils.goToAppSteps("sdm_segmentation.sdm_segmentation_menu_root"),
    {
        content: "until an order is chosen, the top of the roadmap offers it",
        trigger: ".o_sdm_next a[data-kind=template]",
        run: "click",
    },
    {
        content: "the second kind of business: project sales",
        trigger: ".modal div[name=template_id] .o_radio_item:nth-of-type(2) input",
        run: "click",
    },
    {
        content: "strategy moves to the first place before anything is written",
        trigger: ".modal .o_sdm_template_preview tr[data-step=strategy]:first-child b:contains(1)",
    },
    { trigger: ".modal button[name=action_apply]", run: "click" },
    {
        content: "the roadmap has the order, and the offer is gone",
        trigger: "body:not(:has(.modal)) .o_sdm_next:not(:has(a[data-kind=template]))",
    },
    { trigger: ".o_sdm_next button.btn-primary", run: "click" },
    {
        content: "what comes next is strategy, with the reason of its place",
        trigger: "div[name=reason] textarea",
    },
    {
        trigger: "div[name=decision] .odoo-editor-editable",
        run: "editor We bid for pumping stations up to 50 km away",
    },
    { trigger: "button[name=action_decide]", run: "click" },
    { trigger: "button[name=action_reopen]" },
    { trigger: ".o_back_button, .breadcrumb-item:last-of-type a", run: "click" },
    {
        content: "the next decision is another one",
        trigger: ".o_sdm_next button.btn-primary",
        run: "click",
    },
    { trigger: "button[name=action_decide]" },
];

registry.category("web_tour.tours").add("sdm_roadmap_tour", { steps: toDecision });
