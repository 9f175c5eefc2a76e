import { isWebAddress, splitLinks, withAt } from "@social_care/core/text";
import { describeWhen, formatExact, parseUtc } from "@social_care/core/time";
import { _t } from "@web/core/l10n/translation";

import { Component, useState } from "@odoo/owl";

const STATE_ICONS = {
    to_approve: "fa-hourglass-half",
    queued: "fa-clock-o",
    sending: "fa-clock-o",
    sent: "fa-check",
    unconfirmed: "fa-question-circle",
    failed: "fa-exclamation-triangle",
};
const STATE_COLORS = { unconfirmed: "text-warning", failed: "text-danger" };

/**
 * One thing that was said. Text is shown as text, never as markup. Where pictures lie on
 * strangers' servers, nothing is loaded from there before somebody asks.
 */
export class Bubble extends Component {
    static template = "social_care.Bubble";
    static props = {
        bubble: Object,
        now: Number,
        openTicket: Function,
        gesture: { type: Function, optional: true },
    };

    setup() {
        this.state = useState({ shown: {}, broken: {}, isBusy: false });
    }

    get bubble() {
        return this.props.bubble;
    }

    get isOurs() {
        return this.bubble.who === "us";
    }

    get moment() {
        return parseUtc(this.bubble.time);
    }

    get time() {
        return this.moment ? describeWhen(this.moment, this.props.now) : "";
    }

    get exactTime() {
        return formatExact(this.moment);
    }

    get name() {
        return this.bubble.name || withAt(this.bubble.handle) || _t("Somebody");
    }

    get handle() {
        const { name, handle } = this.bubble;
        return handle === name ? "" : withAt(handle);
    }

    get initial() {
        return [...this.name.replace(/^@/, "")][0]?.toUpperCase();
    }

    get url() {
        return isWebAddress(this.bubble.url) && this.bubble.url;
    }

    get textParts() {
        return splitLinks(this.bubble.text);
    }

    /** @returns {{url: string, picture: string|false, description: string, label: string}[]} */
    get media() {
        const own = this.bubble.picture ? [{ url: this.bubble.picture, kind: "image" }] : [];
        return [...own, ...this.bubble.media]
            .filter((item) => isWebAddress(item.url))
            .map((item) => ({
                url: item.url,
                picture: item.kind === "image" && !this.state.broken[item.url] && item.url,
                isShown: this.bubble.shows_pictures || this.state.shown[item.url],
                description: item.description || "",
                label: this.getMediaLabel(item.kind),
            }));
    }

    getMediaLabel(kind) {
        switch (kind) {
            case "image":
                return _t("Show the picture");
            case "video":
                return _t("Open the video");
            case "audio":
                return _t("Open the recording");
        }
        return _t("Open the attachment");
    }

    get stateIcon() {
        return STATE_ICONS[this.bubble.state];
    }

    get stateColor() {
        return STATE_COLORS[this.bubble.state] || "text-muted";
    }

    get pictureCount() {
        const { length } = this.bubble.pictures;
        return length === 1 ? _t("1 picture") : _t("%s pictures", length);
    }

    /** What can be done with it on its network, and what was. */
    get gestures() {
        const { can_like, can_hide, can_quiet, can_keep, liked_by, hidden_by, is_good } = this.bubble;
        const { can_edit, can_delete } = this.bubble;
        const like = {
            name: "like",
            icon: liked_by ? "fa-heart" : "fa-heart-o",
            label: liked_by ? _t("Liked") : _t("Like"),
            title: liked_by ? _t("Liked by %s: take it back", liked_by) : _t("Like it as the brand"),
            isOn: Boolean(liked_by),
        };
        const hide = {
            name: "hide",
            icon: hidden_by ? "fa-eye" : "fa-eye-slash",
            label: hidden_by ? _t("Show again") : _t("Hide"),
            title: hidden_by ? _t("Show it to others again") : _t("Hide it from others"),
            isOn: Boolean(hidden_by),
        };
        const quiet = {
            name: "quiet",
            icon: "fa-bell-slash-o",
            label: _t("No tickets from this post…"),
            title: _t("A giveaway: its comments need no answer for a while"),
            isOn: false,
        };
        const good = {
            name: "good",
            icon: is_good ? "fa-star" : "fa-star-o",
            label: is_good ? _t("Good answer") : _t("Keep as good"),
            title: is_good
                ? _t("Kept for the team: change it, or take it back")
                : _t("Keep it for the team, with the question it answered"),
            isOn: Boolean(is_good),
        };
        const edit = {
            name: "edit",
            icon: "fa-pencil",
            label: _t("Change…"),
            title: _t("Give it another text on the network"),
            isOn: false,
        };
        const takeBack = {
            name: "delete",
            icon: "fa-trash-o",
            label: _t("Delete…"),
            title: _t("Delete it on the network"),
            isOn: false,
        };
        return [
            ...(can_edit ? [edit] : []),
            ...(can_delete ? [takeBack] : []),
            ...(can_like ? [like] : []),
            ...(can_hide ? [hide] : []),
            ...(can_quiet ? [quiet] : []),
            ...(can_keep || is_good ? [good] : []),
        ];
    }

    async press(gesture) {
        this.state.isBusy = true;
        try {
            await this.props.gesture(this.bubble, gesture);
        } finally {
            this.state.isBusy = false;
        }
    }

    show(item) {
        this.state.shown[item.url] = true;
    }
}
