import { Component, onWillStart, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { asAction } from "@sdm_segmentation/actions/as_action";

/** Where do we stand: outcome of the latest diagnosis above the roadmap, or the way to the first one. */
export class DiagnosisBanner extends Component {
    static template = "sdm_segmentation.DiagnosisBanner";
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ banner: null });
        onWillStart(async () => {
            this.state.banner = await this.orm.call("sdm.diagnosis", "get_banner", []);
        });
    }

    /** Open the latest diagnosis; where there is none, measure the first one. */
    async open() {
        const method = this.state.banner.id ? "action_open_latest" : "action_measure_now";
        await this.action.doAction(asAction(await this.orm.call("sdm.diagnosis", method, [[]])));
    }
}

/** What to do next: the one thing, why, and what presses besides. */
export class NextSteps extends Component {
    static template = "sdm_segmentation.NextSteps";
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ next: null });
        onWillStart(async () => {
            this.state.next = await this.orm.call("sdm.roadmap.step", "get_next_steps", []);
        });
    }

    /** @param {Object} action of the server */
    open(action) {
        return this.action.doAction(asAction(action));
    }
}

export class RoadmapKanbanRenderer extends KanbanRenderer {
    static template = "sdm_segmentation.RoadmapKanbanRenderer";
    static components = { ...KanbanRenderer.components, DiagnosisBanner, NextSteps };

    setup() {
        super.setup();
        this.roadmap = useState({ version: 0 });
        onWillStart(async () => {
            this.isDirector = await user.hasGroup("sdm_segmentation.group_sdm_director");
        });
    }

    /** The order of the roadmap is the director's. */
    get canResequenceRecords() {
        return super.canResequenceRecords && this.isDirector;
    }

    /** The place of every step, and so what comes next, may change with the place of one. */
    async sortRecordDrop() {
        await super.sortRecordDrop(...arguments);
        await this.props.list.model.load();
        this.roadmap.version++;
    }
}

registry.category("views").add("sdm_roadmap_kanban", {
    ...kanbanView,
    Renderer: RoadmapKanbanRenderer,
});
