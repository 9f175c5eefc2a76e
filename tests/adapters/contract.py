"""What every network must do, as tests that an adapter runs by supplying a world.

A subclass has a fixture ``world`` with the methods of :class:`World` and mixes in the
suites that fit: :class:`Reading` for all, :class:`OverHttp` for what is asked over HTTP,
:class:`Publishing` for what can be answered, :class:`Changing` for what can be changed then.
"""

from __future__ import annotations

import contextlib
import json
import logging
import traceback
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from fakes.http_server import Fault

from networks import (
    AppKeys,
    AuthenticationError,
    Author,
    Mention,
    NetworkError,
    RateLimited,
    RejectedError,
    Reply,
    TransientError,
)
from networks.cleaning import MAX_BODY, MAX_COUNT

NOW = datetime(2026, 11, 22, 12, 0, 0)
SINCE = NOW - timedelta(days=30)
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"  # seven code points
HOSTILE = {
    "script": "<script>alert(1)</script>",
    "formula": "=1+1",
    "nul": "before\x00after",
    "surrogate": "before\ud800after",
    "right to left": "\u202eمرحبا بالعالم",
    "emoji": FAMILY,
    "two megabytes": "a" * 2_000_000,
    "separators": "one\u2028two\x85three",
}


class World:
    """One account on one network, and what happens there."""

    secret = ""

    def adapter(self):
        """A new adapter, as after a restart."""
        raise NotImplementedError

    def say(self, text, at=NOW, **raw):
        """A customer says something to us; ``raw`` fields are put on the wire as they are.

        :return: the external_id it must get
        """
        raise NotImplementedError

    def edit(self, external_id, text):
        raise NotImplementedError

    def delete(self, external_id):
        raise NotImplementedError

    def answer(self, text, parent):
        """We answer in the network's own app."""
        raise NotImplementedError

    def shuffle(self):
        """From now on pages come in disorder."""
        raise NotImplementedError

    def fail(self, status=200, body=b"", headers=None, cut=False, after=False, publishing=False):
        """The next request ends like this; with ``after``, only once it was carried out.

        With ``publishing`` the next that publishes: what is asked before it succeeds.
        """
        raise NotImplementedError

    # For networks that call us:

    keys = AppKeys()
    owner = ""  # the brand's external id, by which a call names it

    def push(self, external_id):
        """The bytes with which the network tells of something that was said."""
        raise NotImplementedError

    def push_unknown(self):
        """The bytes of an event that did not exist when the adapter was written."""
        raise NotImplementedError

    def sign(self, body, secret=None):
        """The headers that come with these bytes, signed with the app's secret or another."""
        raise NotImplementedError

    def challenge(self):
        """The query of the handshake and the text that must answer it."""
        raise NotImplementedError

    # For networks that change what is out: what the fake server shows, and a message's id there.

    private_id = ""

    def text_of(self, external_id):
        """What stands there now, as the network shows it; None where it is gone."""
        raise NotImplementedError

    # For networks with gestures: what the fake server shows.

    def is_liked(self, external_id):
        raise NotImplementedError

    def is_hidden(self, external_id):
        raise NotImplementedError


class ServerWorld(World):
    """A network whose fake server runs on loopback.

    :param server: a ``fakes.http_server.FakeServer``
    """

    def __init__(self, server):
        self.server = server
        self.url = server.url
        self.running = True

    def delete(self, external_id):
        self.server.delete(external_id)

    def shuffle(self):
        self.server.shuffled = True

    def fail(self, status=200, body=b"", headers=None, cut=False, after=False, publishing=False):
        method = "POST" if publishing else ""
        self.server.faults.append(Fault(status, body, headers, cut, after, method=method))

    def stop(self):
        if self.running:
            self.server.close()
        self.running = False


def read_all(adapter, cursor=None, since=SINCE, limit=100):
    """All pages there are now, and the last cursor; the cursor goes through JSON as in a database."""
    mentions, cursor = [], cursor or {}
    for _page in range(limit):
        page = adapter.fetch(json.loads(json.dumps(cursor)), since)
        mentions += page.mentions
        cursor = page.cursor
        if not page.more:
            return mentions, cursor
    raise AssertionError(f"no end after {limit} pages")


def ids(mentions):
    return [mention.external_id for mention in mentions]


def storable(text):
    text.encode()
    return "\x00" not in text


