"""What people have to do in a crisis: the steps of the protocol, and wordings to be read."""

from markupsafe import Markup

from odoo import api, fields, models

from .social_care_reply_reviewers import find_reviewers

APPROVE = "social_care.mail_activity_type_wordings"


class SocialCareCrisis(models.Model):
    _inherit = "social.care.crisis"

    def _run_protocol(self):
        """The company's plan becomes activities; what it leaves open is the owner's."""
        plan = self.account_id._get_crisis_plan()
        user = self.owner_id or self.env.user
        if plan:
            # A step without words of its own says what its type says, in its reader's language.
            self.env["mail.activity.schedule"].with_context(lang=user.lang).create(
                {
                    "res_model": self._name,
                    "res_ids": str(self.ids),
                    "plan_id": plan.id,
                    "plan_on_demand_user_id": user.id,
                }
            ).action_schedule_plan()

    def _call_off(self):
        """What was due while it lasted is taken off people's lists, and noted; as superuser.

        What somebody planned for later stays.
        """
        self.activity_unlink([APPROVE])
        today = fields.Date.context_today(self.with_context(tz=self.owner_id.tz))
        left = self.activity_ids.filtered(lambda activity: activity.date_deadline <= today)
        if left:
            items = Markup().join(
                Markup("<li>%s (%s)</li>")
                % (activity.summary or activity.activity_type_id.name, activity.user_id.name)
                for activity in left
            )
            _ = self._in_companys_language().env._
            title = _("Not done when the crisis was closed:")
            self.message_post(body=Markup("<p>%s</p><ul>%s</ul>") % (title, items))
            left.unlink()

    def _in_companys_language(self):
        return self.with_context(lang=self.company_id.partner_id.lang or self.env.lang)

    # -- Wordings that wait -----------------------------------------------------------

    def _tell_reviewers(self):
        """Whoever may approve the wordings has it on their list, and nobody else; as superuser."""
        for crisis in self:
            asked = crisis._get_asked()
            told = crisis.activity_search([APPROVE]).user_id
            for user in told - asked:
                crisis.activity_unlink([APPROVE], user_id=user.id)
            for user in asked - told:
                crisis.with_context(lang=user.lang).activity_schedule(APPROVE, user_id=user.id)

    def _end_reading(self):
        """Done by whoever approves; what is left to approve may be others' to read."""
        self.activity_feedback([APPROVE], user_id=self.env.uid)
        self._tell_reviewers()

    def _get_asked(self):
        """Whom a crisis is in the hands of, else reviewers of the account's teams, else all.

        Nobody as long as there are too few wordings to approve.
        """
        waiting = self.wording_ids.filtered(lambda line: not line.approved)
        if self.state != "open" or not waiting or self._find_short():
            return self.env["res.users"]
        # Of several authors each may read the other's.
        reviewers = find_reviewers(self.company_id, waiting.author_id).filtered(
            lambda user: self.with_user(user).has_access("write")
        )
        account = self.account_id
        named = (self.owner_id | account.responsible_id) & reviewers
        return named or reviewers & account.team_line_ids.team_id.user_ids or reviewers


class SocialCareCrisisWording(models.Model):
    _inherit = "social.care.crisis.wording"

    @api.model_create_multi
    def create(self, vals_list):
        wordings = super().create(vals_list)
        wordings.sudo().crisis_id._tell_reviewers()
        return wordings

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"kind", "lang", "text"}:
            self.sudo().crisis_id._tell_reviewers()
        return result

    def unlink(self):
        crises_sudo = self.sudo().crisis_id
        result = super().unlink()
        crises_sudo.exists()._tell_reviewers()
        return result
