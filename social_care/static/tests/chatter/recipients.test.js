import { describe, expect, test } from "@odoo/hoot";
import { click, waitFor } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { ChatterRecipients } from "@social_care/chatter/recipients";
import { mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";

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

function mountRecipients(thread = makeThread(), reply = () => {}) {
    return mountWithCleanup(ChatterRecipients, { props: { thread, reply } });
}

test("it says whom the message reaches, as text", async () => {
    onRpc("helpdesk.ticket", "social_care_recipients", () => ({ ...TOLD, text: "<b>Joel</b>" }));
    await mountRecipients();
    await waitFor(".alert-warning:contains('<b>Joel</b>')");
    expect("b").toHaveCount(0);
});

test("it says nothing where the ticket is not from a network", async () => {
    onRpc("helpdesk.ticket", "social_care_recipients", () => false);
    await mountRecipients();
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
    await mountRecipients(thread);
    await waitFor(".alert-info");
    thread.suggestedRecipients = [];
    thread.additionalRecipients = [{ email: "bo@x.example" }];
    await waitFor(".alert-warning");
    expect(asked).toEqual([
        [[7], [3], []],
        [[7], [], ["bo@x.example"]],
    ]);
});

test("its button leads to the reply dialog", async () => {
    onRpc("helpdesk.ticket", "social_care_recipients", () => TOLD);
    await mountRecipients(makeThread(), () => expect.step("reply"));
    await waitFor("button:contains('Reply on Mastodon')");
    await click("button");
    expect.verifySteps(["reply"]);
});

test("without a way to answer it offers none", async () => {
    onRpc("helpdesk.ticket", "social_care_recipients", () => ({ ...TOLD, reply: false }));
    await mountRecipients();
    await waitFor(".alert");
    expect("button").toHaveCount(0);
});
