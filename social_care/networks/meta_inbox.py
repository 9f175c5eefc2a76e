"""What is said to a page or an Instagram account: polled, told by webhook, looked for again.

https://developers.facebook.com/docs/messenger-platform/ (conversations, reference/webhook-events),
the same under /docs/messenger-platform/instagram/, and /docs/instagram-platform/webhooks, read
2026-11-22.

A round reads the list of recent posts and that of the conversations, and then the comments or
messages of those that changed since the last round. The cursor is ``{"todo": [key], "marks":
{key: mark}}`` with the keys ``posts``, ``talks``, ``posts:<id>``, ``talks:<id>``; a mark is a
cursor of :mod:`.walk`, and of a post or conversation also its ``sign`` when it was last read.

``thread_external_id`` of a message is the customer's page-scoped (Instagram-scoped) id, to which
answers go. Meta links no answer to a question: the parent of a message of ours is the customer's
last one before it.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar, TypeAlias

from .base import post_of
from .cleaning import clean_datetime, clean_id, clean_text
from .exceptions import RateLimited, RejectedError
from .jsontext import dicts, part
from .meta import Graph, Item, Listed, moment_of
from .types import Author, Entry, Like, Media, Mention, Page, Profile, Published, Reply
from .walk import OVERLAP, Step, read_each, walk_back

RECENT = timedelta(days=30)  # posts whose comments are polled; webhooks tell of older ones, too
STEPS = 5  # requests of one fetch, while they bring nothing
READ_BACK_PAGES = 10  # of a list, looked through for an answer of ours
MAX_OTHERS = 40  # comments shown around a mention
TALK = "id,updated_time"
MESSAGE = "id,created_time,from,to,message,attachments{mime_type,file_url,image_data,video_data}"
# Known in a webhook, and nothing that anybody said.
SILENT = {
    *("delivery", "read", "reaction", "optin", "referral", "account_linking", "app_roles"),
    *("pass_thread_control", "take_thread_control", "request_thread_control"),
    *("policy_enforcement", "game_play"),
}

Walk: TypeAlias = tuple[Callable[[str], Listed], Callable[[Item], Mention | None], timedelta]


class Inbox(Graph):
    """Posts with their comments, and conversations."""

    platform: ClassVar[str]  # Meta's word in ``/conversations``
    context_fields: ClassVar[str]  # of a post, and of comments below it
    # How old a comment may be whose new answers are still looked for, where the network
    # lists answers with the comment they belong to and not by their own time.
    answered_for: ClassVar[timedelta] = timedelta(0)

    # What a network fills in; lists are read newest first.
    _posts: Callable[[str], Listed]  # a page of our posts and visitors'
    _comments: Callable[[str, str], Listed]  # a page of what was said below a post
    _post: Callable[[Item], Mention]
    _comment: Callable[[str, Item], Mention]  # below this post
    _fields: Callable[[str], str]  # of the post or comment with this id
    _reread: Callable[[str, Item], Mention]  # which is here, or empty: then it is asked for
    _read_change: Callable[[str, Item, datetime], Mention | None]  # a webhook's field and value
    _answers: Callable[[Reply, datetime], list[Mention]]  # where one to a post or comment is

    def _visitors_post(self, item: Item) -> Mention | None:
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
        self.credentials = replace(self.credentials, external_id=profile.external_id)
        self._posts("")
        self._talks("")
        return profile

    def fetch(self, cursor: Item, since: datetime | None) -> Page:
        """The next list, post or conversation of the round; several where they say nothing."""
        page = self._step(cursor, since)
        for _step in range(STEPS - 1):
            if page.mentions or page.problems or not page.more:
                break
            page = self._step(page.cursor, since)
        return page

    def _step(self, cursor: Item, since: datetime | None) -> Page:
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
        said = tuple(answering(item, said) for item in said) if kind == "talks" else said
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

    def _down_to(
        self, since: datetime, read: Callable[[str], Listed], convert: Callable[[Item], Mention]
    ) -> list[Mention]:
        """What a list says, newest first, at least down to ``since``.

        :raises RejectedError: ``cannot_read_back`` where it is too long
        """
        said, token = list[Mention](), ""
        for _page in range(READ_BACK_PAGES):
            items, token = read(token)
            said += read_each(items, convert)[0]
            if not token or any((moment_of(item) or since) < since for item in items):
                return said
        raise RejectedError("cannot_read_back")

    def _mention(self, item: Item, external_id: str, author: Author, **fields: Any) -> Mention:
        """Something that was said, ours too.

        :raises ValueError: if it has no id
        """
        if not external_id:
            raise ValueError("no id")
        own = author.external_id == self.credentials.external_id
        told = {
            "body": item.get("message") or item.get("text") or item.get("caption"),
            "posted_at": moment_of(item),
            "likes": item.get("like_count"),
            "replies": item.get("comment_count"),
            "raw": item,
        }
        return Mention(external_id, author=author, own=own, addressed=not own, **{**told, **fields})

    def _is_own(self, sender: Item) -> bool:
        """Whether it is we, by id or by name: Instagram does not tell both everywhere."""
        name, own = clean_id(sender.get("username")), self.credentials.handle.lstrip("@")
        same_name = bool(own) and name.lower() == own.lower()
        return same_name or clean_id(sender.get("id")) == self.credentials.external_id

    # -- Asked for --------------------------------------------------------------

    def fetch_context(self, mention: Mention) -> dict[str, Any]:
        """The post commented on, the comment answered, and up to 40 other comments."""
        if mention.kind == "direct":
            return {}
        item = self._get(mention.thread_external_id, fields=self.context_fields)
        root, comments = self._post(item), dicts(part(item, "comments"), "data")
        said, _problems = read_each(comments, partial(self._comment, root.external_id))
        posts = {x.external_id: post_of(x) for x in (root, *said)}
        posts.pop(mention.external_id, None)
        found = {
            "root": posts.pop(root.external_id, None),
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
        known, found = Item(), list[Mention]()
        for fields in set(wanted.values()):
            ids = ",".join(x for x in wanted if wanted[x] == fields)
            # One that is gone may fail them all: then each is asked for by itself.
            with contextlib.suppress(RejectedError):
                known |= self._get("", ids=ids, fields=fields)
        for external_id in wanted:
            try:
                mention = self._reread(external_id, part(known, external_id))
                found.append(replace(mention, external_id=external_id))
            except RateLimited:
                if not found:
                    raise
                break
            except RejectedError as error:  # says nothing about it, but where it is gone
                if error.code == "not_found":
                    found.append(Mention(external_id, deleted_at=self.clock()))
        return found

    # -- Told -------------------------------------------------------------------

    def read_entry(self, entry: Entry) -> Page:
        """The mentions in ``changes``, ``messaging`` and ``standby`` of one entry.

        Instagram also writes one change directly into its entry.
        """
        data, moment = entry.data, moment_of(entry.data) or self.clock()
        changes = dicts(data, "changes") or ([data] if "field" in data else [])
        events = [*changes, *dicts(data, "messaging"), *dicts(data, "standby")]

        def read(item: Item) -> Mention | None:
            if "field" not in item:
                return self._read_message(item)
            return self._read_change(str(item["field"]), part(item, "value"), moment)

        mentions, problems = read_each(events or [data], read, "unknown_event")
        told = (self._read_like(str(x.get("field")), part(x, "value"), moment) for x in changes)
        return Page(mentions, problems=problems, likes=tuple(filter(None, told)))

    def _read_like(self, field: str, value: Item, moment: datetime) -> Like | None:
        """Who likes a comment of ours, where the network tells it."""
        return None

    def _read_message(self, event: Item) -> Mention | None:
        """:raises ValueError: for what nobody knows yet"""
        edit = part(event, "message_edit")
        message = part(event, "message") or part(event, "postback") or edit
        if not message and SILENT & event.keys():
            return None
        moment = moment_of(event)
        times = {"edited_at" if edit else "posted_at": moment}
        if message.get("is_deleted"):
            times = {"deleted_at": moment or self.clock()}
        item = {
            "id": message.get("mid"),
            "text": message.get("text") or message.get("title"),
            "attachments": {"data": message.get("attachments")},
            "is_echo": message.get("is_echo"),
            "from": event.get("sender"),
            "to": {"data": [event.get("recipient")]},
        }
        told = self._message(item, raw=event, **times)
        if not told.own or not told.posted_at:
            return told
        since = told.posted_at - timedelta(hours=self.late_window_hours)
        return answering(told, self._conversation(told.thread_external_id, since))

    # -- Private messages -------------------------------------------------------

    def _talks(self, token: str, **params: str) -> Listed:
        """A page of the conversations, the last changed first."""
        return self._page("me/conversations", token, platform=self.platform, fields=TALK, **params)

    def _messages(self, talk: str, token: str, **params: Any) -> Listed:
        """A page of a conversation, newest first."""
        return self._page(f"{talk}/messages", token, fields=MESSAGE, **params)

    def _conversation(self, person: str, since: datetime, talk: str = "") -> list[Mention]:
        """The messages exchanged with somebody, newest first, at least down to ``since``.

        :param talk: the id of the conversation, where it is known
        """
        talks = [{"id": talk}] if talk else self._talks("", user_id=person)[0]
        if not talks:
            return []
        read = partial(self._messages, clean_id(talks[0].get("id")))
        return self._down_to(since, read, self._message)

    def _message(self, item: Item, **changes: Any) -> Mention:
        """A message as it is polled."""
        external_id, customer = clean_id(item.get("id")), part(item, "from")
        if own := item.get("is_echo") is True or self._is_own(customer):
            customer = next(iter(dicts(part(item, "to"), "data")), {})
        person, handle = clean_id(customer.get("id")), customer.get("username", "")
        name = customer.get("name") or handle
        stranger = Author(person or f"unknown:{external_id}", handle, name)
        return self._mention(
            item,
            external_id,
            Author(self.credentials.external_id) if own else stranger,
            kind="direct",
            visibility="direct",
            thread_external_id=person or external_id,
            media=tuple(map(_attachment, dicts(part(item, "attachments"), "data"))),
            **changes,
        )

    def find_published(self, reply: Reply, since: datetime) -> list[Published]:
        """Own comments below what was answered, or own messages, with the same text.

        :raises RejectedError: ``cannot_read_back`` where nobody tells, or only a picture may be out
        """
        if reply.visibility == "direct":
            said = self._conversation(reply.parent.thread_external_id, since)
        else:
            said = self._answers(reply, since)
        # They hang where they should; where that is differs from what we asked for.
        posts = [replace(item, parent_external_id=reply.parent.external_id) for item in said]
        found = self.pick_published(reply, since, posts)
        only_pictures = reply.visibility != "public" and any(x.own and x.media for x in said)
        if reply.attachments and only_pictures and not found:
            raise RejectedError("cannot_read_back")
        return found


def _note_changes(
    kind: str, items: Iterable[Item], start: Item, marks: Item, todo: list[str]
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


def _without_old(kind: str, marks: Item, todo: list[str]) -> Item:
    """Marks but those that say no more than a new one would."""
    high = clean_datetime(marks[kind].get("high"))
    floor = (high - 2 * RECENT).isoformat() if high else ""
    return {
        key: mark
        for key, mark in marks.items()
        if not key.startswith(f"{kind}:") or key in todo or str(mark.get("high") or "") >= floor
    }


def answering(mention: Mention, said: Iterable[Mention]) -> Mention:
    """A message of ours with the customer's last one before it as its parent."""
    if not mention.own or not mention.posted_at:
        return mention
    before = [
        (item.posted_at, item.external_id)
        for item in said
        if not item.own and item.posted_at and item.posted_at <= mention.posted_at
    ]
    return replace(mention, parent_external_id=max(before, default=("", ""))[1])


def _attachment(item: Item) -> Media:
    """An attachment as a conversation tells it, or a webhook."""
    image, video = part(item, "image_data"), part(item, "video_data")
    source = image or video or part(item, "payload")
    kind = clean_text(item.get("type") or item.get("mime_type")).partition("/")[0]
    kind = "image" if image else "video" if video else kind
    return Media(
        url=source.get("url") or item.get("file_url") or "",
        kind=kind if kind in ("image", "video", "audio") else "other",
        preview_url=source.get("preview_url", ""),
    )
