from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, date_utils

from ..engine import calendar

PERIODS = ("this_month", "last_month", "this_quarter", "last_quarter", "this_year")


class SdmCoverage(models.Model):
    """How the contact norms were kept in a period: a row for each customer and norm.

    The period comes from the context: ``sdm_period``, or ``sdm_from`` and ``sdm_to``. A running one is judged up to
    today. Segment, playbook, seller and head are those of its last day. The engine's ``cover`` says the same of one
    customer.
    """

    _name = "sdm.coverage"
    _description = "Coverage of Customers"
    _auto = False
    _order = "required desc, id"
    _rec_name = "partner_id"
    _depends = {
        "res.partner": ["commercial_partner_id", "active"],
        "sdm.segment.membership": ["partner_id", "segment_id", "date_from", "date_to"],
        "sdm.ownership": ["partner_id", "employee_id", "kind", "date_from", "date_to"],
        "sdm.position": ["employee_id", "head_id", "date_from", "date_to"],
        "hr.employee": ["user_id"],
    }

    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    segment_id = fields.Many2one("sdm.segment", readonly=True)
    playbook_id = fields.Many2one("sdm.playbook", readonly=True)
    channel_id = fields.Many2one("sdm.contact.channel", readonly=True)
    employee_id = fields.Many2one("hr.employee", string="Seller", readonly=True)
    user_id = fields.Many2one("res.users", string="User of the seller", readonly=True)
    head_id = fields.Many2one("hr.employee", string="Group of", readonly=True)
    contacted_partner_id = fields.Many2one("res.partner", string="Customer contacted", readonly=True)
    required = fields.Integer("Due", readonly=True, help="Contacts that fell due in the period.")
    done = fields.Integer(readonly=True, help="Days with a contact that counts.")
    counted = fields.Integer(
        "Done of those due", readonly=True, help="No more than was due: one customer does not make up for another."
    )
    missed = fields.Integer("Not done", readonly=True)
    overdue = fields.Integer(readonly=True, help="Norms that are overdue on the last day of the period.")
    share = fields.Float("Coverage", readonly=True, aggregator="avg", help="Done of those due; empty: nothing was due.")

    def _read_group_select(self, aggregate_spec, query):
        # the share of a group is the share of its sums
        if aggregate_spec == "share:avg":
            counted, required = (self._field_to_sql(self._table, name, query) for name in ("counted", "required"))
            return SQL("SUM(%s)::float / NULLIF(SUM(%s), 0)", counted, required)
        return super()._read_group_select(aggregate_spec, query)

    @api.model
    def _get_period(self):
        """The days that the context asks for, up to today.

        :return: (first day, last day)
        """
        today = fields.Date.context_today(self)
        context = self.env.context
        if context.get("sdm_from") and context.get("sdm_to"):
            first, last = (fields.Date.to_date(context[name]) for name in ("sdm_from", "sdm_to"))
        else:
            period = context.get("sdm_period")
            which, _separator, unit = (period if period in PERIODS else PERIODS[0]).partition("_")
            first = date_utils.start_of(today, unit)
            if which == "last":
                first = date_utils.start_of(first - timedelta(days=1), unit)
            last = date_utils.end_of(first, unit)
        return first, min(last, today)

    @property
    def _table_query(self):
        Playbook = self.env["sdm.playbook"]
        return self._query_coverage([self._get_period()], Playbook._get_working_time(), self.env.user.tz or "UTC")

    @api.model
    def _query_coverage(self, periods, working, zone):
        """SQL of the rows of periods, each judged by itself.

        Working days are numbered once, so that the n-th contact due is an addition. A norm that was due before the
        first numbered day is due on the first day of its period.

        :param periods: list of (first day, last day), in their order; :param working: engine Calendar
        :param zone: name of the time zone of the days
        """
        versions = (
            self.env["sdm.playbook"]
            .sudo()
            .search([("state", "in", ["in_force", "replaced"]), ("date_from", "!=", False)])
        )
        held = [
            (first, last, segment.id, playbook, norm)
            for first, last in periods
            for playbook in versions
            if first <= last and playbook.date_from <= last and (not playbook.date_to or playbook.date_to >= last)
            for segment in playbook.segment_ids
            for norm in playbook.norm_ids
        ]
        if not held:
            return SQL(
                """SELECT NULL::int AS id, NULL::int AS partner_id, NULL::int AS segment_id, NULL::int AS playbook_id,
                          NULL::int AS norm_id, NULL::int AS channel_id, NULL::int AS employee_id, NULL::int AS user_id,
                          NULL::int AS head_id, NULL::int AS contacted_partner_id, NULL::date AS last_day,
                          0 AS minutes, 0 AS required, 0 AS done, 0 AS counted, 0 AS missed, 0 AS overdue,
                          NULL::float AS share
                    WHERE FALSE"""
            )
        first, last = held[0][0], held[-1][1]
        longest = max(norm.ideal for *_place, norm in held)
        begin = calendar.add_working_days(working, first, -longest) - timedelta(days=1)
        reds = {
            key: calendar.add_working_days(working, key[0], -key[1]) - timedelta(days=1)
            for key in {(end, norm.maximum) for _start, end, _segment, _playbook, norm in held}
        }
        days, number = [], 0
        for offset in range((last - begin).days + 1):
            day = begin + timedelta(days=offset)
            number += calendar.is_working(working, day)
            days.append(SQL("(%s::date, %s)", day, number))
        norms = [
            SQL(
                "(%s::date, %s::date, %s, %s, %s, %s, %s, %s, %s::date, %s::date)",
                start,
                end,
                segment,
                playbook.id,
                norm.id,
                norm.channel_id.id,
                norm.minutes,
                norm.ideal,
                playbook.date_begun,
                reds[end, norm.maximum],
            )
            for start, end, segment, playbook, norm in held
        ]
        keeping = {
            (norm.id, channel.id) for *_place, norm in held for channel in norm.channel_id | norm.counts_channel_ids
        }
        return SQL(
            """WITH day (day, number) AS (VALUES %(days)s),
            norm (first_day, last_day, segment_id, playbook_id, norm_id, channel_id, minutes, ideal, begun, red) AS (
                VALUES %(norms)s
            ),
            keeping (norm_id, channel_id) AS (VALUES %(keeping)s),
            worked AS (
                SELECT membership.partner_id, norm.*, GREATEST(norm.begun, membership.date_from) AS since,
                       GREATEST(norm.begun, membership.date_from, norm.first_day) AS opens
                  FROM sdm_segment_membership membership
                  JOIN sdm_segment segment ON segment.id = membership.segment_id AND segment.is_primary
                  JOIN res_partner partner ON partner.id = membership.partner_id AND partner.active
                  JOIN norm ON norm.segment_id = membership.segment_id
                 WHERE membership.date_from <= norm.last_day
                   AND (membership.date_to IS NULL OR membership.date_to >= norm.last_day)
                   AND GREATEST(norm.begun, membership.date_from) <= norm.last_day
            ),
            kept AS (
                SELECT DISTINCT contact.customer_id, keeping.norm_id, contact.day
                  FROM %(contacts)s contact JOIN keeping ON keeping.channel_id = contact.channel_id
            ),
            counted AS (
                SELECT worked.partner_id, worked.norm_id, worked.last_day,
                       MAX(kept.day) FILTER (WHERE kept.day < worked.opens) AS before,
                       MAX(kept.day) AS latest,
                       COUNT(kept.day) FILTER (WHERE kept.day >= worked.opens) AS done
                  FROM worked
                  LEFT JOIN kept ON kept.customer_id = worked.partner_id AND kept.norm_id = worked.norm_id
                       AND kept.day <= worked.last_day
                 GROUP BY worked.partner_id, worked.norm_id, worked.last_day
            ),
            placed AS (
                SELECT worked.*, counted.done, counted.latest,
                       -- number of the working day on which the first one is due
                       COALESCE(starts.number, 0) + worked.ideal AS due,
                       opening.number AS opening, eve.number AS eve, closing.number AS closing
                  FROM worked
                  JOIN counted ON counted.partner_id = worked.partner_id AND counted.norm_id = worked.norm_id
                       AND counted.last_day = worked.last_day
                  LEFT JOIN day starts ON starts.day = COALESCE(counted.before, worked.since)
                  JOIN day opening ON opening.day = worked.opens
                  JOIN day eve ON eve.day = worked.opens - 1
                  JOIN day closing ON closing.day = worked.last_day
            ),
            judged AS (
                SELECT placed.*,
                       CASE WHEN due <= eve THEN 1 + (closing - opening) / ideal
                            WHEN due <= closing THEN 1 + (closing - due) / ideal
                            ELSE 0 END AS required
                  FROM placed
            )
            SELECT %(period)s + ROW_NUMBER() OVER (ORDER BY judged.last_day, judged.partner_id, judged.norm_id) AS id,
                   judged.partner_id, judged.segment_id, judged.playbook_id, judged.norm_id, judged.channel_id,
                   owner.employee_id, employee.user_id, place.head_id,
                   CASE WHEN judged.done > 0 THEN judged.partner_id END AS contacted_partner_id,
                   judged.last_day, judged.minutes, judged.required::int AS required, judged.done::int AS done,
                   LEAST(judged.done, judged.required)::int AS counted,
                   (judged.required - LEAST(judged.done, judged.required))::int AS missed,
                   (COALESCE(judged.latest, judged.since) <= judged.red)::int AS overdue,
                   LEAST(judged.done, judged.required)::float / NULLIF(judged.required, 0) AS share
              FROM judged
              LEFT JOIN LATERAL (
                   SELECT ownership.employee_id FROM sdm_ownership ownership
                    WHERE ownership.partner_id = judged.partner_id AND ownership.kind = 'lead'
                      AND ownership.date_from <= judged.last_day
                      AND (ownership.date_to IS NULL OR ownership.date_to >= judged.last_day)
                    LIMIT 1
              ) owner ON TRUE
              LEFT JOIN hr_employee employee ON employee.id = owner.employee_id
              LEFT JOIN LATERAL (
                   SELECT position.head_id FROM sdm_position position
                    WHERE position.employee_id = owner.employee_id AND position.date_from <= judged.last_day
                      AND (position.date_to IS NULL OR position.date_to >= judged.last_day)
                    LIMIT 1
              ) place ON TRUE""",
            days=SQL(", ").join(days),
            norms=SQL(", ").join(norms),
            keeping=SQL(", ").join(SQL("(%s, %s)", norm, channel) for norm, channel in sorted(keeping)),
            # rows of two periods are two records
            period=(first.toordinal() * 400 + min((last - first).days, 399)) * 10**7,
            contacts=self.env["sdm.contact.channel"]._query_contacts(zone, end=last + timedelta(days=1)),
        )

    def action_open_customer(self):
        """Open the customer of the row."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "views": [(False, "form")],
        }
