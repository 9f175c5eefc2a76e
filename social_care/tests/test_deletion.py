from datetime import timedelta

from markupsafe import Markup

from odoo.addons.social_care import networks

from .common import MONDAY_10, SocialCareCommon

AT_11 = MONDAY_10 + timedelta(hours=1)
AT_12 = MONDAY_10 + timedelta(hours=2)


class TestDeletion(SocialCareCommon):
    """A post deleted on its network goes here too; that it was there, and when, stays."""

    def _delete(self, external_id="1", who="ana"):
        return self._receive(self._mention(external_id, who=who, body="", deleted_at=AT_11))

    def test_text_pictures_link_and_raw_data_go(self):
        picture = networks.Media(url="https://fake.example/p.png")
        values = {"media": (picture,), "raw": {"id": "1"}, "url": "https://fake.example/1"}
        mention = self._receive(self._mention("1", **values))
        self._delete()
        for name in ("body", "media", "raw", "url", "context"):
            self.assertFalse(mention[name], name)
        self.assertEqual((mention.posted_at, mention.deleted_at), (MONDAY_10, AT_11))
        self.assertEqual((mention.state, mention.author_id.name), ("ticket", "Ana"))

    def test_title_and_description_that_came_from_it_go(self):
        ticket = self._receive(self._mention("1", body="My suitcase\nis lost & gone")).ticket_id
        self._delete()
        self.assertEqual(ticket.name, "Message from Ana (@ana)")
        self.assertNotIn("suitcase", ticket.description)
        self.assertIn("Deleted by the customer", ticket.description)

    def test_what_an_agent_wrote_beside_the_quote_stays(self):
        ticket = self._receive(self._mention("1")).ticket_id
        ticket.write(
            {"name": "Suitcase MAD-LIS", "description": ticket.description + Markup("<p>Bag 7</p>")}
        )
        self._delete()
        self.assertEqual(ticket.name, "Suitcase MAD-LIS")
        self.assertNotIn("is lost", ticket.description)
        self.assertIn("<p>Bag 7</p>", ticket.description)

    def test_the_chatter_keeps_no_quote_and_no_earlier_version(self):
        first = self._receive(self._mention("1"))
        self._receive(self._mention("2", body="It is green"))
        self._receive(self._mention("2", body="It is blue", edited_at=AT_11))
        self._delete("2")
        chatter = self._chatter(first.ticket_id)
        self.assertNotIn("green", chatter)
        self.assertNotIn("blue", chatter)
        self.assertIn("Deleted by the customer on 8/17/26, 11:00", chatter.replace("\u202f", " "))
        self.assertEqual(first.body, "My suitcase is lost")

    def test_an_edited_first_message_leaves_its_old_words_nowhere(self):
        ticket = self._receive(self._mention("1", body="I am furious")).ticket_id
        self._receive(self._mention("1", body="I am waiting", edited_at=AT_11))
        self.assertEqual(ticket.name, "I am waiting")
        self.assertIn("I am waiting", ticket.description)
        self.assertNotIn("furious", ticket.description)
        self._receive(self._mention("1", body="", deleted_at=AT_12))
        for text in (ticket.name, ticket.description, self._chatter(ticket)):
            self.assertNotIn("furious", text)
            self.assertNotIn("I am waiting", text)

    def test_our_answer_stays(self):
        mention = self._receive(self._mention("1"))
        self._answer(mention, "We are looking for it.")
        self._run_cron("ir_cron_publish")
        self._delete()
        self.assertIn("We are looking for it.", self._chatter(mention.ticket_id))
        self.assertEqual(mention.reply_ids.body, "We are looking for it.")

    def test_the_conversation_says_when_it_was_deleted(self):
        mention = self._receive(self._mention("1"))
        self._delete()
        [bubble] = mention.ticket_id.with_user(self.agent).social_care_conversation()
        self.assertEqual(bubble["text"], "")
        self.assertIn("Deleted by the customer on", bubble["gone"])
        self.assertEqual(mention.ticket_id.social_gone_text, bubble["gone"])

    def test_copies_in_what_stood_around_others_go(self):
        parent = {"external_id": "1", "text": "My suitcase is lost", "author": "Ana", "own": False}
        other = {"external_id": "7", "text": "same here", "author": "Cy"}
        self._receive(self._mention("1", thread_external_id="T"))
        values = {"thread_external_id": "T", "parent_external_id": "1"}
        context = {"root": parent, "others": [parent, other]}
        answer = self._receive(self._mention("2", who="bo", context=context, **values))
        self._delete()
        self.assertEqual(
            answer.context,
            {
                "root": {"external_id": "1", "own": False},
                "others": [{"external_id": "1", "own": False}, other],
            },
        )

    def test_the_network_still_shows_it_around_others_and_we_do_not(self):
        self._receive(self._mention("1"))
        self._delete()
        context = {"parent": {"external_id": "1", "text": "My suitcase is lost"}}
        late = self._receive(self._mention("2", who="bo", context=context))
        self.assertEqual(late.context, {"parent": {"external_id": "1"}})
        late.context = context
        self.assertEqual(late.context, {"parent": {"external_id": "1"}})

    def test_a_deletion_that_came_with_the_words_keeps_none(self):
        deleted = self._receive(self._mention("1", deleted_at=AT_11))
        self.assertEqual((deleted.body, deleted.state), (False, "ignored"))
        self.assertEqual(deleted.blanked_because, "deleted")

    def test_a_merged_ticket_and_the_note_of_the_merge_keep_nothing(self):
        target = self._receive(self._mention("1", body="Hello there")).ticket_id
        merged = self._receive(
            self._mention("2", body="My bike\nis broken", posted_at=MONDAY_10 + timedelta(days=3))
        ).ticket_id
        merged._social_care_merge_into(target)
        self.assertIn("is broken", self._chatter(target))
        self._receive(
            self._mention("2", body="My boat is broken", edited_at=AT_12 + timedelta(days=3))
        )
        self._receive(self._mention("2", body="", deleted_at=AT_12 + timedelta(days=4)))
        for text in (merged.name, merged.description, self._chatter(target)):
            self.assertNotIn("broken", text)
        self.assertEqual(target.name, "Hello there")

    def test_an_activity_does_not_keep_the_title(self):
        ticket = self._receive(self._mention("1")).ticket_id
        activity = ticket.activity_schedule("mail.mail_activity_data_todo", user_id=self.agent.id)
        self.assertIn("My suitcase is lost", activity.res_name)
        self._delete()
        self.assertNotIn("suitcase", activity.res_name)

    def test_a_deletion_of_many_in_a_page_costs_few_queries(self):
        items = [
            self._mention(str(number), who=f"p{number}", addressed=False) for number in range(20)
        ]
        self._receive(*items)
        gone = [
            self._mention(item.external_id, who=f"p{item.external_id}", body="", deleted_at=AT_11)
            for item in items
        ]
        self.env.flush_all()
        with self.assertQueryCount(20 * 8):
            self.account._ingest(gone)
            self.env.flush_all()
