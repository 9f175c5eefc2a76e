"""The posts around a mention, as a ticket shows them."""

from __future__ import annotations

from collections.abc import Sequence

from .jsontext import Json
from .types import Mention

MAX_CONTEXT = 2_000  # characters of a post
MAX_OTHERS = 40  # posts of a thread, or comments


def post_of(mention: Mention) -> Json:
    """A post as it stands around a mention: see :meth:`Network.fetch_context`."""
    return {
        "external_id": mention.external_id,
        "author": mention.author.name,
        "handle": mention.author.handle,
        "own": mention.own,
        "text": mention.body[:MAX_CONTEXT],
        "url": mention.url,
        "picture": next((item.url for item in mention.media if item.kind == "image"), ""),
        "posted_at": mention.posted_at.isoformat() if mention.posted_at else "",
    }


def context_of(above: Sequence[Mention], below: Sequence[Mention]) -> Json:
    """What :meth:`Network.fetch_context` gives, from the posts above a mention and those below it.

    :param above: the first of the thread first, the one answered last
    """
    posts = [post_of(post) for post in (*above[1:-1], *below)][:MAX_OTHERS]
    ends = {"root": post_of(above[0]), "parent": post_of(above[-1])} if above else {}
    return {**ends, **({"others": posts} if posts else {})}
