from odoo import api, fields, models
from odoo.tools import format_date, format_list

from ..engine import roadmap

NEWS_DAYS = 30
NAMED = 3


class SdmRoadmapStep(models.Model):
    """What to do next: the advice of the engine in words, with the screens behind it."""

    _inherit = "sdm.roadmap.step"

    @api.model
    def get_next_steps(self):
        """What the top of the roadmap tells the user to do next.

        The director and the auditor hear of the whole roadmap; everybody else of the own steps and of what was decided
        lately.

        :return: dict with ``text`` (what to do), ``why``, ``button`` and ``action`` (False where there is nothing to
            do) and ``also``: list of dicts with ``kind``, ``text`` and ``action``
        """
        self.check_access("read")
        user = self.env.user
        whole = any(user.has_group(f"sdm_segmentation.group_sdm_{name}") for name in ("director", "auditor"))
        everything = self._get_all()
        advice = roadmap.next_steps(
            everything._prepare_engine_steps(everything._get_statuses()),
            fields.Date.context_today(self),
            owner=None if whole else user.id,
            wanted=self.env["sdm.diagnosis"]._get_latest().start_step_id.id,
            news_days=0 if whole else NEWS_DAYS,
        )
        # overdue and ownerless steps are a list to work through; anything else can be the one thing to do
        first = next((each for each in advice if each.kind not in (roadmap.LATE, roadmap.NO_OWNER)), None)
        also = [each for each in advice if each is not first or len(each.codes) > 1]
        unread = everything.filtered("decided")._get_unread(user)
        if unread and (not first or first.kind == roadmap.NEWS):
            told, rest = self._tell_unread(unread[0]), unread[1:]
        else:
            told, rest = self._tell_first(first) if first else self._tell_nothing(whole), unread
        return {
            **told,
            "also": self._tell_unread_list(rest)
            + [self._tell_list(each) for each in also]
            + self._offer_template(everything),
        }

    def _tell_unread(self, row):
        """A decision that the user was told of and has not confirmed yet, as the one thing to do."""
        step = self.browse(row.res_id)
        day = fields.Datetime.context_timestamp(self, row.date_announced).date()
        return {
            "text": self.env._("Read and confirm: %s", step.name),
            "why": self.env._(
                "%(person)s announced it on %(date)s.", person=row.announced_by_id.name, date=format_date(self.env, day)
            ),
            "button": self.env._("Read the decision"),
            "action": step._prepare_action(),
        }

    def _tell_unread_list(self, rows):
        """Decisions that the user has not confirmed yet, as a number that opens them."""
        if not rows:
            return []
        text = self.env._("To read and confirm: %s", len(rows))
        return [{"kind": "unread", "text": text, "action": self.browse(rows.mapped("res_id"))._prepare_action(text)}]

    def _offer_template(self, steps):
        """The order for a kind of business, until one is chosen or the first decision is taken."""
        if any(step.decided or step.reason for step in steps):
            return []
        if not self.env.user.has_group("sdm_segmentation.group_sdm_director"):
            return []
        text = self.env._("Choose the order for your kind of business")
        action = {
            "type": "ir.actions.act_window",
            "name": text,
            "res_model": "sdm.roadmap.template.apply",
            "views": [(False, "form")],
            "target": "new",
        }
        return [{"kind": "template", "text": text, "action": action}]

    def _tell_nothing(self, whole):
        if whole:
            text = self.env._("Every decision is taken, and none is due for a review.")
        else:
            text = self.env._("Nothing is waiting for you, and nothing was decided in the last %s days.", NEWS_DAYS)
        return {"text": text, "why": False, "button": False, "action": False}

    def _tell_first(self, advice):
        """The first step of an advice as the one thing to do."""
        step = self.browse(advice.codes[0])
        button = self.env._("Open the step")
        if advice.kind == roadmap.DECIDE:
            text, why = self.env._("Decide next: %s", step.name), self._tell_reason(advice)
        elif advice.kind == roadmap.WAIT:
            text = self.env._("Your step “%s” waits for others", step.name)
            why = self.env._("Before it: %s.", self._tell_names(advice.because))
        elif advice.kind == roadmap.CONTRADICTS:
            text, why = self.env._("Carry out what is decided: %s", step.name), step.check_text
        elif advice.kind == roadmap.REVIEW:
            text = self.env._("Review: %s", step.name)
            why = self.env._("Its review is due since %s.", format_date(self.env, step.date_review))
        else:
            text, button = self.env._("Read what is decided: %s", step.name), self.env._("Read the decision")
            why = self.env._("Decided on %s.", format_date(self.env, step.date_decided))
        return {"text": text, "why": why, "button": button, "action": step._prepare_action()}

    def _tell_reason(self, advice):
        """Why this decision comes next."""
        step, names = self.browse(advice.codes[0]), self._tell_names(advice.because)
        is_itself = step.id in advice.because
        if advice.reason == roadmap.HOLDS_LATE:
            if is_itself:
                return self.env._("It was due on %s.", format_date(self.env, step.date_due))
            return self.env._("Overdue and resting on it: %s.", names)
        if advice.reason == roadmap.HOLDS_WANTED:
            if is_itself:
                return self.env._("The latest diagnosis begins with it.")
            return self.env._("The latest diagnosis begins with %s, which rests on it.", names)
        if names:
            return self.env._("Nothing that it rests on is open, and these wait for it: %s.", names)
        return self.env._("Nothing that it rests on is open.")

    def _tell_list(self, advice):
        """All steps of an advice as a number that opens them."""
        count = len(advice.codes)
        text = {
            roadmap.LATE: self.env._("Overdue: %s", count),
            roadmap.CONTRADICTS: self.env._("Decided, not carried out: %s", count),
            roadmap.REVIEW: self.env._("To review: %s", count),
            roadmap.NO_OWNER: self.env._("Without owner: %s", count),
            roadmap.NEWS: self.env._("Decided lately: %s", count),
        }[advice.kind]
        return {"kind": advice.kind, "text": text, "action": self.browse(advice.codes)._prepare_action(text)}

    def _tell_names(self, codes):
        """Names of steps, the first of them."""
        names = [self.env._("“%s”", step.name) for step in self.browse(codes[:NAMED])]
        if len(codes) > NAMED:
            names.append(self.env._("%s more", len(codes) - NAMED))
        return format_list(self.env, names) if names else ""

    def _prepare_action(self, name=False):
        """Open these steps: the form of one, the list of several."""
        action = {"type": "ir.actions.act_window", "res_model": self._name, "name": name}
        if len(self) == 1:
            return {**action, "res_id": self.id, "views": [(False, "form")]}
        return {**action, "domain": [("id", "in", self.ids)], "views": [(False, "list"), (False, "form")]}
