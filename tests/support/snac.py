"""snac: a real ActivityPub server with Mastodon's client API, on loopback."""

import json
import re
import subprocess

import requests

from toolbox import ports, servers

from .mastodon_api import TIME_OUT, MastodonUser
from .processes import ServerProcess


class SnacServer:
    """One server with its data in ``folder``; ``version`` is ``old`` (2.75) or ``new`` (2.96).

    Users of one server mention each other as ``@name``. A mention arrives within ten seconds.
    """

    def __init__(self, folder, version="old"):
        self.folder = folder
        self.data = folder / "data"
        self.version = version
        self.program = servers.snac(version)
        (self.port,) = ports.free_ports()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.process = ServerProcess([self.program, "httpd", self.data], folder / "snac.log")
        self._create()

    def start(self):
        """Start it, or start it again after ``stop``."""
        self.process.start(lambda: requests.get(f"{self.base_url}/api/v1/instance", timeout=2).ok)

    def stop(self):
        """Stop it; its data stay."""
        self.process.stop()

    def add_user(self, name):
        """A new user with a token. The server must be running."""
        password = re.search(r"password is (\S+)", self._run("adduser", self.data, name))[1]
        answer = requests.post(
            f"{self.base_url}/oauth/x-snac-get-token",
            data={"login": name, "passwd": password, "redir": "", "cid": "", "state": ""},
            timeout=TIME_OUT,
        )
        answer.raise_for_status()
        token = re.search(r"[0-9a-zA-Z]{20,}", re.sub(r"<[^>]*>", " ", answer.text))
        assert token, f"snac gave no token: {answer.text}"
        return MastodonUser(self.base_url, name, token[0], password)

    def _create(self):
        answers = f"127.0.0.1\n{self.port}\n127.0.0.1:{self.port}\n\n\n"
        self._run("init", self.data, given=answers)
        path = self.data / "server.json"
        settings = json.loads(path.read_text())
        # Plain http, because nothing leaves this machine.
        settings["protocol"] = "http"
        # It delivers to itself by HTTP: with its few threads all busy delivering, nobody would take it in.
        settings["num_threads"] = 16
        path.write_text(json.dumps(settings))

    def _run(self, *arguments, given=""):
        done = subprocess.run(
            [str(part) for part in (self.program, *arguments)],
            input=given,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return done.stdout + done.stderr
