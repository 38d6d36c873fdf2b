"""Exports to load in tests: one of the same shape as the real export, one of quite another shape.

What the loaded database must show is worked out from the CSV files here, by plain Python that shares nothing
with the loader.
"""

import csv
import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import mean

OFFICES = {"Ann Archer": "North", "Bo Berg": "North", "Cy Cole": "South"}
AGENTS = {
    f"{first} {last}": list(OFFICES)[n % 3]
    for n, (first, last) in enumerate(
        [("Dora", "Dean"), ("Eli", "East"), ("Fay", "O'Hara"), ("Gus", "Green"), ("Mei-Mei", "Johns"), ("Ida", "Ivory")]
    )
}
PRODUCTS = {"GTX Basic": ("GTX", 550), "GTX Pro": ("GTX", 4821), "MG Special": ("MG", 55)}
PLACES = ["United States", "Philipines", "Korea", "Brazil"]
SECTORS = ["technolgy", "medical", "retail"]


@dataclass(frozen=True)
class Deal:
    """A deal as both sides see it: `days` from engaging to closing, None where a date is missing."""

    agent: str
    manager: str
    office: str
    product: str
    status: str
    value: float
    days: int | None


def write_small(folder: Path, deals: int = 1200, seed: int = 7) -> Path:
    """Write an export of the same shape as the real one. The same seed gives the same export."""
    rng = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    # a subsidiary stands before its parent, in another country than it
    accounts = [["Zed & Sons", "retail", 1990, "12.5", 40, "Brazil", "Acme, Inc."]]
    accounts += [
        [
            name,
            rng.choice(SECTORS),
            rng.randint(1970, 2015),
            f"{rng.uniform(5, 9000):.2f}",
            rng.randint(5, 9000),
            rng.choice(PLACES),
            "",
        ]
        for name in ["Acme, Inc.", "Bluth Company", *(f"Account {n}" for n in range(20))]
    ]
    _write(
        folder / "accounts.csv",
        "account,sector,year_established,revenue,employees,office_location,subsidiary_of",
        accounts,
    )
    _write(folder / "products.csv", "product,series,sales_price", [[name, *rest] for name, rest in PRODUCTS.items()])
    _write(
        folder / "sales_teams.csv",
        "sales_agent,manager,regional_office",
        [[a, m, OFFICES[m]] for a, m in AGENTS.items()],
    )
    names = [account[0] for account in accounts]
    rows = [_opportunity(rng, f"OP{n:05}", names) for n in range(deals)]
    _write(
        folder / "sales_pipeline.csv",
        "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value",
        rows,
    )
    return folder


def _opportunity(rng: random.Random, number: str, accounts: list[str]) -> list:
    product = rng.choice(list(PRODUCTS))
    stage = rng.choices(["Won", "Lost", "Engaging", "Prospecting"], [48, 28, 18, 6])[0]
    engaged = date(2016, 10, 20) + timedelta(rng.randrange(400))
    closed = engaged + timedelta(rng.randrange(140))
    account = rng.choice(accounts) if stage in ("Won", "Lost") or rng.random() < 0.3 else ""
    spelled = "GTXPro" if product == "GTX Pro" else product
    dates = {"Prospecting": ["", ""], "Engaging": [_us(engaged), ""]}.get(stage, [_us(engaged), _us(closed)])
    value = {"Won": round(PRODUCTS[product][1] * rng.uniform(0.8, 1.2)), "Lost": 0}.get(stage, "")
    return [number, rng.choice(list(AGENTS)), spelled, account, stage, *dates, value]


def read_deals(folder: Path) -> list[Deal]:
    """The deals of an export of the real one's shape, from its CSV files."""
    teams = {row["sales_agent"]: row for row in _read(folder / "sales_teams.csv")}
    status = {"Won": "won", "Lost": "lost", "Engaging": "pending", "Prospecting": "pending"}
    deals = []
    for row in _read(folder / "sales_pipeline.csv"):
        team = teams[row["sales_agent"]]
        days = (_day(row["close_date"]) - _day(row["engage_date"])).days if row["close_date"] else None
        product = row["product"].replace("GTXPro", "GTX Pro")
        deals.append(
            Deal(
                agent=row["sales_agent"],
                manager=team["manager"],
                office=team["regional_office"],
                product=product,
                status=status[row["deal_stage"]],
                value=float(row["close_value"] or 0),
                days=days,
            )
        )
    return deals


