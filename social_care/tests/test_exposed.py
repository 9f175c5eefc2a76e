from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user

from odoo.addons.social_care import networks

from .common import SocialCareCommon


class TestExposed(SocialCareCommon):
    """A customer's personal data in public: hidden, and the talk goes on in private."""

    def setUp(self):
        super().setUp()
        self.network.supports_hide = True
        self.network.max_length = 5000

    def _say(self, body="Call me: 655 123 456", external_id="1", **values):
        mention = self._receive(self._mention(external_id, body=body, **values))
        self.ticket = mention.ticket_id.with_user(self.agent)
        return mention.with_user(self.agent)

    def _step(self):
        self.ticket.invalidate_recordset()
        return self.ticket.social_exposed_step

    def test_what_everybody_can_read_is_told_with_what_it_is(self):
        mention = self._say("I am ana@correo.example, 655 123 456, order S00042")
        self.assertTrue(mention.has_personal_data)
        self.assertEqual(
            self.ticket.social_exposed_text,
            "Ana wrote a mail address, a phone number, an order number in public.",
        )
        self.assertEqual(self._step(), "hide_answer")

    def test_what_is_harmless_private_hidden_or_deleted_is_not_told(self):
        mention = self._say("My suitcase is lost")
        self.assertFalse(mention.has_personal_data)
        self.assertFalse(self._step())
        mention = self._say(external_id="2", kind="direct", visibility="direct")
        self.assertFalse(mention.has_personal_data)
        mention = self._say(external_id="3")
        self.assertTrue(mention.has_personal_data)
        for name in ("hidden_at", "deleted_at"):
            mention.sudo()[name] = "2026-08-17 09:00:00"
            self.assertFalse(mention.has_personal_data, name)
            mention.sudo()[name] = False

    def test_our_own_number_is_nobodys_secret(self):
        self.env.company.phone = "+34 900 123 456"
        self.assertFalse(self._say("I called 900 123 456 twice").has_personal_data)

    def test_one_press_hides_it_and_opens_a_private_answer(self):
        mention = self._say()
        action = self.ticket.action_social_protect()
        self.assertEqual(self.network.asked, [("hide", "1", True)])
        self.assertEqual(mention.hidden_by_id, self.agent)
        self.assertEqual(mention.hidden_reason, "Personal data in public")
        self.assertFalse(self._step())
        view = self.env.ref("social_care.social_care_reply_view_form_dialog")
        replies = self.env["social.care.reply"].with_user(self.agent)
        form = Form(replies.with_context(**action["context"]), view)
        self.assertEqual(form.visibility, "direct")
        self.assertIn("We have hidden your message", form.body)
        self.assertTrue(form.body.startswith("@ana "))
        reply = form.save()
        self.assertEqual((reply.mention_id, reply.visibility), (mention, "direct"))

    def test_where_nothing_can_be_hidden_the_private_answer_remains(self):
        self.network.supports_hide = False
        self._say()
        self.assertEqual(self._step(), "answer")
        action = self.ticket.action_social_protect()
        self.assertIn("please delete it", action["context"]["default_body"])
        self.assertFalse(self.network.asked)
        self._answer(self.ticket.social_mention_ids, visibility="direct")
        self.assertFalse(self._step(), "the customer has been told")

    def test_without_a_private_way_it_is_hidden_alone(self):
        self.network.supports_direct = False
        mention = self._say()
        self.assertEqual(self._step(), "hide")
        self.assertIs(self.ticket.action_social_protect(), True)
        self.assertTrue(mention.hidden_at)

    def test_a_network_that_refuses_says_so_and_the_answer_opens_all_the_same(self):
        mention = self._say()
        self.network.refused["1"] = networks.RejectedError("no_permission")
        action = self.ticket.action_social_protect()
        self.assertEqual(action["tag"], "display_notification")
        after = action["params"]["next"]
        self.assertEqual(after["context"]["default_visibility"], "direct")
        self.assertIn("please delete it", after["context"]["default_body"])
        self.assertFalse(mention.hidden_at)

    def test_the_text_is_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("es_ES")
        self._say(lang="es")
        local = self.ticket._social_care_in_customers_language()
        self.assertEqual(local.env.lang, "es_ES")

    def test_only_the_last_five_messages_are_looked_at(self):
        self._say()
        for number in range(2, 7):
            self._say("Hello?", external_id=str(number))
        self.assertFalse(self._step())

    def test_looking_costs_the_same_however_many_messages(self):
        mentions = self.env["social.care.mention"]
        for number in range(1, 9):
            mentions += self._say(f"My suitcase {number}, S0000{number}", external_id=str(number))
        mentions._find_exposed()
        with self.assertQueryCount(5):  # the order numbers' pattern, within its time
            exposed = mentions._find_exposed()
        self.assertEqual(exposed, {mention.id: ["order"] for mention in mentions})

    def test_others_neither_see_nor_press_it(self):
        self._say()
        stranger = new_test_user(self.env, "stranger", groups="social_care.social_care_group_agent")
        helper = new_test_user(self.env, "helper", groups="helpdesk_mgmt.group_helpdesk_user_team")
        self.team.user_ids += helper
        for user in (stranger, helper):
            with self.assertRaises(AccessError):
                self.ticket.with_user(user).action_social_protect()
        with self.assertRaises(AccessError):
            self.ticket.with_user(helper).read(["social_exposed_text"])
        self.assertFalse(self.network.asked)

    def test_what_is_done_already_is_not_done_again(self):
        self._say("My suitcase is lost")
        with self.assertRaisesRegex(UserError, "any more"):
            self.ticket.action_social_protect()
