from . import (
    crm_lead,
    res_partner,
    sdm_diagnosis,
    sdm_diagnosis_customers,
    sdm_diagnosis_deals,
    sdm_diagnosis_figure,
    sdm_diagnosis_measure,
    sdm_diagnosis_revenue,
    sdm_diagnosis_seller,
    sdm_diagnosis_sellers,
    sdm_diagnosis_step,
    sdm_roadmap_step,
)
