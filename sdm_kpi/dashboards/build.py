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
MENU = "sdm_kpi.sdm_kpi_report_menu_plan"
# by which filters a model can be matched
CHAINS = {
    REPORT: {"date", "employee_id", "head_id", "team_id", "segment_id", "category_id"},
    FORECAST: {"date", "head_id"},
}
VERSION = "18.5.10"
LETTERS = "ABCDEFGH"
WIDTHS = (268, *[112] * 7)
ROW, TITLE_ROW, HEADER_ROW = 23, 40, 38
SPACE = 16
TILE_HEIGHT, CHART_HEIGHT = 106, 300
TITLE, LABEL, HEADER, BODY = 1, 2, 3, 4
HEADER_LINE = 1
WHOLE, MIXED, PERCENT = "#,##0", "#,##0.0", '0.0"%"'
GOOD, BAD = "#00A04A", "#DC6965"
# of the bars behind a share of the plan: 0xCFE8E6
BAR_COLOR = 13625574
MONTHS_SHOWN = 12


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
class Tile:
    """One number at the top, beside what it is compared with.

    :param code: of the KPI; :param measure: what is shown; :param form: of the number
    :param against: a measure beside it, or PREVIOUS: the same number of the period before
    :param words: what the comparison is called; :param is_text: the other number as it is, no difference
    :param is_down: less is better; :param is_money: large, so that thousands are told by a letter
    """

    title: str
    code: str
    against: str
    words: str
    measure: str = "value"
    form: str = WHOLE
    is_text: bool = False
    is_down: bool = False
    is_money: bool = False


@dataclass(frozen=True)
class Tiles:
    """Tiles side by side."""

    tiles: tuple[Tile, ...]


@dataclass(frozen=True)
class Table:
    """Numbers in rows.

    :param rows: fields that they are grouped by; :param measures: fields of the report
    :param lines: how many rows it has room for; :param sample: first cells of the sample's rows
    :param by_period: whether the month filter counts; :param form: of amounts
    """

    title: str
    domain: tuple
    rows: tuple[str, ...]
    measures: tuple[str, ...]
    lines: int
    sample: tuple[str, ...]
    model: str = REPORT
    by_period: bool = True
    form: str = WHOLE


@dataclass(frozen=True)
class Chart:
    """A picture of a table that is not shown: bars, with what they are measured by as a line.

    :param rows: the field it is grouped by, a date with its granularity; of months the last twelve are shown
    :param measures: the first as bars, the second as a line; :param mode: ``bar``, ``line`` or ``pie``
    :param lines: how many of them at most; :param sample: labels of the sample
    :param series: a field whose values are shown as parts of each bar
    """

    title: str
    domain: tuple
    rows: str
    measures: tuple[str, ...]
    sample: tuple[str, ...]
    mode: str = "bar"
    lines: int = MONTHS_SHOWN
    series: str = ""
    model: str = REPORT

    @property
    def is_of_months(self) -> bool:
        """Whether it shows a course, which the month chosen at the top does not change."""
        return self.rows == "date:month"

    by_period = property(lambda self: not self.is_of_months)


@dataclass(frozen=True)
class Charts:
    """One chart, or two side by side."""

    charts: tuple[Chart, ...]


@dataclass(frozen=True)
class Dashboard:
    """A dashboard: sections one under the other; what is of the same height each time comes first."""

    name: str
    sections: tuple
    filters: tuple[Filter, ...] = FILTERS


PREVIOUS = "previous"
MONTHS = ("January", "February", "March", "April", "May", "June")
PEOPLE = ("Anna", "Boris", "Clara", "David")
KPIS = ("Revenue", "Active customers", "New customers", "Won deals", "Win rate", "Meetings")
CLASSES = tuple("ABC")
JUDGED = ("target", "target_to_date", "value", "pace", "gap", "attainment")


def of(code: str) -> tuple:
    """The domain of a KPI."""
    return (("kpi_id.code", "=", code),)


def topic(name: str) -> tuple:
    """The domain of the KPI of a topic."""
    return (("kpi_id.topic", "=", name),)


def split_by(field: str) -> tuple:
    """The domain of all facts, and of plans that are split by a field; others would stand beside under None."""
    return ("|", ("is_target", "=", False), (field, "!=", False))


