import { describe, expect, test } from "@odoo/hoot";
import { click } from "@odoo/hoot-dom";
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
    state: "",
    state_label: "",
    error: "",
    ticket_id: false,
};

function mountBubble(values) {
    const props = { bubble: { ...EMPTY, ...values }, now: Date.now(), openTicket: () => {} };
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
