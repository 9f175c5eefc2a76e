"""The server (PDS) that an account of Bluesky lives on: requests, records, pictures, sessions.

https://atproto.com/specs/ (xrpc, did, handle) and lexicons com.atproto.* at
https://github.com/bluesky-social/atproto/tree/main/lexicons, read 2026-11-22.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from .access import Login, Tokens
from .base import Network
from .cleaning import clean_id, clean_line, clean_text, clean_url
from .exceptions import (
    AuthenticationError,
    NetworkError,
    RejectedError,
    TransientError,
    ignoring,
    renamed,
)
from .jsontext import Json, dicts, part
from .oauth import token_end
from .response import Response
from .types import Attachment, Profile
from .walk import batches, listed

LIMIT = 100  # items a page, the most there is
BATCH = 25  # posts or people asked for at once, the most there is
# Views by id: method, parameter, where the answer has them, and where a view has its id.
POSTS = ("app.bsky.feed.getPosts", "uris", "posts", "uri")
PEOPLE = ("app.bsky.actor.getProfiles", "actors", "profiles", "did")
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


class BlueskyServer(Network):
    """Requests as an account, by the session of an app password."""

    server = "https://bsky.social"  # knows every handle; the one where none is known
    directory = "https://plc.directory"  # of DIDs and the servers they live on
    login = "password"
    renews = True

    @cached_property
    def own_id(self) -> str:
        """The session's DID, asked for where the account has none yet."""
        own_id = self.credentials.external_id
        own_id = own_id or clean_id(self._get("com.atproto.server.getSession").get("did"))
        if not own_id:
            raise TransientError("not_this_network")
        return own_id

    # -- Requests ---------------------------------------------------------------

    def _call(self, method: str, verb: str = "POST", **arguments: Any) -> Json:
        return self.ask(verb, f"/xrpc/{method}", errors=_error_of, **arguments).data()

    def _get(self, method: str, **query: Any) -> Json:
        return self._call(method, "GET", params=query)

    def _page(self, method: str, key: str, token: str, **query: Any) -> tuple[list[Json], str]:
        """Items, newest first, and the token of the next page or ""."""
        data = self._get(method, limit=LIMIT, **query, **({"cursor": token} if token else {}))
        items, following = listed(data, key), clean_id(data.get("cursor"))
        # A page with nothing for us (after a thousand shares) is not the end of the list: its
        # token, which is a time, stands for what was passed over.
        return items or ([{"indexedAt": following}] if following else []), following

    def _views(self, kind: tuple[str, str, str, str], ids: Sequence[str]) -> dict[str, Json]:
        """Views by their id; what is gone is left out.

        :param kind: :data:`POSTS` or :data:`PEOPLE`
        """
        method, parameter, key, name = kind
        return {
            clean_id(view.get(name)): view
            for some in batches(ids, BATCH)
            for view in listed(self._get(method, **{parameter: some}), key)
        }

    def _place_of(self, collection: str, key: str) -> Json:
        return {"repo": self.own_id, "collection": collection, "rkey": key}

    def _write(self, collection: str, key: str, record: Json) -> None:
        """Keep a record under a key; one that is there stays as it is."""
        record = {"$type": collection, **record}
        data = {**self._place_of(collection, key), "record": record, "swapRecord": None}
        with ignoring("duplicate"):
            self._call("com.atproto.repo.putRecord", json=data)

    def _delete(self, collection: str, key: str) -> None:
        """Delete a record; where there is none it is no harm."""
        self._call("com.atproto.repo.deleteRecord", json=self._place_of(collection, key))

    def _upload(self, item: Attachment) -> Json:
        """A picture that the server took."""
        if item.mimetype not in self.media_types or len(item.content) > self.max_media_bytes:
            raise RejectedError("bad_picture")
        kind = {"Content-Type": item.mimetype}
        with renamed(RejectedError, "bad_picture"):
            data = self._call("com.atproto.repo.uploadBlob", data=item.content, headers=kind)
        return {"image": part(data, "blob"), "alt": item.description}

    # -- Logging in -------------------------------------------------------------

    def sign_in(self, handle: str, password: str) -> Login:
        """A session on the account's own server, for a handle and an app password."""
        name = handle.strip().lstrip("@").lower()
        base = self.credentials.base_url or self._find_server(name)
        there, data = (
            self.with_credentials(base_url=base),
            {"identifier": name, "password": password},
        )
        with renamed(AuthenticationError, "login_refused", "token_expired"):
            session = there._call("com.atproto.server.createSession", token=None, json=data)
        profile = Profile(clean_id(session.get("did")), clean_line(session.get("handle")))
        return Login(profile, _tokens(session), base)

    def _find_server(self, name: str) -> str:
        """The server that an account lives on, from its DID document."""
        if "@" in name:  # a mail address, which only Bluesky's own server can know
            return self.server
        did = name if name.startswith("did:") else self._resolve(name)
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

    def _resolve(self, handle: str) -> str:
        """The DID of a handle, or "" where nobody has it."""
        method, query = "com.atproto.identity.resolveHandle", {"handle": handle}
        try:
            return clean_id(self._call(method, "GET", token=None, params=query).get("did"))
        except RejectedError:
            return ""

    def renew(self) -> Tokens:
        """The next session; a refresh token is good for one time and 90 days."""
        token = self.credentials.refresh_token
        return _tokens(self._call("com.atproto.server.refreshSession", token=token))


def _error_of(response: Response) -> NetworkError | None:
    kind, code = ERRORS.get(str(response.told().get("error")), (None, ""))
    return kind(code, status=response.status) if kind else None


def _tokens(session: Json) -> Tokens:
    """The tokens of a session, which say themselves when they end."""
    access, refresh = (clean_text(session.get(name)) for name in ("accessJwt", "refreshJwt"))
    if not access or not refresh:
        raise TransientError("not_this_network")
    return Tokens(access, refresh, token_end(access), token_end(refresh))
