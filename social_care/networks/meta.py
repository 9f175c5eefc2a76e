"""The Graph API that Facebook and Instagram share: requests, errors, limits.

https://developers.facebook.com/docs/graph-api/ (guides/error-handling, overview/rate-limiting)
and /docs/messenger-platform/error-codes, read 2026-11-22.

Both networks are reached through a Facebook page, with the page's own access token: one app, one
secret and one webhook address serve both.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from .base import Network, post_of
from .cleaning import clean_count, clean_datetime, clean_id, clean_text
from .exceptions import (
    AuthenticationError,
    NetworkError,
    RateLimited,
    RejectedError,
    TransientError,
    WindowClosed,
)
from .jsontext import dicts, parse_json, part
from .response import Response, retry_after
from .types import Mention, Profile
from .walk import MAX_TOKEN

VERSION = "v26.0"
GRAPH = "https://graph.facebook.com"
LIMIT = 50  # items a page; 100 is the most that a feed gives

_NOT_FOUND = (RejectedError, "not_found")
_FORBIDDEN = (AuthenticationError, "missing_permission")
_DEAD = (AuthenticationError, "token_expired")
_WAIT = (RateLimited, "rate_limited")
_BROKEN = (TransientError, "server_error")
_SUBCODES: dict[int, tuple[type[NetworkError], str]] = {
    33: _NOT_FOUND,
    2018001: _NOT_FOUND,  # no matching user
    2018292: _NOT_FOUND,  # no such comment
    2018047: (RejectedError, "bad_picture"),
    2018065: (WindowClosed, "window_closed"),
    2018278: (WindowClosed, "window_closed"),
    2534022: (WindowClosed, "window_closed"),
}
_CODES: dict[int, tuple[type[NetworkError], str]] = {
    **dict.fromkeys((1, 2, 1200), _BROKEN),
    **dict.fromkeys((4, 17, 32, 341, 613, *range(80000, 80015)), _WAIT),
    **dict.fromkeys((3, 10, *range(200, 300)), _FORBIDDEN),
    **dict.fromkeys((102, 190), _DEAD),
    **dict.fromkeys((324, 352), (RejectedError, "bad_picture")),
    **dict.fromkeys((368, 10902, 10903), (RejectedError, "not_allowed")),
    506: (RejectedError, "duplicate"),
    551: (WindowClosed, "not_allowed"),  # the person cannot be reached, whatever the hour
    803: _NOT_FOUND,
    10900: (RejectedError, "private_reply_used"),
}


class Graph(Network):
    """Requests as a page, and what an app is for both networks."""

    supports_direct = True
    supports_private_reply = True
    reply_window_hours = 24
    late_window_hours = 168
    private_reply_hours = 168
    calls_in_percent = True
    account_fields: ClassVar[str]  # of a page, from which :meth:`_profile` is made

    # -- Asking -----------------------------------------------------------------

    def _get(self, path: str, **params: Any) -> dict[str, Any]:
        return self._ask("GET", path, params=params)

    def _ask(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        """The answer to a request in the page's name, signed by the app where its secret is known."""
        token, secret = self.credentials.access_token.strip(), self.credentials.client_secret
        if not token:
            raise AuthenticationError("token_missing")
        if secret:
            proof = hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()
            arguments["params"] = {**arguments.get("params", {}), "appsecret_proof": proof}
        return self._call(method, path, token, **arguments)

    def _call(self, method: str, path: str, token: str | None, **arguments: Any) -> dict[str, Any]:
        base = self.credentials.base_url.rstrip("/") or GRAPH
        response = self.transport.request(
            method, f"{base}/{VERSION}/{path}", origin=base, token=token, errors=_error, **arguments
        )
        data = response.json()
        if not isinstance(data, dict):
            raise TransientError("not_this_network", status=response.status)
        return data

    def _page(self, path: str, token: str, **params: Any) -> tuple[Sequence[dict[str, Any]], str]:
        """Items of a list, and the token of its next page or ""."""
        paging = {"limit": LIMIT, **params, **({"after": token} if token else {})}
        data = self._get(path, **paging)
        ends = part(data, "paging")
        # Of the address of the next page only the fact that there is one: it holds our token.
        following = part(ends, "cursors").get("after") if ends.get("next") else ""
        return dicts(data, "data"), clean_text(following, MAX_TOKEN)

    def _own_id(self) -> str:
        if not self.credentials.external_id and not hasattr(self, "_own"):
            self._own = self._me().external_id
        return self.credentials.external_id or self._own

    def _me(self) -> Profile:
        """The account that the token is for.

        :raises RejectedError: ``not_this_network`` where it is for none
        """
        profile = self._profile(self._get("me", fields=self.account_fields))
        if not profile.external_id:
            raise RejectedError("not_this_network")
        return profile

    def _profile(self, page: dict[str, Any]) -> Profile:
        raise NotImplementedError

    def _publish(self, path: str, data: dict[str, str], files: Any = None) -> dict[str, Any]:
        """Say something in public.

        :raises RejectedError: ``parent_gone`` where what it answers is not there
        :raises TransientError: ``no_id`` where it may have been published
        """
        try:
            answer = self._ask("POST", path, data=data, files=files)
        except RejectedError as error:
            if error.code == "not_found":
                raise RejectedError("parent_gone", status=error.status) from None
            raise
        if not clean_id(answer.get("id")):
            raise TransientError("no_id")
        return answer

    def _many(self, external_ids: list[str], fields: str) -> dict[str, Any]:
        """Objects by their ids, in one call; none where it is refused."""
        if not external_ids:
            return {}
        try:
            return self._get("", ids=",".join(external_ids), fields=fields)
        except RejectedError:
            return {}  # one that is gone may fail them all: each is asked for by itself

    def _again(self, external_ids: list[str], read: Callable[[str], Mention]) -> list[Mention]:
        """Mentions read once more; the rate limit ends it, a refusal says nothing about one."""
        found: list[Mention] = []
        for external_id in external_ids:
            try:
                found.append(read(external_id))
            except RateLimited:
                if not found:
                    raise
                break
            except RejectedError as error:
                if error.code == "not_found":
                    found.append(Mention(external_id, deleted_at=self.clock()))
        return found

    def calls_left(self) -> int | None:
        """Percent, not calls, that are left of the nearest limit: Meta tells no number."""
        used = [
            clean_count(usage[name])
            for usage in _usages(self.transport.last_headers)
            for name in ("call_count", "total_time", "total_cputime")
            if name in usage
        ]
        return max(100 - max(used), 0) if used else None


