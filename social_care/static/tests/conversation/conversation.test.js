import { describe, expect, test } from "@odoo/hoot";
import { click, queryOne } from "@odoo/hoot-dom";
import { animationFrame, Deferred } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    defineModels,
    fields,
    models,
    mockService,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

describe.current.tags("headless");

class Ticket extends models.Model {
    _name = "helpdesk.ticket";
    name = fields.Char();
    social_unread = fields.Boolean();
    social_outbox_state = fields.Char();
    ticket_id = fields.Many2one({ relation: "helpdesk.ticket" });
    _records = [{ id: 1, name: "Suitcase", ticket_id: 1 }];
}

defineMailModels();
defineModels([Ticket]);

const EMPTY = { who: "customer", text: "Hola", time: "", url: "", media: [], pictures: [] };

function bubblesOf(...keys) {
    return keys.map((key) => ({ ...EMPTY, key, name: key, mention_id: 7, can_like: true }));
}

/** @param {object[][]} versions what the server says, call by call */
async function mountTicket(versions, widget = `<widget name="social_care_conversation"/>`) {
    let calls = 0;
    onRpc("helpdesk.ticket", "social_care_conversation", () => {
        expect.step("conversation");
        return versions[Math.min(calls++, versions.length - 1)];
    });
    await mountView({
        type: "form",
        resModel: "helpdesk.ticket",
        resId: 1,
        arch: `<form>
            <field name="name"/>
            <field name="social_unread" invisible="1"/>
            <field name="social_outbox_state" invisible="1"/>
            ${widget}
        </form>`,
    });
}

test("what is stored shows at once; what the network adds later moves nothing", async () => {
    const network = new Deferred();
    onRpc("helpdesk.ticket", "social_care_refresh_context", () => network);
    const keys = [...Array(30).keys()].map((number) => `Ana ${number}`);
    await mountTicket([bubblesOf(...keys), bubblesOf("post", ...keys)]);
    expect("article").toHaveCount(30);
    const box = queryOne(".o_social_care_conversation");
    box.style.height = "200px";
    box.scrollTop = 150;
    const below = box.scrollHeight - box.scrollTop;

    network.resolve(true);
    await animationFrame();
    await animationFrame();
    expect("article").toHaveCount(31);
    expect(box.scrollHeight - box.scrollTop).toBe(below);
    expect.verifySteps(["conversation", "conversation"]);
});

test("a network that fails, or has nothing new, is not heard of", async () => {
    onRpc("helpdesk.ticket", "social_care_refresh_context", () => {
        expect.step("asked");
        throw new Error("out of order");
    });
    await mountTicket([bubblesOf("Ana")]);
    await animationFrame();
    expect("article").toHaveCount(1);
    expect(".alert").toHaveCount(0);
    expect.verifySteps(["conversation", "asked"]);
});

test("a like is sent for the very message, then the conversation is read again", async () => {
    onRpc("helpdesk.ticket", "social_care_refresh_context", () => false);
    onRpc("social.care.mention", "action_like", ({ args }) => {
        expect.step(`like ${args[0]}`);
        return true;
    });
    const [bubble] = bubblesOf("Ana");
    await mountTicket([[bubble], [{ ...bubble, liked_by: "Marta" }]]);
    await click("button:contains('Like')");
    await animationFrame();
    await animationFrame();
    expect("button[aria-pressed=true]:contains('Liked')").toHaveCount(1);
    expect.verifySteps(["conversation", "like 7", "conversation"]);
});

test("what the network refused is told", async () => {
    const told = { type: "ir.actions.client", tag: "display_notification" };
    onRpc("helpdesk.ticket", "social_care_refresh_context", () => false);
    onRpc("social.care.mention", "action_like", () => told);
    mockService("action", { doAction: (action) => expect.step(action.tag) });
    await mountTicket([bubblesOf("Ana")]);
    await click("button:contains('Like')");
    await animationFrame();
    expect.verifySteps(["conversation", "display_notification"]);
});

test("while an answer is written, nothing can take the dialog's place", async () => {
    onRpc("helpdesk.ticket", "social_care_refresh_context", () => false);
    await mountTicket(
        [bubblesOf("Ana")],
        `<field name="ticket_id" invisible="1"/>
        <widget name="social_care_conversation" options="{'ticket_field': 'ticket_id'}"/>`
    );
    expect("article").toHaveCount(1);
    expect("article button").toHaveCount(0);
    expect.verifySteps(["conversation"]);
});
