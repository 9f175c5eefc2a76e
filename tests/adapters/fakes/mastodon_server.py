"""A Mastodon server on loopback, written from its documentation, with a ledger.

https://docs.joinmastodon.org/methods/notifications/, /statuses/, /accounts/, /instance/, read
2026-11-22. It refuses what Mastodon refuses. Switches turn it into its lesser cousins: no
``Link``, no ``types[]``, no idempotency, no ``/api/v2/instance``.
"""

from __future__ import annotations

import json
import random
import re
import threading
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "token-of-aurora-7f3a"
OWN_ID = "900"
MAX_CHARACTERS = 500


class Fault:
    """What happens instead of (or, with ``after``, following) the next request's work."""

    def __init__(
        self, status=200, body=b"", headers=None, cut=False, after=False, path="", method=""
    ):
        self.status, self.body, self.headers = status, body, headers or {}
        self.cut, self.after, self.path, self.method = cut, after, path, method

    def fits(self, method, path):
        return self.path in path and self.method in method


class MastodonServer:
    """The server's state. Ids grow with time, as snowflakes do."""

    def __init__(self):
        self.now = datetime(2026, 11, 22, 12, 0, 0)
        self.statuses: dict[str, dict[str, Any]] = {}
        self.notifications: list[dict[str, Any]] = []
        self.requests: list[dict[str, Any]] = []
        self.accepted: list[str] = []  # ids of posts that were made through the API
        self.served: set[str] = set()  # ids of statuses handed over in notifications
        self.faults: list[Fault] = []
        self.keys: dict[str, str] = {}
        self.link = self.honours_types = self.honours_keys = self.has_v2 = True
        self.honours_max_id = self.lists_direct = self.checks_parent = True
        self.shuffled = False
        self._next = 1000
        self.accounts = {
            OWN_ID: self.account(OWN_ID, "auroraair", "Aurora Air"),
            "1": self.account("1", "ana", "Ana Ruiz"),
            "2": self.account("2", "ben@far.example", "Ben"),
        }
        handler = type("Handler", (_Handler,), {"server_state": self})
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.http.daemon_threads = True
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01}).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.http.server_address[1]}"

    def close(self):
        self.http.shutdown()
        self.http.server_close()

    # -- what happens on the server

    def account(self, account_id, acct, name):
        return {
            "id": account_id,
            "username": acct.partition("@")[0],
            "acct": acct,
            "display_name": name,
            "url": f"https://mastodon.example/@{acct}",
            "avatar": "https://mastodon.example/a.png",
            "followers_count": 7,
            "bot": False,
        }

    def add(self, account_id, html, at=None, parent=None, visibility="public", **more):
        """A status, stored; nobody is notified."""
        self._next += 1
        status_id = str(self._next)
        above = self.statuses.get(parent or "")
        self.statuses[status_id] = {
            "id": status_id,
            "created_at": _iso(at or self.now),
            "in_reply_to_id": parent,
            "in_reply_to_account_id": above and above["account"]["id"],
            "visibility": visibility,
            "language": "en",
            "spoiler_text": "",
            "uri": f"https://mastodon.example/users/x/statuses/{status_id}",
            "url": f"https://mastodon.example/@x/{status_id}",
            "replies_count": 0,
            "reblogs_count": 0,
            "favourites_count": 0,
            "edited_at": None,
            "content": html,
            "reblog": None,
            "account": self.accounts.get(account_id),
            "media_attachments": [],
            "mentions": [],
            **more,
        }
        return status_id

    def mention(self, account_id, html, at=None, parent=None, kind="mention", **more):
        """A status that notifies us. ``at`` is also the time of the notification."""
        status_id = self.add(account_id, html, at, parent, **more)
        self.notifications.append(
            {
                "id": str(5000 + len(self.notifications)),
                "type": kind,
                "created_at": _iso(at or self.now),
                "account": self.accounts.get(account_id),
                "status": self.statuses[status_id],
            }
        )
        return status_id

    def edit(self, status_id, html):
        edited = {"content": html, "edited_at": _iso(self.now)}
        self.statuses[status_id].update(edited)

    def delete(self, status_id):
        self.statuses.pop(status_id)
        self.notifications = [
            item for item in self.notifications if item["status"]["id"] != status_id
        ]


