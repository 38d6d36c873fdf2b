from html import unescape

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged

from .common import AS_OF, SdmCase


@tagged("post_install", "-at_install")
class TestDiagnosis(SdmCase):
    def test_an_empty_company_is_told_what_is_missing(self):
        self.env["mail.activity"].search([]).unlink()
        figures = self.diagnose()
        self.assertEqual(set(self.diagnosis.figure_ids.mapped("level")), {"no_data"})
        self.assertEqual(set(self.diagnosis.figure_ids.mapped("value_text")), {"–"})
        self.assertIn("nothing to measure yet", self.diagnosis.summary)
        for figure in figures.values():
            self.assertFalse(figure.has_records)
            self.assertEqual(figure.sentence, figure.measure_id.missing)
        # without data the method begins at its beginning
        self.assertEqual(self.diagnosis.start_step_id.code, "segmentation")

    def test_every_measure_of_the_catalogue_is_measured_and_every_step_has_one(self):
        figures = self.diagnose()
        measures = self.env["sdm.diagnosis.measure"].search([])
        self.assertEqual(set(figures), set(measures.mapped("code")))
        self.assertEqual(self.diagnosis.step_ids.step_id, self.env["sdm.roadmap.step"].search([]))
        self.assertEqual(self.diagnosis.figure_ids.step_id, self.env["sdm.roadmap.step"].search([]))

    def test_every_placeholder_of_a_sentence_is_filled(self):
        """A world in which every figure has a value leaves no ``$`` in any sentence."""
        head = self.env["hr.employee"].create({"name": "Head", "company_id": self.company.id})
        sellers = [self.seller(name, head) for name in ("Anna", "Boris")]
        customers = [self.customer(f"Customer {number}", sellers[number % 2]) for number in range(6)]
        for number in range(60):
            seller, customer = sellers[number % 2], customers[number % 6]
            self.won(f"2025-{number % 6 + 1:02d}-10", 100 + number, customer, seller, opened="2024-12-01")
            self.lost("2025-02-02", customer, seller)
        self.won("2023-07-10", 100, customers[0], sellers[0])
        self.entered(self.won("2025-06-10", 100, customers[0], sellers[0]), "2025-06-01")
        for seller, count in zip(sellers, (1, 2), strict=True):
            for _number in range(count):
                deal = self.deal(customers[0], seller, date_deadline="2025-06-01")
                deal.date_last_stage_update = "2025-01-01 12:00:00"
                deal.activity_schedule("mail.mail_activity_data_call", date_deadline="2025-06-01", user_id=seller.id)
        self.order(customers[1], "2025-03-03", 100, discount=5, seller=sellers[0])
        figures = self.diagnose(revenue_source="deal")
        # invoices need a chart of accounts: tested apart
        self.assertEqual([code for code, figure in figures.items() if not figure.has_value], ["receivable_overdue"])
        for code, figure in figures.items():
            measure = figure.measure_id
            self.assertNotRegex(figure.sentence, r"\$[a-z]", code)
            for level in ("critical", "fine"):
                told = measure._tell(level, figure._get_words() if figure.has_value else {})
                if figure.has_value:
                    self.assertNotRegex(told, r"\$[a-z]", code)

    def test_judgement_and_where_to_start(self):
        for number in range(10):
            self.won("2025-06-10", 10, self.customer(f"Customer {number}", industry_id=self.industry.id))
        figures = self.diagnose()
        self.assertEqual(figures["customer_unowned"].level, "critical")
        self.assertEqual(figures["customer_unclassified"].level, "fine")
        self.assertEqual(figures["customer_concentration"].level, "information")
        first = self.diagnosis.step_ids.filtered(lambda line: line.rank == 1)
        self.assertEqual((first.step_id.code, first.level), ("segmentation", "critical"))
        self.assertEqual(self.diagnosis.start_step_id, first.step_id)
        # judged there: owner, largest customer, industry, duplicates; only the owner is critical
        self.assertEqual((first.critical_count, first.judged_count), (1, 4))
        self.assertEqual(
            self.diagnosis.summary.splitlines()[:2],
            [
                "Start with “Segmentation” (critical figures: 1 of 4).",
                "Because: Customers without a salesperson 100\xa0%.",
            ],
        )
        self.assertEqual(sorted(self.diagnosis.step_ids.filtered("rank").mapped("rank")), [1, 2, 3, 4])

    def test_from_the_starting_point_to_its_step_and_owner(self):
        director, head = self.persona("director"), self.persona("head")
        self.diagnose()
        step = self.diagnosis.start_step_id
        self.assertEqual(self.diagnosis.action_open_start()["res_id"], step.id)
        self.diagnosis.with_user(director).start_owner_id = head
        self.assertEqual(step.user_id, head)

    def test_limits_are_the_companys_and_kept_with_the_figure(self):
        for number in range(10):
            self.won("2025-01-10", 10, self.customer(f"Customer {number}"))
        measure = self.env.ref("sdm_segmentation.sdm_diagnosis_measure_customer_unowned")
        before = self.diagnose()["customer_unowned"]
        measure.write({"limit_attention": 1, "limit_critical": 1.5})
        after = self.diagnose()["customer_unowned"]
        self.assertEqual((before.level, after.level), ("critical", "attention"))
        self.assertEqual(before.limit_text, "Attention at 5\xa0%, critical at 20\xa0%.")
        self.assertEqual(after.limit_text, "Attention at 100\xa0%, critical at 150\xa0%.")

    def test_limits_in_the_wrong_order_are_refused(self):
        measure = self.env.ref("sdm_segmentation.sdm_diagnosis_measure_customer_unowned")
        with self.assertRaisesRegex(ValidationError, "Customers without a salesperson"):
            measure.write({"limit_attention": 0.5, "limit_critical": 0.1})
        measure.write({"lower_is_worse": True, "limit_attention": 0.5, "limit_critical": 0.1})

    def test_an_archived_measure_is_left_out(self):
        self.env.ref("sdm_segmentation.sdm_diagnosis_measure_win_rate").active = False
        self.assertNotIn("win_rate", self.diagnose())

    def test_a_diagnosis_is_measured_once_and_stays_as_it_was(self):
        self.diagnose()
        with self.assertRaisesRegex(UserError, "measured already"):
            self.diagnosis.action_measure()
        with self.assertRaisesRegex(UserError, "Make a new one"):
            self.diagnosis.date = "2025-01-01"
        action = self.diagnosis.copy()
        self.assertEqual((action.state, len(action.figure_ids)), ("draft", 0))

    def test_figures_are_measured_and_not_entered(self):
        director = self.persona("director")
        Diagnosis = self.env["sdm.diagnosis"].with_user(director)
        with self.assertRaises(AccessError):
            Diagnosis.create({"date": AS_OF, "state": "measured"})
        diagnosis = Diagnosis.create({"date": AS_OF})
        diagnosis.action_measure()
        for values in ({"state": "draft"}, {"measured_on": False}, {"step_ids": [(5,)]}):
            with self.assertRaises(AccessError):
                diagnosis.write(values)
        with self.assertRaisesRegex(UserError, "kept with its date"):
            diagnosis.unlink()
        Diagnosis.create({"date": AS_OF}).unlink()

    @freeze_time("2025-07-01 12:00:00")
    def test_old_data_are_measured_as_of_their_own_day(self):
        for number in range(10):
            self.won("2024-12-31", 10, self.customer(f"Customer {number}"))
        self.diagnose("2025-07-01")
        self.assertTrue(self.diagnosis.is_stale)
        self.assertIn("newest data are of 12/31/2024", self.diagnosis.summary.splitlines()[0])
        self.assertFalse(self.diagnosis.note)
        newest = self.env["sdm.diagnosis"].browse(self.diagnosis.action_measure_newest()["res_id"])
        self.assertEqual((str(newest.date), newest.is_stale), ("2024-12-31", False))
        self.assertIn("as they were on the day of measuring, 07/01/2025", newest.note)

    @freeze_time("2025-07-01 12:00:00")
    def test_the_future_cannot_be_measured(self):
        with self.assertRaisesRegex(ValidationError, "07/02/2025"):
            self.env["sdm.diagnosis"].create({"date": "2025-07-02"})

    @freeze_time("2025-07-01 12:00:00")
    def test_measure_again_today_makes_a_new_one_and_opens_it(self):
        self.diagnose()
        action = self.diagnosis.action_measure_now()
        new = self.env["sdm.diagnosis"].browse(action["res_id"])
        self.assertNotEqual(new, self.diagnosis)
        self.assertEqual((new.date, new.state), (fields.Date.to_date("2025-07-01"), "measured"))
        self.assertEqual(self.env["sdm.diagnosis"].action_open_latest()["res_id"], new.id)

    def test_the_roadmap_shows_the_latest_verdict(self):
        step = self.env.ref("sdm_segmentation.sdm_roadmap_step_segmentation")
        self.assertFalse(step.level)
        for number in range(10):
            self.won("2025-06-10", 10, self.customer(f"Customer {number}"))
        self.diagnose()
        step.invalidate_recordset()
        self.assertEqual((step.level, step.figure_count), ("critical", 5))
        banner = self.env["sdm.diagnosis"].get_banner()
        self.assertEqual((banner["id"], banner["can_measure"]), (self.diagnosis.id, True))
        self.assertIn("Segmentation", banner["lines"][0])
        figures = self.env["sdm.diagnosis.figure"].search(step.action_open_figures()["domain"])
        self.assertEqual(figures.step_id, step)

    def test_a_decided_step_is_kept_as_decided_with_the_diagnosis(self):
        step = self.env.ref("sdm_segmentation.sdm_roadmap_step_training")
        step.decision = "<p>Track of 90 days.</p>"
        step.action_decide()
        self.diagnose()
        line = self.diagnosis.step_ids.filtered(lambda line: line.step_id == step)
        self.assertEqual((line.decided, line.level, line.rank), (True, "no_data", 0))

    def test_it_speaks_the_readers_language(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        for number in range(10):
            self.won("2025-01-10", 10, self.customer(f"Customer {number}"))
        figure = self.diagnose()["customer_unowned"]
        measure = figure.measure_id
        measure.with_context(lang="ru_RU").sentence = "Без продавца: $part из $base клиентов."
        self.assertEqual(figure.with_context(lang="ru_RU").sentence, "Без продавца: 10 из 10 клиентов.")
        self.assertIn("10 of 10 buying customers", figure.sentence)

    def test_it_prints(self):
        self.won("2025-01-10", 10, self.customer("Alfa"))
        self.diagnose("2025-03-31")
        self.answer("strategy", "1", "1", "1")
        self.diagnose()
        self.answer("strategy", "4", "2", "2")
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "sdm_segmentation.sdm_diagnosis_report_document", self.diagnosis.ids
        )
        text = unescape(html.decode())
        for step in self.diagnosis.step_ids.step_id:
            self.assertIn(step.name, text)
        self.assertIn("Alfa", text)
        self.assertFalse([name for name in self.diagnosis.answer_ids.question_id.mapped("name") if name not in text])
        # one answer; a maturity and a figure that were known before
        self.assertEqual((text.count("Reviewed on facts"), text.count("Maturity up: Sales strategy 1→2.")), (1, 1))
        self.assertIn("100\xa0% on 03/31/2025: cannot be compared", text)
        draft = self.env["sdm.diagnosis"].create({"date": AS_OF})
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "sdm_segmentation.sdm_diagnosis_report_document", draft.ids
        )
        self.assertIn("not measured yet", html.decode())
