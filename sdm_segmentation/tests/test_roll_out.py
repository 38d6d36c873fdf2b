import re

from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .common import RpcCase
from .test_ownership import TODAY, OwnershipCase

ROLES = {
    None: None,
    "seller": "sdm_segmentation.group_sdm_user",
    "head": "sdm_segmentation.group_sdm_manager",
    "director": "sdm_segmentation.group_sdm_director",
}


class RollOutCase(OwnershipCase):
    """North leads Anna, South leads Boris; all of them sell and none has a role in Sales Drive yet."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.director = cls.persona("director")
        cls.RollOut = cls.env["sdm.roll.out"].with_user(cls.director)
        # whatever the database brings with it
        cls.env["sdm.roll.out"].search([("state", "!=", False)]).sudo().state = "withdrawn"

    def role(self, employee):
        """The role that the employee's user has in Odoo itself."""
        user = employee.user_id if employee._name == "hr.employee" else employee
        return next((role for role in reversed(ROLES) if role and user.has_group(ROLES[role])), None)

    def give(self, employee, role):
        """Give a role by hand, as on the user form."""
        groups = [self.env.ref(group).id for group in ROLES.values() if group]
        kept = [Command.link(self.env.ref(ROLES[role]).id)] if role else []
        employee.user_id.write({"group_ids": [Command.unlink(group) for group in groups] + kept})

    def roll_out(self, head=None, start=True, **vals):
        """A roll-out by the director to the group of a head (North)."""
        if not vals.get("team_id"):
            vals["head_id"] = (head or self.north).id
        roll_out = self.RollOut.create(vals)
        if start:
            roll_out.action_roll_out()
        return roll_out

    def outcomes(self, roll_out):
        """What happened to whom, as {name: (outcome, role before, role after)}."""
        return {
            line.employee_id.name: (line.outcome, line.role_before or None, line.role_after or None)
            for line in roll_out.sudo().line_ids
        }


