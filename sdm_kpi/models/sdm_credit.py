from collections import defaultdict

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, float_compare, format_list

from odoo.addons.sdm_segmentation.models.reasons import check_reason

DOCUMENTS = [("crm.lead", "Deal"), ("sale.order", "Order"), ("account.move", "Invoice")]


class SdmCredit(models.Model):
    """A part of one document that a person is credited with, whoever its salesperson is.

    Only exceptions are entered here. What they leave of a document goes by the rules of credit. What is entered for a
    deal holds for its orders and their invoices, unless these have an own one.
    """

    _name = "sdm.credit"
    _description = "Credit"
    _inherit = ["sdm.guarded.mixin", "mail.thread"]
    _order = "id desc"
    _rec_name = "document"

    document = fields.Reference(DOCUMENTS, required=True, tracking=True)
    res_model = fields.Selection(DOCUMENTS, string="Kind of document", compute="_compute_record", store=True)
    res_id = fields.Many2oneReference("Number", model_field="res_model", compute="_compute_record", store=True)
    employee_id = fields.Many2one(
        "hr.employee", string="Credited to", required=True, index=True, ondelete="restrict", tracking=True
    )
    share = fields.Float(
        default=1.0,
        required=True,
        digits=(5, 4),
        aggregator=None,
        tracking=True,
        help="Part of the document; what is left of it goes by the rules.",
    )
    is_overlay = fields.Boolean(
        "On top",
        tracking=True,
        help="Besides those who have the document anyway, as for a product specialist. It counts for the person and is "
        "taken off again under nobody, so that no total counts it twice.",
    )
    is_allowed = fields.Boolean(
        "Of own companies",
        compute="_compute_is_allowed",
        search="_search_is_allowed",
        help="The document is of a company that is open at the moment, or of none.",
    )
    reason = fields.Char(required=True, tracking=True, help="Why, in plain words: it is asked when pay is counted.")

    _share_range = models.Constraint(
        "CHECK(share > 0 AND share <= 1)", "The share of a document that is credited is more than 0 and at most 100 %."
    )
    _person_uniq = models.UniqueIndex(
        "(res_model, res_id, employee_id)", "This person is credited with the document already: change that share."
    )

    @api.depends("document")
    def _compute_record(self):
        for part in self:
            part.res_model = part.document._name if part.document else False
            part.res_id = part.document.id if part.document else False

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts._note_models()
        return parts

    def write(self, vals):
        result = super().write(vals)
        if "document" in vals:
            self._note_models()
        return result

    @api.model
    @tools.ormcache()
    def _get_models(self):
        """Of which models anything was ever credited by hand, kept in memory: a frozenset."""
        return frozenset(model for (model,) in self.sudo()._read_group([], ["res_model"]))

    def _note_models(self):
        if not self._get_models().issuperset(self.mapped("res_model")):
            self.env.registry.clear_cache()

    @api.depends("document")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_is_allowed(self):
        for part in self:
            company = part.sudo().document.exists().company_id if part.document else part.env["res.company"]
            part.is_allowed = not company or company in self.env.companies

    def _search_is_allowed(self, operator, value):
        if operator != "in":
            return NotImplemented
        hidden = self.env["res.company"].sudo().search([("id", "not in", self.env.companies.ids)])
        if not hidden:
            return Domain.TRUE

        def to_sql(model, alias, query):
            return SQL(" AND ").join(
                SQL(
                    """NOT EXISTS (
                       SELECT FROM %s document WHERE %s = %s AND document.id = %s AND document.company_id IN %s)""",
                    SQL.identifier(self.env[name]._table),
                    model._field_to_sql(alias, "res_model", query),
                    name,
                    model._field_to_sql(alias, "res_id", query),
                    tuple(hidden.ids),
                    to_flush=self.env[name]._fields["company_id"],
                )
                for name, _label in DOCUMENTS
            )

        return Domain.custom(to_sql=to_sql, predicate=lambda part: part.is_allowed)

    @api.constrains("reason")
    def _check_reason(self):
        for part in self:
            check_reason(self.env, part.reason)

    def _queue_behind_others(self):
        """Let who credits the same documents at the same time wait, look again, and see what was entered here.

        A transaction sees the data as they were at its beginning: the one that comes second must fail and begin anew.
        """
        for model, parts in self.grouped("res_model").items():
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET write_date = write_date WHERE id = ANY(%s)",
                    SQL.identifier(self.env[model]._table),
                    sorted(parts.mapped("res_id")),
                )
            )

    @api.constrains("document", "share", "is_overlay")
    def _check_share(self):
        # who else is credited with documents of other companies is told to nobody
        self.sudo(False).filtered(lambda part: not part.is_allowed).check_access("read")
        self._queue_behind_others()
        documents = defaultdict(list)
        for part in self:
            documents[part.res_model].append(part.res_id)
        for model, ids in documents.items():
            groups = self._read_group(
                [("res_model", "=", model), ("res_id", "in", ids), ("is_overlay", "=", False)],
                ["res_id"],
                ["share:sum", "id:recordset"],
            )
            for _record, share, parts in groups:
                if float_compare(share, 1, precision_digits=4) > 0:
                    raise ValidationError(
                        self.env._(
                            "%(people)s would have %(share)s %% of %(document)s together. "
                            "Lower one of the shares: together they are at most the whole.",
                            people=format_list(self.env, parts.employee_id.mapped("name")),
                            share=f"{share * 100:g}",
                            document=parts[0].document.display_name,
                        )
                    )
