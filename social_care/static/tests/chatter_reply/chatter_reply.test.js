import { describe, expect, test } from "@odoo/hoot";
import { click, contains as waitFor, openFormView, start, startServer } from "@mail/../tests/mail_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { asyncStep, defineModels, fields, models, onRpc, waitForSteps } from "@web/../tests/web_test_helpers";

describe.current.tags("desktop");

class Ticket extends models.ServerModel {
    _name = "helpdesk.ticket";
    _inherit = ["mail.thread"];
    name = fields.Char();
    social_can_reply = fields.Boolean();
    social_network_name = fields.Char();
    _views = {
        form: `<form>
            <field name="name"/>
            <field name="social_can_reply"/>
            <field name="social_network_name"/>
            <chatter/>
        </form>`,
    };
}

defineMailModels();
defineModels([Ticket]);

async function openTicket(values) {
    const pyEnv = await startServer();
    const id = pyEnv["helpdesk.ticket"].create({ name: "Suitcase", ...values });
    await start();
    await openFormView("helpdesk.ticket", id);
    return id;
}

test("a ticket that can be answered on its network offers it beside the chatter's own", async () => {
    onRpc("helpdesk.ticket", "action_social_reply", () => {
        asyncStep("reply");
        return { type: "ir.actions.act_window_close" };
    });
    await openTicket({ social_can_reply: true, social_network_name: "Mastodon" });
    await waitFor(".o-mail-Chatter-topbar button.btn-primary:contains('Reply on Mastodon')");
    expect(".o-mail-Chatter-sendMessage").toHaveClass("btn-secondary");
    await click(".o-mail-Chatter-topbar button:contains('Reply on Mastodon')");
    await waitForSteps(["reply"]);
});

test("any other ticket has the helpdesk's chatter", async () => {
    await openTicket({ social_can_reply: false, social_network_name: "Mastodon" });
    await waitFor(".o-mail-Chatter-sendMessage.btn-primary");
    expect(".o_social_care_chatter_reply").toHaveCount(0);
});
