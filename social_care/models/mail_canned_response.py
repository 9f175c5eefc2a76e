from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from .social_care_languages import short_code
from .social_care_roles import AGENT


class MailCannedResponse(models.Model):
    """Good answers: canned responses of a team, each with the question it answered."""

    _inherit = "mail.canned.response"

    social_team_ids = fields.Many2many(
        "helpdesk.ticket.team",
        "social_care_canned_response_team",
        "response_id",
        "team_id",
        string="Teams",
        groups=AGENT,
        help="Their agents find it in the reply dialog.",
    )
    social_account_ids = fields.Many2many(
        "social.care.account",
        "social_care_canned_response_account",
        "response_id",
        "account_id",
        string="Brands",
        groups=AGENT,
        help="Accounts it is meant for. Empty: all.",
    )
    social_lang = fields.Char(
        string="Language", groups=AGENT, help="Code, for instance es. Empty: any."
    )
    social_question = fields.Text(
        string="Question it answered",
        index="trigram",
        copy=False,  # a customer's words have one place, from where they go
        groups=AGENT,
        help="It is suggested when a customer asks the like.",
    )
    # For superusers alone: its name is what was answered, and on whose ticket.
    social_reply_id = fields.Many2one(
        "social.care.reply",
        string="Made from",
        readonly=True,
        copy=False,
        # Without it nothing would lead from erased words to the question made of them.
        ondelete="cascade",
        index="btree_not_null",
        groups="base.group_system",
    )

    @api.constrains("social_team_ids")
    def _check_social_teams(self):
        """Nobody puts words into the picker of a team that is not theirs."""
        user = self.env.user
        if user.has_group("helpdesk_mgmt.group_helpdesk_user"):
            return
        foreign = self.social_team_ids.filtered(lambda team: user not in team.user_ids)
        if foreign:
            raise AccessError(
                self.env._("You are not in the team %(team)s.", team=foreign[0].display_name)
            )

    @api.model_create_multi
    def create(self, vals_list):
        reply = self.env["social.care.reply"].browse(self.env.context.get("social_care_good_reply"))
        if reply:
            reply._check_may_keep()
        responses = super().create([self._with_short_lang(vals) for vals in vals_list])
        if reply:
            responses.sudo().social_reply_id = reply
        return responses

    def write(self, vals):
        if "social_reply_id" in vals and not self.env.su:
            raise AccessError(self.env._("Where an answer comes from cannot be changed."))
        return super().write(self._with_short_lang(vals))

    @api.model
    def _with_short_lang(self, vals):
        if not vals.get("social_lang"):
            return vals
        return {**vals, "social_lang": short_code(vals["social_lang"].strip())}

    def action_social_care_forget(self):
        """Undo: no good answer any more."""
        self.unlink()
        return {"type": "ir.actions.act_window_close"}

    def social_care_used(self):
        """Remember when these were used last, as Odoo's composer does: nobody waits for a lock."""
        self.check_access("read")
        self.env.cr.execute(
            SQL(
                """UPDATE mail_canned_response SET last_used = %s
                    WHERE id IN (SELECT id FROM mail_canned_response WHERE id = ANY(%s)
                                    FOR NO KEY UPDATE SKIP LOCKED)""",
                fields.Datetime.now(),
                self.ids,
            )
        )
        self.invalidate_recordset(["last_used"])
        return True
