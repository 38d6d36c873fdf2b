from . import sdm_access_report