@tagged("post_install", "-at_install")
class TestRollOut(RollOutCase):
    # -- giving -------------------------------------------------------------------------------------------------------

    def test_who_leads_becomes_head_and_everybody_else_seller(self):
        vera = self.employee("Vera", self.anna)
        roll_out = self.roll_out()
        self.assertEqual(
            [self.role(employee) for employee in (self.north, self.anna, vera)], ["head", "head", "seller"]
        )
        self.assertIsNone(self.role(self.boris))
        self.assertEqual((roll_out.state, str(roll_out.date), roll_out.is_pilot), ("pilot", TODAY, True))
        self.assertEqual(
            self.outcomes(roll_out),
            {"North": ("given", None, "head"), "Anna": ("given", None, "head"), "Vera": ("given", None, "seller")},
        )

    def test_two_clicks(self):
        form = Form(self.RollOut)
        self.assertTrue(form.head_id and form.announcement and form.is_pilot)
        self.assertEqual(str(form.date_review), "2025-07-28")
        form.save().action_roll_out()
        self.assertEqual(form.record.state, "pilot")

    def test_a_team_is_its_people_and_whom_they_report_to(self):
        team = self.env["crm.team"].create({"name": "Team of the test", "company_id": self.company.id})
        self.env["sdm.position"]._transfer(self.boris, self.noon(TODAY).date(), {"team_id": team.id})
        roll_out = self.roll_out(team_id=team.id)
        self.assertEqual(set(self.outcomes(roll_out)), {"South", "Boris"})
        self.assertEqual(
            (self.role(self.south), self.role(self.boris), self.role(self.north)), ("head", "seller", None)
        )

    def test_the_head_of_a_teams_head_does_not_belong_to_it(self):
        top = self.employee("Top")
        (self.north | self.south).write({"parent_id": top.id})
        team = self.env["crm.team"].create({"name": "Team of the test", "company_id": self.company.id})
        for employee in (self.south, self.boris):
            self.env["sdm.position"]._transfer(employee, self.noon(TODAY).date(), {"team_id": team.id})
        self.assertEqual(set(self.outcomes(self.roll_out(team_id=team.id))), {"South", "Boris"})

    def test_one_scope_not_two(self):
        team = self.env["crm.team"].create({"name": "Team of the test", "company_id": self.company.id})
        for scope in ({"head_id": False}, {"head_id": self.north.id, "team_id": team.id}):
            with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                self.RollOut.create(scope)
        with Form(self.RollOut) as form:
            form.team_id = team
            self.assertFalse(form.head_id)
            form.head_id = self.south
            self.assertFalse(form.team_id)

    def test_people_who_cannot_get_it_are_named_with_the_remedy(self):
        self.env["hr.employee"].create({"name": "Nouser", "parent_id": self.north.id, "company_id": self.company.id})
        gone, client = self.employee("Gone", self.north), self.employee("Client", self.north)
        gone.user_id.active = False
        client.user_id = new_test_user(self.env, login="sdm_portal", groups="base.group_portal")
        elsewhere = self.employee("Elsewhere", self.north)
        other = self.env["res.company"].create({"name": "Other Trade"})
        elsewhere.company_id = other
        roll_out = self.roll_out(start=False)
        for words in (
            "People: 6",
            "No user to log in with",
            "The user is archived",
            "A portal user: an administrator makes it an internal user",
            "Works in a company that you have not switched on",
        ):
            self.assertIn(words, re.sub("<[^>]*>", "", str(roll_out.preview)))
        roll_out.action_roll_out()
        self.assertEqual(
            {name: outcome for name, (outcome, _before, _after) in self.outcomes(roll_out).items()},
            {
                "North": "given",
                "Anna": "given",
                "Nouser": "no_user",
                "Gone": "user_archived",
                "Client": "portal_user",
                "Elsewhere": "other_company",
            },
        )
        self.assertTrue(client.user_id.share)
        self.assertIsNone(self.role(gone))
        self.assertEqual(roll_out.member_count, 2)

    def test_nobody_to_give_to_is_said_with_reasons(self):
        (self.north | self.anna).user_id.active = False
        with self.assertRaisesRegex(UserError, "North: The user is archived"):
            self.roll_out()
        team = self.env["crm.team"].create({"name": "Team of the test", "company_id": self.company.id})
        with self.assertRaisesRegex(UserError, "Team of the test has nobody today"):
            self.roll_out(team_id=team.id)

    def test_hr_is_left_out_and_others_can_be(self):
        hr = self.employee("Irina", self.north)
        hr.user_id.group_ids = [Command.set(self.env.ref("hr.group_hr_user").ids)]
        roll_out = self.roll_out(start=False)
        self.assertEqual(roll_out.left_out_ids, hr)
        roll_out.left_out_ids |= self.anna
        roll_out.action_roll_out()
        self.assertEqual([self.role(person) for person in (self.north, hr, self.anna)], ["head", None, None])
        self.assertEqual(self.outcomes(roll_out)["Irina"], ("left_out", None, None))

    def test_hr_who_sells_gets_rights(self):
        self.anna.user_id.group_ids += self.env.ref("hr.group_hr_user")
        self.assertFalse(self.roll_out(start=False).left_out_ids)

    def test_nobody_is_lowered_and_what_one_has_stays(self):
        self.give(self.anna, "head")
        self.give(self.north, "director")
        roll_out = self.roll_out()
        self.assertEqual((self.role(self.anna), self.role(self.north)), ("head", "director"))
        self.assertEqual(
            self.outcomes(roll_out), {"Anna": ("had", "head", "head"), "North": ("had", "director", "director")}
        )
        roll_out.action_withdraw()
        self.assertEqual((self.role(self.anna), self.role(self.north)), ("head", "director"))

    def test_a_seller_who_leads_is_raised_and_has_one_choice_on_the_user_form(self):
        self.give(self.north, "seller")
        self.roll_out()
        explicit = self.north.user_id.group_ids & self.env["res.groups"].union(
            *(self.env.ref(group) for group in ROLES.values() if group)
        )
        self.assertEqual(explicit, self.env.ref(ROLES["head"]))

    def test_those_who_came_since_get_theirs_later(self):
        late = self.env["hr.employee"].create(
            {"name": "Late", "parent_id": self.north.id, "company_id": self.company.id}
        )
        roll_out = self.roll_out()
        self.assertEqual((roll_out.newcomer_count, self.outcomes(roll_out)["Late"]), (0, ("no_user", None, None)))
        with self.assertRaisesRegex(UserError, "Nobody has come to this group since"):
            roll_out.action_roll_out()
        late.user_id = self.env["res.users"].create(
            {
                "name": "Late",
                "login": "sdm_late",
                "company_ids": [Command.set(self.company.ids)],
                "company_id": self.company.id,
            }
        )
        roll_out.invalidate_recordset()
        self.assertEqual(roll_out.newcomer_count, 1)
        roll_out.action_roll_out()
        self.assertEqual((self.role(late), len(roll_out.line_ids), roll_out.state), ("seller", 3, "pilot"))
        roll_out.action_withdraw()
        self.assertIsNone(self.role(late))

    def test_many_people_cost_as_many_queries_as_few(self):
        def prepared(name, size):
            head = self.employee(f"Head of {name}")
            for number in range(size):
                self.employee(f"{name} {number}", head)
            return self.roll_out(head, start=False)

        few, many = prepared("few", 2), prepared("many", 20)
        budget = self.count_queries(few._prepare_preview)
        self.assertLessEqual(self.count_queries(many._prepare_preview), budget)
        self.assertLessEqual(budget, 30)

    # -- proposals ----------------------------------------------------------------------------------------------------

    def test_the_group_that_is_best_prepared_is_proposed(self):
        # nobody of South's group owns a customer; North's head leads only people without a group
        self.assertEqual(self.RollOut._get_default_head(), self.north)
        self.env["sdm.position"]._transfer(
            self.employee("Vera", self.south), self.noon(TODAY).date(), {"head_id": self.south.id}
        )
        for number in range(2):
            self.customer(f"Customer {number}", self.boris.user_id)
        self.assertEqual(self.RollOut._get_default_head(), self.north, "one of South's two owns nothing")
        self.roll_out()
        self.assertEqual(self.RollOut._get_default_head(), self.south, "North's has its rights")

    def test_a_pilot_until_one_has_passed_its_review(self):
        pilot = self.roll_out()
        self.assertTrue(self.roll_out(self.south, start=False).is_pilot)
        pilot.action_confirm()
        self.assertEqual(pilot.state, "rolled_out")
        later = self.roll_out(self.south)
        self.assertEqual((later.is_pilot, later.state), (False, "rolled_out"))

    # -- announcing ---------------------------------------------------------------------------------------------------

    def test_the_people_are_told_asked_and_acknowledge(self):
        roll_out = self.roll_out()
        message = roll_out.message_ids.filtered(lambda message: "We begin to work" in (message.body or ""))
        self.assertEqual(message.partner_ids, (self.north | self.anna).user_id.partner_id)
        self.assertEqual(message.author_id, self.director.partner_id)
        self.assertEqual(
            {(activity.user_id.name, str(activity.date_deadline)) for activity in roll_out.activity_ids},
            {("North", "2025-07-03"), ("Anna", "2025-07-03"), (self.director.name, "2025-07-28")},
        )
        mine = roll_out.with_user(self.anna.user_id)
        self.assertTrue(mine.can_acknowledge)
        self.assertIn("We begin to work", mine.announcement)
        mine.action_acknowledge()
        self.assertEqual((roll_out.acknowledged_count, roll_out.member_count), (1, 2))
        self.assertEqual(
            roll_out.line_ids.filtered("date_acknowledged").mapped(
                lambda line: (line.employee_id.name, str(line.date_acknowledged))
            ),
            [("Anna", f"{TODAY} 12:00:00")],
        )
        self.assertNotIn("Anna", roll_out.activity_ids.mapped("user_id.name"))
        with self.assertRaisesRegex(UserError, "nothing for you to acknowledge"):
            mine.action_acknowledge()
        with self.assertRaisesRegex(UserError, "nothing for you to acknowledge"):
            roll_out.action_acknowledge()

    def test_who_rolls_out_to_the_own_group_is_not_asked(self):
        self.give(self.north, "director")
        roll_out = self.env["sdm.roll.out"].with_user(self.north.user_id).create({"head_id": self.north.id})
        roll_out.action_roll_out()
        self.assertEqual((roll_out.acknowledged_count, roll_out.member_count), (1, 2))
        self.assertEqual(roll_out.activity_ids.user_id, (self.north | self.anna).user_id)

    def test_the_review_is_closed_with_the_pilot(self):
        roll_out = self.roll_out()
        roll_out.action_confirm()
        self.assertNotIn(self.director, roll_out.activity_ids.user_id)
        with self.assertRaisesRegex(UserError, "is “Rolled out”, so this step is not possible"):
            roll_out.action_confirm()

    # -- taking back --------------------------------------------------------------------------------------------------

    def test_withdrawing_takes_back_exactly_what_it_gave(self):
        self.give(self.anna, "seller")
        self.give(self.north, "seller")
        before = {employee: employee.user_id.group_ids for employee in (self.north, self.anna, self.boris)}
        vera = self.employee("Vera", self.north)
        before[vera] = vera.user_id.group_ids
        roll_out = self.roll_out()
        self.assertEqual([self.role(person) for person in (self.north, self.anna, vera)], ["head", "seller", "seller"])
        roll_out.action_withdraw()
        for employee, groups in before.items():
            self.assertEqual(employee.user_id.group_ids, groups, employee.name)
        self.assertEqual(roll_out.state, "withdrawn")
        self.assertEqual(
            self.outcomes(roll_out),
            {
                "North": ("taken", "seller", "head"),
                "Anna": ("had", "seller", "seller"),
                "Vera": ("taken", None, "seller"),
            },
        )
        self.assertFalse(roll_out.activity_ids)
        with self.assertRaisesRegex(UserError, "is “Withdrawn”"):
            roll_out.action_withdraw()

    def test_what_was_changed_by_hand_since_stays(self):
        roll_out = self.roll_out()
        self.give(self.anna, "head")
        roll_out.action_withdraw()
        self.assertEqual(self.role(self.anna), "head")
        self.assertEqual(self.outcomes(roll_out)["Anna"], ("kept", None, "seller"))

    def test_what_another_roll_out_gives_stays(self):
        top = self.employee("Top")
        (self.north | self.south).write({"parent_id": top.id})
        pilot = self.roll_out()
        everybody = self.roll_out(top)
        self.assertEqual(self.outcomes(everybody)["Anna"], ("had", "seller", "seller"))
        pilot.action_withdraw()
        self.assertEqual((self.role(self.north), self.role(self.anna)), ("head", "seller"))
        self.assertEqual(self.outcomes(pilot)["Anna"][0], "kept")
        self.assertEqual(self.outcomes(everybody)["Anna"], ("given", None, "seller"))
        everybody.action_withdraw()
        self.assertEqual([self.role(person) for person in (top, self.north, self.anna, self.boris)], [None] * 4)

    def test_a_role_that_a_group_of_the_company_gives_is_not_given_twice(self):
        own = self.env["res.groups"].create(
            {"name": "Sales desk", "implied_ids": [Command.link(self.env.ref(ROLES["seller"]).id)]}
        )
        self.north.user_id.group_ids += own
        before = self.north.user_id.group_ids
        roll_out = self.roll_out()
        self.assertEqual(self.outcomes(roll_out)["North"], ("given", "seller", "head"))
        roll_out.action_withdraw()
        self.assertEqual(self.north.user_id.group_ids, before)

    def test_what_was_given_is_history(self):
        roll_out = self.roll_out()
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            roll_out.unlink()
        with self.assertRaisesRegex(UserError, "Make another roll-out instead"):
            roll_out.announcement = "<p>Other words</p>"
        roll_out.date_review = "2025-08-01"
        self.roll_out(self.south, start=False).unlink()

    # -- access -------------------------------------------------------------------------------------------------------

    def test_only_the_director_gives_and_nobody_above_head(self):
        roll_out = self.roll_out(start=False)
        self.give(self.north, "head")
        for user in (self.north.user_id, self.persona("payroll"), self.persona("auditor"), self.persona("stranger")):
            for step in ("action_roll_out", "action_withdraw", "action_confirm"):
                with self.assertRaises(AccessError, msg=(user.name, step)):
                    getattr(roll_out.with_user(user), step)()
            with self.assertRaises(AccessError):
                self.env["sdm.roll.out"].with_user(user).create({"head_id": self.north.id})
        with self.assertRaisesRegex(AccessError, "Directors are made on the user"):
            roll_out.sudo()._write_roles({self.anna.user_id: "director"})

    def test_the_outcome_cannot_be_written(self):
        roll_out = self.roll_out(start=False)
        line = {"employee_id": self.anna.id, "user_id": self.anna.user_id.id, "role": "head", "outcome": "given"}
        for vals in (
            {"state": "pilot"},
            {"date": TODAY},
            {"line_ids": [Command.create(line)]},
        ):
            with self.assertRaises(AccessError):
                roll_out.write(vals)
            with self.assertRaises(AccessError):
                self.RollOut.create({"head_id": self.north.id, **vals})
        with self.assertRaises(AccessError):
            self.env["sdm.roll.out.line"].with_user(self.director).create({"roll_out_id": roll_out.id, **line})

    def test_each_person_reads_the_own_part(self):
        roll_out, other = self.roll_out(), self.roll_out(self.south)
        both = roll_out | other
        Line = self.env["sdm.roll.out.line"]
        for user, sees, names in (
            (self.director, both, ["North", "Anna", "South", "Boris"]),
            (self.persona("auditor"), both, ["North", "Anna", "South", "Boris"]),
            (self.north.user_id, roll_out, ["North", "Anna"]),
            (self.anna.user_id, roll_out, ["Anna"]),
            (self.boris.user_id, other, ["Boris"]),
        ):
            found = self.env["sdm.roll.out"].with_user(user).search([("id", "in", both.ids)])
            self.assertEqual(found, sees, user.name)
            lines = Line.with_user(user).search([("roll_out_id", "in", both.ids)])
            self.assertEqual(set(lines.mapped("employee_id.name")), set(names), user.name)
        for field in ("preview", "left_out_ids", "people_ids", "newcomer_count"):
            with self.assertRaises(AccessError):
                roll_out.with_user(self.anna.user_id).read([field])
        with self.assertRaises(AccessError):
            self.env["sdm.roll.out"].with_user(self.persona("payroll")).search([("id", "in", both.ids)])

    def test_a_roll_out_stays_in_its_company(self):
        roll_out = self.roll_out()
        other = self.env["res.company"].create({"name": "Other Trade"})
        self.director.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        RollOut = self.env["sdm.roll.out"].with_user(self.director).with_context(allowed_company_ids=other.ids)
        self.assertFalse(RollOut.search([("id", "=", roll_out.id)]))
        with self.assertRaises(AccessError):
            RollOut.browse(roll_out.id).action_withdraw()


