import { registry } from "@web/core/registry";

/** A dashboard that has been opened shows numbers and no error. */
registry.category("web_tour.tours").add("sdm_kpi_dashboard_tour", {
    steps: () => [
        { trigger: ".o_spreadsheet_dashboard_action .o-spreadsheet canvas" },
        { trigger: "body:not(:has(.o_error_dialog)):not(:has(.dashboard-loading-status.error))" },
    ],
});
