"""Several workers need a new token at once, and the server takes each refresh token one time only."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from support.waiting import wait_for

WORKERS = 3
WORKER = """
from odoo.addons.social_care import networks
from odoo.addons.social_care.models import social_care_account_tokens as tokens
def renew(adapter):
    keys = adapter.credentials
    told = adapter.transport.request(
        "POST", keys.base_url + "/oauth/token", origin=keys.base_url,
        data={{"refresh_token": keys.refresh_token}}).json()
    return networks.Tokens(**told)
networks.Mastodon.renews = True
networks.Mastodon.renew = renew
account = env["social.care.account"].browse({account})
spent = account.access_token  # now the snapshot is taken
{work}
"""
RENEW = 'print("TOKEN", account._renew_tokens(spent).access_token)'
NO_COMMON_LOCK = "import os; tokens.TOKEN_LOCK_CLASS = os.getpid()\n"
WRITE_FIRST = """
from psycopg2.errors import LockNotAvailable
account.name = "written, not committed"
env.flush_all()
try:
    account._renew_tokens(spent)
except LockNotAvailable:
    print("REFUSED")
"""
WAITING = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = %s"


class RotatingServer:
    """Gives new tokens once ``go`` is set; a refresh token that comes a second time is refused."""

    def __init__(self):
        self.asked = []
        self.valid = "refresh-0"
        self.go = threading.Event()
        self._lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"state": self})
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01}).start()

    def close(self):
        self.http.shutdown()
        self.http.server_close()

    def exchange(self, refresh_token):
        """Status and answer."""
        self.asked.append(refresh_token)
        assert self.go.wait(120)
        with self._lock:
            if refresh_token != self.valid:
                return 400, {"error": "invalid_grant"}
            number = int(self.valid.rpartition("-")[2]) + 1
            self.valid = f"refresh-{number}"
            return 200, {"access_token": f"access-{number}", "refresh_token": self.valid}


class _Handler(BaseHTTPRequestHandler):
    state: RotatingServer

    def log_message(self, *arguments):
        pass

    def do_POST(self):
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        status, answer = self.state.exchange(form["refresh_token"][0])
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def rotating():
    server = RotatingServer()
    yield server
    server.go.set()
    server.close()


@pytest.fixture
def account(brand, rotating):
    """An account whose tokens are those the server gave first."""
    return brand.admin(
        "social.care.account",
        "create",
        {
            "name": "Aurora Air",
            "network": "mastodon",
            "base_url": rotating.url,
            "access_token": "access-0",
            "refresh_token": "refresh-0",
        },
    )


def _race(database, rotating, account, mutation=""):
    """Start the workers, let the server answer when all have come so far; give what they print."""
    script = WORKER.format(account=account, work=mutation + RENEW)
    workers = [database.start_script(script) for _number in range(WORKERS)]
    wait_for(
        lambda: len(rotating.asked) + len(database.query(WAITING, account)) == WORKERS,
        "each worker asks or waits for the one that does",
        120,
    )
    rotating.go.set()
    return [worker.communicate(timeout=120)[0] for worker in workers]


def _stored(database, account):
    [row] = database.query(
        "SELECT access_token, refresh_token FROM social_care_account WHERE id = %s", account
    )
    return row["access_token"], row["refresh_token"]


def test_one_renews_and_all_use_it(brand, rotating, account):
    database = brand.server.database
    printed = _race(database, rotating, account)
    assert rotating.asked == ["refresh-0"]
    assert all("TOKEN access-1" in output for output in printed), printed
    assert _stored(database, account) == ("access-1", "refresh-1")


def test_without_the_common_lock_the_refresh_token_is_used_twice(brand, rotating, account):
    _race(brand.server.database, rotating, account, NO_COMMON_LOCK)
    assert rotating.asked == ["refresh-0"] * WORKERS


def test_who_has_written_to_the_account_is_refused_before_the_server_is_asked(
    brand, rotating, account
):
    database = brand.server.database
    output = database.script(WORKER.format(account=account, work=WRITE_FIRST))
    assert "REFUSED" in output
    assert rotating.asked == []
