"""Why something was decided."""

from odoo.exceptions import UserError


def check_reason(env, reason):
    """The reason of a decision, without blanks around it.

    :param reason: as the user wrote it; :raise UserError: nothing is said
    """
    said = (reason or "").strip()
    if not said:
        raise UserError(env._("Say why, in plain words: the reason stays with the decision."))
    return said
