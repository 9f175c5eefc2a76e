"""Imported files: JSON Lines and CSV, good rows and bad."""

import csv
import io
import json
import random
import re
from datetime import datetime, timedelta

import pytest
from contract import NOW, Reading, World, ids, read_all

from networks import Credentials, FileImport, RejectedError, Transport, file_import
from networks.cleaning import MAX_COUNT
from networks.columns import COLUMNS
from networks.rows import read_rows


def adapter_of(document, name="mentions.jsonl"):
    return FileImport(Credentials(document=document, document_name=name), Transport())


def read(document, name="mentions.jsonl"):
    """All mentions and problems of a document."""
    adapter, cursor, mentions, problems, more = adapter_of(document, name), {}, [], [], True
    while more:
        page = adapter.fetch(cursor, None)
        mentions += page.mentions
        problems += page.problems
        cursor, more = page.cursor, page.more
    return mentions, problems


def row(**changes):
    values = {
        "external_id": "1",
        "author_id": "a",
        "body": "hello",
        "posted_at": "2026-08-21T10:00:00Z",
    }
    return {**values, **changes}


def json_lines(*rows):
    return "".join(json.dumps(values) + "\n" for values in rows).encode()


class FileWorld(World):
    def __init__(self):
        self.lines = []

    def adapter(self):
        return adapter_of("".join(self.lines).encode())

    def add(self, **values):
        self.lines.append(json.dumps(values) + "\n")
        return values["external_id"]

    def say(self, text, at=NOW, **raw):
        number = f"m-{len(self.lines)}"
        posted = (at + timedelta(hours=2)).isoformat() + "+02:00"
        return self.add(external_id=number, author_id="a", body=text, posted_at=posted, **raw)

    def answer(self, text, parent):
        values = {"own": True, "parent_id": parent, "posted_at": NOW.isoformat()}
        return self.add(external_id="answer", author_id="us", body=text, **values)

    def shuffle(self):
        random.Random(7).shuffle(self.lines)


@pytest.fixture
def world():
    return FileWorld()


class TestFileImportContract(Reading):
    pages = 450  # pages have 200 rows

    def say_without_author(self, world, text):
        number = f"m-{len(world.lines)}"
        return world.add(external_id=number, body=text, posted_at=NOW.isoformat())

    def say_with_likes(self, world, text, likes):
        world.lines.append(
            '{"external_id": "big", "author_id": "a", "body": "x",'
            ' "posted_at": "2026-11-22", "likes": ' + "9" * 5000 + "}\n"
        )
        return "big"


# -- columns


def test_every_column_of_the_table_is_read():
    (mention,), problems = read(
        json_lines(
            {
                "external_id": "c-7",
                "kind": "comment",
                "author_id": "42",
                "author_handle": "@ana",
                "author_name": "Ana Ruiz",
                "author_url": "https://a.example/ana",
                "author_avatar_url": "https://a.example/ana.png",
                "author_followers": "1200",
                "author_verified": "yes",
                "author_bot": "no",
                "author_location": "Madrid",
                "body": "¿Dónde está mi maleta?",
                "posted_at": "2026-08-21T17:50:00+02:00",
                "lang": "es-ES",
                "url": "https://a.example/p/7",
                "thread_id": "p-1",
                "parent_id": "c-6",
                "visibility": "unlisted",
                "edited_at": 1787327400,
                "deleted_at": "1787327460",
                "likes": 3,
                "reposts": "4",
                "replies": 5,
                "views": 6,
                "media": "https://a.example/1.png https://a.example/2.png",
                "intent": "complaint",
                "own": "",
                "addressed": 0,
                "history": "sí",
                "network": "facebook",
                "context_text": "Summer sale",
                "context_author": "Aurora Air",
                "context_url": "https://a.example/p/1",
                "shelf": "B4",
            }
        )
    )
    assert problems == []
    author = mention.author
    assert (author.external_id, author.handle, author.name) == ("42", "ana", "Ana Ruiz")
    assert (author.followers_count, author.verified, author.bot) == (1200, True, False)
    assert (author.avatar_url[-7:], author.location) == ("ana.png", "Madrid")
    assert (mention.kind, mention.lang, mention.visibility) == ("comment", "es_ES", "unlisted")
    assert mention.posted_at == datetime(2026, 8, 21, 15, 50)
    assert mention.edited_at == datetime(2026, 8, 21, 15, 50)
    assert mention.deleted_at == datetime(2026, 8, 21, 15, 51)
    assert (mention.likes, mention.reposts, mention.replies, mention.views) == (3, 4, 5, 6)
    assert [item.url[-5:] for item in mention.media] == ["1.png", "2.png"]
    assert (mention.thread_external_id, mention.parent_external_id) == ("p-1", "c-6")
    assert (mention.intent, mention.own) == ("complaint", False)
    assert (mention.addressed, mention.history) == (False, True)
    assert mention.context["root"]["text"] == "Summer sale"
    assert mention.raw == {"network": "facebook", "shelf": "B4"}


