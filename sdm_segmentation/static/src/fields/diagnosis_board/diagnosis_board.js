import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { asAction } from "@sdm_segmentation/actions/as_action";

/** Colour of a verdict, as Bootstrap names it. */
const COLORS = {
    critical: "danger",
    attention: "warning",
    fine: "success",
    information: "info",
    no_data: "secondary",
};
/** Colour of a maturity, 0 to 4. */
const MATURITY_COLORS = ["danger", "danger", "warning", "success", "success"];

/** How a change since the earlier diagnosis is shown. */
const CHANGES = {
    better: { icon: "fa-arrow-circle-up", color: "success" },
    worse: { icon: "fa-arrow-circle-down", color: "danger" },
    same: { icon: "fa-minus-circle", color: "muted" },
    different: { icon: "fa-circle-o", color: "muted" },
};

/** A diagnosis by step of the method: verdict and maturity, what contradicts, figures, answers. */
export class DiagnosisBoard extends Component {
    static template = "sdm_segmentation.DiagnosisBoard";
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ explained: {}, answers: {}, onlyPressing: false });
    }

    get steps() {
        const steps = this.props.record.data[this.props.name] || [];
        return this.state.onlyPressing ? steps.filter((step) => step.presses) : steps;
    }

    figures(step) {
        return this.state.onlyPressing
            ? step.figures.filter((figure) => figure.presses)
            : step.figures;
    }

    color(level) {
        return COLORS[level];
    }

    maturityColor(maturity) {
        return MATURITY_COLORS[maturity];
    }

    /** Class of the icon of a change; one that cannot be compared has none. */
    changeClass(change) {
        const shown = CHANGES[change];
        return shown ? `fa ${shown.icon} text-${shown.color} me-1` : "d-none";
    }

    rankLabel(rank) {
        return rank === 1 ? _t("Start here") : _t("Next");
    }

    answersLabel(step) {
        const answered = step.answers.filter((answer) => answer.value && answer.value !== "unknown");
        return _t("Answers: %(answered)s of %(asked)s", {
            answered: answered.length,
            asked: step.answers.length,
        });
    }

    toggle(part, id) {
        this.state[part][id] = !this.state[part][id];
    }

    async openStep(step) {
        await this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "sdm.roadmap.step",
            res_id: step.id,
            views: [[false, "form"]],
        });
    }

    async openRecords(figure) {
        const action = await this.orm.call("sdm.diagnosis.figure", "action_open_records", [
            [figure.id],
        ]);
        await this.action.doAction(asAction(action));
    }
}

registry.category("fields").add("sdm_diagnosis_board", {
    component: DiagnosisBoard,
    displayName: _t("Diagnosis board"),
    supportedTypes: ["json"],
});
