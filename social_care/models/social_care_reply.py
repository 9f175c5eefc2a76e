import uuid

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

# What a user may write; account, ticket and state follow from the mention and the queue.
USER_FIELDS = {"mention_id", "body", "attachment_ids", "visibility"}


class SocialCareReply(models.Model):
    """The outbox: one message to a network."""

    _name = "social.care.reply"
    _description = "Social care answer"
    _inherit = ["social.care.queue", "social.care.export"]
    _order = "id desc"
    _rec_name = "body"

    mention_id = fields.Many2one(
        "social.care.mention", string="Answer to", ondelete="restrict", index="btree_not_null"
    )
    ticket_id = fields.Many2one(
        related="mention_id.ticket_id", store=True, index="btree_not_null", string="Ticket"
    )
    account_id = fields.Many2one(
        "social.care.account", required=True, readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="account_id.company_id", store=True)
    network = fields.Selection(related="account_id.network")
    origin = fields.Selection(
        [("odoo", "Odoo"), ("network", "Outside Odoo")],
        default="odoo",
        required=True,
        readonly=True,
    )
    kind = fields.Selection(
        [
            ("answer", "Answer"),
            ("acknowledgement", "Acknowledgement"),
            ("holding", "Holding message"),
        ],
        default="answer",
        required=True,
        readonly=True,
    )
    visibility = fields.Selection(
        [
            ("public", "Public"),
            ("private_reply", "Private answer to a comment"),
            ("direct", "Private message"),
        ],
        default="public",
        required=True,
    )
    body = fields.Text(string="Text")
    attachment_ids = fields.Many2many("ir.attachment", string="Pictures")
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("to_approve", "To approve"),
            ("queued", "Queued"),
            ("sending", "Sending"),
            ("sent", "Sent"),
            ("unconfirmed", "Unconfirmed"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
    )
    then_close = fields.Boolean(string="Close after sending", readonly=True)
    idempotency_key = fields.Char(readonly=True, copy=False, default=lambda self: str(uuid.uuid4()))
    claim = fields.Char(readonly=True, copy=False)
    claimed_at = fields.Datetime(string="Claimed on", readonly=True, copy=False)
    attempts = fields.Integer(readonly=True, copy=False)
    queued_at = fields.Datetime(string="Queued on", readonly=True, copy=False)
    next_try_at = fields.Datetime(string="Next try", readonly=True, copy=False)
    error_code = fields.Char(readonly=True, copy=False)
    error_text = fields.Char(string="Why", compute="_compute_error_text")
    external_id = fields.Char(string="ID on the network", readonly=True, copy=False)
    parent_external_id = fields.Char(string="ID of the message before", readonly=True, copy=False)
    url = fields.Char(string="Address on the network", readonly=True, copy=False)
    sent_at = fields.Datetime(string="Sent on", readonly=True, copy=False)
    settled_at = fields.Datetime(
        string="Settled on",
        readonly=True,
        copy=False,
        help="When clocks, chatter and stage followed the sending.",
    )
    said_at = fields.Datetime(
        string="When", compute="_compute_said_at", help="Sent, else queued, else written."
    )
    user_id = fields.Many2one(
        "res.users", string="Written by", readonly=True, default=lambda self: self.env.user
    )
    approver_id = fields.Many2one("res.users", readonly=True, copy=False)
    approved_digest = fields.Char(readonly=True, copy=False)
    text_length = fields.Integer(compute="_compute_text_length")
    max_length = fields.Integer(compute="_compute_text_length")

    _external_id_unique = models.UniqueIndex(
        "(account_id, external_id)", "This answer is here already."
    )
    _one_under_way = models.UniqueIndex(
        "(mention_id) WHERE state IN ('sending', 'unconfirmed')",
        "Another answer to this message is under way. Wait until it is sent.",
    )
    _queue = models.Index("(next_try_at, id) WHERE state = 'queued'")
    _recovery = models.Index("(claimed_at) WHERE state = 'sending'")
    _unsettled = models.Index("(id) WHERE state = 'sent' AND settled_at IS NULL")
    _approval = models.Index("(id) WHERE state = 'to_approve'")
    _orphans = models.Index(
        "(account_id, parent_external_id) WHERE mention_id IS NULL AND parent_external_id IS NOT NULL"
    )

    @api.depends("sent_at", "queued_at", "create_date")
    def _compute_said_at(self):
        for reply in self:
            reply.said_at = reply.sent_at or reply.queued_at or reply.create_date

    @api.depends("error_code")
    @api.depends_context("lang")
    def _compute_error_text(self):
        for reply in self:
            reply.error_text = reply.error_code and self._describe_error(reply.error_code)

    @api.depends("body", "visibility", "mention_id", "account_id")
    def _compute_text_length(self):
        for reply in self:
            count = reply.account_id._count_text(
                reply.body or "", reply.mention_id, reply.visibility
            )
            reply.text_length, reply.max_length = count["length"], count["max_length"]

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            vals_list = [self._prepare_user_values(vals) for vals in vals_list]
            # The context's defaults stay behind: sudo drops them.
            replies = super(SocialCareReply, self.sudo()).create(vals_list).with_env(self.env)
        else:
            for vals in vals_list:
                if vals.get("mention_id") and not vals.get("account_id"):
                    mention = self.env["social.care.mention"].browse(vals["mention_id"])
                    vals["account_id"] = mention.account_id.id
                    vals.setdefault("parent_external_id", mention.external_id)
            replies = super().create(vals_list)
        # Who merges the ticket meanwhile does not see this answer otherwise. The triage, which
        # acknowledges, keeps them away by the customer's row.
        by_people = replies.sudo().filtered(lambda reply: reply.kind != "acknowledgement")
        by_people.ticket_id._social_care_claim()
        return replies

    def write(self, vals):
        if self.env.su:
            return super().write(vals)
        self.check_access("write")
        if set(vals) - USER_FIELDS:
            raise AccessError(self.env._("Only text, pictures and visibility can be changed here."))
        if any(reply.state not in ("draft", "failed", "to_approve") for reply in self):
            raise UserError(self.env._("An answer on its way can no longer be changed."))
        if any(
            reply.mention_id.id != vals.get("mention_id", reply.mention_id.id) for reply in self
        ):
            raise AccessError(
                self.env._("An answer cannot move to another message. Write a new one.")
            )
        if "attachment_ids" in vals:
            self.env["ir.attachment"].browse(self._get_linked_ids(vals)).check_access("read")
        return super(SocialCareReply, self.sudo()).write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        if self.env.su and self.env.context.get("social_care_absorbing"):
            return
        if any(reply.state not in ("draft", "cancelled") for reply in self):
            raise UserError(self.env._("Answers are kept: they are what we told the customer."))

    @api.model
    def _prepare_user_values(self, vals):
        """Only what a user may say; the rest is read from the mention."""
        forbidden = set(vals) - USER_FIELDS
        if forbidden:
            raise AccessError(
                self.env._("Only text, pictures, visibility and the message can be given.")
            )
        mention = self.env["social.care.mention"].browse(vals.get("mention_id"))
        self._check_may_answer(mention)
        self.env["ir.attachment"].browse(self._get_linked_ids(vals)).check_access("read")
        return {
            **self._get_own_defaults(),
            **vals,
            "account_id": mention.sudo().account_id.id,
            "parent_external_id": mention.sudo().external_id,
            "user_id": self.env.uid,
        }

    @api.model
    def _get_own_defaults(self):
        """The fields' own defaults: not those that people keep for themselves (``ir.default``)."""
        return {
            name: field.default(self)
            if field.default
            else ([] if field.type == "many2many" else False)
            for name, field in self._fields.items()
            if field.store and not field.compute and name not in models.MAGIC_COLUMNS
        }

    @api.model
    def _get_linked_ids(self, vals):
        ids = []
        for command in vals.get("attachment_ids") or []:
            if command[0] == 4:
                ids.append(command[1])
            elif command[0] == 6:
                ids.extend(command[2])
            elif command[0] not in (3, 5):
                # As superuser the others would create, change or delete any attachment.
                raise AccessError(self.env._("Upload pictures first, then add them."))
        return ids

    @api.model
    def _check_may_answer(self, mention):
        if not self.env.user.has_group("social_care.social_care_group_agent"):
            raise AccessError(self.env._("Answering takes the social care agent role."))
        if not mention.exists():
            raise UserError(self.env._("Choose the message to answer."))
        mention.check_access("read")
        mention.ticket_id.check_access("write")
        account_sudo = mention.sudo().account_id
        if not account_sudo._is_answered_by(self.env.user, mention.sudo().ticket_id):
            raise AccessError(
                self.env._(
                    "Only its teams answer for %(brand)s. Ask a manager to add you to one.",
                    brand=account_sudo.name,
                )
            )

    def _may_be_sent_by(self, user):
        """Whether somebody may answer this ticket through this account; asked as superuser."""
        self.ensure_one()
        return (
            user.active
            and user.has_group("social_care.social_care_group_agent")
            and self.ticket_id.with_user(user).has_access("write")
            and self.account_id._is_answered_by(user, self.ticket_id)
        )
