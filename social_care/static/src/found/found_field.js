import { isWebAddress } from "@social_care/core/text";
import { describeWhen, formatExact, parseUtc, useClock } from "@social_care/core/time";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { Component, useState } from "@odoo/owl";

/** The posts that a look on the network found for an answer: which of them is it? */
export class FoundField extends Component {
    static template = "social_care.FoundField";
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.clock = useClock();
        this.state = useState({ isBusy: false });
    }

    /** @returns {{id: string, url: string|false, text: string, time: string, exact: string}[]} */
    get posts() {
        return (this.props.record.data[this.props.name] || []).map((post) => {
            const moment = parseUtc(post.posted_at);
            return {
                id: post.external_id,
                url: isWebAddress(post.url) && post.url,
                text: post.text,
                time: moment ? describeWhen(moment, this.clock.now) : "",
                exact: formatExact(moment),
            };
        });
    }

    async choose(post) {
        const { record } = this.props;
        this.state.isBusy = true;
        try {
            await this.orm.call(record.resModel, "action_choose_found", [[record.resId], post.id]);
            await record.load();
        } finally {
            this.state.isBusy = false;
        }
    }
}

export const foundField = {
    component: FoundField,
    displayName: _t("Posts that look like it"),
    supportedTypes: ["json"],
};

registry.category("fields").add("social_care_found", foundField);
