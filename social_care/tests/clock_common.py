from datetime import datetime

from freezegun import freeze_time
from pytz import timezone, utc

from .common import SocialCareCommon

MADRID = "Europe/Madrid"


def at(local, zone=MADRID):
    """Naive UTC of a local time: ``at("2026-08-17 10:00")`` is a Monday morning in Madrid."""
    moment = timezone(zone).localize(datetime.fromisoformat(local))
    return moment.astimezone(utc).replace(tzinfo=None)


def words(moment, zone=MADRID):
    """A naive UTC time as people there say it: ``Tuesday 10:50``."""
    return moment and utc.localize(moment).astimezone(timezone(zone)).strftime("%A %H:%M")


class ClockCommon(SocialCareCommon):
    """Tests that say times in words. The team works Monday to Friday, 9 to 18, in Madrid."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls._create_calendar("Madrid 9-18", MADRID, [(9, 18)])
        cls.team.resource_calendar_id = cls.calendar
        cls.stage_waiting = cls.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_awaiting")

    def _say(self, local, external_id="1", zone=MADRID, **values):
        """A customer says something, and it arrives at once."""
        with freeze_time(at(local, zone)):
            return self._receive(self._mention(external_id, posted_at=at(local, zone), **values))

    def _reply_at(self, local, mention, **values):
        """Our answer is sent then."""
        with freeze_time(at(local)):
            reply = self.env["social.care.reply"].create(
                {
                    "mention_id": mention.id,
                    "body": "Answer",
                    "state": "sent",
                    "queued_at": at(local),
                    "sent_at": at(local),
                    "user_id": self.agent.id,
                    **values,
                }
            )
            reply._settle()
        return reply

    def _move(self, local, ticket, stage):
        """The agent moves the ticket."""
        with freeze_time(at(local)):
            ticket.with_user(self.agent).write({"stage_id": stage.id})
            self.env.flush_all()

    def _next_response(self, hours=1):
        return self.env["helpdesk.sla"].create(
            {"name": "Next response", "social_target": "next_response", "hours": hours}
        )

    def _holiday(self, start, end, zone=MADRID, company=None, **values):
        # Its company is that of its calendar, else of whoever enters it.
        leaves = self.env["resource.calendar.leaves"].with_company(company or self.env.company)
        return leaves.create(
            {
                "name": "Holiday",
                "calendar_id": self.calendar.id,
                "date_from": at(start, zone),
                "date_to": at(end, zone),
                **values,
            }
        )


class WaitingCommon(ClockCommon):
    """Ana writes on Monday at 10:00. The answer is due at 12:00."""

    def setUp(self):
        super().setUp()
        self.mention = self._say("2026-08-17 10:00")
        self.ticket = self.mention.ticket_id
        self.row = self.ticket.ticket_sla_ids
