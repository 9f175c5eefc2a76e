"""Two months of a desk for the picture of the dashboard, run inside Odoo's shell on the sample's database.

Everything passes through the addon as on those days; only the clock is set, and answers count as sent. Gets ``env``
from the shell.
"""

import heapq
import json
import random
from datetime import datetime, timedelta

from freezegun import freeze_time
from pytz import timezone, utc

from odoo.tools import file_open

from odoo.addons.social_care import networks

WEEKS = 8
# Messages of a week, and how our answers to their first ones fare: hours of work, on average.
NETWORKS = {
    "facebook": (38, 0.8),
    "instagram": (30, 1.4),
    "x": (24, 0.8),
    "mastodon": (14, 0.7),
    "bluesky": (8, 0.7),
}
SPREAD = 0.9  # of the logarithm of the hours
ANSWERED = 0.94
OVERLOOKED = timedelta(days=2)  # until somebody closes what was not answered
MADRID = timezone("Europe/Madrid")
# Monday to Sunday: share of a week's messages; mean hour and its spread, by weight.
DAYS = (16, 17, 15, 15, 15, 10, 12)
WORKDAY = ((70, 12, 3.2), (30, 20, 1.3))
SUNDAY = ((100, 19, 2.5),)


class Desk:
    """Customers who write and a team that answers, in the order of time."""

    def __init__(self, env, clock):
        # Without the log in the chatter and mails, which no figure counts.
        self.env = env(context={**env.context, "tracking_disable": True, "mail_create_nolog": True})
        self.clock, self.random = clock, random.Random(4)
        self.now = datetime.now().replace(microsecond=0)
        self.team = env.ref("social_care.demo_team")
        self.agents = self.team.user_ids
        self.agents.notification_type = "inbox"
        self.calendar = self.team.resource_calendar_id
        self.reasons = env["social.care.reason"].search([])
        self.texts = self._read_texts()
        self.queue, self.number = [], 0
        self.accounts = {network: self._connect(network) for network in NETWORKS}

    def _read_texts(self):
        """What the sample's customers say of themselves, not in answer to something."""
        with file_open("social_care/static/sample/mentions.jsonl") as sample:
            lines = [json.loads(line) for line in sample]
        return [line for line in lines if line["kind"] == "mention" and line.get("body")]

    def _connect(self, network):
        return self.env["social.care.account"].create(
            {
                "name": "Aurora Air",
                "network": network,
                "external_id": f"picture-{network}",
                "base_url": f"https://{network}.example",
                "state": "connected",
                "since": self.now - timedelta(weeks=WEEKS + 1),
                "crisis_watch": False,
                "team_line_ids": [(0, 0, {"team_id": self.team.id})],
            }
        )

    def _put(self, moment, *what):
        self.number += 1
        heapq.heappush(self.queue, (moment, self.number, *what))

    def plan(self):
        """When customers will write, by the clock of Madrid."""
        today = utc.localize(self.now).astimezone(MADRID).date()
        for week in range(WEEKS):
            monday = today - timedelta(days=today.weekday(), weeks=week)
            for network, (count, _hours) in NETWORKS.items():
                for weekday in self.random.choices(
                    range(7), DAYS, k=self.random.randint(count - 4, count + 4)
                ):
                    parts = SUNDAY if weekday == 6 else WORKDAY
                    _weight, mean, spread = self.random.choices(parts, [part[0] for part in parts])[
                        0
                    ]
                    hour = min(max(self.random.gauss(mean, spread), 0), 23.9)
                    local = datetime.combine(monday + timedelta(days=weekday), datetime.min.time())
                    moment = (
                        MADRID.localize(local + timedelta(hours=hour))
                        .astimezone(utc)
                        .replace(tzinfo=None)
                    )
                    if moment < self.now:
                        self._put(moment, self.write, network)

    def run(self):
        """Let it happen, until now."""
        day = None
        while self.queue and self.queue[0][0] < self.now:
            moment, _number, do, *arguments = heapq.heappop(self.queue)
            self.clock.move_to(moment)
            do(moment, *arguments)
            if moment.date() != day:
                day = moment.date()
                self.env["helpdesk.ticket.sla"]._social_care_watch()
                self.env.cr.commit()
                self.env.invalidate_all()
        self.clock.move_to(self.now)
        self.env["helpdesk.ticket.sla"]._social_care_watch()
        self.env.cr.commit()

    def write(self, moment, network):
        """A customer writes; it is answered or decided in the team's hours, unless it is overlooked."""
        line, who = self.random.choice(self.texts), f"{network}{self.number}"
        account = self.accounts[network]
        account._ingest(
            [
                networks.Mention(
                    external_id=f"p{self.number}",
                    body=f"{line['body']} ({self.number})",  # no copies of each other
                    lang=line.get("lang") or "",
                    posted_at=moment,
                    author=networks.Author(
                        external_id=who, handle=line["author_handle"], name=line["author_name"]
                    ),
                )
            ]
        )
        mention = self.env["social.care.mention"].search(
            [("account_id", "=", account.id), ("external_id", "=", f"p{self.number}")]
        )
        mention._triage()
        hours = self.random.lognormvariate(0, SPREAD) * NETWORKS[network][1]
        then = self.calendar.plan_hours(hours, moment, compute_leaves=True)
        if self.random.random() < ANSWERED:
            self._put(then, self.answer if mention.ticket_id else self.decide, mention.id)
        else:
            self._put(moment + OVERLOOKED, self.close, mention.id)

    def answer(self, moment, mention_id):
        """An agent answers, and the ticket is done."""
        reply = self.env["social.care.reply"].create(
            {
                "mention_id": mention_id,
                "body": "We have looked into it.",
                "state": "sent",
                "queued_at": moment,
                "sent_at": moment,
                "user_id": self.random.choice(self.agents).id,
            }
        )
        reply._settle()
        self.close(moment, mention_id)

    def close(self, _moment, mention_id):
        """The ticket is done."""
        ticket = self.env["social.care.mention"].browse(mention_id).ticket_id
        ticket.stage_id = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")

    def decide(self, _moment, mention_id):
        """An agent decides what no rule did."""
        mention = self.env["social.care.mention"].browse(mention_id)
        if mention.state == "new":
            mention._decide({"state": "ignored", "reason_id": self.random.choice(self.reasons).id})


with freeze_time(datetime.now()) as clock:
    desk = Desk(env, clock)  # noqa: F821
    desk.plan()
    desk.run()
