from dataclasses import dataclass, field
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import format_date, formatLang

from odoo.addons.sdm_segmentation.models.sdm_decision_version import DRAFT
from odoo.addons.sdm_segmentation.models.timezones import to_utc

from ..engine import credit, facts, periods
from ..engine.plan.pace import pace_of
from .plan.sdm_plan_version import SUBMITTED
from .sdm_kpi_source import Scope

MEASURES = ("value", "target", "target_to_date", "attainment", "pace")
# what is not counted until somebody does something about it
WAITING_SOURCES = {
    "draft_invoice": {"invoice"},
    "to_invoice": {"invoice"},
    "quotation": {"order", "invoice"},
    "won_without_order": {"order", "invoice"},
    "won_without_amount": {"won"},
    "unpaid": {"payment"},
    "activity": {"activity", "meeting"},
    "unassigned": {"won", "order", "invoice"},
}
# by what the amounts of a model are to be grouped to know their currency; others are in that of the company
CURRENCIES = {"sale.order": "currency_id", "sdm.kpi.entry": "currency_id"}


@dataclass
class Asked:
    """Whose plan of which month is looked at.

    :param employee: hr.employee, with all rights; :param cards: all cards of the same person
    :param month: first day; :param today: date; :param perimeter: sdm.perimeter
    :param working_days: {employee id, None for the company: (those of the month that are over, all of them)}
    """

    employee: object
    cards: object
    month: object
    today: object
    perimeter: object
    working_days: dict = field(default_factory=dict)

    @property
    def days(self):
        return self.working_days[self.employee.id]

    @property
    def passed(self):
        """The part of the month that has passed, by card of the person."""
        parts = {who: Decimal(over) / max(whole, 1) for who, (over, whole) in self.working_days.items()}
        return dict.fromkeys(self.cards.ids, parts[self.employee.id]) | parts

    @property
    def is_running(self):
        return self.month == periods.month_of(self.today)

    @property
    def of_person(self):
        return Domain("employee_id", "in", self.cards.ids)


