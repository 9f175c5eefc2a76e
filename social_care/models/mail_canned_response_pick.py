import re

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.sql import escape_psql

from .social_care_languages import short_code
from .social_care_words import clean_question, fill_names, get_first_name

SUGGESTED = 3
SHOWN = 20  # of each group; more are found by searching
LIKE_SHARE = 0.3  # of the trigrams that two questions have
LIKE_LENGTH = 10  # characters; "help" is everybody's
WORD_LENGTH = 4  # letters of a word that tells something
WORDS = 12  # of a question that are looked for
WORDS_SHARE = 0.5  # of those words, where PostgreSQL has no trigrams


class MailCannedResponse(models.Model):
    """What the reply dialog offers: like questions first, then the team's, then Odoo's own."""

    _inherit = "mail.canned.response"

    @api.model
    def social_care_answers(self, mention_id, search=""):
        """Texts for an answer to this message, ready to be inserted.

        :return: ``{"suggested": [text], "team": [text], "canned": [text], "manual": str}``; a text
            is a dict of ``id, name, text, question, lang, brands``, manual an address
        """
        mention = self.env["social.care.mention"].browse(mention_id)
        mention.check_access("read")
        found = Domain.TRUE
        if search:
            found = Domain.OR(
                Domain(name, "ilike", search)
                for name in ("source", "substitution", "social_question")
            )
        suggested = self.browse() if search else self._social_care_suggest(mention)
        others = found & Domain("id", "not in", suggested.ids)
        team = self._social_care_list(Domain("social_team_ids", "!=", False) & others, mention)
        canned = self._social_care_list(Domain("social_team_ids", "=", False) & others, mention)
        (suggested | team | canned).fetch(self._social_care_shown_fields())
        return {
            "suggested": suggested._social_care_for_picker(mention),
            "team": team._social_care_for_picker(mention),
            "canned": canned._social_care_for_picker(mention),
            "manual": mention.ticket_id.team_id.sudo()._social_care_manual_url(),
        }

    @api.model
    def social_care_expand(self, mention_id, shortcut):
        """The text that a shortcut stands for, or False."""
        mention = self.env["social.care.mention"].browse(mention_id)
        mention.check_access("read")
        response = self._social_care_list(Domain("source", "=", shortcut), mention, limit=1)
        if not response:
            return False
        response.social_care_used()
        return response._social_care_for_picker(mention)[0]["text"]

    @api.model
    def _social_care_suggest(self, mention):
        """The good answers to the questions most like this one: one query."""
        question = clean_question(mention.body, [mention.sudo().author_id.name])
        if len(question) < LIKE_LENGTH:
            return self.browse()
        query = self._social_care_suggest_query(question, mention)
        names = self._social_care_shown_fields()
        return self._fetch_query(query, [self._fields[name] for name in names])

    @api.model
    def _social_care_suggest_query(self, question, mention):
        query = self._search(Domain("social_question", "!=", False))
        is_like, likeness = self._social_care_likeness(query.table, question)
        query.add_where(is_like)
        query.order = SQL(
            "%s DESC, %s DESC, id DESC", self._social_care_fits(query.table, mention), likeness
        )
        query.limit = SUGGESTED
        return query

    @api.model
    def _social_care_likeness(self, table, question):
        """:return: SQL of whether a row's question is like this one, and how much"""
        unaccent = self.env.registry.unaccent
        asked = unaccent(SQL.identifier(table, "social_question"))
        if self.env.registry.has_trigram:
            likeness = SQL("similarity(%s, %s)", asked, unaccent(SQL("%s", question)))
            # The operator uses the index; its own threshold is the database's.
            near = SQL("%s %% %s", asked, unaccent(SQL("%s", question)))
            return SQL("%s AND %s >= %s", near, likeness, LIKE_SHARE), likeness
        words = [word for word in re.findall(r"\w+", question) if len(word) >= WORD_LENGTH][:WORDS]
        if not words:
            return SQL("FALSE"), SQL("0::float")
        hits = SQL(" + ").join(
            SQL("(%s ILIKE %s)::int", asked, unaccent(SQL("%s", f"%{escape_psql(word)}%")))
            for word in words
        )
        likeness = SQL("(%s)::float / %s", hits, len(words))
        return SQL("%s >= %s", likeness, WORDS_SHARE), likeness

    @api.model
    def _social_care_fits(self, table, mention):
        """SQL: in how many of team, brand and language a row is meant for this message."""
        row_id = SQL.identifier(table, "id")

        def is_for(relation, column, record):
            # Without rows it is meant for all.
            return SQL(
                """((SELECT bool_or(%s = %s) FROM %s WHERE response_id = %s) IS NOT FALSE)::int""",
                SQL.identifier(column),
                record.id or 0,
                SQL.identifier(relation),
                row_id,
            )

        return SQL(
            "(%s + %s + (coalesce(%s, %s) = %s)::int)",
            is_for("social_care_canned_response_team", "team_id", mention.ticket_id.team_id),
            is_for("social_care_canned_response_account", "account_id", mention.account_id),
            SQL.identifier(table, "social_lang"),
            short_code(mention.lang),
            short_code(mention.lang),
        )

    @api.model
    def _social_care_list(self, domain, mention, limit=SHOWN):
        """What is meant for this message first, then what was used last."""
        query = self._search(domain)
        self.flush_model()
        query.order = SQL(
            "%s DESC, %s DESC NULLS LAST, id DESC",
            self._social_care_fits(query.table, mention),
            SQL.identifier(query.table, "last_used"),
        )
        query.limit = limit
        return self.browse(query.get_result_ids())

    @api.model
    def _social_care_shown_fields(self):
        return ["source", "substitution", "social_question", "social_lang"]

    def _social_care_for_picker(self, mention):
        customer = get_first_name(mention.sudo().author_id.name)
        agent = get_first_name(self.env.user.name)
        return [
            {
                "id": response.id,
                "name": response.source,
                "text": fill_names(response.substitution, customer, agent),
                "question": response.social_question or "",
                "lang": response.social_lang or "",
                "brands": response.social_account_ids.mapped("name"),
            }
            for response in self
        ]
