from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_datetime

from .social_care_outcomes import OUTCOMES, SocialCareOutcomes
from .social_care_roles import AGENT

BATCH = 200  # tickets a transaction
LOOK_EVERY = timedelta(hours=12)  # a pass that ran out of time goes on, and does not begin anew
STARTS = {"social_first_response_at", "social_waiting_since"}


class HelpdeskTicket(models.Model):
    """What came of an answered ticket: derived from what the customer did, corrected by a person.

    It may change for some days after the last answer. What a person set never does.
    """

    _inherit = "helpdesk.ticket"

    social_outcome = fields.Selection(
        OUTCOMES,
        string="Outcome",
        copy=False,
        tracking=True,
        help="What the customer did after our last answer. Choose another where you know better; "
        "take the choice back to have it found again.",
    )
    social_outcome_evidence = fields.Json(
        string="What led to the outcome",
        readonly=True,
        copy=False,
        help="Code of the sentence, time, and the ids of the message or ticket.",
    )
    social_outcome_user_id = fields.Many2one(
        "res.users", string="Outcome set by", readonly=True, copy=False
    )
    social_outcome_pending = fields.Boolean(string="Outcome may change", readonly=True, copy=False)
    social_outcome_seen_at = fields.Datetime(
        string="Outcome looked for on", readonly=True, copy=False
    )
    social_outcome_text = fields.Char(
        string="Why this outcome", compute="_compute_social_outcome_text", groups=AGENT
    )
    social_outcome_mention_id = fields.Many2one(
        "social.care.mention",
        string="Message that led to the outcome",
        compute="_compute_social_outcome_source",
        groups=AGENT,
    )
    social_outcome_ticket_id = fields.Many2one(
        "helpdesk.ticket",
        string="Ticket that led to the outcome",
        compute="_compute_social_outcome_source",
        groups=AGENT,
    )

    _social_outcome_queue = models.Index("(id) WHERE social_outcome_pending IS TRUE")

    @api.depends("social_outcome_evidence", "social_outcome_user_id")
    @api.depends_context("lang", "tz", "uid")
    def _compute_social_outcome_text(self):
        for ticket in self:
            ticket.social_outcome_text = ticket._social_care_describe_outcome()

    @api.depends("social_outcome_evidence")
    @api.depends_context("uid")
    def _compute_social_outcome_source(self):
        for name, model in (
            ("mention_id", "social.care.mention"),
            ("ticket_id", "helpdesk.ticket"),
        ):
            ids = {ticket: (ticket.social_outcome_evidence or {}).get(name) for ticket in self}
            sources = self.env[model].browse(filter(None, ids.values())).exists()
            readable = set(sources._filtered_access("read").ids)
            for ticket, source_id in ids.items():
                ticket[f"social_outcome_{name}"] = source_id in readable and source_id

    @api.model_create_multi
    def create(self, vals_list):
        tickets = super().create(vals_list)
        if not self.env.su and any(vals.get("social_outcome") for vals in vals_list):
            tickets._social_care_check_outcome()
        return tickets

    def write(self, vals):
        corrected = "social_outcome" in vals and not self.env.su
        if corrected:
            self._social_care_check_outcome()
        result = super().write(vals)
        if corrected:
            # sudo: who set it follows from the writing, which was allowed
            self.sudo()._social_care_outcome_set()
        if STARTS & vals.keys():
            # sudo: that something is to be looked at is nobody's decision
            self.sudo()._social_care_expect_outcome()
        return result

    # -- A person knows better ---------------------------------------------------------

    def _social_care_check_outcome(self):
        if not self.env.user.has_group(AGENT):
            raise AccessError(self.env._("This takes the social care agent role."))
        self.check_access("write")
        if not all(ticket.social_account_id and ticket.social_first_response_at for ticket in self):
            raise UserError(
                self.env._("Only an answered conversation has an outcome. Answer it first.")
            )

    def _social_care_outcome_set(self):
        """The user chose an outcome, or took the choice back."""
        now = fields.Datetime.to_string(fields.Datetime.now())
        chosen = self.filtered("social_outcome")
        chosen.write(
            {
                "social_outcome_user_id": self.env.uid,
                "social_outcome_evidence": {"code": "person", "at": now},
                "social_outcome_pending": False,
            }
        )
        given_back = self - chosen
        given_back.social_outcome_user_id = False
        given_back._social_care_derive_outcomes()

    # -- Derived ------------------------------------------------------------------------

    def _social_care_expect_outcome(self):
        """We answered, or the customer came back: see for some days what comes of it."""
        self.filtered(
            lambda ticket: (
                ticket.social_account_id
                and ticket.social_first_response_at
                and not ticket.social_outcome_user_id
                and not ticket.social_outcome_pending
            )
        ).write({"social_outcome_pending": True, "social_outcome_seen_at": False})

    @api.model
    def _cron_outcome(self):
        """Look at the tickets whose outcome may change; a bad one never blocks the next."""
        tickets = self.with_context(active_test=False)
        pending = tickets.search(self._social_care_outcomes_due(), order="id")
        self.env["ir.cron"]._commit_progress(remaining=len(pending))
        queue = self.env["social.care.queue"]
        queue._run_batches(pending, "_social_care_derive_pending", BATCH)

    @api.model
    def _social_care_outcomes_due(self):
        before = fields.Datetime.now() - LOOK_EVERY
        seen = Domain("social_outcome_seen_at", "=", False)
        seen |= Domain("social_outcome_seen_at", "<=", before)
        return Domain("social_outcome_pending", "=", True) & seen

    def _social_care_derive_pending(self):
        # Whoever corrects one meanwhile makes this fail on its snapshot, and repeat.
        pending = self.exists().filtered("social_outcome_pending")
        pending._social_care_derive_outcomes()
        pending._social_care_note_seen()

    def _social_care_note_seen(self):
        # Plain SQL: that nothing happened is no change of theirs.
        self.env.cr.execute(
            SQL(
                "UPDATE helpdesk_ticket SET social_outcome_seen_at = %s WHERE id = ANY(%s)",
                fields.Datetime.now(),
                list(self.ids),
            )
        )
        self.invalidate_recordset(["social_outcome_seen_at"], flush=False)

    def _social_care_derive_outcomes(self):
        """Answered tickets → what came of them so far; what a person set stays.

        A batch costs the same few queries, whatever its size.
        """
        tickets = self.sudo().filtered(lambda ticket: not ticket.social_outcome_user_id)
        outcomes = SocialCareOutcomes(tickets)
        # Only what people change is told in the chatter.
        for ticket in tickets.with_context(tracking_disable=True):
            outcome, pending = outcomes.find(ticket)
            values = {
                "social_outcome": outcome and outcome.value,
                "social_outcome_evidence": outcome and outcome.to_json(),
                "social_outcome_pending": pending,
            }
            changed = {
                name: value or False
                for name, value in values.items()
                if (value or False) != (ticket[name] or False)
            }
            if changed:
                ticket.write(changed)

    def _social_care_describe_outcome(self):
        """Why this outcome, in a sentence without anybody's words."""
        self.ensure_one()
        evidence = self.social_outcome_evidence
        if not evidence:
            return False
        _ = self.env._
        at = fields.Datetime.to_datetime(evidence["at"])
        tz = self.env.context.get("tz") or self._social_care_tz()
        values = {
            "when": format_datetime(self.env, at, tz=tz, dt_format="short"),
            "who": self.sudo().social_outcome_user_id.name or "",
            "days": evidence.get("days"),
        }
        if evidence["code"] == "elsewhere":
            # sudo: by which channel, not what about
            other = self.sudo().browse(evidence["ticket_id"]).exists()
            values["channel"] = other.channel_id.name or _("another channel")
        texts = {
            "deleted": _("They deleted all they wrote, the last of it on %(when)s."),
            "elsewhere": _("They opened a ticket on %(when)s: %(channel)s."),
            "asked": _("They asked again on %(when)s, after our answer."),
            "new_ticket": _("They opened a new ticket on %(when)s."),
            "reopened": _("They had it reopened on %(when)s."),
            "thanks": _("They thanked us on %(when)s."),
            "like": _("They liked our answer on %(when)s."),
            "quiet": _("Nothing more came in %(days)s days after their word of %(when)s."),
            "silence": _("Nothing came in %(days)s days after our answer of %(when)s."),
            "person": _("%(who)s chose it on %(when)s."),
        }
        return texts[evidence["code"]] % values

    # -- Merged -------------------------------------------------------------------

    def _social_care_prepare_merged(self, target):
        values = super()._social_care_prepare_merged(target)
        known = (target | self).filtered("social_outcome_user_id")[:1]
        if known:
            values |= {
                "social_outcome": known.social_outcome,
                "social_outcome_evidence": known.social_outcome_evidence,
                "social_outcome_user_id": known.social_outcome_user_id.id,
            }
        return values

    def _social_care_carry_to(self, target):
        """What is merged has no outcome of its own any more: its messages went along."""
        result = super()._social_care_carry_to(target)
        self.with_context(tracking_disable=True).write(
            {
                "social_outcome": False,
                "social_outcome_evidence": False,
                "social_outcome_user_id": False,
                "social_outcome_pending": False,
            }
        )
        return result
