"""What the fake Graph API answers; :mod:`.meta_server` holds what is there."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
import re
from datetime import datetime, timedelta
from typing import Any

VERSION = "v26.0"
APP, SECRET, VERIFY = "4242", "secret-of-the-app-91c2", "word of the handshake"
TOKEN, USER_TOKEN = "EAAG-token-of-the-page-7f3a", "EAAG-token-of-the-person-1b2c"
PAGE, ACCOUNT = "100900", "17841400000000001"
POST, MEDIA = "100900_5000", "18000000000005000"
ANA, BEN = "7001", "7002"  # page-scoped ids, which Instagram gives as well

FIELDS = {
    "Page": "id name username link picture category instagram_business_account access_token",
    "PagePost": "id message from created_time updated_time permalink_url full_picture is_hidden"
    " comments attachments message_tags story",
    "Comment": "id message from created_time permalink_url like_count comment_count parent is_hidden"
    " attachment object can_reply_privately private_reply_conversation user_likes message_tags",
    "UnifiedThread": "id updated_time participants messages link message_count",
    "Message": "id created_time from to message attachments shares sticker tags",
    "IGUser": "id username name profile_picture_url biography followers_count mentioned_comment"
    " mentioned_media",
    "IGMedia": "id caption media_type media_url thumbnail_url permalink timestamp username"
    " comments_count like_count comments owner",
    "IGComment": "id text timestamp username from like_count hidden parent_id media replies user",
}
EDGES = {
    "Page": "feed conversations messages message_attachments subscribed_apps",
    "PagePost": "comments likes",
    "Comment": "comments likes",
    "UnifiedThread": "messages",
    "IGUser": "media mentions",
    "IGMedia": "comments",
    "IGComment": "replies",
}
PAGE_FIELDS = {
    *("feed", "mention", "messages", "message_echoes", "message_edits", "message_reactions"),
    *("messaging_postbacks", "standby", "message_reads", "message_deliveries"),
}


class Refusal(Exception):
    """An answer with ``error`` in it."""

    def __init__(self, code, message="no", subcode=0, status=400):
        self.status = status
        self.error = {"message": f"(#{code}) {message}", "type": "OAuthException", "code": code}
        self.error |= {"error_subcode": subcode} if subcode else {}


def missing(node_id):
    message = f"Unsupported request. Object with ID '{node_id}' does not exist, cannot be loaded"
    return Refusal(100, message, 33)


def parse_fields(text):
    """``a,b.limit(2){c}`` → {"a": ({}, ""), "b": ({"limit": "2"}, "c")}."""
    found, depth, start = {}, 0, 0
    for place, char in enumerate(text + ","):
        depth += (char in "({") - (char in ")}")
        if char == "," and not depth:
            match = re.fullmatch(r"(\w+)((?:\.\w+\([^()]*\))*)(?:\{(.*)\})?", text[start:place])
            if not match:
                raise Refusal(2500, f"Syntax error in {text[start:place]!r}")
            modifiers = dict(re.findall(r"\.(\w+)\(([^()]*)\)", match.group(2)))
            found[match.group(1)] = (modifiers, match.group(3) or "")
            start = place + 1
    return found


def epoch(moment):
    return int((moment - datetime(1970, 1, 1)).total_seconds())


def iso(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S+0000")


class GraphApi:
    """The part of a request handler that knows the API; ``state`` is a :class:`.MetaServer`."""

    state: Any
    command: str
    headers: Any

    def _answer(self, path, params, files):
        try:
            match = re.fullmatch(rf"/{VERSION}/([^/]*)(?:/(\w+))?", path)
            if not match:
                raise Refusal(2500, "Unknown path components")
            return 200, self._route(*match.groups(), params, files)
        except Refusal as refusal:
            return refusal.status, {"error": refusal.error}

    def _route(self, node_id, edge, params, files):
        if (node_id, edge) == ("oauth", "access_token"):
            return self._login(params)
        bearer = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        token = bearer or params.get("access_token")
        if not token:
            raise Refusal(2500, "An active access token must be used", status=400)
        if node_id == "debug_token":
            return self._debug(token, params)
        if token == USER_TOKEN and (node_id, edge) == ("me", "accounts"):
            data = [self._render(self.state.nodes[page], params) for page in self.state.pages]
            return {"data": data, "paging": {"cursors": {"after": "x"}}}
        if token != TOKEN:
            raise Refusal(190, "Error validating access token", 463, 401)
        self._check_proof(token, params)
        if not node_id:
            return {x: self._render(self._node(x), params) for x in params["ids"].split(",")}
        node = self._node(PAGE if node_id == "me" else node_id)
        if edge is None:
            work = {"POST": self._change, "DELETE": self._remove}.get(self.command, self._render)
            return work(node, params)
        if edge not in EDGES.get(node["_"]["kind"], "").split():
            raise Refusal(2500, f"Unknown path components: /{edge}")
        if self.command == "GET":
            return self._list(node, edge, params)
        return self._write(node, edge, params, files)

    def _check_proof(self, token, params):
        proof = hmac.new(SECRET.encode(), token.encode(), hashlib.sha256).hexdigest()
        given = params.get("appsecret_proof")
        if given != proof and (given or self.state.wants_proof):
            raise Refusal(100, "API calls from the server require an appsecret_proof argument")

    def _node(self, node_id):
        """By its id, or (a comment) by its id without the post's."""
        node = self.state.nodes.get(node_id)
        if node is None and node_id.isdigit():
            ends = (x for x in self.state.nodes if x.endswith(f"_{node_id}"))
            node = self.state.nodes.get(next(ends, ""))
        if node is None:
            raise missing(node_id)
        return node

    def _login(self, params):
        if (params.get("client_id"), params.get("client_secret")) != (APP, SECRET):
            raise Refusal(1, "Error validating client secret")
        if params.get("grant_type") == "fb_exchange_token":
            if params.get("fb_exchange_token") != "short":
                raise Refusal(190, "Invalid OAuth access token")
            return {"access_token": USER_TOKEN, "token_type": "bearer", "expires_in": 5184000}
        if not params.get("redirect_uri", "").startswith("https://"):
            raise Refusal(191, "redirect_uri isn't an absolute URI")
        if params.get("code") != "code":
            raise Refusal(100, "This authorization code has been used", 36009)
        return {"access_token": "short", "token_type": "bearer", "expires_in": 5000}

    def _debug(self, token, params):
        if token != f"{APP}|{SECRET}" or params.get("input_token") != USER_TOKEN:
            raise Refusal(190, "Invalid OAuth access token")
        ends = epoch(self.state.now + timedelta(days=90))
        return {"data": {"is_valid": True, "expires_at": 0, "data_access_expires_at": ends}}

    # -- reading

    def _render(self, node, params, fields=None):
        """The fields asked for, ``id`` always, and whatever a test put there without a name."""
        about, known = node["_"], FIELDS[node["_"]["kind"]].split()
        extra = {name for name in node if name not in known and name != "_"}
        found = {name: node[name] for name in extra | {"id"}}
        if about["kind"] == "Comment" and self.state.bare_ids:
            found["id"] = node["id"].rpartition("_")[2]
        wanted = parse_fields(fields if fields is not None else params.get("fields", "id"))
        for name, (modifiers, inner) in wanted.items():
            if name not in known:
                message = (
                    f"Tried accessing nonexisting field ({name}) on node type ({about['kind']})"
                )
                raise Refusal(100, message)
            value = self._value(node, name, modifiers, inner)
            if value is not None and name != "id":
                found[name] = value
        return found

    def _value(self, node, name, modifiers, inner):
        kind, at = node["_"]["kind"], node["_"]["at"]
        if name in ("created_time", "timestamp"):
            return iso(at)
        if name == "updated_time":
            inside = self.state.below(node["id"], "Comment", "Message")
            return iso(max([at, *(item["_"]["at"] for item in inside)]))
        if name == "comments_count":
            return len(self.state.below(node["id"], "IGComment"))
        if name.startswith("mentioned_"):
            return self._mentioned(name, modifiers, inner)
        if (kind, name) == ("Comment", "private_reply_conversation"):
            talk = self.state.private_replies.get(node["id"])
            return {"id": talk} if talk else None
        if name in EDGES.get(kind, "").split():
            return self._list(node, name, {**modifiers, "fields": inner or "id"})
        if name == "replies" and "parent_id" in node:
            return None
        value = node.get(name)
        if inner and isinstance(value, dict) and value.get("id") in self.state.nodes:
            return self._render(self.state.nodes[value["id"]], {}, inner)
        return value

    def _mentioned(self, name, modifiers, inner):
        kind, argument = {
            "mentioned_comment": ("IGComment", "comment_id"),
            "mentioned_media": ("IGMedia", "media_id"),
        }[name]
        node = self.state.nodes.get(modifiers[argument])
        if node is None or node["_"]["kind"] != kind:
            raise missing(modifiers[argument])
        told = self._render(node, {}, inner)
        told.pop("from", None)
        return told

    def _list(self, node, edge, params):
        kind, items, newest = node["_"]["kind"], [], True
        if edge == "feed":
            items = self.state.below(node["id"], "PagePost")
        elif edge == "media":
            items = self.state.below(node["id"], "IGMedia")
        elif edge == "conversations":
            items = self._talks(params)
        elif edge == "messages" and kind == "UnifiedThread":
            items = self.state.below(node["id"], "Message")
            if "instagram" in node["id"] and min(len(items), int(params.get("limit", 25))) > 20:
                raise Refusal(100, "Only the 20 most recent messages can be queried")
        elif edge == "comments" and kind == "IGMedia":
            inside = self.state.below(node["id"], "IGComment")
            items = [item for item in inside if "parent_id" not in item]
        elif edge == "replies":
            inside = self.state.below(node["_"]["below"], "IGComment")
            items = [item for item in inside if item.get("parent_id") == node["id"]]
        elif edge == "comments":
            items, newest = self._comments(node, params)
        else:
            raise Refusal(100, f"Unsupported get request: {edge}")
        return self._page(items, newest, params)

    def _talks(self, params):
        platform = params.get("platform", "messenger")
        if platform not in ("messenger", "instagram"):
            raise Refusal(100, "Param platform must be one of {INSTAGRAM, MESSENGER}")
        talks = self.state.below(platform, "UnifiedThread")
        wanted = params.get("user_id")
        return [talk for talk in talks if not wanted or talk["id"].endswith(f"_{wanted}")]

    def _comments(self, node, params):
        if params.get("filter", "toplevel") not in ("stream", "toplevel"):
            raise Refusal(100, "Param filter must be one of {stream, toplevel}")
        order = params.get("order", "chronological")
        if order not in ("chronological", "reverse_chronological"):
            raise Refusal(100, "Param order must be one of {chronological, reverse_chronological}")
        post = node["_"]["kind"] == "PagePost"
        inside = self.state.below(node["id"] if post else node["_"]["below"], "Comment")
        if not post:
            inside = [item for item in inside if item.get("parent", {}).get("id") == node["id"]]
        elif params.get("filter") != "stream":
            inside = [item for item in inside if "parent" not in item]
        return inside, order == "reverse_chronological"

    def _page(self, items, newest, params):
        limit = int(params.get("limit", 25))
        if limit > 100:
            raise Refusal(100, "Param limit must be at most 100")

        def key(item):
            inside = self.state.below(item["id"], "Message")
            return max([item["_"]["at"], *(x["_"]["at"] for x in inside)]), item["id"]

        items = sorted(items, key=key, reverse=newest)
        if after := params.get("after"):
            last = tuple(json.loads(base64.b64decode(after.encode()))[:2])
            place = [str(key(item)[0]) + item["id"] for item in items]
            beyond = [x < last[0] if newest else x > last[0] for x in place]
            items = [item for item, ok in zip(items, beyond, strict=True) if ok]
        page = items[:limit]
        answer: dict[str, Any] = {"data": [self._render(item, params) for item in page]}
        self.state.served |= {item["id"] for item in page}
        if len(items) > limit > 0:
            mark = [str(key(page[-1])[0]) + page[-1]["id"], "x" * 300 * self.state.long_tokens]
            token = base64.b64encode(json.dumps(mark).encode()).decode()
            answer["paging"] = {"cursors": {"after": token}, "next": "https://elsewhere.example/"}
        if params.get("summary"):
            answer["summary"] = {"total_count": len(items)}
        if self.state.shuffled:
            random.Random(7).shuffle(answer["data"])
        return answer

    # -- writing

    def _remove(self, node, _params):
        kind, node_id = node["_"]["kind"], node["id"]
        media = self.state.nodes.get(node.get("media", {}).get("id"), {})
        # On Instagram only who owns the media deletes what is said below.
        if kind != "Comment" and (kind != "IGComment" or media.get("username") != "auroraair"):
            raise missing(node_id)  # as Meta says of all that one may not
        self.state.delete(node_id)
        if node_id in self.state.accepted:
            self.state.accepted.remove(node_id)
        return {"success": True}

    def _change(self, node, params):
        kind = node["_"]["kind"]
        if kind == "Comment" and "message" in params:
            if node["from"]["id"] != PAGE:
                raise missing(node["id"])
            if not params["message"].strip() or len(params["message"]) > 8000:
                raise Refusal(100, "Param message is missing or too long")
            node["message"] = params["message"]
            return {"success": True}
        name = {"Comment": "is_hidden", "PagePost": "is_hidden", "IGComment": "hide"}.get(kind)
        if name not in params or params[name] not in ("true", "false"):
            raise Refusal(100, "The parameter is required")
        node["hidden" if name == "hide" else name] = params[name] == "true"
        return {"success": True}

    def _write(self, node, edge, params, files):
        kind = node["_"]["kind"]
        if edge == "likes":
            node["user_likes"] = self.command == "POST"
            return {"success": True}
        if edge == "subscribed_apps":
            return self._subscribe(params)
        if edge == "message_attachments":
            return self._upload(params, files)
        if edge == "messages":
            return self._send_message(params)
        text = params.get("message", "")
        if kind.startswith("IG"):
            return self._say_on_instagram(node, edge, params, text)
        if edge != "comments":
            raise Refusal(100, f"Unsupported post request: {edge}")
        if not text.strip() and "source" not in files:
            raise Refusal(100, "One of message, source, attachment_url must be specified")
        if len(text) > 8000:
            raise Refusal(100, "Param message is too long")
        if "source" in files and not files["source"].startswith((b"\xff\xd8", b"\x89PNG")):
            raise Refusal(324, "Missing or invalid image file")
        media = {"media": {"image": {"src": "https://scontent.example/c.jpg"}}, "type": "photo"}
        more = {"attachment": media} if files else {}
        made = self.state.comment(text, self.state.now, PAGE, node["id"], **more)
        return self._accept(made, params)

    def _accept(self, made, params):
        self.state.accepted.append(made)
        self.state.now += timedelta(seconds=1)
        return self._render(self.state.nodes[made], {"fields": params.get("fields", "id")})

    def _say_on_instagram(self, node, edge, params, text):
        if not text.strip() or len(text) > 2200:
            raise Refusal(100, "Param message must be 1 to 2200 characters")
        if edge == "mentions":
            media = self.state.nodes.get(params.get("media_id", ""))
            comment = params.get("comment_id")
            if media is None or (comment and comment not in self.state.nodes):
                raise Refusal(100, "media_id is required") if media else missing("media")
            made = self.state.ig_comment(text, None, ACCOUNT, comment, media["id"])
        elif edge == "replies":
            made = self.state.ig_comment(text, None, ACCOUNT, node["id"], node["media"]["id"])
        else:
            raise Refusal(100, f"Unsupported post request: {edge}")
        return self._accept(made, {})

    def _subscribe(self, params):
        fields = set(params.get("subscribed_fields", "").split(","))
        if not fields <= PAGE_FIELDS:
            raise Refusal(100, "Param subscribed_fields has an unknown field")
        self.state.subscribed = fields
        return {"success": True}

    def _upload(self, params, files):
        asked = json.loads(params.get("message", "{}")).get("attachment", {})
        if asked.get("type") != "image" or "filedata" not in files:
            raise Refusal(100, "Param message must have an attachment with a type")
        if not files["filedata"].startswith((b"\xff\xd8", b"\x89PNG")):
            raise Refusal(100, "Upload attachment failure", 2018047)
        upload = str(8000 + len(self.state.uploads))
        self.state.uploads[upload] = files["filedata"]
        return {"attachment_id": upload}

    def _send_message(self, params):
        recipient, message = params.get("recipient"), params.get("message") or {}
        if not isinstance(recipient, dict) or len(recipient) != 1:
            raise Refusal(100, "Param recipient must be non-empty")
        if params.get("messaging_type") not in ("RESPONSE", "UPDATE", "MESSAGE_TAG"):
            raise Refusal(
                100, "Param messaging_type must be one of {RESPONSE, UPDATE, MESSAGE_TAG}"
            )
        ((what, target),) = recipient.items()
        person, platform = self._recipient(what, target, params)
        self._check_message(message, platform)
        at = self.state.now
        media = {}
        if "attachment" in message:
            upload = message["attachment"]["payload"].get("attachment_id")
            if upload not in self.state.uploads:
                raise Refusal(100, "Invalid attachment id", 2018074)
            image = {"url": "https://scontent.example/m.jpg"}
            media = {"attachments": {"data": [{"mime_type": "image/jpeg", "image_data": image}]}}
        made = self.state.message(message.get("text", ""), at, person, True, platform, **media)
        if what != "id":
            self.state.private_replies[target] = f"t_{platform}_{person}"
        self._accept(made, {})
        return {"recipient_id": person, "message_id": made}

    def _check_message(self, message, platform):
        if len({"text", "attachment"} & message.keys()) != 1:
            raise Refusal(100, "Must have exactly one of text and attachment")
        text, instagram = message.get("text", ""), platform == "instagram"
        length, limit = (len(text.encode()), 1000) if instagram else (len(text), 2000)
        if length > limit:
            raise Refusal(100, f"Length of param message[text] must be at most {limit}", 2018320)

    def _recipient(self, what, target, params):
        """Whom a message goes to and where, if it may."""
        now = self.state.now
        if what == "id":
            talks = [x for x in self.state.nodes if re.fullmatch(rf"t_[a-z]+_{target}", x)]
            if not talks:
                raise Refusal(100, "No matching user found", 2018001)
            platform = talks[0].split("_")[1]
            said = self.state.below(talks[0], "Message")
            theirs = [item["_"]["at"] for item in said if item["from"]["id"] == target]
            late = params["messaging_type"] == "MESSAGE_TAG" and params.get("tag") == "HUMAN_AGENT"
            window = timedelta(days=7) if late else timedelta(hours=24)
            if not theirs or now - max(theirs) >= window:
                subcode = 2534022 if platform == "instagram" else 2018278
                raise Refusal(10, "This message is sent outside of allowed window", subcode)
            return target, platform
        if what not in ("comment_id", "post_id"):
            raise Refusal(100, f"Param recipient has no {what}")
        node = self.state.nodes.get(target)
        kinds = ("PagePost",) if what == "post_id" else ("Comment", "IGComment")
        if node is None or node["_"]["kind"] not in kinds:
            raise Refusal(100, f"Invalid {what} parameter", 2018292)
        if node["from"]["id"] in (PAGE, ACCOUNT):
            raise Refusal(10903, "This user can't reply to this activity")
        if target in self.state.private_replies:
            raise Refusal(10900, "Activity already replied to")
        if now - node["_"]["at"] >= timedelta(days=7):
            raise Refusal(10, "This message is sent outside of allowed window", 2018278)
        platform = "instagram" if node["_"]["kind"] == "IGComment" else "messenger"
        return node["from"]["id"], platform
