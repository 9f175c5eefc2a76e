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
AUTHOR_COLUMNS = {
    "name": "author_name",
    "url": "author_url",
    "avatar_url": "author_avatar_url",
}
_COLUMNS = """
    external_id kind author_id author_handle author_name author_url author_avatar_url
    author_followers author_verified author_bot body posted_at lang url thread_id parent_id
    visibility edited_at deleted_at likes reposts replies views media intent own addressed
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
    times = {name: _moment(values, name) for name in ("posted_at", "edited_at", "deleted_at")}
    media = _media(values.get("media"))
    if not (clean_text(values.get("body")).strip() or media or times["deleted_at"]):
        raise BadRowError("missing_column", "body")
    external_id = clean_id(values.get("external_id"))
    if times["posted_at"] is None and not (external_id and times["deleted_at"]):
        raise BadRowError("missing_column", "posted_at")
    external_id = external_id or _made_id(values)
    parent = clean_id(values.get("parent_id"))
    told = clean_line(values.get("visibility")).lower() or "public"
    return Mention(
        external_id=external_id,
        kind=values.get("kind") or "mention",
        author=_author(values, external_id),
        body=values.get("body") or "",
        lang=values.get("lang") or "",
        url=values.get("url") or "",
        thread_external_id=clean_id(values.get("thread_id")) or parent or external_id,
        parent_external_id=parent,
        # A word nobody knows is rather whispered than told to all.
        visibility=told if told in VISIBILITIES else "private",
        likes=values.get("likes") or 0,
        reposts=values.get("reposts") or 0,
        replies=values.get("replies") or 0,
        views=values.get("views") or 0,
        media=media,
        context=_context(values),
        raw={key: value for key, value in values.items() if key not in COLUMNS - {"network"}},
        intent=values.get("intent") or "",
        own=_yes(values.get("own")),
        addressed=_yes(values.get("addressed"), True) and not _yes(values.get("own")),
        history=_yes(values.get("history")),
        **times,
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
        followers_count=None if followers in (None, "") else followers,
        verified=_yes(values.get("author_verified")),
        bot=_yes(values.get("author_bot")),
        **{name: values.get(column) or "" for name, column in AUTHOR_COLUMNS.items()},
    )


def _media(value: Any) -> tuple[Media, ...]:
    if isinstance(value, str):
        try:
            value = parse_json(value) if value.lstrip()[:1] == "[" else value.split()
        except ValueError:
            value = []
    items = value if isinstance(value, list) else []
    made = (Media(**_medium(item)) for item in items[:MAX_MEDIA])
    return tuple(item for item in made if item.url)


def _medium(item: Any) -> dict[str, Any]:
    if not isinstance(item, dict):
        return {"url": item}
    return {key: item[key] for key in ("url", "kind", "preview_url", "description") if key in item}


def _context(values: dict[str, Any]) -> dict[str, Any]:
    names = ("context_text", "context_author", "context_url")
    text, author, url = (clean_text(values.get(name)) for name in names)
    if not (text or url):
        return {}
    root = {"external_id": clean_id(values.get("thread_id")), "author": author, "handle": author}
    # A comment stands below a post of the brand; what a mention answers is anybody's.
    own = clean_text(values.get("kind")).strip().lower() == "comment"
    return {"root": {**root, "own": own, "text": text, "url": url, "picture": "", "posted_at": ""}}
