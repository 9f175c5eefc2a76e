from datetime import timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.tests import new_test_user

from .clock_common import ClockCommon, at

REVIEWER = "social_care.social_care_group_reviewer"
NOON = "2026-08-20 17:16"  # a Thursday; the team is open until 18:00


class CrisisCommon(ClockCommon):
    """Customers complain on an account with two reviewers: Rosa, its responsible, and Willa."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reviewer = new_test_user(cls.env, login="rev", name="Rosa", groups=REVIEWER)
        cls.writer = new_test_user(cls.env, login="wri", name="Willa", groups=REVIEWER)
        cls.team.user_ids += cls.reviewer
        cls.team.social_routing = "least_loaded"
        cls.account.responsible_id = cls.reviewer

    def setUp(self):
        super().setUp()
        self.network.max_length = 300

    def _crowd(self, count=5, local=NOON, **values):
        """So many different people complain, a minute apart, the last one now."""
        begin = at(local)
        mentions = self.env["social.care.mention"]
        for number in range(count):
            moment = begin - timedelta(minutes=count - 1 - number)
            item = {"body": f"Where is my flight, {'really ' * number}?", "intent": "complaint"}
            with freeze_time(moment):
                mentions |= self._receive(
                    self._mention(
                        f"c{number}", who=f"{chr(97 + number)}na", posted_at=moment, **item | values
                    )
                )
        return mentions

    def _look(self, local=NOON):
        with freeze_time(at(local)):
            self._run_cron("ir_cron_storm")
        return self.account.crisis_id

    def _open(self, count=5, **values):
        mentions = self._crowd(count, **values)
        crisis = self._look()
        self.assertTrue(crisis)
        return crisis, mentions

    def _write_wordings(self, crisis, kind="statement", lang="en", count=3):
        crisis.with_user(self.writer).write(
            {
                "wording_ids": [
                    Command.create(
                        {"kind": kind, "lang": lang, "text": f"{{name}}, we know ({kind} {n})."}
                    )
                    for n in range(count)
                ]
            }
        )

    def _make_ticket(self, mentions, local="2026-08-20 17:20"):
        with freeze_time(at(local)):
            mentions._to_tickets()
        return mentions.ticket_id

    def _ready(self, count=5, **values):
        crisis, mentions = self._open(count, **values)
        tickets = self._make_ticket(mentions)
        self._write_wordings(crisis)
        crisis.with_user(self.reviewer).action_approve()
        return crisis, tickets
