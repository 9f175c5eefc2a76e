"""The connection to YouTube's Data API and to Google's login.

https://developers.google.com/youtube/v3/docs/ and
https://developers.google.com/identity/protocols/oauth2/web-server, read 2026-11-22.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from . import youtube_wire as wire
from .base import Network
from .cleaning import clean_id
from .exceptions import AuthenticationError, NetworkError, RejectedError, TransientError
from .jsontext import dicts
from .oauth import ask_tokens, log_in, login_address
from .response import Response
from .types import Login, Mention, Tokens

API = "https://youtube.googleapis.com"
LOGIN = "https://accounts.google.com"
TOKENS = "https://oauth2.googleapis.com"
SCOPE = "https://www.googleapis.com/auth/youtube.force-ssl"

MAX_ITEMS = 100  # a page
MAX_IDS = 50  # named in one request
MAX_REPLIES = 1_000  # read of one thread


class YouTubeClient(Network):
    """Requests with the channel's token, and the login that gives and renews it.

    An account's ``base_url`` stands in for all of Google's addresses, for tests.
    """

    def _own_id(self) -> str:
        if not self.credentials.external_id and not hasattr(self, "_own"):
            items, _next = self._list("channels", mine="true")
            self._own = clean_id(items[0].get("id")) if items else ""
        return self.credentials.external_id or self._own

    def _threads(self, token: str) -> tuple[list[dict[str, Any]], str]:
        """A page of all comment threads on the channel, the newest first, and the next token."""
        channel = {"allThreadsRelatedToChannelId": self._own_id(), "order": "time"}
        return self._list("commentThreads", token, **channel)

    def _replies(self, thread_id: str) -> list[dict[str, Any]]:
        """All replies of a thread, 1,000 at most; none of one that is deleted."""
        replies, token = list[dict[str, Any]](), ""
        try:
            while len(replies) < MAX_REPLIES:
                items, token = self._list("comments", token, parentId=thread_id)
                replies += items
                if not token:
                    break
        except RejectedError as error:
            if error.code != "not_found":
                raise
        return replies

    def _mention(self, comment: dict[str, Any], video_id: str = "") -> Mention:
        return wire.mention_of(comment, self._own_id(), video_id)

    def _named(self, resource: str, ids: Iterable[str]) -> list[dict[str, Any]]:
        """Those of some resources that there are, 50 a request."""
        found, wanted = list[dict[str, Any]](), sorted(ids)
        for start in range(0, len(wanted), MAX_IDS):
            found += self._list(resource, id=",".join(wanted[start : start + MAX_IDS]))[0]
        return found

    def _list(
        self, resource: str, token: str = "", **params: str
    ) -> tuple[list[dict[str, Any]], str]:
        """Items and the token of the next page or "": 1 unit."""
        if resource in ("commentThreads", "comments"):
            params["textFormat"] = "plainText"
            params |= {} if "id" in params else {"maxResults": str(MAX_ITEMS)}
        params["part"] = "snippet,replies" if resource == "commentThreads" else "snippet"
        params |= {"pageToken": token} if token else {}
        response = self._ask("GET", resource, params)
        data = response.json()
        if not isinstance(data, dict):
            raise TransientError("not_this_network", status=response.status)
        return dicts(data, "items"), str(data.get("nextPageToken") or "")

    def _ask(
        self, method: str, path: str, params: dict[str, str], forbidden: str = "", body: Any = None
    ) -> Response:
        """Ask the API.

        :param forbidden: code for a refusal that concerns this very comment
        """
        if not self.credentials.access_token:
            raise AuthenticationError("token_missing")
        base = self.credentials.base_url or API

        def error(response: Response) -> NetworkError | None:
            return wire.error_of(response, self.clock(), forbidden)

        return self.transport.request(
            method,
            f"{base}/youtube/v3/{path}",
            origin=base,
            token=self.credentials.access_token,
            params=params,
            json=body,
            errors=error,
        )

    # -- Logging in -----------------------------------------------------------

    def authorize_url(self, redirect_uri: str, state: str, challenge: str) -> str:
        """Google's page; asked for consent again, it gives a refresh token every time."""
        base, client_id = self.credentials.base_url or LOGIN, self.credentials.client_id
        url, offline = f"{base}/o/oauth2/v2/auth", {"access_type": "offline", "prompt": "consent"}
        return login_address(url, client_id, redirect_uri, state, challenge, scope=SCOPE, **offline)

    def exchange(self, code: str, redirect_uri: str, verifier: str) -> list[Login]:
        """The one channel that was chosen in the login."""
        return log_in(self, self._token_url, code, redirect_uri, verifier)

    def renew(self) -> Tokens:
        """An access token for another hour."""
        token = self.credentials.refresh_token
        if not token:
            raise AuthenticationError("token_missing")
        grant = {"grant_type": "refresh_token", "refresh_token": token}
        return ask_tokens(self, self._token_url, "token_expired", grant)

    @property
    def _token_url(self) -> str:
        return f"{self.credentials.base_url or TOKENS}/token"
