"""The shapes that cross between a network's wire and Odoo.

Frozen dataclasses that clean what they are given: text from a network is
hostile, and PostgreSQL refuses NUL and lone surrogates. All times are naive
UTC, as Odoo stores them.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field, fields
from datetime import datetime, timezone
from typing import Any
from urllib.parse import urlsplit

MAX_BODY = 20_000  # characters
MAX_ID = 255  # bytes; longer ones are hashed
MAX_NAME = 200  # characters
MAX_COUNT = 2_147_483_647  # PostgreSQL int4
MAX_RAW = 65_536  # characters of JSON kept in ``raw``
MAX_DEPTH = 20  # levels of nesting kept in ``raw`` and ``context``
EARLIEST = datetime(1990, 1, 1)
LATEST = datetime(2100, 1, 1)

KINDS = ("mention", "reply", "comment", "direct")
VISIBILITIES = ("public", "unlisted", "private", "direct")
INTENTS = ("", "question", "complaint", "request", "praise", "other")

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_LINE_BREAKS = re.compile(r"[\r\n\t\x0b\x0c\x1c-\x1f\x85\u2028\u2029]+")


def clean_text(value: object, limit: int = MAX_BODY) -> str:
    """Storable text of at most ``limit`` characters; None is the empty text.

    >>> clean_text("a\\x00b\\ud800c")
    'abc'
    """
    if value is None:
        return ""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    # str() of a very long int raises in Python ≥ 3.11 (digits limit).
    text = value if isinstance(value, str) else _short_str(value)
    # Cut before the substitution, so that two megabytes cost no more than a page.
    return _UNSTORABLE.sub("", text[: limit * 2])[:limit]


def clean_line(value: object, limit: int = MAX_NAME) -> str:
    """Text on one line: names, handles, titles.

    >>> clean_line(" Ana\\n Ruiz ")
    'Ana Ruiz'
    """
    return " ".join(_LINE_BREAKS.sub(" ", clean_text(value, limit)).split())


def clean_id(value: object) -> str:
    """An external id of at most 255 bytes; longer ones become a hash of themselves.

    >>> clean_id("  42 ")
    '42'
    """
    text = clean_text(value, MAX_BODY).strip()
    if len(text.encode()) <= MAX_ID:
        return text
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def clean_url(value: object) -> str:
    """An http(s) address with a host, or the empty text.

    >>> clean_url("javascript:alert(1)")
    ''
    """
    text = clean_text(value, 2048).strip()
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    if parts.scheme.lower() not in ("http", "https") or not parts.netloc:
        return ""
    return "" if re.search(r"[\s<>\"'`\\]", text) else text


def clean_count(value: object) -> int:
    """A count between 0 and PostgreSQL's largest integer; nonsense is 0.

    >>> clean_count("-5"), clean_count(10**5000), clean_count("many")
    (0, 2147483647, 0)
    """
    if isinstance(value, str) and len(value) > 20:
        return MAX_COUNT if value.isdigit() else 0
    try:
        number: int = int(value)  # type: ignore[call-overload]
    except (TypeError, ValueError, OverflowError):
        return 0
    return min(max(number, 0), MAX_COUNT)


def clean_datetime(value: object) -> datetime | None:
    """Naive UTC from a datetime, an ISO 8601 text or epoch seconds; None if it is none.

    A time without zone is taken as UTC. Years outside 1990–2100 are no time.

    >>> clean_datetime("2026-08-21T17:50:00+02:00")
    datetime.datetime(2026, 8, 21, 15, 50)
    """
    moment: datetime | None = None
    try:
        if isinstance(value, datetime):
            moment = value
        elif isinstance(value, bool) or value is None:
            return None
        elif isinstance(value, (int, float)):
            moment = datetime.fromtimestamp(value, timezone.utc)
        else:
            moment = _parse_iso(clean_text(value, 64).strip())
        if moment is None:
            return None
        if moment.tzinfo:
            moment = moment.astimezone(timezone.utc).replace(tzinfo=None)
    except (ValueError, OverflowError, OSError):
        return None
    moment = moment.replace(microsecond=0)
    return moment if EARLIEST <= moment < LATEST else None


def clean_json(value: object, depth: int = MAX_DEPTH) -> Any:
    """JSON data without NUL, lone surrogates, numbers or nesting that PostgreSQL refuses."""
    if depth <= 0:
        return None
    if isinstance(value, dict):
        return {
            clean_text(key, MAX_NAME): clean_json(item, depth - 1) for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [clean_json(item, depth - 1) for item in value]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**63 else _short_str(value)
    if isinstance(value, float):
        return value if value - value == 0 else None  # neither NaN nor infinite
    return clean_text(value)


def _parse_iso(text: str) -> datetime | None:
    # Python 3.10's fromisoformat knows neither "Z" nor one- to five-digit fractions.
    text = re.sub(r"[Zz]$", "+00:00", text)
    text = re.sub(r"\.\d+", "", text)
    return datetime.fromisoformat(text)


def _short_str(value: object) -> str:
    # A list where a text should be is no text; its str() may recurse or raise as well.
    if isinstance(value, (dict, list, tuple, set)):
        return ""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**30:
        return f"{'-' if value < 0 else ''}(number of {value.bit_length()} bits)"
    return str(value)


class _Cleaned:
    """Runs the cleaner named in each field's metadata when an instance is made."""

    def __post_init__(self) -> None:
        for item in fields(self):  # type: ignore[arg-type]
            cleaner = item.metadata.get("clean")
            if cleaner is not None:
                object.__setattr__(self, item.name, cleaner(getattr(self, item.name)))


