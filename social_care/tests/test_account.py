from datetime import timedelta
from unittest.mock import patch

from psycopg2.errors import UniqueViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user
from odoo.tools import file_open, mute_logger

from odoo.addons.social_care import networks

from .common import SocialCareCommon


class TestAccount(SocialCareCommon):
    def _poll(self):
        self.account.next_poll_at = fields.Datetime.now() - timedelta(seconds=1)
        self._run_cron("ir_cron_poll")

    def test_rows_and_cursor_of_all_pages(self):
        self.network.pages = [[self._mention("1")], [self._mention("2", who="bo")]]
        self._poll()
        self.assertEqual(self.account.mention_count, 2)
        self.assertEqual(self.account.cursor, {"high": 1})
        self.assertEqual((self.account.state, self.account.failure_count), ("connected", 0))
        self.assertGreater(self.account.next_poll_at, fields.Datetime.now())

    def test_where_time_is_up_with_pages_waiting_it_reads_on_behind_those_that_are_due(self):
        shop = self._create_account(external_id="shop@fake.example", handle="shop")
        shop.next_poll_at = fields.Datetime.now() - timedelta(minutes=1)
        self.account.next_poll_at = fields.Datetime.now() - timedelta(hours=1)
        looks = []

        def fetch(adapter, cursor, since):
            looks.append(adapter.credentials.handle)
            return networks.types.Page(cursor={"high": 1}, more=not cursor and len(looks) == 1)

        self.network.fetch = fetch
        out_of_time = patch.object(self.env.registry["ir.cron"], "_commit_progress", return_value=0)
        cron = self.env.ref("social_care.ir_cron_poll")
        soon = fields.Datetime.now() + timedelta(minutes=1)
        woken = [("cron_id", "=", cron.id), ("call_at", "<=", soon)]
        self.env["ir.cron.trigger"].search(woken).unlink()
        with out_of_time:
            self._run_cron("ir_cron_poll")
        self.assertEqual(looks, ["aurora"])
        self.assertTrue(self.env["ir.cron.trigger"].search(woken))
        self._run_cron("ir_cron_poll")
        self.assertEqual(looks, ["aurora", "shop", "aurora"])
        self.assertGreater(self.account.next_poll_at, fields.Datetime.now(), "no page waits")

    def test_whose_network_made_the_others_wait_before_is_read_after_them(self):
        shop = self._create_account(external_id="shop@fake.example", handle="shop")
        shop.next_poll_at = fields.Datetime.now() - timedelta(minutes=1)
        self.account.write(
            {
                "next_poll_at": fields.Datetime.now() - timedelta(hours=1),
                "state": "degraded",
                "failure_count": 1,
            }
        )
        looks = []

        def fetch(adapter, cursor, since):
            looks.append(adapter.credentials.handle)
            return networks.types.Page(cursor={"high": 1})

        self.network.fetch = fetch
        self._run_cron("ir_cron_poll")
        self.assertEqual(looks, ["shop", "aurora"])

    def test_an_account_that_cannot_be_stored_does_not_stop_the_next(self):
        self.network.pages = [[]]
        shop = self._create_account(external_id="shop@fake.example", handle="shop")
        self.account.next_poll_at = fields.Datetime.now() - timedelta(hours=1)
        shop.next_poll_at = fields.Datetime.now() - timedelta(minutes=1)
        record = self.env.registry["social.care.account"]._record_success

        def refuse(account, *arguments):
            if account == self.account:
                raise ValueError("a broken account")
            return record(account, *arguments)

        self.patch(self.env.registry["social.care.account"], "_record_success", refuse)
        with self.assertLogs("odoo.addons.social_care", "ERROR"):
            self._run_cron("ir_cron_poll")
        self.assertFalse(self.account.last_success_at)
        self.assertGreater(self.account.next_poll_at, fields.Datetime.now(), "claimed, tried later")
        self.assertTrue(shop.last_success_at)

    def test_polling_again_brings_nothing_twice(self):
        self.network.pages = [[self._mention("1")]]
        self._poll()
        self._poll()
        self.assertEqual(self.account.mention_count, 1)

    @mute_logger("odoo.addons.social_care.models.social_care_account_poll")
    def test_errors_become_states_with_plain_words(self):
        for error, state, text in [
            (networks.AuthenticationError(status=401), "reconnect", "no longer accepts the login"),
            (networks.RateLimited(retry_after=300), "degraded", "Too many calls"),
            (networks.TransientError("unreachable"), "degraded", "cannot be reached"),
            (networks.TransientError("not_json"), "degraded", "Check the address"),
        ]:
            self.account.write({"state": "connected", "failure_count": 0})
            self.network.failure = error
            self._poll()
            self.assertEqual(self.account.state, state, error)
            self.assertIn(text, self.account.error_text)
            self.assertEqual(self.account.failure_count, 1)

    @mute_logger("odoo.addons.social_care.models.social_care_account_poll")
    def test_a_failed_try_keeps_why_the_login_died(self):
        self.account.write({"state": "reconnect", "error_code": "token_expired"})
        self.network.failure = networks.TransientError("unreachable")
        told = self.account.action_test_connection()
        self.assertIn("cannot be reached", told["params"]["message"])
        self.assertEqual(
            (self.account.state, self.account.error_code), ("reconnect", "token_expired")
        )

    @mute_logger("odoo.addons.social_care.models.social_care_account_poll")
    def test_retry_after_is_honoured(self):
        self.network.failure = networks.RateLimited(retry_after=600)
        self._poll()
        wait = (self.account.next_poll_at - fields.Datetime.now()).total_seconds()
        self.assertAlmostEqual(wait, 600, delta=30)

    def test_one_bad_account_never_stops_the_next(self):
        broken = self._create_account(external_id="broken@fake.example", handle="broken")
        broken.next_poll_at = fields.Datetime.now() - timedelta(hours=1)
        pages = [[self._mention("1")]]

        def fetch(adapter, cursor, since):
            if adapter.credentials.handle == "broken":
                raise ZeroDivisionError("a bug in an adapter")
            return networks.types.Page(mentions=tuple(pages[0]))

        self.network.fetch = fetch
        with self.assertLogs("odoo.addons.social_care", "ERROR"):
            self._poll()
        self.assertEqual((broken.state, broken.error_code), ("degraded", "internal_error"))
        self.assertEqual((self.account.state, self.account.mention_count), ("connected", 1))

    @mute_logger("odoo.addons.social_care.models.social_care_account_poll")
    def test_an_account_whose_network_addon_is_gone_is_paused(self):
        self.patch(
            self.env.registry["social.care.account"], "_get_network_classes", lambda _self: {}
        )
        self._poll()
        self.assertEqual(self.account.state, "paused")
        self.assertIn("not installed", self.account.error_text)

    def test_what_was_paused_during_the_look_stays_paused(self):
        def fetch(adapter, cursor, since):
            self.account.action_pause()
            return networks.types.Page()

        self.network.fetch = fetch
        self._poll()
        self.assertEqual(self.account.state, "paused")

    def test_connecting_starts_from_now_and_reads_who_we_are(self):
        account = self._create_account(
            state="draft", external_id=False, since=False, base_url="https://new.example"
        )
        account.action_test_connection()
        self.assertEqual((account.state, account.handle), ("connected", "aurora"))
        self.assertAlmostEqual(account.since, fields.Datetime.now(), delta=timedelta(seconds=30))

    @mute_logger("odoo.addons.social_care.models.social_care_account_poll")
    def test_a_failed_test_says_why(self):
        self.network.failure = networks.TransientError("unreachable")
        action = self.account.action_test_connection()
        self.assertEqual(action["params"]["type"], "danger")
        self.assertIn("cannot be reached", action["params"]["message"])

    def test_a_changed_server_forgets_the_token(self):
        self.account.write({"access_token": "secret"})
        self.account.base_url = "https://elsewhere.example"
        self.assertFalse(self.account.access_token)
        self.assertEqual(self.account.state, "draft")

    def test_a_manager_connects_but_sees_no_secret_and_sets_no_server(self):
        manager = new_test_user(
            self.env, "care_manager", groups="social_care.social_care_group_manager"
        )
        self.account.access_token = "secret"
        account = self.account.with_user(manager)
        self.assertTrue(account.has_token)
        with self.assertRaises(AccessError):
            account.read(["access_token"])
        with self.assertRaises(AccessError):
            account.write({"access_token": "mine"})
        with self.assertRaisesRegex(AccessError, "Only an administrator"):
            account.write({"base_url": "https://evil.example"})
        account.action_test_connection()
        self.assertEqual(account.state, "connected")

    def test_no_default_value_sends_credentials_elsewhere(self):
        """A login gives the server of its account the keys of the company's app."""
        manager = new_test_user(
            self.env, "care_manager", groups="social_care.social_care_group_manager"
        )
        accounts = self.env["social.care.account"].with_user(manager)
        values = {"name": "Mine", "network": "mastodon"}
        with self.assertRaisesRegex(AccessError, "Only an administrator"):
            accounts.with_context(default_base_url="https://evil.example").create(values)
        self.env["ir.default"].with_user(manager).set(
            "social.care.account", "base_url", "https://evil.example", user_id=True
        )
        with self.assertRaisesRegex(AccessError, "Only an administrator"):
            accounts.create(values)

    def test_of_a_page_s_address_the_server_is_kept(self):
        self.account.base_url = " https://mastodon.example/@brand?x=1 "
        self.assertEqual(self.account.base_url, "https://mastodon.example")

    @mute_logger("odoo.addons.social_care.models.social_care_account_poll")
    def test_a_first_test_with_a_bad_token_stays_not_connected(self):
        draft = self._create_account(state="draft", external_id=False, since=False)
        self.network.failure = networks.AuthenticationError("bad_token")
        action = draft.action_test_connection()
        self.assertEqual(draft.state, "draft")
        self.assertIn("copy it again", action["params"]["message"])
        self.assertFalse(draft.activity_ids)

    def test_an_address_that_is_none_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "“mastodon” is no address"):
            self.account.base_url = "mastodon"

    def test_the_same_account_twice_is_refused(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation), self.cr.savepoint():
            self._create_account()
            self.env.flush_all()

    def test_a_team_of_another_company_is_refused(self):
        other = self.env["res.company"].create({"name": "Other"})
        team = self.env["helpdesk.ticket.team"].create({"name": "Theirs", "company_id": other.id})
        with self.assertRaisesRegex(ValidationError, "belongs to another company"):
            self.account.team_line_ids = [(0, 0, {"team_id": team.id})]

    def test_practice_does_not_turn_into_earnest(self):
        self._receive(self._mention())
        with self.assertRaisesRegex(UserError, "Create another account"):
            self.account.practice = True

    def test_only_a_paused_account_resumes(self):
        draft = self._create_account(state="draft", external_id=False, since=False)
        with self.assertRaisesRegex(UserError, "Only a paused account"):
            draft.action_resume()

    def test_a_thread_that_cannot_be_read_does_not_degrade_the_account(self):
        def too_large(adapter, mention):
            raise networks.TransientError("too_large")

        self.network.fetch_context = too_large
        self.network.pages = [[self._mention("1", parent_external_id="post")]]
        self._poll()
        self.assertEqual((self.account.state, self.account.failure_count), ("connected", 0))
        mention = self.env["social.care.mention"].search([("account_id", "=", self.account.id)])
        self.assertFalse(mention.context_missing)

    def test_an_account_with_messages_is_not_deleted(self):
        self._receive(self._mention())
        with self.assertRaisesRegex(UserError, "Archive it"):
            self.account.unlink()

    def test_a_practice_account_runs_the_whole_flow_and_nothing_leaves(self):
        account = self._create_account(practice=True, state="draft", since=False)
        account.action_test_connection()
        self.assertEqual(account.state, "connected", account.error_text)
        self._run_cron("ir_cron_poll")
        self._run_cron("ir_cron_triage")
        tickets = self.env["helpdesk.ticket"].search([("social_account_id", "=", account.id)])
        self.assertGreater(len(tickets), 40)
        mention = tickets.filtered("social_waiting_since")[0].social_mention_ids[:1]
        reply = self._answer(mention, visibility=account._get_visibilities(mention)[0], body="Hi")
        self._run_cron("ir_cron_publish")
        self.assertEqual(reply.state, "sent")
        self.assertFalse(self.network.ledger, "nothing leaves Odoo")

    def test_a_practice_account_is_left_out_of_the_sla_report(self):
        practice = self._create_account(practice=True, external_id="p@fake.example")
        ticket = self._receive(self._mention(), account=practice).ticket_id
        self.env.flush_all()
        report = self.env["helpdesk.sla.report"]
        self.assertTrue(ticket.ticket_sla_ids)
        self.assertFalse(report.search([("ticket_id", "=", ticket.id)]))

    def test_a_token_is_written_by_a_statement_that_is_never_logged(self):
        execute = type(self.cr).execute
        logged = []

        def watch(cursor, query, params=None, log_exceptions=True):
            if log_exceptions and "s3cr3t" in repr((query, params)):
                logged.append(query)
            return execute(cursor, query, params, log_exceptions)

        self.patch(type(self.cr), "execute", watch)
        self.account.write({"access_token": "s3cr3t", "name": "Aurora"})
        created = self._create_account(external_id="new@fake.example", access_token="s3cr3t")
        self.env.flush_all()
        self.assertFalse(logged)
        self.env.invalidate_all()
        self.assertEqual((self.account + created).mapped("access_token"), ["s3cr3t"] * 2)
        self.assertTrue(created.has_token)

    def test_a_copied_database_keeps_no_token_and_stands_still(self):
        self.account.access_token = "secret"
        self.env.flush_all()
        with file_open("social_care/data/neutralize.sql") as script:
            self.cr.execute(script.read())
        self.env.invalidate_all()
        self.assertEqual((self.account.access_token, self.account.state), (False, "paused"))
