from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..engine import periods

# Rows of files are numbered from here on, where no document is.
HISTORY_FROM = 2**40


class SdmKpiSource(models.AbstractModel):
    """What people do: activities, meetings, working days, and what is entered by hand."""

    _inherit = "sdm.kpi.source"

    def _query_activity_lines(self, scope, first, end):
        """Activities that were done, with the customer that they were about where there is one."""
        return SQL(
            """SELECT %s
                 FROM mail_activity activity
                 JOIN res_users worker ON worker.id = activity.user_id
                 LEFT JOIN crm_lead lead ON activity.res_model = 'crm.lead' AND lead.id = activity.res_id
                 LEFT JOIN sale_order ON activity.res_model = 'sale.order' AND sale_order.id = activity.res_id
                 LEFT JOIN res_partner partner ON partner.id = CASE activity.res_model
                      WHEN 'crm.lead' THEN lead.partner_id WHEN 'sale.order' THEN sale_order.partner_id
                      WHEN 'res.partner' THEN activity.res_id END
                WHERE NOT activity.active AND activity.date_done IS NOT NULL
                  AND activity.res_model IN ('crm.lead', 'sale.order', 'res.partner')
                  AND COALESCE(lead.company_id, sale_order.company_id, worker.company_id) IN %s""",
            self._select_columns(
                doc_id=SQL("activity.id"),
                line_id=SQL("activity.id"),
                date=SQL("activity.date_done"),
                company_id=SQL("COALESCE(lead.company_id, sale_order.company_id, worker.company_id)"),
                user_id=SQL("activity.user_id"),
                team_id=SQL("COALESCE(lead.team_id, sale_order.team_id)"),
                partner_id=SQL("partner.commercial_partner_id"),
                lead_id=SQL("lead.id"),
                order_id=SQL("sale_order.id"),
                activity_id=SQL("activity.id"),
                documents=SQL("1"),
            ),
            tuple(scope.companies.ids),
            to_flush=[
                *self._get_fields(
                    "mail.activity", "user_id", "res_model", "res_id", "active", "date_done", "activity_type_id"
                ),
                *self._get_fields("res.users", "company_id"),
                *self._get_fields("crm.lead", "partner_id", "company_id", "team_id"),
                *self._get_fields("sale.order", "partner_id", "company_id", "team_id"),
                *self._get_fields("res.partner", "commercial_partner_id"),
                *self._get_columns_to_flush(),
            ],
        )

    def _query_meeting_lines(self, scope, first, end):
        """Meetings that took place, of who called them, with the deal's customer or the first guest from outside."""
        return SQL(
            """SELECT %s
                 FROM calendar_event event
                 JOIN res_users worker ON worker.id = event.user_id
                 LEFT JOIN crm_lead lead ON lead.id = event.opportunity_id
                 LEFT JOIN res_partner own ON own.id = lead.partner_id
                 LEFT JOIN LATERAL (
                      SELECT guest.commercial_partner_id
                        FROM calendar_event_res_partner_rel invited
                        JOIN res_partner guest ON guest.id = invited.res_partner_id
                       WHERE invited.calendar_event_id = event.id
                         AND NOT EXISTS (SELECT FROM res_users inside WHERE inside.partner_id = guest.id)
                       ORDER BY guest.id LIMIT 1
                 ) met ON TRUE
                WHERE event.active AND event.start < %s
                  AND (lead.id IS NOT NULL OR met.commercial_partner_id IS NOT NULL)
                  AND COALESCE(lead.company_id, worker.company_id) IN %s""",
            self._select_columns(
                doc_id=SQL("event.id"),
                line_id=SQL("event.id"),
                date=self._local_date(SQL("event.start"), scope.zone),
                company_id=SQL("COALESCE(lead.company_id, worker.company_id)"),
                user_id=SQL("event.user_id"),
                team_id=SQL("lead.team_id"),
                partner_id=SQL("COALESCE(own.commercial_partner_id, met.commercial_partner_id)"),
                lead_id=SQL("lead.id"),
                meeting_id=SQL("event.id"),
                documents=SQL("1"),
            ),
            fields.Datetime.now(),
            tuple(scope.companies.ids),
            to_flush=[
                *self._get_fields("calendar.event", "user_id", "start", "active", "opportunity_id", "partner_ids"),
                *self._get_fields("res.users", "company_id", "partner_id"),
                *self._get_fields("crm.lead", "partner_id", "company_id", "team_id"),
                *self._get_fields("res.partner", "commercial_partner_id"),
                *self._get_columns_to_flush(),
            ],
        )

    def _query_time_lines(self, scope, first, end):
        """Working days of everybody in a sales team, by month, up to today in the running one."""
        rows = self._get_working_days(scope, first, end)
        values = SQL(", ").join(SQL("(%s::int4, %s::date, %s::int4)", *row) for row in rows)
        return SQL(
            """SELECT %s
                 FROM (SELECT * FROM (VALUES %s) given (employee_id, month, days) WHERE employee_id IS NOT NULL) worked
                 JOIN hr_employee employee ON employee.id = worked.employee_id""",
            self._select_columns(
                doc_id=SQL("worked.employee_id"),
                line_id=SQL("worked.employee_id::int8 * 100000 + (worked.month - DATE '2000-01-01')"),
                date=SQL("worked.month"),
                company_id=SQL("employee.company_id"),
                employee_id=SQL("worked.employee_id"),
                documents=SQL("1"),
                days=SQL("worked.days"),
            ),
            values if rows else SQL("(NULL::int4, NULL::date, NULL::int4)"),
            to_flush=self._get_columns_to_flush(),
        )

    def _get_working_days(self, scope, first, end):
        """Rows (employee, day, working days) of people who are in a sales team, of the days on which they are.

        A person with cards in several companies works a day once.
        """
        today = fields.Date.context_today(self)
        last = min(fields.Date.subtract(end, days=1), today)
        positions = (
            self.env["sdm.position"]
            .sudo()
            .search(
                Domain("team_id", "!=", False)
                & Domain("company_id", "in", scope.companies.ids)
                & Domain("date_from", "<=", last)
                & (Domain("date_to", "=", False) | Domain("date_to", ">=", first)),
                order="date_from, id",
            )
        )
        calendars = self.env["sdm.calendar.day"]._get_production_calendars(positions.employee_id, first)
        people = {card: person for card, _user, person in self.env.execute_query(self._query_people(scope))}
        found, free = {}, {}
        for position in positions:
            person = people[position.employee_id.id]
            # until where the days of the person are counted already, by a position that began before
            begin = max(position.date_from, free.get(person, first))
            until = min(position.date_to or last, last)
            if begin > until:
                continue
            free[person] = fields.Date.add(until, days=1)
            months = periods.months_between(begin, until)
            days = periods.working_days(calendars[position.employee_id], months, begin, until)
            for month, count in days.items():
                key = (person, max(month, begin))
                found[key] = found.get(key, 0) + count
        return [(employee, day, count) for (employee, day), count in found.items()]

    def _query_value_lines(self, scope, first, end):
        """What was entered or imported."""
        return SQL(
            "SELECT %s FROM sdm_kpi_value entered WHERE entered.company_id IN %s",
            self._select_columns(
                doc_id=SQL("entered.id"),
                line_id=SQL("entered.id"),
                date=SQL("entered.date"),
                company_id=SQL("entered.company_id"),
                employee_id=SQL("entered.employee_id"),
                team_id=SQL("entered.team_id"),
                segment_id=SQL("entered.segment_id"),
                value_id=SQL("entered.id"),
                documents=SQL("1"),
                amount=SQL("entered.value"),
            ),
            tuple(scope.companies.ids),
            to_flush=[
                *self._get_fields(
                    "sdm.kpi.value", "kpi_id", "date", "company_id", "employee_id", "team_id", "segment_id", "value"
                ),
                *self._get_columns_to_flush(),
            ],
        )

    def _query_history_lines(self, scope, first, end):
        """What came in from files. Its numbers keep off those of Odoo's documents, which revenue counts beside it."""
        number = SQL("row.id::int8 + %s", HISTORY_FROM)
        return SQL(
            "SELECT %s FROM sdm_kpi_history row WHERE row.company_id IN %s AND row.date >= %s AND row.date < %s",
            self._select_columns(
                doc_id=number,
                line_id=number,
                date=SQL("row.date"),
                company_id=SQL("row.company_id"),
                employee_id=SQL("row.employee_id"),
                partner_id=SQL("row.partner_id"),
                category_id=SQL("row.category_id"),
                history_id=SQL("row.id"),
                documents=SQL("1"),
                amount=SQL("row.amount"),
                quantity=SQL("row.quantity"),
            ),
            tuple(scope.companies.ids),
            first,
            end,
            to_flush=self._get_columns_to_flush(),
        )
