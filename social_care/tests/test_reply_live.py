import json
from unittest.mock import patch

from odoo import Command
from odoo.tests import new_test_user

from odoo.addons.base.tests.common import HttpCase
from odoo.addons.bus.models import bus
from odoo.addons.social_care.models.helpdesk_ticket_live import SUBCHANNEL

from .common import MONDAY_10, SocialCareCommon


class TestReplyLive(SocialCareCommon):
    """Nobody answers past a colleague, nor past what the customer wrote meanwhile."""

    def setUp(self):
        super().setUp()
        self.mention = self._receive(self._mention())
        self.ticket = self.mention.ticket_id
        self.told = []
        bus_class = self.env.registry["bus.bus"]
        send = bus_class._sendone

        def record(model, target, kind, message):
            if kind == "social_care.conversation":
                self.told.append((target, message))
            return send(model, target, kind, message)

        self.patch(bus_class, "_sendone", record)

    def _dialog(self, body="@ana We look"):
        """What the dialog has saved when its first button is pressed."""
        context = self.ticket.with_user(self.agent).action_social_reply()["context"]
        model = self.env["social.care.reply"].with_user(self.agent).with_context(**context)
        return model.create({"mention_id": context["default_mention_id"], "body": body})

    def _told(self):
        return [(message["what"], message.get("name")) for _target, message in self.told]

    # -- Colleagues -------------------------------------------------------------

    def test_who_types_is_told_to_those_who_listen_to_the_ticket(self):
        model = self.env["social.care.reply"].with_user(self.agent)
        model.keep_draft(self.mention.id, {"body": "@ana We"})
        model.keep_draft(self.mention.id, {"body": "@ana "})
        self.assertEqual(self._told(), [("writing", "Marta Cano"), ("paused", "Marta Cano")])
        self.assertEqual({target for target, _message in self.told}, {(self.ticket, SUBCHANNEL)})

    def test_an_answer_is_told(self):
        self._dialog().action_send_wait()
        self.assertEqual(self._told(), [("sent", "Marta Cano")])

    def test_whoever_has_it_open_hears_once_that_it_changed(self):
        self.cr.precommit.run()
        self.told.clear()
        self.ticket.write({"stage_id": self.stage_progress.id, "priority": "3"})
        self.ticket.user_id = self.agent
        self.ticket.social_severe = True
        self.ticket.ticket_sla_ids.deadline = MONDAY_10
        self.cr.precommit.run()
        self.assertEqual(self._told(), [("changed", None)])

    def test_what_nobody_sees_at_once_is_no_news(self):
        plain = self.env["helpdesk.ticket"].create({"name": "Plain", "description": "By mail"})
        self.cr.precommit.run()
        self.told.clear()
        self.ticket.description = "Longer"
        plain.priority = "3"
        self.cr.precommit.run()
        self.assertFalse(self._told())

    def test_nobody_hears_what_was_written(self):
        model = self.env["social.care.reply"].with_user(self.agent)
        model.keep_draft(self.mention.id, {"body": "@ana Secret"})
        self._receive(self._mention("2", body="My secret"))
        self.assertEqual([what for what, _name in self._told()], ["writing", "message"])
        self.assertNotIn("ecret", json.dumps([message for _target, message in self.told]))

    # -- The customer -------------------------------------------------------------

    def test_a_customer_who_wrote_meanwhile_is_read_first_then_answered(self):
        reply = self._dialog()
        newer = self._receive(self._mention("2", body="And my passport is in it"))
        self.assertIn(("message", "Ana"), self._told())
        notice = reply.action_send_wait()
        self.assertEqual(
            notice["params"]["message"], "Ana wrote 1 message meanwhile. Read it, then send."
        )
        self.assertEqual((reply.state, reply.seen_mention_id), ("draft", newer))
        reply.action_send_wait()
        self.assertEqual(reply.state, "queued")

    def test_each_further_message_is_told_again(self):
        reply = self._dialog()
        self._receive(self._mention("2"), self._mention("3"))
        self.assertIn("Ana wrote 2 messages", reply.action_send_next()["params"]["message"])
        self._receive(self._mention("4"))
        self.assertIn("Ana wrote 1 message ", reply.action_send_close()["params"]["message"])
        self.assertEqual(reply.state, "draft")
        reply.action_send_close()
        self.assertEqual(reply.state, "queued")

    def test_what_was_there_when_the_dialog_opened_is_not_asked_about(self):
        self._receive(self._mention("2"))
        reply = self._dialog()
        reply.action_send_wait()
        self.assertEqual(reply.state, "queued")

    def test_another_conversation_is_none_of_it(self):
        reply = self._dialog()
        self._receive(self._mention("2", who="bo"))
        reply.action_send_wait()
        self.assertEqual(reply.state, "queued")


