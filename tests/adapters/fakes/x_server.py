"""X's API v2 on loopback, written from its documentation, with a ledger.

https://docs.x.com/x-api/ (timelines, lookup, create post, direct messages, hide replies, likes, media,
webhooks, activity) and its OAuth 2.0 pages, read 2026-11-22. Every request and answer is held against the vendor's
published description; a wrong request gets 400, as from the vendor, and is remembered in ``refused``.
"""

import base64
import hashlib
import json
import random
import re
from datetime import datetime, timedelta, timezone
from urllib.parse import urlsplit

from .http_server import FakeServer, Fault
from .x_description import wrong_in_answer, wrong_in_request

TOKEN, APP_TOKEN = "access-of-aurora-5d1e", "bearer-of-the-app-77c2"
CLIENT_ID, CLIENT_SECRET, API_SECRET = "client-of-aurora", "client-secret-9b", "api-secret-4f"
OWN_ID = "900100200300400500"
REACHABLE = {"mentions": 800, "tweets": 3200}
DEFAULTS = {"id", "text", "edit_history_tweet_ids", "event_type"}
FIELDS = {
    *(
        "attachments",
        "author_id",
        "conversation_id",
        "created_at",
        "entities",
        "lang",
        "note_tweet",
    ),
    *(
        "in_reply_to_user_id",
        "public_metrics",
        "referenced_tweets",
        "dm_conversation_id",
        "sender_id",
    ),
}
EPOCH = datetime(2010, 11, 4, 1, 42, 54, 657000)
ESCAPES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))


class XServer(FakeServer):
    """The server's state; what is said is X's, what is asked of it is the handler's."""

    def __init__(self):
        super().__init__()
        self.now = datetime(2026, 11, 22, 12, 0, 0)
        self.posts, self.messages = {}, {}  # id → post, one entry a version; id → message
        self.named, self.liked, self.hidden = set(), set(), set()
        self.accepted, self.uploaded, self.pictures = [], {}, {}
        self.served, self.billed = set(), 0  # ids handed over in lists; things that were paid for
        self.refused, self.violations = [], []
        self.webhooks, self.subscriptions = {}, []
        self.codes, self.refresh_token = {}, "refresh-of-aurora-1"
        self.refuses_duplicates = self.answers_only_who_named_us = True
        self.shuffled = self.renamed = self.wrapped = self.errors_beside = self.expired = False
        self._sequence = 0
        self.users = {
            OWN_ID: self.user(OWN_ID, "auroraair", "Aurora Air"),
            "1001": self.user("1001", "ana", "Ana Ruiz"),
            "1002": self.user("1002", "ben", "Ben", verified=True),
        }

    def answer(self, request):
        return _Call(self, request).answer()

    # -- what happens there

    def user(self, user_id, username, name, verified=False):
        counts = {"followers_count": 7, "following_count": 1, "tweet_count": 5, "listed_count": 0}
        return {
            "id": user_id,
            "username": username,
            "name": name,
            "verified": verified,
            "location": "Madrid, España",
            "profile_image_url": "https://pbs.twimg.com/profile_images/1/a_normal.jpg",
            "public_metrics": counts,
        }

    def new_id(self, moment):
        """Ids hold their time in milliseconds and grow with it."""
        self._sequence += 1
        milliseconds = int((moment - EPOCH) / timedelta(milliseconds=1))
        return str((milliseconds << 22) + self._sequence)

    def add(self, author_id, text, at=None, parent=None, quoted=None, **more):
        """A post, which names nobody in particular."""
        post_id = self.new_id(at or self.now)
        above = self.posts.get(parent or "")
        kinds = (("replied_to", parent), ("quoted", quoted))
        self.posts[post_id] = {
            "id": post_id,
            "text": escaped(text),
            "edit_history_tweet_ids": [post_id],
            "created_at": iso(at or self.now),
            "author_id": author_id,
            "conversation_id": above["conversation_id"] if above else post_id,
            "lang": "en",
            "public_metrics": {
                "like_count": 0,
                "retweet_count": 0,
                "reply_count": 0,
                "quote_count": 0,
                "impression_count": 3,
            },
            **({"in_reply_to_user_id": above["author_id"]} if above else {}),
            **({"referenced_tweets": found} if (found := refers(kinds)) else {}),
            **more,
        }
        return post_id

    def mention(self, author_id, text, at=None, **more):
        """A post that names us."""
        post_id = self.add(author_id, text, at, **more)
        self.named.add(post_id)
        return post_id

    def edit(self, post_id, text):
        """A new version with an id of its own; the old one stays, and knows of it."""
        old = self.posts[post_id]
        new_id = self.new_id(self.now)
        history = [*old["edit_history_tweet_ids"], new_id]
        new = {"id": new_id, "text": escaped(text), "created_at": iso(self.now)}
        self.posts[new_id] = {**old, **new}
        self.named |= {new_id} if post_id in self.named else set()
        for version in history:
            self.posts[version]["edit_history_tweet_ids"] = history
        return new_id

    def delete(self, post_id):
        """Deleting any version deletes all."""
        for version in self.posts[post_id]["edit_history_tweet_ids"]:
            self.posts.pop(version)

    def write(self, sender, text, at=None, recipient=OWN_ID, **more):
        """A private message."""
        message_id = self.new_id(at or self.now)
        person = recipient if sender == OWN_ID else sender
        self.messages[message_id] = {
            "id": message_id,
            "event_type": "MessageCreate",
            "text": escaped(text),
            "created_at": iso(at or self.now),
            "sender_id": sender,
            "dm_conversation_id": "-".join(sorted([OWN_ID, person], key=int)),
            **more,
        }
        return message_id

    # -- what it tells of by itself

    def event(self, event_type, payload, owner=OWN_ID, **more):
        """The bytes of a call."""
        event = {
            "event_uuid": str(-int(self.new_id(self.now))),
            "filter": {"user_id": owner} if owner else {},
            "event_type": event_type,
            "payload": payload,
            **more,
        }
        return json.dumps({"data": event}).encode()

    def message_event(self, message_id):
        """A message in the older shape that calls have."""
        message = self.messages[message_id]
        sender = message["sender_id"]
        people = message["dm_conversation_id"].split("-")
        created = datetime.strptime(message["created_at"], "%Y-%m-%dT%H:%M:%S.000Z")
        event = {
            "type": "message_create",
            "id": message_id,
            "created_timestamp": str(int(created.replace(tzinfo=timezone.utc).timestamp() * 1000)),
            "message_create": {
                "target": {"recipient_id": next(item for item in people if item != sender)},
                "sender_id": sender,
                "message_data": {"text": message["text"], "entities": {"urls": []}},
            },
        }
        users = {key: {"data": self.users[key]} for key in people}
        kind = "dm.sent" if sender == OWN_ID else "dm.received"
        return self.event(kind, {"direct_message_events": [event], "users": users})


