import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

import { Component } from "@odoo/owl";

/** Tries the rule as it stands in the form, and leaves saving it to people. */
export class RuleTry extends Component {
    static template = "social_care.RuleTry";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
    }

    async tryIt() {
        const { record } = this.props;
        if (!(await record.checkValidity({ displayNotification: true }))) {
            return;
        }
        const ids = record.resId ? [record.resId] : [];
        const values = await record.getChanges();
        this.action.doAction(await this.orm.call("social.care.rule", "action_try", [ids, values]));
    }
}

export const ruleTry = { component: RuleTry };

registry.category("view_widgets").add("social_care_rule_try", ruleTry);
