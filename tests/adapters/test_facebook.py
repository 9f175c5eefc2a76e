"""Facebook pages against a fake written from Meta's documentation."""

import json
from datetime import timedelta

import pytest
from contract import (
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
from fakes.meta_api import ANA, APP, BEN, PAGE, POST, SECRET, TOKEN, VERIFY, epoch
from fakes.meta_server import Fault, MetaServer

from networks import (
    AppKeys,
    Attachment,
    AuthenticationError,
    Credentials,
    Entry,
    Facebook,
    Instagram,
    NetworkError,
    RateLimited,
    RejectedError,
    Reply,
    Situation,
    TransientError,
    Transport,
    WindowClosed,
)

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


class FacebookWorld(ServerWorld):
    secret = TOKEN
    network = Facebook
    private_id = "m_mid.1457764197618:41d102a3e1ae206a38"
    keys = AppKeys(client_id=APP, client_secret=SECRET, verify_token=VERIFY)
    owner = PAGE

    def __init__(self):
        super().__init__(MetaServer())

    def adapter(self, **changes):
        credentials = {"base_url": self.url, "external_id": self.owner, "access_token": TOKEN}
        credentials |= {"handle": "auroraair", "client_id": APP, "client_secret": SECRET}
        return self.network(
            Credentials(**{**credentials, **changes}),
            Transport(allow_loopback=True),
            lambda: self.server.now,
        )

    def say(self, text, at=NOW, **raw):
        return self.server.comment(text, at, **raw)

    def edit(self, external_id, text):
        self.server.edit(external_id, text)

    def answer(self, text, parent):
        return self.server.comment(text, None, PAGE, parent)

    def refuse_reading(self):
        self.server.faults.append(Fault(403, path="/conversations"))

    def published(self):
        posts = [self.server.nodes[key] for key in self.server.accepted]
        return [
            {
                "id": post["id"],
                "parent": post.get("parent", {}).get("id") or post["_"]["below"],
                "text": post["message"],
            }
            for post in posts
        ]

    def change(self, value, field="feed", at=NOW):
        change = {"field": field, "value": value}
        return self.server.call("page", {"id": PAGE, "time": epoch(at), "changes": [change]})

    def push(self, external_id, verb="add", **more):
        node = self.server.nodes[external_id]
        post = node["_"]["below"]
        value = {
            "item": "comment",
            "verb": verb,
            "comment_id": external_id,
            "post_id": post,
            "parent_id": node.get("parent", {}).get("id", post),
            "from": node["from"],
            "created_time": epoch(node["_"]["at"]),
            "message": node["message"],
        }
        return self.change({**value, **more})

    def push_unknown(self):
        return self.change({"item": "hologram", "verb": "add", "post_id": POST})

    def sign(self, body, secret=SECRET):
        return self.server.sign(body, secret)

    def challenge(self):
        query = {"hub.mode": "subscribe", "hub.verify_token": VERIFY, "hub.challenge": "1158201444"}
        return query, "1158201444"

    def text_of(self, external_id):
        node = self.server.nodes.get(external_id, {})
        return node.get("message", node.get("text"))

    def is_liked(self, external_id):
        return self.server.nodes[external_id].get("user_likes", False)

    def is_hidden(self, external_id):
        return self.server.nodes[external_id].get("is_hidden", False)

    def entries(self, body):
        """The pages that the account makes of a call."""
        return [self.adapter().read_entry(entry) for entry in self.network.read_delivery(body)]

    def told(self, body):
        """The mentions of a call that is understood."""
        pages = self.entries(body)
        assert [page.problems for page in pages] == [()] * len(pages)
        return [mention for page in pages for mention in page.mentions]


@pytest.fixture
def world():
    world = FacebookWorld()
    yield world
    world.stop()


class TestFacebookContract(Reading, Rereading, OverHttp, Changing, Pushing, Gestures):
    lengths = {"hello": 5, "é": 1}

    def say_without_author(self, world, text):
        return world.server.comment(text, author=None)

    def say_with_likes(self, world, text, likes):
        # Written by hand: Python's own encoder refuses such a number.
        said = world.say(text)
        world.server.nodes[said]["like_count"] = 123454321
        node = world.server.nodes[said]
        item = {"id": said, "created_time": "2026-11-22T12:00:00+0000", "like_count": 123454321}
        body = json.dumps({"data": [item | {"message": node["message"]}]}).encode()
        digits = b"9" * 5000
        world.server.faults.append(
            Fault(200, body.replace(b"123454321", digits), path=f"{POST}/comments")
        )
        return said

    def test_an_edited_text_is_read_again(self, world):
        """Facebook tells no time of an edit, except in its webhook."""
        said = world.say("my bag is lots", NOW - timedelta(minutes=5))
        (before,) = world.adapter().refresh([said])
        world.edit(said, "my bag is lost")
        (after,) = world.adapter().refresh([said])
        assert (before.body, after.body) == ("my bag is lots", "my bag is lost")
        assert before.digest() != after.digest()


def mention_of(world, external_id):
    return next(m for m in read_all(world.adapter())[0] if m.external_id == external_id)


def asked(world, path=""):
    return [r["path"].partition("/v26.0/")[2] for r in world.server.requests if path in r["path"]]


# -- Asked for ----------------------------------------------------------------------


def test_everything_said_to_the_page_is_read(world):
    post = world.server.post("where is my bag?", NOW - timedelta(hours=3))
    below = world.say("mine too", NOW - timedelta(hours=2), parent=post, author=BEN)
    answer = world.answer("we look for it", below)
    tag = world.server.post("never again with @Aurora", NOW, BEN, f"{BEN}_9")
    message = world.server.message("hello?", NOW)
    found = {m.external_id: m for m in read_all(world.adapter())[0]}
    assert found.keys() == {post, below, answer, tag, message}
    assert {key: (m.kind, m.visibility) for key, m in found.items()} == {
        post: ("mention", "public"),
        below: ("comment", "public"),
        answer: ("comment", "public"),
        tag: ("mention", "public"),
        message: ("direct", "direct"),
    }
    assert {m.thread_external_id for m in (found[post], found[below], found[answer])} == {post}
    assert [found[key].parent_external_id for key in (post, below, answer)] == ["", post, below]
    assert found[message].thread_external_id == ANA


def test_ledger_and_rows_are_the_same_set(world):
    for i in range(120):
        world.say(f"comment {i}", NOW - timedelta(minutes=i))
        world.server.message(f"message {i}", NOW - timedelta(minutes=i), BEN)
    lists = {node["id"] for node in world.server.nodes.values() if "message" not in node} | {POST}
    mentions, _cursor = read_all(world.adapter())
    assert set(ids(mentions)) == world.server.served - lists
    assert len(mentions) == 240


@pytest.mark.parametrize("spelling", [False, True])
def test_a_comment_has_one_id_however_it_is_spelt(world, spelling):
    said = world.say("hello")
    world.server.bare_ids = spelling
    mentions, _cursor = read_all(world.adapter())
    assert ids(mentions) == [said]


@pytest.mark.parametrize(
    ("comment", "post", "parent"),
    [
        ("5000_61", POST, POST),
        ("61", POST, POST),
        (61, 5000, 5000),  # as before 2018
        ("77_61", POST, None),  # 77: the photo in the post
    ],
)
def test_pushed_ids_are_spelt_as_polled_ones(world, comment, post, parent):
    value = {"item": "comment", "verb": "add", "comment_id": comment, "post_id": post}
    value |= {"parent_id": parent, "message": "hi", "created_time": epoch(NOW)}
    value |= {"sender_id": 7001, "sender_name": "Ana Ruiz"}
    (mention,) = world.told(world.change(value))
    assert (mention.external_id, mention.thread_external_id) == ("5000_61", POST)
    assert (mention.parent_external_id, mention.author.external_id) == (POST, ANA)
    assert mention.author.name == "Ana Ruiz"


def test_the_parent_of_an_answer_is_spelt_so_too(world):
    value = {"item": "comment", "verb": "add", "comment_id": 62, "post_id": 5000, "parent_id": 61}
    (mention,) = world.told(world.change(value))
    assert mention.parent_external_id == "5000_61"
    world.say("hello")
    body = json.dumps({"data": [{"id": "5000_62", "parent": {"id": "61"}}]}).encode()
    world.server.faults.append(Fault(200, body, path=f"{POST}/comments"))
    (polled,) = world.adapter().fetch({}, SINCE).mentions
    assert polled.parent_external_id == "5000_61"


def test_a_later_poll_reads_only_what_changed(world):
    posts = [world.server.post(f"post {i}", NOW - timedelta(hours=i), PAGE) for i in range(9)]
    for post in posts:
        world.say("first", NOW - timedelta(minutes=30), parent=post)
    _mentions, cursor = read_all(world.adapter())
    world.server.requests.clear()
    new = world.say("second", NOW, parent=posts[3])
    mentions, cursor = read_all(world.adapter(), cursor)
    assert new in ids(mentions)
    assert asked(world) == ["me/feed", "me/conversations", f"{posts[3]}/comments"]


def test_of_many_comments_only_the_new_ones_are_read(world):
    for i in range(240):
        world.say(f"comment {i}", NOW - timedelta(hours=i))
    _mentions, cursor = read_all(world.adapter())
    world.server.requests.clear()
    new = world.say("one more", NOW)
    mentions, cursor = read_all(world.adapter(), cursor)
    assert new in ids(mentions)
    assert len(asked(world, "/comments")) == 1


def test_comments_on_a_post_from_before_the_account_are_read(world):
    old = world.server.post("old news", SINCE - timedelta(days=5), PAGE)
    said = world.say("still true?", NOW, parent=old)
    world.say("said before", SINCE - timedelta(days=1), parent=old)
    assert ids(read_all(world.adapter())[0]) == [said]


def test_a_long_silence_loses_nothing(world):
    world.say("first", NOW)
    world.server.message("first", NOW)
    _mentions, cursor = read_all(world.adapter())
    world.server.now += timedelta(days=60)
    late = {
        world.say("late", NOW + timedelta(days=3)),
        world.server.post("late", NOW + timedelta(days=4)),
        world.server.message("late", NOW + timedelta(days=5)),
        world.server.message("new", NOW + timedelta(days=6), BEN),
    }
    mentions, cursor = read_all(world.adapter(), cursor)
    assert late <= set(ids(mentions))
    mentions, cursor = read_all(world.adapter(), cursor)
    again = world.server.message("back again", NOW + timedelta(days=60), BEN)
    assert again in ids(read_all(world.adapter(), cursor)[0])


def test_the_cursor_does_not_grow_for_ever(world):
    cursor = {}
    for day in range(0, 200, 10):
        world.server.now = NOW + timedelta(days=day)
        post = world.server.post(f"day {day}", None, PAGE)
        world.say("hello", None, parent=post)
        world.server.message("hello", None, f"8{day}")
        _mentions, cursor = read_all(world.adapter(), cursor)
    assert len(cursor["marks"]) == 2 + 2 * 7  # both lists, and what changed in two months


def test_a_post_deleted_between_list_and_comments_stops_nothing(world):
    post = world.server.post("short lived", NOW - timedelta(hours=1), PAGE)
    world.say("on it", NOW, parent=post)
    kept = world.say("kept", NOW)
    world.server.faults.append(
        Fault(400, b'{"error": {"code": 100, "error_subcode": 33}}', path=f"{post}/comments")
    )
    assert ids(read_all(world.adapter())[0]) == [kept]


def test_an_item_that_cannot_be_read_is_kept_beside_the_others(world):
    said = world.say("hello")
    item = {"message": "no id", "created_time": "2026-11-22T11:00:00+0000"}
    good = {"id": said, "message": "hello", "created_time": "2026-11-22T12:00:00+0000"}
    body = json.dumps({"data": [good, item]}).encode()
    world.server.faults.append(Fault(200, body, path=f"{POST}/comments"))
    page = world.adapter().fetch({}, SINCE)
    assert ids(page.mentions) == [said]
    assert [problem.code for problem in page.problems] == ["bad_item"]


def test_pictures_are_linked(world):
    attachment = {"type": "photo", "media": {"image": {"src": "https://scontent.example/c.jpg"}}}
    comment = world.say("look", attachment=attachment)
    post = world.server.post("look", full_picture="https://scontent.example/p.jpg")
    image = {"image_data": {"url": "https://scontent.example/m.jpg"}, "mime_type": "image/jpeg"}
    message = world.server.message("", attachments={"data": [image]})
    found = {m.external_id: m.media[0].url for m in read_all(world.adapter())[0]}
    assert found == {
        comment: "https://scontent.example/c.jpg",
        post: "https://scontent.example/p.jpg",
        message: "https://scontent.example/m.jpg",
    }


def test_our_messages_answer_the_customers_last_one(world):
    first = world.server.message("hello?", NOW - timedelta(hours=2))
    ours = world.server.message("good morning", NOW - timedelta(hours=1), own=True)
    world.server.message("my bag", NOW)
    found = {m.external_id: m for m in read_all(world.adapter())[0]}
    assert (found[ours].own, found[ours].parent_external_id) == (True, first)
    assert (found[ours].thread_external_id, found[ours].kind) == (ANA, "direct")
    assert found[ours].author.external_id == PAGE


def test_profile_names_the_page(world):
    profile = world.adapter(external_id="", handle="").verify()
    assert (profile.external_id, profile.handle, profile.name) == (PAGE, "auroraair", "Aurora Air")
    assert profile.avatar_url == "https://scontent.example/page.jpg"


def test_context_is_the_post_the_comment_answered_and_others(world):
    above = world.say("when?", NOW - timedelta(minutes=9))
    world.say("me too", NOW - timedelta(minutes=8), author=BEN)
    said = world.say("hello?", NOW - timedelta(minutes=7), parent=above)
    world.server.nodes[POST]["full_picture"] = "https://scontent.example/p.jpg"
    context = world.adapter().fetch_context(mention_of(world, said))
    assert (context["root"]["text"], context["root"]["own"]) == ("we fly to Oslo", True)
    assert context["root"]["picture"] == "https://scontent.example/p.jpg"
    assert context["root"]["url"] == f"https://www.facebook.com/{POST}"
    assert context["parent"]["text"] == "when?"
    assert [post["text"] for post in context["others"]] == ["me too"]


def test_a_private_message_has_no_context(world):
    message = mention_of(world, world.server.message("hello?"))
    assert world.adapter().fetch_context(message) == {}


def test_posts_and_comments_are_read_again_in_two_calls(world):
    posts = [world.server.post(f"post {i}", NOW) for i in range(3)]
    comments = [world.say(f"comment {i}") for i in range(3)]
    message = world.server.message("hello")
    found = world.adapter().refresh([*posts, *comments, message])
    assert ids(found) == [*posts, *comments]
    assert len(world.server.requests) == 2
    polled = {m.external_id: m.digest() for m in read_all(world.adapter())[0]}
    assert all(m.digest() == polled[m.external_id] for m in found)


def test_a_post_of_somebody_else_is_read_again_too(world):
    tag = world.server.post("never again", NOW, BEN, f"{BEN}_9")
    (found,) = world.adapter().refresh([tag])
    assert (found.external_id, found.body, found.deleted_at) == (tag, "never again", None)


def test_reading_again_stops_at_the_limit(world):
    said = [world.say("one"), world.say("two"), world.say("three")]
    world.delete(said[1])  # fails the call for all of them
    adapter = world.adapter()
    limit = Fault(400, b'{"error": {"code": 32}}', path=said[1])
    world.server.faults.append(limit)
    assert ids(adapter.refresh(said)) == [said[0]]


# -- Told ---------------------------------------------------------------------------


def test_an_edit_a_removal_and_a_hiding_are_told(world):
    said = world.say("my bag is lots", NOW - timedelta(minutes=5))
    (edited,) = world.told(world.push(said, "edited", message="my bag is lost"))
    assert (edited.body, edited.edited_at) == ("my bag is lost", NOW)
    value = {"item": "comment", "verb": "remove", "comment_id": said, "post_id": POST}
    (removed,) = world.told(world.change(value))
    assert (removed.external_id, removed.deleted_at) == (said, NOW)
    assert world.told(world.push(said, "hide")) == []


def test_our_own_comment_is_an_echo_with_its_parent(world):
    said = world.say("my bag?")
    (echo,) = world.told(world.push(world.answer("we look", said)))
    assert (echo.own, echo.addressed, echo.parent_external_id) == (True, False, said)


@pytest.mark.parametrize("item", ["post", "status", "photo", "video", "share"])
def test_visitors_posts_are_told_and_ours_are_not(world, item):
    value = {"item": item, "verb": "add", "post_id": f"{PAGE}_77", "created_time": epoch(NOW)}
    value |= {"message": "hi", "from": {"id": ANA, "name": "Ana Ruiz"}}
    (mention,) = world.told(world.change(value))
    assert (mention.external_id, mention.kind) == (f"{PAGE}_77", "mention")
    assert world.told(world.change(value | {"from": {"id": PAGE}})) == []


@pytest.mark.parametrize("item", ["reaction", "like"])
def test_reactions_are_no_news(world, item):
    value = {"item": item, "verb": "add", "post_id": POST, "from": {"id": ANA}}
    assert world.told(world.change(value)) == []


@pytest.mark.parametrize(
    ("told", "on"),
    [
        ({"item": "reaction", "reaction_type": "like"}, True),
        ({"item": "reaction", "reaction_type": "love"}, True),
        ({"item": "reaction", "reaction_type": "angry"}, False),
        ({"item": "reaction", "reaction_type": "like", "verb": "remove"}, False),
        ({"item": "reaction", "reaction_type": "haha", "verb": "edit"}, False),
        ({"item": "like"}, True),
    ],
)
def test_who_likes_a_comment_is_told(world, told, on):
    value = {"verb": "add", "post_id": POST, "comment_id": f"{POST.rpartition('_')[2]}_55"}
    value |= {"parent_id": POST, "from": {"id": ANA, "name": "Ana Ruiz"}, **told}
    (page,) = world.entries(world.change(value))
    assert (page.mentions, page.problems) == ((), ())
    (like,) = page.likes
    assert (like.external_id, like.author_id) == (value["comment_id"], ANA)
    assert (like.at, like.on) == (NOW, on)


@pytest.mark.parametrize("missing", ["comment_id", "from"])
def test_a_like_of_a_post_or_by_nobody_is_no_news(world, missing):
    value = {"item": "reaction", "verb": "add", "post_id": POST, "reaction_type": "like"}
    value |= {"comment_id": f"{POST.rpartition('_')[2]}_55", "from": {"id": ANA}}
    value.pop(missing)
    (page,) = world.entries(world.change(value))
    assert (page.mentions, page.problems, page.likes) == ((), (), ())


def test_a_mention_without_its_text_is_asked_for(world):
    post = world.server.post("never again with @Aurora", NOW, BEN, f"{BEN}_9")
    value = {"item": "post", "verb": "add", "post_id": post, "sender_id": BEN}
    (mention,) = world.told(world.change(value, "mention"))
    assert (mention.body, mention.kind) == ("never again with @Aurora", "mention")
    assert mention.author.external_id == BEN
    world.delete(post)
    (mention,) = world.told(world.change(value, "mention"))
    assert (mention.external_id, mention.body) == (post, "")


def message_call(world, *events, standby=False):
    entry = {"id": PAGE, "time": epoch(NOW) * 1000, "standby" if standby else "messaging": events}
    return world.server.call("page", entry)


def message_event(mid, text="hello?", **more):
    event = {"sender": {"id": ANA}, "recipient": {"id": PAGE}, "timestamp": epoch(NOW) * 1000}
    return {**event, "message": {"mid": mid, "text": text}, **more}


@pytest.mark.parametrize("standby", [False, True])
def test_a_message_polled_and_pushed_is_one(world, standby):
    mid = world.server.message("hello?")
    polled = mention_of(world, mid)
    (pushed,) = world.told(message_call(world, message_event(mid), standby=standby))
    for name in ("external_id", "body", "kind", "visibility", "posted_at", "thread_external_id"):
        assert getattr(pushed, name) == getattr(polled, name), name
    assert pushed.author.external_id == polled.author.external_id == ANA


def test_an_echo_belongs_to_the_customers_last_message(world):
    question = world.server.message("hello?", NOW - timedelta(hours=1))
    mid = world.server.message("good morning", NOW, own=True)
    world.server.message("too late to be answered by it", NOW + timedelta(minutes=1))
    event = {"sender": {"id": PAGE}, "recipient": {"id": ANA}, "timestamp": epoch(NOW) * 1000}
    event |= {"message": {"mid": mid, "text": "good morning", "is_echo": True, "app_id": 1}}
    (echo,) = world.told(message_call(world, event))
    assert (echo.own, echo.thread_external_id, echo.parent_external_id) == (True, ANA, question)


def test_messages_are_edited_and_deleted(world):
    mid = world.server.message("helo")
    edit = message_event(mid) | {"message_edit": {"mid": mid, "text": "hello", "num_edit": 1}}
    del edit["message"]
    (edited,) = world.told(message_call(world, edit))
    assert (edited.external_id, edited.body, edited.edited_at) == (mid, "hello", NOW)
    gone = message_event(mid, message={"mid": mid, "is_deleted": True})
    (deleted,) = world.told(message_call(world, gone))
    assert (deleted.external_id, deleted.deleted_at) == (mid, NOW)


def test_a_pressed_button_says_its_title(world):
    event = message_event("m_1", postback={"mid": "m_1", "title": "Where is my bag?"})
    del event["message"]
    (mention,) = world.told(message_call(world, event))
    assert mention.body == "Where is my bag?"


@pytest.mark.parametrize("name", ["read", "delivery", "reaction", "optin", "pass_thread_control"])
def test_receipts_and_reactions_are_no_news(world, name):
    event = message_event("m_1") | {name: {"watermark": 1}}
    del event["message"]
    assert world.told(message_call(world, event)) == []


@pytest.mark.parametrize(
    "entry",
    [
        {"changes": [{"field": "feed", "value": {"item": "comment", "verb": "sing"}}]},
        {"changes": [{"field": "feed", "value": {"item": [], "verb": {}}}]},
        {"changes": [{"field": "feed", "value": {"item": "comment", "verb": "add"}}]},
        {"changes": [{"field": "leadgen", "value": {}}]},
        {"changes": [{"field": ["feed"], "value": None}]},
        {"messaging": [{"sender": {"id": ANA}, "telepathy": {}}]},
        {"messaging": [{"sender": {"id": ANA}, "message": {"text": "without an id"}}]},
        {"changes": []},
        {},
    ],
)
def test_what_nobody_knows_is_kept(world, entry):
    (page,) = world.entries(world.server.call("page", {"id": PAGE, "time": 1, **entry}))
    assert page.mentions == ()
    assert [problem.code for problem in page.problems] == ["unknown_event"]


def test_one_call_for_two_pages_and_several_changes(world):
    one, two = world.say("one"), world.say("two")
    changes = [json.loads(world.push(x))["entry"][0]["changes"][0] for x in (one, two)]
    entries = [{"id": PAGE, "changes": changes}, {"id": 100901, "changes": changes[:1]}]
    read = Facebook.read_delivery(world.server.call("page", *entries))
    assert [(entry.network, entry.owner) for entry in read] == [
        ("facebook", PAGE),
        ("facebook", "100901"),
    ]
    assert ids(world.adapter().read_entry(read[0]).mentions) == [one, two]


@pytest.mark.parametrize("network", [Facebook, Instagram])
def test_either_class_reads_the_calls_of_both(world, network):
    for kind, code in (("page", "facebook"), ("instagram", "instagram")):
        assert network.read_delivery(world.server.call(kind, {"id": "1"})) == [
            Entry(code, "1", {"id": "1"})
        ]
    with pytest.raises(ValueError, match="no call"):
        network.read_delivery(world.server.call("user", {"id": "1"}))


def test_each_of_the_apps_secrets_may_have_signed(world):
    body = world.push(world.say("hello"))
    keys = AppKeys(client_secret="another", signing_secret=SECRET, verify_token=VERIFY)
    assert Facebook.is_signed(body, world.sign(body), keys)
    assert not Facebook.is_signed(body, world.sign(body, "a third"), keys)


@pytest.mark.parametrize(
    "change", [{"hub.verify_token": "wrong"}, {"hub.mode": "unsubscribe"}, {"hub.challenge": "²"}]
)
def test_a_handshake_of_others_is_not_answered(world, change):
    query, answer = world.challenge()
    assert Facebook.answer_challenge(query, world.keys) == ("text/plain", answer)
    assert Facebook.answer_challenge({**query, **change}, world.keys) is None


def test_the_page_is_subscribed_to_what_we_read(world):
    for _time in range(2):
        world.adapter().subscribe("https://odoo.example/social_care/webhook/x")
    assert {"feed", "mention", "messages", "message_echoes"} <= world.server.subscribed
    first = world.server.subscribed
    Instagram(world.adapter().credentials, Transport(allow_loopback=True)).subscribe("https://x")
    assert world.server.subscribed == first  # one list for both, or the last one would win


# -- Answered -----------------------------------------------------------------------


def reply_to(mention, body="We look for it.", visibility="public", **more):
    return Reply("k-1", body, visibility, mention, **more)


def test_a_visitors_post_is_answered_below_it(world):
    mention = mention_of(world, world.server.post("where is my bag?"))
    published = world.adapter().publish(reply_to(mention))
    (post,) = world.published()
    assert (post["id"], post["parent"]) == (published.external_id, mention.external_id)
    found = world.adapter().find_published(reply_to(mention), NOW - timedelta(minutes=2))
    assert found[0].external_id == published.external_id


def test_an_answer_to_an_answer_is_found_where_facebook_puts_it(world):
    above = world.say("my bag?")
    mention = mention_of(world, world.say("mine too", author=BEN, parent=above))
    published = world.adapter().publish(reply_to(mention))
    assert world.published()[0]["parent"] == above
    (found,) = world.adapter().find_published(reply_to(mention), NOW - timedelta(minutes=2))
    assert found.external_id == published.external_id


def test_the_same_words_below_the_post_are_no_answer_to_its_comment(world):
    mention = mention_of(world, world.say("my bag?"))
    world.server.comment("We look for it.", None, PAGE)
    assert world.adapter().find_published(reply_to(mention), NOW - timedelta(minutes=2)) == []


def test_a_picture_goes_out_with_a_comment(world):
    mention = mention_of(world, world.say("which counter?"))
    picture = Attachment("map.png", "image/png", PNG)
    published = world.adapter().publish(reply_to(mention, attachments=(picture,)))
    request = world.server.requests[-1]
    assert request["files"] == {"source": PNG}
    assert world.server.nodes[published.external_id]["message"] == "We look for it."


@pytest.mark.parametrize("pictures", [[b"no picture"], [PNG, PNG]])
def test_a_picture_that_facebook_does_not_take(world, pictures):
    mention = mention_of(world, world.say("which counter?"))
    files = tuple(Attachment("map.png", "image/png", content) for content in pictures)
    with pytest.raises(RejectedError) as caught:
        world.adapter().publish(reply_to(mention, attachments=files))
    assert (caught.value.code, caught.value.published) == ("bad_picture", False)
    assert world.server.accepted == []


@pytest.mark.parametrize(
    ("hours", "kind", "tag"),
    [(1, "RESPONSE", None), (23, "RESPONSE", None), (24, "MESSAGE_TAG", "HUMAN_AGENT")],
)
def test_a_message_is_answered_within_its_window(world, hours, kind, tag):
    asked_at = NOW - timedelta(hours=hours)
    mention = mention_of(world, world.server.message("my bag?", asked_at))
    reply = reply_to(mention, visibility="direct", last_direct_at=asked_at)
    published = world.adapter().publish(reply)
    sent = world.server.requests[-1]["params"]
    assert (sent["messaging_type"], sent.get("tag")) == (kind, tag)
    assert sent["recipient"] == {"id": ANA}
    assert published.external_id == world.server.accepted[0]
    (found,) = world.adapter().find_published(reply, NOW - timedelta(minutes=2))
    assert found.external_id == published.external_id


def test_after_a_week_nobody_may_write(world):
    asked_at = NOW - timedelta(days=8)
    mention = mention_of(world, world.server.message("my bag?", asked_at))
    with pytest.raises(WindowClosed) as caught:
        world.adapter().publish(reply_to(mention, visibility="direct", last_direct_at=asked_at))
    assert (caught.value.code, caught.value.published) == ("window_closed", False)


def test_a_message_to_a_stranger_is_refused(world):
    mention = mention_of(world, world.server.message("my bag?"))
    world.server.nodes.pop(mention.raw["id"])
    world.server.nodes.pop(f"t_messenger_{ANA}")
    with pytest.raises(RejectedError) as caught:
        world.adapter().publish(reply_to(mention, visibility="direct"))
    assert caught.value.code == "not_found"


@pytest.mark.parametrize("kind", ["comment", "post"])
def test_one_private_answer_to_a_comment_or_post(world, kind):
    said = world.say("my bag?") if kind == "comment" else world.server.post("my bag?")
    reply = reply_to(mention_of(world, said), visibility="private_reply")
    published = world.adapter().publish(reply)
    assert world.server.requests[-1]["params"]["recipient"] == {f"{kind}_id": said}
    assert published.recipient_external_id == ANA
    with pytest.raises(RejectedError) as caught:
        world.adapter().publish(reply)
    assert caught.value.code == "private_reply_used"


def test_a_private_answer_is_found_by_its_comment(world):
    reply = reply_to(mention_of(world, world.say("my bag?")), visibility="private_reply")
    assert world.adapter().find_published(reply, NOW - timedelta(minutes=2)) == []
    world.fail(cut=True, after=True, publishing=True)
    with pytest.raises(TransientError):
        world.adapter().publish(reply)
    (found,) = world.adapter().find_published(reply, NOW - timedelta(minutes=2))
    assert [found.external_id] == world.server.accepted
    post = reply_to(mention_of(world, world.server.post("hi")), visibility="private_reply")
    with pytest.raises(RejectedError, match="cannot_read_back"):
        world.adapter().find_published(post, NOW - timedelta(minutes=2))


def test_a_private_answer_after_a_week_is_refused(world):
    said = world.say("my bag?", NOW - timedelta(days=8))
    with pytest.raises(WindowClosed):
        world.adapter().publish(reply_to(mention_of(world, said), visibility="private_reply"))


def test_a_picture_goes_before_its_message(world):
    mention = mention_of(world, world.server.message("which counter?"))
    picture = Attachment("map.png", "image/png", PNG)
    reply = reply_to(mention, visibility="direct", attachments=(picture,))
    published = world.adapter().publish(reply)
    assert list(world.server.uploads.values()) == [PNG]
    sent = [world.server.nodes[key] for key in world.server.accepted]
    assert ["attachments" in node for node in sent] == [True, False]
    assert published.external_id == sent[1]["id"]


@pytest.mark.parametrize(("content", "status"), [(b"no picture", 0), (PNG, 500)])
def test_what_goes_wrong_before_a_message_said_nothing(world, content, status):
    mention = mention_of(world, world.server.message("which counter?"))
    files = (Attachment("map.png", "image/png", content),)
    if status:
        world.fail(status, publishing=True)
    with pytest.raises(NetworkError) as caught:
        world.adapter().publish(reply_to(mention, visibility="direct", attachments=files))
    assert caught.value.code == ("server_error" if status else "bad_picture")
    assert caught.value.published is False
    assert world.server.accepted == []


def test_when_only_the_picture_went_out_a_person_decides(world):
    mention = mention_of(world, world.server.message("which counter?"))
    picture = Attachment("map.png", "image/png", PNG)
    reply = reply_to(mention, visibility="direct", attachments=(picture,))
    second = Fault(400, b'{"error": {"code": 613}}', path="/messages", method="POST", after_some=1)
    world.server.faults.append(second)
    with pytest.raises(RateLimited) as caught:
        world.adapter().publish(reply)
    assert caught.value.published is None
    with pytest.raises(RejectedError, match="cannot_read_back"):
        world.adapter().find_published(reply, NOW)


@pytest.mark.parametrize(("visibility", "limit"), [("public", 8000), ("direct", 2000)])
def test_too_long_is_refused_before_anything_is_sent(world, visibility, limit):
    assert Facebook.measure("é" * 5, visibility) == (5, limit)
    mention = mention_of(world, world.server.message("my bag?"))
    before = len(world.server.requests)
    with pytest.raises(RejectedError) as caught:
        world.adapter().publish(reply_to(mention, "a" * (limit + 1), visibility))
    assert caught.value.code == "too_long"
    assert len(world.server.requests) == before


def test_the_ways_to_answer(world):
    comment = mention_of(world, world.say("my bag?"))
    message = mention_of(world, world.server.message("my bag?"))
    week = NOW + timedelta(days=7)
    assert Facebook.ways(comment, Situation(NOW)) == {"public": "", "private_reply": ""}
    assert Facebook.ways(comment, Situation(week))["private_reply"] == "window_closed"
    used = Situation(NOW, private_replied=True)
    assert Facebook.ways(comment, used)["private_reply"] == "private_reply_used"
    late = Situation(week - timedelta(hours=1), last_direct_at=NOW)
    assert Facebook.ways(message, late) == {"direct": ""}
    assert Facebook.ways(message, Situation(week, NOW)) == {"direct": "window_closed"}


def test_a_private_message_can_neither_be_liked_nor_hidden(world):
    message = mention_of(world, world.server.message("thanks"))
    with pytest.raises(RejectedError, match="cannot_like"):
        world.adapter().like(message, True)
    with pytest.raises(RejectedError, match="cannot_hide"):
        world.adapter().hide(message, True)


# -- What Meta answers --------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "kind", "code", "published"),
    [
        ({"code": 190, "error_subcode": 463}, AuthenticationError, "token_expired", False),
        ({"code": 190, "error_subcode": 460}, AuthenticationError, "token_expired", False),
        ({"code": 102}, AuthenticationError, "token_expired", False),
        ({"code": 10}, AuthenticationError, "missing_permission", False),
        ({"code": 200}, AuthenticationError, "missing_permission", False),
        ({"code": 299}, AuthenticationError, "missing_permission", False),
        ({"code": 4}, RateLimited, "rate_limited", False),
        ({"code": 17}, RateLimited, "rate_limited", False),
        ({"code": 32}, RateLimited, "rate_limited", False),
        ({"code": 613}, RateLimited, "rate_limited", False),
        ({"code": 80001}, RateLimited, "rate_limited", False),
        ({"code": 100}, RejectedError, "rejected", False),
        ({"code": 100, "error_subcode": 33}, RejectedError, "not_found", False),
        ({"code": 100, "message": "Object does not exist"}, RejectedError, "not_found", False),
        ({"code": 803}, RejectedError, "not_found", False),
        ({"code": 10, "error_subcode": 2018278}, WindowClosed, "window_closed", False),
        ({"code": 10, "error_subcode": 2534022}, WindowClosed, "window_closed", False),
        ({"code": 551, "error_subcode": 1545041}, WindowClosed, "not_allowed", False),
        ({"code": 506}, RejectedError, "duplicate", False),
        ({"code": 368}, RejectedError, "not_allowed", False),
        ({"code": 10900}, RejectedError, "private_reply_used", False),
        ({"code": 2}, TransientError, "server_error", None),
        ({"code": 1200}, TransientError, "server_error", None),
        ({"code": 987654}, RejectedError, "rejected", False),
        ({"code": "x"}, RejectedError, "rejected", False),
        ("text", RejectedError, "rejected", False),
    ],
)
def test_an_error_is_read_from_its_body(world, error, kind, code, published):
    world.fail(400, json.dumps({"error": error}).encode())
    with pytest.raises(NetworkError) as caught:
        world.adapter().fetch({}, SINCE)
    found = caught.value
    assert (type(found), found.code, found.published) == (kind, code, published)
    assert found.status == 400


