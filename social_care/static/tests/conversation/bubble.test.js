import { describe, expect, test } from "@odoo/hoot";
import { click, queryOne } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { Bubble } from "@social_care/conversation/bubble";
import { mountWithCleanup } from "@web/../tests/web_test_helpers";

describe.current.tags("headless");
defineMailModels();

const EMPTY = {
    key: "mention-1",
    who: "customer",
    name: "Ana",
    handle: "ana",
    avatar: "",
    text: "",
    time: "2026-08-17 10:00:00",
    url: "",
    picture: "",
    media: [],
    pictures: [],
    state: "",
    state_label: "",
    error: "",
    ticket_id: false,
};

function mountBubble(values, others) {
    const bubble = { ...EMPTY, ...values };
    const props = { bubble, now: Date.now(), openTicket: () => {}, ...others };
    return mountWithCleanup(Bubble, { props });
}

test("what was said is text, never markup", async () => {
    await mountBubble({ text: "<img src=x onerror=alert(1)>", name: "<b>Ana</b>" });
    expect(".o_social_care_bubble_text").toHaveText("<img src=x onerror=alert(1)>");
    expect("strong").toHaveText("<b>Ana</b>");
    expect("img").toHaveCount(0);
});

test("nothing is loaded from a stranger's server before somebody asks", async () => {
    const picture = { url: "https://far.example/p.png", kind: "image", description: "A torn bag" };
    await mountBubble({ media: [picture] });
    expect("img").toHaveCount(0);
    expect("article").toHaveText(/A torn bag/);
    await click("button:contains('Show the picture')");
    await animationFrame();
    expect("a[href='https://far.example/p.png'] img[alt='A torn bag']").toHaveCount(1);
});

test("what was deleted says when, and shows no words", async () => {
    await mountBubble({ deleted: true, gone: "Deleted by the customer on 8/17/26, 11:00 AM." });
    expect(".o_social_care_bubble_box").toHaveText("Deleted by the customer on 8/17/26, 11:00 AM.");
});

test("under a legal hold the deleted words stay, struck through", async () => {
    await mountBubble({ deleted: true, gone: "Deleted by the customer.", text: "I am furious" });
    expect(".o_social_care_bubble_text.text-decoration-line-through").toHaveText("I am furious");
});

test("addresses that are not of the web are no links", async () => {
    const media = [{ url: "javascript:alert(1)", kind: "video" }];
    await mountBubble({ url: "javascript:alert(1)", media });
    expect("a").toHaveCount(0);
});

test("our answer says its state, and why it failed", async () => {
    await mountBubble({
        who: "us",
        state: "failed",
        state_label: "Failed",
        error: "The network refused this message.",
    });
    expect("footer").toHaveText(/Failed/);
    expect("footer .text-danger:contains('refused')").toHaveCount(1);
});

test("pictures of the network's own hosts show at once, and tell it nothing of us", async () => {
    const url = "https://cdn.example/p.png";
    await mountBubble({ media: [{ url, kind: "image" }], shows_pictures: true });
    expect(`img[data-src='${url}']`).toHaveAttribute("referrerpolicy", "no-referrer");
    expect("img").toHaveAttribute("loading", "lazy");
    expect("button").toHaveCount(0);
});

test("a picture that is gone leaves its link", async () => {
    await mountBubble({
        media: [{ url: "https://cdn.example/p.png", kind: "image" }],
        shows_pictures: true,
    });
    queryOne("img").dispatchEvent(new Event("error"));
    await animationFrame();
    expect("img").toHaveCount(0);
    expect("a[href='https://cdn.example/p.png']").toHaveText(/picture/);
});

test("our own pictures show, and how many they are", async () => {
    await mountBubble({ who: "us", pictures: [{ id: 5, name: "bag.png" }, { id: 6, name: "b.png" }] });
    expect("a[href='/web/image/5'] img[alt='bag.png']").toHaveCount(1);
    expect("footer").toHaveText(/2 pictures/);
    expect("article").not.toHaveText(/no text/);
});

test("gestures are there where the network has them, and say what was done by whom", async () => {
    const gesture = (bubble, name) => expect.step(`${name} ${bubble.mention_id}`);
    await mountBubble(
        { mention_id: 7, can_like: true, can_hide: true, hidden_by: "Marta", hidden_reason: "Spam" },
        { gesture }
    );
    expect("header").toHaveText(/Hidden by Marta: Spam/);
    expect("button[aria-pressed=false]").toHaveText("Like");
    expect("button[aria-pressed=true]").toHaveText("Show again");
    await click("button:contains('Like')");
    await click("button:contains('Show again')");
    expect.verifySteps(["like 7", "hide 7"]);
});

test("below a post of ours, one can ask for no more tickets from it", async () => {
    const gesture = (bubble, name) => expect.step(`${name} ${bubble.mention_id}`);
    await mountBubble({ mention_id: 7, can_quiet: true }, { gesture });
    await click("button:contains('No tickets from this post')");
    expect.verifySteps(["quiet 7"]);
});

test("a sent answer of ours can be kept as a good one", async () => {
    const gesture = (bubble, name) => expect.step(`${name} ${bubble.reply_id}`);
    await mountBubble({ who: "us", reply_id: 5, can_keep: true }, { gesture });
    await click("button[aria-pressed=false]:contains('Keep as good')");
    expect.verifySteps(["good 5"]);
});

test("a good answer says so", async () => {
    const values = { who: "us", reply_id: 5, can_keep: true, is_good: true };
    await mountBubble(values, { gesture: () => {} });
    expect("button[aria-pressed=true]").toHaveText("Good answer");
});

test("a sent answer of ours can be changed and deleted where its network can", async () => {
    const gesture = (bubble, name) => expect.step(`${name} ${bubble.reply_id}`);
    await mountBubble({ who: "us", reply_id: 5, can_edit: true, can_delete: true }, { gesture });
    await click("button:contains('Change')");
    await click("button:contains('Delete')");
    expect.verifySteps(["edit 5", "delete 5"]);
});

test("without gestures there are no buttons", async () => {
    await mountBubble({ mention_id: 7 }, { gesture: () => {} });
    expect("button").toHaveCount(0);
});
