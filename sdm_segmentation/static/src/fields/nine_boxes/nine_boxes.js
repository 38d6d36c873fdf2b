import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { asAction } from "@sdm_segmentation/actions/as_action";

/** The boxes of two schemes crossed: customers, money and policy of each; a click opens the customers. */
export class NineBoxes extends Component {
    static template = "sdm_segmentation.NineBoxes";
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
    }

    get grid() {
        return this.props.record.data[this.props.name];
    }

    get hasUsual() {
        return this.grid.rows.some((row) => row.boxes.some((box) => box && box.usual));
    }

    async openCustomers(box) {
        this.action.doAction(asAction(await this.orm.call("sdm.segment", "action_open_customers", [box.id])));
    }

    openSegment(box) {
        this.action.doAction(
            {
                type: "ir.actions.act_window",
                name: box.name,
                res_model: "sdm.segment",
                res_id: box.id,
                views: [[false, "form"]],
                target: "new",
            },
            { onClose: () => this.props.record.load() }
        );
    }

    async takeUsual() {
        await this.orm.call("sdm.scheme", "action_take_policies", [this.props.record.resId]);
        await this.props.record.load();
    }
}

registry.category("fields").add("sdm_nine_boxes", {
    component: NineBoxes,
    supportedTypes: ["json"],
});