def since_last(title: str, code: str, form: str = WHOLE, is_down: bool = False, is_money: bool = False) -> Tile:
    """A number beside that of the period before."""
    return Tile(title, code, PREVIOUS, "vs previous", form=form, is_down=is_down, is_money=is_money)


DASHBOARDS = (
    Dashboard(
        "plan_fact",
        (
            Tiles(
                (
                    Tile("Revenue", "revenue", "target_to_date", "vs plan", is_money=True),
                    Tile("Attainment", "revenue", "target", "plan", "attainment", PERCENT, is_text=True),
                    since_last("Active customers", "active_customers"),
                    since_last("Average order", "average_order", is_money=True),
                    since_last("Win rate", "win_rate", PERCENT),
                )
            ),
            Charts(
                (
                    Chart("Revenue and plan by month", of("revenue"), "date:month", ("value", "target"), MONTHS),
                    Chart("Revenue and plan by person", of("revenue"), "employee_id", ("value", "target"), PEOPLE),
                )
            ),
            Table("Plan and fact", (), ("kpi_id",), JUDGED, 14, KPIS, form=MIXED),
            Table("Revenue by group", of("revenue"), ("head_id",), JUDGED, 8, PEOPLE[:2]),
            Table("Revenue by person", of("revenue"), ("employee_id",), JUDGED, 60, PEOPLE),
        ),
    ),
    Dashboard(
        "pipeline_forecast",
        (
            Tiles(
                (
                    since_last("Pipeline", "pipeline", is_money=True),
                    since_last("Weighted pipeline", "weighted_pipeline", is_money=True),
                    since_last("Won deals", "won_amount", is_money=True),
                    since_last("Win rate", "win_rate", PERCENT),
                    since_last("Stalled deals", "stalled_share", PERCENT, is_down=True),
                )
            ),
            Charts(
                (
                    Chart("Pipeline by month", of("pipeline"), "date:month", ("value",), MONTHS, "line"),
                    Chart("Pipeline by person", of("pipeline"), "employee_id", ("value",), PEOPLE),
                )
            ),
            Charts(
                (
                    Chart("Won deals by month", of("won_amount"), "date:month", ("value", "target"), MONTHS),
                    Chart("Win rate by month", of("win_rate"), "date:month", ("value",), MONTHS, "line"),
                )
            ),
            Table("Deals", topic("funnel"), ("kpi_id",), ("value", "target", "attainment"), 12, KPIS[3:5], form=MIXED),
            Table("What heads expect", (), ("kpi_id", "head_id"), ("commit", "best"), 20, KPIS[3:4], model=FORECAST),
        ),
    ),
    Dashboard(
        "segments",
        (
            Tiles(
                (
                    since_last("Revenue", "revenue", is_money=True),
                    since_last("Active customers", "active_customers"),
                    since_last("New customers", "new_customers"),
                    since_last("Average order", "average_order", is_money=True),
                )
            ),
            Charts(
                (
                    Chart("Parts of segments in revenue", of("revenue"), "segment_id", ("value",), CLASSES, "pie"),
                    Chart(
                        "Revenue of segments by month",
                        of("revenue"),
                        "date:month",
                        ("value",),
                        MONTHS,
                        series="segment_id",
                    ),
                )
            ),
            Table(
                "Revenue by segment",
                (*of("revenue"), *split_by("segment_id")),
                ("segment_id",),
                ("target", "value", "gap", "attainment"),
                8,
                CLASSES,
            ),
            Table("Active customers by segment", of("active_customers"), ("segment_id",), ("value",), 8, CLASSES),
            Table(
                "Revenue by product category",
                (*of("revenue"), *split_by("category_id")),
                ("category_id",),
                ("target", "value", "gap", "attainment"),
                20,
                ("Pumps", "Parts"),
            ),
        ),
    ),
    Dashboard(
        "activity_coverage",
        (
            Tiles(
                (
                    since_last("Meetings", "meetings"),
                    since_last("Calls", "calls"),
                    since_last("Coverage", "coverage", PERCENT),
                    since_last("Active customers", "active_customers"),
                    since_last("Revenue per working day", "revenue_per_day", is_money=True),
                )
            ),
            Charts(
                (
                    Chart("Meetings by month", of("meetings"), "date:month", ("value", "target"), MONTHS),
                    Chart("Meetings by person", of("meetings"), "employee_id", ("value", "target"), PEOPLE),
                )
            ),
            Charts(
                (
                    Chart("Coverage by month", of("coverage"), "date:month", ("value",), MONTHS, "line"),
                    Chart("Active customers by month", of("active_customers"), "date:month", ("value",), MONTHS),
                )
            ),
            Table(
                "Work and coverage",
                topic("effort"),
                ("kpi_id",),
                ("target", "value", "attainment"),
                14,
                KPIS[5:],
                form=MIXED,
            ),
            Table(
                "Customers",
                topic("customers"),
                ("kpi_id",),
                ("target", "value", "attainment"),
                10,
                KPIS[1:3],
                form=MIXED,
            ),
        ),
    ),
    Dashboard(
        "data_quality",
        (
            Charts(
                (
                    Chart(
                        "Revenue without a person by month",
                        (*of("revenue"), ("employee_id", "=", False), ("is_target", "=", False)),
                        "date:month",
                        ("value",),
                        MONTHS,
                    ),
                    Chart(
                        "Revenue without a segment by month",
                        (*of("revenue"), ("segment_id", "=", False), ("is_target", "=", False)),
                        "date:month",
                        ("value",),
                        MONTHS,
                    ),
                )
            ),
            Table(
                "Results that nobody is credited with",
                (("employee_id", "=", False), ("is_target", "=", False)),
                ("kpi_id",),
                ("value",),
                10,
                KPIS[:3],
                form=MIXED,
            ),
            Table(
                "Results of customers without a segment",
                (("segment_id", "=", False), ("is_target", "=", False)),
                ("kpi_id",),
                ("value",),
                10,
                KPIS[:3],
                form=MIXED,
            ),
            Table(
                "Plans that no person has",
                (("employee_id", "=", False), ("is_target", "=", True)),
                ("kpi_id",),
                ("target",),
                10,
                KPIS[:3],
                form=MIXED,
            ),
        ),
        (MONTH, TEAM, CATEGORY),
    ),
)


