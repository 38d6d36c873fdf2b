from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import formatLang

from ...engine.segmentation.ideal_client import Criterion, Range

REVENUE, ORDERS = "revenue", "orders"
RECORD, NUMBER, TEXT = "record", "number", "text"
KINDS = {
    "many2one": RECORD,
    "many2many": RECORD,
    "integer": NUMBER,
    "float": NUMBER,
    "monetary": NUMBER,
    "boolean": NUMBER,
    "selection": TEXT,
}
# These do not say what kind of customer it is
LEFT_OUT = {"parent_id", "commercial_partner_id", "company_id", "user_id", "create_uid", "write_uid", "color", "active"}


class SdmSchemeCriterion(models.Model):
    """Something that the ideal client has: a field or a measure, its weight, and points by value."""

    _name = "sdm.scheme.criterion"
    _description = "Criterion of the Ideal Client"
    _inherit = ["sdm.scheme.part"]
    _order = "sequence, id"
    _rec_name = "source"

    version_id = fields.Many2one("sdm.scheme.version", index="btree_not_null", ondelete="cascade")
    template_id = fields.Many2one("sdm.scheme.template", index="btree_not_null", ondelete="cascade")
    sequence = fields.Integer(default=10)
    source = fields.Selection(
        selection="_select_sources",
        string="Criterion",
        required=True,
        help="A field of the customer, or what the customer bought in the window.",
    )
    kind = fields.Char(compute="_compute_kind")
    value_model = fields.Char(compute="_compute_kind")
    weight = fields.Float("Weight, %", digits=(5, 2), required=True, help="All weights together are 100 %.")
    other_points = fields.Float(
        "Points for other values", digits=(5, 2), help="For a value that is not listed, or below the first number."
    )
    is_other_unknown = fields.Boolean(
        "Other values tell nothing", help="A value that is not listed counts as if nothing were known."
    )
    point_ids = fields.One2many("sdm.scheme.criterion.point", "criterion_id", string="Points", copy=True)
    summary = fields.Char("Points by value", compute="_compute_summary")

    _owner_set = models.Constraint(
        "CHECK((version_id IS NULL) <> (template_id IS NULL))", "A criterion is of a version or of a template."
    )
    _source_uniq = models.Constraint(
        "UNIQUE(version_id, source)", "This criterion is there already. Change its weight and points instead."
    )
    _weight_range = models.Constraint(
        "CHECK(weight > 0 AND weight <= 100)", "A weight is more than 0 and at most 100 %."
    )
    _other_range = models.Constraint(
        "CHECK(other_points >= 0 AND other_points <= 100)", "Points go from 0 to 100: change “Points for other values”."
    )

    @api.model
    def _select_sources(self):
        """The measures, and the fields of a customer that hold records, numbers, or one of some texts."""
        measures = [
            (REVENUE, self.env._("Revenue in the window")),
            (ORDERS, self.env._("Number of sales in the window")),
        ]
        names = [
            (name, field._description_string(self.env))
            for name, field in self.env["res.partner"]._fields.items()
            if field.store
            and field.type in KINDS
            and name not in LEFT_OUT
            and not (field.company_dependent or field.groups)
        ]
        return [*measures, *sorted(names, key=lambda found: found[1])]

    @api.depends("source")
    def _compute_kind(self):
        for criterion in self:
            field = criterion._get_field()
            criterion.kind = KINDS[field.type] if field else NUMBER
            criterion.value_model = field.comodel_name if field and criterion.kind == RECORD else False

    @api.depends("point_ids.points", "point_ids.value_id", "point_ids.value", "point_ids.start", "kind")
    @api.depends_context("lang")
    def _compute_summary(self):
        for criterion in self:
            criterion.summary = "; ".join(
                f"{point._tell_value()}: {formatLang(self.env, point.points, digits=0)}"
                for point in criterion.point_ids
            )

    @api.constrains("source")
    def _check_source(self):
        known = {value for value, _label in self._select_sources()}
        for criterion in self:
            if criterion.source not in known:
                raise ValidationError(
                    self.env._("Customers have no field “%(field)s” to judge by.", field=criterion.source)
                )

    def _get_field(self):
        """The field of a customer that is looked at; none for a measure."""
        self.ensure_one()
        return self.env["res.partner"]._fields.get(self.source)

    def _get_label(self):
        """The name of the criterion in the reader's language."""
        self.ensure_one()
        return dict(self._select_sources()).get(self.source, self.source)

    def _prepare_engine_criterion(self):
        """The criterion for the engine; ranges begin where their number is and end where the next one begins.

        :raise OptionError: points or weight without meaning
        """
        self.ensure_one()
        otherwise = None if self.is_other_unknown else _decimal(self.other_points)
        if self.kind != NUMBER:
            table = {point._get_key(): _decimal(point.points) for point in self.point_ids}
            return Criterion(self.id, _decimal(self.weight), table, otherwise=otherwise)
        points = self.point_ids.sorted("start")
        starts = [_decimal(point.start, 4) for point in points]
        ranges = tuple(
            Range(_decimal(point.points), start, end)
            for point, start, end in zip(points, starts, [*starts[1:], None], strict=False)
        )
        return Criterion(self.id, _decimal(self.weight), ranges=ranges, otherwise=otherwise)

    def _tell(self, value):
        """A value of a customer in words.

        :param value: as the run kept it: id, list of ids, text or number
        """
        self.ensure_one()
        if value is None:
            return self.env._("not known")
        if self.kind == RECORD:
            ids = value if isinstance(value, list) else [value]
            return ", ".join(self.env[self.value_model].sudo().browse(ids).exists().mapped("display_name"))
        if self.kind == TEXT:
            return dict(self._get_field()._description_selection(self.env)).get(value, value)
        return formatLang(self.env, value, digits=0 if value == int(value) else 2)


