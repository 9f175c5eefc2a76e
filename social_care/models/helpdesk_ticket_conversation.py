from datetime import timedelta

from markupsafe import Markup

from odoo import models
from odoo.tools import format_datetime

from .resource_calendar import holidays_domain


class HelpdeskTicket(models.Model):
    """What happens to a ticket as its conversation goes on."""

    _inherit = "helpdesk.ticket"

    # -- The customer writes ---------------------------------------------

    def _social_care_joined(self, conversation):
        """New mentions joined this ticket: note them, start clocks, reopen."""
        self.ensure_one()
        mentions = conversation.mentions
        further = mentions[1:] if conversation.is_new else mentions
        for mention in further:
            quote = self._social_care_in_its_language()._social_care_quote(mention)
            self._social_care_log(quote, author=mention.author_id, mention=mention)
        if conversation.is_new:
            return
        name = mentions[-1:].author_id.name or mentions[-1:].author_id.handle or ""
        self._social_care_tell("message", name=name, count=len(mentions))
        values = {"social_unread": True}
        waiting = conversation.waiting_mentions
        start = waiting[:1]._get_clock_start()
        # Messages may come in another order than they were said.
        if waiting and not (self.social_waiting_since and self.social_waiting_since <= start):
            values["social_waiting_since"] = start
        if any(mentions.mapped("severe")):
            values["social_severe"] = True
        if not self.social_intent:
            values["social_intent"] = next((m.intent for m in mentions if m.intent), False)
        values |= self._social_care_raise_priority(mentions.rule_id)
        self.write(values)
        if conversation.reopens:
            self._social_care_reopen()
        elif waiting:
            self._social_care_leave_pause()
        if waiting:
            self._social_care_start_clock(waiting[:1])

    def _social_care_reopen(self):
        stage = self.team_id._get_applicable_stages().filtered(lambda item: not item.closed)[:1]
        moving = self.with_context(social_care_moving=True)
        moving.write({"stage_id": stage.id, "closed_date": False})

    def _social_care_start_clock(self, mention):
        """Give the promise for an unanswered run of messages: one clock, from its oldest."""
        running = self.ticket_sla_ids._social_care_open()
        if running:
            running._social_care_begin_with(mention)
        if running or not self.team_id.use_sla:
            return
        self.env["helpdesk.ticket.sla"].create(
            [
                {"ticket_id": self.id, "sla_id": policy.id, "social_mention_id": mention.id}
                for policy in self._social_care_strictest(self._social_care_promises())
            ]
        )

    # -- We answer -------------------------------------------------------

    def _social_care_answered(self, replies):
        """Sent answers → clocks stopped, chatter written, stage moved.

        :param replies: sent ``social.care.reply`` of these tickets
        """
        for ticket, of_ticket in replies.grouped("ticket_id").items():
            mine = of_ticket.sorted("sent_at")
            answers = mine.filtered(lambda reply: reply.kind == "answer")
            for reply in mine:
                ticket._social_care_in_its_language()._social_care_note_answer(reply)
            if answers:
                ticket._social_care_stop_clocks(answers)
                # What came in after the agent pressed the button keeps the ticket open.
                close = any(answers.mapped("then_close")) and not ticket.social_waiting_since
                ticket._social_care_move(close=close)

    def _social_care_stop_clocks(self, answers):
        # An agent answers what was there when the button was pressed, however late the
        # network takes the answer, or a reviewer approves it.
        seen = max(
            min(answer.asked_at or answer.queued_at or answer.sent_at, answer.sent_at)
            for answer in answers
        )
        self._social_care_stop(answers[0].sent_at, seen)

    def _social_care_stop(self, first, seen):
        """An answer ends the wait, but not for messages that it cannot have meant.

        :param first: naive UTC, when the customer could read it
        :param seen: naive UTC, what was said until then is answered
        """
        self.ensure_one()
        if self.social_close_reason_id:
            self._social_care_answered_after_all()
        start = self.social_waiting_since
        reached = self.ticket_sla_ids._social_care_reach(first)
        uncovered = self._social_care_find_run(seen + timedelta(microseconds=1))
        values = {"social_waiting_since": uncovered[:1]._get_clock_start()}
        if not values["social_waiting_since"]:
            values["social_unread"] = False
        if start and start <= first and not self.social_first_response_at:
            clock = reached.filtered(lambda row: row.social_started_at == start)[:1]
            values |= {
                "social_first_response_at": first,
                "social_first_response_hours": clock.social_elapsed_hours
                if clock  # without its pauses
                else self._social_care_working_hours(start, first),
                "social_first_response_wait_hours": (first - start).total_seconds() / 3600,
            }
        elif not self.social_first_response_at and not start:
            values["social_first_response_at"] = first
        self.write(values)
        if uncovered:
            self._social_care_start_clock(uncovered[:1])

    def _social_care_move(self, close=False):
        """A new ticket goes to in progress, or to its end where the agent asked for that."""
        self.ensure_one()
        stages = self.team_id._get_applicable_stages()
        if close and not self.stage_id.closed:
            target = stages.filtered("closed")[:1]
        elif self.stage_id.unattended:
            target = stages.filtered(lambda stage: not stage.unattended and not stage.closed)[:1]
        else:
            return
        if target:
            self.with_context(social_care_moving=True).stage_id = target

    def _social_care_working_hours(self, start, end):
        """Working hours between two naive UTC times, in the team's calendar."""
        calendar = self.team_id._social_care_calendar(self.company_id)
        if not calendar or end <= start:
            return 0.0
        domain = holidays_domain(self.company_id)
        return calendar.get_work_hours_count(start, end, compute_leaves=True, domain=domain)

    # -- The chatter tells the story ----------------------------------------

    def _social_care_in_its_language(self):
        """This ticket in its company's language: scheduled actions have none of their own."""
        lang = self.company_id.partner_id.lang or self.env.lang
        return self.with_context(lang=lang)

    def _social_care_log(self, body, author=None, speaker=None, mention=None):
        """Internal note under a customer's profile or one of us; no mail leaves.

        :param body: Markup
        :param author: social.care.author of a customer's words
        :param speaker: res.partner of our own
        :param mention: whose words these are, or that they answer: when they must go, these go
        """
        self.ensure_one()
        partner = speaker or self.env["res.partner"]
        message = self._message_log_batch(
            {self.id: body},
            author_id=partner.id,
            email_from=partner.email_formatted
            or self.company_id.email_formatted
            or self.env.user.email_formatted
            or False,
            message_type="comment",
        )
        if author or mention:
            values = {
                "social_author_id": author and author.id,
                "social_mention_id": mention and mention.id,
            }
            message.sudo().write(values)
        return message

    def _social_care_quote(self, mention):
        link = Markup("")
        if mention.url:
            link = Markup(
                '<p><a href="%s" target="_blank" rel="noopener noreferrer">%s</a></p>'
            ) % (
                mention.url,
                self.env._("See it there"),
            )
        return self._social_care_to_html(mention.body or self.env._("(no text)")) + link

    def _social_care_note_answer(self, reply):
        network = reply.account_id._get_network_name()
        if reply.kind == "acknowledgement":
            title = self.env._("Acknowledged on %(network)s, automatically", network=network)
        elif reply.kind == "holding":
            title = self.env._("Holding message on %(network)s", network=network)
        elif reply.origin == "network":
            title = self.env._("Answered outside Odoo, on %(network)s", network=network)
        elif reply.visibility == "public":
            title = self.env._("Answered on %(network)s", network=network)
        else:
            title = self.env._("Answered in private on %(network)s", network=network)
        heading = Markup("<strong>%s</strong>") % title
        if reply.url:
            heading = Markup('<a href="%s" target="_blank" rel="noopener noreferrer">%s</a>') % (
                reply.url,
                heading,
            )
        body = Markup("<p>%s</p>") % heading + self._social_care_to_html(reply.body)
        # An answer from outside Odoo has no author that we know: the company speaks.
        speaker = reply.user_id.partner_id or self.company_id.partner_id
        self._social_care_log(body, speaker=speaker, mention=reply.mention_id)

    def _social_care_note_failed(self, reply):
        for ticket in self:
            local = ticket._social_care_in_its_language()
            title = local.env._("The answer was not sent.")
            why = reply.with_env(local.env).error_text or ""
            ticket._social_care_log(Markup("<p><strong>%s</strong> %s</p>") % (title, why))

    def _social_care_note_edited(self, mention, before, title):
        for ticket in self:
            if not ticket.social_legal_hold:
                after = self._social_care_to_html(mention.body)
                mention._follow_words([(mention, title, before, after)])
            heading = ticket._social_care_in_its_language().env._(
                "The customer changed this message:"
            )
            note = Markup("<p><strong>%s</strong></p>%s<p><del>%s</del></p>") % (
                heading,
                self._social_care_to_html(mention.body),
                " ".join(before.split()),
            )
            ticket._social_care_log(note, author=mention.author_id, mention=mention)
            ticket.social_unread = True
            ticket._social_care_review_wait(mention, before)

    def _social_care_note_deleted(self, mention):
        for ticket in self:
            local, tz = ticket._social_care_in_its_language(), ticket._social_care_tz()
            text = local.env._(
                "The customer deleted a message of %(when)s.",
                when=format_datetime(local.env, mention.posted_at, tz=tz, dt_format="short"),
            )
            ticket._social_care_log(Markup("<p>%s</p>") % text, author=mention.author_id)
            ticket._social_care_review_wait(mention)
