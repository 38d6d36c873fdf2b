from odoo.tests import tagged

from .common import SdmCase


@tagged("post_install", "-at_install")
class TestDiagnosisCustomers(SdmCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna, cls.boris = cls.seller("Anna"), cls.seller("Boris")
        cls.alfa = cls.customer("Alfa", cls.anna, industry_id=cls.industry.id, phone="+7 495 000-00-01")
        cls.beta = cls.customer("Beta")
        cls.gamma = cls.customer("Gamma", cls.boris, industry_id=cls.industry.id, email="gamma@example.com")
        cls.delta = cls.customer("Delta", cls.anna, industry_id=cls.industry.id)
        cls.contact = cls.env["res.partner"].create({"name": "Olga of Delta", "parent_id": cls.delta.id})
        for customer in (cls.alfa, cls.beta, cls.contact):
            cls.won("2025-01-15", 100, customer)
        cls.won("2023-07-01", 100, cls.gamma)

    def contact_done(self, record, day, kind="mail.mail_activity_data_call"):
        return self.env["mail.activity"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id(record._name),
                "res_id": record.id,
                "activity_type_id": self.env.ref(kind).id,
                "active": False,
                "date_done": day,
                "user_id": self.anna.id,
            }
        )

    def silent(self):
        return self.env["res.partner"].browse(
            self.env["res.partner"]
            .with_context(sdm_as_of="2025-06-30")
            .search([("is_sdm_customer", "=", True), ("is_sdm_silent", "=", True)])
            .ids
        )

    def test_customers_are_who_bought_within_24_months(self):
        Partner = self.env["res.partner"].with_context(sdm_as_of="2025-06-30")
        # Gamma bought on the first day of the window, Delta through a contact's deal; an open deal is no purchase
        lead_only = self.customer("Prospect")
        self.deal(lead_only)
        self.assertEqual(
            Partner.search([("is_sdm_customer", "=", True)]), self.alfa | self.beta | self.gamma | self.delta
        )
        self.assertTrue(self.gamma.with_context(sdm_as_of="2025-06-30").is_sdm_customer)
        self.assertFalse(self.gamma.with_context(sdm_as_of="2025-07-01").is_sdm_customer)
        self.assertFalse(Partner.search([("is_sdm_customer", "=", False), ("id", "in", self.alfa.ids)]))

    def test_orders_make_customers_quotations_do_not(self):
        buyer, asker = self.customer("Buyer"), self.customer("Asker")
        self.order(buyer, "2025-06-30", 10)
        self.order(asker, "2025-06-30", 10, confirmed=False)
        found = self.env["res.partner"].with_context(sdm_as_of="2025-06-30").search([("is_sdm_customer", "=", True)])
        self.assertIn(buyer, found)
        self.assertNotIn(asker, found)

    def test_documents_of_another_company_do_not_count(self):
        other = self.env["res.company"].create({"name": "Other Trade"})
        foreign = self.customer("Foreign")
        self.won("2025-01-15", 100, foreign, company_id=other.id)
        self.assertFigure(self.diagnose()["customer_unowned"], 1, 4, 1 / 4)

    def test_owner_industry_and_reach(self):
        self.customer("Beta North", parent_id=self.beta.id)
        self.env["res.partner"].create({"name": "Left", "parent_id": self.beta.id, "active": False})
        figures = self.diagnose()
        self.assertFigure(figures["customer_unowned"], 1, 4, 1 / 4)
        self.assertFigure(figures["customer_unclassified"], 1, 4, 1 / 4)
        # Beta has neither phone nor e-mail, and a subsidiary is no contact person; Delta has one
        self.assertFigure(figures["customer_unreachable"], 1, 4, 1 / 4)

    def test_an_archived_customer_is_not_counted(self):
        self.beta.active = False
        self.assertFigure(self.diagnose()["customer_unowned"], 0, 3, 0)

    def test_duplicates_by_name_mail_and_tax_number(self):
        self.customer(" alfa ")
        self.customer("Somebody", email="Gamma@Example.com")
        self.assertFigure(self.diagnose()["customer_duplicate"], 2, 4, 2 / 4)
        self.env["res.partner"].create({"name": "Beta", "parent_id": self.alfa.id, "type": "invoice"})
        self.assertFigure(self.diagnose()["customer_duplicate"], 2, 4, 2 / 4)

    def test_load_of_owners(self):
        # Anna 2, Boris 1: median 1.5
        figure = self.diagnose()["customer_load"]
        self.assertFigure(figure, 2, 2, 2 / 1.5)
        self.assertEqual(figure.details, {"busiest": "Anna", "most": 2, "median": 1.5})

    def test_without_contacts_all_customers_are_silent(self):
        self.assertEqual(self.silent(), self.alfa | self.beta | self.gamma | self.delta)

    def test_calls_and_meetings_break_the_silence_a_to_do_does_not(self):
        self.contact_done(self.alfa, "2025-06-30")
        self.contact_done(self.contact, "2025-04-02", "mail.mail_activity_data_meeting")
        self.contact_done(self.beta, "2025-06-01", "mail.mail_activity_data_todo")
        self.contact_done(self.gamma, "2025-04-01")
        # 90 days up to 30 June begin on 2 April
        self.assertEqual(self.silent(), self.beta | self.gamma)
        self.assertFigure(self.diagnose()["customer_silent"], 2, 4, 2 / 4)

    def test_contact_on_a_deal_and_on_an_order_counts_for_the_customer(self):
        self.contact_done(self.deal(self.beta), "2025-05-05")
        self.contact_done(self.order(self.gamma, "2025-05-05", 10), "2025-05-05", "mail.mail_activity_data_email")
        self.assertEqual(self.silent(), self.alfa | self.delta)

    def test_messages_count_notes_do_not(self):
        message, note = self.env.ref("mail.mt_comment"), self.env.ref("mail.mt_note")
        for customer, subtype, kind in (
            (self.alfa, message, "email"),
            (self.beta, note, "comment"),
            (self.gamma, message, "notification"),
        ):
            self.env["mail.message"].create(
                {
                    "model": "res.partner",
                    "res_id": customer.id,
                    "message_type": kind,
                    "subtype_id": subtype.id,
                    "date": self.noon("2025-06-10"),
                }
            )
        self.assertEqual(self.silent(), self.beta | self.gamma | self.delta)

    def test_meetings_in_the_calendar_count(self):
        for customer, day in ((self.contact, "2025-06-10"), (self.beta, "2025-07-10")):
            self.env["calendar.event"].create(
                {
                    "name": "Visit",
                    "start": self.noon(day),
                    "stop": self.noon(day),
                    "partner_ids": [(6, 0, customer.ids)],
                }
            )
        # the meeting with Beta lies after the date
        self.assertEqual(self.silent(), self.alfa | self.beta | self.gamma)
