"""Bluesky's shapes: posts, notifications, people and record keys; what is live in a text.

https://docs.bsky.app/docs/ and https://atproto.com/specs/ (did, handle, tid), lexicons app.bsky.*
at https://github.com/bluesky-social/atproto/tree/main/lexicons, read 2026-11-22.

A post's ``external_id`` is its at-URI, an author's the DID: the handle changes.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime

from .cleaning import clean_datetime, clean_id, clean_line
from .jsontext import Json, dicts, part
from .types import Author, Like, Media, Mention

POST = "app.bsky.feed.post"
LIKED = "like"  # told while it stands; nothing tells that it was taken back
MAX_THREAD = 200  # posts of a thread looked at
URI = re.compile(
    rf"at://(did:[a-z]+:[\w.:%-]{{1,200}})/{re.escape(POST)}/([\w.:~-]{{1,100}})", re.A
)
TID = "234567abcdefghijklmnopqrstuvwxyz"
# Microseconds: the year 2025, because a time from the future is suspect.
TID_FROM, TID_SPAN = 1_735_689_600_000_000, 31_536_000_000_000
_LINK = re.compile(r"(?i)(?<![^\s(])https?://[^\s/?#]+\S*")
_NAME = re.compile(r"(?<![^\s(])@((?:[a-z0-9-]{1,63}\.)+[a-z][a-z0-9-]*)", re.I | re.A)
_TAG = re.compile(r"(?<!\S)[#\uff03]((?!\ufe0f)[^\s\u00ad\u2060\u200a-\u200d\u20e2]{1,100})")


def mention_of(view: Json, own_id: str) -> Mention:
    """A notification or a post's view as a mention; both hold the record.

    :raises ValueError: if it is neither
    """
    record, author, uri = part(view, "record"), part(view, "author"), clean_id(view.get("uri"))
    if not uri or not isinstance(record.get("text"), str):
        raise ValueError("no post")
    reply, langs = part(record, "reply"), record.get("langs")
    parent_id = clean_id(part(reply, "parent").get("uri"))
    did = clean_id(author.get("did")) or did_of(uri)
    own, to_us = did == own_id, did_of(parent_id) == own_id
    return Mention(
        external_id=uri,
        kind="reply" if parent_id and (to_us or own) else "mention",
        author=author_of(author, did or f"unknown:{uri}"),
        body=record["text"],
        posted_at=_moment(view),
        lang=langs[0] if isinstance(langs, list) and langs else "",
        url=url_of(uri),
        thread_external_id=clean_id(part(reply, "root").get("uri")) or uri,
        parent_external_id=parent_id,
        likes=view.get("likeCount", 0),
        reposts=view.get("repostCount", 0),
        replies=view.get("replyCount", 0),
        media=_media(part(view, "embed")),
        raw=view,
        own=own,
        addressed=not own and (to_us or _names(record, own_id)),
    )


def answer_in(item: Json, own_id: str) -> Mention | None:
    """Neither what we shared nor what answers nobody."""
    post = part(item, "post")
    kept = not item.get("reason") and part(part(post, "record"), "reply")
    return mention_of(post, own_id) if kept else None


def did_of(uri: object) -> str:
    """The author's DID in a post's at-URI; "" for anything else.

    >>> did_of("at://did:plc:ana/app.bsky.feed.post/3k2y"), did_of("at://ana.test")
    ('did:plc:ana', '')
    """
    found = URI.fullmatch(uri) if isinstance(uri, str) else None
    return found[1] if found else ""


def url_of(uri: str) -> str:
    """Where people see a post; by the DID, which stays when the handle changes."""
    found = URI.fullmatch(uri)
    return f"https://bsky.app/profile/{found[1]}/post/{found[2]}" if found else ""


def tid_of(text: str) -> str:
    """A record key of the form that posts must have (a TID), always the same for a text.

    >>> tid_of("a") == tid_of("a"), len(tid_of("a"))
    (True, 13)
    """
    number = int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
    number = (TID_FROM + number % TID_SPAN) << 10 | (number >> 128) % 1024
    return "".join(TID[number >> shift & 31] for shift in range(60, -1, -5))


def _moment(view: Json) -> datetime | None:
    """When a post was written, as it says, or first seen, if that was earlier: so lists sort."""
    told, seen = part(view, "record").get("createdAt"), view.get("indexedAt")
    return min(filter(None, map(clean_datetime, (told, seen))), default=None)


def place_of(item: Json) -> datetime | None:
    """An item's place in a list of notifications or in a feed, where sharing counts anew."""
    shared = clean_datetime(part(item, "reason").get("indexedAt"))
    return shared or _moment(part(item, "post") or item)


