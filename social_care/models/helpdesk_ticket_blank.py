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

    def _social_care_blank(self, mention, title, text, quotes):
        """The words of a message of this ticket are gone.

        :param title: its display name before
        :param text: its text before
        :param quotes: mail.message that repeat it
        """
        self.ensure_one()
        local = mention.with_env(self._social_care_in_its_language().env)
        why = local._describe_gone(tz=self._social_care_tz())
        note = Markup("<p><em>%s</em></p>") % why
        self._social_care_replace_words(local, title, text, note)
        quotes.body = note

    def _social_care_replace_words(self, mention, title, text, html):
        """Where title and description still say what a message said, they say what it says now.

        :param html: Markup in place of the text
        """
        self.ensure_one()
        values = {}
        if self.name in (title, quote_formula(title)):
            values["name"] = quote_formula(mention.display_name)
        was = self._fields["description"].convert_to_cache(self._social_care_to_html(text), self)
        if text and self.description and was in self.description:
            values["description"] = self.description.replace(Markup(was), html)  # noqa: S704
        if values:
            # Tracking would keep the old words.
            self.sudo().with_context(tracking_disable=True).write(values)

    def _social_care_rename_activities(self):
        """An activity keeps its ticket's title."""
        activities = self.env["mail.activity"].sudo().with_context(active_test=False)
        found = activities.search([("res_model", "=", self._name), ("res_id", "in", self.ids)])
        self.env.add_to_compute(found._fields["res_name"], found)

    def _social_care_tz(self):
        """The zone in which this ticket's people read times."""
        return self.team_id._social_care_calendar(self.company_id).tz or "UTC"
