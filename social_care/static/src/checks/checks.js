import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

import { Component, useEffect, useExternalListener, useRef, useState } from "@odoo/owl";

const CHECK_AFTER = 400; // milliseconds without a key
const AROUND = 20; // signs shown before and after a word that was found
const SHOWN = 3; // places of one finding

// The worst first.
const SEVERITIES = {
    block: { icon: "fa-ban", color: "danger", label: _t("Cannot be sent") },
    approve: { icon: "fa-hand-paper-o", color: "warning", label: _t("Needs approval") },
    warn: { icon: "fa-eye", color: "info", label: _t("Check it") },
};

/**
 * Where something was found, with a little of the text around it.
 *
 * @param {string} text
 * @param {[number, number][]} spans in whole signs, as the server counts: an emoji is one
 * @returns {{before: string, word: string, after: string}[]}
 */
export function cutSnippets(text, spans) {
    const signs = Array.from(text);
    const cut = (start, end) => signs.slice(start, end).join("");
    return spans.slice(0, SHOWN).map(([start, end]) => {
        const from = Math.max(0, start - AROUND);
        const to = Math.min(signs.length, end + AROUND);
        return {
            before: (from ? "…" : "") + cut(from, start),
            word: cut(start, end),
            after: cut(end, to) + (to < signs.length ? "…" : ""),
        };
    });
}

/**
 * What the checks before sending find in an answer while it is written. The server looks,
 * and looks again when it is sent: this only tells.
 */
export class Checks extends Component {
    static template = "social_care.Checks";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.root = useRef("root");
        this.keepLast = new KeepLast();
        this.state = useState({ findings: [] });
        this.checkLater = useDebounced(() => this.check(), CHECK_AFTER);
        // The record learns of a text when the cursor leaves it; people want to know earlier.
        this.typed = null;
        useExternalListener(window, "input", (ev) => this.onInput(ev.target));
        useEffect(
            () => {
                this.typed = null;
            },
            () => [this.data.body]
        );
        useEffect(
            () => {
                this.check();
            },
            () => [this.data.body, this.data.visibility, this.data.mention_id?.id]
        );
    }

    get data() {
        return this.props.record.data;
    }

    onInput(target) {
        const form = this.root.el?.closest(".o_form_renderer");
        if (form?.contains(target) && target.matches(".o_social_care_reply_text textarea")) {
            this.typed = target.value;
            this.checkLater();
        }
    }

    async check() {
        const text = (this.typed ?? this.data.body) || "";
        const { mention_id: mention, visibility } = this.data;
        if (!mention || !text.trim()) {
            this.state.findings = [];
            return;
        }
        const findings = await this.keepLast.add(
            this.orm.silent.call("social.care.reply", "check_text", [mention.id, text, visibility])
        );
        this.state.findings = Object.entries(SEVERITIES).flatMap(([severity, look]) =>
            findings
                .filter((finding) => finding.severity === severity)
                .map((finding) => ({
                    ...finding,
                    ...look,
                    snippets: cutSnippets(text, finding.spans),
                }))
        );
    }
}

export const checks = {
    component: Checks,
    fieldDependencies: [
        { name: "body", type: "text" },
        { name: "visibility", type: "selection" },
        { name: "mention_id", type: "many2one" },
    ],
};

registry.category("view_widgets").add("social_care_checks", checks);
