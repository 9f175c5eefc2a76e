import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const tours = registry.category("web_tour.tours");

const RING = ".o_notification:contains('For you: Ana Ruiz')";
const TEXT = ".modal .o_social_care_reply_dialog textarea";
const CHECKS = ".modal .o_social_care_checks";

tours.add("social_care_desk_ring", {
    steps: () => [
        {
            content: "It rings: who, what, until when",
            trigger: `${RING}:contains('My suitcase is lost'):contains('Answer by')`,
        },
        {
            content: "Take it",
            trigger: `${RING} button:contains('Take it')`,
            run: "click",
        },
        {
            content: "It rings no more, and the ticket is there, hers",
            trigger:
                "body:not(:has(.o_notification:contains('For you'))) .o_form_view:has(div[name=user_id] input:value('Marta Cano')) .o_social_care_customer:contains('My suitcase is lost')",
        },
        {
            content: "Reply",
            trigger: "button[name=action_social_reply]",
            run: "click",
        },
        {
            content: "Promise something",
            trigger: TEXT,
            run: "edit @ana We promise your suitcase for tomorrow.",
        },
        {
            content: "The check marks the word and says what becomes of it",
            trigger: `${CHECKS} .alert-warning:contains('Needs approval'):contains('Promises') mark:contains('We promise')`,
        },
        {
            content: "Send it all the same",
            trigger: ".modal-footer button[name=action_send_wait]",
            run: "click",
        },
        {
            content: "The ticket says that it waits, and why",
            trigger:
                "body:not(:has(.modal)) div[name=social_approval]:contains('waits for approval'):contains('words that somebody has to check')",
        },
        {
            content: "Look at it",
            trigger: "button[name=action_social_review]",
            run: "click",
        },
        {
            content: "Its author can take it back, but not approve it",
            trigger:
                ".o_form_view:has(button[name=action_withdraw]):not(:has(button[name=action_approve])):contains('Waits for approval')",
        },
    ],
});

tours.add("social_care_desk_approve", {
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "Open the helpdesk; nothing rings here",
            trigger:
                "body:not(:has(.o_notification)) .o_app[data-menu-xmlid='helpdesk_mgmt.helpdesk_ticket_main_menu']",
            run: "click",
        },
        {
            content: "Open what is social",
            trigger: "button[data-menu-xmlid='social_care.social_care_menu']",
            run: "click",
        },
        {
            content: "Go to the answers that need somebody",
            trigger: "a[data-menu-xmlid='social_care.social_care_reply_menu']",
            run: "click",
        },
        {
            content: "Open it",
            trigger: ".o_data_row:contains('We promise') td[name=body]",
            run: "click",
        },
        {
            content: "It shows what it answers, and marks the word",
            trigger: ".o_form_view:has(.o_social_care_customer:contains('My suitcase')) mark:contains('We promise')",
        },
        {
            content: "Approve it",
            trigger: "button[name=action_approve]:contains('Approve and send')",
            run: "click",
        },
        {
            content: "It is on its way, under the reviewer's name",
            trigger:
                ".o_form_view:not(:has(button[name=action_approve])):has(.o_arrow_button_current:contains('Queued')) div[name=approver_id]:contains('Rita')",
        },
    ],
});

tours.add("social_care_desk_sent", {
    steps: () => [
        {
            content: "The answer is sent, as it was written",
            trigger: ".o_social_care_us:contains('We promise your suitcase'):contains('Sent')",
        },
        {
            content: "Nothing waits any more",
            trigger: ".o_form_view:not(:has(div[name=social_approval])):not(:has(.alert:contains('on its way')))",
        },
        {
            content: "The chatter tells who asked, who approved, who answered",
            trigger:
                ".o-mail-Thread:has(.o-mail-Message:contains('Marta Cano'):contains('waits for approval')):has(.o-mail-Message:contains('Rita'):contains('was approved')) .o-mail-Message:contains('Marta Cano'):contains('Answered on Mastodon')",
        },
    ],
});
