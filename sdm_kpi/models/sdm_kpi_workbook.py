import io

import xlsxwriter

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ..engine import periods

MEASURES = ("target", "target_to_date", "value", "pace", "gap", "attainment")


class SdmKpiWorkbook(models.AbstractModel):
    """Plan and fact as a workbook, by mail each Monday to who asked for it.

    Each one's is computed by the own rights: a seller has the own numbers in it, a head those of the group.
    """

    _name = "sdm.kpi.workbook"
    _description = "Workbook of Plan and Fact"

    @api.model
    def _cron_send(self):
        """Send all who asked for it theirs, each committed by itself."""
        cron = self.env["ir.cron"]
        users = self._get_receivers()
        for number, user in enumerate(users, start=1):
            self._send(user)
            cron._commit_progress(1, remaining=len(users) - number)

    @api.model
    def _get_receivers(self):
        """Users who asked for it, and may still read it."""
        asked = self.env["res.users"].search(
            [("sdm_wants_workbook", "=", True), ("active", "=", True), ("share", "=", False)]
        )
        return asked.filtered(lambda user: user.email and self.env["sdm.kpi.report"].with_user(user).has_access("read"))

    @api.model
    def _send(self, user):
        """Mail somebody the own workbook.

        :return: mail.mail
        """
        own = self.with_user(user).with_context(lang=user.lang, tz=user.tz, allowed_company_ids=user.company_ids.ids)
        month = periods.month_of(fields.Date.context_today(own))
        title = own.env._("Plan and fact, %(month)s", month=format_date(own.env, month, date_format="LLLL yyyy"))
        mail = self.env["mail.mail"].create(
            {
                "subject": title,
                "body_html": own.env._(
                    "Your plan and what is there of it are attached. You get this each Monday since you chose so in "
                    "your preferences; untick it there to get it no longer."
                ),
                "email_from": user.company_id.email_formatted or user.email_formatted,
                "email_to": user.email_formatted,
                "auto_delete": True,
            }
        )
        # kept with the message, so that it goes when the mail does
        attachment = self.env["ir.attachment"].create(
            {
                "name": f"{title}.xlsx",
                "raw": own._build(month),
                "res_model": "mail.message",
                "res_id": mail.mail_message_id.id,
            }
        )
        mail.attachment_ids = attachment
        mail.send()
        return mail

    @api.model
    def _build(self, month):
        """The workbook of a month: KPI together, then by person.

        :return: bytes
        """
        stream = io.BytesIO()
        # a name that begins like a formula or a link must stay a name
        book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
        formats = {
            "title": book.add_format({"bold": True, "bottom": 1}),
            "number": book.add_format({"num_format": "#,##0.00"}),
            "share": book.add_format({"num_format": "0.0"}),
        }
        Report = self.env["sdm.kpi.report"]._with_passed()
        measures = [f"{name}:sum" for name in MEASURES]
        together, by_person = Report._read_grouping_sets(
            Domain("date", "=", month), [["kpi_id"], ["employee_id", "kpi_id"]], measures
        )
        names = {
            card.id: card.name
            for card in self.env["hr.employee"].sudo().browse({person.id for person, *_rest in by_person if person})
        }
        titles = [Report._fields[name]._description_string(self.env) for name in MEASURES]
        rows = [[kpi.display_name, *found] for kpi, *found in sorted(together, key=lambda row: row[0].sequence)]
        self._write_sheet(book, self.env._("All together"), [self.env._("KPI"), *titles], rows, formats)
        nobody = self.env._("Without a person")
        rows = [
            [names.get(person.id, nobody), kpi.display_name, *found]
            for person, kpi, *found in sorted(by_person, key=lambda row: (names.get(row[0].id, ""), row[1].sequence))
        ]
        self._write_sheet(
            book, self.env._("By person"), [self.env._("Person"), self.env._("KPI"), *titles], rows, formats
        )
        book.close()
        return stream.getvalue()

    @staticmethod
    def _write_sheet(book, name, titles, rows, formats):
        """A sheet of rows: texts first, then the measures."""
        sheet = book.add_worksheet(name[:31])
        texts = len(titles) - len(MEASURES)
        sheet.set_column(0, texts - 1, 28)
        sheet.set_column(texts, len(titles) - 1, 16)
        sheet.freeze_panes(1, texts)
        for column, title in enumerate(titles):
            sheet.write_string(0, column, title, formats["title"])
        for line, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                if column < texts:
                    sheet.write_string(line, column, value or "")
                elif value is not False:
                    measure = MEASURES[column - texts]
                    kind = "share" if measure in ("pace", "attainment") else "number"
                    sheet.write_number(line, column, float(value), formats[kind])
