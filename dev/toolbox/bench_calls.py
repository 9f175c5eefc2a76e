"""Webhook calls as Meta makes them, for dev/bench: written from its documentation, without Odoo."""

import hashlib
import hmac
import itertools
import json
import time

PAGE = "1000000000000001"
SECRET = "a-secret-of-the-app"
_numbers = itertools.count(2 * 10**15)


def body(events):
    """A call with so many comments below posts of the page, each by somebody else."""
    changes = [{"field": "feed", "value": _comment()} for _event in range(events)]
    entry = {"id": PAGE, "time": int(time.time()), "changes": changes}
    return json.dumps({"object": "page", "entry": [entry]}).encode()


def headers(content):
    """The headers of a call, signed."""
    digest = hmac.new(SECRET.encode(), content, hashlib.sha256).hexdigest()
    return {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={digest}"}


def external_ids(content):
    """The ids of the comments in a call."""
    [entry] = json.loads(content)["entry"]
    return [change["value"]["comment_id"] for change in entry["changes"]]


def _comment():
    post = next(_numbers)
    return {
        "item": "comment",
        "verb": "add",
        "comment_id": f"{post}_{next(_numbers)}",
        "post_id": f"{PAGE}_{post}",
        "parent_id": f"{PAGE}_{post}",
        "created_time": int(time.time()),
        "message": "My parcel has been on its way for nine days. Where is it now?",
        "from": {"id": str(next(_numbers)), "name": "Ana Ruiz"},
    }
