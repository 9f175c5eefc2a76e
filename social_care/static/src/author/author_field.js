import { isWebAddress, withAt } from "@social_care/core/text";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { humanNumber } from "@web/core/utils/numbers";
import { imageUrl } from "@web/core/utils/urls";
import { formatInteger } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { Component } from "@odoo/owl";

/** Who wrote: picture, name, handle, followers. In a form the handle leads to the profile. */
export class AuthorField extends Component {
    static template = "social_care.AuthorField";
    static props = {
        ...standardFieldProps,
        card: { type: Boolean, optional: true },
        avatar: { type: Boolean, optional: true },
    };
    static defaultProps = { avatar: true };

    get author() {
        return this.props.record.data[this.props.name];
    }

    get avatarUrl() {
        return imageUrl("social.care.author", this.author.id, "avatar_128");
    }

    get handle() {
        return withAt(this.author.handle);
    }

    get name() {
        return this.author.name || this.handle || this.author.display_name;
    }

    get profileUrl() {
        return this.props.card && isWebAddress(this.author.url) && this.author.url;
    }

    get followers() {
        const count = this.author.followers_count;
        return count && humanNumber(count, { decimals: count < 1000 ? 0 : 1 });
    }

    get followersTitle() {
        return _t("%s followers", formatInteger(this.author.followers_count));
    }
}

export const authorField = {
    component: AuthorField,
    displayName: _t("Profile on a network"),
    supportedTypes: ["many2one"],
    relatedFields: [
        { name: "name", type: "char" },
        { name: "handle", type: "char" },
        { name: "url", type: "char" },
        { name: "followers_count", type: "integer" },
        { name: "verified", type: "boolean" },
    ],
    isEmpty: (record, fieldName) => !record.data[fieldName],
    listViewWidth: [200, 300],
    extractProps: ({ options }) => ({ card: options.card, avatar: options.avatar }),
};

registry.category("fields").add("social_care_author", authorField);
