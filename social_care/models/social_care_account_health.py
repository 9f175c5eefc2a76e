import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, format_date, format_datetime

from .social_care_roles import MANAGER

_logger = logging.getLogger(__name__)

WARNING = "mail.mail_activity_data_warning"
EXPIRY_DAYS = (14, 3, 1)  # before somebody must log in again
HOUR = timedelta(hours=1)
HOURS_A_WEEK = 168
WEEKS = 4  # of history that make a habit
ENOUGH = 20  # messages in these weeks; with fewer, plain hours count
EXPECTED = 5  # messages that should have come: none of them by chance is one case in 150


class SocialCareAccount(models.Model):
    """Whether an account is well, in plain words, and who is told when it is not."""

    _inherit = "social.care.account"

    silent_since = fields.Datetime(readonly=True, copy=False, help="Set once people were told.")
    expiry_told = fields.Integer(string="Warned days before the end", readonly=True, copy=False)
    health_warning = fields.Text(string="Look at this", compute="_compute_health_warning")
    queue_problems = fields.Text(
        string="Late queues",
        compute="_compute_queue_problems",
        groups=MANAGER,
    )

    @api.depends("silent_since", "expiry_told", "token_expires_at", "error_code", "lost_until")
    @api.depends_context("lang", "tz")
    def _compute_health_warning(self):
        for account in self:
            account.health_warning = "\n".join(account._get_health_warnings()) or False

    def _compute_queue_problems(self):
        self.queue_problems = "\n".join(self._get_queue_problems()) or False

    def _get_health_warnings(self):
        """Sentences for people; what the state says by itself is left out."""
        warnings = []
        if self.silent_since:
            warnings.append(self._get_silence_text()[1])
        if self.expiry_told and self.token_expires_at:
            warnings.append(self._get_expiry_text()[0])
        if self.error_code == "reads_used_up":
            warnings.append(self._describe_error(self.error_code))
        if self.lost_until:
            warnings.append(self._get_lost_text()[1])
        return warnings

    def _get_trouble(self):
        """Sentences for people who do not see the state: what the network said, then the rest."""
        self.ensure_one()
        said = self.error_text if self.state in ("degraded", "reconnect") else False
        return list(dict.fromkeys(filter(None, [said, *self._get_health_warnings()])))

    # -- Telling people ------------------------------------------------------

    def _tell(self, get_text, to_do=False):
        """Tell those who look after it, each in their language, by inbox or mail.

        :param get_text: account, in the reader's language → (subject, text)
        :param bool to_do: leave them an activity as well
        """
        for user in self._get_caretakers():
            # The activity's own notification would say less.
            account = self.with_context(lang=user.lang, tz=user.tz, mail_activity_quick_update=True)
            subject, text = get_text(account)
            account.message_notify(partner_ids=user.partner_id.ids, subject=subject, body=text)
            if to_do:
                account.activity_schedule(WARNING, summary=subject, note=text, user_id=user.id)

    def _get_caretakers(self):
        """The responsible person and the deputy; who leads its teams, where both have left."""
        named = self.responsible_id | self.deputy_id
        leaders = self.team_line_ids.team_id.user_id
        # An activity of somebody who has left still shows on the account.
        return named.filtered("active") or leaders.filtered("active") or named

    def _call_for_help(self):
        """Tell that the login is dead; once, when it died."""
        self._tell(lambda account: account._get_dead_text(), to_do=True)

    def _get_dead_text(self):
        subject = self.env._("Renew the connection of %(account)s", account=self.name)
        return subject, self._describe_error(self.error_code)

    # -- The hourly look --------------------------------------------------------

    @api.model
    def _cron_health(self):
        """What nobody would notice by looking at messages alone."""
        for problem in self._get_queue_problems():
            _logger.warning("%s", problem)
        accounts = self.search([("state", "!=", "draft")])
        self.env["ir.cron"]._commit_progress(remaining=len(accounts))
        self._run_batches(accounts, "_check_health", size=1)

    def _check_health(self):
        self._check_expiry()
        self._check_silence()

    def _check_expiry(self):
        """Tell 14, 3 and 1 days before the login's end, once each."""
        days_left = EXPIRY_DAYS[0] + 1
        if self.token_expires_at and self.state != "reconnect":
            days_left = (self.token_expires_at - fields.Datetime.now()) / timedelta(days=1)
        due = min((days for days in EXPIRY_DAYS if days_left <= days), default=0)
        told = self.expiry_told
        if due == told:
            return
        self.expiry_told = due
        if due and (not told or due < told):
            self._tell(lambda account: account._get_expiry_text(), to_do=True)
        elif self.state != "reconnect":
            self.activity_unlink([WARNING])  # it was renewed

    def _get_expiry_text(self):
        subject = self.env._(
            "%(account)s: log in again by %(date)s",
            account=self.name,
            date=format_date(self.env, self.token_expires_at),
        )
        return subject, self.env._(
            "Then the network ends the login. Press “Reconnect” on the account before that day."
        )

    # -- Silence ----------------------------------------------------------------

    def _check_silence(self):
        """Tell once when nothing came for ``silence_hours`` of the usual traffic."""
        silent = self._is_silent()
        if silent and not self.silent_since:
            self.silent_since = self.last_received_at or self.since
            self._tell(lambda account: account._get_silence_text())
        elif not silent and self.silent_since:
            self.silent_since = False

    def _get_silence_text(self):
        subject = self.env._("%(account)s is unusually silent", account=self.name)
        return subject, self.env._(
            "No message has come since %(moment)s. Look on the network whether somebody wrote.",
            moment=format_datetime(self.env, self.silent_since),
        )

    def _is_silent(self):
        now, last = fields.Datetime.now(), self.last_received_at or self.since
        if self.state != "connected" or self.silence_hours <= 0 or not last:
            return False
        # Nights and quiet weekends only shorten it: the query is for the rare case.
        return (now - last) / HOUR >= self.silence_hours and (
            self._count_silent_hours(last, now) >= self.silence_hours
        )

    def _count_silent_hours(self, last, now):
        """Hours of usual traffic between two moments, naive UTC.

        An hour of the week counts in full where it brings at least the mean of all hours,
        else in proportion. Where too few messages would have come to tell silence from
        chance, none counts; where four weeks say too little, all hours do.
        """
        counts = self._count_by_hour_of_week(last)
        hours, total = int((now - last) / HOUR), sum(counts.values())
        if total < ENOUGH:
            return hours
        passed = [last + number * HOUR for number in range(min(hours, WEEKS * HOURS_A_WEEK))]
        brought = [counts.get((hour.isoweekday(), hour.hour), 0) for hour in passed]
        if sum(brought) / WEEKS < EXPECTED:
            return 0
        mean = total / HOURS_A_WEEK
        return sum(min(1, count / mean) for count in brought)

    def _count_by_hour_of_week(self, until):
        """Messages of the weeks before a moment: (ISO weekday, hour), UTC → number."""
        rows = self.env.execute_query(
            SQL(
                """SELECT EXTRACT(ISODOW FROM posted_at)::int, EXTRACT(HOUR FROM posted_at)::int,
                          COUNT(*)
                     FROM social_care_mention
                    WHERE account_id = %s AND NOT history AND posted_at > %s AND posted_at <= %s
                 GROUP BY 1, 2""",
                self.id,
                until - timedelta(weeks=WEEKS),
                until,
            )
        )
        return {(day, hour): count for day, hour, count in rows}
