import { describe, expect, test } from "@odoo/hoot";
import { click } from "@odoo/hoot-dom";
import { animationFrame, mockDate } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { defineModels, fields, models, mountView, onRpc } from "@web/../tests/web_test_helpers";

describe.current.tags("headless");

class Mention extends models.Model {
    _name = "social.care.mention";
    name = fields.Char();
    _records = [{ id: 7, name: "My suitcase is lost" }];
}

class Reply extends models.Model {
    _name = "social.care.reply";
    mention_id = fields.Many2one({ relation: "social.care.mention" });
    body = fields.Text();
    ways = fields.Json();
    visibility = fields.Selection({
        selection: [
            ["public", "Public"],
            ["private_reply", "Private answer to a comment"],
            ["direct", "Private message"],
        ],
    });
    _records = [{ id: 1, mention_id: 7, body: "Hola", visibility: "public", ways: [] }];
}

defineMailModels();
defineModels([Mention, Reply]);

const OPEN = { value: "public", label: "Public", reason: "", closes_at: "" };
const PRIVATE = {
    value: "private_reply",
    label: "Private answer to a comment",
    reason: "",
    closes_at: "2026-08-18 12:05:00",
};
const CLOSED = { ...PRIVATE, reason: "The time for answering has passed." };

async function mountDialog(ways, visibility = "public") {
    Object.assign(Reply._records[0], { ways, visibility });
    const counted = [];
    onRpc("social.care.reply", "count_text", ({ args }) => {
        counted.push(args[2]);
        return { length: 4, max_length: args[2] === "public" ? 280 : 1000 };
    });
    await mountView({
        type: "form",
        resModel: "social.care.reply",
        resId: 1,
        arch: `<form>
            <field name="ways" invisible="1"/>
            <field name="mention_id" invisible="1"/>
            <field name="visibility" widget="social_care_visibility" options="{'ways': 'ways'}"/>
            <field name="body" widget="social_care_reply_text"/>
        </form>`,
    });
    await animationFrame();
    return counted;
}

test("a closed way cannot be chosen and says why", async () => {
    await mountDialog([OPEN, CLOSED]);
    expect("input[data-value=public]").toBeChecked();
    expect("input[data-value=private_reply]").not.toBeEnabled();
    expect(".o_social_care_way:contains('Private answer'):has(.fa-ban)").toHaveText(/has passed/);
    const note = document.getElementById(
        document.querySelector("input[data-value=private_reply]").getAttribute("aria-describedby")
    );
    expect(note).toHaveText("The time for answering has passed.");
});

test("a way that closes says until when, and how long that is", async () => {
    mockDate("2026-08-18 09:00:00");
    await mountDialog([OPEN, PRIVATE]);
    expect("input[data-value=private_reply]").toBeEnabled();
    expect(".o_social_care_way:eq(1)").toHaveText(/You can write until Tuesday.*:05.*\(in 3 h/);
});

test("the only way is a statement, not a choice", async () => {
    await mountDialog([{ ...OPEN, value: "direct", label: "Private message" }], "direct");
    expect("input[type=radio]").toHaveCount(0);
    expect(".o_social_care_way").toHaveText("Private message");
});

test("another way counts anew, as it counts", async () => {
    const counted = await mountDialog([OPEN, PRIVATE]);
    expect(".o_social_care_count").toHaveText("4 / 280");
    await click("input[data-value=private_reply]");
    await animationFrame();
    await animationFrame();
    expect(".o_social_care_count").toHaveText("4 / 1000");
    expect(counted).toEqual(["public", "private_reply"]);
});
