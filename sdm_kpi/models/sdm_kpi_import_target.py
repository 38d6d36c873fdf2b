from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date, formatLang

from odoo.addons.sdm_segmentation.models.sdm_decision_version import DRAFT, IN_FORCE

from ..engine import facts, history, table
from .sdm_kpi_import import PLAN
from .sdm_kpi_import_read import NAMED, UNKNOWN
from .sdm_period import CLOSED

NOT_BEGUN, PLANNED, TWICE, DIFFERS, NO_PERCENT = "not_begun", "planned", "twice", "differs", "no_percent"
# What makes a target the same one
CELL = ("kpi_id", "date", "employee_id", "head_id", "team_id", "segment_id", "category_id")
NAMED_IN_PLANS = {
    "kpi": ("sdm.kpi", ("name", "code"), [], None),
    "segment": ("sdm.segment", ("name",), [], "is_primary"),
    "team": ("crm.team", ("name",), [], None),
    "head": NAMED["person"],
}


def select_cell(table_name):
    """SQL of the columns of ``CELL``, none of them NULL."""
    return SQL(", ").join(
        SQL.identifier(table_name, name)
        if name in ("kpi_id", "date")
        else SQL("COALESCE(%s, 0)", SQL.identifier(table_name, name))
        for name in CELL
    )


