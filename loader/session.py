"""An Odoo database opened in this process, and transactions in it."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

import psycopg2

import odoo.service.model
from odoo import SUPERUSER_ID, api, sql_db
from odoo.modules import db
from odoo.modules.registry import Registry
from odoo.tools import config

from cli.failure import Failure

Result = TypeVar("Result")

# History is brought in: nobody is written to, nothing is tracked, no password is offered. Times come in UTC.
QUIETLY = {
    "mail_auto_subscribe_no_notify": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
    "no_reset_password": True,
    "tracking_disable": True,
    "tz": "UTC",
}


class Session:
    """A database, opened for one program."""

    def __init__(self, database: str, context: Mapping[str, Any]) -> None:
        """Connect. Raises Failure where it is no Odoo database."""
        self.database = database
        logging.getLogger("odoo").setLevel(logging.ERROR)
        config.parse_config(["--database", database], setup_logging=False)
        try:
            with contextlib.closing(sql_db.db_connect(database).cursor()) as cr:
                if not db.is_initialized(cr):
                    raise Failure(f"the database {database} holds no Odoo", "name another one with --database")
        except psycopg2.OperationalError as error:
            raise Failure(
                f"the database {database} cannot be opened ({' '.join(str(error).split())})",
                "name another one with --database",
            ) from error
        self.context = dict(context)

    def load_registry(self) -> None:
        """Load Odoo's models; due before the first transaction."""
        self._registry = Registry(self.database)

    def read(self, work: Callable[[api.Environment], Result]) -> Result:
        """Run something that writes nothing."""
        with self._registry.cursor() as cr:
            return work(api.Environment(cr, SUPERUSER_ID, self.context))

    def write(self, work: Callable[[api.Environment], Result]) -> Result:
        """Run in a transaction of its own; tried again where other work in the database came in between."""
        with self._registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, self.context)
            return odoo.service.model.retrying(partial(work, env), env)