@tagged("post_install", "-at_install")
class TestWhoHasWhat(RollOutCase):
    def row(self, user, reader=None):
        self.env["sdm.access.report"].invalidate_model()
        return self.env["sdm.access.report"].with_user(reader or self.director).search([("user_id", "=", user.id)])

    def test_roles_place_and_odoos_rights(self):
        self.roll_out()
        self.anna.user_id.group_ids += self.env.ref("sales_team.group_sale_salesman_all_leads")
        self.north.user_id.group_ids += self.env.ref("account.group_account_invoice")
        anna, north, boris = (self.row(employee.user_id) for employee in (self.anna, self.north, self.boris))
        self.assertEqual(
            (anna.role, anna.sales_right, anna.accounting_right, anna.sees_more), ("seller", "all", False, True)
        )
        self.assertEqual((anna.employee_id, anna.head_id, anna.leads_people), (self.anna, self.north, False))
        self.assertEqual(anna.roll_out_id.head_id, self.north)
        self.assertEqual(
            anna.explanation,
            "Sees the own documents and those of the own customers. "
            "“All documents” of Odoo's Sales: sees all deals, orders and customer invoices of all groups.",
        )
        self.assertEqual(
            (north.role, north.sales_right, north.accounting_right, north.sees_more, north.leads_people),
            ("head", "own", "invoice", True, True),
        )
        self.assertEqual(
            (boris.role, boris.sales_right, boris.sees_more, boris.roll_out_id.id), (False, "own", False, False)
        )
        self.assertEqual(
            boris.explanation,
            "“Own documents” of Odoo's Sales: also sees those without a salesperson. Has no role in Sales Drive.",
        )

    def test_a_director_and_an_auditor_see_everything_by_their_role(self):
        for name in ("director", "auditor"):
            user = self.director if name == "director" else self.persona(name)
            self.assertFalse(self.row(user).sees_more)
        self.assertEqual(self.row(self.director).role, "director")
        self.assertTrue(self.row(self.env.ref("sdm_segmentation.group_sdm_auditor").user_ids[-1:]).is_auditor)

    def test_a_group_that_implies_another_counts(self):
        own = self.env["res.groups"].create(
            {"name": "Sales desk", "implied_ids": [Command.link(self.env.ref("sales_team.group_sale_manager").id)]}
        )
        outer = self.env["res.groups"].create({"name": "Office", "implied_ids": [Command.link(own.id)]})
        self.anna.user_id.group_ids += outer
        self.assertEqual(self.row(self.anna.user_id).sales_right, "manager")

    def test_the_place_is_that_of_the_day(self):
        self.env["sdm.position"]._transfer(self.anna, self.noon("2025-07-15").date(), {"head_id": self.south.id})
        self.assertEqual(self.row(self.anna.user_id).head_id, self.north)
        with freeze_time("2025-07-15 12:00:00"):
            self.assertEqual(self.row(self.anna.user_id).head_id, self.south)

    def test_it_is_searched_and_grouped(self):
        self.roll_out()
        Report = self.env["sdm.access.report"].with_user(self.director)
        domain = [("user_id", "in", (self.north | self.anna | self.south | self.boris).user_id.ids)]
        groups = Report.formatted_read_group(domain, ["role"], ["__count"])
        self.assertEqual({group["role"]: group["__count"] for group in groups}, {"head": 1, "seller": 1, False: 2})
        self.assertEqual(
            Report.search([*domain, ("leads_people", "=", True), ("role", "=", False)]).employee_id, self.south
        )

    def test_archived_and_portal_users_have_nothing(self):
        self.anna.user_id.active = False
        self.assertFalse(self.row(self.anna.user_id))
        self.assertFalse(self.row(new_test_user(self.env, login="sdm_portal", groups="base.group_portal")))

    def test_director_and_auditor_read_it(self):
        for name in ("seller", "head", "payroll", "stranger"):
            with self.assertRaises(AccessError):
                self.row(self.anna.user_id, self.persona(name))
        self.assertTrue(self.row(self.anna.user_id, self.persona("auditor")))

    def test_people_of_other_companies_are_not_shown(self):
        other = self.env["res.company"].create({"name": "Other Trade"})
        stranger = new_test_user(
            self.env,
            login="sdm_other",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
            groups="base.group_user",
        )
        self.assertFalse(self.row(stranger))

    def test_who_administers_users_changes_all_to_own_documents(self):
        manager = self.env.ref("sales_team.group_sale_manager")
        self.anna.user_id.group_ids += manager
        with self.assertRaisesRegex(AccessError, "those who administer users"):
            self.row(self.anna.user_id).action_step_down()
        self.director.group_ids += self.env.ref("base.group_erp_manager")
        (self.row(self.anna.user_id) | self.row(self.boris.user_id)).action_step_down()
        self.assertEqual(self.row(self.anna.user_id).sales_right, "own")
        self.assertFalse(self.anna.user_id.has_group("sales_team.group_sale_salesman_all_leads"))
        self.assertIn("instead of all documents", self.anna.user_id.partner_id.message_ids[0].body)
        with self.assertRaisesRegex(UserError, "cannot take rights from yourself"):
            self.row(self.director).action_step_down()
        self.give(self.anna, "director")
        with self.assertRaisesRegex(UserError, "Anna sees all documents by “Sales Drive / Sales director”"):
            self.row(self.anna.user_id).action_step_down()


