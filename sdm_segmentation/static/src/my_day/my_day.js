import { Component, markup, onWillStart, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { ControlPanel } from "@web/search/control_panel/control_panel";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { LogContactButton, Unsent } from "../log_contact/log_contact_button";

const ICONS = { answer: "fa-envelope", step: "fa-list-ol", activity: "fa-clock-o", norm: "fa-repeat" };
const MORE = 30;

/** What to say and to send to a customer now, by its playbook. */
class Prompt extends Component {
    static template = "sdm_segmentation.MyDayPrompt";
    static props = { entry: Object, playbook: { optional: true } };

    /** Scripts for the channel of the contact and the stage of the deal, those for a certain one first. */
    get scripts() {
        const { about, deal } = this.props.entry;
        const channel = about?.channel;
        return (this.props.playbook?.scripts || [])
            .filter(
                (script) =>
                    (!script.channel || !channel || script.channel === channel) &&
                    (!script.stage || script.stage === deal?.stage_id)
            )
            .sort((one, other) => Boolean(other.stage) - Boolean(one.stage))
            .map((script) => ({ ...script, text: markup(script.body) }));
    }

    get note() {
        return markup(this.props.entry.note);
    }
}

/** Whom to contact today and why, on the phone of a seller. */
export class MyDay extends Component {
    static template = "sdm_segmentation.MyDay";
    static components = { ControlPanel, LogContactButton, Prompt, Unsent };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.icons = ICONS;
        this.controlPanelDisplay = {};
        this.state = useState({ day: null, opened: {} });
        this.limit = MORE;
        this.userId = this.props.action.context?.sdm_user_id || false;
        this.outbox = useService("sdm_outbox");
        onWillStart(() => this.load());
        useBus(this.env.bus, "SDM-CONTACTS-SENT", () => this.load());
    }

    get sections() {
        const { entries, counts } = this.state.day;
        return ["overdue", "due"]
            .map((state) => ({
                state,
                count: counts[state],
                entries: entries.filter((entry) => entry.state === state),
            }))
            .filter((section) => section.entries.length);
    }

    get hidden() {
        const { entries, counts } = this.state.day;
        return counts.overdue + counts.due - entries.length;
    }

    async load() {
        this.state.day = await this.orm.call("sdm.my.day", "get_day", [this.userId, this.limit]);
        this.outbox.keepChoices(this.state.day.choices);
    }

    more() {
        this.limit += MORE;
        return this.load();
    }

    choosePerson(ev) {
        this.userId = Number(ev.target.value);
        this.limit = MORE;
        return this.load();
    }

    playbookOf(entry) {
        return this.state.day.playbooks[entry.playbook];
    }

    hasPrompt(entry) {
        const playbook = this.playbookOf(entry);
        return Boolean(entry.note || playbook?.scripts.length || playbook?.documents.length);
    }

    toggle(entry) {
        this.state.opened[entry.key] = !this.state.opened[entry.key];
    }

    /** @param {string} model @param {number} id of the record to open */
    open(model, id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }

    /** A quotation from the template of the playbook. */
    openOffer(entry) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "sale.order",
            views: [[false, "form"]],
            context: {
                default_partner_id: entry.id,
                default_opportunity_id: entry.deal?.id || false,
                default_sale_order_template_id: this.playbookOf(entry).template,
            },
        });
    }

    /** What was logged leaves the day; without connection the day stays as it is. */
    async onLogged(entry) {
        if (!this.outbox.find(entry.about)) {
            await this.load();
        }
    }

    /** What is no contact (a to-do) is simply done. */
    async markDone(entry) {
        await this.orm.call("mail.activity", "action_done", [[entry.todo]]);
        await this.load();
    }
}

registry.category("actions").add("sdm_my_day", MyDay);
