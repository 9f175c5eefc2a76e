"""The networks: pure Python, never Odoo. One network, one class, one entry in ``BUILTIN``."""

from __future__ import annotations

from .base import Network, normalise_text, utc_now
from .bluesky import Bluesky
from .exceptions import (
    AuthenticationError,
    NetworkError,
    RateLimited,
    RejectedError,
    TransientError,
    WindowClosed,
)
from .file_import import FileImport
from .mastodon import Mastodon
from .practice import Practice
from .response import Response
from .transport import Transport, redact
from .types import (
    AppKeys,
    Attachment,
    Author,
    Credentials,
    Entry,
    Guide,
    Login,
    Media,
    Mention,
    Page,
    Problem,
    Profile,
    Published,
    Reply,
    Situation,
    Tokens,
)

BUILTIN: tuple[type[Network], ...] = (Bluesky, FileImport, Mastodon)

__all__ = [
    "BUILTIN",
    "AppKeys",
    "Attachment",
    "AuthenticationError",
    "Author",
    "Bluesky",
    "Credentials",
    "Entry",
    "FileImport",
    "Guide",
    "Login",
    "Mastodon",
    "Media",
    "Mention",
    "Network",
    "NetworkError",
    "Page",
    "Practice",
    "Problem",
    "Profile",
    "Published",
    "RateLimited",
    "RejectedError",
    "Reply",
    "Response",
    "Situation",
    "Tokens",
    "TransientError",
    "Transport",
    "WindowClosed",
    "normalise_text",
    "redact",
    "utc_now",
]
