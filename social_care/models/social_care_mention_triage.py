import re
from functools import partial

from odoo import api, fields, models
from odoo.tools import SQL

from .social_care_conversations import SocialCareConversations
from .social_care_export import quote_formula
from .social_care_queue import LEASE_MINUTES, MAX_ATTEMPTS, NOW_SQL

BATCH = 500  # mentions a transaction: about a second's work

# Said alone, these ask for nothing: English and Spanish.
COURTESY_WORDS = frozenset(
    "thanks thank you thx ty tysm cheers great perfect lovely awesome brilliant ok okay so much "
    "a lot very many gracias muchas mil muchísimas muchisimas grcs graciass vale perfecto genial "
    "estupendo fenomenal excelente ok okey de nada muy amable amables por todo team equipo".split()
)
COURTESY_KEYS = frozenset(
    "thanks thank thx ty tysm cheers great perfect lovely awesome brilliant ok okay gracias grcs "
    "graciass vale perfecto genial estupendo fenomenal excelente okey".split()
)


class SocialCareMention(models.Model):
    _inherit = "social.care.mention"

    @api.model
    def _cron_triage(self):
        """Decide what came in, author by author; a bad one never blocks the next."""
        waiting = [*self._get_untriaged(), *self._get_share()]
        self.env["ir.cron"]._commit_progress(remaining=self.search_count(waiting))
        failed = []  # ids: one try a run
        while ids := self._run_unit(partial(self._claim_waiting, failed), processed=0)[0]:
            seconds_left = self._run_batch(self.browse(ids), "_triage", failed)
            if failed:
                self._run_unit(self.browse(ids)._release, processed=0)
            if not seconds_left:
                break
        self._wake_due()

    @api.model
    def _get_untriaged(self):
        return [
            ("state", "=", "new"),
            ("triaged_at", "=", False),
            ("triage_attempts", "<", MAX_ATTEMPTS),
        ]

    @api.model
    def _claim_waiting(self, failed):
        """Take some waiting messages for some minutes; other workers pass them by.

        So do they with the people who wrote them: nobody is decided on in two places at once.
        It counts as an attempt, committed before the work: what was tried before, and may have
        killed its worker, comes last and alone, and in the end is set aside.

        :param failed: ids to leave out
        :return: ids, in order
        """
        tried = SQL("COALESCE(m.triage_attempts, 0)")
        fresh, again = SQL("%s = 0", tried), SQL("%s BETWEEN 1 AND %s", tried, MAX_ATTEMPTS - 1)
        return self._claim_where(fresh, failed, BATCH) or self._claim_where(again, failed, 1)

    @api.model
    def _claim_where(self, condition, failed, limit):
        self.env.cr.execute(
            SQL(
                """UPDATE social_care_mention
                      SET triage_until = %(now)s + interval '%(lease)s minutes',
                          triage_attempts = COALESCE(triage_attempts, 0) + 1
                    WHERE id = ANY(ARRAY(
                          SELECT m.id FROM social_care_mention m
                           WHERE m.state = 'new' AND m.triaged_at IS NULL AND %(condition)s
                             AND m.id != ALL(%(failed)s) AND %(share)s
                             AND NOT EXISTS (
                                 SELECT FROM social_care_mention busy
                                  WHERE busy.author_id = m.author_id AND busy.state = 'new'
                                    AND busy.triaged_at IS NULL AND busy.triage_until > %(now)s)
                        ORDER BY m.id LIMIT %(limit)s FOR NO KEY UPDATE OF m SKIP LOCKED))
                RETURNING id""",
                now=SQL(NOW_SQL),
                lease=LEASE_MINUTES,
                condition=condition,
                failed=failed,
                share=self._sql_share(),
                limit=limit,
            )
        )
        ids = sorted(row[0] for row in self.env.cr.fetchall())
        self.browse(ids).invalidate_recordset(["triage_until", "triage_attempts"], flush=False)
        return ids

    def _release(self):
        """Give back what was not decided: its author's other messages need not wait."""
        self.filtered(lambda item: not item.triaged_at).triage_until = False

    def _lock_authors(self):
        """Keep other workers from these people until the commit.

        The row is written too: a worker that waited for the lock has a stale
        snapshot and must fail with 40001 instead of making a second ticket.
        """
        author_ids = sorted(self.author_id.ids)
        if author_ids:
            self.env.cr.execute(
                SQL(
                    """UPDATE social_care_author SET triage_count = COALESCE(triage_count, 0) + 1
                        WHERE id IN (SELECT id FROM social_care_author
                                      WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE)""",
                    author_ids,
                )
            )
            self.author_id.invalidate_recordset(["triage_count"], flush=False)

    def _triage(self):
        """Mentions not yet triaged → decided, or left to people in the inbox."""
        self._follow_joined_authors()
        mentions = self.filtered(lambda item: item.state == "new" and not item.triaged_at)
        matched = mentions._match_rules()  # before anything is written: one UPDATE at the end
        mentions._wake_watched_of_authors()
        mentions._note_rules(matched)
        # Conversation before rules: what joins one does so whatever a rule says.
        mentions._to_tickets(opening=mentions._filter_opening(matched))
        left = mentions.filtered(lambda item: item.state == "new")
        left.write({"triaged_at": fields.Datetime.now()})
        left._apply_rules(matched)

    def _to_tickets(self, decided_by=None, opening=None):
        """Mentions → their tickets, found, reopened or created in bulk.

        :param decided_by: the user who decided, or None for the rules
        :param opening: those that may open or reopen a ticket, the others only join; None: all
        :return: the tickets
        """
        self._lock_authors()  # by hand too: the cron may be busy with the same person
        ordered = self.filtered(lambda item: item.state != "ticket").sorted(
            lambda item: (item._get_clock_start(), item.id)
        )
        tickets = self._carry_out(SocialCareConversations(ordered).plan(opening), decided_by)
        if tickets and not decided_by:
            ordered._acknowledge()
        return tickets

    def _join_early_answers(self):
        """What was here before the messages of ours that it answers joins their tickets."""
        self._lock_authors()
        self._carry_out(SocialCareConversations(self).plan_early())

    @api.model
    def _carry_out(self, plan, decided_by=None):
        """Make the tickets of a plan, put its mentions on them, bring together what belongs together."""
        new_tickets = self.env["helpdesk.ticket"].create(
            [self._prepare_ticket(conversation) for conversation in plan.new]
        )
        for conversation, ticket in zip(plan.new, new_tickets, strict=True):
            conversation.ticket = ticket
        joined = [item for item in plan.conversations if item.mentions]
        self._place(joined, decided_by)
        for conversation in joined:
            conversation.ticket._social_care_joined(conversation)
        urging = new_tickets.browse().union(*(item.ticket for item in joined if item.is_urging))
        urging.filtered(lambda ticket: not ticket.user_id)._social_care_want_routing()
        for conversation in plan.conversations:
            conversation.ticket._social_care_bring_together(conversation)
        urging._social_care_find_stand_in()
        return new_tickets.union(*(item.ticket for item in plan.conversations))

    @api.model
    def _place(self, conversations, decided_by):
        """Put the mentions of conversations on their tickets."""
        now = fields.Datetime.now()
        mentions = self.browse().union(*(item.mentions for item in conversations))
        mentions.fetch(["reply_ids"])  # in one query: a move to a ticket concerns them
        for conversation in conversations:
            if conversation.is_new:
                conversation.mentions._begin_ticket(conversation.ticket)
            else:
                conversation.mentions.write({"ticket_id": conversation.ticket.id})
        mentions.write(
            {
                "state": "ticket",
                "decided_at": now,
                "decided_by_id": decided_by.id if decided_by else False,
                "triaged_at": now,
                "reason_id": False,
                "watch_until": False,
            }
        )

    @api.model
    def _prepare_ticket(self, conversation):
        """Values of a new ticket; title and description come from the first mention."""
        first = conversation.mentions[0]
        account, author = first.account_id, first.author_id
        team = self._choose_team(conversation)
        waiting = conversation.waiting_mentions
        return {
            "name": quote_formula(first.display_name),
            "description": self.env["helpdesk.ticket"]._social_care_to_html(first.body),
            "team_id": team.id,
            # Nobody is assigned by default: not OdooBot, whose cron this is.
            "user_id": False,
            "company_id": account.company_id.id,
            "channel_id": account.channel_id.id,
            "partner_id": author.partner_id.id,
            "partner_name": author.partner_id.name or quote_formula(author.name or author.handle),
            "partner_email": author.partner_id.email,
            "social_account_id": account.id,
            "social_author_id": author.id,
            "social_intent": next((m.intent for m in conversation.mentions if m.intent), False),
            "social_severe": any(conversation.mentions.mapped("severe")),
            "social_previous_id": conversation.previous.id,
            "social_waiting_since": waiting[:1]._get_clock_start(),
            "social_unread": True,
            **self._prepare_ticket_from_rules(conversation),
            "social_reach": author.followers_count,
        }

    @api.model
    def _choose_team(self, conversation):
        """The team that gets a new ticket: the first rule's that names one, else the account's."""
        account = conversation.mentions[0].account_id
        named = conversation.mentions.rule_id.team_id.filtered(
            lambda team: (
                team.active and (not team.company_id or team.company_id == account.company_id)
            )
        )
        return named[:1] or account._choose_team(conversation.mentions[0].lang)

    def _get_clock_start(self):
        """When the customer's wait began, naive UTC: never later than we knew of it."""
        first = self.repost_of_id or self  # deleted and said anew: they wait since the first
        return min(first.posted_at, first.received_at) if self else False

    def _starts_clock(self):
        """Whether somebody waits for an answer to this."""
        self.ensure_one()
        return not (self.history or self.deleted_at or self._is_courtesy())

    def _is_late(self):
        """Whether it came too late for an acknowledgement, a ring or a crisis."""
        self.ensure_one()
        return self.history or self.late

    def _is_urgent(self):
        """Whether this rings those on call while the team is closed."""
        self.ensure_one()
        return self.severe or self.rule_id.on_call

    def _is_courtesy(self):
        """Thanks, an emoji or a sticker alone.

        A picture without words may show the damage: it is no courtesy.
        """
        self.ensure_one()
        text = re.sub(r"(?<!\w)@[\w.@:-]+", " ", self.body or "")
        words = re.findall(r"[^\W_]+", text.casefold())
        if not words:
            return not self.media
        return (
            "?" not in text
            and len(words) <= 8
            and all(word in COURTESY_WORDS for word in words)
            and any(word in COURTESY_KEYS for word in words)
        )
