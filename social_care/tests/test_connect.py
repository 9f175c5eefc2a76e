import base64
import logging
from contextlib import contextmanager
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import config, mute_logger

from odoo.addons.social_care import networks

from .common import FakeNetwork, SocialCareCommon

MANAGER = "social_care.social_care_group_manager"
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)


def login_of(who, token="t0ken", **profile):
    return networks.Login(
        networks.Profile(
            external_id=f"{who}@fake.example", handle=who, name=who.capitalize(), **profile
        ),
        networks.Tokens(token, "r3fresh"),
    )


class FakeLogin(FakeNetwork):
    """Opens the accounts in ``opened``; who has which token is told by ``verify``."""

    login = "oauth"
    registers_apps = True
    needs_base_url = True
    guide = networks.Guide(
        demands=("A public https address",),
        meanwhile="Polling works.",
        steps=("Create an app", "Copy <its> keys"),
        permissions=("read", "write"),
    )
    opened = []
    exchanged = []
    registered = []

    def verify(self):
        if self.failure:
            raise self.failure
        for login in self.opened:
            if login.tokens.access_token == self.credentials.access_token:
                return login.profile
        raise networks.AuthenticationError("token_expired")

    def register_app(self, redirect_uri):
        self.registered.append(redirect_uri)
        return networks.AppKeys(self.credentials.base_url, "key", "s3cret")

    def authorize_url(self, redirect_uri, state, challenge):
        assert self.credentials.client_id == "key"
        assert not self.credentials.access_token
        return f"https://fake.example/oauth?state={state}&challenge={challenge}"

    def exchange(self, code, redirect_uri, verifier):
        if code == "wrong":
            raise networks.AuthenticationError("login_refused")
        self.exchanged.append((code, redirect_uri, verifier))
        return self.opened

    def sign_in(self, handle, password):
        if password != "app-pass":
            raise networks.AuthenticationError("login_refused")
        return self.opened[0]


class Setting:
    """A draft account, a manager, and a network that opens ``aurora``."""

    def set_up_login(self):
        values = {"opened": [login_of("aurora")], "exchanged": [], "registered": []}
        self.network = type("FakeLoginOfTest", (FakeLogin,), values)
        account_class = self.env.registry["social.care.account"]
        self.patch(account_class, "_get_network_classes", lambda _self: {"mastodon": self.network})
        self.manager = new_test_user(self.env, "connect_manager", groups=MANAGER)
        self.draft = self.env["social.care.account"].create(
            {"name": "Aurora Air", "network": "mastodon", "base_url": "https://login.example"}
        )

    def wizard_of(self, account, **values):
        account = account.with_user(self.manager)
        wizard = account.env["social.care.connect"].browse(account.action_connect()["res_id"])
        wizard.write(values)
        return wizard


