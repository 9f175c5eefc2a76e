"""What opens a network: keys, tokens, and how people get them. Times are naive UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from .cleaning import Cleaned, clean_datetime, cleaned
from .types import Profile


@dataclass(frozen=True)
class Credentials:
    """What an adapter may know of an account. Never printed: ``repr`` hides the secrets.

    :param external_id: the brand's own id on the network, empty before the
        first connection
    :param app_token: the app's own token, where the vendor wants one beside the account's
    :param document: the file of a network that reads one
    """

    base_url: str = ""
    external_id: str = ""
    handle: str = ""
    access_token: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    client_id: str = field(default="", repr=False)
    client_secret: str = field(default="", repr=False)
    app_token: str = field(default="", repr=False)
    document: bytes = field(default=b"", repr=False)
    document_name: str = ""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must be seen nowhere."""
        secrets = (self.access_token, self.refresh_token, self.client_secret, self.app_token)
        return tuple(filter(None, secrets))


@dataclass(frozen=True)
class Tokens(Cleaned):
    """What a login gave. Never printed.

    :param access_expires_at: the access token's end, where Odoo can renew it by itself
    :param login_expires_at: when a person must log in again, or None where never
    """

    access_token: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    access_expires_at: datetime | None = cleaned(clean_datetime, None)
    login_expires_at: datetime | None = cleaned(clean_datetime, None)


@dataclass(frozen=True)
class Login:
    """One account that a login opened; a login to a vendor may open several pages.

    :param base_url: the server the account lives on, where the login found it out
    """

    profile: Profile
    tokens: Tokens
    base_url: str = ""


@dataclass(frozen=True)
class AppKeys:
    """The keys of a developer app. Never printed.

    :param signing_secret: a second secret that may sign webhooks, e.g. that of the app above
    :param verify_token: the word of the webhook's handshake
    :param app_token: the app's own token, where the vendor wants one beside the account's
    """

    base_url: str = ""
    client_id: str = field(default="", repr=False)
    client_secret: str = field(default="", repr=False)
    signing_secret: str = field(default="", repr=False)
    verify_token: str = field(default="", repr=False)
    app_token: str = field(default="", repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Those that may have signed a call."""
        return tuple(filter(None, (self.client_secret, self.signing_secret)))


@dataclass(frozen=True)
class Guide:
    """How an account is connected, in English, marked for translation with :func:`.base.words`.

    :param demands: what the vendor asks for before it works: an address, a review, a price
    :param meanwhile: what works without all that
    :param steps: what to create there, in order
    :param permissions: the vendor's names of what to allow, not translated
    :param console_url: where developers' apps are made
    """

    demands: tuple[str, ...] = ()
    meanwhile: str = ""
    steps: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
    console_url: str = ""
