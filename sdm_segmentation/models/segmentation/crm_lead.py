from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from ..defaults import drop_defaults
from .res_partner import GROUPS

# Odoo's assignment asks for the segment, and people who are nobody in Sales Drive may start it.
LEAD_GROUPS = f"{GROUPS},sales_team.group_sale_manager"
# What a customer has under one name and a lead under another.
OF_CUSTOMER = {"name": "partner_name", "is_company": "partner_name", "email": "email_from", "lang": "lang_code"}
# These are of a record and not of whom it is about.
OF_RECORD = {*models.MAGIC_COLUMNS, "active", "color", "display_name", "type"}
# What a lead without a customer was judged to be
JUDGED = {"sdm_own_segment_id", "sdm_segment_details"}
MIXINS = ("mail.thread", "mail.activity.mixin", "utm.mixin")


class CrmLead(models.Model):
    """The segment of a deal is that of its customer; a lead without one is classed by what is entered on it."""

    _inherit = "crm.lead"

    sdm_segment_id = fields.Many2one(
        "sdm.segment",
        string="Segment",
        compute="_compute_sdm_segment_id",
        search="_search_sdm_segment_id",
        groups=LEAD_GROUPS,
        help="Segment of the customer today; of a lead without one, by what is entered on it. Empty: unclassified.",
    )
    sdm_customer_segment_id = fields.Many2one(
        "sdm.segment",
        string="Segment of the customer",
        related="partner_id.commercial_partner_id.sdm_segment_id",
        groups=GROUPS,
    )
    sdm_own_segment_id = fields.Many2one(
        "sdm.segment",
        string="Own segment",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups=GROUPS,
        help="Of a lead without a customer. Runs of the primary scheme write it.",
    )
    sdm_segment_details = fields.Json(copy=False, groups=GROUPS, help="What the own segment was computed from.")
    sdm_segment_reason = fields.Text("Why", compute="_compute_sdm_segment_reason", groups=GROUPS)
    sdm_segment_table = fields.Html(
        "Computed from", compute="_compute_sdm_segment_reason", sanitize=False, groups=GROUPS
    )

    _sdm_judged_idx = models.Index("(id) WHERE sdm_segment_details IS NOT NULL")

    @api.depends("partner_id.commercial_partner_id.sdm_segment_id", "sdm_own_segment_id")
    def _compute_sdm_segment_id(self):
        for lead in self.sudo():
            customer = lead.partner_id.commercial_partner_id
            lead.sdm_segment_id = customer.sdm_segment_id if customer else lead.sdm_own_segment_id

    def _search_sdm_segment_id(self, operator, value):
        if operator not in ("in", "any", "any!"):
            return NotImplemented
        # a search of a computed field is not checked by itself
        self._check_field_access(self._fields["sdm_segment_id"], "read")

        def to_sql(model, alias, query):
            # whoever may ask for the segment need not be allowed to read the customer
            leads = model.sudo()
            has_customer = Domain("partner_id", "!=", False)
            domain = has_customer & Domain("partner_id.commercial_partner_id.sdm_segment_id", operator, value)
            domain |= ~has_customer & Domain("sdm_own_segment_id", operator, value)
            return domain.optimize_full(leads)._to_sql(leads, alias, query)

        return Domain.custom(to_sql=to_sql)

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr != "sdm_segment_id":
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        leads = self.sudo()
        return SQL(
            "CASE WHEN %s IS NULL THEN %s ELSE %s END",
            leads._field_to_sql(alias, "partner_id", query),
            leads._field_to_sql(alias, "sdm_own_segment_id", query),
            leads._field_to_sql(alias, "sdm_customer_segment_id", query),
        )

    @api.depends("sdm_segment_id", "sdm_segment_details", "partner_id")
    @api.depends_context("lang")
    def _compute_sdm_segment_reason(self):
        scheme = self.env["sdm.scheme"].sudo().search([("is_primary", "=", True)], limit=1)
        for lead in self:
            sentence, rows = lead._explain_sdm_segment(scheme)
            lead.sdm_segment_reason = sentence
            lead.sdm_segment_table = self.env["ir.qweb"]._render(
                "sdm_segmentation.sdm_segment_explanation", {"rows": rows}
            )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(JUDGED & vals.keys() for vals in vals_list):
            raise AccessError(self.env["res.partner"]._tell_sdm_segment_is_computed())
        return super(CrmLead, drop_defaults(self, JUDGED)).create(vals_list)

    def write(self, vals):
        if not self.env.su and JUDGED & vals.keys():
            raise AccessError(self.env["res.partner"]._tell_sdm_segment_is_computed())
        return super().write(vals)

    # -- why ----------------------------------------------------------------------------------------------------------

    def action_explain_sdm_segment(self):
        """Show why the deal has its segment: that of its customer; a lead without one is judged now."""
        self.ensure_one()
        self.check_access("read")
        if self.partner_id:
            return self.partner_id.action_open_sdm_memberships()
        self._classify_sdm(self)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Segment of %(lead)s", lead=self.name),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(self.env.ref("sdm_segmentation.crm_lead_view_form_segment_reason").id, "form")],
            "target": "new",
        }

    def _explain_sdm_segment(self, scheme):
        """Why a deal has its segment.

        :param scheme: the primary sdm.scheme
        :return: tuple (sentence, list of (label, text))
        """
        self.ensure_one()
        lead = self.sudo()
        if lead.partner_id:
            return self.env._(
                "Segment of the customer %(customer)s.", customer=lead.partner_id.commercial_partner_id.name
            ), []
        version = scheme.version_id
        if not version:
            return self.env._("Unclassified: no scheme is shown as the customer's segment."), []
        return version._explain_lead(lead)

    # -- judging ------------------------------------------------------------------------------------------------------

    @api.model
    def _get_sdm_field_of_customer(self, name):
        """The field of a lead that says the same as one of a customer; None where leads have nothing of the kind.

        :param name: of the customer's field
        """
        theirs = self.env["res.partner"]._fields.get(name)
        if not theirs or name in OF_RECORD or any(name in self.env[mixin]._fields for mixin in MIXINS):
            return None
        field = self._fields.get(OF_CUSTOMER.get(name, name))
        same = (
            field and (field.type == theirs.type or name in OF_CUSTOMER) and field.comodel_name == theirs.comodel_name
        )
        return field if same and (field.store or field.related) else None

    @api.model
    def _classify_sdm(self, leads=None):
        """Judge leads without a customer by the primary scheme, whatever their number: one statement.

        :param leads: only these; all if none
        """
        scheme = self.env["sdm.scheme"].sudo().search([("is_primary", "=", True)], limit=1)
        version = scheme.version_id
        only = SQL("AND lead.id IN %s", tuple(leads.ids) or (0,)) if leads is not None else SQL("")
        self.env.flush_all()
        if version and version._judges_leads():
            places = SQL(", ").join(
                SQL("(%s, %s)", place, line.segment_id.id) for place, line in enumerate(version._get_lines(), start=1)
            )
            classed = SQL(
                """SELECT classed.id, line.segment_id, classed.details
                     FROM (%s) classed LEFT JOIN (VALUES %s) line (position, segment_id)
                       ON line.position = classed.position""",
                version._query_lead_classes(),
                places,
            )
            self.env.cr.execute(
                SQL(
                    """WITH classed AS MATERIALIZED (%(classed)s),
                    begun AS (
                        UPDATE crm_lead lead
                           SET sdm_own_segment_id = classed.segment_id, sdm_segment_details = classed.details
                          FROM classed
                         WHERE lead.id = classed.id %(only)s
                           AND (lead.sdm_own_segment_id IS DISTINCT FROM classed.segment_id
                                OR lead.sdm_segment_details IS DISTINCT FROM classed.details)
                    )
                    UPDATE crm_lead lead SET sdm_own_segment_id = NULL, sdm_segment_details = NULL
                     WHERE lead.sdm_segment_details IS NOT NULL %(only)s
                       AND NOT EXISTS (SELECT FROM classed WHERE classed.id = lead.id)""",
                    classed=classed,
                    only=only,
                )
            )
        else:
            self.env.cr.execute(
                SQL(
                    """UPDATE crm_lead lead SET sdm_own_segment_id = NULL, sdm_segment_details = NULL
                        WHERE lead.sdm_segment_details IS NOT NULL %s""",
                    only,
                )
            )
        self.env.invalidate_all()
