"""Who may do what: one table, tried as each role by the calls that a browser or a script makes."""

import contextlib

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import HttpCase, JsonRpcException, new_test_user, tagged
from odoo.tools import mute_logger

from .common import MONDAY_10, SocialCareCommon

AGENT = "social_care.social_care_group_agent"
ROLES = {
    "portal": "base.group_portal",
    "employee": "base.group_user",
    "helpdesk": "helpdesk_mgmt.group_helpdesk_user_team",  # of the team, without our role
    "agent": AGENT,  # of the team
    "stranger": AGENT,  # of another team
    "foreigner": AGENT,  # of another company
    "reviewer": "social_care.social_care_group_reviewer",  # of the team
    "manager": "social_care.social_care_group_manager",
    "admin": "base.group_system,social_care.social_care_group_manager",
}
MEMBERS = ("helpdesk", "agent", "reviewer")
AGENTS_ASK = dict.fromkeys(("agent", "stranger", "foreigner", "reviewer", "manager", "admin"), "c")
TEAM_ASKS = dict.fromkeys(("agent", "reviewer", "manager", "admin"), "c")

# Model → role → r(ead), w(rite), c(reate), u(nlink) of a record of the team. Others: nothing.
TABLE = {
    "social.care.app": {"manager": "r", "admin": "rwcu"},
    "social.care.account": {
        "agent": "r",
        "stranger": "r",
        "reviewer": "r",
        "manager": "rwcu",
        "admin": "rwcu",
    },
    "social.care.account.team": {
        "agent": "r",
        "stranger": "r",
        "reviewer": "r",
        "manager": "rwcu",
        "admin": "rwcu",
    },
    "social.care.author": {"agent": "rw", "reviewer": "rw", "manager": "rw", "admin": "rw"},
    "social.care.mention": {"agent": "rw", "reviewer": "rw", "manager": "rw", "admin": "rw"},
    "social.care.reply": {
        "agent": "rwcu",
        "reviewer": "rwcu",
        "manager": "rwcu",
        "admin": "rwcu",
    },
    "social.care.reason": {
        "agent": "r",
        "stranger": "r",
        "foreigner": "r",
        "reviewer": "r",
        "manager": "rwcu",
        "admin": "rwcu",
    },
    "social.care.rule": {
        "agent": "r",
        "stranger": "r",
        "foreigner": "r",  # that of all companies
        "reviewer": "r",
        "manager": "rwcu",
        "admin": "rwcu",
    },
    "social.care.guard": {
        "agent": "r",
        "stranger": "r",
        "foreigner": "r",  # that of all companies
        "reviewer": "r",
        "manager": "rwcu",
        "admin": "rwcu",
    },
    "social.care.on.call": {
        "agent": "r",
        "stranger": "r",
        "reviewer": "r",
        "manager": "rwcu",
        "admin": "rwcu",
    },
    "social.care.ring": {"manager": "r", "admin": "r"},  # agents see their own
    # Who is asked writes the answer; here nobody of them is.
    "social.care.question": {"agent": "r", "reviewer": "r", "manager": "r", "admin": "r"},
    "social.care.delivery": {"manager": "ru", "admin": "ru"},
    "social.care.login": {},  # each sees their own alone
    "helpdesk.ticket": {
        "helpdesk": "rwc",
        "agent": "rwc",
        "stranger": "c",
        "foreigner": "c",
        "reviewer": "rwc",
        "manager": "rwc",
        "admin": "rwc",
    },
    # What a dialog asks; whoever may open it.
    "social.care.decide": AGENTS_ASK,
    "social.care.hide": AGENTS_ASK,
    "social.care.close": AGENTS_ASK,
    "social.care.crisis": {
        "agent": "r",
        "stranger": "r",
        "reviewer": "rw",
        "manager": "rw",
        "admin": "rw",
    },
    "social.care.crisis.wording": {
        "agent": "r",
        "stranger": "r",
        "reviewer": "rwcu",
        "manager": "rwcu",
        "admin": "rwcu",
    },
    "social.care.crisis.close": AGENTS_ASK,
    "social.care.report": {"agent": "r", "reviewer": "r", "manager": "r", "admin": "r"},
    "social.care.shift.end": AGENTS_ASK,
    "social.care.shift.end.line": {},  # in one's own list alone
    "social.care.approval": TEAM_ASKS,  # of an answer that they may change
    "social.care.contact": {},  # opened by the author's button alone
    "social.care.contact.line": {},
    # Of a ticket or message that they may change.
    "social.care.spoken": TEAM_ASKS,
    "social.care.ask": TEAM_ASKS,
    "social.care.quiet": TEAM_ASKS,
    # Of an answer that somebody else wrote.
    "social.care.change": dict.fromkeys(("reviewer", "manager", "admin"), "c"),
    "social.care.take.back": dict.fromkeys(("reviewer", "manager", "admin"), "c"),
    "social.care.rule.try": {},  # opened by the rule's button alone
    "social.care.rule.try.line": {},
    "social.care.solo": {"manager": "c", "admin": "c"},
    "social.care.hold": {"manager": "c", "admin": "c"},
    "social.care.connect": {"manager": "c", "admin": "c"},
    "social.care.check": {"manager": "c", "admin": "c"},
    "social.care.other.hours": {"manager": "c", "admin": "c"},
    "social.care.other.hours.line": {},  # in one's own comparison alone
    "privacy.lookup.wizard": {"admin": "c"},
}

