"""What filters ask for, whoever wrote them."""

from odoo.fields import Domain


def walk(domain, path=""):
    """Go through the conditions of a filter, and through those of the filters within it.

    :param domain: Domain; :param path: names of fields that lead to the records that it filters, each with a dot
    :return: generator of (names of fields with dots from the first record, value)
    """
    for condition in domain.iter_conditions():
        name = f"{path}{condition.field_expr}"
        if condition.operator in ("any", "not any"):
            yield from walk(Domain(condition.value), f"{name}.")
        else:
            yield name, condition.value
