import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** The questions of a diagnosis on one page, grouped by step: a tap an answer. */
export class DiagnosisQuestions extends Component {
    static template = "sdm_segmentation.DiagnosisQuestions";
    static props = { ...standardFieldProps };

    setup() {
        this.state = useState({ commented: {} });
    }

    get answers() {
        return this.props.record.data[this.props.name].records;
    }

    /** Steps in the order of the roadmap, each with its questions. */
    get steps() {
        const steps = new Map();
        for (const answer of this.answers) {
            const { id, display_name: name } = answer.data.step_id;
            if (!steps.has(id)) {
                steps.set(id, { id, name, answers: [] });
            }
            steps.get(id).answers.push(answer);
        }
        return [...steps.values()];
    }

    /** Answered questions; "don't know" is no answer. */
    get answered() {
        return this.count((value) => value && value !== "unknown");
    }

    get progress() {
        const counts = { answered: this.answered, asked: this.answers.length };
        const unknown = this.count((value) => value === "unknown");
        return unknown
            ? _t("%(answered)s of %(asked)s, %(unknown)s not known", { ...counts, unknown })
            : _t("%(answered)s of %(asked)s", counts);
    }

    count(condition) {
        return this.answers.filter((answer) => condition(answer.data.value)).length;
    }

    /** Questions without an answer that were answered in an earlier diagnosis. */
    get suggested() {
        return this.answers.filter((answer) => answer.data.suggestion && !answer.data.value);
    }

    get choices() {
        return this.props.record.data[this.props.name].fields.value.selection;
    }

    isCommented(answer) {
        return this.state.commented[answer.resId] || answer.data.comment;
    }

    async choose(answer, value) {
        await answer.update({ value });
    }

    async comment(answer, comment) {
        await answer.update({ comment: comment.trim() || false });
    }

    async confirmSuggested() {
        for (const answer of this.suggested) {
            await answer.update({ value: answer.data.suggestion });
        }
    }

    /** Save and go back to the diagnosis, which shows what follows from the answers. */
    async finish() {
        if (await this.props.record.save()) {
            this.env.config.historyBack();
        }
    }
}

registry.category("fields").add("sdm_diagnosis_questions", {
    component: DiagnosisQuestions,
    displayName: _t("Questions of a diagnosis"),
    supportedTypes: ["one2many"],
    useSubView: true,
});
