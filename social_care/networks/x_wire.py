"""X's shapes: posts, messages and people made ours, and how X counts a text.

https://docs.x.com/x-api/fundamentals/data-dictionary, /fundamentals/edit-posts,
/x-api/activity/event-payloads and https://docs.x.com/fundamentals/counting-characters, read
2026-11-22. The vendor's description of August 2026 calls tweets posts: answers are read by both names.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timezone
from typing import Any

from .base import normalise_text
from .cleaning import clean_datetime, clean_id, clean_text
from .jsontext import dicts, part
from .text import graphemes
from .types import Author, Media, Mention

DIRECT = "dm:"  # before a message's id, which is no post's
URL_LENGTH = 23
EPOCH = 1_288_834_974_657  # ms since 1970, from which X's ids count
_MEDIA = {"photo": "image", "video": "video", "animated_gif": "video"}
_END = r"(?::\d+)?(?:[/?#](?:[!-~À-ӿ]*[\w/=#&+-])?)?"
_URL = re.compile(
    r"(?i)(?<![\w@#$./-])(?:https?://(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_]{2,}"
    r"|(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+"
    r"(?:com|net|org|info|biz|edu|gov|io|co|app|dev|ai|eu|shop|online))(?![\w@-])" + _END
)
_NO_LANGUAGE = re.compile(r"(?:und|zxx|q[a-t][a-z])$")  # unknown, none, only signs or links
_HANDLES = re.compile(r"^(?:@\w{1,15}\s+)+")


def count_length(text: str) -> int:
    """Weighted characters: an address 23, an emoji 2, Latin and its like 1, the rest 2.

    An address without ``https://`` is known by its common endings only.

    >>> count_length("Sí: https://example.com/a/very/long/way 日本")
    32
    """
    text = unicodedata.normalize("NFC", text)
    rest, urls = _URL.subn("", text)
    return urls * URL_LENGTH + sum(map(_weight, graphemes(rest)))


def _weight(cluster: str) -> int:
    emoji = any(
        ord(char) >= 0x1F000 or char in "\u20e3\ufe0f" or 0x2190 <= ord(char) <= 0x2BFF
        for char in cluster
    )
    return 2 if emoji else sum(1 if _is_light(ord(char)) else 2 for char in cluster)


def _is_light(code: int) -> bool:
    return code <= 0x10FF or any(
        first <= code <= last
        for first, last in ((0x2000, 0x200D), (0x2010, 0x201F), (0x2032, 0x2037))
    )


def as_sent(text: str) -> str:
    """A text without what X adds: the handles before an answer, the scheme of an address.

    >>> as_sent("@ana @ben  See http://example.com") == as_sent("See example.com")
    True
    """
    return re.sub(r"(?i)\bhttps?://", "", _HANDLES.sub("", normalise_text(text)))


def id_at(moment: datetime) -> str:
    """The lowest id that a post of this time can have, for ``since_id``.

    No post needs to have it: X compares numbers, so a deleted or edited one leaves no gap.
    """
    milliseconds = int(moment.replace(tzinfo=timezone.utc).timestamp() * 1000)
    return str(max(milliseconds - EPOCH, 0) << 22 or 1)


def moment_of_id(external_id: str) -> datetime | None:
    """The time in an id, naive UTC."""
    digits = external_id.removeprefix(DIRECT)
    if not re.fullmatch(r"[0-9]{1,19}", digits):
        return None
    return clean_datetime(((int(digits) >> 22) + EPOCH) / 1000)


def moment_of(item: Any) -> datetime | None:
    """An item's place in its list: the time in its own id, naive UTC."""
    return moment_of_id(clean_id(item.get("id"))) if isinstance(item, dict) else None


def history_of(post: dict[str, Any]) -> list[str]:
    """The ids of a post's versions, oldest first; its own where none are told."""
    told = post.get("edit_history_tweet_ids") or post.get("edit_history_post_ids")
    ids = [clean_id(item) for item in told] if isinstance(told, list) else []
    return [item for item in ids if item] or [clean_id(post.get("id"))]


def references_of(post: dict[str, Any]) -> dict[str, str]:
    """``replied_to``, ``quoted`` or ``retweeted`` → the id of that post."""
    told = dicts(post, "referenced_tweets") or dicts(post, "referenced_posts")
    found = {str(item.get("type")): clean_id(item.get("id")) for item in told}
    answered = clean_id(post.get("in_reply_to_tweet_id") or post.get("in_reply_to_post_id"))
    return {"replied_to": answered, **found} if answered else found


def included(holder: Any, key: str) -> list[dict[str, Any]]:
    """People or media beside a post: a flat list, or wrapped in ``data`` whole or one by one."""
    value = holder.get(key) if isinstance(holder, dict) else None
    if isinstance(value, dict):
        value = value["data"] if isinstance(value.get("data"), list) else list(value.values())
    items = value if isinstance(value, list) else []
    return [part(item, "data") or item for item in items if isinstance(item, dict)]


