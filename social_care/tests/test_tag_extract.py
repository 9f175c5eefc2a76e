from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from odoo.addons.social_care import networks

from .clock_common import ClockCommon, at, words

MONDAY = "2026-08-24 00:30"  # the Monday after, just past midnight in Madrid


class TestTagExtract(ClockCommon):
    """Customers speak in the week from Monday 17 to Sunday 23 August 2026, in Madrid."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.resource_calendar_id = cls.calendar
        cls.reader = new_test_user(
            cls.env, login="product", email="product@aurora.example", groups="base.group_user"
        )
        cls.agent.email = "marta@aurora.example"
        cls.manager = new_test_user(
            cls.env,
            login="extract_manager",
            email="manager@aurora.example",
            groups="social_care.social_care_group_manager",
        )
        cls.tag = cls.env["helpdesk.ticket.tag"].create({"name": "Suitcases"})
        with freeze_time(at("2026-08-12 12:00")):
            cls.tag.social_digest_user_ids = cls.reader
            cls.env.flush_all()

    def _say_tagged(self, local, external_id="1", followers=0, **values):
        who = values.pop("who", f"customer{external_id}")
        author = networks.Author(
            external_id=f"{who}@fake.example", handle=who, name=who, followers_count=followers
        )
        values = {"url": f"https://fake.example/{external_id}", "author": author, **values}
        mention = self._say(local, external_id, **values)
        mention._to_tickets()
        mention.ticket_id.tag_ids = self.tag
        return mention

    def _run(self, local=MONDAY):
        before = self.env["mail.mail"].search([])
        with freeze_time(at(local)):
            self._run_cron("ir_cron_extract")
        return self.env["mail.mail"].search([]) - before

    def _mail_to(self, user):
        """The mail a reader would get of that week."""
        self.tag.social_digest_user_ids = user
        return self.tag._social_care_mail_extract(
            user, at("2026-08-17 00:00"), at("2026-08-24 00:00")
        )

    # -- When --------------------------------------------------------------------

    def test_each_reader_gets_one_mail_when_the_week_is_over(self):
        self.assertEqual(words(self.tag.social_digest_at), "Monday 00:00")
        self.tag.social_digest_user_ids |= self.manager
        self._run("2026-08-17 00:30")
        self._say_tagged("2026-08-18 10:00", body="The wheel came off")
        self.assertFalse(self._run("2026-08-23 23:30"))
        mails = self._run()
        self.assertEqual(
            set(mails.mapped("email_to")),
            {self.reader.email_formatted, self.manager.email_formatted},
        )
        self.assertEqual(mails.mapped("state"), ["outgoing"] * 2)
        self.assertIn("The wheel came off", mails[0].body_html)
        self.assertIn("Suitcases", mails[0].subject)

    def test_a_week_is_mailed_once(self):
        self._run("2026-08-17 00:30")
        self._say_tagged("2026-08-18 10:00")
        self.assertEqual(len(self._run()), 1)
        self.assertEqual(self.tag.social_digest_at, at("2026-08-31 00:00"))
        self.assertFalse(self._run())
        with freeze_time(at(MONDAY)):
            self.tag._social_care_extract()  # a second worker that read the tag as due
        self.assertFalse(self._run("2026-08-31 00:30"))

    def test_nothing_said_no_mail(self):
        self.assertFalse(self._run())
        self.assertEqual(self.tag.social_digest_at, at("2026-08-31 00:00"))

    def test_weeks_missed_are_made_up_for(self):
        self._run("2026-08-17 00:30")
        self._say_tagged("2026-08-18 10:00", body="Of the week missed")
        self.assertIn("Of the week missed", self._run("2026-09-01 09:00").body_html)

    def test_the_week_begins_and_ends_at_midnight_in_madrid(self):
        self._run("2026-08-17 00:30")
        self._say_tagged("2026-08-16 23:59", "1", body="Sunday before")
        self._say_tagged("2026-08-17 00:01", "2", body="First of the week")
        self._say_tagged("2026-08-23 23:59", "3", body="Last of the week")
        with freeze_time(at("2026-08-24 00:01")):
            self._say_tagged("2026-08-24 00:01", "4", body="Monday after")
        html = self._run().body_html
        self.assertIn("First of the week", html)
        self.assertIn("Last of the week", html)
        self.assertNotIn("Sunday before", html)
        self.assertNotIn("Monday after", html)

    def test_without_readers_no_date(self):
        self.tag.social_digest_user_ids = False
        self.assertFalse(self.tag.social_digest_at)

    # -- What --------------------------------------------------------------------

    def test_the_most_reached_come_first_and_ten_are_quoted(self):
        for number in range(12):
            self._say_tagged(
                "2026-08-18 10:00", str(number), followers=number, body=f"Said by number {number}."
            )
        html = self._mail_to(self.reader).body_html
        self.assertIn("12 messages from 12 customers. Here are the 10 with", html)
        self.assertLess(html.index("number 11."), html.index("number 10."))
        self.assertIn("number 2.", html)
        self.assertNotIn("number 1.", html)
        self.assertIn('href="https://fake.example/11"', html)

    def test_a_strangers_text_is_no_html(self):
        self._say_tagged(
            "2026-08-18 10:00", body="<script>alert(1)</script> & <img src=x>", who="<b>ana</b>"
        )
        html = self._mail_to(self.reader).body_html
        self.assertIn("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;img src=x&gt;", html)
        self.assertNotIn("<script>alert", html)
        self.assertNotIn("<b>ana</b>", html)

    def test_a_long_text_is_cut(self):
        self._say_tagged("2026-08-18 10:00", body="x" * 400 + "the end")
        html = self._mail_to(self.reader).body_html
        self.assertIn("x" * 400 + "…", html)
        self.assertNotIn("the end", html)

    def test_what_is_deleted_or_erased_is_not_repeated(self):
        self._say_tagged("2026-08-18 10:00", "1", body="Deleted words", who="ana")
        erased = self._say_tagged("2026-08-18 10:00", "2", body="Erased words", who="bo")
        gone = self._mention("1", who="ana", deleted_at=at("2026-08-19 10:00"))
        with freeze_time(at("2026-08-19 10:00")):
            self._receive(gone)
            erased.author_id._social_care_erase()
        self.assertFalse(self._mail_to(self.reader))

    def test_practice_is_left_out(self):
        self.account = self._create_account(
            practice=True, base_url="https://other.example", external_id="practice"
        )
        self._say_tagged("2026-08-18 10:00")
        self.assertFalse(self._mail_to(self.reader))

    def test_in_the_readers_language_and_time(self):
        self.env["res.lang"]._activate_lang("es_ES")
        self.tag.with_context(lang="es_ES").name = "Maletas"
        self.reader.write({"lang": "es_ES", "tz": "America/Mexico_City"})
        self._say_tagged("2026-08-18 10:00")
        mail = self._mail_to(self.reader)
        self.assertIn("Maletas", mail.subject)
        self.assertIn("17/08/2026", mail.subject)
        self.assertIn("23/08/2026", mail.subject)
        self.assertIn("18/8/26, 2:00", mail.body_html)

    # -- Who reads what ----------------------------------------------------------

    def test_a_private_message_only_for_who_may_read_it(self):
        self._say_tagged("2026-08-18 10:00", "1", body="Said in public")
        self._say_tagged(
            "2026-08-18 10:00", "2", body="In secret", kind="direct", visibility="direct"
        )
        self._say_tagged("2026-08-18 10:00", "3", body="To friends", visibility="private")
        outsider = new_test_user(
            self.env,
            login="other_team",
            email="other@aurora.example",
            groups="social_care.social_care_group_agent",
        )
        for user in (self.reader, outsider):
            html = self._mail_to(user).body_html
            self.assertIn("Said in public", html)
            self.assertNotIn("In secret", html)
            self.assertNotIn("To friends", html)
            self.assertIn("One message.", html)
        html = self._mail_to(self.agent).body_html
        self.assertIn("In secret", html)
        self.assertIn("To friends", html)
        self.assertIn("private message", html)

    def test_only_private_messages_are_no_mail_for_who_may_not_read_them(self):
        self._say_tagged("2026-08-18 10:00", kind="direct", visibility="direct")
        self.assertFalse(self._mail_to(self.reader))

    def test_links_into_odoo_only_for_who_may_follow_them(self):
        mention = self._say_tagged("2026-08-18 10:00")
        link = f"/odoo/helpdesk.ticket/{mention.ticket_id.id}"
        page = f"/odoo/{self.tag.id}/social-said"
        html = self._mail_to(self.agent).body_html
        self.assertIn(link, html)
        self.assertIn(page, html)
        html = self._mail_to(self.reader).body_html
        self.assertNotIn(link, html)
        self.assertNotIn(page, html)

    def test_another_companys_customers_are_not_quoted(self):
        self._say_tagged("2026-08-18 10:00")
        other = self.env["res.company"].create({"name": "Borealis"})
        stranger = new_test_user(
            self.env,
            login="borealis",
            email="borealis@borealis.example",
            groups="social_care.social_care_group_manager",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        self.tag.company_id = False
        self.assertFalse(self._mail_to(stranger))
        self.tag.company_id = other
        self.assertFalse(self._mail_to(self.reader))

    def test_only_employees_with_an_address_get_it(self):
        self._say_tagged("2026-08-18 10:00")
        portal = new_test_user(
            self.env, login="portal", email="portal@out.example", groups="base.group_portal"
        )
        self.assertFalse(self._mail_to(portal))
        self.reader.email = False
        self.assertFalse(self._mail_to(self.reader))

    def test_the_readers_are_named_by_social_care_managers_only(self):
        helpdesk = new_test_user(
            self.env, login="helpdesk", groups="helpdesk_mgmt.group_helpdesk_manager"
        )
        with self.assertRaises(AccessError):
            self.tag.with_user(helpdesk).write({"social_digest_user_ids": [Command.set([])]})
        self.tag.with_user(helpdesk).name = "Luggage"
        with self.assertRaises(AccessError):
            self.tag.with_user(self.agent).action_social_send_extract()

    # -- Now ---------------------------------------------------------------------

    def test_send_it_to_me_now(self):
        self._say_tagged("2026-08-26 10:00", body="Of these days")
        planned = self.tag.social_digest_at
        before = self.env["mail.mail"].search([])
        with freeze_time(at("2026-08-27 10:00")):
            self.tag.with_user(self.manager).action_social_send_extract()
        mail = self.env["mail.mail"].search([]) - before
        self.assertEqual(mail.email_to, self.manager.email_formatted)
        self.assertIn("Of these days", mail.body_html)
        self.assertEqual(self.tag.social_digest_at, planned)
        with freeze_time(at("2026-12-01 10:00")):
            action = self.tag.with_user(self.manager).action_social_send_extract()
        self.assertIn("Nobody", action["params"]["message"])
        self.manager.email = False
        with self.assertRaises(UserError):
            self.tag.with_user(self.manager).action_social_send_extract()
