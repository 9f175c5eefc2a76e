"""Webhooks of pages and Instagram accounts: handshake, signature, what is told.

https://developers.facebook.com/docs/graph-api/webhooks/getting-started,
/docs/messenger-platform/reference/webhook-events and /docs/instagram-platform/webhooks, read
2026-11-22. Answers of 5xx are repeated for 36 hours.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from .access import AppKeys
from .cleaning import clean_id, clean_text
from .exceptions import RejectedError
from .jsontext import dicts, parse_json, part
from .meta import moment_of
from .meta_messages import KINDS, Messages, answering
from .meta_walk import problem
from .types import Entry, Media, Mention, Page, Problem

# One subscription of the page serves both networks: a second list would replace the first.
PAGE_FIELDS = "feed,mention,messages,message_echoes,message_edits,messaging_postbacks,standby"
# Known, and nothing that anybody said.
_SILENT = {
    *("delivery", "read", "reaction", "optin", "referral", "account_linking", "app_roles"),
    *("pass_thread_control", "take_thread_control", "request_thread_control"),
    *("policy_enforcement", "game_play"),
}
_MESSAGING = {
    *("messages", "message_echoes", "message_edit", "message_edits", "message_reactions"),
    *("messaging_postbacks", "messaging_seen", "message_reads", "message_deliveries", "standby"),
    *("messaging_optins", "messaging_referral", "messaging_handover", "messaging_handovers"),
}


class Events(Messages):
    """What Meta tells an app about the pages that installed it."""

    supports_webhook = True

    @classmethod
    def answer_challenge(cls, query: Mapping[str, str], keys: AppKeys) -> tuple[str, str] | None:
        """``hub.challenge`` where ``hub.verify_token`` is ours and the challenge is digits."""
        if not keys.verify_token:
            raise RejectedError("not_found")
        given = query.get("hub.verify_token") or ""
        challenge = query.get("hub.challenge") or ""
        known = hmac.compare_digest(given.encode(), keys.verify_token.encode())
        asked = query.get("hub.mode") == "subscribe"
        if not known or not asked or not re.fullmatch(r"[0-9]{1,64}", challenge):
            return None
        return "text/plain", challenge

    @classmethod
    def is_signed(cls, body: bytes, headers: Mapping[str, str], keys: AppKeys) -> bool:
        """Whether ``X-Hub-Signature-256`` is that of one of the app's secrets."""
        given = (headers.get("X-Hub-Signature-256") or "").encode()
        return any(
            hmac.compare_digest(
                given, b"sha256=" + hmac.new(secret.encode(), body, "sha256").hexdigest().encode()
            )
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
        return [Entry(network, clean_id(item.get("id")), item) for item in dicts(data, "entry")]

    def subscribe(self, address: str) -> None:
        """Have the page's events sent to the app's address, which its console knows."""
        self._ask("POST", "me/subscribed_apps", data={"subscribed_fields": PAGE_FIELDS})

    def read_entry(self, entry: Entry) -> Page:
        """The mentions in ``changes``, ``messaging`` and ``standby`` of one entry.

        Instagram also writes one change directly into its entry.
        """
        data, mentions, problems = entry.data, list[Mention](), list[Problem]()
        changes = dicts(data, "changes") or ([data] if "field" in data else [])
        events = [*dicts(data, "messaging"), *dicts(data, "standby")]
        for item in [*changes, *events] or [data]:
            try:
                mentions += self._read_event(item, moment_of(data.get("time")))
            except ValueError:
                problems.append(problem("unknown_event", item))
        return Page(tuple(mentions), problems=tuple(problems))

    def _read_event(self, item: dict[str, Any], moment: datetime | None) -> list[Mention]:
        """:raises ValueError: for what nobody knows yet"""
        field = item.get("field")
        if field is None or str(field) in _MESSAGING:
            return self._read_message(part(item, "value") if field else item)
        return self._read_change(str(field), part(item, "value"), moment)

    def _read_change(
        self, field: str, value: dict[str, Any], moment: datetime | None
    ) -> list[Mention]:
        raise ValueError("unknown event")

    def _read_message(self, event: dict[str, Any]) -> list[Mention]:
        edit = part(event, "message_edit")
        message = part(event, "message") or part(event, "postback") or edit
        if not message:
            if _SILENT & event.keys():
                return []
            raise ValueError("unknown event")
        sender, moment = part(event, "sender"), moment_of(event.get("timestamp"))
        own = message.get("is_echo") is True or self._is_own(sender)
        times = {"edited_at": moment} if edit else {"posted_at": moment}
        if message.get("is_deleted"):
            times = {"deleted_at": moment or self.clock()}
        told = self._private(
            message.get("mid"),
            own,
            part(event, "recipient") if own else sender,
            body=message.get("text") or message.get("title"),
            media=tuple(map(_payload, dicts(message, "attachments"))),
            raw=event,
            **times,
        )
        if own and moment and not (edit or told.deleted_at):
            since = moment - timedelta(hours=self.late_window_hours)
            talk = self._talk_with(told.thread_external_id)
            told = answering(told, self._conversation(talk, since))
        return [told]


def _payload(item: dict[str, Any]) -> Media:
    """An attachment as a webhook tells it."""
    kind = KINDS.get(clean_text(item.get("type")), "other")
    return Media(url=part(item, "payload").get("url") or "", kind=kind)
