"""What a diagnosis of the export "CRM Sales Opportunities" must show, worked out from its CSV files alone.

Plain loops over the rows, so that nothing is shared with the addon, its SQL or the loader.
"""

import csv
from collections import Counter, defaultdict
from datetime import datetime
from math import ceil
from pathlib import Path
from statistics import median, pstdev

AS_OF = datetime(2017, 12, 31)
MOVED_SINCE = datetime(2017, 12, 1)
MINIMUM_CLOSED = 20


def read(path: Path) -> list[dict]:
    """Rows of a CSV file."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def day(text: str) -> datetime | None:
    """A date as the export writes it; None where it is empty."""
    return datetime.strptime(text, "%m/%d/%Y") if text else None


def expected_figures(folder: Path) -> dict[str, tuple]:
    """Figures of a diagnosis as of the last day of 2017, so its window of 12 months is that year.

    :param folder: an export of that shape
    :return: dict {code of the measure: (part, base, value)}; value None: no data
    """
    manager_of = {row["sales_agent"]: row["manager"] for row in read(folder / "sales_teams.csv")}
    deals = read(folder / "sales_pipeline.csv")
    opened = [deal for deal in deals if deal["deal_stage"] not in ("Won", "Lost")]
    closed = [deal for deal in deals if deal["deal_stage"] in ("Won", "Lost") and day(deal["close_date"]) <= AS_OF]
    closed_before = [deal for deal in closed if day(deal["close_date"]).year < AS_OF.year]
    closed = [deal for deal in closed if deal not in closed_before]
    won = [deal for deal in closed if deal["deal_stage"] == "Won"]
    lost = [deal for deal in closed if deal["deal_stage"] == "Lost"]
    sellers = {deal["sales_agent"] for deal in (*opened, *closed)}
    earlier = {deal["account"] for deal in closed_before if deal["deal_stage"] == "Won"}
    revenue, monthly = Counter(), Counter()
    for deal in won:
        revenue[deal["account"]] += int(deal["close_value"])
        monthly[day(deal["close_date"]).month] += int(deal["close_value"])
    customers = revenue.keys() | earlier
    everything = sum(revenue.values())
    new = revenue.keys() - earlier
    new_money = sum(revenue[account] for account in new)
    days = [(day(deal["close_date"]) - day(deal["engage_date"])).days for deal in won]
    months = [monthly[month] for month in range(min(monthly), 13)]
    stalled = [deal for deal in opened if deal["engage_date"] and day(deal["engage_date"]) < MOVED_SINCE]
    dates = (day(deal[column]) for deal in deals for column in ("engage_date", "close_date") if deal[column])
    newest = max(date for date in dates if date <= AS_OF)
    spans = Counter(manager_of[seller] for seller in sellers)
    open_of = Counter(deal["sales_agent"] for deal in opened)
    load = [open_of[seller] for seller in sellers]
    stages = {deal["deal_stage"] for deal in opened if deal["engage_date"]}
    moving = {deal["deal_stage"] for deal in opened if deal["engage_date"] and deal not in stalled}
    first = min(day(deal["close_date"]) for deal in (*closed, *closed_before) if deal["deal_stage"] == "Won")
    # without the year before, but for its first month, nobody is new or lost
    has_history = first < datetime(2016, 2, 1)
    return {
        "customer_unowned": _share(len(customers), len(customers)),
        "customer_unclassified": _share(0, len(customers)),
        "customer_duplicate": _share(0, len(customers)),
        "customer_silent": _share(len(customers), len(customers)),
        "customer_unreachable": _share(len(customers), len(customers)),
        "customer_top_share": (1, len(revenue), max(revenue.values()) / everything),
        "customer_concentration": _share(_makers_of_80_percent(revenue), len(revenue)),
        "customer_lost": _share(len(earlier - revenue.keys()), len(earlier)) if has_history else (0, 0, None),
        "customer_new_share": (len(new), len(revenue), new_money / everything if has_history else None),
        "customer_load": (0, 0, None),
        "discount": (0, 0, None),
        "lost_without_reason": _share(len(lost), len(lost)),
        "deal_no_activity": _share(len(opened), len(opened)),
        "deal_stalled": _share(len(stalled), sum(bool(deal["engage_date"]) for deal in opened)),
        "stage_stalled": _share(len(stages - moving), len(stages)),
        "deal_no_value": _share(len(opened), len(opened)),
        "deal_no_deadline": _share(len(opened), len(opened)),
        # no deal has a closing date to be past, nor an activity to be overdue; all were entered after they were closed
        "deal_overdue": (0, 0, None),
        "activity_overdue": (0, 0, None),
        "deal_orphan": _share(0, len(opened)),
        "deal_won_no_order": _share(len(won), len(won)),
        "deal_won_same_day": (0, 0, None),
        "win_rate": _share(len(won), len(won) + len(lost)),
        "cycle_days": (len(won), len(won), sum(days) / len(won)),
        "revenue_variation": (len(months), len(months), pstdev(months) / (sum(months) / len(months))),
        "data_age": (1, 1, (AS_OF - newest).days),
        "seller_no_head": _share(0, len(sellers)),
        "seller_no_job": _share(len(sellers), len(sellers)),
        "seller_inactive": _share(len(sellers), len(sellers)),
        "span_of_control": (1, len(spans), max(spans.values())),
        "deal_load": (len(load), len(load), max(load) / median(load)),
        **_results_of_sellers(won, lost),
    }


def expected_classes(folder: Path) -> dict[str, tuple]:
    """ABC of the accounts by the value won up to the last day of 2017, 80/15/5, who crosses a limit still counts in.

    :param folder: an export of that shape
    :return: dict {account: (class, won value)} of all accounts that won anything
    """
    revenue = Counter()
    for deal in read(folder / "sales_pipeline.csv"):
        if deal["deal_stage"] == "Won" and deal["account"] and day(deal["close_date"]) <= AS_OF:
            revenue[deal["account"]] += int(deal["close_value"])
    total, before, classes = sum(revenue.values()), 0, {}
    for account, amount in revenue.most_common():
        name = "A" if before * 100 < 80 * total else "B" if before * 100 < 95 * total else "C"
        classes[account] = (name, float(amount))
        before += amount
    return classes


def _share(part: int, base: int) -> tuple:
    return part, base, part / base if base else None


def _makers_of_80_percent(revenue: Counter) -> int:
    count, before = 0, 0
    for amount in sorted(revenue.values(), reverse=True):
        if before * 10 >= 8 * sum(revenue.values()):
            break
        count, before = count + 1, before + amount
    return count


def _results_of_sellers(won: list[dict], lost: list[dict]) -> dict[str, tuple]:
    wins, losses, money, cycles = Counter(), Counter(), Counter(), defaultdict(list)
    for deal in won:
        seller = deal["sales_agent"]
        wins[seller] += 1
        money[seller] += int(deal["close_value"])
        cycles[seller].append((day(deal["close_date"]) - day(deal["engage_date"])).days)
    for deal in lost:
        losses[deal["sales_agent"]] += 1
    rated = [seller for seller in wins | losses if wins[seller] + losses[seller] >= MINIMUM_CLOSED]
    rates = {seller: wins[seller] / (wins[seller] + losses[seller]) for seller in rated}
    behind = 0
    for seller in rated:
        others = [other for other in rated if other != seller]
        rate = sum(wins[o] for o in others) / sum(wins[o] + losses[o] for o in others)
        behind += rate - rates[seller] >= 0.10
    averages = [sum(days) / len(days) for days in cycles.values() if len(days) >= MINIMUM_CLOSED]
    best = sorted(money.values(), reverse=True)
    fifth = ceil(len(best) / 5)
    return {
        "win_rate_spread": (len(rated), len(rated), max(rates.values()) - min(rates.values())),
        "seller_below_peers": _share(behind, len(rated)),
        "cycle_spread": (len(averages), len(averages), max(averages) / median(averages)),
        "seller_top_share": (fifth, len(best), sum(best[:fifth]) / sum(best)),
    }
