import { registry } from "@web/core/registry";

/** A key, pressed once the screen looks as described. */
function press(key, trigger, content) {
    return { content, trigger, run: `press ${key}` };
}

const card = (who) => `body:not(:has(.modal)) .o_kanban_record:focus:contains('${who}')`;

registry.category("web_tour.tours").add("social_care_inbox_tour", {
    steps: () => [
        press("j", card("Ana"), "The oldest has the focus; J goes on"),
        press("k", card("Bo"), "And K goes back"),
        press("t", card("Ana"), "Ana gets a ticket"),
        {
            content: "It says so, with a way back",
            trigger: ".o_notification:contains('On a ticket'):contains('Undo')",
        },
        press("n", card("Bo"), "Bo needs no answer"),
        press("1", ".modal .o_radio_input:focus", "Because it is spam"),
        press("Enter", ".modal .o_radio_item:contains('Spam') input:checked", "Decide"),
        press("z", card("copy"), "No, that was wrong: undo"),
        press("ArrowDown", card("Bo"), "He is back; go on to the next"),
        press("n", card("+2 alike"), "A text of three people"),
        press("1", ".modal:contains('And those alike'):contains('(2)') .o_radio_input:focus", "Spam"),
        press("a", ".modal .o_radio_item:contains('Spam') input:checked", "Those alike too"),
        press("Enter", ".modal [name=with_alike] input:checked", "Decide"),
        press(
            "k",
            "body:not(:has(.modal)) .o_kanban_renderer:not(:contains('alike')) .o_kanban_record:focus",
            "They are gone; one card has the focus, whatever went"
        ),
        press("k", "body:not(:has(.modal)) .o_kanban_record:focus", "K stops at the first"),
        press("n", card("Bo"), "Bo needs no answer after all"),
        press(
            "Enter",
            ".modal .o_radio_item:contains('Spam') input:checked",
            "The reason of before is chosen already"
        ),
        press("Enter", card("Cleo"), "Open what Cleo says"),
        press("Escape", ".o_form_view:contains('Cleo')", "Read; back to the inbox"),
        press("w", card("Cleo"), "Keep an eye on it"),
        press("3", ".modal .o_radio_input:focus", "For three days"),
        press("Enter", ".modal .o_radio_item:contains('3 days') input:checked", "Decide"),
        press("x", card("Dora"), "Tick one"),
        press("x", ".o_record_selected:focus:contains('Dora')", "And not"),
        press("a", "body:not(:has(.o_record_selected)) .o_kanban_record:focus", "Tick all"),
        press(
            "n",
            ".o_kanban_renderer:has(.o_record_selected:contains('Dora')):has(.o_record_selected:contains('Eve'))",
            "They talk about a film"
        ),
        press("2", ".modal .o_radio_input:focus", "It is not said to us"),
        press("Enter", ".modal .o_radio_item:contains('Not said') input:checked", "Decide"),
        {
            content: "All decided, and where to go on",
            trigger: ".o_view_nocontent:contains('All decided') a:contains('My conversations')",
        },
    ],
});
