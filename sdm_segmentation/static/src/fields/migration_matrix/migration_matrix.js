import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { asAction } from "@sdm_segmentation/actions/as_action";

const COLORS = {
    up: "text-success",
    down: "text-danger",
    left: "text-danger",
    entered: "text-success",
    stayed: "text-muted",
    moved: "",
};

/** Who moved from which segment to which between two days; a cell opens its customers. */
export class MigrationMatrix extends Component {
    static template = "sdm_segmentation.MigrationMatrix";
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
    }

    get matrix() {
        return this.props.record.data[this.props.name];
    }

    color(kind) {
        return COLORS[kind];
    }

    async open(row, cell) {
        if (!(await this.props.record.save())) {
            return;
        }
        const action = await this.orm.call(this.props.record.resModel, "action_open_cell", [
            [this.props.record.resId],
            row.before,
            cell.after,
        ]);
        this.action.doAction(asAction(action));
    }
}

registry.category("fields").add("sdm_migration_matrix", {
    component: MigrationMatrix,
    supportedTypes: ["json"],
});