class Reading:
    """In: nothing lost, nothing invented, nothing that a database refuses."""

    pages = 95  # rows said in the paging tests: more than two pages of the network

    def say_many(self, world, number):
        return {
            world.say(f"message {i}", NOW - timedelta(minutes=number - i)) for i in range(number)
        }

    def test_every_message_is_read(self, world):
        said = self.say_many(world, self.pages)
        mentions, _cursor = read_all(world.adapter())
        assert set(ids(mentions)) == said
        assert len(mentions) == self.pages

    def test_a_restart_between_any_two_pages_loses_nothing(self, world):
        said = self.say_many(world, self.pages)
        read, cursor, more = set(), {}, True
        while more:
            page = world.adapter().fetch(json.loads(json.dumps(cursor)), SINCE)
            read |= set(ids(page.mentions))
            cursor, more = page.cursor, page.more
        assert read == said

    def test_a_page_asked_for_twice_is_the_same(self, world):
        self.say_many(world, self.pages)
        first = world.adapter().fetch({}, SINCE)
        again = world.adapter().fetch({}, SINCE)
        assert ids(first.mentions) == ids(again.mentions)
        assert [m.digest() for m in first.mentions] == [m.digest() for m in again.mentions]
        assert first.cursor == again.cursor

    def test_disorder_within_pages_loses_nothing(self, world):
        said = self.say_many(world, self.pages)
        world.shuffle()
        mentions, _cursor = read_all(world.adapter())
        assert set(ids(mentions)) == said

    def test_what_is_new_is_read_at_the_next_poll(self, world):
        self.say_many(world, 3)
        _mentions, cursor = read_all(world.adapter())
        new = world.say("one more", NOW)
        mentions, cursor = read_all(world.adapter(), cursor)
        assert new in ids(mentions)

    def test_nothing_new_is_read_out_of_nothing(self, world):
        said = self.say_many(world, 3)
        _mentions, cursor = read_all(world.adapter())
        mentions, _cursor = read_all(world.adapter(), cursor)
        assert set(ids(mentions)) <= said

    def test_what_arrives_during_a_walk_is_read(self, world):
        said = self.say_many(world, self.pages)
        page = world.adapter().fetch({}, SINCE)
        said.add(world.say("in between", NOW))
        mentions, cursor = read_all(world.adapter(), page.cursor)
        later, _cursor = read_all(world.adapter(), cursor)
        assert set(ids([*page.mentions, *mentions, *later])) == said

    def test_own_answers_are_told_from_customers(self, world):
        question = world.say("my bag is lost", NOW - timedelta(minutes=5))
        answer = world.answer("we look for it", question)
        mentions, _cursor = read_all(world.adapter())
        found = {mention.external_id: mention for mention in mentions}
        assert not found[question].own
        assert found[question].addressed
        assert found[answer].own
        assert not found[answer].addressed
        assert found[answer].parent_external_id == question

    @pytest.mark.parametrize("name", HOSTILE)
    def test_hostile_text_is_stored_harmlessly_beside_its_neighbour(self, world, name):
        neighbour = world.say("a calm neighbour", NOW - timedelta(minutes=2))
        hostile = world.say(HOSTILE[name], NOW - timedelta(minutes=1))
        mentions, _cursor = read_all(world.adapter())
        found = {mention.external_id: mention for mention in mentions}
        assert found[neighbour].body == "a calm neighbour"
        assert storable(found[hostile].body)
        assert 0 < len(found[hostile].body) <= MAX_BODY
        assert storable(json.dumps(found[hostile].raw, ensure_ascii=False))

    def test_times_are_naive_utc(self, world):
        said = world.say("at ten to six in Madrid", datetime(2026, 11, 21, 15, 50))
        mentions, _cursor = read_all(world.adapter())
        found = {mention.external_id: mention for mention in mentions}
        assert found[said].posted_at == datetime(2026, 11, 21, 15, 50)

    def test_unknown_fields_are_kept_and_do_no_harm(self, world):
        said = world.say("hello", novelty={"deep": [1, 2, {"x": None}]})
        mentions, _cursor = read_all(world.adapter())
        found = {mention.external_id: mention for mention in mentions}
        assert found[said].body == "hello"
        assert found[said].raw["novelty"] == {"deep": [1, 2, {"x": None}]}

    def test_strangers_without_a_name_are_never_one_person(self, world):
        said = [self.say_without_author(world, text) for text in ("one", "two")]
        mentions, _cursor = read_all(world.adapter())
        found = {mention.external_id: mention.author.external_id for mention in mentions}
        assert found[said[0]] and found[said[1]]
        assert found[said[0]] != found[said[1]]

    def test_a_number_of_5000_digits_is_clamped(self, world):
        said = self.say_with_likes(world, "10**5000", int("9" * 4000) * 10**1000)
        mentions, _cursor = read_all(world.adapter())
        found = {mention.external_id: mention for mention in mentions}
        assert found[said].likes == MAX_COUNT

    def say_without_author(self, world, text):
        raise NotImplementedError

    def say_with_likes(self, world, text, likes):
        raise NotImplementedError

    def test_lengths_are_counted_as_the_network_counts(self, world):
        adapter = world.adapter()
        for text, length in self.lengths.items():
            assert adapter.count_length(text) == length, text

    lengths = {"": 0, "hello": 5}


