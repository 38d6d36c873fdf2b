from collections import namedtuple

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, formatLang

from odoo.addons.base.models.res_partner import _tz_get

from ..engine import periods

REVENUE_SOURCES = [
    ("invoice", "Posted invoices and refunds"),
    ("order", "Confirmed orders"),
    ("won", "Won deals"),
]
PREVIEW_MONTHS = 12
# with fewer months nobody can tell yet what a business keeps
MONTHS_TO_CHOOSE = 3
# what a source of revenue has: documents in how many months, the first of them, the amount of the last twelve months
Found = namedtuple("Found", "source months first amount")
# by what clock days end, and where that is set: "perimeter", "contact", "calendar" or None
Clock = namedtuple("Clock", "zone origin")


class SdmPerimeter(models.Model):
    _inherit = "sdm.perimeter"

    sign_late_days = fields.Integer(
        "Entered late after",
        default=3,
        help="Days between a meeting or activity and its entry from which it is listed as a sign.",
    )
    sign_won_amount = fields.Monetary("Won at once from", help="Smaller deals may be made on the day they are won.")
    sign_split_limit = fields.Monetary(
        "Limit of an order",
        default=100000,
        help="From which an order has to be approved or is paid for otherwise. 0: orders are not looked at.",
    )
    sign_split_days = fields.Integer("Orders within", default=3, help="Days within which orders belong together.")
    sign_end_days = fields.Integer("Last days of a month", default=2, help="In which a sale may be for the figures.")
    sign_return_days = fields.Integer("First days of a month", default=7, help="In which it would be returned.")
    sign_recreate_days = fields.Integer(
        "Made anew within", default=30, help="Days after a lost deal in which one like it is listed."
    )

    revenue_source = fields.Selection(
        REVENUE_SOURCES,
        string="Revenue is counted by",
        tracking=True,
        help="Empty: by what is there, which is invoices if at least half as many months have them as have anything, "
        "else orders by the same rule, else won deals. Once three months have documents this is settled when facts are "
        "computed; from then on only the director changes it, and closed months stay as they are.",
    )
    revenue_preview = fields.Html(
        compute="_compute_revenue_preview",
        sanitize=False,
        groups="sdm_segmentation.group_sdm_director,sdm_segmentation.group_sdm_auditor",
    )
    tz = fields.Selection(
        _tz_get,
        string="Days end by the clock of",
        tracking=True,
        help="Empty: the time zone of the main company's contact, without that the one of its working hours.",
    )
    clock = fields.Char(compute="_compute_clock", help="When a day of facts ends, and where that is set.")
    clock_hint = fields.Char(compute="_compute_clock")

    _sign_days_sensible = models.Constraint(
        "CHECK(sign_late_days > 0 AND sign_split_days > 0 AND sign_end_days > 0 AND sign_return_days > 0 "
        "AND sign_recreate_days >= 0 AND sign_split_limit >= 0)",
        "The days of signs are at least 1, and the limit is not below 0.",
    )

    @api.depends("company_ids", "currency_id", "revenue_source", "tz")
    @api.depends_context("lang")
    def _compute_revenue_preview(self):
        for perimeter in self:
            found = perimeter._find_revenue()
            proposed = self._propose_revenue_source(found)
            labels = dict(self._fields["revenue_source"]._description_selection(self.env))
            perimeter.revenue_preview = proposed and self.env["ir.qweb"]._render(
                "sdm_kpi.sdm_perimeter_revenue_preview",
                {
                    "currency": perimeter.currency_id.name,
                    "rows": [
                        (
                            labels[row.source],
                            row.source == perimeter.revenue_source,
                            formatLang(self.env, row.months, digits=0),
                            formatLang(self.env, float(row.amount), digits=0),
                        )
                        for row in found
                    ],
                    "proposed": labels[proposed],
                    "is_other": perimeter.revenue_source and perimeter.revenue_source != proposed,
                    "is_chosen": bool(perimeter.revenue_source),
                },
            )

    @api.depends("company_ids", "tz")
    def _compute_clock(self):
        for perimeter in self:
            clock = perimeter._get_clock()
            company = perimeter._get_main_company().name or ""
            perimeter.clock = {
                "perimeter": self.env._("%(zone)s, set here", zone=clock.zone),
                "contact": self.env._("%(zone)s, of the contact of %(company)s", zone=clock.zone, company=company),
                "calendar": self.env._(
                    "%(zone)s, of the working hours of %(company)s", zone=clock.zone, company=company
                ),
                None: self.env._("%(zone)s, as nothing is set", zone=clock.zone),
            }[clock.origin]
            zone, count, total = perimeter._find_usual_zone()
            perimeter.clock_hint = (
                count * 2 > total
                and zone != clock.zone
                and self.env._(
                    "%(count)s of %(total)s users of these companies are in %(zone)s: their late evening is "
                    "another day here. Choose the clock by which days end.",
                    count=count,
                    total=total,
                    zone=zone,
                )
            )

    def write(self, vals):
        if "revenue_source" in vals:
            for perimeter in self.filtered("revenue_source"):
                if not vals["revenue_source"]:
                    raise UserError(
                        self.env._(
                            "Choose what the revenue of “%(perimeter)s” is counted by.", perimeter=perimeter.name
                        )
                    )
                if perimeter.revenue_source != vals["revenue_source"]:
                    self.env["sdm.period"]._keep_revenue_source(perimeter, perimeter.revenue_source)
        if vals.keys() & {"revenue_source", "tz"}:
            self.env.ref("sdm_kpi.ir_cron_kpi").sudo()._trigger()
        return super().write(vals)

    @api.model
    def action_open_own(self):
        """Open the perimeter of the current company: what its revenue is counted by, and when its days end."""
        perimeter = self._get_default()
        if not perimeter:
            raise UserError(self.env._("You may see no perimeter as a whole: it takes the right to see its companies."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Revenue and days"),
            "res_model": self._name,
            "res_id": perimeter.id,
            "views": [(False, "form")],
        }

    # -- what revenue is counted by, and when days end ---------------------------------------------------------------

    def _get_revenue_source(self, zone=None):
        """What revenue is counted by: as decided, until then by what is there.

        :param zone: time zone by which days end, where it is known
        :return: ``invoice``, ``order`` or ``won``
        """
        chosen = self.sudo().revenue_source
        return chosen or self._propose_revenue_source(self._find_revenue(zone)) or "won"

    def _choose_revenue_source(self):
        """Decide what revenue is counted by, where that is open and there is enough to tell."""
        if self.revenue_source:
            return
        found = self._find_revenue()
        if max(row.months for row in found) >= MONTHS_TO_CHOOSE:
            self.revenue_source = self._propose_revenue_source(found)

    @api.model
    def _propose_revenue_source(self, found):
        """What revenue would be counted by: the first source that has documents in at least half as many months as
        the one that has them in most, so that a single invoice decides nothing.

        :param found: list of ``Found``; :return: a source, None where there is nothing at all
        """
        most = max(row.months for row in found)
        return next((row.source for row in found if row.months and row.months * 2 >= most), None)

    def _find_revenue(self, zone=None):
        """What there is of each source of revenue, in the order of preference.

        :param zone: time zone by which days end, where it is known
        :return: list of ``Found``, amounts in the currency of the perimeter
        """
        self.ensure_one()
        companies = self._get_companies()
        if not companies:
            return [Found(source, 0, None, 0) for source, _label in REVENUE_SOURCES]
        sales = self.env["sdm.sales.source"].sudo()
        today = fields.Date.context_today(self)
        zone = zone or self._get_zone()
        queries = (
            SQL(
                """SELECT %s AS source, COUNT(DISTINCT date_trunc('month', date)), MIN(date),
                          COALESCE(SUM(amount) FILTER (WHERE date >= %s AND date <= %s), 0)
                     FROM (%s) sale""",
                number,
                periods.add_months(today.replace(day=1), 1 - PREVIEW_MONTHS),
                today,
                sales._query(companies, "deal" if source == "won" else source, currency=self.currency_id, zone=zone),
            )
            for number, (source, _label) in enumerate(REVENUE_SOURCES)
        )
        rows = self.env.execute_query(SQL("%s ORDER BY source", SQL(" UNION ALL ").join(queries)))
        return [Found(REVENUE_SOURCES[number][0], *row) for number, *row in rows]

    def _get_clock(self):
        """By what clock days end, whoever asks.

        :return: ``Clock``
        """
        perimeter = self.sudo()
        main = perimeter._get_main_company()
        found = (
            ("perimeter", perimeter.tz),
            ("contact", main.partner_id.tz),
            ("calendar", main.resource_calendar_id.tz),
        )
        return next((Clock(zone, origin) for origin, zone in found if zone), Clock("UTC", None))

    def _find_usual_zone(self):
        """The time zone of most users of the companies.

        :return: (zone, number of its users, number of users who have one)
        """
        rows = (
            self.env["res.users"]
            .sudo()
            ._read_group(
                [("company_ids", "in", self._get_companies().ids), ("share", "=", False), ("tz", "!=", False)],
                ["tz"],
                ["__count"],
                order="__count DESC, tz",
            )
        )
        return (*rows[0], sum(count for _zone, count in rows)) if rows else (False, 0, 0)

    @api.model
    def _get_asked(self):
        """The perimeter of the context's ``sdm_perimeter``, if the person may see it; without that the current one."""
        asked = self.env.context.get("sdm_perimeter")
        default = self._get_default()
        return default if asked in (None, False, default.id) else self.search([("id", "=", asked)])

    def _get_zone(self):
        """The time zone by which days end, whoever asks."""
        return self._get_clock().zone

    @api.model
    def _get_asked_day(self, name):
        """The day of the context's ``sdm_first`` or ``sdm_last``; None where none is asked.

        :param name: of the key; :raise UserError: it is no day
        """
        asked = self.env.context.get(name)
        try:
            return fields.Date.to_date(asked)
        except (ValueError, TypeError) as error:
            raise UserError(
                self.env._("“%(value)s” is no day. Write one like 2026-12-31.", value=str(asked)[:50])
            ) from error

    @api.model
    def _check_decides_for_all(self, named):
        """Refuse to change what counts in every perimeter, of who may not see all those in which KPI are counted.

        :param named: what is changed, for the message
        :raise AccessError: with what is changed and who may
        """
        counted = self.env["sdm.period"].sudo()._read_group([], ["perimeter_id"])
        perimeters = self.concat(*(perimeter for (perimeter,) in counted)).with_env(self.env)
        if not self.env.su and not all(perimeter.sudo().is_allowed for perimeter in perimeters):
            raise AccessError(
                self.env._(
                    "“%(named)s” counts for all companies, also for those that you may not open. Ask a sales director "
                    "who may open all of them.",
                    named=named,
                )
            )

    def _lock_facts(self):
        """Let nobody else begin to compute, close or decide until the transaction ends.

        The row is written, so that who began with an older picture of the facts begins anew.

        :raise UserError: somebody is at it
        """
        self.ensure_one()
        if not self.sudo().try_lock_for_update(allow_referencing=True):
            raise UserError(self._tell_busy())
        self.env.cr.execute(SQL("UPDATE sdm_perimeter SET write_date = write_date WHERE id = %s", self.id))

    def _tell_busy(self):
        return self.env._(
            "The facts of “%(perimeter)s” are being computed, or a month is being closed. Try again in a minute.",
            perimeter=self.name,
        )
