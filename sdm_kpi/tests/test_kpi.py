from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import file_open, mute_logger

from ..models.sdm_kpi_source import MEASURES_OF, SOURCES, STOCKS
from .common import KpiCase


@tagged("post_install", "-at_install")
class TestKpi(KpiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna = cls.worker("Anna")
        cls.acme = cls.customer("Acme")

    def make(self, **values):
        return self.env["sdm.kpi"].create({"name": "Mine", **values})

    def test_the_shipped_ones(self):
        shipped = self.env["ir.model.data"].search([("module", "=", "sdm_kpi"), ("model", "=", "sdm.kpi")])
        kpis = self.env["sdm.kpi"].browse(shipped.mapped("res_id"))
        self.assertGreaterEqual(len(kpis), 40)
        self.assertFalse(kpis.filtered(lambda kpi: not kpi.description))
        self.assertEqual(
            set(kpis.filtered(lambda kpi: kpi.kind == "measure").mapped("source")),
            {key for key, _l in SOURCES if key != "value"},
        )
        kpis.is_on = True
        self.assertEqual(self.refresh().state, "done")

    def test_every_measure_of_every_source_can_be_counted(self):
        kpis = self.env["sdm.kpi"].create(
            [
                {"name": f"{source} {measure}", "source": source, "measure": measure, "is_on": True}
                for source, measures in MEASURES_OF.items()
                for measure in measures
            ]
        )
        self.assertEqual(self.refresh().state, "done")
        self.assertEqual(set(kpis.filtered(lambda kpi: kpi.semantics == "stock").mapped("source")), STOCKS)
        self.assertTrue(all(kpi.semantics == "distinct" for kpi in kpis if kpi.measure == "customers"))

    def test_another_source_takes_a_measure_that_it_has(self):
        with Form(self.env["sdm.kpi"].with_user(self.persona("director"))) as form:
            form.name = "Days in the field"
            form.source = "time"
            self.assertEqual((form.measure, form.unit, form.measures), ("days", "days", ["days"]))
            form.source = "receivable"
            self.assertEqual((form.measure, form.unit), ("amount", "money"))
            form.measure = "documents"
            self.assertEqual(form.unit, "number")

    def test_a_formula_is_written_by_choosing_kpi_and_read_in_words(self):
        with Form(self.env["sdm.kpi"].with_user(self.persona("director"))) as form:
            form.name = "Won of all"
            form.kind = "formula"
            form.formula = "100 *"
            form.formula_kpi_id = self.kpi("won_deals")
            self.assertEqual((form.formula, form.formula_kpi_id.id), ("100 * won_deals", False))
            form.formula += " / ( won_deals + lost_deals )"
            self.assertEqual(form.formula_words, "100 * “Won deals” / ( “Won deals” + “Lost deals” )")
            # a hundred times something is a percentage, and what is entered a number
            self.assertEqual(form.unit, "percent")
            form.kind = "manual"
            self.assertEqual(form.unit, "number")

    def test_a_ratio_of_the_same_unit_is_a_percentage(self):
        with Form(self.env["sdm.kpi"].with_user(self.persona("director"))) as form:
            form.name = "R"
            form.kind = "ratio"
            form.numerator_id = self.kpi("won_amount")
            form.denominator_id = self.kpi("pipeline")
            self.assertEqual(form.unit, "percent")
            form.denominator_id = self.kpi("won_deals")
            self.assertEqual(form.unit, "money")

    def test_a_kpi_is_found_by_its_code(self):
        found = self.env["sdm.kpi"].name_search("lost_amount")
        self.assertEqual([number for number, _name in found], self.kpi("lost_amount").ids)

    def test_a_code_comes_from_the_name(self):
        self.assertEqual(self.make(name="Won, big ones!").code, "won_big_ones")
        self.assertEqual(self.make(name="Won: big ones").code, "won_big_ones_2")
        self.assertEqual(self.make(name="2024").code, "kpi_2024")
        self.assertEqual(self.make(name="Выручка А").code, "выручка_а")

    def test_what_cannot_be_counted_is_refused_with_the_remedy(self):
        for values, words in (
            ({"source": "time", "measure": "amount"}, "has no “Amount”. It has: Days"),
            ({"filter_domain": "[('nonsense', '=', 1)]"}, "Only those.*cannot be read"),
            ({"filter_domain": "[("}, "cannot be read"),
            ({"kind": "ratio"}, "choose what is divided and by what"),
            ({"kind": "formula", "formula": "1 +"}, "cannot be read: “1 \\+”"),
            ({"kind": "formula", "formula": "revenue ** 2"}, "“revenue \\*\\* 2” cannot stand"),
            ({"kind": "formula", "formula": "nobody + revenue"}, "not there: nobody"),
            ({"kind": "formula", "formula": "mine + 1"}, "in a circle: Mine → Mine"),
            ({"code": "a b"}, "cannot stand in a formula"),
            ({"code": "won-lost"}, "cannot stand in a formula"),
        ):
            with (
                self.subTest(values=values),
                self.assertRaisesRegex(ValidationError, words),
                self.env.cr.savepoint(),
            ):
                self.make(**values)

    def test_a_circle_over_others_is_named(self):
        one = self.make(name="One", kind="formula", formula="revenue * 2")
        self.make(name="Two", kind="formula", formula="one + 1")
        with self.assertRaisesRegex(ValidationError, "in a circle: (One → Two → One|Two → One → Two)"):
            one.formula = "two - 1"

    def test_what_others_use_stays(self):
        orders = self.kpi("orders")
        with self.assertRaisesRegex(UserError, "is worked out from “Orders”"), self.env.cr.savepoint():
            orders.active = False
        with self.assertRaisesRegex(UserError, "is worked out from “Orders”"), self.env.cr.savepoint():
            orders.unlink()
        with self.assertRaisesRegex(ValidationError, "“Win rate” names the code “won_deals”|by amount|names the code"):
            self.kpi("won_deals").code = "other"

    def test_margin_is_known_through_formulas(self):
        self.assertTrue(self.kpi("margin_share").has_margin)
        self.assertTrue(self.kpi("margin_per_day").has_margin)
        self.assertFalse(self.kpi("revenue_per_day").has_margin)

    def test_only_what_is_needed_is_kept(self):
        self.switch_on("win_rate")
        self.won("2025-03-10", 10, self.acme, self.anna)
        self.refresh()
        facts = self.env["sdm.kpi.fact"].search([("perimeter_id", "=", self.perimeter.id)])
        self.assertEqual(facts.kpi_id.mapped("code"), ["won_deals"])
        self.kpi("win_rate").is_on = False
        self.refresh()
        self.assertFalse(facts.exists())

    def test_a_new_one_shows_live_what_it_would_count(self):
        self.won("2025-06-10", 1000, self.acme, self.anna)
        self.won("2025-05-10", 70, self.acme)
        director = self.persona("director")
        with Form(self.env["sdm.kpi"].with_user(director)) as form:
            form.name = "Big won deals"
            form.source = "won"
            self.assertIn("1,000", form.trial)
            self.assertIn("Without a person", form.trial)
            form.filter_domain = "[('amount', '>', 100)]"
            self.assertIn("Anna", form.trial)
            self.assertNotIn("70", form.trial)
            form.filter_domain = "[('amount', '>', 5000)]"
            self.assertIn("Nothing of the last four months", form.trial)
            form.kind = "formula"
            form.formula = "won_amount / won_deals"
            self.assertIn("1,000", form.trial)
            form.formula = "won_amount /"
            self.assertIn("cannot be read", form.trial)
            form.kind = "ratio"
            form.numerator_id = self.kpi("won_amount")
            form.denominator_id = self.kpi("won_deals")
            self.assertIn("1,000", form.trial)

    def test_a_filter_may_ask_for_anything_of_a_document(self):
        self.won("2025-03-10", 10, self.acme, self.anna)
        other = self.won("2025-03-10", 7, self.acme, self.anna)
        other.priority = "3"
        kpi = self.make(source="won", filter_domain="[('lead_id.priority', '=', '3')]", is_on=True)
        self.refresh()
        self.assertEqual(self.values(kpi.code), 7)
        row = self.env["sdm.kpi.report"].search([("kpi_id", "=", kpi.id)])
        action = row.action_open_entries()
        found = self.env["sdm.kpi.entry"].with_context(**action["context"]).search(action["domain"])
        self.assertEqual(found.lead_id, other)
        self.assertEqual(found.action_open_document()["res_id"], other.id)

    def test_values_are_imported_once(self):
        """By code of the KPI, as in the file that the import screen offers; the same file again is refused."""
        self.anna.employee_id.name = "Unique Anna"
        director = self.persona("director")
        Value = self.env["sdm.kpi.value"].with_user(director)
        [template] = Value.get_import_templates()
        with file_open(template["template"].lstrip("/")) as file:
            header = file.readline().strip().split(",")
        rows = [
            ["satisfaction", "2025-01-31", "46", "Unique Anna", "Survey"],
            ["Answers to the survey", "2025-01-31", "5", "Unique Anna", "Survey"],
        ]
        self.assertFalse(Value.load(header, rows)["messages"])
        found = Value.search([("employee_id", "=", self.anna.employee_id.id)])
        self.assertEqual({value.kpi_id.code: value.value for value in found}, {"satisfaction": 46, "answers": 5})
        with mute_logger("odoo.sql_db"):
            again = Value.load(header, rows)
        self.assertIn("there already for this day", again["messages"][0]["message"])
        [action] = [self.kpi("answers").with_user(director).action_open_values()]
        self.assertEqual(Value.search(action["domain"]).mapped("value"), [5])

    def test_entered_values_are_of_entered_kpi(self):
        with self.assertRaisesRegex(ValidationError, "is computed and takes no entered values"):
            self.env["sdm.kpi.value"].create({"kpi_id": self.kpi("revenue").id, "value": 1})
