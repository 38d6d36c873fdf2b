"""What a mapping may say, and that each mistake in it is told with its key."""

import pytest

from cli.failure import Failure
from loader import mapping
from loader.run import SHIPPED


def test_shipped_mappings_can_be_read():
    names = [mapping.read(path).title for path in SHIPPED.glob("*.toml")]
    assert names == ["CRM Sales Opportunities"]


def test_reads_the_kinds_of_values(read_mapping):
    fields = """tree = "category_id/id"
    [records.fields]
    name = "{name}"
    is_company = true
    color = 7
    comment = ["One", "{born}"]
    "user_id/id" = "base.user_admin"
    "category_id/id" = "base.a, person_{name}"
    """
    rule = read_mapping(('fields.name = "{name}"', fields)).records[0]
    row = {"name": "Eve", "born": ""}
    texts = {name: [text.render(row) for text in value.texts] for name, value in rule.fields.items() if value.texts}
    assert texts == {"name": ["Eve"], "is_company": ["1"], "color": ["7"], "comment": ["One", ""]}
    references = [(each.template.render(row), each.foreign) for each in rule.fields["category_id/id"].references]
    assert references == [("base.a", True), ("person_Eve", False)]


def test_a_file_may_be_written_differently(read_mapping):
    result = read_mapping(('name = "people.csv"', 'name = "people.csv"\n    format.decimal = ","'))
    assert result.files["people"].format == mapping.Format(date="%d.%m.%Y", decimal=",")


@pytest.mark.parametrize(
    ("old", "new", "cause"),
    [
        ('title = "People"', "", "title: is missing"),
        ('title = "People"', "title = 1", "title: must be a text"),
        ('title = "People"', 'titel = "People"', "title: is missing"),
        ('title = "People"', 'title = "People"\n    x = 1', "x: is unknown; there is: files, format, language"),
        ('"people"', '"My people"', "namespace: must be small Latin letters"),
        ("date = ", "datum = ", "format.datum: is unknown"),
        ("[format]", '[format]\n    encoding = "utf-99"', "format.encoding: 'utf-99' is unknown"),
        ("[format]", '[format]\n    timezone = "Moscow"', "format.timezone: 'Moscow' is unknown"),
        ("[format]", '[format]\n    delimiter = ";;"', "format.delimiter: must be one character"),
        ("[format]", '[format]\n    thousands = "."', "format.decimal: must be a character, and another"),
        ('type = "date"', 'type = "day"', "files.people.columns.born.type: 'day' is unknown"),
        ("required = true", 'required = "yes"', "files.people.columns.name.required: must be true or false"),
        ("required = true", "values = { a = 1 }", "files.people.columns.name.values.a: must be a text"),
        ('file = "people"', 'file = "persons"', "records[1] (Contacts).file: 'persons' is unknown; there is: people"),
        ('file = "people"', "", "records[1] (Contacts).file: either a file or rows must be given"),
        ('id = "person_{name}"', 'id = "person"', "records[1] (Contacts).id: must have a column in it"),
        ('id = "person_{name}"', 'id = "{name"', "records[1] (Contacts).id: '{' in '{name' has no partner"),
        ('fields.name = "{name}"', "", "records[1] (Contacts).fields: is missing"),
        ('fields.name = "{name}"', "fields.name = {}", "fields.name: must be a text, a number, true or false"),
        ('fields.name = "{name}"', 'fields."a/id" = "x_{name}"', "fields.a/id: refers to 'x_{}', which no records"),
        ('fields.name = "{name}"', 'fields."a/id" = "person_{name}"', "refers to records of its own kind; name the"),
        ('file = "people"', 'file = "people"\n    tree = "a/id"', "tree: 'a/id' is none of the fields"),
        ('file = "people"', 'file = "people"\n    find_by = ["email"]', "find_by: 'email' is none of the fields"),
        (
            "columns.born",
            "lookups.boss = { file = 'x', by = 'name', take = 'y' }\n    columns.born",
            "lookups.boss.file: 'x'",
        ),
    ],
)
def test_names_the_key_that_is_wrong(read_mapping, old, new, cause):
    with pytest.raises(Failure) as caught:
        read_mapping((old, new))
    assert caught.value.cause.startswith("mapping people.toml: ")
    assert cause in caught.value.cause


def test_says_where_the_toml_is_broken(read_mapping):
    with pytest.raises(Failure, match=r"people\.toml is no TOML file in UTF-8: .*line 2"):
        read_mapping(text="\ntitle = People\n")


def test_says_that_the_file_is_missing(tmp_path):
    with pytest.raises(Failure, match=r"nothing\.toml cannot be read \(No such file or directory\)"):
        mapping.read(tmp_path / "nothing.toml")


@pytest.mark.parametrize(
    ("old", "new", "cause"),
    [
        ("{name}", "{nam}", "records[1] (Contacts).id: people.csv has no column 'nam'; it has: born, name"),
        ("columns.born", "columns.birth", "files.people.columns.birth: people.csv has no column 'birth'"),
        ('fields.name = "{name}"', 'fields.name = "{age}"', "records[1] (Contacts).fields.name: people.csv has no"),
        (
            "columns.born",
            "lookups.b = { file = 'people', by = 'x', take = 'born' }\n    columns.born",
            "lookups.b.by: ",
        ),
        (
            "columns.born",
            "lookups.b = { file = 'people', by = 'name', take = 'x' }\n    columns.born",
            "lookups.b.take: ",
        ),
    ],
)
def test_names_a_column_that_the_file_does_not_have(read_mapping, old, new, cause):
    changed = read_mapping((old, new))
    with pytest.raises(Failure) as caught:
        mapping.check_columns(changed, {"people": ["name", "born"]}.__getitem__)
    assert cause in caught.value.cause
