from datetime import timedelta
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.fields import Command
from odoo.tools import SQL

from ...engine import playbook as engine

MONTHS = 12
TOLERANCE = Decimal(20)
MINIMUM = 10


class SdmPlaybook(models.Model):
    """What the facts say about the norms: how customers who do well are really contacted."""

    _inherit = "sdm.playbook"

    def action_open_facts(self):
        """Hold the norms against the facts of the last year."""
        self.ensure_one()
        self.check_access("write")
        proposals = self._propose_norms()
        lines = [
            {
                "channel_id": norm.channel_id.id,
                "kind": kind,
                "present": found.present,
                "proposed": found.proposed or 0,
                "observed": float(found.observed or 0),
                "base": found.base,
                "outcome": found.reason,
                "is_accepted": found.reason in (engine.SHORTER, engine.LONGER),
            }
            for norm, kind, found in proposals
        ]
        proposal = self.env["sdm.norm.proposal"].create(
            {"playbook_id": self.id, "line_ids": [Command.create(line) for line in lines]}
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What do the facts say?"),
            "res_model": "sdm.norm.proposal",
            "res_id": proposal.id,
            "view_mode": "form",
            "target": "new",
        }

    def _propose_norms(self):
        """Hold each norm against the last twelve months.

        Intervals are those of customers who do well: they bought at least as much as in the twelve months before. The
        length is that of meetings in the calendar, for the channel that counts them.

        :return: list of (sdm.contact.norm, ``interval`` or ``minutes``, engine Proposal)
        """
        self.ensure_one()
        today = fields.Date.context_today(self)
        first = today - relativedelta(months=MONTHS)
        working = self._get_working_time()
        contacts = self._get_contacts_of_the_best(first, today)
        norms = tuple(norm._prepare_engine_norm() for norm in self.norm_ids)
        accounts = [engine.Account(customer, first, norms, tuple(found)) for customer, found in contacts.items()]
        proposals = []
        for record, norm in zip(self.norm_ids, norms, strict=True):
            found = engine.propose_interval(norm, accounts, working, MINIMUM, tolerance=TOLERANCE)
            proposals.append((record, "interval", found))
            if record.channel_id.has_meetings and norm.minutes:
                lengths = self._get_lengths(first, today)
                proposals.append((record, "minutes", engine.propose(norm.minutes, lengths, MINIMUM, TOLERANCE)))
        return proposals

    def _get_contacts_of_the_best(self, first, today):
        """The contacts of customers who bought at least as much as the year before, in one query.

        :return: dict {customer id: list of engine Contact}
        """
        companies = self.perimeter_id.company_ids or self.env["res.company"].search([("active", "=", True)])
        Source = self.env["sdm.sales.source"].sudo()
        start = first - relativedelta(months=MONTHS)
        source = Source._find_best(companies, start, today + timedelta(days=1))
        sales = Source._query(companies, source, "revenue", self.perimeter_id.currency_id)
        best = SQL(
            """(
            SELECT sale.customer FROM (%(sales)s) sale
              JOIN res_partner partner ON partner.id = sale.customer AND partner.sdm_segment_id IN %(segments)s
             WHERE sale.date > %(start)s AND sale.date <= %(today)s
             GROUP BY sale.customer
            HAVING COALESCE(SUM(sale.amount) FILTER (WHERE sale.date > %(first)s), 0) > 0
               AND COALESCE(SUM(sale.amount) FILTER (WHERE sale.date > %(first)s), 0)
                   >= COALESCE(SUM(sale.amount) FILTER (WHERE sale.date <= %(first)s), 0)
            )""",
            sales=sales,
            segments=tuple(self.segment_ids.ids) or (0,),
            start=start,
            first=first,
            today=today,
        )
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT contact.customer_id, contact.channel_id, contact.day FROM %s contact",
                self.env["sdm.contact.channel"]._query_contacts(
                    self.env.user.tz or "UTC", first, today + timedelta(days=1), best
                ),
            )
        )
        contacts = {}
        for customer, channel, day in rows:
            contacts.setdefault(customer, []).append(engine.Contact(channel, day))
        return contacts

    def _get_lengths(self, first, today):
        """Minutes of the meetings with customers of the segments, whole days left out."""
        meetings = (
            self.env["calendar.event"]
            .sudo()
            .search_fetch(
                [
                    ("partner_ids.commercial_partner_id.sdm_segment_id", "in", self.segment_ids.ids),
                    ("start", ">=", fields.Datetime.to_datetime(first)),
                    ("start", "<", fields.Datetime.to_datetime(today)),
                    ("allday", "=", False),
                ],
                ["duration"],
            )
        )
        return [round(meeting.duration * 60) for meeting in meetings if meeting.duration > 0]
