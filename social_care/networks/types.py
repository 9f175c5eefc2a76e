"""The shapes that cross between a network's wire and Odoo.

Frozen dataclasses that clean what they are given: text from a network is
hostile, and PostgreSQL refuses NUL and lone surrogates. All times are naive
UTC, as Odoo stores them.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .cleaning import (
    Cleaned,
    clean_count,
    clean_datetime,
    clean_id,
    clean_json,
    clean_lang,
    clean_line,
    clean_raw,
    clean_text,
    clean_url,
    cleaned,
    one_of,
)

KINDS = ("mention", "reply", "comment", "direct")
VISIBILITIES = ("public", "unlisted", "private", "direct")
INTENTS = ("", "question", "complaint", "request", "praise", "other")


@dataclass(frozen=True)
class Author(Cleaned):
    """Who said it, as the network knows them.

    ``external_id`` is unique across the network's servers: a page-scoped id, a
    DID, an actor's address; where the author is unknown ``unknown:<id of the post>``,
    so that two strangers are never one. ``handle`` has no ``@`` before it.
    ``followers_count`` is None where unknown, ``location`` what they say of where they live.
    """

    external_id: str = cleaned(clean_id)
    handle: str = cleaned(clean_line)
    name: str = cleaned(clean_line)
    url: str = cleaned(clean_url)
    avatar_url: str = cleaned(clean_url)
    followers_count: int | None = cleaned(
        lambda value: None if value is None else clean_count(value), None
    )
    verified: bool = cleaned(bool, False)
    bot: bool = cleaned(bool, False)
    lang: str = cleaned(clean_lang)
    location: str = cleaned(clean_line)


@dataclass(frozen=True)
class Media(Cleaned):
    """A picture, film or sound attached to a post: addresses only, nothing is loaded."""

    url: str = cleaned(clean_url)
    kind: str = cleaned(one_of(("image", "video", "audio", "other")), "image")
    preview_url: str = cleaned(clean_url)
    description: str = cleaned(lambda value: clean_text(value, 1500))


@dataclass(frozen=True)
class Mention(Cleaned):
    """One thing somebody said; plain text, naive UTC.

    ``own`` is true for the brand's own posts (echoes, answers typed in the
    network's app). ``addressed`` is true when it was said to the brand.
    ``history`` marks imported rows that get no clock. ``deleted_at`` is set
    for a deletion, of which little else may be known.
    """

    external_id: str = cleaned(clean_id)
    kind: str = cleaned(one_of(KINDS), "mention")
    author: Author = field(default_factory=Author)
    body: str = cleaned(clean_text)
    posted_at: datetime | None = cleaned(clean_datetime, None)
    lang: str = cleaned(clean_lang)
    url: str = cleaned(clean_url)
    thread_external_id: str = cleaned(clean_id)
    parent_external_id: str = cleaned(clean_id)
    visibility: str = cleaned(one_of(VISIBILITIES), "public")
    edited_at: datetime | None = cleaned(clean_datetime, None)
    deleted_at: datetime | None = cleaned(clean_datetime, None)
    likes: int = cleaned(clean_count, 0)
    reposts: int = cleaned(clean_count, 0)
    replies: int = cleaned(clean_count, 0)
    views: int = cleaned(clean_count, 0)
    media: tuple[Media, ...] = ()
    context: dict[str, Any] = cleaned(
        lambda value: clean_json(value if isinstance(value, dict) else {}), None
    )
    raw: dict[str, Any] = cleaned(clean_raw, None)
    intent: str = cleaned(one_of(INTENTS))
    own: bool = cleaned(bool, False)
    addressed: bool = cleaned(bool, True)
    history: bool = cleaned(bool, False)

    def digest(self) -> str:
        """Hash of what a reader would see change; a repeated page has equal digests."""
        content = (
            self.body,
            str(self.edited_at),
            str(self.deleted_at),
            self.visibility,
            self.likes,
            self.reposts,
            self.replies,
            self.views,
            [item.url for item in self.media],
        )
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Attachment:
    """A file that goes out with a reply."""

    name: str
    mimetype: str
    content: bytes
    description: str = ""


@dataclass(frozen=True)
class Reply:
    """What an agent wants said, and where.

    :param visibility: ``public``, ``private_reply`` (a private answer to a
        public comment) or ``direct``
    :param parent: the post answered; its ``raw`` is not needed
    :param last_direct_at: the customer's last private message, naive UTC: windows count from it
    """

    idempotency_key: str
    body: str
    visibility: str
    parent: Mention
    lang: str = ""
    attachments: tuple[Attachment, ...] = ()
    last_direct_at: datetime | None = None


@dataclass(frozen=True)
class Published(Cleaned):
    """What the network made of a reply.

    ``recipient_external_id`` is the customer's id in private messages, where a private
    answer to a public comment told it: the same person as the comment's author. ``body``
    is what stands there, where it was read.
    """

    external_id: str = cleaned(clean_id)
    url: str = cleaned(clean_url)
    posted_at: datetime | None = cleaned(clean_datetime, None)
    recipient_external_id: str = cleaned(clean_id)
    body: str = field(default="", compare=False, metadata={"clean": clean_text})


@dataclass(frozen=True)
class Problem:
    """A row that could not be understood: kept, shown, never in the way of the rest.

    :param line: line of the file, or 0
    :param code: why, e.g. ``"bad_json"``
    :param detail: the offending column or value, short, for a person
    :param body: the row as it came, at most 64 KiB
    """

    code: str
    line: int = 0
    detail: str = ""
    body: bytes = b""


@dataclass(frozen=True)
class Like(Cleaned):
    """Somebody likes a post of ours, or took that back."""

    external_id: str = cleaned(clean_id)
    author_id: str = cleaned(clean_id)
    at: datetime | None = cleaned(clean_datetime, None)
    on: bool = True


@dataclass(frozen=True)
class Page:
    """One page of mentions and where to go on.

    :param cursor: JSON data to store with the rows, in the same transaction
    :param more: whether another page is waiting now
    """

    mentions: tuple[Mention, ...] = ()
    cursor: dict[str, Any] = field(default_factory=dict)
    more: bool = False
    problems: tuple[Problem, ...] = ()
    likes: tuple[Like, ...] = ()


@dataclass(frozen=True)
class Profile(Cleaned):
    """The brand's own account, as the network shows it."""

    external_id: str = cleaned(clean_id)
    handle: str = cleaned(clean_line)
    name: str = cleaned(clean_line)
    url: str = cleaned(clean_url)
    avatar_url: str = cleaned(clean_url)
    max_length: int | None = cleaned(
        lambda value: None if value is None else clean_count(value), None
    )


@dataclass(frozen=True)
class Entry(Cleaned):
    """One part of a webhook call: whose it is, and what it says, as it came.

    :param network: code of the network
    :param owner: external id of the brand's account there
    """

    network: str = cleaned(clean_line)
    owner: str = cleaned(clean_id)
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Situation:
    """What decides, beside the message itself, how it can be answered. Times are naive UTC.

    :param last_direct_at: the customer's last private message to us, or None
    :param private_replied: whether a private answer to this comment went out already
    """

    now: datetime
    last_direct_at: datetime | None = None
    private_replied: bool = False
