from collections import Counter, defaultdict
from datetime import timedelta
from decimal import Decimal

from odoo import models
from odoo.fields import Command, Domain
from odoo.tools import SQL

from ..engine import sellers
from ..engine.diagnosis import Measurement, share

RESULT_MONTHS = 12
ACTIVE_DAYS = 30
# Fewer closed deals say nothing of a seller: the rate is chance.
MINIMUM_CLOSED = 20
BELOW_PEERS = 0.10
# Whoever owns one of these is a seller.
SELLER_POPULATIONS = ("open_deal", "won_deal", "lost_deal")
SELLER_SUMS = ("won_value", "won_days", "won_timed")


class SdmDiagnosis(models.Model):
    """Figures on sellers: results, load, their place in the structure and in HR."""

    _inherit = "sdm.diagnosis"

    def _get_sums(self):
        def timed(column):
            # a deal entered after the fact is assigned after its closing: no cycle to learn from
            return SQL("%s = 'won' AND %s <= %s", column("won_status"), column("date_open"), column("date_closed"))

        def days(column):
            closed, opened = self._local_date(column("date_closed")), self._local_date(column("date_open"))
            return SQL("CASE WHEN %s THEN %s - %s END", timed(column), closed, opened)

        return {
            **super()._get_sums(),
            "won_value": ("won_deal", lambda column: column("expected_revenue")),
            "won_days": ("won_deal", days),
            "won_timed": ("won_deal", lambda column: SQL("(%s)::int", timed(column))),
        }

    def _get_measurements(self, counts):
        deals = defaultdict(Counter)
        for row in counts["crm.lead"]:
            deals[row["user_id"]].update({name: row[name] for name in (*SELLER_POPULATIONS, *SELLER_SUMS)})
        people = self._get_sellers(
            user for user, found in deals.items() if user and any(found[name] for name in SELLER_POPULATIONS)
        )
        return {
            **super()._get_measurements(counts),
            **self._measure_results(people, deals),
            **self._measure_structure(people),
            "deal_load": sellers.load([deals[user.id]["open_deal"] for user in people], people.mapped("name")),
        }

    def _measure_results(self, people, deals):
        """Win rate, cycle, spread and dependence on the best, from the closed deals of each seller.

        The sellers' results themselves are kept with the diagnosis.

        :param deals: counts and sums of deals by the id of their seller
        """
        closed = {user: found for user, found in deals.items() if found["won_deal"] or found["lost_deal"]}
        users = self.env["res.users"].browse(user for user in closed if user) | people
        names = {user.id: user.name for user in users}
        results = {
            user: sellers.SellerResult(
                names.get(user),
                found["won_deal"],
                found["lost_deal"],
                Decimal(found["won_value"]),
                int(found["won_days"]),
                int(found["won_timed"]),
            )
            for user, found in closed.items()
        }
        self.seller_ids = [
            Command.create(self._prepare_seller(user, results.get(user.id), deals[user.id]["open_deal"]))
            for user in users
        ]
        results = list(results.values())
        # Deals without salesperson count for the department, not for a comparison of sellers.
        owned = [result for result in results if result.seller]
        return {
            "win_rate": sellers.win_rate(results),
            "cycle_days": sellers.cycle(results),
            "win_rate_spread": sellers.win_rate_spread(owned, MINIMUM_CLOSED),
            "seller_below_peers": sellers.below_peers(owned, MINIMUM_CLOSED, BELOW_PEERS),
            "cycle_spread": sellers.cycle_spread(owned, MINIMUM_CLOSED),
            "seller_top_share": sellers.top_fifth_share([result.value for result in owned]),
        }

    def _prepare_seller(self, user, result, open_count):
        result = result or sellers.SellerResult(user.name)
        return {
            "user_id": user.id,
            "name": user.name,
            "won": result.won,
            "lost": result.lost,
            "win_rate": result.win_rate or 0,
            "has_cycle": result.cycle is not None,
            "cycle_days": result.cycle or 0,
            "value": result.value,
            "open_count": open_count,
        }

    def _get_sellers(self, owners=None):
        """Active users who own an open deal, or a deal closed or an order confirmed in the window.

        :param owners: ids of the users who own such a deal; None: look for them
        """
        start, end = self._get_window(RESULT_MONTHS)
        owned = Domain("user_id", "!=", False)
        if owners is None:
            populations = self._get_populations()
            deals = Domain.OR(populations[name][1] for name in SELLER_POPULATIONS)
            owners = [user.id for (user,) in self._get_model("crm.lead")._read_group(deals & owned, ["user_id"])]
        orders = (
            Domain("state", "=", "sale")
            & Domain("date_order", ">=", start)
            & Domain("date_order", "<", end)
            & Domain("company_id", "=", self.company_id.id)
        )
        users = {user.id for (user,) in self._get_model("sale.order")._read_group(orders & owned, ["user_id"])}
        return self.env["res.users"].browse(users.union(owners)).filtered("active").sorted("id")

    def _measure_structure(self, people):
        """Heads, span of control, job positions and use of activities."""
        employees = self._get_employees(people)
        spans = Counter(employee.parent_id for employee in employees if employee.parent_id)
        head, span = max(spans.items(), key=lambda item: (item[1], -item[0].id), default=(None, 0))
        with_head = employees.filtered("parent_id").user_id
        with_job = employees.filtered("job_id").user_id
        busy = self._get_busy_users(people)
        return {
            "seller_no_head": share(len(people - with_head), len(people)),
            "seller_no_job": share(len(people - with_job), len(people)),
            "seller_inactive": share(len(people - busy), len(people)),
            "span_of_control": Measurement(
                float(span) if head else None, len(spans), 1, {"head": head.name if head else ""}
            ),
        }

    def _get_employees(self, people):
        """Active employees of these users in the company."""
        domain = [
            ("user_id", "in", people.ids),
            ("company_id", "=", self.company_id.id),
            ("active", "=", True),
        ]
        return self._get_model("hr.employee").search_fetch(domain, ["user_id", "parent_id", "job_id"])

    def _get_busy_users(self, people):
        """Of these users, those who completed an activity in the last days."""
        rows = self._get_model("mail.activity")._read_group(
            Domain("active", "=", False)
            & Domain("date_done", ">", self.date - timedelta(days=ACTIVE_DAYS))
            & Domain("date_done", "<=", self.date)
            & Domain("user_id", "in", people.ids),
            ["user_id"],
        )
        return self.env["res.users"].union(*(user for (user,) in rows))

    def _prepare_results_action(self, names=("won_deal", "lost_deal")):
        """Closed deals of the window by seller and outcome, in Odoo's own pivot."""
        populations = self._get_populations()
        domain = Domain.OR(populations[name][1] for name in names)
        context = {
            "pivot_row_groupby": ["user_id"],
            "pivot_column_groupby": ["won_status"],
            "pivot_measures": ["__count", "expected_revenue"],
        }
        return "crm.lead", domain, {"views": [(False, "pivot"), (False, "list")], "context": context}

    def _prepare_sellers_action(self, code):
        """Employees of the sellers, or the sellers themselves where the figure is about missing employees."""
        people = self._get_sellers()
        if code == "span_of_control":
            domain = Domain("user_id", "in", people.ids)
            return (
                "hr.employee.public",
                domain,
                {"context": {"group_by": ["parent_id"]}, "views": [(False, "list")]},
            )
        employees = self._get_employees(people)
        found = {
            "seller_no_head": lambda: employees.filtered("parent_id").user_id,
            "seller_no_job": lambda: employees.filtered("job_id").user_id,
            "seller_inactive": lambda: self._get_busy_users(people),
        }[code]()
        return "res.users", Domain("id", "in", (people - found).ids), {"views": [(False, "list")]}

    def _get_record_actions(self):
        sellers_codes = ("seller_no_head", "seller_no_job", "seller_inactive", "span_of_control")
        return {
            **super()._get_record_actions(),
            **dict.fromkeys(("win_rate", "win_rate_spread", "seller_below_peers"), self._prepare_results_action),
            **dict.fromkeys(
                ("cycle_days", "cycle_spread", "seller_top_share"),
                lambda: self._prepare_results_action(["won_deal"]),
            ),
            **{code: lambda code=code: self.sudo()._prepare_sellers_action(code) for code in sellers_codes},
            "deal_load": lambda: (
                *self._get_populations()["open_deal"],
                {"context": {"group_by": ["user_id"]}},
            ),
        }
