from odoo import models


class IrUiMenu(models.Model):
    """A seller's app opens on the day, the director's on the roadmap, which has the day among the customers."""

    _inherit = "ir.ui.menu"

    def _load_menus_blacklist(self):
        blacklist = super()._load_menus_blacklist()
        is_director = self.env.user.has_group("sdm_segmentation.group_sdm_director")
        hidden = "sdm_my_day_menu" if is_director else "sdm_my_day_menu_director"
        menu = self.env.ref(f"sdm_segmentation.{hidden}", raise_if_not_found=False)
        return blacklist + menu.ids if menu else blacklist
