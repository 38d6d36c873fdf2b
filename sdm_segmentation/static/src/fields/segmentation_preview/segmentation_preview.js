import { Component, onMounted, onPatched, onWillStart, onWillUnmount, useRef } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { getColor } from "@web/core/colors/colors";
import { cookie } from "@web/core/browser/cookie";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** Lines over a bar chart where classes end; Chart.js draws none by itself. */
const limitLines = (limits) => ({
    id: "sdm_limits",
    afterDatasetsDraw({ ctx, chartArea }) {
        ctx.save();
        ctx.strokeStyle = ctx.fillStyle = Chart.defaults.color;
        ctx.setLineDash([4, 3]);
        ctx.textAlign = "center";
        for (const { at, name } of limits) {
            const x = chartArea.left + at * chartArea.width;
            ctx.beginPath();
            ctx.moveTo(x, chartArea.top);
            ctx.lineTo(x, chartArea.bottom);
            ctx.stroke();
            ctx.fillText(name, x, chartArea.top - 4);
        }
        ctx.restore();
    },
});

/** What a scheme would do: sizes and money of the classes, who would move, what is wrong, and how customers spread. */
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

    /** Carried out already, so that its words are of the past. */
    get isDone() {
        return this.preview.state === "done";
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
        if (!this.canvas.el) {
            return;
        }
        this.chart = new Chart(this.canvas.el, this.preview.spread ? this.spreadChart : this.curveChart);
    }

    /** The share of the total that the largest customers bring. */
    get curveChart() {
        return {
            type: "line",
            data: {
                datasets: [
                    {
                        data: [{ x: 0, y: 0 }, ...this.preview.curve.map(([x, y]) => ({ x: x * 100, y: y * 100 }))],
                        borderColor: this.color(1),
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
        };
    }

    /** How many customers of which class lie where on the number that they are classed by. */
    get spreadChart() {
        const { labels, classes, limits } = this.preview.spread;
        return {
            type: "bar",
            data: {
                labels,
                datasets: classes.map(({ name, place, customers }) => ({
                    label: name,
                    data: customers,
                    backgroundColor: this.color(place + 1),
                    barPercentage: 1,
                    categoryPercentage: 0.95,
                })),
            },
            options: {
                animation: false,
                maintainAspectRatio: false,
                layout: { padding: { top: 14 } },
                plugins: { legend: { position: "bottom", labels: { boxWidth: 12 } } },
                scales: { x: { stacked: true, grid: { display: false } }, y: { stacked: true, ticks: { precision: 0 } } },
            },
            plugins: [limitLines(limits)],
        };
    }

    color(number) {
        return getColor(number, cookie.get("color_scheme"), "odoo");
    }
}

registry.category("fields").add("sdm_segmentation_preview", {
    component: SegmentationPreview,
    supportedTypes: ["json"],
});
