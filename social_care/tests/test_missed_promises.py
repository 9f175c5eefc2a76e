from freezegun import freeze_time

from .clock_common import WaitingCommon, at, words


class TestMissedPromises(WaitingCommon):
    """What was late without an answer stays missed, however the wait ends; what was not is called off.

    The customer writes on Monday at 10:00. The answer is due at 12:00.
    """

    def setUp(self):
        super().setUp()
        self.spam = self.env.ref("social_care.reason_spam")
        self.other = self.env.ref("social_care.reason_other")

    def _close(self, local, reason):
        with freeze_time(at(local)):
            self.env["social.care.close"].with_user(self.agent).create(
                {"ticket_ids": self.ticket.ids, "reason_id": reason.id}
            ).action_apply()
            self.env.flush_all()

    def _counts(self):
        """What the analysis counts: (kept, missed)."""
        self.env.flush_all()
        report = self.env["social.care.report"]
        return report._read_group([], [], ["kept_count:sum", "missed_count:sum"])[0]

    # -- Closed ------------------------------------------------------------------

    def test_late_it_counts_as_missed_everywhere(self):
        self._close("2026-08-17 13:00", self.other)
        self.assertEqual((self.row.state, self.row.social_reached_at), ("expired", False))
        self.assertEqual(words(self.row.social_breached_at), "Monday 12:00")
        self.assertEqual((self.row.social_elapsed_hours, self.row.social_wait_hours), (3, 3))
        self.assertEqual(self._counts(), (0, 1))
        report = self.env["helpdesk.sla.report"].search([("ticket_id", "=", self.ticket.id)])
        self.assertEqual(report.state, "expired")
        self.assertTrue(self.ticket.sla_expired)
        self.assertFalse(self.ticket.social_deadline, "nothing is to be done by then")

    def test_in_time_it_is_called_off(self):
        self._close("2026-08-17 11:59", self.other)
        self.assertEqual((self.row.state, self._counts()), ("cancelled", (0, 0)))

    def test_the_time_that_counts_is_working_time(self):
        """Said on Friday at 17:00, due on Monday at 10:00, closed on Sunday."""
        self.row = self._say("2026-08-21 17:00", "2", who="bo").ticket_id.ticket_sla_ids
        self.ticket = self.row.ticket_id
        self._close("2026-08-23 12:00", self.other)
        self.assertEqual(self.row.state, "cancelled")

    def test_what_was_paused_in_time_is_called_off(self):
        self.policy.ignore_stage_ids = self.stage_waiting
        self._move("2026-08-17 11:00", self.ticket, self.stage_waiting)
        self._close("2026-08-17 15:00", self.other)
        self.assertEqual(self.row.state, "cancelled")

    def test_spam_was_promised_nothing_however_late(self):
        self._close("2026-08-17 13:00", self.spam)
        self.assertEqual((self.row.state, self._counts()), ("cancelled", (0, 0)))

    def test_the_reasons_that_come_with_the_addon(self):
        excusing = self.env["social.care.reason"].search([("nobody_waited", "=", True)])
        self.assertEqual(
            set(excusing.mapped("code")), {"spam", "not_for_us", "tagging", "praise", "giveaway"}
        )

    def test_the_reason_that_is_given_afterwards_decides(self):
        self._move("2026-08-17 13:00", self.ticket, self.stage_done)
        self.assertEqual(self.row.state, "expired")
        self._close("2026-08-17 13:01", self.spam)
        self.assertEqual(self.row.state, "cancelled")
        self._close("2026-08-17 13:02", self.other)
        self.assertEqual(self.row.state, "expired")

    def test_a_reason_given_afterwards_makes_nothing_missed_that_was_in_time(self):
        self._close("2026-08-17 11:00", self.spam)
        self._close("2026-08-17 13:00", self.other)
        self.assertEqual(self.row.state, "cancelled")

    # -- Opened again --------------------------------------------------------------

    def test_dragged_back_it_is_late_as_before_and_to_do_again(self):
        self.ticket.user_id = self.agent
        self._move("2026-08-17 13:00", self.ticket, self.stage_done)
        self._move("2026-08-17 13:05", self.ticket, self.stage_progress)
        self.assertEqual(
            (self.row.state, words(self.row.deadline)), ("in_progress", "Monday 12:00")
        )
        self.assertEqual(self._counts(), (0, 1))
        late = self.team.activity_search(
            ["social_care.mail_activity_type_late"], user_id=self.agent.id
        )
        self.assertEqual(len(late), 1)

    def test_answered_after_it_was_opened_again_it_is_missed_once(self):
        self._move("2026-08-17 13:00", self.ticket, self.stage_done)
        self._move("2026-08-17 13:05", self.ticket, self.stage_progress)
        self._reply_at("2026-08-17 13:30", self.mention)
        self.assertEqual(
            (self.row.state, words(self.row.social_reached_at)), ("expired", "Monday 13:30")
        )
        self.assertEqual(self._counts(), (0, 1))

    def test_a_customer_who_writes_again_gets_a_promise_beside_the_missed_one(self):
        self._close("2026-08-17 13:00", self.other)
        self._say("2026-08-17 14:00", "2", body="Nobody answered!", parent_external_id="1")
        self.assertEqual(self.ticket.ticket_sla_ids.mapped("state"), ["expired", "in_progress"])
        self.assertEqual(words(self.ticket.social_deadline), "Monday 16:00")

    def test_an_answer_in_time_that_comes_to_light_afterwards_kept_it(self):
        self._move("2026-08-17 13:00", self.ticket, self.stage_done)
        self._reply_at("2026-08-17 11:00", self.mention, origin="network")
        self.assertEqual((self.row.state, self.row.social_breached_at), ("accomplished", False))
        self.assertEqual(self._counts(), (1, 0))

    # -- Ended otherwise --------------------------------------------------------------

    def test_handed_to_a_team_without_promises(self):
        with freeze_time(at("2026-08-17 13:00")):
            self.ticket.team_id = self.team.copy({"name": "Without", "use_sla": False})
        self.assertEqual(self.row.state, "expired")
        self.assertIn("No promise applies any longer", self._chatter(self.ticket))

    def test_a_question_deleted_too_late(self):
        with freeze_time(at("2026-08-17 13:00")):
            self.account._ingest(
                [
                    self._mention(
                        "1", deleted_at=at("2026-08-17 13:00"), posted_at=at("2026-08-17 10:00")
                    )
                ]
            )
        self.assertFalse(self.ticket.social_waiting_since)
        self.assertEqual(self.row.state, "expired")

    def test_a_question_deleted_in_time_though_we_learn_of_it_too_late(self):
        """Deleted at 11:00, read at 13:00, when it counted as late already."""
        with freeze_time(at("2026-08-17 12:01")):
            self.env["helpdesk.ticket.sla"]._social_care_watch()
        with freeze_time(at("2026-08-17 13:00")):
            self.account._ingest(
                [
                    self._mention(
                        "1", deleted_at=at("2026-08-17 11:00"), posted_at=at("2026-08-17 10:00")
                    )
                ]
            )
        self.assertEqual((self.row.state, self.row.social_breached_at), ("cancelled", False))

    def _delete_the_first_of_two(self, local):
        self._say("2026-08-17 10:30", "2", body="And the other?", parent_external_id="1")
        with freeze_time(at(local)):
            self.account._ingest(
                [self._mention("1", deleted_at=at(local), posted_at=at("2026-08-17 10:00"))]
            )
        self.assertEqual(words(self.ticket.social_waiting_since), "Monday 10:30")
        return self.ticket.ticket_sla_ids.sorted("social_started_at")

    def test_of_a_run_that_goes_on_one_wait_is_missed_once(self):
        first, second = self._delete_the_first_of_two("2026-08-17 13:00")
        self.assertEqual((first.state, second.state), ("cancelled", "in_progress"))
        self.assertEqual(words(second.deadline), "Monday 12:30")

    def test_of_a_run_that_goes_on_in_time_the_late_one_stays_missed(self):
        first, second = self._delete_the_first_of_two("2026-08-17 12:15")
        self.assertEqual((first.state, second.state), ("expired", "in_progress"))

    def test_of_two_tickets_brought_together_one_wait_is_missed_once(self):
        second = self._say("2026-08-17 10:30", "2", who="bo").ticket_id
        clock = second.ticket_sla_ids
        with freeze_time(at("2026-08-17 13:00")):
            second._social_care_merge_into(self.ticket)
        self.assertEqual((self.row.state, clock.state), ("in_progress", "cancelled"))

    def test_of_two_tickets_brought_together_the_late_one_stays_missed(self):
        """The first one has until 16:00, the second was due at 11:30."""
        self.env["helpdesk.sla"].create(
            {
                "name": "Complaint",
                "social_target": "first_response",
                "hours": 1,
                "social_intent": "complaint",
            }
        )
        self.policy.hours = 6
        second = self._say("2026-08-17 10:30", "2", who="bo", intent="complaint").ticket_id
        with freeze_time(at("2026-08-17 10:40")):
            second.social_intent = "complaint"
            self._run_cron("ir_cron_replan")
        clock = second.ticket_sla_ids
        self.assertEqual(
            (words(self.row.deadline), words(clock.deadline)), ("Monday 16:00", "Monday 11:30")
        )
        with freeze_time(at("2026-08-17 13:00")):
            second._social_care_merge_into(self.ticket)
        self.assertEqual((self.row.state, clock.state), ("in_progress", "expired"))

    # -- Erased on request ---------------------------------------------------------------

    def test_nobody_waits_any_longer(self):
        with freeze_time(at("2026-08-17 11:00")):
            self.mention.author_id._social_care_erase()
        self.assertEqual((self.row.state, self.ticket.social_waiting_since), ("cancelled", False))

    def test_late_it_stays_missed(self):
        with freeze_time(at("2026-08-17 13:00")):
            self.mention.author_id._social_care_erase()
        self.assertEqual(self.row.state, "expired")

    def test_somebody_else_on_the_ticket_still_waits(self):
        second = self._say("2026-08-17 10:30", "2", who="bo").ticket_id
        with freeze_time(at("2026-08-17 11:00")):
            self.ticket._social_care_merge_into(second)
            self.mention.author_id._social_care_erase()
        self.assertEqual(words(second.social_waiting_since), "Monday 10:30")
        self.assertEqual(words(second.social_deadline), "Monday 12:30")
