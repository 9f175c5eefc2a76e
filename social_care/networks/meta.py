"""The Graph API that Facebook and Instagram share: requests, answers, login, webhooks.

https://developers.facebook.com/docs/graph-api/webhooks/getting-started, /docs/messenger-platform/
(reference/send-api, discovery/private-replies, reference/attachment-upload-api) and
/docs/facebook-login/guides/ (advanced/manual-flow, access-tokens/get-long-lived), read 2026-11-22.

Both networks are reached through a Facebook page, with the page's own access token: one app, one
secret and one webhook address serve both. A page token made with a long-lived user token does not
end by itself: there is nothing that Odoo could renew. 90 days after the login the app loses access
to the data (``data_access_expires_at``) and a person has to log in again. A new password or another
role in the page ends it at once.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, TypeAlias

from .access import AppKeys, Guide, Login, Tokens
from .base import Network
from .base import words as _
from .cleaning import clean_count, clean_datetime, clean_text
from .exceptions import (
    NetworkError,
    RejectedError,
    TransientError,
    before_publishing,
    deleting,
    renamed,
)
from .jsontext import Json, dicts, parse_json, part
from .meta_errors import error_of, usages_of
from .oauth import ask_tokens, login_address
from .types import Attachment, Entry, Profile, Published, Reply
from .walk import MAX_TOKEN, listed

Listed: TypeAlias = tuple[list[Json], str]  # a page of a list, newest first, and the next token

VERSION = "v26.0"
SITE = "https://www.facebook.com"
LIMIT = 50  # items a page; 100 is the most that a feed gives
# One subscription of the page serves both networks: a second list would replace the first.
PAGE_FIELDS = "feed,mention,messages,message_echoes,message_edits,messaging_postbacks,standby"

GUIDE = Guide(
    demands=(
        _("A public https address of this Odoo, for Meta's calls."),
        _("Verification of your business by Meta: some days."),
        _(
            "Review of the app by Meta: one to four weeks. Ask for Human Agent as well, to answer "
            "private messages for seven days and not only for 24 hours. All of it is free."
        ),
    ),
    meanwhile=_(
        "Before the review, everything works for people who have a role in the app: connect "
        "what you manage yourself and write to it as a tester. Without a public address, "
        "Odoo looks for news every few minutes."
    ),
    steps=(
        _("Create an app for a business in Meta's console."),
        _("Add Facebook Login for Business and enter the callback address there."),
        _("Copy the app's ID and secret from its basic settings into the app's keys in Odoo."),
    ),
    permissions=(
        *("pages_show_list", "pages_manage_metadata", "pages_read_engagement"),
        "business_management",
    ),
    console_url="https://developers.facebook.com/apps/",
)


class Graph(Network):
    """Requests as a page, and what an app is for both networks."""

    server = "https://graph.facebook.com"
    login = "oauth"
    needs_app = True
    supports_webhook = True
    supports_direct = True
    supports_private_reply = True
    reply_window_hours = 24
    late_window_hours = 168
    private_reply_hours = 168
    calls_in_percent = True
    max_message: ClassVar[int]  # length of a private message
    account_fields: ClassVar[str]  # of a page
    _profile: Callable[[Json], Profile]  # made of them
    _say: Callable[[Reply], Json]  # in public: Meta's answer, with the id as it is polled

    # -- Asking -----------------------------------------------------------------

    def _get(self, path: str, **params: Any) -> Json:
        return self._ask("GET", path, params=params)

    def _ask(self, method: str, path: str, **arguments: Any) -> Json:
        """The answer to a request, signed by the app where its secret is known."""
        token, secret = self.credentials.access_token.strip(), self.credentials.client_secret
        if secret:
            proof = _signature(secret, token.encode())
            arguments["params"] = {**arguments.get("params", {}), "appsecret_proof": proof}
        path = f"/{VERSION}/{path}"
        return self.ask(method, path, token=token, errors=error_of, **arguments).data()

    def _page(self, path: str, token: str, **params: Any) -> Listed:
        """Items of a list, and the token of its next page or ""."""
        paging = {"limit": LIMIT, **params, **({"after": token} if token else {})}
        data = self._get(path, **paging)
        ends = part(data, "paging")
        # Of the address of the next page only the fact that there is one: it holds our token.
        following = part(ends, "cursors").get("after") if ends.get("next") else ""
        return listed(data, "data"), clean_text(following, MAX_TOKEN)

    def calls_left(self) -> int | None:
        """Percent, not calls, that are left of the nearest limit: Meta tells no number."""
        used = [
            clean_count(usage[name])
            for usage in usages_of(self.transport.last_headers)
            for name in ("call_count", "total_time", "total_cputime")
            if name in usage
        ]
        return max(100 - max(used), 0) if used else None

    # -- Answering --------------------------------------------------------------

    @classmethod
    def measure(cls, text: str, visibility: str) -> tuple[int, int]:
        """Characters of a comment; a message is counted, and limited, in its own way."""
        if visibility == "public":
            return len(text), cls.max_length
        return cls.count_length(text), cls.max_message

    def publish(self, reply: Reply) -> Published:
        """Say it below what it answers, or in a private message.

        :raises RejectedError: ``too_long``, ``bad_picture``, ``parent_gone``, …
        """
        length, limit = self.measure(reply.body, reply.visibility)
        if length > limit:
            raise RejectedError("too_long")
        if len(reply.attachments) > (self.max_media if self.supports_media else 0):
            raise RejectedError("bad_picture")
        if reply.visibility == "public":
            with renamed(RejectedError, "parent_gone", "not_found"):
                answer = self._say(reply)
        else:
            answer = self._send(reply)
        external_id = answer.get("message_id") or answer.get("id")
        if not external_id:
            raise TransientError("no_id")
        return Published(
            external_id,
            url=answer.get("permalink_url") or reply.parent.url,
            posted_at=moment_of(answer) or self.clock(),
            recipient_external_id=answer.get("recipient_id", ""),
        )

    def _send(self, reply: Reply) -> Json:
        """A private message: the picture first, then the text, whose id is the answer's."""
        parts: list[Json] = [self._uploaded(item) for item in reply.attachments]
        parts += [{"text": reply.body}] if reply.body.strip() else []
        answer: Json = {}
        for message in parts:
            body = {**self._envelope(reply), "message": message}
            try:
                answer = self._ask("POST", "me/messages", json=body)
            except NetworkError as error:
                if answer:
                    error.published = None  # the picture is out
                raise
        return answer

    def _envelope(self, reply: Reply) -> Json:
        """To whom. After 24 hours a message carries the tag of what a person wrote."""
        parent, start = reply.parent, reply.last_direct_at
        if reply.visibility != "direct":
            is_post = parent.external_id == parent.thread_external_id
            recipient = {"post_id" if is_post else "comment_id": parent.external_id}
            return {"recipient": recipient, "messaging_type": "RESPONSE"}
        recipient, window = {"id": parent.thread_external_id}, timedelta(hours=24)
        if start and self.clock() - start >= window:
            return {"recipient": recipient, "messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
        return {"recipient": recipient, "messaging_type": "RESPONSE"}

    def _uploaded(self, file: Attachment) -> Json:
        wanted = {"attachment": {"type": "image", "payload": {"is_reusable": True}}}
        sent = {"filedata": (file.name, file.content, file.mimetype)}
        data = {"message": json.dumps(wanted)}
        with before_publishing():
            answer = self._ask("POST", "me/message_attachments", data=data, files=sent)
        payload = {"attachment_id": answer.get("attachment_id")}
        return {"attachment": {"type": "image", "payload": payload}}

    def _delete_comment(self, external_id: str, comment_id: re.Pattern[str]) -> None:
        """Delete what is a comment by its id; Meta says "not found" of what it forbids, too."""
        if not comment_id.fullmatch(external_id):
            raise RejectedError("cannot_delete")
        with deleting(lambda: self._get(external_id, fields="id")):
            self._ask("DELETE", external_id)

    # -- Logging in -------------------------------------------------------------

    def authorize_url(self, redirect_uri: str, state: str, challenge: str) -> str:
        """Facebook's dialog; it takes no PKCE beside the app's secret."""
        url = self.address(f"/{VERSION}/dialog/oauth", SITE)
        scope = ",".join(self.guide.permissions)
        return login_address(self, url, redirect_uri, state, "", scope=scope)

    def exchange(self, code: str, redirect_uri: str, verifier: str) -> list[Login]:
        """The pages (or their Instagram accounts) that the person chose, 100 at most; none may be left."""
        url, keys = self.address(f"/{VERSION}/oauth/access_token"), self.credentials
        form = {"redirect_uri": redirect_uri, "code": code}
        for _token in ("short-lived", "long-lived"):
            token = ask_tokens(self, url, "login_refused", form).access_token
            form = {"grant_type": "fb_exchange_token", "fb_exchange_token": token}
        app = self.with_credentials(access_token=f"{keys.client_id}|{keys.client_secret}")
        person = self.with_credentials(access_token=token)
        known = part(app._get("debug_token", input_token=token), "data")
        fields = f"access_token,{self.account_fields}"
        pages, _more = person._page("me/accounts", "", fields=fields, limit=100)
        ends_at = known.get("data_access_expires_at")
        return [
            Login(profile, Tokens(str(page["access_token"]), login_expires_at=ends_at))
            for page in pages
            if (profile := self._profile(page)).external_id and page.get("access_token")
        ]

    # -- Being told: webhooks ---------------------------------------------------

    @classmethod
    def answer_challenge(cls, query: Mapping[str, str], keys: AppKeys) -> tuple[str, str] | None:
        """``hub.challenge`` where ``hub.verify_token`` is ours and the challenge is digits."""
        if not keys.verify_token:
            raise RejectedError("not_found")
        given, challenge = query.get("hub.verify_token") or "", query.get("hub.challenge") or ""
        known = hmac.compare_digest(given.encode(), keys.verify_token.encode())
        asked = query.get("hub.mode") == "subscribe"
        is_ours = known and asked and re.fullmatch(r"[0-9]{1,64}", challenge)
        return ("text/plain", challenge) if is_ours else None

    @classmethod
    def is_signed(cls, body: bytes, headers: Mapping[str, str], keys: AppKeys) -> bool:
        """Whether ``X-Hub-Signature-256`` is that of one of the app's secrets."""
        given = (headers.get("X-Hub-Signature-256") or "").encode()
        return any(
            hmac.compare_digest(given, f"sha256={_signature(secret, body)}".encode())
            for secret in keys.secrets
        )

    @classmethod
    def read_delivery(cls, body: bytes) -> list[Entry]:
        """The entries of a call, for Facebook or Instagram whichever is asked."""
        data = parse_json(body)
        networks = {"page": "facebook", "instagram": "instagram"}
        network = networks.get(str(data.get("object"))) if isinstance(data, dict) else None
        if network is None or not isinstance(data.get("entry"), list):
            raise ValueError("no call of this network")
        return [Entry(network, item.get("id", ""), item) for item in dicts(data, "entry")]

    def subscribe(self, address: str) -> None:
        """Have the page's events sent to the app's address, which its console knows."""
        self._ask("POST", "me/subscribed_apps", data={"subscribed_fields": PAGE_FIELDS})


def moment_of(item: Json) -> datetime | None:
    """When something was said, or changed in its list: naive UTC.

    A webhook tells seconds or milliseconds, all else is in ISO 8601.
    """
    names = ("created_time", "timestamp", "updated_time", "time")
    told = next((item[name] for name in names if item.get(name)), None)
    return clean_datetime(told / 1000 if isinstance(told, int) and told > 10**11 else told)


def _signature(secret: str, content: bytes) -> str:
    return hmac.new(secret.encode(), content, "sha256").hexdigest()
