from datetime import timedelta

from odoo import Command, fields
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.social_care import networks
from odoo.addons.web.tests import test_js


@tagged("post_install", "-at_install")
class TestTours(HttpCase):
    """An agent's way in a real browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent = new_test_user(
            cls.env,
            login="tour_agent",
            name="Marta Cano",
            groups="social_care.social_care_group_agent",
        )
        cls.team = cls.env["helpdesk.ticket.team"].create(
            {
                "name": "Care",
                "use_sla": True,
                "resource_calendar_id": cls.env.company.resource_calendar_id.id,
                "user_ids": [Command.set(cls.agent.ids)],
            }
        )
        cls.env["helpdesk.sla"].create(
            {
                "name": "First response 2 h",
                "social_target": "first_response",
                "hours": 2,
                "team_ids": [Command.set(cls.team.ids)],
            }
        )
        now = fields.Datetime.now()
        cls.account = cls.env["social.care.account"].create(
            {
                "name": "Aurora Air",
                "network": "mastodon",
                "practice": True,
                "state": "connected",
                "since": now - timedelta(days=1),
                "team_line_ids": [Command.create({"team_id": cls.team.id})],
            }
        )
        mention = networks.Mention(
            external_id="tour-1",
            author=networks.Author(
                external_id="https://mastodon.example/users/ana",
                handle="ana",
                name="Ana Ruiz",
                followers_count=1234,
            ),
            body="I wait <b>three</b> hours now! https://aurora.example/delays.",
            posted_at=now - timedelta(minutes=5),
        )
        mentions = cls.account._ingest([mention])
        mentions._triage()
        cls.ticket = mentions.ticket_id

    def test_reply(self):
        self.start_tour("/odoo", "social_care_reply", login=self.agent.login)
        reply = self.ticket.social_reply_ids
        self.assertEqual(reply.state, "queued")
        self.assertEqual(self.ticket.user_id, self.agent)
        self.assertFalse(self.ticket.social_unread)

        reply.action_leave()
        self.env.ref("social_care.ir_cron_publish").method_direct_trigger()
        self.assertEqual(reply.state, "sent")
        address = f"/odoo/helpdesk.ticket/{self.ticket.id}"
        self.start_tour(address, "social_care_sent", login=self.agent.login)

    def test_two_clicks_or_keys_from_a_ticket_to_the_next(self):
        seat = networks.Mention(
            external_id="tour-2",
            author=networks.Author(
                external_id="https://mastodon.example/users/bo", handle="bo", name="Bo Lind"
            ),
            body="My seat is broken, how do I change it?",
            posted_at=fields.Datetime.now() - timedelta(minutes=4),
        )
        mention = self.account._ingest([seat])
        mention._triage()
        self.start_tour("/odoo/social-conversations", "social_care_next", login=self.agent.login)
        answers = self.ticket.social_reply_ids.sorted("id")
        self.assertEqual(answers.mapped("state"), ["cancelled", "draft"])
        self.assertEqual(mention.ticket_id.social_reply_ids.mapped("state"), ["queued"] * 2)

    def test_chatter_and_a_colleagues_help(self):
        address = f"/odoo/helpdesk.ticket/{self.ticket.id}"
        pilar = new_test_user(self.env, login="tour_pilar", name="Pilar", groups="base.group_user")
        self.start_tour(address, "social_care_chatter", login=self.agent.login)
        question = self.ticket.social_question_ids
        self.assertEqual(question.user_ids, pilar)

        self.start_tour("/odoo", "social_care_colleague", login=pilar.login)
        self.assertEqual(question.state, "answered")

        self.start_tour(address, "social_care_helped", login=self.agent.login)
        self.assertIn("Twenty minutes.", self.ticket.social_reply_ids.body)

    def test_gestures(self):
        capabilities = (
            "supports_like",
            "supports_hide",
            "supports_private_reply",
            "supports_media",
        )
        network = type(
            "RichNetwork",
            (networks.Mastodon,),
            {**dict.fromkeys(capabilities, True), "private_reply_hours": 7 * 24},
        )
        account_class = self.env.registry["social.care.account"]
        self.patch(account_class, "_get_network_classes", lambda _self: {"mastodon": network})
        mention = self.ticket.social_mention_ids
        mention.write({"kind": "comment", "posted_at": fields.Datetime.now() - timedelta(days=8)})
        address = f"/odoo/helpdesk.ticket/{self.ticket.id}"
        self.start_tour(address, "social_care_gestures", login=self.agent.login)
        self.assertEqual(mention.liked_by_id, self.agent)
        self.assertEqual(mention.hidden_reason, "Insults other travellers")
        reply = self.ticket.social_reply_ids
        self.assertEqual((reply.state, reply.visibility), ("queued", "public"))
        self.assertEqual(reply.attachment_ids.res_id, reply.id)

    def test_a_rule_is_tried_before_it_is_saved(self):
        manager = new_test_user(
            self.env, login="tour_manager", groups="social_care.social_care_group_manager"
        )
        rules = self.env["social.care.rule"].with_context(active_test=False)
        before = rules.search([])
        self.start_tour("/odoo/social-rules/new", "social_care_rule", login=manager.login)
        self.assertEqual(rules.search([]), before)

    def test_inbox(self):
        """Cleared with the keyboard alone."""
        self.env["social.care.rule"].search([]).active = False  # people decide all of it
        copy = "Win two free flights, follow us and tag a friend!"
        said = [
            ("Ana", "My suitcase is lost again"),
            ("Bo", "Buy my course"),
            ("copy one", copy),
            ("copy two", copy + " @x"),
            ("copy three", copy.upper()),
            ("Cleo", "They say that Aurora will strike"),
            ("Dora", "Aurora, what a film"),
            ("Eve", "Aurora is a beautiful name"),
        ]
        now = fields.Datetime.now()
        mentions = self.account._ingest(
            [
                networks.Mention(
                    external_id=f"inbox-{number}",
                    author=networks.Author(external_id=f"https://m.example/{number}", name=name),
                    body=body,
                    posted_at=now - timedelta(minutes=60 - number),
                    addressed=False,
                )
                for number, (name, body) in enumerate(said)
            ]
        )
        mentions._triage()
        self.start_tour("/odoo/social-inbox", "social_care_inbox_tour", login=self.agent.login)
        decided = {
            mention.author_id.name: (mention.state, mention.reason_id.code) for mention in mentions
        }
        spam = ("ignored", "spam")
        self.assertEqual(
            decided,
            {
                "Ana": ("ticket", False),
                "Bo": spam,
                **dict.fromkeys(["copy one", "copy two", "copy three"], spam),
                "Cleo": ("watch", False),
                "Dora": ("ignored", "not_for_us"),
                "Eve": ("ignored", "not_for_us"),
            },
        )
        self.assertEqual(mentions.decided_by_id, self.agent)

    def test_a_conversation_is_dragged_to_a_colleague(self):
        noa = new_test_user(
            self.env,
            login="tour_noa",
            name="Noa",
            groups="social_care.social_care_group_agent",
        )
        self.team.user_ids |= noa
        self.team.resource_calendar_id = self.env["resource.calendar"].create(
            {
                "name": "Always",
                "tz": "UTC",
                "attendance_ids": [Command.clear()]
                + [
                    Command.create({"name": day, "dayofweek": day, "hour_from": 0, "hour_to": 24})
                    for day in "0123456"
                ],
            }
        )
        now = fields.Datetime.now()
        account = self.env["social.care.account"].create(
            {
                "name": "Aurora Cargo",
                "network": "mastodon",
                "base_url": "https://cargo.example",
                "external_id": "cargo",
                "state": "connected",
                "since": now - timedelta(days=1),
                "team_line_ids": [Command.create({"team_id": self.team.id})],
            }
        )
        author = networks.Author(external_id="https://m.example/1", handle="ana", name="Ana Ruiz")
        mention = account._ingest(
            [
                networks.Mention(
                    external_id="now-1",
                    author=author,
                    body="Where is my parcel?",
                    posted_at=now - timedelta(minutes=5),
                )
            ]
        )
        mention._triage()
        mention.ticket_id.user_id = self.agent
        self.start_tour("/odoo/social-now", "social_care_now", login=self.agent.login)
        self.assertEqual(mention.ticket_id.user_id, noa)

    def test_now_says_why_it_is_empty(self):
        self.assertTrue(self.ticket.social_waiting_since)
        self.assertTrue(self.account.practice)
        self.start_tour("/odoo/social-now", "social_care_now_empty", login=self.agent.login)

    def test_styles_compile(self):
        """A style that cannot be compiled leaves the whole backend unstyled."""
        bundle = self.env["ir.qweb"]._get_asset_bundle("web.assets_backend", css=True, js=False)
        bundle.css()
        self.assertFalse(bundle.css_errors)

    def test_units_of_the_interface(self):
        suite = test_js.HOOTCommon._generate_hash(None, "@social_care")
        self.browser_js(
            f"/web/tests?headless&loglevel=2&preset=desktop&timeout=15000&id={suite}",
            code="",
            ready="",
            login="admin",
            timeout=300,
            success_signal="[HOOT] Test suite succeeded",
            error_checker=test_js.unit_test_error_checker,
        )
