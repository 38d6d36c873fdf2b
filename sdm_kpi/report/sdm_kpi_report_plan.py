import json
from decimal import Decimal

from odoo import api, fields, models, tools
from odoo.fields import Domain
from odoo.tools import SQL

from ..engine import facts, periods
from ..engine.plan import targets
from .sdm_kpi_report import FIRST

# Where the own target of a ratio stands, beside those that it is worked out from
OWN = 0
JUDGED = ("target", "target_to_date", "gap", "attainment", "pace")
TO_DATE = {"target_to_date:sum", "pace:sum"}
KEYS = ("employee_id", "head_id", "team_id", "segment_id", "category_id")


class Passed(dict):
    """What :meth:`SdmKpiReport._get_passed` found, so that it is looked for once and not taken from a request."""


class SdmKpiReport(models.Model):
    """Beside the facts the targets that hold, and how far the facts are.

    The target of a group of rows is worked out as the value is: what is added up is added, a ratio is made of the
    targets of what it is worked out from. What has targets of its own at each level is judged by the widest one in
    the group. Oracle: ``engine.plan.targets``.
    """

    _inherit = "sdm.kpi.report"
    _depends = {
        "sdm.plan.target": [
            "version_id",
            "perimeter_id",
            "is_effective",
            "kpi_id",
            "date",
            "value",
            "part_old",
            "share_old",
            *KEYS,
        ],
        "sdm.position": ["employee_id", "head_id", "team_id", "date_from", "date_to"],
    }

    is_target = fields.Boolean("Is a target", readonly=True)
    target = fields.Float("Plan", readonly=True, digits=(16, 2), aggregator="sum")
    target_to_date = fields.Float(
        "Plan to date",
        readonly=True,
        digits=(16, 2),
        aggregator="sum",
        help="What should be there by now: of the running month the part of each person's working days that are over.",
    )
    gap = fields.Float(
        "Fact less plan", readonly=True, digits=(16, 2), aggregator="sum", help="Below 0: missing to the plan."
    )
    attainment = fields.Float(
        "Attainment, %",
        readonly=True,
        digits=(16, 1),
        aggregator="sum",
        help="100 % is the plan, whichever direction is better. Where less is better, twice the plan is 0 %.",
    )
    pace = fields.Float(
        "Pace, %", readonly=True, digits=(16, 1), aggregator="sum", help="Attainment of what should be there by now."
    )

    # -- the rows -----------------------------------------------------------------------------------------------------

    def _query_facts(self, perimeter):
        return SQL(
            "SELECT fact.*, FALSE AS is_target, NULL::numeric AS target, NULL::int4 AS level, NULL::varchar AS cell,"
            " NULL::numeric AS part_old, NULL::numeric AS share_old, %s FROM (%s) fact UNION ALL %s UNION ALL %s",
            self._select_judged(),
            super()._query_facts(perimeter),
            self._query_targets(perimeter),
            self._query_inherited_targets(perimeter),
        )

    def _select_judged(self):
        """SQL of the measures that groups of rows have and a row has not."""
        return SQL(", ").join(SQL("NULL::numeric AS %s", SQL.identifier(name)) for name in JUDGED if name != "target")

    def _query_targets(self, perimeter):
        """SQL of the targets that hold, once for each KPI that is worked out from them."""
        rows, trees = self._get_inputs()
        rows = [*rows, *((kpi, kpi, OWN, targets.RATIO) for kpi in trees)]
        return SQL(
            """SELECT (target.id::int8 * %(count)s + input.number) * 4 + 1 AS id, target.perimeter_id, input.kpi_id,
                      target.kpi_id AS input_kpi_id, target.date, %(keys)s,
                      NULL::int4 AS company_id, NULL::int4 AS partner_id, NULL::int4 AS restatement_id, input.place,
                      input.semantics::varchar AS semantics, NULL::numeric AS value, TRUE AS is_target,
                      target.value AS target, %(level)s AS level, %(cell)s AS cell, target.part_old, target.share_old,
                      %(judged)s
                 FROM sdm_plan_target target
                 JOIN (VALUES %(inputs)s) input (number, kpi_id, counted_id, place, semantics)
                   ON input.counted_id = target.kpi_id
                WHERE target.is_effective AND target.perimeter_id = %(perimeter)s""",
            count=self._get_spread(),
            keys=SQL(", ").join(SQL.identifier("target", key) for key in KEYS),
            level=SQL(
                """CASE WHEN target.employee_id IS NOT NULL THEN %s WHEN target.head_id IS NOT NULL THEN %s ELSE %s END
                   + %s * num_nonnulls(target.team_id, target.segment_id, target.category_id)""",
                *(targets.PERSON, targets.GROUP, targets.COMPANY, targets.PARTS),
            ),
            cell=SQL(
                """concat_ws('-', COALESCE(target.employee_id, 0),
                          CASE WHEN target.employee_id IS NULL THEN COALESCE(target.head_id, 0) ELSE 0 END,
                          COALESCE(target.team_id, 0), COALESCE(target.segment_id, 0), COALESCE(target.category_id, 0))
                   ::varchar"""
            ),
            judged=self._select_judged(),
            inputs=self._query_inputs(rows),
            perimeter=perimeter.id or 0,
        )

    def _query_inherited_targets(self, perimeter):
        """SQL of the targets of ratios by which people and groups are judged who have none: the group's or company's.

        People are those who have a position in the month, and sell: they are in a sales team or have results.
        """
        ratios = tuple(self._get_inputs()[1]) or (0,)
        return SQL(
            """SELECT ((judged.target_id::int8 * 2097152 + COALESCE(judged.employee_id, judged.head_id)) * %(count)s
                       + %(number)s) * 4 + CASE WHEN judged.employee_id IS NULL THEN 2 ELSE 3 END AS id,
                      judged.perimeter_id, judged.kpi_id, judged.kpi_id AS input_kpi_id, judged.date,
                      judged.employee_id, judged.head_id, NULL::int4 AS team_id, NULL::int4 AS segment_id,
                      NULL::int4 AS category_id, NULL::int4 AS company_id, NULL::int4 AS partner_id,
                      NULL::int4 AS restatement_id, %(own)s AS place,
                      %(ratio)s::varchar AS semantics, NULL::numeric AS value, TRUE AS is_target,
                      judged.value AS target,
                      CASE WHEN judged.employee_id IS NULL THEN %(group)s ELSE %(person)s END AS level,
                      NULL::varchar AS cell, NULL::numeric AS part_old, NULL::numeric AS share_old, %(judged)s
                 FROM (
                     SELECT DISTINCT ON (
                                target.kpi_id, target.date, who.employee_id, COALESCE(who.employee_id, who.head_id))
                            target.id AS target_id, target.perimeter_id, target.kpi_id, target.date, who.employee_id,
                            who.head_id, target.value
                       FROM sdm_plan_target target
                       JOIN sdm_position position ON position.date_from < target.date + interval '1 month'
                            AND (position.date_to IS NULL OR position.date_to >= target.date)
                            AND (target.head_id IS NULL OR target.head_id = position.head_id)
                            AND (position.team_id IS NOT NULL OR EXISTS (
                                SELECT FROM sdm_kpi_fact fact
                                 WHERE fact.employee_id = position.employee_id
                                   AND fact.perimeter_id = target.perimeter_id))
                      CROSS JOIN LATERAL (VALUES (position.employee_id, position.head_id), (NULL, position.head_id))
                            who (employee_id, head_id)
                      WHERE target.is_effective AND target.perimeter_id = %(perimeter)s AND target.kpi_id IN %(ratios)s
                        AND target.employee_id IS NULL
                        AND num_nonnulls(target.team_id, target.segment_id, target.category_id) = 0
                        AND (who.employee_id IS NOT NULL OR who.head_id IS NOT NULL AND target.head_id IS NULL)
                        AND NOT EXISTS (
                            SELECT FROM sdm_plan_target own
                             WHERE own.version_id = target.version_id AND own.kpi_id = target.kpi_id
                               AND own.date = target.date
                               AND num_nonnulls(own.team_id, own.segment_id, own.category_id) = 0
                               AND (own.employee_id = who.employee_id
                                    OR who.employee_id IS NULL AND own.employee_id IS NULL
                                       AND own.head_id = who.head_id))
                      ORDER BY target.kpi_id, target.date, who.employee_id, COALESCE(who.employee_id, who.head_id),
                               target.head_id IS NULL, position.date_from DESC, target.id
                 ) judged""",
            count=self._get_spread(),
            number=self._get_spread() - 1,
            own=OWN,
            ratio=targets.RATIO,
            group=targets.GROUP,
            person=targets.PERSON,
            judged=self._select_judged(),
            perimeter=perimeter.id or 0,
            ratios=ratios,
        )

    # -- what a group of rows comes to --------------------------------------------------------------------------------

    def _read_group(self, domain, groupby=(), aggregates=(), having=(), offset=0, limit=None, order=None):
        report = self._with_passed(aggregates)
        return super(SdmKpiReport, report)._read_group(domain, groupby, aggregates, having, offset, limit, order)

    def _read_grouping_sets(self, domain, grouping_sets, aggregates=(), order=None):
        report = self._with_passed(aggregates)
        return super(SdmKpiReport, report)._read_grouping_sets(domain, grouping_sets, aggregates, order)

    def _with_passed(self, aggregates=tuple(TO_DATE), passed=None):
        """With the part of the month that has passed, where measures need it.

        :param passed: as :meth:`_get_passed`, of those alone whose rows are read; None: it is looked for
        """
        known = isinstance(self.env.context.get("sdm_passed"), Passed)
        if known or not TO_DATE & set(aggregates):
            return self
        return self.with_context(sdm_passed=self._get_passed() if passed is None else Passed(passed))

    def _read_group_select(self, aggregate_spec, query):
        name, _separator, aggregator = aggregate_spec.partition(":")
        if name in JUDGED and aggregator == "sum":
            return getattr(self, f"_aggregate_{name}")(query)
        return super()._read_group_select(aggregate_spec, query)

    def _aggregate_place(self, columns, place, kinds, is_input):
        """No fact of what has a target is 0, in a month that has begun."""
        known = SQL(
            "CASE WHEN COUNT(*) FILTER (WHERE %s AND %s = %s) > 0 AND MIN(%s) <= %s THEN 0 END",
            *(columns["is_target"], columns["place"], place, columns["date"], self._get_month()),
        )
        return SQL("COALESCE(%s, %s)", super()._aggregate_place(columns, place, kinds, is_input), known)

    def _get_columns(self, query):
        names = ("is_target", "target", "employee_id")
        columns = {name: self._field_to_sql(self._table, name, query) for name in names}
        # a group of rows needs these, and nobody else
        hidden = {name: SQL.identifier(self._table, name) for name in ("level", "cell", "part_old", "share_old")}
        return super()._get_columns(query) | columns | hidden

    def _get_month(self):
        return periods.month_of(fields.Date.context_today(self))

    def _aggregate_target(self, query):
        """SQL of the target of a group of rows."""
        return self._aggregate_amount(query, self._get_columns(query)["target"])

    def _aggregate_target_to_date(self, query):
        """SQL of what should be there of the target by now."""
        columns = self._get_columns(query)
        passed = self._with_passed().env.context["sdm_passed"]
        part = SQL(
            "COALESCE(%s::jsonb ->> %s::text, %s)::numeric",
            json.dumps({person: str(part) for person, part in passed.items() if person}),
            columns["employee_id"],
            str(passed[None]),
        )
        # a target that changed within the month asks of each day for what held on it
        amount = SQL(
            """CASE WHEN %(date)s > %(month)s THEN NULL
                    WHEN %(date)s < %(month)s OR %(semantics)s IN %(whole)s THEN %(target)s
                    WHEN %(share_old)s > 0 AND %(share_old)s < 1
                    THEN %(part_old)s * LEAST(%(part)s / %(share_old)s, 1)
                         + (%(target)s - %(part_old)s) * GREATEST(%(part)s - %(share_old)s, 0) / (1 - %(share_old)s)
                    ELSE %(target)s * %(part)s END""",
            **{name: columns[name] for name in ("date", "semantics", "target", "part_old", "share_old")},
            month=self._get_month(),
            whole=(facts.STOCK, targets.RATIO),
            part=part,
        )
        return self._aggregate_amount(query, amount)

    @api.model
    def _get_passed(self):
        """The part of the working days of the running month that are over, of all with a target in it.

        :return: {employee id, None for the company: Decimal from 0 to 1}
        """
        today = fields.Date.context_today(self)
        perimeter = self.env["sdm.perimeter"]._get_asked()
        if not perimeter:
            return Passed({None: Decimal(0)})
        days = self.env["sdm.plan.target"]._get_working_days(perimeter, today)
        return Passed(
            (person, Decimal(passed) / total if total else Decimal(0)) for person, (passed, total) in days.items()
        )

    def _aggregate_amount(self, query, amount):
        """SQL of what the targets of a group come to; of what is worked out from others by their targets."""
        columns = self._get_columns(query)

        def aggregate_place(columns, place, kinds, is_input):
            return self._aggregate_targets(columns, amount, place, kinds, is_input)

        own = self._aggregate_targets(columns, amount, OWN, {targets.RATIO}, False)
        return self._aggregate_kpis(query, aggregate_place, own)

    def _aggregate_targets(self, columns, amount, place, kinds, is_input):
        """SQL of what the targets at a place come to, by what the KPI there is.

        :param is_input: a count of customers over several months is no number that something can be worked out from
        """

        def of(semantics):
            return SQL(
                "FILTER (WHERE %s = %s AND %s = %s AND %s IS NOT NULL)",
                *(columns["place"], place, columns["semantics"], semantics, amount),
            )

        parts = [SQL("SUM(%s) %s", amount, of(facts.FLOW))]
        for semantics in (facts.DISTINCT, facts.STOCK, targets.RATIO):
            if semantics not in kinds:
                continue
            key = amount if semantics == targets.RATIO else columns["cell"]
            arrays = SQL(", ").join(
                SQL("ARRAY_AGG(%s) %s", column, of(semantics))
                for column in (amount, columns["date"], columns["level"], SQL("%s::varchar", key))
            )
            parts.append(
                SQL(
                    """(SELECT CASE WHEN COUNT(*) = COUNT(month.amount) AND COUNT(*) <= %(most)s
                                    THEN AVG(month.amount) END
                          FROM (SELECT CASE WHEN COUNT(DISTINCT cell.key) = 1 THEN MIN(cell.amount) END AS amount
                                  FROM (SELECT *, MIN(level) OVER (PARTITION BY date) AS widest,
                                               MAX(date) OVER () AS latest
                                          FROM unnest(%(arrays)s) cell (amount, date, level, key)) cell
                                 WHERE cell.level = cell.widest AND (cell.date = cell.latest OR NOT %(latest)s)
                                 GROUP BY cell.date) month)""",
                    arrays=arrays,
                    most=1 if is_input and semantics == facts.DISTINCT else periods.MONTHS * 100,
                    latest=semantics == facts.STOCK,
                )
            )
        return SQL("COALESCE(%s)", SQL(", ").join(parts))

    def _aggregate_gap(self, query):
        """SQL of the fact less the plan."""
        columns = self._get_columns(query)
        gap = SQL("%s - %s", self._aggregate_value(query), self._aggregate_target(query))
        return self._if_comparable(columns, SQL("TRUE"), gap)

    def _aggregate_attainment(self, query):
        """SQL of what part of the plan is reached; see ``engine.plan.pace``."""
        return self._aggregate_share(query, self._aggregate_target(query), SQL("TRUE"))

    def _aggregate_pace(self, query):
        """SQL of what part of the plan to date is reached."""
        columns = self._get_columns(query)
        begun = SQL("%s <= %s", columns["date"], self._get_month())
        return self._aggregate_share(query, self._aggregate_target_to_date(query), begun)

    def _aggregate_share(self, query, target, months):
        columns = self._get_columns(query)
        share = SQL("100 * %s / NULLIF(GREATEST(%s, 0), 0)", self._aggregate_value(query), target)
        down = tuple(self._get_downward()) or (0,)
        value = SQL("CASE WHEN MIN(%s) IN %s THEN 200 - %s ELSE %s END", columns["kpi_id"], down, share, share)
        return self._if_comparable(columns, months, value)

    @api.model
    @tools.ormcache()
    def _get_downward(self):
        """Ids of the KPI of which less is better."""
        shown = {row[0] for row in self._get_inputs()[0]}
        return [kpi.id for kpi in self.env["sdm.kpi"].sudo().browse(shown) if kpi.direction == "down"]

    def _if_comparable(self, columns, months, value):
        """SQL of a value that says nothing of months to come, nor of customers counted over several months.

        :param months: SQL of which rows' months count
        """
        counted = SQL("%s = %s AND %s = %s", columns["semantics"], facts.DISTINCT, columns["place"], FIRST)
        shown = {row[0] for row in self._get_inputs()[0]} - self._get_inputs()[1].keys()
        return SQL(
            """CASE WHEN MIN(%(date)s) > %(month)s THEN NULL
                    WHEN BOOL_OR(%(counted)s AND %(kpi)s IN %(shown)s)
                         AND MIN(%(date)s) FILTER (WHERE %(months)s) <> MAX(%(date)s) FILTER (WHERE %(months)s)
                    THEN NULL ELSE %(value)s END""",
            date=columns["date"],
            month=self._get_month(),
            counted=counted,
            kpi=columns["kpi_id"],
            shown=tuple(shown) or (0,),
            months=months,
            value=value,
        )

    # -- to the documents ---------------------------------------------------------------------------------------------

    def action_open_entries(self):
        """Open the documents of the facts; where only targets were chosen, those."""
        counted = self.filtered(lambda row: not row.is_target)
        return super(SdmKpiReport, counted).action_open_entries() if counted else self._open_targets()

    def _open_targets(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("sdm_kpi.sdm_plan_target_action")
        of_rows = (Domain("kpi_id", "=", row.input_kpi_id.id) & Domain("date", "=", row.date) for row in self)
        action["domain"] = list(Domain("is_effective", "=", True) & Domain.OR(of_rows))
        return action
