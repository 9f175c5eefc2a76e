import { Message } from "@mail/core/common/message";
import { patch } from "@web/core/utils/patch";

patch(Message.prototype, {
    get authorAvatarUrl() {
        return this.message.social_author_id?.avatarUrl ?? super.authorAvatarUrl;
    },
});
