"""Which addresses may be talked to, decided on the very address that is connected to.

A name is resolved once, by the connection that uses it: between a check and a second
resolution a hostile name server could change its answer (DNS rebinding). Host, SNI and
certificate stay those of the name.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from contextlib import suppress
from typing import Any, cast
from urllib.parse import urlsplit

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from .exceptions import RejectedError, TransientError

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class Watch:
    """Over one request: whether it put a byte on the wire, and its end after ``patience`` seconds.

    Before the first byte nothing can have been published, whatever exception ends the
    call. And a time-out of a socket counts from byte to byte: an answer that drips
    would never end, so its connection is cut from outside.
    """

    current = threading.local()  # .watch: that of the request this thread makes

    def __init__(self, patience: float) -> None:
        self.sent = self.expired = False
        self._timer = threading.Timer(patience, self._cut)
        self._timer.daemon = True
        self._socket: socket.socket | None = None

    def __enter__(self) -> Watch:
        Watch.current.watch = self
        return self

    def __exit__(self, *error: object) -> None:
        self._timer.cancel()

    def sending(self, through: socket.socket) -> None:
        """Called before bytes leave."""
        if not self.sent:
            self.sent, self._socket = True, through
            self._timer.start()

    def _cut(self) -> None:
        self.expired = True
        if self._socket is not None:
            with suppress(OSError):  # closed in the meantime
                # Not TLS's own shutdown, which another thread is in the middle of.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def origin_of(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of an address, in one spelling.

    :raises RejectedError: ``bad_address`` for what is no http(s) address, or names a user

    >>> origin_of("HTTPS://Mastodon.Example/@ana")
    ('https', 'mastodon.example', 443)
    """
    try:
        parts = urlsplit(url)
        scheme, host = parts.scheme.lower(), (parts.hostname or "").rstrip(".").lower()
        port = parts.port or (443 if scheme == "https" else 80)
    except ValueError:
        raise RejectedError("bad_address") from None
    # A user in an address becomes a Basic credential: whose, nobody has decided.
    if scheme not in ("http", "https") or not host or "@" in parts.netloc:
        raise RejectedError("bad_address")
    return scheme, host, port


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public Internet.

    Addresses that carry an IPv4 address inside (mapped, 6to4, Teredo, NAT64) are as
    public as that one.

    >>> [is_public(a) for a in ("9.9.9.9", "10.0.0.1", "::ffff:127.0.0.1", "169.254.1.1")]
    [True, False, False, False]
    """
    ip = _parse(address)
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        if ip in _NAT64:  # how a network without IPv4 reaches the rest
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
        inner = [ip.sixtofour, *(ip.teredo or ())]
        if any(v4 is not None and not is_public(str(v4)) for v4 in inner):
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def is_loopback(address: str) -> bool:
    """Whether an IP address is this very machine.

    >>> is_loopback("127.0.0.2"), is_loopback("::1"), is_loopback("10.0.0.1")
    (True, True, False)
    """
    return _parse(address).is_loopback


def _parse(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    return ipaddress.ip_address(address.partition("%")[0])


def resolve(host: str, port: int, scheme: str, allow_loopback: bool) -> list[tuple[Any, ...]]:
    """``getaddrinfo`` of a host, refused whole if one of its addresses is forbidden.

    :raises RejectedError: ``private_address``, or ``insecure_address`` for plain http
        to anywhere but the loopback
    :raises TransientError: ``unreachable`` where the name is not known
    """
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise TransientError("unreachable", published=False) from None
    addresses = {str(info[4][0]) for info in found}
    local = {address for address in addresses if is_loopback(address)}
    if not all(map(is_public, addresses - local)) or (local and not allow_loopback):
        raise RejectedError("private_address")
    if scheme != "https" and (not local or addresses - local):
        raise RejectedError("insecure_address")
    return cast("list[tuple[Any, ...]]", found)


class _Checked:
    """Mixed into urllib3's connections; ``_new_conn`` opens their socket (1.26 and 2)."""

    allow_loopback = False
    scheme = "https"

    def _new_conn(self: Any) -> socket.socket:
        found = resolve(self.host, self.port, self.scheme, self.allow_loopback)
        for family, kind, protocol, _name, address in found:
            sock = socket.socket(family, kind, protocol)
            try:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                timeout = self.timeout
                sock.settimeout(timeout if isinstance(timeout, (int, float)) else None)
                sock.connect(address)
                return sock
            except OSError:
                sock.close()
        raise TransientError("unreachable", published=False)

    def send(self: Any, data: Any) -> Any:
        if self.sock is None:
            self.connect()
        Watch.current.watch.sending(self.sock)
        return super().send(data)  # type: ignore[misc]


class CheckedAdapter(HTTPAdapter):
    """Connects to checked addresses only, never through a proxy, and tries once."""

    def __init__(self, allow_loopback: bool) -> None:
        self.settings = {"allow_loopback": allow_loopback}
        super().__init__(max_retries=0)

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any
    ) -> None:
        plain = type("Plain", (_Checked, HTTPConnection), {**self.settings, "scheme": "http"})
        secure = type("Secure", (_Checked, HTTPSConnection), dict(self.settings))
        manager = PoolManager(connections, maxsize=maxsize, block=block, **pool_kwargs)
        manager.pool_classes_by_scheme = {
            "http": type("PlainPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
            "https": type("SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
        }
        self.poolmanager = manager
