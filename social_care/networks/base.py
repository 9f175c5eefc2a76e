"""The contract that every network keeps."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from .access import AppKeys, Credentials, Guide, Login, Tokens
from .exceptions import RejectedError
from .types import Author, Entry, Mention, Page, Problem, Profile, Published, Reply, Situation

if TYPE_CHECKING:
    from .response import Response
    from .transport import Transport

Self = TypeVar("Self", bound="Network")

MAX_CONTEXT = 2_000  # characters of a post around a mention
MAX_OTHERS = 40  # posts of a thread, or comments, shown around a mention


def utc_now() -> datetime:
    """The present, naive UTC."""
    return datetime.now(timezone.utc).replace(tzinfo=None, microsecond=0)


def normalise_text(text: str) -> str:
    """A text as a network may give it back: for finding our own post again.

    Networks trim, collapse white space and change the Unicode form; case and
    words stay.
    """
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip()


def post_of(mention: Mention) -> dict[str, Any]:
    """A post as it stands around a mention: see :meth:`Network.fetch_context`."""
    return {
        "external_id": mention.external_id,
        "author": mention.author.name,
        "handle": mention.author.handle,
        "own": mention.own,
        "text": mention.body[:MAX_CONTEXT],
        "url": mention.url,
        "picture": next((item.url for item in mention.media if item.kind == "image"), ""),
        "posted_at": mention.posted_at.isoformat() if mention.posted_at else "",
    }


def context_of(above: Sequence[Mention], below: Sequence[Mention]) -> dict[str, Any]:
    """What :meth:`Network.fetch_context` gives, from the posts above a mention and those below it.

    :param above: the first of the thread first, the one answered last
    """
    posts = [post_of(post) for post in (*above[1:-1], *below)][:MAX_OTHERS]
    ends = {"root": post_of(above[0]), "parent": post_of(above[-1])} if above else {}
    return {**ends, **({"others": posts} if posts else {})}


def profile_of(author: Author, max_length: int | None = None) -> Profile:
    """The brand's own account, which the network shows as an author."""
    return Profile(
        author.external_id, author.handle, author.name, author.url, author.avatar_url, max_length
    )


def words(text: str) -> str:
    """Mark an English text of an adapter for translation; Odoo translates it when it is shown.

    Import it as ``_``: that name is what translators' tools look for.
    """
    return text


