"""What is in a database after a load, read by SQL so that nothing of Odoo or of the loader stands in between."""

import json
from collections.abc import Callable

from tests.end_to_end.exports import Deal

Query = Callable[..., list[tuple]]

# Different in each load by their nature: numbers of rows, times, random colours.
NOT_CONTENT = {
    "id",
    "create_date",
    "write_date",
    "last_modified_date",
    "calendar_last_notif_ack",
    "day_open",
    "day_close",
    "color",
}


def deals_in_database(database: str, query: Query) -> list[Deal]:
    """All deals: the manager by the deal's team, the office by the agent's employee, the product by the tag."""
    rows = query(
        database,
        """
        SELECT agent.name, manager.name, office.name ->> 'en_US', tag.name ->> 'en_US', lead.won_status,
               lead.expected_revenue::float, lead.date_closed::date - lead.date_open::date
          FROM crm_lead AS lead
          JOIN crm_team AS team ON team.id = lead.team_id
          JOIN hr_employee AS manager ON manager.user_id = team.user_id
          JOIN hr_employee AS agent ON agent.user_id = lead.user_id AND agent.parent_id = manager.id
          JOIN hr_version AS version ON version.id = agent.current_version_id
          JOIN hr_department AS office ON office.id = version.department_id
          JOIN crm_tag_rel AS tagged ON tagged.lead_id = lead.id
          JOIN crm_tag AS tag ON tag.id = tagged.tag_id
        """,
    )
    return [Deal(*row) for row in rows]


def everything(database: str, query: Query) -> dict[str, str]:
    """A digest of all rows of every table, times of the last change included."""
    digests = {}
    for table in _tables(database, query):
        statement = f"""SELECT md5(string_agg(row::text, ' ' ORDER BY row::text)) FROM "{table}" AS row"""
        digests[table] = query(database, statement)[0][0]
    return digests


def row_counts(database: str, query: Query) -> dict[str, int]:
    """The number of rows of every table in which a row stands for something that was loaded."""
    # Besides, Odoo notes each batch: that its servers forget what they have cached, and that a scheduled job is due.
    tables = _tables(database, query)
    counted = [name for name in tables if name != "ir_cron_trigger" and not name.startswith("orm_signaling_")]
    union = " UNION ALL ".join(f"""SELECT '{table}', count(*) FROM "{table}" """ for table in counted)
    return dict(query(database, union))


def loaded_content(database: str, namespace: str, query: Query) -> dict[str, dict]:
    """All loaded records by external id, with references written as external ids, so that two loads can be compared."""
    ids = query(database, "SELECT model, res_id, name FROM ir_model_data WHERE module = %s", [namespace])
    name_of = {(model, res_id): name for model, res_id, name in ids}
    fields = query(database, "SELECT model, name, relation FROM ir_model_fields WHERE ttype = 'many2one'")
    relation_of = {(model, name): relation for model, name, relation in fields}
    content = {}
    for model in sorted({model for model, _res_id, _name in ids}):
        for (row,) in query(database, f"""SELECT to_json(row)::text FROM "{model.replace(".", "_")}" AS row"""):
            record = json.loads(row)
            name = name_of.get((model, record["id"]))
            if name:
                content[name] = {
                    column: name_of.get((relation, value), value)
                    if (relation := relation_of.get((model, column)))
                    else value
                    for column, value in record.items()
                    if column not in NOT_CONTENT
                }
    tags = query(database, "SELECT lead_id, tag_id FROM crm_tag_rel")
    for lead, tag in tags:
        content[name_of["crm.lead", lead]]["tags"] = name_of["crm.tag", tag]
    return content


def _tables(database: str, query: Query) -> list[str]:
    statement = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
    return [table for (table,) in query(database, statement)]


def differences(first: dict[str, dict], second: dict[str, dict]) -> list[tuple]:
    """Where two contents differ: (external id, column, value in the first, value in the second)."""
    return [
        (name, column, first.get(name, {}).get(column), second.get(name, {}).get(column))
        for name in sorted(first.keys() | second.keys())
        for column in sorted(first.get(name, {}).keys() | second.get(name, {}).keys())
        if first.get(name, {}).get(column) != second.get(name, {}).get(column)
    ]
