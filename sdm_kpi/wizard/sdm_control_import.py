from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, formatLang

from ..engine import facts, table
from ..models.sdm_table_mixin import SHOWN, SIGNS

COMPANY, PERSON = "company", "person"
MONTH_COLUMN = table.Column("date", table.MONTH, words=("month", "period", "месяц", "период", "дата"))
AMOUNT_COLUMN = table.Column(
    "amount", table.NUMBER, words=("sum", "total", "revenue", "value", "сумма", "итого", "выручка", "значение", "факт")
)
COLUMNS = {
    COMPANY: (
        table.Column("company", required=False, words=("организация", "компания", "юрлицо")),
        MONTH_COLUMN,
        AMOUNT_COLUMN,
    ),
    PERSON: (
        table.Column(
            "person",
            words=("seller", "salesperson", "employee", "manager", "продавец", "сотрудник", "менеджер", "фио"),
        ),
        MONTH_COLUMN,
        AMOUNT_COLUMN,
    ),
}
UNKNOWN = "unknown"


class SdmControlImport(models.TransientModel):
    """Bring in totals that somebody else keeps, to lay them beside ours."""

    _name = "sdm.control.import"
    _description = "Import of Control Totals"
    _inherit = ["sdm.table.mixin"]

    kind = fields.Selection(
        [(COMPANY, "Revenue of companies by month"), (PERSON, "A KPI of persons by month, from the old spreadsheet")],
        required=True,
        default=COMPANY,
    )
    kpi_id = fields.Many2one(
        "sdm.kpi",
        string="KPI",
        domain=[("semantics", "=", facts.FLOW), ("is_on", "=", True)],
        default=lambda self: self.env["sdm.kpi"].search([("code", "=", "revenue")], limit=1),
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        help="Of rows that name none.",
    )
    file = fields.Binary(required=True)
    filename = fields.Char()
    sign = fields.Selection(
        SIGNS,
        string="Before decimals",
        help="Empty: what the numbers of the column say together. It is asked for where they do not.",
    )
    preview = fields.Html(compute="_compute_preview", sanitize=False)
    is_ready = fields.Boolean(compute="_compute_preview")

    @api.depends("kind", "kpi_id", "company_id", "file", "sign")
    @api.depends_context("lang")
    def _compute_preview(self):
        for wizard in self:
            if not wizard.file:
                wizard.preview, wizard.is_ready = False, False
                continue
            rows, problems = wizard._parse()
            wizard.is_ready = bool(rows) and not problems
            totals = {}
            for row in rows:
                totals[row["date"]] = totals.get(row["date"], 0) + row["amount"]
            wizard.preview = self.env["ir.qweb"]._render(
                "sdm_kpi.sdm_control_import_preview",
                {
                    "problems": problems[:SHOWN],
                    "more_problems": max(len(problems) - SHOWN, 0),
                    "count": len(rows),
                    "totals": [
                        (
                            format_date(self.env, month, date_format="LLLL yyyy"),
                            formatLang(self.env, float(totals[month]), digits=2),
                        )
                        for month in sorted(totals)
                    ],
                },
            )

    def _get_labels(self):
        return {
            "company": self.env._("Company"),
            "person": self.env._("Person"),
            "date": self.env._("Month"),
            "amount": self.env._("Amount"),
        }

    def _parse(self):
        """The totals of the file as vals, and what is wrong with it in words."""
        self.ensure_one()
        perimeter = self.env["sdm.perimeter"]._get_default()
        labels = self._get_labels()
        try:
            rows = self._read_table(self.with_context(bin_size=False).file)
        except UserError as error:
            return [], [error.args[0]]
        columns = COLUMNS[self.kind]
        places = table.propose(rows[0], columns) if rows else {}
        missing = [labels[column.name] for column in columns if column.required and column.name not in places]
        if missing:
            return [], [
                self.env._(
                    "Row 1: the columns %(columns)s are missing. Name them so in the first row.",
                    columns=", ".join(f"“{name}”" for name in missing),
                )
            ]
        records, problems = table.parse(rows, places, columns, self.sign or None)
        name = self.kind
        texts = {record.values[name] for record in records}
        if self.kind == COMPANY:
            known = self._find_by_name("res.company", texts, [("id", "in", perimeter._get_companies().ids)])
        else:
            known = self.sudo()._find_by_name("hr.employee", texts, fields_of=("name", "work_email"))
        vals = []
        for record in records:
            text = record.values[name]
            if text and text not in known:
                problems.append(table.Problem(record.row, name, UNKNOWN, text))
                continue
            vals.append(
                {
                    "perimeter_id": perimeter.id,
                    "company_id": known[text].id if text and self.kind == COMPANY else self.company_id.id,
                    "employee_id": known[text].id if self.kind == PERSON else False,
                    "kpi_id": self.kpi_id.id if self.kind == PERSON else False,
                    "date": record.values["date"],
                    "amount": float(record.values["amount"]),
                }
            )
        problems.sort(key=lambda problem: problem.row)
        told = [self._tell_table_problem(problem, labels) for problem in problems]
        if any(problem.reason == table.AMBIGUOUS for problem in problems):
            reading = table.read_signs(rows[1:], {"amount": [places["amount"]]})["amount"]
            told.insert(0, self._tell_ambiguous(labels["amount"], reading))
        return vals, told

    def action_import(self):
        """Write all totals of the file, or nothing where a row is wrong."""
        self.ensure_one()
        rows, problems = self._parse()
        if problems:
            raise UserError("\n".join(problems[:SHOWN]))
        if not rows:
            raise UserError(self.env._("There is nothing in the file but the names of the columns."))
        self.env["sdm.control.total"]._replace(rows, self.filename)
        name = "sdm_reconciliation_action" if self.kind == COMPANY else "sdm_kpi_parallel_action"
        return {**self.env["ir.actions.act_window"]._for_xml_id(f"sdm_kpi.{name}"), "target": "main"}
