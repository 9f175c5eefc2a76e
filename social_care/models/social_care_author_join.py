from odoo import fields, models


class SocialCareAuthor(models.Model):
    """One person under two ids: a network may tell that who commented is who writes in private.

    An alias points to its main profile, which never is an alias itself: no chains, no
    loops. Messages, tickets and notes belong to the main profile.
    """

    _inherit = "social.care.author"

    joined_to_id = fields.Many2one(
        "social.care.author",
        string="Same person as",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )

    def _get_main(self):
        """Each profile's main one."""
        return self.browse(author.joined_to_id.id or author.id for author in self)

    def _join(self, external_id):
        """Make the profile of that id, known or not, the same person as this one."""
        self.ensure_one()
        main = self._get_main()
        alias = self.search(
            [
                ("company_id", "=", main.company_id.id),
                ("network", "=", main.network),
                ("external_id", "=", external_id),
            ]
        )
        if not alias:
            values = {name: main[name] for name in ("network", "name", "handle")}
            self.create(
                {
                    **values,
                    "company_id": main.company_id.id,
                    "external_id": external_id,
                    "joined_to_id": main.id,
                }
            )
            return
        other = alias._get_main()
        if other != main:
            other._move_to(main)

    def _move_to(self, main):
        """Become an alias of ``main``, together with what already points here."""
        known_as = self.search([("joined_to_id", "=", self.id)])
        (self | known_as).joined_to_id = main
        for model in ("social.care.mention", "helpdesk.ticket", "mail.message"):
            field = "author_id" if model == "social.care.mention" else "social_author_id"
            records = self.env[model].with_context(active_test=False)
            records.search([(field, "=", self.id)])[field] = main
        if not main.partner_id:
            main.partner_id = self.partner_id
        if main.standing == "normal":
            main.standing = self.standing


class SocialCareMention(models.Model):
    _inherit = "social.care.mention"

    def _follow_joined_authors(self):
        """Messages stored under a profile that was joined to another one meanwhile."""
        for mention in self.filtered("author_id.joined_to_id"):
            mention.author_id = mention.author_id.joined_to_id


class SocialCareReply(models.Model):
    _inherit = "social.care.reply"

    recipient_external_id = fields.Char(
        string="Customer's ID in private messages", readonly=True, copy=False
    )

    def _join_recipients(self):
        """Who got a private answer to a comment is who wrote the comment."""
        for reply in self.filtered("recipient_external_id"):
            if reply.mention_id.author_id:
                reply.mention_id.author_id._join(reply.recipient_external_id)
