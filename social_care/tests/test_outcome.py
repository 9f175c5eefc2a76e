from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from odoo.addons.base.models import ir_cron
from odoo.addons.social_care.models import helpdesk_ticket_outcome

from .clock_common import at
from .outcome_common import ANSWERED, LONG_AFTER, NEXT_DAY, SEVEN_DAYS, OutcomeCommon

QUERIES = 12  # whatever the number of tickets


class TestOutcomeFound(OutcomeCommon):
    """What the customer did after our answer, and which of it counts."""

    def test_silent_after_seven_days_and_not_before(self):
        self.assertFalse(self._derive("2026-08-24 10:29"))
        self.assertEqual(self._derive(SEVEN_DAYS), "silent")
        self.assertIn("Nothing came in 7 days after our answer of", self._why())
        self.assertIn("10:30", self._why())

    def test_the_days_of_silence_are_the_companys(self):
        self.env.company.social_silence_days = 2
        self.assertFalse(self._derive("2026-08-19 10:29"))
        self.assertEqual(self._derive("2026-08-19 10:30"), "silent")

    def test_thanks_are_satisfaction(self):
        for number, words in enumerate(("Muchas gracias", "Thank you so much!", "👍", "perfecto")):
            with self.subTest(words=words):
                ana = self._say("2026-08-17 10:00", f"q{number}", who=f"w{number}")
                self._reply_at(ANSWERED, ana)
                thanks = self._say("2026-08-17 11:00", f"t{number}", who=f"w{number}", body=words)
                self.assertEqual(thanks.ticket_id, ana.ticket_id)
                self.assertEqual(self._derive(NEXT_DAY, ana.ticket_id), "satisfied")
                self.assertEqual(ana.ticket_id.social_outcome_evidence["mention_id"], thanks.id)

    def test_after_a_mere_ok_the_days_of_silence_run_from_it(self):
        self._say("2026-08-18 12:00", "2", body="vale")
        self.assertFalse(self._derive("2026-08-25 11:59"))
        self.assertTrue(self.ticket.social_outcome_pending)
        self.assertEqual(self._derive("2026-08-25 12:00"), "silent")
        self.assertIn("Nothing more came in 7 days after their word of", self._why())

    def test_an_angry_face_tells_nothing(self):
        for number, words in enumerate(("😡", "👎", "thanks 🙄")):
            with self.subTest(words=words):
                ana = self._say("2026-08-17 10:00", f"q{number}", who=f"w{number}")
                self._reply_at(ANSWERED, ana)
                self._say("2026-08-17 11:00", f"t{number}", who=f"w{number}", body=words)
                self.assertFalse(self._derive(LONG_AFTER, ana.ticket_id))

    def test_praise_is_satisfaction_though_it_waits_for_an_answer(self):
        self._say("2026-08-17 11:00", "2", body="You found it within an hour", intent="praise")
        self.assertEqual(self._derive(NEXT_DAY), "satisfied")

    def test_thanks_before_the_answer_are_not_for_it(self):
        self._say("2026-08-17 10:10", "2", body="Gracias")
        self.assertEqual(self._derive(SEVEN_DAYS), "silent")

    def test_a_further_question_is_coming_back(self):
        again = self._say("2026-08-17 11:00", "2", body="And where is it now?")
        self.assertEqual(self._derive(NEXT_DAY), "came_back")
        self.assertIn("They asked again on", self._why())
        self.assertEqual(self.ticket.with_user(self.agent).social_outcome_mention_id, again)

    def test_who_asks_again_is_not_satisfied_whatever_they_thank_for(self):
        self._say("2026-08-17 11:00", "2", body="Gracias")
        self._say("2026-08-17 11:05", "3", body="And where is it now?")
        self.assertEqual(self._derive(NEXT_DAY), "came_back")

    def test_the_next_answer_begins_anew(self):
        again = self._say("2026-08-17 11:00", "2", body="And where is it now?")
        self._derive(NEXT_DAY)
        self._reply_at("2026-08-18 13:00", again)
        self.assertFalse(self._derive("2026-08-18 14:00"), "an exchange is no return")
        self._say("2026-08-18 15:00", "3", body="Gracias")
        self.assertEqual(self._derive("2026-08-19 12:00"), "satisfied")

    def test_a_reopened_ticket_came_back_unless_they_were_satisfied_in_the_end(self):
        self._move("2026-08-17 10:40", self.ticket, self.stage_done)
        again = self._say("2026-08-18 09:30", "2", body="It is broken!")
        self._reply_at("2026-08-18 10:00", again)
        self.assertEqual(self._derive("2026-08-18 12:00"), "came_back")
        self.assertIn("They had it reopened on", self._why())
        self.assertEqual(self._derive(LONG_AFTER), "came_back", "before silence")
        self._say("2026-08-18 13:00", "3", body="Gracias")
        self.assertEqual(self._derive("2026-08-18 14:00"), "satisfied")

    def test_a_new_ticket_that_names_this_one_is_coming_back(self):
        self._move("2026-08-17 10:40", self.ticket, self.stage_done)
        self.team.social_reopen_days = 0
        later = self._say("2026-08-20 09:30", "2", body="It is broken!").ticket_id
        later.social_previous_id = self.ticket
        self.assertNotEqual(later, self.ticket)
        self.assertEqual(self._derive("2026-08-20 12:00"), "came_back")
        self.assertIn("They opened a new ticket on", self._why())
        self.assertEqual(self.ticket.with_user(self.agent).social_outcome_ticket_id, later)

    def test_a_linked_ticket_of_somebody_else_is_not_this_customers(self):
        later = self._say("2026-08-20 09:30", "2", who="bo").ticket_id
        later.social_previous_id = self.ticket
        self.assertEqual(self._derive(SEVEN_DAYS), "silent")

    def test_by_telephone_within_seven_days_is_going_elsewhere(self):
        self.ticket.partner_id = self.contact
        call = self._elsewhere("2026-08-24 10:29")
        self.assertEqual(self._derive("2026-08-24 10:30"), "went_elsewhere")
        self.assertIn("Telephone", self._why())
        self.assertEqual(self.ticket.with_user(self.agent).social_outcome_ticket_id, call)

    def test_before_the_answer_and_after_seven_days_it_is_another_matter(self):
        self.ticket.partner_id = self.contact
        self._elsewhere("2026-08-17 10:29")
        self._elsewhere("2026-08-24 10:31")
        self.assertEqual(self._derive(LONG_AFTER), "silent")

    def test_who_else_calls_is_not_this_customer(self):
        self.ticket.partner_id = self.contact
        self._elsewhere("2026-08-18 10:00", self.env["res.partner"].create({"name": "Bo"}))
        other_company = self.env["res.company"].create({"name": "Boreal"})
        self._elsewhere("2026-08-18 10:00", company_id=other_company.id, team_id=False)
        self.assertEqual(self._derive(SEVEN_DAYS), "silent")

    def test_the_contact_of_their_other_profile_counts(self):
        other = self._say("2026-08-16 10:00", "2", who="ana_ruiz").author_id
        (other | self.asked.author_id).person_key = "one person"
        other.partner_id = self.contact
        self._elsewhere("2026-08-18 10:00")
        self.assertEqual(self._derive(NEXT_DAY), "went_elsewhere")

    def test_going_elsewhere_comes_before_thanks_and_further_questions(self):
        self.ticket.partner_id = self.contact
        self._say("2026-08-17 11:00", "2", body="Gracias")
        self._say("2026-08-17 11:05", "3", body="And where is it now?")
        self._elsewhere("2026-08-18 10:00")
        self.assertEqual(self._derive(NEXT_DAY), "went_elsewhere")

    def test_deleted_when_nothing_is_left_and_before_all_else(self):
        self.ticket.partner_id = self.contact
        second = self._say("2026-08-17 11:00", "2", body="And where is it now?")
        self._elsewhere("2026-08-18 10:00")
        moment = at("2026-08-17 12:00")
        self.account._ingest([self._mention("1", deleted_at=moment)])
        self.assertEqual(self._derive(NEXT_DAY), "went_elsewhere", "one message is left")
        self.account._ingest([self._mention(second.external_id, deleted_at=moment)])
        self.assertEqual(self._derive(NEXT_DAY), "deleted")
        self.assertIn("They deleted all they wrote", self._why())

    def test_without_an_answer_there_is_no_outcome(self):
        unanswered = self._say("2026-08-17 10:00", "2", who="bo").ticket_id
        self.assertFalse(self._derive(LONG_AFTER, unanswered))
        self.assertFalse(unanswered.social_outcome_pending)

    def test_who_still_waits_is_not_silent(self):
        self.ticket.social_waiting_since = at("2026-08-17 10:20")
        self.assertFalse(self._derive(LONG_AFTER))


