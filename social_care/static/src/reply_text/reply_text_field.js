import { getActiveHotkey } from "@web/core/hotkeys/hotkey_service";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useBus, useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { TextField, textField } from "@web/views/fields/text/text_field";

import { onMounted, onWillUnmount, useEffect, useState } from "@odoo/owl";

const COUNT_AFTER = 250; // milliseconds without a key

/**
 * The text of an answer with its length, which the server counts: each network
 * has a rule of its own. Control+Enter presses the dialog's first button.
 */
export class ReplyTextField extends TextField {
    static template = "social_care.ReplyTextField";
    static props = {
        ...TextField.props,
        mentionField: String,
        visibilityField: String,
        signatureField: { type: String, optional: true },
    };

    setup() {
        super.setup();
        this.orm = useService("orm");
        this.keepLast = new KeepLast();
        this.count = useState({ length: 0, limit: 0, isEmpty: true, isKnown: false });
        // Only in the dialog that sends it: what is begun elsewhere is saved by its form.
        this.draft = this.env.socialCareDraft;
        this.draftState = useState(this.draft?.state || {});
        this.countLater = useDebounced(() => this.countNow(), COUNT_AFTER);
        useEffect(
            () => {
                this.countNow();
            },
            () => [this.props.record.data[this.props.name], this.mentionId, this.visibility]
        );
        useBus(this.env.bus, "social_care.insert_text", ({ detail }) => this.insertText(detail));
        onMounted(() => this.draft?.start(this.text));
        useEffect(
            () => this.draft?.changed(this.text),
            () => [this.visibility, this.props.record.data.attachment_ids?.currentIds.join()]
        );
        onWillUnmount(() => {
            this.draft?.changed(this.text);
            this.draft?.keep({ isLeaving: true });
        });
        // The form and the dialog focus something themselves, a moment earlier.
        onMounted(() => requestAnimationFrame(() => this.focusEnd()));
    }

    get mentionId() {
        return this.props.record.data[this.props.mentionField]?.id;
    }

    get visibility() {
        return this.props.record.data[this.props.visibilityField];
    }

    get text() {
        return (this.textareaRef.el?.value ?? this.props.record.data[this.props.name]) || "";
    }

    /** What stands there before anybody writes. */
    get opening() {
        return (this.props.record.data.opening_text || "").trim();
    }

    get keptText() {
        switch (this.draftState.status) {
            case "kept":
                return _t("Draft kept");
            case "failed":
                return _t("Draft not kept: is there a connection?");
        }
        return "";
    }

    onInput() {
        this.countLater();
        this.draft?.changed(this.text);
    }

    get over() {
        return this.count.limit ? Math.max(0, this.count.length - this.count.limit) : 0;
    }

    get hint() {
        if (this.over) {
            return _t("%s too long: shorten it, then send it.", this.over);
        }
        return this.count.isEmpty ? _t("Write your answer, then send it.") : "";
    }

    async countNow() {
        const text = this.text;
        this.count.isEmpty = ["", this.opening].includes(text.trim());
        if (!this.mentionId) {
            return;
        }
        const { length, max_length: limit } = await this.keepLast.add(
            this.orm.silent.call("social.care.reply", "count_text", [
                this.mentionId,
                text,
                this.visibility,
            ])
        );
        Object.assign(this.count, { length, limit, isKnown: true });
    }

    /** The cursor stands where writing goes on: at the end, or before the signature. */
    focusEnd() {
        const textarea = this.textareaRef.el;
        if (!textarea) {
            return;
        }
        const signature = this.props.record.data[this.props.signatureField];
        const signed = signature && textarea.value.endsWith(`\n${signature}`);
        const end = textarea.value.length - (signed ? signature.length + 1 : 0);
        textarea.focus();
        textarea.setSelectionRange(end, end);
    }

    /** A helper's text goes where the cursor stands, and replaces nothing. Without one, only the cursor is back. */
    async insertText({ text, recordId }) {
        const textarea = this.textareaRef.el;
        if (!textarea || recordId !== this.props.record.id) {
            return;
        }
        if (!text) {
            textarea.focus();
            return;
        }
        const { selectionEnd, value } = textarea;
        const gap = /\S$/.test(value.slice(0, selectionEnd)) ? " " : "";
        const at = selectionEnd + gap.length;
        textarea.value = value.slice(0, selectionEnd) + gap + text + value.slice(selectionEnd);
        await this.props.record.update({ [this.props.name]: textarea.value });
        this.draft?.changed(textarea.value);
        textarea.focus();
        textarea.setSelectionRange(at + text.length, at + text.length);
    }

    onKeydown(ev) {
        if (getActiveHotkey(ev) !== "control+enter" || this.count.isEmpty) {
            return;
        }
        const button = ev.target
            .closest(".modal-content")
            ?.querySelector(".modal-footer button.btn-primary[type=object]:not([disabled])");
        if (button) {
            ev.preventDefault();
            ev.stopPropagation();
            button.click();
        }
    }
}

export const replyTextField = {
    ...textField,
    component: ReplyTextField,
    displayName: _t("Text of an answer"),
    supportedTypes: ["text"],
    extractProps: (fieldInfo) => ({
        ...textField.extractProps(fieldInfo),
        mentionField: fieldInfo.options.mention_field || "mention_id",
        visibilityField: fieldInfo.options.visibility_field || "visibility",
        signatureField: fieldInfo.options.signature_field,
    }),
};

registry.category("fields").add("social_care_reply_text", replyTextField);
