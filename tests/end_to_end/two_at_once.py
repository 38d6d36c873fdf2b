"""Two people change the owners of one customer in the same moment, each in a transaction of an own connection.

Run in Odoo's shell; says what each of them came to as one line of JSON.
"""

import json
import threading
from datetime import date
from typing import Any

from odoo import api
from odoo.exceptions import ValidationError
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
        found[name] = _compete(env, vals)
        env.cr.rollback()
        found[name].append(len(env["sdm.ownership"].search([("partner_id", "=", customer.id)])))
        env.cr.commit()
    print(json.dumps(found))


def _compete(env: Any, vals: list[dict]) -> list[str]:
    """The first writes, the second begins, the first commits; what the second comes to."""
    results = []
    begun = threading.Event()
    with env.registry.cursor() as cr:
        first = api.Environment(cr, env.uid, {"lang": "en_US"})
        first["sdm.ownership"].create(vals[0])
        cr.flush()
        second = threading.Thread(target=_write, args=(env, vals[1], begun, results))
        second.start()
        begun.wait(30)
        while not _waits_for(env, cr):
            second.join(0.05)
    second.join(60)
    return results


def _write(env, vals, begun, results):
    with env.registry.cursor() as cr:
        own = api.Environment(cr, env.uid, {"lang": "en_US"})
        own["res.partner"].search_count([])  # the transaction sees the database as it is now
        begun.set()
        try:
            retrying(lambda: own["sdm.ownership"].create(vals), own)
            results.append("written")
        except ValidationError as error:
            cr.rollback()
            results.append(str(error))


def _waits_for(env, cr):
    """Whether somebody waits for the transaction of this cursor."""
    cr.execute("SELECT pg_backend_pid()")
    env.cr.execute("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid)))", cr.fetchone())
    return env.cr.fetchone()[0]
