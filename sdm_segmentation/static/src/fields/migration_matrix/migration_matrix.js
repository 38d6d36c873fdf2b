import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

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
        this.action.doAction(
            await this.orm.call(this.props.record.resModel, "action_open_cell", [
                [this.props.record.resId],
                row.before,
                cell.after,
            ])
        );
    }
}

registry.category("fields").add("sdm_migration_matrix", {
    component: MigrationMatrix,
    supportedTypes: ["json"],
});
