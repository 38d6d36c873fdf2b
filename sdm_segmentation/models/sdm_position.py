from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_date, format_list

from ..engine import structure
from ..engine.roadmap import Status

# How long the server may have been off when a transfer was due
CATCH_UP_DAYS = 31


class SdmPosition(models.Model):
    """Who works under whom, in which team and job, from when until when.

    Odoo knows the present manager and team only. Positions follow changes made there from the day of the change on; HR
    enters the true date here. The present position is written back, so both always show the same today.
    """

    _name = "sdm.position"
    _description = "Position"
    _inherit = ["sdm.guarded.mixin", "mail.thread", "sdm.dated.mixin", "sdm.roadmap.mixin"]
    _order = "employee_id, date_from desc, id desc"
    _rec_name = "employee_id"
    _check_company_auto = True

    employee_id = fields.Many2one("hr.employee", required=True, index=True, ondelete="cascade", tracking=True)
    company_id = fields.Many2one(related="employee_id.company_id", store=True, index=True)
    date_from = fields.Date(tracking=True)
    date_to = fields.Date(tracking=True)
    head_id = fields.Many2one(
        "hr.employee",
        index=True,
        ondelete="restrict",
        tracking=True,
        help="Whom the employee reports to. This alone makes a head in Sales Drive; leading a sales team does not.",
    )
    team_id = fields.Many2one("crm.team", string="Sales team", ondelete="restrict", tracking=True)
    job_id = fields.Many2one("hr.job", ondelete="restrict", tracking=True)
    share = fields.Float(
        "Share of a post", default=1.0, required=True, aggregator=None, tracking=True, help="1 is a full post."
    )
    returns = fields.Boolean("Came back", help="The employee had left before, so days without a position are right.")

    _share_range = models.Constraint(
        "CHECK(share > 0 AND share <= 1)", "A share of a post is more than 0 and at most 1."
    )
    _dates_order = models.Constraint("CHECK(date_to >= date_from)", "A position cannot end before it begins.")
    _employee_from_uniq = models.UniqueIndex(
        "(employee_id, date_from)", "The employee has another position that begins on the same day."
    )
    _head_from_idx = models.Index("(head_id, date_from, date_to)")

    @api.depends("employee_id", "date_from", "date_to")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for position in self:
            start = format_date(self.env, position.date_from) if position.date_from else ""
            position.display_name = f"{position.employee_id.name or ''}, {start}"

    @api.constrains("employee_id", "head_id", "date_from", "date_to", "returns")
    def _check_structure(self):
        problems = structure.check(self._get_all()._prepare_engine_positions())
        if problems:
            raise ValidationError(self._tell_problem(problems[0]))

    # -- CRUD ---------------------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        positions = super().create(vals_list)
        self.env["sdm.position.link"]._update()
        positions._write_back()
        return positions

    def write(self, vals):
        result = super().write(vals)
        if {"employee_id", "head_id", "date_from", "date_to"} & vals.keys():
            self.env["sdm.position.link"]._update()
        if {"employee_id", "head_id", "team_id", "job_id", "date_from", "date_to"} & vals.keys():
            self._write_back()
        return result

    def unlink(self):
        result = super().unlink()
        self.env["sdm.position.link"]._update()
        return result

    # -- by date ------------------------------------------------------------------------------------------------------

    @api.model
    def _get_subtree(self, heads, date):
        """Everybody under these heads on a day, themselves included, in one query whatever their number.

        :param heads: employees; :param date: the day
        :return: employees
        """
        links = (
            self.env["sdm.position.link"].sudo().search(Domain("head_id", "in", heads.ids) & self._get_domain_on(date))
        )
        return links.employee_id.sudo(self.env.su) | heads

    def _transfer(self, employees, date, vals):
        """Change the place of employees from a day on, until the next change that is already known.

        :param employees: whom it concerns; people without any position begin on that day
        :param date: first day of the new place
        :param vals: of ``head_id``, ``team_id``, ``job_id``, ``share``: what changes; everything else stays
        """
        histories = self.sudo()._read_group([("employee_id", "in", employees.ids)], ["employee_id"], ["id:recordset"])
        by_employee = {employee.id: positions for employee, positions in histories}
        kept = self.browse()
        for employee in employees:
            positions = by_employee.get(employee.id, self.browse()).sudo()
            kept |= self._apply_transfer(employee, positions, date, vals)
        return kept

    def _apply_transfer(self, employee, positions, date, vals):
        history = positions._prepare_engine_positions()
        before = {position.key: position for position in history}
        current = positions.filtered_domain(self._get_domain_on(date))
        source = current or positions.sorted("date_from")[-1:]
        if current and all(current._get_id(name) == value for name, value in vals.items()):
            return current
        changed = self.browse()
        new_vals = {
            "employee_id": employee.id,
            "head_id": source.head_id.id,
            "team_id": source.team_id.id,
            "job_id": source.job_id.id,
            "share": source.share or 1.0,
            **vals,
        }
        places = structure.transfer(history, date, employee=employee.id)
        for place in places:
            if place.key is not None and before[place.key].end != place.end:
                # the end first: two positions in force on one day are refused
                self.sudo().browse(place.key).write({"date_to": place.end})
        for place in places:
            if place.key is None:
                values = {**new_vals, "date_from": place.start, "date_to": place.end, "returns": place.returns}
                changed |= self.sudo().create(values)
            elif place.start == date:
                changed |= self.sudo().browse(place.key)
                changed.write(vals)
        return changed

    def _get_id(self, name):
        """Value of a field as it is written: ids for records."""
        value = self[name]
        return value.id if isinstance(value, models.BaseModel) else value

    @api.model
    def _end(self, employees, date):
        """End the positions of employees who leave: ``date`` is their last day."""
        positions = self.sudo().search(
            Domain("employee_id", "in", employees.ids) & (Domain("date_to", "=", False) | Domain("date_to", ">", date))
        )
        positions.filtered(lambda position: position.date_from > date).unlink()
        positions.exists().write({"date_to": date})

    # -- to and from HR and CRM ---------------------------------------------------------------------------------------

    def _write_back(self):
        """Write the positions in force today to the employee and the sales team, where Odoo shows the present."""
        if self.env.context.get("sdm_position_follows"):
            return
        today = fields.Date.context_today(self)
        Member = self.env["crm.team.member"].sudo().with_context(sdm_position_writes_back=True)
        for position in self.sudo().filtered_domain(self._get_domain_on(today)):
            employee = position.employee_id.with_context(sdm_position_writes_back=True)
            changes = {}
            if employee.parent_id != position.head_id:
                changes["parent_id"] = position.head_id.id
            if employee.job_id != position.job_id:
                changes["job_id"] = position.job_id.id
            if changes:
                employee.write(changes)
            user = employee.user_id
            if user and position.team_id and position.team_id not in user.crm_team_ids:
                Member.create({"user_id": user.id, "crm_team_id": position.team_id.id})

    @api.model
    def _follow(self, employees, vals, date=None):
        """Take over a change made in HR or CRM, from ``date`` (today) on."""
        if employees and not self.env.context.get("sdm_position_writes_back"):
            follower = self.sudo().with_context(sdm_position_follows=True)
            follower._transfer(employees, date or fields.Date.context_today(self), vals)

    @api.model
    def _cron_write_back(self):
        """Carry out changes whose day has come, also on days on which no scheduled job ran."""
        today = fields.Date.context_today(self)
        since = Domain("date_from", ">=", today - timedelta(days=CATCH_UP_DAYS))
        self.search(since & self._get_domain_on(today))._write_back()

    @api.model
    def _take_over_employees(self, employees):
        """Begin the history of employees that have none, with what HR and CRM know of them today.

        HR lets people lead themselves, and each other in a circle; such heads are left out.
        """
        known = self.sudo().search([("employee_id", "in", employees.ids)]).employee_id
        new = (employees - known).sudo()
        heads = structure.drop_circles({employee.id: employee.parent_id.id or None for employee in new})
        teams = {user.id: user.crm_team_ids[:1].id for user in employees.sudo().user_id}
        self.sudo().with_context(sdm_position_follows=True).create(
            [
                {
                    "employee_id": employee.id,
                    "head_id": heads[employee.id],
                    "job_id": employee.job_id.id,
                    "team_id": teams.get(employee.user_id.id),
                    "date_from": employee._get_sdm_first_day(),
                }
                for employee in new
            ]
        )

    # -- roadmap ------------------------------------------------------------------------------------------------------

    def _roadmap_status(self, step):
        """How many of the people who sell have a position under a head today; who leads needs no head."""
        users = self._get_sellers()
        cards = self.env["hr.employee"].search_fetch(
            [("user_id", "in", users.ids), ("company_id", "=", self.env.company.id)], ["user_id"]
        )
        today = self._get_domain_on(fields.Date.context_today(self))
        positions = self.search_fetch(today & Domain("employee_id", "in", cards.ids), ["employee_id", "head_id"])
        alone = positions.filtered(lambda position: not position.head_id).employee_id
        leaders = self.search_fetch(today & Domain("head_id", "in", alone.ids), ["head_id"]).head_id
        placed = positions.employee_id - (alone - leaders)
        missing = [
            (len(users - cards.user_id), self.env._("employee card")),
            (len((cards - positions.employee_id).user_id), self.env._("position")),
            (len((alone - leaders).user_id), self.env._("head")),
        ]
        done = len(placed.user_id)
        if not users:
            reason = self.env._("Nobody sells yet: no sales team has members, and no open deal has a salesperson.")
        elif done == len(users):
            reason = self.env._("everybody who sells has a position under a head today.")
        else:
            parts = format_list(self.env, [f"{name} – {count}" for count, name in missing if count])
            reason = self.env._("people who sell have a position under a head today. Missing: %(parts)s.", parts=parts)
        return Status(done, len(users), reason)

    def _get_roadmap_action(self, step):
        """Those who sell with head and team; for who may not read rights, the positions that they have."""
        sellers = self.sudo().with_context(allowed_company_ids=self.env.company.ids)._get_sellers()
        actions = self.env["ir.actions.act_window"]
        if self.env["sdm.access.report"].has_access("read"):
            action = actions._for_xml_id("sdm_segmentation.sdm_access_report_action")
            return {**action, "domain": [("user_id", "in", sellers.ids)], "context": {"search_default_group_head": 1}}
        action = actions._for_xml_id("sdm_segmentation.sdm_position_action")
        return {**action, "domain": [("employee_id.user_id", "in", sellers.ids)]}

    @api.model
    def _get_sellers(self):
        """Active users of the current company who are in a sales team or have an open deal."""
        companies = [self.env.company.id, False]
        members = self.env["crm.team.member"].search_fetch([("crm_team_id.company_id", "in", companies)], ["user_id"])
        deals = self.env["crm.lead"]._read_group(
            [("won_status", "=", "pending"), ("company_id", "in", companies), ("user_id", "!=", False)], ["user_id"]
        )
        users = members.user_id.union(*(user for (user,) in deals))
        return users.filtered(lambda user: user.active and self.env.company in user.company_ids)

    # -- engine -------------------------------------------------------------------------------------------------------

    @api.model
    def _get_all(self):
        """All positions, read in one query."""
        return self.sudo().search_fetch([], ["employee_id", "head_id", "date_from", "date_to", "returns"], order="id")

    def _prepare_engine_positions(self):
        return [
            structure.Position(
                employee=position.employee_id.id,
                start=position.date_from,
                end=position.date_to or None,
                head=position.head_id.id or None,
                returns=position.returns,
                key=position.id,
            )
            for position in self
        ]

    def _tell_problem(self, problem):
        """What is wrong, with names and days, and what to do."""
        people = self.env["hr.employee"].sudo().browse(problem.employees)
        words = {
            "employee": people[:1].name,
            "start": format_date(self.env, problem.start),
            "end": format_date(self.env, problem.end) if problem.end else self.env._("further notice"),
        }
        if problem.kind == structure.OVERLAP:
            return self.env._(
                "%(employee)s would have two positions from %(start)s until %(end)s. "
                "End the earlier one before the later one begins.",
                **words,
            )
        if problem.kind == structure.GAP:
            return self.env._(
                "%(employee)s would have no position from %(start)s until %(end)s. "
                "Close the gap, or mark the later position “Came back”.",
                **words,
            )
        if problem.kind == structure.BACKWARDS:
            return self.env._("The position of %(employee)s would end before it begins.", **words)
        chain = " → ".join([*people.mapped("name"), people[:1].name])
        return self.env._(
            "From %(start)s on these people would lead each other in a circle: %(chain)s. "
            "Give one of them another head.",
            chain=chain,
            **words,
        )
