"""Bluesky against a fake written from its lexicons."""

import json
from datetime import datetime, timedelta

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
from fakes.bluesky_server import (
    ACCESS,
    ANA,
    BEN,
    LIKE,
    OWN,
    PASSWORD,
    POST,
    REFRESH,
    BlueskyServer,
    iso,
)
from fakes.http_server import Fault

from networks import (
    Attachment,
    AuthenticationError,
    Bluesky,
    Credentials,
    Mention,
    RateLimited,
    RejectedError,
    Reply,
    TransientError,
    Transport,
)

PICTURE = Attachment("map.png", "image/png", b"\x89PNG", "Where the desk is")


class BlueskyWorld(ServerWorld):
    secret = ACCESS

    def __init__(self):
        super().__init__(BlueskyServer())

    def adapter(self, **changes):
        credentials = {"base_url": self.server.url, "external_id": OWN, "access_token": ACCESS}
        credentials.update({"refresh_token": REFRESH, **changes})
        network = Bluesky(
            Credentials(**credentials), Transport(allow_loopback=True), lambda: self.server.now
        )
        network.server = network.directory = self.server.url
        return network

    def say(self, text, at=NOW, **raw):
        return self.server.mention(ANA, text, at, **raw)

    def edit(self, external_id, text):
        self.server.posts[external_id]["record"]["text"] = text

    def answer(self, text, parent):
        return self.server.add(OWN, text, parent=parent)

    def fail(self, status=200, body=b"", headers=None, cut=False, after=False, publishing=False):
        path = "putRecord" if publishing else ""
        self.server.faults.append(Fault(status, body, headers, cut, after, path))

    def refuse_reading(self):
        self.server.faults.append(Fault(403, path="listNotifications"))

    def published(self):
        posts = [self.server.posts[uri] for uri in self.server.accepted]
        return [
            {
                "id": post["uri"],
                "parent": post["record"]["reply"]["parent"]["uri"],
                "text": post["record"]["text"],
            }
            for post in posts
        ]

    def text_of(self, external_id):
        return self.server.posts.get(external_id, {}).get("record", {}).get("text")

    def is_liked(self, external_id):
        liked = [key for key in self.server.records if key[0] == LIKE]
        return any(
            self.server.records[key]["subject"]["uri"] == external_id for key in liked
        ) or bool(self.server.posts[external_id]["viewer"].get("like"))


@pytest.fixture
def world():
    world = BlueskyWorld()
    yield world
    world.stop()


class TestBlueskyContract(Reading, Rereading, OverHttp, Changing, Gestures):
    lengths = {"hello": 5, FAMILY: 1, "see https://example.com/" + "a" * 20: 44, "e\u0301": 1}

    def say_without_author(self, world, text):
        return world.server.mention(f"did:plc:{text}", text, author=None)

    def say_with_likes(self, world, text, likes):
        # Written by hand: Python's own encoder refuses such a number too.
        said = world.say(text)
        world.server.posts[said]["likeCount"] = 123454321
        told = json.dumps({"posts": [world.server.posts[said]]}).encode()
        world.server.faults.append(
            Fault(200, told.replace(b"123454321", b"9" * 5000), path="getPosts")
        )
        return said

    def test_an_edited_text_is_read_again(self, world):
        """Bluesky's own app has no edits, and nothing says when another app made one."""
        said = world.say("my bag is lots", NOW - timedelta(minutes=5))
        (before,) = world.adapter().refresh([said])
        world.edit(said, "my bag is lost")
        (after,) = world.adapter().refresh([said])
        assert (before.body, after.body) == ("my bag is lots", "my bag is lost")
        assert before.digest() != after.digest()
        assert after.edited_at is None


def read(world):
    return {mention.external_id: mention for mention in read_all(world.adapter())[0]}


# -- Reading


