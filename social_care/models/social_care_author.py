from odoo import api, fields, models

from odoo.addons.mail.tools.discuss import Store

from .social_care_export import quote_formula

PROFILE_FIELDS = (
    "handle",
    "name",
    "url",
    "avatar_url",
    "followers_count",
    "verified",
    "bot",
    "lang",
    "location",
)

SIZES = ("image_1024", "image_512", "image_256", "image_128")


class SocialCareAuthor(models.Model):
    """A person's profile on one network. No contact: that is linked by people."""

    _name = "social.care.author"
    _description = "Social care author"
    _inherit = ["avatar.mixin", "social.care.export"]
    _order = "name, id"
    _rec_names_search = ["name", "handle"]

    network = fields.Char(required=True, readonly=True)
    external_id = fields.Char(string="ID on the network", required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    handle = fields.Char(readonly=True, index="trigram")
    name = fields.Char(readonly=True, index="trigram")
    url = fields.Char(string="Profile", readonly=True)
    avatar_url = fields.Char(readonly=True)
    followers_count = fields.Integer(string="Followers", readonly=True)
    verified = fields.Boolean(readonly=True)
    bot = fields.Boolean(readonly=True)
    lang = fields.Char(string="Language", readonly=True)
    location = fields.Char(readonly=True, help="What the profile says of where they live.")
    standing = fields.Selection(
        [
            ("normal", "Normal"),
            ("vip", "VIP"),
            ("press", "Press"),
            ("influencer", "Influencer"),
            ("competitor", "Competitor"),
            ("troll", "Troll"),
        ],
        default="normal",
        required=True,
    )
    partner_id = fields.Many2one("res.partner", string="Contact", index="btree_not_null")
    mention_ids = fields.One2many("social.care.mention", "author_id", string="Messages")
    triage_count = fields.Integer(
        readonly=True,
        help="Written by each worker that triages this author, so that two never do at once.",
    )

    _identity_unique = models.UniqueIndex(
        "(company_id, network, external_id)", "This profile is known already."
    )

    @api.depends("name", "handle")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for author in self:
            handle = f"@{author.handle}" if author.handle else ""
            # Some networks tell neither at once; their number means nothing to people.
            author.display_name = (
                f"{quote_formula(author.name)} ({handle})"
                if author.name and handle
                else quote_formula(author.name) or handle or self.env._("Somebody")
            )

    @api.model
    def _find_or_create_batch(self, account, profiles):
        """Authors of the given ``networks.types.Author``, created or brought up to date.

        :return: external id → author, the main one of a person with several ids
        """
        wanted = {profile.external_id: profile for profile in profiles if profile.external_id}
        known = self.search(
            [
                ("company_id", "=", account.company_id.id),
                ("network", "=", account.network),
                ("external_id", "in", list(wanted)),
            ],
            order="id",  # always in one order: two workers never wait for each other
        )
        found = {author.external_id: author for author in known}
        for author in known:
            author._update_profile(wanted[author.external_id])
        missing = [profile for key, profile in wanted.items() if key not in found]
        created = self.create([self._prepare_from_network(account, profile) for profile in missing])
        # Smaller sizes of no picture: each of each author's would be made, and looked for to replace.
        for name in SIZES:
            self.env.remove_to_compute(self._fields[name], created)
        found |= {author.external_id: author for author in created}
        return {key: author._get_main() for key, author in found.items()}

    @api.model
    def _prepare_from_network(self, account, profile):
        values = {name: getattr(profile, name) for name in PROFILE_FIELDS}
        values["followers_count"] = profile.followers_count or 0
        return values | {
            "network": account.network,
            "external_id": profile.external_id,
            "company_id": account.company_id.id,
        }

    def _update_profile(self, profile):
        """Write what changed and is known; a poor source never blanks a rich one."""
        values = {}
        for name in PROFILE_FIELDS:
            value = getattr(profile, name)
            if value and value != self[name]:
                values[name] = value
        if values:
            self.write(values)

    def _field_store_repr(self, field_name):
        """In messages the picture is an address with a key, for readers who may not read authors."""
        if field_name == "avatar_128":
            return [
                Store.Attr(
                    "avatar_128_access_token", lambda author: author._get_avatar_128_access_token()
                )
            ]
        return [field_name]

    def action_open_profile(self):
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": self.url, "target": "new"}
