import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("social_care_chatter", {
    steps: () => [
        {
            content: "A note is for colleagues, as ever",
            trigger: ".o-mail-Chatter-logNote:enabled",
            run: "click",
        },
        {
            content: "It warns of nothing",
            trigger: ".o-mail-Chatter-top:has(.o-mail-Composer):not(:has(.o_social_care_recipients))",
        },
        {
            content: "Take “Send message” for an answer",
            trigger: ".o-mail-Chatter-sendMessage:enabled",
            run: "click",
        },
        {
            content: "It says that Ana does not get it, and what reaches her",
            trigger: ".o_social_care_recipients.alert-warning:contains('Ana Ruiz will not see it') button:contains('Reply on')",
            run: "click",
        },
        {
            content: "The reply dialog opens in its place",
            trigger: ".modal .o_social_care_reply_text textarea",
        },
        {
            content: "Close it",
            trigger: ".modal .btn-close",
            run: "click",
        },
        {
            content: "Ask somebody who knows",
            trigger: "body:not(:has(.modal)) button[name=action_social_ask]",
            run: "click",
        },
        {
            content: "Somebody from the company",
            trigger: ".modal .o_field_widget[name=user_id] input",
            run: "edit Pilar",
        },
        {
            content: "It is her",
            trigger: ".ui-autocomplete .dropdown-item:contains('Pilar')",
            run: "click",
        },
        {
            content: "What is asked",
            trigger: ".modal .o_field_widget[name=question] textarea",
            run: "edit How late is it?",
        },
        {
            content: "Ask",
            trigger: ".modal-footer button[name=action_apply]:contains('Ask')",
            run: "click",
        },
        {
            content: "The ticket shows who is asked",
            trigger: "body:not(:has(.modal)) .o_social_care_questions:contains('asked'):contains('How late is it?')",
        },
    ],
});

registry.category("web_tour.tours").add("social_care_colleague", {
    steps: () => [
        {
            content: "See what one has to do",
            trigger: ".o-mail-ActivityMenu-counter, .o_menu_systray i[aria-label=Activities]",
            run: "click",
        },
        {
            content: "A question",
            trigger: ".o-mail-ActivityGroup:contains('Question')",
            run: "click",
        },
        {
            content: "Open it",
            trigger: ".o_data_row:contains('How late is it?') td[name=question]",
            run: "click",
        },
        {
            content: "The customer's words stand there, and nothing that leads further",
            trigger: ".o_form_view:contains('I wait'):not(:has([name=ticket_id]))",
        },
        {
            content: "Answer",
            trigger: ".o_field_widget[name=answer] textarea",
            run: "edit Twenty minutes.",
        },
        {
            content: "Give it",
            trigger: "button[name=action_answer]",
            run: "click",
        },
        {
            content: "It is given",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Answered')",
        },
    ],
});

registry.category("web_tour.tours").add("social_care_helped", {
    steps: () => [
        {
            content: "The ticket shows what she said; send it",
            trigger:
                ".o_social_care_questions:contains('Twenty minutes.') button[name=action_send]",
            run: "click",
        },
        {
            content: "It is on its way",
            trigger: ".o_social_care_us:contains('Twenty minutes.')",
        },
        {
            content: "And nothing waits to be used",
            trigger: ".o_form_view:not(:has(.o_social_care_questions))",
        },
    ],
});
