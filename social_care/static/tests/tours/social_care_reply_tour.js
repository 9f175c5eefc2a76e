import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const tours = registry.category("web_tour.tours");

tours.add("social_care_reply", {
    url: "/odoo",
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "Open the helpdesk",
            trigger: ".o_app[data-menu-xmlid='helpdesk_mgmt.helpdesk_ticket_main_menu']",
            run: "click",
        },
        {
            content: "Open what is social",
            trigger: "button[data-menu-xmlid='social_care.social_care_menu']",
            run: "click",
        },
        {
            content: "Go to my conversations",
            trigger: "a[data-menu-xmlid='social_care.social_care_conversation_menu']",
            run: "click",
        },
        {
            content: "The conversation is unread and has a deadline in words",
            trigger:
                ".o_data_row.fw-bold:has(.o_social_care_flag[title='Unread']):has(.o_social_care_deadline):contains('Ana Ruiz')",
        },
        {
            content: "Open it",
            trigger: ".o_data_row:contains('Ana Ruiz') td[name=social_last_text]",
            run: "click",
        },
        {
            content: "What she said stands there as she wrote it, markup and all",
            trigger:
                ".o_social_care_customer .o_social_care_bubble_text:contains('<b>three</b> hours'):has(a[href='https://aurora.example/delays'])",
        },
        {
            content: "Reply on the network she wrote on",
            trigger: "button[name=action_social_reply]:contains('Reply on'):contains('Mastodon')",
            run: "click",
        },
        {
            content: "The dialog shows the conversation and begins with her handle",
            trigger: ".modal .o_social_care_conversation:contains('hours')",
        },
        {
            content: "Nothing is written yet, and it says so",
            trigger: ".modal .o_social_care_reply_text:contains('Write your answer')",
        },
        {
            content: "Write too much",
            trigger: ".modal .o_social_care_reply_text textarea",
            run: `edit ${"a ".repeat(300)}`,
        },
        {
            content: "The network's own count says how much too much",
            trigger: ".modal .o_social_care_reply_text:has(.o_social_care_count.text-danger):contains('too long')",
        },
        {
            content: "Write less",
            trigger: ".modal .o_social_care_reply_text textarea",
            run: "edit @ana I am sorry. Your flight leaves at 14:20.",
        },
        {
            content: "It counts as the network counts",
            trigger: ".modal .o_social_care_count:not(.text-danger):contains('45 / 500')",
        },
        {
            content: "Close the dialog half-way",
            trigger: ".modal .btn-close",
            run: "click",
        },
        {
            content: "Come back to it",
            trigger: "body:not(:has(.modal)) button[name=action_social_reply]",
            run: "click",
        },
        {
            content: "Nothing was lost",
            trigger: ".modal .o_social_care_count:not(.text-danger):contains('45 / 500')",
        },
        {
            content: "Send it and wait",
            trigger: ".modal-footer button[name=action_send_wait]",
            run: "click",
        },
        {
            content: "It is on its way: the conversation shows it as ours",
            trigger:
                "body:not(:has(.modal)) .o_social_care_us:contains('Your flight leaves'):contains('Queued')",
        },
    ],
});

tours.add("social_care_sent", {
    steps: () => [
        {
            content: "The answer is sent",
            trigger: ".o_social_care_us:contains('Your flight leaves'):contains('Sent')",
        },
        {
            content: "The new ticket is in progress",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('In Progress')",
        },
        {
            content: "The chatter tells it under the agent's name",
            trigger: ".o-mail-Message:contains('Marta Cano'):contains('Answered on Mastodon')",
        },
    ],
});
