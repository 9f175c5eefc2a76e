from datetime import datetime, timedelta

import pytz

from odoo import api, fields, models
from odoo.tools import SQL, get_lang

STEPS = {
    "day": "1 day",
    "week": "1 week",
    "month": "1 month",
    "quarter": "3 months",
    "year": "1 year",
}
FIRST = datetime(2000, 1, 1)
FIRST_MONDAY = datetime(2000, 1, 3)


class SocialCareReport(models.Model):
    """Periods of the reader's calendar, found without converting each message's time.

    The beginnings of the periods are put into UTC, once a query; each message is looked up among
    them. Converting a million times takes longer than all the rest of the query.
    """

    _inherit = "social.care.report"

    def _read_group_groupby(self, alias, groupby_spec, query):
        plain = super()._read_group_groupby(alias, groupby_spec, query)
        name, _colon, period = groupby_spec.partition(":")
        tz = self.env.context.get("tz") or "UTC"
        if name != "posted_at" or period not in STEPS or tz not in pytz.all_timezones_set:
            return plain
        return SQL(
            "COALESCE((%(begins)s)[width_bucket(%(posted_at)s, %(begins_utc)s)], %(plain)s)",
            begins=self._sql_begins(period, SQL("begin")),
            begins_utc=self._sql_begins(
                period, SQL("timezone('UTC', timezone(%s, begin))", tz), further=1
            ),
            posted_at=self._field_to_sql(alias, name, query),
            # What is older or later than all of them is converted.
            plain=plain,
        )

    @api.model
    def _sql_begins(self, period, begin, further=0):
        """The periods' beginnings as an array.

        :param begin: what to make of each: SQL of ``begin``, the reader's time
        :param further: periods more at the end
        """
        first = FIRST
        if period == "week":
            first = FIRST_MONDAY - timedelta(days=(8 - int(get_lang(self.env).week_start)) % 7)
        return SQL(
            """(SELECT array_agg(%(begin)s ORDER BY begin)
                  FROM generate_series(%(first)s, %(last)s + %(further)s * interval %(step)s,
                                       interval %(step)s) begin)""",
            begin=begin,
            first=SQL("timestamp %s", fields.Datetime.to_string(first)),
            last=SQL("timestamp %s", f"{fields.Date.today().year + 2}-01-01"),
            further=further,
            step=STEPS[period],
        )