class SdmSchemeCriterionPoint(models.Model):
    """Points of a value, or of all numbers from one on."""

    _name = "sdm.scheme.criterion.point"
    _description = "Points of a Criterion"
    _inherit = ["sdm.scheme.part"]
    _order = "criterion_id, start, id"
    _rec_name = "criterion_id"

    criterion_id = fields.Many2one("sdm.scheme.criterion", required=True, index=True, ondelete="cascade")
    kind = fields.Char(related="criterion_id.kind")
    value_model = fields.Char(related="criterion_id.value_model")
    value_id = fields.Many2oneReference("Record", model_field="value_model")
    value = fields.Char("Choice", help="One of the field's choices.")
    start = fields.Float("From", digits=(16, 4), help="Included; the next line begins where this one ends. Yes is 1.")
    points = fields.Float(digits=(5, 2), required=True, default=100, help="0 to 100.")

    _points_range = models.Constraint("CHECK(points >= 0 AND points <= 100)", "Points go from 0 to 100.")

    @api.constrains("criterion_id", "value_id", "value", "start")
    def _check_value(self):
        for criterion in self.criterion_id:
            keys = [point._get_key() for point in criterion.point_ids]
            if not all(key is not None for key in keys):
                raise ValidationError(
                    self.env._("“%(criterion)s”: a line has no value. Choose one.", criterion=criterion._get_label())
                )
            twice = next((point for point in criterion.point_ids if keys.count(point._get_key()) > 1), None)
            if twice:
                raise ValidationError(
                    self.env._(
                        "“%(criterion)s”: “%(value)s” is there twice. Keep one of the lines.",
                        criterion=criterion._get_label(),
                        value=twice._tell_value(),
                    )
                )
            if criterion.kind == TEXT:
                choices = dict(criterion._get_field()._description_selection(self.env))
                wrong = next((key for key in keys if key not in choices), None)
                if wrong:
                    raise ValidationError(
                        self.env._(
                            "“%(criterion)s” has no choice “%(value)s”. There are: %(choices)s.",
                            criterion=criterion._get_label(),
                            value=wrong,
                            choices=", ".join(choices.values()),
                        )
                    )

    def _get_versions(self):
        return self.criterion_id.version_id

    def _get_key(self):
        """The value that gets the points: an id, a number, or the key of a choice, which may be entered by its name."""
        self.ensure_one()
        if self.kind == RECORD:
            return self.value_id or None
        if self.kind == NUMBER:
            return self.start
        choices = self.criterion_id._get_field()._description_selection(self.env)
        entered = (self.value or "").strip()
        return next((key for key, label in choices if entered.lower() == label.lower()), entered) or None

    def _tell_value(self):
        """The value in words."""
        self.ensure_one()
        if self.kind == NUMBER:
            return f"≥ {self.criterion_id._tell(self.start)}"
        key = self._get_key()
        return self.criterion_id._tell(key)


def _decimal(number, digits=2):
    """A number as it was entered.

    :param digits: of its field
    """
    return Decimal(f"{number:.{digits}f}")
