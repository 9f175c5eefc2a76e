import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { RadioField, radioField } from "@web/views/fields/radio/radio_field";

/** Who will read an answer: a choice where the network leaves one, else a statement. */
export class VisibilityField extends RadioField {
    static template = "social_care.VisibilityField";
    static props = {
        ...RadioField.props,
        allowedField: { type: String, optional: true },
    };

    get items() {
        const allowed = this.props.record.data[this.props.allowedField];
        return Array.isArray(allowed)
            ? super.items.filter(([value]) => allowed.includes(value))
            : super.items;
    }

    get label() {
        return super.items.find(([value]) => value === this.value)?.[1] ?? "";
    }

    get icon() {
        return this.value === "public" ? "fa-globe" : "fa-lock";
    }
}

export const visibilityField = {
    ...radioField,
    component: VisibilityField,
    displayName: _t("Who reads an answer"),
    supportedTypes: ["selection"],
    additionalClasses: ["o_field_radio"],
    fieldDependencies: ({ options }) => [{ name: options.allowed, type: "json" }],
    extractProps: (fieldInfo, dynamicInfo) => ({
        ...radioField.extractProps(fieldInfo, dynamicInfo),
        orientation: "horizontal",
        allowedField: fieldInfo.options.allowed,
    }),
};

registry.category("fields").add("social_care_visibility", visibilityField);
