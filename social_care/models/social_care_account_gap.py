from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL, format_datetime, format_duration

from .. import networks

GAP = timedelta(hours=1)  # without a good look: an outage, after which the team is told
LATE = timedelta(hours=24)


class SocialCareAccount(models.Model):
    """What was missed while an account could not be read, and what is lost."""

    _inherit = "social.care.account"

    gap_from = fields.Datetime(string="Last outage from", readonly=True, copy=False)
    gap_until = fields.Datetime(string="Last outage until", readonly=True, copy=False)
    gap_told = fields.Boolean(string="Last outage announced", readonly=True, copy=False)
    lost_from = fields.Datetime(string="Out of reach from", readonly=True, copy=False)
    lost_until = fields.Datetime(string="Out of reach until", readonly=True, copy=False)

    def action_forget_lost(self):
        """Somebody has read that there are messages which nobody will see."""
        self.check_access("write")
        self.sudo().write({"lost_from": False, "lost_until": False})
        return True

    def _note_gap(self):
        """Remember an outage when its first page arrives: what was said in it is late."""
        now, last = fields.Datetime.now(), self.last_success_at
        usual = timedelta(minutes=self._get_network_class().poll_minutes)
        # A catching up that broke off goes on with what was missed since.
        seen = self.gap_until if self.gap_from == last else last
        if last and now - seen > max(GAP, 3 * usual):
            self.write({"gap_from": last, "gap_until": now, "gap_told": False})

    def _arrives_late(self, posted_at, received_at):
        """Whether an alarm about a message would come too late to make sense."""
        missed = self.gap_until and self.gap_from <= posted_at < self.gap_until <= received_at
        return bool(missed) or received_at - posted_at > LATE

    def _tell_gap(self):
        """One notice after an outage: how many messages, and how long they really waited."""
        if not self.gap_until or self.gap_told:
            return
        self.gap_told = True
        number, longest, typical = self._measure_gap()
        if number:
            self._tell_team(lambda account: account._get_gap_text(number, longest, typical))

    def _get_gap_text(self, number, longest, typical):
        subject = self.env._("%(account)s: messages were missed", account=self.name)
        return subject, self.env._(
            "From %(start)s to %(end)s nothing could be read. Missed messages: %(number)s. "
            "They are here now. Wait until they arrived (h:min): longest %(longest)s, "
            "typically %(typical)s. Deadlines count from when they were written.",
            start=format_datetime(self.env, self.gap_from),
            end=format_datetime(self.env, self.gap_until),
            number=number,
            longest=format_duration(longest),
            typical=format_duration(typical),
        )

    def _measure_gap(self):
        """Number of missed messages; longest and median wait before they arrived, in hours."""
        self.env["social.care.mention"].flush_model()
        return self.env.execute_query(
            SQL(
                """WITH missed AS (
                       SELECT EXTRACT(EPOCH FROM received_at - posted_at) / 3600 AS wait
                         FROM social_care_mention
                        WHERE account_id = %(account)s AND late AND received_at >= %(until)s
                          AND posted_at >= %(from)s AND posted_at < %(until)s
                          AND NOT history AND deleted_at IS NULL)
                   SELECT COUNT(*), MAX(wait), PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY wait)
                     FROM missed""",
                account=self.id,
                **{"from": self.gap_from, "until": self.gap_until},
            )
        )[0]

    def _note_lost(self, cursor):
        """Remember, and tell, what a walk could not reach any more."""
        lost = [
            (networks.cleaning.clean_datetime(part.get("high")), end)
            for part in (cursor, *cursor.values())
            if isinstance(part, dict)
            and (end := networks.cleaning.clean_datetime(part.get("gap")))
            and (not self.lost_until or end > self.lost_until)
        ]
        if not lost:
            return
        start, end = max(lost, key=lambda span: span[1])
        self.write({"lost_from": start or self.since, "lost_until": end})
        self._tell_team(lambda account: account._get_lost_text())

    def _get_lost_text(self):
        subject = self.env._("%(account)s: messages are out of reach", account=self.name)
        return subject, self.env._(
            "What was written from %(start)s to %(end)s cannot be read any more. "
            "Look for it on the network.",
            start=format_datetime(self.env, self.lost_from),
            end=format_datetime(self.env, self.lost_until),
        )

    def _tell_team(self, get_text):
        """A note on the account, of which its people hear by inbox or mail, as they chose.

        :param get_text: account, in the responsible person's language → (subject, text)
        """
        agents = self.team_line_ids.team_id.user_ids._social_care_agents()
        people = agents | self._get_caretakers()
        reader = self.responsible_id or self.env.user
        account = self.with_context(lang=reader.lang, tz=reader.tz)
        subject, text = get_text(account)
        account.message_post(
            subject=subject,
            body=text,
            partner_ids=people.partner_id.ids,
            subtype_xmlid="mail.mt_note",
        )
