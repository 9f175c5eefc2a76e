"""Acknowledgements: telling a customer when an answer will come. The one thing said unasked.

Once a customer until the promised time; never to automata, never twice on a ticket
without an answer of a person in between.
"""

from functools import partial

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .social_care_reply_ways import GIVEN

QUIET_MINUTES = 5  # after an answer of a person


class SocialCareMention(models.Model):
    _inherit = "social.care.mention"

    def _acknowledge(self):
        """Put acknowledgements into the outbox for those of new ticket mentions that get one."""
        now = fields.Datetime.now()
        mentions = self._filter_acknowledgeable()
        promises = {team: team._social_care_promise(now) for team in mentions.ticket_id.team_id}
        mentions = mentions.filtered(lambda item: item._is_promised(promises))
        if not mentions:
            return
        mentions = mentions._filter_unacknowledged(now)._filter_foreign()
        own = {team: team._social_care_own_texts() for team in mentions.ticket_id.team_id}
        replies = []
        for mention, ways in mentions._get_ways().items():
            team = mention.ticket_id.team_id
            visibility = mention._get_acknowledging_way(ways)
            text = visibility and mention._get_acknowledgement(
                own[team], *promises[team], now, visibility
            )
            if text:
                values = {"mention_id": mention.id, "visibility": visibility, "body": text}
                replies.append(values | {"promised_at": promises[team][1], "queued_at": now})
            elif visibility:
                mention.ticket_id._social_care_note_unacknowledged()
        self.env["social.care.reply"]._create_acknowledgements(replies)
        if replies:
            self._wake("social_care.ir_cron_publish")

    def _filter_acknowledgeable(self):
        """Those that may be answered by an automaton at all; a storm's are taken out here too."""
        return self.filtered(
            lambda mention: (
                mention.state == "ticket"
                and mention.ticket_id.team_id._social_care_acknowledges()
                and mention._starts_clock()
                and not mention._is_late()
                and not (mention.severe or mention.ticket_id.social_severe)
                and mention.author_id
                and not mention.author_id.bot
                and mention.account_id.state in ("connected", "degraded")
                and mention.account_id._can_publish()
            )
        )

    def _is_promised(self, promises):
        """Whether there is something to tell; “busy” only where the promised time cannot be kept."""
        ticket = self.ticket_id
        kind, promised_at = promises[ticket.team_id] or ("", None)
        deadline = ticket.social_deadline
        return kind == "closed" or bool(kind and deadline and promised_at > deadline)

    def _filter_unacknowledged(self, now):
        """The last mention of each customer who was told nothing yet: one query."""
        told, unanswered, answered = self._read_said(now)
        heard, last = told | answered, {}
        for mention in self.sorted(lambda item: (item._get_clock_start(), item.id)):
            person = (mention.account_id.id, mention.author_id.id)
            if person not in heard and mention.ticket_id.id not in unanswered:
                last[person] = mention.id
        return self.browse(last.values())

    def _read_said(self, now):
        """What these customers heard from us.

        :return: three sets: (account id, author id) with a promise that has not run out; ids of
            tickets whose last word is an acknowledgement; (account id, author id) of those whom
            a person answered just now
        """
        self.env["social.care.reply"].flush_model()
        self.flush_model(["author_id", "account_id", "ticket_id"])
        rows = self.env.execute_query(
            SQL(
                """SELECT m.account_id, m.author_id, m.ticket_id,
                          MAX(r.promised_at) > %(now)s,
                          MAX(r.id) FILTER (WHERE r.kind = 'acknowledgement')
                              > COALESCE(MAX(r.id) FILTER (WHERE r.kind != 'acknowledgement'), 0),
                          MAX(COALESCE(r.sent_at, r.queued_at))
                              FILTER (WHERE r.kind != 'acknowledgement')
                              > %(now)s - interval '%(quiet)s minutes'
                     FROM social_care_mention m
                     JOIN social_care_reply r ON r.mention_id = m.id
                    WHERE m.author_id = ANY(%(authors)s) AND m.account_id = ANY(%(accounts)s)
                      AND (r.state = ANY(%(given)s) OR r.kind = 'acknowledgement')
                 GROUP BY m.account_id, m.author_id, m.ticket_id""",
                now=now,
                quiet=QUIET_MINUTES,
                authors=self.author_id.ids,
                accounts=self.account_id.ids,
                given=list(GIVEN),
            )
        )
        told = {
            (account, author) for account, author, _ticket, promised, *_rest in rows if promised
        }
        unanswered = {row[2] for row in rows if row[4]}
        answered = {(row[0], row[1]) for row in rows if row[5]}
        return told, unanswered, answered

    def _filter_foreign(self):
        """Without those that another account of ours wrote: two automata would never end."""
        accounts = self.env["social.care.account"].with_context(active_test=False).sudo()
        own = accounts.search_fetch(
            [("external_id", "in", self.author_id.mapped("external_id"))],
            ["network", "external_id"],
        )
        ours = {(account.network, account.external_id) for account in own}
        return self.filtered(
            lambda mention: (mention.network, mention.author_id.external_id) not in ours
        )

    def _get_acknowledging_way(self, ways):
        """The way an acknowledgement goes, or False."""
        # A private answer to a comment can be given once: it is left to people.
        possible = [name for name, way in ways.items() if not way.code and name != "private_reply"]
        if self.ticket_id.team_id.social_ack_way == "private" and "direct" in possible:
            return "direct"
        return possible and possible[0]

    def _get_langs(self):
        """Codes of the languages to try, the customer's first."""
        company_lang = self.company_id.partner_id.lang or self.env.lang
        return [lang for lang in (self.lang, self.author_id.lang, company_lang) if lang]

    def _get_acknowledgement(self, own, kind, promised_at, now, visibility):
        """The text in the customer's language, or the short one, or False where both are too long."""
        account = self.account_id
        texts = self.ticket_id.team_id._social_care_acknowledgement(
            own, kind, promised_at, now, self._get_langs()
        )
        for text in texts:
            count = account._count_text(text, self, visibility)
            if count["length"] <= count["max_length"]:
                return text
        return False


