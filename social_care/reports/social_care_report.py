from odoo import api, fields, models
from odoo.tools import SQL

from ..models.social_care_intent import INTENTS
from .social_care_report_hours import OPEN, PROMISED

# Parts of the time of posting, by the reader's clock: field → PostgreSQL's pattern.
CLOCK_PARTS = {"weekday": "ID", "hour": "HH24"}
WAITS = [
    ("1_15m", "Under 15 min"),
    ("2_1h", "15 min to 1 h"),
    ("3_2h", "1 to 2 h"),
    ("4_8h", "2 to 8 h"),
    ("5_24h", "8 to 24 h"),
    ("6_more", "24 h or more"),
]


class SocialCareReport(models.Model):
    """What came of it: one row a message.

    Figures of a ticket stand on the row of its first message, so that a ticket is counted once
    whatever the rows are grouped by. What a ticket is (team, agent, type) stands on all its rows.
    Practice accounts are left out.
    """

    _name = "social.care.report"
    _description = "Social care analysis"
    _inherit = ["social.care.export"]
    _auto = False
    _order = "posted_at desc, id desc"
    _rec_name = "mention_id"
    _depends = {
        "social.care.mention": [
            "account_id",
            "author_id",
            "company_id",
            "first_of_ticket",
            "history",
            "intent",
            "kind",
            "lang",
            "network",
            "posted_at",
            "reason_id",
            "rule_id",
            "state",
            "ticket_id",
        ],
        "social.care.account": ["practice"],
        "social.care.author": ["followers_count"],
        "helpdesk.ticket": [
            "social_acknowledged_at",
            "social_close_reason_id",
            "social_first_response_at",
            "social_first_response_hours",
            "social_first_response_wait_hours",
            "social_intent",
            "social_kept_count",
            "social_missed_count",
            "social_reopened_count",
            "team_id",
            "user_id",
        ],
        "helpdesk.ticket.sla": [
            "sla_id",
            "social_started_at",
            "state",
            "ticket_id",
        ],
    }

    mention_id = fields.Many2one("social.care.mention", string="Message", readonly=True)
    ticket_id = fields.Many2one("helpdesk.ticket", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    account_id = fields.Many2one("social.care.account", readonly=True)
    network = fields.Selection(lambda self: self._get_options("network"), readonly=True)
    kind = fields.Selection(lambda self: self._get_options("kind"), readonly=True)
    author_id = fields.Many2one("social.care.author", string="Customer", readonly=True)
    team_id = fields.Many2one("helpdesk.ticket.team", readonly=True)
    user_id = fields.Many2one("res.users", string="Agent", readonly=True)
    intent = fields.Selection(
        INTENTS, string="Type", readonly=True, help="The ticket's; without a ticket the message's."
    )
    rule_id = fields.Many2one("social.care.rule", readonly=True)
    reason_id = fields.Many2one(
        "social.care.reason",
        readonly=True,
        help="Why no answer was needed, or why the ticket was closed without one.",
    )
    lang = fields.Char(string="Language", readonly=True)
    state = fields.Selection(
        lambda self: self._get_options("state"), string="Decision", readonly=True
    )
    history = fields.Boolean(
        string="Imported history", readonly=True, help="From before the account's start."
    )
    posted_at = fields.Datetime(string="Posted on", readonly=True)
    weekday = fields.Selection(
        [
            ("1", "Monday"),
            ("2", "Tuesday"),
            ("3", "Wednesday"),
            ("4", "Thursday"),
            ("5", "Friday"),
            ("6", "Saturday"),
            ("7", "Sunday"),
        ],
        readonly=True,
        help="By your own clock.",
    )
    hour = fields.Selection(
        [(f"{hour:02}", f"{hour:02}:00") for hour in range(24)],
        string="Hour of the day",
        readonly=True,
        help="By your own clock.",
    )

    opening = fields.Selection(
        [("in", "While open"), ("out", "While closed")],
        string="Opening hours",
        readonly=True,
        help="Whether one of the account's teams was there when it was posted.",
    )

    mention_count = fields.Integer(string="Messages", readonly=True)
    decided_count = fields.Integer(string="Decided", readonly=True)
    ignored_count = fields.Integer(string="No answer needed", readonly=True)
    watched_count = fields.Integer(string="Kept an eye on", readonly=True)
    reach = fields.Integer(
        readonly=True, help="Followers of whoever wrote, added up over their messages."
    )
    reach_max = fields.Integer(string="Largest reach", readonly=True, aggregator="max")

    ticket_count = fields.Integer(
        string="Tickets", readonly=True, help="A ticket counts once, when its first message came."
    )
    answered_count = fields.Integer(string="Answered tickets", readonly=True)
    response_rate = fields.Float(
        string="Response rate",
        readonly=True,
        aggregator="avg",
        help="Answered tickets, of all tickets. Imported history is left out.",
    )
    acknowledged_count = fields.Integer(string="Acknowledged tickets", readonly=True)
    reopened_count = fields.Integer(string="Reopened tickets", readonly=True)
    first_response_hours = fields.Float(
        string="First response in working hours", readonly=True, aggregator="avg"
    )
    first_response_wait_hours = fields.Float(
        string="First response in hours waited", readonly=True, aggregator="avg"
    )
    promised_hours = fields.Float(
        string="First response promised, in working hours", readonly=True, aggregator="avg"
    )
    first_response_bucket = fields.Selection(
        WAITS, string="First response within, working time", readonly=True
    )
    first_response_wait_bucket = fields.Selection(
        WAITS, string="First response within, hours waited", readonly=True
    )
    kept_count = fields.Integer(string="Promises kept", readonly=True)
    missed_count = fields.Integer(string="Promises missed", readonly=True)
    kept_share = fields.Float(
        string="Share of promises kept",
        readonly=True,
        aggregator="avg",
        help="What was late when its ticket was closed stays missed. What was called off in time, "
        "or was spam, is neither.",
    )

    @api.model
    def _get_options(self, name):
        return self.env["social.care.mention"]._fields[name]._description_selection(self.env)

    # -- The query --------------------------------------------------------------

    @property
    def _table_query(self):
        return SQL(" UNION ALL ").join(self._sql_rows())

    @api.model
    def _sql_rows(self):
        """The messages that stand for their ticket, and the others: each as its index holds them.

        Apart, so that only the few that stand for tickets are joined to what tickets have.
        """
        accounts = self.env["social.care.account"].sudo().with_context(active_test=False)
        practice = accounts.search([("practice", "=", True)], order="id")
        return [
            SQL("%s %s %s", self._select(first), self._from(), self._where(first, practice))
            for first in (True, False)
        ]

    @api.model
    def _select(self, first):
        return SQL(
            """SELECT m.id, m.id AS mention_id, m.ticket_id, m.company_id, m.account_id, m.network,
                      m.kind, m.author_id, m.rule_id, m.state, m.history, m.posted_at,
                      split_part(m.lang, '_', 1) AS lang,
                      t.team_id, t.user_id,
                      COALESCE(t.social_intent, m.intent) AS intent,
                      COALESCE(m.reason_id, t.social_close_reason_id) AS reason_id,
                      1 AS mention_count,
                      (m.state != 'new')::int AS decided_count,
                      (m.state = 'ignored')::int AS ignored_count,
                      (m.state = 'watch')::int AS watched_count,
                      a.followers_count AS reach, a.followers_count AS reach_max,
                      %s, %s, %s""",
            self._select_ticket(first),
            self._select_waits(first),
            self._select_opening(),
        )

    @api.model
    def _select_ticket(self, first):
        """A ticket's figures, on the row of its first message."""
        return SQL(
            """%(first)s::int AS ticket_count,
               (%(first)s AND t.social_first_response_at IS NOT NULL)::int AS answered_count,
               CASE WHEN %(first)s AND m.history IS NOT TRUE
                    THEN (t.social_first_response_at IS NOT NULL)::int::float END
                   AS response_rate,
               (%(first)s AND t.social_acknowledged_at IS NOT NULL)::int AS acknowledged_count,
               (%(first)s AND t.social_reopened_count > 0)::int AS reopened_count,
               CASE WHEN %(first)s THEN t.social_kept_count END AS kept_count,
               CASE WHEN %(first)s THEN t.social_missed_count END AS missed_count,
               CASE WHEN %(first)s THEN
                   t.social_kept_count::float
                   / NULLIF(t.social_kept_count + t.social_missed_count, 0) END AS kept_share,
               CASE WHEN %(first)s THEN p.promised_hours END AS promised_hours""",
            first=first,
        )

    @api.model
    def _select_waits(self, first):
        """How long the first response took. Where nobody waited there is no such time."""
        waited = SQL("t.social_first_response_wait_hours > 0")
        hours = SQL("t.social_first_response_hours")
        wait_hours = SQL("t.social_first_response_wait_hours")
        return SQL(
            """CASE WHEN %(first)s AND %(waited)s THEN %(hours)s END AS first_response_hours,
               CASE WHEN %(first)s AND %(waited)s THEN %(wait_hours)s END
                   AS first_response_wait_hours,
               CASE WHEN %(waited)s THEN %(bucket)s END AS first_response_bucket,
               CASE WHEN %(waited)s THEN %(wait_bucket)s END AS first_response_wait_bucket""",
            first=first,
            waited=waited,
            hours=hours,
            wait_hours=wait_hours,
            bucket=self._select_bucket(hours),
            wait_bucket=self._select_bucket(wait_hours),
        )

    @api.model
    def _select_opening(self):
        """By the account's teams' hours as they are now, less holidays: see OPEN."""
        return SQL("CASE WHEN %s THEN 'in' ELSE 'out' END AS opening", SQL(OPEN))

    @api.model
    def _select_bucket(self, hours):
        return SQL(
            """CASE WHEN %(hours)s < 0.25 THEN '1_15m' WHEN %(hours)s < 1 THEN '2_1h'
                    WHEN %(hours)s < 2 THEN '3_2h' WHEN %(hours)s < 8 THEN '4_8h'
                    WHEN %(hours)s < 24 THEN '5_24h' ELSE '6_more' END""",
            hours=hours,
        )

    @api.model
    def _from(self):
        # Each joined on a unique key: PostgreSQL leaves out what a reader does not ask for.
        return SQL(
            """FROM social_care_mention m
               LEFT JOIN helpdesk_ticket t ON t.id = m.ticket_id
               LEFT JOIN social_care_author a ON a.id = m.author_id
               LEFT JOIN (%s) p ON p.ticket_id = m.ticket_id""",
            SQL(PROMISED),
        )

    @api.model
    def _where(self, first, practice):
        # By their ids: of a subquery PostgreSQL expects that it leaves hardly anything, and
        # plans the joins for that.
        real = SQL("m.account_id NOT IN %s", practice._ids) if practice else SQL("TRUE")
        return SQL(
            "WHERE m.first_of_ticket IS %s AND %s", SQL("TRUE") if first else SQL("NOT TRUE"), real
        )

    # -- What Odoo's grouping does not know ------------------------------------

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr in CLOCK_PARTS:
            local = super()._field_to_sql(alias, "posted_at.tz", query)
            return SQL("to_char(%s, %s)", local, CLOCK_PARTS[field_expr])
        return super()._field_to_sql(alias, field_expr, query)

    def _read_group_select(self, aggregate_spec, query):
        if aggregate_spec != "kept_share:avg":
            return super()._read_group_select(aggregate_spec, query)
        # Of all promises, not the average of each ticket's share.
        return SQL(
            "%(kept)s::float / NULLIF(%(kept)s + %(missed)s, 0)",
            kept=self._read_group_select("kept_count:sum", query),
            missed=self._read_group_select("missed_count:sum", query),
        )

    # -- To what is behind a row -------------------------------------------------

    def action_open(self):
        """The ticket of a row, else its message."""
        self.ensure_one()
        record = self.ticket_id or self.mention_id
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "views": [(False, "form")],
        }
