from odoo import api, fields, models
from odoo.exceptions import UserError

from .social_care_intent import INTENTS

KINDS = ("mention", "reply", "comment", "direct")


class SocialCareRule(models.Model):
    """What to do with a message that starts a matter: the first rule that matches decides."""

    _name = "social.care.rule"
    _description = "Social care rule"
    _order = "sequence, id"

    @api.model
    def _default_sequence(self):
        """Right below the severe ones: a new rule never decides before what is dangerous."""
        [(last,)] = self._read_group([("severe", "=", True)], [], ["sequence:max"])
        return last or 10

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=lambda self: self._default_sequence())
    company_id = fields.Many2one("res.company", help="Empty: for all companies.", index=True)

    # When: what is left empty does not matter.
    account_ids = fields.Many2many("social.care.account", string="Accounts")
    kind_mention = fields.Boolean(string="Mentions")
    kind_reply = fields.Boolean(string="Replies")
    kind_comment = fields.Boolean(string="Comments")
    kind_direct = fields.Boolean(string="Private messages")
    kinds = fields.Char(compute="_compute_kinds", help="The kinds of message in words.")
    keywords = fields.Text(
        string="Words",
        help="One word or phrase a line; one of them is enough. Capitals and accents do not "
        "matter. A * at the end of a word lets it go on. A line with ? is any question, "
        "one with @ anybody tagged, one with :// any link.",
    )
    more_keywords = fields.Text(
        string="And one of", help="Where it is filled, one of these is needed too."
    )
    excluded_keywords = fields.Text(string="Without the words")
    max_words = fields.Integer(
        string="At most words", help="Handles, links and emojis are not counted. 0: any length."
    )
    languages = fields.Char(help="Codes like es, en. A message of unknown language never matches.")
    thread_external_id = fields.Char(
        string="Post", help="The ID of a post on the network: all that is said below it."
    )
    standing = fields.Selection(
        selection=lambda self: (
            self.env["social.care.author"]._fields["standing"]._description_selection(self.env)
        ),
        string="Author's standing",
    )
    addressed = fields.Selection(
        [("yes", "Said to us"), ("no", "Only names us")], string="Said to us"
    )
    schedule = fields.Selection(
        [("any", "At any time"), ("open", "While open"), ("closed", "While closed")],
        string="Hours",
        default="any",
        required=True,
        help="Whether somebody was there when it was posted: of the rule's team, or else of any "
        "team of the account.",
    )
    domain = fields.Char(string="More conditions")
    until = fields.Datetime(help="The rule ends then. Empty: it stays.")

    # What then.
    action = fields.Selection(
        [("ticket", "Make a ticket"), ("watch", "Keep an eye on"), ("ignore", "No answer needed")],
        string="Decision",
        required=True,
        default="ticket",
    )
    reason_id = fields.Many2one("social.care.reason", string="Why", ondelete="restrict")
    watch_hours = fields.Integer(string="For hours", default=24)
    watch_reach = fields.Integer(
        string="Or until",
        help="Likes, shares, replies and views that bring it back before. 0: time alone does.",
    )
    intent = fields.Selection(INTENTS, string="Type")
    severe = fields.Boolean(help="Threats, danger, the law, the press: a protocol is followed.")
    team_id = fields.Many2one("helpdesk.ticket.team", help="Empty: the account's own.")
    category_id = fields.Many2one("helpdesk.ticket.category")
    tag_ids = fields.Many2many("helpdesk.ticket.tag", string="Tags")
    priority = fields.Selection(
        selection=lambda self: (
            self.env["helpdesk.ticket"]._fields["priority"]._description_selection(self.env)
        )
    )
    on_call = fields.Boolean(
        string="Ring outside hours", help="Whoever is on call is rung though the team is closed."
    )
    reviewer_id = fields.Many2one(
        "res.users",
        domain=lambda self: [
            ("all_group_ids", "in", self.env.ref("social_care.social_care_group_reviewer").ids)
        ],
        help="Looks after these tickets with the agent.",
    )
    protocol_note = fields.Html(
        string="Protocol", translate=True, help="Shown on top of the ticket."
    )

    hit_count = fields.Integer(string="Hits", compute="_compute_hits")
    last_hit_at = fields.Datetime(string="Last hit", compute="_compute_hits")

    _ignore_has_reason = models.Constraint(
        "CHECK (action != 'ignore' OR reason_id IS NOT NULL)",
        "Choose why no answer is needed.",
    )
    _watch_has_hours = models.Constraint(
        "CHECK (action != 'watch' OR watch_hours > 0)",
        "Say for how many hours to keep an eye on it.",
    )

    @api.depends("kind_mention", "kind_reply", "kind_comment", "kind_direct")
    @api.depends_context("lang")
    def _compute_kinds(self):
        labels = dict(
            self.env["social.care.mention"]._fields["kind"]._description_selection(self.env)
        )
        for rule in self:
            rule.kinds = ", ".join(labels[kind] for kind in rule._get_kinds()) or False

    def _compute_hits(self):
        hits = {
            rule: values
            for rule, *values in self.env["social.care.mention"]._read_group(
                [("rule_id", "in", self.ids)], ["rule_id"], ["__count", "triaged_at:max"]
            )
        }
        for rule in self:
            rule.hit_count, rule.last_hit_at = hits.get(rule._origin, (0, False))

    def _get_kinds(self):
        """The kinds it is for, as codes; none: for all."""
        return [kind for kind in KINDS if self[f"kind_{kind}"]]

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        used = self.env["social.care.mention"].sudo()
        if used.search_count([("rule_id", "in", self.ids)], limit=1):
            raise UserError(
                self.env._("This rule has decided messages. Archive it in order to keep them.")
            )

    def copy_data(self, default=None):
        return [
            values | {"name": self.env._("%(name)s (copy)", name=rule.name)}
            for rule, values in zip(self, super().copy_data(default), strict=True)
        ]

    def action_open_hits(self):
        """The messages it matched."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "social_care.social_care_mention_action"
        )
        return action | {"domain": [("rule_id", "=", self.id)], "context": {}}
