import logging
import time

from ..models.social_care_mention_triage import BATCH
from .common import MONDAY_10
from .test_rule import RuleCommon

_logger = logging.getLogger(__name__)

WORDS = (
    "maleta vuelo retraso sorteo gratis reserva factura cambio asiento equipaje hotel tren".split()
)


def some_text(number):
    return f"Hola, quería preguntar por mi {WORDS[number % 12]} de ayer por la tarde {number}"


def make_rules(test):
    """Thirty rules that match nothing, and one that ignores all."""
    for number in range(30):
        test._rule(
            name=f"Rule {number}",
            action=("ignore", "ignore", "watch")[number % 3],
            keywords="\n".join(f"{word}{number}*\n{word} {number}x" for word in WORDS),
            schedule="closed" if number == 7 else "any",
            domain="[('likes', '>', 1000)]" if number == 8 else False,
        )
    test._rule(action="ignore", domain="[('likes', '<', 1000)]")


class TestRuleQueries(RuleCommon):
    """What a batch costs does not depend on how many messages it has."""

    def _store(self, number, prefix):
        items = [
            self._mention(f"{prefix}{i}", who=f"{prefix}{i}", body=some_text(i), addressed=False)
            for i in range(number)
        ]
        mentions = self.account._ingest(items)
        self.env.flush_all()
        self.env.invalidate_all()
        return mentions

    def _count(self, mentions):
        start = self.env.cr.sql_log_count
        mentions._triage()
        self.env.flush_all()
        return self.env.cr.sql_log_count - start

    def test_a_batch_of_100_asks_no_more_than_one_of_10(self):
        make_rules(self)
        self._count(self._store(1, "warm"))
        few = self._count(self._store(10, "a"))
        many = self._count(self._store(100, "b"))
        self.assertLessEqual(many, few)
        self.assertLessEqual(many, 25)


class TestRuleSpeed(RuleCommon):
    """Printed, not asserted: 31 rules, of which the last ignores all 10,000 messages."""

    def _insert(self, number):
        """Rows as nothing but SQL makes them, 200 at a time."""
        values = ("normal", self.env.company.id, self.account.network)
        self.env.cr.execute_values(
            "INSERT INTO social_care_author (external_id, standing, company_id, network) VALUES %s",
            [(f"speed{i}", *values) for i in range(number)],
        )
        self.env.cr.execute(
            "SELECT id FROM social_care_author WHERE external_id LIKE 'speed%' ORDER BY id"
        )
        authors = [row[0] for row in self.env.cr.fetchall()]
        values = (self.account.id, self.env.company.id, "mention", "public", "new", MONDAY_10)
        rows = [(f"speed{i}", authors[i], some_text(i), *values, MONDAY_10) for i in range(number)]
        started = time.monotonic()
        self.env.cr.execute_values(
            "INSERT INTO social_care_mention (external_id, author_id, body, account_id, company_id,"
            " kind, visibility, state, posted_at, received_at) VALUES %s",
            rows,
            page_size=BATCH,
        )
        return time.monotonic() - started

    def test_speed(self):
        make_rules(self)
        inserting = self._insert(10_000)
        mentions = self.env["social.care.mention"].search([("external_id", "like", "speed%")])
        started = time.monotonic()
        for start in range(0, len(mentions), BATCH):
            mentions[start : start + BATCH]._triage()
            self.env.flush_all()
            self.env.invalidate_all()
        deciding = time.monotonic() - started
        self.assertEqual(set(mentions.mapped("state")), {"ignored"})
        _logger.info(
            "31 rules decide 10,000 messages in %.1f s, %.2f of the pace of a plain INSERT",
            deciding,
            inserting / deciding,
        )
