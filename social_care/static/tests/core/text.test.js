import { describe, expect, test } from "@odoo/hoot";
import { isWebAddress, splitLinks, withAt } from "@social_care/core/text";

describe.current.tags("headless");

test("addresses become links, the full stop after them does not", () => {
    expect(splitLinks("See https://a.example/x?y=1. Or (http://b.example/)!")).toEqual([
        { text: "See " },
        { text: "https://a.example/x?y=1", href: "https://a.example/x?y=1" },
        { text: ". Or (" },
        { text: "http://b.example/", href: "http://b.example/" },
        { text: ")!" },
    ]);
    expect(splitLinks("")).toEqual([]);
});

test("nothing but the web becomes a link", () => {
    expect(splitLinks("javascript:alert(1)")).toEqual([{ text: "javascript:alert(1)" }]);
    expect(isWebAddress("javascript:alert(1)")).toBe(false);
    expect(isWebAddress("HTTPS://a.example")).toBe(true);
    expect(isWebAddress(false)).toBe(false);
});

test("a handle has one @", () => {
    expect(withAt("ana")).toBe("@ana");
    expect(withAt("@ana@far.example")).toBe("@ana@far.example");
    expect(withAt("")).toBe("");
});
