import { browser } from "@web/core/browser/browser";

import { reactive } from "@odoo/owl";

const KEEP_AFTER = 1500; // milliseconds; while somebody types it is kept as often

/** What is being written in a reply dialog, kept on the server meanwhile. */
export class Draft {
    /**
     * @param {Object} orm of the environment: a dialog that is gone still keeps its text
     * @param {() => Object} getRecord the dialog's record
     */
    constructor(orm, getRecord) {
        this.orm = orm;
        this.getRecord = getRecord;
        this.state = reactive({ status: "" }); // "", "kept" or "failed"
        this.calls = Promise.resolve();
        this.isHeld = false;
    }

    /** The dialog shows a text that needs no keeping: the opening, or the draft as it is stored. */
    start(text) {
        this.text = text;
        this.kept = JSON.stringify(this.values);
        this.state.status = this.getRecord().resId ? "kept" : "";
    }

    /** @returns {{body: string, visibility: string, attachment_ids: number[]}} */
    get values() {
        const { visibility, attachment_ids } = this.getRecord().data;
        return { body: this.text, visibility, attachment_ids: attachment_ids?.currentIds || [] };
    }

    get isWorthKeeping() {
        const { body, attachment_ids } = this.values;
        const opening = (this.getRecord().data.opening_text || "").trim();
        return attachment_ids.length || !["", opening].includes(body.trim());
    }

    get isChanged() {
        return (
            !this.isHeld &&
            this.text !== undefined &&
            JSON.stringify(this.values) !== this.kept &&
            (this.isWorthKeeping || this.state.status)
        );
    }

    changed(text) {
        this.text = text;
        if (this.isChanged) {
            this.timer ??= browser.setTimeout(() => this.keep(), KEEP_AFTER);
        }
    }

    /** Keep now what is not kept yet. */
    keep({ isLeaving = false } = {}) {
        browser.clearTimeout(this.timer);
        this.timer = undefined;
        if (this.isChanged || (isLeaving && this.isLeftEmpty)) {
            this.kept = JSON.stringify(this.values);
            const call = this.call(isLeaving);
            this.calls = this.calls.then(() => call);
        }
        this.isHeld ||= isLeaving;
        return this.calls;
    }

    /** An emptied draft, as the server sees it, has its row as long as the dialog shows it. */
    get isLeftEmpty() {
        return !this.isHeld && this.getRecord().resId && !this.state.status;
    }

    getArguments(isLeaving) {
        const { data, resId } = this.getRecord();
        return [data.mention_id.id, this.values, (!isLeaving && resId) || false];
    }

    async call(isLeaving) {
        try {
            const isKept = await this.orm.silent.call(
                "social.care.reply",
                "keep_draft",
                this.getArguments(isLeaving)
            );
            this.state.status = isKept ? "kept" : "";
        } catch {
            this.kept = undefined; // the next key tries again
            this.state.status = "failed";
        }
    }

    /** The page goes: a beacon outlives it. */
    keepUrgently() {
        if (this.isChanged) {
            const params = {
                model: "social.care.reply",
                method: "keep_draft",
                args: this.getArguments(true),
                kwargs: {},
            };
            const body = JSON.stringify({ jsonrpc: "2.0", method: "call", params });
            const blob = new Blob([body], { type: "application/json" });
            navigator.sendBeacon("/web/dataset/call_kw/social.care.reply/keep_draft", blob);
        }
    }

    /** Keep nothing until it is released, while it is sent or discarded; what is under way ends first. */
    hold() {
        this.isHeld = true;
        browser.clearTimeout(this.timer);
        this.timer = undefined;
        return this.calls;
    }

    release() {
        this.isHeld = false;
    }
}
