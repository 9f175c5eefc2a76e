"""What can go wrong between us and a network: a code, never a translated text.

The model layer turns codes into sentences for people; nothing here knows a
language, a record or a secret.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator


class NetworkError(Exception):
    """A network did not do what was asked.

    :param code: short stable word, e.g. ``"token_expired"``; never the
        vendor's text, which may carry tokens or a stranger's words
    :param status: HTTP status, or 0 where there was no answer
    :param retry_after: seconds the network asked us to wait, or None
    :param published: False only where it is proven that nothing was
        published; None where nobody can know (a time-out, a 500)
    """

    default_code = "network_error"
    default_published: bool | None = None

    def __init__(
        self,
        code: str = "",
        *,
        status: int = 0,
        retry_after: float | None = None,
        published: bool | None = None,
    ) -> None:
        self.code = code or self.default_code
        self.status = status
        self.retry_after = retry_after
        self.published = self.default_published if published is None else published
        super().__init__(f"{self.code} (status {status})" if status else self.code)


class AuthenticationError(NetworkError):
    """The credential is dead or lacks a permission: people must reconnect."""

    default_code = "token_expired"
    default_published = False


class RateLimited(NetworkError):
    """Too many calls; ``retry_after`` says how long to wait, if the network did."""

    default_code = "rate_limited"
    default_published = False


class TransientError(NetworkError):
    """Out of order for a while: server down, time-out, an answer that is no JSON."""

    default_code = "unavailable"


class RejectedError(NetworkError):
    """The network understood and refused this very request; the same again is useless."""

    default_code = "rejected"
    default_published = False


class WindowClosed(RejectedError):
    """The network's time for answering this customer has passed."""

    default_code = "window_closed"


@contextlib.contextmanager
def before_publishing() -> Iterator[None]:
    """What is asked before an answer is sent: whatever goes wrong here, nothing was said."""
    try:
        yield
    except NetworkError as error:
        error.published = False
        raise


@contextlib.contextmanager
def renamed(kind: type[NetworkError], code: str, *codes: str) -> Iterator[None]:
    """What is refused here is called ``code``: any error of a kind, or those with these codes."""
    try:
        yield
    except kind as error:
        if codes and error.code not in codes:
            raise
        raise type(error)(code, status=error.status, published=error.published) from None


@contextlib.contextmanager
def answering() -> Iterator[None]:
    """An answer is sent and its id is read.

    :raises RejectedError: ``parent_gone`` where something is not found
    :raises TransientError: ``no_id`` for a ValueError: it may have gone out
    """
    try:
        with renamed(RejectedError, "parent_gone", "not_found"):
            yield
    except ValueError:
        raise TransientError("no_id") from None


@contextlib.contextmanager
def deleting(look: Callable[[], object]) -> Iterator[None]:
    """An answer of ours is deleted; that it is not found is no error, unless ``look`` finds it.

    :raises RejectedError: ``cannot_delete`` where it is there and stays
    """
    try:
        yield
    except RejectedError as error:
        if error.code != "not_found":
            raise
        with ignoring("not_found"):
            look()
            raise RejectedError("cannot_delete", status=error.status) from None


@contextlib.contextmanager
def ignoring(*codes: str) -> Iterator[None]:
    """A refusal with one of these codes is no error here."""
    try:
        yield
    except RejectedError as error:
        if error.code not in codes:
            raise
