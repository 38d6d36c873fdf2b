from odoo import api, fields, models
from odoo.tools import formatLang

from ..res_partner_groups import READERS

CLASSES = 3


class SdmScheme(models.Model):
    """Two schemes crossed as a grid: customers, money and the policy of each box."""

    _inherit = "sdm.scheme"

    box_grid = fields.Json(
        "Boxes", compute="_compute_box_grid", groups=READERS, help="Of a scheme that crosses two others."
    )

    @api.depends("method", "version_ids.line_ids", "segment_ids.policy", "segment_ids.color", "segment_ids.name")
    @api.depends_context("uid", "lang")
    def _compute_box_grid(self):
        matrices = self.filtered(lambda scheme: scheme.method == "matrix")
        found = {
            segment: (count, amount)
            for segment, count, amount in self.env["sdm.segment.membership"]._read_group(
                [("scheme_id", "in", matrices.ids), ("date_to", "=", False)],
                ["segment_id"],
                ["__count", "amount:sum"],
            )
        }
        for scheme in self:
            scheme.box_grid = scheme._prepare_box_grid(found) if scheme in matrices else False

    def _prepare_box_grid(self, found):
        """The boxes row by row, in words of the reader's language.

        :param found: {segment: (customers, amount)}
        :return: dict ready for JSON, False without boxes
        """
        lines = self._get_box_lines()
        if not lines:
            return False
        rows, columns = lines.row_segment_id.sorted(), lines.column_segment_id.sorted()
        boxes = {(line.row_segment_id, line.column_segment_id): line.segment_id for line in lines}
        usual = self._get_usual_policies()
        total = sum(amount for segment, (_count, amount) in found.items() if segment.scheme_id == self)

        def box(segment):
            count, amount = found.get(segment, (0, 0))
            return {
                "id": segment.id,
                "name": segment.name,
                "color": segment.color,
                "customers": count,
                "customers_text": self.env._("Customers: %(count)s", count=formatLang(self.env, count, digits=0)),
                "amount": formatLang(self.env, amount, currency_obj=self.currency_id, rounding_unit="units"),
                "share": amount / total if total > 0 else 0,
                "policy": segment.policy or "",
                "usual": "" if segment.policy else usual.get(segment, ""),
            }

        return {
            "columns": columns.mapped("name"),
            "rows": [
                {
                    "name": row.name,
                    "boxes": [box(boxes[row, column]) if (row, column) in boxes else None for column in columns],
                }
                for row in rows
            ],
            "can_write": self.env["sdm.segment"].has_access("write"),
        }

    def _get_box_lines(self):
        """The boxes of the version in force, else of the draft."""
        self.ensure_one()
        return (self.version_id or self.draft_version_id).line_ids.filtered(
            lambda line: line.row_segment_id and line.column_segment_id
        )

    def _get_usual_policies(self):
        """What field practice does in each box of ABC and XYZ, whichever of both stands in the rows.

        :return: {segment: text in the reader's language}, empty for other pairs of schemes
        """
        lines = self._get_box_lines()
        by_method = {
            scheme.method: segments.sorted()
            for segments in (lines.row_segment_id, lines.column_segment_id)
            for scheme in segments.scheme_id
        }
        money, rhythm = by_method.get("abc"), by_method.get("xyz")
        if not money or not rhythm or len(money) != CLASSES or len(rhythm) != CLASSES:
            return {}
        texts = self._get_policy_texts()
        policies = {}
        for line in lines:
            pair = line.row_segment_id | line.column_segment_id
            policies[line.segment_id] = texts[money.ids.index((pair & money).id)][rhythm.ids.index((pair & rhythm).id)]
        return policies

    def _get_policy_texts(self):
        """Policies of field practice: rows A, B, C, columns X, Y, Z."""
        return (
            (
                self.env._(
                    "Yearly contract, one manager of their own, stock planned for them. Never a day without goods."
                ),
                self.env._(
                    "Agree a forecast each quarter and keep a reserve of stock. Ask for the reason behind every fall."
                ),
                self.env._(
                    "Know their projects in advance. The head leads the deal; goods to order, against prepayment."
                ),
            ),
            (
                self.env._("Offer related goods and a contract. A contact each month; the best of them grow to A."),
                self.env._("A contact each month, better terms for regular orders."),
                self.env._("Remind them before their usual time. Goods to order. Find out what they buy elsewhere."),
            ),
            (
                self.env._("Serve cheaply: orders online, standard terms, a minimum order."),
                self.env._("Inside sales on request. Offer sets, so that one order brings more."),
                self.env._(
                    "No visits: price list, online shop, prepayment. Leave those who cost more than they bring."
                ),
            ),
        )

    def action_take_policies(self):
        """Write the usual policies to the boxes that have none, in all languages."""
        self.ensure_one()
        languages = [code for code, _name in self.env["res.lang"].get_installed()]
        by_language = {code: self.with_context(lang=code)._get_usual_policies() for code in languages}
        for segment in self._get_usual_policies():
            if not segment.policy:
                texts = {code: policies[segment] for code, policies in by_language.items()}
                segment.policy = texts[self.env.lang or "en_US"]
                segment.update_field_translations("policy", texts)
