"""What tests of playbooks share: a primary scheme by rules, customers in classes, contacts on days."""

from odoo import fields
from odoo.fields import Command

from .common import AS_OF
from .segmentation import SegmentationCase


class PlaybookCase(SegmentationCase):
    """Today is Monday, 30 June 2025; the company works from Monday to Friday without holidays.

    Alfa and Beta are A, Gamma is C; each belongs to a seller with an employee card.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["sdm.playbook"].search([("state", "=", "in_force")]).state = "replaced"
        cls.env["resource.calendar.leaves"].search([("resource_id", "=", False)]).unlink()
        cls.anna = cls.sdm_seller("anna")
        cls.alfa, cls.beta, cls.gamma = (cls.customer(name, cls.anna) for name in ("Alfa", "Beta", "Gamma"))
        cls.segments = cls.classified("2025-01-01", A=cls.alfa | cls.beta, C=cls.gamma)
        cls.meeting, cls.phone, cls.mail = (
            cls.env.ref(f"sdm_segmentation.sdm_contact_channel_{code}") for code in ("meeting", "call", "mail")
        )

    @classmethod
    def sdm_seller(cls, name, head=None):
        """A seller of Sales Drive with an employee card."""
        user = cls.seller(name)
        user.write({"group_ids": [Command.link(cls.env.ref("sdm_segmentation.group_sdm_user").id)], "tz": "UTC"})
        if head:
            user.employee_id.parent_id = head
        return user

    @classmethod
    def classified(cls, since, **customers):
        """A primary scheme whose classes have these customers since a day.

        :return: dict {name of the class: sdm.segment}
        """
        scheme = cls.env["sdm.scheme"].create(
            {"name": "Tiers", "method": "rules", "is_primary": True, "perimeter_id": cls.perimeter.id}
        )
        segments = {name: cls.env["sdm.segment"].create({"name": name, "scheme_id": scheme.id}) for name in customers}
        for name, partners in customers.items():
            for partner in partners:
                cls.env["sdm.segment.membership"].create(
                    {
                        "partner_id": partner.id,
                        "scheme_id": scheme.id,
                        "segment_id": segments[name].id,
                        "date_from": since,
                    }
                )
        cls.env["sdm.segment.membership"]._write_primary()
        return segments

    @classmethod
    def playbook(cls, *norms, segments="A", begun="2025-01-01", **values):
        """A playbook in force.

        :param norms: (channel, ideal, maximum[, channels that keep it too]); :param segments: names of classes
        """
        playbook = cls.env["sdm.playbook"].create(
            {
                "name": f"Playbook {segments}",
                "perimeter_id": cls.perimeter.id,
                "segment_ids": [Command.set([cls.segments[name].id for name in segments])],
                "norm_ids": [
                    Command.create(
                        {
                            "channel_id": channel.id,
                            "ideal": ideal,
                            "maximum": maximum,
                            "counts_channel_ids": [Command.set([one.id for one in more])],
                        }
                    )
                    for channel, ideal, maximum, *more in norms
                ],
                **values,
            }
        )
        playbook._put_in_force(AS_OF, "Since the test needs it")
        playbook.sudo().date_begun = begun
        return playbook

    @classmethod
    def contacted(cls, record, day, kind="mail.mail_activity_data_call", user=None):
        """A completed activity on a record."""
        activity = cls.env["mail.activity"].create(
            {
                "res_model_id": cls.env["ir.model"]._get_id(record._name),
                "res_id": record.id,
                "activity_type_id": cls.env.ref(kind).id,
                "user_id": (user or cls.env.user).id,
            }
        )
        activity.write({"active": False, "date_done": day})
        return activity

    @classmethod
    def held(cls, customer, day):
        """A meeting in the calendar."""
        return cls.env["calendar.event"].create(
            {
                "name": "Visit",
                "start": cls.noon(day),
                "stop": cls.noon(day),
                "partner_ids": [Command.set(customer.ids)],
            }
        )

    @staticmethod
    def day(written):
        return fields.Date.to_date(written)