class SdmKpiImportRow(models.Model):
    """A target of a past month as it was read."""

    _inherit = "sdm.kpi.import.row"

    kpi_id = fields.Many2one("sdm.kpi", string="KPI", ondelete="cascade")
    head_id = fields.Many2one("hr.employee", string="Group of", ondelete="cascade")
    team_id = fields.Many2one("crm.team", string="Sales team", ondelete="cascade")
    segment_id = fields.Many2one("sdm.segment", ondelete="cascade")
    is_summed = fields.Boolean("Of somebody unknown", help="Added up with others of the same group and month.")

    def _get_columns(self):
        names = ("kpi_id", "head_id", "team_id", "segment_id")
        return super()._get_columns() | dict.fromkeys(names, "int4") | {"is_summed": "bool"}

    def _sum_up(self, record):
        if record.kind != PLAN:
            return super()._sum_up(record)
        self.flush_model()
        self._place(record)
        self._reject_months(record, record._find_taken_months(self._get_months(record)))
        self._reject_twice(record)
        versions = record._find_imported_versions()
        self._reject_different(record, versions)
        known = self.env.execute_query(
            SQL(
                """SELECT COALESCE(SUM(cell.count), 0)::int4 FROM (%s) cell
                     JOIN sdm_plan_target target ON target.version_id = ANY(%s)
                          AND (%s) = (%s) AND target.value = cell.amount""",
                self._query_cells(record),
                versions.ids,
                select_cell("target"),
                select_cell("cell"),
            )
        )
        totals = self.env.execute_query(
            SQL(
                """SELECT kpi_id, EXTRACT(YEAR FROM date)::int4, COUNT(*), SUM(amount)::text
                     FROM sdm_kpi_import_row WHERE import_id = %s AND is_right GROUP BY 1, 2 ORDER BY 2, 1""",
                record.id,
            )
        )
        return super()._sum_up(record) | {"known_count": known[0][0], "totals": [list(total) for total in totals]}

    def _get_months(self, record):
        rows = self.env.execute_query(
            SQL("SELECT DISTINCT date FROM sdm_kpi_import_row WHERE import_id = %s AND is_right", record.id)
        )
        return sorted(month for (month,) in rows)

    def _place(self, record):
        """Give targets of people the head that each had at the end of the month, or next to it, and what is added up
        the sales team as well."""
        self.env.cr.execute(
            SQL(
                """UPDATE sdm_kpi_import_row row
                      SET head_id = COALESCE(row.head_id, place.head_id),
                          team_id = COALESCE(row.team_id, CASE WHEN kpi.semantics = %(flow)s THEN place.team_id END)
                     FROM sdm_kpi kpi, (
                         SELECT need.employee_id, need.date, position.head_id, position.team_id
                           FROM (SELECT DISTINCT employee_id, date,
                                        (date + interval '1 month' - interval '1 day')::date AS last
                                   FROM sdm_kpi_import_row
                                  WHERE import_id = %(record)s AND is_right AND employee_id IS NOT NULL) need
                           CROSS JOIN LATERAL (
                               SELECT head_id, team_id FROM sdm_position position
                                WHERE position.employee_id = need.employee_id
                                ORDER BY GREATEST(position.date_from - need.last, need.last - position.date_to, 0),
                                         position.date_from DESC NULLS LAST
                                LIMIT 1) position
                     ) place
                    WHERE row.import_id = %(record)s AND row.is_right AND kpi.id = row.kpi_id
                      AND place.employee_id = row.employee_id AND place.date = row.date""",
                flow=facts.FLOW,
                record=record.id,
            )
        )

    def _reject_months(self, record, taken):
        """Reject the rows of months.

        :param taken: {month: (reason, text)}
        """
        if not taken:
            return
        self.env.cr.execute(
            SQL(
                """UPDATE sdm_kpi_import_row row
                      SET is_right = FALSE,
                          problems = jsonb_build_array(jsonb_build_array('date', taken.reason, taken.word))
                     FROM unnest(%s::date[], %s::varchar[], %s::varchar[]) taken (month, reason, word)
                    WHERE row.import_id = %s AND row.is_right AND row.date = taken.month""",
                list(taken),
                [reason for reason, _text in taken.values()],
                [text for _reason, text in taken.values()],
                record.id,
            )
        )

    def _reject_twice(self, record):
        """Reject what is a target of the same as a row above it."""
        self.env.cr.execute(
            SQL(
                """UPDATE sdm_kpi_import_row row
                      SET is_right = FALSE,
                          problems = jsonb_build_array(jsonb_build_array('amount', %s, twice.first::varchar))
                     FROM (SELECT id, FIRST_VALUE(row) OVER same AS first, ROW_NUMBER() OVER same AS number
                             FROM sdm_kpi_import_row target
                            WHERE import_id = %s AND is_right AND NOT is_summed
                           WINDOW same AS (PARTITION BY %s ORDER BY row, part)) twice
                    WHERE row.id = twice.id AND twice.number > 1""",
                TWICE,
                record.id,
                select_cell("target"),
            )
        )

    def _reject_different(self, record, versions):
        """Reject targets that another file has brought in with another amount."""
        self.env.cr.execute(
            SQL(
                """UPDATE sdm_kpi_import_row row
                      SET is_right = FALSE,
                          problems = jsonb_build_array(jsonb_build_array('amount', %(differs)s, known.value::varchar))
                     FROM (SELECT target.value, cell.* FROM (%(cells)s) cell
                             JOIN sdm_plan_target target ON target.version_id = ANY(%(versions)s)
                                  AND (%(target)s) = (%(cell)s) AND target.value <> cell.amount) known
                    WHERE row.import_id = %(record)s AND row.is_right AND (%(row)s) = (%(known)s)""",
                differs=DIFFERS,
                cells=self._query_cells(record),
                versions=versions.ids,
                target=select_cell("target"),
                cell=select_cell("cell"),
                row=select_cell("row"),
                known=select_cell("known"),
                record=record.id,
            )
        )

    def _query_cells(self, record):
        """SQL of the targets that the rows of a file make: the columns of ``CELL``, amount and number of rows."""
        names = SQL(", ").join(map(SQL.identifier, CELL))
        return SQL(
            """SELECT %s, SUM(amount) AS amount, COUNT(*) AS count FROM sdm_kpi_import_row
                WHERE import_id = %s AND is_right GROUP BY %s""",
            names,
            record.id,
            names,
        )