def figures(deals: Iterable[Deal]) -> dict:
    """Counts, won value, win rate, deal size and cycle, in all and by manager, region and product."""
    deals = list(deals)
    by: dict[str, Callable[[Deal], str]] = {
        "by_manager": lambda deal: deal.manager,
        "by_region": lambda deal: deal.office,
        "by_product": lambda deal: deal.product,
    }
    result: dict = {"total": _figures(deals)}
    for name, key in by.items():
        groups = defaultdict(list)
        for deal in deals:
            groups[key(deal)].append(deal)
        result[name] = {key: _figures(group) for key, group in groups.items()}
    return result


def _figures(deals: list[Deal]) -> dict:
    won = [deal for deal in deals if deal.status == "won"]
    lost = [deal for deal in deals if deal.status == "lost"]
    return {
        "opportunities": len(deals),
        "won_count": len(won),
        "lost_count": len(lost),
        "open_count": len(deals) - len(won) - len(lost),
        "won_value": sum(deal.value for deal in won),
        "win_rate_pct": round(100 * len(won) / (len(won) + len(lost)), 2),
        "avg_deal_size": round(mean(deal.value for deal in won), 2),
        "avg_cycle_days_won": round(mean(deal.days for deal in won), 2),
        "avg_cycle_days_closed": round(mean(deal.days for deal in won + lost), 2),
    }


RUSSIAN_MAPPING = """
title = "Выгрузка сделок"
namespace = "deals_1c"
language = "ru_RU"

[format]
encoding = "windows-1251"
delimiter = ";"
date = "%d.%m.%Y"
datetime = "%d.%m.%Y %H:%M"
timezone = "Europe/Moscow"
decimal = ","
thousands = " "

[files.deals]
name = "Сделки.csv"
columns."Код" = { required = true }
columns."Страна".values = { "Россия" = "Российская Федерация" }
columns."Сумма" = { type = "number" }
columns."Создана" = { type = "date" }
columns."Закрыта" = { type = "datetime" }

[[records]]
label = "Клиенты"
model = "res.partner"
file = "deals"
id = "customer_{Клиент}"
distinct = true
fields = { name = "{Клиент}", is_company = true, country_id = "{Страна}" }

[[records]]
label = "Продавцы"
model = "res.users"
file = "deals"
id = "seller_{Продавец}"
distinct = true
find_by = ["login"]
fields = { name = "{Продавец}", login = "{Продавец|login}", "group_ids/id" = "sales_team.group_sale_salesman" }

[[records]]
label = "Сделки"
model = "crm.lead"
file = "deals"
id = "deal_{Код}"

[records.fields]
name = "{Тема}[ ({Клиент})]"
type = "opportunity"
"partner_id/id" = "customer_{Клиент}"
"user_id/id" = "seller_{Продавец}"
expected_revenue = "{Сумма}"
date_open = "{Создана} 12:00:00"
date_closed = "{Закрыта}"
description = ["Источник: {Источник}", "Тема: {Тема}"]

[records.cases."Итог"]
"Успех" = { "stage_id/id" = "crm.stage_lead4", probability = 100 }
"Отказ" = { "stage_id/id" = "crm.stage_lead1", active = false, probability = 0 }
"" = { "stage_id/id" = "crm.stage_lead1" }
"""
RUSSIAN_DEALS = """\
Код;Тема;Клиент;Страна;Продавец;Сумма;Создана;Закрыта;Итог;Источник
1;Станок <ЧПУ> & монтаж;ООО «Ромашка»;Россия;Пётр Ёлкин;1 234 567,89;28.12.2023;01.01.2024 01:30;Успех;Сайт
2;Сервис;ООО «Ромашка»;Россия;Анна Щукина;10,50;31.01.2024;29.02.2024 18:00;Отказ;
3;Запчасти;;;Анна Щукина;;05.03.2024;;;
4;Станок;ЗАО Вектор;Атлантида;Пётр Ёлкин;5,00;05.03.2024;;;
"""


def write_russian(folder: Path) -> Path:
    """Write an export of another shape: one file, other columns, encoding, dates, numbers; row 5 names no country."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "Сделки.csv").write_text(RUSSIAN_DEALS, "windows-1251")
    mapping = folder / "mapping.toml"
    mapping.write_text(RUSSIAN_MAPPING, "utf-8")
    return mapping


def _us(day: date) -> str:
    return f"{day.month}/{day.day}/{day.year}"


def _day(text: str) -> date:
    return datetime.strptime(text, "%m/%d/%Y").date()


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _write(path: Path, header: str, rows: list[list]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([header.split(","), *rows])
