from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user

from .people_common import PeopleCommon


class TestPeopleAccess(PeopleCommon):
    """Agents change what is theirs to change, of profiles they may read; others nothing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stranger = new_test_user(
            cls.env, "people_stranger", groups="social_care.social_care_group_agent"
        )
        cls.env["helpdesk.ticket.team"].create({"name": "Other", "user_ids": cls.stranger.ids})
        cls.helpdesk_user = new_test_user(
            cls.env, "people_helpdesk", groups="helpdesk_mgmt.group_helpdesk_user"
        )
        cls.manager = new_test_user(
            cls.env, "people_boss", groups="social_care.social_care_group_manager"
        )

    def setUp(self):
        super().setUp()
        self.there = self._ticket("1", account=self.x_account)
        self.here = self._ticket("2")
        self.author = self.here.social_author_id

    def test_of_a_profile_people_write_the_standing_alone(self):
        for user in (self.agent, self.manager):
            author = self.author.with_user(user)
            author.standing = "vip"
            for values in (
                {"name": "x"},
                {"partner_id": self.ana.id},
                {"person_key": "x"},
                {"joined_to_id": self.there.social_author_id.id},
                {"not_same_ids": [(4, self.there.social_author_id.id)]},
            ):
                with self.assertRaises(AccessError):
                    author.write(values)

    def test_a_stranger_to_the_team_changes_no_profile(self):
        author = self.author.with_user(self.stranger)
        calls = (
            lambda: author.write({"standing": "troll"}),
            lambda: author._link_contact(self.ana),
            author.action_link_contact,
            author.action_unlink_contact,
            author.action_part,
            lambda: author._join_person(self.there.social_author_id),
        )
        for call in calls:
            with self.assertRaises(AccessError):
                call()

    def test_a_helpdesk_user_without_the_role_reads_no_card_and_presses_nothing(self):
        ticket = self.here.with_user(self.helpdesk_user)
        with self.assertRaises(AccessError):
            ticket.read(["social_history_text"])
        with self.assertRaises(AccessError):
            ticket.read(["social_twin_id"])
        context = {
            "social_care_twin": self.there.social_author_id.id,
            "social_care_partner": self.ana.id,
            "social_care_into": self.there.id,
        }
        for action in (
            "action_social_link_contact",
            "action_social_unlink_contact",
            "action_social_contact",
            "action_social_join",
            "action_social_not_same",
            "action_social_same_matter",
        ):
            with self.assertRaises(AccessError, msg=action):
                getattr(ticket.with_context(**context), action)()

    def test_a_helpdesk_user_still_works_with_the_form(self):
        with Form(self.here.with_user(self.helpdesk_user)) as form:
            form.priority = "3"
        self.assertEqual(self.here.priority, "3")

    def test_an_agent_brings_no_foreign_ticket_in(self):
        self.there.team_id = self.stranger.helpdesk_team_ids
        there = self.there.with_user(self.agent).with_context(social_care_into=self.here.id)
        with self.assertRaises(AccessError):
            there.action_social_same_matter()
        here = self.here.with_user(self.agent).with_context(social_care_into=self.there.id)
        with self.assertRaises(AccessError):
            here.action_social_same_matter()

    def test_a_joined_profile_of_another_team_is_not_shown(self):
        self.author._join_person(self.there.social_author_id)
        self.there.team_id = self.stranger.helpdesk_team_ids
        self.env.invalidate_all()
        here = self._as_agent(self.here)
        self.assertFalse(here.social_person_text)
        self.assertFalse(here.social_other_ids)
        self.assertEqual(
            here.social_history_text, "2nd time · last: still open", "a number tells nothing"
        )
        with Form(here) as form:
            form.social_standing = "vip"

    def test_a_private_message_of_another_team_gives_no_address_away(self):
        private = self._write_in_private("ana.ruiz@example.com", who="ana")
        private.social_mention_ids.filtered(
            lambda item: item.kind == "direct"
        ).ticket_id = self.here.copy({"team_id": self.stranger.helpdesk_team_ids.id})
        self.assertEqual(self._reasons(self.author), [])

    def test_a_dialog_of_a_colleague_is_not_mine(self):
        dialog = self.here.with_user(self.agent).action_social_contact()
        wizard = self.env["social.care.contact"].browse(dialog["res_id"])
        with self.assertRaises(AccessError):
            wizard.with_user(self.stranger).read(["phone"])
