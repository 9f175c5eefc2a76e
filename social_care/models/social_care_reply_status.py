from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_datetime

OPEN_ACCOUNT = ("connected", "degraded")  # states of an account through which answers go out


class SocialCareAccount(models.Model):
    """Answers that wait for an account, and go out when it is well again."""

    _inherit = "social.care.account"

    held_count = fields.Integer(string="Answers that wait", compute="_compute_held_count")

    @api.depends("state", "active")
    def _compute_held_count(self):
        replies_sudo = self.env["social.care.reply"].sudo()
        held = dict(
            replies_sudo._read_group(
                [("account_id", "in", self.ids), ("state", "in", ("queued", "sending"))],
                ["account_id"],
                ["__count"],
            )
        )
        for account in self:
            account.held_count = 0 if account._is_open() else held.get(account._origin, 0)

    def write(self, vals):
        held = self.browse()
        if vals.keys() & {"state", "active"}:
            held = self.filtered(lambda account: not account._is_open())
        result = super().write(vals)
        released = held.filtered(lambda account: account._is_open())
        if released:
            self.env["social.care.reply"]._release_held(released)
        return result

    def action_view_held(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "social_care.social_care_reply_action"
        )
        domain = [("account_id", "=", self.id), ("state", "in", ("queued", "sending"))]
        return {**action, "domain": domain, "context": {}}

    def _is_open(self):
        """Whether answers go out through it."""
        return self.active and self.state in OPEN_ACCOUNT

    def _describe_hold(self):
        """Why answers wait for this account; "" where they do not."""
        if not self.active:
            return self.env._("It waits: the account is archived.")
        return {
            "reconnect": self.env._("It waits: the account has to be connected again."),
            "paused": self.env._("It waits: the account is paused."),
            "draft": self.env._("It waits: the account is not connected."),
        }.get(self.state, "")


class SocialCareReply(models.Model):
    """Where an answer is on its way, in words."""

    _inherit = "social.care.reply"

    status_text = fields.Char(string="In words", compute="_compute_status_text")
    wait_text = fields.Char(
        string="What it waits for",
        compute="_compute_status_text",
        help="Empty while all is well.",
    )
    is_held = fields.Boolean(string="Held", compute="_compute_is_held", search="_search_is_held")

    @api.depends("state", "account_id.state", "account_id.active")
    def _compute_is_held(self):
        for reply in self:
            reply.is_held = reply.state == "queued" and not reply.sudo().account_id._is_open()

    def _search_is_held(self, operator, value):
        if operator != "in":
            return NotImplemented
        accounts = self.env["social.care.account"].sudo().with_context(active_test=False)
        closed = accounts.search(["|", ("active", "=", False), ("state", "not in", OPEN_ACCOUNT)])
        held = Domain("state", "=", "queued") & Domain("account_id", "in", closed.ids)
        return Domain.OR([held if wanted else ~held for wanted in value])

    @api.depends("state", "error_code", "next_try_at", "attempts", "found", "deleted_at")
    @api.depends("account_id.state", "account_id.active")
    @api.depends_context("lang", "tz")
    def _compute_status_text(self):
        behind = self._filter_behind()
        for reply in self:
            reply.wait_text = False
            if reply.state == "queued":
                reply.wait_text = reply._describe_wait(reply in behind)
            elif reply.state == "sending" and reply.error_code:
                reply.wait_text = self.env._(
                    "The network gave no clear answer: Odoo looks whether it is there."
                )
            if reply.state in ("queued", "sending"):
                reply.status_text = reply.wait_text or self.env._("The answer is on its way.")
            elif reply.state == "unconfirmed" and reply.found:
                reply.status_text = self.env._(
                    "%(count)s posts look like it. Say which one it is.", count=len(reply.found)
                )
            else:
                reply.status_text = reply.error_text or reply.gone_text

    def _filter_behind(self):
        """Queued answers to a message whose answer before is under way or undecided."""
        queued = self.filtered(lambda reply: reply.state == "queued" and reply.mention_id)
        busy = queued and self.sudo()._read_group(
            [
                ("mention_id", "in", queued.mention_id.ids),
                ("state", "in", ("sending", "unconfirmed")),
            ],
            ["mention_id"],
        )
        busy_ids = {mention.id for [mention] in busy or []}
        return queued.filtered(lambda reply: reply.mention_id.id in busy_ids)

    def _describe_wait(self, is_behind):
        """Why a queued answer has not gone out; "" where nothing holds it up."""
        held = self.sudo().account_id._describe_hold()
        if held:
            return held
        if is_behind:
            return self.env._("It waits for the answer before it.")
        if self.error_code and self.next_try_at:
            return self.env._(
                "%(why)s Next try: %(time)s.",
                why=self.error_text,
                time=format_datetime(self.env, self.next_try_at, dt_format="short"),
            )
        return ""

    @api.model
    def _release_held(self, accounts):
        """What was held goes out at once."""
        held = self.sudo().search([("account_id", "in", accounts.ids), ("state", "=", "queued")])
        held.write({"next_try_at": fields.Datetime.now()})
        if held:
            self._wake("social_care.ir_cron_publish")

    @api.model
    def _sql_open_account(self):
        """For the queue's own statements: whether ``account_id`` lets answers out."""
        return SQL(
            """EXISTS (SELECT 1 FROM social_care_account a
                        WHERE a.id = account_id AND a.active AND a.state IN %s)""",
            OPEN_ACCOUNT,
        )
