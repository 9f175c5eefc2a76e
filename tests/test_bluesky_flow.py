"""Bluesky's own servers: a mention becomes a ticket, the answer appears in its thread; and what the lexicon says."""

from datetime import datetime, timedelta

import pytest

from networks import (
    Attachment,
    AuthenticationError,
    Bluesky,
    Credentials,
    Mention,
    RejectedError,
    Reply,
    Transport,
)
from networks.text import normalise_text
from support.bluesky import PASSWORD
from support.waiting import wait_for

FAMILY = (
    "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"  # seven code points, one grapheme
)
# Seconds: mostly within one, more on a busy machine.
ARRIVAL = 120
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)


def _told(user, post):
    """Wait until the AppView has told somebody of a post."""
    return wait_for(
        lambda: next((one for one in user.mentions() if one["uri"] == post["uri"]), None),
        f"{user.handle} is told of {post['uri']}",
        ARRIVAL,
    )


def _seen(user, post):
    """Wait until the AppView shows a post: it takes in different people's posts in no order."""
    wait_for(lambda: user.find(post["uri"]), f"{user.handle} sees {post['uri']}", ARRIVAL)


def _answer_in_thread(user, post):
    """Wait until a post's thread shows an answer, as the customer sees it."""
    return wait_for(
        lambda: user.answers_to(post["uri"]), "the answer stands in the thread", ARRIVAL
    )[0]


