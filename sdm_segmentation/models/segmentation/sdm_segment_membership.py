from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ...engine.segmentation.history import Spell, join


class SdmSegmentMembership(models.Model):
    """In which segment a customer is, from when until when, by which version and which run, and why.

    Runs write here by one statement for all customers; nobody enters rows. Where an override holds, ``segment_id`` is
    the one decided by a person and ``computed_segment_id`` the one by the scheme.
    """

    _name = "sdm.segment.membership"
    _description = "Segment of a Customer"
    _inherit = ["sdm.dated.mixin"]
    _order = "date_from desc, id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one("res.partner", string="Customer", required=True, index=True, ondelete="cascade")
    scheme_id = fields.Many2one("sdm.scheme", required=True, ondelete="cascade")
    perimeter_id = fields.Many2one(related="scheme_id.perimeter_id")
    currency_id = fields.Many2one(related="scheme_id.currency_id")
    segment_id = fields.Many2one("sdm.segment", ondelete="restrict", index=True)
    computed_segment_id = fields.Many2one("sdm.segment", string="Computed", ondelete="restrict")
    override_id = fields.Many2one("sdm.segment.override", ondelete="set null")
    is_overridden = fields.Boolean(
        "Decided by a person", compute="_compute_is_overridden", search="_search_is_overridden"
    )
    date_from = fields.Date(default=None)
    version_id = fields.Many2one("sdm.scheme.version", ondelete="set null")
    run_id = fields.Many2one("sdm.segmentation.run", ondelete="set null", index="btree_not_null")
    previous_segment_id = fields.Many2one("sdm.segment", string="Before", ondelete="set null")
    amount = fields.Monetary(help="In the window, when the customer came here.")
    details = fields.Json(help="What the class was computed from.")
    pending_segment_id = fields.Many2one("sdm.segment", string="About to move to", ondelete="set null")
    pending_count = fields.Integer("Runs that agree")
    merged_name = fields.Char("Was of", help="The customer that this one was merged with, whose segment it was.")
    explanation = fields.Text("Why", compute="_compute_explanation")
    explanation_table = fields.Html("Computed from", compute="_compute_explanation", sanitize=False)

    _current_uniq = models.UniqueIndex(
        "(scheme_id, partner_id) WHERE date_to IS NULL", "A customer is in one segment of a scheme at a time."
    )
    _dates_order = models.Constraint("CHECK(date_to >= date_from)", "A segment cannot end before it begins.")

    @api.depends("partner_id", "segment_id", "date_from")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for membership in self:
            start = format_date(self.env, membership.date_from) if membership.date_from else ""
            membership.display_name = (
                f"{membership.partner_id.name or ''}: {membership.segment_id.name or '–'}, {start}"
            )

    @api.depends("override_id")
    def _compute_is_overridden(self):
        for membership in self:
            membership.is_overridden = bool(membership.override_id)

    def _search_is_overridden(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("override_id", "!=", False)

    @api.depends("details", "segment_id", "computed_segment_id", "override_id", "version_id")
    @api.depends_context("lang")
    def _compute_explanation(self):
        for membership in self:
            sentence, rows = membership.version_id._explain(membership) if membership.version_id else ("", [])
            if membership.merged_name:
                rows = [*rows, (self._fields["merged_name"]._description_string(self.env), membership.merged_name)]
            membership.explanation = sentence
            membership.explanation_table = self.env["ir.qweb"]._render(
                "sdm_segmentation.sdm_segment_explanation", {"rows": rows}
            )

    def action_override(self):
        """Decide otherwise than the scheme for this customer."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Override"),
            "res_model": "sdm.segment.override",
            "views": [(self.env.ref("sdm_segmentation.sdm_segment_override_view_form_dialog").id, "form")],
            "target": "new",
            "context": {
                "default_partner_id": self.partner_id.id,
                "sdm_scheme_id": self.scheme_id.id,
                "default_segment_id": False,
            },
        }

    def action_classify(self):
        """Judge the customer now, by the version in force."""
        self.ensure_one()
        self.check_access("read")
        scheme, customer = self.scheme_id, self.partner_id
        self.env["sdm.segmentation.run"]._classify_customers(scheme.sudo(), customer)
        return customer.action_open_sdm_memberships()

    @api.model
    def _end(self, schemes):
        """End the present memberships of schemes that are no longer used."""
        today = fields.Date.context_today(self)
        current = self.sudo().search([("scheme_id", "in", schemes.ids), ("date_to", "=", False)])
        begun = current.filtered(lambda membership: membership.date_from < today)
        (current - begun).unlink()
        begun.write({"date_to": today - timedelta(days=1)})

    @api.model
    def _merge(self, partners, kept):
        """Join the segments of customers that turn out to be one with another into the history of that one.

        What the kept customer has stays; of the others what was on days on which it had no class in a scheme. All of
        what they had is told in the chatter of the kept one.

        :param partners: customers that are none of their own any more; :param kept: the one that remains
        """
        Membership = self.sudo()
        for partner in partners - kept:
            others = Membership.search([("partner_id", "=", partner.id)], order="scheme_id, date_from")
            if others:
                kept.sudo().message_post(body=others._tell_merged(partner))
            for scheme, theirs in others.grouped("scheme_id").items():
                own = Membership.search([("partner_id", "=", kept.id), ("scheme_id", "=", scheme.id)])
                theirs._join(own, partner, kept)
        current = Membership.search(
            [("partner_id", "=", kept.id), ("date_to", "=", False), ("scheme_id.is_primary", "=", True)]
        )
        # what a run has staged for them would be carried out twice for the kept one
        self.env["sdm.segmentation.change"].sudo().search([("partner_id", "in", (partners - kept).ids)]).unlink()
        partners.sudo().sdm_segment_id = False
        kept.sudo().sdm_segment_id = current.segment_id

    def _join(self, own, partner, kept):
        """Give what remains of these memberships to another customer; the rest goes."""

        def prepare(memberships):
            return [
                Spell(each.partner_id.id, each.segment_id.id, each.date_from, each.date_to or None, key=each.id)
                for each in memberships
            ]

        pieces = join(prepare(own), prepare(self), kept.id)
        first = {piece.key: piece for piece in pieces if piece.key}
        # further pieces follow the first one of the same spell
        values, last = [], None
        for piece in pieces:
            last = self.browse(piece.key) if piece.key else last
            dates = {"partner_id": kept.id, "date_from": piece.start, "date_to": piece.end or False}
            values.append((last, piece.key, {**dates, "merged_name": last.merged_name or partner.name}))
        for membership, key, vals in values:
            if not key:
                membership.copy(vals)
        for membership, key, vals in values:
            if key:
                membership.write(vals)
        self.filtered(lambda membership: membership.id not in first).unlink()
        self.env.flush_all()

    def _tell_merged(self, partner):
        """The segments of a customer that is merged into another one, for its chatter."""
        lines = [
            self.env._(
                "%(scheme)s: %(segment)s, %(start)s – %(end)s",
                scheme=membership.scheme_id.name,
                segment=membership.segment_id.name or "–",
                start=format_date(self.env, membership.date_from),
                end=format_date(self.env, membership.date_to) if membership.date_to else self.env._("today"),
            )
            for membership in self
        ]
        return Markup("<p>%s</p><ul>%s</ul>") % (
            self.env._("Merged with %(customer)s, whose segments were:", customer=partner.name),
            Markup("").join(Markup("<li>%s</li>") % line for line in lines),
        )

    @api.model
    def _count_moves(self, scheme, first, second):
        """How many customers went which way between two days, with their money on the second (who left: on the first).

        One pass over the memberships of both days that the person may see: up to a million rows that need not come to
        Python. Oracle: ``engine.segmentation.migration``.

        :param scheme: sdm.scheme; :param first: date; :param second: date
        :return: list of (segment before, segment after, customers, money)
        """

        def on(date):
            query = self._search(self._get_domain_on(date) & Domain("scheme_id", "=", scheme.id))
            names = ("partner_id", "segment_id", "amount")
            return query.select(*(self._field_to_sql(query.table, name, query) for name in names))

        return self.env.execute_query(
            SQL(
                """SELECT was.segment_id, is_now.segment_id, COUNT(*),
                          COALESCE(SUM(COALESCE(is_now.amount, was.amount)), 0)
                     FROM (%s) was FULL JOIN (%s) is_now ON is_now.partner_id = was.partner_id
                    GROUP BY 1, 2""",
                on(first),
                on(second),
            )
        )

    # -- statements ---------------------------------------------------------------------------------------------------

    @api.model
    def _apply_run(self, run):
        """Carry out the staged changes of a run: end memberships, begin new ones, count towards pending ones.

        One statement for all customers, in the caller's transaction.

        :param run: sdm.segmentation.run
        """
        self.env.flush_all()
        day_before = run.date - timedelta(days=1)
        change = SQL(
            """SELECT partner_id, segment_id, computed_segment_id, override_id, previous_segment_id, amount, details,
                      is_pending, pending_segment_id, pending_count
                 FROM sdm_segmentation_change WHERE run_id = %s""",
            run.id,
        )
        present = SQL(
            "membership.scheme_id = %s AND membership.partner_id = change.partner_id AND membership.date_to IS NULL",
            run.scheme_id.id,
        )
        stamp = SQL("write_uid = %s, write_date = NOW() AT TIME ZONE 'UTC'", self.env.uid)
        # what began today was in force for no day: it is corrected, or taken away
        self.env.cr.execute(
            SQL(
                """DELETE FROM sdm_segment_membership membership USING (%s) change
                    WHERE %s AND membership.date_from >= %s
                      AND change.segment_id IS NULL AND change.computed_segment_id IS NULL""",
                change,
                present,
                run.date,
            )
        )
        self.env.cr.execute(
            SQL(
                """UPDATE sdm_segment_membership membership
                      SET segment_id = change.segment_id, computed_segment_id = change.computed_segment_id,
                          override_id = change.override_id, amount = change.amount, details = change.details,
                          version_id = %s, run_id = %s,
                          pending_segment_id = change.pending_segment_id, pending_count = change.pending_count, %s
                     FROM (%s) change
                    WHERE %s AND membership.date_from >= %s AND NOT change.is_pending""",
                run.version_id.id,
                run.id,
                stamp,
                change,
                present,
                run.date,
            )
        )
        self.env.cr.execute(
            SQL(
                """UPDATE sdm_segment_membership membership
                      SET date_to = CASE WHEN change.is_pending THEN NULL ELSE %s::date END,
                          pending_segment_id = change.pending_segment_id, pending_count = change.pending_count, %s
                     FROM (%s) change
                    WHERE %s AND (membership.date_from < %s OR change.is_pending)""",
                day_before,
                stamp,
                change,
                present,
                run.date,
            )
        )
        self.env.cr.execute(
            SQL(
                """INSERT INTO sdm_segment_membership (
                       partner_id, scheme_id, segment_id, computed_segment_id, override_id, previous_segment_id,
                       date_from, version_id, run_id, amount, details, pending_segment_id, pending_count,
                       create_uid, create_date, write_uid, write_date)
                   SELECT partner_id, %(scheme)s, segment_id, computed_segment_id, override_id, previous_segment_id,
                          %(date)s, %(version)s, %(run)s, amount, details, pending_segment_id, pending_count,
                          %(uid)s, NOW() AT TIME ZONE 'UTC', %(uid)s, NOW() AT TIME ZONE 'UTC'
                     FROM (%(change)s) change
                    WHERE NOT is_pending AND (segment_id IS NOT NULL OR computed_segment_id IS NOT NULL)
                      AND NOT EXISTS (SELECT 1 FROM sdm_segment_membership membership WHERE %(present)s)""",
                present=present,
                scheme=run.scheme_id.id,
                date=run.date,
                version=run.version_id.id,
                run=run.id,
                uid=self.env.uid,
                change=change,
            )
        )
        if run.scheme_id.is_primary and run.scheme_id.active:
            self.env.cr.execute(
                SQL(
                    """UPDATE res_partner partner SET sdm_segment_id = change.segment_id
                         FROM (%s) change
                        WHERE partner.id = change.partner_id
                          AND partner.sdm_segment_id IS DISTINCT FROM change.segment_id""",
                    change,
                )
            )
        self.env.invalidate_all()

    @api.model
    def _write_primary(self):
        """Write the present classes of the primary scheme to customers and leads, and clear all others."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """UPDATE res_partner partner SET sdm_segment_id = wanted.segment_id
                     FROM (
                         SELECT customer.id, present.segment_id
                           FROM res_partner customer
                           LEFT JOIN (
                               SELECT membership.partner_id, membership.segment_id
                                 FROM sdm_segment_membership membership
                                 JOIN sdm_scheme scheme ON scheme.id = membership.scheme_id
                                WHERE scheme.is_primary AND scheme.active AND membership.date_to IS NULL
                           ) present ON present.partner_id = customer.id
                          WHERE customer.sdm_segment_id IS NOT NULL OR present.segment_id IS NOT NULL
                     ) wanted
                    WHERE partner.id = wanted.id AND partner.sdm_segment_id IS DISTINCT FROM wanted.segment_id"""
            )
        )
        self.env.invalidate_all()
        self.env["crm.lead"]._classify_sdm()
