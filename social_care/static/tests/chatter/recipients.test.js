import { describe, expect, test } from "@odoo/hoot";
import { click, queryAllTexts, waitFor } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { ChatterRecipients } from "@social_care/chatter/recipients";
import { mockService, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";

import { reactive } from "@odoo/owl";

describe.current.tags("headless");
defineMailModels();

const TOLD = {
    text: "Goes to Joel. Ana will not see it: they are on Mastodon.",
    reached: false,
    reply: "Reply on Mastodon",
};

function makeThread(values = {}) {
    return reactive({
        id: 7,
        followersCount: 1,
        suggestedRecipients: [],
        additionalRecipients: [],
        ...values,
    });
}

test("it says whom the message reaches, as text", async () => {
    onRpc("helpdesk.ticket", "social_care_recipients", () => ({ ...TOLD, text: "<b>Joel</b>" }));
    await mountWithCleanup(ChatterRecipients, { props: { thread: makeThread() } });
    await waitFor(".alert-warning:contains('<b>Joel</b>')");
    expect("b").toHaveCount(0);
});

test("it says nothing where the ticket is not from a network", async () => {
    onRpc("helpdesk.ticket", "social_care_recipients", () => false);
    await mountWithCleanup(ChatterRecipients, { props: { thread: makeThread() } });
    await animationFrame();
    expect(".alert").toHaveCount(0);
});

test("it follows who is chosen", async () => {
    const asked = [];
    onRpc("helpdesk.ticket", "social_care_recipients", ({ args }) => {
        asked.push(args);
        return { ...TOLD, reached: args[1].includes(3) };
    });
    const thread = makeThread({ suggestedRecipients: [{ partner_id: 3, email: "ana@x.example" }] });
    await mountWithCleanup(ChatterRecipients, { props: { thread } });
    await waitFor(".alert-info");
    thread.suggestedRecipients = [];
    thread.additionalRecipients = [{ email: "bo@x.example" }];
    await waitFor(".alert-warning");
    expect(asked).toEqual([
        [[7], [3], []],
        [[7], [], ["bo@x.example"]],
    ]);
});

test("its button opens the reply dialog once the ticket is saved", async () => {
    const steps = [];
    onRpc("helpdesk.ticket", "social_care_recipients", () => TOLD);
    onRpc("helpdesk.ticket", "action_social_reply", ({ args }) => {
        steps.push(args);
        return { type: "ir.actions.act_window", res_model: "social.care.reply" };
    });
    mockService("action", { doAction: (action) => steps.push(action.res_model) });
    const record = { save: () => steps.push("save"), load: () => {} };
    await mountWithCleanup(ChatterRecipients, { props: { thread: makeThread(), record } });
    await waitFor("button:contains('Reply on Mastodon')");
    await click("button");
    await animationFrame();
    expect(steps).toEqual(["save", [[7]], "social.care.reply"]);
    expect(queryAllTexts("button")).toEqual(["Reply on Mastodon"]);
});

test("without a way to answer it offers none", async () => {
    onRpc("helpdesk.ticket", "social_care_recipients", () => ({ ...TOLD, reply: false }));
    await mountWithCleanup(ChatterRecipients, { props: { thread: makeThread() } });
    await waitFor(".alert");
    expect("button").toHaveCount(0);
});
