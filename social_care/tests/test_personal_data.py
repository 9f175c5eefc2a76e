import time

from odoo.tests import BaseCase

from ..models.social_care_personal_data import find_personal_data, is_own

# A text → the value found in it.
FOUND = {
    "phone": {
        "600123456": "600123456",
        "600 123 456": "600123456",
        "600-123-456": "600123456",
        "600.123.456": "600123456",
        "91 123 45 67": "911234567",
        "912 34 56 78": "912345678",
        "900 123 456": "900123456",
        "+34 600 123 456": "+34600123456",
        "+34600123456": "+34600123456",
        "0034 600 123 456": "0034600123456",
        "0034600123456": "0034600123456",
        "(91) 123 45 67": "911234567",
        "+44 20 7946 0958": "+442079460958",
        "+44 (0)20 7946 0958": "+4402079460958",
        "+1 (555) 234-5678": "+15552345678",
        "(555) 234-5678": "5552345678",
        "555-234-5678": "5552345678",
        "020 7946 0958": "02079460958",
        "07700 900123": "07700900123",
        "06 12 34 56 78": "0612345678",
        "0171 1234567": "01711234567",
        "llámame al 600123456.": "600123456",
        "mi móvil: 655 12 34 56": "655123456",
        "Tel.:91-123-45-67": "911234567",
        "call me on 07700900123": "07700900123",
        "tel:+34600123456": "+34600123456",
        "+49 171 1234567": "+491711234567",
        "Mi número es 655123456": "655123456",
        "34 600 123 456": "34600123456",
        "+351 912 345 678": "+351912345678",
        "my number is 655 123 456": "655123456",
        "mi teléfono: 91 123 45 67 (mañanas)": "911234567",
        "+52 55 1234 5678": "+525512345678",
        "+54 9 11 2345-6789": "+5491123456789",
        "+86 138 0013 8000": "+8613800138000",
        "+33 6 12 34 56 78": "+33612345678",
        "phone 0171-1234567": "01711234567",
        "WhatsApp 34 655 123 456": "34655123456",
        "mi número 655123456": "655123456",
        "655123456": "655123456",
    },
    "mail": {
        "ana.ruiz@gmail.com": "ana.ruiz@gmail.com",
        "ANA@EXAMPLE.CO.UK": "ana@example.co.uk",
        "escríbeme a ana_ruiz+x@correo.example.": "ana_ruiz+x@correo.example",
        "mailto:ana@correo.example": "ana@correo.example",
        "(ana@correo.example)": "ana@correo.example",
        "https://x.example/reset?email=ana@gmail.com": "ana@gmail.com",
        "ana (at) gmail.com": "ana@gmail.com",
        "ana[at]gmail.com": "ana@gmail.com",
        "ana arroba gmail.com": "ana@gmail.com",
        "ana.ruiz@sub.correo.example,": "ana.ruiz@sub.correo.example",
        "correo: ana-ruiz@correo.example!": "ana-ruiz@correo.example",
    },
    "iban": {
        "ES91 2100 0418 4502 0005 1332": "ES9121000418450200051332",
        "ES9121000418450200051332": "ES9121000418450200051332",
        "es91 2100 0418 4502 0005 1332": "ES9121000418450200051332",
        "DE89370400440532013000": "DE89370400440532013000",
        "GB29 NWBK 6016 1331 9268 19": "GB29NWBK60161331926819",
        "FR14 2004 1010 0505 0001 3M02 606": "FR1420041010050500013M02606",
        "NL91ABNA0417164300": "NL91ABNA0417164300",
        "IBAN: ES91-2100-0418-4502-0005-1332, gracias": "ES9121000418450200051332",
        "PT50 0002 0123 1234 5678 9015 4": "PT50000201231234567890154",
        "IT60 X054 2811 1010 0000 0123 456": "IT60X0542811101000000123456",
        "BE68539007547034": "BE68539007547034",
    },
    "card": {
        "4111 1111 1111 1111": "4111111111111111",
        "4111111111111111": "4111111111111111",
        "5500-0000-0000-0004": "5500000000000004",
        "3782 822463 10005": "378282246310005",
        "378282246310005": "378282246310005",
        "6011111111111117": "6011111111111117",
        "30569309025904": "30569309025904",
        "5105 1051 0510 5100.": "5105105105105100",
        "2223003122003222": "2223003122003222",
    },
}

