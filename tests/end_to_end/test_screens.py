"""./sdm screens on a real Odoo, as a user calls it."""

import subprocess
import sys


def test_a_person_sees_a_screen_in_a_language_and_the_database_stays_as_it_is(root, copy_template, query, tmp_path):
    database = copy_template()
    person = (
        "SELECT partner.lang, password FROM res_users JOIN res_partner partner ON partner.id = partner_id"
        " WHERE login = 'admin'"
    )
    before = query(database, person)
    command = [sys.executable, str(root / "sdm"), "screens", "/odoo/sales-drive", "--database", database]
    command += ["--login", "admin", "--language", "ru_RU", "--out", str(tmp_path)]
    called = subprocess.run(command, capture_output=True, text=True)
    assert called.returncode == 0, called.stderr
    assert called.stdout == f"{tmp_path / 'odoo-sales-drive.png'}\n"
    assert (tmp_path / "odoo-sales-drive.png").stat().st_size > 20_000
    assert query(database, person) == before
    assert before[0][0] != "ru_RU"
