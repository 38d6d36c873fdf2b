"""Databases made before: the old shape is made within the transaction of the test, then the script is run."""

from pathlib import Path

from odoo.modules.migration import load_script
from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL
from odoo.tools.sql import column_exists

MIGRATIONS = Path(__file__).parent.parent / "migrations"


def script(version, name):
    """A migration script as Odoo loads it."""
    return load_script(str(MIGRATIONS / version / f"{name}.py"), f"{name}_{version}")


@tagged("post_install", "-at_install")
class TestMigrations(TransactionCase):
    def migrate(self, version="19.0.1.0.0"):
        script("19.0.1.1.0", "pre-migrate").migrate(self.env.cr, version)

    def test_segments_lose_their_stamps(self):
        for column in ("create_uid", "write_date"):
            self.env.cr.execute(SQL("ALTER TABLE sdm_segment_membership ADD COLUMN %s int4", SQL.identifier(column)))
        self.migrate()
        for column in ("create_uid", "create_date", "write_uid", "write_date"):
            self.assertFalse(column_exists(self.env.cr, "sdm_segment_membership", column), column)
        # again, and in a database that is new
        self.migrate()
        self.migrate(None)

    def test_a_database_from_before_there_were_segments(self):
        self.env.cr.execute(SQL("ALTER TABLE sdm_segment_membership RENAME TO not_there_yet"))
        self.env.cr.execute(SQL("ALTER TABLE sdm_playbook RENAME TO not_there_either"))
        self.migrate()

    def test_playbooks_are_named_by_their_first_version(self):
        first, second, third, other = self.env["sdm.playbook"].create([{"name": f"Playbook {n}"} for n in range(4)])
        self.env.flush_all()
        self.env.cr.execute(
            SQL("ALTER TABLE sdm_playbook DROP COLUMN origin_id, ADD COLUMN previous_id int4 REFERENCES sdm_playbook")
        )
        for playbook, previous in ((second, first), (third, second)):
            self.env.cr.execute(SQL("UPDATE sdm_playbook SET previous_id = %s WHERE id = %s", previous.id, playbook.id))
        self.migrate()
        self.env.invalidate_all(flush=False)
        self.assertEqual((first | second | third | other).mapped("origin_id.id"), [first.id, other.id])
        self.assertEqual(
            [playbook.origin_id for playbook in (first, second, third, other)], [first, first, first, other]
        )
        self.migrate()
