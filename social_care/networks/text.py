"""Text as people see it: HTML made plain, and lengths in graphemes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from html.parser import HTMLParser

MAX_HTML = 100_000  # characters parsed

# A whole tag, or something else that begins like one.
_MARKUP = re.compile(r"<(?:(/?[A-Za-z][^<>]{0,8000}>)|([!?][^<>]{0,8000}>))?")

_BLOCKS = {"p", "div", "blockquote", "pre", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6"}
_SILENT = {"script", "style", "title", "template"}


def html_to_text(html: str) -> str:
    """Plain text of a post's HTML: paragraphs kept, links with their whole address.

    A link shown shortened becomes its address, one that is called something else keeps
    both; mentions and hashtags stay as they are shown. Broken HTML costs its
    markup only.

    >>> html_to_text("<p>Hi &amp; <b>bye</b><br>now</p><p>more</p>")
    'Hi & bye\\nnow\\n\\nmore'
    >>> html_to_text('<a href="https://a.example/long/way">a.example/lo…</a>')
    'https://a.example/long/way'
    """
    parser = _Plain()
    # Python's parser is quadratic on tags, comments and sections that do not end: it
    # gets whole tags only, and a minute of a worker's time stays ours.
    parser.feed(_MARKUP.sub(_whole, html[:MAX_HTML]))
    parser.close()
    parser.end_link()
    text = "".join(parser.parts)
    text = re.sub(r"[^\S\n]*\n[^\S\n]*", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _whole(match: re.Match[str]) -> str:
    tag, declaration = match.groups()
    if declaration:
        return ""
    return f"<{tag}" if tag else "&lt;"


class _Plain(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.link: list[str] | None = None  # text of the open link
        self.href = ""
        self.named = False  # a mention or hashtag: its text says it all
        self.silent = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.silent:
            return
        if tag in _SILENT:
            self.silent = tag
        elif tag == "br":
            self._add("\n")
        elif tag == "li":
            self._add("\n- ")
        elif tag in _BLOCKS:
            self._add("\n\n")
        elif tag == "a":
            self.end_link()
            values = dict(attrs)
            classes = (values.get("class") or "").split()
            self.named = "mention" in classes or "hashtag" in classes
            self.href, self.link = (values.get("href") or "").strip(), []

    def handle_endtag(self, tag: str) -> None:
        if self.silent:
            self.silent = "" if tag == self.silent else self.silent
        elif tag == "a":
            self.end_link()
        elif tag in _BLOCKS:
            self._add("\n\n")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            # Line breaks of the source are blanks in HTML.
            self._add(re.sub(r"[ \t\r\n]+", " ", data))

    def _add(self, text: str) -> None:
        (self.parts if self.link is None else self.link).append(text)

    def end_link(self) -> None:
        """Write the open link, if there is one."""
        if self.link is None:
            return
        shown, self.link = "".join(self.link), None
        self.parts.append(shown if self.named else _link_text(shown, self.href))


def _link_text(shown: str, href: str) -> str:
    text = shown.strip()
    if not href.lower().startswith(("http://", "https://")) or text[:1] in ("@", "#"):
        return shown
    if not text or (text != href and text.rstrip("….") in href):
        return href
    if text == href or _host(text) == _host(href):
        return shown
    return f"{shown} ({href})"  # also shows a link that pretends to lead elsewhere


def _host(url: str) -> str:
    match = re.match(r"(?i)https?://([^/?#\s]+)", url)
    return match.group(1).lower() if match else url


def normalise_text(text: str) -> str:
    """A text as a network may give it back: for finding our own post again.

    Networks trim, collapse white space and change the Unicode form; case and
    words stay.
    """
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip()


def letters(text: str) -> str:
    """The letters and digits of a text, or the text itself where it has none.

    For telling a text again that a network rewrote: marks made bold, ``:)`` made a
    picture. Also without what looks like a tag.

    >>> letters("**Sure** <so> :)"), letters(":)")
    ('Sure', ':)')
    """
    shown = unicodedata.normalize("NFC", re.sub(r"<[^<>]{0,200}>", "", text)).strip()
    return re.sub(r"[\W_]+", "", shown) or shown


def count_graphemes(text: str) -> int:
    """User-perceived characters.

    >>> count_graphemes("e\u0301\U0001f468\u200d\U0001f469\u200d\U0001f467\U0001f1ea\U0001f1f8")
    3
    """
    return sum(1 for _grapheme in graphemes(text))


def graphemes(text: str) -> Iterator[str]:
    """Extended grapheme clusters as in Unicode's UAX #29.

    Written with :mod:`unicodedata` alone, so without the rare *Prepend* class and
    Indic conjuncts: where it errs, it splits what the network takes for one.

    >>> [len(cluster) for cluster in graphemes("e\u0301!")]
    [2, 1]
    """
    start, before, pictograph, flags = 0, "", False, 0
    for index, char in enumerate(text):
        joined = bool(before) and _joins(before, char, pictograph, flags)
        flags = flags + 1 if _is_flag(char) else 0
        if not joined:
            if index:
                yield text[start:index]
            start, flags, pictograph = index, min(flags, 1), False
        # A joiner glues only what follows a pictograph: "a<ZWJ>b" is two.
        if _is_pictograph(char):
            pictograph = True
        elif not _extends(char):
            pictograph = False
        before = char
    if text:
        yield text[start:]


def _joins(before: str, char: str, pictograph: bool, flags: int) -> bool:
    if before == "\r":
        return char == "\n"
    if unicodedata.category(before) in ("Cc", "Zl", "Zp"):
        return False
    if _extends(char) or unicodedata.category(char) == "Mc":
        return True
    if before == "\u200d" and pictograph and _is_pictograph(char):
        return True
    if _is_flag(before) and _is_flag(char):
        return flags == 1
    return _hangul_joins(before, char)


def _extends(char: str) -> bool:
    code = ord(char)
    return (
        unicodedata.category(char) in ("Mn", "Me")
        or code in (0x200C, 0x200D, 0xFF9E, 0xFF9F)
        or 0x1F3FB <= code <= 0x1F3FF  # skin tones
        or 0xE0020 <= code <= 0xE007F  # tags, as in the flag of Scotland
    )


def _is_flag(char: str) -> bool:
    return 0x1F1E6 <= ord(char) <= 0x1F1FF


def _is_pictograph(char: str) -> bool:
    code = ord(char)
    return 0x1F000 <= code <= 0x1FAFF or 0x2190 <= code <= 0x2BFF or code in (0xA9, 0xAE, 0x3030)


def _hangul_joins(before: str, char: str) -> bool:
    # Leading consonants, vowels, trailing consonants, and syllables made of them.
    left, right = _hangul(before), _hangul(char)
    return (
        (left == "L" and right in ("L", "V", "LV", "LVT"))
        or (left in ("V", "LV") and right in ("V", "T"))
        or (left in ("T", "LVT") and right == "T")
    )


def _hangul(char: str) -> str:
    code = ord(char)
    if 0x1100 <= code <= 0x115F:
        return "L"
    if 0x1160 <= code <= 0x11A7:
        return "V"
    if 0x11A8 <= code <= 0x11FF:
        return "T"
    if 0xAC00 <= code <= 0xD7A3:
        return "LVT" if (code - 0xAC00) % 28 else "LV"
    return ""
