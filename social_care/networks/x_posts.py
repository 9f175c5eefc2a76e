"""X's shapes: posts, messages, people and ids, as the API tells them or a webhook; lengths.

https://docs.x.com/x-api/fundamentals/ (data dictionary, edits) and /x-api/activity, read
2026-11-22.

- A post's ``external_id`` is the first of its versions' ids: an edit makes a new one. A private
  message's is ``dm:`` and its id, so that nobody asks for it among the posts. Authors go by id.
- The vendor's description of August 2026 calls tweets posts: answers are read by both names.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timezone
from html import unescape
from typing import Any, TypeAlias

from .cleaning import clean_datetime, clean_id, clean_line, clean_text
from .jsontext import Json, dicts, part
from .text import graphemes
from .types import Author, Media, Mention

DIRECT = "dm:"  # before a message's id, which is no post's
EPOCH = 1_288_834_974_657  # ms since 1970, from which X's ids count
MEDIA_KINDS = {"photo": "image", "video": "video", "animated_gif": "video"}
NO_LANGUAGE = re.compile(r"(?:und|zxx|q[a-t][a-z])$")  # unknown, none, only signs or links
URL_LENGTH = 23
_URL_END = r"(?::\d+)?(?:[/?#](?:[!-~À-ӿ]*[\w/=#&+-])?)?"
_URL = re.compile(
    r"(?i)(?<![\w@#$./-])(?:https?://(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_]{2,}"
    r"|(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+"
    r"(?:com|net|org|info|biz|edu|gov|io|co|app|dev|ai|eu|shop|online))(?![\w@-])" + _URL_END
)
_EMOJI = re.compile("[\u20e3\ufe0f\u2190-\u2bff\U0001f000-\U0010ffff]")
_HEAVY = re.compile("[^\0-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")

Item: TypeAlias = tuple[Json, Json]  # a post or message, and what was told beside it


def id_at(moment: datetime) -> str:
    """The lowest id that a post of this time can have, for ``since_id``.

    No post needs to have it: X compares numbers, so a deleted or edited one leaves no gap.
    """
    milliseconds = int(moment.replace(tzinfo=timezone.utc).timestamp() * 1000)
    return str(max(milliseconds - EPOCH, 0) << 22 or 1)


def moment_of_id(external_id: str) -> datetime | None:
    """The time in a post's or message's id, naive UTC."""
    digits = external_id.removeprefix(DIRECT)
    if not re.fullmatch(r"[0-9]{1,19}", digits):
        return None
    return clean_datetime(((int(digits) >> 22) + EPOCH) / 1000)


def place_of(item: Item) -> datetime | None:
    """An item's place in its list: that of its own version."""
    return moment_of_id(clean_id(item[0].get("id")))


def items_of(data: Json) -> list[Item]:
    """The posts or messages of an answer."""
    return [(item, part(data, "includes")) for item in dicts(data, "data")]


def said_in(item: Item, own_id: str) -> Mention | None:
    """A post or message; None for a repost, and for our own words to nobody in particular."""
    data, _beside = item
    kind = data.get("event_type", "MessageCreate")
    if kind != "MessageCreate" or "retweeted" in _references(data):
        return None
    mention = mention_of(item, own_id)
    idle = mention.own and mention.kind != "direct" and not mention.parent_external_id
    return None if idle else mention


def mention_of(item: Item, own_id: str) -> Mention:
    """A post or message. A post's id and time are those of its first version.

    :raises ValueError: if it is neither
    """
    data, beside = item
    version, direct = clean_id(data.get("id")), "event_type" in data
    if not version:
        raise ValueError("no post")
    external_id = DIRECT + version if direct else versions_of(data)[0]
    author_id = clean_id(data.get("sender_id" if direct else "author_id"))
    author, own = author_of(author_id, beside, external_id), author_id == own_id
    to_us = own or clean_id(data.get("in_reply_to_user_id")) == own_id
    refers, counts = _references(data), part(data, "public_metrics")
    answered = refers.get("replied_to", "")
    return Mention(
        external_id=external_id,
        kind="direct" if direct else "reply" if answered and to_us else "mention",
        author=author,
        body=_text(data),
        posted_at=moment_of_id(external_id),
        lang="" if NO_LANGUAGE.match(str(data.get("lang"))) else data.get("lang") or "",
        url="" if direct else f"https://x.com/{author.handle or 'i'}/status/{version}",
        thread_external_id=data.get("dm_conversation_id" if direct else "conversation_id")
        or external_id,
        parent_external_id=answered or refers.get("quoted", ""),
        visibility="direct" if direct else "public",
        edited_at=None if external_id.endswith(version) else moment_of_id(version),
        likes=counts.get("like_count", 0),
        reposts=_told(counts, "retweet_count"),
        replies=counts.get("reply_count", 0),
        views=counts.get("impression_count", 0),
        media=_media(data, beside),
        raw=data,
        own=own,
        addressed=not own,
    )


