"""Facebook pages: visitors' posts, comments, posts that tag us, and Messenger.

https://developers.facebook.com/docs/graph-api/reference/ (page/feed, comment, object/comments,
object/likes) and /docs/graph-api/webhooks/reference/page/, read 2026-11-22.

- A comment's ``external_id`` is always ``POST_COMMENT`` and its parent the comment or the post
  (``PAGE_POST``) above it: Facebook also writes bare numbers, or a photo's id before the ``_``.
- Polling sees new posts and comments; edits and deletions come by webhook or by reading again.
"""

from __future__ import annotations

import contextlib
import dataclasses
import re
from datetime import datetime
from functools import partial
from typing import Any

from . import facebook_wire as wire
from .access import Guide
from .base import words as _
from .cleaning import clean_id
from .exceptions import RejectedError
from .facebook_wire import COMMENT, POST
from .jsontext import dicts, part
from .meta import moment_of, surroundings
from .meta_events import Events
from .meta_login import CONSOLE, DEMANDS, FIRST_STEPS, MEANWHILE, PageLogin
from .meta_walk import Listed, Rows
from .types import Mention, Profile, Published, Reply

COUNTED = f"{POST},updated_time,comments.filter(stream).limit(0).summary(true)"
NEWEST = {"filter": "stream", "order": "reverse_chronological"}  # answers among the comments
MAX_COMMENT, MAX_MESSAGE = 8000, 2000  # characters
MAX_OTHERS = 40  # comments shown around a mention


