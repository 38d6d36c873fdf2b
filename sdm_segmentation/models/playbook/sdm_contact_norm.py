from odoo import api, fields, models

from ...engine import playbook as engine


class SdmContactNorm(models.Model):
    """How often a customer is contacted by a channel, in working days from the last contact."""

    _name = "sdm.contact.norm"
    _description = "Contact Norm"
    _order = "playbook_id, sequence, id"
    _rec_name = "channel_id"

    playbook_id = fields.Many2one("sdm.playbook", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    channel_id = fields.Many2one("sdm.contact.channel", required=True, index=True, ondelete="restrict")
    ideal = fields.Integer(
        "Due after, days", required=True, default=20, help="Working days from the last contact until the next is due."
    )
    maximum = fields.Integer(
        "Overdue after, days",
        required=True,
        default=30,
        help="Working days from the last contact after which the next is overdue.",
    )
    minutes = fields.Integer("Length, minutes", default=30, help="How long a contact takes, with its preparation.")
    counts_channel_ids = fields.Many2many(
        "sdm.contact.channel",
        "sdm_contact_norm_counts_rel",
        "norm_id",
        "channel_id",
        string="Also kept by",
        help="Contacts of these channels keep this norm too: who was met need not be called.",
    )

    _channel_uniq = models.Constraint(
        "UNIQUE(playbook_id, channel_id)", "The playbook has a norm for this channel already: change that one."
    )
    _ideal_range = models.Constraint("CHECK(ideal >= 1)", "A contact is due after one working day at the earliest.")
    _maximum_range = models.Constraint(
        "CHECK(maximum >= ideal)", "A contact is due before it is overdue: raise “Overdue after” or lower “Due after”."
    )
    _minutes_range = models.Constraint("CHECK(minutes >= 0)", "The length of a contact is zero minutes or more.")

    @api.model_create_multi
    def create(self, vals_list):
        norms = super().create(vals_list)
        norms.playbook_id._check_draft()
        self.env.registry.clear_cache()
        return norms

    def write(self, vals):
        self.check_access("write")
        self.playbook_id._check_draft()
        result = super().write(vals)
        self.playbook_id._check_draft()
        self.env.registry.clear_cache()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_force(self):
        self.playbook_id._check_draft()
        self.env.registry.clear_cache()

    def _prepare_engine_norm(self):
        self.ensure_one()
        counts = tuple(sorted(self.counts_channel_ids.ids))
        return engine.Norm(self.channel_id.id, self.ideal, self.maximum, self.minutes or None, counts)
