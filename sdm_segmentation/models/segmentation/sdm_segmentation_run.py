from contextlib import contextmanager
from datetime import timedelta
from time import monotonic

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_datetime

# A run whose row was not touched for so long is dead: its process was killed.
DEAD_AFTER = timedelta(minutes=15)
# More customers than these are computed in the background, so that nobody waits for the page.
IN_REQUEST = 20000
WAITING, STAGED, DONE, FAILED, CANCELLED = "waiting", "staged", "done", "failed", "cancelled"


class SdmSegmentationRun(models.Model):
    """One computation of a scheme: a preview changes nothing, the others carry their changes out.

    A run stages its changes by one statement and applies them by others in one transaction. Killed anywhere, nothing is
    half applied; started again, it goes on from what is staged, or finds that nothing changes.
    """

    _name = "sdm.segmentation.run"
    _description = "Segmentation Run"
    _order = "id desc"
    _rec_name = "scheme_id"

    scheme_id = fields.Many2one("sdm.scheme", required=True, index=True, ondelete="cascade")
    version_id = fields.Many2one("sdm.scheme.version", required=True, index=True, ondelete="cascade")
    perimeter_id = fields.Many2one(related="scheme_id.perimeter_id", store=True, index=True)
    currency_id = fields.Many2one(related="scheme_id.currency_id")
    kind = fields.Selection(
        [
            ("preview", "Preview"),
            ("apply", "Put in force"),
            ("nightly", "Nightly"),
            ("single", "Some customers"),
            ("override", "Override"),
        ],
        required=True,
    )
    state = fields.Selection(
        [
            (WAITING, "Waiting"),
            (STAGED, "Computed"),
            (DONE, "Done"),
            (FAILED, "Failed"),
            (CANCELLED, "Cancelled"),
        ],
        required=True,
        default=WAITING,
    )
    date = fields.Date(required=True, default=fields.Date.context_today, help="Last day of the window.")
    user_id = fields.Many2one("res.users", string="Started by", default=lambda self: self.env.uid)
    started_on = fields.Datetime(default=fields.Datetime.now)
    heartbeat = fields.Datetime(default=fields.Datetime.now, help="When the run last showed that it is alive.")
    ended_on = fields.Datetime()
    duration = fields.Float("Seconds", digits=(16, 2))
    error = fields.Text()
    source = fields.Char(help="Where the sales were taken from.")
    customer_count = fields.Integer("Customers")
    changed_count = fields.Integer("Changes")
    statistics = fields.Json(help="Sizes, money, moves and warnings.")
    change_ids = fields.One2many("sdm.segmentation.change", "run_id", string="Changes by customer")

    _running_uniq = models.UniqueIndex(
        "(scheme_id) WHERE state IN ('waiting', 'staged') AND kind IN ('apply', 'nightly')",
        "This scheme is being computed already.",
    )

    @api.depends("scheme_id", "kind", "started_on")
    @api.depends_context("lang", "tz")
    def _compute_display_name(self):
        for run in self:
            started = format_datetime(self.env, run.started_on, dt_format="short") if run.started_on else ""
            run.display_name = f"{run.scheme_id.name or ''}, {started}"

    # -- starting -----------------------------------------------------------------------------------------------------

    @api.model
    def _start(self, version, kind, date=None):
        """Make a run; a second one of a scheme is refused while the first is alive, and takes over a dead one.

        :param version: sdm.scheme.version; :param kind: of run; :param date: last day of the window, today
        :raise UserError: who is running it since when
        """
        scheme = version.scheme_id
        Run = self.sudo()
        # two people starting at once: the second one waits here
        scheme.sudo().lock_for_update()
        kinds = [kind] if kind == "preview" else ["apply", "nightly"]
        present = Run.search(
            [("scheme_id", "=", scheme.id), ("state", "in", [WAITING, STAGED]), ("kind", "in", kinds)], limit=1
        )
        if present and kind == "preview":
            # a newer look at the same replaces it
            present._cancel()
        elif present:
            if present.heartbeat > fields.Datetime.now() - DEAD_AFTER:
                raise UserError(
                    self.env._(
                        "%(user)s has been computing “%(scheme)s” since %(time)s. Wait until it is done.",
                        user=present.user_id.name,
                        scheme=scheme.name,
                        time=format_datetime(self.env, present.started_on, dt_format="short"),
                    )
                )
            present._fail(self.env._("Killed before it was done; taken over by the next run."))
        if kind == "preview":
            Run.search(
                [("scheme_id", "=", scheme.id), ("kind", "=", "preview"), ("user_id", "=", self.env.uid)]
            ).unlink()
        return Run.create(
            {
                "scheme_id": scheme.id,
                "version_id": version.id,
                "kind": kind,
                "user_id": self.env.uid,
                "date": date or fields.Date.context_today(self),
            }
        )

    def _run_or_queue(self):
        """Run now where that takes seconds, else in the background."""
        for run in self:
            if self.env["res.partner"].sudo().search_count([], limit=IN_REQUEST + 1) > IN_REQUEST:
                self.env.ref("sdm_segmentation.ir_cron_segmentation")._trigger()
            else:
                run._run()

    def _run(self):
        """Compute and, unless it is a preview, carry out."""
        self.ensure_one()
        self._stage()
        if self.kind != "preview":
            self._apply()

    def action_cancel(self):
        """Stop a run that has not been carried out."""
        self.check_access("read")
        if not self.env.user.has_group("sdm_segmentation.group_sdm_director"):
            raise AccessError(self.env._("Only the director cancels a run."))
        self.sudo().filtered(lambda run: run.state in (WAITING, STAGED))._cancel()

    def _cancel(self):
        self.change_ids.unlink()
        self.write({"state": CANCELLED, "ended_on": fields.Datetime.now()})

    def _fail(self, error):
        self.write({"state": FAILED, "ended_on": fields.Datetime.now(), "error": str(error)})

    # -- computing ----------------------------------------------------------------------------------------------------

    def _stage(self, partners=None):
        """Compute all classes and stage what would change. Nothing is changed yet.

        :param partners: only these customers are staged
        """
        self.ensure_one()
        version = self.version_id.sudo()
        begun = monotonic()
        version._check_ready()
        self.env.flush_all()
        with self._joining_sets():
            rows = self.env.execute_query(self._query_staging(version._query_classes(self.date), partners))
        self._keep_statistics(rows, version)
        self.write(
            {
                "state": STAGED,
                "heartbeat": fields.Datetime.now(),
                "duration": monotonic() - begun,
                "source": version._get_source(self.date),
            }
        )
        self.invalidate_recordset(["change_ids"])

    @contextmanager
    def _joining_sets(self):
        """Let PostgreSQL join whole sets: of tables that a statement has just made it knows no sizes, takes them for a
        few rows, and would walk through one for each row of the other (200 times as long for 10,000 customers).
        """
        self.env.cr.execute(SQL("SET LOCAL enable_nestloop TO off"))
        yield
        self.env.cr.execute(SQL("SET LOCAL enable_nestloop TO DEFAULT"))

    def _apply(self):
        """Carry the staged changes out, in one transaction."""
        self.ensure_one()
        begun = monotonic()
        with self._joining_sets():
            self.env["sdm.segment.membership"]._apply_run(self)
        self._after_apply()
        self.env["sdm.segmentation.change"]._drop(self)
        self.write(
            {
                "state": DONE,
                "ended_on": fields.Datetime.now(),
                "heartbeat": fields.Datetime.now(),
                "duration": self.duration + monotonic() - begun,
            }
        )

    def _after_apply(self):
        """For what follows from a change of class: leads without a customer, playbooks, notices."""
        if self.scheme_id.is_primary and self.kind in ("apply", "nightly"):
            self.env["crm.lead"]._classify_sdm()

    def _query_staging(self, classes, partners=None):
        """SQL that stages the changes and returns the moves: (before, after, customers, money, those changed).

        :param classes: SQL of the WITH list that ends in ``classified``
        :param partners: only these customers
        """
        scheme, version = self.scheme_id, self.version_id
        lines = version._get_lines()
        places = SQL(", ").join(
            SQL("(%s, %s)", position, line.segment_id.id) for position, line in enumerate(lines, start=1)
        )
        only = SQL("AND partner_id IN %s", tuple(partners.ids) or (0,)) if partners is not None else SQL("")
        return SQL(
            """WITH %(classes)s,
            line (position, segment_id) AS (VALUES %(places)s),
            present AS (
                SELECT partner_id, segment_id, computed_segment_id, override_id, pending_segment_id, pending_count,
                       amount
                  FROM sdm_segment_membership
                 WHERE scheme_id = %(scheme)s AND date_to IS NULL %(only)s
            ),
            override AS (
                SELECT partner_id, id, segment_id FROM sdm_segment_override
                 WHERE scheme_id = %(scheme)s AND date_from <= %(date)s AND date_to >= %(date)s
                   AND (withdrawn_on IS NULL OR withdrawn_on > %(date)s) %(only)s
            ),
            judged AS (
                SELECT COALESCE(classified.partner_id, present.partner_id) AS partner_id,
                       present.segment_id AS before_id,
                       present.computed_segment_id AS computed_before_id,
                       present.override_id AS override_before_id,
                       present.pending_segment_id AS pending_before_id,
                       COALESCE(present.pending_count, 0) AS pending_before,
                       COALESCE(classified.amount, 0) AS amount,
                       present.amount AS amount_before,
                       classified.details,
                       CASE WHEN classified.position IS NULL OR old.position IS NULL THEN classified.position
                            -- beyond the margin to rise, else beyond the one to fall, else as before
                            WHEN classified.position_up < old.position THEN classified.position_up
                            WHEN classified.position_down > old.position THEN classified.position_down
                            ELSE old.position END AS position,
                       old.position AS old_position
                  FROM (SELECT * FROM classified WHERE TRUE %(only)s) classified
                  FULL JOIN present ON present.partner_id = classified.partner_id
                  LEFT JOIN line old ON old.segment_id = present.computed_segment_id
            ),
            wanted AS (
                SELECT judged.*, line.segment_id AS wanted_id,
                       -- runs agree when they point the same way; the class nearest to the present one is what they say
                       CASE WHEN SIGN(pending.position - old_position) = SIGN(judged.position - old_position)
                            THEN pending_before ELSE 0 END + 1 AS agreed,
                       CASE WHEN SIGN(pending.position - old_position) <> SIGN(judged.position - old_position)
                                 OR pending.position IS NULL THEN judged.position
                            WHEN judged.position < old_position THEN GREATEST(pending.position, judged.position)
                            ELSE LEAST(pending.position, judged.position) END AS agreed_position,
                       COALESCE(judged.position <> old_position, FALSE) AS moves
                  FROM judged
                  LEFT JOIN line ON line.position = judged.position
                  LEFT JOIN line pending ON pending.segment_id = judged.pending_before_id
            ),
            confirmed AS (
                SELECT wanted.*, moves AND agreed < %(confirming)s AS waits,
                       CASE WHEN moves THEN line.segment_id ELSE wanted_id END AS agreed_id
                  FROM wanted LEFT JOIN line ON line.position = wanted.agreed_position
            ),
            result AS MATERIALIZED (
                SELECT COALESCE(judged.partner_id, override.partner_id) AS partner_id,
                       judged.before_id,
                       judged.amount,
                       judged.amount_before,
                       judged.details,
                       CASE WHEN waits THEN computed_before_id ELSE agreed_id END AS computed_id,
                       COALESCE(
                           override.segment_id, CASE WHEN waits THEN computed_before_id ELSE agreed_id END
                       ) AS after_id,
                       override.id AS override_id,
                       CASE WHEN waits THEN agreed_id END AS pending_id,
                       CASE WHEN waits THEN agreed ELSE 0 END AS pending_count,
                       computed_before_id, override_before_id, pending_before_id, pending_before
                  FROM confirmed judged FULL JOIN override ON override.partner_id = judged.partner_id
            ),
            changed AS (
                SELECT *,
                       before_id IS NOT DISTINCT FROM after_id
                           AND computed_before_id IS NOT DISTINCT FROM computed_id
                           AND override_before_id IS NOT DISTINCT FROM override_id AS is_pending
                  FROM result
                 WHERE before_id IS DISTINCT FROM after_id
                    OR computed_before_id IS DISTINCT FROM computed_id
                    OR override_before_id IS DISTINCT FROM override_id
                    OR pending_before_id IS DISTINCT FROM pending_id
                    OR COALESCE(pending_before, 0) <> COALESCE(pending_count, 0)
            ),
            staged AS (
                INSERT INTO sdm_segmentation_change (
                    run_id, partner_id, previous_segment_id, segment_id, computed_segment_id, override_id, amount,
                    details, is_pending, pending_segment_id, pending_count)
                SELECT %(run)s, partner_id, before_id, after_id, computed_id, override_id, COALESCE(amount, 0), details,
                       is_pending, pending_id, COALESCE(pending_count, 0)
                  FROM changed
            )
            SELECT before_id, after_id, COUNT(*), COALESCE(SUM(amount), 0)::text,
                   COALESCE(SUM(amount_before), 0)::text, COUNT(*) FILTER (WHERE override_id IS NOT NULL)
              FROM result
             WHERE before_id IS NOT NULL OR after_id IS NOT NULL
             GROUP BY before_id, after_id""",
            classes=classes,
            places=places,
            scheme=scheme.id,
            date=self.date,
            only=only,
            confirming=version.confirming_runs,
            run=self.id,
        )

    def _keep_statistics(self, rows, version):
        """Keep sizes, money and moves; for a preview also what is wrong with the rules and the curve.

        :param rows: of the staging: (before, after, customers, money, money before, overridden)
        """
        moves = [
            {"before": before, "after": after, "customers": count, "amount": float(amount), "overridden": overridden}
            for before, after, count, amount, _amount_before, overridden in rows
        ]
        sizes = []
        for segment in version._get_lines().segment_id:
            now = [move for move in moves if move["after"] == segment.id]
            was = [move for move in moves if move["before"] == segment.id]
            sizes.append(
                {
                    "segment": segment.id,
                    "customers": sum(move["customers"] for move in now),
                    "amount": sum(move["amount"] for move in now),
                    "before": sum(move["customers"] for move in was),
                }
            )
        statistics = {"sizes": sizes, "moves": moves}
        if self.kind == "preview":
            statistics.update(version._get_preview_details(self.date))
        self.write(
            {
                "statistics": statistics,
                "customer_count": sum(size["customers"] for size in sizes),
                "changed_count": sum(move["customers"] for move in moves if move["before"] != move["after"]),
            }
        )

    @api.model
    def _override(self, scheme, partners):
        """Let overrides of some customers take effect, or end, at once: the computed class stays as it is.

        :param scheme: sdm.scheme; :param partners: customers
        """
        version = scheme.version_id
        if not version or not partners:
            return
        run = self.create({"scheme_id": scheme.id, "version_id": version.id, "kind": "override"})
        # what was computed last stands: classes are not judged again here
        lines = SQL(", ").join(
            SQL("(%s, %s)", position, line.segment_id.id) for position, line in enumerate(version._get_lines(), start=1)
        )
        self.env.flush_all()
        classes = SQL(
            """classified AS (
                SELECT membership.partner_id, place.position, place.position AS position_up,
                       place.position AS position_down, membership.amount, membership.details
                  FROM sdm_segment_membership membership
                  JOIN (VALUES %s) place (position, segment_id)
                    ON place.segment_id = membership.computed_segment_id
                 WHERE membership.scheme_id = %s AND membership.date_to IS NULL
            )""",
            lines,
            scheme.id,
        )
        rows = self.env.execute_query(run._query_staging(classes, partners))
        run._keep_statistics(rows, version)
        run._apply()

    @api.model
    def _classify_customers(self, scheme, partners):
        """Judge some customers now, by the version in force.

        :param scheme: sdm.scheme; :param partners: customers
        """
        run = self.sudo().create(
            {"scheme_id": scheme.id, "version_id": scheme.version_id.id, "kind": "single", "user_id": self.env.uid}
        )
        run._stage(partners)
        run._apply()
        return run

    # -- in the background --------------------------------------------------------------------------------------------

    @api.model
    def _cron_run(self):
        """Previews that wait, versions whose day has come, and every scheme in force once a day.

        Each step is committed, so a killed job goes on where it was; a scheme that fails keeps its error and does not
        stop the others.
        """
        today = fields.Date.context_today(self)
        cron = self.env["ir.cron"]
        for run in self.search([("state", "=", WAITING), ("kind", "=", "preview")], order="id"):
            run._run_safely()
            cron._commit_progress(1)
        self.env["sdm.scheme.version"]._come_into_force_today()
        cron._commit_progress(0)
        schemes = self.env["sdm.scheme"].search([("version_ids.state", "=", "in_force")])._in_order()
        for number, scheme in enumerate(schemes):
            if not scheme._is_done(today):
                self._run_nightly(scheme, today)
            cron._commit_progress(1, remaining=len(schemes) - number - 1)

    @api.model
    def _run_nightly(self, scheme, today):
        present = self.search(
            [("scheme_id", "=", scheme.id), ("state", "in", [WAITING, STAGED]), ("kind", "in", ["apply", "nightly"])],
            limit=1,
        )
        if present and present.version_id == scheme.version_id and present.date == today:
            present._run_safely()
        elif not present or present.heartbeat <= fields.Datetime.now() - DEAD_AFTER:
            self._start(scheme.version_id, "nightly", today)._run_safely()

    def _run_safely(self):
        """Run, committing what is staged before it is applied; an error is kept with the run."""
        self.ensure_one()
        run_id = self.id
        try:
            with self.env.cr.savepoint():
                if self.state == WAITING:
                    self._stage()
            if self.kind != "preview":
                self.env["ir.cron"]._commit_progress(0)
                with self.env.cr.savepoint():
                    self._apply()
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one scheme must not stop the others
            self.env.invalidate_all(flush=False)
            self.browse(run_id)._fail(error)

    @api.autovacuum
    def _gc_runs(self):
        """Forget previews and cancelled runs after a week, and runs without any change after a year."""
        week = fields.Datetime.now() - timedelta(days=7)
        year = fields.Datetime.now() - timedelta(days=365)
        old = Domain("kind", "=", "preview") | Domain("state", "=", CANCELLED)
        self.search(
            (old & Domain("started_on", "<", week))
            | (Domain("changed_count", "=", 0) & Domain("started_on", "<", year)),
            limit=1000,
        ).unlink()


