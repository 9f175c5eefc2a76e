import { formatExact, formatSpan, parseUtc, useClock } from "@social_care/core/time";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { user } from "@web/core/user";
import { useBus, useService } from "@web/core/utils/hooks";

import {
    Component,
    onMounted,
    onWillDestroy,
    onWillStart,
    onWillUnmount,
    status,
    useState,
} from "@odoo/owl";

const NOW = "social_care.now"; // the server tells each team once in three seconds at most
const PAUSE = 4000; // so that what it kept to itself meanwhile is read as well
const SECOND = 1000;
const LONGEST = 24 * 3600 * SECOND; // that a timer holds
const AGENT = "social_care.social_care_group_agent";

let listeners = 0; // the next view is there before this one goes

/** What happens now: a row for each team, its people, and the accounts that are unwell. */
export class Now extends Component {
    static template = "social_care.Now";
    static props = { onRefreshed: { type: Function, optional: true }, board: { type: Boolean } };

    setup() {
        this.action = useService("action");
        this.bus = useService("bus_service");
        this.orm = useService("orm");
        this.clock = useClock();
        this.state = useState({ teams: [], accounts: [], isAgent: false });
        this.onChange = () => this.later();
        onWillStart(async () => {
            this.state.isAgent = await user.hasGroup(AGENT);
            // A view drawn twice at once destroys the first: that one must not ask.
            if (this.state.isAgent && status(this) !== "destroyed") {
                await this.read();
            }
        });
        onMounted(() => {
            this.bus.subscribe(NOW, this.onChange);
            if (!listeners++) {
                this.bus.addChannel(NOW);
            }
        });
        useBus(this.bus, "BUS:RECONNECT", this.onChange);
        onWillUnmount(() => {
            this.bus.unsubscribe(NOW, this.onChange);
            if (!--listeners) {
                this.bus.deleteChannel(NOW);
            }
        });
        onWillDestroy(() => {
            browser.clearTimeout(this.timer);
            browser.clearTimeout(this.alarm);
        });
    }

    /** Look again soon; whatever else changes until then is seen by the same look. */
    later() {
        this.timer ??= browser.setTimeout(() => {
            this.timer = undefined;
            this.refresh();
        }, PAUSE);
    }

    async refresh() {
        if (!this.state.isAgent) {
            return;
        }
        if (document.querySelector(".o_dragged")) {
            this.later(); // a board drawn anew would take the card out of the hand
            return;
        }
        await this.read();
        if (status(this) !== "destroyed") {
            await this.props.onRefreshed?.();
        }
    }

    async read() {
        const figures = await this.orm.silent.call("helpdesk.ticket.team", "get_now", []);
        if (status(this) === "destroyed") {
            return;
        }
        Object.assign(this.state, figures);
        browser.clearTimeout(this.alarm);
        const next = parseUtc(figures.next_at);
        if (next) {
            const wait = Math.min(next.toMillis() - Date.now() + SECOND, LONGEST);
            this.alarm = browser.setTimeout(() => this.refresh(), Math.max(wait, PAUSE));
        }
    }

    longest(team) {
        const minutes = Math.floor((this.clock.now - parseUtc(team.oldest).toMillis()) / 60000);
        return formatSpan(Math.max(minutes, 0));
    }

    exact(team) {
        return _t("Waits since %s", formatExact(parseUtc(team.oldest)));
    }

    load(agent) {
        return agent.capacity ? `${agent.load}/${agent.capacity}` : `${agent.load}`;
    }

    describe(agent) {
        if (!agent.on_shift) {
            return _t("%s is off shift, and customers wait for them", agent.name);
        }
        return agent.available
            ? _t("%s is on shift and can take another", agent.name)
            : _t("%s is on shift and takes no more for now", agent.name);
    }

    async open(team, figure, agent) {
        const rows = [team.id, figure, agent?.id || false];
        this.action.doAction(await this.orm.call("helpdesk.ticket.team", "get_now_rows", rows));
    }

    openAccount(account) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "social.care.account",
            res_id: account.id,
            views: [[false, "form"]],
        });
    }

    openBoard() {
        this.action.doAction("social_care.social_care_now_action");
    }
}
