"""Steps of playbooks in processes of their own: the nightly job killed in each phase and run again."""

from collections.abc import Callable

import pytest

from tests.end_to_end.test_segmentation import shell

CUSTOMERS = 30
BATCH = 10
# The playbook comes into force for those who come later, and then takes in those who are there, so that the job does it
MAKE = f"""
from odoo import fields
from odoo.fields import Command
today = fields.Date.today()
perimeter = env["sdm.perimeter"]._get_default()
scheme = env["sdm.scheme"].create(
    {{"name": "Tiers", "method": "rules", "is_primary": True, "perimeter_id": perimeter.id}})
segment = env["sdm.segment"].create({{"name": "A", "scheme_id": scheme.id}})
seller = env["res.users"].with_context(no_reset_password=True).create({{"name": "Anna", "login": "anna"}})
customers = env["res.partner"].create(
    [{{"name": f"Customer {{n}}", "is_company": True, "user_id": seller.id}} for n in range({CUSTOMERS})])
env["sdm.segment.membership"].create(
    [{{"partner_id": customer.id, "scheme_id": scheme.id, "segment_id": segment.id, "date_from": today}}
     for customer in customers])
env["sdm.segment.membership"]._write_primary()
call = env.ref("mail.mail_activity_data_call")
plan = env["mail.activity.plan"].create({{"name": "Welcome", "res_model": "res.partner", "company_id": False,
    "template_ids": [
        Command.create({{"activity_type_id": call.id, "summary": "First", "delay_count": 0, "sequence": 1}}),
        Command.create({{"activity_type_id": call.id, "summary": "Second", "delay_count": 10,
                        "delay_from": "after_plan_date", "sequence": 2}})]}})
playbook = env["sdm.playbook"].create({{"name": "Best", "perimeter_id": perimeter.id,
    "segment_ids": [Command.set(segment.ids)], "customer_plan_id": plan.id,
    "norm_ids": [Command.create({{"channel_id": env.ref("sdm_segmentation.sdm_contact_channel_call").id}})]}})
playbook._put_in_force(today, "Tested")
playbook.sudo().write({{"enrols_present": True, "date_begun": today}})
env["sdm.enrolment"].search([("playbook_id", "=", playbook.id)]).unlink()
env.cr.commit()
"""
# A process that dies in the nth call of a step of the job: before it, or after it and before the commit
KILLED = """
import os, signal
from odoo.addons.sdm_segmentation.models.playbook import sdm_enrolment as module
Enrolment = module.SdmEnrolment
module.BATCH = {batch}
calls = []
def dying(method):
    def run(self, *arguments, **values):
        calls.append(method)
        if {moment!r} == "before" and len(calls) == {call}:
            os.kill(os.getpid(), signal.SIGKILL)
        result = method(self, *arguments, **values)
        env.flush_all()
        if {moment!r} == "after" and len(calls) == {call}:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    return run
Enrolment.{method} = dying(Enrolment.{method})
"""
CRON = "env['sdm.enrolment']._cron_run()\nenv.cr.commit()\n"
STATES = "SELECT state, done_count, is_planned, count(*) FROM sdm_enrolment GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
# enrolments whose own note of the activity and the activity itself contradict each other
HALF = """
SELECT count(*) FROM sdm_enrolment enrolment
  LEFT JOIN mail_activity activity ON activity.id = enrolment.activity_id AND activity.active
 WHERE enrolment.is_planned <> (activity.id IS NOT NULL)
"""
ACTIVITIES = "SELECT count(*), count(DISTINCT res_id) FROM mail_activity WHERE active AND res_model = 'res.partner'"


@pytest.fixture(scope="module")
def database(copy_template: Callable[[], str]) -> str:
    """A database with 30 customers whose playbook has steps that nobody is in yet."""
    name = copy_template()
    shell(name, MAKE)
    return name


def kill(database, method, moment="after", call=1):
    shell(database, KILLED.format(batch=BATCH, method=method, moment=moment, call=call) + CRON, expected=-9)


def test_killed_while_steps_begin_and_are_planned(database, query):
    """What was not committed is not there; the next run goes on where the last commit was."""
    kill(database, "_follow_segments")
    assert query(database, STATES) == []
    kill(database, "_end_by_events")
    assert query(database, STATES) == []
    # begun and committed, nothing planned
    kill(database, "_plan_steps", "before")
    assert query(database, STATES) == [("active", 0, False, CUSTOMERS)]
    # in the second batch: the first one is whole, the second one is not there
    kill(database, "_plan_steps", call=2)
    assert query(database, STATES) == [("active", 0, False, CUSTOMERS - BATCH), ("active", 0, True, BATCH)]
    assert query(database, HALF) == [(0,)]
    assert query(database, ACTIVITIES) == [(BATCH, BATCH)]
    shell(database, CRON)
    assert query(database, STATES) == [("active", 0, True, CUSTOMERS)]
    # one activity for each customer, whatever was killed before
    assert query(database, ACTIVITIES) == [(CUSTOMERS, CUSTOMERS)]


def test_killed_while_it_goes_on_from_done_steps(database, query):
    query(database, "UPDATE mail_activity SET active = FALSE, date_done = CURRENT_DATE RETURNING id")
    kill(database, "_advance", "before")
    assert query(database, STATES) == [("active", 0, True, CUSTOMERS)]
    kill(database, "_advance", call=2)
    assert query(database, STATES) == [("active", 0, True, CUSTOMERS - BATCH), ("active", 1, False, BATCH)]
    shell(database, CRON)
    # the second step waits ten working days, so nothing is planned
    assert query(database, STATES) == [("active", 1, False, CUSTOMERS)]
    assert query(database, ACTIVITIES) == [(0, 0)]


def test_killed_while_steps_end(database, query):
    gone = "UPDATE res_partner SET active = FALSE WHERE name LIKE 'Customer 1%' RETURNING id"
    number = len(query(database, gone))
    kill(database, "_end", call=2)
    assert query(database, STATES) == [("active", 1, False, CUSTOMERS)]
    kill(database, "_end_by_events")
    assert query(database, STATES) == [("active", 1, False, CUSTOMERS)]
    shell(database, CRON)
    assert query(database, STATES) == [("active", 1, False, CUSTOMERS - number), ("ended", 1, False, number)]
    assert query(database, "SELECT DISTINCT reason FROM sdm_enrolment WHERE state = 'ended'") == [("customer_gone",)]


def test_run_again_nothing_changes(database, query):
    before = query(database, "SELECT * FROM sdm_enrolment ORDER BY id")
    shell(database, CRON)
    assert query(database, "SELECT * FROM sdm_enrolment ORDER BY id") == before
    assert query(database, ACTIVITIES) == [(0, 0)]
