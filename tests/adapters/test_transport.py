"""The way out: where it may lead, what it carries, how it ends."""

import gzip
import logging
import socket
import threading
import time
import traceback
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from networks import (
    AuthenticationError,
    NetworkError,
    RejectedError,
    TransientError,
    Transport,
    redact,
)
from networks.addresses import is_public, origin_of
from networks.jsontext import parse_json
from networks.response import Response, retry_after

PRIVATE = [
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "0.0.0.0",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1%eth0",
    "fc00::1",
    "ff02::1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::1",
    "2001:0:7f00:1::",
]
PUBLIC = ["9.9.9.9", "2620:fe::fe", "::ffff:9.9.9.9", "64:ff9b::909:909"]


class Server:
    """Answers every request with ``reply(handler)`` and remembers what it was sent."""

    def __init__(self):
        self.requests = []
        self.reply = lambda handler: self.send(handler, b"{}")
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *arguments):
                pass

            def do_GET(self):
                outer.requests.append((self.path, dict(self.headers)))
                outer.reply(self)

            do_POST = do_GET

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.port = self.http.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01}).start()

    @staticmethod
    def send(handler, body, status=200, **headers):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def close(self):
        self.http.shutdown()
        self.http.server_close()


class Raw:
    """A server that does one thing with each of its connections."""

    def __init__(self, act, listening=True, connections=1):
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.done = threading.Event()
        if listening:
            self.listener.listen()
            for _number in range(connections):
                threading.Thread(target=self._run, args=(act,), daemon=True).start()

    def _run(self, act):
        connection, _address = self.listener.accept()
        with connection:
            connection.recv(65536)
            with suppress(OSError):  # the other side has had enough
                act(connection, self.done)

    def close(self):
        self.done.set()
        self.listener.close()


def _silence(_connection, done):
    done.wait(10)


def _reset(connection, _done):
    linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


def _half(connection, _done):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")


def _drip_headers(connection, done):
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while not done.wait(0.05):
        connection.sendall(b"X-Drip: 1\r\n")


def _drip_body(connection, done):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while not done.wait(0.05):
        connection.sendall(b"x")


@pytest.fixture
def server():
    server = Server()
    yield server
    server.close()


@pytest.fixture
def transport():
    return Transport(allow_loopback=True, connect_timeout=2, read_timeout=2)


def resolves_to(monkeypatch, *answers):
    """The next look-ups of any name give these addresses, one list each; the last one stays."""
    asked = []

    def getaddrinfo(host, port, *arguments, **named):
        addresses = answers[min(len(asked), len(answers) - 1)]
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


def refused(transport, url, **named):
    with pytest.raises(NetworkError) as caught:
        transport.request("GET", url, origin=url, **named)
    return caught.value.code


# -- where


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are(address):
    assert is_public(address)


@pytest.mark.parametrize("address", [ip for ip in PRIVATE if ":" not in ip])
@pytest.mark.parametrize("allow", [True, False])
def test_a_name_that_leads_inside_is_refused(monkeypatch, address, allow):
    resolves_to(monkeypatch, [address])
    transport = Transport(allow_loopback=allow, connect_timeout=0.2)
    code = refused(transport, "https://inside.example:1/")
    assert code == ("unreachable" if allow and address == "127.0.0.1" else "private_address")


def test_one_private_address_among_public_ones_is_enough(monkeypatch):
    resolves_to(monkeypatch, ["9.9.9.9", "10.0.0.1"])
    assert refused(Transport(), "https://mixed.example/") == "private_address"


def test_the_address_checked_is_the_address_connected_to(monkeypatch, server, transport):
    # A second look-up would lead elsewhere: to where nobody listens.
    asked = resolves_to(monkeypatch, ["127.0.0.1"], ["127.9.9.9"])
    url = f"http://rebinding.example:{server.port}/"
    transport.request("GET", url, origin=url)
    assert asked == ["rebinding.example"]
    assert server.requests[0][1]["Host"] == f"rebinding.example:{server.port}"


def test_a_name_that_changes_its_mind_is_refused_on_the_next_connection(monkeypatch, server):
    resolves_to(monkeypatch, ["127.0.0.1"], ["10.0.0.1"])
    url = f"http://rebinding.example:{server.port}/"
    transport = Transport(allow_loopback=True)
    server.reply = lambda handler: server.send(handler, b"{}", Connection="close")
    transport.request("GET", url, origin=url)
    assert refused(transport, url) == "private_address"


