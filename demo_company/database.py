"""The database that the demo company is written into."""

from __future__ import annotations

from functools import partial

from odoo import api

from cli.failure import Failure
from cli.progress import Progress
from demo_company import writing
from demo_company.plan import Company
from loader.session import QUIETLY, Session

# What would work out, tell or send something for each record though it is not new
CONTEXT = QUIETLY | {"mail_activity_quick_update": True, "no_mail_to_attendees": True, "dont_notify": True}
# None of these must be there yet
DOCUMENTS = ("crm.lead", "sale.order", "account.move")


class DemoDatabase(Session):
    """A database with our addons and without documents."""

    def __init__(self, database: str) -> None:
        """Connect. Raises Failure where it is no Odoo database."""
        super().__init__(database, CONTEXT)

    def write_company(self, company: Company, progress: Progress) -> None:
        """Write the company in one transaction: a database has all of it or nothing. Raises Failure."""
        progress.step("loading Odoo")
        self.load_registry()
        self.read(self._check)
        self.write(partial(writing.write, company=company, progress=progress))

    def _check(self, env: api.Environment) -> None:
        if "sdm.diagnosis" not in env:
            raise Failure(f"the database {self.database} has no SDM addons", "install them, or name another one")
        for name in DOCUMENTS:
            if env[name].with_context(active_test=False).search_count([], limit=1):
                what = env["ir.model"]._get(name).name
                raise Failure(
                    f"the database {self.database} holds documents already ({what})",
                    "name an empty one with --database",
                )
