from odoo import api, fields, models
from odoo.tools import SQL


class SocialCareMention(models.Model):
    """Which message stands for its ticket where tickets are counted by their messages."""

    _inherit = "social.care.mention"

    first_of_ticket = fields.Boolean(
        string="First of its ticket",
        compute="_compute_first_of_ticket",
        store=True,
        readonly=False,  # what a write says of it stands; people's writes do not get so far
    )

    # What the analysis usually asks of a message: it is read from here, not from a million wide
    # rows. PostgreSQL wants author and ticket in it also where it leaves their tables out.
    _first = models.Index(
        """(ticket_id)
           INCLUDE (posted_at, network, account_id, company_id, author_id, state, history)
           WHERE first_of_ticket IS TRUE"""
    )
    _analysis = models.Index(
        """(company_id)
           INCLUDE (posted_at, network, account_id, author_id, ticket_id, state, history)
           WHERE first_of_ticket IS NOT TRUE"""
    )

    def init(self):
        # A report groups by weeks and hours, of which PostgreSQL only knows that they come of
        # this column. Told its true number of values it sorts a million rows on disk.
        self.env.cr.execute(
            SQL("ALTER TABLE social_care_mention ALTER posted_at SET (n_distinct = 20000)")
        )

    @api.depends("ticket_id")
    def _compute_first_of_ticket(self):
        """The one that stands for a ticket stays it: others need not be read when somebody goes on."""
        others = [("ticket_id", "in", self.ticket_id.ids), ("id", "not in", self.ids)]
        stands = self.sudo()._read_group([*others, ("first_of_ticket", "=", True)], ["ticket_id"])
        taken = {ticket.id for [ticket] in stands}
        for ticket, mentions in self.grouped("ticket_id").items():
            first = mentions._get_first()
            for mention in mentions:
                mention.first_of_ticket = (
                    bool(ticket) and ticket.id not in taken and mention == first
                )

    def _get_first(self):
        return min(self, key=lambda item: (item.posted_at, item.id))

    @api.model
    def _prepare_from_network(self, account, item, author, reason):
        values = super()._prepare_from_network(account, item, author, reason)
        return values | {"first_of_ticket": False}

    def _begin_ticket(self, ticket):
        """Put these on a ticket made for them, which no others can stand for.

        Computed after the ticket is flushed it would take an UPDATE of its own.
        """
        first = self._get_first()
        first.write({"ticket_id": ticket.id, "first_of_ticket": True})
        if further := self - first:
            further.write({"ticket_id": ticket.id, "first_of_ticket": False})

    def write(self, vals):
        if "ticket_id" not in vals:
            return super().write(vals)
        left = self.sudo().filtered("first_of_ticket").ticket_id
        result = super().write(vals)
        if left:  # another one stands for what remains there
            rest = self.sudo().search([("ticket_id", "in", left.ids)])
            self.env.add_to_compute(self._fields["first_of_ticket"], rest)
        return result
