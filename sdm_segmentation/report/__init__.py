from . import account_invoice_report, crm_activity_report, sale_report, sdm_access_report, sdm_coverage
