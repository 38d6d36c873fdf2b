import base64
from collections import Counter
from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date, formatLang

from ..engine import table
from .sdm_kpi_history import KINDS
from .sdm_table_mixin import SHOWN, SIGNS

NEW, CHECKING, CHECKED, LOADING, LOADED, UNDONE = "new", "checking", "checked", "loading", "loaded", "undone"
# What a job in the background works on, in which nothing may be changed
BUSY = (CHECKING, LOADING)
PLAN = "plan"
IMPORTED = [*KINDS, (PLAN, "Plans of past years")]
# Files with more rows than these are checked and loaded in the background, so that nobody waits for the page
IN_REQUEST = 20000
# How long rows that were read and not loaded are kept
KEPT_DAYS = 30
# What reading and loading come to, and what they come from
FOUND = {
    *("state", "row_count", "asked_by_id", "loaded_on", "error", "right_count", "known_count", "rejected_count"),
    *("rejected_file", "totals"),
}
SETTINGS = {"file", "kind", "profile_id", "accepts_unknown", "company_id", "kpi_id", "sign"}
MONTH_COLUMN = "month"
CUSTOMER = table.Column(
    "customer", words=("client", "partner", "клиент", "покупатель", "контрагент", "заказчик", "партнер")
)
PERSON = table.Column(
    "person",
    required=False,
    words=("seller", "salesperson", "employee", "manager", "продавец", "сотрудник", "менеджер", "ответственный"),
)
DAY_WORDS = ("day", "order date", "invoice date", "дата", "день")
MONTH = table.Column("date", table.MONTH, words=("month", "period", "месяц", "период", *DAY_WORDS))
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
    "sales": (MONTH, CUSTOMER, PERSON, CATEGORY, AMOUNT, QUANTITY),
    "activity": (
        table.Column("date", table.DAY, words=DAY_WORDS),
        table.Column(PERSON.name, words=PERSON.words),
        table.Column(CUSTOMER.name, required=False, words=CUSTOMER.words),
        REFERENCE,
    ),
    PLAN: (
        MONTH,
        PERSON,
        CATEGORY,
        table.Column("kpi", required=False, words=("indicator", "показатель", "кпэ")),
        table.Column("segment", required=False, words=("customer segment", "сегмент")),
        table.Column("team", required=False, words=("sales team", "команда", "отдел")),
        table.Column("head", required=False, words=("group of", "group", "руководитель", "начальник", "группа")),
        table.Column("amount", table.SHARE, words=("target", "plan", "план", "цель", "норма", *AMOUNT.words)),
    ),
}
# In which of them there may be a column for each month instead
WIDE = ("sales", PLAN)
MEANINGS = [
    ("date", "Date or month"),
    (MONTH_COLUMN, "Amounts of the month that it is named after"),
    ("customer", "Customer"),
    ("person", "Person"),
    ("category", "Product category"),
    ("amount", "Amount without tax, or target"),
    ("quantity", "Quantity"),
    ("reference", "Number or subject"),
    ("kpi", "KPI"),
    ("segment", "Segment"),
    ("team", "Sales team"),
    ("head", "Group of: its head"),
]


