from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

RECENT_DAYS = 30  # how old the other network's ticket may be for an equal handle
LIKE_HOURS = 72  # between two texts that may be one person's
LIKE_NEAR = 200  # messages before and after that are compared: a fixed price, however busy it is
LIKE_TEXTS = 3  # of a ticket that are compared
LIKE_LENGTH = 25  # characters; "where is my order?" is everybody's
LIKE_SHARE = 0.6  # of the trigrams that two texts have
COPIES = 3  # authors of a like text; more copied it from each other


class SocialCareAuthor(models.Model):
    _inherit = "social.care.author"

    def _find_alike(self, ticket):
        """Profiles on other networks that may be this ticket's customer; a person decides.

        :return: dict, the likeliest first: social.care.author → ``handle`` or ``text``
        """
        self.ensure_one()
        person_sudo = self._get_person().sudo()
        known = (person_sudo | person_sudo.not_same_ids).with_env(self.env)
        alike = dict.fromkeys(self._find_same_handle(), "handle")
        for author in self._find_like_text(ticket):
            alike.setdefault(author, "text")
        return {author: why for author, why in alike.items() if author not in known}

    def _find_same_handle(self):
        if not self.handle_key:
            return self.browse()
        # sudo: the index first; only then the record rule, which reads messages
        profiles_sudo = self.sudo().search(
            [
                ("company_id", "=", self.company_id.id),
                ("handle_key", "=", self.handle_key),
                ("network", "!=", self.network),
                ("joined_to_id", "=", False),
            ],
            limit=10,
        )
        profiles = profiles_sudo.with_env(self.env)._filtered_access("read")
        since = fields.Datetime.now() - timedelta(days=RECENT_DAYS)
        groups = self.env["helpdesk.ticket"]._read_group(
            [("social_author_id", "in", profiles.ids), ("create_date", ">=", since)],
            ["social_author_id"],
        )
        return self.browse(author.id for (author,) in groups)

    def _find_like_text(self, ticket):
        """Who wrote almost the same on another network, within three days."""
        rows = self.env.execute_query(self._like_query(ticket))
        if not 0 < len(rows) <= COPIES:
            return self.browse()
        return self.browse(row[0] for row in rows)._filtered_access("read")

    def _like_query(self, ticket):
        """Authors of like texts, the most alike first: reads a window of an index, no more."""
        self.env["social.care.mention"].flush_model(["ticket_id", "body", "posted_at", "author_id"])
        if self.env.registry.has_trigram:
            likeness = SQL("similarity(mine.words, %s)", self._words_of("near"))
        else:
            likeness = SQL("(mine.words = %s)::int", self._words_of("near"))
        return SQL(
            """WITH mine AS (
                   SELECT posted_at, %(mine)s AS words
                     FROM social_care_mention m
                    WHERE ticket_id = %(ticket)s
                 ORDER BY posted_at LIMIT %(texts)s)
               SELECT near.author_id
                 FROM mine CROSS JOIN LATERAL (%(before)s UNION ALL %(after)s) near
                WHERE length(mine.words) >= %(length)s AND %(likeness)s >= %(share)s
             GROUP BY near.author_id
             ORDER BY max(%(likeness)s) DESC, near.author_id
                LIMIT %(limit)s""",
            mine=self._words_of("m"),
            ticket=ticket.id,
            texts=LIKE_TEXTS,
            before=self._near_query(SQL("<="), SQL("DESC"), -LIKE_HOURS),
            after=self._near_query(SQL(">"), SQL("ASC"), LIKE_HOURS),
            length=LIKE_LENGTH,
            likeness=likeness,
            share=LIKE_SHARE,
            limit=COPIES + 1,
        )

    def _near_query(self, side, direction, hours):
        end = SQL(">=") if hours < 0 else SQL("<=")
        return SQL(
            """(SELECT author_id, body FROM social_care_mention
                 WHERE company_id = %s AND ticket_id IS NOT NULL AND network != %s
                   AND author_id IS NOT NULL
                   AND posted_at %s mine.posted_at
                   AND posted_at %s mine.posted_at + %s * interval '1 hour'
              ORDER BY posted_at %s LIMIT %s)""",
            self.company_id.id,
            self.network,
            side,
            end,
            hours,
            direction,
            LIKE_NEAR,
        )

    @staticmethod
    def _words_of(table):
        """A text without names and punctuation, in lower case: handles differ by network."""
        return SQL(
            r"""trim(lower(regexp_replace(regexp_replace(
                    left(%s, 500), '(^|\s)@\S+', ' ', 'g'), '\W+', ' ', 'g')))""",
            SQL.identifier(table, "body"),
        )


class SocialCareMention(models.Model):
    _inherit = "social.care.mention"

    _of_ticket = models.Index("(ticket_id, posted_at) WHERE ticket_id IS NOT NULL")
    _near = models.Index("(company_id, posted_at) WHERE ticket_id IS NOT NULL")
