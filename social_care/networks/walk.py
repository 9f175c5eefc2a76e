"""The walk through a list that a network shows newest first.

The cursor is ``{"high": time, "walk": {"top": time, "next": token}}``, times in ISO 8601, naive
UTC. ``high`` is how far all is known; ``top`` becomes it only when a walk has gone
down to the old ``high`` less an hour. Between two pages the process may die: the cursor
stored with a page's rows leads on to the next page.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from .cleaning import MAX_RAW, clean_datetime, clean_json, clean_text
from .exceptions import RateLimited, RejectedError, TransientError
from .jsontext import Json, dicts, part
from .types import Mention, Problem

Item = TypeVar("Item")

OVERLAP = timedelta(hours=1)  # late arrivals and clocks that differ
MAX_TOKEN = 4_096  # characters; a page token cut or hashed leads nowhere
READ_BACK_PAGES = 10  # of our own posts that are looked through
MAX_RESTARTS = 2  # of one walk, when its page tokens expire


@dataclass(frozen=True)
class Step(Generic[Item]):
    """One page of a walk: its items, the cursor to store with them, whether to go on."""

    items: tuple[Item, ...] = ()
    cursor: dict[str, Any] = field(default_factory=dict)
    more: bool = False


def walk_back(
    cursor: dict[str, Any],
    since: datetime | None,
    read: Callable[[str], tuple[Sequence[Item], str]],
    when: Callable[[Item], datetime | None],
    now: datetime,
) -> Step[Item]:
    """Read the next page of a walk, or the first of a new one.

    The walk stops by time, at ``high`` less an hour or at ``since``, never at a known
    id, which may come from elsewhere or be deleted. An expired token (a refusal in the
    middle of a walk) starts it again; where that does not help either, ``"gap"`` in
    the cursor says down to which time the list could be read and what is new goes on.

    :param read: a page token ("" for the newest page) → items newest first, next token
        or "" at the end of the list
    :param when: an item's place in the list as naive UTC; None is passed over
    :param now: naive UTC; a time in the future moves nothing beyond it
    """
    walk, items, following = _read_on(part(cursor, "walk"), read)
    new = tuple(item for item in items if since is None or (when(item) or since) >= since)
    if walk.get("restarts", 0) > MAX_RESTARTS:
        kept = {key: value for key, value in cursor.items() if key != "walk"}
        return Step(new, {**kept, **({"gap": walk["seen"]} if walk["seen"] else {})})
    high, top = clean_datetime(cursor.get("high")), clean_datetime(walk.get("top"))
    times = [time for time in map(when, items) if time is not None]
    token = walk.get("next", "")
    if not token and times:
        top = min(max(times), now)
    floors = [floor for floor in (high and high - OVERLAP, since) if floor is not None]
    # The last of the page is the lowest; one early time elsewhere (an item out of
    # order) does not end the walk.
    reached = bool(times and floors) and times[-1] <= max(floors)
    # The same token again means a network that does not page.
    if reached or not items or not following or following == token:
        done = max((time for time in (high, top) if time is not None), default=None)
        return Step(new, {"high": done.isoformat()} if done else {})
    walk |= {
        "top": top and top.isoformat(),
        "next": clean_text(following, MAX_TOKEN),
        "seen": min(times).isoformat() if times else walk.get("seen"),
    }
    start = {"high": high.isoformat()} if high else {}
    return Step(new, {**start, "walk": {key: value for key, value in walk.items() if value}}, True)


def _read_on(
    walk: dict[str, Any], read: Callable[[str], tuple[Sequence[Item], str]]
) -> tuple[dict[str, Any], Sequence[Item], str]:
    """The page that a walk is at, or the first one of a new walk where its token has expired."""
    token = clean_text(walk.get("next"), MAX_TOKEN)
    try:
        return {**walk, "next": token}, *read(token)
    except RejectedError:
        if not token:
            raise
    again = {"restarts": walk.get("restarts", 0) + 1, "seen": walk.get("seen")}
    return again, *read("")


def listed(data: Json, key: str) -> list[Json]:
    """The objects in the list that an answer must have under a key.

    :raises TransientError: ``not_this_network`` where it has none: it must not pass for an
        empty list, which would end a walk, or tell that all was deleted
    """
    if not isinstance(data.get(key), list):
        raise TransientError("not_this_network")
    return dicts(data, key)


def read_each(
    items: Iterable[Item], read: Callable[[Item], Mention | None], code: str = "bad_item"
) -> tuple[tuple[Mention, ...], tuple[Problem, ...]]:
    """Each item read by itself: one that cannot be understood is kept beside the others.

    :param read: an item → its mention, or None where it is none of ours
    :param code: of the problem
    """
    mentions: list[Mention] = []
    problems: list[Problem] = []
    for item in items:
        try:
            mention = read(item)
        except (ValueError, TypeError, AttributeError, RecursionError):
            body = json.dumps(clean_json(item)).encode()
            problems.append(Problem(code, body=body[:MAX_RAW]))
        else:
            mentions += [mention] if mention else []
    return tuple(mentions), tuple(problems)


def walk_lists(
    cursor: dict[str, Any],
    since: datetime | None,
    lists: Mapping[str, Callable[[str], tuple[Sequence[Item], str]]],
    when: Callable[[Item], datetime | None],
    now: datetime,
) -> tuple[str, Step[Item]]:
    """The next page of lists that are walked one after the other, and the name of its list.

    The cursor holds that of :func:`walk_back` for each list, and ``turn`` for the one to go on with.

    :param lists: name → how it is read, in the order in which they are walked
    """
    names = [*lists]
    turn = cursor["turn"] if cursor.get("turn") in names else names[0]
    step = walk_back(part(cursor, turn), since, lists[turn], when, now)
    after = turn if step.more else "".join(names[names.index(turn) + 1 :][:1])
    cursors = {name: part(cursor, name) for name in names} | {turn: step.cursor}
    return turn, Step(step.items, {**cursors, "turn": after}, bool(after))


def read_back(
    read: Callable[[str], tuple[Sequence[Item], str]],
    when: Callable[[Item], datetime | None],
    since: datetime,
) -> Iterator[Item]:
    """The items of a list down to a time, for finding something of our own again.

    :param read: as in :func:`walk_back`
    :raises RejectedError: ``cannot_read_back`` where ten pages do not lead there, or no page
        leads further
    """
    token = ""
    for _page in range(READ_BACK_PAGES):
        items, following = read(token)
        yield from items
        if not following or any((when(item) or since) < since for item in items[-1:]):
            return
        if following == token:
            break
        token = following
    raise RejectedError("cannot_read_back")


def batches(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """The items, ``size`` at a time.

    >>> list(batches("abcde", 2))
    ['ab', 'cd', 'e']
    """
    return (items[start : start + size] for start in range(0, len(items), size))


def until_limited(
    items: Iterable[Item], read: Callable[[Item], Iterable[Mention]]
) -> list[Mention]:
    """All that is read for each item, up to where the rate limit is met.

    :raises RateLimited: where it is met at once
    """
    found: list[Mention] = []
    for number, item in enumerate(items):
        try:
            found += read(item)
        except RateLimited:
            if not number:
                raise
            break
    return found
