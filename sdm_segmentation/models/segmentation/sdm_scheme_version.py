from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command, Domain

from ..filters import walk
from .sdm_sales_source import MEASURES, SOURCES

# What a version is computed by; fixed once it has been in force, since results name the version.
SETTINGS = {
    "source",
    "measure",
    "window_months",
    "scope_domain",
    "without_sales",
    "abc_rule",
    "deviation",
    "is_deseasonalised",
    "bin_count",
    "cut_method",
    "recency_cuts",
    "frequency_cuts",
    "money_cuts",
    "new_days",
    "sleeping_multiple",
    "lost_multiple",
    "default_interval",
    "is_season_aware",
    "criterion_ids",
    "minimum_completeness",
    "value_limit",
    "share_limit",
    "wallet_value",
    "potential_days",
    "row_scheme_id",
    "column_scheme_id",
    "promotion_margin",
    "demotion_margin",
    "confirming_runs",
    "line_ids",
}
# By which fields a filter of customers asks for classes of the primary scheme, and of any scheme
SEGMENT_OF_CUSTOMER = {"sdm_segment_id", "sdm_customer_segment_id"}
MEMBERSHIPS = {"sdm_membership_ids", "sdm_segment_history_ids"}
SEGMENT_OF_MEMBERSHIP = {"segment_id", "computed_segment_id"}


