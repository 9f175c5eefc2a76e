"""Bluesky: the AT Protocol, through the server (PDS) that an account lives on.

https://docs.bsky.app/docs/ and https://atproto.com/specs/ (xrpc, did, handle, tid), lexicons
app.bsky.* and com.atproto.* at
https://github.com/bluesky-social/atproto/tree/main/lexicons, read 2026-11-22.

- A post's ``external_id`` is its at-URI, an author's the DID: the handle changes.
- A notification tells neither counts nor pictures nor followers: they are asked for.
- Bluesky's own app edits no posts; what another app changed is read again, without a time.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime
from typing import Any

from .access import Guide, Login, Tokens
from .base import Network, context_of, profile_of
from .base import words as _
from .cleaning import clean_datetime, clean_id, clean_line, clean_text, clean_url
from .exceptions import (
    AuthenticationError,
    NetworkError,
    RateLimited,
    RejectedError,
    TransientError,
    before_publishing,
    ignoring,
    renamed,
)
from .jsontext import dicts, parse_json, part
from .oauth import token_end
from .response import Response
from .text import count_graphemes, find_live
from .types import Attachment, Author, Like, Media, Mention, Page, Profile, Published, Reply
from .walk import read_back, read_each, walk_lists

POST = "app.bsky.feed.post"
LIKE = "app.bsky.feed.like"
REASONS = ("mention", "reply", "quote")  # of a notification, that make it a message
LIKED = "like"  # told while it stands; nothing tells that it was taken back
LIMIT = 100  # items a page, the most there is
BATCH = 25  # posts or people asked for at once, the most there is
MAX_BYTES = 3000  # of a text, beside its 300 graphemes
MAX_THREAD = 200  # posts of a thread looked at
# The name of an error stands in its body; nearly all have the status 400.
ERRORS: dict[str, tuple[type[NetworkError], str]] = {
    "ExpiredToken": (AuthenticationError, "token_expired"),
    "InvalidToken": (AuthenticationError, "token_expired"),
    "AccountTakedown": (AuthenticationError, "access_revoked"),
    "AccountDeactivated": (AuthenticationError, "access_revoked"),
    "NotFound": (RejectedError, "not_found"),
    "RecordNotFound": (RejectedError, "not_found"),
    "InvalidSwap": (RejectedError, "duplicate"),
}
URI = re.compile(
    rf"at://(did:[a-z]+:[\w.:%-]{{1,200}})/{re.escape(POST)}/([\w.:~-]{{1,100}})", re.A
)
TID = "234567abcdefghijklmnopqrstuvwxyz"
# Microseconds: the year 2025, because a time from the future is suspect.
TID_FROM, TID_SPAN = 1_735_689_600_000_000, 31_536_000_000_000

FACETS = {"link": ("link", "uri"), "name": ("mention", "did"), "tag": ("tag", "tag")}

Json = dict[str, Any]


class Bluesky(Network):
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
    supports_delete = (
        True  # its own app edits nothing, and shows the first text of what others edit
    )
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
    entryway = "https://bsky.social"  # knows every handle; the server where none is known
    directory = "https://plc.directory"  # of DIDs and the servers they live on

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
        profile = self._ask("app.bsky.actor.getProfile", actor=self._own_id())
        return profile_of(_author(profile, self._own_id()), self.max_length)

    # -- Reading ----------------------------------------------------------------

    def fetch(self, cursor: Json, since: datetime | None) -> Page:
        """One page of notifications; when those are done, one of our own answers.

        The cursor is that of :func:`.walk_lists`.
        """
        lists = {"notifications": self._notifications, "own": self._own_posts}
        turn, step = walk_lists(cursor, since, lists, _place, self.clock())
        if turn == "own":
            mentions, problems = read_each(step.items, self._own_answer)
        else:
            mentions, problems = read_each(self._hydrate(step.items), self._mention)
        likes = tuple(like for item in step.items if (like := _like(item)))
        return Page(mentions, step.cursor, step.more, problems, likes)

    def _notifications(self, token: str = "") -> tuple[list[Json], str]:
        method = "app.bsky.notification.listNotifications"
        return self._page(method, "notifications", token, reasons=[*REASONS, LIKED])

    def _own_posts(self, token: str = "") -> tuple[list[Json], str]:
        query = {"actor": self._own_id(), "filter": "posts_with_replies"}
        return self._page("app.bsky.feed.getAuthorFeed", "feed", token, **query)

    def _page(self, method: str, key: str, token: str, **query: Any) -> tuple[list[Json], str]:
        """Items, newest first, and the token of the next page or ""."""
        data = self._ask(method, limit=LIMIT, **query, **({"cursor": token} if token else {}))
        if key not in data:
            raise TransientError("not_this_network")
        following = clean_id(data.get("cursor"))
        # A page with nothing for us (after a thousand shares) is not the end of the list: its
        # token, which is a time, stands for what was passed over.
        return dicts(data, key) or ([{"indexedAt": following}] if following else []), following

    def _hydrate(self, items: tuple[Json, ...]) -> list[Json]:
        """Notifications, with what only the views of posts and people tell: counts, pictures."""
        rows = [item for item in items if item.get("reason") in REASONS]
        uris = [uri for row in rows if did_of(uri := clean_id(row.get("uri")))]
        posts = self._views("app.bsky.feed.getPosts", "uri", uris=uris)
        actors = sorted(set(map(did_of, uris)))
        people = self._views("app.bsky.actor.getProfiles", "did", actors=actors)
        merged = []
        for row in rows:
            uri = clean_id(row.get("uri"))
            author = {**part(row, "author"), **people.get(did_of(uri), {})}
            merged.append({**posts.get(uri, {}), **row, "author": author})
        return merged

    def _views(self, method: str, name: str, **wanted: list[str]) -> dict[str, Json]:
        """Views of posts or people by their id; what is gone is left out."""
        ((parameter, ids),) = wanted.items()
        chunks = (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))
        return {
            clean_id(view.get(name)): view
            for chunk in chunks
            for views in self._ask(method, **{parameter: chunk}).values()
            for view in dicts({"": views}, "")
        }

    def refresh(self, external_ids: list[str]) -> list[Mention]:
        """The posts as they are now; what is not shown any more was deleted, or hidden from us.

        Stops early where the rate limit is met: what is not in the list was not read.
        """
        known = [uri for uri in external_ids if did_of(uri)]
        posts: dict[str, Json] = {}
        asked: list[str] = []
        for start in range(0, len(known), BATCH):
            uris = known[start : start + BATCH]
            try:
                posts |= self._views("app.bsky.feed.getPosts", "uri", uris=uris)
            except RateLimited:
                if not asked:
                    raise
                break
            asked += uris

        def current(uri: str) -> Mention:
            gone = uri not in posts
            return Mention(uri, deleted_at=self.clock()) if gone else self._mention(posts[uri])

        return list(read_each(asked, current)[0])

    def fetch_context(self, mention: Mention) -> Json:
        """The first post of the thread, the one answered, and up to 40 others."""
        thread = self._ask("app.bsky.feed.getPostThread", uri=mention.external_id)
        above, below = _around(part(thread, "thread"))
        return context_of(*(read_each(views, self._mention)[0] for views in (above, below)))

    def _own_answer(self, item: Json) -> Mention | None:
        """Neither what we shared nor what answers nobody."""
        post = part(item, "post")
        kept = not item.get("reason") and part(part(post, "record"), "reply")
        return self._mention(post) if kept else None

    def _mention(self, view: Json) -> Mention:
        """A notification or a post's view as a mention; both hold the record.

        :raises ValueError: if it is neither
        """
        record, author, uri = part(view, "record"), part(view, "author"), clean_id(view.get("uri"))
        if not uri or not isinstance(record.get("text"), str):
            raise ValueError("no post")
        own_id, reply, langs = self._own_id(), part(record, "reply"), record.get("langs")
        parent_id = clean_id(part(reply, "parent").get("uri"))
        did = clean_id(author.get("did")) or did_of(uri)
        own, to_us = did == own_id, did_of(parent_id) == own_id
        return Mention(
            external_id=uri,
            kind="reply" if parent_id and (to_us or own) else "mention",
            author=_author(author, did or f"unknown:{uri}"),
            body=record["text"],
            posted_at=_moment(view),
            lang=langs[0] if isinstance(langs, list) and langs else "",
            url=_url(uri),
            thread_external_id=clean_id(part(reply, "root").get("uri")) or uri,
            parent_external_id=parent_id,
            likes=view.get("likeCount", 0),
            reposts=view.get("repostCount", 0),
            replies=view.get("replyCount", 0),
            media=_media(part(view, "embed")),
            raw=view,
            own=own,
            addressed=not own and (to_us or _names(record, own_id)),
        )

    # -- Answering ----------------------------------------------------------------

    def publish(self, reply: Reply) -> Published:
        """Post the answer, under a key that finds it where it is posted already.

        :raises RejectedError: ``too_long``, ``parent_gone``, ``not_allowed`` by the thread's
            rules, ``bad_picture`` or ``rejected``
        """
        key = _tid(self.record_key(reply.idempotency_key, reply.body))
        record: Json = {}
        with ignoring("not_found"):
            told = self._ask("com.atproto.repo.getRecord", **self._place_of(POST, key))
            record = part(told, "value")
        if not record:
            with before_publishing():
                record = self._compose(reply)
            self._write(POST, key, record)
        uri = f"at://{self._own_id()}/{POST}/{key}"
        return Published(uri, _url(uri), record.get("createdAt"))

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

    def _upload(self, item: Attachment) -> Json:
        """A picture that the server took."""
        if item.mimetype not in self.media_types or len(item.content) > self.max_media_bytes:
            raise RejectedError("bad_picture")
        kind = {"Content-Type": item.mimetype}
        with renamed(RejectedError, "bad_picture"):
            data = self._call("com.atproto.repo.uploadBlob", data=item.content, headers=kind)
        return {"image": part(data, "blob"), "alt": item.description}

    def find_published(self, reply: Reply, since: datetime) -> list[Published]:
        """Own answers to the same post since then whose text is the same.

        :raises RejectedError: ``cannot_read_back`` where an answer could be and not be seen
        """
        posts = read_each(read_back(self._own_posts, _place, since), self._own_answer)[0]
        return self.pick_published(reply, since, posts)

    def delete(self, external_id: str) -> None:
        """Delete our record; where there is none it is no error."""
        found = URI.fullmatch(external_id)
        if not found or found[1] != self._own_id():
            raise RejectedError("cannot_delete")
        self._call("com.atproto.repo.deleteRecord", json=self._place_of(POST, found[2]))

    def like(self, mention: Mention, on: bool) -> None:
        """Like a post, or take back our like, also one that was given in the app."""
        key, post = _tid(mention.external_id), self._post(mention.external_id)
        given = str(part(post, "viewer").get("like") or "").rpartition("/")[2]
        if not on:
            for one in {key, given or key}:  # where there is none it is no harm
                self._call("com.atproto.repo.deleteRecord", json=self._place_of(LIKE, one))
        elif not given:
            subject = {"uri": mention.external_id, "cid": post.get("cid")}
            moment = f"{self.clock().isoformat()}Z"
            self._write(LIKE, key, {"subject": subject, "createdAt": moment})

    def _post(self, uri: str) -> Json:
        """A post's view, as we see it.

        :raises RejectedError: ``not_found``
        """
        uris = [uri] if did_of(uri) else []
        post = self._views("app.bsky.feed.getPosts", "uri", uris=uris).get(uri)
        if post is None:
            raise RejectedError("not_found")
        return post

    def _place_of(self, collection: str, key: str) -> Json:
        return {"repo": self._own_id(), "collection": collection, "rkey": key}

    def _write(self, collection: str, key: str, record: Json) -> None:
        """Keep a record under a key; one that is there stays as it is."""
        record = {"$type": collection, **record}
        data = {**self._place_of(collection, key), "record": record, "swapRecord": None}
        with ignoring("duplicate"):
            self._call("com.atproto.repo.putRecord", json=data)

    # -- Logging in -----------------------------------------------------------

    def sign_in(self, handle: str, password: str) -> Login:
        """A session on the account's own server, for a handle and an app password."""
        name = handle.strip().lstrip("@").lower()
        base = self.credentials.base_url or self._find_server(name)
        data = {"identifier": name, "password": password}
        with renamed(AuthenticationError, "login_refused", "token_expired"):
            session = self._call("com.atproto.server.createSession", base=base, key="", json=data)
        profile = Profile(clean_id(session.get("did")), clean_line(session.get("handle")))
        return Login(profile, _tokens(session), base)

    def _find_server(self, name: str) -> str:
        """The server that an account lives on, from its DID document."""
        if "@" in name:  # a mail address, which only Bluesky's own server can know
            return self.entryway
        did = name if name.startswith("did:") else self._resolve(name, self.entryway)
        host = did.removeprefix("did:web:")
        url = f"https://{host}/.well-known/did.json" if host != did else f"{self.directory}/{did}"
        try:
            document = self.transport.request("GET", url, origin=url).json() if did else {}
        except RejectedError:
            document = {}
        for service in dicts(document, "service"):
            address = clean_url(service.get("serviceEndpoint"))
            if address and str(service.get("id")).endswith("#atproto_pds"):
                return address.rstrip("/")
        raise AuthenticationError("login_refused")

    def _resolve(self, handle: str, base: str = "") -> str:
        """The DID of a handle, or "" where nobody has it."""
        method, query = "com.atproto.identity.resolveHandle", {"handle": handle}
        try:
            return clean_id(self._call(method, "GET", base, "", params=query).get("did"))
        except RejectedError:
            return ""

    def renew(self) -> Tokens:
        """The next session; a refresh token is good for one time and 90 days."""
        return _tokens(self._call("com.atproto.server.refreshSession", key="refresh_token"))

    def _own_id(self) -> str:
        if not self.credentials.external_id and not hasattr(self, "_own"):
            self._own = clean_id(self._ask("com.atproto.server.getSession").get("did"))
            if not self._own:
                raise TransientError("not_this_network")
        return self.credentials.external_id or self._own

    # -- Requests -----------------------------------------------------------------

    def _ask(self, method: str, **query: Any) -> Json:
        return self._call(method, "GET", params=query)

    def _call(
        self,
        method: str,
        verb: str = "POST",
        base: str = "",
        key: str = "access_token",
        **more: Any,
    ) -> Json:
        """Call a method of the account's server, or of another.

        :param key: which of the account's tokens goes with it; "" for none
        """
        token = getattr(self.credentials, key) if key else None
        if token == "":
            raise AuthenticationError("token_missing")
        base = base or self.credentials.base_url or self.entryway
        url = f"{base.rstrip('/')}/xrpc/{method}"
        answer = self.transport.request(
            verb, url, origin=base, token=token, errors=_error_of, **more
        )
        data = answer.json()
        if not isinstance(data, dict):
            raise TransientError("not_this_network")
        return data


