"""Which ticket a mention belongs to: found in one pass for a whole batch.

A conversation is a customer's matter, not a thread. In this order a mention joins
the ticket of what it answers, when the author is the same, or of what it repeats
after a deletion; the author's open ticket on that account, when the thread is the
same, when it is a direct message or when the ticket moved within the team's join
window. Otherwise the last ticket reopens within the reopen window, or a new one
names the old.

Networks do not keep to an order: what was here before the message it belongs to
comes to the same ticket as if it had arrived after it.
"""

from datetime import timedelta

from .helpdesk_ticket_team import JOIN_HOURS, REOPEN_DAYS
from .social_care_conversations_read import (
    load_answered,
    load_deleted,
    load_early,
    load_threads,
    load_tickets,
    thread_keys,
)


class Conversation:
    """One ticket, known or still to be made, and the mentions of this batch that join it."""

    def __init__(self, mention, ticket, *, starts_at, moved_at, threads=(), previous=None):
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
        self.starts_at = starts_at
        self.moved_at = moved_at
        self.threads = set(threads)
        self.team = ticket.team_id or mention.account_id.team_line_ids.team_id[:1]
        self.company = ticket.company_id or mention.account_id.company_id
        self.previous = previous or ticket.browse()
        self.merged = ticket.browse()  # tickets that turned out to be the same matter
        self.linked = ticket.browse()  # and those that go on with it
        self.into = None
        self._waiting = (self.mentions, self.mentions)  # the mentions asked, and who of them waits

    @property
    def waiting_mentions(self):
        """Those that wait for an answer, oldest first."""
        if self._waiting[0] != self.mentions:
            waiting = self.mentions.filtered(lambda mention: mention._starts_clock())
            self._waiting = (self.mentions, waiting)
        return self._waiting[1]

    @property
    def is_urging(self):
        """Whether somebody waits now: what came a day late rings nobody."""
        return any(not mention._is_late() for mention in self.waiting_mentions)

    def root(self):
        """The conversation that took this one in, or itself."""
        root = self
        while root.into:
            root = root.into
        return root

    def is_open(self):
        return not self.closed_at or self.reopens

    def is_answered(self):
        """Whether somebody of us has worked on it: two such tickets are not made one."""
        return bool(self.ticket.social_first_response_at) or any(
            reply.kind != "acknowledgement" and reply.state not in ("draft", "cancelled")
            for reply in self.ticket.social_reply_ids
        )

    def began_before(self, mention):
        return self.starts_at <= mention._get_clock_start()

    def moved_lately(self, mention):
        said_at, window = mention._get_clock_start(), self._join_window()
        return self.starts_at - window <= said_at <= self.moved_at + window

    def follows_closely(self, mention):
        """Whether this began after the mention and would have joined it."""
        said_at = mention._get_clock_start()
        return said_at < self.starts_at <= said_at + self._join_window()

    def _join_window(self):
        return timedelta(hours=self.team.social_join_hours if self.team else JOIN_HOURS)

    def may_reopen(self, mention):
        window = timedelta(days=self.team.social_reopen_days if self.team else REOPEN_DAYS)
        return mention._get_clock_start() - self.closed_at <= window

    def add(self, mention):
        self.mentions |= mention
        self.threads.update(thread_keys(mention))
        said_at = mention._get_clock_start()
        self.starts_at = min(self.starts_at, said_at)
        self.moved_at = max(self.moved_at, said_at)

    def take_in(self, other):
        """The other is the same matter: merge it where nobody has answered or closed it."""
        mergeable = other.is_open() and not other.is_answered()
        if not mergeable or other.company != self.company:
            self.linked |= other.ticket
            return
        other.into = self
        self.mentions |= other.mentions
        self.merged |= other.merged | other.ticket
        self.linked |= other.linked
        self.threads |= other.threads
        self.starts_at = min(self.starts_at, other.starts_at)
        self.moved_at = max(self.moved_at, other.moved_at)


