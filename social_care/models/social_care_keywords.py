"""Words looked for in messages: folded once, then looked up. Knows nothing of Odoo.

One word or phrase a line. Case and accents do not matter, nor what stands between words;
``*`` ends a word that may go on. A line of ``?`` alone is any question mark, ``@`` any tagged
person, ``://`` any link. Text and patterns are cut into the same words, so that nothing here is a
regular expression written by people and nothing takes longer than the text is long.
"""

import re
import unicodedata
from collections import Counter
from functools import lru_cache

# People's handles and addresses are no words of the message. An address without a scheme is known
# by its path or by an ending that ends no sentence: "ok.gracias" is none.
_LINK = (
    r"(?:https?://|www\.)\S+"
    r"|(?<![\w.@-])[\w-]+(?:\.[\w-]+){0,3}\.(?:[a-z]{2,12}/\S*"
    r"|(?:com|net|org|info|io|ly|gg|app|shop|store|site|online|xyz|example)(?![\w.]\w))"
)
_HANDLE = r"(?<!\w)@(\w+(?:[.@:-]\w+)*)"
_LINKS = re.compile(_LINK, re.IGNORECASE)
_HANDLES = re.compile(_HANDLE)
_ADDRESS = re.compile(f"{_LINK}|{_HANDLE}", re.IGNORECASE)
# Where a tag comes as the name of a person, it opens the text: "Ana Ruiz mira esto".
_NAME = re.compile(
    r"\W*(?:[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ]+ ){1,3}[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ]+(?![^\s,.!…]| [A-ZÀ-Þ])"
)
# Written without blanks, each sign of these counts as a word; so does each pictograph.
_ALONE = (
    "\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
    "\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff\U00020000-\U0003ffff"
)
_WORD = re.compile(rf"[{_ALONE}]|[^\W_{_ALONE}]+")
_STAR = re.compile(r"(?<=[^\W_])\*(?![\w*])")
_STARRED_WORD = re.compile(rf"[{_ALONE}]|[^\W_{_ALONE}]+(\*?)")
_QUESTION = re.compile(r"[\s?¿؟]+")
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_UNSEEN = ("Mn", "Me", "Cf")  # accents and signs without a width


def fold(text):
    """Without case, accents and invisible signs; fancy letters become plain ones, "sííí" is "si"."""
    if text.isascii():
        folded = text.lower()
    else:
        folded = "".join(
            sign
            for sign in unicodedata.normalize("NFKD", text).casefold()
            if sign.isascii() or unicodedata.category(sign) not in _UNSEEN
        )
    return _STRETCHED.sub(r"\1", folded)


class _Cuts(dict):
    """Length → the words cut to it, made when asked for; ``None``: whole."""

    def __missing__(self, length):
        self[length] = frozenset(word[:length] for word in self[None])
        return self[length]


class Words:
    """A message as the words it is made of.

    :param handle: our own, in which nobody else is tagged
    """

    __slots__ = ("cuts", "listed", "signs")

    def __init__(self, text, handle=""):
        written = text or ""
        text = fold(_ADDRESS.sub(" ", written))
        self.listed = _WORD.findall(text)
        self.cuts = _Cuts({None: frozenset(self.listed)})
        # Networks with many servers may leave the server out.
        own = (handle or "").lower().lstrip("@").partition("@")[0]
        tagged = {name.lower().partition("@")[0] for name in _HANDLES.findall(written)}
        self.signs = {
            "?": "?" in text or "¿" in text or "؟" in text,
            "@": bool(tagged - {own} or _NAME.match(written)),
            "://": bool(_LINKS.search(written)),
        }

    def __len__(self):
        """How many words, handles, links and pictographs apart."""
        return sum(word.isalnum() for word in self.listed)

    def has(self, shape, phrase, others):
        """Whether a phrase stands here of which one word does.

        :param others: its other words, as (length or None, word cut to it)
        """
        for length, word in others:
            if word not in self.cuts[length]:
                return False
        # All its words are said: one after the other?
        return not others or phrase in _list_phrases(shape, self.listed)


def _fold_placed(text):
    """The text folded, and for each of its signs the place in the text it comes from."""
    signs, places = [], []
    for place, sign in enumerate(text):
        # A letter stays when it is folded alone; what stretches is joined below.
        for folded in fold(sign):
            signs.append(folded)
            places.append(place)
    folded = "".join(signs)
    kept, last = [], 0
    for match in _STRETCHED.finditer(folded):
        kept += [*range(last, match.start()), match.start()]
        last = match.end()
    kept += range(last, len(folded))
    return "".join(folded[at] for at in kept), [places[at] for at in kept]


