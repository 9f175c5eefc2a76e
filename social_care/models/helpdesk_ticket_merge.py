from markupsafe import Markup

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command

FIRST_RESPONSE = (
    "social_first_response_at",
    "social_first_response_hours",
    "social_first_response_wait_hours",
)


class HelpdeskTicket(models.Model):
    """Tickets about one matter become one: messages, answers and promises go along."""

    _inherit = "helpdesk.ticket"

    def _social_care_merge_into(self, target):
        """Bring these tickets together in ``target`` and archive them.

        Later messages follow, because a conversation is found through its messages. The
        caller has checked that the user may write all of them.

        :param target: an active ticket of the same company, of whatever channel
        """
        merged, target = self.sudo(), target.sudo()
        merged._social_care_carry_to(target)
        target.message_subscribe(partner_ids=merged.message_partner_ids.ids)
        told = merged.message_ids.filtered(lambda message: message.message_type != "notification")
        told.write({"res_id": target.id})
        # Archiving would delete what is still to do.
        merged.activity_ids.write({"res_id": target.id})
        target._social_care_tell_reviewers_anew()  # each once, and those of this team
        merged.attachment_ids.write({"res_id": target.id})
        for ticket in merged:
            ticket._social_care_note_merged(target)
        merged.active = False

    def _social_care_carry_to(self, target):
        """Move all that this addon keeps on these tickets; chatter and archiving are the caller's."""
        self._social_care_check_merge(target)
        mentions = self.social_mention_ids
        mentions._lock_authors()  # the triage may be busy with the same people
        (self | target)._social_care_claim()  # long work begins on rows that nobody changes
        values = self._social_care_prepare_merged(target)
        earlier = self.with_context(active_test=False).search(
            [("social_previous_id", "in", self.ids), ("id", "not in", (self | target).ids)]
        )
        mentions.write({"ticket_id": target.id})
        earlier.write({"social_previous_id": target.id})
        self._social_care_carry_clocks(target)
        target.write(values)
        self.write({"social_waiting_since": False, "social_unread": False})
        if target.closed and target.social_waiting_since:
            target._social_care_reopen()

    def _social_care_check_merge(self, target):
        target.ensure_one()
        if target in self:
            raise UserError(self.env._("A ticket cannot be merged into itself. Choose another."))
        if not target.active:
            raise UserError(
                self.env._(
                    "%(ticket)s is archived. Choose the ticket it was merged into.",
                    ticket=target.display_name,
                )
            )
        foreign = self.filtered(lambda ticket: ticket.company_id != target.company_id)
        if foreign:
            raise UserError(
                self.env._(
                    "%(ticket)s belongs to %(company)s. Only tickets of one company can be merged.",
                    ticket=foreign[0].display_name,
                    company=foreign[0].company_id.name,
                )
            )

    def _social_care_prepare_merged(self, target):
        """What the target takes over: who and where if it lacks them, else the more pressing."""
        both = target | self
        social = both.filtered("social_account_id")[:1]
        first = both.filtered("social_first_response_at").sorted("social_first_response_at")[:1]
        known = both.filtered("partner_id")[:1]
        values = {
            "social_account_id": social.social_account_id.id,
            "social_author_id": social.social_author_id.id,
            "channel_id": (target.channel_id or social.channel_id).id,
            "social_intent": next(
                (item.social_intent for item in both if item.social_intent), False
            ),
            "social_severe": any(both.mapped("social_severe")),
            "social_unread": any(both.mapped("social_unread")),
            "social_waiting_since": both._social_care_earliest("social_waiting_since"),
            "social_acknowledged_at": both._social_care_earliest("social_acknowledged_at"),
            "social_reopened_count": sum(both.mapped("social_reopened_count")),
            "social_previous_id": (both.social_previous_id - both)[:1].id,
            "tag_ids": [Command.link(tag.id) for tag in self.tag_ids],
            "priority": max((item.priority or "0" for item in both), default=False),
            **{name: first[name] for name in FIRST_RESPONSE},
        }
        if known and not target.partner_id:
            values |= {
                "partner_id": known.partner_id.id,
                "partner_name": known.partner_name,
                "partner_email": known.partner_email,
            }
        return values

    def _social_care_earliest(self, name):
        return min((ticket[name] for ticket in self if ticket[name]), default=False)

    def _social_care_carry_clocks(self, target):
        """One running promise: that of who waits longest. What was reached stays as it was."""
        rows = self.ticket_sla_ids
        responses = rows._social_care_responses()
        # A stage of an archived ticket is never reached.
        (rows - responses)._social_care_cancel()
        responses.write({"ticket_id": target.id})
        running = target.ticket_sla_ids._social_care_open().sorted(
            lambda row: (row.social_started_at, row.id)
        )
        running[1:]._social_care_cancel()
        running[:1]._social_care_replan()  # another team has other hours
        running[1:]._social_care_excuse(running[:1].expired)  # one wait is missed once

    def _social_care_note_merged(self, target):
        """Each ticket tells of the other; the target also what this one began with."""
        self.ensure_one()
        speaker = self.env.user.partner_id
        ticket, kept = self._social_care_in_its_language(), target._social_care_in_its_language()
        ticket._social_care_log(
            Markup("<p>%s</p>")
            % ticket.env._("Merged into %(ticket)s", ticket=target._get_html_link(target.number)),
            speaker=speaker,
        )
        title = kept.env._("Merged from %(ticket)s", ticket=self._get_html_link(self.number))
        beginning = Markup("<p>%s: %s</p>%s") % (title, self.name, self.description or "")
        kept._social_care_log(beginning, author=self.social_author_id, speaker=speaker)

    def _social_care_bring_together(self, conversation):
        """A late message showed which tickets are this one's matter: merge or link them."""
        self.ensure_one()
        if conversation.merged:
            conversation.merged._social_care_merge_into(self)
        if not conversation.linked:
            return
        later = (conversation.linked - conversation.merged - self).filtered(
            lambda ticket: not ticket.social_previous_id
        )
        later.write({"social_previous_id": self.id})
