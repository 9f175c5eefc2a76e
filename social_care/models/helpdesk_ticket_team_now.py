from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.bus.models.bus import channel_with_db, json_dump

from .social_care_roster import is_present, loads_domain, read_loads

NOW = "social_care.now"  # channel and notification: something changed, look again
EVERY_SECONDS = 3  # one notification a team; a browser reads a second after that at the earliest
RECENT = 500  # notifications among which an earlier one is looked for
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class HelpdeskTicketTeam(models.Model):
    """What happens now: who waits, who is there, what is stuck. Practice is left out."""

    _inherit = "helpdesk.ticket.team"

    @api.model
    def get_now(self):
        """For the Now screen: the figures of the teams whose tickets the user may read.

        :return: ``teams``: list of id (False: tickets without a team), name, waiting, late, due
            (within an hour), oldest (naive UTC), to_approve, held, agents (id, name, on_shift,
            available, load, capacity, 0 for no limit); ``accounts`` that are unwell: list of id,
            name, text; ``next_at``: naive UTC, when figures change by themselves
        """
        self._social_care_check_now()
        now = fields.Datetime.now()
        mine = self._social_care_find_mine()
        waiting = self._social_care_now_figures(mine, now)
        replies = self._social_care_now_replies(mine)
        shown = mine.filtered(lambda team: team.social_account_line_ids or team in waiting)
        people, changes = shown._social_care_now_people(now)
        rows = [*shown, *(team for team in waiting if not team)]
        nothing = {"waiting": 0, "late": 0, "due": 0, "oldest": False, "next_at": False}
        figures = {team: {**nothing, **waiting.get(team, {})} for team in rows}
        changes += [item.pop("next_at") for item in figures.values()]
        return {
            "teams": [
                {
                    "id": team.id,
                    "name": team.display_name if team else self.env._("No team"),
                    **figures[team],
                    **replies.get(team, {"to_approve": 0, "held": 0}),
                    "agents": people.get(team, []),
                }
                for team in rows
            ],
            "accounts": self._social_care_now_unwell(mine),
            "next_at": min(filter(None, changes), default=False),
        }

    @api.model
    def get_now_rows(self, team_id, figure, user_id=False):
        """Action that lists what a figure of the Now screen counts.

        :param team_id: False for tickets without a team
        :param figure: waiting, late, due, oldest, to_approve, held; load, of a user, in all teams
        """
        self._social_care_check_now()
        team = Domain("team_id", "=", team_id)
        if figure == "oldest":
            waiting = self._social_care_now_domains(fields.Datetime.now())["waiting"]
            tickets = self.env["helpdesk.ticket"]
            longest = tickets.search(team & waiting, order="social_waiting_since, id", limit=1)
            if longest:
                return longest._social_care_open()
            figure = "waiting"  # answered meanwhile
        is_reply = figure in ("to_approve", "held")
        name = "reply" if is_reply else "conversation"
        action = self.env["ir.actions.act_window"]._for_xml_id(
            f"social_care.social_care_{name}_action"
        )
        title = self.browse(team_id).display_name or self.env._("No team")
        if figure == "load":
            domain = loads_domain(user_id)
            title = self.env["res.users"].browse(user_id).display_name
        elif is_reply:
            team = Domain("ticket_id.team_id", "=", team_id)
            domain = team & self._social_care_now_reply_domains()[figure]
        else:
            domain = team & self._social_care_now_domains(fields.Datetime.now())[figure]
        return {**action, "name": title, "domain": list(domain), "context": {}}

    # -- The figures -----------------------------------------------------------------

    @api.model
    def _social_care_check_now(self):
        if not self.env.user.has_group("social_care.social_care_group_agent"):
            raise AccessError(self.env._("This screen takes the social care agent role."))

    @api.model
    def _social_care_find_mine(self):
        """The teams whose tickets the user may read."""
        sees_all = self.env.user.has_group("helpdesk_mgmt.group_helpdesk_user")
        mine = Domain("user_ids", "=", self.env.uid) | Domain("user_id", "=", self.env.uid)
        return self.search([] if sees_all else mine)

    @api.model
    def _social_care_now_domains(self, now):
        """Figure → domain of its tickets."""
        waiting = (
            Domain("social_waiting_since", "!=", False)
            & Domain("closed", "=", False)
            & Domain("social_account_id.practice", "=", False)
        )
        soon = Domain("social_deadline", ">=", now) & Domain("social_deadline", "<=", now + HOUR)
        return {
            "waiting": waiting,
            "late": waiting & Domain("social_deadline", "<", now),
            "due": waiting & soon,
            "later": waiting & Domain("social_deadline", ">", now + HOUR),
        }

    @api.model
    def _social_care_now_reply_domains(self):
        """Figure → domain of its answers."""
        real = Domain("account_id.practice", "=", False)
        return {
            "to_approve": real & Domain("state", "=", "to_approve"),
            "held": real & Domain("is_held", "=", True),
        }

    @api.model
    def _social_care_now_figures(self, teams, now):
        """Team → its figures; without those where nobody waits."""
        # sudo: of the user's teams and companies alone; their rules would be joined in each time
        tickets = self.env["helpdesk.ticket"].sudo()
        own = Domain("team_id", "in", [*teams.ids, False])
        own &= Domain("company_id", "in", [*self.env.companies.ids, False])
        found = {}
        aggregates = ["__count", "social_waiting_since:min", "social_deadline:min"]
        for figure, domain in self._social_care_now_domains(now).items():
            for team, count, oldest, deadline in tickets._read_group(
                own & domain, ["team_id"], aggregates
            ):
                values = found.setdefault(teams.browse(team.id), {})
                if figure == "waiting":
                    values.update(waiting=count, oldest=oldest, next_at=False)
                    continue
                values[figure] = count
                if figure in ("due", "later"):
                    change = deadline if figure == "due" else deadline - HOUR
                    values["next_at"] = min(values["next_at"] or change, change)
        for values in found.values():
            values.pop("later", None)
        return found

    @api.model
    def _social_care_now_replies(self, teams):
        """Team → answers that wait for an approval, and for their account."""
        replies = self.env["social.care.reply"].sudo()
        own = Domain("company_id", "in", self.env.companies.ids)
        own &= Domain("ticket_id.team_id", "in", [*teams.ids, False])
        found = {}
        for figure, domain in self._social_care_now_reply_domains().items():
            for team, count in replies._read_group(
                own & domain, ["ticket_id.team_id"], ["__count"]
            ):
                values = found.setdefault(teams.browse(team.id), {"to_approve": 0, "held": 0})
                values[figure] = count
        return found

    @api.model
    def _social_care_now_unwell(self, teams):
        """Accounts that somebody should look at, and why."""
        sees_all = self.env.user.has_group("helpdesk_mgmt.group_helpdesk_user")
        ours = Domain("team_line_ids.team_id", "in", teams.ids)
        trouble = (
            Domain("state", "in", ("degraded", "reconnect"))
            | Domain("silent_since", "!=", False)
            | Domain("expiry_told", "!=", 0)
            | Domain("lost_until", "!=", False)
            | Domain("error_code", "=", "reads_used_up")
        )
        real = Domain("practice", "=", False) & Domain("state", "not in", ("draft", "paused"))
        own = Domain("company_id", "in", self.env.companies.ids)
        accounts = self.env["social.care.account"].sudo()
        accounts = accounts.search(own & real & trouble & (Domain.TRUE if sees_all else ours))
        states = dict(accounts._fields["state"]._description_selection(self.env))
        return [
            {
                "id": account.id,
                "name": account.display_name,
                "text": "\n".join(account._get_trouble()) or states[account.state],
            }
            for account in accounts
        ]

    # -- The people -------------------------------------------------------------------

    def _social_care_now_people(self, now):
        """Who is there, or has somebody waiting for them.

        :return: team → list of people for the screen; list of naive UTC times when shifts change
        """
        teams = self.sudo()
        agents = teams.user_ids._social_care_agents()
        loads = read_loads(agents)
        people, changes = {}, []
        for team in teams:
            company = team._social_care_company()
            members = (team.user_ids & agents).filtered(
                lambda user, company=company: company in user.company_ids
            )
            shifts = team._social_care_calendar() and team._social_care_shifts(
                members, now, now + DAY
            )
            there = members.filtered(lambda user, of=shifts: of and of[user].is_open(now))
            for hours in (shifts or {}).values():
                changes.append(hours.closes_at(now) or hours.next_opening(now))
            shown = members.filtered(lambda user, there=there: user in there or loads.get(user.id))
            people[self.browse(team.id)] = [
                team._social_care_now_person(user, user in there, loads.get(user.id, 0))
                for user in shown.sorted(lambda user, there=there: (user not in there, user.name))
            ]
        return people, changes

    def _social_care_now_person(self, user, on_shift, load):
        capacity = user.social_capacity or self.social_capacity
        present = not self.social_ask_presence or is_present(user.im_status)
        return {
            "id": user.id,
            "name": user.name,
            "on_shift": on_shift,
            "available": on_shift and present and (not capacity or load < capacity),
            "load": load,
            "capacity": capacity,
        }

    @api.model
    def _social_care_on_shift_now(self):
        """Those of the user's teams who are on shift: the columns of the Now screen."""
        now = fields.Datetime.now()
        mine = self._social_care_find_mine().filtered("social_account_line_ids").sudo()
        agents = mine.user_ids._social_care_agents()
        there = agents.browse()
        for team in mine.filtered(lambda team: team._social_care_calendar()):
            there |= team._social_care_on_shift(team.user_ids & agents, now)
        return self.env["res.users"].browse(there.sorted("name").ids)

    # -- Kept fresh ---------------------------------------------------------------------

    def _social_care_changed_now(self):
        """Have the Now screens that show these teams look again; empty: that show no team's."""
        precommit = self.env.cr.precommit
        if NOW not in precommit.data:
            precommit.data[NOW] = set()
            precommit.add(self.env["helpdesk.ticket.team"].sudo()._social_care_tell_now)
        precommit.data[NOW].update(self.ids or [False])

    @api.model
    def _social_care_tell_now(self):
        """One notification a team, without data: what may be seen is checked when it is read."""
        ids = self.env.cr.precommit.data.pop(NOW)
        targets = {team_id: (self.browse(team_id), NOW) if team_id else NOW for team_id in ids}
        dbname = self.env.cr.dbname
        names = {json_dump(channel_with_db(dbname, target)): target for target in targets.values()}
        # Told a moment ago: whoever heard it has yet to read, and reads this too.
        told = self.env.execute_query(
            SQL(
                """SELECT DISTINCT channel FROM bus_bus
                    WHERE id > (SELECT COALESCE(MAX(id), 0) - %s FROM bus_bus)
                      AND channel = ANY(%s)
                      AND create_date > CLOCK_TIMESTAMP() AT TIME ZONE 'UTC' - %s""",
                RECENT,
                list(names),
                timedelta(seconds=EVERY_SECONDS),
            )
        )
        for name in names.keys() - {channel for (channel,) in told}:
            self.env["bus.bus"]._sendone(names[name], NOW, {})
