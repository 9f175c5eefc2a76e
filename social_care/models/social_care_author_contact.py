import re

from markupsafe import Markup

from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, email_normalize, remove_accents

from .res_partner import PHONE_DIGITS
from .social_care_export import quote_formula

# What people set on a profile; the rest comes from its network or through buttons.
EDITABLE_FIELDS = {"standing"}

LAST_MESSAGES = 20  # private ones that are searched for an address or a number
MAX_SUGGESTIONS = 5
MAIL = re.compile(r"[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,5}[A-Za-z]{2,24}")
PHONE = re.compile(r"\+?\d(?:[ ./()-]{0,2}\d){8,14}(?!\d)")


class SocialCareAuthor(models.Model):
    """The contact behind a profile: linked by people.

    Automatically only on an exact verified match, which is one thing: the network itself
    says that two ids are one person, and one of them is linked (``_move_to``). An equal
    name, handle, address or number is suggested, for anybody can write those.
    """

    _inherit = "social.care.author"

    partner_id = fields.Many2one(readonly=True)
    partner_by_join = fields.Boolean(
        readonly=True, help="The contact came from another profile and leaves with it."
    )

    def write(self, vals):
        # Record rules say whose; this says what.
        if not self.env.su and set(vals) - EDITABLE_FIELDS:
            raise AccessError(
                self.env._("A profile comes from its network. Link its contact with the buttons.")
            )
        return super().write(vals)

    def _move_to(self, main):
        moved = super()._move_to(main)
        if main.partner_id:
            main._set_contact(main.partner_id, by_join=main.partner_by_join)
        return moved

    # -- Link and unlink -----------------------------------------------------------

    def _link_contact(self, partner):
        """Link this profile's person to a contact, on their open tickets too.

        :raises UserError: no contact, or one of another company
        """
        self.ensure_one()
        self.check_access("write")
        if not partner:
            raise UserError(self.env._("This contact is no longer here. Choose another."))
        partner.check_access("read")
        this = self.sudo()
        if partner.company_id and partner.company_id != this.company_id:
            raise UserError(
                self.env._(
                    "%(contact)s belongs to another company. Choose a contact of %(company)s.",
                    contact=partner.display_name,
                    company=this.company_id.name,
                )
            )
        this._get_person()._set_contact(partner)

    def action_link_contact(self):
        self.ensure_one()
        return self.env["social.care.contact"]._open(self)

    def action_unlink_contact(self):
        """Undo the link, on all tickets that got their contact by it."""
        self.ensure_one()
        self.check_access("write")
        self.sudo()._get_person()._set_contact(self.env["res.partner"])
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _set_contact(self, partner, by_join=False):
        """Write the contact on profiles and tickets. Nobody is mailed or made a follower.

        Open tickets get it, unless somebody chose another contact there; whoever loses
        a contact loses it on closed tickets too, for it was wrong.
        """
        for former, authors in self.grouped("partner_id").items():
            if former and former != partner:
                authors._take_contact(former)
        if partner:
            self._give_contact(partner)
        self.write({"partner_id": partner.id, "partner_by_join": by_join})

    def _give_contact(self, partner):
        waiting = [("closed", "=", False), ("partner_id", "=", False)]
        tickets = self.env["helpdesk.ticket"].search(
            [("social_author_id", "in", self.ids), *waiting]
        )
        values = {"partner_name": partner.name, "partner_email": partner.email}
        tickets.write(values | {"partner_id": partner.id})
        tickets._social_care_note_contact(partner, linked=True)

    def _take_contact(self, partner):
        tickets = self.env["helpdesk.ticket"].with_context(active_test=False)
        wrong = tickets.search(
            [("social_author_id", "in", self.ids), ("partner_id", "=", partner.id)]
        )
        for author, of_author in wrong.grouped("social_author_id").items():
            name = quote_formula(author.name or author.handle)
            of_author.write({"partner_id": False, "partner_name": name, "partner_email": False})
        still_open = wrong.filtered(lambda ticket: not ticket.closed)
        still_open._social_care_note_contact(partner, linked=False)

    # -- Suggestions -------------------------------------------------------------------

    def _suggest_contacts(self, limit=MAX_SUGGESTIONS):
        """Contacts that may be this profile's, the surest first.

        Everything is searched with the user's own rights: a private message of another
        team gives nothing away.

        :return: list of (res.partner, why in words)
        """
        self.ensure_one()
        found = {}
        for partner, reason in self._iter_contacts():
            if partner:  # archived ones are none
                found.setdefault(partner, reason)
            if len(found) >= limit:
                break
        return list(found.items())

    def _iter_contacts(self):
        person = self._get_person()
        ticket = self.env["helpdesk.ticket"].search(
            [("social_author_id", "in", person.ids), ("partner_id", "!=", False)],
            order="id desc",
            limit=1,
        )
        if ticket:
            yield (
                self._filter_contacts(ticket.partner_id),
                self.env._("the contact of ticket %(number)s", number=ticket.number),
            )
        mails, phones = person._find_in_private()
        yield from self._contacts_by_mail(mails)
        yield from self._contacts_by_phone(phones)
        yield from self._contacts_by_handle(person)
        yield from self._contacts_by_city()

    def _find_in_private(self):
        """Addresses and numbers that these people wrote in their last private messages."""
        messages = self.env["social.care.mention"].search_fetch(
            [("author_id", "in", self.ids), ("visibility", "=", "direct")],
            ["body"],
            limit=LAST_MESSAGES,
        )
        texts = [message.body or "" for message in messages]
        mails = {email_normalize(mail): mail for text in texts for mail in MAIL.findall(text)}
        phones = {phone.strip() for text in texts for phone in PHONE.findall(text)}
        return sorted(set(mails) - {False}), sorted(phones)

    def _search_contacts(self, domain, **options):
        own = Domain("company_id", "in", [False, self.company_id.id])
        return self.env["res.partner"].search(own & Domain(domain), **options)

    def _filter_contacts(self, partners):
        return partners._filtered_access("read").filtered(
            lambda partner: partner.active and partner.company_id <= self.company_id
        )

    def _contacts_by_mail(self, mails):
        domain = Domain("email_normalized", "in", mails)
        for partner in self._search_contacts(domain, limit=MAX_SUGGESTIONS) if mails else ():
            yield (
                partner,
                self.env._("%(mail)s, in a private message", mail=partner.email_normalized),
            )

    def _contacts_by_phone(self, phones):
        """Those whose number is the same but for a country's way to begin it."""
        written = {re.sub(r"\D", "", phone): phone for phone in phones}
        if not written:
            return
        rows = self.env.execute_query(self._phone_query(list(written)))
        for partner in self._search_contacts([("id", "in", [row[0] for row in rows])]):
            theirs = re.sub(r"\D", "", partner.phone).lstrip("0")
            for digits, phone in written.items():
                mine = digits.lstrip("0")
                if mine.endswith(theirs) or theirs.endswith(mine):
                    yield partner, self.env._("%(phone)s, in a private message", phone=phone)

    def _phone_query(self, numbers):
        self.env["res.partner"].flush_model(["phone", "active"])
        return SQL(
            """SELECT id FROM res_partner
                WHERE RIGHT(REGEXP_REPLACE(phone, '[^0-9]', '', 'g'), %s) = ANY(%s)
                  AND phone IS NOT NULL AND active
                LIMIT 20""",
            PHONE_DIGITS,
            [digits[-PHONE_DIGITS:] for digits in numbers],
        )

    def _contacts_by_handle(self, person):
        if not self.handle_key:
            return
        known_sudo = person.sudo() | person.sudo().not_same_ids
        # sudo: the index first; only then the record rule, which reads messages
        linked_sudo = self.sudo().search(
            [
                ("company_id", "=", self.company_id.id),
                ("handle_key", "=", self.handle_key),
                ("id", "not in", known_sudo.ids),
                ("partner_id", "!=", False),
                ("network", "!=", self.network),
            ],
            limit=MAX_SUGGESTIONS,
        )
        for author in linked_sudo.with_env(self.env)._filtered_access("read"):
            yield (
                self._filter_contacts(author.partner_id),
                self.env._(
                    "the same handle on %(network)s, %(handle)s",
                    network=author._get_network_name(),
                    handle=f"@{author.handle}",
                ),
            )

    def _contacts_by_city(self):
        """Same name and city, where the profile tells a city."""
        place = remove_accents((self.location or "").lower())
        if not place or not self.name:
            return
        names = {self.name, self.name.title()}
        domain = Domain("name", "in", names) & Domain("city", "!=", False)
        for partner in self._search_contacts(domain, limit=LAST_MESSAGES):
            city = remove_accents(partner.city.lower())
            if re.search(rf"\b{re.escape(city)}\b", place):
                yield (
                    partner,
                    self.env._("the same name and city, %(city)s", city=partner.city),
                )

    def _get_network_name(self):
        network = self.env["social.care.account"]._get_network_classes().get(self.network)
        return network.name if network else self.network


class SocialCareMention(models.Model):
    _inherit = "social.care.mention"

    _in_private = models.Index("(author_id, posted_at) WHERE visibility = 'direct'")


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    def _social_care_note_contact(self, partner, linked):
        """Who linked whom, as an internal note on each ticket of one company; no mail leaves."""
        if not self:
            return
        local, name = self[0]._social_care_in_its_language().env, partner.display_name
        text = (
            local._("The customer was linked to the contact %(contact)s.", contact=name)
            if linked
            else local._("The customer was unlinked from the contact %(contact)s.", contact=name)
        )
        self._message_log_batch(
            dict.fromkeys(self.ids, Markup("<p>%s</p>") % text), message_type="comment"
        )
