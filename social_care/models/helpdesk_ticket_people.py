from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from .social_care_roles import AGENT

MANY = 20  # earlier tickets that are counted; beyond it is "more than"
MAX_OTHERS = 40  # other open tickets that are shown


class HelpdeskTicket(models.Model):
    """Who is speaking: how often before, which contact, what else they wait for.

    Read when a form shows it. For agents only, as the profiles are.
    """

    _inherit = "helpdesk.ticket"

    social_standing = fields.Selection(
        related="social_author_id.standing", string="Standing", readonly=False, groups=AGENT
    )
    social_history_text = fields.Char(
        string="How often before", compute="_compute_social_history_text", groups=AGENT
    )
    social_contact_id = fields.Many2one(
        related="social_author_id.partner_id", string="Linked contact", groups=AGENT
    )
    social_suggested_id = fields.Many2one(
        "res.partner",
        string="Suggested contact",
        compute="_compute_social_suggestion",
        groups=AGENT,
    )
    social_suggested_text = fields.Char(
        string="Why this contact", compute="_compute_social_suggestion", groups=AGENT
    )
    social_other_ids = fields.Many2many(
        "helpdesk.ticket",
        string="Other open tickets",
        compute="_compute_social_others",
        groups=AGENT,
    )
    social_other_text = fields.Char(
        string="Other open tickets in words", compute="_compute_social_others", groups=AGENT
    )

    _social_author_last = models.Index("(social_author_id, id) WHERE social_author_id IS NOT NULL")
    _social_contact = models.Index("(partner_id) WHERE partner_id IS NOT NULL")

    @api.depends("social_author_id")
    def _compute_social_history_text(self):
        earlier = self._social_care_earlier()
        last = self.sudo().browse(item[-1] for item in earlier.values() if item)
        last.fetch(["stage_id", "social_first_response_at", "social_waiting_since"])
        for ticket in self:
            ids = earlier.get(ticket._origin.id)
            if not ticket.social_author_id:
                ticket.social_history_text = False
            elif not ids:
                ticket.social_history_text = self.env._("first time")
            else:
                ticket.social_history_text = self.env._(
                    "%(often)s · last: %(outcome)s",
                    often=self._social_care_often(len(ids) + 1),
                    outcome=self.sudo().browse(ids[-1])._social_care_outcome_text(),
                )

    def _social_care_earlier(self):
        """Ids of the earlier tickets of each ticket's customer, oldest first, a few at most."""
        return dict(self.env.execute_query(self._social_care_earlier_query())) if self.ids else {}

    def _social_care_earlier_query(self):
        self.env["social.care.author"].flush_model(["person_key"])
        self.flush_model(["social_author_id", "active"])
        return SQL(
            """SELECT t.id, ARRAY_AGG(e.id ORDER BY e.id)
                 FROM helpdesk_ticket t
                 JOIN social_care_author a ON a.id = t.social_author_id
                 JOIN LATERAL (SELECT a.id UNION
                               SELECT p.id FROM social_care_author p
                                WHERE p.person_key = a.person_key) profile ON TRUE
                 JOIN LATERAL (SELECT e.id FROM helpdesk_ticket e
                                WHERE e.social_author_id = profile.id
                                  AND e.id < t.id AND e.active
                             ORDER BY e.id DESC LIMIT %s) e ON TRUE
                WHERE t.id = ANY(%s)
             GROUP BY t.id""",
            MANY,
            self.ids,
        )

    @api.model
    def _social_care_often(self, number):
        """How often they wrote, in words: from the second time on."""
        if number > MANY:
            return self.env._("more than %(number)s times", number=MANY)
        if number == 2:
            return self.env._("2nd time")
        if number == 3:
            return self.env._("3rd time")
        return self.env._("%(number)sth time", number=number)

    def _social_care_outcome_text(self):
        """How it ended, as far as we know."""
        if self.closed:
            return self.env._("closed")
        if self.social_first_response_at and not self.social_waiting_since:
            return self.env._("answered")
        return self.env._("still open")

    @api.depends("social_author_id.partner_id")
    def _compute_social_suggestion(self):
        for ticket in self:
            author = ticket.social_author_id
            unlinked = author and not author.sudo().partner_id
            suggested = author._suggest_contacts(limit=1) if unlinked else []
            partner, reason = suggested[0] if suggested else (False, False)
            ticket.social_suggested_id = partner
            ticket.social_suggested_text = reason

    @api.depends("social_author_id.person_key", "partner_id")
    def _compute_social_others(self):
        """The customer's other open tickets of every channel, as far as the user may see them."""
        people = self.sudo().social_author_id._get_people()
        domains = {
            ticket: ticket._social_care_others_domain(people[ticket.sudo().social_author_id])
            for ticket in self
            if ticket.social_author_id
        }
        limit = MAX_OTHERS * len(domains)
        found = self.search(Domain.OR(domains.values()), order="id desc", limit=limit)
        for ticket in self:
            others = found.filtered_domain(domains[ticket]) if ticket in domains else self.browse()
            ticket.social_other_ids = others[:MAX_OTHERS]
            ticket.social_other_text = self._social_care_others_text(others) if others else False

    def _social_care_others_domain(self, person):
        self.ensure_one()
        theirs = Domain("social_author_id", "in", person.ids)
        if self.partner_id:
            theirs |= Domain("partner_id", "=", self.partner_id.id)
        open_here = Domain("closed", "=", False) & Domain("company_id", "=", self.company_id.id)
        return theirs & open_here & Domain("id", "!=", self._origin.id)

    @api.model
    def _social_care_others_text(self, others):
        channels = ", ".join(sorted({name for name in others.channel_id.mapped("name") if name}))
        if len(others) == 1:
            text = self.env._("1 other open ticket")
        elif len(others) < MAX_OTHERS:
            text = self.env._("%(count)s other open tickets", count=len(others))
        else:
            text = self.env._("%(count)s or more other open tickets", count=MAX_OTHERS)
        return f"{text} ({channels})" if channels else text

    # -- What agents press -----------------------------------------------------------

    def _social_care_check_agent(self):
        self.ensure_one()
        if not self.env.user.has_group(AGENT):
            raise AccessError(self.env._("This takes the social care agent role."))
        self.check_access("write")

    def action_social_link_contact(self):
        """Link the suggested contact, by one click; what was shown comes in the context."""
        self._social_care_check_agent()
        partner = self.env["res.partner"].browse(self.env.context.get("social_care_partner"))
        self.social_author_id._link_contact(partner.exists())
        return True

    def action_social_contact(self):
        """All suggestions, a search, or a new contact."""
        self._social_care_check_agent()
        return self.social_author_id.action_link_contact()

    def action_social_unlink_contact(self):
        self._social_care_check_agent()
        self.social_author_id.action_unlink_contact()
        return True

    def action_social_author(self):
        self.ensure_one()
        return self.social_author_id.action_open()

    def action_social_others(self):
        """The contact's other open tickets as a list."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Other open tickets"),
            "res_model": "helpdesk.ticket",
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", self.social_other_ids.ids)],
        }

    def action_social_same_matter(self):
        """This ticket is the same matter as the one it is shown on, and goes there."""
        target = self.browse(self.env.context.get("social_care_into")).exists()
        self._social_care_check_agent()
        target._social_care_check_agent()
        self._social_care_merge_into(target)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
