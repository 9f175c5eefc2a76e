import random
from datetime import timedelta
from itertools import permutations

from freezegun import freeze_time

from .common import MONDAY_10, SocialCareCommon


def after(**delta):
    return MONDAY_10 + timedelta(**delta)


class TestLateArrivals(SocialCareCommon):
    """Networks do not keep to an order: each order of arrival gives the same tickets."""

    def _sent(self, mention, sent_at, **values):
        reply = self.env["social.care.reply"].create(
            {
                "mention_id": mention.id,
                "account_id": self.account.id,
                "body": "We are looking",
                "state": "sent",
                "sent_at": sent_at,
                **values,
            }
        )
        reply._settle()
        return reply

    def _arrive(self, items, run):
        """Each in a page of its own; gives {name: ticket} and the names on each ticket."""
        mentions = {}
        for name, who, values in items:
            values = dict(values)
            if "parent" in values:
                values["parent_external_id"] = f"{run}-{values.pop('parent')}"
            mentions[name] = self._receive(
                self._mention(f"{run}-{name}", who=f"{who}{run}", body=f"{name} said", **values)
            )
        tickets = {name: mention.ticket_id for name, mention in mentions.items()}
        named = {}
        for name, ticket in tickets.items():
            named.setdefault(ticket, set()).add(name)
        return tickets, sorted(map(sorted, named.values()))

    @freeze_time(after(days=40))
    def test_a_thread_over_days_a_stranger_and_another_matter_in_any_order(self):
        said = [
            ("first", "ana", {"posted_at": after()}),
            ("second", "ana", {"posted_at": after(days=3), "parent": "first"}),
            ("third", "ana", {"posted_at": after(days=6), "parent": "second"}),
            (
                "aside",
                "ana",
                {"posted_at": after(days=9), "parent": "third", "addressed": False},
            ),
            ("stranger", "bo", {"posted_at": after(hours=1), "parent": "first"}),
            ("other", "ana", {"posted_at": after(days=30)}),
        ]
        orders = [list(order) for order in permutations(said)]
        generator = random.Random(4)  # noqa: S311
        chosen = [said, said[::-1], *generator.sample(orders, 20)]
        for run, order in enumerate(chosen):
            with self.subTest(order=[name for name, *_rest in order]):
                tickets, named = self._arrive(order, run)
                self.assertEqual(
                    named, [["aside", "first", "second", "third"], ["other"], ["stranger"]]
                )
                self.assertEqual(tickets["first"].social_waiting_since, after())
                self.assertEqual(tickets["other"].social_previous_id, tickets["first"])
                clocks = tickets["first"].ticket_sla_ids
                running = clocks.filtered(lambda row: row.state == "in_progress")
                self.assertEqual(running.social_started_at, after())

    @freeze_time(after(days=10))
    def test_what_a_late_message_bridges_is_one_ticket_in_any_order(self):
        said = [(str(hours), "ana", {"posted_at": after(hours=hours)}) for hours in (0, 20, 40, 70)]
        for run, order in enumerate(permutations(said)):
            with self.subTest(order=[name for name, *_rest in order]):
                _tickets, named = self._arrive(order, f"b{run}")
                self.assertEqual(named, [["0", "20", "40"], ["70"]])

    @freeze_time(after(hours=1, minutes=10))
    def test_the_answer_is_due_by_the_oldest_message_whichever_comes_first(self):
        """Said at 10:00 and 11:00, with two hours to answer."""
        later = self._receive(self._mention("2", posted_at=after(hours=1), parent_external_id="1"))
        self.assertEqual(later.ticket_id.social_deadline, after(hours=3))
        self._receive(self._mention("1"))
        self.assertEqual(later.ticket_id.social_deadline, after(hours=2))
        self.assertEqual(later.ticket_id.ticket_sla_ids.social_alarm_at, after(minutes=90))

    def _answer_before_its_parent(self):
        """Two matters of Ana's; then an answer whose parent belongs to the first comes in."""
        old = self._receive(self._mention("old"))
        early = self._receive(
            self._mention("early", parent_external_id="late", posted_at=after(days=5))
        )
        self.assertNotEqual(early.ticket_id, old.ticket_id)
        return old, early

    def _late(self):
        return self._receive(
            self._mention("late", parent_external_id="old", posted_at=after(days=3))
        )

    def test_an_unanswered_answer_is_merged_into_its_parents_ticket(self):
        old, early = self._answer_before_its_parent()
        merged = early.ticket_id
        late = self._late()
        self.assertEqual((early | late).ticket_id, old.ticket_id)
        self.assertFalse(merged.active)
        self.assertIn("early", (old | early | late).mapped("external_id"))

    def test_an_answered_one_stays_and_is_linked(self):
        old, early = self._answer_before_its_parent()
        self._sent(early, after(days=5, hours=1))
        early.ticket_id.social_previous_id = False
        late = self._late()
        self.assertEqual(late.ticket_id, old.ticket_id)
        self.assertNotEqual(early.ticket_id, old.ticket_id)
        self.assertTrue(early.ticket_id.active)
        self.assertEqual(early.ticket_id.social_previous_id, old.ticket_id)

    def test_one_that_an_agent_closed_stays_and_is_linked(self):
        old, early = self._answer_before_its_parent()
        early.ticket_id.stage_id = self.stage_done
        self._late()
        self.assertNotEqual(early.ticket_id, old.ticket_id)

    def test_another_persons_answer_is_left_where_it_is(self):
        bo = self._receive(
            self._mention("bo", who="bo", parent_external_id="1", posted_at=after(hours=1))
        )
        ana = self._receive(self._mention("1"))
        self.assertNotEqual(ana.ticket_id, bo.ticket_id)
        self.assertTrue(bo.ticket_id.active)

    def test_an_answer_that_waited_in_the_inbox_joins(self):
        aside = self._receive(
            self._mention("2", addressed=False, parent_external_id="1", posted_at=after(hours=1))
        )
        self.assertEqual(aside.state, "new")
        ana = self._receive(self._mention("1"))
        self.assertEqual(aside.ticket_id, ana.ticket_id)

    def test_what_a_person_decided_stays_decided(self):
        aside = self._receive(
            self._mention("2", addressed=False, parent_external_id="1", posted_at=after(hours=1))
        )
        aside._decide_ignored("other")
        aside.decided_by_id = self.agent
        self._receive(self._mention("1"))
        self.assertEqual(aside.state, "ignored")

    def test_an_answer_to_our_own_post_that_came_in_late(self):
        old = self._receive(self._mention("old"))
        early = self._receive(
            self._mention("early", parent_external_id="own", posted_at=after(days=5))
        )
        self.assertNotEqual(early.ticket_id, old.ticket_id)
        self._sent(old, after(days=1), origin="network", external_id="own")
        self.assertEqual(early.ticket_id, old.ticket_id)
        self.assertEqual(old.ticket_id.social_waiting_since, after(days=5))