def author_of(author_id: str, includes: Any, external_id: str) -> Author:
    """The author, by id; a stranger without one is told from others by the post."""
    people = included(includes, "users")
    user = next((item for item in people if clean_id(item.get("id")) == author_id), {})
    handle = str(user.get("username") or "")
    return Author(
        external_id=author_id or f"unknown:{external_id}",
        handle=handle,
        name=user.get("name") or handle,
        url=f"https://x.com/{handle}" if handle else "",
        avatar_url=user.get("profile_image_url") or "",
        followers_count=part(user, "public_metrics").get("followers_count"),
        verified=user.get("verified") is True,
    )


def body_of(item: dict[str, Any]) -> str:
    """The whole text, also of a long post, plain and with the addresses that t.co stands for."""
    note = part(item, "note_tweet") or part(item, "note_post")
    text = clean_text(note.get("text") or item.get("text"))
    for sign, char in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(sign, char)
    for url in dicts(part(note or item, "entities"), "urls"):
        short, long = str(url.get("url") or ""), str(url.get("expanded_url") or "")
        if short and long:
            text = text.replace(short, "" if url.get("media_key") else long)
    return text.strip()


def media_of(item: dict[str, Any], includes: Any) -> tuple[Media, ...]:
    """The pictures and films of a post or message."""
    keys = part(item, "attachments").get("media_keys")
    wanted = keys if isinstance(keys, list) else []
    return tuple(
        Media(
            url=media.get("url") or media.get("preview_image_url") or "",
            kind=_MEDIA.get(str(media.get("type")), "other"),
            preview_url=media.get("preview_image_url") or "",
            description=media.get("alt_text") or "",
        )
        for media in included(includes, "media")
        if media.get("media_key") in wanted
    )


def mention_of(post: Any, includes: Any, own_id: str) -> Mention:
    """A post as a mention. Its id is that of its first version, its time too.

    :raises ValueError: if it is no post
    """
    if not isinstance(post, dict) or not clean_id(post.get("id")):
        raise ValueError("no post")
    post_id, external_id = clean_id(post["id"]), history_of(post)[0]
    created = clean_datetime(post.get("created_at")) or moment_of_id(post_id)
    edited = external_id != post_id
    author_id = clean_id(post.get("author_id"))
    author = author_of(author_id, includes, external_id)
    refers = references_of(post)
    answered, own = refers.get("replied_to", ""), bool(own_id) and author_id == own_id
    to_us = clean_id(post.get("in_reply_to_user_id")) == own_id
    counts = part(post, "public_metrics")
    return Mention(
        external_id=external_id,
        kind="reply" if answered and (own or to_us) else "mention",
        author=author,
        body=body_of(post),
        posted_at=moment_of_id(external_id) if edited else created,
        edited_at=created if edited else None,
        lang="" if _NO_LANGUAGE.match(str(post.get("lang"))) else post.get("lang") or "",
        url=f"https://x.com/{author.handle or 'i'}/status/{post_id}",
        thread_external_id=post.get("conversation_id") or external_id,
        parent_external_id=answered or refers.get("quoted", ""),
        likes=counts.get("like_count", 0),
        reposts=counts.get("retweet_count", 0) or counts.get("repost_count", 0),
        replies=counts.get("reply_count", 0),
        views=counts.get("impression_count", 0),
        media=media_of(post, includes),
        raw=post,
        own=own,
        addressed=not own,
    )


def direct_of(event: Any, includes: Any, own_id: str) -> Mention:
    """A private message as a mention; the conversation is its thread.

    :raises ValueError: if it is none
    """
    if not isinstance(event, dict) or not clean_id(event.get("id")):
        raise ValueError("no message")
    external_id, sender = DIRECT + clean_id(event["id"]), clean_id(event.get("sender_id"))
    own = bool(own_id) and sender == own_id
    return Mention(
        external_id=external_id,
        kind="direct",
        author=author_of(sender, includes, external_id),
        body=body_of(event),
        posted_at=clean_datetime(event.get("created_at")) or moment_of_id(external_id),
        thread_external_id=event.get("dm_conversation_id") or "",
        visibility="direct",
        media=media_of(event, includes),
        raw=event,
        own=own,
        addressed=not own,
    )


def modern(event: dict[str, Any]) -> dict[str, Any]:
    """A message as webhooks tell it, in the shape in which it is polled.

    A conversation of two is called by both their ids, the lower first.
    """
    message = part(event, "message_create")
    sender, data = clean_id(message.get("sender_id")), part(message, "message_data")
    people = [sender, clean_id(part(message, "target").get("recipient_id"))]
    told = clean_id(event.get("created_timestamp"))
    return {
        **event,
        "event_type": {"message_create": "MessageCreate"}.get(str(event.get("type")), ""),
        "sender_id": sender,
        "text": data.get("text"),
        "entities": data.get("entities"),
        "created_at": int(told) / 1000 if re.fullmatch(r"[0-9]{1,15}", told) else None,
        "dm_conversation_id": event.get("dm_conversation_id")
        or "-".join(sorted(people, key=lambda item: (len(item), item))),
    }
