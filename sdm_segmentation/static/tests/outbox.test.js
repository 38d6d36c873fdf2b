import { Outbox, makeKey } from "@sdm_segmentation/log_contact/outbox";
import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { browser } from "@web/core/browser/browser";
import { ConnectionLostError, RPCError } from "@web/core/network/rpc";

describe.current.tags("headless");

const ABOUT = { model: "res.partner", id: 7, activity: null };
const values = (key, about = ABOUT) => ({ ...about, key, result: "connected" });

/** A server that takes each key once, as ours does, and fails as told. */
class Server {
    constructor() {
        this.taken = [];
        this.calls = 0;
        this.failures = [];
    }

    get silent() {
        return this;
    }

    async call(model, method, [contact]) {
        this.calls++;
        const failure = this.failures.shift();
        if (failure?.before) {
            throw failure.before;
        }
        if (!this.taken.includes(contact.key)) {
            this.taken.push(contact.key);
        }
        if (failure?.after) {
            throw failure.after;
        }
        return { text: `Logged ${contact.key}` };
    }
}

function refusal() {
    const error = new RPCError();
    error.exceptionName = "odoo.exceptions.ValidationError";
    error.data = { message: "Too old" };
    return error;
}

let server;
beforeEach(() => {
    server = new Server();
    browser.localStorage.removeItem("test");
});
const open = () => new Outbox(server, "test");

test("what is logged is sent and forgotten", async () => {
    const outbox = open();
    expect(await outbox.add(values("one"), "Alfa", "Reached")).toBe("Logged one");
    expect(outbox.entries).toHaveLength(0);
    expect(open().entries).toHaveLength(0);
});

test("without connection it is kept, over a new opening too, and sent in order", async () => {
    const lost = { before: new ConnectionLostError("/") };
    server.failures = [lost, lost];
    const outbox = open();
    expect(await outbox.add(values("one"), "Alfa", "Reached")).toBe(null);
    expect(await outbox.add(values("two", { ...ABOUT, id: 8 }), "Beta", "Reached")).toBe(null);
    expect(server.taken).toEqual([]);
    expect(outbox.find(ABOUT).name).toBe("Alfa");
    const reopened = open();
    expect(reopened.entries.map((entry) => entry.values.key)).toEqual(["one", "two"]);
    const sent = await reopened.flush();
    expect([...sent.keys()]).toEqual(["one", "two"]);
    expect(server.taken).toEqual(["one", "two"]);
    expect(open().entries).toHaveLength(0);
});

test("where only the answer was lost it is sent again with its key", async () => {
    server.failures = [{ after: new ConnectionLostError("/") }];
    const outbox = open();
    await outbox.add(values("one"), "Alfa", "Reached");
    expect(outbox.entries).toHaveLength(1);
    await outbox.flush();
    expect(server.calls).toBe(2);
    expect(server.taken).toEqual(["one"]);
    expect(outbox.entries).toHaveLength(0);
});

test("two flushes at once send an entry once", async () => {
    const outbox = open();
    outbox.entries.push({ values: values("one"), name: "Alfa", summary: "Reached", error: "" });
    await Promise.all([outbox.flush(), outbox.flush()]);
    expect(server.calls).toBe(1);
});

test("what the server refuses waits for the user and holds up nothing", async () => {
    server.failures = [{ before: refusal() }];
    const outbox = open();
    expect(await outbox.add(values("one"), "Alfa", "Reached")).toBe(null);
    expect(outbox.find(ABOUT).error).toBe("Too old");
    expect(outbox.waiting).toHaveLength(0);
    expect(await outbox.add(values("two", { ...ABOUT, id: 8 }), "Beta", "Reached")).toBe("Logged two");
    expect(server.calls).toBe(2);
    // sent again on demand only
    await outbox.flush(true);
    expect(server.taken).toEqual(["two", "one"]);
});

test("a refused entry can be thrown away", async () => {
    server.failures = [{ before: refusal() }];
    const outbox = open();
    await outbox.add(values("one"), "Alfa", "Reached");
    outbox.discard("one");
    expect(open().entries).toHaveLength(0);
});

test("a draft is kept for its record until it is saved", async () => {
    const outbox = open();
    outbox.setDraft(ABOUT, { key: "one", note: "Wants two" });
    expect(open().getDraft(ABOUT).note).toBe("Wants two");
    expect(open().getDraft({ ...ABOUT, activity: 5 })).toBe(undefined);
    await outbox.add(values("one"), "Alfa", "Reached");
    expect(open().getDraft(ABOUT)).toBe(undefined);
});

test("what cannot be read in the browser is no obstacle", () => {
    browser.localStorage.setItem("test", "{broken");
    expect(open().entries).toHaveLength(0);
});

test("keys differ", () => {
    const keys = Array.from({ length: 100 }, makeKey);
    expect(new Set(keys).size).toBe(100);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
});
