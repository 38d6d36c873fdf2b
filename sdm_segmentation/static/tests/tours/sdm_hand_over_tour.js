import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const openHandOvers = () => [
    ...stepUtils.goToAppSteps("sdm_segmentation.sdm_segmentation_menu_root"),
    {
        trigger: "[data-menu-xmlid='sdm_segmentation.sdm_customers_menu']",
        run: "click",
    },
    {
        trigger: "[data-menu-xmlid='sdm_segmentation.sdm_hand_over_menu']",
        run: "click",
    },
];

/** The giver chooses the receiver, sees who gets what and proposes. */
registry.category("web_tour.tours").add("sdm_hand_over_propose_tour", {
    steps: () => [
        ...openHandOvers(),
        { content: "nothing is there yet", trigger: ".o_view_nocontent" },
        { trigger: ".o_list_button_add", run: "click" },
        { content: "a seller gives the own customers", trigger: "div[name=giver_id] input:value(Anna)" },
        { trigger: "div[name=receiver_id] input", run: "edit Boris" },
        { trigger: ".o-autocomplete--dropdown-item a:contains(Boris)", run: "click" },
        { content: "who gets what", trigger: "div[name=preview]:contains(Boris):contains(Alfa)" },
        { trigger: "button[name=action_propose]", run: "click" },
        {
            content: "it waits for the other side",
            trigger: ".o_arrow_button_current[data-value=proposed]",
        },
        { trigger: "body:not(:has(button[name=action_consent]))" },
    ],
});

/** The receiver finds what waits for consent and consents; the day is today, so it is done. */
registry.category("web_tour.tours").add("sdm_hand_over_consent_tour", {
    steps: () => [
        ...openHandOvers(),
        { trigger: ".o_data_row td[name=giver_id]:contains(Anna)", run: "click" },
        { trigger: "div[name=preview]:contains(Alfa)" },
        { trigger: "button[name=action_consent]", run: "click" },
        { trigger: ".o_arrow_button_current[data-value=done]" },
        { content: "what went over stays to be read", trigger: "div[name=preview]:contains(Alfa)" },
    ],
});
