"""Facebook's shapes: posts and comments, polled or pushed, made ours.

https://developers.facebook.com/docs/graph-api/reference/comment, /page-post and
/docs/graph-api/webhooks/reference/page/ (feed, mention), read 2026-11-22.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .cleaning import clean_id
from .jsontext import part
from .meta import moment_of
from .types import Author, Media, Mention

HOME = "https://www.facebook.com"
COMMENT = (
    "id,message,from,created_time,permalink_url,like_count,comment_count,parent{id},"
    "attachment{type,url,media}"
)
POST = "id,message,from,created_time,permalink_url,full_picture"

_POSTS = {"post", "status", "photo", "video", "share", "link", "album", "note", "event"}
_SILENT_ITEMS = {"reaction", "like"}
_SILENT_VERBS = {"hide", "unhide", "block", "unblock", "mute", "follow"}


def tail(external_id: Any) -> str:
    """The last part of an id: ``POST_COMMENT`` and ``COMMENT`` are the same comment.

    >>> tail("111_222"), tail("222"), tail(222)
    ('222', '222', '222')
    """
    return clean_id(external_id).rpartition("_")[2]


def full_id(post: Any, own_id: str) -> str:
    """A post's id with that of its page, which older webhooks leave out.

    >>> full_id(111, "900"), full_id("700_111", "900"), full_id("", "900")
    ('900_111', '700_111', '')
    """
    told = clean_id(post)
    return told if "_" in told or not told else f"{own_id}_{told}"


def post_mention(item: dict[str, Any], own_id: str, **changes: Any) -> Mention:
    """A post, ours too.

    :raises ValueError: if it has no id
    """
    external_id = full_id(item.get("post_id") or item.get("id"), own_id)
    if not external_id:
        raise ValueError("no post")
    return _mention(
        item,
        own_id,
        external_id,
        **{"kind": "mention", "thread_external_id": external_id, **changes},
    )


def comment_mention(item: dict[str, Any], post: str, own_id: str, **changes: Any) -> Mention:
    """A comment below ``post``, ours too.

    :raises ValueError: if it or the post has no id
    """
    told, thread = tail(item.get("comment_id") or item.get("id")), full_id(post, own_id)
    if not told or not thread:
        raise ValueError("no comment")
    above = tail(part(item, "parent").get("id") or item.get("parent_id"))
    links = {
        "thread_external_id": thread,
        "parent_external_id": thread if above in ("", tail(thread)) else f"{tail(thread)}_{above}",
    }
    external_id = f"{tail(thread)}_{told}"
    return _mention(item, own_id, external_id, **{"kind": "comment", **links, **changes})


def _mention(item: dict[str, Any], own_id: str, external_id: str, **fields: Any) -> Mention:
    sender = part(item, "from")
    author_id = clean_id(sender.get("id") or item.get("sender_id"))
    own = author_id == own_id
    told = {
        "body": item.get("message"),
        "posted_at": moment_of(item.get("created_time")),
        "url": item.get("permalink_url") or f"{HOME}/{external_id}",
        "likes": item.get("like_count") or 0,
        "replies": item.get("comment_count") or 0,
        "media": _media(item),
    }
    author = Author(
        external_id=author_id or f"unknown:{external_id}",
        name=sender.get("name") or item.get("sender_name") or "",
    )
    fields = {**told, **fields}
    return Mention(external_id, author=author, own=own, addressed=not own, raw=item, **fields)


def _media(item: dict[str, Any]) -> tuple[Media, ...]:
    """A comment's attachment, a post's picture, or what a webhook tells of either."""
    attachment = part(item, "attachment")
    picture = part(part(attachment, "media"), "image").get("src")
    picture = picture or item.get("full_picture") or item.get("photo")
    film = item.get("video")
    found = [Media(picture)] if picture else []
    return (*found, Media(film, "video")) if film else tuple(found)


def feed_mentions(value: dict[str, Any], own_id: str, now: datetime) -> list[Mention]:
    """What a change of ``feed`` says; nothing where nobody said anything, or we a post.

    :param now: when the event happened, naive UTC: a removal tells no time
    :raises ValueError: for an item or verb that nobody knows yet
    """
    item, verb = str(value.get("item")), str(value.get("verb"))
    if item in _SILENT_ITEMS or verb in _SILENT_VERBS:
        return []
    told: dict[str, dict[str, Any]] = {
        "add": {},
        "edit": {"edited_at": now},
        "edited": {"edited_at": now},
        "remove": {"deleted_at": now, "posted_at": None},
    }
    if verb not in told:
        raise ValueError("unknown verb")
    changes = told[verb]
    if item == "comment":
        post = value.get("post_id") or clean_id(value.get("comment_id")).rpartition("_")[0]
        return [comment_mention(value, post, own_id, **changes)]
    if item not in _POSTS:
        raise ValueError("unknown item")
    mention = post_mention(value, own_id, **changes)
    return [] if mention.own else [mention]
