import base64

from odoo.exceptions import UserError
from odoo.tests import Form, new_test_user

from .common import SocialCareCommon

PIXEL = base64.b64decode(
    b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


class TestAttachments(SocialCareCommon):
    """Pictures with an answer: what the network takes, who sees them here."""

    def setUp(self):
        super().setUp()
        self.network.supports_media = True
        self.mention = self._receive(self._mention())

    def _upload(self, name="bag.png", raw=PIXEL):
        """As the dialog uploads: before the answer exists."""
        return (
            self.env["ir.attachment"]
            .with_user(self.agent)
            .create({"name": name, "raw": raw, "res_model": "social.care.reply", "res_id": 0})
        )

    def _dialog(self, *pictures):
        model = self.env["social.care.reply"].with_user(self.agent)
        view = "social_care.social_care_reply_view_form_dialog"
        dialog = Form(model.with_context(default_mention_id=self.mention.id), view)
        for picture in pictures:
            dialog.attachment_ids.add(picture)
        return dialog

    def test_a_picture_goes_out_with_its_description(self):
        picture = self._upload()
        picture.description = "A red bag"
        self._answer(self.mention, attachment_ids=[(6, 0, picture.ids)])
        self._run_cron("ir_cron_publish")
        [sent] = self.network.ledger[0].attachments
        self.assertEqual(
            (sent.name, sent.mimetype, sent.content, sent.description),
            ("bag.png", "image/png", PIXEL, "A red bag"),
        )

    def test_what_describes_a_picture_is_read_before_it_goes_out(self):
        guards = self.env["social.care.guard"]
        guards.create({"name": "Promises", "pattern": "guarantee", "severity": "approve"})
        picture = self._upload()
        picture.description = "A <red> bag, with our guarantee"
        reply = self._answer(self.mention, body="Here:", attachment_ids=[(6, 0, picture.ids)])
        self.assertEqual(reply.state, "to_approve")
        self.assertIn("A &lt;red&gt; bag, with our <mark>guarantee</mark>", reply.marked_body)
        guards.create({"name": "Never", "pattern": "guarantee", "severity": "block"})
        with self.assertRaisesRegex(UserError, "describes the pictures"):
            self._answer(self.mention, body="Here:", attachment_ids=[(6, 0, picture.ids)])

    def test_a_picture_alone_is_an_answer(self):
        reply = self._answer(self.mention, body="", attachment_ids=[(6, 0, self._upload().ids)])
        self.assertEqual(reply.state, "queued")

    def test_what_the_network_does_not_take_is_said_at_once_and_never_queued(self):
        text = b"not a picture"
        large = PIXEL + b"0" * 2_000_000
        for pictures, problem in (
            ([self._upload("bag.txt", text)], "does not take “bag.txt”. Save it as JPEG, PNG."),
            ([self._upload("big.png", large)], "“big.png” is too large: 1.91 Mb. Mastodon takes"),
            ([self._upload() for _ in range(5)], "takes 4 pictures at most. Remove 1."),
        ):
            with self.subTest(problem):
                dialog = self._dialog(*pictures)
                self.assertIn(problem, dialog.pictures_text)
                reply = dialog.save()
                with self.assertRaisesRegex(UserError, problem.replace("“", ".")):
                    reply.action_send_wait()
                self.assertEqual(reply.state, "draft")

    def test_where_one_picture_is_taken_the_others_are_to_go(self):
        self.network.max_media = 1
        dialog = self._dialog(self._upload(), self._upload())
        self.assertIn("takes one picture with an answer", dialog.pictures_text)

    def test_a_network_without_pictures_refuses_them(self):
        self.network.supports_media = False
        with self.assertRaisesRegex(UserError, "Mastodon takes no pictures with an answer"):
            self._answer(self.mention, attachment_ids=[(6, 0, self._upload().ids)])

    def test_colleagues_see_the_picture_in_our_bubble(self):
        picture = self._upload()
        reply = self._dialog(picture).save()
        reply.action_send_wait()
        self.assertEqual((picture.res_model, picture.res_id), ("social.care.reply", reply.id))
        colleague = new_test_user(
            self.env, login="colleague", groups="social_care.social_care_group_agent"
        )
        self.team.user_ids |= colleague
        ticket = self.mention.ticket_id.with_user(colleague)
        [ours] = [item for item in ticket.social_care_conversation() if item["who"] == "us"]
        self.assertEqual(ours["pictures"], [{"id": picture.id, "name": "bag.png"}])
        self.assertEqual(picture.with_user(colleague).raw, PIXEL)

    def test_a_file_of_another_document_stays_there(self):
        other = self.env["ir.attachment"].create(
            {"name": "map.png", "raw": PIXEL, "res_model": "res.partner", "res_id": 1}
        )
        other = other.with_user(self.agent)
        self._answer(self.mention, attachment_ids=[(6, 0, other.ids)])
        self.assertEqual((other.res_model, other.res_id), ("res.partner", 1))