# JSON that is no answer to what was asked: an object that misses what makes it one.
ODD = {
    "nothing": b"{}",
    "a list": b"[{}]",
    "an item": b"[null, 7, {}]",
    "data": b'{"data": [{}, 7], "posts": [{}], "items": [{}, {"id": "1"}]}',
    "parts": b'{"ancestors": [{}], "descendants": [{}], "thread": {"post": {}, "replies": [{}]}}',
}


class Rereading:
    """Edits and deletions, where the network is asked again for what is known."""

    def test_an_edited_text_is_read_again(self, world):
        said = world.say("my bag is lots", NOW - timedelta(minutes=5))
        (before,) = world.adapter().refresh([said])
        world.edit(said, "my bag is lost")
        (after,) = world.adapter().refresh([said])
        assert (before.body, after.body) == ("my bag is lots", "my bag is lost")
        assert before.digest() != after.digest()
        assert after.edited_at is not None

    def test_a_deletion_is_noticed(self, world):
        kept = world.say("kept", NOW - timedelta(minutes=5))
        gone = world.say("gone", NOW - timedelta(minutes=4))
        world.delete(gone)
        found = {mention.external_id: mention for mention in world.adapter().refresh([gone, kept])}
        assert found[gone].deleted_at is not None
        assert found[kept].deleted_at is None

    def test_a_deletion_during_a_walk_loses_nothing_else(self, world):
        said = [world.say(f"message {i}", NOW - timedelta(minutes=200 - i)) for i in range(95)]
        page = world.adapter().fetch({}, SINCE)
        last = page.mentions[-1].external_id
        world.delete(last)
        mentions, _cursor = read_all(world.adapter(), page.cursor)
        assert set(ids([*page.mentions, *mentions])) == set(said)

    @pytest.mark.parametrize("method", ["refresh", "fetch_context"])
    @pytest.mark.parametrize("body", ODD.values(), ids=ODD)
    def test_an_answer_in_another_shape_is_no_crash(self, world, body, method):
        said = world.say("kept", NOW - timedelta(minutes=5))
        below = world.answer("We look for it.", parent=said)
        mentions = {mention.external_id: mention for mention in read_all(world.adapter())[0]}
        for _request in range(3):
            world.fail(body=body)
        asked = [said, below] if method == "refresh" else mentions[below]
        with contextlib.suppress(NetworkError):
            getattr(world.adapter(), method)(asked)


# status → exception, its code, whether it proves that nothing was published
STATUSES = {
    400: (RejectedError, "rejected", False),
    401: (AuthenticationError, "token_expired", False),
    403: (AuthenticationError, "missing_permission", False),
    404: (RejectedError, "not_found", False),
    410: (RejectedError, "not_found", False),
    429: (RateLimited, "rate_limited", False),
    500: (TransientError, "server_error", None),
    502: (TransientError, "server_error", None),
    503: (TransientError, "server_error", None),
}
GARBAGE = {
    "html": b"<!DOCTYPE html><title>We are down for maintenance</title>",
    "nothing": b"",
    "cut": b'[{"id": "1", "type": "men',
    "100,000 deep": b"[" * 100_000 + b"]" * 100_000,
    "binary": bytes(range(256)) * 10,
}


