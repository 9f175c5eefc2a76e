from datetime import timedelta

from odoo import api, models
from odoo.tools import format_date, format_datetime, formatLang

QUOTES = 10  # of a week, the most reached
QUOTE_LENGTH = 400  # characters
MOMENT = timedelta(seconds=1)


class HelpdeskTicketTag(models.Model):
    """The mail of the weekly extract: for each reader their own, in the look of Odoo's digest."""

    _inherit = "helpdesk.ticket.tag"

    def _social_care_mail_extract(self, users, start, end):
        """Put a mail for each reader in Odoo's outbox; none where there is nothing to tell.

        :param start, end: naive UTC
        :return: the mails
        """
        said = self._social_care_find_said(start, end)
        readers = users.filtered(lambda user: user.active and user.email and user._is_internal())
        mails_sudo = self.env["mail.mail"].sudo()
        return mails_sudo.create(
            [
                self._social_care_prepare_mail(user, mentions, start, end)
                for user in readers
                if (mentions := self._social_care_readable_by(user, said))
            ]
        )

    def _social_care_readable_by(self, user, mentions):
        """What a reader is shown, in the same order: of their companies, private as their role goes."""
        theirs = mentions.filtered(lambda mention: mention.company_id in user.company_ids)
        public = theirs.filtered(self._social_care_is_public)
        private = self._social_care_as(user, theirs - public)._filtered_access("read")
        shown = {*public.ids, *private.ids}
        return theirs.filtered(lambda mention: mention.id in shown)

    def _social_care_as(self, user, records):
        """Records as a user sees them who has all their companies ticked."""
        return records.with_user(user).with_context(allowed_company_ids=user.company_ids.ids)

    def _social_care_prepare_mail(self, user, mentions, start, end):
        """Values of the mail; ``mentions`` are those the reader may see."""
        self.ensure_one()
        tag = self.with_context(lang=user.lang)
        env, company = tag.env, user.company_id
        time = env._(
            "%(first)s to %(last)s",
            first=format_date(env, tag._social_care_day(start)),
            last=format_date(env, tag._social_care_day(end - MOMENT)),
        )
        body = tag._social_care_render(
            "social_care.helpdesk_ticket_tag_extract",
            quotes=tag._social_care_prepare_quotes(user, mentions[:QUOTES]),
            summary=tag._social_care_sum_up(mentions),
        )
        title = env._("What customers said: %(tag)s", tag=tag.name)
        reads = self._social_care_as(user, mentions).has_access("read")
        page = tag._social_care_render(
            "digest.digest_mail_main",
            title=title,
            formatted_date=time,
            company=company,
            user=user,
            body=body,
            top_button_label=env._("See all") if reads else env._("Open Odoo"),
            top_button_url=tag.get_base_url()
            + (f"/odoo/{tag.id}/social-said" if reads else "/odoo"),
            preferences=[env._("You get this because a manager of social care named you.")],
        )
        return {
            "auto_delete": True,
            "author_id": self.env.user.partner_id.id,
            "body_html": env["mail.render.mixin"]._render_encapsulate(
                "digest.digest_mail_layout", page, add_context={"company": company, "user": user}
            ),
            "email_from": company.partner_id.email_formatted or self.env.user.email_formatted,
            "email_to": user.email_formatted,
            "headers": {"X-Auto-Response-Suppress": "OOF"},
            "state": "outgoing",
            "subject": f"{title} ({time})",
        }

    def _social_care_prepare_quotes(self, user, mentions):
        """Plain texts and addresses, in the reader's language and time; the template escapes them."""
        tickets = self._social_care_as(user, mentions.ticket_id)._filtered_access("read")
        base, env = self.get_base_url(), self.env
        return [
            {
                "text": mention.body[:QUOTE_LENGTH]
                + ("…" if len(mention.body) > QUOTE_LENGTH else ""),
                "who": mention.author_id.display_name or env._("Somebody"),
                "details": " · ".join(self._social_care_list_details(user, mention)),
                "url": mention.url,
                "link": env._(
                    "See it on %(network)s", network=mention.account_id._get_network_name()
                ),
                "ticket_url": mention.ticket_id.id in tickets.ids
                and f"{base}/odoo/helpdesk.ticket/{mention.ticket_id.id}",
            }
            for mention in mentions.with_env(env(su=True))
        ]

    def _social_care_list_details(self, user, mention):
        env = self.env
        followers = formatLang(env, mention.reach, digits=0)
        return [
            mention.account_id._get_network_name(),
            *([] if self._social_care_is_public(mention) else [env._("private message")]),
            *([env._("%(count)s followers", count=followers)] if mention.reach else []),
            format_datetime(env, mention.posted_at, user.tz, dt_format="short"),
        ]

    @api.model
    def _social_care_is_public(self, mention):
        """Whether anybody may read it on the network."""
        return mention.visibility in ("public", "unlisted") and mention.kind != "direct"

    def _social_care_sum_up(self, mentions):
        """How many they are, in a sentence or two."""
        _ = self.env._
        if len(mentions) == 1:
            return _("One message.")
        text = _(
            "%(count)s messages from %(customers)s customers.",
            count=len(mentions),
            customers=len(mentions.author_id),
        )
        if len(mentions) <= QUOTES:
            return text
        # Not inside the f-string: the translations' export does not look there.
        shown = _("Here are the %(count)s with the largest reach.", count=QUOTES)
        return f"{text} {shown}"

    def _social_care_render(self, template, **values):
        return self.env["mail.render.mixin"]._render_template(
            template,
            self._name,
            self.ids,
            engine="qweb_view",
            add_context=values,
            options={"preserve_comments": True, "post_process": True},
        )[self.id]
