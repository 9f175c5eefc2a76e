import hashlib
import hmac
import json
from contextlib import contextmanager
from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.social_care import networks
from odoo.addons.social_care.controllers.webhook import MAX_BODY
from odoo.addons.social_care.models import social_care_delivery_process as process
from odoo.addons.social_care.models import social_care_delivery_receive as receive
from odoo.addons.social_care.models.social_care_queue import MAX_ATTEMPTS

from .common import MONDAY_10, FakeNetwork, SocialCareCommon

PROCESS = "odoo.addons.social_care.models.social_care_delivery_process"
CONTROLLER = "odoo.addons.social_care.controllers.webhook"
POLL = "odoo.addons.social_care.models.social_care_account_poll"
SECRET = "app-secret"
OURS = "aurora@fake.example"
POST_QUERIES = 11  # all of Odoo's own for a request among them, and the wake-up
PROCESS_QUERIES = 30  # a call, however many events it brings


class PushingNetwork(FakeNetwork):
    """Calls are ``{"entries": [{"owner", "says": {id: text}} or {"owner", "event": …}]}``."""

    supports_webhook = True

    @classmethod
    def answer_challenge(cls, query, keys):
        if not keys.verify_token:
            raise networks.RejectedError("not_found")
        if query.get("word") != keys.verify_token:
            return None
        return "text/plain", query["challenge"]

    @classmethod
    def is_signed(cls, body, headers, keys):
        signature = headers.get("X-Fake-Signature", "")
        return any(hmac.compare_digest(signature, sign(body, key)) for key in keys.secrets)

    @classmethod
    def read_delivery(cls, body):
        return [
            networks.Entry(network="mastodon", owner=entry["owner"], data=entry)
            for entry in json.loads(body)["entries"]
        ]

    def read_entry(self, entry):
        event = entry.data.get("event")
        if event == "bug":
            raise ZeroDivisionError("a bug in an adapter")
        if event == "revoked":
            raise networks.AuthenticationError("access_revoked")
        if event == "fetch" and self.failure:
            self.ledger.append(event)
            raise self.failure
        if event == "strange":
            return networks.Page(problems=(networks.Problem("unknown_event", detail="strange"),))
        return networks.Page(mentions=tuple(self._read_mentions(entry.data)))

    def _read_mentions(self, data):
        for external_id, text in data.get("says", {"fetched": "the text"}).items():
            author = networks.Author(external_id=f"{external_id}@x", handle=f"of{external_id}")
            moments = {name: data.get(name) for name in ("posted_at", "edited_at", "deleted_at")}
            moments["posted_at"] = moments["posted_at"] or MONDAY_10
            yield networks.Mention(external_id=external_id, body=text, author=author, **moments)


def sign(body, secret=SECRET):
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def call(*entries):
    """The bytes of a call with these entries."""
    return json.dumps({"entries": entries}).encode()


def says(texts, owner=OURS, **values):
    return {"owner": owner, "says": texts, **values}


