"""What the company has decided: texts of strategies, playbooks, stage criteria and of the roadmap."""

from __future__ import annotations

from dataclasses import dataclass, field

from demo_company.planted import STORIES


@dataclass(frozen=True)
class SegmentDecision:
    """Strategy and playbook of a segment.

    :param goal, channel: values of Odoo's fields
    :param leader: person who answers for the strategy
    :param targets: what is to be reached, by field
    :param template: of the playbook
    :param script: what to say
    :param is_open: both are drafts
    :param months: since how many months the strategy is in force
    """

    goal: str
    offer: str
    leader: str
    channel: str
    targets: dict[str, float]
    template: str
    script: str
    steps: tuple[tuple[str, str, int], ...] = field(default=())
    is_open: bool = False
    months: int = STORIES["open_decisions"].months


# activity type, summary, working days after the step before
WELCOME = (
    ("call", "Ask what they buy of our kind of goods, and where", 0),
    ("meeting", "Agree the plan of purchases for the year", 5),
    ("email", "Send the plan in writing, with the terms", 3),
)
SEGMENTS = {
    "A": SegmentDecision(
        goal="keep",
        offer="Nothing of theirs ever waits: stock planned for them, one person who answers, delivery in two days.",
        leader="orlova",
        channel="visit",
        targets={"target_growth": 10, "target_share": 70},
        template="first",
        script="What will you need in the next quarter, and what could stop your line? Who else decides about it?",
        steps=WELCOME,
    ),
    "B": SegmentDecision(
        goal="grow",
        offer="A second supplier who is never late: related goods in one order, better terms for regular ones.",
        leader="gromov",
        channel="phone",
        targets={"target_growth": 20, "target_customers": 90},
        template="second",
        script="What do you buy elsewhere that we have too? What would have to be better for you to try it here?",
        months=STORIES["decided_anew"].months,
    ),
    "C": SegmentDecision(
        goal="serve",
        offer="",
        leader="klimov",
        channel="online",
        targets={},
        template="third",
        script="Have you ordered in the online shop yet? May I show you how?",
        is_open=True,
    ),
}
# stage that is left, name, remedy, kind, detail, segments, whether it blocks
CRITERIA = (
    ("Qualified", "The day of the decision", "Ask when they decide and enter it.", "field", "date_deadline", "", False),
    ("Qualified", "A meeting was held", "Visit them, or meet by video.", "activity", "meeting", "A", False),
    ("Proposition", "A quotation was sent", "Make it from the deal: New Quotation.", "quotation", "", "", True),
)
# step: owner, days from the anchor until it is due, what was decided (months before the anchor)
ROADMAP = {
    "segmentation": ("orlova", -170, 6, "ABC by revenue tells how much time a customer gets; XYZ says what we stock."),
    "strategy": ("orlova", 20, 0, ""),
    "technology": ("gromov", 30, 0, ""),
    "plan": ("orlova", 45, 0, ""),
    "control": ("orlova", 75, 0, ""),
    "structure": ("belova", -60, 3, "Three groups by industry, each with a head who does not carry a full portfolio."),
    "staffing": ("belova", 90, 0, ""),
}
