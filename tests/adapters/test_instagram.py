"""Instagram accounts against a fake written from Meta's documentation."""

import json
from datetime import timedelta

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
    ids,
    read_all,
)
from fakes.meta_api import ACCOUNT, ANA, BEN, MEDIA, PAGE, TOKEN, epoch
from fakes.meta_server import Fault
from test_facebook import FacebookWorld, asked, mention_of, reply_to

from networks import (
    Attachment,
    Instagram,
    RateLimited,
    RejectedError,
    Situation,
    TransientError,
    WindowClosed,
)


class InstagramWorld(FacebookWorld):
    network = Instagram
    owner = ACCOUNT
    private_id = "aWdfZAG1faXRlbToxOklH"

    def say(self, text, at=NOW, **raw):
        return self.server.ig_comment(text, at, **raw)

    def answer(self, text, parent):
        return self.server.ig_comment(text, None, ACCOUNT, parent)

    def published(self):
        posts = [self.server.nodes[key] for key in self.server.accepted]
        return [
            {
                "id": post["id"],
                "parent": post.get("parent_id") or post["media"]["id"],
                "text": post["text"],
            }
            for post in posts
        ]

    def change(self, value, field="comments", at=NOW):
        entry = {"id": ACCOUNT, "time": epoch(at), "changes": [{"field": field, "value": value}]}
        return self.server.call("instagram", entry)

    def push(self, external_id):
        node = self.server.nodes[external_id]
        value = {"id": external_id, "text": node["text"], "from": node["from"]}
        value |= {"media": {"id": node["_"]["below"], "media_product_type": "FEED"}}
        value |= {"parent_id": node["parent_id"]} if "parent_id" in node else {}
        return self.change(value, at=node["_"]["at"])

    def push_unknown(self):
        return self.change({"id": "1"}, "holograms")

    def is_hidden(self, external_id):
        return self.server.nodes[external_id]["hidden"]


@pytest.fixture
def world():
    world = InstagramWorld()
    yield world
    world.stop()


class TestInstagramContract(Reading, Rereading, OverHttp, Changing, Pushing, Gestures):
    lengths = {"hello": 5, "é": 2, FAMILY: 25}

    def say_without_author(self, world, text):
        return world.server.ig_comment(text, author=None)

    def say_with_likes(self, world, text, likes):
        # Written by hand: Python's own encoder refuses such a number.
        said = world.say(text)
        item = {"id": said, "timestamp": "2026-11-22T12:00:00+0000", "like_count": 123454321}
        body = json.dumps({"data": [item]}).encode().replace(b"123454321", b"9" * 5000)
        world.server.faults.append(Fault(200, body, path=f"{MEDIA}/comments"))
        return said

    def test_an_edited_text_is_read_again(self, world):
        """Instagram tells no time of an edit."""
        said = world.say("my bag is lots", NOW - timedelta(minutes=5))
        (before,) = world.adapter().refresh([said])
        world.edit(said, "my bag is lost")
        (after,) = world.adapter().refresh([said])
        assert (before.body, after.body) == ("my bag is lots", "my bag is lost")
        assert before.digest() != after.digest()


def direct(world, text="hello?", at=NOW, **more):
    return world.server.message(text, at, platform="instagram", **more)


# -- Asked for ----------------------------------------------------------------------


def test_comments_answers_and_messages_are_read(world):
    comment = world.say("my bag?", NOW - timedelta(hours=3))
    answer = world.answer("we look for it", comment)
    other = world.say("mine too", NOW - timedelta(hours=1), author=BEN, parent=answer)
    message = direct(world)
    found = {m.external_id: m for m in read_all(world.adapter())[0]}
    assert found.keys() == {comment, answer, other, message}
    assert [found[key].parent_external_id for key in (comment, answer, other)] == [
        MEDIA,
        comment,
        comment,
    ]
    assert {found[key].thread_external_id for key in (comment, answer, other)} == {MEDIA}
    assert (found[message].kind, found[message].thread_external_id) == ("direct", ANA)
    assert (found[comment].author.external_id, found[comment].author.handle) == (ANA, "ana")
    # Instagram has no address for a comment: that of the media must do.
    assert found[comment].url == "https://www.instagram.com/p/x/"


