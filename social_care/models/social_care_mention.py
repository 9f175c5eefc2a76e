import re

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.modules.db import FunctionStatus

from .helpdesk_ticket_protocol import check_severity
from .social_care_intent import INTENTS

TITLE_LENGTH = 80  # characters of the first message that name a ticket

# What people decide; the rest of a mention comes from its network.
DECISION_FIELDS = {"intent", "severe", "decision_note"}


def index_words(registry):
    """Index of what was said on tickets: their search looks for parts of it.

    None where PostgreSQL has no trigrams; see Odoo's own ``index="trigram"``.
    """
    if not registry.has_trigram or registry.has_unaccent == FunctionStatus.PRESENT:
        return ""
    return f"USING gin ({registry.unaccent('body')} gin_trgm_ops) WHERE ticket_id IS NOT NULL"


class SocialCareMention(models.Model):
    """One thing somebody said to the brand."""

    _name = "social.care.mention"
    _description = "Social care message"
    _inherit = ["social.care.queue", "social.care.export"]
    _order = "posted_at desc, id desc"
    _rec_name = "body"

    account_id = fields.Many2one(
        "social.care.account", required=True, readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="account_id.company_id", store=True, index=True)
    network = fields.Selection(related="account_id.network", store=True)
    external_id = fields.Char(string="ID on the network", required=True, readonly=True)
    kind = fields.Selection(
        [
            ("mention", "Mention"),
            ("reply", "Reply"),
            ("comment", "Comment"),
            ("direct", "Private message"),
        ],
        required=True,
        readonly=True,
        default="mention",
    )
    author_id = fields.Many2one("social.care.author", readonly=True, ondelete="restrict")
    body = fields.Text(string="Text", readonly=True)
    lang = fields.Char(string="Language", readonly=True)
    url = fields.Char(string="Address on the network", readonly=True)
    thread_external_id = fields.Char(string="ID of the thread", readonly=True)
    parent_external_id = fields.Char(string="ID of the message before", readonly=True)
    context = fields.Json(readonly=True, help="What stands around it: root, parent, others.")
    context_missing = fields.Boolean(readonly=True)
    context_at = fields.Datetime(
        string="Context read on", readonly=True, help="When the network was last asked for it."
    )
    visibility = fields.Selection(
        [
            ("public", "Public"),
            ("unlisted", "Public, unlisted"),
            ("private", "Followers only"),
            ("direct", "Private"),
        ],
        required=True,
        readonly=True,
        default="public",
    )
    posted_at = fields.Datetime(
        string="Posted on", required=True, readonly=True, help="When the customer said it."
    )
    received_at = fields.Datetime(
        string="Received on", required=True, readonly=True, default=fields.Datetime.now
    )
    edited_at = fields.Datetime(string="Edited on", readonly=True)
    deleted_at = fields.Datetime(string="Deleted on", readonly=True)
    likes = fields.Integer(readonly=True)
    reposts = fields.Integer(readonly=True)
    replies = fields.Integer(readonly=True)
    views = fields.Integer(readonly=True)
    media = fields.Json(readonly=True)
    raw = fields.Json(readonly=True, groups="base.group_system")
    digest = fields.Char(readonly=True, help="Tells whether a repeated page brings a change.")
    addressed = fields.Boolean(
        string="Said to us", readonly=True, help="Off where it only names the brand."
    )
    history = fields.Boolean(
        readonly=True, help="From before the account's start, or imported history: no deadline."
    )
    late = fields.Boolean(
        readonly=True, help="Arrived more than a day late, or after an outage: no alarm."
    )
    state = fields.Selection(
        [
            ("new", "To decide"),
            ("ticket", "Ticket"),
            ("watch", "Keep an eye on"),
            ("ignored", "No answer needed"),
        ],
        default="new",
        required=True,
        readonly=True,
    )
    triaged_at = fields.Datetime(string="Sorted on", readonly=True)
    triage_attempts = fields.Integer(readonly=True)
    triage_until = fields.Datetime(string="A worker has it until", readonly=True)
    reason_id = fields.Many2one("social.care.reason", readonly=True, ondelete="restrict")
    decided_by_id = fields.Many2one("res.users", string="Decided by", readonly=True)
    decided_at = fields.Datetime(string="Decided on", readonly=True)
    decision_note = fields.Char(string="Note")
    watch_until = fields.Datetime(string="Keep an eye on it until", readonly=True)
    intent = fields.Selection(
        INTENTS,
        string="Type",
    )
    severe = fields.Boolean()
    ticket_id = fields.Many2one("helpdesk.ticket", readonly=True, ondelete="restrict")
    reply_ids = fields.One2many("social.care.reply", "mention_id", string="Answers")
    reach = fields.Integer(related="author_id.followers_count", string="Reach")
    author_handle = fields.Char(related="author_id.handle")
    author_name = fields.Char(related="author_id.name")

    _external_id_unique = models.UniqueIndex(
        "(account_id, external_id)", "This message is here already."
    )
    _parent = models.Index(
        "(account_id, parent_external_id, author_id) WHERE parent_external_id IS NOT NULL"
    )
    _thread = models.Index(
        "(account_id, thread_external_id, author_id, id) WHERE thread_external_id IS NOT NULL"
    )
    _author = models.Index("(author_id, account_id)")
    _conversation = models.Index("(author_id, account_id, posted_at) WHERE ticket_id IS NOT NULL")
    _triage_queue = models.Index("(id) WHERE state = 'new' AND triaged_at IS NULL")
    _triage_busy = models.Index(
        "(author_id) WHERE state = 'new' AND triaged_at IS NULL AND triage_until IS NOT NULL"
    )
    _inbox = models.Index("(posted_at) WHERE state IN ('new', 'watch')")
    # The lists of all messages, and of those with something few have, begin with the newest.
    _posted = models.Index("(posted_at, id)")
    _marked = models.Index(
        """(posted_at, id)
           WHERE severe IS TRUE OR deleted_at IS NOT NULL OR woken_at IS NOT NULL
                 OR liked_at IS NOT NULL OR hidden_at IS NOT NULL"""
    )
    _words = models.Index(index_words)
    _late = models.Index("(account_id, received_at) WHERE late")
    _without_context = models.Index("(account_id, id) WHERE context_missing")
    _ignored_has_reason = models.Constraint(
        "CHECK (state != 'ignored' OR reason_id IS NOT NULL)",
        "Choose why no answer is needed.",
    )
    _ticket_has_ticket = models.Constraint(
        "CHECK (state != 'ticket' OR ticket_id IS NOT NULL)",
        "A message decided as a ticket needs one.",
    )
    _watch_has_end = models.Constraint(
        "CHECK (state != 'watch' OR watch_until IS NOT NULL)",
        "Choose until when to keep an eye on it.",
    )

    @api.depends("body", "author_id")
    def _compute_display_name(self):
        for mention in self:
            text = " ".join((mention.body or "").split())
            # The handles a message begins with say nothing about it.
            text = re.sub(r"^(@\S+\s+)+", "", text)
            short = text[:TITLE_LENGTH] + ("…" if len(text) > TITLE_LENGTH else "")
            mention.display_name = short or self.env._(
                "Message from %(author)s", author=mention.author_id.display_name or "?"
            )

    def write(self, vals):
        # Record rules say whose; this says what. Networks' words are not ours to edit.
        if not self.env.su and set(vals) - DECISION_FIELDS:
            raise AccessError(
                self.env._(
                    "A customer's message cannot be changed. Use the buttons to decide on it."
                )
            )
        check_severity(self, "severe", vals)
        return super().write(vals)

    def action_open_ticket(self):
        self.ensure_one()
        return self.ticket_id._social_care_open()

    def action_open_link(self):
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": self.url, "target": "new"}

    def _decide_ignored(self, reason_code):
        """No answer needed, for a reason of the addon's own."""
        reason = self.env["social.care.reason"].sudo().search([("code", "=", reason_code)], limit=1)
        self.sudo().write(
            {
                "state": "ignored",
                "reason_id": reason.id,
                "decided_by_id": False,
                "decided_at": fields.Datetime.now(),
                "decision_note": False,
                "triaged_at": fields.Datetime.now(),
            }
        )
