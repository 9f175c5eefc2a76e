"""X against a fake that holds every request and answer against the vendor's published description."""

import base64
import hashlib
import hmac
import json
import re
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from contract import (
    FAMILY,
    NOW,
    SINCE,
    Changing,
    Gestures,
    OverHttp,
    Pushing,
    Reading,
    Rereading,
    ServerWorld,
    ids,
    read_all,
)
from fakes.x_server import (
    API_SECRET,
    APP_TOKEN,
    CLIENT_ID,
    CLIENT_SECRET,
    OWN_ID,
    TOKEN,
    Fault,
    XServer,
)

from networks import (
    AppKeys,
    Attachment,
    AuthenticationError,
    Author,
    Credentials,
    Mention,
    NetworkError,
    RateLimited,
    RejectedError,
    Reply,
    Situation,
    TransientError,
    Transport,
    X,
)
from networks.x_posts import count_weighted, id_at, moment_of_id

ADDRESS = "https://odoo.example/social_care/webhook/abc"


class XWorld(ServerWorld):
    secret = TOKEN
    owner = OWN_ID
    private_id = "dm:1861000000000000000"
    keys = AppKeys(client_id=CLIENT_ID, client_secret=CLIENT_SECRET, signing_secret=API_SECRET)

    def __init__(self):
        super().__init__(XServer())

    def adapter(self, **changes):
        credentials = {
            "base_url": self.url,
            "external_id": OWN_ID,
            "handle": "auroraair",
            "access_token": TOKEN,
            "app_token": APP_TOKEN,
            "refresh_token": "refresh-of-aurora-1",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
        }
        transport = Transport(allow_loopback=True)
        return X(Credentials(**{**credentials, **changes}), transport, lambda: self.server.now)

    def say(self, text, at=NOW, **raw):
        return self.server.mention("1001", text, at, **raw)

    def edit(self, external_id, text):
        self.server.edit(external_id, text)

    def answer(self, text, parent):
        return self.server.add(OWN_ID, text, parent=parent)

    def refuse_reading(self):
        self.server.faults.append(Fault(403, path="/mentions"))

    def published(self):
        return self.server.accepted

    def push(self, external_id):
        post = self.server.posts[external_id]
        users = [self.server.users[key] for key in {post["author_id"], OWN_ID}]
        kind = "post.create" if post["author_id"] == OWN_ID else "post.mention.create"
        return self.server.event(kind, post, includes={"users": users})

    def push_unknown(self):
        return self.server.event("post.sung.create", {"id": "1"})

    def sign(self, body, secret=API_SECRET):
        return {"x-twitter-webhooks-signature": signature(body, secret)}

    def challenge(self):
        token = "MTIzNDU2-abc_DEF"
        answer = json.dumps({"response_token": signature(token.encode(), API_SECRET)})
        return {"crc_token": token, "nonce": "1"}, answer

    def text_of(self, external_id):
        return self.server.posts.get(external_id, {}).get("text")

    def is_liked(self, external_id):
        return external_id in self.server.liked

    def is_hidden(self, external_id):
        return external_id in self.server.hidden


def signature(content, secret):
    digest = hmac.new(secret.encode(), content, hashlib.sha256).digest()
    return "sha256=" + base64.b64encode(digest).decode()


@pytest.fixture
def world():
    world = XWorld()
    yield world
    world.stop()
    assert world.server.refused == []
    assert world.server.violations == []


