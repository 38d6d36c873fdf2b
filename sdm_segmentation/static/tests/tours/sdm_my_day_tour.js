import { ConnectionLostError, rpc } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

// Without texts of the interface, so that they run in each language.

const openMenu = (section, entry) => [
    { trigger: `button[data-menu-xmlid='sdm_segmentation.${section}']`, run: "click" },
    { trigger: `[data-menu-xmlid='sdm_segmentation.${entry}']`, run: "click" },
];

/**
 * From now on, until the page is read again, contacts do not get through.
 *
 * @param {boolean} arrives whether the server gets them and only its answer is lost
 */
function loseConnection(arrives) {
    const real = rpc._rpc;
    rpc._rpc = async (url, params, settings) => {
        if (params?.method === "log_contact") {
            if (arrives) {
                await real(url, params, settings);
            }
            throw new ConnectionLostError(url);
        }
        return real(url, params, settings);
    };
}

const entry = (name) => `.o_sdm_entry:has(.o_sdm_entry_name:contains(${name}))`;

/** The director makes a playbook from a template and puts it in force. */
registry.category("web_tour.tours").add("sdm_playbook_tour", {
    steps: () => [
        ...stepUtils.goToAppSteps("sdm_segmentation.sdm_segmentation_menu_root"),
        ...openMenu("sdm_playbooks_menu", "sdm_playbook_menu"),
        { trigger: ".o_list_view .o_control_panel button.btn-primary:not(.o_searchview_dropdown_toggler)", run: "click" },
        { trigger: ".modal div[name=segment_ids] input", run: "edit A" },
        { trigger: ".modal .o-autocomplete--dropdown-item:contains(/^A$/)", run: "click" },
        { trigger: ".modal div[name=name] input", run: "edit Tour playbook" },
        { trigger: ".modal button[name=action_make]", run: "click" },
        { trigger: "div[name=norm_ids] .o_data_row" },
        { trigger: "button[name=action_put_in_force]", run: "click" },
        { trigger: ".modal div[name=reason] textarea", run: "edit Our best customers were met twice a year" },
        { trigger: ".modal button[name=action_apply]", run: "click" },
        { trigger: ".o_statusbar_status button.o_arrow_button_current[data-value=in_force]" },
    ],
});

/** A seller in the field: who is due and why, a contact in three taps, the connection lost and found again. */
registry.category("web_tour.tours").add("sdm_my_day_tour", {
    steps: () => [
        { content: "two customers are overdue", trigger: `.o_sdm_day_overdue ${entry("Tour Alfa")}` },
        { trigger: `${entry("Tour Alfa")} .o_sdm_call[href='tel:+7 1']` },
        { trigger: `${entry("Tour Alfa")} .o_sdm_prompt`, run: "click" },
        { trigger: `${entry("Tour Alfa")} .o_sdm_prompt_text:contains(What did they buy last)`, run: () => loseConnection(false) },
        { trigger: `${entry("Tour Alfa")} .o_sdm_log`, run: "click" },
        { trigger: ".o_sdm_save:disabled" },
        { trigger: ".o_sdm_results [data-result=connected]", run: "click" },
        { content: "the next step and its day are proposed", trigger: ".o_sdm_days .btn-primary" },
        { trigger: ".o_sdm_steps .btn-primary" },
        { trigger: ".o_sdm_save:enabled", run: "click" },
        { content: "it is kept, and that is seen", trigger: `${entry("Tour Alfa")} .o_sdm_unsent` },
        { trigger: ".o_sdm_unsent_list .list-group-item:contains(Tour Alfa)" },
        { content: "something half entered", trigger: `${entry("Tour Beta")} .o_sdm_log`, run: "click" },
        { trigger: ".o_sdm_results [data-result=no_response]", run: "click" },
        { trigger: ".o_sdm_note", run: "edit Try the plant" },
        {
            content: "the page is opened again, and the connection is back",
            trigger: ".o_sdm_save:enabled",
            run: () => window.location.reload(),
            expectUnloadPage: true,
        },
        { content: "what waited is sent by itself", trigger: `.o_sdm_day:not(:has(${entry("Tour Alfa")}))` },
        { trigger: "body:not(:has(.o_sdm_unsent_list))", run: () => loseConnection(true) },
        { trigger: `${entry("Tour Beta")} .o_sdm_log`, run: "click" },
        { content: "what was entered is still there", trigger: ".o_sdm_restored" },
        { trigger: ".o_sdm_results [data-result=no_response].btn-primary" },
        { trigger: ".o_sdm_note:value(Try the plant)" },
        { content: "the server gets it, and its answer is lost", trigger: ".o_sdm_save:enabled", run: "click" },
        {
            trigger: ".o_sdm_unsent_list .list-group-item:contains(Tour Beta)",
            run: () => window.location.reload(),
            expectUnloadPage: true,
        },
        {
            content: "sent once more, taken once; the meeting that the playbook asks for stays due",
            trigger: `.o_sdm_day:not(:has(.o_sdm_unsent_list)) ${entry("Tour Beta")} .o_sdm_log`,
        },
    ],
});

/** A seller moves a deal on: one criterion warns, the other one blocks. */
registry.category("web_tour.tours").add("sdm_stage_tour", {
    steps: () => [
        { trigger: "div[name=sdm_missing]:contains(The budget is known):contains(The plan is there)" },
        { content: "a contact can be logged here too", trigger: ".o_sdm_log_bar .o_sdm_log" },
        { trigger: ".o_statusbar_status button:contains(Tour offer):not(.o_first)", run: "click" },
        { content: "it says what is missing", trigger: ".modal:contains(The budget is known)" },
        { trigger: ".modal button.btn-primary", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_form_button_cancel", run: "click" },
        { trigger: ".o_form_view .o_form_saved, .o_form_view:not(:has(.o_form_button_cancel))" },
    ],
});

/** The head lets it pass, with a reason. */
registry.category("web_tour.tours").add("sdm_stage_exemption_tour", {
    steps: () => [
        { trigger: "button[name=action_sdm_move_anyway]", run: "click" },
        { trigger: ".modal div[name=stage_id] input", run: "edit Tour offer" },
        { trigger: ".modal .o-autocomplete--dropdown-item:contains(Tour offer)", run: "click" },
        { trigger: ".modal div[name=reason] textarea", run: "edit The papers follow on Monday" },
        { trigger: ".modal button[special=save]", run: "click" },
        { trigger: "body:not(:has(.modal))" },
    ],
});
