"""Two people decide on one customer, document or plan in the same moment, each in a transaction of an own connection.

Run in Odoo's shell; says what each of them came to as one line of JSON.
"""

import json
import threading
from collections.abc import Callable
from datetime import date
from typing import Any

from odoo import api
from odoo.exceptions import UserError
from odoo.service.model import retrying

SINCE = date(2026, 1, 12)


def race(env: Any) -> None:
    """Try each pair of changes that would be right one by one, and impossible together."""
    people = env["hr.employee"].create([{"name": "Anna"}, {"name": "Boris"}])
    found = {}
    for name, kind, share in (("two leads", "lead", 0.0), ("more than the whole", "co", 0.6)):
        customer = env["res.partner"].create({"name": f"Customer of {name}", "is_company": True})
        env.cr.commit()
        vals = [
            {"partner_id": customer.id, "employee_id": person.id, "kind": kind, "share": share, "date_from": SINCE}
            for person in people
        ]
        found[name] = _compete(env, *_creating("sdm.ownership", vals))
        env.cr.rollback()
        found[name].append(len(env["sdm.ownership"].search([("partner_id", "=", customer.id)])))
        env.cr.commit()
    found["two overrides"] = _override(env)
    found["cancelled"] = _cancel(env)
    found["credits"] = _credit(env, people)
    found["submitted"] = _submit(env)
    print(json.dumps(found))


def _override(env):
    """Two heads override the segment of one customer; no version is in force, so nothing is computed by it."""
    customer = env["res.partner"].create({"name": "Customer of two heads", "is_company": True})
    scheme = env["sdm.scheme"].create({"name": "Tiers", "method": "rules"})
    segments = env["sdm.segment"].create([{"name": name, "scheme_id": scheme.id} for name in ("First", "Second")])
    env.cr.commit()
    vals = [
        {"partner_id": customer.id, "segment_id": segment.id, "reason": "I know them", "date_to": date(2099, 12, 31)}
        for segment in segments
    ]
    results = _compete(env, *_creating("sdm.segment.override", vals))
    env.cr.rollback()
    kept = env["sdm.segment.override"].search([("partner_id", "=", customer.id)])
    env.cr.commit()
    return [*results, *kept.segment_id.mapped("name")]


def _credit(env, people):
    """Two directors credit one order, each to another person by more than half."""
    order = env["sale.order"].create({"partner_id": env["res.partner"].create({"name": "Customer of two"}).id})
    env.cr.commit()
    vals = [
        {"document": f"sale.order,{order.id}", "employee_id": person.id, "share": 0.6, "reason": "Agreed"}
        for person in people
    ]
    results = _compete(env, *_creating("sdm.credit", vals))
    env.cr.rollback()
    kept = env["sdm.credit"].search([("res_model", "=", "sale.order"), ("res_id", "=", order.id)])
    env.cr.commit()
    return [*results, kept.mapped("share")]


def _submit(env):
    """A target is changed, added or deleted while the plan is submitted: what is submitted is what was seen."""
    user = env.ref("base.user_admin").with_context(lang="en_US")
    kpi = env["sdm.kpi"].search([("code", "=", "revenue")])
    plan = env["sdm.plan"].create({"name": "Of two", "date_from": SINCE.replace(year=2031, day=1)})
    cell = {"kpi_id": kpi.id, "date": plan.date_from}
    changes = {
        "write": lambda target: target.write({"value": 9}),
        "create": lambda target: target.copy({"date": SINCE.replace(year=2031, month=3, day=1)}),
        "unlink": lambda target: target.unlink(),
    }
    found = {}
    for name, change in changes.items():
        version = env["sdm.plan.version"].create({"plan_id": plan.id})
        target, _other = env["sdm.plan.target"].create(
            [
                {**cell, "version_id": version.id, "value": 5},
                {**cell, "version_id": version.id, "value": 6, "date": "2031-02-01"},
            ]
        )
        env.cr.commit()

        def submit(own, version=version):
            version.with_env(own(user=user.id, su=False)).action_submit()

        def alter(own, target=target, change=change):
            change(target.with_env(own(user=user.id, su=False)))

        results = _compete(env, submit, alter)
        env.cr.rollback()
        env.invalidate_all()
        found[name] = [*results, version.state, sorted(version.target_ids.mapped("value"))]
        env.cr.commit()
    return found


def _cancel(env):
    """A run is cancelled while it is computed: it waits for a table, which stands for hours of work."""
    customer = env["res.partner"].create({"name": "Customer of the run", "is_company": True})
    scheme = env["sdm.scheme"].create({"name": "Run", "method": "rules"})
    version = env["sdm.scheme.version"].create({"scheme_id": scheme.id})
    version._add_line("All", domain=f"[('id', '=', {customer.id})]")
    run = env["sdm.segmentation.run"]._start(version, "apply")
    env.cr.commit()
    with env.registry.cursor() as cr:
        cr.execute("LOCK TABLE sdm_segment_membership IN EXCLUSIVE MODE")
        job = threading.Thread(target=_carry_out, args=(env, run.id))
        job.start()
        while not _waits_for(env, cr):
            job.join(0.05)
        with env.registry.cursor() as other:
            api.Environment(other, env.uid, {})["sdm.segmentation.run"].browse(run.id).action_cancel()
        job.join(60)
        ended = not job.is_alive()
    env.cr.rollback()
    env.invalidate_all()
    memberships = env["sdm.segment.membership"].search_count([("scheme_id", "=", scheme.id)])
    return [ended, run.state, memberships]


def _carry_out(env, run_id):
    with env.registry.cursor() as cr:
        api.Environment(cr, env.uid, {})["sdm.segmentation.run"].browse(run_id)._run_safely()


def _creating(model, vals):
    """Two changes: each makes a record."""
    return [lambda env, one=one: env[model].create(one) for one in vals]


def _compete(env: Any, first_change: Callable, second_change: Callable) -> list[str]:
    """The first writes, the second begins, the first commits; what the second comes to."""
    results = []
    begun = threading.Event()
    with env.registry.cursor() as cr:
        first = api.Environment(cr, env.uid, {"lang": "en_US"})
        first_change(first)
        cr.flush()
        second = threading.Thread(target=_write, args=(env, second_change, begun, results))
        second.start()
        begun.wait(30)
        while not _waits_for(env, cr):
            second.join(0.05)
    second.join(60)
    return results


def _write(env, change, begun, results):
    with env.registry.cursor() as cr:
        own = api.Environment(cr, env.uid, {"lang": "en_US"})
        own["res.partner"].search_count([])  # the transaction sees the database as it is now
        begun.set()
        try:
            retrying(lambda: change(own), own)
            results.append("written")
        except UserError as error:
            cr.rollback()
            results.append(str(error))


def _waits_for(env, cr):
    """Whether somebody waits for the transaction of this cursor."""
    cr.execute("SELECT pg_backend_pid()")
    env.cr.execute("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid)))", cr.fetchone())
    return env.cr.fetchone()[0]