# (model, method) → who may call it on a record of the team. Others are refused.
METHODS = {
    ("social.care.mention", "action_make_ticket"): ("agent", "reviewer", "manager", "admin"),
    ("social.care.mention", "action_decide"): ("agent", "reviewer", "manager", "admin"),
    ("social.care.mention", "action_undo"): ("agent", "reviewer", "manager", "admin"),
    ("social.care.mention", "action_hide"): ("agent", "reviewer", "manager", "admin"),
    ("social.care.author", "action_open_profile"): ("agent", "reviewer", "manager", "admin"),
    ("helpdesk.ticket", "social_care_conversation"): ("agent", "reviewer", "manager", "admin"),
    ("helpdesk.ticket", "action_social_reply"): ("agent", "reviewer", "manager", "admin"),
    ("helpdesk.ticket", "action_social_ask"): ("agent", "reviewer", "manager", "admin"),
    ("helpdesk.ticket", "action_social_pass_on"): ("agent", "reviewer", "manager", "admin"),
    ("helpdesk.ticket", "action_social_hold"): ("manager", "admin"),
    ("social.care.reply", "action_cancel"): ("agent", "reviewer", "manager", "admin"),
    ("social.care.reply", "action_send_wait"): ("agent", "reviewer", "manager", "admin"),
    ("social.care.account", "action_pause"): ("manager", "admin"),
    ("social.care.account", "action_poll_now"): ("manager", "admin"),
    ("social.care.app", "action_renew_webhook_token"): ("admin",),
}

# Nobody calls these from outside, whatever the role.
PRIVATE = (
    ("social.care.account", "_ingest"),
    ("social.care.account", "_cron_retain"),
    ("social.care.mention", "_to_tickets"),
    ("social.care.mention", "_blank"),
    ("social.care.reply", "_publish"),
    ("social.care.reply", "_queue_now"),
    ("social.care.reply", "_approve"),
    ("social.care.reply", "_find_in_answer"),
    ("social.care.guard", "_find_personal_data"),
    ("social.care.reply", "_change_text"),
    ("social.care.reply", "_take_back"),
    ("social.care.author", "_social_care_erase"),
    ("social.care.author", "_export_person"),
    ("helpdesk.ticket", "_social_care_ask"),
    ("helpdesk.ticket", "_social_care_hold"),
    ("helpdesk.ticket", "_social_care_pass_on"),
    ("helpdesk.ticket", "_social_care_release"),
)


OUTSIDERS = ("portal", "employee", "foreigner")


# They open a form or a list, which shows what its reader may see.
ONLY_OPEN = {"action_open", "action_open_hits"}


