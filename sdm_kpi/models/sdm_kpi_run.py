from datetime import timedelta
from time import monotonic

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_datetime

from ..engine import facts, periods
from .sdm_kpi_source import SOURCES, Scope

# A run whose row was not touched for so long is dead: its process was killed.
DEAD_AFTER = timedelta(minutes=15)
# With more documents than these the facts are computed in the background, so that nobody waits for the page.
IN_REQUEST = 20000
WAITING, DONE, FAILED, CANCELLED = "waiting", "done", "failed", "cancelled"
KEYS = ("employee_id", "head_id", "team_id", "segment_id", "category_id", "company_id", "partner_id")


class SdmKpiRun(models.Model):
    """One computation of the facts of a perimeter, source after source.

    The facts of a source are replaced by one statement that touches only what differs. After each source the run is
    committed with what it has done, so a killed one goes on there; run again, nothing changes.
    """

    _name = "sdm.kpi.run"
    _description = "Computation of Facts"
    _order = "id desc"
    _rec_name = "perimeter_id"

    perimeter_id = fields.Many2one("sdm.perimeter", required=True, index=True, ondelete="cascade")
    state = fields.Selection(
        [(WAITING, "Waiting"), (DONE, "Done"), (FAILED, "Failed"), (CANCELLED, "Cancelled")],
        required=True,
        default=WAITING,
    )
    date_from = fields.Date("First month", required=True)
    date_to = fields.Date("Last month", required=True)
    user_id = fields.Many2one("res.users", string="Started by", default=lambda self: self.env.uid)
    started_on = fields.Datetime(default=fields.Datetime.now)
    heartbeat = fields.Datetime(default=fields.Datetime.now, help="When the run last showed that it is alive.")
    ended_on = fields.Datetime()
    duration = fields.Float("Seconds", digits=(16, 2))
    revenue_source = fields.Selection(related="perimeter_id.revenue_source")
    clock = fields.Char(related="perimeter_id.clock")
    sources_done = fields.Json("Sources that are done")
    progress = fields.Char(compute="_compute_progress")
    added_count = fields.Integer("Facts added", help="One whose value is another one is removed and added.")
    removed_count = fields.Integer("Facts removed")
    error = fields.Text()

    _running_uniq = models.UniqueIndex(
        "(perimeter_id) WHERE state = 'waiting'", "The facts of this perimeter are being computed already."
    )

    @api.depends("perimeter_id", "started_on")
    @api.depends_context("lang", "tz")
    def _compute_display_name(self):
        for run in self:
            started = format_datetime(self.env, run.started_on, dt_format="short") if run.started_on else ""
            run.display_name = f"{run.perimeter_id.name or ''}, {started}"

    @api.depends("sources_done", "state")
    def _compute_progress(self):
        for run in self:
            done = len(run.sources_done or [])
            run.progress = self.env._("%(done)s of %(total)s sources", done=done, total=len(SOURCES))

    # -- starting -----------------------------------------------------------------------------------------------------

    @api.model
    def _start(self, perimeter, first=None, last=None, resumes=True):
        """Make a run; a second one of a perimeter is refused while the first is alive, and takes over a dead one.

        :param perimeter: sdm.perimeter; :param first: first month; none: that of the first document
        :param last: last month; none: the present one
        :param resumes: whether a dead one is gone on with; else it is cancelled, and all is computed now
        :raise UserError: who is running it since when
        """
        Run = self.sudo()
        perimeter._lock_facts()
        present = Run.search([("perimeter_id", "=", perimeter.id), ("state", "=", WAITING)], limit=1)
        if present:
            if present.heartbeat > fields.Datetime.now() - DEAD_AFTER:
                raise UserError(
                    self.env._(
                        "%(user)s has been computing the facts of “%(perimeter)s” since %(time)s. "
                        "Wait until it is done.",
                        user=present.user_id.name,
                        perimeter=perimeter.name,
                        time=format_datetime(self.env, present.started_on, dt_format="short"),
                    )
                )
            if resumes:
                # what it has done stays done
                present.write({"user_id": self.env.uid, "heartbeat": fields.Datetime.now()})
                return present
            present.write({"state": CANCELLED, "ended_on": fields.Datetime.now()})
            present.flush_recordset()
        perimeter.sudo()._choose_revenue_source()
        source = self.env["sdm.kpi.source"].sudo()
        return Run.create(
            {
                "perimeter_id": perimeter.id,
                "user_id": self.env.uid,
                "date_from": first or source._find_first_month(perimeter._get_companies()),
                "date_to": last or periods.month_of(fields.Date.context_today(self)),
            }
        )

    @api.model
    def action_refresh(self):
        """Compute the facts of the current perimeter now and show them; where that takes long, how far it is."""
        if not self.env.user.has_group("sdm_segmentation.group_sdm_director"):
            raise AccessError(self.env._("Only the director has facts computed."))
        perimeter = self.env["sdm.perimeter"]._get_default()
        if not perimeter:
            raise UserError(self.env._("You may see no perimeter as a whole, so there is nothing to compute for you."))
        run = self._start(perimeter)
        large = any(
            self.env[model].sudo().with_context(active_test=False).search_count([("id", ">", 0)], limit=IN_REQUEST + 1)
            > IN_REQUEST
            for model in ("crm.lead", "sale.order", "account.move")
        )
        if large:
            self.env.ref("sdm_kpi.ir_cron_kpi").sudo()._trigger()
            return run.with_env(self.env)._get_form_action()
        run._run()
        return self.env["ir.actions.act_window"]._for_xml_id("sdm_kpi.sdm_kpi_report_action")

    def _get_form_action(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }

    def action_cancel(self):
        """Stop a run; what it has done stays."""
        self.check_access("read")
        if not self.env.user.has_group("sdm_segmentation.group_sdm_director"):
            raise AccessError(self.env._("Only the director cancels a run."))
        self.sudo().filtered(lambda run: run.state == WAITING).write(
            {"state": CANCELLED, "ended_on": fields.Datetime.now()}
        )

    # -- computing ----------------------------------------------------------------------------------------------------

    def _run(self):
        """Compute source after source what is not done yet."""
        self.ensure_one()
        scope = Scope(self.perimeter_id)
        for source in self._get_sources_left():
            self._refresh(source, scope)
        self._finish()

    def _get_sources_left(self):
        return [source for source, _label in SOURCES if source not in (self.sources_done or [])]

    def _finish(self):
        """Forget the facts of KPI that are no longer kept, and note how fresh the months are."""
        self.env["sdm.kpi.fact"].flush_model()
        self.env.execute_query(
            SQL(
                """DELETE FROM sdm_kpi_fact fact
                    WHERE perimeter_id = %s AND NOT kpi_id = ANY(%s) AND restatement_id IS NULL
                      AND NOT EXISTS (SELECT FROM (%s) closed
                                       WHERE closed.kpi_id = fact.kpi_id AND closed.date = fact.date)
                RETURNING id""",
                self.perimeter_id.id,
                self.env["sdm.kpi"]._get_kept().ids,
                self.env["sdm.period"]._query_closed(self.perimeter_id),
            )
        )
        self.env["sdm.kpi.fact"].invalidate_model()
        self.env["sdm.period"].sudo()._note_refreshed(self.perimeter_id, self.date_from, self.date_to)
        now = fields.Datetime.now()
        self.write({"state": DONE, "ended_on": now, "heartbeat": now, "error": False})

    def _refresh(self, source, scope):
        """Bring the facts of all KPI of a source in line with its documents, by one statement.

        What is closed stays as it is; how its documents differ from what they counted is listed instead.

        :param source: of ``SOURCES``; :param scope: of the perimeter
        """
        self.ensure_one()
        begun = monotonic()
        kpis = scope.kept.filtered(lambda kpi: kpi._get_source() == source)
        added = removed = 0
        if kpis:
            closed = self._hold_closed(kpis)
            [(added, removed, changed)] = self._execute_set_based(self._query_refresh(source, scope, kpis, closed))
            if closed:
                self.env["sdm.period.difference"]._refresh(self, source, scope, kpis, changed)
            self.env["sdm.kpi.fact"].invalidate_model()
        self.write(
            {
                "sources_done": [*(self.sources_done or []), source],
                "heartbeat": fields.Datetime.now(),
                "duration": self.duration + monotonic() - begun,
                "added_count": self.added_count + added,
                "removed_count": self.removed_count + removed,
            }
        )

    def _hold_closed(self, kpis):
        """Keep months from being closed or opened until the facts are written.

        :return: whether anything of KPI is closed
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT EXISTS (SELECT FROM (%s) closed WHERE closed.kpi_id IN %s) FROM sdm_period period
                    WHERE period.perimeter_id = %s FOR SHARE OF period""",
                self.env["sdm.period"]._query_closed(self.perimeter_id),
                tuple(kpis.ids),
                self.perimeter_id.id,
            )
        )
        return any(row[0] for row in rows)

    def _execute_set_based(self, query):
        """Execute a statement over many rows that it makes itself."""
        self.env.flush_all()
        # of what a statement has just made PostgreSQL knows no sizes, and would walk through it for each row
        self.env.cr.execute(SQL("SET LOCAL enable_nestloop TO off"))
        self.env.cr.execute(query)
        rows = self.env.cr.fetchall() if self.env.cr.description else []
        self.env.cr.execute(SQL("SET LOCAL enable_nestloop TO DEFAULT"))
        return rows

    def _query_refresh(self, source, scope, kpis, closed):
        """SQL that removes the facts that no longer hold and adds those that do: (added, removed, changed).

        A fact whose value is another one is removed and added; written it is once. Oracle: ``engine.facts``.

        :param closed: whether anything of the KPI is closed; ``changed`` is of which KPI and months of that the facts
            would be others, as JSON of pairs
        """
        tables, conditions = kpis._query_conditions()
        counted = kpis.filtered(lambda kpi: kpi.semantics == facts.DISTINCT)
        parts = [self._query_distinct(kpi, tables, conditions[kpi]) for kpi in counted]
        if summed := kpis - counted:
            parts.append(self._query_sums(source, summed, tables, conditions))
        same = SQL(" AND ").join(
            SQL("COALESCE(fact.%s, 0) = COALESCE(found.%s, 0)", SQL.identifier(key), SQL.identifier(key))
            for key in KEYS
        )
        in_range = SQL(
            "fact.perimeter_id = %s AND fact.kpi_id IN %s AND fact.date BETWEEN %s AND %s",
            self.perimeter_id.id,
            tuple(kpis.ids),
            self.date_from,
            self.date_to,
        )
        is_open = SQL("NOT EXISTS (SELECT FROM closed WHERE closed.kpi_id = fact.kpi_id AND closed.date = fact.date)")
        keys = SQL(", ").join(SQL.identifier(key) for key in KEYS)
        # both sides at once, as PostgreSQL can join them in no other way than by all columns together
        return SQL(
            """WITH closed AS MATERIALIZED (%(closed)s),
            entry AS (SELECT %(asked)s FROM (%(entries)s) entry),
            computed AS %(materialized)s (%(computed)s),
            difference AS MATERIALIZED (
                SELECT fact.id, found.*
                  FROM (SELECT * FROM sdm_kpi_fact fact
                         WHERE %(in_range)s AND fact.restatement_id IS NULL AND %(is_open)s) fact
                  FULL JOIN (SELECT * FROM computed fact WHERE %(is_open)s) found
                    ON fact.kpi_id = found.kpi_id AND fact.date = found.date AND %(same)s
                 WHERE fact.value IS DISTINCT FROM found.value
            ),
            removed AS (
                DELETE FROM sdm_kpi_fact
                 WHERE id = ANY(ARRAY(SELECT id FROM difference WHERE kpi_id IS NULL))
            ),
            altered AS (
                UPDATE sdm_kpi_fact fact SET value = difference.value FROM difference
                 WHERE %(in_range)s AND fact.id = difference.id AND difference.kpi_id IS NOT NULL
            ),
            added AS (
                INSERT INTO sdm_kpi_fact (perimeter_id, kpi_id, date, value, %(keys)s)
                SELECT %(perimeter)s, kpi_id, date, value, %(keys)s FROM difference WHERE id IS NULL
            )
            SELECT COUNT(difference.kpi_id), COUNT(difference.id), %(changed)s FROM difference""",
            closed=self.env["sdm.period"]._query_closed(self.perimeter_id),
            entries=self.env["sdm.kpi.source"].sudo()._query_entries(scope, source, self.date_from, self.date_to),
            # PostgreSQL need not work out what nobody asks for
            asked=SQL(", ").join(SQL.identifier(name) for name in sorted(kpis._get_asked_columns())),
            materialized=SQL("MATERIALIZED") if closed else SQL("NOT MATERIALIZED"),
            computed=SQL(" UNION ALL ").join(parts),
            is_open=is_open if closed else SQL("TRUE"),
            changed=self._query_changed(scope, kpis, in_range, keys) if closed else SQL("NULL"),
            in_range=in_range,
            same=same,
            keys=keys,
            perimeter=self.perimeter_id.id,
        )

    def _query_changed(self, scope, kpis, in_range, keys):
        """SQL of the closed KPI and months whose facts, with what was settled since, would be others: JSON of pairs."""
        compared = kpis.filtered(lambda kpi: kpi.semantics != facts.STOCK)
        return SQL(
            """(WITH person AS MATERIALIZED (%(people)s),
            present AS (
                SELECT fact.kpi_id, fact.date, fact.value, %(keys)s FROM computed fact
                  JOIN closed ON closed.kpi_id = fact.kpi_id AND closed.date = fact.date
                 WHERE fact.kpi_id = ANY(%(compared)s)
            ),
            known AS (
                SELECT kpi_id, date, SUM(value) AS value, %(keys)s FROM (
                    SELECT fact.kpi_id, fact.date, fact.value, %(known)s FROM sdm_kpi_fact fact
                      JOIN closed ON closed.kpi_id = fact.kpi_id AND closed.date = fact.date
                      LEFT JOIN person ON person.employee_id = fact.employee_id
                     WHERE %(in_range)s AND fact.restatement_id IS NULL AND fact.kpi_id = ANY(%(compared)s)
                     UNION ALL
                    SELECT settled.kpi_id, period.date, settled.settled,
                           COALESCE(person.person_id, settled.employee_id), head_id, team_id, segment_id, category_id,
                           company_id, NULL
                      FROM sdm_period_entry settled
                      LEFT JOIN person ON person.employee_id = settled.employee_id
                      JOIN sdm_period period ON period.id = settled.period_id AND period.perimeter_id = %(perimeter)s
                      JOIN closed ON closed.kpi_id = settled.kpi_id AND closed.date = period.date
                     WHERE settled.settled <> 0 AND settled.kpi_id = ANY(%(compared)s)
                ) counted
                GROUP BY kpi_id, date, %(keys)s HAVING SUM(value) <> 0
            )
            SELECT json_agg(DISTINCT jsonb_build_array(kpi_id, date))
              FROM ((TABLE present EXCEPT SELECT kpi_id, date, value, %(keys)s FROM known)
                    UNION ALL
                    (SELECT kpi_id, date, value, %(keys)s FROM known EXCEPT TABLE present)) other)""",
            keys=keys,
            # who has another first card since the month was closed is the same person
            people=self.env["sdm.kpi.source"]._query_people(scope),
            known=SQL(", ").join(
                SQL("COALESCE(person.person_id, fact.employee_id) AS employee_id")
                if key == "employee_id"
                else SQL.identifier("fact", key)
                for key in KEYS
            ),
            compared=compared.ids,
            in_range=in_range,
            perimeter=self.perimeter_id.id,
        )

    def _query_distinct(self, kpi, tables, condition):
        """SQL of the customers of a KPI, each once for the same person, head, team, segment, category and month."""
        category = SQL("entry.category_id") if kpi._has_categories() else SQL("NULL::int")
        return SQL(
            """SELECT DISTINCT %s AS kpi_id, date_trunc('month', entry.date)::date AS date, 1::numeric AS value,
                      entry.employee_id, entry.head_id, entry.team_id, entry.segment_id, %s AS category_id,
                      entry.company_id, entry.partner_id
                 FROM %s WHERE entry.partner_id IS NOT NULL AND entry.share > 0 AND %s""",
            kpi.id,
            category,
            tables,
            condition,
        )

    def _query_sums(self, source, kpis, tables, conditions):
        """SQL of the sums of KPI: all in one pass, then one row for each KPI and leaf."""
        sums = SQL(", ").join(
            SQL(
                "SUM(entry.%s) FILTER (WHERE %s) AS %s",
                SQL.identifier(kpi._get_measure()),
                conditions[kpi],
                SQL.identifier(f"value_{kpi.id}"),
            )
            for kpi in kpis
        )
        values = SQL(", ").join(
            SQL("(%s, grouped.%s, %s)", kpi.id, SQL.identifier(f"value_{kpi.id}"), kpi._has_categories())
            for kpi in kpis
        )
        leaves = SQL(
            """SELECT of_kpi.kpi_id, grouped.date, SUM(of_kpi.value) AS value, grouped.employee_id, grouped.head_id,
                      grouped.team_id, grouped.segment_id,
                      CASE WHEN of_kpi.has_categories THEN grouped.category_id END AS category_id, grouped.company_id,
                      NULL::int AS partner_id
                 FROM (
                     SELECT date_trunc('month', entry.date)::date AS date, entry.employee_id, entry.head_id,
                            entry.team_id, entry.segment_id, entry.category_id, entry.company_id, %s
                       FROM %s
                      GROUP BY 1, 2, 3, 4, 5, 6, 7
                 ) grouped
                 CROSS JOIN LATERAL (VALUES %s) of_kpi (kpi_id, value, has_categories)
                GROUP BY 1, 2, 4, 5, 6, 7, 8, 9
               HAVING SUM(of_kpi.value) <> 0""",
            sums,
            tables,
            values,
        )
        if not any(kpi.semantics == facts.STOCK for kpi in kpis):
            return leaves
        # who has nothing left is at zero in the month after, so that nobody's latest month is an older one; what is
        # closed or before the first month is known from its facts
        return SQL(
            """SELECT kpi_id, date, SUM(value) AS value, employee_id, head_id, team_id, segment_id, category_id,
                      company_id, partner_id
                 FROM (
                     WITH leaf AS MATERIALIZED (%(leaves)s),
                     before AS (
                         SELECT kpi_id, date, employee_id, head_id, team_id, segment_id, category_id, company_id
                           FROM leaf
                          WHERE NOT EXISTS (
                                SELECT FROM closed WHERE closed.kpi_id = leaf.kpi_id AND closed.date = leaf.date)
                          UNION ALL
                         SELECT kpi_id, date, employee_id, head_id, team_id, segment_id, category_id, company_id
                           FROM sdm_kpi_fact kept
                          WHERE perimeter_id = %(perimeter)s AND kpi_id = ANY(%(stocks)s) AND value <> 0
                            AND (date = %(before_first)s OR date >= %(first)s AND EXISTS (
                                SELECT FROM closed WHERE closed.kpi_id = kept.kpi_id AND closed.date = kept.date))
                     )
                     SELECT * FROM leaf
                      UNION ALL
                     SELECT kpi_id, (date + interval '1 month')::date, 0, employee_id, head_id, team_id, segment_id,
                            category_id, company_id, NULL
                       FROM before WHERE date < %(last)s
                 ) stock
                GROUP BY 1, 2, 4, 5, 6, 7, 8, 9, 10""",
            leaves=leaves,
            perimeter=self.perimeter_id.id,
            stocks=[kpi.id for kpi in kpis if kpi.semantics == facts.STOCK],
            before_first=periods.add_months(self.date_from, -1),
            first=self.date_from,
            last=self.date_to,
        )

    # -- in the background --------------------------------------------------------------------------------------------

    @api.model
    def _cron_run(self):
        """Compute the facts of all perimeters, each source committed by itself; a killed job goes on where it was."""
        cron = self.env["ir.cron"]
        perimeters = self.env["sdm.perimeter"].search([("active", "=", True)])
        for number, perimeter in enumerate(perimeters):
            present = self.search([("perimeter_id", "=", perimeter.id), ("state", "=", WAITING)], limit=1)
            (present or self._start(perimeter))._run_safely()
            cron._commit_progress(1, remaining=len(perimeters) - number - 1)

    def _run_safely(self):
        """Run, committing after each source; an error is kept with the run."""
        self.ensure_one()
        run_id = self.id
        if not self.try_lock_for_update():
            return
        try:
            scope = Scope(self.perimeter_id)
            for source in self._get_sources_left():
                with self.env.cr.savepoint():
                    self._refresh(source, scope)
                self.env["ir.cron"]._commit_progress(0)
                self.lock_for_update()
            self._finish()
            with self.env.cr.savepoint():
                self.env["sdm.kpi.forecast.snapshot"]._take(self.perimeter_id)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one perimeter must not stop the others
            self.env.invalidate_all(flush=False)
            self.browse(run_id).write({"state": FAILED, "ended_on": fields.Datetime.now(), "error": str(error)})

    @api.autovacuum
    def _gc_runs(self):
        """Forget runs that changed nothing after a month, and all after a year."""
        month = fields.Datetime.now() - timedelta(days=30)
        year = fields.Datetime.now() - timedelta(days=365)
        idle = Domain("added_count", "=", 0) & Domain("removed_count", "=", 0) & Domain("state", "!=", FAILED)
        self.search(
            Domain("state", "!=", WAITING)
            & (Domain("started_on", "<", year) | idle & Domain("started_on", "<", month)),
            limit=1000,
        ).unlink()