class WebhookCase(SocialCareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.app = cls.env["social.care.app"].create(
            {
                "name": "Aurora's app",
                "network": "mastodon",
                "client_secret": SECRET,
                "verify_token": "open-sesame",
            }
        )
        cls.account.app_id = cls.app

    def setUp(self):
        super().setUp()
        self.network = type("PushingOfTest", (PushingNetwork,), {"ledger": [], "pages": []})
        self.patch(receive, "_woken_at", {})
        self.patch(process, "LINGER", 0)

    def _deliveries(self):
        return self.env["social.care.delivery"].search([("app_id", "=", self.app.id)])

    def _bodies(self, account=None):
        account = account or self.account
        domain = [("account_id", "=", account.id)]
        return self.env["social.care.mention"].search(domain, order="id").mapped("body")

    def _deliver(self, *entries):
        """A stored call, not processed yet."""
        self.env["social.care.delivery"]._receive(self.app, call(*entries))
        return self._deliveries().sorted("id")[-1]

    def _process(self, *entries):
        delivery = self._deliver(*entries)
        self._run_cron("ir_cron_process")
        return delivery

    @contextmanager
    def _worker(self, delivery):
        """The delivery as a worker has it, who commits."""
        self.env.flush_all()
        with self.enter_registry_test_mode(), self.registry.cursor() as cursor:
            yield delivery.with_env(self.env(cr=cursor))
        self.env.invalidate_all()

    def _end_wait(self, delivery):
        delivery.next_try_at = fields.Datetime.now() - timedelta(seconds=1)
        delivery.flush_recordset()


@tagged("post_install", "-at_install")
class TestWebhookRoute(WebhookCase, HttpCase):
    """What strangers can ask of the address, and what they get."""

    def _address(self, token=None):
        return f"/social_care/webhook/{token or self.app.webhook_token}"

    def _post(self, body, signature=None, token=None, **headers):
        headers = {
            "Content-Type": "application/json",
            "X-Fake-Signature": sign(body) if signature is None else signature,
            **headers,
        }
        return self.url_open(self._address(token), data=body, headers=headers)

    def test_a_signed_call_is_stored_as_it_came(self):
        body = call(says({"1": "añejo \\u00f1"}))
        answer = self._post(body)
        self.assertEqual((answer.status_code, answer.content), (200, b""))
        delivery = self._deliveries()
        self.assertEqual(delivery._read_body(), body)
        self.assertEqual((delivery.state, delivery.company_id), ("received", self.env.company))
        self.assertFalse(self._bodies(), "reading comes later")

    def test_no_session_is_made(self):
        self.opener.cookies.clear()
        self.assertNotIn("Set-Cookie", self._post(call(says({"1": "a"}))).headers)

    def test_a_replay_is_the_same_row(self):
        body = call(says({"1": "a"}))
        self.assertEqual([self._post(body).status_code for _ in range(3)], [200] * 3)
        self.assertEqual(len(self._deliveries()), 1)

    @mute_logger(CONTROLLER)
    def test_a_forged_call_leaves_nothing(self):
        body = call(says({"1": "a"}))
        for signature in ("", sign(body, "another secret"), sign(body + b" ")):
            self.assertEqual(self._post(body, signature).status_code, 403)
        self.assertFalse(self._deliveries())

    @mute_logger(CONTROLLER)
    def test_without_a_secret_even_an_empty_key_signs_nothing(self):
        self.app.client_secret = False
        body = call(says({"1": "a"}))
        self.patch(self.network, "is_signed", lambda body, headers, keys: True)
        self.assertEqual(self._post(body).status_code, 403)
        self.assertFalse(self._deliveries())

    def test_the_second_secret_signs_too(self):
        self.app.signing_secret = "of the app above"
        body = call(says({"1": "a"}))
        self.assertEqual(self._post(body, sign(body, "of the app above")).status_code, 200)

    @mute_logger(CONTROLLER)
    def test_a_word_signed_for_a_challenge_is_no_call(self):
        for body in (b"abc-DEF_123", b"123", b"[]", b""):
            self.assertEqual(self._post(body, sign(body)).status_code, 403, body)
        self.assertFalse(self._deliveries())

    def test_a_form_is_no_call(self):
        with mute_logger(CONTROLLER):
            answer = self._post(b"a=1", **{"Content-Type": "application/x-www-form-urlencoded"})
        self.assertEqual(answer.status_code, 403)

    def test_an_unknown_address_is_not_found(self):
        body = call(says({"1": "a"}))
        for token in ("unknown", "%00", "x" * 3000, "%27%3B--"):
            self.assertEqual(self._post(body, token=token).status_code, 404, token)
        self.assertFalse(self._deliveries())

    def test_an_archived_app_and_one_without_its_addon_are_not_found(self):
        self.app.active = False
        self.assertEqual(self._post(call()).status_code, 404)
        self.app.active = True
        self.patch(
            self.env.registry["social.care.account"], "_get_network_classes", lambda _self: {}
        )
        self.assertEqual(self._post(call()).status_code, 404)

    def test_a_new_address_ends_the_old_one(self):
        old = self.app.webhook_token
        self.app.action_renew_webhook_token()
        self.assertEqual(self._post(call(says({"1": "a"})), token=old).status_code, 404)
        self.assertEqual(self._post(call(says({"1": "a"}))).status_code, 200)

    def test_packed_or_huge_calls_are_refused(self):
        packed = self._post(call(says({"1": "a"})), **{"Content-Encoding": "gzip"})
        self.assertEqual(packed.status_code, 415)
        self.assertEqual(self._post(b"{" + b" " * MAX_BODY).status_code, 413)
        self.assertEqual(self._post(b'{"a":1}' + b" " * (MAX_BODY - 7)).status_code, 200)
        self.assertEqual(len(self._deliveries()), 1)

    def test_other_methods_are_not_allowed(self):
        for method in ("PUT", "DELETE", "PATCH"):
            self.assertEqual(self.url_open(self._address(), method=method).status_code, 405)

    @mute_logger(CONTROLLER)
    def test_the_handshake_proves_the_address_once_the_word_is_right(self):
        question = {"word": "open-sesame", "challenge": "1158201444"}
        answer = self.url_open(self._address(), params=question)
        self.assertEqual((answer.status_code, answer.text), (200, "1158201444"))
        self.assertEqual(answer.headers["Content-Type"].partition(";")[0], "text/plain")
        wrong = self.url_open(self._address(), params={**question, "word": "guess"})
        self.assertEqual((wrong.status_code, wrong.text), (403, ""))
        self.app.verify_token = False
        self.assertEqual(self.url_open(self._address(), params=question).status_code, 404)

    def test_a_network_without_webhooks_has_no_handshake(self):
        self.network.answer_challenge = networks.Network.answer_challenge
        self.assertEqual(self.url_open(self._address()).status_code, 404)

    def test_the_queue_is_woken_once_a_second(self):
        cron = self.env.ref("social_care.ir_cron_process")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        for number in range(5):
            self._post(call(says({str(number): "a"})))
        woken = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]) - triggers
        self.assertLess(len(woken), len(self._deliveries()))
        receive._woken_at[self.cr.dbname] -= 1
        self._post(call(says({"last": "a"})))
        after = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]) - triggers
        self.assertEqual(len(after), len(woken) + 1)

    def test_a_call_costs_few_queries(self):
        self._post(call(says({"1": "a"})))  # fills what a process keeps
        receive._woken_at.clear()
        with self.assertQueryCount(POST_QUERIES):
            self._post(call(says({"2": "a"})))