def test_the_table_in_the_documentation_names_every_column():
    names = re.findall(r"(?m)^([a-z][a-z_, ]{27}) ", file_import.__doc__)
    told = {name for line in names for name in line.replace(",", " ").split()}
    assert told - {"column"} == COLUMNS


def test_without_an_id_the_same_row_gets_the_same_one():
    rows = [row(external_id=""), row(external_id=None), row(external_id="", body="other")]
    mentions, _problems = read(json_lines(*rows))
    first, second, third = ids(mentions)
    assert first == second != third
    assert first.startswith("row:")


def test_a_time_without_zone_is_utc():
    (mention,), _problems = read(json_lines(row(posted_at="2026-08-21 17:50")))
    assert mention.posted_at == datetime(2026, 8, 21, 17, 50)


@pytest.mark.parametrize("value", ["followers only", "friends", "PRIVATE"])
def test_an_unknown_visibility_is_private(value):
    assert read(json_lines(row(visibility=value)))[0][0].visibility == "private"


@pytest.mark.parametrize(
    "media",
    [
        [
            "https://a.example/1.png",
            {"url": "https://a.example/2.mp4", "kind": "video"},
            "javascript:x",
            7,
        ],
        '["https://a.example/1.png", {"url": "https://a.example/2.mp4", "kind": "video"}]',
    ],
)
def test_media_as_a_list(media):
    (mention,), _problems = read(json_lines(row(media=media)))
    assert [(item.kind, item.url[-5:]) for item in mention.media] == [
        ("image", "1.png"),
        ("video", "2.mp4"),
    ]


# -- bad rows

