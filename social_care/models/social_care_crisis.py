from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_datetime

from .social_care_roles import REVIEWER

# What people change; the rest follows from the buttons.
USER_FIELDS = {"owner_id", "statement", "wording_ids"}


class SocialCareCrisis(models.Model):
    """A storm on one account, while it lasts and after."""

    _name = "social.care.crisis"
    _description = "Crisis"
    _inherit = ["mail.thread", "mail.activity.mixin", "social.care.queue", "social.care.export"]
    _order = "opened_at desc, id desc"

    account_id = fields.Many2one(
        "social.care.account", required=True, readonly=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one(related="account_id.company_id", store=True)
    state = fields.Selection(
        [("open", "Open"), ("closed", "Closed")],
        default="open",
        required=True,
        readonly=True,
        tracking=True,
    )
    trigger = fields.Selection(
        [
            ("complaints", "Many complain"),
            ("volume", "Many write"),
            ("reach", "A complaint that many read"),
            ("copies", "A text that spreads"),
            ("manual", "By hand"),
        ],
        required=True,
        readonly=True,
    )
    trigger_text = fields.Char(string="Why", readonly=True)
    text_key = fields.Char(
        readonly=True, help="What all copies of a spreading text have in common."
    )
    mention_ids = fields.One2many(
        "social.care.mention", "crisis_id", string="Customer messages", readonly=True
    )
    ticket_ids = fields.One2many(
        "helpdesk.ticket", "social_crisis_id", string="Tickets", readonly=True
    )
    mention_count = fields.Integer(compute="_compute_counts")
    ticket_count = fields.Integer(compute="_compute_counts")
    answer_count = fields.Integer(compute="_compute_counts")
    owner_id = fields.Many2one(
        "res.users", tracking=True, domain="[('share', '=', False)]", help="Leads through it."
    )
    statement = fields.Text(string="What we say", help="For colleagues: what is known and said.")
    wording_ids = fields.One2many("social.care.crisis.wording", "crisis_id", string="Wordings")
    opened_at = fields.Datetime(
        string="Opened on", required=True, readonly=True, default=fields.Datetime.now
    )
    closed_at = fields.Datetime(string="Closed on", readonly=True, copy=False)
    review = fields.Text(readonly=True, copy=False, help="What we learned, written at the end.")

    _one_open = models.UniqueIndex(
        "(account_id) WHERE state = 'open'", "There is an open crisis on this account already."
    )

    @api.depends("account_id", "opened_at")
    @api.depends_context("lang", "tz")
    def _compute_display_name(self):
        for crisis in self:
            crisis.display_name = self.env._(
                "%(account)s, %(when)s",
                account=crisis.account_id.name,
                when=format_datetime(self.env, crisis.opened_at, dt_format="short"),
            )

    @api.depends("mention_ids", "ticket_ids", "answer_ids")
    @api.depends_context("uid")
    def _compute_counts(self):
        """As many as the lists behind the buttons show this reader."""
        mentions, tickets, answers = (
            dict(self.env[model]._read_group([(field, "in", self.ids)], [field], ["__count"]))
            for model, field in (
                ("social.care.mention", "crisis_id"),
                ("helpdesk.ticket", "social_crisis_id"),
                ("social.care.reply", "crisis_id"),
            )
        )
        for crisis in self:
            crisis.mention_count = mentions.get(crisis, 0)
            crisis.ticket_count = tickets.get(crisis, 0)
            crisis.answer_count = answers.get(crisis, 0)

    def write(self, vals):
        if not self.env.su and any(
            name in self._fields and name not in USER_FIELDS and not name.startswith("activity_")
            for name in vals
        ):
            raise AccessError(
                self.env._("Only who leads, and what is said, can be changed. Use the buttons.")
            )
        return super().write(vals)

    # -- What people press --------------------------------------------------------

    def action_close(self):
        """Ask for a short review first."""
        self.ensure_one()
        self._check_leading()
        return self.env["social.care.crisis.close"]._get_records_action(
            name=self.env._("Close the crisis"),
            target="new",
            context={"default_crisis_id": self.id},
        )

    def action_view_mentions(self):
        domain = [("crisis_id", "=", self.id)]
        return self._open_list("social.care.mention", domain, self.env._("Messages"))

    def action_view_tickets(self):
        domain = [("social_crisis_id", "=", self.id)]
        action = self._open_list("helpdesk.ticket", domain, self.env._("Tickets"))
        list_view = self.env.ref("social_care.social_care_crisis_ticket_view_list")
        action["views"] = [(list_view.id, "list"), (False, "form")]
        return action

    def _open_list(self, model, domain, name):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "list,form",
            "domain": domain,
        }

    def _check_leading(self):
        """Whoever leads through it, and reviewers, may end it and speak to all."""
        self.check_access("read")
        user = self.env.user
        if not user.has_group(REVIEWER) and any(crisis.owner_id != user for crisis in self):
            raise AccessError(self.env._("Only who leads the crisis, or a reviewer, can do this."))

    # -- Beginning and end ----------------------------------------------------------

    @api.model
    def _open(self, account, trigger, text, mentions, text_key=""):
        """Open one, as superuser: freeze, gather, name who leads, run the protocol.

        :param text: why, in a sentence
        """
        # Its row first: where another opens one at this moment, the later begins anew and finds it.
        self.env.cr.execute(
            SQL("UPDATE social_care_account SET crisis_id = crisis_id WHERE id = %s", account.id)
        )
        crisis = self.create(
            {
                "account_id": account.id,
                "trigger": trigger,
                "trigger_text": text,
                "text_key": text_key,
                "owner_id": account._get_crisis_owner().id,
            }
        )
        account.crisis_id = crisis
        mentions._put_into_crisis(crisis)
        crisis._run_protocol()
        crisis._tell_owner()
        return crisis

    def _tell_owner(self):
        if self.owner_id:
            local = self.with_context(lang=self.owner_id.lang, tz=self.owner_id.tz)
            local.message_notify(
                partner_ids=self.owner_id.partner_id.ids,
                subject=local.env._("Crisis: %(account)s", account=self.account_id.name),
                body=Markup("<p>%s</p>") % (self.trigger_text or ""),
            )

    def _close(self, review):
        """End it: automatic acknowledgements and routing go on, nobody is forgotten."""
        self.ensure_one()
        if self.state != "open":
            raise UserError(self.env._("This crisis is closed already."))
        self.write({"state": "closed", "closed_at": fields.Datetime.now(), "review": review})
        self.account_id.crisis_id = False
        self._call_off()
        self.ticket_ids.filtered(lambda ticket: not ticket.user_id)._social_care_want_routing()