class SdmKpiImport(models.Model):
    """A file from before Odoo: what its columns are, what is wrong with it, and what came of it.

    Its rows are read into ``sdm.kpi.import.row`` and from there loaded by one statement. Large files are read in the
    background, batch after batch: killed anywhere, nothing is half loaded, and reading goes on where it was.
    """

    _name = "sdm.kpi.import"
    _description = "Import of History"
    _inherit = ["sdm.guarded.mixin", "mail.thread", "sdm.table.mixin"]
    _order = "id desc"
    _rec_name = "filename"

    kind = fields.Selection(IMPORTED, string="What it holds", required=True, default="sales")
    file = fields.Binary(required=True, attachment=True)
    filename = fields.Char()
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    state = fields.Selection(
        [
            (NEW, "New"),
            (CHECKING, "Being checked"),
            (CHECKED, "Checked"),
            (LOADING, "Being loaded"),
            (LOADED, "Loaded"),
            (UNDONE, "Undone"),
        ],
        required=True,
        default=NEW,
        readonly=True,
        tracking=True,
        copy=False,
    )
    accepts_unknown = fields.Boolean(
        "Unknown people count as nobody", help="Rows of people who are not in Odoo are loaded without a person."
    )
    kpi_id = fields.Many2one(
        "sdm.kpi",
        string="KPI",
        default=lambda self: self.env["sdm.kpi"].search([("code", "=", "revenue")], limit=1),
        help="Of which the targets are, where the file has no column that says so.",
    )
    profile_id = fields.Many2one(
        "sdm.kpi.import.profile",
        string="Columns as in",
        domain="[('kind', '=', kind)]",
        help="What columns of files like this one are. Kept when a file is loaded.",
    )
    sign = fields.Selection(
        SIGNS,
        string="Before decimals",
        help="Empty: what the numbers of each column say together. It is asked for where they do not.",
    )
    readings = fields.Json("What numbers say of themselves", readonly=True, copy=False)
    column_ids = fields.One2many("sdm.kpi.import.column", "import_id", string="Columns", copy=False)
    row_count = fields.Integer("Rows of the file", readonly=True, copy=False)
    progress = fields.Float(compute="_compute_progress", help="Part of the file that has been read, in percent.")
    asked_by_id = fields.Many2one("res.users", string="Asked for by", readonly=True, copy=False)
    loaded_on = fields.Datetime(readonly=True, copy=False)
    error = fields.Text("What went wrong", readonly=True, copy=False)
    right_count = fields.Integer("Rows that are right", readonly=True, copy=False)
    known_count = fields.Integer("Of those loaded before", readonly=True, copy=False)
    rejected_count = fields.Integer("Rejected rows", readonly=True, copy=False)
    rejected = fields.Json(compute="_compute_rejected")
    rejected_file = fields.Binary("Rejected rows as a file", readonly=True, attachment=True, copy=False)
    rejected_filename = fields.Char(compute="_compute_rejected_filename")
    totals = fields.Json(readonly=True, copy=False)
    preview = fields.Html(compute="_compute_preview", sanitize=False)
    history_count = fields.Integer("Rows loaded", compute="_compute_history_count")

    @api.depends("filename")
    def _compute_rejected_filename(self):
        for record in self:
            record.rejected_filename = f"rejected_{(record.filename or 'rows').rpartition('.')[0] or 'rows'}.csv"

    @api.depends("state", "row_count")
    def _compute_progress(self):
        reached = dict(
            self.env["sdm.kpi.import.row"]._read_group([("import_id", "in", self.ids)], ["import_id"], ["row:max"])
        )
        for record in self:
            record.progress = 100 * reached.get(record, 0) / record.row_count if record.row_count else 0

    def _compute_history_count(self):
        counts = dict(
            self.env["sdm.kpi.history"]._read_group([("import_id", "in", self.ids)], ["import_id"], ["__count"])
        )
        for record in self:
            record.history_count = counts.get(record, 0)

    @api.depends("state", "rejected_count")
    @api.depends_context("lang")
    def _compute_rejected(self):
        for record in self:
            record.rejected = record._get_rejected(SHOWN) if record.rejected_count else []

    @api.depends("totals", "rejected_count")
    @api.depends_context("lang")
    def _compute_preview(self):
        for record in self:
            record.preview = (record.totals or record.rejected_count) and self.env["ir.qweb"]._render(
                "sdm_kpi.sdm_kpi_import_preview", record._prepare_preview()
            )

    def _prepare_preview(self):
        rejected = self.rejected or []
        return {
            "totals": [
                (
                    format_date(self.env, fields.Date.to_date(month), date_format="LLLL yyyy"),
                    count,
                    formatLang(self.env, float(amount), digits=2),
                )
                for month, count, amount in self.totals or []
            ],
            "asked": self._tell_all_ambiguous(),
            "has_amounts": self.kind != "activity",
            "rejected": rejected,
            "more": max(self._count_problems() - len(rejected), 0) if len(rejected) == SHOWN else 0,
        }

    # -- the file and its columns -------------------------------------------------------------------------------------

    @api.model
    def _get_step_fields(self):
        return super()._get_step_fields() | FOUND

    @api.model
    def _tell_guarded(self, field):
        if field.name in FOUND:
            return self.env._("Use “Check”, “Load” and “Undo” for this.")
        return super()._tell_guarded(field)

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        for record in records.filtered(lambda record: not record.column_ids):
            record._propose_columns()
        return records

    def write(self, vals):
        changed = SETTINGS & vals.keys()
        if changed:
            self._check_idle()
            self._check_not_loaded()
        result = super().write(vals)
        if {"file", "kind", "profile_id"} & vals.keys():
            for record in self:
                record._propose_columns()
        if changed:
            self.sudo().filtered(lambda record: record.state == CHECKED).state = NEW
        return result

    def _check_idle(self):
        """Refuse to change what a job works on.

        :raise UserError: with the file and what to do
        """
        busy = self.filtered(lambda record: record.state in BUSY)[:1]
        if busy:
            raise UserError(
                self.env._("“%(file)s” is being worked on. Press “Cancel” first.", file=busy.filename or busy.id)
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_loaded(self):
        self._check_idle()
        self._check_not_loaded()

    def _check_not_loaded(self):
        """:raise UserError: the file was loaded, so that its rows count"""
        if self.filtered(lambda record: record.state == LOADED):
            raise UserError(self.env._("What the file brought in counts in facts. Undo the import first."))

    def _open_file(self):
        """The rows of the file, the names of the columns first.

        :return: (number of rows, iterator over lists of cells)
        """
        count, rows = self._open_table(self.with_context(bin_size=False).file, with_percents=self.kind == PLAN)
        if not count:
            raise UserError(self.env._("The file is empty."))
        return count, rows

    def _propose_columns(self):
        """Say what each column of the file is: by a profile where one fits, else by their names."""
        self.ensure_one()
        count, rows = self._open_file()
        self.sudo().row_count = count
        headers = [table.as_header(cell) for cell in next(rows, [])]
        profiles = self.profile_id or self.env["sdm.kpi.import.profile"].search([("kind", "=", self.kind)])
        fits = next((profile for profile in profiles if set(profile.columns) <= set(headers)), None)
        if fits:
            meanings = {headers.index(header): meaning for header, meaning in fits.columns.items()}
        else:
            meanings = self._guess_meanings(headers)
        samples = next(rows, [])
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

    def _guess_meanings(self, headers):
        """{place: meaning} by the names of the columns; columns named after months hold the amounts of those."""
        places = table.propose(headers, COLUMNS[self.kind])
        months = [place for place, header in enumerate(headers) if table.month_of(header)] if self.kind in WIDE else []
        if months:
            # a total of the row is no amount of a month
            places = {name: place for name, place in places.items() if name not in ("date", "amount")}
        return {place: name for name, place in places.items()} | dict.fromkeys(months, MONTH_COLUMN)

    def _get_labels(self):
        """What the user calls each column: as in the file, else by its meaning."""
        labels = dict(self.env["sdm.kpi.import.column"]._fields["meaning"]._description_selection(self.env))
        columns = self.column_ids.filtered(lambda column: column.meaning not in (False, MONTH_COLUMN))
        return labels | {column.meaning: column.header for column in columns}

    def _check_columns(self):
        """Refuse a file of which it is not said what its columns are.

        :raise UserError: a column that is needed is not there, or two are the same
        """
        labels = dict(self.env["sdm.kpi.import.column"]._fields["meaning"]._description_selection(self.env))
        chosen = Counter(column.meaning for column in self.column_ids if column.meaning)
        months = self.column_ids.filtered(lambda column: column.meaning == MONTH_COLUMN)
        needed = {column.name for column in COLUMNS[self.kind] if column.required}
        if months:
            unnamed = months.filtered(lambda column: self.kind not in WIDE or not table.month_of(column.header))
            if unnamed:
                raise UserError(
                    self.env._(
                        "The column “%(column)s” is named after no month. Name it like 2024-05 or May 2024, or leave "
                        "it out.",
                        column=unnamed[0].header,
                    )
                )
            both = [labels[name] for name in ("date", "amount") if chosen[name]]
            if both:
                raise UserError(
                    self.env._(
                        "There are columns of months already. Leave out the columns of: %(names)s.",
                        names=", ".join(both),
                    )
                )
            needed -= {"date", "amount"}
        missing = [labels[column.name] for column in COLUMNS[self.kind] if column.name in needed - chosen.keys()]
        twice = [labels[name] for name, count in chosen.items() if count > 1 and name != MONTH_COLUMN]
        if missing or twice:
            raise UserError(
                self.env._(
                    "Say which column of the file is: %(names)s. Each once.",
                    names=", ".join(missing or twice),
                )
            )

    # -- check, load, undo --------------------------------------------------------------------------------------------

    def action_check(self):
        """Read the file and show what would be loaded and what not; where that takes long, in the background."""
        self.ensure_one()
        self.check_access("write")
        self._check_idle()
        self._check_not_loaded()
        self._check_columns()
        self._forget_rows()
        self.readings = False
        if self.row_count > IN_REQUEST:
            return self._queue(CHECKING)
        for first, rows in self._read_batches():
            self._stage(first, rows)
        return self._end_check()

    def action_load(self):
        """Load the rows that are right; those that are there already stay as they are."""
        self.ensure_one()
        self.check_access("write")
        self._check_idle()
        if self.state != CHECKED:
            raise UserError(self.env._("Check the file first: then you see what would be loaded."))
        if not self.right_count:
            raise UserError(self.env._("No row of the file is right, so nothing can be loaded."))
        return self._queue(LOADING) if self.row_count > IN_REQUEST else self._load()

    def action_cancel(self):
        """Stop what was asked for; nothing of it remains."""
        self.ensure_one()
        self.check_access("write")
        if self.state == CHECKING:
            self.sudo().state = NEW
            self._forget_rows()
        elif self.state == LOADING:
            self.sudo().state = CHECKED

    def _end_check(self):
        """Note what would be loaded and what is wrong."""
        found = self.env["sdm.kpi.import.row"]._sum_up(self)
        lines = self._get_rejected()
        header = [self.env._("Row"), self.env._("Column"), self.env._("What is wrong")]
        self.sudo().write(
            {
                **found,
                "state": CHECKED,
                "error": False,
                "rejected_file": base64.b64encode(table.write_csv([header, *lines])) if lines else False,
            }
        )
        self.invalidate_recordset(["rejected", "preview"])

    def _load(self):
        """Load what was read, by one statement."""
        self._check_still_right()
        loaded = self._insert()
        self._keep_profile()
        self.sudo().write({"state": LOADED, "loaded_on": fields.Datetime.now(), "error": False})
        self._forget_rows(only_right=True)
        self.invalidate_recordset(["history_count"])
        self.message_post(body=self.env._("Rows loaded: %s.", loaded))
        self.env.ref("sdm_kpi.ir_cron_kpi").sudo()._trigger()

    def _check_still_right(self):
        """Refuse rows whose customers or people were deleted since they were read.

        :raise UserError: what to do
        """
        if (
            self.env["sdm.kpi.import.row"].search_count([("import_id", "=", self.id), ("is_right", "=", True)])
            != self.right_count
        ):
            raise UserError(
                self.env._("Something that the file names was deleted since it was checked. Check the file again.")
            )

    def _insert(self):
        """Insert the rows that are right by one statement; the same row of another file is passed over.

        :return: how many were inserted
        """
        rows = self.env["sdm.kpi.import.row"]
        rows.flush_model()
        inserted = self.env.execute_query(
            SQL(
                """INSERT INTO sdm_kpi_history (
                       import_id, company_id, kind, key, row, date, partner_id, employee_id, category_id, amount,
                       quantity, reference)
                   SELECT %s, %s, %s, key, row, date, partner_id, employee_id, category_id, amount, quantity, reference
                     FROM (%s) keyed
                       ON CONFLICT (company_id, kind, key) DO NOTHING
                RETURNING 1""",
                self.id,
                self.company_id.id,
                self.kind,
                rows._query_keyed(self),
            )
        )
        self.env["sdm.kpi.history"].invalidate_model()
        return len(inserted)

    def _forget_rows(self, only_right=False):
        """Take out what was read of the file.

        :param only_right: what is wrong stays to be looked at
        """
        self.env["sdm.kpi.import.row"]._delete(self, only_right)

    def _keep_profile(self):
        """Keep what the columns are, for the next file like this one."""
        if self.column_ids.filtered(lambda column: column.meaning == MONTH_COLUMN):
            # the next one has other months
            return
        columns = {column.header: column.meaning for column in self.column_ids if column.meaning}
        Profile = self.env["sdm.kpi.import.profile"]
        same = Profile.search([("kind", "=", self.kind)]).filtered(lambda profile: profile.columns == columns)
        if not same:
            Profile.create({"name": self.filename or self.env._("File"), "kind": self.kind, "columns": columns})

    def action_undo(self):
        """Take out what the file brought in."""
        self.ensure_one()
        self.check_access("write")
        self._take_out()
        self.sudo().write({"state": UNDONE, "loaded_on": False})
        self.env.ref("sdm_kpi.ir_cron_kpi").sudo()._trigger()

    def _take_out(self):
        self.env.cr.execute(SQL("DELETE FROM sdm_kpi_history WHERE import_id = %s", self.id))
        self.env["sdm.kpi.history"].invalidate_model()

    def action_open_history(self):
        """Open the rows that the file brought in."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sdm_kpi.sdm_kpi_history_action")
        return {**action, "domain": [("import_id", "=", self.id)]}

    # -- in the background --------------------------------------------------------------------------------------------

    def _queue(self, state):
        """Leave the work to the scheduled job.

        :param state: CHECKING or LOADING
        """
        self.sudo().write({"state": state, "asked_by_id": self.env.uid, "error": False})
        self.env.ref("sdm_kpi.ir_cron_history").sudo()._trigger()

    @api.model
    def _cron_run(self):
        """Check and load large files, each batch committed by itself; a killed job goes on where it was."""
        waiting = self.search([("state", "in", BUSY)], order="id")
        for number, record in enumerate(waiting):
            record._run_safely()
            self.env["ir.cron"]._commit_progress(1, remaining=len(waiting) - number - 1)

    def _run_safely(self):
        """Do what was asked for, with the rights of who asked; an error is kept with the file, and nothing else."""
        self.ensure_one()
        state = self.state
        if not self.try_lock_for_update(allow_referencing=True):
            return
        asked = self.with_user(self.asked_by_id).with_context(lang=self.asked_by_id.lang).with_company(self.company_id)
        try:
            if state == CHECKING:
                if not asked._stage_all():
                    return
                with self.env.cr.savepoint():
                    asked._end_check()
            else:
                with self.env.cr.savepoint():
                    asked._load()
            asked._tell_done()
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one file must not stop the others
            self.env.invalidate_all(flush=False)
            self.sudo().write({"state": NEW if state == CHECKING else CHECKED, "error": str(error)})
            asked._tell_done()

    @api.autovacuum
    def _gc_rows(self):
        """Forget what was read of files that nobody has looked at for a month; rejected rows are in their file."""
        month = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        left = self.env["sdm.kpi.import.row"]._read_group(
            [("import_id.state", "not in", BUSY), ("import_id.write_date", "<", month)], ["import_id"]
        )
        for (record,) in left:
            record._forget_rows()
            if record.state == CHECKED:
                record.state = NEW

    def _stage_all(self):
        """Read batch after batch what is not read yet, each committed by itself.

        :return: whether it was read to the end; else somebody has cancelled it
        """
        for first, rows in self._read_batches():
            with self.env.cr.savepoint():
                self._stage(first, rows)
            self.env["ir.cron"]._commit_progress(0)
            self.invalidate_recordset()
            # who cancels waits for the end of the batch; deleted counts as cancelled
            if not self.sudo().try_lock_for_update(allow_referencing=True) or self.state != CHECKING:
                self.exists()._forget_rows()
                return False
        return True

    def _tell_done(self):
        """Tell who asked how it ended."""
        words = {"file": self.filename or self.id, "error": self.error, "right": self.right_count}
        if self.error:
            text = self.env._("“%(file)s” failed: %(error)s", **words)
        elif self.state == CHECKED:
            words["rejected"] = self.rejected_count
            text = self.env._("“%(file)s” is checked: %(right)s rows are right, %(rejected)s are rejected.", **words)
        else:
            text = self.env._("“%(file)s” is loaded.", **words)
        self.sudo().message_post(
            body=Markup("<p>%s</p>") % text,
            author_id=self.env.ref("base.partner_root").id,
            partner_ids=self.asked_by_id.partner_id.ids,
            subtype_xmlid="mail.mt_comment",
        )


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
        self.check_access("write")
        self.import_id._check_idle()
        self.import_id.sudo().filtered(lambda record: record.state == CHECKED).state = NEW
        return super().write(vals)


class SdmKpiImportProfile(models.Model):
    """What the columns of files of one kind are."""

    _name = "sdm.kpi.import.profile"
    _description = "Columns of Files"
    _order = "id desc"

    name = fields.Char(required=True)
    kind = fields.Selection(IMPORTED, required=True)
    columns = fields.Json(required=True)
