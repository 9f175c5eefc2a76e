from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from odoo.addons.social_care import networks

from .common import SocialCareCommon

TOKENS = "odoo.addons.social_care.models.social_care_account_tokens"
POLL = "odoo.addons.social_care.models.social_care_account_poll"


class TestTokens(SocialCareCommon):
    """A login stays alive: renewed before it dies, once, and stored before it is used."""

    def setUp(self):
        super().setUp()
        self.now = fields.Datetime.now()
        self.renewals = []
        self.network.renews = True
        self.network.renew = self._renew
        self.refuse_renewal = None
        self.network.fetch = self._fetch
        self.valid = {"first", "second"}
        self.account.access_token = "first"
        self.account.write(
            {
                "refresh_token": "refresh-1",
                "access_expires_at": self.now + timedelta(hours=2),
                "next_poll_at": self.now - timedelta(seconds=1),
            }
        )

    @property
    def _renew(self):
        case = self

        def renew(adapter):
            if case.refuse_renewal:
                raise case.refuse_renewal
            case.renewals.append(adapter.credentials.refresh_token)
            return networks.Tokens(
                access_token="second",
                refresh_token=f"refresh-{len(case.renewals) + 1}",
                access_expires_at=case.now + timedelta(hours=4),
            )

        return renew

    @property
    def _fetch(self):
        case = self

        def fetch(adapter, cursor, since):
            if adapter.credentials.access_token not in case.valid:
                raise networks.AuthenticationError(status=401)
            return networks.types.Page(mentions=(case._mention("1"),))

        return fetch

    def _poll(self):
        self._run_cron("ir_cron_poll")

    def _tokens(self):
        return self.account.access_token, self.account.refresh_token

    def test_a_token_that_lasts_is_left_alone(self):
        self._poll()
        self.assertEqual((self.renewals, self._tokens()), ([], ("first", "refresh-1")))

    def test_a_token_that_ends_within_five_minutes_is_renewed_before_the_look(self):
        self.account.access_expires_at = self.now + timedelta(minutes=4)
        self._poll()
        self.assertEqual(self._tokens(), ("second", "refresh-2"))
        self.assertEqual(self.account.access_expires_at, self.now + timedelta(hours=4))
        self.assertEqual((self.account.state, self.account.mention_count), ("connected", 1))

    @mute_logger(TOKENS)
    def test_where_it_cannot_be_renewed_now_what_is_left_of_it_is_used(self):
        self.account.access_expires_at = self.now + timedelta(minutes=4)
        self.refuse_renewal = networks.TransientError("timeout")
        self._poll()
        self.assertEqual((self.account.state, self.account.mention_count), ("connected", 1))

    @mute_logger(POLL)
    def test_an_ended_token_that_cannot_be_renewed_now_is_tried_again(self):
        self.account.access_expires_at = self.now - timedelta(minutes=4)
        self.refuse_renewal = networks.TransientError("timeout")
        self._poll()
        self.assertEqual((self.account.state, self.account.error_code), ("degraded", "timeout"))

    def test_a_token_refused_in_a_look_is_renewed_and_the_page_asked_again(self):
        self.valid = {"second"}
        self._poll()
        self.assertEqual(self.renewals, ["refresh-1"])
        self.assertEqual((self.account.state, self.account.mention_count), ("connected", 1))

    @mute_logger(POLL)
    def test_a_renewed_token_that_is_refused_too_needs_a_person(self):
        self.valid = set()
        self._poll()
        self.assertEqual(len(self.renewals), 1, "once, not for ever")
        self.assertEqual(self.account.state, "reconnect")

    @mute_logger(POLL)
    def test_a_login_that_is_dead_needs_a_person(self):
        self.valid = set()
        self.refuse_renewal = networks.AuthenticationError("login_refused", status=400)
        self._poll()
        self.assertEqual(
            (self.account.state, self.account.error_code), ("reconnect", "login_refused")
        )

    def test_a_token_refused_in_sending_is_renewed_and_the_answer_goes_out_once(self):
        mention = self._receive(self._mention("7"))
        reply = self._answer(mention)

        def publish(adapter, wire):
            if adapter.credentials.access_token != "second":
                raise networks.AuthenticationError(status=401)
            self.network.ledger.append(wire)
            return networks.Published(external_id="own-1")

        self.network.publish = publish
        self._run_cron("ir_cron_publish")
        self.assertEqual((reply.state, len(self.network.ledger)), ("sent", 1))
        self.assertEqual(self._tokens(), ("second", "refresh-2"))

    @mute_logger("odoo.addons.social_care.models.social_care_reply_outbox")
    def test_a_renewal_that_hangs_before_sending_leaves_the_answer_queued(self):
        reply = self._answer(self._receive(self._mention("7")))
        self.account.access_expires_at = self.now - timedelta(minutes=1)
        self.refuse_renewal = networks.TransientError("timeout")
        self._run_cron("ir_cron_publish")
        self.assertEqual(reply.state, "queued", "nothing was published")

    def test_somebody_else_s_renewal_is_used(self):
        with self.enter_registry_test_mode():
            credentials = self.account._renew_tokens("an older token")
        self.assertEqual((credentials.access_token, self.renewals), ("first", []))

    def test_a_renewal_without_a_new_refresh_token_keeps_the_old_one(self):
        self.account._store_tokens(
            networks.Tokens(access_token="third", login_expires_at=self.now + timedelta(days=60))
        )
        self.assertEqual(self._tokens(), ("third", "refresh-1"))
        self.assertFalse(self.account.access_expires_at)
        self.assertEqual(self.account.token_expires_at, self.now + timedelta(days=60))

    def test_the_ends_of_an_old_token_say_nothing_of_one_entered_by_hand(self):
        self.account.token_expires_at = self.now
        self.account.access_token = "by hand"
        self.assertFalse(self.account.access_expires_at or self.account.token_expires_at)

    def test_a_changed_server_forgets_the_ends_too(self):
        self.account.token_expires_at = self.now
        self.account.base_url = "https://elsewhere.example"
        self.assertFalse(self.account.access_expires_at or self.account.token_expires_at)

    def test_the_daily_cron_renews_what_nobody_used(self):
        for state in ("connected", "degraded", "paused"):
            self.account.write({"state": state, "tokens_stored_at": self.now - timedelta(days=2)})
            self._run_cron("ir_cron_refresh_tokens")
            self.assertEqual(self.account.state, state)
        self.assertEqual(len(self.renewals), 3)

    def test_the_daily_cron_leaves_the_dead_and_the_fresh_alone(self):
        for values in (
            {"state": "reconnect"},
            {"state": "draft"},
            {"state": "connected", "tokens_stored_at": self.now - timedelta(hours=23)},
        ):
            self.account.write({"tokens_stored_at": False, **values})
            self._run_cron("ir_cron_refresh_tokens")
        self.assertFalse(self.renewals)

    def test_one_dead_login_never_stops_the_next_renewal(self):
        other = self._create_account(external_id="b@fake.example", access_token="other")
        self.account.responsible_id = self.agent

        def renew(adapter):
            if adapter.credentials.access_token == "first":
                raise networks.AuthenticationError(status=400)
            return networks.Tokens(access_token="other-2")

        self.network.renew = renew
        with self.assertLogs(POLL, "WARNING"):
            self._run_cron("ir_cron_refresh_tokens")
        self.assertEqual((self.account.state, other.access_token), ("reconnect", "other-2"))
        self.assertEqual(self.account.activity_ids.user_id, self.agent)

    def test_a_network_out_of_order_is_asked_again_in_an_hour(self):
        self.refuse_renewal = networks.TransientError("server_error", status=503)
        cron = self.env.ref("social_care.ir_cron_refresh_tokens")
        with self.assertLogs(TOKENS, "WARNING"):
            self._run_cron("ir_cron_refresh_tokens")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        self.assertAlmostEqual(
            triggers.call_at, self.now + timedelta(hours=1), delta=timedelta(minutes=1)
        )
        self.assertEqual(self.account.state, "connected")

    def test_managers_see_when_a_person_must_log_in_but_not_when_tokens_end(self):
        manager = new_test_user(
            self.env, "care_tokens", groups="social_care.social_care_group_manager"
        )
        account = self.account.with_user(manager)
        account.read(["token_expires_at"])
        for name in ("access_expires_at", "tokens_stored_at", "access_token"):
            with self.assertRaises(AccessError):
                account.read([name])
