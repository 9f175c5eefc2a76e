"""Nobody sees a credential: known ones are planted, things go wrong, and then they are looked for everywhere."""

import base64
import json
import re
import subprocess
from datetime import datetime, timezone

import pytest
import requests
from fakes.http_server import Fault
from fakes.mastodon_server import TOKEN, MastodonServer

from support.brand import Brand
from support.odoo import OdooError
from support.waiting import wait_for
from toolbox import databases, odoo_process

# TOKEN is what the fake server accepts.
ACCOUNT = {"access_token": TOKEN, "refresh_token": "planted-refresh-31c7e5d2a9"}
STORED = {
    "access_token": "planted-access-5f0d4b8e77",
    "refresh_token": "planted-refresh-8ab2f60c1d",
}
APP = {
    "client_id": "planted-client-id-c4e1a7b3",
    "client_secret": "planted-client-secret-90fd21",
    "signing_secret": "planted-signing-secret-7be4",
    "verify_token": "planted-verify-token-d83a65",
    "app_token": "planted-app-token-1f6b70",
}
BY_HAND = "planted-by-hand-e2c96f0b41"
PLANTED = [*ACCOUNT.values(), *STORED.values(), *APP.values(), BY_HAND]
ECHO = json.dumps({"error": f"Authorization: Bearer {TOKEN}", "you_sent": TOKEN}).encode()

# The columns in which they belong.
HOMES = {"social_care_account": [*ACCOUNT], "social_care_app": [*APP]}

TABLES = """
    SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
     WHERE nspname = 'public' AND relkind IN ('r', 'p')
"""
REFUSE_TOKENS = f"""
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'refused'; END $$;
    CREATE TRIGGER refuse BEFORE UPDATE OF access_token ON social_care_account
        FOR EACH ROW WHEN (NEW.access_token = '{BY_HAND}') EXECUTE FUNCTION refuse();
"""
# A network whose renewals carry all they can in address, headers and body, and fail.
RENEW = """
from odoo.addons.social_care import networks
def renew(adapter):
    keys = adapter.credentials
    told = {"refresh_token": keys.refresh_token, "client_secret": keys.client_secret}
    adapter.transport.request(
        "POST", keys.base_url + "/oauth/token", origin=keys.base_url,
        token=keys.access_token, params=told, data={"client_id": keys.client_id, **told})
networks.Mastodon.renews = True
networks.Mastodon.renew = renew
env.ref("social_care.ir_cron_refresh_tokens").method_direct_trigger()
"""


@pytest.fixture
def mastodon():
    server = MastodonServer()
    yield server
    server.close()


class Leaks:
    """Where planted secrets can be seen, plain or in the disguises that Odoo's columns put on."""

    def __init__(self, database):
        self.database = database
        self.pattern = "|".join(sorted({form for one in PLANTED for form in disguises(one)}))

    def in_text(self, text):
        return sorted({found.group() for found in re.finditer(self.pattern, text)})

    def in_tables(self, homes=HOMES):
        """Tables with a row that shows one, outside the columns in which they belong."""
        tables = [row["relname"] for row in self.database.query(TABLES)]
        assert len(tables) > 100
        rows = [
            f"SELECT '{table}' AS name, (to_jsonb(t) - ARRAY{homes.get(table, [])}::text[])::text"
            f' AS content FROM "{table}" t'
            for table in tables
        ]
        found = self.database.query(
            f"SELECT * FROM ({' UNION ALL '.join(rows)}) AS everything WHERE content ~ %s",
            self.pattern,
        )
        return [(row["name"], self.in_text(row["content"])) for row in found]

    def in_files(self):
        """Attachments that show one."""
        folder = databases.filestore(self.database.name)
        pattern = re.compile(self.pattern.encode())
        files = [path for path in folder.rglob("*") if path.is_file()]
        return [path.name for path in files if pattern.search(path.read_bytes())]


def disguises(secret):
    """The secret as text, as base64 wherever it begins, and each of these as PostgreSQL shows bytes."""
    cores = [
        base64.b64encode(b" " * shift + secret.encode()).decode()[4 if shift else 0 :][:-4]
        for shift in range(3)
    ]
    return {form for text in (secret, *cores) for form in (text, text.encode().hex())}


