import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("social_care_rule", {
    steps: () => [
        {
            content: "A rule without conditions warns",
            trigger: ".alert-warning:contains('matches every message')",
        },
        {
            content: "Name it",
            trigger: "div[name=name] input",
            run: "edit Waiting",
        },
        {
            content: "Say what to look for",
            trigger: "div[name=keywords] textarea",
            run: "edit hour*",
        },
        {
            content: "Nothing needs an answer",
            trigger: ".o_radio_item:contains('No answer needed') input",
            run: "click",
        },
        {
            content: "Why not",
            trigger: "div[name=reason_id] input",
            run: "edit Spam",
        },
        {
            content: "It is spam",
            trigger: ".ui-autocomplete a:contains('Spam')",
            run: "click",
        },
        {
            content: "The reason is set",
            trigger: "div[name=reason_id] input:value('Spam or advertising')",
        },
        {
            content: "Try it before it is saved",
            trigger: "button:contains('Try it')",
            run: "click",
        },
        {
            content: "It would ignore what is a ticket now",
            trigger:
                ".modal .o_data_row:contains('three'):contains('Ticket'):contains('No answer needed')",
        },
        {
            content: "Go back",
            trigger: ".modal button:contains('Back to the rule')",
            run: "click",
        },
        {
            content: "What was typed is still there; nothing was saved, and is not",
            trigger: "body:not(:has(.modal)) .o_form_button_cancel",
            run: "click",
        },
        {
            content: "Back in the list",
            trigger: ".o_list_view, .o_view_nocontent",
        },
    ],
});
