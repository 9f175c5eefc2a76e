from datetime import timedelta

from freezegun import freeze_time

from odoo.addons.social_care import networks

from .common import MONDAY_10, SocialCareCommon


def post(external_id, **values):
    empty = dict.fromkeys(("author", "handle", "text", "url", "picture"), "")
    return {**empty, "external_id": external_id, "own": False, "posted_at": None, **values}


class TestContext(SocialCareCommon):
    """What stands around a conversation is asked for when it is opened, and delays nothing."""

    def setUp(self):
        super().setUp()
        self.asked = []
        self.context = {
            "root": post("root", text="New routes", picture="https://cdn.example/1.jpg")
        }
        self.patch(self.network, "fetch_context", lambda adapter, wire: self._fetch(wire, adapter))
        old = {"root": post("root", text="Old routes")}
        self.mention = self._receive(self._mention("1", kind="comment", context=old))
        self.ticket = self.mention.ticket_id.with_user(self.agent)

    def _fetch(self, wire, adapter):
        adapter.reads += 2
        self.asked.append(wire.external_id)
        if isinstance(self.context, Exception):
            raise self.context
        return self.context

    def test_it_is_refreshed_at_most_once_a_minute(self):
        with freeze_time(MONDAY_10) as clock:
            self.assertTrue(self.ticket.social_care_refresh_context())
            self.assertEqual(self.ticket.social_care_conversation()[0]["text"], "New routes")
            self.context = {"root": post("root", text="Newer routes")}
            clock.tick(timedelta(seconds=59))
            self.assertFalse(self.ticket.social_care_refresh_context())
            clock.tick(timedelta(seconds=1))
            self.assertTrue(self.ticket.social_care_refresh_context())
        self.assertEqual(self.asked, ["1", "1"])

    def test_what_it_reads_is_counted_and_stops_at_the_limit(self):
        self.network.charges_reads = True
        self.account.read_limit = 2
        self.assertTrue(self.ticket.social_care_refresh_context())
        self.assertEqual(self.account.reads_month, 2)
        self.mention.context_at = False
        self.assertFalse(self.ticket.social_care_refresh_context())
        self.assertEqual(self.asked, ["1"])

    def test_the_newest_message_is_asked_about(self):
        self._receive(self._mention("2", posted_at=MONDAY_10 + timedelta(minutes=5)))
        self.env.invalidate_all()
        self.ticket.social_care_refresh_context()
        self.assertEqual(self.asked, ["2"])

    def test_an_error_or_nothing_new_leaves_all_as_it_is(self):
        for answer in (
            networks.TransientError("timeout"),
            {},
            {"root": post("root", text="Old routes")},
        ):
            self.context = answer
            self.mention.context_at = False
            self.assertFalse(self.ticket.social_care_refresh_context())
            self.assertEqual(self.mention.context["root"]["text"], "Old routes")
            self.assertTrue(self.mention.context_at, "asked, so not again at once")

    def test_an_account_that_is_not_connected_is_not_asked(self):
        self.account.state = "reconnect"
        self.assertFalse(self.ticket.social_care_refresh_context())
        self.assertFalse(self.asked)

    def test_no_row_is_locked_while_the_network_thinks(self):
        self.env.flush_all()
        written = []
        execute = type(self.cr).execute

        def watch(cursor, query, params=None, log_exceptions=True):
            if not self.asked:
                text = str(getattr(query, "code", query)).lstrip().upper()
                if text.startswith(("UPDATE", "INSERT", "DELETE")) or " FOR " in text:
                    written.append(text)
            return execute(cursor, query, params, log_exceptions)

        self.patch(type(self.cr), "execute", watch)
        self.assertTrue(self.ticket.social_care_refresh_context())
        self.assertEqual(self.asked, ["1"])
        self.assertFalse(written)

    def test_pictures_of_servers_that_anybody_runs_wait_for_a_click(self):
        self.ticket.social_care_refresh_context()
        root, customer = self.ticket.social_care_conversation()
        self.assertEqual(root["picture"], "https://cdn.example/1.jpg")
        self.assertTrue(root["shows_pictures"] and customer["shows_pictures"])
        self.network.needs_base_url = True
        root, customer = self.ticket.social_care_conversation()
        self.assertFalse(root["shows_pictures"] or customer["shows_pictures"])
