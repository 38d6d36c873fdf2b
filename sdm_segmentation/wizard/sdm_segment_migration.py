from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import formatLang

from ..engine.segmentation.migration import DOWN, ENTERED, LEFT, MOVED, STAYED, UP


class SdmSegmentMigration(models.TransientModel):
    """Who moved from which segment to which between two days, with the money; each cell opens its customers."""

    _name = "sdm.segment.migration"
    _description = "Moves between Segments"
    _rec_name = "scheme_id"

    scheme_id = fields.Many2one("sdm.scheme", required=True, default=lambda self: self._default_scheme_id())
    date_from = fields.Date("Between", required=True, default=lambda self: self._default_date_from())
    date_to = fields.Date("And", required=True, default=fields.Date.context_today)
    matrix = fields.Json(compute="_compute_matrix")

    def _default_scheme_id(self):
        return self.env["sdm.scheme"].search([("version_ids.state", "=", "in_force")], limit=1)

    def _default_date_from(self):
        return fields.Date.context_today(self) - relativedelta(months=3)

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for migration in self:
            if migration.date_from >= migration.date_to:
                raise ValidationError(self.env._("The second day must come after the first one."))

    @api.depends("scheme_id", "date_from", "date_to")
    def _compute_matrix(self):
        for migration in self:
            complete = migration.scheme_id and migration.date_from and migration.date_to
            migration.matrix = migration._prepare_matrix() if complete else False

    def _prepare_matrix(self):
        """The matrix for the widget: rows are segments before, columns after, with totals of the moves."""
        scheme = self.scheme_id.with_context(active_test=False)
        found = self.env["sdm.segment.membership"]._count_moves(self.scheme_id, self.date_from, self.date_to)
        moves = {(before, after): (count, money) for before, after, count, money in found}
        met = {segment for pair in moves for segment in pair if segment}
        segments = scheme.segment_ids.sorted("sequence").filtered(lambda segment: segment.active or segment.id in met)
        order = [*segments.ids, None]
        names = {segment.id: segment.name for segment in segments} | {None: self.env._("No class")}
        totals = dict.fromkeys((STAYED, UP, DOWN, MOVED, ENTERED, LEFT), (0, 0))
        rows = []
        for before in order:
            cells = []
            for after in order:
                count, money = moves.get((before, after), (0, 0))
                kind = self._get_kind(before, after, order)
                totals[kind] = (totals[kind][0] + count, totals[kind][1] + money)
                cells.append(
                    {"after": after, "count": count, "money": self._tell_money(money) if count else "", "kind": kind}
                )
            rows.append({"before": before, "name": names[before], "cells": cells})
        words = {
            UP: self.env._("Risen"),
            DOWN: self.env._("Fallen"),
            MOVED: self.env._("Moved"),
            ENTERED: self.env._("Came in"),
            LEFT: self.env._("Left"),
            STAYED: self.env._("Stayed"),
        }
        return {
            "columns": [names[segment] for segment in order],
            "rows": rows,
            "totals": [
                {
                    "kind": kind,
                    "name": words[kind],
                    "count": totals[kind][0],
                    "money": self._tell_money(totals[kind][1]),
                }
                for kind in words
                if totals[kind][0]
            ],
        }

    def _get_kind(self, before, after, order):
        if before == after:
            return STAYED
        if before is None:
            return ENTERED
        if after is None:
            return LEFT
        if self.scheme_id.method not in self.env["sdm.scheme.version"]._get_limit_methods():
            return MOVED
        return UP if order.index(after) < order.index(before) else DOWN

    def _tell_money(self, money):
        return formatLang(self.env, money, currency_obj=self.scheme_id.currency_id, rounding_unit="units")

    def action_open_cell(self, before, after):
        """Open the customers of a cell.

        :param before: id of the segment on the first day, or None; :param after: on the second day, or None
        """
        self.ensure_one()
        Membership = self.env["sdm.segment.membership"]

        def on(date, segment):
            domain = Membership._get_domain_on(date) & Domain("scheme_id", "=", self.scheme_id.id)
            return domain & Domain("segment_id", "=", segment) if segment else domain

        was, is_now = on(self.date_from, before), on(self.date_to, after)
        history = "partner_id.sdm_segment_history_ids"
        if after is None:
            domain = was & ~Domain(history, "any", list(is_now))
        elif before is None:
            domain = is_now & ~Domain(history, "any", list(was))
        else:
            domain = is_now & Domain(history, "any", list(was))
        action = self.env["ir.actions.act_window"]._for_xml_id("sdm_segmentation.sdm_segment_membership_action")
        action.update(domain=list(domain), context={})
        return action