class Network:
    """One network: wire format in, dataclasses out.

    A subclass is one file. It gets data, never Odoo's ``env``, and raises
    :class:`~.exceptions.NetworkError` subclasses. Callers ask the capabilities
    below, never the name.

    :param credentials: what this account may use
    :param transport: the only way to the outside
    :param clock: gives the present, naive UTC
    """

    code: ClassVar[str]
    name: ClassVar[str]
    max_length: ClassVar[int] = 500
    supports_webhook: ClassVar[bool] = False
    supports_publish: ClassVar[bool] = True
    supports_direct: ClassVar[bool] = False
    supports_public_reply: ClassVar[bool] = True
    supports_private_reply: ClassVar[bool] = False
    supports_media: ClassVar[bool] = False
    supports_like: ClassVar[bool] = False
    supports_hide: ClassVar[bool] = False
    supports_edit: ClassVar[bool] = False  # of an answer that is out
    supports_delete: ClassVar[bool] = False
    changes_private: ClassVar[bool] = False  # what it can edit and delete: private messages too
    has_idempotency_key: ClassVar[bool] = False
    reply_window_hours: ClassVar[int] = 0  # for private messages; 0: no window
    late_window_hours: ClassVar[int] = 0  # in which a person, no automaton, may still write
    private_reply_hours: ClassVar[int] = 0  # after a comment, for the one private answer to it
    reads_document: ClassVar[bool] = False
    server: ClassVar[str] = ""  # the network's own, where an account names none
    needs_base_url: ClassVar[bool] = False
    needs_token: ClassVar[bool] = True
    poll_minutes: ClassVar[int] = 2
    recommended_minutes: ClassVar[int] = 480  # of working time in which customers expect an answer
    pushed_poll_minutes: ClassVar[int] = 15  # beside webhooks that arrive
    # How people log in: "" (nothing to log in to), "token" (pasted), "password" or "oauth".
    login: ClassVar[str] = "token"
    needs_app: ClassVar[bool] = False  # a developer's keys, entered by an administrator
    registers_apps: ClassVar[bool] = False  # its servers give keys to whoever asks
    app_networks: ClassVar[tuple[str, ...]] = ()  # other networks whose apps serve this one too
    renews: ClassVar[bool] = False  # Odoo can renew the login by itself
    charges_reads: ClassVar[bool] = False  # the vendor takes money for what is read
    calls_in_percent: ClassVar[bool] = False  # calls_left() is a share, no number
    media_types: ClassVar[tuple[str, ...]] = ("image/jpeg", "image/png")
    max_media: ClassVar[int] = 4  # pictures an answer
    max_media_bytes: ClassVar[int] = 2_000_000
    guide: ClassVar[Guide] = Guide()

    def __init__(
        self,
        credentials: Credentials,
        transport: Transport,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.credentials = credentials
        self.transport = transport
        self.clock = clock
        self.reads = 0  # things read that the vendor charges for, since this adapter was made

    def with_credentials(self: Self, **changes: Any) -> Self:
        """The same network, spoken to with other credentials."""
        credentials = replace(self.credentials, **changes)
        return type(self)(credentials, self.transport, self.clock)

    @cached_property
    def own_id(self) -> str:
        """The brand's own external id; asked for where the account has none yet."""
        return self.credentials.external_id or self.verify().external_id

    @classmethod
    def count_length(cls, text: str) -> int:
        """Length of a text as this network counts it."""
        return len(text)

    @classmethod
    def measure(cls, text: str, visibility: str) -> tuple[int, int]:
        """Length of an answer and what the network takes, where that depends on the way it goes."""
        return cls.count_length(text), cls.max_length

    def verify(self) -> Profile:
        """Who the credential belongs to, after proving that mentions can be read too.

        :raises NetworkError: with the reason
        """
        raise NotImplementedError

    def fetch(self, cursor: dict[str, Any], since: datetime | None) -> Page:
        """The next page after ``cursor`` ({} at the start), not older than ``since``.

        :raises NetworkError: nothing of the page is lost; ask again with the same cursor
        """
        raise NotImplementedError

    def fetch_context(self, mention: Mention) -> dict[str, Any]:
        """What stands around a mention: ``{"root": post, "parent": post, "others": [post]}``.

        A post is ``{"external_id", "author", "handle", "own", "text", "url",
        "picture", "posted_at"}`` with ``posted_at`` in ISO 8601, naive UTC.
        Empty where the network tells none.
        """
        return {}

    def refresh(self, external_ids: list[str]) -> list[Mention]:
        """The named mentions as they are now; deleted ones with ``deleted_at``."""
        return []

    def prepare_text(self, body: str, mention: Mention) -> str:
        """The text an answer starts with, e.g. the customer's handle where it must be there."""
        return body

    def publish(self, reply: Reply) -> Published:
        """Say it, in the thread it belongs to.

        :raises NetworkError: ``published`` tells whether it is proven that
            nothing went out
        """
        raise RejectedError("cannot_publish")

    def is_same_text(self, sent: str, shown: str) -> bool:
        """Whether a post of ours that came back says what we sent, as this network rewrites it."""
        return normalise_text(sent) == normalise_text(shown)

    def find_published(self, reply: Reply, since: datetime) -> list[Published]:
        """Our own posts that may be this reply: same parent, same text, not before ``since``.

        :raises NetworkError: where the network cannot be read back
        """
        raise RejectedError("cannot_read_back")

    def pick_published(
        self, reply: Reply, since: datetime, posts: Iterable[Mention], parent_id: str = ""
    ) -> list[Published]:
        """Those of some posts that may be this reply: for :meth:`find_published`.

        :param parent_id: what an answer hangs on, where that is not the post answered
        """
        text = self.prepare_text(reply.body, reply.parent)
        parent_id = parent_id or reply.parent.external_id
        found = {
            post.external_id: Published(post.external_id, post.url, post.posted_at, body=post.body)
            for post in posts
            if post.own
            and post.parent_external_id == parent_id
            and (post.posted_at or datetime.min) >= since
            and self.is_same_text(text, post.body)
        }
        return list(found.values())

    @classmethod
    def plain_handle(cls, handle: str) -> str:
        """The part of a handle that a person chose and may have chosen elsewhere, in lower case."""
        return handle.strip().lstrip("@").partition("@")[0].lower()

    @staticmethod
    def record_key(idempotency_key: str, body: str) -> str:
        """The key a network may deduplicate by; an edited text gets a new one."""
        return hashlib.sha256(f"{idempotency_key}\n{body}".encode()).hexdigest()

    # -- How a message can be answered ------------------------------------------

    @classmethod
    def ways(cls, mention: Mention, situation: Situation) -> dict[str, str]:
        """Visibility → "" where it is possible now, else the code of the reason; the usual first.

        Ways that this network never has are left out, except where nothing else is left.
        """
        direct = cls._window(situation) if cls.supports_direct else "no_direct"
        if mention.kind == "direct" or mention.visibility in ("direct", "private"):
            return {"direct": direct}
        ways = {"public": "" if cls.supports_public_reply else "no_public_reply"}
        if cls.supports_private_reply:
            ways["private_reply"] = cls._private_reply(mention, situation)
        elif cls.supports_direct:
            ways["direct"] = direct
        return ways

    @classmethod
    def _window(cls, situation: Situation) -> str:
        """Code of why no private message can be sent now, or ""."""
        hours = max(cls.reply_window_hours, cls.late_window_hours)
        if not hours:
            return ""
        start = situation.last_direct_at
        if start is None:
            return "no_direct"
        return "" if situation.now - start < timedelta(hours=hours) else "window_closed"

    @classmethod
    def _private_reply(cls, mention: Mention, situation: Situation) -> str:
        if situation.private_replied:
            return "private_reply_used"
        limit = timedelta(hours=cls.private_reply_hours)
        old = mention.posted_at is not None and situation.now - mention.posted_at >= limit
        return "window_closed" if limit and old else ""

    @classmethod
    def closes_at(cls, visibility: str, mention: Mention, situation: Situation) -> datetime | None:
        """When a way ends, or ended: naive UTC; None where it has no end or never began."""
        start, hours = None, 0
        if visibility == "direct":
            start = situation.last_direct_at
            hours = max(cls.reply_window_hours, cls.late_window_hours)
        elif visibility == "private_reply":
            start, hours = mention.posted_at, cls.private_reply_hours
        return start + timedelta(hours=hours) if start and hours else None

    # -- An answer that is out ------------------------------------------------

    def edit(self, external_id: str, reply: Reply) -> None:
        """Give an answer of ours another text; its id stays. The same twice does no harm.

        :param reply: the answer with its new text
        :raises RejectedError: ``answer_gone``, ``too_long``; ``cannot_edit`` where it stays
        """
        raise RejectedError("cannot_edit")

    def delete(self, external_id: str) -> None:
        """Take an answer of ours back; one that is gone already is no error.

        :raises RejectedError: ``cannot_delete`` where it stays
        """
        raise RejectedError("cannot_delete")

    # -- Gestures -----------------------------------------------------------

    def like(self, mention: Mention, on: bool) -> None:
        """Like a message, or take the like back. The same twice does no harm."""
        raise RejectedError("cannot_like")

    def hide(self, mention: Mention, on: bool) -> None:
        """Hide a message from others, or show it again. The same twice does no harm."""
        raise RejectedError("cannot_hide")

    # -- Being told: webhooks -----------------------------------------------

    @classmethod
    def answer_challenge(cls, query: Mapping[str, str], keys: AppKeys) -> tuple[str, str] | None:
        """Content type and text that prove to the network that the address is ours.

        :return: None where the question is not the network's own
        :raises RejectedError: ``not_found`` where there is nothing to compare with
        """
        raise RejectedError("not_found")

    @classmethod
    def is_signed(cls, body: bytes, headers: Mapping[str, str], keys: AppKeys) -> bool:
        """Whether the network signed these very bytes, compared in constant time.

        :param headers: looked up in any case, as Werkzeug's do
        """
        return False

    @classmethod
    def read_delivery(cls, body: bytes) -> list[Entry]:
        """The parts of a webhook call, each with its owner; order as sent.

        :raises ValueError: what is no call of this network
        """
        raise ValueError("no webhooks here")

    def read_entry(self, entry: Entry) -> Page:
        """The mentions of one part, which is this account's; ids as if they had been polled.

        What is known and needs nothing (a read receipt) is left out; what is unknown
        becomes a problem ``unknown_event``. May ask the network where the call lacks
        the text. The page's cursor is not looked at.

        :raises AuthenticationError: where the network tells that our access ended
        """
        return Page(problems=(Problem("unknown_event"),))

    def subscribe(self, address: str) -> None:
        """Have the network call ``address`` (the app's webhook) about this account; again is no harm."""

    # -- Logging in ---------------------------------------------------------

    def register_app(self, redirect_uri: str) -> AppKeys:
        """Keys from a server that gives them to whoever asks."""
        raise RejectedError("needs_app")

    def authorize_url(self, redirect_uri: str, state: str, challenge: str) -> str:
        """Where the browser goes to log in: code flow.

        :param challenge: PKCE's ``S256`` challenge; left out where the vendor knows none
        """
        raise RejectedError("cannot_log_in")

    def exchange(self, code: str, redirect_uri: str, verifier: str) -> list[Login]:
        """The accounts that a login opened, best first.

        :raises AuthenticationError: ``login_refused`` where the code is not accepted
        """
        raise RejectedError("cannot_log_in")

    def sign_in(self, handle: str, password: str) -> Login:
        """Log in with a name and an app password, which are not kept."""
        raise RejectedError("cannot_log_in")

    def renew(self) -> Tokens:
        """New tokens for the present ones. A rotated refresh token must be stored at once.

        :raises AuthenticationError: where a person must log in again
        """
        raise RejectedError("cannot_renew")

    # -- Asking -----------------------------------------------------------------

    def address(self, path: str, server: str = "") -> str:
        """A path's address on the account's own server, else on the network's.

        :param server: another one of the network's than :attr:`server`
        """
        return (self.credentials.base_url or server or self.server).rstrip("/") + path

    def ask(self, method: str, path: str, **arguments: Any) -> Response:
        """What the server answers; ``arguments`` as :meth:`.Transport.request` takes them."""
        arguments = {"token": self.credentials.access_token, **arguments}
        return self.transport.request(
            method, self.address(path), origin=self.address(""), **arguments
        )

    # -- What it costs ----------------------------------------------------------

    def calls_left(self) -> int | None:
        """Calls that the network's last answer still allows in its window; None where unknown."""
        for name in ("x-rate-limit-remaining", "ratelimit-remaining"):
            value = (self.transport.last_headers.get(name) or "").strip()
            if value.isdigit() and len(value) < 10:
                return int(value)
        return None
