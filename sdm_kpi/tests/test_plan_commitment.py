from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .plan_life import JUNE, PlanLifeCase


class CommitmentCase(PlanLifeCase):
    """Anna is to reach 100, Boris 50, and 10 of the group's 160 nobody has yet. The plan is submitted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.target(cls.anna, 100)
        cls.target(cls.boris, 50)
        cls.target(None, 10)
        cls.version.action_submit()

    def lay_out(self, user):
        """The rows of a person, as “My commitment” opens them."""
        action = self.version.with_user(user).action_my_commitment()
        return self.env["sdm.plan.commitment"].with_user(user).search(action["domain"], order="date")

    def commit(self, user, value):
        line = self.lay_out(user).filtered(lambda line: str(line.date) == JUNE)
        line.value = value
        return line

    def sums(self, model, *measures, groupby=(), domain=(), **context):
        Report = self.env[model].with_context(**context)
        rows = Report._read_group(domain, groupby, [f"{measure}:sum" for measure in measures])
        names = [tuple(getattr(value, "display_name", value) for value in row) for row in rows]
        return [tuple(None if value is False else value for value in row) for row in names]


@tagged("post_install", "-at_install", "sdm")
class TestCommitment(CommitmentCase):
    def test_own_rows_with_targets_as_proposals(self):
        lines = self.lay_out(self.anna)
        self.assertEqual(len(lines), 12)
        june = lines[5]
        self.assertEqual((june.value, june.target, june.date_given), (100, 100, False))
        self.assertEqual(june.head_id, self.head.employee_id)
        self.assertEqual(self.lay_out(self.anna), lines, "laid out once")
        self.assertEqual(self.version.commitment_count, 0, "a proposal is no commitment")
        june.value = 80
        self.assertTrue(june.date_given)
        lines.with_context(default_version_id=self.version.id).action_commit()
        self.assertTrue(all(lines.mapped("date_given")))
        self.assertEqual(self.version.commitment_count, 1)
        everything = self.env["sdm.plan.commitment"].with_user(self.anna)
        everything.with_context(default_version_id=self.version.id).action_commit()

    def test_everybody_says_the_own_only(self):
        line = self.commit(self.anna, 80)
        Commitment = self.env["sdm.plan.commitment"]
        self.assertFalse(Commitment.with_user(self.boris).search([]))
        self.assertEqual(Commitment.with_user(self.head).search([("date_given", "!=", False)]), line)
        for user in (self.boris, self.head, self.director):
            with self.assertRaises(AccessError):
                line.with_user(user).value = 1
        values = {"version_id": self.version.id, "kpi_id": self.kpi("revenue").id, "date": JUNE, "value": 1}
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            Commitment.with_user(self.boris).create({**values, "employee_id": self.clara.employee_id.id})
        with self.assertRaisesRegex(UserError, "Only the amount"):
            line.with_user(self.anna).employee_id = self.boris.employee_id
        with self.assertRaisesRegex(UserError, "Only the amount"):
            line.with_user(self.anna).date_given = False
        own = Commitment.with_user(self.boris).create({**values, "employee_id": self.boris.employee_id.id})
        self.assertTrue(own.date_given)

    def test_a_decided_plan_takes_no_commitments(self):
        line = self.commit(self.anna, 80)
        self.in_force(self.version, "2025-06-30")
        with self.assertRaisesRegex(UserError, "takes no commitments now"):
            line.with_user(self.anna).value = 1
        with self.assertRaisesRegex(UserError, "takes no commitments now"):
            line.with_user(self.anna).unlink()
        self.assertFalse(self.version.with_user(self.anna).may_commit)

    def test_a_draft_asks_before_it_tells(self):
        """People say what they can, before they see what is wanted."""
        self.version.action_recall()
        with self.assertRaises(AccessError):
            self.version.with_user(self.anna).check_access("read")
        self.version.with_user(self.director).action_ask_commitments()
        version = self.version.with_user(self.anna)
        self.assertTrue(version.may_commit)
        self.assertFalse(self.env["sdm.plan.target"].with_user(self.anna).search([]))
        self.assertEqual(set(self.lay_out(self.anna).mapped("value")), {0})
        self.assertEqual(self.lay_out(self.anna).mapped("target"), [0] * 12)
        self.assertEqual(self.version.activity_ids.user_id, self.anna | self.boris)
        self.assertEqual(str(self.version.date_commitments), "2025-07-07")
        self.assertFalse(self.version.with_user(self.clara).may_commit)

    def test_the_gap(self):
        self.commit(self.anna, 80)
        self.commit(self.boris, 55)
        rows = self.sums("sdm.plan.gap", "target", "commitment", "gap", groupby=["employee_id"])
        found = {name or "": tuple(values) for name, *values in rows}
        self.assertEqual(found, {"Anna": (100, 80, -20), "Boris": (50, 55, 5), "": (10, None, -10)})
        whole = self.sums("sdm.plan.gap", "target", "commitment", "gap", groupby=["head_id"])
        self.assertEqual(whole, [("Head", 160, 135, -25)])

    def test_what_cannot_be_added_up_has_no_sum(self):
        self.version.action_recall()
        for user, value in ((self.anna, 20), (self.boris, 40)):
            self.target(user, value, code="win_rate")
        rates = [("kpi_id.code", "=", "win_rate")]
        rows = self.sums("sdm.plan.gap", "target", groupby=["employee_id"], domain=rates)
        self.assertEqual(dict(rows), {"Anna": 20, "Boris": 40})
        self.assertEqual(self.sums("sdm.plan.gap", "target", domain=rates), [(None,)])
        self.assertEqual(self.sums("sdm.plan.gap", "target"), [(None,)], "nor have several KPI")

    def test_who_sees_the_gap(self):
        self.commit(self.anna, 80)
        self.year(self.clara, 7, head=False, version=self.change())
        Gap = self.env["sdm.plan.gap"]
        self.assertEqual(len(Gap.with_user(self.head).search([])), 4)
        with self.assertRaises(AccessError):
            Gap.with_user(self.anna).search([])

    def test_a_draft_by_commitments(self):
        self.commit(self.anna, 80)
        self.commit(self.boris, 55)
        action = self.version.with_user(self.director).action_take_commitments()
        draft = self.env["sdm.plan.version"].browse(action["res_id"])
        self.assertEqual((draft.parent_id, draft.state), (self.version, "draft"))
        june = draft.target_ids.filtered(lambda target: str(target.date) == JUNE)
        # the group's goal is still 160: what nobody commits to is nobody's
        self.assertEqual(
            {target.employee_id.name: target.value for target in june}, {"Anna": 80, "Boris": 55, False: 25}
        )

    def test_held_targets_and_parts_keep_their_proportions(self):
        self.version.action_recall()
        segments = self.env["sdm.segment"].create(
            [
                {"name": name, "scheme_id": self.env["sdm.scheme"].create({"name": name, "method": "rules"}).id}
                for name in ("Key", "Other")
            ]
        )
        self.target(self.clara, 30, head=False, segment_id=segments[0].id)
        self.target(self.clara, 10, head=False, segment_id=segments[1].id)
        self.version.target_ids.filtered(lambda target: target.employee_id == self.anna.employee_id).is_held = True
        self.version.action_submit()
        for user, value in ((self.anna, 80), (self.clara, 60)):
            self.commit(user, value)
        draft = self.env["sdm.plan.version"].browse(self.version.action_take_commitments()["res_id"])
        found = {(target.employee_id.name, target.segment_id.name): target.value for target in draft.target_ids}
        self.assertEqual(
            found,
            {
                ("Anna", False): 100,
                ("Boris", False): 50,
                (False, False): 10,
                ("Clara", "Key"): 45,
                ("Clara", "Other"): 15,
                # 20 more than the company's goal
            }
            | {(False, False): found[False, False]},
        )
        company = draft.target_ids.filtered(lambda target: not target.employee_id and not target.head_id)
        self.assertEqual(company.value, -20, "more than the company's goal")


@tagged("post_install", "-at_install", "sdm")
class TestManyPeople(PlanLifeCase):
    """What is done with a whole plan takes as many queries for many people as for few."""

    def count_queries(self, people, work):
        """Queries of work on a plan of its own year with so many people.

        :param work: called with the version that holds targets of all of them
        """
        plan = self.env["sdm.plan"].create({"perimeter_id": self.perimeter.id, "date_from": f"20{people:02}-01-01"})
        version = self.env["sdm.plan.version"].create({"plan_id": plan.id})
        cards = self.env["hr.employee"].create(
            [{"name": f"{people} {number}", "company_id": self.company.id} for number in range(people)]
        )
        self.env["sdm.plan.target"].create(
            [
                {
                    "version_id": version.id,
                    "kpi_id": self.kpi("revenue").id,
                    "date": f"20{people:02}-{month:02}-01",
                    "employee_id": card.id,
                    "value": 100,
                }
                for card in cards
                for month in range(1, 13)
            ]
        )
        run = work(version, cards)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        run()
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def committing(self, version, cards):
        """Each commits to more, the last one without having a target."""
        draft = version.copy({"name": "As committed"})
        version.target_ids.filtered(lambda target: target.employee_id == cards[-1]).unlink()
        draft.target_ids.filtered(lambda target: target.employee_id == cards[-1]).unlink()
        given = self.env["sdm.plan.commitment"].create(
            [
                {
                    "version_id": version.id,
                    "kpi_id": self.kpi("revenue").id,
                    "date": f"{version.plan_id.date_from.year}-{month:02}-01",
                    "employee_id": card.id,
                    "value": 110,
                }
                for card in cards
                for month in range(1, 13)
            ]
        )
        given.date_given = fields.Datetime.now()
        return lambda: draft._take_commitments(
            given.search_fetch([("id", "in", given.ids)], ["kpi_id", "date", "employee_id", "head_id", "value"])
        )

    def test_a_draft_by_commitments(self):
        few, many = (self.count_queries(people, self.committing) for people in (2, 40))
        self.assertEqual(few, many)
        self.assertLessEqual(many, 10)
        draft = self.env["sdm.plan.version"].search([("name", "=", "As committed"), ("plan_id.name", "=", "Plan 2040")])
        people = draft.target_ids.grouped(lambda target: bool(target.employee_id))
        self.assertEqual(len(people[True]), 480)
        self.assertEqual(set(people[True].mapped("value")), {110})
        # of each month 39 went up by 10, and one has 110 where nothing was
        self.assertEqual(set(people[False].mapped("value")), {-500})
        self.assertEqual(draft.target_ids.perimeter_id, self.perimeter)

    def changing(self, version, cards):
        """All targets change in the middle of June; the last one's go."""
        self.in_force(version, version.plan_id.date_from)
        draft = self.change(version)
        draft.target_ids.filtered(lambda target: target.employee_id == cards[-1]).unlink()
        draft.target_ids.value = 200
        draft.month_rule = "days"
        draft.write({"date_from": version.plan_id.date_from.replace(month=6, day=16), "state": "scheduled"})
        return draft._come_into_force

    def test_a_version_that_changes_everything(self):
        few, many = (self.count_queries(people, self.changing) for people in (26, 39))
        # the first one also fills what is kept in memory
        self.assertLessEqual(many, few)
        self.assertLessEqual(many, 42)
        plan = self.env["sdm.plan"].search([("name", "=", "Plan 2039"), ("perimeter_id", "=", self.perimeter.id)])
        changes = plan.version_id.change_ids
        self.assertEqual((len(changes), set(changes.mapped("value_old"))), (39, {100}))
        self.assertEqual(changes.perimeter_id, self.perimeter)
        gone = changes.filtered(lambda change: change.employee_id.name == "39 38")
        self.assertEqual((gone.rest_old, gone.rest_new), (600, 0))


