"""Segmentation in processes of its own: killed in each phase and run again, two at once, and on an export."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.end_to_end.exports import write_small
from tests.end_to_end.figures_of_export import expected_classes

MAKE = """
from odoo import fields
customers = env["res.partner"].create([{"name": f"Customer {n}", "is_company": True} for n in range(40)])
stage = env["crm.stage"].create({"name": "Won here", "is_won": True})
deals = env["crm.lead"].create([
    {"name": "Deal", "type": "opportunity", "partner_id": customer.id, "stage_id": stage.id,
     "expected_revenue": 1000 // (number + 1), "date_closed": fields.Datetime.now()}
    for number, customer in enumerate(customers)
])
scheme = env.ref("sdm_segmentation.sdm_scheme_template_abc")._make_scheme("ABC", source="deal")
scheme.is_primary = True
scheme.draft_version_id._put_in_force(fields.Date.today(), "Tested")
env.cr.commit()
"""
CRON = "env['sdm.segmentation.run']._cron_run()\nenv.cr.commit()\n"
# A process that dies at the given moment: before or after a method
KILLED = """
import os, signal
from odoo.addons.sdm_segmentation.models.segmentation.sdm_segment_membership import SdmSegmentMembership
from odoo.addons.sdm_segmentation.models.segmentation.sdm_segmentation_run import SdmSegmentationRun
def die(*arguments, **values):
    os.kill(os.getpid(), signal.SIGKILL)
def dies_after(method):
    def run(self, *arguments, **values):
        method(self, *arguments, **values)
        env.flush_all()
        die()
    return run
moment = {moment!r}
if moment == "before the run is there":
    SdmSegmentationRun._start = dies_after(SdmSegmentationRun._start)
elif moment == "before computing":
    SdmSegmentationRun._apply = die
elif moment == "carried out, not committed":
    SdmSegmentMembership._apply_run = dies_after(SdmSegmentMembership._apply_run)
elif moment == "before what follows":
    SdmSegmentationRun._after_apply = die
elif moment == "done, not committed":
    SdmSegmentationRun._apply = dies_after(SdmSegmentationRun._apply)
"""
MOMENTS = (
    "before the run is there",
    "before computing",
    "carried out, not committed",
    "before what follows",
    "done, not committed",
)
CLASSES = """
SELECT partner.name, segment.name ->> 'en_US', shown.name ->> 'en_US'
  FROM sdm_segment_membership membership
  JOIN res_partner partner ON partner.id = membership.partner_id
  JOIN sdm_segment segment ON segment.id = membership.segment_id
  LEFT JOIN sdm_segment shown ON shown.id = partner.sdm_segment_id
 WHERE membership.date_to IS NULL ORDER BY 1
"""


def shell(database: str, script: str, expected: int = 0) -> str:
    """Run a script in Odoo's shell; ``expected`` is its exit code, below zero for a signal."""
    command = [sys.executable, "-W", "ignore", "-m", "odoo", "shell", "--database", database, "--no-http"]
    done = subprocess.run(command, input=script, capture_output=True, text=True)
    assert done.returncode == expected, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def database(copy_template: Callable[[], str]) -> str:
    """A database with 40 customers and a scheme that was put in force and not computed yet."""
    name = copy_template()
    shell(name, MAKE)
    return name


def test_killed_in_every_phase_and_run_again(database, query):
    """Nothing is half applied after any kill, and the next job goes on with the run as if nothing had happened."""
    for moment in MOMENTS:
        shell(database, KILLED.format(moment=moment) + CRON, expected=-9)
        assert query(database, CLASSES) == [], moment
        waiting = [] if moment == MOMENTS[0] else [("waiting",)]
        assert query(database, "SELECT state FROM sdm_segmentation_run") == waiting, moment
    shell(database, CRON)
    assert query(database, "SELECT state FROM sdm_segmentation_run") == [("done",)]
    classes = query(database, CLASSES)
    # 1000, 500, 333 ...: 4,264 in all; 80 % of it (3,411) lie before the 18th, 95 % (4,051) before the 33rd
    amounts = sorted((1000 // (number + 1) for number in range(40)), reverse=True)
    expected = {}
    before = 0
    for number, amount in enumerate(amounts):
        part = before * 100 / sum(amounts)
        expected[f"Customer {number}"] = "A" if part < 80 else "B" if part < 95 else "C"
        before += amount
    assert {name: segment for name, segment, _shown in classes} == expected
    assert all(segment == shown for _name, segment, shown in classes)


def test_a_preview_killed_before_it_is_kept_is_computed_by_the_next_job(database, query):
    start = """
version = env["sdm.scheme.version"].search([("state", "=", "in_force")], limit=1)
env["sdm.segmentation.run"]._start(version, "preview", fields.Date.add(fields.Date.today(), years=2))
env.cr.commit()
"""
    shell(database, "from odoo import fields" + start)
    killed = KILLED.format(moment="") + "SdmSegmentationRun._stage = dies_after(SdmSegmentationRun._stage)\n"
    shell(database, killed + CRON, expected=-9)
    assert query(database, "SELECT count(*) FROM sdm_segmentation_change") == [(0,)]
    shell(database, CRON)
    states = query(database, "SELECT state, changed_count FROM sdm_segmentation_run WHERE kind = 'preview'")
    # two years on nobody has bought anything in the window, so all 40 would leave
    assert states == [("staged", 40)]
    assert query(database, "SELECT count(*) FROM sdm_segmentation_change WHERE segment_id IS NULL") == [(40,)]


def test_a_second_night_changes_nothing(database, query):
    before = query(database, "SELECT * FROM sdm_segment_membership ORDER BY id")
    # as if today's run had been yesterday's
    query(database, "UPDATE sdm_segmentation_run SET date = date - 1 RETURNING id")
    shell(database, CRON)
    assert query(database, "SELECT * FROM sdm_segment_membership ORDER BY id") == before


def test_the_second_of_two_runs_at_once_is_told_who_is_running(database):
    script = """
from odoo.exceptions import UserError
Run = env["sdm.segmentation.run"]
version = env["sdm.scheme.version"].search([("state", "=", "in_force")], limit=1)
Run._start(version, "apply")
env.cr.commit()
try:
    Run._start(version, "nightly")
except UserError as error:
    print("TOLD", error)
"""
    assert "has been computing “ABC” since" in shell(database, script)


@pytest.fixture(scope="module", params=["small", "real"])
def export(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small export made here, and the real one where it lies beside the clone."""
    if request.param == "small":
        return write_small(tmp_path_factory.mktemp("export"))
    folder = Path(__file__).resolve().parents[3] / "shared/data/crm_sales_opportunities"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    return folder


def test_abc_of_an_export_by_won_value(export, copy_template, start_load, tmp_path):
    """The same classes as plain loops over the CSV files give."""
    name = copy_template()
    process = start_load(tmp_path, export, name)
    _output, errors = process.communicate()
    assert process.returncode == 0, errors
    script = """
import json
from odoo import fields
scheme = env.ref("sdm_segmentation.sdm_scheme_template_abc")._make_scheme("ABC", source="deal", window_months=60)
version = scheme.draft_version_id
run = env["sdm.segmentation.run"]._start(version, "preview", fields.Date.to_date("2017-12-31"))
run._run()
print("CLASSES", json.dumps({change.partner_id.name: (change.segment_id.name, change.amount)
                             for change in run.change_ids}))
"""
    output = shell(name, script)
    found = json.loads(next(line for line in output.splitlines() if line.startswith("CLASSES")).split(" ", 1)[1])
    assert {account: tuple(row) for account, row in found.items()} == expected_classes(export)