def _error_of(response: Response) -> NetworkError | None:
    try:
        told = parse_json(response.content)
    except ValueError:
        return None
    kind, code = ERRORS.get(str(told.get("error")) if isinstance(told, dict) else "", (None, ""))
    return kind(code, status=response.status) if kind else None


def _tokens(session: Json) -> Tokens:
    """The tokens of a session, which say themselves when they end."""
    access, refresh = (clean_text(session.get(name)) for name in ("accessJwt", "refreshJwt"))
    if not access or not refresh:
        raise TransientError("not_this_network")
    return Tokens(access, refresh, token_end(access), token_end(refresh))


# -- Bluesky's shapes -------------------------------------------------------------


def did_of(uri: object) -> str:
    """The author's DID in a post's at-URI; "" for anything else.

    >>> did_of("at://did:plc:ana/app.bsky.feed.post/3k2y"), did_of("at://ana.test")
    ('did:plc:ana', '')
    """
    found = URI.fullmatch(uri) if isinstance(uri, str) else None
    return found[1] if found else ""


def _url(uri: str) -> str:
    """Where people see a post; by the DID, which stays when the handle changes."""
    found = URI.fullmatch(uri)
    return f"https://bsky.app/profile/{found[1]}/post/{found[2]}" if found else ""


def _tid(text: str) -> str:
    """A record key of the form that posts must have (a TID), always the same for a text.

    >>> _tid("a") == _tid("a"), len(_tid("a"))
    (True, 13)
    """
    number = int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
    number = (TID_FROM + number % TID_SPAN) << 10 | (number >> 128) % 1024
    return "".join(TID[number >> shift & 31] for shift in range(60, -1, -5))


