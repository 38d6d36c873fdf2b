from odoo import api, fields, models

from ..engine import playbook as engine


class SdmNormProposal(models.TransientModel):
    """What the facts say about the norms of a playbook, and a new version of those that are accepted."""

    _name = "sdm.norm.proposal"
    _description = "What the Facts Say about a Playbook"

    playbook_id = fields.Many2one("sdm.playbook", required=True, readonly=True, ondelete="cascade")
    line_ids = fields.One2many("sdm.norm.proposal.line", "proposal_id", string="Figures")
    is_open = fields.Boolean(compute="_compute_is_open")

    @api.depends("line_ids.is_accepted")
    def _compute_is_open(self):
        for proposal in self:
            proposal.is_open = any(proposal.line_ids.mapped("is_accepted"))

    def action_accept(self):
        """Make a draft version of the playbook with the accepted figures."""
        self.ensure_one()
        self.playbook_id.check_access("write")
        version = self.playbook_id._make_version() if self.playbook_id.state == "in_force" else self.playbook_id
        for line in self.line_ids.filtered("is_accepted"):
            norm = version.norm_ids.filtered(lambda norm, line=line: norm.channel_id == line.channel_id)
            if line.kind == "interval":
                norm.write({"ideal": line.proposed, "maximum": max(line.proposed, norm.maximum)})
            else:
                norm.minutes = line.proposed
        return version._get_form_action()


class SdmNormProposalLine(models.TransientModel):
    """A figure of a norm against what is observed."""

    _name = "sdm.norm.proposal.line"
    _description = "Line of What the Facts Say"

    proposal_id = fields.Many2one("sdm.norm.proposal", required=True, ondelete="cascade")
    channel_id = fields.Many2one("sdm.contact.channel", required=True, readonly=True, ondelete="cascade")
    kind = fields.Selection(
        [("interval", "Working days between contacts"), ("minutes", "Length, minutes")], readonly=True, required=True
    )
    present = fields.Integer("Norm", readonly=True)
    proposed = fields.Integer("Facts propose", readonly=True)
    observed = fields.Float(digits=(16, 1), readonly=True, help="The median.")
    base = fields.Integer("Taken from", readonly=True, help="How many customers or meetings.")
    outcome = fields.Selection(
        [
            (engine.FEW, "Too few to say"),
            (engine.SAME, "As the norm says"),
            (engine.SHORTER, "Shorter"),
            (engine.LONGER, "Longer"),
        ],
        readonly=True,
    )
    is_accepted = fields.Boolean("Accept")
