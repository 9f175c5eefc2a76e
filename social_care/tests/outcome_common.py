from freezegun import freeze_time

from odoo.fields import Command
from odoo.tests import new_test_user

from .clock_common import ClockCommon, at

ANSWERED = "2026-08-17 10:30"  # Monday in Madrid: half an hour after Ana wrote
NEXT_DAY = "2026-08-18 12:00"
SEVEN_DAYS = "2026-08-24 10:30"  # after that answer
LONG_AFTER = "2026-09-30 12:00"


class OutcomeCommon(ClockCommon):
    """Ana wrote on Monday at 10:00 and got an answer at 10:30."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact = cls.env["res.partner"].create({"name": "Ana Ruiz"})
        cls.phone = cls.env["helpdesk.ticket.channel"].create({"name": "Telephone"})

    def setUp(self):
        super().setUp()
        self.asked = self._say("2026-08-17 10:00")
        self.ticket = self.asked.ticket_id
        self._reply_at(ANSWERED, self.asked)

    def _derive(self, local, tickets=None):
        """See what came of it, at a time in Madrid; gives the outcome of one ticket."""
        tickets = tickets or self.ticket
        with freeze_time(at(local)):
            tickets._social_care_derive_outcomes()
        self.env.flush_all()
        return tickets[0].social_outcome

    def _run(self, local):
        with freeze_time(at(local)):
            self._run_cron("ir_cron_outcome")

    def _elsewhere(self, local, partner=None, **values):
        """A ticket by telephone, opened then."""
        ticket = self.env["helpdesk.ticket"].create(
            {
                "name": "Suitcase",
                "description": "Still lost",
                "team_id": self.team.id,
                "channel_id": self.phone.id,
                "partner_id": (partner or self.contact).id,
                **values,
            }
        )
        return self._opened(local, ticket)

    def _opened(self, local, ticket):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE helpdesk_ticket SET create_date = %s WHERE id = %s", [at(local), ticket.id]
        )
        ticket.invalidate_recordset()
        return ticket

    def _why(self, ticket=None, user=None):
        ticket = (ticket or self.ticket).with_user(user or self.agent)
        return ticket.with_context(tz="Europe/Madrid").social_outcome_text

    def _stranger(self):
        """An agent of another team."""
        stranger = new_test_user(
            self.env, login="stranger", groups="social_care.social_care_group_agent"
        )
        self.env["helpdesk.ticket.team"].create(
            {"name": "Cargo", "user_ids": [Command.link(stranger.id)]}
        )
        return stranger
