"""Logging in, likes and pictures on real servers that speak Mastodon's API."""

import base64
import hashlib
import re
import secrets
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from networks import Attachment, AuthenticationError, Credentials, Mastodon, Reply, Transport
from support.waiting import wait_for

BACK = "https://odoo.example/social_care/connected?who=1"
ARRIVAL = 120  # seconds: snac delivers by a queue of its own
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def _adapter(base_url, **credentials):
    return Mastodon(Credentials(base_url=base_url, **credentials), Transport(allow_loopback=True))


def _log_in(base_url, fill_in):
    """The whole code flow, with a person who fills in the form; gives the logins and the adapter."""
    keys = _adapter(base_url).register_app(BACK)
    adapter = _adapter(base_url, client_id=keys.client_id, client_secret=keys.client_secret)
    verifier = secrets.token_urlsafe(48)
    hashed = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()
    page = requests.get(adapter.authorize_url(BACK, "state-1", challenge), timeout=20)
    page.raise_for_status()
    form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    action = re.search(r'action="([^"]+)"', page.text)[1]
    if action.startswith("/"):
        action = base_url + action
    answer = requests.post(action, data={**form, **fill_in}, allow_redirects=False, timeout=20)
    assert answer.status_code in (302, 303), answer.text
    back = urlsplit(answer.headers["Location"])
    query = parse_qs(back.query)
    assert f"{back.scheme}://{back.netloc}{back.path}?who=1" == BACK
    assert query["state"] == ["state-1"]
    return adapter.exchange(query["code"][0], BACK, verifier)


def test_a_person_logs_in_to_snac(snac):
    user = snac.add_user("login1")
    [login] = _log_in(snac.base_url, {"login": user.name, "passwd": user.password})
    assert login.profile.name
    assert login.profile.handle == f"login1@{urlsplit(snac.base_url).netloc}"
    assert login.tokens.access_token != user.token
    assert login.tokens.access_expires_at is None
    adapter = _adapter(snac.base_url, access_token=login.tokens.access_token)
    assert adapter.verify() == login.profile


def test_a_person_logs_in_to_mastodon_mock(mastodon_mock):
    [login] = _log_in(mastodon_mock.base_url, {"username": "brand"})
    adapter = _adapter(mastodon_mock.base_url, access_token=login.tokens.access_token)
    assert adapter.verify().external_id == login.profile.external_id


def test_a_code_that_nobody_gave_is_refused(mastodon_mock):
    keys = _adapter(mastodon_mock.base_url).register_app(BACK)
    adapter = _adapter(
        mastodon_mock.base_url, client_id=keys.client_id, client_secret=keys.client_secret
    )
    with pytest.raises(AuthenticationError, match="login_refused"):
        adapter.exchange("nobody's", BACK, "verifier")


def test_keys_that_snac_did_not_give_are_refused(snac):
    adapter = _adapter(snac.base_url, client_id="0" * 32, client_secret="0" * 32)
    with pytest.raises(AuthenticationError, match="login_refused"):
        adapter.exchange("nobody's", BACK, "verifier")


def _spoken_to(brand, customer):
    """The brand's adapter, and a mention by the customer that arrived there."""
    mark = secrets.token_hex(4)
    customer.say(f"@{brand.name} look {mark}")
    adapter = _adapter(brand.base_url, access_token=brand.token)

    def arrived():
        page = adapter.fetch({}, None)
        return next((item for item in page.mentions if item.body.endswith(mark)), None)

    return adapter, wait_for(arrived, f"{brand.name} is told", ARRIVAL)


def _check_likes(brand, customer):
    adapter, mention = _spoken_to(brand, customer)
    for on in (True, True, False, False):
        adapter.like(mention, on)
        status = brand.get(f"v1/statuses/{mention.external_id}")
        assert status["favourited"] is on


def _check_pictures(brand, customer):
    adapter, mention = _spoken_to(brand, customer)
    pictures = [
        Attachment("photo.png", "image/png", content, f"pixel {number}")
        for number, content in enumerate((PIXEL, PIXEL + b"\0"))
    ]
    reply = Reply("k", "Is this yours?", "public", mention, attachments=tuple(pictures))
    published = adapter.publish(reply)
    [post] = adapter.refresh([published.external_id])
    assert [item.description for item in post.media] == ["pixel 0", "pixel 1"]
    shown = [requests.get(item.url, timeout=20).content for item in post.media]
    assert shown == [picture.content for picture in pictures]
    wait_for(
        lambda: any("Is this yours?" in item["content"] for item in customer.mentions()),
        f"{customer.name} is told",
        ARRIVAL,
    )


def test_likes_on_snac(snac):
    _check_likes(snac.add_user("likes1"), snac.add_user("liked1"))


def test_likes_on_mastodon_mock(mastodon_mock):
    _check_likes(mastodon_mock.user("brand"), mastodon_mock.user("alice"))


def test_pictures_on_snac(snac):
    _check_pictures(snac.add_user("shows1"), snac.add_user("shown1"))


def test_pictures_on_mastodon_mock(mastodon_mock):
    _check_pictures(mastodon_mock.user("brand"), mastodon_mock.user("alice"))