def _iso(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_state: MastodonServer

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        self._serve({})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            self._serve(json.loads(body))
        except ValueError:
            self._serve({})

    def _serve(self, data):
        state, parts = self.server_state, urlsplit(self.path)
        query = parse_qs(parts.query)
        state.requests.append(
            {
                "method": self.command,
                "path": parts.path,
                "query": query,
                "headers": dict(self.headers),
                "data": data,
            }
        )
        fault = next((item for item in state.faults if item.fits(self.command, parts.path)), None)
        if fault:
            state.faults.remove(fault)
            if fault.after:
                self._answer(parts.path, query, data)
            if fault.cut:
                self.close_connection = True
                return
            self._send(fault.status, fault.body, fault.headers)
            return
        status, answer, headers = self._answer(parts.path, query, data)
        self._send(status, json.dumps(answer).encode(), headers)

    def _send(self, status, body, headers):
        self.send_response_only(status)  # without a Date of its own
        headers = {"Content-Type": "application/json; charset=utf-8", **headers}
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    # -- the API

    def _answer(self, path, query, data):
        state = self.server_state
        if path == "/api/v2/instance" and state.has_v2:
            limits = {"statuses": {"max_characters": MAX_CHARACTERS}}
            return 200, {"domain": "mastodon.example", "configuration": limits}, {}
        if path == "/api/v1/instance":
            return 200, {"uri": "mastodon.example", "max_toot_chars": 400}, {}
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return 401, {"error": "The access token is invalid"}, {}
        if path == "/api/v1/accounts/verify_credentials":
            return 200, state.accounts[OWN_ID], {}
        if path == "/api/v1/notifications":
            return self._notifications(query)
        if match := re.fullmatch(r"/api/v1/accounts/(\w+)/statuses", path):
            return self._account_statuses(match.group(1), query)
        if path == "/api/v1/statuses" and self.command == "POST":
            return self._post(data)
        if match := re.fullmatch(r"/api/v1/statuses/([^/]+)(/context)?", path):
            return self._status(*match.groups())
        return 404, {"error": "Record not found"}, {}

    def _notifications(self, query):
        state, wanted = self.server_state, query.get("types[]")
        items = [
            item
            for item in state.notifications
            if not wanted or not state.honours_types or item["type"] in wanted
        ]
        page, headers = self._page(items, query, 40, 80, "/api/v1/notifications")
        state.served |= {item["status"]["id"] for item in page if "id" in item["status"]}
        return 200, page, headers

    def _account_statuses(self, account_id, query):
        state = self.server_state
        if account_id not in state.accounts:
            return 404, {"error": "Record not found"}, {}
        items = [
            item
            for item in state.statuses.values()
            if (item["account"] or {}).get("id") == account_id
            and (state.lists_direct or item["visibility"] != "direct")
        ]
        path = f"/api/v1/accounts/{account_id}/statuses"
        page, headers = self._page(items, query, 20, 40, path)
        return 200, page, headers

    def _page(self, items, query, default, most, path):
        limit = min(int(query.get("limit", [default])[0]), most)
        if (below := query.get("max_id")) and self.server_state.honours_max_id:
            items = [item for item in items if int(item["id"]) < int(below[0])]
        items = sorted(items, key=lambda item: -int(item["id"]))
        page, headers = items[:limit], {}
        if self.server_state.link and len(items) >= limit and page:
            # The host is a trap: only the token may be taken from it.
            address = f"https://elsewhere.example{path}?max_id={page[-1]['id']}&limit={limit}"
            headers["Link"] = f'<{address}>; rel="next", <https://x.example/>; rel="prev"'
        if self.server_state.shuffled:
            random.Random(7).shuffle(page)
        return page, headers

    def _status(self, status_id, context):
        status = self.server_state.statuses.get(status_id)
        if status is None:
            return 404, {"error": "Record not found"}, {}
        if not context:
            return 200, status, {}
        above, parent = [], status["in_reply_to_id"]
        while parent in self.server_state.statuses:
            above.insert(0, self.server_state.statuses[parent])
            parent = above[0]["in_reply_to_id"]
        below = [
            item
            for item in self.server_state.statuses.values()
            if item["in_reply_to_id"] == status_id
        ]
        return 200, {"ancestors": above, "descendants": below}, {}

    def _post(self, data):
        state, key = self.server_state, self.headers.get("Idempotency-Key")
        if state.honours_keys and key in state.keys:
            return 200, state.statuses[state.keys[key]], {}
        text, parent = data.get("status") or "", data.get("in_reply_to_id")
        if parent and parent not in state.statuses and state.checks_parent:
            return 404, {"error": "The post you are trying to reply to does not exist"}, {}
        if not text.strip():
            return 422, {"error": "Validation failed: Text can't be blank"}, {}
        if len(re.sub(r"https?://\S+", "x" * 23, text)) > MAX_CHARACTERS:
            return 422, {"error": "Validation failed: Text character limit of 500 exceeded"}, {}
        if data.get("visibility") not in ("public", "unlisted", "private", "direct"):
            return 422, {"error": "Validation failed"}, {}
        html = "<p>" + re.sub(r"@(\w+)@[\w.]+", r'<a class="mention">@<span>\1</span></a>', text)
        status_id = state.add(OWN_ID, html + "</p>", parent=parent, visibility=data["visibility"])
        state.accepted.append(status_id)
        if key:
            state.keys[key] = status_id
        state.now += timedelta(seconds=1)
        return 200, state.statuses[status_id], {}
