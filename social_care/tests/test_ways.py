from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form

from odoo.addons.social_care import networks

from .common import MONDAY_10, SocialCareCommon

DAY = timedelta(days=1)


class TestWays(SocialCareCommon):
    """How a message can be answered now: said before anybody types, asked again before it goes."""

    def setUp(self):
        super().setUp()
        self.network.private_reply_hours = 7 * 24
        self.network.supports_private_reply = True
        self.network.reply_window_hours = 24

    def _dialog(self, mention):
        model = self.env["social.care.reply"].with_user(self.agent)
        view = "social_care.social_care_reply_view_form_dialog"
        return Form(model.with_context(default_mention_id=mention.id), view)

    def _ways(self, mention):
        return {way["value"]: way["reason"] for way in self._dialog(mention).ways}

    def _comment(self, external_id="1", **values):
        return self._receive(self._mention(external_id, kind="comment", **values))

    def _direct(self, external_id="2", **values):
        return self._receive(
            self._mention(external_id, kind="direct", visibility="direct", **values)
        )

    @freeze_time(MONDAY_10 + timedelta(hours=1))
    def test_a_comment_is_answered_in_public_or_once_in_private_within_seven_days(self):
        comment = self._comment()
        dialog = self._dialog(comment)
        self.assertEqual(dialog.visibility, "public")
        self.assertFalse(dialog.no_way_text)
        self.assertEqual(
            dialog.ways,
            [
                {"value": "public", "label": "Public", "reason": "", "closes_at": ""},
                {
                    "value": "private_reply",
                    "label": "Private answer to a comment",
                    "reason": "",
                    "closes_at": "2026-08-24 08:00:00",
                },
            ],
        )
        self._answer(comment, visibility="private_reply")
        self.assertIn("it has been sent", self._ways(comment)["private_reply"])
        with self.assertRaisesRegex(ValidationError, "that way. .*one private answer"):
            self._answer(comment, body="Again", visibility="private_reply")

    def test_a_private_answer_that_failed_may_be_given_again(self):
        with freeze_time(MONDAY_10 + DAY):
            comment = self._comment()
            self._answer(comment, visibility="private_reply").state = "failed"
            self.assertEqual(self._ways(comment)["private_reply"], "")

    def test_after_seven_days_only_the_public_answer_is_left(self):
        with freeze_time(MONDAY_10 + 7 * DAY):
            ways = self._ways(self._comment())
        self.assertEqual(ways["public"], "")
        self.assertIn("time for answering this customer has passed", ways["private_reply"])

    def test_the_window_counts_from_the_last_private_message_on_this_account(self):
        self._direct("1")
        other = self._create_account(external_id="other@fake.example")
        late = MONDAY_10 + timedelta(hours=20)
        elsewhere = self._mention("9", kind="direct", visibility="direct", posted_at=late)
        self._receive(elsewhere, account=other)
        newest = self._direct("2", posted_at=MONDAY_10 + timedelta(hours=2))
        with freeze_time(MONDAY_10 + timedelta(hours=25)):
            dialog = self._dialog(newest)
            self.assertEqual(dialog.visibility, "direct")
            self.assertEqual(
                dialog.ways,
                [
                    {
                        "value": "direct",
                        "label": "Private message",
                        "reason": "",
                        "closes_at": "2026-08-18 10:00:00",
                    }
                ],
            )
        with freeze_time(MONDAY_10 + timedelta(hours=26)):
            dialog = self._dialog(newest)
            self.assertIn("has passed", dialog.no_way_text)

    def test_a_person_may_write_in_the_late_window(self):
        self.network.late_window_hours = 7 * 24
        private = self._direct()
        with freeze_time(MONDAY_10 + 6 * DAY):
            self.assertEqual(self._ways(private), {"direct": ""})
        with freeze_time(MONDAY_10 + 7 * DAY):
            self.assertIn("has passed", self._ways(private)["direct"])

    def test_where_nobody_wrote_in_private_it_says_why_that_is_not_possible(self):
        self.network.supports_private_reply = False
        ways = self._ways(self._comment())
        self.assertEqual(ways["public"], "")
        self.assertIn("only to people who wrote to you in private", ways["direct"])

    def test_a_window_that_closes_in_the_queue_fails_the_answer_and_tells_it(self):
        with freeze_time(MONDAY_10 + timedelta(hours=23)):
            private = self._direct()
            reply = self._answer(private, visibility="direct")
        # The publishing itself runs now: months later.
        with self.assertLogs("odoo.addons.social_care", "WARNING"):
            reply.queued_at = fields.Datetime.now()
            self._run_cron("ir_cron_publish")
        self.assertEqual((reply.state, reply.error_code), ("failed", "window_closed"))
        self.assertFalse(self.network.ledger)
        self.assertIn("has passed", self._chatter(private.ticket_id))

    def test_the_network_learns_when_the_customer_last_wrote_in_private(self):
        self.network.reply_window_hours = 0
        self._answer(self._direct(), visibility="direct")
        self._answer(self._comment("3", who="bo"))
        self._run_cron("ir_cron_publish")
        self.assertEqual(
            {sent.parent.external_id: sent.last_direct_at for sent in self.network.ledger},
            {"2": MONDAY_10, "3": None},
        )

    def test_situations_of_many_cost_as_much_as_of_one(self):
        mentions = self._receive(
            *(self._mention(str(number), who=f"w{number}", kind="comment") for number in range(9))
        )
        mentions[:1]._get_ways()  # what is read once and kept
        self.env.flush_all()
        with self.assertQueryCount(2):
            mentions._get_situations()

    def test_each_way_has_its_own_count_and_the_servers_limit_wins(self):
        def measure(text, visibility):
            return (len(text.encode()), 10) if visibility == "direct" else (len(text), 40)

        self.network.measure = measure
        self.account.max_length = 50
        mention = self._comment()
        count = self.env["social.care.reply"].with_user(self.agent).count_text
        self.assertEqual(count(mention.id, "@ana ñ", "public"), {"length": 6, "max_length": 50})
        self.assertEqual(count(mention.id, "@ana ñ", "direct"), {"length": 7, "max_length": 10})
        private = self._direct()
        with freeze_time(MONDAY_10), self.assertRaisesRegex(UserError, "too long"):
            self._answer(private, body="A text of 28 letters, or so.", visibility="direct")


