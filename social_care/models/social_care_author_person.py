import uuid

from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import networks

MIN_HANDLE = 3  # characters; a shorter handle is anybody's


class SocialCareAuthor(models.Model):
    """One person on several networks, as people decided.

    The profiles of one person share a key, so there are neither chains nor loops, and
    leaving is losing the key. Each keeps its messages, tickets and its own way to be
    answered; only the contact is shared. What a *network* says is one person under two
    ids is ``joined_to_id``, which moves everything.
    """

    _inherit = "social.care.author"

    person_key = fields.Char(readonly=True, copy=False)
    handle_key = fields.Char(
        string="Handle without its server",
        compute="_compute_handle_key",
        store=True,
        precompute=True,
        readonly=False,  # given with a new profile: computing it takes an unsaved record of each
    )
    person_ids = fields.Many2many(
        "social.care.author", string="Also the same person", compute="_compute_person_ids"
    )
    not_same_ids = fields.Many2many(
        "social.care.author",
        "social_care_author_not_same_rel",
        "author_id",
        "other_id",
        string="Known to be somebody else",
        readonly=True,
        copy=False,
    )

    _person = models.Index("(person_key) WHERE person_key IS NOT NULL")
    _handle = models.Index("(company_id, handle_key) WHERE handle_key IS NOT NULL")

    @api.depends("handle", "network")
    def _compute_handle_key(self):
        for author in self:
            author.handle_key = self._make_handle_key(author.network, author.handle)

    @api.model
    def _make_handle_key(self, code, handle):
        classes = self.env["social.care.account"]._get_network_classes()
        key = classes.get(code, networks.Network).plain_handle(handle or "")
        return len(key) >= MIN_HANDLE and key

    @api.model
    def _prepare_from_network(self, account, profile):
        values = super()._prepare_from_network(account, profile)
        return values | {"handle_key": self._make_handle_key(account.network, profile.handle)}

    @api.depends("person_key")
    def _compute_person_ids(self):
        people = self._get_people()
        for author in self:
            author.person_ids = (people[author] - author)._filtered_access("read")

    def _get_people(self):
        """Each profile → all profiles of its person, itself among them, readable or not."""
        keys = [key for key in self.mapped("person_key") if key]
        # sudo: the record rule reads messages; whoever reads these profiles meets it.
        known = self.sudo().search([("person_key", "in", keys)]).grouped("person_key")
        return {
            author: author | known.get(author.person_key, author.browse()).with_env(self.env)
            for author in self
        }

    def _get_person(self):
        """All profiles of these profiles' people."""
        return self.union(*self._get_people().values())

    # -- What people decide ------------------------------------------------------

    def _check_person(self, other):
        """Rights first: what follows is done for profiles that the user may change."""
        self.ensure_one()
        other.ensure_one()
        (self | other).check_access("write")
        if self == other or self.company_id != other.company_id:
            raise UserError(self.env._("Choose another profile of the same company."))

    def _join_person(self, other):
        """These two profiles are one person: the contact of one becomes the other's.

        :raises UserError: both have a contact, and not the same
        """
        self._check_person(other)
        this, that = self.sudo()._get_main(), other.sudo()._get_main()
        both = this._get_person() | that._get_person()
        contacts = both.partner_id
        if len(contacts) > 1:
            raise UserError(
                self.env._(
                    "These profiles have different contacts: %(contacts)s. Merge the contacts, "
                    "or unlink the wrong one; then join.",
                    contacts=", ".join(contacts.mapped("display_name")),
                )
            )
        # A new one on each: two joins at once write a common row, and the later is repeated.
        both.person_key = uuid.uuid4().hex
        for author in both & both.not_same_ids:
            author.not_same_ids -= both
        if contacts:
            both.filtered(lambda author: not author.partner_id)._set_contact(contacts, by_join=True)

    def _part_from(self, other):
        """These two are different people; nobody is asked about them again."""
        self._check_person(other)
        this, that = self.sudo(), other.sudo()
        this.not_same_ids |= that
        that.not_same_ids |= this

    def action_part(self):
        """This profile is somebody else than those it was joined with."""
        self.ensure_one()
        self.check_access("write")
        this = self.sudo()
        others = this._get_person() - this
        this.person_key = False
        if len(others) == 1:
            others.person_key = False
        for group in (this, others):
            # A contact stays with the profile that it was linked to.
            if all(author.partner_by_join for author in group if author.partner_id):
                group._set_contact(self.env["res.partner"])
        this.not_same_ids |= others
        for other in others:
            other.not_same_ids |= this
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_open(self):
        self.ensure_one()
        return self._get_records_action(context={})

    def action_open_messages(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": "social.care.mention",
            "views": [(False, "list"), (False, "form")],
            "domain": [("author_id", "=", self.id)],
        }

    def _move_to(self, main):
        """The network tells they are one: whoever was joined with this profile stays joined."""
        person = (self | main)._get_person()
        strangers = self.not_same_ids | main.not_same_ids
        moved = super()._move_to(main)
        key = main.person_key or self.person_key
        self.write({"person_key": False, "not_same_ids": False})
        (person - self).write({"person_key": key})
        for stranger in strangers - person:
            stranger.not_same_ids = stranger.not_same_ids - self | main
        main.not_same_ids = strangers - person
        return moved
