"""A guest in the helpdesk: whoever worked with its records before works with them as before."""

from odoo.fields import Command
from odoo.tests import Form, new_test_user

from .clock_common import ClockCommon

EXPORT = "base.group_allow_export"
READERS = {
    "portal": "base.group_portal",
    "employee": f"base.group_user,{EXPORT}",
    "own": f"helpdesk_mgmt.group_helpdesk_user_own,{EXPORT}",
    "team": f"helpdesk_mgmt.group_helpdesk_user_team,{EXPORT}",
    "user": f"helpdesk_mgmt.group_helpdesk_user,{EXPORT}",
    "manager": f"helpdesk_mgmt.group_helpdesk_manager,{EXPORT}",
    "agent": f"social_care.social_care_group_agent,{EXPORT}",
}


class TestGuest(ClockCommon):
    """Without our roles too, scripts, lists and exports get every field that they are shown."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.readers = {
            name: new_test_user(cls.env, f"guest_{name}", groups=groups)
            for name, groups in READERS.items()
        }
        users = cls.env["res.users"].union(*cls.readers.values())
        cls.internal = users - cls.readers["portal"]
        cls.team.write({"user_ids": [Command.set(cls.internal.ids)], "show_in_portal": True})
        cls.boss = cls.readers["manager"]

    def setUp(self):
        super().setUp()
        mention = self._say("2026-08-17 10:00")
        self.ticket = mention.ticket_id
        self._reply_at("2026-08-17 11:00", mention)
        plain = self.env["helpdesk.ticket"].create(
            {"name": "By mail", "description": "x", "team_id": self.team.id}
        )
        people = self.env["res.users"].union(*self.readers.values()).partner_id
        (self.ticket | plain).message_subscribe(people.ids)
        self.records = [
            self.ticket | plain,
            self.ticket.ticket_sla_ids,
            self.ticket.channel_id,
            self.team,
            self.policy,
            self.env["helpdesk.ticket.tag"].create({"name": "Luggage"}),
            self.env["helpdesk.sla.report"].search([("ticket_id", "=", self.ticket.id)]),
            self.calendar,
            self.calendar.attendance_ids,
            self.env.company,
        ]
        self.env.flush_all()

    def _seen(self, user):
        """What a user may read of the helpdesk, as a new request finds it."""
        for records in self.records:
            self.env.invalidate_all()
            seen = records.with_user(user).filtered(lambda record: record.has_access("read"))
            if seen:
                yield seen

    def _ours(self, records):
        return [
            name
            for name in records.fields_get(attributes=())
            if records._fields[name]._module == "social_care"
        ]

    def test_everybody_reads_what_this_addon_added(self):
        for name, user in self.readers.items():
            for records in self._seen(user):
                with self.subTest(reader=name, model=records._name):
                    ours = self._ours(records)
                    records.read(ours)
                    self.env.invalidate_all()
                    records.web_read({field: {} for field in ours})

    def test_employees_read_whole_records(self):
        for user in self.internal:
            for records in self._seen(user):
                with self.subTest(reader=user.login, model=records._name):
                    records.read()
                    self.env.invalidate_all()
                    records.web_read({name: {} for name in records.fields_get(attributes=())})

    def test_employees_export_what_this_addon_added(self):
        """But the name of what they may not open: there Odoo asks for the right to do so."""
        for user in self.internal:
            for records in self._seen(user):
                names = [
                    name
                    for name in self._ours(records)
                    if not records._fields[name].relational
                    or records[name].browse().has_access("read")
                ]
                with self.subTest(reader=user.login, model=records._name):
                    self.env.invalidate_all()
                    records.export_data(names)

    def test_a_helpdesk_manager_duplicates_teams_tickets_and_policies(self):
        for records in (self.team, self.ticket, self.policy):
            with self.subTest(model=records._name):
                self.env.invalidate_all()
                copy = records.with_user(self.boss).copy()
                self.assertTrue(copy.id)

    def test_a_helpdesk_manager_edits_them_in_their_forms(self):
        for records in (self.team, self.ticket, self.policy):
            with (
                self.subTest(model=records._name),
                Form(records.with_user(self.boss)) as form,
            ):
                form.name = "Renamed"
            self.assertEqual(records.name, "Renamed")