class TestXContract(Reading, Rereading, OverHttp, Changing, Pushing, Gestures):
    pages = 230
    lengths = {
        "hello": 5,
        FAMILY: 2,
        "1\ufe0f\u20e3 \U0001f1ea\U0001f1f8 ©": 7,
        "see https://example.com/" + "a" * 200: 27,
        "(example.com), ana@example.com": 42,
        "n\u0303": 1,
        "日本語": 6,
        "“quoted”\u2026": 10,
    }

    def say_without_author(self, world, text):
        said = world.say(text)
        del world.server.posts[said]["author_id"]
        return said

    def say_with_likes(self, world, text, likes):
        # Written by hand: Python's own encoder refuses such a number too.
        said = world.say(text)
        world.server.posts[said]["public_metrics"]["like_count"] = 123454321
        page = {"data": [world.server.posts[said]], "meta": {"result_count": 1}}
        original = json.dumps(page).encode().replace(b"123454321", b"9" * 5000)
        world.server.faults.append(Fault(200, original, path="/mentions"))
        return said

    def test_both_of_two_candidates_are_found(self, world):
        world.server.refuses_duplicates = False  # X does not take the same text twice
        super().test_both_of_two_candidates_are_found(world)

    def mention(self, world):
        ours = world.server.add(OWN_ID, "We fly to Oslo now.", NOW - timedelta(hours=1))
        said = world.say("what a flight", parent=ours)
        return next(m for m in read_all(world.adapter())[0] if m.external_id == said)


def read_one(world, external_id, **changes):
    mentions, _cursor = read_all(world.adapter(**changes))
    return next(mention for mention in mentions if mention.external_id == external_id)


# -- What is read -------------------------------------------------------------------


def test_a_polled_account_pays_for_what_is_new_only(world):
    for i in range(30):
        world.say(f"message {i}", NOW - timedelta(minutes=200 - i))
    first = world.adapter()
    _mentions, cursor = read_all(first)
    assert first.reads == world.server.billed == 30
    second = world.adapter()
    new = world.say("one more", NOW)
    mentions, cursor = read_all(second, cursor)
    assert ids(mentions)[0] == new
    assert second.reads == 1
    assert world.server.billed == 33  # it, and the two of the last known minute
    asked = [r for r in world.server.requests if r.path.endswith("/mentions")]
    assert asked[-1].query["since_id"] == [id_at(NOW - timedelta(minutes=171 + 1))]


def test_a_quiet_account_costs_nothing(world):
    world.say("hello", NOW - timedelta(hours=2))
    world.server.write("1001", "hello", NOW - timedelta(hours=2))
    _mentions, cursor = read_all(world.adapter())
    adapter = world.adapter()
    read_all(adapter, cursor)
    assert adapter.reads == 0


def test_a_deleted_or_edited_post_leaves_no_gap(world):
    said = [world.say(f"message {i}", NOW - timedelta(minutes=9 - i)) for i in range(5)]
    _mentions, cursor = read_all(world.adapter())
    world.edit(said[3], "message 3, corrected")
    world.delete(said[4])
    new = world.say("after both", NOW + timedelta(seconds=5))
    mentions, _cursor = read_all(world.adapter(), cursor)
    assert {said[3], new} <= set(ids(mentions))
    assert next(m.body for m in mentions if m.external_id == said[3]) == "message 3, corrected"


def test_the_walk_says_what_x_does_not_show_any_more(world):
    _mentions, cursor = read_all(world.adapter(), since=NOW - timedelta(days=9))
    for i in range(830):
        world.say(f"message {i}", NOW - timedelta(seconds=830 - i))
    adapter, gap, read, more = world.adapter(), "", [], True
    while more:
        page = adapter.fetch(json.loads(json.dumps(cursor)), NOW - timedelta(days=9))
        read += page.mentions
        gap, cursor, more = page.cursor.get("gap") or gap, page.cursor, page.more
    assert len(read) == 800
    assert gap == (NOW - timedelta(seconds=800)).isoformat()


def test_799_mentions_are_no_gap(world):
    for i in range(799):
        world.say(f"message {i}", NOW - timedelta(seconds=830 - i))
    adapter, cursor, more = world.adapter(), {}, True
    while more:
        page = adapter.fetch(cursor, SINCE)
        cursor, more = page.cursor, page.more
        assert "gap" not in cursor


def test_an_expired_page_token_starts_the_walk_again(world):
    said = {world.say(f"message {i}", NOW - timedelta(minutes=200 - i)) for i in range(150)}
    page = world.adapter().fetch({}, SINCE)
    world.server.expired = True
    again = world.adapter().fetch(page.cursor, SINCE)
    world.server.expired = False
    mentions, _cursor = read_all(world.adapter(), again.cursor)
    assert set(ids([*page.mentions, *again.mentions, *mentions])) == said


