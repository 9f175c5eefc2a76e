"""The columns of an imported row, made a mention. :mod:`.file_import` describes them."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from .cleaning import clean_datetime, clean_id, clean_line, clean_text
from .jsontext import parse_json
from .types import VISIBILITIES, Author, Media, Mention

MAX_MEDIA = 20
YES = frozenset(("1", "true", "yes", "y", "si", "sí", "x", "t"))
PLAIN = ("kind", "body", "lang", "url", "likes", "reposts", "replies", "views", "intent")
_COLUMNS = """
    external_id kind author_id author_handle author_name author_url author_avatar_url
    author_followers author_verified author_bot author_location body posted_at lang url
    thread_id parent_id visibility edited_at deleted_at likes reposts replies views media intent own addressed
    history network context_text context_author context_url
"""
COLUMNS = frozenset(_COLUMNS.split())


class BadRowError(ValueError):
    """A row that is no mention.

    :param code: ``bad_date`` or ``missing_column``
    :param detail: the column
    """

    def __init__(self, code: str, detail: str) -> None:
        self.code, self.detail = code, detail
        super().__init__(code)


def mention_of(values: dict[str, Any]) -> Mention:
    """A row's columns as a mention.

    :raises BadRowError: where no honest mention can be made of them
    """
    named: dict[str, Any] = {name: values.get(name) for name in PLAIN}
    named |= {name: _moment(values, name) for name in ("posted_at", "edited_at", "deleted_at")}
    media = _media(values.get("media"))
    if not (clean_text(values.get("body")).strip() or media or named["deleted_at"]):
        raise BadRowError("missing_column", "body")
    external_id = clean_id(values.get("external_id"))
    if named["posted_at"] is None and not (external_id and named["deleted_at"]):
        raise BadRowError("missing_column", "posted_at")
    external_id = external_id or _made_id(values)
    parent = clean_id(values.get("parent_id"))
    told = clean_line(values.get("visibility")).lower() or "public"
    return Mention(
        external_id=external_id,
        author=_author(values, external_id),
        thread_external_id=clean_id(values.get("thread_id")) or parent or external_id,
        parent_external_id=parent,
        # A word nobody knows is rather whispered than told to all.
        visibility=told if told in VISIBILITIES else "private",
        media=media,
        context=_context(values),
        raw={key: value for key, value in values.items() if key not in COLUMNS - {"network"}},
        own=_yes(values.get("own")),
        addressed=_yes(values.get("addressed"), True) and not _yes(values.get("own")),
        history=_yes(values.get("history")),
        **named,
    )


def _moment(values: dict[str, Any], name: str) -> datetime | None:
    value = values.get(name)
    if value is None or value == "":
        return None
    text = clean_text(value, 64).strip()
    if text.isascii() and text.isdigit() and 9 <= len(text) <= 13:
        value = int(text) / (1000 if len(text) > 11 else 1)  # some tools write milliseconds
    moment = clean_datetime(value)
    if moment is None and text:
        raise BadRowError("bad_date", name)
    return moment


def _yes(value: Any, default: bool = False) -> bool:
    text = clean_line(value).lower()
    return text in YES if text else default


def _made_id(values: dict[str, Any]) -> str:
    names = ("author_id", "author_handle", "author_name", "posted_at", "body")
    said = "\n".join(clean_text(values.get(name)) for name in names)
    return "row:" + hashlib.sha256(said.encode()).hexdigest()[:40]


def _author(values: dict[str, Any], external_id: str) -> Author:
    handle = clean_line(values.get("author_handle")).lstrip("@")
    known = (values.get("author_id"), handle, values.get("author_name"))
    # Without an author nobody may be taken for somebody else: the post's id stands in.
    key = next(filter(None, map(clean_id, known)), f"unknown:{external_id}")
    followers = values.get("author_followers")
    return Author(
        external_id=key,
        handle=handle,
        name=values.get("author_name") or "",
        url=values.get("author_url") or "",
        avatar_url=values.get("author_avatar_url") or "",
        followers_count=None if followers == "" else followers,
        verified=_yes(values.get("author_verified")),
        bot=_yes(values.get("author_bot")),
        location=values.get("author_location") or "",
    )


def _media(value: Any) -> tuple[Media, ...]:
    if isinstance(value, str):
        try:
            value = parse_json(value) if value.lstrip()[:1] == "[" else value.split()
        except ValueError:
            value = []
    made = map(_medium, value[:MAX_MEDIA] if isinstance(value, list) else [])
    return tuple(item for item in made if item.url)


def _medium(item: Any) -> Media:
    told: dict[str, Any] = item if isinstance(item, dict) else {"url": item}
    names = ("url", "kind", "preview_url", "description")
    return Media(**{name: told[name] for name in names if name in told})


def _context(values: dict[str, Any]) -> dict[str, Any]:
    names = ("context_text", "context_author", "context_url")
    text, author, url = (clean_text(values.get(name)) for name in names)
    if not (text or url):
        return {}
    root = {"external_id": clean_id(values.get("thread_id")), "author": author, "handle": author}
    # A comment stands below a post of the brand; what a mention answers is anybody's.
    own = clean_text(values.get("kind")).strip().lower() == "comment"
    return {"root": {**root, "own": own, "text": text, "url": url, "picture": "", "posted_at": ""}}
