"""Customers, leads, and what was planned, done and written about them."""

from __future__ import annotations

from .noise import chance, moment_between, noise, one_of, pick, unless, working_day
from .shape import ANCHOR, CITIES, CUSTOMER_PREFERENCE, DAYS, FIRST_DAY, QUIET_DAYS
from .tables import Tables

BEGINNING = f"timestamp '{FIRST_DAY}'"
END = f"timestamp '{ANCHOR}'"


def customer_name(number: str) -> str:
    """SQL of a customer's name by its number."""
    return f"'Customer ' || lpad({number}::text, 7, '0')"


def phone_number(number: str) -> str:
    """SQL of a customer's phone number by its number."""
    return f"'+7495' || lpad(mod({number}, 10000000)::text, 7, '0')"


def insert_customers(tables: Tables) -> int:
    """Companies, a third of them with a contact person; some entered twice, with the data of the one before."""
    email = unless("customer without email", "'office@customer' || s.identity || '.example'", "s.i")
    phone = unless("customer without phone", phone_number("s.identity"), "s.i")
    industry = one_of("customer.industry", tables.masters.industries, "s.i")
    name = customer_name("s.identity")
    count = tables.copy(
        "res_partner",
        "customer",
        f"""
        SELECT c.i, c.partner_id, c.owned, s.user_id,
               c.i - ({chance("customer entered twice", "c.i")} AND c.i > 1)::int AS identity,
               {BEGINNING} + interval '1 day' * floor({noise("customer.created", "c.i")} * 1500 - 1000) AS created
          FROM customer c JOIN seller s USING (place)
        """,
        {
            "id": "s.partner_id",
            "commercial_partner_id": "s.partner_id",
            "name": name,
            "complete_name": name,
            "commercial_company_name": name,
            "email": email,
            "email_normalized": email,
            "phone": phone,
            "phone_sanitized": phone,
            "vat": unless("customer without tax number", "lpad(s.identity::text, 10, '77')", "s.i"),
            "city": one_of("customer.city", CITIES, "s.i"),
            "industry_id": f"CASE WHEN {chance('customer with industry', 's.i')} THEN {industry} END",
            "user_id": "CASE WHEN s.owned THEN s.user_id END",
            "create_date": "s.created",
            "write_date": "s.created",
        },
    )
    email = "'contact@customer' || s.i || '.example'"
    return count + tables.copy(
        "res_partner",
        "contact",
        "SELECT i, partner_id FROM customer WHERE mod(i, 3) = 0",
        {
            "id": f"{tables.first['res_partner'] + count} + s.i / 3",
            "parent_id": "s.partner_id",
            "commercial_partner_id": "s.partner_id",
            "commercial_company_name": customer_name("s.i"),
            "name": "'Contact ' || s.i",
            "complete_name": f"{customer_name('s.i')} || ', Contact ' || s.i",
            "email": email,
            "email_normalized": email,
            "active": f"NOT {chance('contact archived', 's.i')}",
            "create_date": BEGINNING,
            "write_date": BEGINNING,
        },
    )


def insert_leads(tables: Tables) -> int:
    """Deals of all 24 months: a better seller wins more, and sooner; what would end after the last day is open."""
    customer = f"1 + {pick('lead.customer', tables.sizes.customers, preference=CUSTOMER_PREFERENCE)}"
    tables.make(
        "lead",
        f"""
        SELECT i, customer, partner_id, place, user_id, team_id, created,
               date_trunc('second', created + interval '2 days' * {noise("lead.opened")}) AS opened,
               date_trunc('second', closed) AS closed, least(closed, {END}) AS last_day,
               CASE WHEN closed > {END} THEN 'open'
                    WHEN {noise("lead.fate")} < 0.15 + 0.3 * skill THEN 'won'
                    WHEN {noise("lead.fate")} < 0.88 THEN 'lost'
                    ELSE 'open' END AS fate
          FROM (
            SELECT n.i, n.customer, c.partner_id, s.place, s.user_id, s.team_id, s.skill, n.created,
                   n.created + interval '1 day'
                       * (2 + (120 - 60 * s.skill) * power({noise("lead.cycle", "n.i")}, 2)) AS closed
              FROM (
                SELECT i, {customer} AS customer,
                       {BEGINNING} + interval '1 day' * {working_day("lead.day")}
                           + interval '1 hour' * (6 + 9 * {noise("lead.hour")}) AS created
                  FROM generate_series(1, {tables.sizes.leads}) i
              ) n JOIN customer c ON c.i = n.customer JOIN seller s USING (place)
          ) dated
        """,
    )
    return sum(
        tables.copy("crm_lead", f"lead {fate}", f"SELECT * FROM lead WHERE fate = '{fate}'", columns)
        for fate, columns in _lead_columns(tables).items()
    )


