import { describe, expect, test } from "@odoo/hoot";
import { advanceTime, animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    contains,
    defineModels,
    fields,
    MockServer,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

describe.current.tags("headless");

class Crisis extends models.Model {
    _name = "social.care.crisis";
    statement = fields.Char();
    progress = fields.Char();
    left = fields.Integer();
    _records = [{ id: 1, statement: "", progress: "1 sent, 2 on their way", left: 2 }];
}

defineMailModels();
defineModels([Crisis]);

const PROGRESS = ".o_field_widget[name=progress]";

async function mountCrisis() {
    onRpc("social.care.crisis", "web_read", () => expect.step("read"));
    await mountView({
        type: "form",
        resModel: "social.care.crisis",
        resId: 1,
        arch: `<form>
            <field name="statement"/>
            <field name="left" invisible="1"/>
            <field name="progress" readonly="1" widget="social_care_progress" options="{'left_field': 'left'}"/>
        </form>`,
    });
    expect.verifySteps(["read"]);
}

async function pass() {
    await advanceTime(5000);
    await animationFrame();
}

test("progress is read again until nothing is left", async () => {
    await mountCrisis();
    expect(PROGRESS).toHaveText("1 sent, 2 on their way");
    MockServer.env["social.care.crisis"].write([1], { progress: "3 sent", left: 0 });
    await pass();
    expect(PROGRESS).toHaveText("3 sent");
    expect.verifySteps(["read"]);
    await pass();
    expect.verifySteps([]);
});

test("what somebody is writing stays", async () => {
    await mountCrisis();
    await contains("[name=statement] input").edit("We know", { confirm: false });
    await pass();
    expect.verifySteps([]);
    expect("[name=statement] input").toHaveValue("We know");
});
