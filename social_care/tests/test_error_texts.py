import re
from pathlib import Path

from odoo.tests import TransactionCase

from odoo.addons.social_care import networks

FOLDER = Path(networks.__file__).parent
ERROR_CODE = re.compile(
    r"(?:NetworkError|AuthenticationError|RateLimited|TransientError|RejectedError|WindowClosed)"
    r'(?:\(\s*|, )"([a-z_]+)"|default_code = "([a-z_]+)"'
)
PROBLEM_CODE = re.compile(r'(?:Problem|BadRowError|_bad)\(\s*"([a-z_]+)"')


class TestErrorTexts(TransactionCase):
    """Every code that ``networks`` can raise has a sentence for people."""

    def _codes(self, pattern):
        source = "\n".join(path.read_text() for path in FOLDER.glob("*.py"))
        return {next(filter(None, match.groups())) for match in pattern.finditer(source)}

    def test_errors(self):
        codes = self._codes(ERROR_CODE)
        self.assertGreater(len(codes), 15, "the pattern no longer finds them")
        self.assertFalse(codes - set(self.env["social.care.account"]._get_error_texts()))

    def test_problems(self):
        codes = self._codes(PROBLEM_CODE)
        self.assertGreater(len(codes), 5, "the pattern no longer finds them")
        self.assertFalse(codes - set(self.env["social.care.delivery"]._get_problem_texts()))
