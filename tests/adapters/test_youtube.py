"""YouTube against a fake that holds every request and answer against Google's own description."""

import base64
import hashlib
import json
from datetime import datetime, timedelta

import pytest
from contract import (
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
from fakes.youtube_server import CLIENT, OWN_ID, REFRESH_TOKEN, TOKEN, YouTubeServer

from networks import (
    AuthenticationError,
    Author,
    Credentials,
    Mention,
    RateLimited,
    RejectedError,
    Reply,
    TransientError,
    Transport,
    YouTube,
)
from networks.youtube_api import until_midnight


class YouTubeWorld(ServerWorld):
    secret = TOKEN

    def __init__(self):
        super().__init__(YouTubeServer())

    def adapter(self, **changes):
        credentials = {"base_url": self.server.url, "external_id": OWN_ID, "access_token": TOKEN}
        return YouTube(
            Credentials(**{**credentials, **changes}),
            Transport(allow_loopback=True),
            lambda: self.server.now,
        )

    def say(self, text, at=NOW, **raw):
        return self.server.comment("UCana", text, at, **raw)

    def edit(self, external_id, text):
        self.server.edit(external_id, text)

    def answer(self, text, parent):
        return self.server.comment(OWN_ID, text, parent=parent)

    def refuse(self, status, reason, **where):
        error = {"error": {"code": status, "errors": [{"reason": reason}]}}
        self.server.faults.append(Fault(status, json.dumps(error).encode(), **where))

    def refuse_reading(self):
        self.server.faults.append(Fault(403, path="/commentThreads"))

    def published(self):
        posts = [self.server.comments[key] for key in self.server.accepted]
        return [
            {
                "id": p["id"],
                "parent": p["snippet"]["parentId"],
                "text": p["snippet"]["textOriginal"],
            }
            for p in posts
        ]

    def text_of(self, external_id):
        return self.server.comments.get(external_id, {}).get("snippet", {}).get("textOriginal")

    def is_hidden(self, external_id):
        return external_id in self.server.held

    def asked(self, resource):
        """The requests to a resource since the last time this was asked."""
        found = [r for r in self.server.requests if r.path.endswith(f"/{resource}")]
        self.server.requests.clear()
        return found


@pytest.fixture
def world():
    world = YouTubeWorld()
    yield world
    world.stop()


class TestYouTubeContract(Reading, Rereading, OverHttp, Changing, Gestures):
    pages = 250
    lengths = {"hello": 5, "\U0001f600": 1}

    def say_without_author(self, world, text):
        return world.server.comment("", text)

    def say_with_likes(self, world, text, likes):
        # Written by hand: Python's own encoder refuses such a number too.
        said = world.say(text, snippet={"likeCount": 123454321})
        thread = {"items": [world.server._thread(said)]}
        body = json.dumps(thread).encode().replace(b"123454321", b"9" * 5000)
        world.server.faults.append(Fault(200, body, path="/commentThreads"))
        return said


def by_id(mentions):
    return {mention.external_id: mention for mention in mentions}


# -- Reading -----------------------------------------------------------------------


def test_ledger_and_rows_are_the_same_set(world):
    for i in range(220):
        said = world.say(f"message {i}", NOW - timedelta(minutes=220 - i))
        for number in range(i % 8):
            world.server.comment("UCben", f"me too {number}", NOW, said)
    mentions, _cursor = read_all(world.adapter())
    assert set(ids(mentions)) == world.server.served == set(world.server.comments)


def test_a_comment_that_cannot_be_read_is_not_taken_for_deleted(world):
    said = world.say("kept", NOW - timedelta(hours=1))
    bare = json.dumps({"items": [{"id": said}]}).encode()
    world.server.faults += [
        Fault(200, b'{"items": []}', path="/commentThreads"),
        Fault(200, bare, path="/comments"),
    ]
    assert world.adapter().refresh([said]) == []


def test_a_comment_is_told_with_its_video_and_place(world):
    said = world.say("my bag is lost", NOW - timedelta(hours=1))
    reply = world.server.comment("UCben", "mine too", NOW, said)
    found = by_id(read_all(world.adapter())[0])
    top, below = found[said], found[reply]
    assert (top.kind, below.kind) == ("comment", "comment")
    assert (top.thread_external_id, top.parent_external_id) == (said, "")
    assert (below.thread_external_id, below.parent_external_id) == (said, said)
    assert top.url == f"https://www.youtube.com/watch?v=vid-oslo&lc={said}"
    assert (top.author.external_id, top.author.handle) == ("UCana", "UCana")
    assert top.context["root"]["text"] == "We fly to Oslo"
    assert top.context["root"]["picture"] == "https://i.example/vid-oslo.jpg"
    assert top.context["root"]["own"] is True
    assert below.context["parent"]["text"] == "my bag is lost"


def test_an_edit_is_told_by_its_second_time(world):
    said = world.say("lots")
    assert by_id(read_all(world.adapter())[0])[said].edited_at is None
    world.edit(said, "lost")
    assert by_id(read_all(world.adapter())[0])[said].edited_at == NOW + timedelta(seconds=1)


def test_a_long_thread_is_read_whole_once(world):
    said = world.say("who else?")
    replies = {world.server.comment("UCben", f"me {i}", NOW, said) for i in range(130)}
    mentions, cursor = read_all(world.adapter())
    assert set(ids(mentions)) == {said} | replies
    assert len(world.asked("comments")) == 2
    read_all(world.adapter(), cursor)
    assert world.asked("comments") == []
    new = world.server.comment("UCben", "me as well", NOW, said)
    mentions, cursor = read_all(world.adapter(), cursor)
    assert new in ids(mentions)


def test_a_long_thread_deleted_meanwhile_does_not_stop_the_page(world):
    said = world.say("who else?")
    for i in range(9):
        world.server.comment("UCben", f"me {i}", NOW, said)
    other = world.say("hello")
    world.refuse(404, "commentNotFound", path="/comments")
    assert {said, other} <= set(ids(read_all(world.adapter())[0]))


def test_a_new_reply_below_an_old_comment_is_read(world):
    old = world.say("from long ago", SINCE - timedelta(days=300))
    _mentions, cursor = read_all(world.adapter())
    new = world.server.comment("UCana", "still nothing?", NOW, old)
    mentions, _cursor = read_all(world.adapter(), cursor)
    assert ids(mentions) == [new]


def test_a_sweep_finds_replies_below_what_the_looks_do_not_reach(world):
    week_old = world.say("week old", NOW - timedelta(days=6))
    too_old = world.say("too old", NOW - timedelta(days=9))
    for i in range(250):
        world.say(f"message {i}", NOW - timedelta(minutes=250 - i))
    _mentions, cursor = read_all(world.adapter())
    new = world.server.comment("UCana", "still nothing?", NOW, week_old)
    world.server.comment("UCana", "nor here", NOW, too_old)
    world.server.now += timedelta(minutes=170)
    mentions, cursor = read_all(world.adapter(), cursor)
    assert new not in ids(mentions)
    world.server.now += timedelta(minutes=10)
    mentions, cursor = read_all(world.adapter(), cursor)
    assert new in ids(mentions)
    assert cursor["swept"] == world.server.now.isoformat()
    world.asked("commentThreads")
    read_all(world.adapter(), cursor)
    assert len(world.asked("commentThreads")) == 1


def test_refreshing_brings_the_later_replies_of_old_threads(world):
    old = world.say("from long ago", NOW - timedelta(days=60))
    before = world.server.comment("UCben", "not ours", NOW - timedelta(days=59), old)
    asked = world.server.comment("UCana", "where is it?", NOW - timedelta(days=58), old)
    later = world.server.comment("UCana", "hello?", NOW, old)
    found = ids(world.adapter().refresh([asked]))
    assert set(found) == {asked, later}
    assert before not in found


def test_a_deleted_thread_takes_its_replies(world):
    said = world.say("my bag is lost")
    reply = world.server.comment("UCben", "mine too", NOW, said)
    world.delete(said)
    found = world.adapter().refresh([said, reply])
    assert [mention.deleted_at for mention in found] == [NOW, NOW]


def test_more_than_fifty_are_asked_for_in_parts(world):
    said = [world.say(f"message {i}") for i in range(120)]
    found = world.adapter().refresh(said)
    assert {m.external_id for m in found if not m.deleted_at} == set(said)


def test_context_is_the_video_the_top_comment_and_the_others(world):
    said = world.say("who else?", NOW - timedelta(hours=1))
    for i in range(7):
        world.server.comment("UCben", f"me {i}", NOW - timedelta(minutes=9 - i), said)
    reply = world.server.comment("UCana", "and now?", NOW, said)
    mention = by_id(read_all(world.adapter())[0])[reply]
    context = world.adapter().fetch_context(mention)
    assert context["root"]["text"] == "We fly to Oslo"
    assert (context["parent"]["text"], context["parent"]["handle"]) == ("who else?", "UCana")
    assert {post["text"] for post in context["others"]} == {f"me {i}" for i in range(7)}
    world.delete(said)
    assert world.adapter().fetch_context(mention) == {}


def test_a_comment_on_the_channel_itself_leads_there(world):
    said = world.server.comment("UCana", "hello", video="")
    mention = by_id(read_all(world.adapter())[0])[said]
    assert mention.url == f"https://www.youtube.com/channel/{OWN_ID}?lc={said}"
    assert mention.context == {}


def test_a_picture_is_shown_by_the_comments_own_address(world):
    said = world.say("look", snippet={"imageUrl": "https://yt3.example/signed?expires=6h"})
    mention = by_id(read_all(world.adapter())[0])[said]
    assert [(item.url, item.kind) for item in mention.media] == [(mention.url, "other")]


def test_what_is_no_comment_is_kept_beside_the_others(world):
    thread = {"items": [{"id": "Ug1", "snippet": {"topLevelComment": {"id": ["odd"]}}}]}
    world.server.faults.append(Fault(200, json.dumps(thread).encode(), path="/commentThreads"))
    page = world.adapter().fetch({}, SINCE)
    assert [problem.code for problem in page.problems] == ["bad_item"]


def test_a_day_at_rest_takes_a_tenth_of_the_quota(world):
    for i in range(150):
        world.say(f"message {i}", NOW - timedelta(hours=i))
    cursor = read_all(world.adapter())[1]
    world.server.units = 0
    for _look in range(3 * 60 // YouTube.poll_minutes):  # an eighth of a day, with its sweep
        world.server.now += timedelta(minutes=YouTube.poll_minutes)
        cursor = read_all(world.adapter(), cursor)[1]
    assert cursor["swept"] == world.server.now.isoformat()
    assert 8 * world.server.units < 1_000


# -- Errors ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        (datetime(2026, 11, 22, 12), 20),
        (datetime(2026, 7, 1, 6, 30), 0.5),
        (datetime(2026, 11, 22, 8), 24),
        (datetime(2026, 11, 1, 7), 25),  # the night on which summer time ends there
    ],
)
def test_the_quota_begins_anew_at_midnight_in_california(now, hours):
    assert until_midnight(now) == hours * 3600