class SdmSegmentationChange(models.Model):
    """What a run would change for a customer; kept until it is carried out, with a preview until the next one."""

    _name = "sdm.segmentation.change"
    _description = "Change of a Customer's Segment"
    _order = "amount desc, id"
    _log_access = False
    _rec_name = "partner_id"

    run_id = fields.Many2one("sdm.segmentation.run", required=True, index=True, ondelete="cascade")
    currency_id = fields.Many2one(related="run_id.currency_id")
    partner_id = fields.Many2one("res.partner", string="Customer", required=True, ondelete="cascade")
    previous_segment_id = fields.Many2one("sdm.segment", string="Now", ondelete="cascade")
    segment_id = fields.Many2one("sdm.segment", string="Then", ondelete="cascade")
    computed_segment_id = fields.Many2one("sdm.segment", string="Computed", ondelete="cascade")
    override_id = fields.Many2one("sdm.segment.override", ondelete="cascade")
    amount = fields.Monetary()
    details = fields.Json()
    is_pending = fields.Boolean("Not confirmed yet")
    pending_segment_id = fields.Many2one("sdm.segment", string="About to move to", ondelete="cascade")
    pending_count = fields.Integer("Runs that agree")

    @api.model
    def _drop(self, run):
        """Forget the staged changes of a run that is carried out."""
        self.env.cr.execute(SQL("DELETE FROM sdm_segmentation_change WHERE run_id = %s", run.id))
        run.invalidate_recordset(["change_ids"])
