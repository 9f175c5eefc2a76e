import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("social_care_now", {
    steps: () => [
        {
            content: "The team's figures",
            trigger: ".o_social_care_now_team:contains('Care') button:contains('1 waiting')",
        },
        {
            content: "Both agents are there, also the one without a conversation",
            trigger: ".o_kanban_group:contains('Noa')",
        },
        {
            content: "Drag Marta's conversation to Noa",
            trigger: ".o_kanban_group:contains('Marta Cano') .o_kanban_record:contains('Ana Ruiz')",
            run: "drag_and_drop(.o_kanban_group:contains('Noa'))",
        },
        {
            content: "It is Noa's",
            trigger: ".o_kanban_group:contains('Noa') .o_kanban_record:contains('Ana Ruiz')",
        },
        {
            content: "And the figures follow by themselves",
            trigger: ".o_social_care_now_team .badge:contains('Noa 1/5')",
        },
    ],
});

registry.category("web_tour.tours").add("social_care_now_empty", {
    steps: () => [
        {
            content: "Only a practice account has a conversation, and the screen says that it is left out",
            trigger: ".o_view_nocontent:contains('No customer waits'):contains('practice accounts')",
        },
    ],
});
