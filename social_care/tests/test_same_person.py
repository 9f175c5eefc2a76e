from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.social_care import networks

from .people_common import PeopleCommon

LONG_TEXT = "I have been waiting for three hours at the gate in Lisbon and nobody tells us anything"
LIKE_TEXT = (
    "@auroraair I have been waiting three hours at the gate in Lisbon, nobody tells us anything!"
)


class TestPerhapsTheSamePerson(PeopleCommon):
    """The same handle or a like text on another network: a person decides."""

    def _twin(self, ticket):
        return self._as_agent(ticket).social_twin_id

    def _press(self, ticket, action, twin, **context):
        ticket = self._as_agent(ticket).with_context(social_care_twin=twin.id, **context)
        result = getattr(ticket, action)()
        ticket.invalidate_recordset()
        return result

    def test_the_same_handle_on_another_network(self):
        there = self._ticket("1", account=self.x_account)
        here = self._ticket("2")
        self.assertEqual(self._twin(here), there.social_author_id)
        self.assertEqual(
            self._as_agent(here).social_twin_text, "Ana (@ana) has the same handle on X."
        )
        self.assertEqual(self._as_agent(here).social_twin_ticket_id, there)
        self.assertFalse(here.social_author_id.person_key, "never by itself")

    def test_a_handle_on_a_far_server_is_the_same_one(self):
        far = networks.Author(external_id="far", handle="Ana@far.example", name="A")
        there = self._ticket("1", author=far, account=self.x_account)
        self.assertEqual(self._twin(self._ticket("2")), there.social_author_id)

    def test_two_letters_are_anybodys_handle(self):
        self._ticket("1", who="bo", account=self.x_account)
        self.assertFalse(self._twin(self._ticket("2", who="bo")))

    def test_the_same_network_is_no_other_network(self):
        other = networks.Author(external_id="other", handle="ana@far.example", name="A")
        self._ticket("1", author=other)
        self.assertFalse(self._twin(self._ticket("2")))

    def test_a_handle_from_long_ago_is_not_offered(self):
        there = self._ticket("1", account=self.x_account)
        self.env.cr.execute(
            SQL(
                "UPDATE helpdesk_ticket SET create_date = %s WHERE id = %s",
                fields.Datetime.now() - timedelta(days=31),
                there.id,
            )
        )
        self.assertFalse(self._twin(self._ticket("2")))

    def test_a_like_text_within_three_days(self):
        there = self._ticket("1", "zoe", self.x_account, body=LIKE_TEXT)
        here = self._ticket("2", body=LONG_TEXT, posted_at=self._later(hours=70))
        self.assertEqual(self._twin(here), there.social_author_id)
        self.assertEqual(
            self._as_agent(here).social_twin_text, "Zoe (@zoe) wrote almost the same on X."
        )
        self.assertEqual(self._twin(there), here.social_author_id, "seen from both sides")

    def test_a_like_text_a_week_later_is_another_matter(self):
        self._ticket("1", "zoe", self.x_account, body=LIKE_TEXT)
        self.assertFalse(
            self._twin(self._ticket("2", body=LONG_TEXT, posted_at=self._later(days=7)))
        )

    def test_a_short_text_is_everybodys(self):
        self._ticket("1", "zoe", self.x_account, body="Where is my order?")
        self.assertFalse(self._twin(self._ticket("2", body="Where is my order?")))

    def test_what_many_copied_is_nobodys(self):
        for number, who in enumerate(("zoe", "yan", "xia", "wim")):
            self._ticket(f"c{number}", who, self.x_account, body=LONG_TEXT)
        self.assertFalse(self._twin(self._ticket("2", body=LONG_TEXT)))

    def test_without_trigrams_only_the_equal_text_counts(self):
        there = self._ticket("1", "zoe", self.x_account, body=f"@auroraair {LONG_TEXT.upper()}!")
        here = self._ticket("2", body=LONG_TEXT)
        like = self._ticket("3", "una", body=LIKE_TEXT)
        with patch.object(self.env.registry, "has_trigram", False):
            self.assertEqual(self._twin(here), there.social_author_id)
            self.assertFalse(self._twin(like))

    def test_a_closed_ticket_asks_nothing(self):
        self._ticket("1", account=self.x_account)
        here = self._ticket("2")
        here.stage_id = self.stage_done
        self.assertFalse(self._twin(here))

    def test_not_the_same_is_remembered_on_both_sides(self):
        there, here = self._ticket("1", account=self.x_account), self._ticket("2")
        self._press(here, "action_social_not_same", there.social_author_id)
        self.assertFalse(self._twin(here))
        self.assertFalse(self._twin(there))

    def test_another_teams_profile_is_not_told(self):
        there, here = self._ticket("1", account=self.x_account), self._ticket("2")
        there.team_id = self.env["helpdesk.ticket.team"].create({"name": "Lawyers"})
        self.assertFalse(self._twin(here))

    def test_another_company_is_another_world(self):
        company = self.env["res.company"].create({"name": "Boreal Air"})
        account = self._create_account(
            network="x", base_url=False, external_id="78", company_id=company.id, team_line_ids=[]
        )
        there = self._ticket("1", account=account, body=LONG_TEXT)
        here = self._ticket("2", body=LONG_TEXT)
        self.assertFalse(here.social_twin_id)
        with self.assertRaisesRegex(UserError, "same company"):
            here.social_author_id._join_person(there.social_author_id)