def test_a_used_up_quota_waits_until_then(world):
    world.server.quota = 0
    with pytest.raises(RateLimited) as caught:
        world.adapter().fetch({}, SINCE)
    assert (caught.value.code, caught.value.retry_after) == ("quota_exceeded", 20 * 3600)
    assert caught.value.published is False


@pytest.mark.parametrize(
    ("status", "reason", "kind", "code"),
    [
        (403, "rateLimitExceeded", RateLimited, "rate_limited"),
        (403, "commentsDisabled", RejectedError, "comments_disabled"),
        (403, "insufficientPermissions", AuthenticationError, "missing_permission"),
        (403, "forbidden", AuthenticationError, "missing_permission"),
        (400, "processingFailure", RejectedError, "rejected"),
    ],
)
def test_a_refusal_to_read(world, status, reason, kind, code):
    world.refuse(status, reason)
    with pytest.raises(kind) as caught:
        world.adapter().fetch({}, SINCE)
    assert (caught.value.code, caught.value.status) == (code, status)


@pytest.mark.parametrize(
    ("status", "reason", "code"),
    [
        (400, "commentTextTooLong", "too_long"),
        (400, "operationNotSupported", "not_allowed"),
        (400, "parentCommentIsPrivate", "not_allowed"),
        (400, "processingFailure", "rejected"),
        (403, "forbidden", "not_allowed"),
        (403, "ineligibleAccount", "not_allowed"),
        (403, "commentsDisabled", "comments_disabled"),
        (404, "parentCommentNotFound", "parent_gone"),
    ],
)
def test_a_refused_answer_concerns_this_answer_only(world, status, reason, code):
    reply = Reply("k", "yes", "public", Mention(external_id=world.say("hello")))
    world.refuse(status, reason, method="POST")
    with pytest.raises(RejectedError) as caught:
        world.adapter().publish(reply)
    assert (caught.value.code, caught.value.published) == (code, False)


