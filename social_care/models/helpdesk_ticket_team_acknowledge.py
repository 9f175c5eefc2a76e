from datetime import datetime, time, timedelta

from markupsafe import Markup
from pytz import timezone

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_datetime

from .resource_calendar import holidays_domain
from .social_care_acknowledge_words import PLACEHOLDER, TEXTS, pick_text, say_when
from .social_care_languages import short_code
from .social_care_times import to_local, to_utc

ROUND_MINUTES = 10  # a busy line's promise is no railway time-table
EVENING = time(22)
OWN_TEXTS = ("social_ack_closed_text", "social_ack_busy_text", "social_ack_short_text")


class HelpdeskTicketTeam(models.Model):
    """What a team tells customers who must wait, and when: its settings and their preview."""

    _inherit = "helpdesk.ticket.team"

    social_ack_closed = fields.Boolean(
        string="In closed hours",
        help="Tell customers who write in closed hours when an answer will come.",
    )
    social_ack_busy = fields.Boolean(
        string="When lines are busy",
        help="Tell customers when the people on shift cannot reach them within the promise.",
    )
    social_ack_minutes = fields.Integer(
        string="Time per conversation",
        default=10,
        help="Minutes of one person, on average. With it “busy” is reckoned.",
    )
    social_ack_way = fields.Selection(
        [("usual", "Where the customer wrote"), ("private", "In private where possible")],
        string="Way",
        default="usual",
        required=True,
    )
    social_ack_closed_text = fields.Text(string="Text in closed hours", translate=True)
    social_ack_busy_text = fields.Text(string="Text when busy", translate=True)
    social_ack_short_text = fields.Text(
        string="Short text", translate=True, help="Where the network finds the others too long."
    )
    social_ack_preview = fields.Html(
        string="Preview", compute="_compute_social_ack_preview", sanitize=False
    )

    _social_ack_minutes_positive = models.Constraint(
        "CHECK (social_ack_minutes > 0)", "A conversation takes at least a minute."
    )

    @api.depends(*OWN_TEXTS, "social_ack_busy", "social_ack_minutes", "resource_calendar_id")
    def _compute_social_ack_preview(self):
        for team in self:
            team.social_ack_preview = team._social_care_preview(fields.Datetime.now())

    @api.constrains(*OWN_TEXTS)
    def _check_social_ack_texts(self):
        for team in self:
            for name in OWN_TEXTS:
                if team[name] and PLACEHOLDER not in team[name]:
                    raise ValidationError(
                        self.env._(
                            "“%(text)s” does not say when. Write %(placeholder)s where the time belongs.",
                            text=team[name],
                            placeholder=PLACEHOLDER,
                        )
                    )

    # -- Whether, and until when ------------------------------------------------

    def _social_care_acknowledges(self):
        return self.active and (self.social_ack_closed or self.social_ack_busy)

    def _social_care_promise(self, now):
        """What to tell whoever writes now.

        :param now: naive UTC
        :return: (``closed`` or ``busy``, naive UTC of the promise), or None where nothing is said;
            ``busy`` is for those only who were promised an answer before
        """
        self.ensure_one()
        if not self._social_care_is_open(now):
            opening = self.social_ack_closed and self._social_care_next_opening(now)
            return (opening and ("closed", opening)) or None
        reached = self.social_ack_busy and self._social_care_reached_at(now)
        return (reached and ("busy", reached)) or None

    def _social_care_reached_at(self, now):
        """When the people on shift will have come to the end of the queue: naive UTC, or False."""
        # A number and a time for the preview too, whoever looks at it.
        calendar_sudo = self._social_care_calendar().sudo()
        tickets_sudo = self.env["helpdesk.ticket"].sudo()
        waiting = tickets_sudo.search_count(
            [
                ("team_id", "in", self._origin.ids),
                ("social_waiting_since", "!=", False),
                ("stage_id.closed", "=", False),
            ]
        )
        # The hours are the team's: where nobody is there just now, somebody will be.
        there = len(self._social_care_on_shift(self.user_ids, now)) or 1
        hours = waiting * self.social_ack_minutes / 60 / there
        company = self._social_care_company()
        [reached] = calendar_sudo._plan_hours_batch([(now, hours)], company)
        if not reached:
            return False
        over = timedelta(minutes=reached.minute % ROUND_MINUTES, seconds=reached.second)
        over += timedelta(microseconds=reached.microsecond)
        return reached - over + timedelta(minutes=ROUND_MINUTES) if over else reached

    # -- What it says ------------------------------------------------------------

    def _social_care_own_texts(self):
        """Texts of the team's own: kind → language → text, by full and by short code."""
        return {
            name.removeprefix("social_ack_").removesuffix("_text"): self._social_care_translations(
                name
            )
            for name in OWN_TEXTS
        }

    def _social_care_translations(self, name):
        """A text of the team's own: language → text, by full and by short code."""
        stored = self._origin and self._fields[name]._get_stored_translations(self._origin)
        texts = dict(stored or {})
        if self[name] != self._origin[name]:  # being typed, not saved yet
            lang = self.env.lang or "en_US"
            texts = {**texts, lang: self[name]} if self[name] else {}
        source = texts.get("en_US")
        if source and source in [texts[code] for code in texts if code != "en_US"]:
            # Odoo keeps what was first written in another language as English too.
            del texts["en_US"]
        return {short_code(code): text for code, text in texts.items()} | texts

    def _social_care_acknowledgement(self, own, kind, promised_at, now, langs):
        """The text, and a shorter one for networks that find it too long.

        :param own: what :meth:`_social_care_own_texts` gave
        :param promised_at, now: naive UTC
        :param langs: codes of languages, the customer's first
        :return: list of two
        """
        self.ensure_one()
        zone = timezone(self._social_care_tz())
        moment, present = to_local(promised_at, zone), to_local(now, zone)
        texts = []
        for name in (kind, "short"):
            text, lang = pick_text(TEXTS[name] | own[name], langs)
            texts.append(text.replace(PLACEHOLDER, say_when(kind, moment, present, lang)))
        return texts

    # -- Preview -------------------------------------------------------------------

    def _social_care_preview(self, now):
        """For now, tonight and the next holiday, in each language we have words in."""
        _ = self.env._
        evening = _next_evening(now, timezone(self._social_care_tz()))
        cases = [(_("Now"), now), (_("Tonight at ten"), evening)]
        holiday = self._social_care_next_holiday(now)
        if holiday:
            cases.append((_("Next holiday"), holiday))
        rows = [self._social_care_preview_case(*case, "closed") for case in cases]
        if self.social_ack_busy:
            rows.append(self._social_care_preview_case(_("When busy"), now, "busy"))
        return Markup('<dl class="mb-0">%s</dl>') % Markup("").join(rows)

    def _social_care_preview_case(self, title, at, kind):
        if kind == "busy":
            promised_at = self._social_care_is_open(at) and self._social_care_reached_at(at)
            silent = self.env._("Closed: nobody is busy.")
        else:
            promised_at = self._social_care_next_opening(at)
            silent = self.env._("Never open: nothing is said.")
            if self._social_care_is_open(at):
                promised_at, silent = False, self.env._("Open: nothing is said.")
        lines = [silent]
        if promised_at:
            own = self._social_care_own_texts()
            langs = dict.fromkeys(short_code(code) for code in TEXTS[kind] | own[kind])
            lines = [
                self._social_care_acknowledgement(own, kind, promised_at, at, [lang])[0]
                for lang in langs
            ]
        tz = self._social_care_tz()
        when = format_datetime(self.env, at, tz=tz, dt_format="EEEE d MMMM, HH:mm")
        body = Markup("").join(Markup("<div>%s</div>") % line for line in lines)
        return Markup('<dt>%s <span class="fw-normal text-muted">%s</span></dt><dd>%s</dd>') % (
            title,
            when,
            body,
        )

    def _social_care_next_holiday(self, now):
        """A time within the next holiday, naive UTC, or False."""
        calendar = self._social_care_calendar()
        leaves_sudo = self.env["resource.calendar.leaves"].sudo()
        leave = leaves_sudo.search(
            [
                *holidays_domain(self._social_care_company()),
                ("resource_id", "=", False),
                ("calendar_id", "in", [False, calendar.id]),
                ("date_from", ">", now),
            ],
            order="date_from",
            limit=1,
        )
        if not leave:
            return False
        half = (leave.date_to - leave.date_from + timedelta(seconds=1)) / 2
        return leave.date_from + min(half, timedelta(hours=12))


def _next_evening(now, zone):
    local = to_local(now, zone)
    day = local.date() + timedelta(days=local.time() >= EVENING)
    return to_utc(zone.localize(datetime.combine(day, EVENING)))
