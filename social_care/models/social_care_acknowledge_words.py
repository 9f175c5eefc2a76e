"""What an acknowledgement says, in words: shipped texts, and times as people say them.

Texts of our own, not terms to translate: a customer is answered in a language that
Odoo need not have.
"""

from babel.dates import format_date

from odoo.tools.misc import babel_locale_parse

from .social_care_languages import short_code

PLACEHOLDER = "{when}"

TEXTS = {
    "closed": {
        "en": "Thank you for your message. We are closed right now and will answer {when}.",
        "es": "Gracias por tu mensaje. Ahora mismo estamos fuera de horario. Responderemos {when}.",
    },
    "busy": {
        "en": "Thank you for your message. Many people are writing to us right now. "
        "We will answer {when}.",
        "es": "Gracias por tu mensaje. Ahora mismo nos escribe mucha gente. Responderemos {when}.",
    },
    "short": {
        "en": "We will answer {when}.",
        "es": "Responderemos {when}.",
    },
}
# For today, for tomorrow, for later.
PHRASES = {
    "closed": {
        "en": ("today from {time}", "tomorrow, {date}, from {time}", "on {date} from {time}"),
        "es": (
            "hoy a partir de las {time}",
            "mañana, {date}, a partir de las {time}",
            "el {date} a partir de las {time}",
        ),
    },
    "busy": {
        "en": ("today by {time}", "tomorrow, {date}, by {time}", "on {date} by {time}"),
        "es": (
            "hoy antes de las {time}",
            "mañana, {date}, antes de las {time}",
            "el {date} antes de las {time}",
        ),
    },
}
DATES = {"en": "EEEE d MMMM", "es": "EEEE d 'de' MMMM"}
OTHER_PHRASES = ("{time}", "{date}, {time}", "{date}, {time}")
OTHER_DATES = "EEEE, d MMMM"


def pick_text(texts, langs):
    """The text in the first language that there is one in, else in English or in any.

    :param texts: language code → text
    :param langs: codes, the most wanted first
    :return: (text, language code)
    """
    for lang in [*langs, "en"]:
        for code in (lang, short_code(lang)):
            if texts.get(code):
                return texts[code], lang
    code, text = next(iter(texts.items()))
    return text, code


def say_when(kind, moment, now, lang):
    """“tomorrow, Monday 24 August, from 9:00”.

    :param kind: ``closed`` (from then on) or ``busy`` (by then)
    :param moment, now: in the team's zone
    """
    days = min((moment.date() - now.date()).days, 2)
    phrase = PHRASES[kind].get(short_code(lang), OTHER_PHRASES)[days]
    return phrase.format(date=say_day(moment, lang), time=f"{moment.hour}:{moment.minute:02}")


def say_day(day, lang):
    """“Monday 24 August”."""
    pattern = DATES.get(short_code(lang), OTHER_DATES)
    return format_date(day, pattern, locale=babel_locale_parse((lang or "").replace("-", "_")))
