import { Component, onMounted, onPatched, onWillStart, onWillUnmount, useRef } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { getColor } from "@web/core/colors/colors";
import { cookie } from "@web/core/browser/cookie";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** What a scheme would do: sizes and money of the classes, who would move, what is wrong, the cumulative curve. */
export class SegmentationPreview extends Component {
    static template = "sdm_segmentation.SegmentationPreview";
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
        this.canvas = useRef("canvas");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        onMounted(() => this.draw());
        onPatched(() => this.draw());
        onWillUnmount(() => this.chart?.destroy());
    }

    get preview() {
        return this.props.record.data[this.props.name];
    }

    /** Open the customers behind a class or a move. */
    open(domain, name) {
        this.action.doAction({
            type: "ir.actions.act_window",
            name,
            res_model: "sdm.segmentation.change",
            views: [[false, "list"]],
            domain: [["run_id", "=", this.preview.run], ...domain],
        });
    }

    openMove(move) {
        this.open(
            [
                ["previous_segment_id", "=", move.before_id],
                ["segment_id", "=", move.after_id],
            ],
            `${move.before} → ${move.after}`
        );
    }

    draw() {
        this.chart?.destroy();
        this.chart = null;
        if (!this.canvas.el || !this.preview.curve.length) {
            return;
        }
        const color = getColor(1, cookie.get("color_scheme"), "odoo");
        this.chart = new Chart(this.canvas.el, {
            type: "line",
            data: {
                datasets: [
                    {
                        data: [{ x: 0, y: 0 }, ...this.preview.curve.map(([x, y]) => ({ x: x * 100, y: y * 100 }))],
                        borderColor: color,
                        pointRadius: 0,
                        tension: 0.2,
                    },
                ],
            },
            options: {
                animation: false,
                maintainAspectRatio: false,
                plugins: { legend: { display: false } },
                scales: {
                    x: { type: "linear", min: 0, max: 100, ticks: { callback: (value) => `${value} %` } },
                    y: { min: 0, max: 100, ticks: { callback: (value) => `${value} %` } },
                },
            },
        });
    }
}

registry.category("fields").add("sdm_segmentation_preview", {
    component: SegmentationPreview,
    supportedTypes: ["json"],
});