def test_the_wait_is_told_in_minutes(world):
    usage = {PAGE: [{"type": "pages", "call_count": 100, "estimated_time_to_regain_access": 7}]}
    headers = {"X-Business-Use-Case-Usage": json.dumps(usage)}
    world.fail(400, b'{"error": {"code": 80001}}', headers)
    with pytest.raises(RateLimited) as caught:
        world.adapter().fetch({}, SINCE)
    assert caught.value.retry_after == 420


@pytest.mark.parametrize(
    ("headers", "left"),
    [
        ({"X-App-Usage": '{"call_count": 28, "total_time": 25, "total_cputime": 3}'}, 72),
        ({"X-Business-Use-Case-Usage": '{"1": [{"call_count": 9, "total_time": 64}]}'}, 36),
        ({"X-App-Usage": '{"call_count": 130}'}, 0),
        ({"X-App-Usage": "often"}, None),
        ({"X-App-Usage": "[1]"}, None),
        ({}, None),
    ],
)
def test_calls_left_are_percent(world, headers, left):
    world.server.headers = headers
    adapter = world.adapter()
    adapter.verify()
    assert adapter.calls_left() == left


def test_requests_are_proven_by_the_apps_secret(world):
    world.server.wants_proof = True
    world.say("hello")
    assert len(read_all(world.adapter())[0]) == 1
    with pytest.raises(RejectedError):
        world.adapter(client_secret="").verify()
    assert all(TOKEN not in request["query"] for request in world.server.requests)