def test_ledger_and_rows_are_the_same_set(world):
    for i in range(230):
        world.say(f"message {i}", NOW - timedelta(minutes=230 - i))
    mentions, _cursor = read_all(world.adapter())
    assert {mention.external_id for mention in mentions} == world.server.served


def test_errors_beside_the_data_cost_nothing(world):
    world.server.errors_beside = True
    said = world.say("hello")
    assert read_one(world, said).body == "hello"


def test_errors_alone_in_the_middle_of_a_walk_are_not_its_end(world):
    for i in range(150):
        world.say(f"message {i}", NOW - timedelta(minutes=200 - i))
    page = world.adapter().fetch({}, SINCE)
    world.fail(200, b'{"errors": [{"title": "Service Unavailable"}]}')
    with pytest.raises(TransientError):
        world.adapter().fetch(page.cursor, SINCE)


@pytest.mark.parametrize("switch", ["renamed", "wrapped"])
def test_both_spellings_and_both_forms_are_read(world, switch):
    setattr(world.server, switch, True)
    ours = world.server.add(OWN_ID, "We fly to Oslo now.", NOW - timedelta(hours=1))
    said = world.say("when?", parent=ours)
    world.server.now = NOW + timedelta(minutes=5)
    world.edit(said, "when exactly?")
    mention = read_one(world, said)
    assert (mention.kind, mention.parent_external_id) == ("reply", ours)
    assert (mention.body, mention.author.handle) == ("when exactly?", "ana")


def test_an_edit_keeps_id_and_time_of_the_first_version(world):
    said = world.say("my bag is lots", NOW - timedelta(minutes=5))
    before = read_one(world, said)
    newer = world.server.edit(said, "my bag is lost")
    polled = read_one(world, said)
    (reread,) = world.adapter().refresh([said])
    (entry,) = X.read_delivery(world.push(newer))
    (pushed,) = world.adapter().read_entry(entry).mentions
    for mention in (polled, reread, pushed):
        assert mention.external_id == said
        assert (mention.posted_at, mention.edited_at) == (before.posted_at, NOW)
        assert mention.body == "my bag is lost"
        assert mention.url.endswith(newer)


def test_who_said_it(world):
    author = read_one(world, world.server.mention("1002", "hello")).author
    assert (author.external_id, author.handle, author.name) == ("1002", "ben", "Ben")
    assert (author.followers_count, author.verified) == (7, True)
    assert (author.url, author.location) == ("https://x.com/ben", "Madrid, España")


def test_kinds_threads_and_parents(world):
    ours = world.server.add(OWN_ID, "We fly to Oslo now.", NOW - timedelta(hours=3))
    strange = world.server.add("1002", "Who flies to Oslo?", NOW - timedelta(hours=2))
    reply = world.say("when?", NOW - timedelta(minutes=4), parent=ours)
    named = world.say("you do", NOW - timedelta(minutes=3), parent=strange)
    quote = world.say("look", NOW - timedelta(minutes=2), quoted=ours)
    alone = world.say("hello", NOW - timedelta(minutes=1))
    found = {mention.external_id: mention for mention in read_all(world.adapter())[0]}
    told = {
        key: (found[key].kind, found[key].thread_external_id, found[key].parent_external_id)
        for key in (reply, named, quote, alone)
    }
    assert told == {
        reply: ("reply", ours, ours),
        named: ("mention", strange, strange),
        quote: ("mention", quote, ours),
        alone: ("mention", alone, ""),
    }
    assert ours not in found  # our own words to nobody in particular are no message


