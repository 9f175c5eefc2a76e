from collections import defaultdict

from odoo import api, models

from .social_care_overrides import is_standard

# What Odoo does for each new record: posting that it was created, and finding its followers.
POSTING = (
    "_creation_subtype",
    "message_post",
    "_message_compute_parent_id",
    "_message_create",
    "_notify_get_recipients",
    "_notify_thread",
    "_process_attachments_for_post",
)
SUBSCRIBING = ("_message_auto_subscribe", "_message_auto_subscribe_followers")


class Later:
    """What is set aside while tickets are created, to be done for all of them at once."""

    def __init__(self):
        self.subscriptions = []  # (ticket id, its values)
        self.posts = []  # (ticket id, arguments of message_post)
        self.subtype = None  # of these posts


class HelpdeskTicket(models.Model):
    """Tickets of many customers are made together: numbers, stages, followers and messages at once.

    Each ticket comes out as if it had been made alone. Tickets from elsewhere are left alone.
    """

    _inherit = "helpdesk.ticket"

    @api.model_create_multi
    def create(self, vals_list):
        social = bool(vals_list) and all(vals.get("social_account_id") for vals in vals_list)
        together = social and is_standard(self, *POSTING, *SUBSCRIBING)
        later = Later() if together else None
        if social:
            self._social_care_number(vals_list)
            self._social_care_set_stages(vals_list)
        creating = self
        if later or self.env.context.get("social_care_later"):
            creating = self.with_context(social_care_later=later)
        tickets = super(HelpdeskTicket, creating).create(vals_list).with_env(self.env)
        if later:
            self._social_care_subscribe_together(later.subscriptions)
            self._social_care_post_together(later.posts)
        return tickets

    @api.model
    def _social_care_number(self, vals_list):
        """One range of numbers for all tickets of a company."""
        if not is_standard(self, "_prepare_ticket_number"):
            return
        missing = defaultdict(list)
        for vals in vals_list:
            if vals.get("number", "/") == "/":
                missing[vals.get("company_id", self.env.company.id)].append(vals)
        for company_id, of_company in missing.items():
            sequence = self.env["ir.sequence"].with_company(company_id)
            numbers = sequence._social_care_draw("helpdesk.ticket.sequence", len(of_company))
            for vals, number in zip(of_company, numbers, strict=True):
                vals["number"] = number or "/"

    @api.model
    def _social_care_set_stages(self, vals_list):
        """The first stage of each team, looked up once."""
        teams = self.env["helpdesk.ticket.team"].browse(
            {
                vals["team_id"]
                for vals in vals_list
                if vals.get("team_id") and "stage_id" not in vals
            }
        )
        first = {team.id: team._get_applicable_stages()[:1].id for team in teams}
        for vals in vals_list:
            if vals.get("team_id") and "stage_id" not in vals:
                vals["stage_id"] = first[vals["team_id"]]

    # -- Followers ------------------------------------------------------------

    def _message_auto_subscribe(self, updated_values, followers_existing_policy="skip"):
        later = self.env.context.get("social_care_later")
        if not later or followers_existing_policy != "update":
            return super()._message_auto_subscribe(updated_values, followers_existing_policy)
        later.subscriptions.append((self.id, updated_values))
        return True

    @api.model
    def _social_care_subscribe_together(self, subscriptions):
        """Subscribe whom a team or an assignee brings: once for all tickets with the same.

        :param subscriptions: list of (ticket id, its values)
        """
        subtypes = self.env["mail.message.subtype"]
        *_subtypes, relation = subtypes._get_auto_subscription_subtypes(self._name)
        names = sorted({"user_id"}.union(*relation.values()))
        alike = defaultdict(list)
        for ticket_id, values in subscriptions:
            alike[tuple(values.get(name) for name in names)].append((ticket_id, values))
        for group in alike.values():
            tickets = self.browse(ticket_id for ticket_id, _values in group)
            tickets._message_auto_subscribe(group[0][1], followers_existing_policy="update")

    # -- Messages ---------------------------------------------------------------

    def _creation_subtype(self):
        later = self.env.context.get("social_care_later")
        if not later:
            return super()._creation_subtype()
        if later.subtype is None:
            later.subtype = super()._creation_subtype()
        return later.subtype

    def message_post(self, **kwargs):
        later = self.env.context.get("social_care_later")
        # What Odoo posts of a new record, and nothing else that is said meanwhile.
        if not later or kwargs.keys() != {"subtype_id", "author_id", "body"}:
            return super().message_post(**kwargs)
        later.posts.append((self.id, kwargs))
        return self.env["mail.message"]

    @api.model
    def _social_care_post_together(self, posts):
        """What ``message_post`` does for each new ticket, with one creation of messages.

        :param posts: list of (ticket id, arguments of ``message_post``)
        """
        alike = defaultdict(list)
        said = self._social_care_find_said([ticket_id for ticket_id, _kwargs in posts])
        for ticket_id, kwargs in posts:
            ticket = self.browse(ticket_id).sudo()
            if ticket_id in said:  # a message follows on those before it
                ticket.message_post(**kwargs)
            else:
                alike[kwargs["subtype_id"], kwargs["author_id"]].append((ticket, kwargs["body"]))
        for (subtype_id, author_id), group in alike.items():
            self._social_care_post_alike(subtype_id, author_id, group)

    @api.model
    def _social_care_find_said(self, ticket_ids):
        """Of these ids, those with messages already."""
        messages = self.env["mail.message"].sudo()
        domain = [("model", "=", self._name), ("res_id", "in", ticket_ids)]
        return {ticket_id for [ticket_id] in messages._read_group(domain, ["res_id"])}

    @api.model
    def _social_care_post_alike(self, subtype_id, author_id, group):
        """Post one message a ticket, and notify those who follow it.

        :param group: list of (ticket, Markup)
        """
        tickets = self.browse([ticket.id for ticket, _body in group]).sudo()._fallback_lang()
        bodies = [body for _ticket, body in group]
        values_list = tickets._social_care_prepare_posts(subtype_id, author_id, bodies)
        messages = tickets._message_create(values_list)
        recipients = self.env["mail.followers"]._get_recipient_data(
            tickets, "notification", subtype_id, []
        )
        for ticket, message, values in zip(tickets, messages, values_list, strict=True):
            ticket._message_post_after_hook(message, values)
            if recipients.get(ticket.id):
                ticket._notify_thread(message, values)

    def _social_care_prepare_posts(self, subtype_id, author_id, bodies):
        """Values of one message a ticket, as ``message_post`` makes them.

        :param bodies: list of Markup
        """
        author_id, email_from = self._message_compute_author(author_id, None)
        shared = {
            "email_add_signature": True,
            "author_id": author_id,
            "author_guest_id": False,
            "email_from": email_from,
            "model": self._name,
            "message_type": "notification",
            "parent_id": False,
            "subject": False,
            "subtype_id": subtype_id,
            "partner_ids": [],
            "attachment_ids": [],
            "incoming_email_to": False,
            "incoming_email_cc": False,
            "outgoing_email_to": False,
        }
        domains = self._mail_get_alias_domains(default_company=self.env.company)
        companies = self._mail_get_companies(default=self.env.company)
        reply_to = self._notify_get_reply_to(default=email_from, author_id=author_id)
        return [
            {
                **shared,
                "res_id": ticket.id,
                "body": body,
                "record_alias_domain_id": domains[ticket.id].id,
                "record_company_id": companies[ticket.id].id,
                "reply_to": reply_to[ticket.id],
            }
            for ticket, body in zip(self, bodies, strict=True)
        ]
