"""Of databases made before: playbooks are named by their first version, and the segments of customers carry no creator
and date of their own, since their run has both. Odoo itself never drops these columns.
"""

from odoo.tools import SQL
from odoo.tools.sql import column_exists, create_column

STAMPS = ("create_uid", "create_date", "write_uid", "write_date")


def migrate(cr, version):
    """Bring the tables into the shape that the models have now.

    :param cr: cursor; :param version: that is installed, empty for a new database
    """
    if not version:
        return
    _name_playbooks(cr)
    for column in STAMPS:
        cr.execute(SQL("ALTER TABLE IF EXISTS sdm_segment_membership DROP COLUMN IF EXISTS %s", SQL.identifier(column)))


def _name_playbooks(cr):
    """Let each version of a playbook point to the first one, where it pointed to the one before."""
    if column_exists(cr, "sdm_playbook", "origin_id") or not column_exists(cr, "sdm_playbook", "previous_id"):
        return
    create_column(cr, "sdm_playbook", "origin_id", "int4")
    cr.execute(
        SQL(
            """WITH RECURSIVE version AS (
                SELECT id, id AS origin FROM sdm_playbook WHERE previous_id IS NULL
                 UNION
                SELECT playbook.id, version.origin
                  FROM sdm_playbook playbook JOIN version ON version.id = playbook.previous_id
            )
            UPDATE sdm_playbook SET origin_id = version.origin FROM version WHERE version.id = sdm_playbook.id"""
        )
    )
