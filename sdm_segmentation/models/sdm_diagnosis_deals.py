from collections import Counter, defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..engine.diagnosis import Measurement, share

STALLED_DAYS = 30
RESULT_MONTHS = 12


class SdmDiagnosis(models.Model):
    """Figures on deals, activities and the freshness of the data."""

    _inherit = "sdm.diagnosis"

    def _get_populations(self):
        deal = Domain("type", "=", "opportunity") & Domain("company_id", "in", [self.company_id.id, False])
        start, end = self._get_window(RESULT_MONTHS)
        closed = Domain("date_closed", ">=", start) & Domain("date_closed", "<", end)
        opened = Domain("date_open", "=", False) | Domain("date_open", "<", end)
        open_deal = deal & Domain("won_status", "=", "pending") & Domain("active", "=", True) & opened
        won_deal = deal & Domain("won_status", "=", "won") & closed
        return {
            **super()._get_populations(),
            "open_deal": ("crm.lead", open_deal),
            "open_deal_dated": ("crm.lead", open_deal & Domain("date_deadline", "!=", False)),
            "open_deal_staged": ("crm.lead", open_deal & Domain("date_last_stage_update", "!=", False)),
            "open_deal_planned": ("crm.lead", open_deal & Domain("activity_ids", "any", [("active", "=", True)])),
            "won_deal": ("crm.lead", won_deal),
            # deals brought in from elsewhere were entered after they were closed: they say nothing of when to enter
            "won_deal_entered": ("crm.lead", won_deal & Domain("is_sdm_back_dated", "=", False)),
            "lost_deal": ("crm.lead", deal & Domain("won_status", "=", "lost") & closed),
        }

    def _get_parts(self):
        day = fields.Date.to_string(self.date)
        stalled = self._to_utc(self.date - timedelta(days=STALLED_DAYS))
        return {
            **super()._get_parts(),
            # done activities are archived, and archived records are in sight here
            "deal_no_activity": ("open_deal", Domain("activity_ids", "not any", [("active", "=", True)])),
            "deal_stalled": ("open_deal_staged", Domain("date_last_stage_update", "<", stalled)),
            "deal_no_value": ("open_deal", Domain("expected_revenue", "=", 0)),
            "deal_no_deadline": ("open_deal", Domain("date_deadline", "=", False)),
            "deal_overdue": ("open_deal_dated", Domain("date_deadline", "<", day)),
            "deal_orphan": (
                "open_deal",
                Domain("user_id", "=", False) | Domain("user_id.active", "=", False),
            ),
            "lost_without_reason": ("lost_deal", Domain("lost_reason_id", "=", False)),
            "deal_won_no_order": ("won_deal", Domain("order_ids", "not any", [("state", "=", "sale")])),
            # day_close counts whole days between entering and closing
            "deal_won_same_day": ("won_deal_entered", Domain("day_close", "<", 1)),
            "activity_overdue": (
                "open_deal_planned",
                Domain("activity_ids", "any", [("active", "=", True), ("date_deadline", "<", day)]),
            ),
        }

    def _get_breakdowns(self):
        return {**super()._get_breakdowns(), "crm.lead": ("user_id", "stage_id")}

    def _get_measurements(self, counts):
        return {
            **super()._get_measurements(counts),
            "data_age": self._measure_data_age(),
            "stage_stalled": self._measure_stages(counts["crm.lead"]),
        }

    def _measure_stages(self, rows):
        """Stages with open deals of which none has moved for the last days.

        :param rows: counts of deals by seller and stage
        """
        deals = defaultdict(Counter)
        for row in rows:
            deals[row["stage_id"]].update(all=row["open_deal_staged"], stalled=row["deal_stalled"])
        used = self.env["crm.stage"].browse(stage for stage, count in deals.items() if stage and count["all"]).sorted()
        ids = [*used.ids, *([None] if deals[None]["all"] else [])]
        stalled = [stage for stage in ids if deals[stage]["stalled"] == deals[stage]["all"]]
        names = [self.env["crm.stage"].browse(stage).name or self.env._("no stage") for stage in stalled]
        return share(len(stalled), len(ids), stages=", ".join(names))

    def _measure_data_age(self):
        """Days since the newest deal, order or invoice up to the date."""
        _start, end = self._get_window(RESULT_MONTHS)
        [(newest,)] = self.env.execute_query(self._query_newest_date(end))
        if newest is None:
            return Measurement(None)
        return Measurement((self.date - newest).days, 1, 1, {"newest_date": fields.Date.to_string(newest)})

    def _query_newest_date(self, end):
        """SQL of the date of the newest document: three models at once."""
        lead, order, move = (self.env[name]._fields for name in ("crm.lead", "sale.order", "account.move"))
        return SQL(
            """
            SELECT GREATEST(
                (SELECT GREATEST(%(opened)s, %(closed)s) FROM crm_lead WHERE %(lead_company)s),
                (SELECT %(ordered)s FROM sale_order
                  WHERE state = 'sale' AND date_order < %(end)s AND company_id = %(company)s),
                (SELECT MAX(invoice_date) FROM account_move
                  WHERE move_type = 'out_invoice' AND state = 'posted' AND invoice_date <= %(date)s
                    AND company_id = %(company)s)
            )""",
            # the newest moment first, its date then: dates of a million moments take a second
            opened=self._local_date(SQL("MAX(date_open) FILTER (WHERE date_open < %s)", end)),
            closed=self._local_date(SQL("MAX(date_closed) FILTER (WHERE date_closed < %s)", end)),
            ordered=self._local_date(SQL("MAX(date_order)")),
            lead_company=SQL("(company_id IS NULL OR company_id = %s)", self.company_id.id),
            company=self.company_id.id,
            end=end,
            date=self.date,
            to_flush=(
                *(lead[name] for name in ("date_open", "date_closed", "company_id")),
                *(order[name] for name in ("state", "date_order", "company_id")),
                *(move[name] for name in ("move_type", "state", "invoice_date", "company_id")),
            ),
        )

    @api.model
    def _get_list_view(self, model_name, code):
        if model_name != "crm.lead":
            return super()._get_list_view(model_name, code)
        opened = code.startswith(("deal_", "stage_", "activity_")) and not code.startswith("deal_won")
        return self.env.ref(f"sdm_segmentation.crm_lead_view_list_{'open' if opened else 'closed'}").id

    def _get_record_actions(self):
        return {
            **super()._get_record_actions(),
            "data_age": lambda: (*self._get_populations()["won_deal"], {}),
            "stage_stalled": lambda: (
                *self._get_populations()["open_deal_staged"],
                {"context": {"group_by": ["stage_id"]}},
            ),
        }
