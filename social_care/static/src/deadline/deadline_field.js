import { describeDeadline, formatExact, useClock } from "@social_care/core/time";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { Component } from "@odoo/owl";

/** When an answer is due: "in 18 min", "2 h late"; the exact time on hover. */
export class DeadlineField extends Component {
    static template = "social_care.DeadlineField";
    static props = { ...standardFieldProps };

    setup() {
        this.clock = useClock();
    }

    get value() {
        return this.props.record.data[this.props.name];
    }

    get deadline() {
        return this.value && describeDeadline(this.value, this.clock.now);
    }

    get exact() {
        return _t("Answer by %s", formatExact(this.value));
    }
}

export const deadlineField = {
    component: DeadlineField,
    displayName: _t("Deadline in words"),
    supportedTypes: ["datetime"],
    isEmpty: (record, fieldName) => !record.data[fieldName],
    listViewWidth: [140, 220],
};

registry.category("fields").add("social_care_deadline", deadlineField);
