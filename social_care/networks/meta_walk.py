"""How Facebook and Instagram are polled: lists of what holds messages, then what changed in them.

A round reads the list of recent posts and that of the conversations, and then the comments or
messages of those that changed since the last round. The cursor is ``{"todo": [key], "marks":
{key: mark}}`` with the keys ``posts``, ``talks``, ``posts:<id>``, ``talks:<id>``; a mark is a
cursor of :mod:`.walk`, and of a post or conversation also its ``sign`` when it was last read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, TypeAlias

from .cleaning import clean_datetime, clean_id, clean_json
from .exceptions import RejectedError
from .jsontext import part
from .meta import Graph
from .types import Mention, Page, Problem
from .walk import Step, walk_back

RECENT = timedelta(days=30)  # posts whose comments are polled; webhooks tell of older ones, too
STEPS = 5  # requests of one fetch, while they bring nothing
READ_BACK_PAGES = 10  # of a list, looked through for an answer of ours

# Its place in its list, and what it says: an Instagram comment with the answers to it.
Row: TypeAlias = tuple[datetime | None, list[Mention]]
Listed: TypeAlias = tuple[Sequence[dict[str, Any]], str]


class Walks(Graph):
    """Polling with a mark for each list."""

    # How old a comment may be whose new answers are still looked for, where the network
    # lists answers with the comment they belong to and not by their own time.
    answered_for: ClassVar[timedelta] = timedelta(0)

    _problems: list[Problem]  # of the rows read last

    def _list(self, kind: str, token: str) -> Listed:
        """A page of the posts or conversations, newest first, and the next token."""
        raise NotImplementedError

    def _sign(self, kind: str, item: dict[str, Any]) -> str:
        """Changes when something is said there; "" where nothing is to be read."""
        raise NotImplementedError

    def _said_by_itself(self, kind: str, item: dict[str, Any]) -> list[Mention]:
        """The mention that a post itself is, if it is one."""
        return []

    def _inside(self, kind: str, container: str, token: str) -> tuple[list[Row], str]:
        """A page of the comments of a post or the messages of a conversation."""
        raise NotImplementedError

    def fetch(self, cursor: dict[str, Any], since: datetime | None) -> Page:
        """The next list, post or conversation of the round; several where they say nothing."""
        self._problems = []
        for _step in range(STEPS):
            todo = [str(key) for key in cursor.get("todo") or ["posts", "talks"]]
            marks = {key: part(part(cursor, "marks"), key) for key in part(cursor, "marks")}
            kind, _, container = todo[0].partition(":")
            if container:
                rows = self._walk_inside(kind, container, todo, marks, since)
            else:
                rows = self._walk_list(kind, todo, marks, since)
            cursor = {"marks": marks, **({"todo": todo} if todo else {})}
            found = tuple(
                mention
                for _moment, mentions in rows
                for mention in mentions
                if not since or (mention.posted_at or since) >= since
            )
            if found or self._problems or not todo:
                break
        return Page(found, cursor, bool(todo), tuple(self._problems))

    def _walk_list(
        self, kind: str, todo: list[str], marks: dict[str, dict[str, Any]], since: datetime | None
    ) -> list[Row]:
        """One page of a list; what changed is put at the end of ``todo``."""
        mark = marks.get(kind, {})
        again = RECENT if kind == "posts" else timedelta(0)  # old posts get new comments
        if "walk" not in mark:
            mark = _earlier(mark, again)
        first = since - again if since else None
        # What was said before this was read in an earlier round.
        floor = _earlier(mark, RECENT - again)
        step = walk_back(
            mark, first, lambda token: self._list(kind, token), _place_of, self.clock()
        )
        marks[kind] = step.cursor
        for item in step.items:
            key, sign = f"{kind}:{clean_id(item.get('id'))}", self._sign(kind, item)
            known = marks.get(key)
            if sign and (known is None or known.get("sign") != sign):
                marks[key] = {
                    **({"high": floor["high"]} if "high" in floor else {}),
                    **(known or {}),
                }
                marks[key]["sign"] = sign
                todo += [] if key in todo else [key]
        if not step.more:
            todo.remove(kind)
            self._forget(kind, todo, marks)
        return self._rows(step.items, lambda item: self._said_by_itself(kind, item))

    def _forget(self, kind: str, todo: list[str], marks: dict[str, dict[str, Any]]) -> None:
        """Drop marks that say no more than a new one would."""
        floor = _earlier(marks.get(kind, {}), RECENT).get("high")
        for key in [key for key in marks if key.startswith(f"{kind}:") and key not in todo]:
            if floor and str(marks[key].get("high") or "") < floor:
                del marks[key]

    def _walk_inside(
        self,
        kind: str,
        container: str,
        todo: list[str],
        marks: dict[str, dict[str, Any]],
        since: datetime | None,
    ) -> Iterable[Row]:
        key = todo[0]
        mark = dict(marks.get(key, {}))
        sign = {"sign": mark.pop("sign", "")}
        again = self.answered_for if kind == "posts" else timedelta(0)
        if "walk" not in mark:
            mark = _earlier(mark, again)
        first = since - again if since else None
        try:
            step = walk_back(
                mark,
                first,
                lambda token: self._inside(kind, container, token),
                lambda row: row[0],
                self.clock(),
            )
        except RejectedError as error:
            if error.code != "not_found":
                raise
            step = Step()  # deleted since it was listed
        marks[key] = {**step.cursor, **sign}
        if not step.more:
            del todo[0]
        return step.items

    def _rows(
        self,
        items: Iterable[dict[str, Any]],
        convert: Callable[[dict[str, Any]], list[Mention]],
    ) -> list[Row]:
        """Items with what they say; one that cannot be read is kept as a problem."""
        rows: list[Row] = []
        for item in items:
            try:
                rows.append((_place_of(item), convert(item)))
            except ValueError:
                self._problems.append(problem("bad_item", item))
        return rows

    def _down_to(
        self, since: datetime, read: Callable[[str], tuple[list[Row], str]]
    ) -> list[Mention]:
        """What a list says, newest first, at least down to ``since``.

        :raises RejectedError: ``cannot_read_back`` where it is too long
        """
        said, token = list[Mention](), ""
        for _page in range(READ_BACK_PAGES):
            rows, token = read(token)
            said += [mention for _moment, mentions in rows for mention in mentions]
            if not token or any((moment or since) < since for moment, _mentions in rows):
                return said
        raise RejectedError("cannot_read_back")


def problem(code: str, item: dict[str, Any]) -> Problem:
    """Something that could not be understood, kept as it came."""
    return Problem(code, body=json.dumps(clean_json(item)).encode()[:65_536])


def _place_of(item: dict[str, Any]) -> datetime | None:
    """Where a post, conversation, comment or message stands in its list: naive UTC."""
    told = item.get("created_time") or item.get("timestamp") or item.get("updated_time")
    return clean_datetime(told)


def _earlier(mark: dict[str, Any], by: timedelta) -> dict[str, Any]:
    high = clean_datetime(mark.get("high"))
    return {**mark, "high": (high - by).isoformat()} if high else dict(mark)
