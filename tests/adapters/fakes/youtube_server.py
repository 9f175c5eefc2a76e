"""YouTube's Data API on loopback: one channel, its videos and their comments, with a ledger.

Every request and every answer is held against the discovery document that Google publishes; what
it does not say is from https://developers.google.com/youtube/v3/docs/ (commentThreads, comments,
errors) and https://developers.google.com/identity/protocols/oauth2/web-server, read 2026-11-22.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
from datetime import datetime, timedelta
from functools import cache
from urllib.parse import parse_qs, urlsplit

import jsonschema

from toolbox import descriptions

from .http_server import FakeServer

TOKEN = "ya29.token-of-aurora-51c8"
REFRESH_TOKEN = "1//refresh-of-aurora"
CLIENT = {"client_id": "aurora.apps.example", "client_secret": "GOCSPX-secret-of-aurora"}
OWN_ID = "UCaurora"
SCOPE = "https://www.googleapis.com/auth/youtube.force-ssl"
MAX_TEXT = 10_000
EMBEDDED = 5  # replies that a thread carries
FILTERS = {
    "commentThreads": {"allThreadsRelatedToChannelId", "channelId", "id", "videoId"},
    "comments": {"id", "parentId"},
    "videos": {"id", "chart", "myRating"},
    "channels": {"id", "mine", "forHandle", "forUsername", "managedByMe"},
}
NOT_WITH_ID = {"maxResults", "order", "pageToken", "moderationStatus", "searchTerms"}


class Refusal(Exception):
    """An answer in YouTube's error envelope."""

    def __init__(self, status, reason, message="no"):
        super().__init__(reason)
        self.status = status
        error = {"message": message, "domain": "youtube.comment", "reason": reason}
        self.data = {"error": {"code": status, "message": message, "errors": [error]}}


class Description:
    """The discovery document: what may be asked and answered."""

    def __init__(self):
        self.document = json.loads(descriptions.youtube().read_text())
        self.methods = {
            (method["httpMethod"], method["path"]): method
            for resource in self.document["resources"].values()
            for method in resource.get("methods", {}).values()
        }
        self.schemas = {
            name: self._to_json_schema(schema) for name, schema in self.document["schemas"].items()
        }

    def _to_json_schema(self, value):
        if isinstance(value, list):
            return [self._to_json_schema(item) for item in value]
        if not isinstance(value, dict):
            return value
        if "$ref" in value:
            return {"$ref": f"#/$defs/{value['$ref']}"}
        # "id" names a schema here; formats such as uint64 are Google's own.
        kept = {key: item for key, item in value.items() if key not in ("id", "format", "default")}
        if "properties" in value:
            kept["properties"] = {
                name: self._to_json_schema(item) for name, item in value["properties"].items()
            }
        return {
            key: item if key == "properties" else self._to_json_schema(item)
            for key, item in kept.items()
        }

    @cache  # noqa: B019  # there is one description
    def validator(self, schema_name, strict):
        """For data of a schema; ``strict`` knows no other fields."""
        schemas = {
            name: {**schema, **({"additionalProperties": False} if strict else {})}
            for name, schema in self.schemas.items()
        }
        schema = {"$ref": f"#/$defs/{schema_name}", "$defs": schemas}
        return jsonschema.Draft202012Validator(schema)

    def check_query(self, method, query):
        """Known, complete, of the right kind, within bounds."""
        known = {**self.document["parameters"], **method.get("parameters", {})}
        for name, values in query.items():
            if name not in known:
                raise Refusal(400, "badRequest", f'Unknown name "{name}"')
            for value in [part for text in values for part in text.split(",")]:
                self._check_value(name, value, known[name])
        for name, parameter in method.get("parameters", {}).items():
            if parameter.get("required") and name not in query:
                raise Refusal(400, "missingRequiredParameter", name)

    @staticmethod
    def _check_value(name, value, parameter):
        if "enum" in parameter and value not in parameter["enum"]:
            raise Refusal(400, "badRequest", f"Invalid value at '{name}'")
        if parameter["type"] == "boolean" and value not in ("true", "false"):
            raise Refusal(400, "badRequest", f"Invalid value at '{name}'")
        if parameter["type"] == "integer":
            low, high = int(parameter["minimum"]), int(parameter["maximum"])
            if not value.isdigit() or not low <= int(value) <= high:
                raise Refusal(400, "invalidValue", name)


