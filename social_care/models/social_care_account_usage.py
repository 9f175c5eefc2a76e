from datetime import timedelta
from functools import partial

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

CALLS_EVERY = timedelta(minutes=1)  # between two writes of calls_left: no hot row
READS_LEVELS = (80, 100)  # per cent of the month's limit at which people are told


class SocialCareAccount(models.Model):
    """What speaking to a network costs: calls it still allows, reads it takes money for."""

    _inherit = "social.care.account"

    calls_left = fields.Integer(
        string="Calls left", readonly=True, copy=False, help="As the network said last."
    )
    calls_left_at = fields.Datetime(string="Calls left counted on", readonly=True, copy=False)
    read_limit = fields.Integer(
        string="Paid reads a month",
        help="The network charges for what is read. Once so much was read in a calendar month, "
        "Odoo looks again in the next one. 0: no limit.",
    )
    reads_month = fields.Integer(string="Reads this month", readonly=True, copy=False)
    reads_month_start = fields.Date(string="Month of the reads", readonly=True, copy=False)
    reads_told = fields.Integer(string="Warned at per cent of reads", readonly=True, copy=False)
    charges_reads = fields.Boolean(string="Charges for reading", compute="_compute_charges_reads")
    usage_text = fields.Char(string="Usage", compute="_compute_usage_text")

    @api.depends("network", "practice")
    def _compute_charges_reads(self):
        for account in self:
            network = account._get_network_class()
            account.charges_reads = bool(network) and network.charges_reads and not account.practice

    @api.depends("calls_left", "calls_left_at", "reads_month", "reads_month_start", "read_limit")
    @api.depends_context("lang")
    def _compute_usage_text(self):
        for account in self:
            account.usage_text = " · ".join(account._get_usage_texts()) or False

    def _get_usage_texts(self):
        network, texts = self._get_network_class(), []
        if self.calls_left_at and network and network.calls_in_percent:
            texts.append(self.env._("%(number)s %% of the calls left", number=self.calls_left))
        elif self.calls_left_at:
            texts.append(self.env._("%(number)s calls left", number=self.calls_left))
        reads = self._get_reads()
        if self.charges_reads and self.read_limit:
            limit = self.read_limit
            texts.append(
                self.env._("%(reads)s of %(limit)s reads this month", reads=reads, limit=limit)
            )
        elif self.charges_reads:
            texts.append(self.env._("%(reads)s reads this month", reads=reads))
        return texts

    def write(self, vals):
        result = super().write(vals)
        if "read_limit" in vals:
            for account in self:
                account._apply_read_limit()
        return result

    def _apply_read_limit(self):
        values = {"reads_told": self._get_reads_level()}
        if self.error_code == "reads_used_up" and not self._are_reads_used_up():
            values.update(error_code=False, next_poll_at=fields.Datetime.now())
            self._wake("social_care.ir_cron_poll")
        self.sudo().write(values)

    def _get_reads(self):
        """What was read in this calendar month, UTC."""
        return self.reads_month if self.reads_month_start == self._get_month() else 0

    def _get_reads_level(self):
        """The highest of READS_LEVELS that was reached, or 0."""
        share = self._get_reads() * 100 / self.read_limit if self.read_limit else 0
        return max((level for level in READS_LEVELS if share >= level), default=0)

    def _are_reads_used_up(self, pending=0):
        """Whether nothing more may be read this month.

        :param int pending: read, but not stored yet
        """
        return bool(self.read_limit) and self._get_reads() + pending >= self.read_limit

    @api.model
    def _get_month(self):
        return fields.Date.today().replace(day=1)

    def _wait_for_month(self):
        """Look again when reads are free again, or when somebody raises the limit."""
        self.write(
            {
                "error_code": "reads_used_up",
                "next_poll_at": self._get_month() + relativedelta(months=1),
                "poll_attempts": 0,
            }
        )

    def _note_usage(self, adapter):
        """Store what an adapter's calls cost, in a transaction of their own."""
        reads, adapter.reads = adapter.reads, 0
        left, told_at = adapter.calls_left(), self.calls_left_at
        if told_at and fields.Datetime.now() - told_at < CALLS_EVERY:
            left = None
        if reads or left is not None:
            self._run_unit(partial(self._add_usage, reads, left), processed=0)

    def _add_usage(self, reads, calls_left):
        month, values = self._get_month(), {}
        if calls_left is not None:
            values.update(calls_left=calls_left, calls_left_at=fields.Datetime.now())
        if reads:
            values.update(reads_month=self._get_reads() + reads, reads_month_start=month)
            if self.reads_month_start != month:
                values["reads_told"] = 0
        self.write(values)
        level = self._get_reads_level()
        if level > self.reads_told:
            self.reads_told = level
            self._tell(lambda account: account._get_reads_text())
        if self._are_reads_used_up():
            self._wait_for_month()

    def _get_reads_text(self):
        subject = self.env._(
            "%(account)s: %(level)s %% of this month's paid reads are used",
            account=self.name,
            level=self.reads_told,
        )
        return subject, self.env._(
            "%(reads)s of %(limit)s were read. At the limit, Odoo looks again next month.",
            reads=self._get_reads(),
            limit=self.read_limit,
        )
