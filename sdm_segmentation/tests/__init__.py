from . import (
    test_access,
    test_diagnosis,
    test_diagnosis_customers,
    test_diagnosis_deals,
    test_diagnosis_records,
    test_diagnosis_revenue,
    test_diagnosis_sellers,
    test_ownership,
    test_position,
    test_queries,
    test_roadmap_step,
    test_tours,
)
