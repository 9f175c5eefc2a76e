"""Webhook calls as the vendors make them: bodies, signatures, handshakes. Written from their documentation.

Meta: https://developers.facebook.com/docs/graph-api/webhooks, X: https://docs.x.com/x-api/activity/event-payloads;
read 2026-11-22.
"""

import base64
import hashlib
import hmac
import itertools
import json
import time
from datetime import datetime, timezone

import requests

TIME_OUT = 20
_numbers = itertools.count(10**15)


def new_id():
    """An id that no other call of this session has."""
    return str(next(_numbers))


class Meta:
    """How Meta calls an address about its pages and Instagram accounts."""

    def __init__(self, secret):
        self.secret = secret

    def sign(self, body):
        """The headers of a call."""
        digest = hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        return {"X-Hub-Signature-256": f"sha256={digest}"}

    @staticmethod
    def call(kind, *entries):
        """A body: non-ASCII letters are escaped, as Meta does. ``kind`` is page or instagram."""
        return json.dumps({"object": kind, "entry": entries}).encode()

    def _change(self, owner, field, **value):
        return {
            "id": owner,
            "time": int(time.time()),
            "changes": [{"field": field, "value": value}],
        }

    def comment(self, page, text):
        """Somebody comments below a post of the page."""
        post = f"{page}_{new_id()}"
        return self._change(
            page,
            "feed",
            item="comment",
            verb="add",
            comment_id=f"{post.partition('_')[2]}_{new_id()}",
            post_id=post,
            parent_id=post,
            created_time=int(time.time()),
            message=text,
            **{"from": {"id": new_id(), "name": "Ana Ruiz"}},
        )

    def visitor_post(self, page, text):
        """Somebody posts on the page's wall."""
        return self._change(
            page,
            "feed",
            item="status",
            verb="add",
            post_id=f"{page}_{new_id()}",
            created_time=int(time.time()),
            message=text,
            **{"from": {"id": new_id(), "name": "Ana Ruiz"}},
        )

    def strange(self, page):
        """Something that nobody has told us of."""
        return self._change(page, "moonphase", phase="waxing")

    def message(self, owner, text):
        """Somebody writes in private, in Messenger or on Instagram."""
        now = int(time.time() * 1000)
        message = {
            "sender": {"id": new_id()},
            "recipient": {"id": owner},
            "timestamp": now,
            "message": {"mid": f"m_{new_id()}", "text": text},
        }
        return {"id": owner, "time": now, "messaging": [message]}

    def instagram_comment(self, owner, text):
        """Somebody comments below a picture of the account."""
        return self._change(
            owner,
            "comments",
            id=new_id(),
            text=text,
            media={"id": new_id(), "media_product_type": "FEED"},
            **{"from": {"id": new_id(), "username": "ana.ruiz"}},
        )


class X:
    """How X calls an address about its accounts: one event a call."""

    def __init__(self, secret):
        self.secret = secret

    def prove(self, text):
        """Signature of a body, and answer to a challenge."""
        digest = hmac.new(self.secret.encode(), text, hashlib.sha256).digest()
        return f"sha256={base64.b64encode(digest).decode()}"

    def sign(self, body):
        """The headers of a call."""
        return {"x-twitter-webhooks-signature": self.prove(body)}

    @staticmethod
    def call(_kind, event):
        """A body."""
        return json.dumps({"data": event}).encode()

    def _event(self, owner, event_type, payload, **more):
        # Ids of events may be negative.
        event = {"event_uuid": f"-{new_id()}", "event_type": event_type, "tag": "care", **more}
        return {**event, "filter": {"user_id": owner}, "payload": payload}

    @staticmethod
    def _new_id():
        """An id of X: it holds its time, in milliseconds since November 2010."""
        milliseconds = int(time.time() * 1000) - 1_288_834_974_657
        return str((milliseconds << 22) + int(new_id()) % 2**22)

    def mention(self, owner, text):
        """Somebody mentions the account in a post."""
        post, author = self._new_id(), new_id()
        now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        payload = {
            "id": post,
            "author_id": author,
            "text": text,
            "created_at": now,
            "lang": "en",
            "conversation_id": post,
            "edit_history_tweet_ids": [post],
            "entities": {"mentions": [{"start": 0, "end": 7, "username": "aurora", "id": owner}]},
            "public_metrics": {"retweet_count": 0, "reply_count": 0, "like_count": 0},
        }
        users = [
            {"id": author, "username": "ana_ruiz", "name": "Ana Ruiz"},
            {"id": owner, "username": "aurora", "name": "Aurora Air"},
        ]
        return self._event(owner, "post.mention.create", payload, includes={"users": users})

    def strange(self, owner):
        """Something that nobody has told us of."""
        return self._event(owner, "moon.phase", {"phase": "waxing"})

    def message(self, owner, text):
        """Somebody writes in private: this event keeps an older shape."""
        author = new_id()
        message = {
            "type": "message_create",
            "id": self._new_id(),
            "created_timestamp": str(int(time.time() * 1000)),
            "message_create": {
                "target": {"recipient_id": owner},
                "sender_id": author,
                "message_data": {"text": text, "entities": {}},
            },
        }
        users = {
            author: {"data": {"id": author, "username": "ana_ruiz", "name": "Ana Ruiz"}},
            owner: {"data": {"id": owner, "username": "aurora", "name": "Aurora Air"}},
        }
        payload = {"direct_message_events": [message], "users": users}
        return self._event(owner, "dm.received", payload)


class Address:
    """The webhook address of one app, as the vendor sees it."""

    def __init__(self, base_url, token, vendor):
        self.url = f"{base_url}/social_care/webhook/{token}"
        self.vendor = vendor

    def ask(self, **question):
        """A handshake."""
        return requests.get(self.url, params=question, timeout=TIME_OUT)

    def post(self, body, headers=None):
        """A call, signed unless other headers are given."""
        signature = self.vendor.sign(body) if headers is None else headers
        return requests.post(
            self.url,
            data=body,
            headers={"Content-Type": "application/json", **signature},
            timeout=TIME_OUT,
        )
