import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { patch } from "@web/core/utils/patch";
import { NavBar } from "@web/webclient/navbar/navbar";

import { reactive, useState } from "@odoo/owl";

const INBOX = "social_care.social_care_inbox_menu";

/** What waits behind the menus, read again whenever the screen changes. */
export const menuCountsService = {
    dependencies: ["menu", "orm"],

    start(env, { menu, orm }) {
        const waiting = reactive({});
        const keepLast = new KeepLast();

        async function refresh() {
            // Only who sees the menus, and looks at their app.
            const inbox = menu.getAll().find((item) => item.xmlid === INBOX);
            if (inbox && inbox.appID === menu.getCurrentApp()?.id) {
                // A count that cannot be read now is read next time.
                const read = orm.silent.call("social.care.mention", "get_menu_counts", []);
                Object.assign(waiting, await keepLast.add(read.catch(() => ({}))));
            }
        }

        env.bus.addEventListener("ACTION_MANAGER:UI-UPDATED", refresh);
        return { waiting, refresh };
    },
};

registry.category("services").add("social_care.menu_counts", menuCountsService);

/**
 * The same menus, with what waits written behind their names.
 *
 * @param {Object[]} menus
 * @param {Object<string, string>} waiting by XML id
 */
export function nameWithCounts(menus, waiting) {
    return menus.map((menu) => ({
        ...menu,
        name: waiting[menu.xmlid] ? `${menu.name} (${waiting[menu.xmlid]})` : menu.name,
        childrenTree: nameWithCounts(menu.childrenTree, waiting),
    }));
}

patch(NavBar.prototype, {
    setup() {
        super.setup();
        this.socialCounts = useState(useService("social_care.menu_counts").waiting);
    },

    get currentAppSections() {
        const { socialCounts } = this;
        const sections = super.currentAppSections;
        const some = Object.values(socialCounts).some(Boolean);
        return some ? nameWithCounts(sections, socialCounts) : sections;
    },
});
