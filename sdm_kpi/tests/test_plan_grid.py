"""The grid of a plan: what it shows to whom, what it writes, what it refuses, and what that costs."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import SQL

from odoo.addons.sdm_segmentation.tests.common import AS_OF, GROUPS, RpcCase

from .common import KpiCase

JANUARY, FEBRUARY = "2026-01-01", "2026-02-01"


class GridCase(KpiCase):
    """A plan of 2026 with a head, two sellers in a team, and a target of one of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = {name: cls.persona(name) for name in GROUPS}
        cls.sales = cls.team("Sales")
        cls.head = cls.worker("Head")
        cls.anna = cls.worker("Anna", head=cls.head, team=cls.sales)
        cls.boris = cls.worker("Boris", head=cls.head, team=cls.sales)
        for user, group in ((cls.head, "manager"), (cls.anna, "user"), (cls.boris, "user")):
            user.group_ids |= cls.env.ref(f"sdm_segmentation.group_sdm_{group}")
        cls.revenue = cls.kpi("revenue")
        cls.plan = cls.env["sdm.plan"].create({"perimeter_id": cls.perimeter.id, "date_from": JANUARY})
        cls.version = cls.env["sdm.plan.version"].create({"plan_id": cls.plan.id})
        cls.target(cls.anna, 100, is_held=True, note="Agreed")

    @classmethod
    def target(cls, user, value, month=JANUARY, **values):
        return cls.env["sdm.plan.target"].create(
            {
                "version_id": cls.version.id,
                "kpi_id": cls.revenue.id,
                "date": month,
                "employee_id": user.employee_id.id,
                "head_id": cls.head.employee_id.id,
                "team_id": cls.sales.id,
                "value": value,
                **values,
            }
        )

    def key(self, user, kpi=None, team=True, segment=0):
        parts = (kpi or self.revenue, self.head.employee_id, user.employee_id if user else None)
        return [*(part.id if part else 0 for part in parts), self.sales.id if team else 0, segment, 0]

    def change(self, user, value, expected=None, month=JANUARY, **cell):
        """A change of a cell as the browser sends it; ``value`` None takes the target out."""
        return {
            "key": self.key(user),
            "date": month,
            "expected": expected,
            "cell": None if value is None else {"value": value, "is_held": False, "note": False, **cell},
        }

    def set_cells(self, *changes, user=None):
        return self.version.with_user(user or self.people["director"]).set_cells(list(changes))

    def stored(self):
        """{(person, month): value} of the version."""
        targets = self.env["sdm.plan.target"].search([("version_id", "=", self.version.id)])
        return {(target.employee_id.name, str(target.date)[:7]): target.value for target in targets}


HELD = {"value": 100, "is_held": True, "note": "Agreed"}


