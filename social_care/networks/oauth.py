"""OAuth 2.0's code flow with PKCE (RFC 6749 and 7636), as far as the networks agree on it."""

from __future__ import annotations

from base64 import b64decode, b64encode
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from .access import Login, Tokens
from .cleaning import clean_count, clean_datetime, clean_text
from .exceptions import AuthenticationError, NetworkError
from .jsontext import Json, parse_json

if TYPE_CHECKING:
    from .base import Network
    from .response import Response


def login_address(
    network: Network, url: str, redirect_uri: str, state: str, challenge: str, **more: str
) -> str:
    """Where the browser goes to log in.

    :param more: ``scope`` and what else the network asks for
    """
    client_id = network.credentials.client_id
    query = {"response_type": "code", "client_id": client_id, "redirect_uri": redirect_uri}
    pkce = {"code_challenge": challenge, "code_challenge_method": "S256"} if challenge else {}
    return f"{url}?{urlencode({**query, 'state': state, **pkce, **more})}"


def log_in(
    network: Network,
    url: str,
    code: str,
    redirect_uri: str,
    verifier: str,
    *,
    basic: bool = False,
    **more: str,
) -> list[Login]:
    """The one account that a code opens, after proving that it can be read.

    :param basic: as in :func:`ask_tokens`
    :param more: what else the network's exchange asks for
    :raises AuthenticationError: ``login_refused`` where the code is not accepted
    """
    grant = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
    form = {**grant, "code_verifier": verifier, **more}
    tokens = ask_tokens(network, url, "login_refused", form, basic=basic)
    theirs = network.with_credentials(access_token=tokens.access_token, external_id="", handle="")
    return [Login(theirs.verify(), tokens)]


def renew_tokens(network: Network, url: str, *, basic: bool = False) -> Tokens:
    """The next tokens, for the present refresh token.

    :raises AuthenticationError: ``token_expired`` where the server takes it no more
    """
    form = {"grant_type": "refresh_token", "refresh_token": network.credentials.refresh_token}
    return ask_tokens(network, url, "token_expired", form, basic=basic)


def ask_tokens(
    network: Network, url: str, refused: str, form: dict[str, str], *, basic: bool = False
) -> Tokens:
    """Tokens for a code or a refresh token, asked for with the app's keys.

    :param form: the grant and what goes with it
    :param refused: code of the error where the server takes neither
    :param basic: the keys go in the header, not in the form
    :raises AuthenticationError: ``refused``
    """

    def error(response: Response) -> NetworkError | None:
        dead = response.status in (400, 401, 403)
        return AuthenticationError(refused, status=response.status) if dead else None

    keys = network.credentials
    headers: dict[str, str] = {}
    form = {"client_id": keys.client_id, **form}
    if basic:
        pair = f"{keys.client_id}:{keys.client_secret}".encode()
        headers["Authorization"] = f"Basic {b64encode(pair).decode()}"
    else:
        form["client_secret"] = keys.client_secret
    answer = network.transport.request(
        "POST", url, origin=url, data=form, headers=headers, errors=error
    )
    data = answer.json()
    if not isinstance(data, dict) or not data.get("access_token"):
        raise AuthenticationError(refused)
    return _tokens_of(data, network.clock(), form.get("refresh_token", ""))


def _tokens_of(data: Json, now: datetime, kept: str) -> Tokens:
    """The tokens in an answer; ``kept`` is the refresh token that stays where none is told."""

    def end(name: str) -> datetime | None:
        seconds = clean_count(data.get(name))
        return now + timedelta(seconds=seconds) if seconds else None

    return Tokens(
        access_token=clean_text(data["access_token"]),
        refresh_token=clean_text(data.get("refresh_token")) or kept,
        access_expires_at=end("expires_in"),
        login_expires_at=end("refresh_token_expires_in"),
    )


def token_end(token: str) -> datetime | None:
    """``exp`` of a JSON Web Token (RFC 7519), unproven: the server decides. Naive UTC."""
    try:
        claims = parse_json(b64decode(token.split(".")[1] + "==", altchars=b"-_"))
        return clean_datetime(claims.get("exp"))
    except (ValueError, IndexError, AttributeError):
        return None