class SdmKpiImport(models.Model):
    """Plans of past years from a file: what was planned then, so that results of that time have something beside."""

    _inherit = "sdm.kpi.import"

    def _compute_history_count(self):
        plans = self.filtered(lambda record: record.kind == PLAN)
        counts = dict(
            self.env["sdm.plan.target"]._read_group([("import_id", "in", plans.ids)], ["import_id"], ["__count"])
        )
        for record in plans:
            record.history_count = counts.get(record, 0)
        return super(SdmKpiImport, self - plans)._compute_history_count()

    def _prepare_preview(self):
        if self.kind != PLAN:
            return super()._prepare_preview()
        rejected = self.rejected or []
        kpis = {kpi.id: kpi for kpi in self.env["sdm.kpi"].browse([kpi for kpi, *_rest in self.totals or []]).exists()}
        return {
            "plans": [
                (
                    year,
                    kpis[kpi].display_name,
                    count,
                    formatLang(self.env, float(amount), digits=2) if kpis[kpi].semantics == facts.FLOW else "",
                )
                for kpi, year, count, amount in self.totals or []
                if kpi in kpis
            ],
            "totals": [],
            "rejected": rejected,
            "more": max(self._count_problems() - len(rejected), 0),
        }

    # -- reading ------------------------------------------------------------------------------------------------------

    def _get_named(self):
        if self.kind != PLAN:
            return super()._get_named()
        named = super()._get_named() | NAMED_IN_PLANS
        if not self.env.user.has_group("sdm_segmentation.group_sdm_margin"):
            model, names, domain, first = named["kpi"]
            named["kpi"] = (model, names, [*domain, ("has_margin", "=", False)], first)
        return named

    def _get_nearest(self, name):
        return True if name == "is_primary" else super()._get_nearest(name)

    def _get_kpi(self, record, known):
        """The KPI of a row: what its cell names, without one that of the whole file."""
        text = record.values.get("kpi")
        return self.env["sdm.kpi"].browse(known["kpi"].get(text)) if text else self.kpi_id

    def _check_row(self, record, known, cells, places):
        found = super()._check_row(record, known, cells, places)
        if self.kind != PLAN or any(problem.column == "kpi" for problem in found):
            return found
        kpi = self._get_kpi(record, known)
        if not kpi:
            found.append(table.Problem(record.row, "kpi", table.EMPTY))
            return found
        if "%" in str(cells[places["amount"]]) and kpi.unit != "percent":
            found.append(table.Problem(record.row, "amount", NO_PERCENT, str(cells[places["amount"]])))
        person = record.values.get("person")
        if person and person not in known["person"] and self.accepts_unknown and kpi.semantics != facts.FLOW:
            # the share of somebody is no share of the company
            found.append(table.Problem(record.row, "person", UNKNOWN, person))
        return found

    def _prepare_row(self, record, known):
        row = super()._prepare_row(record, known)
        if self.kind == PLAN:
            row |= {
                "kpi_id": self._get_kpi(record, known).id,
                "head_id": known["head"].get(record.values.get("head")),
                "team_id": known["team"].get(record.values.get("team")),
                "segment_id": known["segment"].get(record.values.get("segment")),
                "is_summed": bool(record.values.get("person")) and not row["employee_id"],
            }
        return row

    def _tell_table_problem(self, problem, labels):
        words = {"row": problem.row, "column": labels.get(problem.column, problem.column), "value": problem.value}
        if problem.reason == NOT_BEGUN:
            return self.env._(
                "Row %(row)s, “%(column)s”: %(value)s has not begun yet. Make its plan under Plans.", **words
            )
        if problem.reason == PLANNED:
            return self.env._(
                "Row %(row)s, “%(column)s”: “%(value)s” plans this month already. Enter the target there, or archive "
                "that plan.",
                **words,
            )
        if problem.reason == TWICE:
            return self.env._(
                "Row %(row)s, “%(column)s”: row %(value)s is a target of the same already. Add them up in the file, "
                "or say which column tells them apart.",
                **words,
            )
        if problem.reason == DIFFERS:
            words["value"] = formatLang(self.env, float(problem.value), digits=2)
            return self.env._(
                "Row %(row)s, “%(column)s”: another file has brought in %(value)s for the same. Undo that one first, "
                "or take the row out.",
                **words,
            )
        if problem.reason == NO_PERCENT:
            return self.env._(
                "Row %(row)s, “%(column)s”: “%(value)s” is a share, but the KPI is no percentage. Write the amount.",
                **words,
            )
        return super()._tell_table_problem(problem, labels)

    # -- plans --------------------------------------------------------------------------------------------------------

    def _get_perimeter(self):
        """The perimeter that the targets are of.

        :raise UserError: who asks may not see all its companies
        """
        perimeter = self.env["sdm.perimeter"].with_company(self.company_id)._get_default()
        if not perimeter:
            raise UserError(
                self.env._(
                    "A plan is one for all companies of a perimeter, and you may not see all of that of %(company)s. "
                    "Ask somebody who may.",
                    company=self.company_id.name,
                )
            )
        return perimeter

    def _get_plans(self):
        """Plans whose targets hold or may come to hold."""
        domain = Domain("perimeter_id", "=", self._get_perimeter().id)
        domain &= Domain("active", "=", True) | Domain("version_ids.state", "=", IN_FORCE)
        return self.env["sdm.plan"].sudo().with_context(active_test=False).search(domain)

    def _find_imported_versions(self):
        """The versions that hold and came from files: further files may add to them."""
        return self._get_plans().filtered("active").version_id.filtered("import_id")

    def _find_taken_months(self, months):
        """Months that the file may bring no targets of.

        :param months: those of the file; :return: {month: (reason, the year or the name of the plan)}
        """
        year = fields.Date.context_today(self).year
        taken = {month: (NOT_BEGUN, str(month.year)) for month in months if month.year > year}
        for plan in self._get_plans():
            if not (plan.active and plan.version_id.import_id):
                own = set(plan._get_months())
                taken.update({month: (PLANNED, plan.name) for month in months if month in own})
        return taken

    def _insert(self):
        if self.kind != PLAN:
            return super()._insert()
        rows = self.env["sdm.kpi.import.row"]
        rows.flush_model()
        months = rows._get_months(self)
        self._get_perimeter()._lock_facts()
        if self._find_taken_months(months):
            raise UserError(
                self.env._("Somebody has made a plan for months of the file since it was checked. Check it again.")
            )
        versions = self._find_imported_versions()
        own = {month for version in versions for month in version.plan_id._get_months()}
        taken = own | {month for plan in self._get_plans() for month in plan._get_months()}
        for first, last in history.plan_spans([month for month in months if month not in own], taken):
            versions |= self._make_plan(first, last)
        names = SQL(", ").join(map(SQL.identifier, CELL))
        Target = self.env["sdm.plan.target"]
        self.env.flush_all()
        inserted = self.env.execute_query(
            SQL(
                """INSERT INTO sdm_plan_target (
                       version_id, perimeter_id, import_id, is_held, is_effective, create_uid, write_uid, create_date,
                       write_date, %(names)s, value)
                   SELECT version.id, %(perimeter)s, %(record)s, FALSE, TRUE, %(user)s, %(user)s, %(now)s, %(now)s,
                          %(names)s, amount
                     FROM (%(cells)s) cell
                     JOIN unnest(%(versions)s::int4[], %(firsts)s::date[], %(lasts)s::date[]) version (id, first, last)
                          ON cell.date BETWEEN version.first AND version.last
                       ON CONFLICT DO NOTHING
                RETURNING 1""",
                names=names,
                perimeter=self._get_perimeter().id,
                record=self.id,
                user=self.env.uid,
                now=fields.Datetime.now(),
                cells=rows._query_cells(self),
                versions=versions.ids,
                firsts=[version.plan_id.date_from for version in versions],
                lasts=[version.plan_id.date_to for version in versions],
            )
        )
        Target.invalidate_model()
        versions.invalidate_recordset(["target_ids", "target_count"])
        return len(inserted)

    def _make_plan(self, first, last):
        """A plan whose only version is in force since its first day, as what was decided then.

        :return: the version
        """
        plan = (
            self.env["sdm.plan"]
            .sudo()
            .create({"perimeter_id": self._get_perimeter().id, "date_from": first, "date_to": last})
        )
        return (
            self.env["sdm.plan.version"]
            .sudo()
            .create(
                {
                    "plan_id": plan.id,
                    "name": self.env._("From before Odoo"),
                    "state": IN_FORCE,
                    "date_from": first,
                    "approved_by_id": self.env.uid,
                    "reason": self.env._("Brought in from “%(file)s”.", file=self.filename or ""),
                    "import_id": self.id,
                }
            )
        )

    def _take_out(self):
        if self.kind != PLAN:
            return super()._take_out()
        Target = self.env["sdm.plan.target"].sudo()
        targets = Target.search([("import_id", "=", self.id)])
        self._check_still_untouched(targets)
        versions = targets.version_id | self.env["sdm.plan.version"].sudo().search([("import_id", "=", self.id)])
        self.env.flush_all()
        self.env.cr.execute(SQL("DELETE FROM sdm_plan_target WHERE import_id = %s", self.id))
        Target.invalidate_model()
        versions.invalidate_recordset()
        left = dict(Target._read_group([("version_id", "in", versions.ids)], ["version_id"], ["import_id:max"]))
        for version in versions.filtered(lambda version: version.import_id == self):
            # another file has added to it
            version.import_id = left.get(version)
        empty = versions.filtered(lambda version: version not in left)
        plans = empty.plan_id
        empty.write({"state": DRAFT})
        empty.unlink()
        plans.filtered(lambda plan: not plan.version_ids).unlink()

    def _check_still_untouched(self, targets):
        """Refuse to take out targets that something rests on.

        :raise UserError: what, and what to do
        """
        changed = targets.version_id.filtered(lambda version: version.state != IN_FORCE)[:1]
        if changed:
            raise UserError(
                self.env._(
                    "“%(plan)s” was changed since by another version, so what was imported stays as what held before.",
                    plan=changed.plan_id.name,
                )
            )
        closed = (
            self.env["sdm.period"]
            .sudo()
            .search(
                [
                    ("perimeter_id", "in", targets.perimeter_id.ids),
                    ("date", "in", list(set(targets.mapped("date")))),
                    ("state", "=", CLOSED),
                    ("closed_on", ">=", self.loaded_on),
                ],
                limit=1,
            )
        )
        if closed:
            raise UserError(
                self.env._(
                    "%(month)s was closed since and judged by these targets. Open the month again first.",
                    month=format_date(self.env, closed.date, date_format="LLLL yyyy"),
                )
            )

    def action_open_history(self):
        if self.kind != PLAN:
            return super().action_open_history()
        action = self.env["ir.actions.act_window"]._for_xml_id("sdm_kpi.sdm_plan_target_action")
        return {**action, "domain": [("import_id", "=", self.id)], "context": {}}


class SdmPlanVersion(models.Model):
    """A version that was not made here."""

    _inherit = "sdm.plan.version"

    import_id = fields.Many2one(
        "sdm.kpi.import",
        string="Imported from",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The file that the plan came from: it was decided before Odoo.",
    )


class SdmPlanTarget(models.Model):
    """A target that was not made here."""

    _inherit = "sdm.plan.target"

    import_id = fields.Many2one(
        "sdm.kpi.import",
        string="Imported from",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