def _moment(view: Json) -> datetime | None:
    """When a post was written, as it says, or first seen, if that was earlier: so lists sort."""
    told, seen = part(view, "record").get("createdAt"), view.get("indexedAt")
    return min(filter(None, map(clean_datetime, (told, seen))), default=None)


def _place(item: Json) -> datetime | None:
    """An item's place in a list of notifications or in a feed, where sharing counts anew."""
    shared = clean_datetime(part(item, "reason").get("indexedAt"))
    return shared or _moment(part(item, "post") or item)


def _around(thread: Json) -> tuple[list[Json], list[Json]]:
    """The posts above one, the first of the thread first, and those below it.

    What was deleted or is blocked has no post in its place and is passed over.
    """
    above: list[Json] = []
    below: list[Json] = []
    node, nodes = part(thread, "parent"), dicts(thread, "replies")
    while node and len(above) < MAX_THREAD:
        above, node = [part(node, "post"), *above], part(node, "parent")
    while nodes and len(below) < MAX_THREAD:
        below, nodes = [*below, part(nodes[0], "post")], dicts(nodes[0], "replies") + nodes[1:]
    return [post for post in above if post], [post for post in below if post]


def _names(record: Json, own_id: str) -> bool:
    """Whether a post mentions or quotes us; a thread of ours may hold talk among others."""
    told = json.dumps([record.get("facets"), record.get("embed")])
    return f'"did": "{own_id}"' in told or f'"uri": "at://{own_id}/' in told


