from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

# What a rule may ask besides the fields of a customer: (at least, less than), 0 asks nothing.
AMOUNT = ("amount_from", "amount_below")
ORDERS = ("orders_from", "orders_below")
SILENCE = ("silence_from", "silence_below")
CONTACT = ("contact_from", "contact_below")
MEASURED = (AMOUNT, ORDERS, SILENCE, CONTACT)
ASKED = tuple(name for pair in MEASURED for name in pair)


class SdmSchemeVersionLine(models.Model):
    """What a rule asks of a customer's sales in the window and of its contacts."""

    _inherit = "sdm.scheme.version.line"

    currency_id = fields.Many2one(related="version_id.currency_id")
    amount_from = fields.Monetary("Amount from", help="In the window, by what the scheme goes by; 0: not asked.")
    amount_below = fields.Monetary("Amount below", help="In the window, by what the scheme goes by; 0: not asked.")
    orders_from = fields.Integer("Sales from", help="Number of sales in the window; 0: not asked.")
    orders_below = fields.Integer("Sales below", help="Number of sales in the window; 0: not asked.")
    silence_from = fields.Integer("No sale for days", help="Nor if nothing was ever sold in the window; 0: not asked.")
    silence_below = fields.Integer("Sale within days", help="Less than so many days ago; 0: not asked.")
    contact_from = fields.Integer(
        "No contact for days", help="By what counts as a contact; nor if there never was one; 0: not asked."
    )
    contact_below = fields.Integer(
        "Contact within days", help="By what counts as a contact; less than so many days ago; 0: not asked."
    )

    _asked_range = models.Constraint(
        f"CHECK(LEAST({', '.join(ASKED)}) >= 0)", "What a rule asks of sales and contacts is zero or more."
    )

    def _check_measured(self):
        """:raise ValidationError: no customer could meet what is asked"""
        for line in self:
            for low, high in MEASURED:
                if line[high] and line[low] >= line[high]:
                    raise ValidationError(
                        self.env._(
                            "“%(segment)s”: “%(low)s” must be less than “%(high)s”, or nobody is in between.",
                            segment=line.segment_id.name,
                            low=self._fields[low]._description_string(self.env),
                            high=self._fields[high]._description_string(self.env),
                        )
                    )

    def _is_measured(self):
        """Whether the rule asks anything of sales or contacts."""
        self.ensure_one()
        return any(self[name] for name in ASKED)

    def _holds_without_sales(self):
        """Whether what is asked of sales and contacts holds for who has none, as a lead without a customer."""
        self.ensure_one()
        return not any(self[name] for name in (AMOUNT[0], ORDERS[0], SILENCE[1], CONTACT[1]))

    def _query_measured(self, date):
        """SQL of what the rule asks besides, over ``worth`` and ``contact`` of the customer: ``AND ...``, or nothing.

        :param date: last day of the window
        """
        self.ensure_one()
        conditions = []
        values = {
            AMOUNT: SQL("COALESCE(worth.amount, 0)"),
            ORDERS: SQL("COALESCE(worth.orders, 0)"),
            SILENCE: SQL("%s::date - worth.last", date),
            CONTACT: SQL("%s::date - contact.last", date),
        }
        for pair, value in values.items():
            low, high = (self[name] for name in pair)
            # who never bought or was never contacted is silent for ever
            never = SQL("TRUE") if pair in (SILENCE, CONTACT) else SQL("FALSE")
            if low:
                conditions.append(SQL("COALESCE(%s >= %s::numeric, %s)", value, f"{low:.4f}", never))
            if high:
                conditions.append(SQL("COALESCE(%s < %s::numeric, FALSE)", value, f"{high:.4f}"))
        return SQL("").join(SQL(" AND %s", condition) for condition in conditions)

    def _tell_measured(self):
        """What the rule asks of sales and contacts, in words."""
        self.ensure_one()
        return [
            f"{self._fields[name]._description_string(self.env)} {self.version_id._tell_number(self[name])}"
            for name in ASKED
            if self[name]
        ]


