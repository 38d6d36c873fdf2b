from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..engine import credit


class SdmCreditRule(models.Model):
    """A step of the order in which documents are credited to people, from a day until a day."""

    _name = "sdm.credit.rule"
    _description = "Rule of Credit"
    _inherit = ["mail.thread"]
    _order = "sequence, id"
    _rec_name = "method"

    sequence = fields.Integer(default=10)
    method = fields.Selection(
        [
            (credit.SALESPERSON, "Salesperson of the document"),
            (credit.OWNER, "Owners of the customer on that day, by their shares"),
            (credit.TEAM, "Sales team of the document, without a person"),
        ],
        string="Credited to",
        required=True,
        tracking=True,
    )
    perimeter_id = fields.Many2one("sdm.perimeter", ondelete="cascade", help="Empty: in every perimeter.")
    date_from = fields.Date("From", tracking=True, help="Empty: since ever.")
    date_to = fields.Date("Until", tracking=True, help="The last day, included. Empty: until further notice.")
    active = fields.Boolean(default=True, tracking=True)
    ignored_user_ids = fields.Many2many(
        "res.users",
        "sdm_credit_rule_ignored_user_rel",
        string="Enter for others",
        help="Users of web shops, imports and back office. Their documents count as without a salesperson.",
    )

    @api.depends("method")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._fields["method"]._description_selection(self.env))
        for rule in self:
            rule.display_name = labels.get(rule.method, "")

    _dates_order = models.Constraint("CHECK(date_to >= date_from)", "A rule cannot end before it begins.")

    @api.model_create_multi
    def create(self, vals_list):
        default = self.env.context.get("default_perimeter_id")
        if not all(vals.get("perimeter_id", default) for vals in vals_list):
            self.env["sdm.perimeter"]._check_decides_for_all(self.env["ir.model"]._get(self._name).sudo().name)
        return super().create(vals_list)

    def write(self, vals):
        self._check_decides_for_all()
        result = super().write(vals)
        self._check_decides_for_all()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_for_all(self):
        self._check_decides_for_all()

    def _check_decides_for_all(self):
        """A rule without a perimeter holds in every one."""
        everywhere = self.filtered(lambda rule: not rule.perimeter_id)
        if everywhere:
            self.env["sdm.perimeter"]._check_decides_for_all(everywhere[0].display_name)

    @api.constrains("method", "perimeter_id", "date_from", "date_to", "active")
    def _check_once(self):
        for rule in self.filtered("active"):
            same = self.search(
                Domain("id", "!=", rule.id)
                & Domain("method", "=", rule.method)
                & Domain("perimeter_id", "in", [rule.perimeter_id.id, False] if rule.perimeter_id else [False])
            )
            for other in same:
                if (not rule.date_to or not other.date_from or other.date_from <= rule.date_to) and (
                    not other.date_to or not rule.date_from or rule.date_from <= other.date_to
                ):
                    raise ValidationError(
                        self.env._(
                            "“%(rule)s” would stand twice in the order on some day. End the earlier rule before the "
                            "later one begins, or archive one of them.",
                            rule=rule.display_name,
                        )
                    )

    @api.model
    def _get_rules(self, perimeter):
        """The rules of a perimeter in their order."""
        return self.search([("active", "=", True), ("perimeter_id", "in", [perimeter.id, False])])

    def _get_orders(self):
        """The orders of steps in force one after another.

        :return: list of (first day, methods), the latest first; the earliest one holds for all days before, too
        """
        rules = self._prepare_engine_rules()
        starts = {rule.start for rule in rules if rule.start}
        starts |= {rule.end + timedelta(days=1) for rule in rules if rule.end}
        orders = [
            (start, [rule.method for rule in rules if rule.holds_on(start)]) for start in sorted(starts, reverse=True)
        ]
        before = fields.Date.to_date("0001-01-01")
        return [*orders, (before, [rule.method for rule in rules if rule.holds_on(before)])]

    def _prepare_engine_rules(self):
        return [credit.Rule(rule.method, rule.date_from or None, rule.date_to or None) for rule in self]