@tagged("post_install", "-at_install")
class TestRollOutByRpc(RpcCase, RollOutCase):
    def test_nobody_gives_rights_over_the_wire(self):
        denied = "odoo.exceptions.AccessError"
        mine, other = self.roll_out(), self.roll_out(self.south, start=False)
        for employee in (self.north, self.anna, self.boris):
            login = employee.user_id.login
            self.authenticate(login, login)
            with self.subTest(login=login):
                self.assertEqual(self.call("sdm.roll.out", "create", [{"head_id": employee.id}])[1], denied)
                for step in ("action_roll_out", "action_withdraw", "action_confirm"):
                    self.assertEqual(self.call("sdm.roll.out", step, (mine | other).ids[:1])[1], denied)
                    self.assertEqual(self.call("sdm.roll.out", step, other.ids)[1], denied)
                self.assertEqual(self.call("sdm.roll.out", "write", mine.ids, {"state": "draft"})[1], denied)
                for method in ("_give", "_write_roles", "_take_back"):
                    self.assertEqual(self.call("sdm.roll.out", method, mine.ids)[1], denied)
                for vals in ({"role_after": "head"}, {"date_acknowledged": False}):
                    self.assertEqual(self.call("sdm.roll.out.line", "write", mine.line_ids.ids, vals)[1], denied)
                self.assertEqual(self.call("sdm.access.report", "search_read", [], ["role"])[1], denied)
                self.assertEqual(self.call("sdm.access.report", "action_step_down", self.boris.user_id.ids)[1], denied)
                # nor in the usual way
                group = self.env.ref(ROLES["director"]).id
                self.assertEqual(
                    self.call("res.users", "write", employee.user_id.ids, {"group_ids": [(4, group)]})[1], denied
                )
        self.assertEqual((self.role(self.anna), self.role(self.boris)), ("seller", None))

    def test_a_seller_acknowledges_for_oneself_only(self):
        mine, other = self.roll_out(), self.roll_out(self.south)
        self.authenticate(self.anna.user_id.login, self.anna.user_id.login)
        self.assertEqual(self.call("sdm.roll.out", "action_acknowledge", mine.ids), (True, None))
        self.assertEqual(self.call("sdm.roll.out", "action_acknowledge", other.ids)[1], "odoo.exceptions.AccessError")
        self.assertEqual((mine.acknowledged_count, other.acknowledged_count), (1, 0))