def posts_around(thread: Json) -> tuple[list[Json], list[Json]]:
    """The posts above one, the first of the thread first, and those below it.

    What was deleted or is blocked has no post in its place and is passed over.
    """
    above: list[Json] = []
    below: list[Json] = []
    node, nodes = part(thread, "parent"), dicts(thread, "replies")
    while node and len(above) < MAX_THREAD:
        above, node = [part(node, "post"), *above], part(node, "parent")
    while nodes and len(below) < MAX_THREAD:
        below, nodes = [*below, part(nodes[0], "post")], dicts(nodes[0], "replies") + nodes[1:]
    return [post for post in above if post], [post for post in below if post]


def _names(record: Json, own_id: str) -> bool:
    """Whether a post mentions or quotes us; a thread of ours may hold talk among others."""
    told = json.dumps([record.get("facets"), record.get("embed")])
    return f'"did": "{own_id}"' in told or f'"uri": "at://{own_id}/' in told


def like_in(item: Json) -> Like | None:
    """What a notification says of a post of ours: that somebody likes it."""
    who, post = clean_id(part(item, "author").get("did")), clean_id(item.get("reasonSubject"))
    return Like(post, who, _moment(item)) if item.get("reason") == LIKED and who and post else None


def author_of(author: Json, external_id: str) -> Author:
    """A profile's view; ``handle.invalid`` stands for one that cannot be proven."""
    handle = clean_line(author.get("handle"))
    return Author(
        external_id=external_id,
        handle="" if handle == "handle.invalid" else handle,
        name=author.get("displayName") or handle,
        url=f"https://bsky.app/profile/{external_id}" if external_id.startswith("did:") else "",
        avatar_url=author.get("avatar", ""),
        followers_count=author.get("followersCount"),
        verified=part(author, "verification").get("verifiedStatus") == "valid",
    )


def _media(embed: Json) -> tuple[Media, ...]:
    """Pictures and films of a post's view, also beside a quotation."""
    inner = part(embed, "media") or embed
    pictures = [
        Media(
            image.get("fullsize") or "", "image", image.get("thumb") or "", image.get("alt") or ""
        )
        for image in dicts(inner, "images")
    ]
    film, preview = inner.get("playlist"), inner.get("thumbnail") or ""
    return (*pictures, *([Media(film, "video", preview)] if film else []))


def find_live(text: str) -> list[tuple[str, int, int, str]]:
    """The links, people (by domain names) and tags in a text, in order.

    :return: ``link``, ``name`` or ``tag``, start, end, and what stands there without its sign

    >>> find_live("(see https://a.example/b, @ana.example) #lost!")
    [('link', 5, 24, 'https://a.example/b'), ('name', 26, 38, 'ana.example'), ('tag', 40, 45, 'lost')]
    """
    found = []
    for match in _LINK.finditer(text):
        url = re.sub(r"[.,;:!?'\"]+$", "", match[0])
        url = url[:-1] if url.endswith(")") and "(" not in url else url
        found.append(("link", match.start(), match.start() + len(url), url))
    found += [("name", *match.span(), match[1]) for match in _NAME.finditer(text)]
    for match in _TAG.finditer(text):
        tag = re.sub(r"[^\w]+$", "", match[1])
        if re.search(r"[^\W\d]", tag) and len(tag) <= 64:
            found.append(("tag", match.start(), match.start() + len(tag) + 1, tag))
    return sorted(found, key=lambda item: item[1])
