from odoo import api, fields, models
from odoo.exceptions import UserError


class SdmPositionTransfer(models.TransientModel):
    """Move people to another head, team or job from a true date on."""

    _name = "sdm.position.transfer"
    _description = "Transfer"

    employee_ids = fields.Many2many(
        "hr.employee", string="Employees", required=True, default=lambda self: self._default_employee_ids()
    )
    date = fields.Date("From", required=True, default=fields.Date.context_today, help="First day in the new place.")
    head_id = fields.Many2one("hr.employee", string="New head")
    team_id = fields.Many2one("crm.team", string="New sales team")
    job_id = fields.Many2one("hr.job", string="New job")
    share = fields.Float("Share of a post", help="100 % is a full post; 0: as it is.")
    preview = fields.Html(compute="_compute_preview", sanitize=False)

    def _default_employee_ids(self):
        """The people whose positions were selected in the list."""
        if self.env.context.get("active_model") != "sdm.position":
            return self.env["hr.employee"]
        return self.env["sdm.position"].browse(self.env.context.get("active_ids", [])).employee_id

    @api.depends("employee_ids", "date", "head_id", "team_id", "job_id", "share")
    def _compute_preview(self):
        for transfer in self:
            transfer.preview = self.env["ir.qweb"]._render(
                "sdm_segmentation.sdm_position_transfer_preview", {"rows": transfer._prepare_preview()}
            )

    def _prepare_preview(self):
        """What changes for whom: the place on the day before, and the new one."""
        self.ensure_one()
        if not self.date:
            return []
        Position = self.env["sdm.position"]
        positions = Position.search([("employee_id", "in", self.employee_ids.ids), *Position._get_domain_on(self.date)])
        by_employee = {position.employee_id: position for position in positions}
        tellers = dict.fromkeys(("head_id", "team_id", "job_id"), lambda record: record.display_name)
        tellers["share"] = lambda share: share and f"{share * 100:g} %"
        rows = []
        for employee in self.employee_ids:
            position = by_employee.get(employee._origin, Position)
            changes = [
                {
                    "name": Position._fields[name]._description_string(self.env),
                    "before": tell(position[name]) or "–",
                    "after": tell(self[name]),
                }
                for name, tell in tellers.items()
                if self[name] and self[name] != position[name]
            ]
            rows.append({"employee": employee.name, "changes": changes})
        return rows

    def action_apply(self):
        """Write the new positions and open the history of the people."""
        self.ensure_one()
        vals = {name: self[name].id for name in ("head_id", "team_id", "job_id") if self[name]}
        if self.share:
            vals["share"] = self.share
        if not vals:
            raise UserError(
                self.env._("Choose what changes: the head, the sales team, the job or the share of a post.")
            )
        self.env["sdm.position"].check_access("create")
        self.env["sdm.position"]._transfer(self.employee_ids, self.date, vals)
        action = self.env["ir.actions.act_window"]._for_xml_id("sdm_segmentation.sdm_position_action")
        action.update(
            domain=[("employee_id", "in", self.employee_ids.ids)], context={"search_default_group_employee": 1}
        )
        return action
