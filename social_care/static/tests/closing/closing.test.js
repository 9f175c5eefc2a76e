import { closingService } from "@social_care/closing/closing_service";
import { describe, expect, test } from "@odoo/hoot";
import { allowTranslations } from "@web/../tests/web_test_helpers";

describe.current.tags("headless");

test("who dragged tickets to Done is asked why, once for all of them", async () => {
    allowTranslations();
    let tell, notice;
    const closing = {
        action: { doAction: (action) => expect.step(action) },
        bus_service: { subscribe: (type, listener) => (tell = listener) },
        notification: {
            add: (text, options) => {
                notice = { text, ...options };
                return () => expect.step("notice gone");
            },
        },
        orm: { call: async (model, method, [ids]) => `${model} ${method} ${ids}` },
    };
    closingService.start({}, closing);
    tell({ ticket_ids: [3, 4] });
    expect(`${notice.text}`).toBe("Nobody answered the customer. Why?");
    expect(notice.sticky).toBe(true);
    await notice.buttons[0].onClick();
    expect.verifySteps(["notice gone", "helpdesk.ticket action_social_close 3,4"]);
});
