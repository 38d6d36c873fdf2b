from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..engine import closing, facts, periods
from .sdm_period_entry import DOCUMENTS

KEYS = ("employee_id", "head_id", "team_id", "segment_id", "category_id", "company_id", "partner_id")
# by what a document is shown apart, whatever the product categories of its lines
PLACES = ("employee_id", "head_id", "team_id", "segment_id", "company_id")
DELETED = "deleted"


class SdmPeriodDifference(models.Model):
    """What a document counts otherwise than when its month was closed, for a KPI and a person.

    A row is of one product category; the first of a document has what all of them come to, and is the one shown.
    Those of a KPI and month add up to what its facts would change by. Runs write here; a decision of the director
    settles a difference, which stays as its evidence.
    """

    _name = "sdm.period.difference"
    _description = "Difference of a Closed Month"
    _order = "period_id desc, res_model, res_id, kpi_id, id"
    _rec_name = "reference"
    _log_access = False

    period_id = fields.Many2one("sdm.period", string="Month", required=True, index=True, ondelete="cascade")
    kpi_id = fields.Many2one("sdm.kpi", string="KPI", required=True, index=True, ondelete="cascade")
    unit = fields.Selection(related="kpi_id.unit")
    kind = fields.Selection(
        [
            (closing.LATE, "Came later"),
            (closing.CHANGED, "Changed"),
            (closing.GONE, "No longer counts"),
            (DELETED, "Deleted"),
        ],
        string="What happened",
        required=True,
    )
    date = fields.Date(required=True)
    employee_id = fields.Many2one("hr.employee", string="Person", ondelete="set null", index="btree_not_null")
    head_id = fields.Many2one("hr.employee", string="Group of", ondelete="set null")
    team_id = fields.Many2one("crm.team", string="Sales team", ondelete="set null")
    segment_id = fields.Many2one("sdm.segment", ondelete="set null")
    category_id = fields.Many2one("product.category", string="Product category", ondelete="set null")
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", string="Customer", ondelete="set null", index="btree_not_null")
    res_model = fields.Char("Kind of document", required=True)
    res_id = fields.Many2oneReference("Number", model_field="res_model", required=True)
    reference = fields.Char("Document")
    old_value = fields.Float("Counted, of the category", digits=False)
    new_value = fields.Float("Would count, of the category", digits=False)
    difference = fields.Float("Difference of the category", digits=False)
    is_document = fields.Boolean(
        "Stands for the document", help="One of the rows by product category: with what the whole document counts."
    )
    document_old_value = fields.Float("Counted", digits=False)
    document_new_value = fields.Float("Would count", digits=False)
    document_difference = fields.Float("Difference", digits=False)
    found_on = fields.Date(help="When the difference was first seen.")
    restatement_id = fields.Many2one(
        "sdm.period.restatement", string="Decision", index="btree_not_null", ondelete="set null"
    )
    decision = fields.Selection(related="restatement_id.kind", string="Decided")
    reason = fields.Text(related="restatement_id.reason")

    # -- found by runs ------------------------------------------------------------------------------------------------

    @api.model
    def _refresh(self, run, source, scope, kpis, changed):
        """Bring what is listed of KPI of a source in line with their documents.

        :param run: sdm.kpi.run; :param source: of ``SOURCES``; :param scope: of the perimeter
        :param kpis: kept ones of the source
        :param changed: pairs (KPI, month) that have any; what is listed of others is gone
        """
        query = self._query_found(run, source, scope, kpis, changed) if changed else None
        scope = SQL(
            """listed.restatement_id IS NULL AND listed.kpi_id = ANY(%s) AND listed.period_id IN (
               SELECT id FROM sdm_period WHERE perimeter_id = %s AND date BETWEEN %s AND %s)""",
            kpis.ids,
            run.perimeter_id.id,
            run.date_from,
            run.date_to,
        )
        if query is None:
            run._execute_set_based(SQL("DELETE FROM sdm_period_difference listed WHERE %s", scope))
        else:
            of_document = ("is_document", "document_old_value", "document_new_value")
            columns = (
                "period_id",
                "kpi_id",
                "kind",
                "res_model",
                "res_id",
                "old_value",
                "new_value",
                *of_document,
                *KEYS,
            )
            same = SQL(" AND ").join(
                SQL("listed.%s IS NOT DISTINCT FROM found.%s", SQL.identifier(name), SQL.identifier(name))
                for name in columns
            )
            names = SQL(", ").join(SQL.identifier(name) for name in columns)
            run._execute_set_based(
                SQL(
                    """WITH %(found)s,
                    removed AS (
                        DELETE FROM sdm_period_difference listed
                         WHERE %(scope)s AND NOT EXISTS (SELECT FROM found WHERE %(same)s)
                    )
                    INSERT INTO sdm_period_difference
                           (%(names)s, date, reference, difference, document_difference, found_on)
                    SELECT %(names)s, date, reference, new_value - old_value,
                           document_new_value - document_old_value, %(today)s
                      FROM found
                     WHERE NOT EXISTS (SELECT FROM sdm_period_difference listed WHERE %(scope)s AND %(same)s)""",
                    found=query,
                    scope=scope,
                    same=same,
                    names=names,
                    today=fields.Date.context_today(self),
                )
            )
        self.invalidate_model()

    def _query_found(self, run, source, scope, kpis, changed):
        """SQL of the WITH list to ``found``: the differences by document. Oracle: ``engine.closing``.

        Of a count of customers it is the customer who was counted or not, whatever the number of documents.
        """
        Entry = self.env["sdm.period.entry"].sudo()
        months = [fields.Date.to_date(month) for _kpi, month in changed]
        kpis = kpis.browse({kpi for kpi, _month in changed})
        keys = SQL(", ").join(SQL.identifier(name) for name in KEYS)
        return SQL(
            """pair (kpi_id, month) AS (VALUES %(pairs)s),
            entry AS MATERIALIZED (%(entries)s),
            present AS MATERIALIZED (%(present)s),
            known AS MATERIALIZED (
                SELECT counted.kpi_id, counted.month, MIN(counted.date) AS date, counted.res_model, counted.res_id,
                       MIN(counted.reference) AS reference, %(keys)s, SUM(counted.value) AS value
                  FROM (
                       SELECT counted.kpi_id, period.date AS month, counted.date, counted.res_model, counted.res_id,
                              counted.reference, counted.value + counted.settled AS value, %(known)s
                         FROM sdm_period_entry counted
                         JOIN sdm_period period ON period.id = counted.period_id
                              AND period.perimeter_id = %(perimeter)s
                         JOIN pair ON pair.kpi_id = counted.kpi_id AND pair.month = period.date
                         LEFT JOIN (%(people)s) person ON person.employee_id = counted.employee_id
                        WHERE NOT counted.is_correction
                  ) counted
                 GROUP BY counted.kpi_id, counted.month, counted.res_model, counted.res_id, %(keys)s
                HAVING SUM(counted.value) <> 0
            ),
            both_sides AS (
                SELECT kpi_id, month, date, res_model, res_id, NULL::varchar AS reference, %(keys)s, value AS new,
                       0::numeric AS old
                  FROM present JOIN pair USING (kpi_id, month)
                 UNION ALL
                SELECT kpi_id, month, date, res_model, res_id, reference, %(keys)s, 0::numeric, value FROM known
            ),
            changed AS (
                SELECT kpi_id, month, MIN(date) AS date, res_model, res_id, MIN(reference) AS reference, %(keys)s,
                       SUM(old) AS old_value, SUM(new) AS new_value
                  FROM both_sides WHERE NOT kpi_id = ANY(%(customers)s)
                 GROUP BY kpi_id, month, res_model, res_id, %(keys)s
                HAVING SUM(old) <> SUM(new)
                 UNION ALL
                SELECT kpi_id, month, MIN(date), (ARRAY_AGG(res_model ORDER BY res_model, res_id))[1],
                       (ARRAY_AGG(res_id ORDER BY res_model, res_id))[1], MIN(reference), %(keys)s,
                       (SUM(old) > 0)::int, (SUM(new) > 0)::int
                  FROM both_sides WHERE kpi_id = ANY(%(customers)s)
                 GROUP BY kpi_id, month, %(keys)s
                HAVING (SUM(old) > 0) <> (SUM(new) > 0)
            ),
            found AS MATERIALIZED (
                SELECT period.id AS period_id, changed.*,
                       ROW_NUMBER() OVER of_document = 1 AS is_document,
                       CASE WHEN ROW_NUMBER() OVER of_document > 1 THEN 0
                            WHEN changed.kpi_id = ANY(%(customers)s) THEN (customer.old > 0)::int
                            ELSE SUM(changed.old_value) OVER whole_document END AS document_old_value,
                       CASE WHEN ROW_NUMBER() OVER of_document > 1 THEN 0
                            WHEN changed.kpi_id = ANY(%(customers)s) THEN (customer.new > 0)::int
                            ELSE SUM(changed.new_value) OVER whole_document END AS document_new_value,
                       CASE WHEN NOT EXISTS (
                                 SELECT FROM known
                                  WHERE known.kpi_id = changed.kpi_id AND known.month = changed.month
                                    AND known.res_model = changed.res_model AND known.res_id = changed.res_id)
                            THEN %(late)s
                            WHEN EXISTS (
                                 SELECT FROM present
                                  WHERE present.kpi_id = changed.kpi_id AND present.month = changed.month
                                    AND present.res_model = changed.res_model AND present.res_id = changed.res_id)
                            THEN %(altered)s
                            WHEN %(exists)s THEN %(gone)s
                            ELSE %(deleted)s END AS kind
                  FROM (SELECT changed.kpi_id, changed.month, changed.date, changed.res_model, changed.res_id,
                               changed.old_value, changed.new_value, %(keys)s,
                               COALESCE(%(reference)s, changed.reference) AS reference FROM changed) changed
                  JOIN sdm_period period ON period.perimeter_id = %(perimeter)s AND period.date = changed.month
                  LEFT JOIN (
                       SELECT kpi_id, month, partner_id, %(places)s, SUM(old) AS old, SUM(new) AS new
                         FROM both_sides WHERE kpi_id = ANY(%(customers)s)
                        GROUP BY kpi_id, month, partner_id, %(places)s
                  ) customer ON customer.kpi_id = changed.kpi_id AND customer.month = changed.month
                       AND customer.partner_id = changed.partner_id AND %(same_place)s
                WINDOW whole_document AS (
                           PARTITION BY changed.kpi_id, changed.month, changed.res_model, changed.res_id,
                                        changed.partner_id, %(changed_places)s
                       ),
                       of_document AS (whole_document ORDER BY changed.category_id NULLS FIRST)
            )""",
            pairs=SQL(", ").join(SQL("(%s, %s::date)", kpi, month) for kpi, month in changed),
            entries=self.env["sdm.kpi.source"].sudo()._query_entries(scope, source, min(months), max(months)),
            present=kpis._query_counted(),
            keys=keys,
            places=SQL(", ").join(SQL.identifier(name) for name in PLACES),
            changed_places=SQL(", ").join(SQL.identifier("changed", name) for name in PLACES),
            same_place=SQL(" AND ").join(
                SQL("customer.%s IS NOT DISTINCT FROM changed.%s", SQL.identifier(name), SQL.identifier(name))
                for name in PLACES
            ),
            # who has another first card since the month was closed is the same person
            people=self.env["sdm.kpi.source"]._query_people(scope),
            known=SQL(", ").join(
                SQL("COALESCE(person.person_id, counted.employee_id) AS employee_id")
                if name == "employee_id"
                else SQL.identifier("counted", name)
                for name in KEYS
            ),
            perimeter=run.perimeter_id.id,
            customers=[kpi.id for kpi in kpis if kpi.semantics == facts.DISTINCT],
            late=closing.LATE,
            altered=closing.CHANGED,
            gone=closing.GONE,
            deleted=DELETED,
            exists=Entry._query_exists("changed"),
            reference=Entry._query_reference("changed"),
        )

    # -- to the document and to a decision ----------------------------------------------------------------------------

    def action_open_document(self):
        """Open the document; of a deleted one the customer."""
        self.ensure_one()
        self.check_access("read")
        record = self.env[self.res_model].browse(self.res_id) if self.res_model in DOCUMENTS else None
        if record is None or not record.sudo().exists():
            record = self.partner_id
        if record._name == "hr.employee":
            record = self.env["hr.employee.public"].browse(record.id)
        if not record:
            raise UserError(self.env._("“%s” was deleted, and nothing else is known of it.", self.reference or ""))
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "views": [(False, "form")],
        }

    def action_decide(self):
        """Ask what becomes of the differences of the documents chosen."""
        self.period_id._check_director()
        chosen = self._get_whole_documents()
        if not chosen:
            raise UserError(self.env._("What you chose is decided already. Choose differences without a decision."))
        if len(chosen.period_id) > 1:
            raise UserError(
                self.env._(
                    "These are differences of several months: %(months)s. Decide one month after the other.",
                    months=", ".join(chosen.period_id.sorted("date").mapped("display_name")),
                )
            )
        wizard = self.env["sdm.period.restate"].create(
            {
                "period_id": chosen.period_id.id,
                "difference_ids": [fields.Command.set(chosen.filtered("is_document").ids)],
            }
        )
        return wizard._get_form_action()

    def _get_whole_documents(self):
        """The undecided differences of the documents of these, for all KPI and persons: a document is not divided."""
        undecided = self.filtered(lambda difference: not difference.restatement_id)
        documents = {(row.period_id, row.res_model, row.res_id) for row in undecided}
        others = self.search([("period_id", "in", undecided.period_id.ids), ("restatement_id", "=", False)])
        return others.filtered(lambda row: (row.period_id, row.res_model, row.res_id) in documents)

    @api.model
    def _get_month_of_corrections(self, perimeter):
        """The month in which corrections count: the present one, added where it is not there yet."""
        month = periods.month_of(fields.Date.context_today(self))
        period = self.env["sdm.period"].sudo().search([("perimeter_id", "=", perimeter.id), ("date", "=", month)])
        return period or period.create({"perimeter_id": perimeter.id, "date": month})