class TestJoinedAuthors(SocialCareCommon):
    """A private answer to a comment tells under which id the customer writes in private."""

    def setUp(self):
        super().setUp()
        self.network.supports_private_reply = True
        self.network.recipient = "psid-7"
        self.author_model = self.env["social.care.author"]

    def _direct(self, external_id, author_id="psid-7", **values):
        author = networks.Author(external_id=author_id, name="Ana R.")
        return self._mention(
            external_id, author=author, kind="direct", visibility="direct", **values
        )

    def _answer_in_private(self):
        comment = self._receive(self._mention("1", kind="comment"))
        self._answer(comment, visibility="private_reply")
        self._run_cron("ir_cron_publish")
        return comment

    def test_her_private_answer_joins_the_ticket_of_her_comment(self):
        comment = self._answer_in_private()
        private = self._receive(
            self._direct("2", posted_at=MONDAY_10 + timedelta(days=3), body="It is the red one")
        )
        self.assertEqual(private.ticket_id, comment.ticket_id)
        self.assertEqual(private.author_id, comment.author_id)
        self.assertEqual(comment.author_id.name, "Ana")

    def test_who_wrote_in_private_before_moves_over_with_all_that_is_theirs(self):
        earlier = self._receive(self._direct("0", posted_at=MONDAY_10 - timedelta(days=9)))
        alias = earlier.author_id
        partner = self.env["res.partner"].create({"name": "Ana Ruiz García"})
        alias.write({"partner_id": partner.id, "standing": "press"})
        comment = self._answer_in_private()
        main = comment.author_id
        self.assertEqual(alias.joined_to_id, main)
        self.assertEqual(earlier.author_id, main)
        self.assertEqual(earlier.ticket_id.social_author_id, main)
        self.assertFalse(self.env["mail.message"].search([("social_author_id", "=", alias.id)]))
        self.assertEqual((main.partner_id, main.standing), (partner, "press"))
        self.assertEqual(
            earlier.with_user(self.agent).ticket_id.social_author_id.display_name, "Ana (@ana)"
        )

    def test_there_are_neither_chains_nor_loops(self):
        first, second, third = self.author_model.create(
            [
                {"network": "mastodon", "company_id": self.env.company.id, "external_id": name}
                for name in ("a", "b", "c")
            ]
        )
        second._join("a")
        third._join("b")
        third._join("a")
        third._join("c")
        first._join("c")
        self.assertEqual((first | second).joined_to_id, third)
        self.assertFalse(third.joined_to_id)
        first._join("new")
        new = self.author_model.search([("external_id", "=", "new")])
        self.assertEqual(new.joined_to_id, third)

    def test_another_companys_customer_of_that_id_stays_apart(self):
        company = self.env["res.company"].create({"name": "Other"})
        stranger = self.author_model.create(
            {"network": "mastodon", "company_id": company.id, "external_id": "psid-7"}
        )
        self._answer_in_private()
        self.assertFalse(stranger.joined_to_id)

    def test_a_message_stored_while_the_profiles_were_joined_follows(self):
        self.account._ingest([self._direct("2")])
        private = self.env["social.care.mention"].search([("external_id", "=", "2")])
        comment = self._receive(self._mention("1", kind="comment"))
        alias = private.author_id
        comment.author_id._join("psid-7")
        private.author_id = alias  # as another worker stored it, from before the join
        private._triage()
        self.assertEqual(private.author_id, comment.author_id)
        self.assertEqual(private.ticket_id, comment.ticket_id)
