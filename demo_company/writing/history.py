"""The dates of the past, which Odoo's models do not let one give, and the messages that tell it. Plain SQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import Any

from psycopg2.extras import execute_values

from demo_company.cast import PEOPLE
from demo_company.plan import LOST, OPEN, WON, Deal
from demo_company.writing.records import Records

MORNING = time(6, 30)
PAGE = 1000
MESSAGE = (
    *("model", "res_id", "date", "create_date", "write_date", "author_id", "email_from", "create_uid"),
    *("message_type", "subtype_id", "mail_activity_type_id", "subject", "body", "message_id", "is_internal"),
)


def write_history(records: Records) -> None:
    """Date everything that was written and tell the moves of deals, done activities and mails as messages."""
    records.forget()
    _date_customers(records)
    _date_deals(records)
    _date_orders(records)
    _date_money(records)
    _date_work(records)
    _date_absences(records)
    _date_departures(records)
    _tell_moves(records)
    _tell_activities(records)
    _tell_mails(records)
    records.env.invalidate_all()


def _update(records: Records, statement: str, rows: Sequence[tuple]) -> None:
    """Run an UPDATE ... FROM (VALUES %s) over rows."""
    execute_values(records.env.cr._obj, statement, rows, page_size=PAGE)


def _date_customers(records: Records) -> None:
    rows = []
    for customer in records.company.customers:
        at = datetime.combine(customer.since, MORNING)
        ids = [records.customers[customer.key], *records.contacts.get(customer.key, [])]
        rows += [(partner_id, at) for partner_id in ids]
    _update(
        records,
        "UPDATE res_partner SET create_date = row.at FROM (VALUES %s) AS row (id, at) WHERE res_partner.id = row.id",
        rows,
    )


def _date_deals(records: Records) -> None:
    rows = []
    for deal in records.company.deals:
        opened = deal.created + timedelta(minutes=5)
        if deal.closed:
            opened = min(opened, deal.closed)
        rows.append(
            (
                records.deals[deal.key],
                deal.created,
                opened,
                deal.moves[-1][1],
                deal.closed,
                (deal.closed - deal.created).days if deal.closed else None,
                deal.converted,
            )
        )
    _update(
        records,
        """
        UPDATE crm_lead
           SET create_date = row.created, date_open = row.opened, day_open = 0, date_last_stage_update = row.moved,
               date_closed = row.closed, day_close = row.days, date_conversion = row.converted,
               write_date = COALESCE(row.closed, row.moved)
          FROM (VALUES %s) AS row (id, created, opened, moved, closed, days, converted)
         WHERE crm_lead.id = row.id
        """,
        rows,
    )


def _date_orders(records: Records) -> None:
    rows = [(records.orders[order.key], order.at - timedelta(minutes=40), order.at) for order in records.company.orders]
    _update(
        records,
        """
        UPDATE sale_order
           SET create_date = row.created, date_order = row.at, write_date = row.at,
               validity_date = CASE WHEN state = 'sale' THEN validity_date ELSE (row.at + INTERVAL '30 days')::date END
          FROM (VALUES %s) AS row (id, created, at)
         WHERE sale_order.id = row.id
        """,
        rows,
    )
    records.env.cr.execute(
        """
        UPDATE sale_order_line SET create_date = sale_order.create_date, write_date = sale_order.write_date
          FROM sale_order WHERE sale_order.id = sale_order_line.order_id AND sale_order.id = ANY(%s)
        """,
        [list(records.orders.values())],
    )


def _date_money(records: Records) -> None:
    records.env.cr.execute(
        """
        UPDATE account_move SET create_date = date + TIME '07:00', write_date = date + TIME '07:00';
        UPDATE account_move_line SET create_date = date + TIME '07:00', write_date = date + TIME '07:00';
        UPDATE account_payment SET create_date = date + TIME '07:00', write_date = date + TIME '07:00';
        UPDATE account_partial_reconcile SET create_date = max_date + TIME '07:00', write_date = max_date + TIME '07:00'
        """
    )


def _date_work(records: Records) -> None:
    rows = [
        (id_, activity.done or datetime.combine(activity.due, MORNING) - timedelta(days=4))
        for id_, activity in zip(records.activities, records.company.activities, strict=True)
    ]
    last = datetime.combine(records.company.anchor, MORNING) - timedelta(days=1)
    _update(
        records,
        """
        UPDATE mail_activity SET create_date = row.at, write_date = row.at
          FROM (VALUES %s) AS row (id, at) WHERE mail_activity.id = row.id
        """,
        [(id_, min(at, last)) for id_, at in rows],
    )
    lead_model = records.env["ir.model"]._get_id("crm.lead")
    rows = [
        (id_, records.deals.get(meeting.deal), min(meeting.start - timedelta(days=3), last))
        for id_, meeting in zip(records.meetings, records.company.meetings, strict=True)
    ]
    # linked here: Odoo would note the meeting on the deal as of today
    _update(
        records,
        f"""
        UPDATE calendar_event
           SET create_date = row.at, write_date = row.at, opportunity_id = row.deal::int, res_id = row.deal::int,
               res_model = CASE WHEN row.deal IS NOT NULL THEN 'crm.lead' END,
               res_model_id = CASE WHEN row.deal IS NOT NULL THEN {lead_model} END
          FROM (VALUES %s) AS row (id, deal, at) WHERE calendar_event.id = row.id
        """,
        rows,
    )


def _date_absences(records: Records) -> None:
    """Entered a month before, and before the anchor date at the latest."""
    last = datetime.combine(records.company.anchor, MORNING) - timedelta(days=1)
    rows = [
        (id_, min(datetime.combine(absence.start, MORNING) - timedelta(days=30), last))
        for id_, absence in zip(records.absences, records.company.absences, strict=True)
    ]
    _update(
        records,
        """
        UPDATE resource_calendar_leaves SET create_date = row.at, write_date = row.at
          FROM (VALUES %s) AS row (id, at) WHERE resource_calendar_leaves.id = row.id
        """,
        rows,
    )


def _date_departures(records: Records) -> None:
    """What was said of who left, on the last day."""
    rows = [
        (records.employees[position.person], datetime.combine(position.end, MORNING) + timedelta(hours=8))
        for position in records.company.positions
        if position.end
    ]
    _update(
        records,
        """
        UPDATE mail_message SET date = row.at, create_date = row.at, write_date = row.at
          FROM (VALUES %s) AS row (id, at) WHERE mail_message.model = 'hr.employee' AND mail_message.res_id = row.id
        """,
        rows,
    )


# ---- messages


def _insert_messages(records: Records, rows: Iterable[dict[str, Any]]) -> list[int]:
    """Insert messages; each row has model, res_id, at, person and what else differs."""
    note, comment = records.ref("mail.mt_note"), records.ref("mail.mt_comment")
    values = []
    for number, row in enumerate(rows):
        person = PEOPLE[row["person"]]
        message = {
            "date": row["at"],
            "create_date": row["at"],
            "write_date": row["at"],
            "author_id": records.authors[person.key],
            "email_from": f'"{person.name}" <{person.email}>',
            "create_uid": records.users[person.key],
            "message_type": "notification",
            "subtype_id": comment if row.get("message_type") == "email" else note,
            "message_id": f"<{row['model']}-{row['res_id']}-{number}-{row['at']:%Y%m%d%H%M}@demo.example.com>",
            "is_internal": False,
            **row,
        }
        values.append(tuple(message.get(column) for column in MESSAGE))
    inserted = execute_values(
        records.env.cr._obj,
        f"INSERT INTO mail_message ({', '.join(MESSAGE)}) VALUES %s RETURNING id",
        values,
        page_size=PAGE,
        fetch=True,
    )
    return [id_ for (id_,) in inserted]


def _tell_moves(records: Records) -> None:
    """The moves from stage to stage, from which Odoo works out how long a deal was in each."""
    subtype = {
        OPEN: records.ref("crm.mt_lead_stage"),
        WON: records.ref("crm.mt_lead_won"),
        LOST: records.ref("crm.mt_lead_lost"),
    }
    field_id = records.env["ir.model.fields"]._get("crm.lead", "stage_id").id
    names = {stage.id: stage.name for stage in records.env["crm.stage"].browse(records.stages)}
    messages, values = [], []
    for deal in records.company.deals:
        for (old, _before), (new, at) in pairwise(deal.moves):
            messages.append(_move(records, deal, at, subtype[WON if new == len(records.stages) - 1 else OPEN]))
            values.append((records.stages[old], records.stages[new], at))
        if deal.outcome == LOST:
            messages.append(_move(records, deal, deal.closed, subtype[LOST]))
            values.append(None)
    ids = _insert_messages(records, messages)
    rows = [
        (id_, field_id, old, new, names[old], names[new], at, at)
        for id_, value in zip(ids, values, strict=True)
        if value
        for old, new, at in [value]
    ]
    execute_values(
        records.env.cr._obj,
        """
        INSERT INTO mail_tracking_value (mail_message_id, field_id, old_value_integer, new_value_integer,
                                         old_value_char, new_value_char, create_date, write_date) VALUES %s
        """,
        rows,
        page_size=PAGE,
    )


def _move(records: Records, deal: Deal, at: datetime, subtype: int) -> dict[str, Any]:
    return {
        "model": "crm.lead",
        "res_id": records.deals[deal.key],
        "at": at,
        "person": deal.person,
        "subtype_id": subtype,
        "body": "",
    }


def _tell_activities(records: Records) -> None:
    """What was done, as Odoo notes it when an activity is marked as done: its activity analysis counts these."""
    subtype = records.ref("mail.mt_activities")
    activities = records.env["mail.activity"].browse(records.activities)
    rows = []
    for planned, activity in zip(records.company.activities, activities, strict=True):
        if planned.done:
            kind = activity.activity_type_id
            rows.append(
                {
                    "model": activity.res_model,
                    "res_id": activity.res_id,
                    "at": planned.done,
                    "person": planned.person,
                    "subtype_id": subtype,
                    "mail_activity_type_id": kind.id,
                    "body": f"<div><p><span>{kind.name}</span> done: {planned.summary}</p></div>",
                }
            )
    _insert_messages(records, rows)


def _tell_mails(records: Records) -> None:
    """Logged e-mails, from customers and to them."""
    customers = {customer.key: customer for customer in records.company.customers}
    rows = []
    for mail in records.company.mails:
        row = {
            "model": "crm.lead",
            "res_id": records.deals[mail.deal],
            "at": mail.at,
            "person": mail.person,
            "message_type": "email",
            "subject": mail.subject,
            "body": f"<p>{'Good day! We have a question on: ' if mail.is_incoming else 'Good day! On your question: '}"
            f"{mail.subject.lower()}.</p>",
        }
        contacts = customers[mail.customer].contacts
        if mail.is_incoming and contacts:
            row["author_id"] = records.contacts[mail.customer][0]
            row["email_from"] = f'"{contacts[0].name}" <{contacts[0].email}>'
        rows.append(row)
    _insert_messages(records, rows)
