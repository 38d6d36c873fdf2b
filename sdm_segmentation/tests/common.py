"""A small sales department on a fixed date, with factories in the words of the field."""

import json
from datetime import datetime

from odoo import fields
from odoo.fields import Command
from odoo.tests import HttpCase, TransactionCase, new_test_user
from odoo.tools import SQL

AS_OF = fields.Date.to_date("2025-06-30")
GROUPS = {
    "seller": "sdm_segmentation.group_sdm_user,sales_team.group_sale_salesman",
    "head": "sdm_segmentation.group_sdm_manager,sales_team.group_sale_salesman",
    "director": "sdm_segmentation.group_sdm_director",
    "payroll": "sdm_segmentation.group_sdm_payroll,hr.group_hr_user",
    "auditor": "sdm_segmentation.group_sdm_auditor",
    "stranger": "base.group_user",
}


class SdmCase(TransactionCase):
    """Starts from a company without any deals, orders and invoices: own documents of the database are put away."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(
            context={**cls.env.context, "tracking_disable": True, "no_reset_password": True, "lang": "en_US"}
        )
        cls.env.user.write({"tz": "UTC", "lang": "en_US"})
        cls.company = cls.env["res.company"].create({"name": "Test Trade"})
        cls.env.user.write({"company_ids": [Command.link(cls.company.id)], "company_id": cls.company.id})
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": cls.company.ids})
        cls.stage_open = cls.env["crm.stage"].create({"name": "In work", "sequence": 1})
        cls.stage_won = cls.env["crm.stage"].create({"name": "Won here", "sequence": 99, "is_won": True})
        cls.industry = cls.env["res.partner.industry"].create({"name": "Machines"})

    @classmethod
    def persona(cls, name):
        """A user of one of the groups, in the test company."""
        return new_test_user(
            cls.env,
            login=f"sdm_{name}",
            groups=GROUPS[name],
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
            tz="UTC",
            lang="en_US",
        )

    @classmethod
    def seller(cls, name, head=None, job=None, employee=True):
        """A salesperson; ``head`` is an employee. ``employee=False``: unknown to HR."""
        user = new_test_user(
            cls.env,
            login=f"sdm_seller_{name}",
            name=name,
            groups="sales_team.group_sale_salesman",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
            lang="en_US",
        )
        if employee:
            cls.env["hr.employee"].create(
                {
                    "name": name,
                    "user_id": user.id,
                    "company_id": cls.company.id,
                    "parent_id": head.id if head else False,
                    "job_id": job.id if job else False,
                }
            )
        return user

    @classmethod
    def customer(cls, name, owner=None, **values):
        """A company to sell to."""
        return cls.env["res.partner"].create(
            {"name": name, "is_company": True, "user_id": owner.id if owner else False, **values}
        )

    @classmethod
    def deal(cls, customer=None, seller=None, opened="2024-01-02", **values):
        """An open deal; ``opened``: the day it was assigned."""
        deal = cls.env["crm.lead"].create(
            {
                "name": "Deal",
                "type": "opportunity",
                "company_id": cls.company.id,
                "team_id": False,
                "stage_id": cls.stage_open.id,
                "partner_id": customer.id if customer else False,
                "user_id": seller.id if seller else False,
                **values,
            }
        )
        # an assigned deal gets the present moment, whatever is given
        deal.date_open = cls.noon(opened) if opened else False
        return deal

    @classmethod
    def won(cls, day, value=0, customer=None, seller=None, opened=None, **values):
        """A deal won on a day, at noon; ``opened``: the day it was assigned."""
        return cls.deal(
            customer,
            seller,
            opened,
            stage_id=cls.stage_won.id,
            expected_revenue=value,
            date_closed=cls.noon(day),
            **values,
        )

    @classmethod
    def lost(cls, day, customer=None, seller=None, **values):
        """A deal lost on a day, at noon."""
        return cls.deal(customer, seller, active=False, probability=0, date_closed=cls.noon(day), **values)

    @classmethod
    def order(cls, customer, day, price, discount=0, seller=None, confirmed=True):
        """An order with one line; ``price`` before discount, without tax."""
        product = cls.env["product.product"].create({"name": "Pump", "taxes_id": False})
        order = cls.env["sale.order"].create(
            {
                "partner_id": customer.id,
                "company_id": cls.company.id,
                "user_id": seller.id if seller else False,
                "order_line": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_uom_qty": 1,
                            "price_unit": price,
                            "discount": discount,
                            "tax_ids": False,
                        }
                    )
                ],
            }
        )
        if confirmed:
            order.action_confirm()
        order.date_order = cls.noon(day)
        return order

    @classmethod
    def keep_accounts(cls):
        """The least that the test company needs to post invoices.

        :return: the receivable account
        """
        income, receivable = (
            cls.env["account.account"].create(
                {"name": kind, "code": code, "account_type": kind, "company_ids": [Command.set(cls.company.ids)]}
            )
            for kind, code in (("income", "SDM1"), ("asset_receivable", "SDM2"))
        )
        cls.env["account.journal"].create(
            {"name": "Sales", "code": "SDM", "type": "sale", "default_account_id": income.id}
        )
        return receivable

    @classmethod
    def entered(cls, deal, day):
        """Date the entry of a deal back: only the database can."""
        cls.env.flush_all()
        cls.env.cr.execute(SQL("UPDATE crm_lead SET create_date = %s WHERE id = %s", cls.noon(day), deal.id))
        deal.invalidate_recordset(["create_date"])
        deal.modified(["create_date"])
        return deal

    @staticmethod
    def noon(day):
        """Noon UTC of a day written as YYYY-MM-DD: the same calendar day in most time zones."""
        return datetime.fromisoformat(f"{day} 12:00:00")

    def diagnose(self, date=AS_OF, **values):
        """Measure the test company.

        :return: dict {code of the measure: figure}
        """
        diagnosis = self.env["sdm.diagnosis"].create({"date": date, "company_id": self.company.id, **values})
        diagnosis.action_measure()
        self.diagnosis = diagnosis
        return {figure.measure_id.code: figure for figure in diagnosis.figure_ids}

    def answer(self, step, *values):
        """Answer the questions of the diagnosis on a step, in their order.

        :param step: its code; :param values: an answer each, None leaves a question out
        """
        lines = self.diagnosis.answer_ids.filtered(lambda line: line.step_id.code == step)
        for line, value in zip(lines, values, strict=False):
            if value is not None:
                line.value = value

    def verdict(self, step):
        """What the diagnosis says of a step, by its code."""
        return self.diagnosis.step_ids.filtered(lambda line: line.step_id.code == step)

    def assertFigure(self, figure, part, base, value):
        """The three numbers of a figure; ``value`` None: no data."""
        expected = (part, base, value is not None)
        self.assertEqual((figure.part, figure.base, figure.has_value), expected, figure.measure_id.code)
        self.assertAlmostEqual(figure.value, value or 0, 6, figure.measure_id.code)


class RpcCase(HttpCase):
    """Calls methods over the wire, as the browser or an attacker does."""

    def call(self, model, method, *args, **kwargs):
        """Call a method as the browser does.

        :return: tuple (result, name of the error or None)
        """
        response = self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            data=json.dumps({"params": {"model": model, "method": method, "args": args, "kwargs": kwargs}}),
            headers={"Content-Type": "application/json"},
        ).json()
        return response.get("result"), response.get("error", {}).get("data", {}).get("name")
