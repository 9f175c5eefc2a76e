from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user

from odoo.addons.social_care import networks
from odoo.addons.social_care.models.social_care_acknowledge_words import say_when

from .common import MONDAY_10, SocialCareCommon

HOUR = timedelta(hours=1)
MONDAY_20 = MONDAY_10 + 10 * HOUR  # three hours after the end of the day
FRIDAY_20 = MONDAY_20 + timedelta(days=4)
SATURDAY_10 = MONDAY_10 + timedelta(days=5)


class TestAcknowledgement(SocialCareCommon):
    """Who writes while nobody is there is told when an answer comes; Madrid, weekdays, 9 to 17."""

    def setUp(self):
        super().setUp()
        self.network.max_length = 280
        self.team.social_ack_closed = True

    def _write_in(self, at, external_id="1", who="ana", **values):
        """A message written and sorted at a time; gives it."""
        with freeze_time(at):
            return self._receive(
                self._mention(external_id, who=who, **{"posted_at": at, "lang": "en", **values})
            )

    def _acknowledgements(self, mentions):
        return mentions.reply_ids.filtered(lambda reply: reply.kind == "acknowledgement")

    def _said(self, *args, **values):
        return self._acknowledgements(self._write_in(*args, **values)).mapped("body")

    def _send(self, at):
        with freeze_time(at):
            self._run_cron("ir_cron_publish")

    def _holiday(self, day_from, day_to):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Feast of somebody",
                "calendar_id": self.calendar.id,
                "date_from": day_from - 2 * HOUR,
                "date_to": day_to + timedelta(days=1) - 2 * HOUR - timedelta(seconds=1),
            }
        )

    # -- What is said ------------------------------------------------------

    def test_nothing_is_said_until_a_manager_switches_it_on(self):
        self.team.social_ack_closed = False
        self.assertFalse(self._said(MONDAY_20))

    def test_on_monday_evening_it_promises_tuesday_at_nine(self):
        self.assertEqual(
            self._said(MONDAY_20),
            [
                (
                    "Thank you for your message. We are closed right now and will answer "
                    "tomorrow, Tuesday 18 August, from 9:00."
                )
            ],
        )

    def test_before_opening_it_promises_today_and_on_saturday_monday(self):
        early = MONDAY_10 - 3 * HOUR
        self.assertIn("will answer today from 9:00.", self._said(early)[0])
        saturday = self._said(SATURDAY_10, "2", who="bo")
        self.assertIn("will answer on Monday 24 August from 9:00.", saturday[0])

    def test_a_holiday_on_monday_moves_the_promise_to_tuesday(self):
        self._holiday(datetime(2026, 8, 24), datetime(2026, 8, 24))
        self.assertIn("will answer on Tuesday 25 August from 9:00.", self._said(FRIDAY_20)[0])

    def test_over_the_night_the_clocks_go_back_nine_stays_nine(self):
        sunday = datetime(2026, 10, 25, 12, 0)
        said = self._said(sunday)[0]
        self.assertIn("tomorrow, Monday 26 October, from 9:00", said)
        promised = self.env["social.care.reply"].search([("body", "=", said)]).promised_at
        self.assertEqual(promised, datetime(2026, 10, 26, 8, 0))

    def test_in_the_hours_of_the_team_elsewhere(self):
        self.team.resource_calendar_id = self._create_calendar(
            "Kolkata", "Asia/Kolkata", [(9.5, 17)]
        )
        sunday = datetime(2026, 8, 16, 19, 0)  # Monday 0:30 in Kolkata
        self.assertIn("today from 9:30", self._said(sunday)[0])

    def test_in_open_hours_nothing_is_said(self):
        self.assertFalse(self._said(MONDAY_10))

    # -- In which language ---------------------------------------------------

    def test_a_spanish_customer_is_told_in_spanish_that_odoo_need_not_have(self):
        self.assertEqual(
            self._said(MONDAY_20, lang="es-MX"),
            [
                (
                    "Gracias por tu mensaje. Ahora mismo estamos fuera de horario. Responderemos "
                    "mañana, martes 18 de agosto, a partir de las 9:00."
                )
            ],
        )

    def test_the_authors_language_serves_where_the_message_tells_none(self):
        author = networks.Author(
            external_id="eva@fake.example", handle="eva", name="Eva", lang="es"
        )
        self.assertIn("Responderemos", self._said(MONDAY_20, lang="", author=author)[0])

    def test_a_language_without_words_falls_back_to_the_companys(self):
        self.env["res.lang"]._activate_lang("es_ES")
        self.env.company.partner_id.lang = "es_ES"
        self.assertIn("Responderemos", self._said(MONDAY_20, lang="fi")[0])

    def test_own_words_replace_ours_in_their_language_alone(self):
        self.env["res.lang"]._activate_lang("es_ES")
        self.team.with_context(lang="en_US").social_ack_closed_text = "Back {when}!"
        self.assertEqual(self._said(MONDAY_20), ["Back tomorrow, Tuesday 18 August, from 9:00!"])
        self.assertIn("Gracias", self._said(MONDAY_20, "2", who="bo", lang="es")[0])

    def test_own_words_first_written_in_spanish_are_no_english(self):
        self.env["res.lang"]._activate_lang("es_ES")
        self.team.with_context(lang="es_ES").social_ack_closed_text = "Volvemos {when}."
        self.assertIn("Thank you", self._said(MONDAY_20)[0])
        self.assertIn("Volvemos mañana", self._said(MONDAY_20, "2", who="bo", lang="es")[0])

    def test_own_words_without_the_time_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "does not say when"):
            self.team.social_ack_closed_text = "We are closed."

    def test_any_other_language_gets_its_own_dates(self):
        tuesday, monday = datetime(2026, 8, 18, 9, 5), datetime(2026, 8, 17, 20)
        self.assertEqual(say_when("closed", tuesday, monday, "de_DE"), "Dienstag, 18 August, 9:05")

    # -- Which way, and how long ------------------------------------------------

    def test_said_where_the_customer_wrote_or_in_private_as_set(self):
        public = self._acknowledgements(self._write_in(MONDAY_20))
        self.assertEqual(public.visibility, "public")
        self.team.social_ack_way = "private"
        private = self._acknowledgements(self._write_in(MONDAY_20, "2", who="bo"))
        self.assertEqual(private.visibility, "direct")

    def test_a_private_message_is_answered_in_private(self):
        reply = self._acknowledgements(
            self._write_in(MONDAY_20, kind="direct", visibility="direct")
        )
        self.assertEqual(reply.visibility, "direct")

    def test_the_one_private_answer_to_a_comment_is_left_to_people(self):
        self.network.supports_private_reply = True
        self.team.social_ack_way = "private"
        reply = self._acknowledgements(self._write_in(MONDAY_20, kind="comment"))
        self.assertEqual(reply.visibility, "public")
        self.network.supports_public_reply = False
        self.assertFalse(self._said(MONDAY_20, "2", who="bo", kind="comment"))

    def test_where_the_network_finds_it_too_long_it_is_the_short_text(self):
        self.network.max_length = 60
        said = self._said(MONDAY_20)
        self.assertEqual(said, ["We will answer tomorrow, Tuesday 18 August, from 9:00."])

    def test_where_that_is_too_long_too_nothing_is_said_and_the_ticket_tells(self):
        self.network.max_length = 30
        mention = self._write_in(MONDAY_20)
        self.assertFalse(mention.reply_ids)
        self.assertIn("No acknowledgement was sent", self._chatter(mention.ticket_id))

    # -- To whom never -----------------------------------------------------------

    def test_never_to_a_bot(self):
        bot = networks.Author(external_id="bot@fake.example", handle="bot", name="Bot", bot=True)
        self.assertFalse(self._said(MONDAY_20, author=bot))

    def test_never_to_another_account_of_ours_even_an_archived_one(self):
        self._create_account(
            name="Aurora Jobs", handle="jobs", external_id="jobs@fake.example", active=False
        )
        self.assertFalse(self._said(MONDAY_20, who="jobs"))

    def test_never_to_what_is_severe_or_thanks_alone(self):
        mention = self._write_in(MONDAY_20 - 8 * HOUR)  # in open hours: nothing is said
        mention.ticket_id.social_severe = True
        self.assertFalse(self._said(MONDAY_20, "2"))
        self.assertFalse(self._said(MONDAY_20, "3", who="bo", body="Thank you!"))

    def test_never_to_what_a_rule_calls_severe_watches_or_ignores(self):
        rules = self.env["social.care.rule"]
        rules.search([]).active = False
        rules.create({"name": "Grave", "keywords": "lawyer", "action": "ticket", "severe": True})
        rules.create({"name": "Later", "keywords": "maybe", "action": "watch", "watch_hours": 4})
        spam = {"reason_id": self.env.ref("social_care.reason_spam").id}
        rules.create({"name": "Spam", "keywords": "lottery", "action": "ignore", **spam})
        for body, state in (("lawyer", "ticket"), ("maybe", "watch"), ("lottery", "ignored")):
            mention = self._write_in(MONDAY_20, body, who=body, body=body)
            self.assertEqual(mention.state, state)
            self.assertFalse(mention.reply_ids, body)

    def test_never_to_what_came_late_or_is_history(self):
        two_days_ago = MONDAY_20 - timedelta(days=2)
        self.assertFalse(self._said(MONDAY_20, posted_at=two_days_ago))
        self.assertFalse(self._said(MONDAY_20, "2", who="bo", history=True))

    def test_never_to_what_only_names_the_brand_or_was_decided_by_a_person(self):
        mention = self._write_in(MONDAY_20, addressed=False)
        self.assertEqual(mention.state, "new")
        with freeze_time(MONDAY_20):
            mention.with_user(self.agent).action_make_ticket()
        self.assertEqual(mention.state, "ticket")
        self.assertFalse(mention.reply_ids)

    def test_never_through_an_account_that_is_paused(self):
        self.account.state = "paused"
        self.assertFalse(self._said(MONDAY_20))

    def test_never_within_five_minutes_of_an_agents_answer(self):
        mention = self._write_in(MONDAY_20 - 10 * HOUR)
        with freeze_time(MONDAY_20):
            self._answer(mention)
        self.assertFalse(self._said(MONDAY_20 + timedelta(minutes=4), "2"))
        self.assertTrue(self._said(MONDAY_20 + timedelta(minutes=6), "3"))

    # -- Once --------------------------------------------------------------------

    def test_once_a_customer_and_closed_period_whatever_the_ticket(self):
        self.team.social_join_hours = 0
        first = self._write_in(FRIDAY_20)
        second = self._write_in(SATURDAY_10, "2")
        self.assertNotEqual(first.ticket_id, second.ticket_id)
        self.assertEqual(len(self._acknowledgements(first | second)), 1)

    def test_once_for_messages_that_come_together_on_the_last_of_them(self):
        with freeze_time(MONDAY_20):
            mentions = self._receive(
                *(self._mention(key, posted_at=MONDAY_20, lang="en") for key in "123")
            )
        self.assertEqual(self._acknowledgements(mentions).mention_id, mentions[-1])

    def test_again_in_the_next_closed_period_once_a_person_answered(self):
        mention = self._write_in(MONDAY_20)
        tuesday_10 = MONDAY_10 + timedelta(days=1)
        with freeze_time(tuesday_10):
            self._answer(mention)
        self.assertTrue(self._said(MONDAY_20 + timedelta(days=1), "2"))

    def test_not_again_on_a_ticket_that_no_person_answered_so_two_automata_end(self):
        self.assertTrue(self._said(MONDAY_20))
        self.assertFalse(self._said(MONDAY_20 + timedelta(days=1), "2"))

    # -- Sending, and what it leaves alone ---------------------------------------

    def test_once_sent_the_ticket_is_acknowledged_and_every_clock_goes_on(self):
        mention = self._write_in(MONDAY_20)
        ticket, stage = mention.ticket_id, mention.ticket_id.stage_id
        self.assertFalse(ticket.social_acknowledged_at)
        self._send(MONDAY_20)
        [sent] = self.network.ledger
        self.assertIn("@ana Thank you for your message.", f"@ana {sent.body}")
        self.assertEqual(ticket.social_acknowledged_at, MONDAY_20)
        self.assertEqual(ticket.social_waiting_since, MONDAY_20)
        self.assertFalse(ticket.social_first_response_at)
        self.assertEqual(ticket.ticket_sla_ids.state, "in_progress")
        self.assertFalse(ticket.ticket_sla_ids.social_reached_at)
        self.assertEqual(ticket.stage_id, stage)
        self.assertTrue(ticket.social_unread)

    def test_the_ticket_says_that_it_was_automatic_and_nobodys(self):
        mention = self._write_in(MONDAY_20)
        self._send(MONDAY_20)
        self.assertFalse(mention.reply_ids.user_id)
        self.assertIn("Acknowledged on Mastodon, automatically", self._chatter(mention.ticket_id))
        [bubble] = [
            item for item in mention.ticket_id.social_care_conversation() if item["who"] == "us"
        ]
        self.assertEqual(bubble["name"], "Aurora Air, automatically")

    def test_what_is_overtaken_by_the_opening_is_not_sent(self):
        mention = self._write_in(MONDAY_20)
        self._send(MONDAY_10 + timedelta(days=1))
        self.assertEqual(mention.reply_ids.state, "cancelled")
        self.assertFalse(self.network.ledger)

    def test_what_is_overtaken_by_an_answer_is_not_sent(self):
        mention = self._write_in(MONDAY_20)
        with freeze_time(MONDAY_20 + HOUR):
            answer = self._answer(mention)
        self._send(MONDAY_20 + HOUR)
        self.assertEqual(answer.state, "sent")
        self.assertEqual((mention.reply_ids - answer).state, "cancelled")

    def test_one_that_nobody_can_tell_of_is_given_up_and_its_echo_stops_no_clock(self):
        def cannot(adapter, wire, since):
            raise networks.RejectedError("cannot_read_back")

        mention = self._write_in(MONDAY_20)
        acknowledgement = mention.reply_ids
        self.network.lost = networks.TransientError("timeout")
        with self.assertLogs("odoo.addons.social_care", "WARNING"):
            self._send(MONDAY_20)
        self.network.lost, self.network.find_published = None, cannot
        self.cr.execute(
            "UPDATE social_care_reply SET claimed_at = claimed_at - interval '6 minutes' "
            "WHERE id = %s",
            (acknowledgement.id,),
        )
        self._send(MONDAY_20)
        self.assertEqual(acknowledgement.state, "cancelled")
        [sent] = self.network.ledger
        with freeze_time(MONDAY_20):
            self._receive(
                self._mention(
                    "echo",
                    body=sent.body,
                    own=True,
                    parent_external_id="1",
                    posted_at=MONDAY_20,
                )
            )
        self._send(MONDAY_20)
        self.assertEqual(mention.ticket_id.social_waiting_since, MONDAY_20)
        self.assertEqual(mention.ticket_id.ticket_sla_ids.state, "in_progress")
        self.assertFalse(self._said(MONDAY_20 + HOUR, "2"), "perhaps it is there: not again")

    def test_thirty_messages_ask_no_more_than_three(self):
        def receive(count, prefix):
            self.account._ingest(
                [
                    self._mention(f"{prefix}{number}", who=f"{prefix}{number}", posted_at=MONDAY_20)
                    for number in range(count)
                ]
            )
            mentions = self.env["social.care.mention"].search(
                [("external_id", "=like", f"{prefix}%")]
            )
            self.team.social_ack_closed = False
            mentions._triage()
            self.team.social_ack_closed = True
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            mentions._acknowledge()
            self.env.flush_all()
            self.assertEqual(len(self._acknowledgements(mentions)), count)
            return self.cr.sql_log_count - before

        with freeze_time(MONDAY_20):
            receive(1, "warm")
            few, many = receive(3, "few"), receive(30, "many")
        self.assertLessEqual(many, few + 5)

    # -- Lines busy ---------------------------------------------------------------

    def _queue(self, count):
        """Customers who wait already, since 8:30."""
        for number in range(count):
            self._write_in(MONDAY_10 - 1.5 * HOUR, f"queue{number}", who=f"queue{number}")

    def test_busy_when_one_agent_has_thirteen_times_ten_minutes_and_promised_two_hours(self):
        self.team.write({"social_ack_closed": False, "social_ack_busy": True})
        self._queue(11)
        self.assertFalse(self._said(MONDAY_10, "1"))  # twelve: done at 12:00, as promised
        self.assertEqual(
            self._said(MONDAY_10, "2", who="bo"),
            [
                (
                    "Thank you for your message. Many people are writing to us right now. "
                    "We will answer today by 12:10."
                )
            ],
        )

    def test_with_two_agents_on_shift_the_same_queue_is_not_busy(self):
        self.team.write({"social_ack_closed": False, "social_ack_busy": True})
        bea = new_test_user(self.env, login="bea", groups="social_care.social_care_group_agent")
        self.team.user_ids |= bea
        self._queue(12)
        self.assertFalse(self._said(MONDAY_10))

    def test_who_is_on_leave_does_not_count(self):
        self.team.write({"social_ack_closed": False, "social_ack_busy": True})
        bea = new_test_user(self.env, login="bea", groups="social_care.social_care_group_agent")
        self.team.user_ids |= bea
        resource = self.env["resource.resource"].create(
            {"name": "Bea", "user_id": bea.id, "calendar_id": self.calendar.id}
        )
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Away",
                "resource_id": resource.id,
                "calendar_id": self.calendar.id,
                "date_from": MONDAY_10 - 10 * HOUR,
                "date_to": MONDAY_10 + 10 * HOUR,
            }
        )
        self._queue(12)
        self.assertIn("today by 12:10", self._said(MONDAY_10)[0])

    def test_without_a_promise_there_is_no_busy(self):
        self.team.write({"social_ack_closed": False, "social_ack_busy": True})
        self.policy.active = False
        self._queue(15)
        self.assertFalse(self._said(MONDAY_10))

    def test_busy_says_nothing_in_closed_hours(self):
        self.team.write({"social_ack_closed": False, "social_ack_busy": True})
        self._queue(13)
        self.assertFalse(self._said(MONDAY_20))

    def test_a_queue_that_lasts_beyond_the_evening_promises_tomorrow(self):
        self.team.write({"social_ack_busy": True, "social_ack_minutes": 300})
        self._queue(1)
        # Twice five hours from 10:00: seven today, three tomorrow.
        self.assertIn("tomorrow, Tuesday 18 August, by 12:00", self._said(MONDAY_10)[0])

    def test_an_agent_cannot_switch_it_on(self):
        with self.assertRaises(AccessError):
            self.team.with_user(self.agent).social_ack_busy = True

    # -- Preview --------------------------------------------------------------------

    def test_the_preview_shows_now_tonight_and_the_next_holiday_in_both_languages(self):
        self._holiday(datetime(2026, 8, 24), datetime(2026, 8, 24))
        with freeze_time(MONDAY_10):
            preview = str(self.team.social_ack_preview)
        self.assertIn("Open: nothing is said.", preview)
        self.assertIn("Monday 17 August, 22:00", preview)
        self.assertIn("will answer tomorrow, Tuesday 18 August, from 9:00.", preview)
        self.assertIn("Monday 24 August, 12:00", preview)
        self.assertIn("Responderemos mañana, martes 25 de agosto, a partir de las 9:00.", preview)

    def test_the_preview_shows_what_is_being_typed_and_escapes_it(self):
        with freeze_time(MONDAY_20):
            draft = self.team.new(origin=self.team)
            draft.social_ack_closed_text = "<b>Back</b> {when}"
            self.assertIn("&lt;b&gt;Back&lt;/b&gt; tomorrow", str(draft.social_ack_preview))

    def test_what_is_typed_in_a_third_language_leaves_english_alone(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.team.with_context(lang="en_US").social_ack_closed_text = "Back {when}."
        with freeze_time(MONDAY_20):
            french = self.team.with_context(lang="fr_FR")
            self.assertEqual(french._social_care_own_texts()["closed"]["en"], "Back {when}.")

    def test_an_agent_sees_the_preview_also_of_busy_lines(self):
        self.team.social_ack_busy = True
        self._queue(13)
        with freeze_time(MONDAY_10):
            preview = str(self.team.with_user(self.agent).social_ack_preview)
        self.assertIn("today by 12:10", preview)

    def test_the_preview_of_a_team_without_working_time_says_so(self):
        self.team.resource_calendar_id.attendance_ids = [Command.clear()]
        self.assertIn("Never open", str(self.team.social_ack_preview))

    def test_a_team_without_working_time_says_nothing(self):
        self.team.resource_calendar_id.attendance_ids = [Command.clear()]
        self.assertFalse(self._said(MONDAY_20))
