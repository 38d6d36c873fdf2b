from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import formatLang

from ...engine.plan import funnel
from ...engine.plan.department import Cell
from ...engine.plan.weights import Weights
from .sdm_plan_goal import AMOUNT, NEEDED, exact
from .sdm_plan_goal_work import Placed

# What work leads to what: the first of each that has facts
FUNNEL = (("won_deals", "orders"), ("offers",), ("meetings",), ("calls",))


class SdmPlanGoal(models.Model):
    """The work that a goal takes: so many deals, offers, meetings and calls, by the conversion of each person."""

    _inherit = "sdm.plan.goal"

    from_kpi_id = fields.Many2one(
        "sdm.kpi",
        string="Needed for",
        ondelete="restrict",
        help="The KPI of another goal of this version: its targets and the conversion of people give the work.",
    )
    least_cases = fields.Integer(
        "Own conversion from, cases",
        default=5,
        required=True,
        help="With fewer in the last twelve months the conversion of the group counts, else that of the company.",
    )
    seek_amount = fields.Float("What would come of", digits=(16, 2), copy=False, help="So much of this KPI.")
    seek = fields.Html("Comes to", compute="_compute_seek", sanitize=False)

    @api.constrains("goal_by", "from_kpi_id")
    def _check_from_kpi_id(self):
        for goal in self.filtered(lambda goal: goal.goal_by == NEEDED):
            if not goal._get_origin() or goal.is_norm or goal._get_origin().is_norm:
                raise ValidationError(
                    self.env._(
                        "“%(kpi)s”: choose in “Needed for” a KPI that has a goal in this version. Both are added up.",
                        kpi=goal.kpi_id.name,
                    )
                )
            if goal in goal._get_chain()[1:]:
                raise ValidationError(
                    self.env._(
                        "These goals would need each other in a circle: %(kpis)s. Give one of them an amount.",
                        kpis=" → ".join(link.kpi_id.name for link in goal._get_chain()),
                    )
                )

    @api.depends("seek_amount", "from_kpi_id", "goal_by")
    @api.depends_context("lang")
    def _compute_seek(self):
        for goal in self:
            steps = goal._origin._seek(exact(goal.seek_amount)) if goal.seek_amount else []
            goal.seek = Markup(" → ").join(
                Markup("%s %s") % (step.kpi_id.name, goal._tell_amount(amount)) for step, amount in steps
            )

    # -- the chain ----------------------------------------------------------------------------------------------------

    def _get_origin(self):
        """The goal that this one works for."""
        same = self.version_id.goal_ids - self
        return same.filtered(lambda goal: goal.kpi_id == self.from_kpi_id)[:1]

    def _get_chain(self):
        """From this goal to the result that it works for, each once; a goal that comes again ends it."""
        chain, goal = self, self
        while goal.goal_by == NEEDED and (goal := goal._get_origin()):
            again = goal in chain
            chain = self.browse([*chain.ids, goal.id])
            if again:
                break
        return chain

    def _get_workers(self):
        """The goals that work for this one, directly."""
        return (self.version_id.goal_ids - self).filtered(
            lambda goal: goal.goal_by == NEEDED and goal.from_kpi_id == self.kpi_id
        )

    def action_add_work(self):
        """Add goals of the deals, offers, meetings and calls that this goal takes, as far as there are facts.

        :return: the goals of the version
        :raise UserError: there are no facts of any of them
        """
        self.ensure_one()
        self._check_may_change()
        codes = [code for step in FUNNEL for code in step]
        kpis = {kpi.code: kpi for kpi in self.env["sdm.kpi"].search([("code", "in", codes)])}
        first, last = self._get_window()
        known = self.env["sdm.kpi.fact"]._read_group(
            [
                ("perimeter_id", "=", self.perimeter_id.id),
                ("kpi_id", "in", [kpi.id for kpi in kpis.values()]),
                ("date", ">=", first),
                ("date", "<=", last),
            ],
            ["kpi_id"],
        )
        counted = {kpi for (kpi,) in known}
        found, origin, unknown = False, self.kpi_id, self.env["sdm.kpi"]
        for step in FUNNEL:
            kpi = next((kpis[code] for code in step if kpis.get(code) in counted), None)
            if not kpi:
                unknown |= kpis.get(step[0], unknown)
            if not kpi or kpi == self.kpi_id:
                continue
            found = True
            if kpi not in self.version_id.goal_ids.kpi_id:
                self.create(
                    {
                        "version_id": self.version_id.id,
                        "kpi_id": kpi.id,
                        "goal_by": NEEDED,
                        "from_kpi_id": origin.id,
                        "date_history": self.date_history,
                    }
                )
            origin = kpi
        if not found:
            raise UserError(
                self.env._(
                    "There are no facts of deals, offers, meetings or calls in the last twelve months. Switch on “Won "
                    "deals”, “Offers”, “Meetings” or “Calls” in the catalogue, and compute the facts."
                )
            )
        action = self._open(self.version_id)
        action.pop("res_id", None)
        return self._tell_work(unknown, action)

    def _tell_work(self, unknown, action):
        """What to do with goals of work, and which could not be added.

        :param unknown: sdm.kpi without facts; :param action: that opens the goals
        """
        texts = [self.env._("These goals follow this one: their targets are written with it by “Write targets”.")]
        if unknown:
            names = ", ".join(f"“{kpi.name}”" for kpi in unknown)
            texts.append(
                self.env._(
                    "There are no facts of %(kpis)s: switch them on in the catalogue, compute the facts and add them.",
                    kpis=names,
                )
            )
        params = {
            "message": " ".join(texts),
            "type": "warning" if unknown else "info",
            "sticky": bool(unknown),
            "next": action,
        }
        return {"type": "ir.actions.client", "tag": "display_notification", "params": params}

    # -- forwards -----------------------------------------------------------------------------------------------------

    def _get_load(self):
        """What each person has to do in each month for the targets of the goal that this one works for.

        :return: (WorkedOut of that goal, {(person, head): {month: Fraction}}, {(person, head): engine ratio})
        """
        self._check_from_kpi_id()
        worked_out = self._get_origin()._work_out()
        results = defaultdict(lambda: defaultdict(Fraction))
        for (key, month), amount in worked_out.targets.items():
            if isinstance(key, Cell) and amount:
                results[key.person, key.head][month] += Fraction(amount)
        ratios = self._get_ratios(list(results))
        out = {(part.employee_id.id, part.head_id.id or None) for part in self.part_ids if part.is_left_out}
        load = {
            seat: funnel.needed(by_month, dict.fromkeys(by_month, ratios[seat]))
            for seat, by_month in results.items()
            if seat in ratios and seat not in out
        }
        return worked_out, load, ratios

    def _get_ratios(self, seats):
        """How much of this KPI people need for one of that it works for: {(person, head): engine ratio}"""
        needed, needed_places = self._get_history()
        result, result_places = self._get_history(self.from_kpi_id)

        def group(head):
            return funnel.History(_sum_of(needed_places, head), _sum_of(result_places, head))

        company = funnel.History(sum(needed_places.values()), sum(result_places.values()))
        groups = {head: group(head) for head in {seat[1] for seat in seats} if head}
        found = {
            seat: funnel.ratio_of(
                funnel.History(needed[seat[0]].amount, result[seat[0]].amount),
                groups.get(seat[1]),
                company,
                self.least_cases,
            )
            for seat in seats
        }
        return {seat: ratio for seat, ratio in found.items() if ratio}

    def _find_shares(self):
        """The months of work follow those of the result."""
        shares, days = super()._find_shares()
        if self.goal_by != NEEDED or not self._get_origin():
            return shares, days
        _worked_out, load, _ratios = self._get_load()
        by_month = {
            month: sum((amounts.get(month, Fraction(0)) for amounts in load.values()), Fraction(0)) for month in shares
        }
        whole = sum(by_month.values())
        step = exact(self.rounding)
        units = Decimal(whole.numerator) / Decimal(whole.denominator) / step
        self.given_amount = units.to_integral_value(ROUND_HALF_UP) * step
        return ({month: amount / whole for month, amount in by_month.items()} if whole else shares), days

    def _get_placed(self, people, by_place):
        """Who gets which part of work: by the targets of the result and the own conversion."""
        if self.goal_by != NEEDED:
            return super()._get_placed(people, by_place)
        worked_out, load, ratios = self._get_load()
        return Placed(
            seats={seat: worked_out.seats[seat] for seat in load if seat in worked_out.seats},
            teams={(cell.person, cell.head): team for cell, team, _month in worked_out.cells},
            heads=worked_out.heads,
            weights=Weights(load, {}, {}),
            ratios=ratios,
        )

    # -- backwards ----------------------------------------------------------------------------------------------------

    def _seek(self, amount):
        """What comes of so much of this KPI, by the conversion of the company.

        :return: list of (goal, amount), the result last
        """
        chain = self._get_chain()
        ratios = []
        for goal in chain[:-1]:
            ratio = goal._get_ratios([(None, None)]).get((None, None))
            if not ratio:
                return []
            ratios.append(ratio.value)
        return list(zip(chain[1:], funnel.chain_back(amount, ratios), strict=True))

    def action_take(self):
        """Make what would come the goal that this one works for."""
        self.ensure_one()
        steps = self._seek(exact(self.seek_amount))
        if not steps:
            raise UserError(
                self.env._("Enter in “What would come of” how much there would be of “%(kpi)s”.", kpi=self.kpi_id.name)
            )
        goal, amount = steps[-1]
        goal.write({"goal_by": AMOUNT, "given_amount": round(float(amount) / goal.rounding) * goal.rounding})
        return goal.get_formview_action()

    # -- in words -----------------------------------------------------------------------------------------------------

    def _show_effect(self, worked_out):
        chain = self._get_chain()
        if len(chain) < 2:
            return super()._show_effect(worked_out)
        steps = [Markup("<b>%s %s</b>") % (chain[-1].kpi_id.name, self._tell_amount(chain[-1].amount))]
        for goal in list(chain)[-2::-1]:
            steps.append(
                Markup("<b>%s %s</b> (%s)") % (goal.kpi_id.name, self._tell_amount(goal.amount), goal._tell_ratio())
            )
        return Markup("<p>%s</p>") % Markup(" → ").join(steps) + super()._show_effect(worked_out)

    def _tell_ratio(self):
        """How much of this KPI was needed for one of that it works for, in the whole company."""
        ratio = self._get_ratios([(None, None)]).get((None, None))
        return self._tell_ratio_of(ratio.value if ratio else None)

    def _tell_no_conversion(self):
        """Why nothing is needed."""
        return self.env._(
            "In the last twelve months nobody had both “%(kpi)s” and “%(of)s”, so no conversion is known, or that goal "
            "is 0. Compute the facts of both, or enter an amount.",
            kpi=self.kpi_id.name,
            of=self.from_kpi_id.name,
        )

    def _tell_ratio_of(self, value):
        if not value:
            return self.env._("no conversion known")
        if value >= 1:
            return self.env._("%(count)s for each", count=formatLang(self.env, float(value), digits=2))
        return self.env._("one for %(count)s", count=formatLang(self.env, float(1 / value), digits=1))


def _sum_of(places, head):
    """The facts of all who were in a group."""
    return sum((amount for (_person, of, _month), amount in places.items() if of == head), Decimal(0))