@tagged("post_install", "-at_install", "sdm")
class TestPlanChecks(CommitmentCase):
    def checks(self, version=None, user=None, code="revenue"):
        Check = self.env["sdm.plan.check"].with_user(user or self.env.user)
        rows = Check.with_context(sdm_plan_version=(version or self.version).id).search([("kpi_id.code", "=", code)])
        return {
            (row.kind, row.date.month, row.employee_id.name or row.head_id.name or "company"): row.difference
            for row in rows
        }

    def test_not_set_and_mismatch(self):
        """It is June: the months before are over. Clara has no target at all, the others have June alone."""
        found = self.checks()
        june = {key for key in found if key[1] == 6}
        self.assertEqual(june, {("not_set", 6, "Clara"), ("mismatch", 6, "Head")})
        self.assertEqual(found["mismatch", 6, "Head"], 10)
        later = {key for key in found if key[1] > 6}
        self.assertEqual(
            later, {("not_set", month, name) for month in range(7, 13) for name in ("Anna", "Boris", "Clara")}
        )
        self.assertEqual(min(month for _kind, month, _name in found), 6)
        self.assertEqual(self.version.check_count, len(found))

    def test_positions_decide(self):
        position = self.env["sdm.position"].search([("employee_id", "=", self.clara.employee_id.id)])
        position.date_to = "2025-07-15"
        self.assertEqual({month for kind, month, name in self.checks() if name == "Clara"}, {6, 7})
        position.team_id = False
        self.assertFalse([name for _kind, _month, name in self.checks() if name == "Clara"])

    def test_a_share_of_the_company_is_enough(self):
        self.version.action_recall()
        self.target(self.anna, 20, code="win_rate")
        rates = {name for _kind, month, name in self.checks(code="win_rate") if month == 6}
        self.assertEqual(rates, {"Clara", "Boris"})
        self.target(None, 30, code="win_rate", head=False)
        self.assertFalse([name for _kind, month, name in self.checks(code="win_rate") if month == 6])

    def test_who_sees_it(self):
        self.assertEqual({name for _k, _m, name in self.checks(user=self.head)}, {"Anna", "Boris", "Head"})
        with self.assertRaises(AccessError):
            self.checks(user=self.anna)
        draft = self.change()
        self.assertFalse(self.checks(draft, user=self.head), "a draft")
        self.assertTrue(self.checks(draft, user=self.director))