def _lead_columns(tables: Tables) -> dict[str, dict[str, str]]:
    """What differs from lead to lead, for each fate."""
    known = f"NOT {chance('lead without customer', 's.i')}"
    domain = f"CASE WHEN {known} THEN 'customer' || s.customer ELSE 'unknown' || s.i END || '.example'"
    revenue = f"round(exp(7 + 4 * {noise('lead.revenue', 's.i')})::numeric, 2)"
    revenue = f"CASE WHEN {chance('lead without revenue', 's.i')} THEN 0 ELSE {revenue} END"
    deadline = f"(s.closed + interval '1 day' * (40 * {noise('lead.deadline', 's.i')} - 20))::date"
    stage = one_of("lead.stage", tables.masters.stages, "s.i")
    # A later stage is as much more probable as it is later.
    probability = f"(10 + 80 * {pick('lead.stage', len(tables.masters.stages), 's.i')} / {len(tables.masters.stages)})"
    reason = one_of("lead.reason", tables.masters.reasons, "s.i", preference=1.5)
    moved = moment_between("lead.moved", "s.created", "s.last_day", "s.i")
    on_hold = f"{moved} < {END} - interval '{QUIET_DAYS} days' AND {chance('quiet open lead on hold', 's.i')}"
    open_moved = unless("open lead of unknown stage date", moved, "s.i")
    late, entered = chance("won lead entered afterwards", "s.i"), "s.closed + interval '3 days'"
    every = {
        "id": f"{tables.first['crm_lead']} + s.i",
        "name": "'Deal ' || s.i",
        "partner_id": f"CASE WHEN {known} THEN s.partner_id END",
        "partner_name": f"CASE WHEN {known} THEN {customer_name('s.customer')} ELSE 'Unknown ' || s.i END",
        "email_from": f"'office@' || {domain}",
        "email_normalized": f"'office@' || {domain}",
        "email_domain_criterion": f"'@' || {domain}",
        "phone": phone_number("s.customer"),
        "phone_sanitized": phone_number("s.customer"),
        "user_id": unless("lead without seller", "s.user_id", "s.i"),
        "team_id": "s.team_id",
        "priority": f"({pick('lead.priority', 4, 's.i')})::text",
        "expected_revenue": revenue,
        "date_deadline": unless("lead without deadline", deadline, "s.i"),
        "create_date": "s.created",
        "date_open": "s.opened",
        "day_open": "extract(day FROM s.opened - s.created)",
    }
    ended = {
        "date_closed": "s.closed",
        "day_close": "extract(day FROM s.closed - s.created)",
        "write_date": "s.closed",
    }
    return {
        "open": every
        | {
            "stage_id": f"CASE WHEN {on_hold} THEN {tables.masters.quiet_stage} ELSE {stage} END",
            "date_last_stage_update": open_moved,
            "write_date": moved,
            "probability": probability,
            "automated_probability": probability,
            "prorated_revenue": f"round({revenue} * {probability} / 100, 2)",
        },
        "won": every
        | ended
        | {
            "date_last_stage_update": "s.closed",
            "prorated_revenue": revenue,
            "create_date": f"CASE WHEN {late} THEN {entered} ELSE s.created END",
            "date_open": f"CASE WHEN {late} THEN {entered} ELSE s.opened END",
            "day_open": f"CASE WHEN {late} THEN 0 ELSE {every['day_open']} END",
            "day_close": f"CASE WHEN {late} THEN 3 ELSE {ended['day_close']} END",
        },
        "lost": every
        | ended
        | {
            "stage_id": stage,
            "date_last_stage_update": moved,
            "lost_reason_id": f"CASE WHEN {chance('lost lead with reason', 's.i')} THEN {reason} END",
        },
    }


def insert_activities(tables: Tables) -> int:
    """Planned ones on part of the open leads, with a deadline around the last day; done ones on part of all."""
    every = {
        "res_id": f"{tables.first['crm_lead']} + s.i",
        "res_name": "'Deal ' || s.i",
        "user_id": "s.user_id",
        "activity_type_id": one_of("activity.type", tables.masters.activity_types, "s.i"),
    }
    planned = tables.copy(
        "mail_activity",
        "activity planned",
        f"SELECT * FROM lead WHERE fate = 'open' AND {chance('open lead with activity')}",
        every
        | {
            "date_deadline": f"date '{ANCHOR}' + {pick('activity.deadline', 60, 's.i')} - 30",
            "create_date": "s.created",
            "write_date": "s.created",
        },
    )
    when = moment_between("activity.done", "s.created", "s.last_day", "s.i")
    return planned + tables.copy(
        "mail_activity",
        "activity done",
        f"SELECT * FROM lead WHERE {chance('lead with done activity')}",
        every
        | {
            "date_deadline": f"({when})::date",
            "date_done": f"({when})::date",
            "create_date": "s.created",
            "write_date": when,
        },
    )


def insert_messages(tables: Tables) -> int:
    """What sellers wrote to the customer: one message on part of the leads, one on part of the customers."""
    return _insert_messages(
        tables,
        "lead",
        f"SELECT l.i, s.partner_id, {moment_between('message.date', 'l.created', 'l.last_day', 'l.i')} AS moment "
        f"FROM lead l JOIN seller s USING (place) WHERE {chance('lead with message', 'l.i')}",
        tables.first["crm_lead"],
    ) + _insert_messages(
        tables,
        "customer",
        f"SELECT c.i, s.partner_id, {BEGINNING} + interval '{DAYS} days' * {noise('message.date', 'c.i')} AS moment "
        f"FROM customer c JOIN seller s USING (place) WHERE {chance('customer with message', 'c.i')}",
        tables.first["res_partner"],
    )


def _insert_messages(tables: Tables, about: str, source: str, first: int) -> int:
    columns = {
        "res_id": f"{first} + s.i",
        "author_id": "s.partner_id",
        "parent_id": "NULL",  # the prototype answers the first message on its own document
        "message_id": f"'<{about}' || s.i || '@bench.example>'",
        **dict.fromkeys(("date", "create_date", "write_date"), "s.moment"),
    }
    return tables.copy("mail_message", f"message {about}", source, columns)