class TestConnect(Setting, SocialCareCommon):
    def setUp(self):
        super().setUp()
        self.set_up_login()
        self.patch(
            self.env.registry["social.care.login"], "_get_session_digest", lambda _self: "browser"
        )

    def _state(self, account=None):
        """Begin a login; gives the state that went to the network."""
        url = self.wizard_of(account or self.draft).action_log_in()["url"]
        return parse_qs(urlsplit(url).query)["state"][0]

    def test_the_guide_speaks_of_the_network_and_shows_its_texts_as_text(self):
        wizard = self.wizard_of(self.draft)
        self.assertIn("<li>A public https address</li>", wizard.demands)
        self.assertIn("Copy &lt;its&gt; keys", wizard.steps)
        self.assertEqual((wizard.meanwhile, wizard.permissions), ("Polling works.", "read\nwrite"))
        self.assertTrue(wizard.callback_address.endswith("/social_care/connect/callback"))

    def test_without_a_guide_nothing_is_shown_in_its_place(self):
        wizard = self.env["social.care.connect"].create({"network": "mastodon", "practice": True})
        self.assertEqual((wizard.demands, wizard.meanwhile, wizard.steps), (False, "", False))

    def test_the_guide_speaks_the_user_s_language(self):
        self.env["res.lang"]._activate_lang("es_ES")
        translated = {"Polling works.": "El sondeo funciona."}
        self.network.__module__ = "odoo.addons.plaza.networks"
        wizard = self.wizard_of(self.draft).with_context(lang="es_ES")
        with patch(
            "odoo.tools.translate.code_translations.get_python_translations",
            lambda module, lang: translated if (module, lang) == ("plaza", "es_ES") else {},
        ):
            self.assertEqual(wizard.meanwhile, "El sondeo funciona.")

    def test_the_dialog_makes_the_account_with_its_team(self):
        wizards = self.env["social.care.connect"].with_user(self.manager)
        wizard = wizards.create({"network": "mastodon", "name": "New", "team_id": self.team.id})
        wizard.action_begin()
        account = wizard.account_id
        self.assertEqual((account.state, account.team_line_ids.team_id), ("draft", self.team))

    def test_practice_begins_at_once(self):
        wizards = self.env["social.care.connect"].with_user(self.manager)
        wizard = wizards.create({"network": "mastodon", "name": "Training", "practice": True})
        wizard.action_begin()
        account = self.env["social.care.account"].search([("name", "=", "Training")])
        self.assertEqual((account.practice, account.state), (True, "connected"))

    def test_a_server_gives_its_keys_once_for_each_address_of_odoo(self):
        other = self.draft.copy({"name": "Second"})
        self._state()
        self._state(other)
        self.assertEqual(len(self.network.registered), 1)
        self.assertEqual(self.draft.app_id, other.app_id)
        self.assertEqual(self.draft.app_id.client_secret, "s3cret")
        self.env["ir.config_parameter"].set_param("web.base.url", "https://new.example")
        self._state()
        self.assertEqual(len(self.network.registered), 2)
        self.assertEqual(
            self.draft.app_id.redirect_uri, "https://new.example/social_care/connect/callback"
        )

    def test_a_manager_cannot_say_where_credentials_go(self):
        with self.assertRaisesRegex(AccessError, "Only an administrator"):
            self.wizard_of(self.draft, base_url="https://evil.example").action_log_in()

    def test_an_administrator_enters_the_server_in_the_dialog(self):
        self.draft.base_url = False
        wizard = self.wizard_of(self.draft).with_user(self.env.ref("base.user_admin"))
        wizard.base_url = "https://typed.example/@aurora"
        wizard.action_log_in()
        self.assertEqual(self.draft.base_url, "https://typed.example")
        self.assertEqual(self.draft.app_id.base_url, "https://typed.example")

    def test_without_a_server_the_administrator_is_named(self):
        self.draft.base_url = False
        with self.assertRaisesRegex(UserError, "Only an administrator can enter it"):
            self.wizard_of(self.draft).action_log_in()
        self.assertFalse(self.network.registered)

    def test_only_administrators_see_where_webhooks_go(self):
        self.network.supports_webhook = True
        wizard = self.wizard_of(self.draft).with_user(self.env.ref("base.user_admin"))
        self.assertFalse(wizard.webhook_address)
        self._state()
        app = wizard.app_id = self.draft.app_id
        self.assertTrue(wizard.webhook_address.endswith(app.webhook_token))
        with self.assertRaises(AccessError):
            wizard.with_user(self.manager).read(["webhook_address"])

    def test_keys_of_an_app_go_to_its_own_server_and_network_only(self):
        app = self.env["social.care.app"].create(
            {"name": "Other", "network": "mastodon", "base_url": "https://other.example"}
        )
        app.client_id = "key"
        with self.assertRaisesRegex(UserError, "not for this account"):
            self.wizard_of(self.draft, app_id=app.id).action_log_in()
        self.draft.base_url = False
        self.wizard_of(self.draft, app_id=app.id).action_log_in()
        self.assertEqual(self.draft.base_url, "https://other.example")

    def test_an_app_may_serve_accounts_of_another_company(self):
        company = self.env["res.company"].create({"name": "Aurora Cargo"})
        app = self.env["social.care.app"].create(
            {"name": "Shared", "network": "mastodon", "company_id": company.id, "client_id": "key"}
        )
        self.manager.company_ids |= company
        both = self.manager.company_ids.ids
        account = self.draft.with_context(allowed_company_ids=both)
        self.assertIn(app, account.available_app_ids)
        self.wizard_of(account, app_id=app.id).action_log_in()
        self.assertEqual(self.draft.app_id, app)
        # A server's own keys are picked without asking only where they are the company's.
        self.draft.app_id = False
        self.wizard_of(account).action_log_in()
        self.assertEqual(self.draft.app_id.company_id, self.draft.company_id)

    def test_without_keys_the_administrator_is_named(self):
        self.network.registers_apps = False
        self.network.needs_app = True
        with self.assertRaisesRegex(UserError, "Ask an administrator"):
            self.wizard_of(self.draft).action_log_in()

    def test_an_agent_cannot_connect(self):
        with self.assertRaises(AccessError):
            self.draft.with_user(self.agent).action_connect()
        with self.assertRaises(AccessError):
            self.draft.with_user(self.agent)._begin_login()

    def test_a_state_holds_once_for_its_user_its_browser_and_ten_minutes(self):
        logins = self.env["social.care.login"].with_user(self.manager)
        other = new_test_user(self.env, "other_manager", groups=MANAGER)
        state = self._state()
        self.assertFalse(logins._consume("guessed")[0])
        self.assertFalse(logins.with_user(other)._consume(state)[0])
        with patch.object(type(logins), "_get_session_digest", lambda _self: "other browser"):
            self.assertFalse(logins._consume(state)[0])
        account, verifier = logins._consume(state)
        self.assertEqual((account, len(verifier)), (self.draft, 64))
        self.assertFalse(logins._consume(state)[0], "used already")
        state = self._state()
        self._age(logins)
        self.assertFalse(logins._consume(state)[0], "too old")

    def _age(self, logins):
        self.env.flush_all()
        self.cr.execute(
            "UPDATE social_care_login SET create_date = create_date - interval '11 minutes'"
        )
        logins.invalidate_model()

    def test_old_states_are_removed(self):
        self._state()
        logins = self.env["social.care.login"]
        self._age(logins)
        self._state()
        self.assertEqual(logins.search_count([]), 1)

    def test_a_state_is_stored_as_a_digest_and_its_verifier_shown_to_no_manager(self):
        state = self._state()
        self.env.flush_all()
        self.cr.execute("SELECT row_to_json(l)::text FROM social_care_login l")
        self.assertNotIn(state, self.cr.fetchone()[0])
        row = self.env["social.care.login"].with_user(self.manager).search([])
        for name in ("verifier", "access_token", "state_digest"):
            with self.assertRaises(AccessError):
                row.read([name])

    def _password_wizard(self, account, password):
        self.network.login = "password"
        wizard = self.wizard_of(account, handle="aurora", password=password)
        return wizard.with_context(typed=password)

    def test_a_password_logs_in_and_is_nowhere_afterwards(self):
        action = self._password_wizard(self.draft, "app-pass").action_log_in()
        self.assertEqual((self.draft.state, self.draft.access_token), ("connected", "t0ken"))
        self.assertNotIn("app-pass", str(action))
        self.env.flush_all()
        self.cr.execute("SELECT row_to_json(w)::text FROM social_care_connect w")
        self.assertNotIn("app-pass", str(self.cr.fetchall()))

    def test_a_refused_password_says_so(self):
        with self.assertRaisesRegex(UserError, "refused the login"):
            self._password_wizard(self.draft, "wrong").action_log_in()

    def test_a_token_is_taken_from_administrators_only(self):
        self.network.login = "token"
        wizard = self.wizard_of(self.draft).with_context(typed="t0ken")
        with self.assertRaisesRegex(UserError, "An administrator enters"):
            wizard.action_log_in()
        wizard.with_user(self.env.ref("base.user_admin")).action_log_in()
        self.assertEqual((self.draft.state, self.draft.handle), ("connected", "aurora"))

    def test_another_account_s_login_is_refused_naming_both(self):
        self.draft.write({"external_id": "aurora@fake.example", "handle": "aurora"})
        self.draft.access_token = "old"
        self.network.opened = [login_of("bo", "theirs")]
        with self.assertRaisesRegex(UserError, "“bo”.*“aurora”"):
            self._password_wizard(self.draft, "app-pass").action_log_in()
        self.assertEqual(self.draft.access_token, "old")

    def test_an_account_that_is_there_already_is_refused(self):
        self.account.write({"base_url": self.draft.base_url, "state": "connected"})
        with self.assertRaisesRegex(UserError, "connected already"):
            self._password_wizard(self.draft, "app-pass").action_log_in()

    @mute_logger("odoo.addons.social_care.models.social_care_account_poll")
    def test_a_login_whose_proof_fails_is_kept_for_another_try(self):
        self.network.failure = networks.TransientError("unreachable")
        action = self._password_wizard(self.draft, "app-pass").action_log_in()
        self.assertIn("cannot be reached", action["params"]["message"])
        self.assertEqual((self.draft.state, self.draft.access_token), ("draft", "t0ken"))
        self.network.failure = None
        self.draft.with_user(self.manager).action_test_connection()
        self.assertEqual(self.draft.state, "connected")

    @contextmanager
    def _picture(self, content):
        def request(transport, method, url, **_arguments):
            self.assertEqual((url, transport.max_bytes), ("https://cdn.example/a.png", 2 * 2**20))
            if isinstance(content, Exception):
                raise content
            return networks.Response(200, {}, content)

        self.network.opened = [login_of("aurora", avatar_url="https://cdn.example/a.png")]
        with patch.object(networks.Transport, "request", request):
            yield

    def test_the_brand_s_picture_comes_along(self):
        with self._picture(PIXEL):
            self._password_wizard(self.draft, "app-pass").action_log_in()
        self.assertEqual(base64.b64decode(self.draft.image_1920), PIXEL)

    def test_a_picture_that_cannot_be_had_stops_nothing(self):
        drawing = b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'
        for content in (networks.TransientError("too_large"), drawing, PIXEL[:20]):
            with (
                self._picture(content),
                self.subTest(content),
                self.assertLogs("odoo.addons.social_care", logging.INFO) as logs,
            ):
                self._password_wizard(self.draft, "app-pass").action_log_in()
            self.assertIn("no picture", logs.output[0])
            self.assertEqual(self.draft.state, "connected")
            self.assertFalse(self.draft.image_1920)

    def test_webhooks_are_asked_for_where_the_network_can_call(self):
        subscribed = []
        self.network.supports_webhook = True
        self.network.subscribe = lambda _self, address: subscribed.append(address)
        self._state()
        self.env["ir.config_parameter"].set_param("web.base.url", "https://odoo.example")
        self._password_wizard(self.draft, "app-pass").action_log_in()
        token = self.draft.app_id.webhook_token
        self.assertEqual(subscribed, [f"https://odoo.example/social_care/webhook/{token}"])

    def test_without_https_polling_goes_on_and_a_note_says_so(self):
        self.network.supports_webhook = True
        self._state()
        self.env["ir.config_parameter"].set_param("web.base.url", "http://odoo.local")
        action = self._password_wizard(self.draft, "app-pass").action_log_in()
        self.assertIn("every 2 minutes", action["params"]["message"])
        self.assertIn("every 2 minutes", self.draft.message_ids[0].body)
        self.assertEqual(self.draft.state, "connected")

    def _find(self, **settings):
        """The sentences of the set-up check that ask for something."""
        with patch.dict(config.options, settings):
            return "\n".join(
                text for fine, text in self.env["social.care.check"]._find() if not fine
            )

    def test_the_check_names_what_keeps_networks_out(self):
        self.env["ir.config_parameter"].set_param("web.base.url", "http://localhost:8069")
        with patch("odoo.http.db_list", lambda **_host: ["one", "two"]):
            found = self._find(max_cron_threads=0)
        for words in ("web.base.url", "2 databases", "max_cron_threads = 2"):
            self.assertIn(words, found)

    def test_the_check_of_a_public_address_asks_odoo_through_it(self):
        self.env["ir.config_parameter"].set_param("web.base.url", "https://9.9.9.9")
        answers = [networks.Response(200, {}, b'{"status": "pass"}')]

        def request(_transport, method, url, **_arguments):
            self.assertEqual(url, "https://9.9.9.9/web/health")
            if not answers:
                raise networks.TransientError("unreachable")
            return answers.pop()

        alone = patch("odoo.http.db_list", lambda **_host: [self.cr.dbname])
        with alone, patch.object(networks.Transport, "request", request):
            self.assertEqual(self._find(proxy_mode=True, max_cron_threads=2), "")
            found = self._find(proxy_mode=False, max_cron_threads=2)
        self.assertIn("proxy_mode = True", found)
        self.assertIn("proxy_pass", found)

    def test_the_check_names_scheduled_actions_that_stand_still(self):
        self.env.ref("social_care.ir_cron_publish").active = False
        self.env.ref("social_care.ir_cron_triage").nextcall = "2026-01-01 00:00:00"
        found = self._find(max_cron_threads=2)
        self.assertIn("Switched off: Social care: send answers", found)
        self.assertIn("half an hour ago: Social care: turn messages into tickets", found)


