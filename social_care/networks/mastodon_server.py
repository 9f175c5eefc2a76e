"""A server of the fediverse that speaks Mastodon's client API: requests, pages, pictures, login.

https://docs.joinmastodon.org/methods/ (instance, media, apps, oauth) and /api/guidelines/#pagination,
read 2026-11-22. Servers differ, so nothing rests on ``types[]``, ``min_id``, ``Link`` or
``Idempotency-Key``: lists are walked backwards by ``max_id``, always with ``limit``.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from .access import AppKeys, Login
from .base import Network
from .cleaning import clean_id
from .exceptions import (
    AuthenticationError,
    NetworkError,
    RateLimited,
    RejectedError,
    TransientError,
)
from .jsontext import Json
from .mastodon_posts import place_of
from .oauth import log_in, login_address
from .response import Response
from .types import Attachment

LIMIT = 40  # items a page; without it snac 2.96 returns one
MEDIA_SECONDS = 20.0  # that a server may take over a picture before we give up
MEDIA_PAUSE = 0.5  # seconds between two questions whether it is done
SCOPES = "read write"


class MastodonServer(Network):
    """Requests as an account of a server."""

    needs_base_url = True
    login = "oauth"
    registers_apps = True

    # -- Requests ---------------------------------------------------------------

    def _ask(self, method: str, path: str, **arguments: Any) -> Response:
        return self.ask(method, path, errors=_error_of, **arguments)

    def _status(
        self, external_id: str, what: str = "", method: str = "GET", **arguments: Any
    ) -> Response:
        return self._ask(
            method, f"/api/v1/statuses/{quote(external_id, safe='')}{what}", **arguments
        )

    def _page(self, path: str, params: Json, token: str) -> tuple[Sequence[Any], str]:
        """Items, newest first, and the ``max_id`` of the next page or ""."""
        params = {**params, "limit": LIMIT, "max_id": token or None}
        response = self._ask("GET", path, params=params)
        items = response.json()
        if not isinstance(items, list):
            raise TransientError("not_this_network", status=response.status)
        link = re.search(r'<([^<>]{1,2000})>;\s?rel="?next', response.headers.get("Link") or "")
        # Of the address only the token: the host in it is anybody's.
        query = parse_qs(urlsplit(link.group(1)).query) if link else {}
        # Else below the earliest item, so that a page in any order skips none.
        dated = [item for item in reversed(items) if place_of(item)]
        lowest: Json = min(dated, key=lambda item: str(place_of(item)), default={})
        following = clean_id(query.get("max_id", [lowest.get("id")])[0])
        # snac 2.75 gives the same page for ever: it is the end only where it is not full.
        return items, "" if following == token and len(items) < LIMIT else following

    def _instance(self) -> Json:
        """What the server tells of itself, or nothing."""
        for version in ("v2", "v1"):
            try:
                return self._ask("GET", f"/api/{version}/instance").data()
            except RateLimited:
                raise
            except NetworkError:
                continue  # snac has no v2; what is told here is worth no failed connection
        return {}

    def _upload(self, item: Attachment) -> str:
        """The id of a picture that the server took and is done with."""
        # snac 2.75 keeps one picture a file name, whoever sent it.
        name = hashlib.sha256(item.content).hexdigest()[:32] + PurePath(item.name).suffix
        files = {"file": (name, item.content, item.mimetype)}
        end = time.monotonic() + MEDIA_SECONDS
        answer = self._send_picture(files=files, data={"description": item.description})
        media_id = clean_id(answer.data().get("id"))
        while media_id and answer.status in (202, 206) and time.monotonic() < end:
            time.sleep(MEDIA_PAUSE)  # nothing tells us when it is done
            answer = self._ask("GET", f"/api/v1/media/{quote(media_id, safe='')}")
        if not media_id or answer.status in (202, 206):
            raise TransientError("timeout")
        return media_id

    def _send_picture(self, **form: Any) -> Response:
        for version in ("v2", "v1"):  # there are servers that know the first way only
            try:
                return self._ask("POST", f"/api/{version}/media", **form)
            except RejectedError as error:
                if error.code != "not_found":
                    raise RejectedError("bad_picture", status=error.status) from None
        raise RejectedError("bad_picture", status=404)

    # -- Logging in -------------------------------------------------------------

    def register_app(self, redirect_uri: str) -> AppKeys:
        """Keys from the server: every one gives them to whoever asks."""
        form = {"client_name": "Odoo Social Care", "redirect_uris": redirect_uri, "scopes": SCOPES}
        keys = self._ask("POST", "/api/v1/apps", data=form, token=None).told()
        if not keys.get("client_id"):
            raise RejectedError("not_this_network")
        secret = str(keys.get("client_secret") or "")
        return AppKeys(self.credentials.base_url, str(keys["client_id"]), secret)

    def authorize_url(self, redirect_uri: str, state: str, challenge: str) -> str:
        """The server's own page; those that know no PKCE pass over the challenge."""
        url = self.address("/oauth/authorize")
        return login_address(self, url, redirect_uri, state, challenge, scope=SCOPES)

    def exchange(self, code: str, redirect_uri: str, verifier: str) -> list[Login]:
        """The one account of the login. Mastodon's tokens do not expire; those of others may."""
        url = self.address("/oauth/token")
        (login,) = log_in(self, url, code, redirect_uri, verifier, scope=SCOPES)
        end = login.tokens.access_expires_at
        tokens = replace(login.tokens, access_expires_at=None, login_expires_at=end)
        return [replace(login, tokens=tokens)]


def _error_of(response: Response) -> NetworkError | None:
    """snac answers 422, not in JSON, to a bad token; Mastodon's 422 is always JSON."""
    if response.status == 422 and not response.told():
        return AuthenticationError("token_expired", status=422)
    return None
