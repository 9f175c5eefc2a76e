from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import new_test_user

from odoo.addons.social_care.models import social_care_menu_counts

from .common import SocialCareCommon


class TestMenuCounts(SocialCareCommon):
    """What the menus say waits behind them."""

    def _counts(self, user=None):
        counts = self.env["social.care.mention"].with_user(user or self.agent).get_menu_counts()
        menus = ("social_care_inbox_menu", "social_care_reply_menu")
        return [counts[f"social_care.{menu}"] for menu in menus]

    def _undecided(self, *external_ids):
        return self._receive(*(self._mention(name, addressed=False) for name in external_ids))

    def test_nothing_waits(self):
        self.assertEqual(self._counts(), ["", ""])

    def test_the_inbox_counts_what_is_to_decide_and_what_came_back(self):
        mentions = self._undecided("1", "2", "3", "4")
        now = fields.Datetime.now()
        watch = {"state": "watch", "triaged_at": now}
        mentions[0].write({**watch, "watch_until": now - timedelta(minutes=1)})
        mentions[1].write({**watch, "watch_until": now + timedelta(days=1)})
        self.assertEqual(self._counts(), ["3", ""])

    def test_reviewers_see_how_many_answers_of_others_they_may_approve(self):
        reviewer = new_test_user(
            self.env, "counts_reviewer", groups="social_care.social_care_group_reviewer"
        )
        self.team.user_ids |= reviewer
        self._receive(self._mention("1")).ticket_id.social_severe = True
        mention = self.env["social.care.mention"].search([("external_id", "=", "1")])
        self._answer(mention)
        self._answer(mention, body="And this.")
        self.assertEqual(self._counts(reviewer), ["", "2 to approve"])
        self.assertEqual(self._counts(self.agent), ["", ""], "not of those who wait for it")
        mention.ticket_id.social_reply_ids[0].user_id = reviewer
        self.assertEqual(self._counts(reviewer), ["", "1 to approve"])

    def test_counting_costs_two_queries_however_long_the_history_is(self):
        reviewer = new_test_user(
            self.env, "counts_reviewer", groups="social_care.social_care_group_reviewer"
        )
        self._counts(reviewer)
        self.env.flush_all()
        with self.assertQueryCount(3):
            self._counts(reviewer)

    def test_only_what_the_user_may_read_is_counted(self):
        self._undecided("1")
        stranger = new_test_user(
            self.env, "counts_stranger", groups="social_care.social_care_group_agent"
        )
        self.assertEqual(self._counts(stranger), ["", ""])

    def test_a_full_inbox_is_not_counted_to_its_end(self):
        self._undecided("1", "2", "3")
        with patch.object(social_care_menu_counts, "MOST", 2):
            self.assertEqual(self._counts(), ["2+", ""])


class TestReportingMenus(SocialCareCommon):
    """Who finds what: agents what happens now, reviewers storms too, managers all."""

    def _finds(self, group):
        user = new_test_user(self.env, login=group, groups=f"social_care.social_care_group_{group}")
        visible = self.env["ir.ui.menu"].with_user(user)._visible_menu_ids()
        found = set()
        for name in ("now", "now_agent", "report", "crisis", "crisis_reviewer", "ring"):
            menu = self.env.ref(f"social_care.social_care_{name}_menu")
            if {int(number) for number in menu.parent_path.split("/")[:-1]} <= visible:
                found.add(name)
        return found

    def test_each_role(self):
        self.assertEqual(self._finds("agent"), {"now_agent"})
        self.assertEqual(self._finds("reviewer"), {"now_agent", "crisis_reviewer"})
        self.assertLessEqual({"now", "report", "crisis", "ring"}, self._finds("manager"))