class SdmSchemeVersion(models.Model):
    """Rules in order, the first that holds decides. Oracle: ``engine.segmentation.rules``."""

    _inherit = "sdm.scheme.version"

    def _check_rules(self):
        self.line_ids._check_measured()

    def _check_missing_rules(self):
        for line in self.line_ids:
            if not line.domain and not line._is_measured():
                raise UserError(
                    self.env._(
                        "“%(segment)s” has no rule. Say which customers come here.", segment=line.segment_id.name
                    )
                )

    def _query_matches(self, date):
        """Query over the customers in scope, and for each rule the SQL of whether it holds, in order.

        It uses ``scope`` and ``sale``.

        :param date: last day of the window
        """
        partners = self.env["res.partner"].sudo()
        query = self._search_scope()
        key = SQL.identifier(query.table, "id")
        query.add_join("LEFT JOIN", "worth", self._query_worth(), SQL("worth.unit = %s", key))
        if any(line.contact_from or line.contact_below for line in self.line_ids):
            contacts = self.env["sdm.contact.channel"]._query_contacts(
                self.env.user.tz or "UTC", end=date + timedelta(days=1)
            )
            last = SQL("(SELECT customer_id, MAX(day) AS last FROM %s contact GROUP BY customer_id)", contacts)
            query.add_join("LEFT JOIN", "contact", last, SQL("contact.customer_id = %s", key))
        conditions = [
            SQL(
                "(%s)%s",
                self._parse_domain(line.domain, line.segment_id.name)
                .optimize_full(partners)
                ._to_sql(partners, query.table, query),
                line._query_measured(date),
            )
            for line in self._get_lines()
        ]
        return query, conditions

    def _query_worth(self):
        """SQL of what each customer bought; number and day of sales only where a rule asks for them."""
        more = SQL("")
        if self._is_measured():
            more = SQL(
                """, COUNT(*) FILTER (WHERE amount > 0) AS orders, MAX(date) FILTER (WHERE amount > 0) AS last"""
            )
        return SQL("(SELECT unit, SUM(amount) AS amount%s FROM sale GROUP BY unit)", more)

    def _is_measured(self):
        """Whether any rule asks for sales or contacts."""
        return any(line._is_measured() for line in self.line_ids)

    def _classify_rules(self, date):
        query, conditions = self._query_matches(date)
        whens = [SQL("WHEN %s THEN %s", condition, place) for place, condition in enumerate(conditions, start=1)]
        columns = [
            SQL("%s AS unit", SQL.identifier(query.table, "id")),
            SQL("CASE %s END AS position", SQL(" ").join(whens)),
            SQL("COALESCE(worth.amount, 0) AS amount"),
        ]
        details = SQL("'rule', position")
        if self._is_measured():
            columns += [SQL("COALESCE(worth.orders, 0) AS orders"), SQL("worth.last")]
            details = SQL("'rule', position, 'orders', orders, 'last', last")
        return SQL(
            """SELECT unit, position, amount, jsonb_build_object(%s) AS details
                 FROM (%s OFFSET 0) matched""",
            details,
            query.select(*columns),
        )

    def _count_matches(self, date):
        """How many customers match which rules.

        :return: list of tuples (for each rule whether it holds, ..., customers)
        """
        query, conditions = self._query_matches(date)
        names = [SQL("(%s) IS TRUE AS %s", each, SQL.identifier(f"rule_{i}")) for i, each in enumerate(conditions)]
        columns = SQL(", ").join(SQL.identifier(f"rule_{i}") for i in range(len(conditions)))
        return self.env.execute_query(
            SQL(
                "WITH %s SELECT %s, COUNT(*) FROM (%s) matched GROUP BY %s",
                self._query_scope_and_sales(date),
                columns,
                query.select(*names),
                columns,
            )
        )
