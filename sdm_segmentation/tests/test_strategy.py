"""What we want from a segment: the sheet, its versions, who is told and who sees it."""

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .common import GROUPS, RpcCase
from .segmentation import AS_OF, SegmentationCase


class StrategyCase(SegmentationCase):
    """An ABC in force: One is A, Two is B."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.one, cls.two = cls.sold(One=900, Two=100)
        cls.scheme_in_force = cls.in_force("abc", is_primary=True)
        cls.segment = {segment.name: segment for segment in cls.scheme_in_force.segment_ids}
        cls.director = cls.persona("director")

    @classmethod
    def strategy(cls, segment="A", **values):
        """A draft that can be put in force."""
        return cls.env["sdm.strategy"].create(
            {
                "segment_id": cls.segment[segment].id,
                "goal": "keep",
                "offer": "A part within four hours\nor its price back",
                "user_id": cls.director.id,
                **values,
            }
        )

    @classmethod
    def follow(cls, strategy, date=AS_OF):
        """Put a strategy in force."""
        strategy._put_in_force(date, "They bring nine tenths")
        return strategy


@tagged("post_install", "-at_install")
class TestStrategy(StrategyCase):
    def test_a_customer_and_a_deal_say_what_we_want(self):
        contact = self.env["res.partner"].create({"name": "Ann", "parent_id": self.one.id})
        deal = self.deal(contact)
        strategy = self.strategy()
        self.assertFalse(self.one.sdm_strategy_line)
        self.follow(strategy)
        line = "Keep: A part within four hours"
        self.assertEqual((contact.sdm_strategy_line, deal.sdm_strategy_line), (line, line))
        self.assertFalse(self.two.sdm_strategy_line)
        self.assertEqual((self.segment["A"].strategy_id, self.segment["A"].goal), (strategy, "keep"))

    def test_the_next_one_replaces_it_from_its_day_on(self):
        first = self.follow(self.strategy())
        action = first.action_change()
        second = self.env["sdm.strategy"].browse(action["res_id"])
        self.assertEqual((second.number, second.state, second.offer), (2, "draft", first.offer))
        self.assertEqual(first.action_change()["res_id"], second.id)
        second.goal = "grow"
        second._put_in_force(AS_OF.replace(month=7, day=10), "Room for more")
        self.env["sdm.strategy"]._cron_come_into_force()
        self.assertEqual((first.state, second.state, self.segment["A"].goal), ("in_force", "scheduled", "keep"))
        with freeze_time("2025-07-10"):
            self.env["sdm.strategy"]._cron_come_into_force()
        self.assertEqual((first.state, second.state, self.segment["A"].goal), ("replaced", "in_force", "grow"))
        self.assertEqual(first.date_to, AS_OF.replace(month=7, day=9))

    def test_what_is_in_force_is_not_rewritten(self):
        strategy = self.follow(self.strategy()).with_user(self.director)
        with self.assertRaisesRegex(UserError, "A, strategy 1 has been in force"):
            strategy.offer = "Nothing"
        with self.assertRaisesRegex(UserError, "Put in force"):
            strategy.state = "draft"
        with self.assertRaisesRegex(UserError, "stays as it was"):
            strategy.unlink()
        with self.assertRaisesRegex(UserError, "Put in force"):
            self.env["sdm.strategy"].with_user(self.director).create(
                {"segment_id": self.segment["B"].id, "state": "in_force"}
            )

    def test_it_needs_an_offer_and_who_leads(self):
        strategy = self.strategy(offer=False)
        with self.assertRaisesRegex(UserError, "“Value offer” what customers of “A” get"):
            strategy.action_put_in_force()
        strategy.write({"offer": "Speed", "user_id": False})
        with self.assertRaisesRegex(UserError, "Nobody leads “A” yet"):
            strategy.action_put_in_force()
        strategy.job_id = self.env["hr.job"].create({"name": "Key account manager"})
        self.assertEqual(strategy.action_put_in_force()["res_model"], "sdm.strategy.put.in.force")

    def test_not_for_days_that_are_over(self):
        with self.assertRaisesRegex(UserError, "Choose 06/30/2025 or a later day"):
            self.strategy()._put_in_force(AS_OF.replace(day=29), "Late")

    def test_facts_stand_beside(self):
        # 900 now; before: 600 of the same customer, and 50 of one that is in no segment
        self.invoice(self.one, 600, "2024-06-30")
        self.invoice(self.customer("Gone"), 50, "2024-06-01")
        self.invoice(self.one, 1000, "2023-06-30")
        strategy = self.strategy()
        self.assertEqual((strategy.customer_count, strategy.revenue, strategy.revenue_before), (1, 900, 600))
        self.assertEqual(strategy.change.replace("\N{NO-BREAK SPACE}", " "), "+50 %")
        other = self.strategy("B")
        self.assertEqual((other.customer_count, other.revenue, other.revenue_before), (1, 100, 0))
        self.assertEqual(other.change, "–")
        empty = self.strategy("C")
        self.assertEqual((empty.customer_count, empty.revenue, empty.change), (0, 0, "–"))

    def test_growth_and_revenue_follow_from_each_other(self):
        with Form(self.strategy()) as form:
            form.target_growth = 20
            self.assertEqual(form.target_revenue, 1080)
            form.target_revenue = 990
            self.assertEqual(form.target_growth, 10)

    def test_facts_cost_the_same_for_one_and_for_many(self):
        strategies = self.strategy() | self.strategy("B") | self.strategy("C")

        def count(records):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            records.mapped("revenue")
            return self.env.cr.sql_log_count - before

        count(strategies)
        self.assertLessEqual(count(strategies), count(strategies[0]))

    def test_the_line_costs_a_form_at_most_one_query(self):
        self.follow(self.strategy())
        deal = self.deal(self.one)
        for record, segment in ((self.one, "sdm_customer_segment_id"), (deal, "sdm_segment_id")):
            counts = []
            for names in ([segment], [segment, "sdm_strategy_line"]):
                record.read(names)
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                record.read(names)
                counts.append(self.env.cr.sql_log_count - before)
            self.assertLessEqual(counts[1] - counts[0], 1, (record._name, counts))

    def test_who_leads_and_who_has_a_customer_is_told(self):
        anna = self.seller("Anna")
        boris = self.seller("Boris")
        self.one.user_id = anna
        self.two.user_id = boris
        strategy = self.strategy().with_user(self.director)
        wizard = self.env["sdm.strategy.put.in.force"].with_user(self.director)
        wizard = wizard.create({"strategy_id": strategy.id, "reason": "They bring nine tenths"})
        self.assertEqual(wizard.team_ids, anna | self.director)
        self.assertEqual(wizard.date_review, AS_OF.replace(month=9))
        wizard.action_apply()
        self.assertEqual((strategy.state, strategy.approved_by_id), ("in_force", self.director))
        message = strategy.message_ids.filtered(lambda message: message.subject)
        self.assertEqual(message.subject, "Strategy for “A”")
        self.assertIn("Keep: A part within four hours", message.body)
        self.assertIn(anna.partner_id, message.notified_partner_ids)
        self.assertNotIn(boris.partner_id, message.notified_partner_ids)

    def test_the_roadmap_knows_which_segments_have_none(self):
        step = self.env.ref("sdm_segmentation.sdm_roadmap_step_strategy")
        self.scheme_in_force.perimeter_id = self.env["sdm.perimeter"]._get_default()
        self.follow(self.strategy())
        self.strategy("B")
        self.assertEqual(step.check_text, "1 of 3: segments have a strategy in force. Missing: B and C.")
        self.scheme_in_force.is_primary = False
        step.invalidate_recordset()
        self.assertEqual(step.check_text, "There are no segments in force that a strategy could be for.")

    def test_a_sheet_is_printed(self):
        strategy = self.follow(self.strategy(target_growth=10, target_share=60))
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "sdm_segmentation.sdm_strategy_report_document", strategy.ids
        )
        text = html.decode()
        for expected in ("A part within four hours", "They bring nine tenths", "Target share of wallet", "+10"):
            self.assertIn(expected, text)

    def test_who_may_what(self):
        draft = self.strategy("B")
        force = self.follow(self.strategy())
        allowed = {
            "seller": ("r", ""),
            "head": ("r", "r"),
            "director": ("rwcu", "rwcu"),
            "payroll": ("r", ""),
            "auditor": ("r", "r"),
            "stranger": ("", ""),
        }
        people = {name: self.director if name == "director" else self.persona(name) for name in GROUPS}
        for name, user in people.items():
            for strategy, letters in zip((force, draft), allowed[name], strict=True):
                for operation in ("read", "write", "create", "unlink"):
                    with self.subTest(persona=name, strategy=strategy.display_name, operation=operation):
                        may = strategy.with_user(user).has_access(operation)
                        self.assertEqual(may, operation[0] in letters)

    def test_a_seller_sees_facts_of_the_own_customers_only(self):
        seller = new_test_user(self.env, "sdm_facts", GROUPS["seller"], company_id=self.company.id)
        self.env["hr.employee"].create({"name": "Anna", "user_id": seller.id, "company_id": self.company.id})
        force = self.follow(self.strategy()).with_user(seller)
        self.assertEqual((force.customer_count, force.revenue), (0, 0))
        self.one.user_id = seller
        force.invalidate_recordset()
        self.assertEqual((force.customer_count, force.revenue), (1, 900))
        self.assertEqual(self.one.with_user(seller).sdm_strategy_line, "Keep: A part within four hours")

    def test_a_director_of_one_company_does_not_decide_for_all(self):
        other = self.env["res.company"].create({"name": "Other"})
        strategy = self.strategy()
        self.director.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        with self.assertRaises(AccessError):
            strategy.with_user(self.director).with_context(allowed_company_ids=other.ids).offer = "Mine"


@tagged("post_install", "-at_install")
class TestStrategyByRpc(RpcCase, StrategyCase):
    def test_who_may_not_is_refused_over_the_wire(self):
        denied = "odoo.exceptions.AccessError"
        draft = self.strategy("B")
        force = self.follow(self.strategy())
        for name in ("seller", "head", "payroll", "auditor"):
            user = self.persona(name)
            self.authenticate(user.login, user.login)
            rows, _error = self.call("sdm.strategy", "search_read", [], ["goal"])
            seen = {row["id"] for row in rows} & set((draft | force).ids)
            decided = force if name in ("seller", "payroll") else draft | force
            self.assertEqual(seen, set(decided.ids), name)
            self.assertEqual(self.call("sdm.strategy", "write", draft.ids, {"offer": "Mine"})[1], denied, name)
            self.assertEqual(self.call("sdm.strategy", "action_put_in_force", draft.ids)[1], denied, name)
            self.assertEqual(self.call("sdm.strategy", "_put_in_force", draft.ids)[1], denied, name)
            if name == "payroll":
                self.assertEqual(self.call("sdm.strategy", "read", force.ids, ["revenue"])[1], denied)
        stranger = self.persona("stranger")
        self.authenticate(stranger.login, stranger.login)
        self.assertEqual(self.call("sdm.strategy", "search_read", [], ["goal"])[1], denied)
        self.authenticate(self.director.login, self.director.login)
        self.assertEqual(self.call("sdm.strategy", "write", draft.ids, {"offer": "Ours"}), (True, None))
        self.assertEqual(self.call("sdm.strategy", "write", draft.ids, {"state": "in_force"})[1], denied)
