import { Chatter } from "@mail/chatter/web_portal/chatter";
import { useService } from "@web/core/utils/hooks";
import { patch } from "@web/core/utils/patch";

import { status } from "@odoo/owl";

/** "Reply on …" beside "Send message": the one that reaches the customer. */
patch(Chatter.prototype, {
    setup() {
        super.setup(...arguments);
        this.socialCareAction = useService("action");
    },

    /** The network's name on a ticket that can be answered there, else false. */
    get socialCareNetwork() {
        const { record, threadModel } = this.props;
        const isSocial = threadModel === "helpdesk.ticket" && record?.data.social_can_reply;
        return isSocial && record.data.social_network_name;
    },

    async socialCareReply() {
        const { record } = this.props;
        if (await record.save()) {
            const { context, resId, resIds, resModel } = record;
            await this.socialCareAction.doActionButton({
                type: "object",
                name: "action_social_reply",
                context,
                resId,
                resIds,
                resModel,
                onClose: (infos) => this.socialCareReplied(infos),
            });
        }
    },

    async socialCareReplied(infos) {
        if (!infos?.noReload && status(this) !== "destroyed") {
            await this.props.record.load();
        }
    },
});
