from . import (
    test_access,
    test_credit,
    test_facts,
    test_facts_oracle,
    test_kpi,
    test_plan,
    test_report_plan,
    test_run,
    test_sources,
    test_tours,
)
