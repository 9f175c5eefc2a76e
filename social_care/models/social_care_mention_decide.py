from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

# The state of a decision. The next one made by hand keeps it, so that it can be undone.
DECISION = (
    "state",
    "triaged_at",
    "reason_id",
    "watch_until",
    "decided_by_id",
    "decided_at",
    "decision_note",
    "rule_id",
    "watch_reach",
    "watch_reach_before",
    "woken_at",
    "woken_by",
    "woken_growth",
)


class SocialCareMention(models.Model):
    """What people do in the inbox: decide, and take it back."""

    _inherit = "social.care.mention"

    former = fields.Json(readonly=True, help="The decision before, for undoing this one.")
    why_here = fields.Char(string="Why it is here", compute="_compute_why_here")

    _decided_by = models.Index(
        "(decided_by_id, decided_at) WHERE state = 'ignored' AND decided_by_id IS NOT NULL"
    )

    @api.depends("state", "triaged_at", "addressed", "woken_text", "watch_until")
    @api.depends_context("lang")
    def _compute_why_here(self):
        _ = self.env._
        now = fields.Datetime.now()
        for mention in self:
            if mention.state == "watch":
                over = mention.watch_until <= now
                mention.why_here = over and _("The time to keep an eye on it is over.")
            elif mention.state != "new":
                mention.why_here = False
            elif mention.woken_text:
                mention.why_here = mention.woken_text
            elif not mention.triaged_at:
                mention.why_here = _("Just arrived, or could not be sorted.")
            elif mention.addressed:
                mention.why_here = _("Put back to decide.")
            else:
                mention.why_here = _("No rule matched. It names you, but is not said to you.")

    def write(self, vals):
        # Once something else has decided, an older decision is nothing to go back to.
        if "state" in vals and "former" not in vals:
            vals = {**vals, "former": False}
        return super().write(vals)

    def _check_deciding(self):
        if not self.env.user.has_group("social_care.social_care_group_agent"):
            raise AccessError(self.env._("Deciding messages takes the social care agent role."))
        self.check_access("write")

    def action_make_ticket(self):
        """Turn messages into tickets, by hand; asks first where others say the same."""
        self._check_deciding()
        if self._find_alike():
            return self.with_context(default_decision="ticket").action_decide()
        return self._make_tickets()

    def action_decide(self):
        """Ask why no answer is needed, or until when to keep an eye on it."""
        self._check_deciding()
        titles = {
            "ignored": self.env._("No answer needed"),
            "watch": self.env._("Keep an eye on"),
            "ticket": self.env._("Make a ticket"),
        }
        return self.env["social.care.decide"]._get_records_action(
            name=titles[self.env.context.get("default_decision", "ignored")],
            target="new",
            context={**self.env.context, "default_mention_ids": self.ids},
        )

    def action_undo(self):
        """As it was before the last decision by hand, or else back to the inbox.

        A ticket is taken back only by who just made it, while nothing else happened to it.
        """
        self._check_undoing()
        mentions_sudo = self.sudo()
        mentions_sudo._lock_authors()  # nobody joins a ticket that is about to go
        tickets = mentions_sudo.ticket_id.filtered(mentions_sudo._may_take_back)
        kept = mentions_sudo.filtered(
            lambda mention: mention.state == "ticket" and mention.ticket_id not in tickets
        )
        if kept and kept == mentions_sudo:
            raise UserError(
                self.env._("This ticket stays: more has happened to it. Close it instead.")
            )
        (mentions_sudo - kept)._restore()
        tickets.unlink()
        return not kept or self.env["social.care.account"]._notify_user(
            self.env._("Taken back"),
            self.env._(
                "Done: %(done)s. Not done: %(kept)s, for more has happened to the ticket.",
                done=len(self - kept),
                kept=len(kept),
            ),
            "warning",
        )

    # -- Deciding and restoring ------------------------------------------------

    def _check_undoing(self):
        """Own decisions may be undone, even where the ticket went to another team."""
        self.browse()._check_deciding()
        others = self.sudo().filtered(lambda mention: mention.decided_by_id != self.env.user)
        others.with_env(self.env).check_access("write")

    def _make_tickets(self):
        """By hand: in the inbox one goes on deciding, elsewhere the one ticket opens."""
        # On a ticket already, as after a second click: undoing is not about these.
        undecided = self.filtered(lambda mention: mention.state != "ticket")
        if not undecided:
            return self._tell_on_ticket()
        mentions_sudo = undecided.sudo()
        before = mentions_sudo._read_decisions()
        tickets_sudo = mentions_sudo._to_tickets(decided_by=self.env.user)
        # Nobody else's messages on it: this decision made it, and may take it back.
        made = tickets_sudo.filtered(lambda ticket: ticket.social_mention_ids <= mentions_sudo)
        for mention in mentions_sudo:
            own = mention.ticket_id in made
            mention.former = own and {**before[mention], "made_ticket_id": mention.ticket_id.id}
        return undecided._tell_on_ticket()

    def _tell_on_ticket(self):
        if len(self) > 1:
            return self._tell_decided(self.env._("%(count)s on tickets now.", count=len(self)))
        message = self.env._("On a ticket: %(message)s", message=self.display_name)
        stays = self.env.context.get("social_care_stay")
        return self._tell_decided(message, None if stays else self.ticket_id._social_care_open())

    def _decide(self, values, reach=0):
        """Write a person's decision, and keep the one before.

        :param int reach: growth that ends keeping an eye on them; 0: none
        """
        mentions_sudo = self.sudo()
        before = mentions_sudo._read_decisions()
        now = fields.Datetime.now()
        values = {**values, "decided_by_id": self.env.uid, "decided_at": now, "triaged_at": now}
        if values["state"] == "watch":
            mentions_sudo._start_watch(values, reach)
        else:
            mentions_sudo.write(values)
        for mention in mentions_sudo:
            mention.former = before[mention]

    def _read_decisions(self):
        """Mention → its present decision, as JSON takes it."""
        decisions = {}
        for mention in self:
            values = {name: mention[name] for name in DECISION}
            for name, value in values.items():
                if isinstance(value, models.BaseModel):
                    values[name] = value.id
                elif self._fields[name].type == "datetime":
                    values[name] = fields.Datetime.to_string(value)
            decisions[mention] = values
        return decisions

    def _restore(self):
        """Exactly the decision before; where none was kept, back to the inbox."""
        undecided = dict.fromkeys(DECISION[2:7], False) | {"state": "new"}
        for mention in self:
            former = mention.former or undecided
            values = {name: former[name] for name in DECISION if name in former}
            mention.write({**values, "ticket_id": False})

    def _may_take_back(self, ticket):
        """Whether these made it, and nobody did anything with it since."""
        made = {(mention.former or {}).get("made_ticket_id") for mention in self}
        user = self.env.user
        return (
            ticket.id in made
            and ticket.social_mention_ids <= self
            and not (ticket.social_reply_ids or ticket.social_legal_hold)
            and ticket.create_uid == ticket.write_uid == user
            and ticket.message_ids.create_uid <= user
            and ticket.social_mention_ids.decided_by_id == user
            and not ticket._social_care_ran_out(max(ticket.social_mention_ids.mapped("decided_at")))
        )

    def _tell_decided(self, message, next_action=None):
        """Say what was done, with ten seconds to undo it, and show the rest."""
        return {
            "type": "ir.actions.client",
            "tag": "social_care_decided",
            "params": {
                "message": message,
                "mention_ids": self.ids,
                "undo": all(self.sudo().mapped("former")),
                "next": next_action or {"type": "ir.actions.act_window_close"},
            },
        }
