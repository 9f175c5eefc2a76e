import logging
import uuid

from markupsafe import Markup
from psycopg2.errors import ForeignKeyViolation

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

ON_THEIR_WAY = ("queued", "sending", "unconfirmed")
LONG_ID = 12  # characters that are nobody else's by chance
# Of a ticket, what tracking may have written down about a person.
PERSONAL_FIELDS = ("name", "description", "partner_id", "partner_name", "partner_email")


class SocialCareAuthor(models.Model):
    """A person's data on request: found, and erased."""

    _inherit = "social.care.author"

    def action_privacy_lookup(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "privacy_lookup.action_privacy_lookup_wizard"
        )
        action["context"] = {
            "default_name": self.name or self.handle,
            "default_email": self.partner_id.email,
            "default_social_profile": self.url or self.external_id,
        }
        return action

    def _get_personal_data(self):
        """Everything that is kept of these people, under whatever profile.

        :return: dict of model name → records
        """
        persons = self._get_main()._get_person()
        persons |= self.search([("joined_to_id", "in", persons.ids)])
        mentions = self.env["social.care.mention"].search([("author_id", "in", persons.ids)])
        tickets = self.env["helpdesk.ticket"].with_context(active_test=False)
        return {
            "social.care.author": persons,
            "social.care.mention": mentions,
            "social.care.reply": mentions.reply_ids,
            "social.care.question": self.env["social.care.question"].search(
                [("mention_id", "in", mentions.ids)]
            ),
            "helpdesk.ticket": mentions.ticket_id
            | tickets.search([("social_author_id", "in", persons.ids)]),
        }

    def _social_care_erase(self):
        """Make these people nobody; that somebody wrote, when, and what was decided stays.

        :raises UserError: a legal hold, or an answer that is on its way
        """
        person = self._get_personal_data()
        persons, mentions = person["social.care.author"], person["social.care.mention"]
        person["helpdesk.ticket"]._social_care_check_not_held()
        mentions._social_care_erase()
        person["helpdesk.ticket"].filtered(
            lambda ticket: ticket.social_author_id in persons
        )._social_care_erase()
        accounts = (
            self.env["social.care.account"]
            .with_context(active_test=False)
            .search(
                [
                    ("company_id", "in", persons.company_id.ids),
                    ("network", "in", persons.mapped("network")),
                ]
            )
        )
        handles = set(persons.mapped("handle")) - {False}
        mentions._strip_contexts(accounts.ids, "handle", handles, SQL("TRUE"))
        persons._erase_deliveries()
        for author in persons:
            author.write(author._prepare_erased())

    def _prepare_erased(self):
        """A profile of nobody. Its id is made up: whoever writes under the old one is new here."""
        return {
            "external_id": f"erased:{uuid.uuid4()}",
            **dict.fromkeys(("handle", "name", "url", "avatar_url", "image_1920", "lang"), False),
            "followers_count": 0,
            "verified": False,
            "bot": False,
            "standing": "normal",
            "partner_id": False,
            "partner_by_join": False,
            "person_key": False,
            "not_same_ids": [fields.Command.clear()],
        }

    def _erase_deliveries(self):
        """Calls that name these people lose their bodies; what still waits is read first."""
        names = {*self.mapped("external_id"), *self.mapped("handle")} - {False}
        # Quoted, as in JSON: what is short is part of other words.
        needles = {f'"{name}"' for name in names} | {name for name in names if len(name) >= LONG_ID}
        deliveries = self.env["social.care.delivery"]
        deliveries.flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT d.id FROM social_care_delivery d, unnest(%s) AS needle
                    WHERE d.state != 'received' AND d.body IS NOT NULL AND d.company_id = ANY(%s)
                      AND position(needle IN decode(encode(d.body, 'escape'), 'base64')) > 0""",
                [needle.encode() for needle in needles],
                self.company_id.ids,
            )
        )
        deliveries.browse(row[0] for row in rows)._purge_body()

    def _unlink_forgotten(self):
        """Let go of profiles without messages that nobody linked, rated or keeps on a ticket."""
        for model, name in (
            ("social.care.mention", "author_id"),
            ("helpdesk.ticket", "social_author_id"),
            ("mail.message", "social_author_id"),
        ):
            records = self.env[model].sudo().with_context(active_test=False)
            self -= records.search([(name, "in", self.ids)])[name]
        forgotten = self.filtered(
            lambda author: (
                not (author.partner_id or author.person_key) and author.standing == "normal"
            )
        )
        try:
            with self.env.cr.savepoint():
                (forgotten | self.search([("joined_to_id", "in", forgotten.ids)])).unlink()
        except ForeignKeyViolation:
            _logger.info("%s profiles are in use again, and stay", len(forgotten))


class SocialCareMention(models.Model):
    _inherit = "social.care.mention"

    def _starts_clock(self):
        # Nobody is left to be answered.
        return self.blanked_because != "erased" and super()._starts_clock()

    def _social_care_erase(self):
        self.ticket_id._social_care_check_not_held()
        self.reply_ids._social_care_erase()
        self._blank("erased")
        # The digest of a deleted text would still tell whether somebody said it.
        gone = dict.fromkeys(("decision_note", "hidden_reason", "deleted_key"), False)
        self.write({**gone, "blanked_because": "erased"})
        self._erase_past_notes()
        for mention in self.filtered("ticket_id"):
            mention.ticket_id._social_care_review_wait(mention)
        # There is nothing left to decide on.
        self.filtered(lambda mention: mention.state in ("new", "watch"))._decide_ignored("other")

    def _erase_past_notes(self):
        """Decisions that others replaced stay, without what was noted of the customer."""
        for mention in self.filtered("past_decisions"):
            mention.past_decisions = [{**past, "note": False} for past in mention.past_decisions]
        for mention in self.filtered("former"):
            mention.former = {**mention.former, "decision_note": False}


class SocialCareReply(models.Model):
    _inherit = "social.care.reply"

    def _social_care_erase(self):
        """What we told the customer, and what the chatter says of it, names them as well."""
        self.ticket_id._social_care_check_not_held()
        if any(reply.state in ON_THEIR_WAY for reply in self):
            raise UserError(
                self.env._(
                    "Nothing was erased: an answer to this customer is on its way or unconfirmed. "
                    "Wait until it is sent, or decide on it."
                )
            )
        self.attachment_ids.filtered(lambda file: file.res_model == self._name).unlink()
        values = dict.fromkeys(
            ("body", "url", "recipient_external_id", "found", "rejected_note"), False
        )
        self.write({**values, "attachment_ids": [fields.Command.clear()]})
        self.filtered(lambda reply: reply.state != "sent").state = "cancelled"
        notes = self.env["mail.message"].sudo()
        notes = notes.search([("social_mention_id", "in", self.mention_id.ids)])
        notes.filtered("author_id")._social_care_erase()


class MailMessage(models.Model):
    _inherit = "mail.message"

    def _social_care_erase(self):
        self.body = Markup("<p><em>%s</em></p>") % self.env._("Erased on request.")


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    def _social_care_erase(self):
        """A ticket of somebody: without title, description and contact."""
        self._social_care_check_not_held()
        self.social_mention_ids._social_care_erase()
        for ticket in self:
            ticket.message_unsubscribe(ticket.partner_id.ids)
            text = ticket._social_care_in_its_language().env._("Erased on request.")
            ticket.with_context(tracking_disable=True).write(
                {
                    "name": text,
                    "description": Markup("<p>%s</p>") % text,
                    "partner_id": False,
                    "partner_name": False,
                    "partner_email": False,
                }
            )
        self._social_care_rename_activities()
        self._social_care_erase_tracking()

    def _social_care_erase_tracking(self):
        self.env["mail.tracking.value"].sudo().search(
            [
                ("mail_message_id.model", "=", self._name),
                ("mail_message_id.res_id", "in", self.ids),
                ("field_id.name", "in", PERSONAL_FIELDS),
            ]
        ).unlink()
