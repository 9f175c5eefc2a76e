import json

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_datetime

# Of a post in a context, what stays when its words go: that it existed, whose place it had.
CONTEXT_REMAINS = ("external_id", "own", "posted_at")


def strip_context(context, is_gone):
    """A copy of a context (``{"root": post, "parent": post, "others": [post]}``) without some posts' words.

    :param is_gone: function of a post → whether its words go
    """

    def strip(post):
        if isinstance(post, list):
            return [strip(item) for item in post]
        if not isinstance(post, dict) or not is_gone(post):
            return post
        return {key: value for key, value in post.items() if key in CONTEXT_REMAINS}

    return {key: strip(value) for key, value in context.items()}


def list_context_ids(context):
    """External ids of the posts in a context."""
    posts = [
        post for part in context.values() for post in (part if isinstance(part, list) else [part])
    ]
    return {
        post["external_id"] for post in posts if isinstance(post, dict) and post.get("external_id")
    }


class SocialCareMention(models.Model):
    """Words that go: everywhere they were copied to, and for good, whatever the network sends again."""

    _inherit = "social.care.mention"

    blanked_at = fields.Datetime(
        string="Words gone on", readonly=True, help="Since when text, pictures and link are gone."
    )
    blanked_because = fields.Selection(
        [
            ("deleted", "Deleted by the customer"),
            ("retention", "Kept long enough"),
            ("erased", "Erased on request"),
        ],
        string="Words gone because",
        readonly=True,
    )
    gone_text = fields.Char(string="What became of it", compute="_compute_gone_text")

    _deleted_words = models.Index("(id) WHERE deleted_at IS NOT NULL AND blanked_at IS NULL")
    _ignored_words = models.Index(
        "(account_id, decided_at) WHERE state = 'ignored' AND blanked_at IS NULL"
    )
    _raw_kept = models.Index(
        "(account_id, received_at) WHERE raw IS NOT NULL OR context IS NOT NULL"
    )

    @api.depends("deleted_at", "blanked_at", "blanked_because")
    @api.depends_context("lang", "tz")
    def _compute_gone_text(self):
        for mention in self:
            mention.gone_text = mention._describe_gone()

    @api.model_create_multi
    def create(self, vals_list):
        contexts = [vals["context"] for vals in vals_list if vals.get("context")]
        if contexts:
            account_ids = {vals["account_id"] for vals in vals_list}
            gone = self._find_blanked_ids(account_ids, contexts)
            vals_list = [self._without_words_of(gone, vals) for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if vals.get("context"):
            gone = self._find_blanked_ids(self.account_id.ids, [vals["context"]])
            vals = self._without_words_of(gone, vals)
        if not vals.get("ticket_id"):
            return super().write(vals)
        left = self.ticket_id
        done = super().write(vals)
        left._social_care_pass_hold(self.ticket_id)
        return done

    @api.model
    def _find_blanked_ids(self, account_ids, contexts):
        """External ids in these contexts whose words are gone here, and must not return."""
        ids = set().union(*map(list_context_ids, contexts))
        domain = [("account_id", "in", list(account_ids)), ("external_id", "in", list(ids))]
        blanked = ids and self.sudo().search([*domain, ("blanked_at", "!=", False)])
        return {mention.external_id for mention in blanked}

    @api.model
    def _without_words_of(self, gone, vals):
        if not gone or not vals.get("context"):
            return vals
        stripped = strip_context(vals["context"], lambda post: post.get("external_id") in gone)
        return {**vals, "context": stripped}

    @api.model
    def _prepare_blank(self, because):
        """What goes, and why; whoever derives something from the words extends this."""
        return {
            "body": False,
            "url": False,
            "media": False,
            "context": False,
            "context_missing": False,
            "raw": False,
            "digest": False,
            "blanked_at": fields.Datetime.now(),
            "blanked_because": because,
        }

    def _blank(self, because):
        """Let the words of these messages go, here and where they were copied to.

        What happened stays: that it was said, when, on which ticket, what was decided.
        A legal hold keeps the words until it is released.
        """
        going = self.sudo().filtered(
            lambda item: not item.blanked_at and not item.ticket_id.social_legal_hold
        )
        before = [(item, item.display_name, item.body) for item in going if item.ticket_id]
        going.write(self._prepare_blank(because))
        quotes = self.env["mail.message"].sudo()
        # What one of us wrote alone is our own: answers stay.
        theirs = Domain("author_id", "=", False) | Domain("social_author_id", "!=", False)
        quotes = quotes.search(Domain("social_mention_id", "in", going.ids) & theirs)
        for mention, messages in quotes.grouped("social_mention_id").items():
            messages.body = mention.ticket_id._social_care_describe_gone(mention)
        going._follow_words(
            [
                (item, title, text, item.ticket_id._social_care_describe_gone(item))
                for item, title, text in before
            ]
        )
        going._strip_contexts_around()

    def _follow_words(self, changes):
        """Where a title, a description or a note still says what these said, it says what they say now.

        :param changes: list of (mention, its display name before, its text before, Markup
            in place of the text)
        """
        tickets = self.env["helpdesk.ticket"].sudo().with_context(active_test=False)
        of_authors = [("social_author_id", "in", self.author_id.ids)]
        # A merged ticket is archived, and a note repeats it where it went.
        archived = tickets.search([*of_authors, ("active", "=", False)]).grouped("social_author_id")
        notes = self.env["mail.message"].sudo()
        merges = notes.search([*of_authors, ("social_mention_id", "=", False)])
        merges = merges.grouped("social_author_id")
        for mention, title, text, html in changes:
            repeating = mention.ticket_id | archived.get(mention.author_id, tickets)
            repeating._social_care_replace_words(mention, title, text, html)
            merges.get(mention.author_id, notes)._social_care_replace_words(
                mention, title, text, html
            )
        self.ticket_id._social_care_rename_activities()

    def _blank_deleted(self):
        self._blank("deleted")

    def _blank_ignored(self):
        """Let ignored messages go; with its last message goes a profile that nothing else needs."""
        authors = self.author_id
        self._blank("retention")
        self.write({"author_id": False})
        authors._unlink_forgotten()

    def _purge_raw(self):
        self.write({"raw": False, "context": False, "context_missing": False})

    def _strip_contexts_around(self):
        """Others' messages in the same threads came with copies of these: the copies go as well."""
        ids = set(self.mapped("external_id"))
        threads = ids | (set(self.mapped("thread_external_id")) - {False})
        around = SQL(
            "(m.thread_external_id = ANY(%s) OR m.parent_external_id = ANY(%s))",
            list(threads),
            list(ids),
        )
        self._strip_contexts(self.account_id.ids, "external_id", ids, around)

    @api.model
    def _strip_contexts(self, account_ids, key, values, condition):
        """In contexts of these accounts, blank the posts with one of the values under the key."""
        if not values or not account_ids:
            return
        self.flush_model(["account_id", "context", "thread_external_id", "parent_external_id"])
        rows = self.env.execute_query(
            SQL(
                """SELECT m.id FROM social_care_mention m
                LEFT JOIN helpdesk_ticket t ON t.id = m.ticket_id
                    WHERE m.account_id = ANY(%s) AND m.context IS NOT NULL AND %s
                      AND t.social_legal_hold IS NOT TRUE
                      AND jsonb_path_exists(m.context, %s::jsonpath, %s::jsonb)""",
                list(account_ids),
                condition,
                f"$.** ? (@.{key} == $values[*])",
                json.dumps({"values": list(values)}),
            )
        )
        for mention in self.sudo().browse(row[0] for row in rows):
            mention.context = strip_context(mention.context, lambda post: post.get(key) in values)

    def _describe_gone(self, tz=False):
        """What became of a message whose words went, or whose author deleted it; else empty."""
        self.ensure_one()

        def when(moment):
            return format_datetime(self.env, moment, tz=tz, dt_format="short")

        if self.deleted_at:
            return self.env._("Deleted by the customer on %(when)s.", when=when(self.deleted_at))
        if self.blanked_because == "erased":
            return self.env._("Erased on request on %(when)s.", when=when(self.blanked_at))
        if self.blanked_at:
            return self.env._("Kept long enough: gone on %(when)s.", when=when(self.blanked_at))
        return ""
