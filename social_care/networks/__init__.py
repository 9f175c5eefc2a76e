"""The networks: pure Python, never Odoo. One network, one class, one entry in ``BUILTIN``."""

from __future__ import annotations

from .access import AppKeys, Credentials, Guide, Login, Tokens
from .base import Network
from .bluesky import Bluesky
from .exceptions import (
    AuthenticationError,
    NetworkError,
    RateLimited,
    RejectedError,
    TransientError,
    WindowClosed,
)
from .facebook import Facebook
from .file_import import FileImport
from .instagram import Instagram
from .mastodon import Mastodon
from .practice import Practice
from .response import Response
from .scrub import scrub
from .transport import Redacting, Transport, redact
from .types import (
    Attachment,
    Author,
    Entry,
    Like,
    Media,
    Mention,
    Page,
    Problem,
    Profile,
    Published,
    Reply,
    Situation,
)
from .x import X
from .youtube import YouTube

BUILTIN: tuple[type[Network], ...] = (
    Bluesky,
    Facebook,
    FileImport,
    Instagram,
    Mastodon,
    X,
    YouTube,
)
