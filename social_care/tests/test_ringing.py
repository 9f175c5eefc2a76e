from datetime import timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged

from .clock_common import at
from .routing_common import AGENT, RoutingCommon


class TestRinging(RoutingCommon):
    """Ana, Bea and Cleo work from 9 to 20: each is rung for ten minutes, one after the other."""

    def setUp(self):
        super().setUp()
        self.ana, self.bea, self.cleo = (self._hire(name) for name in ("Ana", "Bea", "Cleo"))

    def _pass(self, local, ticket):
        with freeze_time(at(local)):
            ring = ticket.social_ring_ids.filtered(lambda ring: not ring.result)
            ring.with_user(ring.user_id).action_pass()
        self._route(local)

    def _nobody_takes(self, ticket, *locals_):
        for local in locals_:
            self._pass(local, ticket)

    # -- Whether -------------------------------------------------------------------

    def test_from_three_agents_on_one_is_rung(self):
        ticket = self._write_in("2026-08-17 10:00")
        self.assertEqual(self._rings(ticket), [("Ana", False)])
        self.assertFalse(ticket.user_id)

    def test_of_two_agents_one_is_given_it_at_once(self):
        self.team.user_ids -= self.cleo
        ticket = self._write_in("2026-08-17 10:00")
        self.assertEqual(self._rings(ticket), [])
        self.assertEqual(ticket.user_id, self.ana)

    def test_members_without_the_role_do_not_count(self):
        self.cleo.group_ids -= self.env.ref(AGENT)
        self.assertTrue(self._write_in("2026-08-17 10:00").user_id)

    def test_the_team_may_want_it_otherwise(self):
        self.team.social_ringing = "never"
        self.assertTrue(self._write_in("2026-08-17 10:00").user_id)
        self.team.write({"social_ringing": "always", "user_ids": self.bea.ids})
        ticket = self._write_in("2026-08-17 10:01", "2", who="dora")
        self.assertEqual(self._rings(ticket), [("Bea", False)])

    # -- The next one --------------------------------------------------------------

    def test_after_ten_minutes_the_next_is_rung(self):
        ticket = self._write_in("2026-08-17 10:00")
        self._route("2026-08-17 10:09")
        self.assertEqual(self._rings(ticket), [("Ana", False)])
        self._route("2026-08-17 10:10")
        self.assertEqual(self._rings(ticket), [("Ana", "missed"), ("Bea", False)])

    def test_not_now_rings_the_next_at_once(self):
        ticket = self._write_in("2026-08-17 10:00")
        self._pass("2026-08-17 10:01", ticket)
        self.assertEqual(self._rings(ticket), [("Ana", "passed"), ("Bea", False)])

    def test_not_now_can_be_taken_back_while_nobody_has_it(self):
        ticket = self._write_in("2026-08-17 10:00")
        first = ticket.social_ring_ids
        self._pass("2026-08-17 10:01", ticket)
        with freeze_time(at("2026-08-17 10:02")):
            first.with_user(self.ana).action_take()
        self.assertEqual(ticket.user_id, self.ana)
        self.assertEqual(first.result, "taken")
        self.assertEqual((ticket.social_ring_ids - first).result, "withdrawn")

    def test_not_now_stays_once_another_has_it(self):
        ticket = self._write_in("2026-08-17 10:00")
        first = ticket.social_ring_ids
        self._pass("2026-08-17 10:01", ticket)
        second = ticket.social_ring_ids - first
        with freeze_time(at("2026-08-17 10:02")):
            second.with_user(self.bea).action_take()
            with self.assertRaisesRegex(UserError, "somebody else has it"):
                first.with_user(self.ana).action_take()
        self.assertEqual(ticket.user_id, self.bea)

    def test_when_all_were_asked_the_leader_is_told_once_and_it_stays_in_sight(self):
        self.leader.notification_type = "inbox"
        ticket = self._write_in("2026-08-17 10:00")
        for minute in (10, 20, 30, 31, 45):
            self._route(f"2026-08-17 10:{minute}")
        self.assertEqual(
            self._rings(ticket), [("Ana", "missed"), ("Bea", "missed"), ("Cleo", "missed")]
        )
        self.assertEqual(self._told(self.leader), ["Nobody took it: Carl (@carl)"])
        self.assertEqual(ticket.social_nobody_at, at("2026-08-17 10:30"))
        self.assertEqual(ticket.social_route_text, "Nobody took it")

    def test_of_several_the_leader_is_told_together(self):
        self.leader.notification_type = "inbox"
        self.team.user_ids = self.ana
        self.team.social_ringing = "always"
        for number in range(2):
            self._say("2026-08-17 10:00", str(number), who=f"c{number}")
        self._route("2026-08-17 10:00")
        self._route("2026-08-17 10:10")
        self.assertEqual(self._told(self.leader), ["Nobody took 2 conversations"])

    def test_who_comes_on_shift_later_is_rung(self):
        self._give_shift(self.cleo, [(12, 20)])
        ticket = self._write_in("2026-08-17 10:00")
        self._nobody_takes(ticket, "2026-08-17 10:01", "2026-08-17 10:02")
        self.assertTrue(ticket.social_nobody_at)
        self._route("2026-08-17 12:00")
        self.assertEqual(self._rings(ticket)[-1], ("Cleo", False))
        self.assertEqual(ticket.social_route_text, "Rings Cleo")
        self.assertEqual(ticket.with_user(self.cleo).social_route_text, "Rings you")

    def test_tomorrow_those_asked_today_are_asked_again(self):
        ticket = self._write_in("2026-08-17 19:00")
        self._nobody_takes(ticket, *(f"2026-08-17 19:0{n}" for n in range(1, 4)))
        self._route("2026-08-17 19:30")
        self._route("2026-08-18 09:00")
        self.assertEqual(len(ticket.social_ring_ids), 4)

    def test_when_the_customer_writes_again_all_are_asked_anew(self):
        ticket = self._write_in("2026-08-17 10:00")
        self._nobody_takes(ticket, *(f"2026-08-17 10:0{n}" for n in range(1, 4)))
        self.assertEqual(self._write_in("2026-08-17 10:30", "2"), ticket)
        self.assertEqual(self._rings(ticket)[-1][1], False)
        self.assertFalse(ticket.social_nobody_at)

    def test_what_the_customer_adds_while_it_rings_changes_nothing(self):
        ticket = self._write_in("2026-08-17 10:00")
        self._write_in("2026-08-17 10:05", "2")
        self.assertEqual(self._rings(ticket), [("Ana", False)])

    def test_a_ring_counts_as_a_conversation(self):
        self.team.social_capacity = 1
        tickets = [self._say("2026-08-17 10:00", str(n), who=f"c{n}").ticket_id for n in range(4)]
        self._route("2026-08-17 10:00")
        rung = [[who for who, _result in self._rings(ticket)] for ticket in tickets]
        self.assertEqual(rung, [["Ana"], ["Bea"], ["Cleo"], []])

    def test_when_the_team_has_closed_the_next_is_not_rung(self):
        ticket = self._write_in("2026-08-17 19:55")
        self._route("2026-08-17 20:05")
        self.assertEqual(self._rings(ticket), [("Ana", "missed")])
        self.assertFalse(ticket.social_nobody_at)
        self._route("2026-08-18 09:00")
        self.assertEqual(self._rings(ticket)[-1][1], False)

    def test_at_night_who_is_on_call_is_rung_and_in_the_morning_the_team(self):
        self.team.social_on_call_ids = [Command.create({"user_id": self.leader.id})]
        with freeze_time(at("2026-08-17 22:00")):
            self.account._ingest([self._mention(who="carl", posted_at=at("2026-08-17 22:00"))])
            mention = self.env["social.care.mention"].search([], order="id desc", limit=1)
            mention.severe = True
            mention._triage()
        ticket = mention.ticket_id
        self._route("2026-08-17 22:00")
        self.assertEqual(self._rings(ticket), [("Lea", False)])
        self._route("2026-08-18 09:00")
        self.assertEqual(self._rings(ticket)[-1], ("Ana", False))

    # -- The end -------------------------------------------------------------------

    def test_who_takes_it_has_it_and_sees_it(self):
        ticket = self._write_in("2026-08-17 10:00")
        with freeze_time(at("2026-08-17 10:04")):
            action = ticket.social_ring_ids.with_user(self.ana).action_take()
        self.assertEqual((action["res_model"], action["res_id"]), ("helpdesk.ticket", ticket.id))
        self.assertEqual(ticket.user_id, self.ana)
        self.assertEqual(self._rings(ticket), [("Ana", "taken")])
        self.assertEqual(ticket.social_ring_ids.wait_minutes, 4)
        self._route("2026-08-17 10:10")
        self.assertEqual(len(ticket.social_ring_ids), 1)

    def test_assigned_by_hand_it_no_longer_rings(self):
        ticket = self._write_in("2026-08-17 10:00")
        ring = ticket.social_ring_ids
        with freeze_time(at("2026-08-17 10:01")):
            ticket.with_user(self.bea).assign_to_me()
        self.assertEqual(ring.result, "withdrawn")
        self.assertFalse(ticket.social_route_at)
        with self.assertRaises(UserError):
            ring.with_user(self.ana).action_take()

    def test_whoever_answers_has_it(self):
        ticket = self._write_in("2026-08-17 10:00")
        with freeze_time(at("2026-08-17 10:01")):
            reply = self.env["social.care.reply"].with_user(self.bea)
            mention = ticket.social_mention_ids
            reply.create({"mention_id": mention.id, "body": "Hello"}).action_send_wait()
        self.assertEqual(ticket.user_id, self.bea)
        self.assertEqual(self._rings(ticket), [("Ana", "withdrawn")])

    def test_closed_or_given_to_another_team_it_no_longer_rings(self):
        other = self.env["helpdesk.ticket.team"].create(
            {"name": "Other", "social_routing": "manual"}
        )
        for number, values in enumerate(({"stage_id": self.stage_done.id}, {"team_id": other.id})):
            ticket = self._write_in("2026-08-17 10:00", str(number), who=f"c{number}")
            with freeze_time(at("2026-08-17 10:01")):
                ticket.write(values)
            self.assertEqual(ticket.social_ring_ids.result, "withdrawn", values)
            self.assertFalse(ticket.social_route_at)

    def test_a_colleague_is_rung_where_the_assignee_is_away(self):
        self._give_shift(self.ana, [(9, 14)])
        with freeze_time(at("2026-08-17 10:00")):
            ticket = self._say("2026-08-17 10:00", who="carl").ticket_id
            ticket.user_id = self.ana
        with freeze_time(at("2026-08-17 15:00")):
            ticket._social_care_want_routing()
        self._route("2026-08-17 15:00")
        self.assertEqual(self._rings(ticket), [("Bea", False)])
        self.assertEqual(ticket.user_id, self.ana, "until somebody takes it")
        with freeze_time(at("2026-08-17 15:01")):
            ticket.with_user(self.bea).action_social_take()
        self.assertEqual(ticket.user_id, self.bea)

    def test_what_still_rings_is_in_no_average(self):
        ticket = self._write_in("2026-08-17 10:00")
        self._pass("2026-08-17 10:06", ticket)
        [(average,)] = self.env["social.care.ring"]._read_group(
            [("ticket_id", "=", ticket.id)], [], ["wait_minutes:avg"]
        )
        self.assertEqual(average, 6, "Bea's still rings")

    def test_twenty_rings_cost_little_more_than_their_notices(self):
        self.team.social_capacity = 0
        moment = at("2026-08-17 10:00")
        items = [self._mention(str(n), who=f"c{n}", posted_at=moment) for n in range(20)]
        with freeze_time(moment):
            self._receive(*items)
            tickets = self.env["helpdesk.ticket.team"]._social_care_find_to_route()
            self.env.flush_all()
            self.env.invalidate_all()
            with self.assertQueryCount(360):  # 13 a notice
                tickets._social_care_find_agents()
                self.env.flush_all()

    # -- The notice ----------------------------------------------------------------

    def test_the_notice_says_who_what_and_until_when(self):
        ticket = self._write_in("2026-08-17 10:00", body="My suitcase <b>is</b> lost")
        with freeze_time(at("2026-08-17 10:04")):
            notice = ticket.social_ring_ids._get_notice()
        self.assertEqual(
            notice,
            {
                "id": ticket.social_ring_ids.id,
                "title": "For you: Carl (@carl)",
                "text": "My suitcase <b>is</b> lost",
                "deadline": "2026-08-17 10:00:00",  # 12:00 in Madrid
                "seconds": 360,
            },
        )

    def test_it_is_in_odoos_inbox_too_with_its_words_as_words(self):
        self.ana.notification_type = "inbox"
        self._write_in("2026-08-17 10:00", body="<script>x</script>")
        self.assertEqual(self._told(self.ana), ["For you: Carl (@carl)"])
        notification = self.env["mail.notification"].search(
            [("res_partner_id", "=", self.ana.partner_id.id)]
        )
        self.assertIn("&lt;script&gt;x", notification.mail_message_id.body)


