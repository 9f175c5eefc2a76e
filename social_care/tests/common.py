from datetime import datetime

from odoo import Command
from odoo.tests import TransactionCase, new_test_user

from odoo.addons.social_care import networks

MONDAY_10 = datetime(2026, 8, 17, 8, 0)  # Monday 10:00 in Madrid, as naive UTC


class FakeNetwork(networks.Network):
    """A network in memory for what needs no server: it keeps a ledger of what was published.

    ``failure`` is raised before anything is published, ``lost`` after it.
    """

    code = "mastodon"
    name = "Mastodon"
    max_length = 40
    supports_direct = True
    ledger = []
    pages = []
    failure = None
    lost = None
    on_publish = None
    recipient = ""  # the customer's id in private messages, told with a private reply
    asked = []  # gestures, also those refused
    refused = {}  # external id → error of a gesture

    def verify(self):
        if self.failure:
            raise self.failure
        return networks.Profile(external_id="aurora@fake.example", handle="aurora", name="Aurora")

    def fetch(self, cursor, since):
        if self.failure:
            raise self.failure
        position = cursor.get("high", 0)
        page = self.pages[position]
        more = position + 1 < len(self.pages)
        return networks.types.Page(
            mentions=tuple(page), cursor={"high": position + 1 if more else position}, more=more
        )

    def prepare_text(self, body, mention):
        prefix = f"@{mention.author.handle} "
        return body if body.startswith(prefix) else prefix + body

    def publish(self, reply):
        if self.failure:
            raise self.failure
        self.ledger.append(reply)
        if self.on_publish:
            self.on_publish(reply)
        if self.lost:
            raise self.lost
        return networks.Published(
            external_id=f"own-{len(self.ledger)}",
            url="https://fake.example/own",
            recipient_external_id=self.recipient,
        )

    def like(self, mention, on):
        self._do("like", mention, on)

    def hide(self, mention, on):
        self._do("hide", mention, on)

    def _do(self, gesture, mention, on):
        self.asked.append((gesture, mention.external_id, on))
        error = self.refused.get(mention.external_id)
        if error:
            raise error

    def find_published(self, reply, since):
        return [
            networks.Published(external_id=f"own-{number}", url="https://fake.example/own")
            for number, sent in enumerate(self.ledger, start=1)
            if sent.parent.external_id == reply.parent.external_id and sent.body == reply.body
        ]


class SocialCareCommon(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Writing each new user a welcome took a tenth of the time.
        cls.env = cls.env(context={**cls.env.context, "no_reset_password": True})
        cls.env["helpdesk.sla"].search([]).active = False
        # The rules and checks that come with the addon have tests of their own.
        cls.env["social.care.rule"].search([]).active = False
        cls.env["social.care.guard"].search([]).active = False
        cls.calendar = cls._create_calendar("Madrid 9-17", "Europe/Madrid", [(9, 17)])
        cls.team = cls.env["helpdesk.ticket.team"].create(
            {"name": "Care", "use_sla": True, "resource_calendar_id": cls.calendar.id}
        )
        cls.agent = new_test_user(
            cls.env,
            login="care_agent",
            name="Marta Cano",
            groups="social_care.social_care_group_agent",
        )
        cls.team.user_ids = cls.agent
        cls.policy = cls.env["helpdesk.sla"].create(
            {"name": "First response 2 h", "social_target": "first_response", "hours": 2}
        )
        cls.account = cls._create_account()
        cls.stage_new = cls.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_new")
        cls.stage_progress = cls.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_in_progress")
        cls.stage_done = cls.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")

    def setUp(self):
        super().setUp()
        # A subclass for each test: its ledger is its own.
        own = {"ledger": [], "pages": [], "asked": [], "refused": {}}
        self.network = type("FakeNetworkOfTest", (FakeNetwork,), own)
        account_class = self.env.registry["social.care.account"]
        self.patch(account_class, "_get_network_classes", lambda _self: {"mastodon": self.network})

    @classmethod
    def _create_calendar(cls, name, tz, hours, days=range(5)):
        return cls.env["resource.calendar"].create(
            {
                "name": name,
                "tz": tz,
                "attendance_ids": [Command.clear()]
                + [
                    Command.create(
                        {
                            "name": f"{day} {start}",
                            "dayofweek": str(day),
                            "hour_from": start,
                            "hour_to": end,
                        }
                    )
                    for day in days
                    for start, end in hours
                ],
            }
        )

    def _give_shift(self, user, hours):
        """Working hours of a person's own, Monday to Friday in Madrid; gives their resource."""
        calendar = self._create_calendar(f"{user.name}'s", "Europe/Madrid", hours)
        return self.env["resource.resource"].create(
            {
                "name": user.name,
                "user_id": user.id,
                "calendar_id": calendar.id,
                "tz": "Europe/Madrid",
            }
        )

    @classmethod
    def _create_account(cls, **values):
        return cls.env["social.care.account"].create(
            {
                "name": "Aurora Air",
                "network": "mastodon",
                "base_url": "https://fake.example",
                "external_id": "aurora@fake.example",
                "handle": "aurora",
                "state": "connected",
                "since": datetime(2026, 1, 1),
                "team_line_ids": [Command.create({"team_id": cls.team.id})],
                **values,
            }
        )

    def _mention(self, external_id="1", who="ana", **values):
        author = networks.Author(
            external_id=f"{who}@fake.example", handle=who, name=who.capitalize()
        )
        values = {
            "body": "My suitcase is lost",
            "posted_at": MONDAY_10,
            "author": author,
            **values,
        }
        return networks.Mention(external_id=external_id, **values)

    def _receive(self, *items, account=None):
        """Ingest and triage; gives the mentions in the order of the arguments."""
        account = account or self.account
        account._ingest(list(items))
        ids = [item.external_id for item in items]
        mentions = self.env["social.care.mention"].search(
            [("account_id", "=", account.id), ("external_id", "in", ids)]
        )
        mentions._triage()
        return mentions.sorted(lambda mention: ids.index(mention.external_id))

    def _answer(self, mention, body="We are looking for it.", **values):
        """An answer written by the agent, queued."""
        reply = (
            self.env["social.care.reply"]
            .with_user(self.agent)
            .create({"mention_id": mention.id, "body": body, **values})
        )
        reply.action_send_wait()
        return reply.sudo()

    def _chatter(self, ticket):
        """All that the ticket's chatter says, newest first."""
        return "\n".join(message.body for message in ticket.message_ids)

    def _run_cron(self, name):
        with self.enter_registry_test_mode():
            self.env.ref(f"social_care.{name}").method_direct_trigger()
        self.env.invalidate_all()

    def _publish(self):
        self._run_cron("ir_cron_publish")
