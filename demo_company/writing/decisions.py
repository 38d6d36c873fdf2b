"""What the director has decided for the segments, and how far the roadmap has come."""

from __future__ import annotations

from datetime import timedelta

from odoo import models
from odoo.fields import Command

from demo_company.cast import DIRECTOR, PEOPLE
from demo_company.days import add_months, working_day
from demo_company.decisions import CRITERIA, ROADMAP, SEGMENTS
from demo_company.planted import STORIES
from demo_company.writing.records import Records
from demo_company.writing.segments import put_in_force

REASON = "Agreed with the heads of the groups: A first, then B. C is decided when both work."
REVIEW = timedelta(days=60)
ACTIVITY_TYPES = {"call": "mail.mail_activity_data_call", "meeting": "mail.mail_activity_data_meeting"}
ACTIVITY_TYPES["email"] = "mail.mail_activity_data_email"


def write_groups(records: Records) -> None:
    """Make customer groups of some holdings; the others are left for the proposals to find."""
    children: dict[str, list[str]] = {}
    for customer in records.company.customers:
        if customer.parent:
            children.setdefault(customer.parent, []).append(customer.key)
    names = {customer.key: customer.name for customer in records.company.customers}
    values = [
        {
            "name": names[parent].removesuffix(" JSC"),
            "member_ids": [Command.set([records.customers[key] for key in (parent, *keys)])],
            "head_member_id": records.customers[parent],
        }
        for parent, keys in list(children.items())[: int(STORIES["groups"].size)]
    ]
    records.create("sdm.customer.group", "customer groups", values)


def write_potentials(records: Records) -> None:
    """Write down what customers could buy."""
    values = [
        {
            "partner_id": records.customers[potential.customer],
            "amount": potential.amount,
            "source": potential.source,
            "confidence": potential.confidence,
            "date": potential.day,
            "user_id": records.users[potential.person],
        }
        for potential in records.company.potentials
    ]
    records.create("sdm.potential", "potentials", values)


def write_decisions(records: Records) -> None:
    """Decide strategies and playbooks, what a deal needs at each stage, and the first steps of the roadmap."""
    env = records.env
    begun = STORIES["open_decisions"].date(records.company.anchor)
    director = records.users[next(person.key for person in PEOPLE.values() if person.job == DIRECTOR)]
    segments = env["sdm.segment"].search([("is_primary", "=", True)])
    by_name = {segment.with_context(lang="en_US").name: segment for segment in segments}
    for name, decision in SEGMENTS.items():
        strategy = env["sdm.strategy"].create(
            {
                "segment_id": by_name[name].id,
                "goal": decision.goal,
                "offer": decision.offer,
                "user_id": records.users[decision.leader],
                "channel": decision.channel,
                "job_id": env["hr.job"].search([("name", "=", PEOPLE["sokolova"].job)], limit=1).id,
                **decision.targets,
            }
        )
        playbook = _make_playbook(env, name, decision, by_name[name])
        if not decision.is_open:
            decided = add_months(records.company.anchor, -decision.months)
            for version, day in ((strategy, decided), (playbook, begun)):
                put_in_force(version, REASON, director, day)
                version.date_review = records.company.anchor + REVIEW
            playbook.date_begun = begun
        if decision.steps:
            _enrol(records, playbook, begun)
    for crossed in env["sdm.scheme"].search([("method", "=", "matrix")]):
        crossed.action_take_policies()
    _write_criteria(env, by_name)
    _write_roadmap(records)
    records.forget()


def _make_playbook(env, name, decision, segment):
    template = env.ref(f"sdm_segmentation.sdm_playbook_template_{decision.template}")
    playbook = template._make_playbook(f"Work with {name} customers", segment)
    playbook.script_ids = [Command.create({"name": "First question", "body": f"<p>{decision.script}</p>"})]
    if decision.steps:
        playbook.customer_plan_id = env["mail.activity.plan"].create(
            {
                "name": f"Welcome to segment {name}",
                "res_model": "res.partner",
                "template_ids": [
                    Command.create(
                        {
                            "sequence": place,
                            "summary": summary,
                            "activity_type_id": env.ref(ACTIVITY_TYPES[kind]).id,
                            "delay_count": days,
                            "responsible_type": "on_demand",
                        }
                    )
                    for place, (kind, summary, days) in enumerate(decision.steps)
                ],
            }
        )
    return playbook


def _enrol(records: Records, playbook: models.BaseModel, begun) -> None:
    """Let who came into the segment go through its steps, a step each working week; one waits for its contact."""
    # known only when Odoo has read its addons path
    from odoo.addons.sdm_segmentation.engine import enrolment as engine

    env, anchor = records.env, records.company.anchor
    calendar = playbook._get_working_time()
    steps = playbook.customer_plan_id._prepare_engine_steps()
    came = env["sdm.segment.membership"].search(
        [("segment_id", "in", playbook.segment_ids.ids), ("date_from", ">=", begun), ("date_to", "=", False)],
        order="date_from, partner_id",
    )
    for place, membership in enumerate(came):
        way = engine.enrol(steps, membership.date_from)
        while way.state == engine.ACTIVE and (due := engine.due_on(way, calendar)) < anchor:
            way = engine.complete(way, working_day(due))
            if place == 0 and len(way.done) == 1:
                way = engine.pause(way, working_day(due))
        enrolment = env["sdm.enrolment"].create(
            {
                "partner_id": membership.partner_id.id,
                "playbook_id": playbook.id,
                "plan_id": playbook.customer_plan_id.id,
                "date_start": membership.date_from,
                "is_automatic": True,
            }
        )
        enrolment._apply_engine_enrolment(way)


def _write_criteria(env, segments) -> None:
    for stage, name, remedy, kind, detail, only, blocks in CRITERIA:
        env["sdm.stage.criterion"].create(
            {
                "name": name,
                "remedy": remedy,
                "stage_id": env["crm.stage"].search([("name", "=", stage)], limit=1).id,
                "kind": kind,
                "field_id": env["ir.model.fields"]._get("crm.lead", detail).id if kind == "field" else False,
                "activity_type_ids": [Command.set(env.ref(ACTIVITY_TYPES[detail]).ids if kind == "activity" else [])],
                "segment_ids": [Command.set(segments[only].ids if only else [])],
                "severity": "block" if blocks else "warn",
            }
        )


def _write_roadmap(records: Records) -> None:
    anchor = records.company.anchor
    for code, (owner, days, months, decision) in ROADMAP.items():
        step = records.env["sdm.roadmap.step"].search([("code", "=", code)], limit=1)
        user = records.users[owner]
        step.write({"user_id": user, "date_due": anchor + timedelta(days=days)})
        if decision:
            step.decision = f"<p>{decision}</p>"
            step.with_user(user).action_decide()
            step.write({"date_decided": add_months(anchor, -months), "date_review": add_months(anchor, 6 - months)})
