from odoo.addons.sdm_segmentation.hooks import remove_leftovers


def uninstall_hook(env):
    """Leave the database as it was before."""
    remove_leftovers(env, "sdm_kpi")
