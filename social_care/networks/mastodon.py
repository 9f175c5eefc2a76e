"""Mastodon, and other servers that speak its client API.

https://docs.joinmastodon.org/methods/ (notifications, statuses, accounts), read 2026-11-22. Requests
and the login are in :mod:`.mastodon_server`, shapes in :mod:`.mastodon_posts`. Servers differ: what
their lists tell is filtered again here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from .access import Guide
from .base import profile_of
from .base import words as _
from .cleaning import clean_count, clean_id
from .context import context_of
from .exceptions import RejectedError, answering, before_publishing, deleting, renamed
from .jsontext import Json, dicts, part
from .mastodon_posts import (
    LIKED,
    NOTIFICATIONS,
    author_of,
    like_in,
    mention_of,
    place_of,
    said_in,
)
from .mastodon_server import SCOPES, MastodonServer
from .text import count_graphemes, letters, normalise_text
from .types import Mention, Page, Profile, Published, Reply
from .walk import read_back, read_each, until_limited, walk_lists

OPEN = ("public", "unlisted")
URL_LENGTH = 23  # characters_reserved_per_url
_URL = re.compile(r"(?i)https?://[^\s/?#<>\"]+\.[^\W\d_]{2,}(?::\d+)?(?:[/?#][^\s<>\"]*)?")
# Servers show a far handle without its server.
_REMOTE = re.compile(r"(?<![\w/=])(@\w[\w.-]{0,100})@[\w.:-]*\w")


class Mastodon(MastodonServer):
    """An account on a server of the fediverse, by a login there or a pasted token.

    ``has_idempotency_key`` is False although Mastodon honours the header for an hour:
    other servers ignore it and nothing they publish tells which do. So the outbox
    looks before it sends again, and the header, always sent, is a second net.
    """

    code = "mastodon"
    name = "Mastodon"
    max_length = 500
    recommended_minutes = 120
    supports_direct = True
    supports_media = True
    supports_like = True
    supports_edit = True
    supports_delete = True
    changes_private = True
    guide = Guide(
        demands=(_("An account on the server, and the server's address. It costs nothing."),),
        steps=(
            _("Enter the server's address, for instance https://mastodon.example."),
            _("Log in there as the brand and allow reading and writing."),
            _(
                "Or, as an administrator, paste a token into the account: on the server open "
                "Preferences, Development, New application, and copy its access token."
            ),
        ),
        permissions=tuple(SCOPES.split()),
    )

    @classmethod
    def count_length(cls, text: str) -> int:
        """Graphemes, an address as 23, a far handle without its server.

        https://docs.joinmastodon.org/user/posting/#text, read 2026-11-22.

        >>> Mastodon.count_length("@ana@far.example see https://example.com/a/very/long/address")
        32
        """
        return count_graphemes(_REMOTE.sub(r"\1", _URL.sub("x" * URL_LENGTH, text)))

    def verify(self) -> Profile:
        """The token's account, once notifications and own posts have been read with it."""
        account = self._ask("GET", "/api/v1/accounts/verify_credentials").data()
        self.own_id = clean_id(account.get("id"))
        if not self.own_id:
            raise RejectedError("not_this_network")
        self._notifications()
        self._own_posts()
        instance = self._instance()
        settings = part(part(instance, "configuration"), "statuses")
        limit = settings.get("max_characters") or instance.get("max_toot_chars")
        domain = str(instance.get("domain") or "") or self._domain
        profile = profile_of(author_of(account, "", domain), clean_count(limit) or self.max_length)
        return replace(profile, external_id=self.own_id)

    @property
    def _domain(self) -> str:
        """What stands behind the @ of local people: not always the server's host."""
        told = self.credentials.handle.lstrip("@").partition("@")[2]
        return (told or urlsplit(self.credentials.base_url).netloc).lower()

    # -- Reading ------------------------------------------------------------------

    def fetch(self, cursor: Json, since: datetime | None) -> Page:
        """One page of notifications; when those are done, one of our own answers.

        The cursor is that of :func:`.walk_lists`.
        """
        lists = {"notifications": self._notifications, "own": self._own_posts}
        _turn, step = walk_lists(cursor, since, lists, place_of, self.clock())
        own_id, domain = self.own_id, self._domain
        mentions, problems = read_each(step.items, lambda item: said_in(item, own_id, domain))
        likes = tuple(like for item in step.items if (like := like_in(item, domain)))
        return Page(mentions, step.cursor, step.more, problems, likes)

    def _notifications(self, token: str = "") -> tuple[Sequence[Any], str]:
        return self._page("/api/v1/notifications", {"types[]": [*NOTIFICATIONS, LIKED]}, token)

    def _own_posts(self, token: str = "") -> tuple[Sequence[Any], str]:
        path = f"/api/v1/accounts/{quote(self.own_id, safe='')}/statuses"
        return self._page(path, {"exclude_reblogs": "true"}, token)

    def fetch_context(self, mention: Mention) -> Json:
        """The first post of the thread, the one answered, and up to 40 others."""
        data = self._status(mention.external_id, "/context").json()
        above, below = (
            # Not another customer's private post, which our token may see too.
            [m for m in self._mentions(dicts(data, key)) if m.own or m.visibility in OPEN]
            for key in ("ancestors", "descendants")
        )
        return context_of(above, below)

    def refresh(self, external_ids: list[str]) -> list[Mention]:
        """The posts as they are now; a 404 is a deletion, or a post hidden from us.

        Stops early where the rate limit is met: what is not in the list was not read.
        """

        def reread(external_id: str) -> tuple[Mention, ...]:
            try:
                # An answer that is no status says nothing about this one.
                return self._mentions([self._status(external_id).json()])
            except RejectedError as error:
                if error.code != "not_found":
                    raise
                return (Mention(external_id, deleted_at=self.clock()),)

        return until_limited(external_ids, reread)

    def _mention(self, status: Any) -> Mention:
        return mention_of(status, self.own_id, self._domain)

    def _mentions(self, statuses: Iterable[Any]) -> tuple[Mention, ...]:
        return read_each(statuses, self._mention)[0]

    # -- Answering ---------------------------------------------------------------

    def like(self, mention: Mention, on: bool) -> None:
        """Favourite it, or take that back."""
        self._status(mention.external_id, "/favourite" if on else "/unfavourite", method="POST")

    def edit(self, external_id: str, reply: Reply) -> None:
        """Give the status another text. What is not said again, as its pictures, would be lost."""
        with renamed(RejectedError, "answer_gone", "not_found"):
            status = self._status(external_id).data()
        data = {
            "status": self.prepare_text(reply.body, reply.parent),
            "media_ids": [item.get("id") for item in dicts(status, "media_attachments")],
            "language": status.get("language"),
        }
        with renamed(RejectedError, "cannot_edit", "not_found"):  # there are servers without
            self._status(external_id, method="PUT", json=data)

    def delete(self, external_id: str) -> None:
        """Delete the status, for everybody."""
        with deleting(lambda: self._status(external_id)):  # there are servers without
            self._status(external_id, method="DELETE")

    def prepare_text(self, body: str, mention: Mention) -> str:
        """The body with the customer's handle in it: who is not named is not notified.

        Somebody far needs the server's name: the bare name is a local person's.
        """
        user, _at, domain = mention.author.handle.lstrip("@").partition("@")
        local = not domain or domain.lower() == self._domain
        server = f"(?:@{re.escape(domain)}){'?' if local else ''}"
        pattern = rf"(?i)(?<![\w/])@{re.escape(user)}{server}(?![\w@]|[.:-]\w)"
        if not user or re.search(pattern, body):
            return body
        # A local name alone is understood by every server; some trip over their own port.
        return f"@{user} {body}" if local else f"@{user}@{domain} {body}"

    def publish(self, reply: Reply) -> Published:
        """Post the answer; never more public than what it answers.

        :raises RejectedError: ``parent_gone``, ``bad_picture`` or ``rejected``
        :raises TransientError: ``no_id`` where it may have been published
        """
        data: Json = {
            "status": self.prepare_text(reply.body, reply.parent),
            "in_reply_to_id": reply.parent.external_id,
            "visibility": _visibility(reply),
        }
        if reply.lang:
            data["language"] = reply.lang.split("_")[0]
        key = {"Idempotency-Key": self.record_key(reply.idempotency_key, reply.body)}
        with answering():
            with before_publishing():
                # Not every server refuses an answer to what is gone; some publish it to everybody.
                self._status(reply.parent.external_id)
                if reply.attachments:
                    data["media_ids"] = [self._upload(item) for item in reply.attachments]
            answer = self._ask("POST", "/api/v1/statuses", json=data, headers=key)
            post = self._mention(answer.json())
        return Published(post.external_id, post.url, post.posted_at)

    def is_same_text(self, sent: str, shown: str) -> bool:
        """Equal letters and digits: servers shorten handles, make marks bold, ``:)`` a picture."""
        texts = [letters(normalise_text(_REMOTE.sub(r"\1", text))) for text in (sent, shown)]
        return texts[0] == texts[1]

    def find_published(self, reply: Reply, since: datetime) -> list[Published]:
        """Own answers to the same post since then that say the same.

        :raises RejectedError: ``cannot_read_back`` where an answer could be and not be seen
        """
        try:
            # First the thread: snac's list of our posts lacks the direct ones.
            thread = self._status(reply.parent.external_id, "/context").json()
        except RejectedError:
            if _visibility(reply) == "direct":
                raise RejectedError("cannot_read_back") from None
            thread = {}  # the post is gone; what answered it in public is in our list
        below = self._mentions(dicts(thread, "descendants"))
        own = read_back(self._own_posts, place_of, since)
        return self.pick_published(reply, since, below) or self.pick_published(
            reply, since, self._mentions(own)
        )


def _visibility(reply: Reply) -> str:
    """Mastodon's word for where an answer goes: never wider than what it answers."""
    asked = reply.parent.visibility
    return asked if reply.visibility == "public" and asked in OPEN else "direct"
