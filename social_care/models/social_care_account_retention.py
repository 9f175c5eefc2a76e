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
        for records, condition, method in (
            (mentions, self._is_deleted(), "_blank_deleted"),
            (mentions, self._is_ignored_long_enough(), "_blank_ignored"),
            (mentions, self._is_raw_long_enough(), "_purge_raw"),
            (deliveries, self._is_failed_long_enough(), "_purge_body"),
        ):
            failed = []  # ids: one try a run
            while ids := self._find_due(records, condition, failed):
                if not self._run_batch(records.browse(ids), method, failed):
                    # Else Odoo would take it for done until tomorrow.
                    self.env["ir.cron"]._commit_progress(remaining=1)
                    return

    @api.model
    def _find_due(self, records, condition, failed):
        """Ids of some rows that are due."""
        records.flush_model()
        return [
            row[0]
            for row in self.env.execute_query(self._get_due_query(records, condition, failed))
        ]

    @api.model
    def _get_due_query(self, records, condition, failed):
        """Rows r of a table, with account a, that meet the condition and no legal hold keeps."""
        not_held = SQL()
        if records._name == "social.care.mention":
            not_held = SQL(
                """AND NOT EXISTS (SELECT 1 FROM helpdesk_ticket t
                                    WHERE t.id = r.ticket_id AND t.social_legal_hold)"""
            )
        return SQL(
            """SELECT r.id FROM %s r LEFT JOIN social_care_account a ON a.id = r.account_id
                WHERE %s AND r.id != ALL(%s) %s LIMIT %s""",
            SQL.identifier(records._table),
            condition,
            failed,
            not_held,
            BATCH,
        )

    # -- What is due: conditions on a row r and its account a ---------------------------

    @api.model
    def _is_deleted(self):
        """Deleted by the customer while a legal hold kept it."""
        return SQL("r.deleted_at IS NOT NULL AND r.blanked_at IS NULL")

    @api.model
    def _is_ignored_long_enough(self):
        return SQL(
            """r.state = 'ignored' AND r.blanked_at IS NULL AND a.ignored_retention_days > 0
               AND r.decided_at < %s - a.ignored_retention_days * interval '1 day'""",
            fields.Datetime.now(),
        )

    @api.model
    def _is_raw_long_enough(self):
        return SQL(
            """(r.raw IS NOT NULL OR r.context IS NOT NULL) AND a.retention_days > 0
               AND r.received_at < %s - a.retention_days * interval '1 day'""",
            fields.Datetime.now(),
        )

    @api.model
    def _is_failed_long_enough(self):
        """What was not understood; of a call for no account, the longest time among its app's."""
        return SQL(
            """r.state = 'failed' AND r.body IS NOT NULL
               AND COALESCE(
                   (SELECT bool_and(o.retention_days > 0 AND r.received_at
                                    < %(now)s - o.retention_days * interval '1 day')
                      FROM social_care_account o
                     WHERE o.id = r.account_id OR (r.account_id IS NULL AND o.app_id = r.app_id)),
                   r.received_at < %(now)s - interval '%(days)s days')""",
            now=fields.Datetime.now(),
            days=RETENTION_DAYS,
        )
