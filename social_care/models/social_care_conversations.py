"""Which ticket a mention belongs to: found in one pass for a whole batch.

A conversation is a customer's matter, not a thread. In this order a mention joins
the ticket of what it answers, when the author is the same; the author's open
ticket on that account, when the thread is the same, when it is a direct message
or when the ticket moved within the team's join window. Otherwise the last ticket
reopens within the reopen window, or a new one names the old.
"""

from datetime import timedelta

from odoo.tools import SQL

from .helpdesk_ticket_team import JOIN_HOURS, REOPEN_DAYS


class Conversation:
    """One ticket, known or still to be made, and the mentions of this batch that join it."""

    def __init__(self, mention, ticket, *, moved_at=None, threads=(), previous=None):
        self.mentions = mention.browse()
        self.ticket = ticket
        self.is_new = not ticket
        self.reopens = False
        # A stage may have become a closed one without anybody closing the ticket.
        self.closed_at = (
            (ticket.closed_date or ticket.last_stage_update or ticket.write_date)
            if ticket.closed
            else None
        )
        self.moved_at = moved_at
        self.threads = set(threads)
        self.team = ticket.team_id or mention.account_id.team_line_ids.team_id[:1]
        self.previous = previous or ticket.browse()

    @property
    def waiting_mentions(self):
        """Those that wait for an answer, oldest first."""
        return self.mentions.filtered(lambda mention: mention._starts_clock())

    def is_open(self):
        return not self.closed_at or self.reopens

    def moved_lately(self, mention):
        window = timedelta(hours=self.team.social_join_hours if self.team else JOIN_HOURS)
        return bool(self.moved_at) and mention._get_clock_start() - self.moved_at <= window

    def may_reopen(self, mention):
        window = timedelta(days=self.team.social_reopen_days if self.team else REOPEN_DAYS)
        return mention._get_clock_start() - self.closed_at <= window

    def add(self, mention):
        self.mentions |= mention
        self.threads.update(thread_keys(mention))
        said_at = mention._get_clock_start()
        self.moved_at = max(self.moved_at or said_at, said_at)


class Plan:
    """What a batch comes to."""

    def __init__(self, conversations):
        self.conversations = conversations
        self.new = [item for item in conversations if item.is_new]


def thread_keys(mention):
    """The names a mention's thread goes by: its root's and its own."""
    return {mention.thread_external_id or mention.external_id, mention.external_id}


class SocialCareConversations:
    """The conversations of a batch's authors, found with a fixed number of queries.

    :param mentions: recordset, oldest first
    """

    def __init__(self, mentions):
        self.mentions = mentions
        self.env = mentions.env
        self.by_ticket = {}
        self.by_person = {}
        self._load_tickets()
        self.answered = self._load_answered()

    def plan(self, opening=None):
        """Join each mention to its conversation, in the order they were said.

        :param opening: mentions that may open or reopen a ticket; the others only join one.
            None: all
        """
        opening_ids = set((self.mentions if opening is None else opening)._ids)
        for mention in self.mentions:
            conversation = self._find(mention, mention.id in opening_ids)
            if not conversation:
                continue
            conversation.add(mention)
            self.answered[mention.account_id.id, mention.external_id] = (
                conversation,
                mention.author_id,
            )
        touched = {
            id(item): item for items in self.by_person.values() for item in items if item.mentions
        }
        return Plan(list(touched.values()))

    def _find(self, mention, may_open):
        person = (mention.account_id.id, mention.author_id.id)
        mine = self.by_person.setdefault(person, [])
        to_us = may_open or mention.addressed
        found = self._find_answered(mention) or (to_us and self._find_open(mention, mine)) or None
        last = found or (self._last_of(mine) if to_us and mention.author_id else None)
        courtesy = last is not None and mention._is_courtesy()
        if last is not None and last.is_open() and (found or courtesy):
            return last
        if (
            last is not None
            and not last.is_open()
            and last.may_reopen(mention)
            and (may_open or found or courtesy)
        ):
            # Thanks after the end are logged there and reopen nothing.
            last.reopens = last.reopens or mention._starts_clock()
            return last
        if not may_open:
            return None
        return self._open_new(mention, mine, previous=last and last.ticket)

    def _find_answered(self, mention):
        if not mention.parent_external_id:
            return None
        key = (mention.account_id.id, mention.parent_external_id)
        conversation, author = self.answered.get(key, (None, None))
        return conversation if conversation and author == mention.author_id else None

    def _find_open(self, mention, mine):
        for conversation in reversed(mine):
            if conversation.is_open() and (
                conversation.threads & thread_keys(mention)
                or (mention.author_id and "direct" in (mention.kind, mention.visibility))
                or (mention.author_id and conversation.moved_lately(mention))
            ):
                return conversation
        return None

    @staticmethod
    def _last_of(mine):
        """The person's last ticket; an open one that is too old to join counts as the last."""
        return mine[-1] if mine else None

    def _open_new(self, mention, mine, previous=None):
        conversation = Conversation(mention, self.env["helpdesk.ticket"], previous=previous)
        mine.append(conversation)
        return conversation

    def _load_tickets(self):
        """Tickets of the batch's people, oldest movement first: two queries."""
        authors = self.mentions.author_id
        if not authors:
            return
        self.env["social.care.mention"].flush_model(["ticket_id", "author_id", "posted_at"])
        self.env["social.care.reply"].flush_model(["mention_id", "sent_at"])
        rows = self.env.execute_query(
            SQL(
                """SELECT m.account_id, m.author_id, m.ticket_id,
                          GREATEST(MAX(LEAST(m.posted_at, m.received_at)), MAX(r.sent_at))
                              AS moved_at,
                          ARRAY_AGG(DISTINCT m.external_id)
                          || ARRAY_AGG(DISTINCT COALESCE(m.thread_external_id, m.external_id))
                     FROM social_care_mention m
                LEFT JOIN social_care_reply r ON r.mention_id = m.id AND r.state = 'sent'
                    WHERE m.author_id = ANY(%s) AND m.account_id = ANY(%s)
                      AND m.ticket_id IS NOT NULL
                 GROUP BY m.account_id, m.author_id, m.ticket_id
                 ORDER BY moved_at, m.ticket_id""",
                authors.ids,
                self.mentions.account_id.ids,
            )
        )
        tickets = (
            self.env["helpdesk.ticket"].browse(row[2] for row in rows).exists().filtered("active")
        )
        alive = {ticket.id: ticket for ticket in tickets}
        for account_id, author_id, ticket_id, moved_at, threads in rows:
            if ticket_id in alive:
                conversation = Conversation(
                    self.mentions[:1], alive[ticket_id], moved_at=moved_at, threads=threads
                )
                self.by_ticket[ticket_id] = conversation
                self.by_person.setdefault((account_id, author_id), []).append(conversation)

    def _load_answered(self):
        """What the batch answers: (account, external id) → (conversation, its author)."""
        parents = {mention.parent_external_id for mention in self.mentions} - {False}
        if not parents:
            return {}
        domain = [
            ("account_id", "in", self.mentions.account_id.ids),
            ("external_id", "in", list(parents)),
            ("ticket_id", "!=", False),
        ]
        known = {}
        for mention in self.env["social.care.mention"].search(domain):
            known[mention.account_id.id, mention.external_id] = mention
        for reply in self.env["social.care.reply"].search(domain):
            known[reply.account_id.id, reply.external_id] = reply.mention_id
        return {
            key: (self.by_ticket[mention.ticket_id.id], mention.author_id)
            for key, mention in known.items()
            if mention.ticket_id.id in self.by_ticket
        }