class SdmMyPlan(models.AbstractModel):
    """The plan of a seller on a phone: how far each KPI is, what is needed per day, and what does not count yet.

    All numbers are those of the report. The number of queries depends on nothing that grows.
    """

    _name = "sdm.my.plan"
    _description = "Plan of a Seller"

    # -- what the browser asks for ------------------------------------------------------------------------------------

    @api.model
    @api.readonly
    def get_plan(self, employee_id=None, month=None):
        """The plan of a person.

        :param employee_id: whose; None: one's own. Heads see those of the people whom they lead, directors all
        :param month: any day of it; None: the running one
        :return: dict with ``month``, ``person``, ``people`` to choose from, ``days`` (working days of the month),
            ``kpis`` (see :meth:`_describe_kpi`), ``commitments`` (that are asked of the person who asks), ``waiting``
            (what does not count yet) and ``status`` (how fresh and complete the facts are)
        :raise AccessError: the person is not led by who asks
        """
        perimeter = self.env["sdm.perimeter"]._get_default()
        today = fields.Date.context_today(self)
        month = periods.month_of(fields.Date.to_date(month) or today)
        people = self._get_people(perimeter, month)
        employee = self._get_person(people, employee_id)
        if not employee or not perimeter:
            return {
                "person": False,
                "people": [],
                "kpis": [],
                "commitments": [],
                "waiting": [],
                "month": self._describe_month(month),
            }
        asked = Asked(employee, self._get_cards(employee), month, today, perimeter)
        asked.working_days = self._get_days(asked)
        over, whole = asked.days
        return {
            "month": self._describe_month(month),
            "is_running": asked.is_running,
            "person": {"id": employee.id, "name": employee.name, "is_me": employee.user_id == self.env.user},
            "people": [{"id": person.id, "name": person.name} for person in people],
            "days": {"over": over, "left": whole - over, "all": whole},
            "kpis": self._describe_kpis(asked),
            "commitments": self._describe_commitments(asked, people),
            "waiting": self._describe_waiting(asked),
            "status": self.env["sdm.period"]._describe_status(perimeter, month),
        }

    @api.model
    def open_documents(self, kpi_id, employee_id, month):
        """What a KPI of the month counts: the documents, of a ratio the facts that it is made of.

        :return: action
        """
        kpi = self.env["sdm.kpi"].browse(kpi_id)
        month = periods.month_of(fields.Date.to_date(month))
        cards = self._get_cards(self.env["hr.employee"].sudo().browse(employee_id))
        of_person = Domain("employee_id", "in", cards.ids)
        if kpi._get_counted() == kpi:
            return self.env["sdm.kpi.entry"]._get_action(kpi, month, month, of_person)
        action = self.env["ir.actions.act_window"]._for_xml_id("sdm_kpi.sdm_kpi_report_action")
        action["name"] = kpi.name
        action["domain"] = list(
            of_person & Domain("kpi_id", "=", kpi.id) & Domain("date", "=", month) & Domain("is_target", "=", False)
        )
        action["context"] = {}
        action["views"] = [(False, "list")]
        action["view_mode"] = "list"
        return action

    # -- who ----------------------------------------------------------------------------------------------------------

    @api.model
    def _get_people(self, perimeter, month):
        """Those whose plan may be looked at, oneself first: who has a target in the year.

        :return: hr.employee, with all rights
        """
        me = self.env.user
        if not me.has_group("sdm_segmentation.group_sdm_user") and not me.has_group(
            "sdm_segmentation.group_sdm_auditor"
        ):
            raise AccessError(self.env._("A plan is for sellers, their heads, the director and the auditor."))
        first = month.replace(month=1)
        rows = self.env["sdm.plan.target"]._read_group(
            Domain("is_effective", "=", True)
            & Domain("perimeter_id", "=", perimeter.id)
            & Domain("employee_id", "!=", False)
            & Domain("date", ">=", first)
            & Domain("date", "<", periods.add_months(first, periods.MONTHS)),
            ["employee_id"],
        )
        people = self.env["hr.employee"].sudo().browse([employee.id for (employee,) in rows])
        mine = me.sudo().with_context(active_test=False).employee_ids
        own = (mine & people) or mine.filtered("active") if not people - mine else mine & people
        return own[:1] | (people - mine).sorted("name")

    @api.model
    def _get_cards(self, employee):
        """All cards of the same person: somebody may have one in several companies."""
        return employee.user_id.with_context(active_test=False).employee_ids or employee

    @api.model
    def _get_person(self, people, employee_id):
        if not employee_id:
            return people[:1]
        person = people.filtered(lambda one: one.id == employee_id)
        if not person:
            raise AccessError(self.env._("You see your own plan and those of the people whom you lead."))
        return person

    @api.model
    def _get_days(self, asked):
        """Working days of the month of the person and the company.

        :return: {employee id, None for the company: (those that are over, all)}
        """
        last = periods.end_of(asked.month)
        day = min(max(asked.today, asked.month), last)
        days = self.env["sdm.plan.target"]._get_working_days(asked.perimeter, day, asked.employee)
        return {who: (whole if asked.today > last else over, whole) for who, (over, whole) in days.items()}

    # -- how far ------------------------------------------------------------------------------------------------------

    @api.model
    def _describe_month(self, month):
        return {
            "value": fields.Date.to_string(month),
            "name": format_date(self.env, month, date_format="LLLL yyyy"),
            "previous": fields.Date.to_string(periods.add_months(month, -1)),
            "next": fields.Date.to_string(periods.add_months(month, 1)),
        }

    @api.model
    def _describe_kpis(self, asked):
        """The KPI that have a target in the month, in the order of the catalogue."""
        Report = self.env["sdm.kpi.report"]._with_passed(passed=asked.passed)
        until = Domain("date", ">=", asked.month.replace(month=1)) & Domain("date", "<=", asked.month)
        by_month, by_year = Report._read_grouping_sets(
            asked.of_person & until, [["kpi_id", "date:month"], ["kpi_id"]], [f"{name}:sum" for name in MEASURES]
        )
        months = {kpi: measures for kpi, month, *measures in by_month if month == asked.month}
        years = {kpi: measures for kpi, *measures in by_year}
        return [
            self._describe_kpi(kpi, by_name(months[kpi]), by_name(years[kpi]), asked)
            for kpi in sorted(months, key=lambda kpi: (kpi.sequence, kpi.id))
            if by_name(months[kpi])["target"] is not None
        ]

    @api.model
    def _describe_kpi(self, kpi, month, year, asked):
        """How far a KPI is, in numbers and in words.

        :param month: dict of the measures of the report; :param year: those of the year to date
        """
        judged = month["pace"] if asked.is_running else month["attainment"]
        described = {
            "id": kpi.id,
            "code": kpi.code,
            "name": kpi.name,
            "description": kpi.description or "",
            "is_less_better": kpi.direction == "down",
            **month,
            "needed": None,
            "landing": None,
            "band": kpi._get_band(judged, asked.is_running),
            "year_attainment": year["pace"],
            "year_band": kpi._get_band(year["pace"], asked.is_running),
            "texts": {
                "value": self._tell(kpi, month["value"]),
                "target": self._tell(kpi, month["target"]),
                "target_to_date": self._tell(kpi, month["target_to_date"]),
                "attainment": self._tell_share(month["attainment"]),
                "pace": self._tell_share(month["pace"]),
                "year_value": self._tell(kpi, year["value"]),
                "year_target": self._tell(kpi, year["target_to_date"]),
                "year_attainment": self._tell_share(year["pace"]),
            },
        }
        if asked.is_running and kpi.semantics in (facts.FLOW, facts.DISTINCT):
            pace = pace_of(*(exact(month[name]) for name in ("target", "value")), *asked.days)
            described["landing"] = None if pace.landing is None else float(pace.landing)
            if kpi.direction == "up":
                described["needed"] = None if pace.needed is None else float(pace.needed)
        described["texts"]["needed"] = self._tell(kpi, described["needed"], 1)
        described["texts"]["landing"] = self._tell(kpi, described["landing"])
        return described

    @api.model
    def _tell(self, kpi, value, more=0):
        """A number of a KPI in the language of the reader; a dash for none.

        :param more: decimals beyond the usual ones
        """
        if value is None:
            return "–"
        if kpi.unit == "money":
            return formatLang(self.env, value, digits=0)
        is_whole = kpi.unit == "number" and kpi.kind not in ("ratio", "formula")
        text = formatLang(self.env, value, digits=more if is_whole else 1)
        return f"{text} %" if kpi.unit == "percent" else text

    @api.model
    def _tell_share(self, value):
        return "–" if value is None else f"{formatLang(self.env, 100 * value, digits=0)} %"

    # -- what is asked for ---------------------------------------------------------------------------------------------

    @api.model
    def _describe_commitments(self, asked, people):
        """The plans that ask the reader for a commitment; nobody says it for somebody else.

        They stand in the own plan, and in that of others for who has none.

        :param people: hr.employee whose plans may be looked at
        :return: list of dicts ``id`` (of the version), ``plan``, ``until`` (text), ``is_late`` and ``is_given``
        """
        me = self.env.user
        asking = Domain("perimeter_id", "=", asked.perimeter.id) & Domain("asks_commitments", "=", True)
        # who is asked may know of which plan
        versions = self.env["sdm.plan.version"].sudo().search(asking & Domain("state", "in", [DRAFT, SUBMITTED]))
        versions = versions.filtered("may_commit")
        if not versions or asked.employee.user_id != me and me in people.user_id:
            return []
        given = self.env["sdm.plan.commitment"]._read_group(
            Domain("version_id", "in", versions.ids)
            & Domain("employee_id.user_id", "=", me.id)
            & Domain("date_given", "!=", False),
            ["version_id"],
        )
        return [
            {
                "id": version.id,
                "plan": version.plan_id.name,
                "until": format_date(self.env, version.date_commitments),
                "is_late": version.date_commitments < asked.today,
                "is_given": (version,) in given,
            }
            for version in versions
        ]

    # -- what does not count yet --------------------------------------------------------------------------------------

    @api.model
    def _describe_waiting(self, asked):
        """Documents of the person and month that no fact counts, and why; those alone that matter for the KPI shown.

        :return: list of dicts ``key``, ``name``, ``remedy``, ``count``, ``amount`` (text), ``action`` to open them
        """
        user = asked.employee.user_id
        if not user:
            return []
        scope = Scope(asked.perimeter.sudo())
        wanted = self._get_sources(asked, scope)
        found = []
        for key, (name, remedy, model, domain, amount) in self._get_checks(asked, scope, user).items():
            if not WAITING_SOURCES[key] & wanted:
                continue
            count, total = self._sum_up(model, domain, amount, asked)
            if count:
                found.append(
                    {
                        "key": key,
                        "name": name,
                        "remedy": remedy,
                        "count": count,
                        "amount": formatLang(self.env, total, digits=0) if total else "",
                        "action": self._get_waiting_action(name, model, domain),
                    }
                )
        return found

    @api.model
    def _get_sources(self, asked, scope):
        """The sources of the KPI switched on, revenue as what it is counted from."""
        rows, _trees = self.env["sdm.kpi.report"]._get_inputs()
        counted = self.env["sdm.kpi"].sudo().browse({counted for _kpi, counted, *_place in rows})
        sources = {kpi._get_source() for kpi in counted}
        return {scope.revenue_source if source in ("revenue", "new_customer") else source for source in sources}

    @api.model
    def _get_checks(self, asked, scope, user):
        """What is looked for: {key: (name, what to do, model, domain, field with the amount)}."""
        start, end = (to_utc(day, scope.zone) for day in (asked.month, periods.add_months(asked.month, 1)))
        last = periods.end_of(asked.month)
        companies = Domain("company_id", "in", scope.companies.ids)
        own = Domain("user_id", "=", user.id)

        def between(name):
            return Domain(name, ">=", start) & Domain(name, "<", end)

        won = Domain("type", "=", "opportunity") & Domain("won_status", "=", "won") & between("date_closed")
        of_company = Domain("company_id", "in", [False, *scope.companies.ids])
        invoices = companies & Domain("invoice_user_id", "=", user.id)
        dated = Domain("invoice_date", ">=", asked.month) & Domain("invoice_date", "<=", last)
        undated = Domain("invoice_date", "=", False) & between("create_date")
        owned = (
            Domain("employee_id", "in", asked.cards.ids)
            & Domain("date_from", "<=", last)
            & (Domain("date_to", "=", False) | Domain("date_to", ">=", asked.month))
        )
        return {
            "draft_invoice": (
                self.env._("Draft invoices"),
                self.env._("They count once they are posted."),
                "account.move",
                invoices
                & Domain("move_type", "in", ["out_invoice", "out_refund"])
                & Domain("state", "=", "draft")
                & (dated | undated),
                "amount_untaxed_signed",
            ),
            "to_invoice": (
                self.env._("Orders not invoiced"),
                self.env._("They count once they are invoiced."),
                "sale.order",
                companies
                & own
                & Domain("state", "=", "sale")
                & Domain("invoice_status", "=", "to invoice")
                & Domain("date_order", "<", end),
                "amount_untaxed",
            ),
            "quotation": (
                self.env._("Quotations not confirmed"),
                self.env._("They count once the customer has ordered."),
                "sale.order",
                companies & own & Domain("state", "in", ["draft", "sent"]) & between("date_order"),
                "amount_untaxed",
            ),
            "won_without_order": (
                self.env._("Won deals without an order"),
                self.env._("Make and confirm an order: revenue is counted from those."),
                "crm.lead",
                of_company & own & won & Domain("order_ids", "not any", [("state", "=", "sale")]),
                "expected_revenue",
            ),
            "won_without_amount": (
                self.env._("Won deals without an amount"),
                self.env._("Enter what the customer pays: they count as 0."),
                "crm.lead",
                of_company & own & won & Domain("expected_revenue", "=", 0),
                None,
            ),
            "unpaid": (
                self.env._("Invoices not paid"),
                self.env._("They count as money received once they are paid."),
                "account.move",
                invoices
                & Domain("move_type", "=", "out_invoice")
                & Domain("state", "=", "posted")
                & Domain("payment_state", "in", ["not_paid", "partial"])
                & Domain("invoice_date", "<=", last),
                "amount_residual_signed",
            ),
            "activity": (
                self.env._("Activities not marked as done"),
                self.env._("They count on the day they are marked as done."),
                "mail.activity",
                own
                & Domain("res_model", "in", ["crm.lead", "sale.order", "res.partner"])
                & Domain("date_deadline", ">=", asked.month)
                & Domain("date_deadline", "<=", min(last, asked.today)),
                None,
            ),
            "unassigned": (
                self.env._("Sales to your customers without a salesperson"),
                self.env._("Ask the director to credit them to you: KPIs > Without a person."),
                "sdm.kpi.entry",
                Domain("credit", "in", [credit.TEAM, credit.NONE])
                & Domain("documents", "!=", 0)
                & Domain("date", ">=", asked.month)
                & Domain("date", "<=", last)
                & Domain("partner_id.sdm_ownership_ids", "any", list(owned)),
                "amount",
            ),
        }

    @api.model
    def _sum_up(self, model, domain, amount, asked):
        """How many documents a domain finds, whoever asks, and what they come to.

        :param amount: name of the field with their amount, None: they have none
        :return: (number, amount in the perimeter's currency at the rate of today)
        """
        Model = self.env[model].sudo()
        if model == "sdm.kpi.entry":
            month = fields.Date.to_string(asked.month)
            Model = Model.with_context(sdm_source="revenue", sdm_first=month, sdm_last=month)
        if not amount:
            return Model.search_count(domain), 0
        own = CURRENCIES.get(model)
        main = asked.perimeter.sudo()._get_main_company()
        number = total = 0
        for company, *currency, count, part in Model._read_group(
            domain, ["company_id", *([own] if own else [])], ["__count", f"{amount}:sum"]
        ):
            company = company or main
            number += count
            total += (currency[0] if own else company.currency_id)._convert(
                part or 0, asked.perimeter.sudo().currency_id, company, asked.today
            )
        return number, total

    @api.model
    def _get_waiting_action(self, name, model, domain):
        """Open documents, where the reader may; None where not."""
        if model == "sdm.kpi.entry" or not self.env[model].has_access("read"):
            return None
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "views": [(False, "list"), (False, "kanban"), (False, "form")],
            "domain": list(domain),
        }


def by_name(values):
    """The measures of a group of the report: {name: number, None where there is none}; 1 is all of the plan."""
    found = {name: None if value is False else float(value) for name, value in zip(MEASURES, values, strict=True)}
    shares = {name: found[name] / 100 for name in ("attainment", "pace") if found[name] is not None}
    return found | shares


def exact(value):
    """A number of the report as a Decimal, 0 for none."""
    return Decimal(str(value or 0))
