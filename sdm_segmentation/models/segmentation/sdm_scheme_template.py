from odoo import fields, models
from odoo.fields import Command

LINE_FIELDS = (
    "limit",
    "domain",
    "recency_from",
    "recency_to",
    "frequency_from",
    "frequency_to",
    "money_from",
    "money_to",
    "state_code",
)


class SdmSchemeTemplate(models.Model):
    """A ready scheme with the limits of field practice, to start from."""

    _name = "sdm.scheme.template"
    _description = "Template of a Scheme"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    method = fields.Selection(
        lambda self: self.env["sdm.scheme"]._fields["method"]._description_selection(self.env), required=True
    )
    description = fields.Text(translate=True, help="What it tells and when to use it.")
    window_months = fields.Integer(default=12, required=True)
    is_deseasonalised = fields.Boolean()
    line_ids = fields.One2many("sdm.scheme.template.line", "template_id", string="Classes")
    criterion_ids = fields.One2many("sdm.scheme.criterion", "template_id", string="Criteria")

    def _make_scheme(self, name, **values):
        """Make a scheme with a first draft version.

        :param name: of the scheme; :param values: of the version
        :return: sdm.scheme
        """
        self.ensure_one()
        scheme = self.env["sdm.scheme"].create({"name": name, "method": self.method})
        self.env["sdm.scheme.version"].create(
            {
                "scheme_id": scheme.id,
                "window_months": self.window_months,
                "is_deseasonalised": self.is_deseasonalised,
                # at once: a version is judged as a whole when it is saved
                "criterion_ids": [
                    Command.create({**vals, "template_id": False}) for vals in self.criterion_ids.copy_data()
                ],
                "line_ids": [
                    Command.create({field: line[field] for field in ("name", "sequence", "color", *LINE_FIELDS)})
                    for line in self.line_ids
                ],
                **values,
            }
        )
        descriptions = {line.name: line.description for line in self.line_ids}
        for segment in scheme.version_ids.line_ids.segment_id:
            segment.description = descriptions[segment.name]
        return scheme


class SdmSchemeTemplateLine(models.Model):
    """A class of a template."""

    _name = "sdm.scheme.template.line"
    _description = "Class of a Scheme's Template"
    _order = "template_id, sequence, id"

    template_id = fields.Many2one("sdm.scheme.template", required=True, ondelete="cascade", index=True)
    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    description = fields.Text(translate=True)
    limit = fields.Float(digits=(16, 4))
    domain = fields.Char()
    recency_from = fields.Integer(default=1)
    recency_to = fields.Integer(default=5)
    frequency_from = fields.Integer(default=1)
    frequency_to = fields.Integer(default=5)
    money_from = fields.Integer(default=1)
    money_to = fields.Integer(default=5)
    state_code = fields.Char(help="What the method calls this class.")
