from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_date, format_datetime

from odoo.addons.sdm_segmentation.models.reasons import check_reason

from ..engine import closing, facts, periods
from .sdm_kpi_source import BY_INVOICE, BY_REVENUE, Scope
from .sdm_perimeter import REVENUE_SOURCES

OPEN, CLOSED = "open", "closed"
# Facts are computed every night; older ones are marked.
STALE_AFTER = timedelta(hours=36)
# So many months are looked at where none is asked for.
STATUS_MONTHS = 3
WHO_SEES_ALL = "sdm_segmentation.group_sdm_director,sdm_segmentation.group_sdm_auditor"


class SdmPeriod(models.Model):
    """A month of a perimeter: what its facts are computed for. Quarters and years are months together.

    A closed month keeps its facts. What each document counted then is kept with it, so that later documents, changed
    and deleted ones are known by name and amount, and become part of it by decision only.
    """

    _name = "sdm.period"
    _description = "Month"
    _inherit = ["mail.thread"]
    _order = "date desc, perimeter_id"
    _rec_name = "date"

    perimeter_id = fields.Many2one("sdm.perimeter", required=True, index=True, ondelete="cascade")
    date = fields.Date("Month", required=True, help="First day of the month.")
    state = fields.Selection(
        [(OPEN, "Not closed"), (CLOSED, "Closed")], required=True, default=OPEN, tracking=True, readonly=True
    )
    closed_by_id = fields.Many2one("res.users", string="Closed by", readonly=True)
    closed_on = fields.Datetime(readonly=True)
    closing_note = fields.Text(readonly=True, help="What was known when the month was closed.")
    kpi_ids = fields.Many2many(
        "sdm.kpi",
        "sdm_period_kpi_rel",
        "period_id",
        "kpi_id",
        string="Closed KPI",
        readonly=True,
        help="KPI whose facts were kept when the month was closed. One that is switched on later is counted all along.",
    )
    revenue_source = fields.Selection(
        REVENUE_SOURCES,
        string="Revenue counted by",
        readonly=True,
        help="What the month was closed by, where the perimeter counts by something else since.",
    )
    working_days = fields.Integer(
        compute="_compute_working_days", help="By the production calendar and the schedule of the main company."
    )
    refreshed_on = fields.Datetime("Facts as of", help="When the facts of the month were last computed.")
    fact_count = fields.Integer("Facts", compute="_compute_fact_count")
    difference_ids = fields.One2many("sdm.period.difference", "period_id", string="Differences")
    open_difference_count = fields.Integer("Documents that differ", compute="_compute_open_difference_count")
    restatement_ids = fields.One2many("sdm.period.restatement", "period_id", string="Decisions")
    status_ids = fields.One2many("sdm.source.status", compute="_compute_status_ids", groups=WHO_SEES_ALL)
    status = fields.Char(
        "Not counted yet",
        compute="_compute_status",
        groups=WHO_SEES_ALL,
        help="What of an open month the facts do not have: drafts, and documents written after they were computed.",
    )
    is_marked = fields.Boolean(
        compute="_compute_status",
        groups=WHO_SEES_ALL,
        help="Its facts are old, or the month is over and has drafts.",
    )
    can_close = fields.Boolean(compute="_compute_can_close")
    can_reopen = fields.Boolean(compute="_compute_can_close")

    _month_uniq = models.UniqueIndex("(perimeter_id, date)", "The month is there already.")
    _month_first_day = models.Constraint(
        "CHECK(EXTRACT(DAY FROM date) = 1)", "A month is named by its first day: enter the first of the month."
    )

    @api.depends("date")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for period in self:
            period.display_name = format_date(self.env, period.date, date_format="LLLL yyyy") if period.date else ""

    @api.depends("date", "perimeter_id")
    def _compute_working_days(self):
        Day = self.env["sdm.calendar.day"]
        calendars = {
            perimeter: Day._get_production_calendar(company=perimeter._get_main_company())
            for perimeter in self.perimeter_id
        }
        for period in self:
            months = [period.date] if period.date else []
            days = periods.working_days(calendars[period.perimeter_id], months) if period.perimeter_id else {}
            period.working_days = days.get(period.date, 0)

    def _compute_fact_count(self):
        counts = {
            (perimeter.id, month): count
            for perimeter, month, count in self.env["sdm.kpi.fact"]._read_group(
                [("perimeter_id", "in", self.perimeter_id.ids), ("date", "in", self.mapped("date"))],
                ["perimeter_id", "date:day"],
                ["__count"],
            )
        }
        for period in self:
            period.fact_count = counts.get((period.perimeter_id.id, period.date), 0)

    @api.depends("difference_ids.restatement_id")
    @api.depends_context("uid")
    def _compute_open_difference_count(self):
        rows = self.env["sdm.period.difference"]._read_group(
            [("period_id", "in", self.ids), ("restatement_id", "=", False)], ["period_id", "res_model", "res_id"]
        )
        for period in self:
            period.open_difference_count = sum(found == period for found, _model, _number in rows)

    @api.depends("state", "date", "perimeter_id")
    @api.depends_context("uid")
    def _compute_can_close(self):
        is_director = self.env.user.has_group("sdm_segmentation.group_sdm_director")
        today = fields.Date.context_today(self)
        latest = {perimeter: self._get_last_closed(perimeter) for perimeter in self.perimeter_id}
        for period in self:
            period.can_close = is_director and period.state == OPEN and closing.is_over(period.date, today)
            period.can_reopen = is_director and period == latest[period.perimeter_id]

    # -- actions ------------------------------------------------------------------------------------------------------

    def action_open_facts(self):
        """Open the facts of the month."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sdm_kpi.sdm_kpi_report_action")
        action["domain"] = [("date", "=", self.date)]
        action["context"] = {"sdm_perimeter": self.perimeter_id.id}
        return action

    def action_open_differences(self):
        """Open what has changed since the month was closed."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sdm_kpi.sdm_period_difference_action")
        action["domain"] = [("period_id", "=", self.id), ("is_document", "=", True)]
        return action

    def action_close(self):
        """Show what speaks for and against closing the month, and ask."""
        self.ensure_one()
        self._check_director()
        wizard = self.env["sdm.period.close"].create({"period_id": self.id})
        return wizard._get_form_action()

    def action_reopen(self):
        """Ask why the month is opened again."""
        self.ensure_one()
        self._check_director()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Open %(month)s again", month=self.display_name),
            "res_model": "sdm.period.reopen",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_period_id": self.id},
        }

    def _check_director(self):
        self.check_access("read")
        if not self.env.user.has_group("sdm_segmentation.group_sdm_director"):
            raise AccessError(self.env._("Only the director closes months, opens them again and restates them."))

    # -- closing ------------------------------------------------------------------------------------------------------

    @api.model
    def _get_last_closed(self, perimeter):
        """The latest closed month of a perimeter; none where none is closed."""
        return self.search([("perimeter_id", "=", perimeter.id), ("state", "=", CLOSED)], limit=1)

    @api.model
    def _query_closed(self, perimeter):
        """SQL of what is closed in a perimeter: (kpi_id, date) for each closed KPI and month."""
        return SQL(
            """SELECT closed.kpi_id, period.date
                 FROM sdm_period period JOIN sdm_period_kpi_rel closed ON closed.period_id = period.id
                WHERE period.perimeter_id = %s AND period.state = 'closed'""",
            perimeter.id,
            to_flush=[self._fields[name] for name in ("perimeter_id", "date", "state", "kpi_ids")],
        )

    @api.model
    def _get_kept_revenue_sources(self, perimeter):
        """What closed months count revenue by, where the perimeter has changed that since.

        :return: list of (month, source) without gaps, in their order
        """
        rows = self.search([("perimeter_id", "=", perimeter.id), ("revenue_source", "!=", False)], order="date")
        return [(row.date, row.revenue_source) for row in rows]

    @api.model
    def _keep_revenue_source(self, perimeter, source):
        """Let what is closed go on to be counted by a source that the perimeter gives up."""
        closed = self.sudo().search(
            [("perimeter_id", "=", perimeter.id), ("state", "=", CLOSED), ("revenue_source", "=", False)]
        )
        closed.write({"revenue_source": source})

    def _get_months_to_close(self):
        """The month and the open ones before it, in their order."""
        self.ensure_one()
        others = self.search([("perimeter_id", "=", self.perimeter_id.id), ("state", "=", OPEN)])
        months = closing.months_to_close(others.mapped("date"), self.date)
        return others.filtered(lambda period: period.date in months).sorted("date")

    def _close(self, note=False):
        """Close the month and the open ones before it, in one transaction: their facts are computed a last time and
        kept, and what each document counted.

        :param note: what is known when it is closed
        :raise UserError: the month is not over, is closed already, or somebody computes facts at the moment
        """
        self.ensure_one()
        self._check_director()
        self = self.sudo()
        perimeter = self.perimeter_id
        perimeter._lock_facts()
        if self.state == CLOSED:
            raise UserError(
                self.env._(
                    "%(month)s has been closed by %(user)s.", month=self.display_name, user=self.closed_by_id.name
                )
            )
        if not closing.is_over(self.date, fields.Date.context_today(self)):
            raise UserError(
                self.env._(
                    "%(month)s is not over yet. Close it from the first day of the next month on.",
                    month=self.display_name,
                )
            )
        months = self._get_months_to_close()
        if months.try_lock_for_update(allow_referencing=True) != months:
            raise UserError(perimeter._tell_busy())
        Run = self.env["sdm.kpi.run"]
        Run._start(perimeter, months[0].date, self.date, resumes=False)._run()
        kpis = self.env["sdm.kpi"]._get_kept()
        for source in {kpi._get_source() for kpi in kpis}:
            self._keep_entries(months, source, kpis.filtered(lambda kpi, source=source: kpi._get_source() == source))
        months.write(
            {
                "state": CLOSED,
                "closed_by_id": self.env.uid,
                "closed_on": fields.Datetime.now(),
                "closing_note": note,
                "kpi_ids": [fields.Command.set(kpis.ids)],
            }
        )
        for month in months:
            month.message_post(body=note or self.env._("The month is closed."))

    def _keep_entries(self, months, source, kpis):
        """Keep what each document counts for each KPI of a source, by one statement."""
        first, last = months[0].date, months[-1].date
        self.env["sdm.kpi.run"]._execute_set_based(
            SQL(
                """WITH entry AS MATERIALIZED (%(entries)s), counted AS MATERIALIZED (%(counted)s)
                INSERT INTO sdm_period_entry (
                       period_id, kpi_id, date, employee_id, head_id, team_id, segment_id, category_id, company_id,
                       partner_id, res_model, res_id, reference, credit, share, value, settled, is_correction)
                SELECT period.id, counted.kpi_id, counted.date, counted.employee_id, counted.head_id, counted.team_id,
                       counted.segment_id, counted.category_id, counted.company_id, counted.partner_id,
                       counted.res_model, counted.res_id, %(reference)s, counted.credit, counted.share, counted.value,
                       0, FALSE
                  FROM counted
                  JOIN sdm_period period ON period.perimeter_id = %(perimeter)s AND period.date = counted.month
                       AND period.id IN %(months)s""",
                entries=self.env["sdm.kpi.source"]._query_entries(Scope(months.perimeter_id), source, first, last),
                counted=kpis._query_counted(),
                reference=self.env["sdm.period.entry"]._query_reference("counted"),
                perimeter=months.perimeter_id.id,
                months=tuple(months.ids),
                to_flush=self._get_fields_to_flush(),
            )
        )
        self.env["sdm.period.entry"].invalidate_model()

    def _get_values(self, kpis):
        """What counted KPI come to in the month, all persons together: {kpi: value}."""
        self.ensure_one()
        rows = self.env["sdm.kpi.fact"]._read_group(
            [
                ("perimeter_id", "=", self.perimeter_id.id),
                ("date", "=", self.date),
                ("kpi_id", "in", kpis.ids),
            ],
            ["kpi_id"],
            ["value:sum", "partner_id:count_distinct"],
        )
        found = {kpi: customers if kpi.semantics == facts.DISTINCT else value or 0 for kpi, value, customers in rows}
        return {kpi: found.get(kpi, 0) for kpi in kpis}

    def _get_fields_to_flush(self):
        return [self._fields[name] for name in ("perimeter_id", "date", "state")]

    def _reopen(self, reason):
        """Open the last closed month again. Corrections of it in later months are withdrawn, since it counts them
        itself now.

        :param reason: why, in plain words
        :raise UserError: no reason, or it is not the last closed month
        """
        self.ensure_one()
        self._check_director()
        reason = check_reason(self.env, reason)
        self = self.sudo()
        self.perimeter_id._lock_facts()
        if self != self._get_last_closed(self.perimeter_id):
            raise UserError(
                self.env._(
                    "Only the last closed month is opened again: %(last)s. What has changed in %(month)s since becomes "
                    "part of it by a decision on its differences.",
                    last=self._get_last_closed(self.perimeter_id).display_name or self.env._("there is none"),
                    month=self.display_name,
                )
            )
        self.restatement_ids._withdraw()
        self.env["sdm.period.entry"].search([("period_id", "=", self.id), ("is_correction", "=", False)]).unlink()
        self.env["sdm.period.difference"].search([("period_id", "=", self.id), ("restatement_id", "=", False)]).unlink()
        closing = ("closed_by_id", "closed_on", "closing_note", "kpi_ids", "revenue_source")
        self.write({"state": OPEN, **dict.fromkeys(closing, False)})
        self.message_post(body=reason)
        self.env.ref("sdm_kpi.ir_cron_kpi")._trigger()

    # -- freshness ----------------------------------------------------------------------------------------------------

    @api.depends("perimeter_id", "date", "refreshed_on", "state")
    def _compute_status_ids(self):
        for period in self:
            period.status_ids = period._get_status_rows(period._origin)

    @api.depends("perimeter_id", "date", "refreshed_on", "state")
    @api.depends_context("lang")
    def _compute_status(self):
        for months in self.grouped("perimeter_id").values():
            rows = self._get_status_rows(months.filtered(lambda period: period.state == OPEN)).grouped("period_id")
            for period in months:
                found = rows.get(period._origin, self.env["sdm.source.status"])
                period.status = ". ".join(text for text in (row._tell() for row in found.sorted()) if text)
                period.is_marked = period._is_old() or any(found.mapped("is_incomplete"))

    @api.model
    def _get_status_rows(self, months, sources=None):
        """How complete the documents of months of one perimeter are.

        :param sources: which documents; None: all; :return: sdm.source.status
        """
        Status = self.env["sdm.source.status"]
        if not months:
            return Status
        dates = [fields.Date.to_string(month) for month in sorted(months.mapped("date"))]
        context = {"sdm_perimeter": months.perimeter_id.id, "sdm_first": dates[0], "sdm_last": dates[-1]}
        return Status.with_context(**context, sdm_sources=sources).search_fetch([("period_id", "in", months.ids)])

    def _is_old(self):
        """Whether facts that should be computed every night were not."""
        self.ensure_one()
        return (
            self.state == OPEN and bool(self.refreshed_on) and self.refreshed_on < fields.Datetime.now() - STALE_AFTER
        )

    @api.model
    @api.readonly
    def get_status(self):
        """How fresh and complete the facts of the last months are, for a line above them; see
        :meth:`_describe_status`."""
        return self._describe_status(self.env["sdm.perimeter"]._get_asked())

    @api.model
    def _describe_status(self, perimeter, month=None):
        """How fresh and complete facts are: when they were computed, and what is wrong with them.

        How many invoices a company has is for who may see all of it; others are told that some are missing.

        :param perimeter: one that the person may see; :param month: its first day; None: the last months
        :return: dict ``text`` and ``marks``, a list of texts
        """
        self.check_access("read")
        domain = [("perimeter_id", "=", perimeter.id), ("refreshed_on", "!=", False)]
        domain += [("date", "=", month)] if month else []
        read = ("date", "state", "refreshed_on", "perimeter_id")
        months = self.sudo().search_fetch(domain, read, limit=1 if month else STATUS_MONTHS)
        if not months:
            return {"text": "", "marks": []}
        time = format_datetime(self.env, months[0].refreshed_on, dt_format="short")
        texts, marks = [self.env._("Facts as of %(time)s.", time=time)], []
        if months[0]._is_old():
            marks.append(
                self.env._(
                    "These facts are more than a day and a half old. The director sees why under KPIs > Computations."
                )
            )
        for row in months._get_incomplete():
            (marks if row.is_incomplete else texts).append(self._tell_incomplete(row))
        return {"text": " ".join(filter(None, texts)), "marks": marks}

    def _get_incomplete(self):
        """The months that are open and have invoices which count for no KPI yet, as rows of their status."""
        is_open = self.filtered(lambda period: period.state == OPEN)
        rows = self._get_status_rows(is_open, ["invoice"]).filtered("draft")
        if not rows:
            return rows
        counted = {counted for _shown, counted, *_place in self.env["sdm.kpi.report"]._get_inputs()[0]}
        sources = {kpi._get_source() for kpi in self.env["sdm.kpi"].sudo().browse(counted)}
        is_counted = BY_INVOICE & sources or (
            BY_REVENUE & sources and rows.period_id.perimeter_id._get_revenue_source() == "invoice"
        )
        return rows if is_counted else rows.browse()

    @api.model
    def _tell_incomplete(self, row):
        month = row.period_id.display_name
        if not self.env["sdm.source.status"].has_access("read"):
            if not row.is_incomplete:
                return ""
            return self.env._("Not all invoices of %(month)s are posted; the others do not count yet.", month=month)
        return self.env._(
            "%(count)s of %(total)s invoices of %(month)s are posted; the others do not count yet.",
            count=row.counted,
            total=row.total,
            month=month,
        )

    @api.model
    def _note_refreshed(self, perimeter, first, last):
        """Note that the facts of months were computed now; months that are not there are added."""
        months = periods.months_between(first, last)
        known = self.search([("perimeter_id", "=", perimeter.id), ("date", "in", months)])
        now = fields.Datetime.now()
        known.filtered(lambda period: period.state == OPEN).write({"refreshed_on": now})
        missing = sorted(set(months) - set(known.mapped("date")))
        self.create([{"perimeter_id": perimeter.id, "date": month, "refreshed_on": now} for month in missing])
