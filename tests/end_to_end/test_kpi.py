"""Facts in processes of their own: on an export, killed in each phase and run again, two at once."""

import csv
import json
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from tests.end_to_end.exports import PRODUCTS, figures, read_deals, write_small


def shell(database: str, script: str, expected: int = 0) -> str:
    """Run a script in Odoo's shell; ``expected`` is its exit code, below zero for a signal."""
    command = [sys.executable, "-W", "ignore", "-m", "odoo", "shell", "--database", database, "--no-http"]
    done = subprocess.run(command, input=script, capture_output=True, text=True)
    assert done.returncode == expected, done.stdout + done.stderr
    return done.stdout


def result_of(output: str, word: str) -> object:
    """What a script printed after a word, as JSON."""
    return json.loads(next(line for line in output.splitlines() if line.startswith(word)).split(" ", 1)[1])


# -- the export -------------------------------------------------------------------------------------------------------

FACTS = """
import json
codes = ["new_leads", "won_deals", "won_amount", "lost_deals", "win_rate", "average_deal", "open_deals", "revenue"]
env["sdm.kpi"].search([("code", "in", codes)]).is_on = True
tags = {tag.id: tag.name for tag in env["crm.tag"].search([])}
env["sdm.kpi"].create([
    {"name": f"{source} {name}", "code": f"{source}_tag_{number}", "source": source, "measure": measure,
     "filter_domain": f"[('lead_id.tag_ids', 'in', [{number}])]", "is_on": True}
    for number, name in tags.items() for source, measure in (("won", "amount"), ("lost", "documents"))
])
env.cr.commit()
env["sdm.kpi.run"]._cron_run()
Report = env["sdm.kpi.report"]
def values(*groupby):
    return [
        [*(key.name if hasattr(key, "_name") else key and str(key) for key in keys), value]
        for *keys, value in Report._read_group([], ["kpi_id", *groupby], ["value:sum"])
    ]
codes = {kpi.name: kpi.code for kpi in env["sdm.kpi"].search([])}
managers = {team.name: team.user_id.name for team in env["crm.team"].search([])}
print("FACTS", json.dumps({
    "codes": codes, "tags": tags, "managers": managers, "total": values(), "by_team": values("team_id"),
    "by_month": values("employee_id", "date:month"),
    "error": env["sdm.kpi.run"].search([]).mapped("error"),
}))
"""


