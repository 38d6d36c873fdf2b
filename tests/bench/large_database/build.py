"""Fills a copy of a template database."""

from __future__ import annotations

import time
from collections.abc import Callable

from odoo import api
from odoo.modules.registry import Registry

from .customers_and_leads import insert_activities, insert_customers, insert_leads, insert_messages
from .invoices_and_orders import insert_invoices, insert_orders
from .masters import Masters
from .prototypes import read_prototypes
from .shape import Sizes
from .tables import Tables

PARTS = {
    "customers and contacts": insert_customers,
    "leads": insert_leads,
    "activities": insert_activities,
    "messages": insert_messages,
    "invoices": insert_invoices,
    "orders": insert_orders,
}
QUIETLY = {"tracking_disable": True, "mail_create_nolog": True}


def build(database: str, sizes: Sizes, progress: Callable[[str], None]) -> None:
    """Fill a fresh copy of a template database and leave it analysed.

    :param database: its name; :param progress: called with a line of text as each part is done
    """
    registry = Registry(database)
    with registry.cursor() as cr:
        masters = Masters(api.Environment(cr, api.SUPERUSER_ID, QUIETLY), sizes)
    with registry.cursor() as cr:
        prototypes = read_prototypes(api.Environment(cr, api.SUPERUSER_ID, QUIETLY), masters)
        cr.rollback()
    with registry.cursor() as cr:
        # Without fear for the server's memory: one connection works, and indexes over a million rows want to be sorted.
        cr.execute("SET LOCAL maintenance_work_mem = '512MB'")
        cr.execute("SET LOCAL work_mem = '128MB'")
        Tables(cr, sizes, masters, prototypes).fill(PARTS, progress)
    with registry.cursor() as cr:
        started = time.monotonic()
        cr._cnx.autocommit = True  # VACUUM refuses to run in a transaction
        cr.execute("VACUUM (ANALYZE)")
        cr._cnx.autocommit = False
        progress(f"  statistics ({time.monotonic() - started:.0f} s)")
