from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

TODO = "mail.mail_activity_data_todo"
REVIEW_DAYS = 28
READING_DAYS = 3


class SdmAnnouncedMixin(models.AbstractModel):
    """A decision that people are told of: in plain words, to a pilot group first or to everybody, until each of them
    has confirmed to have read it, and looked at again on a day.

    The concrete model says when it may be told (``_is_announceable``), to whom (``_get_audience``) and with which words
    (``_get_announcement``).
    """

    _name = "sdm.announced.mixin"
    _description = "Decision that is Announced"
    _inherit = ["sdm.guarded.mixin", "mail.thread", "mail.activity.mixin"]

    acknowledgement_ids = fields.One2many("sdm.acknowledgement", "res_id", string="Who knows", readonly=True)
    asked_count = fields.Integer("Were told", compute="_compute_acknowledged_count")
    acknowledged_count = fields.Integer("Have read it", compute="_compute_acknowledged_count")
    can_acknowledge = fields.Boolean(compute="_compute_can_acknowledge")
    may_announce = fields.Boolean(compute="_compute_may_announce")

    @api.depends("acknowledgement_ids.date_acknowledged")
    def _compute_acknowledged_count(self):
        rows = self.env["sdm.acknowledgement"].sudo()
        counts = {
            res_id: (asked, read)
            for res_id, asked, read in rows._read_group(
                [("res_model", "=", self._name), ("res_id", "in", self._origin.ids)],
                ["res_id"],
                ["__count", "date_acknowledged:count"],
            )
        }
        for record in self:
            record.asked_count, record.acknowledged_count = counts.get(record._origin.id, (0, 0))

    @api.depends("acknowledgement_ids.date_acknowledged")
    @api.depends_context("uid")
    def _compute_can_acknowledge(self):
        unread = self._origin._get_unread(self.env.user).mapped("res_id")
        for record in self:
            record.can_acknowledge = record._origin.id in unread and record._is_announceable()

    @api.depends_context("uid")
    def _compute_may_announce(self):
        own = self._origin._filtered_access("write")
        for record in self:
            record.may_announce = record._origin in own and record._is_announceable()

    # -- what the model says ------------------------------------------------------------------------------------------

    def _is_announceable(self):
        """Whether the decision holds, so that people can be told of it and asked.

        :return: bool
        """
        raise NotImplementedError

    def _get_audience(self):
        """Who must know: everybody who works with Sales Drive in the companies of the person who asks.

        :return: res.users
        """
        report = self.env["sdm.access.report"].sudo()
        rows = report.search_fetch(["|", ("role", "!=", False), ("is_payroll", "=", True)], ["user_id"])
        return rows.user_id.sudo(False).filtered(lambda user: user.company_id in self.env.companies)

    def _get_announcement(self):
        """The words proposed for the announcement.

        :return: tuple (subject, body as HTML)
        """
        raise NotImplementedError

    # -- steps --------------------------------------------------------------------------------------------------------

    def action_announce(self):
        """Ask whom to tell, with which words, and when to look at the decision again."""
        self.ensure_one()
        self._check_may_announce()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Announce"),
            "res_model": "sdm.announce",
            "view_mode": "form",
            "target": "new",
            "context": {"default_res_model": self._name, "default_res_id": self.id},
        }

    def action_acknowledge(self):
        """Record that the user has read what was announced."""
        self.ensure_one()
        self.check_access("read")
        unread = self._get_unread(self.env.user)
        if not unread or not self._is_announceable():
            raise UserError(self.env._("There is nothing for you to acknowledge here."))
        unread.date_acknowledged = fields.Datetime.now()
        unread.activity_id.action_feedback()
        return True

    def action_remind(self):
        """Ask those once more who have not read it yet."""
        self.ensure_one()
        self._check_may_announce()
        users = self._get_unread().user_id
        if not users:
            raise UserError(self.env._("Everybody who was told has read it."))
        self.sudo().message_post(
            body=self.env._("Please read this and confirm it: %s", self.display_name),
            partner_ids=users.partner_id.ids,
            author_id=self.env.user.partner_id.id,
            subtype_xmlid="mail.mt_comment",
        )
        return True

    def _check_may_announce(self):
        self.check_access("write")
        if not self._is_announceable():
            raise UserError(self.env._("“%s” is not decided, so there is nothing to announce yet.", self.display_name))

    # -- telling ------------------------------------------------------------------------------------------------------

    def _get_unread(self, users=None):
        """Rows of these records, as superuser, that were not acknowledged yet.

        :param users: only theirs; None: everybody's
        """
        domain = [("res_model", "=", self._name), ("res_id", "in", self.ids), ("date_acknowledged", "=", False)]
        if users is not None:
            domain.append(("user_id", "in", users.ids))
        return self.env["sdm.acknowledgement"].sudo().search(domain)

    def _announce_to(self, users, subject, body, is_pilot=False, knowing=None):
        """Tell people by a message, and ask each of them to acknowledge it.

        Who was told before is told anew. The caller has checked that the user may announce.

        :param users: res.users; :param subject: of the message; :param body: of the message, as HTML
        :param is_pilot: whether they try it first
        :param knowing: res.users among them who need not be asked, besides the one who announces
        """
        self.ensure_one()
        asked = users - self.env.user - (knowing or users.browse())
        record, now = self.sudo(), fields.Datetime.now()
        rows = self.env["sdm.acknowledgement"].sudo()
        record._put_away(rows.search([*record._get_domain_rows(), ("user_id", "in", users.ids)]))
        record.message_post(
            subject=subject,
            body=body,
            partner_ids=asked.partner_id.ids,
            author_id=self.env.user.partner_id.id,
            subtype_xmlid="mail.mt_comment",
        )
        deadline = fields.Date.context_today(self) + timedelta(days=READING_DAYS)
        # the message tells them; a mail for each activity would say it twice
        quiet = record.with_context(mail_activity_quick_update=True)
        vals_list = []
        for user in users:
            activity = user in asked and quiet.activity_schedule(
                TODO,
                date_deadline=deadline,
                summary=self._in_language_of(user).env._("Read the announcement and acknowledge it"),
                user_id=user.id,
            )
            vals_list.append(
                {
                    "res_model": self._name,
                    "res_id": self.id,
                    "user_id": user.id,
                    "company_id": user.company_id.id,
                    "announced_by_id": self.env.uid,
                    "date_announced": now,
                    "date_acknowledged": False if user in asked else now,
                    "is_pilot": is_pilot,
                    "activity_id": activity.id if activity else False,
                }
            )
        rows.create(vals_list)
        self.invalidate_recordset(["acknowledgement_ids"])

    def _plan_review(self, user, date):
        """Remind somebody on a day of looking at the decision again.

        :param user: res.users; :param date: of the review
        """
        self.sudo().activity_schedule(
            TODO,
            date_deadline=max(date, fields.Date.context_today(self)),
            summary=self._in_language_of(user).env._("Ask the people how it goes and decide how to go on"),
            user_id=user.id,
        )

    def _call_off(self):
        """Nobody is asked any more: what was announced does not hold. Who had read it stays known."""
        for record in self.sudo():
            record._put_away(self.env["sdm.acknowledgement"].sudo().search(record._get_domain_rows()))

    def _stop_asking(self):
        """Ask nobody any more, since something else holds now. Who was told, and who had read it, stays as it is."""
        self._get_unread().activity_id.unlink()

    def _put_away(self, rows):
        rows.activity_id.unlink()
        rows.active = False
        self.invalidate_recordset(["acknowledgement_ids"])

    def _get_domain_rows(self):
        return [("res_model", "=", self._name), ("res_id", "=", self.id)]

    def _in_language_of(self, user):
        return self.with_context(lang=user.lang)

    def unlink(self):
        rows = self.env["sdm.acknowledgement"].sudo().with_context(active_test=False)
        rows = rows.search([("res_model", "=", self._name), ("res_id", "in", self.ids)])
        result = super().unlink()
        rows.unlink()
        return result
