import { describeDeadline, formatExact, parseUtc, useClock } from "@social_care/core/time";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { RadioField, radioField } from "@web/views/fields/radio/radio_field";

const DAY_AND_TIME = { weekday: "long", hour: "numeric", minute: "2-digit" };

/** Who will read an answer: the ways the network has, until when, and why one is closed. */
export class VisibilityField extends RadioField {
    static template = "social_care.VisibilityField";
    static props = { ...RadioField.props, waysField: String };

    setup() {
        super.setup();
        this.clock = useClock();
    }

    /** @returns {{value: string, label: string, icon: string, isClosed: boolean, note: string, exact: string}[]} */
    get ways() {
        const ways = this.props.record.data[this.props.waysField] || [];
        return ways.map(({ value, label, reason, closes_at }) => {
            const end = parseUtc(closes_at);
            return {
                value,
                label,
                icon: value === "public" ? "fa-globe" : "fa-lock",
                isClosed: Boolean(reason),
                note: reason || (end ? this.describeEnd(end) : ""),
                exact: formatExact(end),
            };
        });
    }

    describeEnd(end) {
        return _t("You can write until %(moment)s (%(left)s).", {
            moment: end.toLocaleString(DAY_AND_TIME),
            left: describeDeadline(end, this.clock.now).text,
        });
    }
}

export const visibilityField = {
    ...radioField,
    component: VisibilityField,
    displayName: _t("Who reads an answer"),
    supportedTypes: ["selection"],
    additionalClasses: ["o_field_radio"],
    extractProps: (fieldInfo, dynamicInfo) => ({
        ...radioField.extractProps(fieldInfo, dynamicInfo),
        waysField: fieldInfo.options.ways,
    }),
};

registry.category("fields").add("social_care_visibility", visibilityField);
