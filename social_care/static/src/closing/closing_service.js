import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

/** After tickets were dragged to Done without an answer: asks why, once for all of them. */
export const closingService = {
    dependencies: ["action", "bus_service", "notification", "orm"],

    start(env, { action, bus_service: bus, notification, orm }) {
        bus.subscribe("social_care.ask_reason", ({ ticket_ids }) => {
            const ask = async () => {
                close();
                action.doAction(
                    await orm.call("helpdesk.ticket", "action_social_close", [ticket_ids])
                );
            };
            const close = notification.add(_t("Nobody answered the customer. Why?"), {
                title: _t("Closed without an answer"),
                type: "info",
                sticky: true,
                buttons: [{ name: _t("Say why"), primary: true, onClick: ask }],
            });
        });
    },
};

registry.category("services").add("social_care.closing", closingService);
