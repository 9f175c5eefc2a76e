from odoo import fields, models

# What decides which promise is given, and in which working hours it runs.
TERMS = ("team_id", "company_id", "category_id", "tag_ids", "channel_id", "social_intent")
AWAITING = "helpdesk_mgmt.helpdesk_ticket_stage_awaiting"  # the helpdesk's stage for "their turn"


class HelpdeskTicket(models.Model):
    """A ticket's clocks follow its stage, its team, and what the customer takes back."""

    _inherit = "helpdesk.ticket"

    def write(self, vals):
        # The user too: the helpdesk gives a ticket without team that of its user.
        deciding = vals.keys() & {*TERMS, "stage_id", "user_id"}
        social = self.filtered("social_account_id") if deciding else self.browse()
        terms = {ticket: [ticket[name] for name in TERMS] for ticket in social}
        closed = social.filtered("closed")
        result = super().write(vals)
        (social.filtered("closed") - closed)._social_care_closed()
        closed.filtered(lambda ticket: not ticket.closed)._social_care_reopened()
        changed = social.filtered(lambda ticket: [ticket[name] for name in TERMS] != terms[ticket])
        changed.sudo().ticket_sla_ids._social_care_replan(choose=True)
        (social - changed)._social_care_follow_stage()
        return result

    def _social_care_follow_stage(self):
        """Pause the clocks of an ignored stage, and let them go on after it."""
        clocks = self.sudo().ticket_sla_ids._social_care_open()
        clocks.filtered(
            lambda row: (
                (row.ticket_id.stage_id in row.sla_id.ignore_stage_ids)
                != (row.state == "on_hold" and bool(row.deadline))
            )
        )._social_care_replan(note=False)

    def _social_care_leave_pause(self):
        """The customer wrote again: a ticket does not stay in a stage that waits for them."""
        self.ensure_one()
        promise = self.ticket_sla_ids._social_care_open().sla_id or self._social_care_strictest(
            self._social_care_promises()
        )
        awaiting = self.env.ref(AWAITING, raise_if_not_found=False)
        pauses = promise.ignore_stage_ids | (awaiting or self.stage_id.browse())
        if self.stage_id not in pauses:
            return
        stage = self.team_id._get_applicable_stages().filtered(
            lambda item: not item.closed and item not in pauses
        )
        going_on = stage.filtered(lambda item: not item.unattended) or stage
        if going_on:
            self.with_context(social_care_moving=True).stage_id = going_on[0]

    # -- The run of messages that waits ------------------------------------------

    def _social_care_find_run(self, since):
        """Messages from a naive UTC time on that wait for an answer, oldest first."""
        waiting = self.social_mention_ids.filtered(
            lambda mention: mention._starts_clock() and mention._get_clock_start() >= since
        )
        return waiting.sorted(lambda mention: (mention._get_clock_start(), mention.id))

    def _social_care_review_wait(self, mention, before=None):
        """A message was changed or deleted: does the customer still wait, and since when?

        :param before: its text before the change, None for a deletion
        """
        self.ensure_one()
        since = self.social_waiting_since
        if not since:
            self._social_care_wait_for_edit(mention, before)
            return
        if before is not None and mention._starts_clock():
            return
        clocks = self.ticket_sla_ids._social_care_open()
        if any(item._starts_clock() for item in clocks.social_mention_id):
            return
        run = self._social_care_find_run(since)
        start = run[:1]._get_clock_start()
        if start != since:
            clocks._social_care_cancel(mention.deleted_at if before is None else mention.edited_at)
            self.social_waiting_since = start
            if run:
                self._social_care_start_clock(run[0])
                going_on = self.ticket_sla_ids._social_care_open()
                clocks._social_care_excuse(going_on.expired)  # one wait is missed once

    def _social_care_wait_for_edit(self, mention, before):
        """Thanks that became a question wait from their change on."""
        if before is None or self.closed or not mention.edited_at or not mention._starts_clock():
            return
        if mention.new({"body": before, "media": mention.media})._is_courtesy():
            self.social_waiting_since = min(mention.edited_at, fields.Datetime.now())
            self._social_care_start_clock(mention)

    def _social_care_last_answer(self, besides=None):
        """When we last answered in whatever way, naive UTC or False.

        :param besides: an answer that counts as little as a deleted one, nor do clocks it stopped
        """
        return max(self._social_care_answer_times(besides), default=False)

    def _social_care_answer_times(self, besides=None):
        """When we answered in whatever way, naive UTC, in no order."""
        answers = self.social_reply_ids.filtered(
            lambda reply: reply.state == "sent" and reply.kind == "answer"
        )
        gone = answers.filtered("deleted_at") | (besides or answers.browse())
        answers -= gone
        clocks = [*self.ticket_sla_ids.mapped("social_reached_at"), self.social_first_response_at]
        stopped_by = set(gone.mapped("sent_at"))
        times = [time for time in clocks if time not in stopped_by]
        return list(filter(None, [*answers.mapped("sent_at"), *times]))
