from odoo import api, fields, models
from odoo.tools import SQL

from .social_care_queue import BATCH

RETENTION_DAYS = 90  # of a call whose app has no account


class SocialCareAccount(models.Model):
    """What is kept goes again: raw data and ignored messages after their time, deleted ones at once."""

    _inherit = "social.care.account"

    ignored_retention_days = fields.Integer(
        string="Keep messages without an answer",
        default=365,
        help="Days after which a message that needed no answer loses text, pictures and author. "
        "That it came, when, and what was decided stays. 0: for ever.",
    )

    _retention_not_negative = models.Constraint(
        "CHECK (retention_days >= 0 AND ignored_retention_days >= 0)",
        "Days cannot be negative. 0 keeps for ever.",
    )

    @api.model
    def _cron_retain(self):
        """Let go of all that is due, some rows a transaction; a bad row never blocks the next."""
        mentions, deliveries = self.env["social.care.mention"], self.env["social.care.delivery"]
        for records, rows, method in (
            (mentions, self._is_deleted(), "_blank_deleted"),
            (mentions, self._is_ignored_long_enough(), "_blank_ignored"),
            (mentions, self._is_raw_long_enough(), "_purge_raw"),
            (deliveries, self._is_failed_long_enough(), "_purge_body"),
        ):
            failed = []  # ids: one try a run
            while ids := self._find_due(records, rows, failed):
                if not self._run_batch(records.browse(ids), method, failed):
                    # Else Odoo would take it for done until tomorrow.
                    self.env["ir.cron"]._commit_progress(remaining=1)
                    return

    @api.model
    def _find_due(self, records, rows, failed):
        """Ids of some rows that are due."""
        records.flush_model()
        return [
            row[0] for row in self.env.execute_query(self._get_due_query(records, rows, failed))
        ]

    @api.model
    def _get_due_query(self, records, rows, failed):
        """Those of some rows r of a table that no legal hold keeps."""
        not_held = SQL()
        if records._name == "social.care.mention":
            not_held = SQL(
                """AND NOT EXISTS (SELECT 1 FROM helpdesk_ticket t
                                    WHERE t.id = r.ticket_id AND t.social_legal_hold)"""
            )
        return SQL(
            "SELECT r.id FROM (%s) r WHERE r.id != ALL(%s) %s LIMIT %s",
            rows,
            failed,
            not_held,
            BATCH,
        )

    # -- What is due: rows with their id, of messages also their ticket ------------------

    @api.model
    def _is_deleted(self):
        """Deleted by the customer while a legal hold kept it."""
        return SQL(
            """SELECT id, ticket_id FROM social_care_mention
                WHERE deleted_at IS NOT NULL AND blanked_at IS NULL"""
        )

    @api.model
    def _is_ignored_long_enough(self):
        return self._older_than(
            "ignored_retention_days", "decided_at", SQL("state = 'ignored' AND blanked_at IS NULL")
        )

    @api.model
    def _is_raw_long_enough(self):
        return self._older_than(
            "retention_days", "received_at", SQL("(raw IS NOT NULL OR context IS NOT NULL)")
        )

    @api.model
    def _older_than(self, days, moment, condition):
        """Messages that an account has kept for its number of days."""
        return SQL(
            """SELECT m.id, m.ticket_id
                 FROM social_care_account a
                      -- OFFSET 0: account by account through the index; joined, all are read.
           CROSS JOIN LATERAL (SELECT id, ticket_id FROM social_care_mention
                                WHERE account_id = a.id AND %(condition)s
                                  AND %(moment)s < %(now)s - a.%(days)s * interval '1 day'
                               OFFSET 0) m
                WHERE a.%(days)s > 0""",
            condition=condition,
            moment=SQL.identifier(moment),
            days=SQL.identifier(days),
            now=fields.Datetime.now(),
        )

    @api.model
    def _is_failed_long_enough(self):
        """What was not understood; of a call for no account, the longest time among its app's."""
        return SQL(
            """SELECT d.id FROM social_care_delivery d
                WHERE d.state = 'failed' AND d.body IS NOT NULL
                  AND COALESCE(
                      (SELECT bool_and(o.retention_days > 0 AND d.received_at
                                       < %(now)s - o.retention_days * interval '1 day')
                         FROM social_care_account o
                        WHERE o.id = d.account_id
                              OR (d.account_id IS NULL AND o.app_id = d.app_id)),
                      d.received_at < %(now)s - interval '%(days)s days')""",
            now=fields.Datetime.now(),
            days=RETENTION_DAYS,
        )
