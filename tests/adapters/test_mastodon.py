"""Mastodon against a fake written from its documentation."""

import base64
import hashlib
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from contract import (
    FAMILY,
    NOW,
    SINCE,
    Changing,
    Gestures,
    OverHttp,
    Reading,
    Rereading,
    ServerWorld,
    ids,
    read_all,
)
from fakes.http_server import Fault
from fakes.mastodon_server import OWN_ID, TOKEN, MastodonServer

from networks import (
    Attachment,
    AuthenticationError,
    Author,
    Credentials,
    Mastodon,
    Mention,
    RejectedError,
    Reply,
    TransientError,
    Transport,
    mastodon_server,
)


class MastodonWorld(ServerWorld):
    secret = TOKEN

    def __init__(self):
        super().__init__(MastodonServer())

    def adapter(self, **changes):
        credentials = {"base_url": self.url, "external_id": OWN_ID, "access_token": TOKEN}
        credentials["handle"] = "auroraair@mastodon.example"
        credentials.update(changes)
        return Mastodon(
            Credentials(**credentials), Transport(allow_loopback=True), lambda: self.server.now
        )

    def say(self, text, at=NOW, **raw):
        html = text.replace("&", "&amp;").replace("<", "&lt;")
        return self.server.mention("1", f"<p>{html}</p>", at, **raw)

    def edit(self, external_id, text):
        self.server.edit(external_id, f"<p>{text}</p>")

    def answer(self, text, parent):
        return self.server.add(OWN_ID, f"<p>{text}</p>", parent=parent)

    def refuse_reading(self):
        self.server.faults.append(Fault(403, path="/notifications"))

    def published(self):
        posts = [self.server.statuses[key] for key in self.server.accepted]
        return [{"id": p["id"], "parent": p["in_reply_to_id"], "text": p["content"]} for p in posts]

    def text_of(self, external_id):
        return self.server.statuses.get(external_id, {}).get("content")

    def is_liked(self, external_id):
        return external_id in self.server.liked


@pytest.fixture
def world():
    world = MastodonWorld()
    yield world
    world.stop()


class TestMastodonContract(Reading, Rereading, OverHttp, Changing, Gestures):
    lengths = {
        "hello": 5,
        FAMILY: 1,
        "see https://example.com/" + "a" * 200: 27,
        "@ana@far.example hello": 10,
        "e\u0301": 1,
    }

    def say_without_author(self, world, text):
        return world.server.mention("nobody", f"<p>{text}</p>")

    def say_with_likes(self, world, text, likes):
        # Written by hand: Python's own encoder refuses such a number too.
        said = world.say(text)
        world.server.statuses[said]["favourites_count"] = 123454321
        digits = b"9" * 5000
        original = json.dumps(world.server.notifications).encode()
        world.server.faults.append(
            Fault(200, original.replace(b"123454321", digits), path="/notifications")
        )
        return said


@pytest.fixture(params=["link", "honours_types", "honours_keys", "has_v2"])
def lesser(world, request):
    """A server that lacks one of the things that Mastodon has."""
    setattr(world.server, request.param, False)
    return world


def test_servers_that_know_less_are_read_all_the_same(lesser):
    lesser.server.mention("1", "", kind="favourite")
    said = {lesser.say(f"message {i}", NOW - timedelta(minutes=95 - i)) for i in range(95)}
    answer = lesser.answer("yes", next(iter(said)))
    mentions, _cursor = read_all(lesser.adapter())
    assert set(ids(mentions)) == said | {answer}
    assert lesser.adapter().verify().max_length == (500 if lesser.server.has_v2 else 400)


def test_every_request_carries_a_limit(world):
    read_all(world.adapter())
    lists = [r for r in world.server.requests if "verify" not in r.path]
    assert [r.query["limit"] for r in lists] == [["40"], ["40"]]


def test_ledger_and_rows_are_the_same_set(world):
    for i in range(120):
        world.say(f"message {i}", NOW - timedelta(minutes=120 - i))
    mentions, _cursor = read_all(world.adapter())
    assert {m.external_id for m in mentions if not m.own} == world.server.served


def test_profile_names_the_brand(world):
    profile = world.adapter(external_id="", handle="").verify()
    assert profile.external_id == "900"
    assert profile.handle == "auroraair@mastodon.example"
    assert profile.name == "Aurora Air"
    assert profile.max_length == 500


