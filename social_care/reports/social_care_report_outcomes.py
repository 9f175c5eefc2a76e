from odoo import api, fields, models
from odoo.tools import SQL

from ..models.social_care_outcomes import OUTCOMES

SHARE_HELP = (
    "Of the tickets with an outcome. Empty where these are fewer than the cases that the "
    "settings ask for: so few tell nothing."
)
# What of the outcomes: field → outcome.
SHARES = {f"{value}_share": value for value, _label in OUTCOMES}


class SocialCareReport(models.Model):
    """What customers did after our last answer, and the shares of each."""

    _inherit = "social.care.report"
    _depends = {"helpdesk.ticket": ["social_outcome"]}

    outcome = fields.Selection(
        OUTCOMES, readonly=True, help="What the customer did after our last answer."
    )
    outcome_count = fields.Integer(
        string="Tickets with an outcome",
        readonly=True,
        help="Answered tickets of which it is known what came of them.",
    )
    satisfied_share = fields.Float(
        string="Share satisfied", readonly=True, aggregator="avg", help=SHARE_HELP
    )
    silent_share = fields.Float(
        string="Share silent", readonly=True, aggregator="avg", help=SHARE_HELP
    )
    came_back_share = fields.Float(
        string="Share came back", readonly=True, aggregator="avg", help=SHARE_HELP
    )
    went_elsewhere_share = fields.Float(
        string="Share went elsewhere", readonly=True, aggregator="avg", help=SHARE_HELP
    )
    deleted_share = fields.Float(
        string="Share deleted", readonly=True, aggregator="avg", help=SHARE_HELP
    )

    @api.model
    def _select(self, first):
        return SQL("%s, %s", super()._select(first), self._select_outcomes(first))

    @api.model
    def _select_outcomes(self, first):
        """What came of the answer; a share of one ticket is all or nothing."""
        shares = [
            SQL(
                "CASE WHEN %s THEN (t.social_outcome = %s)::int::float END AS %s",
                first,
                value,
                SQL.identifier(name),
            )
            for name, value in SHARES.items()
        ]
        return SQL(
            """t.social_outcome AS outcome,
               (%s AND t.social_outcome IS NOT NULL)::int AS outcome_count, %s""",
            first,
            SQL(", ").join(shares),
        )

    def _read_group_select(self, aggregate_spec, query):
        name, _colon, aggregator = aggregate_spec.partition(":")
        if name in SHARES and aggregator == "avg":
            # From few cases nothing is concluded.
            return SQL(
                "CASE WHEN %(count)s >= %(cases)s THEN %(sum)s / NULLIF(%(count)s, 0) END",
                count=self._read_group_select(f"{name}:count", query),
                cases=self.env.company.social_outcome_cases,
                sum=self._read_group_select(f"{name}:sum", query),
            )
        return super()._read_group_select(aggregate_spec, query)
