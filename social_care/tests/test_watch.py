from datetime import timedelta

from freezegun import freeze_time

from odoo.tests import new_test_user
from odoo.tools import mute_logger

from .common import MONDAY_10
from .test_rule import RuleCommon

QUEUE_LOGGER = "odoo.addons.social_care.models.social_care_queue"
TEN_AT_NIGHT = MONDAY_10 + timedelta(hours=12)


@freeze_time(MONDAY_10)
class TestWatch(RuleCommon):
    """What somebody keeps an eye on comes back: by time, by reach, by its author."""

    def setUp(self):
        super().setUp()
        self.rule = self._rule(name="Rumours", action="watch", watch_hours=6, watch_reach=300)
        self.mention = self._decide(who="ana", likes=10, views=90)

    def _update(self, **values):
        item = self._mention("1", edited_at=MONDAY_10 + timedelta(hours=1), **values)
        self.account._ingest([item])

    def test_it_sleeps_until_its_time(self):
        with freeze_time(MONDAY_10 + timedelta(hours=5, minutes=59)):
            self._run_cron("ir_cron_triage")
        self.assertEqual(self.mention.state, "watch")

    def test_time_wakes_it(self):
        six_later = MONDAY_10 + timedelta(hours=6)
        with freeze_time(six_later):
            self._run_cron("ir_cron_triage")
        self.assertEqual(self.mention.state, "new")
        self.assertEqual((self.mention.woken_at, self.mention.woken_by), (six_later, "time"))
        self.assertTrue(self.mention.triaged_at, "for people, not for the rules again")
        self.assertIn("is over", self.mention.woken_text)

    def test_one_that_cannot_be_woken_holds_no_other(self):
        other = self._decide(who="bo")
        bad = self.mention
        end_watch = type(bad)._end_watch

        def fail(mentions, by):
            if bad in mentions:
                raise ValueError("a bad row")
            return end_watch(mentions, by)

        self.patch(self.env.registry["social.care.mention"], "_end_watch", fail)
        with freeze_time(MONDAY_10 + timedelta(hours=6)), mute_logger(QUEUE_LOGGER):
            self._run_cron("ir_cron_triage")
        self.assertEqual((bad.state, other.state), ("watch", "new"))

    def test_woken_it_is_not_put_to_sleep_by_the_same_rule(self):
        with freeze_time(MONDAY_10 + timedelta(hours=6)):
            self._run_cron("ir_cron_triage")
            self._run_cron("ir_cron_triage")
        self.assertEqual(self.mention.state, "new")

    def test_reach_wakes_it_at_the_threshold(self):
        self._update(likes=20, reposts=5, replies=4, views=370)
        self.assertEqual(self.mention.state, "watch", "299 more than the 100 it had")
        self._update(likes=20, reposts=5, replies=5, views=370)
        self.assertEqual((self.mention.state, self.mention.woken_by), ("new", "reach"))
        self.assertIn("views: 300", self.mention.woken_text)

    def test_without_a_threshold_reach_wakes_nobody(self):
        self.mention.watch_reach = 0
        self._update(likes=1_000_000)
        self.assertEqual(self.mention.state, "watch")

    def test_its_author_wakes_it(self):
        self.rule.active = False
        self._decide(who="bo")
        self.assertEqual(self.mention.state, "watch", "somebody else wrote")
        other = self._create_account(external_id="b@fake.example", handle="b")
        self._receive(self._mention("x", who="ana"), account=other)
        self.assertEqual(self.mention.state, "watch", "to another brand")
        self._decide(who="ana", body="Nobody answers?")
        self.assertEqual((self.mention.state, self.mention.woken_by), ("new", "author"))
        self.assertEqual(self.mention.woken_text, "Its author wrote again.")

    def test_what_it_was_is_remembered_with_who_when_and_which_rule(self):
        with freeze_time(MONDAY_10 + timedelta(hours=6)):
            self._run_cron("ir_cron_triage")
        self.assertFalse(self.mention.decided_at)
        [past] = self.mention.past_decisions
        self.assertEqual(past["state"], "watch")
        self.assertEqual(past["at"], "2026-08-17 08:00:00")
        self.assertEqual(past["until"], "2026-08-17 14:00:00")
        self.assertEqual(past["rule"], self.rule.id)
        self.assertIn("Keep an eye on", self.mention.past_decisions_text)
        self.assertIn("Rumours", self.mention.past_decisions_text)

    def test_a_person_who_decides_otherwise_is_remembered_in_turn(self):
        wizard = self.env["social.care.decide"].with_user(self.agent)
        wizard.create(
            {
                "mention_ids": self.mention.ids,
                "decision": "ignored",
                "reason_id": self.spam.id,
                "note": "known joke",
            }
        ).action_apply()
        self.mention.with_user(self.agent).action_undo()
        self.assertEqual(
            [past["state"] for past in self.mention.past_decisions], ["watch", "ignored"]
        )
        self.assertIn("Marta Cano · known joke", self.mention.past_decisions_text)

    def test_who_decided_before_is_named_even_from_another_company(self):
        company = self.env["res.company"].create({"name": "Other"})
        where = {"company_id": company.id, "company_ids": company.ids}
        gone = new_test_user(self.env, "gone", name="Ines", **where)
        self.rule.company_id = company
        self.mention.past_decisions = [
            {"state": "ignored", "at": "2026-08-17 08:00:00", "user": gone.id},
            {"state": "watch", "at": "2026-08-17 08:00:00", "rule": self.rule.id},
        ]
        self.env.flush_all()
        self.env.invalidate_all()
        text = self.mention.with_user(self.agent).past_decisions_text
        self.assertIn("Ines", text)
        self.assertIn("Rumours", text)

    def test_a_person_keeps_an_eye_on_it_until_it_spreads(self):
        mention = self._receive(self._mention("9", who="eva", addressed=False, likes=7))
        self.rule.active = False
        wizard = self.env["social.care.decide"].with_user(self.agent)
        wizard.create(
            {
                "mention_ids": mention.ids,
                "decision": "watch",
                "watch_until": TEN_AT_NIGHT,
                "watch_reach": 50,
            }
        ).action_apply()
        self.assertEqual((mention.state, mention.watch_until), ("watch", TEN_AT_NIGHT))
        self.assertEqual((mention.watch_reach, mention.watch_reach_before), (50, 7))
        self.assertEqual(mention.decided_by_id, self.agent)

    def test_a_message_on_a_ticket_is_never_watched(self):
        """A promise that runs is never hidden: the author's next message joins it."""
        self.rule.active = False
        ticket = self._decide(who="eva").ticket_id
        self.rule.active = True
        later = self._decide(who="eva", body="Still nothing")
        self.assertEqual((later.state, later.ticket_id), ("ticket", ticket))

    def test_an_idle_queue_is_found_by_its_index(self):
        self.env.flush_all()
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        self.env.cr.execute(
            "EXPLAIN SELECT id FROM social_care_mention"
            " WHERE state = 'watch' AND watch_until <= now() ORDER BY watch_until, id LIMIT 100"
        )
        plan = "\n".join(row[0] for row in self.env.cr.fetchall())
        self.assertIn("social_care_mention_watch_", plan, "one of the two partial indexes")