def test_a_text_is_whole_and_plain(world):
    urls = [
        {
            "url": "https://t.co/a",
            "expanded_url": "https://aurora.example/?a=1&b=2",
            "start": 0,
            "end": 9,
        },
        {
            "url": "https://t.co/b",
            "expanded_url": "https://x.com/p",
            "media_key": "3_7",
            "start": 0,
            "end": 9,
        },
    ]
    long = "My bag &amp; I &lt;3 https://t.co/a " + "very " * 80 + "lost https://t.co/b"
    note = {"text": long, "entities": {"urls": urls}}
    world.server.pictures["3_7"] = {
        "media_key": "3_7",
        "type": "photo",
        "alt_text": "a bag",
        "url": "https://pbs.twimg.com/media/bag.jpg",
    }
    said = world.say(
        "My bag & I…", note_tweet=note, attachments={"media_keys": ["3_7"]}, lang="qme"
    )
    mention = read_one(world, said)
    assert mention.body.startswith("My bag & I <3 https://aurora.example/?a=1&b=2 very")
    assert mention.body.endswith("lost")
    assert mention.lang == ""
    (picture,) = mention.media
    assert (picture.url, picture.kind) == ("https://pbs.twimg.com/media/bag.jpg", "image")
    assert picture.description == "a bag"


def test_reposts_and_own_posts_to_nobody_are_left_out(world):
    world.server.add(OWN_ID, "Good morning.")
    other = world.server.add("1002", "Aurora is great")
    retweeted = [{"type": "retweeted", "id": other}]
    world.server.add(OWN_ID, "RT @ben: Aurora is great", referenced_tweets=retweeted)
    world.say("RT @auroraair: Good morning.", referenced_tweets=retweeted)
    assert read_all(world.adapter())[0] == []
    assert world.server.billed == 2  # our own repost was not even asked for


def test_private_messages_are_read_and_pushed_as_one(world):
    message = world.server.write("1001", "my code is 1 &amp; 2", NOW - timedelta(minutes=2))
    ours = world.server.write(OWN_ID, "thank you", NOW - timedelta(minutes=1), recipient="1001")
    left = world.server.write("1001", "", NOW, event_type="ParticipantsLeave")
    found = {mention.external_id: mention for mention in read_all(world.adapter())[0]}
    assert f"dm:{left}" not in found
    for key, own in ((message, False), (ours, True)):
        (entry,) = X.read_delivery(world.server.message_event(key))
        (pushed,) = world.adapter().read_entry(entry).mentions
        polled = found[f"dm:{key}"]
        assert pushed.digest() == polled.digest()
        assert (polled.own, polled.kind, polled.visibility) == (own, "direct", "direct")
        for name in ("external_id", "thread_external_id", "posted_at", "own", "author"):
            assert getattr(pushed, name) == getattr(polled, name), name
    assert found[f"dm:{message}"].thread_external_id == f"1001-{OWN_ID}"
    assert found[f"dm:{message}"].author.handle == "ana"


def test_messages_on_several_pages_are_all_read(world):
    said = {
        "dm:" + world.server.write("1001", f"message {i}", NOW - timedelta(minutes=70 - i))
        for i in range(65)
    }
    assert set(ids(read_all(world.adapter())[0])) == said


def test_messages_are_never_taken_for_deleted_posts(world):
    message = world.server.write("1001", "hello")
    assert world.adapter().refresh([f"dm:{message}"]) == []
    assert [r for r in world.server.requests if r.path == "/2/tweets"] == []


def test_150_posts_are_read_again_in_two_requests(world):
    said = [world.say(f"message {i}", NOW - timedelta(minutes=200 - i)) for i in range(150)]
    world.delete(said[120])
    found = {mention.external_id: mention for mention in world.adapter().refresh(said)}
    assert found.keys() == set(said)
    assert [key for key in said if found[key].deleted_at] == [said[120]]
    assert len(world.server.requests) == 2


def test_the_context_is_the_post_answered_and_the_first_of_the_thread(world):
    ours = world.server.add(OWN_ID, "We fly to Oslo now.", NOW - timedelta(hours=3))
    middle = world.server.add("1002", "When?", NOW - timedelta(hours=2), parent=ours)
    said = world.say("at last", parent=middle)
    mention = read_one(world, said)
    adapter = world.adapter()
    context = adapter.fetch_context(mention)
    assert (context["root"]["text"], context["root"]["own"]) == ("We fly to Oslo now.", True)
    assert (context["parent"]["text"], context["parent"]["handle"]) == ("When?", "ben")
    assert adapter.reads == 2


