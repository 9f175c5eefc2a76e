from odoo import api, fields, models
from odoo.fields import Domain

from .. import networks


class SocialCareReply(models.Model):
    """Our own posts that come back: echoes of the outbox, or answers written elsewhere."""

    _inherit = "social.care.reply"

    @api.model
    def _ingest_own_posts(self, account, items):
        """The brand's own posts: echoes meet their row, others are answers from outside Odoo."""
        if not items:
            return
        ids = [item.external_id for item in items]
        known = self.search([("account_id", "=", account.id), ("external_id", "in", ids)])
        known_ids = set(known.mapped("external_id"))
        for item in items:
            if item.external_id in known_ids or not item.parent_external_id:
                continue
            if item.deleted_at or self._meet_echo(account, item):
                continue
            self._create_outside_answer(account, item)
        self._wake("social_care.ir_cron_publish")

    @api.model
    def _meet_echo(self, account, item):
        """An echo may arrive before our own call returned: met by parent and text."""
        under_way = self.search(
            Domain(
                [
                    ("account_id", "=", account.id),
                    ("origin", "=", "odoo"),
                    ("parent_external_id", "=", item.parent_external_id),
                ]
            )
            & (
                Domain("state", "in", ("sending", "unconfirmed"))
                # Put back after an attempt, or confirmed by a person without its id.
                | Domain([("state", "=", "queued"), ("claimed_at", "!=", False)])
                | Domain([("state", "=", "sent"), ("external_id", "=", False)])
                # Given up, and there after all: still no answer of a person.
                | Domain([("state", "=", "cancelled"), ("kind", "=", "acknowledgement")])
            )
        )
        if not under_way:
            return False
        adapter = account._get_adapter_for_text()
        for reply in under_way:
            if adapter.is_same_text(reply._get_wire_text(adapter), item.body):
                reply._record_sent(
                    networks.Published(
                        external_id=item.external_id, url=item.url, posted_at=item.posted_at
                    )
                )
                return True
        return False

    def _absorb_echo(self, external_id):
        """An echo so rewritten that it was taken for an answer from outside Odoo is this row."""
        echo = self.search(
            [
                ("account_id", "=", self.account_id.id),
                ("external_id", "=", external_id),
                ("origin", "=", "network"),
                ("id", "!=", self.id),
            ]
        )
        echo.with_context(social_care_absorbing=True).unlink()

    @api.model
    def _create_outside_answer(self, account, item):
        mention = self._find_answered_mention(account, item.parent_external_id)
        return self.create(
            {
                "account_id": account.id,
                "mention_id": mention.id,
                "origin": "network",
                "visibility": "direct" if item.visibility == "direct" else "public",
                "body": item.body,
                "state": "sent",
                "sent_at": item.posted_at or fields.Datetime.now(),
                "external_id": item.external_id,
                "parent_external_id": item.parent_external_id,
                "url": item.url,
                "user_id": False,
            }
        )

    @api.model
    def _find_answered_mention(self, account, external_id):
        """The customer's message an own post belongs to, also through our own posts before it."""
        domain = [("account_id", "=", account.id), ("external_id", "=", external_id)]
        mention = self.env["social.care.mention"].search(domain)
        return mention or self.search(domain).mention_id

    @api.model
    def _adopt_orphans(self, account, mentions):
        """Own answers that were here before the message they answer."""
        by_id = {mention.external_id: mention for mention in mentions}
        orphans = self.search(
            [
                ("account_id", "=", account.id),
                ("mention_id", "=", False),
                ("parent_external_id", "in", list(by_id)),
            ]
        )
        for reply in orphans:
            reply.mention_id = by_id[reply.parent_external_id]
