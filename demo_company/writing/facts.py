"""The facts of the KPI that are switched on, as the night after would have computed them."""

from __future__ import annotations

from demo_company.writing.records import Records


def write_facts(records: Records) -> None:
    """Compute them for the whole business, unless the company stops before KPI."""
    if "sdm.kpi.run" not in records.env:
        return
    run = records.env["sdm.kpi.run"]
    run._start(records.env["sdm.perimeter"]._get_default())._run()
    records.forget()
