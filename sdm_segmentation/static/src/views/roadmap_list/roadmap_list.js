import { registry } from "@web/core/registry";
import { listView } from "@web/views/list/list_view";
import { ListRenderer } from "@web/views/list/list_renderer";

export class RoadmapListRenderer extends ListRenderer {
    /** The place of every step may change with the place of one. */
    async sortDrop() {
        await super.sortDrop(...arguments);
        await this.props.list.model.load();
    }
}

registry.category("views").add("sdm_roadmap_list", { ...listView, Renderer: RoadmapListRenderer });