def test_ledger_and_rows_are_the_same_set(world):
    for i in range(120):
        world.say(f"message {i}", NOW - timedelta(minutes=120 - i))
    assert set(read(world)) == world.server.served
    lists = [r for r in world.server.requests if "listNotifications" in r.path]
    assert [r.query["limit"] for r in lists] == [["100"]] * 4
    assert lists[0].query["reasons"] == ["mention", "reply", "quote", "like"]


def test_who_likes_an_answer_is_told(world):
    ours = world.answer("here it is", world.say("where is it?", NOW - timedelta(hours=1)))
    subject = {"reason": "like", "reasonSubject": ours}
    uri = world.server.mention(ANA, "", NOW, **subject)
    page = world.adapter().fetch({}, SINCE)
    (like,) = page.likes
    assert (like.external_id, like.author_id, like.at, like.on) == (ours, ANA, NOW, True)
    assert uri not in ids(page.mentions)
    assert not any(uri in str(r.query) for r in world.server.requests), "it is no post to ask for"


def test_a_page_of_nothing_for_us_is_not_the_end(world):
    said = world.say("before the storm", NOW - timedelta(hours=2))
    for i in range(100):
        world.server.mention(BEN, "", NOW - timedelta(minutes=100 - i), reason="repost")
    assert set(read(world)) == {said}


def test_a_walk_over_shares_ends_where_all_is_known(world):
    said = world.say("hello", NOW - timedelta(hours=2))
    _mentions, cursor = read_all(world.adapter())
    for i in range(200):
        world.server.mention(BEN, "", NOW - timedelta(seconds=30 * i), reason="repost")
        world.server.mention(BEN, "", NOW - timedelta(hours=2, minutes=6 * i), reason="repost")
    world.server.requests.clear()
    mentions, _cursor = read_all(world.adapter(), cursor)
    assert ids(mentions) == [said]
    lists = [r for r in world.server.requests if "listNotifications" in r.path]
    assert len(lists) == 7  # of 11


def test_kinds_and_who_is_spoken_to(world):
    ours = world.server.add(OWN, "we fly to Oslo")
    quote = {"$type": "app.bsky.embed.record", "record": {"uri": ours, "cid": "bafy1"}}
    said = {
        "mention": world.say("mention"),
        "reply": world.server.mention(ANA, "reply", reason="reply", parent=ours),
        "quote": world.server.mention(ANA, "quote", reason="quote", embed=quote),
    }
    said["aside"] = world.server.mention(BEN, "aside", reason="reply", parent=said["reply"])
    found = read(world)
    told = {name: (found[uri].kind, found[uri].addressed) for name, uri in said.items()}
    assert told == {
        "mention": ("mention", True),
        "reply": ("reply", True),
        "quote": ("mention", True),
        "aside": ("mention", False),  # in our thread, to somebody else
    }
    aside = found[said["aside"]]
    assert (aside.thread_external_id, aside.parent_external_id) == (ours, said["reply"])
    assert found[said["mention"]].thread_external_id == said["mention"]


def test_counts_pictures_and_followers_are_asked_for(world):
    said = world.say("look", lang=None)
    image = {"fullsize": "https://cdn.example/f.jpg", "thumb": "https://cdn.example/t.jpg"}
    world.server.posts[said]["embed"] = {"media": {"images": [{**image, "alt": "a bag"}]}}
    world.server.posts[said].update(likeCount=3, repostCount=2, replyCount=1)
    mention = read(world)[said]
    assert (mention.likes, mention.reposts, mention.replies) == (3, 2, 1)
    assert (mention.media[0].url, mention.media[0].description) == (image["fullsize"], "a bag")
    assert mention.author.external_id == ANA
    assert (mention.author.handle, mention.author.followers_count) == ("ana.test", 7)
    assert mention.url == f"https://bsky.app/profile/{ANA}/post/{said.rpartition('/')[2]}"


def test_a_post_that_went_meanwhile_is_read_as_it_was_told(world):
    said = world.say("hello")
    world.server.posts.pop(said)
    assert read(world)[said].body == "hello"


