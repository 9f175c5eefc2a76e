"""X's API v2: requests and their errors, its lists and what they cost, pictures, the login.

https://docs.x.com/x-api/ (fundamentals, timelines, posts, direct messages, media) and
https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code, read 2026-11-22.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from .access import Login, Tokens
from .base import Network
from .cleaning import clean_id
from .exceptions import (
    NetworkError,
    RateLimited,
    RejectedError,
    TransientError,
    before_publishing,
    renamed,
)
from .jsontext import Json, dicts, part
from .oauth import log_in, login_address, renew_tokens
from .response import Response
from .types import Author, Mention, Problem, Reply
from .walk import batches, read_each
from .x_posts import Item, author_of, id_at, items_of, mention_of, place_of, said_in

LOGIN = "https://x.com/i/oauth2/authorize"
TOKENS = "/2/oauth2/token"
SCOPES = (
    "tweet.read tweet.write tweet.moderate.write users.read like.read like.write "
    "dm.read dm.write media.write offline.access"
)
PEOPLE = {"user.fields": "location,name,profile_image_url,public_metrics,username,verified"}
BESIDE = {**PEOPLE, "media.fields": "alt_text,preview_image_url,type,url"}
POSTS = {
    **BESIDE,
    # The request's spelling: the description of August 2026 says "post.fields".
    "tweet.fields": "attachments,author_id,conversation_id,edit_history_tweet_ids,entities,"
    "in_reply_to_user_id,lang,note_tweet,public_metrics,referenced_tweets",
    "expansions": "author_id,attachments.media_keys",
}
MESSAGES = {
    **BESIDE,
    "dm_event.fields": "attachments,dm_conversation_id,entities,event_type,sender_id,text",
    "event_types": "MessageCreate",
    "expansions": "sender_id,attachments.media_keys",
}
LISTS: dict[str, tuple[str, Json]] = {
    "mentions": ("/2/users/{}/mentions", {**POSTS, "max_results": 100}),
    "own": ("/2/users/{}/tweets", {**POSTS, "max_results": 100, "exclude": "retweets"}),
    # Messages know no since_id: few a page.
    "direct": ("/2/dm_events", {**MESSAGES, "max_results": 20}),
    "conversation": ("/2/dm_conversations/with/{}/dm_events", {**MESSAGES, "max_results": 100}),
}
BATCH = 100  # posts asked for by id at once
GONE = ("/resource-not-found", "/not-authorized-for-resource")
LOOK_AGAIN = 6 * 3600.0  # seconds until we ask whether somebody paid
# What X says of a refused post, in lower case → our code.
REFUSALS = {
    "duplicate content": "duplicate",
    "deleted or not visible": "parent_gone",
    "too long": "too_long",
}
# A 403 that would meet every post: the app or the account may not write at all.
NOT_THE_POST = ("client-forbidden", "app permissions", "temporarily locked", "account is suspended")


class XApi(Network):
    """Requests as an account."""

    server = "https://api.x.com"

    def _ask(
        self,
        method: str,
        path: str,
        errors: Callable[[Response], NetworkError | None] | None = None,
        **arguments: Any,
    ) -> Json:
        return self.ask(method, path, errors=errors or _error_of, **arguments).data()

    def _list(
        self,
        name: str,
        floor: datetime | None,
        token: str = "",
        *,
        who: str = "",
        known: datetime | None = None,
        **changes: Any,
    ) -> tuple[list[Item], str]:
        """One page of a list, newest first, and the token of the next.

        :param known: what an earlier poll read costs nothing more on the same day
        """
        path, params = LISTS[name]
        params = {**params, **changes, **({"pagination_token": token} if token else {})}
        if floor and "tweet.fields" in params:
            params["since_id"] = id_at(floor)
        data = self._ask("GET", path.format(who or self.own_id), params=params)
        if "data" not in data and "meta" not in data:
            raise TransientError("unavailable")  # errors alone are not the end of a list
        items = items_of(data)
        self.reads += sum(known is None or (place_of(item) or known) > known for item in items)
        return items, clean_id(part(data, "meta").get("next_token"))

    def _posts(self, external_ids: Sequence[str]) -> tuple[list[Item], list[str]]:
        """Posts by id, and the ids of those that are gone or hidden from us."""
        items: list[Item] = []
        gone: list[str] = []
        for ids in batches(external_ids, BATCH):
            data = self._ask("GET", "/2/tweets", params={**POSTS, "ids": ",".join(ids)})
            items += (read := items_of(data))
            self.reads += len(read)
            gone += [
                clean_id(error.get("resource_id") or error.get("value"))
                for error in dicts(data, "errors")
                if str(error.get("type")).endswith(GONE)
            ]
        return items, gone

    def _said(self, items: Iterable[Item]) -> tuple[tuple[Mention, ...], tuple[Problem, ...]]:
        """What is said in posts or messages, and those that could not be understood."""
        return read_each(items, partial(said_in, own_id=self.own_id))

    def _mentions(self, items: Iterable[Item]) -> tuple[Mention, ...]:
        return read_each(items, partial(mention_of, own_id=self.own_id))[0]

    def _upload(self, reply: Reply, category: str) -> list[str]:
        """The ids of the pictures that X took."""
        ids, form = [], {"media_category": category}
        with before_publishing(), renamed(RejectedError, "bad_picture"):
            for item in reply.attachments:
                files = {"media": (item.name, item.content, item.mimetype)}
                told = self._ask("POST", "/2/media/upload", files=files, data=form)
                media_id = clean_id(part(told, "data").get("id"))
                if not media_id:
                    raise TransientError("unavailable")
                if item.description:
                    text = {"alt_text": {"text": item.description[:1000]}}
                    about = {"id": media_id, "metadata": text}
                    self._ask("POST", "/2/media/metadata", json=about)
                ids.append(media_id)
        return ids

    # -- Logging in -------------------------------------------------------------

    def authorize_url(self, redirect_uri: str, state: str, challenge: str) -> str:
        """X's own page, where the brand allows what :data:`SCOPES` names."""
        return login_address(self, LOGIN, redirect_uri, state, challenge, scope=SCOPES)

    def exchange(self, code: str, redirect_uri: str, verifier: str) -> list[Login]:
        """The one account that logged in."""
        return log_in(self, self.address(TOKENS), code, redirect_uri, verifier, basic=True)

    def renew(self) -> Tokens:
        """Two more hours; the refresh token is another one afterwards."""
        return renew_tokens(self, self.address(TOKENS), basic=True)

    def _me(self) -> Author:
        """The account that the token belongs to, as :attr:`own_id` from now on."""
        user = part(self._ask("GET", "/2/users/me", params=PEOPLE), "data")
        self.own_id = clean_id(user.get("id"))
        if not self.own_id:
            raise RejectedError("not_this_network")
        return author_of(self.own_id, {"users": [user]}, "")


def _error_of(response: Response) -> NetworkError | None:
    """What X means by a status: money that ran out is no rate limit that passes by itself."""
    if response.status == 402:
        return RateLimited("credit_used_up", status=402, retry_after=LOOK_AGAIN)
    if response.status == 429 and "usage-capped" in response.text:
        return RateLimited("reads_used_up", status=429, retry_after=LOOK_AGAIN)
    return None


def refusal_of(response: Response) -> NetworkError | None:
    """Why X refused what we wanted to say or do.

    A 403 is a normal outcome: apps that are not an enterprise's may answer only who named
    or quoted the brand. Unless it is the app itself that may not.
    """
    said, status = response.text.lower(), response.status
    code = next((code for words, code in REFUSALS.items() if words in said), "")
    if code and status in (400, 403):
        return RejectedError(code, status=status)
    if status == 403 and not any(words in said for words in NOT_THE_POST):
        return RejectedError("not_allowed", status=status)
    return _error_of(response)
