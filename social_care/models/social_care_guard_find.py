from datetime import timedelta

from odoo import api, fields, models, tools

from .social_care_guard_match import Check, GuardedText, TimedOutError
from .social_care_languages import split_codes
from .social_care_personal_data import is_own

WARNING = "mail.mail_activity_data_warning"
DAY = timedelta(days=1)
SHOWN = 50  # places of one guard in one text
NAMED = 5  # of its words in the sentence


class SocialCareGuard(models.Model):
    """What the guards find in a text."""

    _inherit = "social.care.guard"

    @api.model
    @tools.ormcache("lang")
    def _get_checks(self, lang):
        """All guards in their order, as values that outlive the transaction.

        :param lang: of their names
        """
        guards = self.sudo().with_context(lang=lang).search([("active", "=", True)])
        return tuple(guard._to_check() for guard in guards)

    def _to_check(self):
        return Check(
            id=self._origin.id,
            name=self.name or "",
            kind=self.kind,
            severity=self.severity,
            pattern=(self.pattern or "").strip(),
            languages=frozenset(split_codes(self.lang)),
            company_id=self.company_id.id,
            account_ids=frozenset(self.account_ids.ids),
            team_ids=frozenset(self.team_ids.ids),
            public_only=self.public_only,
            data=frozenset(self._get_data()),
            allowed=tuple((self.allowed or "").splitlines()),
        )

    @api.model
    def _find(self, text, occasion):
        """What the guards find in a text.

        :param occasion: :class:`Occasion`
        :return: list of dicts: see :meth:`_describe_finding`
        """
        guarded = GuardedText(self.env.cr, text, occasion.company)
        findings = []
        for check in self._get_checks(self.env.lang):
            if check.applies(occasion):
                findings += self._look(check, guarded)
        return findings

    @api.model
    def _look(self, check, guarded):
        """One check's finding in a list, or none."""
        try:
            places = guarded.look(check)
        except TimedOutError:
            self.browse(check.id)._tell_timed_out()
            return [self._describe_finding(check, "", [])]
        return [self._describe_finding(check, guarded.text, places)] if places else []

    @api.model
    def _describe_finding(self, check, text, places):
        """A finding for the dialog and for whoever approves.

        :param places: list of (start, end, kind of personal data or ""); none: a pattern that took
            too long counts as found
        :return: dict with guard_id, name, severity, kind, spans ([start, end] in the text), words
            (found, each once) and text (a sentence)
        """
        places = [place for place in places if place[0] < place[1]][:SHOWN]
        # Each once, as first written.
        words = {}
        for start, end, kind in places:
            words.setdefault(text[start:end].lower(), (text[start:end], kind))
        labels = self._get_data_labels()
        named = [
            f"{labels[kind]} “{word}”" if kind else f"“{word}”"
            for word, kind in list(words.values())[:NAMED]
        ]
        named += ["…"] * (len(words) > NAMED)
        return {
            "guard_id": check.id,
            "name": check.name,
            "severity": check.severity,
            "kind": check.kind,
            "spans": [[start, end] for start, end, _kind in places],
            "words": [word for word, _kind in words.values()],
            "text": self._get_sentence(check, ", ".join(named)),
        }

    @api.model
    def _get_data_labels(self):
        return {
            "phone": self.env._("phone number"),
            "mail": self.env._("mail address"),
            "iban": self.env._("bank account"),
            "card": self.env._("card"),
            "order": self.env._("order number"),
        }

    @api.model
    def _get_sentence(self, check, named):
        values = {
            "name": check.name,
            "words": named or self.env._("this check takes too long, so it counts as found"),
        }
        if check.severity == "block":
            return self.env._("%(name)s: %(words)s. It cannot be sent like this.", **values)
        if check.severity == "approve":
            return self.env._("%(name)s: %(words)s. A reviewer has to approve it.", **values)
        return self.env._("%(name)s: %(words)s. Look again before you send it.", **values)

    def _tell_timed_out(self):
        """Ask whoever keeps it to make it simpler: at most once a day."""
        guard_sudo = self.sudo()
        now = fields.Datetime.now()
        if not guard_sudo or (guard_sudo.timed_out_at and guard_sudo.timed_out_at > now - DAY):
            return
        guard_sudo.timed_out_at = now
        group = self.env.ref("social_care.social_care_group_manager").sudo()
        managers = group.all_user_ids.filtered("active")
        keeper = (guard_sudo.create_uid & managers) or managers[:1]
        local = guard_sudo.with_context(lang=keeper.lang)
        if keeper and not guard_sudo.activity_search([WARNING]):
            guard_sudo.activity_schedule(
                WARNING,
                user_id=keeper.id,
                summary=local.env._("Takes too long"),
                note=local.env._(
                    "Its pattern did not come to an end in 200 ms, so it counts as found in every "
                    "such answer. Write a simpler one: fewer * and +, no group within a group."
                ),
            )

    # -- Personal data, for others --------------------------------------------

    @api.model
    def _find_personal_data(self, text, company=None):
        """Phones, mail addresses, IBANs, cards and order numbers that are not our own.

        :param company: whose order numbers and contacts; the current one by default
        :return: list of (phone, mail, iban, card or order, start, end, value), in order
        """
        company = company or self.env.company
        guarded = GuardedText(self.env.cr, text, company)
        allowed = [
            line
            for check in self._get_checks(self.env.lang)
            if not check.company_id or check.company_id == company.id
            for line in check.allowed
        ]
        try:
            orders = guarded.orders
        except TimedOutError:
            orders = []
        found = guarded.personal_data + orders
        return sorted(
            (item for item in found if not is_own(item[0], item[3], allowed)),
            key=lambda item: item[1:3],
        )
