import hashlib

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from .social_care_languages import short_code
from .social_care_reply_reviewers import find_reviewers
from .social_care_roles import REVIEWER

NAME = "{name}"
DECIDED_FIELDS = {"author_id", "approved_by_id", "approved_digest", "company_id"}
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
    author_id = fields.Many2one(
        "res.users",
        string="Written by",
        readonly=True,
        copy=False,
        help="Whoever changed it last.",
    )
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
        # Given, so that no default value stands for another reviewer.
        unread = {"author_id": self.env.uid, "approved_by_id": False, "approved_digest": False}
        return super().create([{**unread, **vals, **self._clean(vals)} for vals in vals_list])

    def write(self, vals):
        self._check_unapproved(vals)
        if vals.keys() & {"kind", "lang", "text"}:
            vals = {**vals, "author_id": self.env.uid}
        return super().write({**vals, **self._clean(vals)})

    def _check_unapproved(self, vals):
        if not self.env.su and vals.keys() & DECIDED_FIELDS:
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

    approval_role = fields.Selection(
        [
            ("reviewer", "May approve the wordings"),
            ("author", "Waits for another reviewer"),
            ("alone", "Nobody else can approve them"),
        ],
        compute="_compute_approval_role",
        help="Of whoever looks at it.",
    )

    @api.depends("wording_ids.approved", "wording_ids.author_id")
    @api.depends_context("uid")
    def _compute_approval_role(self):
        user = self.env.user
        is_reviewer = user.has_group(REVIEWER)
        for crisis in self:
            waiting = crisis.wording_ids.filtered(lambda line: not line.approved)
            if not waiting or not is_reviewer:
                crisis.approval_role = False
            elif waiting.author_id - user:
                crisis.approval_role = "reviewer"
            else:
                others = find_reviewers(crisis.company_id, user)
                crisis.approval_role = "author" if others else "alone"

    def action_approve(self):
        """A reviewer has read the wordings: they may go out in answers without being read again.

        What they wrote themselves waits for another reviewer, unless there is none.
        """
        self.ensure_one()
        self.check_access("read")
        user = self.env.user
        if not user.has_group(REVIEWER):
            raise AccessError(self.env._("Only a reviewer can approve what is said."))
        crisis_sudo = self.sudo()
        crisis_sudo._check_wordings()
        waiting = crisis_sudo.wording_ids.filtered(lambda line: not line.approved)
        reviewers = find_reviewers(crisis_sudo.company_id, user)
        if reviewers:
            own = waiting.filtered(lambda line: line.author_id == user)
            waiting -= own
            if own and not waiting:
                raise UserError(
                    self.env._(
                        "Somebody else has to approve what you wrote: %(names)s.",
                        names=", ".join(reviewers[:3].mapped("name")),
                    )
                )
        for wording in waiting:
            wording.write({"approved_by_id": user.id, "approved_digest": wording._get_digest()})
        if waiting:
            self._note_approval(alone=user in waiting.author_id)
            crisis_sudo._end_reading()
        return True

    def _check_wordings(self):
        """Enough of them in each language that is spoken at all."""
        if not self.wording_ids:
            raise UserError(self.env._("Write what is said first: three wordings a language."))
        if short := self._find_short():
            labels = dict(short._fields["kind"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "“%(kind)s” needs %(count)s different wordings in “%(lang)s”: "
                    "equal texts to many look like spam.",
                    kind=labels[short.kind],
                    count=WORDINGS,
                    lang=short.lang,
                )
            )

    def _find_short(self):
        """A wording of whose kind and language there are too few; empty where there are enough."""
        same = self.wording_ids.grouped(lambda line: (line.kind, line.lang)).values()
        short = (lines for lines in same if len(set(lines.mapped("text"))) < WORDINGS)
        return next(short, self.wording_ids.browse())[:1]

    def _note_approval(self, alone):
        """Kept in the chatter, in the company's language."""
        _ = self._in_companys_language().env._
        text = (
            _("The wordings were approved by their author: nobody else could.")
            if alone
            else _("The wordings were approved.")
        )
        self.sudo().message_post(body=text, author_id=self.env.user.partner_id.id)

    def _get_approved(self, kind, mention):
        """The wordings a customer may be sent in their language; empty where there are none."""
        lang = mention.lang or mention.author_id.lang
        lang = short_code(lang or mention.company_id.partner_id.lang or "en")
        return self.wording_ids.filtered(
            lambda line: line.kind == kind and line.lang == lang and line.approved
        )