class SdmSchemeVersion(models.Model):
    """What a scheme is computed by, from a day on: measure, window, limits. Results keep the version they came from."""

    _name = "sdm.scheme.version"
    _description = "Version of a Segmentation Scheme"
    _inherit = ["sdm.decision.version"]
    _order = "scheme_id, number desc, id desc"

    scheme_id = fields.Many2one("sdm.scheme", required=True, index=True, ondelete="cascade")
    scheme_name = fields.Char(related="scheme_id.name", string="Scheme name", readonly=False)
    method = fields.Selection(related="scheme_id.method")
    perimeter_id = fields.Many2one(related="scheme_id.perimeter_id", store=True, index=True)
    currency_id = fields.Many2one(related="scheme_id.currency_id")

    source = fields.Selection(
        [("auto", "Best available"), *SOURCES],
        string="Sales are",
        required=True,
        default="auto",
        help="Best available: invoices if there are any in the window, else orders, else won deals.",
    )
    measure = fields.Selection(MEASURES, string="Judged by", required=True, default="revenue")
    window_months = fields.Integer("Months looked back", required=True, default=12)
    scope_domain = fields.Char(
        "Which customers",
        required=True,
        default="[]",
        help="Only these customers are judged; empty: all. Companies of the perimeter itself never are.",
    )
    without_sales = fields.Selection(
        [("none", "Have no class"), ("last", "Are in the last class")],
        string="Customers without sales",
        required=True,
        default="none",
        help="Customers whose sales in the window are zero or negative; they are never part of the total.",
    )
    abc_rule = fields.Selection(
        [
            ("crossing", "The customer that crosses the limit still counts in"),
            ("inclusive", "The customer must be within the limit"),
        ],
        string="At the limit",
        required=True,
        default="crossing",
        help="Crossing: a customer is A while the share before it is below the limit, so exactly 80 % is B already. "
        "Within: the share with it is at most the limit; the largest customer is always A.",
    )
    deviation = fields.Selection(
        [("population", "Of all months"), ("sample", "Of a sample of months")],
        string="Standard deviation",
        required=True,
        default="population",
    )
    is_deseasonalised = fields.Boolean("Without the season", help="Even out what the season does to all customers.")
    bin_count = fields.Integer(
        "Scores", default=5, required=True, help="How many scores recency, frequency, money have."
    )
    cut_method = fields.Selection(
        [("quantile", "So that each score has as many customers"), ("fixed", "At fixed values")],
        string="Scores end",
        default="quantile",
        required=True,
    )
    recency_cuts = fields.Char("Days, best first", default="30; 90; 180; 365", help="One value fewer than scores.")
    frequency_cuts = fields.Char("Sales", default="1; 3; 6; 12", help="One value fewer than scores, rising.")
    money_cuts = fields.Char("Money", default="1000; 5000; 20000; 100000", help="One value fewer than scores, rising.")
    sleeping_multiple = fields.Float(
        "Sleeping after", default=1.5, digits=(6, 2), help="Times the customer's own usual interval without an order."
    )
    lost_multiple = fields.Float(
        "Lost after", default=3.0, digits=(6, 2), help="Times the customer's own usual interval without an order."
    )
    default_interval = fields.Integer(
        "Usual interval, days", default=90, help="For customers with too few orders to know their own."
    )
    new_days = fields.Integer("New for, days", default=90, help="From the first sale on.")
    is_season_aware = fields.Boolean(
        "Know the season", default=True, help="A customer that buys in certain months only is not missed in the others."
    )
    row_scheme_id = fields.Many2one("sdm.scheme", string="First scheme", ondelete="restrict")
    column_scheme_id = fields.Many2one("sdm.scheme", string="Second scheme", ondelete="restrict")
    promotion_margin = fields.Float(
        "Margin to rise",
        digits=(6, 4),
        help="How far beyond the limit a customer must be to rise, in the unit of the limit. It stops back and forth.",
    )
    demotion_margin = fields.Float(
        "Margin to fall",
        digits=(6, 4),
        help="How far beyond the limit a customer must be to fall, in the unit of the limit. It stops back and forth.",
    )
    confirming_runs = fields.Integer(
        "Runs to confirm", default=1, help="A class changes after so many runs in a row agree; 1: at once."
    )
    line_ids = fields.One2many("sdm.scheme.version.line", "version_id", string="Classes", copy=True)
    run_ids = fields.One2many("sdm.segmentation.run", "version_id", string="Runs")
    preview_run_id = fields.Many2one("sdm.segmentation.run", compute="_compute_preview_run_id")
    preview = fields.Json(compute="_compute_preview")
    has_limits = fields.Boolean(compute="_compute_has_limits")

    _number_uniq = models.Constraint("UNIQUE(scheme_id, number)", "The scheme has a version of this number already.")
    _in_force_uniq = models.UniqueIndex("(scheme_id) WHERE state = 'in_force'", "Another version is in force.")
    _draft_uniq = models.UniqueIndex(
        "(scheme_id) WHERE state IN ('draft', 'scheduled')", "The scheme has a draft already. Work on that one."
    )
    _window_range = models.Constraint(
        "CHECK(window_months BETWEEN 1 AND 120)", "Look back 1 to 120 months: change “Months looked back”."
    )
    _bins_range = models.Constraint("CHECK(bin_count BETWEEN 3 AND 10)", "Use 3 to 10 scores.")
    _confirming_range = models.Constraint(
        "CHECK(confirming_runs >= 1)", "A class needs at least one run: set “Runs to confirm” to 1 or more."
    )
    _margins_range = models.Constraint(
        "CHECK(promotion_margin >= 0 AND demotion_margin >= 0)", "A margin is zero or more."
    )
    _multiples_order = models.Constraint(
        "CHECK(sleeping_multiple > 0 AND lost_multiple > sleeping_multiple)",
        "A customer sleeps before it is lost: “Lost after” must be greater than “Sleeping after”.",
    )
    _interval_range = models.Constraint("CHECK(default_interval >= 1)", "The usual interval is at least one day.")

    @api.depends("scheme_id.name", "number")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for version in self:
            version.display_name = self.env._(
                "%(scheme)s, version %(number)s", scheme=version.scheme_id.name or "", number=version.number
            )

    def _compute_preview_run_id(self):
        for version in self:
            version.preview_run_id = version.run_ids.filtered(lambda run: run.kind == "preview")[:1]

    @api.depends("method")
    def _compute_has_limits(self):
        for version in self:
            version.has_limits = version.method in version._get_limit_methods()

    @api.model
    def _get_limit_methods(self):
        """Methods whose classes lie between limits on one number, so that margins make sense."""
        return {"abc", "xyz"}

    @api.depends("run_ids.statistics")
    @api.depends_context("lang")
    def _compute_preview(self):
        for version in self:
            run = version.preview_run_id
            version.preview = run._tell_preview() if run else False

    @api.model
    def _get_head_name(self):
        return "scheme_id"

    @api.model
    def _get_settings(self):
        return SETTINGS

    # -- actions ------------------------------------------------------------------------------------------------------

    def action_preview(self):
        """Compute who would be where, and change nothing."""
        self.ensure_one()
        self.check_access("write")
        self._check_ready()
        self._check_scope()
        run = self.env["sdm.segmentation.run"]._start(self, "preview")
        run._run_or_queue()
        return self._get_form_action()

    def action_put_in_force(self):
        """Ask for the reason, the day and who is told."""
        self.ensure_one()
        self.check_access("write")
        self._check_ready()
        self._check_scope()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Put in force"),
            "res_model": "sdm.scheme.put.in.force",
            "view_mode": "form",
            "target": "new",
            "context": {"default_version_id": self.id},
        }

    def action_change(self):
        """Make a draft of this version, to change it."""
        self.ensure_one()
        return self.scheme_id.action_new_version()

    def action_open_scheme(self):
        """Open the scheme with its segments and versions."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "sdm.scheme",
            "res_id": self.scheme_id.id,
            "views": [(False, "form")],
        }

    def _get_form_action(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Segmentation"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }

    def _come_into_force(self):
        result = super()._come_into_force()
        # the classes follow with the run
        self.scheme_id.invalidate_recordset(["version_id", "draft_version_id"])
        return result

    # -- filters ------------------------------------------------------------------------------------------------------

    @api.model
    def _parse_domain(self, text, label, model="res.partner"):
        """A domain of customers or leads that users wrote in the domain editor.

        :param text: as the editor keeps it; :param label: name of the field, for the message
        :param model: of the records that it filters
        :return: Domain
        :raise ValidationError: what cannot be read, fields that are not there or that the user may not read
        """
        try:
            domain = Domain(literal_eval(text or "[]"))
            self.env[model]._search(domain)
        except Exception as error:  # whatever a text can do to the parser
            raise ValidationError(
                self.env._(
                    "“%(field)s” cannot be read as a filter: %(error)s. Build it again in the editor.",
                    field=label,
                    error=error,
                )
            ) from error
        return domain

    def _get_asked_schemes(self, is_lenient=False):
        """The schemes whose classes these versions ask for; their own where they ask themselves.

        :param is_lenient: a filter that cannot be read any more asks for none: the run says so, and others go on
        :raise ValidationError: a filter that cannot be read
        """
        schemes = self.row_scheme_id | self.column_scheme_id
        for version in self:
            filters = [(version.scope_domain, version._get_label("scope_domain"))]
            filters += [(line.domain, line.segment_id.name) for line in version.line_ids]
            for text, label in filters:
                try:
                    schemes |= self._get_schemes_of_domain(version._parse_domain(text, label))
                except ValidationError:
                    if not is_lenient:
                        raise
        return schemes

    @api.model
    def _get_schemes_of_domain(self, domain):
        """The schemes whose classes a filter of customers asks for."""
        schemes = self.env["sdm.scheme"]
        for path, value in walk(domain):
            values = value if isinstance(value, (list, tuple, set, frozenset)) else [value]
            ids = [each for each in values if isinstance(each, int) and not isinstance(each, bool)]
            names = path.split(".")
            before, last = ["", *names][-2:]
            if last in SEGMENT_OF_CUSTOMER or (before in MEMBERSHIPS and last in SEGMENT_OF_MEMBERSHIP):
                schemes |= self.env["sdm.segment"].browse(ids).exists().scheme_id
            elif before in MEMBERSHIPS and last == "scheme_id":
                schemes |= schemes.browse(ids).exists()
            if SEGMENT_OF_CUSTOMER.intersection(names) and not ids:
                schemes |= schemes.search([("is_primary", "=", True)])
        return schemes

    # -- classes by hand ----------------------------------------------------------------------------------------------

    def _add_line(self, name, **values):
        """Add a class with its segment.

        :param name: of the segment; one of that name is used where the scheme has it
        """
        self.write({"line_ids": [Command.create({"name": name, **values})]})


class SdmSchemeVersionLine(models.Model):
    """A class of a version: its segment, and by what a customer comes into it."""

    _name = "sdm.scheme.version.line"
    _description = "Class of a Scheme's Version"
    _inherit = ["sdm.scheme.part"]
    _order = "version_id, sequence, id"
    _rec_name = "segment_id"

    version_id = fields.Many2one("sdm.scheme.version", required=True, index=True, ondelete="cascade")
    scheme_id = fields.Many2one(related="version_id.scheme_id", store=True, index=True)
    method = fields.Selection(related="scheme_id.method")
    sequence = fields.Integer(default=10)
    segment_id = fields.Many2one("sdm.segment", required=True, ondelete="restrict", index=True)
    name = fields.Char(related="segment_id.name", readonly=False, required=True)
    color = fields.Integer(related="segment_id.color", readonly=False)
    limit = fields.Float(
        digits=(16, 4), help="Where the class ends, of a score where it begins; the last class takes the rest."
    )
    domain = fields.Char(help="Customers that come here, if no rule above takes them.")
    lead_domain = fields.Char(
        "Leads without a customer",
        help="Leads that come here, by what is entered on them. Empty: by the rule for customers, as far as leads have "
        "its fields.",
    )
    recency_from = fields.Integer(default=1)
    recency_to = fields.Integer(default=5)
    frequency_from = fields.Integer(default=1)
    frequency_to = fields.Integer(default=5)
    money_from = fields.Integer(default=1)
    money_to = fields.Integer(default=5)
    row_segment_id = fields.Many2one("sdm.segment", string="In the first scheme", ondelete="restrict")
    column_segment_id = fields.Many2one("sdm.segment", string="In the second scheme", ondelete="restrict")
    state_code = fields.Char(readonly=True, help="What the method calls this class.")

    _segment_uniq = models.Constraint("UNIQUE(version_id, segment_id)", "A segment is one class of a version only.")

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if not vals.get("segment_id") and vals.get("name"):
                vals["segment_id"] = self._find_or_make_segment(vals).id
            vals.pop("name", None)
        return super().create(vals_list)

    @api.model
    def _get_free_fields(self):
        # the segment's
        return {"name", "color"}

    def _find_or_make_segment(self, vals):
        scheme = self.env["sdm.scheme.version"].browse(vals["version_id"]).scheme_id
        Segment = self.env["sdm.segment"].with_context(active_test=False)
        segment = Segment.search([("scheme_id", "=", scheme.id), ("name", "=", vals["name"])], limit=1)
        return segment or Segment.create(
            {
                "scheme_id": scheme.id,
                "name": vals["name"],
                "sequence": vals.get("sequence", 10),
                "color": vals.get("color", 0),
            }
        )
