from datetime import timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.tests import new_test_user, tagged

from ..models.social_care_crisis_tasks import APPROVE
from .clock_common import at
from .crisis_common import NOON, REVIEWER, CrisisCommon


@tagged("-at_install", "post_install")
class TestCrisisTasks(CrisisCommon):
    """What is on whose list while a crisis lasts."""

    def _asked(self, crisis):
        return crisis.activity_search([APPROVE]).user_id

    # -- The protocol ---------------------------------------------------------------

    def test_the_steps_are_in_the_language_of_who_leads(self):
        self.env["res.lang"]._activate_lang("es_ES")
        self.reviewer.lang = "es_ES"
        facts = self.env.ref("social_care.mail_activity_type_crisis_facts")
        facts.with_context(lang="es_ES").write({"name": "Averigüe", "summary": "Averigüe"})
        crisis, _mentions = self._open()
        self.assertEqual(crisis.activity_ids.sorted("id")[0].summary, "Averigüe")

    def test_a_companys_own_step_keeps_its_own_words(self):
        plan = self.env.ref("social_care.crisis_plan")
        plan.template_ids = [Command.create({"summary": "Call the press office"})]
        crisis, _mentions = self._open()
        self.assertIn("Call the press office", crisis.activity_ids.mapped("summary"))

    def test_what_was_due_is_called_off_at_the_end_and_noted(self):
        crisis, _mentions = self._open()
        with freeze_time(at(NOON)):
            crisis.activity_ids.sorted("id")[0].action_feedback(feedback="It was the app.")
            crisis._close("It was the app.")
        self.assertFalse(crisis.activity_ids)
        note = crisis.message_ids.filtered(lambda item: "Not done when" in item.body)
        self.assertIn("Stop planned posts and advertising (Rosa)", note.body)
        self.assertNotIn("Find out what happened", note.body)

    def test_what_is_planned_for_later_stays(self):
        crisis, _mentions = self._open()
        with freeze_time(at(NOON)):
            later = crisis.activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=at(NOON).date() + timedelta(days=7),
                summary="Thank who waited",
                user_id=self.reviewer.id,
            )
            crisis._close("It was the app.")
        self.assertEqual(crisis.activity_ids, later)

    # -- Wordings that wait -----------------------------------------------------------

    def test_who_leads_is_asked_to_approve_what_another_wrote(self):
        crisis, _mentions = self._open()
        self._write_wordings(crisis)
        self.assertEqual(self._asked(crisis), self.reviewer)
        self._write_wordings(crisis, "closing")
        self.assertEqual(len(crisis.activity_search([APPROVE])), 1, "asked once")

    def test_too_few_wordings_are_nothing_to_approve_yet(self):
        crisis, _mentions = self._open()
        self._write_wordings(crisis, count=2)
        self.assertFalse(self._asked(crisis))

    def test_nobody_is_asked_to_approve_their_own_words(self):
        crisis, _mentions = self._open()
        self.account.responsible_id = crisis.owner_id = self.writer
        self._write_wordings(crisis)
        self.assertEqual(self._asked(crisis), self.reviewer)

    def test_a_reviewer_of_another_company_is_not_asked(self):
        company = self.env["res.company"].create({"name": "Other"})
        new_test_user(
            self.env,
            login="stranger",
            groups=REVIEWER,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        crisis, _mentions = self._open()
        self.account.responsible_id = crisis.owner_id = False
        self.team.user_ids -= self.reviewer
        self._write_wordings(crisis)
        self.assertNotIn("stranger", self._asked(crisis).mapped("login"))
        self.assertIn(self.reviewer, self._asked(crisis))

    def test_who_approves_has_done_it_and_the_others_need_not(self):
        crisis, _mentions = self._open()
        third = new_test_user(self.env, login="third", name="Tina", groups=REVIEWER)
        self.account.responsible_id = third
        self._write_wordings(crisis)
        self.assertEqual(self._asked(crisis), self.reviewer + third)
        crisis.with_user(self.reviewer).action_approve()
        self.assertFalse(self._asked(crisis))
        done = crisis.message_ids.filtered("mail_activity_type_id")
        self.assertEqual(done.author_id, self.reviewer.partner_id)

    def test_a_wording_that_changes_asks_again(self):
        crisis, _tickets = self._ready()
        crisis.wording_ids[0].with_user(self.writer).text = "{name}, all is well."
        self.assertEqual(self._asked(crisis), self.reviewer)
        crisis.wording_ids.with_user(self.writer).unlink()
        self.assertFalse(self._asked(crisis))

    def test_of_two_who_write_each_is_left_with_the_others(self):
        crisis, _tickets = self._ready()
        self.account.responsible_id = self.writer
        first, second = crisis.wording_ids[:2]
        first.with_user(self.reviewer).text = "{name}, all is well."
        second.with_user(self.writer).text = "{name}, all is fine."
        self.assertEqual(self._asked(crisis), self.reviewer + self.writer)
        crisis.with_user(self.reviewer).action_approve()
        self.assertEqual(self._asked(crisis), self.writer)

    def test_at_the_end_nobody_has_to_approve_any_more(self):
        crisis, _mentions = self._open()
        self._write_wordings(crisis)
        crisis._close("It was the app.")
        self.assertFalse(self._asked(crisis))
