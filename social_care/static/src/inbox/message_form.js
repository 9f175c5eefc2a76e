import { undoLast } from "@social_care/inbox/decided";
import { useHotkey } from "@web/core/hotkeys/hotkey_hook";
import { registry } from "@web/core/registry";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";

/** One message: decided by the inbox's keys, left by Escape. */
export class MessageController extends FormController {
    setup() {
        super.setup();
        if (this.env.inDialog) {
            return;
        }
        for (const key of ["t", "n", "w", "l"]) {
            useHotkey(key, () => this.press(key));
        }
        useHotkey("z", () => undoLast(this.env));
        useHotkey("escape", () => this.env.config.historyBack());
    }

    /** The button that has this key together with Alt. */
    press(key) {
        this.rootRef.el.querySelector(`.o_form_statusbar button[data-hotkey=${key}]`)?.click();
    }
}

registry.category("views").add("social_care_message", {
    ...formView,
    Controller: MessageController,
});
