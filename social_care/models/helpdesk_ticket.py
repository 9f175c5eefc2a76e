from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL, ormcache

from .social_care_intent import INTENTS
from .social_care_roles import AGENT


class HelpdeskTicket(models.Model):
    """A ticket that came from a social network: who, where, and how long they wait.

    Tickets without a social account behave as without this addon.
    """

    _inherit = "helpdesk.ticket"

    social_account_id = fields.Many2one(
        "social.care.account",
        string="Social account",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    social_author_id = fields.Many2one(
        "social.care.author",
        string="Customer's profile",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    social_network = fields.Selection(related="social_account_id.network", store=True)
    # Whoever reads tickets without our roles, in a list or a script, reads them without these.
    social_mention_ids = fields.One2many(
        "social.care.mention",
        "ticket_id",
        string="Customer messages",
        readonly=True,
        groups=AGENT,
    )
    social_reply_ids = fields.One2many(
        "social.care.reply",
        "ticket_id",
        string="Answers",
        readonly=True,
        groups=AGENT,
    )
    social_intent = fields.Selection(
        INTENTS,
        string="Type",
        copy=False,
    )
    social_severe = fields.Boolean(string="Severe", copy=False)
    social_waiting_since = fields.Datetime(
        string="Waiting since",
        readonly=True,
        copy=False,
        help="When the oldest message that nobody answered was posted.",
    )
    social_acknowledged_at = fields.Datetime(string="Acknowledged", readonly=True, copy=False)
    social_first_response_at = fields.Datetime(string="First response", readonly=True, copy=False)
    social_first_response_hours = fields.Float(
        string="First response in working hours", readonly=True, copy=False, aggregator="avg"
    )
    social_first_response_wait_hours = fields.Float(
        string="First response in hours waited", readonly=True, copy=False, aggregator="avg"
    )
    social_deadline = fields.Datetime(
        string="Answer by",
        compute="_compute_social_deadline",
        store=True,
        copy=False,
        help="The next promise that runs out.",
    )
    social_previous_id = fields.Many2one(
        "helpdesk.ticket",
        string="Earlier ticket",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    social_unread = fields.Boolean(
        string="Unread",
        readonly=True,
        copy=False,
        help="The customer wrote and nobody has looked yet.",
    )
    social_network_name = fields.Char(compute="_compute_social_network_name")
    social_last_text = fields.Char(string="Last message", compute="_compute_social_last_text")
    social_deadline_state = fields.Selection(
        [("late", "Late"), ("soon", "Soon"), ("later", "Later")],
        string="Urgency",
        compute="_compute_social_deadline_state",
    )
    social_can_reply = fields.Boolean(string="Can be answered", compute="_compute_social_can_reply")
    social_no_reply_text = fields.Char(
        string="Why no answer is possible", compute="_compute_social_can_reply"
    )

    _social_next = models.Index(
        "(social_deadline, id) WHERE social_account_id IS NOT NULL AND active IS TRUE"
    )
    # A ticket's figures in the analysis, without its other hundred columns.
    _social_analysis = models.Index(
        """(id)
           INCLUDE (social_first_response_at, social_first_response_hours,
                    social_first_response_wait_hours, social_acknowledged_at,
                    social_reopened_count, social_outcome, social_kept_count,
                    social_missed_count)"""
    )

    @api.depends("ticket_sla_ids.state", "ticket_sla_ids.deadline", "social_account_id")
    def _compute_social_deadline(self):
        for ticket in self:
            ticket.social_deadline = ticket.social_account_id and min(
                ticket.ticket_sla_ids.filtered(
                    lambda row: row.state == "in_progress" and row.deadline
                ).mapped("deadline"),
                default=False,
            )

    @api.depends("social_account_id")
    def _compute_social_network_name(self):
        for ticket in self:
            ticket.social_network_name = ticket.sudo().social_account_id._get_network_name()

    @api.depends("social_mention_ids.body")
    def _compute_social_last_text(self):
        # One query for all: a storm's ticket has a thousand messages, of which one is shown.
        self.env["social.care.mention"].flush_model(["ticket_id", "posted_at"])
        rows = self.env.execute_query(
            SQL(
                """SELECT t.id, m.id FROM unnest(%s::int[]) AS t(id)
                     JOIN LATERAL (SELECT id FROM social_care_mention WHERE ticket_id = t.id
                                 ORDER BY posted_at DESC, id DESC LIMIT 1) m ON TRUE""",
                list(self._origin.ids),
            )
        )
        # sudo: who reads the ticket reads what was said last
        mentions = self.env["social.care.mention"].sudo().browse(row[1] for row in rows)
        texts = dict(zip((row[0] for row in rows), mentions.mapped("display_name"), strict=True))
        for ticket in self:
            ticket.social_last_text = texts.get(ticket._origin.id, False)

    @api.depends("social_deadline")
    def _compute_social_deadline_state(self):
        now = fields.Datetime.now()
        for ticket in self:
            if not ticket.social_deadline:
                ticket.social_deadline_state = False
            elif ticket.social_deadline < now:
                ticket.social_deadline_state = "late"
            else:
                hours = (ticket.social_deadline - now).total_seconds() / 3600
                ticket.social_deadline_state = "soon" if hours <= 1 else "later"

    @api.depends_context("uid")
    @api.depends("social_account_id")
    def _compute_social_can_reply(self):
        is_agent = self.env.user.has_group("social_care.social_care_group_agent")
        for ticket in self:
            account = ticket.sudo().social_account_id
            possible = bool(account) and account._can_publish()
            ticket.social_can_reply = is_agent and possible
            ticket.social_no_reply_text = (
                bool(account) and not possible and account._describe_error("cannot_publish")
            )

    @api.model_create_multi
    def create(self, vals_list):
        # What the context and the user's own defaults bring is typed as well.
        proposed = {} if self.env.su else self.default_get(self._social_care_protected())
        for vals in vals_list:
            self._check_social_fields(proposed | vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_social_fields(vals)
        return super().write(vals)

    @api.model
    def _check_social_fields(self, vals):
        """Who wrote, where, and since when they wait is read from the network, not typed."""
        if self.env.su:
            return
        typed = [name for name in self._social_care_protected() if name in vals]
        if typed:
            raise AccessError(
                self.env._(
                    "These fields follow from the messages and cannot be set: %(fields)s.",
                    fields=", ".join(sorted(self._fields[name].string for name in typed)),
                )
            )

    @api.model
    @ormcache()
    def _social_care_protected(self):
        """Names of the fields that the addon alone sets: asked with each write, so looked up once."""
        return tuple(
            name
            for name, field in self._fields.items()
            if name.startswith("social_") and field.store and field.readonly
        )

    # -- The helpdesk's own hook ----------------------------------------------

    def _track_template(self, tracking):
        templates = super()._track_template(tracking)
        ticket = self[0]
        if ticket.social_account_id and (
            self.env.context.get("social_care_moving")
            or not ticket.team_id.social_stage_mails
            or not (ticket.partner_id.email or ticket.partner_email)
        ):
            templates.pop("stage_id", None)
        return templates

    # -- What agents press -------------------------------------------------

    def action_social_reply(self):
        """Open the reply dialog on the customer's last message."""
        self.ensure_one()
        if not self.social_can_reply:
            raise AccessError(
                self.social_no_reply_text
                or self.env._("Answering takes the social care agent role.")
            )
        mention = self.social_mention_ids.sorted()[:1]
        draft = self.env["social.care.reply"]._find_own_draft(self)
        draft._move_to(mention)
        return draft._get_records_action(
            res_id=draft.id,
            name=self.env._(
                "Reply to %(who)s on %(network)s as %(brand)s",
                who=self.social_author_id.display_name or self.partner_name or "",
                network=self.social_network_name,
                brand=self.social_account_id.sudo().name,
            ),
            views=[(self.env.ref("social_care.social_care_reply_view_form_dialog").id, "form")],
            target="new",
            context={
                "default_mention_id": mention.id,
                "social_care_seen_id": max(self.sudo().social_mention_ids.ids, default=False),
                "social_care_undo": True,
                "dialog_size": "extra-large",
            },
        )

    def action_social_seen(self):
        """An agent has looked: the conversation is no longer unread."""
        unread = self.filtered("social_unread")
        if unread and self.env.user.has_group("social_care.social_care_group_agent"):
            unread.check_access("write")
            unread.sudo().with_context(tracking_disable=True).social_unread = False
        return True

    def _social_care_open(self):
        self.ensure_one()
        return self._get_records_action(context={})

    def _social_care_open_next(self):
        """The next conversation that waits, mine or nobody's; else the list."""
        waiting = self.search(
            [
                ("id", "not in", self.ids),
                ("social_account_id", "!=", False),
                ("social_waiting_since", "!=", False),
                ("closed", "=", False),
                ("user_id", "in", (self.env.uid, False)),
            ],
            order="social_deadline, social_severe desc, social_waiting_since, social_reach desc, id",
            limit=1,
        )
        if waiting:
            return waiting._social_care_open()
        return self.env["ir.actions.act_window"]._for_xml_id(
            "social_care.social_care_conversation_action"
        )

    @api.model
    def _social_care_to_html(self, text):
        """Plain text from a network as safe HTML: escaped, lines kept."""
        lines = [escape(line) for line in (text or "").splitlines()]
        return Markup("<p>%s</p>") % Markup("<br/>").join(lines)
