"""A month that is closed in processes of their own: killed in each phase, two at once, and beside a computation."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.end_to_end.test_kpi import shell

MAKE = """
from datetime import timedelta
from odoo import fields
env.user.group_ids |= env.ref("sdm_segmentation.group_sdm_director")
stage = env["crm.stage"].create({"name": "Won here", "is_won": True})
before = fields.Date.today().replace(day=1) - timedelta(days=3)
env["crm.lead"].create([
    {"name": f"Deal {number}", "type": "opportunity", "stage_id": stage.id, "expected_revenue": 100 + number,
     "date_closed": before}
    for number in range(5)
])
env["sdm.kpi"].search([("is_on", "=", True)]).is_on = False
env["sdm.kpi"].search([("code", "in", ["won_deals", "won_amount"])]).is_on = True
env.cr.commit()
env["sdm.kpi.run"]._cron_run()
env["crm.lead"].search([("name", "=", "Deal 0")]).expected_revenue = 1000
env.cr.commit()
"""
CLOSE = """
from odoo.exceptions import UserError
from odoo.service.model import retrying
month = env["sdm.period"].search([("date", "<", fields_today)], limit=1)
try:
    retrying(lambda: month._close("Known"), env)
    env.cr.commit()
    print("CLOSED")
except UserError as error:
    print("REFUSED", error)
"""
TODAY = "from odoo import fields\nfields_today = fields.Date.today().replace(day=1)\n"
KILLED = """
import os, signal
from odoo.addons.sdm_kpi.models.sdm_period import SdmPeriod
from odoo.addons.sdm_kpi.models.sdm_kpi_run import SdmKpiRun
def die(*arguments, **values):
    env.flush_all()
    os.kill(os.getpid(), signal.SIGKILL)
moment = {moment!r}
if moment == "when it begins":
    SdmKpiRun._start = die
elif moment == "when facts are computed":
    SdmPeriod._keep_entries = die
elif moment == "when entries are kept":
    SdmPeriod.write = die
elif moment == "when all is written":
    SdmPeriod.message_post = die
"""
MOMENTS = ("when it begins", "when facts are computed", "when entries are kept", "when all is written")
STATE = """
SELECT (SELECT count(*) FROM sdm_period WHERE state = 'closed'), (SELECT count(*) FROM sdm_period_entry),
       (SELECT sum(value)::float FROM sdm_kpi_fact fact JOIN sdm_kpi kpi ON kpi.id = fact.kpi_id
         WHERE kpi.code = 'won_amount'), (SELECT count(*) FROM sdm_kpi_run WHERE state = 'waiting')
"""


@pytest.fixture(scope="module")
def database(copy_template: Callable[[], str]) -> str:
    """A database with deals won in the month before, facts, and a deal that changed since."""
    name = copy_template()
    shell(name, MAKE)
    return name


def start(database: str, script: str) -> subprocess.Popen:
    command = [sys.executable, "-W", "ignore", "-m", "odoo", "shell", "--database", database, "--no-http"]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    process.stdin.write(script)
    process.stdin.close()
    return process


def test_killed_in_every_phase_nothing_is_closed(database, query):
    for moment in MOMENTS:
        shell(database, TODAY + KILLED.format(moment=moment) + CLOSE, expected=-9)
        assert query(database, STATE) == [(0, 0, 510.0, 0)], moment


def test_two_at_once_close_once(database, query):
    """The second is told that it is closed, or that somebody is at it."""
    both = [start(database, TODAY + CLOSE) for _number in range(2)]
    said = [process.stdout.read() for process in both]
    for process in both:
        process.wait()
    assert sum("CLOSED" in text for text in said) == 1, said
    [refused] = [text for text in said if "CLOSED" not in text]
    assert "has been closed by" in refused or "Try again in a minute" in refused
    # five deals, by number and amount, as they were when the month was closed
    assert query(database, STATE) == [(1, 10, 1410.0, 0)]


def test_a_computation_beside_and_after_it_changes_nothing(database, query):
    facts = "SELECT * FROM sdm_kpi_fact ORDER BY id"
    before = query(database, facts)
    shell(database, "env['crm.lead'].search([('name', '=', 'Deal 1')]).unlink()\nenv.cr.commit()\n")
    both = [start(database, "env['sdm.kpi.run']._cron_run()\nenv.cr.commit()\n") for _number in range(2)]
    for process in both:
        process.stdout.read()
        process.wait()
    assert query(database, facts) == before
    listed = "SELECT kind, reference, old_value::float, new_value::float FROM sdm_period_difference ORDER BY old_value"
    assert query(database, listed) == [("deleted", "Deal 1", 1.0, 0.0), ("deleted", "Deal 1", 101.0, 0.0)]
