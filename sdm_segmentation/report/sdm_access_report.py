from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import SQL

from ..engine.roll_out import DIRECTOR, HEAD, SELLER

ROLE_GROUPS = {
    SELLER: "sdm_segmentation.group_sdm_user",
    HEAD: "sdm_segmentation.group_sdm_manager",
    DIRECTOR: "sdm_segmentation.group_sdm_director",
}
ROLE_LABELS = [(SELLER, "Seller"), (HEAD, "Head of a group"), (DIRECTOR, "Sales director")]
OWN, ALL, MANAGER = "own", "all", "manager"
SALES_GROUPS = {
    OWN: "sales_team.group_sale_salesman",
    ALL: "sales_team.group_sale_salesman_all_leads",
    MANAGER: "sales_team.group_sale_manager",
}
# What opens all customer invoices, whoever sold them
ACCOUNTING_GROUPS = {
    "readonly": "account.group_account_readonly",
    "invoice": "account.group_account_invoice",
    "accountant": "account.group_account_user",
    "accounting_manager": "account.group_account_manager",
}
OTHER_GROUPS = {
    "payroll": "sdm_segmentation.group_sdm_payroll",
    "auditor": "sdm_segmentation.group_sdm_auditor",
    "hr": "hr.group_hr_user",
}


class SdmAccessReport(models.Model):
    """Who has what: each internal user with the roles here, the place in the structure and Odoo's own rights.

    A group counts whether it is given to the user or implied by another one.
    """

    _name = "sdm.access.report"
    _description = "Who Has What"
    _auto = False
    _rec_name = "user_id"
    _order = "name, id"
    _depends = {
        "res.users": ["active", "share", "company_id", "group_ids", "partner_id"],
        "res.partner": ["name"],
        "res.groups": ["implied_ids"],
        "hr.employee": ["active", "user_id", "company_id"],
        "sdm.position": ["employee_id", "head_id", "team_id", "job_id", "date_from", "date_to"],
        "sdm.roll.out": ["state", "date"],
        "sdm.roll.out.line": ["roll_out_id", "user_id", "role_after"],
    }

    user_id = fields.Many2one("res.users", readonly=True)
    name = fields.Char(readonly=True)
    employee_id = fields.Many2one("hr.employee", readonly=True)
    head_id = fields.Many2one("hr.employee", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales team", readonly=True)
    job_id = fields.Many2one("hr.job", readonly=True)
    leads_people = fields.Boolean(readonly=True, help="Is somebody's head today, by the structure.")
    role = fields.Selection(ROLE_LABELS, string="Sales Drive role", readonly=True)
    is_payroll = fields.Boolean("HR and payroll", readonly=True)
    is_auditor = fields.Boolean("Auditor", readonly=True)
    is_hr = fields.Boolean("Officer of Odoo's Employees", readonly=True)
    sales_right = fields.Selection(
        [(OWN, "Own documents"), (ALL, "All documents"), (MANAGER, "Administrator")],
        string="Odoo's Sales",
        readonly=True,
    )
    accounting_right = fields.Selection(
        [
            ("readonly", "Reads accounting"),
            ("invoice", "Invoicing"),
            ("accountant", "Accountant"),
            ("accounting_manager", "Accounting administrator"),
        ],
        string="Odoo's Invoicing",
        readonly=True,
    )
    sees_more = fields.Boolean(
        "Sees more than the own group",
        readonly=True,
        help="By rights of Odoo's own. A director and an auditor see everything by their role.",
    )
    roll_out_id = fields.Many2one("sdm.roll.out", string="Roll-out", readonly=True)
    explanation = fields.Text("What is seen and why", compute="_compute_explanation")

    @property
    def _table_query(self):
        today = fields.Date.context_today(self)
        groups = ROLE_GROUPS | SALES_GROUPS | ACCOUNTING_GROUPS | OTHER_GROUPS
        # known without a query, unlike by a reference
        group_id = self.env["ir.model.data"]._xmlid_to_res_id
        return SQL(
            """
            WITH RECURSIVE giving AS (
                SELECT kind, gid
                  FROM (VALUES %(groups)s) AS wanted (kind, gid)
                 UNION
                SELECT giving.kind, implied.gid
                  FROM giving JOIN res_groups_implied_rel implied ON implied.hid = giving.gid
            ), held AS (
                SELECT given.uid, ARRAY_AGG(DISTINCT giving.kind) AS kinds
                  FROM giving JOIN res_groups_users_rel given ON given.gid = giving.gid
                 GROUP BY given.uid
            ), place AS (
                SELECT DISTINCT ON (employee.user_id)
                       employee.user_id, employee.id AS employee_id,
                       position.head_id, position.team_id, position.job_id,
                       EXISTS (
                           SELECT FROM sdm_position led
                            WHERE led.head_id = employee.id AND led.date_from <= %(today)s
                              AND (led.date_to IS NULL OR led.date_to >= %(today)s)
                       ) AS leads_people
                  FROM hr_employee employee
                  JOIN res_users holder ON holder.id = employee.user_id
                  LEFT JOIN sdm_position position
                    ON position.employee_id = employee.id AND position.date_from <= %(today)s
                   AND (position.date_to IS NULL OR position.date_to >= %(today)s)
                 WHERE employee.active
                 ORDER BY employee.user_id, position.id IS NULL,
                          employee.company_id <> holder.company_id, employee.id
            ), rolled AS (
                SELECT DISTINCT ON (line.user_id) line.user_id, line.roll_out_id
                  FROM sdm_roll_out_line line
                  JOIN sdm_roll_out roll_out ON roll_out.id = line.roll_out_id
                 WHERE roll_out.state IN ('pilot', 'rolled_out') AND line.role_after IS NOT NULL
                 ORDER BY line.user_id, line.id DESC
            )
            SELECT usr.id, usr.id AS user_id, partner.name,
                   place.employee_id, place.head_id, place.team_id, place.job_id,
                   COALESCE(place.leads_people, FALSE) AS leads_people,
                   %(role)s AS role, %(sales)s AS sales_right, %(accounting)s AS accounting_right,
                   COALESCE('payroll' = ANY(held.kinds), FALSE) AS is_payroll,
                   COALESCE('auditor' = ANY(held.kinds), FALSE) AS is_auditor,
                   COALESCE('hr' = ANY(held.kinds), FALSE) AS is_hr,
                   COALESCE(
                       held.kinds && %(more)s AND NOT held.kinds && ARRAY['director', 'auditor'], FALSE
                   ) AS sees_more,
                   rolled.roll_out_id
              FROM res_users usr
              JOIN res_partner partner ON partner.id = usr.partner_id
              LEFT JOIN held ON held.uid = usr.id
              LEFT JOIN place ON place.user_id = usr.id
              LEFT JOIN rolled ON rolled.user_id = usr.id
             WHERE usr.active AND usr.share IS NOT TRUE
            """,
            groups=SQL(", ").join(SQL("(%s, %s)", kind, group_id(xmlid)) for kind, xmlid in groups.items()),
            today=today,
            role=self._sql_highest(ROLE_GROUPS),
            sales=self._sql_highest(SALES_GROUPS),
            accounting=self._sql_highest(ACCOUNTING_GROUPS),
            more=[ALL, MANAGER, *ACCOUNTING_GROUPS],
        )

    def _sql_highest(self, groups):
        """SQL of the last of these kinds that a user holds."""
        whens = [SQL("WHEN %s = ANY(held.kinds) THEN %s", kind, kind) for kind in reversed(groups)]
        return SQL("CASE %s END", SQL(" ").join(whens))

    @api.depends("role", "sales_right", "accounting_right", "is_payroll", "is_auditor")
    @api.depends_context("lang")
    def _compute_explanation(self):
        for row in self:
            row.explanation = " ".join(row._explain())

    def _explain(self):
        """Sentences on what the user sees, each with the right that it comes from."""
        if self.role == DIRECTOR:
            yield self.env._("Sees all deals, orders and customer invoices, as the sales director.")
            return
        if self.role == HEAD:
            yield self.env._("Sees the documents of the own group and of its customers.")
        elif self.role == SELLER:
            yield self.env._("Sees the own documents and those of the own customers.")
        if self.is_payroll:
            yield self.env._("Keeps the structure, as HR.")
        if self.is_auditor:
            yield self.env._("Reads all deals, orders and customer invoices, as the auditor.")
        if self.sales_right in (ALL, MANAGER):
            yield self.env._(
                "“All documents” of Odoo's Sales: sees all deals, orders and customer invoices of all groups."
            )
        elif self.sales_right == OWN:
            yield self.env._("“Own documents” of Odoo's Sales: also sees those without a salesperson.")
        if self.accounting_right:
            yield self.env._("Odoo's Invoicing: opens all invoices.")
        if not (self.role or self.is_payroll or self.is_auditor):
            yield self.env._("Has no role in Sales Drive.")

    def action_step_down(self):
        """Give these users “Own documents” of Odoo's Sales instead of all. Only who administers users may."""
        if not self.env.user.has_group("base.group_erp_manager"):
            raise AccessError(
                self.env._("Rights of Odoo's own are changed by those who administer users. Ask one of them.")
            )
        rows = self.filtered(lambda row: row.sales_right in (ALL, MANAGER))
        groups = {kind: self.env.ref(xmlid) for kind, xmlid in SALES_GROUPS.items()}
        wider = groups[ALL] | groups[MANAGER]
        for row in rows:
            self._check_step_down(row, wider)
        users = rows.user_id
        users.write({"group_ids": [Command.unlink(group.id) for group in wider] + [Command.link(groups[OWN].id)]})
        self.invalidate_model()
        for user in users:
            # who changed rights is read where people look the person up
            user.partner_id.message_post(
                body=self.env._("Right in Odoo's Sales: “Own documents” instead of all documents.")
            )
        return True

    def _check_step_down(self, row, wider):
        if row.user_id == self.env.user:
            raise UserError(self.env._("You cannot take rights from yourself. Leave yourself out of the selection."))
        implying = (row.user_id.group_ids - wider).filtered(lambda group: group.all_implied_ids & wider)
        if implying:
            raise UserError(
                self.env._(
                    "%(user)s sees all documents by “%(group)s”, which needs them. Change that on the user first.",
                    user=row.name,
                    group=implying[0].full_name,
                )
            )

    @api.model
    def _get_by_user(self, users):
        """The rows of users as they are now, read in one query.

        :return: dict {id of the user: row}; archived and portal users have none
        """
        self.invalidate_model()
        names = ["user_id", "role", "sales_right", "is_payroll", "is_hr"]
        return {row.id: row for row in self.sudo().search_fetch([("id", "in", users.ids)], names)}
