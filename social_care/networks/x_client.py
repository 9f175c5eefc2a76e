"""The connection to X: requests, what its refusals mean, logging in.

https://docs.x.com/x-api/fundamentals/response-codes-and-errors, /fundamentals/rate-limits,
/x-api/media/upload-media and
https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code, read 2026-11-22.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from . import x_wire as wire
from .access import Login, Tokens
from .base import Network
from .cleaning import clean_id
from .exceptions import (
    AuthenticationError,
    NetworkError,
    RateLimited,
    RejectedError,
    TransientError,
)
from .jsontext import dicts, part
from .oauth import ask_tokens, login_address
from .response import Response
from .types import Attachment, Mention, Profile

API = "https://api.x.com"
LOGIN = "https://x.com/i/oauth2/authorize"
SCOPES = (
    "tweet.read tweet.write tweet.moderate.write users.read like.read like.write "
    "dm.read dm.write media.write offline.access"
)
# The request's spelling: the description of August 2026 says "post.fields".
POST_FIELDS = "tweet.fields"
POSTS = {
    POST_FIELDS: "attachments,author_id,conversation_id,created_at,edit_history_tweet_ids,entities,"
    "in_reply_to_user_id,lang,note_tweet,public_metrics,referenced_tweets",
    "expansions": "author_id,attachments.media_keys",
    "user.fields": "name,profile_image_url,public_metrics,username,verified",
    "media.fields": "alt_text,preview_image_url,type,url",
}
MESSAGES = {
    "dm_event.fields": "attachments,created_at,dm_conversation_id,entities,event_type,sender_id,text",
    "event_types": "MessageCreate",
    "expansions": "sender_id,attachments.media_keys",
    "user.fields": POSTS["user.fields"],
    "media.fields": POSTS["media.fields"],
}
LIMITS = {"mentions": 100, "own": 100, "direct": 20}  # messages know no since_id: few a page
LOOK_AGAIN = 6 * 3600.0  # seconds until we ask whether somebody paid
# What X says of a refused post, in lower case → our code.
REFUSALS = {
    "duplicate content": "duplicate",
    "deleted or not visible": "parent_gone",
    "too long": "too_long",
}
# A 403 that would meet every post: the app or the account may not write at all.
NOT_THE_POST = ("client-forbidden", "app permissions", "temporarily locked", "account is suspended")

Item = tuple[dict[str, Any], dict[str, Any]]  # a post or message, and what was told beside it


class XClient(Network):
    """Requests with the account's token, and the three lists that are walked."""

    def _own_id(self) -> str:
        if not self.credentials.external_id and not hasattr(self, "_own"):
            self._own = self._me(self.credentials.access_token).external_id
        return self.credentials.external_id or self._own

    def _me(self, token: str) -> Profile:
        params = {"user.fields": POSTS["user.fields"]}
        user = part(self._ask("GET", "/2/users/me", token=token, params=params), "data")
        if not clean_id(user.get("id")):
            raise RejectedError("not_this_network")
        author = wire.author_of(clean_id(user["id"]), {"users": [user]}, "")
        return Profile(
            author.external_id, author.handle, author.name, author.url, author.avatar_url
        )

    def _list(
        self, name: str, floor: datetime | None, token: str, limit: int = 0
    ) -> tuple[list[Item], str]:
        """One page of a list, newest first, and the token of the next."""
        params: dict[str, Any] = {"max_results": limit or LIMITS[name]}
        if name == "direct":
            return self._page("/2/dm_events", {**MESSAGES, **params}, token)
        if name == "own":
            params["exclude"] = "retweets"
        if floor:
            params["since_id"] = wire.id_at(floor)
        path = f"/2/users/{self._own_id()}/{'tweets' if name == 'own' else 'mentions'}"
        return self._page(path, {**POSTS, **params}, token)

    def _page(self, path: str, params: dict[str, Any], token: str) -> tuple[list[Item], str]:
        paging = {"pagination_token": token} if token else {}
        data = self._ask("GET", path, params={**params, **paging})
        if "data" not in data and "meta" not in data:
            raise TransientError("unavailable")  # errors alone are not the end of a list
        includes = part(data, "includes")
        items = [(item, includes) for item in dicts(data, "data")]
        return items, clean_id(part(data, "meta").get("next_token"))

    def _posts(self, external_ids: list[str]) -> tuple[list[Item], list[str]]:
        """Up to 100 posts by id, and the ids of those that are gone or hidden from us."""
        params = {**POSTS, "ids": ",".join(external_ids)}
        data = self._ask("GET", "/2/tweets", params=params)
        includes, items = part(data, "includes"), dicts(data, "data")
        self.reads += len(items)
        gone = [
            clean_id(error.get("resource_id") or error.get("value"))
            for error in dicts(data, "errors")
            if str(error.get("type")).endswith(
                ("/resource-not-found", "/not-authorized-for-resource")
            )
        ]
        return [(item, includes) for item in items], gone

    def _read(self, item: Item) -> Mention | None:
        """A post or message; None for a repost, and for our own words to nobody in particular."""
        data, includes = item
        if "event_type" in data:
            said = data["event_type"] == "MessageCreate"
            return wire.direct_of(data, includes, self._own_id()) if said else None
        mention = self._mention(item)
        idle = mention.own and not mention.parent_external_id
        return None if idle or "retweeted" in wire.references_of(data) else mention

    def _mention(self, item: Item) -> Mention:
        return wire.mention_of(*item, self._own_id())

    def _upload(self, item: Attachment, category: str) -> str:
        """The id of a picture that X took.

        :raises NetworkError: nothing was published
        """
        files = {"media": (item.name, item.content, item.mimetype)}
        try:
            data = self._ask(
                "POST", "/2/media/upload", files=files, data={"media_category": category}
            )
            media_id = clean_id(part(data, "data").get("id"))
            if item.description and media_id:
                text = {"alt_text": {"text": item.description[:1000]}}
                self._ask("POST", "/2/media/metadata", json={"id": media_id, "metadata": text})
        except RejectedError as error:
            raise RejectedError("bad_picture", status=error.status) from None
        except NetworkError as error:
            error.published = False
            raise
        if not media_id:
            raise TransientError("unavailable", published=False)
        return media_id

    def _ask(
        self,
        method: str,
        path: str,
        token: str | None = None,
        errors: Callable[[Response], NetworkError | None] | None = None,
        **arguments: Any,
    ) -> dict[str, Any]:
        base, token = self._base(), token or self.credentials.access_token
        if not token:
            raise AuthenticationError("token_missing")
        response = self.transport.request(
            method, base + path, origin=base, token=token, errors=errors or error_of, **arguments
        )
        data = response.json()
        if not isinstance(data, dict):
            raise TransientError("not_this_network", status=response.status)
        return data

    def _base(self) -> str:
        return self.credentials.base_url.rstrip("/") or API

    # -- Logging in ---------------------------------------------------------

    def authorize_url(self, redirect_uri: str, state: str, challenge: str) -> str:
        """X's own page, where the brand allows what :data:`SCOPES` names."""
        client_id = self.credentials.client_id
        return login_address(LOGIN, client_id, redirect_uri, state, challenge, scope=SCOPES)

    def exchange(self, code: str, redirect_uri: str, verifier: str) -> list[Login]:
        """The one account that logged in."""
        form = {"code": code, "redirect_uri": redirect_uri, "code_verifier": verifier}
        tokens = self._tokens("login_refused", grant_type="authorization_code", **form)
        return [Login(self._me(tokens.access_token), tokens)]

    def renew(self) -> Tokens:
        """Two more hours; the refresh token is another one afterwards."""
        token = self.credentials.refresh_token
        return self._tokens("token_expired", grant_type="refresh_token", refresh_token=token)

    def _tokens(self, refused: str, **form: str) -> Tokens:
        return ask_tokens(self, self._base() + "/2/oauth2/token", refused, form, basic=True)