def test_a_422_that_is_no_json_is_a_bad_token(world):
    world.fail(422, b"<h1>unprocessable")
    with pytest.raises(Exception) as caught:
        world.adapter().verify()
    assert type(caught.value).__name__ == "AuthenticationError"


def test_authors_have_one_key_on_all_servers(world):
    world.server.mention("1", "near")
    world.server.mention("2", "far")
    mentions, _cursor = read_all(world.adapter())
    authors = {m.body: m.author.external_id for m in mentions}
    assert authors == {"near": "ana@mastodon.example", "far": "ben@far.example"}


def test_kinds(world):
    ours = world.server.add(OWN_ID, "we fly to Oslo")
    world.server.mention("1", "mention")
    world.server.mention("1", "reply", parent=ours)
    world.server.mention("1", "direct", visibility="direct")
    world.server.mention("1", "odd", visibility="circle")
    mentions, _cursor = read_all(world.adapter())
    found = {m.body: (m.kind, m.visibility) for m in mentions}
    assert found == {
        "mention": ("mention", "public"),
        "reply": ("reply", "public"),
        "direct": ("direct", "direct"),
        "odd": ("mention", "private"),
    }


@pytest.mark.parametrize("honours_types", [True, False])
def test_who_favourites_an_answer_is_told(world, honours_types):
    world.server.honours_types = honours_types
    ours = world.answer("here it is", world.say("where is it?", NOW - timedelta(hours=1)))
    world.server.favourite("1", ours, NOW)
    world.server.favourite("2", ours, NOW)
    page = world.adapter().fetch({}, SINCE)
    assert [like.external_id for like in page.likes] == [ours, ours]
    told = {like.author_id: (like.at, like.on) for like in page.likes}
    assert told == {"ana@mastodon.example": (NOW, True), "ben@far.example": (NOW, True)}
    assert page.problems == ()
    assert ours not in ids(page.mentions)


def test_edits_of_other_peoples_posts_are_not_for_us(world):
    world.server.mention("1", "a post we shared", kind="update")
    to_us = world.server.mention("1", "to us", kind="update", mentions=[{"id": OWN_ID}])
    mentions, _cursor = read_all(world.adapter())
    assert ids(mentions) == [to_us]


def test_our_posts_that_answer_nobody_are_left_out(world):
    world.server.add(OWN_ID, "we fly to Oslo")
    assert read_all(world.adapter())[0] == []


def test_an_item_that_cannot_be_read_is_kept_beside_the_others(world):
    said = world.say("hello")
    bad = {"id": "1", "type": "mention", "created_at": "2026-11-22T11:00:00Z", "status": "gone"}
    world.server.notifications.append(bad)
    page = world.adapter().fetch({}, SINCE)
    assert ids(page.mentions) == [said]
    assert [problem.code for problem in page.problems] == ["bad_item"]
    assert b"gone" in page.problems[0].body


def test_an_expired_page_token_starts_the_walk_again(world):
    said = {world.say(f"message {i}", NOW - timedelta(minutes=95 - i)) for i in range(95)}
    page = world.adapter().fetch({}, SINCE)
    world.fail(400, b"{}")
    mentions, _cursor = read_all(world.adapter(), page.cursor)
    assert set(ids(mentions)) == said


def test_since_ends_the_first_walk(world):
    for i in range(300):
        world.say(f"message {i}", NOW - timedelta(hours=300 - i))
    mentions, _cursor = read_all(world.adapter(), since=NOW - timedelta(hours=10))
    assert len(mentions) == 10
    reads = [r for r in world.server.requests if r.path == "/api/v1/notifications"]
    assert len(reads) == 1


def test_a_later_poll_reads_one_page_of_each_list(world):
    for i in range(300):
        world.say(f"message {i}", NOW - timedelta(hours=300 - i))
    _mentions, cursor = read_all(world.adapter())
    world.server.requests.clear()
    new = world.say("new", NOW)
    mentions, _cursor = read_all(world.adapter(), cursor)
    assert new in ids(mentions)
    assert len(world.server.requests) == 2


def test_context_is_root_parent_and_others(world):
    root = world.server.add(OWN_ID, "<p>we fly to Oslo</p>")
    middle = world.server.add("2", "<p>when?</p>", parent=root)
    parent = world.server.add("1", "<p>tomorrow?</p>", parent=middle)
    said = world.server.mention("1", "<p>hello?</p>", parent=parent)
    world.server.add("2", "<p>me too</p>", parent=said)
    (mention,) = [m for m in read_all(world.adapter())[0] if m.external_id == said]
    context = world.adapter().fetch_context(mention)
    assert (context["root"]["text"], context["root"]["own"]) == ("we fly to Oslo", True)
    assert context["parent"]["text"] == "tomorrow?"
    assert [post["text"] for post in context["others"]] == ["when?", "me too"]
    assert context["root"]["posted_at"] == "2026-11-22T12:00:00"


