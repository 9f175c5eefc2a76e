from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError


class SocialCareDecide(models.TransientModel):
    """Ask why a message needs no answer, or until when to keep an eye on it.

    And whether the others that say the same are decided along.
    """

    _name = "social.care.decide"
    _description = "Decide on social messages"

    mention_ids = fields.Many2many("social.care.mention", string="Messages", required=True)
    decision = fields.Selection(
        [("ignored", "No answer needed"), ("watch", "Keep an eye on"), ("ticket", "Make a ticket")],
        required=True,
        default="ignored",
    )
    reason_id = fields.Many2one(
        "social.care.reason", string="Why", default=lambda self: self._default_reason_id()
    )
    watch_hours = fields.Selection(
        [
            ("4", "4 hours"),
            ("24", "A day"),
            ("72", "3 days"),
            ("168", "A week"),
            ("other", "Another time…"),
        ],
        string="How long",
        default="24",
    )
    watch_until = fields.Datetime(
        string="Until", compute="_compute_watch_until", store=True, readonly=False
    )
    watch_reach = fields.Integer(
        string="Or until",
        help="Likes, shares, replies and views that bring it back before. 0: time alone does.",
    )
    note = fields.Char()
    alike_ids = fields.Many2many("social.care.mention", compute="_compute_alike")
    alike_count = fields.Integer(compute="_compute_alike")
    with_alike = fields.Boolean(string="And those alike")

    @api.model
    def _default_reason_id(self):
        """The one this person chose last: who clears an inbox meets the same again and again."""
        return (
            self.env["social.care.mention"]
            .search(
                [("decided_by_id", "=", self.env.uid), ("state", "=", "ignored")],
                order="decided_at desc",
                limit=1,
            )
            .reason_id.filtered("active")
        )

    @api.depends("watch_hours")
    def _compute_watch_until(self):
        for wizard in self.filtered(lambda item: item.watch_hours != "other"):
            hours = int(wizard.watch_hours or 0)
            wizard.watch_until = hours and fields.Datetime.now() + timedelta(hours=hours)

    @api.depends("mention_ids")
    def _compute_alike(self):
        for wizard in self:
            # In a form not saved yet these are copies of the records.
            wizard.alike_ids = wizard.mention_ids._origin._find_alike()
            wizard.alike_count = len(wizard.alike_ids)

    def action_apply(self):
        self.ensure_one()
        mentions = self.mention_ids | self.alike_ids if self.with_alike else self.mention_ids
        mentions._check_deciding()
        if any(mention.state == "ticket" for mention in mentions):
            raise UserError(
                self.env._("A message is on a ticket already. Close the ticket instead.")
            )
        if self.decision == "ticket":
            return mentions._make_tickets()
        if self.decision == "ignored":
            return self._ignore(mentions)
        return self._watch(mentions)

    def _ignore(self, mentions):
        if not self.reason_id:
            raise UserError(self.env._("Choose why no answer is needed."))
        mentions._decide(
            {
                "state": "ignored",
                "reason_id": self.reason_id.id,
                "watch_until": False,
                "decision_note": self.note,
            }
        )
        return mentions._tell_decided(
            self.env._(
                "%(count)s decided. No answer needed: %(reason)s",
                count=len(mentions),
                reason=self.reason_id.name,
            )
        )

    def _watch(self, mentions):
        if not self.watch_until or self.watch_until <= fields.Datetime.now():
            raise UserError(self.env._("Choose a time in the future to keep an eye on it."))
        mentions._decide(
            {"state": "watch", "watch_until": self.watch_until, "decision_note": self.note},
            reach=self.watch_reach,
        )
        return mentions._tell_decided(
            self.env._("%(count)s decided. Back in the inbox when it is time.", count=len(mentions))
        )
