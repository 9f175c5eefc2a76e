import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { Component } from "@odoo/owl";

/** A yes as a small sign that says its name; a no as nothing. */
export class FlagField extends Component {
    static template = "social_care.FlagField";
    static props = {
        ...standardFieldProps,
        icon: { type: String, optional: true },
        color: { type: String, optional: true },
        label: { type: String, optional: true },
        withLabel: { type: Boolean, optional: true },
    };
    static defaultProps = { icon: "fa-circle", color: "text-primary" };
}

export const flagField = {
    component: FlagField,
    displayName: _t("Mark"),
    supportedTypes: ["boolean"],
    isEmpty: () => false,
    listViewWidth: ({ hasLabel }) => (hasLabel ? [60, 120] : 32),
    extractProps: ({ options, string }) => ({
        icon: options.icon,
        color: options.color,
        label: string,
        withLabel: options.with_label,
    }),
};

registry.category("fields").add("social_care_flag", flagField);
