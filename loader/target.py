"""The Odoo database that an export is loaded into. With its session, the only module that talks to Odoo."""

from __future__ import annotations

import contextlib
import getpass
import logging
import os
import socket
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import psycopg2

from odoo import api, models, sql_db
from odoo.tools import SQL, plaintext2html

from cli.failure import Failure
from loader.mapping import ExportMapping, RecordRule, Value
from loader.records import Record
from loader.session import QUIETLY, Session

Refusal = tuple[Record, str | None, str]

# What Odoo works out from all records of a model together. During the load it would depend on the order of
# the rows; Odoo's own method makes it anew once they are all there.
AFTERWARDS = {"crm.lead": "_cron_update_automated_probabilities"}
LOCK = (1935961452, 1819238756)  # any two numbers that are always the same: "sdml", "load"


class Target(Session):
    """A database, opened for one load."""

    def __init__(self, database: str) -> None:
        """Connect. Raises Failure where it is no Odoo database."""
        super().__init__(database, QUIETLY | {"import_file": True})
        # What the database refuses is told as a rejected row.
        logging.getLogger("odoo.sql_db").setLevel(logging.CRITICAL)

    @contextlib.contextmanager
    def reserved(self, what: str) -> Iterator[None]:
        """Keep other loads out of the database. Raises Failure that says who is loading.

        The lock belongs to a transaction on a connection of its own: it ends with this process however that
        ends, and works through connection poolers too. `what` is the export, for the message.
        """
        _name, connection_info = sql_db.connection_info_for(self.database)
        who = f"{getpass.getuser()}@{socket.gethostname()}"[:40]
        connection_info["application_name"] = f"{who}, process {os.getpid()}"
        connection = psycopg2.connect(**connection_info)
        try:
            with connection.cursor() as cr:
                cr.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
                cr.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", LOCK)
                if not cr.fetchone()[0]:
                    raise Failure(
                        f"{self._holder(cr)} is loading into the database {self.database} already",
                        f"wait until that has ended, then load {what} again",
                    )
            yield
        finally:
            connection.close()

    def open(self, mapping: ExportMapping) -> None:
        """Load Odoo's registry and check the mapping against it. Raises Failure that names key and cause."""
        self.load_registry()
        if mapping.language:
            self.context["lang"] = mapping.language
        self.read(partial(self._check, mapping=mapping))

    def define_properties(self, mapping: ExportMapping) -> None:
        """Add the properties of the mapping that the database does not have."""
        self.write(partial(self._define_properties, mapping=mapping))

    def known_ids(self, namespace: str) -> set[str]:
        """The external ids of the namespace whose records are there, without the namespace."""

        def read(env: api.Environment) -> set[str]:
            rows = env.execute_query(SQL("SELECT name FROM ir_model_data WHERE module = %s", namespace))
            return {name for (name,) in rows}

        return self.read(read)

    def load(self, rule: RecordRule, namespace: str, records: Sequence[Record]) -> tuple[list[str], list[Refusal]]:
        """Load records in one transaction. None of them has an external id in the database yet.

        :return: ids of records that were found by `rule.find_by` and only got their external id, and what
            Odoo refused: record, field or None, reason
        """
        return self.write(partial(self._load, rule=rule, namespace=namespace, records=records))

    def unfinished(self) -> list[str]:
        """Models that this or an interrupted load has added to and that `finish` is due for."""

        def read(env: api.Environment) -> list[str]:
            return [model for model in AFTERWARDS if env["ir.config_parameter"].get_param(_mark(model))]

        return self.read(read)

    def finish(self, model: str) -> None:
        """Have Odoo work out anew what depends on all records of the model together."""

        def write(env: api.Environment) -> None:
            getattr(env[model], AFTERWARDS[model])()
            env["ir.config_parameter"].set_param(_mark(model), False)

        self.write(write)

    # ---- inside a transaction

    def _check(self, env: api.Environment, mapping: ExportMapping) -> None:
        def failure(key: str, what: str, remedy: str = "correct the mapping") -> Failure:
            return Failure(f"mapping {mapping.path.name}: {key}: {what}", remedy)

        if mapping.language and mapping.language not in dict(env["res.lang"].get_installed()):
            what = f"{mapping.language} is not active in {self.database}"
            raise failure("language", what, "activate it in Odoo, then load again")
        if env["ir.module.module"].search_count([("name", "=", mapping.namespace)]):
            what = f"{mapping.namespace} is the name of a module, whose update would remove the records"
            raise failure("namespace", what)
        for rule in mapping.properties:
            if rule.model not in env or "properties_base_definition_id" not in env[rule.model]._fields:
                raise failure(f"{rule.key}.model", f"{rule.model} takes no properties in {self.database}")
        for rule in mapping.records:
            if rule.model not in env:
                what = f"{self.database} has no {rule.model}"
                raise failure(f"{rule.key}.model", what, "install its app in Odoo, then load again")
            defined = [each for each in mapping.properties if each.model == rule.model]
            properties = {f"properties.{each.name}" for each in defined}
            for key, name, value in rule.values():
                what = _wrong_field(env[rule.model], name, properties) or _wrong_reference(env, value)
                if what:
                    raise failure(key, what, "correct the mapping, or install the app it belongs to in Odoo")

    def _define_properties(self, env: api.Environment, mapping: ExportMapping) -> None:
        for rule in mapping.properties:
            if not env[rule.model].get_property_definition(f"properties.{rule.name}"):
                definition = env["properties.base.definition"]._get_definition_for_property_field(
                    rule.model, "properties"
                )
                definition.properties_definition = [
                    *definition.properties_definition,
                    {"name": rule.name, "string": rule.label, "type": rule.type},
                ]
                env.flush_all()

    def _load(
        self, env: api.Environment, rule: RecordRule, namespace: str, records: Sequence[Record]
    ) -> tuple[list[str], list[Refusal]]:
        found = self._adopt(env, rule, namespace, records) if rule.find_by else []
        # A field that a case leaves out is not written at all, hence one call for each set of fields.
        by_fields: dict[tuple[str, ...], list[Record]] = {}
        for record in records:
            if record.id not in found:
                by_fields.setdefault(tuple(record.values), []).append(record)
        refusals: list[Refusal] = []
        for fields, group in by_fields.items():
            refusals += self._load_group(env[rule.model], namespace, fields, group)
        if rule.model in AFTERWARDS and len(records) > len(found) + len(refusals):
            env["ir.config_parameter"].set_param(_mark(rule.model), "1")
        return found, refusals

    def _load_group(self, model: Any, namespace: str, fields: tuple[str, ...], group: list[Record]) -> list[Refusal]:
        """Load records of the same fields.

        Odoo loads all of them or none: what it refuses is left out and the rest given again.
        """
        html = {name for name in fields if name in model._fields and model._fields[name].type == "html"}
        refusals: list[Refusal] = []
        while group:
            rows = [
                [
                    f"{namespace}.{record.id}",
                    *(plaintext2html(v) if v and k in html else v for k, v in record.values.items()),
                ]
                for record in group
            ]
            result = model.load(["id", *fields], rows)
            if result["ids"]:
                self._keep_empty(model.browse(result["ids"]), fields, group)
                break
            refused = {}
            for message in result["messages"]:
                if message["type"] == "error" and "rows" in message:
                    refused.setdefault(
                        message["rows"]["from"], (message.get("field"), " ".join(message["message"].split()))
                    )
            if not refused:
                reasons = "; ".join(message["message"] for message in result["messages"]) or "no reason given"
                raise Failure(
                    f"Odoo does not load {model._name}: {reasons}",
                    "correct the mapping or the database, then load again",
                )
            refusals += [(group[index], *why) for index, why in refused.items()]
            group = [record for index, record in enumerate(group) if index not in refused]
        return refusals

    def _keep_empty(self, loaded: models.BaseModel, fields: tuple[str, ...], group: list[Record]) -> None:
        """Empty again what the export leaves empty and Odoo has filled by itself: the date of assignment."""
        for name in fields:
            field = loaded._fields.get(name)
            if field and field.store and field.compute and field.readonly:
                pairs = zip(loaded, group, strict=True)
                empty = loaded.browse(record.id for record, given in pairs if not given.values[name])
                empty.filtered(name).write({name: False})

    def _adopt(self, env: api.Environment, rule: RecordRule, namespace: str, records: Sequence[Record]) -> list[str]:
        """Give the external ids to records that are there without one, known by the fields of `find_by`."""
        model = env[rule.model].with_context(active_test=False)
        fields = [name.removesuffix("/id") for name in rule.find_by]

        def known_by(record: Record) -> tuple | None:
            key = []
            for name in rule.find_by:
                value: Any = record.values.get(name)
                if value and name.endswith("/id"):
                    value = env.ref(value, raise_if_not_found=False)
                    value = value and value.id
                if not value:
                    return None
                key.append(value)
            return tuple(key)

        wanted = {record.id: known_by(record) for record in records}
        keys = [key for key in wanted.values() if key]
        domain = [(field, "in", [key[n] for key in keys]) for n, field in enumerate(fields)]
        candidates = model.search(domain, order="id")
        ours = [("module", "=", namespace), ("model", "=", rule.model), ("res_id", "in", candidates.ids)]
        taken = set(env["ir.model.data"].search(ours).mapped("res_id"))
        there: dict[tuple, Any] = {}
        for candidate in candidates.filtered(lambda each: each.id not in taken):
            values = (candidate[field] for field in fields)
            there.setdefault(tuple(v.id if isinstance(v, models.BaseModel) else v for v in values), candidate)
        found = []
        for record_id, key in wanted.items():
            candidate = there.pop(key, None)
            if candidate:
                data = {"xml_id": f"{namespace}.{record_id}", "record": candidate, "noupdate": True}
                env["ir.model.data"]._update_xmlids([data])
                found.append(record_id)
        return found

    def _holder(self, cr: Any) -> str:
        cr.execute(
            """
            SELECT activity.application_name, to_char(activity.backend_start, 'HH24:MI')
              FROM pg_locks AS lock
              JOIN pg_stat_activity AS activity USING (pid)
             WHERE lock.locktype = 'advisory' AND lock.granted AND lock.classid = %s AND lock.objid = %s
               AND lock.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """,
            LOCK,
        )
        holder = cr.fetchone()
        return f"{holder[0]} (since {holder[1]})" if holder else "another process"


def _wrong_field(model: models.BaseModel, name: str, properties: set[str]) -> str:
    """What is wrong with a field of a mapping, or nothing. `properties` are those still to be defined."""
    field, slash, _rest = name.partition("/")
    base, point, _property = field.partition(".")
    if base not in model._fields:
        return f"{model._name} has no field {base}"
    if point and field not in properties and not model.get_property_definition(field):
        return f"{model._name} has no property {field}"
    if slash and not model._fields[base].relational:
        return f"{base} of {model._name} does not refer to a record"
    return ""


def _wrong_reference(env: api.Environment, value: Value) -> str:
    """What is wrong with the external ids of other modules in a value, or nothing."""
    for reference in value.references:
        if reference.foreign and not reference.template.columns():
            external_id = reference.template.render({})
            if not env.ref(external_id, raise_if_not_found=False):
                return f"{env.cr.dbname} has no record {external_id}"
    return ""


def _mark(model: str) -> str:
    """The system parameter that says that `finish` is still to be called."""
    return f"sdm_load.unfinished.{model}"
