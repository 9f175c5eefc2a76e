"""A real Odoo server on a database of its own, and a client that calls it as a user."""

import json
from pathlib import Path

import requests

from toolbox import databases, odoo_process, ports, sql

from .processes import ServerProcess


class OdooDatabase:
    """A copy of the template database, dropped at the end of its test; a :class:`Nursery` starts its scripts."""

    def __init__(self, template, name, env, nursery, logs):
        self.template = template
        self.name = name
        self.env = env
        self.nursery = nursery
        self.logs = Path(logs)

    def create(self):
        """Copy the template."""
        databases.copy(self.env, self.template, self.name)

    def drop(self):
        """Delete the database with its files, whoever is connected."""
        databases.drop(self.env, self.name)

    def query(self, statement, *parameters):
        """Ask PostgreSQL directly; rows are dictionaries, dates are text."""
        return json.loads(json.dumps(sql.ask(self.name, statement, parameters), default=str))

    def script(self, code, seconds=120):
        """Run Python code with ``env`` in an Odoo shell, commit, and give what it printed.

        Raises AssertionError with the log when the code fails.
        """
        process = self.start_script(f"{code}\nenv.cr.commit()\n")
        output, log = process.communicate(timeout=seconds)
        assert not process.returncode, log[-6000:]
        return output

    def start_script(self, code, log_level="warn"):
        """Start Python code with ``env`` in an Odoo shell of its own, to be waited for or killed by the test.

        Gives the nursery's Command. Nothing is committed unless the code does it.
        """
        return self.nursery.start(
            [
                *("shell", "-d", self.name, "--no-http", "--max-cron-threads=0"),
                f"--log-level={log_level}",
            ],
            code,
        )


class OdooServer:
    """Odoo serving one database on a free port. ``crons`` is the number of threads that run scheduled actions."""

    def __init__(self, database, crons=0, workers=0, arguments=(), variables=None):
        self.database = database
        self.port, gevent = ports.free_ports(2)
        self.base_url = f"http://127.0.0.1:{self.port}"
        command = odoo_process.command(
            *(
                "server",
                "-d",
                database.name,
                f"--db-filter=^{database.name}$",
                f"--http-port={self.port}",
            ),
            *(
                f"--gevent-port={gevent}",
                f"--max-cron-threads={crons}",
                f"--workers={workers}",
                *arguments,
            ),
        )
        self.process = ServerProcess(
            command,
            database.logs / f"{database.name}.log",
            env={**database.env, **(variables or {})},
        )

    def start(self):
        """Start it and wait until it answers with the database loaded."""
        self.process.start(
            lambda: requests.get(f"{self.base_url}/web/health", timeout=2).ok, seconds=120
        )
        # The first call loads the registry.
        self.login()

    def stop(self):
        """Stop it."""
        self.process.stop()

    def kill(self):
        """End it at once (SIGKILL)."""
        self.process.kill()

    def login(self, login="admin", password=None):
        """A client that acts as this user."""
        return OdooClient(self.base_url, self.database.name, login, password or login)


class OdooError(Exception):
    """Odoo refused a call: ``name`` of its exception, ``message`` for people, and the server's traceback."""

    def __init__(self, details):
        self.name = details["name"]
        self.message = details["message"]
        super().__init__(f"{self.name}: {self.message}\n{details['debug']}")


class OdooClient:
    """Calls models as one user: ``client("helpdesk.ticket", "search_read", [], ["name"])``.

    In a session, as a browser does: where each call brings the password Odoo hashes it again and again, a third of a
    second each time. Raises OdooError.
    """

    def __init__(self, base_url, database, login, password):
        self.base_url = base_url
        self._session = requests.Session()
        credentials = {"db": database, "login": login, "password": password}
        self.user_id = self._ask("/web/session/authenticate", credentials)["uid"]
        assert self.user_id, f"Odoo refuses the login of {login}"

    def __call__(self, model, method, *arguments, **keywords):
        """Call a method of a model and give its result."""
        return self._ask(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": arguments, "kwargs": keywords},
        )

    def _ask(self, path, parameters):
        answer = self._session.post(
            f"{self.base_url}{path}",
            json={"jsonrpc": "2.0", "id": 1, "method": "call", "params": parameters},
            timeout=300,
        )
        answer.raise_for_status()
        result = answer.json()
        if "error" in result:
            raise OdooError(result["error"]["data"])
        return result.get("result")

    def ref(self, xml_id):
        """The id of the record with this XML id."""
        module, name = xml_id.split(".")
        found = self(
            "ir.model.data",
            "search_read",
            [("module", "=", module), ("name", "=", name)],
            ["res_id"],
        )
        assert found, f"no record is called {xml_id}"
        return found[0]["res_id"]

    def run_cron(self, xml_id):
        """Run a scheduled action now, to its end. The user must be an administrator."""
        return self("ir.cron", "method_direct_trigger", [self.ref(xml_id)])
