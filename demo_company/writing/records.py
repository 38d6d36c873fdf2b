"""What has been written so far, and writing in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from odoo import api, models

from cli.progress import Progress
from demo_company.plan import Company

BATCH = 200  # records at once: more of them take Odoo longer each


@dataclass
class Records:
    """The database that is written to, and the ids of what has been written, by the keys of the plan."""

    env: api.Environment
    company: Company
    progress: Progress
    users: dict[str, int] = field(default_factory=dict)
    authors: dict[str, int] = field(default_factory=dict)  # the users' own contacts
    employees: dict[str, int] = field(default_factory=dict)
    teams: dict[str, int] = field(default_factory=dict)
    customers: dict[str, int] = field(default_factory=dict)
    contacts: dict[str, list[int]] = field(default_factory=dict)
    products: list[int] = field(default_factory=list)
    stages: list[int] = field(default_factory=list)
    deals: dict[str, int] = field(default_factory=dict)
    orders: dict[str, int] = field(default_factory=dict)
    invoices: dict[str, int] = field(default_factory=dict)
    payments: list[int] = field(default_factory=list)
    activities: list[int] = field(default_factory=list)
    meetings: list[int] = field(default_factory=list)
    absences: list[int] = field(default_factory=list)

    def create(
        self,
        model: str,
        title: str,
        values: Sequence[dict[str, Any]],
        before: Callable[[list[dict[str, Any]]], None] | None = None,
    ) -> list[int]:
        """Create records in batches.

        :param title: what they are, for the progress
        :param before: called with the values of each batch before it is created
        :return: their ids, in the order of the values
        """
        ids: list[int] = []
        for batch in batches(values):
            if before:
                before(batch)
            ids += self.env[model].create(batch).ids
            self.forget()
            self.progress.part(f"{title}, {len(ids):,} of {len(values):,}")
        return ids

    def each(self, model: str, title: str, ids: Sequence[int]) -> Iterator[models.BaseModel]:
        """Records in batches; what was done to one batch is written before the next one comes."""
        done = 0
        for batch in batches(ids):
            yield self.env[model].browse(batch)
            self.forget()
            done += len(batch)
            self.progress.part(f"{title}, {done:,} of {len(ids):,}")

    def forget(self) -> None:
        """Write what is pending and empty the cache, which would grow with everything written."""
        self.env.flush_all()
        self.env.invalidate_all()

    def ref(self, external_id: str) -> int:
        """The id of a record of Odoo or of our addons."""
        return self.env.ref(external_id).id


def batches(items: Iterable[Any]) -> Iterator[list[Any]]:
    """Cut into lists of at most BATCH items."""
    waiting = iter(items)
    while batch := list(islice(waiting, BATCH)):
        yield batch
