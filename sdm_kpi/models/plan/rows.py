from odoo import fields
from odoo.tools import SQL


def insert_rows(model, names, rows):
    """Insert rows by one statement. The caller has checked the rights and the values; nothing is computed.

    :param model: of whose table; :param names: of stored fields
    :param rows: tuples of values in the order of the names, references as ids or None
    """
    if not rows:
        return
    model.flush_model()
    written = {}
    if model._log_access:
        now = fields.Datetime.now()
        written = {"create_uid": model.env.uid, "write_uid": model.env.uid, "create_date": now, "write_date": now}
    model.env.cr.execute(
        SQL(
            "INSERT INTO %s (%s) SELECT given.*%s FROM unnest(%s) given",
            SQL.identifier(model._table),
            SQL(", ").join(map(SQL.identifier, (*names, *written))),
            SQL("").join(SQL(", %s", value) for value in written.values()),
            SQL(", ").join(
                SQL("%s::%s[]", list(column), SQL(model._fields[name].column_type[1]))
                for name, column in zip(names, zip(*rows, strict=True), strict=True)
            ),
        )
    )
    model.invalidate_model()
