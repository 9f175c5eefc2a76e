from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from odoo.addons.social_care import networks

from .common import SocialCareCommon


class TestPromisesMatrix(SocialCareCommon):
    """The promises that customers expect, written for one team, shown as networks by types."""

    def setUp(self):
        super().setUp()
        self.policy.active = False
        self.network.recommended_minutes = 120

    def _policies(self):
        return self.env["helpdesk.sla"].search([("team_ids", "=", self.team.id)])

    def _row(self):
        [row] = self.team._social_care_promise_rows()
        return row["name"], [cell and cell["text"] for cell in row["cells"]]

    def test_without_promises_the_cells_are_empty(self):
        self.assertEqual(self._row(), ("Mastodon", [None] * 5))

    def test_two_hours_there_and_a_complaint_within_one(self):
        self.team.action_social_recommended_promises()
        # question, complaint, request, praise, other
        self.assertEqual(self._row(), ("Mastodon", ["2 h", "1 h", "2 h", "2 h", "2 h"]))

    def test_they_are_ordinary_policies_of_this_team_alone(self):
        self.team.action_social_recommended_promises()
        policies = self._policies()
        self.assertEqual(len(policies), 2)
        self.assertEqual(policies.team_ids, self.team)
        self.assertEqual(set(policies.mapped("social_target")), {"first_response"})
        self.assertEqual(policies.social_channel_ids, self.account.channel_id)

    def test_pressed_again_what_people_changed_or_archived_stays(self):
        self.team.action_social_recommended_promises()
        general = self._policies().filtered(lambda policy: not policy.social_intent)
        general.hours = 5
        (self._policies() - general).active = False
        self.team.action_social_recommended_promises()
        self.assertEqual(self._policies(), general)
        self.assertEqual(self._row(), ("Mastodon", ["5 h"] * 5))

    def test_pressed_again_what_is_missing_is_added(self):
        self.team.action_social_recommended_promises()
        self._policies().filtered("social_intent").unlink()
        self.team.action_social_recommended_promises()
        self.assertEqual(len(self._policies()), 2)

    def test_the_strictest_promise_that_applies_is_shown(self):
        self.team.action_social_recommended_promises()
        self.env["helpdesk.sla"].create(
            {"name": "All", "social_target": "first_response", "social_minutes": 90}
        )
        self.assertEqual(self._row(), ("Mastodon", ["1 h 30 min", "1 h"] + ["1 h 30 min"] * 3))

    def test_a_promise_with_further_conditions_is_no_general_one(self):
        self.env["helpdesk.sla"].create(
            {
                "name": "Urgent only",
                "social_target": "first_response",
                "hours": 1,
                "domain": "[('priority', '=', '3')]",
            }
        )
        self.assertEqual(self._row(), ("Mastodon", [None] * 5))

    def test_the_real_networks_recommend_what_customers_state(self):

        hours = {cls.code: cls.recommended_minutes / 60 for cls in networks.BUILTIN}
        self.assertEqual(hours["x"], 2)
        self.assertEqual(hours["facebook"], 8)

    def test_the_matrix_names_and_links_the_policies(self):
        self.team.action_social_recommended_promises()
        matrix = str(self.team.social_promise_matrix)
        complaint = self._policies().filtered("social_intent")
        self.assertIn(f'href="/odoo/helpdesk.sla/{complaint.id}"', matrix)
        self.assertIn("Mastodon", matrix)

    def test_an_agent_cannot_write_promises(self):
        user = new_test_user(self.env, login="other", groups="social_care.social_care_group_agent")
        self.team.user_ids |= user
        with self.assertRaises(AccessError):
            self.team.with_user(user).action_social_recommended_promises()
