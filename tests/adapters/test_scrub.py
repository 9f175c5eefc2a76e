"""Our own secrets never come back with what a network says."""

import pytest

from networks import Author, Credentials, Mention, scrub
from networks.types import Page, Problem

TOKEN = "0123456789abcdef"


@pytest.mark.parametrize(
    ("value", "clean"),
    [
        (f"Bearer {TOKEN}.", "Bearer ***."),
        ([{TOKEN: (1, f"x{TOKEN}x", None)}], [{"***": (1, "x***x", None)}]),
        (f'{{"t": "{TOKEN}"}}'.encode(), b'{"t": "***"}'),
        (Author(name=TOKEN, handle="ana"), Author(name="***", handle="ana")),
    ],
)
def test_wherever_it_stands(value, clean):
    assert scrub(value, (TOKEN,)) == clean


def test_a_page_with_all_that_is_in_it():
    mention = Mention(
        external_id="1",
        author=Author(handle="ana"),
        body=f"you are {TOKEN}",
        raw={"request": {"headers": [f"Authorization: {TOKEN}"]}},
    )
    untouched = Mention(external_id="2", body="hello")
    page = Page((mention, untouched), {"high": "2026-11-22"}, True, (Problem("bad", 1, TOKEN),))
    clean = scrub(page, ("another-secret-1", TOKEN))
    assert TOKEN not in repr(clean)
    assert clean.mentions[0].raw == {"request": {"headers": ["Authorization: ***"]}}
    assert clean.mentions[1] is untouched
    assert (clean.cursor, clean.more) == (page.cursor, True)


def test_what_is_too_short_for_a_token_may_be_a_customer_s_word():
    assert scrub("my hello is lost", ("hello",)) == "my hello is lost"


def test_without_secrets_nothing_is_looked_at():
    page = Page()
    assert scrub(page, ()) is page


def test_every_secret_that_an_adapter_holds_is_looked_for():
    names = ("access_token", "refresh_token", "client_secret", "app_token")
    assert set(Credentials(**{name: name for name in names}).secrets) == set(names)
