from odoo import api, models
from odoo.exceptions import AccessError

from .defaults import drop_defaults


class SdmGuardedMixin(models.AbstractModel):
    """A record some of whose fields nobody enters: what follows from other fields and is kept, and what only a step of
    the work writes, such as approval.

    Users write these in no way: not by values, and not by defaults, whether sent in the context or kept for the user.
    Steps write them as superuser, after their own checks.
    """

    _name = "sdm.guarded.mixin"
    _description = "Record with Fields that Nobody Enters"

    @api.model
    def _get_step_fields(self):
        """Names of the fields that only steps write; the concrete model says which.

        :return: a set of names
        """
        return frozenset()

    @api.model
    def _tell_guarded(self, field):
        """Why a field cannot be entered, and what to do instead.

        :param field: one that is guarded
        """
        return self.env._(
            "“%(field)s” of “%(record)s” is worked out and cannot be entered. Change what it follows from.",
            field=field._description_string(self.env),
            record=self.env["ir.model"]._get(self._name).sudo().name,
        )

    @api.model
    def _is_guarded(self, field):
        return field.name in self._get_step_fields() or bool(field.store and field.compute and field.readonly)

    @api.model
    def _has_field_access(self, field, operation):
        if operation == "write" and not self.env.su and self._is_guarded(field):
            return False
        return super()._has_field_access(field, operation)

    @api.model
    def _check_field_access(self, field, operation):
        if operation == "write" and not self.env.su and self._is_guarded(field):
            raise AccessError(self._tell_guarded(field))
        return super()._check_field_access(field, operation)

    @api.model_create_multi
    def create(self, vals_list):
        given = {name.removeprefix("default_") for name in self.env.context if name.startswith("default_")}
        guarded = {name for name in given if name in self._fields and self._is_guarded(self._fields[name])}
        return super(SdmGuardedMixin, drop_defaults(self, guarded)).create(vals_list)

    @api.model
    def default_get(self, fields):
        """As the model has them: whoever asks may have sent or kept others."""
        guarded = [name for name in fields if name in self._fields and self._is_guarded(self._fields[name])]
        defaults = super().default_get([name for name in fields if name not in guarded])
        for name in guarded:
            field = self._fields[name]
            if field.default:
                value = field.convert_to_cache(field.default(self), self, validate=False)
                defaults[name] = field.convert_to_write(value, self)
        return defaults
