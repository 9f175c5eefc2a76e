"""Who of a team can be given a conversation now, and whose turn it is."""

from datetime import datetime, timedelta

from odoo.fields import Domain
from odoo.tools import SQL

from .social_care_languages import short_code

MINUTE = timedelta(minutes=1)
REFUSED = ("passed", "missed")  # results of a ring


class Roster:
    """The people of one team, read with a fixed number of queries.

    :param team: helpdesk.ticket.team, in the company of the tickets
    :param practice: what is given to them: practice, or real customers
    :param now: naive UTC
    """

    def __init__(self, team, practice, now):
        self.team, self.now, self.env = team, now, team.env
        agents = team._social_care_agents()
        shifts = team._social_care_shifts(agents, now, now + MINUTE)
        self.people = agents.filtered(lambda user: shifts[user].is_open(now))
        self.since = {user: shifts[user].opened_at(now) for user in self.people}
        self.rings = team._social_care_is_ringing(agents)
        self.expected = self.people.browse()  # on shift, but not online
        if team.social_ask_presence:
            self.expected = self.people.filtered(lambda user: not is_present(user.im_status))
            self.people -= self.expected
        self.loads = read_loads(self.people, practice) if self.people else {}
        self.free = self.people.filtered(self._has_room)

    def learn(self, tickets):
        """What :meth:`choose` has to know of a batch of tickets."""
        if not self.people:
            return
        self.spoken = {user: user._social_care_spoken() for user in self.people}
        self.languages = tickets._social_care_languages()
        self.last_agents = tickets._social_care_last_agents()
        self.turns = self._read_turns()
        self.given = 0

    def choose(self, ticket):
        """Who gets this ticket; None where nobody is free. They have it from now on."""
        free = [user for user in self._unasked(ticket) if self._has_room(user)]
        if not free:
            return None
        user = min(free, key=lambda person: self._rank(ticket, person))
        self.loads[user.id] = self.loads.get(user.id, 0) + 1
        self.given += 1
        self.turns[user.id] = (self.now, self.given)
        return user

    def can_ask(self, ticket):
        """Whether one of the free was not asked for it yet."""
        return any(user in self.free for user in self._unasked(ticket))

    def is_hopeless(self, ticket):
        """Whether nobody is left who could be asked, busy or not.

        Who is not online gets as long to come as a ring takes: not all log in on the minute.
        """
        grace = self.now - self.team.social_ring_minutes * MINUTE
        return not self._unasked(ticket) and not any(
            max(ticket.social_route_at, self.since[user]) > grace for user in self.expected
        )

    def _unasked(self, ticket):
        """Those not asked for this ticket yet: since it looks for somebody, or in their shift."""
        refused = {
            ring.user_id: ring.rung_at
            for ring in reversed(ticket.social_ring_ids)  # the newest last
            if ring.result in REFUSED
        }
        if ticket.social_given_back_id:
            refused[ticket.social_given_back_id] = ticket.social_route_at
        return [
            user
            for user in self.people
            if user not in refused or refused[user] < max(ticket.social_route_at, self.since[user])
        ]

    def _has_room(self, user):
        capacity = self._get_capacity(user)
        return not capacity or self.loads.get(user.id, 0) < capacity

    def _get_capacity(self, user):
        return user.social_capacity or self.team.social_capacity

    def count_room(self):
        """How many tickets the free take together; None: any number."""
        if not all(map(self._get_capacity, self.free)):
            return None
        return sum(self._get_capacity(user) - self.loads.get(user.id, 0) for user in self.free)

    def refused_domain(self):
        """Domain of the tickets that somebody who is there refused in this shift; all new ones if nobody is."""
        if not self.people:
            return Domain("social_nobody_at", "=", False)
        since = min(self.since[user] for user in self.people)
        mine = Domain("user_id", "in", self.people.ids)
        rings = mine & Domain("result", "in", REFUSED) & Domain("rung_at", ">=", since)
        given_back = Domain("social_given_back_id", "in", self.people.ids)
        return Domain("social_ring_ids", "any", rings) | given_back

    def _rank(self, ticket, user):
        """The lowest gets it: their language, then who knows the customer, then whose turn it is."""
        language = short_code(self.languages.get(ticket.id))
        by_load = self.team.social_routing == "least_loaded"
        return (
            bool(language) and language not in self.spoken[user],
            self.last_agents.get(ticket.id) != user,
            by_load and self.loads.get(user.id, 0),
            self.turns.get(user.id, (datetime.min, 0)),
            user.id,
        )

    def _read_turns(self):
        """User id → when they were last given a conversation, or rung for one."""
        self.env["helpdesk.ticket"].flush_model(["user_id", "assigned_date", "social_account_id"])
        self.env["social.care.ring"].flush_model(["user_id", "rung_at"])
        rows = self.env.execute_query(
            SQL(
                """SELECT person, GREATEST(
                              (SELECT MAX(assigned_date) FROM helpdesk_ticket
                                WHERE user_id = person AND social_account_id IS NOT NULL),
                              (SELECT MAX(rung_at) FROM social_care_ring WHERE user_id = person))
                     FROM UNNEST(%s) AS person""",
                list(self.people.ids),
            )
        )
        return {user_id: (last, 0) for user_id, last in rows if last}


def read_loads(users, practice=False):
    """User id → customers who wait for them, in whatever team, and rings.

    :param users: res.users, in an environment that may read all of these
    :param practice: what is counted; practice keeps nobody from real customers
    """
    waits, rings = _get_load_domains(users.ids, practice)
    waiting = users.env["helpdesk.ticket"]._read_group(waits, ["user_id"], ["__count"])
    ringing = users.env["social.care.ring"]._read_group(rings, ["user_id"], ["__count"])
    loads = {}
    for user, count in waiting + ringing:
        loads[user.id] = loads.get(user.id, 0) + count
    return loads


def loads_domain(user_id):
    """Domain of the tickets that :func:`read_loads` counts for a user."""
    waits, rings = _get_load_domains([user_id], practice=False)
    return waits | Domain("social_ring_ids", "any", rings)


def _get_load_domains(user_ids, practice):
    """Domains of tickets and of rings."""
    mine = Domain("user_id", "in", user_ids)
    waits = mine & Domain("social_waiting_since", "!=", False) & Domain("closed", "=", False)
    rings = mine & Domain("result", "=", False)
    return (
        waits & Domain("social_account_id.practice", "=", practice),
        rings & Domain("ticket_id.social_account_id.practice", "=", practice),
    )


def is_present(status):
    """Whether a status of Odoo's means: here, and not on leave. At home is here."""
    return (status or "").endswith("online") and not status.startswith("leave")