def _error(response: Response) -> NetworkError | None:
    """What the body's ``error`` stands for; None where there is none, or one like any other 4xx."""
    try:
        error = part(response.json(), "error")
    except NetworkError:
        return None
    code, subcode = clean_count(error.get("code")), clean_count(error.get("error_subcode"))
    kind, name = _SUBCODES.get(subcode) or _CODES.get(code) or (None, "")
    if kind is None and code == 100:
        gone = "does not exist" in str(error.get("message"))
        kind, name = _NOT_FOUND if gone else (RejectedError, "rejected")
    if kind is None:
        return None
    wait = None
    if kind is RateLimited:
        told = [u.get("estimated_time_to_regain_access") for u in _usages(response.headers)]
        minutes = max(map(clean_count, told), default=0)
        wait = minutes * 60.0 or retry_after(response.headers, time.time())
    return kind(name, status=response.status, retry_after=wait)


def _usages(headers: Mapping[str, str]) -> list[dict[str, Any]]:
    """``X-App-Usage`` and the lists in ``X-Business-Use-Case-Usage``: percentages and minutes."""
    found = []
    for name in ("X-App-Usage", "X-Business-Use-Case-Usage"):
        try:
            data = parse_json(headers.get(name) or "{}")
        except ValueError:
            continue  # a header for information only
        lists = data if isinstance(data, dict) else {}
        found += [lists, *(usage for key in lists for usage in dicts(lists, key))]
    return found


def moment_of(value: Any) -> datetime | None:
    """Naive UTC from ISO 8601, or from the seconds or milliseconds of a webhook."""
    if isinstance(value, int) and value > 10**11:
        value = value / 1000
    return clean_datetime(value)


def surroundings(mention: Mention, root: Mention, comments: list[Mention]) -> dict[str, Any]:
    """What :meth:`.Network.fetch_context` tells: the post, what is answered, other comments."""
    above = mention.parent_external_id
    parents = [x for x in comments if x.external_id == above]
    others = [x for x in comments if x.external_id not in (mention.external_id, above)]
    return {
        **({"root": post_of(root)} if root.external_id != mention.external_id else {}),
        **({"parent": post_of(parents[0])} if parents else {}),
        **({"others": [post_of(x) for x in others]} if others else {}),
    }
