import { ReplyTextField } from "@social_care/reply_text/reply_text_field";
import { patch } from "@web/core/utils/patch";

import { useEffect } from "@odoo/owl";

const TYPED = /(?:^|\s)::(\S+)\s$/;

/** "::hello" and a blank become the canned response, as in Odoo's own composer. */
patch(ReplyTextField.prototype, {
    setup() {
        super.setup();
        useEffect(
            (textarea) => {
                const expand = () => this.expandShortcut(textarea);
                textarea?.addEventListener("input", expand);
                return () => textarea?.removeEventListener("input", expand);
            },
            () => [this.textareaRef.el]
        );
    },

    async expandShortcut(textarea) {
        const { selectionEnd, value } = textarea;
        const shortcut = TYPED.exec(value.slice(0, selectionEnd))?.[1];
        if (!shortcut) {
            return;
        }
        const text = await this.orm.silent.call("mail.canned.response", "social_care_expand", [
            this.mentionId,
            shortcut,
        ]);
        const end = selectionEnd - 1;
        const start = end - `::${shortcut}`.length;
        // Whoever went on writing elsewhere keeps what they wrote.
        if (text && textarea.value.slice(start, end) === `::${shortcut}`) {
            textarea.setRangeText(text, start, end, "preserve");
            await this.props.record.update({ [this.props.name]: textarea.value });
            this.draft?.changed(textarea.value);
        }
    },
});
