from . import sdm_kpi_entry, sdm_kpi_report
