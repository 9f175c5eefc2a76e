from datetime import datetime, timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import format_datetime

from .helpdesk_ticket_team_shift import AHEAD

DAY = timedelta(days=1)  # where nothing was promised, nobody waits longer than this for a person
NEAR = timedelta(days=6)  # until then a weekday says which day is meant


class Absence(NamedTuple):
    """Why somebody cannot answer in time.

    :param gone: archived, no agent, or not of this team any more
    :param back: naive UTC, when their next shift begins; False where none is near
    """

    gone: bool = False
    back: datetime | bool = False


class HelpdeskTicket(models.Model):
    """Nobody writes into a void: where who has a ticket will not be there, a colleague is found."""

    _inherit = "helpdesk.ticket"

    social_away_text = fields.Char(string="Assignee away", compute="_compute_social_away_text")
    social_away_told_at = fields.Datetime(
        string="Leader told of the absence", readonly=True, copy=False
    )

    @api.depends("user_id", "team_id", "stage_id", "social_deadline", "social_waiting_since")
    @api.depends_context("uid", "lang", "tz")
    def _compute_social_away_text(self):
        absences = self._social_care_absences()
        for ticket in self:
            absence = ticket.user_id != self.env.user and absences.get(ticket)
            ticket.social_away_text = absence and ticket._social_care_away_words(absence)

    def write(self, vals):
        # sudo: whoever hands a ticket over may not see it any more afterwards
        held = self.sudo() if vals.get("user_id") else self.browse()
        held = held.filtered(lambda ticket: ticket.social_account_id and ticket.user_id)
        formers = {ticket: ticket.user_id for ticket in held}
        result = super().write(vals)
        moved = held.filtered(lambda ticket: ticket.user_id != formers[ticket])
        for (former, team), tickets in moved.grouped(
            lambda ticket: (formers[ticket], ticket.team_id)
        ).items():
            tickets.filtered("social_away_told_at").social_away_told_at = False
            tickets.message_subscribe(team._social_care_answering(former).partner_id.ids)
        return result

    # -- Who will be there in time -------------------------------------------------

    def _social_care_absences(self):
        """Of those whose customer waits, whose assignee will not be there in time.

        On shift, or back before the deadline: there. Without a deadline a day is in time.
        Who does not answer for the team any more is away, whether somebody waits or not.

        :return: ticket → :class:`Absence`; a few queries a team
        """
        held = self.sudo().filtered(
            lambda ticket: (
                ticket.social_account_id and ticket.user_id and ticket.active and not ticket.closed
            )
        )
        absences = {}
        for (team, company), tickets in held.grouped(
            lambda ticket: (ticket.team_id, ticket.company_id)
        ).items():
            there = team._social_care_answering(tickets.user_id)
            gone = tickets.filtered(lambda ticket, there=there: ticket.user_id not in there)
            absences |= dict.fromkeys(gone, Absence(gone=True))
            waiting = (tickets - gone).filtered("social_waiting_since")
            absences |= waiting._social_care_off_shift(team.with_company(company))
        return absences

    def _social_care_off_shift(self, team):
        """Of one team's tickets those whose assignee comes back too late.

        :return: ticket → :class:`Absence`
        """
        if not self or not team or not team._social_care_calendar():
            return {}
        now = fields.Datetime.now()
        shifts = team._social_care_shifts(self.user_id, now, now + AHEAD)
        absences = {}
        for ticket in self:
            hours = shifts[ticket.user_id]
            back = hours.next_opening(now)
            if not hours.is_open(now) and not (
                back and back <= (ticket.social_deadline or now + DAY)
            ):
                absences[ticket] = Absence(back=back)
        return absences

    def _social_care_away_words(self, absence):
        """Why a colleague should take it, in words; not why the assignee is away."""
        self.ensure_one()
        who = self.sudo().user_id.name
        if absence.gone:
            return self.env._("%(who)s does not answer for this team.", who=who)
        if not absence.back:
            return self.env._("%(who)s is off for two weeks at least.", who=who)
        near = absence.back - fields.Datetime.now() < NEAR
        when = format_datetime(
            self.env,
            absence.back,
            tz=self.env.context.get("tz") or self._social_care_tz(),
            dt_format="EEEE H:mm" if near else "d MMMM H:mm",
        )
        return self.env._("%(who)s is off until %(when)s.", who=who, when=when)

    # -- A colleague is found --------------------------------------------------------

    def _social_care_find_stand_in(self):
        """Customers wrote: where nobody will read it in time, ring a colleague or tell the leader."""
        absences = self._social_care_absences()
        away = self.filtered(lambda ticket: ticket in absences)
        away._social_care_want_routing()
        for ticket in away:
            leader = ticket.team_id.user_id.filtered("active") - ticket.user_id
            told = ticket.social_away_told_at
            if (
                ticket.team_id.social_routing == "manual"
                and leader
                and not (told and told >= ticket.social_waiting_since)
            ):
                ticket._social_care_tell_away(leader, absences[ticket])

    def _social_care_tell_away(self, leader, absence):
        """One notice a wait: the team finds its people by hand."""
        self.ensure_one()
        local = self.with_context(lang=leader.lang, tz=leader.tz)
        local.message_notify(
            partner_ids=leader.partner_id.ids,
            subject=local._social_care_away_words(absence),
            body=self._social_care_to_html(local._social_care_ring_text()),
        )
        self.social_away_told_at = fields.Datetime.now()

    def action_social_take_over(self):
        """It is mine now; who had it goes on following it."""
        self._social_care_check_agent()
        self.assign_to_me()
        return True

    # -- The end of a shift -------------------------------------------------------------

    def _social_care_runs_out(self, back):
        """Whether the customer waits for an answer that is due before a naive UTC time.

        :param back: False: nobody knows when
        """
        return (
            bool(self.social_waiting_since)
            and bool(self.social_deadline)
            and (not back or self.social_deadline < back)
        )
