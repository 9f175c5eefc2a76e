from odoo import api, fields, models
from odoo.tools import SQL

from .. import networks


class SocialCareMention(models.Model):
    """From the wire and to it: what networks say of a message, and the message as they take it."""

    _inherit = "social.care.mention"

    @api.model
    def _read_known(self, account, external_ids):
        """Known rows by external id: id, digest, deleted_at, blanked_at, time of the stored version."""
        self.flush_model(
            ["account_id", "external_id", "digest", "edited_at", "deleted_at", "blanked_at"]
        )
        rows = self.env.execute_query_dict(self._get_known_query(account, external_ids))
        return {row["external_id"]: row for row in rows}

    @api.model
    def _get_known_query(self, account, external_ids):
        return SQL(
            """SELECT id, external_id, digest, deleted_at, blanked_at,
                      GREATEST(posted_at, edited_at, deleted_at) AS event_at
                 FROM social_care_mention
                WHERE account_id = %s AND external_id = ANY(%s)""",
            account.id,
            list(external_ids),
        )

    @api.model
    def _create_from_network(self, account, items):
        """Bulk creation from ``networks.types.Mention``; orphaned own answers find them."""
        if not items:
            return self
        authors = self.env["social.care.author"]._find_or_create_batch(
            account, [item.author for item in items]
        )
        reason = self.env.ref("social_care.reason_deleted", raise_if_not_found=False)
        mentions = self.create(
            [
                self._prepare_from_network(
                    account, item, authors.get(item.author.external_id), reason
                )
                for item in items
            ]
        )
        self.env["social.care.reply"]._adopt_orphans(account, mentions)
        return mentions

    @api.model
    def _prepare_from_network(self, account, item, author, reason):
        now = fields.Datetime.now()
        posted_at = item.posted_at or item.deleted_at or now
        before_us = bool(account.since) and posted_at < account.since
        values = self._prepare_changing(item) | {
            "account_id": account.id,
            # Computed, and known here: in the INSERT they need no UPDATE after it.
            "company_id": account.company_id.id,
            "network": account.network,
            "external_id": item.external_id,
            "kind": item.kind,
            "author_id": author.id if author else False,
            "lang": item.lang,
            "url": item.url,
            "thread_external_id": item.thread_external_id,
            "parent_external_id": item.parent_external_id,
            "context": item.context,
            "context_missing": bool(item.parent_external_id and not item.context),
            "posted_at": posted_at,
            "received_at": now,
            "raw": item.raw,
            "intent": item.intent,
            "addressed": item.addressed,
            "history": item.history or before_us,
            "late": account._arrives_late(posted_at, now),
        }
        if item.deleted_at:
            values.update(self._prepare_blank("deleted"))
        if item.deleted_at and reason:
            # A tombstone: should the post arrive late, it stays deleted.
            values.update(state="ignored", reason_id=reason.id, decided_at=now, triaged_at=now)
        return {key: value if value not in ("", None) else False for key, value in values.items()}

    @api.model
    def _prepare_changing(self, item):
        """What a later version of a post may change."""
        return {
            "body": item.body,
            "visibility": item.visibility,
            "edited_at": item.edited_at,
            "deleted_at": item.deleted_at,
            "likes": item.likes,
            "reposts": item.reposts,
            "replies": item.replies,
            "views": item.views,
            "media": [
                {
                    "url": media.url,
                    "kind": media.kind,
                    "preview_url": media.preview_url,
                    "description": media.description,
                }
                for media in item.media
            ],
            "digest": item.digest(),
        }

    def _update_from_network(self, item):
        """Apply a newer version; a changed text or a deletion is told on the ticket."""
        self.ensure_one()
        title, before = self.display_name, self.body or ""
        if item.deleted_at:
            self.write({"deleted_at": item.deleted_at, "digest": item.digest()})
            self.ticket_id._social_care_note_deleted(self)
            if self.state in ("new", "watch"):
                self._decide_ignored("deleted")
            self._blank("deleted")
            return
        values = self._prepare_changing(item)
        values.update(body=item.body or False, edited_at=item.edited_at or self.edited_at)
        self.write(values)
        if (item.body or "") != before:
            self.ticket_id._social_care_note_edited(self, before, title)

    def _to_wire(self):
        """The dataclass a network understands."""
        self.ensure_one()
        author = self.author_id
        return networks.Mention(
            external_id=self.external_id,
            kind=self.kind,
            author=networks.Author(
                external_id=author.external_id, handle=author.handle, name=author.name
            ),
            body=self.body,
            posted_at=self.posted_at,
            lang=self.lang,
            url=self.url,
            thread_external_id=self.thread_external_id,
            parent_external_id=self.parent_external_id,
            visibility=self.visibility,
            raw=self.sudo().raw or {},
        )
