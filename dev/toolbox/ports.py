"""Free TCP ports on the loopback interface, never given twice to commands that run at the same time."""

import fcntl
import functools
import random
import socket

from .console import Problem
from .paths import cache_folder

# Below the range from which the kernel takes ports for outgoing connections.
RANGE = range(15000, 32000)
_given = set()


def free_ports(count=1):
    """Different ports that nobody listens on, reserved for this process until it ends."""
    ports = []
    for port in random.sample(RANGE, len(RANGE)):
        if port not in _given and _reserve(port) and _is_free(port):
            _given.add(port)
            ports.append(port)
            if len(ports) == count:
                return ports
    raise Problem("no TCP port is free on this machine: end some programs")


def _reserve(port):
    """Lock this port's byte in a file that all commands of the checkout share."""
    try:
        fcntl.lockf(_reservations(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    return True


@functools.cache
def _reservations():
    # Open until the process ends: closing it would give every reservation back.
    return (cache_folder("locks") / "ports").open("w")


def _is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
