"""What a network can do: asked of its class, without an account."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from .access import Guide
from .types import Mention, Situation


class Capabilities:
    """What callers ask in place of a network's name."""

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

    @classmethod
    def count_length(cls, text: str) -> int:
        """Length of a text as this network counts it."""
        return len(text)

    @classmethod
    def measure(cls, text: str, visibility: str) -> tuple[int, int]:
        """Length of an answer and what the network takes, where that depends on the way it goes."""
        return cls.count_length(text), cls.max_length

    @classmethod
    def plain_handle(cls, handle: str) -> str:
        """The part of a handle that a person chose and may have chosen elsewhere, in lower case."""
        return handle.strip().lstrip("@").partition("@")[0].lower()

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
