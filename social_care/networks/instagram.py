"""Instagram professional accounts: comments on their media, mentions, and direct messages.

https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ (ig-user,
ig-media, ig-comment, ig-user/mentions, ig-user/mentioned_comment) and
/docs/messenger-platform/instagram/, read 2026-11-22.

The account is reached through the Facebook page it is linked to (Facebook Login): Instagram's own
login would need a second app and secret. Comments and media are on the account's own id, messages
and the subscription on the page, which is ``me`` for its token.

- A mention comes by webhook only and without its text, which is asked for.
- Answers are listed with the comment they belong to: those to comments older than a week, and the
  51st to one comment, come by webhook only. So do all messages of a conversation but its last 20.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from . import instagram_wire as wire
from .access import Guide
from .base import post_of
from .base import words as _
from .cleaning import clean_id
from .exceptions import RejectedError
from .instagram_wire import COMMENT, MEDIA, MENTIONED, THREAD
from .jsontext import dicts, part
from .meta import surroundings
from .meta_events import Events
from .meta_login import CONSOLE, DEMANDS, FIRST_STEPS, MEANWHILE, PageLogin
from .meta_walk import Listed, Rows
from .types import Mention, Profile, Published, Reply, Situation

MAX_COMMENT, MAX_MESSAGE = 2200, 1000  # characters, and UTF-8 bytes
MAX_OTHERS = 40  # comments shown around a mention


class Instagram(PageLogin, Events):
    """An Instagram account, by the access token of the page it is linked to."""

    code = "instagram"
    name = "Instagram"
    app_networks = ("facebook",)
    platform = "instagram"
    account_fields = "id,instagram_business_account{id,username,name,profile_picture_url}"
    last_messages = 20
    answered_for = timedelta(days=7)
    max_length = MAX_COMMENT
    supports_hide = True
    guide = Guide(
        demands=(*DEMANDS, _("A professional Instagram account, linked to a Facebook page.")),
        meanwhile=MEANWHILE,
        steps=(
            *FIRST_STEPS,
            _(
                "Add Webhooks, choose Instagram, and enter the webhook address and the verify token."
            ),
            _("Subscribe there to comments, mentions, messages and message_edit."),
            _("In Instagram, allow access to messages for connected tools."),
            _("Log in here and choose the page that the account is linked to."),
        ),
        permissions=(
            "instagram_basic",
            "instagram_manage_comments",
            "instagram_manage_messages",
            "pages_show_list",
            "pages_manage_metadata",
            "pages_read_engagement",
            "business_management",
        ),
        console_url=CONSOLE,
    )

    @classmethod
    def count_length(cls, text: str) -> int:
        """UTF-8 bytes, as a message is counted; a comment's characters are never more."""
        return len(text.encode())

    @classmethod
    def measure(cls, text: str, visibility: str) -> tuple[int, int]:
        """Characters of a comment, up to 2200; UTF-8 bytes of a message, up to 1000."""
        if visibility == "public":
            return len(text), MAX_COMMENT
        return cls.count_length(text), MAX_MESSAGE

    @classmethod
    def ways(cls, mention: Mention, situation: Situation) -> dict[str, str]:
        """As everywhere; only a comment on our own media can be answered in private."""
        ways = super().ways(mention, situation)
        if mention.kind == "mention":
            ways.pop("private_reply", None)
        return ways

    def _profile(self, page: dict[str, Any]) -> Profile:
        account = part(page, "instagram_business_account")
        handle = account.get("username") or ""
        return Profile(
            external_id=account.get("id") or "",
            handle=handle,
            name=account.get("name") or handle,
            url=f"https://www.instagram.com/{handle}/" if handle else "",
            avatar_url=account.get("profile_picture_url") or "",
        )

    # -- Asked for --------------------------------------------------------------

    def _posts(self, token: str) -> Listed:
        return self._page(f"{self._own_id()}/media", token, fields="id,timestamp,comments_count")

    def _sign(self, post: dict[str, Any]) -> str:
        count = post.get("comments_count")
        return "" if count == 0 else f"{count} comments"

    def _comments(self, post: str, token: str) -> Rows:
        items, following = self._page(f"{post}/comments", token, fields=THREAD)
        return self._rows(
            items, lambda item: [self._comment(x, post) for x in wire.flat(item)]
        ), following

    def _is_own(self, sender: dict[str, Any]) -> bool:
        """Whether it is we, by id or by name: not everywhere both are told."""
        name, own = clean_id(sender.get("username")), self.credentials.handle.lstrip("@")
        return super()._is_own(sender) or (bool(own) and name.lower() == own.lower())

    def _comment(self, item: dict[str, Any], media: str = "", **changes: Any) -> Mention:
        own = self._own_id() if self._is_own(wire.sender_of(item)) else ""
        return wire.comment_mention(item, media, own, **changes)

    def _mentioned(self, comment: str, media: str) -> Mention:
        """Somebody's comment, or the caption of their media, that names us."""
        edge = "mentioned_comment.comment_id" if comment else "mentioned_media.media_id"
        fields = f"{edge}({comment or media}){{{MENTIONED[edge]}}}"
        item = part(self._get(self._own_id(), fields=fields), edge.partition(".")[0])
        if not item:
            raise RejectedError("not_found")
        return self._comment(item, media if comment else "", kind="mention")

    def fetch_context(self, mention: Mention) -> dict[str, Any]:
        """The media commented on, the comment answered, and up to 40 other comments."""
        media = mention.thread_external_id
        if mention.kind == "direct" or media == mention.external_id:
            return {}
        if mention.kind == "mention":
            return {"root": post_of(self._mentioned("", media))}
        fields = f"{MEDIA},comments.limit({MAX_OTHERS}){{{COMMENT}}}"
        item = self._get(media, fields=fields)
        found = [self._comment(other, media) for other in dicts(part(item, "comments"), "data")]
        return surroundings(mention, self._comment(item), found)

    # -- Asked again ------------------------------------------------------------

    def refresh(self, external_ids: list[str]) -> list[Mention]:
        """Comments and mentions as they are now; of messages only webhooks tell.

        Stops early where the rate limit is met: what is not in the list was not read.
        """
        wanted = [item for item in external_ids if re.fullmatch(r"\d+", item)]
        known = self._many(wanted, COMMENT)

        def read(external_id: str) -> Mention:
            item = part(known, external_id)
            return self._comment(item) if item else self._read_one(external_id)

        return self._again(wanted, read)

    def _read_one(self, external_id: str) -> Mention:
        ways: tuple[Callable[[], Mention], ...] = (
            lambda: self._comment(self._get(external_id, fields=COMMENT)),
            lambda: self._mentioned(external_id, ""),
            lambda: self._mentioned("", external_id),
        )
        for read in ways:  # what is not ours is only shown as a mention
            try:
                return read()
            except RejectedError as error:
                if error.code != "not_found":
                    raise
        raise RejectedError("not_found")

    # -- Told -------------------------------------------------------------------

    def _read_change(
        self, field: str, value: dict[str, Any], moment: datetime | None
    ) -> list[Mention]:
        if field in ("comments", "live_comments"):
            return [self._comment(value, posted_at=moment)]
        if field == "story_insights":
            return []
        if field != "mentions":
            return super()._read_change(field, value, moment)
        comment, media = clean_id(value.get("comment_id")), clean_id(value.get("media_id"))
        try:
            return [self._mentioned(comment, media)]
        except RejectedError as error:
            if error.code != "not_found":
                raise
            return []  # deleted before we could look

    # -- Answered ---------------------------------------------------------------

    def publish(self, reply: Reply) -> Published:
        """An answer to a comment (one to an answer joins it), to a mention, or a message.

        :raises RejectedError: ``too_long``, ``bad_picture``, ``parent_gone``, …
        """
        self._check(reply)
        if reply.visibility != "public":
            return self._send(reply)
        path, data = f"{reply.parent.external_id}/replies", {"message": reply.body}
        if reply.parent.kind == "mention":
            comment, media = reply.parent.external_id, reply.parent.thread_external_id
            path = f"{self._own_id()}/mentions"
            data |= {"media_id": media, **({"comment_id": comment} if comment != media else {})}
        answer = self._publish(path, data)
        return Published(clean_id(answer.get("id")), reply.parent.url, self.clock())

    def find_published(self, reply: Reply, since: datetime) -> list[Published]:
        """Own answers to the same comment, or own messages, with the same text.

        :raises RejectedError: ``cannot_read_back`` for an answer to a mention
        """
        parent = reply.parent
        media, person = parent.thread_external_id, parent.author.external_id
        if reply.visibility == "direct":
            return self._find_sent(reply, self._talk_with(media), since)
        if parent.kind == "mention" or (reply.visibility != "public" and not person.isdigit()):
            raise RejectedError("cannot_read_back")
        if reply.visibility == "private_reply":
            return self._find_sent(reply, self._talk_with(person), since)
        above = parent.parent_external_id
        first = parent.external_id if above in ("", media) else above

        def read(token: str) -> Rows:
            items, following = self._page(f"{first}/replies", token, fields=COMMENT)
            return self._rows(items, lambda item: [self._comment(item, media)]), following

        # All of them: nobody says in which order they are listed.
        return self._same(reply, self._down_to(datetime.min, read), since)

    def hide(self, mention: Mention, on: bool) -> None:
        """Hide a comment on our own media, or show it again."""
        if mention.kind != "comment":
            raise RejectedError("cannot_hide")
        self._ask("POST", mention.external_id, data={"hide": "true" if on else "false"})
