"""Phone numbers, mail addresses, bank accounts and cards in a text. Knows nothing of Odoo.

What could as well be a date, a price, an order or a parcel is left out: a check that cries wolf
is switched off. Every expression here is bounded, so that no text takes longer than it is long.
"""

import re

KINDS = ("phone", "mail", "iban", "card", "order")

_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)

# A handle begins with @ and is no address: @ana@social.example. A picture is none either.
_MAIL = re.compile(
    r"(?<![\w.+%@/-])[\w.+%-]{1,64}(?:@|\s?[\[(]\s?(?:at|arroba)\s?[\])]\s?|\s(?:arroba)\s)"
    r"(?:[\w-]{1,63}\.){1,6}(?!(?:png|jpe?g|gif|svg|webp|pdf)\b)[a-z]{2,24}(?![\w@]|\.\w)",
    re.IGNORECASE,
)

_IBAN_START = re.compile(r"(?<![^\W_])[a-z]{2}\d{2}(?=[ .-]?[a-z0-9])", re.IGNORECASE)
# Registry of IBANs, https://www.swift.com/standards/data-standards/iban, release 97.
_IBAN_LENGTHS = {
    code[:2]: int(code[2:])
    for code in (
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 "
        "DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 "
        "IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 "
        "MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 "
        "SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30"
    ).split()
}

_CARD = re.compile(
    r"(?<![\w.,+-])(?:\d{4}([ .-])\d{4}\1\d{4}\1\d{4}|\d{4}([ .-])\d{6}\2\d{4,5}|\d{13,19})(?![\w-])"
)
# Who issues them: first figures → possible lengths.
_ISSUERS = (
    (range(4, 5), (13, 16, 19)),
    (range(51, 56), (16,)),
    (range(2221, 2721), (16,)),
    (range(34, 35), (15,)),
    (range(37, 38), (15,)),
    (range(300, 306), (14,)),
    (range(36, 37), (14,)),
    (range(38, 40), (14, 16)),
    (range(6011, 6012), (16, 19)),
    (range(644, 660), (16, 19)),
    (range(62, 63), (16, 17, 18, 19)),
    (range(3528, 3590), (16,)),
)

# Where a number begins and ends: not inside another one, a code or an amount.
_BEFORE = r"(?<![\w+#@=€$£])(?<!\d[.,:/-])(?<!\d{3} )"
_AFTER = r"(?!\w|[.,:/-]\d| \d{3}\b|[.,]?\s?(?:€|\$|£|%|euros?\b|eur\b|usd\b|gbp\b))"
_PHONE = re.compile(
    _BEFORE + r"(?:"
    # +34 600 123 456, 0034…, +44 (0)20 7946 0958
    r"(?P<abroad>(?:\+\s?|00\s?)[1-9]\d{0,3}(?:[ ./-]?\(0?\d{0,4}\))?(?:[ ./-]?\d){6,12})"
    # 600 123 456, 91 123 45 67, 600-12-34-56, (91) 123 45 67
    r"|(?P<spain>(?:34[ .-])?(?:[6-9]\d{2}(?P<s>[ .-])\d{3}(?P=s)\d{3}"
    r"|[6-9]\d{2}(?P<t>[ .-])\d{2}(?P=t)\d{2}(?P=t)\d{2}"
    r"|\(?[89]\d\)?(?P<u>[ .-])\d{3}(?P=u)\d{2}(?P=u)\d{2}"
    r"|[6-9]\d{2}[ .-]\d{6}|[89]\d[ .-]\d{7}))"
    # (555) 234-5678, 555-234-5678
    r"|(?P<america>(?:1[ .-])?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}(?P<v>[ .-]))[2-9]\d{2}(?(v)(?P=v)|[ .-])\d{4})"
    # 020 7946 0958, 07700 900123, 06 12 34 56 78, 0171 1234567
    r"|(?P<zero>\(?0[1-9]\d{1,3}\)?[ /-]\d{3,4}[ -]\d{3,4}|\(?0[1-9]\d{2,3}\)?[ /-]\d{6,8}"
    r"|0[1-9](?P<w>[ .-])\d{2}(?P=w)\d{2}(?P=w)\d{2}(?P=w)\d{2})"
    # 600123456: its neighbours must not say that it is something else
    r"|(?P<bare>[67]\d{8}|[89][1-8]\d{7}|[89]0[0-2]\d{6}|07[1-9]\d{8}))" + _AFTER,
)
_OTHER_NUMBER = re.compile(
    r"(?:pedido|order|reserva|booking|reference|referencia|ref|localizador|seguimiento|tracking|"
    r"factura|invoice|ticket|caso|case|expediente|env[ií]o|shipment|parcel|paquete|serie|serial|"
    r"c[oó]digo|code|cliente|customer|isbn|ean|id|n[ºo°]|number|num|n[uú]mero)\W{0,3}"
    r"(?:n[ºo°.]|number|num|n[uú]mero|is|es|de|del|id|code)?\W{0,3}$",
    re.IGNORECASE,
)
_PHONE_WORD = re.compile(
    r"(?:tel[eé]fonos?|tel|tfno|tlf|phone|m[oó]vil|mobile|cell|whatsapp|call|ll[aá]ma\w*|"
    r"(?:my|mi|your|tu|su) (?:number|n[uú]mero))\W{0,3}"
    r"(?:n[ºo°.]|number|n[uú]mero|de|al|is|es|me on|us on)?\W{0,3}$",
    re.IGNORECASE,
)
_AMOUNT = re.compile(
    r"\s?(?:views?|visitas|seguidores|followers|personas|people|users|usuarios|km|kg|likes)\b",
    re.IGNORECASE,
)
_NEIGHBOUR = 30  # signs before a number that may say what it is