def _parent(handle="ana@far.example", visibility="public", external_id="1"):
    author = Author(external_id=handle, handle=handle)
    return Mention(external_id=external_id, author=author, visibility=visibility)


@pytest.mark.parametrize(
    ("handle", "body", "text"),
    [
        ("ana@far.example", "Hello", "@ana@far.example Hello"),
        ("ana@far.example", "Hello @ANA@far.example!", "Hello @ANA@far.example!"),
        # A bare name would call the Ana of our own server.
        ("ana@far.example", "@ana hello", "@ana@far.example @ana hello"),
        ("ana@far.example", "@ana@far.example.org x", "@ana@far.example @ana@far.example.org x"),
        ("ana@mastodon.example", "Hello", "@ana Hello"),
        ("ana@mastodon.example", "@ana hello", "@ana hello"),
        ("ana@mastodon.example", "@anabel hello", "@ana @anabel hello"),
        ("", "Hello", "Hello"),
    ],
)
def test_the_customer_is_named(world, handle, body, text):
    assert world.adapter().prepare_text(body, _parent(handle)) == text


@pytest.mark.parametrize(
    ("asked", "parent", "sent"),
    [
        ("public", "public", "public"),
        ("public", "unlisted", "unlisted"),
        ("public", "private", "direct"),
        ("public", "direct", "direct"),
        ("direct", "public", "direct"),
        ("private_reply", "public", "direct"),
    ],
)
def test_an_answer_is_never_more_public_than_its_question(world, asked, parent, sent):
    said = world.server.mention("1", "hello", visibility=parent)
    reply = Reply("k", "yes", asked, _parent(visibility=parent, external_id=said), lang="pt_BR")
    published = world.adapter().publish(reply)
    assert world.server.statuses[published.external_id]["visibility"] == sent
    assert world.server.requests[-1].json["language"] == "pt"


def test_the_same_key_publishes_once_where_keys_are_honoured(world):
    reply = Reply("k", "yes", "public", _parent(external_id=world.say("hello")))
    first, second = (world.adapter().publish(reply) for _time in range(2))
    assert first == second
    assert len(world.server.accepted) == 1
    assert Mastodon.has_idempotency_key is False


def test_a_refusal_without_reason_is_no_vanished_parent(world):
    said = world.say("hello")
    world.fail(422, b'{"error": "Validation failed"}', publishing=True)
    with pytest.raises(RejectedError) as caught:
        world.adapter().publish(Reply("k", "yes", "public", _parent(external_id=said)))
    assert caught.value.code == "rejected"


def test_an_answer_that_comes_back_without_an_id_may_be_out(world):
    said = world.say("hello")
    world.fail(200, b"{}", after=True, publishing=True)
    with pytest.raises(TransientError) as caught:
        world.adapter().publish(Reply("k", "yes", "public", _parent(external_id=said)))
    assert (caught.value.code, caught.value.published) == ("no_id", None)


def test_a_post_that_goes_while_we_answer_is_gone(world):
    said = world.say("hello")
    world.fail(404, publishing=True)
    with pytest.raises(RejectedError) as caught:
        world.adapter().publish(Reply("k", "yes", "public", _parent(external_id=said)))
    assert (caught.value.code, caught.value.published) == ("parent_gone", False)


def test_a_server_that_answers_nobody_s_post_is_not_led_to(world):
    world.server.checks_parent = False  # as snac and others: it would be told to everybody
    with pytest.raises(RejectedError) as caught:
        world.adapter().publish(Reply("k", "yes", "public", _parent(external_id="404")))
    assert caught.value.code == "parent_gone"
    assert world.server.accepted == []


@pytest.mark.parametrize("status", [500, 503])
def test_what_goes_wrong_before_publishing_published_nothing(world, status):
    said = world.say("hello")
    world.fail(status)
    with pytest.raises(TransientError) as caught:
        world.adapter().publish(Reply("k", "yes", "public", _parent(external_id=said)))
    assert caught.value.published is False


