"""Leads of a segment go to its people through Odoo's own assignment: proposed, seen, written, carried out, undone."""

from ast import literal_eval

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, new_test_user, tagged

from ..hooks import uninstall_hook
from .common import AS_OF, GROUPS, RpcCase
from .test_lead_segment import LeadCase


class RoutingCase(LeadCase):
    """Leads of here and of there; Anna and Boris in North, Vera in South."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # only what is made here takes part
        cls.env["crm.team"].search([("active", "=", True)]).assignment_optout = True
        cls.env["ir.config_parameter"].set_param("crm.lead.auto.assignment", True)
        cls.anna, cls.boris, cls.vera = (cls.seller(name) for name in ("Anna", "Boris", "Vera"))
        cls.north, cls.south = cls.env["crm.team"].create(
            [{"name": name, "company_id": cls.company.id, "use_leads": True} for name in ("North", "South")]
        )
        cls.member = {
            user: cls.env["crm.team.member"].create(
                {"user_id": user.id, "crm_team_id": team.id, "assignment_max": capacity}
            )
            for user, team, capacity in (
                (cls.anna, cls.north, 60),
                (cls.boris, cls.north, 60),
                (cls.vera, cls.south, 30),
            )
        }
        cls.scheme_in_force = cls.rules(
            ("Here", f"[('country_id', '=', {cls.here.id})]", None),
            ("There", f"[('country_id', '=', {cls.there.id})]", None),
        )
        cls.segment = {segment.name: segment for segment in cls.scheme_in_force.segment_ids}
        cls.director = cls.persona("director")

    @classmethod
    def routing(cls, people=None, **values):
        """A draft.

        :param people: {name of the segment or None: users}
        """
        lines = [
            Command.create(
                {
                    "segment_id": cls.segment[name].id if name else False,
                    "member_ids": [Command.set([cls.member[user].id for user in users])],
                    "is_shared": name in values.get("shared", ()),
                }
            )
            for name, users in (people or {}).items()
        ]
        values.pop("shared", None)
        return cls.env["sdm.lead.routing"].create({"perimeter_id": cls.perimeter.id, "line_ids": lines, **values})

    @classmethod
    def follow(cls, routing):
        routing._put_in_force(AS_OF, "They waited for days")
        return routing

    def rule(self, record, field="assignment_domain"):
        return literal_eval(record[field] or "[]")

    def on_segments(self, *names):
        """The rule for segments; None is no segment."""
        ids = sorted(self.segment[name].id for name in names if name)
        return [("sdm_segment_id", "in", [*ids, *([False] if None in names else [])])]

    def leads(self, count=1, **values):
        leads = self.env["crm.lead"].concat(*(self.lead(f"Lead {number}", **values) for number in range(count)))
        self.env["crm.lead"]._classify_sdm()
        return leads

    def assign(self):
        (self.north | self.south)._action_assign_leads()


@tagged("post_install", "-at_install")
class TestLeadRouting(RoutingCase):
    def test_what_is_written(self):
        self.follow(self.routing({"Here": [self.anna], "There": [self.vera], None: [self.vera]}))
        self.assertEqual(self.rule(self.north), self.on_segments("Here"))
        self.assertEqual(self.rule(self.south), self.on_segments("There", None))
        self.assertEqual(self.rule(self.member[self.anna]), self.on_segments("Here"))
        self.assertEqual(self.rule(self.member[self.vera]), self.on_segments("There", None))
        # in the team and in no line: gets nothing, instead of everything
        self.assertEqual(self.rule(self.member[self.boris]), [("sdm_segment_id", "in", [])])

    def test_odoo_hands_leads_out_so(self):
        here, there, other = (
            self.leads(2, country_id=self.here.id),
            self.leads(1, country_id=self.there.id),
            self.leads(1),
        )
        self.follow(self.routing({"Here": [self.anna], "There": [self.vera]}))
        self.assign()
        self.assertEqual((here.user_id, here.team_id), (self.anna, self.north))
        self.assertEqual((there.user_id, there.team_id), (self.vera, self.south))
        self.assertFalse(other.user_id or other.team_id)

    def test_leads_that_came_since_the_night_are_classed_before_they_are_assigned(self):
        self.follow(self.routing({"Here": [self.anna], "There": [self.vera]}))
        lead = self.lead("New", country_id=self.here.id)
        self.assertFalse(lead.sdm_segment_id)
        self.assign()
        self.assertEqual(lead.user_id, self.anna)

    def test_a_sales_manager_outside_of_sales_drive_may_assign(self):
        self.follow(self.routing({"Here": [self.anna]}))
        lead = self.leads(1, country_id=self.here.id)
        manager = new_test_user(
            self.env,
            "sdm_assigning_manager",
            "sales_team.group_sale_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.north.with_user(manager).action_assign_leads()
        self.assertEqual(lead.user_id, self.anna)

    def test_who_comes_first_and_who_helps(self):
        # Anna may take two a day, then Boris helps
        self.follow(self.routing({"Here": [self.anna], "There": [self.vera]}, shared=("Here",)))
        self.assertEqual(self.rule(self.member[self.boris]), self.on_segments("Here"))
        preferred = "assignment_domain_preferred"
        self.assertEqual(self.rule(self.member[self.anna], preferred), self.on_segments("Here"))
        self.assertFalse(self.member[self.boris][preferred])
        leads = self.leads(3, country_id=self.here.id)
        self.assign()
        self.assertEqual(sorted(lead.user_id.name for lead in leads), ["Anna", "Anna", "Boris"])

    def test_what_teams_asked_before_is_kept_or_not(self):
        self.north.assignment_domain = "['|', ('city', '=', 'Ghent'), ('city', '=', 'Bruges')]"
        routing = self.routing({"Here": [self.anna], "There": [self.vera]})
        self.follow(routing)
        kept = ["&", "|", ("city", "=", "Ghent"), ("city", "=", "Bruges"), *self.on_segments("Here")]
        self.assertEqual(self.rule(self.north), kept)
        ghent, liege = self.leads(1, country_id=self.here.id, city="Ghent"), self.leads(1, country_id=self.here.id)
        self.assign()
        self.assertEqual((ghent.user_id, liege.user_id), (self.anna, self.env["res.users"]))
        routing.action_undo()
        self.follow(self.routing({"Here": [self.anna]}, keeps_domains=False))
        self.assertEqual(self.rule(self.north), self.on_segments("Here"))

    def test_undo_restores_what_was_there(self):
        self.north.assignment_domain = "[('city', '=', 'Ghent')]"
        self.member[self.anna].assignment_domain_preferred = "[('priority', '=', '3')]"
        before = self.state_of_rules()
        routing = self.follow(self.routing({"Here": [self.anna], "There": [self.vera]}, shared=("Here",)))
        self.assertNotEqual(self.state_of_rules(), before)
        routing.with_user(self.director).action_undo()
        self.assertEqual(self.state_of_rules(), before)
        self.assertEqual((routing.state, routing.date_to), ("replaced", AS_OF))
        with self.assertRaisesRegex(UserError, "Only the routing in force"):
            routing.action_undo()

    def state_of_rules(self):
        members = self.env["crm.team.member"].union(*self.member.values())
        return {
            **{team: team.assignment_domain for team in self.north | self.south},
            **{member: (member.assignment_domain, member.assignment_domain_preferred) for member in members},
        }

    def test_the_next_version_starts_from_what_teams_asked_and_undo_goes_back_one_version(self):
        self.north.assignment_domain = "[('city', '=', 'Ghent')]"
        before = self.state_of_rules()
        first = self.follow(self.routing({"Here": [self.anna], "There": [self.vera]}))
        middle = self.state_of_rules()
        action = first.action_change()
        second = self.env["sdm.lead.routing"].browse(action["res_id"])
        self.assertEqual((second.number, second.line_ids.mapped("segment_id.name")), (2, ["Here", "There"]))
        # There goes to Boris now, so South is in no line any more
        second.line_ids[1].member_ids = self.member[self.boris]
        self.follow(second)
        self.assertEqual(first.state, "replaced")
        self.assertEqual(self.rule(self.north), ["&", ("city", "=", "Ghent"), *self.on_segments("Here", "There")])
        self.assertFalse(self.south.assignment_domain)
        second.action_undo()
        self.assertEqual(self.state_of_rules(), middle)
        self.assertEqual((first.state, first.date_to, second.state), ("in_force", False, "replaced"))
        first.action_undo()
        self.assertEqual(self.state_of_rules(), before)

    def test_undo_leaves_what_was_changed_by_hand_and_says_so(self):
        routing = self.follow(self.routing({"Here": [self.anna]}))
        self.north.assignment_domain = "[('city', '=', 'Omsk')]"
        self.assertEqual(routing.warning, "Rules changed by hand since: North.")
        action = routing.action_undo()
        self.assertIn("North", action["params"]["message"])
        self.assertEqual(self.north.assignment_domain, "[('city', '=', 'Omsk')]")
        self.assertFalse(self.member[self.anna].assignment_domain)

    def test_what_is_no_longer_as_it_was_is_told(self):
        routing = self.follow(self.routing({"Here": [self.anna]}))
        self.assertFalse(routing.warning)
        gleb = self.seller("Gleb")
        self.env["crm.team.member"].create({"user_id": gleb.id, "crm_team_id": self.north.id})
        self.scheme_in_force.is_primary = False
        routing.invalidate_recordset(["warning"])
        self.assertEqual(
            routing.warning.splitlines(),
            [
                "“Own” is not the primary scheme any more: leads have other segments, and nobody gets them.",
                "Joined a team since, and get leads of all segments: Gleb. Press “Change” and put them in.",
            ],
        )

    def test_uninstalling_takes_the_rules_away(self):
        before = self.state_of_rules()
        first = self.follow(self.routing({"Here": [self.anna]}))
        second = self.env["sdm.lead.routing"].browse(first.action_change()["res_id"])
        self.follow(second)
        self.env["sdm.lead.routing"]._undo_all()
        self.assertEqual(self.state_of_rules(), before)
        self.assertIn("_undo_all", uninstall_hook.__code__.co_names)

    def test_a_rule_that_cannot_be_read_names_its_team(self):
        self.env.flush_all()
        self.env.cr.execute("UPDATE crm_team SET assignment_domain = '[(broken' WHERE id = %s", [self.north.id])
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "“North” cannot be read"):
            self.routing({"Here": [self.anna]}).action_preview()

    def test_nothing_to_route(self):
        with self.assertRaisesRegex(UserError, "Nobody gets leads yet"):
            self.routing({"Here": []}).action_put_in_force()
        draft = self.env["sdm.lead.routing"].search([("state", "=", "draft"), ("perimeter_id", "=", self.perimeter.id)])
        draft.line_ids[0].member_ids = self.member[self.anna]
        self.scheme_in_force.is_primary = False
        with self.assertRaisesRegex(UserError, "“Own” is not the primary scheme any more"):
            draft.action_put_in_force()


@tagged("post_install", "-at_install")
class TestLeadRoutingProposal(RoutingCase):
    def strategy(self, segment, **values):
        strategy = self.env["sdm.strategy"].create(
            {"segment_id": self.segment[segment].id, "goal": "win", "offer": "A call today", **values}
        )
        strategy._put_in_force(AS_OF, "They decide in a day")

    def test_strategies_and_playbooks_propose_the_people(self):
        job = self.env["hr.job"].create({"name": "Key account manager", "company_id": self.company.id})
        self.anna.employee_id.job_id = job
        self.strategy("Here", job_id=job.id, user_id=self.director.id)
        self.env["sdm.playbook"].create(
            {
                "name": "Calls",
                "perimeter_id": self.perimeter.id,
                "segment_ids": [Command.set(self.segment["There"].ids)],
                "leader": "inside",
                "inside_user_id": self.vera.id,
            }
        ).sudo().state = "in_force"
        form = Form(self.env["sdm.lead.routing"].with_user(self.director))
        routing = form.save()
        self.assertEqual(
            [(line.segment_id.name, line.member_ids.user_id.mapped("name"), line.basis) for line in routing.line_ids],
            [
                ("Here", ["Anna"], "Role of the strategy: Key account manager"),
                ("There", ["Vera"], "Inside seller of the playbook"),
                (False, ["Anna", "Vera"], "Everybody above, until more is known"),
            ],
        )

    def test_a_leader_who_is_in_no_team_is_named_and_a_segment_without_strategy_too(self):
        self.strategy("Here", user_id=self.director.id)
        lines = self.env["sdm.lead.routing"]._propose_lines(self.scheme_in_force)
        self.assertEqual(
            [line["basis"] for line in lines],
            [
                "Leads the strategy: in no sales team that takes leads. Add them to one.",
                "No strategy or playbook says who leads. Choose.",
                False,
            ],
        )

    def test_proposed_anew(self):
        routing = self.routing({"Here": [self.vera]}).with_user(self.director)
        self.strategy("Here", user_id=self.anna.id)
        routing.action_propose()
        self.assertEqual(routing.line_ids[0].member_ids.user_id, self.anna)


@tagged("post_install", "-at_install")
class TestLeadRoutingPreview(RoutingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # leads carry the real time of the database: look at them as if it were today
        cls.env["crm.lead"].with_context(active_test=False).search([("id", "!=", 0)]).write({"company_id": False})
        cls.env["crm.lead"].with_context(active_test=False).search([("id", "!=", 0)]).unlink()

    def at(self, day, leads):
        self.env.flush_all()
        for lead in leads:
            self.entered(lead, day)

    def look(self, routing):
        routing.action_preview()
        return routing.preview

    def told(self, routing):
        return routing.sudo()._tell_preview()

    def test_nothing_came(self):
        routing = self.routing({"Here": [self.anna]})
        self.assertEqual(self.look(routing)["leads"], 0)
        self.assertIn("No lead came in the last 30 days", routing.preview_html)

    def test_who_would_get_what(self):
        # 60 and 60 of Anna and Boris, 30 of Vera
        self.at("2025-06-25", self.leads(4, country_id=self.here.id) | self.leads(3, country_id=self.there.id))
        self.at("2025-06-10", self.leads(2))
        routing = self.routing({"Here": [self.anna, self.boris], "There": [self.vera]})
        preview = self.look(routing)
        self.assertEqual((preview["leads"], preview["waiting"], preview["too_old"]), (9, 7, 2))
        # by today's rules both teams take all nine: four fifths to North, in halves
        self.assertEqual(
            [
                (row["name"], row["capacity"], row["now"], row["then"], row["remark"])
                for row in self.told(routing)["members"]
            ],
            [("Anna", 60, "3.6", "2", ""), ("Boris", 60, "3.6", "2", ""), ("Vera", 30, "1.8", "3", "")],
        )
        self.assertEqual(
            {
                row["name"]: (row["leads"], [text for text, _nobody in row["shares"]])
                for row in self.told(routing)["segments"]
            },
            {
                "Here": (4, ["Anna (North): 2", "Boris (North): 2"]),
                "There": (3, ["Vera (South): 3"]),
                "Unclassified": (2, ["no team: 2"]),
            },
        )
        self.assertEqual(
            self.told(routing)["warnings"],
            [
                "No team takes 2 leads.",
                "2 leads wait for more than 7 days. Odoo's job leaves them: assign them by hand.",
            ],
        )
        # nothing is written by looking
        self.assertFalse(self.north.assignment_domain)

    def test_who_would_never_get_a_lead(self):
        self.at("2025-06-25", self.leads(4, country_id=self.here.id))
        self.member[self.anna].assignment_max = 14
        self.member[self.boris].assignment_optout = True
        self.env["ir.config_parameter"].set_param("crm.lead.auto.assignment", False)
        routing = self.routing({"Here": [self.anna, self.boris], "There": [self.vera]})
        self.look(routing)
        told = self.told(routing)
        self.assertEqual(
            [row["remark"] for row in told["members"]],
            [
                "Never: a capacity below 15 a month is no lead a day. Enter 15 or more.",
                "Never: paused. The team still draws leads for this capacity.",
                "None of these leads fits the rules of the team and the member.",
            ],
        )
        self.assertEqual(
            told["warnings"],
            [
                "Odoo's assignment by rules is switched off: turn on “Rule-Based Assignment” in the settings of CRM.",
                "“North” takes 4 leads that nobody in it gets.",
            ],
        )

    def test_teams_that_take_the_same_leads(self):
        self.at("2025-06-25", self.leads(6, country_id=self.here.id))
        routing = self.routing({"Here": [self.anna, self.vera]})
        self.look(routing)
        # 120 of 150 of the capacity is North's, where Boris is in no line
        self.assertEqual([row["then"] for row in self.told(routing)["members"]], ["4.8", "0", "1.2"])
        self.assertEqual(
            self.told(routing)["warnings"],
            ["“North” and “South” take the same leads: 6. Chance decides between them, by capacity."],
        )

    def test_a_team_in_no_line_takes_leads_of_all_segments(self):
        self.at("2025-06-25", self.leads(5, country_id=self.here.id))
        routing = self.routing({"Here": [self.anna]})
        self.look(routing)
        self.assertEqual(
            self.told(routing)["warnings"],
            [
                "“North” and “South” take the same leads: 5. Chance decides between them, by capacity.",
                "In no line, yet taking leads of routed segments: South. Give their people a line, or leave the team "
                "out of the assignment.",
            ],
        )

    def test_the_number_of_queries_does_not_grow_with_people_and_leads(self):
        routing = self.routing({"Here": [self.anna], "There": [self.vera]})
        self.at("2025-06-25", self.leads(2, country_id=self.here.id))

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            routing._prepare_preview()
            return self.env.cr.sql_log_count - before

        count()  # what Odoo looks up once
        few = count()
        self.at("2025-06-25", self.leads(20, country_id=self.there.id))
        for number in range(6):
            user = self.seller(f"More {number}")
            self.env["crm.team.member"].create({"user_id": user.id, "crm_team_id": self.south.id})
        count()  # what Odoo looks up once
        self.assertLessEqual(count(), few)


@tagged("post_install", "-at_install")
class TestLeadRoutingAccess(RpcCase, RoutingCase):
    def test_the_director_decides_and_heads_see(self):
        routing = self.routing({"Here": [self.anna]})
        by_director = routing.with_user(self.director)
        by_director.action_preview()
        wizard = self.env["sdm.lead.routing.put.in.force"].with_user(self.director)
        wizard = wizard.create({"routing_id": routing.id, "reason": "They waited for days"})
        self.assertEqual(wizard.user_ids, self.anna)
        wizard.action_apply()
        self.assertEqual((routing.state, routing.approved_by_id), ("in_force", self.director))
        self.assertEqual(self.rule(self.north), self.on_segments("Here"))
        self.assertIn(self.anna.partner_id, routing.message_ids.partner_ids)
        with self.assertRaisesRegex(UserError, "Press “Change”"):
            by_director.line_ids.member_ids = False
        with self.assertRaisesRegex(UserError, "Press “Undo” first"):
            routing.unlink()
        for name in ("head", "auditor"):
            seen = routing.with_user(self.persona(name))
            self.assertEqual(seen.line_ids.mapped("segment_id.name"), ["Here"], name)
            self.assertTrue(seen.preview_html, name)
            self.assertTrue(seen.domain_ids.mapped("after"), name)
            for act in ("action_undo", "action_preview", "action_propose", "action_put_in_force", "unlink"):
                with self.assertRaises(AccessError, msg=(name, act)):
                    getattr(seen, act)()

    def test_over_the_wire(self):
        routing = self.follow(self.routing({"Here": [self.anna]}))
        people = {
            "sdm_wire_seller": GROUPS["seller"],
            "sdm_wire_head": GROUPS["head"],
        }
        for login, groups in people.items():
            new_test_user(
                self.env,
                login,
                groups,
                company_id=self.company.id,
                company_ids=[Command.set(self.company.ids)],
                password=f"{login}_password",
            )
        for login in people:
            self.authenticate(login, f"{login}_password")
            for model, method, *arguments in (
                ("sdm.lead.routing", "action_undo", routing.ids),
                ("sdm.lead.routing", "write", routing.ids, {"state": "draft"}),
                ("sdm.lead.routing", "create", [{"keeps_domains": False}]),
                ("sdm.lead.routing.line", "write", routing.line_ids.ids, {"is_shared": True}),
                ("sdm.lead.routing.domain", "write", routing.domain_ids.ids, {"before": "[]"}),
                ("sdm.lead.routing.domain", "create", [{"routing_id": routing.id}]),
                ("sdm.lead.routing.put.in.force", "create", [{"routing_id": routing.id, "reason": "x"}]),
            ):
                _result, error = self.call(model, method, *arguments)
                self.assertEqual(error, "odoo.exceptions.AccessError", (login, model, method))
        self.authenticate("sdm_wire_seller", "sdm_wire_seller_password")
        _result, error = self.call("sdm.lead.routing", "search_read", [])
        self.assertEqual(error, "odoo.exceptions.AccessError")

    def test_another_perimeter_is_not_seen(self):
        sister = self.env["res.company"].create({"name": "Sister"})
        perimeter = self.env["sdm.perimeter"].create({"name": "Other", "company_ids": [Command.set(sister.ids)]})
        routing = self.env["sdm.lead.routing"].create({"perimeter_id": perimeter.id, "line_ids": False})
        self.assertNotIn(routing, self.env["sdm.lead.routing"].with_user(self.director).search([("id", "!=", 0)]))
        with freeze_time(AS_OF), self.assertRaises(AccessError):
            routing.with_user(self.director).action_propose()