def _like(item: Json) -> Like | None:
    """What a notification says of a post of ours: that somebody likes it."""
    who, post = clean_id(part(item, "author").get("did")), clean_id(item.get("reasonSubject"))
    return Like(post, who, _moment(item)) if item.get("reason") == LIKED and who and post else None


def _author(author: Json, external_id: str) -> Author:
    """A profile's view; ``handle.invalid`` stands for one that cannot be proven."""
    handle = clean_line(author.get("handle"))
    return Author(
        external_id=external_id,
        handle="" if handle == "handle.invalid" else handle,
        name=author.get("displayName") or handle,
        url=f"https://bsky.app/profile/{external_id}" if external_id.startswith("did:") else "",
        avatar_url=author.get("avatar") or "",
        followers_count=author.get("followersCount"),
        verified=part(author, "verification").get("verifiedStatus") == "valid",
    )


def _media(embed: Json) -> tuple[Media, ...]:
    """Pictures and films of a post's view, also beside a quotation."""
    inner = part(embed, "media") or embed
    pictures = [
        Media(
            image.get("fullsize") or "", "image", image.get("thumb") or "", image.get("alt") or ""
        )
        for image in dicts(inner, "images")
    ]
    film, preview = inner.get("playlist"), inner.get("thumbnail") or ""
    return (*pictures, *([Media(film, "video", preview)] if film else []))
