"""Dashboards of Odoo's dashboard app: what they name is there, they are what the script writes, and they open."""

import json
import re
from datetime import date

from dateutil.relativedelta import relativedelta

from odoo.fields import Domain
from odoo.tests import HttpCase, tagged
from odoo.tools import file_open
from odoo.tools.safe_eval import safe_eval

from odoo.addons.spreadsheet.utils.validate_data import fields_in_spreadsheet, menus_xml_ids_in_spreadsheet

from ..dashboards import build
from .plan import PlanCase

NAMES = ("plan_fact", "pipeline_forecast", "segments", "activity_coverage", "data_quality")


def read(name):
    """The shipped spreadsheet. A copied database has no files, so that its own would not be there."""
    with file_open(f"sdm_kpi/data/files/{name}_dashboard.json") as file:
        return file.read()


@tagged("post_install", "-at_install")
class TestDashboards(PlanCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dashboards = {name: cls.env.ref(f"sdm_kpi.sdm_kpi_dashboard_{name}") for name in NAMES}
        cls.books = {name: json.loads(read(name)) for name in NAMES}

    def test_the_files_are_what_the_script_writes(self):
        for path, text in build.files():
            with file_open(f"sdm_kpi/data/files/{path.name}") as file:
                self.assertEqual(file.read(), text, path.name)
        self.assertEqual({dashboard.name for dashboard in build.DASHBOARDS}, set(NAMES))

    def test_models_fields_domains_and_menus_are_there(self):
        for name, book in self.books.items():
            found = fields_in_spreadsheet(book)
            self.assertLessEqual(set(found), set(build.CHAINS), name)
            for model, chains in found.items():
                for chain in chains:
                    self.check_chain(model, chain)
            for menu in menus_xml_ids_in_spreadsheet(book):
                self.assertTrue(self.env.ref(menu).action, menu)
            for source in self.sources(book):
                domain = source.get("domain", source.get("searchParams", {}).get("domain"))
                if isinstance(domain, str):
                    domain = safe_eval(
                        domain, {"context_today": lambda: date(2025, 6, 20), "relativedelta": relativedelta}
                    )
                    self.assertEqual(domain[-2:], [("date", ">=", "2024-07-01"), ("date", "<=", "2025-06-20")])
                Domain(domain).validate(self.env[self.model_of(source)])
                codes = [leaf[2] for leaf in domain if leaf[0] == "kpi_id.code"]
                self.assertEqual(self.env["sdm.kpi"].search_count([("code", "in", codes)]), len(codes), codes)

    def test_filters_are_matched_with_fields_that_are_there(self):
        kinds = {"many2one": "many2one", "date": "date"}
        for name, book in self.books.items():
            filters = {one["id"]: one for one in book["globalFilters"]}
            self.assertEqual(len(filters), len(book["globalFilters"]), name)
            for source in self.sources(book):
                for key, match in source["fieldMatching"].items():
                    field = self.check_chain(self.model_of(source), match["chain"])
                    self.assertEqual(field.type, kinds[match["type"]])
                    if filters[key]["type"] == "relation":
                        self.assertEqual(field.comodel_name, filters[key]["modelName"])
                    else:
                        self.assertEqual(field.type, "date")

    def test_cells_name_what_is_defined(self):
        for name, book in self.books.items():
            used = set()
            for sheet in book["sheets"]:
                for cell in sheet["cells"].values():
                    used |= set(re.findall(r"PIVOT(?:\.VALUE)?\((\d+),", cell))
                    self.assertNotIn("ODOO.LIST", cell)
            self.assertEqual(used, set(book["pivots"]), name)

    def test_no_measure_adds_up_ratios(self):
        """What is worked out in the spreadsheet with an aggregator would add the ratios of the rows."""
        for book in self.books.values():
            for pivot in book["pivots"].values():
                for measure in pivot["measures"]:
                    self.assertNotIn("computedBy", measure)
                    self.assertEqual(self.env[pivot["model"]]._fields[measure["fieldName"]].aggregator, "sum")

    def test_samples_are_constants(self):
        for name in NAMES:
            with file_open(f"sdm_kpi/data/files/{name}_sample_dashboard.json") as file:
                book = json.load(file)
            self.assertFalse(book["pivots"] or book["lists"] or book["globalFilters"])
            for sheet in book["sheets"]:
                self.assertFalse([cell for cell in sheet["cells"].values() if "PIVOT" in cell])
                for figure in sheet["figures"]:
                    self.assertFalse(figure["data"]["type"].startswith("odoo_"))
            self.check_places(book, self.read_filled(book))

    def test_what_figures_show_is_written_on_the_sheet_of_data(self):
        for book in self.books.values():
            self.check_places(book, self.read_filled(book))

    def read_filled(self, book):
        """:return: the cells of the sheet of data that hold something, those that a pivot fills among them"""
        filled = set()
        for place, cell in next(sheet for sheet in book["sheets"] if sheet["name"] == "Data")["cells"].items():
            column, row = place[0], int(place[1:])
            filled.add(place)
            if spilled := re.match(r"=PIVOT\(\d+, (\d+), FALSE, FALSE, (\d+), FALSE\)", cell):
                lines, columns = map(int, spilled.groups())
                for across in range(columns + 1):
                    filled |= {f"{chr(ord(column) + across)}{row + down}" for down in range(lines)}
        return filled

    def check_places(self, book, filled):
        """Each cell that a tile or a chart shows is filled; the corner over the labels is empty."""
        for sheet in book["sheets"]:
            for figure in sheet["figures"]:
                data = figure["data"]
                if data["type"] == "scorecard":
                    self.assertLessEqual({data[key].removeprefix("Data!") for key in ("keyValue", "baseline")}, filled)
                elif not data["type"].startswith("odoo_"):
                    for place in [one["dataRange"] for one in data["dataSets"]]:
                        first, last = place.removeprefix("Data!").split(":")
                        self.assertLessEqual({first, last}, filled)
                    corner, last = data["labelRange"].removeprefix("Data!").split(":")
                    self.assertIn(last, filled)
                    self.assertNotIn(corner, filled)

    def test_figures_do_not_overlap(self):
        for name, book in self.books.items():
            figures = [figure for sheet in book["sheets"] for figure in sheet["figures"]]
            for place, one in enumerate(figures):
                for other in figures[:place]:
                    apart = (
                        one["offset"]["x"] >= other["offset"]["x"] + other["width"]
                        or one["offset"]["y"] >= other["offset"]["y"] + other["height"]
                    )
                    self.assertTrue(apart, (name, one["data"]["title"], other["data"]["title"]))

    def test_who_may_read_the_report_may_open_them(self):
        """A sample is served instead of facts only to who may read the report: else it would be an error."""
        self.switch_on("revenue")
        for name, dashboard in self.dashboards.items():
            dashboard.spreadsheet_data = read(name)
        for user in (self.anna, self.head, self.director, self.persona("auditor")):
            for dashboard in self.dashboards.values():
                if dashboard.group_ids & user.all_group_ids:
                    self.assertTrue(dashboard.with_user(user)._get_serialized_readonly_dashboard())
                    for model in fields_in_spreadsheet(json.loads(dashboard.spreadsheet_data)):
                        self.assertTrue(self.env[model].with_user(user).has_access("read"), dashboard.name)
        hidden = self.dashboards["pipeline_forecast"].group_ids & self.anna.all_group_ids
        self.assertFalse(hidden, "forecasts are for heads")

    def check_chain(self, model, chain):
        """:return: the field at the end of a chain of names"""
        model = self.env[model]
        field = None
        for name in chain.split(":")[0].split("."):
            self.assertIn(name, model._fields, chain)
            field = model._fields[name]
            model = self.env[field.comodel_name] if field.comodel_name else model
        return field

    @staticmethod
    def model_of(source):
        return source.get("model") or source["metaData"]["resModel"]

    @staticmethod
    def sources(book):
        """Pivots, and charts that Odoo draws from records, with their matching."""
        yield from book["pivots"].values()
        for sheet in book["sheets"]:
            for figure in sheet["figures"]:
                if figure["data"]["type"].startswith("odoo_"):
                    yield figure["data"]


@tagged("post_install", "-at_install")
class TestDashboardsOpen(HttpCase, PlanCase):
    def test_each_opens_without_an_error(self):
        self.switch_on("revenue", "won_amount", "pipeline", "win_rate", "meetings", "active_customers")
        self.won("2025-06-10", 100, self.acme, self.anna)
        self.refresh()
        self.target("won_amount", 400, self.anna)
        self.director.group_ids |= self.env.ref("spreadsheet_dashboard.group_dashboard_manager")
        for name in NAMES:
            dashboard = self.env.ref(f"sdm_kpi.sdm_kpi_dashboard_{name}")
            dashboard.spreadsheet_data = read(name)
            self.start_tour(
                f"/odoo/dashboards?dashboard_id={dashboard.id}", "sdm_kpi_dashboard_tour", login=self.director.login
            )
