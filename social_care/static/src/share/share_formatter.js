import { registry } from "@web/core/registry";
import { formatPercentage } from "@web/views/fields/formatters";

/** A percentage, and nothing where there is none: of too few cases "0%" would be a conclusion. */
export function formatShare(value, options) {
    return value === false ? "" : formatPercentage(value, options);
}
formatShare.extractOptions = formatPercentage.extractOptions;

registry.category("formatters").add("social_care_share", formatShare);
