import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** Colour of a verdict, as Bootstrap names it. */
const COLORS = {
    critical: "danger",
    attention: "warning",
    fine: "success",
    information: "info",
    no_data: "secondary",
};

/** The figures of a diagnosis, grouped by the step of the method that they speak of. */
export class DiagnosisBoard extends Component {
    static template = "sdm_segmentation.DiagnosisBoard";
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ explained: {} });
    }

    get steps() {
        const steps = new Map();
        for (const figure of this.props.record.data[this.props.name].records) {
            const { id, display_name: name } = figure.data.step_id;
            if (!steps.has(id)) {
                const { position, rank, verdict } = figure.data;
                const place = this.selectionLabel(figure, "verdict");
                steps.set(id, { id, name, position, rank, verdict, place, figures: [] });
            }
            steps.get(id).figures.push(figure);
        }
        return [...steps.values()].sort((one, other) => one.position - other.position);
    }

    color(level) {
        return COLORS[level];
    }

    selectionLabel(figure, field) {
        return Object.fromEntries(figure.fields[field].selection)[figure.data[field]];
    }

    rankLabel(rank) {
        return rank === 1 ? _t("Start here") : _t("Next");
    }

    toggle(figure) {
        this.state.explained[figure.resId] = !this.state.explained[figure.resId];
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
            [figure.resId],
        ]);
        await this.action.doAction(action);
    }
}

registry.category("fields").add("sdm_diagnosis_board", {
    component: DiagnosisBoard,
    displayName: _t("Diagnosis board"),
    supportedTypes: ["one2many"],
    useSubView: true,
});
