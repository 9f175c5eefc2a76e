"""The contract that every network keeps."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, ClassVar

from .exceptions import RejectedError
from .types import Credentials, Mention, Page, Profile, Published, Reply

if TYPE_CHECKING:
    from .transport import Transport


def utc_now() -> datetime:
    """The present, naive UTC."""
    return datetime.now(timezone.utc).replace(tzinfo=None, microsecond=0)


def normalise_text(text: str) -> str:
    """A text as a network may give it back: for finding our own post again.

    Networks trim, collapse white space and change the Unicode form; case and
    words stay.
    """
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip()


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
    supports_poll: ClassVar[bool] = True
    supports_webhook: ClassVar[bool] = False
    supports_publish: ClassVar[bool] = True
    supports_direct: ClassVar[bool] = False
    supports_public_reply: ClassVar[bool] = True
    supports_private_reply: ClassVar[bool] = False
    supports_media: ClassVar[bool] = False
    supports_like: ClassVar[bool] = False
    supports_hide: ClassVar[bool] = False
    has_idempotency_key: ClassVar[bool] = False
    reply_window_hours: ClassVar[int] = 0  # 0: no window
    reads_document: ClassVar[bool] = False
    needs_base_url: ClassVar[bool] = False
    needs_token: ClassVar[bool] = True
    poll_minutes: ClassVar[int] = 2

    def __init__(
        self,
        credentials: Credentials,
        transport: Transport,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.credentials = credentials
        self.transport = transport
        self.clock = clock

    @classmethod
    def count_length(cls, text: str) -> int:
        """Length of a text as this network counts it."""
        return len(text)

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

    @staticmethod
    def record_key(idempotency_key: str, body: str) -> str:
        """The key a network may deduplicate by; an edited text gets a new one."""
        return hashlib.sha256(f"{idempotency_key}\n{body}".encode()).hexdigest()
