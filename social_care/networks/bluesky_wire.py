"""Bluesky's shapes: posts made ours, and the texts, keys and tokens we make.

Lexicons app.bsky.feed.post, app.bsky.feed.defs, app.bsky.richtext.facet, app.bsky.notification.listNotifications:
https://github.com/bluesky-social/atproto/tree/main/lexicons; record keys: https://atproto.com/specs/tid;
all read 2026-11-22.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from .access import Tokens
from .cleaning import clean_datetime, clean_id, clean_line, clean_text
from .jsontext import dicts, parse_json, part
from .types import Author, Media, Mention

Views = dict[str, dict[str, Any]]  # of posts or people, by their id

POST = "app.bsky.feed.post"
REASONS = ("mention", "reply", "quote")  # of a notification, that make it a message
IMAGES = "app.bsky.embed.images"
_FACET = "app.bsky.richtext.facet"
_URI = re.compile(
    rf"at://(did:[a-z]+:[\w.:%-]{{1,200}})/{re.escape(POST)}/([\w.:~-]{{1,100}})", re.A
)
_LINK = re.compile(r"(?i)(?<![^\s(])https?://[^\s/?#]+\S*")
_NAME = re.compile(r"(?<![^\s(])@((?:[a-z0-9-]{1,63}\.)+[a-z][a-z0-9-]*)", re.I | re.A)
_TAG = re.compile(r"(?<!\S)[#\uff03]((?!\ufe0f)[^\s\u00ad\u2060\u200a-\u200d\u20e2]{1,100})")
MAX_THREAD = 200  # posts of a thread looked at
_TID = "234567abcdefghijklmnopqrstuvwxyz"
# Microseconds: the year 2025, because a time from the future is suspect.
_TID_FROM, _TID_SPAN = 1_735_689_600_000_000, 31_536_000_000_000


def split_uri(value: object) -> tuple[str, str]:
    """The author's DID and the record key of a post's at-URI; empty for anything else.

    >>> split_uri("at://did:plc:ana/app.bsky.feed.post/3k2y"), split_uri("at://ana.test")
    (('did:plc:ana', '3k2y'), ('', ''))
    """
    found = _URI.fullmatch(value) if isinstance(value, str) else None
    return (found[1], found[2]) if found else ("", "")


def uri_of(item: Any) -> str:
    """The at-URI of an item that is a post, or ""."""
    uri = item.get("uri") if isinstance(item, dict) else None
    return str(uri) if split_uri(uri)[0] else ""


def url_of(uri: str) -> str:
    """Where people see a post; by the DID, which stays when the handle changes."""
    did, key = split_uri(uri)
    return f"https://bsky.app/profile/{did}/post/{key}" if did else ""


def record_key(text: str) -> str:
    """A record key of the form that posts must have (a TID), always the same for a text.

    >>> record_key("a") == record_key("a"), len(record_key("a"))
    (True, 13)
    """
    number = int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
    number = (_TID_FROM + number % _TID_SPAN) << 10 | (number >> 128) % 1024
    return "".join(_TID[number >> shift & 31] for shift in range(60, -1, -5))


def moment_of(view: dict[str, Any]) -> datetime | None:
    """When a post was written, as it says, or first seen, if that was earlier: so lists sort."""
    told, seen = part(view, "record").get("createdAt"), view.get("indexedAt")
    return min(filter(None, map(clean_datetime, (told, seen))), default=None)


def place_of(item: Any) -> datetime | None:
    """An item's place in a list of notifications or in a feed, where sharing counts anew."""
    shared = clean_datetime(part(item, "reason").get("indexedAt"))
    return shared or (moment_of(part(item, "post") or item) if isinstance(item, dict) else None)


def reason_of(item: Any) -> str:
    """Why we are told of something; what is no object counts as a reply, and becomes a problem."""
    reason = item.get("reason") if isinstance(item, dict) else "reply"
    return reason if isinstance(reason, str) else ""


def merged(item: Any, posts: Views, people: Views) -> Any:
    """A notification with what the views of its post and its author add."""
    if not isinstance(item, dict):
        return item
    uri = uri_of(item)
    author = {**part(item, "author"), **people.get(split_uri(uri)[0], {})}
    return {**posts.get(uri, {}), **item, "author": author}


