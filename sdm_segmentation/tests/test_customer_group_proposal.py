from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain
from odoo.tests import freeze_time, tagged

from ..models import sdm_customer_group_proposal
from .common import GROUPS, RpcCase, SdmCase
from .test_access import OPERATIONS

TODAY = "2025-06-30"
MODELS = ("sdm.customer.group.proposal", "sdm.customer.group.proposal.line")
ALLOWED = {
    "seller": ("", ""),
    "head": ("", ""),
    "director": ("rwu", "rw"),
    "payroll": ("", ""),
    "auditor": ("r", "r"),
    "stranger": ("", ""),
}


class ProposalCase(SdmCase):
    """Customers of the test only: those of the database take no part."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["sdm.customer.group.proposal"].search([("id", "!=", 0)]).unlink()
        Proposal = type(cls.env["sdm.customer.group.proposal"])
        domain, last = Proposal._get_partner_domain, cls.env["res.partner"].search([], order="id desc", limit=1).id
        cls.startClassPatcher(
            patch.object(Proposal, "_get_partner_domain", lambda self: domain(self) & Domain("id", ">", last))
        )
        cls.Proposal = cls.env["sdm.customer.group.proposal"]
        cls.company.country_id = cls.env.ref("base.ru")

    def search_groups(self):
        """Search, and tell the open proposals as {name of the group: members}."""
        self.Proposal._search_groups()
        return {proposal.name: proposal.line_ids.partner_id for proposal in self.open()}

    def open(self):
        return self.Proposal.search([("state", "=", "open")])


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestProposal(ProposalCase):
    def test_reasons_come_with_their_values(self):
        one = self.customer('ООО "Лютик"', vat="7701234567", email="info@lutik.example.ru", city="Москва")
        two = self.customer("Лютик, АО (Казань)", vat="7701234567", website="https://www.lutik-shop.ru/about")
        three = self.customer("Ромашка", website="lutik-shop.ru")
        self.customer("Наша дочка", parent_id=self.company.partner_id.id)
        four = self.customer("Дочка", parent_id=three.id)
        self.env["res.partner"].create({"name": "Ivan", "parent_id": one.id, "email": "ivan@lutik-shop.ru"})
        self.customer("Другой", email="a@gmail.com")
        self.customer("Третий", email="b@gmail.com")
        self.won("2025-02-01", 10, two)
        self.assertEqual(self.search_groups(), {"Ромашка": two | one | three | four})
        proposal = self.open()
        self.assertEqual((proposal.strength, proposal.revenue, proposal.state), ("medium", 10, "open"))
        self.assertEqual(
            proposal.reasons.split("\n"),
            [
                "Same tax number RU7701234567: one legal entity, perhaps entered twice",
                "Entered under Ромашка as their parent company",
                "Same e-mail or website domain lutik-shop.ru (3 customers)",
                "Same name but for legal form, city and alphabet: Лютик",
            ],
        )
        line = proposal.line_ids.filtered(lambda line: line.partner_id == four)
        self.assertEqual(line.reasons, "Entered under Ромашка as their parent company")
        line = proposal.line_ids.filtered(lambda line: line.partner_id == three)
        self.assertEqual(
            line.reasons, "Parent company of another one here\nSame e-mail or website domain lutik-shop.ru"
        )

    def test_people_suppliers_and_the_own_companies_take_no_part(self):
        for name in ("Иван Петров", "Пётр Иванов"):
            self.env["res.partner"].create({"name": name, "email": f"{name[0]}@lutik.example.ru"})
        for name in ("Снаб", "ООО Снаб"):
            self.customer(name, supplier_rank=1)
        self.customer("Test Trade")
        self.customer("Архив").active = False
        self.customer("ООО Архив")
        self.assertEqual(self.search_groups(), {})

    def test_a_supplier_that_also_buys_takes_part(self):
        pair = self.customer("Снаб", supplier_rank=1, customer_rank=1) | self.customer("ООО Снаб")
        self.assertEqual(list(self.search_groups().values()), [pair])

    def test_a_second_search_changes_nothing(self):
        self.customer("Лютик") | self.customer("ООО Лютик")
        self.search_groups()
        before = self.open()
        before.name = "Holding"
        before.line_ids[0].is_included = False
        self.env.flush_all()
        stamp = before.line_ids.mapped("write_date")
        self.search_groups()
        self.assertEqual((self.open(), before.name), (before, "Holding"))
        self.assertEqual((before.line_ids[0].is_included, before.line_ids.mapped("write_date")), (False, stamp))

    def test_a_search_brings_proposals_up_to_date(self):
        one, two = self.customer("Лютик"), self.customer("ООО Лютик")
        self.search_groups()
        three = self.customer("АО Лютик")
        self.assertEqual(list(self.search_groups().values()), [one | two | three])
        self.assertEqual(len(self.open()), 1)
        (two | three).active = False
        self.assertEqual(self.search_groups(), {})

    def test_the_largest_come_first(self):
        for name, value in (("Малый", 1), ("Большой", 100), ("Средний", 10)):
            self.customer(name)
            self.won("2025-02-01", value, self.customer(f"ООО {name}"))
        self.assertEqual(list(self.search_groups()), ["Большой", "Средний", "Малый"])

    def test_accepting_makes_a_group_of_those_that_are_ticked(self):
        one, two, three = (self.customer(name) for name in ("Лютик", "ООО Лютик", "АО Лютик"))
        self.won("2025-02-01", 5, two)
        self.search_groups()
        proposal = self.open()
        proposal.line_ids.filtered(lambda line: line.partner_id == three).is_included = False
        action = proposal.action_accept()
        group = proposal.group_id
        self.assertEqual((group.name, group.member_ids, group.head_member_id), ("Лютик", one | two, two))
        self.assertEqual((action["res_model"], action["res_id"]), ("sdm.customer.group", group.id))
        self.assertEqual((proposal.state, proposal.decided_by_id), ("accepted", self.env.user))
        # who was left out is not asked about again, a newcomer is
        self.assertEqual(self.search_groups(), {})
        four = self.customer("ЗАО Лютик")
        self.assertEqual(self.search_groups(), {"Лютик": one | two | four})
        extension = self.open()
        self.assertEqual(extension.group_id, group)
        self.assertEqual(extension.line_ids.filtered("was_member").partner_id, one | two)
        extension.action_accept()
        self.assertEqual((group.member_ids, group.head_member_id), (one | two | four, two))

    def test_the_parent_of_the_others_becomes_the_main_company(self):
        top = self.customer("Вершина")
        one, two = (self.customer(name, parent_id=top.id) for name in ("Первая", "Вторая"))
        self.won("2025-02-01", 5, two)
        self.assertEqual(list(self.search_groups()), ["Вершина"])
        self.open().action_accept()
        self.assertEqual(top.sdm_customer_group_id.head_member_id, top)
        self.assertEqual(top.sdm_customer_group_id.member_ids, top | one | two)

    def test_what_was_refused_is_never_proposed_again(self):
        self.customer("Лютик") | self.customer("ООО Лютик")
        self.search_groups()
        proposal = self.open()
        proposal.action_refuse()
        self.assertEqual(self.search_groups(), {})
        self.customer("АО Лютик")
        self.assertEqual(self.search_groups(), {}, "the name has been judged")
        proposal.action_reopen()
        self.assertEqual(len(self.search_groups()), 1)
        self.assertFalse(proposal.exists(), "three customers are another proposal")

    def test_a_refused_newcomer_stays_out_of_the_group(self):
        one, two, three = (self.customer(name) for name in ("Лютик", "ООО Лютик", "АО Лютик"))
        group = self.env["sdm.customer.group"].create({"name": "Лютик"})
        group.member_ids = one | two
        self.assertEqual(self.search_groups(), {"Лютик": one | two | three})
        self.open().action_refuse()
        self.assertEqual(self.search_groups(), {})
        self.assertEqual(group.member_ids, one | two)

    def test_an_archived_group_grows_no_more(self):
        one, two = self.customer("Лютик"), self.customer("ООО Лютик")
        group = self.env["sdm.customer.group"].create({"name": "Лютик", "active": False})
        one.sdm_customer_group_id = group
        self.assertEqual(self.search_groups(), {})
        self.assertFalse(two.sdm_customer_group_id)

    def test_accepting_in_bulk(self):
        for name in ("Лютик", "Ромашка"):
            self.customer(name) | self.customer(f"ООО {name}")
        self.search_groups()
        proposals = self.open()
        self.assertIs(proposals.action_accept(), True)
        self.assertEqual(sorted(proposals.group_id.mapped("name")), ["Лютик", "Ромашка"])
        self.assertEqual(len(proposals.group_id.member_ids), 4)

    def test_what_cannot_be_accepted_says_why(self):
        one, two, three = (self.customer(name) for name in ("Лютик", "ООО Лютик", "АО Лютик"))
        self.search_groups()
        proposal = self.open()
        proposal.line_ids.filtered(lambda line: line.partner_id != one).is_included = False
        with self.assertRaisesRegex(UserError, "Tick at least two customers"):
            proposal.action_accept()
        proposal.line_ids.is_included = True
        two.sdm_customer_group_id = self.env["sdm.customer.group"].create({"name": "Other"})
        with self.assertRaisesRegex(UserError, "ООО Лютик is in the group Other by now. Untick it"):
            proposal.action_accept()
        proposal.line_ids.filtered(lambda line: line.partner_id == two).is_included = False
        proposal.action_accept()
        self.assertEqual(proposal.group_id.member_ids, one | three)

    def test_customers_of_one_company_make_a_group_of_that_company(self):
        pair = self.customer("Лютик", company_id=self.company.id) | self.customer(
            "ООО Лютик", company_id=self.company.id
        )
        self.search_groups()
        self.open().action_accept()
        self.assertEqual(pair.sdm_customer_group_id.company_id, self.company)

    def test_a_customer_merged_after_a_refusal_is_still_refused(self):
        one, two = self.customer("Лютик"), self.customer("ООО Лютик")
        self.search_groups()
        self.open().action_refuse()
        three = self.customer("Copy")
        self.env["base.partner.merge.automatic.wizard"]._merge((two | three).ids, three)
        three.name = "ООО Лютик"
        self.assertEqual(self.search_groups(), {})
        self.assertTrue(one.exists())

    def test_a_search_takes_as_many_queries_over_few_customers_as_over_many(self):
        def count():
            self.search_groups()
            self.open().action_refuse()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.Proposal._search_groups()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        names = [f"{first}{second}" for first in ("Альфа", "Бета", "Гамма", "Дельта") for second in ("рост", "свет")]
        for name in names[:2]:
            self.customer(name) | self.customer(f"ООО {name}")
        few = count()
        for name in names[2:]:
            self.customer(name) | self.customer(f"ООО {name}") | self.customer(f"ИП {name}")
        self.assertEqual(count(), few)

    def test_proposals_are_written_in_as_many_queries_for_few_as_for_many(self):
        def count(names):
            for name in names:
                self.customer(name) | self.customer(f"ООО {name}")
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.Proposal._search_groups()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        count(["Пробный"])
        few = count(["Первый", "Второй"])
        many = count([f"{first}{second}" for first in ("Альфа", "Бета", "Гамма") for second in ("рост", "свет", "дом")])
        self.assertLessEqual(many, few)

    def test_in_parts_the_same_is_found(self):
        pairs = [self.customer(name) | self.customer(f"ООО {name}") for name in ("Лютик", "Ромашка", "Василёк")]
        with patch.object(sdm_customer_group_proposal, "BATCH", 2):
            found = self.search_groups()
        self.assertEqual(set(found.values()), set(pairs))

    def test_many_customers_are_searched_in_the_background(self):
        self.customer("Лютик") | self.customer("ООО Лютик")
        with patch.object(sdm_customer_group_proposal, "AT_ONCE", 1):
            action = self.Proposal.action_search()
        self.assertEqual((action["tag"], len(self.open())), ("display_notification", 0))
        cron = self.env.ref("sdm_segmentation.ir_cron_customer_group_search")
        self.assertTrue(self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]))
        self.Proposal._cron_search()
        self.assertEqual(len(self.open()), 1)

    def test_few_customers_are_searched_at_once(self):
        self.customer("Лютик") | self.customer("ООО Лютик")
        action = self.Proposal.with_user(self.persona("director")).action_search()
        self.assertEqual((action["res_model"], len(self.open())), ("sdm.customer.group.proposal", 1))


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestProposalAccess(ProposalCase):
    def test_each_group_can_do_what_it_must_and_nothing_else(self):
        for name in GROUPS:
            user = self.persona(name)
            for model, allowed in zip(MODELS, ALLOWED[name], strict=True):
                for operation in OPERATIONS:
                    may = self.env[model].with_user(user).has_access(operation)
                    self.assertEqual(may, operation[0] in allowed, (name, model, operation))

    def test_the_director_decides_and_the_auditor_looks_on(self):
        pair = self.customer("Лютик") | self.customer("ООО Лютик")
        self.search_groups()
        proposal = self.open()
        auditor = proposal.with_user(self.persona("auditor"))
        self.assertIn("Лютик", auditor.reasons)
        for method in ("action_accept", "action_refuse", "action_search"):
            with self.assertRaises(AccessError):
                getattr(auditor, method)()
        proposal.with_user(self.persona("director")).action_accept()
        self.assertEqual(pair.sdm_customer_group_id, proposal.group_id)

    def test_a_proposal_is_for_who_may_see_all_its_customers(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.customer("Лютик"), self.customer("ООО Лютик", company_id=other.id)
        shared = self.customer("Ромашка") | self.customer("ООО Ромашка", company_id=self.company.id)
        self.search_groups()
        director = self.persona("director")
        seen = self.open().with_user(director).search([("state", "=", "open")])
        self.assertEqual(seen.line_ids.partner_id, shared)
        lines = (
            self.env["sdm.customer.group.proposal.line"]
            .with_user(director)
            .search([("proposal_id.state", "=", "open")])
        )
        self.assertEqual(lines.partner_id, shared)
        director.company_ids = [Command.link(other.id)]
        both = self.open().with_user(director).with_context(allowed_company_ids=(self.company | other).ids)
        self.assertEqual(len(both.search([("state", "=", "open")])), 2)


@tagged("post_install", "-at_install")
class TestProposalRpc(ProposalCase, RpcCase):
    def test_over_the_wire_the_director_searches_and_decides(self):
        self.customer("Лютик") | self.customer("ООО Лютик")
        self.persona("director")
        self.authenticate("sdm_director", "sdm_director")
        action, error = self.call("sdm.customer.group.proposal", "action_search", [])
        self.assertEqual((action and action["res_model"], error), ("sdm.customer.group.proposal", None))
        proposal = self.open()
        self.call("sdm.customer.group.proposal", "action_refuse", proposal.ids)
        proposal.invalidate_recordset()
        self.assertEqual(proposal.state, "refused")

    def test_over_the_wire_nobody_writes_proposals_by_hand(self):
        self.persona("director")
        self.authenticate("sdm_director", "sdm_director")
        _result, error = self.call("sdm.customer.group.proposal", "create", {"name": "Mine", "strength": "weak"})
        self.assertEqual(error, "odoo.exceptions.AccessError")
