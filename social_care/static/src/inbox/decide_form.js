import { useHotkey } from "@web/core/hotkeys/hotkey_hook";
import { registry } from "@web/core/registry";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";

import { onMounted } from "@odoo/owl";

/** Why, or until when: a figure chooses, A takes those alike along, Enter decides. */
export class DecideController extends FormController {
    setup() {
        super.setup();
        for (const [index, figure] of [..."1234567890"].entries()) {
            useHotkey(figure, () => this.press(".o_radio_input", index));
        }
        useHotkey("a", () => this.press("[name=with_alike] input"));
        useHotkey("enter", () => this.press("button[name=action_apply]"), {
            bypassEditableProtection: true,
            isAvailable: (target) => !target.closest("button, a, .o_field_datetime"),
        });
        onMounted(() => {
            const ways = ["input:checked", "input"].map((input) => `.o_field_radio ${input}`);
            const radios = ways.map((way) => this.rootRef.el.querySelector(way));
            radios.find((radio) => radio)?.focus();
        });
    }

    press(selector, index = 0) {
        const element = this.rootRef.el.closest(".modal").querySelectorAll(selector)[index];
        element?.focus();
        element?.click();
    }
}

registry.category("views").add("social_care_decide", {
    ...formView,
    Controller: DecideController,
});
