"""`./sdm load` on a small export: repeated, killed, run twice at once, with bad rows, and with quite another export."""

import csv
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.end_to_end.diagnosed import diagnose
from tests.end_to_end.diagnosed import differences as wrong_figures
from tests.end_to_end.exports import figures, read_deals, write_russian, write_small
from tests.end_to_end.figures_of_export import expected_figures
from tests.end_to_end.loaded import deals_in_database, differences, everything, loaded_content, row_counts

NAMESPACE = "crm_sales_opportunities"
KINDS = 14


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small export; read only, as a folder on a read-only disk would be."""
    folder = write_small(tmp_path_factory.mktemp("export"))
    folder.chmod(0o555)
    return folder


@dataclass(frozen=True)
class Loaded:
    """A database with the small export in it, what its load said, and what another load said meanwhile."""

    database: str
    output: str
    process_id: int
    second: str


@pytest.fixture(scope="module")
def loaded(
    export: Path,
    copy_template: Callable[[], str],
    start_load: Callable[..., subprocess.Popen],
    tmp_path_factory: pytest.TempPathFactory,
) -> Loaded:
    """The small export loaded in one go, while somebody tries to load it too."""
    database = copy_template()
    folder = tmp_path_factory.mktemp("loaded")
    first = start_load(folder, export, database)
    _read_until(first, "1/")
    second = start_load(folder, export, database)
    _output, second_errors = second.communicate()
    assert second.returncode == 1
    output, errors = first.communicate()
    assert first.returncode == 0, errors
    assert not list(folder.iterdir())  # nothing was rejected, so there is no file of it
    return Loaded(database, output, first.pid, second_errors)


@pytest.fixture
def load(start_load: Callable[..., subprocess.Popen], tmp_path: Path) -> Callable[..., str]:
    """Run a load to its end and return what it says; it must succeed."""

    def load_(*arguments: object) -> str:
        process = start_load(tmp_path, *arguments)
        output, errors = process.communicate()
        assert process.returncode == 0, errors
        return output

    return load_


@pytest.fixture
def fail(start_load: Callable[..., subprocess.Popen], tmp_path: Path) -> Callable[..., str]:
    """Run a load that must end with a failure, and return its one line."""

    def fail_(*arguments: object) -> str:
        process = start_load(tmp_path, *arguments)
        _output, errors = process.communicate()
        assert process.returncode == 1
        lines = [line for line in errors.splitlines() if not line.startswith("Loading ")]
        assert len(lines) == 1, errors
        return lines[0]

    return fail_


def _read_until(process: subprocess.Popen, start: str, end: str = "") -> None:
    """Wait for a line of progress."""
    for line in process.stderr:
        if line.startswith(start) and end in line:
            return
    raise AssertionError(f"the load ended before it said {start}")


def assert_same_content(database: str, expected: str, query: Callable[..., list[tuple]]) -> None:
    """Whatever way it was loaded, a database shows the same records, of every table the same number."""
    contents = [loaded_content(name, NAMESPACE, query) for name in (database, expected)]
    assert differences(*contents) == []
    counts = [row_counts(name, query) for name in (database, expected)]
    assert {table: n for table, n in counts[0].items() if n != counts[1][table]} == {}


def test_summary_counts_what_came_in(loaded):
    words = [line.split() for line in loaded.output.splitlines()]
    assert ["accounts.csv", "Sectors", "3", "0", "0"] in words
    assert ["Accounts", "23", "0", "0"] in words
    assert ["Agents,", "as", "users", "6", "0", "0"] in words
    assert ["sales_pipeline.csv", "Opportunities", "1,200", "0", "0"] in words


def test_figures_are_those_of_the_files(loaded, export, query):
    assert figures(deals_in_database(loaded.database, query)) == figures(read_deals(export))


def test_every_deal_stands_as_in_the_file(loaded, export, query):
    rows = query(
        loaded.database,
        """
        SELECT id.name, lead.name, partner.name, stage.name ->> 'en_US', lead.won_status, lead.active,
               to_char(lead.date_open, 'FMMM/FMDD/YYYY HH24:MI:SS'),
               to_char(lead.date_closed, 'FMMM/FMDD/YYYY HH24:MI:SS'),
               lead.expected_revenue, lead.type, team.name ->> 'en_US', team.id = member.crm_team_id
          FROM crm_lead AS lead
          JOIN ir_model_data AS id ON id.model = 'crm.lead' AND id.res_id = lead.id
          JOIN crm_stage AS stage ON stage.id = lead.stage_id
          JOIN crm_team AS team ON team.id = lead.team_id
          JOIN crm_team_member AS member ON member.user_id = lead.user_id
     LEFT JOIN res_partner AS partner ON partner.id = lead.partner_id
        """,
    )
    found = {row[0]: row[1:] for row in rows}
    with (export / "sales_pipeline.csv").open(newline="") as stream:
        given = list(csv.DictReader(stream))
    with (export / "sales_teams.csv").open(newline="") as stream:
        managers = {row["sales_agent"]: row["manager"] for row in csv.DictReader(stream)}
    stages = {"Won": ("Won", "won", True), "Lost": ("Engaging", "lost", False)}
    assert len(rows) == len(given)
    for row in given:
        product = row["product"].replace("GTXPro", "GTX Pro")
        assert found[f"opportunity_{row['opportunity_id']}"] == (
            f"{product} - {row['account']}" if row["account"] else product,
            row["account"] or None,
            *stages.get(row["deal_stage"], (row["deal_stage"], "pending", True)),
            f"{row['engage_date']} 12:00:00" if row["engage_date"] else None,
            f"{row['close_date']} 12:00:00" if row["close_date"] else None,
            float(row["close_value"] or 0),
            "opportunity",
            f"Team {managers[row['sales_agent']]}",
            True,
        )


def test_a_diagnosis_shows_what_the_files_say(loaded, export):
    assert wrong_figures(diagnose(loaded.database)["figures"], expected_figures(export)) == {}


def test_accounts_keep_what_the_export_says(loaded, query):
    rows = query(
        loaded.database,
        """
        SELECT account.name, country.code, industry.name ->> 'en_US', parent.name, account.properties
          FROM res_partner AS account
          JOIN res_country AS country ON country.id = account.country_id
          JOIN res_partner_industry AS industry ON industry.id = account.industry_id
          JOIN res_partner AS parent ON parent.id = account.parent_id
         WHERE account.is_company
        """,
    )
    kept = {"year_established": 1990, "annual_revenue": 12.5, "employees": 40}
    # the subsidiary has the address of its own, and its parent another one
    assert rows == [("Zed & Sons", "BR", "Retail", "Acme, Inc.", kept)]


def test_people_are_in_place_and_nobody_is_written_to(loaded, query):
    people = query(
        loaded.database,
        """
        SELECT employee.name, login.login, login.password, boss.name, office.name ->> 'en_US', login.active
          FROM ir_model_data AS id
          JOIN hr_employee AS employee ON id.model = 'hr.employee' AND id.res_id = employee.id
          JOIN res_users AS login ON login.id = employee.user_id
          JOIN hr_version AS version ON version.id = employee.current_version_id
          JOIN hr_department AS office ON office.id = version.department_id
     LEFT JOIN hr_employee AS boss ON boss.id = employee.parent_id
         WHERE id.module = %s AND employee.name IN ('Ann Archer', 'Mei-Mei Johns', 'Fay O''Hara')
         ORDER BY employee.name
        """,
        [NAMESPACE],
    )
    assert people == [
        ("Ann Archer", "ann.archer", None, None, "North", True),
        ("Fay O'Hara", "fay.o.hara", None, "Cy Cole", "South", True),
        ("Mei-Mei Johns", "mei-mei.johns", None, "Bo Berg", "North", True),
    ]
    assert query(loaded.database, "SELECT count(*) FROM mail_mail") == [(0,)]
    leaders = query(
        loaded.database, "SELECT count(*) FROM crm_team JOIN res_users AS u ON u.id = user_id WHERE u.login = 'cy.cole'"
    )
    assert leaders == [(1,)]


def test_second_load_changes_nothing(loaded, export, load, query):
    database = loaded.database
    before = everything(database, query)
    output = load(export, database)
    assert ["sales_pipeline.csv", "Opportunities", "0", "1,200", "0"] in [line.split() for line in output.splitlines()]
    after = everything(database, query)
    assert [table for table in before if before[table] != after[table]] == []


def test_killed_in_every_phase_and_run_again(loaded, export, copy_template, start_load, load, query, tmp_path):
    database = copy_template()
    # The line that says a phase is ready is the moment in which the next one begins to write.
    moments = [("Loading ", ""), *((f"{number}/{KINDS} ", "ready") for number in range(1, KINDS))]
    moments += [(f"{KINDS}/{KINDS} ", "500 of 1,200"), (f"{KINDS}/{KINDS} ", "ready")]
    for start, end in moments:
        process = start_load(tmp_path, export, database)
        _read_until(process, start, end)
        process.kill()
        process.wait()
        if end == "500 of 1,200":
            assert query(database, "SELECT count(*) FROM crm_lead") == [(500,)]
    load(export, database)
    assert_same_content(database, loaded.database, query)


def test_bad_rows_are_listed_and_come_in_when_corrected(loaded, export, copy_template, load, query, tmp_path):
    database = copy_template()
    bad = tmp_path / "bad"
    bad.mkdir()
    for path in export.iterdir():
        (bad / path.name).write_bytes(path.read_bytes())
    pipeline = (bad / "sales_pipeline.csv").read_text().splitlines()
    cells = [line.split(",") for line in pipeline[:9]]
    cells[1][1] = "Nobody Known"
    cells[2][2] = "GTX Ultra"
    cells[3][4] = "Maybe"
    cells[4][5:8] = ["2017-01-01", "", "much"]
    cells[7].append("")
    cells[8][7] = "=1+1"
    (bad / "sales_pipeline.csv").write_text("\n".join([*map(",".join, cells), *pipeline[9:], pipeline[5]]) + "\n")
    accounts = (bad / "accounts.csv").read_text()
    (bad / "accounts.csv").write_text(accounts.replace("Account 7,", "Account 7 ,").replace("Account 19,", ",", 1))
    teams = (bad / "sales_teams.csv").read_text()
    (bad / "sales_teams.csv").write_text(f"{teams}dora dean,Ann Archer,North\n")

    output = load(bad, database)
    path = tmp_path / f"rejected-{database}.csv"
    assert f"Rejected rows with their reasons: {path}" in output
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rejected = [tuple(row.values()) for row in csv.DictReader(stream)]
    for expected in [
        ("sales_pipeline.csv", "2", "sales_agent", "Nobody Known", "is not in sales_teams.csv (column sales_agent)"),
        ("sales_pipeline.csv", "3", "product", "GTX Ultra", "tag_GTX_Ultra was not loaded"),
        ("sales_pipeline.csv", "4", "deal_stage", "Maybe", "is none of: Prospecting, Engaging, Won, Lost"),
        ("sales_pipeline.csv", "5", "engage_date", "2017-01-01", "is no date written as %m/%d/%Y"),
        ("sales_pipeline.csv", "5", "close_value", "much", "is no number"),
        (
            "sales_pipeline.csv",
            "1202",
            "opportunity_id",
            cells[5][0],
            "row 6 has the same external id for this Opportunities",
        ),
        ("sales_pipeline.csv", "8", "", "", "the row has 9 values, the header has 8"),
        ("sales_pipeline.csv", "9", "close_value", "'=1+1", "is no number"),
        ("accounts.csv", "24", "account", "", "is empty"),
        ("sales_teams.csv", "8", "sales_agent", "dora dean", "You can not have two users with the same login!"),
    ]:
        assert expected in rejected
    without_account = [row for row in rejected if row[4] == "account_Account_19 was not loaded"]
    others = {row[1] for row in rejected if row[0] == "sales_pipeline.csv"}
    assert without_account
    assert query(database, "SELECT count(*) FROM crm_lead") == [(1200 - len(others - {"1202"}),)]

    load(export, database)
    assert not path.exists()
    assert_same_content(database, loaded.database, query)


def test_second_of_two_loads_at_once_says_who_is_loading(loaded):
    line = loaded.second.splitlines()[-1]
    assert f"process {loaded.process_id} (since " in line
    assert f"is loading into the database {loaded.database} already. Wait until that has ended" in line


def test_what_was_done_in_odoo_since_is_kept(loaded, export, copy_template, load, query):
    """Records that are there by hand get their external id and stay; what was changed after a load stays changed."""
    database = copy_template()
    query(
        database,
        """
        INSERT INTO crm_tag (name, color) VALUES ('{"en_US": "GTX Pro"}', 3);
        UPDATE res_users SET login = 'ann.archer' WHERE login = 'admin';
        SELECT 1
        """,
    )
    load(export, database)
    tags = query(database, "SELECT color FROM crm_tag WHERE name ->> 'en_US' = 'GTX Pro'")
    assert tags == [(3,)]
    leader = query(
        database,
        "SELECT u.id FROM crm_team AS t JOIN res_users AS u ON u.id = t.user_id"
        " WHERE t.name ->> 'en_US' = 'Team Ann Archer'",
    )
    assert leader == query(database, "SELECT id FROM res_users WHERE login = 'ann.archer'")
    query(database, "UPDATE crm_lead SET name = 'Renamed', write_date = now() WHERE name LIKE 'MG%%' RETURNING 1")
    before = everything(database, query)
    load(export, database)
    assert everything(database, query) == before


def test_quite_another_export_needs_another_mapping_only(copy_template, load, query, tmp_path):
    database = copy_template()
    mapping = write_russian(tmp_path / "выгрузка")
    output = load(mapping.parent, database, "--mapping", str(mapping), "--rejected", "отказы.csv")
    assert ["Сделки", "3", "0", "1"] in [line.split() for line in output.splitlines()]
    deals = query(
        database,
        """
        SELECT lead.name, partner.name, country.code, login.login, expected_revenue::float, won_status,
               to_char(date_open, 'YYYY-MM-DD HH24:MI'), to_char(date_closed, 'YYYY-MM-DD HH24:MI'), description
          FROM crm_lead AS lead
          JOIN res_users AS login ON login.id = lead.user_id
     LEFT JOIN res_partner AS partner ON partner.id = lead.partner_id
     LEFT JOIN res_country AS country ON country.id = partner.country_id
         ORDER BY lead.id
        """,
    )
    customer = ("ООО «Ромашка»", "RU")
    source = "<p>Источник: Сайт<br>Тема: Станок &lt;ЧПУ&gt; &amp; монтаж</p>"
    assert [(*deal[:8], deal[8].replace("<br/>", "<br>")) for deal in deals] == [
        (
            "Станок <ЧПУ> & монтаж (ООО «Ромашка»)",
            *customer,
            "пётр.ёлкин",
            1234567.89,
            "won",
            "2023-12-28 12:00",
            "2023-12-31 22:30",
            source,
        ),
        (
            "Сервис (ООО «Ромашка»)",
            *customer,
            "анна.щукина",
            10.5,
            "lost",
            "2024-01-31 12:00",
            "2024-02-29 15:00",
            "<p>Тема: Сервис</p>",
        ),
        ("Запчасти", None, None, "анна.щукина", 0, "pending", "2024-03-05 12:00", None, "<p>Тема: Запчасти</p>"),
    ]
    with (tmp_path / "отказы.csv").open(encoding="utf-8-sig", newline="") as stream:
        rejected = [tuple(row.values()) for row in csv.DictReader(stream)]
    assert [row[:4] for row in rejected] == [
        ("Сделки.csv", "5", "Страна", "Атлантида"),
        ("Сделки.csv", "5", "Клиент", "ЗАО Вектор"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("country_id", "land_id", "records[1] (Клиенты).fields.land_id: res.partner has no field land_id"),
        ("crm.stage_lead4", "crm.stage_x", "cases.Итог.Успех.stage_id/id: {} has no record crm.stage_x"),
        ("deals_1c", "crm", "namespace: crm is the name of a module"),
        ('"crm.lead"', '"crm.deal"', "records[3] (Сделки).model: {} has no crm.deal"),
    ],
)
def test_a_mapping_that_odoo_cannot_follow_is_told_before_anything_is_loaded(
    loaded, fail, query, tmp_path, old, new, line
):
    mapping = write_russian(tmp_path)
    mapping.write_text(mapping.read_text("utf-8").replace(old, new), "utf-8")
    before = row_counts(loaded.database, query)
    assert line.format(loaded.database) in fail(tmp_path, loaded.database, "--mapping", str(mapping))
    assert row_counts(loaded.database, query) == before


def test_failures_before_odoo_is_started(loaded, export, fail, tmp_path):
    assert "there is no folder" in fail(tmp_path / "nothing", loaded.database)
    assert "crm_sales_opportunities.toml reads accounts.csv, products.csv" in fail(tmp_path, loaded.database)
    assert "no_such_database cannot be opened" in fail(export, "no_such_database")
    assert "postgres holds no Odoo" in fail(export, "postgres")
