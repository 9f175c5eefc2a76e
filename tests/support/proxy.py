"""A TCP proxy before a server: where a crash is placed, at one of four moments of a request."""

import collections
import contextlib
import itertools
import re
import socket
import threading

from toolbox import ports

# In the order in which a request meets them. At the last one all of the answer but its last byte has come.
STEPS = (
    "before connect",
    "after the request's bytes",
    "after the server committed",
    "before the response",
)


class CrashProxy:
    """Forwards to ``target_port`` on loopback, and lets chosen requests meet a crash.

    While ``armed`` is above zero, each request that begins with ``CHOSEN`` takes one off and meets the next of
    ``STEPS``: ``crash(port, to_port)`` is called, with both ends of the client's connection, and what the server
    has not said yet is never said. ``crashes`` counts them by step. A client speaks once a connection.
    """

    CHOSEN = b"POST /api/v1/statuses"

    def __init__(self, target_port):
        self.target_port = target_port
        (self.port,) = ports.free_ports()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.crash = None
        self.armed = 0
        self.crashes = collections.Counter()
        self._steps = itertools.cycle(STEPS)
        self._lock = threading.Lock()
        self._listener = None

    def start(self):
        """Listen."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self):
        """Stop listening; open connections end with their client."""
        self._listener.close()

    def _accept(self):
        with contextlib.suppress(OSError):  # the listener was closed
            while True:
                client, (_host, port) = self._listener.accept()
                threading.Thread(target=self._serve, args=(client, port), daemon=True).start()

    def _serve(self, client, port):
        with client, contextlib.suppress(OSError):
            request = _read_request(client)
            step = self._next_step(request)

            def crash_at(this_step):
                if step == this_step:
                    with self._lock:
                        self.crashes[step] += 1
                    self.crash(port, self.port)
                return step == this_step

            if crash_at("before connect"):
                return
            with socket.create_connection(("127.0.0.1", self.target_port)) as server:
                server.sendall(request)
                crashed = crash_at("after the request's bytes")
                answer = b"".join(iter(lambda: server.recv(65536), b""))
            if crashed or crash_at("after the server committed"):
                return
            client.sendall(answer[:-1] if step else answer)
            crash_at("before the response")

    def _next_step(self, request):
        with self._lock:
            if not self.armed or not request.startswith(self.CHOSEN):
                return None
            self.armed -= 1
            return next(self._steps)


def _read_request(client):
    """The bytes of one request, head and body."""
    request = b""
    while b"\r\n\r\n" not in request:
        received = client.recv(65536)
        if not received:
            return request
        request += received
    head, _, body = request.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    missing = int(length[1]) - len(body) if length else 0
    while missing > 0:
        received = client.recv(65536)
        if not received:
            break
        request += received
        missing -= len(received)
    return request
