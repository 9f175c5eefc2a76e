from odoo import api, fields, models
from odoo.fields import Domain

from .social_care_roles import AGENT


class HelpdeskTicket(models.Model):
    """Open orders and invoices of the contact's company, where those apps are installed.

    Neither is required: each is asked for, and with the user's own rights.
    """

    _inherit = "helpdesk.ticket"

    social_orders_text = fields.Char(
        string="Open orders", compute="_compute_social_orders_text", groups=AGENT
    )
    social_invoices_text = fields.Char(
        string="Unpaid invoices", compute="_compute_social_invoices_text", groups=AGENT
    )

    @api.depends("commercial_partner_id")
    def _compute_social_orders_text(self):
        counts = self._social_care_count("sale.order", self._social_care_orders_domain())
        for ticket in self:
            count = counts.get(ticket._social_care_customer(), 0)
            if count > 1:
                ticket.social_orders_text = self.env._("%(count)s orders open", count=count)
            else:
                ticket.social_orders_text = self.env._("1 order open") if count else False

    @api.depends("commercial_partner_id")
    def _compute_social_invoices_text(self):
        domain = self._social_care_invoices_domain()
        today = fields.Date.context_today(self)
        late = Domain("invoice_date_due", "<", today)
        unpaid = self._social_care_count("account.move", domain)
        overdue = self._social_care_count("account.move", domain & late) if unpaid else {}
        for ticket in self:
            customer = ticket._social_care_customer()
            ticket.social_invoices_text = self._social_care_invoices_words(
                unpaid.get(customer, 0), overdue.get(customer, 0)
            )

    @api.model
    def _social_care_invoices_words(self, unpaid, overdue):
        due = unpaid - overdue
        parts = []
        if overdue:
            parts.append(
                self.env._("1 invoice overdue")
                if overdue == 1
                else self.env._("%(count)s invoices overdue", count=overdue)
            )
        if due:
            parts.append(
                self.env._("1 invoice due")
                if due == 1
                else self.env._("%(count)s invoices due", count=due)
            )
        return ", ".join(parts)

    def _social_care_customer(self):
        self.ensure_one()
        return self.commercial_partner_id if self.social_account_id else self.env["res.partner"]

    def _social_care_customers_domain(self):
        customers = self.env["res.partner"].union(
            *(ticket._social_care_customer() for ticket in self)
        )
        return Domain("partner_id.commercial_partner_id", "in", customers.ids) & Domain(
            "company_id", "in", self.company_id.ids
        )

    def _social_care_orders_domain(self):
        """Offers that wait and orders that are not invoiced to the end."""
        return (
            self._social_care_customers_domain()
            & Domain("state", "in", ("sent", "sale"))
            & Domain("invoice_status", "!=", "invoiced")
        )

    def _social_care_invoices_domain(self):
        return (
            self._social_care_customers_domain()
            & Domain("move_type", "=", "out_invoice")
            & Domain("state", "=", "posted")
            & Domain("payment_state", "in", ("not_paid", "partial"))
        )

    def _social_care_count(self, model, domain):
        """Commercial partner → how many records; nothing without the app or the right."""
        asked = any(ticket._social_care_customer() for ticket in self)
        if not asked or model not in self.env or not self.env[model].has_access("read"):
            return {}
        counts = {}
        for partner, count in self.env[model]._read_group(domain, ["partner_id"], ["__count"]):
            customer = partner.sudo().commercial_partner_id.with_env(self.env)
            counts[customer] = counts.get(customer, 0) + count
        return counts

    def action_social_orders(self):
        return self._social_care_open_list("sale.action_orders", self._social_care_orders_domain())

    def action_social_invoices(self):
        return self._social_care_open_list(
            "account.action_move_out_invoice_type", self._social_care_invoices_domain()
        )

    def _social_care_open_list(self, xmlid, domain):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        return action | {"domain": list(domain), "context": {}}
