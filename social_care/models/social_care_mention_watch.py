from odoo import api, fields, models
from odoo.tools import format_datetime


class SocialCareMention(models.Model):
    """Messages that somebody keeps an eye on, until time, reach or their author wakes them."""

    _inherit = "social.care.mention"

    watch_reach = fields.Integer(
        string="Or until reactions and views grow by",
        readonly=True,
        help="Likes, shares, replies and views. 0: time alone brings it back.",
    )
    watch_reach_before = fields.Integer(
        readonly=True, help="Likes, shares, replies and views when it was decided."
    )
    woken_at = fields.Datetime(string="Came back on", readonly=True)
    woken_by = fields.Selection(
        [("time", "Time is up"), ("reach", "It spreads"), ("author", "Its author wrote again")],
        string="Came back because",
        readonly=True,
    )
    woken_growth = fields.Integer(
        readonly=True, help="Likes, shares, replies and views it gained while watched."
    )
    woken_text = fields.Char(string="Why it came back", compute="_compute_woken_text")
    past_decisions = fields.Json(
        readonly=True, help="Decisions that others replaced, the oldest first."
    )
    past_decisions_text = fields.Text(
        string="Decided before", compute="_compute_past_decisions_text"
    )

    _watch_queue = models.Index("(watch_until) WHERE state = 'watch'")
    _watch_author = models.Index("(author_id, account_id) WHERE state = 'watch'")

    @api.depends("woken_by", "woken_growth")
    @api.depends_context("lang")
    def _compute_woken_text(self):
        for mention in self:
            mention.woken_text = {
                "time": self.env._("The time to keep an eye on it is over."),
                "reach": self.env._(
                    "It spreads. New reactions and views: %(number)s.", number=mention.woken_growth
                ),
                "author": self.env._("Its author wrote again."),
            }.get(mention.woken_by, False)

    @api.depends("past_decisions")
    @api.depends_context("lang", "tz")
    def _compute_past_decisions_text(self):
        for mention in self:
            mention.past_decisions_text = (
                "\n".join(mention._describe_decision(past) for past in mention.past_decisions or [])
                or False
            )

    def write(self, vals):
        if "state" in vals:
            for mention in self.filtered("decided_at"):
                mention._remember_decision()
        return super().write(vals)

    # -- Beginning and end of a watch -------------------------------------------

    def _start_watch(self, values, reach=0):
        """Keep an eye on these.

        :param values: of the decision, ``watch_until`` among them
        :param int reach: growth in reactions and views that wakes them before; 0: none
        """
        values = {**values, "state": "watch", "watch_reach": reach, "reason_id": False}
        for before, mentions in self.grouped(lambda item: item._count_reactions()).items():
            mentions.write({**values, "watch_reach_before": before})
        cron = self.env.ref("social_care.ir_cron_triage", raise_if_not_found=False)
        if cron and self:
            cron.sudo()._trigger(values["watch_until"])

    def _count_reactions(self):
        return self.likes + self.reposts + self.replies + self.views

    def _get_growth(self):
        """Reactions and views since it was decided."""
        return max(self._count_reactions() - self.watch_reach_before, 0)

    def _end_watch(self, woken_by):
        """Back to the inbox, saying why; what was decided is remembered."""
        for growth, mentions in self.grouped(lambda item: item._get_growth()).items():
            mentions.write(
                {
                    "state": "new",
                    "woken_at": fields.Datetime.now(),
                    "woken_by": woken_by,
                    "woken_growth": growth,
                    "watch_until": False,
                    "decided_by_id": False,
                    "decided_at": False,
                    "decision_note": False,
                }
            )

    @api.model
    def _wake_due(self):
        """Wake those whose time is over, a batch a transaction."""
        due = self.search([*self._get_watch_due(), *self._get_share()], order="id")
        self._run_batches(due, "_wake_in_time")

    @api.model
    def _get_watch_due(self):
        return [("state", "=", "watch"), ("watch_until", "<=", fields.Datetime.now())]

    def _wake_in_time(self):
        # Somebody may have decided on one meanwhile.
        self.filtered(lambda item: item.state == "watch")._end_watch("time")

    def _wake_watched_of_authors(self):
        """New mentions wake what is watched of their authors on the same account."""
        for account, mentions in self.grouped("account_id").items():
            watched = self.search(
                [
                    ("state", "=", "watch"),
                    ("account_id", "=", account.id),
                    ("author_id", "in", mentions.author_id.ids),
                ]
            )
            watched._end_watch("author")

    def _update_from_network(self, item):
        result = super()._update_from_network(item)
        if self.state == "watch" and 0 < self.watch_reach <= self._get_growth():
            self._end_watch("reach")
        return result

    # -- What was decided before --------------------------------------------

    def _remember_decision(self):
        """Keep a decision that is about to be replaced."""
        self.ensure_one()
        past = {
            "state": self.state,
            "at": fields.Datetime.to_string(self.decided_at),
            "user": self.decided_by_id.id,
            "rule": not self.decided_by_id and self.rule_id.id,
            "reason": self.reason_id.id,
            "until": fields.Datetime.to_string(self.watch_until),
            "note": self.decision_note,
        }
        kept = {key: value for key, value in past.items() if value}
        self.past_decisions = [*(self.past_decisions or []), kept]

    def _describe_decision(self, past):
        """One line: when, what, why, by whom.

        :param dict past: see :meth:`_remember_decision`
        """
        # sudo: names alone, of people and rules that may belong to another company by now
        env = self.sudo().env
        states = dict(self._fields["state"]._description_selection(env))
        user = env["res.users"].browse(past.get("user")).exists()
        rule = env["social.care.rule"].browse(past.get("rule")).exists()
        reason = env["social.care.reason"].browse(past.get("reason")).exists()
        parts = [
            format_datetime(env, past["at"], dt_format="short"),
            states.get(past["state"], ""),
            reason.name,
            past.get("until")
            and env._(
                "until %(time)s", time=format_datetime(env, past["until"], dt_format="short")
            ),
            user.name or rule.name,
            past.get("note"),
        ]
        return " · ".join(part for part in parts if part)
