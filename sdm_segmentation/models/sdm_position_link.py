from odoo import api, fields, models
from odoo.tools import SQL

from ..engine import structure


class SdmPositionLink(models.Model):
    """Who is above whom on which days: the closure of the positions, kept for record rules and roll-ups."""

    _name = "sdm.position.link"
    _description = "Line of Heads"
    _log_access = False
    _order = "head_id, depth, employee_id, date_from"

    head_id = fields.Many2one("hr.employee", required=True, ondelete="cascade")
    employee_id = fields.Many2one("hr.employee", required=True, index=True, ondelete="cascade")
    depth = fields.Integer(required=True, help="1: directly under the head; 0: the head.")
    date_from = fields.Date(required=True)
    date_to = fields.Date()

    _head_dates_idx = models.Index("(head_id, date_from, date_to)")

    @api.model
    def _update(self):
        """Bring the links in line with the positions: three queries, and only what changed is written."""
        self.env["sdm.position"].flush_model()
        links = {
            (link.head, link.employee, link.depth, link.start, link.end)
            for link in structure.closure(self.env["sdm.position"]._get_all()._prepare_engine_positions())
        }
        everything = self.sudo().search_fetch([], ["head_id", "employee_id", "depth", "date_from", "date_to"])
        stored = {
            (link.head_id.id, link.employee_id.id, link.depth, link.date_from, link.date_to or None): link.id
            for link in everything
        }
        self.sudo().browse([stored[key] for key in stored.keys() - links]).unlink()
        names = ("head_id", "employee_id", "depth", "date_from", "date_to")
        self.sudo().create([dict(zip(names, key, strict=True)) for key in sorted(links - stored.keys(), key=str)])

    @api.model
    def _query_led_employees(self, user, date, departed=False):
        """SQL of the ids of employees whom a user leads on a day, directly or not, the user included.

        It goes into record rules, where a list of ids would be kept beyond the day.

        :param departed: whether those count too who left while the user led them; the head gives away what they left
        """
        left = SQL(
            """
            OR NOT EXISTS (
               SELECT FROM sdm_position_link later
                WHERE later.employee_id = link.employee_id AND later.depth = 0
                  AND (later.date_to IS NULL OR later.date_to > link.date_to)
            )"""
        )
        return SQL(
            """(
            SELECT link.employee_id
              FROM sdm_position_link link
              JOIN hr_employee head ON head.id = link.head_id
             WHERE head.user_id = %(user)s AND link.date_from <= %(date)s
               AND (link.date_to IS NULL OR link.date_to >= %(date)s %(left)s)
            )""",
            user=user.id,
            date=date,
            left=left if departed else SQL(),
            to_flush=[
                *(self._fields[name] for name in ("head_id", "employee_id", "depth", "date_from", "date_to")),
                self.env["hr.employee"]._fields["user_id"],
            ],
        )

    @api.model
    def _query_led_users(self, user, date):
        """SQL of the ids of users whom a user leads on a day, directly or not, the user included."""
        return SQL(
            "(SELECT led.user_id FROM hr_employee led WHERE led.user_id IS NOT NULL AND led.id IN %s)",
            self._query_led_employees(user, date),
        )
