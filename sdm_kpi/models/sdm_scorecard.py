from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import format_amount, formatLang

from odoo.addons.sdm_segmentation.engine.calendar import count_working_days

from ..engine import facts, periods
from ..engine.plan.forecast import Sales, add_up, drivers_of_gap, round_parts, seasonal
from ..engine.plan.pace import band_of, pace_of, weighted_index
from .sdm_kpi_judging import BANDS
from .sdm_my_plan import MEASURES, by_name, exact

# bounds of the colours of the index: in the running month, and in one that is over
INDEX_BOUNDS = {True: (0.9, 1), False: (0.8, 1)}
HISTORY_YEARS = 3
# how many months a period has
MONTH = "month"
LENGTHS = {MONTH: 1, "quarter": 3, "year": 12}
FACTOR_DIGITS = {"customers": 1, "orders": 2, "amount": 0}


class SdmScorecard(models.AbstractModel):
    """A group beside its plan: people and KPI with colours and an index, forecasts, and what makes the difference.

    All numbers are those of the report, by the rights of who looks. The number of queries depends on nothing that
    grows.
    """

    _name = "sdm.scorecard"
    _description = "Scorecard"

    # -- what the browser asks for ------------------------------------------------------------------------------------

    @api.model
    @api.readonly
    def get_scorecard(self, month=None, head_id=None):
        """The people of a group by KPI.

        :param month: any day of it; None: the running one
        :param head_id: employee whose group it is; None: the own one, for director and auditor the whole company
        :return: dict with ``month``, ``heads`` to choose from, ``head``, ``kpis`` (the columns), ``rows`` (people),
            ``own`` (the head's own plan), ``nobody`` (what is credited to no person), ``total``,
            ``status`` (how fresh and complete the facts are)
        :raise AccessError: the group is not led by who asks
        """
        group = self._get_group(month, head_id)
        Report = self.env["sdm.kpi.report"]._with_passed()
        measures = [f"{name}:sum" for name in MEASURES]
        month_domain = Domain("date", "=", group["month"])
        of_people = Report._read_group(
            month_domain & group["people"], ["employee_id", "kpi_id"], measures, order="employee_id"
        )
        totals = {
            kpi: by_name(found)
            for kpi, *found in Report._read_group(month_domain & group["total"], ["kpi_id"], measures)
        }
        cells = {}
        for employee, kpi, *found in of_people:
            cells.setdefault(employee.id, {})[kpi] = by_name(found)
        kpis = self._get_columns(totals, cells)
        names = {card.id: card.name for card in self.env["hr.employee"].sudo().browse([key for key in cells if key])}
        own = group["head"].id if group["head"] else None
        rows = [
            self._describe_row(key, names[key], found, kpis, group)
            for key, found in cells.items()
            if key and key != own and any(kpi in found for kpi in kpis)
        ]
        return {
            "month": self.env["sdm.my.plan"]._describe_month(group["month"]),
            "is_running": group["is_running"],
            "heads": [{"id": head.id, "name": head.name} for head in group["heads"]],
            "head": group["head"].id,
            "may_see_all": group["may_see_all"],
            "kpis": [{"id": kpi.id, "code": kpi.code, "name": kpi.display_name, "weight": kpi.weight} for kpi in kpis],
            "rows": sorted(rows, key=lambda row: (row["index"] is None, -(row["index"] or 0), row["name"])),
            "own": self._describe_row(own, names[own], cells[own], kpis, group) if own in cells else False,
            "nobody": self._describe_row(False, self.env._("Without a person"), cells[False], kpis, group)
            if False in cells
            else False,
            "total": self._describe_row(False, self.env._("All together"), totals, kpis, group),
            "status": self.env["sdm.period"]._describe_status(self.env["sdm.perimeter"]._get_default(), group["month"]),
        }

    @api.model
    @api.readonly
    def get_outlook(self, month=None, head_id=None, period=MONTH):
        """Where a period of a group ends, by several ways to tell, and what makes the difference to the plan of the
        month.

        :param month: any day of it; None: the running one; :param head_id: as for ``get_scorecard``
        :param period: ``month``, or the ``quarter`` or ``year`` that it lies in
        :return: dict ``forecasts`` (a row for each KPI that is added up and has a plan) and ``drivers`` (of revenue),
            None where there is nothing to compare with; ``left_out`` (text) of deals that should be closed by now
        """
        group = self._get_group(month, head_id)
        totals = self._read_totals(group, [group["month"]])
        months = self._get_months(group["month"], period)
        of_period = totals if period == MONTH else self._read_totals(group, months)
        return {
            "period": period,
            "forecasts": self._describe_forecasts(group, months, of_period),
            "drivers": self._describe_drivers(group, totals),
            "left_out": self._tell_left_out(group) if group["is_running"] else "",
        }

    @api.model
    def open_facts(self, kpi_id, month, head_id=None):
        """Plan and fact of a KPI in the group, by person.

        :return: action
        """
        group = self._get_group(month, head_id)
        kpi = self.env["sdm.kpi"].browse(kpi_id)
        action = self.env["ir.actions.act_window"]._for_xml_id("sdm_kpi.sdm_kpi_report_action_plan")
        action["name"] = action["display_name"] = kpi.name
        action["domain"] = list(group["total"] & Domain("kpi_id", "=", kpi.id) & Domain("date", "=", group["month"]))
        action["context"] = {"pivot_row_groupby": ["employee_id"]}
        return action

    @api.model
    def open_snapshots(self, kpi_id, month, head_id=None):
        """What was forecast of a KPI in the group day by day.

        :return: action
        """
        group = self._get_group(month, head_id)
        kpi = self.env["sdm.kpi"].browse(kpi_id)
        action = self.env["ir.actions.act_window"]._for_xml_id("sdm_kpi.sdm_kpi_forecast_snapshot_action")
        action["name"] = action["display_name"] = self.env._("%(kpi)s: forecasts by day", kpi=kpi.name)
        people = Domain("employee_id", "!=", False)
        if group["head"]:
            people = group["people"] & Domain("employee_id", "!=", group["head"].id)
        expected = Domain("employee_id", "=", False) & Domain("head_id", "=", group["head"].id)
        action["domain"] = list(
            (people | expected) & Domain("kpi_id", "=", kpi.id) & Domain("date", "=", group["month"])
        )
        return action

    # -- the group ----------------------------------------------------------------------------------------------------

    @api.model
    def _get_group(self, month, head_id):
        """Whose numbers they are.

        :return: dict ``month``, ``is_running``, ``heads`` and ``head`` (hr.employee with all rights), ``may_see_all``,
            ``people`` and ``total``: domains of what is shown by person and of what is added up; a head's own plan is
            in the first one only
        :raise AccessError: not for who asks
        """
        today = fields.Date.context_today(self)
        month = periods.month_of(fields.Date.to_date(month) or today)
        user = self.env.user
        may_see_all = user.has_group("sdm_segmentation.group_sdm_director") or user.has_group(
            "sdm_segmentation.group_sdm_auditor"
        )
        if not may_see_all and not user.has_group("sdm_segmentation.group_sdm_manager"):
            raise AccessError(self.env._("A scorecard is for heads, the director and the auditor."))
        heads = self._get_heads(month, may_see_all)
        mine = heads.filtered(lambda card: card.user_id == user)[:1]
        head = heads.filtered(lambda card: card.id == head_id) if head_id else heads.browse()
        if head_id and not head:
            raise AccessError(self.env._("You see your own group and those below it."))
        if not head and not may_see_all:
            head = mine or heads[:1]
        everyone = Domain.TRUE
        group = {
            "month": month,
            "is_running": month == periods.month_of(today),
            "today": today,
            "heads": mine | (heads - mine).sorted("name"),
            "head": head,
            "may_see_all": may_see_all,
            "people": everyone,
            "total": everyone,
            "members": None,
        }
        if head or not may_see_all:
            day = min(periods.end_of(month), today)
            members = self.env["sdm.position"].sudo()._get_subtree(head, day)
            group["people"] = Domain("employee_id", "in", members.ids)
            group["total"] = self._get_domain_of_group(head, day, members)
        return group

    @api.model
    def _get_domain_of_group(self, head, day, members=None):
        """What is added up of a group: its people without the head, and what is of nobody in it.

        :param head: hr.employee, none: the whole company; :param day: on which it was the group
        :param members: as the structure tells them on that day, where they are known
        """
        if not head and members is None:
            return Domain.TRUE
        members = self.env["sdm.position"].sudo()._get_subtree(head, day) if members is None else members
        of_groups = Domain("employee_id", "=", False) & Domain("head_id", "in", members.ids)
        return Domain("employee_id", "in", (members - head).ids) | of_groups

    @api.model
    def _get_heads(self, month, may_see_all):
        """Those who have a group in the month, of whom the reader may see it."""
        domain = Domain("date_from", "<=", periods.end_of(month)) & Domain("head_id", "!=", False)
        domain &= Domain("date_to", "=", False) | Domain("date_to", ">=", month)
        if not may_see_all:
            domain &= Domain("head_id.user_id.is_sdm_led", "=", True)
        else:
            domain &= Domain("company_id", "in", self.env.companies.ids)
        rows = self.env["sdm.position"].with_user(self.env.user).sudo()._read_group(domain, ["head_id"])
        return self.env["hr.employee"].sudo().union(*(head for (head,) in rows))

    @api.model
    def _get_columns(self, totals, cells):
        """KPI with a target, of the group or of anybody; where there are none, all with facts."""
        found = [totals, *cells.values()]
        planned = {kpi for row in found for kpi, cell in row.items() if cell["target"] is not None}
        shown = planned or {kpi for row in found for kpi in row}
        return sorted(shown, key=lambda kpi: (kpi.sequence, kpi.id))

    # -- people and KPI -----------------------------------------------------------------------------------------------

    @api.model
    def _describe_row(self, key, name, found, kpis, group):
        """A person, or all together.

        :param key: employee id; :param found: {sdm.kpi: dict of the measures}
        :return: dict ``id``, ``name``, ``index``, ``band``, ``text`` and ``cells`` {kpi id: dict}
        """
        cells = {kpi.id: self._describe_cell(kpi, found[kpi], group) for kpi in kpis if kpi in found}
        index = weighted_index(
            [kpi._prepare_engine_weighted(cells[kpi.id]["judged"]) for kpi in kpis if kpi.id in cells]
        )
        band = band_of(index, [Decimal(str(bound)) for bound in INDEX_BOUNDS[group["is_running"]]])
        index = None if index is None else float(index)
        return {
            "id": key,
            "name": name,
            "index": index,
            "band": None if band is None else BANDS[band],
            "text": self.env["sdm.my.plan"]._tell_share(index),
            "cells": cells,
        }

    @api.model
    def _describe_cell(self, kpi, found, group):
        tell = self.env["sdm.my.plan"]
        judged = found["pace"] if group["is_running"] else found["attainment"]
        return {
            **found,
            "judged": judged,
            "band": kpi._get_band(judged, group["is_running"]),
            "text": tell._tell(kpi, found["value"]),
            "target_text": tell._tell(kpi, found["target"]),
            "share_text": tell._tell_share(judged),
        }

    # -- where it ends ------------------------------------------------------------------------------------------------

    @api.model
    def _get_months(self, month, period):
        """The months of the period that a month lies in."""
        length = LENGTHS[period]
        first = month.replace(month=(month.month - 1) // length * length + 1)
        return [periods.add_months(first, count) for count in range(length)]

    @api.model
    def _read_totals(self, group, months):
        Report = self.env["sdm.kpi.report"]._with_passed()
        domain = group["total"] & Domain("date", ">=", months[0]) & Domain("date", "<=", months[-1])
        rows = Report._read_group(domain, ["kpi_id"], [f"{name}:sum" for name in MEASURES])
        return {kpi: by_name(found) for kpi, *found in rows}

    @api.model
    def _describe_forecasts(self, group, months, totals):
        """For each KPI that is added up the fact, the plan, and where it ends by each way; None where unknown.

        :param months: of the period; :param totals: {sdm.kpi: dict of the measures} of the period
        """
        kpis = [kpi for kpi in totals if kpi.semantics == facts.FLOW and (totals[kpi]["target"] or 0) > 0]
        kpis.sort(key=lambda kpi: (kpi.sequence, kpi.id))
        if not kpis:
            return []
        running = periods.month_of(group["today"])
        is_running = running in months
        # the first month that is not over; of what is over itself all is told as it could be told before
        base = months[0] if months[-1] < running else running
        passed, whole = self._count_days(months, group["today"])
        history = self._read_histories(group["total"], [kpi.id for kpi in kpis], base)
        entered = self._read_entered(group, kpis, months)
        pipeline = self._read_pipelines(group["total"], group["today"], months[-1])[()] if is_running else None
        rows = []
        for kpi in kpis:
            found = totals[kpi]
            before = history.get((kpi.id,), {})
            known = {month: before.get(month, Decimal(0)) for month in months if month < base}
            coming = seasonal(before, base, [month for month in months if month >= base])
            expected = entered.get(kpi, {})
            ways = {
                "run_rate": pace_of(exact(found["target"]), exact(found["value"]), passed, whole).landing
                if is_running
                else None,
                "seasonal": None if coming is None else Fraction(sum(known.values(), Decimal(0))) + coming,
                "pipeline": (found["value"] or 0) + pipeline
                if pipeline is not None and kpi._counts_won_amount()
                else None,
                "commit": add_up(months, known, {month: exact(one.commit) for month, one in expected.items()}),
                "best": add_up(months, known, {month: exact(one.best) for month, one in expected.items()}),
            }
            tell = self.env["sdm.my.plan"]
            rows.append(
                {
                    "id": kpi.id,
                    "code": kpi.code,
                    "name": kpi.display_name,
                    "value": tell._tell(kpi, found["value"]),
                    "target": tell._tell(kpi, found["target"]),
                    "ways": {
                        way: None
                        if amount is None
                        else {
                            "value": float(amount),
                            "text": tell._tell(kpi, float(amount)),
                            "gap": self._tell_gap(kpi, float(amount) - found["target"]),
                            "band": kpi._get_band(float(amount) / found["target"], False)
                            if kpi.direction == "up"
                            else kpi._get_band(2 - float(amount) / found["target"], False),
                        }
                        for way, amount in ways.items()
                    },
                }
            )
        return rows

    def _tell_gap(self, kpi, gap):
        text = self.env["sdm.my.plan"]._tell(kpi, gap)
        return f"+{text}" if gap > 0 else text

    @api.model
    def _count_days(self, months, today):
        """Working days of the company in months: (those that are over, all)."""
        calendar = self.env["sdm.calendar.day"]._get_production_calendar(
            company=self.env["sdm.perimeter"]._get_default()._get_main_company()
        )
        last = periods.end_of(months[-1])
        whole = count_working_days(calendar, months[0], last)
        begin = max(months[0], today)
        return whole - (count_working_days(calendar, begin, last) if begin <= last else 0), whole

    @api.model
    def _read_histories(self, domain, kpi_ids, month, *groupby):
        """Facts by month, those without any are 0 since the first one.

        :param month: those before it; :param groupby: fields before the KPI
        :return: {(ids.., kpi id): {month: amount}}
        """
        first = month.replace(year=month.year - HISTORY_YEARS, month=1)
        domain &= Domain("date", ">=", first) & Domain("date", "<", month)
        domain &= Domain("kpi_id", "in", kpi_ids) & Domain("is_target", "=", False)
        found = {}
        for *keys, known, value in self.env["sdm.kpi.report"]._read_group(
            domain, [*groupby, "kpi_id", "date:month"], ["value:sum"], order="date:month"
        ):
            months = found.setdefault(tuple(key.id for key in keys), {})
            start = known if not months else min(months)
            months.update(dict.fromkeys(periods.months_between(start, known), Decimal(0)) | months)
            months[known] = exact(value)
        return found

    @api.model
    def _read_pipelines(self, domain, today, last, *groupby):
        """Open deals that are expected to close by the end of a month, by their probability.

        :param last: the month; :param groupby: fields; :return: {(ids..): amount}
        """
        month = fields.Date.to_string(periods.month_of(today))
        Entry = self.env["sdm.kpi.entry"].with_context(sdm_source="open", sdm_first=month, sdm_last=month)
        domain &= Domain("lead_id.date_deadline", ">=", today)
        domain &= Domain("lead_id.date_deadline", "<=", periods.end_of(last))
        rows = Entry._read_group(domain, groupby, ["weighted:sum"])
        return {tuple(key.id for key in keys): float(amount or 0) for *keys, amount in rows}

    @api.model
    def _tell_left_out(self, group):
        """That open deals whose day of closing is past are in no forecast, and what they come to; else nothing."""
        month = fields.Date.to_string(group["month"])
        Entry = self.env["sdm.kpi.entry"].with_context(sdm_source="open", sdm_first=month, sdm_last=month)
        overdue = group["total"] & Domain("lead_id.date_deadline", "<", group["today"])
        [(count, amount)] = Entry._read_group(overdue, [], ["documents:sum", "weighted:sum"])
        if not count:
            return ""
        return self.env._(
            "Open deals that should have been closed before today, which “With open deals” leaves out: %(count)s, by "
            "probability %(amount)s. Give them a new date, or close them.",
            count=formatLang(self.env, count, digits=0),
            amount=format_amount(self.env, amount, self.env["sdm.perimeter"]._get_default().currency_id),
        )

    @api.model
    def _read_entered(self, group, kpis, months):
        """What the head expects: {sdm.kpi: {month: sdm.kpi.forecast}}."""
        found = self.env["sdm.kpi.forecast"].search(
            Domain("perimeter_id", "=", self.env["sdm.perimeter"]._get_default().id)
            & Domain("date", "in", months)
            & Domain("head_id", "=", group["head"].id)
            & Domain("kpi_id", "in", [kpi.id for kpi in kpis])
        )
        return {kpi: {one.date: one for one in forecasts} for kpi, forecasts in found.grouped("kpi_id").items()}

    # -- why ----------------------------------------------------------------------------------------------------------

    @api.model
    def _describe_drivers(self, group, totals):
        """What the gap of revenue is made of: customers, their documents, the amount of one, corrections.

        The parts shown add up to the gap shown, and that is the fact shown less the plan shown.

        :return: dict ``fact``, ``target``, ``gap`` (texts) and ``parts``, or None
        """
        revenue = (
            self.env["sdm.kpi"]
            .sudo()
            .search(
                [
                    ("source", "=", "revenue"),
                    ("measure", "=", "amount"),
                    ("kind", "=", "measure"),
                    ("is_on", "=", True),
                ],
                limit=1,
            )
        )
        found = totals.get(revenue.sudo(False))
        if not found or found["target"] is None:
            return None
        customers = next(
            (
                cell["target"]
                for kpi, cell in totals.items()
                if kpi._get_source() == "revenue" and kpi._get_measure() == "customers"
            ),
            None,
        )
        due = found["target_to_date"] if group["is_running"] else found["target"]
        if not due:
            return None
        share = due / found["target"]
        corrections = self._read_corrections(group, revenue)
        # what was sold is what facts say, though a document may have come since
        sold = exact(found["value"]) - corrections
        actual = replace(self._read_sales(group, revenue, group["month"]), amount=sold)
        before = self._read_sales(group, revenue, group["month"].replace(year=group["month"].year - 1))
        drivers = drivers_of_gap(
            exact(due), actual, before, exact(customers * share) if customers else None, corrections
        )
        if drivers is None:
            return None
        tell = self.env["sdm.my.plan"]
        gap = round(exact(found["value"])) - round(exact(due))
        parts = round_parts({driver.name: driver.part for driver in drivers}, gap)
        return {
            "gap": self._tell_gap(revenue, gap),
            "fact": tell._tell(revenue, found["value"] or 0),
            "target": tell._tell(revenue, due),
            "parts": [
                {
                    "name": driver.name,
                    "actual": self._tell_factor(driver.name, driver.actual),
                    "needed": self._tell_factor(driver.name, driver.needed),
                    "value": parts[driver.name],
                    "part": self._tell_gap(revenue, parts[driver.name]),
                }
                for driver in drivers
            ],
        }

    def _tell_factor(self, name, value):
        return "" if value is None else formatLang(self.env, float(value), digits=FACTOR_DIGITS[name])

    @api.model
    def _read_corrections(self, group, revenue):
        """What counts in the month by decision and belongs to closed ones, as Decimal."""
        domain = group["total"] & Domain("date", "=", group["month"]) & Domain("kpi_id", "=", revenue.id)
        domain &= Domain("restatement_id", "!=", False)
        [(amount,)] = self.env["sdm.kpi.report"]._read_group(domain, [], ["value:sum"])
        return exact(amount)

    @api.model
    def _read_sales(self, group, revenue, month):
        """What the group sold in a month, without corrections.

        :param revenue: the KPI
        :return: engine Sales
        """
        first = fields.Date.to_string(month)
        Entry = self.env["sdm.kpi.entry"].with_context(sdm_source="revenue", sdm_first=first, sdm_last=first)
        [(customers, orders, amount)] = Entry._read_group(
            group["total"] & revenue._parse_filter(), [], ["partner_id:count_distinct", "documents:sum", "amount:sum"]
        )
        return Sales(customers or 0, exact(orders), exact(amount))