def test_messengers_conversations_are_not_instagrams(world):
    world.server.message("on Messenger")
    message = direct(world, "on Instagram")
    assert ids(read_all(world.adapter())[0]) == [message]


def test_an_answer_to_an_older_comment_is_read(world):
    comment = world.say("my bag?", NOW - timedelta(days=6))
    _mentions, cursor = read_all(world.adapter())
    answer = world.say("any news?", NOW, parent=comment)
    mentions, _cursor = read_all(world.adapter(), cursor)
    assert answer in ids(mentions)


def test_an_answer_to_a_comment_from_before_the_account_is_read(world):
    comment = world.say("my bag?", SINCE - timedelta(days=2))
    answer = world.say("any news?", NOW, parent=comment)
    assert ids(read_all(world.adapter())[0]) == [answer]


def test_a_later_poll_reads_only_what_changed(world):
    for i in range(9):
        media = world.server.media(f"post {i}", NOW - timedelta(hours=i))
        world.say("first", NOW - timedelta(minutes=30), media=media)
    _mentions, cursor = read_all(world.adapter())
    world.server.requests.clear()
    new = world.say("second", NOW)
    mentions, _cursor = read_all(world.adapter(), cursor)
    assert new in ids(mentions)
    assert asked(world) == [f"{ACCOUNT}/media", "me/conversations", f"{MEDIA}/comments"]


def test_only_the_last_messages_of_a_conversation_are_asked_for(world):
    for i in range(120):
        direct(world, f"message {i}", NOW - timedelta(minutes=i))
    mentions, _cursor = read_all(world.adapter())
    assert len(mentions) == 20
    assert len(asked(world, "/messages")) == 1


def test_own_comments_are_known_by_name_where_no_id_is_told(world):
    comment = world.say("my bag?")
    answer = world.answer("we look", comment)
    del world.server.nodes[answer]["from"]
    assert mention_of(world, answer).own
    assert not mention_of(world, comment).own


def test_profile_names_the_account(world):
    profile = world.adapter(external_id="", handle="").verify()
    assert (profile.external_id, profile.handle) == (ACCOUNT, "auroraair")
    assert profile.url == "https://www.instagram.com/auroraair/"
    del world.server.nodes[PAGE]["instagram_business_account"]
    with pytest.raises(RejectedError, match="not_this_network"):
        world.adapter(external_id="").verify()


def test_context_is_the_media_the_comment_answered_and_others(world):
    above = world.say("when?", NOW - timedelta(minutes=9))
    world.say("me too", NOW - timedelta(minutes=8), author=BEN)
    said = world.say("hello?", NOW - timedelta(minutes=7), parent=above)
    context = world.adapter().fetch_context(mention_of(world, said))
    assert (context["root"]["text"], context["root"]["own"]) == ("we fly to Oslo", True)
    assert context["root"]["picture"] == "https://scontent.example/media.jpg"
    assert context["root"]["url"] == "https://www.instagram.com/p/x/"
    assert context["parent"]["text"] == "when?"
    assert [post["text"] for post in context["others"]] == ["me too"]


# -- Told ---------------------------------------------------------------------------


def mentioned(world, text="@auroraair help", caption="holidays"):
    """Somebody's media, and a comment there that names us."""
    media = world.server.add(
        "IGMedia", None, NOW, "elsewhere", caption=caption, username="ben", media_type="IMAGE"
    )
    world.server.nodes[media]["media_url"] = "https://scontent.example/b.jpg"
    comment = world.server.ig_comment(text, NOW, ANA, media=media)
    return media, comment


def test_a_mention_in_a_comment_is_asked_for(world):
    media, comment = mentioned(world)
    (mention,) = world.told(world.change({"media_id": media, "comment_id": comment}, "mentions"))
    assert (mention.external_id, mention.kind, mention.body) == (
        comment,
        "mention",
        "@auroraair help",
    )
    assert (mention.thread_external_id, mention.parent_external_id) == (media, media)
    assert mention.author.external_id == "@ana"
    assert world.adapter().fetch_context(mention)["root"]["text"] == "holidays"


def test_a_mention_in_a_caption_is_asked_for(world):
    media, _comment = mentioned(world, caption="with @auroraair")
    (mention,) = world.told(world.change({"media_id": media}, "mentions"))
    assert (mention.external_id, mention.body) == (media, "with @auroraair")
    assert mention.media[0].url == "https://scontent.example/b.jpg"
    assert (mention.thread_external_id, mention.parent_external_id) == (media, "")
    assert world.adapter().fetch_context(mention) == {}


