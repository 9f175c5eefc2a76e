"""mastodon-mock: Mastodon's API with idempotency keys, exact paging and faults on demand, on loopback."""

import sys

import requests

from toolbox import ports

from .mastodon_api import TIME_OUT, MastodonUser
from .processes import ServerProcess


class MastodonMock:
    """One server whose users are given at the start; it keeps everything in memory."""

    def __init__(self, folder, users=("brand", "alice", "bob"), rate_limit=None):
        self.folder = folder
        (self.port,) = ports.free_ports()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.users = {name: MastodonUser(self.base_url, name, f"token-of-{name}") for name in users}
        configuration = folder / "config.toml"
        configuration.write_text(self._configuration(rate_limit))
        command = [sys.executable, "-m", "mastodon_mock", "serve", "--in-memory"]
        command += ["--config", configuration, "--host", "127.0.0.1", "--port", self.port]
        self.process = ServerProcess(command, folder / "mastodon-mock.log", cwd=folder)

    def start(self):
        """Start it, empty but for its users."""
        self.process.start(lambda: requests.get(f"{self.base_url}/api/v2/instance", timeout=2).ok)

    def stop(self):
        """Stop it; everything in it is gone."""
        self.process.stop()

    def user(self, name):
        """One of the users given at the start."""
        return self.users[name]

    def fault(self, effect, path=None, methods=None, count=None, **details):
        """Answer the next ``count`` matching calls wrongly (all, without a count).

        ``effect`` is status, ratelimit, latency, malformed or timeout; ``path`` may hold ``*``; ``details`` are
        status, body, headers, delay_ms and truncate.
        """
        rule = {
            "match": {"path": path, "methods": methods},
            "effect": {"type": effect, **details},
            "count": count,
        }
        answer = requests.post(f"{self.base_url}/api/v1/_mock/faults", json=rule, timeout=TIME_OUT)
        answer.raise_for_status()
        return answer.json()

    def clear_faults(self):
        """Answer rightly again."""
        requests.delete(f"{self.base_url}/api/v1/_mock/faults", timeout=TIME_OUT).raise_for_status()

    def _configuration(self, rate_limit):
        parts = ['[database]\npath = ":memory:"\n']
        if rate_limit:
            parts.append(f"[rate_limit]\nenabled = true\nlimit = {rate_limit}\n")
        parts += [
            f'[[seed.accounts]]\nusername = "{user.name}"\naccess_token = "{user.token}"\n'
            for user in self.users.values()
        ]
        return "\n".join(parts)
