from contextlib import closing

from odoo import models

from .social_care_rule_match import SocialCareRules

TRIED = 500  # messages, the last that came


class SocialCareRule(models.Model):
    """How a rule would have decided, before it is saved."""

    _inherit = "social.care.rule"

    def action_try(self, values):
        """Show how the last messages would have been decided with this rule as it is edited.

        It is saved, with all that is refused at saving, and taken back.

        :param self: the rule, or none for a new one
        :param dict values: what the form would save
        """
        mentions = self.env["social.care.mention"].search([], order="id desc", limit=TRIED)
        before = self._describe_decisions(mentions)
        with closing(self.env.cr.savepoint()):
            rule = self._save_for_trying(values)
            name, matched = rule.name, rule._list_matched(mentions)
            after = self._describe_decisions(mentions)
        return self.env["social.care.rule.try"]._open(name, mentions, matched, before, after)

    def _save_for_trying(self, values):
        values = {**values, "active": True}  # a rule may be tried before it is switched on
        if not self:
            return self.create(values)
        self.ensure_one().write(values)
        self.flush_recordset()
        return self

    def _list_matched(self, mentions):
        """Ids of the messages whose conditions this rule's are, whatever stands above it."""
        return set(SocialCareRules(self).decide(mentions.sudo()))

    def _describe_decisions(self, mentions):
        """Id of a mention → (state, words): what the saved rules make of it.

        As superuser, as when they decide; the messages are those that the user may read.
        """
        decided = SocialCareRules(mentions._get_rules()).decide(mentions.sudo())
        firsts = self._list_first_messages(mentions)
        described = {}
        for mention in mentions:
            rule = decided.get(mention.id)
            if mention.ticket_id and mention.id not in firsts:
                described[mention.id] = ("ticket", self.env._("Joins its conversation"))
            elif rule:
                described[mention.id] = rule._describe_decision()
            elif mention.addressed:
                described[mention.id] = ("ticket", self.env._("No rule: said to us"))
            else:
                described[mention.id] = ("new", self.env._("No rule: only names us"))
        return described

    def _list_first_messages(self, mentions):
        """Ids of the messages that opened their tickets."""
        groups = self.env["social.care.mention"]._read_group(
            [("ticket_id", "in", mentions.ticket_id.ids)], ["ticket_id"], ["id:min"]
        )
        return {first for _ticket, first in groups}

    def _describe_decision(self):
        """(state, words) of what it decides."""
        state = {"ignore": "ignored"}.get(self.action, self.action)
        return state, " · ".join(filter(None, (self.name, self.reason_id.name)))