@pytest.mark.parametrize("uri", ["", "ana", "at://ana.test/app.bsky.feed.post/1", 7, ["x"], None])
def test_an_odd_address_harms_nobody_else(world, uri):
    said = world.say("hello")
    world.say("odd", NOW - timedelta(minutes=1), uri=uri)
    world.server.notifications[-1]["author"] = "nobody"
    page = world.adapter().fetch({}, SINCE)
    assert ids(page.mentions)[0] == said
    assert len(page.mentions) + len(page.problems) == 2
    assert all(m.author.external_id.startswith("unknown:") for m in page.mentions[1:])


@pytest.mark.parametrize("record", ["gone", None, {"text": None}, {"text": ["x"]}, {}])
def test_an_item_that_cannot_be_read_is_kept_beside_the_others(world, record):
    said = world.say("hello")
    odd = world.say("odd", NOW - timedelta(minutes=1), record=record, marker="kept")
    world.server.posts.pop(odd)
    page = world.adapter().fetch({}, SINCE)
    assert ids(page.mentions) == [said]
    assert [problem.code for problem in page.problems] == ["bad_item"]
    assert b"kept" in page.problems[0].body


def test_a_time_from_the_future_is_not_believed(world):
    said = world.say("hello", record={"text": "hello", "createdAt": "2031-01-01T00:00:00Z"})
    assert read(world)[said].posted_at == NOW


def test_of_our_own_posts_only_answers_are_read(world):
    world.server.add(OWN, "we fly to Oslo", NOW - timedelta(days=2))
    said = world.say("when?", NOW - timedelta(days=3))
    _mentions, cursor = read_all(world.adapter())
    answer = world.server.add(OWN, "tomorrow", NOW - timedelta(hours=1), parent=said)
    # An old post shared now stands above the answer, which is not out of sight for that.
    shared = {"post": world.server.posts[said], "reason": {"indexedAt": iso(NOW)}}
    world.server.feed.append(shared)
    world.server.most = 1
    mentions, _cursor = read_all(world.adapter(), cursor)
    assert [mention.external_id for mention in mentions if mention.own] == [answer]


def test_a_feed_whose_page_is_empty_is_no_problem(world):
    empty = b'{"feed": [], "cursor": "2026-11-22T11:00:00Z"}'
    world.server.faults.append(Fault(200, empty, path="getAuthorFeed"))
    page = world.adapter().fetch({"turn": "own"}, SINCE)
    assert (page.mentions, page.problems, page.more) == ((), (), True)


def test_a_later_poll_reads_little(world):
    for i in range(300):
        world.say(f"message {i}", NOW - timedelta(hours=300 - i))
    _mentions, cursor = read_all(world.adapter())
    world.server.requests.clear()
    new = world.say("new", NOW)
    mentions, _cursor = read_all(world.adapter(), cursor)
    assert new in ids(mentions)
    told = [r.path.rpartition(".")[2] for r in world.server.requests]
    views = ["getPosts"] * told.count("getPosts") + ["getProfiles"]
    assert told == ["listNotifications", *views, "getAuthorFeed"]


def test_an_expired_page_token_starts_the_walk_again(world):
    said = {world.say(f"message {i}", NOW - timedelta(minutes=95 - i)) for i in range(95)}
    page = world.adapter().fetch({}, SINCE)
    world.fail(400, b'{"error": "InvalidRequest"}')
    mentions, _cursor = read_all(world.adapter(), page.cursor)
    assert set(ids(mentions)) == said


def test_posts_are_read_again_25_at_a_time(world):
    said = [world.say(f"message {i}") for i in range(60)]
    world.delete(said[20])
    found = world.adapter().refresh([*said, "sha256:odd"])
    assert ids(found) == said
    assert [m.external_id for m in found if m.deleted_at] == [said[20]]
    assert [len(r.query["uris"]) for r in world.server.requests] == [25, 25, 10]


def test_an_answer_that_lists_no_posts_at_all_is_no_deletion(world):
    said = world.say("hello")
    world.server.faults.append(Fault(200, b"{}", path="getPosts"))
    with pytest.raises(TransientError):
        world.adapter().refresh([said])


