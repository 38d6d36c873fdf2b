"""The real export "CRM Sales Opportunities", loaded whole: its figures are those it is published with."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.end_to_end.diagnosed import diagnose, differences
from tests.end_to_end.exports import figures, read_deals
from tests.end_to_end.figures_of_export import expected_figures
from tests.end_to_end.loaded import deals_in_database


@pytest.fixture(scope="module")
def export() -> Path:
    """The export's folder, which lies beside the clone; test_load.py does the same with an export made by itself."""
    folder = Path(__file__).resolve().parents[3] / "shared/data/crm_sales_opportunities"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    return folder


@pytest.fixture(scope="module")
def expected(export: Path) -> dict:
    """The published figures, with the product named as in products.csv."""
    published = json.loads((export / "expected.json").read_text("utf-8"))
    published["by_product"]["GTX Pro"] = published["by_product"].pop("GTXPro")
    return published


@pytest.fixture(scope="module")
def database(
    export: Path,
    copy_template: Callable[[], str],
    start_load: Callable[..., subprocess.Popen],
    tmp_path_factory: pytest.TempPathFactory,
) -> str:
    """A database with the whole export in it."""
    name = copy_template()
    process = start_load(tmp_path_factory.mktemp("loaded"), export, name)
    _output, errors = process.communicate()
    assert process.returncode == 0, errors
    return name


@pytest.mark.parametrize("part", ["total", "by_manager", "by_region", "by_product"])
def test_figures_are_the_published_ones(database, expected, query, part):
    assert figures(deals_in_database(database, query))[part] == expected[part]


def test_the_plain_calculation_from_the_files_gives_them_too(export, expected):
    worked_out = figures(read_deals(export))
    assert worked_out == {part: expected[part] for part in worked_out}


def test_everything_of_the_export_is_there(database, expected, query):
    # the contact of a user has an external id too, and is no account
    counts = query(
        database,
        """
        SELECT model, count(*) FROM ir_model_data
         WHERE module = 'crm_sales_opportunities' AND name NOT LIKE %s
         GROUP BY model
        """,
        ["user_%_res_partner"],
    )
    wanted = {
        "res.partner": 85,
        "product.template": 7,
        "res.users": 35 + 6,
        "hr.employee": 35 + 6,
        "crm.team": 6,
        "crm.team.member": 35,
        "hr.department": 3,
        "crm.lead": expected["integrity"]["opportunities"],
    }
    assert {model: n for model, n in counts if model in wanted} == wanted
    stages = query(
        database,
        """
        SELECT CASE lead.won_status WHEN 'lost' THEN 'Lost' ELSE stage.name ->> 'en_US' END, count(*)
          FROM crm_lead AS lead JOIN crm_stage AS stage ON stage.id = lead.stage_id GROUP BY 1
        """,
    )
    assert dict(stages) == expected["integrity"]["stages"]
    without_account = query(database, "SELECT count(*) FROM crm_lead WHERE partner_id IS NULL")
    assert without_account == [(expected["integrity"]["account_null"],)]


def test_a_diagnosis_shows_what_the_files_say(database, export):
    measured = diagnose(database)
    expected = expected_figures(export)
    assert differences(measured["figures"], expected) == {}
    # what else is measured has nothing to measure in this export: no invoices
    others = {code for code in measured["figures"].keys() - expected.keys() if measured["figures"][code][2] is not None}
    assert others == set()
    # all customers are without owner, and segmentation is the first step of the method
    assert measured["start"] == "segmentation"