class SocialCareReply(models.Model):
    _inherit = "social.care.reply"

    promised_at = fields.Datetime(
        string="Promised for",
        readonly=True,
        copy=False,
        help="When the customer expects an answer.",
    )

    @api.model
    def _create_acknowledgements(self, vals_list):
        """Into the outbox, in nobody's name."""
        shared = {"kind": "acknowledgement", "user_id": False, "state": "queued"}
        return self.create(
            [{**vals, **shared, "next_try_at": vals["queued_at"]} for vals in vals_list]
        )

    @api.model
    def _send_claimed(self, reply):
        if reply.kind == "acknowledgement" and reply._is_overtaken():
            values = {"state": "cancelled", "error_code": "overtaken"}
            reply._run_unit(partial(reply.write, values), processed=0)
            return None
        return super()._send_claimed(reply)

    def _give_up(self, state, code, found=()):
        # Whether it went out or not: people answer as usual, and need not decide on it first.
        state = "cancelled" if self.kind == "acknowledgement" else state
        return super()._give_up(state, code, found)

    def _is_overtaken(self):
        """Whether this acknowledgement is no longer true or wanted: the account may have been paused."""
        self.ensure_one()
        mention, ticket = self.mention_id, self.ticket_id
        answered = Domain("queued_at", ">=", self.queued_at) | Domain(
            "sent_at", ">=", self.queued_at
        )
        return bool(
            self.promised_at <= fields.Datetime.now()
            or mention.deleted_at
            or mention.severe
            or ticket.closed
            or self.search_count(
                answered
                & Domain("ticket_id", "=", ticket.id)
                & Domain("kind", "!=", "acknowledgement")
                & Domain("state", "in", GIVEN),
                limit=1,
            )
        )


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    def _social_care_answered(self, replies):
        result = super()._social_care_answered(replies)
        acknowledgements = replies.filtered(lambda reply: reply.kind == "acknowledgement")
        for ticket, of_ticket in acknowledgements.grouped("ticket_id").items():
            ticket.social_acknowledged_at = max(of_ticket.mapped("sent_at"))
        return result

    def _social_care_note_unacknowledged(self):
        for ticket in self:
            local = ticket._social_care_in_its_language()
            note = local.env._("No acknowledgement was sent: the network finds the text too long.")
            ticket._social_care_log(self._social_care_to_html(note))

    def _social_care_reply_bubble(self, reply):
        bubble = super()._social_care_reply_bubble(reply)
        if reply.kind == "acknowledgement":
            bubble["name"] = self.env._("%(brand)s, automatically", brand=bubble["name"])
        return bubble
