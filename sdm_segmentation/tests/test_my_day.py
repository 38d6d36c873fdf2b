from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .common import RpcCase
from .playbook import PlaybookCase


class MyDayCase(PlaybookCase):
    """A call is due after 10 working days and overdue after 15: of customers in A and C."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.book = cls.playbook((cls.phone, 10, 15, cls.meeting), segments="AC")

    def day(self, user=None, of=None, **options):
        user = user or self.anna
        return self.env["sdm.my.day"].with_user(user).get_day((of or user).id, **options)

    def names(self, *arguments, **options):
        return [entry["name"] for entry in self.day(*arguments, **options)["entries"]]

    def entry(self, name, *arguments):
        [found] = [entry for entry in self.day(*arguments)["entries"] if entry["name"] == name]
        return found

    def plan_activity(self, record, day, user=None, kind="call", **values):
        return self.env["mail.activity"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id(record._name),
                "res_id": record.id,
                "activity_type_id": self.env.ref(f"mail.mail_activity_data_{kind}").id,
                "user_id": (user or self.anna).id,
                "date_deadline": day,
                **values,
            }
        )

    def steps(self):
        """A call today, a meeting on the next working day."""
        return self.env["mail.activity.plan"].create(
            {
                "name": "Welcome",
                "res_model": "res.partner",
                "company_id": False,
                "template_ids": [
                    Command.create(
                        {
                            "activity_type_id": self.env.ref(f"mail.mail_activity_data_{kind}").id,
                            "summary": kind.title(),
                            "delay_count": number,
                            "sequence": number,
                        }
                    )
                    for number, kind in enumerate(("call", "meeting"))
                ],
            }
        )

    def settle(self, *customers):
        """These customers were called today."""
        for customer in customers:
            self.contacted(customer, "2025-06-30")

    def away(self, user, substitute, last="2025-07-04"):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "resource_id": user.employee_id.resource_id.id,
                "sdm_substitute_id": substitute.employee_id.id,
                "date_from": "2025-06-30 00:00:00",
                "date_to": f"{last} 20:00:00",
            }
        )


@tagged("post_install", "-at_install")
class TestMyDay(MyDayCase):
    def test_overdue_first_and_among_them_the_key_segment(self):
        # due on 23 June, overdue after the 30th
        self.contacted(self.alfa, "2025-06-09")
        # due on 16 June, overdue after the 23rd
        self.contacted(self.gamma, "2025-06-02")
        # none since 1 January: due on 15 January, in time until the 22nd
        day = self.day()
        self.assertEqual(
            [(entry["name"], entry["state"], entry["late"]) for entry in day["entries"]],
            [("Beta", "overdue", 118), ("Gamma", "overdue", 10), ("Alfa", "due", 5)],
        )
        self.assertEqual((day["counts"], day["done"]), ({"overdue": 2, "due": 1}, 0))
        [reason] = self.entry("Gamma")["reasons"]
        self.assertEqual(
            reason, {"kind": "norm", "text": "Call: last on 06/02/2025, every 10 working days, late by 10."}
        )
        self.assertEqual([entry["segment"]["name"] for entry in day["entries"]], ["A", "C", "A"])

    def test_who_was_called_today_is_done(self):
        self.settle(self.alfa, self.beta, self.gamma)
        self.assertEqual(self.names(), [])

    def test_a_customer_is_there_once_with_all_its_reasons(self):
        self.settle(self.beta, self.gamma)
        contact = self.env["res.partner"].create({"name": "Ivan", "parent_id": self.alfa.id})
        deal = self.deal(self.alfa, self.anna, name="Pumps")
        self.plan_activity(contact, "2025-06-27", summary="Ask for the plan")
        self.plan_activity(deal, "2025-06-30", kind="meeting")
        self.plan_activity(deal, "2025-07-01", kind="email")
        entry = self.entry("Alfa")
        self.assertEqual(
            [reason["text"] for reason in entry["reasons"]],
            [
                "Call: none yet, due on 01/15/2025, late by 118 working days.",
                "Call: Ask for the plan, due on 06/27/2025.",
                "Meeting, due on 06/30/2025.",
            ],
        )
        self.assertEqual(self.names(), ["Alfa"])
        self.assertEqual((entry["deal"]["id"], entry["deal"]["stage"]), (deal.id, "In work"))
        # the planned call is what is done
        self.assertEqual(
            entry["about"],
            {"model": "res.partner", "id": contact.id, "activity": contact.activity_ids.id, "channel": self.phone.id},
        )
        self.assertIsNone(entry["todo"])

    def test_a_step_is_no_activity_besides(self):
        self.settle(self.alfa, self.beta)
        self.settle(self.gamma)
        self.env["sdm.enrolment"]._enrol(self.book, self.gamma, self.steps())
        entry = self.entry("Gamma")
        self.assertEqual(
            entry["reasons"], [{"kind": "step", "text": "Step 1 of 2 of “Welcome”: Call, due on 06/30/2025."}]
        )
        activity = self.gamma.activity_ids
        self.assertEqual((entry["about"]["activity"], entry["about"]["channel"]), (activity.id, self.phone.id))

    def test_own_activities_on_anything_else_are_there(self):
        self.settle(self.alfa, self.beta, self.gamma)
        stranger = self.customer("Stranger")
        lead = self.deal(None, self.anna, name="Call from the fair", contact_name="Olga", phone="+7 900 1")
        self.plan_activity(stranger, "2025-06-27", kind="todo", summary="Send the price list")
        self.plan_activity(lead, "2025-06-30")
        self.assertEqual(self.names(), ["Stranger", "Call from the fair"])
        entry = self.entry("Call from the fair")
        self.assertEqual(
            (entry["model"], entry["contact"]), ("crm.lead", {"name": "Olga", "phone": "+7 900 1", "email": ""})
        )
        # a to-do is no contact
        entry = self.entry("Stranger")
        self.assertEqual(
            (entry["about"], entry["todo"]),
            (
                {"model": "res.partner", "id": stranger.id, "activity": None, "channel": None},
                stranger.activity_ids.id,
            ),
        )

    def test_an_email_waits_for_an_answer(self):
        self.settle(self.alfa, self.beta, self.gamma)
        order = self.order(self.gamma, "2025-06-20", 10)

        def message(record, moment, kind="email", **values):
            self.env["mail.message"].create(
                {"model": record._name, "res_id": record.id, "message_type": kind, "date": moment, **values}
            )

        message(self.alfa, "2025-06-27 09:00:00")
        message(self.gamma, "2025-06-30 23:30:00", subject="Where is it?")
        # they were called later that day; what comes tomorrow is not known yet
        self.env["mail.message"].search([("mail_activity_type_id", "!=", False)]).unlink()
        self.assertEqual(self.names(), ["Alfa", "Gamma"])
        self.assertEqual([(entry["state"], entry["late"]) for entry in self.day()["entries"]], [("due", 1), ("due", 0)])
        [reason] = self.entry("Gamma")["reasons"]
        self.assertEqual(reason["text"], "Wrote on 06/30/2025 “Where is it?” and waits for an answer.")
        # an internal note is no answer, a letter on the order is
        message(self.alfa, "2025-06-27 10:00:00", "comment", is_internal=True)
        self.assertEqual(self.names(), ["Alfa", "Gamma"])
        message(order, "2025-06-30 23:40:00", "email_outgoing")
        self.assertEqual(self.names(), ["Alfa"])
        with freeze_time("2025-07-01"):
            self.assertEqual(self.entry("Alfa")["state"], "overdue")
        with freeze_time("2025-07-28"):
            self.assertNotIn("answer", {reason["kind"] for one in self.day()["entries"] for reason in one["reasons"]})

    def test_an_agreed_contact_puts_the_norm_off(self):
        self.settle(self.beta, self.gamma)
        self.assertEqual(self.names(), ["Alfa"])
        self.plan_activity(self.alfa, "2025-07-03")
        day = self.day()
        self.assertEqual((day["entries"], day["agreed"]), ([], 1))
        self.alfa.activity_ids.unlink()
        # a letter keeps no call, a meeting does
        self.plan_activity(self.alfa, "2025-07-03", kind="email")
        self.assertEqual(self.names(), ["Alfa"])
        self.held(self.alfa, "2025-07-07")
        self.assertEqual(self.names(), [])

    def test_the_substitute_works_the_customers_of_who_is_away(self):
        boris = self.sdm_seller("boris")
        self.settle(self.alfa, self.beta)
        self.plan_activity(self.alfa, "2025-06-30", kind="todo", summary="Ask")
        self.assertEqual(self.names(boris), [])
        self.away(self.anna, boris)
        self.assertEqual(self.names(boris), ["Gamma", "Alfa"])
        self.assertEqual(self.entry("Gamma", boris)["role"], "For anna, who is away until 07/04/2025.")
        self.assertEqual(self.entry("Gamma")["role"], "")
        with freeze_time("2025-07-07"):
            self.assertEqual(self.names(boris), [])

    def test_a_co_seller_is_not_asked_for_what_the_lead_does(self):
        boris, vera = self.sdm_seller("boris"), self.sdm_seller("vera")
        for user, kind in ((boris, "co"), (vera, "substitute")):
            self.env["sdm.ownership"].create(
                {
                    "partner_id": self.gamma.id,
                    "employee_id": user.employee_id.id,
                    "kind": kind,
                    "date_from": "2025-06-01",
                }
            )
        self.assertEqual(self.names(boris), [])
        self.assertEqual(self.names(vera), ["Gamma"])
        self.assertEqual(self.entry("Gamma", vera)["role"], "As substitute seller.")

    def test_who_leads_by_the_playbook_has_the_contacts(self):
        chief, inside = self.sdm_seller("chief"), self.sdm_seller("inside")
        self.anna.employee_id.parent_id = chief.employee_id
        self.assertEqual((self.names(chief), len(self.names())), ([], 3))
        self.book.sudo().leader = "head"
        self.assertEqual((self.names(chief), self.names()), (["Alfa", "Beta", "Gamma"], []))
        self.book.sudo().write({"leader": "inside", "inside_user_id": inside.id})
        self.assertEqual((self.names(chief), self.names()), ([], []))
        self.assertEqual(self.names(inside), ["Alfa", "Beta", "Gamma"])
        # to whom the playbook gives a customer, it shows what is due
        self.assertEqual(self.alfa.with_user(inside).sdm_contact_state, "overdue")

    def test_what_the_technology_asks_now(self):
        template = self.env["sale.order.template"].create({"name": "Spare parts"})
        paper = self.env["ir.attachment"].create({"name": "prices.pdf", "raw": b"1"})
        self.book.sudo().write(
            {
                "quotation_template_id": template.id,
                "document_ids": [Command.link(paper.id)],
                "script_ids": [
                    Command.create({"name": "First call", "channel_id": self.phone.id, "body": "<p>Ask</p>"}),
                ],
            }
        )
        day = self.day()
        [playbook] = day["playbooks"].values()
        self.assertEqual(
            (playbook["template"], playbook["documents"]), (template.id, [{"id": paper.id, "name": "prices.pdf"}])
        )
        self.assertEqual(
            (playbook["scripts"][0]["name"], playbook["scripts"][0]["channel"]), ("First call", self.phone.id)
        )
        self.assertEqual({entry["playbook"] for entry in day["entries"]}, set(day["playbooks"]))

    def test_what_is_missing_for_the_next_stage(self):
        self.env["sdm.stage.criterion"].create(
            {
                "name": "The budget is known",
                "stage_id": self.stage_open.id,
                "kind": "field",
                "field_id": self.env["ir.model.fields"]._get("crm.lead", "expected_revenue").id,
            }
        )
        deal = self.deal(self.alfa, self.anna)
        self.plan_activity(deal, "2025-06-30")
        self.assertEqual(self.entry("Alfa")["deal"]["missing"], ["The budget is known"])

    def test_a_contact_of_the_customer_is_called_where_it_has_no_number(self):
        self.env["res.partner"].create({"name": "Ivan", "parent_id": self.alfa.id, "phone": "+7 1"})
        self.alfa.email = "post@example.com"
        self.assertEqual(self.entry("Alfa")["contact"], {"name": "Ivan", "phone": "+7 1", "email": "post@example.com"})

    def test_the_list_is_cut_and_counted(self):
        day = self.day(limit=2)
        self.assertEqual((len(day["entries"]), sum(day["counts"].values())), (2, 3))

    def test_whose_day_one_may_look_at(self):
        chief, boris = self.sdm_seller("chief"), self.sdm_seller("boris")
        chief.group_ids |= self.env.ref("sdm_segmentation.group_sdm_manager")
        self.anna.employee_id.parent_id = chief.employee_id
        self.assertEqual(self.names(chief, self.anna), ["Alfa", "Beta", "Gamma"])
        day = self.day(chief)
        self.assertEqual([person["name"] for person in day["people"]], ["chief", "anna"])
        self.assertTrue(day["person"]["is_me"])
        self.assertFalse(self.day(chief, self.anna)["person"]["is_me"])
        for user, of in ((chief, boris), (boris, self.anna), (self.anna, chief)):
            with self.assertRaisesRegex(AccessError, "people whom you lead"):
                self.day(user, of)
        self.assertEqual([person["name"] for person in self.day(boris)["people"]], ["boris"])
        self.assertEqual(len(self.names(self.persona("director"), self.anna)), 3)
        for name in ("payroll", "auditor", "stranger"):
            with self.assertRaisesRegex(AccessError, "is for sellers"):
                self.day(self.persona(name))

    def test_a_head_reads_no_activity_on_what_the_head_may_not_read(self):
        chief = self.sdm_seller("chief")
        chief.group_ids |= self.env.ref("sdm_segmentation.group_sdm_manager")
        self.anna.employee_id.parent_id = chief.employee_id
        self.settle(self.alfa, self.beta, self.gamma)
        private = self.env["crm.lead"].create({"name": "Of somebody else", "user_id": self.persona("seller").id})
        self.plan_activity(private, "2025-06-30")
        self.assertEqual(self.names(), ["Of somebody else"])
        self.assertEqual(self.names(chief, self.anna), [])

    def test_many_customers_cost_as_many_queries_as_few(self):
        self.book.sudo().script_ids = [Command.create({"name": "First call", "body": "<p>Ask</p>"})]
        plan = self.steps()
        scheme, segment = self.segments["A"].scheme_id, self.segments["A"]

        def come(count, name):
            for number in range(count):
                customer = self.customer(f"{name} {number}", self.anna)
                values = {"partner_id": customer.id, "scheme_id": scheme.id, "segment_id": segment.id}
                self.env["sdm.segment.membership"].create({**values, "date_from": "2025-01-01"})
                self.plan_activity(customer, "2025-06-30", note="<p>Ask</p>")
                self.env["sdm.enrolment"]._enrol(self.book, customer, plan)
                self.plan_activity(self.deal(customer, self.anna), "2025-06-30")
                order = self.order(customer, "2025-06-01", 10)
                self.env["mail.message"].create(
                    {"model": "sale.order", "res_id": order.id, "message_type": "email", "date": "2025-06-30 10:00:00"}
                )
            self.env["sdm.segment.membership"]._write_primary()

        def count():
            # what is kept in memory is there
            self.day()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            import logging

            logging.getLogger("odoo.sql_db").setLevel(10)
            h = logging.FileHandler("/tmp/myday_sql.log", "w")
            logging.getLogger("odoo.sql_db").addHandler(h)
            self.day()
            logging.getLogger("odoo.sql_db").removeHandler(h)
            logging.getLogger("odoo.sql_db").setLevel(20)
            return self.env.cr.sql_log_count - before

        come(2, "Few")
        few = count()
        come(20, "Many")
        self.assertEqual(count(), few)
        self.assertLessEqual(few, 30)

    def test_the_app_of_a_seller_opens_on_the_day(self):
        def first(user):
            menus = self.env["ir.ui.menu"].with_user(user).load_web_menus(False)
            root = menus[self.env.ref("sdm_segmentation.sdm_segmentation_menu_root").id]
            return root["actionPath"]

        self.assertEqual(first(self.anna), "sdm-my-day")
        director = self.persona("director")
        self.assertEqual(first(director), "sales-drive")
        self.assertIn(
            self.env.ref("sdm_segmentation.sdm_my_day_menu_director").id,
            self.env["ir.ui.menu"].with_user(director).load_web_menus(False),
        )


@tagged("post_install", "-at_install")
class TestMyDayOverTheWire(RpcCase, MyDayCase):
    def test_nobody_reads_the_day_of_a_colleague(self):
        boris = self.sdm_seller("boris")
        self.authenticate(boris.login, boris.login)
        _result, error = self.call("sdm.my.day", "get_day", self.anna.id)
        self.assertEqual(error, "odoo.exceptions.AccessError")
        result, error = self.call("sdm.my.day", "get_day", False)
        self.assertEqual((result["entries"], error), ([], None))
        for method in ("_collect", "_find_customers"):
            _result, error = self.call("sdm.my.day", method, self.anna.id, "2025-06-30")
            self.assertEqual(error, "odoo.exceptions.AccessError")
