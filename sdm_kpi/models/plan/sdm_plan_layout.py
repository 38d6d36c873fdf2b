from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...engine.plan import sheet

COLUMNS = {
    "who": "who_column",
    "kpi": "kpi_column",
    "segment": "segment_column",
    "category": "category_column",
}


class SdmPlanLayout(models.AbstractModel):
    """Where a sheet of targets that was not made here has what."""

    _name = "sdm.plan.layout"
    _description = "Layout of a Sheet of Targets"

    header_row = fields.Integer("Row of the header", default=1, required=True)
    who_column = fields.Char("Column of people", default="A", required=True, help="Names, e-mails or logins.")
    kpi_id = fields.Many2one("sdm.kpi", string="KPI", help="Of all its numbers, where the sheet has no column of KPI.")
    kpi_column = fields.Char("Column of KPI", help="Names or codes.")
    segment_column = fields.Char("Column of segments")
    category_column = fields.Char("Column of product categories")
    month_column = fields.Char("Column of months", help="Where each row has its own month. Empty: months are columns.")
    value_column = fields.Char("Column of targets", help="Where each row has its own month.")
    skipped = fields.Char(
        "Rows to leave out",
        default=lambda self: self.env._("Total"),
        help="What stands in the column of people there, with commas between.",
    )

    @api.constrains("header_row", *COLUMNS.values(), "month_column", "value_column")
    def _check_columns(self):
        for layout in self:
            layout._prepare_layout()

    def _prepare_layout(self):
        """The layout for the engine.

        :raise ValidationError: a column that is none, by the name of its field
        """
        self.ensure_one()
        columns = {name: self._get_column(field) for name, field in COLUMNS.items()}
        month, value = self._get_column("month_column"), self._get_column("value_column")
        if bool(month) != bool(value):
            raise ValidationError(
                self.env._("Months in rows need two columns: enter the column of months and the column of targets.")
            )
        if self.header_row < 1:
            raise ValidationError(self.env._("Rows are counted from 1: enter the row of the header."))
        return sheet.Layout(
            self.header_row,
            {name: column for name, column in columns.items() if column},
            month,
            value,
            frozenset(sheet.normal(text) for text in (self.skipped or "").split(",") if text.strip()),
        )

    def _get_column(self, field):
        letters = self[field]
        column = sheet.column_of(letters) if letters else None
        if letters and not column:
            raise ValidationError(
                self.env._(
                    "“%(letters)s” is no column. Enter letters, as in A or AB, in “%(field)s”.",
                    letters=letters,
                    field=self._fields[field]._description_string(self.env),
                )
            )
        return column


class SdmPlanProfile(models.Model):
    """A layout under a name, to read the same kind of sheet again."""

    _name = "sdm.plan.profile"
    _description = "Profile of a Sheet of Targets"
    _inherit = ["sdm.plan.layout"]
    _order = "name"

    name = fields.Char(required=True)

    _name_uniq = models.Constraint("UNIQUE(name)", "Another profile has this name.")
