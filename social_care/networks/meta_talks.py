"""Private messages of a page or an Instagram account, polled, told by webhook or read back.

https://developers.facebook.com/docs/messenger-platform/ (conversations, reference/webhook-events)
and the same under /docs/messenger-platform/instagram/, read 2026-11-22.

``thread_external_id`` of a message is the customer's page-scoped (Instagram-scoped) id, to which
answers go. Meta links no answer to a question: the parent of a message of ours is the customer's
last one before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar

from .cleaning import clean_id, clean_text
from .jsontext import Json, dicts, part
from .meta import Graph, Listed, moment_of
from .types import Author, Media, Mention
from .walk import read_back, read_each

TALK = "id,updated_time"
MESSAGE = "id,created_time,from,to,message,attachments{mime_type,file_url,image_data,video_data}"
# Known in a webhook, and nothing that anybody said.
SILENT = {
    *("delivery", "read", "reaction", "optin", "referral", "account_linking", "app_roles"),
    *("pass_thread_control", "take_thread_control", "request_thread_control"),
    *("policy_enforcement", "game_play"),
}


class Talks(Graph):
    """Conversations with people, and whose words they are."""

    platform: ClassVar[str]  # Meta's word in ``/conversations``

    def _talks(self, token: str, **params: str) -> Listed:
        """A page of the conversations, the last changed first."""
        return self._page("me/conversations", token, platform=self.platform, fields=TALK, **params)

    def _messages(self, talk: str, token: str, **params: Any) -> Listed:
        """A page of a conversation, newest first."""
        return self._page(f"{talk}/messages", token, fields=MESSAGE, **params)

    def _conversation(self, person: str, since: datetime, talk: str = "") -> tuple[Mention, ...]:
        """The messages exchanged with somebody, newest first, at least down to ``since``.

        :param talk: the id of the conversation, where it is known
        """
        talks = [{"id": talk}] if talk else self._talks("", user_id=person)[0]
        if not talks:
            return ()
        read = partial(self._messages, clean_id(talks[0].get("id")))
        return self._down_to(since, read, self._message)

    def _message(self, item: Json, **changes: Any) -> Mention:
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
            Author(self.own_id) if own else stranger,
            kind="direct",
            visibility="direct",
            thread_external_id=person or external_id,
            media=tuple(map(_attachment, dicts(part(item, "attachments"), "data"))),
            **changes,
        )

    def _read_message(self, event: Json) -> Mention | None:
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
        return as_answer(told, self._conversation(told.thread_external_id, since))

    def _down_to(
        self, since: datetime, read: Callable[[str], Listed], convert: Callable[[Json], Mention]
    ) -> tuple[Mention, ...]:
        """What a list says, newest first, at least down to ``since``.

        :raises RejectedError: ``cannot_read_back`` where it is too long
        """
        return read_each(read_back(read, moment_of, since), convert)[0]

    def _mention(self, item: Json, external_id: str, author: Author, **fields: Any) -> Mention:
        """Something that was said, ours too.

        :raises ValueError: if it has no id
        """
        if not external_id:
            raise ValueError("no id")
        own = author.external_id == self.own_id
        told = {
            "body": item.get("message") or item.get("text") or item.get("caption"),
            "posted_at": moment_of(item),
            "likes": item.get("like_count"),
            "replies": item.get("comment_count"),
            "raw": item,
        }
        return Mention(external_id, author=author, own=own, addressed=not own, **{**told, **fields})

    def _is_own(self, sender: Json) -> bool:
        """Whether it is we, by id or by name: Instagram does not tell both everywhere."""
        name, own = clean_id(sender.get("username")), self.credentials.handle.lstrip("@")
        same_name = bool(own) and name.lower() == own.lower()
        return same_name or clean_id(sender.get("id")) == self.own_id


def as_answer(mention: Mention, said: Iterable[Mention]) -> Mention:
    """A message of ours with the customer's last one before it as its parent."""
    if not mention.own or not mention.posted_at:
        return mention
    before = [
        (item.posted_at, item.external_id)
        for item in said
        if not item.own and item.posted_at and item.posted_at <= mention.posted_at
    ]
    return replace(mention, parent_external_id=max(before, default=("", ""))[1])


def _attachment(item: Json) -> Media:
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
