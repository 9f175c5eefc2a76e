from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import SQL, format_datetime, format_time

QUARTER = timedelta(minutes=15)
BEFORE = timedelta(hours=2)  # shown before it was found
BARS = 96  # a day


class SocialCareCrisis(models.Model):
    """How it came and went: messages by quarter of an hour."""

    _inherit = "social.care.crisis"

    curve = fields.Html(compute="_compute_curve", sanitize=False)

    @api.depends("mention_ids", "state")
    @api.depends_context("tz", "lang")
    def _compute_curve(self):
        for crisis in self:
            counts = crisis._count_quarters()
            crisis.curve = crisis._draw(counts) if counts else False

    def _count_quarters(self):
        """[(naive UTC beginning of a quarter, number of the account's messages)]."""
        if not self.opened_at:
            return []
        begin = (self.opened_at - BEFORE).replace(minute=0, second=0)
        end = min(self.closed_at or fields.Datetime.now(), begin + QUARTER * BARS)
        self.env["social.care.mention"].flush_model(["account_id", "posted_at", "history"])
        rows = self.env.execute_query(
            SQL(
                """SELECT date_bin('15 minutes', posted_at, %(begin)s), COUNT(*)
                     FROM social_care_mention
                    WHERE account_id = %(account)s AND history IS NOT TRUE
                      AND posted_at >= %(begin)s AND posted_at <= %(end)s
                 GROUP BY 1""",
                begin=begin,
                end=end,
                account=self.account_id.id,
            )
        )
        counts = dict(rows)
        quarters = (end - begin) // QUARTER + 1
        return [
            (begin + QUARTER * number, counts.get(begin + QUARTER * number, 0))
            for number in range(quarters)
        ]

    def _draw(self, counts):
        most = max(count for _moment, count in counts)
        bars = Markup("")
        for moment, count in counts:
            bars += Markup(
                '<div class="flex-fill bg-primary me-1" style="height: %s%%" title="%s: %s"></div>'
            ) % (
                100 * count // max(most, 1),
                format_time(self.env, moment, time_format="short"),
                count,
            )
        return Markup(
            '<div class="d-flex align-items-end border-bottom" style="height: 120px">%s</div>'
            '<div class="d-flex justify-content-between text-muted small">'
            "<span>%s</span><span>%s</span><span>%s</span></div>"
        ) % (
            bars,
            format_datetime(self.env, counts[0][0], dt_format="short"),
            self.env._("at most %(count)s in 15 minutes", count=most),
            format_datetime(self.env, counts[-1][0], dt_format="short"),
        )