def test_the_search_sees_through_the_disguises():
    pattern = "|".join(disguises(TOKEN))
    for shift in range(3):
        hidden = base64.b64encode(b"x" * shift + TOKEN.encode() + b"yz")
        assert re.search(pattern, hidden.decode())
        assert re.search(pattern, hidden.hex())
    assert not re.search(pattern, base64.b64encode(b"nothing of the kind, at all").decode())


def _export(server, login, kind, fields):
    """What the export dialog's button downloads, as text."""
    browser = requests.Session()
    parameters = {"db": server.database.name, "login": login, "password": login}
    browser.post(
        f"{server.base_url}/web/session/authenticate",
        json={"jsonrpc": "2.0", "params": parameters},
        timeout=60,
    ).raise_for_status()
    data = {
        "model": "social.care.account",
        "fields": [{"name": name, "label": name, "type": "char"} for name in fields],
        "ids": False,
        "domain": [],
        "import_compat": False,
        "groupby": [],
    }
    return browser.get(
        f"{server.base_url}/web/export/{kind}", params={"data": json.dumps(data)}, timeout=60
    )


def _plant(brand, mastodon):
    """An app with all its keys and a connected account, as an administrator enters them; gives the account."""
    app = brand.admin(
        "social.care.app",
        "create",
        {"name": "Planted", "network": "mastodon", "base_url": mastodon.url, **APP},
    )
    account = brand.admin(
        "social.care.account",
        "create",
        {
            "name": "Aurora Air",
            "network": "mastodon",
            "base_url": mastodon.url,
            "app_id": app,
            "team_line_ids": [(0, 0, {"team_id": brand.team})],
            **ACCOUNT,
        },
    )
    told = brand.admin("social.care.account", "action_test_connection", [account])
    assert told["params"]["type"] == "success", told["params"]["message"]
    return account


def _receive_echoes(brand, mastodon, account):
    """A message that repeats our token, then every kind of failure that does."""
    shown = f"<p>@auroraair my bag is lost, Bearer {TOKEN}</p>"
    mastodon.accounts["1"]["display_name"] = f"Ana {TOKEN}"
    # What was said before the account was connected is not read.
    mastodon.now = datetime.now(timezone.utc).replace(tzinfo=None)
    mastodon.mention("1", shown, echo={"headers": {"Authorization": f"Bearer {TOKEN}"}})
    brand.receive()
    [mention] = brand.mentions(account)
    assert mention["ticket_id"]
    assert "***" in mention["body"], "it came through, masked"
    raw = brand.read("social.care.mention", mention["id"], "raw")["raw"]
    assert "***" in json.dumps(raw), "the echo is kept, masked"
    for status, headers in [
        (401, {"WWW-Authenticate": f"Bearer {TOKEN}"}),
        (302, {"Location": f"http://elsewhere.example/?access_token={TOKEN}"}),
        (500, {}),
        (429, {"Retry-After": "1", "X-Echo": TOKEN}),
        (200, {}),
    ]:
        mastodon.faults = [Fault(status, ECHO, headers) for _number in range(9)]
        brand.receive()
        health = brand.read("social.care.account", account, "error_code", "failure_count")
        assert health["error_code"], status
        mastodon.faults.clear()
        brand.admin("social.care.account", "action_test_connection", [account])
    reply = brand.answer(mention["id"], "We look for it.")
    mastodon.faults = [Fault(422, ECHO, method="POST")]
    brand.publish()
    assert brand.read("social.care.reply", reply, "state")["state"] == "failed"


def _fail_in_odoo(brand, account):
    """Statements that PostgreSQL refuses, an address where nobody is, a token that cannot be sent."""
    said = []
    brand.server.database.query(REFUSE_TOKENS)
    for values in ({"access_token": BY_HAND}, {"name": False}, {"state": "bogus"}):
        with pytest.raises(OdooError) as refused:
            brand.admin("social.care.account", "write", [account], values)
        said.append(str(refused.value))
    brand.server.database.query("DROP TRIGGER refuse ON social_care_account")
    wrong = brand.admin(
        "social.care.account",
        "create",
        {
            "name": "Nowhere",
            "network": "mastodon",
            "base_url": "http://127.0.0.1:9",
            "access_token": BY_HAND,
        },
    )
    brand.admin("social.care.account", "action_test_connection", [wrong])
    unsendable = f"{BY_HAND}\r\nX: y"
    brand.admin("social.care.account", "write", [wrong], {"access_token": unsendable})
    told = brand.admin("social.care.account", "action_test_connection", [wrong])
    assert told["params"]["type"] == "danger"
    return "\n".join([*said, json.dumps(told)])


