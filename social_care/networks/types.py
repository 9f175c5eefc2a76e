"""The shapes that cross between a network's wire and Odoo.

Frozen dataclasses that clean what they are given: text from a network is
hostile, and PostgreSQL refuses NUL and lone surrogates. All times are naive
UTC, as Odoo stores them.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from .cleaning import (
    clean_count,
    clean_datetime,
    clean_id,
    clean_json,
    clean_lang,
    clean_line,
    clean_raw,
    clean_text,
    clean_url,
    one_of,
)

KINDS = ("mention", "reply", "comment", "direct")
VISIBILITIES = ("public", "unlisted", "private", "direct")
INTENTS = ("", "question", "complaint", "request", "praise", "other")


class _Cleaned:
    """Runs the cleaner named in each field's metadata when an instance is made."""

    def __post_init__(self) -> None:
        for item in fields(self):  # type: ignore[arg-type]
            cleaner = item.metadata.get("clean")
            if cleaner is not None:
                object.__setattr__(self, item.name, cleaner(getattr(self, item.name)))


def _field(cleaner: Any, default: Any = "") -> Any:
    return field(default=default, metadata={"clean": cleaner})


@dataclass(frozen=True)
class Author(_Cleaned):
    """Who said it, as the network knows them.

    ``external_id`` is unique across the network's servers: a page-scoped id, a
    DID, an actor's address; where the author is unknown ``unknown:<id of the post>``,
    so that two strangers are never one. ``handle`` has no ``@`` before it.
    ``followers_count`` is None where unknown.
    """

    external_id: str = _field(clean_id)
    handle: str = _field(clean_line)
    name: str = _field(clean_line)
    url: str = _field(clean_url)
    avatar_url: str = _field(clean_url)
    followers_count: int | None = _field(
        lambda value: None if value is None else clean_count(value), None
    )
    verified: bool = _field(bool, False)
    bot: bool = _field(bool, False)
    lang: str = _field(clean_lang)


@dataclass(frozen=True)
class Media(_Cleaned):
    """A picture, film or sound attached to a post: addresses only, nothing is loaded."""

    url: str = _field(clean_url)
    kind: str = _field(one_of(("image", "video", "audio", "other")), "image")
    preview_url: str = _field(clean_url)
    description: str = _field(lambda value: clean_text(value, 1500))


@dataclass(frozen=True)
class Mention(_Cleaned):
    """One thing somebody said; plain text, naive UTC.

    ``own`` is true for the brand's own posts (echoes, answers typed in the
    network's app). ``addressed`` is true when it was said to the brand.
    ``history`` marks imported rows that get no clock. ``deleted_at`` is set
    for a deletion, of which little else may be known.
    """

    external_id: str = _field(clean_id)
    kind: str = _field(one_of(KINDS), "mention")
    author: Author = field(default_factory=Author)
    body: str = _field(clean_text)
    posted_at: datetime | None = _field(clean_datetime, None)
    lang: str = _field(clean_lang)
    url: str = _field(clean_url)
    thread_external_id: str = _field(clean_id)
    parent_external_id: str = _field(clean_id)
    visibility: str = _field(one_of(VISIBILITIES), "public")
    edited_at: datetime | None = _field(clean_datetime, None)
    deleted_at: datetime | None = _field(clean_datetime, None)
    likes: int = _field(clean_count, 0)
    reposts: int = _field(clean_count, 0)
    replies: int = _field(clean_count, 0)
    views: int = _field(clean_count, 0)
    media: tuple[Media, ...] = ()
    context: dict[str, Any] = _field(
        lambda value: clean_json(value if isinstance(value, dict) else {}), None
    )
    raw: dict[str, Any] = _field(clean_raw, None)
    intent: str = _field(one_of(INTENTS))
    own: bool = _field(bool, False)
    addressed: bool = _field(bool, True)
    history: bool = _field(bool, False)

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
class Published(_Cleaned):
    """What the network made of a reply.

    ``recipient_external_id`` is the customer's id in private messages, where a private
    answer to a public comment told it: the same person as the comment's author.
    """

    external_id: str = _field(clean_id)
    url: str = _field(clean_url)
    posted_at: datetime | None = _field(clean_datetime, None)
    recipient_external_id: str = _field(clean_id)


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
class Page:
    """One page of mentions and where to go on.

    :param cursor: JSON data to store with the rows, in the same transaction
    :param more: whether another page is waiting now
    """

    mentions: tuple[Mention, ...] = ()
    cursor: dict[str, Any] = field(default_factory=dict)
    more: bool = False
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Profile(_Cleaned):
    """The brand's own account, as the network shows it."""

    external_id: str = _field(clean_id)
    handle: str = _field(clean_line)
    name: str = _field(clean_line)
    url: str = _field(clean_url)
    avatar_url: str = _field(clean_url)
    max_length: int | None = _field(
        lambda value: None if value is None else clean_count(value), None
    )


@dataclass(frozen=True)
class Credentials:
    """What an adapter may know of an account. Never printed: ``repr`` hides the secrets.

    :param external_id: the brand's own id on the network, empty before the
        first connection
    :param document: the file of a network that reads one
    """

    base_url: str = ""
    external_id: str = ""
    handle: str = ""
    access_token: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    client_id: str = field(default="", repr=False)
    client_secret: str = field(default="", repr=False)
    document: bytes = field(default=b"", repr=False)
    document_name: str = ""


@dataclass(frozen=True)
class Tokens(_Cleaned):
    """What a login gave. Never printed.

    :param access_expires_at: the access token's end, where Odoo can renew it by itself
    :param login_expires_at: when a person must log in again, or None where never
    """

    access_token: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    access_expires_at: datetime | None = _field(clean_datetime, None)
    login_expires_at: datetime | None = _field(clean_datetime, None)


@dataclass(frozen=True)
class Login:
    """One account that a login opened; a login to a vendor may open several pages.

    :param base_url: the server the account lives on, where the login found it out
    """

    profile: Profile
    tokens: Tokens
    base_url: str = ""


@dataclass(frozen=True)
class AppKeys:
    """The keys of a developer app. Never printed.

    :param signing_secret: a second secret that may sign webhooks, e.g. that of the app above
    :param verify_token: the word of the webhook's handshake
    """

    base_url: str = ""
    client_id: str = field(default="", repr=False)
    client_secret: str = field(default="", repr=False)
    signing_secret: str = field(default="", repr=False)
    verify_token: str = field(default="", repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Those that may have signed a call."""
        return tuple(filter(None, (self.client_secret, self.signing_secret)))


@dataclass(frozen=True)
class Entry(_Cleaned):
    """One part of a webhook call: whose it is, and what it says, as it came.

    :param network: code of the network
    :param owner: external id of the brand's account there
    """

    network: str = _field(clean_line)
    owner: str = _field(clean_id)
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


@dataclass(frozen=True)
class Guide:
    """How an account is connected, in English, marked for translation with :func:`.base.words`.

    :param demands: what the vendor asks for before it works: an address, a review, a price
    :param meanwhile: what works without all that
    :param steps: what to create there, in order
    :param permissions: the vendor's names of what to allow, not translated
    :param console_url: where developers' apps are made
    """

    demands: tuple[str, ...] = ()
    meanwhile: str = ""
    steps: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
    console_url: str = ""
