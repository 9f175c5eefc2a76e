import { registry } from "@web/core/registry";

const LAYER = ".modal .o_social_care_reply_dialog";
const REPLY = "button[name=action_social_reply]";

let pressed = 0;

function count(ev) {
    const isText = ev.target.closest?.("textarea") && !ev.altKey;
    pressed += isText || ev.key === "Alt" ? 0 : 1;
}

/** From an open ticket to the next one: what is pressed besides the text. */
function begin() {
    pressed = 0;
    document.addEventListener("pointerdown", count, { capture: true });
    document.addEventListener("keydown", count, { capture: true });
}

function expectPressed(expected) {
    document.removeEventListener("pointerdown", count, { capture: true });
    document.removeEventListener("keydown", count, { capture: true });
    if (pressed !== expected) {
        throw new Error(`From one ticket to the next took ${pressed} clicks or keys, not ${expected}`);
    }
}

function expectOneBreadcrumb() {
    const { length } = document.querySelectorAll(".o_control_panel .o_breadcrumb .breadcrumb-item");
    if (length > 1) {
        throw new Error(`${length} breadcrumbs above the ticket`);
    }
}

registry.category("web_tour.tours").add("social_care_next", {
    steps: () => [
        {
            content: "Open the first conversation of the list",
            trigger: ".o_data_row:contains('Ana Ruiz') td[name=social_last_text]",
            run: "click",
        },
        {
            content: "It is the first of two",
            trigger: ".o_pager_counter:contains('1 / 2')",
            run: begin,
        },
        {
            content: "One click: reply",
            trigger: REPLY,
            run: "click",
        },
        {
            content: "Say something",
            trigger: `${LAYER} textarea`,
            run: "edit @ana I am sorry, we are looking for it.",
        },
        {
            content: "Another click: send it and go on",
            trigger: ".modal-footer button[name=action_send_next]",
            run: "click",
        },
        {
            content: "The next conversation is there, as the second of two",
            trigger:
                "body:not(:has(.modal)):has(.o_pager_counter:contains('2 / 2')) .o_social_care_customer:contains('My seat')",
            run() {
                expectPressed(2);
                expectOneBreadcrumb();
            },
        },
        {
            content: "What was sent can be taken back",
            trigger: ".o_notification:contains('on its way') button:contains('Cancel')",
            run: "click",
        },
        {
            content: "Its dialog is back with the text",
            trigger: `.modal .o_social_care_reply_dialog textarea:value('@ana I am sorry, we are looking for it.')`,
        },
        {
            content: "Throw it away after all",
            trigger: ".modal-footer button[special=cancel], .modal-footer button:contains('Discard')",
            run: "click",
        },
        {
            content: "It is gone, and says so",
            trigger: "body:not(:has(.modal)) .o_notification:contains('draft is gone') button:contains('Undo')",
            run: "click",
        },
        {
            content: "Unless one wants it back",
            trigger: `.modal textarea:value('@ana I am sorry, we are looking for it.')`,
        },
        {
            content: "Close the window: the draft stays",
            trigger: ".modal .btn-close",
            run: "click",
        },
        {
            content: "The second ticket is still there",
            trigger: "body:not(:has(.modal)) .o_social_care_customer:contains('My seat')",
        },
        {
            content: "Reply from the chatter's top bar, too",
            trigger: ".o-mail-Chatter-topbar button:contains('Reply on Mastodon')",
            run: "click",
        },
        {
            content: "Say something",
            trigger: `${LAYER} textarea`,
            run: "edit @bo You can change it on our page.",
        },
        {
            content: "With a key",
            trigger: `${LAYER}:has(.o_social_care_count:not(.text-danger)) textarea`,
            run: "press ctrl+Enter",
        },
        {
            content: "It is on its way",
            trigger: "body:not(:has(.modal)) .o_social_care_us:contains('on our page'):contains('Queued')",
            run: begin,
        },
        {
            content: "Without the mouse: one key replies",
            trigger: REPLY,
            run: "press alt+q",
        },
        {
            content: "Say something",
            trigger: `${LAYER} textarea`,
            run: "edit @bo It is under My trips.",
        },
        {
            content: "Another key sends it and goes on",
            trigger: `${LAYER}:has(.o_social_care_count:not(.text-danger)) textarea`,
            run: "press alt+n",
        },
        {
            content: "That is Ana's again, where the draft waits",
            trigger:
                "body:not(:has(.modal)):has(.o_pager_counter:contains('1 / 2')):has(.o_social_care_colleagues:contains('You have a draft')) .o_social_care_customer:contains('hours now')",
            run() {
                expectPressed(2);
                expectOneBreadcrumb();
            },
        },
    ],
});
