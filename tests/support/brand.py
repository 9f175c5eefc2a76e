"""A brand in Odoo for whole-system tests: team, calendar, promise, agent and account."""

ROUND_THE_CLOCK = [
    (0, 0, {"name": str(day), "dayofweek": str(day), "hour_from": 0, "hour_to": 24})
    for day in range(7)
]


class Brand:
    """Set up through the server's own API, as an administrator would.

    The team works round the clock, so that two promised hours end two hours after the post,
    whenever the test runs.
    """

    def __init__(self, server, promised_hours=2):
        self.server = server
        self.admin = server.login()
        self._allow_loopback()
        self.calendar = self.admin(
            "resource.calendar",
            "create",
            {"name": "24/7", "tz": "UTC", "attendance_ids": [(5, 0, 0), *ROUND_THE_CLOCK]},
        )
        self.agent_id = self.admin(
            "res.users",
            "create",
            {
                "name": "Marta Cano",
                "login": "marta",
                "password": "marta",
                "group_ids": [(4, self.admin.ref("social_care.social_care_group_agent"))],
            },
        )
        self._accounts = []
        self.team = self.admin(
            "helpdesk.ticket.team",
            "create",
            {
                "name": "Care",
                "use_sla": True,
                "resource_calendar_id": self.calendar,
                "user_ids": [(6, 0, [self.agent_id])],
            },
        )
        self.admin(
            "helpdesk.sla",
            "create",
            {"name": "First response", "social_target": "first_response", "hours": promised_hours},
        )
        self.agent = server.login("marta")

    def connect(self, user, base_url=None, name="Aurora Air", network="mastodon", **values):
        """An account of a server, connected by its button; gives its id."""
        account = self.admin(
            "social.care.account",
            "create",
            {
                "name": name,
                "network": network,
                "base_url": base_url or user.base_url,
                "access_token": user.token,
                "team_line_ids": [(0, 0, {"team_id": self.team})],
                **values,
            },
        )
        self._accounts.append(account)
        told = self.admin("social.care.account", "action_test_connection", [account])
        assert told["params"]["type"] == "success", told["params"]["message"]
        return account

    def pause_all(self):
        """Let the accounts connected so far rest: their servers may be gone."""
        self.admin("social.care.account", "action_pause", self._accounts)
        self._accounts.clear()

    def receive(self):
        """What the scheduled actions do: look at every account, make tickets."""
        accounts = self.admin(
            "social.care.account", "search", [("state", "in", ["connected", "degraded"])]
        )
        self.admin("social.care.account", "action_poll_now", accounts)
        self.admin.run_cron("social_care.ir_cron_poll")
        self.admin.run_cron("social_care.ir_cron_triage")

    def mentions(
        self,
        account,
        fields=("external_id", "body", "ticket_id", "kind", "visibility", "posted_at"),
    ):
        """The account's mentions, oldest first."""
        return self.admin(
            "social.care.mention",
            "search_read",
            [("account_id", "=", account)],
            list(fields),
            order="posted_at, id",
        )

    def answer(self, mention_id, text, **values):
        """The agent writes an answer and presses “Send and wait”; gives the reply's id."""
        reply = self.agent(
            "social.care.reply", "create", {"mention_id": mention_id, "body": text, **values}
        )
        self.agent("social.care.reply", "action_send_wait", [reply])
        return reply

    def publish(self):
        """Run the outbox."""
        self.admin.run_cron("social_care.ir_cron_publish")

    def outcome(self, ticket):
        """What came of a ticket, looked at now."""
        self.admin.run_cron("social_care.ir_cron_outcome")
        return self.read("helpdesk.ticket", ticket, "social_outcome")["social_outcome"]

    def read(self, model, record, *fields):
        """Some fields of one record."""
        return self.admin(model, "read", [record], list(fields))[0]

    def _allow_loopback(self):
        self.admin("ir.config_parameter", "set_param", "social_care.allow_loopback", "True")
