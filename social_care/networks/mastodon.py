"""Mastodon, and other servers that speak its client API.

Documentation: https://docs.joinmastodon.org/methods/ (notifications, statuses, accounts, instance)
and https://docs.joinmastodon.org/entities/, read 2026-11-22. Servers differ, so
nothing rests on ``types[]``, ``min_id``, ``Link`` or ``Idempotency-Key``: lists are
walked backwards by ``max_id``, always with ``limit``, and filtered again here.

- A post's ``external_id`` is the server's own id of the status: answers need it, and
  it is unique within an account of ours. An author's is the actor's address,
  ``ana@mastodon.example``, the same seen from every server.
- There is no id of a conversation: ``thread_external_id`` is the post answered, or
  the post itself. A thread is followed through the parents.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from . import mastodon_wire as wire
from .base import normalise_text, post_of
from .base import words as _
from .cleaning import clean_count, clean_id
from .exceptions import RateLimited, RejectedError, TransientError, before_publishing
from .jsontext import dicts, part
from .mastodon_client import LIMIT, SCOPES, MastodonClient
from .text import letters
from .types import Guide, Mention, Page, Profile, Published, Reply
from .walk import read_each, walk_back

READ_BACK_PAGES = 10  # of own posts that find_published looks through
MAX_OTHERS = 40  # posts of a thread shown around a mention


class Mastodon(MastodonClient):
    """An account on a server of the fediverse, by a login there or a pasted token.

    ``has_idempotency_key`` is False although Mastodon honours the header for an hour:
    other servers ignore it and nothing they publish tells which do. So the outbox
    looks before it sends again, and the header, always sent, is a second net.
    """

    code = "mastodon"
    name = "Mastodon"
    max_length = 500
    supports_direct = True
    supports_media = True
    supports_like = True
    needs_base_url = True
    login = "oauth"
    registers_apps = True
    guide = Guide(
        demands=(_("An account on the server, and the server's address. It costs nothing."),),
        steps=(
            _("Enter the server's address, for instance https://mastodon.example."),
            _("Log in there as the brand and allow reading and writing."),
            _(
                "Or paste a token: on the server open Preferences, Development, New application, "
                "and copy its access token."
            ),
        ),
        permissions=tuple(SCOPES.split()),
    )

    @classmethod
    def count_length(cls, text: str) -> int:
        """Graphemes; an address counts 23, ``@ana@far.example`` as ``@ana``."""
        return wire.count_length(text)

    def verify(self) -> Profile:
        """The token's account, once notifications and own posts have been read with it."""
        account = self._me()
        self._own = clean_id(account.get("id"))
        self._notifications()
        self._own_posts()
        instance = self._instance()
        acct = str(account.get("acct") or account.get("username") or "")
        settings = part(part(instance, "configuration"), "statuses")
        limit = settings.get("max_characters") or instance.get("max_toot_chars")
        return Profile(
            external_id=self._own,
            handle=wire.full_address(acct, str(instance.get("domain") or "") or self._domain()),
            name=account.get("display_name") or acct,
            url=account.get("url") or "",
            avatar_url=account.get("avatar") or "",
            max_length=clean_count(limit) or self.max_length,
        )

    def fetch(self, cursor: dict[str, Any], since: datetime | None) -> Page:
        """One page of notifications; when those are done, one of our own answers.

        The cursor is that of :mod:`.walk` for notifications, a second one under
        ``"own"``, and ``"turn": "own"`` while the second list is walked.
        """
        mine = part(cursor, "own")
        if cursor.get("turn") == "own":
            step = walk_back(mine, since, self._own_posts, wire.moment_of, self.clock())
            rest = {key: value for key, value in cursor.items() if key not in ("turn", "own")}
            turn = {"turn": "own"} if step.more else {}
            return self._read(step.items, {**rest, **turn, "own": step.cursor}, step.more)
        step = walk_back(cursor, since, self._notifications, wire.moment_of, self.clock())
        turn = {} if step.more else {"turn": "own"}
        # There is always more: our own answers come after the notifications.
        return self._read(step.items, {**step.cursor, **turn, "own": mine}, True)

    def _read(self, items: Sequence[Any], cursor: dict[str, Any], more: bool) -> Page:
        def read(item: Any) -> Mention | None:
            status = wire.status_of(item, self._own_id())
            return None if status is None else self._mention(status)

        mentions, problems = read_each(items, read)
        return Page(mentions, cursor, more, problems)

    def _mention(self, status: Any) -> Mention:
        return wire.mention_of(status, self._own_id(), self._domain())

    def fetch_context(self, mention: Mention) -> dict[str, Any]:
        """The first post of the thread, the one answered, and up to 40 others."""
        data = self._status(mention.external_id, "/context").json()
        above, below = (
            [post_of(post) for post in self._mentions(dicts(data, key)) if _is_for_all(post)]
            for key in ("ancestors", "descendants")
        )
        others = (above[1:-1] + below)[:MAX_OTHERS]
        ends = {"root": above[0], "parent": above[-1]} if above else {}
        return {**ends, **({"others": others} if others else {})}

    def _mentions(self, statuses: Sequence[Any]) -> tuple[Mention, ...]:
        return read_each(statuses, self._mention)[0]

    def refresh(self, external_ids: list[str]) -> list[Mention]:
        """The posts as they are now; a 404 is a deletion, or a post hidden from us.

        Stops early where the rate limit is met: what is not in the list was not read.
        """
        found: list[Mention] = []
        for external_id in external_ids:
            try:
                # An answer that is no status says nothing about this one.
                found += self._mentions([self._status(external_id).json()])
            except RateLimited:
                if not found:
                    raise
                break
            except RejectedError as error:
                if error.code != "not_found":
                    raise
                found.append(Mention(external_id=external_id, deleted_at=self.clock()))
        return found

    def like(self, mention: Mention, on: bool) -> None:
        """Favourite it, or take that back."""
        self._status(mention.external_id, "/favourite" if on else "/unfavourite", "POST")

    def prepare_text(self, body: str, mention: Mention) -> str:
        """The body with the customer's handle in it: who is not named is not notified."""
        user, _at, domain = mention.author.handle.lstrip("@").partition("@")
        local = not domain or domain.lower() == self._domain()
        if not user or wire.names(body, user, domain, local):
            return body
        # A local name alone is understood by every server; some trip over their own port.
        return f"@{user} {body}" if local else f"@{user}@{domain} {body}"

    def publish(self, reply: Reply) -> Published:
        """Post the answer; never more public than what it answers.

        :raises RejectedError: ``parent_gone``, ``bad_picture`` or ``rejected``
        :raises TransientError: ``no_id`` where it may have been published
        """
        data: dict[str, Any] = {
            "status": self.prepare_text(reply.body, reply.parent),
            "in_reply_to_id": reply.parent.external_id,
            "visibility": wire.visibility_for(reply),
        }
        if reply.lang:
            data["language"] = reply.lang.split("_")[0]
        key = {"Idempotency-Key": self.record_key(reply.idempotency_key, reply.body)}
        try:
            with before_publishing():
                # Not every server refuses an answer to what is gone; some publish it to everybody.
                self._status(reply.parent.external_id)
                if reply.attachments:
                    data["media_ids"] = [self._upload(item) for item in reply.attachments]
            answer = self._ask("POST", "/api/v1/statuses", json=data, headers=key)
        except RejectedError as error:
            code = "parent_gone" if error.code == "not_found" else error.code
            raise RejectedError(code, status=error.status) from None
        try:
            post = self._mention(answer.json())
        except ValueError:
            raise TransientError("no_id", status=answer.status) from None
        return Published(external_id=post.external_id, url=post.url, posted_at=post.posted_at)

    def is_same_text(self, sent: str, shown: str) -> bool:
        """Equal letters and digits: servers shorten handles, make marks bold, ``:)`` a picture."""
        texts = [letters(normalise_text(wire.short_handles(text))) for text in (sent, shown)]
        return texts[0] == texts[1]

    def find_published(self, reply: Reply, since: datetime) -> list[Published]:
        """Own answers to the same post since then that say the same.

        :raises RejectedError: ``cannot_read_back`` where an answer could be and not be seen
        """
        in_thread = self.pick_published(reply, since, self._answers_below(reply))
        return in_thread or self.pick_published(reply, since, self._own_since(since))

    def _answers_below(self, reply: Reply) -> tuple[Mention, ...]:
        """The thread: snac's list of our posts lacks the direct ones."""
        try:
            context = self._status(reply.parent.external_id, "/context").json()
        except RejectedError:
            if wire.visibility_for(reply) == "direct":
                raise RejectedError("cannot_read_back") from None
            return ()  # the post is gone; what answered it in public is in our list
        return self._mentions(dicts(context, "descendants"))

    def _own_since(self, since: datetime) -> Iterator[Mention]:
        token, known = "", set[str]()
        for _page in range(READ_BACK_PAGES):
            items, following = self._own_posts(token)
            page = [post for post in self._mentions(items) if post.posted_at]
            ids = {post.external_id for post in page}
            ended = not following or (len(items) < LIMIT and following == token)
            if token and ids and ids <= known and not ended:
                break  # snac 2.75 gives the same page for ever: what is below is not known
            yield from (post for post in page if post.external_id not in known)
            known |= ids
            if ended or (page and (page[-1].posted_at or since) < since):
                return
            token = following
        raise RejectedError("cannot_read_back")


def _is_for_all(post: Mention) -> bool:
    """Not another customer's private post, which our token may see too."""
    return post.own or post.visibility in ("public", "unlisted")
