import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

const UNDO_WITHIN = 10_000; // ms

/** Where one is in the inbox: kept while a message is open, and when its card has gone. */
export const place = { resId: false, index: 0 };

/** The last decision, while its message is shown. */
let last = null;

async function undo(env, ids) {
    const outcome = await env.services.orm.call("social.care.mention", "action_undo", [ids]);
    if (outcome !== true) {
        await env.services.action.doAction(outcome);
    }
    place.resId = ids[0];
    env.services["social_care.menu_counts"].refresh();
    await env.services.action.doAction("soft_reload");
}

/** Take the last decision back, as its button does. */
export async function undoLast(env) {
    if (last?.undo) {
        await last.undo();
    } else {
        env.services.notification.add(_t("Nothing to undo: ten seconds have passed."));
    }
}

/** Say what was decided, and offer to undo it for ten seconds. */
export function tellDecided(env, { params }) {
    last?.close();
    const buttons = [];
    const decision = {};
    if (params.undo) {
        decision.undo = () => {
            decision.close();
            return undo(env, params.mention_ids);
        };
        buttons.push({ name: _t("Undo"), icon: "fa-undo", onClick: decision.undo });
    }
    last = decision;
    decision.close = env.services.notification.add(params.message, {
        type: "success",
        autocloseDelay: UNDO_WITHIN,
        buttons,
        onClose: () => {
            if (last === decision) {
                last = null;
            }
        },
    });
    env.services["social_care.menu_counts"].refresh();
    return params.next;
}

registry.category("actions").add("social_care_decided", tellDecided);