class Plan:
    """What a batch comes to."""

    def __init__(self, conversations):
        self.conversations = conversations
        self.new = [item for item in conversations if item.is_new]


class SocialCareConversations:
    """The conversations of a batch's authors, found with a fixed number of queries.

    :param mentions: recordset, oldest first
    """

    def __init__(self, mentions):
        self.mentions = mentions
        self.env = mentions.env
        self.by_ticket = {}
        self.by_person = {}
        self.planned = {}  # id of a mention → its conversation
        self.passed = set()
        rows = load_tickets(mentions)
        rows += [
            (account_id, author_id, ticket_id, said_at, said_at, [key])
            for account_id, author_id, ticket_id, said_at, key in load_threads(mentions)
        ]
        self.prefetch_ids = tuple({row[2] for row in rows})
        for row in rows:
            self._know(*row)
        self.answered = {}
        for key, mention in load_answered(mentions).items():
            known = self._know_ticket_of(mention)
            if known:
                self.answered[key] = (known, mention.author_id)
        self.deleted = load_deleted(mentions)
        self.early = load_early(mentions)

    def plan(self, opening=None):
        """Join each mention to its conversation, in the order they were said.

        :param opening: mentions that may open or reopen a ticket; the others only join one.
            None: all
        """
        opening_ids = set((self.mentions if opening is None else opening)._ids)
        for mention in self.mentions:
            self.passed.add(mention.id)
            if mention.id in self.planned:
                continue
            conversation = self._find(mention, mention.id in opening_ids)
            if conversation:
                self._place(mention, conversation)
                self._gather(mention, conversation)
        return self._finish()

    def plan_early(self):
        """Bring what answers these mentions' own tickets to them; they are on tickets already."""
        for mention in self.mentions:
            conversation = self._know_ticket_of(mention)
            if conversation:
                self._gather(mention, conversation.root())
        return self._finish()

    def _finish(self):
        touched = {
            id(item): item
            for items in self.by_person.values()
            for item in items
            if not item.into and (item.mentions or item.merged or item.linked)
        }
        conversations = list(touched.values())
        for conversation in conversations:
            conversation.mentions = conversation.mentions.sorted(
                lambda mention: (mention._get_clock_start(), mention.id)
            )
        return Plan(conversations)

    # -- The ticket of a mention ------------------------------------------------

    def _find(self, mention, may_open):
        mine = self._of_person(mention)
        to_us = may_open or mention.addressed
        found = self._find_answered(mention) or self._find_repeated(mention)
        if to_us and not found:
            found = self._find_open(mention, mine) or self._find_answering(mention)
        last = found or (self._last_of(mine) if to_us and mention.author_id else None)
        if last is None:
            return self._open_new(mention, mine) if may_open else None
        courtesy = mention._is_courtesy()
        if last.is_open() and (found or courtesy):
            return last
        if not last.is_open() and last.may_reopen(mention) and (may_open or found or courtesy):
            # Thanks after the end are logged there and reopen nothing.
            last.reopens = last.reopens or mention._starts_clock()
            return last
        return self._open_new(mention, mine, last) if may_open else None

    def _find_answered(self, mention):
        if not mention.parent_external_id:
            return None
        key = (mention.account_id.id, mention.parent_external_id)
        conversation, author = self.answered.get(key, (None, None))
        # Two strangers without a profile are not one person.
        same = conversation and author and author == mention.author_id
        return conversation.root() if same else None

    def _find_repeated(self, mention):
        """The ticket of what the same person deleted to say it anew: the wait goes on."""
        if not self.deleted:  # the digest of all words costs
            return None
        key = (mention.account_id.id, mention.author_id.id, mention._get_repost_key())
        deleted = self.deleted.get(key)
        conversation = deleted and self._know_ticket_of(deleted)
        if not conversation:
            return None
        mention._continue_wait(deleted)
        return conversation.root()

    def _find_open(self, mention, mine):
        """What was going on when it was said before what began later."""
        for conversation in sorted(mine, key=lambda item: not item.began_before(mention)):
            if conversation.is_open() and (
                conversation.threads & thread_keys(mention)
                or (mention.author_id and "direct" in (mention.kind, mention.visibility))
                or (mention.author_id and conversation.moved_lately(mention))
            ):
                return conversation
        return None

    def _find_answering(self, mention):
        """The ticket of an answer to this, which was here before."""
        for answer in self.early.get(mention.id, ()):
            conversation = self._conversation_of(answer)
            if conversation and conversation.is_open() and not conversation.is_answered():
                return conversation
        return None

    def _of_person(self, mention):
        """The person's conversations, the last moved first."""
        known = self.by_person.setdefault((mention.account_id.id, mention.author_id.id), [])
        alive = [item for item in known if not item.into]
        return sorted(alive, key=lambda item: item.moved_at, reverse=True)

    @staticmethod
    def _last_of(mine):
        """The person's last ticket; an open one that is too old to join counts as the last."""
        return mine[0] if mine else None

    def _open_new(self, mention, mine, last=None):
        said_at = mention._get_clock_start()
        before = max(
            (item for item in mine if item.began_before(mention)),
            key=lambda item: item.moved_at,
            default=None,
        )
        conversation = Conversation(
            mention,
            self.env["helpdesk.ticket"],
            starts_at=said_at,
            moved_at=said_at,
            previous=before and before.ticket,
        )
        if last and not before:
            conversation.linked |= last.ticket
        self.by_person[mention.account_id.id, mention.author_id.id].append(conversation)
        return conversation

    # -- What was here before its turn -------------------------------------------

    def _place(self, mention, conversation):
        conversation.add(mention)
        self.planned[mention.id] = conversation
        key = (mention.account_id.id, mention.external_id)
        self.answered[key] = (conversation, mention.author_id)

    def _gather(self, mention, conversation):
        """Bring what answers this mention, or followed it closely, to its conversation."""
        waiting = [mention]
        while waiting:
            for answer in self.early.get(waiting.pop().id, ()):
                other = self._conversation_of(answer)
                if other:
                    self._take_in(conversation, other)
                elif not answer.ticket_id and (
                    answer not in self.mentions or answer.id in self.passed
                ):
                    self._place(answer, conversation)
                    waiting.append(answer)
        if mention.author_id:
            for other in self._of_person(mention):
                if other.is_open() and other.follows_closely(mention):
                    self._take_in(conversation, other)

    @staticmethod
    def _take_in(conversation, other):
        if conversation.root() is not other.root():
            conversation.root().take_in(other.root())

    def _conversation_of(self, mention):
        planned = self.planned.get(mention.id)
        known = planned or self._know_ticket_of(mention)
        return known.root() if known else None

    # -- What is known ------------------------------------------------------------

    def _know_ticket_of(self, mention):
        said_at = mention._get_clock_start()
        person = (mention.account_id.id, mention.author_id.id)
        return self._know(*person, mention.ticket_id.id, said_at, said_at, ())

    def _know(self, account_id, author_id, ticket_id, starts_at, moved_at, threads):
        """The conversation of a ticket in use, listed among those of its people."""
        ticket = self.env["helpdesk.ticket"].browse(ticket_id).with_prefetch(self.prefetch_ids)
        if not ticket_id or not ticket.active:
            return None
        known = self.by_ticket.get(ticket_id)
        if known:
            known.threads.update(threads)
            known.starts_at = min(known.starts_at, starts_at)
            known.moved_at = max(known.moved_at, moved_at)
        else:
            known = self.by_ticket[ticket_id] = Conversation(
                self.mentions[:1], ticket, starts_at=starts_at, moved_at=moved_at, threads=threads
            )
        mine = self.by_person.setdefault((account_id, author_id), [])
        if known not in mine:
            mine.append(known)
        return known
