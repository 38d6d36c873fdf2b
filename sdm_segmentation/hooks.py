import re

from odoo.fields import Domain
from odoo.tools import is_html_empty


def post_init_hook(env):
    """Begin structure and ownership by date with what HR and CRM know: heads, jobs, teams, and salespeople."""
    env["sdm.position"]._take_over_employees(env["hr.employee"].search([]))
    env["sdm.ownership"]._take_over_salespeople()


def uninstall_hook(env):
    """Leave the database as it was before, and Odoo's assignment of leads without a rule that names the segment."""
    env["sdm.lead.routing"]._undo_all()
    remove_leftovers(env, "sdm_segmentation")


def remove_leftovers(env, addon):
    """Remove what Odoo leaves behind of an addon that is uninstalled; to be called while the addon is still there.

    These are searches and export templates that people kept, which would fail from then on; what was logged of changes
    of its fields; and notes that Odoo takes of foreign keys on tables of others, and of what its models have from
    mixins. Foreign keys within the addon do not keep its data from being deleted.

    :param addon: technical name
    """
    models = [name for name, model in env.registry.items() if model._original_module == addon]
    known = env["ir.model.data"].search([("module", "=", addon), ("model", "=", "ir.model.fields")])
    fields = env["ir.model.fields"].browse(known.mapped("res_id")).filtered(lambda field: field.model not in models)
    _remove_settings(env, models, set(fields.mapped("name")))
    _remove_log(env, fields)
    _remove_foreign_keys(env, models, addon)
    for detail, model in (("ir.model.fields.selection", "field_id.model"), ("ir.model.inherit", "model_id.model")):
        details = env[detail].search([(model, "in", models)])
        env["ir.model.data"].search(
            [("model", "=", detail), ("res_id", "in", details.ids), ("module", "!=", addon)]
        ).unlink()


def _remove_foreign_keys(env, models, addon):
    restricting = [
        f"{env[model]._table}_{field.name}_fkey"
        for model in models
        for field in env[model]._fields.values()
        if field.type == "many2one" and field.store and field.ondelete == "restrict" and field.comodel_name in models
    ]
    Constraint = env["ir.model.constraint"]
    Constraint.search([("name", "in", restricting), ("type", "=", "f")]).unlink()
    # the notes alone: until the columns are dropped with them, these keys keep references right
    foreign = Constraint.search([("module.name", "=", addon), ("model.model", "not in", models), ("type", "=", "f")])
    foreign._sdm_forget()


def _remove_log(env, fields):
    """What was logged of changes of these fields, on records of other models."""
    values = env["mail.tracking.value"].search([("field_id", "in", fields.ids)])
    messages = values.mail_message_id
    values.unlink()
    messages.filtered(
        lambda message: is_html_empty(message.body) and not (message.tracking_value_ids or message.attachment_ids)
    ).unlink()


def _remove_settings(env, models, fields):
    """Searches and export templates of the models, and those of other models that name one of the fields."""
    filters = env["ir.filters"].with_context(active_test=False)
    filters.search([("model_id", "in", models)]).unlink()
    env["ir.exports"].search([("resource", "in", models)]).unlink()
    texts = ("domain", "context", "sort")
    naming = filters.search(Domain.OR(Domain(text, "like", name) for text in texts for name in fields))
    words = re.compile("|".join(rf"\b{name}\b" for name in sorted(fields)))
    naming.filtered(lambda kept: any(words.search(kept[text] or "") for text in texts)).unlink()
    lines = env["ir.exports.line"].search(Domain.OR(Domain("name", "like", name) for name in fields))
    lines.filtered(lambda line: not fields.isdisjoint(line.name.split("/"))).unlink()
