from odoo import api, fields, models
from odoo.fields import Domain

from .social_care_intent import INTENTS

COMPLAINT_MINUTES = 60  # what customers expect of a complaint, on every network
UNFILTERED = (False, "", "[]")


class HelpdeskTicketTeam(models.Model):
    """The promises of a team as a matrix: networks by types of message."""

    _inherit = "helpdesk.ticket.team"

    social_promise_matrix = fields.Html(
        string="First responses",
        compute="_compute_social_promise_matrix",
        sanitize=False,
        groups="base.group_user",  # in the portal nobody reads channels
    )

    @api.depends("resource_calendar_id", "use_sla")
    @api.depends_context("lang")
    def _compute_social_promise_matrix(self):
        for team in self:
            team.social_promise_matrix = bool(team._origin) and self.env["ir.qweb"]._render(
                "social_care.promise_matrix",
                {
                    "intents": [label for _code, label in self._social_care_intents()],
                    "rows": team._origin._social_care_promise_rows(),
                },
            )

    def action_social_recommended_promises(self):
        """Write the promises that customers expect, as policies of this team to edit.

        What is there already, changed or archived by people, stays as it is.
        """
        self.ensure_one()
        policies = self.env["helpdesk.sla"].with_context(active_test=False)
        known = {
            (policy.social_channel_ids, policy.social_intent)
            for policy in policies.search(
                [("social_target", "=", "first_response"), ("team_ids", "=", self.id)]
            )
        }
        policies.create(
            [
                values
                for channel, intent, values in self._social_care_recommended()
                if (channel, intent) not in known
            ]
        )
        self.use_sla = True
        return True

    def _social_care_recommended(self):
        """(channel, intent, values of its policy) for each network that can be answered."""
        complaint = dict(self._social_care_intents())["complaint"]
        for network, channel in self._social_care_answered_networks():
            for intent, minutes in (
                (False, network.recommended_minutes),
                ("complaint", COMPLAINT_MINUTES),
            ):
                name = self.env._("%(network)s: first response", network=network.name)
                values = {
                    "name": f"{name} ({complaint})" if intent else name,
                    "team_ids": [fields.Command.set(self.ids)],
                    "company_id": self.company_id.id,
                    "social_target": "first_response",
                    "social_channel_ids": [fields.Command.set(channel.ids)],
                    "social_intent": intent,
                    "hours": minutes // 60,
                    "social_minutes": minutes % 60,
                }
                yield channel, intent, values

    def _social_care_answered_networks(self):
        """(network class, its helpdesk channel), by name."""
        channels = self.env["helpdesk.ticket.channel"]
        networks = self.env["social.care.account"]._get_network_classes()
        for code, network in sorted(networks.items(), key=lambda item: item[1].name):
            if network.supports_publish:
                yield network, channels._social_care_find(code, network.name)

    def _social_care_promise_rows(self):
        """One row a network: its name, and for each type the strictest promise that applies.

        :return: list of ``{"name": str, "cells": [{"text": str, "id": int} or None]}``
        """
        self.ensure_one()
        policies = self.env["helpdesk.sla"].search(
            Domain("social_target", "=", "first_response")
            & (Domain("team_ids", "=", False) | Domain("team_ids", "=", self.id))
            & Domain("company_id", "in", [False, self.company_id.id])
            & Domain("category_ids", "=", False)
            & Domain("tag_ids", "=", False)
            & Domain("domain", "in", UNFILTERED)
        )
        calendar = self._social_care_calendar()
        return [
            {
                "name": network.name,
                "cells": [
                    self._social_care_promise_cell(policies, channel, intent, calendar)
                    for intent, _label in INTENTS
                ],
            }
            for network, channel in self._social_care_answered_networks()
        ]

    def _social_care_promise_cell(self, policies, channel, intent, calendar):
        applicable = policies.filtered(
            lambda policy: (
                policy.social_intent in (False, intent)
                and (not policy.social_channel_ids or channel in policy.social_channel_ids)
            )
        )
        strictest = applicable.sorted(lambda policy: policy._social_care_hours(calendar))[:1]
        if not strictest:
            return None
        hours, minutes = divmod(round(strictest._social_care_hours(calendar) * 60), 60)
        words = []
        if hours:
            words.append(self.env._("%(hours)s h", hours=hours))
        if minutes:
            words.append(self.env._("%(minutes)s min", minutes=minutes))
        return {"id": strictest.id, "text": " ".join(words)}

    def _social_care_intents(self):
        """The types of message with their names in the reader's language."""
        return self.env["helpdesk.ticket"]._fields["social_intent"]._description_selection(self.env)
