from . import sdm_kpi_entry, sdm_kpi_report, sdm_kpi_report_plan
