import re
from html import unescape

from markupsafe import Markup

from odoo import models
from odoo.fields import Domain

_LINE = re.compile(r"<li>.*?</li>", re.DOTALL)
LINES = 3  # of the conversation
LINE_LENGTH = 120


class HelpdeskTicket(models.Model):
    """What somebody who is rung, or told, must know before they open the ticket."""

    _inherit = "helpdesk.ticket"

    def _social_care_ring_text(self):
        """Why it rings, and the conversation's last lines.

        :return: plain text, a line each
        """
        self.ensure_one()
        absence = self._social_care_absences().get(self)
        why = [self._social_care_away_words(absence)] if absence else []
        return "\n".join(why + self._social_care_last_lines()) or self.name

    def _social_care_last_lines(self):
        ticket = self.sudo()
        answers = ticket.social_reply_ids.filtered(
            lambda reply: reply.state == "sent" and reply.kind != "acknowledgement"
        )
        # Both come with the latest first.
        said = [
            (mention.posted_at, mention.author_id.name or mention.author_id.handle, mention)
            for mention in ticket.social_mention_ids[:LINES]
        ] + [
            (reply.said_at, reply.user_id.name or reply.account_id.name, reply)
            for reply in answers[:LINES]
        ]
        if len(said) == 1:
            return [_shorten(said[0][2])]
        last = sorted(said, key=lambda line: line[0])[-LINES:]
        return [f"{who or '?'}: {_shorten(record)}" for _at, who, record in last]


class SocialCareMention(models.Model):
    """Notices repeat a customer's words: they follow them."""

    _inherit = "social.care.mention"

    def _follow_words(self, changes):
        result = super()._follow_words(changes)
        if not changes:
            return result
        of_tickets = Domain("model", "=", "helpdesk.ticket")
        of_tickets &= Domain("res_id", "in", self.ticket_id.ids)
        # What is told of several tickets stands on their team.
        of_teams = Domain("model", "=", "helpdesk.ticket.team")
        of_teams &= Domain("res_id", "in", self.ticket_id.team_id.ids)
        messages_sudo = self.env["mail.message"].sudo()
        notices = messages_sudo.search(
            Domain("message_type", "=", "user_notification")
            & Domain("create_date", ">=", min(self.mapped("create_date")))
            & (of_tickets | of_teams)
        )
        for mention, title, _text, html in changes:
            for notice in notices:
                if title not in unescape(notice.body):
                    continue
                if notice.model != "helpdesk.ticket":
                    notice.body = _replace_lines(notice.body, title, html)
                elif notice.res_id == mention.ticket_id.id:
                    notice.body = html
        return result


def _replace_lines(body, title, html):
    """A list whose lines with a title say something else."""
    line = Markup("<li>%s</li>") % html
    return _LINE.sub(lambda found: line if title in unescape(found[0]) else found[0], body)


def _shorten(record):
    text = " ".join((record.display_name or "").split())
    return text if len(text) <= LINE_LENGTH else text[: LINE_LENGTH - 1] + "…"