def author_of(author_id: str, beside: Json, external_id: str) -> Author:
    """The author, by id; a stranger without one is told from others by the post."""
    people = {clean_id(item.get("id")): item for item in _beside(beside, "users")}
    user = people.get(author_id, {})
    handle = clean_line(user.get("username"))
    return Author(
        external_id=author_id or f"unknown:{external_id}",
        handle=handle,
        name=user.get("name") or handle,
        url=f"https://x.com/{handle}" if handle else "",
        avatar_url=user.get("profile_image_url", ""),
        followers_count=part(user, "public_metrics").get("followers_count"),
        verified=user.get("verified") is True,
        location=user.get("location", ""),
    )


def versions_of(post: Json) -> list[str]:
    """The ids of a post's versions, oldest first; its own where none are told."""
    told = _told(post, "edit_history_tweet_ids")
    ids = filter(None, map(clean_id, told if isinstance(told, list) else ()))
    return [*ids] or [clean_id(post.get("id"))]


def as_polled(event: Json) -> Json:
    """A message as webhooks tell it, in the shape in which it is polled.

    A conversation of two is called by both their ids, the lower first.
    """
    message = part(event, "message_create")
    people = [message.get("sender_id"), part(message, "target").get("recipient_id")]
    return {
        "dm_conversation_id": "-".join(sorted(map(clean_id, people), key=lambda x: (len(x), x))),
        **part(message, "message_data"),
        **event,
        "event_type": "MessageCreate" if message else "",
        "sender_id": people[0],
    }


def _told(item: Json, key: str) -> Any:
    """A value by its present name or the coming one."""
    return item.get(key) or item.get(key.replace("tweet", "post"))


def _references(post: Json) -> dict[str, str]:
    """``replied_to``, ``quoted`` or ``retweeted`` → the id of that post."""
    told = dicts({"posts": _told(post, "referenced_tweets")}, "posts")
    found = {str(item.get("type")): clean_id(item.get("id")) for item in told}
    answered = clean_id(_told(post, "in_reply_to_tweet_id"))
    return {"replied_to": answered, **found} if answered else found


def _beside(beside: Json, key: str) -> list[Json]:
    """People or media: a flat list, or wrapped in ``data`` whole or one by one."""
    value = beside.get(key)
    if isinstance(value, dict):
        value = value.get("data") or [*value.values()]
    return [part(item, "data") or item for item in dicts({key: value}, key)]


def _text(item: Json) -> str:
    """The whole text, also of a long post, plain and with the addresses that t.co stands for."""
    told = _told(item, "note_tweet")
    note = told if isinstance(told, dict) else item
    text = unescape(clean_text(note.get("text") or item.get("text")))
    for url in dicts(part(note, "entities"), "urls"):
        short, long = str(url.get("url") or ""), str(url.get("expanded_url") or "")
        if short and long:
            text = text.replace(short, "" if url.get("media_key") else long)
    return text.strip()


def _media(item: Json, beside: Json) -> tuple[Media, ...]:
    """The pictures and films of a post or message."""
    keys = part(item, "attachments").get("media_keys")
    return tuple(
        Media(
            url=media.get("url") or media.get("preview_image_url") or "",
            kind=MEDIA_KINDS.get(str(media.get("type")), "other"),
            preview_url=media.get("preview_image_url", ""),
            description=media.get("alt_text", ""),
        )
        for media in _beside(beside, "media")
        if isinstance(keys, list) and media.get("media_key") in keys
    )


def count_weighted(text: str) -> int:
    """Length as X counts it: an address 23, an emoji 2, Latin and its like 1, the rest 2.

    An address without ``https://`` is known by its common endings only.
    https://docs.x.com/fundamentals/counting-characters, read 2026-11-22.

    >>> count_weighted("Sí: https://example.com/a/very/long/way 日本")
    32
    """
    rest, urls = _URL.subn("", unicodedata.normalize("NFC", text))
    weights = (
        2 if _EMOJI.search(cluster) else len(cluster) + len(_HEAVY.findall(cluster))
        for cluster in graphemes(rest)
    )
    return urls * URL_LENGTH + sum(weights)
