from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from ..defaults import drop_defaults

DECIDED = {"user_id", "date", "missing", "previous_stage_id"}


class SdmStageExemption(models.Model):
    """Leave to move a deal on without what its stage asks for: who gave it, when and why. Nobody changes it later."""

    _name = "sdm.stage.exemption"
    _description = "Exemption from Exit Criteria"
    _order = "date desc, id desc"
    _rec_name = "lead_id"

    lead_id = fields.Many2one("crm.lead", string="Deal", required=True, index=True, ondelete="cascade")
    previous_stage_id = fields.Many2one("crm.stage", string="From", readonly=True, ondelete="set null")
    stage_id = fields.Many2one("crm.stage", string="To", required=True, ondelete="cascade")
    reason = fields.Text("Because", required=True)
    missing = fields.Text("What was missing", readonly=True)
    user_id = fields.Many2one("res.users", string="Given by", readonly=True, default=lambda self: self.env.uid)
    date = fields.Datetime("Given on", readonly=True, default=fields.Datetime.now)

    @api.constrains("reason")
    def _check_reason(self):
        for exemption in self:
            if not (exemption.reason or "").strip():
                raise ValidationError(
                    self.env._("Say why “%(deal)s” may move on all the same.", deal=exemption.lead_id.name)
                )

    @api.model_create_multi
    def create(self, vals_list):
        self = drop_defaults(self, DECIDED)
        if not self.env.su and any(DECIDED & vals.keys() for vals in vals_list):
            raise AccessError(self.env._("Who gives leave, and when, is kept by itself."))
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            lead = self.env["crm.lead"].browse(vals.get("lead_id"))
            stage = self.env["crm.stage"].browse(vals.get("stage_id"))
            vals["previous_stage_id"] = lead.stage_id.id
            vals["user_id"] = self.env.uid
            vals["date"] = fields.Datetime.now()
            vals["missing"] = "\n".join(lead._get_sdm_missing(stage))
        exemptions = super().create(vals_list)
        # heads read the deals of their group; this is what they may change in them
        for exemption in exemptions.sudo():
            exemption.lead_id.stage_id = exemption.stage_id
        return exemptions