def test_a_direct_answer_is_found_where_lists_of_posts_lack_them(world):
    world.server.lists_direct = False  # as snac
    said = world.server.mention("1", "hello", visibility="direct")
    parent = _parent(external_id=said, visibility="direct")
    reply = Reply("k", "yes", "direct", parent)
    published = world.adapter().publish(reply)
    assert world.adapter().find_published(reply, NOW - timedelta(minutes=2)) == [published]
    world.delete(said)
    with pytest.raises(RejectedError) as caught:
        world.adapter().find_published(reply, NOW - timedelta(minutes=2))
    assert caught.value.code == "cannot_read_back"


@pytest.mark.parametrize("older", [0, 38, 39, 100])
def test_a_list_that_does_not_page_is_only_trusted_when_it_ends(world, older):
    world.server.honours_max_id = world.server.link = False  # as snac 2.75
    said = world.say("hello")
    reply = Reply("k", "yes", "public", _parent(external_id=said))
    published = world.adapter().publish(reply)
    world.server.statuses.pop(said)  # its thread does not help
    for i in range(older):
        world.server.add(OWN_ID, f"post {i}", NOW)
    looked = world.adapter().find_published
    if older < 39:
        assert looked(reply, NOW - timedelta(minutes=2)) == [published]
    else:
        with pytest.raises(RejectedError):
            looked(reply, NOW - timedelta(minutes=2))


@pytest.mark.parametrize(
    "html",
    [
        '<p><a class="mention" href="https://far.example/@ana">@<span>ana</span></a> **We** :)</p>',
        "<p>@ana <strong>We</strong> 🙂</p>",
        "<p>@ana@far.example <b>We</b></p>\n",
    ],
)
def test_an_answer_is_found_however_the_server_shows_it(world, html):
    said = world.say("hello")
    posted = world.server.add(OWN_ID, html, parent=said)
    reply = Reply("k", "**We** :)", "public", _parent(external_id=said))
    (found,) = world.adapter().find_published(reply, NOW - timedelta(minutes=2))
    assert found.external_id == posted


def test_looking_back_has_an_end_that_is_said(world):
    for i in range(500):
        world.server.add(OWN_ID, f"post {i}", NOW)
    reply = Reply("k", "yes", "public", _parent(external_id=world.say("hello")))
    with pytest.raises(RejectedError) as caught:
        world.adapter().find_published(reply, NOW - timedelta(minutes=2))
    assert caught.value.code == "cannot_read_back"


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("https://example.com/" + "x" * 300, 23),
        ("http://a.co", 23),
        ("no link: https://localhost", 26),
        ("🇪🇸🇪🇸", 2),
        ("👍🏽", 1),
        ("한국어", 3),
        ("a\r\nb", 3),
        ("@ana@far.example.org", 4),
        ("mail ana@far.example", 20),
    ],
)
def test_length_by_mastodons_rule(text, length):
    assert Mastodon.count_length(text) == length


# -- Pictures ------------------------------------------------------------------------

PNG = Attachment("bag.png", "image/png", b"\x89PNG not really", "a red bag")


def _with_pictures(world, number=1):
    parent = _parent(external_id=world.say("hello"))
    return Reply("k", "Is this yours?", "public", parent, attachments=(PNG,) * number)


@pytest.mark.parametrize("v2", [True, False])
def test_pictures_go_out_with_their_description(world, v2):
    world.server.has_v2_media = v2
    published = world.adapter().publish(_with_pictures(world, 4))
    media = world.server.statuses[published.external_id]["media_attachments"]
    assert [item["description"] for item in media] == ["a red bag"] * 4


def test_a_picture_that_takes_its_time_is_waited_for(world, monkeypatch):
    monkeypatch.setattr(mastodon_server, "MEDIA_PAUSE", 0.01)
    world.server.slow_media = 3
    published = world.adapter().publish(_with_pictures(world))
    assert len(world.server.statuses[published.external_id]["media_attachments"]) == 1
    asked = [r for r in world.server.requests if r.path == "/api/v1/media/7000"]
    assert len(asked) == 3


def test_a_picture_that_never_gets_done_ends_the_attempt(world, monkeypatch):
    monkeypatch.setattr(mastodon_server, "MEDIA_PAUSE", 0.01)
    monkeypatch.setattr(mastodon_server, "MEDIA_SECONDS", 0.05)
    world.server.slow_media = 10**6
    with pytest.raises(TransientError) as caught:
        world.adapter().publish(_with_pictures(world))
    assert (caught.value.code, caught.value.published) == ("timeout", False)
    assert world.server.accepted == []


