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

import contextlib
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from .base import words as _
from .cleaning import clean_id
from .context import MAX_OTHERS, post_of
from .exceptions import RejectedError
from .jsontext import Json, dicts, part
from .meta import GUIDE, Listed
from .meta_inbox import Inbox
from .types import Author, Media, Mention, Profile, Reply, Situation

COMMENT = "id,text,timestamp,username,from,like_count,parent_id,media{id,permalink}"
COMMENT_ID = re.compile(r"[0-9]+")  # a message's has letters
THREAD = f"{COMMENT},replies.limit(50){{{COMMENT}}}"
MEDIA = "id,caption,media_type,media_url,thumbnail_url,permalink,timestamp,username"
MENTIONED = {  # what may be asked of somebody else's
    "mentioned_comment.comment_id": "id,text,timestamp,username,like_count,media{id}",
    "mentioned_media.media_id": "id,caption,media_type,media_url,timestamp,username,like_count",
}
LAST_MESSAGES = 20  # of a conversation; Instagram refuses to tell older ones


class Instagram(Inbox):
    """An Instagram account, by the access token of the page it is linked to."""

    code = "instagram"
    name = "Instagram"
    app_networks = ("facebook",)
    platform = "instagram"
    account_fields = "id,instagram_business_account{id,username,name,profile_picture_url}"
    context_fields = f"{MEDIA},comments.limit({MAX_OTHERS}){{{COMMENT}}}"
    answered_for = timedelta(days=7)
    max_length = 2200  # characters of a comment
    max_message = 1000  # bytes
    supports_hide = True
    supports_delete = True
    guide = replace(
        GUIDE,
        demands=(*GUIDE.demands, _("A professional Instagram account, linked to a Facebook page.")),
        steps=(
            *GUIDE.steps,
            _(
                "Add Webhooks, choose Instagram, and enter the webhook address and the verify token."
            ),
            _("Subscribe there to comments, mentions, messages and message_edit."),
            _("In Instagram, allow access to messages for connected tools."),
            _("Log in here and choose the page that the account is linked to."),
        ),
        permissions=(
            *GUIDE.permissions,
            *("instagram_basic", "instagram_manage_comments", "instagram_manage_messages"),
        ),
    )

    @classmethod
    def count_length(cls, text: str) -> int:
        """UTF-8 bytes, as a message is counted; a comment's characters are never more."""
        return len(text.encode())

    @classmethod
    def ways(cls, mention: Mention, situation: Situation) -> dict[str, str]:
        """As everywhere; only a comment on our own media can be answered in private."""
        ways = super().ways(mention, situation)
        if mention.kind == "mention":
            ways.pop("private_reply", None)
        return ways

    def _profile(self, page: Json) -> Profile:
        account = part(page, "instagram_business_account")
        handle = account.get("username") or ""
        return Profile(
            external_id=account.get("id", ""),
            handle=handle,
            name=account.get("name") or handle,
            url=f"https://www.instagram.com/{handle}/" if handle else "",
            avatar_url=account.get("profile_picture_url", ""),
        )

    # -- Asked for --------------------------------------------------------------

    def _posts(self, token: str) -> Listed:
        return self._page(f"{self.own_id}/media", token, fields="id,timestamp,comments_count")

    def _comments(self, post: str, token: str) -> Listed:
        items, following = self._page(f"{post}/comments", token, fields=THREAD)
        said = list[Json]()
        for item in items:
            answers = dicts(item.pop("replies", {}), "data")
            # Answers before their comment: it is the comment that has its place in the list.
            said += [*({"parent_id": item.get("id"), **answer} for answer in answers), item]
        return said, following

    def _messages(self, talk: str, token: str, **params: Any) -> Listed:
        return super()._messages(talk, token, limit=LAST_MESSAGES)[0], ""

    def _post(self, item: Json) -> Mention:
        return self._comment("", item)

    def _comment(self, post: str, item: Json, **changes: Any) -> Mention:
        """A comment, or the caption of a media.

        :param post: id of the media it was said below; "" where the item tells
        """
        external_id = clean_id(item.get("id"))
        media = post or clean_id(part(item, "media").get("id"))
        sender = {"username": item.get("username"), **part(item, "from")}
        name = clean_id(sender.get("username"))
        # A mention tells no id of its author, but the name, which is one person's.
        person = clean_id(sender.get("id")) or (f"@{name}" if name else f"unknown:{external_id}")
        picture = item.get("thumbnail_url") or item.get("media_url")
        return self._mention(
            item,
            external_id,
            Author(self.own_id if self._is_own(sender) else person, name, name),
            kind="comment",
            url=item.get("permalink") or part(item, "media").get("permalink"),
            thread_external_id=media or external_id,
            parent_external_id=item.get("parent_id") or media,
            media=(Media(picture),) if picture else (),
            **changes,
        )

    def _mentioned(self, comment: str, media: str) -> Mention:
        """Somebody's comment, or the caption of their media, that names us."""
        edge = "mentioned_comment.comment_id" if comment else "mentioned_media.media_id"
        fields = f"{edge}({comment or media}){{{MENTIONED[edge]}}}"
        told = self._get(self.own_id, fields=fields)
        item = part(told, edge.partition(".")[0])
        if not item:
            raise RejectedError("not_found")
        return replace(self._comment(media if comment else "", item), kind="mention")

    def _fields(self, external_id: str) -> str:
        return COMMENT

    def _reread(self, external_id: str, item: Json) -> Mention:
        # What is not ours is only shown as a mention.
        with contextlib.suppress(RejectedError):
            return self._post(item or self._get(external_id, fields=COMMENT))
        with contextlib.suppress(RejectedError):
            return self._mentioned(external_id, "")
        return self._mentioned("", external_id)

    def fetch_context(self, mention: Mention) -> dict[str, Any]:
        """As everywhere; of somebody else's media no comments are told."""
        media = mention.thread_external_id
        if media == mention.external_id:
            return {}
        if mention.kind == "mention":
            return {"root": post_of(self._mentioned("", media))}
        return super().fetch_context(mention)

    # -- Told -------------------------------------------------------------------

    def _read_change(self, field: str, value: Json, moment: datetime) -> Mention | None:
        if field in ("comments", "live_comments"):
            return self._comment("", value, posted_at=moment)
        if field == "story_insights":
            return None
        if field != "mentions":
            return self._read_message(value)
        comment, media = clean_id(value.get("comment_id")), clean_id(value.get("media_id"))
        try:
            return self._mentioned(comment, media)
        except RejectedError as error:
            if error.code != "not_found":
                raise
            return None  # deleted before we could look

    # -- Answered ---------------------------------------------------------------

    def _say(self, reply: Reply) -> Json:
        """To a comment (an answer to an answer joins its comment), or to a mention."""
        parent, data = reply.parent, {"message": reply.body}
        if parent.kind != "mention":
            return self._ask("POST", f"{parent.external_id}/replies", data=data)
        comment, media = parent.external_id, parent.thread_external_id
        data |= {"media_id": media, **({"comment_id": comment} if comment != media else {})}
        return self._ask("POST", f"{self.own_id}/mentions", data=data)

    def _answers(self, reply: Reply, since: datetime) -> Sequence[Mention]:
        parent, media = reply.parent, reply.parent.thread_external_id
        person, above = parent.author.external_id, parent.parent_external_id
        private = reply.visibility != "public"
        if parent.kind == "mention" or (private and not person.isdigit()):
            raise RejectedError("cannot_read_back")
        if private:
            return self._conversation(person, since)
        first = parent.external_id if above in ("", media) else above
        read = partial(self._page, f"{first}/replies", fields=COMMENT)
        # All of them: nobody says in which order they are listed.
        return self._down_to(datetime.min, read, partial(self._comment, media))

    def delete(self, external_id: str) -> None:
        """Delete our comment on our own media; on others' only they can, and a message stays."""
        self._delete_comment(external_id, COMMENT_ID)

    def hide(self, mention: Mention, on: bool) -> None:
        """Hide a comment on our own media, or show it again."""
        if mention.kind != "comment":
            raise RejectedError("cannot_hide")
        self._ask("POST", mention.external_id, data={"hide": "true" if on else "false"})