def _shown(post, kind):
    """The parts of a post's text that are live, with what stands behind them."""
    text = post["record"]["text"].encode()
    return {
        text[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode(): feature
        for facet in post["record"].get("facets", ())
        for feature in facet["features"]
        if feature["$type"] == f"app.bsky.richtext.facet#{kind}"
    }


def test_a_mention_becomes_a_ticket_and_the_answer_appears_in_its_thread(bluesky, brand):
    aurora, ana, ben = (bluesky.add_user(name) for name in ("aurora1", "ana1", "ben1"))
    account = brand.connect(aurora, network="bluesky")
    start = ben.say("who has flown to Oslo?")
    _seen(ana, start)
    said = ana.say("¿dónde está mi maleta? 🧳", mention=aurora, reply=(start, start), langs=["es"])
    _told(aurora, said)

    brand.receive()

    [mention] = brand.mentions(account, ("external_id", "body", "ticket_id", "posted_at", "lang"))
    assert mention["external_id"] == said["uri"]
    assert mention["body"] == "@aurora1.test ¿dónde está mi maleta? 🧳"
    assert mention["lang"] == "es"
    ticket = brand.read("helpdesk.ticket", mention["ticket_id"][0], "social_deadline", "team_id")
    posted_at = datetime.fromisoformat(mention["posted_at"])
    assert datetime.fromisoformat(ticket["social_deadline"]) == posted_at + timedelta(hours=2)
    assert ticket["team_id"][0] == brand.team

    text = f"{FAMILY} ¡Hola @ana1.test! Mira https://aurora.example/equipaje?ñ=1. #maletas"
    reply_id = brand.answer(mention["id"], text)
    brand.publish()

    reply = brand.read("social.care.reply", reply_id, "state", "external_id", "url", "error_code")
    assert reply["state"] == "sent", reply
    answer = _answer_in_thread(ana, said)
    assert answer["uri"] == reply["external_id"]
    assert answer["author"]["did"] == aurora.did
    assert answer["record"]["text"] == text
    assert answer["record"]["reply"]["root"]["uri"] == start["uri"]
    assert answer["record"]["reply"]["parent"]["uri"] == said["uri"]
    assert answer["record"]["langs"] == ["es"]
    assert _shown(answer, "mention")["@ana1.test"]["did"] == ana.did
    address = "https://aurora.example/equipaje?ñ=1"
    assert _shown(answer, "link") == {
        address: {"$type": "app.bsky.richtext.facet#link", "uri": address}
    }
    assert list(_shown(answer, "tag")) == ["#maletas"]
    _told(ana, answer)  # the AppView understood whom it names
    ticket = brand.read(
        "helpdesk.ticket", mention["ticket_id"][0], "social_waiting_since", "social_deadline"
    )
    assert ticket == {"id": ticket["id"], "social_waiting_since": False, "social_deadline": False}

    ana.like(answer["uri"], answer["cid"])
    wait_for(
        lambda: any(one["reason"] == "like" for one in aurora.mentions()),
        "the brand is told that ana1 likes it",
        ARRIVAL,
    )
    brand.receive()
    brand.publish()

    assert brand.outcome(mention["ticket_id"][0]) == "satisfied"
    assert len(brand.mentions(account)) == 1, "neither the mention again nor our own answer"
    assert brand.admin("social.care.reply", "search_count", [("account_id", "=", account)]) == 1


def test_300_graphemes_go_out_and_a_deleted_question_is_told(bluesky, brand):
    aurora, ana = bluesky.add_user("aurora2"), bluesky.add_user("ana2")
    account = brand.connect(aurora, network="bluesky")
    said = [ana.say(text, mention=aurora) for text in ("how long?", "never mind")]
    _told(aurora, said[1])
    brand.receive()
    mentions = {mention["external_id"]: mention["id"] for mention in brand.mentions(account)}
    ana.delete(said[1]["uri"])
    wait_for(lambda: not ana.find(said[1]["uri"]), "it is gone")

    text = FAMILY * 40 + "ñ" * 260
    replies = [
        brand.answer(mentions[post["uri"]], words)
        for post, words in zip(said, (text, "too late"), strict=True)
    ]
    brand.publish()

    states = [brand.read("social.care.reply", one, "state", "error_code") for one in replies]
    assert [(one["state"], one["error_code"]) for one in states] == [
        ("sent", False),
        ("failed", "parent_gone"),
    ]
    assert _answer_in_thread(ana, said[0])["record"]["text"] == text


# -- The adapter and the servers, without Odoo


def _adapter(user, **changes):
    credentials = {"base_url": user.base_url, "access_token": user.token, **changes}
    return Bluesky(Credentials(**credentials), Transport(allow_loopback=True))


def _read_all(adapter):
    mentions, cursor, more, pages = [], {}, True, 0
    while more:
        page = adapter.fetch(cursor, None)
        assert not page.problems
        mentions += page.mentions
        cursor, more, pages = page.cursor, page.more, pages + 1
    return mentions, pages


def _reply(post, text, key="k", **more):
    return Reply(key, text, "public", Mention(external_id=post["uri"]), **more)


@pytest.fixture(scope="module")
def aurora(bluesky):
    """A brand of these tests."""
    return bluesky.add_user("aurora3")


@pytest.fixture(scope="module")
def ana(bluesky):
    """A customer of these tests."""
    return bluesky.add_user("ana3")


def test_120_mentions_are_read_over_several_pages(bluesky):
    aurora, ana = bluesky.add_user("aurora4"), bluesky.add_user("ana4")
    said = ana.say_many([f"message {number}" for number in range(120)], mention=aurora)
    wait_for(lambda: aurora.unread() == 120, "the brand is told of all", ARRIVAL)
    mentions, pages = _read_all(_adapter(aurora))
    assert {mention.external_id for mention in mentions} == {post["uri"] for post in said}
    assert len(mentions) == 120
    assert pages == 3  # two of notifications, one of our own posts


def test_301_graphemes_are_refused_by_the_server_too(aurora, ana):
    said = ana.say("hello", mention=aurora)
    _told(aurora, said)
    adapter = _adapter(aurora)
    adapter.max_length = 1000
    with pytest.raises(RejectedError) as caught:
        adapter.publish(_reply(said, FAMILY + "a" * 300))
    assert (caught.value.code, caught.value.status) == ("rejected", 400)
    assert caught.value.published is False
    assert adapter.find_published(_reply(said, FAMILY + "a" * 300), datetime.min) == []


def test_an_answer_sent_twice_is_one_post_and_is_found(aurora, ana):
    said = ana.say("where?", mention=aurora)
    _told(aurora, said)
    adapter, reply = _adapter(aurora), _reply(said, "Here,\n\nat  the desk.")
    published = adapter.publish(reply)
    assert adapter.publish(reply) == published
    # One that is under way while another arrived, as seen by the server: refused, and no harm.
    record = {"text": "another", "createdAt": "2026-11-22T12:00:00Z"}
    key = published.external_id.rpartition("/")[2]
    adapter._write("app.bsky.feed.post", key, record)
    answer = _answer_in_thread(ana, said)
    assert normalise_text(answer["record"]["text"]) == "Here, at the desk."
    assert len(ana.answers_to(said["uri"])) == 1
    assert adapter.find_published(reply, datetime.min) == [published]
    own = [mention for mention in _read_all(adapter)[0] if mention.own]
    assert [(one.external_id, one.parent_external_id) for one in own] == [
        (published.external_id, said["uri"])
    ]


def test_a_deleted_answer_is_gone_and_twice_is_no_harm(aurora, ana):
    said = ana.say("where is gate B?", mention=aurora)
    _told(aurora, said)
    adapter = _adapter(aurora)
    published = adapter.publish(_reply(said, "Down the hall.", "gone"))
    _answer_in_thread(ana, said)
    for _again in range(2):
        adapter.delete(published.external_id)
    wait_for(lambda: not ana.answers_to(said["uri"]), "the thread is empty again", 60)


def test_a_like_and_a_picture(aurora, ana):
    said = ana.say("look", mention=aurora)
    _told(aurora, said)
    adapter, mention = _adapter(aurora), Mention(external_id=said["uri"])

    def likes():
        return ana.find(said["uri"])[0]["likeCount"]

    adapter.like(mention, True)
    adapter.like(mention, True)
    wait_for(lambda: likes() == 1, "the like is counted")
    adapter.like(mention, False)
    adapter.like(mention, False)
    wait_for(lambda: likes() == 0, "the like is taken back")

    picture = Attachment("desk.png", "image/png", PNG, "The desk in hall 2")
    adapter.publish(_reply(said, "Here.", attachments=(picture,)))
    answer = _answer_in_thread(ana, said)
    assert [image["alt"] for image in answer["embed"]["images"]] == ["The desk in hall 2"]
    wait_for(lambda: adapter.refresh([answer["uri"]])[0].media, "it is shown")


def test_the_thread_around_a_mention_and_what_became_of_it(aurora, ana):
    adapter = _adapter(aurora)
    root = aurora.say("we fly to Oslo")
    _seen(ana, root)
    question = ana.say("when?", reply=(root, root))
    more = ana.say("and back?", reply=(root, question))
    _told(aurora, more)
    found = {mention.external_id: mention for mention in _read_all(adapter)[0]}
    told = found[question["uri"]], found[more["uri"]]
    assert [(one.kind, one.addressed) for one in told] == [("reply", True), ("mention", False)]
    assert told[1].author.followers_count == 0
    context = adapter.fetch_context(told[1])
    assert (context["root"]["text"], context["root"]["own"]) == ("we fly to Oslo", True)
    assert context["parent"]["text"] == "when?"
    ana.delete(question["uri"])
    gone, kept = wait_for(
        lambda: next(
            (
                now
                for now in [adapter.refresh([one.external_id for one in told])]
                if now[0].deleted_at
            ),
            None,
        ),
        "the deletion is seen",
    )
    assert (kept.body, kept.deleted_at) == ("and back?", None)
    assert gone.external_id == question["uri"]
    assert "root" not in adapter.fetch_context(kept)  # the server tells no more than that


def test_a_session_begins_with_an_app_password_and_is_renewed(bluesky, aurora):
    adapter = _adapter(aurora, base_url="", access_token="")
    adapter.server, adapter.directory = bluesky.base_url, bluesky.directory_url
    login = adapter.sign_in("@aurora3.test", aurora.app_password())
    assert login.base_url == bluesky.base_url
    assert login.profile.external_id == aurora.did
    lasts = login.tokens.access_expires_at - datetime.now()
    assert timedelta(hours=1) < lasts < timedelta(hours=3)
    assert login.tokens.login_expires_at - datetime.now() > timedelta(days=80)

    tokens = login.tokens
    with pytest.raises(AuthenticationError, match="token_expired"):
        _adapter(aurora, access_token=tokens.refresh_token).verify()
    with pytest.raises(AuthenticationError, match="token_expired"):
        _adapter(aurora, access_token="h.e30.s").verify()
    renewed = _adapter(aurora, refresh_token=tokens.refresh_token).renew()
    assert renewed.refresh_token != tokens.refresh_token
    profile = _adapter(aurora, access_token=renewed.access_token).verify()
    assert (profile.external_id, profile.handle) == (aurora.did, "aurora3.test")
    with pytest.raises(AuthenticationError, match="token_expired"):
        _adapter(aurora, refresh_token=tokens.access_token).renew()
    with pytest.raises(AuthenticationError, match="login_refused"):
        adapter.sign_in("aurora3.test", f"not {PASSWORD}")
    with pytest.raises(AuthenticationError, match="login_refused"):
        adapter.sign_in("nobody.test", PASSWORD)
