"""YouTube's Data API v3: requests, their errors and quota, and the login with Google.

https://developers.google.com/youtube/v3/docs/ (comments, channels, errors) and
https://developers.google.com/identity/protocols/oauth2/web-server, read 2026-11-22.

- The quota is 10,000 units a day for a developer app: a read costs 1, an answer or hiding 50.
  A channel at rest takes about 700. No header tells what is left.
- An account's ``base_url`` stands in for all of Google's addresses, for tests.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta, timezone
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from .access import Login, Tokens
from .base import Network
from .exceptions import RateLimited, RejectedError, ignoring
from .jsontext import Json, dicts, part
from .oauth import log_in, login_address, renew_tokens
from .response import Response
from .walk import batches, listed

LOGIN = "https://accounts.google.com"
TOKENS = "https://oauth2.googleapis.com"
SCOPE = "https://www.googleapis.com/auth/youtube.force-ssl"

MAX_ITEMS = 100  # a page
MAX_IDS = 50  # named in one request
MAX_REPLIES = 1_000  # read of one thread
# Reason in an error's body → our code, where the status alone would say something else.
REASONS = {
    "commentsDisabled": "comments_disabled",
    "commentTextTooLong": "too_long",
    "ineligibleAccount": "not_allowed",
    "operationNotSupported": "not_allowed",
    "parentCommentIsPrivate": "not_allowed",
}


class YouTubeApi(Network):
    """Requests as a channel."""

    server = "https://youtube.googleapis.com"
    login = "oauth"
    needs_app = True
    renews = True

    # -- Requests ---------------------------------------------------------------

    def _ask(
        self, method: str, path: str, params: Json, forbidden: str = "", body: Json | None = None
    ) -> Response:
        """Ask the API; ``forbidden`` is the code of a refusal that concerns this very comment."""
        errors = partial(_error_of, now=self.clock(), forbidden=forbidden)
        return self.ask(method, f"/youtube/v3/{path}", params=params, json=body, errors=errors)

    def _list(self, resource: str, token: str = "", **params: Any) -> tuple[list[Json], str]:
        """Items and the token of the next page or "": 1 unit."""
        parts = "snippet,replies" if resource == "commentThreads" else "snippet"
        texts = {"textFormat": "plainText"} if resource.startswith("comment") else {}
        query = {"part": parts, "pageToken": token or None, **texts, **params}
        data = self._ask("GET", resource, query).data()
        # Nobody promises that an empty list is told; within a list there are items.
        items = listed(data, "items") if token else dicts(data, "items")
        return items, str(data.get("nextPageToken") or "")

    def _named(self, resource: str, ids: Iterable[str]) -> list[Json]:
        """Those of some resources that there are, 50 a request."""
        requests = batches(sorted(ids), MAX_IDS)
        return [item for some in requests for item in self._list(resource, id=",".join(some))[0]]

    def _threads(self, token: str) -> tuple[list[Json], str]:
        """A page of all comment threads on the channel, the newest first, and the next token."""
        query = {"allThreadsRelatedToChannelId": self.own_id, "order": "time"}
        return self._list("commentThreads", token, maxResults=MAX_ITEMS, **query)

    def _replies(self, thread_id: str) -> list[Json]:
        """All replies of a thread, 1,000 at most; none of one that is deleted."""
        replies, token, more = list[Json](), "", True
        with ignoring("not_found"):
            while more and len(replies) < MAX_REPLIES:
                page = {"parentId": thread_id, "maxResults": MAX_ITEMS}
                items, token = self._list("comments", token, **page)
                replies, more = replies + items, bool(token)
        return replies

    # -- Logging in -------------------------------------------------------------

    def authorize_url(self, redirect_uri: str, state: str, challenge: str) -> str:
        """Google's page; asked for consent again, it gives a refresh token every time."""
        url = self.address("/o/oauth2/v2/auth", LOGIN)
        more = {"scope": SCOPE, "access_type": "offline", "prompt": "consent"}
        return login_address(self, url, redirect_uri, state, challenge, **more)

    def exchange(self, code: str, redirect_uri: str, verifier: str) -> list[Login]:
        """The one channel that was chosen in the login."""
        return log_in(self, self.address("/token", TOKENS), code, redirect_uri, verifier)

    def renew(self) -> Tokens:
        """An access token for another hour."""
        return renew_tokens(self, self.address("/token", TOKENS))


def _error_of(
    response: Response, now: datetime, forbidden: str
) -> RateLimited | RejectedError | None:
    """The error that the reason in an answer's body stands for, where it is one of ours."""
    reasons = {str(item.get("reason")) for item in dicts(part(response.told(), "error"), "errors")}
    status = response.status
    if reasons & {"quotaExceeded", "dailyLimitExceeded"}:
        return RateLimited("quota_exceeded", status=status, retry_after=until_midnight(now))
    if reasons & {"rateLimitExceeded", "userRateLimitExceeded"}:
        return RateLimited(status=status)
    codes = {**REASONS, "forbidden": forbidden}
    code = next((codes[reason] for reason in reasons if codes.get(reason)), "")
    return RejectedError(code, status=status) if code else None


def until_midnight(now: datetime) -> float:
    """Seconds until the quota begins anew: midnight in California."""
    there = now.replace(tzinfo=timezone.utc).astimezone(ZoneInfo("America/Los_Angeles"))
    midnight = datetime.combine(there.date() + timedelta(days=1), time(), there.tzinfo)
    return midnight.timestamp() - there.timestamp()
