import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

/** Shows a ring as a notice that stays, with "Take it" and "Not now". */
export const ringService = {
    dependencies: ["action", "bus_service", "notification", "orm"],

    start(env, { action, bus_service: bus, notification, orm }) {
        const open = new Map();

        function close(id) {
            open.get(id)?.();
            open.delete(id);
        }

        bus.subscribe("social_care.ring", ({ id, title, text }) => {
            close(id);
            const answer = async (method) => {
                close(id);
                const next = await orm.call("social.care.ring", method, [[id]]);
                if (next && next !== true) {
                    action.doAction(next);
                }
            };
            open.set(
                id,
                notification.add(text, {
                    title,
                    type: "warning",
                    sticky: true,
                    buttons: [
                        { name: _t("Take it"), primary: true, onClick: () => answer("action_take") },
                        { name: _t("Not now"), onClick: () => answer("action_pass") },
                    ],
                })
            );
        });
        bus.subscribe("social_care.ring_ended", ({ id }) => close(id));
    },
};

registry.category("services").add("social_care.ring", ringService);