def test_what_stands_alone_has_no_context_and_costs_none(world):
    message = f"dm:{world.server.write('1001', 'hello')}"
    for key in (world.say("hello"), message):
        mention, asked = read_one(world, key), len(world.server.requests)
        assert world.adapter().fetch_context(mention) == {}
        assert len(world.server.requests) == asked


def test_a_deleted_parent_leaves_the_rest_of_the_context(world):
    ours = world.server.add(OWN_ID, "We fly to Oslo now.", NOW - timedelta(hours=3))
    middle = world.server.add("1002", "When?", NOW - timedelta(hours=2), parent=ours)
    mention = read_one(world, world.say("at last", parent=middle))
    world.delete(middle)
    assert world.adapter().fetch_context(mention).keys() == {"root"}


# -- What is said ---------------------------------------------------------------------


def reply_to(mention, body="We look for it.", **more):
    more = {"visibility": "direct" if mention.kind == "direct" else "public", **more}
    return Reply(idempotency_key="k-1", body=body, parent=mention, **more)


def test_the_handle_is_not_written_twice(world):
    mention = read_one(world, world.say("my bag is lost"))
    assert world.adapter().prepare_text("We look for it.", mention) == "We look for it."
    world.adapter().publish(reply_to(mention))
    assert world.published()[0]["text"] == "@ana We look for it."


def test_an_answer_with_an_address_is_found_although_x_rewrites_it(world):
    reply = reply_to(
        read_one(world, world.say("where?")), "Look at  https://aurora.example/bags?a=1"
    )
    published = world.adapter().publish(reply)
    assert "t.co" in world.published()[0]["text"]
    (found,) = world.adapter().find_published(reply, NOW - timedelta(minutes=2))
    assert found.external_id == published.external_id
    assert world.adapter().is_same_text("See aurora.example", "@ana See http://aurora.example")
    assert not world.adapter().is_same_text("See aurora.example", "@ana See aurora.test")


def test_a_message_is_answered_in_its_conversation_and_found_again(world):
    message = world.server.write("1001", "my code is 12", NOW - timedelta(minutes=5))
    mention = read_one(world, f"dm:{message}")
    reply = reply_to(mention, "Thank you.")
    assert world.adapter().find_published(reply, NOW - timedelta(minutes=2)) == []
    published = world.adapter().publish(reply)
    assert [item["id"] for item in world.published()] == [published.external_id]
    (found,) = world.adapter().find_published(reply, NOW - timedelta(minutes=2))
    assert (
        found.external_id == published.external_id == read_one(world, found.external_id).external_id
    )
    assert world.adapter().find_published(reply_to(mention, "Other"), NOW) == []


def test_a_public_post_can_be_answered_in_private(world):
    mention = read_one(world, world.say("my bag is lost"))
    assert X.ways(mention, Situation(NOW)) == {"public": "", "direct": ""}
    world.adapter().publish(reply_to(mention, visibility="direct"))
    assert world.published()[0]["parent"] == "1001"


def test_whoever_has_no_id_cannot_be_written_to(world):
    mention = Mention("1", author=Author("unknown:1"))
    with pytest.raises(RejectedError, match="no_direct"):
        world.adapter().publish(reply_to(mention, visibility="direct"))


def test_x_lets_us_answer_only_who_named_us(world):
    stranger = world.server.add("1002", "Oslo is nice")
    mention = Mention(stranger, author=Author("1002"))
    with pytest.raises(RejectedError) as caught:
        world.adapter().publish(reply_to(mention))
    assert (caught.value.code, caught.value.published) == ("not_allowed", False)


def test_the_same_text_twice_is_a_duplicate(world):
    mention = read_one(world, world.say("my bag is lost"))
    world.adapter().publish(reply_to(mention))
    with pytest.raises(RejectedError, match="duplicate"):
        world.adapter().publish(reply_to(mention))


