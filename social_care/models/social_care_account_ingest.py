import dataclasses
import logging
from datetime import datetime

import psycopg2

from odoo import fields, models

_logger = logging.getLogger(__name__)

RECEIVED_EVERY = 60  # seconds between two writes of last_received_at or last_pushed_at: no hot row


class SocialCareAccount(models.Model):
    _inherit = "social.care.account"

    last_pushed_at = fields.Datetime(string="Last webhook", readonly=True, copy=False)

    def _ingest(self, mentions):
        """Store what a network handed over; the same mention twice is one row.

        :param mentions: list of ``networks.types.Mention`` of this account, in
            any order, own posts among them
        :return: the mentions created or changed
        """
        self.ensure_one()
        newest = self._merge_page(mentions)
        own = [item for item in newest if self._is_own(item)]
        theirs = [item for item in newest if not self._is_own(item)]
        touched = self._ingest_bisected(theirs)
        self.env["social.care.reply"]._ingest_own_posts(self, own)
        if touched:
            self._note_arrival()
            self._wake("social_care.ir_cron_triage")
        return touched

    def _is_own(self, item):
        return item.own or bool(self.external_id and item.author.external_id == self.external_id)

    @staticmethod
    def _event_time(item):
        """When this version of a post came to be, naive UTC."""
        return max(
            moment or datetime.min for moment in (item.posted_at, item.edited_at, item.deleted_at)
        )

    def _merge_page(self, mentions):
        """One entry an external id: the newest version, keeping what only an older one knows."""
        merged = {}
        for item in sorted(mentions, key=self._event_time):
            if not item.external_id:
                continue
            older = merged.get(item.external_id)
            if older and item.deleted_at:
                item = dataclasses.replace(older, deleted_at=item.deleted_at)
            elif older and not item.posted_at:
                item = dataclasses.replace(item, posted_at=older.posted_at)
            merged[item.external_id] = item
        return list(merged.values())

    def _ingest_bisected(self, items):
        """Ingest; where the database refuses a value, set the culprit aside, keep the rest."""
        if not items:
            return self.env["social.care.mention"]
        try:
            with self.env.cr.savepoint():
                return self._ingest_items(items)
        except (psycopg2.DataError, ValueError) as error:
            if len(items) == 1:
                _logger.warning("Account %s: a mention cannot be stored", self.id)
                self.env["social.care.delivery"]._keep_refused(self, items[0], error)
                return self.env["social.care.mention"]
        half = len(items) // 2
        return self._ingest_bisected(items[:half]) | self._ingest_bisected(items[half:])

    def _ingest_items(self, items):
        mention_model = self.env["social.care.mention"]
        known = mention_model._read_known(self, [item.external_id for item in items])
        new = [item for item in items if item.external_id not in known]
        created = mention_model._create_from_network(self, new)
        changed = mention_model
        for item in items:
            row = known.get(item.external_id)
            if row and self._is_newer(item, row):
                mention = mention_model.browse(row["id"])
                mention._update_from_network(item)
                changed |= mention
        return created | changed

    def _is_newer(self, item, row):
        """Order does not matter: an old page changes nothing, a deletion is final.

        Words that went here stay away; only that they were deleted there is still news.
        """
        if row["deleted_at"] or item.digest() == row["digest"]:
            return False
        if row["blanked_at"] and not item.deleted_at:
            return False
        return self._event_time(item) >= (row["event_at"] or datetime.min)

    def _note_arrival(self, name="last_received_at"):
        now = fields.Datetime.now()
        if not self[name] or (now - self[name]).total_seconds() >= RECEIVED_EVERY:
            self.write({name: now, "silent_since": False})