class TestOutcomeQueue(OutcomeCommon):
    """Tickets are looked at from their answer on, until nothing more can come."""

    def test_an_answer_starts_it_and_the_window_ends_it(self):
        self.assertTrue(self.ticket.social_outcome_pending)
        self._run("2026-08-23 10:30")
        self.assertEqual(
            (self.ticket.social_outcome, self.ticket.social_outcome_pending), (False, True)
        )
        self._run(SEVEN_DAYS)
        self.assertEqual(
            (self.ticket.social_outcome, self.ticket.social_outcome_pending), ("silent", False)
        )

    def test_within_the_window_it_follows_the_evidence(self):
        self.ticket.partner_id = self.contact
        self._say("2026-08-17 11:00", "2", body="Gracias")
        self._run(NEXT_DAY)
        self.assertEqual(self.ticket.social_outcome, "satisfied")
        self._elsewhere("2026-08-19 10:00")
        self._run("2026-08-19 12:00")
        self.assertEqual(self.ticket.social_outcome, "went_elsewhere")

    def test_silence_may_turn_out_to_be_a_call_as_long_as_the_window_is_open(self):
        self.env.company.social_silence_days = 2
        self.ticket.partner_id = self.contact
        self._run("2026-08-20 12:00")
        self.assertEqual(
            (self.ticket.social_outcome, self.ticket.social_outcome_pending), ("silent", True)
        )
        self._elsewhere("2026-08-22 10:00")
        self._run("2026-08-22 12:00")
        self.assertEqual(self.ticket.social_outcome, "went_elsewhere")

    def test_a_customer_who_returns_after_it_opens_it_again(self):
        self._run(SEVEN_DAYS)
        self._say("2026-08-25 10:00", "2", parent_external_id="1", body="And where is it now?")
        self._run("2026-08-25 12:00")
        self.assertEqual(self.ticket.social_outcome, "came_back")

    def test_one_that_was_just_looked_at_is_looked_at_again_when_they_return(self):
        self._run(SEVEN_DAYS)
        self._say("2026-08-24 11:00", "2", parent_external_id="1", body="And where is it now?")
        self._run("2026-08-24 11:05")
        self.assertEqual(self.ticket.social_outcome, "came_back")

    def test_nothing_is_told_in_the_chatter_and_nothing_is_written_twice(self):
        messages = self.ticket.message_ids
        tickets, written = self.env.registry["helpdesk.ticket"], []
        write = tickets.write

        def count(ticket, values):
            written.append(values)
            return write(ticket, values)

        self.patch(tickets, "write", count)
        self._run(SEVEN_DAYS)
        self.cr.flush()
        self.assertEqual(self.ticket.message_ids, messages)
        self.assertEqual(len(written), 1)
        self._derive(SEVEN_DAYS)
        self.assertEqual(len(written), 1)

    def test_one_that_fails_does_not_hold_up_the_others(self):
        other = self._say("2026-08-17 10:00", "2", who="bo")
        self._reply_at(ANSWERED, other)
        original = self.env.registry["helpdesk.ticket"]._social_care_answer_times
        broken = self.ticket

        def fail(tickets, besides=None):
            if tickets == broken:
                raise ValueError("broken")
            return original(tickets, besides)

        self.patch(self.env.registry["helpdesk.ticket"], "_social_care_answer_times", fail)
        with self.assertLogs("odoo.addons.social_care", "ERROR"):
            self._run(SEVEN_DAYS)
        self.assertFalse(broken.social_outcome)
        self.assertEqual(other.ticket_id.social_outcome, "silent")

    def test_where_time_is_up_it_goes_on_with_those_not_seen_yet(self):
        other = self._say("2026-08-17 10:00", "m2", who="bo")
        self._reply_at(ANSWERED, other)
        tickets = self.ticket | other.ticket_id
        with (
            patch.object(helpdesk_ticket_outcome, "BATCH", 1),
            patch.multiple(ir_cron, MIN_TIME_PER_JOB=0, MIN_RUNS_PER_JOB=1),
        ):
            self._run(NEXT_DAY)
            self.assertEqual(len(tickets.filtered("social_outcome_seen_at")), 1)
            self._run(NEXT_DAY)
            self.assertEqual(len(tickets.filtered("social_outcome_seen_at")), 2)
        self.assertTrue(all(tickets.mapped("social_outcome_pending")))
        self._run(SEVEN_DAYS)
        self.assertEqual(set(tickets.mapped("social_outcome")), {"silent"})

    def test_many_tickets_cost_as_many_questions_as_two(self):
        tickets = self.ticket
        for number in range(19):
            mention = self._say("2026-08-17 10:00", f"m{number}", who=f"w{number}")
            mention.ticket_id.partner_id = self.contact.copy()
            self._reply_at(ANSWERED, mention)
            tickets |= mention.ticket_id
        self._elsewhere("2026-08-18 10:00", tickets[-1].partner_id)
        for some in (tickets[:2], tickets[2:]):
            self.env.flush_all()
            self.env.invalidate_all()
            with freeze_time(at(SEVEN_DAYS)), self.assertQueryCount(QUERIES):
                some._social_care_derive_outcomes()
        self.assertEqual(tickets[-1].social_outcome, "went_elsewhere")

    def test_a_ticket_without_a_social_account_is_left_alone(self):
        call = self._elsewhere("2026-08-18 10:00")
        call.with_user(self.agent).stage_id = self.stage_done
        self.assertFalse(call.social_outcome_pending)
        self._run(LONG_AFTER)
        self.assertFalse(call.social_outcome)
        self.assertFalse(call.social_outcome_evidence)

    def test_an_archived_ticket_has_an_outcome_too(self):
        self.ticket.active = False
        self._run(SEVEN_DAYS)
        self.assertEqual(self.ticket.social_outcome, "silent")