def test_a_mention_that_is_gone_is_no_news_and_a_limit_is_an_error(world):
    media, comment = mentioned(world)
    call = world.change({"media_id": media, "comment_id": comment}, "mentions")
    world.fail(400, b'{"error": {"code": 4}}')
    with pytest.raises(RateLimited):
        world.entries(call)
    world.delete(comment)
    assert world.told(call) == []


def test_mentions_are_read_again_where_they_are(world):
    media, comment = mentioned(world)
    own = world.say("hello")
    hidden = b'{"error": {"code": 100, "error_subcode": 33}}'
    for path in ("/v26.0/", media, comment):  # what is not ours is only shown as a mention
        world.server.faults.append(Fault(400, hidden, path=path))
    found = world.adapter().refresh([media, comment, own])
    assert [(m.external_id, m.body, m.deleted_at) for m in found] == [
        (media, "holidays", None),
        (comment, "@auroraair help", None),
        (own, "hello", None),
    ]


def test_messages_are_not_read_again(world):
    assert world.adapter().refresh([direct(world)]) == []
    assert world.server.requests == []


def test_one_change_may_stand_directly_in_its_entry(world):
    said = world.say("hello")
    entry = json.loads(world.push(said))["entry"][0]
    flat = {"id": ACCOUNT, "time": entry["time"], **entry["changes"][0]}
    assert ids(world.told(world.server.call("instagram", flat))) == [said]


@pytest.mark.parametrize("way", ["messaging", "standby", "changes"])
def test_a_message_polled_and_pushed_is_one(world, way):
    mid = direct(world)
    polled = mention_of(world, mid)
    event = {"sender": {"id": ANA}, "recipient": {"id": ACCOUNT}, "timestamp": epoch(NOW) * 1000}
    event |= {"message": {"mid": mid, "text": "hello?"}}
    item = {"field": "messages", "value": event} if way == "changes" else event
    call = world.server.call("instagram", {"id": ACCOUNT, "time": epoch(NOW), way: [item]})
    (pushed,) = world.told(call)
    for name in ("external_id", "body", "kind", "visibility", "posted_at", "thread_external_id"):
        assert getattr(pushed, name) == getattr(polled, name), name
    assert pushed.author.external_id == polled.author.external_id


def test_stories_tell_nothing(world):
    assert world.told(world.change({"media_id": "1", "reach": 44}, "story_insights")) == []


# -- Answered -----------------------------------------------------------------------


def test_an_answer_to_an_answer_joins_its_comment(world):
    above = world.say("my bag?")
    mention = mention_of(world, world.say("mine too", author=BEN, parent=above))
    published = world.adapter().publish(reply_to(mention))
    assert world.published()[0]["parent"] == above
    (found,) = world.adapter().find_published(reply_to(mention), NOW - timedelta(minutes=2))
    assert found.external_id == published.external_id


@pytest.mark.parametrize("where", ["comment", "caption"])
def test_a_mention_is_answered_where_it_was_made(world, where):
    media, comment = mentioned(world)
    value = {"media_id": media, **({"comment_id": comment} if where == "comment" else {})}
    (mention,) = world.told(world.change(value, "mentions"))
    published = world.adapter().publish(reply_to(mention))
    request = world.server.requests[-1]
    assert request["path"] == f"/v26.0/{ACCOUNT}/mentions"
    assert request["params"].items() >= value.items()
    assert world.server.accepted == [published.external_id]
    with pytest.raises(RejectedError, match="cannot_read_back"):
        world.adapter().find_published(reply_to(mention), NOW)


@pytest.mark.parametrize(("hours", "kind"), [(1, "RESPONSE"), (25, "MESSAGE_TAG")])
def test_a_message_is_answered_within_its_window(world, hours, kind):
    asked_at = NOW - timedelta(hours=hours)
    mention = mention_of(world, direct(world, at=asked_at))
    reply = reply_to(mention, visibility="direct", last_direct_at=asked_at)
    published = world.adapter().publish(reply)
    sent = world.server.requests[-1]["params"]
    assert (sent["messaging_type"], sent["recipient"]) == (kind, {"id": ANA})
    (found,) = world.adapter().find_published(reply, NOW - timedelta(minutes=2))
    assert found.external_id == published.external_id == world.server.accepted[0]


