"""Bluesky's own servers (PLC directory, PDS, AppView) on loopback, and a client for what customers do there."""

import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

import requests

from toolbox import databases, ports, servers

from .processes import ServerProcess
from .waiting import wait_for

TIME_OUT = 20
PASSWORD = "customers-say-so"
POST, LIKE = "app.bsky.feed.post", "app.bsky.feed.like"


class BlueskyServers:
    """All of them, with a database of their own in dev/'s PostgreSQL and a Redis."""

    def __init__(self, folder, env):
        self.env = env
        self.database = databases.run_name("bluesky")
        plc, pds, appview, redis = ports.free_ports(4)
        self.base_url = f"http://localhost:{pds}"  # as the PDS spells it in the DID documents
        self.directory_url = f"http://localhost:{plc}"
        command = [servers.redis(), "--port", redis, "--bind", "127.0.0.1", "--save", ""]
        self.redis = ServerProcess(command, folder / "redis.log", cwd=folder)
        script = Path(__file__).with_name("bluesky_servers.js")
        self.process = ServerProcess(
            ["node", script, servers.bluesky(), plc, pds, appview],
            folder / "bluesky.log",
            cwd=folder,
            env={
                **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
                "TMPDIR": str(folder),
                "DB_POSTGRES_URL": self._database_url(),
                "DB_POSTGRES_SCHEMA": "test",
                "REDIS_HOST": f"127.0.0.1:{redis}",
            },
        )

    def start(self):
        """Start them, empty."""
        databases.query(self.env, "postgres", f'CREATE DATABASE "{self.database}"')
        self.redis.start(lambda: "Ready to accept connections" in self.redis.output())
        self.process.start(lambda: "All servers are ready." in self.process.output(), seconds=180)

    def stop(self):
        """Stop them; everything in them is gone."""
        self.process.kill()
        self.redis.stop()
        databases.drop(self.env, self.database)

    def add_user(self, name):
        """A new user ``name.test``, logged in and known to the AppView."""
        user = BlueskyUser(self.base_url, f"{name}.test")
        wait_for(lambda: user.get("app.bsky.actor.getProfile", actor=user.did), f"{name} is known")
        return user

    def _database_url(self):
        user, password = self.env.get("PGUSER", ""), self.env.get("PGPASSWORD", "")
        place = f"{user}:{password}" if password else user
        port = self.env.get("PGPORT", "5432")
        return f"postgresql://{place}@localhost:{port}/{self.database}?host={self.env['PGHOST']}"


class BlueskyUser:
    """One user, by a session of the official app's kind. Posts are ``{"uri", "cid"}``."""

    def __init__(self, base_url, handle):
        self.base_url = base_url
        self.handle = handle
        self.token = ""
        session = self.post(
            "com.atproto.server.createAccount",
            handle=handle,
            email=f"{handle.replace('.', '@')}.example",
            password=PASSWORD,
        )
        self.did, self.token = session["did"], session["accessJwt"]

    def get(self, method, **parameters):
        """Ask a query and give its JSON."""
        return self._ask("GET", method, params=parameters)

    def post(self, method, **data):
        """Call a procedure and give its JSON."""
        return self._ask("POST", method, json=data)

    def app_password(self, name="Odoo"):
        """A new app password."""
        return self.post("com.atproto.server.createAppPassword", name=name)["password"]

    def say(self, text, mention=None, reply=None, **record):
        """Post a text that begins with ``@handle`` of the user ``mention``; ``reply`` is ``(root, parent)``."""
        return self.post(
            "com.atproto.repo.createRecord",
            repo=self.did,
            collection=POST,
            record=_record(text, mention, reply, datetime.now(timezone.utc), record),
        )

    def say_many(self, texts, mention):
        """Post texts at once, a millisecond after each other, the last one now."""
        now = datetime.now(timezone.utc)
        times = [now - timedelta(milliseconds=number) for number in range(len(texts))][::-1]
        writes = [
            {
                "$type": "com.atproto.repo.applyWrites#create",
                "collection": POST,
                "value": _record(text, mention, None, moment, {}),
            }
            for text, moment in zip(texts, times, strict=True)
        ]
        return self.post("com.atproto.repo.applyWrites", repo=self.did, writes=writes)["results"]

    def like(self, uri, cid):
        """Like a post."""
        self.post(
            "com.atproto.repo.createRecord",
            repo=self.did,
            collection=LIKE,
            record={
                "$type": LIKE,
                "subject": {"uri": uri, "cid": cid},
                "createdAt": f"{datetime.now(timezone.utc).isoformat()[:23]}Z",
            },
        )

    def delete(self, uri):
        """Delete a post."""
        self.post(
            "com.atproto.repo.deleteRecord",
            repo=self.did,
            collection=POST,
            rkey=uri.rpartition("/")[2],
        )

    def mentions(self):
        """The posts that this user was told of, newest first."""
        return self.get("app.bsky.notification.listNotifications")["notifications"]

    def unread(self):
        """How many notifications this user has not looked at."""
        return self.get("app.bsky.notification.getUnreadCount")["count"]

    def find(self, uri):
        """A list with the post of this at-URI as it is shown now, or an empty one."""
        return self.get("app.bsky.feed.getPosts", uris=uri)["posts"]

    def answers_to(self, uri):
        """The posts that answer one, as its thread shows them."""
        thread = self.get("app.bsky.feed.getPostThread", uri=uri)["thread"]
        return [node["post"] for node in thread.get("replies", ())]

    def _ask(self, verb, method, **options):
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        answer = requests.request(
            verb, f"{self.base_url}/xrpc/{method}", headers=headers, timeout=TIME_OUT, **options
        )
        assert answer.ok, f"{method}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else {}


def _record(text, mention, reply, moment, more):
    record = {"$type": POST, "createdAt": f"{moment.isoformat()[:23]}Z", **more}
    if mention:
        name = f"@{mention.handle}"
        facet = {
            "index": {"byteStart": 0, "byteEnd": len(name)},
            "features": [{"$type": "app.bsky.richtext.facet#mention", "did": mention.did}],
        }
        text, record["facets"] = f"{name} {text}", [facet]
    if reply:
        record["reply"] = dict(zip(("root", "parent"), map(_reference, reply), strict=True))
    return {**record, "text": text}


def _reference(post):
    return {"uri": post["uri"], "cid": post["cid"]}
