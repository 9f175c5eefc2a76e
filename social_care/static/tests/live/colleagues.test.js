import { describe, expect, test } from "@odoo/hoot";
import { advanceTime, animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    contains,
    defineModels,
    fields,
    MockServer,
    mockService,
    models,
    mountView,
} from "@web/../tests/web_test_helpers";
import { user } from "@web/core/user";

describe.current.tags("headless");

class Ticket extends models.Model {
    _name = "helpdesk.ticket";
    name = fields.Char();
    ticket_id = fields.Many2one({ relation: "helpdesk.ticket" });
    drafts = fields.Json();
    _records = [
        { id: 1, name: "Suitcase", ticket_id: 1 },
        { id: 2, name: "Seat", ticket_id: 2 },
    ];
}

defineMailModels();
defineModels([Ticket]);

const BEA = { user_id: 99, name: "Bea" };

let channels = [];

/** @returns {(details: Object) => Promise} what arrives on the bus */
async function mountTicket({ ticketField, drafts = [] } = {}) {
    Ticket._records[0].drafts = drafts;
    const options = JSON.stringify({ drafts_field: "drafts", ticket_field: ticketField });
    const listeners = new Set();
    channels = [];
    mockService("bus_service", {
        addChannel: (name) => channels.push(`join ${name}`),
        deleteChannel: (name) => channels.push(`leave ${name}`),
        subscribe: (type, listener) =>
            type === "social_care.conversation" && listeners.add(listener),
        unsubscribe: (_type, listener) => listeners.delete(listener),
        addEventListener() {},
        removeEventListener() {},
    });
    await mountView({
        type: "form",
        resModel: "helpdesk.ticket",
        resId: 1,
        resIds: [1, 2],
        arch: `<form>
            <field name="name"/>
            <field name="ticket_id" invisible="1"/>
            <field name="drafts" invisible="1"/>
            <widget name="social_care_colleagues" options='${options}'/>
        </form>`,
    });
    return async (details) => {
        listeners.forEach((listener) => listener({ ticket_id: 1, ...details }));
        await animationFrame();
    };
}

const IN_DIALOG = { ticketField: "ticket_id" };

test("a colleague who types is named until they pause, send or fall silent", async () => {
    const hear = await mountTicket();
    await hear({ what: "writing", ...BEA });
    expect(".o_social_care_colleagues").toHaveText("Bea is writing on this ticket.");
    await hear({ what: "paused", ...BEA });
    expect(".o_social_care_colleagues").toHaveText("");

    await hear({ what: "writing", ...BEA });
    await advanceTime(10_000);
    await hear({ what: "writing", ...BEA });
    await advanceTime(10_000);
    expect(".o_social_care_colleagues").toHaveText("Bea is writing on this ticket.");
    await advanceTime(3_000);
    await animationFrame();
    expect(".o_social_care_colleagues").toHaveText("Bea has a draft.");

    await hear({ what: "writing", ...BEA });
    await hear({ what: "sent", ...BEA });
    expect(".o_social_care_colleagues").toHaveText("Bea has just answered.");

    await hear({ what: "writing", ...BEA });
    expect(".o_social_care_colleagues").toHaveText("Bea is writing on this ticket.");
});

test("a ticket that changed elsewhere is read again, unless it is being changed here", async () => {
    const hear = await mountTicket();
    MockServer.env["helpdesk.ticket"].write([1], { name: "Suitcase, found" });
    await hear({ what: "changed" });
    await hear({ what: "changed" });
    await advanceTime(500);
    await animationFrame();
    expect(".o_field_widget[name=name] input").toHaveValue("Suitcase, found");

    await contains(".o_field_widget[name=name] input").edit("Mine", { confirm: false });
    MockServer.env["helpdesk.ticket"].write([1], { name: "Theirs" });
    await hear({ what: "changed" });
    await advanceTime(500);
    await animationFrame();
    expect(".o_field_widget[name=name] input").toHaveValue("Mine");
});

test("what one does oneself, or on another ticket, is no news", async () => {
    const hear = await mountTicket();
    await hear({ what: "writing", user_id: user.userId, name: "Me" });
    await hear({ what: "writing", ...BEA, ticket_id: 2 });
    expect(".o_social_care_colleagues").toHaveText("");
});

test("the dialog says what the customer wrote meanwhile; the ticket shows it itself", async () => {
    const hear = await mountTicket(IN_DIALOG);
    await hear({ what: "message", name: "Ana", count: 1 });
    expect(".alert-warning").toHaveText("Ana wrote 1 message meanwhile. Read it, then send.");
    await hear({ what: "message", name: "Ana", count: 2 });
    expect(".alert-warning").toHaveText("Ana wrote 3 messages meanwhile. Read them, then send.");
});

test("drafts are named: one's own on the ticket, and colleagues' until they are sent", async () => {
    const drafts = [
        { user_id: user.userId, name: "Me" },
        { user_id: 99, name: "Bea" },
    ];
    const hear = await mountTicket({ drafts });
    expect(".o_social_care_colleagues").toHaveText("You have a draft.\nBea has a draft.");
    await hear({ what: "sent", ...BEA });
    expect(".o_social_care_colleagues").toHaveText("You have a draft.\nBea has just answered.");
});

test("in one's own dialog only colleagues' drafts are news", async () => {
    await mountTicket({ ...IN_DIALOG, drafts: [{ user_id: user.userId, name: "Me" }] });
    expect(".o_social_care_colleagues").toHaveText("");
});

test("another ticket is another channel", async () => {
    const hear = await mountTicket();
    await hear({ what: "writing", ...BEA });
    document.querySelector(".o_pager_next")?.click();
    await animationFrame();
    await animationFrame();
    expect(channels).toEqual([
        "join social_care.ticket_1",
        "leave social_care.ticket_1",
        "join social_care.ticket_2",
    ]);
    expect(".o_social_care_colleagues").toHaveText("");
});
