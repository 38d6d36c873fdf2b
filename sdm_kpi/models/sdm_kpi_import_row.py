from odoo import fields, models
from odoo.tools import SQL

from ..engine import history


class SdmKpiImportRow(models.Model):
    """A row of a file as it was read: what it says and whom it names, or what is wrong with it.

    Rows are there between the check of a file and its loading; nobody enters them. Of a table with a column for each
    month a row of the file makes one for each.
    """

    _name = "sdm.kpi.import.row"
    _description = "Row of a File"
    _order = "import_id, row, part"
    _rec_name = "row"
    _log_access = False

    import_id = fields.Many2one("sdm.kpi.import", string="File", required=True, ondelete="cascade")
    row = fields.Integer("Row of the file", required=True, aggregator=None)
    part = fields.Integer("Place of the month", required=True, default=0, aggregator=None)
    is_right = fields.Boolean()
    problems = fields.Json(help="Of a row that is wrong: column, reason and text of each wrong cell.")
    said = fields.Char(help="What the row says, however it is written.")
    date = fields.Date()
    partner_id = fields.Many2one("res.partner", string="Customer", ondelete="cascade", index="btree_not_null")
    employee_id = fields.Many2one("hr.employee", string="Person", ondelete="cascade", index="btree_not_null")
    category_id = fields.Many2one("product.category", string="Product category", ondelete="cascade")
    amount = fields.Float(digits=(20, 6))
    quantity = fields.Float()
    reference = fields.Char()

    _row_uniq = models.UniqueIndex("(import_id, row, part)", "The row was read already.")

    def _get_columns(self):
        """What is written of a row that was read: {name: type in the database}."""
        return {
            "row": "int4",
            "part": "int4",
            "is_right": "bool",
            "problems": "jsonb",
            "said": "varchar",
            "date": "date",
            "partner_id": "int4",
            "employee_id": "int4",
            "category_id": "int4",
            "amount": "numeric",
            "quantity": "float8",
            "reference": "varchar",
        }

    def _write_batch(self, record, rows):
        """Keep rows of a file by one statement; those that are there already stay.

        :param record: sdm.kpi.import; :param rows: dicts by the names of ``_get_columns()``
        """
        columns = self._get_columns()
        self.env.cr.execute(
            SQL(
                """INSERT INTO sdm_kpi_import_row (import_id, %s) SELECT %s, given.* FROM unnest(%s) given
                    ON CONFLICT (import_id, row, part) DO NOTHING""",
                SQL(", ").join(map(SQL.identifier, columns)),
                record.id,
                SQL(", ").join(
                    SQL("%s::%s[]", [row.get(name) for row in rows], SQL(kind)) for name, kind in columns.items()
                ),
            )
        )
        self.invalidate_model()
        record.invalidate_recordset(["progress"])

    def _delete(self, record, only_right):
        """Take out rows of a file.

        :param record: sdm.kpi.import; :param only_right: those that are wrong stay
        """
        self.flush_model()
        self.env.cr.execute(
            SQL(
                "DELETE FROM sdm_kpi_import_row WHERE import_id = ANY(%s) AND (is_right OR NOT %s)",
                record.ids,
                only_right,
            )
        )
        self.invalidate_model()
        record.invalidate_recordset(["progress"])

    def _query_keyed(self, record):
        """SQL of the rows of a file that are right, each with its ``key``. Oracle: ``engine.history.make_keys``.

        :param record: sdm.kpi.import
        """
        return SQL(
            """SELECT *, encode(sha256(convert_to(
                          said || %s || ROW_NUMBER() OVER (PARTITION BY said ORDER BY row, part), 'UTF8')), 'hex')
                      AS key
                 FROM sdm_kpi_import_row WHERE import_id = %s AND is_right""",
            history.MARK,
            record.id,
        )

    def _sum_up(self, record):
        """What was found in a file.

        :param record: sdm.kpi.import; :return: dict of its ``right_count``, ``rejected_count``, ``known_count``,
            ``totals``
        """
        self.flush_model()
        [(right, rejected)] = self.env.execute_query(
            SQL(
                """SELECT COUNT(*) FILTER (WHERE is_right), COUNT(DISTINCT row) FILTER (WHERE NOT is_right)
                     FROM sdm_kpi_import_row WHERE import_id = %s""",
                record.id,
            )
        )
        [(known,)] = self.env.execute_query(
            SQL(
                """SELECT COUNT(*) FROM (%s) keyed
                     JOIN sdm_kpi_history known
                          ON known.company_id = %s AND known.kind = %s AND known.key = keyed.key""",
                self._query_keyed(record),
                record.company_id.id,
                record.kind,
            )
        )
        totals = self.env.execute_query(
            SQL(
                """SELECT date_trunc('month', date)::date::text, COUNT(*), SUM(amount)::text
                     FROM sdm_kpi_import_row WHERE import_id = %s AND is_right GROUP BY 1 ORDER BY 1""",
                record.id,
            )
        )
        return {
            "right_count": right,
            "rejected_count": rejected,
            "known_count": known,
            "totals": [list(total) for total in totals],
        }
