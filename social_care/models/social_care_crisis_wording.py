import hashlib

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from .social_care_acknowledge_words import short_code
from .social_care_reply_review import REVIEWER

NAME = "{name}"
WORDINGS = 3  # of one language, at least: many equal texts look like spam, also to networks


class SocialCareCrisisWording(models.Model):
    """One way to say what we say in a crisis, in one language."""

    _name = "social.care.crisis.wording"
    _description = "Wording of a crisis"
    _order = "kind desc, lang, id"
    _rec_name = "text"

    crisis_id = fields.Many2one("social.care.crisis", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="crisis_id.company_id", store=True)
    kind = fields.Selection(
        [("statement", "Statement"), ("closing", "It is solved")],
        default="statement",
        required=True,
    )
    lang = fields.Char(string="Language", required=True, help="A code: es, en, pt…")
    text = fields.Text(required=True, help="{name} becomes the customer's name.")
    approved_by_id = fields.Many2one("res.users", string="Approved by", readonly=True, copy=False)
    approved_digest = fields.Char(readonly=True, copy=False)
    approved = fields.Boolean(compute="_compute_approved")

    @api.depends("text", "lang", "kind", "approved_digest")
    def _compute_approved(self):
        for wording in self:
            wording.approved = wording.approved_digest == wording._get_digest()

    @api.constrains("text")
    def _check_text(self):
        if any(NAME not in wording.text for wording in self):
            raise ValidationError(
                self.env._("Write {name} where the customer's name belongs: nobody is a number.")
            )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_unapproved(vals)
        return super().create([{**vals, **self._clean(vals)} for vals in vals_list])

    def write(self, vals):
        self._check_unapproved(vals)
        return super().write({**vals, **self._clean(vals)})

    def _check_unapproved(self, vals):
        if not self.env.su and vals.keys() & {"approved_by_id", "approved_digest", "company_id"}:
            raise AccessError(self.env._("Wordings are approved with the button."))

    @staticmethod
    def _clean(vals):
        return {"lang": short_code(vals["lang"].strip())} if vals.get("lang") else {}

    def _get_digest(self):
        self.ensure_one()
        said = "\n".join([self.kind or "", self.lang or "", self.text or ""])
        return hashlib.sha256(said.encode()).hexdigest()

    def _render(self, mention, user):
        """What this customer reads, with handle and the user's signature."""
        self.ensure_one()
        author = mention.author_id
        first = (author.name or "").split()[:1]
        name = first[0] if first and first[0].isalpha() else author.handle or ""
        account = mention.account_id.with_user(user).sudo()
        return account._get_opening_text(mention, self.text.replace(NAME, name))


class SocialCareCrisis(models.Model):
    """Approving what is said, once for all."""

    _inherit = "social.care.crisis"

    def action_approve(self):
        """A reviewer has read the wordings: they may go out in answers without being read again."""
        self.ensure_one()
        self.check_access("read")
        if not self.env.user.has_group(REVIEWER):
            raise AccessError(self.env._("Only a reviewer can approve what is said."))
        wordings = self.sudo().wording_ids
        if not wordings:
            raise UserError(self.env._("Write what is said first: three wordings a language."))
        for (kind, lang), same in wordings.grouped(lambda line: (line.kind, line.lang)).items():
            if len(set(same.mapped("text"))) < WORDINGS:
                label = dict(wordings._fields["kind"]._description_selection(self.env))[kind]
                raise UserError(
                    self.env._(
                        "“%(kind)s” needs %(count)s different wordings in “%(lang)s”: "
                        "equal texts to many look like spam.",
                        kind=label,
                        count=WORDINGS,
                        lang=lang,
                    )
                )
        for wording in wordings.filtered(lambda line: not line.approved):
            wording.write(
                {"approved_by_id": self.env.uid, "approved_digest": wording._get_digest()}
            )
        return True

    def _get_approved(self, kind, mention):
        """The wordings a customer may be sent in their language; empty where there are none."""
        lang = mention.lang or mention.author_id.lang
        lang = short_code(lang or mention.company_id.partner_id.lang or "en")
        return self.wording_ids.filtered(
            lambda line: line.kind == kind and line.lang == lang and line.approved
        )
