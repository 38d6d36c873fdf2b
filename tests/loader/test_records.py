"""Rows made into records: external ids, references, cases, distinct records, parents before children."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader import records
from loader.export import Problem, Row
from loader.records import RecordMaker, external_id
from tests.loader.conftest import MAPPING


def test_examples_of_the_docstrings():
    assert doctest.testmod(records) == doctest.TestResults(failed=0, attempted=1)


@given(st.lists(st.text(), unique=True))
def test_two_values_never_share_an_external_id(values):
    ids = [external_id(value) for value in values]
    assert len(set(ids)) == len(ids)
    assert not any(c in id_ for id_ in ids for c in " .,")


@pytest.fixture
def make(read_mapping):
    """Make records of rows given as dictionaries; `keys` are lines added to the kind of record."""

    def make_(rows: list[dict[str, str]], *keys: str, fields: str = 'fields.name = "{name}"'):
        extra = "".join(f"\n    {key}" for key in keys)
        rule = read_mapping(text=MAPPING.replace('fields.name = "{name}"', fields + extra)).records[0]
        refused: list[tuple[int, Problem]] = []
        maker = RecordMaker(rule, "people", lambda row, problem: refused.append((row.number, problem)))
        found = list(maker.records(Row(number, row, row) for number, row in enumerate(rows, 2)))
        return found, refused

    return make_


def test_fills_texts_and_references(make):
    fields = '''tree = "parent_id/id"
    [records.fields]
    name = "{name}"
    comment = ["Born {born}", "Shoe {shoe}", "end"]
    "parent_id/id" = "person_{boss}"
    "category_id/id" = "base.vip, base.{born}"'''
    found, refused = make([{"name": "Eve & Co", "born": "1990", "shoe": "", "boss": ""}], fields=fields)
    assert not refused
    assert found[0].id == "person_Eve_~26~_Co"
    assert found[0].values == {
        "name": "Eve & Co",
        "comment": "Born 1990\nend",
        "parent_id/id": "",
        "category_id/id": "base.vip,base.1990",
    }
    assert found[0].references == {"parent_id/id": (), "category_id/id": ()}


def test_refuses_the_second_row_with_one_id(make):
    found, refused = make([{"name": "Eve"}, {"name": "Eve"}])
    assert [record.id for record in found] == ["person_Eve"]
    assert refused == [(3, Problem("name", "Eve", "row 2 has the same external id for this Contacts"))]


def test_refuses_a_row_without_an_id(make):
    found, refused = make([{"name": ""}])
    assert not found
    assert refused == [(2, Problem("name", "", "is empty, and the external id is made of it"))]


def test_distinct_rows_may_repeat_a_record_but_not_contradict_it(make):
    rows = [
        {"name": "Eve", "born": "1990"},
        {"name": "Eve", "born": "1990"},
        {"name": "", "born": ""},
        {"name": "Eve", "born": "1991"},
    ]
    found, refused = make(rows, "distinct = true", fields='fields = { name = "{name}", ref = "{born}" }')
    assert [record.id for record in found] == ["person_Eve"]
    assert refused == [(5, Problem("name", "Eve", "row 2 has other values for the same Contacts"))]


def test_cases_add_fields_by_the_value_of_a_column(make):
    cases = "[records.cases.state]\n    won = { probability = 100, active = true }\n    lost = { active = false }"
    rows = [{"name": "A", "state": "won"}, {"name": "B", "state": "lost"}, {"name": "C", "state": "open"}]
    found, refused = make(rows, cases)
    assert [record.values for record in found] == [
        {"name": "A", "probability": "100", "active": "1"},
        {"name": "B", "active": "0"},
    ]
    assert refused == [(4, Problem("state", "open", "is none of: won, lost"))]


def test_a_case_may_stand_for_any_other_value(make):
    cases = '[records.cases.boss]\n    "" = { type = "contact" }\n    "*" = { type = "other" }'
    found, refused = make([{"name": "A", "boss": ""}, {"name": "B", "boss": "A"}], cases)
    assert [record.values["type"] for record in found] == ["contact", "other"]
    assert not refused


TREE = 'fields = { name = "{name}", "parent_id/id" = "person_{boss}" }'


def test_parents_come_before_their_children(make):
    rows = [
        {"name": "C", "boss": "B"},
        {"name": "D", "boss": "Z"},
        {"name": "B", "boss": "A"},
        {"name": "A", "boss": ""},
    ]
    found, refused = make(rows, 'tree = "parent_id/id"', fields=TREE)
    assert [record.id for record in found] == ["person_A", "person_B", "person_C", "person_D"]
    assert found[3].references == {"parent_id/id": ("person_Z",)}
    assert not refused


def test_parents_in_a_circle_are_refused(make):
    rows = [
        {"name": "A", "boss": "B"},
        {"name": "B", "boss": "A"},
        {"name": "C", "boss": "C"},
        {"name": "D", "boss": ""},
    ]
    found, refused = make(rows, 'tree = "parent_id/id"', fields=TREE)
    assert [record.id for record in found] == ["person_D"]
    assert {(number, problem.column, problem.reason) for number, problem in refused} == {
        (2, "boss", "its parents form a circle"),
        (3, "boss", "its parents form a circle"),
        (4, "boss", "its parents form a circle"),
    }


def test_rows_written_in_the_mapping(read_mapping):
    text = (
        MAPPING
        + '\n    [[records]]\n    label = "Stages"\n    model = "crm.stage"\n    rows = [{ id = "s", name = "S" }]'
    )
    rule = read_mapping(text=text).records[1]
    found = list(RecordMaker(rule, "people", lambda row, problem: None).records(()))
    assert [(record.id, record.values, record.row) for record in found] == [("s", {"name": "S"}, None)]
