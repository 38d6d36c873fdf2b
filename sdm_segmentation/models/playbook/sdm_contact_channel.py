from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..timezones import to_utc


class SdmContactChannel(models.Model):
    """What counts as a contact with a customer, by channel. The one place that says so.

    Contacts are done activities, meetings that took place and messages: on the customer, its contacts, its deals or its
    orders. Internal notes are none.
    """

    _name = "sdm.contact.channel"
    _description = "Contact Channel"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, help="What an archived channel names is no contact.")
    category = fields.Selection(
        [("phonecall", "Calls"), ("meeting", "Meetings")],
        string="All activities that are",
        help="Every activity type of this kind counts, those made later too.",
    )
    activity_type_ids = fields.Many2many(
        "mail.activity.type",
        "sdm_contact_channel_type_rel",
        "channel_id",
        "type_id",
        string="Activity types",
        help="Done activities of these types count here, whatever their kind.",
    )
    has_meetings = fields.Boolean("Meetings in the calendar", help="Meetings with the customer that have begun.")
    has_messages = fields.Boolean(
        "E-mails and messages", help="To or from the customer, by the time of the message; internal notes do not count."
    )

    _category_uniq = models.UniqueIndex(
        "(category) WHERE active AND category IS NOT NULL", "Another channel counts these activities already."
    )
    _meetings_uniq = models.UniqueIndex(
        "(has_meetings) WHERE active AND has_meetings", "Another channel counts the meetings of the calendar already."
    )
    _messages_uniq = models.UniqueIndex(
        "(has_messages) WHERE active AND has_messages", "Another channel counts the messages already."
    )

    @api.constrains("activity_type_ids", "active")
    def _check_activity_type_ids(self):
        channels = self.search([("activity_type_ids", "in", self.activity_type_ids.ids)])
        for activity_type in self.activity_type_ids:
            counting = channels.filtered(lambda channel, kind=activity_type: kind in channel.activity_type_ids)
            if len(counting) > 1:
                raise ValidationError(
                    self.env._(
                        "“%(type)s” would count in %(channels)s at once. Take it out of one of them.",
                        type=activity_type.name,
                        channels=", ".join(counting.mapped("name")),
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    @api.model
    @tools.ormcache("lang")
    def _get_names(self, lang):
        """Names of all channels by id, kept in memory.

        :param lang: code of the language
        """
        channels = self.sudo().with_context(lang=lang, active_test=False).search([("active", "in", [True, False])])
        return {channel.id: channel.name for channel in channels}

    @api.model
    @tools.ormcache()
    def _get_active(self):
        """Ids of the channels in use, in their order, kept in memory."""
        return tuple(self.sudo().search([("active", "=", True)]).ids)

    @api.model
    @tools.ormcache("model")
    def _get_types_by_channel(self, model=None):
        """The activity type by which a contact of each channel is written down, kept in memory.

        :param model: where it is to be used, None: anywhere
        :return: tuple of (channel id, activity type id, icon), in the order of channels
        """
        channels = self._get_channels_by_type()
        domain = [("id", "in", list(channels)), ("res_model", "in", [False, model])]
        found = {}
        for kind in self.env["mail.activity.type"].sudo().search(domain):
            found.setdefault(channels[kind.id], (kind.id, kind.icon or "fa-comment"))
        return tuple((channel, *found[channel]) for channel in self._get_active() if channel in found)

    @api.model
    @tools.ormcache()
    def _get_channels_by_type(self):
        """The channel that each activity type counts in, kept in memory.

        :return: dict {activity type id: channel id}
        """
        return dict(
            self.env.execute_query(SQL("SELECT kind.type_id, kind.channel_id FROM %s kind", self._query_kinds()))
        )

    @api.model
    def _query_kinds(self):
        """SQL of the activity types that count: ``type_id``, ``channel_id``. A type that is named outdoes its kind."""
        return SQL(
            """(
            SELECT type.id AS type_id, COALESCE(named.id, channel.id) AS channel_id
              FROM mail_activity_type type
              LEFT JOIN sdm_contact_channel channel ON channel.active AND channel.category = type.category
              LEFT JOIN (
                   sdm_contact_channel_type_rel rel
                   JOIN sdm_contact_channel named ON named.id = rel.channel_id AND named.active
              ) ON rel.type_id = type.id
             WHERE COALESCE(named.id, channel.id) IS NOT NULL
            )""",
            to_flush=(
                *(self._fields[name] for name in ("active", "category", "activity_type_ids")),
                self.env["mail.activity.type"]._fields["category"],
            ),
        )

    @api.model
    def _query_contacts(self, zone, first=None, end=None, customers=None):
        """SQL of the contacts that took place: rows of customer_id (commercial partner), channel_id and day.

        :param zone: name of the time zone of the days
        :param first: first day, None for all; :param end: the day after the last one, None for up to now
        :param customers: SQL of the ids of commercial partners, None for all
        """
        fields_of = {
            name: self.env[name]._fields for name in ("mail.activity", "mail.message", "calendar.event", "crm.lead")
        }
        activity, message, event, lead = fields_of.values()
        order, partner = self.env["sale.order"]._fields, self.env["res.partner"]._fields
        start_at = to_utc(first, zone) if first else None
        end_at = to_utc(end, zone) if end else fields.Datetime.now()
        only_customers, only_activities, only_messages = SQL(), SQL(), SQL()
        if customers is not None:
            only_customers = SQL("AND partner.commercial_partner_id IN %s", customers)
            records = self._query_records(customers)
            only_activities = SQL(
                "AND (activity.res_model, activity.res_id) IN (SELECT own.model, own.id FROM %s own)", records
            )
            only_messages = SQL(
                "AND (message.model, message.res_id) IN (SELECT own.model, own.id FROM %s own)", records
            )
        return SQL(
            """(
            SELECT partner.commercial_partner_id AS customer_id, contact.channel_id, contact.day
              FROM (
                SELECT activity.res_model AS model, activity.res_id, kind.channel_id, activity.date_done AS day
                  FROM mail_activity activity JOIN %(kinds)s kind ON kind.type_id = activity.activity_type_id
                 WHERE NOT activity.active AND activity.date_done IS NOT NULL
                   %(from_date)s %(to_date)s %(only_activities)s
                 UNION
                SELECT message.model, message.res_id, kind.channel_id, %(message_day)s
                  FROM mail_message message JOIN %(kinds)s kind ON kind.type_id = message.mail_activity_type_id
                 WHERE message.model IN ('res.partner', 'crm.lead', 'sale.order')
                   AND message.date < %(end)s %(from)s %(only_messages)s
                 UNION
                SELECT message.model, message.res_id, channel.id, %(message_day)s
                  FROM sdm_contact_channel channel, mail_message message
                  LEFT JOIN mail_message_subtype subtype ON subtype.id = message.subtype_id
                 WHERE channel.active AND channel.has_messages
                   AND message.date < %(end)s %(from)s
                   AND message.model IN ('res.partner', 'crm.lead', 'sale.order')
                   AND message.message_type IN ('email', 'email_outgoing', 'comment')
                   AND message.is_internal IS NOT TRUE AND subtype.internal IS NOT TRUE %(only_messages)s
              ) contact
              LEFT JOIN crm_lead lead ON contact.model = 'crm.lead' AND lead.id = contact.res_id
              LEFT JOIN sale_order sale ON contact.model = 'sale.order' AND sale.id = contact.res_id
              JOIN res_partner partner
                ON partner.id = CASE contact.model
                   WHEN 'crm.lead' THEN lead.partner_id
                   WHEN 'sale.order' THEN sale.partner_id
                   WHEN 'res.partner' THEN contact.res_id
                   END
             WHERE partner.commercial_partner_id IS NOT NULL %(only_customers)s
             UNION
            SELECT partner.commercial_partner_id, channel.id, %(event_day)s
              FROM sdm_contact_channel channel, calendar_event event
              JOIN calendar_event_res_partner_rel attendance ON attendance.calendar_event_id = event.id
              JOIN res_partner partner ON partner.id = attendance.res_partner_id
             WHERE channel.active AND channel.has_meetings
               AND event.active AND event.start < %(end)s %(from_event)s
               AND partner.commercial_partner_id IS NOT NULL %(only_customers)s
            )""",
            **{
                "kinds": self._query_kinds(),
                "message_day": SQL("(message.date AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", zone),
                "event_day": SQL("(event.start AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", zone),
                "from_date": SQL("AND activity.date_done >= %s", first) if first else SQL(),
                "from": SQL("AND message.date >= %s", start_at) if first else SQL(),
                "from_event": SQL("AND event.start >= %s", start_at) if first else SQL(),
                "end": end_at,
                "to_date": SQL("AND activity.date_done < %s", end) if end else SQL(),
                "only_activities": only_activities,
                "only_messages": only_messages,
                "only_customers": only_customers,
            },
            to_flush=(
                *(activity[name] for name in ("res_model", "res_id", "active", "date_done", "activity_type_id")),
                *(
                    message[name]
                    for name in (
                        "model",
                        "res_id",
                        "date",
                        "message_type",
                        "is_internal",
                        "subtype_id",
                        "mail_activity_type_id",
                    )
                ),
                *(event[name] for name in ("active", "start", "partner_ids")),
                *(self._fields[name] for name in ("active", "has_meetings", "has_messages")),
                lead["partner_id"],
                order["partner_id"],
                partner["commercial_partner_id"],
            ),
        )

    @api.model
    def _query_records(self, customers):
        """SQL of (model, id, customer_id) of all that contacts with some customers are written on.

        :param customers: SQL of the ids of commercial partners
        """
        return SQL(
            """(
            SELECT 'res.partner' AS model, own.id, own.commercial_partner_id AS customer_id
              FROM res_partner own WHERE own.commercial_partner_id IN %(customers)s
             UNION ALL
            SELECT 'crm.lead', lead.id, own.commercial_partner_id
              FROM crm_lead lead JOIN res_partner own ON own.id = lead.partner_id
             WHERE own.commercial_partner_id IN %(customers)s
             UNION ALL
            SELECT 'sale.order', sale.id, own.commercial_partner_id
              FROM sale_order sale JOIN res_partner own ON own.id = sale.partner_id
             WHERE own.commercial_partner_id IN %(customers)s
            )""",
            customers=customers,
        )


class MailActivityType(models.Model):
    """Which channel a type counts in is kept in memory until types change."""

    _inherit = "mail.activity.type"

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        result = super().write(vals)
        if {"category", "res_model", "active", "sequence", "icon"} & vals.keys():
            self.env.registry.clear_cache()
        return result

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()
