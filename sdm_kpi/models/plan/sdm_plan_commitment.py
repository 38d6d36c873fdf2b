from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

# What a seller may change of a commitment
OWN = {"value", "note"}


class SdmPlanCommitment(models.Model):
    """What a person commits to reach of a KPI in a month, said by the person and by nobody else.

    Rows are laid out for a person with the target as a proposal; they count once the person has committed.
    """

    _name = "sdm.plan.commitment"
    _description = "Commitment"
    _inherit = ["sdm.guarded.mixin"]
    _order = "version_id desc, employee_id, kpi_id, date, id"
    _rec_name = "kpi_id"

    version_id = fields.Many2one("sdm.plan.version", required=True, index=True, ondelete="cascade")
    perimeter_id = fields.Many2one(related="version_id.perimeter_id", store=True, index=True)
    is_open = fields.Boolean(related="version_id.is_open")
    kpi_id = fields.Many2one("sdm.kpi", string="KPI", required=True, index=True, ondelete="cascade")
    unit = fields.Selection(related="kpi_id.unit")
    date = fields.Date("Month", required=True)
    employee_id = fields.Many2one(
        "hr.employee",
        string="Person",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.user.employee_id,
    )
    head_id = fields.Many2one("hr.employee", string="Group of", readonly=True, index="btree_not_null")
    target = fields.Float(
        compute="_compute_target", digits=(16, 2), aggregator=None, help="What the plan says. That you may see."
    )
    value = fields.Float("Commitment", required=True, digits=(16, 2), aggregator=None)
    note = fields.Char("On which condition", help="What it takes to reach it.")
    date_given = fields.Datetime("Committed on", readonly=True, copy=False, help="Empty: a proposal.")

    _cell_uniq = models.UniqueIndex(
        "(version_id, kpi_id, employee_id, date)", "There is a commitment for this already. Change that one."
    )
    _value_range = models.Constraint("CHECK(value >= 0)", "A commitment is 0 or more: enter what you will reach.")
    _month_first_day = models.Constraint(
        "CHECK(EXTRACT(DAY FROM date) = 1)", "A month is named by its first day: enter the first of the month."
    )

    @api.depends("version_id", "kpi_id", "employee_id", "date")
    def _compute_target(self):
        rows = self.env["sdm.plan.target"]._read_group(
            Domain("version_id", "in", self.version_id.ids) & Domain("employee_id", "in", self.employee_id.ids),
            ["version_id", "kpi_id", "employee_id", "date:day"],
            ["value:sum"],
        )
        found = {tuple(cell): value for *cell, value in rows}
        for line in self:
            line.target = found.get((line.version_id, line.kpi_id, line.employee_id, line.date), 0)

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            now = fields.Datetime.now()
            vals_list = [{**vals, "date_given": now, "head_id": False} for vals in vals_list]
        lines = super().create(vals_list)
        lines._check_open()
        heads = lines._get_heads()
        for line in lines.sudo():
            line.head_id = heads.get(line.employee_id.id)
        return lines

    def write(self, vals):
        if self.env.su:
            return super().write(vals)
        self.check_access("write")
        if vals.keys() - OWN:
            raise UserError(self.env._("Only the amount and its condition of a commitment can be changed."))
        self._check_open()
        result = super().write(vals)
        if "value" in vals:
            self.sudo().date_given = fields.Datetime.now()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_closed(self):
        self._check_open()

    def _check_open(self):
        """Refuse to change what was said once the plan is decided, or before it asks.

        :raise UserError: with the version
        """
        closed = self.version_id.filtered(lambda version: not version.is_open)
        if closed and not self.env.su:
            raise UserError(
                self.env._("%(version)s takes no commitments now. Ask the sales director.", version=closed[0].name)
            )

    def _get_heads(self):
        """The head of each today: {id: id}"""
        Position = self.env["sdm.position"].sudo()
        today = fields.Date.context_today(self)
        positions = Position.search_fetch(
            Domain("employee_id", "in", self.employee_id.ids) & Position._get_domain_on(today),
            ["employee_id", "head_id"],
        )
        return {position.employee_id.id: position.head_id.id for position in positions}

    def action_commit(self):
        """Commit to the chosen rows as they are; without a choice, to all own ones of the version."""
        lines = self or self.search(
            [
                ("version_id", "=", self.env.context.get("default_version_id")),
                ("employee_id.user_id", "=", self.env.uid),
            ]
        )
        lines.check_access("write")
        lines._check_open()
        lines.sudo().filtered(lambda line: not line.date_given).date_given = fields.Datetime.now()
        return True
