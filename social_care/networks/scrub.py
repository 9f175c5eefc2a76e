"""Our own secrets, taken out of what a network says.

A server may repeat the request's credentials in its answer; from there they would come into raw
data, chatter and exports.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

MIN_LENGTH = 12  # what is shorter is no token, and may be a word that customers use
MASK = "***"


def scrub(value: Any, secrets: tuple[str, ...]) -> Any:
    """The same value, dataclasses and collections included, without the secrets.

    >>> scrub({"echo": ["Bearer 0123456789abcdef"]}, ("0123456789abcdef",))
    {'echo': ['Bearer ***']}
    """
    known = tuple(secret for secret in secrets if len(secret) >= MIN_LENGTH)
    return _scrub(value, known) if known else value


def _scrub(value: Any, secrets: tuple[str, ...]) -> Any:
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, MASK)
        return value
    if isinstance(value, bytes):
        for secret in secrets:
            value = value.replace(secret.encode(), MASK.encode())
        return value
    if isinstance(value, dict):
        return {_scrub(key, secrets): _scrub(item, secrets) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_scrub(item, secrets) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        old = {item.name: getattr(value, item.name) for item in fields(value)}
        new = {name: _scrub(item, secrets) for name, item in old.items()}
        return value if new == old else replace(value, **new)
    return value
