import re
from ast import literal_eval

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from odoo.addons.sdm_segmentation.models.filters import walk

from .sdm_kpi import MANUAL, MEASURE
from .sdm_kpi_kept import MARGIN

# Names of fields that tell margin, or what goods cost us
COSTS = re.compile("margin|cost|purchase_price|standard_price|seller_ids")
LONGEST = 10000


class SdmKpi(models.Model):
    """Which entries of its source a KPI counts: a condition that says the same whoever asks, and is never evaluated."""

    _inherit = "sdm.kpi"

    def _parse_filter(self, check=False):
        """The condition on entries as a Domain.

        :param check: whether it must be one that the user may ask, and the same for everybody
        :raise ValidationError: what cannot be read, and fields that cannot be asked for
        """
        self.ensure_one()
        if self.kind == MANUAL:
            return Domain("value_id.kpi_id", "=", self._origin.id)
        Entry = self.env["sdm.kpi.entry"]
        text = self.filter_domain or "[]"
        if len(text) > LONGEST:
            raise self._get_filter_error(self.env._("it is longer than %s characters", LONGEST))
        try:
            conditions = literal_eval(text)
        except Exception as error:  # whatever a text can do to the parser
            raise self._get_filter_error(self.env._("it takes fields and plain values only")) from error
        try:
            domain = Domain(conditions)
            domain.validate(Entry)
        except Exception as error:  # fields and operators that are not there
            raise self._get_filter_error(error) from error
        if check:
            for path, value in walk(domain):
                self._check_asked(path, value)
            try:
                Entry.with_context(sdm_source=self.source)._search(domain)
            except Exception as error:  # fields that the user may not read, and values that do not fit
                raise self._get_filter_error(error) from error
        return domain

    def _get_filter_error(self, error):
        return ValidationError(
            self.env._(
                "“%(field)s” of “%(kpi)s” cannot be read: %(error)s. Build it again in the editor.",
                field=self.env._("Only those"),
                kpi=self.name,
                error=error,
            )
        )

    def _check_asked(self, path, value):
        """Refuse to count by what differs from person to person, and by costs of who may not see them.

        :param path: names of fields from the entry on; :param value: what the last one is compared with
        """
        if COSTS.search(path) and not self.env.su and not self.env.user.has_group(MARGIN):
            raise ValidationError(
                self.env._(
                    "“%(kpi)s” asks for “%(path)s”, which tells margin or costs: only who may see margin may count "
                    "by it.",
                    kpi=self.name,
                    path=path,
                )
            )
        if not self._is_same_for_all(self.env["sdm.kpi.entry"], path, value):
            raise ValidationError(
                self.env._(
                    "“%(kpi)s” asks for “%(path)s”, which is not the same for everybody, or in every language, or is "
                    "not kept. Choose another field; of what is translated, choose the records themselves.",
                    kpi=self.name,
                    path=path,
                )
            )

    @api.model
    def _is_same_for_all(self, Model, path, value=None):
        """Whether a condition says the same whoever asks: its fields are kept, once for all companies and languages.

        :param path: names of fields from the model on; :param value: what the last one is compared with
        """
        name, _dot, rest = path.partition(".")
        field = Model._fields.get(name)
        if field is None:
            return False
        if field.related:
            return self._is_same_for_all(self.env[field.model_name], f"{field.related}.{rest}".rstrip("."), value)
        if not field.store or field.company_dependent or field.translate:
            return False
        if not field.relational:
            return True
        Comodel = self.env[field.comodel_name]
        if rest:
            return self._is_same_for_all(Comodel, rest, value)
        texts = value if isinstance(value, (list, tuple, set, frozenset)) else [value]
        names = Comodel._rec_names_search or [Comodel._rec_name] if any(isinstance(text, str) for text in texts) else []
        return all(self._is_same_for_all(Comodel, name) for name in names if name)

    def _tells_margin(self, inputs):
        return super()._tells_margin(inputs) or self.kind == MEASURE and self._filters_by_costs()

    def _filters_by_costs(self):
        try:
            return any(COSTS.search(path) for path, _value in walk(self._parse_filter()))
        except ValidationError:
            # until it can be read
            return True
