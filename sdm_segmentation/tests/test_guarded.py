"""What follows from other fields, and what only a step writes, nobody enters: neither by values nor by defaults."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import RpcCase
from .test_strategy import StrategyCase

FORGED = {"state": "in_force", "date_from": "2025-01-01", "reason": "The board said so", "approved_by_id": 1}
PLAIN = ("draft", False, False, False)


class GuardedCase(StrategyCase):
    """A director, and for each kind of decision what a new version of it needs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.new = {
            "sdm.strategy": {"segment_id": cls.segment["B"].id},
            "sdm.playbook": {"name": "Ours"},
            "sdm.scheme.version": {"scheme_id": cls.env["sdm.scheme"].create({"name": "Ours", "method": "rules"}).id},
            "sdm.lead.routing": {"scheme_id": cls.scheme_in_force.id, "line_ids": []},
        }

    @staticmethod
    def told(version):
        return version.state, version.date_from, version.reason, version.approved_by_id.id


@tagged("post_install", "-at_install")
class TestGuarded(GuardedCase):
    def test_every_model_that_keeps_what_is_worked_out_is_guarded(self):
        """A model with such a field that some group may write is one of the mixin."""
        written = self.env["ir.model.access"].search(["|", ("perm_write", "=", True), ("perm_create", "=", True)])
        guarded = self.registry.descendants(["sdm.guarded.mixin"], "_inherit")
        for name in set(written.model_id.mapped("model")):
            Model = self.env[name]
            if not name.startswith("sdm.") or Model._transient or not Model._auto:
                continue
            derived = [key for key, field in Model._fields.items() if field.store and field.compute and field.readonly]
            with self.subTest(model=name):
                self.assertTrue(not derived or name in guarded, derived)

    def test_every_kind_of_decision_is_tried_here(self):
        kinds = self.registry.descendants(["sdm.decision.version"], "_inherit") - {"sdm.decision.version"}
        self.assertEqual({kind for kind in kinds if self.env[kind]._original_module == "sdm_segmentation"}, {*self.new})

    def test_no_decision_is_forged_by_a_default_in_the_context(self):
        context = {f"default_{name}": value for name, value in FORGED.items()}
        for model, values in self.new.items():
            with self.subTest(model=model):
                Version = self.env[model].with_user(self.director).with_context(**context)
                self.assertEqual(self.told(Version.create(dict(values))), PLAIN)
                # nor by an action that works with more rights for whoever sent the context
                self.assertEqual(Version.sudo().default_get(["state", "date_from"]), {"state": "draft"})

    def test_no_decision_is_forged_by_a_default_that_a_user_keeps(self):
        Default = self.env["ir.default"].with_user(self.director)
        for model, values in self.new.items():
            with self.subTest(model=model):
                for name, value in FORGED.items():
                    Default.set(model, name, value, user_id=True)
                version = self.env[model].with_user(self.director).create(dict(values))
                self.assertEqual(self.told(version), PLAIN)

    def test_no_decision_is_forged_by_values(self):
        for model, values in self.new.items():
            version = self.env[model].with_user(self.director).create(dict(values))
            for name, value in FORGED.items():
                with self.subTest(model=model, field=name):
                    with self.assertRaisesRegex(AccessError, "Put in force"), self.env.cr.savepoint():
                        version.write({name: value})
                    with self.assertRaisesRegex(AccessError, "Put in force"), self.env.cr.savepoint():
                        self.env[model].with_user(self.director).create({**values, name: value})
            self.assertEqual(self.told(version), PLAIN)

    def test_where_a_record_belongs_follows_from_what_it_is_of(self):
        """The company of an ownership opens it to others; it is its customer's owner's."""
        other = self.env["res.company"].create({"name": "Other"})
        owner = self.owned()
        with self.assertRaisesRegex(AccessError, "“Company” of “.*” is worked out"), self.env.cr.savepoint():
            owner.write({"company_id": other.id})
        self.assertEqual(owner.with_context(default_company_id=other.id).default_get(["company_id"]), {})
        self.assertEqual(owner.company_id, self.company)
        described = owner.fields_get(["company_id", "share"], ["readonly"])
        self.assertEqual(
            {name: field["readonly"] for name, field in described.items()}, {"company_id": True, "share": False}
        )

    def owned(self):
        seller = self.seller("Anna")
        return (
            self.env["sdm.ownership"]
            .create(
                {
                    "partner_id": self.one.id,
                    "employee_id": seller.employee_id.id,
                    "kind": "lead",
                    "share": 1,
                    "date_from": "2025-01-01",
                }
            )
            .with_user(self.director)
        )


@tagged("post_install", "-at_install")
class TestGuardedByRpc(RpcCase, GuardedCase):
    def test_no_decision_is_forged_over_the_wire(self):
        self.director.password = "director-password"
        self.authenticate(self.director.login, "director-password")
        context = {f"default_{name}": value for name, value in FORGED.items()}
        for model, values in self.new.items():
            with self.subTest(model=model):
                made, _error = self.call(model, "create", [values], context=context)
                version = self.env[model].browse(made)
                self.assertEqual(self.told(version), PLAIN)
                for name, value in FORGED.items():
                    _result, error = self.call(model, "write", made, {name: value})
                    self.assertEqual(error, "odoo.exceptions.AccessError", name)
                version.unlink()