@tagged("post_install", "-at_install", "sdm")
class TestPlanGrid(GridCase):
    def grid(self, user=None, **options):
        return self.version.with_user(user or self.people["director"]).get_grid(options)

    def test_the_director_sees_targets_and_who_has_none(self):
        grid = self.grid()
        self.assertEqual(
            sorted(grid["rows"]),
            sorted(
                [
                    [self.key(self.anna), [100.0, *[None] * 11], [0], {0: "Agreed"}],
                    [self.key(self.boris), [None] * 12, [], {}],
                ]
            ),
        )
        self.assertEqual([month["date"][:7] for month in grid["months"]], [f"2026-{n:02}" for n in range(1, 13)])
        self.assertEqual([kpi["id"] for kpi in grid["kpis"]], self.revenue.ids)
        head = self.head.employee_id
        self.assertEqual(grid["groups"], [{"id": head.id, "parent": 0}])
        self.assertEqual(grid["names"]["employee"][head.id], "Head")
        self.assertEqual((grid["locked"], grid["closed"], grid["may_write"]), ("", {}, True))

    def test_a_kpi_chosen_besides_has_rows_to_type_in(self):
        meetings = self.switch_on("meetings")
        rows = self.grid(kpis=meetings.ids)["rows"]
        self.assertIn([self.key(self.anna, meetings), [None] * 12, [], {}], rows)
        self.assertEqual(len(rows), 4)

    def test_a_group_stands_under_the_group_of_its_head(self):
        director = self.worker("Chief")
        self.env["sdm.position"].search([("employee_id", "=", self.head.employee_id.id)]).write(
            {"head_id": director.employee_id.id, "team_id": self.sales.id}
        )
        groups = {group["id"]: group["parent"] for group in self.grid()["groups"]}
        self.assertEqual(groups, {self.head.employee_id.id: director.employee_id.id, director.employee_id.id: 0})

    def test_a_ratio_says_what_it_is_made_of(self):
        self.switch_on("margin_share", "order_margin")
        self.people["director"].group_ids |= self.env.ref("sdm_segmentation.group_sdm_margin")
        share = self.kpi("margin_share")
        [kpi] = [kpi for kpi in self.grid(kpis=share.ids)["kpis"] if kpi["id"] == share.id]
        self.assertEqual(kpi["ratio"], [share.numerator_id.id, share.denominator_id.id, 100])

    def test_margin_is_for_who_sees_margin(self):
        margin = self.switch_on("order_margin")
        self.assertNotIn(margin.id, [kpi["id"] for kpi in self.grid(kpis=margin.ids)["catalogue"]])
        change = {**self.change(self.anna, 5), "key": self.key(self.anna, margin)}
        [refused] = self.set_cells(change)["refused"]
        self.assertEqual(refused["kind"], "invalid")

    def test_facts_of_last_year(self):
        won = self.switch_on("won_amount")
        for day, value in (("2025-01-10", 70), ("2025-03-10", 30)):
            self.won(day, value, self.customer(f"C {value}"), self.anna)
        self.won("2025-03-10", 5, self.customer("C"), None)
        self.refresh()
        found = self.grid(kpis=won.ids, last_year=True)["last_year"]
        rest = [None] * 9
        person, group = (f"{won.id}-{user.employee_id.id}" for user in (self.anna, self.head))
        self.assertEqual(found["employee"][person], [70, None, 30, *rest])
        self.assertEqual(found["head"][group], [70, None, 30, *rest])
        self.assertEqual(found["all"][str(won.id)], [70, None, 35, *rest])

    # -- writing ------------------------------------------------------------------------------------------------------

    def test_cells_are_made_changed_and_taken_out_at_once(self):
        target = self.target(self.boris, 7)
        answer = self.set_cells(
            self.change(self.anna, 120, HELD, is_held=True, note="More"),
            self.change(self.boris, None, {"value": 7, "is_held": False, "note": False}),
            self.change(self.boris, 30.5, month=FEBRUARY),
        )
        self.assertEqual(answer["refused"], [])
        self.assertEqual(answer["totals"], [[self.revenue.id, JANUARY, 120.0], [self.revenue.id, FEBRUARY, 30.5]])
        self.assertEqual(self.stored(), {("Anna", "2026-01"): 120, ("Boris", "2026-02"): 30.5})
        self.assertFalse(target.exists())
        anna = self.env["sdm.plan.target"].search([("value", "=", 120), ("version_id", "=", self.version.id)])
        self.assertEqual((anna.is_held, anna.note, anna.write_uid), (True, "More", self.people["director"]))

    def test_one_refused_cell_leaves_all_as_they_were(self):
        before = self.stored()
        answer = self.set_cells(
            self.change(self.boris, 30),
            self.change(self.anna, 120, {"value": 90, "is_held": True, "note": "Agreed"}),
            self.change(self.anna, 1, month="2027-01-01"),
            self.change(self.anna, float("nan"), month=FEBRUARY),
            self.change(self.boris, 10**12, month=FEBRUARY),
            self.change(self.boris, 31),
        )
        kinds = [(one["index"], one["kind"]) for one in answer["refused"]]
        self.assertEqual(kinds, [(1, "changed"), (2, "invalid"), (3, "invalid"), (4, "invalid"), (5, "invalid")])
        changed, month, number, large, twice = (one["reason"] for one in answer["refused"])
        self.assertIn("to 100", changed)
        self.assertEqual(answer["refused"][0]["cell"], HELD)
        self.assertIn("2027-01-01 is no month of the plan", month)
        self.assertIn("no number", number)
        self.assertIn("1,000,000,000,000 is too large", large)
        self.assertIn("twice", twice)
        self.assertEqual(self.stored(), before)

    def test_a_target_taken_out_in_between_is_named(self):
        [refused] = self.set_cells(self.change(self.boris, 3, {"value": 2, "is_held": False, "note": False}))["refused"]
        self.assertEqual(refused["reason"], "Somebody has taken the target out in between.")
        self.assertIsNone(refused["cell"])

    def test_what_was_decided_stays(self):
        self.version._put_in_force(AS_OF, "Agreed")
        [refused] = self.set_cells(self.change(self.boris, 30))["refused"]
        self.assertEqual(refused["kind"], "locked")
        self.assertIn("Plan 2026, version 1: Base was submitted or decided", refused["reason"])
        self.assertIn("was submitted or decided", self.grid()["locked"])
        self.assertEqual(self.stored(), {("Anna", "2026-01"): 100})

    def test_a_closed_month_stays(self):
        self.env["sdm.period"].create({"perimeter_id": self.perimeter.id, "date": JANUARY}).state = "closed"
        answer = self.set_cells(self.change(self.anna, 120, HELD), self.change(self.boris, 1, month=FEBRUARY))
        [refused] = answer["refused"]
        self.assertEqual((refused["index"], refused["kind"]), (0, "locked"))
        self.assertEqual(refused["reason"], "January 2026 is closed: what was planned for it stays.")
        self.assertEqual(self.grid()["closed"], {JANUARY: refused["reason"]})
        self.assertEqual(self.stored(), {("Anna", "2026-01"): 100})

    def test_rows_of_what_is_not_there_are_refused(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self.env["hr.employee"].create({"name": "Stranger", "company_id": other.id})
        self.perimeter.company_ids = self.company
        for place, number in ((0, 0), (0, 10**9), (2, 10**9), (2, stranger.id), (3, 10**9), (5, 10**9)):
            change = self.change(self.boris, 1)
            change["key"][place] = number
            [refused] = self.set_cells(change)["refused"]
            self.assertEqual(refused["kind"], "invalid", (place, number))
        good = self.change(self.boris, 1)
        for bad in (
            {},
            {**good, "key": [1]},
            {**good, "key": "123456"},
            {**good, "date": 1},
            {**good, "cell": 5},
            None,
        ):
            with self.assertRaisesRegex(UserError, "cannot be read"):
                self.set_cells(bad)

    # -- totals -------------------------------------------------------------------------------------------------------

    def spread(self, goal, *cells, kpi=None):
        names = ("Anna, Jan", "Boris, Jan", "Anna, Feb")
        return self.version.with_user(self.people["director"]).spread_total(
            (kpi or self.revenue).id,
            goal,
            [
                {"value": value, "is_fixed": fixed, "name": name}
                for (value, fixed), name in zip(cells, names, strict=True)
            ],
        )

    def test_a_total_is_handed_down_in_proportion(self):
        self.assertEqual(self.spread(90, (10, False), (20, False), (None, False)), [30, 60, None])
        self.assertEqual(self.spread(90, (10, True), (20, False), (None, False)), [10, 80, None])
        self.assertEqual(self.spread(100, (None, False), (None, False), (None, False)), [33.34, 33.33, 33.33])
        meetings = self.kpi("meetings")
        self.assertEqual(self.spread(10, (0, False), (0, False), (0, False), kpi=meetings), [4, 3, 3])

    def test_held_cells_that_do_not_fit_are_named(self):
        with self.assertRaisesRegex(UserError, "come to 10.00, more than 5.00. Release some of them: Anna, Jan"):
            self.spread(5, (10, True), (20, False), (None, False))
        with self.assertRaisesRegex(
            UserError, "come to 30.00, not to 31.00. Release one of them: Anna, Jan, Boris, Jan"
        ):
            self.spread(31, (10, True), (20, True), (None, True))

    # -- access -------------------------------------------------------------------------------------------------------

    def test_who_sees_and_changes_what(self):
        self.version._put_in_force(AS_OF, "Agreed")
        self.target(self.boris, 50)
        seen = {
            user.name: sorted(value for _key, values, *_rest in self.grid(user)["rows"] for value in values if value)
            for user in (self.anna, self.boris, self.head, self.people["director"], self.people["auditor"])
        }
        self.assertEqual(
            seen,
            {
                "Anna": [100],
                "Boris": [50],
                "Head": [50, 100],
                self.people["director"].name: [50, 100],
                self.people["auditor"].name: [50, 100],
            },
        )
        self.assertEqual(
            self.grid(self.anna)["names"]["employee"].keys(), {self.anna.employee_id.id, self.head.employee_id.id}
        )
        self.assertIn("You may read this plan", self.grid(self.anna)["locked"])
        for user in (self.anna, self.head, self.people["auditor"]):
            with self.assertRaises(AccessError):
                self.set_cells(self.change(self.boris, 1, month=FEBRUARY), user=user)

    # -- what it costs ------------------------------------------------------------------------------------------------

    def count(self, function):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        function()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def make_large(self, people=200, kpis=12):
        """Sellers in groups of ten with a target for each KPI and month, by plain statements."""
        chosen = self.env["sdm.kpi"].search([("has_margin", "=", False)], limit=kpis)
        self.env.flush_all()
        company, calendar = self.company.id, self.company.resource_calendar_id.id
        employees = self.env["hr.employee"].create(
            [
                {"name": f"Seller {number}", "company_id": company, "resource_calendar_id": calendar}
                for number in range(people)
            ]
        )
        heads = employees[::10]
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """INSERT INTO sdm_plan_target (version_id, perimeter_id, kpi_id, date, employee_id, head_id, team_id,
                                                value, is_held)
                   SELECT %s, %s, kpi, month::date, employee, (%s)[1 + (number - 1) / 10], %s, number + 0.5,
                          number %% 7 = 0
                     FROM unnest(%s) kpi, unnest(%s) WITH ORDINALITY person (employee, number),
                          generate_series('2026-01-01'::date, '2026-12-01'::date, '1 month') month""",
                self.version.id,
                self.perimeter.id,
                heads.ids,
                self.sales.id,
                chosen.ids,
                employees.ids,
            )
        )
        self.env.invalidate_all()
        return chosen, employees, heads

    def test_queries_do_not_depend_on_the_size(self):
        director = self.people["director"]
        grid = self.version.with_user(director)
        few_read = self.count(lambda: grid.get_grid({"last_year": True}))
        few_written = self.count(lambda: self.set_cells(self.change(self.boris, 1)))
        chosen, employees, heads = self.make_large()
        data = []
        many_read = self.count(lambda: data.append(grid.get_grid({"last_year": True})))
        self.assertEqual(sum(value is not None for row in data[0]["rows"] for value in row[1]), 200 * 12 * 12 + 2)
        self.assertLessEqual(many_read, few_read)
        self.assertLessEqual(many_read, 30)
        changes = [
            {
                "key": [kpi.id, heads[number // 10].id, employee.id, self.sales.id, 0, 0],
                "date": JANUARY,
                "expected": {"value": number + 1.5, "is_held": (number + 1) % 7 == 0, "note": False},
                "cell": {"value": number * 2, "is_held": False, "note": "Changed"},
            }
            for kpi in chosen[:2]
            for number, employee in enumerate(employees[:100])
        ]
        answers = []
        many_written = self.count(lambda: answers.append(self.set_cells(*changes)))
        self.assertEqual(answers[0]["refused"], [])
        self.assertLessEqual(many_written, few_written + 2)


@tagged("post_install", "-at_install", "sdm")
class TestPlanGridRpc(RpcCase, GridCase):
    """What each persona may do over the wire, with a plan in force and with a draft."""

    def ask(self, user, method, *arguments):
        user.password = "password-of-a-persona"
        self.authenticate(user.login, "password-of-a-persona")
        return self.call("sdm.plan.version", method, self.version.ids, *arguments)

    def test_each_persona(self):
        refused = "odoo.exceptions.AccessError"
        may = {"seller": (), "head": (), "director": ("read", "write"), "payroll": (), "auditor": ("read",)}
        for name, user in self.people.items():
            allowed = may.get(name, ())
            _grid, error = self.ask(user, "get_grid")
            self.assertEqual(error, None if "read" in allowed else refused, name)
            cell = {"value": None, "is_fixed": False, "name": "Anna"}
            values, error = self.ask(user, "spread_total", self.revenue.id, 1, [cell])
            self.assertEqual((values, error), ([1], None) if "read" in allowed else (None, refused), name)
            change = self.change(self.boris, 5)
            answer, error = self.ask(user, "set_cells", [change])
            self.assertEqual(error, None if "write" in allowed else refused, name)
            if answer:
                self.assertEqual(answer["refused"], [])
        self.assertEqual(self.stored(), {("Anna", "2026-01"): 100, ("Boris", "2026-01"): 5})

    def test_a_seller_gets_no_peers(self):
        self.target(self.boris, 50)
        self.version._put_in_force(AS_OF, "Agreed")
        grid, error = self.ask(self.anna, "get_grid", {"last_year": True})
        self.assertIsNone(error)
        self.assertEqual([row[0] for row in grid["rows"]], [self.key(self.anna)])
        self.assertNotIn("Boris", grid["names"]["employee"].values())
        _answer, error = self.ask(self.anna, "set_cells", [self.change(self.anna, 1, HELD)])
        self.assertEqual(error, "odoo.exceptions.AccessError")


@tagged("post_install", "-at_install", "sdm")
class TestPlanGridTour(HttpCase, GridCase):
    browser_size = "1366x900"

    def check(self):
        self.env["sdm.plan.target"].search([("version_id", "=", self.version.id)]).write(
            {"is_held": False, "note": False}
        )
        director = self.people["director"]
        self.start_tour(f"/odoo/sdm.plan.version/{self.version.id}", "sdm_plan_grid_tour", login=director.login)
        self.assertEqual(
            self.stored(),
            {
                ("Anna", "2026-01"): 100,
                ("Anna", "2026-02"): 10,
                ("Anna", "2026-03"): 1234.5,
                ("Boris", "2026-01"): 80,
                ("Boris", "2026-02"): 25,
                ("Boris", "2026-03"): 40,
            },
        )
        targets = self.env["sdm.plan.target"].search([("version_id", "=", self.version.id)])
        self.assertEqual(targets.filtered("is_held").mapped("value"), [100])
        self.assertEqual(targets.filtered("note").mapped("note"), ["Agreed with her"])

    def test_a_plan_is_typed_in_english(self):
        self.check()

    def test_a_plan_is_typed_in_russian(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        self.people["director"].lang = "ru_RU"
        self.check()
