import { menuCountsService, nameWithCounts } from "@social_care/menu/menu_counts";
import { describe, expect, test } from "@odoo/hoot";

describe.current.tags("headless");

const INBOX = "social_care.social_care_inbox_menu";
const inbox = { xmlid: INBOX, appID: 7, name: "Inbox", childrenTree: [] };

function start({ app, read }) {
    const bus = new EventTarget();
    const menu = { getAll: () => [inbox], getCurrentApp: () => ({ id: app }) };
    const call = (model, method) => {
        expect.step(`${model} ${method}`);
        return read();
    };
    const orm = { silent: { call } };
    return menuCountsService.start({ bus }, { menu, orm });
}

test("what waits stands behind the names, at any depth, and nothing behind the others", () => {
    const social = { xmlid: "social", name: "Social", childrenTree: [inbox] };
    const [named] = nameWithCounts([social], { [INBOX]: "12" });
    expect(named.name).toBe("Social");
    expect(named.childrenTree[0].name).toBe("Inbox (12)");
    expect(inbox.name).toBe("Inbox", { message: "the menu itself stays as it is" });
});

test("what waits is read for the helpdesk", async () => {
    const counts = start({ app: 7, read: async () => ({ [INBOX]: "12" }) });
    await counts.refresh();
    expect(counts.waiting[INBOX]).toBe("12");
    expect.verifySteps(["social.care.mention get_menu_counts"]);
});

test("other apps ask nothing", async () => {
    const counts = start({ app: 8, read: async () => ({}) });
    await counts.refresh();
    expect.verifySteps([]);
});

test("without an answer the menus stay as they were", async () => {
    let read = async () => ({ [INBOX]: "12" });
    const counts = start({ app: 7, read: () => read() });
    await counts.refresh();
    read = async () => {
        throw new Error("offline");
    };
    await counts.refresh();
    expect(counts.waiting[INBOX]).toBe("12");
    expect.verifySteps(Array(2).fill("social.care.mention get_menu_counts"));
});
