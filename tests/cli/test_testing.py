"""`./sdm test`: which parts it runs for which paths, and how it adds up what they say."""

import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from types import SimpleNamespace

import pytest

from cli import testing
from cli.failure import Failure
from cli.testing import Report, Run, choose_parts, judge, read_report


def run_pytest(folder: Path, source: str) -> tuple[Path, int]:
    """:return: the report that the real pytest writes for tests with this source, and its exit code"""
    (folder / "test_sample.py").write_text(textwrap.dedent(source))
    report = folder / "report.xml"
    command = [sys.executable, "-m", "pytest", "-p", "no:odoo", "-q", f"--junitxml={report}", "--rootdir", str(folder)]
    result = subprocess.run([*command, "test_sample.py"], cwd=folder, stdout=subprocess.DEVNULL)
    return report, result.returncode


def test_counts_each_test_once(tmp_path):
    report, _code = run_pytest(
        tmp_path,
        """
        import unittest
        import pytest

        def test_good(): pass

        @pytest.mark.parametrize("n", [1, 2])
        def test_twice(n): pass

        def test_skipped(): pytest.skip("not here")

        class TestSub(unittest.TestCase):
            def test_two_of_three_fail(self):
                for n in range(3):
                    with self.subTest(n=n):
                        self.assertEqual(n, 0)

        @pytest.fixture
        def broken_at_the_end():
            yield
            raise RuntimeError

        def test_fails_and_its_clean_up_too(broken_at_the_end): raise AssertionError
        def test_only_its_clean_up_fails(broken_at_the_end): pass
        """,
    )
    assert read_report(report) == Report(
        passed=3,
        failures=(
            "test_sample.TestSub::test_two_of_three_fail",
            "test_sample::test_fails_and_its_clean_up_too",
            "test_sample::test_only_its_clean_up_fails",
        ),
        skipped=1,
    )


def test_a_file_that_cannot_be_imported_is_a_failure(tmp_path):
    report, code = run_pytest(tmp_path, "import there_is_no_such_module")
    assert judge("plain", report, code, part_may_be_empty=True) == Report(failures=("test_sample",))


def test_a_part_that_dies_without_a_report_is_a_failure(tmp_path):
    report = judge("odoo", tmp_path / "none.xml", -signal.SIGKILL, part_may_be_empty=True)
    assert report.failures == ("odoo: ended with exit code -9 before it could report",)


def test_a_report_cut_off_in_the_middle_is_a_failure(tmp_path):
    (tmp_path / "cut.xml").write_text('<testsuites><testsuite><testcase name="a"/>')
    assert len(judge("odoo", tmp_path / "cut.xml", 0, part_may_be_empty=True).failures) == 1


def test_a_bad_exit_code_is_never_silent(tmp_path):
    report, _code = run_pytest(tmp_path, "def test_good(): pass")
    assert judge("plain", report, 3, part_may_be_empty=True) == Report(
        passed=1, failures=("plain: ended with exit code 3 although no test failed",)
    )


def test_a_part_without_a_matching_test_is_fine_only_when_a_choice_was_made(tmp_path):
    report, code = run_pytest(tmp_path, "")
    assert judge("plain", report, code, part_may_be_empty=True) == Report()
    assert len(judge("plain", report, code, part_may_be_empty=False).failures) == 1


def test_reports_add_up():
    both = Report(2, ("a",), 1) + Report(3, ("b", "c"), 0)
    assert str(both) == "5 passed, 3 failed, 1 skipped"


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A clone with one addon and one test file in each place."""
    for file in (
        "sdm_sales/tests/test_model.py",
        "tests/cli/test_lock.py",
        "tests/engine/test_docstrings.py",
        "tests/engine/sdm_sales/test_score.py",
        "tests/in_odoo/test_rules.py",
        "tests/end_to_end/test_load.py",
        "tests/bench/__main__.py",
        "tests/conftest.py",
        "sdm_sales/engine/score.py",
        "sdm_sales/models/deal.py",
        "cli/lock.py",
    ):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_everything_without_a_path(clone):
    assert choose_parts([], clone) == {
        "lint": [],
        "plain": ["tests/cli", "tests/engine"],
        "odoo": ["sdm_sales/tests", "tests/in_odoo"],
        "end_to_end": ["tests/end_to_end"],
    }


ENGINE_TESTS = ["tests/engine/sdm_sales", "tests/engine/test_docstrings.py"]


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("sdm_sales/tests/test_model.py", {"odoo": ["sdm_sales/tests/test_model.py"]}),
        (
            "sdm_sales/tests/test_model.py::TestDeal::test_a",
            {"odoo": ["sdm_sales/tests/test_model.py::TestDeal::test_a"]},
        ),
        ("sdm_sales", {"plain": ENGINE_TESTS, "odoo": ["sdm_sales/tests"]}),
        ("sdm_sales/engine/score.py", {"plain": ENGINE_TESTS}),
        ("sdm_sales/models/deal.py", {"odoo": ["sdm_sales/tests"]}),
        ("tests/in_odoo", {"odoo": ["tests/in_odoo"]}),
        ("tests/end_to_end/test_load.py", {"end_to_end": ["tests/end_to_end/test_load.py"]}),
        ("tests/engine/", {"plain": ["tests/engine"]}),
        (
            "tests",
            {"plain": ["tests/cli", "tests/engine"], "odoo": ["tests/in_odoo"], "end_to_end": ["tests/end_to_end"]},
        ),
    ],
)
def test_the_part_follows_from_the_path(clone, path, parts):
    assert choose_parts([path], clone) == parts


def test_a_path_counts_from_the_working_folder_too(clone, monkeypatch):
    monkeypatch.chdir(clone / "tests" / "cli")
    assert choose_parts(["test_lock.py", "../engine"], clone) == {"plain": ["tests/cli/test_lock.py", "tests/engine"]}


@pytest.mark.parametrize("path", ["tests/nowhere.py", "cli/lock.py", "/etc/passwd", ".", "sdm_none"])
def test_a_path_that_is_no_test_is_refused(clone, path):
    with pytest.raises(Failure, match="is no test of this project"):
        choose_parts([path], clone)


@pytest.fixture
def make_run(tmp_path, monkeypatch):
    """A run without an environment, whose plain part is the given Python program."""

    def make(source: str) -> Run:
        run = Run(SimpleNamespace(), {"plain": []}, None, tmp_path)
        monkeypatch.setattr(run, "_plain", lambda part: run._process(part, [sys.executable, "-c", source], {}))
        return run

    return make


def test_a_part_that_cannot_be_prepared_fails_and_says_why(make_run, monkeypatch, capfdbinary):
    run = make_run("")
    monkeypatch.setattr(run, "_plain", lambda part: (_ for _ in ()).throw(Failure("no disk", "free some")))
    assert run.execute().failures == ("plain: no disk. Free some.",)


def test_ctrl_c_lets_a_part_put_its_things_away(make_run, tmp_path, monkeypatch):
    away = tmp_path / "put away"
    started = tmp_path / "started"
    run = make_run(f"""if True:
        import pathlib, time
        try:
            pathlib.Path({str(started)!r}).touch()
            time.sleep(60)
        except KeyboardInterrupt:
            pathlib.Path({str(away)!r}).touch()
    """)

    def interrupted(part):
        while not started.exists():
            part.ended.wait(0.01)
        raise KeyboardInterrupt

    monkeypatch.setattr(testing, "_show", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run.execute()
    assert away.exists()
