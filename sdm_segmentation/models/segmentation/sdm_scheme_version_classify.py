from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL


class SdmSchemeVersion(models.Model):
    """The classes of all customers by one statement, so that a million customers never come to Python.

    A method is one ``_classify_<method>`` in a file of its own. It returns SQL of rows (unit, position, amount,
    details): the class by its place in the version, what the customer is worth, and what the class was computed from.
    With margins, (position_up, position_down) after the position are the class as seen by a customer that would have
    to rise or to fall into it. It may use the tables ``scope`` (id, unit) and ``sale`` (unit, date, amount) that come
    before it. The engine of the same name is its oracle: tests assert that both agree on random data.
    """

    _inherit = "sdm.scheme.version"

    def _query_classes(self, date):
        """SQL of a WITH list that ends in ``classified``: (partner_id, position, amount, details) and with margins
        (position_up, position_down) of every customer that has a class on a day.

        :param date: last day of the window
        """
        self.ensure_one()
        classify = getattr(self, f"_classify_{self.method}")
        members = SQL("SELECT unit AS partner_id, unit_class.* FROM unit_class")
        if self.scheme_id.level == "group":
            members = SQL("SELECT scope.id AS partner_id, unit_class.* FROM unit_class JOIN scope USING (unit)")
        return SQL(
            """%(known)s,
            unit_class AS (%(classes)s),
            classified AS (
                SELECT * FROM (%(members)s OFFSET 0) member WHERE position IS NOT NULL
            )""",
            known=self._query_scope_and_sales(date),
            classes=classify(date),
            members=members,
        )

    def _query_scope_and_sales(self, date):
        """SQL of the tables ``scope`` and ``sale`` of a WITH list.

        :param date: last day of the window
        """
        start, end = self._get_window(date)
        return SQL(
            """scope AS (%(scope)s),
            sale AS (
                SELECT scope.unit, sale.date, sale.amount
                  FROM (%(sales)s) sale JOIN scope ON scope.id = sale.customer
                 WHERE sale.date >= %(start)s AND sale.date < %(end)s
            )""",
            scope=self._query_scope(),
            sales=self._query_sales(date),
            start=start,
            end=end,
        )

    def _get_window(self, date):
        """The days looked at: half-open, ``window_months`` up to and with the day.

        :return: tuple of dates (from, to)
        """
        end = date + timedelta(days=1)
        return end - relativedelta(months=self.window_months), end

    def _get_companies(self):
        return self.scheme_id.perimeter_id._get_companies()

    def _get_source(self, date):
        """Where sales are taken from on a day."""
        if self.source != "auto":
            return self.source
        return self.env["sdm.sales.source"]._find_best(
            self._get_companies(), *self._get_window(date), self.env.user.tz or "UTC"
        )

    def _query_sales(self, date):
        return self.env["sdm.sales.source"]._query(
            self._get_companies(),
            self._get_source(date),
            self.measure,
            self.scheme_id.currency_id,
            self.env.user.tz or "UTC",
        )

    def _search_scope(self, everybody=False):
        """Query over the customers that are judged.

        :param everybody: also those that the version leaves out
        """
        companies = self._get_companies()
        partners = self.env["res.partner"].sudo().with_context(active_test=True)
        domain = (Domain("is_company", "=", True) | Domain("parent_id", "=", False)) & Domain(
            "id", "not in", companies.partner_id.ids
        )
        domain &= Domain("company_id", "in", [*companies.ids, False])
        domain &= Domain("partner_share", "=", True)
        if not everybody:
            domain &= self._parse_domain(self.scope_domain, self._get_label("scope_domain"))
        query = partners._search(domain)
        table = SQL.identifier(query.table)
        to_flush = [partners._fields["commercial_partner_id"]]
        query.add_where(SQL("%s.id = %s.commercial_partner_id", table, table, to_flush=to_flush))
        return query

    def _query_scope(self, everybody=False):
        """SQL of the customers that are judged (id) and of the one that each is judged as (unit).

        :param everybody: also those that the version leaves out
        """
        query = self._search_scope(everybody)
        table = SQL.identifier(query.table)
        unit = SQL("%s.id", table)
        if self.scheme_id.level == "group":
            # a group has a number of its own that no customer has
            to_flush = [self.env["res.partner"]._fields["sdm_customer_group_id"]]
            unit = SQL("COALESCE(-%s.sdm_customer_group_id, %s.id)", table, table, to_flush=to_flush)
        return query.select(SQL("%s.id", table), SQL("%s AS unit", unit))

    # -- limits -------------------------------------------------------------------------------------------------------

    def _has_margins(self):
        """Whether a customer must be beyond a limit to change its class."""
        return self.has_limits and bool(self.promotion_margin or self.demotion_margin)

    def _get_lines(self):
        """The classes of the version in their order; positions count from 1."""
        return self.line_ids.sorted()

    def _position_by_limits(self, is_within, shift=0):
        """SQL of the first class within whose limit a customer is; the last class takes the rest.

        :param is_within: function (limit as text, is_first) -> SQL of the condition
        :param shift: added to every limit
        """
        lines = self._get_lines()
        whens = [
            # as text: a limit is compared to the digit that was entered
            SQL("WHEN %s THEN %s", is_within(f"{line.limit + shift:.4f}", position == 1), position)
            for position, line in enumerate(lines[:-1], start=1)
        ]
        return SQL("CASE %s ELSE %s END", SQL(" ").join(whens), len(lines)) if whens else SQL("1")

    def _positions_by_limits(self, is_within, sign=1):
        """SQL of the positions: by the limits, and with margins by those to rise and by those to fall.

        :param sign: 1 where lower numbers are the better class, -1 where higher ones are
        """
        if not self._has_margins():
            return SQL("%s AS position", self._position_by_limits(is_within))
        return SQL(
            "%s AS position, %s AS position_up, %s AS position_down",
            self._position_by_limits(is_within),
            self._position_by_limits(is_within, -sign * self.promotion_margin),
            self._position_by_limits(is_within, sign * self.demotion_margin),
        )
