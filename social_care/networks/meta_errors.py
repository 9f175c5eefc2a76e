"""What the Graph API means by an error, and what it says of its limits.

https://developers.facebook.com/docs/graph-api/ (guides/error-handling, overview/rate-limiting) and
/docs/messenger-platform/error-codes, read 2026-11-22.
"""

from __future__ import annotations

from collections.abc import Mapping

from .cleaning import clean_count
from .exceptions import (
    AuthenticationError,
    NetworkError,
    RateLimited,
    RejectedError,
    TransientError,
    WindowClosed,
)
from .jsontext import Json, dicts, parse_json, part
from .response import Response

NOT_FOUND = (RejectedError, "not_found")
SUBCODES: dict[int, tuple[type[NetworkError], str]] = {
    33: NOT_FOUND,
    2018001: NOT_FOUND,  # no matching user
    2018292: NOT_FOUND,  # no such comment
    2018047: (RejectedError, "bad_picture"),
    2018065: (WindowClosed, "window_closed"),
    2018278: (WindowClosed, "window_closed"),
    2534022: (WindowClosed, "window_closed"),
}
CODES: dict[int, tuple[type[NetworkError], str]] = {
    **dict.fromkeys((1, 2, 1200), (TransientError, "server_error")),
    **dict.fromkeys((4, 17, 32, 341, 613, *range(80000, 80015)), (RateLimited, "rate_limited")),
    **dict.fromkeys((3, 10, *range(200, 300)), (AuthenticationError, "missing_permission")),
    **dict.fromkeys((102, 190), (AuthenticationError, "token_expired")),
    **dict.fromkeys((324, 352), (RejectedError, "bad_picture")),
    **dict.fromkeys((368, 10902, 10903), (RejectedError, "not_allowed")),
    506: (RejectedError, "duplicate"),
    551: (WindowClosed, "not_allowed"),  # the person cannot be reached, whatever the hour
    803: NOT_FOUND,
    10900: (RejectedError, "private_reply_used"),
}


def error_of(response: Response) -> NetworkError | None:
    """What the body's ``error`` stands for; None where it is like any other of its status."""
    error = part(response.told(), "error")
    code, subcode = clean_count(error.get("code")), clean_count(error.get("error_subcode"))
    found = SUBCODES.get(subcode) or CODES.get(code)
    if code == 100 and not found and "does not exist" in str(error.get("message")):
        found = NOT_FOUND
    if not found:
        return None
    kind, name = found
    told = [usage.get("estimated_time_to_regain_access") for usage in usages_of(response.headers)]
    minutes = max(map(clean_count, told), default=0) if kind is RateLimited else 0
    return kind(name, status=response.status, retry_after=minutes * 60.0 or None)


def usages_of(headers: Mapping[str, str]) -> list[Json]:
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
