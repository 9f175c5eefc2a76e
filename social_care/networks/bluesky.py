"""Bluesky: the AT Protocol, through the server (PDS) that an account lives on.

Documentation: https://docs.bsky.app/docs/ and https://atproto.com/specs/, lexicons at
https://github.com/bluesky-social/atproto/tree/main/lexicons, read 2026-11-22.

- A post's ``external_id`` is its at-URI, an author's the DID: the handle changes.
- A notification tells neither counts nor pictures nor followers: they are asked for.
- Bluesky's own app edits no posts; what another app changed is read again, without a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

from . import bluesky_wire as wire
from .access import Guide
from .base import post_of
from .base import words as _
from .bluesky_client import BATCH, BlueskyClient
from .exceptions import NetworkError, RateLimited, RejectedError
from .jsontext import part
from .text import count_graphemes
from .types import Attachment, Mention, Page, Profile, Published, Reply
from .walk import read_each, walk_back

MAX_BYTES = 3000  # of a text, beside its 300 graphemes
READ_BACK_PAGES = 10  # of own posts that find_published looks through
MAX_OTHERS = 40  # posts of a thread shown around a mention
LIKE = "app.bsky.feed.like"


class Bluesky(BlueskyClient):
    """An account by its handle and an app password, of which only a session is kept.

    ``has_idempotency_key`` is True: an answer's record key follows from the reply, there is
    one record under a key, and what is there is never written over.
    """

    code = "bluesky"
    name = "Bluesky"
    max_length = 300
    supports_media = True
    supports_like = True
    has_idempotency_key = True
    login = "password"
    renews = True
    guide = Guide(
        demands=(_("The brand's handle and an app password. It costs nothing."),),
        steps=(
            _("On Bluesky, as the brand: Settings, Privacy and security, App passwords."),
            _("Add one for Odoo. It needs no access to direct messages."),
            _("Enter the brand's handle and that app password here. Odoo keeps neither."),
        ),
        console_url="https://bsky.app/settings/app-passwords",
    )

    @classmethod
    def count_length(cls, text: str) -> int:
        """Graphemes; an emoji family is one."""
        return count_graphemes(text)

    def verify(self) -> Profile:
        """The session's account, once notifications have been read with it."""
        did = self._own_id()
        self._notifications()
        profile = self._get("app.bsky.actor.getProfile", actor=did)
        author = wire.author_of(profile, did)
        return Profile(
            external_id=did,
            handle=author.handle,
            name=author.name,
            url=author.url,
            avatar_url=author.avatar_url,
            max_length=self.max_length,
        )

    # -- In -----------------------------------------------------------------

    def fetch(self, cursor: dict[str, Any], since: datetime | None) -> Page:
        """One page of notifications; when those are done, one of our own answers.

        The cursor is that of :mod:`.walk` for notifications, a second one under
        ``"own"``, and ``"turn": "own"`` while the second list is walked.
        """
        mine, now = part(cursor, "own"), self.clock()
        if cursor.get("turn") == "own":
            step = walk_back(mine, since, self._own_posts, wire.place_of, now)
            rest = {key: value for key, value in cursor.items() if key not in ("turn", "own")}
            following = {**rest, **({"turn": "own"} if step.more else {}), "own": step.cursor}
            mentions, problems = read_each(step.items, self._own_answer)
            return Page(mentions, following, step.more, problems)
        step = walk_back(cursor, since, self._notifications, wire.place_of, now)
        turn = {} if step.more else {"turn": "own"}
        mentions, problems = read_each(self._hydrate(step.items), self._mention)
        # There is always more: our own answers come after the notifications.
        return Page(mentions, {**step.cursor, **turn, "own": mine}, True, problems)

    def _mention(self, item: Any) -> Mention:
        return wire.mention_of(item, self._own_id())

    def _own_answer(self, item: Any) -> Mention | None:
        """Neither what we shared nor what answers nobody."""
        post = part(item, "post")
        kept = not part(item, "reason") and part(part(post, "record"), "reply")
        return self._mention(post) if kept else None

    def refresh(self, external_ids: list[str]) -> list[Mention]:
        """The posts as they are now; what is not shown any more was deleted, or hidden from us.

        Stops early where the rate limit is met: what is not in the list was not read.
        """
        known = [uri for uri in external_ids if wire.split_uri(uri)[0]]
        found: list[Mention] = []
        for start in range(0, len(known), BATCH):
            uris = known[start : start + BATCH]
            try:
                posts = self._views("app.bsky.feed.getPosts", "posts", "uri", uris=uris)
            except RateLimited:
                if not found:
                    raise
                break
            found += read_each(uris, partial(self._current, posts))[0]
        return found

    def _current(self, posts: wire.Views, uri: str) -> Mention:
        if uri in posts:
            return self._mention(posts[uri])
        return Mention(external_id=uri, deleted_at=self.clock())

    def fetch_context(self, mention: Mention) -> dict[str, Any]:
        """The first post of the thread, the one answered, and up to 40 others."""
        thread = self._get("app.bsky.feed.getPostThread", uri=mention.external_id)
        above, below = (
            [post_of(post) for post in read_each(views, self._mention)[0]]
            for views in wire.around(part(thread, "thread"))
        )
        others = (above[1:-1] + below)[:MAX_OTHERS]
        ends = {"root": above[0], "parent": above[-1]} if above else {}
        return {**ends, **({"others": others} if others else {})}

    # -- Out ----------------------------------------------------------------

    def publish(self, reply: Reply) -> Published:
        """Post the answer, under a key that finds it where it is posted already.

        :raises RejectedError: ``too_long``, ``parent_gone``, ``not_allowed`` by the thread's
            rules, ``bad_picture`` or ``rejected``
        """
        key = wire.record_key(self.record_key(reply.idempotency_key, reply.body))
        record = self._read(wire.POST, key)
        if not record:
            try:
                record = self._compose(reply)
            except NetworkError as error:
                error.published = False  # whatever happened to its questions, nothing was said
                raise
            self._write(wire.POST, key, record)
        uri = f"at://{self._own_id()}/{wire.POST}/{key}"
        moment = record.get("createdAt")
        return Published(external_id=uri, url=wire.url_of(uri), posted_at=moment)

    def _compose(self, reply: Reply) -> dict[str, Any]:
        text = reply.body
        if self.count_length(text) > self.max_length or len(text.encode()) > MAX_BYTES:
            raise RejectedError("too_long")
        record = {
            "text": text,
            "createdAt": f"{self.clock().isoformat()}Z",
            "reply": self._reference(reply.parent.external_id),
            "facets": wire.facets_of(text, self._resolve),
            "langs": [reply.lang.replace("_", "-")] if reply.lang else [],
        }
        if reply.attachments:
            pictures = [self._upload(item) for item in reply.attachments]
            record["embed"] = {"$type": wire.IMAGES, "images": pictures}
        return {name: value for name, value in record.items() if value != []}

    def _reference(self, uri: str) -> dict[str, Any]:
        """Where an answer hangs: the thread's first post and the one answered, as they are now."""
        try:
            post = self._post(uri)
        except RejectedError as error:
            code = "parent_gone" if error.code == "not_found" else error.code
            raise RejectedError(code, status=error.status) from None
        if part(post, "viewer").get("replyDisabled") is True:
            raise RejectedError("not_allowed")  # it would be taken, and shown to nobody
        parent = {"uri": uri, "cid": post.get("cid")}
        first = part(part(part(post, "record"), "reply"), "root")
        root = {name: first.get(name) for name in parent} if wire.uri_of(first) else parent
        return {"root": root, "parent": parent}

    def _upload(self, item: Attachment) -> dict[str, Any]:
        """A picture that the server took."""
        if item.mimetype not in self.media_types or len(item.content) > self.max_media_bytes:
            raise RejectedError("bad_picture")
        token, kind = self.credentials.access_token, {"Content-Type": item.mimetype}
        method = "com.atproto.repo.uploadBlob"
        try:
            data = self._ask("POST", method, token=token, data=item.content, headers=kind)
        except RejectedError as error:
            raise RejectedError("bad_picture", status=error.status) from None
        return {"image": part(data, "blob"), "alt": item.description}

    def find_published(self, reply: Reply, since: datetime) -> list[Published]:
        """Own answers to the same post since then whose text is the same.

        :raises RejectedError: ``cannot_read_back`` where an answer could be and not be seen
        """
        return self.pick_published(reply, since, self._answers_since(since))

    def _answers_since(self, since: datetime) -> Iterator[Mention]:
        token = ""
        for _page in range(READ_BACK_PAGES):
            items, token = self._own_posts(token)
            yield from read_each(items, self._own_answer)[0]
            if not token or any(moment < since for moment in map(wire.place_of, items) if moment):
                return
        raise RejectedError("cannot_read_back")

    def like(self, mention: Mention, on: bool) -> None:
        """Like a post, or take back our like, also one that was given in the app."""
        key = wire.record_key(mention.external_id)
        post = self._post(mention.external_id)
        given = str(part(post, "viewer").get("like") or "").rpartition("/")[2]
        if not on:
            for one in {key, given or key}:
                self._delete(LIKE, one)
        elif not given:
            subject = {"uri": mention.external_id, "cid": post.get("cid")}
            moment = f"{self.clock().isoformat()}Z"
            self._write(LIKE, key, {"subject": subject, "createdAt": moment})
