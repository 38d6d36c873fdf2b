"""Files of an export: values cleaned, damaged files named, bad rows with their reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.failure import Failure
from loader.export import Problem, clean
from loader.mapping import ColumnRule, Format
from tests.loader.conftest import MAPPING

RUSSIAN = Format(decimal=",", thousands=" ", date="%d.%m.%Y", datetime="%d.%m.%Y %H:%M", timezone="Europe/Moscow")


@pytest.mark.parametrize(
    ("text", "kind", "written", "expected"),
    [
        ("1054", "number", Format(), "1054"),
        ("-0.50", "number", Format(), "-0.5"),
        ("+7.00", "number", Format(), "7"),
        ("1,234,567.80", "number", Format(thousands=","), "1234567.8"),
        ("1 234,56", "number", RUSSIAN, "1234.56"),
        ("1\u00a0234\u202f567", "integer", RUSSIAN, "1234567"),
        ("12,00", "integer", RUSSIAN, "12"),
        ("3/1/2017", "date", Format(date="%m/%d/%Y"), "2017-03-01"),
        ("31.12.2024", "date", RUSSIAN, "2024-12-31"),
        ("01.01.2025 01:30", "datetime", RUSSIAN, "2024-12-31 22:30:00"),
        ("", "date", Format(), ""),
    ],
)
def test_cleans_a_value(text, kind, written, expected):
    assert clean(text, ColumnRule(kind), written) == expected


@pytest.mark.parametrize(
    ("text", "kind", "written", "reason"),
    [
        ("abc", "number", Format(), "is no number"),
        ("1,23", "number", Format(thousands=","), "is no number"),
        ("1.234,5", "number", RUSSIAN, "is no number"),
        ("1e3", "number", Format(), "is no number"),
        ("nan", "number", Format(), "is no number"),
        ("1.5", "integer", Format(), "is no whole number"),
        ("13/13/2017", "date", Format(date="%m/%d/%Y"), "is no date written as %m/%d/%Y"),
    ],
)
def test_says_why_a_value_cannot_be_read(text, kind, written, reason):
    with pytest.raises(ValueError, match=reason):
        clean(text, ColumnRule(kind), written)


def test_reads_odd_spellings_in_full_before_it_asks_whether_there_is_a_value():
    rule = ColumnRule(required=True, values={"GTXPro": "GTX Pro", "n/a": ""})
    assert clean("GTXPro", rule, Format()) == "GTX Pro"
    assert clean("MG Special", rule, Format()) == "MG Special"
    with pytest.raises(ValueError, match="is empty"):
        clean("n/a", rule, Format())


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**12), max_value=10**12))
def test_reads_each_number_as_it_was_written(number):
    written = f"{number:,.2f}".replace(",", " ").replace(".", ",")
    assert float(clean(written, ColumnRule("number"), RUSSIAN)) == float(number)


def test_reads_rows_with_their_numbers_in_a_spreadsheet(open_export):
    export = open_export(
        {"people.csv": b'\xef\xbb\xbfname, born\nEve ,01.02.1990\n\n"A\nB",\n,,\n'.replace(b",,", b",")}
    )
    rows = list(export.rows("people"))
    assert [(row.number, row.values["name"], row.values["born"]) for row in rows] == [
        (2, "Eve", "1990-02-01"),
        (4, "A\nB", ""),
    ]
    assert export.row_counts == {"people": 2}


def test_keeps_what_is_wrong_with_a_row(open_export):
    rows = list(open_export({"people.csv": "name,born\n,1990\nEve\n"}).rows("people"))
    assert rows[0].problems == (
        Problem("name", "", "is empty"),
        Problem("born", "1990", "is no date written as %d.%m.%Y"),
    )
    assert rows[1].problems == (Problem("", "", "the row has 1 values, the header has 2"),)


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        ("", "people.csv is empty"),
        ("name,born,name\n", "people.csv has the column 'name' twice"),
        ("name;born\n", "files.people.columns.name: people.csv has no column 'name'; it has: name;born"),
        ("name,born\nИван,\n".encode("windows-1251"), "people.csv, after row 0: not written in utf-8"),
        ('name,born\nEve,\n"Adam,\n', "people.csv, after row 2: unexpected end of data"),
    ],
)
def test_names_a_damaged_file(open_export, content, cause):
    with pytest.raises(Failure) as caught:
        open_export({"people.csv": content})
    assert cause in caught.value.cause


def test_names_a_file_that_is_missing(open_export):
    with pytest.raises(Failure, match=r"people\.csv is missing; the mapping people\.toml reads it"):
        open_export({})


LOOKUP = (
    MAPPING.replace(
        "columns.name = ",
        'lookups.boss = { file = "teams", by = "name", key = "member", take = "head" }\n    columns.name = ',
    ).replace('fields.name = "{name}"', 'fields.name = "{boss}"')
    + '\n    [files.teams]\n    name = "teams.csv"\n'
)


def test_looks_columns_up_in_another_file(open_export):
    files = {
        "people.csv": "name,born,shoe\nEve,,38\nAdam,,44\nLilith,,36\n",
        "teams.csv": "member,head,room\nEve,Ada,1\nEve,Ada,2\nAdam,Bob,1\nAdam,Ben,1\n",
    }
    export = open_export(files, LOOKUP)
    rows = list(export.rows("people"))
    assert rows[0].values["boss"] == "Ada"
    assert rows[1].problems == (Problem("name", "Adam", "is in teams.csv with more than one head"),)
    assert rows[2].problems == (Problem("name", "Lilith", "is not in teams.csv (column member)"),)
    assert export.unused_columns() == {"people.csv": ["born", "shoe"], "teams.csv": ["room"]}
