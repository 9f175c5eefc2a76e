"""A practice account: a sample's customers, the whole flow, nothing leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from .access import Credentials
from .base import Network, utc_now
from .cleaning import clean_datetime
from .file_import import PAGE_ROWS, FileImport
from .types import Mention, Page, Problem, Profile, Published, Reply

if TYPE_CHECKING:
    from .transport import Transport

WEEK = timedelta(days=7)


class Practice(FileImport):
    """The sample in ``credentials.document``, as if it happened this week on ``like``.

    Each thread is moved by whole weeks, so that its first post lies in the seven days
    before the anchor, the moment of the first fetch: weekday and hour (UTC) stay. What
    then lies in the future arrives when its time has come.

    :param like: the network that is practised; its own class says what can be done there
    """

    code = "practice"
    name = "Practice"
    supports_publish = True
    reads_document = False
    has_idempotency_key = True  # the same answer always gets the same id

    def __init__(
        self,
        credentials: Credentials,
        transport: Transport,
        clock: Callable[[], datetime] = utc_now,
        like: type[Network] = FileImport,
    ) -> None:
        super().__init__(credentials, transport, clock)
        self.likeness: Network = like(credentials, transport, clock)

    def verify(self) -> Profile:
        """The sample's brand, once the sample has been read.

        :raises RejectedError: as :meth:`.FileImport.verify`
        """
        super().verify()
        return Profile(
            external_id=self.credentials.external_id or "auroraair",
            handle="auroraair",
            name="Aurora Air",
            max_length=self.likeness.max_length,
        )

    def fetch(self, cursor: dict[str, Any], since: datetime | None) -> Page:
        """What has happened by now, 200 rows at most; ``since`` is not looked at.

        The cursor is ``{"anchor": time, "served": rows, "high": time, "digest": …}``.

        :raises RejectedError: as :meth:`.FileImport.fetch`
        """
        now, digest = self.clock(), self._digest
        cursor = cursor if cursor.get("digest") == digest else {}
        anchor = clean_datetime(cursor.get("anchor")) or now
        served = cursor.get("served")
        served = served if isinstance(served, int) else 0
        items = list(self._items())
        due = [item for item in self._moved(items, anchor) if _happens(item) <= now]
        page = due[served : served + PAGE_ROWS]
        problems = tuple(item for item in items if isinstance(item, Problem)) if not served else ()
        new = {"anchor": anchor.isoformat(), "high": now.isoformat(), "digest": digest}
        served += len(page)
        return Page(tuple(page), {**new, "served": served}, served < len(due), problems)

    def _moved(self, items: list[Mention | Problem], anchor: datetime) -> list[Mention]:
        mentions = [item for item in items if isinstance(item, Mention)]
        first: dict[str, Mention] = {}
        for mention in mentions:
            first.setdefault(mention.external_id, mention)
        moved = []
        for mention in mentions:
            start = _root(mention, first).posted_at or mention.deleted_at or anchor
            moved.append(_shift(mention, (anchor - start) // WEEK * WEEK))
        return sorted(moved, key=_happens)

    def prepare_text(self, body: str, mention: Mention) -> str:
        """As the network that is practised."""
        return self.likeness.prepare_text(body, mention)

    def like(self, mention: Mention, on: bool) -> None:
        """Nowhere: nothing leaves."""

    def hide(self, mention: Mention, on: bool) -> None:
        """Nowhere: nothing leaves."""

    def edit(self, external_id: str, reply: Reply) -> None:
        """Nowhere: nothing leaves."""

    def delete(self, external_id: str) -> None:
        """Nowhere: nothing leaves."""

    def publish(self, reply: Reply) -> Published:
        """Nowhere; the id is the answer's own, the same however often it is sent."""
        key = self.record_key(reply.idempotency_key, reply.body)
        return Published(external_id=f"practice-{key[:24]}", posted_at=self.clock())

    def find_published(self, reply: Reply, since: datetime) -> list[Published]:
        """Never anything: sending again does no harm."""
        return []


def _happens(mention: Mention) -> datetime:
    """When a row comes to be as it is: naive UTC."""
    times = (mention.posted_at, mention.edited_at, mention.deleted_at)
    return max(time for time in (*times, datetime.min) if time is not None)


def _root(mention: Mention, first: dict[str, Mention]) -> Mention:
    """The first post of a thread, as far as the sample has it."""
    seen = {mention.external_id}
    while True:
        above = first.get(mention.parent_external_id) or first.get(mention.thread_external_id)
        if above is None or above.external_id in seen:
            return mention
        seen.add(above.external_id)
        mention = above


def _shift(mention: Mention, by: timedelta) -> Mention:
    times = {
        name: moment + by
        for name in ("posted_at", "edited_at", "deleted_at")
        if (moment := getattr(mention, name)) is not None
    }
    return replace(mention, **times)
