"""X, through its API v2, which charges for what is read and written.

https://docs.x.com/x-api/ (timelines, posts, direct messages, likes, media, activity, webhooks),
/x-api/fundamentals/ (data dictionary, edits, errors), /x-api/getting-started/pricing and
https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code, read 2026-11-22.

- A post's ``external_id`` is the first of its versions' ids: an edit makes a new one. A private
  message's is ``dm:`` and its id, so that nobody asks for it among the posts. Authors go by id.
- Ids hold their time. Lists are asked for with a ``since_id`` made from a time, not from a post:
  what is read is new, and no deleted or edited post leaves a gap. Private messages have no such thing.
- Mentions hold answers to us, too. Posts that quote us without our name come by webhook only.
- X does not repeat a call that failed, so lists are asked for as well. It charges a post once a
  day, called or asked for: reads are counted where it is asked for.
- The vendor's description of August 2026 calls tweets posts: answers are read by both names.
"""

from __future__ import annotations

import base64
import hmac
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from functools import partial
from html import unescape
from typing import Any

from .access import AppKeys, Guide, Login, Tokens
from .base import Network, normalise_text, post_of, profile_of
from .base import words as _
from .cleaning import MAX_RAW, clean_datetime, clean_id, clean_json, clean_line, clean_text
from .exceptions import (
    AuthenticationError,
    NetworkError,
    RateLimited,
    RejectedError,
    TransientError,
    before_publishing,
    ignoring,
    renamed,
)
from .jsontext import dicts, parse_json, part
from .oauth import ask_tokens, log_in, login_address
from .response import Response
from .text import count_weighted
from .types import Author, Entry, Media, Mention, Page, Problem, Profile, Published, Reply
from .walk import read_back, read_each, walk_lists

API = "https://api.x.com"
LOGIN = "https://x.com/i/oauth2/authorize"
TOKENS = "/2/oauth2/token"
SUBSCRIPTIONS = "/2/activity/subscriptions"
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
LISTS: dict[str, tuple[str, dict[str, Any]]] = {
    "mentions": ("/2/users/{}/mentions", {**POSTS, "max_results": 100}),
    "own": ("/2/users/{}/tweets", {**POSTS, "max_results": 100, "exclude": "retweets"}),
    # Messages know no since_id: few a page.
    "direct": ("/2/dm_events", {**MESSAGES, "max_results": 20}),
    "conversation": ("/2/dm_conversations/with/{}/dm_events", {**MESSAGES, "max_results": 100}),
}
WALKED = ("mentions", "own", "direct")
OVERLAP = timedelta(minutes=1)  # for what X's lists show late
REACHABLE = 800  # mentions; older ones no page shows
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
SIGNATURE = "x-twitter-webhooks-signature"
SPOKEN = ("post.mention.create", "post.reply.create", "post.quote.create", "post.create")
WRITTEN = ("dm.received", "dm.sent")
EVENTS = (*SPOKEN, *WRITTEN, "post.delete")  # that we ask to be told of
SILENT = ("post.repost.create", "like.create", "dm.read", "dm.indicate_typing")
DIRECT = "dm:"  # before a message's id, which is no post's
EPOCH = 1_288_834_974_657  # ms since 1970, from which X's ids count
MEDIA_KINDS = {"photo": "image", "video": "video", "animated_gif": "video"}
NO_LANGUAGE = re.compile(r"(?:und|zxx|q[a-t][a-z])$")  # unknown, none, only signs or links
ADDED = re.compile(r"(?i)^(?:@\w{1,15}\s+)+|\bhttps?://")  # to what we said

Item = tuple[dict[str, Any], dict[str, Any]]  # a post or message, and what was told beside it


