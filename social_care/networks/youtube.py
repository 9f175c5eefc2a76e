"""YouTube: comments on a channel's videos, by the Data API v3.

Documentation: https://developers.google.com/youtube/v3/docs/ (commentThreads, comments, videos,
channels, errors) and https://developers.google.com/identity/protocols/oauth2/web-server, read
2026-11-22.

- A comment's ``thread_external_id`` is the top comment's id: a reply's id begins with it, and
  an answer to a reply hangs on the top comment, too. There are no private messages.
- Threads are listed by the age of their top comment; a new reply does not move them. So each
  look reads the newest 100 threads whole; every three hours those of the last week are gone
  through; :meth:`YouTube.refresh` brings the replies beside what it is asked for. A reply to an
  older thread on which no ticket waits is not seen.
- The quota is 10,000 units a day for a developer app: a read costs 1, an answer or hiding 50.
  A channel at rest takes about 700. No header tells what is left.
- A picture in a comment has an address for six hours: the comment's own stands for it.
- An account's ``base_url`` stands in for all of Google's addresses, for tests.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from .access import Guide, Login, Tokens
from .base import Network, post_of
from .base import words as _
from .cleaning import clean_count, clean_datetime, clean_id, clean_line
from .exceptions import (
    RateLimited,
    RejectedError,
    answering,
    before_publishing,
    ignoring,
    renamed,
)
from .jsontext import dicts, part
from .oauth import log_in, login_address, renew_tokens
from .response import Response
from .types import Author, Media, Mention, Page, Problem, Profile, Published, Reply
from .walk import read_each, walk_back

API = "https://youtube.googleapis.com"
LOGIN = "https://accounts.google.com"
TOKENS = "https://oauth2.googleapis.com"
SITE = "https://www.youtube.com"
SCOPE = "https://www.googleapis.com/auth/youtube.force-ssl"

MAX_ITEMS = 100  # a page
MAX_IDS = 50  # named in one request
MAX_REPLIES = 1_000  # read of one thread
MAX_OTHERS = 40  # replies shown around a mention
MAX_COUNTED = 300  # long threads whose number of replies is remembered
SWEEP_EVERY = timedelta(hours=3)
SWEEP_BACK = timedelta(days=7)
# Reason in an error's body → our code, where the status alone would say something else.
REASONS = {
    "commentsDisabled": "comments_disabled",
    "commentTextTooLong": "too_long",
    "ineligibleAccount": "not_allowed",
    "operationNotSupported": "not_allowed",
    "parentCommentIsPrivate": "not_allowed",
}
Item = dict[str, Any]  # as the API tells it


class YouTube(Network):
    """A channel, by a login with Google."""

    code = "youtube"
    name = "YouTube"
    max_length = 10_000
    supports_hide = True
    supports_edit = True
    supports_delete = True
    poll_minutes = 10
    login = "oauth"
    needs_app = True
    renews = True
    guide = Guide(
        demands=(
            _("A project in Google's console with the YouTube Data API switched on. It is free."),
            _("For use by others than test users, Google checks the app: some weeks."),
        ),
        meanwhile=_("Test users can log in at once, but have to again every seven days."),
        steps=(
            _("In Google's console make a project and enable “YouTube Data API v3”."),
            _("Fill in the consent screen, add the permission below, and publish it."),
            _("Make an OAuth client of the type “Web application” with the callback address."),
            _("Copy its client ID and secret into the app's keys in Odoo."),
        ),
        permissions=(SCOPE,),
        console_url="https://console.cloud.google.com/apis/credentials",
    )

    def verify(self) -> Profile:
        """The login's channel, once its comments have been read.

        :raises RejectedError: ``no_channel`` where the Google account has none
        """
        channels, _next = self._list("channels", mine="true")
        if not channels:
            raise RejectedError("no_channel")
        snippet = part(channels[0], "snippet")
        self.own_id = clean_id(channels[0].get("id"))
        self._threads("")
        return Profile(
            external_id=self.own_id,
            handle=str(snippet.get("customUrl") or "").lstrip("@"),
            name=snippet.get("title") or "",
            url=f"{SITE}/channel/{self.own_id}",
            avatar_url=_picture(snippet),
            max_length=self.max_length,
        )

    # -- Reading ------------------------------------------------------------------

    def fetch(self, cursor: dict[str, Any], since: datetime | None) -> Page:
        """One page of threads with their replies; every three hours also a sweep of older ones.

        The cursor is that of :mod:`.walk` with ``"replies"`` (long thread → how many were
        read), ``"swept"`` (when last) and ``"sweep"`` (the walk of a sweep under way).
        """
        now, threads = self.clock(), list[Item]()
        swept = clean_datetime(cursor.get("swept")) or now
        counts, sweep = dict(part(cursor, "replies")), cursor.get("sweep")

        def read(token: str) -> tuple[Sequence[Item], str]:
            items, following = self._threads(token)
            threads[:] = items  # older ones than ``since`` too: their replies may be new
            return items, following

        if sweep is None:
            step = walk_back(cursor, since, read, _moment, now)
            kept = {**step.cursor, "swept": swept.isoformat()}
            if not step.more and now - swept >= SWEEP_EVERY:
                kept["sweep"] = {}
        else:
            step = walk_back(sweep, now - SWEEP_BACK, read, _moment, now)
            kept = {**cursor, "sweep": step.cursor}
            if not step.more:
                del kept["sweep"]
                kept["swept"] = now.isoformat()
        mentions, problems = self._read(threads, counts, since)
        kept["replies"] = dict(list(counts.items())[-MAX_COUNTED:])
        return Page(mentions, kept, step.more or "sweep" in kept, problems)

    def _read(
        self, threads: Iterable[Item], counts: Item, since: datetime | None
    ) -> tuple[tuple[Mention, ...], tuple[Problem, ...]]:
        """All comments of some threads, each with the video and the top comment around it."""
        pairs = [(item, thread) for thread in threads for item in self._comments(thread, counts)]
        videos = {
            clean_id(item.get("id")): self._post_of_video(item)
            for item in self._named("videos", {_video_id(thread) for thread in threads} - {""})
        }

        def read(pair: tuple[Item, Item]) -> Mention | None:
            comment, thread = pair
            video_id = _video_id(thread)
            mention = self._mention(comment, video_id)
            if since and mention.posted_at and mention.posted_at < since:
                return None
            context = {"root": videos[video_id]} if video_id in videos else {}
            if mention.parent_external_id:
                context["parent"] = post_of(self._mention(_top(thread), video_id))
            return replace(mention, context=context)

        return read_each(pairs, read)

    def _comments(self, thread: Item, counts: Item) -> list[Item]:
        """The top comment and its replies; those that a thread does not carry are asked for.

        :param counts: how many replies long threads had when they were read; changed here
        """
        thread_id = clean_id(thread.get("id"))
        replies = dicts(part(thread, "replies"), "comments")
        total = clean_count(part(thread, "snippet").get("totalReplyCount"))
        if total > len(replies):
            if counts.pop(thread_id, None) != total:
                replies = self._replies(thread_id)
            counts[thread_id] = total
        return [_top(thread), *replies]

    def fetch_context(self, mention: Mention) -> dict[str, Any]:
        """The video, the top comment, and up to 40 other replies."""
        top = mention.thread_external_id or mention.external_id
        found, _problems = self._read(self._named("commentThreads", [top]), {}, None)
        context = next((m.context for m in found if m.external_id == mention.external_id), {})
        others = [post_of(m) for m in found if m.external_id not in (top, mention.external_id)]
        return {**context, **({"others": others[:MAX_OTHERS]} if others else {})}

    def refresh(self, external_ids: list[str]) -> list[Mention]:
        """The comments as they are now, and the later ones of their threads.

        What is not told any more counts as deleted.
        """
        wanted = set(external_ids)
        tops = {external_id.partition(".")[0] for external_id in wanted}
        told, _problems = self._read(self._named("commentThreads", tops), {}, None)
        first: dict[str, datetime] = {}  # thread → the earliest that is asked for
        for mention in sorted(told, key=_age):
            if mention.external_id in wanted:
                first.setdefault(mention.thread_external_id, _age(mention))
        later = [m for m in told if _age(m) >= first.get(m.thread_external_id, datetime.max)]
        # Replies go with their top comment, or so it seems: the rest is asked for by name.
        unseen = wanted - {mention.external_id for mention in told}
        named = self._named("comments", unseen)
        later += read_each(named, self._mention)[0]
        gone = unseen - {clean_id(item.get("id")) for item in named}
        return later + [Mention(external_id=one, deleted_at=self.clock()) for one in gone]

    # -- Answering ---------------------------------------------------------------

    def prepare_text(self, body: str, mention: Mention) -> str:
        """The body; to a reply with its author's handle, which is how threads say to whom."""
        handle = mention.author.handle
        named = re.search(rf"(?i)@{re.escape(handle)}(?![\w.-])", body)
        return body if named or not (handle and mention.parent_external_id) else f"@{handle} {body}"

    def publish(self, reply: Reply) -> Published:
        """Answer below the top comment: 50 units.

        :raises RejectedError: ``parent_gone``, ``too_long``, ``not_allowed``, ``comments_disabled``
        :raises TransientError: ``no_id`` where it may have been published
        """
        parent = reply.parent
        top = parent.thread_external_id or parent.external_id
        body = {"snippet": {"parentId": top, "textOriginal": self.prepare_text(reply.body, parent)}}
        with before_publishing():
            # An answer to a reply that is gone would stand there without its question.
            if not self._named("comments", [parent.external_id]):
                raise RejectedError("parent_gone")
        with answering():
            answer = self._ask("POST", "comments", {"part": "snippet"}, "not_allowed", body)
            post = self._mention(answer.data())
        place, key, _old = parent.url.partition("lc=")
        url = f"{place}{key}{post.external_id}" if key else post.url
        return Published(post.external_id, url, post.posted_at)

    def find_published(self, reply: Reply, since: datetime) -> list[Published]:
        """Our answers in the thread since then with the same text, which YouTube keeps as it is.

        :raises RejectedError: ``cannot_read_back`` where a thread is too long
        """
        top = reply.parent.thread_external_id or reply.parent.external_id
        replies = self._replies(top)
        if len(replies) >= MAX_REPLIES:
            raise RejectedError("cannot_read_back")
        posts, _problems = read_each(replies, self._mention)
        return self.pick_published(reply, since, posts, parent_id=top)

    def edit(self, external_id: str, reply: Reply) -> None:
        """Give the comment another text: 50 units."""
        text = {"textOriginal": self.prepare_text(reply.body, reply.parent)}
        data = {"id": external_id, "snippet": text}
        with renamed(RejectedError, "answer_gone", "not_found"):
            self._ask("PUT", "comments", {"part": "snippet"}, "cannot_edit", data)

    def delete(self, external_id: str) -> None:
        """Delete the comment: 50 units."""
        with ignoring("not_found"):
            self._ask("DELETE", "comments", {"id": external_id}, "cannot_delete")

    def hide(self, mention: Mention, on: bool) -> None:
        """Hold a comment for review, or show it again: 50 units.

        :raises RejectedError: ``hide_refused`` where it is gone or not on our own videos
        """
        status = {"moderationStatus": "heldForReview" if on else "published"}
        params = {"id": mention.external_id, **status}
        self._ask("POST", "comments/setModerationStatus", params, "hide_refused")

    # -- Requests -----------------------------------------------------------------

    def _threads(self, token: str) -> tuple[list[Item], str]:
        """A page of all comment threads on the channel, the newest first, and the next token."""
        query = {"allThreadsRelatedToChannelId": self.own_id, "order": "time"}
        return self._list("commentThreads", token, maxResults=MAX_ITEMS, **query)

    def _replies(self, thread_id: str) -> list[Item]:
        """All replies of a thread, 1,000 at most; none of one that is deleted."""
        replies, token, more = list[Item](), "", True
        try:
            while more and len(replies) < MAX_REPLIES:
                page = {"parentId": thread_id, "maxResults": MAX_ITEMS}
                items, token = self._list("comments", token, **page)
                replies, more = replies + items, bool(token)
        except RejectedError as error:
            if error.code != "not_found":
                raise
        return replies

    def _named(self, resource: str, ids: Iterable[str]) -> list[Item]:
        """Those of some resources that there are, 50 a request."""
        found, wanted = list[Item](), sorted(ids)
        for start in range(0, len(wanted), MAX_IDS):
            found += self._list(resource, id=",".join(wanted[start : start + MAX_IDS]))[0]
        return found

    def _list(self, resource: str, token: str = "", **params: Any) -> tuple[list[Item], str]:
        """Items and the token of the next page or "": 1 unit."""
        parts = "snippet,replies" if resource == "commentThreads" else "snippet"
        texts = {"textFormat": "plainText"} if resource.startswith("comment") else {}
        query = {"part": parts, "pageToken": token or None, **texts, **params}
        data = self._ask("GET", resource, query).data()
        return dicts(data, "items"), str(data.get("nextPageToken") or "")

    def _ask(
        self, method: str, path: str, params: Item, forbidden: str = "", body: Item | None = None
    ) -> Response:
        """Ask the API; ``forbidden`` is the code of a refusal that concerns this very comment."""
        base = self.credentials.base_url or API
        return self.transport.request(
            method,
            f"{base}/youtube/v3/{path}",
            origin=base,
            token=self.credentials.access_token,
            params=params,
            json=body,
            errors=lambda response: _error(response, self.clock(), forbidden),
        )

    # -- Shapes ---------------------------------------------------------------------

    def _mention(self, comment: Item, video_id: str = "") -> Mention:
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
            own=author.external_id == self.own_id,
            addressed=author.external_id != self.own_id,
        )

    def _post_of_video(self, video: Item) -> dict[str, Any]:
        """A video as a post around its comments."""
        snippet, video_id = part(video, "snippet"), clean_id(video.get("id"))
        mention = Mention(
            external_id=video_id,
            author=Author(name=snippet.get("channelTitle") or ""),
            body=snippet.get("title") or "",
            url=f"{SITE}/watch?v={video_id}",
            media=(Media(url=_picture(snippet)),),
            posted_at=snippet.get("publishedAt"),
            own=snippet.get("channelId") == self.own_id,
        )
        return post_of(mention)

    # -- Logging in -----------------------------------------------------------------

    def authorize_url(self, redirect_uri: str, state: str, challenge: str) -> str:
        """Google's page; asked for consent again, it gives a refresh token every time."""
        url = self.address("/o/oauth2/v2/auth", LOGIN)
        more = {"scope": SCOPE, "access_type": "offline", "prompt": "consent"}
        return login_address(self, url, redirect_uri, state, challenge, **more)

    def exchange(self, code: str, redirect_uri: str, verifier: str) -> list[Login]:
        """The one channel that was chosen in the login."""
        return log_in(self, self.address("/token", TOKENS), code, redirect_uri, verifier)

    def renew(self) -> Tokens:
        """An access token for another hour."""
        return renew_tokens(self, self.address("/token", TOKENS))


