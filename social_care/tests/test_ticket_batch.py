import json
import re
from collections import Counter
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.tests import new_test_user

from odoo.addons.social_care.models import (
    helpdesk_ticket_batch,
    helpdesk_ticket_promises,
    ir_sequence,
)

from .common import MONDAY_10, SocialCareCommon

MODEL = "helpdesk.ticket"
# Of each run its own.
RUN_FIELDS = {"id", "number", "create_date", "write_date", "access_token", "display_name"}

# What Odoo calls of each new record; another addon may override any of it.
OF_MAIL = (
    "_creation_message",
    "_creation_subtype",
    "message_post",
    "_message_auto_subscribe",
    "_message_auto_subscribe_followers",
    "_message_compute_parent_id",
    "_message_create",
    "_message_post_after_hook",
    "_notify_get_recipients",
    "_notify_thread",
    "_process_attachments_for_post",
)


@freeze_time(MONDAY_10)
class TestTicketBatch(SocialCareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        teams = cls.env["helpdesk.ticket.team"]
        cls.followed = teams.create(
            {"name": "Followed", "use_sla": True, "resource_calendar_id": cls.calendar.id}
        )
        cls.unpromising = teams.create({"name": "No promises", "use_sla": False})
        cls.follower = cls.env["res.partner"].create({"name": "Rita", "email": "rita@example.com"})
        created = cls.env.ref("helpdesk_mgmt.hlp_tck_team_created", raise_if_not_found=False)
        subtypes = created or cls.env["mail.message.subtype"].search(
            [("res_model", "=", "helpdesk.ticket.team")]
        )
        cls.followed.message_subscribe(
            partner_ids=(cls.agent.partner_id | cls.follower).ids, subtype_ids=subtypes.ids
        )
        cls.category = cls.env["helpdesk.ticket.category"].create({"name": "Refunds"})
        cls.tag = cls.env["helpdesk.ticket.tag"].create({"name": "Money"})
        cls._create_policies()
        cls.env["social.care.rule"].create(
            {
                "name": "Refunds",
                "action": "ticket",
                "keywords": "refund",
                "category_id": cls.category.id,
                "tag_ids": cls.tag.ids,
                "priority": "3",
            }
        )
        cls.accounts = cls.account
        for name, team in (("b", cls.followed), ("c", cls.unpromising), ("d", teams)):
            lines = [Command.create({"team_id": item.id}) for item in team]
            values = {"external_id": f"{name}@fake.example", "team_line_ids": lines}
            cls.accounts |= cls._create_account(name=name, handle=name, **values)

    @classmethod
    def _create_policies(cls):
        shared = {"social_target": "first_response"}
        cls.env["helpdesk.sla"].create(
            [
                {**shared, "name": "Category, 1 h", "hours": 1, "category_ids": cls.category.ids},
                {**shared, "name": "Tag, 90 min", "social_minutes": 90, "tag_ids": cls.tag.ids},
                {
                    **shared,
                    "name": "Urgent, 30 min",
                    "social_minutes": 30,
                    "domain": "[('priority', '=', '3')]",
                    "team_ids": cls.team.ids,
                    "category_ids": cls.category.ids,
                    "tag_ids": cls.tag.ids,
                },
                {
                    "name": "Done in a day",
                    "social_target": "stage",
                    "days": 1,
                    "stage_id": cls.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done").id,
                },
            ]
        )

    def _items(self):
        return [
            self._mention(f"{account.handle}-{number}", who=f"{account.handle}{number}", body=body)
            for account in self.accounts
            for number, body in enumerate(["My bag is lost", "I want a refund", "Where is it?"])
        ]

    def _ingest(self):
        mentions = self.env["social.care.mention"]
        for account in self.accounts:
            of_account = [
                item for item in self._items() if item.author.handle[:-1] == account.handle
            ]
            mentions |= account._ingest(of_account)
        return mentions

    def _make_alone(self):
        """The tickets made one by one, by Odoo's and the helpdesk's own methods."""
        never = {"is_standard": lambda *_names: False}
        with (
            patch.multiple(helpdesk_ticket_batch, **never),
            patch.multiple(helpdesk_ticket_promises, **never),
            patch.multiple(ir_sequence, **never),
        ):
            return self._make(self._ingest(), together=False)

    def _make_together(self):
        return self._make(self._ingest(), together=True)

    def _make(self, mentions, together):
        for part in [mentions] if together else mentions:
            part._triage()
            self.env.flush_all()
            self.env.cr.precommit.run()
        return mentions.ticket_id

    def _snapshot(self, tickets):
        """External id of a ticket's message → all that was written of it, as text."""
        self.env.flush_all()
        self.env.invalidate_all()
        tickets = tickets.sorted("id")
        first = {}  # number of each sequence
        for ticket in tickets:
            first.setdefault(*self._split_number(ticket))
        return {
            ticket.social_mention_ids.external_id: {
                "ticket": self._values(ticket),
                "number": self._count_from(first, ticket),
                "promises": [self._values(row) for row in ticket.ticket_sla_ids.sorted("id")],
                "messages": [
                    self._message(item, ticket.number) for item in ticket.message_ids.sorted("id")
                ],
                "followers": sorted(
                    (item.partner_id.name, sorted(item.subtype_ids.ids))
                    for item in ticket.message_follower_ids
                ),
                "told": [
                    self._message(item, ticket.number)
                    for item in self.env["mail.message"].search(
                        [
                            ("model", "=", MODEL),
                            ("res_id", "=", ticket.id),
                            ("message_type", "=", "user_notification"),
                        ],
                        order="id",
                    )
                ],
                "mails": [
                    (
                        mail.subject,
                        mail.recipient_ids.mapped("email"),
                        str(mail.body_html),
                        mail.state,
                    )
                    for mail in self.env["mail.mail"].search(
                        [("model", "=", MODEL), ("res_id", "=", ticket.id)], order="id"
                    )
                    if mail.mail_message_id.message_type != "user_notification"
                    and not mail.mail_message_id.notification_ids
                ],
                "activities": sorted(
                    (item.activity_type_id.name, item.user_id.name, item.date_deadline)
                    for item in ticket.activity_ids
                ),
            }
            for ticket in tickets
        }

    def _split_number(self, ticket):
        """The sequence's own part of a ticket's number, and what it has counted."""
        [(prefix, count)] = re.findall(r"^(\D*)(\d+)$", ticket.number)
        return prefix, int(count)

    def _count_from(self, first, ticket):
        prefix, count = self._split_number(ticket)
        return prefix, count - first[prefix]

    def _values(self, record):
        own = {"ticket_id", "social_mention_id"}
        names = [
            name
            for name, field in record._fields.items()
            if field.store and field.column_type and name not in RUN_FIELDS | own
        ]
        values = record.read(names)[0] | {"id": 0}
        # Of a link its name: rows that the run made have other ids.
        return {
            key: value[1] if isinstance(value, tuple) else value for key, value in values.items()
        }

    def _message(self, message, number):
        notifications = message.notification_ids.sorted("res_partner_id")
        subject = (message.subject or "").replace(number, "")  # its number stands there
        return {
            "subtype": message.subtype_id.name,
            "said": (str(message.body).replace(number, ""), subject, message.message_type),
            "from": (message.author_id.name, message.email_from, message.reply_to),
            "in": (message.record_company_id.id, message.record_alias_domain_id.id),
            "flags": (message.is_internal, message.email_add_signature, message.parent_id.id),
            "date": message.date,
            "tracking": [
                (item.field_id.name, item.old_value_integer, item.new_value_char)
                for item in message.sudo().tracking_value_ids
            ],
            "notified": [
                (item.res_partner_id.name, item.notification_type, item.notification_status)
                for item in notifications
            ],
            "mails": sorted(
                (mail.state, sorted(mail.recipient_ids.mapped("name")))
                for mail in self.env["mail.mail"].search([("mail_message_id", "=", message.id)])
            ),
        }

    def _compare(self, after=lambda tickets: None):
        """Make the same tickets alone and together, do ``after`` to each lot; gives the latter's snapshot."""
        self.env.flush_all()
        with self.env.cr.savepoint() as savepoint:
            alone = self._snapshot_after(self._make_alone(), after)
            bus_alone = self._bus()
            savepoint.rollback()
        self.env.invalidate_all()
        together = self._snapshot_after(self._make_together(), after)
        self.assertEqual(alone.keys(), together.keys())
        self.assertEqual(self._bus(), bus_alone)
        self.maxDiff = None
        for key, ticket in alone.items():
            for part, expected in ticket.items():
                with self.subTest(message=key, part=part):
                    self.assertEqual(together[key][part], expected)
        return together

    def _bus(self):
        """What the web clients of people are told: whom, what, how often."""
        rows = self.env["bus.bus"].search([("channel", "like", "res.partner")])
        return Counter((row.channel, json.loads(row.message)["type"]) for row in rows)

    def _snapshot_after(self, tickets, after):
        after(tickets)
        self.env.flush_all()
        self.env.cr.precommit.run()
        return self._snapshot(tickets)

    def test_tickets_made_together_are_as_those_made_alone(self):
        together = self._compare()
        # So that the comparison compares something.
        refund = together["b-1"]
        self.assertEqual([name for name, _ids in refund["followers"]], ["Marta Cano", "Rita"])
        self.assertEqual(
            [row[0] for row in refund["messages"][0]["notified"]], ["Marta Cano", "Rita"]
        )
        self.assertEqual(len(refund["promises"]), 2)
        self.assertEqual(len(together["c-1"]["promises"]), 0)
        self.assertEqual([ticket["number"][1] for ticket in together.values()], list(range(12)))

    def test_what_is_changed_later_is_tracked_as_on_tickets_made_alone(self):
        together = self._compare(
            lambda tickets: tickets.write(
                {"user_id": self.agent.id, "stage_id": self.stage_progress.id}
            )
        )
        tracked = [row for message in together["b-1"]["messages"] for row in message["tracking"]]
        self.assertIn("In Progress", [new for _name, _old, new in tracked])

    def _create_with(self, get_values):
        """Have tickets created with further values.

        :param get_values: function of the place, 0 to 2, of the customer among the account's
        """
        registry_class = self.env.registry["social.care.mention"]
        prepare = registry_class._prepare_ticket

        def prepare_with(mentions, conversation):
            place = int(conversation.mentions[0].author_id.handle[-1])
            return prepare(mentions, conversation) | get_values(place)

        self.patch(registry_class, "_prepare_ticket", prepare_with)

    def test_who_gets_a_ticket_at_once_follows_it_and_is_told(self):
        leo = new_test_user(
            self.env, login="leo", name="Leo", groups="social_care.social_care_group_agent"
        )
        self.agent.notification_type = "inbox"
        self._create_with(lambda place: {"user_id": [self.agent.id, leo.id, False][place]})
        together = self._compare()
        for key, followers in (("d-0", ["Marta Cano"]), ("d-1", ["Leo"]), ("d-2", [])):
            ticket = together[key]
            self.assertEqual([name for name, _ids in ticket["followers"]], followers)
            told = [row[0] for message in ticket["told"] for row in message["notified"]]
            self.assertEqual(told, followers)
        inbox = [
            number for (_who, what), number in self._bus().items() if what == "mail.message/inbox"
        ]
        self.assertEqual(inbox, [7], "four of her own and three of the team she follows")

    def test_the_mail_of_a_stage_goes_to_each_customer(self):
        self.stage_new.mail_template_id = self.env["mail.template"].create(
            {
                "name": "Received",
                "model_id": self.env.ref("helpdesk_mgmt.model_helpdesk_ticket").id,
                "subject": "We read {{ object.name }}",
                "body_html": "<p>Hello</p>",
                "email_to": "{{ object.partner_email }}",
            }
        )
        self.followed.social_stage_mails = True
        self._create_with(
            lambda place: {"partner_email": ["ana@example.com", "eva@example.com", False][place]}
        )
        together = self._compare()
        self.assertEqual(
            [mail[:2] for mail in together["b-1"]["mails"]],
            [("We read I want a refund", ["eva@example.com"])],
        )
        self.assertEqual(together["b-2"]["mails"], [], "no address")

    def test_an_answer_by_mail_goes_to_the_company_s_address(self):
        domain = self.env["mail.alias.domain"].create({"name": "care.example"})
        self.env.company.alias_domain_id = domain
        together = self._compare()
        _author, _sender, reply_to = together["b-1"]["messages"][0]["from"]
        self.assertIn("@care.example", reply_to)

    def test_each_company_counts_its_own_tickets(self):
        other = self.env["res.company"].create({"name": "Borealis"})
        self.env["ir.sequence"].create(
            {"name": "B", "code": "helpdesk.ticket.sequence", "prefix": "B", "company_id": other.id}
        )
        account = self._create_account(
            name="e",
            handle="e",
            external_id="e@fake.example",
            company_id=other.id,
            team_line_ids=[],
        )
        self.accounts |= account
        together = self._compare()
        numbers = [together[f"e-{place}"]["number"] for place in range(3)]
        self.assertEqual(numbers, [("B", 0), ("B", 1), ("B", 2)])

    def test_a_number_and_a_stage_that_another_addon_gave_stay(self):
        given = {"number": "RMA1", "stage_id": self.stage_progress.id}
        self._create_with(lambda place: given if place else {})
        made = self._receive(self._mention("1", "x0"), self._mention("2", "x1")).ticket_id
        self.assertEqual(made.mapped("stage_id"), self.stage_new | self.stage_progress)
        self.assertEqual(made[1].number, "RMA1")
        self.assertNotIn(made[0].number, ("/", "RMA1"))

    def _note_calls(self, original):
        """What each call gave, and the override, as another addon has it, that notes it."""
        given = []

        def override(records, *args, **kwargs):
            given.append(original(records, *args, **kwargs))
            return given[-1]

        return given, override

    def test_without_a_sequence_a_ticket_has_the_helpdesk_s_stroke(self):
        self.env["ir.sequence"].search([("code", "=", "helpdesk.ticket.sequence")]).unlink()
        self.assertEqual(self._receive(self._mention("1")).ticket_id.number, "/")

    def _find_below(self, name):
        """Where what this addon has of a method goes on: another addon may stand between."""
        return next(
            part
            for part in self.env.registry[MODEL].mro()
            if name in vars(part) and "social_care" not in part.__module__
        )

    def test_what_other_addons_override_is_called_for_each_ticket(self):
        tickets, sequences = self.env.registry[MODEL], self.env.registry["ir.sequence"]
        overridden = [(tickets, name) for name in OF_MAIL]
        overridden += [(self._find_below(name), name) for name in OF_MAIL]
        overridden += [(tickets, "_prepare_ticket_number"), (tickets, "_get_sla")]
        overridden += [(sequences, "next_by_code")]
        for number, (model, name) in enumerate(overridden):
            given, override = self._note_calls(getattr(model, name))
            items = [self._mention(f"{number}-{n}", who=f"p{number}x{n}") for n in range(3)]
            with self.subTest(name, model=model), patch.object(model, name, override):
                tickets_made = self._receive(*items).ticket_id
                self.assertEqual(len(tickets_made), 3)
                self.assertEqual(len(tickets_made.message_ids), 3)
                self.assertEqual(len(set(tickets_made.mapped("number"))), 3)
                self.assertGreaterEqual(len(given), 3)
                if name == "message_post":
                    self.assertTrue(all(given), "an override may go on with the message")

    def test_an_override_of_set_sla_sees_the_tickets_and_the_helpdesk_s_own_follows(self):
        seen = []
        original = self.env.registry[MODEL].set_sla

        def set_sla(tickets):
            seen.extend(tickets)
            return original(tickets)

        with patch.object(self.env.registry[MODEL], "set_sla", set_sla):
            made = self._receive(self._mention("1"), self._mention("2", who="eva")).ticket_id
        self.assertEqual(set(seen), set(made))
        self.assertEqual(
            made.ticket_sla_ids.sla_id.mapped("name"), ["Done in a day", "First response 2 h"]
        )

    def test_a_follower_whom_a_ticket_comes_with_also_gets_what_the_team_brings(self):
        note = self.env.ref("mail.mt_note")
        values = {"partner_id": self.follower.id, "res_model": MODEL, "subtype_ids": note.ids}
        self._create_with(lambda place: {"message_follower_ids": [Command.create(values)]})
        together = self._compare()
        [rita] = [ids for name, ids in together["b-0"]["followers"] if name == "Rita"]
        self.assertIn(note.id, rita)
        self.assertGreater(len(rita), 1)

    def _while_created(self, do):
        """Have tickets created, and ``do`` called for each before that is done; gives them."""
        original = self.env.registry[MODEL].set_sla

        def set_sla(tickets):
            for ticket in tickets:
                do(ticket)
            return original(tickets)

        with patch.object(self.env.registry[MODEL], "set_sla", set_sla):
            return self._receive(self._mention("1"), self._mention("2", who="eva")).ticket_id

    def test_who_gets_a_ticket_while_it_is_created_goes_on_following_what_they_chose(self):
        note, partner = self.env.ref("mail.mt_note"), self.agent.partner_id

        def assign(ticket):
            ticket.message_subscribe(partner.ids, subtype_ids=note.ids)
            ticket.user_id = self.agent

        for ticket in self._while_created(assign):
            follower = ticket.message_follower_ids.filtered(lambda it: it.partner_id == partner)
            self.assertEqual(follower.subtype_ids, note)

    def test_a_ticket_from_elsewhere_that_is_created_meanwhile_is_whole_at_once(self):
        values = {"name": "To do", "description": "x", "team_id": self.followed.id}
        seen = []

        def create_another(ticket):
            other = ticket.create(values)
            seen.append((len(other.message_ids), self.follower in other.message_partner_ids))

        # Its promises are set as well, and that creates no further one.
        self._while_created(lambda ticket: ticket.social_account_id and create_another(ticket))
        self.assertEqual(seen, [(1, True)] * 2)

    def test_what_is_posted_on_them_afterwards_is_posted(self):
        values = {"name": "Lost", "description": "x", "social_account_id": self.account.id}
        ticket = self.env[MODEL].create([{**values, "team_id": self.team.id}])
        message = ticket.message_post(
            body="Hello", subtype_id=self.env.ref("mail.mt_note").id, author_id=self.follower.id
        )
        self.assertIn(message, ticket.message_ids)

    def test_what_is_posted_while_tickets_are_created_is_posted_at_once(self):
        made = self._while_created(
            lambda ticket: ticket.message_post(body="Hello", subtype_xmlid="mail.mt_note")
        )
        self.assertEqual(len(made[0].message_ids), 2)
        created, note = made[0].message_ids
        self.assertEqual(
            (created.subtype_id.name, note.subtype_id.name), ("Ticket Created", "Note")
        )
        self.assertEqual(created.parent_id, note, "as Odoo has it: it follows on what is there")

    def test_a_ticket_from_elsewhere_is_made_by_the_helpdesk_alone(self):
        ticket = self.env[MODEL].create(
            {"name": "By mail", "description": "x", "team_id": self.followed.id}
        )
        self.assertEqual(len(ticket.message_ids), 1)
        self.assertEqual(ticket.ticket_sla_ids.sla_id.mapped("name"), ["Done in a day"])
        self.assertIn(self.follower, ticket.message_partner_ids)


@freeze_time(MONDAY_10)
class TestSequenceRange(SocialCareCommon):
    def _sequence(self, **values):
        return self.env["ir.sequence"].create(
            {"name": "Test", "code": "social.care.test", "padding": 4, **values}
        )

    def _draw(self, count):
        return self.env["ir.sequence"]._social_care_draw("social.care.test", count)

    def test_numbers_drawn_at_once_are_those_drawn_one_by_one(self):
        for values in (
            {"implementation": "standard"},
            {"implementation": "no_gap"},
            {"implementation": "standard", "number_increment": 5, "number_next": 7},
            {"implementation": "no_gap", "number_increment": 5, "number_next": 7},
            {"implementation": "standard", "use_date_range": True},
            {"implementation": "no_gap", "use_date_range": True},
        ):
            prefix = {"prefix": "T/%(year)s/%(range_year)s/", "suffix": "/%(month)s"}
            with self.subTest(values):
                alone = self._sequence(**prefix, **values)
                expected = [
                    self.env["ir.sequence"].next_by_code("social.care.test") for _n in "12345"
                ]
                alone.unlink()
                self._sequence(**prefix, **values)
                drawn = [*self._draw(2), *self._draw(2)]
                drawn.append(self.env["ir.sequence"].next_by_code("social.care.test"))
                self.assertEqual(drawn, expected)
                self.env["ir.sequence"].search([("code", "=", "social.care.test")]).unlink()

    def test_the_company_s_own_sequence_goes_first(self):
        self._sequence(prefix="ALL/", company_id=False)
        self._sequence(prefix="OWN/", company_id=self.env.company.id)
        self.assertEqual(self._draw(2), ["OWN/0001", "OWN/0002"])

    def test_another_company_s_sequence_is_not_drawn_from(self):
        other = self.env["res.company"].create({"name": "Borealis"})
        self._sequence(prefix="OTHER/", company_id=other.id)
        self.env = self.env(context={"allowed_company_ids": [self.env.company.id, other.id]})
        self.assertEqual(self._draw(2), [False, False])
        self.env = self.env(context={"allowed_company_ids": [other.id, self.env.company.id]})
        self.assertEqual(self._draw(2), ["OTHER/0001", "OTHER/0002"])

    def test_without_a_sequence_there_are_no_numbers(self):
        self.assertEqual(self._draw(2), [False, False])

    def test_a_range_is_one_query(self):
        self._sequence()
        self._draw(1)
        before = self.cr.sql_log_count
        self._draw(1)
        few = self.cr.sql_log_count - before
        before = self.cr.sql_log_count
        self._draw(500)
        self.assertEqual(self.cr.sql_log_count - before, few)
