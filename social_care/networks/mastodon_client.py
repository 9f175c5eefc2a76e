"""The connection to a server that speaks Mastodon's client API, and logging in to it.

https://docs.joinmastodon.org/client/intro/, /api/guidelines/#pagination, /methods/apps/,
/methods/oauth/ and /methods/media/, read 2026-11-22.
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

from . import mastodon_wire as wire
from .base import Network
from .cleaning import clean_id
from .exceptions import (
    AuthenticationError,
    NetworkError,
    RateLimited,
    RejectedError,
    TransientError,
)
from .jsontext import part
from .oauth import log_in, login_address
from .response import Response
from .types import AppKeys, Attachment, Login

LIMIT = 40  # items a page; without it snac 2.96 returns one
SCOPES = "read write"
MEDIA_SECONDS = 20.0  # that a server may take over a picture before we give up
MEDIA_PAUSE = 0.5  # seconds between two questions whether it is done


class MastodonClient(Network):
    """Requests with the account's token, the two lists that are walked, login and pictures."""

    def _me(self) -> dict[str, Any]:
        account = self._get("/api/v1/accounts/verify_credentials").json()
        if not isinstance(account, dict) or not clean_id(account.get("id")):
            raise RejectedError("not_this_network")
        return account

    def _instance(self) -> dict[str, Any]:
        for version in ("v2", "v1"):
            try:
                instance = self._get(f"/api/{version}/instance").json()
            except RateLimited:
                raise
            except NetworkError:
                continue  # snac has no v2; what is told here is worth no failed connection
            if isinstance(instance, dict):
                return instance
        return {}

    def _own_id(self) -> str:
        if not self.credentials.external_id and not hasattr(self, "_own"):
            self._own = clean_id(self._me().get("id"))
        return self.credentials.external_id or self._own

    def _domain(self) -> str:
        """What stands behind the @ of local people: not always the server's host."""
        told = self.credentials.handle.lstrip("@").partition("@")[2]
        return (told or urlsplit(self.credentials.base_url).netloc).lower()

    def _notifications(self, token: str = "") -> tuple[Sequence[Any], str]:
        return self._page("/api/v1/notifications", {"types[]": list(wire.NOTIFICATIONS)}, token)

    def _own_posts(self, token: str = "") -> tuple[Sequence[Any], str]:
        path = f"/api/v1/accounts/{quote(self._own_id(), safe='')}/statuses"
        return self._page(path, {"exclude_reblogs": "true"}, token)

    def _page(self, path: str, params: dict[str, Any], token: str) -> tuple[Sequence[Any], str]:
        """Items, newest first, and the ``max_id`` of the next page or ""."""
        paging = {"limit": LIMIT, **({"max_id": token} if token else {})}
        response = self._get(path, {**params, **paging})
        items = response.json()
        if not isinstance(items, list):
            raise TransientError("not_this_network", status=response.status)
        link = re.search(r'<([^<>]{1,2000})>;\s?rel="?next', response.headers.get("Link") or "")
        # Of the address only the token: the host in it is anybody's.
        query = parse_qs(urlsplit(link.group(1)).query) if link else {}
        return items, clean_id(query.get("max_id", [""])[0]) or wire.lowest_id(items)

    def _status(self, external_id: str, what: str = "", method: str = "GET") -> Response:
        return self._ask(method, f"/api/v1/statuses/{quote(external_id, safe='')}{what}")

    def _get(self, path: str, params: dict[str, Any] | None = None) -> Response:
        return self._ask("GET", path, params=params)

    def _ask(self, method: str, path: str, **arguments: Any) -> Response:
        token = self.credentials.access_token
        if not token:
            raise AuthenticationError("token_missing")
        base, url = self.credentials.base_url, self._url(path)
        return self.transport.request(
            method, url, origin=base, token=token, errors=_error, **arguments
        )

    def _url(self, path: str) -> str:
        return self.credentials.base_url.rstrip("/") + path

    # -- Pictures -------------------------------------------------------------

    def _upload(self, item: Attachment) -> str:
        """The id of a picture that the server took and is done with."""
        # snac 2.75 keeps one picture a file name, whoever sent it.
        name = hashlib.sha256(item.content).hexdigest()[:32] + PurePath(item.name).suffix
        files = {"file": (name, item.content, item.mimetype)}
        end = time.monotonic() + MEDIA_SECONDS
        answer = self._send_picture(files=files, data={"description": item.description})
        media_id = clean_id(part({"media": answer.json()}, "media").get("id"))
        while media_id and answer.status in (202, 206) and time.monotonic() < end:
            time.sleep(MEDIA_PAUSE)  # nothing tells us when it is done
            answer = self._get(f"/api/v1/media/{quote(media_id, safe='')}")
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

    # -- Logging in -----------------------------------------------------------

    def register_app(self, redirect_uri: str) -> AppKeys:
        """Keys from the server: every one gives them to whoever asks."""
        base = self.credentials.base_url
        form = {"client_name": "Odoo Social Care", "redirect_uris": redirect_uri, "scopes": SCOPES}
        url = self._url("/api/v1/apps")
        keys = self.transport.request("POST", url, origin=base, data=form).json()
        if not isinstance(keys, dict) or not keys.get("client_id"):
            raise RejectedError("not_this_network")
        return AppKeys(
            base_url=base,
            client_id=str(keys["client_id"]),
            client_secret=str(keys.get("client_secret") or ""),
        )

    def authorize_url(self, redirect_uri: str, state: str, challenge: str) -> str:
        """The server's own page; those that know no PKCE pass over the challenge."""
        url, client_id = self._url("/oauth/authorize"), self.credentials.client_id
        return login_address(url, client_id, redirect_uri, state, challenge, scope=SCOPES)

    def exchange(self, code: str, redirect_uri: str, verifier: str) -> list[Login]:
        """The one account of the login. Mastodon's tokens do not expire; those of others may."""
        url = self._url("/oauth/token")
        (login,) = log_in(self, url, code, redirect_uri, verifier, scope=SCOPES)
        end = login.tokens.access_expires_at
        tokens = replace(login.tokens, access_expires_at=None, login_expires_at=end)
        return [replace(login, tokens=tokens)]


def _error(response: Response) -> NetworkError | None:
    """snac answers 422, not in JSON, to a bad token; Mastodon's 422 is always JSON."""
    if response.status == 422:
        try:
            if isinstance(response.json(), dict):
                return None
        except NetworkError:
            pass
        return AuthenticationError("token_expired", status=422)
    return None
