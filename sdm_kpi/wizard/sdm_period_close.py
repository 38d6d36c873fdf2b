from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import format_date, format_datetime, formatLang

from ..engine import periods
from ..models.sdm_kpi_source import Scope

FINE, LOOK = "fine", "look"


class SdmPeriodClose(models.TransientModel):
    """A look at what a month is like before it is closed."""

    _name = "sdm.period.close"
    _description = "Close a Month"

    period_id = fields.Many2one("sdm.period", required=True, readonly=True, ondelete="cascade")
    months = fields.Char("Is closed", compute="_compute_months")
    check_ids = fields.One2many("sdm.period.close.check", "wizard_id", string="Looked at")
    has_warnings = fields.Boolean(compute="_compute_has_warnings")
    note = fields.Text("Why all the same", help="What is known and accepted, in plain words.")

    @api.depends("period_id")
    def _compute_months(self):
        for wizard in self:
            months = wizard.period_id._get_months_to_close() if wizard.period_id else self.env["sdm.period"]
            wizard.months = ", ".join(months.mapped("display_name"))

    @api.depends("check_ids.state")
    def _compute_has_warnings(self):
        for wizard in self:
            wizard.has_warnings = LOOK in wizard.check_ids.mapped("state")

    def _get_form_action(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Close %(month)s", month=self.period_id.display_name),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    @api.model_create_multi
    def create(self, vals_list):
        wizards = super().create(vals_list)
        for wizard in wizards:
            wizard.check_ids = [Command.create(vals) for vals in wizard._prepare_checks()]
        return wizards

    def _prepare_checks(self):
        """What is looked at, a line each."""
        months = self.period_id._get_months_to_close()
        return [
            self._check_freshness(months),
            self._check_unassigned(months),
            self._check_drafts(months),
            self._check_differences(),
            self._check_accounting(months),
            self._check_lock_date(months),
        ]

    def _check_freshness(self, months):
        oldest = min(months.mapped("refreshed_on"), default=False)
        text = (
            self.env._(
                "Facts are as of %(time)s. They are computed once more when you close.",
                time=format_datetime(self.env, oldest, dt_format="short"),
            )
            if oldest
            else self.env._("Facts were never computed. That is done when you close.")
        )
        failed = self.env["sdm.kpi.run"].search([("perimeter_id", "=", self.period_id.perimeter_id.id)], limit=1)
        if failed.state == "failed":
            text = self.env._("The last computation failed: %s", failed.error)
        return {
            "name": self.env._("Freshness"),
            "state": LOOK if failed.state == "failed" else FINE,
            "text": text,
        }

    def _check_unassigned(self, months):
        domain = Domain("employee_id", "=", False) & Domain("date", ">=", months[0].date)
        domain &= Domain("date", "<=", periods.end_of(months[-1].date))
        Entry = self.env["sdm.kpi.entry"].with_context(**self._get_entry_context(months))
        [(documents, amount)] = Entry._read_group(domain, [], ["documents:sum", "amount:sum"])
        if not documents and not amount:
            text = self.env._("All revenue has a person.")
        else:
            text = self.env._(
                "Revenue that nobody is credited with: %(amount)s, documents: %(count)s.",
                amount=formatLang(self.env, amount, currency_obj=self.period_id.perimeter_id.currency_id),
                count=round(documents, 2) if documents % 1 else int(documents),
            )
        return {
            "name": self.env._("Without a person"),
            "state": LOOK if documents or amount else FINE,
            "text": text,
            "action": "sdm_kpi.sdm_kpi_entry_action_unassigned",
            "domain": list(domain),
        }

    def _get_entry_context(self, months):
        return {
            "sdm_source": "revenue",
            "sdm_first": fields.Date.to_string(months[0].date),
            "sdm_last": fields.Date.to_string(months[-1].date),
            "sdm_perimeter": self.period_id.perimeter_id.id,
        }

    def _check_accounting(self, months):
        if Scope(self.period_id.perimeter_id).revenue_source != "invoice":
            return {
                "name": self.env._("Accounting"),
                "state": FINE,
                "text": self.env._("Revenue does not count by invoices: it is not compared with the accounting."),
            }
        first, last = months[0].date, periods.end_of(months[-1].date)
        domain = Domain("differs", "=", True) & Domain("date", ">=", first) & Domain("date", "<=", last)
        Row = self.env["sdm.reconciliation"].with_context(sdm_perimeter=self.period_id.perimeter_id.id)
        rows = Row._read_group(domain, ["currency_id"], ["__count", "difference:sum"])
        amounts = ", ".join(
            formatLang(self.env, difference, currency_obj=currency) for currency, _count, difference in rows
        )
        count = sum(count for _currency, count, _difference in rows)
        return {
            "name": self.env._("Accounting"),
            "state": LOOK if count else FINE,
            "text": self.env._(
                "Documents that differ from the accounting: %(count)s, in all %(amount)s.", count=count, amount=amounts
            )
            if count
            else self.env._("Revenue is what the accounting has, to the cent."),
            "action": "sdm_kpi.sdm_reconciliation_action",
            "domain": list(domain),
        }

    def _check_drafts(self, months):
        first, last = months[0].date, periods.end_of(months[-1].date)
        dated = Domain("invoice_date", ">=", first) & Domain("invoice_date", "<=", last)
        undated = Domain("invoice_date", "=", False) & Domain("date", ">=", first) & Domain("date", "<=", last)
        domain = (
            Domain("move_type", "in", ["out_invoice", "out_refund"])
            & Domain("state", "=", "draft")
            & Domain("company_id", "in", self.period_id.perimeter_id._get_companies().ids)
            & (dated | undated)
        )
        Move = self.env["account.move"]
        count = Move.sudo().search_count(domain)
        return {
            "name": self.env._("Drafts"),
            "state": LOOK if count else FINE,
            "text": self.env._("Invoices of these days that are not posted and do not count: %s.", count)
            if count
            else self.env._("No invoice of these days waits as a draft."),
            "action": Move.has_access("read") and "account.action_move_out_invoice",
            "domain": list(domain),
        }

    def _check_differences(self):
        closed = self.env["sdm.period"].search(
            [("perimeter_id", "=", self.period_id.perimeter_id.id), ("state", "=", "closed")]
        )
        count = sum(closed.mapped("open_difference_count"))
        return {
            "name": self.env._("Earlier months"),
            "state": LOOK if count else FINE,
            "text": self.env._("Documents of closed months that differ, without a decision: %s.", count)
            if count
            else self.env._("Nothing of closed months waits for a decision."),
            "action": "sdm_kpi.sdm_period_difference_action",
            "domain": [("period_id", "in", closed.ids)],
        }

    def _check_lock_date(self, months):
        end = periods.end_of(months[-1].date)
        locked, unlocked = [], []
        for company in self.period_id.perimeter_id._get_companies():
            dates = [company.sale_lock_date, company.fiscalyear_lock_date, company.hard_lock_date]
            date = max((date for date in dates if date), default=None)
            if date and date >= end:
                locked.append(
                    self.env._("%(company)s until %(date)s", company=company.name, date=format_date(self.env, date))
                )
            else:
                unlocked.append(company.name)
        if unlocked:
            text = self.env._(
                "Odoo still takes sales entries of these days in: %s. What comes will be listed as a difference.",
                ", ".join(unlocked),
            )
        else:
            text = self.env._("Odoo takes no sales entries of these days: %s.", ", ".join(locked))
        return {"name": self.env._("Odoo's lock date"), "state": FINE, "text": text}

    def action_apply(self):
        """Close the months."""
        self.ensure_one()
        if self.has_warnings and not (self.note or "").strip():
            raise UserError(
                self.env._(
                    "Something here asks for a look. Say why the month is closed all the same, or see to it first."
                )
            )
        self.period_id._close(self.note)
        return {"type": "ir.actions.client", "tag": "soft_reload"}


class SdmPeriodCloseCheck(models.TransientModel):
    """One thing that is looked at before a month is closed."""

    _name = "sdm.period.close.check"
    _description = "Check before a Month is Closed"

    wizard_id = fields.Many2one("sdm.period.close", required=True, ondelete="cascade")
    name = fields.Char("What", readonly=True)
    state = fields.Selection([(FINE, "Fine"), (LOOK, "Look")], readonly=True)
    text = fields.Text("How it is", readonly=True)
    action = fields.Char(readonly=True)
    domain = fields.Json(readonly=True)

    def action_open(self):
        """Open the documents that a check speaks of."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(self.action)
        wizard = self.wizard_id
        action["domain"] = self.domain
        action["context"] = wizard._get_entry_context(wizard.period_id._get_months_to_close())
        return action
