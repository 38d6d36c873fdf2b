"""The demo company in a database is what its plan says; a small one, written by the program as ./sdm demo calls it."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from demo_company import planning
from demo_company.cast import PEOPLE, TEAMS
from demo_company.days import add_months
from demo_company.plan import ANCHOR_PARAMETER, CHANGE, FIRST, Company
from demo_company.planted import STORIES

ANCHOR = date(2026, 9, 30)
SCALE = 0.05


@pytest.fixture(scope="module")
def company() -> Company:
    """What should be there."""
    return planning.make(ANCHOR, scale=SCALE)


@pytest.fixture(scope="module")
def write(root: Path) -> Callable[..., subprocess.CompletedProcess]:
    """Write the company: write(database, anchor=...)."""

    def run(database: str, anchor: date = ANCHOR) -> subprocess.CompletedProcess:
        command = [sys.executable, "-W", "ignore", "-m", "demo_company", "--database", database]
        command += ["--anchor", anchor.isoformat(), "--scale", str(SCALE)]
        variables = os.environ | {"PYTHONPATH": os.pathsep.join([os.environ.get("PYTHONPATH", ""), str(root)])}
        return subprocess.run(command, cwd=root, env=variables, capture_output=True, text=True)

    return run


@pytest.fixture(scope="module")
def database(copy_template, write) -> str:
    """A database with the company."""
    name = copy_template()
    done = write(name)
    assert done.returncode == 0, done.stderr
    return name


@pytest.fixture(scope="module")
def ask(database, query) -> Callable[..., list[tuple]]:
    """Read from the database with the company."""
    return lambda statement, parameters=None: query(database, statement, parameters)


def test_everything_is_written_once(company, ask):
    [counts] = ask(
        """
        SELECT (SELECT count(*) FROM crm_lead), (SELECT count(*) FROM sale_order),
               (SELECT count(*) FROM account_move WHERE move_type IN ('out_invoice', 'out_refund')
                                                    AND state = 'posted'),
               (SELECT count(*) FROM account_payment),
               (SELECT count(*) FROM mail_activity WHERE res_model <> 'sdm.roadmap.step'),
               (SELECT count(*) FROM calendar_event), (SELECT count(*) FROM hr_employee WHERE user_id IS NOT NULL)
        """
    )
    planned = (company.deals, company.orders, company.invoices, company.payments, company.activities, company.meetings)
    people = [person for person in PEOPLE.values() if person.is_employee]
    # Odoo brings an employee for its administrator along
    assert counts[:-1] == tuple(map(len, planned))
    assert counts[-1] - len(people) in (0, 1)


def test_orders_have_the_planned_amounts_and_times(company, ask):
    names = {customer.key: customer.name for customer in company.customers}
    rows = ask(
        """
        SELECT partner.name, sale.date_order, seller.login, sale.state, round(sale.amount_untaxed, 0)::int
          FROM sale_order AS sale JOIN res_partner AS partner ON partner.id = sale.partner_id
          JOIN res_users AS seller ON seller.id = sale.user_id
        """
    )
    planned = [
        (names[order.customer], order.at, PEOPLE[order.person].login, order.state, round(order.amount))
        for order in company.orders
    ]
    differing = Counter(row[:4] for row in rows) - Counter(row[:4] for row in planned)
    assert not differing
    assert abs(sum(row[4] for row in rows) - sum(row[4] for row in planned)) < len(rows)


def test_deals_are_dated_and_know_how_they_ended(company, ask):
    rows = ask(
        """
        SELECT create_date, date_closed, date_last_stage_update, won_status, type, expected_revenue::int,
               date_conversion
          FROM crm_lead
        """
    )
    status = {"open": "pending"}
    planned = Counter(
        (
            deal.created,
            deal.closed,
            deal.moves[-1][1],
            status.get(deal.outcome, deal.outcome),
            "lead" if deal.is_lead else "opportunity",
            deal.amount,
            deal.converted,
        )
        for deal in company.deals
    )
    # Odoo raises what a deal is worth to what was ordered on it
    without_amount = [(*row[:5], row[6]) for row in rows]
    assert Counter(without_amount) == Counter((*row[:5], row[6]) for row in planned.elements())


def test_stage_moves_are_told(company, ask):
    [(count,)] = ask(
        "SELECT count(*) FROM mail_tracking_value AS v JOIN ir_model_fields f ON f.id = v.field_id"
        " WHERE f.model = 'crm.lead' AND f.name = 'stage_id'"
    )
    assert count == sum(len(deal.moves) - 1 for deal in company.deals)


def test_nothing_is_dated_later_than_the_anchor(ask):
    for table, column in (
        ("crm_lead", "create_date"),
        ("sale_order", "date_order"),
        ("account_move", "date"),
        ("account_payment", "create_date"),
        # who was told of a decision is asked to read it, today
        ("(SELECT * FROM mail_activity WHERE res_model <> 'sdm.roadmap.step') AS planned", "create_date"),
        ("calendar_event", "create_date"),
        ("account_partial_reconcile", "max_date"),
    ):
        assert ask(f"SELECT count(*) FROM {table} WHERE {column} >= %s", [ANCHOR]) == [(0,)], table


def test_invoices_are_paid_as_planned(company, ask):
    paid = Counter()
    for payment in company.payments:
        for key, share in payment.invoices:
            paid[key] += share
    wanted = Counter(
        {1: "paid", 0.5: "partial"}.get(paid[invoice.key], "open")
        for invoice in company.invoices
        if not invoice.refunds
    )
    # an open invoice of which goods came back is partly paid by that
    refunded = {invoice.refunds for invoice in company.invoices if invoice.refunds}
    moved = sum(not paid[key] for key in refunded)
    found = Counter(
        {"paid": "paid", "in_payment": "paid", "partial": "partial"}.get(state, "open")
        for (state,) in ask(
            "SELECT payment_state FROM account_move WHERE move_type = 'out_invoice' AND state = 'posted'"
        )
    )
    wanted["partial"] += moved
    wanted["open"] -= moved
    assert found == wanted


def test_money_that_nobody_has_matched(ask):
    [(count,)] = ask(
        """
        SELECT count(*) FROM account_payment AS payment
          JOIN account_move_line AS line ON line.move_id = payment.move_id
          JOIN account_account AS account ON account.id = line.account_id
         WHERE account.account_type = 'asset_receivable' AND line.amount_residual <> 0
        """
    )
    assert count == STORIES["unallocated"].size


def test_people_have_their_places(company, ask):
    rows = ask(
        """
        SELECT users.login, users.active, head_user.login, team.name ->> 'en_US'
          FROM hr_employee AS employee JOIN res_users AS users ON users.id = employee.user_id
          LEFT JOIN hr_employee AS head ON head.id = employee.parent_id
          LEFT JOIN res_users AS head_user ON head_user.id = head.user_id
          LEFT JOIN crm_team_member AS member ON member.user_id = users.id AND member.active
          LEFT JOIN crm_team AS team ON team.id = member.crm_team_id
        """
    )
    found = {login: rest for login, *rest in rows}
    assert found["seller"] == [True, "head", "Utilities"]
    assert found["roman.egorov"] == [True, "natalia.zueva", "Process Industry"]
    assert found["artem.zhukov"][0] is False
    assert found["director"][1] is None
    versions = ask(
        """
        SELECT version.date_version FROM hr_version AS version JOIN hr_employee e ON e.id = version.employee_id
         WHERE e.name = 'Roman Egorov' ORDER BY 1
        """
    )
    assert [day for (day,) in versions] == [each.start for each in company.positions if each.person == "egorov"]


LOG_IN = """
for login in {logins}:
    credential = {{"login": login, "password": login, "type": "password"}}
    print("IN", login, bool(env["res.users"].authenticate(credential, {{"interactive": False}})["uid"]))
