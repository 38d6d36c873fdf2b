from lxml import etree

from odoo.tests import freeze_time, tagged

from .test_hand_over import HandOverCase
from .test_ownership import TODAY

BUDGET = 30
# Contacts are Odoo's own screen: what it costs there is Odoo's, what we add to it is ours
ODOOS = {"res.partner"}


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 12:00:00")
class TestScreens(HandOverCase):
    """Every screen of the app opens with few queries, whatever it shows."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.director.tz = "UTC"
        for number in range(12):
            seller = (cls.anna if number % 2 else cls.boris).user_id
            customer = cls.customer(f"Customer {number}", seller, vat=f"RU{number % 6}", customer_rank=1)
            cls.won("2025-01-10", 10 + number, customer, seller)
            cls.deal(customer, seller)
        for _number in range(2):
            cls.env["sdm.diagnosis"].create({"date": TODAY, "company_id": cls.company.id}).action_measure()
        cls.hand_over_done = cls.env["sdm.hand.over"].create(
            {"giver_id": cls.anna.id, "receiver_id": cls.boris.id, "date": TODAY}
        )
        cls.env["sdm.roll.out"].create({"head_id": cls.north.id}).action_roll_out()
        group = cls.env["sdm.customer.group"].create({"name": "Lutik"})
        (cls.alfa | cls.beta).sdm_customer_group_id = group
        for customer in cls.env["res.partner"].search([("name", "in", ("Customer 0", "Customer 6"))]):
            customer.email = "office@romashka.example"
        cls.env["sdm.customer.group.proposal"]._search_groups()
        cls.env["resource.calendar.leaves"].create(
            {
                "sdm_employee_id": cls.anna.id,
                "sdm_substitute_id": cls.boris.id,
                "date_from": "2025-06-29 06:00:00",
                "date_to": "2025-07-14 15:00:00",
            }
        )
        step = cls.env.ref("sdm_segmentation.sdm_roadmap_step_strategy")
        step.decision = "<p>Keep A.</p>"
        step.action_decide()
        step._announce_to(cls.anna.user_id | cls.boris.user_id, "Decided", "<p>Keep A.</p>")

    def specification(self, model, node):
        """What the browser asks of the fields of a view."""
        specification = {}
        for field in node.iterdescendants("field"):
            name, inside = field.get("name"), next(field.iterancestors("field"), None)
            if name not in self.env[model]._fields or (inside is not None and inside is not node):
                continue
            known = self.env[model]._fields[name]
            rows = next((child for child in field if child.tag in ("list", "kanban")), None)
            if rows is not None:
                specification[name] = {"fields": self.specification(known.comodel_name, field), "limit": 40}
            else:
                specification[name] = {"fields": {"display_name": {}}} if known.type == "many2one" else {}
        return specification

    def screens(self, user):
        """Every window that the menus of the app open to a user, as (menu, model, mode, what the browser asks for)."""
        root = self.env.ref("sdm_segmentation.sdm_segmentation_menu_root")
        menus = self.env["ir.ui.menu"].search(
            [("id", "child_of", root.id), ("action", "like", "ir.actions.act_window,")]
        )
        shown = self.env["ir.ui.menu"].with_user(user)._visible_menu_ids()
        for menu in menus.filtered(lambda menu: menu.id in shown):
            action = menu.action
            model = self.env[action.res_model].with_user(user)
            for view_id, mode in action.views:
                if mode not in ("list", "kanban", "form"):
                    continue
                arch = model.get_views([(view_id, mode)])["views"][mode]["arch"]
                yield menu.name, model, mode, self.specification(action.res_model, etree.fromstring(arch))

    def open(self, model, mode, specification):
        """Read what a screen shows.

        :return: whether there is anything
        """
        if mode == "form":
            record = model.search([("id", "!=", 0)], limit=1)
            self.env.invalidate_all()
            return bool(record.web_read(specification))
        return bool(model.web_search_read([], specification, limit=80)["records"])

    def check(self, user):
        opened = set()
        for name, model, mode, specification in list(self.screens(user)):
            if model._name in ODOOS:
                continue
            with self.subTest(user=user.login, menu=name, mode=mode):
                # rights, rules and the like are looked up once
                self.open(model, mode, specification)
                self.env.flush_all()
                self.env.invalidate_all()
                with self.assertQueryCount(BUDGET):
                    if self.open(model, mode, specification):
                        opened.add((model._name, mode))
        return opened

    def test_every_screen_of_the_director_opens_within_its_budget(self):
        opened = self.check(self.director)
        expected = {
            ("sdm.roadmap.step", "kanban"),
            ("sdm.roadmap.step", "form"),
            ("sdm.diagnosis", "form"),
            ("sdm.position", "list"),
            ("sdm.ownership", "list"),
            ("sdm.hand.over", "form"),
            ("sdm.hand.over", "kanban"),
            ("sdm.roll.out", "form"),
            ("sdm.access.report", "list"),
            ("sdm.customer.group", "form"),
            ("sdm.customer.group.proposal", "form"),
            ("resource.calendar.leaves", "kanban"),
        }
        self.assertFalse(expected - opened)

    def test_every_screen_of_a_seller_and_a_head_opens_within_its_budget(self):
        for user in (self.anna.user_id, self.north.user_id):
            self.assertIn(("sdm.roadmap.step", "kanban"), self.check(user))

    def test_every_screen_of_hr_and_of_the_auditor_opens_within_its_budget(self):
        for name in ("payroll", "auditor"):
            self.assertIn(("sdm.roadmap.step", "kanban"), self.check(self.persona(name)))

    def test_what_stands_above_the_roadmap_opens_within_its_budget(self):
        for user in (self.director, self.anna.user_id, self.north.user_id):
            steps, diagnosis = (self.env[model].with_user(user) for model in ("sdm.roadmap.step", "sdm.diagnosis"))
            for read in (steps.get_next_steps, diagnosis.get_banner):
                read()
                self.env.invalidate_all()
                with self.subTest(user=user.login, read=read.__name__), self.assertQueryCount(BUDGET):
                    read()

    def test_whose_a_customer_is_costs_two_queries_in_a_list(self):
        partners = self.env["res.partner"].with_user(self.anna.user_id)

        def read(names):
            partners.web_search_read([("is_sdm_mine", "=", True)], {name: {} for name in names}, limit=80)
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            partners.web_search_read([("is_sdm_mine", "=", True)], {name: {} for name in names}, limit=80)
            return self.cr.sql_log_count - before

        self.assertLessEqual(read(["name", "sdm_my_kind"]) - read(["name"]), 2)
