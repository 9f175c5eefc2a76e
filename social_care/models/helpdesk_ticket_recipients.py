from odoo import api, models
from odoo.tools import email_normalize

NAMED = 5  # people named; of the others the number


class HelpdeskTicket(models.Model):
    """The chatter's “Send message” is mail: it says whom it reaches, for the customer is elsewhere."""

    _inherit = "helpdesk.ticket"

    def social_care_recipients(self, partner_ids=(), emails=()):
        """Whom a message from the chatter reaches, in words.

        :param partner_ids: recipients chosen beside the followers
        :param emails: addresses chosen that are nobody's contact
        :return: False where the ticket is not from a network, else ``{"text": str, "reached":
            whether the customer gets it, "reply": label of a button that reaches them, or ""}``
        """
        self.ensure_one()
        self.check_access("read")
        if not self.social_account_id:
            return False
        chosen = self.env["res.partner"].browse(partner_ids).exists()._filtered_access("read")
        people = self._social_care_recipient_data(chosen)
        reached = self._social_care_reaches_customer(people, emails)
        names = [person["name"] for person in people] + list(emails)
        network = self.social_network_name
        return {
            "text": self._social_care_describe_recipients(names, reached),
            "reached": reached,
            "reply": self.social_can_reply and self.env._("Reply on %(network)s", network=network),
        }

    def _social_care_recipient_data(self, partners):
        """Whom Odoo would notify of a comment, but for oneself: its own dicts, by name."""
        comment = self.env.ref("mail.mt_comment")
        # sudo: followers are shown to whoever reads the ticket
        followers_sudo = self.env["mail.followers"].sudo()
        data = followers_sudo._get_recipient_data(self.sudo(), "comment", comment.id, partners.ids)
        people = data[self.id].values()
        me = self.env.user.partner_id.id
        return sorted(
            (one for one in people if one["active"] and one["id"] != me),
            key=lambda one: one["name"] or "",
        )

    def _social_care_reaches_customer(self, people, emails):
        """Whether the customer is among them: as contact with an address, or by the address."""
        partner = self.partner_id
        known = {email_normalize(partner.email or ""), email_normalize(self.partner_email or "")}
        known -= {"", False}
        given = {one["email_normalized"] for one in people} | set(map(email_normalize, emails))
        return bool(known & given)

    @api.model
    def _social_care_join_names(self, names):
        shown = ", ".join(names[:NAMED])
        if len(names) > NAMED:
            return self.env._("%(names)s and %(count)s more", names=shown, count=len(names) - NAMED)
        return shown

    def _social_care_describe_recipients(self, names, reached):
        customer = self.social_author_id.sudo().name or self.env._("The customer")
        network = self.social_network_name
        to = (
            self.env._("Goes to %(names)s.", names=self._social_care_join_names(names))
            if names
            else self.env._("Goes to nobody.")
        )
        if reached:
            end = self.env._(
                "%(customer)s gets it by mail, not on %(network)s.",
                customer=customer,
                network=network,
            )
        else:
            end = self.env._(
                "%(customer)s will not see it: they are on %(network)s.",
                customer=customer,
                network=network,
            )
        return f"{to} {end}"
