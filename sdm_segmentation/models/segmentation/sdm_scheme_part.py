from odoo import api, models


class SdmSchemePart(models.AbstractModel):
    """What a scheme's version consists of, as its classes: fixed once the version has been in force, and judged
    together with it whenever it is saved.
    """

    _name = "sdm.scheme.part"
    _description = "Part of a Scheme's Version"
    _inherit = ["sdm.guarded.mixin"]

    def _get_versions(self):
        """The versions that these belong to."""
        return self.version_id

    @api.model
    def _get_free_fields(self):
        """Names of the fields that are no setting of the version and may change at any time."""
        return set()

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        versions = parts._get_versions()
        versions._check_parts_may_change()
        versions._check_parts()
        return parts

    def write(self, vals):
        if vals.keys() <= self._get_free_fields():
            return super().write(vals)
        self._get_versions()._check_parts_may_change()
        result = super().write(vals)
        # it may be one of another version now
        versions = self._get_versions()
        versions._check_parts_may_change()
        versions._check_parts()
        return result

    def unlink(self):
        versions = self._get_versions()
        result = super().unlink()
        versions.exists()._check_parts()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        self._get_versions()._check_parts_may_change()
