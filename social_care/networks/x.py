"""X, through its API v2, which charges for what is read and written.

https://docs.x.com/x-api/ (timelines, posts, direct messages, likes) and
/x-api/getting-started/pricing, read 2026-11-22. Requests are in :mod:`.x_api`, webhooks
in :mod:`.x_webhooks`, shapes in :mod:`.x_posts`.

- Ids hold their time. Lists are asked for with a ``since_id`` made from a time, not from a post:
  what is read is new, and no deleted or edited post leaves a gap. Private messages have no such thing.
- Mentions hold answers to us, too. Posts that quote us without our name come by webhook only.
- X does not repeat a call that failed, so lists are asked for as well. It charges a post once a
  day, called or asked for: reads are counted where it is asked for.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from .access import Guide
from .base import profile_of
from .base import words as _
from .cleaning import clean_datetime, clean_id
from .context import post_of
from .exceptions import (
    RejectedError,
    TransientError,
    ignoring,
    renamed,
)
from .jsontext import Json, part
from .text import normalise_text
from .types import Mention, Page, Profile, Published, Reply
from .walk import read_back, walk_lists
from .x_api import SCOPES, refusal_of
from .x_posts import DIRECT, Item, count_weighted, moment_of_id, place_of, versions_of
from .x_webhooks import XCalls

WALKED = ("mentions", "own", "direct")
OVERLAP = timedelta(minutes=1)  # for what X's lists show late
REACHABLE = 800  # mentions; older ones no page shows
ADDED = re.compile(r"(?i)^(?:@\w{1,15}\s+)+|\bhttps?://")  # to what we said


class X(XCalls):
    """An account on X, by a login to an app of the company's own."""

    code = "x"
    name = "X"
    max_length = 280
    recommended_minutes = 120
    max_direct_length = 10_000
    supports_webhook = True
    supports_direct = True
    supports_media = True
    supports_like = True
    supports_hide = True
    supports_delete = True
    poll_minutes = 5
    login = "oauth"
    needs_app = True
    renews = True
    charges_reads = True
    media_types = ("image/jpeg", "image/png", "image/webp")
    max_media_bytes = 5_000_000
    guide = Guide(
        demands=(
            _("A developer account with paid credit."),
            _("A post read costs about 0.5 US cents, a message 1, an answer 1.5, with a link 20."),
            _("X lets most apps answer only posts that name or quote the brand."),
            _("To be called at once: a public https address without a port."),
        ),
        meanwhile=_("Without a public address Odoo asks for new messages every five minutes."),
        steps=(
            _("Create an app, pay in credit and set a monthly limit."),
            _(
                "Make it a web app that reads, writes and sends direct messages; paste our callback."
            ),
            _("Copy the OAuth 2.0 client id and client secret to key and secret."),
            _("Copy the API key secret to second secret: with it X signs its calls."),
            _("Copy the bearer token to app token: with it Odoo registers its address."),
            _("Log in as the brand and allow everything that is asked for."),
        ),
        permissions=tuple(SCOPES.split()),
        console_url="https://console.x.com",
    )

    @classmethod
    def count_length(cls, text: str) -> int:
        """Weighted characters: an address 23, an emoji 2, letters beyond Georgian 2."""
        return count_weighted(text)

    @classmethod
    def measure(cls, text: str, visibility: str) -> tuple[int, int]:
        """Posts are weighted; private messages are long and counted plainly."""
        if visibility == "direct":
            return len(text), cls.max_direct_length
        return super().measure(text, visibility)

    def verify(self) -> Profile:
        """The token's account, once all three lists were asked for; that costs almost nothing."""
        profile = profile_of(self._me())
        for name, limit in zip(WALKED, (5, 5, 1), strict=True):
            self._list(name, self.clock(), max_results=limit)
        return profile

    # -- Reading ----------------------------------------------------------------

    def fetch(self, cursor: Json, since: datetime | None) -> Page:
        """One page of mentions; when those are done, of our own answers, then of messages.

        The cursor is that of :func:`.walk_lists`, with ``count`` of the mentions of this walk,
        and ``gap`` where X shows no more of them.
        """
        now = self.clock()

        def read(name: str, token: str) -> tuple[list[Item], str]:
            high = clean_datetime(part(cursor, name).get("high"))
            floors = [floor for floor in (high and high - OVERLAP, since) if floor]
            return self._list(name, max(floors, default=None), token, known=high)

        lists = {name: partial(read, name) for name in WALKED}
        turn, step = walk_lists(cursor, since, lists, place_of, now)
        told = step.cursor
        if turn == "mentions":
            before = cursor.get("count", 0) if "walk" in part(cursor, turn) else 0
            told["count"] = before + len(step.items)
            if told["turn"] != turn and told["count"] >= REACHABLE:
                told["gap"] = min(filter(None, map(place_of, step.items)), default=now).isoformat()
        mentions, problems = self._said(step.items)
        return Page(mentions, told, step.more, problems)

    def fetch_context(self, mention: Mention) -> Json:
        """The first post of the thread and the one answered: one request, two paid reads."""
        wanted = {"root": mention.thread_external_id, "parent": mention.parent_external_id}
        ids = sorted({item for item in wanted.values() if item and item != mention.external_id})
        if mention.kind == "direct" or not ids:
            return {}
        posts: dict[str, Json] = {}
        for item in self._posts(ids)[0]:
            for post in self._mentions([item]):
                posts |= dict.fromkeys(versions_of(item[0]), post_of(post))
        return {end: posts[wanted[end]] for end in wanted if wanted[end] in posts}

    def refresh(self, external_ids: list[str]) -> list[Mention]:
        """The posts as they are now, in their last version; messages are left out."""
        ids = [item for item in external_ids if item.isascii() and item.isdecimal()]
        items, gone = self._posts(ids)
        edited = {versions_of(data)[-1] for data, _beside in items} - {"", *ids}
        items += self._posts(sorted(edited))[0]
        found = {mention.external_id: mention for mention in self._mentions(items)}
        found |= {item: Mention(item, deleted_at=self.clock()) for item in gone if item in ids}
        return list(found.values())

    # -- Answering ------------------------------------------------------------

    def publish(self, reply: Reply) -> Published:
        """Answer the post, which names its author by itself, or write to the author.

        :raises RejectedError: with one of :data:`REFUSALS`, or ``not_allowed``
        :raises TransientError: ``no_id`` where it may have been published
        """
        body: Json = {"text": reply.body}
        if person := _person(reply):
            if len(reply.attachments) > 1:
                raise RejectedError("one_picture")
            media = [{"media_id": item} for item in self._upload(reply, "dm_image")]
            body |= {"attachments": media} if media else {}
            path = f"/2/dm_conversations/with/{person}/messages"
        else:
            body["reply"] = {"in_reply_to_tweet_id": reply.parent.external_id}
            ids = self._upload(reply, "tweet_image")
            body |= {"media": {"media_ids": ids}} if ids else {}
            path = "/2/tweets"
        data = part(self._ask("POST", path, json=body, errors=refusal_of), "data")
        if message_id := clean_id(data.get("dm_event_id")):
            external_id = DIRECT + message_id
            url = f"https://x.com/messages/{data.get('dm_conversation_id')}"
        elif external_id := clean_id(data.get("id")):
            url = f"https://x.com/{self.credentials.handle or 'i'}/status/{external_id}"
        else:
            raise TransientError("no_id")
        return Published(external_id, url, moment_of_id(external_id))

    def is_same_text(self, sent: str, shown: str) -> bool:
        """Equal but for the handles that X puts before an answer, and an address' scheme."""
        sent, shown = (ADDED.sub("", normalise_text(text)) for text in (sent, shown))
        return sent == shown

    def find_published(self, reply: Reply, since: datetime) -> list[Published]:
        """Own answers to the same post, or own messages to the same person, with this text.

        :raises RejectedError: ``cannot_read_back`` where it could be further down
        """
        person, parent_id = _person(reply), reply.parent.external_id
        name = "conversation" if person else "own"
        items = read_back(partial(self._list, name, since, who=person), place_of, since)
        posts = self._said(items)[0]
        if person:  # a message answers nothing by name
            posts = tuple(replace(post, parent_external_id=parent_id) for post in posts)
        return self.pick_published(reply, since, posts)

    def delete(self, external_id: str) -> None:
        """Delete a post with all its versions. A private message stays with whom it went to.

        https://docs.x.com/x-api/posts/manage-tweets, read 2026-11-25.
        """
        if external_id.startswith(DIRECT):
            raise RejectedError("cannot_delete")
        with ignoring("not_found"), renamed(RejectedError, "cannot_delete", "not_allowed"):
            path = f"/2/tweets/{external_id}"
            data = part(self._ask("DELETE", path, errors=refusal_of), "data")
            if data.get("deleted") is not True:
                raise RejectedError("cannot_delete")

    def like(self, mention: Mention, on: bool) -> None:
        """Like a post as the brand, or take it back."""
        if mention.kind == "direct":
            raise RejectedError("cannot_like")
        path = f"/2/users/{self.own_id}/likes"
        if on:
            self._ask("POST", path, json={"tweet_id": mention.external_id})
        else:
            self._ask("DELETE", f"{path}/{mention.external_id}")

    def hide(self, mention: Mention, on: bool) -> None:
        """Hide an answer below one of our own posts, or show it again.

        :raises RejectedError: ``not_ours_to_hide`` where the thread is somebody else's
        """
        if mention.kind == "direct":
            raise RejectedError("cannot_hide")
        path = f"/2/tweets/{mention.external_id}/hidden"
        with renamed(RejectedError, "not_ours_to_hide", "not_allowed"):
            self._ask("PUT", path, json={"hidden": on}, errors=refusal_of)


def _person(reply: Reply) -> str:
    """The id of whom a private message goes to; "" for a public answer."""
    if reply.visibility == "public" and reply.parent.kind != "direct":
        return ""
    person = reply.parent.author.external_id
    if not (person.isascii() and person.isdecimal()):
        raise RejectedError("no_direct")
    return person
