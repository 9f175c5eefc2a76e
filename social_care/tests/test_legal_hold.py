from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from .common import MONDAY_10, SocialCareCommon

AT_11 = MONDAY_10 + timedelta(hours=1)


class TestLegalHold(SocialCareCommon):
    """While there is a dispute nothing goes; afterwards everything that was due does."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env, "care_boss", groups="social_care.social_care_group_manager"
        )

    def setUp(self):
        super().setUp()
        with freeze_time(MONDAY_10):
            self.mention = self._receive(self._mention("1", raw={"id": "1"}))
        self.ticket = self.mention.ticket_id
        self.cr.flush()  # as in a transaction of its own: what follows is tracked

    def _hold(self, reason="Claim 118", user=None, ticket=None, release=False):
        ticket = (ticket or self.ticket).with_user(user or self.manager)
        action = ticket.with_context(default_release=release).action_social_hold()
        wizard = self.env["social.care.hold"].with_user(user or self.manager)
        wizard.with_context(**action["context"]).create({"reason": reason}).action_apply()

    def _delete(self):
        self._receive(self._mention("1", body="", deleted_at=AT_11))

    def test_what_was_deleted_stays_so_whatever_a_late_page_says(self):
        self._hold()
        self._delete()
        self._receive(self._mention("1", body="Never mind", edited_at=AT_11 + timedelta(hours=1)))
        self.assertEqual(self.mention.deleted_at, AT_11)
        self.assertEqual(self.mention.body, "My suitcase is lost")

    def test_a_manager_holds_with_a_reason_that_colleagues_see(self):
        self._hold("Claim 118")
        self.cr.flush()  # writes what was tracked
        held = self.ticket.with_user(self.agent)
        self.assertTrue(held.social_legal_hold)
        self.assertEqual(held.social_legal_hold_reason, "Claim 118")
        note = self.ticket.message_ids.sorted("id")[-1]
        self.assertIn("Claim 118", note.body)
        self.assertEqual(note.author_id, self.manager.partner_id)
        self.assertEqual(note.tracking_value_ids.field_id.name, "social_legal_hold")

    def test_a_deletion_is_known_at_once_and_the_words_stay(self):
        self._hold()
        self._delete()
        self._run_cron("ir_cron_retain")
        self.assertEqual(self.mention.deleted_at, AT_11)
        self.assertEqual(self.mention.body, "My suitcase is lost")
        self.assertEqual(self.ticket.name, "My suitcase is lost")
        [bubble] = self.ticket.social_care_conversation()
        self.assertEqual(bubble["text"], "My suitcase is lost")
        self.assertIn("Deleted by the customer on", bubble["gone"])

    def test_an_edit_leaves_title_and_description_as_they_were(self):
        self._hold()
        self._receive(self._mention("1", body="All is well", edited_at=AT_11))
        self.assertEqual(self.ticket.name, "My suitcase is lost")
        self.assertIn("<del>My suitcase is lost</del>", self._chatter(self.ticket))

    def test_after_the_release_what_was_deleted_meanwhile_goes(self):
        self._hold()
        self._delete()
        self._hold("Settled", release=True)
        self.cr.flush()  # writes what was tracked
        self._run_cron("ir_cron_retain")
        self.assertFalse(self.mention.body)
        self.assertEqual(self.ticket.name, "Message from Ana (@ana)")
        self.assertFalse(self.ticket.social_legal_hold)
        self.assertIn("Settled", self._chatter(self.ticket))

    def test_retention_waits_for_the_release(self):
        self.account.retention_days = 30
        self._hold()
        with freeze_time(MONDAY_10 + timedelta(days=31)):
            self._run_cron("ir_cron_retain")
            self.assertEqual(self.mention.raw, {"id": "1"})
            self._hold("Settled", release=True)
            self._run_cron("ir_cron_retain")
        self.assertFalse(self.mention.raw)
        self.assertEqual(self.mention.body, "My suitcase is lost")

    def test_erasure_is_refused_and_names_the_ticket(self):
        self._hold()
        with self.assertRaisesRegex(UserError, self.ticket.number):
            self.mention.author_id._social_care_erase()
        self.assertEqual(self.mention.author_id.name, "Ana")
        self._hold("Settled", release=True)
        self.mention.author_id._social_care_erase()
        self.assertFalse(self.mention.author_id.name)

    def test_what_stood_around_a_held_message_goes_after_the_release(self):
        context = {"parent": {"external_id": "5", "text": "Mine too"}}
        held = self._receive(
            self._mention("2", parent_external_id="5", thread_external_id="5", context=context)
        )
        self._receive(self._mention("5", who="bo", body="Mine too"))
        self._hold(ticket=held.ticket_id)
        self._receive(self._mention("5", who="bo", body="", deleted_at=AT_11))
        self.assertEqual(held.context, context)
        self._hold("Settled", ticket=held.ticket_id, release=True)
        self.assertEqual(held.context, {"parent": {"external_id": "5"}})

    def test_messages_that_move_to_another_ticket_stay_held(self):
        other = self._receive(self._mention("9", who="bo")).ticket_id
        self._hold("Claim 118")
        self.mention.ticket_id = other
        self.assertTrue(other.social_legal_hold)
        self.assertEqual(other.social_legal_hold_reason, "Claim 118")

    def test_agents_neither_hold_nor_release(self):
        with self.assertRaises(AccessError):
            self._hold(user=self.agent)
        for values in ({"social_legal_hold": True}, {"social_legal_hold_reason": "x"}):
            with self.assertRaisesRegex(AccessError, "manager"):
                self.ticket.with_user(self.agent).write(values)
            with self.assertRaisesRegex(AccessError, "manager"):
                self.env["helpdesk.ticket"].with_user(self.manager).create(
                    {"name": "x", "description": "x", **values}
                )
        self._hold()
        with self.assertRaises(AccessError):
            self.env["social.care.hold"].with_user(self.agent).create(
                {"ticket_ids": self.ticket.ids, "release": True, "reason": "x"}
            )

    def test_other_tickets_know_no_hold(self):
        plain = self.env["helpdesk.ticket"].create({"name": "x", "description": "x"})
        with self.assertRaisesRegex(UserError, "social networks"):
            plain.with_user(self.manager).action_social_hold()
