from odoo import models
from odoo.tools import SQL


class HelpdeskTicket(models.Model):
    """Of two who work on one ticket at once the later meets a conflict, and Odoo tries again.

    What both insert, each unseen by the other, gives no conflict: it is there twice, or an index
    refuses it with an error that Odoo shows. With the ticket's row written before, there is one.
    """

    _inherit = "helpdesk.ticket"

    def _social_care_claim(self):
        """Keep others from these tickets until the commit.

        The row is written too: who waited for the lock has a stale snapshot, and must fail with
        40001 instead of ringing a second person.
        """
        if self:
            self.env.cr.execute(
                SQL(
                    """UPDATE helpdesk_ticket SET social_route_at = social_route_at
                        WHERE id IN (SELECT id FROM helpdesk_ticket
                                      WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE)""",
                    list(self.ids),
                )
            )

    # -- Followers: nobody can follow twice -----------------------------------------

    def _message_auto_subscribe(self, updated_values, followers_existing_policy="skip"):
        if updated_values.get("user_id"):
            self.filtered("social_account_id").flush_recordset(["user_id"])
        return super()._message_auto_subscribe(updated_values, followers_existing_policy)

    def _message_subscribe(self, *args, **kwargs):
        # sudo: whoever may read a ticket may follow it
        self.sudo().filtered("social_account_id")._social_care_claim()
        return super()._message_subscribe(*args, **kwargs)
