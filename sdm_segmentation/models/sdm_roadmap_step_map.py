from odoo import api, fields, models
from odoo.tools import format_date

from ..engine import decision_map as engine
from ..engine import roadmap
from .res_partner_groups import READERS

# How a step that is not decided segment by segment shows on the map
STATES = {
    roadmap.DECIDED: engine.DECIDED,
    roadmap.REVIEW: engine.OUT_OF_DATE,
    roadmap.CONTRADICTS: engine.CONTRADICTS,
}


class SdmRoadmapStep(models.Model):
    """The decision map: each segment in each step of the roadmap."""

    _inherit = "sdm.roadmap.step"

    @api.model
    @api.readonly
    def get_decision_map(self):
        """What is decided for each segment, what is missing, and where decisions do not fit together.

        :return: dict with ``columns`` (the steps in order), ``rows`` (the segments, each with a cell for each step that
            is decided segment by segment) and ``counts`` of the states
        """
        self.check_access("read")
        today = fields.Date.context_today(self)
        steps = self._get_all()
        segments = self.env["sdm.strategy"].sudo()._get_counted_segments().sorted()
        found = {step: step._ask_about(segments) for step in steps}
        by_segment = steps.filtered(found.get)
        statuses = (steps - by_segment)._get_statuses()
        places = {place.code: place for place in roadmap.arrange(steps._prepare_engine_steps(statuses), today)}
        steps = steps.sorted(lambda step: places[step.id].position)
        cells = engine.judge(
            [engine.Link(step.id, tuple(step.requires_ids.ids)) for step in by_segment],
            segments.ids,
            {
                (segment.id, step.id): decision.decision
                for step in by_segment
                for segment, decision in found[step].items()
            },
            today,
        )
        actions = {step: step._prepare_record_actions(found[step]) for step in by_segment}
        columns = [
            step._prepare_column(step not in by_segment, places[step.id].state, statuses.get(step.id)) for step in steps
        ]
        counts = engine.count(
            [*cells.values(), *(engine.Cell(column["state"]) for column in columns if column["wide"])]
        )
        labels = self._get_map_labels()
        return {
            "columns": columns,
            "rows": [
                {
                    "id": segment.id,
                    "name": segment.name,
                    "color": segment.color,
                    "cells": {
                        step.id: step._prepare_cell(
                            found[step][segment], cells[segment.id, step.id], actions[step][segment]
                        )
                        for step in by_segment
                    },
                }
                for segment in segments
            ],
            "counts": [{"state": state, "label": labels[state], "count": counts[state]} for state in engine.STATES],
        }

    def _ask_about(self, segments):
        """What the tool of the step says of each segment, None where there is no tool or it is not asked by segment."""
        tool = self._get_tool() if segments else None
        return tool._get_segment_decisions(self, segments) if tool is not None else None

    @api.model
    def _get_map_labels(self):
        return {
            engine.DECIDED: self.env._("Decided"),
            engine.OUT_OF_DATE: self.env._("Out of date"),
            engine.CONTRADICTS: self.env._("Contradicts"),
            engine.MISSING: self.env._("Missing"),
        }

    def _prepare_column(self, wide, state, status):
        """A step as a column; where it is not decided segment by segment, with how it stands as a whole.

        :param wide: whether it has one cell for all segments
        :param state: as the roadmap tells it; :param status: engine Status of its tool, None without
        """
        state = STATES.get(state, engine.MISSING)
        return {
            "id": self.id,
            "name": self.name,
            "wide": wide,
            "is_missing": bool(self.res_model) and self._get_tool() is None,
            "state": state,
            "label": self._get_map_labels()[state],
            "text": self._tell_status(status) or "",
            "action": self._prepare_action(),
        }

    def _prepare_record_actions(self, found):
        """The way from each segment to what is decided for it, or to a new record, for the person who asks.

        :param found: dict {segment: SegmentDecision}
        :return: dict {segment: action, False where there is nothing that the person may open}
        """
        records = next(iter(found.values())).record.union(*(each.record for each in found.values()))
        records = records.with_env(self.env(su=False))
        # HR reads what is decided; the forms count customers, which are not for HR to see
        if not self.env.user.has_groups(READERS):
            return dict.fromkeys(found, False)
        readable, may_create = records._filtered_access("read"), records.browse().has_access("create")
        base = {"type": "ir.actions.act_window", "name": self.name, "res_model": records._name}
        actions = {}
        for segment, each in found.items():
            actions[segment] = False
            if each.record.id in readable._ids:
                actions[segment] = {**base, "res_id": each.record.id, "views": [(False, "form")]}
            elif not each.record and each.defaults is not None and may_create:
                context = {f"default_{name}": value for name, value in each.defaults.items()}
                actions[segment] = {**base, "context": context, "views": [(False, "form")]}
        return actions

    def _prepare_cell(self, found, cell, action):
        """A cell in words.

        :param found: SegmentDecision; :param cell: engine Cell; :param action: opens it, or False
        """
        is_draft = cell.state == engine.MISSING and bool(found.record)
        return {
            "state": cell.state,
            "label": self.env._("Draft") if is_draft else self._get_map_labels()[cell.state],
            "text": found.text,
            "since": format_date(self.env, found.decision.since) if found.decision.since else "",
            "why": [self._tell_map_reason(reason, found.decision) for reason in cell.reasons],
            "action": action,
        }

    def _tell_map_reason(self, reason, decision):
        if reason.kind == engine.SAYS_OTHERWISE:
            return decision.conflict
        name = self.browse(reason.link).name
        if reason.kind == engine.RESTS_ON_NOTHING:
            return self.env._("It rests on “%(step)s”, and that is not decided here.", step=name)
        day = format_date(self.env, reason.day)
        if reason.kind == engine.CHANGED_SINCE:
            return self.env._("“%(step)s” was decided anew on %(day)s. Does this still fit?", step=name, day=day)
        return self.env._("Its review is due since %s.", day)
