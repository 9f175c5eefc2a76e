"""Inside Odoo's shell: pages of messages become tickets, are known, are ignored; deadlines are planned."""

import itertools
from datetime import datetime, timedelta
from email.message import EmailMessage

from odoo import Command
from odoo.fields import Domain
from odoo.tools import SQL

from .bench_inside import TEXT, Brand, Customers, check, drain_triage, in_turn, seconds, store, tell

RULES = 30
PAGE = 100  # messages that a network gives at once
AUTHORS = 500  # who keep writing
MEASURES = {}  # key → function that measures it


def measures(*keys):
    """Register a function that measures figures."""
    return lambda function: MEASURES.update(dict.fromkeys(keys, function)) or function


def main(env, options):
    """Measure what is asked for."""
    brand = Brand(env)
    wanted = [MEASURES[key] for key in MEASURES if key in options["keys"]]
    for measure in dict.fromkeys(wanted):
        measure(env, brand, options["sizes"])


# -- Tickets ----------------------------------------------------------------------


@measures("tickets_vs_mail_gateway", "tickets_vs_bare_create")
def measure_tickets(env, brand, sizes):
    """From what a network handed over to tickets with deadlines; the mail gateway; a bare create."""
    social = SocialTickets(env, brand, sizes["tickets"])
    mail = MailTickets(env, brand, sizes["mails"])
    bare = BareTickets(env, brand, sizes["tickets"])
    ours, by_mail, created = in_turn(sizes["rounds"], social.round, mail.round, bare.round)
    share = sum(social.storing) / (sum(social.storing) + sum(social.deciding))
    tell(
        "tickets_vs_mail_gateway",
        ours=ours,
        yardstick=by_mail,
        note=f"from pages of {PAGE} to tickets; storing them takes {share:.0%} of the time; of the two "
        "promises the strictest runs",
    )
    tell("tickets_vs_bare_create", ours=ours, yardstick=created)


class SocialTickets:
    """Messages of new customers, stored and triaged as the scheduled actions do."""

    def __init__(self, env, brand, count):
        self.env, self.brand, self.count = env, brand, count
        self.customers = Customers("new")
        self.storing, self.deciding = [], []

    def round(self):
        """Tickets a second."""
        said = self.customers.say(self.count)
        pages = [said[at : at + PAGE] for at in range(0, self.count, PAGE)]
        self.storing.append(seconds(lambda: [store(self.brand.account, page) for page in pages]))
        self.deciding.append(seconds(lambda: drain_triage(self.env)))
        self.check()
        return self.count / (self.storing[-1] + self.deciding[-1])

    def check(self):
        """Each message has a ticket of its own, on the clock of the strictest of the team's promises."""
        [found] = self.env.execute_query_dict(
            SQL(
                """SELECT count(DISTINCT m.id) AS messages, count(DISTINCT m.ticket_id) AS tickets,
                          count(DISTINCT s.id) FILTER (WHERE s.deadline IS NOT NULL) AS deadlines
                     FROM social_care_mention m
                     JOIN helpdesk_ticket t ON t.id = m.ticket_id AND t.social_deadline IS NOT NULL
                     JOIN helpdesk_ticket_sla s ON s.ticket_id = t.id
                    WHERE m.account_id = %s AND m.external_id LIKE 'new-%%'""",
                self.brand.account.id,
            )
        )
        said = self.customers.said
        check({"messages": said, "tickets": said, "deadlines": said}, found, "social tickets")


