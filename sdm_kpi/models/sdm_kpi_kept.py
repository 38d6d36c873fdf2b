from odoo import api, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from .sdm_kpi import FORMULA_FIELDS

COUNTED = ("kind", "source", "measure")
DEFINITION = {*COUNTED, "filter_domain", *FORMULA_FIELDS}
# Where numbers of a KPI stay when what it counts changes
KEPT_IN = (
    "sdm.period.entry",
    "sdm.period.difference",
    "sdm.period.restatement.line",
    "sdm.plan.target",
    "sdm.plan.change",
    "sdm.plan.commitment",
    "sdm.plan.goal",
    "sdm.kpi.forecast",
)
MARGIN = "sdm_segmentation.group_sdm_margin"


class SdmKpi(models.Model):
    """What numbers of a KPI were stays with them, whatever it counts from now on."""

    _inherit = "sdm.kpi"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_texts(vals)
        kpis = super().create(vals_list)
        kpis._check_decides_for_all()
        return kpis

    def write(self, vals):
        self._check_decides_for_all()
        self._check_texts(vals)
        if not DEFINITION & vals.keys():
            return super().write(vals)
        self._check_may_define()
        before = {kpi: kpi._get_definition() for kpi in self}
        told_margin = self.sudo().with_context(active_test=False).search([("has_margin", "=", True)])
        result = super().write(vals)
        changed = self.filtered(lambda kpi: kpi._get_definition() != before[kpi])
        changed._check_not_closed(before)
        told_margin._check_margin_stays()
        changed._forget_facts()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_for_all(self):
        self._check_decides_for_all()

    def _check_decides_for_all(self):
        """The catalogue is one for all perimeters."""
        if self:
            self.env["sdm.perimeter"]._check_decides_for_all(self[0].name)

    @api.model
    def _check_texts(self, vals):
        """Refuse what no database keeps, before it comes to it."""
        for name in ("code", "formula", "filter_domain"):
            if "\0" in (vals.get(name) or ""):
                raise ValidationError(
                    self.env._(
                        "“%(field)s” holds a character that cannot be seen. Delete the text and write it again.",
                        field=self._fields[name]._description_string(self.env),
                    )
                )

    def _get_definition(self):
        """What facts of it are counted by."""
        return tuple(self[name] or "" for name in (*COUNTED, "filter_domain"))

    def _check_may_define(self):
        """Refuse to change what a margin is counted by, of who may not see margins.

        :raise AccessError: with the KPI
        """
        hidden = self.filtered("has_margin")
        if hidden and not self.env.su and not self.env.user.has_group(MARGIN):
            raise AccessError(
                self.env._(
                    "“%(kpi)s” tells margin: only who may see margin changes what it counts. You can make a KPI of "
                    "your own.",
                    kpi=hidden[0].name,
                )
            )

    def _check_not_closed(self, before):
        """Refuse another source or measure once months are closed with the present one.

        :param before: {KPI: its definition before}; :raise UserError: with the month and what to do
        """
        changed = self.filtered(lambda kpi: kpi._get_definition()[: len(COUNTED)] != before[kpi][: len(COUNTED)])
        closed = self.env["sdm.period"].sudo().search([("kpi_ids", "in", changed.ids)], limit=1)
        if closed:
            raise UserError(
                self.env._(
                    "“%(kpi)s” is part of %(month)s, which is closed, so it goes on counting the same. Make a new KPI "
                    "of what you want to count, and archive this one.",
                    kpi=(changed & closed.kpi_ids)[:1].name,
                    month=closed.display_name,
                )
            )

    def _check_margin_stays(self):
        """Refuse that numbers which were margin, and are kept, are shown to everybody.

        :raise UserError: with the KPI and where it has numbers
        """
        opened = self.filtered(lambda kpi: not kpi.has_margin)
        for model in KEPT_IN if opened else ():
            kept = self.env[model].sudo().search([("kpi_id", "in", opened.ids)], limit=1)
            if kept:
                raise UserError(
                    self.env._(
                        "“%(kpi)s” has told margin, and numbers of that are kept (%(where)s). Make a new KPI of what "
                        "you want to show, and archive this one.",
                        kpi=kept.kpi_id.name,
                        where=self.env["ir.model"]._get(model).sudo().name,
                    )
                )

    def _forget_facts(self):
        """Delete the facts of months that are not closed: they were counted by something else."""
        self.env["sdm.kpi.fact"].flush_model()
        self.env.execute_query(
            SQL(
                """DELETE FROM sdm_kpi_fact fact
                    WHERE kpi_id = ANY(%s) AND restatement_id IS NULL
                      AND NOT EXISTS (
                          SELECT FROM sdm_period period JOIN sdm_period_kpi_rel closed ON closed.period_id = period.id
                           WHERE period.perimeter_id = fact.perimeter_id AND period.date = fact.date
                             AND period.state = 'closed' AND closed.kpi_id = fact.kpi_id)
                RETURNING id""",
                self.ids,
                to_flush=[
                    self.env["sdm.period"]._fields[name] for name in ("perimeter_id", "date", "state", "kpi_ids")
                ],
            )
        )
        self.env["sdm.kpi.fact"].invalidate_model()