class TestWebhookProcess(WebhookCase):
    """Calls become mentions; what cannot be understood stays, with its reason."""

    def test_a_call_becomes_a_ticket(self):
        delivery = self._process(says({"1": "Where is my bag?"}))
        self.assertEqual((delivery.state, delivery.error), ("processed", False))
        self._run_cron("ir_cron_triage")
        mention = self.env["social.care.mention"].search([("account_id", "=", self.account.id)])
        self.assertEqual(mention.body, "Where is my bag?")
        self.assertTrue(mention.ticket_id.social_deadline)

    def test_two_companies_in_one_call(self):
        company = self.env["res.company"].create({"name": "Borealis"})
        team = self.env["helpdesk.ticket.team"].create({"name": "B", "company_id": company.id})
        other = self._create_account(
            name="Borealis",
            external_id="borealis@fake.example",
            company_id=company.id,
            app_id=self.app.id,
            team_line_ids=[Command.create({"team_id": team.id})],
        )
        delivery = self._process(
            says({"1": "to Aurora"}), says({"1": "to Borealis"}, owner=other.external_id)
        )
        self.assertEqual(delivery.state, "processed")
        self.assertEqual((self._bodies(), self._bodies(other)), (["to Aurora"], ["to Borealis"]))
        self._run_cron("ir_cron_triage")
        tickets = self.env["helpdesk.ticket"].search([("social_account_id", "=", other.id)])
        self.assertEqual((tickets.company_id, tickets.team_id), (company, team))

    def test_only_this_app_s_accounts_own_an_entry(self):
        elsewhere = self.env["social.care.app"].create({"name": "X", "network": "mastodon"})
        self.account.app_id = elsewhere
        delivery = self._process(says({"1": "a"}))
        self.assertEqual((delivery.state, delivery.error_code), ("failed", "no_owner"))
        self.assertIn(OURS, delivery.error)
        self.assertFalse(self._bodies())

    def test_practice_archived_and_unconnected_accounts_own_nothing(self):
        for values in ({"practice": True}, {"active": False}, {"state": "draft"}):
            with self.subTest(values), self.cr.savepoint() as savepoint:
                self.account.write(values)
                self.assertEqual(self._process(says({"1": "a"})).error_code, "no_owner")
                savepoint.rollback()

    def test_a_paused_account_loses_nothing(self):
        self.account.state = "paused"
        self.assertEqual(self._process(says({"1": "a"})).state, "processed")
        self.assertEqual(self._bodies(), ["a"])

    def test_what_is_strange_keeps_the_call_and_the_rest_goes_on(self):
        delivery = self._process(
            says({"1": "a"}),
            {"owner": OURS, "event": "strange"},
            says({"2": "b"}, owner="nobody"),
            says({"3": "c"}),
        )
        self.assertEqual((delivery.state, delivery.error_code), ("failed", "unknown_event"))
        self.assertIn("we do not know yet", delivery.error)
        self.assertEqual(delivery.error_detail, "strange, nobody")
        self.assertEqual(self._bodies(), ["a", "c"])

    def test_what_comes_within_a_second_is_read_in_the_same_run(self):
        deliveries, drain = self.registry["social.care.delivery"], process.SocialCareDelivery._drain
        late = iter([says({"2": "b"})])

        def drain_while_one_arrives(model):
            result = drain(model)
            for entry in late:
                self.assertTrue(receive._woken_at, "the last wake-up is not a second ago")
                model._receive(self.app, call(entry))
            return result

        self.patch(deliveries, "_drain", drain_while_one_arrives)
        self._process(says({"1": "a"}))
        self.assertEqual(self._bodies(), ["a", "b"])

    def test_a_call_that_is_none_is_kept(self):
        self.env["social.care.delivery"]._receive(self.app, b'{"entries": \x00\xff')
        self._run_cron("ir_cron_process")
        delivery = self._deliveries()
        self.assertEqual((delivery.state, delivery.error_code), ("failed", "bad_call"))
        self.assertEqual(delivery.body_text, '{"entries": �')

    def test_a_bug_over_one_entry_loses_no_other(self):
        with self.assertLogs(PROCESS, "ERROR"):
            delivery = self._process({"owner": OURS, "event": "bug"}, says({"2": "b"}))
        self.assertEqual((delivery.state, delivery.error_code), ("failed", "internal_error"))
        self.assertEqual(self._bodies(), ["b"])

    def test_one_bad_call_never_stops_the_next(self):
        read = self.network.read_delivery

        def fail_once(body):
            if b"first" in body:
                raise ZeroDivisionError("a bug in an adapter")
            return read(body)

        self.network.read_delivery = fail_once
        first = self._deliver(says({"1": "first"}))
        with self.assertLogs(PROCESS, "ERROR"):
            second = self._process(says({"2": "second"}))
        self.assertEqual((first.state, first.error_code), ("failed", "internal_error"))
        self.assertEqual(second.state, "processed")
        self.assertEqual(self._bodies(), ["second"])

    def test_where_the_storing_fails_nothing_is_half_done(self):
        self.patch(
            self.env.registry["social.care.account"],
            "_ingest",
            lambda account, mentions: 1 / 0,
        )
        with self.assertLogs(PROCESS, "ERROR"):
            delivery = self._process(says({"1": "a"}))
        self.assertEqual((delivery.state, delivery.error_code), ("failed", "internal_error"))

    def test_a_network_that_makes_us_wait_is_asked_again_later(self):
        self.network.failure = networks.RateLimited(retry_after=900)
        delivery = self._process(
            {"owner": OURS, "event": "fetch"}, says({"2": "b"}), {"owner": OURS, "event": "fetch"}
        )
        self.assertEqual((delivery.state, delivery.attempts), ("received", 1))
        self.assertIn("Too many calls", delivery.error)
        wait = (delivery.next_try_at - fields.Datetime.now()).total_seconds()
        self.assertAlmostEqual(wait, 900, delta=30)
        self.assertEqual(len(self.network.ledger), 1, "the first entry's wait is enough")
        self._run_cron("ir_cron_process")
        self.assertEqual(delivery.attempts, 1, "its wait is not over")
        self._end_wait(delivery)
        self.network.failure = None
        self._run_cron("ir_cron_process")
        self.assertEqual((delivery.state, delivery.error), ("processed", False))
        self.assertEqual(self._bodies(), ["the text", "b"])

    def test_each_try_waits_longer_and_the_last_one_fails(self):
        self.network.failure = networks.TransientError("timeout")
        delivery = self._deliver({"owner": OURS, "event": "fetch"})
        waits = []
        for _attempt in range(MAX_ATTEMPTS):
            self._end_wait(delivery)
            self._run_cron("ir_cron_process")
            wait = (delivery.next_try_at - fields.Datetime.now()).total_seconds()
            waits.append(round(wait / 60))
        self.assertEqual(waits[:-1], [2, 4, 8, 16])
        self.assertEqual((delivery.state, delivery.error_code), ("failed", "timeout"))

    @mute_logger(PROCESS)
    def test_a_call_that_kills_its_worker_is_set_aside(self):
        delivery = self._deliver(says({"1": "a"}))
        for _attempt in range(MAX_ATTEMPTS):
            with self._worker(delivery) as claimed:
                self.assertTrue(claimed._claim())
                self.assertFalse(claimed._claim(), "another worker has it")
            self._end_wait(delivery)
        self._run_cron("ir_cron_process")
        self.assertEqual((delivery.state, delivery.error_code), ("failed", "set_aside"))
        self.assertFalse(self._bodies())

    def test_a_worker_whose_claim_ran_out_changes_nothing(self):
        delivery = self._deliver(says({"1": "a"}))
        with self._worker(delivery) as late:
            attempt = late._claim()
            readings = late._read_entries()
            self._end_wait(late)
            self.assertEqual(late._claim(), attempt + 1)
            late._store(attempt, readings)
        self.assertEqual((delivery.state, self._bodies()), ("received", []))

    @mute_logger(POLL)
    def test_an_ended_access_asks_for_a_new_login(self):
        delivery = self._process({"owner": OURS, "event": "revoked"})
        self.assertEqual((self.account.state, delivery.state), ("reconnect", "processed"))
        self.assertTrue(self.account.activity_ids)

    @mute_logger(POLL)
    def test_a_dead_token_keeps_the_call_until_it_is_processed_again(self):
        self.network.failure = networks.AuthenticationError(status=401)
        delivery = self._process({"owner": OURS, "event": "fetch"})
        self.assertEqual(self.account.state, "reconnect")
        self.assertEqual((delivery.state, delivery.error_code), ("failed", "token_expired"))
        self.network.failure = None
        delivery.action_process_again()
        self.assertEqual(
            (delivery.state, delivery.attempts, delivery.error), ("received", 0, False)
        )
        self._run_cron("ir_cron_process")
        self.assertEqual((delivery.state, self._bodies()), ("processed", ["the text"]))

    def test_after_the_account_was_connected_the_call_is_processed_again(self):
        self.account.external_id = "not yet"
        delivery = self._process(says({"1": "a"}))
        self.assertEqual(delivery.error_code, "no_owner")
        self.account.external_id = OURS
        delivery.action_process_again()
        self._run_cron("ir_cron_process")
        self.assertEqual((delivery.state, self._bodies()), ("processed", ["a"]))

    def test_order_does_not_matter(self):
        hours = [fields.Datetime.to_string(MONDAY_10 + timedelta(hours=n)) for n in range(4)]
        self._process(says({"1": "newer"}, edited_at=hours[2]))
        self._process(says({"1": "older"}, edited_at=hours[1]))
        self._process(says({"1": "first"}))
        self.assertEqual(self._bodies(), ["newer"])
        self._process(says({"2": ""}, deleted_at=hours[3]))
        self._process(says({"2": "late"}))
        late = self.env["social.care.mention"].search([("external_id", "=", "2")])
        self.assertEqual((late.body, late.state), (False, "ignored"))

    def test_pushed_and_polled_is_one_mention(self):
        self._process(says({"1": "a"}))
        self.account._ingest([self._mention("1", body="a")])
        self.assertEqual(self._bodies(), ["a"])

    def test_beside_webhooks_polling_slows_down(self):
        self.network.poll_minutes, self.network.pushed_poll_minutes = 2, 15
        for pushed_ago, minutes in ((None, 2), (timedelta(hours=25), 2), (timedelta(hours=23), 15)):
            now = fields.Datetime.now()
            self.account.last_pushed_at = pushed_ago and now - pushed_ago
            self.account._record_success()
            wait = self.account.next_poll_at - now
            self.assertAlmostEqual(wait.total_seconds(), minutes * 60, delta=5)

    def test_the_account_tells_when_it_was_pushed_at_most_once_a_minute(self):
        self._process(says({"1": "a"}))
        stamp = self.account.last_pushed_at
        self.assertAlmostEqual(stamp, fields.Datetime.now(), delta=timedelta(seconds=30))
        self.assertEqual(self.account.last_received_at, stamp)
        self.account.last_pushed_at = stamp - timedelta(seconds=20)
        self._process(says({"2": "a"}))
        self.assertEqual(self.account.last_pushed_at, stamp - timedelta(seconds=20))

    def test_a_hundred_events_in_one_call_cost_as_few_queries_as_ten(self):
        counts = []
        for size in (10, 100):
            texts = [says({f"{size}-{n}": "a"}) for n in range(size)]
            delivery = self._deliver(*texts)
            with self._worker(delivery) as claimed:
                before = self.cr.sql_log_count
                claimed._process()
                counts.append(self.cr.sql_log_count - before)
            self.assertEqual(delivery.state, "processed")
        self.assertLessEqual(max(counts), PROCESS_QUERIES, counts)

    def test_old_calls_lose_their_words_and_keep_their_digest(self):
        old, young = self._process(says({"1": "a"})), self._process(says({"2": "b"}))
        strange = self._process({"owner": OURS, "event": "strange"})
        week_ago = fields.Datetime.now() - timedelta(days=receive.KEEP_BODY_DAYS, minutes=1)
        (old | strange).received_at = week_ago
        done, more = self.env["social.care.delivery"]._gc_bodies()
        self.assertEqual((done, more), (1, False))
        self.assertFalse(old.body)
        self.assertTrue(old.digest and young.body and strange.body)
        self._deliver(says({"1": "a"}))
        self.assertEqual(len(self._deliveries()), 3, "a replay is still known")


