"""The contract that every network keeps."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timezone
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from .access import AppKeys, Credentials, Login, Tokens
from .capabilities import Capabilities
from .exceptions import RejectedError
from .text import normalise_text
from .types import Author, Entry, Mention, Page, Problem, Profile, Published, Reply

if TYPE_CHECKING:
    from .response import Response
    from .transport import Transport

Self = TypeVar("Self", bound="Network")


def utc_now() -> datetime:
    """The present, naive UTC."""
    return datetime.now(timezone.utc).replace(tzinfo=None, microsecond=0)


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


class Network(Capabilities):
    """One network: wire format in, dataclasses out.

    It gets data, never Odoo's ``env``, and raises :class:`~.exceptions.NetworkError`
    subclasses. Callers ask its :mod:`.capabilities`, never its name.

    :param credentials: what this account may use
    :param transport: the only way to the outside
    :param clock: gives the present, naive UTC
    """

    server: ClassVar[str] = ""  # the network's own, where an account names none

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

    @staticmethod
    def record_key(idempotency_key: str, body: str) -> str:
        """The key a network may deduplicate by; an edited text gets a new one."""
        return hashlib.sha256(f"{idempotency_key}\n{body}".encode()).hexdigest()

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
