"""What is planted in the demo company: the one table of what there is to find. The plan reads it, tests name it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from demo_company.days import add_months


@dataclass(frozen=True)
class Story:
    """Something planted.

    :param what: what happened or is so
    :param find: what a user should find
    :param people: whom it concerns (keys of cast.PEOPLE), in the order that `what` names them
    :param customers: names of the customers that it concerns
    :param months: when, in months before the anchor date
    :param day: on this day of that month; 0: the anchor's own day, or its month's last
    :param size: how much; `what` says of what
    """

    what: str
    find: str
    people: tuple[str, ...] = ()
    customers: tuple[str, ...] = ()
    months: int = 0
    day: int = 0
    size: float = 0

    def date(self, anchor: date) -> date:
        """When it happens or begins."""
        return add_months(anchor, -self.months, on=self.day or None)


STORIES = {
    # people and structure
    "transfer": Story(
        "Roman Egorov moves from Regions to Process Industry in the middle of a month",
        "two positions that meet on the 15th; deals before it count for Regions, later ones for Process Industry",
        people=("egorov",),
        months=4,
        day=15,
    ),
    "hand_over": Story(
        "Anna Morozova hands `size` customers over to Elena Sokolova, with their open deals",
        "ownership by date: earlier orders are Morozova's, later ones Sokolova's",
        people=("morozova", "sokolova"),
        months=7,
        day=1,
        size=12,
    ),
    "planned_hand_over": Story(
        "Olga Kuznetsova gives `size` customers to Daria Pavlova on the 15th of the month after next; both have agreed",
        "a hand-over that waits for its day and can still be called off",
        people=("kuznetsova", "pavlova"),
        months=-2,
        day=15,
        size=3,
    ),
    "departure": Story(
        "Artem Zhukov leaves; Yulia Fedorova takes over most of his customers",
        "an archived employee and user; ownership ends on his last day",
        people=("zhukov", "fedorova"),
        months=3,
        day=20,
    ),
    "orphans": Story(
        "`size` of Zhukov's customers and his open deals stay with him after he has left",
        "open deals of nobody",
        people=("zhukov",),
        months=3,
        day=20,
        size=9,
    ),
    "absence": Story(
        "Sergei Volkov is on leave from today on for `size` days; Elena Sokolova stands in",
        "his customers among hers on these days; other leaves are planned, some without a substitute yet",
        people=("volkov", "sokolova"),
        size=14,
    ),
    "novice_first": Story(
        "Nikita Frolov started two months ago with customers that his head had led",
        "a position that starts late, a small portfolio, few closed deals",
        people=("frolov", "gromov"),
        months=2,
        day=1,
    ),
    "novice_second": Story(
        "Daria Pavlova started in mid-month five months ago",
        "a novice who has begun to win",
        people=("pavlova", "zueva"),
        months=5,
        day=16,
    ),
    "novice_third": Story(
        "Ilya Sorokin started three months ago, has no job position and records little",
        "a seller without a job position",
        people=("sorokin", "klimov"),
        months=3,
        day=1,
    ),
    "selling_head": Story(
        "Natalia Zueva, head of Process Industry, sells to customers of her own",
        "own results of a head apart from the group's",
        people=("zueva",),
    ),
    "rolled_out": Story(
        "Pavel Gromov's group tried Sales Drive `months` months ago, Natalia Zueva's began a month later; both go on",
        "two roll-outs that are finished, which everybody has acknowledged",
        people=("gromov", "zueva"),
        months=6,
    ),
    "announced": Story(
        "What is decided on the structure was announced to all; Elena Sokolova and Oleg Tarasov have not read it",
        "the roadmap counts who has read it, and asks these two",
        people=("sokolova", "tarasov"),
    ),
    "not_rolled_out": Story(
        "Regions works with Odoo's own rights alone: Sales Drive is rolled out in the other two groups",
        "a roll-out proposes Regions and names who gets what",
        people=("klimov", "fedorova", "belyaev", "nikitina", "sorokin"),
    ),
    "sees_everything": Story(
        "Andrei Klimov, head of Regions, has Odoo's right to all documents",
        "the roll-out and the list of who has what name him as one who sees the deals of other groups",
        people=("klimov",),
    ),
    # how people work
    "star": Story(
        "Viktor Lebedev wins more, faster and at smaller discounts than anybody",
        "the best win rate; more revenue than anybody else in the last 12 months",
        people=("lebedev",),
    ),
    "busy_but_losing": Story(
        "Sergei Volkov has the most calls and meetings and wins few of his offers",
        "good activity, the poorest win rate of all experienced sellers",
        people=("volkov",),
    ),
    "undisciplined": Story(
        "Oleg Tarasov plans no next activities, leaves them overdue and gives no reasons for what he loses",
        "most of his open deals have no next activity, most planned ones are overdue",
        people=("tarasov",),
    ),
    "discounter": Story(
        "Maxim Denisov gives discounts of about `size` percent, others about 6",
        "average discount of one seller far above the others'",
        people=("denisov",),
        size=15,
    ),
    "slow": Story(
        "Tatiana Nikitina's deals take about twice as long as others'",
        "the slowest seller against the median",
        people=("nikitina",),
    ),
    "stalled": Story(
        "`size` open deals of Elena Sokolova have not moved for two months or more",
        "stalled deals, worth much, with one seller",
        people=("sokolova",),
        months=2,
        size=9,
    ),
    "entered_afterwards": Story(
        "Konstantin Belyaev enters every third deal on the day he wins it",
        "deals won as soon as they were entered",
        people=("belyaev",),
        size=0.35,
    ),
    "unlinked_orders": Story(
        "Oleg Tarasov does not link orders to the deals they come from",
        "won deals without an order",
        people=("tarasov",),
    ),
    # customers
    "big_customer": Story(
        "One customer brings more than a quarter of the revenue of Utilities",
        "dependence of a group on one customer",
        people=("morozova",),
        customers=("Severny Most JSC",),
        size=0.25,
    ),
    "seasonal": Story(
        "A heating company buys from May to September only",
        "no orders in winter though nothing is wrong",
        people=("sokolova",),
        customers=("Teply Klyuch LLC",),
    ),
    "shrinking": Story(
        "A customer orders less every month since `months` months",
        "revenue of the last six months at most half of that a year before",
        people=("sokolova",),
        customers=("Zarechny Porog JSC",),
        months=9,
    ),
    "silent": Story(
        "Large customers whom nobody has contacted, and who have not ordered, for about `months` months",
        "A customers silent for more than 90 days",
        people=("sokolova", "denisov", "fedorova", "tarasov"),
        customers=("Kamsky Rodnik JSC", "Yasny Prichal LLC", "Donskoy Kurgan JSC", "Polyarny Yar LLC"),
        months=4,
    ),
    "late_payer": Story(
        "A customer pays each invoice about `size` days after it is due",
        "overdue receivables with one customer",
        people=("kuznetsova",),
        customers=("Nizhny Bor JSC",),
        size=75,
    ),
    "prepaying": Story(
        "A customer pays before the invoice",
        "payments earlier than the invoices they are reconciled with",
        people=("fedorova",),
        customers=("Lugovoy Perekat LLC",),
    ),
    "paying_in_parts": Story(
        "A customer pays half of each invoice, the rest a month later",
        "partly paid invoices",
        people=("belyaev",),
        customers=("Stepnoy Khutor LLC",),
    ),
    "unallocated": Story(
        "`size` payments that nobody has matched with invoices",
        "money received that pays for nothing yet",
        size=6,
    ),
    "holdings": Story(
        "`size` holdings: a company with subsidiaries that buy, each with an own owner",
        "customers that belong together",
        size=6,
    ),
    "groups": Story(
        "`size` of the holdings are customer groups already",
        "the others are proposed, with the reason",
        size=4,
    ),
    "duplicates": Story(
        "`size` customers are entered twice",
        "customers that look like another",
        size=5,
    ),
    "stale_potentials": Story(
        "`size` potentials were entered `months` months ago",
        "they no longer count: the customer's own best year does",
        months=15,
        size=3,
    ),
    # decisions
    "open_decisions": Story(
        "Playbooks of the segments A and B are in force since `months` months, those of C are drafts, strategies too",
        "the roadmap says 2 of 3 and names C",
        months=5,
    ),
    "decided_anew": Story(
        "The strategy of segment B was decided `months` months ago, after its playbook",
        "the decision map says that the playbook of B is out of date, and why",
        months=2,
    ),
    "steps_under_way": Story(
        "Who came into segment A since then goes through three steps: a call, a meeting, a letter",
        "enrolments that are done, under way and paused",
        months=5,
    ),
    # plans
    "plan_changed": Story(
        "The plan of the year was changed in the middle of a month: from then on Viktor Lebedev is to sell `size` more",
        "two versions; the month of the change has an old and a new part by working days, and he sees both attainments",
        people=("lebedev",),
        months=2,
        day=16,
        size=0.2,
    ),
    "plan_committed": Story(
        "Utilities commit to the next plan: Sergei Volkov to `size` of his targets less, Oleg Tarasov to nothing yet",
        "the gap between targets and commitments, and who is silent",
        people=("volkov", "tarasov"),
        size=0.1,
    ),
    "plan_not_set": Story(
        "Ilya Sorokin has no targets in the next year's plan",
        "he is listed under what is not right in it",
        people=("sorokin",),
    ),
    "plan_mismatch": Story(
        "Pavel Gromov's group is to sell `size` roubles more in December of the next year than its sellers together",
        "a mismatch of the group's goal in one month",
        people=("gromov",),
        size=400_000,
    ),
    # closed months
    "closed_month": Story(
        "Marina Orlova closed the month before last on the 5th of the one after it, with all months before",
        "Months: who closed it and when; its facts stay as they were, whatever happens to its documents",
        people=("orlova",),
        months=2,
        day=1,
    ),
    "late_invoice": Story(
        "An invoice of the closed month was posted after it had been closed",
        "a difference that waits for a decision",
    ),
    "corrected_invoice": Story(
        "An invoice of the closed month was too high by `size`; it was corrected, and the month restated",
        "a decision with author and reason; revenue before and after it",
        size=0.1,
    ),
    "doubled_deal": Story(
        "A deal won in the closed month had been entered twice; the second one was deleted afterwards",
        "a deleted document among the differences, by its name and with what it counted",
    ),
    "control_totals": Story(
        "The accounting's totals of `size` months were uploaded; that of the closed month has the late invoice",
        "the other months are the same to the cent, this one differs by a document",
        size=3,
    ),
    "draft_invoice": Story(
        "`size` invoices of the month before are still drafts",
        "the month is over and marked as incomplete; what waits is listed when it is to be closed",
        months=1,
        size=2,
    ),
    # documents
    "integration": Story(
        "Every eighth invoice was written by the accounting system's user",
        "invoices whose salesperson is no seller",
        people=("exchange",),
        size=0.125,
    ),
    "cost_rise": Story(
        "The cost of seals rises by `size` of it `months` months ago, prices do not",
        "margin of a category falls while its revenue does not",
        months=5,
        day=1,
        size=0.22,
    ),
    "returns": Story(
        "Some goods come back: refunds of about `size` of all invoices",
        "refunds that lower a month's revenue",
        size=0.03,
    ),
}