def test_without_a_token_nothing_is_asked(world):
    with pytest.raises(AuthenticationError, match="token_missing"):
        world.adapter(access_token="").verify()
    assert world.server.requests == []


# -- Logging in ---------------------------------------------------------------------


def test_a_login_opens_the_persons_pages(world):
    second = world.server.add(
        "Page", "100901", name="Aurora Cargo", access_token="EAAG-2", username="auroracargo"
    )
    world.server.pages.append(second)
    adapter = world.adapter(external_id="", access_token="", handle="")
    address = adapter.authorize_url("https://odoo.example/callback", "state-1", "challenge")
    assert address.startswith(f"{world.url}/v26.0/dialog/oauth?")
    assert "state=state-1" in address
    assert "pages_messaging" in address
    assert SECRET not in address
    one, two = adapter.exchange("code", "https://odoo.example/callback", "verifier")
    assert (one.profile.external_id, one.tokens.access_token) == (PAGE, TOKEN)
    assert (two.profile.name, two.tokens.access_token) == ("Aurora Cargo", "EAAG-2")
    assert one.tokens.login_expires_at == NOW + timedelta(days=90)
    assert one.tokens.access_expires_at is None
    assert not Facebook.renews


def test_a_code_that_is_not_accepted(world):
    with pytest.raises(AuthenticationError) as caught:
        world.adapter().exchange("stale", "https://odoo.example/callback", "verifier")
    assert caught.value.code == "login_refused"


def test_without_a_server_of_ones_own_the_vendors_is_asked():
    adapter = Facebook(Credentials(client_id=APP), Transport())
    address = adapter.authorize_url("https://odoo.example/callback", "s", "c")
    assert address.startswith("https://www.facebook.com/v26.0/dialog/oauth?")
    assert "&client_id=4242&" in address
