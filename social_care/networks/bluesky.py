"""Bluesky: the AT Protocol, through the server that an account lives on.

https://docs.bsky.app/docs/ and lexicons app.bsky.* at
https://github.com/bluesky-social/atproto/tree/main/lexicons, read 2026-11-22. Requests and sessions
are in :mod:`.bluesky_server`, shapes in :mod:`.bluesky_posts`.

- A notification tells neither counts nor pictures nor followers: they are asked for.
- Bluesky's own app edits no posts; what another app changed is read again, without a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from .access import Guide
from .base import profile_of
from .base import words as _
from .bluesky_posts import (
    LIKED,
    POST,
    URI,
    answer_in,
    author_of,
    did_of,
    find_live,
    like_in,
    mention_of,
    place_of,
    posts_around,
    tid_of,
    url_of,
)
from .bluesky_server import BATCH, PEOPLE, POSTS, BlueskyServer
from .cleaning import clean_id
from .context import context_of
from .exceptions import RejectedError, before_publishing, ignoring, renamed
from .jsontext import Json, part
from .text import count_graphemes
from .types import Mention, Page, Profile, Published, Reply
from .walk import batches, read_back, read_each, until_limited, walk_lists

LIKE = "app.bsky.feed.like"
REASONS = ("mention", "reply", "quote")  # of a notification, that make it a message
MAX_BYTES = 3000  # of a text, beside its 300 graphemes
FACETS = {"link": ("link", "uri"), "name": ("mention", "did"), "tag": ("tag", "tag")}


class Bluesky(BlueskyServer):
    """An account by its handle and an app password, of which only a session is kept.

    ``has_idempotency_key`` is True: an answer's record key follows from the reply, there is
    one record under a key, and what is there is never written over.
    """

    code = "bluesky"
    name = "Bluesky"
    max_length = 300
    recommended_minutes = 120
    supports_media = True
    supports_like = True
    supports_delete = True  # but no edit: its own app shows the first text of what others edit
    has_idempotency_key = True
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
    def plain_handle(cls, handle: str) -> str:
        """Without the entryway's domain; a domain of one's own stands for oneself."""
        return super().plain_handle(handle).removesuffix(".bsky.social")

    @classmethod
    def count_length(cls, text: str) -> int:
        """Graphemes; an emoji family is one."""
        return count_graphemes(text)

    def verify(self) -> Profile:
        """The session's account, once notifications have been read with it."""
        self._notifications()
        profile = self._get("app.bsky.actor.getProfile", actor=self.own_id)
        return profile_of(author_of(profile, self.own_id), self.max_length)

    # -- Reading ----------------------------------------------------------------

    def fetch(self, cursor: Json, since: datetime | None) -> Page:
        """One page of notifications; when those are done, one of our own answers.

        The cursor is that of :func:`.walk_lists`.
        """
        lists = {"notifications": self._notifications, "own": self._own_posts}
        turn, step = walk_lists(cursor, since, lists, place_of, self.clock())
        if turn == "own":
            mentions, problems = read_each(step.items, self._answer)
        else:
            mentions, problems = read_each(self._hydrate(step.items), self._mention)
        likes = tuple(filter(None, map(like_in, step.items)))
        return Page(mentions, step.cursor, step.more, problems, likes)

    def _notifications(self, token: str = "") -> tuple[list[Json], str]:
        method = "app.bsky.notification.listNotifications"
        return self._page(method, "notifications", token, reasons=[*REASONS, LIKED])

    def _own_posts(self, token: str = "") -> tuple[list[Json], str]:
        query = {"actor": self.own_id, "filter": "posts_with_replies"}
        return self._page("app.bsky.feed.getAuthorFeed", "feed", token, **query)

    def _hydrate(self, items: tuple[Json, ...]) -> list[Json]:
        """Notifications, with what only the views of posts and people tell: counts, pictures."""
        rows = [item for item in items if item.get("reason") in REASONS]
        uris = [uri for row in rows if did_of(uri := clean_id(row.get("uri")))]
        posts = self._views(POSTS, uris)
        people = self._views(PEOPLE, sorted(set(map(did_of, uris))))
        merged = []
        for row in rows:
            uri = clean_id(row.get("uri"))
            author = {**part(row, "author"), **people.get(did_of(uri), {})}
            merged.append({**posts.get(uri, {}), **row, "author": author})
        return merged

    def refresh(self, external_ids: list[str]) -> list[Mention]:
        """The posts as they are now; what is not shown any more was deleted, or hidden from us.

        Stops early where the rate limit is met: what is not in the list was not read.
        """
        known = [uri for uri in external_ids if did_of(uri)]

        def reread(uris: Sequence[str]) -> tuple[Mention, ...]:
            posts = self._views(POSTS, uris)

            def current(uri: str) -> Mention:
                there = uri in posts
                return self._mention(posts[uri]) if there else Mention(uri, deleted_at=self.clock())

            return read_each(uris, current)[0]

        return until_limited(batches(known, BATCH), reread)

    def fetch_context(self, mention: Mention) -> Json:
        """The first post of the thread, the one answered, and up to 40 others."""
        thread = self._get("app.bsky.feed.getPostThread", uri=mention.external_id)
        above, below = posts_around(part(thread, "thread"))
        return context_of(*(read_each(views, self._mention)[0] for views in (above, below)))

    def _mention(self, view: Json) -> Mention:
        return mention_of(view, self.own_id)

    def _answer(self, item: Json) -> Mention | None:
        return answer_in(item, self.own_id)

    # -- Answering ----------------------------------------------------------------

    def publish(self, reply: Reply) -> Published:
        """Post the answer, under a key that finds it where it is posted already.

        :raises RejectedError: ``too_long``, ``parent_gone``, ``not_allowed`` by the thread's
            rules, ``bad_picture`` or ``rejected``
        """
        key = tid_of(self.record_key(reply.idempotency_key, reply.body))
        record: Json = {}
        with ignoring("not_found"):
            told = self._get("com.atproto.repo.getRecord", **self._place_of(POST, key))
            record = part(told, "value")
        if not record:
            with before_publishing():
                record = self._compose(reply)
            self._write(POST, key, record)
        uri = f"at://{self.own_id}/{POST}/{key}"
        return Published(uri, url_of(uri), record.get("createdAt"))

    def _compose(self, reply: Reply) -> Json:
        text = reply.body
        if self.count_length(text) > self.max_length or len(text.encode()) > MAX_BYTES:
            raise RejectedError("too_long")
        record = {
            "text": text,
            "createdAt": f"{self.clock().isoformat()}Z",
            "reply": self._reference(reply.parent.external_id),
            "facets": self._facets(text),
            "langs": [reply.lang.replace("_", "-")] if reply.lang else [],
        }
        if reply.attachments:
            pictures = [self._upload(item) for item in reply.attachments]
            record["embed"] = {"$type": "app.bsky.embed.images", "images": pictures}
        return {name: value for name, value in record.items() if value != []}

    def _reference(self, uri: str) -> Json:
        """Where an answer hangs: the thread's first post and the one answered, as they are now."""
        with renamed(RejectedError, "parent_gone", "not_found"):
            post = self._post(uri)
        if part(post, "viewer").get("replyDisabled") is True:
            raise RejectedError("not_allowed")  # it would be taken, and shown to nobody
        parent = {"uri": uri, "cid": post.get("cid")}
        first = part(part(part(post, "record"), "reply"), "root")
        root = {name: first.get(name) for name in parent} if did_of(first.get("uri")) else parent
        return {"root": root, "parent": parent}

    def _facets(self, text: str) -> list[Json]:
        """What is to be live in a text; places in bytes of UTF-8, ends exclusive."""
        facets: list[Json] = []
        for kind, start, end, value in find_live(text):
            name, key = FACETS[kind]
            value = self._resolve(value.lower()) if kind == "name" else value
            place = {"byteStart": len(text[:start].encode()), "byteEnd": len(text[:end].encode())}
            feature = {"$type": f"app.bsky.richtext.facet#{name}", key: value}
            # Whom nobody knows stays text.
            facets += [{"index": place, "features": [feature]}] if value else []
        return facets

    def find_published(self, reply: Reply, since: datetime) -> list[Published]:
        """Own answers to the same post since then whose text is the same.

        :raises RejectedError: ``cannot_read_back`` where an answer could be and not be seen
        """
        items = read_back(self._own_posts, place_of, since)
        posts = read_each(items, self._answer)[0]
        return self.pick_published(reply, since, posts)

    def delete(self, external_id: str) -> None:
        """Delete our record; where there is none it is no error."""
        found = URI.fullmatch(external_id)
        if not found or found[1] != self.own_id:
            raise RejectedError("cannot_delete")
        self._delete(POST, found[2])

    def like(self, mention: Mention, on: bool) -> None:
        """Like a post, or take back our like, also one that was given in the app."""
        key, post = tid_of(mention.external_id), self._post(mention.external_id)
        given = str(part(post, "viewer").get("like") or "").rpartition("/")[2]
        if not on:
            for one in {key, given or key}:
                self._delete(LIKE, one)
        elif not given:
            subject = {"uri": mention.external_id, "cid": post.get("cid")}
            moment = f"{self.clock().isoformat()}Z"
            self._write(LIKE, key, {"subject": subject, "createdAt": moment})

    def _post(self, uri: str) -> Json:
        """A post's view, as we see it.

        :raises RejectedError: ``not_found``
        """
        post = self._views(POSTS, [uri] if did_of(uri) else []).get(uri)
        if post is None:
            raise RejectedError("not_found")
        return post
