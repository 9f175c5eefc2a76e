"""Webhooks on a running Odoo: what each network calls, signed as it signs, becomes a ticket."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from support import vendor_calls

SECRET = "a-secret-of-the-app"
WORD = "open-sesame"

# Network, the kind of call, who makes it and how.
KINDS = [
    ("facebook", "page", "comment"),
    ("facebook", "page", "visitor_post"),
    ("facebook", "page", "message"),
    ("instagram", "instagram", "instagram_comment"),
    ("instagram", "instagram", "message"),
    ("x", "", "mention"),
    ("x", "", "message"),
]
VENDORS = {"facebook": vendor_calls.Meta, "instagram": vendor_calls.Meta, "x": vendor_calls.X}


class App:
    """A developer's app in Odoo, its webhook address, and accounts under it."""

    def __init__(self, brand, network):
        self.brand = brand
        self.vendor = VENDORS[network](SECRET)
        values = {"name": f"Aurora on {network}", "network": network}
        values |= {"client_id": "key", "client_secret": SECRET, "verify_token": WORD}
        self.id = brand.admin("social.care.app", "create", values)
        token = brand.read("social.care.app", self.id, "webhook_token")["webhook_token"]
        self.address = vendor_calls.Address(brand.server.base_url, token, self.vendor)
        self.accounts = []

    def connect(self, network, **values):
        """An account as it is once connected; gives its id and the network's own."""
        external_id = vendor_calls.new_id()
        account = self.brand.admin(
            "social.care.account",
            "create",
            {
                "name": "Aurora Air",
                "network": network,
                "app_id": self.id,
                "external_id": external_id,
                "handle": "aurora",
                "access_token": "a-token",
                "state": "connected",
                "since": str(datetime.now() - timedelta(days=2))[:19],
                "team_line_ids": [(0, 0, {"team_id": self.brand.team})],
                **values,
            },
        )
        self.accounts.append(account)
        return account, external_id

    def deliveries(self):
        """What this app was sent, oldest first."""
        return self.brand.admin(
            "social.care.delivery",
            "search_read",
            [("app_id", "=", self.id)],
            ["state", "error_code", "error"],
            order="id",
        )

    def process(self):
        """What the scheduled actions do."""
        self.brand.admin.run_cron("social_care.ir_cron_process")
        self.brand.admin.run_cron("social_care.ir_cron_triage")


@pytest.fixture
def make_app(shared_brand):
    """A function that makes an app; its accounts rest afterwards."""
    made = []

    def make(network):
        made.append(App(shared_brand, network))
        return made[-1]

    yield make
    for app in made:
        shared_brand.admin("social.care.account", "action_pause", app.accounts)


@pytest.mark.parametrize(("network", "kind", "event"), KINDS)
def test_a_signed_call_of_each_kind_becomes_a_ticket(make_app, network, kind, event):
    app = make_app(network)
    account, owner = app.connect(network)
    text = "¿Dónde está mi maleta? 🧳"
    body = app.vendor.call(kind, getattr(app.vendor, event)(owner, text))

    assert app.address.post(body).status_code == 200
    app.process()

    assert [(d["state"], d["error"]) for d in app.deliveries()] == [("processed", False)]
    [mention] = app.brand.mentions(account)
    assert mention["body"] == text
    assert (mention["visibility"] == "direct") == (event == "message")
    ticket = app.brand.read("helpdesk.ticket", mention["ticket_id"][0], "social_deadline")
    posted_at = datetime.fromisoformat(mention["posted_at"])
    assert datetime.fromisoformat(ticket["social_deadline"]) == posted_at + timedelta(hours=2)
    assert app.brand.read("social.care.account", account, "last_pushed_at")["last_pushed_at"]


def test_an_instagram_account_under_a_facebook_app(make_app):
    app = make_app("facebook")
    account, owner = app.connect("instagram")
    app.address.post(app.vendor.call("instagram", app.vendor.message(owner, "hello")))
    app.process()
    assert [mention["body"] for mention in app.brand.mentions(account)] == ["hello"]


def test_handshake_of_meta(make_app):
    address = make_app("facebook").address
    question = {
        "hub.mode": "subscribe",
        "hub.verify_token": WORD,
        "hub.challenge": "1158201444",
    }
    answer = address.ask(**question)
    assert (answer.status_code, answer.text) == (200, "1158201444")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert address.ask(**{**question, "hub.verify_token": "guess"}).status_code == 403
    assert address.ask(**{**question, "hub.challenge": "<script>"}).status_code == 403


