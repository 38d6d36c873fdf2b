from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.sdm_announced_mixin import REVIEW_DAYS


class SdmAnnounce(models.TransientModel):
    """Whom to tell of a decision, with which words, and when to look at it again."""

    _name = "sdm.announce"
    _description = "Announce a Decision"

    res_model = fields.Char(required=True, readonly=True)
    res_id = fields.Many2oneReference("Decision", model_field="res_model", required=True, readonly=True)
    head_id = fields.Many2one(
        "hr.employee",
        string="Only to the group of",
        domain=lambda self: [("id", "in", self._get_heads().ids)],
        help="This head and everybody who works under this head today. Empty: everybody who works with Sales Drive.",
    )
    is_pilot = fields.Boolean(
        "Pilot",
        compute="_compute_is_pilot",
        store=True,
        readonly=False,
        precompute=True,
        help="This group tries it first. Afterwards the others are told.",
    )
    user_ids = fields.Many2many(
        "res.users",
        string="Must know",
        compute="_compute_user_ids",
        compute_sudo=False,
        store=True,
        readonly=False,
        precompute=True,
        domain=[("share", "=", False)],
        help="Each of them is asked to confirm that it is read. Who knows already is left out.",
    )
    known_count = fields.Integer("Know it already", compute="_compute_known_count")
    date_review = fields.Date(
        "Review on",
        required=True,
        default=lambda self: fields.Date.context_today(self) + timedelta(days=REVIEW_DAYS),
        help="When you ask the people how it goes and look at the decision again.",
    )
    body = fields.Html(
        "Announcement",
        compute="_compute_body",
        compute_sudo=False,
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="What the people are told, in plain words: what is decided, why, and from when.",
    )

    @api.model
    def _get_heads(self):
        """Employees who lead somebody today."""
        Position = self.env["sdm.position"].sudo()
        led = Position._read_group(Position._get_domain_on(fields.Date.context_today(self)), ["head_id"])
        return self.env["hr.employee"].union(*(head.sudo(False) for (head,) in led))

    def _get_record(self):
        """The decision, which the person who asks may change.

        :raise UserError: a model whose records are not announced
        :raise AccessError: a decision of others
        """
        self.ensure_one()
        if self.res_model not in self.env.registry.descendants(["sdm.announced.mixin"], "_inherit"):
            raise UserError(self.env._("“%s” is no decision that could be announced.", self.res_model))
        record = self.env[self.res_model].browse(self.res_id)
        record._check_may_announce()
        return record

    @api.depends("head_id")
    def _compute_is_pilot(self):
        for wizard in self:
            wizard.is_pilot = bool(wizard.head_id)

    @api.depends("head_id", "res_model", "res_id")
    def _compute_user_ids(self):
        today = fields.Date.context_today(self)
        for wizard in self:
            record = wizard._get_record()
            users = record._get_audience()
            if wizard.head_id:
                users &= self.env["sdm.position"].sudo()._get_subtree(wizard.head_id, today).user_id.sudo(False)
            wizard.user_ids = users - record.sudo().acknowledgement_ids.user_id.sudo(False)

    @api.depends("res_model", "res_id")
    def _compute_known_count(self):
        for wizard in self:
            wizard.known_count = wizard._get_record().asked_count

    @api.depends("res_model", "res_id")
    def _compute_body(self):
        for wizard in self:
            wizard.body = wizard._get_record()._get_announcement()[1]

    def action_apply(self):
        """Tell the people, ask them to confirm it, and plan the review."""
        record = self._get_record()
        if not self.user_ids:
            raise UserError(
                self.env._(
                    "Everybody of this group knows it already. Choose another group, or add people to “Must know”."
                )
            )
        subject = record._get_announcement()[0]
        if self.is_pilot:
            subject = self.env._("A pilot with your group: %s", subject)
        record._announce_to(self.user_ids, subject, self.body, is_pilot=self.is_pilot)
        record.date_review = self.date_review
        record._plan_review(self.env.user, self.date_review)
        return {"type": "ir.actions.act_window_close"}
