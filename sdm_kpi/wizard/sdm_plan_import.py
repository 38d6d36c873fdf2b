import base64
import csv
import io
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import get_lang
from odoo.tools.misc import babel_locale_parse

from ..engine import periods
from ..engine.plan import numbers, sheet
from ..models.plan.sdm_plan_layout import COLUMNS
from ..models.plan.sdm_plan_version_grid import DIGITS
from ..models.plan.sdm_plan_version_sheet import WRITTEN

SHOWN = 200
MOST_PROBLEMS = 50
MOST_ROWS = 20000
ENOUGH_TO_GUESS = 200
LAYOUT = ("header_row", "kpi_id", "month_column", "value_column", "skipped", *COLUMNS.values())
MONTH_LANGUAGES = ("en", "ru")
MONTH_WIDTHS = ("wide", "abbreviated")


class SdmPlanImport(models.TransientModel):
    """Read a sheet of targets into a draft, after a look at what differs; all of it or nothing."""

    _name = "sdm.plan.import"
    _description = "Import of Targets"
    _inherit = ["sdm.plan.layout"]

    version_id = fields.Many2one("sdm.plan.version", required=True, ondelete="cascade")
    file = fields.Binary(required=True)
    filename = fields.Char()
    is_own = fields.Boolean(compute="_compute_is_own")
    profile_id = fields.Many2one("sdm.plan.profile", help="A layout that was kept before.", ondelete="set null")
    profile_name = fields.Char("Keep the layout as", help="To read the same kind of sheet again.")
    preview = fields.Html(compute="_compute_preview", sanitize=False)
    is_ready = fields.Boolean(compute="_compute_preview")

    @api.depends("file")
    def _compute_is_own(self):
        for wizard in self:
            rows = wizard._peek_file(sheet.MOST_HEADER_ROWS)
            wizard.is_own = not rows or sheet.version_of(rows) is not None

    @api.onchange("file")
    def _onchange_file(self):
        """Guess where the sheet has what."""
        rows = self._peek_file(ENOUGH_TO_GUESS)
        if rows and sheet.version_of(rows) is None and not self.profile_id:
            layout = sheet.find_layout(rows, self._get_months(), frozenset(self._get_people()))
            if layout:
                self.header_row = layout.header_row
                self.who_column = sheet.letters_of(layout.columns["who"])

    @api.onchange("profile_id")
    def _onchange_profile_id(self):
        if self.profile_id:
            self.update({name: self.profile_id[name] for name in LAYOUT})
            self.profile_name = self.profile_id.name

    @api.depends("version_id", "file", *LAYOUT)
    @api.depends_context("lang")
    def _compute_preview(self):
        for wizard in self:
            wizard.is_ready = False
            wizard.preview = False
            if not wizard.file:
                continue
            changes, problems = wizard._parse()
            wizard.is_ready = bool(changes) and not problems
            wizard.preview = self.env["ir.qweb"]._render(
                "sdm_kpi.sdm_plan_import_preview",
                {
                    "problems": problems[:MOST_PROBLEMS],
                    "more_problems": max(len(problems) - MOST_PROBLEMS, 0),
                    "rows": [wizard._prepare_row(change) for change in changes[:SHOWN]],
                    "count": len(changes),
                    "more": max(len(changes) - SHOWN, 0),
                },
            )

    # -- the file -----------------------------------------------------------------------------------------------------

    def _read_file(self, most=MOST_ROWS):
        """The rows of the sheet and of the hidden one of our own workbooks.

        :param most: how many rows are read; :raise UserError: the workbook cannot be read
        """
        content = base64.b64decode(self.with_context(bin_size=False).file or b"")
        if content[:2] != b"PK":
            return self._read_text(content), []
        Table = self.env["sdm.table.mixin"]
        book = Table._open_workbook(content)
        shown = [one for one in book.worksheets if one.title != WRITTEN and one.sheet_state == "visible"]
        written = [one for one in book.worksheets if one.title == WRITTEN]
        return tuple(list(Table._iter_rows(pages[0], most)) if pages else [] for pages in (shown, written))

    def _peek_file(self, most):
        """The first rows of the sheet, none where it cannot be read: that is told when all of it is read."""
        try:
            return self._read_file(most)[0]
        except UserError:
            return []

    @api.model
    def _read_text(self, content):
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            # as Excel saves CSV under Windows
            text = content.decode("cp1251", errors="replace")
        first = text.partition("\n")[0]
        separator = max(";\t,", key=first.count)
        return list(csv.reader(io.StringIO(text), delimiter=separator)) if text.strip() else []

    def _get_language(self):
        lang = get_lang(self.env)
        return numbers.Language(lang.decimal_point, (lang.thousands_sep or "").replace("\xa0", " "))

    def _get_months(self):
        """How months are called in English, Russian and the language of the user."""
        names = {}
        locales = [babel_locale_parse(code) for code in (*MONTH_LANGUAGES, get_lang(self.env).code)]
        for locale in locales:
            for form in ("format", "stand-alone"):
                for width in MONTH_WIDTHS:
                    for number, name in locale.months[form][width].items():
                        names[name.lower().strip(".")] = number
                        # "sept." and "нояб." are cut at three letters as well
                        names.setdefault(name.lower()[:3], number)
        return sheet.Months(names, self.version_id.plan_id._get_months())

    # -- whose the numbers are ----------------------------------------------------------------------------------------

    def _get_people(self):
        """The employees of the perimeter by name, e-mail and login in small letters: {text: ids}."""
        companies = self.version_id.perimeter_id._get_companies()
        found = defaultdict(set)
        for employee in self.env["hr.employee"].sudo().search([("company_id", "in", companies.ids)]):
            for text in (employee.name, employee.work_email, employee.user_id.login):
                if text:
                    found[sheet.normal(text)].add(employee.id)
        return found

    def _get_by_name(self, model, *fields_):
        """Records by what they are called, in small letters: {text: ids}."""
        found = defaultdict(set)
        for record in self.env[model].search([("name", "!=", False)]):
            for text in (record.display_name, *(record[name] for name in fields_)):
                found[sheet.normal(text)].add(record.id)
        return found

    def _name_all(self, model, ids):
        return ", ".join(sorted(self.env[model].sudo().browse(ids).mapped("display_name")))

    # -- what differs -------------------------------------------------------------------------------------------------

    def _parse(self):
        """What the sheet changes.

        :return: (changes for ``set_cells`` with the ``address`` of the cell, list of problems in words)
        """
        self.ensure_one()
        try:
            rows, written = self._read_file()
        except UserError as error:
            return [], [error.args[0]]
        if not rows:
            return [], [self.env._("The file cannot be read. Choose an XLSX workbook or a CSV file.")]
        if len(rows) >= MOST_ROWS:
            return [], [self.env._("The sheet has more than %(count)s rows. Take out empty ones.", count=MOST_ROWS - 1)]
        own = sheet.version_of(rows)
        if own is not None and own != self.version_id.id:
            other = self.env["sdm.plan.version"].browse(own).exists()
            name = other.display_name if other and other.has_access("read") else own
            return [], [
                self.env._(
                    "The sheet was written from another version: %(other)s. Open that version, or export this one.",
                    other=name,
                )
            ]
        try:
            return self._parse_own(rows, written) if own is not None else self._parse_foreign(rows)
        except ValidationError as error:
            return [], [str(error)]

    def _parse_own(self, rows, written):
        percents = self._get_percents()
        readings, problems = sheet.read_own(
            rows, written, self.version_id.plan_id._get_months(), self._get_language(), percents
        )
        told = [self._tell_problem(problem) for problem in problems]
        present = self._get_present()
        wanted = []
        for reading in readings:
            now = present.get((reading.whose, reading.month))
            if _is_same(reading.value, reading.before) or _is_same(reading.value, now and now["value"]):
                # not touched in the sheet, or the same already
                continue
            if not _is_same(reading.before, now and now["value"]):
                told.append(self._tell_changed(reading, now))
            else:
                wanted.append((reading.address, reading.whose, reading.month, reading.value, now))
        return self._check(wanted, told)

    def _parse_foreign(self, rows):
        layout = self._prepare_layout()
        if "kpi" not in layout.columns and not self.kpi_id:
            return [], [self.env._("Say of which KPI the numbers are: choose the KPI, or enter the column of KPI.")]
        is_percent = self.kpi_id.unit == "percent"
        readings, problems = sheet.read_layout(rows, layout, self._get_months(), self._get_language(), is_percent)
        told = [self._tell_problem(problem) for problem in problems]
        keys, refused = self._find_keys({reading.whose for reading in readings})
        named = set()
        for reading in readings:
            if reading.whose in refused and reading.whose not in named:
                named.add(reading.whose)
                told.append(self._at(reading.address, refused[reading.whose]))
        present = self._get_present()
        wanted, seen = [], {}
        for reading in readings:
            key = keys.get(reading.whose)
            if not key:
                continue
            place = (key, reading.month)
            now = present.get(place)
            if place in seen:
                told.append(self._tell_problem(sheet.Problem(reading.address, sheet.TWICE, seen[place])))
            elif not _is_same(reading.value, now and now["value"]):
                wanted.append((reading.address, *place, reading.value, now))
            seen[place] = reading.address
        if not readings and not told:
            told.append(self.env._("No targets were found. Check the row of the header and the columns."))
        return self._check(wanted, told)

    def _check(self, wanted, told):
        """Make changes of what is wanted, and ask whether they are allowed."""
        changes = []
        for address, key, month, value, now in wanted:
            kept = {"is_held": False, "note": False, **(now or {})}
            changes.append(
                {
                    "address": address,
                    "key": list(key),
                    "date": fields.Date.to_string(month),
                    "expected": now,
                    "cell": None if value is None else {**kept, "value": float(value)},
                }
            )
        refused = self.version_id._check_cells(changes)
        told += [self._at(changes[one["index"]]["address"], one["reason"]) for one in refused]
        return changes, told

    def _get_percents(self):
        """The keys of rows whose numbers are percent."""
        grid = self.version_id.get_grid()
        kpis = {kpi["id"] for kpi in grid["kpis"] if kpi["unit"] == "percent"}
        return frozenset(tuple(key) for key, *_cells in grid["rows"] if key[0] in kpis)

    def _get_present(self):
        """The targets that are there: {(key, month): cell}."""
        months = self.version_id.plan_id._get_months()
        return {
            (key, months[number]): {"value": value, "is_held": number in held, "note": notes.get(number, False)}
            for key, (values, held, notes) in self.version_id._get_grid_rows(months).items()
            for number, value in enumerate(values)
            if value is not None
        }

    def _find_keys(self, whose):
        """Which row of the plan each row of the sheet is.

        :param whose: texts of rows as the engine gives them
        :return: ({texts: key}, {texts: why there is none})
        """
        people, kpis = self._get_people(), self._get_by_name("sdm.kpi", "name", "code")
        segments, categories = self._get_by_name("sdm.segment"), self._get_by_name("product.category", "name")
        sources = {
            "who": ("hr.employee", people),
            "kpi": ("sdm.kpi", kpis),
            "segment": ("sdm.segment", segments),
            "category": ("product.category", categories),
        }
        found, refused = {}, {}
        for texts in whose:
            ids = {"kpi": self.kpi_id.id or 0, "segment": None, "category": None}
            for name, text in texts:
                model, by_name = sources[name]
                matching = by_name.get(sheet.normal(text), ())
                if text and len(matching) != 1:
                    refused[texts] = self._tell_no_one(model, text, matching)
                elif text or name == "kpi":
                    ids[name] = next(iter(matching), 0)
            if texts not in refused:
                found[texts] = ids
        return self._find_rows(found, refused)

    def _find_rows(self, found, refused):
        grid = self.version_id.get_grid({"kpis": list({ids["kpi"] for ids in found.values()} - {0})})
        by_person = defaultdict(list)
        for key, *_cells in grid["rows"]:
            by_person[key[0], key[2]].append(key)
        places = self._get_places({ids["who"] for ids in found.values()})
        keys = {}
        for texts, ids in found.items():
            rows = by_person[ids["kpi"], ids["who"]]
            wanted = (ids["segment"], ids["category"])
            fitting = [
                key for key in rows if all(part in (None, own) for part, own in zip(wanted, key[4:], strict=True))
            ]
            if len(fitting) > 1:
                refused[texts] = self.env._(
                    "The person has several targets of this KPI: by team, segment or category. Add the column that "
                    "tells them apart."
                )
            elif fitting:
                keys[texts] = tuple(fitting[0])
            else:
                head, team = rows[0][1:4:2] if rows else places.get(ids["who"], (0, 0))
                keys[texts] = (ids["kpi"], head, ids["who"], team, *(part or 0 for part in wanted))
        return keys, refused

    def _get_places(self, employee_ids):
        """The head and team of people at the beginning of the plan, or the first ones in it: {id: (head, team)}."""
        months = self.version_id.plan_id._get_months()
        domain = [
            ("employee_id", "in", list(employee_ids)),
            ("date_from", "<=", periods.end_of(months[-1])),
            *("|", ("date_to", "=", False), ("date_to", ">=", months[0])),
        ]
        positions = self.env["sdm.position"].sudo().search(domain, order="date_from desc, id desc")
        return {one.employee_id.id: (one.head_id.id or 0, one.team_id.id or 0) for one in positions}

    # -- in words -----------------------------------------------------------------------------------------------------

    def _at(self, address, reason):
        return self.env._("%(address)s: %(reason)s", address=address, reason=reason)

    def _tell_problem(self, problem):
        """Why a cell cannot be taken over, and what to write instead."""
        words = {"text": problem.text}
        reasons = {
            sheet.WRONG_KEY: self.env._(
                "the row was not written here. Rows are added in the grid; take this one out.", **words
            ),
            sheet.WRONG_MONTH: self.env._("“%(text)s” is no month of the plan.", **words),
            sheet.NOT_A_VALUE: self.env._("“%(text)s” is no number.", **words),
            sheet.TWICE: self.env._("the target is in %(text)s already. Leave one of them.", **words),
            sheet.NO_NAME: self.env._("nobody is named for these numbers."),
            numbers.NOT_A_NUMBER: self.env._("“%(text)s” is no number.", **words),
            numbers.AMBIGUOUS: self.env._(
                "“%(text)s” may be thousands or decimals. Write it without separator of thousands.", **words
            ),
            numbers.PERCENT: self.env._("“%(text)s” is a percentage, and this KPI is not counted in percent.", **words),
        }
        return self._at(problem.address, reasons[problem.reason])

    def _tell_changed(self, reading, now):
        return self._at(
            reading.address,
            self.env._(
                "it was %(before)s when the sheet was written and is %(now)s by now. Export again, or enter it in the "
                "grid.",
                before=self._format(reading.before),
                now=self._format(now and now["value"]),
            ),
        )

    def _tell_no_one(self, model, text, matching):
        if matching:
            return self.env._(
                "“%(text)s” may be several: %(names)s. Write the e-mail.",
                text=text,
                names=self._name_all(model, list(matching)),
            )
        return self.env._("“%(text)s” is not known here. Check how it is written, or leave the row out.", text=text)

    def _format(self, value):
        return self.env._("nothing") if value is None else f"{value:,.2f}".removesuffix(".00")

    def _prepare_row(self, change):
        kpi, head, employee, _team, segment, category = change["key"]
        parts = (
            ("sdm.kpi", kpi),
            ("hr.employee", employee or head),
            ("sdm.segment", segment),
            ("product.category", category),
        )
        old = change["expected"] and change["expected"]["value"]
        new = change["cell"] and change["cell"]["value"]
        return {
            "address": change["address"],
            "name": ", ".join(self.env[model].sudo().browse(number).display_name for model, number in parts if number),
            "month": change["date"][:7],
            "old": self._format(old),
            "new": self._format(new),
            "difference": self._format(round((new or 0) - (old or 0), DIGITS)),
        }

    # -- taking over --------------------------------------------------------------------------------------------------

    def action_import(self):
        """Write all that differs, or nothing where a cell is refused."""
        self.ensure_one()
        changes, problems = self._parse()
        if problems:
            raise UserError("\n".join(problems[:MOST_PROBLEMS]))
        if not changes:
            raise UserError(self.env._("The sheet changes nothing."))
        refused = self.version_id.set_cells(changes)["refused"]
        if refused:
            raise UserError(
                "\n".join(self._at(changes[one["index"]]["address"], one["reason"]) for one in refused[:MOST_PROBLEMS])
            )
        if self.profile_name and not self.is_own:
            self._keep_profile()
        return {"type": "ir.actions.act_window_close"}

    def _keep_profile(self):
        Profile = self.env["sdm.plan.profile"]
        vals = {name: self[name].id if name == "kpi_id" else self[name] for name in LAYOUT}
        profile = Profile.search([("name", "=", self.profile_name)])
        if profile:
            profile.write(vals)
        else:
            Profile.create({"name": self.profile_name, **vals})


def _is_same(one, other):
    """Whether two values are the same target."""
    if one is None or other is None:
        return one is None and other is None
    return round(float(one), DIGITS) == round(float(other), DIGITS)
