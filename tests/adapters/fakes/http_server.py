"""What all fake servers share: HTTP on loopback, a ledger of requests, faults on demand."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Fault:
    """What happens instead of (or, with ``after``, following) a request's work.

    :param after_some: so many requests that fit pass unharmed before
    """

    def __init__(
        self,
        status=200,
        body=b"",
        headers=None,
        cut=False,
        after=False,
        path="",
        method="",
        after_some=0,
    ):
        self.status, self.body, self.headers = status, body, headers or {}
        self.cut, self.after, self.path, self.method = cut, after, path, method
        self.to_pass = after_some

    def fits(self, request):
        if self.path not in request.path or self.method not in request.method:
            return False
        self.to_pass -= 1
        return self.to_pass < 0


@dataclass
class Request:
    """One request: query as lists of values, headers by lower-case name, body as it came."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def json(self) -> Any:
        """The body's JSON, or {} where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return {}

    @property
    def form(self) -> dict[str, str]:
        """The fields of a form."""
        return {key: values[-1] for key, values in parse_qs(self.body.decode("latin-1")).items()}


class FakeServer:
    """A server on a free port; a subclass gives :meth:`answer`."""

    def __init__(self):
        self.requests: list[Request] = []
        self.faults: list[Fault] = []
        handler = type("Handler", (_Handler,), {"fake": self})
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.http.daemon_threads = True
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01}).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.http.server_address[1]}"

    def close(self):
        self.http.shutdown()
        self.http.server_close()

    def answer(self, request):
        """Status, JSON data and headers for a request."""
        raise NotImplementedError


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fake: FakeServer

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length") or 0))
        request = Request(self.command, parts.path, parse_qs(parts.query), headers, body)
        self.fake.requests.append(request)
        fault = next((item for item in self.fake.faults if item.fits(request)), None)
        if fault is None:
            status, data, headers = self.fake.answer(request)
            return self._send(status, b"" if data is None else json.dumps(data).encode(), headers)
        self.fake.faults.remove(fault)
        if fault.after:
            self.fake.answer(request)
        if fault.cut:
            self.close_connection = True
            return None
        return self._send(fault.status, fault.body, fault.headers)

    do_POST = do_PUT = do_DELETE = do_GET

    def _send(self, status, body, headers):
        self.send_response_only(status)  # without a Date of its own
        headers = {"Content-Type": "application/json; charset=utf-8", **headers}
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
