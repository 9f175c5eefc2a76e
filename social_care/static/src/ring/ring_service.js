import { formatShort, parseUtc } from "@social_care/core/time";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { session } from "@web/session";

import { markup } from "@odoo/owl";

/** Shows a ring as a notice that stays as long as it rings, with "Take it" and "Not now". */
export const ringService = {
    dependencies: ["action", "bus_service", "notification", "orm"],

    start(env, { action, bus_service: bus, notification, orm }) {
        const open = new Map();

        function close(id) {
            open.get(id)?.();
            open.delete(id);
        }

        async function answer(id, method) {
            close(id);
            const next = await orm.call("social.care.ring", method, [[id]]);
            if (next && next !== true) {
                action.doAction(next);
            }
        }

        async function pass(id) {
            await answer(id, "action_pass");
            const closeNotice = notification.add(_t("It goes to the next colleague."), {
                buttons: [
                    {
                        name: _t("Take it after all"),
                        onClick: () => {
                            closeNotice();
                            return answer(id, "action_take");
                        },
                    },
                ],
            });
        }

        function describe(text, deadline) {
            const due = deadline ? _t("Answer by %s", formatShort(parseUtc(deadline))) : "";
            return markup`<p class="mb-1 text-prewrap">${text}</p><strong>${due}</strong>`;
        }

        function ring({ id, title, text, deadline, seconds }) {
            close(id);
            const closeNotice = notification.add(describe(text, deadline), {
                title,
                type: "warning",
                sticky: true,
                buttons: [
                    { name: _t("Take it"), primary: true, onClick: () => answer(id, "action_take") },
                    { name: _t("Not now"), onClick: () => pass(id) },
                ],
            });
            const timer = setTimeout(() => close(id), seconds * 1000);
            open.set(id, () => {
                clearTimeout(timer);
                closeNotice();
            });
        }

        bus.subscribe("social_care.ring", ring);
        bus.subscribe("social_care.ring_ended", ({ id }) => close(id));
        // Those that rang before this page was opened.
        (session.social_care_rings || []).forEach(ring);
    },
};

registry.category("services").add("social_care.ring", ringService);
