import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL
from odoo.tools.query import Query

from ..engine import facts, formula
from ..engine.formula import CycleError, FormulaError
from .sdm_kpi_source import MEASURES, MEASURES_OF, MONEY, SOURCES, STOCKS, WITH_LINES

MEASURE, RATIO, FORMULA, MANUAL = "measure", "ratio", "formula", "manual"
COMPUTED = "ratio"
FORMULA_FIELDS = ("formula", "numerator_id", "denominator_id")
UNITS = {**dict.fromkeys(MONEY, "money"), "days": "days"}
# A KPI may be worked out from so many others at most.
MOST_INPUTS = 8


class SdmKpi(models.Model):
    """An indicator: what is counted, or what it is worked out from.

    Facts are kept of what is counted. Ratios and formulas are worked out from the sums of what they use, so that they
    are right for a person, a group and the company, for a month and a year.
    """

    _name = "sdm.kpi"
    _description = "KPI"
    _inherit = ["sdm.guarded.mixin", "mail.thread"]
    _order = "sequence, id"
    _rec_names_search = ("name", "code")

    name = fields.Char(required=True, translate=True, tracking=True)
    code = fields.Char(
        required=True,
        compute="_compute_code",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
        tracking=True,
        help="What formulas call it by: letters, digits and underscores.",
    )
    description = fields.Text(translate=True, help="What it tells and what to do about it, in plain words.")
    topic = fields.Selection(
        [
            ("result", "Result"),
            ("customers", "Customers"),
            ("funnel", "Deals"),
            ("offers", "Offers and orders"),
            ("money", "Money"),
            ("effort", "Effort"),
            ("own", "Of our own"),
        ],
        required=True,
        default="own",
    )
    sequence = fields.Integer(default=500)
    active = fields.Boolean(default=True, tracking=True)
    is_on = fields.Boolean("Switched on", tracking=True, help="Its facts are kept and shown.")
    kind = fields.Selection(
        [
            (MEASURE, "Counted from documents"),
            (RATIO, "Ratio of two KPI"),
            (FORMULA, "Formula of KPI"),
            (MANUAL, "Entered or imported"),
        ],
        required=True,
        default=MEASURE,
        tracking=True,
    )
    source = fields.Selection(SOURCES, string="Counted from", default="revenue", tracking=True)
    measure = fields.Selection(
        MEASURES,
        string="What is counted",
        default="amount",
        tracking=True,
        help="Amounts are without tax, those of receivables with it.",
    )
    measures = fields.Json(compute="_compute_measures")
    filter_domain = fields.Char("Only those", default="[]", tracking=True, help="Which entries of the source count.")
    entry_model = fields.Char(compute="_compute_entry_model")
    numerator_id = fields.Many2one("sdm.kpi", string="This", ondelete="restrict", tracking=True)
    denominator_id = fields.Many2one("sdm.kpi", string="Divided by", ondelete="restrict", tracking=True)
    formula = fields.Char(
        tracking=True,
        help="Codes of KPI, numbers, + - * / and brackets, as in 100 * won_deals / (won_deals + lost_deals).",
    )
    formula_kpi_id = fields.Many2one(
        "sdm.kpi", string="Add to the formula", store=False, help="Choose a KPI: its code is put at the end."
    )
    formula_words = fields.Char("In words", compute="_compute_formula_words")
    unit = fields.Selection(
        [("money", "Money"), ("number", "Number"), ("percent", "%"), ("days", "Days")],
        required=True,
        default="money",
        tracking=True,
    )
    direction = fields.Selection(
        [("up", "More is better"), ("down", "Less is better")], required=True, default="up", tracking=True
    )
    semantics = fields.Selection(
        [
            (facts.FLOW, "Added up"),
            (facts.STOCK, "State at the end of the month"),
            (facts.DISTINCT, "Each customer once"),
            (COMPUTED, "Worked out from sums"),
        ],
        string="Over months and people",
        compute="_compute_semantics",
        store=True,
        help="How the values of months and people come together.",
    )
    input_ids = fields.Many2many(
        "sdm.kpi",
        "sdm_kpi_input_rel",
        "kpi_id",
        "input_id",
        string="Worked out from",
        compute="_compute_input_ids",
        store=True,
    )
    target_ids = fields.One2many("sdm.plan.target", "kpi_id", string="Targets")
    has_margin = fields.Boolean(compute="_compute_has_margin", store=True, recursive=True)
    trial = fields.Html(
        "What it shows",
        compute="_compute_trial",
        sanitize=False,
        help="In the last months, by the documents of today, before anything is saved.",
    )

    _code_uniq = models.Constraint(
        "UNIQUE(code)", "Another KPI has this code, perhaps an archived one: choose another."
    )

    @api.depends("name", "unit")
    @api.depends_context("lang")
    def _compute_display_name(self):
        units = dict(self._fields["unit"]._description_selection(self.env))
        for kpi in self:
            named = kpi.name or ""
            # a pivot shows numbers of all units in one column
            shows_unit = kpi.unit in ("percent", "days") and units[kpi.unit].lower() not in named.lower()
            kpi.display_name = f"{named}, {units[kpi.unit].lower()}" if shows_unit else named

    @api.depends("name")
    def _compute_code(self):
        for kpi in self:
            if kpi.name and not kpi.code:
                code = re.sub(r"\W+", "_", kpi.name.strip().lower()).strip("_") or "kpi"
                code = f"kpi_{code}" if code[0].isdigit() else code
                others = self.with_context(active_test=False).search([("code", "=like", f"{code}%")])
                taken = set((others - kpi._origin).mapped("code"))
                numbered = (f"{code}_{number}" for number in range(2, len(taken) + 3))
                kpi.code = next(name for name in (code, *numbered) if name not in taken)

    def _compute_entry_model(self):
        self.entry_model = "sdm.kpi.entry"

    @api.depends("source")
    def _compute_measures(self):
        for kpi in self:
            kpi.measures = MEASURES_OF.get(kpi.source, [])

    @api.onchange("source")
    def _onchange_source(self):
        offered = MEASURES_OF.get(self.source, ())
        if self.measure not in offered:
            self.measure = "amount" if "amount" in offered else next(iter(offered), False)

    @api.onchange("kind", "source", "measure", "numerator_id", "denominator_id", "formula")
    def _onchange_unit(self):
        if self.kind == MEASURE and self.measure:
            self.unit = UNITS.get(self.measure, "number")
        elif self.kind == MANUAL:
            self.unit = "number"
        elif self.kind == FORMULA and (self.formula or "").startswith("100 *"):
            self.unit = "percent"
        elif self.kind == RATIO and self.numerator_id and self.denominator_id:
            is_part = self.numerator_id.unit == self.denominator_id.unit
            self.unit = "percent" if is_part else self.numerator_id.unit

    @api.onchange("formula_kpi_id")
    def _onchange_formula_kpi_id(self):
        if self.formula_kpi_id:
            self.formula = f"{self.formula or ''} {self.formula_kpi_id.code}".strip()
            self.formula_kpi_id = False

    @api.depends("formula", "kind")
    @api.depends_context("lang")
    def _compute_formula_words(self):
        for kpi in self:
            names = kpi._get_formula_names() if kpi.kind == FORMULA else []
            known = self.with_context(active_test=False).search([("code", "in", names)])
            words = {other.code: f"“{other.name}”" for other in known}
            kpi.formula_words = words and re.sub(
                r"[^\W\d]\w*", lambda found, words=words: words.get(found[0], found[0]), kpi.formula
            )

    @api.depends("kind", "source", "measure")
    def _compute_semantics(self):
        for kpi in self:
            if kpi.kind in (RATIO, FORMULA):
                kpi.semantics = COMPUTED
            elif kpi.kind == MEASURE and kpi.measure == "customers":
                kpi.semantics = facts.DISTINCT
            elif kpi.kind == MEASURE and kpi.source in STOCKS:
                kpi.semantics = facts.STOCK
            else:
                kpi.semantics = facts.FLOW

    @api.depends("kind", "numerator_id", "denominator_id", "formula")
    def _compute_input_ids(self):
        for kpi in self:
            kpi.input_ids = kpi._find_inputs()

    @api.depends("kind", "measure", "filter_domain", "input_ids.has_margin")
    def _compute_has_margin(self):
        for kpi in self:
            kpi.has_margin = kpi._tells_margin(kpi.input_ids)

    @api.constrains("kind", "source", "measure", "filter_domain")
    def _check_measure(self):
        # facts are counted with all rights: they would tell the author what a hidden field holds
        for kpi in self.with_user(self.env.uid).filtered(lambda kpi: kpi.kind == MEASURE):
            kpi._check_measure_fits()
            kpi._parse_filter(check=True)

    @api.constrains("code")
    def _check_code(self):
        for kpi in self:
            try:
                plain = formula.parse(kpi.code) == formula.Name(kpi.code)
            except FormulaError:
                plain = False
            if not plain:
                raise ValidationError(
                    self.env._(
                        "The code “%(code)s” cannot stand in a formula. Use letters, digits and underscores, and begin "
                        "with a letter.",
                        code=kpi.code,
                    )
                )

    @api.constrains("kind", "numerator_id", "denominator_id", "formula", "code", "input_ids")
    def _check_formulas(self):
        for kpi in self:
            if kpi.kind == RATIO and not (kpi.numerator_id and kpi.denominator_id):
                raise ValidationError(
                    self.env._("“%(kpi)s” is a ratio: choose what is divided and by what.", kpi=kpi.name)
                )
            if kpi.kind == FORMULA:
                kpi._check_formula()
        expanded = self._expand()
        for kpi in self.filtered(lambda kpi: kpi.code in expanded):
            if len(formula.names(expanded[kpi.code])) > MOST_INPUTS:
                raise ValidationError(
                    self.env._(
                        "“%(kpi)s” is worked out from more than %(count)s counted KPI. Make it simpler.",
                        kpi=kpi.name,
                        count=MOST_INPUTS,
                    )
                )

    def _check_measure_fits(self):
        if not self.source or not self.measure:
            raise ValidationError(
                self.env._("“%(kpi)s” is counted: choose from which source, and what is counted.", kpi=self.name)
            )
        if self.measure not in MEASURES_OF[self.source]:
            raise ValidationError(
                self.env._(
                    "“%(origin)s” has no “%(measure)s”. It has: %(measures)s.",
                    origin=dict(self._fields["source"]._description_selection(self.env))[self.source],
                    measure=dict(self._fields["measure"]._description_selection(self.env))[self.measure],
                    measures=", ".join(
                        label
                        for key, label in self._fields["measure"]._description_selection(self.env)
                        if key in MEASURES_OF[self.source]
                    ),
                )
            )

    def _check_formula(self):
        try:
            names = formula.names(formula.parse(self.formula or ""))
        except FormulaError as error:
            raise ValidationError(self._tell_formula_error(error)) from error
        if not names:
            raise ValidationError(
                self.env._(
                    "The formula of “%(kpi)s” names no KPI, so it would be the same for everybody and always. Write "
                    "it like 100 * won_deals / (won_deals + lost_deals).",
                    kpi=self.name,
                )
            )
        known = set(self.with_context(active_test=False).search([("code", "in", names)]).mapped("code"))
        unknown = [name for name in names if name not in known]
        if unknown:
            raise ValidationError(
                self.env._(
                    "The formula of “%(kpi)s” names KPI that are not there: %(codes)s. Use the codes of the catalogue.",
                    kpi=self.name,
                    codes=", ".join(unknown),
                )
            )

    def _tell_formula_error(self, error):
        words = {"kpi": self.name, "part": error.detail}
        if error.reason == formula.NOT_ALLOWED:
            return self.env._(
                "“%(part)s” cannot stand in the formula of “%(kpi)s”. It takes codes of KPI, numbers, + - * / and "
                "brackets.",
                **words,
            )
        if error.reason == formula.TOO_LONG:
            return self.env._(
                "The formula of “%(kpi)s” is longer than %(count)s characters. Make a KPI of a part of it.",
                count=formula.LONGEST,
                **words,
            )
        if error.reason == formula.TOO_MANY:
            return self.env._(
                "“%(kpi)s” is worked out in more than %(count)s steps, those of the formulas in it included. Make it "
                "simpler, or name what is counted instead of other formulas.",
                count=formula.MOST_STEPS,
                **words,
            )
        if error.reason == formula.TOO_LARGE:
            return self.env._(
                "“%(part)s” in the formula of “%(kpi)s” is too large or too small a number to be of use.", **words
            )
        return self.env._(
            "The formula of “%(kpi)s” cannot be read: “%(part)s”. "
            "Write it like 100 * won_deals / (won_deals + lost_deals).",
            **words,
        )

    # -- CRUD ---------------------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        kpis = super().create(vals_list)
        self.env.registry.clear_cache()
        kpis._ask_for_facts()
        return kpis

    def write(self, vals):
        if vals.get("active") is False:
            self._check_not_input()
        codes = {kpi: kpi.code for kpi in self} if "code" in vals else {}
        result = super().write(vals)
        self.env.registry.clear_cache()
        for kpi, code in codes.items():
            if code != kpi.code:
                kpi._check_unused(code)
        if {"is_on", "kind", "source", "measure", "filter_domain", *FORMULA_FIELDS} & vals.keys():
            self._ask_for_facts()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self._check_not_input()
        closed = self.env["sdm.period"].sudo().search([("kpi_ids", "in", self.ids)], limit=1)
        if closed:
            raise UserError(
                self.env._(
                    "“%(kpi)s” is part of %(month)s, which is closed. Archive it, so that the month stays whole.",
                    kpi=(self & closed.kpi_ids)[:1].name,
                    month=closed.display_name,
                )
            )

    def _check_unused(self, code):
        user = (
            self.with_context(active_test=False)
            .search([("kind", "=", FORMULA)])
            .filtered(lambda kpi: code in kpi._get_formula_names())[:1]
        )
        if user:
            raise ValidationError(
                self.env._(
                    "The formula of “%(kpi)s” names the code “%(code)s”. Change that formula first.",
                    kpi=user.name,
                    code=code,
                )
            )

    def _check_not_input(self):
        user = self.search([("input_ids", "in", self.ids), ("id", "not in", self.ids)], limit=1)
        if user:
            raise UserError(
                self.env._(
                    "“%(user)s” is worked out from “%(kpi)s”. Change or archive it first.",
                    user=user.name,
                    kpi=(self & user.input_ids)[:1].name,
                )
            )

    def _ask_for_facts(self):
        """Let the facts be computed soon where something is switched on or counted otherwise."""
        if any(self.mapped("is_on")) and not self.env.context.get("install_mode"):
            self.env.ref("sdm_kpi.ir_cron_kpi").sudo()._trigger()

    # -- actions ------------------------------------------------------------------------------------------------------

    def action_open_entries(self):
        """Open the entries that the KPI counts, of the last months."""
        self.ensure_one()
        return self.env["sdm.kpi.entry"]._get_action(self._get_counted()[:1], *self._get_trial_months()[::3])

    def action_open_facts(self):
        """Open the facts of the KPI."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sdm_kpi.sdm_kpi_report_action")
        action["domain"] = [("kpi_id", "=", self.id)]
        action["context"] = {"pivot_row_groupby": ["employee_id"], "pivot_column_groupby": ["date:month"]}
        return action

    def action_open_values(self):
        """Open the values that were entered for the KPI, to enter or import more."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sdm_kpi.sdm_kpi_value_action")
        action["domain"] = [("kpi_id", "=", self.id)]
        action["context"] = {"default_kpi_id": self.id}
        return action

    # -- what it is worked out from -----------------------------------------------------------------------------------

    def _find_inputs(self):
        """The KPI that it is worked out from, by what stands in its fields."""
        if self.kind == RATIO:
            return self.numerator_id | self.denominator_id
        if self.kind == FORMULA:
            return self.with_context(active_test=False).search([("code", "in", self._get_formula_names())])
        return self.browse()

    def _tells_margin(self, inputs):
        """Whether margin can be read off its values.

        :param inputs: what it is worked out from
        """
        return self.kind == MEASURE and self.measure == "margin" or any(inputs.mapped("has_margin"))

    def _get_formula_names(self):
        try:
            return list(formula.names(formula.parse(self.formula or "")))
        except FormulaError:
            return []

    def _prepare_engine_formula(self):
        """The formula of a ratio or a formula KPI; None for a KPI that is counted."""
        if self.kind == RATIO:
            tree = formula.Operation("/", formula.Name(self.numerator_id.code), formula.Name(self.denominator_id.code))
            hundred = formula.Number(formula.Fraction(100))
            return formula.Operation("*", hundred, tree) if self.unit == "percent" else tree
        return formula.parse(self.formula) if self.kind == FORMULA else None

    @api.model
    def _expand(self):
        """All ratios and formulas over counted KPI only: {code: engine formula}.

        :raise ValidationError: KPI that are worked out from each other in a circle or in too many steps, with their
            names
        """
        found = self.sudo().with_context(active_test=False).search([("kind", "in", [RATIO, FORMULA])])
        trees = {kpi.code: kpi._prepare_engine_formula() for kpi in found}
        try:
            return formula.expand(trees)
        except FormulaError as error:
            code = error.detail
            named = found.filtered(lambda kpi: kpi.code == code)
            raise ValidationError(named._tell_formula_error(error)) from error
        except CycleError as error:
            names = {kpi.code: kpi.name for kpi in found}
            raise ValidationError(
                self.env._(
                    "These KPI would be worked out from each other in a circle: %(kpis)s. Change one of them.",
                    kpis=" → ".join(names[code] for code in error.codes),
                )
            ) from error

    def _get_counted(self):
        """The counted KPI that these come from, those that are counted themselves included."""
        expanded = self._expand()
        codes = {
            name for kpi in self for name in (formula.names(expanded[kpi.code]) if kpi.code in expanded else [kpi.code])
        }
        return self.sudo().with_context(active_test=False).search([("code", "in", list(codes))]).sudo(self.env.su)

    @api.model
    def _get_kept(self):
        """The counted KPI whose facts are kept: those switched on, and what those are worked out from."""
        return self.sudo().search([("is_on", "=", True)])._get_counted()

    # -- counting -----------------------------------------------------------------------------------------------------

    def _get_source(self):
        return "value" if self.kind == MANUAL else self.source

    def _get_measure(self):
        return "amount" if self.kind == MANUAL else self.measure

    def _has_categories(self):
        """Whether facts of the KPI tell product categories apart: it counts lines, not whole documents."""
        return self._get_source() in WITH_LINES and self._get_measure() != "documents"

    def _query_conditions(self):
        """What each KPI counts of a relation named ``entry``.

        :return: (SQL of the FROM clause, {kpi: SQL of its condition})
        """
        Entry = self.env["sdm.kpi.entry"].sudo()
        query = Query(self.env, "entry", SQL.identifier("entry"))
        conditions = {kpi: kpi._parse_filter().optimize_full(Entry)._to_sql(Entry, "entry", query) for kpi in self}
        return query.from_clause, conditions

    def _get_asked_columns(self):
        """The columns of entries that the facts of these KPI are made of."""
        names = {"date", "share", "employee_id", "head_id", "team_id", "segment_id", "category_id", "company_id"}
        names |= {"partner_id", *(kpi._get_measure() for kpi in self if kpi.semantics != facts.DISTINCT)}
        return names | {
            condition.field_expr.split(".")[0] for kpi in self for condition in kpi._parse_filter().iter_conditions()
        }
