import { App } from "@odoo/owl";
import { registry } from "@web/core/registry";

/** The model of the spreadsheet that is shown: only its components know it. */
function findModel(node) {
    const model = node.component.props?.model || node.component.props?.dashboard?.model;
    if (model?.getters) {
        return model;
    }
    for (const child of Object.values(node.children)) {
        const found = findModel(child);
        if (found) {
            return found;
        }
    }
    return null;
}

/** The cells of the shown dashboard once all are there, with those that its charts show. */
async function readCells() {
    for (let tries = 0; tries < 100; tries++) {
        const model = [...App.apps].map((app) => findModel(app.root)).find(Boolean);
        const cells = model
            ? model.getters.getSheetIds().flatMap((id) => Object.values(model.getters.getEvaluatedCells(id)))
            : [];
        if (cells.length && !cells.some((cell) => String(cell.value).startsWith("Loading"))) {
            return cells;
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error("The dashboard is still loading");
}

/** A dashboard that has been opened shows numbers and no error. */
registry.category("web_tour.tours").add("sdm_kpi_dashboard_tour", {
    steps: () => [
        {
            trigger: ".o_spreadsheet_dashboard_action .o-spreadsheet canvas",
            run: async () => {
                const errors = (await readCells()).filter((cell) => cell.type === "error");
                if (errors.length) {
                    throw new Error(`Errors in cells: ${errors.map((cell) => cell.value).join(", ")}`);
                }
            },
        },
        { trigger: "body:not(:has(.o_error_dialog)):not(:has(.dashboard-loading-status.error))" },
    ],
});
