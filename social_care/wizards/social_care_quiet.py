from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class SocialCareQuiet(models.TransientModel):
    """Let a post's comments need no answer until a time; or let them need one again."""

    _name = "social.care.quiet"
    _description = "No tickets from a post"

    mention_id = fields.Many2one("social.care.mention", required=True)
    post_text = fields.Char(string="Post", compute="_compute_post_text")
    rule_id = fields.Many2one("social.care.rule", compute="_compute_rule_id")
    rule_until = fields.Datetime(related="rule_id.until", string="Quiet until")
    days = fields.Selection(
        [("1", "A day"), ("3", "Three days"), ("7", "A week"), ("30", "A month")],
        string="For",
        default="7",
    )
    until = fields.Datetime(
        required=True, compute="_compute_until", store=True, readonly=False, precompute=True
    )

    @api.depends("mention_id")
    def _compute_post_text(self):
        for wizard in self:
            context = wizard.mention_id.context or {}
            post = context.get("root") or context.get("parent") or {}
            wizard.post_text = post.get("text") or wizard.mention_id.thread_external_id

    @api.depends("mention_id")
    def _compute_rule_id(self):
        for wizard in self:
            mention = wizard.mention_id
            # A manager's rule, for ever or for more accounts, is not this dialog's to change.
            wizard.rule_id = mention._get_rules().filtered(
                lambda rule, mention=mention: (
                    rule.thread_external_id == mention.thread_external_id
                    and rule.account_ids == mention.account_id
                    and rule.action == "ignore"
                    and rule.until
                )
            )[:1]

    @api.constrains("mention_id")
    def _check_mention_id(self):
        """A dialog shows the beginning of its message, to whom it may be shown."""
        # Constraints run as superuser.
        self.with_user(self.env.user).mention_id.check_access("write")

    @api.depends("days")
    def _compute_until(self):
        for wizard in self:
            wizard.until = fields.Datetime.now() + timedelta(days=int(wizard.days or 0))

    def action_apply(self):
        """Make the rule, below those for what still needs an answer."""
        mention = self._check()
        if self.until <= fields.Datetime.now():
            raise UserError(self.env._("Choose a time in the future."))
        if self.rule_id:
            self.rule_id.sudo().until = self.until
        else:
            self.env["social.care.rule"].sudo().create(self._prepare_rule(mention))
        return {"type": "ir.actions.act_window_close"}

    def action_end(self):
        """Comments on the post make tickets again."""
        self._check()
        self.rule_id.sudo().active = False
        return {"type": "ir.actions.act_window_close"}

    def _check(self):
        """Managers write rules; this one is for whoever may decide on the message."""
        self.ensure_one()
        mention = self.mention_id
        mention._check_deciding()
        if not mention.can_quiet:
            raise UserError(self.env._("This message was not said below a post."))
        return mention

    def _prepare_rule(self, mention):
        text = self.post_text or ""
        return {
            "name": self.env._(
                "No tickets from “%(post)s”", post=text[:40] + ("…" if len(text) > 40 else "")
            ),
            "sequence": self._get_sequence(mention.company_id),
            "company_id": mention.company_id.id,
            "account_ids": [Command.set(mention.account_id.ids)],
            "thread_external_id": mention.thread_external_id,
            "action": "ignore",
            "reason_id": self.env.ref("social_care.reason_giveaway").id,
            "until": self.until,
        }

    @api.model
    def _get_sequence(self, company):
        """Right below the last rule that tells what needs an answer on any post.

        Severe messages, questions, complaints and requests pass; newer rules follow older
        ones of the same sequence.
        """
        needs_answer = Domain("severe", "=", True) | Domain(
            "intent", "in", ("question", "complaint", "request")
        )
        here = Domain("action", "=", "ticket") & Domain("company_id", "in", [False, company.id])
        rules_sudo = self.env["social.care.rule"].sudo()
        [(last,)] = rules_sudo._read_group(needs_answer & here, [], ["sequence:max"])
        return last or 0