@tagged("post_install", "-at_install", "sdm")
class TestPlanComparison(CommitmentCase):
    def test_two_versions_side_by_side(self):
        draft = self.change()
        for target in draft.target_ids:
            if target.employee_id == self.anna.employee_id:
                target.value = 130
            elif target.employee_id:
                target.unlink()
        self.target(self.clara, 7, version=draft, head=False)
        action = (
            self.env["sdm.plan.compare"].create({"before_id": self.version.id, "after_id": draft.id}).action_apply()
        )
        measures = ("before", "after", "difference")
        rows = self.sums("sdm.plan.comparison", *measures, groupby=["employee_id"], **action["context"])
        found = {name or "": tuple(values) for name, *values in rows}
        self.assertEqual(
            found,
            {"Anna": (100, 130, 30), "Boris": (50, None, -50), "Clara": (None, 7, 7), "": (10, 10, 0)},
        )
        Report = self.env["sdm.plan.comparison"].with_context(**action["context"])
        self.assertFalse(Report.with_user(self.head).search([]), "a draft is the director's")
        draft.action_submit()
        seen = Report.with_user(self.head).search([])
        self.assertEqual(seen.employee_id, (self.anna | self.boris).employee_id)
        self.assertFalse(self.env["sdm.plan.comparison"].search([]), "no versions asked for")
