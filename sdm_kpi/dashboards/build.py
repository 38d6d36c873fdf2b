"""Write the dashboards of Odoo's dashboard app: ``python sdm_kpi/dashboards/build.py``.

Odoo Community has no editor for them, so they are described here and kept as JSON beside. Each has a sample with
constants, which Odoo shows as long as there are no facts. All read one report, by the rights of who looks.
"""

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "data" / "files"
REPORT = "sdm.kpi.report"
FORECAST = "sdm.kpi.forecast"
# by which filters a model can be matched
CHAINS = {
    REPORT: {"date", "employee_id", "head_id", "team_id", "segment_id", "category_id"},
    FORECAST: {"date", "head_id"},
}
VERSION = "18.5.10"
ROW = 23
WIDTHS = (230, 115, 115, 115, 115, 115, 115)
CHART_HEIGHT = 300
TITLE, HEADER, BODY, MEASURE = 1, 2, 3, 4
PLAIN = "#,##0.0"


def identify(*names: str) -> str:
    """An id that stays the same each time the files are written."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(("sdm_kpi", *names))))


@dataclass(frozen=True)
class Filter:
    """A filter at the top.

    :param chain: the field of the report that it is matched with; :param model: of a relation; empty: it is the month
    """

    label: str
    chain: str
    model: str = ""
    default: str = ""


MONTH = Filter("Period", "date", default="this_month")
PERSON = Filter("Person", "employee_id", "hr.employee")
GROUP = Filter("Group of", "head_id", "hr.employee")
TEAM = Filter("Sales team", "team_id", "crm.team")
SEGMENT = Filter("Segment", "segment_id", "sdm.segment")
CATEGORY = Filter("Product category", "category_id", "product.category")
FILTERS = (MONTH, PERSON, GROUP, TEAM, SEGMENT, CATEGORY)


@dataclass(frozen=True)
class Table:
    """Numbers in rows.

    :param rows: fields that they are grouped by; :param measures: fields of the report
    :param lines: how many rows it has room for; :param sample: first cells of the sample's rows
    :param by_period: whether the month filter counts
    """

    title: str
    domain: tuple
    rows: tuple[str, ...]
    measures: tuple[str, ...]
    lines: int
    sample: tuple[str, ...]
    model: str = REPORT
    by_period: bool = True

    @property
    def height(self) -> int:
        """In rows of the sheet, without its title."""
        return self.lines + 1


@dataclass(frozen=True)
class Chart:
    """A picture of one measure.

    :param mode: ``line``, ``bar`` or ``pie``; :param groupby: fields, dates with their granularity
    :param sample: labels of the sample
    """

    title: str
    domain: tuple
    groupby: tuple[str, ...]
    measure: str
    mode: str
    sample: tuple[str, ...]
    by_period: bool = False
    model: str = REPORT

    @property
    def height(self) -> int:
        """In rows of the sheet, without its title."""
        return -(-CHART_HEIGHT // ROW) + 1


@dataclass(frozen=True)
class Dashboard:
    """A dashboard: sections one under the other."""

    name: str
    sections: tuple
    filters: tuple[Filter, ...] = FILTERS


MONTHS = ("January", "February", "March", "April", "May", "June")
PEOPLE = ("Anna", "Boris", "Clara", "David")
KPIS = ("Revenue", "Active customers", "New customers", "Won deals", "Win rate", "Meetings")
JUDGED = ("target", "target_to_date", "value", "pace", "gap", "attainment")


def of(code: str) -> tuple:
    """The domain of a KPI."""
    return (("kpi_id.code", "=", code),)


def topic(name: str) -> tuple:
    """The domain of the KPI of a topic."""
    return (("kpi_id.topic", "=", name),)


DASHBOARDS = (
    Dashboard(
        "plan_fact",
        (
            Table("Plan and fact", (), ("kpi_id",), JUDGED, 14, KPIS),
            Table("Revenue by person", of("revenue"), ("employee_id",), JUDGED, 15, PEOPLE),
            Table("Revenue by group", of("revenue"), ("head_id",), JUDGED, 8, PEOPLE[:2]),
            Chart("Revenue by month", of("revenue"), ("date:month",), "value", "bar", MONTHS),
            Chart("Plan of revenue by month", of("revenue"), ("date:month",), "target", "bar", MONTHS),
            Chart(
                "Attainment of revenue by person", of("revenue"), ("employee_id",), "attainment", "bar", PEOPLE, True
            ),
        ),
    ),
    Dashboard(
        "pipeline_forecast",
        (
            Table("Deals", topic("funnel"), ("kpi_id",), ("value", "target", "attainment"), 10, KPIS[3:5]),
            Table("Pipeline by person", of("pipeline"), ("employee_id",), ("value",), 12, PEOPLE),
            Table("What heads expect", (), ("kpi_id", "head_id"), ("commit", "best"), 12, KPIS[3:4], model=FORECAST),
            Chart("Pipeline by month", of("pipeline"), ("date:month",), "value", "line", MONTHS),
            Chart("Won deals, amount by month", of("won_amount"), ("date:month",), "value", "bar", MONTHS),
            Chart("Win rate by month", of("win_rate"), ("date:month",), "value", "line", MONTHS),
        ),
    ),
    Dashboard(
        "segments",
        (
            Table(
                "Revenue by segment",
                of("revenue"),
                ("segment_id",),
                ("target", "value", "gap", "attainment"),
                10,
                tuple("ABC"),
            ),
            Table("Active customers by segment", of("active_customers"), ("segment_id",), ("value",), 10, tuple("ABC")),
            Table("Revenue by product category", of("revenue"), ("category_id",), ("value",), 12, ("Pumps", "Parts")),
            Chart("Parts of segments in revenue", of("revenue"), ("segment_id",), "value", "pie", tuple("ABC"), True),
            Chart("Revenue of segments by month", of("revenue"), ("date:month", "segment_id"), "value", "bar", MONTHS),
        ),
    ),
    Dashboard(
        "activity_coverage",
        (
            Table("Work and coverage", topic("effort"), ("kpi_id",), ("target", "value", "attainment"), 12, KPIS[5:]),
            Table("Customers", topic("customers"), ("kpi_id",), ("target", "value", "attainment"), 10, KPIS[1:3]),
            Table("Meetings by person", of("meetings"), ("employee_id",), ("target", "value", "pace"), 15, PEOPLE),
            Chart("Meetings by month", of("meetings"), ("date:month",), "value", "bar", MONTHS),
            Chart("Active customers by month", of("active_customers"), ("date:month",), "value", "line", MONTHS),
        ),
    ),
    Dashboard(
        "data_quality",
        (
            Table(
                "Results that nobody is credited with",
                (("employee_id", "=", False), ("is_target", "=", False)),
                ("kpi_id",),
                ("value",),
                12,
                KPIS[:3],
            ),
            Table(
                "Results of customers without a segment",
                (("segment_id", "=", False), ("is_target", "=", False)),
                ("kpi_id",),
                ("value",),
                12,
                KPIS[:3],
            ),
            Table(
                "Plans that no person has",
                (("employee_id", "=", False), ("is_target", "=", True)),
                ("kpi_id",),
                ("target",),
                12,
                KPIS[:3],
            ),
            Chart(
                "Revenue without a person by month",
                (("kpi_id.code", "=", "revenue"), ("employee_id", "=", False), ("is_target", "=", False)),
                ("date:month",),
                "value",
                "bar",
                MONTHS,
            ),
        ),
        (MONTH, TEAM, CATEGORY),
    ),
)


def build(dashboard: Dashboard) -> dict:
    """The spreadsheet of a dashboard."""
    book = _Book(dashboard)
    for section in dashboard.sections:
        book.add_title(section)
        book.add_chart(section) if isinstance(section, Chart) else book.add_table(section)
    return book.finish()


def build_sample(dashboard: Dashboard) -> dict:
    """The same with constants: what Odoo shows as long as there are no facts."""
    book = _Book(dashboard)
    for section in dashboard.sections:
        book.add_title(section, with_link=False)
        book.add_sample_chart(section) if isinstance(section, Chart) else book.add_sample_table(section)
    return book.finish(with_filters=False)


class _Book:
    """A spreadsheet that is written from top to bottom."""

    def __init__(self, dashboard: Dashboard):
        self.dashboard = dashboard
        self.row = 1
        self.cells, self.styles, self.formats, self.rows = {}, {}, {}, {}
        self.data_cells, self.data_row = {}, 1
        self.figures, self.pivots = [], {}

    def add_title(self, section, with_link: bool = True) -> None:
        text = f'=_t("{section.title}")'
        if with_link:
            text = f"[{section.title}](odoo://view/{json.dumps(self._get_view(section))})"
        self.cells[f"A{self.row}"] = text
        self.styles[f"A{self.row}"] = TITLE
        self.rows[str(self.row - 1)] = {"size": 40}
        self.row += 1

    def _get_view(self, section) -> dict:
        groupby = list(section.groupby if isinstance(section, Chart) else section.rows)
        measures = [section.measure] if isinstance(section, Chart) else list(section.measures)
        context = {
            "group_by": groupby,
            "pivot_measures": measures,
            "pivot_row_groupby": groupby,
            "pivot_column_groupby": [],
            "graph_measure": measures[0],
            "graph_groupbys": groupby,
        }
        return {
            "viewType": "pivot",
            "action": {
                "domain": [list(leaf) for leaf in section.domain],
                "context": context,
                "modelName": section.model,
                "views": [[False, "pivot"], [False, "graph"], [False, "list"], [False, "search"]],
            },
            "threshold": 0,
            "name": section.title,
        }

    def _match(self, section) -> dict:
        matching = {}
        for one in self.dashboard.filters:
            if one.chain not in CHAINS[section.model]:
                continue
            if one.model:
                matching[self._filter_id(one)] = {"chain": one.chain, "type": "many2one"}
            elif section.by_period:
                matching[self._filter_id(one)] = {"chain": one.chain, "type": "date", "offset": 0}
        return matching

    def _filter_id(self, one: Filter) -> str:
        return identify(self.dashboard.name, "filter", one.label)

    def add_table(self, table: Table) -> None:
        number = str(len(self.pivots) + 1)
        self.pivots[number] = {
            "type": "ODOO",
            "id": number,
            "formulaId": number,
            "name": table.title,
            "model": table.model,
            "domain": [list(leaf) for leaf in table.domain],
            "context": {},
            "measures": [{"id": name, "fieldName": name, "format": PLAIN} for name in table.measures],
            "rows": [{"fieldName": name} for name in table.rows],
            "columns": [],
            "fieldMatching": self._match(table),
        }
        self.cells[f"A{self.row}"] = f"=PIVOT({number}, {table.lines}, FALSE, FALSE)"
        self._style_table(table)
        self.row += table.height + 1

    def _style_table(self, table: Table) -> None:
        self.styles[f"A{self.row}"] = HEADER
        self.styles[f"B{self.row}:G{self.row}"] = MEASURE
        self.styles[f"A{self.row + 1}:G{self.row + table.lines}"] = BODY

    def add_chart(self, chart: Chart) -> None:
        definition = {
            "type": f"odoo_{chart.mode}",
            "title": {"text": ""},
            "background": "#FFFFFF",
            "legendPosition": "top" if len(chart.groupby) > 1 or chart.mode == "pie" else "none",
            "metaData": {
                "groupBy": list(chart.groupby),
                "measure": chart.measure,
                "order": None,
                "resModel": REPORT,
                "mode": chart.mode,
                "cumulatedStart": False,
            },
            "searchParams": {
                "comparison": None,
                "context": {},
                "domain": [list(leaf) for leaf in chart.domain],
                "groupBy": list(chart.groupby),
                "orderBy": [],
            },
            "dataSets": [{}],
            "verticalAxisPosition": "left",
            "stacked": len(chart.groupby) > 1,
            "cumulatedStart": False,
            "fieldMatching": self._match(chart),
        }
        self._add_figure(chart, definition)

    def _add_figure(self, chart: Chart, definition: dict) -> None:
        figure = identify(self.dashboard.name, "chart", chart.title)
        self.figures.append(
            {
                "id": figure,
                "tag": "chart",
                "col": 0,
                "row": self.row - 1,
                "offset": {"x": 0, "y": 5},
                "width": sum(WIDTHS),
                "height": CHART_HEIGHT,
                "data": {**definition, "chartId": figure},
            }
        )
        self.row += chart.height

    def add_sample_table(self, table: Table) -> None:
        for place, name in enumerate(table.measures, start=1):
            self.cells[f"{_letter(place)}{self.row}"] = f'=_t("{SAMPLE_TITLES[name]}")'
        for line, label in enumerate(table.sample, start=1):
            self.cells[f"A{self.row + line}"] = f'=_t("{label}")'
            for place, name in enumerate(table.measures, start=1):
                self.cells[f"{_letter(place)}{self.row + line}"] = str(SAMPLE_VALUES[name] * (1 + line % 3))
        self._style_table(table)
        self.row += table.height + 1

    def add_sample_chart(self, chart: Chart) -> None:
        first = self.data_row
        for line, label in enumerate(chart.sample):
            self.data_cells[f"A{first + line}"] = f'=_t("{label}")'
            self.data_cells[f"B{first + line}"] = str(SAMPLE_VALUES[chart.measure] * (2 + (line * 7) % 5))
        last = first + len(chart.sample) - 1
        self.data_row = last + 2
        definition = {
            "type": chart.mode,
            "title": {"text": ""},
            "background": "#FFFFFF",
            "legendPosition": "none",
            "dataSets": [{"dataRange": f"Data!B{first}:B{last}"}],
            "dataSetsHaveTitle": False,
            "labelRange": f"Data!A{first}:A{last}",
            "stacked": False,
            "aggregated": False,
        }
        self._add_figure(chart, definition)

    def finish(self, with_filters: bool = True) -> dict:
        sheets = [self._make_sheet("sheet1", "Dashboard", self.cells, self.row + 5)]
        if self.data_cells:
            data = self._make_sheet("sheet2", "Data", self.data_cells, self.data_row + 5)
            sheets.append(data | {"figures": [], "styles": {}, "rows": {}, "isVisible": False})
        return {
            "version": VERSION,
            "sheets": sheets,
            "styles": {
                str(TITLE): {"textColor": "#01666b", "bold": True, "fontSize": 16},
                str(HEADER): {"bold": True, "fontSize": 11, "textColor": "#434343"},
                str(MEASURE): {"bold": True, "textColor": "#434343", "align": "right"},
                str(BODY): {"textColor": "#434343", "verticalAlign": "middle"},
            },
            "formats": {},
            "borders": {},
            "revisionId": "START_REVISION",
            "uniqueFigureIds": True,
            "settings": {
                "locale": {
                    "name": "English (US)",
                    "code": "en_US",
                    "thousandsSeparator": ",",
                    "decimalSeparator": ".",
                    "dateFormat": "mm/dd/yyyy",
                    "timeFormat": "hh:mm:ss",
                    "formulaArgSeparator": ",",
                    "weekStart": 7,
                }
            },
            "pivots": self.pivots,
            "pivotNextId": len(self.pivots) + 1,
            "customTableStyles": {},
            "globalFilters": [self._make_filter(one) for one in self.dashboard.filters] if with_filters else [],
            "lists": {},
            "listNextId": 1,
            "chartOdooMenusReferences": {
                figure["id"]: "sdm_kpi.sdm_kpi_report_menu_plan" for figure in self.figures if with_filters
            },
        }

    def _make_sheet(self, key: str, name: str, cells: dict, rows: int) -> dict:
        return {
            "id": key,
            "name": name,
            "colNumber": len(WIDTHS),
            "rowNumber": rows,
            "rows": self.rows,
            "cols": {str(number): {"size": width} for number, width in enumerate(WIDTHS)},
            "merges": [],
            "cells": cells,
            "styles": self.styles,
            "formats": self.formats,
            "borders": {},
            "conditionalFormats": [],
            "dataValidationRules": [],
            "figures": self.figures,
            "tables": [],
            "areGridLinesVisible": False,
            "isVisible": True,
            "headerGroups": {"ROW": [], "COL": []},
            "comments": {},
        }

    def _make_filter(self, one: Filter) -> dict:
        if one.model:
            return {"id": self._filter_id(one), "type": "relation", "label": one.label, "modelName": one.model}
        return {"id": self._filter_id(one), "type": "date", "label": one.label, "defaultValue": one.default}


SAMPLE_TITLES = {
    "target": "Plan",
    "target_to_date": "Plan to date",
    "value": "Fact",
    "gap": "Fact less plan",
    "attainment": "Attainment, %",
    "pace": "Pace, %",
    "commit": "Commit",
    "best": "Best case",
}
SAMPLE_VALUES = {
    "target": 1200,
    "target_to_date": 800,
    "value": 760,
    "gap": -440,
    "attainment": 63,
    "pace": 95,
    "commit": 900,
    "best": 1100,
}


def _letter(place: int) -> str:
    return "ABCDEFG"[place]


def files() -> Iterable[tuple[Path, str]]:
    """The files and what belongs in them."""
    for dashboard in DASHBOARDS:
        for ending, data in (("", build(dashboard)), ("_sample", build_sample(dashboard))):
            text = json.dumps(data, sort_keys=True, indent=1, ensure_ascii=False) + "\n"
            yield FOLDER / f"{dashboard.name}{ending}_dashboard.json", text


def main() -> None:
    """Write the files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, text in files():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
