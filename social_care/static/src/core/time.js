import { _t } from "@web/core/l10n/translation";
import { user } from "@web/core/user";

import { onMounted, onWillUnmount, reactive, useState } from "@odoo/owl";

const { DateTime } = luxon;

const MINUTE = 60 * 1000;
const TICK = MINUTE / 2;
const SOON = 60; // minutes

// One clock for all the times on the screen.
const clock = reactive({ now: Date.now() });
let users = 0;
let timer;

/**
 * The present in milliseconds, as reactive state: what reads it is drawn again every half minute.
 *
 * @returns {{now: number}}
 */
export function useClock() {
    if (!users) {
        clock.now = Date.now();
    }
    onMounted(() => {
        users++;
        timer ??= setInterval(() => (clock.now = Date.now()), TICK);
    });
    onWillUnmount(() => {
        users--;
        if (!users) {
            clearInterval(timer);
            timer = undefined;
        }
    });
    return useState(clock);
}

/**
 * @param {number} minutes whole, not negative
 * @returns {string} "18 min", "2 h 5 min", "9 h", "3 d"
 */
export function formatSpan(minutes) {
    const hours = Math.floor(minutes / 60);
    const rest = minutes % 60;
    if (hours < 1) {
        return _t("%s min", minutes);
    }
    if (hours < 4 && rest) {
        return _t("%(hours)s h %(minutes)s min", { hours, minutes: rest });
    }
    if (hours < 48) {
        return _t("%s h", hours);
    }
    return _t("%s d", Math.floor(hours / 24));
}

/**
 * A deadline in words; the words alone tell whether it is late.
 *
 * @param {luxon.DateTime} deadline
 * @param {number} now milliseconds
 * @returns {{text: string, level: "late"|"soon"|"later"}}
 */
export function describeDeadline(deadline, now) {
    const minutes = Math.floor((deadline.toMillis() - now) / MINUTE);
    if (minutes < 0) {
        const late = Math.floor((now - deadline.toMillis()) / MINUTE);
        return { text: late ? _t("%s late", formatSpan(late)) : _t("late"), level: "late" };
    }
    const text = minutes ? _t("in %s", formatSpan(minutes)) : _t("due now");
    return { text, level: minutes <= SOON ? "soon" : "later" };
}

/**
 * A moment in words: "just now", "12 minutes ago", "in 2 min".
 *
 * @param {luxon.DateTime} moment
 * @param {number} now milliseconds
 */
export function describeWhen(moment, now) {
    const minutes = Math.floor((moment.toMillis() - now) / MINUTE);
    if (minutes > 0) {
        return _t("in %s", formatSpan(minutes));
    }
    if (minutes >= -1) {
        return _t("just now");
    }
    return moment.toRelative({ base: DateTime.fromMillis(now), locale: user.lang });
}

/** The exact local time, for a tooltip. */
export function formatExact(moment) {
    return moment ? moment.toLocaleString(DateTime.DATETIME_MED_WITH_WEEKDAY) : "";
}

/** The local time; with its day where that is not today. */
export function formatShort(moment) {
    const today = moment.hasSame(DateTime.now(), "day");
    return today ? moment.toLocaleString(DateTime.TIME_SIMPLE) : formatExact(moment);
}

/**
 * @param {string} text a time of the server, naive UTC: with a blank or a "T"
 * @returns {luxon.DateTime|false} in the user's time zone
 */
export function parseUtc(text) {
    const moment = DateTime.fromISO((text || "").replace(" ", "T"), { zone: "utc" });
    return moment.isValid && moment.setZone("default");
}
