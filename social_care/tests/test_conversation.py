from datetime import timedelta

from freezegun import freeze_time

from odoo.addons.social_care import networks

from .common import MONDAY_10, SocialCareCommon


def after(**delta):
    return MONDAY_10 + timedelta(**delta)


class TestConversation(SocialCareCommon):
    """A conversation is a customer's matter, not a thread."""

    def test_everything_addressed_to_us_becomes_a_ticket(self):
        mention = self._receive(self._mention("1", body="My suitcase is lost\nHelp!"))
        self.assertEqual(mention.state, "ticket")
        ticket = mention.ticket_id
        self.assertEqual(ticket.name, "My suitcase is lost Help!")
        self.assertEqual(ticket.description, "<p>My suitcase is lost<br>Help!</p>")
        self.assertEqual(ticket.team_id, self.team)
        self.assertEqual(ticket.social_account_id, self.account)
        self.assertEqual(ticket.channel_id.name, "Mastodon")
        self.assertFalse(ticket.user_id)
        self.assertFalse(ticket.partner_id, "contacts are not created by the dozen")

    def test_what_only_names_us_waits_in_the_inbox(self):
        mention = self._receive(self._mention("1", addressed=False))
        self.assertEqual(mention.state, "new")
        self.assertTrue(mention.triaged_at)
        self.assertFalse(mention.ticket_id)

    def test_a_second_message_within_24_hours_joins(self):
        first = self._receive(self._mention("1"))
        second = self._receive(self._mention("2", posted_at=after(hours=23)))
        self.assertEqual(first.ticket_id, second.ticket_id)

    def test_another_matter_after_the_join_window_is_a_new_ticket_that_names_the_old(self):
        first = self._receive(self._mention("1"))
        second = self._receive(self._mention("2", posted_at=after(hours=25)))
        self.assertNotEqual(first.ticket_id, second.ticket_id)
        self.assertEqual(second.ticket_id.social_previous_id, first.ticket_id)

    def test_the_same_thread_joins_however_late(self):
        first = self._receive(self._mention("1", thread_external_id="t1"))
        second = self._receive(self._mention("2", thread_external_id="t1", posted_at=after(days=3)))
        self.assertEqual(first.ticket_id, second.ticket_id)

    def test_a_private_message_joins_the_open_public_complaint(self):
        public = self._receive(self._mention("1"))
        private = self._receive(
            self._mention("2", kind="direct", visibility="direct", posted_at=after(days=2))
        )
        self.assertEqual(public.ticket_id, private.ticket_id)

    def test_an_answer_to_our_answer_joins_its_ticket(self):
        first = self._receive(self._mention("1"))
        self.env["social.care.reply"].create(
            {
                "mention_id": first.id,
                "body": "x",
                "state": "sent",
                "sent_at": after(hours=1),
                "external_id": "own-1",
            }
        )
        second = self._receive(
            self._mention("2", parent_external_id="own-1", posted_at=after(days=5))
        )
        self.assertEqual(first.ticket_id, second.ticket_id)

    def test_a_stranger_in_the_thread_has_a_ticket_of_their_own(self):
        ana = self._receive(self._mention("1", thread_external_id="t1"))
        bo = self._receive(
            self._mention(
                "2", who="bo", thread_external_id="t1", parent_external_id="1", body="Same here"
            )
        )
        self.assertNotEqual(ana.ticket_id, bo.ticket_id)
        bubbles = ana.ticket_id.social_care_conversation()
        other = next(bubble for bubble in bubbles if bubble["who"] == "other")
        self.assertEqual((other["text"], other["ticket_id"]), ("Same here", bo.ticket_id.id))

    def test_tickets_of_one_thread_are_linked_both_ways(self):
        ana = self._receive(self._mention("1"))
        bo = self._receive(self._mention("2", who="bo", parent_external_id="1"))
        cy = self._receive(self._mention("3", who="cy", thread_external_id="1"))
        self._receive(self._mention("4", who="di"))
        self.assertEqual(ana.ticket_id._social_care_thread_tickets(), (bo | cy).ticket_id)
        self.assertIn(ana.ticket_id, bo.ticket_id._social_care_thread_tickets())
        self.assertIn(ana.ticket_id, cy.ticket_id._social_care_thread_tickets())
        mine = ana.ticket_id.with_user(self.agent)
        self.assertEqual(mine.social_thread_count, 2)
        found = self.env["helpdesk.ticket"].search(mine.action_social_thread()["domain"])
        self.assertEqual(found, (bo | cy).ticket_id)

    def test_the_thread_shows_no_ticket_of_another_team(self):
        ana = self._receive(self._mention("1"))
        bo = self._receive(self._mention("2", who="bo", parent_external_id="1"))
        bo.ticket_id.team_id = self.env["helpdesk.ticket.team"].create({"name": "Elsewhere"})
        self.assertFalse(ana.ticket_id.with_user(self.agent).social_thread_count)

    def test_the_whole_conversation_in_one_page_is_one_ticket(self):
        mentions = self._receive(
            self._mention("1"),
            self._mention("2", parent_external_id="1", posted_at=after(minutes=1)),
            self._mention("3", kind="direct", visibility="direct", posted_at=after(minutes=2)),
            self._mention("4", who="bo", posted_at=after(minutes=3)),
        )
        self.assertEqual(mentions[0].ticket_id, mentions[1].ticket_id | mentions[2].ticket_id)
        self.assertEqual(len(mentions.ticket_id), 2)

    def test_a_child_before_its_parent_in_the_page_still_joins(self):
        mentions = self._receive(
            self._mention("2", parent_external_id="1", posted_at=after(minutes=1)),
            self._mention("1"),
        )
        self.assertEqual(len(mentions.ticket_id), 1)

    @freeze_time("2026-08-18 08:00:00")
    def test_writing_again_within_seven_days_reopens(self):
        first = self._receive(self._mention("1"))
        ticket = first.ticket_id
        ticket.stage_id = self.stage_done
        with freeze_time(after(days=8)):
            second = self._receive(self._mention("2", posted_at=after(days=8)))
        self.assertEqual(second.ticket_id, ticket)
        self.assertFalse(ticket.closed)
        self.assertEqual(ticket.stage_id, self.stage_new)

    @freeze_time("2026-08-18 08:00:00")
    def test_writing_again_after_seven_days_is_new(self):
        first = self._receive(self._mention("1"))
        first.ticket_id.stage_id = self.stage_done
        with freeze_time(after(days=8, minutes=1)):
            second = self._receive(self._mention("2", posted_at=after(days=8, minutes=1)))
        self.assertNotEqual(second.ticket_id, first.ticket_id)
        self.assertEqual(second.ticket_id.social_previous_id, first.ticket_id)
        self.assertTrue(first.ticket_id.closed)

    def test_what_comes_after_archiving_is_a_ticket_of_its_own(self):
        first = self._receive(self._mention("1"))
        first.ticket_id.active = False
        second = self._receive(self._mention("2", posted_at=after(hours=1)))
        self.assertNotEqual(second.ticket_id, first.ticket_id)
        self.assertTrue(second.ticket_id.active)

    def test_a_stage_that_became_a_closed_one_counts_as_closed(self):
        first = self._receive(self._mention("1"))
        self.stage_new.closed = True
        second = self._receive(self._mention("2", posted_at=after(hours=1)))
        self.assertEqual(second.ticket_id, first.ticket_id)
        self.assertFalse(second.ticket_id.closed, "it reopens in the first open stage")

    @freeze_time("2026-08-18 08:00:00")
    def test_history_reopens_nothing(self):
        first = self._receive(self._mention("1"))
        first.ticket_id.stage_id = self.stage_done
        self._receive(self._mention("2", history=True, posted_at=after(days=-2)))
        self.assertTrue(first.ticket_id.closed)

    @freeze_time("2026-08-18 08:00:00")
    def test_thanks_after_the_end_are_logged_and_reopen_nothing(self):
        first = self._receive(self._mention("1"))
        ticket = first.ticket_id
        ticket.stage_id = self.stage_done
        for number, text in enumerate(["¡Muchas gracias! 🙏", "👍", "Thanks so much, team!"]):
            thanks = self._receive(
                self._mention(f"thanks{number}", body=text, posted_at=after(days=2))
            )
            self.assertEqual(thanks.ticket_id, ticket)
            self.assertTrue(ticket.closed)
            self.assertIn(text.strip("!"), ticket.message_ids[0].body)

    @freeze_time("2026-08-18 08:00:00")
    def test_thanks_with_a_question_do_reopen(self):
        ticket = self._receive(self._mention("1")).ticket_id
        ticket.stage_id = self.stage_done
        asked = self._mention("2", body="¡Gracias! ¿Y mi maleta?", posted_at=after(days=1))
        self.assertEqual(self._receive(asked).ticket_id, ticket)
        self.assertFalse(ticket.closed)
        self.assertEqual(ticket.social_waiting_since, after(days=1))

    def test_a_severe_follow_up_raises_the_ticket(self):
        self.env["social.care.rule"].create(
            {
                "name": "Lawyer",
                "keywords": "lawyer",
                "severe": True,
                "intent": "complaint",
                "priority": "3",
                "action": "ticket",
                "sequence": 0,
            }
        )
        ticket = self._receive(self._mention("1", body="Good morning")).ticket_id
        self.assertFalse(ticket.social_severe)
        self._receive(self._mention("2", body="My lawyer will call", posted_at=after(hours=1)))
        self.assertTrue(ticket.social_severe)
        self.assertEqual((ticket.social_intent, ticket.priority), ("complaint", "3"))

    def test_what_is_courtesy_and_what_is_not(self):
        model = self.env["social.care.mention"]
        for text, courtesy in [
            ("Gracias", True),
            ("@aurora ok perfecto, muchas gracias!!", True),
            ("❤️", True),
            ("Thanks for nothing, still waiting", False),
            ("ok?", False),
            ("Gracias, pero sigo sin maleta", False),
            ("so much a lot", False),
            ("¡GRACIAS!", True),
            ("Graciass 🙌🙌", True),
            ("Mil gracias, equipo", True),
            ("muchísimas gracias por todo", True),
            ("De nada", False),
            ("thank you SO much!!!", True),
            ("Thx, cheers", True),
            ("@aurora @otra gracias 😊", True),
            ("¿gracias?", False),
            ("Gracias, ¿y mi maleta?", False),
            ("Thanks! When will it arrive", False),
            ("thanks thanks thanks thanks thanks thanks thanks thanks thanks", False),
        ]:
            self.assertEqual(model.new({"body": text})._is_courtesy(), courtesy, text)
        photo = model.new({"body": "", "media": [{"url": "https://media.example/1.jpg"}]})
        self.assertFalse(photo._is_courtesy(), "a picture may show the damage")

    def test_further_messages_are_notes_under_the_authors_name(self):
        first = self._receive(self._mention("1"))
        self._receive(self._mention("2", body="Still <b>waiting</b>", posted_at=after(hours=1)))
        note = first.ticket_id.message_ids[0]
        self.assertIn("Still &lt;b&gt;waiting&lt;/b&gt;", note.body)
        self.assertEqual(note.social_author_id, first.author_id)
        self.assertFalse(note.author_id, "nobody is impersonated")
        self.assertTrue(note.is_internal)
        self.assertFalse(note.notified_partner_ids)

    def test_our_own_posts_never_become_tickets(self):
        us = networks.Author(external_id="aurora@fake.example", handle="aurora")
        self._receive(self._mention("1", author=us), self._mention("2", own=True))
        self.assertFalse(
            self.env["social.care.mention"].search([("account_id", "=", self.account.id)])
        )

    def test_storing_is_an_insert_alone_and_deciding_one_update(self):
        model = self.env.registry["social.care.mention"]
        write, written = model._write_multi, []

        def note(mentions, vals_list):
            written.append(len(mentions))
            return write(mentions, vals_list)

        self.patch(model, "_write_multi", note)
        self.account._ingest([self._mention(name, who=name) for name in "abc"])
        self.env.flush_all()
        self.assertEqual(written, [])
        self.env["social.care.mention"].search([("triaged_at", "=", False)])._triage()
        self.env.flush_all()
        self.assertEqual(written, [3])

    def test_two_hundred_people_are_ticketed_in_a_bounded_number_of_queries(self):
        def count(people):
            items = [self._mention(f"{people}-{n}", who=f"p{people}x{n}") for n in range(people)]
            self.account._ingest(items)
            mentions = self.env["social.care.mention"].search([("triaged_at", "=", False)])
            self.env.flush_all()
            before = self.cr.sql_log_count
            mentions._triage()
            self.env.flush_all()
            return self.cr.sql_log_count - before

        count(1)  # warm caches
        few, many = count(10), count(60)
        # What grows are the statements of one kind, cut after so many rows.
        self.assertLess((many - few) / 50, 0.5)
