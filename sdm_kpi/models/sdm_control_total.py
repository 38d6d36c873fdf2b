from odoo import api, fields, models


class SdmControlTotal(models.Model):
    """A total that somebody else keeps: of a company and month, or of a KPI, person and month of an old spreadsheet."""

    _name = "sdm.control.total"
    _description = "Control Total"
    _order = "date desc, company_id, employee_id, id"
    _rec_name = "date"

    perimeter_id = fields.Many2one("sdm.perimeter", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="cascade")
    date = fields.Date("Month", required=True)
    kpi_id = fields.Many2one(
        "sdm.kpi", string="KPI", index="btree_not_null", ondelete="cascade", help="Empty: revenue of the company."
    )
    employee_id = fields.Many2one("hr.employee", string="Person", index="btree_not_null", ondelete="cascade")
    amount = fields.Float(required=True, digits=(16, 2))
    note = fields.Char(help="The file that it came from.")

    _month_first_day = models.Constraint(
        "CHECK(EXTRACT(DAY FROM date) = 1)", "A month is named by its first day: enter the first of the month."
    )

    @api.model
    def _replace(self, rows, note):
        """Write totals; those of the same company, month, KPI and person are replaced.

        :param rows: list of vals without ``note``
        """
        names = ("perimeter_id", "company_id", "date", "kpi_id", "employee_id")
        sums = {}
        for row in rows:
            key = tuple(row.get(name) or False for name in names)
            sums[key] = sums.get(key, 0) + row["amount"]
        present = self.search(
            [
                ("perimeter_id", "in", list({key[0] for key in sums})),
                ("date", "in", list({key[2] for key in sums})),
            ]
        )
        present.filtered(
            lambda total: (
                (
                    total.perimeter_id.id,
                    total.company_id.id,
                    total.date,
                    total.kpi_id.id,
                    total.employee_id.id,
                )
                in sums
            )
        ).unlink()
        self.create([{**dict(zip(names, key, strict=True)), "amount": sums[key], "note": note} for key in sums])