@tagged("post_install", "-at_install")
class TestCallback(Setting, HttpCase):
    """Back from the network, in a browser."""

    def setUp(self):
        super().setUp()
        self.set_up_login()
        self.authenticate("connect_manager", "connect_manager")

    def _begin(self, account=None):
        wizard = self.wizard_of(account or self.draft)
        answer = self.make_jsonrpc_request(
            "/web/dataset/call_button/social.care.connect/action_log_in",
            {
                "model": "social.care.connect",
                "method": "action_log_in",
                "args": [wizard.ids],
                "kwargs": {},
            },
        )
        return parse_qs(urlsplit(answer["url"]).query)["state"][0]

    def _come_back(self, **query):
        address = "/social_care/connect/callback?" + "&".join(
            f"{name}={value}" for name, value in query.items()
        )
        # By its number: Odoo gives the name INFO to another level.
        with self.assertLogs("werkzeug", logging.INFO) as logs:
            answer = self.url_open(address, allow_redirects=False)
        self.log = "\n".join(logs.output)
        self.env.invalidate_all()
        return answer

    def test_a_login_connects_and_leads_back_to_the_account(self):
        state = self._begin()
        answer = self._come_back(state=state, code="c0de")
        self.assertEqual(answer.status_code, 303)
        self.assertTrue(answer.headers["Location"].endswith(f"/social-accounts/{self.draft.id}"))
        self.assertEqual((self.draft.state, self.draft.access_token), ("connected", "t0ken"))
        [(code, address, _verifier)] = self.network.exchanged
        self.assertEqual((code, address), ("c0de", self.draft._get_callback_address()))
        self.assertIn("GET /social_care/connect/callback HTTP", self.log)
        self.assertNotIn("c0de", self.log)
        self.assertNotIn(state, self.log)

    def test_whoever_is_logged_out_meanwhile_leaves_no_code_in_the_log(self):
        self.logout()
        with self.assertLogs("werkzeug", logging.INFO) as logs:
            self.url_open("/social_care/connect/callback?state=5tate&code=c0de")
        self.assertIn("/web/login", str(logs.output))
        self.assertNotIn("c0de", str(logs.output))

    def test_the_second_use_of_a_state_exchanges_nothing(self):
        state = self._begin()
        self._come_back(state=state, code="c0de")
        answer = self._come_back(state=state, code="again")
        self.assertIn("has been used already", answer.text)
        self.assertEqual(len(self.network.exchanged), 1)

    def test_another_user_s_browser_is_refused(self):
        state = self._begin()
        new_test_user(self.env, "other_manager", groups=MANAGER)
        self.authenticate("other_manager", "other_manager")
        self.assertIn("another browser", self._come_back(state=state, code="c0de").text)
        self.assertFalse(self.network.exchanged)

    def test_another_session_of_the_same_user_is_refused(self):
        state = self._begin()
        self.authenticate("connect_manager", "connect_manager")
        self.assertIn("another browser", self._come_back(state=state, code="c0de").text)

    def test_a_refusal_is_told_in_words_with_a_way_back(self):
        for query, words in [
            ({"error": "access_denied"}, "was not granted"),
            ({"error": "server_error"}, "refused the login"),
            ({"code": "wrong"}, "refused the login"),
            ({}, "refused the login"),
        ]:
            answer = self._come_back(state=self._begin(), **query)
            self.assertEqual(answer.status_code, 200)
            self.assertIn(words, answer.text)
            self.assertIn(f"/odoo/social-accounts/{self.draft.id}", answer.text)
        self.assertEqual(self.draft.state, "draft")

    def test_of_several_accounts_one_is_chosen_and_the_others_forgotten(self):
        self.network.opened = [login_of("aurora", "one"), login_of("boreal", "two")]
        self._come_back(state=self._begin(), code="c0de")
        self.assertEqual(self.draft.state, "draft")
        choices = self.draft.with_user(self.manager).candidate_ids
        self.assertEqual(choices.mapped("handle"), ["aurora", "boreal"])
        with self.assertRaises(AccessError):
            choices.read(["access_token"])
        other = new_test_user(self.env, "other_manager", groups=MANAGER)
        self.assertFalse(self.draft.with_user(other).candidate_ids, "another person's login")
        choices[1].action_choose()
        self.assertEqual((self.draft.handle, self.draft.access_token), ("boreal", "two"))
        self.assertFalse(self.env["social.care.login"].search([]))

    def test_a_choice_too_late_is_refused(self):
        self.network.opened = [login_of("aurora", "one"), login_of("boreal", "two")]
        self._come_back(state=self._begin(), code="c0de")
        choice = self.draft.with_user(self.manager).candidate_ids[0]
        self.cr.execute(
            "UPDATE social_care_login SET create_date = create_date - interval '11 minutes'"
        )
        choice.invalidate_model()
        with self.assertRaisesRegex(UserError, "more than ten minutes"):
            choice.action_choose()

    def test_of_several_accounts_the_known_one_is_renewed(self):
        self.draft.write({"external_id": "boreal@fake.example", "state": "reconnect"})
        self.network.opened = [login_of("aurora", "one"), login_of("boreal", "two")]
        self._come_back(state=self._begin(), code="c0de")
        self.assertEqual((self.draft.state, self.draft.access_token), ("connected", "two"))