class PlacedWords(Words):
    """Words that know where they stand in the text: ``spans`` has a (start, end) for each."""

    __slots__ = ("spans",)

    def __init__(self, text, handle=""):
        super().__init__(text, handle)
        blanked = _ADDRESS.sub(lambda match: " " * len(match[0]), text or "")
        folded, places = _fold_placed(blanked)
        places.append(len(blanked))
        # What follows a word begins where the next sign does, but one sign may be two words: "½".
        self.spans = [
            (places[match.start()], max(places[match.end()], places[match.end() - 1] + 1))
            for match in _WORD.finditer(folded)
        ]


class BadKeyword(ValueError):
    """A line that cannot be looked for.

    :ivar line: its number, from 1
    :ivar text: the line as it was written
    :ivar code: ``star``, ``address`` or ``empty``
    """

    def __init__(self, line, text, code):
        super().__init__(f"line {line}: {code}")
        self.line = line
        self.text = text
        self.code = code


class Keywords:
    """Words and phrases to look for.

    Those of one shape, which is the number of words and where each is cut, share a table: a
    message is looked up in it once, however many they are.

    :param text: one a line
    :raises BadKeyword: see there
    """

    def __init__(self, text):
        self.signs = set()  # of "?", "@", "://"
        self.phrases = {}  # shape: (length or None a word, …) → {(word, …), …}
        for number, line in enumerate((text or "").splitlines(), start=1):
            if line.strip():
                self._add(number, line.strip())

    def __bool__(self):
        return bool(self.phrases or self.signs)

    def _add(self, number, line):
        sign = "?" if _QUESTION.fullmatch(line) else line
        if sign in ("?", "@", "://"):
            self.signs.add(sign)
            return
        if _ADDRESS.search(line):
            raise BadKeyword(number, line, "address")
        folded = fold(line)
        if "*" in _STAR.sub("", folded):
            raise BadKeyword(number, line, "star")
        words, shape = [], []
        for match in _STARRED_WORD.finditer(folded):
            word = match[0].rstrip("*")
            words.append(word)
            shape.append(len(word) if match[1] else None)
        if not words:
            raise BadKeyword(number, line, "empty")
        self.phrases.setdefault(tuple(shape), set()).add(tuple(words))

    def find_all(self, words):
        """Every place where lines stand: (start, end) in the text, in order.

        Places that overlap are one. Lines that are a sign alone have none.

        :param words: :class:`PlacedWords`
        """
        found = set()
        for shape, phrases in self.phrases.items():
            last = len(shape) - 1
            found |= {
                (words.spans[at][0], words.spans[at + last][1])
                for at, phrase in enumerate(_list_phrases(shape, words.listed))
                if phrase in phrases
            }
        joined = []
        for start, end in sorted(found):
            if joined and start < joined[-1][1]:
                joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
            else:
                joined.append((start, end))
        return joined


def _list_phrases(shape, listed):
    """Each run of as many words as the shape has, cut as it says."""
    columns = [[word[:length] for word in listed[start:]] for start, length in enumerate(shape)]
    return zip(*columns, strict=False)


# Every batch of messages reads the same rules: hundreds of words each, cut once a process.
read_keywords = lru_cache(maxsize=512)(Keywords)


class KeywordIndex:
    """Many :class:`Keywords` at once: of which a message has a line.

    Each phrase is tried only where the word is said that fewest other phrases have.

    :param lists: tuple of :class:`Keywords`
    """

    def __init__(self, lists):
        self._signs = {}  # "?", "@", "://" → the lists with it
        # Length or None → {a word cut to it: [(list, shape, phrase, its other words), …]}
        self._words = {}
        for keywords in lists:
            for sign in keywords.signs:
                self._signs.setdefault(sign, set()).add(keywords)
        entries = [
            (keywords, shape, phrase)
            for keywords in lists
            for shape, phrases in keywords.phrases.items()
            for phrase in phrases
        ]
        uses = Counter(cut for _list, *phrase in entries for cut in zip(*phrase, strict=True))
        for entry in entries:
            cuts = list(zip(*entry[1:], strict=True))
            length, word = rarest = min(cuts, key=uses.get)
            cuts.remove(rarest)
            self._words.setdefault(length, {}).setdefault(word, []).append((*entry, cuts))

    def find(self, words):
        """The lists that have a line in a message.

        :param words: :class:`Words`
        """
        found = set()
        for sign, lists in self._signs.items():
            if words.signs[sign]:
                found |= lists
        for length, by_word in self._words.items():
            for word in by_word.keys() & words.cuts[length]:
                for keywords, *phrase in by_word[word]:
                    if keywords not in found and words.has(*phrase):
                        found.add(keywords)
        return found


index_keywords = lru_cache(maxsize=32)(KeywordIndex)
