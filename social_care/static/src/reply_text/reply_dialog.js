import { Draft } from "@social_care/reply_text/draft";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formView } from "@web/views/form/form_view";

import { useSubEnv } from "@odoo/owl";

const UNDO_WITHIN = 10_000; // ms

/**
 * Offer to take something back. The dialog that did it is gone by then.
 *
 * @param {() => Promise<Object>} undo gives the action that shows it again
 * @param {() => void} [end] nobody took it back
 */
function offerUndo(env, message, name, undo, end) {
    let isUndone = false;
    const close = env.services.notification.add(message, {
        type: "success",
        autocloseDelay: UNDO_WITHIN,
        onClose: () => isUndone || end?.(),
        buttons: [
            {
                name,
                icon: "fa-undo",
                onClick: async () => {
                    isUndone = true;
                    close();
                    const action = await undo();
                    await env.services.action.doAction(action, {
                        onClose: () => env.bus.trigger("social_care.show_ticket", {}),
                    });
                },
            },
        ],
    });
}

/** The dialog in which agents write: it keeps drafts, and goes on to the next conversation. */
export class ReplyDialogController extends formView.Controller {
    setup() {
        super.setup();
        this.draft = new Draft(this.env.services.orm, () => this.model.root);
        useSubEnv({ socialCareDraft: this.draft });
        if (this.env.dialogData) {
            // Closing it keeps the text first: reopened at once, it is there.
            this.env.dialogData.dismiss = () => this.draft.keep({ isLeaving: true });
        }
    }

    /** The form would save itself, a handle and a signature alone too. */
    beforeUnload() {
        this.draft.keepUrgently();
    }

    async beforeExecuteActionButton(clickParams) {
        if (clickParams.special === "cancel") {
            // Where nothing can be sent now there is nothing to discard: a draft waits for its time.
            if (!this.model.root.data.no_way_text) {
                await this.discardDraft();
            }
            return super.beforeExecuteActionButton(clickParams);
        }
        if (!clickParams.name?.startsWith("action_send_")) {
            return super.beforeExecuteActionButton(clickParams);
        }
        await this.draft.hold();
        try {
            const isSaved = await super.beforeExecuteActionButton(clickParams);
            if (isSaved === false || clickParams.name !== "action_send_next") {
                return isSaved;
            }
            await this.sendAndGoOn();
            return false;
        } catch (error) {
            this.draft.release();
            throw error;
        }
    }

    async afterExecuteActionButton(clickParams) {
        await super.afterExecuteActionButton(clickParams);
        if (clickParams.name?.startsWith("action_send_")) {
            await this.sent();
        }
    }

    /** Sent: it can be taken back while it has not left. Refused: the dialog keeps drafts again. */
    async sent() {
        const { orm } = this.env.services;
        const { resId } = this.model.root;
        const [reply] = await orm.silent.read("social.care.reply", [resId], ["state"]);
        const messages = {
            queued: _t("The answer is on its way."),
            to_approve: _t("The answer waits for approval."),
        };
        if (reply.state === "draft") {
            this.draft.release();
        } else if (messages[reply.state]) {
            const call = (name) => orm.call("social.care.reply", name, [[resId]]);
            offerUndo(
                this.env,
                messages[reply.state],
                _t("Cancel"),
                () => call("action_undo_send"),
                () => reply.state === "queued" && call("action_leave")
            );
        }
    }

    /** The next conversation takes the place of this one: one breadcrumb, and the list's pager. */
    async sendAndGoOn() {
        const { services, bus } = this.env;
        const { resId, context } = this.model.root;
        const next = await services.orm.call("social.care.reply", "action_send_next", [[resId]], {
            context,
        });
        if (next.type === "ir.actions.client" || next.target === "new") {
            // Not sent yet: a notice, or a question in a dialog, says why.
            await services.action.doAction(next);
            return this.sent();
        }
        const sent = this.sent.bind(this);
        const isTicket = next.res_model === "helpdesk.ticket" && next.res_id;
        await services.action.doAction({
            type: "ir.actions.act_window_close",
            infos: { noReload: true },
        });
        const shown = isTicket ? { ticketId: next.res_id, promise: null } : {};
        if (isTicket) {
            bus.trigger("social_care.show_ticket", shown);
        }
        await (shown.promise ||
            services.action.doAction(next, { clearBreadcrumbs: !isTicket }));
        await sent();
    }

    async discardDraft() {
        const { orm } = this.env.services;
        const { data } = this.model.root;
        const { isWorthKeeping, values } = this.draft;
        const [mentionId, ticketId] = [data.mention_id.id, data.ticket_id.id];
        await this.draft.hold();
        await orm.call("social.care.reply", "discard_draft", [mentionId]);
        if (isWorthKeeping) {
            offerUndo(this.env, _t("Your draft is gone."), _t("Undo"), async () => {
                await orm.call("social.care.reply", "keep_draft", [mentionId, values]);
                return orm.call("helpdesk.ticket", "action_social_reply", [[ticketId]]);
            });
        }
    }
}

export const replyDialogView = { ...formView, Controller: ReplyDialogController };

registry.category("views").add("social_care_reply_dialog", replyDialogView);
