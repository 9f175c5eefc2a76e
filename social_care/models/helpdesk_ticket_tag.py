from datetime import timedelta

from pytz import timezone

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from .social_care_roles import MANAGER
from .social_care_times import get_monday, to_local, to_utc

WEEK = timedelta(weeks=1)


class HelpdeskTicketTag(models.Model):
    """What customers said with a tag, once a week: for product, sales, logistics."""

    _name = "helpdesk.ticket.tag"
    _inherit = ["helpdesk.ticket.tag", "social.care.queue"]

    social_digest_user_ids = fields.Many2many(
        "res.users",
        "helpdesk_ticket_tag_social_digest_rel",
        "tag_id",
        "user_id",
        string="Weekly extract to",
        # A string: as a list the field would depend on it, and new users be searched too early.
        domain="[('share', '=', False)]",
        copy=False,
        groups=MANAGER,
        help="Gets a mail on Mondays with what customers said on social networks in tickets with "
        "this tag, also those of other teams. Public messages are quoted to everybody named here, "
        "private ones only to those who may read them in Odoo. Nothing said, no mail.",
    )
    social_digest_at = fields.Datetime(
        string="Next extract",
        compute="_compute_social_digest_at",
        store=True,
        groups=MANAGER,
    )

    @api.depends("social_digest_user_ids")
    def _compute_social_digest_at(self):
        now = fields.Datetime.now()
        for tag in self:
            planned = tag.social_digest_at or tag._social_care_monday(now, weeks=1)
            tag.social_digest_at = bool(tag.social_digest_user_ids) and planned

    # -- Actions -----------------------------------------------------------------

    def action_social_send_extract(self):
        """Mail the last seven days to whoever presses it; the readers get theirs on Monday."""
        self.ensure_one()
        user = self.env.user
        if not user.has_group(MANAGER):
            raise AccessError(self.env._("This takes the social care manager role."))
        if not user.email:
            raise UserError(self.env._("You have no e-mail address. Enter it in your preferences."))
        now = fields.Datetime.now()
        if self._social_care_mail_extract(user, now - WEEK, now):
            self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()
            text = self.env._("On its way to %(address)s.", address=user.email)
        else:
            text = self.env._("Nobody said anything with this tag in the last seven days.")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"message": text, "type": "info"},
        }

    # -- Each Monday -------------------------------------------------------------

    @api.model
    def _cron_extract(self):
        """Mail the extracts of weeks that are over."""
        due = self.search([("social_digest_at", "<=", fields.Datetime.now())])
        self.env["ir.cron"]._commit_progress(remaining=len(due))
        self._run_batches(due, "_social_care_extract", size=1)

    def _social_care_extract(self):
        """Mail what was said since the last extract; mails and the next date are saved together."""
        self.ensure_one()
        now = fields.Datetime.now()
        due = self.social_digest_at
        if not due or due > now:
            return  # another worker was here
        # All the weeks that nobody mailed, should Odoo have been down.
        start = self._social_care_monday(due, weeks=-1)
        self._social_care_mail_extract(
            self.social_digest_user_ids, start, self._social_care_monday(now)
        )
        self.social_digest_at = self._social_care_monday(now, weeks=1)

    def _social_care_monday(self, at, weeks=0):
        """The Monday's midnight before a time, or some weeks later: naive UTC both."""
        return to_utc(get_monday(at, self._social_care_zone(), weeks))

    def _social_care_day(self, at):
        """The date of a naive UTC time where the company is."""
        return to_local(at, self._social_care_zone()).date()

    def _social_care_zone(self):
        company = self.company_id or self.env.company
        return timezone(company.sudo().resource_calendar_id.tz or "UTC")

    def _social_care_find_said(self, start, end):
        """Messages that came between two naive UTC times, the most reached first.

        What customers deleted is not repeated; of what was erased there is no text.
        """
        domain = (
            Domain("ticket_id.tag_ids", "in", self.ids)
            & Domain("received_at", ">=", start)
            & Domain("received_at", "<", end)
            & Domain("history", "=", False)
            & Domain("deleted_at", "=", False)
            & Domain("body", "!=", False)
            & Domain("account_id.practice", "=", False)
        )
        if self.company_id:
            domain &= Domain("company_id", "=", self.company_id.id)
        # sudo: each reader gets the part that is theirs, see _social_care_readable_by
        mentions = self.env["social.care.mention"].sudo().search(domain)
        return mentions.sorted(lambda mention: (-mention.reach, -mention.id))
