from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_amount, format_date, format_list, formatLang

from ...engine.decision_map import Decision
from ...engine.roadmap import Status
from ..res_partner_groups import READERS
from ..sdm_decision_version import IN_FORCE
from ..sdm_diagnosis_measure import NO_BREAK
from ..sdm_roadmap_mixin import SegmentDecision
from ..selections import name_of

GOALS = [
    ("keep", "Keep"),
    ("grow", "Grow"),
    ("win", "Win"),
    ("serve", "Serve cheaply"),
    ("leave", "Leave"),
]
CHANNELS = [
    ("visit", "Visits and meetings"),
    ("phone", "Phone and e-mail"),
    ("online", "Online shop and portal"),
    ("partner", "Dealers and partners"),
]
TARGETS = ("target_revenue", "target_growth", "target_share", "target_customers")
SETTINGS = {"goal", "offer", "user_id", "job_id", "channel", *TARGETS}


def tell_line(record):
    """Goal and first line of the value offer, as “Keep: delivery in a day”.

    :param record: a strategy, or a segment with one in force
    """
    first = (record.offer or "").strip().splitlines()[:1]
    return ": ".join([name_of(record, "goal"), *first])


class SdmStrategy(models.Model):
    """What we want from a segment, and with what. The segment is the head, its strategies are the versions."""

    _name = "sdm.strategy"
    _description = "Sales Strategy of a Segment"
    _inherit = ["sdm.decision.version", "sdm.roadmap.mixin"]
    _order = "segment_id, number desc, id desc"
    _rec_name = "segment_id"

    segment_id = fields.Many2one(
        "sdm.segment",
        required=True,
        index=True,
        ondelete="cascade",
        help="The customers that the strategy is for.",
    )
    scheme_id = fields.Many2one(related="segment_id.scheme_id", store=True, index=True)
    perimeter_id = fields.Many2one(related="segment_id.perimeter_id", store=True, index=True)
    currency_id = fields.Many2one(related="segment_id.currency_id")
    color = fields.Integer(related="segment_id.color")
    goal = fields.Selection(GOALS, required=True, default="keep", tracking=True, help="What we want here.")
    offer = fields.Text(
        "Value offer", tracking=True, help="Why these customers buy from us and not elsewhere, in a sentence."
    )
    user_id = fields.Many2one(
        "res.users",
        string="Led by",
        tracking=True,
        domain=[("share", "=", False)],
        help="Who answers for reaching the goal.",
    )
    job_id = fields.Many2one("hr.job", string="Role that serves", tracking=True, help="Who works with the customers.")
    channel = fields.Selection(CHANNELS, string="Main channel", tracking=True)
    target_revenue = fields.Monetary("Target revenue", tracking=True, help="In twelve months, without tax.")
    target_growth = fields.Float(
        "Target growth (%)", digits=(6, 1), tracking=True, help="Of the revenue, against the last twelve months."
    )
    target_share = fields.Float(
        "Target share of wallet (%)",
        digits=(5, 1),
        tracking=True,
        help="How much of what these customers buy of our kind of goods they are to buy from us.",
    )
    target_customers = fields.Integer("Target customers", tracking=True, help="How many are to be in the segment.")
    customer_count = fields.Integer(
        "Customers", compute="_compute_facts", groups=READERS, help="That you may see, today."
    )
    revenue = fields.Monetary(
        "Revenue, 12 months",
        compute="_compute_facts",
        groups=READERS,
        help="Without tax, of today's customers that you may see.",
    )
    revenue_before = fields.Monetary(
        "Revenue a year ago",
        compute="_compute_facts",
        groups=READERS,
        help="Of the same customers in the twelve months before.",
    )
    change = fields.Char(
        "Trend",
        compute="_compute_facts",
        groups=READERS,
        help="Of the revenue, against the twelve months before.",
    )
    share = fields.Char(
        "Share of wallet",
        compute="_compute_facts",
        groups=READERS,
        help="How much of what these customers could buy in a year is bought from us. Where nobody entered a "
        "potential, the best year of the customer counts.",
    )

    _in_force_uniq = models.UniqueIndex("(segment_id) WHERE state = 'in_force'", "Another strategy is in force.")
    _draft_uniq = models.UniqueIndex(
        "(segment_id) WHERE state IN ('draft', 'scheduled')",
        "The segment has a draft of a strategy already. Work on that one.",
    )
    _targets_range = models.Constraint(
        "CHECK(target_revenue >= 0 AND target_customers >= 0 AND target_growth > -100)",
        "A target is zero or more, and revenue cannot fall by more than 100 %.",
    )
    _share_range = models.Constraint(
        "CHECK(target_share BETWEEN 0 AND 100)", "A share of wallet lies between 0 and 100 %."
    )

    @api.depends("segment_id.name", "number")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for strategy in self:
            strategy.display_name = self.env._(
                "%(segment)s, strategy %(number)s", segment=strategy.segment_id.name or "", number=strategy.number
            )

    @api.depends("segment_id")
    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_facts(self):
        facts = self.segment_id._get_facts()
        for strategy in self:
            found = facts[strategy.segment_id._origin] if strategy.segment_id else None
            strategy.customer_count = found.customers if found else 0
            strategy.revenue = found.revenue if found else 0
            strategy.revenue_before = found.before if found else 0
            strategy.change = self._tell_change(found.growth) if found else False
            strategy.share = self._tell_share(found) if found else False

    @api.onchange("target_growth")
    def _onchange_target_growth(self):
        if self.target_growth and self.revenue:
            self.target_revenue = self.currency_id.round(self.revenue * (1 + self.target_growth / 100))

    @api.onchange("target_revenue")
    def _onchange_target_revenue(self):
        if self.target_revenue and self.revenue > 0:
            self.target_growth = round(100 * (self.target_revenue / self.revenue - 1), 1)

    @api.model
    def _get_head_name(self):
        return "segment_id"

    @api.model
    def _get_settings(self):
        return SETTINGS

    def _check_ready(self):
        self.ensure_one()
        if not self.offer:
            raise UserError(
                self.env._(
                    "Say in “Value offer” what customers of “%(segment)s” get from us, then put the strategy in force.",
                    segment=self.segment_id.name,
                )
            )
        if not self.user_id and not self.job_id:
            raise UserError(
                self.env._(
                    "Nobody leads “%(segment)s” yet. Choose a person in “Led by” or a role.",
                    segment=self.segment_id.name,
                )
            )

    @api.model
    def _cron_come_into_force(self):
        """Strategies whose day has come."""
        self._come_into_force_today()

    def action_put_in_force(self):
        """Ask for the reason, the day and who is told."""
        self.ensure_one()
        self.check_access("write")
        self._check_ready()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Put in force"),
            "res_model": "sdm.strategy.put.in.force",
            "view_mode": "form",
            "target": "new",
            "context": {"default_strategy_id": self.id},
        }

    def action_change(self):
        """Make a draft of this strategy, to change it, or open the one there is."""
        self.ensure_one()
        drafts = self.segment_id.strategy_ids.filtered(lambda strategy: strategy.state in ("draft", "scheduled"))
        return (drafts or self.copy())._get_form_action()

    def action_open_customers(self):
        """Open the customers that the strategy is for."""
        self.ensure_one()
        return self.segment_id.action_open_customers()

    def _get_form_action(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Strategy"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }

    def _get_audience(self):
        """Who leads the strategy, and who has a customer of the segment today."""
        self.ensure_one()
        today = fields.Date.context_today(self)
        Ownership = self.env["sdm.ownership"].sudo()
        in_segment = Domain("segment_id", "=", self.segment_id.id) & Domain("date_to", "=", False)
        owners = Ownership._read_group(
            Ownership._get_domain_on(today) & Domain("partner_id.sdm_membership_ids", "any", in_segment),
            ["employee_id"],
        )
        employees = self.env["hr.employee"].sudo().union(*(employee for (employee,) in owners))
        return (employees.user_id | self.user_id | self.segment_id.user_id).sudo(False).filtered("active")

    def _get_announcement(self):
        """The strategy in the words that people see on their customers."""
        start = format_date(self.env, self.date_from)
        lines = (
            self.env._("From %(date)s on for “%(segment)s”:", date=start, segment=self.segment_id.name),
            tell_line(self),
            self.reason or "",
        )
        subject = self.env._("Strategy for “%(segment)s”", segment=self.segment_id.name)
        return subject, Markup("<p>%s</p><p>%s</p><p>%s</p>") % lines

    def _roadmap_status(self, step):
        """How many segments of the primary scheme in force have a strategy in force."""
        segments = self._get_counted_segments()
        without = segments.filtered(lambda segment: not segment.goal)
        if not segments:
            reason = self.env._("There are no segments in force that a strategy could be for.")
        elif without:
            reason = self.env._(
                "segments have a strategy in force. Missing: %(segments)s.",
                segments=format_list(self.env, without.mapped("name")),
            )
        else:
            reason = self.env._("every segment has a strategy in force.")
        return Status(len(segments) - len(without), len(segments), reason)

    def _get_segment_decisions(self, step, segments):
        """The strategy in force, else the draft."""
        found = {}
        for segment in segments:
            strategy = segment.strategy_id or segment.strategy_ids[:1]
            is_in_force = strategy.state == IN_FORCE
            conflict = ""
            if strategy.user_id and not strategy.user_id.active:
                conflict = self.env._(
                    "%(person)s, who is to lead it, works here no more.", person=strategy.user_id.name
                )
            found[segment] = SegmentDecision(
                Decision(is_in_force and strategy.date_from or None, strategy.date_review or None, conflict),
                tell_line(strategy) if strategy else "",
                strategy,
                {"segment_id": segment.id},
            )
        return found

    def _get_roadmap_action(self, step):
        action = self.env["ir.actions.act_window"]._for_xml_id("sdm_segmentation.sdm_segment_action")
        return {**action, "domain": [("id", "in", self.sudo()._get_counted_segments().ids)]}

    @api.model
    def _get_counted_segments(self):
        """Segments of the primary scheme in force, where it is of the current company's perimeter."""
        perimeter = self.env["sdm.perimeter"]._get_default()
        lines = self.env["sdm.scheme.version.line"]._search([("version_id.state", "=", "in_force")])
        return self.env["sdm.segment"].search_fetch(
            Domain("is_primary", "=", True)
            & Domain("perimeter_id", "=", perimeter.id)
            & Domain("id", "in", lines.subselect("segment_id")),
            ["name", "goal"],
        )

    # -- words --------------------------------------------------------------------------------------------------------

    def _tell_change(self, growth):
        """A growth as “+12 %”; a dash where nothing was sold before.

        :param growth: 0.12, or None
        """
        if growth is None:
            return "–"
        sign = "+" if growth > 0 else ""
        return f"{sign}{formatLang(self.env, 100 * growth, digits=0)}{NO_BREAK}%"

    def _tell_share(self, facts):
        """A share of wallet as “63 % (potential entered for 2 of 10)”; a dash where no potential is known.

        :param facts: of the segment
        """
        if facts.share is None:
            return "–"
        return self.env._(
            "%(share)s (potential entered for %(entered)s of %(customers)s)",
            share=f"{formatLang(self.env, 100 * facts.share, digits=0)}{NO_BREAK}%",
            entered=facts.entered,
            customers=facts.customers,
        )

    def _tell_targets(self):
        """What is to be reached, for print and chatter.

        :return: list of (label, text) of the targets that are set
        """
        self.ensure_one()
        texts = {
            "target_revenue": format_amount(self.env, self.target_revenue, self.currency_id),
            "target_growth": self._tell_change(self.target_growth / 100),
            "target_share": f"{formatLang(self.env, self.target_share, digits=0)}{NO_BREAK}%",
            "target_customers": str(self.target_customers),
        }
        return [(self._fields[name]._description_string(self.env), texts[name]) for name in TARGETS if self[name]]
