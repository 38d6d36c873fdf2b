"""A diagnosis of a loaded database, measured by Odoo in a process of its own."""

import json
import subprocess
import sys

SCRIPT = """
import json
diagnosis = env["sdm.diagnosis"].create({"date": "2017-12-31"})
diagnosis.action_measure()
figures = {
    figure.measure_id.code: (figure.part, figure.base, figure.value if figure.has_value else None)
    for figure in diagnosis.figure_ids
}
print("MEASURED " + json.dumps({"figures": figures, "start": diagnosis.start_step_id.code}))
"""


def diagnose(database: str) -> dict:
    """Measure a database as of the last day of 2017; nothing stays in it.

    :return: dict with ``figures`` (code: part, base, value; value None: no data) and ``start``, the step named first
    """
    command = [sys.executable, "-W", "ignore", "-m", "odoo", "shell", "--database", database, "--no-http"]
    done = subprocess.run(command, input=SCRIPT, capture_output=True, text=True)
    for line in done.stdout.splitlines():
        if line.startswith("MEASURED "):
            return json.loads(line.removeprefix("MEASURED "))
    raise AssertionError(done.stdout + done.stderr)


def differences(measured: dict, expected: dict) -> dict:
    """Figures that are not as expected: {code: (measured, expected)}; the database keeps values to six decimals."""
    return {
        code: (measured.get(code), figure)
        for code, figure in expected.items()
        if measured.get(code, [None])[:2] != list(figure[:2])
        or (measured[code][2] is None) != (figure[2] is None)
        or abs((measured[code][2] or 0) - (figure[2] or 0)) > 1e-6
    }