REFUSED = {
    "too long": (403, "", "Your Tweet text is too long.", RejectedError, "too_long"),
    "gone": (
        403,
        "",
        "reply to a Tweet that is deleted or not visible to you",
        RejectedError,
        "parent_gone",
    ),
    "writing": (
        403,
        "",
        "You are not permitted to perform this action.",
        RejectedError,
        "not_allowed",
    ),
    "app": (403, "client-forbidden", "not enrolled", AuthenticationError, "missing_permission"),
    "credit": (402, "credits", "does not have any credits", RateLimited, "credit_used_up"),
    "month": (429, "usage-capped", "Usage cap exceeded: Monthly", RateLimited, "reads_used_up"),
    "fast": (429, "", "Too Many Requests", RateLimited, "rate_limited"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_has_its_reason(world, name):
    status, kind, detail, error, code = REFUSED[name]
    mention = read_one(world, world.say("my bag is lost"))
    body = {"type": f"https://api.x.com/2/problems/{kind}", "title": "No", "detail": detail}
    headers = {"x-rate-limit-reset": "1795349100", "Date": "Sun, 22 Nov 2026 12:00:00 GMT"}
    world.fail(status, json.dumps(body).encode(), headers, publishing=True)
    with pytest.raises(NetworkError) as caught:
        world.adapter().publish(reply_to(mention))
    assert (type(caught.value), caught.value.code) == (error, code)
    assert caught.value.published is False
    if name == "fast":
        assert caught.value.retry_after == 300


def test_the_monthly_cap_is_told_while_reading_too(world):
    world.fail(
        429, b'{"type": "https://api.twitter.com/2/problems/usage-capped", "period": "Monthly"}'
    )
    with pytest.raises(RateLimited) as caught:
        world.adapter().fetch({}, SINCE)
    assert (caught.value.code, caught.value.retry_after) == ("reads_used_up", 21_600)


def test_calls_left_are_those_that_x_tells(world):
    adapter = world.adapter()
    world.fail(200, b'{"meta": {"result_count": 0}}', {"x-rate-limit-remaining": "174"})
    adapter.fetch({}, SINCE)
    assert adapter.calls_left() == 174


PICTURE = Attachment("bag.png", "image/png", b"\x89PNG", "A red bag")


def test_pictures_go_with_an_answer(world):
    mention = read_one(world, world.say("which bag?"))
    world.adapter().publish(reply_to(mention, attachments=(PICTURE,) * 4))
    (post,) = world.published()
    assert len(post["media"]) == 4
    told = world.server.uploaded[post["media"][0]]
    assert told == {"category": "tweet_image", "alt": "A red bag"}


def test_a_message_takes_one_picture(world):
    mention = read_one(world, f"dm:{world.server.write('1001', 'which bag?')}")
    world.adapter().publish(reply_to(mention, attachments=(PICTURE,)))
    (message,) = world.published()
    assert world.server.uploaded[message["media"][0]]["category"] == "dm_image"
    with pytest.raises(RejectedError, match="one_picture"):
        world.adapter().publish(reply_to(mention, attachments=(PICTURE, PICTURE)))


@pytest.mark.parametrize(("status", "code"), [(400, "bad_picture"), (500, "server_error")])
def test_a_picture_that_x_does_not_take_publishes_nothing(world, status, code):
    mention = read_one(world, world.say("which bag?"))
    world.server.faults.append(Fault(status, path="/2/media/upload"))
    with pytest.raises(NetworkError, match=code) as caught:
        world.adapter().publish(reply_to(mention, attachments=(PICTURE,)))
    assert caught.value.published is False
    assert world.published() == []


def test_only_answers_below_our_own_posts_can_be_hidden(world):
    with pytest.raises(RejectedError, match="not_ours_to_hide"):
        world.adapter().hide(read_one(world, world.say("what a flight")), True)
    message = read_one(world, f"dm:{world.server.write('1001', 'hello')}")
    with pytest.raises(RejectedError, match="cannot_hide"):
        world.adapter().hide(message, True)
    with pytest.raises(RejectedError, match="cannot_like"):
        world.adapter().like(message, True)


# -- How long a text is ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("a" * 280, 280),
        ("é" * 280, 280),  # Latin
        ("\u10ff" * 3, 3),
        ("\u1100" * 3, 6),
        ("\u2010\u201f\u2032\u2037\u200d", 5),
        ("\u200e\u2020\u2031\u2038", 8),
        ("👍🏽", 2),
        ("🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f", 2),
        ("👍👍", 4),
        ("©\ufe0f", 2),
        ("https://t.co", 23),
        ("http://a.example/ü?b=c#d.", 24),  # the full stop is not part of it
        ("https://日本.jp/x", 23),
        ("two https://a.example https://b.example", 51),
        ("www.aurora.co", 23),
        ("end.Of sentence", 15),
        ("@aurora.com", 11),
    ],
)
def test_weights(text, length):
    assert count_weighted(text) == length