def test_the_rate_limit_leaves_what_was_read_again(world):
    said = [world.say(f"message {i}") for i in range(60)]
    network = world.adapter()
    network.refresh(said[:1])
    assert network.calls_left() == 2990
    world.fail(429)
    with pytest.raises(RateLimited):
        network.refresh(said)
    world.server.faults += [Fault(200, b'{"posts": []}'), Fault(429)]
    assert [m.deleted_at for m in world.adapter().refresh(said)] == [NOW] * 25


def test_context_is_root_parent_and_others(world):
    root = world.server.add(OWN, "we fly to Oslo")
    middle = world.server.add(BEN, "when?", parent=root)
    parent = world.server.add(ANA, "tomorrow?", parent=middle)
    said = world.server.mention(ANA, "hello?", reason="reply", parent=parent)
    world.server.add(BEN, "me too", parent=world.server.add(BEN, "well", parent=said))
    context = world.adapter().fetch_context(read(world)[said])
    assert (context["root"]["text"], context["root"]["own"]) == ("we fly to Oslo", True)
    assert context["parent"]["text"] == "tomorrow?"
    assert [post["text"] for post in context["others"]] == ["when?", "well", "me too"]
    assert context["root"]["posted_at"] == "2026-11-22T12:00:00"
    world.delete(middle)
    context = world.adapter().fetch_context(read(world)[said])
    assert context["root"]["text"] == context["parent"]["text"] == "tomorrow?"
    with pytest.raises(RejectedError, match="not_found"):
        world.adapter().fetch_context(Mention(external_id=middle))


# -- Answering


def reply_to(uri, body="yes", **more):
    return Reply("k", body, "public", Mention(external_id=uri), **more)


def test_an_answer_hangs_on_the_thread_s_first_post(world):
    root = world.server.add(BEN, "who flies to Oslo?")
    said = world.server.mention(ANA, "you?", parent=root)
    published = world.adapter().publish(reply_to(said, lang="pt_BR"))
    record = world.server.posts[published.external_id]["record"]
    assert record["reply"]["root"]["uri"] == root
    assert record["reply"]["parent"] == {"uri": said, "cid": world.server.posts[said]["cid"]}
    assert record["langs"] == ["pt-BR"]
    assert published.url.startswith(f"https://bsky.app/profile/{OWN}/post/")
    assert published.posted_at == NOW


def test_the_same_answer_twice_is_one_post(world):
    said = world.say("hello")
    first = world.adapter().publish(reply_to(said))
    world.server.now += timedelta(hours=1)
    world.delete(said)  # nor does it matter what became of the question
    assert world.adapter().publish(reply_to(said)) == first
    assert len(world.server.accepted) == 1


def test_an_answer_that_arrived_late_is_not_written_over(world):
    said = world.say("hello")
    first = world.adapter().publish(reply_to(said))
    world.server.now += timedelta(hours=1)
    world.server.faults.append(Fault(400, b'{"error": "RecordNotFound"}', path="getRecord"))
    assert world.adapter().publish(reply_to(said)).external_id == first.external_id
    assert len(world.server.accepted) == 1


