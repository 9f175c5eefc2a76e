"""The rows of a document in JSON Lines or CSV, read one by one; a bad row costs itself only."""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .exceptions import RejectedError
from .jsontext import parse_json
from .types import Problem

MAX_ROW = 2**22  # bytes; of a text in it 20,000 characters stay
MAX_KEPT = 2**16  # bytes of a bad row that are kept
MAX_LINES = 1_000  # lines of a quoted CSV field
SAMPLE = 2**12  # bytes looked at to tell text from something else
# The csv module has one limit for the whole process: raised, never lowered.
csv.field_size_limit(max(csv.field_size_limit(), MAX_ROW))


@dataclass(frozen=True)
class Row:
    """One row: its first and last line in the document, its columns by name."""

    line: int
    last: int
    values: dict[str, Any] = field(default_factory=dict)
    body: bytes = b""
    problem: Problem | None = None


def read_rows(document: bytes, name: str, known: frozenset[str], after: int = 0) -> Iterator[Row]:
    """Rows in order, beginning below line ``after``.

    UTF-8 (with or without BOM), UTF-16 with BOM; a line that is no UTF-8 is read as
    Windows-1252, alone. JSON Lines is told by its first character or the
    name's ending, else it is CSV with comma, semicolon or tab, whichever splits the
    header into most ``known`` names.

    :raises RejectedError: ``no_document``, ``unreadable_document``
    """
    data = _as_utf8(document)
    first = data.lstrip()[:1]
    if first in (b"{", b"[") or name.lower().endswith((".jsonl", ".ndjson", ".json")):
        return _json_rows(data, after)
    return _csv_rows(data, known, after)


def _as_utf8(document: bytes) -> bytes:
    if document[:2] in (b"\xff\xfe", b"\xfe\xff"):
        document = document.decode("utf-16", "replace").encode("utf-8", "replace")
    document = document[3:] if document[:3] == b"\xef\xbb\xbf" else document
    if not document.strip():
        raise RejectedError("no_document")
    sample = document[:SAMPLE]
    # A spreadsheet, a picture: full of characters that no text has.
    odd = len(re.findall(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", sample))
    if odd > len(sample) / 50 + 2 or sample[:4] in (b"PK\x03\x04", b"%PDF"):
        raise RejectedError("unreadable_document")
    if b"\n" not in document:
        document = document.replace(b"\r", b"\n")
    return document


def _decode(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")


def _lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    # By line feed only: str.splitlines would also cut at U+2028, which JSON may hold.
    return enumerate(io.BytesIO(data), start=1)


def _bad(code: str, line: int, body: bytes, detail: str = "", last: int = 0) -> Row:
    body = body[:MAX_KEPT]
    return Row(line, last or line, {}, body, Problem(code, line, detail, body))


def _json_rows(data: bytes, after: int) -> Iterator[Row]:
    for number, line in _lines(data):
        if number > after and line.strip():
            yield _json_row(number, line)


def _json_row(number: int, line: bytes) -> Row:
    if len(line) > MAX_ROW:
        return _bad("row_too_long", number, line, f"{len(line)} bytes")
    try:
        values = parse_json(_decode(line))
    except ValueError:
        return _bad("bad_json", number, line)
    if not isinstance(values, dict):
        return _bad("not_an_object", number, line)
    return Row(number, number, {_name(key): value for key, value in values.items()}, line)


def _name(column: str) -> str:
    return re.sub(r"[\s-]+", "_", column[:100].strip().lower())


class _Source:
    """Lines that can be given back: a stray quote must not swallow what follows it."""

    def __init__(self, data: bytes) -> None:
        self._lines = _lines(data)
        self._back: deque[tuple[int, bytes]] = deque()
        self.taken: list[tuple[int, bytes]] = []
        self.short = False  # more was asked for than a row may have

    def next(self) -> tuple[int, bytes] | None:
        return self._back.popleft() if self._back else next(self._lines, None)

    def give_back(self, lines: list[tuple[int, bytes]]) -> None:
        self._back.extendleft(reversed(lines))

    def row(self) -> Iterator[str]:
        """The lines of one row, as many as the CSV reader asks for."""
        self.taken, self.short, size = [], False, 0
        while len(self.taken) < MAX_LINES and size <= MAX_ROW:
            item = self.next()
            if item is None:
                break
            self.taken.append(item)
            size += len(item[1])
            yield _decode(item[1]).replace("\x00", "")
        self.short = True


def _csv_rows(data: bytes, known: frozenset[str], after: int) -> Iterator[Row]:
    source = _Source(data)
    header, delimiter = _header(source, known)
    while True:
        try:
            values = next(csv.reader(source.row(), delimiter=delimiter), [])
        except csv.Error:
            values, source.short = [], True
        if not source.taken:
            return
        (line, first), (last, _end) = source.taken[0], source.taken[-1]
        body = b"".join(part for _number, part in source.taken)
        if source.short:
            source.give_back(source.taken[1:])
            code = "row_too_long" if len(first) > MAX_ROW else "unclosed_quote"
            row = _bad(code, line, first)
        elif len(body) > MAX_ROW:
            row = _bad("row_too_long", line, body, f"{len(body)} bytes", last)
        elif len(values) > len(header):
            row = _bad("too_many_columns", line, body, f"{len(values)}", last)
        else:
            row = Row(line, last, dict(zip(header, values, strict=False)), body)
        if row.last > after and body.strip():
            yield row


def _header(source: _Source, known: frozenset[str]) -> tuple[list[str], str]:
    lines = iter(source.next, None)
    text = next((_decode(line) for _number, line in lines if line.strip()), "")
    splits = [(next(csv.reader([text], delimiter=mark), []), mark) for mark in (",", ";", "\t")]
    found = [([_name(item) for item in names], mark) for names, mark in splits]
    names, delimiter = max(found, key=lambda item: len(known & set(item[0])))
    if not known & set(names):
        raise RejectedError("unreadable_document")
    return names, delimiter