class TestRingAccess(RoutingCommon):
    """Dora is on call for a team that she is no member of."""

    def setUp(self):
        super().setUp()
        self.dora = new_test_user(self.env, login="dora", name="Dora", groups=AGENT)
        self.mention = self._say("2026-08-17 10:00", who="carl")
        self._reply_at("2026-08-17 10:10", self.mention)
        self.ticket = self.mention.ticket_id
        self.records = (
            self.ticket,
            self.mention,
            self.mention.author_id,
            self.ticket.social_reply_ids,
        )

    def _ring(self):
        with freeze_time(at("2026-08-17 22:00")):
            self.env["social.care.ring"]._ring({self.ticket: self.dora}, on_call=True)
        self.env.invalidate_all()

    def _assert_readable(self, readable, user=None):
        for records in self.records:
            mine = records.with_user(user or self.dora)
            self.assertEqual(bool(mine.search([("id", "in", mine.ids)])), readable, mine)
            self.assertEqual(mine.has_access("read"), readable, mine)

    def test_the_ring_gives_access_and_its_end_takes_it(self):
        self._assert_readable(False)
        self._ring()
        self._assert_readable(True)
        self.ticket.with_user(self.dora).action_social_pass()
        self.env.invalidate_all()
        self._assert_readable(False)

    def test_the_leader_need_not_be_a_member_to_read_and_answer(self):
        self._assert_readable(True, self.leader)
        with freeze_time(at("2026-08-17 10:30")):
            answer = self.env["social.care.reply"].with_user(self.leader)
            answer = answer.create({"mention_id": self.mention.id, "body": "I look into it."})
            answer.action_send_wait()
        self.assertEqual(answer.sudo().state, "queued")

    def test_of_a_team_of_others_a_leader_reads_nothing(self):
        self.env["helpdesk.ticket.team"].create({"name": "Other", "user_id": self.dora.id})
        self._assert_readable(False)

    def test_who_takes_it_keeps_the_access(self):
        self._ring()
        self.ticket.with_user(self.dora).action_social_take()
        self.env.invalidate_all()
        self._assert_readable(True)

    def test_being_rung_lets_nobody_change_an_answer(self):
        self._ring()
        with self.assertRaises(AccessError):
            self.ticket.social_reply_ids.with_user(self.dora).write({"body": "Mine"})

    def test_ones_languages_are_ones_own_to_set_ones_number_is_not(self):
        spanish = (
            self.env["res.lang"].with_context(active_test=False).search([("code", "=", "es_ES")])
        )
        self.dora.with_user(self.dora).social_lang_ids = spanish
        self.assertEqual(self.dora.social_lang_ids, spanish)
        with self.assertRaises(AccessError):
            self.dora.with_user(self.dora).social_capacity = 1


@tagged("post_install", "-at_install")
class TestRingOnOpening(HttpCase):
    def test_a_page_opened_while_it_rings_shows_the_ring(self):
        dora = new_test_user(self.env, login="dora", password="dora-dora", groups=AGENT)
        ticket = self.env["helpdesk.ticket"].create({"name": "A", "description": "x"})
        now = self.env.cr.now()
        self.env["social.care.ring"].create(
            {
                "ticket_id": ticket.id,
                "user_id": dora.id,
                "rung_at": now,
                "expires_at": now + timedelta(minutes=10),
            }
        )
        self.authenticate("dora", "dora-dora")
        info = self.make_jsonrpc_request("/web/session/get_session_info", {})
        [ring] = info["social_care_rings"]
        self.assertEqual(ring["text"], "A")