"""


def test_personas_can_log_in_with_the_login_as_password(database):
    logins = [person.login for person in PEOPLE.values() if person.password]
    command = [sys.executable, "-W", "ignore", "-m", "odoo", "shell", "--database", database, "--no-http"]
    done = subprocess.run(command, input=LOG_IN.format(logins=logins), capture_output=True, text=True)
    told = [line for line in done.stdout.splitlines() if line.startswith("IN ")]
    assert told == [f"IN {login} True" for login in logins], done.stderr


def test_nobody_was_written_to(ask):
    assert ask("SELECT (SELECT count(*) FROM mail_mail), (SELECT count(*) FROM mail_notification)") == [(0, 0)]


def test_a_diagnosis_is_measured(ask):
    [(before, _day), (diagnosis, day)] = ask(
        "SELECT id, date FROM sdm_diagnosis WHERE state = 'measured' ORDER BY date"
    )
    assert day == ANCHOR
    assert ask("SELECT compared_id FROM sdm_diagnosis WHERE id = %s", [diagnosis]) == [(before,)]
    maturity = {
        day: dict(
            ask(
                "SELECT code, maturity FROM sdm_diagnosis_step line JOIN sdm_roadmap_step step ON step.id = step_id"
                " WHERE diagnosis_id = %s",
                [day],
            )
        )
        for day in (before, diagnosis)
    }
    # said to be followed now, and a critical figure says no
    assert (maturity[before]["segmentation"], maturity[diagnosis]["segmentation"]) == ("0", "2")
    assert (maturity[before]["staffing"], maturity[diagnosis]["staffing"]) == ("0", None)
    levels = Counter(
        level for (level,) in ask("SELECT level FROM sdm_diagnosis_figure WHERE diagnosis_id = %s", [diagnosis])
    )
    assert min(levels["critical"], levels["attention"], levels["fine"]) > 2
    without = {
        code
        for (code,) in ask(
            """
            SELECT measure.code FROM sdm_diagnosis_figure AS figure
              JOIN sdm_diagnosis_measure AS measure ON measure.id = figure.measure_id
             WHERE NOT figure.has_value AND figure.diagnosis_id = %s
            """,
            [diagnosis],
        )
    }
    # in so small a company no two sellers have closed the 20 deals without which nobody is compared
    assert without <= {"win_rate_spread", "seller_below_peers", "cycle_spread"}
    [(anchor,)] = ask("SELECT value FROM ir_config_parameter WHERE key = %s", [ANCHOR_PARAMETER])
    assert anchor == ANCHOR.isoformat()


def test_a_database_with_documents_is_refused(database, write):
    done = write(database)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"sdm: the database {database} holds documents already (Lead). Name an empty one with --database."
    )


def test_a_day_to_come_is_refused(database, write):
    done = write(database, anchor=date(2999, 1, 1))
    assert done.returncode == 1
    assert done.stderr == "sdm: 2999-01-01 has not come yet. Name today or an earlier day with --anchor.\n"


def test_everybody_stands_where_and_since_when_the_plan_says(company, ask):
    rows = ask(
        """
        SELECT worker.login, head.login, team.name ->> 'en_US', held.date_from, held.date_to
          FROM sdm_position AS held
          JOIN hr_employee AS employee ON employee.id = held.employee_id
          JOIN res_users AS worker ON worker.id = employee.user_id
          LEFT JOIN hr_employee AS above ON above.id = held.head_id
          LEFT JOIN res_users AS head ON head.id = above.user_id
          LEFT JOIN crm_team AS team ON team.id = held.team_id
        """
    )
    logins = {key: person.login for key, person in PEOPLE.items() if person.is_employee}
    planned = {
        (logins[held.person], logins.get(held.head), TEAMS[held.team].name if held.team else None, held.start, held.end)
        for held in company.positions
        if held.person in logins
    }
    assert {row for row in rows if row[0] in logins.values()} == planned


def test_every_customer_is_owned_by_whom_and_since_when_the_plan_says(company, ask):
    rows = ask(
        """
        SELECT partner.name, seller.login, owned.date_from, owned.date_to
          FROM sdm_ownership AS owned
          JOIN res_partner AS partner ON partner.id = owned.partner_id
          JOIN hr_employee AS employee ON employee.id = owned.employee_id
          JOIN res_users AS seller ON seller.id = employee.user_id
        """
    )
    names = {customer.key: customer.name for customer in company.customers}
    planned = [
        (names[owned.customer], PEOPLE[owned.person].login, owned.start, owned.end)
        for owned in company.ownerships
        if PEOPLE[owned.person].is_employee
    ]
    assert Counter(rows) == Counter(planned)


def test_customers_are_told_apart_by_date(ask):
    schemes = ask(
        """
        SELECT scheme.name ->> 'en_US', COALESCE(scheme.is_primary, FALSE), count(DISTINCT membership.date_from) > 1,
               bool_and(version.state = 'in_force')
          FROM sdm_scheme scheme
          JOIN sdm_scheme_version version ON version.scheme_id = scheme.id
          JOIN sdm_segment_membership membership ON membership.scheme_id = scheme.id
         GROUP BY scheme.id ORDER BY 1
        """
    )
    assert schemes == [
        ("ABC and XYZ", False, True, True),
        ("ABC by revenue", True, True, True),
        ("Life cycle", False, True, True),
        ("RFM", False, True, True),
        ("XYZ of customers", False, True, True),
    ]
    shown = ask("SELECT count(*) FROM res_partner WHERE sdm_segment_id IS NOT NULL")
    classed = ask(
        """
        SELECT count(*) FROM sdm_segment_membership membership JOIN sdm_scheme scheme ON scheme.id = scheme_id
         WHERE scheme.is_primary AND membership.date_to IS NULL AND membership.segment_id IS NOT NULL
        """
    )
    assert shown == classed


def test_absences_name_who_stands_in(company, ask):
    rows = ask(
        """
        SELECT resource.name, (absence.date_from + INTERVAL '3 hours')::date,
               (absence.date_to + INTERVAL '3 hours')::date, substitute.name
          FROM resource_calendar_leaves AS absence JOIN resource_resource AS resource ON resource.id = resource_id
          LEFT JOIN hr_employee AS substitute ON substitute.id = absence.sdm_substitute_id
        """
    )
    planned = [
        (
            PEOPLE[absence.person].name,
            absence.start,
            absence.end,
            PEOPLE[absence.substitute].name if absence.substitute else None,
        )
        for absence in company.absences
    ]
    assert sorted(rows, key=str) == sorted(planned, key=str)


def test_strategies_and_playbooks_hold_but_for_one_segment(ask):
    begun, anew = (STORIES[name].date(ANCHOR) for name in ("open_decisions", "decided_anew"))
    for table, segment, second in (("sdm_strategy", "segment_id", anew), ("sdm_playbook", "rel.segment_id", begun)):
        rows = ask(
            f"""
            SELECT segment.name ->> 'en_US', decision.state, decision.date_from FROM {table} decision
              {"JOIN sdm_playbook_segment_rel rel ON rel.playbook_id = decision.id" if "rel" in segment else ""}
              JOIN sdm_segment segment ON segment.id = {segment} ORDER BY 1
            """
        )
        assert rows == [("A", "in_force", begun), ("B", "in_force", second), ("C", "draft", None)], table


def test_who_came_into_the_first_segment_is_in_its_steps(ask):
    begun = STORIES["steps_under_way"].date(ANCHOR)
    came = ask(
        """
        SELECT membership.partner_id, membership.date_from FROM sdm_segment_membership membership
          JOIN sdm_segment segment ON segment.id = membership.segment_id
          JOIN sdm_scheme scheme ON scheme.id = segment.scheme_id
         WHERE scheme.is_primary AND segment.name ->> 'en_US' = 'A' AND membership.date_to IS NULL
           AND membership.date_from >= %s ORDER BY 1
        """,
        [begun],
    )
    enrolled = ask("SELECT partner_id, date_start, state, done_count FROM sdm_enrolment ORDER BY 1")
    assert [row[:2] for row in enrolled] == came
    assert came
    for _partner, start, state, done in enrolled:
        if start == ANCHOR:
            assert (state, done) == ("active", 0)
        else:
            assert (state, done) in {("ended", 3), ("paused", 1)}


def test_potentials_and_groups_are_entered(company, ask):
    assert ask("SELECT count(*) FROM sdm_potential") == [(len(company.potentials),)]
    groups = ask("SELECT sdm_customer_group_id, count(*) FROM res_partner WHERE sdm_customer_group_id > 0 GROUP BY 1")
    # a company and its three subsidiaries
    assert [count for _group, count in groups] == [4] * int(STORIES["groups"].size)


def test_the_first_decisions_of_the_roadmap_are_taken(ask):
    assert ask("SELECT code, date_decided FROM sdm_roadmap_step WHERE decided ORDER BY sequence") == [
        ("segmentation", date(2026, 3, 30)),
        ("structure", date(2026, 6, 30)),
    ]
    owners = ask("SELECT count(*) FROM sdm_roadmap_step WHERE user_id IS NOT NULL AND date_due IS NOT NULL")
    assert owners == [(7,)]


def test_two_groups_have_their_roles_by_a_roll_out_that_everybody_has_read(company, ask):
    story = STORIES["rolled_out"]
    first = story.date(ANCHOR)
    rolled = ask(
        """
        SELECT head.name, roll_out.state, roll_out.is_pilot, roll_out.date,
               (SELECT count(*) FROM sdm_roll_out_line line WHERE line.roll_out_id = roll_out.id
                   AND line.outcome = 'given'),
               (SELECT count(date_acknowledged) FROM sdm_acknowledgement WHERE res_model = 'sdm.roll.out'
                   AND res_id = roll_out.id)
          FROM sdm_roll_out roll_out JOIN hr_employee head ON head.id = roll_out.head_id ORDER BY roll_out.date
        """
    )
    groups = [
        1 + sum(position.head == head and position.end is None for position in company.positions)
        for head in story.people
    ]
    assert rolled == [
        (PEOPLE[head].name, "rolled_out", place == 0, add_months(first, place), groups[place], groups[place])
        for place, head in enumerate(story.people)
    ]
    roles = ask(
        """
        SELECT usr.login, data.module || '.' || data.name FROM res_groups_users_rel given
          JOIN res_users usr ON usr.id = given.uid
          JOIN ir_model_data data ON data.model = 'res.groups' AND data.res_id = given.gid
         WHERE data.module = 'sdm_segmentation' AND usr.login NOT IN ('admin', '__system__')
        """
    )
    wanted = {
        (person.login, group)
        for person in PEOPLE.values()
        for group in person.groups
        if group.startswith("sdm_segmentation.")
    }
    assert set(roles) == wanted


def test_customers_changed_hands_and_will(company, ask):
    rows = ask(
        """
        SELECT giver.name, receiver.name, hand_over.date, hand_over.state, count(*),
               (hand_over.outcome ->> 'customers')::int
          FROM sdm_hand_over hand_over JOIN hr_employee giver ON giver.id = giver_id
          JOIN hr_employee receiver ON receiver.id = receiver_id
          JOIN res_partner_sdm_hand_over_rel given ON given.sdm_hand_over_id = hand_over.id
         GROUP BY hand_over.id, giver.name, receiver.name ORDER BY hand_over.date
        """
    )
    [done, planned] = rows
    for name, row in (("hand_over", done), ("planned_hand_over", planned)):
        story = STORIES[name]
        assert row[:3] == (*(PEOPLE[person].name for person in story.people), story.date(ANCHOR)), name
    given = [
        owned
        for owned in company.ownerships
        if owned.person == "morozova" and owned.end == STORIES["hand_over"].date(ANCHOR) - timedelta(days=1)
    ]
    assert done[3:] == ("done", len(given), len(given))
    assert planned[3] == "agreed" and planned[5] is None
    # a small company has fewer to give
    assert 0 < planned[4] <= STORIES["planned_hand_over"].size


def test_a_decision_was_announced_and_two_have_not_read_it(ask):
    rows = ask(
        """
        SELECT person.login, row.date_acknowledged IS NULL, row.activity_id IS NOT NULL
          FROM sdm_acknowledgement row JOIN res_users person ON person.id = row.user_id
         WHERE row.res_model = 'sdm.roadmap.step'
        """
    )
    unread = {PEOPLE[person].login for person in STORIES["announced"].people}
    assert {(login, asked) for login, is_unread, asked in rows if is_unread} == {(login, True) for login in unread}
    assert len(rows) > 12


def test_forecasts_of_three_months_stand_beside_what_came(ask):
    rows = ask(
        """
        SELECT snapshot.method, count(DISTINCT snapshot.date), count(DISTINCT snapshot.working_day),
               bool_and(snapshot.actual IS NOT NULL), bool_and(snapshot.day < (snapshot.date + interval '1 month'))
          FROM sdm_kpi_forecast_snapshot snapshot GROUP BY 1 ORDER BY 1
        """
    )
    assert rows == [(method, 3, 3, True, True) for method in ("best", "commit", "run_rate")]
    # one head is too sure each month, another one is careful; in a month without sales they cannot be
    rows = ask(
        """
        SELECT employee.name, every(snapshot.amount >= snapshot.actual), every(snapshot.amount <= snapshot.actual)
          FROM sdm_kpi_forecast_snapshot snapshot JOIN hr_employee employee ON employee.id = snapshot.head_id
         WHERE snapshot.method = 'commit' AND snapshot.actual <> 0
           AND employee.name IN ('Andrei Klimov', 'Pavel Gromov')
         GROUP BY 1 ORDER BY 1
        """
    )
    assert rows == [("Andrei Klimov", False, True), ("Pavel Gromov", True, False)]


def test_a_plan_is_in_force_was_changed_and_the_next_one_waits(company, ask):
    changed = STORIES["plan_changed"]
    day = changed.date(ANCHOR)
    rows = ask(
        """
        SELECT plan.name, version.state, version.date_from, version.month_from, count(target.id) > 0
          FROM sdm_plan_version version JOIN sdm_plan plan ON plan.id = version.plan_id
          JOIN sdm_plan_target target ON target.version_id = version.id
         GROUP BY plan.name, version.id ORDER BY plan.name, version.number
        """
    )
    this, coming = f"Plan {day.year}", f"Plan {day.year + 1}"
    assert rows == [
        (this, "replaced", date(day.year, 1, 1), None, True),
        (this, "in_force", day, day.replace(day=1), True),
        (coming, "submitted", None, None, True),
    ]
    month = day.replace(day=1)
    ((value, old, decided),) = ask(
        """
        SELECT target.value, target.part_old, target.value_decided FROM sdm_plan_target target
          JOIN hr_employee employee ON employee.id = target.employee_id
          JOIN sdm_kpi kpi ON kpi.id = target.kpi_id AND kpi.code = 'revenue'
         WHERE target.is_effective AND target.date = %s AND employee.name = %s
        """,
        [month, PEOPLE[changed.people[0]].name],
    )
    before, after = (
        next(
            target.amount
            for target in company.targets
            if (target.version, target.person, target.month) == (version, changed.people[0], month)
        )
        for version in (FIRST, CHANGE)
    )
    assert decided == after
    assert 0 < old < before < value < after
    # one target of each person and KPI holds in each month of the year
    cell = "kpi_id, employee_id, date"
    assert ask(f"SELECT 1 FROM sdm_plan_target WHERE is_effective GROUP BY {cell} HAVING count(*) > 1") == []
    norms = "SELECT DISTINCT code FROM sdm_plan_target target JOIN sdm_kpi kpi ON kpi.id = kpi_id WHERE is_effective"
    assert set(ask(norms)) == {("revenue",), ("meetings",), ("calls",)}
    assert ask("SELECT count(DISTINCT date) FROM sdm_plan_target WHERE is_effective") == [(12,)]
    people = ask(
        """
        SELECT DISTINCT employee.name FROM sdm_plan_change change
          JOIN hr_employee employee ON employee.id = change.employee_id
        """
    )
    assert people == [(PEOPLE[changed.people[0]].name,)]
    assert ask("SELECT count(*) FROM sdm_plan_commitment WHERE date_given IS NOT NULL") == [(len(company.commitments),)]


def test_a_month_is_closed_and_its_documents_went_on(company, ask):
    month = STORIES["closed_month"].date(ANCHOR)
    names = {customer.key: customer.name for customer in company.customers}
    orders = {order.key: order for order in company.orders}
    invoices = {invoice.key: invoice for invoice in company.invoices}
    late, changed = (
        names[orders[invoices[key].order].customer] for key in (company.closing.late, company.closing.changed)
    )
    states = ask("SELECT date, state FROM sdm_period WHERE date <= %s ORDER BY date DESC LIMIT 4", [ANCHOR])
    assert states == [(add_months(month, 2 - number, on=1), "open" if number < 2 else "closed") for number in range(4)]
    director = next(person.name for key, person in PEOPLE.items() if key == STORIES["closed_month"].people[0])
    assert ask(
        """
        SELECT closer.name, period.closed_on::date FROM sdm_period period JOIN res_users usr ON usr.id = closed_by_id
          JOIN res_partner closer ON closer.id = usr.partner_id WHERE period.date = %s
        """,
        [month],
    ) == [(director, add_months(month, 1, on=5))]
    differing = ask(
        """
        SELECT row.kind, row.res_model, partner.name, row.restatement_id IS NOT NULL, sum(difference) > 0
          FROM sdm_period_difference row JOIN sdm_period period ON period.id = row.period_id
          JOIN sdm_kpi kpi ON kpi.id = row.kpi_id LEFT JOIN res_partner partner ON partner.id = row.partner_id
         WHERE period.date = %s AND kpi.code IN ('revenue', 'won_amount') GROUP BY 1, 2, 3, 4 ORDER BY 1
        """,
        [month],
    )
    deal = next(deal for deal in company.deals if deal.key == company.closing.doubled)
    assert differing == [
        ("changed", "account.move", changed, True, False),
        ("deleted", "crm.lead", names[deal.customer], False, False),
        ("late", "account.move", late, False, True),
    ]
    [(kind, author, before, after)] = ask(
        """
        SELECT decision.kind, author.name, line.old_value, line.new_value FROM sdm_period_restatement decision
          JOIN sdm_period_restatement_line line ON line.restatement_id = decision.id
          JOIN sdm_kpi kpi ON kpi.id = line.kpi_id AND kpi.code = 'revenue'
          JOIN res_users usr ON usr.id = decision.user_id JOIN res_partner author ON author.id = usr.partner_id
        """
    )
    assert (kind, author) == ("restated", director) and after < before


def test_the_accounting_has_one_invoice_more_than_the_closed_month(company, ask):
    month = STORIES["closed_month"].date(ANCHOR)
    rows = ask(
        """
        SELECT total.date, round(total.amount::numeric, 2) - (
                   SELECT round(sum(value), 2) FROM sdm_kpi_fact fact JOIN sdm_kpi kpi ON kpi.id = fact.kpi_id
                    WHERE kpi.code = 'revenue' AND fact.date = total.date)
          FROM sdm_control_total total ORDER BY 1
        """
    )
    [late] = [invoice for invoice in company.invoices if invoice.key == company.closing.late]
    [order] = [order for order in company.orders if order.key == late.order]
    [customer] = [customer for customer in company.customers if customer.key == order.customer]
    [(missing,)] = ask(
        """
        SELECT round(move.amount_untaxed, 2) FROM account_move move JOIN res_partner partner ON partner.id = partner_id
         WHERE invoice_date = %s AND partner.name = %s AND move_type = 'out_invoice'
        """,
        [late.day, customer.name],
    )
    months = [add_months(month, number - 2, on=1) for number in range(3)]
    assert rows == [(months[0], 0), (months[1], 0), (months[2], missing)]


def test_drafts_wait_in_the_month_before(ask):
    story = STORIES["draft_invoice"]
    month = add_months(ANCHOR, -story.months, on=1)
    drafts = ask("SELECT date_trunc('month', invoice_date)::date FROM account_move WHERE state = 'draft'")
    assert drafts == [(month,)] * int(story.size)
