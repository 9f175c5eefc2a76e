"""An answer of a network, and what its status means."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any

from .cleaning import clean_datetime
from .exceptions import (
    AuthenticationError,
    NetworkError,
    RateLimited,
    RejectedError,
    TransientError,
)
from .jsontext import parse_json

MAX_WAIT = 86_400.0  # seconds a network can make us wait at most


@dataclass(frozen=True)
class Response:
    """An answer: status, headers (any case), body in bytes, decompressed."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = field(default=b"", repr=False)

    @property
    def text(self) -> str:
        """The body as UTF-8."""
        return self.content.decode("utf-8-sig", "replace")

    def json(self) -> Any:
        """The body's JSON data; numbers bounded as in :func:`.jsontext.parse_json`.

        :raises TransientError: ``not_json``; a proxy's page in place of the answer says
            nothing about what the network did
        """
        try:
            return parse_json(self.content)
        except ValueError:
            raise TransientError("not_json", status=self.status) from None

    def data(self) -> dict[str, Any]:
        """The body's JSON object.

        :raises TransientError: ``not_json``; ``not_this_network`` for other data
        """
        data = self.json()
        if not isinstance(data, dict):
            raise TransientError("not_this_network", status=self.status)
        return data

    def told(self) -> dict[str, Any]:
        """The body's JSON object or {}: an error's answer may as well be a proxy's page."""
        try:
            return self.data()
        except TransientError:
            return {}


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds to wait by ``Retry-After`` or a rate-limit reset; None if nothing is said.

    ``Retry-After`` is seconds or an HTTP date (RFC 9110, 10.2.3); ``X-RateLimit-Reset`` is ISO
    8601 at Mastodon, ``RateLimit-Reset``/``x-rate-limit-reset`` epoch seconds at Bluesky
    and X, read 2026-11-22. Small numbers are seconds from now.

    :param now: the server's present where it is known, epoch seconds
    """
    names = ("Retry-After", "X-RateLimit-Reset", "RateLimit-Reset", "x-rate-limit-reset")
    for name in names:
        value = (headers.get(name) or "").strip()[:64]
        if re.fullmatch(r"\d{1,12}(\.\d{1,9})?", value):
            seconds = float(value) if float(value) < 10**9 else float(value) - now
        elif (moment := clean_datetime(value) or _http_date(value)) is not None:
            seconds = moment.replace(tzinfo=timezone.utc).timestamp() - now
        else:
            continue
        return min(max(seconds, 1.0), MAX_WAIT)
    return None


def _http_date(value: str) -> datetime | None:
    try:
        return clean_datetime(parsedate_to_datetime(value))
    except (TypeError, ValueError, IndexError):
        return None


def error_of(response: Response, method: str = "GET") -> NetworkError | None:
    """The error that a status stands for, or None for a success."""
    status, headers = response.status, response.headers
    if 200 <= status < 300:
        return None
    date = _http_date(headers.get("Date") or "")
    now = date.replace(tzinfo=timezone.utc).timestamp() if date else time.time()
    if status == 401:
        return AuthenticationError("token_expired", status=status)
    if status == 403:
        return AuthenticationError("missing_permission", status=status)
    if status == 429:
        return RateLimited(status=status, retry_after=retry_after(headers, now))
    if status in (404, 410):
        return RejectedError("not_found", status=status)
    if status == 408:
        return TransientError("timeout", status=status)
    if 300 <= status < 400:
        # After a POST, 302 and 303 may mean "done, look there"; 307 and 308 never do.
        undone = method in ("GET", "HEAD") or status in (307, 308)
        return TransientError("redirected", status=status, published=False if undone else None)
    if 400 <= status < 500:
        return RejectedError("too_large" if status == 413 else "rejected", status=status)
    wait = retry_after({"Retry-After": headers.get("Retry-After") or ""}, now)
    return TransientError("server_error", status=status, retry_after=wait)