def test_handshake_of_x(make_app):
    app = make_app("x")
    answer = app.address.ask(crc_token="abc-DEF_123")
    assert answer.json() == {"response_token": app.vendor.prove(b"abc-DEF_123")}
    for token in ('{"data":{}}', "a" * 129, ""):
        assert app.address.ask(crc_token=token).status_code == 403, token


@pytest.mark.parametrize("network", ["facebook", "instagram", "x"])
def test_a_forged_call_leaves_no_row_and_an_unknown_address_is_not_found(make_app, network):
    app = make_app(network)
    body = json.dumps({"data": {}, "entry": []}).encode()
    good = app.vendor.sign(body)
    [name] = good
    bad = VENDORS[network]("another secret").sign(body)
    for headers in ({}, bad, {name: good[name].removeprefix("sha256=")}, {name: ""}):
        assert app.address.post(body, headers).status_code == 403
    assert app.address.post(body + b" ", good).status_code == 403
    app.address.url += "x"
    assert app.address.post(body).status_code == 404
    assert app.deliveries() == []


def test_a_word_that_x_signed_for_its_challenge_is_no_call(make_app):
    app = make_app("x")
    assert app.address.post(b"abc-DEF_123").status_code == 403
    assert app.deliveries() == []


def test_the_same_call_many_times_at_once_is_one_row_and_one_ticket(make_app):
    app = make_app("facebook")
    account, owner = app.connect("facebook")
    body = app.vendor.call("page", app.vendor.comment(owner, "hello"))
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _number: app.address.post(body), range(24)))
    assert {answer.status_code for answer in answers} == {200}
    app.process()
    assert app.address.post(body).status_code == 200
    app.process()
    assert [delivery["state"] for delivery in app.deliveries()] == ["processed"]
    assert len(app.brand.mentions(account)) == 1


def test_two_pages_in_two_companies_in_one_call(make_app):
    app = make_app("facebook")
    admin = app.brand.admin
    company = admin("res.company", "create", {"name": f"Borealis {vendor_calls.new_id()}"})
    admin("res.users", "write", [admin.user_id], {"company_ids": [(4, company)]})
    team = admin("helpdesk.ticket.team", "create", {"name": "North", "company_id": company})
    first, first_owner = app.connect("facebook")
    second, second_owner = app.connect(
        "facebook", company_id=company, team_line_ids=[(0, 0, {"team_id": team})]
    )
    body = app.vendor.call(
        "page",
        app.vendor.comment(first_owner, "to the first"),
        app.vendor.message(second_owner, "to the second"),
    )
    assert app.address.post(body).status_code == 200
    app.process()

    [mention] = app.brand.mentions(first)
    assert mention["body"] == "to the first"
    [mention] = app.brand.mentions(second, ("body", "company_id", "ticket_id"))
    assert (mention["body"], mention["company_id"][0]) == ("to the second", company)
    ticket = app.brand.read("helpdesk.ticket", mention["ticket_id"][0], "company_id", "team_id")
    assert (ticket["company_id"][0], ticket["team_id"][0]) == (company, team)


@pytest.mark.parametrize(("network", "kind"), [("facebook", "page"), ("x", "")])
def test_what_is_not_understood_stays_and_can_be_processed_again(make_app, network, kind):
    app = make_app(network)
    _account, owner = app.connect(network)
    assert app.address.post(app.vendor.call(kind, app.vendor.strange(owner))).status_code == 200
    app.process()
    [delivery] = app.deliveries()
    assert (delivery["state"], delivery["error_code"]) == ("failed", "unknown_event")
    app.brand.admin("social.care.delivery", "action_process_again", [delivery["id"]])
    assert app.deliveries()[0]["state"] == "received"
    app.process()
    assert app.deliveries()[0]["error_code"] == "unknown_event"


def test_a_call_for_an_account_that_is_connected_later(make_app):
    app = make_app("facebook")
    owner = vendor_calls.new_id()
    app.address.post(app.vendor.call("page", app.vendor.comment(owner, "too early")))
    app.process()
    [delivery] = app.deliveries()
    assert (delivery["state"], delivery["error_code"]) == ("failed", "no_owner")
    account, _owner = app.connect("facebook", external_id=owner)
    app.brand.admin("social.care.delivery", "action_process_again", [delivery["id"]])
    app.process()
    assert [mention["body"] for mention in app.brand.mentions(account)] == ["too early"]


def test_neither_secrets_nor_customers_words_are_in_the_log(make_app):
    app = make_app("facebook")
    _account, owner = app.connect("facebook")
    body = app.vendor.call("page", app.vendor.comment(owner, "my code is ZX81QL"))
    for headers in (None, None, {}):
        app.address.post(body, headers)
    app.process()
    log = app.brand.server.process.output()
    assert "ZX81QL" not in log
    assert SECRET not in log
