from odoo import models


class HelpdeskTicket(models.Model):
    """Which of the helpdesk's policies a ticket gets: of the response promises, one at a time."""

    _inherit = "helpdesk.ticket"

    def _get_sla(self):
        policies = super()._get_sla()
        responses = policies.filtered(lambda policy: policy.social_target != "stage")
        if self.env.context.get("social_care_promises_only"):
            return responses
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
