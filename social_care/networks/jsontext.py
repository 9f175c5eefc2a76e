"""JSON from strangers: parsed without what breaks the parser or the process."""

from __future__ import annotations

import json
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]  # an object

MAX_DIGITS = 30  # longer whole numbers are cut to this order of magnitude


def parse_json(data: bytes | str) -> Any:
    """JSON data from UTF-8 bytes or text.

    Whole numbers beyond 30 digits come back as ±10**30: Python refuses (or, before its
    digit limit, takes minutes over) what one hostile count in a page may hold, and
    that must not cost the rest of the page. NaN and Infinity, which JSON does not
    have, become None.

    :raises ValueError: for anything that is no JSON, or nested too deep to read

    >>> parse_json('{"likes": 3, "ratio": NaN}')
    {'likes': 3, 'ratio': None}
    >>> parse_json("9" * 5000) == 10**30
    True
    """
    text = data if isinstance(data, str) else data.decode("utf-8-sig", "replace")
    try:
        # Not strict: a raw line break inside a string is a sloppy export, not an attack.
        return json.loads(
            text, strict=False, parse_int=_bounded_int, parse_constant=lambda _name: None
        )
    except RecursionError:
        raise ValueError("nested too deep") from None


def _bounded_int(digits: str) -> int:
    if len(digits) <= MAX_DIGITS:
        return int(digits)
    largest: int = 10**MAX_DIGITS
    return -largest if digits.startswith("-") else largest


def part(data: Any, key: str) -> Json:
    """The object under a key, or an empty one.

    >>> part({"snippet": {"id": 1}}, "snippet"), part([], "snippet")
    ({'id': 1}, {})
    """
    value = data.get(key) if isinstance(data, dict) else None
    return value if isinstance(value, dict) else {}


def dicts(data: Any, key: str) -> list[Json]:
    """The objects in the list under a key; what is none is left out.

    >>> dicts({"items": [{"id": 1}, "odd"]}, "items"), dicts({"items": "odd"}, "items")
    ([{'id': 1}], [])
    """
    value = data.get(key) if isinstance(data, dict) else None
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
