from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date, plaintext2html

from .reasons import check_reason

DRAFT, SCHEDULED, IN_FORCE, REPLACED = "draft", "scheduled", "in_force", "replaced"


class SdmDecisionVersion(models.AbstractModel):
    """Version of a decision: a draft, then in force from a date, then replaced by the next one.

    The concrete model says which record the decision is about and what is fixed once a version has been in force, and
    keeps a partial unique index on its state, so that one version at a time is in force.
    """

    _name = "sdm.decision.version"
    _description = "Version of a Decision"
    _inherit = ["sdm.announced.mixin"]

    number = fields.Integer(required=True, default=1, readonly=True, copy=False)
    state = fields.Selection(
        [(DRAFT, "Draft"), (SCHEDULED, "Approved"), (IN_FORCE, "In force"), (REPLACED, "Replaced")],
        default=DRAFT,
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    date_from = fields.Date("In force from", readonly=True, copy=False, tracking=True)
    date_to = fields.Date("Until", readonly=True, copy=False)
    reason = fields.Text(readonly=True, copy=False, tracking=True, help="Why it is so, in plain words.")
    approved_by_id = fields.Many2one("res.users", string="Put in force by", readonly=True, copy=False)
    date_review = fields.Date("Review on", copy=False, tracking=True)

    def _is_announceable(self):
        return self.state in (SCHEDULED, IN_FORCE)

    def _get_announcement(self):
        start = format_date(self.env, self.date_from)
        subject = self.env._("In force from %(date)s: %(decision)s", date=start, decision=self.display_name)
        return subject, plaintext2html(self.reason or "")

    @api.model
    def _get_head_name(self):
        """Name of the field that holds what the decision is about: references point there, versions come and go."""
        raise NotImplementedError

    @api.model
    def _get_settings(self):
        """Names of the fields that are fixed once a version has been in force, since results name the version."""
        raise NotImplementedError

    @api.model
    def _get_step_fields(self):
        return super()._get_step_fields() | {"state", "date_from", "date_to", "reason", "approved_by_id"}

    @api.model
    def _tell_guarded(self, field):
        if field.name in self._get_step_fields() | {"number", self._get_head_name()}:
            return self.env._("A version comes into force by “Put in force”.")
        return super()._tell_guarded(field)

    def _check_ready(self):
        """Refuse a version that cannot be put in force, with the field and the remedy.

        :raise UserError: what is missing or contradicts itself
        """

    @api.model_create_multi
    def create(self, vals_list):
        head = self._get_head_name()
        for vals in vals_list:
            about = vals.get(head) or self.env.context.get(f"default_{head}")
            versions = self.sudo().search([(head, "=", about)])
            vals["number"] = max(versions.mapped("number"), default=0) + 1
        return super().create(vals_list)

    def write(self, vals):
        self.check_access("write")
        if not self.env.su:
            kept = self._get_step_fields() | {"number", self._get_head_name()}
            for name in vals:
                if name in kept:
                    raise AccessError(self._tell_guarded(self._fields[name]))
            changed = self._get_settings() & vals.keys()
            fixed = self.filtered(lambda version: version.state != DRAFT) if changed else self.browse()
            if fixed:
                raise UserError(
                    self.env._(
                        "%(version)s has been in force, and results name it. Press “Change” to make a new version.",
                        version=fixed[0].display_name,
                    )
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_force(self):
        for version in self:
            if version.state != DRAFT:
                raise UserError(
                    self.env._(
                        "%(version)s has been in force, and results name it. It stays as it was.",
                        version=version.display_name,
                    )
                )

    def _put_in_force(self, date, reason, date_review=False):
        """Let the version replace the one in force, from a day on.

        A day to come: the nightly job brings it into force on that day.

        :param date: first day; :param reason: in plain words; :param date_review: when it is looked at again
        :raise UserError: a day that is over, no reason, or a version that is not ready
        """
        self.ensure_one()
        self.check_access("write")
        self._check_ready()
        reason = check_reason(self.env, reason)
        today = fields.Date.context_today(self)
        if date < today:
            raise UserError(
                self.env._(
                    "Nothing is decided for days that are over. Choose %(today)s or a later day.",
                    today=format_date(self.env, today),
                )
            )
        version = self.sudo()
        version.write(
            {
                "reason": reason,
                "date_from": date,
                "date_review": date_review,
                "approved_by_id": self.env.uid,
                "state": SCHEDULED,
            }
        )
        if date == today:
            version._come_into_force()

    def _come_into_force(self):
        """Replace the version in force."""
        head = self._get_head_name()
        for version in self:
            previous = self.search([(head, "=", version[head].id), ("state", "=", IN_FORCE)])
            previous._stop_asking()
            previous.write({"state": REPLACED, "date_to": version.date_from - timedelta(days=1)})
            # the index allows one in force at a time, also in between
            previous.flush_recordset(["state"])
            version.state = IN_FORCE
            version.flush_recordset(["state"])

    @api.model
    def _come_into_force_today(self):
        """Bring the approved versions into force whose day has come."""
        today = fields.Date.context_today(self)
        self.search([("state", "=", SCHEDULED), ("date_from", "<=", today)], order="date_from, id")._come_into_force()
