"""Being called by X: its challenge, its signature, its events, and asking for them.

https://docs.x.com/x-api/webhooks/introduction, /x-api/activity/introduction and
/x-api/activity/event-payloads, read 2026-11-22. Challenge and signature are made with the API
secret; where only the client secret is entered, with that. X does not repeat a call that
failed, so lists are asked for as well. It charges a post once a day, called or asked for:
reads are counted where it is asked for.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from . import x_wire as wire
from .access import AppKeys
from .cleaning import MAX_RAW, clean_id, clean_json, clean_line
from .exceptions import AuthenticationError, RejectedError
from .jsontext import dicts, parse_json, part
from .types import Entry, Mention, Page, Problem
from .walk import read_each
from .x_client import Item, XClient

SIGNATURE = "x-twitter-webhooks-signature"
SPOKEN = ("post.mention.create", "post.reply.create", "post.quote.create", "post.create")
WRITTEN = ("dm.received", "dm.sent")
EVENTS = (*SPOKEN, *WRITTEN, "post.delete")  # that we ask to be told of
SILENT = ("post.repost.create", "like.create", "dm.read", "dm.indicate_typing")


class XWebhook(XClient):
    """Everything about calls; the owner of one is the user in its filter."""

    @classmethod
    def answer_challenge(cls, query: Mapping[str, str], keys: AppKeys) -> tuple[str, str] | None:
        """The token signed, as JSON. It is the key and form of X's own signature, so a token
        that could be a call's body is not signed.
        """
        secret, token = keys.signing_secret or keys.client_secret, query.get("crc_token") or ""
        if not secret:
            raise RejectedError("not_found")
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,128}", token):
            return None
        return "application/json", json.dumps(
            {"response_token": _signature(secret, token.encode())}
        )

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
        if event == "oauth.revoke":
            raise AuthenticationError("access_revoked")
        if event in SILENT:
            return Page()
        if event == "post.delete":
            gone = Mention(clean_id(payload.get("id")), own=True, deleted_at=self.clock())
            return Page((gone,) if gone.external_id else ())
        if event in SPOKEN:
            return self._page_of([(payload, part(entry.data, "includes"))])
        if event in WRITTEN:
            said = dicts(payload, "direct_message_events")
            return self._page_of((wire.modern(item), payload) for item in said)
        body = json.dumps(clean_json(entry.data)).encode()[:MAX_RAW]
        return Page(problems=(Problem("unknown_event", detail=clean_line(event), body=body),))

    def _page_of(self, items: Iterable[Item]) -> Page:
        mentions, problems = read_each(items, self._read)
        return Page(mentions, problems=problems)

    def subscribe(self, address: str) -> None:
        """Make ``address`` the app's webhook and have it told of this account.

        The webhook is the app's and takes the app's own token; what concerns people takes theirs.

        :raises RejectedError: ``needs_app_token``
        """
        webhook_id = self._webhook(address)
        known = {
            (item.get("event_type"), clean_id(part(item, "filter").get("user_id")))
            for item in self._subscriptions()
            if clean_id(item.get("webhook_id")) == webhook_id
        }
        for event in EVENTS:
            if (event, self._own_id()) not in known:
                body = {"event_type": event, "filter": {"user_id": self._own_id()}}
                body["webhook_id"] = webhook_id
                self._ask("POST", "/2/activity/subscriptions", json=body)

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

    def _subscriptions(self) -> Iterator[dict[str, Any]]:
        paging: dict[str, str] = {}
        while True:
            data = self._ask("GET", "/2/activity/subscriptions", params=paging)
            yield from dicts(data, "data")
            following = clean_id(part(data, "meta").get("next_token"))
            if not following or following == paging.get("pagination_token"):
                return
            paging = {"pagination_token": following}


def _signature(secret: str, content: bytes) -> str:
    digest = hmac.new(secret.encode(), content, hashlib.sha256).digest()
    return "sha256=" + base64.b64encode(digest).decode()
