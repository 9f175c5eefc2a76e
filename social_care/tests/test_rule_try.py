from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user

from .test_rule import RuleCommon


class TestRuleTry(RuleCommon):
    """How the last messages would have been decided, before a rule is saved."""

    def setUp(self):
        super().setUp()
        self.rule = self._rule(name="Giveaways", action="ignore", keywords="sorteo")
        self.joke = self._decide(body="sorteo")
        self.prize = self._decide(body="premio")
        self.name = self._decide(body="Aurora", addressed=False)

    def _try(self, values, rule=None, user=None):
        rules = self.rule.browse() if rule is None else rule
        action = rules.with_user(user or self.manager).action_try(values)
        trial = self.env["social.care.rule.try"].browse(action["res_id"])
        # Other messages of the database are none of this test's.
        mine = self.joke | self.prize | self.name
        lines = trial.line_ids.filtered(lambda line: line.mention_id in mine)
        return trial, {line.mention_id: line for line in lines}

    def test_an_edited_rule_beside_what_is_decided_now(self):
        trial, lines = self._try({"keywords": "premio"}, self.rule)
        self.assertEqual(lines[self.joke].before_state, "ignored")
        self.assertEqual(lines[self.joke].after_state, "ticket")
        self.assertEqual(lines[self.prize].after_state, "ignored")
        self.assertIn("Giveaways", lines[self.prize].after_text)
        self.assertFalse(lines[self.name].changed)
        self.assertEqual(lines[self.name].after_state, "new")
        self.assertEqual((trial.changed, trial.matched), (2, 1))
        self.assertIn(lines[self.prize], trial.line_ids[:2], "what changes comes first")

    def test_nothing_is_saved_and_nothing_decided(self):
        self._try({"keywords": "premio", "name": "Other"}, self.rule)
        self.assertEqual((self.rule.keywords, self.rule.name), ("sorteo", "Giveaways"))
        self.assertEqual(self.prize.state, "ticket")
        count = self.env["social.care.rule"].with_context(active_test=False).search_count([])
        self._try({"name": "New", "action": "ticket"})
        self.assertEqual(
            self.env["social.care.rule"].with_context(active_test=False).search_count([]), count
        )

    def test_a_new_rule_takes_its_place_in_the_order(self):
        new = {"name": "All", "action": "watch", "sequence": self.rule.sequence + 1}
        _trial, lines = self._try(new)
        self.assertEqual(lines[self.joke].after_state, "ignored", "the rule above decides")
        self.assertTrue(lines[self.joke].matched)
        self.assertEqual(lines[self.prize].after_state, "watch")
        _trial, lines = self._try({**new, "sequence": 0})
        self.assertEqual(lines[self.joke].after_state, "watch")

    def test_an_archived_rule_can_be_tried(self):
        self.rule.active = False
        _trial, lines = self._try({}, self.rule)
        self.assertEqual(lines[self.joke].before_state, "ticket")
        self.assertEqual(lines[self.joke].after_state, "ignored")

    def test_what_joined_a_conversation_stays_there(self):
        second = self._decide(who=self.prize.author_id.handle, body="sorteo")
        self.joke |= second
        _trial, lines = self._try({"keywords": "premio"}, self.rule)
        self.assertEqual(lines[second].after_state, "ticket")
        self.assertIn("Joins", lines[second].after_text)

    def test_what_is_refused_at_saving_is_refused_here(self):
        with self.assertRaises(ValidationError):
            self._try({"keywords": "pre*mio"}, self.rule)

    def test_it_is_for_managers(self):
        with self.assertRaises(AccessError):
            self._try({"keywords": "a"}, self.rule, self.agent)
        with self.assertRaises(AccessError):
            self._try({"name": "x"}, user=self.agent)

    def test_a_trial_shows_no_message_that_its_manager_may_not_read(self):
        lines = self.env["social.care.rule.try.line"].with_user(self.manager)
        trial, _lines = self._try({}, self.rule)
        with self.assertRaises(AccessError):
            lines.create({"try_id": trial.id, "mention_id": self.joke.id})
        with self.assertRaises(AccessError):
            trial.line_ids[:1].with_user(self.manager).write({"mention_id": self.joke.id})
        other = new_test_user(
            self.env, "other_manager", groups="social_care.social_care_group_manager"
        )
        self.assertTrue(trial.with_user(self.manager).line_ids.read(["body"]))
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            trial.line_ids.with_user(other).read(["body"])

    def test_hostile_text_stays_text(self):
        trial, _lines = self._try({"name": "<script>alert(1)</script>"})
        self.assertNotIn("<script", trial.summary)

    def test_queries_do_not_grow_with_the_messages(self):
        rules = self.rule.with_user(self.manager)
        self.env.flush_all()
        self.env.invalidate_all()
        start = self.env.cr.sql_log_count
        rules.action_try({"keywords": "premio"})
        few = self.env.cr.sql_log_count - start
        self._receive(
            *(self._mention(f"many-{i}", who=f"many{i}", addressed=False) for i in range(40))
        )
        self.env.flush_all()
        self.env.invalidate_all()
        start = self.env.cr.sql_log_count
        rules.action_try({"keywords": "premio"})
        self.assertLessEqual(self.env.cr.sql_log_count - start, few + 3)
