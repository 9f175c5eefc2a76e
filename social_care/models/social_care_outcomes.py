"""What customers did after our answers: read for a batch, a query a question.

The first of these that is true is the outcome:

1. deleted: nothing of what they wrote is left;
2. went elsewhere: the same contact opened a ticket by mail, phone or web within 7 days of an answer;
3. came back: since our last answer they asked again, or a new ticket of theirs names this one;
4. satisfied: since our last answer they thanked or praised us, or they like it;
5. came back: before our last answer they had the ticket reopened;
6. silent: nothing, or after a mere "ok" no more, came for the company's number of days, and
   nobody waits for us.

Not every network tells who likes an answer. Social tickets are not in the portal, where a customer
could close them: that is no evidence here.
"""

from datetime import timedelta
from typing import NamedTuple

from odoo import fields

OUTCOMES = [
    ("satisfied", "Satisfied"),
    ("silent", "Silent"),
    ("came_back", "Came back"),
    ("went_elsewhere", "Went elsewhere"),
    ("deleted", "Deleted their messages"),
]
ELSEWHERE = timedelta(days=7)  # after an answer
# Of a mention, what tells what it is: neither raw data nor context.
READ = (
    *("ticket_id", "body", "media", "intent", "repost_of_id"),
    *("posted_at", "received_at", "deleted_at"),
)


class Outcome(NamedTuple):
    """What led to it: when (naive UTC), and the customer's message or ticket."""

    value: str
    code: str  # of the sentence that tells it
    at: object
    mention_id: int | bool = False
    ticket_id: int | bool = False
    days: int | bool = False

    def to_json(self):
        known = {name: item for name, item in self._asdict().items() if item and name != "value"}
        return {**known, "at": fields.Datetime.to_string(self.at)}


