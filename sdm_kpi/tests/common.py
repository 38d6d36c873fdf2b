"""What tests of KPI share: people with a history, facts computed, values asked for by name."""

from odoo import fields
from odoo.fields import Command
from odoo.tests import freeze_time

from odoo.addons.sdm_segmentation.tests.common import AS_OF
from odoo.addons.sdm_segmentation.tests.segmentation import InvoicingCase

FIRST, LAST = fields.Date.to_date("2025-01-01"), fields.Date.to_date("2025-06-01")


class KpiCase(InvoicingCase):
    """Today is ``AS_OF``; facts are those of the first half of 2025. No shipped KPI is switched on."""

    @classmethod
    def setUpClass(cls):
        cls.startClassPatcher(freeze_time(AS_OF))
        super().setUpClass()
        cls.company.resource_calendar_id.tz = "UTC"
        cls.env["sdm.kpi"].search([("is_on", "=", True)]).is_on = False

    @classmethod
    def worker(cls, name, head=None, team=None, since="2024-01-01"):
        """A seller with a card and a position since a day; ``head`` is a user.

        :return: user
        """
        user = cls.seller(name, head=head.employee_id if head else None)
        position = cls.env["sdm.position"].search([("employee_id", "=", user.employee_id.id)])
        position.write({"date_from": since, "team_id": team.id if team else False})
        return user

    @classmethod
    def team(cls, name):
        return cls.env["crm.team"].create({"name": name, "company_id": cls.company.id})

    @classmethod
    def kpi(cls, code):
        """A shipped KPI by its code."""
        return cls.env["sdm.kpi"].search([("code", "=", code)])

    @classmethod
    def switch_on(cls, *codes):
        kpis = cls.env["sdm.kpi"].search([("code", "in", codes)])
        kpis.is_on = True
        return kpis

    @classmethod
    def refresh(cls, first=FIRST, last=LAST):
        """Compute the facts.

        :return: the run
        """
        run = cls.env["sdm.kpi.run"]._start(cls.perimeter, first, last)
        run._run()
        return run

    @classmethod
    def owned(cls, customer, user, kind="lead", share=1, start="2024-01-01", end=False):
        """Let somebody own a customer on some days."""
        return cls.env["sdm.ownership"].create(
            {
                "partner_id": customer.id,
                "employee_id": user.employee_id.id,
                "kind": kind,
                "share": share,
                "date_from": start,
                "date_to": end,
            }
        )

    def values(self, code, *groupby, domain=(), env=None):
        """Values of a KPI by what it is grouped by; without anything to group by the value itself.

        :return: {tuple of names or the one name: value}
        """
        Report = (env or self.env)["sdm.kpi.report"]
        rows = Report._read_group([("kpi_id.code", "=", code), *domain], groupby, ["value:sum"])
        if not groupby:
            return rows[0][0]
        found = {tuple(self._name(key) for key in keys): value for *keys, value in rows}
        return {key[0] if len(key) == 1 else key: value for key, value in found.items()}

    @staticmethod
    def _name(key):
        if hasattr(key, "_name"):
            return key.display_name or None
        return key.isoformat()[:7] if key else None

    @classmethod
    def entries(cls, source, env=None):
        """All entries of a source in the months of the facts."""
        Entry = (env or cls.env)["sdm.kpi.entry"]
        # what was read before a document changed
        Entry.invalidate_model()
        return Entry.with_context(sdm_source=source, sdm_first=FIRST, sdm_last=LAST).search([("source", "=", source)])

    @classmethod
    def split(cls, document, user, share=1, is_overlay=False):
        return cls.env["sdm.credit"].create(
            {
                "document": f"{document._name},{document.id}",
                "employee_id": user.employee_id.id,
                "share": share,
                "is_overlay": is_overlay,
                "reason": "Agreed",
            }
        )

    @classmethod
    def in_category(cls, name):
        """A product in a category of its own."""
        category = cls.env["product.category"].create({"name": name})
        return cls.env["product.product"].create({"name": name, "categ_id": category.id, "taxes_id": False})

    @classmethod
    def bill(cls, customer, day, lines, seller=None, refund=False):
        """A posted invoice of lines (product, quantity, price)."""
        move = cls.env["account.move"].create(
            {
                "move_type": "out_refund" if refund else "out_invoice",
                "partner_id": customer.id,
                "invoice_user_id": seller.id if seller else False,
                "invoice_date": day,
                "date": day,
                "journal_id": cls.journal.id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "quantity": quantity,
                            "price_unit": price,
                            "account_id": cls.account.id,
                            "tax_ids": False,
                        }
                    )
                    for product, quantity, price in lines
                ],
            }
        )
        move.action_post()
        return move
