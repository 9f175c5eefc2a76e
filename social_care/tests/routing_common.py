from freezegun import freeze_time

from odoo.tests import new_test_user

from .clock_common import ClockCommon, at

AGENT = "social_care.social_care_group_agent"


class RoutingCommon(ClockCommon):
    """The team is there Monday to Friday from 9 to 20, in Madrid; August 17th is a Monday."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls._create_calendar("Madrid 9-20", "Europe/Madrid", [(9, 20)])
        cls.leader = new_test_user(cls.env, login="leader", name="Lea", groups=AGENT)
        cls.team.write({"resource_calendar_id": cls.calendar.id, "user_id": cls.leader.id})
        cls.team.user_ids = [(5,)]

    def _hire(self, name, hours=None, groups=AGENT, **values):
        """A member of the team; without hours of their own they work the team's."""
        user = new_test_user(self.env, login=name.lower(), name=name, groups=groups, **values)
        self.team.user_ids += user
        if hours:
            self._give_shift(user, [hours])
        return user

    def _route(self, local):
        with freeze_time(at(local)):
            self._run_cron("ir_cron_route")

    def _write_in(self, local, external_id="1", who="carl", **values):
        """A customer writes, and the tickets are routed; gives the ticket."""
        mention = self._say(local, external_id, who=who, **values)
        self._route(local)
        return mention.ticket_id

    def _rings(self, ticket):
        return [(ring.user_id.name, ring.result) for ring in ticket.social_ring_ids.sorted("id")]

    def _told(self, user):
        """Subjects of what somebody was told, oldest first."""
        notifications = self.env["mail.notification"].search(
            [("res_partner_id", "=", user.partner_id.id)], order="id"
        )
        return notifications.mail_message_id.sorted("id").mapped("subject")
