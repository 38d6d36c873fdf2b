import { Component, onWillStart, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { ListController } from "@web/views/list/list_controller";
import { listView } from "@web/views/list/list_view";

/**
 * Above the totals: how fresh they are, and what nobody is credited with. A click on that leads to the documents.
 */
export class Unassigned extends Component {
    static template = "sdm_kpi.Unassigned";
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ text: "", status: null });
        onWillStart(() => {
            // the totals do not wait for it
            this.load();
        });
    }

    async load() {
        const [text, status] = await Promise.all([
            this.orm.call("sdm.kpi.entry", "get_unassigned", []),
            this.orm.call("sdm.period", "get_status", []),
        ]);
        Object.assign(this.state, { text, status });
    }

    open() {
        return this.action.doAction("sdm_kpi.sdm_kpi_entry_action_unassigned");
    }
}

class UnassignedListController extends ListController {
    static template = "sdm_kpi.UnassignedList";
    static components = { ...ListController.components, Unassigned };
}

registry.category("views").add("sdm_kpi_list", { ...listView, Controller: UnassignedListController });
