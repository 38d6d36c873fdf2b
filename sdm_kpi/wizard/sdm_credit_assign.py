from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from ..engine import periods
from ..models.sdm_credit import DOCUMENTS


class SdmCreditAssign(models.TransientModel):
    """Credit documents to a person, after a look at what they are and what they come to."""

    _name = "sdm.credit.assign"
    _description = "Credit to a Person"

    employee_id = fields.Many2one("hr.employee", string="Credit to")
    share = fields.Float(default=1.0, digits=(5, 4), help="Part of each document; what is left goes by the rules.")
    is_overlay = fields.Boolean(
        "On top",
        help="Besides those who have the documents anyway, as for a product specialist. It counts for the person and "
        "is taken off again under nobody, so that no total counts it twice.",
    )
    reason = fields.Char(help="Why, in plain words: it is asked when pay is counted.")
    line_ids = fields.One2many("sdm.credit.assign.line", "assign_id", string="Documents")
    currency_id = fields.Many2one("res.currency")
    notice = fields.Char(readonly=True)

    @api.model
    def _open(self, entries):
        """Show the documents of entries that can be credited by hand.

        :param entries: sdm.kpi.entry; :raise UserError: none of them can
        """
        documents = {record for entry in entries if (record := entry._get_credited())}
        if not documents:
            raise UserError(
                self.env._(
                    "None of these entries is of a deal, an order or an invoice. Activities and meetings are credited "
                    "to who did them."
                )
            )
        assign = self.create(
            {
                "currency_id": entries.currency_id[:1].id,
                "notice": self._tell_closed(entries),
                "line_ids": [Command.create(values) for values in self._prepare_lines(entries._get_whole(), documents)],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Credit to a person"),
            "res_model": self._name,
            "res_id": assign.id,
            "views": [(False, "form")],
            "target": "new",
        }

    @api.model
    def _tell_closed(self, entries):
        """That facts of closed months stay as they are, where some of the documents are of such; else nothing."""
        closed = self.env["sdm.period"].search(
            Domain("perimeter_id", "=", self.env["sdm.perimeter"]._get_asked().id)
            & Domain("state", "=", "closed")
            & Domain("date", "in", list({periods.month_of(date) for date in entries.mapped("date")}))
        )
        if not closed:
            return False
        return self.env._(
            "Closed already: %(months)s. Their facts stay as they are; what changes by this credit will be listed "
            "under “Differences of closed months”, where the director decides.",
            months=", ".join(closed.sorted("date").mapped("display_name")),
        )

    @api.model
    def _prepare_lines(self, entries, documents):
        """Values of a line for each document: what it comes to as a whole, and who has it now."""
        found = {}
        for entry in entries:
            record = entry._get_credited()
            if record in documents:
                amount, people = found.setdefault(record, [0, {}])
                found[record][0] = amount + entry.amount
                people[entry.employee_id] = people.get(entry.employee_id, 0) + entry.amount
        return [
            {
                "document": f"{record._name},{record.id}",
                "amount": amount,
                "present": ", ".join(
                    f"{person.name or self.env._('nobody')} {part / amount * 100 if amount else 0:.0f} %"
                    for person, part in people.items()
                ),
            }
            for record, (amount, people) in found.items()
        ]

    def action_apply(self):
        """Credit the documents; the facts follow with the next computation."""
        self.ensure_one()
        if not self.employee_id or not (self.reason or "").strip():
            raise UserError(self.env._("Choose to whom the documents are credited, and say why."))
        self.env["sdm.credit"].create(
            [
                {
                    "document": f"{line.document._name},{line.document.id}",
                    "employee_id": self.employee_id.id,
                    "share": self.share,
                    "is_overlay": self.is_overlay,
                    "reason": self.reason,
                }
                for line in self.line_ids
            ]
        )
        self.env.ref("sdm_kpi.ir_cron_kpi").sudo()._trigger()
        return {"type": "ir.actions.client", "tag": "soft_reload"}


class SdmCreditAssignLine(models.TransientModel):
    """A document that would be credited."""

    _name = "sdm.credit.assign.line"
    _description = "Document to Credit"

    assign_id = fields.Many2one("sdm.credit.assign", required=True, ondelete="cascade")
    document = fields.Reference(DOCUMENTS, readonly=True)
    amount = fields.Monetary(readonly=True, help="Of the whole document, whatever part of it was chosen.")
    present = fields.Char("Now with", readonly=True)
    currency_id = fields.Many2one(related="assign_id.currency_id")
