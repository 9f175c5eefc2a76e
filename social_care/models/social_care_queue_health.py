from datetime import timedelta

from odoo import api, fields, models

BEHIND = timedelta(minutes=5)
ALIVE = ("connected", "degraded")
# They have their times, and no rows that wait too long.
REGULAR = (
    "ir_cron_health",
    "ir_cron_refresh_tokens",
    "ir_cron_retain",
    "ir_cron_storm",
    "ir_cron_outcome",
    "ir_cron_summary",
    "ir_cron_extract",
)


class SocialCareQueue(models.AbstractModel):
    """Whether the queues move."""

    _inherit = "social.care.queue"

    @api.model
    def _get_queues(self):
        """The crons, each with the model, what waits there, and the field that says since when."""
        untriaged = self.env["social.care.mention"]._get_untriaged()
        held_apart = [("state", "=", "queued"), ("account_id.state", "in", ALIVE)]
        return [
            ("ir_cron_poll", "social.care.account", [("state", "in", ALIVE)], "next_poll_at"),
            (
                "ir_cron_process",
                "social.care.delivery",
                [("state", "=", "received")],
                "received_at",
            ),
            ("ir_cron_triage", "social.care.mention", untriaged, "received_at"),
            ("ir_cron_publish", "social.care.reply", held_apart, "next_try_at"),
            (
                "ir_cron_replan",
                "helpdesk.ticket.sla",
                [("social_replan_at", "!=", False)],
                "social_replan_at",
            ),
            ("ir_cron_route", "social.care.ring", [("result", "=", False)], "expires_at"),
            (
                "ir_cron_watch",
                "helpdesk.ticket.sla",
                [("state", "=", "in_progress")],
                "social_alarm_at",
            ),
            *((cron_name, None, [], None) for cron_name in REGULAR),
        ]

    @api.model
    def _get_queue_problems(self):
        """Sentences about queues whose oldest row waits too long or whose cron is off."""
        problems = []
        for cron_name, model, waiting, field in self.sudo()._get_queues():
            cron = self.env.ref(f"social_care.{cron_name}", raise_if_not_found=False)
            if not cron:
                continue
            name = cron.sudo().name
            if not cron.sudo().active:
                problems.append(
                    self.env._("The scheduled action “%(name)s” is switched off.", name=name)
                )
            minutes, number = self._measure_queue(model, waiting, field) if model else (0, 0)
            if number:
                problems.append(
                    self.env._(
                        "“%(name)s” is behind: %(number)s are waiting, the oldest for "
                        "%(minutes)s minutes. Does Odoo run its scheduled actions?",
                        name=name,
                        number=number,
                        minutes=minutes,
                    )
                )
        return problems

    @api.model
    def _measure_queue(self, model, waiting, field):
        """Minutes the oldest row has waited, and how many rows wait too long."""
        now = fields.Datetime.now()
        domain = [*waiting, (field, "<", now - BEHIND)]
        [(oldest, number)] = (
            self.env[model].sudo()._read_group(domain, [], [f"{field}:min", "__count"])
        )
        return int((now - oldest) / timedelta(minutes=1)) if number else 0, number
