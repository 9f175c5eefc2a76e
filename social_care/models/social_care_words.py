"""Words kept for others to use again: without the person whom or by whom they were said."""

import re

from odoo.tools import remove_accents

LEFT_OUT = "…"
NAME = "{name}"
AGENT = "{agent}"

_LINK = re.compile(r"https?://\S+|www\.\S+", re.IGNORECASE)
_HANDLE = re.compile(r"(?<!\w)@[\w.@:-]*\w")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w")
# Whatever may be somebody's: phones, orders, bookings. A question is as good without.
_NUMBER = re.compile(
    r"(?<!\w)\+?\(?\d(?:[\s./()-]?\d){5,}\b|\b(?=[A-Z-]*\d)(?=[\d-]*[A-Z])[A-Z\d][A-Z\d-]{4,}[A-Z\d]\b"
)
_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_PLACE = re.compile(r"\s*(\{name\}|\{agent\})")


def get_first_name(name):
    """The name by which one speaks to somebody, or "": a handle is none.

    >>> get_first_name("🌸 Ana Ruiz")
    'Ana'
    >>> get_first_name("user_1834")
    ''
    """
    words = (name or "").split()
    return next((word for word in words if len(word) > 1 and _WORD.fullmatch(word)), "")


def clean_question(text, names=()):
    """What was asked, without whom: handles, links, mails, numbers and these names go.

    >>> clean_question("@aurora my bag X4T9QZ is lost, call +34 600 123 456. Ana", ["Ana Ruiz"])
    'my bag … is lost, call ….'
    """
    text = _MAIL.sub(LEFT_OUT, _LINK.sub("", text or ""))
    return " ".join(_put_for(_NUMBER.sub(LEFT_OUT, _HANDLE.sub("", text)), names, "").split())


def clean_answer(text, customer=(), agent=(), own_handle=""):
    """What was answered, with placeholders for who speaks to whom.

    >>> clean_answer("Hola Ana, soy Bo de @aurora", ["Ana Ruiz"], ["Bo Lind"], "aurora")
    'Hola {name}, soy {agent} de @aurora'
    """
    text = put_names(text or "", customer, agent)
    own = f"@{own_handle}".casefold()
    return _HANDLE.sub(lambda found: found[0] if found[0].casefold() == own else NAME, text).strip()


def put_names(text, customer=(), agent=()):
    """Placeholders where these names stand."""
    return _put_for(_put_for(text, customer, NAME), agent, AGENT)


def fill_names(text, customer, agent):
    """A text for one person; without a name the placeholder goes with the blank before it.

    >>> fill_names("Hola {name}, soy {agent}.", "", "Bo")
    'Hola, soy Bo.'
    """
    values = {NAME: customer, AGENT: agent}

    def fill(found):
        value = values[found[1]]
        return found[0].replace(found[1], value) if value else ""

    return _PLACE.sub(fill, text or "").lstrip(" ,.!:;")


def suggest_shortcut(question):
    """A short name made of what was asked.

    >>> suggest_shortcut("¿Dónde está mi maleta perdida?")
    'donde-esta-maleta'
    """
    words = _WORD.findall(remove_accents(question.casefold()))
    return "-".join([word for word in words if len(word) > 3][:3])


def _put_for(text, names, placeholder):
    """Replace whole names and first names, as they are written: Will is a name, will is none."""
    spoken = {part for name in names if name for part in (name, get_first_name(name)) if part}
    if not spoken:
        return text
    longest_first = sorted(spoken, key=len, reverse=True)
    pattern = "|".join(map(re.escape, longest_first))
    return re.sub(rf"(?<!\w)(?:{pattern})(?!\w)", placeholder, text)