class OverHttp:
    """Errors: the right class, the cursor in place, no secret told."""

    @pytest.mark.parametrize("status", STATUSES)
    def test_a_status_becomes_its_error(self, world, status):
        kind, code, published = STATUSES[status]
        world.fail(status, b'{"error": "no"}')
        with pytest.raises(NetworkError) as caught:
            world.adapter().fetch({}, SINCE)
        error = caught.value
        assert (type(error), error.code, error.published) == (kind, code, published)
        assert error.status == status

    @pytest.mark.parametrize(
        ("headers", "seconds"),
        [
            ({"Retry-After": "120"}, 120),
            (
                {
                    "Date": "Sun, 22 Nov 2026 12:00:00 GMT",
                    "Retry-After": "Sun, 22 Nov 2026 12:01:30 GMT",
                },
                90,
            ),
            (
                {
                    "Date": "Sun, 22 Nov 2026 12:00:00 GMT",
                    "X-RateLimit-Reset": "2026-11-22T12:05:00.123Z",
                },
                300,
            ),
            ({"Date": "Sun, 22 Nov 2026 12:00:00 GMT", "RateLimit-Reset": "1795349100"}, 300),
            ({"Retry-After": "soon"}, None),
            ({}, None),
        ],
    )
    def test_the_network_says_how_long_to_wait(self, world, headers, seconds):
        world.fail(429, b"", headers)
        with pytest.raises(RateLimited) as caught:
            world.adapter().fetch({}, SINCE)
        assert caught.value.retry_after == seconds

    @pytest.mark.parametrize("name", GARBAGE)
    def test_garbage_in_place_of_json_is_transient(self, world, name):
        world.fail(200, GARBAGE[name])
        with pytest.raises(TransientError) as caught:
            world.adapter().fetch({}, SINCE)
        assert (caught.value.code, caught.value.published) == ("not_json", None)

    def test_an_answer_without_a_list_is_not_the_end_of_the_list(self, world):
        said = {world.say(f"message {i}", NOW - timedelta(minutes=300 - i)) for i in range(250)}
        page = world.adapter().fetch({}, SINCE)
        cursor = page.cursor
        world.fail(body=b"{}")
        mentions = [*page.mentions]
        with contextlib.suppress(NetworkError):
            page = world.adapter().fetch(cursor, SINCE)
            mentions, cursor = [*mentions, *page.mentions], page.cursor
        mentions += read_all(world.adapter(), cursor)[0]
        assert set(ids(mentions)) == said

    def test_an_error_costs_nothing_but_time(self, world):
        said = {world.say(f"message {i}", NOW - timedelta(minutes=200 - i)) for i in range(95)}
        adapter, cursor, read, more = world.adapter(), {}, set(), True
        while more:
            world.fail(503)
            with pytest.raises(TransientError):
                adapter.fetch(cursor, SINCE)
            page = adapter.fetch(cursor, SINCE)
            read |= set(ids(page.mentions))
            cursor, more = page.cursor, page.more
        assert read == said

    @pytest.mark.parametrize("status", [401, 422, 429, 500])
    def test_no_secret_is_told(self, world, status, caplog):
        caplog.set_level(logging.DEBUG)
        world.fail(status, b'{"error": "' + world.secret.encode() + b'"}')
        with pytest.raises(NetworkError) as caught:
            world.adapter().fetch({}, SINCE)
        told = "".join(traceback.format_exception(caught.value)) + repr(caught.value.__dict__)
        assert world.secret
        assert world.secret not in told
        assert world.secret not in caplog.text
        assert world.secret not in repr(world.adapter().credentials)

    def test_a_dead_token_is_found_when_connecting(self, world):
        world.fail(401)
        with pytest.raises(AuthenticationError):
            world.adapter().verify()

    def test_verify_reads_mentions_too(self, world):
        world.refuse_reading()
        with pytest.raises(NetworkError):
            world.adapter().verify()

    def test_a_cut_connection_leaves_the_question_open(self, world):
        world.fail(cut=True)
        with pytest.raises(TransientError) as caught:
            world.adapter().fetch({}, SINCE)
        assert (caught.value.code, caught.value.published) == ("timeout", None)

    def test_a_server_that_is_gone_proves_that_nothing_went_out(self, world):
        adapter = world.adapter()
        world.stop()
        with pytest.raises(TransientError) as caught:
            adapter.fetch({}, SINCE)
        assert (caught.value.code, caught.value.published) == ("unreachable", False)

    def test_a_redirect_is_not_followed(self, world):
        world.fail(302, b"", {"Location": "/api/elsewhere"})
        with pytest.raises(TransientError) as caught:
            world.adapter().fetch({}, SINCE)
        assert caught.value.code == "redirected"


