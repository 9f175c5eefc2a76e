import { hasTouch } from "@web/core/browser/feature_detection";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { useDropdownState } from "@web/core/dropdown/dropdown_hooks";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

import { Component, onMounted, useRef, useState } from "@odoo/owl";

const SEARCH_AFTER = 250; // milliseconds without a key
const NOTHING = { suggested: [], team: [], canned: [], manual: "" };

/** The search box has the focus as long as it is there; arrows move through the answers below. */
class SearchBox extends Component {
    static template = "social_care.AnswersSearch";
    static props = { onInput: Function };

    setup() {
        const input = useRef("input");
        // Not useAutofocus: to it, a menu is outside the dialog that opened it.
        onMounted(() => hasTouch() || input.el.focus());
    }
}

/** Good answers and canned responses, put into the text where the cursor stands. */
export class Answers extends Component {
    static template = "social_care.Answers";
    static components = { Dropdown, DropdownItem, SearchBox };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.keepLast = new KeepLast();
        this.dropdown = useDropdownState();
        this.state = useState({
            ...NOTHING,
            search: "",
            activeId: false,
            failed: false,
        });
        this.searchLater = useDebounced(() => this.load(), SEARCH_AFTER);
        useRecordObserver((record) => {
            const mentionId = record.data.mention_id?.id;
            if (mentionId && mentionId !== this.mentionId) {
                this.mentionId = mentionId;
                this.load(); // nobody waits for it
            }
        });
        this.navigationOptions = {
            virtualFocus: true,
            shouldFocusFirstItem: true,
            onItemActivated: (element) => {
                this.state.activeId = Number(element.dataset.answerId);
            },
        };
    }

    get groups() {
        return [
            { name: "suggested", label: _t("Suggested"), answers: this.state.suggested },
            { name: "team", label: _t("Good answers of the team"), answers: this.state.team },
            { name: "canned", label: _t("Canned responses"), answers: this.state.canned },
        ].filter(({ answers }) => answers.length);
    }

    get active() {
        const answers = this.groups.flatMap((group) => group.answers);
        return answers.find(({ id }) => id === this.state.activeId);
    }

    async load() {
        const call = this.orm.silent.call("mail.canned.response", "social_care_answers", [
            this.mentionId,
            this.state.search,
        ]);
        try {
            Object.assign(this.state, await this.keepLast.add(call), { failed: false });
        } catch {
            // The dialog is worth having without it.
            Object.assign(this.state, NOTHING, { failed: true });
        }
    }

    onSearch(ev) {
        this.state.search = ev.target.value.trim();
        this.searchLater();
    }

    /** Writing goes on. What was searched for once is not what is wanted next time. */
    onStateChanged(isOpen) {
        if (isOpen) {
            return;
        }
        if (!hasTouch()) {
            this.write("");
        }
        if (this.state.search) {
            this.state.search = "";
            this.load();
        }
    }

    write(text) {
        this.env.bus.trigger("social_care.insert_text", { text, recordId: this.props.record.id });
    }

    insert(answer) {
        this.write(answer.text);
        this.orm.silent.call("mail.canned.response", "social_care_used", [[answer.id]]);
    }
}

export const answersWidget = {
    component: Answers,
    fieldDependencies: [{ name: "mention_id", type: "many2one" }],
};

registry.category("view_widgets").add("social_care_answers", answersWidget);