def test_hiding_what_is_gone_says_so(world):
    with pytest.raises(RejectedError, match="hide_refused"):
        world.adapter().hide(Mention(external_id="Ug404"), True)


def test_an_account_without_a_channel_is_told(world):
    world.server.channels = []
    with pytest.raises(RejectedError, match="no_channel"):
        world.adapter().verify()


# -- Answering -----------------------------------------------------------------------


def test_an_answer_to_a_reply_hangs_on_the_top_comment_and_names_whom(world):
    said = world.say("who else?")
    reply_id = world.server.comment("UCben", "me", NOW, said)
    parent = by_id(read_all(world.adapter())[0])[reply_id]
    reply = Reply("k", "We look for it.", "public", parent)
    published = world.adapter().publish(reply)
    (post,) = world.published()
    assert (post["parent"], post["text"]) == (said, "@UCben We look for it.")
    assert published.url.endswith(f"watch?v=vid-oslo&lc={published.external_id}")
    (found,) = world.adapter().find_published(reply, NOW - timedelta(minutes=2))
    assert found.external_id == published.external_id


def test_an_answer_that_comes_back_without_an_id_may_be_out(world):
    said = world.say("hello")
    world.fail(200, b"{}", after=True, publishing=True)
    with pytest.raises(TransientError) as caught:
        world.adapter().publish(Reply("k", "yes", "public", Mention(external_id=said)))
    assert (caught.value.code, caught.value.published) == ("no_id", None)


