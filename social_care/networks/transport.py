"""The only way from an adapter to the outside.

https only, no redirects, no private addresses (see :mod:`.addresses`), no cookies, time-outs
and a size cap always, credentials to the account's own origin alone, and one
translation of HTTP's failures into :mod:`.exceptions`.

Proxies and ``.netrc`` from the environment are not honoured: a proxy resolves
names itself, past the check, and ``.netrc`` sends credentials nobody configured here.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

from .addresses import CheckedAdapter, Watch, origin_of
from .exceptions import AuthenticationError, NetworkError, RejectedError, TransientError
from .response import Response, error_of

_logger = logging.getLogger(__name__)

MAX_BYTES = 5 * 2**20  # of an answer, decompressed
MAX_ERROR_BYTES = 2**16  # of an error's answer: only its reason is looked for
CHUNK = 2**14  # bytes; gzip makes at most 1,032 times as many of them

_SECRET = re.compile(
    r"(?i)(authorization[\"']?\s{0,9}[:=]\s{0,9}[\"']?(?:bearer|basic|oauth|dpop)?\s{0,9}"
    r"|\b(?:bearer|basic)\s{1,9}"
    r"|(?:access_?token|app_?token|refresh_?token|id_token|input_token|fb_exchange_token|client_secret"
    r"|app_?secret(?:_proof)?|consumer_secret|signing_secret|client_id|verify_token|crc_token"
    r"|code_verifier"
    r"|accessjwt|refreshjwt|password|api_?key|\bcode|\btoken|\bkey)[\"']?\s{0,9}[:=]\s{0,9}[\"']?)"
    r"[^\s&\"',;<>}]+"
)


def redact(text: str) -> str:
    """A text for a log, without what looks like a credential in it.

    >>> redact("GET /me?access_token=abc&limit=5")
    'GET /me?access_token=***&limit=5'
    >>> redact("Authorization: Bearer abc")
    'Authorization: Bearer ***'
    """
    return _SECRET.sub(r"\1***", text)


class Redacting(logging.Filter):
    """Lets every record of a logger pass, redacted."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(record.getMessage()), ()
        return True


# At DEBUG urllib3 writes whole addresses, and some vendors want secrets in them.
logging.getLogger("urllib3.connectionpool").addFilter(Redacting())


def _bearer(token: str | None) -> dict[str, str]:
    """The header that holds a token.

    :raises AuthenticationError: ``token_missing``, ``bad_token``
    """
    if token is None:
        return {}
    if not token:
        raise AuthenticationError("token_missing")
    # Pasted with its line break; anything else odd would end in a header error that quotes it.
    token = token.strip()
    if not re.fullmatch(r"[\x21-\x7e]+", token):
        raise AuthenticationError("bad_token")
    return {"Authorization": f"Bearer {token}"}


class Transport:
    """A session with one network.

    :param user_agent: who we say we are
    :param allow_loopback: for tests: servers on this machine, plain http too
    :param connect_timeout: seconds until the connection stands
    :param read_timeout: seconds from the first byte sent to the answer's last
    :param max_bytes: of an answer, decompressed
    """

    def __init__(
        self,
        user_agent: str = "social_care",
        allow_loopback: bool = False,
        connect_timeout: float = 5,
        read_timeout: float = 15,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self.timeout = (connect_timeout, read_timeout)
        self.max_bytes = max_bytes
        self.last_headers: Mapping[str, str] = {}  # of the last answer: what it says of limits
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.session.headers["User-Agent"] = user_agent
        self.session.headers["Accept-Encoding"] = "gzip"
        self.session.headers["Connection"] = "close"
        self.session.mount("https://", CheckedAdapter(allow_loopback))
        self.session.mount("http://", CheckedAdapter(allow_loopback))

    def request(
        self,
        method: str,
        url: str,
        *,
        origin: str,
        token: str | None = None,
        params: Any = None,
        json: Any = None,
        data: Any = None,
        files: Any = None,
        headers: Mapping[str, str] | None = None,
        errors: Callable[[Response], NetworkError | None] | None = None,
    ) -> Response:
        """Ask, and get a 2xx answer or an exception.

        :param origin: the account's own address; ``token`` goes nowhere else
        :param token: the bearer's, where the request needs one; it may not be empty then
        :param errors: an adapter's own reading of a failure, asked before ours
        :raises NetworkError: ``published`` is False where no byte had left
        """
        sent = {"Accept": "application/json", **(headers or {}), **_bearer(token)}
        where, home = origin_of(url), origin_of(origin)
        if any(name.lower() == "authorization" for name in sent) and where != home:
            raise RejectedError("foreign_origin")
        started = time.monotonic()
        body = {"params": params, "json": json, "data": data, "files": files}
        response = self._send(method, url, {**body, "headers": sent})
        _logger.debug(
            "%s %s%s %s %.0f ms",
            method,
            where[1],
            urlsplit(url).path[:200],
            response.status,
            (time.monotonic() - started) * 1000,
        )
        error = error_of(response, method)
        if error is not None:
            raise (errors(response) if errors else None) or error
        return response

    def _send(self, method: str, url: str, arguments: dict[str, Any]) -> Response:
        arguments = {**arguments, "timeout": self.timeout, "allow_redirects": False}
        with Watch(self.timeout[1]) as watch:
            try:
                with self.session.request(method, url, stream=True, **arguments) as answer:
                    content = self._read(answer)
            # Never "from error": its text holds the address with its query.
            except (requests.RequestException, HTTPError, OSError, ValueError, TypeError) as error:
                if watch.sent:
                    raise TransientError("timeout") from None
                if isinstance(error, (ValueError, TypeError)):
                    raise RejectedError("bad_request") from None
                raise TransientError("unreachable", published=False) from None
            finally:
                # Each request gets a connection of its own: a kept one may be closed under
                # it (snac does so often), and then nobody knows what was carried out.
                self.session.close()
            if watch.expired and answer.status_code < 300:
                raise TransientError("timeout")  # what was read may be half of it
            self.last_headers = answer.headers
            return Response(answer.status_code, answer.headers, content)

    def _read(self, answer: requests.Response) -> bytes:
        failed = answer.status_code >= 300
        limit = MAX_ERROR_BYTES if failed else self.max_bytes
        encoding = (answer.headers.get("Content-Encoding") or "").strip().lower()
        if encoding not in ("", "identity", "gzip", "deflate"):
            # Unasked for, and able to unfold into gigabytes in one step.
            return b"" if failed else self._refuse("not_json", answer)
        answer.raw.enforce_content_length = True  # urllib3 1.26 takes half an answer for a whole
        content = bytearray()
        try:
            for chunk in answer.iter_content(CHUNK):
                content += chunk
                if len(content) > limit:
                    return bytes(content[:limit]) if failed else self._refuse("too_large", answer)
        except (requests.RequestException, HTTPError, OSError):
            if not failed:  # an error's status says enough without its body
                raise
        return bytes(content)

    @staticmethod
    def _refuse(code: str, answer: requests.Response) -> bytes:
        raise TransientError(code, status=answer.status_code)
