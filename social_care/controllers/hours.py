from datetime import date, datetime, time

from babel.dates import format_time, get_day_names
from pytz import timezone

from odoo import fields, http
from odoo.http import request
from odoo.tools.misc import babel_locale_parse

from ..models.social_care_account_hours import CACHE_MINUTES
from ..models.social_care_acknowledge_words import say_day
from ..models.social_care_times import to_local


class SocialCareHours(http.Controller):
    @http.route(
        "/social_care/hours/<string:token>",
        type="http",
        auth="public",
        methods=["GET"],
        save_session=False,
        readonly=True,
    )
    def hours(self, token, lang="", **_query):
        """Opening hours of an account for everybody who has the address: a page, or JSON."""
        account = request.env["social.care.account"].sudo()
        account_sudo = account._find_by_hours_token(token.removesuffix(".json"))
        if not account_sudo:
            return request.make_response("", status=404)
        data = account_sudo._get_public_hours(fields.Datetime.now())
        headers = {
            "Cache-Control": f"public, max-age={CACHE_MINUTES * 60}",
            "Vary": "Accept, Accept-Language",
            "X-Robots-Tag": "noindex",
        }
        accepted = request.httprequest.accept_mimetypes
        kinds = ["text/html", "application/json"]
        if token.endswith(".json") or accepted.best_match(kinds, kinds[0]) == kinds[1]:
            return request.make_json_response(
                data, headers={**headers, "Access-Control-Allow-Origin": "*"}
            )
        request.update_context(lang=self._pick_language(lang, account_sudo))
        response = request.render("social_care.hours_page", self._prepare_page(data))
        response.headers.update(headers)
        return response

    def _pick_language(self, wanted, account_sudo):
        """The first installed language the visitor asks for, else the company's."""
        installed = [code for code, _name in request.env["res.lang"].sudo().get_installed()]
        asked = [wanted, *request.httprequest.accept_languages.values()]
        for code in (item.replace("-", "_") for item in asked):
            for known in installed:
                if code and code in (known, known.split("_")[0]):
                    return known
            for known in installed:
                if code and code.split("_")[0] == known.split("_")[0]:
                    return known
        company_lang = account_sudo.company_id.partner_id.lang
        return company_lang if company_lang in installed else installed[0]

    def _prepare_page(self, data):
        """The data in words of the visitor's language."""
        lang = request.env.lang
        values = {**data, "html_lang": lang.replace("_", "-")}
        if data["care"] != "here":
            return values
        locale = babel_locale_parse(lang)
        names = get_day_names("wide", "stand-alone", locale=locale)
        closed = request.env._("Closed")
        today = to_local(fields.Datetime.now(), timezone(data["timezone"])).date()

        def say_clock(clock):
            hour, minute = (int(part) for part in clock.split(":"))
            return format_time(time(hour % 24, minute), "short", locale=locale)

        def say_hours(hours):
            return [f"{say_clock(start)}–{say_clock(end)}" for start, end in hours] or [closed]

        def say_moment(iso):
            if not iso:
                return ""
            moment = datetime.fromisoformat(iso).replace(tzinfo=None)
            clock = format_time(moment, "short", locale=locale)
            if moment.date() == today:
                return request.env._("today, %(time)s", time=clock)
            return f"{say_day(moment, lang)}, {clock}"

        def say_days(entry):
            days = dict.fromkeys(date.fromisoformat(entry[key]) for key in ("from", "to"))
            return " – ".join(say_day(day, lang) for day in days)

        return values | {
            "closes": say_moment(data["closes_at"]),
            "opens": say_moment(data["opens_at"]),
            "week_rows": [
                (names[index].capitalize(), say_hours(hours), index == today.weekday())
                for index, hours in enumerate(data["week"])
            ],
            "holiday_rows": [
                (say_days(entry), say_hours(entry["hours"])) for entry in data["holidays"]
            ],
        }
