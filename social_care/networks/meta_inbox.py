"""What is said to a page or an Instagram account: polled, told by webhook, looked for again.

https://developers.facebook.com/docs/graph-api/webhooks/reference/page/ and
/docs/instagram-platform/webhooks, read 2026-11-22. Private messages are in :mod:`.meta_talks`.

A round reads the list of recent posts and that of the conversations, and then the comments or
messages of those that changed since the last round. The cursor is ``{"todo": [key], "marks":
{key: mark}}`` with the keys ``posts``, ``talks``, ``posts:<id>``, ``talks:<id>``; a mark is a
cursor of :mod:`.walk`, and of a post or conversation also its ``sign`` when it was last read.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar, TypeAlias

from .cleaning import clean_datetime, clean_id
from .context import post_of
from .exceptions import RejectedError
from .jsontext import Json, dicts, part
from .meta import Listed, moment_of
from .meta_talks import Talks, as_answer
from .types import Entry, Like, Mention, Page, Profile, Published, Reply
from .walk import OVERLAP, Step, read_each, until_limited, walk_back

RECENT = timedelta(days=30)  # posts whose comments are polled; webhooks tell of older ones, too
STEPS = 5  # requests of one fetch, while they bring nothing

Walk: TypeAlias = tuple[Callable[[str], Listed], Callable[[Json], Mention | None], timedelta]


class Inbox(Talks):
    """Posts with their comments, and conversations."""

    context_fields: ClassVar[str]  # of a post, and of comments below it
    # How old a comment may be whose new answers are still looked for, where the network
    # lists answers with the comment they belong to and not by their own time.
    answered_for: ClassVar[timedelta] = timedelta(0)

    # What a network fills in; lists are read newest first.
    _posts: Callable[[str], Listed]  # a page of our posts and visitors'
    _comments: Callable[[str, str], Listed]  # a page of what was said below a post
    _post: Callable[[Json], Mention]
    _comment: Callable[[str, Json], Mention]  # below this post
    _fields: Callable[[str], str]  # of the post or comment with this id
    _reread: Callable[[str, Json], Mention]  # which is here, or empty: then it is asked for
    _read_change: Callable[[str, Json, datetime], Mention | None]  # a webhook's field and value
    _answers: Callable[[Reply, datetime], Sequence[Mention]]  # where one to a post or comment is

    def _visitors_post(self, item: Json) -> Mention | None:
        """The mention that a post itself is, if it is one."""
        return None

    # -- Polled -----------------------------------------------------------------

    def verify(self) -> Profile:
        """The account, once its posts and its conversations have been read.

        :raises RejectedError: ``not_this_network`` where the token is for none
        """
        profile = self._profile(self._get("me", fields=self.account_fields))
        if not profile.external_id:
            raise RejectedError("not_this_network")
        self.own_id = profile.external_id
        self._posts("")
        self._talks("")
        return profile

    def fetch(self, cursor: Json, since: datetime | None) -> Page:
        """The next list, post or conversation of the round; several where they say nothing."""
        page = self._step(cursor, since)
        for _step in range(STEPS - 1):
            if page.mentions or page.problems or not page.more:
                break
            page = self._step(page.cursor, since)
        return page

    def _step(self, cursor: Json, since: datetime | None) -> Page:
        """One request: a page of a list, or of what is in a post or conversation."""
        marks, todo = {**part(cursor, "marks")}, [*(cursor.get("todo") or ("posts", "talks"))]
        kind, inside, holder = (key := todo[0]).partition(":")
        read, convert, again = self._lists(holder)[kind + inside]
        mark = part(marks, key)
        high = clean_datetime(mark.get("high"))
        if high and "walk" not in mark:
            mark = {**mark, "high": (high - again).isoformat()}
        try:
            step = walk_back(mark, since and since - again, read, moment_of, self.clock())
        except RejectedError as error:
            if not inside or error.code != "not_found":
                raise
            step = Step()  # deleted since it was listed
        marks[key] = {**step.cursor, **({"sign": mark.get("sign", "")} if inside else {})}
        if not inside:
            _note_changes(kind, step.items, mark, marks, todo)
        if not step.more:
            todo.remove(key)
            marks = marks if inside else _without_old(kind, marks, todo)
        said, problems = read_each(step.items, convert)
        said = tuple(as_answer(item, said) for item in said) if kind == "talks" else said
        new = tuple(item for item in said if not since or (item.posted_at or since) >= since)
        cursor = {"marks": marks, **({"todo": todo} if todo else {})}
        return Page(new, cursor, bool(todo), problems)

    def _lists(self, holder: str) -> dict[str, Walk]:
        """How lists are read, what an item is, and how far back they are read once more."""
        # Old posts get new comments: those of a month are looked at in every round.
        comment, none = partial(self._comment, holder), timedelta(0)
        return {
            "posts": (self._posts, self._visitors_post, RECENT),
            "posts:": (partial(self._comments, holder), comment, self.answered_for),
            "talks": (self._talks, lambda _talk: None, none),
            "talks:": (partial(self._messages, holder), self._message, none),
        }

    # -- Asked for --------------------------------------------------------------

    def fetch_context(self, mention: Mention) -> dict[str, Any]:
        """The post commented on, the comment answered, and up to 40 other comments."""
        if mention.kind == "direct":
            return {}
        item = self._get(mention.thread_external_id, fields=self.context_fields)
        roots, comments = read_each([item], self._post)[0], dicts(part(item, "comments"), "data")
        root_id = roots[0].external_id if roots else mention.thread_external_id
        said = read_each(comments, partial(self._comment, root_id))[0]
        posts = {x.external_id: post_of(x) for x in (*roots, *said)}
        posts.pop(mention.external_id, None)
        found = {
            "root": posts.pop(root_id, None),
            "parent": posts.pop(mention.parent_external_id, None),
            "others": [*posts.values()],
        }
        return {name: value for name, value in found.items() if value}

    def refresh(self, external_ids: list[str]) -> list[Mention]:
        """Posts and comments as they are now; of private messages only webhooks tell.

        Stops early where the rate limit is met: what is not in the list was not read.
        """
        # Ids of messages have letters in them.
        wanted = {x: self._fields(x) for x in external_ids if re.fullmatch(r"\d+(_\d+)?", x)}
        known = Json()
        for fields in set(wanted.values()):
            ids = ",".join(x for x in wanted if wanted[x] == fields)
            # One that is gone may fail them all: then each is asked for by itself.
            with contextlib.suppress(RejectedError):
                known |= self._get("", ids=ids, fields=fields)

        def reread(external_id: str) -> list[Mention]:
            items, read = [part(known, external_id)], partial(self._reread, external_id)
            try:
                said = read_each(items, read)[0]
            except RejectedError as error:  # says nothing about it, but where it is gone
                gone = error.code == "not_found"
                return [Mention(external_id, deleted_at=self.clock())] if gone else []
            return [replace(mention, external_id=external_id) for mention in said]

        return until_limited(wanted, reread)

    # -- Told -------------------------------------------------------------------

    def read_entry(self, entry: Entry) -> Page:
        """The mentions in ``changes``, ``messaging`` and ``standby`` of one entry.

        Instagram also writes one change directly into its entry.
        """
        data, moment = entry.data, moment_of(entry.data) or self.clock()
        changes = dicts(data, "changes") or ([data] if "field" in data else [])
        events = [*changes, *dicts(data, "messaging"), *dicts(data, "standby")]

        def read(item: Json) -> Mention | None:
            if "field" not in item:
                return self._read_message(item)
            return self._read_change(str(item["field"]), part(item, "value"), moment)

        mentions, problems = read_each(events or [data], read, "unknown_event")
        told = (self._read_like(str(x.get("field")), part(x, "value"), moment) for x in changes)
        return Page(mentions, problems=problems, likes=tuple(filter(None, told)))

    def _read_like(self, field: str, value: Json, moment: datetime) -> Like | None:
        """Who likes a comment of ours, where the network tells it."""
        return None

    def find_published(self, reply: Reply, since: datetime) -> list[Published]:
        """Own comments below what was answered, or own messages, with the same text.

        :raises RejectedError: ``cannot_read_back`` where nobody tells, or only a picture may be out
        """
        person = reply.parent.thread_external_id
        direct = reply.visibility == "direct"
        said = self._conversation(person, since) if direct else self._answers(reply, since)
        # They hang where they should; where that is differs from what we asked for.
        posts = [replace(item, parent_external_id=reply.parent.external_id) for item in said]
        found = self.pick_published(reply, since, posts)
        only_pictures = reply.visibility != "public" and any(x.own and x.media for x in said)
        if reply.attachments and only_pictures and not found:
            raise RejectedError("cannot_read_back")
        return found


def _note_changes(
    kind: str, items: Iterable[Json], start: Json, marks: Json, todo: list[str]
) -> None:
    """Have read what changed since it was read; what is new, down to the end of the last round."""
    low = clean_datetime(start.get("high"))
    floor = {"high": start["high"]} if low else {}
    for item in items:
        place, key = moment_of(item), f"{kind}:{clean_id(item.get('id'))}"
        # Changes when something is said in it; "" where nothing was.
        total = part(part(item, "comments"), "summary").get("total_count")
        count = item.get("comments_count", total)
        sign = "" if count == 0 else f"{count} {item.get('updated_time')}"
        if low and place and place < low - OVERLAP:
            continue  # it came with the last page
        if sign and part(marks, key).get("sign") != sign:
            marks[key] = {**marks.get(key, floor), "sign": sign}
            todo += [] if key in todo else [key]


def _without_old(kind: str, marks: Json, todo: list[str]) -> Json:
    """Marks but those that say no more than a new one would."""
    high = clean_datetime(marks[kind].get("high"))
    floor = (high - 2 * RECENT).isoformat() if high else ""
    return {
        key: mark
        for key, mark in marks.items()
        if not key.startswith(f"{kind}:") or key in todo or str(mark.get("high") or "") >= floor
    }
