"""The shapes clean what they are given; the doctests of the networks hold."""

import doctest
import importlib
import json
import pkgutil
import time
from datetime import datetime, timezone

import pytest

import networks
from networks import Author, Credentials, Mention, NetworkError, RejectedError, TransientError
from networks.cleaning import (
    MAX_BODY,
    MAX_COUNT,
    clean_count,
    clean_datetime,
    clean_id,
    clean_json,
    clean_line,
    clean_text,
    clean_url,
)
from networks.text import MAX_HTML, count_graphemes, html_to_text
from networks.types import Media

MODULES = [f"networks.{module.name}" for module in pkgutil.iter_modules(networks.__path__)]
ODD = [
    None,
    "",
    "x",
    b"x",
    0,
    -1,
    10**5000,
    1.5,
    float("nan"),
    float("inf"),
    True,
    [],
    {},
    [[1]],
    object,
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_the_documentation_hold(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_there_are_examples():
    modules = [importlib.import_module(name) for name in MODULES]
    assert sum(doctest.testmod(module).attempted for module in modules) > 15


@pytest.mark.parametrize("value", ODD, ids=range(len(ODD)))
def test_nothing_odd_breaks_a_shape(value):
    names = [field for field in Mention.__dataclass_fields__ if field not in ("author", "media")]
    for name in names:
        mention = Mention(**{name: value})
        assert mention.digest()
        json.dumps(mention.raw).encode()
    for name in Author.__dataclass_fields__:
        Author(**{name: value})
    for name in Media.__dataclass_fields__:
        Media(**{name: value})


def test_text_is_storable_and_bounded():
    text = clean_text("a\x00\ud800\udc00b" * 1_000_000)
    assert text.encode()
    assert set(text) == {"a", "b"}
    assert len(text) <= MAX_BODY


def test_a_list_is_no_text():
    deep = []
    for _level in range(500):
        deep = [deep]
    assert clean_text(deep) == clean_text({"a": 10**5000}) == ""


def test_a_line_is_one_line():
    assert clean_line("a\r\nb\u2028c\tX: y") == "a b c X: y"


def test_a_long_id_becomes_a_hash_of_itself():
    one, two = clean_id("é" * 128), clean_id("é" * 127 + "x" * 3)
    assert len(one.encode()) <= 255
    assert one.startswith("sha256:") and two.startswith("sha256:") and one != two
    assert clean_id("é" * 127) == "é" * 127


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//a.example",
        "https://",
        "https://a.example/<b>",
        "http://[",
        "x",
    ],
)
def test_what_is_no_address_is_none(url):
    assert clean_url(url) == ""


@pytest.mark.parametrize(
    ("value", "count"),
    [
        ("12", 12),
        (-3, 0),
        (2**31, MAX_COUNT),
        ("9" * 5000, MAX_COUNT),
        ("²", 0),
        (True, 1),
        ([], 0),
    ],
)
def test_counts_fit_a_column(value, count):
    assert clean_count(value) == count


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-08-21T17:50:00+02:00", datetime(2026, 8, 21, 15, 50)),
        ("2026-08-21T15:50:00.123456789Z", datetime(2026, 8, 21, 15, 50)),
        ("2026-08-21", datetime(2026, 8, 21)),
        (1787327400, datetime(2026, 8, 21, 15, 50)),
        (datetime(2026, 8, 21, 15, 50, tzinfo=timezone.utc), datetime(2026, 8, 21, 15, 50)),
        ("1989-12-31", None),
        ("9999-12-31T23:59:59-23:59", None),
        ("21/08/2026", None),
        pytest.param(10**5000, None, id="long number"),
        (float("nan"), None),
        (True, None),
        ("0001-01-01T00:00:00+23:59", None),
    ],
)
def test_times_are_naive_utc_or_none(value, moment):
    assert clean_datetime(value) == moment


