"""Instagram's shapes: comments, mentions and captions, polled or pushed, made ours.

https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-comment,
/ig-media, /ig-user/mentioned_comment and /docs/instagram-platform/webhooks, read 2026-11-22.
"""

from __future__ import annotations

from typing import Any

from .cleaning import clean_id
from .jsontext import dicts, part
from .meta import moment_of
from .types import Author, Media, Mention

COMMENT = "id,text,timestamp,username,from,like_count,parent_id,media{id,permalink}"
THREAD = f"{COMMENT},replies.limit(50){{{COMMENT}}}"
MEDIA = "id,caption,media_type,media_url,thumbnail_url,permalink,timestamp,username"
MENTIONED = {  # what may be asked of somebody else's
    "mentioned_comment.comment_id": "id,text,timestamp,username,like_count,media{id}",
    "mentioned_media.media_id": "id,caption,media_type,media_url,timestamp,username,like_count",
}


def sender_of(item: dict[str, Any]) -> dict[str, Any]:
    """``id`` and ``username`` of who said it, as far as they are told."""
    return {"username": item.get("username"), **part(item, "from")}


def flat(item: dict[str, Any]) -> list[dict[str, Any]]:
    """A comment and the answers listed with it, each naming what it answers."""
    answers = dicts(part(item, "replies"), "data")
    first = {key: value for key, value in item.items() if key != "replies"}
    return [first, *({"parent_id": item.get("id"), **answer} for answer in answers)]


def comment_mention(item: dict[str, Any], media: str, own_id: str, **changes: Any) -> Mention:
    """A comment, or the caption of a media.

    :param media: id of what it was said below; "" where the item tells
    :param own_id: our own id where we said it, else ""
    :raises ValueError: if it has no id
    """
    external_id = clean_id(item.get("id"))
    if not external_id:
        raise ValueError("no comment")
    media = media or clean_id(part(item, "media").get("id"))
    sender = sender_of(item)
    name = clean_id(sender.get("username"))
    # A mention tells no id of its author, but the name, which is one person's.
    person = clean_id(sender.get("id")) or (f"@{name}" if name else f"unknown:{external_id}")
    picture = item.get("thumbnail_url") or item.get("media_url")
    told: dict[str, Any] = {
        "kind": "comment",
        "author": Author(own_id or person, name, name),
        "body": item.get("text") or item.get("caption"),
        "posted_at": moment_of(item.get("timestamp")),
        "url": item.get("permalink") or part(item, "media").get("permalink") or "",
        "thread_external_id": media or external_id,
        "parent_external_id": clean_id(item.get("parent_id")) or media,
        "likes": item.get("like_count") or 0,
        "media": (Media(picture),) if picture else (),
    }
    own = bool(own_id)
    return Mention(external_id, own=own, addressed=not own, raw=item, **{**told, **changes})
