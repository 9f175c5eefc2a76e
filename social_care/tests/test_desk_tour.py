from datetime import timedelta

from odoo import Command, fields
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.social_care import networks


class DeskTourCommon(HttpCase):
    """Marta and Rita work around the clock; a customer wrote five minutes ago."""

    def setUp(self):
        super().setUp()
        # The rings go by who was hired first where all else is equal.
        self.marta, self.rita = (
            new_test_user(
                self.env,
                login=f"desk_{name.split()[0].lower()}",
                name=name,
                groups=f"social_care.social_care_group_{role}",
            )
            for name, role in (("Marta Cano", "agent"), ("Rita Gil", "reviewer"))
        )
        always = [
            Command.create({"name": day, "dayofweek": day, "hour_from": 0, "hour_to": 24})
            for day in "0123456"
        ]
        calendar = self.env["resource.calendar"].create(
            {"name": "Always", "tz": "UTC", "attendance_ids": [Command.clear(), *always]}
        )
        team = self.env["helpdesk.ticket.team"].create(
            {
                "name": "Care",
                "use_sla": True,
                "resource_calendar_id": calendar.id,
                "social_ringing": "always",
                "user_ids": [Command.set((self.marta | self.rita).ids)],
            }
        )
        self.env["helpdesk.sla"].create(
            {
                "name": "First response 2 h",
                "social_target": "first_response",
                "hours": 2,
                "team_ids": [Command.set(team.ids)],
            }
        )
        self.account = self.env["social.care.account"].create(
            {
                "name": "Aurora Air",
                "network": "mastodon",
                "practice": True,
                "state": "connected",
                "since": fields.Datetime.now() - timedelta(days=1),
                "team_line_ids": [Command.create({"team_id": team.id})],
            }
        )

    def _run_cron(self, name):
        self.env.ref(f"social_care.{name}").method_direct_trigger()
        self.env.invalidate_all()

    def _write_in(self):
        """Gives the ticket."""
        mention = networks.Mention(
            external_id="desk-1",
            author=networks.Author(
                external_id="https://mastodon.example/users/ana", handle="ana", name="Ana Ruiz"
            ),
            body="My suitcase is lost",
            posted_at=fields.Datetime.now() - timedelta(minutes=5),
        )
        mentions = self.account._ingest([mention])
        mentions._triage()
        return mentions.ticket_id


@tagged("post_install", "-at_install")
class TestDeskTour(DeskTourCommon):
    """Marta is rung and answers, Rita approves: two people in a real browser, one after the other."""

    def test_it_rings_is_taken_trips_a_check_is_approved_and_sent(self):
        ticket = self._write_in()
        self._run_cron("ir_cron_route")
        self.assertEqual(ticket.social_ringing_user_id, self.marta)

        self.start_tour("/odoo", "social_care_desk_ring", login=self.marta.login)
        self.assertEqual(ticket.social_ring_ids.mapped("result"), ["taken"])
        self.assertEqual(ticket.user_id, self.marta)
        reply = ticket.social_reply_ids
        self.assertEqual((reply.state, reply.approval_reasons), ("to_approve", ["guard"]))
        self._run_cron("ir_cron_publish")
        self.assertEqual(reply.state, "to_approve", "nobody has read it")

        self.start_tour("/odoo", "social_care_desk_approve", login=self.rita.login)
        self.assertEqual((reply.state, reply.approver_id), ("queued", self.rita))
        self._run_cron("ir_cron_publish")
        self.assertEqual((reply.state, reply.user_id), ("sent", self.marta))
        self.assertTrue(ticket.social_first_response_at)

        address = f"/odoo/helpdesk.ticket/{ticket.id}"
        self.start_tour(address, "social_care_desk_sent", login=self.marta.login)


@tagged("post_install", "-at_install")
class TestPhoneTour(DeskTourCommon):
    """Marta goes home with her phone in the hand."""

    browser_size = "390x844"
    touch_enabled = True

    def test_the_end_of_a_shift(self):
        ticket = self._write_in()
        ticket.user_id = self.marta
        self.start_tour(
            "/odoo/social-conversations", "social_care_phone_shift", login=self.marta.login
        )
        self.assertFalse(ticket.user_id, "whoever is free")
        self.assertIn("She flies at six", "".join(ticket.message_ids.mapped("body")))