class MailTickets:
    """Mails of new customers, taken in as the fetching of mail does: one by one, each committed."""

    def __init__(self, env, brand, count):
        self.env, self.count = env, count
        self.team = brand.make_team("Mail", use_sla=True)
        brand.make_policies(
            self.team, stage_id=env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done").id
        )
        domain = env.company.alias_domain_id or env["mail.alias.domain"].create(
            {"name": "bench.example"}
        )
        env.company.alias_domain_id = domain
        self.team.write({"alias_name": "bench", "alias_domain_id": domain.id})
        self.address = f"bench@{domain.name}"
        self.numbers = itertools.count(1)
        self.sent = 0
        env.cr.commit()

    def round(self):
        """Tickets a second."""
        mails = [self.write(next(self.numbers)) for _mail in range(self.count)]
        self.sent += self.count
        took = seconds(lambda: [self.receive(mail) for mail in mails])
        tickets = self.env["helpdesk.ticket"].search([("team_id", "=", self.team.id)])
        check(self.sent, len(tickets), "tickets by mail")
        check(2 * self.sent, len(tickets.ticket_sla_ids.filtered("deadline")), "their deadlines")
        return self.count / took

    def write(self, number):
        """A mail as it comes from the server."""
        mail = EmailMessage()
        mail["From"] = f"Customer {number} <customer{number}@customers.example>"
        mail["To"] = self.address
        mail["Subject"] = "Where is my parcel?"
        mail["Message-Id"] = f"<{number}@customers.example>"
        mail.set_content(TEXT.format(number=number))
        return mail.as_bytes()

    def receive(self, mail):
        """What Odoo does with each mail it fetches."""
        threads = self.env["mail.thread"].with_context(fetchmail_cron_running=True)
        threads.message_process("helpdesk.ticket", mail)
        self.env.cr.commit()


class BareTickets:
    """One create for all, without policies and without tracking."""

    def __init__(self, env, brand, count):
        self.env, self.count = env, count
        self.team = brand.make_team("Bare")
        env.cr.commit()

    def round(self):
        """Tickets a second."""
        before = self.env["helpdesk.ticket"].search_count([("team_id", "=", self.team.id)])
        took = seconds(self.create)
        after = self.env["helpdesk.ticket"].search_count([("team_id", "=", self.team.id)])
        check(self.count, after - before, "bare tickets")
        return self.count / took

    def create(self):
        """The create, committed."""
        self.env["helpdesk.ticket"].with_context(tracking_disable=True).create(
            [
                {
                    "name": f"Where is my parcel {number}?",
                    "description": TEXT.format(number=number),
                    "partner_name": f"Customer {number}",
                    "team_id": self.team.id,
                    "user_id": False,
                }
                for number in range(self.count)
            ]
        )
        self.env.cr.commit()


# -- Pages ------------------------------------------------------------------------


class PlainInsert:
    """Plain SQL, many rows a statement, into a copy of the messages' table with all of its indexes."""

    def __init__(self, env, external_ids):
        self.env = env
        env.cr.execute("DROP TABLE IF EXISTS bench_plain")
        env.cr.execute("CREATE TABLE bench_plain (LIKE social_care_mention INCLUDING ALL)")
        # As text, whatever the type: PostgreSQL reads it as it reads any literal.
        columns = env.execute_query(
            SQL(
                "SELECT attname FROM pg_attribute WHERE attrelid = 'bench_plain'::regclass"
                " AND attnum > 0 ORDER BY attnum"
            )
        )
        self.names = SQL(", ").join(SQL.identifier(name) for (name,) in columns)
        texts = SQL(", ").join(SQL("%s::text", SQL.identifier(name)) for (name,) in columns)
        self.rows = env.execute_query(
            SQL(
                "SELECT %s FROM social_care_mention WHERE external_id = ANY(%s)",
                texts,
                external_ids,
            )
        )
        check(len(external_ids), len(self.rows), "rows to insert")
        env.cr.commit()

    def round(self):
        """Rows a second."""
        self.env.cr.execute("TRUNCATE bench_plain")
        self.env.cr.commit()
        took = seconds(self.insert)
        [[found]] = self.env.execute_query(SQL("SELECT count(*) FROM bench_plain"))
        check(len(self.rows), found, "rows inserted")
        return len(self.rows) / took

    def insert(self):
        """The insert, committed."""
        statement = SQL("INSERT INTO bench_plain (%s) VALUES", self.names).code + " %s"
        self.env.cr.execute_values(statement, self.rows, page_size=len(self.rows))
        self.env.cr.commit()


