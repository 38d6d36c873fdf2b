from odoo import api, fields, models
from odoo.tools import format_date

from ..engine.comparison import compare_maturity
from ..engine.diagnosis import ATTENTION, CRITICAL, FINE, NO_DATA, StepFindings, starting_point
from ..engine.maturity import (
    NOT_CARRIED_OUT,
    SAID_ABSENT,
    SAID_FOLLOWED,
    UNDECIDED,
    WRITTEN,
    caps,
    contradiction,
    maturity,
)
from .sdm_diagnosis_comparison import CHANGES
from .selections import name_of

VERDICTS = [(CRITICAL, "Critical"), (ATTENTION, "Attention"), (FINE, "Fine"), (NO_DATA, "Cannot tell")]
MATURITIES = [
    ("0", "Absent"),
    ("1", "In heads"),
    ("2", "Written down"),
    ("3", "Followed"),
    ("4", "Reviewed on facts"),
]


class SdmDiagnosisStep(models.Model):
    """Verdict of one diagnosis on one step of the method: what the figures show, and how mature the decision is."""

    _name = "sdm.diagnosis.step"
    _description = "Diagnosis of a Step"
    _order = "diagnosis_id, position, id"
    _rec_name = "step_id"

    diagnosis_id = fields.Many2one("sdm.diagnosis", required=True, ondelete="cascade", index=True)
    date = fields.Date(related="diagnosis_id.date", store=True)
    company_id = fields.Many2one(related="diagnosis_id.company_id", store=True)
    step_id = fields.Many2one("sdm.roadmap.step", required=True, ondelete="cascade", index=True)
    position = fields.Integer(aggregator=None, help="Place of the step in the order of the method at that time.")
    level = fields.Selection(VERDICTS, required=True, string="Verdict")
    decided = fields.Boolean(help="Whether the decision was recorded as taken at that time.")
    missing = fields.Boolean(help="Whether the tool of the step showed nothing of the decision at that time.")
    rank = fields.Integer(
        compute="_compute_rank",
        store=True,
        aggregator=None,
        help="1: the step to start with, 2 to 4: the next ones, 0: not named.",
    )
    figure_ids = fields.One2many("sdm.diagnosis.figure", "diagnosis_step_id", string="Figures")
    critical_count = fields.Integer(compute="_compute_counts")
    judged_count = fields.Integer(compute="_compute_counts")
    maturity = fields.Selection(
        MATURITIES,
        compute="_compute_maturity",
        store=True,
        help="The mean of the answers rounded down, held against the figures and the roadmap. Empty while fewer than "
        "half of the questions are answered.",
    )
    score = fields.Integer(
        "Maturity (0 to 4)", compute="_compute_maturity", store=True, aggregator="avg", help="For graphs."
    )
    said = fields.Selection(MATURITIES, string="By the answers", compute="_compute_maturity", store=True)
    lowered_by = fields.Selection(
        [
            (CRITICAL, "Critical figures"),
            (ATTENTION, "Figures that want attention"),
            (UNDECIDED, "The decision is not recorded"),
            (NOT_CARRIED_OUT, "Its tool shows nothing"),
        ],
        compute="_compute_maturity",
        store=True,
    )
    contradiction = fields.Selection(
        [(SAID_FOLLOWED, "Said to be followed, but the facts say no"), (SAID_ABSENT, "Decided, but said to be absent")],
        compute="_compute_maturity",
        store=True,
    )
    remark = fields.Text("What the answers mean", compute="_compute_remark")
    then_id = fields.Many2one("sdm.diagnosis.step", string="Earlier verdict", compute="_compute_change")
    change = fields.Selection(CHANGES, compute="_compute_change", help="Of the maturity since the earlier diagnosis.")

    _diagnosis_step_uniq = models.Constraint("UNIQUE(diagnosis_id, step_id)", "A diagnosis speaks of a step once.")

    @api.depends("figure_ids.level")
    def _compute_counts(self):
        for line in self:
            levels = line.figure_ids.mapped("level")
            line.critical_count = levels.count(CRITICAL)
            line.judged_count = sum(level in (CRITICAL, ATTENTION, FINE) for level in levels)

    @api.depends("level", "decided", "missing", "diagnosis_id.answer_ids.value", "diagnosis_id.answer_ids.step_id")
    def _compute_maturity(self):
        for line in self:
            found = maturity([answer._get_number() for answer in line._get_answers()], line._get_caps())
            line.maturity = False if found.value is None else str(found.value)
            line.score = found.value or 0
            line.said = False if found.by_answers is None else str(found.by_answers)
            line.lowered_by = found.reason
            line.contradiction = contradiction(line._prepare_findings(), found.by_answers)

    @api.depends(
        "diagnosis_id.step_ids.level",
        "diagnosis_id.step_ids.position",
        "diagnosis_id.step_ids.decided",
        "diagnosis_id.step_ids.maturity",
    )
    def _compute_rank(self):
        for diagnosis, lines in self.grouped("diagnosis_id").items():
            start = starting_point([line._prepare_findings() for line in diagnosis.step_ids])
            rank = {line: index for index, line in enumerate((start.start, *start.following), start=1)}
            for line in lines:
                line.rank = rank.get(line, 0)

    @api.depends("maturity", "said", "lowered_by", "contradiction", "figure_ids.level")
    @api.depends_context("lang")
    def _compute_remark(self):
        for line in self:
            line.remark = line._tell_maturity()

    @api.depends("diagnosis_id.compared_id", "maturity")
    @api.depends_context("sdm_compared_id")
    def _compute_change(self):
        for diagnosis, lines in self.grouped("diagnosis_id").items():
            earlier = {line.step_id: line for line in diagnosis._get_compared().step_ids}
            for line in lines:
                then = line.then_id = earlier.get(line.step_id)
                line.change = then and compare_maturity(then._get_number(), line._get_number())

    def _get_answers(self):
        """The questions of the diagnosis on this step, answered or not."""
        self.ensure_one()
        return self.diagnosis_id.answer_ids.filtered(lambda answer: answer.step_id == self.step_id)

    def _prepare_findings(self):
        """What is found on the step, for the engine."""
        self.ensure_one()
        return StepFindings(self, self.position, (self.level,), self.decided, self._get_number(), self.missing)

    def _get_number(self):
        """The maturity as a number, None where it is not known."""
        self.ensure_one()
        return int(self.maturity) if self.maturity else None

    def _get_caps(self):
        """What forbids a higher maturity than the one answered; other apps add what they check.

        :return: tuple of engine.maturity.Cap
        """
        self.ensure_one()
        return caps(self._prepare_findings())

    def _get_pressing_figures(self, limit=2):
        """The worst figures of a step that presses by its figures.

        :param limit: how many at most
        """
        self.ensure_one()
        if self.level not in (CRITICAL, ATTENTION):
            return self.figure_ids.browse()
        return self.figure_ids.filtered(lambda figure: figure.level == self.level)[:limit]

    def _name_maturity(self, field="maturity"):
        """A maturity as number and words, empty where it is not known.

        :param field: ``maturity`` or ``said``
        """
        self.ensure_one()
        return f"{self[field]} – {name_of(self, field)}" if self[field] else ""

    def _tell_start(self):
        """Why the diagnosis starts with this step, in sentences.

        :return: list of texts
        """
        self.ensure_one()
        name = self.step_id.name
        reasons = self._get_pressing_figures()._tell_values()
        number = self._get_number()
        if number is not None and number <= WRITTEN:
            maturity_text = self.env._("maturity “%(maturity)s”", maturity=self._name_maturity())
            reasons = "; ".join(filter(None, (maturity_text, reasons)))
        if self.judged_count:
            line = self.env._(
                "Start with “%(step)s” (critical figures: %(critical)s of %(judged)s).",
                step=name,
                critical=self.critical_count,
                judged=self.judged_count,
            )
        elif self.maturity:
            line = self.env._("Start with “%(step)s”.", step=name)
        else:
            line = self.env._("Start with “%(step)s”: nothing is decided and nothing shows it.", step=name)
        lines = [line]
        if reasons:
            lines.append(self.env._("Because: %(figures)s.", figures=reasons))
        open_steps = self.step_id.requires_ids.filtered(lambda step: not step.decided)
        if open_steps:
            lines.append(
                self.env._(
                    "It rests on what is not decided yet: %(steps)s.",
                    steps=", ".join(open_steps.mapped("name")),
                )
            )
        return lines

    def _tell_maturity(self):
        """Why the maturity is what it is, in a sentence; empty where the answers alone say it."""
        self.ensure_one()
        words = {
            "said": self._name_maturity("said"),
            "maturity": self._name_maturity(),
            "figures": self._get_pressing_figures()._tell_values() or self.env._("its tool shows nothing of it"),
        }
        if self.contradiction == SAID_FOLLOWED:
            return self.env._(
                "The answers say “%(said)s”, but the facts contradict it: %(figures)s. It counts as “%(maturity)s”.",
                **words,
            )
        if self.contradiction == SAID_ABSENT:
            return self.env._(
                "The decision is recorded as taken, but the answers say “%(said)s”: people do not know it, or it does "
                "not hold any more.",
                **words,
            )
        if self.lowered_by == ATTENTION:
            return self.env._(
                "“%(said)s” by the answers, “%(maturity)s” since figures want attention: %(figures)s.", **words
            )
        if self.lowered_by == UNDECIDED:
            return self.env._(
                "“%(said)s” by the answers, “%(maturity)s” since the decision is not recorded on the roadmap.", **words
            )
        answers = self._get_answers()
        answered = sum(answer._get_number() is not None for answer in answers)
        if answered and not self.maturity:
            return self.env._(
                "Too little is answered to tell the maturity: %(answered)s of %(asked)s questions.",
                answered=answered,
                asked=len(answers),
            )
        return False

    def _tell_change(self):
        """The earlier maturity and what became of it, in a few words; empty where nothing is compared."""
        self.ensure_one()
        if not self.change:
            return ""
        return self.env._(
            "%(value)s on %(date)s: %(change)s",
            value=self.then_id._name_maturity(),
            date=format_date(self.env, self.then_id.date),
            change=name_of(self, "change").lower(),
        )

    def _prepare_board(self):
        """The step as the board shows it.

        :return: dict ready for JSON
        """
        self.ensure_one()
        return {
            "id": self.step_id.id,
            "name": self.step_id.name,
            "position": self.position,
            "rank": self.rank,
            "level": self.level,
            "level_name": name_of(self, "level"),
            "maturity": self.maturity,
            "maturity_name": self._name_maturity(),
            "change": self.change,
            "change_text": self._tell_change(),
            "then": self.then_id.maturity,
            "contradicts": bool(self.contradiction),
            "remark": self.remark,
            "presses": bool(self.rank or self.contradiction or self._prepare_findings().pressure),
            "answers": [answer._prepare_board() for answer in self._get_answers()],
            "figures": [figure._prepare_board() for figure in self.figure_ids],
        }
