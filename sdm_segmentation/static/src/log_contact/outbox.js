import { reactive } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { rpcBus, RPCError } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { session } from "@web/session";

// the server says no, and will say so again; anything else (no connection, logged out, overloaded) may pass
const REFUSALS = ["UserError", "ValidationError", "AccessError", "MissingError"].map(
    (name) => `odoo.exceptions.${name}`
);
const RETRY = 30000;

/** A key that no other contact has. */
export function makeKey() {
    const numbers = window.crypto.getRandomValues(new Uint32Array(4));
    return [...numbers].map((number) => number.toString(16).padStart(8, "0")).join("");
}

/**
 * What a user entered on this device and the server does not have yet, kept in the browser.
 *
 * `drafts` are dialogs that were not saved, by the record that they are about; `entries` are contacts that were, in the
 * order in which they were logged; `choices` is what could be chosen last time. An entry goes away only once the server has it. The server takes a key once, so that
 * sending it again does no harm.
 */
export class Outbox {
    constructor(orm, storageKey) {
        this.orm = orm;
        this.storageKey = storageKey;
        this.sending = null;
        this.read();
    }

    read() {
        let kept = {};
        try {
            kept = JSON.parse(browser.localStorage.getItem(this.storageKey) || "{}");
        } catch {
            // what cannot be read cannot be sent
        }
        this.entries = kept.entries || [];
        this.drafts = kept.drafts || {};
        this.choices = kept.choices || null;
    }

    write() {
        const { entries, drafts, choices } = this;
        browser.localStorage.setItem(this.storageKey, JSON.stringify({ entries, drafts, choices }));
    }

    /** What may be chosen, for a dialog that is opened without connection. */
    keepChoices(choices) {
        this.choices = choices;
        this.write();
    }

    static place(about) {
        return `${about.model},${about.id},${about.activity || ""}`;
    }

    getDraft(about) {
        return this.drafts[Outbox.place(about)];
    }

    /** @param {Object|null} draft what was entered so far, null where nothing is to be kept */
    setDraft(about, draft) {
        if (draft) {
            this.drafts[Outbox.place(about)] = draft;
        } else {
            delete this.drafts[Outbox.place(about)];
        }
        this.write();
    }

    /** The entry of a record that is not sent yet. */
    find(about) {
        return about && this.entries.find((entry) => Outbox.place(entry.values) === Outbox.place(about));
    }

    /**
     * Keep a contact, then send it.
     *
     * @param {Object} values of `log_contact` @param {string} name of the customer @param {string} summary in words
     * @returns {Promise<string|null>} what was logged, in words; null while it is not sent
     */
    async add(values, name, summary) {
        const entry = { values, name, summary, error: "" };
        this.entries.push(entry);
        delete this.drafts[Outbox.place(values)];
        this.write();
        const sent = await this.flush();
        return sent.get(values.key) || null;
    }

    discard(key) {
        this.entries = this.entries.filter((entry) => entry.values.key !== key);
        this.write();
    }

    /**
     * Send what waits, in order.
     *
     * @param {boolean} again whether to send what was refused, too
     * @returns {Promise<Map<string, string>>} what was logged, by key
     */
    async flush(again = false) {
        // what came while an earlier flush was on its way is sent after it
        const before = this.sending;
        const turn = (async () => {
            await before;
            return this._flush(again);
        })();
        this.sending = turn;
        try {
            return await turn;
        } finally {
            if (this.sending === turn) {
                this.sending = null;
            }
        }
    }

    async _flush(again) {
        const sent = new Map();
        for (const entry of [...this.entries]) {
            if (entry.error && !again) {
                continue;
            }
            try {
                const logged = await this.orm.silent.call("sdm.contact", "log_contact", [entry.values]);
                sent.set(entry.values.key, logged.text);
                this.discard(entry.values.key);
            } catch (error) {
                if (error instanceof RPCError && REFUSALS.includes(error.exceptionName)) {
                    entry.error = error.data?.message || error.message;
                    this.entries = [...this.entries];
                    this.write();
                    continue;
                }
                // the next ones would not get through either
                break;
            }
        }
        return sent;
    }

    get waiting() {
        return this.entries.filter((entry) => !entry.error);
    }
}

export const outboxService = {
    dependencies: ["orm", "notification"],
    start(env, { orm, notification }) {
        const outbox = reactive(new Outbox(orm, `sdm_contact/${session.db}/${user.userId}`));

        async function sendWaiting() {
            if (!outbox.waiting.length) {
                return;
            }
            const sent = await outbox.flush();
            if (sent.size) {
                notification.add(_t("Logged contacts that were not sent before: %s", sent.size), { type: "success" });
                env.bus.trigger("SDM-CONTACTS-SENT");
            }
        }

        browser.addEventListener("online", sendWaiting);
        // the server may come back while the network never went
        rpcBus.addEventListener("RPC:RESPONSE", ({ detail }) => {
            if (!detail.error && !detail.settings.silent && !outbox.sending) {
                sendWaiting();
            }
        });
        browser.setInterval(sendWaiting, RETRY);
        // another tab of the same browser has sent or added something
        browser.addEventListener("storage", (ev) => {
            if (ev.key === outbox.storageKey && !outbox.sending) {
                outbox.read();
            }
        });
        sendWaiting();
        return outbox;
    },
};

registry.category("services").add("sdm_outbox", outboxService);