def error_of(response: Response) -> NetworkError | None:
    """What X means by a status: money that ran out is no rate limit that passes by itself."""
    if response.status == 402:
        return RateLimited("credit_used_up", status=402, retry_after=LOOK_AGAIN)
    if response.status == 429 and "usage-capped" in _said(response):
        return RateLimited("reads_used_up", status=429, retry_after=LOOK_AGAIN)
    return None


def refusal_of(response: Response) -> NetworkError | None:
    """Why X refused what we wanted to say or do.

    A 403 is a normal outcome: apps that are not an enterprise's may answer only who named
    or quoted the brand. Unless it is the app itself that may not.
    """
    said = _said(response)
    if response.status in (400, 403):
        for words, code in REFUSALS.items():
            if words in said:
                return RejectedError(code, status=response.status)
    if response.status == 403 and not any(words in said for words in NOT_THE_POST):
        return RejectedError("not_allowed", status=403)
    return error_of(response)


def _said(response: Response) -> str:
    """What an error says, in lower case: for recognising it, not for showing."""
    try:
        data = response.json()
    except TransientError:
        return ""
    told = [item for item in (data, *dicts(data, "errors")) if isinstance(item, dict)]
    keys = ("type", "title", "detail", "message")
    return " ".join(str(item.get(key) or "") for item in told for key in keys).lower()