def _call_us(server):
    """What networks call: the webhook's handshake and the end of a login carry secrets in the address."""
    for path, query in [
        ("/social_care/webhook/unknown", {"hub.verify_token": APP["verify_token"]}),
        ("/social_care/connect/callback", {"code": BY_HAND, "state": "x"}),
    ]:
        requests.get(server.base_url + path, params=query, timeout=60, allow_redirects=False)


def _renew_in_vain(database, account):
    """The daily cron, in a process that logs all it can; gives its log."""
    code = f"""
from odoo.addons.social_care import networks
account = env["social.care.account"].browse({account})
account._store_tokens(networks.Tokens(**{STORED!r}))
account.tokens_stored_at = False
env.cr.commit()
{RENEW}"""
    process = database.start_script(code, log_level="debug")
    _output, log = process.communicate(timeout=120)
    assert not process.returncode, log[-4000:]
    assert "/oauth/token" in log, "it was tried, and logged"
    return log


def test_planted_secrets_are_found_nowhere(database, make_odoo, mastodon):
    levels = ("--log-level=debug", "--log-handler=urllib3:DEBUG", "--log-db-level=debug")
    server = make_odoo(database, arguments=(*levels, f"--log-db={database.name}"))
    brand, leaks = Brand(server), Leaks(database)
    account = _plant(brand, mastodon)
    _receive_echoes(brand, mastodon, account)
    said = _fail_in_odoo(brand, account)
    _call_us(server)
    renewing = _renew_in_vain(database, account)
    assert brand.read("social.care.account", account, "state")["state"] == "reconnect"

    assert leaks.in_tables(homes={}), "the search finds them where they belong"
    wait_for(
        lambda: database.query("SELECT id FROM ir_logging LIMIT 1"), "the log is in the database"
    )
    log = server.process.output()
    assert "urllib3.connectionpool" in log, "the log tells all it can"
    assert leaks.in_text(log) == []
    assert leaks.in_text(renewing) == []
    assert leaks.in_text(said) == []
    assert leaks.in_tables() == []
    assert leaks.in_files() == []
    _check_exports(server, brand, leaks)
    _check_copy(database, leaks)


def _check_exports(server, brand, leaks):
    manager = brand.admin.ref("social_care.social_care_group_manager")
    brand.admin(
        "res.users",
        "create",
        {"name": "Boss", "login": "boss", "password": "boss", "group_ids": [(4, manager)]},
    )
    described = brand.admin("social.care.account", "fields_get", [], ["exportable"])
    fields = [name for name, field in described.items() if field.get("exportable", True)]
    assert not set(fields) & set(ACCOUNT)
    plain = [name for name in fields if name not in ("queue_problems",)]
    for kind in ("csv", "xlsx"):
        answer = _export(server, "admin", kind, plain)
        assert answer.ok and len(answer.content) > 500
        assert leaks.in_text(answer.content.decode("latin-1")) == []
        for login in ("admin", "boss"):
            for field in ("access_token", "app_id/client_secret"):
                refused = _export(server, login, kind, ["name", field])
                assert refused.status_code == 500
                assert leaks.in_text(refused.text) == []


def _check_copy(database, leaks):
    """Odoo's own command for copies blanks them all, and gives webhooks another address."""
    [before] = database.query("SELECT webhook_token FROM social_care_app")
    done = subprocess.run(
        odoo_process.command("neutralize", "-d", database.name), env=database.env, check=False
    )
    assert done.returncode == 0
    assert leaks.in_tables(homes={}) == []
    [after] = database.query("SELECT webhook_token FROM social_care_app")
    assert after["webhook_token"] and after != before
