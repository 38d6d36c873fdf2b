from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, tagged

from .common import RpcCase
from .test_ownership import TODAY, OwnershipCase

DENIED = "odoo.exceptions.AccessError"


class AnnouncementCase(OwnershipCase):
    """North leads Anna, South leads Boris, all with their roles; North owns the step, which is decided."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.director = cls.persona("director")
        for employee, group in (
            (cls.north, "manager"),
            (cls.south, "manager"),
            (cls.anna, "user"),
            (cls.boris, "user"),
        ):
            employee.user_id.group_ids += cls.env.ref(f"sdm_segmentation.group_sdm_{group}")
        cls.step = cls.env.ref("sdm_segmentation.sdm_roadmap_step_strategy").with_user(cls.director)
        cls.step.write({"user_id": cls.north.user_id.id, "decision": "<p>Keep A, grow B.</p>"})
        cls.step.action_decide()

    def announce(self, head=None, user=None, **vals):
        """Announce the step as the dialog does.

        :param head: to whose group; None: to everybody of the test company
        """
        step = self.step.with_user(user or self.director)
        form = Form(self.env["sdm.announce"].with_user(step.env.user).with_context(**step.action_announce()["context"]))
        form.head_id = head or self.env["hr.employee"]
        for name, value in vals.items():
            form[name] = value
        wizard = form.save()
        wizard.action_apply()
        return wizard

    def rows(self, user=None):
        """Who knows, as {name: day of reading or ""}."""
        self.env.invalidate_all()
        rows = self.env["sdm.acknowledgement"].with_user(user or self.director).search([])
        mine = rows.filtered(lambda row: (row.res_model, row.res_id) == (self.step._name, self.step.id))
        return {row.user_id.name: str(row.date_acknowledged or "")[:10] for row in mine}


@tagged("post_install", "-at_install")
class TestAnnouncement(AnnouncementCase):
    def test_a_pilot_first_and_then_everybody_else(self):
        wizard = self.announce(self.north)
        self.assertTrue(wizard.is_pilot)
        self.assertEqual(self.rows(), {"North": "", "Anna": ""})
        message = self.step.message_ids[0]
        self.assertEqual(message.subject, "A pilot with your group: Decided: Sales strategy")
        self.assertIn("Keep A, grow B.", message.body)
        self.assertEqual(message.partner_ids, (self.north | self.anna).user_id.partner_id)
        self.assertEqual(message.author_id, self.director.partner_id)
        self.assertEqual(str(self.step.date_review), "2025-07-28")
        self.assertEqual(
            {(activity.user_id.name, str(activity.date_deadline)) for activity in self.step.activity_ids},
            {("North", "2025-07-03"), ("Anna", "2025-07-03"), (self.director.name, "2025-07-28")},
        )
        others = self.announce(date_review="2025-09-01")
        self.assertEqual((others.is_pilot, others.known_count), (False, 5))
        # who announces knows it
        self.assertEqual(self.rows(), {"North": "", "Anna": "", "South": "", "Boris": "", self.director.name: TODAY})
        self.assertEqual(self.step.message_ids[0].subject, "Decided: Sales strategy")
        self.assertEqual(str(self.step.date_review), "2025-09-01")
        with self.assertRaisesRegex(UserError, "Everybody of this group knows it already"):
            self.announce(self.north)

    def test_each_acknowledges_for_oneself_once(self):
        self.announce(self.north)
        mine = self.step.with_user(self.anna.user_id)
        self.assertTrue(mine.can_acknowledge)
        self.assertFalse(self.step.with_user(self.boris.user_id).can_acknowledge)
        mine.action_acknowledge()
        self.assertEqual(self.rows(), {"North": "", "Anna": TODAY})
        self.assertEqual((self.step.acknowledged_count, self.step.asked_count), (1, 2))
        self.assertEqual(self.step.activity_ids.user_id, self.north.user_id | self.director)
        for user in (self.anna.user_id, self.boris.user_id, self.director):
            with self.assertRaisesRegex(UserError, "nothing for you to acknowledge"):
                self.step.with_user(user).action_acknowledge()

    def test_those_who_have_not_read_it_are_reminded(self):
        self.announce(self.north)
        self.step.with_user(self.anna.user_id).action_acknowledge()
        self.step.action_remind()
        self.assertEqual(self.step.message_ids[0].partner_ids, self.north.user_id.partner_id)
        self.step.with_user(self.north.user_id).action_acknowledge()
        with self.assertRaisesRegex(UserError, "Everybody who was told has read it"):
            self.step.action_remind()

    def test_what_is_decided_anew_is_announced_anew(self):
        with self.assertRaisesRegex(UserError, "is not decided, so there is nothing to announce"):
            self.env.ref("sdm_segmentation.sdm_roadmap_step_plan").action_announce()
        self.announce(self.north)
        self.step.with_user(self.anna.user_id).action_acknowledge()
        self.step.action_reopen()
        self.assertEqual((self.rows(), self.step.asked_count), ({}, 0))
        self.assertEqual(self.step.activity_ids.user_id, self.director, "the review alone")
        self.assertFalse(self.step.with_user(self.north.user_id).can_acknowledge)
        kept = (
            self.env["sdm.acknowledgement"]
            .with_context(active_test=False)
            .search([("user_id", "=", self.anna.user_id.id)])
        )
        self.assertEqual(str(kept.date_acknowledged), f"{TODAY} 12:00:00")
        self.step.decision = "<p>Keep A and B.</p>"
        self.step.action_decide()
        self.announce(self.north)
        self.assertEqual(self.rows(), {"North": "", "Anna": ""})
        self.assertIn("Keep A and B.", self.step.message_ids[0].body)

    def test_telling_many_costs_as_many_queries_for_the_counts_as_telling_one(self):
        def queries():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.step.read(["asked_count", "acknowledged_count", "can_acknowledge", "may_announce"])
            return self.env.cr.sql_log_count - before

        self.announce(self.north)
        queries()
        few = queries()
        self.announce()
        self.assertEqual(queries(), few)

    def test_what_to_do_next_is_to_read_what_was_announced(self):
        def told(user):
            self.env.invalidate_all()
            next_steps = self.env["sdm.roadmap.step"].with_user(user).get_next_steps()
            return next_steps["text"], next_steps["why"], {also["kind"]: also["text"] for also in next_steps["also"]}

        self.announce(self.north)
        text, why, _also = told(self.anna.user_id)
        self.assertEqual(text, "Read and confirm: Sales strategy")
        self.assertEqual(why, f"{self.director.name} announced it on 06/30/2025.")
        # who has to decide something decides first
        plan = self.env.ref("sdm_segmentation.sdm_roadmap_step_segmentation")
        plan.user_id = self.north.user_id
        text, _why, also = told(self.north.user_id)
        self.assertEqual((text, also["unread"]), ("Decide next: Segmentation", "To read and confirm: 1"))
        self.step.with_user(self.anna.user_id).action_acknowledge()
        self.assertEqual(told(self.anna.user_id)[0], "Read what is decided: Sales strategy")
        self.assertNotIn("unread", told(self.boris.user_id)[2])

    # -- whose --------------------------------------------------------------------------------------------------------

    def test_the_owner_of_the_step_announces_and_no_other_head(self):
        self.announce(self.south, user=self.north.user_id)
        self.assertEqual(self.rows(), {"South": "", "Boris": ""})
        # who announced sees who has read it, though they are another head's
        self.assertEqual(self.rows(self.north.user_id), {"South": "", "Boris": ""})
        step = self.step.with_user(self.south.user_id)
        self.assertFalse(step.may_announce)
        for method in ("action_announce", "action_remind"):
            with self.assertRaises(AccessError):
                getattr(step, method)()
        Wizard = self.env["sdm.announce"]
        with self.assertRaises(AccessError):
            Wizard.with_user(self.south.user_id).create({"res_model": step._name, "res_id": step.id})
        with self.assertRaises(AccessError):
            Wizard.with_user(self.anna.user_id).create({"res_model": step._name, "res_id": step.id})
        with self.assertRaisesRegex(UserError, "“res.partner” is no decision"):
            Wizard.with_user(self.north.user_id).create({"res_model": "res.partner", "res_id": self.alfa.id})

    def test_each_reads_the_own_row_a_head_those_of_the_group(self):
        self.announce()
        everybody = {"North", "Anna", "South", "Boris", self.director.name}
        for user, names in (
            (self.director, everybody),
            (self.persona("auditor"), everybody),
            (self.north.user_id, {"North", "Anna"}),
            (self.anna.user_id, {"Anna"}),
        ):
            self.assertEqual(set(self.rows(user)), names, user.name)
            for operation in ("write", "create", "unlink"):
                self.assertFalse(self.env["sdm.acknowledgement"].with_user(user).has_access(operation))

    def test_a_version_is_announced_by_the_same_means_until_it_is_replaced(self):
        scheme = self.env["sdm.scheme"].create(
            {"name": "ABC", "perimeter_id": self.env["sdm.perimeter"]._get_default().id}
        )
        first = self.env["sdm.scheme.version"].create({"scheme_id": scheme.id})
        with self.assertRaisesRegex(UserError, "is not decided"):
            first.action_announce()
        first.sudo().write({"state": "in_force", "date_from": TODAY, "reason": "Who brings the money"})
        subject, body = first._get_announcement()
        self.assertIn("Who brings the money", body)
        first._announce_to((self.anna | self.boris).user_id, subject, body)
        mine = first.with_user(self.anna.user_id)
        self.assertTrue(mine.can_acknowledge)
        mine.action_acknowledge()
        self.assertEqual((first.acknowledged_count, first.asked_count), (1, 2))
        first._stop_asking()
        self.assertEqual((first.acknowledged_count, first.asked_count), (1, 2))
        self.assertFalse(first.activity_ids)


@tagged("post_install", "-at_install")
class TestAnnouncementAttack(RpcCase, AnnouncementCase):
    def test_nobody_acknowledges_for_others_or_announces_what_is_not_theirs(self):
        self.announce(self.north)
        rows = self.env["sdm.acknowledgement"].search([("user_id", "=", self.north.user_id.id)])
        self.authenticate(self.anna.user_id.login, self.anna.user_id.login)
        self.assertEqual(self.call("sdm.roadmap.step", "action_acknowledge", self.step.ids), (True, None))
        self.assertEqual(self.rows(), {"North": "", "Anna": TODAY})
        vals = {"date_acknowledged": f"{TODAY} 12:00:00"}
        self.assertEqual(self.call("sdm.acknowledgement", "write", rows.ids, vals)[1], DENIED)
        self.assertEqual(self.call("sdm.acknowledgement", "unlink", rows.ids)[1], DENIED)
        self.assertEqual(
            self.call("sdm.acknowledgement", "search_count", [["user_id", "!=", self.anna.user_id.id]])[0], 0
        )
        for method in ("action_announce", "action_remind", "_announce_to", "_call_off", "_stop_asking"):
            self.assertEqual(self.call("sdm.roadmap.step", method, self.step.ids)[1], DENIED, method)
        wizard = {"res_model": "sdm.roadmap.step", "res_id": self.step.id, "user_ids": [], "body": "<p>So it is</p>"}
        self.assertEqual(self.call("sdm.announce", "create", [wizard])[1], DENIED)
        step = {"acknowledgement_ids": [[0, 0, {"user_id": self.boris.user_id.id}]]}
        self.authenticate(self.north.user_id.login, self.north.user_id.login)
        self.assertEqual(self.call("sdm.roadmap.step", "write", self.step.ids, step)[1], DENIED)


@tagged("post_install", "-at_install")
class TestAnnouncementTour(HttpCase, AnnouncementCase):
    browser_size = "1366x900"

    def announce_by_tour(self):
        for employee in (self.north, self.anna, self.boris):
            employee.name = employee.user_id.name = f"Tour {employee.name}"
        path = f"/odoo/sales-drive/{self.step.id}"
        self.start_tour(path, "sdm_announcement_tour", login=self.director.login)
        self.assertEqual(self.rows(), {"Tour North": "", "Tour Anna": ""})
        self.start_tour(path, "sdm_announcement_read_tour", login=self.anna.user_id.login)
        self.assertEqual(self.rows(), {"Tour North": "", "Tour Anna": TODAY})

    def test_announced_to_a_pilot_and_read_in_english(self):
        self.announce_by_tour()

    def test_announced_to_a_pilot_and_read_in_russian(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        (self.director | self.anna.user_id).lang = "ru_RU"
        self.announce_by_tour()
