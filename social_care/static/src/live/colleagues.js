import { useLive } from "@social_care/live/live";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useBus } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

import { Component, onWillUnmount, useEffect, useState } from "@odoo/owl";

const SILENT_AFTER = 12_000; // milliseconds without a key
const LOOK_AGAIN = 500; // milliseconds: several things change at once

/** Who else is at work on this ticket, and whether the customer wrote meanwhile. */
export class Colleagues extends Component {
    static template = "social_care.Colleagues";
    static props = {
        ...standardWidgetProps,
        draftsField: String,
        ticketField: { type: String, optional: true },
    };

    setup() {
        // By user id; what was heard since is newer than the record.
        this.state = useState({ writers: {}, drafts: {}, answered: "", newer: 0, customer: "" });
        this.timers = {};
        this.lookAgain = useDebounced(() => this.reload(), LOOK_AGAIN);
        useLive(
            () => this.ticketId,
            (details) => this.heard(details)
        );
        useEffect(
            () => () => this.forget(),
            () => [this.ticketId]
        );
        onWillUnmount(() => this.forget());
        useBus(this.env.bus, "social_care.show_ticket", ({ detail }) => this.show(detail));
    }

    get isDialog() {
        return Boolean(this.props.ticketField);
    }

    get ticketId() {
        const { data, resId } = this.props.record;
        return this.isDialog ? data[this.props.ticketField]?.id : resId;
    }

    heard({ what, user_id, name, count }) {
        if (what === "changed") {
            this.lookAgain();
        } else if (what === "message") {
            this.state.newer += count;
            this.state.customer = name || _t("The customer");
        } else if (user_id !== user.userId) {
            this.stopped(user_id);
            this.state.drafts[user_id] = what === "writing" && name;
            if (what === "writing") {
                this.state.writers[user_id] = name;
                if (this.state.answered === name) {
                    this.state.answered = ""; // taken back, or there is more to say
                }
                this.timers[user_id] = browser.setTimeout(() => this.stopped(user_id), SILENT_AFTER);
            } else if (what === "sent") {
                this.state.answered = name;
            }
        }
    }

    /** Stage, promise, who has it: as they are now, unless somebody is changing them here. */
    async reload() {
        const { record } = this.props;
        if (!this.isDialog && record.resId && !(await record.isDirty())) {
            await record.load();
        }
    }

    stopped(userId) {
        browser.clearTimeout(this.timers[userId]);
        delete this.state.writers[userId];
    }

    forget() {
        Object.keys(this.state.writers).forEach((userId) => this.stopped(userId));
        Object.assign(this.state, { drafts: {}, answered: "", newer: 0, customer: "" });
    }

    /** Another conversation in the place of this one, or this one again. */
    show(wanted) {
        const { model, resId, resIds, resModel } = this.props.record;
        if (!this.isDialog && resModel === "helpdesk.ticket") {
            const { ticketId = resId } = wanted;
            wanted.promise = model.load({
                resId: ticketId,
                resIds: resIds.includes(ticketId) ? resIds : [...resIds, ticketId],
            });
        }
    }

    get writing() {
        return Object.values(this.state.writers).map((name) =>
            _t("%s is writing on this ticket.", name)
        );
    }

    get drafts() {
        const { drafts, writers } = this.state;
        const known = this.props.record.data[this.props.draftsField] || [];
        const names = Object.fromEntries(known.map(({ user_id, name }) => [user_id, name]));
        const others = { ...names, ...drafts };
        const isMine = !this.isDialog && user.userId in names;
        return [
            ...(isMine ? [_t("You have a draft.")] : []),
            ...Object.keys(others)
                .filter((id) => others[id] && !writers[id] && id !== String(user.userId))
                .map((id) => _t("%s has a draft.", others[id])),
        ];
    }

    get answered() {
        const { answered } = this.state;
        return answered && _t("%s has just answered.", answered);
    }

    get newer() {
        const { customer, newer } = this.state;
        if (!this.isDialog || !newer) {
            return "";
        }
        return newer === 1
            ? _t("%s wrote 1 message meanwhile. Read it, then send.", customer)
            : _t("%(name)s wrote %(count)s messages meanwhile. Read them, then send.", {
                  name: customer,
                  count: newer,
              });
    }
}

export const colleaguesWidget = {
    component: Colleagues,
    extractProps: ({ options }) => ({
        draftsField: options.drafts_field,
        ticketField: options.ticket_field,
    }),
};

registry.category("view_widgets").add("social_care_colleagues", colleaguesWidget);
