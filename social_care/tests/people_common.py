from datetime import timedelta

from odoo.tools import html2plaintext

from .common import MONDAY_10, FakeNetwork, SocialCareCommon


class PeopleCommon(SocialCareCommon):
    """A brand on two networks, and contacts it knows."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.x_account = cls._create_account(
            name="Aurora Air on X", network="x", base_url=False, external_id="77"
        )
        cls.ana = cls.env["res.partner"].create(
            {"name": "Ana Ruiz García", "email": "Ana.Ruiz@Example.com", "phone": "+34 600 123 456"}
        )

    def setUp(self):
        super().setUp()
        x = type("FakeXOfTest", (FakeNetwork,), {"code": "x", "name": "X"})
        classes = {"mastodon": self.network, "x": x}
        account_class = self.env.registry["social.care.account"]
        self.patch(account_class, "_get_network_classes", lambda _self: classes)

    def _ticket(self, external_id="1", who="ana", account=None, **values):
        mention = self._receive(self._mention(external_id, who, **values), account=account)
        return mention.ticket_id

    def _write_in_private(self, body, who="ana"):
        number = self.env["social.care.mention"].search_count([]) + 1
        return self._ticket(f"dm-{number}", who, body=body, kind="direct", visibility="direct")

    def _later(self, **delta):
        return MONDAY_10 + timedelta(**delta)

    def _as_agent(self, records):
        records.invalidate_recordset()
        return records.with_user(self.agent)

    def _plain_chatter(self, ticket):
        return html2plaintext(self._chatter(ticket), include_references=False)

    def _reasons(self, author):
        return self._as_agent(author)._suggest_contacts()
