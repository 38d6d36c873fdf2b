from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain
from odoo.tools import format_date

from ..engine import roll_out as engine
from ..report.sdm_access_report import ROLE_GROUPS
from .sdm_announced_mixin import REVIEW_DAYS, TODO
from .sdm_roll_out_line import GIVEN, HAD, KEPT, LEFT_OUT, NO_USER, OTHER_COMPANY, PORTAL_USER, TAKEN, USER_ARCHIVED

SCOPE = {"head_id", "team_id", "is_pilot", "announcement", "left_out_ids"}
OUTCOME = {"state", "date", "line_ids"}
IN_FORCE = ("pilot", "rolled_out")
GRANTED = (GIVEN, HAD)
# Who arranges the department sees what each person may do there
READERS = "sdm_segmentation.group_sdm_director,sdm_segmentation.group_sdm_auditor"


class SdmRollOut(models.Model):
    """The rights of one group, given at once: pilot first, announced, acknowledged, and taken back exactly.

    Who leads somebody becomes head, everybody else seller. A roll-out only raises, and never above head. It is the
    director's, who need not administer users: rights are written as superuser after the checks here, only those of
    Sales Drive, and only to internal users with a place in the structure.
    """

    _name = "sdm.roll.out"
    _description = "Roll-out of Rights"
    _inherit = ["sdm.announced.mixin"]
    _order = "date desc, id desc"

    head_id = fields.Many2one(
        "hr.employee",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        default=lambda self: self._get_default_head(),
        help="Everybody who works under this head today, directly or not, and the head.",
    )
    team_id = fields.Many2one(
        "crm.team",
        string="Sales team",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        help="Instead of a head: everybody whose position names this team today, and whom they report to.",
    )
    company_id = fields.Many2one(
        "res.company", compute="_compute_company_id", store=True, precompute=True, required=True, index=True
    )
    is_pilot = fields.Boolean(
        "Pilot",
        default=lambda self: self._get_default_is_pilot(),
        tracking=True,
        help="One group tries it first. On the day of the review it goes on for good or is withdrawn.",
    )
    date_review = fields.Date(
        "Review on",
        required=True,
        default=lambda self: fields.Date.context_today(self) + timedelta(days=REVIEW_DAYS),
        tracking=True,
        help="When you ask the people how it goes and decide how to go on.",
    )
    announcement = fields.Html(
        required=True,
        default=lambda self: self._get_default_announcement(),
        help="What the people are told, in plain words: why, what they get, what stays as it is.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        required=True,
        default=lambda self: self.env.user,
        tracking=True,
        domain=lambda self: [("all_group_ids", "in", self.env.ref(ROLE_GROUPS[engine.DIRECTOR]).ids)],
        help="Is reminded of the review.",
    )
    state = fields.Selection(
        [("draft", "Draft"), ("pilot", "Pilot"), ("rolled_out", "Rolled out"), ("withdrawn", "Withdrawn")],
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
    )
    date = fields.Date("Given on", readonly=True, copy=False)
    line_ids = fields.One2many("sdm.roll.out.line", "roll_out_id", string="Who got what", readonly=True, copy=False)
    people_ids = fields.Many2many(
        "hr.employee",
        string="Everybody of the group",
        compute="_compute_people_ids",
        compute_sudo=True,
        groups=READERS,
    )
    left_out_ids = fields.Many2many(
        "hr.employee",
        string="Leave out",
        compute="_compute_left_out_ids",
        store=True,
        readonly=False,
        precompute=True,
        groups=READERS,
        help="Get no rights by this roll-out. Proposed are the people of HR who do not sell.",
    )
    preview = fields.Html("Who gets what", compute="_compute_preview", sanitize=False, groups=READERS)
    newcomer_count = fields.Integer("Came since", compute="_compute_newcomer_count", groups=READERS)
    member_count = fields.Integer("People", compute="_compute_member_count")

    _scope_one = models.Constraint(
        "CHECK((head_id IS NULL) <> (team_id IS NULL))", "Choose a head or a sales team, one of the two."
    )

    # -- proposals ----------------------------------------------------------------------------------------------------

    @api.model
    def _get_default_head(self):
        """The head whose group is best prepared: its people have users and own customers, and none has rights yet.

        Only groups at the bottom are proposed: a pilot with everybody is none.
        """
        today = fields.Date.context_today(self)
        Position = self.env["sdm.position"].sudo()
        domain = Position._get_domain_on(today)
        positions = Position.search(domain & Domain("employee_id.company_id", "in", self.env.companies.ids))
        by_head = positions.filtered("head_id").grouped("head_id")
        access = self.env["sdm.access.report"]._get_by_user(positions.employee_id.user_id)
        owners = self._count_customers(positions.employee_id)

        def readiness(head):
            people = by_head[head].employee_id
            with_user = sum(employee.user_id.id in access for employee in people)
            with_customers = sum(employee.id in owners for employee in people)
            return (with_user + with_customers) / len(people), len(people), -head.id

        candidates = [
            head
            for head, group in by_head.items()
            if head.user_id.id in access
            and not any(employee in by_head for employee in group.employee_id)
            and not any(access[user.id].role for user in group.employee_id.user_id if user.id in access)
        ]
        best = max(candidates, key=readiness, default=self.env["hr.employee"])
        return best.sudo(self.env.su)

    @api.model
    def _get_default_is_pilot(self):
        """The first one is a pilot, until one has passed its review."""
        return not self.sudo().search_count(
            [("state", "=", "rolled_out"), ("company_id", "in", self.env.companies.ids)], limit=1
        )

    @api.model
    def _get_default_announcement(self):
        return self.env["ir.qweb"]._render("sdm_segmentation.sdm_roll_out_announcement")

    # -- computed -----------------------------------------------------------------------------------------------------

    @api.depends("head_id", "team_id")
    def _compute_company_id(self):
        for roll_out in self:
            company = roll_out.head_id.company_id or roll_out.team_id.company_id
            roll_out.company_id = company or roll_out.company_id or self.env.company

    @api.depends("head_id", "team_id")
    def _compute_people_ids(self):
        for roll_out in self:
            roll_out.people_ids = roll_out._get_people().filtered(
                lambda employee: employee.company_id in self.env.companies
            )

    @api.depends("head_id", "team_id")
    def _compute_left_out_ids(self):
        for roll_out in self:
            people = roll_out._get_people()
            access = self.env["sdm.access.report"]._get_by_user(people.user_id)
            roll_out.left_out_ids = people.filtered(
                lambda employee, access=access: self._is_hr_only(access.get(employee.user_id.id))
            )

    @api.model
    def _is_hr_only(self, row):
        return bool(row) and (row.is_hr or row.is_payroll) and not row.sales_right and not row.role

    @api.depends("head_id", "team_id", "left_out_ids", "line_ids.outcome", "state")
    @api.depends_context("lang", "allowed_company_ids")
    def _compute_preview(self):
        for roll_out in self:
            roll_out.preview = self.env["ir.qweb"]._render(
                "sdm_segmentation.sdm_roll_out_preview", roll_out._prepare_preview()
            )

    @api.depends("head_id", "team_id", "left_out_ids", "line_ids.outcome", "state")
    def _compute_newcomer_count(self):
        for roll_out in self:
            fresh = roll_out._get_newcomers() if roll_out.state in IN_FORCE else []
            roll_out.newcomer_count = len(fresh)

    @api.depends("line_ids.role_after")
    def _compute_member_count(self):
        for roll_out in self:
            roll_out.member_count = len(roll_out.sudo().line_ids.filtered("role_after"))

    @api.depends("head_id", "team_id", "date")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for roll_out in self:
            group = roll_out.head_id.name or roll_out.team_id.name or ""
            day = format_date(self.env, roll_out.date) if roll_out.date else self.env._("draft")
            roll_out.display_name = f"{group}, {day}" if group else self.env._("New roll-out")

    @api.onchange("head_id")
    def _onchange_head_id(self):
        if self.head_id:
            self.team_id = False

    @api.onchange("team_id")
    def _onchange_team_id(self):
        if self.team_id:
            self.head_id = False

    # -- CRUD ---------------------------------------------------------------------------------------------------------

    @api.model
    def _get_step_fields(self):
        return super()._get_step_fields() | OUTCOME

    @api.model
    def _tell_guarded(self, field):
        if field.name in OUTCOME:
            return self.env._("Rights are given and withdrawn with the buttons.")
        return super()._tell_guarded(field)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("team_id"):
                # the proposed head is for who has not chosen yet
                vals.setdefault("head_id", False)
        return super().create(vals_list)

    def write(self, vals):
        if SCOPE & vals.keys() and any(roll_out.state != "draft" for roll_out in self):
            raise UserError(
                self.env._("The people have this announcement and their rights already. Make another roll-out instead.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_given(self):
        if any(roll_out.state != "draft" for roll_out in self):
            raise UserError(self.env._("Who was given what is history and cannot be deleted. You can withdraw it."))

    # -- steps --------------------------------------------------------------------------------------------------------

    def action_roll_out(self):
        """Give the rights, announce them, and ask each person for acknowledgement; later, to those who came since."""
        self.ensure_one()
        self._check_may_change("draft", *IN_FORCE)
        rows = self._get_newcomers()
        if not any(row["outcome"] in GRANTED for row in rows):
            raise UserError(self._tell_nobody(rows))
        today = fields.Date.context_today(self)
        lines = self.sudo()._give(rows)
        if self.state == "draft":
            self.sudo().write({"state": "pilot" if self.is_pilot else "rolled_out", "date": today})
            self._plan_review(self.user_id, self.date_review)
        subject, body = self._get_announcement()
        users = lines.filtered(lambda line: line.outcome in GRANTED).user_id.sudo(False)
        self._announce_to(users, subject, body, is_pilot=self.is_pilot, knowing=self.user_id)
        return True

    def action_confirm(self):
        """After the review: the pilot goes on for good."""
        self.ensure_one()
        self._check_may_change("pilot")
        self.sudo().state = "rolled_out"
        self.sudo().activity_feedback([TODO], user_id=self.user_id.id)
        return True

    def action_withdraw(self):
        """Take back exactly what this roll-out gave; who had the role before, or by another roll-out, keeps it."""
        self.ensure_one()
        self._check_may_change(*IN_FORCE)
        roll_out = self.sudo()
        people = roll_out.line_ids.filtered(lambda line: line.outcome == GIVEN).user_id
        if people:
            # while they may still open it
            roll_out.message_post(
                body=self.env._("The roll-out is withdrawn: what it gave you in Sales Drive is taken back."),
                partner_ids=(people - self.env.user).partner_id.ids,
                subtype_xmlid="mail.mt_comment",
            )
        roll_out._take_back()
        roll_out.activity_unlink([TODO])
        roll_out.state = "withdrawn"
        return True

    def _is_announceable(self):
        return self.state in IN_FORCE

    def _get_announcement(self):
        if self.is_pilot:
            return self.env._("Sales Drive: a pilot with your group"), self.announcement
        return self.env._("Sales Drive: your group begins"), self.announcement

    def _check_may_change(self, *states):
        """Only the director gives and takes, whatever somebody else may write."""
        self.check_access("write")
        if not self.env.user.has_group(ROLE_GROUPS[engine.DIRECTOR]):
            raise AccessError(self.env._("Rights in Sales Drive are given and withdrawn by the sales director."))
        labels = dict(self._fields["state"]._description_selection(self.env))
        if self.state not in states:
            raise UserError(
                self.env._(
                    "The roll-out “%(roll_out)s” is “%(state)s”, so this step is not possible.",
                    roll_out=self.display_name,
                    state=labels[self.state],
                )
            )

    # -- who gets what ------------------------------------------------------------------------------------------------

    def _get_people(self):
        """Everybody of the group today, by the structure, as superuser: a director reads no private data of them."""
        today = fields.Date.context_today(self)
        Position = self.env["sdm.position"].sudo()
        if self.head_id:
            return Position._get_subtree(self.head_id._origin, today).sudo()
        if not self.team_id:
            return self.env["hr.employee"].sudo()
        positions = Position.search(Position._get_domain_on(today) & Domain("team_id", "=", self.team_id._origin.id))
        members = positions.employee_id
        # where the head belongs to the team, the head's own head does not
        return members | positions.filtered(lambda position: position.employee_id not in positions.head_id).head_id

    @api.model
    def _count_customers(self, employees):
        """How many customers employees own today, as {id of the employee: number}."""
        Ownership = self.env["sdm.ownership"].sudo()
        domain = Ownership._get_domain_on(fields.Date.context_today(self)) & Domain("employee_id", "in", employees.ids)
        return {
            employee.id: count
            for employee, count in Ownership._read_group(domain, ["employee_id"], ["partner_id:count_distinct"])
        }

    def _prepare_rows(self):
        """What happens to whom, in as many queries for many people as for one.

        :return: list of dict: ``employee``, ``role`` wanted, ``outcome``, ``access`` (row of who has what, or None),
            ``customers`` owned; heads first
        """
        self.ensure_one()
        people = self._get_people()
        Position = self.env["sdm.position"].sudo()
        led = Position._get_domain_on(fields.Date.context_today(self)) & Domain("head_id", "in", people.ids)
        heads = {head.id for (head,) in Position._read_group(led, ["head_id"])}
        access = self.env["sdm.access.report"]._get_by_user(people.user_id)
        customers = self._count_customers(people)
        left_out = self.sudo().left_out_ids._origin
        rows = []
        for employee in people:
            row = access.get(employee.user_id.id)
            role = engine.HEAD if employee.id in heads else engine.SELLER
            rows.append(
                {
                    "employee": employee,
                    "role": role,
                    "access": row,
                    "customers": customers.get(employee.id, 0),
                    "outcome": LEFT_OUT if employee in left_out else self._judge(employee, role, row),
                }
            )
        rows.sort(key=lambda row: (row["role"] != engine.HEAD, row["employee"].name or ""))
        return rows

    def _judge(self, employee, role, access):
        """What giving a role to an employee comes to."""
        if not employee.user_id:
            return NO_USER
        if employee.company_id not in self.env.companies:
            return OTHER_COMPANY
        if not employee.user_id.active:
            return USER_ARCHIVED
        if not access:
            return PORTAL_USER
        grant = engine.grant(employee.id, role, access.role or None)
        return HAD if grant.before == grant.after else GIVEN

    def _get_newcomers(self):
        """Rows of those to whom this roll-out has not given anything yet, though now it can."""
        rows = self._prepare_rows()
        if self.state == "draft":
            return rows
        known = self.sudo().line_ids.filtered("role_after").employee_id
        return [row for row in rows if row["employee"] not in known and row["outcome"] in GRANTED]

    def _prepare_preview(self):
        """The rows in words, and what the director should know before."""
        rows = self._prepare_rows()
        labels = {
            name: dict(self.env[model]._fields[name]._description_selection(self.env))
            for name, model in (
                ("role", "sdm.access.report"),
                ("sales_right", "sdm.access.report"),
                ("outcome", "sdm.roll.out.line"),
            )
        }
        wide = [row for row in rows if row["access"] and row["access"].sales_right in ("all", "manager")]
        return {
            "rows": rows,
            "labels": labels,
            "remedies": self._get_remedies(),
            "given": sum(row["outcome"] == GIVEN for row in rows),
            "had": sum(row["outcome"] == HAD for row in rows),
            "cannot": sum(row["outcome"] not in (*GRANTED, LEFT_OUT) for row in rows),
            "owners": sum(bool(row["customers"]) for row in rows),
            "wide": [row["employee"].name for row in wide if row["access"].role != engine.DIRECTOR],
            "no_sales": [
                row["employee"].name
                for row in rows
                if row["access"] and not row["access"].sales_right and row["outcome"] in GRANTED
            ],
        }

    def _get_remedies(self):
        """What to do about each outcome that gives nothing, as {outcome: sentence}."""
        return {
            NO_USER: self.env._("No user to log in with: link or create one on the employee."),
            USER_ARCHIVED: self.env._("The user is archived: an administrator restores it, or HR ends the position."),
            PORTAL_USER: self.env._("A portal user: an administrator makes it an internal user."),
            OTHER_COMPANY: self.env._("Works in a company that you have not switched on at the top of the screen."),
        }

    def _tell_nobody(self, rows):
        """Why nobody of the group can get anything."""
        if not rows and self.state != "draft":
            return self.env._("Nobody has come to this group since. There is nothing to give.")
        if not rows:
            return self.env._("The sales team %s has nobody today. Enter it in the structure.", self.team_id.name)
        remedies = self._get_remedies()
        reasons = [
            f"{row['employee'].name}: {remedies.get(row['outcome']) or self.env._('left out')}" for row in rows[:10]
        ]
        return self.env._("Nobody of this group can get rights:") + "\n" + "\n".join(reasons)

    # -- giving and taking --------------------------------------------------------------------------------------------

    def _give(self, rows):
        """Record what happens to each person and give the roles.

        :return: the new lines
        """
        employees = {row["employee"].id for row in rows}
        self.line_ids.filtered(lambda line: line.employee_id.id in employees).unlink()
        vals_list = []
        for row in rows:
            granted = row["outcome"] in GRANTED
            before = (row["access"].role or None) if granted else None
            vals_list.append(
                {
                    "roll_out_id": self.id,
                    "employee_id": row["employee"].id,
                    "user_id": row["employee"].user_id.id if granted else False,
                    "role": row["role"],
                    "outcome": row["outcome"],
                    "role_before": before,
                    "role_after": engine.grant(None, row["role"], before).after if granted else False,
                }
            )
        lines = self.env["sdm.roll.out.line"].create(vals_list)
        given = lines.filtered(lambda line: line.outcome == GIVEN)
        self._write_roles({line.user_id: line.role_after for line in given})
        return lines

    def _take_back(self):
        """Give each person back the role that is left without this roll-out."""
        Line = self.env["sdm.roll.out.line"].sudo()
        mine = self.line_ids.filtered("role_after")
        access = self.env["sdm.access.report"]._get_by_user(mine.user_id)
        in_force = Line.search(
            [("user_id", "in", mine.user_id.ids), ("role_after", "!=", False), ("roll_out_id.state", "in", IN_FORCE)],
            order="id",
        )
        roles = {}
        for line in mine:
            row = access.get(line.user_id.id)
            present = (row.role or None) if row else line.role_after
            history = in_force.filtered(lambda other, user=line.user_id: other.user_id == user)
            role, changed = engine.take_back(history._prepare_engine_grants(), line.id, present)
            for later in changed:
                Line.browse(later.key).write(
                    {
                        "role_before": later.before,
                        "role_after": later.after,
                        "outcome": HAD if later.before == later.after else GIVEN,
                    }
                )
            if role != present:
                roles[line.user_id] = role
            if line.outcome == GIVEN:
                line.outcome = TAKEN if role != present else KEPT
        self._write_roles(roles)

    @api.model
    def _write_roles(self, roles):
        """Give users exactly these roles, none of which is above head.

        :param roles: dict {user: role or None}
        """
        groups = {role: self.env.ref(ROLE_GROUPS[role]).sudo() for role in (engine.SELLER, engine.HEAD)}
        if not all(role in (None, *groups) for role in roles.values()):
            raise AccessError(self.env._("A roll-out makes sellers and heads. Directors are made on the user."))
        ours = groups[engine.SELLER] | groups[engine.HEAD]
        commands = {}
        for user, role in roles.items():
            user = user.sudo()
            # a group of the company's own may give the role already
            needed = role and groups[role] not in (user.group_ids - ours).all_implied_ids
            key = groups[role] if needed else groups[engine.SELLER].browse()
            commands[key] = commands.get(key, user.browse()) | user
        for group, users in commands.items():
            users.write(
                {
                    "group_ids": [Command.unlink(other.id) for other in ours - group]
                    + [Command.link(one.id) for one in group]
                }
            )
        self.env["sdm.access.report"].invalidate_model()