class X(Network):
    """An account on X, by a login to an app of the company's own."""

    code = "x"
    name = "X"
    max_length = 280
    recommended_minutes = 120
    max_direct_length = 10_000
    supports_webhook = True
    supports_direct = True
    supports_media = True
    supports_like = True
    supports_hide = True
    supports_delete = True
    poll_minutes = 5
    login = "oauth"
    needs_app = True
    renews = True
    charges_reads = True
    media_types = ("image/jpeg", "image/png", "image/webp")
    max_media_bytes = 5_000_000
    guide = Guide(
        demands=(
            _("A developer account with paid credit."),
            _("A post read costs about 0.5 US cents, a message 1, an answer 1.5, with a link 20."),
            _("X lets most apps answer only posts that name or quote the brand."),
            _("To be called at once: a public https address without a port."),
        ),
        meanwhile=_("Without a public address Odoo asks for new messages every five minutes."),
        steps=(
            _("Create an app, pay in credit and set a monthly limit."),
            _(
                "Make it a web app that reads, writes and sends direct messages; paste our callback."
            ),
            _("Copy the OAuth 2.0 client id and client secret to key and secret."),
            _("Copy the API key secret to second secret: with it X signs its calls."),
            _("Copy the bearer token to app token: with it Odoo registers its address."),
            _("Log in as the brand and allow everything that is asked for."),
        ),
        permissions=tuple(SCOPES.split()),
        console_url="https://console.x.com",
    )

    @classmethod
    def count_length(cls, text: str) -> int:
        """Weighted characters: an address 23, an emoji 2, letters beyond Georgian 2."""
        return count_weighted(text)

    @classmethod
    def measure(cls, text: str, visibility: str) -> tuple[int, int]:
        """Posts are weighted; private messages are long and counted plainly."""
        if visibility == "direct":
            return len(text), cls.max_direct_length
        return super().measure(text, visibility)

    def verify(self) -> Profile:
        """The token's account, once all three lists were asked for; that costs almost nothing."""
        profile = profile_of(self._me())
        for name, limit in zip(WALKED, (5, 5, 1), strict=True):
            self._list(name, self.clock(), max_results=limit)
        return profile

    # -- Reading ----------------------------------------------------------------

    def fetch(self, cursor: dict[str, Any], since: datetime | None) -> Page:
        """One page of mentions; when those are done, of our own answers, then of messages.

        The cursor is that of :func:`.walk_lists`, with ``count`` of the mentions of this walk,
        and ``gap`` where X shows no more of them.
        """
        now = self.clock()

        def read(name: str, token: str) -> tuple[list[Item], str]:
            high = clean_datetime(part(cursor, name).get("high"))
            floors = [floor for floor in (high and high - OVERLAP, since) if floor]
            return self._list(name, max(floors, default=None), token, known=high)

        lists = {name: partial(read, name) for name in WALKED}
        turn, step = walk_lists(cursor, since, lists, _place, now)
        told = step.cursor
        if turn == "mentions":
            before = cursor.get("count", 0) if "walk" in part(cursor, turn) else 0
            told["count"] = before + len(step.items)
            if told["turn"] != turn and told["count"] >= REACHABLE:
                told["gap"] = min(filter(None, map(_place, step.items)), default=now).isoformat()
        mentions, problems = read_each(step.items, self._read)
        return Page(mentions, told, step.more, problems)

    def fetch_context(self, mention: Mention) -> dict[str, Any]:
        """The first post of the thread and the one answered: one request, two paid reads."""
        wanted = {"root": mention.thread_external_id, "parent": mention.parent_external_id}
        ids = sorted({item for item in wanted.values() if item and item != mention.external_id})
        if mention.kind == "direct" or not ids:
            return {}
        posts: dict[str, dict[str, Any]] = {}
        for item in self._posts(ids)[0]:
            posts |= dict.fromkeys(_versions(item[0]), post_of(self._mention(item)))
        return {end: posts[wanted[end]] for end in wanted if wanted[end] in posts}

    def refresh(self, external_ids: list[str]) -> list[Mention]:
        """The posts as they are now, in their last version; messages are left out."""
        ids = [item for item in external_ids if item.isascii() and item.isdecimal()]
        items, gone = self._posts(ids)
        edited = {_versions(data)[-1] for data, _beside in items} - set(ids)
        items += self._posts(sorted(edited))[0]
        found = {mention.external_id: mention for mention in read_each(items, self._mention)[0]}
        found |= {item: Mention(item, deleted_at=self.clock()) for item in gone if item in ids}
        return list(found.values())

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
        data = self._ask("GET", path.format(who or self._own_id()), params=params)
        if "data" not in data and "meta" not in data:
            raise TransientError("unavailable")  # errors alone are not the end of a list
        items = _items(data)
        self.reads += sum(known is None or (_place(item) or known) > known for item in items)
        return items, clean_id(part(data, "meta").get("next_token"))

    def _posts(self, external_ids: list[str]) -> tuple[list[Item], list[str]]:
        """Posts by id, and the ids of those that are gone or hidden from us."""
        items: list[Item] = []
        gone: list[str] = []
        for start in range(0, len(external_ids), BATCH):
            ids = ",".join(external_ids[start : start + BATCH])
            data = self._ask("GET", "/2/tweets", params={**POSTS, "ids": ids})
            items += (read := _items(data))
            self.reads += len(read)
            gone += [
                clean_id(error.get("resource_id") or error.get("value"))
                for error in dicts(data, "errors")
                if str(error.get("type")).endswith(GONE)
            ]
        return items, gone

    def _read(self, item: Item) -> Mention | None:
        """A post or message; None for a repost, and for our own words to nobody in particular."""
        data, _beside = item
        kind = data.get("event_type", "MessageCreate")
        if kind != "MessageCreate" or "retweeted" in _references(data):
            return None
        mention = self._mention(item)
        idle = mention.own and mention.kind != "direct" and not mention.parent_external_id
        return None if idle else mention

    def _mention(self, item: Item) -> Mention:
        """A post or message. A post's id and time are those of its first version.

        :raises ValueError: if it is neither
        """
        data, beside = item
        version, direct = clean_id(data.get("id")), "event_type" in data
        if not version:
            raise ValueError("no post")
        external_id = DIRECT + version if direct else _versions(data)[0]
        author_id = clean_id(data.get("sender_id" if direct else "author_id"))
        author, own = _author(author_id, beside, external_id), author_id == self._own_id()
        to_us = own or clean_id(data.get("in_reply_to_user_id")) == self._own_id()
        refers, counts = _references(data), part(data, "public_metrics")
        answered = refers.get("replied_to", "")
        return Mention(
            external_id=external_id,
            kind="direct" if direct else "reply" if answered and to_us else "mention",
            author=author,
            body=_text(data),
            posted_at=moment_of_id(external_id),
            lang="" if NO_LANGUAGE.match(str(data.get("lang"))) else data.get("lang") or "",
            url="" if direct else f"https://x.com/{author.handle or 'i'}/status/{version}",
            thread_external_id=data.get("dm_conversation_id" if direct else "conversation_id")
            or external_id,
            parent_external_id=answered or refers.get("quoted", ""),
            visibility="direct" if direct else "public",
            edited_at=None if external_id.endswith(version) else moment_of_id(version),
            likes=counts.get("like_count", 0),
            reposts=_told(counts, "retweet_count"),
            replies=counts.get("reply_count", 0),
            views=counts.get("impression_count", 0),
            media=_media(data, beside),
            raw=data,
            own=own,
            addressed=not own,
        )

    # -- Answering ------------------------------------------------------------

    def publish(self, reply: Reply) -> Published:
        """Answer the post, which names its author by itself, or write to the author.

        :raises RejectedError: with one of :data:`REFUSALS`, or ``not_allowed``
        :raises TransientError: ``no_id`` where it may have been published
        """
        body: dict[str, Any] = {"text": reply.body}
        if person := _person(reply):
            if len(reply.attachments) > 1:
                raise RejectedError("one_picture")
            media = [{"media_id": item} for item in self._upload(reply, "dm_image")]
            body |= {"attachments": media} if media else {}
            path = f"/2/dm_conversations/with/{person}/messages"
        else:
            body["reply"] = {"in_reply_to_tweet_id": reply.parent.external_id}
            ids = self._upload(reply, "tweet_image")
            body |= {"media": {"media_ids": ids}} if ids else {}
            path = "/2/tweets"
        data = part(self._ask("POST", path, json=body, errors=_refusal_of), "data")
        if message_id := clean_id(data.get("dm_event_id")):
            external_id = DIRECT + message_id
            url = f"https://x.com/messages/{data.get('dm_conversation_id')}"
        elif external_id := clean_id(data.get("id")):
            url = f"https://x.com/{self.credentials.handle or 'i'}/status/{external_id}"
        else:
            raise TransientError("no_id")
        return Published(external_id, url, moment_of_id(external_id))

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

    def is_same_text(self, sent: str, shown: str) -> bool:
        """Equal but for the handles that X puts before an answer, and an address' scheme."""
        sent, shown = (ADDED.sub("", normalise_text(text)) for text in (sent, shown))
        return sent == shown

    def find_published(self, reply: Reply, since: datetime) -> list[Published]:
        """Own answers to the same post, or own messages to the same person, with this text.

        :raises RejectedError: ``cannot_read_back`` where it could be further down
        """
        person, parent_id = _person(reply), reply.parent.external_id
        name = "conversation" if person else "own"
        items = read_back(partial(self._list, name, since, who=person), _place, since)
        posts = read_each(items, self._read)[0]
        if person:  # a message answers nothing by name
            posts = tuple(replace(post, parent_external_id=parent_id) for post in posts)
        return self.pick_published(reply, since, posts)

    def delete(self, external_id: str) -> None:
        """Delete a post with all its versions. A private message stays with whom it went to.

        https://docs.x.com/x-api/posts/manage-tweets, read 2026-11-25.
        """
        if external_id.startswith(DIRECT):
            raise RejectedError("cannot_delete")
        with ignoring("not_found"), renamed(RejectedError, "cannot_delete", "not_allowed"):
            path = f"/2/tweets/{external_id}"
            data = part(self._ask("DELETE", path, errors=_refusal_of), "data")
            if data.get("deleted") is not True:
                raise RejectedError("cannot_delete")

    def like(self, mention: Mention, on: bool) -> None:
        """Like a post as the brand, or take it back."""
        if mention.kind == "direct":
            raise RejectedError("cannot_like")
        path = f"/2/users/{self._own_id()}/likes"
        if on:
            self._ask("POST", path, json={"tweet_id": mention.external_id})
        else:
            self._ask("DELETE", f"{path}/{mention.external_id}")

    def hide(self, mention: Mention, on: bool) -> None:
        """Hide an answer below one of our own posts, or show it again.

        :raises RejectedError: ``not_ours_to_hide`` where the thread is somebody else's
        """
        if mention.kind == "direct":
            raise RejectedError("cannot_hide")
        path = f"/2/tweets/{mention.external_id}/hidden"
        with renamed(RejectedError, "not_ours_to_hide", "not_allowed"):
            self._ask("PUT", path, json={"hidden": on}, errors=_refusal_of)

    # -- Being called -----------------------------------------------------------

    @classmethod
    def answer_challenge(cls, query: Mapping[str, str], keys: AppKeys) -> tuple[str, str] | None:
        """The token signed with the API secret, or the client's where only that is entered.

        Key and form are those of X's own signature: what could be a call's body is not signed.
        """
        secret, token = keys.signing_secret or keys.client_secret, query.get("crc_token") or ""
        if not secret:
            raise RejectedError("not_found")
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,128}", token):
            return None
        answer = {"response_token": _signature(secret, token.encode())}
        return "application/json", json.dumps(answer)

    @classmethod
    def is_signed(cls, body: bytes, headers: Mapping[str, str], keys: AppKeys) -> bool:
        """Whether one of the app's secrets signed it, and it is no challenge played back."""
        told = (headers.get(SIGNATURE) or "").encode()
        return body.lstrip()[:1] == b"{" and any(
            hmac.compare_digest(_signature(secret, body).encode(), told) for secret in keys.secrets
        )

    @classmethod
    def read_delivery(cls, body: bytes) -> list[Entry]:
        """One event a call; whose it is says its filter, or where that is empty the payload."""
        event = part(parse_json(body), "data")
        if not event:
            raise ValueError("no event")
        owner = part(event, "filter").get("user_id") or part(event, "payload").get("user_id")
        return [Entry(cls.code, owner or "", event)]

    def read_entry(self, entry: Entry) -> Page:
        """The post, deletion or message of an event."""
        event, payload = str(entry.data.get("event_type")), part(entry.data, "payload")
        items: list[Item] = []
        if event == "oauth.revoke":
            raise AuthenticationError("access_revoked")
        if event == "post.delete":
            gone = Mention(clean_id(payload.get("id")), own=True, deleted_at=self.clock())
            return Page((gone,) if gone.external_id else ())
        if event in SPOKEN:
            items = [(payload, part(entry.data, "includes"))]
        elif event in WRITTEN:
            said = dicts(payload, "direct_message_events")
            items = [(_as_polled(item), payload) for item in said]
        elif event not in SILENT:
            body = json.dumps(clean_json(entry.data)).encode()[:MAX_RAW]
            return Page(problems=(Problem("unknown_event", detail=clean_line(event), body=body),))
        mentions, problems = read_each(items, self._read)
        return Page(mentions, problems=problems)

    def subscribe(self, address: str) -> None:
        """Make ``address`` the app's webhook and have it told of this account.

        The webhook is the app's and takes the app's own token; what concerns people takes theirs.

        :raises RejectedError: ``needs_app_token``
        """
        webhook_id, own_id, path = self._webhook(address), self._own_id(), SUBSCRIPTIONS
        known = {
            (item.get("webhook_id"), item.get("event_type"), part(item, "filter").get("user_id"))
            for item in dicts(self._ask("GET", path), "data")  # up to 1,000
        }
        for event in EVENTS:
            if (webhook_id, event, own_id) not in known:
                wish = {"event_type": event, "filter": {"user_id": own_id}}
                self._ask("POST", path, json={**wish, "webhook_id": webhook_id})

    def _webhook(self, address: str) -> str:
        token = self.credentials.app_token
        if not token:
            raise RejectedError("needs_app_token")
        for item in dicts(self._ask("GET", "/2/webhooks", token=token), "data"):
            if item.get("url") == address:
                webhook_id = clean_id(item.get("id"))
                if item.get("valid") is not True:
                    self._ask("PUT", f"/2/webhooks/{webhook_id}", token=token)
                return webhook_id
        made = self._ask("POST", "/2/webhooks", token=token, json={"url": address})
        return clean_id((part(made, "data") or made).get("id"))

    # -- Logging in ---------------------------------------------------------

    def authorize_url(self, redirect_uri: str, state: str, challenge: str) -> str:
        """X's own page, where the brand allows what :data:`SCOPES` names."""
        client_id = self.credentials.client_id
        return login_address(LOGIN, client_id, redirect_uri, state, challenge, scope=SCOPES)

    def exchange(self, code: str, redirect_uri: str, verifier: str) -> list[Login]:
        """The one account that logged in."""
        return log_in(self, self._base() + TOKENS, code, redirect_uri, verifier, basic=True)

    def renew(self) -> Tokens:
        """Two more hours; the refresh token is another one afterwards."""
        token = self.credentials.refresh_token
        form = {"grant_type": "refresh_token", "refresh_token": token}
        return ask_tokens(self, self._base() + TOKENS, "token_expired", form, basic=True)

    def _me(self) -> Author:
        user = part(self._ask("GET", "/2/users/me", params=PEOPLE), "data")
        self._own = clean_id(user.get("id"))
        if not self._own:
            raise RejectedError("not_this_network")
        return _author(self._own, {"users": [user]}, "")

    def _own_id(self) -> str:
        if not self.credentials.external_id and not hasattr(self, "_own"):
            self._me()
        return self.credentials.external_id or self._own

    # -- Requests -----------------------------------------------------------------

    def _base(self) -> str:
        return self.credentials.base_url.rstrip("/") or API

    def _ask(
        self,
        method: str,
        path: str,
        token: str = "",
        errors: Callable[[Response], NetworkError | None] | None = None,
        **arguments: Any,
    ) -> dict[str, Any]:
        base, token = self._base(), token or self.credentials.access_token
        if not token:
            raise AuthenticationError("token_missing")
        data = self.transport.request(
            method, base + path, origin=base, token=token, errors=errors or _error_of, **arguments
        ).json()
        if not isinstance(data, dict):
            raise TransientError("not_this_network")
        return data


