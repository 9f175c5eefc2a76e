"""Languages by their codes: as networks and Odoo write them, and as people do in a text field."""

import re

from odoo.exceptions import ValidationError


def short_code(lang):
    """``es`` of ``es_MX``, ``es-419`` or ``ES``: dialects are one language."""
    return (lang or "").replace("-", "_").split("_")[0].lower()


def split_codes(text):
    """The codes of a text such as "ES, en": in small letters."""
    return (text or "").lower().replace(",", " ").split()


def check_codes(env, text):
    """Raise ValidationError for the first word of a text that can be no code of a language."""
    for code in split_codes(text):
        if not re.fullmatch(r"[a-z]{2,3}", code):
            raise ValidationError(
                env._(
                    "“%(code)s” is no language. Write codes of two or three letters "
                    "with commas between them: es, en.",
                    code=code,
                )
            )
