from freezegun import freeze_time

from odoo import Command
from odoo.tests import new_test_user

from .clock_common import at
from .shift_common import AGENT, ShiftCommon


class TestRelease(ShiftCommon):
    """Who leaves takes no conversation along: it is free, and somebody is found for it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # May archive people and take roles away, and sees no ticket.
        cls.administrator = new_test_user(
            cls.env, login="administrator", groups="base.group_erp_manager"
        )
        cls.helpdesk_manager = new_test_user(
            cls.env, login="helpdesk_manager", groups="helpdesk_mgmt.group_helpdesk_manager"
        )

    def setUp(self):
        super().setUp()
        self.ticket = self._ticket_of(self.bea, "2026-08-17 13:00")
        freezer = freeze_time(at("2026-08-17 13:30"))
        freezer.start()
        self.addCleanup(freezer.stop)

    def _elsewhere(self):
        """Bea's ticket in another team of hers."""
        other = self.team.copy({"name": "Other", "user_ids": [Command.set(self.bea.ids)]})
        account = self._create_account(
            external_id="other@fake.example", team_line_ids=[Command.create({"team_id": other.id})]
        )
        mention = self._mention("o", "otto", posted_at=at("2026-08-17 13:10"))
        ticket = self._receive(mention, account=account).ticket_id
        ticket.user_id = self.bea
        self._flush_tracking()
        return ticket

    def _assert_free(self, ticket):
        self._flush_tracking()
        self.assertFalse(ticket.user_id)
        self.assertTrue(ticket.social_route_at, "somebody is looked for")
        self.assertIn("Bea no longer answers for this team", self._chatter(ticket))
        self.assertNotIn(self.bea, self._followers(ticket))

    def _assert_kept(self, ticket):
        self.assertEqual(ticket.user_id, self.bea)
        self.assertFalse(ticket.social_route_at)

    def test_an_archived_person_keeps_nothing(self):
        elsewhere = self._elsewhere()
        self.bea.with_user(self.administrator).action_archive()
        self._assert_free(self.ticket)
        self._assert_free(elsewhere)

    def test_who_loses_the_role_keeps_nothing(self):
        group = self.env.ref(AGENT)
        self.bea.with_user(self.administrator).write({"group_ids": [Command.unlink(group.id)]})
        self._assert_free(self.ticket)

    def test_taken_from_the_role_s_own_form_too(self):
        group = self.env.ref(AGENT)
        group.with_user(self.administrator).write({"user_ids": [Command.unlink(self.bea.id)]})
        self._assert_free(self.ticket)

    def test_a_role_that_implies_it_keeps_them(self):
        reviewer = self.env.ref("social_care.social_care_group_reviewer")
        self.bea.with_user(self.administrator).write(
            {"group_ids": [Command.unlink(self.env.ref(AGENT).id), Command.link(reviewer.id)]}
        )
        self._assert_kept(self.ticket)

    def test_who_leaves_a_team_keeps_those_of_another(self):
        elsewhere = self._elsewhere()
        self.team.with_user(self.helpdesk_manager).write(
            {"user_ids": [Command.unlink(self.bea.id)]}
        )
        self._assert_free(self.ticket)
        self._assert_kept(elsewhere)

    def test_taken_off_on_the_person_s_own_form_too(self):
        self.bea.with_user(self.administrator).sudo().write(
            {"helpdesk_team_ids": [Command.unlink(self.team.id)]}
        )
        self._assert_free(self.ticket)

    def test_a_deleted_person_keeps_nothing(self):
        gone = new_test_user(self.env, login="gone", name="Bea", groups=AGENT)
        self.team.user_ids |= gone
        self.ticket.user_id = gone
        gone.unlink()
        self.assertFalse(self.ticket.user_id)
        self.assertTrue(self.ticket.social_route_at)

    def test_other_changes_keep_them(self):
        self.bea.write({"signature": "B", "active": True})
        self.team.write({"user_ids": [Command.link(self.nora.id)], "name": "Care!"})
        self._assert_kept(self.ticket)

    def test_closed_ones_and_tickets_from_elsewhere_stay(self):
        mail = self.env["helpdesk.ticket"].create(
            {"name": "Mail", "description": "x", "team_id": self.team.id, "user_id": self.bea.id}
        )
        closed = self._ticket_of(self.bea, "2026-08-17 13:00", "2", who="bo")
        self._move("2026-08-17 13:10", closed, self.stage_done)
        self.bea.action_archive()
        self.team.user_ids -= self.bea
        self.assertEqual([mail.user_id, closed.user_id], [self.bea, self.bea])

    def test_where_nobody_waits_nobody_is_looked_for(self):
        self._reply_at("2026-08-17 13:10", self.ticket.social_mention_ids)
        self.bea.action_archive()
        self.assertFalse(self.ticket.user_id)
        self.assertFalse(self.ticket.social_route_at)

    def test_what_rings_them_rings_the_next_one(self):
        other = self._say("2026-08-17 13:20", "2", who="bo").ticket_id
        ring = self.env["social.care.ring"]._ring({other: self.bea})
        other.social_route_at = False
        self.bea.with_user(self.administrator).action_archive()
        self.assertEqual(ring.result, "withdrawn")
        self.assertTrue(other.social_route_at)

    def test_who_leaves_the_team_and_is_on_call_for_it_still_rings(self):
        rings = self.env["social.care.ring"]
        other = self._say("2026-08-17 13:20", "2", who="bo").ticket_id
        third = self._say("2026-08-17 13:20", "3", who="cleo").ticket_id
        on_call, ordinary = (
            rings._ring({other: self.bea}, on_call=True),
            rings._ring({third: self.bea}),
        )
        self.team.user_ids -= self.bea
        self.assertEqual((on_call.result, ordinary.result), (False, "withdrawn"))

    def test_many_are_set_free_together(self):
        mentions = self._receive(
            *(
                self._mention(f"m{index}", f"c{index}", posted_at=at("2026-08-17 13:20"))
                for index in range(40)
            )
        )
        tickets = mentions.ticket_id
        tickets.user_id = self.bea
        self._flush_tracking()
        self.env.flush_all()
        written = []
        self.patch(
            self.env.registry["helpdesk.ticket"],
            "_track_set_log_message",
            lambda tickets, message: written.append(len(tickets)),
        )
        self.bea.action_archive()
        self.assertEqual(written, [41], "written once, for all")
        self.assertFalse(tickets.user_id)
