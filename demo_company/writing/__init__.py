"""The plan written into an Odoo database, through Odoo's models; only the dates of the past are set by SQL."""

from __future__ import annotations

from odoo import api
from odoo.fields import Date

from cli.progress import Progress
from demo_company.plan import ANCHOR_PARAMETER, Company
from demo_company.writing.closing import write_closing
from demo_company.writing.customers import write_customers, write_products
from demo_company.writing.decisions import write_decisions, write_groups, write_potentials
from demo_company.writing.diagnoses import write_diagnoses
from demo_company.writing.facts import write_facts
from demo_company.writing.forecasts import write_forecasts
from demo_company.writing.history import write_history
from demo_company.writing.money import write_invoices, write_payments
from demo_company.writing.people import write_absences, write_company, write_departure, write_people
from demo_company.writing.plans import write_plans
from demo_company.writing.records import Records
from demo_company.writing.rights import write_announcements, write_hand_overs, write_roll_outs
from demo_company.writing.sales import finish_deals, write_deals, write_orders
from demo_company.writing.segments import write_segments
from demo_company.writing.structure import write_structure
from demo_company.writing.work import write_activities, write_meetings

STEPS = (
    write_company,
    write_people,
    write_products,
    write_customers,
    write_deals,
    write_orders,
    write_invoices,
    write_payments,
    write_activities,
    write_meetings,
    write_departure,
    write_structure,
    write_roll_outs,
    write_absences,
    write_history,
    finish_deals,
    write_groups,
    write_potentials,
    write_segments,
    write_decisions,
    write_announcements,
    write_hand_overs,
    write_diagnoses,
    write_facts,
    write_plans,
    write_forecasts,
    write_closing,
)


def write(env: api.Environment, company: Company, progress: Progress) -> None:
    """Write everything; the diagnoses, facts, plans, forecasts and the closed month last: they measure it."""
    records = Records(env, company, progress)
    for step in STEPS:
        progress.step(step.__name__.replace("_", " "))
        step(records)
    env["ir.config_parameter"].set_param(ANCHOR_PARAMETER, Date.to_string(company.anchor))
