from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.http import request

from ...engine import stage_gate
from .res_partner import GROUPS, STATES


class CrmLead(models.Model):
    """What the playbook of the customer asks for next, and what the stage asks for before the deal moves on."""

    _inherit = "crm.lead"

    sdm_contact_state = fields.Selection(
        STATES,
        string="Next contact is",
        compute="_compute_sdm_contact",
        search="_search_sdm_contact_state",
        groups=GROUPS,
        help="By the contact norms of the customer's playbook: the most pressing one.",
    )
    sdm_contact_due = fields.Date("Next contact due", compute="_compute_sdm_contact", groups=GROUPS)
    sdm_contact_reason = fields.Text("Why now", compute="_compute_sdm_contact", groups=GROUPS)

    sdm_no_steps = fields.Char(
        "Why no steps can be begun",
        compute="_compute_sdm_no_steps",
        groups=GROUPS,
        help="Empty where the playbook has steps that the deal is not in.",
    )
    sdm_missing = fields.Text(
        "Missing for the next stage",
        compute="_compute_sdm_missing",
        groups=GROUPS,
        help="What the present stage asks for before the deal moves on.",
    )

    @api.depends("partner_id.commercial_partner_id")
    @api.depends_context("uid", "lang", "company")
    def _compute_sdm_contact(self):
        customers = self.partner_id.commercial_partner_id
        customers.mapped("sdm_contact_state")
        for lead in self:
            customer = lead.partner_id.commercial_partner_id
            lead.sdm_contact_state = customer.sdm_contact_state
            lead.sdm_contact_due = customer.sdm_contact_due
            lead.sdm_contact_reason = customer.sdm_contact_reason

    @api.depends("partner_id.commercial_partner_id")
    @api.depends_context("lang")
    def _compute_sdm_no_steps(self):
        running = self.env["sdm.enrolment"]._get_running(self.partner_id.commercial_partner_id)
        for lead in self:
            customer = lead.partner_id.commercial_partner_id
            running_here = running.get((customer.id, lead._origin.id))
            lead.sdm_no_steps = customer._tell_sdm_no_steps("lead_plan", running_here) if customer else ""

    def _search_sdm_contact_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("partner_id.commercial_partner_id.sdm_contact_state", "in", value)

    def action_open_sdm_playbook(self):
        """Show how the customer of the deal is worked."""
        self.ensure_one()
        return self.partner_id.action_open_sdm_playbook()

    def action_begin_sdm_steps(self):
        """Begin the steps of the playbook for this deal by hand."""
        self.ensure_one()
        self.check_access("write")
        self.partner_id._check_sdm_worked()
        playbook = self.partner_id._get_sdm_playbook()
        self.env["sdm.enrolment"]._enrol(playbook, self, playbook.lead_plan_id)
        return self.partner_id.action_open_sdm_enrolments()

    # -- exit criteria of stages --------------------------------------------------------------------------------------

    @api.depends("stage_id", "partner_id")
    @api.depends_context("lang")
    def _compute_sdm_missing(self):
        Criterion = self.env["sdm.stage.criterion"]
        gates = {
            lead: Criterion._get_gates_between(lead, lead.stage_id)
            for lead in self
            if lead.type == "opportunity" and lead.won_status == "pending"
        }
        passages = Criterion._check_gates({lead: asked for lead, asked in gates.items() if asked})
        for lead in self:
            missing = lead._tell_sdm_missing(gates[lead], passages[lead].missing) if lead in passages else []
            lead.sdm_missing = "\n".join(missing)

    def _get_sdm_missing(self, stage):
        """What is missing for a move to a stage.

        :param stage: crm.stage; :return: list of sentences
        """
        self.ensure_one()
        gates = self.env["sdm.stage.criterion"]._get_gates_between(self, self.stage_id, stage)
        passage = self.env["sdm.stage.criterion"]._check_gates({self: gates})[self]
        return self._tell_sdm_missing(gates, passage.missing)

    @api.model
    def _tell_sdm_missing(self, gates, codes):
        """Sentences on criteria: what is missing, and what to do.

        :param gates: list of Gate; :param codes: ids of those that are missing
        """
        return [
            f"{gate.name}: {gate.remedy}" if gate.remedy else gate.name
            for gate in gates
            if gate.criterion.code in codes
        ]

    def write(self, vals):
        before = self._prepare_sdm_gates(vals)
        result = super().write(vals)
        if before:
            self._pass_sdm_gates(before)
        return result

    def _prepare_sdm_gates(self, vals):
        """The stages that deals would leave, where anything is asked; nothing is read where no stage changes.

        Jobs on a schedule are exempt: nobody is there to fill anything in. A call over the wire is none, whatever its
        context says.
        """
        if not vals.get("stage_id") or not self.env["sdm.stage.criterion"]._get_gates(self.env.lang):
            return {}
        if self.env.context.get("cron_id") and not request:
            return {}
        return {lead: lead.stage_id for lead in self if lead.stage_id and lead.stage_id.id != vals["stage_id"]}

    def _pass_sdm_gates(self, before):
        """Judge deals by what they are now, so that a field filled in together with the stage counts.

        :param before: dict {deal: the stage that it left}
        :raise ValidationError: the criteria that block, and what to do
        """
        Criterion = self.env["sdm.stage.criterion"]
        gates = {lead: Criterion._get_gates_between(lead, stage, lead.stage_id) for lead, stage in before.items()}
        gates = {lead: asked for lead, asked in gates.items() if asked}
        passages = Criterion._check_gates(gates)
        blocked = [lead for lead, passage in passages.items() if not passage.may_pass]
        if blocked:
            given = self.env["sdm.stage.exemption"].sudo().search([("lead_id", "in", [lead.id for lead in blocked])])
            exemptions = {
                exemption.lead_id.with_env(self.env): stage_gate.Exemption(exemption.user_id.id, exemption.reason)
                for exemption in given
                if exemption.stage_id == exemption.lead_id.stage_id
                and exemption.previous_stage_id == before[exemption.lead_id.with_env(self.env)]
            }
            passages |= Criterion._check_gates({lead: gates[lead] for lead in blocked}, exemptions)
        for lead, passage in passages.items():
            if not passage.may_pass:
                raise ValidationError(
                    self.env._(
                        "“%(deal)s” cannot leave “%(stage)s” yet. Missing:\n%(missing)s\n"
                        "A head may move it all the same, with a reason.",
                        deal=lead.name,
                        stage=before[lead].name,
                        missing="\n".join(self._tell_sdm_missing(gates[lead], passage.blocking)),
                    )
                )
        notes = {
            lead.id: self.env._(
                "Moved on without: %(missing)s",
                missing="; ".join(
                    self._tell_sdm_missing(gates[lead], (*passage.missing, *passage.exempted)),
                ),
            )
            for lead, passage in passages.items()
            if passage.missing or passage.exempted
        }
        if notes:
            self.browse(notes)._message_log_batch(bodies=notes)

    def action_sdm_move_anyway(self):
        """Ask a head where the deal moves to and why."""
        self.ensure_one()
        self.env["sdm.stage.exemption"].check_access("create")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Move anyway"),
            "res_model": "sdm.stage.exemption",
            "view_mode": "form",
            "target": "new",
            "context": {"default_lead_id": self.id},
        }
