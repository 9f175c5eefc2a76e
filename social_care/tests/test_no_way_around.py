"""No way around the approval: every way of writing an answer, tried as each role over RPC."""

import base64
import contextlib
from datetime import datetime, timedelta

from odoo import Command
from odoo.tests import HttpCase, JsonRpcException, new_test_user, tagged
from odoo.tools import mute_logger

from .test_approval import PIXEL, REVIEWER, ApprovalCommon

MODEL = "social.care.reply"
# What nobody types: value of another answer or person, of the kinds that would help.
FORGED = {
    "state": "queued",
    "kind": "acknowledgement",
    "origin": "network",
    "then_close": True,
    "idempotency_key": "mine",
    "claim": "mine",
    "next_try_at": "2026-01-01 00:00:00",
    "queued_at": "2026-01-01 00:00:00",
    "sent_at": "2026-01-01 00:00:00",
    "asked_at": "2026-01-01 00:00:00",
    "external_id": "mine",
    "parent_external_id": "another",
    "url": "https://x.example",
    "approval_reasons": [],
    "approved_digest": "mine",
    "approved_at": "2026-01-01 00:00:00",
    "approved_guards": [1, 2, 3],
    "self_approved": True,
    "rejected_note": "x",
}
PROTECTED = (
    *FORGED,
    *("account_id", "mention_id", "ticket_id", "user_id", "approver_id", "visibility"),
    *("attachment_ids", "create_uid"),
)
PRIVATE = (
    *("_queue_now", "_enqueue", "_approve", "_approve_alone", "_reject", "_ask_reviewers"),
    *("_send_back", "_publish", "_settle", "_claim", "_create_acknowledgements", "_create"),
    *("_write", "_get_own_defaults"),
)
AGENT = "social_care.social_care_group_agent"
ROLES = {
    "author": AGENT,
    "colleague": AGENT,
    "reviewer": REVIEWER,  # who wrote the answer
    "helpdesk": "helpdesk_mgmt.group_helpdesk_user_team",
    "employee": "base.group_user",
    "portal": "base.group_portal",
    "public": "",  # not logged in
}

WRITERS = ("author", "colleague", "reviewer")


