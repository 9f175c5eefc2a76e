from datetime import timedelta

from odoo.exceptions import UserError

from .common import MONDAY_10, SocialCareCommon


def after(**delta):
    return MONDAY_10 + timedelta(**delta)


class TestMerge(SocialCareCommon):
    """Two tickets about one matter become one, and nothing said or promised is lost."""

    def setUp(self):
        super().setUp()
        self.first = self._receive(self._mention("1"))
        self.second = self._receive(
            self._mention(
                "2", who="bo", body="Ana's suitcase is still lost", posted_at=after(hours=1)
            )
        )
        self.kept, self.merged = self.first.ticket_id, self.second.ticket_id

    def _sent(self, mention, sent_at):
        reply = self.env["social.care.reply"].create(
            {
                "mention_id": mention.id,
                "body": "We are looking",
                "state": "sent",
                "sent_at": sent_at,
                "user_id": self.agent.id,
            }
        )
        reply._settle()
        return reply

    def _mail_ticket(self, **values):
        ticket = self.env["helpdesk.ticket"].create(
            {"name": "Suitcase", "description": "<p>By mail</p>", "team_id": self.team.id, **values}
        )
        ticket.ticket_sla_ids.unlink()
        return ticket

    def test_messages_and_answers_go_along_and_the_ticket_is_archived(self):
        reply = self._sent(self.second, after(hours=2))
        self.merged._social_care_merge_into(self.kept)
        self.assertEqual(self.kept.social_mention_ids, self.second | self.first)
        self.assertEqual(reply.ticket_id, self.kept)
        self.assertTrue(self.kept.active)
        self.assertFalse(self.merged.active)
        self.assertFalse(self.merged.social_mention_ids)

    def test_later_messages_follow(self):
        self.merged._social_care_merge_into(self.kept)
        again = self._receive(self._mention("3", who="bo", posted_at=after(hours=5)))
        answer = self._receive(
            self._mention("4", who="bo", parent_external_id="2", posted_at=after(days=4))
        )
        self.assertEqual((again | answer).ticket_id, self.kept)

    def test_an_answer_sent_before_and_settled_after_reaches_the_ticket_that_is_left(self):
        reply = self.env["social.care.reply"].create(
            {"mention_id": self.second.id, "body": "x", "state": "sent", "sent_at": after(hours=2)}
        )
        self.merged._social_care_merge_into(self.kept)
        reply._settle()
        self.assertEqual(self.kept.social_first_response_at, after(hours=2))
        self.assertFalse(self.kept.social_waiting_since)

    def test_the_clock_of_who_waits_longest_stays_and_the_other_ends(self):
        first, second = self.kept.ticket_sla_ids, self.merged.ticket_sla_ids
        self.kept._social_care_merge_into(self.merged)
        self.assertEqual((first | second).ticket_id, self.merged)
        self.assertEqual((first.state, second.state), ("in_progress", "cancelled"))
        self.assertEqual(self.merged.social_deadline, after(hours=2))
        self.assertFalse(self.kept.social_deadline)
        self.assertEqual(self.merged.social_waiting_since, MONDAY_10)
        self.assertFalse(self.kept.social_waiting_since)

    def test_a_promise_that_was_kept_stays_in_the_history(self):
        self._sent(self.first, after(minutes=30))
        kept, running = self.kept.ticket_sla_ids, self.merged.ticket_sla_ids
        self.kept._social_care_merge_into(self.merged)
        self.assertEqual((kept.state, running.state), ("accomplished", "in_progress"))
        self.assertEqual(kept.ticket_id, self.merged)
        self.assertEqual(self.merged.social_first_response_at, after(minutes=30))
        self.assertEqual(self.merged.social_first_response_hours, 0.5)
        self.assertEqual(self.merged.social_waiting_since, after(hours=1))

    def test_of_two_first_responses_the_earlier_counts(self):
        self._sent(self.first, after(minutes=90))
        self._sent(self.second, after(minutes=80))  # asked at 11:00, answered at 11:20
        self.merged._social_care_merge_into(self.kept)
        self.assertEqual(self.kept.social_first_response_at, after(minutes=80))
        self.assertAlmostEqual(self.kept.social_first_response_wait_hours, 1 / 3)

    def test_what_presses_goes_along(self):
        self.kept.action_social_seen()
        self.merged.write({"social_severe": True, "social_intent": "complaint", "priority": "3"})
        tag = self.env["helpdesk.ticket.tag"].create({"name": "luggage"})
        self.merged.tag_ids = tag
        self.merged._social_care_merge_into(self.kept)
        self.assertTrue(self.kept.social_severe)
        self.assertTrue(self.kept.social_unread)
        self.assertFalse(self.merged.social_unread)
        self.assertEqual((self.kept.social_intent, self.kept.priority), ("complaint", "3"))
        self.assertEqual(self.kept.tag_ids, tag)

    def test_chatter_followers_files_and_activities_go_along(self):
        watcher = self.agent.partner_id
        self.merged.message_subscribe(partner_ids=watcher.ids)
        self._receive(self._mention("3", who="bo", body="Any news?", posted_at=after(hours=2)))
        photo = self.env["ir.attachment"].create(
            {
                "name": "photo.txt",
                "raw": b"x",
                "res_model": "helpdesk.ticket",
                "res_id": self.merged.id,
            }
        )
        call = self.merged.activity_schedule("mail.mail_activity_data_call", user_id=self.agent.id)
        self.merged._social_care_merge_into(self.kept)
        self.env.invalidate_all()
        self.assertIn("Any news?", self._chatter(self.kept))
        self.assertNotIn("Any news?", self._chatter(self.merged))
        self.assertIn(watcher, self.kept.message_partner_ids)
        self.assertEqual(photo.res_id, self.kept.id)
        self.assertEqual(self.kept.activity_ids, call)

    def test_each_ticket_tells_of_the_other_and_no_mail_leaves(self):
        self.kept.message_subscribe(partner_ids=self.agent.partner_id.ids)
        mails = self.env["mail.mail"].search_count([])
        self.merged._social_care_merge_into(self.kept)
        self.assertIn("Merged into <a href", self._chatter(self.merged))
        self.assertIn(self.kept.number, self._chatter(self.merged))
        note = self.kept.message_ids[0]
        self.assertIn(self.merged.number, note.body)
        self.assertIn("Ana's suitcase is still lost", note.body)
        self.assertTrue(note.is_internal)
        self.assertFalse(note.notified_partner_ids)
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)

    def test_a_mail_ticket_takes_the_social_conversation_in(self):
        contact = self.env["res.partner"].create({"name": "Ana Ruiz", "email": "ana@fake.example"})
        mail = self._mail_ticket(partner_id=contact.id)
        self.kept._social_care_merge_into(mail)
        self.assertEqual(mail.social_account_id, self.account)
        self.assertEqual(mail.social_author_id, self.first.author_id)
        self.assertEqual(mail.social_deadline, after(hours=2))
        self.assertEqual(mail.partner_id, contact)
        later = self._receive(self._mention("3", posted_at=after(hours=3)))
        self.assertEqual(later.ticket_id, mail)
        self._sent(later, after(hours=4))
        self.assertFalse(mail.social_waiting_since)

    def test_a_social_ticket_takes_a_mail_in_with_its_contact(self):
        contact = self.env["res.partner"].create({"name": "Ana Ruiz", "email": "ana@fake.example"})
        mail = self._mail_ticket(partner_id=contact.id, partner_name="Ana Ruiz")
        mail._social_care_merge_into(self.kept)
        self.assertEqual(self.kept.partner_id, contact)
        self.assertEqual(self.kept.social_account_id, self.account)
        self.assertIn("By mail", self._chatter(self.kept))
        self.assertFalse(mail.active)

    def test_tickets_of_two_accounts_go_on_on_one_and_each_is_answered_where_it_was_said(self):
        shop = self._create_account(name="Shop", external_id="shop@fake.example", handle="shop")
        there = self._receive(self._mention("s1", posted_at=after(hours=2)), account=shop)
        there.ticket_id._social_care_merge_into(self.kept)
        later = self._receive(self._mention("s2", posted_at=after(hours=3)), account=shop)
        self.assertEqual(later.ticket_id, self.kept)
        self.assertEqual(self.kept.social_account_id, self.account)
        self.assertEqual(self._answer(later).account_id, shop)

    def test_what_named_the_merged_ticket_as_earlier_names_the_one_that_is_left(self):
        next_one = self._receive(self._mention("3", who="bo", posted_at=after(days=3))).ticket_id
        self.assertEqual(next_one.social_previous_id, self.merged)
        self.merged._social_care_merge_into(self.kept)
        self.assertEqual(next_one.social_previous_id, self.kept)
        next_one._social_care_merge_into(self.kept)
        self.assertFalse(self.kept.social_previous_id, "no ticket is its own earlier one")

    def test_a_closed_ticket_reopens_when_the_customer_still_waits(self):
        self._sent(self.first, after(minutes=30))
        self.kept.stage_id = self.stage_done
        self.merged._social_care_merge_into(self.kept)
        self.assertFalse(self.kept.closed)

    def test_merging_many_at_once(self):
        third = self._receive(self._mention("3", who="cy", posted_at=after(hours=3))).ticket_id
        (self.merged | third)._social_care_merge_into(self.kept)
        self.assertEqual(len(self.kept.social_mention_ids), 3)
        running = self.kept.ticket_sla_ids.filtered(lambda row: row.state == "in_progress")
        self.assertEqual(running.social_started_at, MONDAY_10)

    def test_another_company_an_archived_ticket_and_itself_are_refused(self):
        company = self.env["res.company"].create({"name": "Aurora Cargo"})
        foreign = self._mail_ticket()
        foreign.company_id = company
        with self.assertRaisesRegex(UserError, "one company"):
            self.merged._social_care_merge_into(foreign)
        with self.assertRaisesRegex(UserError, "itself"):
            self.merged._social_care_merge_into(self.merged)
        self.merged._social_care_merge_into(self.kept)
        with self.assertRaisesRegex(UserError, "archived"):
            self.kept._social_care_merge_into(self.merged)
        self.assertEqual(self.second.ticket_id, self.kept)

    def test_two_mail_tickets_merge_as_the_helpdesk_would(self):
        mail, other = self._mail_ticket(), self._mail_ticket()
        mail._social_care_merge_into(other)
        self.assertFalse(other.social_account_id)
        self.assertFalse(other.social_waiting_since)
        self.assertFalse(mail.active)
