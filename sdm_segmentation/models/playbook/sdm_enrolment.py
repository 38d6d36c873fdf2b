from datetime import datetime, time

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ...engine import calendar
from ...engine import enrolment as engine

BATCH = 200
# how a contact or a way through steps ended
RESULTS = [
    (engine.CONNECTED, "Reached"),
    (engine.NO_RESPONSE, "No answer"),
    (engine.CONTACT_LATER, "Later"),
    (engine.NOT_INTERESTED, "Not interested"),
    (engine.BAD_DATA, "Wrong data"),
    (engine.DUPLICATE, "Duplicate"),
]


class SdmEnrolment(models.Model):
    """A customer's or a deal's way through the steps of a playbook.

    The steps are those of an activity plan; each waits so many working days after the one before it was done. Only the
    next one is an activity, made the working day before it is due, for the owner or whoever stands in. Actions and the
    daily job change the state; nobody writes it.
    """

    _name = "sdm.enrolment"
    _description = "Enrolment in a Playbook"
    _order = "state, date_due, id"
    _rec_name = "partner_id"

    partner_id = fields.Many2one("res.partner", string="Customer", required=True, index=True, ondelete="cascade")
    lead_id = fields.Many2one("crm.lead", string="Deal", index="btree_not_null", ondelete="cascade")
    playbook_id = fields.Many2one("sdm.playbook", required=True, index=True, ondelete="cascade")
    plan_id = fields.Many2one("mail.activity.plan", string="Steps", required=True, index=True, ondelete="cascade")
    state = fields.Selection(
        [(engine.ACTIVE, "Active"), (engine.PAUSED, "Paused"), (engine.ENDED, "Ended")],
        required=True,
        default=engine.ACTIVE,
        index=True,
    )
    is_automatic = fields.Boolean("Started by the segment")
    date_start = fields.Date("Started on", required=True)
    done_count = fields.Integer("Steps done", default=0)
    date_done = fields.Date("Last step done on")
    step_id = fields.Many2one("mail.activity.plan.template", string="Next step", ondelete="set null")
    date_due = fields.Date("Due", index="btree_not_null")
    shift = fields.Integer("Working days of pauses", default=0)
    paused_on = fields.Date()
    ended_on = fields.Date()
    reason = fields.Selection(
        [
            (engine.NO_MORE_STEPS, "All steps done"),
            (engine.ANSWERED, "Answered"),
            (engine.ORDERED, "Ordered"),
            (engine.LEFT_SEGMENT, "Left the segment"),
            (engine.CUSTOMER_GONE, "Customer archived"),
            (engine.REMOVED, "Taken out"),
        ],
        string="Ended since",
    )
    disposition = fields.Selection(RESULTS, string="Result")
    activity_id = fields.Many2one("mail.activity", ondelete="set null", index="btree_not_null")
    is_planned = fields.Boolean(help="The activity of the next step has been made.")
    user_id = fields.Many2one(related="activity_id.user_id", string="Assigned to")

    _running_uniq = models.UniqueIndex(
        "(partner_id, plan_id, COALESCE(lead_id, 0)) WHERE state <> 'ended'",
        "The customer is in these steps already: end that enrolment first.",
    )

    # -- the engine ---------------------------------------------------------------------------------------------------

    def _prepare_engine_enrolment(self):
        self.ensure_one()
        steps = self.plan_id._prepare_engine_steps()
        return engine.Enrolment(
            steps,
            self.date_start,
            self.state,
            tuple(engine.Done(step.code, self.date_done) for step in steps[: self.done_count]),
            self.shift,
            self.paused_on or None,
            self.ended_on or None,
            self.reason or None,
            self.disposition or None,
        )

    def _apply_engine_enrolment(self, after):
        """Write what the engine says; an open activity of a step that is over is dropped.

        :param after: engine Enrolment
        """
        self.ensure_one()
        done = len(after.done)
        vals = {
            "state": after.state,
            "done_count": done,
            "date_done": after.done[-1].day if after.done else False,
            "step_id": after.step.code if after.step else False,
            "date_due": engine.due_on(after, self.env["sdm.playbook"]._get_working_time()) or False,
            "shift": after.shift,
            "paused_on": after.paused_on,
            "ended_on": after.ended_on,
            "reason": after.reason,
            "disposition": after.disposition,
        }
        if done != self.done_count or after.state != engine.ACTIVE:
            vals |= {"activity_id": False, "is_planned": False}
            self.activity_id.filtered("active").unlink()
        self.write(vals)

    # -- starting -----------------------------------------------------------------------------------------------------

    @api.model
    def _enrol(self, playbook, records, plan):
        """Begin the steps of a playbook for customers or deals by hand.

        :param playbook: sdm.playbook; :param records: res.partner or crm.lead; :param plan: mail.activity.plan
        :return: sdm.enrolment
        :raise UserError: there are no steps, or they run already
        """
        today = fields.Date.context_today(self)
        steps = plan._prepare_engine_steps() if plan else ()
        if not steps:
            raise UserError(
                self.env._(
                    "“%(playbook)s” has no steps to begin. Choose an activity plan in it.", playbook=playbook.name
                )
            )
        enrolments = self.sudo().browse()
        begun = engine.enrol(steps, today)
        for record in records:
            customer = record.commercial_partner_id if record._name == "res.partner" else record.partner_id
            place = {
                "partner_id": customer.commercial_partner_id.id,
                "lead_id": record.id if record._name == "crm.lead" else False,
                "plan_id": plan.id,
            }
            running = self.sudo().search(
                [(name, "=", value) for name, value in place.items()] + [("state", "!=", engine.ENDED)], limit=1
            )
            if running:
                raise UserError(
                    self.env._(
                        "“%(customer)s” is in the steps of “%(plan)s” already. End that first.",
                        customer=record.display_name,
                        plan=plan.name,
                    )
                )
            enrolment = self.sudo().create({**place, "playbook_id": playbook.id, "date_start": today})
            enrolment._apply_engine_enrolment(begun)
            enrolments |= enrolment
        enrolments._plan_steps()
        return enrolments.sudo(False)

    @api.model
    def _get_running(self, customers):
        """The plans whose steps customers and their deals are in, in one query whatever their number.

        :param customers: commercial partners
        :return: dict {(customer id, deal id or False): set of plan ids}
        """
        running = {}
        found = self.sudo().search_fetch(
            [("partner_id", "in", customers.ids), ("state", "!=", engine.ENDED)], ["partner_id", "lead_id", "plan_id"]
        )
        for enrolment in found:
            running.setdefault((enrolment.partner_id.id, enrolment.lead_id.id), set()).add(enrolment.plan_id.id)
        return running

    @api.model
    def _follow_segments(self):
        """Begin the steps for customers who came into a segment, and end them for those who left: one statement each.

        Run again, nothing changes: who is in the steps, or was since coming into the segment, is passed over.
        """
        self.env.flush_all()
        today = fields.Date.context_today(self)
        left = self.env.execute_query(
            SQL(
                """SELECT enrolment.id
                     FROM sdm_enrolment enrolment JOIN res_partner partner ON partner.id = enrolment.partner_id
                    WHERE enrolment.state <> 'ended' AND enrolment.is_automatic
                      AND NOT EXISTS (
                          SELECT FROM sdm_playbook_segment_rel rel
                           WHERE rel.playbook_id = enrolment.playbook_id AND rel.segment_id = partner.sdm_segment_id)"""
            )
        )
        self.browse(row[0] for row in left)._end(engine.LEFT_SEGMENT)
        working = self.env["sdm.playbook"]._get_working_time()
        for playbook in (
            self.env["sdm.playbook"].sudo().search([("state", "=", "in_force"), ("customer_plan_id", "!=", False)])
        ):
            plan = playbook.customer_plan_id
            steps = plan._prepare_engine_steps()
            if not steps:
                continue
            begun = engine.enrol(steps, today)
            self.env.cr.execute(
                SQL(
                    """INSERT INTO sdm_enrolment (
                           partner_id, playbook_id, plan_id, state, is_automatic, date_start, done_count, step_id,
                           date_due, shift, is_planned, create_uid, create_date, write_uid, write_date)
                       SELECT partner.id, %(playbook)s, %(plan)s, 'active', TRUE, %(today)s, 0, %(step)s, %(due)s, 0,
                              FALSE, %(uid)s, NOW() AT TIME ZONE 'UTC', %(uid)s, NOW() AT TIME ZONE 'UTC'
                         FROM res_partner partner
                         JOIN sdm_segment_membership membership
                           ON membership.partner_id = partner.id AND membership.segment_id = partner.sdm_segment_id
                          AND membership.date_to IS NULL
                        WHERE partner.active AND partner.sdm_segment_id IN %(segments)s
                          AND (%(present)s OR membership.date_from >= %(begun)s)
                          AND NOT EXISTS (
                              SELECT FROM sdm_enrolment known
                               WHERE known.partner_id = partner.id AND known.plan_id = %(plan)s
                                 AND (known.state <> 'ended' OR known.date_start >= membership.date_from))""",
                    playbook=playbook.id,
                    plan=plan.id,
                    today=today,
                    step=begun.step.code,
                    due=engine.due_on(begun, working),
                    uid=self.env.uid,
                    segments=tuple(playbook.segment_ids.ids) or (0,),
                    present=playbook.enrols_present,
                    begun=playbook.date_begun,
                )
            )
        self.invalidate_model()

    @api.model
    def _merge(self, partners, kept):
        """End steps of customers that turn out to be one with another where that one is in the same steps already.

        :param partners: customers that are none of their own any more; :param kept: the one that remains
        """
        running = self.sudo().search([("partner_id", "in", (partners | kept).ids), ("state", "!=", engine.ENDED)])
        places = set()
        for enrolment in running.sorted(lambda each: (each.partner_id != kept, each.id)):
            place = (enrolment.plan_id, enrolment.lead_id)
            if place in places:
                enrolment._end(engine.REMOVED)
                enrolment.disposition = engine.DUPLICATE
            places.add(place)

    # -- ending and going on ------------------------------------------------------------------------------------------

    def _end(self, reason):
        """End enrolments for the same reason, whatever their number, and drop their open activities."""
        if not self:
            return
        enrolments = self.sudo()
        enrolments.activity_id.filtered("active").unlink()
        enrolments.write(
            {
                "state": engine.ENDED,
                "ended_on": fields.Date.context_today(self),
                "reason": reason,
                "paused_on": False,
                "date_due": False,
                "step_id": False,
                "activity_id": False,
                "is_planned": False,
            }
        )

    def _advance(self):
        """Go on from steps whose activity is done; a cancelled one counts as done without result."""
        for enrolment in self:
            if enrolment.state != engine.ACTIVE or not enrolment.is_planned or enrolment.activity_id.active:
                continue
            before = enrolment._prepare_engine_enrolment()
            if before.step is None:
                enrolment._end(engine.NO_MORE_STEPS)
                continue
            day = enrolment.activity_id.date_done or fields.Date.context_today(self)
            enrolment._apply_engine_enrolment(engine.complete(before, day))

    def _check_may_act(self):
        self.check_access("read")
        if not self.env.user.has_group("sdm_segmentation.group_sdm_user"):
            raise AccessError(self.env._("Sellers and heads work with the steps of their customers."))

    def _act(self, action):
        """Change enrolments by a function of the engine.

        :param action: takes an engine Enrolment, gives the next one
        """
        self._check_may_act()
        for enrolment in self.sudo():
            try:
                after = action(enrolment._prepare_engine_enrolment())
            except engine.TransitionError as error:
                raise UserError(
                    self.env._(
                        "The steps of “%(customer)s” are %(state)s: that is not possible now.",
                        customer=enrolment.partner_id.display_name,
                        state=dict(self._fields["state"]._description_selection(self.env))[error.state].lower(),
                    )
                ) from error
            enrolment._apply_engine_enrolment(after)

    def action_pause(self):
        """Stop the clock from today on."""
        today = fields.Date.context_today(self)
        self._act(lambda before: engine.pause(before, today))

    def action_resume(self):
        """Let the clock run again; the next step moves by the working days of the pause."""
        today = fields.Date.context_today(self)
        working = self.env["sdm.playbook"]._get_working_time()
        self._act(lambda before: engine.resume(before, today, working))

    def action_end(self, disposition=None):
        """Take the customer out of the steps.

        :param disposition: how it ended, one of the results; None where nothing is known
        """
        today = fields.Date.context_today(self)
        self._act(lambda before: engine.end(before, today, engine.REMOVED, disposition))

    # -- the daily job ------------------------------------------------------------------------------------------------

    @api.model
    def _cron_run(self):
        """End what is over, go on from done steps and make the activities that are due, in batches."""
        cron = self.env["ir.cron"]
        self._follow_segments()
        self._end_by_events()
        cron._commit_progress(0)
        done = self._search_done()
        for start in range(0, len(done), BATCH):
            done[start : start + BATCH]._advance()
            cron._commit_progress(BATCH, remaining=len(done) - start)
        due = self._search_due()
        for start in range(0, len(due), BATCH):
            due[start : start + BATCH]._plan_steps()
            cron._commit_progress(BATCH, remaining=len(due) - start)

    @api.model
    def _search_done(self):
        return self.search(
            [
                ("state", "=", engine.ACTIVE),
                ("is_planned", "=", True),
                "|",
                ("activity_id", "=", False),
                ("activity_id.active", "=", False),
            ]
        )

    @api.model
    def _search_due(self):
        working = self.env["sdm.playbook"]._get_working_time()
        ahead = calendar.add_working_days(working, fields.Date.context_today(self), 1)
        return self.search([("state", "=", engine.ACTIVE), ("is_planned", "=", False), ("date_due", "<=", ahead)])

    @api.model
    def _end_by_events(self):
        """End what an answer, an order or an archived customer ends, one query for each."""
        self.env.flush_all()
        running = SQL("sdm_enrolment enrolment JOIN sdm_playbook playbook ON playbook.id = enrolment.playbook_id")
        records = self.env["sdm.contact.channel"]._query_records(
            SQL("(SELECT partner_id FROM sdm_enrolment WHERE state <> 'ended')")
        )
        for reason, condition in (
            (
                engine.CUSTOMER_GONE,
                SQL("JOIN res_partner customer ON customer.id = enrolment.partner_id WHERE NOT customer.active"),
            ),
            (
                engine.ORDERED,
                SQL(
                    """JOIN res_partner buyer ON buyer.commercial_partner_id = enrolment.partner_id
                       JOIN sale_order sale ON sale.partner_id = buyer.id
                      WHERE playbook.exits_on_order AND sale.state = 'sale'
                        AND sale.date_order >= enrolment.create_date"""
                ),
            ),
            (
                engine.ANSWERED,
                SQL(
                    """JOIN %s record ON record.customer_id = enrolment.partner_id
                       JOIN mail_message message ON message.model = record.model AND message.res_id = record.id
                      WHERE playbook.exits_on_answer AND message.message_type = 'email'
                        AND message.date >= enrolment.create_date""",
                    records,
                ),
            ),
        ):
            rows = self.env.execute_query(
                SQL("SELECT DISTINCT enrolment.id FROM %s %s AND enrolment.state <> 'ended'", running, condition)
            )
            self.browse(row[0] for row in rows)._end(reason)
            self.env.flush_all()

    def _plan_steps(self):
        """Make the activities of steps that are due soon, for the owner or whoever stands in on the day."""
        working = self.env["sdm.playbook"]._get_working_time()
        ahead = calendar.add_working_days(working, fields.Date.context_today(self), 1)
        due = self.sudo().filtered(
            lambda one: one.state == engine.ACTIVE and not one.is_planned and one.date_due and one.date_due <= ahead
        )
        over = due.filtered(lambda one: one.done_count >= len(one.plan_id._prepare_engine_steps()))
        over._end(engine.NO_MORE_STEPS)
        due -= over
        if not due:
            return
        users = due._get_assignees()
        vals_list = []
        for enrolment in due:
            step = self.env["mail.activity.plan.template"].browse(enrolment._prepare_engine_enrolment().step.code)
            record = enrolment.lead_id or enrolment.partner_id
            vals_list.append(
                {
                    "res_model_id": self.env["ir.model"]._get_id(record._name),
                    "res_id": record.id,
                    "activity_type_id": step.activity_type_id.id,
                    "summary": step.summary or enrolment.plan_id.name,
                    "note": step.note,
                    "date_deadline": enrolment.date_due,
                    "user_id": users[enrolment].id,
                    "automated": True,
                }
            )
        # a list for the day, not a mail for each
        activities = self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True).create(vals_list)
        for enrolment, activity in zip(due, activities, strict=True):
            enrolment.write({"activity_id": activity.id, "is_planned": True})

    def _get_assignees(self):
        """Who does the next step: by the playbook, or by the step; whoever stands in while that person is away.

        :return: dict {sdm.enrolment: res.users}
        """
        owners = {}
        Ownership = self.env["sdm.ownership"]
        sellers = {
            enrolment: enrolment.lead_id.user_id or enrolment.partner_id.user_id or enrolment.playbook_id.approved_by_id
            for enrolment in self
        }
        cards = Ownership._get_employees(self.env["res.users"].union(*sellers.values()))
        for enrolment, seller in sellers.items():
            step = enrolment.step_id
            if step.responsible_type == "other" and step.responsible_id:
                owners[enrolment] = step.responsible_id
            elif enrolment.playbook_id.leader == "inside":
                owners[enrolment] = enrolment.playbook_id.inside_user_id
            elif enrolment.playbook_id.leader == "head":
                owners[enrolment] = cards.get(seller, self.env["hr.employee"]).parent_id.user_id or seller
            else:
                owners[enrolment] = seller
        cards |= Ownership._get_employees(self.env["res.users"].union(*owners.values()))
        absences = self._get_absences(min(self.mapped("date_due")), max(self.mapped("date_due")))
        Employee = self.env["hr.employee"].sudo()
        users = {}
        for enrolment, owner in owners.items():
            card = cards.get(owner)
            if not card:
                users[enrolment] = owner
                continue
            found = engine.assign(card.id, enrolment.date_due, absences)
            users[enrolment] = Employee.browse(found.employee).user_id or owner
        return users

    @api.model
    def _get_absences(self, first, last):
        """Everybody's absences between two days, in one query.

        :return: list of engine Absence
        """
        leaves = (
            self.env["resource.calendar.leaves"]
            .sudo()
            .search(
                [
                    ("resource_id", "!=", False),
                    ("time_type", "=", "leave"),
                    ("date_from", "<=", datetime.combine(last, time.max)),
                    ("date_to", ">=", datetime.combine(first, time.min)),
                ]
            )
        )
        return [
            engine.Absence(
                leave.sdm_employee_id.id,
                fields.Datetime.context_timestamp(leave, leave.date_from).date(),
                fields.Datetime.context_timestamp(leave, leave.date_to).date(),
                leave.sdm_substitute_id.id or None,
            )
            for leave in leaves
            if leave.sdm_employee_id
        ]


