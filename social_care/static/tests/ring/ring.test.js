import { ringService } from "@social_care/ring/ring_service";
import { describe, expect, test } from "@odoo/hoot";
import { advanceTime, mockDate } from "@odoo/hoot-mock";
import { allowTranslations } from "@web/../tests/web_test_helpers";

describe.current.tags("headless");

const RING = {
    id: 7,
    title: "For you: Ana",
    text: "Bo: <b>Hello</b>\nAna: Help",
    deadline: "2026-08-17 12:05:00",
    seconds: 600,
};

function start() {
    allowTranslations();
    mockDate("2026-08-17 10:00:00", 0);
    const listeners = {};
    const notices = [];
    ringService.start(
        {},
        {
            action: { doAction: (action) => expect.step(action) },
            bus_service: { subscribe: (type, listener) => (listeners[type] = listener) },
            notification: {
                add: (text, options) => {
                    notices.push({ text, ...options });
                    return () => expect.step("notice gone");
                },
            },
            orm: {
                call: async (model, method, [ids]) =>
                    method === "action_take" ? `${model} ${method} ${ids}` : true,
            },
        }
    );
    return { notices, ring: listeners["social_care.ring"], end: listeners["social_care.ring_ended"] };
}

test("a ring says who, what and until when; words stay words", () => {
    const { notices, ring } = start();
    ring(RING);
    expect(notices[0].title).toBe("For you: Ana");
    expect(notices[0].sticky).toBe(true);
    expect(`${notices[0].text}`).toInclude("&lt;b&gt;Hello&lt;/b&gt;\nAna: Help");
    expect(`${notices[0].text}`).toInclude("Answer by 12:05");
});

test("without a promise no time is named", () => {
    const { notices, ring } = start();
    ring({ ...RING, deadline: false });
    expect(`${notices[0].text}`).not.toInclude("Answer by");
});

test("who takes it sees the ticket; who does not, stays, and may after all", async () => {
    const { notices, ring } = start();
    ring(RING);
    await notices[0].buttons[0].onClick();
    expect.verifySteps(["notice gone", "social.care.ring action_take 7"]);
    ring(RING);
    await notices[1].buttons[1].onClick();
    expect.verifySteps(["notice gone"]);
    await notices[2].buttons[0].onClick();
    expect.verifySteps(["notice gone", "social.care.ring action_take 7"]);
});

test("the notice goes away with its ring, and with its time", async () => {
    const { ring, end } = start();
    ring(RING);
    end({ id: 8 });
    expect.verifySteps([]);
    end({ id: 7 });
    expect.verifySteps(["notice gone"]);
    ring(RING);
    await advanceTime(599 * 1000);
    expect.verifySteps([]);
    await advanceTime(1000);
    expect.verifySteps(["notice gone"]);
});
