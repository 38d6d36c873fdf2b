from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_list, formatLang

from ...engine import lead_routing as engine
from .sdm_lead_routing import MEMBER, PREFERRED, TEAM

# Odoo's job takes leads of the last seven days, and nobody tells.
TAKEN_DAYS = 7


class SdmLeadRouting(models.Model):
    """What a routing would do with the leads of the last thirty days, before it is put in force."""

    _inherit = "sdm.lead.routing"

    preview = fields.Json("Numbers", readonly=True, copy=False, help="Of the last preview.")
    preview_html = fields.Html("Preview", compute="_compute_preview_html", sanitize=False)
    warning = fields.Text("To look at", compute="_compute_warning")

    def action_preview(self):
        """Route the leads of the last thirty days, change nothing, and show who would have got them."""
        self.ensure_one()
        self.check_access("write")
        self._check_ready()
        self._write_domains()
        self.preview = self._prepare_preview()
        return self._get_form_action()

    def _prepare_preview(self):
        """Numbers of a preview, ready for JSON."""
        routed = self.line_ids.member_ids.crm_team_id
        teams = self._get_teams().filtered(lambda team: not team.assignment_optout or team in routed)
        written = {(domain.kind, domain._get_record().id): domain.after or "" for domain in self.domain_ids}
        now = self._collect_rules(teams, {})
        then = self._collect_rules(teams, written)
        texts = list(dict.fromkeys([*now.values(), *then.values()]))
        rows = self._count_lots(texts)
        place = {text: number for number, text in enumerate(texts)}
        engine_teams = [self._prepare_engine_team(team) for team in teams]

        def judge(rules, count):
            lots = [
                engine.Lot(
                    counts[count],
                    segment=segment,
                    **{
                        name: frozenset(
                            key for (kind, key), text in rules.items() if kind == rule and flags[place[text]]
                        )
                        for name, rule in (("teams", TEAM), ("members", MEMBER), ("preferred", PREFERRED))
                    },
                )
                for segment, flags, *counts in rows
            ]
            return engine.route(engine_teams, lots)

        before, after, waiting = judge(now, 0), judge(then, 0), judge(then, 1)
        return {
            "leads": sum(row[2] for row in rows),
            "waiting": sum(row[3] for row in rows),
            "waiting_nobody": float(waiting.nobody),
            "too_old": sum(row[4] for row in rows) + self._count_older(),
            "is_off": not self.env["crm.lead"]._is_rule_based_assignment_activated(),
            "members": [
                {
                    "team": found.team,
                    "member": found.member,
                    "verdict": found.verdict,
                    "matched": found.matched,
                    "then": float(found.leads),
                    "now": float(earlier.leads),
                }
                for earlier, found in zip(before.expectations, after.expectations, strict=True)
            ],
            "segments": [
                {
                    "segment": segment,
                    "leads": sum(row[2] for row in rows if row[0] == segment),
                    "shares": [
                        {"team": share.team, "member": share.member, "leads": float(share.leads)}
                        for share in after.shares
                        if share.segment == segment
                    ],
                }
                for segment in dict.fromkeys(row[0] for row in rows)
            ],
            "overlaps": [list(overlap) for overlap in after.overlaps],
            "outside": [team.id for team in teams - routed if team.assignment_max],
            "no_team": after.no_team,
            "no_member": [[team, float(leads)] for team, leads in after.no_member.items()],
        }

    def _collect_rules(self, teams, written):
        """Rules of teams and members by kind and id, as text: those written by this routing or as they are.

        A preference counts where there is one.
        """
        rules = {}
        for team in teams:
            rules[TEAM, team.id] = written.get((TEAM, team.id), team.assignment_domain or "")
            for member in team.crm_team_member_ids:
                rules[MEMBER, member.id] = written.get((MEMBER, member.id), member.assignment_domain or "")
                preferred = written.get((PREFERRED, member.id), member.assignment_domain_preferred or "")
                if preferred and preferred != "[]":
                    rules[PREFERRED, member.id] = preferred
        return rules

    def _prepare_engine_team(self, team):
        return engine.Team(
            team.id,
            tuple(
                engine.Member(member.id, max(member.assignment_max, 0), member.assignment_optout)
                for member in team.crm_team_member_ids
            ),
            not team.assignment_optout,
        )

    def _count_lots(self, texts):
        """Leads of the last thirty days that meet the same rules, by one statement.

        :param texts: rules as text
        :return: list of (segment id, list of whether each rule holds, leads, those that wait, those too old)
        """
        leads = self.env["crm.lead"].sudo().with_context(active_test=False)
        now = fields.Datetime.now()
        companies = self.perimeter_id.sudo()._get_companies()
        query = leads._search(
            Domain("create_date", ">", now - timedelta(days=engine.DAYS))
            & Domain("company_id", "in", [*companies.ids, False])
        )
        rules = [
            SQL("(%s) IS TRUE", self._parse(self, text).optimize_full(leads)._to_sql(leads, query.table, query))
            for text in texts
        ]
        waits = self._get_domain_waiting().optimize_full(leads)._to_sql(leads, query.table, query)
        fresh = Domain("create_date", ">", now - timedelta(days=TAKEN_DAYS)).optimize_full(leads)
        rows = query.select(
            SQL("%s AS segment", leads._field_to_sql(query.table, "sdm_segment_id", query)),
            SQL("ARRAY[%s]::boolean[] AS flags", SQL(", ").join(rules)),
            SQL("(%s) IS TRUE AS waits", waits),
            SQL("(%s) IS TRUE AS is_fresh", fresh._to_sql(leads, query.table, query)),
        )
        return self.env.execute_query(
            SQL(
                """SELECT segment, flags, COUNT(*), COUNT(*) FILTER (WHERE waits AND is_fresh),
                          COUNT(*) FILTER (WHERE waits AND NOT is_fresh)
                     FROM (%s) lead GROUP BY segment, flags ORDER BY segment""",
                rows,
            )
        )

    def _count_older(self):
        """Leads of before the thirty days that still wait."""
        day = fields.Datetime.now() - timedelta(days=engine.DAYS)
        companies = self.perimeter_id.sudo()._get_companies()
        return (
            self.env["crm.lead"]
            .sudo()
            .search_count(
                self._get_domain_waiting()
                & Domain("create_date", "<=", day)
                & Domain("company_id", "in", [*companies.ids, False])
            )
        )

    @api.model
    def _get_domain_waiting(self):
        """Leads that Odoo's assignment may take, whatever their age."""
        return (
            Domain("team_id", "=", False)
            & Domain("user_id", "=", False)
            & Domain("won_status", "!=", "won")
            & Domain("active", "=", True)
        )

    # -- what changed since -------------------------------------------------------------------------------------------

    @api.depends("state", "domain_ids", "scheme_id.is_primary")
    def _compute_warning(self):
        for routing in self:
            routing.warning = "\n".join(routing._tell_changes()) if routing.state == "in_force" else False

    def _tell_changes(self):
        """What is not as it was when the routing was put in force, a sentence each."""
        told = []
        if not self.scheme_id.is_primary:
            told.append(
                self.env._(
                    "“%(scheme)s” is not the primary scheme any more: leads have other segments, and nobody gets them.",
                    scheme=self.scheme_id.name,
                )
            )
        rules = self.sudo().domain_ids
        changed = rules.filtered(lambda rule: not rule._is_as_written())
        if changed:
            told.append(
                self.env._(
                    "Rules changed by hand since: %(records)s.",
                    records=format_list(self.env, [rule._get_record().display_name for rule in changed]),
                )
            )
        new = rules.team_id.filtered("active").crm_team_member_ids - rules.member_id
        if new:
            told.append(
                self.env._(
                    "Joined a team since, and get leads of all segments: %(people)s. Press “Change” and put them in.",
                    people=format_list(self.env, new.user_id.mapped("name")),
                )
            )
        return told

    # -- words --------------------------------------------------------------------------------------------------------

    @api.depends("preview")
    @api.depends_context("lang")
    def _compute_preview_html(self):
        for routing in self:
            values = routing.sudo()._tell_preview() if routing.preview else False
            routing.preview_html = values and self.env["ir.qweb"]._render(
                "sdm_segmentation.sdm_lead_routing_preview", values
            )

    def _tell_preview(self):
        """What the preview shows, in words of the reader's language.

        :return: dict for the template
        """
        preview = self.preview
        members = self.env["crm.team.member"].with_context(active_test=False)
        people = {row["member"]: members.browse(row["member"]).exists() for row in preview["members"]}
        teams = {
            team.id: team.name
            for team in self.env["crm.team"]
            .with_context(active_test=False)
            .browse(
                {row["team"] for row in preview["members"]} | {pair for row in preview["overlaps"] for pair in row[:2]}
            )
            .exists()
        }
        segments = {
            segment.id: segment.name
            for segment in self.env["sdm.segment"].browse(row["segment"] for row in preview["segments"]).exists()
        }

        def tell(share):
            if not share["team"]:
                return self.env._("no team: %(leads)s", leads=self._tell_leads(share["leads"]))
            if not share["member"]:
                return self.env._(
                    "%(team)s, nobody there: %(leads)s",
                    team=teams.get(share["team"], ""),
                    leads=self._tell_leads(share["leads"]),
                )
            name = people[share["member"]].user_id.name or ""
            return f"{name} ({teams.get(share['team'], '')}): {self._tell_leads(share['leads'])}"

        return {
            "warnings": self._tell_warnings(preview, teams),
            "segments": [
                {
                    "name": segments.get(row["segment"]) or self.env._("Unclassified"),
                    "leads": row["leads"],
                    "shares": [
                        (tell(share), not share["member"])
                        for share in sorted(row["shares"], key=lambda share: (not share["member"], -share["leads"]))
                    ],
                }
                for row in preview["segments"]
            ],
            "members": [
                {
                    "team": teams.get(row["team"], ""),
                    "name": people[row["member"]].user_id.name or "",
                    "capacity": people[row["member"]].assignment_max,
                    "now": self._tell_leads(row["now"]),
                    "then": self._tell_leads(row["then"]),
                    "remark": self._tell_verdict(row),
                    "is_fine": row["verdict"] == engine.FINE,
                }
                for row in sorted(
                    preview["members"],
                    key=lambda row: (teams.get(row["team"], ""), people[row["member"]].user_id.name or ""),
                )
                if people[row["member"]]
            ],
            "leads": preview["leads"],
        }

    def _tell_leads(self, number):
        """Leads on the average: a whole number, or one digit where it is small."""
        return formatLang(self.env, number, digits=0 if number == int(number) or number >= 10 else 1)

    def _tell_verdict(self, row):
        """Why a member gets no lead, or too many."""
        words = {
            engine.FINE: "",
            engine.TEAM_OUT: self.env._("Never: the team is left out of the assignment or has no capacity."),
            engine.PAUSED: self.env._("Never: paused. The team still draws leads for this capacity."),
            engine.NO_QUOTA: self.env._("Never: a capacity below 15 a month is no lead a day. Enter 15 or more."),
            engine.NO_MATCH: self.env._("None of these leads fits the rules of the team and the member."),
            engine.OVERLOADED: self.env._("More than the capacity: leads will wait."),
        }
        return words[row["verdict"]]

    def _tell_warnings(self, preview, teams):
        """What the director should know before deciding, a sentence each."""
        told = []
        if preview["is_off"]:
            told.append(
                self.env._(
                    "Odoo's assignment by rules is switched off: turn on “Rule-Based Assignment” in the settings of "
                    "CRM."
                )
            )
        for *pair, leads in preview["overlaps"]:
            one, other = sorted(teams.get(team, "") for team in pair)
            told.append(
                self.env._(
                    "“%(one)s” and “%(other)s” take the same leads: %(leads)s. Chance decides between them, by "
                    "capacity.",
                    one=one,
                    other=other,
                    leads=leads,
                )
            )
        outside = {team for overlap in preview["overlaps"] for team in overlap[:2]}.intersection(preview["outside"])
        if outside:
            told.append(
                self.env._(
                    "In no line, yet taking leads of routed segments: %(teams)s. Give their people a line, or leave "
                    "the team out of the assignment.",
                    teams=format_list(self.env, sorted(teams.get(team, "") for team in outside)),
                )
            )
        if preview["no_team"]:
            told.append(self.env._("No team takes %(leads)s leads.", leads=preview["no_team"]))
        for team, leads in preview["no_member"]:
            told.append(
                self.env._(
                    "“%(team)s” takes %(leads)s leads that nobody in it gets.",
                    team=teams.get(team, ""),
                    leads=self._tell_leads(leads),
                )
            )
        if preview["too_old"]:
            told.append(
                self.env._(
                    "%(leads)s leads wait for more than %(days)s days. Odoo's job leaves them: assign them by hand.",
                    leads=preview["too_old"],
                    days=TAKEN_DAYS,
                )
            )
        return told
