from odoo import models
from odoo.tools import SQL


class SdmKpiSource(models.AbstractModel):
    """Deals: those that came, were won and lost, and were open at the end of a month."""

    _inherit = "sdm.kpi.source"

    def _opened(self, zone):
        """SQL of the day on which a deal came: of one loaded later that of its assignment, or of its end."""
        return self._local_date(SQL("LEAST(lead.create_date, lead.date_open, lead.date_closed)"), zone)

    def _query_deal_lines(self, scope, date, condition, extra=None, **columns):
        opened = self._opened(scope.zone)
        return SQL(
            """SELECT %s FROM crm_lead lead LEFT JOIN res_partner partner ON partner.id = lead.partner_id %s
                WHERE (lead.company_id IS NULL OR lead.company_id IN %s) AND %s""",
            self._select_columns(
                **{
                    "doc_id": SQL("lead.id"),
                    "line_id": SQL("lead.id"),
                    "date": date,
                    "company_id": SQL("COALESCE(lead.company_id, %s)", scope.companies[:1].id),
                    "user_id": SQL("lead.user_id"),
                    "team_id": SQL("lead.team_id"),
                    "partner_id": SQL("partner.commercial_partner_id"),
                    "lead_id": SQL("lead.id"),
                    "documents": SQL("1"),
                    "amount": SQL("lead.expected_revenue"),
                    "days": SQL("%s - %s", date, opened),
                    **columns,
                }
            ),
            extra or SQL(),
            tuple(scope.companies.ids),
            condition,
            to_flush=[
                *self._get_fields("res.partner", "commercial_partner_id"),
                *self._get_fields(
                    "crm.lead",
                    *("partner_id", "user_id", "team_id", "company_id", "type", "won_status", "expected_revenue"),
                    *("probability", "create_date", "date_open", "date_closed", "active"),
                ),
                *self._get_columns_to_flush(),
            ],
        )

    def _query_lead_lines(self, scope, first, end):
        return self._query_deal_lines(scope, self._opened(scope.zone), SQL("TRUE"), days=SQL("0"))

    def _query_won_lines(self, scope, first, end):
        closed = self._local_date(SQL("lead.date_closed"), scope.zone)
        return self._query_deal_lines(scope, closed, SQL("lead.type = 'opportunity' AND lead.won_status = 'won'"))

    def _query_won_documents(self, scope, first, end):
        return self._query_won_lines(scope, first, end)

    def _query_lost_lines(self, scope, first, end):
        closed = self._local_date(SQL("lead.date_closed"), scope.zone)
        return self._query_deal_lines(scope, closed, SQL("lead.type = 'opportunity' AND lead.won_status = 'lost'"))

    def _query_open_lines(self, scope, first, end, extra=None, **columns):
        """Deals that were open at the end of each month, of the running month those open today.

        What Odoo does not keep, the amount and the probability of that time, is taken as it is now.
        """
        closed = self._local_date(SQL("lead.date_closed"), scope.zone)
        return self._query_deal_lines(
            scope,
            SQL("month.day"),
            SQL(
                """lead.type = 'opportunity' AND %s <= month.day
                   AND (lead.won_status = 'pending' AND lead.active
                        OR lead.won_status <> 'pending' AND %s > month.day)""",
                self._opened(scope.zone),
                closed,
            ),
            extra=SQL("CROSS JOIN %s month %s", self._query_month_ends(first, end), extra or SQL()),
            line_id=self._number_by_month(SQL("lead.id"), SQL("month.day")),
            weighted=SQL("lead.expected_revenue * lead.probability::numeric / 100"),
            **columns,
        )
