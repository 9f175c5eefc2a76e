import { place } from "@social_care/inbox/decided";
import "@social_care/inbox/inbox_view";

import { describe, expect, test } from "@odoo/hoot";
import { press, queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame, Deferred, runAllTimers, tick } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { defineModels, fields, models, mountView, onRpc } from "@web/../tests/web_test_helpers";

describe.current.tags("desktop");

class Mention extends models.Model {
    _name = "social.care.mention";
    name = fields.Char();
    liked_at = fields.Datetime();
    _records = ["Ana", "Bo", "Cleo", "Dora"].map((name, index) => ({ id: index + 1, name }));

    action_make_ticket(ids) {
        expect.step(`ticket ${ids}`);
        this.unlink(ids);
        return false;
    }
}

defineMailModels();
defineModels([Mention]);
onRpc("social.care.mention", "get_menu_counts", () => ({}));

async function mountInbox() {
    Object.assign(place, { resId: false, index: 0 });
    await mountView({
        type: "kanban",
        resModel: "social.care.mention",
        arch: `<kanban js_class="social_care_inbox">
            <field name="liked_at"/>
            <templates><t t-name="card"><field name="name"/></t></templates>
        </kanban>`,
    });
    await settle();
}

async function settle() {
    await animationFrame();
    await runAllTimers();
    await animationFrame();
}

const focused = () => queryAllTexts(".o_kanban_record:focus").join();

test("the first card has the focus; J and K move it", async () => {
    await mountInbox();
    expect(focused()).toBe("Ana");
    await press("j");
    expect(focused()).toBe("Bo");
    await press("k");
    expect(focused()).toBe("Ana");
});

test("a key pressed before new data is drawn is for the next card", async () => {
    await mountInbox();
    const loaded = new Deferred();
    onRpc("social.care.mention", "web_search_read", async ({ parent }) => {
        const answer = parent();
        await loaded;
        return answer;
    });
    await press("t");
    await tick();
    // The decision is made, its redraw is not: the screen still shows Ana.
    await press("t");
    loaded.resolve();
    await tick();
    await press("t");
    await settle();
    await settle();
    await settle();
    expect.verifySteps(["ticket 1", "ticket 2", "ticket 3"]);
    expect(focused()).toBe("Dora");
});

test("keys typed ahead keep their order", async () => {
    await mountInbox();
    await press("t");
    await press("j");
    await press("t");
    await settle();
    await settle();
    await settle();
    expect.verifySteps(["ticket 1", "ticket 3"]);
});

test("after a failure nothing that was typed ahead is done", async () => {
    expect.errors(1);
    const answered = new Deferred();
    onRpc("social.care.mention", "action_make_ticket", async ({ args }) => {
        expect.step(`refused ${args[0]}`);
        await answered;
        throw new Error("No");
    });
    await mountInbox();
    await press("t");
    await press("t");
    answered.resolve();
    await settle();
    await settle();
    expect.verifySteps(["refused 1"]);
    expect.verifyErrors(["No"]);
});
