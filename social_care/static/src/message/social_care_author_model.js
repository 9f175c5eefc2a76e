import { Record } from "@mail/core/common/record";
import { imageUrl } from "@web/core/utils/urls";

/** A customer's profile on a network, as the writer of a message in the chatter. */
export class SocialCareAuthor extends Record {
    static _name = "social.care.author";
    static id = "id";

    /** @type {number} */
    id;
    /** @type {string} */
    name;
    /** @type {string} */
    handle;
    /** @type {string} */
    avatar_128_access_token;

    get avatarUrl() {
        return imageUrl("social.care.author", this.id, "avatar_128", {
            access_token: this.avatar_128_access_token,
        });
    }
}

SocialCareAuthor.register();