class NoWayCommon(ApprovalCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = new_test_user(cls.env, login="second", name="Sol", groups=REVIEWER)
        cls.users = {
            role: new_test_user(cls.env, login=f"way_{role}", groups=groups)
            for role, groups in ROLES.items()
            if groups
        }
        members = [cls.users[role] for role in ("author", "colleague", "reviewer", "helpdesk")]
        cls.team.user_ids |= cls.second | cls.env["res.users"].union(*members)
        cls.other_team = cls.env["helpdesk.ticket.team"].create({"name": "Other"})
        cls.other_account = cls._create_account(
            name="Other brand",
            external_id="other",
            team_line_ids=[Command.create({"team_id": cls.other_team.id})],
        )

    def setUp(self):
        super().setUp()
        loud = ("odoo.http", "odoo.addons.base.models.ir_rule", "odoo.models", "odoo.sql_db")
        self.enterContext(mute_logger(*loud))
        replies = self.env[MODEL]
        self.secret = self.env["ir.attachment"].create({"name": "contract", "raw": b"x"})
        self.calm = self._receive(self._mention("calm", who="bo"))
        self.foreign = self._receive(self._mention("foreign"), account=self.other_account)
        values = {"mention_id": self.mention.id, "body": "See you in court."}
        self.ticket.social_severe = True
        self.draft, self.waiting = replies.create([values, values])
        self.queued, self.failed, self.lost, self.theirs = replies.create(
            [
                {**values, "mention_id": self.calm.id},
                values,
                values,
                {**values, "mention_id": self.foreign.id},
            ]
        )
        self.picture = self.env["ir.attachment"].create(
            {"name": "a.png", "raw": PIXEL, "res_model": MODEL, "res_id": self.queued.id}
        )
        self.queued.attachment_ids = self.picture
        self.queued._queue_now()
        self.failed.state, self.lost.state = "failed", "unconfirmed"
        self.waiting._queue_now()
        self.assertEqual((self.queued.state, self.waiting.state), ("queued", "to_approve"))
        self.all = replies.search([])

    def _become(self, role):
        """Log in; whoever may have written the answers has."""
        self.user = self.users.get(role)
        writer = self.user if role in ("author", "reviewer") else self.users["author"]
        (self.draft | self.waiting | self.queued | self.failed | self.lost).user_id = writer
        self.env.flush_all()
        self.authenticate(self.user and self.user.login, self.user and self.user.login)

    def _call(self, model, method, *arguments, **keywords):
        """Whether it was let through; what it did is looked at afterwards."""
        parameters = {"model": model, "method": method, "args": arguments, "kwargs": keywords}
        with contextlib.suppress(JsonRpcException):
            self.make_jsonrpc_request(f"/web/dataset/call_kw/{model}/{method}", parameters)
            return True
        return False

    def _read(self):
        self.env.invalidate_all()
        return {row["id"]: row for row in self.all.read([*PROTECTED, "body"], load=None)}

    def _assert_no_harm(self, before):
        """What was there is as it was; what is new is a draft like any other, of whom made it."""
        after = self._read()
        for reply_id, row in before.items():
            if row["state"] in ("draft", "failed", "to_approve"):
                row.pop("body")  # its author may go on writing
                after[reply_id].pop("body")
        self.assertEqual(after, before)
        for reply in self.env[MODEL].search([]) - self.all:
            self.assertEqual((reply.state, reply.kind, reply.origin), ("draft", "answer", "odoo"))
            self.assertEqual(reply.account_id, reply.mention_id.account_id)
            self.assertEqual((reply.user_id, reply.create_uid), (self.user, self.user))
            self.assertNotIn(reply.mention_id, self.foreign)
            self.assertNotIn(self.secret, reply.attachment_ids)
            for name in ("approver_id", "approved_digest", "self_approved", "external_id", "claim"):
                self.assertFalse(reply[name], name)
            reply.unlink()

    def _get_forged(self):
        """Field → a value that only the addon itself may give it."""
        return {
            **FORGED,
            "account_id": self.other_account.id,
            "ticket_id": self.calm.ticket_id.id,
            "user_id": self.users["colleague"].id,
            "approver_id": self.second.id,
            "create_uid": self.second.id,
            "attachment_ids": [Command.link(self.secret.id)],
            "mention_id": self.foreign.id,
        }

    def _try_all(self, role, attempts):
        """:param attempts: list of (what, arguments of :meth:`_call`, its keywords)"""
        self._become(role)
        before = self._read()
        for what, arguments, keywords in attempts:
            with self.subTest(what, role=role):
                self._call(*arguments, **keywords)
                self._assert_no_harm({key: dict(row) for key, row in before.items()})


@tagged("post_install", "-at_install")
class TestNoWayAround(NoWayCommon):
    def _try_as_each(self, attempts):
        for role in ROLES:
            # Outsiders, who reach no answer at all, try each fifth.
            self._try_all(role, attempts if role in WRITERS else attempts[::5])

    def test_writing(self):
        every = (self.draft | self.waiting | self.queued | self.failed | self.lost).ids
        attempts = []
        for name, value in self._get_forged().items():
            for reply_id in every:
                attempts.append((f"write {name}", (MODEL, "write", [reply_id], {name: value}), {}))
            save = (MODEL, "web_save", every[:1], {name: value, "body": "x"})
            attempts.append((f"web_save {name}", save, {"specification": {}}))
        for name in ("body", "visibility"):
            value = {"body": "Other words", "visibility": "direct"}[name]
            for reply in (self.queued, self.lost):
                attempts.append((f"write {name}", (MODEL, "write", reply.ids, {name: value}), {}))
        for name in ("state", "next_try_at"):
            spec = {"specification": {}, "field_name": name}
            attempts.append(("resequence", (MODEL, "web_resequence", every), spec))
        attempts.append(("unlink", (MODEL, "unlink", (self.waiting | self.queued).ids), {}))
        self._try_as_each(attempts)

    def test_creating(self):
        mine = {"mention_id": self.mention.id, "body": "See you in court."}
        attempts = []
        for name, value in self._get_forged().items():
            attempts += [
                (f"create {name}", (MODEL, "create", {**mine, name: value}), {}),
                (
                    f"default_{name}",
                    (MODEL, "create", mine),
                    {"context": {f"default_{name}": value}},
                ),
                (
                    f"web_save default_{name}",
                    (MODEL, "web_save", [], mine),
                    {"specification": {}, "context": {f"default_{name}": value}},
                ),
                (f"copy {name}", (MODEL, "copy", self.queued.ids, {name: value}), {}),
            ]
            if not isinstance(value, list):
                columns = ["mention_id/.id", "body", f"{name}/.id" if name[-3:] == "_id" else name]
                rows = [[str(self.mention.id), "Hi", str(value)]]
                attempts.append((f"load {name}", (MODEL, "load", columns, rows), {}))
                rows = [[str(self.waiting.id), "Hi", str(value)]]
                columns = [".id", "body", columns[2]]
                attempts.append((f"load over {name}", (MODEL, "load", columns, rows), {}))
        context = {"default_mention_id": self.mention.id, "default_state": "queued"}
        attempts.append(("name_create", (MODEL, "name_create", "Hi"), {"context": context}))
        attempts.append(("copy", (MODEL, "copy", self.queued.ids), {}))
        self._try_as_each(attempts)

    def test_defaults_of_ones_own(self):
        """Everybody may keep default values for themselves."""
        mine = {"mention_id": self.mention.id, "body": "See you in court."}
        for role in ("author", "reviewer"):
            attempts = []
            for name in ("state", "kind", "origin", "approved_digest", "self_approved"):
                default = ("ir.default", "set", MODEL, name, FORGED[name], True)
                attempts += [(name, default, {}), (name, (MODEL, "create", mine), {})]
            self._try_all(role, attempts)

    def test_through_what_an_answer_belongs_to(self):
        ticket, mention = self.ticket, self.mention
        forged = {"state": "queued", "approver_id": self.second.id}
        fresh = {"mention_id": mention.id, "body": "Hi"}
        attempts = []
        for model, record, field in (
            ("helpdesk.ticket", ticket, "social_reply_ids"),
            ("social.care.mention", mention, "reply_ids"),
            ("ir.attachment", self.picture, "res_id"),
        ):
            for command in (
                [1, self.waiting.id, forged],
                [0, 0, {**fresh, **forged}],
                [4, self.theirs.id],
                [6, 0, [self.theirs.id]],
                [2, self.waiting.id],
                [3, self.waiting.id],
                [5],
            ):
                call = (model, "write", record.ids, {field: [command]})
                attempts.append((f"{field} {command[0]}", call, {}))
        attempts += [
            ("not severe", ("helpdesk.ticket", "write", ticket.ids, {"social_severe": False}), {}),
            ("not severe", ("social.care.mention", "write", mention.ids, {"severe": False}), {}),
            ("moved", ("social.care.mention", "write", mention.ids, {"ticket_id": 1}), {}),
            ("activity", ("mail.activity", "action_done", ticket.activity_ids.ids), {}),
        ]
        roles = [
            role for role in ROLES if role != "reviewer"
        ]  # a reviewer may say it is not severe
        for role in roles:
            self._try_all(role, attempts)
        self.assertTrue(ticket.social_severe)

    def test_buttons_in_the_wrong_place(self):
        attempts = []
        for reply, buttons in (
            (self.waiting, ("approve", "reject", "retry", "confirm_sent", "confirm_absent")),
            (self.waiting, ("send_wait", "send_close", "send_next")),
            (self.queued, ("approve", "reject", "withdraw", "retry", "confirm_absent")),
            (self.queued, ("send_wait", "send_close", "send_next", "confirm_sent")),
            (self.draft, ("approve", "reject", "withdraw", "retry", "confirm_sent")),
            (self.failed, ("approve", "reject", "withdraw", "confirm_sent", "confirm_absent")),
            (self.lost, ("approve", "reject", "withdraw", "send_wait", "retry")),
            (self.theirs, ("approve", "reject", "withdraw", "send_wait", "retry", "cancel")),
        ):
            for name in buttons:
                call = (MODEL, f"action_{name}", reply.ids)
                attempts.append((f"{name} of {reply.state}", call, {}))
        for name in PRIVATE:
            attempts.append((name, (MODEL, name, self.waiting.ids), {}))
        retry = ("helpdesk.ticket", "action_social_retry", self.calm.ticket_id.ids)
        attempts.append(("the ticket's retry", retry, {}))
        self._try_as_each(attempts)

    def test_the_dialogs_own_buttons(self):
        """A dialog of anybody's on any answer: its buttons check who presses them."""
        for role, user in self.users.items():
            self._become(role)
            before = self._read()
            for reply in (self.waiting, self.queued, self.draft, self.theirs):
                dialog = self.env["social.care.approval"].create(
                    {"reply_id": reply.id, "note": "x"}
                )
                self.env.cr.execute("UPDATE social_care_approval SET create_uid = %s", [user.id])
                self.env.invalidate_all()
                for button in ("action_send", "action_reject"):
                    with self.subTest(button, role=role, state=reply.state):
                        self._call("social.care.approval", button, dialog.ids)
                        self._assert_no_harm({key: dict(row) for key, row in before.items()})
            self.assertFalse(
                self._call("social.care.approval", "create", {"reply_id": self.theirs.id}),
                "it would show a text of another team",
            )

    def test_nobody_lifts_what_asks_for_approval(self):
        self.users["author"].social_needs_approval = True
        self.team.social_approval = "all"
        guard = self._guard("court")
        agent = self.users["author"]
        self._become("author")
        for model, record, values in (
            ("res.users", agent, {"social_needs_approval": False}),
            ("helpdesk.ticket.team", self.team, {"social_approval": "none"}),
            ("helpdesk.ticket.team", self.team, {"social_learner_ids": [Command.clear()]}),
            ("social.care.guard", guard, {"active": False}),
            ("res.groups", self.env.ref(REVIEWER), {"user_ids": [Command.link(agent.id)]}),
            ("res.users", self.second, {"active": False}),
            ("social.care.account", self.account, {"team_line_ids": [Command.clear()]}),
        ):
            with self.subTest(model, values=values):
                self.assertFalse(self._call(model, "write", record.ids, values))
        reply = self.env[MODEL].with_user(agent)
        reply = reply.create({"mention_id": self.calm.id, "body": "See you in court."})
        reply.action_send_wait()
        self.assertEqual(reply.approval_reasons, ["guard", "user", "team"])

    def test_a_picture_that_is_changed_holds_the_answer(self):
        for field, value in (("raw", "eA=="), ("db_datas", "eA=="), ("description", "An insult")):
            with self.subTest(field):
                self.queued.write({"state": "draft"})
                self.queued._queue_now()
                self._become("author")
                self._call("ir.attachment", "write", self.picture.ids, {field: value})
                self.env.invalidate_all()
                changed = self.queued._is_changed()
                self.assertEqual(self.queued._get_objections() == ["changed"], changed)
                self.assertTrue(changed or self.picture.raw == PIXEL)
        self._call("ir.attachment", "unlink", self.picture.ids)
        self.env.invalidate_all()
        self.assertEqual(self.queued._get_objections(), ["changed"])

    def test_a_picture_put_into_another_persons_answer_speaks_for_who_sends_it(self):
        """A newcomer may change its picture; what goes out then is read first, in their name."""
        self.users["colleague"].social_needs_approval = True
        self._become("colleague")
        for state, button in (("failed", "action_retry"), ("unconfirmed", "action_confirm_absent")):
            with self.subTest(state):
                self.queued.write({"state": state, "user_id": self.users["author"].id})
                self.queued.approved_digest = self.queued._get_digest()
                self._call("ir.attachment", "write", self.picture.ids, {"description": state})
                self.assertTrue(self._call(MODEL, button, self.queued.ids))
                self.env.invalidate_all()
                self.assertEqual(
                    (self.queued.state, self.queued.user_id), ("to_approve", self.user)
                )

    def test_a_draft_is_sent_by_its_author_alone(self):
        self._become("colleague")
        self.assertFalse(self._call(MODEL, "action_send_wait", self.draft.ids))
        self.env.invalidate_all()
        self.assertEqual(self.draft.state, "draft")

    def test_nothing_went_out(self):
        """The cron finds only the answer that nobody has to read."""
        self._become("author")
        for method in ("action_send_wait", "action_approve", "action_retry"):
            self._call(MODEL, method, self.draft.ids)
        self.env.ref("social_care.ir_cron_publish").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual([sent.parent.external_id for sent in self.network.ledger], ["calm"])
        self.assertEqual(self.draft.state, "to_approve")

    def test_the_same_by_key(self):
        """Odoo's other door, /json/2, for scripts with a key."""
        self._become("author")
        before = self._read()
        keys = self.env["res.users.apikeys"].with_user(self.user)
        key = keys._generate("rpc", "of this test", datetime.now() + timedelta(hours=1))
        header = {"Authorization": f"Bearer {key}"}
        fresh = {"mention_id": self.mention.id, "body": "Hi"}
        for method, body, status in (
            ("write", {"ids": self.waiting.ids, "vals": {"state": "queued"}}, 403),
            ("create", {"vals_list": [{**fresh, "state": "queued"}]}, 403),
            ("create", {"vals_list": [fresh], "context": {"default_state": "queued"}}, 200),
            ("action_approve", {"ids": self.waiting.ids}, 422),
            ("_queue_now", {"ids": self.waiting.ids}, 403),
        ):
            with self.subTest(method, body=body):
                answer = self.url_open(f"/json/2/{MODEL}/{method}", json=body, headers=header)
                self.assertEqual(answer.status_code, status, answer.text[:300])
                self._assert_no_harm({key: dict(row) for key, row in before.items()})


@tagged("post_install", "-at_install")
class TestWhoSpeaks(NoWayCommon):
    """An agent speaks for the accounts of their teams; without the role one does not even read."""

    def test_without_the_role_nothing_is_read_or_sent(self):
        fresh = {"mention_id": self.mention.id, "body": "Hi"}
        for role in ("helpdesk", "employee", "portal", "public"):
            self._become(role)
            for call in (
                ("social.care.mention", "read", self.mention.ids, ["body"]),
                ("social.care.mention", "search_count", []),
                (MODEL, "read", self.waiting.ids, ["body"]),
                (MODEL, "create", fresh),
                (MODEL, "onchange", [], fresh, [], {"body": {}, "account_id": {}}),
                (MODEL, "count_text", self.mention.id, "Hi"),
                (MODEL, "check_text", self.mention.id, "Hi"),
                ("helpdesk.ticket", "action_social_reply", self.ticket.ids),
                ("helpdesk.ticket", "social_care_conversation", self.ticket.ids),
                ("helpdesk.ticket", "read", self.ticket.ids, ["social_reply_ids"])
                if role == "portal"
                else ("social.care.approval", "create", {"reply_id": self.waiting.id}),
            ):
                with self.subTest(call[1], role=role):
                    self.assertFalse(self._call(*call))

    def test_a_form_tells_a_stranger_nothing(self):
        """What forms compute before anything is saved, of another team's messages and answers."""
        ticket = self.foreign.ticket_id
        forms = (
            (MODEL, "mention_id", self.foreign.id, ("body", "ticket_id", "brand", "ticket_drafts")),
            (MODEL, "mention_id", {"id": self.foreign.id}, ("opening_text",)),
            ("social.care.approval", "reply_id", self.theirs.id, ("body", "approval_text")),
            ("social.care.ask", "ticket_id", ticket.id, ("near_user_ids", "deadline")),
        )
        self._become("author")
        for model, field, value, names in forms:
            for name in names:
                spec = {field: {}, name: {}}
                with self.subTest(model, name=name):
                    self.assertFalse(
                        self._call(model, "onchange", [], {field: value}, [field], spec)
                    )
                    context = {f"default_{field}": value}
                    self.assertFalse(
                        self._call(model, "onchange", [], {}, [], spec, context=context)
                    )
        passed_on = {"ticket_id": ticket.id, "pass_on": True}
        spec = {"pass_on": {}, "text": {}}
        self.assertFalse(
            self._call("social.care.ask", "onchange", [], passed_on, ["pass_on"], spec)
        )

    def test_the_routes_show_nothing_without_the_role(self):
        author = self.mention.author_id
        author.avatar_1920 = base64.b64encode(PIXEL)
        paths = (
            f"/web/image/social.care.author/{author.id}/avatar_128?download=1",
            f"/web/content/{self.picture.id}?download=1",
        )
        shown = {}
        for role in ("author", "helpdesk", "portal", "public"):
            self._become(role)
            answers = [self.url_open(path) for path in paths]
            shown[role] = [
                answer.status_code == 200 and "placeholder" not in str(answer.headers)
                for answer in answers
            ]
        self.assertEqual(
            shown,
            {
                "author": [True, True],
                "helpdesk": [False, False],
                "portal": [False, False],
                "public": [False, False],
            },
        )

    def test_an_agent_of_no_team_of_the_account_does_not_answer_for_it(self):
        loose = self._receive(self._mention("loose", who="cy"), account=self.other_account)
        loose.ticket_id.team_id = False  # then every agent sees it
        self._become("author")
        self.assertTrue(self._call("social.care.mention", "read", loose.ids, ["body"]))
        fresh = {"mention_id": loose.id, "body": "Hi"}
        self.assertFalse(self._call(MODEL, "create", fresh))
        self.other_team.user_ids = self.user
        self.env.flush_all()
        self.assertTrue(self._call(MODEL, "create", fresh))

    def test_who_comes_to_a_team_or_leaves_it_does_so_at_once(self):
        agent, ticket = self.users["author"], self.foreign.ticket_id
        self.assertFalse(ticket.with_user(agent).has_access("read"))
        ticket.team_id = ticket.team_id.create({"name": "New", "user_ids": agent.ids})
        self.assertTrue(ticket.with_user(agent).has_access("read"))
        agent.helpdesk_team_ids -= ticket.team_id
        self.assertFalse(ticket.with_user(agent).has_access("read"))

    def test_whoever_the_ticket_was_given_to_answers_it(self):
        specialist = new_test_user(self.env, login="specialist", groups=AGENT)
        self.calm.ticket_id.user_id = specialist
        reply = self.env[MODEL].with_user(specialist)
        reply = reply.create({"mention_id": self.calm.id, "body": "Hi"})
        reply.action_send_wait()
        self.assertEqual(reply.state, "queued")

    def test_who_left_the_accounts_teams_sends_no_more(self):
        loose = self._receive(self._mention("loose", who="cy"))
        reply = self._answer(loose)
        loose.ticket_id.write({"team_id": False, "user_id": False})
        self.assertEqual(reply._get_objections(), [])
        self.team.user_ids -= self.agent
        self.assertEqual(reply._get_objections(), ["author_gone"])
