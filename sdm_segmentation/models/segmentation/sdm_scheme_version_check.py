from odoo import api, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..sdm_decision_version import DRAFT
from .sdm_scheme_version import SETTINGS

# Kept in the context while a version is saved. Objects, which nobody can pass over the wire.
# Its classes and criteria are judged together once all of them are there:
TOGETHER = object()
# A copy begins a change, which may mend what has become wrong with what is in force:
COPIED = object()


class SdmSchemeVersion(models.Model):
    """What is refused: settings that contradict each other when a draft is saved, what is missing when it is computed.

    Of each method ``_check_<method>()`` is the first, ``_check_missing_<method>()`` the second.
    """

    _inherit = "sdm.scheme.version"

    @api.model_create_multi
    def create(self, vals_list):
        saving = self.env.context.get("sdm_saving")
        judged = self.with_context(sdm_saving=saving if saving is COPIED else TOGETHER)
        return super(SdmSchemeVersion, judged).create(vals_list).with_env(self.env)

    def write(self, vals):
        return super(SdmSchemeVersion, self.with_context(sdm_saving=TOGETHER)).write(vals)

    def copy(self, default=None):
        changed = default and default.keys() & SETTINGS
        copied = self if changed else self.with_context(sdm_saving=COPIED)
        return super(SdmSchemeVersion, copied).copy(default).with_env(self.env)

    def _is_copied(self):
        return self.env.context.get("sdm_saving") is COPIED

    @api.constrains("scope_domain")
    def _check_scope_domain(self):
        # classes are computed with all rights: their sizes would tell the author what a hidden field holds
        for version in self.with_user(self.env.uid):
            version._parse_domain(version.scope_domain, self._get_label("scope_domain"))
        if not self._is_copied():
            for version in self:
                version._check_scope()

    @api.constrains(*sorted(SETTINGS))
    def _check_saved(self):
        if not self._is_copied():
            self.filtered(lambda version: version.state == DRAFT)._check_settings()

    def _check_parts_may_change(self):
        """Refuse to change a class or a criterion of a version that is decided, or of somebody else's.

        :raise UserError: the version and the remedy
        """
        if self.env.su or not self:
            return
        self.check_access("write")
        decided = self.filtered(lambda version: version.state != DRAFT)
        if decided:
            raise UserError(
                self.env._(
                    "%(version)s has been in force, and results name it. Press “Change” to make a new version.",
                    version=decided[0].display_name,
                )
            )

    def _check_parts(self):
        """Judge the versions after a class or a criterion of theirs was saved by itself."""
        saving = self.env.context.get("sdm_saving")
        if saving is not TOGETHER and saving is not COPIED:
            self.filtered(lambda version: version.state == DRAFT)._check_settings()

    def _check_settings(self):
        """Refuse settings that contradict each other, whatever is still missing.

        :raise ValidationError: the class or the field, and the remedy
        """
        for version in self:
            version.scheme_id._in_order({version.scheme_id: version})
            check = getattr(version, f"_check_{version.method}", None)
            if check:
                check()

    def _check_ready(self):
        """Refuse a version that cannot be computed, with the field and the remedy.

        :raise UserError: what is missing or contradicts itself
        """
        self.ensure_one()
        if not self.line_ids:
            raise UserError(
                self.env._("“%(scheme)s” has no classes yet. Add at least one.", scheme=self.scheme_id.name)
            )
        self._check_settings()
        check = getattr(self, f"_check_missing_{self.method}", None)
        if check:
            check()

    def _is_ready(self):
        """Whether the version can be computed as it is."""
        try:
            self._check_ready()
        except UserError:
            return False
        return True

    def _check_scope(self):
        """Refuse a choice of customers that fits nobody while there are customers. A night on which it does is no
        mistake.

        :raise ValidationError: the field and the remedy
        """
        self.ensure_one()
        if self._has_customers(self._query_scope()) or not self._has_customers(self._query_scope(everybody=True)):
            return
        raise ValidationError(
            self.env._(
                "“%(scheme)s”: “%(field)s” fits no customer, so nobody would have a class. Change it, or leave it "
                "empty for all.",
                scheme=self.scheme_id.name,
                field=self._get_label("scope_domain"),
            )
        )

    @api.model
    def _has_customers(self, scope):
        return bool(self.env.execute_query(SQL("SELECT 1 FROM (%s) scope LIMIT 1", scope)))

    def _check_rising(self, last=None):
        """Limits of the classes must rise from the first to the last but one; the last takes the rest."""
        lines = self._get_lines()
        limits = [line.limit for line in lines[:-1]]
        for line, before, after in zip(lines[1:], limits, limits[1:], strict=False):
            if after <= before:
                raise ValidationError(
                    self.env._(
                        "Limits overlap: “%(segment)s” must end above %(limit)s, where the class before it ends.",
                        segment=line.segment_id.name,
                        limit=self._tell_number(before),
                    )
                )
        for line, limit in zip(lines, limits, strict=False):
            if limit <= 0 or (last is not None and limit >= last):
                raise self._get_limit_error(line, last)

    def _check_falling(self, last):
        """Least scores of the classes must fall from the first to the last but one; the last takes the rest."""
        lines = self._get_lines()[:-1]
        for line, before, after in zip(lines[1:], lines.mapped("limit"), lines[1:].mapped("limit"), strict=False):
            if after >= before:
                raise ValidationError(
                    self.env._(
                        "Limits overlap: “%(segment)s” must begin below %(limit)s, where the class before it begins.",
                        segment=line.segment_id.name,
                        limit=self._tell_number(before),
                    )
                )
        for line in lines:
            if not 0 < line.limit <= last:
                raise self._get_limit_error(line, last)

    def _get_limit_error(self, line, last):
        if last is None:
            text = self.env._("The limit of “%(segment)s” must be above 0.", segment=line.segment_id.name)
        else:
            text = self.env._(
                "The limit of “%(segment)s” must lie between 0 and %(last)s.", segment=line.segment_id.name, last=last
            )
        return ValidationError(text)

    def _get_label(self, field_name):
        """The name of a field in the reader's language."""
        return self._fields[field_name]._description_string(self.env)


class SdmSchemeVersionLine(models.Model):
    """Filters of classes that cannot be read are refused."""

    _inherit = "sdm.scheme.version.line"

    @api.constrains("domain", "lead_domain")
    def _check_domain(self):
        for line in self:
            # as for the scope, by the rights of the author
            version = line.version_id.with_user(self.env.uid)
            version._parse_domain(line.domain, line.segment_id.name)
            rule = version._parse_domain(line.lead_domain, line.segment_id.name, "crm.lead")
            if any(condition.field_expr.startswith("sdm_") for condition in rule.iter_conditions()):
                raise ValidationError(
                    self.env._(
                        "“%(segment)s”: the rule for leads asks for the segment, which follows from the rule. "
                        "Use what is entered on the lead.",
                        segment=line.segment_id.name,
                    )
                )
