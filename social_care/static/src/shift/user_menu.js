import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

const MENU = "social_care.social_care_shift_end_menu";
const ACTION = "social_care.social_care_shift_end_action";

/** "End my shift", also where one logs out: for whom sees it in the menu. */
export function endShiftItem(env) {
    return {
        type: "item",
        id: "social_care_end_shift",
        description: _t("End my shift"),
        callback: () => env.services.action.doAction(ACTION),
        show: () => env.services.menu.getAll().some((menu) => menu.xmlid === MENU),
        sequence: 65,
    };
}

registry.category("user_menuitems").add("social_care_end_shift", endShiftItem);
