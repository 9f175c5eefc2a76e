import random
import re
import time

from odoo.tests import BaseCase

from ..models.social_care_keywords import (
    BadKeyword,
    KeywordIndex,
    Keywords,
    PlacedWords,
    Words,
    fold,
)


def found(keywords, text, handle=""):
    """Whether a list of keywords has a line in a message."""
    keywords = Keywords(keywords)
    return keywords in KeywordIndex((keywords,)).find(Words(text, handle))


class TestKeywords(BaseCase):
    """Words are whole; case, accents and what stands between them do not matter."""

    def test_a_word_is_found_whole(self):
        self.assertTrue(found("estafa", "¡Estafa!"))
        self.assertTrue(found("estafa", "Esto es una #ESTAFA."))
        self.assertFalse(found("estafa", "estafadores"))
        self.assertFalse(found("pen", "open"))

    def test_a_star_lets_a_word_go_on(self):
        for text in ("estafadores", "Estafa", "¡¡ESTAFADOS!!"):
            self.assertTrue(found("estafa*", text), text)
        self.assertFalse(found("estafa*", "la estaf"))

    def test_accents_case_and_fancy_letters_are_folded_on_both_sides(self):
        self.assertTrue(found("cancelación", "CANCELACION"))
        self.assertTrue(found("cancelacion", "la cancelación"))
        self.assertTrue(found("straße", "STRASSE"))
        self.assertTrue(found("free", "𝐅𝐑𝐄𝐄 𝐈𝐏𝐡𝐨𝐧𝐞"))
        self.assertTrue(
            found("estafa", "es\u00adta\u200bfa"), "a soft hyphen and a blank of no width"
        )
        self.assertTrue(found("возврат", "ВОЗВРАТ"))
        self.assertTrue(found("επιστροφή", "ΕΠΙΣΤΡΟΦΗ"))

    def test_a_phrase_is_found_over_blanks_lines_and_marks(self):
        self.assertTrue(found("no funciona", "Esto NO…\n  funciona!"))
        self.assertTrue(found("don't work", "they don’t work"))
        self.assertFalse(found("no funciona", "no me funciona"))
        self.assertTrue(found("devol* dinero", "Devolved, devolvedme, devolución: dinero"))

    def test_many_lists_are_looked_for_at_once(self):
        """Sixty lists in two hundred messages: those that a search for each line finds."""
        chance = random.Random(3)  # noqa: S311
        patterns = ["no", "not", "nota", "va", "vale", "a*", "no*", "x"]
        texts = [
            "\n".join(" ".join(chance.choices(patterns, k=chance.randint(1, 3))) for _line in "123")
            for _list in range(60)
        ]
        lists = [Keywords(text) for text in texts]
        index = KeywordIndex(tuple(lists))
        for _message in range(200):
            message = " ".join(
                chance.choices(["no", "not", "nota", "va", "ala", "y"], k=chance.randint(0, 6))
            )
            expected = {
                keywords
                for keywords, text in zip(lists, texts, strict=True)
                if any(
                    re.search(rf"\b{line.replace('*', '[a-z]*')}\b", message)
                    for line in text.splitlines()
                )
            }
            self.assertEqual(index.find(Words(message)), expected, message)

    def test_a_question_mark_alone_is_any_question(self):
        self.assertTrue(found("?", "¿Abren hoy"))
        self.assertTrue(found("¿?", "open today?"))
        self.assertFalse(found("?", "https://example.com/?a=1"), "in a link it is no question")
        self.assertTrue(found("¿dónde está?", "Dónde está mi maleta"), "in a phrase it is a mark")

    def test_handles_and_links_are_no_words(self):
        self.assertFalse(
            found("estafa", "@estafa mira https://x.example/estafa www.estafa.example")
        )
        self.assertFalse(found("example", "hola @bo@snac.example"))
        self.assertTrue(found("mail", "mail@x"), "an at sign inside a word is no handle")

    def test_an_address_without_a_scheme_is_a_link(self):
        for text in ("bit.ly/xx9", "tienda.example", "mira: https://a.example?b", "www.a.example"):
            self.assertTrue(found("://", text), text)
        for text in (
            "ok.gracias",
            "a las 10.30/11",
            "no.es verdad",
            "ana@a.example",
            "10/10",
            "...",
        ):
            self.assertFalse(found("://", text), text)
        self.assertFalse(found("ly\nxx9", "bit.ly/xx9"), "nor are its parts words")

    def test_a_tagged_person(self):
        for text in ("@ana", "mira @ana.ruiz!", "Ana Ruiz mira", "Ana Ruiz Peña 👀", "Ana Ruiz"):
            self.assertTrue(found("@", text), text)
        for text in ("ana@a.example", "Ana mira", "ANA RUIZ", "hola Ana Ruiz", "@", "Ana Ruiz's"):
            self.assertFalse(found("@", text), text)

    def test_our_own_handle_tags_nobody(self):
        self.assertFalse(found("@", "hola @Aurora", "aurora"))
        self.assertFalse(found("@", "hola @aurora", "aurora@snac.example"))
        self.assertTrue(found("@", "@aurora @ana", "@Aurora"))

    def test_stretched_letters_are_one(self):
        self.assertTrue(found("si", "¡¡SÍÍÍÍ!!"))
        self.assertTrue(found("love", "looove it"))
        self.assertFalse(found("god", "good"), "two letters stay two")
        self.assertTrue(found("1000", "1000"), "figures stay as they are")

    def test_the_length_of_a_message_counts_words_alone(self):
        self.assertEqual(len(Words("@ana 😂😂 mira esto https://a.example 24")), 3)

    def test_pictographs_and_unspaced_writing(self):
        self.assertTrue(found("💩", "vaya servicio💩"))
        self.assertTrue(found("👍", "👍🏽"))
        self.assertTrue(found("退款", "我要退款谢谢"))
        self.assertFalse(found("退款", "退还款项"))

    def test_empty_lines_and_empty_texts(self):
        self.assertFalse(Keywords("\n  \n"))
        self.assertFalse(Keywords(False))
        self.assertFalse(found("", "hola"))
        self.assertFalse(found("hola", False))

    def test_each_word_knows_where_it_stands(self):
        signs = "aAéÉñ½ﬁ𝐅ß\u00ad\u0301\u200b😀👍🏽退 .,!?¿@/:-1٣\n"
        picks = random.Random(7)  # noqa: S311
        for _turn in range(300):
            text = "".join(picks.choices(signs, k=picks.randrange(40)))
            words = PlacedWords(text)
            self.assertEqual(len(words.spans), len(words.listed), text)
            for word, (start, end) in zip(words.listed, words.spans, strict=True):
                self.assertIn(word, fold(text[start:end]), text)

    def test_every_place_is_found_once(self):
        keywords = Keywords("refund\nrefund*\nno way")
        self.assertEqual(
            keywords.find_all(PlacedWords("Refund, refunded; NO - wáy! refund")),
            [(0, 6), (8, 16), (18, 26), (28, 34)],
        )
        self.assertEqual(keywords.find_all(PlacedWords("all is well")), [])

    def test_places_that_overlap_are_one(self):
        keywords = Keywords("money back\nback today\nmoney")
        self.assertEqual(
            keywords.find_all(PlacedWords("your money back today, money")), [(5, 21), (23, 28)]
        )

    def test_what_cannot_be_looked_for_is_refused_with_its_line(self):
        cases = {
            "est*fa": "star",
            "*estafa": "star",
            "estafa**": "star",
            "estafa *": "star",
            "!!!": "empty",
            "—": "empty",
            "@aurora": "address",
            "https://spam.example": "address",
        }
        for line, code in cases.items():
            with self.assertRaises(BadKeyword) as caught:
                Keywords(f"vale\n\n{line}")
            self.assertEqual((caught.exception.line, caught.exception.code), (3, code), line)
            self.assertEqual(caught.exception.text, line)

    def test_time_grows_with_the_text_alone(self):
        """What makes a backtracking matcher explode: 20,000 signs, 500 patterns, under 1 s."""
        keywords = Keywords("\n".join(f"{'a ' * 9}{number:03}" for number in range(500)))
        started = time.monotonic()
        for text in ("a " * 10_000, "a" * 20_000, "@" * 20_000, "@a." * 6_000, "*" * 20_000):
            self.assertFalse(KeywordIndex((keywords,)).find(Words(text)))
        self.assertLess(time.monotonic() - started, 1)

    def test_any_text_is_read(self):
        chance = random.Random(1)  # noqa: S311
        signs = [*range(0xD800), *range(0xE000, 0x110000)]
        text = "".join(map(chr, chance.choices(signs, k=20_000)))
        self.assertFalse(found("estafa", text))
