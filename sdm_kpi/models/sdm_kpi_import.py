import base64
from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date, formatLang

from ..engine import history, table
from .sdm_kpi_history import KINDS
from .sdm_table_mixin import SHOWN

NEW, CHECKED, LOADED, UNDONE = "new", "checked", "loaded", "undone"
UNKNOWN = "unknown"
CUSTOMER = table.Column(
    "customer", words=("client", "partner", "клиент", "покупатель", "контрагент", "заказчик", "партнер")
)
PERSON = table.Column(
    "person",
    required=False,
    words=("seller", "salesperson", "employee", "manager", "продавец", "сотрудник", "менеджер", "ответственный"),
)
DAY_WORDS = ("day", "order date", "invoice date", "дата", "день")
AMOUNT = table.Column(
    "amount", table.NUMBER, words=("sum", "total", "revenue", "sales", "сумма", "итого", "выручка", "продажи")
)
CATEGORY = table.Column(
    "category",
    required=False,
    words=(
        "product category",
        "product group",
        "категория",
        "товарная группа",
        "группа товаров",
        "номенклатурная группа",
    ),
)
QUANTITY = table.Column("quantity", table.NUMBER, required=False, words=("qty", "количество", "кол во"))
REFERENCE = table.Column(
    "reference", required=False, words=("number", "document", "order", "subject", "номер", "документ", "заказ", "тема")
)
COLUMNS = {
    "order": (
        table.Column("date", table.DAY, words=DAY_WORDS),
        CUSTOMER,
        PERSON,
        CATEGORY,
        AMOUNT,
        QUANTITY,
        REFERENCE,
    ),
    "sales": (
        table.Column("date", table.MONTH, words=("month", "period", "месяц", "период", *DAY_WORDS)),
        CUSTOMER,
        PERSON,
        CATEGORY,
        AMOUNT,
        QUANTITY,
    ),
    "activity": (
        table.Column("date", table.DAY, words=DAY_WORDS),
        table.Column(PERSON.name, words=PERSON.words),
        table.Column(CUSTOMER.name, required=False, words=CUSTOMER.words),
        REFERENCE,
    ),
}
MEANINGS = [
    ("date", "Date or month"),
    ("customer", "Customer"),
    ("person", "Person"),
    ("category", "Product category"),
    ("amount", "Amount without tax"),
    ("quantity", "Quantity"),
    ("reference", "Number or subject"),
]
# Which records the texts of a column name, by which of their fields, and which of them
NAMED = {
    "customer": ("res.partner", ("name", "vat", "ref", "email"), [("parent_id", "=", False)]),
    "person": ("hr.employee", ("name", "work_email"), []),
    "category": ("product.category", ("complete_name", "name"), []),
}


