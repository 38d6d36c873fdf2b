import { Component, onWillStart, useEffect, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { serializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { ConnectionLostError } from "@web/core/network/rpc";
import { useService } from "@web/core/utils/hooks";
import { makeKey } from "./outbox";

const { DateTime } = luxon;
const ICONS = {
    connected: "fa-check",
    no_response: "fa-phone-square",
    contact_later: "fa-clock-o",
    not_interested: "fa-ban",
    bad_data: "fa-question",
    duplicate: "fa-clone",
};
const TODO = "todo";
const NOTHING = "nothing";

/** A contact in three taps: how it ended, what comes next, when. What was entered survives a lost connection. */
export class LogContactDialog extends Component {
    static template = "sdm_segmentation.LogContactDialog";
    static components = { Dialog };
    static props = {
        close: Function,
        about: Object,
        name: { type: String, optional: true },
        // what may be chosen, where it is known already
        choices: { type: Object, optional: true },
        next: { type: Object, optional: true },
        onLogged: { type: Function, optional: true },
    };

    setup() {
        this.orm = useService("orm");
        this.notification = useService("notification");
        this.outbox = useService("sdm_outbox");
        this.icons = ICONS;
        this.state = useState({
            choices: this.props.choices || null,
            next: this.props.next || {},
            name: this.props.name || "",
            offline: false,
            restored: false,
            values: { key: makeKey(), channel: this.props.about.channel, result: null, step: null, day: "", note: "" },
        });
        onWillStart(() => this.prepare());
        useEffect(
            () => this.keep(),
            () => [JSON.stringify(this.state.values)]
        );
    }

    async prepare() {
        const { model, id, activity } = this.props.about;
        if (!this.state.choices) {
            try {
                const found = await this.orm.silent.call("sdm.contact", "get_choices", [model, id, activity || null]);
                Object.assign(this.state, { choices: found.choices, next: found.next, name: found.name });
                this.state.values.channel ||= found.channel;
                this.outbox.keepChoices(found.choices);
            } catch (error) {
                if (!(error instanceof ConnectionLostError)) {
                    throw error;
                }
                this.state.choices = this.outbox.choices;
                this.state.offline = true;
            }
        }
        this.state.values.channel ||= this.state.choices?.channels[0]?.id;
        const draft = this.outbox.getDraft(this.props.about);
        if (draft) {
            Object.assign(this.state.values, draft);
            this.state.restored = true;
        }
    }

    /** What is entered stays on the device until it is saved or thrown away. */
    keep() {
        const { result, note } = this.state.values;
        if (result || note) {
            this.outbox.setDraft(this.props.about, { ...this.state.values });
        }
    }

    get title() {
        return this.state.name ? _t("Contact: %s", this.state.name) : _t("Log a contact");
    }

    get result() {
        return this.state.choices.results.find((result) => result.code === this.state.values.result);
    }

    /** What may come next after this result, the best first. */
    get proposals() {
        const { result, channel } = this.state.values;
        const reached = this.state.next[channel] || [];
        if (this.result?.is_contact && result !== "contact_later" && reached.length) {
            return reached.filter((proposal) => !(this.result.ends_steps && proposal.kind === "step"));
        }
        return this.state.choices.usual[result]?.[channel] || [];
    }

    get chosen() {
        return this.proposals.find((proposal) => this.keyOf(proposal) === this.state.values.step);
    }

    get steps() {
        const named = this.state.choices.channels.map((channel) => ({ ...channel, key: String(channel.id) }));
        const step = this.proposals.find((proposal) => proposal.kind === "step");
        return [
            ...(step ? [{ key: "step", name: _t("Next step"), icon: "fa-list-ol" }] : []),
            ...named,
            { key: TODO, name: _t("To-do"), icon: "fa-check-square-o" },
            { key: NOTHING, name: _t("Nothing"), icon: "fa-times" },
        ];
    }

    get days() {
        const { tomorrow, week } = this.state.choices.days;
        const proposed = this.chosen?.day || week;
        const offered = [
            [proposed, this.format(proposed)],
            [tomorrow, _t("Next day")],
            [week, _t("In a week")],
        ];
        return offered.filter(([day], index) => offered.findIndex(([other]) => other === day) === index);
    }

    get isOtherDay() {
        return this.state.values.day && !this.days.some(([day]) => day === this.state.values.day);
    }

    get asksDay() {
        return ![null, NOTHING, "step"].includes(this.state.values.step);
    }

    format(day) {
        const date = DateTime.fromISO(day);
        return date.toLocaleString({ weekday: "short", day: "numeric", month: "short" });
    }

    keyOf(proposal) {
        if (proposal.kind === "step") {
            return "step";
        }
        return proposal.channel ? String(proposal.channel) : TODO;
    }

    chooseResult(code) {
        this.state.values.result = code;
        this.propose();
    }

    chooseChannel(id) {
        this.state.values.channel = id;
        if (this.state.values.result) {
            this.propose();
        }
    }

    propose() {
        const [best] = this.proposals;
        this.state.values.step = best ? this.keyOf(best) : NOTHING;
        this.state.values.day = best?.day || "";
    }

    chooseStep(key) {
        this.state.values.step = key;
        this.state.values.day = this.chosen?.day || this.state.choices.days.week;
    }

    chooseDay(day) {
        this.state.values.day = day;
    }

    get canSave() {
        const { result, day } = this.state.values;
        return Boolean(result && (!this.asksDay || day));
    }

    get summary() {
        return this.result.name;
    }

    async save() {
        const { key, channel, result, step, day, note } = this.state.values;
        const { model, id, activity } = this.props.about;
        const values = {
            key,
            model,
            id,
            activity: activity || null,
            channel,
            result,
            note,
            moment: serializeDateTime(DateTime.now()),
            next:
                step === NOTHING
                    ? null
                    : {
                          kind: step === "step" ? "step" : this.chosen?.kind || "own",
                          channel: Number(step) || null,
                          day: day || this.chosen?.day,
                      },
        };
        this.props.close();
        const text = await this.outbox.add(values, this.state.name, this.summary);
        const entry = this.outbox.find(this.props.about);
        if (text) {
            this.notification.add(text, { type: "success" });
        } else if (entry?.error) {
            this.notification.add(entry.error, { type: "danger", title: _t("Not logged") });
        } else {
            this.notification.add(
                _t("Not sent yet: there is no connection. It is kept on this device and sent by itself."),
                { type: "warning" }
            );
        }
        this.props.onLogged?.();
    }

    discard() {
        this.outbox.setDraft(this.props.about, null);
        this.props.close();
    }
}
