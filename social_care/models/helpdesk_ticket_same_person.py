from markupsafe import Markup

from odoo import api, fields, models

from .social_care_roles import AGENT


class HelpdeskTicket(models.Model):
    """Perhaps the same person, on another network: a person decides, and may change it."""

    _inherit = "helpdesk.ticket"

    social_twin_id = fields.Many2one(
        "social.care.author",
        string="Perhaps the same person",
        compute="_compute_social_twin",
        groups=AGENT,
    )
    social_twin_text = fields.Char(
        string="Why perhaps the same person", compute="_compute_social_twin", groups=AGENT
    )
    social_twin_ticket_id = fields.Many2one(
        "helpdesk.ticket", string="Their open ticket", compute="_compute_social_twin", groups=AGENT
    )
    social_person_text = fields.Char(
        string="Also known as", compute="_compute_social_person_text", groups=AGENT
    )

    @api.depends("social_author_id.person_key", "social_author_id.not_same_ids")
    def _compute_social_twin(self):
        for ticket in self:
            author = ticket.social_author_id
            alike = author._find_alike(ticket._origin) if author and not ticket.closed else {}
            twin = next(iter(alike), None)
            ticket.social_twin_id = twin
            ticket.social_twin_text = self._social_care_twin_text(twin, alike[twin]) if twin else ""
            theirs = [("social_author_id", "=", twin.id), ("closed", "=", False)] if twin else []
            ticket.social_twin_ticket_id = (
                self.search(theirs, order="id desc", limit=1) if twin else False
            )

    @api.model
    def _social_care_twin_text(self, twin, why):
        values = {"who": twin.display_name, "network": twin._get_network_name()}
        if why == "handle":
            return self.env._("%(who)s has the same handle on %(network)s.", **values)
        return self.env._("%(who)s wrote almost the same on %(network)s.", **values)

    @api.depends("social_author_id.person_key")
    def _compute_social_person_text(self):
        for ticket in self:
            ticket.social_person_text = ", ".join(
                self.env._(
                    "%(who)s on %(network)s",
                    who=f"@{other.handle}" if other.handle else other.display_name,
                    network=other._get_network_name(),
                )
                for other in ticket.social_author_id.person_ids
            )

    def _social_care_twin(self):
        """The profile that was shown when the button was pressed."""
        self._social_care_check_agent()
        return self.env["social.care.author"].browse(self.env.context["social_care_twin"])

    def action_social_join(self):
        """The two profiles are one person; their tickets stay two until somebody says so."""
        twin = self._social_care_twin()
        self.social_author_id._join_person(twin)
        local = self._social_care_in_its_language()
        text = local.env._(
            "The same person as %(who)s on %(network)s.",
            who=twin.display_name,
            network=twin._get_network_name(),
        )
        local.sudo()._social_care_log(Markup("<p>%s</p>") % text, speaker=self.env.user.partner_id)
        return True

    def action_social_join_merge(self):
        """One person and one matter: their other open ticket comes here."""
        ticket = self.browse(self.env.context.get("social_care_ticket")).exists()
        if ticket.social_author_id != self._social_care_twin():
            return self.action_social_join()
        self.action_social_join()
        return ticket.with_context(social_care_into=self.id).action_social_same_matter()

    def action_social_not_same(self):
        self.social_author_id._part_from(self._social_care_twin())
        return True
