from collections import defaultdict
from decimal import Decimal

from odoo import fields, models
from odoo.tools import SQL

from ...engine import periods
from ...engine.plan import mix
from ..sdm_kpi_source import Scope
from .sdm_plan_goal import exact

# An older entry of a potential says nothing of the year to come
FRESH_DAYS = 365


class SdmPlanGoal(models.Model):
    """What people can sell: the potential of their customers, and of which segments and categories their sales are."""

    _inherit = "sdm.plan.goal"

    by_segment = fields.Boolean(
        "To segments", help="Each person's target is divided by segments, as the own sales were."
    )
    by_category = fields.Boolean(
        "To product categories", help="Each person's target is divided by categories, as the own sales were."
    )
    has_categories = fields.Boolean(compute="_compute_has_categories")
    analogue_ids = fields.One2many("sdm.plan.goal.analogue", "goal_id", string="New products", copy=True)

    def _compute_has_categories(self):
        for goal in self:
            goal.has_categories = bool(goal.kpi_id) and goal.kpi_id._has_categories()

    # -- potential ----------------------------------------------------------------------------------------------------

    def _get_potentials(self):
        """What the customers of people could buy in a year, by the owners of today and their shares.

        :return: {employee id: Decimal}
        """
        if not self.potential_weight:
            return {}
        scope = Scope(self.perimeter_id)
        source = self.env["sdm.kpi.source"].sudo()
        today = fields.Date.context_today(self)
        owned = SQL(
            """SELECT partner_id, employee_id, share::numeric AS share FROM sdm_ownership
                WHERE share > 0 AND date_from <= %(date)s AND (date_to IS NULL OR date_to >= %(date)s)""",
            date=today,
            to_flush=[
                self.env["sdm.ownership"]._fields[name]
                for name in ("partner_id", "employee_id", "share", "date_from", "date_to")
            ],
        )
        wallets = (
            self.env["sdm.potential"]
            .sudo()
            ._query_wallets(
                SQL("SELECT DISTINCT partner_id FROM (%s) owned", owned),
                source._query(
                    scope.companies,
                    "deal" if scope.revenue_source == "won" else scope.revenue_source,
                    currency=scope.currency,
                    zone=scope.zone,
                ),
                scope.companies,
                scope.currency,
                today,
                FRESH_DAYS,
            )
        )
        rows = self.env.execute_query(
            SQL(
                """SELECT owned.employee_id, SUM(wallet.potential * owned.share)::text
                     FROM (%s) wallet JOIN (%s) owned ON owned.partner_id = wallet.customer
                    GROUP BY owned.employee_id""",
                wallets,
                owned,
            )
        )
        return {employee: Decimal(amount) for employee, amount in rows}

    # -- segments and product categories ------------------------------------------------------------------------------

    def _get_sales(self):
        """The facts of the last twelve months by what was sold.

        :return: list of engine sales; none where the goal is not divided so far
        """
        if not (self.by_segment or self.by_category):
            return []
        first, last = self._get_window()
        rows = self.env.execute_query(
            SQL(
                """SELECT employee_id, head_id, %(segment)s, %(category)s, date, SUM(value)::text
                     FROM sdm_kpi_fact
                    WHERE perimeter_id = %(perimeter)s AND kpi_id = %(kpi)s AND date BETWEEN %(first)s AND %(last)s
                    GROUP BY 1, 2, 3, 4, 5 ORDER BY 3, 4""",
                segment=SQL("segment_id") if self.by_segment else SQL("NULL::int"),
                category=SQL("category_id") if self.by_category else SQL("NULL::int"),
                perimeter=self.perimeter_id.id,
                kpi=self.kpi_id.id,
                first=first,
                last=last,
                to_flush=self._get_fact_fields(
                    "perimeter_id", "kpi_id", "date", "value", "employee_id", "head_id", "segment_id", "category_id"
                ),
            )
        )
        return [mix.Sale(*row[:5], Decimal(row[5])) for row in rows]

    def _get_mixes(self, seats):
        """How each person's target falls to segments and categories in each month.

        :param seats: {(person, head): engine seat}; :return: {month: {(person, head): {(segment, category): weight}}}
        """
        sales = self._get_sales()
        if not sales:
            return {}
        analogues = [
            mix.Analogue(row.category_id.id, row.like_id.id, exact(row.percent), row.date_from or None)
            for row in self.analogue_ids
        ]
        window = periods.months_between(*self._get_window())
        has_year = min(self._get_totals()) <= window[0]
        found = mix.mixes_of(sales, list(seats), analogues if self.by_category else [], self._get_months(), has_year)
        result = defaultdict(dict)
        for (seat, month), shares in found.items():
            result[month][seat] = shares
        return result
