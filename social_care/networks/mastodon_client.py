"""The connection to a server that speaks Mastodon's client API.

https://docs.joinmastodon.org/client/intro/ and /api/guidelines/#pagination, read 2026-11-22.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
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
from .response import Response

LIMIT = 40  # items a page; without it snac 2.96 returns one
NOTIFICATIONS = ("mention", "update", "quote")


class MastodonClient(Network):
    """Requests with the account's token, and the two lists that are walked."""

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

    def _host(self) -> str:
        return urlsplit(self.credentials.base_url).netloc.lower()

    def _domain(self) -> str:
        """What stands behind the @ of local people: not always the server's host."""
        return self.credentials.handle.lstrip("@").partition("@")[2].lower() or self._host()

    def _notifications(self, token: str = "") -> tuple[Sequence[Any], str]:
        return self._page("/api/v1/notifications", {"types[]": list(NOTIFICATIONS)}, token)

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
        if link:
            # Of the address only the token: the host in it is anybody's.
            told = parse_qs(urlsplit(link.group(1)).query).get("max_id", [""])[0]
            if told:
                return items, clean_id(told)
        return items, wire.lowest_id(items)

    def _status(self, external_id: str, what: str = "") -> Response:
        return self._get(f"/api/v1/statuses/{quote(external_id, safe='')}{what}")

    def _get(self, path: str, params: dict[str, Any] | None = None) -> Response:
        return self._ask("GET", path, params=params)

    def _ask(self, method: str, path: str, **arguments: Any) -> Response:
        base = self.credentials.base_url.rstrip("/")
        token = self.credentials.access_token
        if not token:
            raise AuthenticationError("token_missing")
        return self.transport.request(
            method, base + path, origin=base, token=token, errors=_error, **arguments
        )


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