class Publishing:
    """Out: in the thread, once, and found again."""

    def reply(self, world, body="We look for it.", key="k-1", visibility="public", **more):
        """An answer to something a customer just said."""
        said = world.say("my bag is lost", NOW - timedelta(minutes=5), **more)
        parent = next(m for m in read_all(world.adapter())[0] if m.external_id == said)
        return Reply(idempotency_key=key, body=body, visibility=visibility, parent=parent)

    def test_an_answer_is_published_in_its_thread(self, world):
        reply = self.reply(world)
        published = world.adapter().publish(reply)
        (post,) = world.published()
        assert post["id"] == published.external_id
        assert post["parent"] == reply.parent.external_id
        assert "We look for it." in post["text"]
        assert published.url.startswith("http")
        assert published.posted_at is not None

    def test_our_answer_comes_back_as_our_own(self, world):
        published = world.adapter().publish(self.reply(world))
        mentions, _cursor = read_all(world.adapter())
        own = [mention.external_id for mention in mentions if mention.own]
        assert own == [published.external_id]

    def test_an_answer_whose_fate_is_unknown_is_found(self, world):
        reply = self.reply(world)
        world.fail(cut=True, after=True, publishing=True)
        with pytest.raises(TransientError) as caught:
            world.adapter().publish(reply)
        assert caught.value.published is None
        (found,) = world.adapter().find_published(reply, NOW - timedelta(minutes=2))
        assert [post["id"] for post in world.published()] == [found.external_id]

    def test_an_answer_that_never_left_is_not_found(self, world):
        reply = self.reply(world)
        assert world.adapter().find_published(reply, NOW - timedelta(minutes=2)) == []

    def test_the_same_words_to_somebody_else_are_not_found(self, world):
        world.adapter().publish(self.reply(world))
        other = self.reply(world, key="k-2")
        assert world.adapter().find_published(other, NOW - timedelta(minutes=2)) == []

    def test_other_words_to_the_same_post_are_not_found(self, world):
        reply = self.reply(world)
        world.adapter().publish(reply)
        other = Reply("k-2", "Something else entirely.", "public", reply.parent)
        assert world.adapter().find_published(other, NOW - timedelta(minutes=2)) == []

    def test_what_was_published_before_is_not_found(self, world):
        reply = self.reply(world)
        world.adapter().publish(reply)
        assert world.adapter().find_published(reply, NOW + timedelta(hours=1)) == []

    def test_both_of_two_candidates_are_found(self, world):
        reply = self.reply(world)
        first = world.adapter().publish(reply)
        second = world.adapter().publish(Reply("k-2", reply.body, "public", reply.parent))
        found = world.adapter().find_published(reply, NOW - timedelta(minutes=2))
        assert {item.external_id for item in found} == {first.external_id, second.external_id}

    def test_a_post_that_is_gone_cannot_be_answered(self, world):
        reply = self.reply(world)
        world.delete(reply.parent.external_id)
        with pytest.raises(RejectedError) as caught:
            world.adapter().publish(reply)
        assert (caught.value.code, caught.value.published) == ("parent_gone", False)
        assert world.published() == []

    def test_a_text_that_is_too_long_is_refused(self, world):
        adapter = world.adapter()
        reply = self.reply(world, "a" * (adapter.max_length + 1))
        with pytest.raises(RejectedError) as caught:
            adapter.publish(reply)
        assert caught.value.published is False
        assert world.published() == []

    @pytest.mark.parametrize("status", [429, 500])
    def test_a_refused_answer_says_whether_it_may_be_out(self, world, status):
        reply = self.reply(world)
        world.fail(status, publishing=True)
        with pytest.raises(NetworkError) as caught:
            world.adapter().publish(reply)
        assert caught.value.published is (False if status == 429 else None)
        assert world.published() == []

    @pytest.mark.parametrize("status", [401, 429, 500])
    def test_the_first_request_proves_what_it_proves(self, world, status):
        reply = self.reply(world)
        world.fail(status)
        with pytest.raises(NetworkError) as caught:
            world.adapter().publish(reply)
        assert caught.value.published is not True
        if caught.value.published is False:
            assert world.published() == []

    def test_html_in_place_of_the_answer_leaves_the_question_open(self, world):
        reply = self.reply(world)
        world.fail(200, b"<html>", after=True, publishing=True)
        with pytest.raises(TransientError) as caught:
            world.adapter().publish(reply)
        assert caught.value.published is None
        assert len(world.published()) == 1

    def test_starting_a_text_twice_changes_nothing(self, world):
        adapter = world.adapter()
        mention = Mention(external_id="1", author=Author(external_id="a", handle="ana@far.example"))
        once = adapter.prepare_text("Hello", mention)
        assert adapter.prepare_text(once, mention) == once
        assert "Hello" in once


