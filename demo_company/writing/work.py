"""Activities done and planned, and meetings in the calendar."""

from __future__ import annotations

from datetime import timedelta

from odoo.fields import Command

from demo_company.plan import Activity, Meeting
from demo_company.writing.records import Records

TYPES = {
    "call": "mail.mail_activity_data_call",
    "email": "mail.mail_activity_data_email",
    "meeting": "mail.mail_activity_data_meeting",
}


def write_activities(records: Records) -> None:
    """Create activities on deals and customers; Odoo keeps those that are done as archived."""
    models = {model: records.env["ir.model"]._get_id(model) for model in ("crm.lead", "res.partner")}
    types = {kind: records.ref(name) for kind, name in TYPES.items()}
    values = [_prepare_activity(records, activity, models, types) for activity in records.company.activities]

    def read_names(batch: list[dict]) -> None:
        # at once: an activity keeps the name of its document, and Odoo would read them one by one
        for model, model_id in models.items():
            ids = [each["res_id"] for each in batch if each["res_model_id"] == model_id]
            records.env[model].browse(ids).mapped("display_name")

    records.activities = records.create("mail.activity", "activities", values, before=read_names)


def write_meetings(records: Records) -> None:
    """Create meetings of a seller with a customer; history.py links them to deals."""
    values = [_prepare_meeting(records, meeting) for meeting in records.company.meetings]
    records.meetings = records.create("calendar.event", "meetings", values)


def _prepare_activity(records: Records, activity: Activity, models: dict[str, int], types: dict[str, int]) -> dict:
    model, record_id = "crm.lead", records.deals.get(activity.deal)
    if not activity.deal:
        model, record_id = "res.partner", records.customers[activity.customer]
    values = {
        "res_model_id": models[model],
        "res_id": record_id,
        "user_id": records.users[activity.person],
        "activity_type_id": types[activity.kind],
        "summary": activity.summary,
        "date_deadline": activity.due,
    }
    if activity.done:
        values |= {"active": False, "date_done": activity.done.date()}
    return values


def _prepare_meeting(records: Records, meeting: Meeting) -> dict:
    contacts = records.contacts.get(meeting.customer) or [records.customers[meeting.customer]]
    return {
        "name": meeting.name,
        "start": meeting.start,
        "stop": meeting.start + timedelta(minutes=meeting.minutes),
        "user_id": records.users[meeting.person],
        "partner_ids": [Command.set([records.authors[meeting.person], contacts[0]])],
    }