def iso(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def escaped(text):
    for char, sign in ESCAPES:
        text = text.replace(char, sign)
    return text


def refers(kinds):
    return [{"type": kind, "id": post_id} for kind, post_id in kinds if post_id]


def weighed(text):
    """280 at most: an address 23, whatever is not Latin 2."""
    text = re.sub(r"https?://\S+", "x" * 23, text)
    return sum(1 if ord(char) <= 0x10FF or 0x2000 <= ord(char) <= 0x201F else 2 for char in text)


def problem(kind, title, detail, status):
    """An error's body; without a kind of its own ``about:blank``."""
    where = f"https://api.twitter.com/2/problems/{kind}" if kind else "about:blank"
    return {"title": title, "detail": detail, "type": where, "status": status}


def forbidden(detail):
    return 403, problem("", "Forbidden", detail, 403), {}


class _Call:
    """One request and what X makes of it."""

    def __init__(self, server, request):
        self.server_state, self.request, self.command = server, request, request.method

    def answer(self):
        kind = self.request.headers.get("content-type") or ""
        if "urlencoded" in kind:
            data = self.request.form
        elif "multipart" in kind:
            data = {"multipart": self.request.body}
        else:
            data = self.request.json
        return self._answer(self.request.path, self.request.query, data)

    def _answer(self, path, query, data):
        state = self.server_state
        wrong = wrong_in_request(self.command, path, query, data)
        if wrong:
            state.refused.append(wrong)
            return 400, problem("invalid-request", "Invalid Request", wrong[0], 400), {}
        status, answer, headers = self._authorised(path, query, data)
        if not (state.renamed or state.wrapped):  # both are later than the description
            state.violations += wrong_in_answer(self.command, path, status, answer)
        return status, answer, headers

    def _authorised(self, path, query, data):
        token = (self.request.headers.get("authorization") or "").removeprefix("Bearer ")
        if path == "/2/oauth2/token":
            return self._token(data)
        if path.startswith("/2/webhooks"):
            if token == APP_TOKEN:
                return self._webhooks(path, data)
            detail = "Authenticating with OAuth 2.0 User Context is forbidden for this endpoint."
            return 403, problem("unsupported-authentication", "Unsupported", detail, 403), {}
        if token != TOKEN:
            return 401, problem("", "Unauthorized", "Unauthorized", 401), {}
        for pattern, answer in self.ROUTES.items():
            method, template = pattern.split(" ")
            match = re.fullmatch(re.sub(r"{\w+}", r"(\\d+)", template), path)
            if match and method == self.command:
                return answer(self, *match.groups(), query=query, data=data)
        return 404, problem("resource-not-found", "Not Found", "Not Found", 404), {}

    # -- reading

    def _me(self, query, data):
        wanted = {"id", "name", "username", *query.get("user.fields", [""])[0].split(",")}
        user = self.server_state.users[OWN_ID]
        return 200, {"data": {key: value for key, value in user.items() if key in wanted}}, {}

    def _mentions(self, user_id, query, data):
        posts = [self.server_state.posts[key] for key in self._latest(self.server_state.named)]
        return self._page(posts, query, REACHABLE["mentions"])

    def _timeline(self, user_id, query, data):
        posts = [self.server_state.posts[key] for key in self._latest(self.server_state.posts)]
        names = {"retweets": "retweeted", "replies": "replied_to"}
        excluded = {names.get(name) for name in query.get("exclude", [""])[0].split(",")}
        own = [
            post
            for post in posts
            if post.get("author_id") == user_id and not excluded.intersection(kinds_of(post))
        ]
        return self._page(own, query, REACHABLE["tweets"])

    def _latest(self, ids):
        posts = self.server_state.posts
        return [
            key for key in ids if key in posts and posts[key]["edit_history_tweet_ids"][-1] == key
        ]

    def _messages(self, query, data):
        return self._page(
            list(self.server_state.messages.values()), query, 10_000, "dm_event.fields"
        )

    def _conversation(self, person, query, data):
        items = [
            item
            for item in self.server_state.messages.values()
            if person in item["dm_conversation_id"].split("-")
        ]
        return self._page(items, query, 10_000, "dm_event.fields")

    def _page(self, items, query, reachable, fields="tweet.fields"):
        state, limit = self.server_state, int(query.get("max_results", [100])[0])
        below = int(query.get("pagination_token", ["0"])[0], 36)
        if state.expired and below:
            detail = "The value of the pagination_token is invalid."
            return 400, problem("invalid-request", "Invalid Request", detail, 400), {}
        lowest = int(query.get("since_id", ["0"])[0])
        items = sorted(items, key=lambda item: -int(item["id"]))[:reachable]
        items = [item for item in items if int(item["id"]) > lowest]
        items = [item for item in items if not below or int(item["id"]) < below]
        page, meta = items[:limit], {}
        if len(items) > limit:
            meta["next_token"] = to_base36(int(page[-1]["id"]))
        if state.shuffled:
            random.Random(7).shuffle(page)
        state.served |= {
            item["edit_history_tweet_ids"][0] for item in page if "edit_history_tweet_ids" in item
        }
        answer = self._told(page, query, fields)
        return 200, {**answer, "meta": {"result_count": len(page), **meta}}, {}

    def _lookup(self, query, data):
        state, ids = self.server_state, query["ids"][0].split(",")
        posts = [state.posts[key] for key in ids if key in state.posts]
        errors = [
            {
                **problem("resource-not-found", "Not Found Error", f"Could not find {key}.", 404),
                "parameter": "ids",
                "value": key,
                "resource_id": key,
                "resource_type": "tweet",
            }
            for key in ids
            if key not in state.posts
        ]
        answer = self._told(posts, query, "tweet.fields")
        return 200, {**answer, **({"errors": errors} if errors else {})}, {}

    def _told(self, items, query, fields):
        """Data and what stands beside it: only what was asked for, and what nobody knows yet."""
        state = self.server_state
        state.billed += len(items)
        wanted = DEFAULTS | set(query.get(fields, [""])[0].split(","))
        data = [
            {key: value for key, value in item.items() if key in wanted or key not in FIELDS}
            for item in items
        ]
        asked = query.get("expansions", [""])[0].split(",")
        people = {
            item.get("author_id") or item.get("sender_id")
            for item in items
            if {"author_id", "sender_id"} & set(asked)
        }
        users = [state.users[key] for key in sorted(people & state.users.keys())]
        keys = {key for item in items for key in item.get("attachments", {}).get("media_keys", [])}
        media = (
            [state.pictures[key] for key in sorted(keys)]
            if "attachments.media_keys" in asked
            else []
        )
        told = {"users": users, "media": media}
        includes = {key: value for key, value in told.items() if value}
        if state.wrapped:
            includes = {key: {"data": value} for key, value in includes.items()}
        if state.renamed:
            data = json.loads(
                json.dumps(data).replace("_tweets", "_posts").replace("_tweet_ids", "_post_ids")
            )
        answer = {
            **({"data": data} if data else {}),
            **({"includes": includes} if includes else {}),
        }
        if state.errors_beside and data:
            detail = "Could not find user with id: [7]."
            error = problem("resource-not-found", "Not Found Error", detail, 404)
            more = {
                "parameter": "author_id",
                "value": "7",
                "resource_id": "7",
                "resource_type": "user",
            }
            answer["errors"] = [{**error, **more}]
        return answer

    # -- saying

    def _create(self, query, data):
        state, text = self.server_state, data.get("text", "")
        parent_id = data.get("reply", {}).get("in_reply_to_tweet_id")
        parent = state.posts.get(parent_id or "")
        if parent_id and not parent:
            return forbidden(
                "You attempted to reply to a Tweet that is deleted or not visible to you."
            )
        engaged = {parent_id, *(parent or {}).get("edit_history_tweet_ids", [])} & state.named
        if parent and not engaged and state.answers_only_who_named_us:
            return forbidden(
                "Reply to this conversation is not allowed because you have not been mentioned or "
                "otherwise engaged by the author of the post you are replying to."
            )
        if weighed(text) > 280:
            return forbidden("Your Tweet text is too long.")
        text = f"@{state.users[parent['author_id']]['username']} {text}" if parent else text
        said = [item["text"] for item in state.posts.values() if item.get("author_id") == OWN_ID]
        if state.refuses_duplicates and escaped(text) in said:
            return forbidden("You are not allowed to create a Tweet with duplicate content.")
        media = data.get("media", {}).get("media_ids", [])
        if not set(media) <= state.uploaded.keys():
            return (
                400,
                problem("invalid-request", "Invalid Request", "Your media IDs are invalid.", 400),
                {},
            )
        # X shortens every address and keeps what it stands for beside it.
        urls = [
            {"start": 0, "end": 23, "url": f"https://t.co/{number}", "expanded_url": url}
            for number, url in enumerate(re.findall(r"https?://\S+", text))
        ]
        for url in urls:
            text = text.replace(url["expanded_url"], url["url"])
        more = {"entities": {"urls": urls}} if urls else {}
        post_id = state.add(OWN_ID, text, parent=parent_id, **more)
        state.accepted.append({"id": post_id, "parent": parent_id, "text": text, "media": media})
        state.now += timedelta(seconds=1)
        told = {"id": post_id, "text": text, "edit_history_tweet_ids": [post_id]}
        return 201, {"data": told}, {}

    def _send_message(self, person, query, data):
        state = self.server_state
        if person not in state.users:
            return forbidden("You do not have permission to DM one or more participants.")
        if len(data.get("attachments", [])) > 1:
            return 400, problem("invalid-request", "Invalid Request", "One attachment.", 400), {}
        message_id = state.write(OWN_ID, data.get("text", ""), recipient=person)
        media = [item["media_id"] for item in data.get("attachments", [])]
        state.accepted.append(
            {"id": f"dm:{message_id}", "parent": person, "text": data.get("text"), "media": media}
        )
        state.now += timedelta(seconds=1)
        conversation = state.messages[message_id]["dm_conversation_id"]
        return 201, {"data": {"dm_conversation_id": conversation, "dm_event_id": message_id}}, {}

    def _upload(self, query, data):
        form = data.get("multipart", b"")
        category = re.search(rb'name="media_category"\r\n\r\n(\w+)', form)
        if not category or b'name="media"; filename=' not in form:
            return 400, problem("invalid-request", "Invalid Request", "media is required", 400), {}
        media_id = self.server_state.new_id(self.server_state.now)
        self.server_state.uploaded[media_id] = {"category": category.group(1).decode(), "alt": ""}
        told = {"id": media_id, "media_key": f"3_{media_id}", "expires_after_secs": 86400}
        return 200, {"data": told}, {}

    def _describe(self, query, data):
        self.server_state.uploaded[data["id"]]["alt"] = data["metadata"]["alt_text"]["text"]
        return 200, {"data": {"id": data["id"]}}, {}

    def _delete(self, post_id, query, data):
        state = self.server_state
        post = state.posts.get(post_id)
        if post and post["author_id"] != OWN_ID:
            return forbidden("You are not allowed to delete this Tweet.")
        if post:  # of one that is gone X says the same
            state.delete(post_id)
            state.accepted[:] = [item for item in state.accepted if item["id"] != post_id]
        return 200, {"data": {"deleted": True}}, {}

    # -- gestures

    def _like(self, user_id, query, data):
        self.server_state.liked.add(data["tweet_id"])
        return 200, {"data": {"liked": True}}, {}

    def _unlike(self, user_id, post_id, query, data):
        self.server_state.liked.discard(post_id)
        return 200, {"data": {"liked": False}}, {}

    def _hide(self, post_id, query, data):
        state = self.server_state
        post = state.posts.get(post_id, {})
        root = state.posts.get(post.get("conversation_id"), {})
        if root.get("author_id") != OWN_ID or root is post:
            return forbidden("You are not permitted to hide this Tweet.")
        (state.hidden.add if data["hidden"] else state.hidden.discard)(post_id)
        return 200, {"data": {"hidden": data["hidden"]}}, {}

    # -- logging in, being told

    def _token(self, data):
        state = self.server_state
        pair = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if self.request.headers.get("authorization") != f"Basic {pair}":
            return 401, {"error": "unauthorized_client"}, {}
        if data["grant_type"] == "authorization_code":
            digest = hashlib.sha256(data["code_verifier"].encode()).digest()
            challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
            good = state.codes.pop(data["code"], None) == (data["redirect_uri"], challenge)
        else:
            good = data["refresh_token"] == state.refresh_token
        if not good:
            return 400, {"error": "invalid_request", "error_description": "Value was invalid"}, {}
        state.refresh_token = f"refresh-{state.new_id(state.now)}"
        told = {"token_type": "bearer", "expires_in": 7200, "access_token": TOKEN}
        return 200, {**told, "refresh_token": state.refresh_token, "scope": "tweet.read"}, {}

    def _webhooks(self, path, data):
        known = self.server_state.webhooks
        if self.command == "GET":
            return 200, {"data": list(known.values()), "meta": {"result_count": len(known)}}, {}
        if self.command == "PUT":
            known[path.rpartition("/")[2]]["valid"] = True
            return 200, {"data": {"valid": True}}, {}
        parts = urlsplit(data["url"])
        taken = any(item["url"] == data["url"] for item in known.values())
        if parts.scheme != "https" or parts.port or taken:
            return (
                400,
                problem("invalid-request", "Invalid Request", "UrlValidationFailed", 400),
                {},
            )
        webhook = {"id": self.server_state.new_id(self.server_state.now), "valid": True, **data}
        known[webhook["id"]] = webhook
        return 200, {"data": webhook}, {}

    def _subscriptions(self, query, data):
        """Up to 1,000 a page, more than the tests ask for."""
        return 200, {"data": self.server_state.subscriptions, "meta": {}}, {}

    def _subscribe(self, query, data):
        taken = [{**item, "subscription_id": ""} for item in self.server_state.subscriptions]
        if {**data, "subscription_id": ""} in taken or data[
            "webhook_id"
        ] not in self.server_state.webhooks:
            return (
                400,
                problem("invalid-request", "Invalid Request", "DuplicateSubscription", 400),
                {},
            )
        subscription = {**data, "subscription_id": self.server_state.new_id(self.server_state.now)}
        self.server_state.subscriptions.append(subscription)
        return 200, {"data": subscription}, {}

    ROUTES = {
        "GET /2/users/me": _me,
        "GET /2/users/{id}/mentions": _mentions,
        "GET /2/users/{id}/tweets": _timeline,
        "GET /2/dm_events": _messages,
        "GET /2/dm_conversations/with/{id}/dm_events": _conversation,
        "POST /2/dm_conversations/with/{id}/messages": _send_message,
        "GET /2/tweets": _lookup,
        "POST /2/tweets": _create,
        "DELETE /2/tweets/{id}": _delete,
        "PUT /2/tweets/{id}/hidden": _hide,
        "POST /2/users/{id}/likes": _like,
        "DELETE /2/users/{id}/likes/{tweet}": _unlike,
        "POST /2/media/upload": _upload,
        "POST /2/media/metadata": _describe,
        "GET /2/activity/subscriptions": _subscriptions,
        "POST /2/activity/subscriptions": _subscribe,
    }


def kinds_of(post):
    return [item["type"] for item in post.get("referenced_tweets", [])]


def to_base36(number):
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + digits
    return digits.rjust(16, "0")


__all__ = [
    "API_SECRET",
    "APP_TOKEN",
    "CLIENT_ID",
    "CLIENT_SECRET",
    "OWN_ID",
    "TOKEN",
    "Fault",
    "XServer",
]
