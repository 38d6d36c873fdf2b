import { Component, onWillStart, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { kanbanView } from "@web/views/kanban/kanban_view";

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
        await this.action.doAction(await this.orm.call("sdm.diagnosis", method, [[]]));
    }
}

export class RoadmapKanbanRenderer extends KanbanRenderer {
    static template = "sdm_segmentation.RoadmapKanbanRenderer";
    static components = { ...KanbanRenderer.components, DiagnosisBanner };
}

registry.category("views").add("sdm_roadmap_kanban", {
    ...kanbanView,
    Renderer: RoadmapKanbanRenderer,
});
