import { Component, onWillStart, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { asAction } from "@sdm_segmentation/actions/as_action";

/** What is decided for each segment in each step, what is missing, and where decisions do not fit together. */
export class DecisionMap extends Component {
    static template = "sdm_segmentation.DecisionMap";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.state = useState({ map: null, shown: null });
        this.display = { controlPanel: {} };
        onWillStart(async () => {
            this.state.map = await this.orm.call("sdm.roadmap.step", "get_decision_map", []);
        });
    }

    /** Show the cells of one state, or all again. */
    toggle(state) {
        this.state.shown = this.state.shown === state ? null : state;
    }

    isFaded(state) {
        return Boolean(this.state.shown) && this.state.shown !== state;
    }

    open(action) {
        return this.action.doAction(asAction(action));
    }
}

registry.category("actions").add("sdm_decision_map", DecisionMap);
