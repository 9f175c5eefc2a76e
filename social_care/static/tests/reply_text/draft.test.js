import { describe, expect, test } from "@odoo/hoot";
import { click, edit, queryOne, waitFor } from "@odoo/hoot-dom";
import { advanceTime, animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    defineModels,
    fields,
    getMockEnv,
    getService,
    models,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { ReplyTextField } from "@social_care/reply_text/reply_text_field";
import { WebClient } from "@web/webclient/webclient";

describe.current.tags("desktop");

class Mention extends models.Model {
    _name = "social.care.mention";
    name = fields.Char();
    _records = [{ id: 7, name: "My suitcase is lost" }];
}

class Ticket extends models.Model {
    _name = "helpdesk.ticket";
    name = fields.Char();
    _records = [{ id: 3, name: "Suitcase" }];
}

class Reply extends models.Model {
    _name = "social.care.reply";
    mention_id = fields.Many2one({ relation: "social.care.mention", default: 7 });
    ticket_id = fields.Many2one({ relation: "helpdesk.ticket", default: 3 });
    body = fields.Text({ default: "@ana \n^MC" });
    opening_text = fields.Text({ default: "@ana \n^MC" });
    signature = fields.Char({ default: "^MC" });
    visibility = fields.Char({ default: "public" });
    state = fields.Char();
    _records = [{ id: 1, body: "@ana Half", opening_text: "@ana \n^MC", mention_id: 7 }];
    _views = {
        form: `<form js_class="social_care_reply_dialog">
            <field name="mention_id" invisible="1"/>
            <field name="ticket_id" invisible="1"/>
            <field name="signature" invisible="1"/>
            <field name="opening_text" invisible="1"/>
            <field name="visibility" invisible="1"/>
            <field name="body" widget="social_care_reply_text" options="{'signature_field': 'signature'}"/>
            <footer>
                <button name="action_send_wait" type="object" class="btn-primary" string="Send"/>
                <button special="cancel" string="Discard"/>
            </footer>
        </form>`,
    };
}

defineMailModels();
defineModels([Mention, Ticket, Reply]);

async function openDialog(resId = false, { fail = false } = {}) {
    onRpc("social.care.reply", "count_text", () => ({ length: 4, max_length: 280 }));
    onRpc("social.care.reply", "keep_draft", ({ args: [mentionId, { body }, replyId] }) => {
        expect.step(["keep", mentionId, body, replyId]);
        if (fail) {
            throw new Error("no connection");
        }
        return Boolean(body.replace(/@ana|\^MC/g, "").trim());
    });
    await mountWithCleanup(WebClient);
    await getService("action").doAction({
        type: "ir.actions.act_window",
        res_model: "social.care.reply",
        res_id: resId,
        views: [[false, "form"]],
        target: "new",
    });
    await waitFor(".modal textarea");
    await animationFrame();
    await animationFrame();
}

async function type(text) {
    await click("textarea");
    await edit(text);
    await advanceTime(1600);
    await animationFrame();
}

test("what is typed is kept a moment later, and says so", async () => {
    await openDialog();
    expect(".o_social_care_kept").toHaveText("");
    await type("@ana We look");
    expect.verifySteps([["keep", 7, "@ana We look", false]]);
    expect(".o_social_care_kept").toHaveText("Draft kept");
    await advanceTime(5000);
    expect.verifySteps([]); // nothing new, nothing kept
});

test("a handle and a signature alone are not kept", async () => {
    await openDialog();
    await type("@ana \n^MC");
    await click(".modal .btn-close");
    await animationFrame();
    expect.verifySteps([]);
});

test("closing keeps the last key", async () => {
    await openDialog();
    await click("textarea");
    await edit("@ana We");
    await click(".modal .btn-close");
    await animationFrame();
    expect.verifySteps([["keep", 7, "@ana We", false]]);
    expect(".modal").toHaveCount(0);
});

test("a draft that is opened again is kept in its row, and goes when it is emptied", async () => {
    await openDialog(1);
    expect("textarea").toHaveValue("@ana Half");
    expect(".o_social_care_kept").toHaveText("Draft kept");
    await type("@ana ");
    expect.verifySteps([["keep", 7, "@ana ", 1]]);
    await click(".modal .btn-close");
    await animationFrame();
    expect.verifySteps([["keep", 7, "@ana ", false]]);
});

test("what cannot be kept says so, and the next key tries again", async () => {
    await openDialog(false, { fail: true });
    await type("@ana We");
    expect.verifySteps([["keep", 7, "@ana We", false]]);
    expect(".o_social_care_kept.text-danger").toHaveText(/not kept/);
    await type("@ana We l");
    expect.verifySteps([["keep", 7, "@ana We l", false]]);
    await click(".modal .btn-close");
    await animationFrame();
    expect.verifySteps([["keep", 7, "@ana We l", false]]);
});

test("sending keeps nothing more, and what is queued can be taken back", async () => {
    onRpc("social.care.reply", "web_save", () => expect.step("save"));
    onRpc("social.care.reply", "action_send_wait", () => {
        expect.step("send");
        return { type: "ir.actions.act_window_close" };
    });
    onRpc("social.care.reply", "read", () => [{ id: 1, state: "queued" }]);
    onRpc("social.care.reply", "action_undo_send", () => {
        expect.step("undo");
        return { type: "ir.actions.act_window_close" };
    });
    await openDialog(1);
    await click("textarea");
    await edit("@ana Whole");
    await click(".modal-footer .btn-primary");
    await waitFor(".o_notification:contains('on its way')");
    await advanceTime(5000);
    expect.verifySteps(["save", "send"]);
    expect(".modal").toHaveCount(0);
    await click(".o_notification button:contains('Cancel')");
    await animationFrame();
    await advanceTime(10_000);
    expect.verifySteps(["undo"]);
});

test("what nobody takes back leaves when the offer ends", async () => {
    onRpc("social.care.reply", "web_save", () => expect.step("save"));
    onRpc("social.care.reply", "action_send_wait", () => ({
        type: "ir.actions.act_window_close",
    }));
    onRpc("social.care.reply", "read", () => [{ id: 1, state: "queued" }]);
    onRpc("social.care.reply", "action_leave", ({ args }) => {
        expect.step(["leave", ...args]);
        return true;
    });
    await openDialog(1);
    await click("textarea");
    await edit("@ana Whole");
    await click(".modal-footer .btn-primary");
    await waitFor(".o_notification:contains('on its way')");
    expect.verifySteps(["save"]);
    await advanceTime(11_000);
    expect.verifySteps([["leave", [1]]]);
});

test("discarding throws away, unless one wants it back", async () => {
    onRpc("social.care.reply", "discard_draft", ({ args }) => {
        expect.step(["discard", ...args]);
        return true;
    });
    onRpc("helpdesk.ticket", "action_social_reply", () => ({
        type: "ir.actions.act_window_close",
    }));
    await openDialog();
    await type("@ana We look");
    await click(".modal-footer button:contains('Discard')");
    await waitFor(".o_notification:contains('draft is gone')");
    expect(".modal").toHaveCount(0);
    expect.verifySteps([
        ["keep", 7, "@ana We look", false],
        ["discard", 7],
    ]);
    await click(".o_notification button:contains('Undo')");
    await animationFrame();
    expect.verifySteps([["keep", 7, "@ana We look", undefined]]);
});

test("a helper's text goes where the cursor stands, before the signature", async () => {
    const records = [];
    patchWithCleanup(ReplyTextField.prototype, {
        setup() {
            super.setup();
            records.push(this.props.record);
        },
    });
    await openDialog();
    const insert = (recordId) =>
        getMockEnv().bus.trigger("social_care.insert_text", { text: "We look.", recordId });
    queryOne("textarea").setSelectionRange(5, 5);
    insert("another");
    await animationFrame();
    expect("textarea").toHaveValue("@ana \n^MC");
    insert(records.at(-1).id);
    await animationFrame();
    expect("textarea").toHaveValue("@ana We look.\n^MC");
    expect(queryOne("textarea").selectionStart).toBe(13);
    await advanceTime(1600);
    expect.verifySteps([["keep", 7, "@ana We look.\n^MC", false]]);
});
