import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

/**
 * First screen -> first diagnosis -> records behind a figure -> decision on the step it begins with.
 *
 * @param {Object} words what the screen says in the reader's language
 */
function diagnosisSteps(words) {
    return [
        ...stepUtils.goToAppSteps("sdm_segmentation.sdm_segmentation_menu_root"),
        {
            content: "all three stages of the method are there",
            trigger: ".o_kanban_group:nth-of-type(3) .o_kanban_record",
        },
        {
            content: "nothing is measured yet, so the banner offers it",
            trigger: `.o_sdm_banner:contains(${words.question})`,
        },
        { trigger: `.o_sdm_banner button:contains(${words.measure})`, run: "click" },
        {
            content: "the outcome names the step to start with",
            trigger: `.o_sdm_summary:contains(${words.start})`,
        },
        {
            content: "no data is said in words",
            trigger: `.o_sdm_figure[data-level=no_data]:contains(${words.missing})`,
        },
        {
            content: "how a figure is counted",
            trigger: "section[data-step='1'] .o_sdm_figure:first-of-type button.btn-link",
            run: "click",
        },
        { trigger: "section[data-step='1'] .o_sdm_definition" },
        {
            content: "the records behind a figure",
            trigger: `section[data-step='1'] .o_sdm_figure:contains(${words.figure}) button:contains(${words.records})`,
            run: "click",
        },
        { trigger: ".o_list_view .o_data_row:nth-of-type(10)" },
        { trigger: ".o_back_button, .breadcrumb-item:last-of-type a", run: "click" },
        {
            content: "what data cannot show is asked",
            trigger: "button[name=action_answer].btn-primary",
            run: "click",
        },
        ...["3", "4", "3"].map((value, index) => ({
            trigger: `section:first-of-type .o_sdm_question:nth-of-type(${
                index + 1
            }) label[data-value='${value}']`,
            run: "click",
        })),
        {
            trigger: "section:nth-of-type(2) .o_sdm_question:nth-of-type(1) label[data-value=unknown]",
            run: "click",
        },
        {
            trigger: "section:nth-of-type(2) .o_sdm_question:nth-of-type(1) .o_sdm_add_comment",
            run: "click",
        },
        {
            trigger: "section:nth-of-type(2) .o_sdm_question:nth-of-type(1) input[type=text]",
            run: "edit Ask the heads && press Tab",
        },
        {
            content: "who does not know gives no answer",
            trigger: ".o_sdm_answered:contains(3)",
        },
        { trigger: ".o_sdm_finish", run: "click" },
        {
            content: "the answers say followed, the facts contradict it",
            trigger: "section[data-step='1'] .o_sdm_maturity:contains(2 – )",
        },
        { trigger: "section[data-step='1'] .o_sdm_remark.alert:contains(3 – )" },
        {
            content: "only what presses",
            trigger: "#o_sdm_only_pressing",
            run: "click",
        },
        { trigger: "section[data-step='1']:not(:has([data-level=fine], [data-level=information]))" },
        {
            content: "a new diagnosis offers the last answers",
            trigger: "button[name=action_measure_now]",
            run: "click",
        },
        {
            trigger: ".o_sdm_diagnosis_board:not(:has(.o_sdm_maturity))",
        },
        { trigger: "button[name=action_answer].btn-primary", run: "click" },
        { trigger: ".o_sdm_question:has(.o_sdm_suggested) label[data-value='4']" },
        { trigger: ".o_sdm_as_last_time", run: "click" },
        { trigger: ".o_sdm_questions:not(:has(.o_sdm_as_last_time))" },
        { trigger: ".o_sdm_finish", run: "click" },
        { trigger: "section[data-step='1'] .o_sdm_maturity:contains(2 – )" },
        {
            content: "compared with the earlier one",
            trigger: "div[name=compared_id] input",
            run: "click",
        },
        {
            trigger: `div[name=compared_id] .o-autocomplete--dropdown-item a:contains(${words.title})`,
            run: "click",
        },
        { trigger: "section[data-step='1'] header .o_sdm_change[data-change=same]" },
        { trigger: "section[data-step='1'] .o_sdm_figure .o_sdm_change[data-change=same]" },
        ...stepUtils.saveForm(),
        {
            content: "from the board to the step",
            trigger: "section[data-step='1'] header a",
            run: "click",
        },
        {
            trigger: "div[name=decision] .odoo-editor-editable",
            run: "editor ABC by revenue of the last 12 months, reviewed each quarter",
        },
        { trigger: `button[name=action_decide]:contains(${words.decide})`, run: "click" },
        {
            content: "the decision is recorded with its date",
            trigger: "button[name=action_reopen]",
        },
        { trigger: "div[name=date_decided]:not(:empty)" },
    ];
}

registry.category("web_tour.tours").add("sdm_diagnosis_tour", {
    steps: () =>
        diagnosisSteps({
            question: "Where do you stand?",
            measure: "Measure where we stand",
            title: "Where do we stand",
            start: "Start with",
            missing: "No order was confirmed",
            figure: "Customers without a salesperson",
            records: "Show records",
            decide: "Mark as decided",
        }),
});

registry.category("web_tour.tours").add("sdm_diagnosis_tour_ru", {
    steps: () =>
        diagnosisSteps({
            question: "Как обстоят дела?",
            measure: "Провести диагностику",
            title: "Положение дел",
            start: "Начните с",
            missing: "не подтверждено ни одного заказа",
            figure: "Клиенты без продавца",
            records: "Показать записи",
            decide: "Отметить решённым",
        }),
});

registry.category("web_tour.tours").add("sdm_roadmap_seller_tour", {
    steps: () => [
        ...stepUtils.goToAppSteps("sdm_segmentation.sdm_segmentation_menu_root"),
        { content: "a seller begins with the day", trigger: ".o_sdm_day_empty" },
        { trigger: "button[data-menu-xmlid='sdm_segmentation.sdm_roadmap_menu']", run: "click" },
        { trigger: "a[data-menu-xmlid='sdm_segmentation.sdm_roadmap_step_menu']", run: "click" },
        { trigger: ".o_kanban_record:contains(Segmentation)" },
        {
            content: "a diagnosis of the department is not for sellers",
            trigger: "body:not(:has(.o_sdm_banner))",
        },
        { trigger: ".o_kanban_record:contains(Segmentation)", run: "click" },
        { trigger: ".o_form_view:not(:has(button[name=action_decide]))" },
    ],
});
