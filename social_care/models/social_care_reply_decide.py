from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .. import networks

CANCELLABLE = ("draft", "to_approve", "queued", "failed")
MOST_FOUND = 10  # posts shown of those that may be an answer
EXCERPT = 200  # characters shown of each


class SocialCareReply(models.Model):
    """What people decide about an answer in the outbox: call it off, or say what became of it."""

    _inherit = "social.care.reply"

    found = fields.Json(
        string="Posts that look like it",
        readonly=True,
        copy=False,
        help="What a look on the network found: external_id, url, text, posted_at (naive UTC).",
    )

    def action_cancel(self):
        """Call off what has not left; of several, those that are still here.

        Under the sender's own rule: the state is asked for in the very statement that
        changes it, so that no answer is both called off and sent.
        """
        self._check_acting()
        self.flush_recordset(["state"])
        rows = self.env.execute_query(
            SQL(
                """UPDATE social_care_reply
                      SET state = 'cancelled', found = NULL, error_code = NULL,
                          write_uid = %s, write_date = now() AT TIME ZONE 'UTC'
                    WHERE id IN %s AND state IN %s
                RETURNING id""",
                self.env.uid,
                tuple(self.ids),
                CANCELLABLE,
            )
        )
        cancelled = self.browse([row[0] for row in rows])
        if not cancelled:
            raise UserError(
                self.env._("This answer is on its way or sent. It cannot be cancelled.")
            )
        names = ["state", "found", "error_code", "write_uid", "write_date"]
        cancelled.invalidate_recordset(names, flush=False)
        cancelled.modified(["state"])
        cancelled._forget_asking()
        # Who closed the ticket meanwhile relied on it.
        cancelled.sudo().ticket_id.filtered("closed")._social_care_closed()
        left = len(self) - len(cancelled)
        if not left:
            return True
        return self.env["social.care.account"]._notify_user(
            self.env._("%(count)s cancelled", count=len(cancelled)),
            self.env._("%(count)s are on their way or sent.", count=left),
            "warning",
        )

    def action_confirm_sent(self):
        """A person looked: it is there."""
        self._check_undecided()
        self.sudo().write({"state": "sent", "sent_at": fields.Datetime.now(), "found": False})
        self._wake("social_care.ir_cron_publish")
        return True

    def action_confirm_absent(self):
        """A person looked: it is not there. Send it."""
        self._check_undecided()
        self.sudo()._queue_now()
        return True

    def action_choose_found(self, external_id):
        """A person looked: this of the posts that were found is the answer."""
        self.ensure_one()
        self._check_undecided()
        post = next((item for item in self.found or [] if item["external_id"] == external_id), None)
        if post is None or self.sudo()._search_owned([external_id]):
            raise UserError(self.env._("That post is another answer. Choose again."))
        self.sudo()._record_sent(
            networks.Published(external_id, post["url"], post["posted_at"] or None)
        )
        self._wake("social_care.ir_cron_publish")
        return True

    def _check_undecided(self):
        self._check_acting()
        if any(reply.state != "unconfirmed" for reply in self):
            raise UserError(self.env._("Somebody has decided this already."))

    def _note_found(self, posts):
        """Keep what a look found, for a person to look at.

        :param posts: list of ``networks.Published``
        """
        self.found = [
            {
                "external_id": post.external_id,
                "url": post.url,
                "text": post.body[:EXCERPT],
                "posted_at": fields.Datetime.to_string(post.posted_at) or "",
            }
            for post in posts[:MOST_FOUND]
        ]
