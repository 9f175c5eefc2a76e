"""Mastodon's shapes: statuses and accounts made ours, and its rules of text.

https://docs.joinmastodon.org/entities/Status/, /Account/, /Notification/, read 2026-11-22.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from .base import normalise_text
from .jsontext import dicts, part
from .text import MAX_HTML, count_graphemes, html_to_text
from .types import (
    Author,
    Media,
    Mention,
    Published,
    Reply,
    clean_datetime,
    clean_id,
    clean_line,
    clean_text,
)

URL_LENGTH = 23  # characters_reserved_per_url
_URL = re.compile(r"(?i)https?://[^\s/?#<>\"]+\.[^\W\d_]{2,}(?::\d+)?(?:[/?#][^\s<>\"]*)?")
_REMOTE = re.compile(r"(?<![\w/=])(@\w[\w.-]{0,100})@[\w.:-]*\w")
_MEDIA = {"image": "image", "video": "video", "gifv": "video", "audio": "audio"}


def count_length(text: str) -> int:
    """Graphemes, an address as 23, a far handle without its server.

    https://docs.joinmastodon.org/user/posting/#text, read 2026-11-22.

    >>> count_length("@ana@far.example see https://example.com/a/very/long/address/indeed")
    32
    """
    return count_graphemes(_REMOTE.sub(r"\1", _URL.sub("x" * URL_LENGTH, text)))


def names(text: str, user: str, domain: str, local: bool) -> bool:
    """Whether a text already names somebody so that the server understands it.

    Somebody far needs the server's name: the bare name is a local person's.

    >>> names("Hello @Ana!", "ana", "", True), names("@anabel hi", "ana", "", True)
    (True, False)
    """
    far = rf"@{re.escape(domain)}" if domain else ""
    far = f"(?:{far})?" if local else far
    return bool(re.search(rf"(?i)(?<![\w/])@{re.escape(user)}{far}(?![\w@]|[.:-]\w)", text))


def as_shown(text: str) -> str:
    """A text with far handles as servers show them, white space collapsed."""
    return normalise_text(_REMOTE.sub(r"\1", text))


def letters(text: str) -> str:
    """The letters and digits of a text; the text itself where it has none.

    Without what looks like a tag: snac passes ``<so>`` on as if it were one.

    >>> letters("**Sure** <so> :)"), letters(":)")
    ('Sure', ':)')
    """
    shown = as_shown(re.sub(r"<[^<>]{0,200}>", "", text))
    return re.sub(r"[\W_]+", "", shown) or shown


def checked(status: Any) -> dict[str, Any]:
    """A status that has an id.

    :raises ValueError: for anything else
    """
    if not isinstance(status, dict) or not clean_id(status.get("id")):
        raise ValueError("no status")
    return status


def status_of(item: Any, own_id: str, wanted: tuple[str, ...]) -> dict[str, Any] | None:
    """The status worth keeping in a notification or in our own list; None if none is.

    Of our own posts only answers; of edits only those of posts that are to us.

    :raises ValueError: for what should hold a status and does not
    """
    if not isinstance(item, dict):
        raise ValueError("no object")
    if "type" not in item:
        status = checked(item)
        kept = status.get("in_reply_to_id") and not status.get("reblog")
        return status if kept else None
    if item["type"] not in wanted or item.get("status") is None:
        return None  # snac ignores types[]; a deleted status leaves its notification
    status = checked(item["status"])
    if item["type"] == "update" and not _to_us(status, own_id):
        return None
    return status


def _to_us(status: dict[str, Any], own_id: str) -> bool:
    named = {clean_id(item.get("id")) for item in dicts(status, "mentions")}
    return own_id in named or clean_id(status.get("in_reply_to_account_id")) == own_id


def moment_of(item: Any) -> datetime | None:
    """An item's place in its list: a notification's or status's ``created_at``, naive UTC."""
    return clean_datetime(item.get("created_at")) if isinstance(item, dict) else None


