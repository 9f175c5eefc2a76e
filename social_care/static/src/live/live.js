import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";

import { onMounted, onWillUnmount, useEffect } from "@odoo/owl";

const EVENT = "social_care.conversation";

/** Which tickets this tab listens to: agents who look at the same one hear of each other. */
export const liveService = {
    dependencies: ["bus_service"],

    start(env, { bus_service: bus }) {
        const listeners = new Map(); // ticket id → how many parts of the screen listen

        return {
            join(ticketId) {
                const count = listeners.get(ticketId) || 0;
                listeners.set(ticketId, count + 1);
                if (!count) {
                    bus.addChannel(`social_care.ticket_${ticketId}`);
                }
            },
            leave(ticketId) {
                const count = listeners.get(ticketId) - 1;
                listeners.set(ticketId, count);
                if (!count) {
                    bus.deleteChannel(`social_care.ticket_${ticketId}`);
                }
            },
        };
    },
};

registry.category("services").add("social_care.live", liveService);

/**
 * Hear what happens on a ticket: "writing" and "paused" (with user_id and name), "sent" (the
 * same), "message" (with name and count), "changed" (the record itself).
 *
 * @param {() => number|false} getTicketId
 * @param {(details: Object) => void} onEvent
 */
export function useLive(getTicketId, onEvent) {
    const live = useService("social_care.live");
    const bus = useService("bus_service");
    useEffect(
        (ticketId) => {
            if (ticketId) {
                live.join(ticketId);
                return () => live.leave(ticketId);
            }
        },
        () => [getTicketId()]
    );
    const listen = (details) => {
        if (details.ticket_id === getTicketId()) {
            onEvent(details);
        }
    };
    onMounted(() => bus.subscribe(EVENT, listen));
    onWillUnmount(() => bus.unsubscribe(EVENT, listen));
}