def test_a_private_message_may_be_long():
    assert X.measure("日" * 300, "direct") == (300, 10_000)
    assert X.measure("日" * 300, "public") == (600, 280)


def test_ids_hold_their_time():
    moment = datetime(2026, 11, 22, 12, 0, 0)
    assert moment_of_id(id_at(moment)) == moment
    assert id_at(datetime(1999, 1, 1)) == "1"
    assert moment_of_id("not one") is None


# -- Being called ------------------------------------------------------------------


def test_a_challenge_cannot_be_played_back_as_a_call(world):
    _kind, text = X.answer_challenge({"crc_token": "abcdef"}, world.keys)
    told = {"x-twitter-webhooks-signature": json.loads(text)["response_token"]}
    assert not X.is_signed(b"abcdef", told, world.keys)


def test_a_challenge_is_answered_with_the_api_secret_or_else_the_clients(world):
    keys = AppKeys(client_secret="only this")
    kind, text = X.answer_challenge({"crc_token": "abc"}, keys)
    assert kind == "application/json"
    assert json.loads(text) == {"response_token": signature(b"abc", "only this")}
    body = world.push(world.say("hello"))
    assert X.is_signed(body, world.sign(body, CLIENT_SECRET), world.keys)
    assert X.answer_challenge({"crc_token": "a" * 129}, world.keys) is None


def test_own_answers_come_by_call_and_other_own_posts_do_not(world):
    said = world.say("my bag is lost")
    answer = world.answer("we look for it", said)
    (entry,) = X.read_delivery(world.push(answer))
    (mention,) = world.adapter().read_entry(entry).mentions
    assert (mention.own, mention.parent_external_id) == (True, said)
    (entry,) = X.read_delivery(world.push(world.server.add(OWN_ID, "Good morning.")))
    page = world.adapter().read_entry(entry)
    assert (page.mentions, page.problems) == ((), ())


def test_a_quote_comes_by_call_also_where_nobody_is_told_of(world):
    ours = world.server.add(OWN_ID, "We fly to Oslo now.")
    quote = world.server.add("1002", "Great", quoted=ours)
    body = world.server.event("post.quote.create", world.server.posts[quote], includes={})
    (entry,) = X.read_delivery(body)
    (mention,) = world.adapter().read_entry(entry).mentions
    assert (mention.kind, mention.parent_external_id) == ("mention", ours)
    assert mention.author.external_id == "1002"


def test_our_own_deletion_is_told(world):
    (entry,) = X.read_delivery(world.server.event("post.delete", {"id": "77", "author_id": OWN_ID}))
    (mention,) = world.adapter().read_entry(entry).mentions
    assert (mention.external_id, mention.deleted_at, mention.own) == ("77", NOW, True)


def test_a_login_taken_back_is_told(world):
    body = world.server.event("oauth.revoke", {"user_id": OWN_ID, "app_id": "1"}, owner="")
    (entry,) = X.read_delivery(body)
    assert entry.owner == OWN_ID
    with pytest.raises(AuthenticationError, match="access_revoked"):
        world.adapter().read_entry(entry)


@pytest.mark.parametrize("event", ["dm.read", "dm.indicate_typing", "like.create"])
def test_what_needs_nothing_is_passed_over(world, event):
    (entry,) = X.read_delivery(world.server.event(event, {"id": "1"}))
    page = world.adapter().read_entry(entry)
    assert (page.mentions, page.problems) == ((), ())


