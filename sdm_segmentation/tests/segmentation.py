"""What tests of segmentation share: invoices, schemes from templates, classes by name."""

from odoo import fields
from odoo.fields import Command
from odoo.tests import freeze_time

from .common import AS_OF, SdmCase


class InvoicingCase(SdmCase):
    """A perimeter of the test company alone, with what it takes to post an invoice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["sdm.scheme"].search([("active", "=", True)]).active = False
        cls.perimeter = cls.env["sdm.perimeter"].create({"name": "Test", "company_ids": [Command.set(cls.company.ids)]})
        cls.journal = cls.env["account.journal"].create(
            {"name": "Sales", "code": "TSAL", "type": "sale", "company_id": cls.company.id}
        )
        cls.account = cls.env["account.account"].create(
            {
                "name": "Income",
                "code": "TST100",
                "account_type": "income",
                "company_ids": [Command.set(cls.company.ids)],
            }
        )
        cls.receivable = cls.env["account.account"].create(
            {
                "name": "Receivable",
                "code": "TST200",
                "account_type": "asset_receivable",
                "reconcile": True,
                "company_ids": [Command.set(cls.company.ids)],
            }
        )

    @classmethod
    def customer(cls, name, owner=None, **values):
        customer = super().customer(name, owner, **values)
        customer.property_account_receivable_id = cls.receivable
        return customer

    @classmethod
    def invoice(cls, customer, amount, day="2025-06-01", refund=False):
        """A posted invoice without tax."""
        move = cls.env["account.move"].create(
            {
                "move_type": "out_refund" if refund else "out_invoice",
                "partner_id": customer.id,
                "invoice_date": day,
                "date": day,
                "journal_id": cls.journal.id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Pump",
                            "quantity": 1,
                            "price_unit": amount,
                            "account_id": cls.account.id,
                            "tax_ids": False,
                        }
                    )
                ],
            }
        )
        move.action_post()
        return move


class SegmentationTools(InvoicingCase):
    """Schemes from templates, on any day."""

    @classmethod
    def sold(cls, **amounts):
        """Customers with an invoice each."""
        customers = cls.env["res.partner"]
        for name, amount in amounts.items():
            customer = cls.customer(name)
            cls.invoice(customer, amount)
            customers |= customer
        return customers

    @classmethod
    def scheme(cls, template, name="Scheme", **values):
        """A scheme with a draft from one of the shipped templates."""
        found = cls.env.ref(f"sdm_segmentation.sdm_scheme_template_{template}")
        return found._make_scheme(name, **values)

    @classmethod
    def in_force(cls, template, name="Scheme", is_primary=False, **values):
        """A scheme from a template, in force since today."""
        scheme = cls.scheme(template, name, **values)
        scheme.is_primary = is_primary
        cls.put_in_force(scheme.draft_version_id)
        return scheme

    @classmethod
    def put_in_force(cls, version):
        version._put_in_force(fields.Date.context_today(version), "Since the test needs it")
        cls.env["sdm.segmentation.run"]._start(version, "apply")._run()

    @classmethod
    def run_again(cls, scheme):
        """The nightly run."""
        run = cls.env["sdm.segmentation.run"]._start(scheme.version_id, "nightly")
        run._run()
        return run

    def classes(self, scheme):
        """Present class of each customer by name."""
        current = self.env["sdm.segment.membership"].search([("scheme_id", "=", scheme.id), ("date_to", "=", False)])
        return {membership.partner_id: membership.segment_id.name for membership in current}

    def membership(self, scheme, customer):
        return self.env["sdm.segment.membership"].search(
            [("scheme_id", "=", scheme.id), ("partner_id", "=", customer.id), ("date_to", "=", False)]
        )


class SegmentationCase(SegmentationTools):
    """Today is ``AS_OF``."""

    @classmethod
    def setUpClass(cls):
        cls.startClassPatcher(freeze_time(AS_OF))
        super().setUpClass()
