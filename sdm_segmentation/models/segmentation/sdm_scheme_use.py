from odoo import api, fields, models
from odoo.fields import Domain

from ..res_partner_groups import READERS


class SdmScheme(models.Model):
    """Schemes that are computed each night and that nothing asks for."""

    _inherit = "sdm.scheme"

    is_unused = fields.Boolean(
        "Used by nothing",
        compute="_compute_is_unused",
        search="_search_is_unused",
        groups=READERS,
        help="In force, yet not primary, and no strategy, playbook, stage criterion or scheme asks for its segments.",
    )

    @api.depends("is_primary", "version_ids.state")
    def _compute_is_unused(self):
        unused = self._find_unused()
        for scheme in self:
            scheme.is_unused = scheme._origin in unused

    def _search_is_unused(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("id", "in", self._find_unused().ids)

    @api.model
    def _find_unused(self):
        """Schemes in force that nothing asks for."""
        in_force = self.search([("version_ids.state", "=", "in_force"), ("is_primary", "=", False)])
        current = [("state", "!=", "replaced")]
        used = self.env["sdm.strategy"].search(current).scheme_id
        used |= self.env["sdm.playbook"].search(current).segment_ids.scheme_id
        used |= self.env["sdm.stage.criterion"].search([("segment_ids", "!=", False)]).segment_ids.scheme_id
        for version in self.env["sdm.scheme.version"].search(current):
            used |= version._get_asked_schemes(is_lenient=True) - version.scheme_id
        return in_force - used
