import { registry } from "@web/core/registry";

/** The director announces a decided step to one group, as a pilot, and sees who has read it. */
registry.category("web_tour.tours").add("sdm_announcement_tour", {
    steps: () => [
        { trigger: "button[name=action_announce]", run: "click" },
        { content: "everybody is proposed", trigger: ".modal div[name=user_ids]:contains(Tour Boris)" },
        { trigger: ".modal div[name=head_id] input", run: "edit Tour North" },
        { trigger: ".o-autocomplete--dropdown-item a:contains(Tour North)", run: "click" },
        {
            content: "the group alone",
            trigger: ".modal div[name=user_ids]:contains(Tour Anna):not(:contains(Tour Boris))",
        },
        { content: "with the words of the decision", trigger: ".modal div[name=body]:contains(Keep A)" },
        { trigger: ".modal button[name=action_apply]", run: "click" },
        { trigger: "body:not(:has(.modal))" },
        { trigger: ".o_notebook a[name=announced]", run: "click" },
        { content: "who was told", trigger: "div[name=acknowledgement_ids] .o_data_row:contains(Tour Anna)" },
    ],
});

/** A seller of the group confirms to have read it. */
registry.category("web_tour.tours").add("sdm_announcement_read_tour", {
    steps: () => [
        { content: "what is decided", trigger: "div[name=decision]:contains(Keep A)" },
        { trigger: "button[name=action_acknowledge]", run: "click" },
        { trigger: ".o_form_view:not(:has(button[name=action_acknowledge]))" },
    ],
});