def test_an_odd_post_in_a_call_is_a_problem(world):
    (entry,) = X.read_delivery(world.server.event("post.mention.create", {"text": "no id"}))
    page = world.adapter().read_entry(entry)
    assert [problem.code for problem in page.problems] == ["bad_item"]


def test_subscribing_twice_is_subscribing_once(world):
    for _time in range(2):
        world.adapter().subscribe(ADDRESS)
    (webhook,) = world.server.webhooks.values()
    assert webhook["url"] == ADDRESS
    events = [item["event_type"] for item in world.server.subscriptions]
    assert sorted(events) == [
        *("dm.received", "dm.sent", "post.create", "post.delete"),
        *("post.mention.create", "post.quote.create", "post.reply.create"),
    ]
    assert {item["filter"]["user_id"] for item in world.server.subscriptions} == {OWN_ID}
    webhook["valid"] = False
    world.adapter().subscribe(ADDRESS)
    assert webhook["valid"] is True


def test_being_called_needs_the_apps_own_token(world):
    with pytest.raises(RejectedError, match="needs_app_token"):
        world.adapter(app_token="").subscribe(ADDRESS)


# -- Logging in ------------------------------------------------------------------------


def test_a_login_by_code(world):
    verifier = "v" * 64
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    back = "https://odoo.example/social_care/callback"
    address = world.adapter(external_id="").authorize_url(back, "state-1", challenge)
    asked = parse_qs(urlsplit(address).query)
    assert address.startswith("https://x.com/i/oauth2/authorize?")
    assert asked["code_challenge_method"] == ["S256"]
    assert {"offline.access", "dm.write", "tweet.moderate.write"} <= set(asked["scope"][0].split())
    world.server.codes["code-1"] = (asked["redirect_uri"][0], asked["code_challenge"][0])
    adapter = world.adapter(access_token="", external_id="")
    (login,) = adapter.exchange("code-1", back, verifier)
    assert (login.profile.external_id, login.profile.handle) == (OWN_ID, "auroraair")
    assert login.tokens.access_token == TOKEN
    assert login.tokens.access_expires_at == NOW + timedelta(hours=2)
    assert TOKEN not in repr(login)
    with pytest.raises(AuthenticationError, match="login_refused"):
        adapter.exchange("code-1", back, verifier)


def test_renewing_rotates_the_refresh_token(world):
    tokens = world.adapter().renew()
    assert tokens.refresh_token == world.server.refresh_token != "refresh-of-aurora-1"
    assert tokens.access_expires_at == NOW + timedelta(hours=2)
    with pytest.raises(AuthenticationError, match="token_expired"):
        world.adapter().renew()


def test_verify_asks_for_everything_and_costs_almost_nothing(world):
    world.say("hello", NOW - timedelta(minutes=1))
    world.server.write("1001", "hello")
    profile = world.adapter(external_id="").verify()
    assert (profile.external_id, profile.handle, profile.name) == (
        OWN_ID,
        "auroraair",
        "Aurora Air",
    )
    paths = [re.sub(r"\d{5,}", "ID", request.path) for request in world.server.requests]
    assert paths == ["/2/users/me", "/2/users/ID/mentions", "/2/users/ID/tweets", "/2/dm_events"]
    assert world.server.billed == 1


@pytest.mark.parametrize("path", ["/tweets", "/dm_events"])
def test_verify_notices_a_missing_permission(world, path):
    world.server.faults.append(Fault(403, path=path))
    with pytest.raises(AuthenticationError, match="missing_permission"):
        world.adapter().verify()


def test_without_a_token_nothing_is_asked(world):
    with pytest.raises(AuthenticationError, match="token_missing"):
        world.adapter(access_token="").fetch({}, SINCE)
    assert world.server.requests == []


def test_an_answer_that_is_no_object_is_not_this_network(world):
    world.fail(200, b'"hello"')
    with pytest.raises(TransientError, match="not_this_network"):
        world.adapter().fetch({}, SINCE)