def _one_of(choices: tuple[str, ...]) -> Any:
    def clean(value: object) -> str:
        text = clean_line(value).lower()
        return text if text in choices else choices[0]

    return clean


def _lang(value: object) -> str:
    """ISO 639 code with an optional region, lower and upper case: ``es``, ``pt_BR``."""
    match = re.match(r"^([A-Za-z]{2,3})(?:[-_]([A-Za-z]{2}))?\b", clean_line(value, 16))
    if not match:
        return ""
    language, region = match.groups()
    return language.lower() + (f"_{region.upper()}" if region else "")


def _raw(value: object) -> Any:
    data = clean_json(value if isinstance(value, dict) else {})
    if len(json.dumps(data, ensure_ascii=False)) <= MAX_RAW:
        return data
    return {"truncated": True, "keys": sorted(data)[:100]}


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
    lang: str = _field(_lang)


@dataclass(frozen=True)
class Media(_Cleaned):
    """A picture, film or sound attached to a post: addresses only, nothing is loaded."""

    url: str = _field(clean_url)
    kind: str = _field(_one_of(("image", "video", "audio", "other")), "image")
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
    kind: str = _field(_one_of(KINDS), "mention")
    author: Author = field(default_factory=Author)
    body: str = _field(clean_text)
    posted_at: datetime | None = _field(clean_datetime, None)
    lang: str = _field(_lang)
    url: str = _field(clean_url)
    thread_external_id: str = _field(clean_id)
    parent_external_id: str = _field(clean_id)
    visibility: str = _field(_one_of(VISIBILITIES), "public")
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
    raw: dict[str, Any] = _field(_raw, None)
    intent: str = _field(_one_of(INTENTS))
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
    :param app_token: the app's own token, where the vendor wants one beside the account's
    :param document: the file of a network that reads one
    """

    base_url: str = ""
    external_id: str = ""
    handle: str = ""
    access_token: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    client_id: str = field(default="", repr=False)
    client_secret: str = field(default="", repr=False)
    app_token: str = field(default="", repr=False)
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
    """One account that a login opened; a login to a vendor may open several pages."""

    profile: Profile
    tokens: Tokens


@dataclass(frozen=True)
class AppKeys:
    """The keys of a developer app. Never printed.

    :param signing_secret: a second secret that may sign webhooks, e.g. that of the app above
    :param verify_token: the word of the webhook's handshake
    :param app_token: the app's own token, where the vendor wants one beside the account's
    """

    base_url: str = ""
    client_id: str = field(default="", repr=False)
    client_secret: str = field(default="", repr=False)
    signing_secret: str = field(default="", repr=False)
    verify_token: str = field(default="", repr=False)
    app_token: str = field(default="", repr=False)

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
