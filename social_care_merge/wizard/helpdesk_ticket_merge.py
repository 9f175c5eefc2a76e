from markupsafe import Markup

from odoo import models


class HelpdeskTicketMerge(models.TransientModel):
    _inherit = "helpdesk.ticket.merge"

    def merge_tickets(self):
        """As the helpdesk merges; messages, answers and promises go along."""
        self.check_access("write")
        social = self.ticket_ids.filtered("social_account_id")
        if not social:
            return super().merge_tickets()
        (self.ticket_ids | self.dst_ticket_id).check_access("write")
        # Odoo lets nobody but administrators move messages. A new ticket belongs to the company of the merged.
        wizard = self.sudo().with_company(social[0].company_id)
        action = super(HelpdeskTicketMerge, wizard).merge_tickets()
        self.dst_ticket_id.check_access("write")
        target = wizard.dst_ticket_id
        (social.sudo() - target)._social_care_carry_to(target)
        return action

    def _merge_description(self, tickets):
        social = tickets.filtered("social_account_id")
        # A customer's words are the title: they must not be taken for HTML.
        described = [
            Markup("<p>%s</p>%s") % (ticket.display_name, ticket.description or "")
            for ticket in social
        ]
        if tickets - social:
            described.insert(0, super()._merge_description(tickets - social))
        return "\n".join(described)
