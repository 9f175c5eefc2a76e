"""A PDS with its AppView on loopback, written from the lexicons, with a ledger.

https://github.com/bluesky-social/atproto/tree/main/lexicons (app.bsky.feed.*, app.bsky.notification.*,
com.atproto.repo.*, com.atproto.server.*), read 2026-11-22. It refuses what the lexicons refuse. It is its own entryway
and directory of DIDs too.
"""

from __future__ import annotations

import base64
import json
import random
import re
from datetime import datetime, timedelta
from typing import Any

from networks.text import count_graphemes

from .http_server import FakeServer

OWN, ANA, BEN = "did:plc:auroraair", "did:plc:ana", "did:plc:ben"
PASSWORD = "abcd-efgh-ijkl-mnop"
POST, LIKE = "app.bsky.feed.post", "app.bsky.feed.like"


def token(kind, until):
    """A JSON Web Token that says when it ends."""
    claims = json.dumps({"scope": kind, "exp": until}).encode()
    return f"h.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.{kind}sig7f3a"


ACCESS, REFRESH = token("access", 1_795_359_600), token("refresh", 1_803_128_400)


class Refused(Exception):
    """400 with the name of an error."""

    def __init__(self, error="InvalidRequest", status=400):
        super().__init__(error)
        self.error, self.status = error, status


class BlueskyServer(FakeServer):
    """The server's state: views of posts by at-URI, records of our own by collection and key."""

    def __init__(self):
        super().__init__()
        self.now = datetime(2026, 11, 22, 12, 0, 0)
        self.posts: dict[str, dict[str, Any]] = {}
        self.notifications: list[dict[str, Any]] = []
        self.feed: list[dict[str, Any]] = []  # of ours
        self.records: dict[tuple[str, str], dict[str, Any]] = {}
        self.blobs: dict[str, dict[str, Any]] = {}
        self.accepted: list[str] = []  # at-URIs of posts that were made through the API
        self.served: set[str] = set()  # at-URIs handed over in notifications
        self.most = 40  # items a page, whatever is asked for
        self.shuffled = False
        self.tokens = {"access": ACCESS, "refresh": REFRESH}
        self.handles = {"auroraair.test": OWN, "ana.test": ANA, "ben.test": BEN}
        self._next = 0

    def answer(self, request):
        try:
            status, answer = 200, _Call(self, request).answer()
        except Refused as refused:
            status, answer = refused.status, {"error": refused.error, "message": "no"}
        return status, answer, {"RateLimit-Remaining": "2990"}

    # -- what happens on the network

    def person(self, did):
        handle = next((name for name, known in self.handles.items() if known == did), "")
        return {"did": did, "handle": handle or "handle.invalid", "displayName": handle.upper()}

    def profile(self, did):
        return {**self.person(did), "followersCount": 7, "avatar": "https://cdn.example/a.jpg"}

    def add(self, did, text, at=None, parent=None, key="", **more):
        """A post; nobody is notified. ``more`` goes into the record."""
        self._next += 1
        uri = f"at://{did}/{POST}/{key or f'3k{self._next:011d}'}"
        record = {"$type": POST, "text": text, "createdAt": iso(at or self.now), **more}
        if parent:
            above = self.posts[parent]
            record["reply"] = {
                "root": above["record"].get("reply", {}).get("root") or reference(above),
                "parent": reference(above),
            }
        view = {
            "uri": uri,
            "cid": f"bafy{self._next}",
            "author": self.person(did),
            "record": record,
            "indexedAt": iso(at or self.now),
            "likeCount": 0,
            "repostCount": 0,
            "replyCount": 0,
            "viewer": {},
        }
        self.posts[uri] = view
        if did == OWN:
            self.feed.append({"post": view})
        return uri

    def mention(self, did, text, at=None, reason="mention", **more):
        """A post that notifies us. Names us in a facet, unless told otherwise."""
        raw = {name: more.pop(name) for name in list(more) if name not in ("parent", "embed")}
        if reason == "mention":
            more["facets"] = [
                {
                    "index": {"byteStart": 0, "byteEnd": 1},
                    "features": [{"$type": "app.bsky.richtext.facet#mention", "did": OWN}],
                }
            ]
        uri = self.add(did, text, at, **more)
        view = self.posts[uri]
        kept = ("uri", "cid", "author", "record", "indexedAt")
        told = {name: view[name] for name in kept}
        self.notifications.append({**told, "reason": reason, "isRead": False, **raw})
        return uri

    def delete(self, uri):
        self.posts.pop(uri)
        self.notifications = [item for item in self.notifications if item["uri"] != uri]
        self.feed = [item for item in self.feed if item["post"]["uri"] != uri]


