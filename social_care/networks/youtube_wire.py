"""YouTube's shapes: comments, videos and errors made ours.

https://developers.google.com/youtube/v3/docs/comments, /commentThreads, /videos and /errors, read
2026-11-22.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from .cleaning import clean_datetime, clean_id, clean_line
from .exceptions import NetworkError, RateLimited, RejectedError, TransientError
from .jsontext import dicts, part
from .response import Response
from .types import Author, Media, Mention

SITE = "https://www.youtube.com"

# Reason in an error's body → our code, where the status alone would say something else.
REASONS = {
    "commentsDisabled": "comments_disabled",
    "commentTextTooLong": "too_long",
    "ineligibleAccount": "not_allowed",
    "operationNotSupported": "not_allowed",
    "parentCommentIsPrivate": "not_allowed",
}


def top_of(thread: dict[str, Any]) -> dict[str, Any]:
    """A thread's top comment."""
    return part(part(thread, "snippet"), "topLevelComment")


def video_of(thread: dict[str, Any]) -> str:
    """Id of the video a thread is about, or ""."""
    return clean_id(part(thread, "snippet").get("videoId"))


def moment_of(thread: dict[str, Any]) -> datetime | None:
    """A thread's place in the list, naive UTC."""
    return clean_datetime(part(top_of(thread), "snippet").get("publishedAt"))


def mention_of(comment: dict[str, Any], own_id: str, video_id: str = "") -> Mention:
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
    author_id = clean_id(part(snippet, "authorChannelId").get("value"))
    own = bool(author_id) and author_id == own_id
    name = clean_line(snippet.get("authorDisplayName"))
    posted_at, updated_at = snippet.get("publishedAt"), snippet.get("updatedAt")
    place = f"watch?v={video_id}&" if video_id else f"channel/{snippet.get('channelId')}?"
    url = f"{SITE}/{place}lc={comment_id}"
    return Mention(
        external_id=comment_id,
        kind="comment",
        author=Author(
            external_id=author_id or f"unknown:{comment_id}",
            handle=name[1:] if name.startswith("@") else "",
            name=name,
            url=snippet.get("authorChannelUrl") or "",
            avatar_url=snippet.get("authorProfileImageUrl") or "",
        ),
        body=snippet.get("textOriginal") or snippet.get("textDisplay") or "",
        posted_at=posted_at,
        url=url,
        thread_external_id=parent_id or comment_id,
        parent_external_id=parent_id,
        edited_at=None if updated_at == posted_at else updated_at,
        likes=snippet.get("likeCount", 0),
        # A picture's own address dies after six hours.
        media=(Media(url=url, kind="other"),) if snippet.get("imageUrl") else (),
        raw=comment,
        own=own,
        addressed=not own,
    )


def post_of_video(video: dict[str, Any], own_id: str) -> dict[str, Any]:
    """A video as a post around its comments."""
    snippet = part(video, "snippet")
    posted_at = clean_datetime(snippet.get("publishedAt"))
    return {
        "external_id": clean_id(video.get("id")),
        "author": clean_line(snippet.get("channelTitle")),
        "handle": "",
        "own": clean_id(snippet.get("channelId")) == own_id,
        "text": clean_line(snippet.get("title")),
        "url": f"{SITE}/watch?v={clean_id(video.get('id'))}",
        "picture": picture_of(snippet),
        "posted_at": posted_at.isoformat() if posted_at else "",
    }


def picture_of(snippet: dict[str, Any]) -> str:
    """The thumbnail of a video or channel, of the middle size where there is one."""
    thumbnails = part(snippet, "thumbnails")
    found = part(thumbnails, "medium") or part(thumbnails, "default")
    return str(found.get("url") or "")


def error_of(response: Response, now: datetime, forbidden: str) -> NetworkError | None:
    """The error that the reason in an answer's body stands for, where it is one of ours.

    :param now: naive UTC
    :param forbidden: code for a refusal that concerns this very comment, or ""
    """
    try:
        reasons = {item.get("reason") for item in dicts(part(response.json(), "error"), "errors")}
    except TransientError:
        return None
    status = response.status
    if reasons & {"quotaExceeded", "dailyLimitExceeded"}:
        wait = until_midnight(now)
        return RateLimited("quota_exceeded", status=status, retry_after=wait)
    if reasons & {"rateLimitExceeded", "userRateLimitExceeded"}:
        return RateLimited(status=status)
    codes = {**REASONS, **({"forbidden": forbidden} if forbidden else {})}
    code = next((codes[reason] for reason in reasons if reason in codes), "")
    return RejectedError(code, status=status) if code else None


def until_midnight(now: datetime) -> float:
    """Seconds until the quota begins anew: midnight in California.

    >>> until_midnight(datetime(2026, 11, 22, 12, 0)) / 3600
    20.0
    """
    there = now.replace(tzinfo=timezone.utc).astimezone(ZoneInfo("America/Los_Angeles"))
    midnight = datetime.combine(there.date() + timedelta(days=1), time(), there.tzinfo)
    return midnight.timestamp() - there.timestamp()
