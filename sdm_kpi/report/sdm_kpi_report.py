from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..engine import facts, formula, periods

# Where a KPI stands among the inputs of another one, and the KPI itself
FIRST = 1


class SdmKpiReport(models.Model):
    """The facts of all KPI that are switched on, ratios and formulas among them.

    A row is a fact that a KPI is worked out from; the value of a group is worked out from all its rows by what the KPI
    is: sums are added, states taken of the last month, customers counted once, ratios made of the sums.
    """

    _name = "sdm.kpi.report"
    _description = "KPI by Person and Month"
    _auto = False
    _order = "date desc, kpi_id, id"
    _rec_name = "kpi_id"
    _depends = {
        "sdm.kpi.fact": [
            *("perimeter_id", "kpi_id", "date", "employee_id", "head_id", "team_id", "segment_id", "category_id"),
            *("company_id", "partner_id", "value", "restatement_id"),
        ],
    }

    perimeter_id = fields.Many2one("sdm.perimeter", readonly=True)
    kpi_id = fields.Many2one("sdm.kpi", string="KPI", readonly=True)
    input_kpi_id = fields.Many2one("sdm.kpi", string="Worked out from", readonly=True)
    unit = fields.Selection(related="kpi_id.unit")
    topic = fields.Selection(related="kpi_id.topic")
    date = fields.Date("Month", readonly=True)
    employee_id = fields.Many2one("hr.employee", string="Person", readonly=True)
    head_id = fields.Many2one("hr.employee", string="Group of", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales team", readonly=True)
    segment_id = fields.Many2one("sdm.segment", readonly=True)
    category_id = fields.Many2one("product.category", string="Product category", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    restatement_id = fields.Many2one(
        "sdm.period.restatement",
        string="Correction",
        readonly=True,
        help="It belongs to a closed month and counts in this one by decision.",
    )
    place = fields.Integer(readonly=True, aggregator=None)
    semantics = fields.Char(readonly=True)
    value = fields.Float("Fact", readonly=True, digits=(16, 2), aggregator="sum")

    # -- the rows -----------------------------------------------------------------------------------------------------

    @api.model
    @tools.ormcache()
    def _get_inputs(self):
        """How the KPI switched on are worked out; kept in memory until a KPI changes.

        :return: (rows of (shown KPI, counted KPI, place, semantics),
            {shown KPI: (engine formula, {code of a counted KPI: its place})} of ratios and formulas), not to be changed
        """
        Kpi = self.env["sdm.kpi"].sudo()
        shown = Kpi.search([("is_on", "=", True)])
        expanded = Kpi._expand()
        counted = {kpi.code: kpi for kpi in shown._get_counted()}
        rows, trees = [], {}
        for kpi in shown:
            codes = formula.names(expanded[kpi.code]) if kpi.code in expanded else (kpi.code,)
            for place, code in enumerate(codes, start=FIRST):
                rows.append((kpi.id, counted[code].id, place, counted[code].semantics))
            if kpi.code in expanded:
                trees[kpi.id] = (expanded[kpi.code], {code: place for place, code in enumerate(codes, start=FIRST)})
        return rows, trees

    @property
    def _table_query(self):
        # a company may be in two perimeters: what it sells must not count twice
        return self._query_facts(self.env["sdm.perimeter"]._get_asked())

    def _query_facts(self, perimeter):
        """SQL of the facts of a perimeter, once for each KPI that is worked out from them."""
        rows, _trees = self._get_inputs()
        return SQL(
            """SELECT (fact.id::int8 * %s + input.number) * 4 AS id, fact.perimeter_id, input.kpi_id,
                      fact.kpi_id AS input_kpi_id, fact.date, fact.employee_id, fact.head_id, fact.team_id,
                      fact.segment_id, fact.category_id, fact.company_id, fact.partner_id,
                      fact.restatement_id, input.place, input.semantics::varchar AS semantics, fact.value
                 FROM sdm_kpi_fact fact
                 JOIN (VALUES %s) input (number, kpi_id, counted_id, place, semantics)
                   ON input.counted_id = fact.kpi_id
                WHERE fact.perimeter_id = %s""",
            self._get_spread(),
            self._query_inputs(rows),
            perimeter.id or 0,
        )

    def _get_spread(self):
        """What the id of a record is multiplied by, so that each of its rows has one of its own."""
        rows, trees = self._get_inputs()
        return len(rows) + len(trees) + 1

    def _query_inputs(self, rows):
        """SQL of the rows of :meth:`_get_inputs`, numbered."""
        if not rows:
            return SQL("(0, 0, 0, 0, '')")
        return SQL(", ").join(SQL("(%s, %s, %s, %s, %s)", number, *row) for number, row in enumerate(rows))

    # -- the value of a group -----------------------------------------------------------------------------------------

    def _read_group_select(self, aggregate_spec, query):
        if aggregate_spec == "value:sum":
            return self._aggregate_value(query)
        return super()._read_group_select(aggregate_spec, query)

    def _aggregate_value(self, query):
        """SQL of the value of a group of rows; none where rows of several KPI are in it."""
        return self._aggregate_kpis(query, self._aggregate_place)

    def _aggregate_kpis(self, query, aggregate_place, own=None):
        """SQL of what a group of rows comes to: of a counted KPI its rows, of others the formula over those.

        :param aggregate_place: gives SQL of what the rows at a place come to, as :meth:`_aggregate_place`
        :param own: SQL of what a ratio has itself where its inputs say nothing; none: inputs that are missing are 0
        """
        rows, trees = self._get_inputs()
        columns = self._get_columns(query)
        kinds = {}
        for _kpi, _counted, place, semantics in rows:
            kinds.setdefault(place, set()).add(semantics)
        inputs = {place: aggregate_place(columns, place, kinds[place], True) for place in kinds}
        if own is None:
            inputs = {place: SQL("COALESCE(%s, 0)::numeric", value) for place, value in inputs.items()}
        cases = SQL(" ").join(
            SQL(
                "WHEN %s THEN COALESCE(%s, %s)",
                shown,
                self._bound(self._to_sql(tree, {code: inputs[place] for code, place in names.items()})),
                own or SQL("NULL"),
            )
            for shown, (tree, names) in trees.items()
        )
        single = aggregate_place(columns, FIRST, kinds[FIRST], False) if rows else SQL("NULL::numeric")
        value = SQL("CASE MIN(%s) %s ELSE %s END", columns["kpi_id"], cases, single) if trees else single
        return self._only_of_one(columns, value)

    def _get_columns(self, query):
        names = ("id", "kpi_id", "place", "semantics", "date", "partner_id", "value")
        return {name: self._field_to_sql(self._table, name, query) for name in names}

    def _only_of_one(self, columns, value):
        """SQL of a value of a group that has rows of one KPI only."""
        return SQL("CASE WHEN MIN(%s) = MAX(%s) THEN %s END", columns["kpi_id"], columns["kpi_id"], value)

    def _aggregate_place(self, columns, place, kinds, is_input):
        """SQL of what the facts at a place come to, by what the KPI there is.

        :param columns: SQL by field name; :param kinds: what the KPI at the place are, their semantics
        :param is_input: whether something else is worked out from it
        """

        def of(*semantics):
            return SQL(
                "FILTER (WHERE %s = %s AND %s IN %s AND %s IS NOT NULL)",
                columns["place"],
                place,
                columns["semantics"],
                semantics,
                columns["value"],
            )

        parts = [SQL("SUM(%s) %s", columns["value"], of(facts.FLOW))]
        if facts.DISTINCT in kinds:
            # a customer that was deleted stays in the months that are closed
            customer = SQL("COALESCE(%s, -%s)", columns["partner_id"], columns["id"])
            parts.append(SQL("NULLIF(COUNT(DISTINCT %s) %s, 0)", customer, of(facts.DISTINCT)))
        if facts.STOCK in kinds:
            parts.append(
                SQL(
                    """(SELECT SUM(state.value) FROM unnest(%(values)s, %(dates)s) state (value, date)
                         WHERE state.date = %(latest)s)""",
                    values=SQL("ARRAY_AGG(%s) %s", columns["value"], of(facts.STOCK)),
                    dates=SQL("ARRAY_AGG(%s) %s", columns["date"], of(facts.STOCK)),
                    latest=SQL("MAX(%s) %s", columns["date"], of(facts.STOCK)),
                )
            )
        return SQL("COALESCE(%s)", SQL(", ").join(parts))

    def _to_sql(self, tree, values):
        """SQL of a formula; what is divided by zero is not available."""
        if isinstance(tree, formula.Number):
            return SQL("%s::numeric / %s", tree.value.numerator, tree.value.denominator)
        if isinstance(tree, formula.Name):
            return values[tree.code]
        left, right = self._to_sql(tree.left, values), self._to_sql(tree.right, values)
        if tree.operator == "/":
            return SQL("(%s) / NULLIF(%s, 0)", left, right)
        return SQL("(%s %s %s)", left, SQL(tree.operator), right)

    def _bound(self, value):
        """SQL of a value; what is too large to be of use is not available."""
        return SQL("(SELECT value FROM (SELECT %s AS value) found WHERE ABS(value) < %s)", value, formula.LARGEST)

    # -- to the documents ---------------------------------------------------------------------------------------------

    def action_open_entries(self):
        """Open the documents that the facts were counted from, by the condition that counted them."""
        counted = self.input_kpi_id
        if len(counted) > 1:
            raise UserError(
                self.env._(
                    "These facts were counted from different documents: %(kpis)s. Choose those of one of them.",
                    kpis=", ".join(counted.mapped("name")),
                )
            )
        self.check_access("read")
        dates = self.mapped("date")
        leaves = Domain.OR(row._get_leaf_domain() for row in self)
        action = self.env["sdm.kpi.entry"]._get_action(counted, min(dates), max(dates), leaves)
        action["context"]["sdm_perimeter"] = self.perimeter_id[:1].id
        return action

    def _get_leaf_domain(self):
        """Which entries the fact of a row was counted from."""
        counted = self.input_kpi_id
        names = ["employee_id", "head_id", "team_id", "segment_id", "company_id"]
        if counted._has_categories():
            names.append("category_id")
        if counted.semantics == facts.DISTINCT:
            names.append("partner_id")
        month = Domain("date", ">=", self.date) & Domain("date", "<=", periods.end_of(self.date))
        # what a decision lets count in the month is apart from what happened in it
        correction = Domain("is_correction", "=", bool(self.restatement_id))
        if self.restatement_id:
            correction &= Domain("restatement_id", "=", self.restatement_id.id)
        return Domain.AND([month, correction, *(Domain(name, "=", self[name].id) for name in names)])
