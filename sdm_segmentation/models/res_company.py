from odoo import fields, models
from odoo.fields import Domain


class ResCompany(models.Model):
    """The production calendar that a company keeps, and the perimeter that counts in its currency.

    Odoo lets the currency of a company change until its first entry is posted: the perimeter goes along.
    """

    _inherit = "res.company"

    sdm_calendar_country_id = fields.Many2one(
        "res.country",
        string="Production calendar of",
        help="The country whose holidays, moved days off and shortened days the company keeps. Empty: its own country.",
    )

    def write(self, vals):
        currencies = {company: company.currency_id for company in self} if "currency_id" in vals else {}
        result = super().write(vals)
        if currencies:
            counted_in = Domain("currency_id", "in", [currency.id for currency in currencies.values()])
            for perimeter in self.env["sdm.perimeter"].sudo().with_context(active_test=False).search(counted_in):
                company = perimeter._get_main_company()
                if perimeter.currency_id == currencies.get(company):
                    perimeter.currency_id = company.currency_id
        return result
