"""A Mastodon server on loopback, written from its documentation, with a ledger.

https://docs.joinmastodon.org/methods/notifications/, /statuses/, /accounts/, /instance/, read
2026-11-22. It refuses what Mastodon refuses. Switches turn it into its lesser cousins: no
``Link``, no ``types[]``, no idempotency, no ``/api/v2/instance``.
"""

from __future__ import annotations

import base64
import hashlib
import random
import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .http_server import FakeServer

TOKEN = "token-of-aurora-7f3a"
OWN_ID = "900"
MAX_CHARACTERS = 500
NOT_FOUND = (404, {"error": "Record not found"}, {})


class MastodonServer(FakeServer):
    """The server's state. Ids grow with time, as snowflakes do."""

    def __init__(self):
        self.now = datetime(2026, 11, 22, 12, 0, 0)
        self.statuses: dict[str, dict[str, Any]] = {}
        self.notifications: list[dict[str, Any]] = []
        self.accepted: list[str] = []  # ids of posts that were made through the API
        self.served: set[str] = set()  # ids of statuses handed over in notifications
        self.keys: dict[str, str] = {}
        self.link = self.honours_types = self.honours_keys = self.has_v2 = True
        self.honours_max_id = self.lists_direct = self.checks_parent = True
        self.has_changes = True  # of statuses that are out
        self.shuffled = False
        self._next = 1000
        self.accounts = {
            OWN_ID: self.account(OWN_ID, "auroraair", "Aurora Air"),
            "1": self.account("1", "ana", "Ana Ruiz"),
            "2": self.account("2", "ben@far.example", "Ben"),
        }
        self.media: dict[str, dict[str, Any]] = {}
        self.liked: set[str] = set()
        self.apps: dict[str, dict[str, Any]] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.has_v2_media, self.slow_media = True, 0  # how often a picture is not done yet
        super().__init__()

    # -- what happens on the server

    def log_in(self, address):
        """What a person does on the page of the login: allow it. Gives the code."""
        query = {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}
        app = self.apps[query["client_id"]]
        assert query["response_type"] == "code"
        assert query["redirect_uri"] == app["redirect_uris"]
        assert set(query["scope"].split()) <= set(app["scopes"].split())
        code = f"code-{len(self.codes)}"
        self.codes[code] = query
        return code

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
        self._notify(account_id, status_id, at, kind)
        return status_id

    def favourite(self, account_id, status_id, at=None):
        """Somebody likes a status of ours."""
        self._notify(account_id, status_id, at, "favourite")

    def _notify(self, account_id, status_id, at, kind):
        self.notifications.append(
            {
                "id": str(5000 + len(self.notifications)),
                "type": kind,
                "created_at": _iso(at or self.now),
                "account": self.accounts.get(account_id),
                "status": self.statuses[status_id],
            }
        )

    def edit(self, status_id, html):
        edited = {"content": html, "edited_at": _iso(self.now)}
        self.statuses[status_id].update(edited)

    def delete(self, status_id):
        self.statuses.pop(status_id)
        self.notifications = [
            item for item in self.notifications if item["status"]["id"] != status_id
        ]

    # -- the API

    def answer(self, request):
        path, query = request.path, request.query
        if path == "/api/v2/instance" and self.has_v2:
            limits = {"statuses": {"max_characters": MAX_CHARACTERS}}
            return 200, {"domain": "mastodon.example", "configuration": limits}, {}
        if path == "/api/v1/instance":
            return 200, {"uri": "mastodon.example", "max_toot_chars": 400}, {}
        if path == "/api/v1/apps" and request.method == "POST":
            return self._register(request.form)
        if path == "/oauth/token" and request.method == "POST":
            return self._give_token(request.form)
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return 401, {"error": "The access token is invalid"}, {}
        return self._answer_account(request, path, query)

    def _answer_account(self, request, path, query):
        if path == "/api/v1/accounts/verify_credentials":
            return 200, self.accounts[OWN_ID], {}
        if path == "/api/v1/notifications":
            return self._notifications(query)
        if match := re.fullmatch(r"/api/v1/accounts/(\w+)/statuses", path):
            return self._account_statuses(match.group(1), query)
        if path == "/api/v1/statuses" and request.method == "POST":
            return self._post(request.json, request.headers.get("idempotency-key"))
        if match := re.fullmatch(r"/api/v1/statuses/([^/]+)/(favourite|unfavourite)", path):
            return self._favourite(request.method, *match.groups())
        if match := re.fullmatch(r"/api/v1/statuses/([^/]+)(/context)?", path):
            if request.method == "PUT":
                return self._edit(match.group(1), request.json)
            if request.method == "DELETE":
                return self._delete(match.group(1))
            return self._status(*match.groups())
        if path == "/api/v1/media" or (path == "/api/v2/media" and self.has_v2_media):
            return self._upload(request)
        if match := re.fullmatch(r"/api/v1/media/([^/]+)", path):
            return self._media(match.group(1))
        return NOT_FOUND

    def _register(self, form):
        if not form.get("client_name") or not form.get("redirect_uris"):
            return 422, {"error": "Validation failed: Redirect URI must be an absolute URI."}, {}
        app = {"client_id": f"id-{len(self.apps)}", "client_secret": f"secret-{len(self.apps)}"}
        self.apps[app["client_id"]] = {"scopes": "read", **form, **app}
        return 200, {"id": "1", "name": form["client_name"], **app}, {}

    def _give_token(self, form):
        app = self.apps.get(form.get("client_id"))
        if app is None or form.get("client_secret") != app["client_secret"]:
            return 401, {"error": "invalid_client"}, {}
        asked = self.codes.pop(form.get("code"), None)
        hashed = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()
        right = asked and (form.get("grant_type"), form.get("redirect_uri"), challenge) == (
            "authorization_code",
            asked["redirect_uri"],
            asked["code_challenge"],
        )
        if not right or asked["code_challenge_method"] != "S256":
            return 400, {"error": "invalid_grant"}, {}
        token = {"access_token": TOKEN, "token_type": "Bearer", "scope": asked["scope"]}
        return 200, {**token, "created_at": 1795349100}, {}

    def _notifications(self, query):
        wanted = query.get("types[]")
        items = [
            item
            for item in self.notifications
            if not wanted or not self.honours_types or item["type"] in wanted
        ]
        page, headers = self._page(items, query, 40, 80, "/api/v1/notifications")
        self.served |= {item["status"]["id"] for item in page if "id" in item["status"]}
        return 200, page, headers

    def _account_statuses(self, account_id, query):
        if account_id not in self.accounts:
            return NOT_FOUND
        items = [
            item
            for item in self.statuses.values()
            if (item["account"] or {}).get("id") == account_id
            and (self.lists_direct or item["visibility"] != "direct")
        ]
        path = f"/api/v1/accounts/{account_id}/statuses"
        page, headers = self._page(items, query, 20, 40, path)
        return 200, page, headers

    def _page(self, items, query, default, most, path):
        limit = min(int(query.get("limit", [default])[0]), most)
        if (below := query.get("max_id")) and self.honours_max_id:
            items = [item for item in items if int(item["id"]) < int(below[0])]
        items = sorted(items, key=lambda item: -int(item["id"]))
        page, headers = items[:limit], {}
        if self.link and len(items) >= limit and page:
            # The host is a trap: only the token may be taken from it.
            address = f"https://elsewhere.example{path}?max_id={page[-1]['id']}&limit={limit}"
            headers["Link"] = f'<{address}>; rel="next", <https://x.example/>; rel="prev"'
        if self.shuffled:
            random.Random(7).shuffle(page)
        return page, headers

    def _status(self, status_id, context):
        status = self.statuses.get(status_id)
        if status is None:
            return NOT_FOUND
        if not context:
            return 200, status, {}
        above, parent = [], status["in_reply_to_id"]
        while parent in self.statuses:
            above.insert(0, self.statuses[parent])
            parent = above[0]["in_reply_to_id"]
        below = [item for item in self.statuses.values() if item["in_reply_to_id"] == status_id]
        return 200, {"ancestors": above, "descendants": below}, {}

    def _edit(self, status_id, data):
        status = self.statuses.get(status_id)
        if status is None or not self.has_changes:
            return NOT_FOUND
        text, media = data.get("status") or "", data.get("media_ids") or []
        if not text.strip() and not media:
            return 422, {"error": "Validation failed: Text can't be blank"}, {}
        if len(text) > MAX_CHARACTERS:
            return 422, {"error": "Validation failed: Text character limit of 500 exceeded"}, {}
        self.edit(status_id, _html(text))
        # What is not named again is taken off.
        status["media_attachments"] = [self.media[one] for one in media]
        status["language"] = data.get("language")
        return 200, status, {}

    def _delete(self, status_id):
        status = self.statuses.get(status_id)
        if status is None or not self.has_changes:
            return NOT_FOUND
        self.delete(status_id)
        self.accepted.remove(status_id)
        return 200, {**status, "text": "as it was written"}, {}

    def _favourite(self, method, status_id, verb):
        if method != "POST" or status_id not in self.statuses:
            return NOT_FOUND
        (self.liked.add if verb == "favourite" else self.liked.discard)(status_id)
        return 200, self.statuses[status_id], {}

    def _upload(self, request):
        found = re.search(rb'name="file"; filename="([^"]+)"\r\nContent-Type: (\S+)', request.body)
        if request.method != "POST" or found is None:
            return 422, {"error": "Validation failed: File can't be blank"}, {}
        if not found.group(2).startswith(b"image/"):
            return 422, {"error": "Validation failed: File content type is invalid"}, {}
        told = re.search(rb'name="description"\r\n\r\n(.*?)\r\n--', request.body, re.DOTALL)
        media_id = str(7000 + len(self.media))
        url = None if self.slow_media else "https://mastodon.example/m.png"
        description = told.group(1).decode() if told else None
        self.media[media_id] = {
            "id": media_id,
            "type": "image",
            "url": url,
            "description": description,
        }
        return 202 if self.slow_media else 200, self.media[media_id], {}

    def _media(self, media_id):
        if media_id not in self.media:
            return NOT_FOUND
        self.slow_media -= 1
        return 206 if self.slow_media > 0 else 200, self.media[media_id], {}

    def _post(self, data, key):
        if self.honours_keys and key in self.keys:
            return 200, self.statuses[self.keys[key]], {}
        text, parent = data.get("status") or "", data.get("in_reply_to_id")
        if parent and parent not in self.statuses and self.checks_parent:
            return 404, {"error": "The post you are trying to reply to does not exist"}, {}
        media = data.get("media_ids") or []
        if not text.strip() and not media:
            return 422, {"error": "Validation failed: Text can't be blank"}, {}
        if len(media) > 4 or self.slow_media > 0 or not set(media) <= set(self.media):
            return 422, {"error": "Cannot attach files that have not finished processing"}, {}
        if len(re.sub(r"https?://\S+", "x" * 23, text)) > MAX_CHARACTERS:
            return 422, {"error": "Validation failed: Text character limit of 500 exceeded"}, {}
        if data.get("visibility") not in ("public", "unlisted", "private", "direct"):
            return 422, {"error": "Validation failed"}, {}
        more = {
            "visibility": data["visibility"],
            "media_attachments": [self.media[one] for one in media],
        }
        status_id = self.add(OWN_ID, _html(text), parent=parent, **more)
        self.accepted.append(status_id)
        if key:
            self.keys[key] = status_id
        self.now += timedelta(seconds=1)
        return 200, self.statuses[status_id], {}


def _html(text):
    linked = re.sub(r"@(\w+)@[\w.]+", r'<a class="mention">@<span>\1</span></a>', text)
    return f"<p>{linked}</p>"


def _iso(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")