def _error_of(response: Response) -> NetworkError | None:
    """What X means by a status: money that ran out is no rate limit that passes by itself."""
    if response.status == 402:
        return RateLimited("credit_used_up", status=402, retry_after=LOOK_AGAIN)
    if response.status == 429 and "usage-capped" in response.text:
        return RateLimited("reads_used_up", status=429, retry_after=LOOK_AGAIN)
    return None


def _refusal_of(response: Response) -> NetworkError | None:
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


def _signature(secret: str, content: bytes) -> str:
    digest = hmac.digest(secret.encode(), content, "sha256")
    return f"sha256={base64.b64encode(digest).decode()}"


# -- X's shapes -----------------------------------------------------------------


def id_at(moment: datetime) -> str:
    """The lowest id that a post of this time can have, for ``since_id``.

    No post needs to have it: X compares numbers, so a deleted or edited one leaves no gap.
    """
    milliseconds = int(moment.replace(tzinfo=timezone.utc).timestamp() * 1000)
    return str(max(milliseconds - EPOCH, 0) << 22 or 1)


def moment_of_id(external_id: str) -> datetime | None:
    """The time in a post's or message's id, naive UTC."""
    digits = external_id.removeprefix(DIRECT)
    if not re.fullmatch(r"[0-9]{1,19}", digits):
        return None
    return clean_datetime(((int(digits) >> 22) + EPOCH) / 1000)


