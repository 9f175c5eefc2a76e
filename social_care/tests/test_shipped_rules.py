import json
import logging
import random
import re
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

from odoo.addons.social_care import networks

from ..models.social_care_mention_triage import BATCH
from .common import MONDAY_10, SocialCareCommon

_logger = logging.getLogger(__name__)

BRANDS = re.compile(r"aerovia|nordbank|banco norte|tresel|paqo|casa lino|villanova", re.IGNORECASE)
OTHERS = ("Fonix", "Kestrano", "Orbelia", "Lumbrix")
HANDLES = ("lucia_m", "tomas.r", "dee_dee", "kowalski88", "abu_nina")


def read_table(name):
    """The labelled messages of a file, as dictionaries."""
    path = Path(__file__).parent / "data" / f"triage_{name}.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def share(part, whole):
    return round(100 * len(part) / len(whole), 1)


class ShippedRules(SocialCareCommon):
    """The rules as they are installed, and a table of labelled messages to judge them by."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        shipped = cls.env["ir.model.data"].search(
            [("module", "=", "social_care"), ("model", "=", "social.care.rule")]
        )
        cls.rules = cls.env["social.care.rule"].browse(shipped.mapped("res_id"))
        cls.rules.active = True

    def _decide(self, rows):
        """Labelled rows → a mention each, triaged, in their order. Each has an author of its own."""
        items = [
            networks.Mention(
                external_id=str(number),
                author=networks.Author(
                    external_id=f"p{number}@x.example",
                    handle=f"p{number}",
                    followers_count=row["followers"],
                    verified=row["verified"],
                    bot=row["bot"],
                ),
                kind=row["kind"],
                body=row["body"],
                lang=row["lang"],
                addressed=row["addressed"],
                posted_at=MONDAY_10 + timedelta(seconds=row.get("after", number)),
                visibility="direct" if row["kind"] == "direct" else "public",
            )
            for number, row in enumerate(rows)
        ]
        for start in range(0, len(items), BATCH):
            self.account._ingest(items[start : start + BATCH])._triage()
            self.env.flush_all()
            self.env.invalidate_all()
        mentions = self.env["social.care.mention"].search([("account_id", "=", self.account.id)])
        return mentions.sorted(lambda mention: int(mention.external_id))

    def _read(self, mention):
        """(action, reason, severe) as the table has them."""
        action = "inbox" if mention.state == "new" and mention.triaged_at else mention.state
        return action, mention.reason_id.code or None, mention.severe

    def _label(self, row):
        return row["action"], row["reason"], row["severe"]

    def _list_wrong(self, rows, mentions):
        return [
            f"{row['id']} {self._read(mention)}: {row['body']}"
            for row, mention in zip(rows, mentions, strict=True)
            if self._read(mention) != self._label(row)
        ]


class TestShippedRules(ShippedRules):
    """The table that the rules were written with; each rule has its place in it."""

    def test_every_message_of_the_table_is_decided_right(self):
        rows = read_table("labelled")
        mentions = self._decide(rows)
        self.assertEqual(self._list_wrong(rows, mentions), [])
        self.assertEqual(self.rules - mentions.rule_id, self.rules.browse(), "rules without a row")

    def test_what_is_severe_has_a_protocol_and_takes_nobody_s_place(self):
        severe = self.rules.filtered("severe")
        self.assertTrue(all(severe.mapped("protocol_note")))
        self.assertFalse(severe.reviewer_id, "the company names its own")
        self.assertLess(
            max(severe.mapped("sequence")), min((self.rules - severe).mapped("sequence"))
        )

    def test_nothing_warns_as_installed(self):
        self.assertEqual(self.rules.filtered("warning").mapped("name"), [])


class TestUnseenMessages(ShippedRules):
    """What the rules make of messages that nobody looked at when writing them.

    ``triage_fresh.jsonl``: 320 rows written by hand by somebody who had not seen the rules, held
    out, and looked at once, on 2026-11-25, when the rules were done: 88.4 % of the decisions
    (87.2 % with the reason of what is ignored), 96.6 % of the tickets, 56.7 % of the severe ones, and
    85.0 % of those found severe are; 72.6 % of the tickets have their intent. The floors below are
    two points under that.
    """

    def test_shares(self):
        rows = read_table("fresh")
        decided = [
            (row, self._read(mention), mention.intent or "other")
            for row, mention in zip(rows, self._decide(rows), strict=True)
        ]
        right = [row for row, read, _intent in decided if read[:2] == self._label(row)[:2]]
        action = [row for row, read, _intent in decided if read[0] == row["action"]]
        tickets = [item for item in decided if item[0]["action"] == "ticket"]
        kept = [row for row, read, _intent in tickets if read[0] == "ticket"]
        intents = [row for row, _read, intent in tickets if intent == row["intent"]]
        severe = [item for item in decided if item[0]["severe"]]
        found = [item for item in decided if item[1][2]]
        both = [item for item in severe if item[1][2]]
        shares = {
            "decision and reason": share(right, decided),
            "decision": share(action, decided),
            "tickets that became one": share(kept, tickets),
            "severe ones that were found": share(both, severe),
            "found ones that were severe": share(both, found),
            "intents of tickets": share(intents, tickets),
        }
        _logger.info("Unseen messages, right in %%: %s", shares)
        floors = {
            "decision and reason": 85,
            "decision": 86,
            "tickets that became one": 94,
            "severe ones that were found": 54,
            "found ones that were severe": 83,
            "intents of tickets": 70,
        }
        for name, floor in floors.items():
            self.assertGreaterEqual(shares[name], floor, name)


class TestManyMessages(ShippedRules):
    """Thousands of messages as they come: other people, brands, hours, capitals, signs."""

    TIMES = 5

    def _vary(self, row, chance):
        body = row["body"]
        names_somebody = not body.isascii() or re.match(r"[A-ZÁÉÍÓÚ]\w+ [A-ZÁÉÍÓÚ]", body)
        brand = chance.choice(OTHERS)
        body = BRANDS.sub(brand, body)
        if row["kind"] == "comment":
            body = re.sub(r"@[\w.]+", lambda _found: "@" + chance.choice(HANDLES), body)
        if not names_somebody:
            body = chance.choice((str, str.lower, str.upper))(body)
        body = chance.choice(("{}", "{}", "  {}", "{} ", "{}!", "{} 🙂", "🙂 {}", "{}\n")).format(
            body
        )
        return {**row, "body": body, "after": chance.randrange(6 * 3600)}

    def test_each_ends_with_the_decision_of_its_row(self):
        chance = random.Random(4)  # noqa: S311
        rows = [
            self._vary(row, chance) for _time in range(self.TIMES) for row in read_table("labelled")
        ]
        chance.shuffle(rows)
        started = time.monotonic()
        mentions = self._decide(rows)
        seconds = time.monotonic() - started
        self.assertGreaterEqual(len(mentions), 5000)
        self.assertEqual(self._list_wrong(rows, mentions), [])
        counts = Counter(row["reason"] or row["action"] for row in rows)
        _logger.info("%s messages in %.0f s: %s", len(mentions), seconds, dict(counts))