def test_an_edited_answer_is_another(world):
    said = world.say("hello")
    posts = {world.adapter().publish(reply_to(said, body)).external_id for body in ("yes", "no")}
    assert len(posts) == len(world.server.accepted) == 2


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("¿Ves https://a.example/ñ?x=1#y?", {"https://a.example/ñ?x=1#y": "link"}),
        ("(así: https://a.example/b).", {"https://a.example/b": "link"}),
        ("https://a.example/b_(c)", {"https://a.example/b_(c)": "link"}),
        ("👨‍👩‍👧 @Ana.test, hola", {"@Ana.test": "mention"}),
        ("@nobody.test y @ana", {}),
        ("mail ana@ana.test", {}),
        ("maleta #pérdida! #2026 #", {"#pérdida": "tag"}),
        ("x#no https://a.example/#no", {"https://a.example/#no": "link"}),
        (
            "🇪🇸 #a @ben.test https://b.example 🇪🇸",
            {"#a": "tag", "@ben.test": "mention", "https://b.example": "link"},
        ),
        ("https:// @. #", {}),
    ],
)
def test_what_is_live_in_a_text(world, text, shown):
    facets = world.adapter()._facets(text)
    found = {}
    for facet in facets:
        start, end = facet["index"]["byteStart"], facet["index"]["byteEnd"]
        (feature,) = facet["features"]
        found[text.encode()[start:end].decode()] = feature["$type"].partition("#")[2]
    assert found == shown
    world.adapter().publish(reply_to(world.say("hello"), text))  # the server's own check
    assert len(world.server.accepted) == 1


def test_a_mention_that_cannot_be_looked_up_now_waits(world):
    said = world.say("hello")
    world.server.faults.append(Fault(503, path="resolveHandle"))
    with pytest.raises(TransientError) as caught:
        world.adapter().publish(reply_to(said, "@ana.test yes"))
    assert caught.value.published is False
    assert world.server.accepted == []


@pytest.mark.parametrize(
    ("text", "goes"),
    [(FAMILY * 120, True), (FAMILY * 121, False), ("a" * 300, True), ("a" * 301, False)],
)
def test_300_graphemes_and_3000_bytes(world, text, goes):
    said = world.say("hello")
    if goes:
        world.adapter().publish(reply_to(said, text))
    else:
        with pytest.raises(RejectedError, match="too_long"):
            world.adapter().publish(reply_to(said, text))
    assert len(world.server.accepted) == goes


def test_a_thread_that_is_closed_to_us_is_not_answered(world):
    said = world.say("hello")
    world.server.posts[said]["viewer"]["replyDisabled"] = True
    with pytest.raises(RejectedError) as caught:
        world.adapter().publish(reply_to(said))
    assert (caught.value.code, caught.value.published) == ("not_allowed", False)


def test_pictures_go_with_their_descriptions(world):
    said = world.say("hello")
    published = world.adapter().publish(reply_to(said, attachments=(PICTURE, PICTURE)))
    embed = world.server.posts[published.external_id]["record"]["embed"]
    assert [image["alt"] for image in embed["images"]] == ["Where the desk is"] * 2
    assert embed["images"][0]["image"]["size"] == 4


@pytest.mark.parametrize(
    "picture",
    [
        Attachment("a.svg", "image/svg+xml", b"<svg/>"),
        Attachment("a.png", "image/png", b"x" * 2_000_001),
    ],
)
def test_a_picture_that_bluesky_does_not_take_is_refused(world, picture):
    with pytest.raises(RejectedError) as caught:
        world.adapter().publish(reply_to(world.say("hello"), attachments=(picture,)))
    assert (caught.value.code, caught.value.published) == ("bad_picture", False)
    assert world.server.accepted == []


def test_what_goes_wrong_before_publishing_published_nothing(world):
    said = world.say("hello")
    for method in ("getPosts", "uploadBlob"):
        world.server.faults.append(Fault(500, path=method))
        with pytest.raises(TransientError) as caught:
            world.adapter().publish(reply_to(said, attachments=(PICTURE,)))
        assert caught.value.published is False
    assert world.server.accepted == []


def test_where_nobody_can_look_nothing_is_proven(world):
    reply = reply_to(world.say("hello"))
    world.adapter().publish(reply)
    world.server.faults.append(Fault(500, path="getRecord"))
    with pytest.raises(TransientError) as caught:
        world.adapter().publish(reply)
    assert caught.value.published is None


def test_looking_back_has_an_end_that_is_said(world):
    for i in range(500):
        world.server.add(OWN, f"post {i}", NOW - timedelta(seconds=i), parent=None)
    with pytest.raises(RejectedError, match="cannot_read_back"):
        world.adapter().find_published(reply_to(world.say("hello")), NOW - timedelta(hours=2))


