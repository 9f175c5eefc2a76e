from odoo import api, fields, models
from odoo.tools import SQL


class SocialCareMention(models.Model):
    """Which message stands for its ticket where tickets are counted by their messages."""

    _inherit = "social.care.mention"

    first_of_ticket = fields.Boolean(
        string="First of its ticket", compute="_compute_first_of_ticket", store=True
    )

    def init(self):
        # A report groups by weeks and hours, of which PostgreSQL only knows that they come of
        # this column. Told its true number of values it sorts a million rows on disk.
        self.env.cr.execute(
            SQL("ALTER TABLE social_care_mention ALTER posted_at SET (n_distinct = 20000)")
        )

    @api.depends("ticket_id.social_mention_ids")
    def _compute_first_of_ticket(self):
        first = {
            ticket: min(ticket.social_mention_ids, key=lambda item: (item.posted_at, item.id))
            for ticket in self.ticket_id
        }
        for mention in self:
            mention.first_of_ticket = mention.ticket_id and first[mention.ticket_id] == mention