def _place(item: Item) -> datetime | None:
    """An item's place in its list: that of its own version."""
    return moment_of_id(clean_id(item[0].get("id")))


def _person(reply: Reply) -> str:
    """The id of whom a private message goes to; "" for a public answer."""
    if reply.visibility == "public" and reply.parent.kind != "direct":
        return ""
    person = reply.parent.author.external_id
    if not (person.isascii() and person.isdecimal()):
        raise RejectedError("no_direct")
    return person


def _items(data: dict[str, Any]) -> list[Item]:
    return [(item, part(data, "includes")) for item in dicts(data, "data")]


def _told(item: dict[str, Any], key: str) -> Any:
    """A value by its present name or the coming one."""
    return item.get(key) or item.get(key.replace("tweet", "post"))


def _versions(post: dict[str, Any]) -> list[str]:
    """The ids of a post's versions, oldest first; its own where none are told."""
    told = _told(post, "edit_history_tweet_ids")
    ids = filter(None, map(clean_id, told if isinstance(told, list) else ()))
    return [*ids] or [clean_id(post.get("id"))]


def _references(post: dict[str, Any]) -> dict[str, str]:
    """``replied_to``, ``quoted`` or ``retweeted`` → the id of that post."""
    told = dicts({"posts": _told(post, "referenced_tweets")}, "posts")
    found = {str(item.get("type")): clean_id(item.get("id")) for item in told}
    answered = clean_id(_told(post, "in_reply_to_tweet_id"))
    return {"replied_to": answered, **found} if answered else found


