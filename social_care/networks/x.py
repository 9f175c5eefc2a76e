"""X, through its API v2, which charges for what is read and written.

https://docs.x.com/x-api/ (timelines, posts, direct messages, likes, activity, webhooks) and
/x-api/getting-started/pricing, read 2026-11-22.

- A post's ``external_id`` is the first of its versions' ids: an edit makes a new one. A private
  message's is ``dm:`` and its id, so that nobody asks for it among the posts. Authors go by id.
- Lists are asked for with a ``since_id`` made from a time, not from a post: what is read is new,
  and no deleted or edited post leaves a gap. Private messages have no such thing.
- Mentions hold answers to us, too. Posts that quote us without our name come by webhook only.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from . import x_wire as wire
from .access import Guide
from .base import post_of
from .base import words as _
from .cleaning import clean_datetime, clean_id
from .exceptions import RejectedError, TransientError
from .jsontext import part
from .types import Mention, Page, Profile, Published, Reply
from .walk import read_each, walk_back
from .x_client import MESSAGES, SCOPES, Item, refusal_of
from .x_webhook import XWebhook

OVERLAP = timedelta(minutes=1)  # for what X's lists show late
REACHABLE = 800  # mentions; older ones no page shows
READ_BACK_PAGES = 10
TURNS = {"mentions": "own", "own": "direct", "direct": ""}  # a list → the one walked after it


class X(XWebhook):
    """An account on X, by a login to an app of the company's own."""

    code = "x"
    name = "X"
    max_length = 280
    max_direct_length = 10_000
    supports_webhook = True
    supports_direct = True
    supports_media = True
    supports_like = True
    supports_hide = True
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
        return wire.count_length(text)

    @classmethod
    def measure(cls, text: str, visibility: str) -> tuple[int, int]:
        """Posts are weighted; private messages are long and counted plainly."""
        if visibility == "direct":
            return len(text), cls.max_direct_length
        return super().measure(text, visibility)

    def verify(self) -> Profile:
        """The token's account, once all three lists were asked for; that costs almost nothing."""
        profile = self._me(self.credentials.access_token)
        self._own = profile.external_id
        for name, limit in (("mentions", 5), ("own", 5), ("direct", 1)):
            self._list(name, self.clock(), "", limit)
        return profile

    def fetch(self, cursor: dict[str, Any], since: datetime | None) -> Page:
        """One page of mentions; when those are done, of our own answers, then of messages.

        The cursor holds one of :mod:`.walk` for each list, ``turn`` for the list that is
        walked, ``count`` of this walk, and ``gap`` where X shows no more than it did.
        """
        turn = cursor["turn"] if cursor.get("turn") in TURNS else "mentions"
        mine, now = part(cursor, turn), self.clock()
        high = clean_datetime(mine.get("high"))
        floors = [floor for floor in (high and high - OVERLAP, since) if floor]

        def read(token: str) -> tuple[list[Item], str]:
            items, following = self._list(turn, max(floors, default=None), token)
            # What an earlier poll read costs nothing more on the same day.
            self.reads += sum(high is None or (_place(item) or now) > high for item in items)
            return items, following

        step = walk_back(mine, since, read, _place, now)
        count = len(step.items) + (int(cursor.get("count", 0)) if mine.get("walk") else 0)
        lists = {name: part(cursor, name) for name in TURNS} | {turn: step.cursor}
        after = turn if step.more else TURNS[turn]
        gap = step.cursor.pop("gap", "")
        if turn == "mentions" and not step.more and count >= REACHABLE:
            gap = min(filter(None, map(_place, step.items)), default=now).isoformat()
        told = {**lists, "turn": after, "count": count, **({"gap": gap} if gap else {})}
        mentions, problems = read_each(step.items, self._read)
        return Page(mentions, told, bool(after), problems)

    def fetch_context(self, mention: Mention) -> dict[str, Any]:
        """The first post of the thread and the one answered: one request, two paid reads."""
        wanted = {"root": mention.thread_external_id, "parent": mention.parent_external_id}
        ids = sorted({item for item in wanted.values() if item and item != mention.external_id})
        if mention.kind == "direct" or not ids:
            return {}
        posts: dict[str, dict[str, Any]] = {}
        for item in self._posts(ids)[0]:
            posts |= dict.fromkeys(wire.history_of(item[0]), post_of(self._mention(item)))
        return {end: posts[wanted[end]] for end in wanted if wanted[end] in posts}

    def refresh(self, external_ids: list[str]) -> list[Mention]:
        """The posts as they are now, in their last version; messages are left out."""
        ids = [item for item in external_ids if item.isascii() and item.isdecimal()]
        found: dict[str, Mention] = {}
        for start in range(0, len(ids), 100):
            items, gone = self._posts(ids[start : start + 100])
            newest = [wire.history_of(data)[-1] for data, _includes in items]
            edited = [item for item in newest if item not in ids]
            items += self._posts(edited)[0] if edited else []
            mentions = [*read_each(items, self._mention)[0]]
            mentions += [Mention(item, deleted_at=self.clock()) for item in gone if item in ids]
            found |= {mention.external_id: mention for mention in mentions}
        return list(found.values())

    # -- Answering ------------------------------------------------------------

    def publish(self, reply: Reply) -> Published:
        """Answer the post, which names its author by itself, or write to the author.

        :raises RejectedError: with one of :data:`.x_client.REFUSALS`, or ``not_allowed``
        :raises TransientError: ``no_id`` where it may have been published
        """
        if _is_direct(reply):
            return self._write(reply)
        body: dict[str, Any] = {
            "text": self.prepare_text(reply.body, reply.parent),
            "reply": {"in_reply_to_tweet_id": reply.parent.external_id},
        }
        if reply.attachments:
            ids = [self._upload(item, "tweet_image") for item in reply.attachments]
            body["media"] = {"media_ids": ids}
        data = part(self._ask("POST", "/2/tweets", json=body, errors=refusal_of), "data")
        post_id = clean_id(data.get("id"))
        handle = self.credentials.handle or "i"
        return _published(post_id, f"https://x.com/{handle}/status/{post_id}")

    def _write(self, reply: Reply) -> Published:
        body: dict[str, Any] = {"text": self.prepare_text(reply.body, reply.parent)}
        if len(reply.attachments) > 1:
            raise RejectedError("one_picture")
        for item in reply.attachments:
            body["attachments"] = [{"media_id": self._upload(item, "dm_image")}]
        path = self._conversation(reply) + "/messages"
        data = part(self._ask("POST", path, json=body, errors=refusal_of), "data")
        message_id = clean_id(data.get("dm_event_id"))
        url = f"https://x.com/messages/{data.get('dm_conversation_id')}"
        return _published(message_id and wire.DIRECT + message_id, url)

    def _conversation(self, reply: Reply) -> str:
        person = reply.parent.author.external_id
        if not (person.isascii() and person.isdecimal()):
            raise RejectedError("no_direct")
        return f"/2/dm_conversations/with/{person}"

    def is_same_text(self, sent: str, shown: str) -> bool:
        """Equal but for the handles that X puts before an answer, and an address' scheme."""
        return wire.as_sent(sent) == wire.as_sent(shown)

    def find_published(self, reply: Reply, since: datetime) -> list[Published]:
        """Own answers to the same post, or own messages to the same person, with this text.

        :raises RejectedError: ``cannot_read_back`` where it could be further down
        """
        read = partial(self._list, "own", since)
        if _is_direct(reply):
            path = self._conversation(reply) + "/dm_events"
            read = partial(self._page, path, {**MESSAGES, "max_results": 100})
        token, posts = "", list[Mention]()
        for _page in range(READ_BACK_PAGES):
            items, token = read(token)
            self.reads += len(items)
            posts += read_each(items, self._read)[0]
            if not token or any((_place(item) or since) < since for item in items[-1:]):
                if _is_direct(reply):  # a message answers nothing by name
                    parent_id = reply.parent.external_id
                    posts = [replace(post, parent_external_id=parent_id) for post in posts]
                return self.pick_published(reply, since, posts)
        raise RejectedError("cannot_read_back")

    def like(self, mention: Mention, on: bool) -> None:
        """Like a post as the brand, or take it back."""
        if mention.kind == "direct":
            raise RejectedError("cannot_like")
        path = f"/2/users/{self._own_id()}/likes"
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
        try:
            self._ask("PUT", path, json={"hidden": on}, errors=refusal_of)
        except RejectedError as error:
            code = "not_ours_to_hide" if error.code == "not_allowed" else error.code
            raise RejectedError(code, status=error.status) from None


def _place(item: Item) -> datetime | None:
    return wire.moment_of(item[0])


def _is_direct(reply: Reply) -> bool:
    return reply.visibility != "public" or reply.parent.kind == "direct"


def _published(external_id: str, url: str) -> Published:
    if not external_id:
        raise TransientError("no_id")
    return Published(external_id, url, wire.moment_of_id(external_id))