@pytest.mark.parametrize("status", [422, 500])
def test_a_refused_picture_publishes_nothing(world, status):
    reply = _with_pictures(world)
    world.server.faults.append(Fault(status, b'{"error": "no"}', path="/api/v2/media"))
    with pytest.raises((RejectedError, TransientError)) as caught:
        world.adapter().publish(reply)
    assert caught.value.code == ("bad_picture" if status == 422 else "server_error")
    assert caught.value.published is False
    assert world.server.accepted == []


# -- Logging in ------------------------------------------------------------------------

VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=")
BACK = "https://odoo.example/social_care/connected"


def _app(world):
    fresh = {"access_token": "", "external_id": "", "handle": ""}
    keys = world.adapter(**fresh).register_app(BACK)
    assert keys.base_url == world.url
    return world.adapter(**fresh, client_id=keys.client_id, client_secret=keys.client_secret)


def test_a_login_gives_the_account_and_its_token(world):
    adapter = _app(world)
    address = adapter.authorize_url(BACK, "s t/ate", CHALLENGE.decode())
    assert "state=s+t%2Fate" in address
    (login,) = adapter.exchange(world.server.log_in(address), BACK, VERIFIER)
    assert login.tokens.access_token == TOKEN
    assert login.tokens.access_expires_at is login.tokens.login_expires_at is None
    assert login.profile.handle == "auroraair@mastodon.example"


@pytest.mark.parametrize("wrong", ["code", "verifier", "redirect", "secret"])
def test_a_login_that_is_not_ours_is_refused(world, wrong):
    adapter = _app(world)
    code = world.server.log_in(adapter.authorize_url(BACK, "s", CHALLENGE.decode()))
    if wrong == "secret":
        adapter = world.adapter(client_id=adapter.credentials.client_id, client_secret="x")
    with pytest.raises(AuthenticationError, match="login_refused"):
        adapter.exchange(
            "another" if wrong == "code" else code,
            BACK + "/x" if wrong == "redirect" else BACK,
            "another" if wrong == "verifier" else VERIFIER,
        )


def test_a_token_that_ends_calls_for_a_person(world):
    adapter = _app(world)
    token = json.dumps({"access_token": TOKEN, "expires_in": 600}).encode()
    world.server.faults.append(Fault(200, token, path="/oauth/token"))
    (login,) = adapter.exchange("code", BACK, VERIFIER)
    assert login.tokens.access_expires_at is None
    assert login.tokens.login_expires_at == NOW + timedelta(minutes=10)


def test_a_server_of_something_else_gives_no_keys(world):
    world.fail(200, b"[]")
    with pytest.raises(RejectedError, match="not_this_network"):
        world.adapter().register_app(BACK)


def test_a_changed_answer_keeps_its_pictures_and_its_language(world):
    said = world.say("my bag is lost")
    parent = next(m for m in read_all(world.adapter())[0] if m.external_id == said)
    picture = Attachment("bag.png", "image/png", b"\x89PNG")
    reply = Reply("k-1", "This one?", "public", parent, "es_ES", (picture,))
    published = world.adapter().publish(reply)
    world.adapter().edit(published.external_id, replace(reply, body="Is it this one?"))
    status = world.server.statuses[published.external_id]
    assert "Is it this one?" in status["content"]
    assert len(status["media_attachments"]) == 1
    assert status["language"] == "en"


def test_a_server_without_changes_says_so_and_nothing_counts_as_deleted(world):
    world.server.has_changes = False
    said = world.say("my bag is lost")
    parent = next(m for m in read_all(world.adapter())[0] if m.external_id == said)
    reply = Reply("k-1", "We look for it.", "public", parent)
    published = world.adapter().publish(reply)
    with pytest.raises(RejectedError, match="cannot_edit"):
        world.adapter().edit(published.external_id, reply)
    with pytest.raises(RejectedError, match="cannot_delete"):
        world.adapter().delete(published.external_id)


def test_a_private_answer_can_be_changed_too(world):
    said = world.say("my bag is lost", visibility="direct")
    parent = next(m for m in read_all(world.adapter())[0] if m.external_id == said)
    reply = Reply("k-1", "Where are you?", "direct", parent)
    published = world.adapter().publish(reply)
    world.adapter().edit(published.external_id, replace(reply, body="Where are you now?"))
    assert world.server.statuses[published.external_id]["visibility"] == "direct"
    world.adapter().delete(published.external_id)
    assert world.text_of(published.external_id) is None