class Facebook(PageLogin, Events):
    """A Facebook page, by its page access token."""

    code = "facebook"
    name = "Facebook"
    app_networks = ("instagram",)
    platform = "messenger"
    account_fields = "id,name,username,link,picture{url}"
    max_length = MAX_COMMENT
    supports_media = True
    supports_like = True
    supports_hide = True
    max_media = 1
    guide = Guide(
        demands=DEMANDS,
        meanwhile=MEANWHILE,
        steps=(
            *FIRST_STEPS,
            _("Add Webhooks, choose Page, and enter the webhook address and the verify token."),
            _("Subscribe there to feed, mention, messages, message_echoes and message_edits."),
            _("Log in here and choose the page."),
        ),
        permissions=(
            "pages_show_list",
            "pages_messaging",
            "pages_manage_metadata",
            "pages_read_engagement",
            "pages_read_user_content",
            "pages_manage_engagement",
            "business_management",
        ),
        console_url=CONSOLE,
    )

    @classmethod
    def measure(cls, text: str, visibility: str) -> tuple[int, int]:
        """Characters: 8000 in a comment, 2000 in Messenger."""
        return len(text), MAX_COMMENT if visibility == "public" else MAX_MESSAGE

    def _profile(self, page: dict[str, Any]) -> Profile:
        return Profile(
            external_id=page.get("id") or "",
            handle=page.get("username") or "",
            name=page.get("name") or "",
            url=page.get("link") or f"{wire.HOME}/{clean_id(page.get('id'))}",
            avatar_url=part(part(page, "picture"), "data").get("url") or "",
        )

    # -- Asked for --------------------------------------------------------------

    def _posts(self, token: str) -> Listed:
        return self._page("me/feed", token, fields=COUNTED)

    def _sign(self, post: dict[str, Any]) -> str:
        count = part(part(post, "comments"), "summary").get("total_count")
        return "" if count == 0 else f"{count} {post.get('updated_time')}"

    def _said_by_itself(self, post: dict[str, Any]) -> list[Mention]:
        mention = wire.post_mention(post, self._own_id())
        return [] if mention.own else [mention]

    def _comments(self, post: str, token: str) -> Rows:
        items, following = self._page(f"{post}/comments", token, fields=COMMENT, **NEWEST)
        own = self._own_id()
        return self._rows(items, lambda item: [wire.comment_mention(item, post, own)]), following

    def fetch_context(self, mention: Mention) -> dict[str, Any]:
        """The post commented on, the comment answered, and up to 40 other comments."""
        if mention.kind == "direct":
            return {}
        around = f"comments.filter(stream).order(reverse_chronological).limit({MAX_OTHERS})"
        item = self._get(mention.thread_external_id, fields=f"{POST},{around}{{{COMMENT}}}")
        root, own = wire.post_mention(item, self._own_id()), self._own_id()
        found = [
            wire.comment_mention(other, root.external_id, own)
            for other in dicts(part(item, "comments"), "data")
        ]
        return surroundings(mention, root, found)

    # -- Asked again ------------------------------------------------------------

    def refresh(self, external_ids: list[str]) -> list[Mention]:
        """Posts and comments as they are now; of private messages only webhooks tell.

        Stops early where the rate limit is met: what is not in the list was not read.
        """
        wanted = [item for item in external_ids if re.fullmatch(r"\d+_\d+", item)]
        posts = [item for item in wanted if item.startswith(f"{self._own_id()}_")]
        comments = [item for item in wanted if item not in posts]
        known = {**self._many(posts, POST), **self._many(comments, COMMENT)}

        def read(external_id: str) -> Mention:
            fields, item = POST if external_id in posts else COMMENT, part(known, external_id)
            return (
                self._reread(external_id, item, fields)
                if item
                else self._read_one(external_id, fields)
            )

        return self._again(wanted, read)

    def _read_one(self, external_id: str, fields: str) -> Mention:
        try:
            item = self._get(external_id, fields=fields)
        except RejectedError as error:
            if error.code == "not_found" or fields == POST:
                raise
            return self._read_one(external_id, POST)  # somebody else's post that tags us
        return self._reread(external_id, item, fields)

    def _reread(self, external_id: str, item: dict[str, Any], fields: str) -> Mention:
        if fields == POST:
            return wire.post_mention({**item, "id": external_id}, self._own_id())
        return wire.comment_mention(item, external_id.partition("_")[0], self._own_id())

    # -- Told -------------------------------------------------------------------

    def _read_change(
        self, field: str, value: dict[str, Any], moment: datetime | None
    ) -> list[Mention]:
        if field == "feed":
            return wire.feed_mentions(value, self._own_id(), moment or self.clock())
        if field != "mention":
            return super()._read_change(field, value, moment)
        now, own = moment or self.clock(), self._own_id()
        mentions = wire.feed_mentions(value, own, now)
        if mentions and "message" not in value and not mentions[0].deleted_at:
            fields = COMMENT if value.get("comment_id") else POST
            with contextlib.suppress(RejectedError):  # not for our eyes: people open the link
                item = self._get(mentions[0].external_id, fields=fields)
                mentions = wire.feed_mentions({**value, **item}, own, now)
        return [dataclasses.replace(mention, kind="mention") for mention in mentions]

    # -- Answered ---------------------------------------------------------------

    def publish(self, reply: Reply) -> Published:
        """A comment below what it answers, with a picture if there is one, or a private message.

        :raises RejectedError: ``too_long``, ``bad_picture``, ``parent_gone``, …
        """
        self._check(reply)
        if reply.visibility != "public":
            return self._send(reply)
        files = [("source", (x.name, x.content, x.mimetype)) for x in reply.attachments]
        text = {"message": reply.body} if reply.body.strip() else {}
        data = {**text, "fields": "id,permalink_url,created_time"}
        answer = self._publish(f"{reply.parent.external_id}/comments", data, files or None)
        thread = wire.tail(reply.parent.thread_external_id)
        return Published(
            external_id=f"{thread}_{wire.tail(answer.get('id'))}",
            url=answer.get("permalink_url") or reply.parent.url,
            posted_at=moment_of(answer.get("created_time")) or self.clock(),
        )

    def find_published(self, reply: Reply, since: datetime) -> list[Published]:
        """Own comments below what was answered, or own messages, with the same text.

        :raises RejectedError: ``cannot_read_back`` for a private answer to a post
        """
        parent = reply.parent
        if reply.visibility == "direct":
            return self._find_sent(reply, self._talk_with(parent.thread_external_id), since)
        if reply.visibility == "private_reply":
            if parent.external_id == parent.thread_external_id:
                raise RejectedError("cannot_read_back")
            item = self._get(parent.external_id, fields="private_reply_conversation{id}")
            talk = part(item, "private_reply_conversation").get("id")
            return self._find_sent(reply, clean_id(talk), since)
        post = parent.thread_external_id
        said = self._down_to(since, partial(self._comments, post))
        # An answer to an answer may be put below the comment that both belong to.
        above = {parent.external_id, parent.parent_external_id}
        above -= {post} if parent.external_id != post else set()
        return self._same(reply, [x for x in said if x.parent_external_id in above], since)

    # -- Gestures ---------------------------------------------------------------

    def like(self, mention: Mention, on: bool) -> None:
        """Like a post or comment as the page, or take it back."""
        if mention.kind == "direct":
            raise RejectedError("cannot_like")
        self._ask("POST" if on else "DELETE", f"{mention.external_id}/likes")

    def hide(self, mention: Mention, on: bool) -> None:
        """Hide a comment from everybody but its author and their friends, or show it again."""
        if mention.kind == "direct":
            raise RejectedError("cannot_hide")
        hidden = "true" if on else "false"
        self._ask("POST", mention.external_id, data={"is_hidden": hidden})