class TestWaitingTicket(SocialCareCommon):
    """A ticket that waits for the customer goes on when they write."""

    def setUp(self):
        super().setUp()
        self.ticket = self._receive(self._mention()).ticket_id
        self.awaiting = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_awaiting")
        self.ticket.stage_id = self.awaiting

    def test_their_answer_brings_it_back_to_in_progress(self):
        mails = self.env["mail.mail"].search_count([])
        self.awaiting.mail_template_id = self.stage_progress.mail_template_id = self.env.ref(
            "helpdesk_mgmt.changed_stage_template"
        )
        self.team.social_stage_mails = True
        self._receive(self._mention("2", body="It is black"))
        self.assertEqual(self.ticket.stage_id, self.stage_progress)
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)

    def test_thanks_leave_it_where_it_is(self):
        self._receive(self._mention("2", body="Thanks!"))
        self.assertEqual(self.ticket.stage_id, self.awaiting)


class TestWhoListens(SocialCareCommon, HttpCase):
    """A browser asks to hear of a ticket; it does, if its user may read it."""

    def _listens(self, user, *channels):
        """Whether it hears of the ticket; and that nothing goes by the name it asked for."""
        model = self.env["ir.websocket"].with_user(user)
        request = type("Request", (), {"session": type("Session", (), {"uid": user.id})})
        where = "odoo.addons.bus.models.ir_websocket.wsrequest"
        with patch(where, request):
            built = model._build_bus_channel_list(list(channels))
        self.assertFalse([name for name in built if isinstance(name, str) and "ticket" in name])
        return {bus.channel_with_db("db", channel) for channel in built}

    def test_agents_of_the_team_hear_and_others_do_not(self):
        ticket = self._receive(self._mention()).ticket_id
        channel = ("db", "helpdesk.ticket", ticket.id, SUBCHANNEL)
        asked = f"social_care.ticket_{ticket.id}"
        foreign = self.env["res.company"].create({"name": "Another company"})
        agent_group = "social_care.social_care_group_agent"
        foreigner = new_test_user(
            self.env,
            login="live foreigner",
            groups=agent_group,
            company_id=foreign.id,
            company_ids=[Command.set(foreign.ids)],
        )
        helper = "helpdesk_mgmt.group_helpdesk_user_team"
        for user, hears in (
            (self.agent, True),
            (new_test_user(self.env, login="live stranger", groups=agent_group), False),
            (new_test_user(self.env, login="live employee", groups="base.group_user"), False),
            (new_test_user(self.env, login="live portal", groups="base.group_portal"), False),
            (new_test_user(self.env, login="live helper", groups=helper), False),
            (foreigner, False),
        ):
            with self.subTest(user.login):
                self.assertEqual(channel in self._listens(user, asked), hears)

    def test_a_strange_name_is_no_channel(self):
        for name in ("", "x", "-1", "1 OR 1", "²", "9" * 30):
            self._listens(self.agent, f"social_care.ticket_{name}")
