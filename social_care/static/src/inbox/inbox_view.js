import { place, undoLast } from "@social_care/inbox/decided";
import { browser } from "@web/core/browser/browser";
import { useHotkey } from "@web/core/hotkeys/hotkey_hook";
import { registry } from "@web/core/registry";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { kanbanView } from "@web/views/kanban/kanban_view";

import { useEffect } from "@odoo/owl";

const CARD = ".o_kanban_record:not(.o_kanban_ghost)";

/** Cards are drawn anew after each decision: one of them always has the focus. */
export class InboxRenderer extends KanbanRenderer {
    static template = "social_care.InboxRenderer";

    setup() {
        super.setup();
        useEffect(
            () => {
                // Once the keys are there too: who sees the focus may press one.
                const timer = browser.setTimeout(() => this.focusPlace());
                return () => browser.clearTimeout(timer);
            },
            () => [this.props.list.records.map((record) => record.id).join()]
        );
    }

    onFocusin({ target }) {
        const card = target.closest(CARD);
        if (card) {
            const record = this.props.list.records.find((item) => item.id === card.dataset.id);
            place.resId = record?.resId; // none while new data waits to be drawn
            place.index = this.cards.indexOf(card);
        }
    }

    get cards() {
        return [...this.rootRef.el.querySelectorAll(CARD)];
    }

    focusPlace() {
        const { list } = this.props;
        if (document.activeElement !== document.body || list.model.useSampleModel) {
            return;
        }
        const record = list.records.find((item) => item.resId === place.resId);
        const { cards } = this;
        const card = cards.find((item) => item.dataset.id === record?.id);
        (card || cards[Math.min(place.index, cards.length - 1)])?.focus();
    }
}

/** Odoo's cards, decided by keys: the ticked ones, or else the one with the focus. */
export class InboxController extends KanbanController {
    static template = "social_care.InboxView";

    setup() {
        super.setup();
        const keys = {
            t: () => this.decide("action_make_ticket"),
            n: () => this.decide("action_decide", "ignored"),
            w: () => this.decide("action_decide", "watch"),
            l: () => this.like(),
            x: () => this.current?.toggleSelection(),
            a: () => this.model.root.toggleSelection(),
            z: () => undoLast(this.env),
            escape: () => this.untick(),
        };
        for (const [key, callback] of Object.entries(keys)) {
            useHotkey(key, callback);
        }
        useHotkey("j", () => this.move(1), { allowRepeat: true });
        useHotkey("k", () => this.move(-1), { allowRepeat: true });
    }

    get cards() {
        return [...this.rootRef.el.querySelectorAll(CARD)];
    }

    get current() {
        const id = document.activeElement?.closest(CARD)?.dataset.id;
        return this.model.root.records.find((record) => record.id === id);
    }

    move(step) {
        const { cards } = this;
        const index = cards.indexOf(document.activeElement.closest(CARD));
        cards[index < 0 ? 0 : Math.min(Math.max(index + step, 0), cards.length - 1)]?.focus();
    }

    untick() {
        for (const record of this.model.root.selection) {
            record.toggleSelection(false);
        }
    }

    like() {
        const liked = !this.hasSelectedRecords && this.current?.data.liked_at;
        return this.decide(liked ? "action_unlike" : "action_like");
    }

    async decide(name, decision) {
        const { root } = this.model;
        const ticked = await root.getResIds(true);
        const resIds = ticked.length || !this.current ? ticked : [this.current.resId];
        if (!resIds.length) {
            return;
        }
        await this.actionService.doActionButton({
            type: "object",
            name,
            resModel: root.resModel,
            resIds,
            context: root.context,
            buttonContext: decision ? { default_decision: decision } : {},
            // Who leaves the dialog undecided finds the ticks still there.
            onClose: (info) =>
                info?.dismiss || info?.special ? this.cards[place.index]?.focus() : root.load(),
        });
    }
}

registry.category("views").add("social_care_inbox", {
    ...kanbanView,
    Controller: InboxController,
    Renderer: InboxRenderer,
});
