from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class SocialCareMention(models.Model):
    """Since you closed: what came while nobody was there, sorted by what it takes."""

    _inherit = "social.care.mention"

    # Searched only: it depends on who asks, and when.
    since_closed = fields.Boolean(store=False, search="_search_since_closed")
    arrival = fields.Selection(
        [
            ("severe", "Severe"),
            ("complaint", "Complaints"),
            ("repeated", "Wrote more than once"),
            ("deleted", "Deleted by their authors"),
            ("answered", "Answered already"),
            ("praise", "Praise"),
            ("other", "Others"),
        ],
        string="Since you closed",
        compute="_compute_arrival",
        search="_search_arrival",
        group_expand=True,
    )

    _arrived = models.Index("(received_at)")

    def _compute_arrival(self):
        query = self._as_query(ordered=False)
        arrival = self._field_to_sql(self._table, "arrival", query)
        rows = self.env.execute_query(query.select("id", arrival))
        groups = dict(rows)
        for mention in self:
            mention.arrival = groups.get(mention.id, False)

    def _search_since_closed(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._get_since_closed_domain()
        return domain if True in value else ~domain

    def _search_arrival(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "%s IN %s", model._field_to_sql(alias, "arrival", query), tuple(value)
            )
        )

    def _field_to_sql(self, alias, field_expr, query=None):
        """In SQL, so that Odoo's own views can group by it. The first that fits counts."""
        if field_expr != "arrival":
            return super()._field_to_sql(alias, field_expr, query)
        column = {
            name: super(SocialCareMention, self)._field_to_sql(alias, name, query)
            for name in ("id", "account_id", "author_id", "severe", "deleted_at", "intent")
        }
        return SQL(
            """CASE WHEN %(severe)s THEN 'severe'
                    WHEN %(deleted_at)s IS NOT NULL THEN 'deleted'
                    WHEN EXISTS (SELECT FROM social_care_reply reply
                                  WHERE reply.mention_id = %(id)s AND reply.state = 'sent'
                                    AND reply.kind = 'answer') THEN 'answered'
                    WHEN %(intent)s = 'complaint' THEN 'complaint'
                    WHEN EXISTS (SELECT FROM social_care_mention other
                                  WHERE other.author_id = %(author_id)s
                                    AND other.account_id = %(account_id)s
                                    AND other.id != %(id)s AND other.id IN %(since_closed)s)
                    THEN 'repeated'
                    WHEN %(intent)s = 'praise' THEN 'praise'
                    ELSE 'other' END""",
            **column,
            since_closed=self._search(self._get_since_closed_domain()).subselect(),
        )

    def _get_since_closed_domain(self):
        """What came to each of the user's teams in its own last closed hours."""
        domains = []
        for team_id, since, until in self._read_closed_hours():
            belongs = Domain("ticket_id.team_id", "=", team_id) | Domain(
                [("ticket_id", "=", False), ("account_id.team_line_ids.team_id", "=", team_id)]
            )
            domains.append(
                belongs & Domain("received_at", ">=", since) & Domain("received_at", "<", until)
            )
        return Domain.OR(domains) & Domain("history", "=", False)

    def _read_closed_hours(self):
        """The last closed hours of the teams one works in or leads; a manager in none sees all teams'.

        :return: [(team id, naive UTC since, naive UTC until)]
        """
        now = fields.Datetime.now().replace(second=0, microsecond=0)
        key = ("social_care.closed_hours", self.env.uid, tuple(self.env.companies.ids), now)
        # One page asks several times: for its rows, their groups, their counts.
        if key not in self.env.cr.cache:
            all_teams = self.env["helpdesk.ticket.team"].search(
                [("social_account_line_ids", "!=", False)]
            )
            mine = all_teams.filtered(lambda team: self.env.user in team.user_ids | team.user_id)
            closings = {team: team._social_care_last_closing(now) for team in mine or all_teams}
            self.env.cr.cache[key] = [
                (team.id, closing, team._social_care_next_opening(closing) or now)
                for team, closing in closings.items()
                if closing
            ]
        return self.env.cr.cache[key]
