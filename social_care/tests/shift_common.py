from freezegun import freeze_time

from odoo import Command
from odoo.tests import new_test_user

from .clock_common import MADRID, ClockCommon, at

AGENT = "social_care.social_care_group_agent"


class ShiftCommon(ClockCommon):
    """The team works Monday to Friday, 9 to 20, in Madrid: Bea 9 to 14, Leo 14 to 20.

    Nora leads it and has no shift of her own. A customer gets an answer within two hours.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls._create_calendar("Madrid 9-20", MADRID, [(9, 20)])
        cls.bea, cls.leo, cls.nora = (
            new_test_user(cls.env, login=name.lower(), name=name, groups=AGENT, tz=MADRID)
            for name in ("Bea", "Leo", "Nora")
        )
        cls.agent = cls.bea
        cls.team.write(
            {
                "resource_calendar_id": cls.calendar.id,
                "user_ids": [Command.set((cls.bea | cls.leo).ids)],
                "user_id": cls.nora.id,
            }
        )

    def setUp(self):
        super().setUp()
        self.bea_resource = self._give_shift(self.bea, [(9, 14)])
        self.leo_resource = self._give_shift(self.leo, [(14, 20)])

    def _time_off(self, resource, start, end):
        return self.env["resource.calendar.leaves"].create(
            {
                "name": "Time off",
                "resource_id": resource.id,
                "calendar_id": resource.calendar_id.id,
                "date_from": at(start),
                "date_to": at(end),
            }
        )

    def _ticket_of(self, user, local="2026-08-17 09:30", external_id="1", **values):
        """A customer wrote then, and this person has the ticket; nothing is looked for yet."""
        ticket = self._say(local, external_id, **values).ticket_id
        with freeze_time(at(local)):
            ticket.user_id = user
            ticket.social_route_at = False
            self._flush_tracking()
        return ticket

    def _flush_tracking(self):
        self.env.flush_all()
        self.env.cr.flush()

    def _followers(self, ticket):
        return ticket.message_partner_ids.user_ids

    def _notices(self, user):
        """What this person was told about tickets, the latest first: messages."""
        return (
            self.env["mail.notification"]
            .search([("res_partner_id", "=", user.partner_id.id)], order="id desc")
            .mail_message_id.filtered(
                lambda message: (
                    message.model == "helpdesk.ticket"
                    and message.message_type == "user_notification"
                )
            )
        )
