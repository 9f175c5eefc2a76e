import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { Component, useEffect, xml } from "@odoo/owl";

const LOOK_AGAIN = 5000; // milliseconds

/** How far a sending is, read again as long as something is left, unless the form is being changed. */
export class ProgressField extends Component {
    static template = xml`<span t-esc="props.record.data[props.name]"/>`;
    static props = { ...standardFieldProps, leftField: String };

    setup() {
        useEffect(
            (isRunning) => {
                if (isRunning) {
                    const timer = browser.setInterval(() => this.lookAgain(), LOOK_AGAIN);
                    return () => browser.clearInterval(timer);
                }
            },
            () => [Boolean(this.props.record.data[this.props.leftField])]
        );
    }

    async lookAgain() {
        const { record } = this.props;
        if (!document.hidden && !(await record.isDirty())) {
            await record.load();
        }
    }
}

registry.category("fields").add("social_care_progress", {
    component: ProgressField,
    supportedTypes: ["char"],
    extractProps: ({ options }) => ({ leftField: options.left_field }),
});
