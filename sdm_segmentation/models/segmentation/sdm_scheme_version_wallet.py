from datetime import date as Date
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ...engine.segmentation.wallet import (
    BEST_YEAR,
    CULTIVATE,
    ENTERED,
    LOYAL,
    MAINTAIN,
    MINOR,
    POTENTIAL,
    QUADRANTS,
    SALES,
)
from .sdm_potential import MONTHS


class SdmSchemeVersion(models.Model):
    """Potential against share of wallet, in four quadrants. Oracle: ``engine.segmentation.wallet``."""

    _inherit = "sdm.scheme.version"

    value_limit = fields.Monetary(
        "High value from", help="Money a year; a customer of exactly so much is of high value already."
    )
    share_limit = fields.Float(
        "High share from (%)",
        digits=(5, 2),
        default=50,
        help="Part of what the customer could buy that is bought from us; exactly so much is high already.",
    )
    wallet_value = fields.Selection(
        [(POTENTIAL, "What the customer could buy"), (SALES, "What the customer buys from us")],
        string="The value is",
        default=POTENTIAL,
        required=True,
    )
    potential_days = fields.Integer(
        "Potential good for, days",
        default=365,
        help="An older entry is not used; the best year of the customer takes its place. 0: good for ever.",
    )

    _share_limit_range = models.Constraint(
        "CHECK(share_limit > 0 AND share_limit <= 100)", "“High share from” lies between 0 and 100 %."
    )
    _potential_days_range = models.Constraint(
        "CHECK(potential_days >= 0)", "“Potential good for” is zero days or more."
    )

    def _check_missing_wallet(self):
        if self.value_limit <= 0:
            raise UserError(
                self.env._(
                    "Say in “High value from” what a customer of high value brings a year at least, for “%(scheme)s”.",
                    scheme=self.scheme_id.name,
                )
            )
        if sorted(filter(None, self.line_ids.mapped("state_code"))) != sorted(QUADRANTS.values()):
            raise UserError(
                self.env._(
                    "Potential and share make four classes: loyal, cultivate, maintain, minor. Use the template."
                )
            )

    def _get_window(self, date):
        if self.method != "wallet":
            return super()._get_window(date)
        end = date + timedelta(days=1)
        return end - relativedelta(months=MONTHS), end

    def _classify_wallet(self, date):
        position = {line.state_code: place for place, line in enumerate(self._get_lines(), start=1)}
        wallets = self.env["sdm.potential"]._query_wallets(
            SQL("SELECT id FROM scope"),
            self._query_sales(date),
            self._get_companies(),
            self.scheme_id.currency_id,
            date,
            self.potential_days,
        )
        return SQL(
            """SELECT customer AS unit, position, sales AS amount,
                      jsonb_build_object(
                          'potential', potential, 'basis', basis, 'year', year, 'entered', entered, 'day', day,
                          'source', source, 'confidence', confidence, 'stale', stale
                      ) AS details
                 FROM (
                     SELECT wallet.*, CASE WHEN high_value AND high_share THEN %(loyal)s
                                           WHEN high_value THEN %(cultivate)s
                                           WHEN high_share THEN %(maintain)s
                                           ELSE %(minor)s END AS position
                       FROM (
                           SELECT *, %(value)s >= %(value_limit)s::numeric AS high_value,
                                  GREATEST(sales, 0) * 100 >= %(share_limit)s::numeric * potential AS high_share
                             FROM (%(wallets)s) known
                       ) wallet
                 ) placed""",
            loyal=position[LOYAL],
            cultivate=position[CULTIVATE],
            maintain=position[MAINTAIN],
            minor=position[MINOR],
            value=SQL("potential") if self.wallet_value == POTENTIAL else SQL("GREATEST(sales, 0)"),
            # as text: a limit is compared to the digit that was entered
            value_limit=f"{self.value_limit:.4f}",
            share_limit=f"{self.share_limit:.2f}",
            wallets=wallets,
        )

    def _explain_wallet(self, membership, details):
        sales, potential = max(membership.amount, 0), details["potential"]
        share = self._tell_percent(100 * sales / potential)
        rows = [
            (self.env._("Potential a year"), self._tell_amount(potential)),
            (self.env._("The potential is"), self._tell_basis(details)),
            (self.env._("Share of wallet"), share),
            (self.env._("Bought elsewhere"), self._tell_amount(potential - sales)),
            (self._fields["value_limit"]._description_string(self.env), self._tell_amount(self.value_limit)),
            (self._fields["share_limit"]._description_string(self.env), self._tell_number(self.share_limit)),
        ]
        if details["stale"]:
            text = self.env._(
                "%(amount)s as of %(date)s is too old and was not used.",
                amount=self._tell_amount(details["entered"]),
                date=format_date(self.env, Date.fromisoformat(details["day"])),
            )
            rows.append((self.env._("Entered potential"), text))
        return (
            self.env._(
                "%(name)s: could buy for %(potential)s a year and buys for %(sales)s from us, %(share)s of it.",
                name=membership.computed_segment_id.name,
                potential=self._tell_amount(potential),
                sales=self._tell_amount(sales),
                share=share,
            ),
            rows,
        )

    def _tell_basis(self, details):
        """Where a potential comes from, in words."""
        if details["basis"] == ENTERED:
            Potential = self.env["sdm.potential"]
            source = dict(Potential._fields["source"]._description_selection(self.env))[details["source"]]
            confidence = dict(Potential._fields["confidence"]._description_selection(self.env)).get(
                details["confidence"]
            )
            known = f"{source}, {confidence}" if confidence else source
            return f"{known}, {format_date(self.env, Date.fromisoformat(details['day']))}"
        if details["basis"] == BEST_YEAR:
            return self.env._("the best year so far, %(year)s", year=details["year"])
        return self.env._("the sales of now, which are more than was known")
