from psycopg2.errors import CheckViolation, UniqueViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .common import SdmCase

TODAY = "2025-06-30"


@tagged("post_install", "-at_install")
class TestPosition(SdmCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(f"{TODAY} 12:00:00"))
        cls.Position = cls.env["sdm.position"]
        cls.director, cls.north, cls.south = (cls.employee(name) for name in ("Director", "North", "South"))
        cls.anna = cls.employee("Anna", cls.north)
        (cls.north | cls.south).write({"parent_id": cls.director.id})

    @classmethod
    def employee(cls, name, head=None):
        """An employee with a user, known to HR since the beginning of 2025."""
        user = cls.seller(name, head)
        employee = user.employee_id
        employee.sdm_position_ids.date_from = "2025-01-01"
        return employee

    def history(self, employee):
        """Positions as (head, from, until), in order."""
        return [
            (position.head_id.name, str(position.date_from), str(position.date_to or ""))
            for position in employee.sdm_position_ids.sorted("date_from")
        ]

    def transfer(self, employees, date, **vals):
        with Form(self.env["sdm.position.transfer"]) as form:
            for employee in employees:
                form.employee_ids.add(employee)
            form.date = date
            for name, value in vals.items():
                form[name] = value
        form.record.action_apply()

    def led(self, head, date):
        return self.Position._get_subtree(head, fields.Date.to_date(date)) - head

    # -- HR and CRM are followed --------------------------------------------------------------------------------------

    def test_a_new_employee_begins_with_what_hr_knows(self):
        job = self.env["hr.job"].create({"name": "Seller"})
        employee = self.env["hr.employee"].create({"name": "New", "parent_id": self.north.id, "job_id": job.id})
        position = employee.sdm_position_ids
        self.assertEqual((position.head_id, position.job_id, str(position.date_from)), (self.north, job, TODAY))

    def test_a_new_manager_is_followed_from_today_on(self):
        self.anna.parent_id = self.south
        self.assertEqual(self.history(self.anna), [("North", "2025-01-01", "2025-06-29"), ("South", TODAY, "")])
        self.anna.parent_id = self.director
        self.assertEqual(self.history(self.anna), [("North", "2025-01-01", "2025-06-29"), ("Director", TODAY, "")])

    def test_who_leads_oneself_in_hr_has_no_head(self):
        self.director.parent_id = self.director
        self.assertEqual(self.history(self.director), [(False, "2025-01-01", "")])
        self.anna.parent_id = self.anna
        self.assertEqual(self.history(self.anna), [("North", "2025-01-01", "2025-06-29"), (False, TODAY, "")])

    def test_circles_of_hr_are_left_out_at_installation(self):
        people = self.director | self.north | self.anna
        people.sdm_position_ids.unlink()
        self.director.with_context(sdm_position_writes_back=True).parent_id = self.anna
        self.Position._take_over_employees(people)
        heads = {employee.name: employee.sdm_position_ids.head_id.name for employee in people}
        self.assertEqual(list(heads.values()).count(False), 1)
        self.assertLessEqual(
            set(heads.items()),
            {
                ("Director", "Anna"),
                ("Director", False),
                ("North", "Director"),
                ("North", False),
                ("Anna", "North"),
                ("Anna", False),
            },
        )

    def test_the_same_manager_again_changes_nothing(self):
        self.anna.parent_id = self.north
        self.assertEqual(self.history(self.anna), [("North", "2025-01-01", "")])

    def test_a_change_of_the_job_has_the_date_of_its_version(self):
        job = self.env["hr.job"].create({"name": "Key account"})
        self.anna.create_version({"date_version": "2025-07-15", "job_id": job.id})
        jobs = [(p.job_id.name, str(p.date_from)) for p in self.anna.sdm_position_ids.sorted("date_from")]
        self.assertEqual(jobs, [(False, "2025-01-01"), ("Key account", "2025-07-15")])

    def test_joining_and_leaving_a_sales_team_is_followed(self):
        one, two = (self.env["crm.team"].create({"name": name, "company_id": self.company.id}) for name in "AB")
        member = self.env["crm.team.member"].create({"user_id": self.anna.user_id.id, "crm_team_id": one.id})
        current = self.anna.sdm_position_ids.filtered("is_current")
        self.assertEqual(current.team_id, one)
        self.env["crm.team.member"].create({"user_id": self.anna.user_id.id, "crm_team_id": two.id})
        current = self.anna.sdm_position_ids.filtered("is_current")
        self.assertEqual((current.team_id, member.active), (two, False))
        self.env["crm.team.member"].search([("crm_team_id", "=", two.id)]).action_archive()
        self.assertFalse(self.anna.sdm_position_ids.filtered("is_current").team_id)

    def test_who_leaves_has_no_position_afterwards(self):
        self.anna.write({"departure_date": "2025-07-31"})
        self.assertEqual(self.history(self.anna), [("North", "2025-01-01", "2025-07-31")])
        self.south.active = False
        self.assertEqual(self.history(self.south)[-1][2], TODAY)

    # -- the true date ------------------------------------------------------------------------------------------------

    def test_a_transfer_on_the_15th_is_written_back(self):
        self.transfer(self.anna, "2025-06-15", head_id=self.south)
        self.assertEqual(self.history(self.anna), [("North", "2025-01-01", "2025-06-14"), ("South", "2025-06-15", "")])
        self.assertEqual(self.anna.parent_id, self.south)

    def test_a_transfer_to_come_waits_for_its_day(self):
        team = self.env["crm.team"].create({"name": "South", "company_id": self.company.id})
        self.transfer(self.anna, "2025-07-15", head_id=self.south, team_id=team)
        self.assertEqual(self.anna.parent_id, self.north)
        with freeze_time("2025-07-18 12:00:00"):  # on the day itself the server was off
            self.Position._cron_write_back()
            self.assertEqual(self.anna.parent_id, self.south)
            self.assertIn(team, self.anna.user_id.crm_team_ids)
            self.assertEqual(len(self.anna.sdm_position_ids), 2)

    def test_preview_says_what_changes_for_whom(self):
        wizard = self.env["sdm.position.transfer"].create(
            {
                "employee_ids": [(6, 0, (self.anna | self.south).ids)],
                "date": TODAY,
                "head_id": self.south.id,
                "share": 0.5,
            }
        )
        rows = {row["employee"]: row["changes"] for row in wizard._prepare_preview()}
        share = {"name": "Share of a post", "before": "100 %", "after": "50 %"}
        self.assertEqual(rows["Anna"], [{"name": "Head", "before": "North", "after": "South"}, share])
        self.assertEqual([change["after"] for change in rows["South"]], ["South", "50 %"])

    def test_who_was_where_is_found_by_the_day(self):
        self.transfer(self.anna, "2025-06-15", head_id=self.south)
        for day, head in (("2025-06-14", self.north), ("2025-06-15", self.south)):
            found = self.Position.search([("date_on", "=", day), ("employee_id", "=", self.anna.id)])
            self.assertEqual(found.head_id, head, day)
        self.assertFalse(self.Position.search([("date_on", "=", "2024-12-31"), ("employee_id", "=", self.anna.id)]))

    def test_a_transfer_of_nothing_is_refused(self):
        with self.assertRaisesRegex(UserError, "Choose what changes"):
            self.transfer(self.anna, TODAY)

    # -- what is impossible -------------------------------------------------------------------------------------------

    def test_overlap_gap_and_circle_are_refused_with_names(self):
        with (
            self.assertRaisesRegex(ValidationError, "Anna would have two positions from 06/01/2025"),
            self.cr.savepoint(),
        ):
            self.Position.create({"employee_id": self.anna.id, "date_from": "2025-06-01"})
        self.anna.sdm_position_ids.date_to = "2025-03-31"
        gap = "Anna would have no position from 04/01/2025 until 05/31/2025"
        with self.assertRaisesRegex(ValidationError, gap), self.cr.savepoint():
            self.Position.create({"employee_id": self.anna.id, "date_from": "2025-06-01"})
        self.Position.create({"employee_id": self.anna.id, "date_from": "2025-06-01", "returns": True})
        backwards = "position of Anna would end before it begins"
        with self.assertRaisesRegex(ValidationError, backwards), self.cr.savepoint():
            self.Position.search([("employee_id", "=", self.anna.id)], limit=1).date_to = "2024-01-01"
        with self.assertRaisesRegex(ValidationError, "circle: .*(Director.*North|North.*Director)"):
            self.transfer(self.director, "2025-06-15", head_id=self.north)

    @mute_logger("odoo.sql_db")
    def test_the_database_refuses_too(self):
        position = self.anna.sdm_position_ids
        for vals, error in (
            ({"share": 0}, CheckViolation),
            ({"share": 1.5}, CheckViolation),
        ):
            with self.assertRaises(error), self.cr.savepoint():
                position.write(vals)
                position.flush_recordset()
        with self.assertRaises(UniqueViolation), self.cr.savepoint():
            position.copy({"date_to": "2025-02-01"})

    # -- closure ------------------------------------------------------------------------------------------------------

    def test_subtree_on_any_date(self):
        self.transfer(self.anna, "2025-06-15", head_id=self.south)
        self.assertEqual(self.led(self.north, "2025-06-14"), self.anna)
        self.assertFalse(self.led(self.north, "2025-06-15"))
        self.assertEqual(self.led(self.south, "2025-06-15"), self.anna)
        self.assertEqual(self.led(self.director, TODAY), self.north | self.south | self.anna)
        # the heads got their head today only
        self.assertFalse(self.led(self.director, "2025-06-29"))

    def test_subtrees_of_many_heads_are_one_query(self):
        heads = self.director | self.north | self.south
        self.Position._get_subtree(heads, fields.Date.to_date(TODAY))
        self.env.flush_all()
        with self.assertQueryCount(1):
            led = self.Position._get_subtree(heads, fields.Date.to_date(TODAY))
        self.assertEqual(led, heads | self.anna)

    def test_who_asks_leads_today(self):
        User = self.env["res.users"]
        users = {name: User.search([("name", "=", name)]) for name in ("Director", "North", "South", "Anna")}
        led = User.with_user(users["North"]).search([("is_sdm_led", "=", True)])
        self.assertEqual(led, users["North"] | users["Anna"])
        self.assertTrue(users["Anna"].with_user(users["Director"]).is_sdm_led)
        self.assertFalse(users["Anna"].with_user(users["South"]).is_sdm_led)
        self.transfer(self.anna, "2025-07-01", head_id=self.south)
        with freeze_time("2025-07-01 12:00:00"):
            led = User.with_user(users["North"]).search([("is_sdm_led", "=", True)])
            self.assertEqual(led, users["North"])

    def test_deleting_a_position_takes_its_links_along(self):
        self.anna.sdm_position_ids.unlink()
        self.assertFalse(self.led(self.north, TODAY))

    # -- absences -----------------------------------------------------------------------------------------------------

    def test_director_and_hr_enter_absences_of_all_and_everybody_else_the_own(self):
        vals = {"sdm_employee_id": self.anna.id, "date_from": "2025-07-01 06:00:00", "date_to": "2025-07-14 15:00:00"}
        Leave = self.env["resource.calendar.leaves"]
        for name in ("director", "payroll"):
            leave = Leave.with_user(self.persona(name)).create({**vals, "sdm_substitute_id": self.north.id})
            leave.sdm_substitute_id = self.south
            self.assertEqual((leave.resource_id, leave.sdm_substitute_id), (self.anna.resource_id, self.south))
            leave.unlink()
        with self.assertRaises(AccessError):
            Leave.with_user(self.persona("head")).create(vals)
        leave = Leave.create(vals)
        self.north.user_id.group_ids += self.env.ref("sdm_segmentation.group_sdm_manager")
        self.south.user_id.group_ids += self.env.ref("sdm_segmentation.group_sdm_manager")
        for user, may in (
            (self.north.user_id, True),
            (self.south.user_id, False),
            (self.persona("auditor"), True),
            (self.persona("seller"), False),
        ):
            self.assertEqual(bool(Leave.with_user(user).search([("id", "=", leave.id)])), may, user.name)
        with self.assertRaises(AccessError):
            leave.with_user(self.north.user_id).date_to = "2025-07-20 15:00:00"
        self.anna.user_id.group_ids += self.env.ref("sdm_segmentation.group_sdm_user")
        own = Leave.with_user(self.anna.user_id).create({**vals, "sdm_substitute_id": self.north.id})
        self.assertEqual(own.sdm_substitute_id, self.north)

    def test_an_absence_names_a_substitute_who_is_somebody_else(self):
        leave = self.env["resource.calendar.leaves"].create(
            {
                "sdm_employee_id": self.anna.id,
                "date_from": "2025-07-01 00:00:00",
                "date_to": "2025-07-14 20:00:00",
                "sdm_substitute_id": self.south.id,
            }
        )
        self.assertEqual(leave.resource_id, self.anna.resource_id)
        self.assertEqual(self.env["resource.calendar.leaves"].search([("sdm_employee_id", "=", self.anna.id)]), leave)
        with self.assertRaisesRegex(ValidationError, "Anna cannot stand in"):
            leave.sdm_substitute_id = self.anna

    # -- access -------------------------------------------------------------------------------------------------------

    def test_positions_are_written_by_director_and_hr_only(self):
        position = self.anna.sdm_position_ids
        for name, may in (
            ("seller", False),
            ("head", False),
            ("auditor", False),
            ("director", True),
            ("payroll", True),
        ):
            user = self.persona(name)
            self.assertEqual(position.with_user(user).read(["date_from"])[0]["date_from"], position.date_from, name)
            if may:
                position.with_user(user).date_from = "2025-01-02"
            else:
                with self.assertRaises(AccessError):
                    position.with_user(user).date_from = "2025-01-02"

    def test_a_director_picks_employees_and_reads_nothing_private_of_them(self):
        director = self.persona("director")
        wizard = (
            self.env["sdm.position.transfer"]
            .with_user(director)
            .create({"employee_ids": [(6, 0, self.anna.ids)], "date": TODAY, "head_id": self.south.id})
        )
        wizard.action_apply()
        self.assertEqual(self.anna.parent_id, self.south)
        for private in ("private_phone", "birthday", "wage", "ssnid"):
            with self.assertRaises(AccessError):
                self.anna.with_user(director).read([private])

    def test_deals_and_orders_run_no_query_of_positions(self):
        customer = self.customer("Alfa")
        seller = self.anna.user_id
        statements = []
        original = self.env.cr.execute

        def execute(query, *args, **kwargs):
            statements.append(str(getattr(query, "code", query)))
            return original(query, *args, **kwargs)

        self.patch(type(self.env.cr), "execute", lambda _cr, query, *args, **kwargs: execute(query, *args, **kwargs))
        self.deal(customer, seller)
        self.order(customer, TODAY, 10, seller=seller)
        self.env.flush_all()
        self.assertTrue(statements)
        self.assertFalse([statement for statement in statements if "sdm_position" in statement])