class SdmKpiImport(models.Model):
    """A file from before Odoo: what its columns are, what is wrong with it, and what came of it."""

    _name = "sdm.kpi.import"
    _description = "Import of History"
    _inherit = ["mail.thread", "sdm.table.mixin"]
    _order = "id desc"
    _rec_name = "filename"

    kind = fields.Selection(KINDS, string="What it holds", required=True, default="sales")
    file = fields.Binary(required=True, attachment=True)
    filename = fields.Char()
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    state = fields.Selection(
        [(NEW, "New"), (CHECKED, "Checked"), (LOADED, "Loaded"), (UNDONE, "Undone")],
        required=True,
        default=NEW,
        readonly=True,
        tracking=True,
        copy=False,
    )
    accepts_unknown = fields.Boolean(
        "Unknown people count as nobody", help="Rows of people who are not in Odoo are loaded without a person."
    )
    profile_id = fields.Many2one(
        "sdm.kpi.import.profile",
        string="Columns as in",
        domain="[('kind', '=', kind)]",
        help="What columns of files like this one are. Kept when a file is loaded.",
    )
    column_ids = fields.One2many("sdm.kpi.import.column", "import_id", string="Columns", copy=False)
    right_count = fields.Integer("Rows that are right", readonly=True, copy=False)
    known_count = fields.Integer("Of those loaded before", readonly=True, copy=False)
    rejected_count = fields.Integer("Rejected rows", readonly=True, copy=False)
    rejected = fields.Json(readonly=True, copy=False)
    rejected_file = fields.Binary("Rejected rows as a file", readonly=True, attachment=True, copy=False)
    rejected_filename = fields.Char(compute="_compute_rejected_filename")
    totals = fields.Json(readonly=True, copy=False)
    preview = fields.Html(compute="_compute_preview", sanitize=False)
    history_count = fields.Integer("Rows loaded", compute="_compute_history_count")

    @api.depends("filename")
    def _compute_rejected_filename(self):
        for record in self:
            record.rejected_filename = f"rejected_{(record.filename or 'rows').rpartition('.')[0] or 'rows'}.csv"

    def _compute_history_count(self):
        counts = dict(
            self.env["sdm.kpi.history"]._read_group([("import_id", "in", self.ids)], ["import_id"], ["__count"])
        )
        for record in self:
            record.history_count = counts.get(record, 0)

    @api.depends("totals", "rejected")
    @api.depends_context("lang")
    def _compute_preview(self):
        for record in self:
            totals = record.totals or []
            record.preview = (totals or record.rejected) and self.env["ir.qweb"]._render(
                "sdm_kpi.sdm_kpi_import_preview",
                {
                    "totals": [
                        (
                            format_date(self.env, fields.Date.to_date(month), date_format="LLLL yyyy"),
                            count,
                            formatLang(self.env, float(amount), digits=2),
                        )
                        for month, count, amount in totals
                    ],
                    "has_amounts": record.kind != "activity",
                    "rejected": (record.rejected or [])[:SHOWN],
                    "more": max(len(record.rejected or []) - SHOWN, 0),
                },
            )

    # -- the file and its columns -------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        for record in records.filtered(lambda record: not record.column_ids):
            record._propose_columns()
        return records

    def write(self, vals):
        result = super().write(vals)
        if {"file", "kind", "profile_id"} & vals.keys():
            for record in self:
                record._propose_columns()
        if {"file", "kind", "profile_id", "accepts_unknown", "company_id"} & vals.keys():
            super(SdmKpiImport, self.filtered(lambda record: record.state == CHECKED)).write({"state": NEW})
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_loaded(self):
        if self.filtered(lambda record: record.state == LOADED):
            raise UserError(self.env._("What the file brought in counts in facts. Undo the import first."))

    def _read_rows(self):
        rows = self._read_table(self.with_context(bin_size=False).file)
        if not rows:
            raise UserError(self.env._("The file is empty."))
        return rows

    def _propose_columns(self):
        """Say what each column of the file is: by a profile where one fits, else by their names."""
        self.ensure_one()
        rows = self._read_rows()
        headers = [str(cell or "").strip() for cell in rows[0]]
        profiles = self.profile_id or self.env["sdm.kpi.import.profile"].search([("kind", "=", self.kind)])
        fits = next((profile for profile in profiles if set(profile.columns) <= set(headers)), None)
        meanings = {}
        if fits:
            meanings = {headers.index(header): meaning for header, meaning in fits.columns.items()}
        else:
            places = table.propose(headers, COLUMNS[self.kind])
            meanings = {place: name for name, place in places.items()}
        samples = rows[1] if len(rows) > 1 else []
        self.column_ids.unlink()
        self.env["sdm.kpi.import.column"].create(
            [
                {
                    "import_id": self.id,
                    "place": place,
                    "header": header,
                    "sample": str(samples[place] or "") if place < len(samples) else "",
                    "meaning": meanings.get(place),
                }
                for place, header in enumerate(headers)
                if header
            ]
        )

    def _get_labels(self):
        """What the user calls each column: as in the file, else by its meaning."""
        labels = dict(self.env["sdm.kpi.import.column"]._fields["meaning"]._description_selection(self.env))
        return labels | {column.meaning: column.header for column in self.column_ids if column.meaning}

    # -- check, load, undo --------------------------------------------------------------------------------------------

    def _parse(self):
        """The rows of the file.

        :return: (vals of rows that are right without their keys, problems)
        :raise UserError: a column that is needed is not there, or two are the same
        """
        columns = COLUMNS[self.kind]
        chosen = Counter(column.meaning for column in self.column_ids if column.meaning)
        labels = dict(self.env["sdm.kpi.import.column"]._fields["meaning"]._description_selection(self.env))
        missing = [labels[column.name] for column in columns if column.required and not chosen[column.name]]
        twice = [labels[name] for name, count in chosen.items() if count > 1]
        if missing or twice:
            raise UserError(
                self.env._(
                    "Say which column of the file is: %(names)s. Each once.",
                    names=", ".join(missing or twice),
                )
            )
        places = {column.meaning: column.place for column in self.column_ids if column.meaning}
        records, problems = table.parse(self._read_rows(), places, columns)
        known = {name: self._find_named(name, {record.values.get(name) for record in records}) for name in NAMED}
        rows = []
        for record in records:
            wrong = [
                table.Problem(record.row, name, UNKNOWN, record.values[name])
                for name in NAMED
                if record.values.get(name)
                and record.values[name] not in known[name]
                and not (name == "person" and self.accepts_unknown)
            ]
            if wrong:
                problems += wrong
            else:
                rows.append(self._prepare_row(record, known))
        return rows, sorted(problems, key=lambda problem: problem.row)

    def _find_named(self, name, texts):
        """Records that texts name, archived ones too; a person's card in the company of the file goes first."""
        model, fields_of, domain = NAMED[name]
        everybody = self.sudo().with_context(active_test=False)
        found = everybody._find_by_name(model, texts, domain, fields_of)
        if name == "person":
            found |= everybody._find_by_name(model, texts, [("company_id", "=", self.company_id.id)], fields_of)
        return found

    def _prepare_row(self, record, known):
        found = {name: known[name].get(record.values.get(name)) for name in NAMED}
        return {
            "row": record.row,
            "said": dict(record.values),
            "date": record.values["date"],
            "partner_id": found["customer"].commercial_partner_id.id if found["customer"] else None,
            "employee_id": found["person"].id if found["person"] else None,
            "category_id": found["category"].id if found["category"] else None,
            "amount": record.values.get("amount") or 0,
            "quantity": record.values.get("quantity") or 0,
            "reference": record.values.get("reference"),
        }

    def action_check(self):
        """Read the file and show what would be loaded and what not."""
        self.ensure_one()
        rows, problems = self._parse()
        keys = history.make_keys(row["said"] for row in rows)
        known = self.env["sdm.kpi.history"].search_count(
            [("company_id", "=", self.company_id.id), ("kind", "=", self.kind), ("key", "in", keys)]
        )
        counts, amounts = Counter(), Counter()
        for row in rows:
            month = fields.Date.to_string(row["date"].replace(day=1))
            counts[month] += 1
            amounts[month] += row["amount"]
        labels = self._get_labels()
        rejected = [
            [problem.row, labels.get(problem.column, problem.column), self._tell_table_problem(problem, labels)]
            for problem in problems
        ]
        header = [self.env._("Row"), self.env._("Column"), self.env._("What is wrong")]
        self.write(
            {
                "state": CHECKED,
                "right_count": len(rows),
                "known_count": known,
                "rejected_count": len({problem.row for problem in problems}),
                "rejected": rejected[:1000],
                "rejected_file": base64.b64encode(table.write_csv([header, *rejected])) if rejected else False,
                "totals": [[month, counts[month], str(amounts[month])] for month in sorted(counts)],
            }
        )

    def action_load(self):
        """Load the rows that are right; those that are there already stay as they are."""
        self.ensure_one()
        self.check_access("write")
        if self.state != CHECKED:
            raise UserError(self.env._("Check the file first: then you see what would be loaded."))
        rows, _problems = self._parse()
        if not rows:
            raise UserError(self.env._("No row of the file is right, so nothing can be loaded."))
        self._insert(rows)
        self._keep_profile()
        self.state = LOADED
        self.message_post(body=self.env._("Rows loaded: %s.", self.history_count))
        self.env.ref("sdm_kpi.ir_cron_kpi").sudo()._trigger()

    def _insert(self, rows):
        """Insert rows by one statement; the same row of another file is passed over."""
        names = {
            "row": "int4",
            "date": "date",
            "partner_id": "int4",
            "employee_id": "int4",
            "category_id": "int4",
            "amount": "numeric",
            "quantity": "numeric",
            "reference": "varchar",
        }
        keys = history.make_keys(row["said"] for row in rows)
        self.env.cr.execute(
            SQL(
                """INSERT INTO sdm_kpi_history (import_id, company_id, kind, key, %s)
                SELECT %s, %s, %s, given.* FROM unnest(%s::varchar[], %s) given
                    ON CONFLICT (company_id, kind, key) DO NOTHING""",
                SQL(", ").join(map(SQL.identifier, names)),
                self.id,
                self.company_id.id,
                self.kind,
                keys,
                SQL(", ").join(SQL("%s::%s[]", [row[name] for row in rows], SQL(kind)) for name, kind in names.items()),
            )
        )
        self.env["sdm.kpi.history"].invalidate_model()
        self.invalidate_recordset(["history_count"])

    def _keep_profile(self):
        """Keep what the columns are, for the next file like this one."""
        columns = {column.header: column.meaning for column in self.column_ids if column.meaning}
        Profile = self.env["sdm.kpi.import.profile"]
        same = Profile.search([("kind", "=", self.kind)]).filtered(lambda profile: profile.columns == columns)
        if not same:
            Profile.create({"name": self.filename or self.env._("File"), "kind": self.kind, "columns": columns})

    def action_undo(self):
        """Take out what the file brought in."""
        self.ensure_one()
        self.check_access("write")
        self.env.cr.execute(SQL("DELETE FROM sdm_kpi_history WHERE import_id = %s", self.id))
        self.env["sdm.kpi.history"].invalidate_model()
        self.state = UNDONE
        self.env.ref("sdm_kpi.ir_cron_kpi").sudo()._trigger()

    def action_open_history(self):
        """Open the rows that the file brought in."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sdm_kpi.sdm_kpi_history_action")
        return {**action, "domain": [("import_id", "=", self.id)]}


class SdmKpiImportColumn(models.Model):
    """A column of a file and what it is."""

    _name = "sdm.kpi.import.column"
    _description = "Column of a File"
    _order = "import_id, place"
    _rec_name = "header"

    import_id = fields.Many2one("sdm.kpi.import", required=True, index=True, ondelete="cascade")
    place = fields.Integer(readonly=True)
    header = fields.Char("Column of the file", readonly=True)
    sample = fields.Char("First value", readonly=True)
    meaning = fields.Selection(MEANINGS, string="Is", help="Empty: it is left out.")

    def write(self, vals):
        # what was shown is no longer what would be loaded
        self.import_id.filtered(lambda record: record.state == CHECKED).write({"state": NEW})
        return super().write(vals)


class SdmKpiImportProfile(models.Model):
    """What the columns of files of one kind are."""

    _name = "sdm.kpi.import.profile"
    _description = "Columns of Files"
    _order = "id desc"

    name = fields.Char(required=True)
    kind = fields.Selection(KINDS, required=True)
    columns = fields.Json(required=True)
