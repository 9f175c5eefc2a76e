"""YouTube's shapes: threads, comments and videos, as the Data API tells them.

https://developers.google.com/youtube/v3/docs/ (commentThreads, comments, videos), read 2026-11-22.

- A comment's ``thread_external_id`` is the top comment's id: a reply's id begins with it, and
  an answer to a reply hangs on the top comment, too.
- A picture in a comment has an address for six hours: the comment's own stands for it.
"""

from __future__ import annotations

from datetime import datetime

from .cleaning import clean_datetime, clean_id, clean_line
from .jsontext import Json, part
from .types import Author, Media, Mention

SITE = "https://www.youtube.com"


def mention_of(comment: Json, own_id: str, video_id: str = "") -> Mention:
    """A comment as a mention.

    Counts of replies are left out: only threads tell them, and a comment read alone
    would look changed.

    :param video_id: what it is about; YouTube leaves it out of most comments
    :raises ValueError: if it is none
    """
    comment_id, snippet = clean_id(comment.get("id")), part(comment, "snippet")
    if not comment_id or not snippet:
        raise ValueError("no comment")
    parent_id = clean_id(snippet.get("parentId")) or comment_id.rpartition(".")[0]
    author = _author(snippet, comment_id)
    posted_at, updated_at = snippet.get("publishedAt"), snippet.get("updatedAt")
    place = f"watch?v={video_id}&" if video_id else f"channel/{snippet.get('channelId')}?"
    url = f"{SITE}/{place}lc={comment_id}"
    return Mention(
        external_id=comment_id,
        kind="comment",
        author=author,
        body=snippet.get("textOriginal") or snippet.get("textDisplay", ""),
        posted_at=posted_at,
        url=url,
        thread_external_id=parent_id or comment_id,
        parent_external_id=parent_id,
        edited_at=None if updated_at == posted_at else updated_at,
        likes=snippet.get("likeCount", 0),
        # A picture's own address dies after six hours.
        media=(Media(url=url, kind="other"),) if snippet.get("imageUrl") else (),
        raw=comment,
        own=author.external_id == own_id,
        addressed=author.external_id != own_id,
    )


def _author(snippet: Json, comment_id: str) -> Author:
    name = clean_line(snippet.get("authorDisplayName"))
    return Author(
        external_id=part(snippet, "authorChannelId").get("value") or f"unknown:{comment_id}",
        handle=name[1:] if name.startswith("@") else "",
        name=name,
        url=snippet.get("authorChannelUrl", ""),
        avatar_url=snippet.get("authorProfileImageUrl", ""),
    )


def video_of(video: Json, own_id: str) -> Mention:
    """A video, as the post above its comments."""
    snippet, video_id = part(video, "snippet"), clean_id(video.get("id"))
    return Mention(
        external_id=video_id,
        author=Author(name=snippet.get("channelTitle", "")),
        body=snippet.get("title", ""),
        url=f"{SITE}/watch?v={video_id}",
        media=(Media(url=picture_of(snippet)),),
        posted_at=snippet.get("publishedAt"),
        own=snippet.get("channelId") == own_id,
    )


def top_of(thread: Json) -> Json:
    """A thread's top comment."""
    return part(part(thread, "snippet"), "topLevelComment")


def video_id_of(thread: Json) -> str:
    """The id of the video that a thread is below; "" where it is about the channel."""
    return clean_id(part(thread, "snippet").get("videoId"))


def place_of(thread: Json) -> datetime | None:
    """A thread's place in the list, naive UTC."""
    return clean_datetime(part(top_of(thread), "snippet").get("publishedAt"))


def picture_of(snippet: Json) -> str:
    """The thumbnail of a video or channel, of the middle size where there is one."""
    sizes = part(snippet, "thumbnails")
    return str((part(sizes, "medium") or part(sizes, "default")).get("url") or "")
