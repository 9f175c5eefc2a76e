import { registry } from "@web/core/registry";

const CARD = ".modal .o_kanban_record:contains('Ana Ruiz')";

registry.category("web_tour.tours").add("social_care_phone_shift", {
    steps: () => [
        {
            content: "My conversations are there",
            trigger: ".o_action_manager .o_kanban_record:contains('Ana Ruiz')",
        },
        {
            content: "Open the menu",
            trigger: ".o_menu_toggle",
            run: "click",
        },
        {
            content: "Go home",
            trigger: ".o_app_menu_sidebar [data-menu-xmlid='social_care.social_care_shift_end_menu']",
            run: "click",
        },
        {
            content: "Each conversation is a card that says what becomes of it",
            trigger: `${CARD}:contains('My suitcase is lost'):contains('Hand over')`,
            run: "click",
        },
        {
            content: "Leave a word",
            trigger: ".modal div[name=note] input",
            run: "edit She flies at six",
        },
        {
            content: "Done with this one",
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            content: "The card shows it",
            trigger: `${CARD}:contains('She flies at six')`,
        },
        {
            content: "Done for today",
            trigger: "body:not(:has(.modal .o_form_button_save)) .modal button[name=action_apply]",
            run: "click",
        },
        {
            content: "Back at the conversations",
            trigger: "body:not(:has(.modal)) .o_action_manager .o_kanban_record:contains('Ana Ruiz')",
        },
    ],
});