def test_a_like_from_the_app_is_seen_and_taken_back(world):
    said = world.say("hello")
    in_app = (LIKE, "3kapp22222222")
    world.server.records[in_app] = {"subject": {"uri": said}}
    world.server.posts[said]["viewer"]["like"] = f"at://{OWN}/{'/'.join(in_app)}"
    mention = read(world)[said]
    world.adapter().like(mention, True)
    assert list(world.server.records) == [in_app]
    world.adapter().like(mention, False)
    assert not world.is_liked(said)


# -- Logging in


def test_signing_in_finds_the_server_and_keeps_no_password(world):
    login = world.adapter(base_url="", external_id="", access_token="").sign_in(
        " @AuroraAir.test", PASSWORD
    )
    assert (login.profile.external_id, login.profile.handle) == (OWN, "auroraair.test")
    assert login.base_url == world.server.url
    assert (login.tokens.access_token, login.tokens.refresh_token) == (ACCESS, REFRESH)
    assert login.tokens.access_expires_at == datetime(2026, 11, 22, 15, 0)
    assert login.tokens.login_expires_at == datetime(2027, 2, 20, 13, 0)
    asked = [r.path.rpartition(".")[2] for r in world.server.requests]
    assert asked == ["resolveHandle", f"/{OWN}", "createSession"]
    assert PASSWORD not in repr(login)


def test_a_mail_address_is_known_to_the_entryway_alone(world):
    login = world.adapter(base_url="").sign_in("care@aurora.example", PASSWORD)
    assert login.profile.external_id == OWN


@pytest.mark.parametrize(
    ("handle", "password"), [("auroraair.test", "wrong"), ("nobody.test", PASSWORD), ("", "")]
)
def test_a_wrong_login_is_refused(world, handle, password):
    with pytest.raises(AuthenticationError, match="login_refused"):
        world.adapter(base_url="").sign_in(handle, password)


def test_a_renewal_rotates_both_tokens(world):
    tokens = world.adapter(access_token="old").renew()
    assert tokens.refresh_token != REFRESH
    assert tokens.access_expires_at == datetime(2026, 11, 22, 17, 0)
    world.adapter(access_token=tokens.access_token).verify()
    with pytest.raises(AuthenticationError, match="token_expired"):
        world.adapter().renew()
    with pytest.raises(AuthenticationError, match="token_missing"):
        world.adapter(refresh_token="").renew()


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        ("ExpiredToken", AuthenticationError, "token_expired"),
        ("InvalidToken", AuthenticationError, "token_expired"),
        ("AccountTakedown", AuthenticationError, "access_revoked"),
        ("InvalidRequest", RejectedError, "rejected"),
        (["odd"], RejectedError, "rejected"),
    ],
)
def test_an_error_is_told_by_its_name(world, error, kind, code):
    world.fail(400, json.dumps({"error": error}).encode())
    with pytest.raises(kind) as caught:
        world.adapter().fetch({}, SINCE)
    assert (caught.value.code, caught.value.status) == (code, 400)


def test_profile_names_the_brand(world):
    profile = world.adapter(external_id="").verify()
    assert (profile.external_id, profile.handle, profile.name) == (
        OWN,
        "auroraair.test",
        "AURORAAIR.TEST",
    )
    assert profile.max_length == 300
    assert profile.url == f"https://bsky.app/profile/{OWN}"


def test_record_keys_are_those_of_posts(world):
    published = world.adapter().publish(reply_to(world.say("hello")))
    assert published.external_id.startswith(f"at://{OWN}/{POST}/3l")  # the year 2025


def test_the_part_of_a_handle_that_a_person_chose(world):
    handles = ("@Ana.bsky.social", "ana.bsky.social", "ana.example", "auroraair.test")
    plain = [world.adapter().plain_handle(handle) for handle in handles]
    assert plain == ["ana", "ana", "ana.example", "auroraair.test"]