class TestWebhookRights(WebhookCase):
    """Calls hold private messages: only managers of the app's company read them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env, "care_boss", groups="social_care.social_care_group_manager"
        )
        company = cls.env["res.company"].create({"name": "Borealis"})
        cls.stranger = new_test_user(
            cls.env,
            "care_boss_elsewhere",
            groups="social_care.social_care_group_manager",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    def test_managers_read_and_process_again(self):
        delivery = self._process({"owner": OURS, "event": "strange"}).with_user(self.manager)
        self.assertIn("strange", delivery.body_text)
        delivery.action_process_again()
        self.assertEqual(delivery.state, "received")
        with self.assertRaises(AccessError):
            delivery.write({"state": "processed"})

    def test_agents_read_none(self):
        delivery = self._process({"owner": OURS, "event": "strange"}).with_user(self.agent)
        for act in (
            lambda: delivery.read(["state"]),
            lambda: delivery.search([]),
            delivery.action_process_again,
        ):
            with self.assertRaises(AccessError):
                act()

    def test_another_company_s_managers_read_none_though_a_page_of_theirs_is_in_it(self):
        self._create_account(
            external_id="borealis@fake.example",
            company_id=self.stranger.company_id.id,
            app_id=self.app.id,
            team_line_ids=False,
        )
        delivery = self._process(
            {"owner": "borealis@fake.example", "event": "strange"}, says({"1": "a"})
        )
        self.assertEqual(delivery.company_id, self.app.company_id)
        theirs = delivery.with_user(self.stranger)
        self.assertFalse(theirs.search([]))
        with self.assertRaises(AccessError):
            theirs.action_process_again()

    def test_what_no_webhook_brought_or_went_well_is_not_processed_again(self):
        problem = networks.Problem("bad_item", body=b"{}")
        polled = self.env["social.care.delivery"]._keep_problems(self.account, [problem])
        done = self._process(says({"1": "a"}))
        with self.assertRaisesRegex(UserError, "Only what a webhook brought"):
            (polled | done).with_user(self.manager).action_process_again()
        self.assertEqual((polled.state, done.state), ("failed", "processed"))

    def test_the_address_is_for_administrators(self):
        self.assertEqual(self.app.with_user(self.manager).delivery_count, 0)
        for name in ("webhook_url", "webhook_token", "signing_secret"):
            with self.assertRaises(AccessError):
                self.app.with_user(self.manager).read([name])
        with self.assertRaises(AccessError):
            self.app.with_user(self.manager).action_renew_webhook_token()

    def test_the_address_to_copy_and_whether_networks_can_reach_it(self):
        parameters = self.env["ir.config_parameter"]
        for base_url, is_public in (
            ("https://erp.aurora.example", True),
            ("http://erp.aurora.example", False),
            ("https://localhost:8069", False),
            ("https://erp.local", False),
            ("https://192.168.1.4", False),
            ("https://9.9.9.9", True),
        ):
            parameters.set_param("web.base.url", base_url)
            self.app.invalidate_recordset()
            self.assertEqual(self.app.webhook_is_public, is_public, base_url)
            self.assertEqual(
                self.app.webhook_url, f"{base_url}/social_care/webhook/{self.app.webhook_token}"
            )
