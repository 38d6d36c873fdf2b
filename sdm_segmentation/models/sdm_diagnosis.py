from datetime import timedelta
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..engine.diagnosis import CRITICAL, judge, share, worst
from ..engine.roadmap import arrange
from .timezones import to_utc

# What only measuring writes: a diagnosis is what the data showed, not what somebody entered.
MEASURED = {
    "state",
    "user_id",
    "measured_on",
    "measured_source",
    "newest_date",
    "timezone",
    "start_step_id",
    "step_ids",
    "figure_ids",
    "seller_ids",
}
STALE_DAYS = 31


class SdmDiagnosis(models.Model):
    """Where do we stand: what the company's own data show of each decision of the method, on a date.

    The figures are measured in the files beside this one, an area each. A figure over a population of records is a
    domain, and the same domain opens its records, so the two cannot disagree.
    """

    _name = "sdm.diagnosis"
    _description = "Diagnosis"
    _inherit = ["sdm.guarded.mixin", "mail.thread"]
    _order = "date desc, id desc"
    _check_company_auto = True

    date = fields.Date(
        "As of",
        required=True,
        default=fields.Date.context_today,
        copy=False,
        help="Windows of 12 and 24 months end on this day. Open deals and activities are taken as they are now.",
    )
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    revenue_source = fields.Selection(
        [
            ("auto", "Best available"),
            ("invoice", "Posted invoices, without tax"),
            ("order", "Confirmed orders, without tax"),
            ("deal", "Won deals"),
        ],
        string="Revenue is",
        required=True,
        default="auto",
        help="Best available: invoices if there are any in the 24 months before the date, else orders, else won deals.",
    )
    measured_source = fields.Selection(
        [
            ("invoice", "Posted invoices, without tax"),
            ("order", "Confirmed orders, without tax"),
            ("deal", "Won deals"),
        ],
        string="Revenue was taken from",
        copy=False,
        readonly=True,
    )
    state = fields.Selection(
        [("draft", "To measure"), ("measured", "Measured")],
        default="draft",
        required=True,
        copy=False,
        readonly=True,
    )
    user_id = fields.Many2one("res.users", "Measured by", copy=False, readonly=True)
    measured_on = fields.Datetime(copy=False, readonly=True)
    step_ids = fields.One2many("sdm.diagnosis.step", "diagnosis_id", string="Steps", copy=False, readonly=True)
    figure_ids = fields.One2many("sdm.diagnosis.figure", "diagnosis_id", string="Figures", copy=False, readonly=True)
    seller_ids = fields.One2many("sdm.diagnosis.seller", "diagnosis_id", string="Sellers", copy=False, readonly=True)
    timezone = fields.Char("Time zone", copy=False, readonly=True, help="Of the person who measured; days end in it.")
    newest_date = fields.Date("Newest data", copy=False, readonly=True)
    is_stale = fields.Boolean(compute="_compute_is_stale")
    note = fields.Text(compute="_compute_note")
    start_step_id = fields.Many2one(
        "sdm.roadmap.step",
        "Start with",
        compute="_compute_start_step_id",
        store=True,
        ondelete="set null",
        help="The earliest step in the order of the method that presses most, by its figures and its maturity.",
    )
    start_owner_id = fields.Many2one(
        related="start_step_id.user_id",
        string="Owner of this step",
        readonly=False,
        domain=lambda self: self.env["sdm.roadmap.step"]._domain_user_id(),
    )
    summary = fields.Text(compute="_compute_summary")
    board = fields.Json(compute="_compute_board", help="Steps, figures and answers for the screen.")
    is_empty = fields.Boolean("Without data", compute="_compute_is_empty")
    critical_count = fields.Integer("Critical figures", compute="_compute_critical_count")

    @api.depends("date", "company_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for diagnosis in self:
            diagnosis.display_name = self.env._(
                "Where do we stand, %(date)s", date=format_date(self.env, diagnosis.date)
            )

    @api.depends("figure_ids.level")
    def _compute_critical_count(self):
        for diagnosis in self:
            diagnosis.critical_count = len(diagnosis.figure_ids.filtered(lambda figure: figure.level == CRITICAL))

    @api.depends("figure_ids.has_value")
    def _compute_is_empty(self):
        for diagnosis in self:
            diagnosis.is_empty = not any(diagnosis.figure_ids.mapped("has_value"))

    @api.depends("step_ids.rank")
    def _compute_start_step_id(self):
        for diagnosis in self:
            diagnosis.start_step_id = diagnosis.step_ids.filtered(lambda line: line.rank == 1).step_id

    @api.depends("state", "step_ids.rank", "step_ids.level", "step_ids.maturity", "step_ids.contradiction")
    @api.depends_context("lang")
    def _compute_summary(self):
        for diagnosis in self:
            diagnosis.summary = diagnosis._tell() if diagnosis.state == "measured" else False

    @api.depends("step_ids.rank", "step_ids.remark", "answer_ids.value", "answer_ids.comment", "compared_id")
    @api.depends_context("lang")
    def _compute_board(self):
        for diagnosis in self:
            compared = diagnosis._with_compared()
            # at once, since each step shows its own questions
            compared.answer_ids.question_id.fetch(["name"])
            diagnosis.board = [line._prepare_board() for line in compared.step_ids]

    @api.constrains("date")
    def _check_date(self):
        for diagnosis in self:
            if diagnosis.date > fields.Date.context_today(diagnosis):
                raise ValidationError(
                    self.env._(
                        "A diagnosis as of %(date)s cannot be measured yet. Choose today or an earlier day.",
                        date=format_date(self.env, diagnosis.date),
                    )
                )

    @api.depends("date", "newest_date")
    def _compute_is_stale(self):
        for diagnosis in self:
            newest = diagnosis.newest_date
            diagnosis.is_stale = bool(newest and (diagnosis.date - newest).days >= STALE_DAYS)

    @api.depends("date", "measured_on")
    @api.depends_context("lang")
    def _compute_note(self):
        for diagnosis in self:
            measured = diagnosis.measured_on and fields.Datetime.context_timestamp(diagnosis, diagnosis.measured_on)
            diagnosis.note = (
                measured
                and diagnosis.date < measured.date()
                and self.env._(
                    "Deals won and lost, orders and invoices are those of the 12 or 24 months up to %(date)s. Open "
                    "deals, activities, owners and receivables are as they were on the day of measuring, %(measured)s.",
                    date=format_date(self.env, diagnosis.date),
                    measured=format_date(self.env, measured.date()),
                )
            )

    @api.model
    def _get_step_fields(self):
        return super()._get_step_fields() | MEASURED

    @api.model
    def _tell_guarded(self, field):
        if field.name in MEASURED:
            return self.env._("Figures are measured, not entered. Press “Measure”.")
        return super()._tell_guarded(field)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_measured(self):
        if any(diagnosis.state == "measured" for diagnosis in self):
            raise UserError(self.env._("A measured diagnosis is kept with its date, to compare later ones with."))

    def write(self, vals):
        """What was measured stays as it was; another date or source is another diagnosis."""
        self.check_access("write")
        if {"date", "company_id", "revenue_source"} & vals.keys() and any(d.state == "measured" for d in self):
            raise UserError(
                self.env._(
                    "This diagnosis is measured and kept with its date. Make a new one for another date or source."
                )
            )
        return super().write(vals)

    # -- actions ------------------------------------------------------------------------------------------------------

    def action_measure(self):
        """Measure all figures, judge them, and name the step to start with. Runs once for a diagnosis."""
        # Two people pressing at once: the second waits, and is then told.
        self.lock_for_update()
        for diagnosis in self:
            if diagnosis.state != "draft":
                raise UserError(
                    self.env._(
                        "%(diagnosis)s is measured already. Make a new diagnosis to see where you stand now.",
                        diagnosis=diagnosis.display_name,
                    )
                )
            diagnosis.check_access("write")
            measures = self.env["sdm.diagnosis.measure"].search([("active", "=", True)])
            # Company-wide figures: they count every document, also those the measuring person may not open.
            everywhere = diagnosis.sudo()
            everywhere.timezone = self.env.user.tz or "UTC"
            everywhere.measured_source = everywhere._find_revenue_source()
            everywhere._apply_measurements(measures, everywhere._get_measurements(everywhere._count_populations()))
        return True

    def action_open_latest(self):
        """Open the latest diagnosis of the company, or a new one to measure."""
        # Not the list's action with another view: the browser would remember it as such.
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Where do we stand"),
            "res_model": self._name,
            "view_mode": "form",
            "views": [(False, "form")],
            "res_id": self._get_latest().id,
        }

    def action_open_start(self):
        """Open the step to start with, where its decision is written and its owner and date are set."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "sdm.roadmap.step",
            "res_id": self.start_step_id.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    def action_measure_now(self):
        """Make a diagnosis as of today, measure it and open it."""
        diagnosis = self.create({})
        diagnosis.action_measure()
        return self.action_open_latest()

    def action_measure_newest(self):
        """Make a diagnosis as of the day of the newest data, measure it and open it."""
        self.ensure_one()
        diagnosis = self.create({"date": self.newest_date, "revenue_source": self.revenue_source})
        diagnosis.action_measure()
        return {**self.action_open_latest(), "res_id": diagnosis.id}

    @api.model
    @api.readonly
    def get_banner(self):
        """What the roadmap shows of the latest diagnosis.

        :return: dict with ``can_measure`` and, where there is one, ``id``, ``title``, ``lines``; None for people
            without access to diagnoses
        """
        if not self.has_access("read"):
            return None
        latest = self._get_latest()
        return {
            "id": latest.id,
            "title": latest.display_name if latest else "",
            "lines": (latest.summary or "").splitlines(),
            "can_measure": self.has_access("create"),
        }

    @api.model
    def _get_latest(self):
        """The latest measured diagnosis of the current company that the user may read, or none."""
        if not self.has_access("read"):
            return self.browse()
        return self.search([("state", "=", "measured"), ("company_id", "=", self.env.company.id)], limit=1)

    # -- measuring ----------------------------------------------------------------------------------------------------

    def _get_measurements(self, counts):
        """Measure everything, in a number of queries that does not depend on the number of records.

        Other apps add their figures here.

        :param counts: what ``_count_populations`` returned
        :return: dict {code of the measure: Measurement}
        """
        self.ensure_one()
        populations = self._get_populations()
        result = {}
        for code, (population, _part) in self._get_parts().items():
            rows = counts[populations[population][0]]
            result[code] = share(sum(row[code] for row in rows), sum(row[population] for row in rows))
        return result

    def _get_populations(self):
        """Populations that figures are shares of.

        :return: dict {name: (model name, Domain)}
        """
        return {}

    def _get_parts(self):
        """Figures that are the share of a population for which a domain holds.

        :return: dict {code of the measure: (name of the population, Domain)}
        """
        return {}

    def _get_breakdowns(self):
        """By what the counts of a model are broken down, so that figures on its parts need no pass of their own.

        :return: dict {model name: tuple of names of stored many2one fields}
        """
        return {}

    def _get_sums(self):
        """What is added up over a population in the same pass.

        :return: dict {name: (name of the population, function that makes the SQL of a number, given a function that
            makes the SQL of a stored field)}
        """
        return {}

    def _count_populations(self):
        """Count all populations and their parts: one pass over a model, however many figures there are on it.

        ``_read_group`` has no conditional count, so populations and parts become FILTER clauses, compiled from the
        domains that open the records. Only populations narrow the pass: a sub-query in each part would run twice.

        :return: dict {model name: list of dicts, one for each combination of the model's breakdown: ids by the names of
            its fields, counts by the names of populations and figures, sums as Decimal}
        """
        populations = self._get_populations()
        parts = self._get_parts()
        breakdowns = self._get_breakdowns()
        result = {}
        for model_name in {model_name for model_name, _domain in populations.values()}:
            model = self._get_model(model_name)
            codes = [code for code, (name, _part) in parts.items() if populations[name][0] == model_name]
            names = sorted({parts[code][0] for code in codes})
            # with one population all records of the pass are in it
            within = {name: populations[name][1] if len(names) > 1 else Domain.TRUE for name in names}
            domains = [*within.values(), *(within[parts[code][0]] & parts[code][1] for code in codes)]
            keys = breakdowns.get(model_name, ())
            sums = {name: (names.index(each), make) for name, (each, make) in self._get_sums().items() if each in names}
            rows = self._count(
                model, Domain.OR(populations[name][1] for name in names), domains, keys, tuple(sums.values())
            )
            columns = (*keys, *names, *codes, *sums)
            result[model_name] = [dict(zip(columns, row, strict=True)) for row in rows]
        return result

    @api.model
    def _count(self, model, domain, domains, keys=(), sums=()):
        """Count records by several conditions in one pass.

        :param model: empty recordset; :param domain: what is passed over; :param domains: list of Domain
        :param keys: names of stored many2one fields to count by
        :param sums: pairs (place of a condition in ``domains``, function that makes the SQL of a number)
        :return: list of rows: the ids of ``keys``, a count for each of ``domains``, then ``sums`` as Decimal
        """
        query = model._search(domain)

        def column(name):
            return model._field_to_sql(query.table, name, query)

        # What is counted is worked out for each record first: PostgreSQL takes an aggregate for something that happens
        # once a group, and would look up each record of a sub-query in a condition by itself.
        values = {
            **{f"key_{number}": column(key) for number, key in enumerate(keys)},
            **{
                f"is_{number}": Domain(each).optimize_full(model)._to_sql(model, query.table, query)
                for number, each in enumerate(domains)
            },
            **{f"value_{number}": make(column) for number, (_place, make) in enumerate(sums)},
        }
        found = [
            *(SQL.identifier(f"key_{number}") for number in range(len(keys))),
            *(SQL("COUNT(*) FILTER (WHERE %s)", SQL.identifier(f"is_{number}")) for number in range(len(domains))),
            # as text, since Odoo's connections turn numbers into floats
            *(
                SQL(
                    "COALESCE(SUM(%s) FILTER (WHERE %s), 0)::text",
                    SQL.identifier(f"value_{number}"),
                    SQL.identifier(f"is_{place}"),
                )
                for number, (place, _make) in enumerate(sums)
            ),
        ]
        rows = self.env.execute_query(
            SQL(
                "SELECT %s FROM (%s OFFSET 0) AS record%s",
                SQL(", ").join(found),
                query.select(*(SQL("%s AS %s", value, SQL.identifier(name)) for name, value in values.items())),
                SQL(" GROUP BY %s", SQL(", ").join(found[: len(keys)])) if keys else SQL(),
            )
        )
        whole = len(keys) + len(domains)
        return [(*row[:whole], *map(Decimal, row[whole:])) for row in rows]

    def _get_model(self, name):
        """The model to measure on: as of the date, in the company, archived records (lost deals) included."""
        return (
            self.env[name]
            .with_company(self.company_id)
            .with_context(allowed_company_ids=self.company_id.ids, active_test=False, **self._get_as_of_context())
        )

    def _get_as_of_context(self):
        return {
            "sdm_as_of": fields.Date.to_string(self.date),
            "sdm_company_id": self.company_id.id,
            "sdm_tz": self._get_zone(),
        }

    def _get_window(self, months):
        """The months up to and with the date, as UTC limits.

        :param months: length of the window
        :return: tuple (from, to) of naive UTC datetimes, half-open
        """
        end = self.date + timedelta(days=1)
        return self._to_utc(end - relativedelta(months=months)), self._to_utc(end)

    def _to_utc(self, date):
        """Midnight of a date in the diagnosis' time zone, as a naive UTC datetime."""
        return to_utc(date, self._get_zone())

    def _get_zone(self):
        """The time zone in which days end, whoever reads the diagnosis."""
        return self.timezone or "UTC"

    def _local_date(self, column):
        """SQL of the calendar date of a UTC datetime column in the diagnosis' time zone."""
        return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", column, self._get_zone())

    # -- judgement ----------------------------------------------------------------------------------------------------

    def _apply_measurements(self, measures, measurements):
        """Judge the measurements and keep figures and verdicts; maturity and starting point follow from them.

        :param measures: the catalogue; a measure without measurement is kept as one without data
        :param measurements: dict {code: Measurement}
        """
        self.ensure_one()
        steps = self.env["sdm.roadmap.step"].search([("active", "=", True)])
        places = {place.code: place for place in arrange(steps._prepare_engine_steps())}
        # what a tool shows matters where something is decided to be shown
        statuses = steps.filtered("decided").with_company(self.company_id)._get_statuses()
        judged = {step: [] for step in steps.sorted(lambda step: places[step.id].position)}
        for measure in measures.filtered(lambda measure: measure.code in measurements and measure.step_id in judged):
            measurement = measurements[measure.code]
            judged[measure.step_id].append((measure, measurement, judge(measurement, measure._get_limits())))
        self.write(
            {
                "state": "measured",
                "user_id": self.env.uid,
                "measured_on": fields.Datetime.now(),
                "newest_date": measurements["data_age"].details.get("newest_date"),
                "step_ids": [
                    fields.Command.create(
                        {
                            "step_id": step.id,
                            "position": places[step.id].position,
                            "level": worst(level for *_rest, level in rows),
                            "decided": step.decided,
                            "missing": step.id in statuses and statuses[step.id].is_missing,
                            "figure_ids": [
                                fields.Command.create(self._prepare_figure(measure, measurement, level))
                                for measure, measurement, level in rows
                            ],
                        }
                    )
                    for step, rows in judged.items()
                ],
            }
        )

    @api.model
    def _prepare_figure(self, measure, measurement, level):
        return {
            "measure_id": measure.id,
            "sequence": measure.sequence,
            "has_value": measurement.value is not None,
            "value": measurement.value or 0,
            "part": measurement.part,
            "base": measurement.base,
            "conclusive": measurement.conclusive,
            "details": measurement.details,
            "limit_attention": measure.limit_attention,
            "limit_critical": measure.limit_critical,
            "level": level,
        }

    def _tell(self):
        """The outcome in plain sentences, a line each."""
        self.ensure_one()
        if self.is_empty and not any(self.step_ids.mapped("maturity")):
            nothing = self.env._(
                "There is nothing to measure yet: up to this date there are no deals, orders, invoices or activities. "
                "Bring your data in, or choose a date on which there were some, and measure again."
            )
            return f"{nothing}\n{self.env._('Until then, the answers to the questions tell where to begin.')}"
        lines = []
        contradictory = self.step_ids.filtered("contradiction")
        if contradictory:
            lines.append(
                self.env._(
                    "Answers and facts contradict each other: %(steps)s.",
                    steps=", ".join(contradictory.mapped("step_id.name")),
                )
            )
        named = self.step_ids.filtered("rank").sorted("rank")
        if not named:
            return "\n".join([*lines, self.env._("Nothing presses: every step of the method is fine or decided.")])
        first, rest = named[0], named[1:]
        if self.is_stale:
            lines.append(
                self.env._(
                    "The newest data are of %(date)s. Measure as of that day to see the department at work.",
                    date=format_date(self.env, self.newest_date),
                )
            )
        lines += first._tell_start()
        if rest:
            lines.append(self.env._("Then: %(steps)s.", steps=", ".join(rest.step_id.mapped("name"))))
        return "\n".join(lines)

    # -- records behind a figure --------------------------------------------------------------------------------------

    def _has_records(self, code):
        """Whether the records behind a figure can be opened."""
        return code in self._get_parts() or code in self._get_record_actions()

    def _get_record_actions(self):
        """How figures that are no share of a population show their records.

        :return: dict {code: function that returns (model name, Domain, dict of further values of the action)}
        """
        return {}

    @api.model
    def _get_list_view(self, model_name, code):
        """Id of the list that shows what a figure is about, False for the model's own.

        :param model_name: of the records; :param code: of the measure
        """
        return False

    def _prepare_figure_action(self, code):
        """Action that opens the records behind a figure.

        :param code: of the measure
        """
        self.ensure_one()
        parts = self._get_parts()
        if code in parts:
            population, part = parts[code]
            model_name, domain = self._get_populations()[population]
            domain, values = domain & part, {}
        else:
            model_name, domain, values = self._get_record_actions()[code]()
        list_view = self._get_list_view(model_name, code)
        views = values.pop("views", [(list_view, "list"), (False, "form")])
        context = {
            "active_test": False,
            "create": False,
            **self._get_as_of_context(),
            **values.pop("context", {}),
        }
        return {
            "type": "ir.actions.act_window",
            "res_model": model_name,
            "domain": list(domain),
            "views": views,
            "view_mode": ",".join(mode for _view, mode in views),
            "context": context,
            **values,
        }