def lowest_id(items: list[Any]) -> str:
    """The id to go on below: the earliest item's, so that a page in any order skips none."""
    dated = [item for item in items if moment_of(item)]
    lowest: dict[str, Any] = min(reversed(dated), key=lambda x: str(moment_of(x)), default={})
    return clean_id(lowest.get("id"))


def max_characters(instance: dict[str, Any]) -> Any:
    """A server's limit where it says one; Pleroma and others have their own word."""
    settings = part(part(instance, "configuration"), "statuses")
    return settings.get("max_characters") or instance.get("max_toot_chars")


def full_address(acct: str, domain: str) -> str:
    """An actor's address with its server, which local ones lack.

    >>> full_address("Ana", "mastodon.example")
    'ana@mastodon.example'
    """
    acct = clean_line(acct).lstrip("@").lower()
    return acct if not acct or "@" in acct else f"{acct}@{domain.lower()}"


def author_of(account: dict[str, Any], domain: str, status_id: str) -> Author:
    """The author, by the actor's address.

    Without one nobody may be taken for somebody else: the post's id stands in.
    """
    acct = str(account.get("acct") or account.get("username") or "")
    address = full_address(acct, domain)
    return Author(
        external_id=address or f"unknown:{status_id}",
        handle=address,
        name=account.get("display_name") or account.get("username") or "",
        url=account.get("url") or "",
        avatar_url=account.get("avatar") or "",
        followers_count=account.get("followers_count"),
        bot=account.get("bot") is True,
    )


def body_of(status: dict[str, Any]) -> str:
    """Content warning and text, plain."""
    warning = clean_text(status.get("spoiler_text"))
    text = html_to_text(clean_text(status.get("content"), MAX_HTML))
    return f"{warning}\n\n{text}".strip() if warning else text


def mention_of(status: Any, own_id: str, domain: str) -> Mention:
    """A status as a mention.

    A visibility that nobody knows counts as private: better whispered than told to all.

    :raises ValueError: if it is no status
    """
    status_id = clean_id(checked(status).get("id"))
    account = part(status, "account")
    parent_id = clean_id(status.get("in_reply_to_id"))
    told = status.get("visibility")
    visibility = told if told in ("public", "unlisted", "private", "direct") else "private"
    own = bool(own_id) and clean_id(account.get("id")) == own_id
    to_us = clean_id(status.get("in_reply_to_account_id")) == own_id
    kind = "reply" if parent_id and (to_us or own) else "mention"
    return Mention(
        external_id=status_id,
        kind="direct" if visibility == "direct" else kind,
        author=author_of(account, domain, status_id),
        body=body_of(status),
        posted_at=status.get("created_at"),
        lang=status.get("language") or "",
        url=status.get("url") or status.get("uri"),
        thread_external_id=parent_id or status_id,
        parent_external_id=parent_id,
        visibility=visibility,
        edited_at=status.get("edited_at"),
        likes=status.get("favourites_count", 0),
        reposts=status.get("reblogs_count", 0),
        replies=status.get("replies_count", 0),
        media=tuple(map(_media, dicts(status, "media_attachments")))[:20],
        raw=status,
        own=own,
        addressed=not own,
    )


def _media(item: dict[str, Any]) -> Media:
    return Media(
        url=item.get("url") or item.get("remote_url") or "",
        kind=_MEDIA.get(str(item.get("type")), "other"),
        preview_url=item.get("preview_url") or "",
        description=item.get("description") or "",
    )


def visibility_for(reply: Reply) -> str:
    """Mastodon's word for where an answer goes: never wider than what it answers."""
    asked = reply.parent.visibility
    if reply.visibility != "public" or asked not in ("public", "unlisted"):
        return "direct"
    return asked


def published_of(status: Any) -> Published:
    """The answer as the server made it; without an id if this is no status."""
    status = status if isinstance(status, dict) else {}
    return Published(
        external_id=status.get("id") or "",
        url=status.get("url") or status.get("uri") or "",
        posted_at=status.get("created_at"),
    )
