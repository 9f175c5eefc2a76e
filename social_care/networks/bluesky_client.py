"""The connection to a server (PDS) of the AT Protocol: login, lists, records.

https://atproto.com/specs/xrpc and lexicons com.atproto.*, app.bsky.* at
https://github.com/bluesky-social/atproto/tree/main/lexicons, read 2026-11-22.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from . import bluesky_wire as wire
from .access import Login, Tokens
from .base import Network
from .cleaning import clean_id, clean_url
from .exceptions import AuthenticationError, NetworkError, RejectedError, TransientError
from .jsontext import dicts, parse_json, part
from .response import Response
from .types import Profile

LIMIT = 100  # items a page, the most there is
BATCH = 25  # posts or people asked for at once, the most there is
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


class BlueskyClient(Network):
    """Requests with the account's session, and the lists that are read."""

    entryway = "https://bsky.social"  # knows every handle; the server where none is known
    directory = "https://plc.directory"  # of DIDs and the servers they live on

    # -- Logging in -----------------------------------------------------------

    def sign_in(self, handle: str, password: str) -> Login:
        """A session on the account's own server, for a handle and an app password."""
        name = handle.strip().lstrip("@").lower()
        base = self.credentials.base_url or self._find_server(name)
        data = {"identifier": name, "password": password}
        try:
            method = "com.atproto.server.createSession"
            session = self._ask("POST", method, base=base, json=data)
        except AuthenticationError as error:
            code = "login_refused" if error.code == "token_expired" else error.code
            raise AuthenticationError(code, status=error.status) from None
        profile = Profile(external_id=session.get("did") or "", handle=session.get("handle") or "")
        return Login(profile, _tokens(session), base)

    def _find_server(self, name: str) -> str:
        """The server that an account lives on, from its DID document.

        https://atproto.com/specs/did and /handle, read 2026-11-22.
        """
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

    def renew(self) -> Tokens:
        """The next session; a refresh token is good for one time and 90 days."""
        token = self.credentials.refresh_token
        return _tokens(self._ask("POST", "com.atproto.server.refreshSession", token=token))

    # -- Lists ------------------------------------------------------------------

    def _notifications(self, token: str = "") -> tuple[Sequence[Any], str]:
        method, reasons = "app.bsky.notification.listNotifications", list(wire.REASONS)
        return self._page(method, "notifications", token, reasons=reasons)

    def _own_posts(self, token: str = "") -> tuple[Sequence[Any], str]:
        query = {"actor": self._own_id(), "filter": "posts_with_replies"}
        return self._page("app.bsky.feed.getAuthorFeed", "feed", token, **query)

    def _page(self, method: str, key: str, token: str, **query: Any) -> tuple[Sequence[Any], str]:
        """Items, newest first, and the token of the next page or ""."""
        data = self._get(method, limit=LIMIT, **query, **({"cursor": token} if token else {}))
        items, following = data.get(key), clean_id(data.get("cursor"))
        if not isinstance(items, list):
            raise TransientError("not_this_network")
        # A page with nothing for us (after a thousand likes) is not the end of the list: its
        # token, which is a time, stands for what was passed over.
        return items or ([{"indexedAt": following}] if following else []), following

    def _hydrate(self, items: Iterable[Any]) -> list[Any]:
        """Notifications, with what only the views of posts and people tell: counts, pictures."""
        rows = [item for item in items if wire.reason_of(item) in wire.REASONS]
        uris = [uri for row in rows if (uri := wire.uri_of(row))]
        posts = self._views("app.bsky.feed.getPosts", "posts", "uri", uris=uris)
        actors = sorted({wire.split_uri(uri)[0] for uri in uris})
        people = self._views("app.bsky.actor.getProfiles", "profiles", "did", actors=actors)
        return [wire.merged(row, posts, people) for row in rows]

    def _views(self, method: str, key: str, name: str, **wanted: list[str]) -> wire.Views:
        """Views by their id; what is gone is left out."""
        ((parameter, ids),) = wanted.items()
        chunks = (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))
        return {
            clean_id(row.get(name)): row
            for chunk in chunks
            for row in dicts(self._get(method, **{parameter: chunk}), key)
        }

    def _post(self, uri: str) -> dict[str, Any]:
        """A post's view, as we see it.

        :raises RejectedError: ``not_found``
        """
        known = [uri] if wire.split_uri(uri)[0] else []
        post = self._views("app.bsky.feed.getPosts", "posts", "uri", uris=known).get(uri)
        if post is None:
            raise RejectedError("not_found")
        return post

    def _resolve(self, handle: str, base: str = "") -> str:
        """The DID of a handle, or "" where nobody has it."""
        method = "com.atproto.identity.resolveHandle"
        try:
            return clean_id(self._ask("GET", method, base=base, params={"handle": handle})["did"])
        except (RejectedError, KeyError):
            return ""

    # -- Records of our own -------------------------------------------------

    def _own_id(self) -> str:
        if not self.credentials.external_id and not hasattr(self, "_own"):
            self._own = clean_id(self._get("com.atproto.server.getSession").get("did"))
            if not self._own:
                raise TransientError("not_this_network")
        return self.credentials.external_id or self._own

    def _read(self, collection: str, key: str) -> dict[str, Any]:
        """A record of ours, or {}."""
        query = {"repo": self._own_id(), "collection": collection, "rkey": key}
        try:
            return part(self._get("com.atproto.repo.getRecord", **query), "value")
        except RejectedError as error:
            if error.code != "not_found":
                raise
            return {}

    def _write(self, collection: str, key: str, record: dict[str, Any]) -> None:
        """Keep a record under a key; one that is there stays as it is."""
        place = {"repo": self._own_id(), "collection": collection, "rkey": key}
        data = {**place, "record": {"$type": collection, **record}, "swapRecord": None}
        try:
            self._post_json("com.atproto.repo.putRecord", data)
        except RejectedError as error:
            if error.code != "duplicate":
                raise

    def _delete(self, collection: str, key: str) -> None:
        """Delete a record of ours; where there is none it is no harm."""
        data = {"repo": self._own_id(), "collection": collection, "rkey": key}
        self._post_json("com.atproto.repo.deleteRecord", data)

    # -- Requests -----------------------------------------------------------------

    def _get(self, method: str, **query: Any) -> dict[str, Any]:
        return self._ask("GET", method, token=self.credentials.access_token, params=query)

    def _post_json(self, method: str, data: dict[str, Any]) -> dict[str, Any]:
        return self._ask("POST", method, token=self.credentials.access_token, json=data)

    def _ask(
        self, verb: str, method: str, *, base: str = "", token: str | None = None, **arguments: Any
    ) -> dict[str, Any]:
        """Call a method of the account's server, or of another without a token."""
        if token == "":
            raise AuthenticationError("token_missing")
        base = base or self.credentials.base_url or self.entryway
        url = f"{base.rstrip('/')}/xrpc/{method}"
        data = self.transport.request(
            verb, url, origin=base, token=token, errors=_error, **arguments
        ).json()
        if not isinstance(data, dict):
            raise TransientError("not_this_network")
        return data


def _error(response: Response) -> NetworkError | None:
    try:
        told = parse_json(response.content)
    except ValueError:
        return None
    kind, code = ERRORS.get(str(told.get("error")) if isinstance(told, dict) else "", (None, ""))
    return kind(code, status=response.status) if kind else None


def _tokens(session: dict[str, Any]) -> Tokens:
    tokens = wire.tokens_of(session)
    if not tokens.access_token or not tokens.refresh_token:
        raise TransientError("not_this_network")
    return tokens