class Pushing:
    """Being told: nothing forged comes in, nothing that is signed is lost, nothing twice."""

    def pushed(self, world, body):
        """The mentions and problems of a call, read by the account it names."""
        mentions, problems = [], []
        for entry in type(world.adapter()).read_delivery(body):
            assert (entry.network, entry.owner) == (world.adapter().code, world.owner)
            page = world.adapter().read_entry(entry)
            mentions += page.mentions
            problems += page.problems
        return mentions, problems

    def test_the_same_message_polled_and_pushed_is_one(self, world):
        said = world.say("my bag is lost")
        ([pushed], problems) = self.pushed(world, world.push(said))
        (polled,) = [m for m in read_all(world.adapter())[0] if m.external_id == said]
        assert problems == []
        for name in ("external_id", "body", "kind", "visibility", "posted_at", "own", "addressed"):
            assert getattr(pushed, name) == getattr(polled, name), name
        assert pushed.author.external_id == polled.author.external_id
        assert pushed.thread_external_id == polled.thread_external_id
        assert pushed.parent_external_id == polled.parent_external_id

    def test_the_handshake_proves_the_address(self, world):
        query, answer = world.challenge()
        _kind, text = type(world.adapter()).answer_challenge(query, world.keys)
        assert text == answer

    @pytest.mark.parametrize(
        "value", ["<script>alert(1)</script>", "", "a\r\nSet-Cookie: b", "é" * 9]
    )
    def test_a_handshake_signs_and_repeats_nothing_odd(self, world, value):
        query, _answer = world.challenge()
        name = max(query, key=lambda key: ("challenge" in key or "crc" in key, key))
        network = type(world.adapter())
        assert network.answer_challenge({**query, name: value}, world.keys) is None

    def test_a_handshake_without_keys_is_not_answered(self, world):
        query, _answer = world.challenge()
        network = type(world.adapter())
        with pytest.raises(RejectedError):
            network.answer_challenge(query, AppKeys())

    def test_what_the_network_signed_is_accepted(self, world):
        body = world.push(world.say("¿dónde está mi maleta? 🧳"))
        network = type(world.adapter())
        assert network.is_signed(body, world.sign(body), world.keys)

    def test_a_forged_call_is_refused(self, world):
        body = world.push(world.say("hello"))
        network, headers = type(world.adapter()), world.sign(body)
        assert not network.is_signed(body + b" ", headers, world.keys)
        assert not network.is_signed(body, world.sign(body, "another secret"), world.keys)
        assert not network.is_signed(body, {}, world.keys)
        assert not network.is_signed(body, dict.fromkeys(headers, ""), world.keys)
        assert not network.is_signed(body, dict.fromkeys(headers, "sha256=é"), world.keys)

    def test_without_a_secret_nothing_is_accepted(self, world):
        body = world.push(world.say("hello"))
        network = type(world.adapter())
        assert not network.is_signed(body, world.sign(body, ""), AppKeys())
        assert not network.is_signed(body, world.sign(body), AppKeys())

    @pytest.mark.parametrize("name", GARBAGE)
    def test_a_call_that_is_garbage_is_no_call(self, world, name):
        with pytest.raises(ValueError):
            type(world.adapter()).read_delivery(GARBAGE[name])

    @pytest.mark.parametrize("body", [b"[]", b"1", b"null", b'"x"'])
    def test_a_call_must_be_an_object(self, world, body):
        with pytest.raises(ValueError):
            type(world.adapter()).read_delivery(body)

    def test_an_unknown_event_is_a_problem_and_no_crash(self, world):
        mentions, problems = self.pushed(world, world.push_unknown())
        assert mentions == []
        assert [problem.code for problem in problems] == ["unknown_event"]

    @pytest.mark.parametrize("name", [name for name in HOSTILE if name != "surrogate"])
    def test_hostile_text_in_a_call_is_stored_harmlessly(self, world, name):
        ([mention], _problems) = self.pushed(world, world.push(world.say(HOSTILE[name])))
        assert storable(mention.body)
        assert 0 < len(mention.body) <= MAX_BODY


