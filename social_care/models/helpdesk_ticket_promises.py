import itertools

from odoo import models
from odoo.tools.safe_eval import safe_eval

from .social_care_overrides import is_standard

# What decides which response promise a ticket gets.
CHOOSING = ("_social_care_choose_policies", "_social_care_strictest")
APPLYING = ("_social_care_applies", "_social_care_hours")


class HelpdeskTicket(models.Model):
    """Which of the helpdesk's policies a ticket gets: of the response promises, one at a time."""

    _inherit = "helpdesk.ticket"

    def set_sla(self):
        """Give new tickets their promises: assigned, planned and written together."""
        social = self.filtered("social_account_id")
        if not social or not is_standard(self, "set_sla"):
            return super().set_sla()
        super(HelpdeskTicket, self - social).set_sla()
        social.ticket_sla_ids.unlink()
        policies = social.filtered(lambda ticket: ticket.team_id.use_sla)._social_care_policies()
        self.env["helpdesk.ticket.sla"].create(
            [
                {"ticket_id": ticket.id, "sla_id": policy.id}
                for ticket, of_ticket in policies.items()
                for policy in of_ticket
            ]
        )
        return None

    def _social_care_policies(self):
        """New ticket → what ``_get_sla`` gives it; for tickets alike it is asked once."""
        asked = ("_get_sla", "_get_sla_ticket_domain", *CHOOSING)
        if not is_standard(self, *asked) or not is_standard(self.env["helpdesk.sla"], *APPLYING):
            return {ticket: ticket._get_sla() for ticket in self}
        given = {}
        # What the helpdesk's own domain is made of: to build it for each ticket takes long.
        found_alike = self.grouped(lambda item: (item.team_id, item.tag_ids, item.category_id))
        for tickets in found_alike.values():
            found = self.env["helpdesk.sla"].search(tickets[0]._get_sla_ticket_domain())
            allowed = [
                set(tickets.filtered_domain(safe_eval(policy.domain or "[]"))._ids)
                for policy in found
            ]
            chosen_alike = tickets.grouped(
                lambda item: (
                    tuple(item.id in ids for ids in allowed),  # noqa: B023
                    item.company_id,
                    item.channel_id,
                    item.social_intent,
                    bool(item.social_first_response_at),
                    bool(item.social_waiting_since),
                )
            )
            for (places, *_same), alike in chosen_alike.items():
                policies = found.browse(itertools.compress(found._ids, places))
                given |= dict.fromkeys(alike, alike[0]._social_care_choose_policies(policies))
        return {ticket: given[ticket] for ticket in self}

    def _get_sla(self):
        policies = super()._get_sla()
        if self.env.context.get("social_care_promises_only"):
            return policies.filtered(lambda policy: policy.social_target != "stage")
        return self._social_care_choose_policies(policies)

    def _social_care_choose_policies(self, policies):
        """Of the policies that the helpdesk finds, those that this ticket gets."""
        responses = policies.filtered(lambda policy: policy.social_target != "stage")
        policies -= responses
        if not self.social_account_id:
            return policies
        if not self.team_id.resource_calendar_id:
            # The helpdesk's own clock raises without working hours.
            policies = policies.browse()
        given = self.ticket_sla_ids._social_care_responses().sla_id
        if given or not self.social_waiting_since:
            return policies | given
        return policies | self._social_care_strictest(responses)

    def _social_care_promises(self):
        """All response promises that the helpdesk's own filters let through."""
        return self.with_context(social_care_promises_only=True)._get_sla()

    def _social_care_strictest(self, responses):
        """Of the response promises that apply now, the one that is due first.

        Until we have answered once it is the first response, then the next one.
        """
        calendar = self.team_id._social_care_calendar(self.company_id)
        target = "next_response" if self.social_first_response_at else "first_response"
        applicable = responses.filtered(
            lambda policy: policy.social_target == target and policy._social_care_applies(self)
        )
        return applicable.sorted(lambda policy: policy._social_care_hours(calendar))[:1]
