"""How Facebook and Instagram are polled: lists of what holds messages, then what changed in them.

A round reads the list of recent posts and that of the conversations, and then the comments or
messages of those that changed since the last round. The cursor is ``{"todo": [key], "marks":
{key: mark}}`` with the keys ``posts``, ``talks``, ``posts:<id>``, ``talks:<id>``; a mark is a
cursor of :mod:`.walk`, and of a post or conversation also its ``sign`` when it was last read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar, TypeAlias

from .cleaning import clean_datetime, clean_id, clean_json
from .exceptions import RejectedError
from .jsontext import part
from .meta import Graph
from .types import Mention, Page, Problem, Profile
from .walk import OVERLAP, Step, walk_back

RECENT = timedelta(days=30)  # posts whose comments are polled; webhooks tell of older ones, too
STEPS = 5  # requests of one fetch, while they bring nothing
READ_BACK_PAGES = 10  # of a list, looked through for an answer of ours

# Its place in its list, and what it says: an Instagram comment with the answers to it.
Row: TypeAlias = tuple[datetime | None, list[Mention]]
Rows: TypeAlias = tuple[list[Row], str]
Listed: TypeAlias = tuple[Sequence[dict[str, Any]], str]


@dataclass
class _Round:
    """Where a round stands; changed while it goes on, and kept in the cursor."""

    todo: list[str]
    marks: dict[str, dict[str, Any]]
    since: datetime | None

    @classmethod
    def of(cls, cursor: dict[str, Any], since: datetime | None) -> _Round:
        """A copy of what the cursor says, or a new round."""
        marks = part(cursor, "marks")
        todo = [str(key) for key in cursor.get("todo") or ["posts", "talks"]]
        return cls(todo, {key: part(marks, key) for key in marks}, since)

    def mark(self, key: str, again: timedelta) -> dict[str, Any]:
        """How far a list was read, less ``again`` where its walk begins."""
        mark = self.marks.get(key, {})
        high = clean_datetime(mark.get("high"))
        return mark if "walk" in mark or not high else {**mark, "high": (high - again).isoformat()}

    def note(self, key: str, sign: str, floor: dict[str, Any]) -> None:
        """Have a post or conversation read if it changed; a new one down to ``floor``."""
        known = self.marks.get(key)
        if sign and (known is None or known.get("sign") != sign):
            self.marks[key] = {**(floor if known is None else known), "sign": sign}
            self.todo += [] if key in self.todo else [key]

    def forget(self, kind: str) -> None:
        """Drop marks that say no more than a new one would."""
        high = clean_datetime(self.marks.get(kind, {}).get("high"))
        floor = (high - 2 * RECENT).isoformat() if high else ""
        old = [key for key in self.marks if key.startswith(f"{kind}:") and key not in self.todo]
        for key in old:
            if str(self.marks[key].get("high") or "") < floor:
                del self.marks[key]


class Walks(Graph):
    """Polling with a mark for each list."""

    # How old a comment may be whose new answers are still looked for, where the network
    # lists answers with the comment they belong to and not by their own time.
    answered_for: ClassVar[timedelta] = timedelta(0)

    _problems: list[Problem]  # of the rows read last

    def _posts(self, token: str) -> Listed:
        """A page of our posts and visitors', newest first, and the next token."""
        raise NotImplementedError

    def _talks(self, token: str) -> Listed:
        """A page of the conversations, the last changed first."""
        raise NotImplementedError

    def _comments(self, post: str, token: str) -> Rows:
        """A page of what was said below a post, newest first."""
        raise NotImplementedError

    def _messages(self, talk: str, token: str) -> Rows:
        """A page of a conversation, newest first."""
        raise NotImplementedError

    def _sign(self, post: dict[str, Any]) -> str:
        """Changes when something is said below a post; "" where nothing was."""
        raise NotImplementedError

    def _said_by_itself(self, post: dict[str, Any]) -> list[Mention]:
        """The mention that a post itself is, if it is one."""
        return []

    def verify(self) -> Profile:
        """The account, once its posts and its conversations have been read."""
        profile = self._me()
        self._own = profile.external_id
        self._posts("")
        self._talks("")
        return profile

    def fetch(self, cursor: dict[str, Any], since: datetime | None) -> Page:
        """The next list, post or conversation of the round; several where they say nothing."""
        self._problems = []
        for _step in range(STEPS):
            turn = _Round.of(cursor, since)
            kind, _, container = turn.todo[0].partition(":")
            rows = (
                self._walk_inside(turn, kind, container)
                if container
                else self._walk_list(turn, kind)
            )
            cursor = {"marks": turn.marks, **({"todo": turn.todo} if turn.todo else {})}
            found = tuple(
                mention
                for _moment, mentions in rows
                for mention in mentions
                if not since or (mention.posted_at or since) >= since
            )
            if found or self._problems or not turn.todo:
                break
        return Page(found, cursor, bool(turn.todo), tuple(self._problems))

    def _walk_list(self, turn: _Round, kind: str) -> list[Row]:
        """One page of a list; what changed is put at the end of what is to be read."""
        # Old posts get new comments: those of a month are looked at in every round.
        posts = kind == "posts"
        again, read = (RECENT, self._posts) if posts else (timedelta(0), self._talks)
        mark, first = turn.mark(kind, again), turn.since and turn.since - again
        step = walk_back(mark, first, read, _place_of, self.clock())
        turn.marks[kind] = step.cursor
        low = clean_datetime(mark.get("high"))
        # What was said before this, wherever it was, was read in an earlier round.
        floor = {"high": mark["high"]} if low else {}
        for item in step.items:
            place = _place_of(item)
            if not (low and place and place < low - OVERLAP):  # else it came with the last page
                sign = self._sign(item) if posts else f"{item.get('updated_time')}"
                turn.note(f"{kind}:{clean_id(item.get('id'))}", sign, floor)
        if not step.more:
            turn.todo.remove(kind)
            turn.forget(kind)
        return self._rows(step.items, self._said_by_itself) if posts else []

    def _walk_inside(self, turn: _Round, kind: str, container: str) -> Iterable[Row]:
        """One page of what was said below a post or in a conversation."""
        key, posts = turn.todo[0], kind == "posts"
        again = self.answered_for if posts else timedelta(0)
        mark, first = turn.mark(key, again), turn.since and turn.since - again
        read = partial(self._comments if posts else self._messages, container)
        try:
            step = walk_back(mark, first, read, lambda row: row[0], self.clock())
        except RejectedError as error:
            if error.code != "not_found":
                raise
            step = Step()  # deleted since it was listed
        turn.marks[key] = {**step.cursor, "sign": mark.get("sign", "")}
        if not step.more:
            del turn.todo[0]
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

    def _down_to(self, since: datetime, read: Callable[[str], Rows]) -> list[Mention]:
        """What a list says, newest first, at least down to ``since``.

        :raises RejectedError: ``cannot_read_back`` where it is too long
        """
        said, token = list[Mention](), ""
        self._problems = []
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
