"""YouTube: comments on a channel's videos, by the Data API v3.

Documentation: https://developers.google.com/youtube/v3/docs/ (commentThreads, comments, videos,
channels) and https://developers.google.com/identity/protocols/oauth2/web-server, read 2026-11-22.

- A comment's ``thread_external_id`` is the top comment's id: a reply's id begins with it, and
  an answer to a reply hangs on the top comment, too. There are no private messages.
- Threads are listed by the age of their top comment; a new reply does not move them. So each
  look reads the newest 100 threads whole; every three hours those of the last week are gone
  through; :meth:`YouTube.refresh` brings the replies beside what it is asked for. A reply to an
  older thread on which no ticket waits is not seen.
- The quota is 10,000 units a day for a developer app: a read costs 1, an answer or hiding 50.
  A channel at rest takes about 700. No header tells what is left.
- A picture in a comment has an address for six hours: the comment's own stands for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from . import youtube_wire as wire
from .base import post_of
from .base import words as _
from .cleaning import clean_count, clean_datetime, clean_id
from .exceptions import RejectedError, TransientError, before_publishing
from .jsontext import dicts, part
from .types import Guide, Mention, Page, Problem, Profile, Published, Reply
from .walk import read_each, walk_back
from .youtube_client import MAX_REPLIES, SCOPE, YouTubeClient

MAX_OTHERS = 40  # replies shown around a mention
MAX_COUNTED = 300  # long threads whose number of replies is remembered
SWEEP_EVERY = timedelta(hours=3)
SWEEP_BACK = timedelta(days=7)


class YouTube(YouTubeClient):
    """A channel, by a login with Google."""

    code = "youtube"
    name = "YouTube"
    max_length = 10_000
    supports_hide = True
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
            _("Copy its client ID and secret into the fields below."),
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
        self._own = clean_id(channels[0].get("id"))
        self._threads("")
        snippet = part(channels[0], "snippet")
        return Profile(
            external_id=self._own,
            handle=str(snippet.get("customUrl") or "").lstrip("@"),
            name=snippet.get("title") or "",
            url=f"{wire.SITE}/channel/{self._own}",
            avatar_url=wire.picture_of(snippet),
            max_length=self.max_length,
        )

    # -- Reading ------------------------------------------------------------------

    def fetch(self, cursor: dict[str, Any], since: datetime | None) -> Page:
        """One page of threads with their replies; every three hours also a sweep of older ones.

        The cursor is that of :mod:`.walk` with ``"replies"`` (long thread → how many were
        read), ``"swept"`` (when last) and ``"sweep"`` (the walk of a sweep under way).
        """
        now, threads = self.clock(), list[dict[str, Any]]()
        swept = clean_datetime(cursor.get("swept")) or now
        counts = dict(part(cursor, "replies"))

        def read(token: str) -> tuple[Sequence[dict[str, Any]], str]:
            items, following = self._threads(token)
            threads[:] = items  # older ones than ``since`` too: their replies may be new
            return items, following

        if isinstance(cursor.get("sweep"), dict):
            step = walk_back(cursor["sweep"], now - SWEEP_BACK, read, wire.moment_of, now)
            more = step.more
            kept = {key: value for key, value in cursor.items() if key != "sweep"}
            kept |= {"sweep": step.cursor} if more else {"swept": now.isoformat()}
        else:
            step = walk_back(cursor, since, read, wire.moment_of, now)
            due = not step.more and now - swept >= SWEEP_EVERY
            more = step.more or due
            kept = {**step.cursor, "swept": swept.isoformat(), **({"sweep": {}} if due else {})}
        mentions, problems = self._read(threads, counts, since)
        kept["replies"] = dict(list(counts.items())[-MAX_COUNTED:])
        return Page(mentions, kept, more, problems)

    def _read(
        self, threads: Iterable[dict[str, Any]], counts: dict[str, Any], since: datetime | None
    ) -> tuple[tuple[Mention, ...], tuple[Problem, ...]]:
        """All comments of some threads, each with the video and the top comment around it."""
        pairs = [(item, thread) for thread in threads for item in self._comments(thread, counts)]
        video_ids = {wire.video_of(thread) for thread in threads} - {""}
        videos = {
            clean_id(item.get("id")): wire.post_of_video(item, self._own_id())
            for item in self._named("videos", video_ids)
        }

        def read(pair: tuple[dict[str, Any], dict[str, Any]]) -> Mention | None:
            comment, thread = pair
            video_id = wire.video_of(thread)
            mention = self._mention(comment, video_id)
            if since and mention.posted_at and mention.posted_at < since:
                return None
            context = {"root": videos[video_id]} if video_id in videos else {}
            if mention.parent_external_id:
                context["parent"] = post_of(self._mention(wire.top_of(thread), video_id))
            return replace(mention, context=context)

        return read_each(pairs, read)

    def _comments(self, thread: dict[str, Any], counts: dict[str, Any]) -> list[dict[str, Any]]:
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
        return [wire.top_of(thread), *replies]

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
        tops = {external_id.partition(".")[0] for external_id in external_ids}
        told, _problems = self._read(self._named("commentThreads", tops), {}, None)
        found = {mention.external_id: mention for mention in told}
        asked = [found[external_id] for external_id in external_ids if external_id in found]
        first: dict[str, datetime] = {}
        for mention in sorted(asked, key=_age, reverse=True):
            first[mention.thread_external_id] = _age(mention)
        later = [m for m in told if _age(m) >= first.get(m.thread_external_id, datetime.max)]
        # Replies go with their top comment, or so it seems: the rest is asked for by name.
        later += map(self._mention, self._named("comments", set(external_ids) - found.keys()))
        gone = set(external_ids) - {mention.external_id for mention in later}
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
        try:
            answer = self._ask("POST", "comments", {"part": "snippet"}, "not_allowed", body).json()
            post = self._mention(answer)
        except RejectedError as error:
            code = "parent_gone" if error.code == "not_found" else error.code
            raise RejectedError(code, status=error.status) from None
        except (ValueError, AttributeError):
            raise TransientError("no_id") from None
        place, key, _old = parent.url.partition("lc=")
        url = f"{place}{key}{post.external_id}" if key else post.url
        return Published(external_id=post.external_id, url=url, posted_at=post.posted_at)

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

    def hide(self, mention: Mention, on: bool) -> None:
        """Hold a comment for review, or show it again: 50 units.

        :raises RejectedError: ``hide_refused`` where it is gone or not on our own videos
        """
        status = {"moderationStatus": "heldForReview" if on else "published"}
        params = {"id": mention.external_id, **status}
        self._ask("POST", "comments/setModerationStatus", params, "hide_refused")


def _age(mention: Mention) -> datetime:
    return mention.posted_at or datetime.min
