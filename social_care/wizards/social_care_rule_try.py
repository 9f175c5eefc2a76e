from markupsafe import Markup

from odoo import Command, api, fields, models


class SocialCareRuleTry(models.TransientModel):
    """How the last messages would have been decided with a rule, beside how they would be now."""

    _name = "social.care.rule.try"
    _description = "Trying a social care rule"

    name = fields.Char(readonly=True)
    total = fields.Integer(readonly=True)
    matched = fields.Integer(string="Match", readonly=True)
    changed = fields.Integer(string="Decided otherwise", readonly=True)
    summary = fields.Html(readonly=True)
    line_ids = fields.One2many("social.care.rule.try.line", "try_id", readonly=True)

    @api.model
    def _open(self, name, mentions, matched, before, after):
        """Show the comparison.

        :param mentions: the messages tried, the last first
        :param matched: ids of those whom the rule's conditions meet
        :param before, after: id → (state, words)
        """
        changed = {mention_id for mention_id in after if before[mention_id] != after[mention_id]}
        # What changes first, then what the rule matches, then the rest.
        ordered = sorted(mentions._ids, key=lambda key: (key not in changed, key not in matched))
        # sudo: nobody else makes lines, which would show any message by its number
        trial = self.sudo().create(
            {
                "name": name,
                "total": len(mentions),
                "matched": len(matched),
                "changed": len(changed),
                "summary": self._summarise(before, after),
                "line_ids": [
                    Command.create(
                        {
                            "mention_id": mention_id,
                            "matched": mention_id in matched,
                            "changed": mention_id in changed,
                            "before_state": before[mention_id][0],
                            "before_text": before[mention_id][1],
                            "after_state": after[mention_id][0],
                            "after_text": after[mention_id][1],
                        }
                    )
                    for mention_id in ordered
                ],
            }
        )
        return trial._get_records_action(
            name=self.env._("Try it: %(rule)s", rule=name),
            target="new",
            context={"dialog_size": "extra-large"},
        )

    def _summarise(self, before, after):
        """A small table: how many of each decision now, and with the rule."""
        rows = []
        for state, label in self.env["social.care.rule.try.line"]._get_states():
            now, then = (
                sum(decided == state for decided, _text in decisions.values())
                for decisions in (before, after)
            )
            rows.append(
                Markup(
                    '<tr><td>%s</td><td class="text-end">%s</td><td class="text-end">%s</td></tr>'
                )
                % (label, now, Markup("<b>%s</b>") % then if now != then else then)
            )
        head = Markup('<tr><th></th><th class="text-end">%s</th><th class="text-end">%s</th></tr>')
        return Markup('<table class="table table-sm w-auto">%s%s</table>') % (
            head % (self.env._("Now"), self.env._("With this rule")),
            Markup("").join(rows),
        )


class SocialCareRuleTryLine(models.TransientModel):
    """A message, as it would be decided now and with the rule."""

    _name = "social.care.rule.try.line"
    _description = "Message tried with a social care rule"
    _order = "id"

    try_id = fields.Many2one("social.care.rule.try", required=True, ondelete="cascade", index=True)
    mention_id = fields.Many2one("social.care.mention", required=True, ondelete="cascade")
    body = fields.Text(related="mention_id.body")
    author_id = fields.Many2one(related="mention_id.author_id")
    posted_at = fields.Datetime(related="mention_id.posted_at")
    matched = fields.Boolean(string="Matches", help="This rule's conditions are met.")
    changed = fields.Boolean()
    before_state = fields.Selection(selection=lambda self: self._get_states(), string="Now")
    before_text = fields.Char(string="By")
    after_state = fields.Selection(
        selection=lambda self: self._get_states(), string="With this rule"
    )
    after_text = fields.Char(string="By what")

    def _get_states(self):
        """The decisions on a message, in the user's language."""
        return self.env["social.care.mention"]._fields["state"]._description_selection(self.env)
