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
    # the run knows who and when; to keep it for each of a million customers again takes a fifth of a run's time
    _log_access = False
    _rec_name = "partner_id"

    partner_id = fields.Many2one("res.partner", string="Customer", required=True, index=True, ondelete="cascade")
    scheme_id = fields.Many2one("sdm.scheme", required=True, ondelete="cascade")
    perimeter_id = fields.Many2one(related="scheme_id.perimeter_id")
    currency_id = fields.Many2one(related="scheme_id.currency_id")
    segment_id = fields.Many2one("sdm.segment", ondelete="restrict", index=True)
    computed_segment_id = fields.Many2one("sdm.segment", string="Computed", ondelete="restrict")
    override_id = fields.Many2one("sdm.segment.override", string="Decision", ondelete="set null")
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
            if membership.override_id:
                sentence = "\n".join([membership._tell_override(), sentence])
            if membership.merged_name:
                rows = [*rows, (self._fields["merged_name"]._description_string(self.env), membership.merged_name)]
            membership.explanation = sentence
            membership.explanation_table = self.env["ir.qweb"]._render(
                "sdm_segmentation.sdm_segment_explanation", {"rows": rows}
            )

    def _tell_override(self):
        """What a person decided otherwise, with reason and expiry, in a sentence before what the scheme says."""
        # who reads a class may know who decided it
        override = self.override_id.sudo()
        return self.env._(
            "%(segment)s, decided by %(user)s on %(date)s until %(until)s: %(reason)s The scheme says:",
            segment=self.segment_id.name,
            user=override.user_id.name,
            date=format_date(self.env, override.date_from),
            until=format_date(self.env, override.date_to),
            reason=_as_sentence(override.reason),
        )

    def _get_computing_run(self):
        """The run that computed the class; an override leaves it as it was and keeps which run that is."""
        run = self.run_id.sudo()
        if run.kind != "override":
            return run
        kept = run.browse((self.details or {}).get("run") or []).exists()
        return kept or run.search(
            [
                ("scheme_id", "=", run.scheme_id.id),
                ("kind", "in", ["apply", "nightly"]),
                ("state", "=", "done"),
                ("id", "<", run.id),
            ],
            limit=1,
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
        """Judge the customer now, by the version in force, on behalf of who may decide otherwise than it does."""
        self.ensure_one()
        self.check_access("read")
        self.env["sdm.segment.override"].check_access("create")
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
    def _apply_run(self, run, result):
        """Carry a run out: end memberships, begin new ones, count towards pending ones.

        One statement for all customers, which reads nothing twice and keeps nothing aside. What the caller has read of
        customers and memberships is not true any more.

        :param run: sdm.segmentation.run; :param result: SQL of the WITH list that ends in ``result``
        :return: list of (before, after, customers, money)
        """
        shown = SQL("")
        if run.scheme_id.is_primary and run.scheme_id.active:
            shown = SQL(
                """, shown AS (
                    UPDATE res_partner partner SET sdm_segment_id = after_id FROM result
                     WHERE partner.id = ANY(ARRAY(SELECT partner_id FROM result WHERE is_moved))
                       AND partner.id = result.partner_id AND partner.sdm_segment_id IS DISTINCT FROM after_id
                )"""
            )
        return self.env.execute_query(
            SQL(
                """WITH %(result)s,
                -- what began today was in force for no day: it is taken away, or corrected
                removed AS (
                    DELETE FROM sdm_segment_membership
                     WHERE id = ANY(ARRAY(
                         SELECT membership_id FROM result
                          WHERE is_moved AND date_before >= %(date)s AND after_id IS NULL AND computed_id IS NULL))
                ),
                corrected AS (
                    UPDATE sdm_segment_membership membership
                       SET segment_id = after_id, computed_segment_id = computed_id, override_id = result.override_id,
                           amount = result.amount, details = result.details, version_id = %(version)s,
                           run_id = %(run)s, pending_segment_id = pending_id, pending_count = result.pending_count
                      FROM result
                     WHERE membership.id = ANY(ARRAY(
                               SELECT membership_id FROM result WHERE is_moved AND date_before >= %(date)s))
                       AND membership.id = membership_id AND (after_id IS NOT NULL OR computed_id IS NOT NULL)
                ),
                counted AS (
                    UPDATE sdm_segment_membership membership
                       SET pending_segment_id = pending_id, pending_count = result.pending_count
                      FROM result
                     WHERE membership.id = ANY(ARRAY(SELECT membership_id FROM result WHERE is_counted))
                       AND membership.id = membership_id
                ),
                ended AS (
                    UPDATE sdm_segment_membership
                       SET date_to = %(date)s::date - 1, pending_segment_id = NULL, pending_count = 0
                     WHERE id = ANY(ARRAY(
                         SELECT membership_id FROM result WHERE is_moved AND date_before < %(date)s))
                    RETURNING id
                ),
                begun AS (
                    INSERT INTO sdm_segment_membership (
                        partner_id, scheme_id, segment_id, computed_segment_id, override_id, previous_segment_id,
                        date_from, version_id, run_id, amount, details, pending_segment_id, pending_count)
                    SELECT partner_id, %(scheme)s, after_id, computed_id, override_id, before_id,
                           %(date)s, %(version)s, %(run)s, amount, details, pending_id, pending_count
                      FROM result
                     WHERE is_moved AND (date_before < %(date)s) IS NOT FALSE
                       AND (after_id IS NOT NULL OR computed_id IS NOT NULL)
                       -- makes PostgreSQL end what was before it begins what is now
                       AND (SELECT COUNT(*) FROM ended) >= 0
                )
                %(shown)s
                %(moves)s""",
                result=result,
                scheme=run.scheme_id.id,
                date=run.date,
                version=run.version_id.id,
                run=run.id,
                shown=shown,
                moves=run._query_moves(),
            )
        )

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


def _as_sentence(text):
    """A text with a full stop where it has no end of its own."""
    text = text.strip()
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
