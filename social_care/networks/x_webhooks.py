"""X's calls: the webhook of an app, what is signed, and what its events say.

https://docs.x.com/x-api/webhooks and /x-api/activity, read 2026-11-22.
"""

from __future__ import annotations

import base64
import hmac
import json
import re
from collections.abc import Mapping

from .access import AppKeys
from .cleaning import MAX_RAW, clean_id, clean_json, clean_line
from .exceptions import AuthenticationError, RejectedError
from .jsontext import dicts, parse_json, part
from .types import Entry, Mention, Page, Problem
from .x_api import XApi
from .x_posts import Item, as_polled

SUBSCRIPTIONS = "/2/activity/subscriptions"
SIGNATURE = "x-twitter-webhooks-signature"
SPOKEN = ("post.mention.create", "post.reply.create", "post.quote.create", "post.create")
WRITTEN = ("dm.received", "dm.sent")
EVENTS = (*SPOKEN, *WRITTEN, "post.delete")  # that we ask to be told of
SILENT = ("post.repost.create", "like.create", "dm.read", "dm.indicate_typing")  # events


class XCalls(XApi):
    """What X tells an app of an account, unasked."""

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
            items = [(as_polled(item), payload) for item in said]
        elif event not in SILENT:
            body = json.dumps(clean_json(entry.data)).encode()[:MAX_RAW]
            return Page(problems=(Problem("unknown_event", detail=clean_line(event), body=body),))
        mentions, problems = self._said(items)
        return Page(mentions, problems=problems)

    def subscribe(self, address: str) -> None:
        """Make ``address`` the app's webhook and have it told of this account.

        The webhook is the app's and takes the app's own token; what concerns people takes theirs.

        :raises RejectedError: ``needs_app_token``
        """
        webhook_id = self._webhook(address)
        known = {
            (item.get("webhook_id"), item.get("event_type"), part(item, "filter").get("user_id"))
            for item in dicts(self._ask("GET", SUBSCRIPTIONS), "data")  # up to 1,000
        }
        for event in EVENTS:
            if (webhook_id, event, self.own_id) not in known:
                wish = {"event_type": event, "filter": {"user_id": self.own_id}}
                self._ask("POST", SUBSCRIPTIONS, json={**wish, "webhook_id": webhook_id})

    def _webhook(self, address: str) -> str:
        """The id of the app's webhook at this address, made or proven again where it must be."""
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


def _signature(secret: str, content: bytes) -> str:
    digest = hmac.digest(secret.encode(), content, "sha256")
    return f"sha256={base64.b64encode(digest).decode()}"
