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

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from . import mastodon_wire as wire
from .base import normalise_text, post_of
from .exceptions import NetworkError, RateLimited, RejectedError, TransientError
from .jsontext import dicts, part
from .mastodon_client import LIMIT, NOTIFICATIONS, MastodonClient
from .types import (
    Mention,
    Page,
    Profile,
    Published,
    Reply,
    clean_count,
    clean_id,
)
from .walk import read_each, walk_back

READ_BACK_PAGES = 10  # of own posts that find_published looks through
MAX_OTHERS = 40  # posts of a thread shown around a mention


class Mastodon(MastodonClient):
    """An account on a server of the fediverse, by an access token of that server.

    ``has_idempotency_key`` is False although Mastodon honours the header for an hour:
    other servers ignore it and nothing they publish tells which do. So the outbox
    looks before it sends again, and the header, always sent, is a second net.
    """

    code = "mastodon"
    name = "Mastodon"
    max_length = 500
    supports_direct = True
    needs_base_url = True

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
        domain = str(instance.get("domain") or "") or self._host()
        return Profile(
            external_id=self._own,
            handle=wire.full_address(acct, domain),
            name=account.get("display_name") or acct,
            url=account.get("url") or "",
            avatar_url=account.get("avatar") or "",
            max_length=clean_count(wire.max_characters(instance)) or self.max_length,
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
            status = wire.status_of(item, self._own_id(), NOTIFICATIONS)
            return None if status is None else self._mention(status)

        mentions, problems = read_each(items, read)
        return Page(mentions, cursor, more, problems)

    def _mention(self, status: Any) -> Mention:
        return wire.mention_of(status, self._own_id(), self._domain())

    def fetch_context(self, mention: Mention) -> dict[str, Any]:
        """The first post of the thread, the one answered, and up to 40 others."""
        data = self._status(mention.external_id, "/context").json()
        above, below = (
            [
                post_of(post)
                for item in dicts(data, key)
                if clean_id(item.get("id")) and _is_for_all(post := self._mention(item))
            ]
            for key in ("ancestors", "descendants")
        )
        others = (above[1:-1] + below)[:MAX_OTHERS]
        ends = {"root": above[0], "parent": above[-1]} if above else {}
        return {**ends, **({"others": others} if others else {})}

    def refresh(self, external_ids: list[str]) -> list[Mention]:
        """The posts as they are now; a 404 is a deletion, or a post hidden from us.

        Stops early where the rate limit is met: what is not in the list was not read.
        """
        found: list[Mention] = []
        for external_id in external_ids:
            try:
                found.append(self._mention(self._status(external_id).json()))
            except RateLimited:
                if not found:
                    raise
                break
            except RejectedError as error:
                if error.code != "not_found":
                    raise
                found.append(Mention(external_id=external_id, deleted_at=self.clock()))
            except ValueError:
                continue  # an answer that is no status says nothing about this one
        return found

    def prepare_text(self, body: str, mention: Mention) -> str:
        """The body with the customer's handle in it: who is not named is not notified."""
        user, _, domain = mention.author.handle.lstrip("@").partition("@")
        local = not domain or domain.lower() == self._domain()
        if not user or wire.names(body, user, domain, local):
            return body
        # A local name alone is understood by every server; some trip over their own port.
        return f"@{user} {body}" if local else f"@{user}@{domain} {body}"

    def publish(self, reply: Reply) -> Published:
        """Post the answer; never more public than what it answers.

        :raises RejectedError: ``parent_gone`` or ``rejected``
        :raises TransientError: ``no_id`` where it may have been published
        """
        data = {
            "status": self.prepare_text(reply.body, reply.parent),
            "in_reply_to_id": reply.parent.external_id,
            "visibility": wire.visibility_for(reply),
        }
        if reply.lang:
            data["language"] = reply.lang.split("_")[0]
        key = {"Idempotency-Key": self.record_key(reply.idempotency_key, reply.body)}
        self._check_parent(reply)
        try:
            answer = self._ask("POST", "/api/v1/statuses", json=data, headers=key)
        except RejectedError as error:
            code = "parent_gone" if error.code == "not_found" else error.code
            raise RejectedError(code, status=error.status) from None
        published = wire.published_of(answer.json())
        if not published.external_id:
            raise TransientError("no_id", status=answer.status)
        return published

    def _check_parent(self, reply: Reply) -> None:
        """Not every server refuses an answer to what is gone; some publish it to everybody."""
        try:
            self._status(reply.parent.external_id)
        except NetworkError as error:
            error.published = False  # whatever happened to this question, nothing was said
            if error.code == "not_found":
                error.code = "parent_gone"
            raise

    def find_published(self, reply: Reply, since: datetime) -> list[Published]:
        """Own answers to the same post since then whose text is the same as people read it.

        Servers rewrite what they are sent (handles shortened, marks made bold, ``:)`` made
        a picture), so where none is equal, those with equal letters and digits count.

        :raises RejectedError: ``cannot_read_back`` where an answer could be and not be seen
        """
        in_thread = self._same_text(self._answers_below(reply), reply, since)
        return in_thread or self._same_text(self._own_since(since), reply, since)

    def _same_text(
        self, posts: list[dict[str, Any]], reply: Reply, since: datetime
    ) -> list[Published]:
        text = normalise_text(self.prepare_text(reply.body, reply.parent))
        answers = [
            item
            for item in posts
            if clean_id(item.get("in_reply_to_id")) == reply.parent.external_id
            and (wire.moment_of(item) or datetime.min) >= since
        ]
        for key in (wire.as_shown, wire.letters):
            same = [item for item in answers if key(wire.body_of(item)) == key(text)]
            if same:
                return [wire.published_of(item) for item in same]
        return []

    def _answers_below(self, reply: Reply) -> list[dict[str, Any]]:
        """Our own posts in the thread: snac's list of our posts lacks the direct ones."""
        try:
            context = self._status(reply.parent.external_id, "/context").json()
        except RejectedError:
            if wire.visibility_for(reply) == "direct":
                raise RejectedError("cannot_read_back") from None
            return []  # the post is gone; what answered it in public is in our list
        return [
            item
            for item in dicts(context, "descendants")
            if clean_id(part(item, "account").get("id")) == self._own_id()
        ]

    def _own_since(self, since: datetime) -> list[dict[str, Any]]:
        token, found = "", dict[str, Any]()
        for _page in range(READ_BACK_PAGES):
            items, following = self._own_posts(token)
            page = {clean_id(item.get("id")): item for item in items if wire.moment_of(item)}
            times = [wire.moment_of(item) for item in page.values()]
            ended = not following or (len(items) < LIMIT and following == token)
            if token and page and page.keys() <= found.keys() and not ended:
                break  # snac 2.75 gives the same page for ever: what is below is not known
            found.update(page)
            if ended or any(moment < since for moment in times[-1:] if moment):
                return list(found.values())
            token = following
        raise RejectedError("cannot_read_back")


def _is_for_all(post: Mention) -> bool:
    """Not another customer's private post, which our token may see too."""
    return post.own or post.visibility in ("public", "unlisted")
