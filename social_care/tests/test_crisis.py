from datetime import timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from ..models.social_care_storm import WEEKS, get_periods
from .clock_common import at
from .crisis_common import NOON, REVIEWER, CrisisCommon


@tagged("-at_install", "post_install")
class TestCrisis(CrisisCommon):
    # -- Found --------------------------------------------------------------------

    def test_five_who_complain_within_15_minutes_open_a_crisis(self):
        crisis, mentions = self._open()
        self.assertEqual(crisis.trigger, "complaints")
        self.assertEqual(crisis.mention_ids, mentions)
        self.assertIn("5 people complained within 15 minutes", crisis.trigger_text)

    def test_four_are_no_crisis(self):
        self._crowd(4)
        self.assertFalse(self._look())

    def test_praise_is_no_crisis(self):
        self._crowd(20, intent="praise")
        self.assertFalse(self._look())

    def test_what_came_late_is_no_crisis(self):
        with freeze_time(at("2026-08-22 12:00")):
            self._receive(
                *(
                    self._mention(f"c{n}", who=f"p{n}", posted_at=at(NOON), intent="complaint")
                    for n in range(9)
                )
            )
        self.assertFalse(self._look("2026-08-22 12:01"))

    def test_history_is_no_crisis(self):
        self._crowd(9, history=True)
        self.assertFalse(self._look())

    def test_a_practice_account_raises_none(self):
        self.env.cr.execute(
            "UPDATE social_care_account SET practice = TRUE WHERE id = %s", [self.account.id]
        )
        self.account.invalidate_recordset()
        self._crowd()
        self.assertFalse(self._look())

    def test_an_account_that_nothing_came_to_is_not_looked_at(self):
        self._crowd()
        self.assertFalse(self._look("2026-08-20 17:25"))

    def test_what_closed_a_crisis_opens_no_second_one(self):
        crisis, _mentions = self._open()
        with freeze_time(at(NOON)):
            crisis._close("It was the app.")
        self.assertFalse(self._look("2026-08-20 17:17"))

    def test_ordinary_minutes_cost_one_look_at_the_messages(self):
        self._crowd(4)
        self.env.flush_all()
        self.account.since  # noqa: B018  in the cache, as in the cron
        with self.assertQueryCount(2):  # the last crisis, the messages of the last hour
            self.assertFalse(self.account._find_storm(at(NOON))[0])

    def test_the_look_at_eight_weeks_uses_the_index(self):
        self._receive(self._mention("0", posted_at=at(NOON)))
        self.env.flush_all()
        # One every four minutes, for eight weeks.
        self.env.cr.execute(
            """INSERT INTO social_care_mention (account_id, company_id, network, external_id, kind,
                                                visibility, state, posted_at, received_at)
               SELECT account_id, company_id, network, external_id || '-' || n, kind, visibility,
                      'new', posted_at - n * interval '4 minutes', received_at
                 FROM social_care_mention, generate_series(1, 20000) n
                WHERE account_id = %s AND external_id = '0';
               ANALYZE social_care_mention""",
            [self.account.id],
        )
        spans = [
            (moment - timedelta(minutes=90), moment + timedelta(minutes=90))
            for moment in get_periods(at(NOON), self.account.since)
        ]
        self.assertEqual(len(spans), WEEKS)
        query = self.account._get_arrivals_query(spans)
        self.env.cr.execute("EXPLAIN " + query.code, query.params)
        plan = "\n".join(row[0] for row in self.env.cr.fetchall())
        self.assertIn("social_care_mention_arrivals", plan)
        self.assertRegex(plan, r"Index Cond: .*account_id.*posted_at")

    # -- What it does --------------------------------------------------------------

    def test_the_accounts_responsible_leads_and_gets_the_protocol(self):
        crisis, _mentions = self._open()
        self.assertEqual(crisis.owner_id, self.reviewer)
        self.assertEqual(
            crisis.activity_ids.sorted("id").mapped("summary"),
            [
                "Find out what happened, and tell the colleagues",
                "Write what we say in three wordings, and have them approved",
                "Stop planned posts and advertising",
            ],
        )
        self.assertEqual(crisis.activity_ids.user_id, self.reviewer)

    def test_who_is_chosen_leads_before_the_teams_leader(self):
        self.account.responsible_id = False
        self.team.user_id = self.agent
        self.assertEqual(self.account._get_crisis_owner(), self.agent)
        self.account.crisis_owner_id = self.reviewer
        self.assertEqual(self.account._get_crisis_owner(), self.reviewer)

    def test_a_companys_own_protocol_comes_before_the_general_one(self):
        own = self.env["mail.activity.plan"].create(
            {
                "name": "Ours",
                "res_model": "social.care.crisis",
                "company_id": self.account.company_id.id,
                "template_ids": [Command.create({"summary": "Call the press office"})],
            }
        )
        self.assertEqual(self.account._get_crisis_plan(), own)

    def test_new_complaints_join_the_crisis_and_do_not_ring(self):
        crisis, _mentions = self._open()
        new = self._say("2026-08-20 17:20", "n1", who="nora", intent="complaint")
        self._make_ticket(new)
        self.assertEqual(new.crisis_id, crisis)
        self.assertEqual(new.ticket_id.social_crisis_id, crisis)
        self.assertFalse(new.ticket_id.social_route_at)

    def test_a_question_looks_for_somebody_as_usual(self):
        self._open()
        new = self._say("2026-08-20 17:20", "n1", who="nora", intent="question")
        self._make_ticket(new)
        self.assertFalse(new.crisis_id)
        self.assertTrue(new.ticket_id.social_route_at)

    def test_a_severe_complaint_still_looks_for_somebody(self):
        self._open()
        new = self._say("2026-08-20 17:20", "n1", who="nora", intent="complaint")
        ticket = self._make_ticket(new)
        self.assertFalse(ticket.social_route_at)
        ticket.social_severe = True
        self.assertTrue(ticket.social_route_at)

    def test_who_waits_when_it_closes_looks_for_somebody_again(self):
        crisis, _mentions = self._open()
        new = self._say("2026-08-20 17:20", "n1", who="nora", intent="complaint")
        self._make_ticket(new)
        crisis._close("It was the app.")
        self.assertTrue(new.ticket_id.social_route_at)

    def test_no_acknowledgement_goes_out_while_it_lasts(self):
        self.team.social_ack_closed = True
        new = self._say("2026-08-20 19:00", "n1", who="nora", intent="complaint")
        self._make_ticket(new, "2026-08-20 19:00")
        with freeze_time(at("2026-08-20 19:00")):
            self.assertEqual(new._filter_acknowledgeable(), new)
            crisis = self.account.with_user(self.reviewer)._open_crisis_by_hand(
                self.env["social.care.mention"]
            )
            self.assertFalse(new._filter_acknowledgeable())
            crisis.sudo()._close("A false alarm.")
            self.assertEqual(new._filter_acknowledgeable(), new)

    def test_each_answer_is_read_first(self):
        new = self._say("2026-08-20 17:00", "n1", who="nora")
        self._make_ticket(new)
        self.account.with_user(self.reviewer)._open_crisis_by_hand(new)
        reply = self._answer(new)
        self.assertEqual(reply.state, "to_approve")
        self.assertEqual(reply.approval_reasons, ["storm"])

    def test_what_was_queued_before_goes_back_to_the_reviewers(self):
        new = self._say("2026-08-20 17:00", "n1", who="nora")
        self._make_ticket(new)
        reply = self._answer(new)
        self.assertFalse(reply._get_objections())
        self.account.with_user(self.reviewer)._open_crisis_by_hand(new)
        self.assertEqual(reply._get_objections(), ["storm"])

    # -- One statement for many -------------------------------------------------------

    def test_many_are_answered_by_name_in_different_words_one_after_the_other(self):
        crisis, tickets = self._ready()
        with freeze_time(at("2026-08-20 17:30")):
            tickets.with_user(self.agent).action_social_crisis_answer()
        replies = crisis.answer_ids.sorted("id")
        self.assertEqual(set(replies.mapped("state")), {"queued"})
        self.assertEqual(replies[0].body, "@ana Ana, we know (statement 0).")
        self.assertEqual(len(set(replies[:3].mapped(lambda r: r.body.split("know")[1]))), 3)
        steps = [reply.next_try_at - replies[0].next_try_at for reply in replies]
        self.assertEqual(steps, [timedelta(seconds=6 * number) for number in range(5)])

    def test_nobody_is_answered_twice(self):
        crisis, tickets = self._ready()
        tickets.with_user(self.agent).action_social_crisis_answer()
        tickets.with_user(self.agent).action_social_crisis_answer()
        self.assertEqual(len(crisis.answer_ids), 5)

    def test_who_speaks_another_language_is_left_to_people(self):
        crisis, tickets = self._ready(lang="fr")
        notice = tickets.with_user(self.agent).action_social_crisis_answer()
        self.assertFalse(crisis.answer_ids)
        self.assertIn("Left out: 5,", notice["params"]["message"])
        self.assertFalse(any(tickets.mapped("closed")))

    def test_what_an_agent_changes_in_the_statement_is_read_first(self):
        _crisis, tickets = self._ready()
        context = tickets[0].with_user(self.agent).action_social_statement()["context"]
        mention = tickets[0].social_mention_ids
        same = self._answer(mention, context["default_body"])
        self.assertEqual(same.state, "queued")
        other = self._answer(tickets[1].social_mention_ids, context["default_body"] + " Truly.")
        self.assertEqual(other.approval_reasons, ["storm"])

    def test_a_severe_ticket_waits_for_approval_though_it_gets_the_statement(self):
        crisis, tickets = self._ready()
        tickets[0].sudo().social_severe = True
        notice = tickets.with_user(self.agent).action_social_crisis_answer()
        self.assertIn(
            "Answers on their way: 4. Waiting for approval: 1.", notice["params"]["message"]
        )
        severe = crisis.answer_ids.filtered(lambda reply: reply.ticket_id == tickets[0])
        self.assertEqual(severe.state, "to_approve")
        self.assertEqual(severe.approval_reasons, ["severe"])

    def test_stop_calls_off_what_has_not_left(self):
        crisis, tickets = self._ready()
        tickets.with_user(self.reviewer).action_social_crisis_answer()
        crisis.answer_ids[0].state = "sent"
        crisis.with_user(self.reviewer).action_stop()
        self.assertEqual(sorted(crisis.answer_ids.mapped("state")), ["cancelled"] * 4 + ["sent"])
        self.assertEqual(crisis.progress_text, "sent: 1, called off: 4")

    def test_without_a_closing_text_nobody_is_told_that_it_is_solved(self):
        crisis, _tickets = self._ready()
        with self.assertRaisesRegex(UserError, "kind “It is solved” first: there are none"):
            crisis.with_user(self.reviewer).action_solved()
        self._write_wordings(crisis, "closing")
        with self.assertRaisesRegex(UserError, "has to approve"):
            crisis.with_user(self.reviewer).action_solved()

    def test_the_chatter_of_a_ticket_does_not_track_the_state_of_its_crisis(self):
        _crisis, tickets = self._ready()
        self.env.flush_all()
        self.cr.precommit.run()
        tracked = tickets.message_ids.tracking_value_ids.field_id.mapped("name")
        self.assertNotIn("social_crisis_state", tracked)

    def test_the_form_counts_what_its_lists_show_and_no_progress_before_an_answer(self):
        crisis, mentions = self._open()
        self._make_ticket(mentions)
        own = crisis.with_user(self.reviewer)
        self.assertEqual((own.mention_count, own.ticket_count, own.answer_count), (5, 5, 0))
        self.assertFalse(own.progress_text)

    def test_the_progress_opens_its_answers(self):
        crisis, tickets = self._ready()
        tickets.with_user(self.reviewer).action_social_crisis_answer()
        own = crisis.with_user(self.reviewer)
        self.assertEqual((own.answer_count, own.progress_text), (5, "on their way: 5"))
        action = own.action_view_answers()
        found = self.env[action["res_model"]].with_user(self.reviewer).search(action["domain"])
        self.assertEqual(found.sudo(False), own.answer_ids)

    def test_who_waits_longest_is_answered_first(self):
        crisis, tickets = self._ready()
        backwards = tickets.sorted("social_waiting_since", reverse=True)
        backwards.with_user(self.agent).action_social_crisis_answer()
        answered = crisis.answer_ids.sorted("next_try_at").ticket_id
        self.assertEqual(answered, tickets.sorted("social_waiting_since"))
        self.assertEqual(
            crisis.answer_ids.sorted("next_try_at")[:1].mention_id.author_id.name, "Ana"
        )

    def test_the_curve_is_in_the_readers_time(self):
        crisis, _mentions = self._open()
        self.reviewer.write({"tz": "America/Mexico_City", "lang": "en_US"})
        own = crisis.with_user(self.reviewer).with_context(lang="en_US")
        self.assertIn("8/20/26, 7:00\u202fAM", own.curve)  # 13:00 UTC

    def test_a_reviewer_finds_the_storms_in_the_menu(self):
        menu = self.env.ref("social_care.social_care_crisis_reviewer_menu")
        self.assertIn(menu.id, menu.with_user(self.reviewer)._visible_menu_ids())
        self.assertNotIn(menu.id, menu.with_user(self.agent)._visible_menu_ids())

    def test_the_closing_text_goes_to_everybody_who_waited(self):
        crisis, tickets = self._ready()
        self._write_wordings(crisis, "closing")
        crisis.with_user(self.reviewer).action_approve()
        tickets[:2].with_user(self.agent).action_social_crisis_answer()
        crisis.with_user(self.reviewer).action_solved()
        closing = crisis.answer_ids.filtered(lambda reply: reply.crisis_kind == "closing")
        self.assertEqual(closing.ticket_id, tickets)

    def test_it_is_solved_goes_to_whom_somebody_answered_alone_not_to_who_needed_no_answer(self):
        crisis, tickets = self._ready()
        self._write_wordings(crisis, "closing")
        crisis.with_user(self.reviewer).action_approve()
        answered, needless = tickets[0], tickets[1]
        answered.sudo().write(
            {"social_waiting_since": False, "social_first_response_at": at("2026-08-20 17:25")}
        )
        needless.sudo().social_waiting_since = False
        crisis.with_user(self.reviewer).action_solved()
        self.assertEqual(crisis.answer_ids.ticket_id, tickets - needless)

    def test_a_language_needs_three_different_wordings(self):
        crisis, _mentions = self._open()
        self._write_wordings(crisis, count=2)
        with self.assertRaisesRegex(UserError, "needs 3 different wordings in “en”"):
            crisis.with_user(self.reviewer).action_approve()

    def test_a_wording_that_changes_is_approved_again(self):
        crisis, _tickets = self._ready()
        crisis.wording_ids[0].with_user(self.reviewer).text = "{name}, all is well."
        self.assertEqual(crisis.wording_ids.mapped("approved").count(True), 2)

    def _be_the_only_reviewer(self):
        reviewers = self.env.ref(REVIEWER).all_user_ids - self.writer
        reviewers.active = False

    def test_who_wrote_the_wordings_leaves_them_to_another_reviewer(self):
        crisis, _mentions = self._open()
        self._write_wordings(crisis)
        own = crisis.with_user(self.writer)
        self.assertEqual(own.approval_role, "author")
        with self.assertRaisesRegex(UserError, "Somebody else has to approve.*Rosa"):
            own.action_approve()
        self.assertEqual(crisis.with_user(self.reviewer).approval_role, "reviewer")
        crisis.with_user(self.reviewer).action_approve()
        self.assertEqual(crisis.wording_ids.approved_by_id, self.reviewer)
        self.assertFalse(own.approval_role)

    def test_no_default_value_stands_for_another_reviewer(self):
        """Who writes knows what the approval is made of, and could have it proposed."""
        crisis, _mentions = self._open()
        values = {"crisis_id": crisis.id, "lang": "en", "text": "{name}, go away."}
        wordings = self.env["social.care.crisis.wording"].with_user(self.writer)
        forged = wordings.with_context(
            default_author_id=self.reviewer.id,
            default_approved_by_id=self.reviewer.id,
            default_approved_digest=wordings.new({**values, "kind": "statement"})._get_digest(),
        )
        wording = forged.create(values)
        self.assertEqual(wording.author_id, self.writer)
        self.assertFalse(wording.approved or wording.approved_by_id)

    def test_who_changes_a_wording_becomes_its_author(self):
        crisis, _tickets = self._ready()
        crisis.wording_ids[0].with_user(self.reviewer).text = "{name}, all is well."
        self.assertEqual(crisis.wording_ids[0].author_id, self.reviewer)
        with self.assertRaisesRegex(UserError, "Somebody else"):
            crisis.with_user(self.reviewer).action_approve()
        with self.assertRaises(AccessError):
            crisis.wording_ids[0].with_user(self.reviewer).author_id = self.writer

    def test_two_who_write_approve_each_others_wordings(self):
        crisis, _tickets = self._ready()
        first, second = crisis.wording_ids[:2]
        first.with_user(self.reviewer).text = "{name}, all is well."
        second.with_user(self.writer).text = "{name}, all is fine."
        crisis.with_user(self.reviewer).action_approve()
        self.assertEqual((first.approved, second.approved), (False, True))
        crisis.with_user(self.writer).action_approve()
        self.assertTrue(first.approved)

    def test_where_nobody_else_can_approve_the_author_does_and_it_is_recorded(self):
        crisis, _mentions = self._open()
        self._write_wordings(crisis)
        self._be_the_only_reviewer()
        self.assertEqual(crisis.with_user(self.writer).approval_role, "alone")
        crisis.with_user(self.writer).action_approve()
        self.assertEqual(set(crisis.wording_ids.mapped("approved")), {True})
        self.assertIn(
            "approved by their author: nobody else could",
            " ".join(crisis.message_ids.mapped("body")),
        )

    def test_a_wording_names_the_customer(self):
        crisis, _mentions = self._open()
        with self.assertRaises(ValidationError):
            crisis.wording_ids.create({"crisis_id": crisis.id, "lang": "en", "text": "We know."})

    # -- By hand, the end, and who may ---------------------------------------------------

    def test_messages_of_the_inbox_become_a_crisis_by_hand(self):
        mentions = self._crowd(2)
        action = mentions.with_user(self.reviewer).action_join_crisis()
        crisis = self.env["social.care.crisis"].browse(action["res_id"])
        self.assertEqual((crisis.trigger, crisis.mention_ids), ("manual", mentions))

    def test_closing_asks_for_a_review_and_shows_the_curve(self):
        crisis, _mentions = self._open()
        counts = dict(crisis._count_quarters())
        self.assertEqual((counts[at("2026-08-20 17:00")], counts[at("2026-08-20 17:15")]), (3, 2))
        wizard = (
            self.env["social.care.crisis.close"]
            .with_user(self.reviewer)
            .create({"crisis_id": crisis.id, "review": "The app was down."})
        )
        self.assertIn("at most 3 in 15 minutes", wizard.curve)
        wizard.action_apply()
        self.assertEqual((crisis.state, crisis.review), ("closed", "The app was down."))
        self.assertFalse(self.account.crisis_id)

    def test_an_agent_reads_a_crisis_and_leads_none(self):
        crisis, mentions = self._open()
        own = crisis.with_user(self.agent)
        self.assertEqual(own.state, "open")
        for act in (
            own.action_close,
            own.action_approve,
            own.action_solved,
            own.action_stop,
            lambda: own.write({"statement": "x"}),
            lambda: own.wording_ids.create({"crisis_id": own.id, "lang": "en", "text": "{name}"}),
            mentions.with_user(self.agent).action_join_crisis,
            self.account.with_user(self.agent).action_open_crisis
            if not self.account.crisis_id
            else own.action_close,
        ):
            with self.assertRaises(AccessError):
                act()

    def test_an_agent_who_leads_may_close_it(self):
        crisis, _mentions = self._open()
        crisis.owner_id = self.agent
        self.assertTrue(crisis.with_user(self.agent).action_close())

    def test_a_reviewer_cannot_write_what_follows_from_buttons(self):
        crisis, _mentions = self._open()
        self._write_wordings(crisis)
        own = crisis.with_user(self.reviewer)
        for vals in ({"state": "closed"}, {"review": "x"}, {"account_id": self.account.id}):
            with self.assertRaises(AccessError):
                own.write(vals)
        with self.assertRaises(AccessError):
            own.wording_ids[0].approved_digest = own.wording_ids[0]._get_digest()

    def test_another_companys_crisis_is_out_of_sight(self):
        crisis, _mentions = self._open()
        company = self.env["res.company"].create({"name": "Other"})
        stranger = new_test_user(
            self.env,
            login="stranger",
            groups=REVIEWER,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        self.assertFalse(self.env["social.care.crisis"].with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            crisis.with_user(stranger).action_approve()
