import { place, undoLast } from "@social_care/inbox/decided";
import { browser } from "@web/core/browser/browser";
import { useHotkey } from "@web/core/hotkeys/hotkey_hook";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { kanbanView } from "@web/views/kanban/kanban_view";

import { onWillRender, status, useEffect } from "@odoo/owl";

const CARD = ".o_kanban_record:not(.o_kanban_ghost)";
const DRAWN = "social_care.inbox_drawn";

/** Cards are drawn anew after each decision: one of them always has the focus. */
export class InboxRenderer extends KanbanRenderer {
    static template = "social_care.InboxRenderer";

    setup() {
        super.setup();
        this.resIds = new Map(); // of every card drawn: new data comes before new cards
        onWillRender(() => {
            for (const record of this.props.list.records) {
                this.resIds.set(record.id, record.resId);
            }
        });
        useEffect(
            () => {
                place.drawing = true;
                // Once the keys are there too: who sees the focus may press one.
                const timer = browser.setTimeout(() => {
                    place.drawing = false;
                    this.focusPlace();
                    this.props.list.model.bus.trigger(DRAWN);
                });
                return () => browser.clearTimeout(timer);
            },
            () => [this.props.list.records.map((record) => record.id).join()]
        );
    }

    onFocusin({ target }) {
        const card = target.closest(CARD);
        if (card) {
            place.resId = this.resIds.get(card.dataset.id);
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

/**
 * Odoo's cards, decided by keys: the ticked ones, or else the one with the focus.
 *
 * A key pressed while a decision or its redraw is under way is meant for what comes then.
 */
export class InboxController extends KanbanController {
    static template = "social_care.InboxView";

    setup() {
        super.setup();
        this.ui = useService("ui");
        this.pressed = [];
        this.deciding = false;
        useBus(this.model.bus, DRAWN, () => this.go());
        const keys = {
            t: () => this.decide("action_make_ticket"),
            n: () => this.decide("action_decide", "ignored"),
            w: () => this.decide("action_decide", "watch"),
            l: () => this.like(),
            x: () => this.current?.toggleSelection(),
            a: () => this.model.root.toggleSelection(),
            z: () => this.undo(),
            escape: () => this.untick(),
        };
        for (const [key, callback] of Object.entries(keys)) {
            useHotkey(key, () => this.press(callback));
        }
        useHotkey("j", () => this.press(() => this.move(1)), { allowRepeat: true });
        useHotkey("k", () => this.press(() => this.move(-1)), { allowRepeat: true });
    }

    press(callback) {
        this.pressed.push(callback);
        this.act();
    }

    act() {
        if (status(this) === "destroyed" || this.ui.activeElement !== document) {
            this.pressed = []; // a dialog came up: not typed for the cards behind it
        }
        while (this.pressed.length && !this.deciding && this.isDrawn) {
            this.pressed.shift()();
        }
    }

    /** Whether the cards on the screen are the model's, and one has the focus. */
    get isDrawn() {
        const ids = new Set(this.model.root.records.map((record) => record.id));
        return !place.drawing && this.cards.every((card) => ids.has(card.dataset.id));
    }

    /** It is decided, and the next may follow. */
    go() {
        this.deciding = false;
        this.act();
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

    async undo() {
        this.deciding = true;
        try {
            await undoLast(this.env);
        } finally {
            this.go();
        }
    }

    async decide(name, decision) {
        const { current } = this;
        const { root } = this.model;
        this.deciding = true;
        try {
            const ticked = await root.getResIds(true);
            const resIds = ticked.length || !current ? ticked : [current.resId];
            if (resIds.length) {
                await this.actionService.doActionButton({
                    type: "object",
                    name,
                    resModel: root.resModel,
                    resIds,
                    context: root.context,
                    buttonContext: decision ? { default_decision: decision } : {},
                    onClose: (info) => this.onDecided(info),
                });
            }
        } catch (error) {
            this.pressed = []; // what was typed ahead relied on it
            throw error;
        } finally {
            this.go();
        }
    }

    async onDecided(info) {
        // Who leaves the dialog undecided finds the ticks still there.
        if (info?.dismiss || info?.special) {
            this.cards[place.index]?.focus();
            return;
        }
        this.deciding = true;
        try {
            await this.model.root.load();
        } finally {
            this.go();
        }
    }
}

registry.category("views").add("social_care_inbox", {
    ...kanbanView,
    Controller: InboxController,
    Renderer: InboxRenderer,
});
