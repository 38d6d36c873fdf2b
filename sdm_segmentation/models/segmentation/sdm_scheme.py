from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import formatLang

from ...engine.decision_map import Decision
from ...engine.errors import CycleError
from ...engine.roadmap import Status
from ...engine.segmentation.nesting import Scheme, arrange_schemes
from ..res_partner_groups import READERS
from ..sdm_roadmap_mixin import SegmentDecision

# How a scheme tells customers apart. The README says how to add one, here or by selection_add in another addon.
METHODS = [
    ("abc", "ABC: who brings the money"),
    ("xyz", "XYZ: how evenly they buy"),
    ("rfm", "RFM: how lately, often and much"),
    ("life_cycle", "Life cycle: new, active, sleeping, lost"),
    ("wallet", "Potential and share of wallet: whom to develop"),
    ("ideal_client", "Ideal client: who looks like the one we want"),
    ("rules", "Rules of your own"),
    ("matrix", "Two schemes crossed"),
]
# Methods that look at data of each customer's own, so that a customer group has no class by them.
OWN_DATA = ("rules", "matrix", "wallet", "ideal_client")
LEVELS = [("partner", "Each customer"), ("group", "Customer groups where there are any")]


class SdmScheme(models.Model):
    """One way to tell customers apart. What it is computed by stands in its versions; the classes stay the same."""

    _name = "sdm.scheme"
    _description = "Segmentation Scheme"
    _inherit = ["mail.thread", "mail.activity.mixin", "sdm.roadmap.mixin"]
    _order = "is_primary desc, sequence, id"

    name = fields.Char(required=True, translate=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True)
    method = fields.Selection(METHODS, required=True, default="abc")
    perimeter_id = fields.Many2one(
        "sdm.perimeter",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env["sdm.perimeter"]._get_default(),
        help="The companies whose customers and sales count together.",
    )
    currency_id = fields.Many2one(related="perimeter_id.currency_id")
    level = fields.Selection(
        LEVELS,
        string="Judged",
        required=True,
        default="partner",
        tracking=True,
        help="A customer group is judged as one, and all its members have its class.",
    )
    is_primary = fields.Boolean(
        "Primary",
        tracking=True,
        help="Its class is the customer's segment in lists, deals, orders and reports. One scheme has it.",
    )
    segment_ids = fields.One2many("sdm.segment", "scheme_id", string="Segments")
    version_ids = fields.One2many("sdm.scheme.version", "scheme_id", string="Versions")
    version_id = fields.Many2one(
        "sdm.scheme.version", string="In force", compute="_compute_version_id", search="_search_version_id"
    )
    draft_version_id = fields.Many2one("sdm.scheme.version", string="Draft", compute="_compute_version_id")
    run_ids = fields.One2many("sdm.segmentation.run", "scheme_id", string="Runs")
    last_run_id = fields.Many2one("sdm.segmentation.run", compute="_compute_last_run_id")
    customer_count = fields.Integer(
        "Customers", compute="_compute_customer_count", groups=READERS, help="Who have a class by this scheme today."
    )

    _primary_uniq = models.UniqueIndex(
        "(is_primary) WHERE is_primary AND active", "Another scheme is the primary one already."
    )

    @api.depends("version_ids.state")
    @api.depends_context("uid")
    def _compute_version_id(self):
        for scheme in self:
            versions = scheme.version_ids
            scheme.version_id = versions.filtered(lambda version: version.state == "in_force")[:1]
            scheme.draft_version_id = versions.filtered(lambda version: version.state in ("draft", "scheduled"))[:1]

    def _search_version_id(self, operator, value):
        if operator != "in":
            return NotImplemented
        versions = self.env["sdm.scheme.version"].search([("state", "=", "in_force")])
        domain = [("version_ids", "in", versions.filtered(lambda version: version.id in value).ids)]
        return domain if False not in value else ["|", *domain, ("version_ids", "not in", versions.ids)]

    def _compute_last_run_id(self):
        for scheme in self:
            scheme.last_run_id = scheme.run_ids[:1]

    def _compute_customer_count(self):
        counts = dict(
            self.env["sdm.segment.membership"]._read_group(
                [("scheme_id", "in", self.ids), ("date_to", "=", False)], ["scheme_id"], ["__count"]
            )
        )
        for scheme in self:
            scheme.customer_count = counts.get(scheme, 0)

    @api.constrains("method", "level")
    def _check_level(self):
        for scheme in self:
            if scheme.level == "group" and scheme.method in OWN_DATA:
                raise ValidationError(
                    self.env._(
                        "“%(scheme)s” tells each customer apart by its own data, so it cannot judge customer groups. "
                        "Choose “Each customer”.",
                        scheme=scheme.name,
                    )
                )

    @api.constrains("is_primary", "active")
    def _check_nesting(self):
        # filters may ask for the customer's segment, which is another scheme's from now on
        if any(scheme.is_primary and scheme.active for scheme in self):
            self.search([("active", "=", True)])._in_order()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_force(self):
        for scheme in self:
            if scheme.version_ids.filtered(lambda version: version.state != "draft"):
                raise UserError(
                    self.env._(
                        "“%(scheme)s” has been in force, and customers have their history by it. Archive it instead.",
                        scheme=scheme.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    def write(self, vals):
        result = super().write(vals)
        if {"is_primary", "active"} & vals.keys():
            self.env.registry.clear_cache()
            self.env["sdm.segment.membership"].sudo()._write_primary()
        if vals.get("active") is False:
            self.env["sdm.segment.membership"].sudo()._end(self)
        return result

    def action_open_customers(self):
        """Open the customers with their present class in this scheme."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sdm_segmentation.sdm_segment_membership_action")
        action["domain"] = [("scheme_id", "=", self.id)]
        action["context"] = {"search_default_current": 1, "search_default_group_segment": 1}
        return action

    def action_open_version(self):
        """Open the version to work on: the draft, else the one in force."""
        self.ensure_one()
        version = self.draft_version_id or self.version_id or self.version_ids[:1]
        return version._get_form_action()

    def action_new_version(self):
        """Make a draft from the version in force, to change it."""
        self.ensure_one()
        if self.draft_version_id:
            return self.draft_version_id._get_form_action()
        source = self.version_id or self.version_ids[:1]
        return source.copy()._get_form_action()

    def _get_segments_in_force(self):
        """The segments of the version in force, in its order."""
        self.ensure_one()
        return self.version_id.line_ids.sorted().segment_id

    def _in_order(self, versions=None):
        """These schemes so that each comes after those that it asks.

        :param versions: {scheme: the version that says whom it asks}; of others the one in force does, else the draft
        :raise ValidationError: schemes that ask each other in a circle
        """
        versions = versions or {}
        everything = self
        asked = {}
        waiting = list(self)
        while waiting:
            scheme = waiting.pop()
            judged = versions.get(scheme)
            current = scheme.version_id or scheme.draft_version_id
            asked[scheme] = judged._get_asked_schemes() if judged else current._get_asked_schemes(is_lenient=True)
            waiting += asked[scheme] - everything
            everything |= asked[scheme]
        try:
            turns = arrange_schemes(
                Scheme(scheme.id, tuple(asked[scheme].ids), scheme.sequence) for scheme in everything
            )
        except CycleError as error:
            names = " → ".join(self.browse(error.codes).mapped("name"))
            raise ValidationError(
                self.env._(
                    "These schemes would ask each other in a circle: %(schemes)s. Change the rules of one.",
                    schemes=names,
                )
            ) from error
        return self.browse([turn.code for turn in turns if turn.code in self.ids])

    @api.model
    @tools.ormcache()
    def _has_primary(self):
        """Whether any scheme gives customers their segment, kept in memory: else nobody need look for one."""
        return bool(self.sudo().search_count([("is_primary", "=", True), ("active", "=", True)], limit=1))

    def _is_done(self, date):
        """Whether the version in force was carried out on a day."""
        self.ensure_one()
        return bool(
            self.run_ids.filtered(
                lambda run: (
                    run.state == "done"
                    and run.kind in ("apply", "nightly")
                    and run.date == date
                    and run.version_id == self.version_id
                )
            )
        )

    def _roadmap_status(self, step):
        """How many schemes of the current company's perimeter are in force; there should be one at least."""
        schemes = self.search_fetch(self._get_domain_counted(), ["is_primary"])
        versions = Domain("scheme_id", "in", schemes.ids) & Domain("state", "=", "in_force")
        in_force = self.env["sdm.scheme.version"].search_fetch(versions, ["scheme_id"]).scheme_id
        if not schemes:
            return Status(0, 1, self.env._("no scheme tells customers apart yet."))
        if not in_force:
            reason = self.env._("schemes are in force, so no customer has a class yet.")
        elif not any(in_force.mapped("is_primary")):
            reason = self.env._("schemes are in force. None of them is the primary one, so lists show no segment.")
        else:
            reason = self.env._("schemes are in force, and customers show their segment.")
        return Status(len(in_force), len(schemes), reason)

    def _get_segment_decisions(self, step, segments):
        """Since when the segment is told apart so, and how many customers are in it."""
        counts = dict(
            self.env["sdm.segment.membership"]._read_group(
                [("segment_id", "in", segments.ids), ("date_to", "=", False)], ["segment_id"], ["__count"]
            )
        )
        found = {}
        for segment in segments:
            version, count = segment.scheme_id.version_id, counts.get(segment, 0)
            found[segment] = SegmentDecision(
                Decision(version.date_from or None, version.date_review or None),
                self.env._("Customers: %(count)s", count=formatLang(self.env, count, digits=0)),
                segment.scheme_id,
            )
        return found

    def _get_roadmap_action(self, step):
        action = self.env["ir.actions.act_window"]._for_xml_id("sdm_segmentation.sdm_scheme_action")
        return {**action, "domain": self._get_domain_counted()}

    @api.model
    def _get_domain_counted(self):
        """Schemes of the current company's perimeter."""
        return [("active", "=", True), ("perimeter_id", "=", self.env["sdm.perimeter"]._get_default().id)]
