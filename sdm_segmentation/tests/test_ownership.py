from psycopg2.errors import CheckViolation, UniqueViolation

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import SdmCase

TODAY = "2025-06-30"


class OwnershipCase(SdmCase):
    """Two groups under two heads; Anna has had the customer Alfa since the beginning of 2025."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(f"{TODAY} 12:00:00"))
        cls.Ownership = cls.env["sdm.ownership"]
        cls.north, cls.south = (cls.employee(name) for name in ("North", "South"))
        cls.anna, cls.boris = cls.employee("Anna", cls.north), cls.employee("Boris", cls.south)
        cls.alfa = cls.customer("Alfa", cls.anna.user_id)
        cls.alfa.sdm_ownership_ids.date_from = "2025-01-01"

    @classmethod
    def employee(cls, name, head=None):
        """An employee with a user, known to HR since the beginning of 2025."""
        employee = cls.seller(name, head).employee_id
        employee.sdm_position_ids.date_from = "2025-01-01"
        return employee

    @classmethod
    def own(cls, partner, employee, date_from, date_to=False, kind="lead", **vals):
        return cls.Ownership.create(
            {
                "partner_id": partner.id,
                "employee_id": employee.id,
                "date_from": date_from,
                "date_to": date_to,
                "kind": kind,
                **vals,
            }
        )

    def history(self, partner):
        """Owners as (owner, kind, from, until), in order."""
        return [
            (owner.employee_id.name, owner.kind, str(owner.date_from), str(owner.date_to or ""))
            for owner in partner.sdm_ownership_ids.sorted(lambda owner: (owner.date_from, owner.kind))
        ]

    def count_queries(self, function):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        function()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before


@tagged("post_install", "-at_install")
class TestOwnership(OwnershipCase):
    # -- the salesperson is followed ----------------------------------------------------------------------------------

    def test_a_new_customer_is_its_salespersons_from_today_on(self):
        beta = self.customer("Beta", self.boris.user_id)
        self.assertEqual(self.history(beta), [("Boris", "lead", TODAY, "")])
        self.assertEqual((beta.sdm_ownership_ids.share, beta.sdm_ownership_ids.company_id), (1, self.company))
        self.assertFalse(self.history(self.customer("Gamma")))

    def test_a_new_salesperson_is_followed_from_today_on(self):
        self.alfa.user_id = self.boris.user_id
        self.assertEqual(
            self.history(self.alfa), [("Anna", "lead", "2025-01-01", "2025-06-29"), ("Boris", "lead", TODAY, "")]
        )
        # a slip of the hand on one day leaves no trace in the dates
        self.alfa.user_id = self.north.user_id
        self.alfa.user_id = self.anna.user_id
        self.assertEqual(
            self.history(self.alfa), [("Anna", "lead", "2025-01-01", "2025-06-29"), ("Anna", "lead", TODAY, "")]
        )
        self.alfa.user_id = False
        self.assertEqual(self.history(self.alfa), [("Anna", "lead", "2025-01-01", "2025-06-29")])

    def test_the_same_salesperson_again_changes_nothing(self):
        self.alfa.user_id = self.anna.user_id
        self.assertEqual(self.history(self.alfa), [("Anna", "lead", "2025-01-01", "")])

    def test_a_salesperson_without_employee_card_is_passed_over(self):
        robot = self.seller("Robot", employee=False)
        self.alfa.user_id = robot
        self.assertEqual(self.history(self.alfa), [("Anna", "lead", "2025-01-01", "")])
        self.own(self.alfa, self.boris, "2025-02-01", kind="co")
        self.assertEqual(self.alfa.user_id, robot)
        # who gets a card owns from then on
        self.env["hr.employee"].create({"name": "Robot", "user_id": robot.id})
        self.assertEqual(self.history(self.alfa)[-1][0], "Robot")
        self.assertEqual(self.history(self.alfa)[0][3], "2025-06-29")

    def test_contacts_are_no_customers(self):
        contact = self.customer("Ivan", self.boris.user_id, is_company=False, parent_id=self.alfa.id)
        self.assertFalse(contact.sdm_ownership_ids)
        with self.assertRaisesRegex(ValidationError, "Ivan is a contact of Alfa"):
            self.own(contact, self.boris, TODAY)

    def test_salespeople_at_installation_are_taken_over(self):
        beta = self.customer("Beta", self.boris.user_id)
        (self.alfa | beta).sdm_ownership_ids.unlink()
        self.env.flush_all()
        self.assertFalse(beta.user_id)
        (self.alfa | beta).with_context(sdm_ownership_writes_back=True).sudo().write({"user_id": self.boris.user_id.id})
        known = self.customer("Known", self.anna.user_id)
        self.boris.version_id.contract_date_start = "2025-07-15"
        self.Ownership._take_over_salespeople()
        # whoever is the salesperson today owns today, whatever HR says of the first day
        self.assertEqual(self.history(self.alfa), [("Boris", "lead", TODAY, "")])
        self.assertEqual(self.history(beta), [("Boris", "lead", TODAY, "")])
        self.assertEqual(self.history(known), [("Anna", "lead", TODAY, "")])

    # -- the true date ------------------------------------------------------------------------------------------------

    def test_a_lead_entered_with_the_true_date_is_written_back(self):
        self.alfa.sdm_ownership_ids.date_to = "2025-06-14"
        self.assertFalse(self.alfa.user_id)
        self.own(self.alfa, self.boris, "2025-06-15")
        self.assertEqual(self.alfa.user_id, self.boris.user_id)
        self.alfa.sdm_ownership_ids.filtered(lambda owner: owner.employee_id == self.boris).unlink()
        self.assertFalse(self.alfa.user_id)

    def test_a_change_to_come_waits_for_its_day(self):
        self.Ownership._transfer({self.alfa: self.boris}, self.noon("2025-07-15").date())
        self.assertEqual(self.alfa.user_id, self.anna.user_id)
        self.assertEqual(
            self.history(self.alfa), [("Anna", "lead", "2025-01-01", "2025-07-14"), ("Boris", "lead", "2025-07-15", "")]
        )
        self.env.flush_all()
        # the server was off on the very day
        with freeze_time("2025-07-18 12:00:00"):
            self.Ownership._cron_write_back()
            self.assertEqual(self.alfa.user_id, self.boris.user_id)
            self.assertFalse(any(self.alfa.sdm_ownership_ids.mapped("date_next")))
            self.assertEqual(len(self.history(self.alfa)), 2)

    def test_a_lead_without_successor_leaves_no_salesperson(self):
        self.alfa.sdm_ownership_ids.date_to = "2025-07-31"
        self.env.flush_all()
        with freeze_time("2025-08-01 12:00:00"):
            self.Ownership._cron_write_back()
            self.assertFalse(self.alfa.user_id)

    def test_co_sellers_and_substitutes_leave_the_salesperson_alone(self):
        self.own(self.alfa, self.boris, "2025-02-01", kind="co")
        self.own(self.alfa, self.north, "2025-02-01", kind="substitute")
        self.assertEqual(self.alfa.user_id, self.anna.user_id)

    # -- what is impossible -------------------------------------------------------------------------------------------

    def test_two_leads_and_more_than_the_whole_are_refused_with_names(self):
        two = "Alfa would have several leads from 06/01/2025 until further notice: Anna, Boris"
        with self.assertRaisesRegex(ValidationError, two), self.cr.savepoint():
            self.own(self.alfa, self.boris, "2025-06-01")
        with self.assertRaisesRegex(ValidationError, "Anna would own Alfa twice"), self.cr.savepoint():
            self.own(self.alfa, self.anna, "2025-06-01", kind="co")
        shares = "shares of Anna, Boris in Alfa would be 133.33 % from 06/01/2025"
        with self.assertRaisesRegex(ValidationError, shares), self.cr.savepoint():
            self.own(self.alfa, self.boris, "2025-06-01", kind="co", share=0.3333)
        self.alfa.sdm_ownership_ids.share = 0.6667
        self.own(self.alfa, self.boris, "2025-06-01", kind="co", share=0.3333)

    @mute_logger("odoo.sql_db")
    def test_the_database_refuses_it_too(self):
        with self.assertRaises(CheckViolation), self.cr.savepoint():
            self.own(self.alfa, self.boris, "2025-06-01", kind="co", share=1.5)
        with self.assertRaises(UniqueViolation), self.cr.savepoint():
            self.own(self.alfa, self.anna, "2025-01-01", "2025-01-02", kind="co")

    # -- whose a customer is today ------------------------------------------------------------------------------------

    def test_each_sees_as_what_one_has_a_customer(self):
        beta, gamma, delta = (self.customer(name) for name in ("Beta", "Gamma", "Delta"))
        self.own(beta, self.anna, "2025-02-01", kind="co", share=0.25)
        self.own(gamma, self.anna, TODAY, kind="substitute")
        self.own(delta, self.boris, "2025-02-01")
        self.own(self.customer("Over"), self.anna, "2025-01-01", "2025-06-29")
        self.env["resource.calendar.leaves"].create(
            {
                "sdm_employee_id": self.boris.id,
                "sdm_substitute_id": self.anna.id,
                "date_from": "2025-06-29 06:00:00",
                "date_to": "2025-07-14 15:00:00",
            }
        )
        self.anna.user_id.group_ids += self.env.ref("sdm_segmentation.group_sdm_user")
        Partner = self.env["res.partner"].with_user(self.anna.user_id)
        kinds = {self.alfa: "lead", beta: "co", gamma: "substitute", delta: "stand_in"}
        mine = Partner.search([("is_sdm_mine", "=", True)])
        self.assertEqual({partner: partner.sdm_my_kind for partner in mine}, kinds)
        for customer, kind in kinds.items():
            self.assertEqual(Partner.search([("sdm_my_kind", "=", kind)]), customer, kind)
        self.assertEqual(Partner.search([("sdm_my_kind", "in", ("substitute", "stand_in"))]), gamma | delta)
        self.assertEqual(Partner.search([("sdm_my_kind", "!=", False)]), mine)
        labels = dict(Partner._fields["sdm_my_kind"]._description_selection(Partner.env))
        self.assertEqual(labels["stand_in"], "For an absent colleague")
        with self.assertRaises(AccessError):
            self.alfa.with_user(self.boris.user_id).read(["sdm_my_kind"])

    def mine(self, employee, field="is_sdm_mine"):
        partners = self.env["res.partner"].with_user(employee.user_id)
        found = partners.search([(field, "=", True)])
        self.assertEqual(found, (self.alfa | found).with_user(employee.user_id).filtered(field))
        return found

    def test_customers_owned_in_any_kind_are_mine(self):
        beta, gamma = self.customer("Beta", self.boris.user_id), self.customer("Gamma")
        self.own(gamma, self.anna, "2025-02-01", kind="co")
        self.own(beta, self.anna, "2025-02-01", "2025-06-29", kind="substitute")
        self.assertEqual(self.mine(self.anna), self.alfa | gamma)
        self.assertEqual(self.mine(self.boris), beta)
        self.assertFalse(self.mine(self.north))

    def test_customers_of_the_group_are_ours(self):
        beta = self.customer("Beta", self.boris.user_id)
        self.assertEqual(self.mine(self.north, "is_sdm_ours"), self.alfa)
        self.assertEqual(self.mine(self.south, "is_sdm_ours"), beta)
        self.anna.parent_id = self.south
        self.assertFalse(self.mine(self.north, "is_sdm_ours"))
        self.assertEqual(self.mine(self.south, "is_sdm_ours"), self.alfa | beta)

    def test_who_stands_in_has_the_customers_of_the_absent_on_those_days_only(self):
        self.env["resource.calendar.leaves"].create(
            {
                "sdm_employee_id": self.anna.id,
                "date_from": "2025-07-01 06:00:00",
                "date_to": "2025-07-14 15:00:00",
                "sdm_substitute_id": self.boris.id,
            }
        )
        for day, found in (
            (TODAY, False),
            ("2025-07-01", True),
            ("2025-07-14", True),
            ("2025-07-15", False),
        ):
            with freeze_time(f"{day} 20:00:00"):
                self.env.invalidate_all()
                self.assertEqual(bool(self.mine(self.boris)), found, day)

    # -- cost ---------------------------------------------------------------------------------------------------------

    def test_many_salespeople_cost_as_many_queries_as_one(self):
        one, many = ([self.customer(f"{size} {number}").id for number in range(size)] for size in (1, 40))
        sellers = [self.boris.user_id, self.anna.user_id]

        def choose(ids):
            self.env["res.partner"].browse(ids).write({"user_id": sellers[0].id})

        few = self.count_queries(lambda: choose(one))
        self.assertLessEqual(self.count_queries(lambda: choose(many)), few + 1)
        sellers.reverse()
        few = self.count_queries(lambda: choose(one))
        self.assertLessEqual(self.count_queries(lambda: choose(many)), few + 1)

    def test_many_changes_by_date_cost_as_many_queries_as_one(self):
        one, many = (
            self.env["res.partner"].concat(
                *(self.customer(f"{size} {number}", self.anna.user_id) for number in range(size))
            )
            for size in (2, 40)
        )

        def give(partners):
            self.Ownership._hand_over(partners, self.anna, self.boris, self.noon(TODAY).date())

        few = self.count_queries(lambda: give(one))
        self.assertLessEqual(self.count_queries(lambda: give(many)), few + 1)
        self.assertEqual(many.user_id, self.boris.user_id)

    def test_documents_and_other_fields_run_no_query_of_ownership(self):
        statements = []
        original = self.env.cr.execute

        def execute(query, *args, **kwargs):
            statements.append(str(getattr(query, "code", query)))
            return original(query, *args, **kwargs)

        self.patch(type(self.env.cr), "execute", lambda _cr, query, *args, **kwargs: execute(query, *args, **kwargs))
        self.deal(self.alfa, self.boris.user_id).user_id = self.anna.user_id
        order = self.order(self.alfa, TODAY, 10, seller=self.boris.user_id)
        self.alfa.write({"name": "Alfa Ltd", "email": "alfa@example.com"})
        self.customer("Nobody's")
        self.env.flush_all()
        self.assertTrue(order and statements)
        self.assertFalse([statement for statement in statements if "sdm_ownership" in statement])

    # -- access -------------------------------------------------------------------------------------------------------

    def test_a_head_writes_ownership_of_the_own_group_only(self):
        beta = self.customer("Beta", self.boris.user_id)
        head = self.north.user_id
        head.group_ids += self.env.ref("sdm_segmentation.group_sdm_manager")
        self.alfa.sdm_ownership_ids.with_user(head).date_from = "2025-01-02"
        with self.assertRaises(AccessError):
            beta.sdm_ownership_ids.with_user(head).date_from = "2025-01-02"
        Ownership = self.Ownership.with_user(head)
        gamma = self.customer("Gamma")
        vals = {"partner_id": gamma.id, "date_from": TODAY}
        self.assertTrue(Ownership.create({**vals, "employee_id": self.anna.id}))
        with self.assertRaises(AccessError):
            Ownership.create({**vals, "employee_id": self.boris.id, "kind": "co"})

    def test_all_of_sales_drive_read_ownership_and_the_director_writes_it(self):
        owner = self.alfa.sdm_ownership_ids
        for name in ("seller", "head", "payroll", "auditor", "director"):
            user = self.persona(name)
            self.assertEqual(owner.with_user(user).read(["kind"])[0]["kind"], "lead", name)
            if name == "director":
                owner.with_user(user).date_from = "2025-01-02"
            else:
                with self.assertRaises(AccessError):
                    owner.with_user(user).date_from = "2025-01-02"
        with self.assertRaises(AccessError):
            owner.with_user(self.persona("stranger")).read(["kind"])