@measures("known_vs_insert")
def measure_known(env, brand, sizes):
    """A repeated page: nothing is written, no sequence moves."""
    page = Customers("known", AUTHORS).say(sizes["page"])
    check(len(page), len(store(brand.account, page)), "messages stored")
    drain_triage(env)
    plain = PlainInsert(env, [item.external_id for item in page])

    def round_of_ours():
        before = _last_ids(env)
        took = seconds(lambda: check(0, len(store(brand.account, page)), "messages changed"))
        check(before, _last_ids(env), "last ids")
        return len(page) / took

    ours, yardstick = in_turn(sizes["rounds"], round_of_ours, plain.round)
    tell("known_vs_insert", ours=ours, yardstick=yardstick)


def _last_ids(env):
    return env.execute_query(
        SQL(
            "SELECT (SELECT last_value FROM %s), (SELECT last_value FROM %s)",
            *map(SQL.identifier, ("social_care_mention_id_seq", "social_care_author_id_seq")),
        )
    )


@measures("ignored_vs_insert")
def measure_ignored(env, brand, sizes):
    """A page of new messages that 30 rules ignore, each its share."""
    rules = env["social.care.rule"]
    rules.search([]).active = False
    reason = env["social.care.reason"].search([], limit=1)
    rules.create(
        [
            {
                "name": f"Campaign {number}",
                "keywords": f"raffle{number}\ncontest {number}\nwinning trip{number}*",
                "action": "ignore",
                "reason_id": reason.id,
            }
            for number in range(RULES)
        ]
    )
    customers = Customers("ignored", AUTHORS)
    plain = []

    def round_of_ours():
        page = customers.say(sizes["page"])
        page = [
            type(item)(**{**vars(item), "body": f"{item.body} #raffle{number % RULES}"})
            for number, item in enumerate(page)
        ]
        took = seconds(lambda: store(brand.account, page)) + seconds(lambda: drain_triage(env))
        external_ids = [item.external_id for item in page]
        found = env["social.care.mention"]._read_group(
            [("external_id", "in", external_ids)], ["state"], ["__count", "rule_id:count_distinct"]
        )
        check([("ignored", len(page), min(RULES, len(page)))], found, "messages ignored")
        if not plain:
            plain.append(PlainInsert(env, external_ids))
        return len(page) / took

    def round_of_sql():
        return plain[0].round()

    ours, yardstick = in_turn(sizes["rounds"], round_of_ours, round_of_sql)
    tell("ignored_vs_insert", ours=ours, yardstick=yardstick)


# -- Deadlines --------------------------------------------------------------------


@measures("deadlines_vs_plan_hours")
def measure_deadlines(env, brand, sizes):
    """A thousand deadlines in a calendar with holidays; each is what Odoo's own planning says."""
    start = datetime(2026, 3, 2, 7)
    calendar = brand.calendar
    calendar.global_leave_ids = [
        Command.create(
            {
                "name": f"Holiday {number}",
                "date_from": start + timedelta(days=11 * number),
                "date_to": start + timedelta(days=11 * number, hours=16),
            }
        )
        for number in range(12)
    ]
    env.cr.commit()
    pairs = [(start + timedelta(minutes=97 * number), 1 + number % 40) for number in range(1000)]
    # One by one from all over the thousand.
    some = range(0, len(pairs), max(1, len(pairs) // sizes["plan_hours"]))
    domain = Domain("time_type", "=", "leave") & Domain("company_id", "in", [False, env.company.id])
    results = {}

    def at_once():
        results["ours"] = calendar._plan_hours_batch(pairs, env.company)

    def one_by_one():
        results["odoo"] = [
            calendar.plan_hours(pairs[number][1], pairs[number][0], True, domain) for number in some
        ]

    ours, yardstick = in_turn(
        sizes["rounds"],
        lambda: len(pairs) / seconds(at_once),
        lambda: len(some) / seconds(one_by_one),
    )
    check(results["odoo"], [results["ours"][number] for number in some], "deadlines")
    tell("deadlines_vs_plan_hours", ours=ours, yardstick=yardstick)
