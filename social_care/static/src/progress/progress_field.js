import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { CharField, charField } from "@web/views/fields/char/char_field";

import { useEffect } from "@odoo/owl";

const LOOK_AGAIN = 5000; // milliseconds

/** How far a sending is, read again as long as something is left, unless the form is being changed. */
export class ProgressField extends CharField {
    static props = { ...CharField.props, leftField: String };

    setup() {
        super.setup();
        useEffect(
            (left) => {
                if (left) {
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
    ...charField,
    component: ProgressField,
    extractProps: (info, dynamic) => ({
        ...charField.extractProps(info, dynamic),
        leftField: info.options.left_field,
    }),
});
