"""Facebook pages: visitors' posts, comments, posts that tag us, and Messenger.

https://developers.facebook.com/docs/graph-api/reference/ (page/feed, page-post, comment,
object/comments, object/likes) and /docs/graph-api/webhooks/reference/page/ (feed, mention), read
2026-11-22.

- A comment's ``external_id`` is always ``POST_COMMENT`` and its parent the comment or the post
  (``PAGE_POST``) above it: Facebook also writes bare numbers, or a photo's id before the ``_``.
- Polling sees new posts and comments; edits and deletions come by webhook or by reading again.
- Who likes a comment comes by webhook alone, also when it is taken back.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from .base import words as _
from .cleaning import clean_id
from .context import MAX_OTHERS
from .exceptions import RejectedError, renamed
from .jsontext import Json, part
from .meta import GUIDE, SITE, Listed
from .meta_inbox import Inbox
from .types import Author, Like, Media, Mention, Profile, Reply

COMMENT = (
    "id,message,from,created_time,permalink_url,like_count,comment_count,parent{id},"
    "attachment{type,url,media}"
)
POST = "id,message,from,created_time,permalink_url,full_picture"
COUNTED = f"{POST},updated_time,comments.filter(stream).limit(0).summary(true)"
NEWEST = {"filter": "stream", "order": "reverse_chronological"}  # answers among the comments
AROUND = f"comments.filter(stream).order(reverse_chronological).limit({MAX_OTHERS}){{{COMMENT}}}"
COMMENT_ID = re.compile(r"[0-9]+_[0-9]+")
POSTS = {"post", "status", "photo", "video", "share", "link", "album", "note", "event"}
GLAD = {"like", "love", "care"}  # of the reactions; the others may be anything
SILENT = {"reaction", "like", "hide", "unhide", "block", "unblock", "mute", "follow"}


def tail(external_id: Any) -> str:
    """The last part of an id: ``POST_COMMENT`` and ``COMMENT`` are the same comment.

    >>> tail("111_222"), tail("222"), tail(222)
    ('222', '222', '222')
    """
    return clean_id(external_id).rpartition("_")[2]


def post_in(value: Json) -> Any:
    """The id of the post that a change is about; it may stand in that of a comment only."""
    return value.get("post_id") or clean_id(value.get("comment_id")).rpartition("_")[0]


class Facebook(Inbox):
    """A Facebook page, by its page access token."""

    code = "facebook"
    name = "Facebook"
    app_networks = ("instagram",)
    platform = "messenger"
    account_fields = "id,name,username,link,picture{url}"
    context_fields = f"{POST},{AROUND}"
    max_length = 8000  # characters of a comment
    max_message = 2000
    supports_media = True
    supports_like = True
    supports_hide = True
    supports_edit = True
    supports_delete = True
    max_media = 1
    guide = replace(
        GUIDE,
        steps=(
            *GUIDE.steps,
            _("Add Webhooks, choose Page, and enter the webhook address and the verify token."),
            _("Subscribe there to feed, mention, messages, message_echoes and message_edits."),
            _("Log in here and choose the page."),
        ),
        permissions=(
            *GUIDE.permissions,
            *("pages_messaging", "pages_read_user_content", "pages_manage_engagement"),
        ),
    )

    def _profile(self, page: Json) -> Profile:
        return Profile(
            external_id=page.get("id", ""),
            handle=page.get("username", ""),
            name=page.get("name", ""),
            url=page.get("link") or f"{SITE}/{clean_id(page.get('id'))}",
            avatar_url=part(part(page, "picture"), "data").get("url", ""),
        )

    # -- Asked for --------------------------------------------------------------

    def _posts(self, token: str) -> Listed:
        return self._page("me/feed", token, fields=COUNTED)

    def _comments(self, post: str, token: str) -> Listed:
        return self._page(f"{post}/comments", token, fields=COMMENT, **NEWEST)

    def _fields(self, external_id: str) -> str:
        return POST if external_id.startswith(f"{self.own_id}_") else COMMENT

    def _reread(self, external_id: str, item: Json) -> Mention:
        if self._fields(external_id) == COMMENT:
            # What is no comment is somebody else's post that tags us.
            with contextlib.suppress(RejectedError):
                item = item or self._get(external_id, fields=COMMENT)
                return self._comment(external_id.partition("_")[0], item)
        return self._post(item or self._get(external_id, fields=POST))

    def _full_id(self, post: Any) -> str:
        """A post's id with that of its page, which older webhooks leave out."""
        told = clean_id(post)
        return told if "_" in told or not told else f"{self.own_id}_{told}"

    def _post(self, item: Json, **changes: Any) -> Mention:
        external_id = self._full_id(item.get("post_id") or item.get("id"))
        return self._said(item, external_id, thread_external_id=external_id, **changes)

    def _visitors_post(self, item: Json, **changes: Any) -> Mention | None:
        mention = self._post(item, **changes)
        return None if mention.own else mention

    def _comment(self, post: Any, item: Json, **changes: Any) -> Mention:
        told, thread = tail(item.get("comment_id") or item.get("id")), self._full_id(post)
        above, number = tail(part(item, "parent").get("id") or item.get("parent_id")), tail(thread)
        return self._said(
            item,
            f"{number}_{told}" if told and number else "",
            kind="comment",
            thread_external_id=thread,
            parent_external_id=thread if above in ("", number) else f"{number}_{above}",
            **changes,
        )

    def _said(self, item: Json, external_id: str, **fields: Any) -> Mention:
        """A comment or post, polled or pushed."""
        sender = part(item, "from")
        author_id = clean_id(sender.get("id") or item.get("sender_id"))
        name = sender.get("name") or item.get("sender_name") or ""
        author = Author(author_id or f"unknown:{external_id}", name=name)
        picture = part(part(part(item, "attachment"), "media"), "image").get("src")
        picture = picture or item.get("full_picture") or item.get("photo")
        media = ((picture, "image"), (item.get("video"), "video"))
        fields["url"] = item.get("permalink_url") or f"{SITE}/{external_id}"
        fields["media"] = tuple(Media(url, kind) for url, kind in media if url)
        return self._mention(item, external_id, author, **fields)

    # -- Told -------------------------------------------------------------------

    def _read_change(self, field: str, value: Json, moment: datetime) -> Mention | None:
        if field == "feed":
            return self._feed(value, moment)
        if field != "mention":
            return self._read_message(value)
        mention = self._feed(value, moment)
        if mention and "message" not in value and not mention.deleted_at:
            fields = COMMENT if value.get("comment_id") else POST
            with contextlib.suppress(RejectedError):  # not for our eyes: people open the link
                item = self._get(mention.external_id, fields=fields)
                mention = self._feed({**value, **item}, moment)
        return mention and replace(mention, kind="mention")

    def _feed(self, value: Json, moment: datetime) -> Mention | None:
        """What a change says; nothing where nobody said anything, or we a post.

        :raises ValueError: for an item or verb that nobody knows yet
        """
        item, verb = str(value.get("item")), str(value.get("verb"))
        if SILENT & {item, verb}:
            return None
        changes: dict[str, Json] = {
            "add": {},
            "edit": {"edited_at": moment},
            "edited": {"edited_at": moment},
            "remove": {"deleted_at": moment, "posted_at": None},
        }
        if verb not in changes or item not in {"comment", *POSTS}:
            raise ValueError("unknown change")
        if item != "comment":
            return self._visitors_post(value, **changes[verb])
        return self._comment(post_in(value), value, **changes[verb])

    def _read_like(self, field: str, value: Json, moment: datetime) -> Like | None:
        """A reaction to a comment; another one than before is an edit."""
        if field != "feed" or value.get("item") not in ("like", "reaction"):
            return None
        comment, who = tail(value.get("comment_id")), clean_id(part(value, "from").get("id"))
        post = tail(post_in(value))
        if not (comment and who and post):
            return None
        glad = value.get("reaction_type", "like") in GLAD and value.get("verb") != "remove"
        return Like(f"{post}_{comment}", who, moment, glad)

    # -- Answered ---------------------------------------------------------------

    def _say(self, reply: Reply) -> Json:
        files = [("source", (x.name, x.content, x.mimetype)) for x in reply.attachments]
        text = {"message": reply.body} if reply.body.strip() else {}
        data = {**text, "fields": "id,permalink_url,created_time"}
        path = f"{reply.parent.external_id}/comments"
        answer = self._ask("POST", path, data=data, files=files or None)
        told = tail(answer.get("id"))
        return {**answer, "id": told and f"{tail(reply.parent.thread_external_id)}_{told}"}

    def _answers(self, reply: Reply, since: datetime) -> Sequence[Mention]:
        parent, post = reply.parent, reply.parent.thread_external_id
        if reply.visibility == "public":
            read, convert = partial(self._comments, post), partial(self._comment, post)
            # An answer to an answer may be put below the comment that both belong to.
            above = {parent.external_id, *({parent.parent_external_id} - {post})}
            said = self._down_to(since, read, convert)
            return [item for item in said if item.parent_external_id in above]
        if parent.external_id == post:
            raise RejectedError("cannot_read_back")
        item = self._get(parent.external_id, fields="private_reply_conversation{id}")
        talk = clean_id(part(item, "private_reply_conversation").get("id"))
        return self._conversation("", since, talk) if talk else ()

    def edit(self, external_id: str, reply: Reply) -> None:
        """Give the comment another text; a message is said for good."""
        if not COMMENT_ID.fullmatch(external_id):
            raise RejectedError("cannot_edit")
        if len(reply.body) > self.max_length:
            raise RejectedError("too_long")
        with renamed(RejectedError, "answer_gone", "not_found"):
            self._ask("POST", external_id, data={"message": reply.body})

    def delete(self, external_id: str) -> None:
        """Delete the comment; a message is said for good."""
        self._delete_comment(external_id, COMMENT_ID)

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
