"""Mastodon's shapes: statuses, notifications and accounts.

https://docs.joinmastodon.org/entities/, read 2026-11-22.

- A post's ``external_id`` is the server's own id of the status: answers need it, and
  it is unique within an account of ours. An author's is the actor's address,
  ``ana@mastodon.example``, the same seen from every server.
- There is no id of a conversation: ``thread_external_id`` is the post answered, or
  the post itself. A thread is followed through the parents.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .cleaning import clean_datetime, clean_id, clean_line, clean_text
from .jsontext import Json, dicts, part
from .text import MAX_HTML, html_to_text
from .types import VISIBILITIES, Author, Like, Media, Mention

NOTIFICATIONS = ("mention", "update", "quote")
LIKED = "favourite"  # told while it stands; nothing tells that it was taken back
MEDIA_KINDS = {"image": "image", "video": "video", "gifv": "video", "audio": "audio"}


def place_of(item: Any) -> datetime | None:
    """An item's place in its list: a notification's or status's ``created_at``, naive UTC."""
    return clean_datetime(item.get("created_at")) if isinstance(item, dict) else None


def said_in(item: Any, own_id: str, domain: str) -> Mention | None:
    """What a notification or one of our own posts says; None where it is none of ours.

    Of our own posts only answers; of edits only those of posts that are to us.

    :raises ValueError: for what is neither
    """
    if not isinstance(item, dict) or not ("type" in item or item.get("id")):
        raise ValueError("no status")
    if "type" not in item:
        answer = item.get("in_reply_to_id") and not item.get("reblog")
        return mention_of(item, own_id, domain) if answer else None
    status = item.get("status")
    if item["type"] not in NOTIFICATIONS or status is None:
        return None  # snac ignores types[]; a deleted status leaves its notification
    if item["type"] == "update":
        named = [one.get("id") for one in dicts(status, "mentions")]
        if own_id not in map(clean_id, (*named, status.get("in_reply_to_account_id"))):
            return None
    return mention_of(status, own_id, domain)


def like_in(item: Any, domain: str) -> Like | None:
    """What a notification says of a post of ours: that somebody likes it."""
    if not isinstance(item, dict) or item.get("type") != LIKED:
        return None
    post, who = clean_id(part(item, "status").get("id")), part(item, "account")
    return Like(post, author_of(who, post, domain).external_id, place_of(item)) if post else None


def mention_of(status: Any, own_id: str, domain: str) -> Mention:
    """A status as a mention, a content warning above its text.

    A visibility that nobody knows counts as private: better whispered than told to all.

    :raises ValueError: if it is no status
    """
    status_id = clean_id(status.get("id")) if isinstance(status, dict) else ""
    if not status_id:
        raise ValueError("no status")
    account, told = part(status, "account"), status.get("visibility")
    parent_id = clean_id(status.get("in_reply_to_id"))
    own = clean_id(account.get("id")) == own_id
    to_us = clean_id(status.get("in_reply_to_account_id")) == own_id
    kind = "reply" if parent_id and (to_us or own) else "mention"
    text = html_to_text(clean_text(status.get("content"), MAX_HTML))
    return Mention(
        external_id=status_id,
        kind="direct" if told == "direct" else kind,
        author=author_of(account, status_id, domain),
        body=f"{clean_text(status.get('spoiler_text'))}\n\n{text}".strip(),
        posted_at=status.get("created_at"),
        lang=status.get("language", ""),
        url=status.get("url") or status.get("uri"),
        thread_external_id=parent_id or status_id,
        parent_external_id=parent_id,
        visibility=told if told in VISIBILITIES else "private",
        edited_at=status.get("edited_at"),
        likes=status.get("favourites_count", 0),
        reposts=status.get("reblogs_count", 0),
        replies=status.get("replies_count", 0),
        media=tuple(map(_media, dicts(status, "media_attachments")))[:20],
        raw=status,
        own=own,
        addressed=not own,
    )


def author_of(account: Json, status_id: str, domain: str) -> Author:
    """The author, by the actor's address.

    Without one nobody may be taken for somebody else: the post's id stands in.
    """
    address = _address(account, domain)
    return Author(
        external_id=address or f"unknown:{status_id}",
        handle=address,
        name=account.get("display_name") or account.get("username") or "",
        url=account.get("url", ""),
        avatar_url=account.get("avatar", ""),
        followers_count=account.get("followers_count"),
        bot=account.get("bot") is True,
    )


def _address(account: Json, domain: str) -> str:
    """An actor's address with its server, which local ones lack; "" where it has none."""
    acct = clean_line(account.get("acct") or account.get("username")).lstrip("@").lower()
    return acct if not acct or "@" in acct else f"{acct}@{domain.lower()}"


def _media(item: Json) -> Media:
    return Media(
        url=item.get("url") or item.get("remote_url") or "",
        kind=MEDIA_KINDS.get(str(item.get("type")), "other"),
        preview_url=item.get("preview_url", ""),
        description=item.get("description", ""),
    )
