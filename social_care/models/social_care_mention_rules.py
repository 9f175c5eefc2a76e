from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Command, Domain

from .social_care_rule_match import SocialCareRules


class SocialCareMention(models.Model):
    """What the rules make of messages: one write a rule and batch."""

    _inherit = "social.care.mention"

    rule_id = fields.Many2one(
        "social.care.rule",
        readonly=True,
        ondelete="restrict",
        help="The rule that matched.",
    )

    _rule = models.Index("(rule_id, company_id, triaged_at) WHERE rule_id IS NOT NULL")

    @api.model
    def _get_rules(self):
        """The rules in force, in their order."""
        alive = Domain("until", "=", False) | Domain("until", ">", fields.Datetime.now())
        return self.env["social.care.rule"].sudo().search(alive)

    def _match_rules(self):
        """Id of a mention → the first rule that matches it."""
        return SocialCareRules(self._get_rules()).decide(self) if self else {}

    def _filter_opening(self, matched):
        """Those that become a ticket of their own: a rule says so, or they are said to us."""
        return self.filtered(
            lambda item: (
                matched[item.id].action == "ticket" if item.id in matched else item.addressed
            )
        )

    def _group_by_rule(self, matched):
        """Rule → its mentions."""
        ids = {}
        for mention_id in self._ids:
            if mention_id in matched:
                ids.setdefault(matched[mention_id], []).append(mention_id)
        return {rule: self.browse(of_rule) for rule, of_rule in ids.items()}

    def _note_rules(self, matched):
        """Write what holds wherever a mention ends: what it wants, how grave it is."""
        for rule, mentions in self._group_by_rule(matched).items():
            values = {"rule_id": rule.id} if rule.action == "ticket" else {}
            if rule.severe:
                values["severe"] = True
            if values:
                mentions.write(values)
            if rule.intent:
                # What the network or the file said of it stands.
                mentions.filtered(lambda item: not item.intent).write({"intent": rule.intent})

    def _apply_rules(self, matched):
        """Decide those that no conversation took and no rule made a ticket of."""
        now = fields.Datetime.now()
        for rule, mentions in self._group_by_rule(matched).items():
            decision = {"rule_id": rule.id, "decided_at": now}
            if rule.action == "ignore":
                mentions.write({**decision, "state": "ignored", "reason_id": rule.reason_id.id})
            elif rule.action == "watch":
                mentions._start_watch(
                    {**decision, "watch_until": now + timedelta(hours=rule.watch_hours)},
                    rule.watch_reach,
                )

    @api.model
    def _prepare_ticket_from_rules(self, conversation):
        """What the rules of a new ticket's messages say about it, the first to say it first."""
        rules = conversation.mentions.rule_id
        if not rules:
            return {}
        company = conversation.mentions[0].company_id

        def here(records):
            return records.filtered(lambda item: item.company_id <= company)

        values = {}
        if category := here(rules.category_id)[:1]:
            values["category_id"] = category.id
        if tags := here(rules.tag_ids):
            values["tag_ids"] = [Command.set(tags.ids)]
        if priority := max(rules.filtered("priority").mapped("priority"), default=False):
            values["priority"] = priority
        return values
