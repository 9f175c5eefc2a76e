import re

from odoo import models

# Said alone, "ok" is courtesy, but no thanks.
AGREEING = frozenset({"ok", "okay", "okey", "vale", "de", "nada"})
HAPPY = re.compile("[❤♥♡☺✨⭐🌟👍👏🙌🙏🤗🤩🥰🥳😀-😄😆😇😉-😍😘😻💐💕-💞💪💯🎉🎊🫶]")
UNHAPPY = re.compile("[👎💔💩😐-😖😞-😪😫-😱😳😵-😷🖕🙁🙄🤡-🤣🤥🤦🤬🤮🥱🥲🥹☹⚠❌]")


class SocialCareMention(models.Model):
    """What a message says of the answer before it."""

    _inherit = "social.care.mention"

    def _is_happy(self):
        """Whether the customer thanks or praises us and asks for nothing."""
        self.ensure_one()
        if self.intent == "praise":
            return True
        text = self.body or ""
        if not self._is_courtesy() or self._is_unhappy():
            return False
        words = re.findall(r"[^\W_]+", re.sub(r"(?<!\w)@[\w.@:-]+", " ", text).casefold())
        return bool(HAPPY.search(text)) or bool(set(words) - AGREEING)

    def _is_unhappy(self):
        """Whether a face in it says that all is not well."""
        self.ensure_one()
        return bool(UNHAPPY.search(self.body or ""))

    def _asks_again(self):
        """Whether this, said after an answer, wants another one."""
        self.ensure_one()
        return self.intent != "praise" and not self._is_courtesy()
