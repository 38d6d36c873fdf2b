import { Component, onWillStart, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { ControlPanel } from "@web/search/control_panel/control_panel";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { asAction } from "@sdm_segmentation/actions/as_action";

/** How far the plan of a seller is, and what does not count yet; on a phone first. */
export class MyPlan extends Component {
    static template = "sdm_kpi.MyPlan";
    static components = { ControlPanel };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.controlPanelDisplay = {};
        const { sdm_employee_id, sdm_month } = this.props.action.context || {};
        this.employeeId = sdm_employee_id || false;
        this.month = sdm_month || false;
        this.state = useState({ plan: null });
        onWillStart(() => this.load());
    }

    async load() {
        this.state.plan = await this.orm.call("sdm.my.plan", "get_plan", [this.employeeId, this.month]);
    }

    choosePerson(ev) {
        this.employeeId = Number(ev.target.value);
        return this.load();
    }

    /** @param {string} month its first day */
    chooseMonth(month) {
        this.month = month;
        return this.load();
    }

    /** Width of a part of the target, 0 to 100. */
    percent(part) {
        return Math.max(0, Math.min(100, Math.round(100 * (part || 0))));
    }

    /** Where the bar should be by now. */
    due(kpi) {
        return kpi.target > 0 ? this.percent(kpi.target_to_date / kpi.target) : 0;
    }

    async openCommitment(commitment) {
        const action = await this.orm.call("sdm.plan.version", "action_my_commitment", [[commitment.id]]);
        return this.action.doAction(action);
    }

    async openDocuments(kpi) {
        const { person, month } = this.state.plan;
        const action = await this.orm.call("sdm.my.plan", "open_documents", [kpi.id, person.id, month.value]);
        return this.openAction(action);
    }

    openAction(action) {
        return this.action.doAction(asAction(action));
    }
}

registry.category("actions").add("sdm_my_plan", MyPlan);