def test_after_a_week_nobody_may_write(world):
    asked_at = NOW - timedelta(days=8)
    reply = reply_to(
        mention_of(world, direct(world, at=asked_at)), visibility="direct", last_direct_at=asked_at
    )
    with pytest.raises(WindowClosed):
        world.adapter().publish(reply)


def test_one_private_answer_to_a_comment(world):
    said = world.say("my bag?")
    reply = reply_to(mention_of(world, said), visibility="private_reply")
    world.fail(cut=True, after=True, publishing=True)
    with pytest.raises(TransientError):
        world.adapter().publish(reply)
    (found,) = world.adapter().find_published(reply, NOW - timedelta(minutes=2))
    assert [found.external_id] == world.server.accepted
    with pytest.raises(RejectedError) as caught:
        world.adapter().publish(reply)
    assert caught.value.code == "private_reply_used"


def test_a_private_answer_tells_whom_it_reached(world):
    reply = reply_to(mention_of(world, world.say("my bag?")), visibility="private_reply")
    assert world.adapter().publish(reply).recipient_external_id == ANA


def test_the_ways_to_answer(world):
    media, comment = mentioned(world)
    (mention,) = world.told(world.change({"media_id": media, "comment_id": comment}, "mentions"))
    assert Instagram.ways(mention, Situation(NOW)) == {"public": ""}
    comment = mention_of(world, world.say("my bag?"))
    assert Instagram.ways(comment, Situation(NOW)) == {"public": "", "private_reply": ""}


@pytest.mark.parametrize(
    ("visibility", "text", "length", "limit"),
    [
        ("public", "é" * 2200, 2200, 2200),
        ("direct", "é" * 500, 1000, 1000),
        ("private_reply", "🧳" * 250, 1000, 1000),
    ],
)
def test_messages_are_counted_in_bytes_and_comments_in_characters(
    world, visibility, text, length, limit
):
    assert Instagram.measure(text, visibility) == (length, limit)
    said = direct(world) if visibility == "direct" else world.say("my bag?")
    mention = mention_of(world, said)
    world.adapter().publish(reply_to(mention, text, visibility))
    before = len(world.server.requests)
    with pytest.raises(RejectedError) as caught:
        world.adapter().publish(reply_to(mention, text + "a", visibility))
    assert caught.value.code == "too_long"
    assert len(world.server.requests) == before


def test_pictures_are_not_sent(world):
    assert not Instagram.supports_media
    mention = mention_of(world, world.say("my bag?"))
    files = (Attachment("map.png", "image/png", b"\x89PNG"),)
    with pytest.raises(RejectedError, match="bad_picture"):
        world.adapter().publish(reply_to(mention, attachments=files))


def test_what_is_not_ours_is_not_ours_to_hide(world):
    media, comment = mentioned(world)
    (mention,) = world.told(world.change({"media_id": media, "comment_id": comment}, "mentions"))
    with pytest.raises(RejectedError, match="cannot_hide"):
        world.adapter().hide(mention, True)


# -- Logging in ---------------------------------------------------------------------


def test_a_login_opens_the_accounts_linked_to_pages(world):
    without = world.server.add("Page", "100901", name="Aurora Cargo", access_token="EAAG-2")
    world.server.pages.append(without)
    adapter = world.adapter(external_id="", access_token="", handle="")
    address = adapter.authorize_url("https://odoo.example/callback", "state-1", "")
    assert "instagram_manage_messages" in address
    (login,) = adapter.exchange("code", "https://odoo.example/callback", "")
    assert (login.profile.external_id, login.profile.handle) == (ACCOUNT, "auroraair")
    assert login.tokens.access_token == TOKEN
    assert login.tokens.login_expires_at == NOW + timedelta(days=90)


def test_on_other_peoples_media_only_they_delete_our_answer(world):
    foreign = world.server.media("their holiday")
    world.server.nodes[foreign]["username"] = "ana"
    own = world.server.ig_comment("Thank you!", author=ACCOUNT, media=foreign)
    with pytest.raises(RejectedError, match="cannot_delete"):
        world.adapter().delete(own)