class Changing(Publishing):
    """An answer that is out gets another text or is taken back, where the network has that."""

    def test_an_answer_gets_another_text_and_keeps_its_place(self, world):
        reply = self.reply(world)
        changed = replace(reply, body="We found it.")
        published = world.adapter().publish(reply)
        if not world.adapter().supports_edit:
            with pytest.raises(RejectedError, match="cannot_edit"):
                world.adapter().edit(published.external_id, changed)
            return
        for _again in range(2):
            world.adapter().edit(published.external_id, changed)
            assert "We found it." in world.text_of(published.external_id)
        own = [mention for mention in read_all(world.adapter())[0] if mention.own]
        assert [(post.external_id, "found" in post.body) for post in own] == [
            (published.external_id, True)
        ]
        (post,) = world.published()
        assert post["parent"] == reply.parent.external_id

    def test_an_answer_that_is_gone_cannot_get_another_text(self, world):
        reply = self.reply(world)
        published = world.adapter().publish(reply)
        if world.adapter().supports_edit:
            world.delete(published.external_id)
            with pytest.raises(RejectedError, match="answer_gone"):
                world.adapter().edit(published.external_id, reply)

    def test_a_new_text_that_is_too_long_is_refused(self, world):
        reply = self.reply(world)
        published = world.adapter().publish(reply)
        if world.adapter().supports_edit:
            long = replace(reply, body="a" * (world.adapter().max_length + 1))
            with pytest.raises(RejectedError):
                world.adapter().edit(published.external_id, long)
            assert "We look for it." in world.text_of(published.external_id)

    def test_an_answer_is_taken_back_and_twice_is_no_harm(self, world):
        published = world.adapter().publish(self.reply(world))
        if not world.adapter().supports_delete:
            with pytest.raises(RejectedError, match="cannot_delete"):
                world.adapter().delete(published.external_id)
            return
        for _again in range(2):
            world.adapter().delete(published.external_id)
            assert world.text_of(published.external_id) is None

    @pytest.mark.parametrize("status", [401, 429, 500])
    def test_an_error_is_no_deletion(self, world, status):
        published = world.adapter().publish(self.reply(world))
        if world.adapter().supports_delete:
            world.fail(status)
            with pytest.raises(NetworkError):
                world.adapter().delete(published.external_id)
            assert world.text_of(published.external_id) is not None

    def test_a_private_message_stays_where_the_network_cannot_take_it_back(self, world):
        if world.private_id:
            asked = len(world.server.requests)
            with pytest.raises(RejectedError, match="cannot_delete"):
                world.adapter().delete(world.private_id)
            with pytest.raises(RejectedError, match="cannot_edit"):
                world.adapter().edit(world.private_id, self.private_reply())
            assert len(world.server.requests) == asked

    def private_reply(self):
        return Reply("k-1", "We found it.", "direct", Mention(external_id="dm:1", kind="direct"))


class Gestures:
    """Likes and hiding, where the network has them: done, undone, and twice is no harm."""

    def mention(self, world):
        said = world.say("what a flight")
        return next(m for m in read_all(world.adapter())[0] if m.external_id == said)

    def test_a_like_is_given_and_taken_back(self, world):
        if not world.adapter().supports_like:
            with pytest.raises(RejectedError, match="cannot_like"):
                world.adapter().like(self.mention(world), True)
            return
        mention = self.mention(world)
        for on in (True, True, False, False):
            world.adapter().like(mention, on)
            assert world.is_liked(mention.external_id) is on

    def test_a_message_is_hidden_and_shown_again(self, world):
        if not world.adapter().supports_hide:
            with pytest.raises(RejectedError, match="cannot_hide"):
                world.adapter().hide(self.mention(world), True)
            return
        mention = self.mention(world)
        for on in (True, True, False, False):
            world.adapter().hide(mention, on)
            assert world.is_hidden(mention.external_id) is on