def test_json_is_what_a_database_takes():
    cleaned = clean_json({"a\x00": [10**5000, float("nan"), "\ud800x", {"deep": {}}], 7: (1, 2)})
    assert json.loads(json.dumps(cleaned, allow_nan=False))["7"] == [1, 2]
    assert cleaned["a"][1:3] == [None, "x"]


def test_too_much_raw_is_told_to_be_cut():
    raw = Mention(raw={f"k{i}": "a" * 10_000 for i in range(20)}).raw
    assert raw["truncated"] is True


def test_secrets_are_not_shown():
    shown = repr(
        Credentials(access_token="s1", refresh_token="s2", client_secret="s3", client_id="c")
    )
    assert not {"s1", "s2", "s3"} & set(shown.replace("'", " ").split())


def test_a_changed_text_changes_the_digest():
    assert Mention(body="a").digest() == Mention(body="a", lang="en").digest()
    assert Mention(body="a").digest() != Mention(body="b").digest()


@pytest.mark.parametrize(
    ("error", "published"),
    [
        (NetworkError(), None),
        (TransientError(), None),
        (TransientError(published=False), False),
        (RejectedError(), False),
    ],
)
def test_what_an_error_proves(error, published):
    assert error.published is published


def test_builtin_networks_are_in_order_and_complete():
    codes = [network.code for network in networks.BUILTIN]
    assert codes == sorted(codes) == ["bluesky", "import", "mastodon"]
    for network in networks.BUILTIN:
        assert network.name
        assert network.max_length > 0


# -- text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>one</p><p>two<br>three</p>", "one\n\ntwo\nthree"),
        ("<p>a &amp; b &lt;c&gt; &eacute; &#128077;</p>", "a & b <c> é 👍"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;", "<script>alert(1)</script>"),
        ("<script>alert(1)</script>seen<style>x</style>", "seen"),
        ("a <b>bold</b> <unknown>word</unknown>", "a bold word"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("<p>cut <a href='https://a.example'>link", "cut link (https://a.example)"),
        ("<b>! hi></b>", "! hi>"),
        ("<!-- hidden --><!DOCTYPE x>seen", "seen"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ("a\nb", "a b"),
        (
            '<a href="https://a.example/x/y"><i>https://</i><b>a.example</b><i>/x/y</i></a>',
            "https://a.example/x/y",
        ),
        ('<a href="https://a.example/long/way">a.example/lo…</a>', "https://a.example/long/way"),
        (
            '<a href="https://evil.example">https://bank.example</a>',
            "https://bank.example (https://evil.example)",
        ),
        ('<a href="https://a.example/@ana" class="u-url mention">@<span>ana</span></a>', "@ana"),
        ('<a href="https://a.example/tags/x" class="mention hashtag">#x</a>', "#x"),
        ('<a href="javascript:alert(1)">click</a>', "click"),
        ("", ""),
    ],
)
def test_html_as_people_see_it(html, text):
    assert html_to_text(html) == text


@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "<a ",
        "<!--",
        "<![CDATA[",
        "&#",
        "</",
        "<a href='",
        "<svg/",
        "<script>",
        "<p>",
        "<a href=x>",
        "<?",
    ],
)
def test_broken_html_costs_no_time(piece):
    started = time.process_time()
    html_to_text(piece * 300_000)
    assert len(piece * 300_000) > MAX_HTML
    assert time.process_time() - started < 2  # Python's parser alone takes up to 100 s


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("abc", 3),
        ("e\u0301e", 2),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466", 1),
        ("👍🏽👍", 2),
        ("🇪🇸🇫🇷🇩", 3),
        ("1\ufe0f\u20e3", 1),
        ("❤️", 1),
        ("\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f", 1),
        ("\u1112\u1161\u11ab한", 2),
        ("नि", 1),
        ("a\u200db", 2),
        ("\r\n\r\n", 2),
        ("\n\u0301", 2),
        ("\u0301", 1),
    ],
)
def test_graphemes(text, count):
    assert count_graphemes(text) == count
