import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";

import { Component, useEffect, useState } from "@odoo/owl";

/**
 * On a ticket from a network, above the mail that is about to be written: whom
 * it reaches, and the way that reaches the customer.
 */
export class ChatterRecipients extends Component {
    static template = "social_care.ChatterRecipients";
    static props = { thread: Object, reply: Function };

    setup() {
        this.orm = useService("orm");
        this.keepLast = new KeepLast();
        this.state = useState({ told: false });
        useEffect(
            () => {
                this.ask();
            },
            () => [this.props.thread.id, this.props.thread.followersCount, this.recipientsKey]
        );
    }

    get recipients() {
        const { suggestedRecipients, additionalRecipients } = this.props.thread;
        return [...suggestedRecipients, ...additionalRecipients];
    }

    get recipientsKey() {
        return this.recipients.map((one) => `${one.partner_id || ""} ${one.email}`).join();
    }

    async ask() {
        const partners = this.recipients.filter((one) => one.partner_id);
        const others = this.recipients.filter((one) => !one.partner_id && one.email);
        this.state.told = await this.keepLast.add(
            this.orm.silent.call("helpdesk.ticket", "social_care_recipients", [
                [this.props.thread.id],
                partners.map((one) => one.partner_id),
                others.map((one) => one.email),
            ])
        );
    }
}