@tagged("post_install", "-at_install")
class TestRollOutTour(HttpCase, RollOutCase):
    browser_size = "1366x900"

    def roll_out_by_tour(self):
        self.north.name = "Tour North"
        self.anna.name = self.anna.user_id.name = "Tour Anna"
        self.anna.user_id.group_ids += self.env.ref("sales_team.group_sale_salesman_all_leads")
        self.start_tour("/odoo", "sdm_roll_out_tour", login=self.director.login)
        roll_out = self.env["sdm.roll.out"].search([("head_id", "=", self.north.id)])
        self.assertEqual((roll_out.state, roll_out.user_id), ("pilot", self.director))
        self.assertEqual((self.role(self.north), self.role(self.anna)), ("head", "seller"))
        self.start_tour(
            f"/odoo/sdm-roll-outs/{roll_out.id}", "sdm_roll_out_acknowledge_tour", login=self.anna.user_id.login
        )
        self.assertEqual(roll_out.acknowledged_count, 1)
        self.start_tour(f"/odoo/sdm-roll-outs/{roll_out.id}", "sdm_roll_out_withdraw_tour", login=self.director.login)
        self.assertEqual((roll_out.state, self.role(self.anna)), ("withdrawn", None))

    def test_pilot_acknowledgement_withdrawal_in_english(self):
        self.roll_out_by_tour()

    def test_pilot_acknowledgement_withdrawal_in_russian(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        (self.director | self.anna.user_id).lang = "ru_RU"
        self.roll_out_by_tour()