BAD = {
    "bad json": (b'{"external_id": ', "bad_json"),
    "100,000 deep": (b'{"a": ' * 100_000 + b"}" * 100_000, "bad_json"),
    "no object": (b"[1, 2]", "not_an_object"),
    "text": (b"hello", "bad_json"),
    "nul": (b'\x00{"external_id": "x"}', "bad_json"),
    "no text": (json.dumps(row(body=" ")).encode(), "missing_column"),
    "no date": (json.dumps(row(posted_at=None)).encode(), "missing_column"),
    "bad date": (json.dumps(row(posted_at="yesterday")).encode(), "bad_date"),
    "date of long ago": (json.dumps(row(posted_at="0001-01-01")).encode(), "bad_date"),
    "bad deletion": (json.dumps(row(deleted_at="soon")).encode(), "bad_date"),
    "number for a date": (b'{"body": "x", "posted_at": ' + b"9" * 5000 + b"}", "bad_date"),
    "five megabytes": (json.dumps(row(body="a" * 5_000_000)).encode(), "row_too_long"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_row_is_named_by_its_line_and_stops_nothing(name):
    bad, code = BAD[name]
    first, last = json_lines(row(external_id="first")), json_lines(row(external_id="last"))
    mentions, problems = read(first + b"\n" + bad + b"\n" + last)
    assert ids(mentions) == ["first", "last"]
    (problem,) = problems
    assert (problem.line, problem.code) == (3, code)
    assert bad.startswith(problem.body.rstrip(b"\n"))
    assert 0 < len(problem.body) <= 65_536


def test_hostile_fields_are_harmless():
    bad = "<script>\x00\ud800=1+1" + "9" * 5000
    rows = row(external_id="x", body="kept", **dict.fromkeys(COLUMNS - set(row()), bad))
    for name in ("edited_at", "deleted_at"):
        rows[name] = ""
    (mention,), problems = read(json_lines(rows))
    assert problems == []
    assert mention.body == "kept"
    assert mention.likes in (0, MAX_COUNT)
    assert "\x00" not in json.dumps(mention.raw)


def test_windows_letters_in_one_line_do_not_spoil_the_others():
    good = json.dumps(row(external_id="1", body="ñandú €"), ensure_ascii=False).encode()
    bad = json.dumps(row(external_id="2", body="ñandú €"), ensure_ascii=False).encode("cp1252")
    mentions, problems = read(good + b"\n" + bad)
    assert problems == []
    assert [m.body for m in mentions] == ["ñandú €", "ñandú €"]


# -- CSV


def as_csv(rows, delimiter=","):
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_csv_in_every_dialect(delimiter, encoding):
    text = as_csv([row(body='one\n"two"; three, four\tñ')], delimiter)
    (mention,), problems = read(text.encode(encoding), "mentions.csv")
    assert problems == []
    assert mention.body == 'one\n"two"; three, four\tñ'


def test_headers_may_be_written_otherwise():
    document = b"External ID;Author-ID;BODY ;posted at\r\n1;a;hello;2026-08-21\r\n"
    (mention,), _problems = read(document, "x.csv")
    assert (mention.external_id, mention.author.external_id) == ("1", "a")


def test_old_line_ends():
    document = b"external_id,author_id,body,posted_at\r1,a,hello,2026-08-21\r2,a,bye,2026-08-21"
    assert ids(read(document, "x.csv")[0]) == ["1", "2"]


def test_problems_of_a_csv_name_the_line_of_the_file():
    good = row(body="one\ntwo")
    text = as_csv([good, row(posted_at="soon"), good])
    mentions, problems = read(text.encode(), "x.csv")
    assert len(mentions) == 2
    assert [(problem.line, problem.code) for problem in problems] == [(4, "bad_date")]


def test_a_stray_quote_swallows_nothing():
    rows = [row(external_id=str(i)) for i in range(5)]
    lines = as_csv(rows).splitlines(keepends=True)
    lines[2] = lines[2].replace(",hello,", ',"hello,')
    mentions, problems = read("".join(lines).encode(), "x.csv")
    assert ids(mentions) == ["0", "2", "3", "4"]
    assert [(problem.line, problem.code) for problem in problems] == [(3, "unclosed_quote")]


def test_short_and_long_rows():
    document = (
        b"external_id,author_id,body,posted_at\n1,a\n2,a,hello,2026-08-21,x,y\n3,a,ok,2026-08-21\n"
    )
    mentions, problems = read(document, "x.csv")
    assert ids(mentions) == ["3"]
    assert [problem.code for problem in problems] == ["missing_column", "too_many_columns"]


def test_nul_in_a_csv_is_dropped():
    document = b"external_id,author_id,body,posted_at\n1,a,he\x00llo,2026-08-21\n"
    assert read(document, "x.csv")[0][0].body == "hello"


def test_a_field_of_five_megabytes_stops_nothing():
    rows = [row(external_id="1"), row(external_id="2", body="a" * 5_000_000), row(external_id="3")]
    mentions, problems = read(as_csv(rows).encode(), "x.csv")
    assert ids(mentions) == ["1", "3"]
    assert [problem.code for problem in problems] == ["row_too_long"]


# -- the document


@pytest.mark.parametrize("document", [b"", b" \n\n", b"\xef\xbb\xbf"])
def test_no_document(document):
    for call in (lambda a: a.verify(), lambda a: a.fetch({}, None)):
        with pytest.raises(RejectedError) as caught:
            call(adapter_of(document))
        assert caught.value.code == "no_document"


@pytest.mark.parametrize(
    "document", [b"PK\x03\x04" + bytes(100), bytes(range(256)) * 9, b"some;prose\nmore;prose\n"]
)
def test_what_is_no_table_is_said_to_be_none(document):
    for call in (lambda a: a.verify(), lambda a: a.fetch({}, None)):
        with pytest.raises(RejectedError) as caught:
            call(adapter_of(document, "x.csv"))
        assert caught.value.code == "unreadable_document"


def test_a_document_without_one_good_row_does_not_connect():
    with pytest.raises(RejectedError) as caught:
        adapter_of(json_lines(row(posted_at=None))).verify()
    assert caught.value.code == "no_readable_row"


def test_connecting_tells_how_many_rows_there_are():
    profile = adapter_of(json_lines(row(), row(posted_at=None), row())).verify()
    assert (profile.handle, profile.name) == ("mentions.jsonl", "mentions.jsonl (2)")
    assert profile.external_id.startswith("import-")


def test_a_new_document_starts_at_its_top():
    _mentions, cursor = read_all(adapter_of(json_lines(row(external_id="1"))))
    mentions, cursor = read_all(adapter_of(json_lines(row(external_id="2"))), cursor)
    assert ids(mentions) == ["2"]
    assert read_all(adapter_of(json_lines(row(external_id="2"))), cursor)[0] == []


def test_what_is_appended_within_a_page_is_a_new_document():
    document = json_lines(*(row(external_id=str(i)) for i in range(250)))
    page = adapter_of(document).fetch({}, None)
    assert page.cursor["line"] == 200
    mentions, _cursor = read_all(adapter_of(document), page.cursor)
    assert ids(mentions) == [str(i) for i in range(200, 250)]


def test_a_page_asked_for_again_in_the_same_adapter_is_the_same():
    adapter = adapter_of(json_lines(*(row(external_id=str(i)) for i in range(450))))
    first, second = adapter.fetch({}, None), adapter.fetch({}, None)
    assert ids(first.mentions) == ids(second.mentions) == [str(i) for i in range(200)]


def test_a_long_document_is_read_through_once(monkeypatch):
    begun = []

    def counted(document, name, known, after=0):
        begun.append(after)
        return read_rows(document, name, known, after)

    monkeypatch.setattr(file_import, "read_rows", counted)
    document = json_lines(*(row(external_id=str(i)) for i in range(2_000)))
    adapter, cursor = adapter_of(document), {}
    while (page := adapter.fetch(cursor, None)).more:
        cursor = page.cursor
    assert begun == [0]
    adapter_of(document).fetch(cursor, None)
    assert begun == [0, 2_000]


def test_nothing_is_published():
    assert not FileImport.supports_publish
    assert FileImport.reads_document
    assert not FileImport.needs_token
