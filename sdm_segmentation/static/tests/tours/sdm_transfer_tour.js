import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

/**
 * Move a seller to another head from a true date on.
 *
 * @param {Object} words what the screen says, and a date as the reader writes it
 */
function transferSteps(words) {
    return [
        ...stepUtils.goToAppSteps("sdm_segmentation.sdm_segmentation_menu_root"),
        {
            trigger: "button[data-menu-xmlid='sdm_segmentation.sdm_structure_menu']",
            run: "click",
        },
        {
            trigger: "[data-menu-xmlid='sdm_segmentation.sdm_position_menu']",
            run: "click",
        },
        { trigger: ".o_list_view .o_group_header:contains(Tour North)" },
        { trigger: `button:contains(${words.transfer})`, run: "click" },
        { trigger: ".modal div[name=employee_ids] input", run: "edit Tour Vera" },
        {
            trigger: ".modal div[name=employee_ids] .o-autocomplete--dropdown-item:contains(Tour Vera)",
            run: "click",
        },
        { trigger: ".modal div[name=employee_ids] .o_tag:contains(Tour Vera)" },
        { trigger: ".modal div[name=head_id] input", run: "edit Tour South" },
        {
            trigger: ".modal div[name=head_id] .o-autocomplete--dropdown-item:contains(Tour South)",
            run: "click",
        },
        {
            content: "the preview names the present and the new head",
            trigger: ".modal div[name=preview]:contains(Tour North):contains(Tour South)",
        },
        { trigger: ".modal div[name=date] button, .modal div[name=date] input", run: "click" },
        { trigger: ".modal div[name=date] input", run: `edit ${words.date}` },
        { trigger: ".modal button[name=action_apply]", run: "click" },
        {
            content: "the history shows both places",
            trigger: `.o_list_view:has(.o_data_row:contains(Tour North)) .o_data_row:contains(Tour South)`,
        },
    ];
}

registry.category("web_tour.tours").add("sdm_transfer_tour", {
    steps: () => transferSteps({ transfer: "Transfer from a date", date: "06/15/2025" }),
});

registry.category("web_tour.tours").add("sdm_transfer_tour_ru", {
    steps: () => transferSteps({ transfer: "Перевести с даты", date: "15.06.2025" }),
});
