"""A TCP proxy that withholds what a server answered: where a crash can be placed."""

import contextlib
import socket
import threading

from toolbox import ports


class WithholdingProxy:
    """Forwards to ``target_port`` on loopback until a request matches.

    The matching request reaches the server, its answer comes back to the proxy and goes no
    further; ``server_answered`` is set then. The client waits for ever, or dies.
    """

    def __init__(self, target_port):
        self.target_port = target_port
        (self.port,) = ports.free_ports()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.withhold_after = None
        self.server_answered = threading.Event()
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
                client, _address = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with client, socket.create_connection(("127.0.0.1", self.target_port)) as server:
            withheld = threading.Event()
            upward = threading.Thread(
                target=self._upward, args=(client, server, withheld), daemon=True
            )
            upward.start()
            with contextlib.suppress(OSError):
                while data := server.recv(65536):
                    if withheld.is_set():
                        self.server_answered.set()
                    else:
                        client.sendall(data)
                # A thread waits in recv(): only this tells the client that the server is done.
                if not withheld.is_set():
                    client.shutdown(socket.SHUT_RDWR)

    def _upward(self, client, server, withheld):
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                if self.withhold_after and data.startswith(self.withhold_after):
                    withheld.set()
                server.sendall(data)
