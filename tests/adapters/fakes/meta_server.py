"""A Graph API on loopback for a page and its Instagram account, with a ledger.

Written from https://developers.facebook.com/docs/graph-api/ (using-graph-api, reference/page,
/comment, /object/comments), /docs/messenger-platform/ (send-api, conversations, private-replies,
attachment-upload-api, error-codes) and /docs/instagram-platform/instagram-graph-api/reference/, read
2026-11-22. It gives only the fields asked for, and refuses what Meta refuses: a field or an edge
that a node has not, a call without token or proof, a text that is too long, a message outside its
window, a second private answer.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from datetime import datetime, timedelta
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .http_server import Fault, Request
from .meta_api import (
    ACCOUNT,
    ANA,
    BEN,
    MEDIA,
    PAGE,
    POST,
    SECRET,
    TOKEN,
    GraphApi,
)


class MetaServer:
    """What is there: nodes by id, in the order they came to be."""

    def __init__(self):
        self.now = datetime(2026, 11, 22, 12, 0, 0)
        self.nodes: dict[str, dict[str, Any]] = {}
        self.requests: list[dict[str, Any]] = []
        self.accepted: list[str] = []  # ids of what was said through the API
        self.served: set[str] = set()  # ids of comments and messages handed over in lists
        self.faults: list[Fault] = []
        self.subscribed: set[str] = set()
        self.private_replies: dict[str, str] = {}  # comment or post → conversation
        self.uploads: dict[str, bytes] = {}
        self.headers: dict[str, str] = {}
        self.pages = [PAGE]
        self.shuffled = self.bare_ids = self.wants_proof = False
        self.long_tokens = True  # page tokens of hundreds of characters
        self._next = 6000
        self._make_brand()
        handler = type("Handler", (_Handler,), {"state": self})
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.http.daemon_threads = True
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01}).start()

    def _make_brand(self):
        account = {
            "id": ACCOUNT,
            "username": "auroraair",
            "name": "Aurora Air",
            "profile_picture_url": "https://scontent.example/ig.jpg",
        }
        self.add("IGUser", ACCOUNT, **account)
        self.add(
            "Page",
            PAGE,
            name="Aurora Air",
            username="auroraair",
            link="https://www.facebook.com/auroraair",
            picture={"data": {"url": "https://scontent.example/page.jpg"}},
            instagram_business_account=account,
            access_token=TOKEN,
        )
        old = self.now - timedelta(days=2)
        self.post("we fly to Oslo", at=old, author=PAGE, node_id=POST)
        self.media("we fly to Oslo", at=old, node_id=MEDIA)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.http.server_address[1]}"

    def close(self):
        self.http.shutdown()
        self.http.server_close()

    # -- what happens there

    def add(self, kind, node_id=None, at=None, below="", **fields):
        """A node, stored. ``below`` is the id of what it is listed under."""
        self._next += 1
        node_id = node_id or str(self._next)
        self.nodes[node_id] = {"id": node_id, **fields}
        self.nodes[node_id]["_"] = {"kind": kind, "at": at or self.now, "below": below}
        return node_id

    def _about(self, node_id):
        return self.nodes[node_id]["_"]

    def person(self, person):
        return {"name": {ANA: "Ana Ruiz", BEN: "Ben", PAGE: "Aurora Air"}.get(person), "id": person}

    def post(self, text, at=None, author=ANA, node_id=None, **more):
        self._next += 1
        node_id = node_id or f"{PAGE}_{self._next}"
        fields = {"message": text, "permalink_url": f"https://www.facebook.com/{node_id}", **more}
        fields |= {"from": self.person(author)} if author else {}
        return self.add("PagePost", node_id, at, PAGE, **fields)

    def comment(self, text, at=None, author=ANA, parent=None, **more):
        """A comment below the brand's post, another post, or a comment."""
        parent = parent or POST
        above = self.nodes[parent]["_"]
        post = parent if above["kind"] == "PagePost" else above["below"]
        self._next += 1
        node_id = f"{post.rpartition('_')[2]}_{self._next}"
        top = self.nodes[parent].get("parent", {}).get("id", parent)
        fields = {"parent": {"id": top}} if above["kind"] == "Comment" else {}
        fields |= {"from": self.person(author)} if author else {}
        fields |= {"message": text, "like_count": 0, "comment_count": 0}
        fields |= {"permalink_url": f"https://www.facebook.com/{post}?comment_id={node_id}"}
        return self.add("Comment", node_id, at, post, **{**fields, **more})

    def media(self, text, at=None, node_id=None):
        url = "https://www.instagram.com/p/x/"
        fields = {"caption": text, "media_type": "IMAGE", "permalink": url, "username": "auroraair"}
        picture = "https://scontent.example/media.jpg"
        return self.add("IGMedia", node_id, at, ACCOUNT, media_url=picture, **fields)

    def ig_comment(self, text, at=None, author=ANA, parent=None, media=MEDIA, **more):
        self._next += 1
        top = self.nodes[parent].get("parent_id", parent) if parent else None
        names = {ANA: "ana", BEN: "ben", ACCOUNT: "auroraair"}
        fields = {"text": text, "like_count": 0, "media": {"id": media}, "hidden": False}
        fields |= {"parent_id": top} if top else {}
        if author:
            fields |= {"username": names[author], "from": {"id": author, "username": names[author]}}
        return self.add("IGComment", f"1790000000000{self._next}", at, media, **{**fields, **more})

    def message(self, text, at=None, person=ANA, own=False, platform="messenger", **more):
        brand = ACCOUNT if platform == "instagram" else PAGE
        talk = f"t_{platform}_{person}"
        if talk not in self.nodes:
            self.add("UnifiedThread", talk, at, platform)
        self._next += 1
        ends = {"from": self.person(person), "to": {"data": [self.person(brand)]}}
        if own:
            ends = {"from": self.person(brand), "to": {"data": [self.person(person)]}}
        node_id = f"m_{self._next}" if platform == "messenger" else f"aWdf{self._next}"
        return self.add("Message", node_id, at, talk, **{**ends, "message": text, **more})

    def edit(self, node_id, text):
        node = self.nodes[node_id]
        node[next(name for name in ("text", "message") if name in node)] = text

    def delete(self, node_id):
        self.nodes.pop(node_id)

    def below(self, node_id, *kinds):
        return [
            node
            for node in self.nodes.values()
            if node["_"]["below"] == node_id and node["_"]["kind"] in kinds
        ]

    # -- webhooks

    def call(self, kind, *entries):
        """The bytes of a call; Meta escapes what is not ASCII."""
        return json.dumps({"object": kind, "entry": list(entries)}).encode()

    def sign(self, body, secret=SECRET):
        digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return {"X-Hub-Signature-256": f"sha256={digest}"}


