from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..engine import ownership
from ..engine.roadmap import Status
from .timezones import to_utc


class SdmOwnership(models.Model):
    """Whose a customer is, from when until when.

    Odoo knows the present salesperson only. Ownership follows changes made there from the day of the change on; heads
    and the director enter the true date here. The present lead is written back as the salesperson.

    A salesperson without an employee card (an integration user, an outsider) is not followed: the last lead stays until
    somebody with a card takes over.
    """

    _name = "sdm.ownership"
    _description = "Ownership of a Customer"
    _inherit = ["sdm.guarded.mixin", "mail.thread", "sdm.dated.mixin", "sdm.roadmap.mixin"]
    _order = "date_from desc, id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="cascade",
        tracking=True,
        domain=["|", ("is_company", "=", True), ("parent_id", "=", False)],
    )
    employee_id = fields.Many2one(
        "hr.employee", string="Owner", required=True, index=True, ondelete="restrict", tracking=True
    )
    company_id = fields.Many2one(related="employee_id.company_id", store=True, index=True)
    date_from = fields.Date(tracking=True)
    date_to = fields.Date(tracking=True)
    kind = fields.Selection(
        [(ownership.LEAD, "Lead seller"), (ownership.CO, "Co-seller"), (ownership.SUBSTITUTE, "Substitute seller")],
        required=True,
        default=ownership.LEAD,
        tracking=True,
        help="The lead answers for the customer and is its salesperson; a co-seller works along; "
        "a substitute stands in.",
    )
    share = fields.Float(
        compute="_compute_share",
        store=True,
        readonly=False,
        digits=(5, 4),
        aggregator=None,
        tracking=True,
        help="Part of the customer's result; all owners together have at most the whole.",
    )
    date_next = fields.Date(
        "Next change of the salesperson",
        compute="_compute_date_next",
        store=True,
        index="btree_not_null",
        help="The day to come on which this lead begins or is over.",
    )
    is_led = fields.Boolean(
        "Of my group",
        compute="_compute_is_led",
        search="_search_is_led",
        help="The owner works under the person who asks, directly or not, did so until leaving, or is that person.",
    )

    _share_range = models.Constraint("CHECK(share >= 0 AND share <= 1)", "A share is at least 0 and at most 1.")
    _dates_order = models.Constraint("CHECK(date_to >= date_from)", "An ownership cannot end before it begins.")
    # Judged at the end of a transaction, so that its steps may come in any order and names are told before. Ranges of
    # one number, since plain numbers would need an extension of PostgreSQL.
    _lead_once = models.Constraint(
        "EXCLUDE USING gist (int4range(partner_id, partner_id, '[]') WITH &&,"
        " daterange(date_from, date_to, '[]') WITH &&) WHERE (kind = 'lead')"
        " DEFERRABLE INITIALLY DEFERRED",
        "The customer has another lead seller on some of these days.",
    )
    _partner_employee_from_uniq = models.UniqueIndex(
        "(partner_id, employee_id, date_from)",
        "The employee has another ownership of this customer that begins on the same day.",
    )
    _employee_dates_idx = models.Index("(employee_id, date_from, date_to)")

    @api.depends("kind")
    def _compute_share(self):
        for owner in self:
            owner.share = 1.0 if owner.kind == ownership.LEAD else 0.0

    @api.depends("kind", "date_from", "date_to")
    def _compute_date_next(self):
        today = fields.Date.context_today(self)
        for owner in self:
            day = False
            if owner.kind == ownership.LEAD and owner.date_from:
                after = owner.date_to and owner.date_to + timedelta(days=1)
                day = next((date for date in (owner.date_from, after) if date and date > today), False)
            owner.date_next = day

    @api.depends("employee_id")
    @api.depends_context("uid")
    def _compute_is_led(self):
        led = self.search(Domain("id", "in", self.ids) & Domain("is_led", "=", True))
        for owner in self:
            owner.is_led = owner._origin in led

    def _search_is_led(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        led = self.env["sdm.position.link"]._query_led_employees(self.env.user, today, departed=True)
        return Domain("employee_id", "in", led)

    @api.depends("partner_id", "employee_id", "date_from")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for owner in self:
            start = format_date(self.env, owner.date_from) if owner.date_from else ""
            owner.display_name = f"{owner.partner_id.name or ''}: {owner.employee_id.name or ''}, {start}"

    @api.constrains("partner_id")
    def _check_partner(self):
        for partner in self.sudo().partner_id:
            if partner.commercial_partner_id != partner:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is a contact of %(customer)s. Choose %(customer)s: owned is the whole customer.",
                        contact=partner.name,
                        customer=partner.commercial_partner_id.name,
                    )
                )

    @api.constrains("partner_id", "employee_id", "kind", "share", "date_from", "date_to")
    def _check_owners(self):
        partners = self.sudo().partner_id
        self._queue_up(partners)
        problems = ownership.check(self._get_histories(partners)._prepare_engine_ownerships())
        if problems:
            raise ValidationError(self._tell_problem(problems[0]))

    # -- CRUD ---------------------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self._check_may_take(self.env["res.partner"].browse(vals.get("partner_id") for vals in vals_list))
        owners = super().create(vals_list)
        owners._get_leads()._write_back()
        return owners

    def write(self, vals):
        if not {"partner_id", "employee_id", "kind", "date_from", "date_to"} & vals.keys():
            return super().write(vals)
        self._check_may_take(self.partner_id | self.env["res.partner"].browse(vals.get("partner_id")))
        before = self._get_leads()
        partners, employees = before.partner_id, before.employee_id
        result = super().write(vals)
        self._get_leads()._write_back(partners, employees)
        return result

    def unlink(self):
        leads = self._get_leads()
        partners, employees = leads.partner_id, leads.employee_id
        result = super().unlink()
        self.browse()._write_back(partners, employees)
        return result

    @api.model
    def _check_may_take(self, partners):
        """Refuse to take customers from owners outside the own group: they are handed over, with consent.

        Whose a customer is opens its documents. Who sees all documents by Odoo's Sales gains nothing, and who has no
        role in Sales Drive is shown nothing by it: both change salespeople as ever.

        :param partners: the customers
        """
        user = self.env.user
        if (
            self.env.su
            or not partners
            or not user.has_group("sdm_segmentation.group_sdm_user")
            or user.has_group("sales_team.group_sale_salesman_all_leads")
        ):
            return
        own = Domain("employee_id.user_id", "=", user.id)
        if user.has_group("sdm_segmentation.group_sdm_manager"):
            own |= Domain("is_led", "=", True)
        owned = self.sudo().search_fetch(
            Domain("partner_id", "in", partners.ids) & self._get_domain_on(fields.Date.context_today(self)),
            ["partner_id", "employee_id"],
        )
        others = owned.filtered(lambda owner: owner.partner_id not in owned.filtered_domain(own).partner_id)
        if others:
            raise AccessError(
                self.env._(
                    "%(customer)s belongs to %(owner)s. Ask for a hand-over: both of you consent to it.",
                    customer=others[0].partner_id.name,
                    owner=others[0].employee_id.name,
                )
            )

    def _get_leads(self):
        return self.sudo().filtered(lambda owner: owner.kind == ownership.LEAD)

    # -- by date ------------------------------------------------------------------------------------------------------

    @api.model
    def _get_leads_on(self, date, employees):
        """Ownerships of these employees as lead that are in force on a day."""
        domain = Domain("employee_id", "in", employees.ids) & Domain("kind", "=", ownership.LEAD)
        return self.sudo().search(domain & self._get_domain_on(date))

    def _queue_up(self, partners):
        """Make two transactions that change the owners of a customer come one after the other.

        Each reads what was there when it began, so both would find nothing wrong. Writing the customer's row makes the
        second one a concurrent update: Odoo runs it again, on what the first one left.
        """
        if not (self.env.su and self.env.context.get("sdm_ownership_moves")):
            self.env.execute_query(
                SQL("UPDATE res_partner SET user_id = user_id WHERE id IN %s RETURNING id", tuple(partners.ids))
            )

    @api.model
    def _get_histories(self, partners):
        """All ownerships of customers, read in one query."""
        names = ["partner_id", "employee_id", "kind", "share", "date_from", "date_to"]
        return self.sudo().search_fetch([("partner_id", "in", partners.ids)], names, order="id")

    @api.model
    def _transfer(self, employees_by_partner, date):
        """Give customers another lead from a day on, until the next change that is already known.

        The number of queries does not depend on the number of customers.

        :param employees_by_partner: dict {customer: employee, or an empty record for nobody}
        :param date: first day of the new lead
        """
        employees = {partner.id: employee.id or None for partner, employee in employees_by_partner.items()}

        def move(partner_id, history):
            return ownership.transfer(history, partner_id, date, employees[partner_id])

        self._move(self.env["res.partner"].browse(employees), move)

    @api.model
    def _hand_over(self, partners, giver, receiver, date):
        """Give all that an employee owns of these customers to another one from a day on.

        The number of queries does not depend on the number of customers.

        :param date: first day of the receiver
        :return: customers of which anything went over
        """
        return self._move(
            partners, lambda _partner_id, history: ownership.hand_over(history, giver.id, receiver.id, date)
        )

    @api.model
    def _merge(self, partners, kept):
        """Join customers that turn out to be one with another into the history of that one.

        :param partners: customers that are none of their own any more; :param kept: the one that remains
        """
        for partner in self._get_histories(partners - kept).partner_id:
            self._queue_up(partner | kept)
            rows = self._get_histories(partner | kept)._prepare_engine_ownerships()
            own = [row for row in rows if row.customer == kept.id]
            other = [row for row in rows if row.customer != kept.id]
            self._apply_changes([ownership.compare(rows, ownership.merge(own, other, kept.id))], kept)

    @api.model
    def _move(self, partners, move):
        """Change the histories of customers by the engine's ``move(customer id, history)`` and apply the difference.

        :return: customers whose history changed
        """
        if partners:
            self._queue_up(partners)
        histories = {partner_id: [] for partner_id in partners.ids}
        for row in self._get_histories(partners)._prepare_engine_ownerships():
            histories[row.customer].append(row)
        changes = {
            partner_id: ownership.compare(history, move(partner_id, history))
            for partner_id, history in histories.items()
        }
        changes = {partner_id: change for partner_id, change in changes.items() if change != ownership.Change()}
        moved = partners.browse(changes)
        if moved:
            self._apply_changes(changes.values())
        return moved

    def _apply_changes(self, changes, partner=None):
        """Write what changed: one statement for each kind of change, whatever the number of customers.

        :param partner: the customer whose all of it is from now on, where it was not
        """
        whose = {"partner_id": partner.id} if partner else {}
        # the salesperson is written once, after all of it
        Ownership = self.sudo().with_context(
            sdm_ownership_moves=True, mail_create_nolog=True, mail_create_nosubscribe=True
        )
        gone = Ownership.browse([key for change in changes for key in change.gone])
        changed = defaultdict(list)
        for change in changes:
            for row in change.changed:
                changed[tuple((whose | self._prepare_vals(row)).items())].append(row.key)
        new = [
            {"partner_id": row.customer, "date_from": row.start, **self._prepare_vals(row)}
            for change in changes
            for row in change.new
        ]
        before = (gone | Ownership.browse([key for keys in changed.values() for key in keys]))._get_leads()
        partners = before.partner_id | (partner or before.partner_id)
        employees = before.employee_id
        gone.unlink()
        for vals, keys in changed.items():
            Ownership.browse(keys).write(dict(vals))
        created = Ownership.create(new)
        created._get_leads().with_env(self.env)._write_back(partners, employees)

    @api.model
    def _prepare_vals(self, row):
        return {
            "employee_id": row.employee,
            "kind": row.kind,
            "share": float(row.share),
            "date_to": row.end or False,
        }

    # -- to and from the salesperson ----------------------------------------------------------------------------------

    def _write_back(self, partners=None, employees=None):
        """Make the leads in force today the salespeople of their customers.

        A customer without lead loses its salesperson if that is one of the people concerned; a salesperson whom nobody
        here knows stays.

        :param partners: more customers to look at; :param employees: more people who may have been leads until now
        """
        context = self.env.context
        if self.env.su and (context.get("sdm_ownership_follows") or context.get("sdm_ownership_moves")):
            return
        owners = self.sudo()
        partners = owners.partner_id | (partners or owners.partner_id).sudo()
        former = (owners.employee_id | (employees or owners.employee_id).sudo()).user_id
        if not partners:
            return
        leads = owners.search_fetch(
            Domain("partner_id", "in", partners.ids)
            & Domain("kind", "=", ownership.LEAD)
            & self._get_domain_on(fields.Date.context_today(self)),
            ["partner_id", "employee_id"],
        )
        users = {lead.partner_id: lead.employee_id.user_id for lead in leads}
        by_user = defaultdict(self.env["res.partner"].browse)
        for partner in partners.filtered(lambda partner: partner.commercial_partner_id == partner):
            user = users.get(partner, former.browse())
            if partner.user_id != user and (user or partner.user_id in former):
                by_user[user] |= partner
        for user, owned in by_user.items():
            owned.sudo().with_context(sdm_ownership_writes_back=True).write({"user_id": user.id})

    @api.model
    def _follow(self, partners):
        """Take over the salespeople that were chosen on customers, from today on.

        Contacts and salespeople without employee card are passed over. The number of queries does not depend on the
        number of customers.
        """
        if self.env.su and self.env.context.get("sdm_ownership_writes_back"):
            return
        customers = partners.sudo().filtered(lambda partner: partner.commercial_partner_id == partner)
        employees = self._get_employees(customers.user_id)
        leads = {
            partner: employees.get(partner.user_id, self.env["hr.employee"])
            for partner in customers
            if not partner.user_id or partner.user_id in employees
        }
        if leads:
            follower = self.sudo().with_context(sdm_ownership_follows=True)
            follower._transfer(leads, fields.Date.context_today(self))

    @api.model
    def _get_employees(self, users):
        """The employee card of each user: that of the current company first, then one that is not archived."""
        cards = (
            self.env["hr.employee"]
            .sudo()
            .with_context(active_test=False)
            .search_fetch(
                [("user_id", "in", users.ids)],
                ["user_id", "company_id", "active", "resource_id", "current_version_id"],
                order="id",
            )
        )
        best_last = cards.sorted(lambda card: (card.company_id == self.env.company, card.active))
        return {card.user_id: card for card in best_last}

    @api.model
    def _cron_write_back(self):
        """Carry out changes of the lead whose day has come."""
        due = self.sudo().search([("date_next", "<=", fields.Date.context_today(self))])
        due._write_back()
        due._compute_date_next()

    @api.model
    def _take_over_salespeople(self):
        """Begin the history of customers that have none with their present salesperson.

        Nobody knows since when; the ownership begins when Odoo knew both the customer and the employee. It is one
        statement, since a company may have a million customers.
        """
        users = self.env["res.users"].with_context(active_test=False).sudo().search([("employee_ids", "!=", False)])
        cards = self._get_employees(users)
        if not cards:
            return
        rows = [(user.id, card.id, card.company_id.id, card._get_sdm_first_day()) for user, card in cards.items()]
        partner = self.env["res.partner"]._fields
        self.env.execute_query(
            SQL(
                """
                INSERT INTO sdm_ownership (
                       partner_id, employee_id, company_id, kind, share, date_from,
                       create_uid, create_date, write_uid, write_date)
                SELECT partner.id, card.employee_id, card.company_id, %(lead)s, 1,
                       LEAST(GREATEST(card.first_day, partner.create_date::date), %(today)s),
                       %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM res_partner partner
                  JOIN (VALUES %(rows)s) AS card (user_id, employee_id, company_id, first_day)
                    ON card.user_id = partner.user_id
                 WHERE partner.commercial_partner_id = partner.id
                   AND NOT EXISTS (SELECT FROM sdm_ownership owner WHERE owner.partner_id = partner.id)
                RETURNING id""",
                lead=ownership.LEAD,
                today=fields.Date.context_today(self),
                uid=self.env.uid,
                now=self.env.cr.now(),
                rows=SQL(", ").join(SQL("(%s, %s, %s, %s::date)", *row) for row in rows),
                to_flush=(
                    *(partner[name] for name in ("user_id", "commercial_partner_id")),
                    *(self._fields[name] for name in ("partner_id", "employee_id")),
                ),
            )
        )
        self.invalidate_model()

    @api.model
    def _query_mine(self, user, date):
        """SQL of the ids of customers whom a user owns in any kind on a day, or whose owner the user stands in for."""
        return SQL(
            """(
            SELECT owned.partner_id
              FROM sdm_ownership owned
             WHERE owned.date_from <= %(date)s AND (owned.date_to IS NULL OR owned.date_to >= %(date)s)
               AND owned.employee_id IN (
                    SELECT own.id FROM hr_employee own WHERE own.user_id = %(user)s
                     UNION
                    SELECT absent.id FROM %(absent)s absent
               )
            )""",
            user=user.id,
            date=date,
            absent=self._query_absent(user, date),
            to_flush=[self._fields[name] for name in ("partner_id", "employee_id", "date_from", "date_to")],
        )

    @api.model
    def _query_absent(self, user, date):
        """SQL of the employees whom a user stands in for on a day: ``id``, ``user_id`` and ``until`` (in UTC)."""
        leave = self.env["resource.calendar.leaves"]._fields
        employee = self.env["hr.employee"]._fields
        zone = user.tz or "UTC"
        return SQL(
            """(
            SELECT absent.id, absent.user_id, leave.date_to AS until
              FROM resource_calendar_leaves leave
              JOIN hr_employee stand_in ON stand_in.id = leave.sdm_substitute_id
              JOIN hr_employee absent ON absent.resource_id = leave.resource_id
             WHERE stand_in.user_id = %(user)s
               AND leave.date_from < %(end)s AND leave.date_to > %(start)s
            )""",
            user=user.id,
            start=to_utc(date, zone),
            end=to_utc(date + timedelta(days=1), zone),
            to_flush=[
                *(leave[name] for name in ("sdm_substitute_id", "resource_id", "date_from", "date_to")),
                *(employee[name] for name in ("user_id", "resource_id")),
            ],
        )

    @api.model
    def _query_ours(self, user, date):
        """SQL of the ids of customers owned in any kind on a day by the user or somebody whom the user leads.

        Customers of somebody who left stay with the head until they are handed over.
        """
        return SQL(
            """(
            SELECT owned.partner_id
              FROM sdm_ownership owned
             WHERE owned.date_from <= %(date)s AND (owned.date_to IS NULL OR owned.date_to >= %(date)s)
               AND owned.employee_id IN %(led)s
            )""",
            date=date,
            led=self.env["sdm.position.link"]._query_led_employees(user, date, departed=True),
            to_flush=[self._fields[name] for name in ("partner_id", "employee_id", "date_from", "date_to")],
        )

    # -- roadmap ------------------------------------------------------------------------------------------------------

    def _roadmap_status(self, step):
        """How many customers and prospects have a lead seller today: without one the CRM has nobody to remind."""
        Partner = self.env["res.partner"]
        customer = Domain("is_sdm_in_work", "=", True)
        led = Domain("kind", "=", ownership.LEAD) & self._get_domain_on(fields.Date.context_today(self))
        total = Partner.search_count(customer)
        done = Partner.search_count(customer & Domain("sdm_ownership_ids", "any", led))
        if not total:
            reason = self.env._("There are no customers yet.")
        elif done == total:
            reason = self.env._(
                "customers and prospects in work have a lead seller today, so the CRM knows whose day it fills."
            )
        else:
            reason = self.env._(
                "customers and prospects in work have a lead seller today. For the others the CRM has nobody to remind."
            )
        return Status(done, total, reason)

    def _may_open_counted(self):
        groups = ("sdm_segmentation.group_sdm_manager", "sdm_segmentation.group_sdm_auditor")
        return any(self.env.user.has_group(group) for group in groups)

    def _get_roadmap_action(self, step):
        """Customers in work, those without a lead seller first of all."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Customers and prospects in work"),
            "res_model": "res.partner",
            "views": [(False, "list"), (False, "kanban"), (False, "form")],
            "domain": [("is_sdm_in_work", "=", True)],
            "context": {"search_default_sdm_no_lead": 1},
        }

    # -- engine -------------------------------------------------------------------------------------------------------

    def _prepare_engine_ownerships(self):
        return [
            ownership.Ownership(
                customer=owner.partner_id.id,
                employee=owner.employee_id.id,
                kind=owner.kind,
                start=owner.date_from,
                end=owner.date_to or None,
                # a float as it is shown: 0.3333, not 0.33329999999
                share=Decimal(f"{owner.share:.4f}"),
                key=owner.id,
            )
            for owner in self
        ]

    def _tell_problem(self, problem):
        """What is wrong, with names and days, and what to do."""
        people = self.env["hr.employee"].sudo().browse(problem.employees)
        words = {
            "customer": self.env["res.partner"].sudo().browse(problem.customer).name,
            "people": ", ".join(people.mapped("name")),
            "start": format_date(self.env, problem.start),
            "end": format_date(self.env, problem.end) if problem.end else self.env._("further notice"),
        }
        if problem.kind == ownership.TWO_LEADS:
            return self.env._(
                "%(customer)s would have several leads from %(start)s until %(end)s: %(people)s. "
                "End the earlier one before the later one begins, or make one of them a co-seller.",
                **words,
            )
        if problem.kind == ownership.TWICE:
            return self.env._(
                "%(people)s would own %(customer)s twice from %(start)s until %(end)s. "
                "Change the ownership that is there instead of adding another one.",
                **words,
            )
        if problem.kind == ownership.SHARES:
            return self.env._(
                "The shares of %(people)s in %(customer)s would be %(share)s %% from %(start)s until %(end)s. "
                "Lower one of them: together they are at most the whole.",
                share=f"{problem.share * 100:.2f}".rstrip("0").rstrip("."),
                **words,
            )
        return self.env._("The ownership of %(customer)s by %(people)s would end before it begins.", **words)