@cache
def description():
    return Description()


class YouTubeServer(FakeServer):
    """The channel's state; comments are kept as YouTube shows them."""

    def __init__(self):
        self.now = datetime(2026, 11, 22, 12, 0, 0)
        self.comments = {}  # id → comment resource, replies too
        self.video_of = {}  # id of the top comment → video
        self.held: set[str] = set()
        self.closed: set[str] = set()  # threads that cannot be answered
        self.accepted: list[str] = []  # ids of comments made through the API
        self.served: set[str] = set()
        self.codes: dict[str, dict[str, str]] = {}
        self.revoked = self.shuffled = False
        self.channels = [OWN_ID]  # of the Google account that logs in
        self.units, self.quota = 0, 10_000
        self._next = 1000
        super().__init__()

    # -- what happens on the channel

    def comment(self, author, text, at=None, parent="", video="vid-oslo", snippet=None, **more):
        """A comment: ``author`` is a channel id, "" for one that is not told."""
        self._next += 1
        top = parent.partition(".")[0]
        comment_id = f"{top}.{self._next}" if top else f"Ug{self._next}"
        moment = _iso(at or self.now)
        name = {OWN_ID: "@AuroraAir"}.get(author, f"@{author or 'somebody'}")
        self.comments[comment_id] = {
            "kind": "youtube#comment",
            "etag": "e",
            "id": comment_id,
            "snippet": {
                "authorDisplayName": name,
                "authorProfileImageUrl": "https://yt3.example/a.jpg",
                "authorChannelUrl": f"http://www.youtube.com/{name}",
                **({"authorChannelId": {"value": author}} if author else {}),
                "channelId": OWN_ID,
                "textDisplay": text,
                # Told to its author only.
                **({"textOriginal": text} if author == OWN_ID else {}),
                **({"parentId": top} if top else {}),
                "canRate": True,
                "viewerRating": "none",
                "likeCount": 0,
                "publishedAt": moment,
                "updatedAt": moment,
                **(snippet or {}),
            },
            **more,
        }
        if not top:
            self.video_of[comment_id] = video
        return comment_id

    def edit(self, comment_id, text):
        snippet = self.comments[comment_id]["snippet"]
        snippet.update({name: text for name in ("textDisplay", "textOriginal") if name in snippet})
        snippet.update(updatedAt=_iso(self.now + timedelta(seconds=1)))

    def delete(self, comment_id):
        """The comment, and its replies with it."""
        for known in [*self.comments]:
            if known == comment_id or known.startswith(f"{comment_id}."):
                del self.comments[known]

    def log_in(self, address):
        """What a person does on Google's page: allow it. Gives the code."""
        parts = urlsplit(address)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        assert parts.path == "/o/oauth2/v2/auth"
        assert (query["client_id"], query["scope"]) == (CLIENT["client_id"], SCOPE)
        assert (query["response_type"], query["code_challenge_method"]) == ("code", "S256")
        # Without these Google gives no refresh token.
        assert (query["access_type"], query["prompt"]) == ("offline", "consent")
        code = f"4/code-{len(self.codes)}"
        self.codes[code] = query
        return code

    # -- the API

    def answer(self, request):
        try:
            if request.path == "/token" and request.method == "POST":
                return self._give_token(request.form)
            method = description().methods.get((request.method, request.path.lstrip("/")))
            if method is None:
                raise Refusal(404, "notFound")
            if request.headers.get("authorization") != f"Bearer {TOKEN}":
                raise Refusal(401, "authError")
            description().check_query(method, request.query)
            return self._serve(method, request)
        except Refusal as refusal:
            return refusal.status, refusal.data, {}

    def _serve(self, method, request):
        cost = 1 if request.method == "GET" else 50
        if self.units + cost > self.quota:
            raise Refusal(403, "quotaExceeded")
        self.units += cost
        if "request" in method:
            try:
                description().validator(method["request"]["$ref"], True).validate(request.json)
            except jsonschema.ValidationError as error:
                raise Refusal(400, "badRequest", error.message) from None
        query = {name: ",".join(values) for name, values in request.query.items()}
        work = {
            "youtube.channels.list": self._list_channels,
            "youtube.commentThreads.list": self._list_threads,
            "youtube.comments.list": self._list_comments,
            "youtube.comments.insert": self._insert,
            "youtube.comments.update": self._update,
            "youtube.comments.delete": self._delete,
            "youtube.comments.setModerationStatus": self._moderate,
            "youtube.videos.list": self._list_videos,
        }[method["id"]]
        data = work(query, request.json)
        if "response" in method:
            description().validator(method["response"]["$ref"], False).validate(data)
        return 200 if data is not None else 204, data, {}

    def _list_channels(self, query, _body):
        self._check_filter("channels", query)
        items = [
            {
                "kind": "youtube#channel",
                "id": channel_id,
                "snippet": {
                    "title": "Aurora Air",
                    "customUrl": "@auroraair",
                    "thumbnails": {"default": {"url": "https://yt3.example/aurora.jpg"}},
                },
            }
            for channel_id in self.channels
        ]
        return {"kind": "youtube#channelListResponse", "items": items}

    def _list_videos(self, query, _body):
        self._check_filter("videos", query)
        items = [
            {
                "kind": "youtube#video",
                "id": video_id,
                "snippet": {
                    "publishedAt": "2026-11-01T10:00:00Z",
                    "channelId": OWN_ID,
                    "title": f"We fly to {video_id.removeprefix('vid-').title()}",
                    "channelTitle": "Aurora Air",
                    "thumbnails": {"medium": {"url": f"https://i.example/{video_id}.jpg"}},
                },
            }
            for video_id in query["id"].split(",")
            if video_id in self.video_of.values()
        ]
        return {"kind": "youtube#videoListResponse", "items": items}

    def _list_threads(self, query, _body):
        self._check_filter("commentThreads", query)
        if "id" in query:
            tops = [one for one in query["id"].split(",") if one in self.video_of]
            tops = [one for one in tops if one in self.comments]
        else:
            if query["allThreadsRelatedToChannelId"] != OWN_ID:
                raise Refusal(404, "channelNotFound")
            tops = [one for one in self.comments if "." not in one and one not in self.held]
            tops.sort(key=self._moment, reverse=True)
        page, following = self._page(tops, query)
        items = [self._thread(top) for top in page]
        if self.shuffled:
            random.Random(7).shuffle(items)
        return {"kind": "youtube#commentThreadListResponse", **following, "items": items}

    def _thread(self, top):
        replies = self._replies(top)
        few = replies[-EMBEDDED:]  # nobody says which: the oldest, so that none relies on it
        carried = [self.comments[one] for one in few]
        self.served |= {top, *few}
        return {
            "kind": "youtube#commentThread",
            "id": top,
            "snippet": {
                "channelId": OWN_ID,
                "videoId": self.video_of[top],
                "topLevelComment": self.comments[top],
                "canReply": top not in self.closed,
                "totalReplyCount": len(replies),
                "isPublic": True,
            },
            **({"replies": {"comments": carried}} if carried else {}),
        }

    def _list_comments(self, query, _body):
        self._check_filter("comments", query)
        if "id" in query:
            found = [one for one in query["id"].split(",") if one in self.comments]
        elif query["parentId"] not in self.comments:
            raise Refusal(404, "commentNotFound")
        else:
            found = self._replies(query["parentId"])
        page, following = self._page(found, query)
        self.served |= set(page)
        items = [self.comments[one] for one in page]
        return {"kind": "youtube#commentListResponse", **following, "items": items}

    def _insert(self, _query, body):
        snippet = body.get("snippet", {})
        parent, text = snippet.get("parentId"), snippet.get("textOriginal", "")
        if not parent:
            raise Refusal(400, "parentIdMissing")
        if not text.strip():
            raise Refusal(400, "commentTextRequired")
        if len(text) > MAX_TEXT:
            raise Refusal(400, "commentTextTooLong")
        if parent not in self.comments or "." in parent:
            raise Refusal(404, "parentCommentNotFound")
        if parent in self.closed:
            raise Refusal(400, "operationNotSupported")
        comment_id = self.comment(OWN_ID, text, parent=parent)
        self.accepted.append(comment_id)
        self.now += timedelta(seconds=1)
        return self.comments[comment_id]

    def _update(self, _query, body):
        comment, text = self._own(body["id"]), body["snippet"].get("textOriginal", "")
        if not text.strip():
            raise Refusal(400, "commentTextRequired")
        if len(text) > MAX_TEXT:
            raise Refusal(400, "commentTextTooLong")
        self.edit(body["id"], text)
        return comment

    def _delete(self, query, _body):
        self._own(query["id"])
        self.delete(query["id"])
        if query["id"] in self.accepted:
            self.accepted.remove(query["id"])

    def _own(self, comment_id):
        comment = self.comments.get(comment_id)
        if comment is None:
            raise Refusal(404, "commentNotFound")
        if comment["snippet"]["authorChannelId"]["value"] != OWN_ID:
            raise Refusal(403, "forbidden")
        return comment

    def _moderate(self, query, _body):
        if query["id"] not in self.comments:
            raise Refusal(403, "forbidden")
        held = query["moderationStatus"] == "heldForReview"
        (self.held.add if held else self.held.discard)(query["id"])

    def _check_filter(self, resource, query):
        if len(FILTERS[resource] & query.keys()) != 1:
            raise Refusal(400, "missingRequiredParameter", "specify exactly one filter")
        if "id" in query and NOT_WITH_ID & query.keys():
            raise Refusal(400, "incompatibleParameters")
        if "id" in query and len(query["id"].split(",")) > 50:
            raise Refusal(400, "invalidFilters")

    def _page(self, found, query):
        """Some ids and the token of the page after them: it names the first one there."""
        if "id" in query:
            return found, {}
        start, size = 0, int(query.get("maxResults", 20))
        if token := query.get("pageToken"):
            # A page token stands for a moment: what was deleted since does not break it.
            below = [i for i, one in enumerate(found) if self._moment(one) <= token]
            start = below[0] if below else len(found)
        page, rest = found[start : start + size], found[start + size :]
        return page, {"nextPageToken": self._moment(rest[0])} if rest else {}

    def _replies(self, top):
        replies = [one for one in self.comments if one.startswith(f"{top}.")]
        return sorted((one for one in replies if one not in self.held), key=self._moment)[::-1]

    def _moment(self, comment_id):
        return f"{self.comments[comment_id]['snippet']['publishedAt']}/{comment_id}"

    # -- Google's login

    def _give_token(self, form):
        if {name: form.get(name) for name in CLIENT} != CLIENT:
            return 401, {"error": "invalid_client"}, {}
        token = {"access_token": TOKEN, "expires_in": 3599, "scope": SCOPE, "token_type": "Bearer"}
        if form.get("grant_type") == "refresh_token":
            if self.revoked or form.get("refresh_token") != REFRESH_TOKEN:
                return 400, {"error": "invalid_grant"}, {}
            return 200, token, {}
        asked = self.codes.pop(form.get("code"), None)
        hashed = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()
        if not asked or asked["code_challenge"] != challenge:
            return 400, {"error": "invalid_grant"}, {}
        if asked["redirect_uri"] != form.get("redirect_uri"):
            return 400, {"error": "redirect_uri_mismatch"}, {}
        return 200, {**token, "refresh_token": REFRESH_TOKEN}, {}


def _iso(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
