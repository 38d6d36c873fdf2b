from odoo import fields, models
from odoo.tools import SQL

# More customers than these come in by a decision or by new data: people are not asked one by one.
ONE_BY_ONE = 200
# Whoever puts a scheme in force moves everybody on purpose.
TELLING = ("nightly", "single", "override")


class SdmSegment(models.Model):
    """What happens when a customer comes into the segment."""

    _inherit = "sdm.segment"

    entry_action = fields.Selection(
        [("notice", "Tell the salesperson"), ("activity", "Plan an activity for the salesperson")],
        string="When a customer comes in",
        tracking=True,
        help="When a run or an override moves it, not when a scheme is put in force. A customer without salesperson is "
        "the owner's of the segment. Steps of a playbook begin besides.",
    )
    entry_activity_type_id = fields.Many2one("mail.activity.type", string="Activity", ondelete="restrict")
    entry_days = fields.Integer("Within working days", default=3)
    entry_note = fields.Char("What to do", translate=True)

    _entry_activity_set = models.Constraint(
        "CHECK(entry_action IS DISTINCT FROM 'activity' OR entry_activity_type_id IS NOT NULL)",
        "Choose which activity is planned when a customer comes in.",
    )
    _entry_days_range = models.Constraint("CHECK(entry_days >= 0)", "Working days are zero or more.")


class SdmSegmentationRun(models.Model):
    """Who is told of customers that came into another segment."""

    _inherit = "sdm.segmentation.run"

    def _after_apply(self):
        result = super()._after_apply()
        if self.kind in TELLING:
            for segment in self.scheme_id.segment_ids.filtered("entry_action"):
                self._tell_entries(segment)
        return result

    def _tell_entries(self, segment):
        """Tell the salespeople of customers that came into a segment, or its owner where they are too many."""
        rows = self.env.execute_query(
            SQL(
                """SELECT partner_id, previous_segment_id FROM sdm_segment_membership
                    WHERE run_id = %s AND segment_id = %s AND date_from = %s AND date_to IS NULL
                      AND previous_segment_id IS DISTINCT FROM segment_id
                    ORDER BY amount DESC, partner_id LIMIT %s""",
                self.id,
                segment.id,
                self.date,
                ONE_BY_ONE + 1,
            )
        )
        if len(rows) > ONE_BY_ONE:
            segment.sudo().message_post(
                body=self.env._(
                    "More than %(count)s customers came in at once, so nobody was told one by one.", count=ONE_BY_ONE
                ),
                partner_ids=segment.user_id.partner_id.ids,
            )
            return
        previous = self.env["sdm.segment"].browse(row[1] for row in rows if row[1]).sudo()
        names = {before.id: before.name for before in previous}
        for customer_id, before in rows:
            customer = self.env["res.partner"].sudo().browse(customer_id)
            user = customer.user_id or segment.user_id
            if user.active:
                self._tell_entry(segment, customer, user.sudo(), names.get(before))

    def _tell_entry(self, segment, customer, user, before):
        """Tell one person of one customer.

        :param before: name of the segment until now, None if there was none
        """
        words = segment.with_context(lang=user.lang).sudo()
        text = words.env._("%(customer)s is “%(segment)s” now", customer=customer.name, segment=words.name)
        if before:
            text = words.env._(
                "%(customer)s is “%(segment)s” now, no longer “%(before)s”",
                customer=customer.name,
                segment=words.name,
                before=before,
            )
        if segment.entry_action == "notice":
            body = ". ".join(filter(None, [text, words.entry_note]))
            customer.message_notify(body=body, subject=text, partner_ids=user.partner_id.ids)
            return
        today = fields.Date.context_today(self)
        customer.activity_schedule(
            activity_type_id=segment.entry_activity_type_id.id,
            summary=words.entry_note or text,
            note=text,
            user_id=user.id,
            date_deadline=self.env["sdm.calendar.day"]._add_working_days(today, segment.entry_days),
        )
