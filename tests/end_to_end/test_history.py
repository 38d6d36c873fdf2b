"""A large file of history: killed in each phase and run again, cancelled while it is read, two jobs at once."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.end_to_end.test_kpi import shell

ROWS, BATCH = 25000, 5000
MAKE = f"""
import base64
names = [f"Customer {{n}}" for n in range(50)]
if not env["res.partner"].search([("name", "in", names)]):
    env["res.partner"].create([{{"name": name}} for name in names])
lines = ["Date,Customer,Number,Amount"] + [
    f"{{n % 28 + 1:02}}.{{n % 12 + 1:02}}.2024,Customer {{n % 50}},S{{n}},1.50" for n in range({ROWS})
]
content = base64.b64encode("\\n".join(lines).encode())
record = env["sdm.kpi.import"].create({{"kind": "order", "file": content, "filename": "old.csv"}})
record.action_check()
env.cr.commit()
"""
CRON = "env['sdm.kpi.import']._cron_run()\nenv.cr.commit()\n"
LOAD = "env['sdm.kpi.import'].search([]).action_load()\nenv.cr.commit()\n"
KILLED = """
import os, signal
from odoo.addons.sdm_kpi.models.sdm_kpi_import import SdmKpiImport
from odoo.addons.sdm_kpi.models.sdm_kpi_import_read import SdmKpiImport as Reading
moment = {moment!r}
def die(*arguments, **values):
    os.kill(os.getpid(), signal.SIGKILL)
stage, insert = Reading._stage, SdmKpiImport._insert
def stage_and_die(self, first, rows):
    if moment == f"before row {{first}}":
        die()
    stage(self, first, rows)
    if moment == f"after row {{first}}, not committed":
        die()
def insert_and_die(self):
    insert(self)
    die()
Reading._stage = stage_and_die
if moment == "at the end of reading":
    SdmKpiImport._end_check = die
if moment == "loaded, not committed":
    SdmKpiImport._insert = insert_and_die
"""
STAGED = "SELECT count(*) FROM sdm_kpi_import_row"
LOADED = "SELECT count(*), sum(amount)::float FROM sdm_kpi_history"
STATE = "SELECT state, right_count, error FROM sdm_kpi_import"


@pytest.fixture(scope="module")
def database(copy_template: Callable[[], str]) -> str:
    """A database with a large file that waits to be read."""
    name = copy_template()
    shell(name, MAKE)
    return name


def test_killed_in_every_phase_and_run_again(database, query):
    """What was read stays read, nothing is half loaded, and the next run goes on where the killed one was."""
    assert query(database, STATE) == [("checking", None, None)]
    staged = []
    for moment in (
        "before row 2",
        f"after row {BATCH + 2}, not committed",
        f"before row {3 * BATCH + 2}",
        "at the end of reading",
    ):
        shell(database, KILLED.format(moment=moment) + CRON, expected=-9)
        staged += query(database, STAGED)[0]
    assert staged == [0, BATCH, 3 * BATCH, ROWS]
    shell(database, CRON)
    assert query(database, STATE) == [("checked", ROWS, None)]
    shell(database, LOAD + KILLED.format(moment="loaded, not committed") + CRON, expected=-9)
    assert query(database, LOADED) == [(0, None)]
    assert query(database, STATE)[0][0] == "loading"
    shell(database, CRON)
    assert query(database, LOADED) == [(ROWS, 1.5 * ROWS)]
    assert query(database, STATE)[0][0] == "loaded"


def test_two_at_once_load_once(database, query):
    """The other job passes over what the first one holds, or finds it done."""
    shell(database, "env['sdm.kpi.import'].search([]).action_undo()\n" + MAKE.replace("old.csv", "again.csv"))
    command = [sys.executable, "-W", "ignore", "-m", "odoo", "shell", "--database", database, "--no-http"]
    pipe = subprocess.PIPE
    both = [subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) for _number in range(2)]
    for process in both:
        process.stdin.write(CRON)
        process.stdin.close()
    for process in both:
        process.wait()
    found = "SELECT state, right_count, error FROM sdm_kpi_import WHERE state <> 'undone'"
    assert query(database, found) == [("checked", ROWS, None)]
    assert query(database, STAGED) == [(ROWS,)]