def _has_iban_checksum(text):
    figures = "".join(str(int(sign, 36)) for sign in text[4:] + text[:4])
    return int(figures) % 97 == 1


def _has_card_checksum(figures):
    """By Luhn, with the first figures of an issuer of that length."""
    if len(set(figures)) == 1 or not any(
        int(figures[: len(str(first[0]))]) in first and len(figures) in lengths
        for first, lengths in _ISSUERS
    ):
        return False
    doubled = (int(figure) * (1 + at % 2) for at, figure in enumerate(reversed(figures)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _find_ibans(text):
    for match in _IBAN_START.finditer(text):
        length = _IBAN_LENGTHS.get(match[0][:2].upper())
        if not length:
            continue
        # Written in groups: so many figures and letters, with at most one sign between two.
        whole = re.compile(
            rf"(?:[a-z0-9][ .-]?){{{length - 1}}}[a-z0-9](?![a-z0-9])", re.IGNORECASE
        )
        found = whole.match(text, match.start())
        if found:
            value = re.sub(r"[ .-]", "", found[0]).upper()
            if value.isascii() and _has_iban_checksum(value):
                yield "iban", found.start(), found.end(), value


def _find_cards(text):
    for match in _CARD.finditer(text):
        value = re.sub(r"\D", "", match[0])
        if value.isascii() and _has_card_checksum(value):
            yield "card", match.start(), match.end(), value


def _find_mails(text):
    for match in _MAIL.finditer(text):
        value = re.sub(r"\s?[\[(]\s?\w+\s?[\])]\s?|\sarroba\s", "@", match[0], flags=re.IGNORECASE)
        yield "mail", match.start(), match.end(), value.lower()


def _is_phone(text, match):
    value = re.sub(r"\D", "", match[0])
    if value.endswith("000000") or _AMOUNT.match(text, match.end()):
        return False
    if match["abroad"] and not match[0].startswith("+"):
        value = value[2:]
        if len(value) < 10:
            return False
    if len(value) > 15 or len(value) < 8:
        return False
    before = text[max(0, match.start() - _NEIGHBOUR) : match.start()]
    if not match["bare"]:
        return True
    return bool(_PHONE_WORD.search(before)) or not _OTHER_NUMBER.search(before)


def _find_phones(text):
    for match in _PHONE.finditer(text):
        if _is_phone(text, match):
            yield "phone", match.start(), match.end(), re.sub(r"[^\d+]", "", match[0])


def _blank(text, spans):
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def find_personal_data(text, own=()):
    """What tells who somebody is, or how to reach or charge them.

    :param own: phone numbers, addresses and ``@domains`` of ours, which anybody may know
    :return: list of (kind of :data:`KINDS`, start, end, value without signs between), in order
    """
    found = list(_find_mails(text))
    rest = _blank(text, [item[1:3] for item in found])
    rest = _blank(rest, [match.span() for match in _LINK.finditer(rest)])
    # The longest first, for a phone number may stand inside another number.
    for finder in (_find_ibans, _find_cards, _find_phones):
        more = list(finder(rest))
        rest = _blank(rest, [item[1:3] for item in more])
        found += more
    return sorted(
        (item for item in found if not is_own(item[0], item[3], own)), key=lambda item: item[1:3]
    )


def _plain(value):
    """As it is compared: addresses in small letters, numbers by their last nine figures."""
    value = value.strip().lower()
    return value if "@" in value else re.sub(r"\D", "", value)[-9:]


def is_own(kind, value, own):
    """Whether a value found is among ours, as :func:`find_personal_data` takes them."""
    known = {_plain(item) for item in own if item and item.strip()}
    if kind == "mail":
        return value in known or f"@{value.partition('@')[2]}" in known
    return kind == "phone" and _plain(value) in known
