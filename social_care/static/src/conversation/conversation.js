import { Bubble } from "@social_care/conversation/bubble";
import { useClock } from "@social_care/core/time";
import { useLive } from "@social_care/live/live";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

import { Component, onWillUnmount, status, useEffect, useRef, useState } from "@odoo/owl";

// What is on its way is looked at again: while it may be taken back and just after, then less often.
const LOOK_AGAIN = [2, 3, 5, 3, 3, 5, 10, 20, 30]; // seconds

/** What was said on a network, oldest first: the post commented on, customers, others, us. */
export class Conversation extends Component {
    static template = "social_care.Conversation";
    static components = { Bubble };
    static props = {
        ...standardWidgetProps,
        ticketField: { type: String, optional: true },
    };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.clock = useClock();
        this.root = useRef("root");
        this.state = useState({ bubbles: [], failed: false });
        this.calls = 0;
        this.looks = 0;
        this.hasReloaded = false;
        this.fromBottom = 0; // pixels; where to stay when the conversation grows
        useRecordObserver((record) => {
            // A record that is loaded again comes as a new one, before the props do, or with new data.
            this.record = record;
            return record.data && this.load();
        });
        useLive(
            () => this.ticketId,
            ({ what }) => ["message", "sent"].includes(what) && this.load()
        );
        useEffect(
            () => this.scroll(),
            () => [this.state.bubbles.length]
        );
        // In a dialog another one would take its place, and the text that is being written.
        this.gesture = this.props.ticketField ? undefined : this.doGesture.bind(this);
        onWillUnmount(() => clearTimeout(this.timer));
    }

    get ticketId() {
        const { data, resId } = this.record;
        return this.props.ticketField ? data[this.props.ticketField]?.id : resId;
    }

    /** To where one was, else to the end; in a dialog the customer's last message stays in sight. */
    scroll() {
        const { el } = this.root;
        if (el) {
            el.scrollTop = el.scrollHeight - this.fromBottom;
            const last = [...el.querySelectorAll(".o_social_care_customer")].at(-1);
            const above = last && el.getBoundingClientRect().top - last.getBoundingClientRect().top;
            if (this.props.ticketField && !this.fromBottom && above > 0) {
                el.scrollTop -= above;
            }
        }
        this.fromBottom = 0;
    }

    /** @param {{staysThere?: boolean}} [options] keep in sight what is, not the end */
    async load({ staysThere } = {}) {
        const { ticketId } = this;
        if (!ticketId) {
            this.state.bubbles = [];
            return;
        }
        // Each call ends, late ones without effect: the form waits for it before it is drawn.
        const call = ++this.calls;
        try {
            const bubbles = await this.orm.silent.call(
                "helpdesk.ticket",
                "social_care_conversation",
                [[ticketId]]
            );
            if (call !== this.calls) {
                return;
            }
            const { scrollHeight, scrollTop } = (staysThere && this.root.el) || {};
            this.fromBottom = scrollHeight - scrollTop || 0;
            Object.assign(this.state, { bubbles, failed: false });
            if (this.shownId !== ticketId) {
                this.shownId = ticketId;
                this.refreshContext(ticketId); // nobody waits for it
            }
        } catch {
            // The rest of the form is worth having without it; so is what stood here before.
            this.state.failed = this.shownId !== ticketId;
            return;
        }
        this.markSeen();
        this.followAnswer();
    }

    /** What stands around it may have changed on the network, which takes its time to say so. */
    async refreshContext(ticketId) {
        const hasChanged = await this.orm.silent
            .call("helpdesk.ticket", "social_care_refresh_context", [[ticketId]])
            .catch(() => false); // what is stored stays in sight
        if (hasChanged && status(this) !== "destroyed" && this.shownId === ticketId) {
            await this.load({ staysThere: true });
        }
    }

    async doGesture(bubble, name) {
        const methods = {
            like: bubble.liked_by ? "action_unlike" : "action_like",
            hide: bubble.hidden_by ? "action_unhide" : "action_hide",
            quiet: "action_quiet_post",
            good: bubble.is_good ? "action_open_good" : "action_mark_good",
            edit: "action_change",
            delete: "action_take_back",
        };
        const [model, id] = bubble.reply_id
            ? ["social.care.reply", bubble.reply_id]
            : ["social.care.mention", bubble.mention_id];
        const action = await this.orm.call(model, methods[name], [[id]]);
        if (action === true) {
            await this.reload();
        } else {
            await this.action.doAction(action, { onClose: () => this.reload() });
        }
    }

    /** The chatter tells of gestures too; a form that is being changed stays as it is. */
    async reload() {
        await ((await this.record.isDirty()) ? this.load() : this.record.load());
    }

    get isUnderWay() {
        return this.state.bubbles.some((bubble) => bubble.under_way);
    }

    /** While an answer is on its way, see what becomes of it; then the form is out of date. */
    followAnswer() {
        clearTimeout(this.timer);
        if (this.isUnderWay) {
            const seconds = LOOK_AGAIN[Math.min(this.looks++, LOOK_AGAIN.length - 1)];
            this.timer = setTimeout(() => this.load(), seconds * 1000);
            return;
        }
        this.looks = 0;
        const isOutOfDate = this.record.data.social_outbox_state === "sending";
        if (isOutOfDate && !this.hasReloaded) {
            this.reloadForm();
        }
        this.hasReloaded = isOutOfDate;
    }

    async reloadForm() {
        if (!(await this.record.isDirty())) {
            await this.record.load();
        }
    }

    /** On the ticket's own form the conversation is read; in a dialog it was before. */
    markSeen() {
        const { data, resModel, resId } = this.record;
        if (resModel === "helpdesk.ticket" && data.social_unread) {
            this.orm.silent.call("helpdesk.ticket", "action_social_seen", [[resId]]);
        }
    }

    openTicket(ticketId) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "helpdesk.ticket",
            res_id: ticketId,
            views: [[false, "form"]],
        });
    }
}

export const conversationWidget = {
    component: Conversation,
    extractProps: ({ options }) => ({ ticketField: options.ticket_field }),
};

registry.category("view_widgets").add("social_care_conversation", conversationWidget);
