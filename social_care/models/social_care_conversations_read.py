"""What a batch of mentions may belong to: each question is one query, however much an author wrote."""

from odoo import fields
from odoo.tools import SQL

from .social_care_mention_repost import REPOST_WINDOW

LAST_MENTIONS = 500  # of a person on an account, to know their tickets by
READ = (  # of mentions, by these queries
    "account_id",
    "author_id",
    "external_id",
    "thread_external_id",
    "parent_external_id",
    "posted_at",
    "received_at",
    "ticket_id",
    "triaged_at",
    "decided_by_id",
    "deleted_at",
)
EARLY_ANSWERS = 500  # that join at once with what they answer; more wait in the inbox


def thread_keys(mention):
    """The names a mention's thread goes by: its root's and its own."""
    return {mention.thread_external_id or mention.external_id, mention.external_id}


def load_tickets(mentions):
    """Tickets of the batch's people, the last moved last.

    :return: rows of account, author, ticket, start and last movement (naive UTC), threads
    """
    people = {(item.account_id.id, item.author_id.id) for item in mentions if item.author_id}
    if not people:
        return []
    _flush(mentions.env)
    accounts, authors = zip(*sorted(people), strict=True)
    return mentions.env.execute_query(
        SQL(
            """SELECT p.account_id, p.author_id, m.ticket_id, MIN(m.said_at),
                      GREATEST(MAX(m.said_at), MAX(r.sent_at)) AS moved_at,
                      ARRAY_AGG(DISTINCT m.external_id)
                      || ARRAY_AGG(DISTINCT COALESCE(m.thread_external_id, m.external_id))
                 FROM UNNEST(%s::int[], %s::int[]) AS p (account_id, author_id)
           CROSS JOIN LATERAL (
                   SELECT id, ticket_id, external_id, thread_external_id,
                          LEAST(posted_at, received_at) AS said_at
                     FROM social_care_mention
                    WHERE author_id = p.author_id AND account_id = p.account_id
                      AND ticket_id IS NOT NULL
                 ORDER BY posted_at DESC
                    LIMIT %s) AS m
            LEFT JOIN social_care_reply r ON r.mention_id = m.id AND r.state = 'sent'
             GROUP BY p.account_id, p.author_id, m.ticket_id
             ORDER BY moved_at, m.ticket_id""",
            list(accounts),
            list(authors),
            LAST_MENTIONS,
        )
    )


def load_threads(mentions):
    """The author's last ticket in each mention's thread, however long ago.

    :return: rows of account, author, ticket, when something was said there, the thread's name
    """
    rows = mentions.env.execute_query(
        SQL(
            """SELECT m.account_id, m.author_id, t.ticket_id,
                      LEAST(t.posted_at, t.received_at), k.key
                 FROM social_care_mention m
           CROSS JOIN LATERAL (VALUES (m.thread_external_id), (m.external_id)) AS k (key)
           CROSS JOIN LATERAL (
                   SELECT ticket_id, posted_at, received_at
                     FROM social_care_mention
                    WHERE account_id = m.account_id AND thread_external_id = k.key
                      AND author_id = m.author_id AND ticket_id IS NOT NULL
                 ORDER BY id DESC
                    LIMIT 1) AS t
                WHERE m.id = ANY(%s)""",
            list(mentions._ids),
        )
    )
    return sorted(rows)


def load_answered(mentions):
    """What the batch answers, ours or theirs, or what its threads began with.

    :return: (account id, external id) → the customer's mention
    """
    keys = {item.parent_external_id for item in mentions}
    keys |= {item.thread_external_id for item in mentions}
    keys -= {False}
    if not keys:
        return {}
    domain = [
        ("account_id", "in", mentions.account_id.ids),
        ("external_id", "in", list(keys)),
        ("ticket_id", "!=", False),
    ]
    env = mentions.env
    known = {(item.account_id.id, item.external_id): item for item in mentions.search(domain)}
    for reply in env["social.care.reply"].search(domain):
        known[reply.account_id.id, reply.external_id] = reply.mention_id
    return known


def load_deleted(mentions):
    """What these people deleted lately, and may now say again.

    :return: (account id, author id, digest of the words) → the deleted mention
    """
    if not mentions.author_id:
        return {}
    deleted = mentions.search(
        [
            ("author_id", "in", mentions.author_id.ids),
            ("deleted_key", "!=", False),
            ("deleted_at", ">=", fields.Datetime.now() - REPOST_WINDOW),
            ("ticket_id", "!=", False),
        ],
        order="posted_at desc, id desc",
    )
    return {(item.account_id.id, item.author_id.id, item.deleted_key): item for item in deleted}


def load_early(mentions):
    """Answers of the same author that were here before what they answer, or before ours between.

    They are on another ticket, or nobody has decided on them; below these it goes on. The
    batch itself counts as sorted: that is written at its end, once.

    :return: id of a mention → its early answers
    """
    _flush(mentions.env)
    answers = SQL(
        """SELECT p.id AS parent_id, c.id, c.ticket_id
             FROM social_care_mention p
       CROSS JOIN LATERAL (
               SELECT p.external_id AS key
            UNION ALL
               SELECT external_id FROM social_care_reply WHERE mention_id = p.id) AS k
             JOIN social_care_mention c
               ON c.account_id = p.account_id AND c.parent_external_id = k.key
              AND c.author_id = p.author_id AND c.id != p.id
              AND (c.ticket_id != p.ticket_id
                   OR (c.ticket_id IS NOT NULL AND p.ticket_id IS NULL)
                   OR (c.ticket_id IS NULL AND (c.triaged_at IS NOT NULL OR c.id = ANY(%(batch)s))
                       AND c.decided_by_id IS NULL AND c.deleted_at IS NULL))""",
        batch=list(mentions._ids),
    )
    rows = mentions.env.execute_query(
        SQL(
            """WITH RECURSIVE early AS (
                   %s WHERE p.id = ANY(%s)
                UNION
                   SELECT a.parent_id, a.id, a.ticket_id
                     FROM early e CROSS JOIN LATERAL (%s WHERE p.id = e.id) AS a
                    WHERE e.ticket_id IS NULL)
               SELECT parent_id, id FROM early LIMIT %s""",
            answers,
            list(mentions._ids),
            answers,
            EARLY_ANSWERS,
        )
    )
    early = {}
    prefetched = mentions.browse(answer_id for _parent_id, answer_id in rows)
    for (parent_id, _answer_id), answer in zip(rows, prefetched, strict=True):
        early.setdefault(parent_id, []).append(answer)
    return early


def _flush(env):
    env["social.care.mention"].flush_model(READ)
    env["social.care.reply"].flush_model(["mention_id", "external_id", "state", "sent_at"])
