from odoo import fields, models
from odoo.fields import Command


class SdmPlaybookTemplate(models.Model):
    """A ready playbook with the contact norms of field practice, to start from."""

    _name = "sdm.playbook.template"
    _description = "Template of a Playbook"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    purpose = fields.Text(translate=True, help="What we want from these customers, in plain words.")
    line_ids = fields.One2many("sdm.playbook.template.line", "template_id", string="Contact norms")

    def _make_playbook(self, name, segments, **values):
        """Make a draft playbook.

        :param name: of the playbook; :param segments: sdm.segment that it is for; :param values: more of the playbook
        :return: sdm.playbook
        """
        self.ensure_one()
        return self.env["sdm.playbook"].create(
            {
                "name": name,
                "purpose": self.purpose,
                "segment_ids": [Command.set(segments.ids)],
                "norm_ids": [
                    Command.create(
                        {
                            "sequence": line.sequence,
                            "channel_id": line.channel_id.id,
                            "ideal": line.ideal,
                            "maximum": line.maximum,
                            "minutes": line.minutes,
                            "counts_channel_ids": [Command.set(line.counts_channel_ids.ids)],
                        }
                    )
                    for line in self.line_ids
                ],
                **values,
            }
        )


class SdmPlaybookTemplateLine(models.Model):
    """A contact norm of a template."""

    _name = "sdm.playbook.template.line"
    _description = "Norm of a Playbook's Template"
    _order = "template_id, sequence, id"
    _rec_name = "channel_id"

    template_id = fields.Many2one("sdm.playbook.template", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    channel_id = fields.Many2one("sdm.contact.channel", required=True, ondelete="cascade")
    ideal = fields.Integer("Due after, days", required=True)
    maximum = fields.Integer("Overdue after, days", required=True)
    minutes = fields.Integer("Length, minutes")
    counts_channel_ids = fields.Many2many(
        "sdm.contact.channel",
        "sdm_playbook_template_line_counts_rel",
        "line_id",
        "channel_id",
        string="Also kept by",
    )