class TestOutcomeCorrected(OutcomeCommon):
    """A person knows better; merging and erasing."""

    def _set(self, value, user=None, ticket=None):
        with freeze_time(at(NEXT_DAY)):
            (ticket or self.ticket).with_user(user or self.agent).write({"social_outcome": value})
            self.env.flush_all()

    def test_a_correction_is_never_overwritten(self):
        self._set("satisfied")
        self._say("2026-08-18 13:00", "2", body="And where is it now?")
        self._run("2026-08-18 14:00")
        self._run(LONG_AFTER)
        self.assertEqual(self.ticket.social_outcome, "satisfied")
        self.assertFalse(self.ticket.social_outcome_pending)
        self.assertEqual(self._derive(LONG_AFTER), "satisfied")  # nor where it is asked for

    def test_who_corrected_it_and_when_is_kept(self):
        self._derive(SEVEN_DAYS)
        self.cr.flush()  # as in a transaction of its own: what follows is tracked
        self._set("satisfied")
        self.cr.flush()
        self.assertEqual(self.ticket.social_outcome_user_id, self.agent)
        self.assertIn("Marta Cano chose it on", self._why())
        tracked = self.ticket.message_ids.sudo().tracking_value_ids.filtered(
            lambda value: value.field_id.name == "social_outcome"
        )
        self.assertEqual((tracked.old_value_char, tracked.new_value_char), ("Silent", "Satisfied"))
        self.assertEqual(tracked.mail_message_id.author_id, self.agent.partner_id)

    def test_taking_the_choice_back_has_it_found_again(self):
        self._set("satisfied")
        self._set(False)
        self.assertFalse(self.ticket.social_outcome_user_id)
        self.assertTrue(self.ticket.social_outcome_pending)
        self._run(SEVEN_DAYS)
        self.assertEqual(self.ticket.social_outcome, "silent")

    def test_an_agent_of_another_team_corrects_nothing(self):
        with self.assertRaises(AccessError):
            self._set("satisfied", self._stranger())

    def test_correcting_takes_the_agents_role(self):
        helpdesk = new_test_user(
            self.env, login="helpdesk", groups="helpdesk_mgmt.group_helpdesk_user"
        )
        with self.assertRaises(AccessError):
            self._set("satisfied", helpdesk)

    def test_only_answered_conversations_are_given_an_outcome(self):
        unanswered = self._say("2026-08-17 10:00", "2", who="bo").ticket_id
        call = self._elsewhere("2026-08-18 10:00")
        for ticket in unanswered | call:
            with self.assertRaises(UserError):
                self._set("satisfied", ticket=ticket)
        with self.assertRaises(UserError):
            self.env["helpdesk.ticket"].with_user(self.agent).create(
                {
                    "name": "x",
                    "description": "x",
                    "team_id": self.team.id,
                    "social_outcome": "satisfied",
                }
            )

    def test_the_evidence_is_not_typed(self):
        for name, value in (
            ("social_outcome_evidence", {}),
            ("social_outcome_user_id", self.agent.id),
            ("social_outcome_pending", False),
        ):
            with self.assertRaises(AccessError):
                self.ticket.with_user(self.agent).write({name: value})

    def test_a_ticket_of_another_team_is_told_of_but_not_shown(self):
        self.ticket.partner_id = self.contact
        call = self._elsewhere("2026-08-18 10:00")
        call.team_id = self._stranger().helpdesk_team_ids
        self._derive(NEXT_DAY)
        self.env.invalidate_all()
        self.assertIn("Telephone", self._why())
        self.assertFalse(self.ticket.with_user(self.agent).social_outcome_ticket_id)

    def test_evidence_that_is_gone_breaks_nothing(self):
        self.ticket.partner_id = self.contact
        call = self._elsewhere("2026-08-18 10:00")
        self._derive(NEXT_DAY)
        call.unlink()
        self.env.invalidate_all()
        self.assertIn("another channel", self._why())
        self.assertFalse(self.ticket.with_user(self.agent).social_outcome_ticket_id)

    def test_the_ticket_that_is_left_of_a_merge_is_looked_at_again(self):
        other = self._say("2026-08-17 10:00", "2", who="bo").ticket_id
        self._derive(SEVEN_DAYS)
        self.ticket._social_care_merge_into(other)
        self.assertFalse(self.ticket.social_outcome)
        self.assertFalse(self.ticket.social_outcome_evidence)
        self.assertFalse(self.ticket.social_outcome_pending)
        self.assertTrue(other.social_outcome_pending)

    def test_a_correction_goes_along_when_tickets_are_merged(self):
        other = self._say("2026-08-17 10:00", "2", who="bo").ticket_id
        self._set("satisfied")
        self.ticket._social_care_merge_into(other)
        self._run(LONG_AFTER)
        self.assertEqual(other.social_outcome, "satisfied")
        self.assertEqual(other.social_outcome_user_id, self.agent)
        self.assertFalse(self.ticket.social_outcome)

    def test_erasing_a_person_keeps_the_outcome_without_what_led_to_it(self):
        self.ticket.partner_id = self.contact
        self._elsewhere("2026-08-18 10:00")
        self._derive(NEXT_DAY)
        self.asked.author_id._social_care_erase()
        self.env.invalidate_all()
        self.assertEqual(self.ticket.social_outcome, "went_elsewhere")
        self.assertFalse(self.ticket.social_outcome_evidence)
        self.assertFalse(self._why())
        self._run("2026-08-20 12:00")
        self.assertEqual(self.ticket.social_outcome, "went_elsewhere", "nobody is looked for")

    def test_the_sentence_is_in_the_readers_language(self):
        self.env["res.lang"]._activate_lang("es_ES")
        self._derive(SEVEN_DAYS)
        agent = self.ticket.with_user(self.agent).with_context(lang="es_ES")
        evidence = self.ticket.social_outcome_evidence
        self.assertEqual(set(evidence), {"code", "at", "days"}, "a code is kept, no sentence")
        self.assertTrue(agent.social_outcome_text)