def test_a_reply_that_is_gone_cannot_be_answered_though_its_thread_stands(world):
    said = world.say("who else?")
    reply_id = world.server.comment("UCben", "me", NOW, said)
    parent = by_id(read_all(world.adapter())[0])[reply_id]
    world.delete(reply_id)
    with pytest.raises(RejectedError, match="parent_gone"):
        world.adapter().publish(Reply("k", "yes", "public", parent))
    assert world.published() == []


@pytest.mark.parametrize(
    ("handle", "parent", "body", "text"),
    [
        ("ana", "", "Hello", "Hello"),
        ("ana", "Ug1", "Hello", "@ana Hello"),
        ("ana", "Ug1", "Hello @ANA!", "Hello @ANA!"),
        ("ana", "Ug1", "Hello @ana.b", "@ana Hello @ana.b"),
        ("", "Ug1", "Hello", "Hello"),
    ],
)
def test_whom_an_answer_names(world, handle, parent, body, text):
    author = Author(external_id="UCana", handle=handle)
    mention = Mention(external_id="Ug1.2", author=author, parent_external_id=parent)
    assert world.adapter().prepare_text(body, mention) == text


def test_a_thread_too_long_to_read_back_is_for_people(world, monkeypatch):
    monkeypatch.setattr("networks.youtube.MAX_REPLIES", 100)
    said = world.say("who else?")
    for i in range(120):
        world.server.comment("UCben", f"me {i}", NOW, said)
    reply = Reply("k", "yes", "public", Mention(external_id=said))
    with pytest.raises(RejectedError, match="cannot_read_back"):
        world.adapter().find_published(reply, NOW - timedelta(minutes=2))


# -- Logging in ------------------------------------------------------------------------

VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=")
BACK = "https://odoo.example/social_care/connected"


def test_a_login_gives_the_channel_and_tokens_that_can_be_renewed(world):
    adapter = world.adapter(**CLIENT, external_id="", access_token="")
    code = world.server.log_in(adapter.authorize_url(BACK, "state", CHALLENGE.decode()))
    (login,) = adapter.exchange(code, BACK, VERIFIER)
    assert (login.profile.external_id, login.profile.handle) == (OWN_ID, "auroraair")
    assert login.profile.avatar_url == "https://yt3.example/aurora.jpg"
    assert (login.tokens.access_token, login.tokens.refresh_token) == (TOKEN, REFRESH_TOKEN)
    assert login.tokens.access_expires_at == NOW + timedelta(seconds=3599)
    assert login.tokens.login_expires_at is None


@pytest.mark.parametrize("wrong", ["code", "verifier", "redirect", "secret"])
def test_a_login_that_is_not_ours_is_refused(world, wrong):
    adapter = world.adapter(**CLIENT)
    code = world.server.log_in(adapter.authorize_url(BACK, "state", CHALLENGE.decode()))
    if wrong == "secret":
        adapter = world.adapter(**{**CLIENT, "client_secret": "another"})
    with pytest.raises(AuthenticationError, match="login_refused"):
        adapter.exchange(
            "another" if wrong == "code" else code,
            BACK + "/x" if wrong == "redirect" else BACK,
            "another" if wrong == "verifier" else VERIFIER,
        )


def test_renewing_keeps_the_refresh_token(world):
    tokens = world.adapter(**CLIENT, refresh_token=REFRESH_TOKEN).renew()
    assert (tokens.access_token, tokens.refresh_token) == (TOKEN, REFRESH_TOKEN)
    assert tokens.access_expires_at == NOW + timedelta(seconds=3599)


@pytest.mark.parametrize("token", ["", REFRESH_TOKEN])
def test_access_that_was_withdrawn_needs_a_person(world, token):
    world.server.revoked = True
    with pytest.raises(AuthenticationError):
        world.adapter(**CLIENT, refresh_token=token).renew()


def test_without_an_address_of_its_own_google_is_asked():
    adapter = YouTube(Credentials(**CLIENT), Transport())
    address = adapter.authorize_url(BACK, "state", "challenge")
    assert address.startswith("https://accounts.google.com/o/oauth2/v2/auth?response_type=code&")
