from datetime import datetime, timedelta

from odoo.tests import tagged

from .common import SocialCareCommon

ZONES = (
    False,
    "UTC",
    "Europe/Madrid",
    "America/Santiago",  # the clocks change at midnight
    "Asia/Kathmandu",  # 5:45 ahead
    "Pacific/Auckland",
)
# Around what begins somewhere: a year, summer time, winter time; and what is out of every range.
MOMENTS = [
    datetime(2025, 12, 31, 23),
    datetime(2026, 3, 29, 1),
    datetime(2026, 4, 5, 3),
    datetime(2026, 9, 6, 4),
    datetime(2026, 10, 25, 1),
    datetime(1999, 12, 31, 23),
    datetime(2126, 1, 1),
]


@tagged("post_install", "-at_install")
class TestReportTime(SocialCareCommon):
    """The analysis has the periods that Odoo's own grouping has."""

    def setUp(self):
        super().setUp()
        moments = [
            moment + timedelta(hours=hours, seconds=-seconds)
            for moment in MOMENTS
            for hours in (-13, -6, -1, 0, 1, 4, 12)
            for seconds in (0, 1)
        ]
        self.account._ingest([self._mention("0")])
        self.domain = [("account_id", "=", self.account.id)]
        [mention] = self.env["social.care.mention"].search(self.domain)
        [values] = mention.copy_data()
        mention.create(
            [
                {**values, "external_id": f"at {number}", "posted_at": moment}
                for number, moment in enumerate(moments)
            ]
        )

    def _read(self, model, period, tz):
        groups = (
            self.env[model]
            .with_context(tz=tz, lang="en_US")
            .formatted_read_group(self.domain, [f"posted_at:{period}"], ["__count"])
        )
        return [(group[f"posted_at:{period}"], group["__count"]) for group in groups]

    def _check(self, period):
        for tz in ZONES:
            ours = self._read("social.care.report", period, tz)
            self.assertEqual(ours, self._read("social.care.mention", period, tz), tz)
            self.assertGreater(len(ours), 2)

    def test_days_months_quarters_and_years(self):
        for period in ("day", "month", "quarter", "year"):
            self._check(period)

    def test_weeks_begin_as_the_language_has_it(self):
        for weekday in ("1", "7", "6"):
            self.env["res.lang"].search([("code", "=", "en_US")]).week_start = weekday
            self._check("week")
