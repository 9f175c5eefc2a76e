"""Cleaners of what strangers send: text, ids, addresses, counts, times, JSON.

PostgreSQL refuses NUL and lone surrogates, and a hostile number, name or nesting must
cost no more than itself. All times are naive UTC, as Odoo stores them.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import field, fields
from datetime import datetime, timezone
from typing import Any
from urllib.parse import urlsplit

MAX_BODY = 20_000  # characters
MAX_ID = 255  # bytes; longer ones are hashed
MAX_NAME = 200  # characters
MAX_COUNT = 2_147_483_647  # PostgreSQL int4
MAX_RAW = 65_536  # characters of JSON kept in ``raw``
MAX_DEPTH = 20  # levels of nesting kept in ``raw`` and ``context``
EARLIEST = datetime(1990, 1, 1)
LATEST = datetime(2100, 1, 1)

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_LINE_BREAKS = re.compile(r"[\r\n\t\x0b\x0c\x1c-\x1f\x85\u2028\u2029]+")


def clean_text(value: object, limit: int = MAX_BODY) -> str:
    """Storable text of at most ``limit`` characters; None is the empty text.

    >>> clean_text("a\\x00b\\ud800c")
    'abc'
    """
    if value is None:
        return ""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    # str() of a very long int raises in Python ≥ 3.11 (digits limit).
    text = value if isinstance(value, str) else _short_str(value)
    # Cut before the substitution, so that two megabytes cost no more than a page.
    return _UNSTORABLE.sub("", text[: limit * 2])[:limit]


def clean_line(value: object, limit: int = MAX_NAME) -> str:
    """Text on one line: names, handles, titles.

    >>> clean_line(" Ana\\n Ruiz ")
    'Ana Ruiz'
    """
    return " ".join(_LINE_BREAKS.sub(" ", clean_text(value, limit)).split())


def clean_id(value: object) -> str:
    """An external id of at most 255 bytes; longer ones become a hash of themselves.

    >>> clean_id("  42 ")
    '42'
    """
    text = clean_text(value, MAX_BODY).strip()
    if len(text.encode()) <= MAX_ID:
        return text
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def clean_url(value: object) -> str:
    """An http(s) address with a host, or the empty text.

    >>> clean_url("javascript:alert(1)")
    ''
    """
    text = clean_text(value, 2048).strip()
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    if parts.scheme.lower() not in ("http", "https") or not parts.netloc:
        return ""
    return "" if re.search(r"[\s<>\"'`\\]", text) else text


def clean_count(value: object) -> int:
    """A count between 0 and PostgreSQL's largest integer; nonsense is 0.

    >>> clean_count("-5"), clean_count(10**5000), clean_count("many")
    (0, 2147483647, 0)
    """
    if isinstance(value, str) and len(value) > 20:
        return MAX_COUNT if value.isdigit() else 0
    try:
        number: int = int(value)  # type: ignore[call-overload]
    except (TypeError, ValueError, OverflowError):
        return 0
    return min(max(number, 0), MAX_COUNT)


def clean_datetime(value: object) -> datetime | None:
    """Naive UTC from a datetime, an ISO 8601 text or epoch seconds; None if it is none.

    A time without zone is taken as UTC. Years outside 1990–2100 are no time.

    >>> clean_datetime("2026-08-21T17:50:00+02:00")
    datetime.datetime(2026, 8, 21, 15, 50)
    """
    moment: datetime | None = None
    try:
        if isinstance(value, datetime):
            moment = value
        elif isinstance(value, bool) or value is None:
            return None
        elif isinstance(value, (int, float)):
            moment = datetime.fromtimestamp(value, timezone.utc)
        else:
            moment = _parse_iso(clean_text(value, 64).strip())
        if moment is None:
            return None
        if moment.tzinfo:
            moment = moment.astimezone(timezone.utc).replace(tzinfo=None)
    except (ValueError, OverflowError, OSError):
        return None
    moment = moment.replace(microsecond=0)
    return moment if EARLIEST <= moment < LATEST else None


def clean_json(value: object, depth: int = MAX_DEPTH) -> Any:
    """JSON data without NUL, lone surrogates, numbers or nesting that PostgreSQL refuses."""
    if depth <= 0:
        return None
    if isinstance(value, dict):
        return {
            clean_text(key, MAX_NAME): clean_json(item, depth - 1) for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [clean_json(item, depth - 1) for item in value]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**63 else _short_str(value)
    if isinstance(value, float):
        return value if value - value == 0 else None  # neither NaN nor infinite
    return clean_text(value)


def _parse_iso(text: str) -> datetime | None:
    # Python 3.10's fromisoformat knows neither "Z" nor "+0000" nor one- to five-digit fractions.
    text = re.sub(r"[Zz]$", "+00:00", text)
    text = re.sub(r"(:\d\d[^:]*[+-]\d\d)(\d\d)$", r"\1:\2", text)
    text = re.sub(r"\.\d+", "", text)
    return datetime.fromisoformat(text)


def _short_str(value: object) -> str:
    # A list where a text should be is no text; its str() may recurse or raise as well.
    if isinstance(value, (dict, list, tuple, set)):
        return ""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**30:
        return f"{'-' if value < 0 else ''}(number of {value.bit_length()} bits)"
    return str(value)


def one_of(choices: tuple[str, ...]) -> Callable[[object], str]:
    """A cleaner that knows these words; anything else is the first of them."""

    def clean(value: object) -> str:
        text = clean_line(value).lower()
        return text if text in choices else choices[0]

    return clean


def clean_lang(value: object) -> str:
    """ISO 639 code with an optional region, lower and upper case: ``es``, ``pt_BR``."""
    match = re.match(r"^([A-Za-z]{2,3})(?:[-_]([A-Za-z]{2}))?\b", clean_line(value, 16))
    if not match:
        return ""
    language, region = match.groups()
    return language.lower() + (f"_{region.upper()}" if region else "")


def clean_raw(value: object) -> Any:
    """What a network sent, as storable JSON; only its keys where it is too large to keep."""
    data = clean_json(value if isinstance(value, dict) else {})
    if len(json.dumps(data, ensure_ascii=False)) <= MAX_RAW:
        return data
    return {"truncated": True, "keys": sorted(data)[:100]}


class Cleaned:
    """A dataclass that runs its fields' cleaners when an instance is made."""

    def __post_init__(self) -> None:
        for item in fields(self):  # type: ignore[arg-type]
            cleaner = item.metadata.get("clean")
            if cleaner is not None:
                object.__setattr__(self, item.name, cleaner(getattr(self, item.name)))


def cleaned(cleaner: Callable[[object], object], default: Any = "") -> Any:
    """A field of a :class:`Cleaned` dataclass."""
    return field(default=default, metadata={"clean": cleaner})
