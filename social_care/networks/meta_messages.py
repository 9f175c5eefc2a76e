"""Private messages of a page or an Instagram account: read, and answered.

https://developers.facebook.com/docs/messenger-platform/ (conversations, reference/send-api,
discovery/private-replies, reference/attachment-upload-api) and the
same under /docs/messenger-platform/instagram/, read 2026-11-22.

``thread_external_id`` is the customer's page-scoped (Instagram-scoped) id, to which answers go.
Meta links no answer to a question: the parent of a message of ours is the customer's last one
before it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar

from .cleaning import clean_id, clean_text
from .exceptions import NetworkError, RejectedError, TransientError
from .jsontext import dicts, part
from .meta_walk import Listed, Rows, Walks
from .types import Attachment, Author, Media, Mention, Published, Reply

TALK = "id,updated_time"
MESSAGE = "id,created_time,from,to,message,attachments{mime_type,file_url,image_data,video_data}"
KINDS = {"image": "image", "video": "video", "audio": "audio"}


class Messages(Walks):
    """Conversations of a page with its customers."""

    platform: ClassVar[str]  # Meta's word in ``/conversations``
    last_messages: ClassVar[int] = 0  # so many of a conversation are told; 0: all

    def _talks(self, token: str, **params: Any) -> Listed:
        return self._page("me/conversations", token, platform=self.platform, fields=TALK, **params)

    def _messages(self, talk: str, token: str) -> Rows:
        limit = {"limit": self.last_messages} if self.last_messages else {}
        items, following = self._page(f"{talk}/messages", token, fields=MESSAGE, **limit)
        rows = self._rows(items, lambda item: [self._message(item)])
        said = [mention for _moment, mentions in rows for mention in mentions]
        linked = [
            (moment, [answering(mention, said) for mention in mentions])
            for moment, mentions in rows
        ]
        return linked, "" if limit else following

    def _message(self, item: dict[str, Any]) -> Mention:
        sender = part(item, "from")
        own = self._is_own(sender)
        (receiver, *_others) = dicts(part(item, "to"), "data") or [{}]
        return self._private(
            item.get("id"),
            own,
            receiver if own else sender,
            body=item.get("message"),
            posted_at=item.get("created_time"),
            media=tuple(map(_attachment, dicts(part(item, "attachments"), "data"))),
            raw=item,
        )

    def _is_own(self, sender: dict[str, Any]) -> bool:
        return clean_id(sender.get("id")) == self._own_id()

    def _private(
        self, message_id: Any, own: bool, customer: dict[str, Any], **fields: Any
    ) -> Mention:
        """A message of the conversation with ``customer``, polled or pushed.

        :raises ValueError: if it has no id
        """
        external_id, person = clean_id(message_id), clean_id(customer.get("id"))
        if not external_id:
            raise ValueError("no message")
        name = customer.get("username") or ""
        stranger = Author(person or f"unknown:{external_id}", name, customer.get("name") or name)
        return Mention(
            external_id=external_id,
            kind="direct",
            visibility="direct",
            author=Author(self._own_id()) if own else stranger,
            thread_external_id=person or external_id,
            own=own,
            addressed=not own,
            **fields,
        )

    def _talk_with(self, person: str) -> str:
        """The id of the conversation with somebody, or ""."""
        talks, _following = self._talks("", user_id=person)
        return clean_id(talks[0].get("id")) if talks else ""

    def _conversation(self, talk: str, since: datetime) -> list[Mention]:
        """The messages of a conversation, newest first, at least down to ``since``."""
        if not talk:
            return []
        return self._down_to(since, partial(self._messages, talk))

    # -- Answered ---------------------------------------------------------------

    def _check(self, reply: Reply) -> None:
        """Refuse what Meta would refuse, before anything is sent."""
        length, limit = self.measure(reply.body, reply.visibility)
        if length > limit:
            raise RejectedError("too_long")
        if len(reply.attachments) > (self.max_media if self.supports_media else 0):
            raise RejectedError("bad_picture")

    def _send(self, reply: Reply) -> Published:
        """A private message: the picture first, then the text, whose id is the answer's.

        Within 24 hours of the customer's last message it is a response; later it carries the
        tag of what a person wrote.
        """
        parts: list[dict[str, Any]] = [self._uploaded(item) for item in reply.attachments]
        parts += [{"text": reply.body}] if reply.body.strip() else []
        answer: dict[str, Any] = {}
        for message in parts:
            body = {"recipient": self._recipient(reply), **self._kind_of(reply), "message": message}
            try:
                answer = self._ask("POST", "me/messages", json=body)
            except NetworkError as error:
                if answer:
                    error.published = None  # the picture is out
                raise
        if not clean_id(answer.get("message_id")):
            raise TransientError("no_id")
        return Published(
            external_id=answer.get("message_id") or "",
            url=reply.parent.url,
            posted_at=self.clock(),
            recipient_external_id=answer.get("recipient_id") or "",
        )

    def _recipient(self, reply: Reply) -> dict[str, str]:
        if reply.visibility == "direct":
            return {"id": reply.parent.thread_external_id}
        is_post = reply.parent.external_id == reply.parent.thread_external_id
        return {"post_id" if is_post else "comment_id": reply.parent.external_id}

    def _kind_of(self, reply: Reply) -> dict[str, str]:
        start, window = reply.last_direct_at, timedelta(hours=self.reply_window_hours)
        if reply.visibility == "direct" and start and self.clock() - start >= window:
            return {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
        return {"messaging_type": "RESPONSE"}

    def _uploaded(self, file: Attachment) -> dict[str, Any]:
        wanted = {"attachment": {"type": "image", "payload": {"is_reusable": True}}}
        sent = {"filedata": (file.name, file.content, file.mimetype)}
        path, data = "me/message_attachments", {"message": json.dumps(wanted)}
        try:
            answer = self._ask("POST", path, data=data, files=sent)
        except NetworkError as error:
            error.published = False  # it is only put there: nobody was told
            raise
        payload = {"attachment_id": answer.get("attachment_id")}
        return {"attachment": {"type": "image", "payload": payload}}

    def _find_sent(self, reply: Reply, talk: str, since: datetime) -> list[Published]:
        """Own messages of a conversation since then with the same text.

        :raises RejectedError: ``cannot_read_back`` where only the picture may have gone out
        """
        said = self._conversation(talk, since)
        found = self._same(reply, said, since)
        pictures = [item for item in said if item.own and item.media]
        if reply.attachments and not found and pictures:
            raise RejectedError("cannot_read_back")
        return found

    def _same(self, reply: Reply, said: Iterable[Mention], since: datetime) -> list[Published]:
        return [
            Published(item.external_id, item.url, item.posted_at)
            for item in said
            if item.own and item.posted_at and item.posted_at >= since
            if self.is_same_text(reply.body, item.body)
        ]


def answering(mention: Mention, said: Iterable[Mention]) -> Mention:
    """A message of ours with the customer's last one before it as its parent."""
    if not mention.own or not mention.posted_at:
        return mention
    before = [
        item
        for item in said
        if not item.own and item.posted_at and item.posted_at <= mention.posted_at
    ]
    last = max(before, key=lambda item: item.posted_at or datetime.min, default=None)
    return replace(mention, parent_external_id=last.external_id if last else "")


def _attachment(item: dict[str, Any]) -> Media:
    """An attachment as a conversation tells it."""
    image, video = part(item, "image_data"), part(item, "video_data")
    kind = clean_text(item.get("mime_type")).partition("/")[0]
    return Media(
        url=image.get("url") or video.get("url") or item.get("file_url") or "",
        kind="image" if image else "video" if video else KINDS.get(kind, "other"),
        preview_url=image.get("preview_url") or video.get("preview_url") or "",
    )