# What looks alike: dates, hours, prices, flights, orders, parcels, handles, links, pictures.
HARMLESS = (
    "25/11/2026",
    "2026-11-25",
    "25.11.2026 10:30",
    "9-14 16-19",
    "L-V 9-14 16-19",
    "de 9:00 a 14:00 y de 16:00 a 19:00",
    "IB 6012",
    "vuelo UX1234",
    "1.299,00 €",
    "600 000 €",
    "600.000.000",
    "+25.000.000 usuarios",
    "+1.000.000",
    "2019-2026",
    "28013 Madrid",
    "pedido 600123456",
    "order number 700123456",
    "nº de pedido: 612345678",
    "tracking 1Z999AA10123456784",
    "https://track.example/600123456",
    "https://wa.me/34600123456",
    "@ana@social.example",
    "@ana.ruiz",
    "@ana@social.example hola",
    "logo@2x.png",
    "ES91 2100 0418 4502 0005 1333",
    "4111 1111 1111 1112",
    "1234567890123456",
    "terminal 4S",
    "24/7",
    "12345678Z",
    "ISBN 978-84-376-0494-7",
    "#600123456",
    "ref. 655123456",
    "600 123 456 €",
    "912 345 678 visitas",
    "3x2 + 10%",
    "v19.0.1.0.0",
    "192.168.100.200",
    "0034",
    "10-12-2026 18:30",
    "90 days, 120 euros",
    "100 000 000",
    "01 02 2026",
    "2026 11 25 10 30",
    "fila 12, asiento 34A",
    "ES12",
    "factura F2026/00123",
    "S00012",
    "0000 0000 0000 0000",
    "1000-2000-3000",
    "en 10-15 min",
    "16 GB / 512 GB",
    "6.5 kg 55x40x20",
    "@600123456",
    "code 655123456",
    "order 4111 1111 1111 1112 is",
    "llama de 9 a 21",
    "+100",
    "+34",
    "sale el 6-7-8 de mayo",
    "@600123456",
    "el 12 de mayo de 2026 a las 18:30",
    "talla 36-42",
    "2 x 1.250,50",
    "REF: 655123456",
    "localizador 655123456",
    "envío nº 655123456",
    "factura 912345678",
    "id 812345678",
    "ES91 2100 0418 4502 0005 13",
    "XX91 2100 0418 4502 0005 1332",
    "4111-1111-1111-1112",
    "@ana_ruiz mira",
    "a@b",
    "5 @ 3,50 €",
    "hola@",
    "@marta: gracias",
    "ana@mastodon@otra",
    "https://social.example/@ana@otro.example",
    "M4111111111111111",
    "1.600.123.456 visitas",
    "puerta 12 / asiento 9-14",
)


class TestPersonalData(BaseCase):
    """Phones, mail addresses, IBANs and cards, and nothing that only looks alike."""

    def test_each_is_found_with_its_kind_and_value(self):
        self.assertGreaterEqual(sum(map(len, FOUND.values())), 60)
        for kind, texts in FOUND.items():
            for text, value in texts.items():
                found = [(item[0], item[3]) for item in find_personal_data(text)]
                self.assertEqual(found, [(kind, value)], text)

    def test_what_only_looks_alike_is_left_out(self):
        self.assertGreaterEqual(len(HARMLESS), 60)
        for text in HARMLESS:
            self.assertEqual(find_personal_data(text), [], text)

    def test_the_place_is_that_in_the_text(self):
        text = "😀 Hi, 655 12 34 56 or ana@correo.example."
        self.assertEqual(
            [text[start:end] for _kind, start, end, _value in find_personal_data(text)],
            ["655 12 34 56", "ana@correo.example"],
        )

    def test_several_in_one_text_come_in_their_order(self):
        text = "4111 1111 1111 1111, ES91 2100 0418 4502 0005 1332, 655 123 456, a@b.example"
        self.assertEqual(
            [item[0] for item in find_personal_data(text)], ["card", "iban", "phone", "mail"]
        )

    def test_a_digit_wrong_is_no_account_and_no_card(self):
        iban, card = "ES9121000418450200051332", "4111111111111111"
        for value in (iban, card):
            for place in range(4, len(value)):
                other = str((int(value[place]) + 1) % 10)
                text = value[:place] + other + value[place + 1 :]
                self.assertEqual(find_personal_data(text), [], text)

    def test_what_is_ours_is_left_out_however_it_is_written(self):
        own = ("+34 900 123 456", "Care@aurora.example", "@shop.example", "", False)
        text = "900-123-456, 900 123 456, care@AURORA.example, any@shop.example, 900 123 457"
        self.assertEqual([item[3] for item in find_personal_data(text, own)], ["900123457"])
        self.assertFalse(is_own("card", "4111111111111111", ("4111111111111111",)))

    def test_no_text_takes_longer_than_it_is_long(self):
        for piece in ("1", "6 ", "a@", "ES91", "+1 ", "a.a.", "(6", "0 (0)", "a@a.", "4111 ", "٣"):
            started = time.monotonic()
            find_personal_data(piece * (20_000 // len(piece)))
            self.assertLess(time.monotonic() - started, 1, piece)
