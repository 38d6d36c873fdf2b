from . import (
    sdm_kpi_entry,
    sdm_kpi_forecast_accuracy,
    sdm_kpi_parallel,
    sdm_kpi_report,
    sdm_kpi_report_plan,
    sdm_kpi_sign,
    sdm_plan_cells,
    sdm_plan_check,
    sdm_plan_comparison,
    sdm_plan_gap,
    sdm_reconciliation,
    sdm_source_status,
)