class MailActivityPlan(models.Model):
    _inherit = "mail.activity.plan"

    def _prepare_engine_steps(self):
        """The steps of a plan for the engine.

        A plan says days from its beginning; a step waits for the difference to the one before it. A week has five
        working days, a month 21. Nothing can be done before the beginning, so days "before" it count from it as well.

        :return: tuple of engine Step
        """
        self.ensure_one()
        units = {"days": 1, "weeks": 5, "months": 21}
        steps, before = [], 0
        for template in self.sudo().template_ids.sorted(lambda step: (step.sequence, step.id)):
            place = template.delay_count * units[template.delay_unit]
            steps.append(engine.Step(template.id, max(place - before, 0)))
            before = max(place, before)
        return tuple(steps)

    def _tell_steps(self):
        """When each step comes, in words: whoever writes a plan sees what it makes of days, weeks and months.

        :return: text, empty without steps
        """
        told = []
        for step in self._prepare_engine_steps():
            template = self.env["mail.activity.plan.template"].sudo().browse(step.code)
            name = template.summary or template.activity_type_id.name
            if step.wait:
                told.append(self.env._("%(step)s, working days later: %(days)s", step=name, days=step.wait))
            else:
                told.append(self.env._("%(step)s, on the same day", step=name))
        return " → ".join(told)


class MailActivityPlanTemplate(models.Model):
    _inherit = "mail.activity.plan.template"

    @api.model
    def default_get(self, fields):
        """Steps of a playbook follow its beginning; Odoo proposes days before a date."""
        defaults = super().default_get(fields)
        if "delay_from" in fields and self.env.context.get("sdm_steps"):
            defaults["delay_from"] = "after_plan_date"
        return defaults


class MailActivity(models.Model):
    _inherit = "mail.activity"

    def _action_done(self, feedback=False, attachment_ids=None):
        """Done on the day of who does it, or on that of ``sdm_moment``. Odoo takes the day of Greenwich, while its
        message is read in the own time: far in the east a contact in the morning would count on two days."""
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        moment = self.env.context.get("sdm_moment") or fields.Datetime.now()
        self.exists().date_done = fields.Datetime.context_timestamp(self, moment).date()
        self.env["sdm.enrolment"].sudo().search([("activity_id", "in", self.ids)])._advance()
        return result


class SdmSegmentationRun(models.Model):
    _inherit = "sdm.segmentation.run"

    def _after_apply(self):
        result = super()._after_apply()
        if self.scheme_id.is_primary:
            self.env["sdm.enrolment"].sudo()._follow_segments()
        return result
