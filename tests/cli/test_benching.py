"""What `./sdm bench` may be asked for, and what it says otherwise; before anything is prepared."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from cli.benching import ENTRIES, add_arguments, as_arguments


def parse(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(arguments)


def test_every_entry_can_be_named(root: Path) -> None:
    assert {"overhead", "diagnosis"} <= set(ENTRIES)
    assert parse(*ENTRIES).names == ENTRIES


def test_without_names_and_options() -> None:
    options = parse()
    assert (options.names, options.scale, options.runs, options.json) == ([], 1.0, None, None)


def test_the_bench_s_process_is_given_the_same(tmp_path: Path) -> None:
    asked = parse("overhead", "--scale", "0.01", "--runs", "3", "--json", str(tmp_path / "numbers.json"))
    assert parse(*as_arguments(asked)) == asked
    assert parse(*as_arguments(parse())) == parse()


def test_a_file_is_meant_from_the_folder_where_it_was_asked_for(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert parse("--json", "numbers.json").json == tmp_path / "numbers.json"


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        (["nothing"], "there is no entry nothing: the entries are"),
        (["--scale", "0"], "0 must be a number above 0"),
        (["--scale", "nan"], "nan must be a number above 0"),
        (["--scale", "big"], "big must be a number above 0"),
        (["--scale", "101"], "at most 100"),
        (["--runs", "0"], "0 must be a whole number from 1 on"),
        (["--runs", "few"], "few must be a whole number from 1 on"),
        (["--json", "nowhere/numbers.json"], "for numbers.json: make it first"),
    ],
)
def test_bad_input_is_told_in_words(arguments: list[str], cause: str, capsys) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(*arguments)
    assert ended.value.code == 2
    assert cause in capsys.readouterr().err