@pytest.mark.parametrize("allow", [True, False])
def test_plain_http_leads_no_further_than_this_machine(monkeypatch, allow):
    resolves_to(monkeypatch, ["9.9.9.9"])
    assert refused(Transport(allow_loopback=allow), "http://far.example/") == "insecure_address"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mastodon.example",
        "ftp://mastodon.example/",
        "file:///etc/passwd",
        "https://",
        "https://user:word@mastodon.example/",
        "https://mastodon.example:port/",
        "https://[::1/",
    ],
)
def test_what_is_no_address_is_said_to_be_none(transport, url):
    assert refused(transport, url) == "bad_address"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(server, transport, status):
    server.reply = lambda handler: server.send(handler, b"", status, Location="/else")
    assert refused(transport, server.url, token="abc") == "redirected"
    assert len(server.requests) == 1


@pytest.mark.parametrize(("status", "published"), [(302, None), (303, None), (307, False)])
def test_after_a_redirect_a_post_may_be_out(server, transport, status, published):
    server.reply = lambda handler: server.send(handler, b"", status, Location="/else")
    with pytest.raises(TransientError) as caught:
        transport.request("POST", server.url, origin=server.url, data=b"")
    assert caught.value.published is published


def test_proxies_of_the_environment_are_not_used(monkeypatch, server, transport):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    transport.request("GET", server.url, origin=server.url)
    assert len(server.requests) == 1


# -- what it carries


def test_the_token_goes_to_the_accounts_own_origin(server, transport):
    transport.request("GET", server.url + "/api", origin=server.url + "/", token=" abc\n")
    assert server.requests[0][1]["Authorization"] == "Bearer abc"


@pytest.mark.parametrize("named", [{"token": "abc"}, {"headers": {"Authorization": "Bearer abc"}}])
def test_the_token_goes_nowhere_else(server, transport, named):
    with pytest.raises(RejectedError) as caught:
        transport.request("GET", server.url, origin="https://mastodon.example", **named)
    assert caught.value.code == "foreign_origin"
    assert server.requests == []


def test_another_port_is_another_origin(server, transport):
    with pytest.raises(RejectedError):
        transport.request("GET", server.url, origin="http://127.0.0.1:1", token="abc")


def test_origins_have_one_spelling():
    assert origin_of("https://A.example./x") == origin_of("https://a.EXAMPLE:443")


@pytest.mark.parametrize("token", ["a b", "a\r\nX-Evil: 1", "ключ", "a\x00b"])
def test_a_token_that_is_none_is_a_dead_one(server, transport, token):
    with pytest.raises(AuthenticationError) as caught:
        transport.request("GET", server.url, origin=server.url, token=token)
    assert token not in str(caught.value)
    assert server.requests == []


def test_cookies_are_not_kept(server, transport):
    server.reply = lambda handler: server.send(handler, b"{}", Set_Cookie="session=1; Path=/")
    for _time in range(2):
        transport.request("GET", server.url, origin=server.url)
    assert "Cookie" not in server.requests[1][1]


def test_secrets_in_an_address_are_not_logged(server, transport, caplog):
    caplog.set_level(logging.DEBUG)
    transport.request(
        "GET", server.url + "/way", origin=server.url, params={"access_token": "s3cr3t"}
    )
    assert "s3cr3t" in server.requests[0][0]
    assert "/way" in caplog.text
    assert "s3cr3t" not in caplog.text


@pytest.mark.parametrize("act", [None, _reset])
def test_secrets_in_an_address_are_in_no_exception(transport, act):
    raw = Raw(act) if act else Raw(_reset, listening=False)
    secret = "".join(("s3", "cr3t"))  # not in the source line that a traceback shows
    with pytest.raises(TransientError) as caught:
        transport.request("GET", f"{raw.url}/?access_token={secret}", origin=raw.url)
    raw.close()
    assert secret not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer S3CR3T",
        "{'Authorization': 'Bearer S3CR3T'}",
        '{"access_token": "S3CR3T", "x": 1}',
        "https://a.example/?client_secret=S3CR3T&x=1",
        "grant_type=refresh_token&refresh_token=S3CR3T",
        "code=S3CR3T&state=x",
        "password=S3CR3T",
        '{"accessJwt":"S3CR3T"}',
        "fb_exchange_token=S3CR3T",
        "bearer S3CR3T",
    ],
)
def test_redaction(text):
    assert "S3CR3T" not in redact(text)
    assert "***" in redact(text)


def test_redaction_leaves_plain_words():
    text = "GET /api/v1/statuses/7?limit=40 passenger of token value, monkey=1"
    assert redact(text) == text


# -- how it ends