def _list_buttons(model_class):
    """Names of the methods without arguments that this addon lets people call on a model."""
    found = {
        name
        for base in model_class.mro()
        if base.__module__.startswith("odoo.addons.social_care.")
        for name, method in vars(base).items()
        if name.startswith(("action_", "social_care_"))
        and not name.startswith("action_view_")
        and name not in ONLY_OPEN
        and method.__code__.co_argcount == 1 + len(method.__defaults__ or ())
    }
    return sorted(found)


class _RolledBackError(Exception):
    pass


class AccessRolesCommon(SocialCareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.foreign = cls.env["res.company"].create({"name": "Another company"})
        other_team = cls.env["helpdesk.ticket.team"].create({"name": "Other team"})
        cls.users = {
            role: new_test_user(
                cls.env,
                login=f"role_{role}",
                groups=groups,
                company_id=company.id,
                company_ids=[Command.set(company.ids)],
            )
            for role, groups in ROLES.items()
            for company in (cls.foreign if role == "foreigner" else cls.env.company,)
        }
        for role in MEMBERS:
            cls.team.user_ids |= cls.users[role]
        other_team.user_ids = cls.users["stranger"]

    def setUp(self):
        super().setUp()
        self.mention = self._receive(self._mention("1"))
        self.undecided = self._receive(self._mention("2", who="bo", addressed=False))
        self.records = self._create_records()

    def _create_records(self):
        """Model → (record, values to write, values of another one)."""
        env = self.env
        app = env["social.care.app"].create({"name": "App", "network": "facebook"})
        account = self._create_account(external_id="spare")
        reason = env["social.care.reason"].create({"name": "Of this test"})
        reply = env["social.care.reply"].create({"mention_id": self.mention.id, "body": "Hi"})
        delivery = env["social.care.delivery"].create(
            {"account_id": self.account.id, "digest": "d", "state": "failed"}
        )
        login_values = {"account_id": account.id, "user_id": env.uid}
        login = env["social.care.login"].create(login_values)
        author = self.mention.author_id
        rule = env["social.care.rule"].create(
            {"name": "Of this test", "action": "ticket", "keywords": "suitcase"}
        )
        on_call = env["social.care.on.call"].create({"team_id": self.team.id, "user_id": env.uid})
        ring_values = {
            "ticket_id": self.mention.ticket_id.id,
            "user_id": env.uid,
            "rung_at": MONDAY_10,
            "expires_at": MONDAY_10,
        }
        ring = env["social.care.ring"].create(ring_values)
        question_values = {
            "ticket_id": self.mention.ticket_id.id,
            "asker_id": env.uid,
            "question": "How big?",
        }
        question = env["social.care.question"].create(question_values)
        stormy = self._create_account(external_id="stormy")
        crisis_values = {"account_id": stormy.id, "trigger": "manual", "state": "closed"}
        crisis = env["social.care.crisis"].create(crisis_values)
        wording_values = {
            "crisis_id": crisis.id,
            "kind": "statement",
            "lang": "en",
            "text": "{name}, we know.",
        }
        contact = env["social.care.contact"].create({"author_id": author.id})
        tried = env["social.care.rule.try"].create({"name": "x"})
        team = env["helpdesk.ticket.team"].create({"name": "Third"})
        return {
            "social.care.app": (app, {"name": "x"}, {"name": "y", "network": "facebook"}),
            "social.care.account": (account, {"tone": "x"}, {"name": "y", "network": "mastodon"}),
            "social.care.account.team": (
                account.team_line_ids,
                {"sequence": 5},
                {"account_id": account.id, "team_id": team.id},
            ),
            "social.care.author": (
                author,
                {"standing": "vip"},
                {"network": "mastodon", "external_id": "n", "company_id": env.company.id},
            ),
            "social.care.mention": (
                self.undecided,
                {"intent": "praise"},
                {"account_id": account.id, "external_id": "n", "posted_at": MONDAY_10},
            ),
            "social.care.reply": (
                reply,
                {"body": "x"},
                {"mention_id": self.mention.id, "body": "y"},
            ),
            "social.care.reason": (reason, {"name": "x"}, {"name": "y"}),
            "social.care.rule": (rule, {"name": "x"}, {"name": "y", "action": "ticket"}),
            "social.care.guard": (
                env["social.care.guard"].create({"name": "x", "pattern": "x"}),
                {"name": "y"},
                {"name": "y", "pattern": "y"},
            ),
            "social.care.on.call": (
                on_call,
                {"phone": "x"},
                {"team_id": team.id, "user_id": env.uid},
            ),
            "social.care.question": (question, {"answer": "x"}, question_values),
            "social.care.ring": (ring, {"result": "taken"}, ring_values),
            "social.care.delivery": (
                delivery,
                {"error_detail": "x"},
                {"account_id": account.id, "digest": "n"},
            ),
            "social.care.login": (login, {"state_digest": "x"}, login_values),
            "helpdesk.ticket": (
                self.mention.ticket_id,
                {"priority": "2"},
                {"name": "y", "description": "y", "team_id": False},
            ),
            "social.care.decide": (None, None, {"decision": "watch"}),
            "social.care.hide": (None, None, {"reason": "x"}),
            "social.care.hold": (None, None, {"reason": "x"}),
            "social.care.crisis": (crisis, {"statement": "x"}, crisis_values),
            "social.care.crisis.wording": (
                env["social.care.crisis.wording"].create(wording_values),
                {"text": "{name}: x"},
                wording_values,
            ),
            "social.care.crisis.close": (None, None, {"crisis_id": crisis.id, "review": "x"}),
            "social.care.report": (
                env["social.care.report"].search([("mention_id", "=", self.mention.id)]),
                {"lang": "x"},
                {"lang": "x"},
            ),
            "social.care.shift.end": (None, None, {}),
            "social.care.shift.end.line": (
                None,
                None,
                {
                    "wizard_id": env["social.care.shift.end"].create({}).id,
                    "ticket_id": self.mention.ticket_id.id,
                },
            ),
            "social.care.approval": (None, None, {"reply_id": reply.id, "note": "x"}),
            "social.care.contact": (None, None, {"author_id": author.id}),
            "social.care.contact.line": (
                None,
                None,
                {"wizard_id": contact.id, "partner_id": env.user.partner_id.id},
            ),
            "social.care.close": (None, None, {"reason_id": reason.id}),
            "social.care.spoken": (
                None,
                None,
                {"ticket_id": self.mention.ticket_id.id, "note": "x"},
            ),
            "social.care.ask": (None, None, {"ticket_id": self.mention.ticket_id.id}),
            "social.care.quiet": (None, None, {"mention_id": self.mention.id}),
            "social.care.change": (None, None, {"reply_id": reply.id}),
            "social.care.take.back": (None, None, {"reply_id": reply.id, "reason": "x"}),
            "social.care.rule.try": (None, None, {"name": "x"}),
            "social.care.rule.try.line": (
                None,
                None,
                {"try_id": tried.id, "mention_id": self.mention.id},
            ),
            "social.care.solo": (None, None, {}),
            "social.care.connect": (None, None, {"network": "mastodon"}),
            "social.care.check": (None, None, {}),
            "social.care.other.hours": (None, None, {"account_id": self.account.id}),
            "social.care.other.hours.line": (None, None, {"hours": "today"}),
            "privacy.lookup.wizard": (None, None, {"name": "x"}),
        }


class TestAccessRoles(AccessRolesCommon):
    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.models", "odoo.sql_db")
    def _may(self, role, model, method, *arguments):
        """Whether the call is allowed and finds something; nothing of it stays."""
        allowed = False
        with contextlib.suppress(UserError, _RolledBackError), self.env.cr.savepoint():
            records = self.env[model].with_user(self.users[role])
            allowed = bool(call_kw(records, method, list(arguments), {}))
            self.env.flush_all()
            raise _RolledBackError
        self.env.invalidate_all()
        return allowed

    def _try_all(self, role, model):
        """The letters of what the role can do with the model."""
        record, values, others = self.records[model]
        calls = {"c": ("create", others)}
        if record:
            calls |= {
                "r": ("search_read", [("id", "=", record.id)], ["id"]),
                "w": ("write", record.ids, values),
                "u": ("unlink", record.ids),
            }
        if model == "helpdesk.ticket":
            del calls["u"]  # with its messages it stays, whoever asks
        return "".join(
            letter
            for letter in "rwcu"
            if letter in calls and self._may(role, model, *calls[letter])
        )

    def test_each_role_can_do_what_the_table_says_and_no_more(self):
        for model, expected in TABLE.items():
            for role in ROLES:
                with self.subTest(model=model, role=role):
                    self.assertEqual(self._try_all(role, model), expected.get(role, ""))

    def test_the_table_has_every_model_of_ours(self):
        ours = {
            name
            for name, model in self.env.registry.items()
            if name.startswith("social.care.") and not model._abstract
        }
        self.assertFalse(ours - set(TABLE))

    def test_each_button_works_for_whom_the_table_says(self):
        for (model, method), allowed in METHODS.items():
            record = self.records[model][0]
            for role in ROLES:
                if model == "social.care.reply":
                    record.user_id = self.users[role]  # drafts of others are sent by nobody
                with self.subTest(model=model, method=method, role=role):
                    self.assertEqual(self._may(role, model, method, record.ids), role in allowed)

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.models")
    def test_no_button_of_ours_answers_an_outsider(self):
        for model, (record, *_rest) in self.records.items():
            for method in _list_buttons(self.env.registry[model]) if record else ():
                for role in OUTSIDERS:
                    with self.subTest(model=model, method=method, role=role):
                        self.assertFalse(self._may(role, model, method, record.ids))

    def test_what_is_private_is_private_for_administrators_too(self):
        for model, method in PRIVATE:
            for role in ("agent", "admin"):
                self.assertTrue(hasattr(self.env[model], method), method)
                with self.assertRaisesRegex(AccessError, "Private methods"):
                    records = self.env[model].with_user(self.users[role])
                    call_kw(records, method, [self.records[model][0].ids], {})

    def test_each_sees_only_their_own_login(self):
        login = self.records["social.care.login"][0]
        login.user_id = self.users["manager"]
        self.assertTrue(self._may("manager", login._name, "read", login.ids, ["id"]))
        self.assertFalse(self._may("admin", login._name, "read", login.ids, ["id"]))


@tagged("post_install", "-at_install")
class TestAccessOverHttp(AccessRolesCommon, HttpCase):
    """The same from outside, as a browser or a script with a session asks."""

    def _call(self, model, method, *arguments):
        parameters = {"model": model, "method": method, "args": arguments, "kwargs": {}}
        route = f"/web/dataset/call_kw/{model}/{method}"
        return self.make_jsonrpc_request(route, parameters)

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_rule")
    def test_each_role_reads_what_the_table_says(self):
        self.env.flush_all()
        for role, user in self.users.items():
            self.authenticate(user.login, user.login)
            seen = set()
            for model, (record, *_rest) in self.records.items():
                if record:
                    with contextlib.suppress(JsonRpcException):
                        if self._call(model, "search_read", [["id", "=", record.id]], ["id"]):
                            seen.add(model)
            expected = {model for model, roles in TABLE.items() if "r" in roles.get(role, "")}
            self.assertEqual(seen, expected, role)

    @mute_logger("odoo.http")
    def test_private_methods_and_secrets_are_out_of_reach(self):
        account = self.records["social.care.account"][0]
        self.env.flush_all()
        for role in ("agent", "manager"):
            self.authenticate(f"role_{role}", f"role_{role}")
            with self.assertRaisesRegex(JsonRpcException, "AccessError"):
                self._call("social.care.account", "read", account.ids, ["access_token"])
            for model, method in PRIVATE:
                with self.assertRaisesRegex(JsonRpcException, "AccessError"):
                    self._call(model, method, self.records[model][0].ids)

    @mute_logger("odoo.http")
    def test_an_agent_neither_holds_nor_releases(self):
        ticket = self.mention.ticket_id
        self.env.flush_all()
        self.authenticate("role_agent", "role_agent")
        for call in (
            ("helpdesk.ticket", "write", ticket.ids, {"social_legal_hold": True}),
            ("helpdesk.ticket", "action_social_hold", ticket.ids),
            ("social.care.hold", "create", {"ticket_ids": ticket.ids, "reason": "x"}),
        ):
            with self.assertRaisesRegex(JsonRpcException, "AccessError"):
                self._call(*call)