def _top(thread: Item) -> Item:
    return part(part(thread, "snippet"), "topLevelComment")


def _video_id(thread: Item) -> str:
    return clean_id(part(thread, "snippet").get("videoId"))


def _moment(thread: Item) -> datetime | None:
    """A thread's place in the list, naive UTC."""
    return clean_datetime(part(_top(thread), "snippet").get("publishedAt"))


def _age(mention: Mention) -> datetime:
    return mention.posted_at or datetime.min


def _author(snippet: Item, comment_id: str) -> Author:
    name = clean_line(snippet.get("authorDisplayName"))
    return Author(
        external_id=part(snippet, "authorChannelId").get("value") or f"unknown:{comment_id}",
        handle=name[1:] if name.startswith("@") else "",
        name=name,
        url=snippet.get("authorChannelUrl") or "",
        avatar_url=snippet.get("authorProfileImageUrl") or "",
    )


def _picture(snippet: Item) -> str:
    """The thumbnail of a video or channel, of the middle size where there is one."""
    sizes = part(snippet, "thumbnails")
    return str((part(sizes, "medium") or part(sizes, "default")).get("url") or "")


def _error(response: Response, now: datetime, forbidden: str) -> RateLimited | RejectedError | None:
    """The error that the reason in an answer's body stands for, where it is one of ours."""
    reasons = {str(item.get("reason")) for item in dicts(part(response.told(), "error"), "errors")}
    status = response.status
    if reasons & {"quotaExceeded", "dailyLimitExceeded"}:
        return RateLimited("quota_exceeded", status=status, retry_after=until_midnight(now))
    if reasons & {"rateLimitExceeded", "userRateLimitExceeded"}:
        return RateLimited(status=status)
    codes = {**REASONS, "forbidden": forbidden}
    code = next((codes[reason] for reason in reasons if codes.get(reason)), "")
    return RejectedError(code, status=status) if code else None


def until_midnight(now: datetime) -> float:
    """Seconds until the quota begins anew: midnight in California."""
    there = now.replace(tzinfo=timezone.utc).astimezone(ZoneInfo("America/Los_Angeles"))
    midnight = datetime.combine(there.date() + timedelta(days=1), time(), there.tzinfo)
    return midnight.timestamp() - there.timestamp()
