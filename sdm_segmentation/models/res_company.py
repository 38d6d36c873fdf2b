from odoo import models
from odoo.fields import Domain


class ResCompany(models.Model):
    """Odoo lets the currency of a company change until its first entry is posted: its perimeter goes along."""

    _inherit = "res.company"

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
