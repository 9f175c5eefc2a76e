import { Message } from "@mail/core/common/message_model";
import { fields } from "@mail/core/common/record";
import { withAt } from "@social_care/core/text";
import { patch } from "@web/core/utils/patch";

patch(Message.prototype, {
    setup() {
        super.setup(...arguments);
        this.social_author_id = fields.One("social.care.author");
    },

    /** What a customer said on a network stands under their name, not under the sender's address. */
    get authorName() {
        const author = this.social_author_id;
        return author ? author.name || withAt(author.handle) : super.authorName;
    },
});
