"""The practice account: a sample week that happens around now."""

import json
from datetime import datetime, timedelta

import pytest
from contract import ids, read_all

from networks import (
    BUILTIN,
    Author,
    Credentials,
    Mastodon,
    Mention,
    Practice,
    RejectedError,
    Reply,
    Transport,
)

NOW = datetime(2026, 11, 22, 12, 0)  # a Sunday


def sample(*rows):
    return "".join(json.dumps({"author_id": "a", "body": "x", **values}) + "\n" for values in rows)


def practice(document, now=NOW, like=Mastodon):
    return Practice(Credentials(document=document.encode()), Transport(), lambda: now, like=like)


WEEK = sample(
    {"external_id": "mon", "posted_at": "2026-03-02T09:15:00"},
    {"external_id": "sat", "posted_at": "2026-03-07T23:00:00"},
    {"external_id": "mon-child", "parent_id": "mon", "posted_at": "2026-03-02T10:00:00"},
    {"external_id": "sun", "posted_at": "2026-03-08T11:00:00"},
    {"external_id": "sun-child", "parent_id": "sun", "posted_at": "2026-03-08T14:00:00"},
    {"external_id": "sun-grandchild", "parent_id": "sun-child", "posted_at": "2026-03-09T08:00:00"},
    {"external_id": "sun-late", "thread_id": "sun", "own": 1, "posted_at": "2026-03-08T13:00:00"},
)


def test_weekday_and_hour_stay_and_the_week_is_the_last_one():
    mentions, _cursor = read_all(practice(WEEK))
    assert {m.external_id: m.posted_at for m in mentions} == {
        "mon": datetime(2026, 11, 16, 9, 15),
        "mon-child": datetime(2026, 11, 16, 10, 0),
        "sat": datetime(2026, 11, 21, 23, 0),
        "sun": datetime(2026, 11, 22, 11, 0),
    }


def test_what_lies_in_the_future_arrives_in_its_time():
    _mentions, cursor = read_all(practice(WEEK))
    arrived = []
    for hours in (1, 2, 19, 20, 400):
        mentions, cursor = read_all(practice(WEEK, NOW + timedelta(hours=hours)), cursor)
        arrived.append([(m.external_id, m.posted_at) for m in mentions])
    assert arrived == [
        [("sun-late", datetime(2026, 11, 22, 13))],
        [("sun-child", datetime(2026, 11, 22, 14))],
        [],
        [("sun-grandchild", datetime(2026, 11, 23, 8))],
        [],
    ]


def test_an_anchor_stays_where_it_was():
    _mentions, cursor = read_all(practice(WEEK))
    assert cursor["anchor"] == "2026-11-22T12:00:00"
    _mentions, cursor = read_all(practice(WEEK, NOW + timedelta(days=9)), cursor)
    assert cursor["anchor"] == "2026-11-22T12:00:00"


def test_edits_and_deletions_move_along():
    document = sample(
        {"external_id": "a", "posted_at": "2026-03-02T09:00:00"},
        {
            "external_id": "a",
            "posted_at": "2026-03-02T09:00:00",
            "edited_at": "2026-03-02T09:05:00",
        },
        {"external_id": "a", "deleted_at": "2026-03-02T09:10:00"},
    )
    mentions, _cursor = read_all(practice(document))
    assert [(m.posted_at, m.edited_at, m.deleted_at) for m in mentions] == [
        (datetime(2026, 11, 16, 9), None, None),
        (datetime(2026, 11, 16, 9), datetime(2026, 11, 16, 9, 5), None),
        (None, None, datetime(2026, 11, 16, 9, 10)),
    ]


def test_duplicates_are_served_as_often_as_they_stand_there():
    document = sample(*[{"external_id": "a", "posted_at": "2026-03-02T09:00:00"}] * 3)
    assert ids(read_all(practice(document))[0]) == ["a", "a", "a"]


def test_a_thread_that_bites_its_tail_ends():
    document = sample(
        {"external_id": "a", "parent_id": "b", "posted_at": "2026-03-02T09:00:00"},
        {"external_id": "b", "parent_id": "a", "posted_at": "2026-03-02T09:01:00"},
    )
    assert len(read_all(practice(document))[0]) == 2


def test_a_restart_between_pages_loses_nothing():
    document = sample(
        *({"external_id": str(i), "posted_at": "2026-03-02T09:00:00"} for i in range(450))
    )
    seen, cursor, more = [], {}, True
    while more:
        page = practice(document).fetch(json.loads(json.dumps(cursor)), None)
        seen += ids(page.mentions)
        cursor, more = page.cursor, page.more
    assert seen == [str(i) for i in range(450)]


def test_bad_rows_of_the_sample_are_told_once():
    document = WEEK + "nonsense\n"
    page = practice(document).fetch({}, None)
    assert [problem.code for problem in page.problems] == ["bad_json"]
    assert practice(document).fetch(page.cursor, None).problems == ()


def test_nothing_leaves_and_the_same_answer_is_the_same_post(monkeypatch):
    def request(*_arguments, **_named):
        raise AssertionError("the practice account went out")

    monkeypatch.setattr(Transport, "request", request)
    adapter, parent = practice(WEEK), Mention(external_id="mon")
    reply = Reply("k-1", "We look for it.", "public", parent)
    first, second = adapter.publish(reply), adapter.publish(reply)
    assert first == second
    assert first.external_id.startswith("practice-")
    assert first.posted_at == NOW
    other = adapter.publish(Reply("k-1", "We look for it!", "public", parent))
    assert other.external_id != first.external_id
    assert adapter.find_published(reply, NOW) == []
    assert adapter.has_idempotency_key


@pytest.mark.parametrize("like", BUILTIN)
def test_it_is_like_the_network_that_is_practised(like):
    adapter = practice(WEEK, like=like)
    assert adapter.verify().max_length == like.max_length
    assert adapter.supports_publish


def test_it_starts_a_text_as_that_network_does():
    mention = Mention(external_id="1", author=Author(external_id="a", handle="ana@far.example"))
    assert practice(WEEK).prepare_text("Hello", mention) == "@ana@far.example Hello"


def test_the_brand_is_the_samples():
    profile = practice(WEEK).verify()
    assert (profile.name, profile.handle, profile.max_length) == ("Aurora Air", "auroraair", 500)


def test_a_sample_that_is_missing_is_said_to_be():
    with pytest.raises(RejectedError) as caught:
        practice("").verify()
    assert caught.value.code == "no_document"


def test_answers_can_be_changed_and_nothing_leaves(monkeypatch):
    monkeypatch.setattr(Transport, "request", None)
    adapter = practice(WEEK)
    reply = Reply("k-1", "We found it.", "public", Mention(external_id="mon"))
    adapter.edit("practice-1", reply)
    adapter.delete("practice-1")
