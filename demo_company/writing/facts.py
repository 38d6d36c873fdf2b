"""The facts of the KPI that are switched on, as the night after would have computed them."""

from __future__ import annotations

from demo_company.writing.records import Records

# Beside the KPI that are on from the beginning: what this company works with
SWITCHED_ON = ("won_amount", "weighted_pipeline", "stalled_share", "offer_conversion", "meetings", "calls", "coverage")


def write_facts(records: Records) -> None:
    """Compute them for the whole business, unless the company stops before KPI."""
    if "sdm.kpi.run" not in records.env:
        return
    kpis = records.env["sdm.kpi"]
    kpis.search([("code", "in", SWITCHED_ON)]).is_on = True
    run = records.env["sdm.kpi.run"]
    run._start(records.env["sdm.perimeter"]._get_default())._run()
    records.forget()
