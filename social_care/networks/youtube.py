"""YouTube: comments on a channel's videos, by the Data API v3. There are no private messages.

https://developers.google.com/youtube/v3/docs/ (commentThreads, comments), read 2026-11-22. Requests,
quota and login are in :mod:`.youtube_api`, shapes in :mod:`.youtube_comments`.

Threads are listed by the age of their top comment; a new reply does not move them. So each
look reads the newest 100 threads whole; every three hours those of the last week are gone
through; :meth:`YouTube.refresh` brings the replies beside what it is asked for. A reply to an
older thread on which no ticket waits is not seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from .access import Guide
from .base import words as _
from .cleaning import clean_count, clean_datetime, clean_id
from .context import context_of, post_of
from .exceptions import RejectedError, answering, before_publishing, ignoring, renamed
from .jsontext import Json, dicts, part
from .types import Mention, Page, Problem, Profile, Published, Reply
from .walk import read_each, walk_back
from .youtube_api import MAX_REPLIES, SCOPE, YouTubeApi
from .youtube_comments import (
    SITE,
    mention_of,
    picture_of,
    place_of,
    top_of,
    video_id_of,
    video_of,
)

MAX_COUNTED = 300  # long threads whose number of replies is remembered
SWEEP_EVERY = timedelta(hours=3)
SWEEP_BACK = timedelta(days=7)


class YouTube(YouTubeApi):
    """A channel, by a login with Google."""

    code = "youtube"
    name = "YouTube"
    max_length = 10_000
    supports_hide = True
    supports_edit = True
    supports_delete = True
    poll_minutes = 10
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
            name=snippet.get("title", ""),
            url=f"{SITE}/channel/{self.own_id}",
            avatar_url=picture_of(snippet),
            max_length=self.max_length,
        )

    # -- Reading ------------------------------------------------------------------

    def fetch(self, cursor: Json, since: datetime | None) -> Page:
        """One page of threads with their replies; every three hours also a sweep of older ones.

        The cursor is that of :mod:`.walk` with ``"replies"`` (long thread → how many were
        read), ``"swept"`` (when last) and ``"sweep"`` (the walk of a sweep under way).
        """
        now, threads = self.clock(), list[Json]()
        swept = clean_datetime(cursor.get("swept")) or now
        counts, sweep = dict(part(cursor, "replies")), cursor.get("sweep")

        def read(token: str) -> tuple[Sequence[Json], str]:
            items, following = self._threads(token)
            threads[:] = items  # older ones than ``since`` too: their replies may be new
            return items, following

        if sweep is None:
            step = walk_back(cursor, since, read, place_of, now)
            kept = {**step.cursor, "swept": swept.isoformat()}
            if not step.more and now - swept >= SWEEP_EVERY:
                kept["sweep"] = {}
        else:
            step = walk_back(sweep, now - SWEEP_BACK, read, place_of, now)
            kept = {**cursor, "sweep": step.cursor}
            if not step.more:
                del kept["sweep"]
                kept["swept"] = now.isoformat()
        mentions, problems = self._read(threads, counts, since)
        kept["replies"] = dict(list(counts.items())[-MAX_COUNTED:])
        return Page(mentions, kept, step.more or "sweep" in kept, problems)

    def _read(
        self, threads: Iterable[Json], counts: Json, since: datetime | None
    ) -> tuple[tuple[Mention, ...], tuple[Problem, ...]]:
        """All comments of some threads, each with the video and the top comment around it."""
        pairs = [(item, thread) for thread in threads for item in self._comments(thread, counts)]
        videos = {
            clean_id(item.get("id")): post_of(video_of(item, self.own_id))
            for item in self._named("videos", {video_id_of(thread) for thread in threads} - {""})
        }

        def read(pair: tuple[Json, Json]) -> Mention | None:
            comment, thread = pair
            video_id = video_id_of(thread)
            mention = self._mention(comment, video_id)
            if since and mention.posted_at and mention.posted_at < since:
                return None
            context = {"root": videos[video_id]} if video_id in videos else {}
            if mention.parent_external_id:
                context["parent"] = post_of(self._mention(top_of(thread), video_id))
            return replace(mention, context=context)

        return read_each(pairs, read)

    def _comments(self, thread: Json, counts: Json) -> list[Json]:
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
        return [top_of(thread), *replies]

    def fetch_context(self, mention: Mention) -> Json:
        """The video, the top comment, and up to 40 other replies."""
        top = mention.thread_external_id or mention.external_id
        found, _problems = self._read(self._named("commentThreads", [top]), {}, None)
        context = next((m.context for m in found if m.external_id == mention.external_id), {})
        others = [m for m in found if m.external_id not in (top, mention.external_id)]
        return {**context, **context_of((), others)}

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

    def _mention(self, comment: Json, video_id: str = "") -> Mention:
        return mention_of(comment, self.own_id, video_id)

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


def _age(mention: Mention) -> datetime:
    return mention.posted_at or datetime.min
