from markupsafe import Markup

from odoo import api, fields, models

from .social_care_export import quote_formula


class HelpdeskTicket(models.Model):
    """A ticket repeats its customer's words: in title, description and chatter. They follow them."""

    _inherit = "helpdesk.ticket"

    social_gone_text = fields.Char(
        string="What became of the last message", compute="_compute_social_gone_text"
    )

    @api.depends("social_mention_ids.deleted_at", "social_mention_ids.blanked_at")
    @api.depends_context("lang", "tz")
    def _compute_social_gone_text(self):
        for ticket in self:
            ticket.social_gone_text = ticket.sudo().social_mention_ids[:1].gone_text

    def _social_care_describe_gone(self, mention):
        """What stands in this ticket in place of a message's words, as Markup."""
        local = mention.with_env(self._social_care_in_its_language().env)
        return Markup("<p><em>%s</em></p>") % local._describe_gone(tz=self._social_care_tz())

    def _social_care_replace_words(self, mention, title, text, html):
        """Title and description follow a message, where they still are what it said.

        :param title: its display name before
        :param text: its text before
        :param html: Markup in place of the text
        """
        for ticket in self:
            values = {}
            if ticket.name in (title, quote_formula(title)):
                values["name"] = quote_formula(mention.display_name)
            was = _as_stored(ticket, "description", self._social_care_to_html(text))
            if text and was in (ticket.description or ""):
                values["description"] = ticket.description.replace(was, html)
            if values:
                # Tracking would keep the old words.
                ticket.sudo().with_context(tracking_disable=True).write(values)

    def _social_care_rename_activities(self):
        """An activity keeps its ticket's title."""
        activities = self.env["mail.activity"].sudo().with_context(active_test=False)
        found = activities.search([("res_model", "=", self._name), ("res_id", "in", self.ids)])
        self.env.add_to_compute(found._fields["res_name"], found)

    def _social_care_tz(self):
        """The zone in which this ticket's people read times."""
        return self.team_id._social_care_tz(self.company_id)


class MailMessage(models.Model):
    _inherit = "mail.message"

    def _social_care_replace_words(self, mention, title, text, html):
        """The same in notes that tell of a merged ticket: its title ends a line, its text follows."""
        for message in self:
            was = _as_stored(message, "body", mention.ticket_id._social_care_to_html(text))
            body = message.body.replace(was, html) if text else message.body
            for name in (title, quote_formula(title)):
                now = Markup(": %s</p>") % quote_formula(mention.display_name)
                body = body.replace(Markup(": %s</p>") % name, now)
            if body != message.body:
                message.body = body


def _as_stored(record, name, html):
    """Markup as the field keeps it."""
    return Markup(record._fields[name].convert_to_cache(html, record))  # noqa: S704
