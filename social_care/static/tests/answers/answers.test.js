import "@social_care/answers/answers";
import "@social_care/answers/shortcut_patch";
import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { click, edit, press, queryFirst, queryOne } from "@odoo/hoot-dom";
import { animationFrame, runAllTimers } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    contains,
    defineModels,
    fields,
    getService,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

describe.current.tags("desktop");

class Mention extends models.Model {
    _name = "social.care.mention";
    name = fields.Char();
    _records = [{ id: 7, name: "My suitcase is lost" }];
}

class Reply extends models.Model {
    _name = "social.care.reply";
    mention_id = fields.Many2one({ relation: "social.care.mention" });
    body = fields.Text();
    visibility = fields.Char();
    _records = [{ id: 1, mention_id: 7, body: "@ana \n^AA", visibility: "public" }];
}

defineMailModels();
defineModels([Mention, Reply]);

const ANSWER = { question: "", lang: "", brands: [] };
const LOST = {
    ...ANSWER,
    id: 1,
    name: "lost",
    text: "Sorry Ana, we look for it.",
    question: "Where is my suitcase?",
    lang: "en",
    brands: ["Aurora Air"],
};
const SEAT = { ...ANSWER, id: 2, name: "seat", text: "Choose a seat on our page." };
const BYE = { ...ANSWER, id: 3, name: "bye", text: "<b>Bye</b>" };
const NOTHING = { suggested: [], team: [], canned: [], manual: "" };

beforeEach(() => {
    onRpc("social.care.reply", "count_text", () => ({ length: 4, max_length: 280 }));
    onRpc("mail.canned.response", "social_care_used", ({ args }) => {
        expect.step(`used ${args[0]}`);
        return true;
    });
});

/** @param {Function | object} answers what the server has, or finds */
async function mountDialog(answers) {
    onRpc("mail.canned.response", "social_care_answers", ({ args }) => {
        expect(args[0]).toBe(7);
        return typeof answers === "function" ? answers(args[1]) : answers;
    });
    await mountView({
        type: "form",
        resModel: "social.care.reply",
        resId: 1,
        arch: `<form>
            <field name="mention_id" invisible="1"/>
            <field name="visibility" invisible="1"/>
            <widget name="social_care_answers"/>
            <field name="body" widget="social_care_reply_text"/>
        </form>`,
    });
    // As in the dialog, which keeps the focus inside; the menu opens elsewhere.
    getService("ui").activateElement(queryOne(".o_form_view"));
    await animationFrame();
}

async function open() {
    await contains("button:contains('Good answers')").click();
    await animationFrame();
}

test("three groups, the suggested first, with language, brand and a preview", async () => {
    await mountDialog({ ...NOTHING, suggested: [LOST], team: [SEAT], canned: [BYE] });
    expect("button:contains('Good answers') .badge").toHaveText("1");
    await open();
    expect(".dropdown-header").toHaveCount(3);
    expect(".dropdown-header:first").toHaveText("Suggested");
    expect(".dropdown-item:first").toHaveText(/lost\s*en\s*Aurora Air\s*Where is my suitcase\?/i);
    expect(".o_social_care_answers_preview").toHaveText(LOST.text);
});

test("arrows and Enter put an answer where the cursor stands, before the signature", async () => {
    await mountDialog({ ...NOTHING, suggested: [LOST], team: [SEAT] });
    queryOne("textarea:visible").setSelectionRange(5, 5);
    await open();
    expect("input[type=search]").toBeFocused();
    await press("arrowdown");
    await animationFrame();
    expect(".o_social_care_answers_preview").toHaveText(SEAT.text);
    await press("enter");
    await animationFrame();
    expect("textarea:visible").toHaveValue(`@ana ${SEAT.text}\n^AA`);
    expect(".o_social_care_answers").toHaveCount(0);
    expect("textarea:visible").toBeFocused();
    expect.verifySteps(["used 2"]);
});

test("after a word there is a blank", async () => {
    await mountDialog({ ...NOTHING, suggested: [LOST] });
    queryOne("textarea:visible").setSelectionRange(4, 4);
    await open();
    await press("enter");
    await animationFrame();
    expect("textarea:visible").toHaveValue(`@ana ${LOST.text} \n^AA`);
    expect.verifySteps(["used 1"]);
});

test("Escape closes it, changes nothing and goes back to the text", async () => {
    await mountDialog({ ...NOTHING, suggested: [LOST] });
    await open();
    await press("escape");
    await animationFrame();
    expect(".o_social_care_answers").toHaveCount(0);
    expect("textarea:visible").toHaveValue("@ana \n^AA");
    expect("textarea:visible").toBeFocused();
    expect.verifySteps([]);
});

test("what is typed is searched for; nothing found says so", async () => {
    await mountDialog((search) => ({
        ...NOTHING,
        team: [LOST, SEAT].filter(({ name }) => name.includes(search)),
    }));
    await open();
    expect(".dropdown-item").toHaveCount(2);
    await edit("seat");
    await runAllTimers();
    await animationFrame();
    expect(".dropdown-item").toHaveCount(1);
    await edit("zzz");
    await runAllTimers();
    await animationFrame();
    expect(".dropdown-item").toHaveCount(0);
    expect(".o_social_care_answers_list").toHaveText("Nothing found. Try another word.");
});

test("texts are text, never markup", async () => {
    await mountDialog({ ...NOTHING, canned: [BYE] });
    await open();
    expect(".o_social_care_answers_preview").toHaveText("<b>Bye</b>");
    await click(".dropdown-item");
    await animationFrame();
    expect("textarea:visible").toHaveValue(/<b>Bye<\/b>/);
    expect.verifySteps(["used 3"]);
});

test("without answers it says how they get there", async () => {
    await mountDialog(NOTHING);
    expect("button:contains('Good answers') .badge").toHaveCount(0);
    await open();
    expect(".o_social_care_answers_list").toHaveText(/Press the star below a sent answer/);
});

test("the manual is one click away where there is one", async () => {
    await mountDialog({ ...NOTHING, manual: "https://wiki.example/care" });
    expect("a:contains('Manual')").toHaveAttribute("href", "https://wiki.example/care");
    expect("a:contains('Manual')").toHaveAttribute("target", "_blank");
});

test("a shortcut and a blank become its text", async () => {
    onRpc("mail.canned.response", "social_care_expand", ({ args }) => {
        expect.step(`expand ${args[1]}`);
        return args[1] === "seat" && SEAT.text;
    });
    await mountDialog(NOTHING);
    const textarea = queryFirst("textarea:visible");
    for (const [typed, becomes] of [
        ["Hi ::seat ", `Hi ${SEAT.text} `],
        ["Hi ::other ", "Hi ::other "],
        ["Hi ::seat", "Hi ::seat"],
        ["10::30 ", "10::30 "],
    ]) {
        await contains(textarea).edit(typed, { confirm: false });
        await animationFrame();
        expect(textarea).toHaveValue(becomes);
    }
    expect.verifySteps(["expand seat", "expand other"]);
});