def build(dashboard: Dashboard) -> dict:
    """The spreadsheet of a dashboard."""
    return _Book(dashboard).compose()


def build_sample(dashboard: Dashboard) -> dict:
    """The same with constants: what Odoo shows as long as there are no facts."""
    return _SampleBook(dashboard).compose()


class _Book:
    """A spreadsheet that is written from top to bottom; what charts and tiles show stands on a sheet of its own."""

    def __init__(self, dashboard: Dashboard):
        self.dashboard = dashboard
        self.row, self.data_row, self.top = 1, 1, 0
        self.cells, self.styles, self.rows, self.borders, self.bars = {}, {}, {}, {}, []
        self.data_cells = {}
        self.figures, self.pivots = [], {}

    def compose(self) -> dict:
        """The whole of it, as the JSON of a dashboard."""
        add = {Tiles: self.add_tiles, Charts: self.add_charts, Table: self.add_table}
        for section in self.dashboard.sections:
            add[type(section)](section)
        return self._finish()

    def add_tiles(self, section: Tiles) -> None:
        width = (sum(WIDTHS) - SPACE * (len(section.tiles) - 1)) // len(section.tiles)
        for place, tile in enumerate(section.tiles):
            row = self._take_data_rows(1)
            self._write_tile(tile, row)
            mode = "text" if tile.is_text else "percentage"
            definition = {
                "type": "scorecard",
                "title": {"text": tile.title, "bold": True, "color": "#434343"},
                "background": "#EFF6FF",
                "keyValue": f"Data!A{row}",
                "baseline": f"Data!B{row}",
                "baselineMode": mode,
                "baselineDescr": {"text": tile.words},
                "baselineColorUp": BAD if tile.is_down else GOOD,
                "baselineColorDown": GOOD if tile.is_down else BAD,
                "humanize": tile.is_money,
            }
            self._add_figure(tile.title, definition, place * (width + SPACE), width, TILE_HEIGHT)
        self._skip(TILE_HEIGHT + SPACE)

    def add_charts(self, section: Charts) -> None:
        count = len(section.charts)
        width = (sum(WIDTHS) - SPACE * (count - 1)) // count
        for place, chart in enumerate(section.charts):
            self._add_figure(chart.title, self._draw(chart), place * (width + SPACE), width, CHART_HEIGHT)
        self._skip(CHART_HEIGHT + SPACE)

    def add_table(self, table: Table) -> None:
        self.cells[f"A{self.row}"] = self._get_title(table)
        self.styles[f"A{self.row}"] = TITLE
        self._next_row(TITLE_ROW)
        last = LETTERS[len(table.measures)]
        for place, name in enumerate(table.measures, start=1):
            self.cells[f"{LETTERS[place]}{self.row}"] = f'=_t("{TITLES[name]}")'
        self.styles[f"A{self.row}"] = LABEL
        self.styles[f"B{self.row}:{last}{self.row}"] = HEADER
        self.borders[f"A{self.row}:{last}{self.row}"] = HEADER_LINE
        self._next_row(HEADER_ROW)
        self._write_rows(table)
        end = self.row + table.lines - 1
        self.styles[f"A{self.row}:{last}{end}"] = BODY
        for place, name in enumerate(table.measures, start=1):
            if name in ("pace", "attainment"):
                self.bars.append(f"{LETTERS[place]}{self.row}:{LETTERS[place]}{end}")
        for _line in range(table.lines + 1):
            self._next_row(ROW)

    # -- what is different in a sample --------------------------------------------------------------------------------

    def _get_title(self, table: Table) -> str:
        return f"[{table.title}](odoo://view/{json.dumps(self._get_view(table))})"

    def _write_tile(self, tile: Tile, row: int) -> None:
        name, offset = (tile.measure, -1) if tile.against == PREVIOUS else (tile.against, 0)
        domain = _list(of(tile.code))
        own = self._add_pivot(tile.title, REPORT, domain, (), (tile.measure,), tile.form)
        other = self._add_pivot(tile.title, REPORT, domain, (), (name,), tile.form, offset=offset)
        if tile.is_text:
            self.pivots[other]["measures"][0]["format"] = WHOLE
        self.data_cells[f"B{row}"] = f'=PIVOT.VALUE({other},"{name}")'
        self.data_cells[f"C{row}"] = f'=PIVOT.VALUE({own},"{tile.measure}")'
        # nothing counted where there was something before is none; a share of nothing is no number
        nothing = '"–"' if tile.form == PERCENT else f'IF(B{row}="","–",0)'
        self.data_cells[f"A{row}"] = f'=IF(C{row}="",{nothing},C{row})'

    def _write_rows(self, table: Table) -> None:
        number = self._add_pivot(
            table.title, table.model, _list(table.domain), table.rows, table.measures, table.form, table.by_period
        )
        self.cells[f"A{self.row}"] = f"=PIVOT({number}, {table.lines}, FALSE, FALSE, {len(table.measures)}, FALSE)"

    def _draw(self, chart: Chart) -> dict:
        if chart.series:
            return self._draw_parts(chart)
        first = self._take_data_rows(chart.lines + 1)
        number = self._add_pivot(
            chart.title,
            chart.model,
            self._get_domain(chart),
            (chart.rows,),
            chart.measures,
            WHOLE,
            chart.by_period,
            is_sorted=not chart.is_of_months,
        )
        self._write_chart_titles(chart, first)
        self.data_cells[f"A{first + 1}"] = (
            f"=PIVOT({number}, {chart.lines}, FALSE, FALSE, {len(chart.measures)}, FALSE)"
        )
        return self._draw_cells(chart, first, first + chart.lines)

    # -- the same in both ---------------------------------------------------------------------------------------------

    def _write_chart_titles(self, chart: Chart, row: int) -> None:
        for place, name in enumerate(chart.measures, start=1):
            self.data_cells[f"{LETTERS[place]}{row}"] = f'=_t("{TITLES[name]}")'

    def _draw_cells(self, chart: Chart, first: int, last: int) -> dict:
        """The definition of a chart of cells: a line of titles, then the numbers."""
        count = len(chart.measures)
        data_sets = [
            {"dataRange": f"Data!{LETTERS[place]}{first}:{LETTERS[place]}{last}"} for place in range(1, count + 1)
        ]
        if count > 1:
            data_sets[0]["type"], data_sets[1]["type"] = "bar", "line" if chart.is_of_months else "bar"
        return {
            "type": "combo" if count > 1 else chart.mode,
            "title": {"text": chart.title, "bold": True, "color": "#01666b", "fontSize": 14},
            "background": "#FFFFFF",
            "legendPosition": "top" if count > 1 or chart.mode == "pie" else "none",
            "dataSets": data_sets,
            "dataSetsHaveTitle": True,
            "labelRange": f"Data!A{first}:A{last}",
            "labelsAsText": True,
            "stacked": False,
            "aggregated": False,
            "humanize": True,
        }

    def _draw_parts(self, chart: Chart) -> dict:
        """The definition of a chart that Odoo draws itself: which parts there are is known to the data only."""
        groupby = [chart.rows, chart.series]
        return {
            "type": f"odoo_{chart.mode}",
            "title": {"text": chart.title, "bold": True, "color": "#01666b", "fontSize": 14},
            "background": "#FFFFFF",
            "legendPosition": "top",
            "metaData": {
                "groupBy": groupby,
                "measure": chart.measures[0],
                "order": None,
                "resModel": chart.model,
                "mode": chart.mode,
                "cumulatedStart": False,
            },
            "searchParams": {
                "comparison": None,
                "context": {},
                "domain": self._get_domain(chart),
                "groupBy": groupby,
                "orderBy": [],
            },
            "dataSets": [{}],
            "verticalAxisPosition": "left",
            "stacked": True,
            "cumulatedStart": False,
            "humanize": True,
            "fieldMatching": self._match(chart.model, chart.by_period),
        }

    def _get_domain(self, chart: Chart) -> list | str:
        """The domain of a chart; of a course of months it is text, since it moves with the day."""
        if not chart.is_of_months:
            return _list(chart.domain)
        first = f"(context_today() + relativedelta(months={1 - MONTHS_SHOWN}, day=1)).strftime('%Y-%m-%d')"
        last = "context_today().strftime('%Y-%m-%d')"
        leaves = ", ".join(repr(leaf) for leaf in chart.domain)
        return f"[{leaves}, ('date', '>=', {first}), ('date', '<=', {last})]"

    def _get_view(self, table: Table) -> dict:
        """The records of a table, as its title opens them."""
        context = {
            "group_by": list(table.rows),
            "pivot_measures": list(table.measures),
            "pivot_row_groupby": list(table.rows),
            "pivot_column_groupby": [],
            "graph_measure": table.measures[0],
            "graph_groupbys": list(table.rows),
        }
        return {
            "viewType": "pivot",
            "action": {
                "domain": _list(table.domain),
                "context": context,
                "modelName": table.model,
                "views": [[False, "pivot"], [False, "graph"], [False, "list"], [False, "search"]],
            },
            "threshold": 0,
            "name": table.title,
        }

    def _add_pivot(
        self,
        title: str,
        model: str,
        domain: list | str,
        rows: tuple[str, ...],
        measures: tuple[str, ...],
        form: str,
        by_period: bool = True,
        offset: int = 0,
        is_sorted: bool = False,
    ) -> str:
        number = str(len(self.pivots) + 1)
        fields = (name.partition(":") for name in rows)
        self.pivots[number] = {
            "type": "ODOO",
            "id": number,
            "formulaId": number,
            "name": title,
            "model": model,
            "domain": domain,
            "context": {},
            "measures": [
                {"id": name, "fieldName": name, "format": PERCENT if name in ("pace", "attainment") else form}
                for name in measures
            ],
            "rows": [
                {"fieldName": name, "granularity": granularity} if granularity else {"fieldName": name}
                for name, _colon, granularity in fields
            ],
            "columns": [],
            "sortedColumn": {"measure": measures[0], "order": "desc", "domain": []} if is_sorted else None,
            "fieldMatching": self._match(model, by_period, offset),
        }
        return number

    def _match(self, model: str, by_period: bool, offset: int = 0) -> dict:
        matching = {}
        for one in self.dashboard.filters:
            if one.chain not in CHAINS[model]:
                continue
            if one.model:
                matching[self._filter_id(one)] = {"chain": one.chain, "type": "many2one"}
            elif by_period:
                matching[self._filter_id(one)] = {"chain": one.chain, "type": "date", "offset": offset}
        return matching

    def _filter_id(self, one: Filter) -> str:
        return identify(self.dashboard.name, "filter", one.label)

    def _add_figure(self, name: str, definition: dict, left: int, width: int, height: int) -> None:
        figure = identify(self.dashboard.name, "chart", name, definition["type"])
        self.figures.append(
            {
                "id": figure,
                "tag": "chart",
                "col": 0,
                "row": 0,
                "offset": {"x": left, "y": self.top + SPACE // 2},
                "width": width,
                "height": height,
                "data": {**definition, "chartId": figure},
            }
        )

    def _take_data_rows(self, count: int) -> int:
        first = self.data_row
        self.data_row += count + 1
        return first

    def _next_row(self, size: int) -> None:
        if size != ROW:
            self.rows[str(self.row - 1)] = {"size": size}
        self.top += size
        self.row += 1

    def _skip(self, height: int) -> None:
        """Leave room for figures."""
        for _row in range(-(-height // ROW)):
            self._next_row(ROW)

    def _finish(self) -> dict:
        sheets = [
            self._make_sheet("sheet1", "Dashboard", self.cells, self.row + 2),
            self._make_sheet("sheet2", "Data", self.data_cells, self.data_row + 2)
            | {"figures": [], "styles": {}, "borders": {}, "rows": {}, "conditionalFormats": [], "isVisible": False},
        ]
        filters = self._get_filters()
        return {
            "version": VERSION,
            "sheets": sheets,
            "styles": {
                str(TITLE): {"textColor": "#01666b", "bold": True, "fontSize": 14, "verticalAlign": "bottom"},
                str(LABEL): {"bold": True, "textColor": "#434343", "verticalAlign": "bottom"},
                str(HEADER): {
                    "bold": True,
                    "textColor": "#434343",
                    "align": "right",
                    "verticalAlign": "bottom",
                    "wrapping": "wrap",
                },
                str(BODY): {"textColor": "#434343", "verticalAlign": "middle"},
            },
            "formats": {},
            "borders": {str(HEADER_LINE): {"bottom": {"style": "thin", "color": "#9ca3af"}}},
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
            "globalFilters": filters,
            "lists": {},
            "listNextId": 1,
            "chartOdooMenusReferences": {figure["id"]: MENU for figure in self.figures if filters},
        }

    def _get_filters(self) -> list[dict]:
        return [self._make_filter(one) for one in self.dashboard.filters]

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
            "formats": {},
            "borders": self.borders,
            "conditionalFormats": [
                {
                    "id": identify(self.dashboard.name, "bar", place),
                    "rule": {"type": "DataBarRule", "color": BAR_COLOR},
                    "ranges": [place],
                }
                for place in self.bars
            ],
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


class _SampleBook(_Book):
    """The same spreadsheet with constants instead of pivots."""

    def _get_title(self, table: Table) -> str:
        return f'=_t("{table.title}")'

    def _write_tile(self, tile: Tile, row: int) -> None:
        self.data_cells[f"A{row}"] = str(SAMPLE_VALUES[tile.measure])
        self.data_cells[f"B{row}"] = str(SAMPLE_VALUES["target_to_date" if tile.against == PREVIOUS else tile.against])

    def _write_rows(self, table: Table) -> None:
        for line, label in enumerate(table.sample):
            self.cells[f"A{self.row + line}"] = f'=_t("{label}")'
            for place, name in enumerate(table.measures, start=1):
                self.cells[f"{LETTERS[place]}{self.row + line}"] = str(SAMPLE_VALUES[name] * (1 + line % 3))

    def _draw(self, chart: Chart) -> dict:
        first = self._take_data_rows(len(chart.sample) + 1)
        self._write_chart_titles(chart, first)
        for line, label in enumerate(chart.sample, start=1):
            self.data_cells[f"A{first + line}"] = f'=_t("{label}")'
            for place, name in enumerate(chart.measures, start=1):
                value = SAMPLE_VALUES[name] * (2 + (line * 7) % 5)
                self.data_cells[f"{LETTERS[place]}{first + line}"] = str(value)
        return self._draw_cells(chart, first, first + len(chart.sample))

    def _get_filters(self) -> list[dict]:
        return []


TITLES = {
    "target": "Plan",
    "target_to_date": "Plan to date",
    "value": "Fact",
    "gap": "Fact less plan",
    "attainment": "Attainment",
    "pace": "Pace",
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


def _list(domain: tuple) -> list:
    return [list(leaf) if isinstance(leaf, tuple) else leaf for leaf in domain]


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
