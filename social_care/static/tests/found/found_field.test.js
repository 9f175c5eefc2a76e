import { describe, expect, test } from "@odoo/hoot";
import { click } from "@odoo/hoot-dom";
import { animationFrame, mockDate } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { defineModels, fields, models, mountView, onRpc } from "@web/../tests/web_test_helpers";

describe.current.tags("headless");

const POST = { external_id: "p1", url: "https://a.example/1", text: "Here!", posted_at: "" };

class Reply extends models.Model {
    _name = "social.care.reply";
    found = fields.Json();
    _records = [{ id: 1, found: [] }];
}

defineMailModels();
defineModels([Reply]);

async function mountFound(found) {
    Reply._records[0].found = found;
    await mountView({
        type: "form",
        resModel: "social.care.reply",
        resId: 1,
        arch: `<form><field name="found" widget="social_care_found"/></form>`,
    });
}

test("each post is shown with its time and its address", async () => {
    mockDate("2026-08-17 08:20:00", 0);
    await mountFound([{ ...POST, posted_at: "2026-08-17 08:00:00" }]);
    expect("li").toHaveCount(1);
    expect("li time").toHaveText("20 minutes ago");
    expect("li").toHaveText(/Here!/);
    expect("li a").toHaveAttribute("href", "https://a.example/1");
});

test("an address that is none of the web is no link", async () => {
    await mountFound([{ ...POST, url: "javascript:alert(1)" }]);
    expect("li a").toHaveCount(0);
    expect("li button").toHaveCount(1);
});

test("choosing one tells the server which", async () => {
    onRpc("social.care.reply", "action_choose_found", ({ args }) => {
        expect.step(args);
        return true;
    });
    await mountFound([POST, { ...POST, external_id: "p2" }]);
    await click("li:eq(1) button");
    await animationFrame();
    expect.verifySteps([[[1], "p2"]]);
});
