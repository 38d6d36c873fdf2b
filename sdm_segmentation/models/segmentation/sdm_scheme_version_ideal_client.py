from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ...engine.segmentation.ideal_client import Options, WeightsError
from .sdm_scheme_criterion import NUMBER, ORDERS, REVENUE

# SQL types of a value that is not known, by the field of the customer
NULLS = {"many2one": "int", "many2many": "int[]", "selection": "text", "boolean": "int"}
NUMERIC = "numeric"


class SdmSchemeVersion(models.Model):
    """Score by weighted criteria: how much a customer looks like the one that we want.

    A criterion of which nothing is known is not 0: the score is over the known ones. Of numbers, 0 is not known.
    Oracle: ``engine.segmentation.ideal_client``.
    """

    _inherit = "sdm.scheme.version"

    criterion_ids = fields.One2many("sdm.scheme.criterion", "version_id", string="Criteria", copy=True)
    weight_total = fields.Float("Weights together, %", compute="_compute_weight_total", digits=(6, 2))
    minimum_completeness = fields.Float(
        "Class from (% known)",
        digits=(5, 2),
        default=50,
        help="A customer of whom less than this part of the weights is known has no class.",
    )

    _completeness_range = models.Constraint(
        "CHECK(minimum_completeness >= 0 AND minimum_completeness <= 100)",
        "“Class from (% known)” lies between 0 and 100.",
    )

    @api.depends("criterion_ids.weight")
    def _compute_weight_total(self):
        for version in self:
            version.weight_total = sum(version.criterion_ids.mapped("weight"))

    def _get_limit_methods(self):
        return {*super()._get_limit_methods(), "ideal_client"}

    def _check_ideal_client(self):
        if self.criterion_ids:
            try:
                Options(tuple(criterion._prepare_engine_criterion() for criterion in self.criterion_ids))
            except WeightsError as error:
                raise ValidationError(
                    self.env._(
                        "The weights are %(total)s %% together. Change them so that they are 100 %%.",
                        total=self._tell_number(float(error.total)),
                    )
                ) from error
        self._check_falling(last=100)

    def _check_missing_ideal_client(self):
        if not self.criterion_ids:
            raise UserError(
                self.env._("Add what the ideal client has under “Criteria”, with weights of 100 % together.")
            )
        without = self.criterion_ids.filtered(lambda criterion: not criterion.point_ids)
        if without:
            raise UserError(
                self.env._(
                    "“%(criterion)s” has no points yet: open it and say which values are worth how many.",
                    criterion=without[0]._get_label(),
                )
            )

    def _prepare_ideal_client_options(self):
        """The settings for the engine; the last class takes the rest.

        :raise OptionError: settings without meaning
        """
        lines = self._get_lines()
        limits = [Decimal(f"{line.limit:.4f}") for line in lines[:-1]]
        return Options(
            tuple(criterion._prepare_engine_criterion() for criterion in self.criterion_ids),
            tuple(lines.segment_id.ids),
            (*limits, Decimal(0)),
            Decimal(f"{self.minimum_completeness:.2f}"),
        )

    def _classify_ideal_client(self, date):
        partners = self.env["res.partner"].sudo().with_context(active_test=False)
        query = self._search_scope()
        worth = SQL(
            """SELECT unit, SUM(amount) AS amount, COUNT(*) FILTER (WHERE amount > 0) AS orders
                 FROM sale GROUP BY unit HAVING COUNT(*) FILTER (WHERE amount > 0) > 0"""
        )
        return self._query_scores(partners, query, worth, lambda criterion: criterion._get_field())

    def _query_scores(self, records, query, worth, get_field):
        """SQL of rows (unit, position, amount, details) by the score of each record, with margins more positions.

        :param records: model of customers or leads; :param query: over it
        :param worth: SQL of rows (unit, amount, orders); :param get_field: criterion -> field of the records, or None
        """
        criteria = self.criterion_ids
        values = [SQL("%s AS unit", SQL.identifier(query.table, "id"))]
        values += [
            SQL(
                "%s AS %s",
                self._query_criterion(criterion, get_field(criterion), records, query),
                SQL.identifier(f"value_{place}"),
            )
            for place, criterion in enumerate(criteria)
            if criterion._get_field()
        ]
        measures = {REVENUE: SQL("worth.amount"), ORDERS: SQL("worth.orders")}
        columns = [
            measures.get(criterion.source, SQL.identifier(f"value_{place}")) for place, criterion in enumerate(criteria)
        ]
        points = [
            SQL("%s AS %s", self._query_points(criterion, column), SQL.identifier(f"points_{place}"))
            for place, (criterion, column) in enumerate(zip(criteria, columns, strict=True))
        ]
        weights = [
            (SQL.identifier(f"points_{place}"), f"{criterion.weight:.2f}") for place, criterion in enumerate(criteria)
        ]
        return SQL(
            """WITH worth AS (%(worth)s),
            pointed AS (
                SELECT field.unit, COALESCE(worth.amount, 0) AS amount, %(points)s, %(kept)s
                  FROM (%(fields)s) field LEFT JOIN worth ON worth.unit = field.unit
            ),
            weighed AS (SELECT *, %(weighted)s AS weighted, %(known)s AS known FROM pointed)
            SELECT unit, %(positions)s, amount,
                   jsonb_build_object(
                       'score', weighted / known, 'known', known, 'parts', jsonb_build_array(%(parts)s)
                   ) AS details
              FROM weighed
             WHERE known > 0 AND known >= %(minimum)s::numeric""",
            worth=worth,
            points=SQL(", ").join(points),
            kept=SQL(", ").join(
                SQL("to_jsonb(%s) AS %s", column, SQL.identifier(f"kept_{place}"))
                for place, column in enumerate(columns)
            ),
            fields=query.select(*values),
            weighted=SQL(" + ").join(SQL("COALESCE(%s * %s::numeric, 0)", *pair) for pair in weights),
            known=SQL(" + ").join(SQL("CASE WHEN %s IS NULL THEN 0 ELSE %s::numeric END", *pair) for pair in weights),
            positions=self._positions_by_limits(
                lambda limit, _first: SQL("weighted >= %s::numeric * known", limit), sign=-1
            ),
            parts=SQL(", ").join(
                SQL(
                    "jsonb_build_object('criterion', %s, 'value', %s, 'points', %s)",
                    criterion.id,
                    SQL.identifier(f"kept_{place}"),
                    SQL.identifier(f"points_{place}"),
                )
                for place, criterion in enumerate(criteria)
            ),
            minimum=f"{self.minimum_completeness:.2f}",
        )

    def _query_criterion(self, criterion, field, records, query):
        """SQL of the value of a field, NULL where nothing is known; an array of ids of several records.

        :param field: of the records, None where they have nothing of the kind
        """
        if not field:
            return SQL("NULL::%s", SQL(NULLS.get(criterion._get_field().type, NUMERIC)))
        if field.type == "many2many":
            return SQL(
                "(SELECT ARRAY_AGG(rel.%s ORDER BY rel.%s) FROM %s rel WHERE rel.%s = %s)",
                SQL.identifier(field.column2),
                SQL.identifier(field.column2),
                SQL.identifier(field.relation),
                SQL.identifier(field.column1),
                SQL.identifier(query.table, "id"),
                to_flush=[field],
            )
        column = records._field_to_sql(query.table, field.name, query)
        if field.type == "boolean":
            return SQL("COALESCE(%s, FALSE)::int", column)
        if field.type == "char" and criterion.kind == NUMBER:
            # yes where anything is entered
            return SQL("(%s IS NOT NULL)::int", column)
        if criterion.kind == NUMBER:
            return SQL("NULLIF(%s, 0)::numeric", column)
        return column

    def _query_points(self, criterion, column):
        """SQL of the points of a value, NULL where nothing is known."""
        otherwise = SQL("NULL") if criterion.is_other_unknown else SQL("%s::numeric", f"{criterion.other_points:.2f}")
        field = criterion._get_field()
        if field and field.type == "many2many":
            # of several records the best one counts
            listed = SQL(", ").join(
                SQL("(%s, %s::numeric)", point.value_id, f"{point.points:.2f}") for point in criterion.point_ids
            )
            best = SQL(
                "(SELECT MAX(listed.points) FROM (VALUES %s) listed (id, points) WHERE listed.id = ANY(%s))",
                listed,
                column,
            )
            return SQL("CASE WHEN %s IS NOT NULL THEN COALESCE(%s, %s) END", column, best, otherwise)
        if criterion.kind == NUMBER:
            whens = [
                SQL("WHEN %s >= %s::numeric THEN %s::numeric", column, f"{point.start:.4f}", f"{point.points:.2f}")
                for point in criterion.point_ids.sorted("start", reverse=True)
            ]
        else:
            whens = [
                SQL("WHEN %s = %s THEN %s::numeric", column, point._get_key(), f"{point.points:.2f}")
                for point in criterion.point_ids
            ]
        return SQL("CASE WHEN %s IS NULL THEN NULL %s ELSE %s END", column, SQL(" ").join(whens), otherwise)

    def _explain_ideal_client(self, membership, details):
        criteria = {criterion.id: criterion for criterion in self.criterion_ids}
        known = details["known"]
        rows = []
        for part in details["parts"]:
            criterion = criteria.get(part["criterion"])
            if not criterion:
                continue
            value = criterion._tell(part["value"])
            if part["points"] is not None:
                value = self.env._(
                    "%(value)s: %(points)s points, weight %(weight)s, gives %(part)s",
                    value=value,
                    points=self._tell_number(part["points"]),
                    weight=self._tell_percent(criterion.weight),
                    part=self._tell_number(part["points"] * criterion.weight / known),
                )
            rows.append((criterion._get_label(), value))
        return (
            self.env._(
                "%(name)s: %(score)s of 100 points; %(known)s of what counts is known.",
                name=membership.computed_segment_id.name,
                score=self._tell_number(details["score"]),
                known=self._tell_percent(known),
            ),
            rows,
        )