def around(thread: dict[str, Any]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The posts above one, the first of the thread first, and those below it.

    What was deleted or is blocked has no post in its place and is passed over.
    """
    above: list[dict[str, Any]] = []
    below: list[dict[str, Any]] = []
    node = part(thread, "parent")
    while node and len(above) < MAX_THREAD:
        above.insert(0, part(node, "post"))
        node = part(node, "parent")
    nodes = dicts(thread, "replies")
    while nodes and len(below) < MAX_THREAD:
        node = nodes.pop(0)
        below.append(part(node, "post"))
        nodes = dicts(node, "replies") + nodes
    return [post for post in above if post], [post for post in below if post]


def mention_of(item: Any, own_id: str) -> Mention:
    """A notification or a post's view as a mention; both hold the record.

    :raises ValueError: if it is neither
    """
    record, author = part(item, "record"), part(item, "author")
    uri = clean_id(item.get("uri")) if isinstance(item, dict) else ""
    if not uri or not isinstance(record.get("text"), str):
        raise ValueError("no post")
    reply = part(record, "reply")
    parent_id = clean_id(part(reply, "parent").get("uri"))
    did = clean_id(author.get("did")) or split_uri(uri)[0]
    own = bool(own_id) and did == own_id
    to_us = split_uri(parent_id)[0] == own_id
    langs = record.get("langs")
    return Mention(
        external_id=uri,
        kind="reply" if parent_id and (to_us or own) else "mention",
        author=author_of(author, did or f"unknown:{uri}"),
        body=record["text"],
        posted_at=moment_of(item),
        lang=langs[0] if isinstance(langs, list) and langs else "",
        url=url_of(uri),
        thread_external_id=clean_id(part(reply, "root").get("uri")) or uri,
        parent_external_id=parent_id,
        likes=item.get("likeCount", 0),
        reposts=item.get("repostCount", 0),
        replies=item.get("replyCount", 0),
        media=_media(part(item, "embed")),
        raw=item,
        own=own,
        addressed=not own and (to_us or _names(record, own_id)),
    )


def _names(record: dict[str, Any], own_id: str) -> bool:
    """Whether a post mentions or quotes us; a thread of ours may hold talk among others."""
    told = json.dumps([record.get("facets"), record.get("embed")])
    return f'"did": "{own_id}"' in told or f'"uri": "at://{own_id}/' in told


def author_of(author: dict[str, Any], external_id: str) -> Author:
    """A profile's view; ``handle.invalid`` stands for one that cannot be proven."""
    handle = clean_line(author.get("handle"))
    return Author(
        external_id=external_id,
        handle="" if handle == "handle.invalid" else handle,
        name=author.get("displayName") or handle,
        url=f"https://bsky.app/profile/{external_id}" if external_id.startswith("did:") else "",
        avatar_url=author.get("avatar") or "",
        followers_count=author.get("followersCount"),
        verified=part(author, "verification").get("verifiedStatus") == "valid",
    )


def _media(embed: dict[str, Any]) -> tuple[Media, ...]:
    """Pictures and films of a post's view, also beside a quotation."""
    inner = part(embed, "media") or embed
    pictures = [
        Media(
            url=image.get("fullsize") or "",
            preview_url=image.get("thumb") or "",
            description=image.get("alt") or "",
        )
        for image in dicts(inner, "images")
    ]
    film = inner.get("playlist")
    preview = inner.get("thumbnail") or ""
    return (*pictures, *([Media(url=film, kind="video", preview_url=preview)] if film else []))


def facets_of(text: str, resolve: Callable[[str], str]) -> list[dict[str, Any]]:
    """What is to be live in a text: links, people, tags; places in bytes of UTF-8, ends exclusive.

    :param resolve: a handle → its DID, or "" where nobody has it: then it stays text
    """
    found: list[tuple[int, int, dict[str, str]]] = []
    for match in _LINK.finditer(text):
        uri = re.sub(r"[.,;:!?'\"]+$", "", match[0])
        uri = uri[:-1] if uri.endswith(")") and "(" not in uri else uri
        found.append((match.start(), len(uri), {"$type": f"{_FACET}#link", "uri": uri}))
    for match in _NAME.finditer(text):
        did = resolve(match[1].lower())
        if did:
            found.append((match.start(), len(match[0]), {"$type": f"{_FACET}#mention", "did": did}))
    for match in _TAG.finditer(text):
        tag = re.sub(r"[^\w]+$", "", match[1])
        if re.search(r"[^\W\d]", tag) and len(tag) <= 64:
            found.append((match.start(), len(tag) + 1, {"$type": f"{_FACET}#tag", "tag": tag}))
    return [
        {
            "index": {
                "byteStart": len(text[:start].encode()),
                "byteEnd": len(text[: start + length].encode()),
            },
            "features": [feature],
        }
        for start, length, feature in sorted(found, key=lambda item: item[0])
    ]


def tokens_of(session: dict[str, Any]) -> Tokens:
    """The tokens of a session, which say themselves when they end."""
    access, refresh = (clean_text(session.get(name)) for name in ("accessJwt", "refreshJwt"))
    return Tokens(
        access_token=access,
        refresh_token=refresh,
        access_expires_at=_expiry(access),
        login_expires_at=_expiry(refresh),
    )


def _expiry(token: str) -> datetime | None:
    """``exp`` of a JSON Web Token (RFC 7519), unproven: the server decides."""
    try:
        claims = parse_json(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
        return clean_datetime(claims.get("exp"))
    except (ValueError, IndexError, AttributeError):
        return None
