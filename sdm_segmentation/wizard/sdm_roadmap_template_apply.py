from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from ..engine.errors import CycleError
from ..engine.roadmap import Step, arrange, reorder, spread

STEP = 10
TEXTS = ("question", "reason")


class SdmRoadmapTemplateApply(models.TransientModel):
    """Put the roadmap into the order of a kind of business, after a look at what changes.

    What is decided stays: a decided step only gets its place, what it rests on and the reason of it. Owners and due
    dates that are set stay too, unless the director wishes other dates.
    """

    _name = "sdm.roadmap.template.apply"
    _description = "Order for a Kind of Business"

    template_id = fields.Many2one(
        "sdm.roadmap.template",
        string="Kind of business",
        required=True,
        default=lambda self: self.env["sdm.roadmap.template"].search([("active", "=", True)], limit=1),
    )
    description = fields.Text(related="template_id.description")
    date_start = fields.Date(
        "Start on", default=fields.Date.context_today, help="Due dates follow from here. Empty: none are set."
    )
    reschedule = fields.Boolean("Replace due dates", help="Also of steps that have a due date already.")
    director_id = fields.Many2one(
        "res.users",
        string="Steps of the director",
        domain=lambda self: self.env["sdm.roadmap.step"]._domain_user_id(),
        default=lambda self: self.env.user,
        help="Becomes the owner of the steps that have none and are suggested for this role.",
    )
    head_id = fields.Many2one(
        "res.users",
        string="Steps of a head",
        domain=lambda self: self.env["sdm.roadmap.step"]._domain_user_id(),
    )
    hr_id = fields.Many2one(
        "res.users",
        string="Steps of HR",
        domain=lambda self: self.env["sdm.roadmap.step"]._domain_user_id(),
        default=lambda self: self._default_hr_id(),
    )
    preview = fields.Html(compute="_compute_preview", sanitize=False)

    def _default_hr_id(self):
        """The one person of HR, where there is one."""
        people = self.env.ref("sdm_segmentation.group_sdm_payroll").all_user_ids.filtered(lambda user: not user.share)
        return people if len(people) == 1 else False

    @api.depends("template_id", "date_start", "reschedule", "director_id", "head_id", "hr_id")
    def _compute_preview(self):
        for wizard in self:
            values = {"rows": [], "problem": False}
            try:
                values["rows"] = wizard._prepare_changes()
            except UserError as error:
                values["problem"] = error.args[0]
            wizard.preview = self.env["ir.qweb"]._render("sdm_segmentation.sdm_roadmap_template_preview", values)

    def action_apply(self):
        """Write the order, texts, owners and dates, tell it in the chatter of each step and open the roadmap."""
        self.ensure_one()
        if not self.env.user.has_group("sdm_segmentation.group_sdm_director"):
            raise AccessError(self.env._("The order and the owners of the roadmap are the director's."))
        rows = [row for row in self._prepare_changes() if row["vals"] or row["texts"]]
        if not rows:
            raise UserError(self.env._("Nothing would change: the roadmap stands in this order already."))
        Step = self.env["sdm.roadmap.step"].with_context(mail_notrack=True)
        # none rests on anything for a moment: on the way from one order to another two could rest on each other
        changed = [row["step"].id for row in rows if "requires_ids" in row["vals"]]
        Step.browse(changed).requires_ids = False
        for row in rows:
            step = Step.browse(row["step"].id)
            step.write(row["vals"])
            for name in row["texts"]:
                self._copy_text(row["line"], step, name)
            step.message_post(
                body=self.env["ir.qweb"]._render(
                    "sdm_segmentation.sdm_roadmap_template_message",
                    {"template": self.template_id.name, "row": row},
                )
            )
        action = self.env["ir.actions.act_window"]._for_xml_id("sdm_segmentation.sdm_roadmap_step_action")
        # the roadmap anew, not one more screen upon it
        return {**action, "target": "main"}

    def _copy_text(self, line, step, name):
        """Copy a text in all languages of the database."""
        step.with_context(lang="en_US")[name] = line.with_context(lang="en_US")[name]
        codes = [code for code, _name in self.env["res.lang"].get_installed() if code != "en_US"]
        step.update_field_translations(name, {code: line.with_context(lang=code)[name] for code in codes})

    def _prepare_changes(self):
        """What applying changes, step by step in the new order.

        :return: list of dicts: ``step``, ``line``, ``before`` and ``after`` (places), ``vals`` to write, ``texts``
            (names of fields to copy from the line), ``changes`` (dicts ``name``, ``before``, ``after`` to read),
            ``moved_after`` (names), ``decided``, ``reason``
        :raise UserError: steps that would rest on each other in a circle
        """
        self.ensure_one()
        steps = self.env["sdm.roadmap.step"].search([("active", "=", True)])
        lines = {line.step_id: line for line in self.template_id.line_ids if line.step_id in steps}
        order = reorder(steps.ids, [step.id for step in lines])
        sequences = {code: STEP * number for number, code in enumerate(order, start=1)}
        requires = {step: lines[step].requires_ids if step in lines else step.requires_ids for step in steps}
        places = self._arrange(steps, sequences, requires)
        due = self._get_due_dates(places, lines)
        rows = []
        for place in places:
            step = steps.browse(place.code)
            line = lines.get(step, self.env["sdm.roadmap.template.line"])
            vals, changes = {}, []
            for name, value in self._prepare_values(step, line, requires[step], due.get(step)).items():
                if step[name] != value:
                    vals[name] = step._fields[name].convert_to_write(value, step)
                    changes.append(self._tell_change(step, name, value))
            texts = self._get_texts(step, line)
            changes += [self._tell_change(step, name, line[name]) for name in texts if name != "reason"]
            if step.sequence != sequences[step.id]:
                vals["sequence"] = sequences[step.id]
            rows.append(
                {
                    "step": step,
                    "line": line,
                    "before": step.position,
                    "after": place.position,
                    "vals": vals,
                    "texts": texts,
                    "changes": changes,
                    "moved_after": ", ".join(steps.browse(place.moved_after).mapped("name")),
                    "decided": step.decided,
                    "reason": line.reason or step.reason,
                }
            )
        return rows

    def _arrange(self, steps, sequences, requires):
        try:
            return arrange([Step(step.id, sequences[step.id], tuple(requires[step].ids)) for step in steps])
        except CycleError as error:
            names = " → ".join(steps.browse(error.codes).mapped("name"))
            raise UserError(
                self.env._(
                    "With the company's own steps, these would rest on each other in a circle: %(steps)s. "
                    "Change “Rests on” of one of them first.",
                    steps=names,
                )
            ) from error

    def _get_due_dates(self, places, lines):
        """When each open step of the template is due, one after another.

        :return: dict {step: date}
        """
        steps = self.env["sdm.roadmap.step"].browse([place.code for place in places])
        to_decide = steps.filtered(lambda step: step in lines and not step.decided)
        if not self.date_start:
            return {}
        dates = spread([lines[step].days for step in to_decide], self.date_start)
        return {step: date for step, date in zip(to_decide, dates, strict=True) if self.reschedule or not step.date_due}

    def _prepare_values(self, step, line, requires, date_due):
        """Values of a step by the template, the present ones where it says nothing or the step is decided."""
        if not line:
            return {}
        if step.decided:
            return {"requires_ids": requires}
        people = {"director": self.director_id, "head": self.head_id, "hr": self.hr_id}
        return {
            "requires_ids": requires,
            "user_id": step.user_id or people.get(line.owner_role, step.user_id),
            "date_due": date_due or step.date_due,
        }

    def _get_texts(self, step, line):
        """Names of the texts that the template has otherwise; what a decided step asked stays as it was answered."""
        names = ["reason"] if step.decided else TEXTS
        return [name for name in names if line[name] and line[name] != step[name]]

    def _tell_change(self, step, name, value):
        return {
            "name": step._fields[name]._description_string(self.env),
            "before": self._tell_value(step[name]),
            "after": self._tell_value(value),
        }

    def _tell_value(self, value):
        if isinstance(value, models.BaseModel):
            value = ", ".join(value.mapped("display_name"))
        elif value and not isinstance(value, str):
            value = format_date(self.env, value)
        return value or "–"
