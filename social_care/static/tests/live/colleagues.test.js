import { describe, expect, test } from "@odoo/hoot";
import { advanceTime, animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    defineModels,
    fields,
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
async function mountTicket(options = "") {
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
            <widget name="social_care_colleagues" ${options}/>
        </form>`,
    });
    return async (details) => {
        listeners.forEach((listener) => listener({ ticket_id: 1, ...details }));
        await animationFrame();
    };
}

const IN_DIALOG = `options="{'ticket_field': 'ticket_id'}"`;

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
    expect(".o_social_care_colleagues").toHaveText("");

    await hear({ what: "writing", ...BEA });
    await hear({ what: "sent", ...BEA });
    expect(".o_social_care_colleagues").toHaveText("Bea has just answered.");
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
