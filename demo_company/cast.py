"""The people of the demo company and how they work."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Team:
    """A group of sellers; `industries` are those it serves (see catalogue.INDUSTRIES)."""

    name: str
    industries: str


@dataclass(frozen=True)
class Style:
    """How a seller works; 1 is as everybody.

    :param win_rate: share of closed deals that are won
    :param contacts: calls, mails and meetings
    :param cycle: length of deals
    :param discount: usual discount, percent
    :param portfolio: number of customers
    :param planned: share of open deals that have a next activity
    :param late: share of planned activities that are overdue
    :param unexplained: share of lost deals without a reason
    """

    win_rate: float = 0.42
    contacts: float = 1.0
    cycle: float = 1.0
    discount: int = 6
    portfolio: float = 1.0
    planned: float = 0.72
    late: float = 0.2
    unexplained: float = 0.15


@dataclass(frozen=True)
class Person:
    """Somebody of the company. Where and when they work is told by positions in the plan.

    :param login: with which they log in; persons with `password` have it as password, too
    :param groups: external ids of the groups of users
    :param style: of those who sell
    """

    key: str
    name: str
    job: str
    login: str
    groups: tuple[str, ...] = ()
    password: bool = False
    style: Style | None = None
    department: str = "Sales"
    is_employee: bool = True

    @property
    def groups_before(self) -> tuple[str, ...]:
        """What the person has without the roll-outs of Sales Drive."""
        return tuple(group for group in self.groups if group not in ROLLED_OUT)

    @property
    def email(self) -> str:
        """E-mail address, in the domain that is kept for examples."""
        return f"{self.login}@example.com"


SELLER, HEAD, DIRECTOR = "Sales manager", "Head of a sales group", "Sales director"
OWN_DOCUMENTS, ALL_DOCUMENTS = "sales_team.group_sale_salesman", "sales_team.group_sale_salesman_all_leads"
# What a roll-out gives, to sellers and to heads; the groups without one work with Odoo's rights alone
ROLLED_OUT = ("sdm_segmentation.group_sdm_user", "sdm_segmentation.group_sdm_manager")
_SELLER_GROUPS = (ROLLED_OUT[0], OWN_DOCUMENTS)
_HEAD_GROUPS = (ROLLED_OUT[1], OWN_DOCUMENTS)

TEAMS = {
    "utilities": Team("Utilities", "ED"),
    "process": Team("Process Industry", "CB"),
    "regions": Team("Regions", "IFA"),
}


def _seller(key: str, name: str, login: str = "", groups: tuple[str, ...] = _SELLER_GROUPS, **style: float) -> Person:
    login = login or name.lower().replace(" ", ".")
    return Person(key, name, SELLER, login, groups, login == "seller", Style(**style))  # type: ignore[arg-type]


# A head leads customers only until somebody is hired for them
_HELPING_OUT = Style(portfolio=0)


def _head(
    key: str, name: str, login: str = "", groups: tuple[str, ...] = _HEAD_GROUPS, style: Style = _HELPING_OUT
) -> Person:
    login = login or name.lower().replace(" ", ".")
    return Person(key, name, HEAD, login, groups, login == "head", style)


PEOPLE = {
    person.key: person
    for person in (
        Person(
            "orlova",
            "Marina Orlova",
            DIRECTOR,
            "director",
            ("sdm_segmentation.group_sdm_director", "sales_team.group_sale_manager"),
            True,
        ),
        _head("gromov", "Pavel Gromov", "head"),
        _head("zueva", "Natalia Zueva", style=Style(win_rate=0.5, portfolio=0.35)),
        _head("klimov", "Andrei Klimov", groups=(ALL_DOCUMENTS,)),
        # Utilities
        _seller("sokolova", "Elena Sokolova", "seller", win_rate=0.43, portfolio=0.5),
        _seller("volkov", "Sergei Volkov", win_rate=0.2, contacts=2.3),
        _seller("morozova", "Anna Morozova", win_rate=0.44, portfolio=1.1),
        _seller("tarasov", "Oleg Tarasov", win_rate=0.38, contacts=0.6, planned=0.15, late=0.8, unexplained=0.6),
        _seller("frolov", "Nikita Frolov", win_rate=0.35, contacts=1.1, portfolio=0.4),
        # Process Industry
        _seller("lebedev", "Viktor Lebedev", win_rate=0.6, contacts=1.2, cycle=0.8, discount=4, portfolio=1.5),
        _seller("kuznetsova", "Olga Kuznetsova", win_rate=0.41),
        _seller("denisov", "Maxim Denisov", win_rate=0.45, discount=15),
        _seller("egorov", "Roman Egorov", win_rate=0.4, portfolio=0.9),
        _seller("pavlova", "Daria Pavlova", win_rate=0.37, portfolio=0.4),
        # Regions
        _seller("fedorova", "Yulia Fedorova", groups=(OWN_DOCUMENTS,), win_rate=0.44, portfolio=1.1),
        _seller("belyaev", "Konstantin Belyaev", groups=(OWN_DOCUMENTS,), win_rate=0.4),
        _seller("nikitina", "Tatiana Nikitina", groups=(OWN_DOCUMENTS,), win_rate=0.4, cycle=1.9),
        _seller("sorokin", "Ilya Sorokin", groups=(OWN_DOCUMENTS,), win_rate=0.33, contacts=0.7, portfolio=0.4),
        _seller("zhukov", "Artem Zhukov", groups=(OWN_DOCUMENTS,), win_rate=0.36),
        Person(
            "belova",
            "Irina Belova",
            "HR and payroll specialist",
            "payroll",
            ("sdm_segmentation.group_sdm_payroll", "hr.group_hr_user"),
            True,
            department="Human Resources",
        ),
        Person(
            "kozlov",
            "Dmitry Kozlov",
            "Internal auditor",
            "auditor",
            ("sdm_segmentation.group_sdm_auditor",),
            True,
            department="Administration",
        ),
        # No person: the user by which the accounting system writes its documents
        Person("exchange", "Accounting Exchange", "", "exchange", ("base.group_user",), is_employee=False),
    )
}
# Who is where when the story begins, and whom the heads report to: person -> (team, head)
PLACES = {
    "orlova": ("", ""),
    "belova": ("", ""),
    "kozlov": ("", ""),
    "gromov": ("utilities", "orlova"),
    "zueva": ("process", "orlova"),
    "klimov": ("regions", "orlova"),
    **dict.fromkeys(("sokolova", "volkov", "morozova", "tarasov", "frolov"), ("utilities", "gromov")),
    **dict.fromkeys(("lebedev", "kuznetsova", "denisov", "pavlova"), ("process", "zueva")),
    **dict.fromkeys(("egorov", "fedorova", "belyaev", "nikitina", "sorokin", "zhukov"), ("regions", "klimov")),
}
HEADS = {"utilities": "gromov", "process": "zueva", "regions": "klimov"}