def test_every_request_has_a_connection_of_its_own():
    # The second request on one connection would meet silence.
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

    def once(connection, done):
        connection.sendall(answer)
        done.wait(10)

    raw = Raw(once, connections=2)
    transport = Transport(allow_loopback=True, read_timeout=2)
    for _time in range(2):
        assert transport.request("GET", raw.url, origin=raw.url).json() == {}
    raw.close()


def test_json_and_headers_are_handed_over(server, transport):
    server.reply = lambda handler: server.send(handler, b'\xef\xbb\xbf{"a": 1}', X_One="1")
    response = transport.request("GET", server.url, origin=server.url)
    assert (response.status, response.json(), response.headers["x-one"]) == (200, {"a": 1}, "1")


def test_an_answer_over_the_cap_is_cut_off(server):
    transport = Transport(allow_loopback=True, max_bytes=1000)
    server.reply = lambda handler: server.send(handler, b"a" * 1001)
    assert refused(transport, server.url) == "too_large"
    server.reply = lambda handler: server.send(handler, b"a" * 1000)
    assert len(transport.request("GET", server.url, origin=server.url).text) == 1000


def test_a_bomb_is_measured_unpacked(server, transport):
    bomb = gzip.compress(b"0" * 50_000_000)
    assert len(bomb) < 60_000
    server.reply = lambda handler: server.send(handler, bomb, Content_Encoding="gzip")
    assert refused(transport, server.url) == "too_large"


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip"])
def test_other_packings_are_refused(server, transport, encoding):
    server.reply = lambda handler: server.send(handler, b"x", Content_Encoding=encoding)
    assert refused(transport, server.url) == "not_json"


def test_what_is_not_gzip_although_it_says_so(server, transport):
    server.reply = lambda handler: server.send(handler, b"{}", Content_Encoding="gzip")
    assert refused(transport, server.url) == "timeout"


def test_a_big_error_is_still_that_error(server):
    transport = Transport(allow_loopback=True, max_bytes=100)
    server.reply = lambda handler: server.send(handler, b"a" * 500_000, 401)
    with pytest.raises(AuthenticationError):
        transport.request("GET", server.url, origin=server.url)


def test_nobody_listens(transport):
    raw = Raw(None, listening=False)
    with pytest.raises(TransientError) as caught:
        transport.request("POST", raw.url, origin=raw.url)
    raw.close()
    assert (caught.value.code, caught.value.published) == ("unreachable", False)


def test_a_name_nobody_knows(monkeypatch, transport):
    def getaddrinfo(*_arguments, **_named):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with pytest.raises(TransientError) as caught:
        transport.request("POST", "https://nowhere.example", origin="https://nowhere.example")
    assert (caught.value.code, caught.value.published) == ("unreachable", False)


def test_a_handshake_that_fails_proves_that_nothing_went_out(server, transport):
    url = server.url.replace("http:", "https:")  # the server speaks no TLS
    with pytest.raises(TransientError) as caught:
        transport.request("POST", url, origin=url, data=b"x")
    assert (caught.value.code, caught.value.published) == ("unreachable", False)
    assert server.requests == []


@pytest.mark.parametrize("act", [_silence, _reset, _half, _drip_headers, _drip_body])
def test_once_sent_nobody_knows(act):
    raw = Raw(act)
    started = time.monotonic()
    try:
        with pytest.raises(TransientError) as caught:
            Transport(allow_loopback=True, read_timeout=0.4).request(
                "POST", raw.url, origin=raw.url, data=b"x"
            )
    finally:
        raw.close()
    assert (caught.value.code, caught.value.published) == ("timeout", None)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("body", [b"", b"<html>", b"[" * 100_000, b"\xff\xfe", b"nan"])
def test_what_is_no_json_is_said_to_be_none(body):
    with pytest.raises(TransientError) as caught:
        Response(200, {}, body).json()
    assert (caught.value.code, caught.value.published) == ("not_json", None)


def test_long_numbers_cost_no_time_and_no_page():
    started = time.monotonic()
    assert parse_json(b'{"a": ' + b"9" * 4_000_000 + b', "b": -' + b"9" * 31 + b"}") == {
        "a": 10**30,
        "b": -(10**30),
    }
    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "0"}, 1),
        ({"Retry-After": "99999999"}, 86_400),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "1e9"}, None),
        ({"Retry-After": "9" * 5000}, None),
        ({"Retry-After": "30", "X-RateLimit-Reset": "2026-11-22T13:00:00Z"}, 30),
        ({"x-rate-limit-reset": "1000000060"}, 60),
        ({"RateLimit-Reset": "45"}, 45),
    ],
)
def test_waiting_has_bounds(headers, seconds):
    assert retry_after(headers, 1_000_000_000) == seconds