def _beside(beside: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """People or media: a flat list, or wrapped in ``data`` whole or one by one."""
    value = beside.get(key)
    if isinstance(value, dict):
        value = value.get("data") or [*value.values()]
    return [part(item, "data") or item for item in dicts({key: value}, key)]


def _author(author_id: str, beside: dict[str, Any], external_id: str) -> Author:
    """The author, by id; a stranger without one is told from others by the post."""
    people = {clean_id(item.get("id")): item for item in _beside(beside, "users")}
    user = people.get(author_id, {})
    handle = clean_line(user.get("username"))
    return Author(
        external_id=author_id or f"unknown:{external_id}",
        handle=handle,
        name=user.get("name") or handle,
        url=f"https://x.com/{handle}" if handle else "",
        avatar_url=user.get("profile_image_url") or "",
        followers_count=part(user, "public_metrics").get("followers_count"),
        verified=user.get("verified") is True,
        location=user.get("location") or "",
    )


def _text(item: dict[str, Any]) -> str:
    """The whole text, also of a long post, plain and with the addresses that t.co stands for."""
    told = _told(item, "note_tweet")
    note = told if isinstance(told, dict) else item
    text = unescape(clean_text(note.get("text") or item.get("text")))
    for url in dicts(part(note, "entities"), "urls"):
        short, long = str(url.get("url") or ""), str(url.get("expanded_url") or "")
        if short and long:
            text = text.replace(short, "" if url.get("media_key") else long)
    return text.strip()


def _media(item: dict[str, Any], beside: dict[str, Any]) -> tuple[Media, ...]:
    """The pictures and films of a post or message."""
    keys = part(item, "attachments").get("media_keys")
    return tuple(
        Media(
            url=media.get("url") or media.get("preview_image_url") or "",
            kind=MEDIA_KINDS.get(str(media.get("type")), "other"),
            preview_url=media.get("preview_image_url") or "",
            description=media.get("alt_text") or "",
        )
        for media in _beside(beside, "media")
        if isinstance(keys, list) and media.get("media_key") in keys
    )


def _as_polled(event: dict[str, Any]) -> dict[str, Any]:
    """A message as webhooks tell it, in the shape in which it is polled.

    A conversation of two is called by both their ids, the lower first.
    """
    message = part(event, "message_create")
    people = [message.get("sender_id"), part(message, "target").get("recipient_id")]
    return {
        "dm_conversation_id": "-".join(sorted(map(clean_id, people), key=lambda x: (len(x), x))),
        **part(message, "message_data"),
        **event,
        "event_type": "MessageCreate" if message else "",
        "sender_id": people[0],
    }
