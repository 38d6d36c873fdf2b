from odoo import api, fields, models


class SdmAcknowledgement(models.Model):
    """Who was told of a decision, and when this person confirmed to have read it.

    Rows are written by ``sdm.announced.mixin`` alone. Those of what is no longer so are archived, as history.
    """

    _name = "sdm.acknowledgement"
    _description = "Acknowledgement of a Decision"
    _order = "date_acknowledged desc, date_announced desc, id desc"
    _rec_name = "user_id"

    res_model = fields.Char("Model", required=True, readonly=True)
    res_id = fields.Many2oneReference("Record", model_field="res_model", required=True, readonly=True, index=True)
    active = fields.Boolean(default=True, readonly=True, help="Off: the decision was opened again since.")
    user_id = fields.Many2one("res.users", "Person", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", readonly=True, index="btree_not_null")
    announced_by_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="restrict")
    date_announced = fields.Datetime("Told on", required=True, readonly=True)
    date_acknowledged = fields.Datetime("Read on", readonly=True)
    is_pilot = fields.Boolean("Pilot", readonly=True, help="Told as one of a group that tries it first.")
    activity_id = fields.Many2one(
        "mail.activity", "Asked by", readonly=True, index="btree_not_null", ondelete="set null"
    )

    _once = models.UniqueIndex("(res_model, res_id, user_id) WHERE active", "The person has been told already.")

    @api.depends("user_id")
    def _compute_display_name(self):
        for row in self:
            row.display_name = row.user_id.name or ""
