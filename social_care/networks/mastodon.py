"""Mastodon, and other servers that speak its client API.

Documentation: https://docs.joinmastodon.org/methods/ (notifications, statuses, accounts, instance,
media, apps, oauth), https://docs.joinmastodon.org/entities/ and /api/guidelines/#pagination, read
2026-11-22. Servers differ, so nothing rests on ``types[]``, ``min_id``, ``Link`` or
``Idempotency-Key``: lists are walked backwards by ``max_id``, always with ``limit``, and filtered
again here.

- A post's ``external_id`` is the server's own id of the status: answers need it, and
  it is unique within an account of ours. An author's is the actor's address,
  ``ana@mastodon.example``, the same seen from every server.
- There is no id of a conversation: ``thread_external_id`` is the post answered, or
  the post itself. A thread is followed through the parents.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import PurePath
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from .access import AppKeys, Guide, Login
from .base import Network, normalise_text, post_of
from .base import words as _
from .cleaning import clean_count, clean_datetime, clean_id, clean_line, clean_text
from .exceptions import (
    AuthenticationError,
    NetworkError,
    RateLimited,
    RejectedError,
    TransientError,
    answering,
    before_publishing,
    deleting,
    renamed,
)
from .jsontext import dicts, part
from .oauth import log_in, login_address
from .response import Response
from .text import MAX_HTML, count_graphemes, html_to_text, letters
from .types import (
    VISIBILITIES,
    Attachment,
    Author,
    Like,
    Media,
    Mention,
    Page,
    Profile,
    Published,
    Reply,
)
from .walk import read_back, read_each, walk_back

LIMIT = 40  # items a page; without it snac 2.96 returns one
MAX_OTHERS = 40  # posts of a thread shown around a mention
MEDIA_SECONDS = 20.0  # that a server may take over a picture before we give up
MEDIA_PAUSE = 0.5  # seconds between two questions whether it is done
SCOPES = "read write"
OPEN = ("public", "unlisted")
NOTIFICATIONS = ("mention", "update", "quote")
LIKED = "favourite"  # told while it stands; nothing tells that it was taken back
URL_LENGTH = 23  # characters_reserved_per_url
_URL = re.compile(r"(?i)https?://[^\s/?#<>\"]+\.[^\W\d_]{2,}(?::\d+)?(?:[/?#][^\s<>\"]*)?")
# Servers show a far handle without its server.
_REMOTE = re.compile(r"(?<![\w/=])(@\w[\w.-]{0,100})@[\w.:-]*\w")
_MEDIA = {"image": "image", "video": "video", "gifv": "video", "audio": "audio"}


class Mastodon(Network):
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
    needs_base_url = True
    login = "oauth"
    registers_apps = True
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
        account = self._ask("/api/v1/accounts/verify_credentials").data()
        self.own_id = clean_id(account.get("id"))
        if not self.own_id:
            raise RejectedError("not_this_network")
        self._notifications()
        self._own_posts()
        instance = self._instance()
        settings = part(part(instance, "configuration"), "statuses")
        limit = settings.get("max_characters") or instance.get("max_toot_chars")
        domain = str(instance.get("domain") or "") or self._domain
        return Profile(
            external_id=self.own_id,
            handle=_address(account, domain),
            name=account.get("display_name") or account.get("acct") or "",
            url=account.get("url") or "",
            avatar_url=account.get("avatar") or "",
            max_length=clean_count(limit) or self.max_length,
        )

    def _instance(self) -> dict[str, Any]:
        for version in ("v2", "v1"):
            try:
                return self._ask(f"/api/{version}/instance").data()
            except RateLimited:
                raise
            except NetworkError:
                continue  # snac has no v2; what is told here is worth no failed connection
        return {}

    @property
    def _domain(self) -> str:
        """What stands behind the @ of local people: not always the server's host."""
        told = self.credentials.handle.lstrip("@").partition("@")[2]
        return (told or urlsplit(self.credentials.base_url).netloc).lower()

    # -- Reading ------------------------------------------------------------------

    def fetch(self, cursor: dict[str, Any], since: datetime | None) -> Page:
        """One page of notifications; when those are done, one of our own answers.

        The cursor is that of :mod:`.walk` for notifications, a second one under
        ``"own"``, and ``"turn": "own"`` while the second list is walked.
        """
        now, mine = self.clock(), part(cursor, "own")
        if cursor.get("turn") == "own":
            step = walk_back(mine, since, self._own_posts, _moment, now)
            kept = {**cursor, "own": step.cursor}
        else:
            step = walk_back(cursor, since, self._notifications, _moment, now)
            kept = {**step.cursor, "turn": "", "own": mine}
        if not step.more:
            kept["turn"] = "" if cursor.get("turn") else "own"
        mentions, problems = read_each(step.items, self._told)
        likes = tuple(like for item in step.items if (like := self._like(item)))
        return Page(mentions, kept, step.more or bool(kept["turn"]), problems, likes)

    def _told(self, item: Any) -> Mention | None:
        """What a notification or one of our own posts says; None where it is none of ours.

        Of our own posts only answers; of edits only those of posts that are to us.

        :raises ValueError: for what is neither
        """
        if not isinstance(item, dict) or not ("type" in item or item.get("id")):
            raise ValueError("no status")
        if "type" not in item:
            answer = item.get("in_reply_to_id") and not item.get("reblog")
            return self._mention(item) if answer else None
        status = item.get("status")
        if item["type"] not in NOTIFICATIONS or status is None:
            return None  # snac ignores types[]; a deleted status leaves its notification
        if item["type"] == "update":
            named = [one.get("id") for one in dicts(status, "mentions")]
            if self.own_id not in map(clean_id, (*named, status.get("in_reply_to_account_id"))):
                return None
        return self._mention(status)

    def _like(self, item: Any) -> Like | None:
        """What a notification says of a post of ours: that somebody likes it."""
        if not isinstance(item, dict) or item.get("type") != LIKED:
            return None
        post, who = clean_id(part(item, "status").get("id")), part(item, "account")
        return Like(post, self._author(who, post).external_id, _moment(item)) if post else None

    def fetch_context(self, mention: Mention) -> dict[str, Any]:
        """The first post of the thread, the one answered, and up to 40 others."""
        data = self._status(mention.external_id, "/context").json()
        above, below = (
            # Not another customer's private post, which our token may see too.
            [post_of(m) for m in self._mentions(dicts(data, key)) if m.own or m.visibility in OPEN]
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
        data: dict[str, Any] = {
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
            answer = self._ask("/api/v1/statuses", method="POST", json=data, headers=key)
            post = self._mention(answer.json())
        return Published(post.external_id, post.url, post.posted_at)

    def _upload(self, item: Attachment) -> str:
        """The id of a picture that the server took and is done with."""
        # snac 2.75 keeps one picture a file name, whoever sent it.
        name = hashlib.sha256(item.content).hexdigest()[:32] + PurePath(item.name).suffix
        files = {"file": (name, item.content, item.mimetype)}
        end = time.monotonic() + MEDIA_SECONDS
        answer = self._send_picture(files=files, data={"description": item.description})
        media_id = clean_id(answer.data().get("id"))
        while media_id and answer.status in (202, 206) and time.monotonic() < end:
            time.sleep(MEDIA_PAUSE)  # nothing tells us when it is done
            answer = self._ask(f"/api/v1/media/{quote(media_id, safe='')}")
        if not media_id or answer.status in (202, 206):
            raise TransientError("timeout")
        return media_id

    def _send_picture(self, **form: Any) -> Response:
        for version in ("v2", "v1"):  # there are servers that know the first way only
            try:
                return self._ask(f"/api/{version}/media", method="POST", **form)
            except RejectedError as error:
                if error.code != "not_found":
                    raise RejectedError("bad_picture", status=error.status) from None
        raise RejectedError("bad_picture", status=404)

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
        own = read_back(self._own_posts, _moment, since)
        return self.pick_published(reply, since, below) or self.pick_published(
            reply, since, self._mentions(own)
        )

    # -- Requests -----------------------------------------------------------------

    def _notifications(self, token: str = "") -> tuple[Sequence[Any], str]:
        return self._page("/api/v1/notifications", {"types[]": [*NOTIFICATIONS, LIKED]}, token)

    def _own_posts(self, token: str = "") -> tuple[Sequence[Any], str]:
        path = f"/api/v1/accounts/{quote(self.own_id, safe='')}/statuses"
        return self._page(path, {"exclude_reblogs": "true"}, token)

    def _page(self, path: str, params: dict[str, Any], token: str) -> tuple[Sequence[Any], str]:
        """Items, newest first, and the ``max_id`` of the next page or ""."""
        response = self._ask(path, params={**params, "limit": LIMIT, "max_id": token or None})
        items = response.json()
        if not isinstance(items, list):
            raise TransientError("not_this_network", status=response.status)
        link = re.search(r'<([^<>]{1,2000})>;\s?rel="?next', response.headers.get("Link") or "")
        # Of the address only the token: the host in it is anybody's.
        query = parse_qs(urlsplit(link.group(1)).query) if link else {}
        # Else below the earliest item, so that a page in any order skips none.
        dated = [item for item in reversed(items) if _moment(item)]
        lowest: dict[str, Any] = min(dated, key=lambda item: str(_moment(item)), default={})
        following = clean_id(query.get("max_id", [lowest.get("id")])[0])
        # snac 2.75 gives the same page for ever: it is the end only where it is not full.
        return items, "" if following == token and len(items) < LIMIT else following

    def _status(self, external_id: str, what: str = "", **arguments: Any) -> Response:
        return self._ask(f"/api/v1/statuses/{quote(external_id, safe='')}{what}", **arguments)

    def _ask(self, path: str, *, method: str = "GET", **arguments: Any) -> Response:
        asked = {"token": self.credentials.access_token, "errors": _error, **arguments}
        base = self.credentials.base_url
        return self.transport.request(method, base + path, origin=base, **asked)

    # -- Shapes ---------------------------------------------------------------------

    def _mentions(self, statuses: Iterable[Any]) -> tuple[Mention, ...]:
        return read_each(statuses, self._mention)[0]

    def _mention(self, status: Any) -> Mention:
        """A status as a mention, a content warning above its text.

        A visibility that nobody knows counts as private: better whispered than told to all.

        :raises ValueError: if it is no status
        """
        status_id = clean_id(status.get("id")) if isinstance(status, dict) else ""
        if not status_id:
            raise ValueError("no status")
        account, told = part(status, "account"), status.get("visibility")
        parent_id = clean_id(status.get("in_reply_to_id"))
        own = clean_id(account.get("id")) == self.own_id
        to_us = clean_id(status.get("in_reply_to_account_id")) == self.own_id
        kind = "reply" if parent_id and (to_us or own) else "mention"
        text = html_to_text(clean_text(status.get("content"), MAX_HTML))
        return Mention(
            external_id=status_id,
            kind="direct" if told == "direct" else kind,
            author=self._author(account, status_id),
            body=f"{clean_text(status.get('spoiler_text'))}\n\n{text}".strip(),
            posted_at=status.get("created_at"),
            lang=status.get("language") or "",
            url=status.get("url") or status.get("uri"),
            thread_external_id=parent_id or status_id,
            parent_external_id=parent_id,
            visibility=told if told in VISIBILITIES else "private",
            edited_at=status.get("edited_at"),
            likes=status.get("favourites_count", 0),
            reposts=status.get("reblogs_count", 0),
            replies=status.get("replies_count", 0),
            media=tuple(map(_media, dicts(status, "media_attachments")))[:20],
            raw=status,
            own=own,
            addressed=not own,
        )

    def _author(self, account: dict[str, Any], status_id: str) -> Author:
        """The author, by the actor's address.

        Without one nobody may be taken for somebody else: the post's id stands in.
        """
        address = _address(account, self._domain)
        return Author(
            external_id=address or f"unknown:{status_id}",
            handle=address,
            name=account.get("display_name") or account.get("username") or "",
            url=account.get("url") or "",
            avatar_url=account.get("avatar") or "",
            followers_count=account.get("followers_count"),
            bot=account.get("bot") is True,
        )

    # -- Logging in -----------------------------------------------------------------

    def register_app(self, redirect_uri: str) -> AppKeys:
        """Keys from the server: every one gives them to whoever asks."""
        form = {"client_name": "Odoo Social Care", "redirect_uris": redirect_uri, "scopes": SCOPES}
        keys = self._ask("/api/v1/apps", method="POST", data=form, token=None).told()
        if not keys.get("client_id"):
            raise RejectedError("not_this_network")
        secret = str(keys.get("client_secret") or "")
        return AppKeys(self.credentials.base_url, str(keys["client_id"]), secret)

    def authorize_url(self, redirect_uri: str, state: str, challenge: str) -> str:
        """The server's own page; those that know no PKCE pass over the challenge."""
        url = self.address("/oauth/authorize")
        return login_address(self, url, redirect_uri, state, challenge, scope=SCOPES)

    def exchange(self, code: str, redirect_uri: str, verifier: str) -> list[Login]:
        """The one account of the login. Mastodon's tokens do not expire; those of others may."""
        url = self.credentials.base_url + "/oauth/token"
        (login,) = log_in(self, url, code, redirect_uri, verifier, scope=SCOPES)
        end = login.tokens.access_expires_at
        tokens = replace(login.tokens, access_expires_at=None, login_expires_at=end)
        return [replace(login, tokens=tokens)]


def _moment(item: Any) -> datetime | None:
    """An item's place in its list: a notification's or status's ``created_at``, naive UTC."""
    return clean_datetime(item.get("created_at")) if isinstance(item, dict) else None


def _address(account: dict[str, Any], domain: str) -> str:
    """An actor's address with its server, which local ones lack; "" where it has none."""
    acct = clean_line(account.get("acct") or account.get("username")).lstrip("@").lower()
    return acct if not acct or "@" in acct else f"{acct}@{domain.lower()}"


def _media(item: dict[str, Any]) -> Media:
    return Media(
        url=item.get("url") or item.get("remote_url") or "",
        kind=_MEDIA.get(str(item.get("type")), "other"),
        preview_url=item.get("preview_url") or "",
        description=item.get("description") or "",
    )


def _visibility(reply: Reply) -> str:
    """Mastodon's word for where an answer goes: never wider than what it answers."""
    asked = reply.parent.visibility
    return asked if reply.visibility == "public" and asked in OPEN else "direct"


def _error(response: Response) -> NetworkError | None:
    """snac answers 422, not in JSON, to a bad token; Mastodon's 422 is always JSON."""
    if response.status == 422 and not response.told():
        return AuthenticationError("token_expired", status=422)
    return None
