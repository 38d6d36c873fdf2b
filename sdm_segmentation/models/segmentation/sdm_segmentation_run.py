from contextlib import contextmanager
from datetime import timedelta
from time import monotonic

from markupsafe import Markup
from psycopg2.errors import QueryCanceled

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_datetime

# A run whose row was not touched for so long is dead: its process was killed.
DEAD_AFTER = timedelta(minutes=15)
# With the number of a run: held while it is computed, so that it can be found and broken off.
COMPUTING = 19045
# More customers than these are computed in the background, so that nobody waits for the page.
IN_REQUEST = 20000
WAITING, STAGED, DONE, FAILED, CANCELLED = "waiting", "staged", "done", "failed", "cancelled"


class SdmSegmentationRun(models.Model):
    """One computation of a scheme: a preview changes nothing, the others carry their changes out.

    A run computes and carries its changes out by one statement in one transaction; only a preview stages them. Killed
    anywhere, nothing is half applied; started again, it begins anew, or finds that nothing changes.
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
        string="Kind of run",
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
    summary = fields.Json("Sizes and moves", compute="_compute_summary")

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

    @api.depends("statistics", "state")
    @api.depends_context("lang")
    def _compute_summary(self):
        for run in self:
            run.summary = run._tell_preview() if run.statistics else False

    def action_compare(self):
        """Show who moved since the run before: the moves between the days of both."""
        self.ensure_one()
        earlier = self.search(
            [
                ("scheme_id", "=", self.scheme_id.id),
                ("state", "=", DONE),
                ("kind", "in", ["apply", "nightly"]),
                ("date", "<", self.date),
            ],
            limit=1,
        )
        if not earlier:
            raise UserError(self.env._("There is no earlier run of “%(scheme)s”.", scheme=self.scheme_id.name))
        migration = self.env["sdm.segment.migration"].create(
            {"scheme_id": self.scheme_id.id, "date_from": earlier.date, "date_to": self.date}
        )
        action = self.env["ir.actions.act_window"]._for_xml_id("sdm_segmentation.sdm_segment_migration_action")
        action["res_id"] = migration.id
        return action

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
        """Compute; a preview keeps what would change, the others carry it out."""
        self.ensure_one()
        if self.kind == "preview":
            self._stage()
        else:
            self._apply()

    def action_cancel(self):
        """Stop a run that has not been carried out. What is computed at this moment is broken off and undone.

        :return: an action that says so, None where nothing was computed
        :raise UserError: the row of the run is held by something else
        """
        self.check_access("read")
        if not self.env.user.has_group("sdm_segmentation.group_sdm_director"):
            raise AccessError(self.env._("Only the director cancels a run."))
        waiting = self.sudo().filtered(lambda run: run.state in (WAITING, STAGED))
        free = waiting.try_lock_for_update(allow_referencing=True)
        computing = waiting - free
        if len(computing._break_off()) < len(computing):
            raise UserError(
                self.env._(
                    "“%(run)s” is just being begun or ended. Reload the page and try again.",
                    run=computing[0].display_name,
                )
            )
        free._cancel()
        return computing and {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": self.env._("The run is being broken off. Nothing that it computed remains."),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _break_off(self):
        """Let PostgreSQL break off what computes these runs; who computes them notes that they are cancelled.

        :return: ids of the runs that were found at work
        """
        return self.env.execute_query(
            SQL(
                """SELECT objid FROM pg_locks
                    WHERE locktype = 'advisory' AND classid = %s AND objid = ANY(%s::oid[]) AND objsubid = 2 AND granted
                      AND database = (SELECT oid FROM pg_database WHERE datname = CURRENT_DATABASE())
                      AND pid <> PG_BACKEND_PID() AND PG_CANCEL_BACKEND(pid)""",
                COMPUTING,
                self.ids,
            )
        )

    def _begin(self):
        """Hold the row of the run, and let others see who computes it, until the transaction ends."""
        self.ensure_one()
        self.lock_for_update(allow_referencing=True)
        self.env.execute_query(SQL("SELECT PG_ADVISORY_XACT_LOCK(%s, %s)", COMPUTING, self.id))

    def _cancel(self):
        self.change_ids.unlink()
        self.write({"state": CANCELLED, "ended_on": fields.Datetime.now()})

    def _fail(self, error):
        """Keep why a run failed and tell who put the version in force, once while it goes on failing."""
        self.write({"state": FAILED, "ended_on": fields.Datetime.now(), "error": str(error)})
        for run in self.filtered(lambda run: run.kind in ("apply", "nightly")):
            before = self.search(
                [("scheme_id", "=", run.scheme_id.id), ("kind", "in", ["apply", "nightly"]), ("id", "<", run.id)],
                limit=1,
            )
            user = run.version_id.approved_by_id or run.user_id
            if before.state != FAILED and user.active:
                in_words = run.with_context(lang=user.lang)
                run.scheme_id.sudo().message_post(
                    subject=in_words.env._("The segments could not be computed"),
                    body=Markup("<p>%s</p><p>%s</p>")
                    % (
                        in_words.env._(
                            "“%(scheme)s” could not be computed. Customers keep the segments that they have.",
                            scheme=in_words.scheme_id.name,
                        ),
                        str(error),
                    ),
                    # the system tells, also where the person started the run
                    author_id=self.env.ref("base.partner_root").id,
                    partner_ids=user.partner_id.ids,
                    subtype_xmlid="mail.mt_comment",
                )

    # -- computing ----------------------------------------------------------------------------------------------------

    def _stage(self):
        """Compute all classes and keep what would change. Nothing is changed."""
        begun = monotonic()
        self._begin()
        version = self.version_id.sudo()
        version._check_ready()
        self.env.flush_all()
        with self._joining_sets():
            moves = self.env["sdm.segmentation.change"]._stage_run(self, self._query_result())
        self._keep_statistics(moves, version)
        self._end(STAGED, begun)
        self.invalidate_recordset(["change_ids"])

    def _apply(self, partners=None, classes=None):
        """Compute all classes and carry the changes out, in one transaction that holds the row of the run.

        :param partners: only these customers
        :param classes: SQL of the WITH list that ends in ``classified``; by default what the version computes
        """
        begun = monotonic()
        self._begin()
        version = self.version_id.sudo()
        if classes is None:
            version._check_ready()
        self.env.flush_all()
        with self._joining_sets():
            result = self._query_result(partners, classes)
            moves = self.env["sdm.segment.membership"]._apply_run(self, result)
        self._keep_statistics(moves, version)
        # whatever depends on a customer's class was read before
        self.env.invalidate_all()
        self._after_apply()
        self._end(DONE, begun)

    def _end(self, state, begun):
        """Note how a run ended and how long it took.

        :param state: of the run; :param begun: time of the monotonic clock
        """
        now = fields.Datetime.now()
        self.write({"state": state, "ended_on": now, "heartbeat": now, "duration": monotonic() - begun})

    @contextmanager
    def _joining_sets(self):
        """Let PostgreSQL join whole sets: of tables that a statement has just made it knows no sizes, takes them for a
        few rows, and would walk through one for each row of the other (200 times as long for 10,000 customers).
        """
        self.env.cr.execute(SQL("SET LOCAL enable_nestloop TO off"))
        yield
        self.env.cr.execute(SQL("SET LOCAL enable_nestloop TO DEFAULT"))

    def _after_apply(self):
        """For what follows from a change of class: leads without a customer, playbooks, notices."""
        if self.scheme_id.is_primary and self.kind in ("apply", "nightly"):
            self.env["crm.lead"]._classify_sdm()

    def _query_result(self, partners=None, classes=None):
        """SQL of a WITH list that ends in ``result``: where each customer was, where it is now, and why.

        ``membership_id`` and ``date_before`` are its membership and since when that has been, NULL for none.
        ``is_moved`` tells whose membership changes, ``is_counted`` whose only counts on towards the next one;
        ``details`` are of those moved.

        :param partners: only these customers
        :param classes: SQL of the WITH list that ends in ``classified``; by default what the version computes
        """
        version = self.version_id.sudo()
        wanted = SQL("position")
        if classes is None and version._has_margins():
            # beyond the margin to rise, else beyond the one to fall, else as before
            wanted = SQL(
                """CASE WHEN position IS NULL OR old_position IS NULL THEN position
                        WHEN position_up < old_position THEN position_up
                        WHEN position_down > old_position THEN position_down
                        ELSE old_position END"""
            )
        segments = SQL("%s::int[]", version._get_lines().segment_id.ids)
        only = SQL("AND partner_id IN %s", tuple(partners.ids) or (0,)) if partners is not None else SQL("")
        # "OFFSET 0" keeps PostgreSQL from computing an expression again wherever a later step names it
        return SQL(
            """%(classes)s,
            present AS (
                SELECT partner_id, id AS membership_id, segment_id AS before_id,
                       computed_segment_id AS computed_before_id, override_id AS override_before_id,
                       pending_segment_id AS pending_before_id,
                       COALESCE(pending_count, 0) AS pending_before, date_from AS date_before,
                       ARRAY_POSITION(%(segments)s, computed_segment_id) AS old_position,
                       ARRAY_POSITION(%(segments)s, pending_segment_id) AS pending_position
                  FROM sdm_segment_membership
                 WHERE scheme_id = %(scheme)s AND date_to IS NULL %(only)s
            ),
            override AS (
                SELECT partner_id, id AS override_id, segment_id AS overriding_id FROM sdm_segment_override
                 WHERE scheme_id = %(scheme)s AND date_from <= %(date)s AND date_to >= %(date)s
                   AND (withdrawn_on IS NULL OR withdrawn_on > %(date)s) %(only)s
            ),
            judged AS (
                SELECT *, %(wanted)s AS wanted_position
                  FROM (SELECT * FROM classified WHERE TRUE %(only)s) classified
                  FULL JOIN (SELECT * FROM present FULL JOIN override USING (partner_id)) standing USING (partner_id)
                OFFSET 0
            ),
            compared AS (
                SELECT *, COALESCE(wanted_position <> old_position, FALSE) AS moves,
                       SIGN(pending_position - old_position) = SIGN(wanted_position - old_position) AS agrees
                  FROM judged
                OFFSET 0
            ),
            confirmed AS (
                SELECT *,
                       -- runs agree when they point the same way; the class nearest to the present one is what they say
                       CASE WHEN agrees THEN pending_before ELSE 0 END + 1 AS agreed,
                       (%(segments)s)[CASE WHEN NOT moves OR agrees IS NOT TRUE THEN wanted_position
                                           WHEN wanted_position < old_position
                                           THEN GREATEST(pending_position, wanted_position)
                                           ELSE LEAST(pending_position, wanted_position) END] AS agreed_id
                  FROM compared
                OFFSET 0
            ),
            decided AS (
                SELECT *, CASE WHEN waits THEN computed_before_id ELSE agreed_id END AS computed_id,
                       CASE WHEN waits THEN agreed_id END AS pending_id,
                       CASE WHEN waits THEN agreed ELSE 0 END AS pending_count
                  FROM (SELECT *, moves AND agreed < %(confirming)s AS waits FROM confirmed) confirmed
                OFFSET 0
            ),
            settled AS (
                SELECT *, COALESCE(overriding_id, computed_id) AS after_id,
                       before_id IS DISTINCT FROM COALESCE(overriding_id, computed_id)
                           OR computed_before_id IS DISTINCT FROM computed_id
                           OR override_before_id IS DISTINCT FROM override_id AS is_moved
                  FROM decided
                OFFSET 0
            ),
            result AS MATERIALIZED (
                SELECT partner_id, membership_id, before_id, date_before, after_id, computed_id, override_id,
                       COALESCE(amount, 0) AS amount, CASE WHEN is_moved THEN details END AS details,
                       pending_id, pending_count, is_moved,
                       NOT is_moved AND (
                           pending_before_id IS DISTINCT FROM pending_id OR COALESCE(pending_before, 0) <> pending_count
                       ) AS is_counted
                  FROM settled
            )""",
            classes=version._query_classes(self.date) if classes is None else classes,
            segments=segments,
            wanted=wanted,
            scheme=self.scheme_id.id,
            date=self.date,
            only=only,
            confirming=version.confirming_runs,
        )

    @api.model
    def _query_moves(self):
        """SQL of who went where by ``result``: (before, after, customers, money)."""
        return SQL(
            """SELECT before_id, after_id, COUNT(*), SUM(amount)::text FROM result
                WHERE before_id IS NOT NULL OR after_id IS NOT NULL
                GROUP BY before_id, after_id"""
        )

    def _keep_statistics(self, rows, version):
        """Keep sizes, money, moves and the source of sales; with a preview also the curve and what is wrong with rules.

        :param rows: (before, after, customers, money)
        """
        moves = [
            {"before": before, "after": after, "customers": count, "amount": float(amount)}
            for before, after, count, amount in rows
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
                # an override leaves the computed class as it is
                "source": self.kind != "override" and version._get_source(self.date),
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
        classes = SQL(
            """classified AS (
                SELECT membership.partner_id, place.position, membership.amount,
                       -- why it is so was computed by an earlier run, which stays named
                       COALESCE(membership.details, '{}') || jsonb_build_object(
                           'run', COALESCE((membership.details->>'run')::int, membership.run_id)) AS details
                  FROM sdm_segment_membership membership
                  JOIN (VALUES %s) place (position, segment_id)
                    ON place.segment_id = membership.computed_segment_id
                 WHERE membership.scheme_id = %s AND membership.date_to IS NULL
            )""",
            lines,
            scheme.id,
        )
        run._apply(partners, classes)

    @api.model
    def _classify_customers(self, scheme, partners):
        """Judge some customers now, by the version in force.

        :param scheme: sdm.scheme; :param partners: customers
        """
        run = self.sudo().create(
            {"scheme_id": scheme.id, "version_id": scheme.version_id.id, "kind": "single", "user_id": self.env.uid}
        )
        run._apply(partners)
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
            run = self._start(scheme.version_id, "nightly", today)
            # from now on others are told that it runs, and the next job goes on with it if this one is killed
            self.env["ir.cron"]._commit_progress(0)
            run._run_safely()

    def _run_safely(self):
        """Run; an error is kept with the run."""
        self.ensure_one()
        run_id = self.id
        try:
            with self.env.cr.savepoint():
                self._run()
        except QueryCanceled as error:
            self.env.invalidate_all(flush=False)
            run = self.browse(run_id)
            run.error = str(error).strip()
            run._cancel()
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
    """What would change for a customer; kept with a preview until the next one."""

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
    amount = fields.Monetary()
    is_pending = fields.Boolean("Not confirmed yet")
    pending_segment_id = fields.Many2one("sdm.segment", string="About to move to", ondelete="cascade")

    @api.model
    def _stage_run(self, run, result):
        """Keep what would change.

        :param run: sdm.segmentation.run; :param result: SQL of the WITH list that ends in ``result``
        :return: list of (before, after, customers, money)
        """
        return self.env.execute_query(
            SQL(
                """WITH %s,
                staged AS (
                    INSERT INTO sdm_segmentation_change (
                        run_id, partner_id, previous_segment_id, segment_id, amount, is_pending, pending_segment_id)
                    SELECT %s, partner_id, before_id, after_id, amount, is_counted, pending_id
                      FROM result WHERE is_moved OR is_counted
                )
                %s""",
                result,
                run.id,
                run._query_moves(),
            )
        )
