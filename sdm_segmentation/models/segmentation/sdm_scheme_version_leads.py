from dataclasses import dataclass

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL, format_list

IDEAL_CLIENT, RULES = "ideal_client", "rules"


@dataclass(frozen=True)
class LeadRule:
    """A class as leads come into it.

    :param position: of the class, from 1; :param holds: leads for which the rule surely holds
    :param may_hold: leads for which it holds or cannot be answered
    :param missing: names of the customer's fields that a lead does not have
    """

    position: int
    holds: Domain
    may_hold: Domain
    missing: tuple = ()


class SdmSchemeVersion(models.Model):
    """Classes of leads that have no customer: by their own fields.

    A class takes the leads of its own rule for leads; without one, a scheme by rules asks the rule for customers of the
    lead's fields that mean the same, and the ideal client is scored by them. Schemes by sales say nothing of leads.
    Oracle: ``engine.segmentation.rules.decide``.
    """

    _inherit = "sdm.scheme.version"

    def _judges_leads(self):
        """Whether any lead can have a class."""
        self.ensure_one()
        return self.method in (IDEAL_CLIENT, RULES) or any(self.line_ids.mapped("lead_domain"))

    def _get_lead_rules(self):
        """The rules for leads in the order of the classes; a class that leads cannot come into has none."""
        self.ensure_one()
        rules = []
        for position, line in enumerate(self._get_lines(), start=1):
            name = line.segment_id.name
            if line.lead_domain:
                domain = self._parse_domain(line.lead_domain, name, "crm.lead")
                rules.append(LeadRule(position, domain, domain))
            elif self.method == RULES and line._holds_without_sales():
                rules.append(LeadRule(position, *self._translate_to_leads(line.domain, name)))
        return rules

    def _translate_to_leads(self, text, label):
        """A filter of customers as one of leads.

        :param text: as the editor keeps it; :param label: name of the field, for the message
        :return: tuple (Domain where it surely holds, Domain where it holds or cannot be answered, missing fields)
        """
        partners = self.env["res.partner"].sudo()
        # negations are pushed to the conditions, so that an open condition is open in both directions
        domain = self._parse_domain(text, label).optimize(partners)
        missing = []

        def translate(unknown):
            def map_condition(condition):
                found = self._translate_condition(condition)
                if found is None:
                    missing.append(partners._fields[condition.field_expr.split(".")[0]]._description_string(self.env))
                return unknown if found is None else found

            return map_condition

        holds = domain.map_conditions(translate(Domain.FALSE))
        may_hold = domain.map_conditions(translate(Domain.TRUE))
        return holds, may_hold, tuple(dict.fromkeys(missing))

    def _translate_condition(self, condition):
        """A condition on a customer as one on a lead, None where leads have nothing of the kind."""
        Lead = self.env["crm.lead"]
        if condition.field_expr == "is_company" and condition.operator in ("in", "not in"):
            wants = (True in condition.value) == (condition.operator == "in")
            return Domain("partner_name", "!=" if wants else "=", False)
        field = Lead._get_sdm_field_of_customer(condition.field_expr)
        return Domain(field.name, condition.operator, condition.value) if field else None

    def _query_lead_classes(self):
        """SQL of rows (id, position, details) of the leads without a customer that have a class, or would have one if a
        rule could be answered; position is NULL for these.
        """
        self.ensure_one()
        leads = self.env["crm.lead"].sudo().with_context(active_test=False)
        domain = Domain("partner_id", "=", False) & Domain("company_id", "in", [*self._get_companies().ids, False])
        # a lead is left out where the scheme surely does not judge it
        domain &= self._translate_to_leads(self.scope_domain, self._fields["scope_domain"].string)[1]
        query = leads._search(domain)

        def to_sql(rule):
            return rule.optimize_full(leads)._to_sql(leads, query.table, query)

        whens = []
        for rule in self._get_lead_rules():
            whens.append(SQL("WHEN %s THEN %s", to_sql(rule.holds), rule.position))
            if rule.missing:
                whens.append(SQL("WHEN %s THEN %s", to_sql(rule.may_hold), -rule.position))
        rule = SQL("CASE %s END", SQL(" ").join(whens)) if whens else SQL("NULL::int")
        judged = query.select(SQL("%s AS id", SQL.identifier(query.table, "id")), SQL("%s AS rule", rule))
        scores = SQL("SELECT NULL::int AS unit, NULL::int AS position, NULL::jsonb AS details WHERE FALSE")
        if self.method == IDEAL_CLIENT:
            nothing_sold = SQL("SELECT NULL::int AS unit, NULL::numeric AS amount, NULL::int AS orders WHERE FALSE")
            scores = self._query_scores(
                leads, query, nothing_sold, lambda criterion: leads._get_sdm_field_of_customer(criterion.source)
            )
        return SQL(
            """SELECT id, CASE WHEN rule > 0 THEN rule ELSE score.position END AS position,
                      CASE WHEN rule > 0 THEN jsonb_build_object('rule', rule)
                           WHEN rule < 0 THEN jsonb_build_object('open', -rule)
                           ELSE score.details END AS details
                 FROM (%s) judged LEFT JOIN (%s) score ON score.unit = judged.id
                WHERE rule IS NOT NULL OR score.position IS NOT NULL""",
            judged,
            scores,
        )

    def _count_leads(self):
        """How many leads without a customer would come into which class.

        :return: list of (position, leads); None for those of which a rule asks what leads do not have
        """
        self.ensure_one()
        if not self._judges_leads():
            return []
        return self.env.execute_query(
            SQL("SELECT position, COUNT(*) FROM (%s) classed GROUP BY position", self._query_lead_classes())
        )

    def _explain_lead(self, lead):
        """Explain the class of a lead without a customer.

        :param lead: crm.lead that was judged by this version
        :return: tuple (sentence, list of (label, text))
        """
        self.ensure_one()
        details, segment = lead.sdm_segment_details or {}, lead.sdm_own_segment_id
        if "open" in details:
            return self._explain_open_rule(details["open"])
        if not segment:
            return self._explain_unclassified_lead(), []
        if "score" in details:
            seen = self.env["sdm.segment.membership"].new({"computed_segment_id": segment.id})
            sentence, rows = self._explain_ideal_client(seen, details)
        else:
            line = self._get_lines().filtered(lambda line: line.segment_id == segment)
            sentence = self.env._(
                "%(name)s: rule %(number)s is the first that holds for what is entered on the lead.",
                name=segment.name,
                number=details["rule"],
            )
            rows = [(self.env._("Rule"), line.lead_domain or line.domain or "")]
        return sentence, [*rows, (self.env._("Version"), self.display_name)]

    def _explain_open_rule(self, position):
        rule = next((rule for rule in self._get_lead_rules() if rule.position == position), None)
        return (
            self.env._(
                "Unclassified: rule %(number)s, “%(segment)s”, asks for what a lead does not have: %(fields)s. Choose "
                "the customer of the lead, or give the class a rule for leads.",
                number=position,
                segment=self._get_lines()[position - 1 : position].segment_id.name or "",
                fields=format_list(self.env, rule.missing) if rule else "",
            ),
            [(self.env._("Version"), self.display_name)],
        )

    def _explain_unclassified_lead(self):
        if not self._judges_leads():
            return self.env._(
                "Unclassified: “%(scheme)s” tells customers apart by what they bought, and this lead has no customer. "
                "Choose one, or give the classes of the scheme rules for leads.",
                scheme=self.scheme_id.name,
            )
        return self.env._(
            "Unclassified: what is entered on the lead fits no class of “%(scheme)s”.", scheme=self.scheme_id.name
        )
