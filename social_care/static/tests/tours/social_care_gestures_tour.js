import { registry } from "@web/core/registry";
import { inputFiles } from "@web/../tests/utils";

const PIXEL =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

function pixel(name) {
    const bytes = Uint8Array.from(atob(PIXEL), (character) => character.charCodeAt(0));
    return new File([bytes], name, { type: "image/png" });
}

registry.category("web_tour.tours").add("social_care_gestures", {
    steps: () => [
        {
            content: "Like what she wrote",
            trigger: ".o_social_care_customer button[aria-pressed=false]:contains('Like')",
            run: "click",
        },
        {
            content: "It is liked, in words",
            trigger: ".o_social_care_customer button[aria-pressed=true]:contains('Liked')",
        },
        {
            content: "The chatter tells it",
            trigger: ".o-mail-Message:contains('Marta Cano'):contains('Liked:')",
        },
        {
            content: "Hide it",
            trigger: ".o_social_care_customer button[aria-pressed=false]:contains('Hide')",
            run: "click",
        },
        {
            content: "For a usual reason",
            trigger: ".modal .o_radio_item:contains('Provocation') input",
            run: "click",
        },
        {
            content: "Said in one's own words",
            trigger: ".modal div[name=reason] input:value('Provocation')",
            run: "edit Insults other travellers",
        },
        {
            content: "Do it",
            trigger: ".modal-footer button[name=action_hide]",
            run: "click",
        },
        {
            content: "It says that it is hidden, by whom and why",
            trigger:
                "body:not(:has(.modal)) .o_social_care_customer header:contains('Hidden by Marta Cano: Insults other travellers')",
        },
        {
            content: "Answer it",
            trigger: "button[name=action_social_reply]",
            run: "click",
        },
        {
            content: "A private answer is too late, and the dialog says so",
            trigger:
                ".modal .o_social_care_way:has(input[data-value=private_reply]:disabled):contains('has passed')",
        },
        {
            content: "Add a file that the network does not take",
            trigger: ".modal div[name=attachment_ids] .o_attach",
            async run() {
                const text = new File(["no picture"], "bag.txt", { type: "text/plain" });
                await inputFiles(".modal div[name=attachment_ids] .o_input_file", [text]);
            },
        },
        {
            content: "It names the file and what to do",
            trigger: ".modal .alert:contains('“bag.txt”. Save it as JPEG, PNG')",
        },
        {
            content: "Take it away",
            trigger: ".modal .o_attachment_delete",
            run: "click",
        },
        {
            content: "Add a picture",
            trigger: ".modal:not(:has(.alert-danger)) div[name=attachment_ids] .o_attach",
            async run() {
                const files = [pixel("bag.png")];
                await inputFiles(".modal div[name=attachment_ids] .o_input_file", files);
            },
        },
        {
            content: "It is there",
            trigger: ".modal .o_attachment:contains('bag.png')",
        },
        {
            content: "Send it",
            trigger: ".modal-footer button[name=action_send_wait]",
            run: "click",
        },
        {
            content: "Our bubble shows the picture",
            trigger:
                "body:not(:has(.modal)) .o_social_care_us:contains('1 picture') img[alt='bag.png']",
        },
    ],
});
