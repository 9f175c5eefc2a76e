from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from .social_care_roles import REVIEWER
from .social_care_storm import (
    AROUND,
    HOUR,
    Arrival,
    find_at_once,
    find_rush,
    get_periods,
    is_worth_a_look,
)

FRESH_MINUTES = 5  # an account that received nothing for longer is not looked at


class SocialCareAccount(models.Model):
    """Finding storms: each minute, on the accounts that something came to."""

    _inherit = "social.care.account"

    crisis_id = fields.Many2one(
        "social.care.crisis", string="Open crisis", readonly=True, copy=False
    )
    crisis_watch = fields.Boolean(
        string="Look out for storms", default=True, help="Practice accounts raise none."
    )
    crisis_reach = fields.Integer(
        string="A complaint read by",
        default=100000,
        help="One complaint of somebody with so many followers is a crisis. 0: never.",
    )
    crisis_pace = fields.Integer(
        string="Answers a minute",
        default=10,
        help="How fast one statement goes out to many, so that the network takes it.",
    )
    crisis_owner_id = fields.Many2one(
        "res.users",
        string="Leads through a crisis",
        domain="[('share', '=', False)]",
        help="Else the account's responsible, else the leader of its first team.",
    )
    crisis_plan_id = fields.Many2one(
        "mail.activity.plan",
        string="Protocol",
        domain="[('res_model', '=', 'social.care.crisis'), ('company_id', 'in', [False, company_id])]",
        help="The activities of a crisis. Else the company's plan for crises, else the general one.",
    )

    _crisis_pace_positive = models.Constraint(
        "CHECK (crisis_pace > 0)", "At least one answer a minute."
    )

    # -- By hand --------------------------------------------------------------------

    def action_open_crisis(self):
        """Open a crisis by hand, or show the one that is open."""
        self.ensure_one()
        crisis = self.crisis_id or self._open_crisis_by_hand(self.env["social.care.mention"])
        return self._show_crisis(crisis)

    def _open_crisis_by_hand(self, mentions):
        self.check_access("read")
        if not self.env.user.has_group(REVIEWER):
            raise AccessError(self.env._("Opening a crisis takes the reviewer role."))
        if self.practice:
            raise UserError(self.env._("This is a practice account: it has no crises."))
        text = self.env._("%(user)s opened it.", user=self.env.user.name)
        crises_sudo = self.env["social.care.crisis"].sudo()
        return crises_sudo._open(self.sudo(), "manual", text, mentions.sudo()).with_env(self.env)

    def _show_crisis(self, crisis):
        return crisis._get_records_action(context={})

    def _get_crisis_owner(self):
        people = self.crisis_owner_id + self.responsible_id + self.team_line_ids.team_id.user_id
        return people.filtered("active")[:1]

    def _get_crisis_plan(self):
        plans = self.env["mail.activity.plan"].search(
            [
                ("res_model", "=", "social.care.crisis"),
                ("company_id", "in", [False, self.company_id.id]),
                ("template_ids", "!=", False),
            ]
        )
        own = plans.filtered("company_id")
        return self.crisis_plan_id & plans or own[:1] or plans[:1]

    # -- By itself --------------------------------------------------------------------

    @api.model
    def _cron_storm(self):
        """Open a crisis where a storm began; one query an account on ordinary days."""
        fresh = fields.Datetime.now() - timedelta(minutes=FRESH_MINUTES)
        accounts = self.search(
            [
                ("last_received_at", ">=", fresh),
                ("crisis_id", "=", False),
                ("crisis_watch", "=", True),
                ("practice", "=", False),
            ]
        )
        self.env["ir.cron"]._commit_progress(remaining=len(accounts))
        # One by one: a storm's work is a transaction of its own.
        self._run_batches(accounts, "_look_for_storm", size=1)

    def _look_for_storm(self):
        """Open a crisis if a storm began here."""
        self.ensure_one()
        if self.crisis_id:
            return  # another worker was here
        storm, mention_ids = self._find_storm(fields.Datetime.now())
        if storm:
            mentions = self.env["social.care.mention"].browse(mention_ids)
            self.env["social.care.crisis"]._open(
                self, storm.trigger, self._describe_storm(storm), mentions, storm.text_key
            )

    def _find_storm(self, now):
        """The storm that began, or None, and the ids of the messages of the last hour."""
        self.ensure_one()
        closed = self.env["social.care.crisis"].search(
            [("account_id", "=", self.id), ("state", "=", "closed")],
            order="closed_at desc",
            limit=1,
        )
        since = max(now - HOUR, closed.closed_at or now - HOUR)
        rows = self._read_arrivals([(since, now)])
        recent = [arrival for _period, _id, arrival in rows]
        storm = find_at_once(recent, self.crisis_reach)
        if not storm and is_worth_a_look(now, recent):
            periods = get_periods(now, self.since or now)
            past = {moment: [] for moment in periods}
            for number, _id, arrival in self._read_arrivals(
                [(moment - AROUND, moment + AROUND) for moment in periods]
            ):
                past[periods[number]].append(arrival)
            storm = find_rush(now, recent, past)
        return storm, [mention_id for _period, mention_id, _arrival in rows]

    def _read_arrivals(self, spans):
        """Customers' messages in some spans of time, but praise and what needs no answer.

        :param spans: [(naive UTC from, until)]
        :return: [(number of the span, mention id, Arrival)]
        """
        self.env["social.care.mention"].flush_model()
        self.env["social.care.author"].flush_model()
        if not spans:
            return []
        rows = self.env.execute_query(self._get_arrivals_query(spans))
        return [
            (number - 1, mention_id, Arrival(moment, author_id, complaint, text_key, reach))
            for number, mention_id, moment, author_id, complaint, text_key, reach in rows
        ]

    def _get_arrivals_query(self, spans):
        begins, ends = (list(moments) for moments in zip(*spans, strict=True))
        return SQL(
            """SELECT span.number, m.id, m.posted_at, COALESCE(m.author_id, -m.id),
                      COALESCE(m.intent = 'complaint', FALSE), COALESCE(m.text_key, ''),
                      COALESCE(a.followers_count, 0)
                 FROM unnest(%(begins)s::timestamp[], %(ends)s::timestamp[])
                      WITH ORDINALITY AS span(begins, ends, number)
                      -- OFFSET 0: span by span through the index, whatever the statistics say.
                 JOIN LATERAL (SELECT * FROM social_care_mention
                                WHERE account_id = %(account)s
                                  AND posted_at > span.begins AND posted_at <= span.ends
                                  AND history IS NOT TRUE AND late IS NOT TRUE
                                  AND deleted_at IS NULL AND state != 'ignored'
                                  AND intent IS DISTINCT FROM 'praise' OFFSET 0) m ON TRUE
            LEFT JOIN social_care_author a ON a.id = m.author_id""",
            begins=begins,
            ends=ends,
            account=self.id,
        )

    def _describe_storm(self, storm):
        """Why, in a sentence and in the company's language."""
        _ = self.with_context(lang=self.company_id.partner_id.lang or self.env.lang).env._
        figures = {
            "count": storm.count,
            "minutes": storm.minutes,
            "usual": f"{storm.usual:.1f}".removesuffix(".0"),
        }
        return {
            "reach": _("Somebody with %(count)s followers complains.", **figures),
            "copies": _("%(count)s people said the same within an hour.", **figures),
            "complaints": _(
                "%(count)s people complained within %(minutes)s minutes; usual are %(usual)s.",
                **figures,
            ),
            "volume": _(
                "%(count)s people wrote within %(minutes)s minutes; usual are %(usual)s.", **figures
            ),
        }[storm.trigger]
