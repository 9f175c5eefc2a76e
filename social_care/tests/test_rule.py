from datetime import datetime, timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from odoo.addons.social_care import networks

from .common import MONDAY_10, SocialCareCommon


class RuleCommon(SocialCareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.spam = cls.env.ref("social_care.reason_spam")
        cls.praise = cls.env.ref("social_care.reason_praise")
        cls.manager = new_test_user(
            cls.env,
            login="care_manager",
            name="Pilar Sanz",
            groups="social_care.social_care_group_manager",
        )

    def _rule(self, **values):
        values = {"name": values.get("action", "ticket"), **values}
        if values.get("action") == "ignore":
            values = {"reason_id": self.spam.id, **values}
        return self.env["social.care.rule"].create(values)

    def _decide(self, **values):
        """One new message, from somebody new, triaged."""
        self.number = getattr(self, "number", 0) + 1
        values = {"who": f"ana{self.number}", **values}
        return self._receive(self._mention(str(self.number), **values))

    def assertMatches(self, criteria, yes, no):  # noqa: N802
        """A rule with these criteria ignores the one message and leaves the other."""
        rule = self._rule(action="ignore", **criteria)
        self.assertEqual(self._decide(**yes).state, "ignored", yes)
        self.assertEqual(self._decide(**no).state, "ticket", no)
        rule.active = False


class TestRuleMatching(RuleCommon):
    """The first rule that matches decides; what is left empty does not matter."""

    def test_keywords_and_excluded_keywords(self):
        criteria = {"keywords": "gratis\nsorteo*", "excluded_keywords": "no recibido"}
        self.assertMatches(criteria, {"body": "¡Sorteos!"}, {"body": "Sorteo: premio no recibido"})

    def test_one_of_the_words_and_one_of_the_others(self):
        criteria = {"keywords": "hija\nhijo", "more_keywords": "está sol*\nperdid*"}
        self.assertMatches(criteria, {"body": "Mi hija está solita"}, {"body": "¿Mi hija paga?"})

    def test_others_alone(self):
        self.assertMatches({"more_keywords": "sol*"}, {"body": "Solo"}, {"body": "Hija"})

    def test_length(self):
        criteria = {"keywords": "@", "max_words": 3}
        self.assertMatches(
            criteria, {"body": "@bo mira qué bonito 😍"}, {"body": "@bo mira qué bonito es"}
        )

    def test_account(self):
        other = self._create_account(external_id="b@fake.example", handle="b")
        rule = self._rule(action="ignore", account_ids=[Command.set(other.ids)])
        self.assertEqual(self._decide().state, "ticket")
        self.assertEqual(self._receive(self._mention("x"), account=other).rule_id, rule)

    def test_kinds(self):
        criteria = {"kind_comment": True, "kind_reply": True}
        self.assertMatches(criteria, {"kind": "comment"}, {"kind": "mention"})

    def test_languages(self):
        criteria = {"languages": "es, PT"}
        self.assertMatches(criteria, {"lang": "es-MX"}, {"lang": "en"})
        self.assertMatches(criteria, {"lang": "pt"}, {"lang": ""})

    def test_a_post_and_all_that_is_said_below_it(self):
        criteria = {"thread_external_id": "post-1"}
        self.assertMatches(
            criteria, {"thread_external_id": "post-1"}, {"thread_external_id": "post-2"}
        )
        self.assertMatches(criteria, {"parent_external_id": "post-1"}, {})

    def test_standing_of_the_author(self):
        self._decide(who="bo").author_id.standing = "troll"
        rule = self._rule(action="ignore", standing="troll")
        later = MONDAY_10 + timedelta(days=30)
        self.assertEqual(self._decide(who="bo", posted_at=later).rule_id, rule)
        self.assertFalse(self._decide().rule_id)

    def test_said_to_us_or_only_naming_us(self):
        rule = self._rule(action="ticket", addressed="no", keywords="aurora")
        self.assertEqual(self._decide(body="Aurora", addressed=False).rule_id, rule)
        self.assertFalse(self._decide(body="Aurora", addressed=True).rule_id)

    def test_a_domain_sees_all_else(self):
        self._rule(action="ignore", domain="[('author_id.followers_count', '<', 10)]")
        few, many = (
            networks.Author(external_id=f"{who}@x", handle=who, followers_count=count)
            for who, count in (("few", 3), ("many", 5000))
        )
        self.assertEqual(self._decide(author=few).state, "ignored")
        self.assertEqual(self._decide(author=many).state, "ticket")

    def test_opening_hours_are_those_of_the_moment_it_was_posted(self):
        """The team works from Monday to Friday, 9:00 to 17:00 in Madrid."""
        night = MONDAY_10 + timedelta(hours=12)
        with freeze_time(night):
            self.assertMatches({"schedule": "closed"}, {"posted_at": night}, {})
            self.assertMatches({"schedule": "open"}, {}, {"posted_at": night})

    def test_an_account_is_open_while_one_of_its_teams_is(self):
        night = MONDAY_10 + timedelta(hours=12)
        always = self._create_calendar("Always", "UTC", [(0, 24)], days=range(7))
        nights = self.env["helpdesk.ticket.team"].create(
            {"name": "Nights", "resource_calendar_id": always.id}
        )
        rule = self._rule(action="ignore", schedule="open")
        with freeze_time(night):
            self.assertFalse(self._decide(posted_at=night).rule_id)
            self.account.team_line_ids = [Command.create({"team_id": nights.id})]
            self.assertEqual(self._decide(posted_at=night).rule_id, rule)

    def test_opening_hours_of_the_team_the_rule_names(self):
        night = MONDAY_10 + timedelta(hours=12)
        always = self._create_calendar("Always", "UTC", [(0, 24)], days=range(7))
        nights = self.env["helpdesk.ticket.team"].create(
            {"name": "Nights", "resource_calendar_id": always.id}
        )
        with freeze_time(night):
            self._rule(schedule="open", team_id=nights.id)
            self.assertEqual(self._decide(posted_at=night).ticket_id.team_id, nights)

    def test_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        self._rule(action="ignore", company_id=other.id)
        self.assertEqual(self._decide().state, "ticket")

    def test_the_first_of_two_decides(self):
        late = self._rule(action="ignore", sequence=20)
        early = self._rule(action="ignore", reason_id=self.praise.id, sequence=5)
        self.assertEqual(self._decide().rule_id, early)
        early.sequence = 30
        self.assertEqual(self._decide().rule_id, late)

    def test_a_new_rule_stands_below_the_severe_ones(self):
        self._rule(severe=True, keywords="lawyer", sequence=110)
        self.assertEqual(self._rule(action="ignore").sequence, 110)
        self.assertTrue(self._decide(body="@aurora My lawyer writes to you").severe)

    def test_an_ended_or_archived_rule_decides_nothing(self):
        with freeze_time(MONDAY_10):
            self._rule(action="ignore", until=MONDAY_10 + timedelta(hours=1))
            self._rule(action="ignore", active=False)
            self.assertEqual(self._decide().state, "ignored")
        with freeze_time(MONDAY_10 + timedelta(hours=2)):
            self.assertEqual(self._decide().state, "ticket")

    @mute_logger("odoo.addons.social_care.models.social_care_rule_match")
    def test_a_domain_whose_field_is_gone_stops_nobody(self):
        rule = self._rule(action="ignore", domain="[('likes', '>', 2)]")
        self.env.cr.execute(
            "UPDATE social_care_rule SET domain = %s WHERE id = %s",
            ["[('gone', '=', 1)]", rule.id],
        )
        rule.invalidate_recordset()
        self.assertEqual(self._decide(likes=5).state, "ticket")
        self.assertIn("do not work any more", rule.warning)


class TestRuleDecision(RuleCommon):
    """What a rule decides is recorded: which rule, when, why."""

    @freeze_time(MONDAY_10)
    def test_ignored_with_rule_reason_and_time(self):
        rule = self._rule(action="ignore")
        mention = self._decide()
        self.assertEqual(mention.state, "ignored")
        self.assertEqual(mention.rule_id, rule)
        self.assertEqual(mention.reason_id, self.spam)
        self.assertEqual(mention.decided_at, MONDAY_10)
        self.assertEqual(mention.triaged_at, MONDAY_10)
        self.assertFalse(mention.decided_by_id)

    @freeze_time(MONDAY_10)
    def test_watched_until_the_hours_are_over(self):
        self._rule(action="watch", watch_hours=6, watch_reach=300)
        mention = self._decide(likes=10, views=90)
        self.assertEqual(mention.state, "watch")
        self.assertEqual(mention.watch_until, MONDAY_10 + timedelta(hours=6))
        self.assertEqual((mention.watch_reach, mention.watch_reach_before), (300, 100))

    def test_what_no_rule_matched_is_a_ticket_when_said_to_us_and_waits_otherwise(self):
        self._rule(action="ignore", keywords="sorteo")
        self.assertEqual(self._decide().state, "ticket")
        mention = self._decide(addressed=False)
        self.assertEqual(mention.state, "new")
        self.assertTrue(mention.triaged_at)

    def test_a_ticket_with_what_the_rule_says(self):
        team = self.env["helpdesk.ticket.team"].create({"name": "Claims"})
        category = self.env["helpdesk.ticket.category"].create({"name": "Baggage"})
        tag = self.env["helpdesk.ticket.tag"].create({"name": "lost"})
        rule = self._rule(
            keywords="maleta*",
            team_id=team.id,
            category_id=category.id,
            tag_ids=[Command.set(tag.ids)],
            priority="3",
            intent="complaint",
            severe=True,
        )
        mention = self._decide(body="mis maletas", addressed=False)
        ticket = mention.ticket_id
        self.assertEqual(mention.rule_id, rule)
        self.assertEqual((mention.intent, mention.severe), ("complaint", True))
        self.assertEqual(ticket.team_id, team)
        self.assertEqual(ticket.category_id, category)
        self.assertEqual(ticket.tag_ids, tag)
        self.assertEqual(ticket.priority, "3")
        self.assertEqual((ticket.social_intent, ticket.social_severe), ("complaint", True))

    def test_several_rules_in_one_batch_keep_to_their_messages(self):
        claims = self.env["helpdesk.ticket.team"].create({"name": "Claims"})
        self._rule(keywords="maleta", team_id=claims.id, intent="complaint")
        self._rule(keywords="sorteo", action="ignore")
        self._rule(keywords="quizá", action="watch")
        texts = ("maleta", "sorteo", "quizás? quizá", "hola")
        items = [
            self._mention(str(i), who=f"w{i}", body=body, posted_at=MONDAY_10 + timedelta(hours=i))
            for i, body in enumerate(texts)
        ]
        mentions = self._receive(*items)
        self.assertEqual(mentions.mapped("state"), ["ticket", "ignored", "watch", "ticket"])
        self.assertEqual(mentions[0].ticket_id.team_id, claims)
        self.assertEqual(mentions[3].ticket_id.team_id, self.team)
        self.assertEqual([m.intent for m in mentions], ["complaint", False, False, False])

    def test_an_intent_that_is_known_stands(self):
        self._rule(intent="complaint")
        self.assertEqual(self._decide(intent="praise").ticket_id.social_intent, "praise")

    def test_a_team_of_another_company_gets_nothing(self):
        other = self.env["res.company"].create({"name": "Other"})
        team = self.env["helpdesk.ticket.team"].create({"name": "B", "company_id": other.id})
        category = self.env["helpdesk.ticket.category"].create(
            {"name": "B", "company_id": other.id}
        )
        self._rule(team_id=team.id, category_id=category.id)
        ticket = self._decide().ticket_id
        self.assertEqual(ticket.team_id, self.team)
        self.assertFalse(ticket.category_id)

    def test_the_severe_ticket_shows_protocols_and_reviewers(self):
        reviewer = new_test_user(
            self.env, login="rev", groups="social_care.social_care_group_reviewer"
        )
        self._rule(
            severe=True,
            keywords="demanda",
            reviewer_id=reviewer.id,
            protocol_note="<p>Call legal.</p>",
        )
        self._rule(protocol_note="<p>Not severe.</p>")
        ticket = self._decide(body="Os pondré una demanda").ticket_id.with_user(self.agent)
        self.assertEqual(ticket.social_protocol_note, "<p>Call legal.</p>")
        self.assertEqual(ticket.social_reviewer_ids, reviewer)
        self.assertFalse(self._decide().ticket_id.social_protocol_note)


class TestRuleConversation(RuleCommon):
    """Conversation before rules: what joins one does so whatever a rule says."""

    def test_a_second_message_joins_though_a_rule_would_ignore_it(self):
        first = self._decide(who="ana")
        self._rule(action="ignore")
        second = self._decide(who="ana", posted_at=MONDAY_10 + timedelta(hours=1))
        self.assertEqual(second.ticket_id, first.ticket_id)
        self.assertFalse(second.rule_id)

    def test_so_it_does_when_both_come_in_one_batch(self):
        self._rule(action="ignore", keywords="thanks")
        first, second = self._receive(
            self._mention("1"),
            self._mention("2", body="thanks", posted_at=MONDAY_10 + timedelta(minutes=1)),
        )
        self.assertEqual(first.state, "ticket")
        self.assertEqual(second.ticket_id, first.ticket_id)

    def test_the_rule_raises_priority_and_severity_of_the_ticket(self):
        first = self._decide(who="ana")
        self._rule(keywords="lawyer", severe=True, priority="3", intent="complaint")
        second = self._decide(who="ana", body="my lawyer will write")
        ticket = first.ticket_id
        self.assertEqual(second.ticket_id, ticket)
        self.assertEqual(
            (ticket.priority, ticket.social_severe, ticket.social_intent), ("3", True, "complaint")
        )

    def test_it_never_lowers_priority_nor_changes_a_known_intent_or_team(self):
        first = self._decide(who="ana", intent="question")
        first.ticket_id.priority = "2"
        team = self.env["helpdesk.ticket.team"].create({"name": "Other"})
        self._rule(priority="0", intent="complaint", team_id=team.id)
        self._decide(who="ana", body="another thing")
        ticket = first.ticket_id
        self.assertEqual((ticket.priority, ticket.social_intent), ("2", "question"))
        self.assertEqual(ticket.team_id, self.team)

    def test_an_answer_that_only_names_us_joins_its_ticket(self):
        first = self._decide(who="ana")
        self._rule(action="ignore")
        second = self._decide(who="ana", parent_external_id=first.external_id, addressed=False)
        self.assertEqual(second.ticket_id, first.ticket_id)

    def test_thanks_after_the_end_are_logged_and_reopen_nothing(self):
        first = self._decide(who="ana")
        self._rule(action="ignore")
        with freeze_time(MONDAY_10 + timedelta(hours=2)):
            first.ticket_id.stage_id = self.stage_done
        thanks = self._decide(who="ana", body="¡Gracias!", posted_at=MONDAY_10 + timedelta(hours=3))
        self.assertEqual(thanks.ticket_id, first.ticket_id)
        self.assertTrue(first.ticket_id.closed)

    def test_after_the_end_an_ignored_matter_reopens_nothing(self):
        first = self._decide(who="ana")
        self._rule(action="ignore", keywords="sorteo")
        with freeze_time(MONDAY_10 + timedelta(hours=2)):
            first.ticket_id.stage_id = self.stage_done
        later = {"who": "ana", "posted_at": MONDAY_10 + timedelta(hours=3)}
        self.assertEqual(self._decide(body="otro sorteo", **later).state, "ignored")
        self.assertTrue(first.ticket_id.closed)
        again = self._decide(body="it is broken again", **later)
        self.assertEqual(again.ticket_id, first.ticket_id)
        self.assertFalse(first.ticket_id.closed)

    def test_thanks_without_a_conversation_may_be_ignored(self):
        self._rule(action="ignore", keywords="gracias")
        self.assertEqual(self._decide(body="¡Gracias!").state, "ignored")


class TestRuleBadInput(RuleCommon):
    """Refused at saving, with the place shown."""

    def assertRefused(self, *words, **values):  # noqa: N802
        with self.assertRaises(ValidationError) as caught, mute_logger("odoo.sql_db"):
            self._rule(**values)
        for word in words:
            self.assertIn(word, str(caught.exception))

    def test_a_bad_keyword_is_shown_with_field_and_line(self):
        self.assertRefused("“Words”, line 2, “re*fund”", keywords="vale\nre*fund")
        self.assertRefused("“Without the words”, line 1, “!!”", excluded_keywords="!!")

    def test_a_bad_domain_is_shown_with_the_part(self):
        good = "('likes', '>', 2)"
        self.assertRefused("nowhere", domain=f"[{good}, ('nowhere', '=', 1)]")
        self.assertRefused("'many'", domain=f"[{good}, ('likes', '>', 'many')]")
        self.assertRefused("likes >", domain="likes > 2")
        self.assertRefused("import", domain="__import__('os').getcwd()")
        self.assertRefused("{", domain="{'likes': 2}")

    def test_a_domain_asks_nothing_its_author_may_not_read(self):
        rule = self.env["social.care.rule"].with_user(self.manager)
        for field in ("raw", "account_id.access_token", "account_id.app_id.client_secret"):
            with self.assertRaises(ValidationError, msg=field) as caught:
                rule.create({"name": "spy", "domain": f"[('{field}', 'like', 'a')]"})
            self.assertIn(field, str(caught.exception))

    def test_languages(self):
        self.assertRefused("“spanish”", languages="es, spanish")

    def test_an_end_that_has_passed(self):
        self.assertRefused("ended already", until=datetime(2020, 1, 1))

    def test_no_answer_without_reason_and_watch_without_hours(self):
        for values in (
            {"action": "ignore", "reason_id": False},
            {"action": "watch", "watch_hours": 0},
        ):
            with (
                self.assertRaises(IntegrityError, msg=values),
                mute_logger("odoo.sql_db"),
                self.cr.savepoint(),
            ):
                self._rule(**values)

    def test_severe_needs_a_person(self):
        self.assertRefused("severe", action="ignore", severe=True)

    def test_a_team_of_another_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        team = self.env["helpdesk.ticket.team"].create({"name": "B", "company_id": other.id})
        self.assertRefused("“B”", company_id=self.env.company.id, team_id=team.id)

    def test_a_rule_that_matches_everything_warns(self):
        rule = self._rule()
        self.assertIn("every message", rule.warning)
        for criteria in ({"keywords": "a"}, {"schedule": "open"}, {"domain": "[('likes','>',1)]"}):
            self.assertFalse(self._rule(**criteria).warning, criteria)
        self.assertTrue(self._rule(domain="[]").warning)
        half_typed = self.env["social.care.rule"].new({"name": "x", "domain": "[('likes'"})
        self.assertIn("do not work", half_typed.warning)

    def test_a_rule_that_decided_is_archived_not_deleted(self):
        rule = self._rule(action="ignore")
        self._decide()
        with self.assertRaises(UserError):
            rule.unlink()
        self._rule().unlink()


class TestRuleAccess(RuleCommon):
    def test_agents_read_and_managers_write(self):
        rule = self._rule(keywords="a")
        as_agent = rule.with_user(self.agent)
        self.assertEqual(as_agent.keywords, "a")
        with self.assertRaises(AccessError):
            as_agent.write({"keywords": "b"})
        with self.assertRaises(AccessError):
            as_agent.unlink()
        with self.assertRaises(AccessError):
            as_agent.create({"name": "x"})
        rule.with_user(self.manager).write({"keywords": "b"})
        nobody = new_test_user(self.env, login="nobody", groups="base.group_user")
        with self.assertRaises(AccessError):
            rule.with_user(nobody).read(["keywords"])

    def test_rules_of_another_company_are_out_of_sight(self):
        other = self.env["res.company"].create({"name": "Other"})
        theirs, everybodys = self._rule(company_id=other.id), self._rule()
        found = self.env["social.care.rule"].with_user(self.manager).search([])
        self.assertIn(everybodys, found)
        self.assertNotIn(theirs, found)
        with self.assertRaises(AccessError):
            theirs.with_user(self.manager).write({"name": "mine"})

    def test_hits_and_the_last_hit(self):
        rule, dead = self._rule(action="ignore", keywords="a"), self._rule(keywords="b")
        with freeze_time(MONDAY_10):
            self._decide(body="a")
        with freeze_time(MONDAY_10 + timedelta(hours=1)):
            self._decide(body="a")
        self.assertEqual((rule.hit_count, rule.last_hit_at), (2, MONDAY_10 + timedelta(hours=1)))
        self.assertEqual((dead.hit_count, dead.last_hit_at), (0, False))
        action = rule.action_open_hits()
        self.assertEqual(self.env["social.care.mention"].search_count(action["domain"]), 2)
