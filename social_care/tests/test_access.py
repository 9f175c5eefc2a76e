from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user

from .common import SocialCareCommon

MODELS = (
    "social.care.app",
    "social.care.account",
    "social.care.author",
    "social.care.mention",
    "social.care.reason",
    "social.care.reply",
    "social.care.delivery",
)


class TestAccess(SocialCareCommon):
    """Access follows the ticket; tested as each role."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_team = cls.env["helpdesk.ticket.team"].create({"name": "Other team"})
        cls.stranger = new_test_user(
            cls.env, "care_stranger", groups="social_care.social_care_group_agent"
        )
        cls.other_team.user_ids = cls.stranger
        cls.helpdesk_user = new_test_user(
            cls.env, "care_helpdesk", groups="helpdesk_mgmt.group_helpdesk_user"
        )
        cls.manager = new_test_user(
            cls.env, "care_boss", groups="social_care.social_care_group_manager"
        )

    def setUp(self):
        super().setUp()
        self.mention = self._receive(self._mention("1"))
        self.undecided = self._receive(self._mention("2", who="bo", addressed=False))

    def _visible(self, user, model="social.care.mention"):
        domain = [("account_id", "=", self.account.id)]
        return self.env[model].with_user(user).search(domain)

    def test_agents_see_their_teams_messages(self):
        self.assertEqual(self._visible(self.agent), self.mention | self.undecided)
        self.assertFalse(self._visible(self.stranger))
        self.assertEqual(self._visible(self.manager), self.mention | self.undecided)

    def test_authors_are_readable_through_messages_only(self):
        author = self.mention.author_id
        self.assertEqual(author.with_user(self.agent).name, "Ana")
        with self.assertRaises(AccessError):
            author.with_user(self.stranger).read(["name"])

    def test_the_ticket_takes_its_messages_along(self):
        self.mention.ticket_id.team_id = self.other_team
        self.assertEqual(self._visible(self.agent), self.undecided)
        self.assertEqual(self._visible(self.stranger), self.mention)

    def test_a_helpdesk_user_without_the_role_reads_nothing_of_ours(self):
        for model in MODELS:
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.helpdesk_user).search([])
        ticket = self.mention.ticket_id.with_user(self.helpdesk_user)
        self.assertFalse(ticket.social_can_reply)
        with self.assertRaises(AccessError):
            ticket.action_social_reply()
        with self.assertRaises(AccessError):
            ticket.social_care_conversation()

    def test_a_helpdesk_user_without_the_role_still_works_on_the_ticket(self):
        ticket = self.mention.ticket_id.with_user(self.helpdesk_user)
        with Form(ticket) as form:
            form.priority = "3"
        ticket.stage_id = self.stage_progress
        self.assertEqual(ticket.social_network_name, "Mastodon")

    def test_a_stranger_cannot_answer(self):
        with self.assertRaises(AccessError):
            self.env["social.care.reply"].with_user(self.stranger).create(
                {"mention_id": self.mention.id, "body": "x"}
            )

    def test_agents_read_no_secret_and_change_no_account(self):
        account = self.account.with_user(self.agent)
        with self.assertRaises(AccessError):
            account.read(["access_token"])
        with self.assertRaises(AccessError):
            account.write({"name": "Mine"})
        with self.assertRaises(AccessError):
            account.action_test_connection()
        with self.assertRaises(AccessError):
            account.action_pause()

    def test_the_networks_words_cannot_be_edited(self):
        for values in ({"body": "x"}, {"state": "ignored"}, {"ticket_id": False}):
            with self.assertRaises(AccessError):
                self.mention.with_user(self.agent).write(values)

    def test_an_agent_decides_what_is_in_the_inbox(self):
        reason = self.env.ref("social_care.reason_not_for_us")
        wizard = (
            self.env["social.care.decide"]
            .with_user(self.agent)
            .create(
                {
                    "mention_ids": [Command.set(self.undecided.ids)],
                    "decision": "ignored",
                    "reason_id": reason.id,
                    "note": "talks about the film",
                }
            )
        )
        wizard.action_apply()
        self.assertEqual(self.undecided.state, "ignored")
        self.assertEqual(self.undecided.decided_by_id, self.agent)
        self.assertEqual(self.undecided.decision_note, "talks about the film")
        self.undecided.with_user(self.agent).action_undo()
        self.assertEqual((self.undecided.state, self.undecided.reason_id.id), ("new", False))

    def test_an_agent_makes_a_ticket_by_hand(self):
        self.undecided.with_user(self.agent).action_make_ticket()
        self.assertEqual(self.undecided.state, "ticket")
        self.assertEqual(self.undecided.decided_by_id, self.agent)
        self.assertEqual(self.undecided.ticket_id.team_id, self.team)

    def test_a_stranger_decides_nothing(self):
        with self.assertRaises(AccessError):
            self.undecided.with_user(self.stranger).action_make_ticket()

    def test_nobody_speaks_in_a_customers_name(self):
        message = self.mention.ticket_id.with_user(self.agent).message_post(body="hello")
        with self.assertRaises(AccessError):
            message.with_user(self.agent).social_author_id = self.mention.author_id

    def test_nor_by_a_default(self):
        ticket, author = self.mention.ticket_id.with_user(self.agent), self.mention.author_id
        proposing = ticket.with_context(default_social_author_id=author.id)
        self.assertFalse(proposing.message_post(body="hello").social_author_id)
        with self.assertRaisesRegex(AccessError, "customer's name"):
            proposing.env["mail.message"].create(
                {"model": ticket._name, "res_id": ticket.id, "body": "hello"}
            )
        self.env["ir.default"].with_user(self.agent).set(
            "mail.message", "social_author_id", author.id, user_id=True
        )
        with self.assertRaisesRegex(AccessError, "customer's name"):
            ticket.message_post(body="hello")

    def test_agents_read_no_imported_file(self):
        self.account.document = "eyJ4IjogMX0="
        with self.assertRaises(AccessError):
            self.account.with_user(self.agent).read(["document"])

    def test_an_agent_sets_no_clock_and_no_customer(self):
        ticket = self.mention.ticket_id.with_user(self.agent)
        for values in (
            {"social_waiting_since": False},
            {"social_first_response_at": "2026-08-17 08:00:00"},
            {"social_author_id": self.undecided.author_id.id},
            {"social_account_id": False},
            {"social_network": "mastodon"},
        ):
            with self.assertRaisesRegex(AccessError, "follow from the messages"):
                ticket.write(values)
        with self.assertRaisesRegex(AccessError, "kept by an answer"):
            ticket.ticket_sla_ids.write({"state": "accomplished"})

    def test_an_agent_creates_no_ticket_in_a_network_s_name(self):
        """Nor by what a form proposes: the context, or a default value of one's own."""
        tickets = self.env["helpdesk.ticket"].with_user(self.agent)
        values = {"name": "Mine", "description": "x", "team_id": self.team.id}
        with self.assertRaisesRegex(AccessError, "follow from the messages"):
            tickets.create({**values, "social_account_id": self.account.id})
        proposing = tickets.with_context(default_social_account_id=self.account.id)
        with self.assertRaisesRegex(AccessError, "Social account"):
            proposing.create(values)
        self.env["ir.default"].with_user(self.agent).set(
            "helpdesk.ticket", "social_first_response_at", "2026-08-17 08:00:00", user_id=True
        )
        with self.assertRaisesRegex(AccessError, "First response"):
            tickets.create(values)

    def test_an_agent_makes_no_kept_promise_of_another_clock(self):
        """The helpdesk lets its users write and create the clocks of stages."""
        ticket = self.mention.ticket_id.with_user(self.agent)
        stage = self.env["helpdesk.sla"].create({"name": "Stage", "hours": 8})
        clocks = ticket.ticket_sla_ids.browse()
        kept = {"social_started_at": "2026-08-17 08:00:00", "state": "accomplished"}
        with self.assertRaisesRegex(AccessError, "kept by an answer"):
            clocks.create({"ticket_id": ticket.id, "sla_id": stage.id, **kept})
        proposing = clocks.with_context(default_social_started_at=kept["social_started_at"])
        with self.assertRaisesRegex(AccessError, "kept by an answer"):
            proposing.create({"ticket_id": ticket.id, "sla_id": stage.id})
        clock = clocks.create({"ticket_id": ticket.id, "sla_id": stage.id})
        with self.assertRaisesRegex(AccessError, "kept by an answer"):
            clock.write(kept)
        clock.state = "accomplished"  # as the helpdesk has it
        self.assertEqual(ticket.social_kept_count, 0)

    def test_companies_stay_apart(self):
        company = self.env["res.company"].create({"name": "Other"})
        user = new_test_user(
            self.env,
            "care_other_company",
            groups="social_care.social_care_group_manager",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        for model in ("social.care.account", "social.care.mention", "social.care.author"):
            self.assertFalse(self.env[model].with_user(user).search([]), model)