class _Handler(GraphApi, BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: MetaServer

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        self._serve({}, {})

    do_DELETE = do_GET

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        kind = self.headers.get("Content-Type") or ""
        if kind.startswith("multipart/"):
            head = f"Content-Type: {kind}\r\n\r\n".encode()
            parts = BytesParser().parsebytes(head + body).get_payload()
            named = {part.get_param("name", header="content-disposition"): part for part in parts}
            content = {name: part.get_payload(decode=True) for name, part in named.items()}
            files = {name for name, part in named.items() if part.get_filename()}
            data = {name: content[name].decode() for name in content.keys() - files}
            self._serve(data, {name: content[name] for name in files})
        elif kind.startswith("application/json"):
            self._serve(json.loads(body), {})
        else:
            self._serve({key: value[0] for key, value in parse_qs(body.decode()).items()}, {})

    def _serve(self, data, files):
        state, parts = self.state, urlsplit(self.path)
        params = {key: value[0] for key, value in parse_qs(parts.query).items()} | data
        made = {"method": self.command, "path": parts.path, "params": params, "files": files}
        state.requests.append({**made, "headers": dict(self.headers), "query": parts.query})
        request = Request(self.command, parts.path, {})
        fits = (fault for fault in state.faults if fault.fits(request))
        if fault := next(fits, None):
            state.faults.remove(fault)
            if fault.after:
                self._answer(parts.path, params, files)
            if fault.cut:
                self.close_connection = True
                return
            self._send(fault.status, fault.body, fault.headers)
            return
        status, answer = self._answer(parts.path, params, files)
        self._send(status, json.dumps(answer).encode(), state.headers)

    def _send(self, status, body, headers):
        self.send_response_only(status)  # without a Date of its own
        headers = {"Content-Type": "application/json; charset=UTF-8", **headers}
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
