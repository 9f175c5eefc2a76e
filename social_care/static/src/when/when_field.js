import { describeWhen, formatExact, useClock } from "@social_care/core/time";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { Component, xml } from "@odoo/owl";

/** A moment: "12 minutes ago", "in 2 min"; the exact time on hover. */
export class WhenField extends Component {
    static template = xml`<span t-if="value" class="text-nowrap" t-att-title="exact" t-esc="text"/>`;
    static props = { ...standardFieldProps };

    setup() {
        this.clock = useClock();
    }

    get value() {
        return this.props.record.data[this.props.name];
    }

    get text() {
        return describeWhen(this.value, this.clock.now);
    }

    get exact() {
        return formatExact(this.value);
    }
}

export const whenField = {
    component: WhenField,
    displayName: _t("Time in words"),
    supportedTypes: ["datetime"],
    isEmpty: (record, fieldName) => !record.data[fieldName],
    listViewWidth: [130, 200],
};

registry.category("fields").add("social_care_when", whenField);
