import hashlib
from datetime import timedelta

from odoo import fields, models

from .social_care_keywords import Words

REPOST_WINDOW = timedelta(days=3)  # between the two posts, and after the deletion


class SocialCareMention(models.Model):
    """Who deletes a message and says it anew still waits: the clock goes on from the first."""

    _inherit = "social.care.mention"

    repost_of_id = fields.Many2one(
        "social.care.mention",
        string="Says again",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="The customer deleted that message, unanswered, and said the same again.",
    )
    deleted_key = fields.Char(
        readonly=True, help="Digest of the words of a deleted message, to know them again."
    )

    _deleted = models.Index("(author_id, deleted_key) WHERE deleted_key IS NOT NULL")

    def _get_repost_key(self):
        """Digest of what is said, whatever its case, accents, signs and links; False of nothing."""
        words = " ".join(Words(self.body or "").listed)
        return hashlib.sha256(words.encode()).hexdigest()[:32] if words else False

    def _continue_wait(self, deleted):
        """Take over the wait of a deleted message that nobody answered.

        :param deleted: a message of the same author on the same account
        """
        self.ensure_one()
        start, said_at = deleted._get_clock_start(), self._get_clock_start()
        answered = self.env["social.care.reply"].search_count(
            [
                ("ticket_id", "=", deleted.ticket_id.id),
                ("kind", "=", "answer"),
                ("state", "=", "sent"),
                ("sent_at", ">=", start),
                ("sent_at", "<=", said_at),
            ],
            limit=1,
        )
        # A chain of them is followed to its beginning, which says nothing again: no loops.
        first = deleted.repost_of_id or deleted
        if not answered and start <= said_at <= start + REPOST_WINDOW and first != self:
            self.repost_of_id = first

    def _update_from_network(self, item):
        if item.deleted_at and not self.deleted_at and self.author_id:
            self.deleted_key = self._get_repost_key()
            self._pass_on_wait()
        return super()._update_from_network(item)

    def _pass_on_wait(self):
        """Said anew before this was deleted: the later one waits as long as this did."""
        if not self.deleted_key or not self.ticket_id:
            return
        start = self._get_clock_start()
        later = self.search(
            [
                ("author_id", "=", self.author_id.id),
                ("account_id", "=", self.account_id.id),
                ("ticket_id", "=", self.ticket_id.id),
                ("posted_at", ">=", start),
                ("posted_at", "<=", start + REPOST_WINDOW),
                ("deleted_at", "=", False),
                ("id", "!=", self.id),
            ],
            order="posted_at, id",
            limit=100,
        )
        same = later.filtered(lambda item: item._get_repost_key() == self.deleted_key)[:1]
        if same:
            same._continue_wait(self)
