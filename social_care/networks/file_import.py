"""Mentions from a file: moving in from another tool, history, the demo.

JSON Lines (one object a line) or CSV with a header (comma, semicolon or tab); UTF-8 best.
Every column may be left out but ``posted_at`` and one of ``body``, ``media``, ``deleted_at``.

============================ ===========================================================
column                       what it holds
============================ ===========================================================
external_id                  the network's id; else made from author, time and text
kind                         mention (default), reply, comment, direct
author_id                    the author's id, unique on the network; else the handle
author_handle, author_name   as the network shows them; an @ before the handle is dropped
author_url                   address of the profile
author_avatar_url            address of the picture
author_followers             a count
author_verified, author_bot  yes or no
author_location              where they say they live
body                         plain text
posted_at                    ISO 8601 or epoch seconds; without a zone it is UTC
lang                         en, es, pt_BR
url                          address of the post
thread_id, parent_id         ids of the thread's first post and of the post answered
visibility                   public (default), unlisted, private, direct
edited_at, deleted_at        as posted_at
likes, reposts, replies      counts
views                        a count
media                        addresses with blanks between, or a JSON list
intent                       question, complaint, request, praise, other
own                          yes: the brand's own post
addressed                    no: not said to the brand
history                      yes: no clock, no alarm
network                      where it was said; for people to read
context_text, context_author the post commented on and who wrote it
context_url                  its address
============================ ===========================================================

Yes is ``1 true yes y si sí x``; other columns are kept in ``raw``. ``since`` is not looked at: who
imports a file wants all of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from itertools import islice
from typing import Any

from .base import Network
from .cleaning import clean_line
from .columns import COLUMNS, BadRowError, mention_of
from .exceptions import RejectedError
from .rows import MAX_KEPT, Row, read_rows
from .types import Mention, Page, Problem, Profile

PAGE_ROWS = 200


class FileImport(Network):
    """Rows of a file; the columns are listed at the top of this module.

    ``external_id``, ``author_id``, ``body``, ``posted_at``, ``kind``, ``thread_id``,
    ``parent_id`` and ``own`` carry a conversation; the rest is ornament.
    """

    code = "import"
    name = "Imported file"
    max_length = 20_000
    supports_publish = False
    supports_public_reply = False
    reads_document = True
    needs_token = False
    login = ""

    _rows: Iterator[Row] | None = None
    _place: dict[str, Any] | None = None  # the cursor at which _rows stands

    def verify(self) -> Profile:
        """The document by its name, with the number of rows that are mentions.

        :raises RejectedError: ``no_document``, ``unreadable_document``, ``no_readable_row``
        """
        count = sum(isinstance(item, Mention) for item in self._items())
        if not count:
            raise RejectedError("no_readable_row")
        name = clean_line(self.credentials.document_name) or self.name
        return Profile(
            external_id=self.credentials.external_id or f"import-{self._digest[:16]}",
            handle=name,
            name=f"{name} ({count})",
            max_length=self.max_length,
        )

    def fetch(self, cursor: dict[str, Any], since: datetime | None) -> Page:
        """The next 200 rows; a document other than the cursor's starts at its top.

        The cursor is ``{"line": last line read, "digest": SHA-256 of the document}``. The
        place in the document is kept, so that a long one is read through once.

        :raises RejectedError: ``no_document``, ``unreadable_document``
        """
        digest = self._digest
        line = cursor.get("line") if cursor.get("digest") == digest else 0
        line = line if isinstance(line, int) else 0
        if self._rows is None or self._place != {"line": line, "digest": digest}:
            self._rows = self._read(line)
        taken = list(islice(self._rows, PAGE_ROWS))
        items = [self._item(row) for row in taken]
        self._place = {"line": taken[-1].last if taken else line, "digest": digest}
        return Page(
            mentions=tuple(item for item in items if isinstance(item, Mention)),
            cursor=dict(self._place),
            more=len(taken) == PAGE_ROWS,
            problems=tuple(item for item in items if isinstance(item, Problem)),
        )

    @cached_property
    def _digest(self) -> str:
        return hashlib.sha256(self.credentials.document).hexdigest()

    def _read(self, after: int) -> Iterator[Row]:
        name = self.credentials.document_name
        return read_rows(self.credentials.document, name, COLUMNS, after)

    def _items(self) -> Iterator[Mention | Problem]:
        return map(self._item, self._read(0))

    def _item(self, row: Row) -> Mention | Problem:
        if row.problem is not None:
            return row.problem
        try:
            return mention_of(row.values)
        except BadRowError as error:
            return Problem(error.code, row.line, error.detail, row.body[:MAX_KEPT])