class SocialCareOutcomes:
    """The outcomes of a batch of tickets, as far as they show."""

    def __init__(self, tickets):
        self.env = tickets.env
        self.now = fields.Datetime.now()
        tickets = tickets.with_context(active_test=False)
        self.people = tickets.social_author_id._get_people()
        self.answers = {ticket.id: sorted(ticket._social_care_answer_times()) for ticket in tickets}
        self.later = self._load_later(tickets)
        self.mentions = self._load_mentions(tickets.union(*self.later.values()))
        self.liked = self._load_liked(tickets)
        self.elsewhere = self._load_elsewhere(tickets)

    # -- What is there -----------------------------------------------------------------

    def _load_later(self, tickets):
        """Ticket → tickets of the same person that name it as their earlier one."""
        found = tickets.search_fetch(
            [("social_previous_id", "in", tickets.ids)],
            ["social_previous_id", "social_author_id"],
            order="id",
        )
        # Another person in the thread has a linked ticket, too.
        theirs = found.filtered(
            lambda later: (
                later.social_author_id
                in self.people.get(later.social_previous_id.social_author_id, ())
            )
        )
        return theirs.grouped("social_previous_id")

    def _load_mentions(self, tickets):
        """Ticket → its messages, in the order in which they were said."""
        mentions = self.env["social.care.mention"].search_fetch(
            [("ticket_id", "in", tickets.ids)], READ, order="id"
        )
        ordered = mentions.sorted(lambda mention: (mention._get_clock_start(), mention.id))
        return ordered.grouped("ticket_id")

    def _load_liked(self, tickets):
        """Ticket → answers that the customer likes, in the order in which they were sent."""
        replies = self.env["social.care.reply"].search_fetch(
            [
                ("ticket_id", "in", tickets.ids),
                ("kind", "=", "answer"),
                ("liked_at", "!=", False),
                ("deleted_at", "=", False),
            ],
            ["ticket_id", "liked_at", "sent_at"],
            order="sent_at, id",
        )
        return replies.grouped("ticket_id")

    def _load_elsewhere(self, tickets):
        """(contact, company) → their tickets that are not social, around these answers."""
        times = [time for answers in self.answers.values() for time in answers]
        contacts = tickets.partner_id.union(*(self._get_contacts(ticket) for ticket in tickets))
        if not times or not contacts:
            return {}
        found = tickets.search_fetch(
            [
                ("partner_id", "in", contacts.ids),
                ("social_account_id", "=", False),
                ("create_date", ">=", min(times)),
                ("create_date", "<=", max(times) + ELSEWHERE),
            ],
            ["partner_id", "company_id", "create_date"],
            order="create_date, id",
        )
        return found.grouped(lambda ticket: (ticket.partner_id, ticket.company_id))

    def _get_contacts(self, ticket):
        person = self.people.get(ticket.social_author_id, ticket.social_author_id)
        return ticket.partner_id | person.partner_id

    # -- What it means --------------------------------------------------------------------

    def find(self, ticket):
        """The outcome of one ticket, or None, and whether it may still change."""
        answers = self.answers[ticket.id]
        if not ticket.social_first_response_at or not answers:
            return None, False
        said = self._get_said(ticket, answers[-1])
        quiet_since = said[-1]._get_clock_start() if said else answers[-1]
        outcome = (
            self._find_deleted(ticket)
            or self._find_elsewhere(ticket, answers)
            or self._find_return(ticket, answers, said)
            or self._find_thanks(ticket, answers, said)
            or self._find_reopening(ticket, answers)
            or self._find_silence(ticket, said, quiet_since)
        )
        watched = max(timedelta(days=ticket.company_id.social_silence_days), ELSEWHERE)
        return outcome, self.now < quiet_since + watched

    def _get_said(self, ticket, since):
        """What they said after a naive UTC time and did not delete."""
        return [
            mention
            for mention in self.mentions.get(ticket, ())
            if mention._get_clock_start() > since and not mention.deleted_at
        ]

    def _find_deleted(self, ticket):
        times = [mention.deleted_at for mention in self.mentions.get(ticket, ())]
        return Outcome("deleted", "deleted", max(times)) if times and all(times) else None

    def _find_elsewhere(self, ticket, answers):
        for contact in self._get_contacts(ticket):
            for other in self.elsewhere.get((contact, ticket.company_id), ()):
                at = other.create_date
                if any(answer <= at <= answer + ELSEWHERE for answer in answers):
                    return Outcome("went_elsewhere", "elsewhere", at, ticket_id=other.id)
        return None

    def _find_return(self, ticket, answers, said):
        for mention in said:
            if mention._asks_again():
                at = mention._get_clock_start()
                return Outcome("came_back", "asked", at, mention_id=mention.id)
        for later in self.later.get(ticket, ()):
            at = self.mentions.get(later, self.env["social.care.mention"])[:1]._get_clock_start()
            if at and at > answers[0]:
                return Outcome("came_back", "new_ticket", at, ticket_id=later.id)
        return None

    def _find_thanks(self, ticket, answers, said):
        for mention in said:
            if mention._is_happy():
                at = mention._get_clock_start()
                return Outcome("satisfied", "thanks", at, mention_id=mention.id)
        for reply in self.liked.get(ticket, ()):
            if max(reply.sent_at, reply.liked_at) >= answers[-1]:
                return Outcome("satisfied", "like", reply.liked_at)
        return None

    def _find_reopening(self, ticket, answers):
        if not ticket.social_reopened_count:
            return None
        asked = [item for item in self._get_said(ticket, answers[0]) if item._asks_again()]
        if not asked:
            return None
        at = asked[-1]._get_clock_start()
        return Outcome("came_back", "reopened", at, mention_id=asked[-1].id)

    def _find_silence(self, ticket, said, since):
        days = ticket.company_id.social_silence_days
        # An unhappy face is not silence; a mere "ok" ends it no more than it begins it.
        if ticket.social_waiting_since or any(mention._is_unhappy() for mention in said):
            return None
        if self.now < since + timedelta(days=days):
            return None
        if said:
            return Outcome("silent", "quiet", since, mention_id=said[-1].id, days=days)
        return Outcome("silent", "silence", since, days=days)
