"""Plaza, a network that does not exist: for the addon in ``tests/support/addons/social_care_plaza``."""

from __future__ import annotations

import random
import re
from datetime import timedelta

from .http_server import FakeServer

TOKEN = "token-of-plaza-9c41"
OWN_ID = "aurora"
PAGE = 40


class PlazaServer(FakeServer):
    """A page's messages, newest first."""

    def __init__(self, now):
        self.now = now
        self.messages = {}
        self.accepted = []
        self.shuffled = False
        super().__init__()

    def say(self, author, text, at=None, answers=None, **more):
        message_id = str(1000 + len(self.messages))
        self.messages[message_id] = {
            "id": message_id,
            "text": text,
            "at": f"{(at or self.now):%Y-%m-%dT%H:%M:%SZ}",
            "author": {"id": author, "name": author.title()} if author else None,
            "answers": answers,
            "likes": 0,
            **more,
        }
        return message_id

    def answer(self, request):
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return 401, {"error": "who are you?"}, {}
        if request.path == "/api/me":
            return 200, {"id": OWN_ID, "handle": "auroraair", "name": "Aurora Air"}, {}
        if request.path == "/api/messages" and request.method == "POST":
            return self._post(request.json)
        if request.path == "/api/messages":
            return self._list(request.query.get("before", [""])[0])
        if match := re.fullmatch(r"/api/messages/(\w+)/answers", request.path):
            found = [one for one in self.messages.values() if one["answers"] == match[1]]
            return 200, {"messages": found}, {}
        return 404, {"error": "not here"}, {}

    def _list(self, before):
        found = sorted(self.messages.values(), key=lambda one: int(one["id"]), reverse=True)
        found = [one for one in found if not before or int(one["id"]) < int(before)]
        page = found[:PAGE]
        following = page[-1]["id"] if len(found) > PAGE else None
        if self.shuffled:
            random.Random(7).shuffle(page)
        return 200, {"messages": page, "next": following}, {}

    def _post(self, data):
        if data["answers"] not in self.messages:
            return 404, {"error": "not here"}, {}
        if not 0 < len(data["text"]) <= 280:
            return 400, {"error": "too long"}, {}
        message_id = self.say(OWN_ID, data["text"], answers=data["answers"])
        self.accepted.append(message_id)
        self.now += timedelta(seconds=1)
        return 200, self.messages[message_id], {}