class TestJoin(PeopleCommon):
    """Joined profiles are one person; each keeps its messages and its way to be answered."""

    def setUp(self):
        super().setUp()
        self.there = self._ticket("1", account=self.x_account)
        self.here = self._ticket("2")
        self.on_x, self.on_mastodon = self.there.social_author_id, self.here.social_author_id

    def _third(self):
        author = networks.Author(external_id="third@fake.example", handle="third", name="Third")
        return self._ticket("3", author=author).social_author_id

    def _join(self):
        ticket = self.here.with_user(self.agent).with_context(social_care_twin=self.on_x.id)
        return ticket.action_social_join()

    def test_join_makes_one_person_of_two_profiles(self):
        self._join()
        self.assertEqual(self._as_agent(self.on_mastodon).person_ids, self.on_x)
        self.assertEqual(self._as_agent(self.here).social_person_text, "@ana on X")
        self.assertFalse(self._as_agent(self.here).social_twin_id, "not asked again")
        self.assertIn("The same person as Ana (@ana) on X", self._chatter(self.here))

    def test_each_profile_keeps_its_tickets_and_messages(self):
        self._join()
        self.assertEqual(self.there.social_author_id, self.on_x)
        self.assertEqual(self.there.social_mention_ids.author_id, self.on_x)

    def test_their_tickets_and_their_number_are_seen_together(self):
        self._join()
        here = self._as_agent(self.here)
        self.assertEqual(here.social_other_ids, self.there)
        self.assertEqual(here.social_other_text, "1 other open ticket (X)")
        self.assertEqual(here.social_history_text, "2nd time · last: still open")

    def test_join_and_merge_in_one_go(self):
        self.here.with_user(self.agent).with_context(
            social_care_twin=self.on_x.id, social_care_ticket=self.there.id
        ).action_social_join_merge()
        self.assertEqual((self.here.active, self.there.active), (True, False))
        authors = self.here.social_mention_ids.author_id
        self.assertEqual(authors, self.on_x | self.on_mastodon, "each is answered where it wrote")
        self.assertTrue(self.on_x.person_key)

    def test_only_the_ticket_of_the_profile_that_was_joined_is_brought(self):
        others = self._ticket("9", "zoe")
        self.here.with_user(self.agent).with_context(
            social_care_twin=self.on_x.id, social_care_ticket=others.id
        ).action_social_join_merge()
        self.assertTrue(others.active)

    def test_the_contact_of_one_becomes_the_others(self):
        self.on_x._link_contact(self.ana)
        self._join()
        self.assertEqual(self.on_mastodon.partner_id, self.ana)
        self.assertEqual(self.here.partner_id, self.ana)

    def test_parting_gives_everything_back(self):
        self.on_x._link_contact(self.ana)
        self._join()
        self._as_agent(self.on_mastodon).action_part()
        self.assertFalse(self.on_mastodon.partner_id or self.here.partner_id)
        self.assertEqual((self.on_x.partner_id, self.there.partner_id), (self.ana, self.ana))
        self.assertFalse(self.on_x.person_key or self.on_mastodon.person_key)
        self.assertFalse(self._as_agent(self.here).social_twin_id, "and is not asked again")

    def test_parting_is_the_same_from_the_other_side(self):
        self.on_x._link_contact(self.ana)
        self._join()
        self._as_agent(self.on_x).action_part()
        self.assertEqual((self.on_x.partner_id, self.there.partner_id), (self.ana, self.ana))
        self.assertFalse(self.on_mastodon.partner_id or self.here.partner_id)

    def test_strangers_are_no_one_person(self):
        both = self.on_x | self.on_mastodon
        self.assertEqual(list(both._get_people().values()), list(both))

    def test_who_parted_can_be_joined_again(self):
        self._join()
        self.on_x.action_part()
        self._join()
        self.assertEqual(self.on_x._get_person(), self.on_x | self.on_mastodon)
        self.assertFalse((self.on_x | self.on_mastodon).not_same_ids)

    def test_two_contacts_are_not_made_one_silently(self):
        self.on_x._link_contact(self.ana)
        self.on_mastodon._link_contact(self.env["res.partner"].create({"name": "Ana María"}))
        with self.assertRaisesRegex(UserError, "Ana María.*Merge the contacts"):
            self._join()

    def test_a_round_of_joins_is_one_person_and_ends(self):
        third = self._third()
        self.on_x._join_person(self.on_mastodon)
        self.on_mastodon._join_person(third)
        third._join_person(self.on_x)
        self.assertEqual(self.on_x._get_person(), self.on_x | self.on_mastodon | third)
        with self.assertRaises(UserError):
            third._join_person(third)
        self.on_mastodon.action_part()
        self.assertEqual(self.on_x._get_person(), self.on_x | third)

    def test_two_groups_become_one(self):
        third = self._third()
        fourth = self._ticket("4", "mia", self.x_account).social_author_id
        self._join()
        third._join_person(fourth)
        fourth._join_person(self.on_x)
        self.assertEqual(len(third._get_person()), 4)

    def test_an_alias_by_the_networks_word_stays_with_the_person(self):
        self._join()
        third = self._third()
        self.on_mastodon._move_to(third)
        self.assertEqual(self.on_x._get_person(), self.on_x | third)
        self.assertEqual(self.on_mastodon.joined_to_id, third)
        self.assertFalse(self.on_mastodon.person_key)

    def test_the_standing_and_the_words_stay_each_profiles_own(self):
        self.on_x.standing = "vip"
        self._join()
        self.assertEqual(self.on_mastodon.standing, "normal")