class TestRepost(SocialCareCommon):
    """Deleting a message and saying it anew calls no clock off and starts none later."""

    def setUp(self):
        super().setUp()
        frozen = freeze_time(after(hours=2))
        frozen.start()
        self.addCleanup(frozen.stop)
        self.first = self._receive(self._mention("1", body="@aurora My suitcase is LOST!"))
        self.ticket = self.first.ticket_id

    def _delete(self, mention, hours=1):
        self.account._ingest(
            [
                self._mention(
                    mention.external_id,
                    body=mention.body,
                    posted_at=mention.posted_at,
                    deleted_at=after(hours=hours),
                )
            ]
        )

    def _say_again(self, body="my suitcase is lost", **values):
        values = {"posted_at": after(hours=1, minutes=30), **values}
        return self._receive(self._mention("2", body=body, **values))

    def _running(self):
        return self.ticket.ticket_sla_ids.filtered(lambda row: row.state == "in_progress")

    def test_a_plain_deletion_ends_the_wait(self):
        self._delete(self.first)
        self.assertFalse(self.ticket.social_waiting_since)
        self.assertEqual(self.ticket.ticket_sla_ids.state, "cancelled")

    def test_said_again_in_like_words_the_clock_goes_on_from_the_first(self):
        self._delete(self.first)
        again = self._say_again()
        self.assertEqual(again.repost_of_id, self.first)
        self.assertEqual(again.ticket_id, self.ticket)
        self.assertEqual(self.ticket.social_waiting_since, MONDAY_10)
        self.assertEqual(self._running().deadline, after(hours=2))

    def test_said_again_before_the_first_was_deleted(self):
        again = self._say_again()
        clock = self._running()
        self._delete(self.first, hours=2)
        self.assertEqual(again.repost_of_id, self.first)
        self.assertEqual(self.ticket.social_waiting_since, MONDAY_10)
        self.assertEqual(self._running(), clock)

    def test_other_words_are_another_message(self):
        self._delete(self.first)
        again = self._say_again("Where do I find you?")
        self.assertFalse(again.repost_of_id)
        self.assertEqual(self.ticket.social_waiting_since, after(hours=1, minutes=30))

    def test_what_was_answered_is_over(self):
        self.env["social.care.reply"].create(
            {
                "mention_id": self.first.id,
                "body": "x",
                "state": "sent",
                "sent_at": after(minutes=30),
            }
        )._settle()
        self._delete(self.first)
        again = self._say_again()
        self.assertFalse(again.repost_of_id)
        self.assertEqual(self.ticket.social_waiting_since, after(hours=1, minutes=30))

    def test_another_persons_like_words_continue_nothing(self):
        self._delete(self.first)
        again = self._say_again(who="bo")
        self.assertFalse(again.repost_of_id)
        self.assertNotEqual(again.ticket_id, self.ticket)

    def test_again_and_again_begins_with_the_first(self):
        self._delete(self.first)
        second = self._say_again()
        self._delete(second, hours=2)
        third = self._receive(
            self._mention("3", body="My suitcase is lost", posted_at=after(hours=2))
        )
        self.assertEqual(third.repost_of_id, self.first)
        self.assertEqual(self.ticket.social_waiting_since, MONDAY_10)
