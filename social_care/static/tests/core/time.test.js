import { describe, expect, test } from "@odoo/hoot";
import { describeDeadline, describeWhen, formatSpan, parseUtc } from "@social_care/core/time";
import { allowTranslations } from "@web/../tests/web_test_helpers";

describe.current.tags("headless");

const { DateTime } = luxon;
const NOW = DateTime.fromISO("2026-08-17T10:00:00Z");

function due(shift) {
    allowTranslations();
    const { text, level } = describeDeadline(NOW.plus(shift), NOW.toMillis());
    return `${text} (${level})`;
}

test("a deadline says in words how much is left, or how late it is", () => {
    expect(due({ minutes: 18 })).toBe("in 18 min (soon)");
    expect(due({ minutes: 60 })).toBe("in 1 h (soon)");
    expect(due({ minutes: 61 })).toBe("in 1 h 1 min (later)");
    expect(due({ hours: 9, minutes: 40 })).toBe("in 9 h (later)");
    expect(due({ days: 3 })).toBe("in 3 d (later)");
    expect(due({ seconds: 30 })).toBe("due now (soon)");
    expect(due({ seconds: -30 })).toBe("late (late)");
    expect(due({ hours: -2 })).toBe("2 h late (late)");
});

test("a span gets coarser the longer it is", () => {
    allowTranslations();
    expect([0, 59, 60, 239, 240, 2879, 2880].map((minutes) => `${formatSpan(minutes)}`)).toEqual([
        "0 min",
        "59 min",
        "1 h",
        "3 h 59 min",
        "4 h",
        "47 h",
        "2 d",
    ]);
});

test("a moment says how long ago it was, or how soon it comes", () => {
    allowTranslations();
    const when = (shift) => `${describeWhen(NOW.plus(shift), NOW.toMillis())}`;
    expect(when({ seconds: -20 })).toBe("just now");
    expect(when({ minutes: -12 })).toBe("12 minutes ago");
    expect(when({ minutes: 2 })).toBe("in 2 min");
});

test("the server's times are read as UTC, with a blank or a T; what is no time is none", () => {
    expect(parseUtc("2026-08-17 10:00:00").toMillis()).toBe(NOW.toMillis());
    expect(parseUtc("2026-08-17T10:00:00").toMillis()).toBe(NOW.toMillis());
    expect(parseUtc("")).toBe(false);
    expect(parseUtc("yesterday")).toBe(false);
});
