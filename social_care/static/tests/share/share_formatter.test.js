import { formatShare } from "@social_care/share/share_formatter";
import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { patchWithCleanup } from "@web/../tests/web_test_helpers";
import { localization } from "@web/core/l10n/localization";
import { registry } from "@web/core/registry";

describe.current.tags("desktop");
beforeEach(() => patchWithCleanup(localization, { decimalPoint: ".", grouping: [3, 0] }));

test("the pivot finds the formatter by the name in its arch", () => {
    expect(registry.category("formatters").get("social_care_share")).toBe(formatShare);
});

test("a share of a quarter is 25%, one of nothing 0%", () => {
    expect(formatShare(0.25)).toBe("25%");
    expect(formatShare(0)).toBe("0%");
});

test("where too few cases tell nothing there is no share", () => {
    expect(formatShare(false)).toBe("");
});
