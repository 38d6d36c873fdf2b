"""Who works with Sales Drive by which roll-out, hand-overs of customers, and who was told what is decided."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from odoo import models
from odoo.fields import Command

from demo_company.days import add_months
from demo_company.decisions import ROADMAP
from demo_company.plan import Deal
from demo_company.planted import STORIES
from demo_company.writing.records import Records

REVIEW = timedelta(days=28)
READING = timedelta(days=2)
MORNING = 9
REASONS = {
    "hand_over": "Customers near each other: one route instead of two.",
    "planned_hand_over": "A portfolio for a novice who has begun to win.",
}


def write_roll_outs(records: Records) -> None:
    """Give Sales Drive to two groups, one after the other; the first one tried it for everybody."""
    story = STORIES["rolled_out"]
    for place, head in enumerate(story.people):
        start = add_months(records.company.anchor, place - story.months)
        roll_out = (
            records.env["sdm.roll.out"]
            .with_user(records.users["orlova"])
            .create(
                {
                    "head_id": records.employees[head],
                    "team_id": False,
                    "is_pilot": place == 0,
                    "date_review": start + REVIEW,
                }
            )
        )
        lines = roll_out.sudo()._give(roll_out._prepare_rows())
        roll_out.sudo().write({"state": "rolled_out", "date": start})
        roll_out.sudo().message_post(body=roll_out.announcement, author_id=records.authors["orlova"])
        read = {user: start + READING for user in lines.filtered("role_after").user_id.ids}
        _tell(records, roll_out, "orlova", start, read, is_pilot=place == 0)
    records.forget()


def write_announcements(records: Records) -> None:
    """Tell everybody who works with Sales Drive what the structure is; some have not read it yet."""
    story = STORIES["announced"]
    owner, _days, months, _decision = ROADMAP["structure"]
    step = records.env["sdm.roadmap.step"].search([("code", "=", "structure")], limit=1)
    day = add_months(records.company.anchor, -months)
    unread = {records.users[person] for person in story.people}
    people = step.with_user(records.users[owner])._get_audience()
    read = {user: None if user in unread else day + READING for user in people.ids}
    _tell(records, step, owner, day, read)
    for user in unread:
        activity = step.activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=records.company.anchor,
            summary="Read the announcement and acknowledge it",
            user_id=user,
        )
        step._get_unread(records.env["res.users"].browse(user)).activity_id = activity
    records.forget()


def _tell(
    records: Records,
    decision: models.BaseModel,
    announcer: str,
    day: date,
    read: dict[int, date | None],
    is_pilot: bool = False,
) -> None:
    """Write down who was told of a decision on a day, and who read it when."""
    records.env["sdm.acknowledgement"].create(
        [
            {
                "res_model": decision._name,
                "res_id": decision.id,
                "user_id": user,
                "company_id": records.env.company.id,
                "announced_by_id": records.users[announcer],
                "date_announced": _morning(day),
                "date_acknowledged": _morning(on) if on else False,
                "is_pilot": is_pilot,
            }
            for user, on in read.items()
        ]
    )


def write_hand_overs(records: Records) -> None:
    """The hand-over that took place, as the history keeps it, and one that is agreed for a day to come."""
    company = records.company
    for name in ("hand_over", "planned_hand_over"):
        story = STORIES[name]
        giver, receiver = story.people
        day = story.date(company.anchor)
        is_done = day <= company.anchor
        last = day - timedelta(days=1)
        customers = [
            owned.customer
            for owned in company.ownerships
            if owned.person == giver and (owned.end == last if is_done else owned.end is None)
        ][: round(story.size)]
        agreed = _morning(min(last, company.anchor) - READING)
        values = {
            "giver_id": records.employees[giver],
            "receiver_id": records.employees[receiver],
            "date": day,
            "reason": REASONS[name],
            "partner_ids": [Command.set([records.customers[customer] for customer in customers])],
            "state": "done" if is_done else "agreed",
            **{f"{side}_consent_date": agreed for side in ("giver", "receiver")},
            "giver_consent_id": records.users[giver],
            "receiver_consent_id": records.users[receiver],
        }
        if is_done:
            values["outcome"] = _prepare_outcome(records, customers, giver, day)
        records.env["sdm.hand.over"].create(values)
    records.forget()


def _prepare_outcome(records: Records, customers: list[str], giver: str, day: date) -> dict:
    """What went over, as the hand-over keeps it: the deals that were open on that day."""
    names = {customer.key: customer.name for customer in records.company.customers}
    deals: dict[str, list[Deal]] = {customer: [] for customer in customers}
    for deal in records.company.deals:
        is_open = deal.created.date() < day and (deal.closed is None or deal.closed.date() >= day)
        if deal.customer in deals and is_open:
            deals[deal.customer].append(deal)
    rows = [
        {
            "customer": names[customer],
            "kind": "lead",
            "deals": len(found),
            "value": float(sum(deal.amount for deal in found)),
            "quotations": 0,
            "activities": 0,
        }
        for customer, found in deals.items()
    ]
    rows.sort(key=lambda row: (-row["value"], row["customer"]))
    totals = {name: sum(row[name] for row in rows) for name in ("deals", "value", "quotations", "activities")}
    return {"customers": len(rows), **totals, "rows": rows, "more": 0}


def _morning(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time()).replace(hour=MORNING)
