from odoo import models
from odoo.tools import SQL

from odoo.addons.sdm_segmentation.models.sdm_diagnosis_deals import STALLED_DAYS

# A deal stands still when it is in its stage for so many times as long as deals usually are.
USUAL_STAYS = 1.5
# So many finished stays say how long deals usually are in a stage.
FEWEST_STAYS = 10


class SdmKpiSource(models.AbstractModel):
    """The way of deals through the stages, from what Odoo's history of changes keeps."""

    _inherit = "sdm.kpi.source"

    def _query_stays(self, scope):
        """SQL of the stages in which deals were: lead_id, place (1 is the first), stage_id, since, until.

        The first stage is the one that a deal left first; without any change that of today. Days are those of the
        perimeter; the last stay has no end.
        """
        return SQL(
            """SELECT lead_id, stage_id, since, ROW_NUMBER() OVER of_lead AS place, LEAD(since) OVER of_lead AS until
                 FROM (
                     WITH move AS MATERIALIZED (
                         SELECT message.res_id AS lead_id, tracked.id AS number, %(moved)s AS since,
                                tracked.old_value_integer AS old_id, tracked.new_value_integer AS stage_id
                           FROM mail_tracking_value tracked
                           JOIN mail_message message
                             ON message.id = tracked.mail_message_id AND message.model = 'crm.lead'
                          WHERE tracked.field_id = %(field)s
                     )
                     SELECT lead.id AS lead_id, 0 AS number, COALESCE(left_first.old_id, lead.stage_id) AS stage_id,
                            CASE WHEN left_first.lead_id IS NULL AND stage.is_won
                                 THEN COALESCE(%(closed)s, %(opened)s) ELSE %(opened)s END AS since
                       FROM crm_lead lead
                       LEFT JOIN crm_stage stage ON stage.id = lead.stage_id
                       LEFT JOIN (SELECT DISTINCT ON (lead_id) lead_id, old_id FROM move ORDER BY lead_id, number)
                            left_first ON left_first.lead_id = lead.id
                      WHERE lead.type = 'opportunity' AND (lead.company_id IS NULL OR lead.company_id IN %(companies)s)
                      UNION ALL
                     SELECT lead_id, number, stage_id, since FROM move
                 ) entered
               WINDOW of_lead AS (PARTITION BY lead_id ORDER BY number)""",
            moved=self._local_date(SQL("message.date"), scope.zone),
            closed=self._local_date(SQL("lead.date_closed"), scope.zone),
            opened=self._opened(scope.zone),
            field=self.env["ir.model.fields"]._get("crm.lead", "stage_id").id,
            companies=tuple(scope.companies.ids),
            to_flush=[
                *self._get_fields("mail.tracking.value", "field_id", "mail_message_id"),
                *self._get_fields("mail.tracking.value", "old_value_integer", "new_value_integer"),
                *self._get_fields("mail.message", "model", "res_id", "date"),
                *self._get_fields("crm.stage", "is_won", "sequence", "rotting_threshold_days"),
                *self._get_fields("crm.lead", "stage_id"),
            ],
        )

    def _query_stage_lines(self, scope, first, end):
        """The first time that a deal came to each stage, and whether it went on to a later stage, or was won, since."""
        return self._query_deal_lines(
            scope,
            SQL("entered.since"),
            SQL("lead.type = 'opportunity'"),
            extra=SQL(
                """JOIN (
                    WITH stay AS MATERIALIZED (%s)
                    SELECT first_one.*, ROW_NUMBER() OVER (PARTITION BY lead_id ORDER BY place) AS number
                      FROM (
                          SELECT DISTINCT ON (lead_id, stage_id) *
                            FROM (
                                SELECT stay.lead_id, stay.stage_id, stay.since, stay.place, stage.is_won,
                                       MAX(stage.sequence) OVER (
                                           PARTITION BY stay.lead_id ORDER BY stay.place
                                           ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
                                       ) > stage.sequence AS is_passed
                                  FROM stay JOIN crm_stage stage ON stage.id = stay.stage_id
                            ) known
                           ORDER BY lead_id, stage_id, place
                      ) first_one
                ) entered ON entered.lead_id = lead.id""",
                self._query_stays(scope),
            ),
            doc_id=SQL("lead.id::int8 * 100000 + entered.stage_id"),
            line_id=SQL("lead.id::int8 * 100000 + entered.stage_id"),
            days=SQL("0"),
            stage_id=SQL("entered.stage_id"),
            stage_number=SQL("entered.number"),
            is_passed=SQL("COALESCE(entered.is_passed, FALSE) OR lead.won_status = 'won' AND NOT entered.is_won"),
        )

    def _query_standing_lines(self, scope, first, end):
        """Deals open at the end of each month with the stage in which they were, and whether a next step was planned.

        A deal stands still by the days to rot of its stage in Odoo; where there are none, when it is in the stage half
        as long again as deals usually are, by all stays that are over; where those are few, after thirty days.
        """
        return self._query_open_lines(
            scope,
            first,
            end,
            extra=SQL(
                """LEFT JOIN (%(stays)s) stay ON stay.lead_id = lead.id AND stay.since <= month.day
                        AND (stay.until IS NULL OR stay.until > month.day)
                   LEFT JOIN (
                        SELECT stage.id, COALESCE(
                                   NULLIF(stage.rotting_threshold_days, 0),
                                   CASE WHEN COUNT(stay.lead_id) >= %(fewest)s
                                        THEN %(usual)s * percentile_cont(0.5) WITHIN GROUP (
                                             ORDER BY stay.until - stay.since) END,
                                   %(otherwise)s
                               ) AS days
                          FROM crm_stage stage
                          LEFT JOIN (%(stays)s) stay ON stay.stage_id = stage.id AND stay.until IS NOT NULL
                         GROUP BY stage.id
                   ) usual ON usual.id = stay.stage_id""",
                stays=self._query_stays(scope),
                fewest=FEWEST_STAYS,
                usual=USUAL_STAYS,
                otherwise=STALLED_DAYS,
            ),
            stage_id=SQL("usual.id"),
            age=SQL("month.day - stay.since"),
            is_late=SQL("month.day - stay.since > usual.days"),
            has_next=SQL(
                """EXISTS(SELECT FROM mail_activity activity
                           WHERE activity.res_model = 'crm.lead' AND activity.res_id = lead.id
                             AND %s <= month.day AND (activity.active OR activity.date_done > month.day))""",
                self._local_date(SQL("activity.create_date"), scope.zone),
                to_flush=self._get_fields("mail.activity", "res_model", "res_id", "active", "date_done"),
            ),
        )
