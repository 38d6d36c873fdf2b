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


class SdmDiagnosis(models.Model):
    """Figures on sellers: results, load, their place in the structure and in HR."""

    _inherit = "sdm.diagnosis"

    def _get_measurements(self, counts):
        deals = defaultdict(Counter)
        for row in counts["crm.lead"]:
            deals[row["user_id"]].update({name: row[name] for name in SELLER_POPULATIONS})
        people = self._get_sellers(user for user, numbers in deals.items() if user and numbers.total())
        open_deals = {user: numbers["open_deal"] for user, numbers in deals.items()}
        return {
            **super()._get_measurements(counts),
            **self._measure_results(people, open_deals),
            **self._measure_structure(people),
            "deal_load": sellers.load([open_deals.get(user.id, 0) for user in people], people.mapped("name")),
        }

    def _measure_results(self, people, open_deals):
        """Win rate, cycle, spread and dependence on the best, from the closed deals of each seller.

        The sellers' results themselves are kept with the diagnosis.
        """
        start, end = self._get_window(RESULT_MONTHS)
        rows = self.env.execute_query(self._query_results(start, end))
        results = [
            sellers.SellerResult(name, won, lost, Decimal(value), days, timed)
            for _user, name, won, lost, value, days, timed in rows
        ]
        by_user = {row[0]: result for row, result in zip(rows, results, strict=True) if row[0]}
        users = self.env["res.users"].browse(by_user) | people
        self.seller_ids = [
            Command.create(self._prepare_seller(user, by_user.get(user.id), open_deals.get(user.id, 0)))
            for user in users
        ]
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

    def _query_results(self, start, end):
        """SQL of one row a seller: conditional sums, which ``_read_group`` has not.

        Money comes as text, since Odoo's connections turn numbers into floats.
        """
        lead = self.env["crm.lead"]._fields
        cycle = SQL("%s - %s", self._local_date(SQL("lead.date_closed")), self._local_date(SQL("lead.date_open")))
        return SQL(
            """
            SELECT seller.id, partner.name,
                   COUNT(*) FILTER (WHERE lead.won_status = 'won'),
                   COUNT(*) FILTER (WHERE lead.won_status = 'lost'),
                   COALESCE(SUM(lead.expected_revenue) FILTER (WHERE lead.won_status = 'won'), 0)::text,
                   COALESCE(SUM(%(cycle)s) FILTER (WHERE %(timed)s), 0)::bigint,
                   COUNT(*) FILTER (WHERE %(timed)s)
              FROM crm_lead lead
              LEFT JOIN res_users seller ON seller.id = lead.user_id
              LEFT JOIN res_partner partner ON partner.id = seller.partner_id
             WHERE lead.type = 'opportunity' AND lead.won_status IN ('won', 'lost')
               AND lead.date_closed >= %(start)s AND lead.date_closed < %(end)s
               AND (lead.company_id IS NULL OR lead.company_id = %(company)s)
             GROUP BY seller.id, partner.name
             ORDER BY partner.name, seller.id
            """,
            cycle=cycle,
            # a deal entered after the fact is assigned after its closing: no cycle to learn from
            timed=SQL("lead.won_status = 'won' AND lead.date_open <= lead.date_closed"),
            start=start,
            end=end,
            company=self.company_id.id,
            to_flush=[
                lead[name]
                for name in (
                    "user_id",
                    "type",
                    "won_status",
                    "expected_revenue",
                    "date_open",
                    "date_closed",
                    "company_id",
                )
            ],
        )

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