def iso(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def reference(view):
    return {"uri": view["uri"], "cid": view["cid"]}


def place(item):
    """By what lists are sorted: the earlier of two times; of what is shared, the sharing."""
    if isinstance(item.get("reason"), dict):
        return item["reason"]["indexedAt"]
    view = item.get("post") or item
    told = view["record"].get("createdAt") if isinstance(view.get("record"), dict) else None
    return min(filter(None, (told, view["indexedAt"])))


class _Call:
    """One request and what the server makes of it."""

    def __init__(self, server, request):
        self.server_state, self.request, self.headers = server, request, request.headers

    def answer(self):
        request = self.request
        method = request.path.removeprefix("/xrpc/")
        data = request.json if request.body.startswith(b"{") else {}
        return self._answer(method, request.query, data, request.body)

    # -- the API

    def _answer(self, method, query, data, body):
        one = {name: values[0] for name, values in query.items()}
        if method.startswith(("/did:", "/.well-known/")):
            return self._did_document(method.strip("/"))
        handler = getattr(self, "_" + method.rpartition(".")[2], None)
        if handler is None:
            raise Refused("MethodNotImplemented", 501)
        if method.endswith(("createSession", "resolveHandle")):
            return handler(one, data)
        kind = "refresh" if method.endswith("refreshSession") else "access"
        given = self.headers.get("authorization")
        if not given:
            raise Refused("AuthMissing", 401)
        if given != f"Bearer {self.server_state.tokens[kind]}":
            raise Refused("ExpiredToken" if "old" in given else "InvalidToken")
        if method.endswith("uploadBlob"):
            return self._uploadBlob(body)
        return handler(query if method.endswith(("getPosts", "getProfiles")) else one, data)

    def _did_document(self, did):
        service = {"id": "#atproto_pds", "serviceEndpoint": self.server_state.url}
        return {"id": did, "service": [{"id": "#other"}, service]}

    def _session(self):
        tokens = self.server_state.tokens
        return {
            "did": OWN,
            "handle": "auroraair.test",
            "accessJwt": tokens["access"],
            "refreshJwt": tokens["refresh"],
        }

    def _createSession(self, one, data):
        known = data.get("identifier") in ("auroraair.test", OWN, "care@aurora.example")
        if not known or data.get("password") != PASSWORD:
            raise Refused("AuthenticationRequired", 401)
        return self._session()

    def _refreshSession(self, one, data):
        later = {"access": 1_795_366_800, "refresh": 1_803_135_600}
        self.server_state.tokens = {kind: token(kind, end) for kind, end in later.items()}
        return self._session()

    def _getSession(self, one, data):
        return {"did": OWN, "handle": "auroraair.test"}

    def _resolveHandle(self, one, data):
        did = self.server_state.handles.get(one.get("handle"))
        if did is None:
            raise Refused
        return {"did": did}

    def _getProfile(self, one, data):
        return self.server_state.profile(one["actor"])

    def _getProfiles(self, query, data):
        if len(query["actors"]) > 25:
            raise Refused
        return {"profiles": [self.server_state.profile(did) for did in query["actors"]]}

    def _getPosts(self, query, data):
        if len(query["uris"]) > 25 or not all(uri.startswith("at://") for uri in query["uris"]):
            raise Refused
        known = self.server_state.posts
        return {"posts": [known[uri] for uri in query["uris"] if uri in known]}

    def _listNotifications(self, one, data):
        state = self.server_state
        page = self._page(state.notifications, one, "notifications")
        state.served |= {str(item["uri"]) for item in page["notifications"]}
        return page

    def _getAuthorFeed(self, one, data):
        if one["actor"] != OWN:
            raise Refused
        return self._page(self.server_state.feed, one, "feed")

    def _page(self, items, one, key):
        state, limit = self.server_state, int(one.get("limit", 50))
        if not 1 <= limit <= 100:
            raise Refused
        items = sorted(items, key=place, reverse=True)
        if below := one.get("cursor"):
            items = [item for item in items if place(item) < below]
        page = items[: min(limit, state.most)]
        answer: dict[str, Any] = {"cursor": place(page[-1])} if page else {}
        if key == "notifications":
            page = [item for item in page if item["reason"] in self.request.query["reasons"]]
        if state.shuffled:
            random.Random(7).shuffle(page)
        return {**answer, key: page}

    def _getPostThread(self, one, data):
        known = self.server_state.posts
        if one["uri"] not in known:
            raise Refused("NotFound")
        return {"thread": {**self._node(one["uri"]), "parent": self._above(one["uri"])}}

    def _node(self, uri):
        known = self.server_state.posts
        below = [
            self._node(key)
            for key, view in known.items()
            if view["record"].get("reply", {}).get("parent", {}).get("uri") == uri
        ]
        return {"post": known[uri], "replies": [*below, {"uri": "at://x", "blocked": True}]}

    def _above(self, uri):
        known = self.server_state.posts
        parent = known[uri]["record"].get("reply", {}).get("parent", {}).get("uri")
        if parent is None:
            return None
        if parent not in known:
            return {"uri": parent, "notFound": True}
        return {"post": known[parent], "parent": self._above(parent)}

    # -- our records

    def _getRecord(self, one, data):
        record = self.server_state.records.get((one["collection"], one["rkey"]))
        if record is None or one["repo"] != OWN:
            raise Refused("RecordNotFound")
        return {"uri": f"at://{OWN}/{one['collection']}/{one['rkey']}", "value": record}

    def _putRecord(self, one, data):
        state, key = self.server_state, (data["collection"], data["rkey"])
        record = data["record"]
        check(state, data)
        known = state.records.get(key)
        if known is not None and known != record:
            if "swapRecord" in data:
                raise Refused("InvalidSwap")
            raise AssertionError("a record was written over")
        uri = f"at://{OWN}/{'/'.join(key)}"
        if known is None:
            state.records[key] = record
            if data["collection"] == POST:
                more = {name: record[name] for name in record if name not in ("$type", "text")}
                state.add(OWN, record["text"], state.now, key=data["rkey"], **more)
                state.accepted.append(uri)
                state.now += timedelta(seconds=1)
            elif data["collection"] == LIKE:
                state.posts[record["subject"]["uri"]]["viewer"]["like"] = uri
        return {"uri": uri, "cid": "bafynew"}

    def _deleteRecord(self, one, data):
        state = self.server_state
        record = state.records.pop((data["collection"], data["rkey"]), None)
        if record and data["collection"] == POST:
            uri = f"at://{OWN}/{POST}/{data['rkey']}"
            state.delete(uri)
            state.accepted.remove(uri)
        if record and data["collection"] == LIKE:
            state.posts[record["subject"]["uri"]]["viewer"].pop("like")
        return {}

    def _uploadBlob(self, body):
        state, kind = self.server_state, self.headers["content-type"]
        link = f"bafkrei{len(state.blobs)}"
        blob = {"$type": "blob", "ref": {"$link": link}, "mimeType": kind, "size": len(body)}
        state.blobs[link] = blob
        return {"blob": blob}


def check(state, data):
    """Refuse what the lexicons app.bsky.feed.post and app.bsky.feed.like refuse."""
    record = data["record"]
    fine = (
        data["repo"] == OWN
        and record.get("$type") == data["collection"]
        and re.fullmatch(r"[2-7a-j][2-7a-z]{12}", data["rkey"])
        and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", record["createdAt"])
    )
    if data["collection"] == POST:
        text = record["text"].encode()
        fine = fine and count_graphemes(record["text"]) <= 300 and len(text) <= 3000
        fine = fine and all(is_facet(facet, text) for facet in record.get("facets", ()))
        langs = record.get("langs", [])
        fine = fine and len(langs) <= 3 and all(re.fullmatch(r"\w\w(-\w\w)?", x) for x in langs)
        images = record.get("embed", {}).get("images", [])
        fine = fine and len(images) <= 4 and all(is_image(state, image) for image in images)
        fine = fine and is_reply(state, record["reply"])
    if not fine:
        raise Refused


def is_reply(state, reply):
    """Both references are to posts as they are; the root is that of the parent."""
    above = state.posts[reply["parent"]["uri"]]
    root = above["record"].get("reply", {}).get("root") or reference(above)
    return reply == {"root": root, "parent": reference(above)}


def is_facet(facet, text):
    start, end = facet["index"]["byteStart"], facet["index"]["byteEnd"]
    if not 0 <= start < end <= len(text):
        return False
    shown = text[start:end].decode()  # fails inside a character
    (feature,) = facet["features"]
    kind = feature["$type"].removeprefix("app.bsky.richtext.facet#")
    return {
        "mention": shown.startswith("@") and feature.get("did", "").startswith("did:"),
        "link": feature.get("uri", "").startswith("http"),
        "tag": shown == f"#{feature.get('tag')}" and len(shown) <= 65,
    }[kind]


def is_image(state, image):
    blob = image["image"]
    known = state.blobs.get(blob["ref"]["$link"]) == blob and isinstance(image["alt"], str)
    return known and blob["size"] <= 2_000_000 and blob["mimeType"].startswith("image/")
