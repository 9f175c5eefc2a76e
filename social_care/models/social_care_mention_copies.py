import hashlib
import re
from bisect import bisect_left, bisect_right
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import remove_accents

COPY_DAYS = 7  # copies of a text are said so many days apart at most
MIN_WORDS = 3  # "Hola" or "me too" are no copies of each other
MIN_LETTERS = 20  # where a script has no blanks between its words
KEY_LENGTH = 60  # letters of the text that a key shows

# Whom it was said to, where it leads, and that it is a repost make no other text of it.
_NOT_SAID = re.compile(r"https?://\S+|www\.\S+|(?<!\w)@[\w.@:-]+|^\s*rt\b", re.IGNORECASE)


def make_text_key(text):
    """What all copies of a text have in common, to be read in a heading; "" of a short text.

    Handles, links, case, accents, punctuation and emojis are folded.

    >>> make_text_key("¡Dos vuelos GRATIS, síguenos! 🎁 https://a.example @ana")
    'dos vuelos gratis siguenos · 0cb9e64a'
    >>> make_text_key("@aurora Muchas gracias")
    ''
    """
    plain = remove_accents(_NOT_SAID.sub(" ", text or "").casefold())
    words = re.findall(r"[^\W_]+", plain)
    said = " ".join(words)
    if len(words) < MIN_WORDS and (said.isascii() or len(said) < MIN_LETTERS):
        return ""
    return f"{said[:KEY_LENGTH].strip()} · {hashlib.sha256(said.encode()).hexdigest()[:8]}"


class SocialCareMention(models.Model):
    """Copies: one text, posted by many, is decided once."""

    _inherit = "social.care.mention"

    text_key = fields.Char(
        string="Same text",
        compute="_compute_text_key",
        store=True,
        help="Messages that say the same, but for handles, links, case and signs, share it.",
    )
    alike_count = fields.Integer(string="Alike", compute="_compute_alike_count")

    _alike = models.Index(
        "(text_key, company_id, posted_at) WHERE state = 'new' AND text_key IS NOT NULL"
    )

    @api.depends("body")
    def _compute_text_key(self):
        for mention in self:
            mention.text_key = make_text_key(mention.body) or False

    @api.model
    def _prepare_from_network(self, account, item, author, reason):
        values = super()._prepare_from_network(account, item, author, reason)
        return values | {"text_key": make_text_key(values["body"] or "") or False}

    @api.depends("text_key", "posted_at")
    def _compute_alike_count(self):
        """How many others wait that say the same: one query for all."""
        keyed = self.filtered("text_key")
        groups = self._read_group(
            keyed._get_alike_domain(),
            ["company_id", "text_key"],
            ["posted_at:array_agg", "id:array_agg"],
        )
        waiting = {(company, key): (sorted(moments), ids) for company, key, moments, ids in groups}
        window = timedelta(days=COPY_DAYS)
        self.alike_count = 0
        for mention in keyed:
            moments, ids = waiting.get((mention.company_id, mention.text_key), ([], []))
            last = bisect_right(moments, mention.posted_at + window)
            first = bisect_left(moments, mention.posted_at - window)
            mention.alike_count = last - first - (mention.id in ids)

    def _get_alike_domain(self):
        """What is still to decide and says what one of these says, within the time window."""
        window = timedelta(days=COPY_DAYS)
        domains = []
        same = self.filtered("text_key").grouped(lambda item: (item.company_id.id, item.text_key))
        for (company_id, key), mentions in same.items():
            moments = mentions.mapped("posted_at")
            domains.append(
                Domain("text_key", "=", key)
                & Domain("company_id", "=", company_id)
                & Domain("posted_at", ">=", min(moments) - window)
                & Domain("posted_at", "<=", max(moments) + window)
            )
        return Domain.OR(domains) & Domain("state", "=", "new")

    def _find_alike(self):
        """The others that say the same and wait, oldest first: those that the user may read."""
        domain = self._get_alike_domain() & Domain("id", "not in", self.ids)
        return self.search(domain, order="posted_at, id")
