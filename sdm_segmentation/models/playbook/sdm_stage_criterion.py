import ast
from collections import defaultdict
from typing import NamedTuple

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine import stage_gate
from ..filters import walk

FIELD, DOMAIN, ACTIVITY, DOCUMENT, QUOTATION = "field", "domain", "activity", "document", "quotation"


class Gate(NamedTuple):
    """A criterion as it is kept in memory.

    :param criterion: of the engine, identified by its id; :param name: in the reader's language; :param remedy: too
    :param stage: id; :param sequence: of the stage; :param teams: ids of teams that the stage is for, none: all
    :param kind: what is checked; :param detail: name of the field, the domain, or ids of activity types
    """

    criterion: stage_gate.Criterion
    name: str
    remedy: str
    stage: int
    sequence: int
    teams: tuple
    kind: str
    detail: object


class SdmStageCriterion(models.Model):
    """What must be there before a deal leaves a stage."""

    _name = "sdm.stage.criterion"
    _description = "Exit Criterion of a Stage"
    _order = "stage_id, sequence, id"

    name = fields.Char(required=True, translate=True, help="What must be there, as the seller reads it.")
    remedy = fields.Char("What to do", translate=True, help="How the seller gets it.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    stage_id = fields.Many2one("crm.stage", string="Before leaving", required=True, index=True, ondelete="cascade")
    segment_ids = fields.Many2many(
        "sdm.segment",
        "sdm_stage_criterion_segment_rel",
        "criterion_id",
        "segment_id",
        string="Only for",
        domain=[("is_primary", "=", True)],
        help="Segments that it is asked of; empty: of all deals.",
    )
    kind = fields.Selection(
        [
            (FIELD, "A field is filled in"),
            (ACTIVITY, "An activity is done"),
            (DOCUMENT, "A document is attached"),
            (QUOTATION, "There is a quotation"),
            (DOMAIN, "A condition on the deal"),
        ],
        string="Checked by",
        required=True,
        default=FIELD,
    )
    field_id = fields.Many2one(
        "ir.model.fields",
        domain=[("model", "=", "crm.lead"), ("store", "=", True)],
        ondelete="cascade",
    )
    activity_type_ids = fields.Many2many(
        "mail.activity.type",
        "sdm_stage_criterion_type_rel",
        "criterion_id",
        "type_id",
        domain=["|", ("res_model", "=", False), ("res_model", "=", "crm.lead")],
    )
    condition = fields.Char(default="[]", help="The deal must fulfil it.")
    severity = fields.Selection(
        [(stage_gate.WARN, "Warns"), (stage_gate.BLOCK, "Blocks")],
        string="Where it is missing",
        required=True,
        default=stage_gate.WARN,
    )

    @api.constrains("kind", "field_id", "activity_type_ids", "condition")
    def _check_detail(self):
        for criterion in self:
            if criterion.kind == FIELD and not criterion.field_id:
                raise ValidationError(
                    self.env._("“%(criterion)s”: choose the field of the deal.", criterion=criterion.name)
                )
            if criterion.kind == FIELD:
                criterion._check_field()
            if criterion.kind == ACTIVITY and not criterion.activity_type_ids:
                raise ValidationError(
                    self.env._("“%(criterion)s”: choose which activities count.", criterion=criterion.name)
                )
            if criterion.kind == DOMAIN:
                criterion._check_condition()

    def _check_field(self):
        """Refuse a field that deals do not keep, or whose author would learn what it may not read."""
        field = self.field_id.sudo()
        if field.model != "crm.lead" or not field.store:
            raise ValidationError(
                self.env._(
                    "“%(criterion)s”: deals do not keep “%(field)s”. Choose a field of the deal.",
                    criterion=self.name,
                    field=field.field_description,
                )
            )
        if not self._may_read("crm.lead", field.name):
            raise ValidationError(
                self.env._(
                    "“%(criterion)s”: you may not read “%(field)s” of a deal. Choose a field that you see.",
                    criterion=self.name,
                    field=field.field_description,
                )
            )

    def _check_condition(self):
        try:
            domain = Domain(ast.literal_eval(self.condition or "[]"))
            # by the rights of the author: what is missing on deals would tell what a hidden field holds
            self.env["crm.lead"].with_user(self.env.uid).search(domain, limit=1)
        except Exception as error:
            raise ValidationError(
                self.env._(
                    "“%(criterion)s”: the condition cannot be read. Build it anew with the editor.",
                    criterion=self.name,
                )
            ) from error
        if domain.is_true():
            raise ValidationError(self.env._("“%(criterion)s”: say what the deal must fulfil.", criterion=self.name))

    @api.model_create_multi
    def create(self, vals_list):
        criteria = super().create(vals_list)
        self.env.registry.clear_cache()
        return criteria

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    # -- checking -----------------------------------------------------------------------------------------------------

    @api.model
    @tools.ormcache("lang")
    def _get_gates(self, lang):
        """All criteria, kept in memory.

        :param lang: code of the language; :return: tuple of Gate
        """
        details = {
            FIELD: lambda criterion: criterion.field_id.name,
            DOMAIN: lambda criterion: ast.literal_eval(criterion.condition),
            ACTIVITY: lambda criterion: tuple(criterion.activity_type_ids.ids),
        }
        return tuple(
            Gate(
                stage_gate.Criterion(criterion.id, criterion.severity, tuple(criterion.segment_ids.ids)),
                criterion.name,
                criterion.remedy or "",
                criterion.stage_id.id,
                criterion.stage_id.sequence,
                tuple(criterion.stage_id.team_ids.ids),
                criterion.kind,
                details.get(criterion.kind, lambda criterion: None)(criterion),
            )
            for criterion in self.sudo().with_context(lang=lang).search([("active", "=", True)])
        )

    @api.model
    def _get_gates_between(self, lead, before, after=None):
        """What is asked of a deal that goes from a stage to another one: criteria of all stages that it leaves.

        :param lead: crm.lead; :param before: crm.stage; :param after: crm.stage, None for the next one, whichever it is
        """
        gates = [gate for gate in self._get_gates(self.env.lang) if self._may_know(gate)]
        if after is None:
            return [gate for gate in gates if gate.stage == before.id]
        if not (before.sequence < after.sequence or (after.is_won and not before.is_won)):
            return []
        return [
            gate
            for gate in gates
            if gate.stage == before.id
            or (
                before.sequence < gate.sequence < after.sequence
                and gate.stage != after.id
                and (not gate.teams or lead.team_id.id in gate.teams)
            )
        ]

    @api.model
    def _may_know(self, gate):
        """Whether the user may read what a criterion looks at: who may not cannot fill it in either, and whether it is
        met would tell what is there. Nothing is asked of them.
        """
        if gate.kind == FIELD:
            return self._may_read("crm.lead", gate.detail)
        return gate.kind != DOMAIN or all(
            self._may_read("crm.lead", path) for path, _value in walk(Domain(gate.detail))
        )

    @api.model
    def _may_read(self, model, path):
        """Whether the user, without any rights of a superuser, may read a field and all on the way to it.

        :param model: name; :param path: names with dots, from a record of the model
        """
        name, _dot, rest = path.partition(".")
        records = self.env[model].sudo(False)
        field = records._fields.get(name)
        if not (field and records.has_access("read") and records._has_field_access(field, "read")):
            return False
        return not (rest and field.relational) or self._may_read(field.comodel_name, rest)

    @api.model
    def _check_gates(self, gates_by_lead, exemptions=None):
        """Judge deals, in at most one query of our own whatever their number.

        :param gates_by_lead: dict {crm.lead: list of Gate}; :param exemptions: dict {crm.lead: engine Exemption}
        :return: dict {crm.lead: engine Passage}
        """
        found = self._find_records(gates_by_lead)
        passages = {}
        for lead, gates in gates_by_lead.items():
            segment = lead.sudo().sdm_segment_id.id or None
            passages[lead] = stage_gate.check(
                [gate.criterion for gate in gates],
                {gate.criterion.code: self._is_met(lead, gate, found[lead._origin.id]) for gate in gates},
                segment,
                (exemptions or {}).get(lead),
            )
        return passages

    @api.model
    def _is_met(self, lead, gate, found):
        if gate.kind == FIELD:
            return bool(lead.sudo()[gate.detail])
        if gate.kind == DOMAIN:
            return bool(lead.sudo().filtered_domain(gate.detail))
        if gate.kind == ACTIVITY:
            return any((ACTIVITY, kind) in found for kind in gate.detail)
        return (gate.kind, None) in found

    @api.model
    def _find_records(self, gates_by_lead):
        """Done activities, documents and quotations of deals, only where they are asked for.

        :return: dict {lead id: set of (kind, activity type or None)}
        """
        ids = tuple(lead._origin.id for lead in gates_by_lead if lead._origin.id)
        kinds = {gate.kind for gates in gates_by_lead.values() for gate in gates}
        activity, document, order = (
            self.env[name]._fields for name in ("mail.activity", "ir.attachment", "sale.order")
        )
        statements = {
            ACTIVITY: SQL(
                """SELECT %s::text, res_id, activity_type_id FROM mail_activity
                    WHERE res_model = 'crm.lead' AND res_id IN %s AND NOT active AND date_done IS NOT NULL""",
                ACTIVITY,
                ids,
                to_flush=[
                    activity[name] for name in ("res_model", "res_id", "activity_type_id", "active", "date_done")
                ],
            ),
            DOCUMENT: SQL(
                "SELECT %s::text, res_id, NULL::int FROM ir_attachment WHERE res_model = 'crm.lead' AND res_id IN %s",
                DOCUMENT,
                ids,
                to_flush=[document[name] for name in ("res_model", "res_id")],
            ),
            QUOTATION: SQL(
                """SELECT %s::text, opportunity_id, NULL::int FROM sale_order
                    WHERE opportunity_id IN %s AND state <> 'cancel'""",
                QUOTATION,
                ids,
                to_flush=[order[name] for name in ("opportunity_id", "state")],
            ),
        }
        found = defaultdict(set)
        asked = [statement for kind, statement in statements.items() if kind in kinds]
        if asked and ids:
            for kind, lead, detail in self.env.execute_query(SQL(" UNION ").join(asked)):
                found[lead].add((kind, detail))
        return found
