import { describe, expect, test } from "@odoo/hoot";
import { edit, pointerDown } from "@odoo/hoot-dom";
import { advanceTime, animationFrame, Deferred } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { cutSnippets } from "@social_care/checks/checks";
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
    visibility = fields.Selection({ selection: [["public", "Public"], ["direct", "Private message"]] });
    _records = [{ id: 1, mention_id: 7, body: "Hola", visibility: "public" }];
}

defineMailModels();
defineModels([Mention, Reply]);

const finding = (values) => ({
    guard_id: 1,
    name: "Promises",
    severity: "approve",
    kind: "keywords",
    spans: [],
    words: [],
    text: "Promises: this check takes too long",
    ...values,
});

/** Mounts the dialog; `answers` gives what the server finds in a text. */
async function mountDialog(answer) {
    const asked = [];
    onRpc("social.care.reply", "count_text", () => ({ length: 4, max_length: 280 }));
    onRpc("social.care.reply", "check_text", ({ args }) => {
        asked.push(args);
        return answer(args[1], args[2]);
    });
    await mountView({
        type: "form",
        resModel: "social.care.reply",
        resId: 1,
        arch: `<form>
            <field name="mention_id" invisible="1"/>
            <field name="visibility" widget="radio"/>
            <field name="body" widget="social_care_reply_text"/>
            <widget name="social_care_checks"/>
        </form>`,
    });
    await animationFrame();
    return asked;
}

async function type(text) {
    await pointerDown(".o_social_care_reply_text textarea");
    await edit(text, { confirm: false });
}

test("what is found is told in words, the worst first, with the place marked", async () => {
    await mountDialog((text) =>
        text === "Hola"
            ? []
            : [
                  finding({ spans: [[3, 9]] }),
                  finding({ guard_id: 2, name: "Insults", severity: "block", spans: [[0, 1]] }),
                  finding({ guard_id: 3, name: "Religion", severity: "warn" }),
              ]
    );
    expect(".o_social_care_checks li").toHaveCount(0);
    await type("We refund you");
    await advanceTime(500);
    await animationFrame();
    expect(".o_social_care_checks[role=status]").toHaveCount(1);
    expect("li:eq(0)").toHaveText(/Cannot be sent\s*Insults/);
    expect("li:eq(1)").toHaveText(/Needs approval\s*Promises\s*We refund you/);
    expect("li:eq(1) mark").toHaveText("refund");
    expect("li:eq(2)").toHaveText(/Check it\s*Religion\s*Promises: this check takes too long/);
    expect("li:eq(1) .fa-hand-paper-o").toHaveAttribute("aria-hidden", "true");
});

test("the server is asked when the keys rest, not at each of them", async () => {
    const asked = await mountDialog(() => []);
    await type("We refund");
    await type("We refund you");
    await advanceTime(300);
    expect(asked.map((args) => args[1])).toEqual(["Hola"]);
    await advanceTime(200);
    expect(asked.map((args) => args[1])).toEqual(["Hola", "We refund you"]);
    expect(asked[1]).toEqual([7, "We refund you", "public"]);
});

test("an answer that comes late does not replace a newer one", async () => {
    const late = new Deferred();
    await mountDialog((text) => (text === "old" ? late : []));
    await type("old");
    await advanceTime(500);
    await type("new");
    await advanceTime(500);
    late.resolve([finding()]);
    await animationFrame();
    expect(".o_social_care_checks li").toHaveCount(0);
});

test("a place is counted in whole signs and shown with a little around it", () => {
    expect(cutSnippets("😀 refund", [[2, 8]])).toEqual([
        { before: "😀 ", word: "refund", after: "" },
    ]);
    const [snippet] = cutSnippets("x".repeat(50) + "refund" + "y".repeat(50), [[50, 56]]);
    expect(snippet).toEqual({
        before: "…" + "x".repeat(20),
        word: "refund",
        after: "y".repeat(20) + "…",
    });
});
