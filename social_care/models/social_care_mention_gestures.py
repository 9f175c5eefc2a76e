from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .. import networks

AT_ONCE = 50  # messages; each costs a call while the browser waits


class SocialCareMention(models.Model):
    """Like and hide, where the network has them: recorded, and undone the same way."""

    _inherit = "social.care.mention"

    liked_at = fields.Datetime(string="Liked on", readonly=True)
    liked_by_id = fields.Many2one("res.users", string="Liked by", readonly=True)
    hidden_at = fields.Datetime(string="Hidden on", readonly=True)
    hidden_by_id = fields.Many2one("res.users", string="Hidden by", readonly=True)
    hidden_reason = fields.Char(string="Why hidden", readonly=True)
    can_like = fields.Boolean(compute="_compute_gestures")
    can_hide = fields.Boolean(compute="_compute_gestures")

    @api.depends("account_id.state", "visibility", "deleted_at")
    def _compute_gestures(self):
        for mention in self:
            account = mention.sudo().account_id
            network = account._get_network_class()
            # What is private is seen by nobody else; what is deleted, by nobody.
            possible = (
                network
                and account.state in ("connected", "degraded")
                and not mention.deleted_at
                and "direct" not in (mention.kind, mention.visibility)
            )
            mention.can_like = possible and network.supports_like
            mention.can_hide = possible and network.supports_hide

    def action_like(self):
        return self._gesture("like", True)

    def action_unlike(self):
        return self._gesture("like", False)

    def action_hide(self):
        """Ask for the reason first."""
        self._check_gesture()
        return self.env["social.care.hide"]._get_records_action(
            name=self.env._("Hide from others"),
            target="new",
            context={"default_mention_ids": self.ids},
        )

    def action_unhide(self):
        return self._gesture("hide", False)

    def _check_gesture(self):
        if not self.env.user.has_group("social_care.social_care_group_agent"):
            raise AccessError(self.env._("This takes the social care agent role."))
        self.check_access("write")
        self.ticket_id.check_access("write")
        if len(self) > AT_ONCE:
            raise UserError(self.env._("Choose at most %(limit)s messages.", limit=AT_ONCE))

    def _gesture(self, ask, on, reason=False):
        """Ask the network, message by message, then record what it did.

        What it refused raises nothing: the rest is done there already. Nothing is
        written before the last call, so that no row is locked while a network answers.

        :param ask: ``like`` or ``hide``
        :param on: False takes it back
        :return: an action that tells the outcome, or True where the screen shows it
        """
        self._check_gesture()
        failed = {}
        for account, mentions in self.sudo().grouped("account_id").items():
            able = mentions.filtered(f"can_{ask}")
            failed |= dict.fromkeys(mentions - able, "no_gesture")
            failed |= able._ask_gesture(account, ask, on)
        done = self.filtered(lambda mention: mention not in failed)
        done._record_gesture(ask, on, reason)
        return self._report_gesture(ask, on, done, failed) if failed or len(self) > 1 else True

    def _ask_gesture(self, account, ask, on):
        """:return: mention → error code of those that the network did not take"""
        failed, waiting = {}, list(self)
        try:
            gesture = getattr(account._get_adapter(), ask)
            while waiting:
                try:
                    account._call(gesture, waiting[0]._to_wire(), on)
                except networks.RejectedError as error:
                    failed[waiting[0]] = error.code
                del waiting[0]
        except networks.NetworkError as error:
            # The others would meet the same: a dead token, no answer, too many calls.
            failed |= dict.fromkeys(waiting, error.code)
        return failed

    def _record_gesture(self, ask, on, reason):
        """Who and when, on the message and in the ticket's chatter."""
        name = "liked" if ask == "like" else "hidden"
        changed = self.filtered(lambda mention: bool(mention[f"{name}_at"]) != on)
        values = {
            f"{name}_at": on and fields.Datetime.now(),
            f"{name}_by_id": on and self.env.uid,
        }
        if ask == "hide":
            values["hidden_reason"] = reason
        changed.sudo().write(values)
        for mention in changed.filtered("ticket_id"):
            local = mention.ticket_id._social_care_in_its_language()
            title = mention.with_env(local.env)._get_gesture_title(ask, on)
            note = Markup("<p><strong>%s:</strong> %s</p>") % (title, mention.display_name)
            if reason:
                note += Markup("<p>%s</p>") % reason
            local._social_care_log(note, speaker=self.env.user.partner_id)

    def _get_gesture_title(self, ask, on):
        _ = self.env._
        done, undone = {
            "like": [_("Liked"), _("Like taken back")],
            "hide": [_("Hidden from others"), _("Shown to others again")],
        }[ask]
        return done if on else undone

    def _report_gesture(self, ask, on, done, failed):
        title = self._get_gesture_title(ask, on) if done else self.env._("Not done")
        text = self.env._("%(done)s done.", done=len(done))
        why = " ".join(self._describe_error(code) for code in dict.fromkeys(failed.values()))
        if done and failed:
            text = self.env._(
                "%(done)s done, %(failed)s not: %(why)s",
                done=len(done),
                failed=len(failed),
                why=why,
            )
        kind = "danger" if failed else "success"
        action = self.env["social.care.account"]._notify_user(title, text if done else why, kind)
        action["params"]["next"] = {"type": "ir.actions.act_window_close"}
        return action
