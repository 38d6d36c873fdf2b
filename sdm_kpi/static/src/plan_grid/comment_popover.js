import { Component, onMounted, useRef } from "@odoo/owl";

/** The comment on a target. */
export class CommentPopover extends Component {
    static template = "sdm_kpi.PlanGridComment";
    static props = { note: String, readonly: Boolean, onSave: Function, close: { type: Function, optional: true } };

    setup() {
        this.text = useRef("text");
        onMounted(() => this.text.el?.focus());
    }

    save() {
        this.props.onSave(this.text.el.value.trim());
        this.props.close();
    }

    onKeydown(ev) {
        if (ev.key === "Enter" && (ev.ctrlKey || ev.metaKey)) {
            ev.preventDefault();
            this.save();
        }
        if (ev.key !== "Escape") {
            ev.stopPropagation();
        }
    }
}