@pytest.fixture(scope="module", params=["small", "real"])
def export(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small export made here, and the real one where it lies beside the clone."""
    if request.param == "small":
        return write_small(tmp_path_factory.mktemp("export"))
    folder = Path(__file__).resolve().parents[3] / "shared/data/crm_sales_opportunities"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    return folder


@pytest.fixture(scope="module")
def computed(export, copy_template, start_load, tmp_path_factory) -> dict:
    """What the facts of the export say, computed by the scheduled job from its first deal on."""
    name = copy_template()
    process = start_load(tmp_path_factory.mktemp("load"), export, name)
    _output, errors = process.communicate()
    assert process.returncode == 0, errors
    found = result_of(shell(name, FACTS), "FACTS")
    assert found["error"] == [False]
    return found


def by_code(computed: dict, rows: list) -> dict:
    """{code: {rest of the row but its value: value}}"""
    values = defaultdict(dict)
    for name, *keys, value in rows:
        values[computed["codes"][name]][tuple(keys)] = value
    return values


def test_totals_are_the_expected_ones(export, computed):
    """Against plain Python over the CSV files, and against the figures that the real export is published with."""
    expected = figures(read_deals(export))["total"]
    if (export / "expected.json").is_file():
        assert expected == json.loads((export / "expected.json").read_text("utf-8"))["total"]
    found = {code: value for code, rows in by_code(computed, computed["total"]).items() for value in rows.values()}
    assert found["new_leads"] == expected["opportunities"]
    assert (found["won_deals"], found["lost_deals"]) == (expected["won_count"], expected["lost_count"])
    assert found["won_amount"] == found["revenue"] == expected["won_value"]
    assert round(found["win_rate"], 2) == expected["win_rate_pct"]
    assert round(found["average_deal"], 2) == expected["avg_deal_size"]
    assert found["open_deals"] == expected["open_count"]


def test_each_manager_has_what_the_files_say(export, computed):
    expected = figures(read_deals(export))["by_manager"]
    values = by_code(computed, computed["by_team"])
    for manager, numbers in expected.items():
        [team] = [name for name, head in computed["managers"].items() if head == manager]
        assert values["won_amount"][team,] == numbers["won_value"], manager
        assert values["won_deals"][team,] == numbers["won_count"], manager
        assert round(values["win_rate"][team,], 2) == numbers["win_rate_pct"], manager


def test_regions_are_their_managers_together(export, computed):
    deals = read_deals(export)
    values = by_code(computed, computed["by_team"])["won_amount"]
    office_of = {deal.manager: deal.office for deal in deals}
    found = Counter()
    for (team,), value in values.items():
        found[office_of[computed["managers"][team]]] += value
    assert found == {office: numbers["won_value"] for office, numbers in figures(deals)["by_region"].items()}


def test_each_product_has_what_the_files_say(export, computed):
    """By a KPI of its own for each, with a filter on the deal's tag."""
    expected = figures(read_deals(export))["by_product"]
    totals = by_code(computed, computed["total"])
    for number, product in computed["tags"].items():
        if product in expected:
            assert totals[f"won_tag_{number}"][()] == expected[product]["won_value"], product
            assert totals[f"lost_tag_{number}"][()] == expected[product]["lost_count"], product
    assert expected.keys() <= set(computed["tags"].values()) or expected.keys() <= PRODUCTS.keys()


def test_each_person_and_month_has_what_the_files_say(export, computed):
    amounts, deals = Counter(), Counter()
    with (export / "sales_pipeline.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["deal_stage"] == "Won":
                month = datetime.strptime(row["close_date"], "%m/%d/%Y").strftime("%Y-%m-01")
                amounts[row["sales_agent"], month] += int(row["close_value"])
                deals[row["sales_agent"], month] += 1
    values = by_code(computed, computed["by_month"])
    assert values["won_amount"] == {key: value for key, value in amounts.items() if value}
    assert values["won_deals"] == dict(deals)


# -- kills and races --------------------------------------------------------------------------------------------------

MAKE = """
from odoo import fields
stage = env["crm.stage"].create({"name": "Won here", "is_won": True})
customers = env["res.partner"].create([{"name": f"Customer {n}", "is_company": True} for n in range(5)])
env["crm.lead"].create([
    {"name": "Deal", "type": "opportunity", "partner_id": customer.id, "stage_id": stage.id,
     "expected_revenue": 100 + number, "date_closed": fields.Datetime.now()}
    for number, customer in enumerate(customers)
])
env["sdm.kpi"].search([("code", "in", ["won_deals", "won_amount"])]).is_on = True
env.cr.commit()
"""
CRON = "env['sdm.kpi.run']._cron_run()\nenv.cr.commit()\n"
KILLED = """
import os, signal
from odoo.addons.sdm_kpi.models.sdm_kpi_run import SdmKpiRun
def die(*arguments, **values):
    os.kill(os.getpid(), signal.SIGKILL)
refresh = SdmKpiRun._refresh
def refresh_and_die(self, source, scope):
    if moment == "before " + source:
        die()
    refresh(self, source, scope)
    if moment == "after " + source + ", not committed":
        env.flush_all()
        die()
moment = {moment!r}
SdmKpiRun._refresh = refresh_and_die
if moment == "before the end":
    SdmKpiRun._finish = die
"""
MOMENTS = (
    "before revenue",
    "after revenue, not committed",
    "before won",
    "after won, not committed",
    "before the end",
)
STORED = """
SELECT kpi.code, sum(fact.value)::float
  FROM sdm_kpi_fact fact JOIN sdm_kpi kpi ON kpi.id = fact.kpi_id
 WHERE kpi.code IN ('revenue', 'won_amount', 'won_deals') GROUP BY 1 ORDER BY 1
"""
WHOLE = [("revenue", 510.0), ("won_amount", 510.0), ("won_deals", 5.0)]


@pytest.fixture(scope="module")
def database(copy_template: Callable[[], str]) -> str:
    """A database with five won deals and no facts."""
    name = copy_template()
    shell(name, MAKE)
    return name


def test_killed_in_every_phase_and_run_again(database, query):
    """After any kill the facts of a source are whole or not there, and the next night goes on where it was."""
    there = []
    for moment in MOMENTS:
        shell(database, KILLED.format(moment=moment) + CRON, expected=-9)
        there.append([code for code, _value in query(database, STORED)])
    assert there == [[], [], ["revenue"], ["revenue"], ["revenue", "won_amount", "won_deals"]]
    shell(database, CRON)
    assert query(database, STORED) == WHOLE
    assert query(database, "SELECT state, count(*) FROM sdm_kpi_run GROUP BY 1") == [("done", 1)]


def test_a_second_night_changes_nothing(database, query):
    before = query(database, "SELECT * FROM sdm_kpi_fact ORDER BY id")
    shell(database, CRON)
    assert query(database, "SELECT * FROM sdm_kpi_fact ORDER BY id") == before


def test_two_at_once_compute_once(database, query):
    """While one computes, the other passes over what the first one holds, or finds it done."""
    runs = query(database, "SELECT count(*) FROM sdm_kpi_run")
    command = [sys.executable, "-W", "ignore", "-m", "odoo", "shell", "--database", database, "--no-http"]
    pipe = subprocess.PIPE
    both = [subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) for _number in range(2)]
    for process in both:
        process.stdin.write(CRON)
        process.stdin.close()
    for process in both:
        process.wait()
    assert query(database, STORED) == WHOLE
    assert query(database, "SELECT count(*) FROM sdm_kpi_run WHERE state = 'waiting'") == [(0,)]
    assert query(database, "SELECT count(*) FROM sdm_kpi_run") > runs
